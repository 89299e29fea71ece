package norm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func theText(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/norm.zh.txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func edition(t *testing.T) *Edition {
	t.Helper()
	e, ok := ByID("2026-01")
	if !ok {
		t.Fatal("edition 2026-01 is missing")
	}
	return e
}

// The table in the text: rows of four cells that end in a bar, after its header.
func tableOf(text string) []Category {
	var rows []Category
	inside := false
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "|")
		if len(cells) != 5 {
			inside = inside && len(rows) == 0
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if cells[0] == "一级类目" {
			inside = true
			continue
		}
		if inside {
			rows = append(rows, Category{cells[0], cells[1], cells[2], cells[3] == "必接"})
		}
	}
	return rows
}

func TestTheTableIsTheNormsTable(t *testing.T) {
	want := tableOf(theText(t))
	if len(want) != 42 {
		t.Fatalf("the text has %d rows", len(want))
	}
	e := edition(t)
	if !slices.Equal(e.Categories, want) {
		for i := range max(len(want), len(e.Categories)) {
			if i >= len(want) || i >= len(e.Categories) || want[i] != e.Categories[i] {
				t.Fatalf("row %d differs: %+v", i+1, e.Categories[min(i, len(e.Categories)-1)])
			}
		}
	}
	var must []string
	for _, c := range e.Categories {
		if c.Mandatory {
			must = append(must, c.L3)
		}
		if got, ok := e.Category(c.Path()); !ok || got != c {
			t.Errorf("%s is not found by its path", c.Path())
		}
	}
	if !slices.Equal(must, []string{"第三方人力资源服务", "招聘/求职(中介)"}) {
		t.Errorf("必接: %q", must)
	}
	if _, ok := e.Category("商业服务/商业服务/法律服务"); ok {
		t.Error("a path with another separator was found")
	}
}

func TestEveryClauseRestsOnTheNorm(t *testing.T) {
	e, text := edition(t), theText(t)
	var ids []string
	for _, c := range e.Clauses {
		ids = append(ids, c.ID)
		if !strings.Contains(text, c.Quote) {
			t.Errorf("%s: the norm does not say %q", c.ID, c.Quote)
		}
		if c.Meaning.ZH == c.Quote {
			t.Errorf("%s: the meaning only repeats the norm", c.ID)
		}
		if got, ok := e.Clause(c.ID); !ok || got.ID != c.ID {
			t.Errorf("%s is not found by its id", c.ID)
		}
	}
	want := strings.Fields(`2.scope 3.1.1.purpose 3.1.1.consent 3.1.2.notice 3.1.2.refuse 3.1.2.delete
		3.1.3.required 3.1.3.concise 3.1.3.order 3.1.3.hint 3.1.3.error 3.2.own-page 3.2.entry-popup 3.2.forced
		3.2.repeat 3.3.scope 4.channels 4.reinspection 4.withdrawal 4.measures 4.aggravation`)
	if !slices.Equal(ids, want) {
		t.Errorf("clauses %q", ids)
	}
	for _, s := range e.Sections {
		if !strings.Contains(text, s.Title) {
			t.Errorf("section %s: the norm has no heading %q", s.ID, s.Title)
		}
	}
	if _, ok := e.Clause("3.1.1"); ok {
		t.Error("a section was found as a clause")
	}
}

// Where each section is held, as the design's table has it: clauses of a section
// together are held in exactly these places.
func TestClausesAreHeldWhereTheDesignSays(t *testing.T) {
	want := map[string]string{
		"2":     "construction person runtime",
		"3.1.1": "browser construction person runtime source",
		"3.1.2": "browser construction person runtime source",
		"3.1.3": "browser construction runtime source",
		"3.2":   "browser construction runtime source",
		"3.3":   "browser construction person runtime source",
		"4":     "person runtime",
	}
	got := map[string]map[string]bool{}
	for _, c := range edition(t).Clauses {
		if got[c.Parent] == nil {
			got[c.Parent] = map[string]bool{}
		}
		for _, h := range c.Held {
			got[c.Parent][string(h)] = true
		}
	}
	for section, places := range got {
		if have := strings.Join(slices.Sorted(maps.Keys(places)), " "); have != want[section] {
			t.Errorf("section %s is held at %s, want %s", section, have, want[section])
		}
	}
}

func TestReleasedEditionsNeverChange(t *testing.T) {
	raw, err := files.ReadFile("editions/SUMS")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("SUMS: %q", line)
		}
		listed[name] = sum
	}
	err = fs.WalkDir(files, "editions", func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, "editions/")
		if err != nil || d.IsDir() || name == "SUMS" {
			return err
		}
		raw, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(raw)); got != listed[name] {
			t.Errorf("%s has the sum %s: a released edition never changes; write a new one and list its files in SUMS", name, got)
		}
		delete(listed, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range listed {
		t.Errorf("%s is listed and missing", name)
	}
	sum := sha256.Sum256([]byte(theText(t)))
	if got := edition(t).Sources[0].SHA256; got != hex.EncodeToString(sum[:]) {
		t.Errorf("the edition names another text: %s", got)
	}
}

func TestAtFindsTheEditionOfTheDay(t *testing.T) {
	first := &Edition{ID: "a", EffectiveFrom: time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC)}
	second := &Edition{ID: "b", EffectiveFrom: first.EffectiveFrom.AddDate(0, 6, 0)}
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Unix(0, 0), "a"},
		{first.EffectiveFrom, "a"},
		{second.EffectiveFrom.Add(-time.Nanosecond), "a"},
		{second.EffectiveFrom, "b"},
		{second.EffectiveFrom.AddDate(50, 0, 0), "b"},
	} {
		if got := at([]*Edition{first, second}, c.at); got.ID != c.want {
			t.Errorf("at %s: edition %s, want %s", c.at, got.ID, c.want)
		}
	}
	if got := edition(t).EffectiveFrom; !got.Equal(first.EffectiveFrom) {
		t.Errorf("2026-01 begins at %s, want midnight in China", got)
	}
	if At(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)).ID != "2026-01" || len(All()) != 1 {
		t.Error("edition 2026-01 is not in force in March 2026")
	}
	if _, ok := ByID("2025-01"); ok {
		t.Error("an unknown edition was found")
	}
}
