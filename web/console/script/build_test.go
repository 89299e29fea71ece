package main

import (
	"bytes"
	"os"
	"testing"
)

// The script that is served is the one the source gives.
func TestScriptIsFresh(t *testing.T) {
	want, err := bundle(".")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../console.js")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("console.js is stale; run: go generate ./web/console")
	}
	// It saves round trips; a framework would not fit.
	if len(want) > 8<<10 {
		t.Errorf("console.js has %d bytes, more than 8 KiB", len(want))
	}
}
