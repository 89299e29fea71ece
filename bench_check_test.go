package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// A folder is needed, and peers that are not there are said before anything runs.
func TestBenchCheckAsksForWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "takes one folder, not 0"},
		{[]string{"a", "b"}, "takes one folder, not 2"},
		{[]string{t.TempDir(), "--runs", "0"}, "--runs is at least 1"},
		{[]string{t.TempDir(), "--peers", t.TempDir()}, "scripts/bench-check-peers"},
		{[]string{t.TempDir()}, "holds no page's script"},
	} {
		var out, errs bytes.Buffer
		err := benchCheck(t.Context(), world{stdout: &out, stderr: &errs, getenv: func(string) string { return "" }}, c.args)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
		if out.Len() > 0 {
			t.Errorf("%q printed %s", c.args, &out)
		}
	}
	w := world{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}, getenv: func(string) string { return "" }}
	if err := benchCheck(t.Context(), w, []string{"--nothing"}); !errors.Is(err, errUsage) {
		t.Errorf("an unknown flag: %v", err)
	}
}
