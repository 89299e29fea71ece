// Package norm keeps one promise: which rules held on a given day can be read
// for ever, exactly as they were.
//
// The norm (小程序线索组件使用规范) is dated data in editions/, embedded and decoded
// strictly at start. A released edition never changes; a correction is a new
// edition. Receipts, findings and decisions store the id of the edition that
// judged them.
package norm

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"
)

//go:embed editions
var files embed.FS

// all is every edition, the oldest first. Nothing changes it after loading.
var all = sync.OnceValue(func() []*Edition {
	sub, err := fs.Sub(files, "editions")
	if err != nil {
		panic(err) // the folder is embedded
	}
	editions, err := load(sub)
	if err != nil {
		panic(fmt.Sprintf("norm: %v", err)) // a program with broken rules must not start
	}
	return editions
})

// All is every edition, the oldest first. The editions are shared: read only.
func All() []*Edition { return slices.Clone(all()) }

// At is the edition in force at t. Before the first edition it is the first: a
// clock set wrong must not switch the rules off.
func At(t time.Time) *Edition { return at(all(), t) }

func at(editions []*Edition, t time.Time) *Edition {
	found := editions[0]
	for _, e := range editions[1:] {
		if t.Before(e.EffectiveFrom) {
			break
		}
		found = e
	}
	return found
}

// ByID is the edition that a receipt or a finding names.
func ByID(id string) (*Edition, bool) {
	for _, e := range all() {
		if e.ID == id {
			return e, true
		}
	}
	return nil, false
}

// Edition is the norm as it stands from one day on. It is shared: read only.
type Edition struct {
	ID            string
	EffectiveFrom time.Time // midnight in China (UTC+8), where the norm is in force
	Sources       []Source
	Sections      []Section
	Clauses       []Clause
	Categories    []Category

	clauses    map[string]int
	categories map[string]int
}

// Clause finds a clause by its id, as "3.1.1.purpose".
func (e *Edition) Clause(id string) (Clause, bool) {
	i, ok := e.clauses[id]
	if !ok {
		return Clause{}, false
	}
	return e.Clauses[i], true
}

// Category finds a row of the table by its [Category.Path].
func (e *Edition) Category(path string) (Category, bool) {
	i, ok := e.categories[path]
	if !ok {
		return Category{}, false
	}
	return e.Categories[i], true
}

// Source is a text an edition was made from.
type Source struct {
	Title     string `json:"title"`
	Publisher string `json:"publisher"`
	SHA256    string `json:"sha256"` // of the text as it was kept, lower-case hex
}

// Section is a heading of the norm, the parent of clauses or of other sections.
type Section struct {
	ID     string `json:"id"`
	Parent string `json:"parent"` // "" for a chapter
	Title  string `json:"title"`
}

// Clause is one thing the norm asks.
type Clause struct {
	ID      string  `json:"id"`
	Parent  string  `json:"parent"` // the section it stands in
	Title   string  `json:"title"`  // Chinese
	Meaning Meaning `json:"meaning"`
	Held    []Held  `json:"held"`
	Quote   string  `json:"quote"` // words of the norm it rests on
}

// Meaning says in one line, in our own words, what a clause asks.
type Meaning struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Held is a place where Clew holds a clause.
type Held string

// The places, from the earliest to the latest.
const (
	ByConstruction Held = "construction" // what breaks it cannot be made
	ByRuntime      Held = "runtime"      // the server refuses
	BySource       Held = "source"       // seen in source code
	ByBrowser      Held = "browser"      // seen in a real browser
	ByPerson       Held = "person"       // somebody has to judge
)

// Category is a row of the category table, named exactly as in the norm.
type Category struct {
	L1, L2, L3 string
	Mandatory  bool // 必接: apps of this category must use the component
}

// PathSeparator stands between the levels of a path; names contain "/".
const PathSeparator = " > "

// Path names the row: "商业服务 > 商业服务 > 法律服务".
func (c Category) Path() string { return c.L1 + PathSeparator + c.L2 + PathSeparator + c.L3 }
