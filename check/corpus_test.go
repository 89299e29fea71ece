package check_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"clew/check"
	"clew/check/rule"
	"clew/finding"

	"golang.org/x/tools/txtar"
)

// TestCorpus judges the checker's own corpus; testdata/corpus/README.md has the
// format and how to add a project.
func TestCorpus(t *testing.T) {
	names, err := filepath.Glob("testdata/corpus/*/*.txtar")
	if err != nil || len(names) < 40 {
		t.Fatalf("%d projects, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.ToSlash(strings.TrimPrefix(name, "testdata/corpus/")), ".txtar"), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			project(t, txtar.Parse(b))
		})
	}
}

func project(t *testing.T, archive *txtar.Archive) {
	lines := strings.Split(strings.TrimSpace(string(archive.Comment)), "\n")
	reading := rule.Platform
	if slices.Contains(lines, "reading strict") {
		reading = rule.Strict
	}
	found := findings(t, archive, reading)
	about := lines[0]
	switch kind, _, _ := strings.Cut(about, ":"); kind {
	case "good":
		for _, r := range []rule.Reading{rule.Platform, rule.Strict} {
			for _, f := range findings(t, archive, r) {
				if f.Verdict == finding.Violation {
					t.Errorf("reading %s: false alarm %s %v: %s", r, f.Rule, f.Place, f.Message["en"])
				}
			}
		}
	case "bad", "mixed":
	default:
		t.Fatalf("the first line says neither good, bad nor mixed: %q", about)
	}
	for _, line := range lines[1:] {
		w := strings.Fields(line)
		switch {
		case len(w) == 4 && (w[0] == "violation" || w[0] == "review"):
			if !slices.ContainsFunc(found, func(f finding.Finding) bool {
				return string(f.Verdict) == w[0] && f.Clause == w[1] && f.Rule == w[3] && anywhere(f.Place, w[2])
			}) {
				t.Errorf("missed: %s; said of that page and clause: %s", line, said(found, w[1], w[2]))
			}
			if w[0] == "review" && slices.ContainsFunc(found, func(f finding.Finding) bool {
				return f.Verdict == finding.Violation && f.Clause == w[1] && f.Rule == w[3] && anywhere(f.Place, w[2])
			}) {
				t.Errorf("a guess dressed as proof: %s", line)
			}
		case len(w) == 3 && w[0] == "ok":
			for _, f := range found {
				if f.Verdict == finding.Violation && f.Clause == w[1] && page(f.Place.File) == page(w[2]) {
					t.Errorf("false alarm: %s, but %s %v: %s", line, f.Rule, f.Place, f.Message["en"])
				}
			}
		case len(w) == 5 && w[0] == "gap":
			if slices.ContainsFunc(found, func(f finding.Finding) bool {
				return string(f.Verdict) == w[1] && f.Clause == w[2] && f.Rule == w[4] && anywhere(f.Place, w[3])
			}) {
				t.Errorf("no gap any more, take the word away: %s", line)
			}
		case line == "reading strict":
		default:
			t.Fatalf("not understood: %q", line)
		}
	}
}

func findings(t *testing.T, archive *txtar.Archive, reading rule.Reading) []finding.Finding {
	t.Helper()
	tree, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	r, err := check.Run(context.Background(), tree, check.Options{Reading: reading})
	if err != nil {
		t.Fatal(err)
	}
	return r.Findings
}

// anywhere reports whether a place is on the page of one of FILE:LINE|FILE:LINE, on
// the very line where the line is marked.
func anywhere(p finding.Place, places string) bool {
	for one := range strings.SplitSeq(places, "|") {
		file, line, _ := strings.Cut(one, ":")
		if page(file) != page(p.File) {
			continue
		}
		if exact, ok := strings.CutSuffix(line, "!"); !ok || exact == fmt.Sprint(p.Line) {
			return true
		}
	}
	return false
}

func page(file string) string { return strings.TrimSuffix(file, filepath.Ext(file)) }

func said(list []finding.Finding, clause, places string) string {
	var out []string
	for _, f := range list {
		if f.Clause == clause && anywhere(finding.Place{File: f.Place.File, Line: f.Place.Line}, strings.ReplaceAll(places, "!", "")) {
			out = append(out, fmt.Sprintf("%s %s %d", f.Verdict, f.Rule, f.Place.Line))
		}
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}
