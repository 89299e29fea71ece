package rule_test

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"clew/check"
	"clew/check/rule"
	"clew/finding"
	"clew/words"

	"golang.org/x/tools/txtar"
)

var fence = regexp.MustCompile("(?ms)^### ([^\n]*)\n+```txtar\n(.*?)^```")

// TestExamples runs the examples of every rule's page: the page is the rule's test.
func TestExamples(t *testing.T) {
	for i := range rule.All() {
		r := &rule.All()[i]
		examples := fence.FindAllStringSubmatch(r.Markdown(), -1)
		if len(examples) < 4 {
			t.Errorf("%s: %d examples, want some bad and some good", r.ID, len(examples))
		}
		for _, e := range examples {
			t.Run(r.ID+"/"+e[1], func(t *testing.T) { example(t, r, e[2]) })
		}
	}
}

func example(t *testing.T, r *rule.Rule, text string) {
	archive := txtar.Parse([]byte(text))
	tree, err := txtar.FS(archive)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	o := check.Options{Rules: []*rule.Rule{r}}
	for _, line := range strings.Split(strings.TrimSpace(string(archive.Comment)), "\n") {
		switch {
		case line == "reading strict":
			o.Reading = rule.Strict
		case line == "clean":
		default:
			want = append(want, line)
		}
	}
	got := judged(t, tree, o)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func judged(t *testing.T, tree fs.FS, o check.Options) []string {
	t.Helper()
	report, err := check.Run(context.Background(), tree, o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Findings {
		if err := f.Check(); err != nil {
			t.Error(err)
		}
		if f.Verdict == finding.Violation || f.Verdict == finding.Review {
			got = append(got, fmt.Sprintf("%s %s:%d", f.Verdict, f.Place.File, f.Place.Line))
		}
	}
	slices.Sort(got)
	return slices.Compact(got)
}

// TestPagesSayAll: what reports take from a rule's page is there, in both languages.
func TestPagesSayAll(t *testing.T) {
	for i := range rule.All() {
		r := &rule.All()[i]
		for name, text := range map[string]finding.Text{"title": r.Title, "why": r.Why, "mend": r.Mend} {
			for _, l := range words.Langs() {
				if s := text[l]; s == "" || strings.Contains(s, "- ") || strings.HasPrefix(s, "#") {
					t.Errorf("%s: %s in %s is %q", r.ID, name, l, s)
				}
			}
		}
		if !strings.Contains(r.Markdown(), "| clause | `"+r.Clause+"` |") || !strings.Contains(r.Markdown(), "`"+r.ID+"`") {
			t.Errorf("%s: the page names another clause or id", r.ID)
		}
	}
}
