package norm

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
)

// china is where dates of the norm are dates.
var china = time.FixedZone("UTC+8", 8*60*60)

// load reads every folder of fsys as an edition and sorts them by date.
func load(fsys fs.FS) ([]*Edition, error) {
	folders, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var out []*Edition
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		var parts [3][]byte
		for i, name := range []string{"edition.json", "clauses.json", "categories.csv"} {
			if parts[i], err = fs.ReadFile(fsys, f.Name()+"/"+name); err != nil {
				return nil, err
			}
		}
		e, err := decode(parts[0], parts[1], parts[2])
		if err != nil {
			return nil, fmt.Errorf("edition %s: %w", f.Name(), err)
		}
		if e.ID != f.Name() {
			return nil, fmt.Errorf("edition %s: calls itself %q", f.Name(), e.ID)
		}
		out = append(out, e)
	}
	if len(out) == 0 {
		return nil, errors.New("there is no edition")
	}
	slices.SortFunc(out, func(a, b *Edition) int { return a.EffectiveFrom.Compare(b.EffectiveFrom) })
	for i, e := range out[1:] {
		if e.EffectiveFrom.Equal(out[i].EffectiveFrom) {
			return nil, fmt.Errorf("editions %s and %s begin on the same day", out[i].ID, e.ID)
		}
	}
	return out, nil
}

// decode reads one edition from its three files.
func decode(edition, clauses, categories []byte) (*Edition, error) {
	e, err := decodeEdition(edition)
	if err != nil {
		return nil, fmt.Errorf("edition.json: %w", err)
	}
	if e.Sections, e.Clauses, err = decodeClauses(clauses); err != nil {
		return nil, fmt.Errorf("clauses.json: %w", err)
	}
	if e.Categories, err = decodeCategories(categories); err != nil {
		return nil, fmt.Errorf("categories.csv: %w", err)
	}
	e.clauses, e.categories = map[string]int{}, map[string]int{}
	for i, c := range e.Clauses {
		e.clauses[c.ID] = i
	}
	for i, c := range e.Categories {
		e.categories[c.Path()] = i
	}
	return e, nil
}

// strict refuses unknown and repeated members, names in another case, bad UTF-8
// and anything after the value.
func strict(raw []byte, into any) error {
	return json.Unmarshal(raw, into, json.RejectUnknownMembers(true))
}

func decodeEdition(raw []byte) (*Edition, error) {
	var wire struct {
		ID            string   `json:"id"`
		EffectiveFrom string   `json:"effective_from"`
		Sources       []Source `json:"sources"`
	}
	if err := strict(raw, &wire); err != nil {
		return nil, err
	}
	if err := named("id", wire.ID); err != nil {
		return nil, err
	}
	day, err := time.ParseInLocation(time.DateOnly, wire.EffectiveFrom, china)
	if err != nil {
		return nil, fmt.Errorf("effective_from %q is not a day as 2026-01-31", wire.EffectiveFrom)
	}
	if len(wire.Sources) == 0 {
		return nil, errors.New("sources are missing")
	}
	for _, s := range wire.Sources {
		if err := errors.Join(named("title", s.Title), named("publisher", s.Publisher)); err != nil {
			return nil, err
		}
		if len(s.SHA256) != 64 || strings.Trim(s.SHA256, "0123456789abcdef") != "" {
			return nil, fmt.Errorf("source %q: sha256 is not 64 lower-case hex digits", s.Title)
		}
	}
	return &Edition{ID: wire.ID, EffectiveFrom: day.UTC(), Sources: wire.Sources}, nil
}

func decodeClauses(raw []byte) ([]Section, []Clause, error) {
	var wire struct {
		Sections []Section `json:"sections"`
		Clauses  []Clause  `json:"clauses"`
	}
	if err := strict(raw, &wire); err != nil {
		return nil, nil, err
	}
	if len(wire.Clauses) == 0 {
		return nil, nil, errors.New("there is no clause")
	}
	known := map[string]bool{} // sections so far: a parent stands before its children
	for _, s := range wire.Sections {
		if err := errors.Join(named("section id", s.ID), named("title", s.Title)); err != nil {
			return nil, nil, err
		}
		switch {
		case known[s.ID]:
			return nil, nil, fmt.Errorf("section %s is written twice", s.ID)
		case s.Parent != "" && (!known[s.Parent] || !strings.HasPrefix(s.ID, s.Parent+".")):
			return nil, nil, fmt.Errorf("section %s: parent %q does not stand before it", s.ID, s.Parent)
		}
		known[s.ID] = true
	}
	seen := map[string]bool{}
	for _, c := range wire.Clauses {
		if err := errors.Join(named("clause id", c.ID), named("title", c.Title), named("quote", c.Quote),
			named("meaning in zh", c.Meaning.ZH), named("meaning in en", c.Meaning.EN)); err != nil {
			return nil, nil, fmt.Errorf("clause %q: %w", c.ID, err)
		}
		switch {
		case seen[c.ID]:
			return nil, nil, fmt.Errorf("clause %s is written twice", c.ID)
		case !known[c.Parent] || !strings.HasPrefix(c.ID, c.Parent+"."):
			return nil, nil, fmt.Errorf("clause %s: parent %q is no section it belongs to", c.ID, c.Parent)
		case len(c.Held) == 0:
			return nil, nil, fmt.Errorf("clause %s is held nowhere", c.ID)
		}
		seen[c.ID] = true
		places := []Held{ByConstruction, ByRuntime, BySource, ByBrowser, ByPerson}
		next := 0 // places come in order, each at most once
		for _, h := range c.Held {
			i := slices.Index(places, h)
			if i < next {
				return nil, nil, fmt.Errorf("clause %s: %q is unknown, repeated or out of order in held", c.ID, h)
			}
			next = i + 1
		}
	}
	return wire.Sections, wire.Clauses, nil
}

// mandatory is the one word the requirement column may hold.
const mandatory = "必接"

func decodeCategories(raw []byte) ([]Category, error) {
	r := csv.NewReader(bytes.NewReader(raw))
	header, err := r.Read()
	if err != nil {
		return nil, err
	}
	if !slices.Equal(header, []string{"level1", "level2", "level3", "requirement"}) {
		return nil, fmt.Errorf("columns %q, want level1,level2,level3,requirement", header)
	}
	var out []Category
	seen := map[string]bool{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		c := Category{L1: row[0], L2: row[1], L3: row[2], Mandatory: row[3] == mandatory}
		for _, name := range row[:3] {
			if err := named("name", name); err != nil {
				return nil, err
			}
			if strings.Contains(name, PathSeparator) {
				return nil, fmt.Errorf("name %q holds the separator of paths", name)
			}
		}
		if !c.Mandatory && row[3] != "" {
			return nil, fmt.Errorf("%s: requirement %q is neither empty nor %s", c.Path(), row[3], mandatory)
		}
		if seen[c.Path()] {
			return nil, fmt.Errorf("%s is written twice", c.Path())
		}
		seen[c.Path()] = true
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errors.New("there is no category")
	}
	return out, nil
}

// named refuses text that is missing, padded, or not plain.
func named(what, text string) error {
	switch {
	case text == "":
		return fmt.Errorf("%s is missing", what)
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("%s %q has spaces around it", what, text)
	case strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) || c == unicode.ReplacementChar }):
		return fmt.Errorf("%s %q holds a control character", what, text)
	}
	return nil
}
