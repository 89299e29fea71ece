package main

import (
	"bytes"
	"os"
	"testing"
)

// The script that is served is the one the source gives.
func TestScriptIsFresh(t *testing.T) {
	// The first saves round trips on every page; a framework would not fit. The other
	// is for pages with charts alone.
	for name, most := range map[string]int{"console": 8 << 10, "chart": 64 << 10} {
		want, err := bundle(".", name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("../" + name + ".js")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s.js is stale; run: go generate ./web/console", name)
		}
		if len(want) > most {
			t.Errorf("%s.js has %d bytes, more than %d", name, len(want), most)
		}
	}
}
