package check

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"clew/check/rule"
	"clew/check/source"
	"clew/finding"
)

// cacheFormat changes with everything below; a file of another format is not read.
const cacheFormat = "clew-check-cache/3"

// cache is what earlier runs found, by the content of the files that decided it.
// It is a help and nothing else: a cache that is missing, broken or of another
// program is an empty one.
type cache struct {
	Format string
	Engine string
	// Refs is what a file names, by the hash of its content.
	Refs map[[32]byte]refs
	// Units is what was said of a page, by the page, its target and the hash of all
	// that it was made from.
	Units map[unitKey]judged

	// Stepped is how many places of a file parsers stepped over, by the hash of its
	// content.
	Stepped map[[32]byte]int

	// Facts is what rules asked of a file, by the question and the hash of its content.
	Facts map[fact]bool

	used    map[unitKey]bool
	refUsed map[[32]byte]bool
	changed bool
}

type fact struct {
	Question string
	File     [32]byte
}

// fact is the answer to a question about a file's text.
func (c *cache) fact(f *source.File, question string, work func() bool) bool {
	if c == nil {
		return work()
	}
	key := fact{question, f.Hash}
	is, known := c.Facts[key]
	if !known {
		is = work()
		c.Facts[key], c.changed = is, true
	}
	c.refUsed[f.Hash] = true
	return is
}

type unitKey struct {
	Page   string
	Target source.Platform
	Hash   [32]byte
}

// judged is all that judging a page gave.
type judged struct {
	Findings []finding.Finding
	Notes    []finding.Note
	Marks    []rule.Mark
	// Shows is the components that the page shows, by file; Cut: there may be more.
	Shows []string
	Cut   bool
}

// CacheName is the name of the cache file for a tree at an absolute path.
func CacheName(abs string) string {
	h := sha256.Sum256([]byte(abs))
	return hex.EncodeToString(h[:12]) + ".gob"
}

func openCache(o *Options) *cache {
	c := &cache{}
	if o.Cache == "" {
		return nil
	}
	if b, err := os.ReadFile(o.Cache); err == nil {
		if gob.NewDecoder(bytes.NewReader(b)).Decode(c) != nil || c.Format != cacheFormat || c.Engine != o.Engine {
			c = &cache{}
		}
	}
	c.Format, c.Engine = cacheFormat, o.Engine
	return c.begin()
}

// begin readies a cache for a run.
func (c *cache) begin() *cache {
	if c.Refs == nil {
		c.Refs = map[[32]byte]refs{}
	}
	if c.Units == nil {
		c.Units = map[unitKey]judged{}
	}
	if c.Facts == nil {
		c.Facts = map[fact]bool{}
	}
	if c.Stepped == nil {
		c.Stepped = map[[32]byte]int{}
	}
	c.used, c.refUsed, c.changed = map[unitKey]bool{}, map[[32]byte]bool{}, false
	return c
}

// prune forgets what a whole run did not use.
func (c *cache) prune() {
	for k := range c.Units {
		if !c.used[k] {
			delete(c.Units, k)
		}
	}
	for k := range c.Refs {
		if !c.refUsed[k] {
			delete(c.Refs, k)
		}
	}
	for k := range c.Facts {
		if !c.refUsed[k.File] {
			delete(c.Facts, k)
		}
	}
}

// Results is what earlier runs of this process found in a tree, for a program that
// checks it again and again. The zero value knows nothing. It serves one run at a
// time; another meanwhile does without. A run that is broken off leaves what it found.
type Results struct {
	busy  sync.Mutex
	cache cache
}

// save writes what this run used, and nothing older. A cache that cannot be
// written is no error: the next run will be slow.
func (c *cache) save(name string) {
	if c == nil || !c.changed && len(c.used) == len(c.Units) {
		return
	}
	c.prune()
	var b bytes.Buffer
	if gob.NewEncoder(&b).Encode(c) != nil || os.MkdirAll(filepath.Dir(name), 0o700) != nil {
		return
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".clew-*")
	if err != nil {
		return
	}
	_, err = tmp.Write(b.Bytes())
	if err2 := tmp.Close(); err == nil {
		err = err2
	}
	if err != nil || os.Rename(tmp.Name(), name) != nil {
		_ = os.Remove(tmp.Name())
	}
}

func (c *cache) get(k unitKey) (judged, bool) {
	if c == nil {
		return judged{}, false
	}
	j, ok := c.Units[k]
	if ok {
		c.used[k] = true
	}
	return j, ok
}

func (c *cache) put(k unitKey, j judged) {
	if c == nil {
		return
	}
	c.Units[k], c.used[k], c.changed = j, true, true
}

// graph tells which files decide what is said of a page: those it names, directly
// or through others, those of the pages that they name (a rule may look where a
// link leads, but no further), and what every page shares. It knows files by numbers:
// those of the project in their order, others of the tree as they are met.
type graph struct {
	c      *cache
	p      *source.Project
	files  []*source.File
	at     map[*source.File]int32
	near   [][]int32                       // named as a module, a component, a style, a template; nil is not looked yet
	pages  map[*source.File][]*source.Unit // named as a page
	prints [][16]byte                      // of a file's path and content
	shared [32]byte
	// met and round: a file was met on the way from where the last rounds began.
	met   []int32
	round int32
	todo  []int32
}

func newGraph(c *cache, o *Options, p *source.Project, rules []*rule.Rule) *graph {
	g := &graph{c: c, p: p, at: make(map[*source.File]int32, len(p.Files)), pages: map[*source.File][]*source.Unit{}}
	h := sha256.New()
	say := func(s string) { _, _ = fmt.Fprintf(h, "%d:%s", len(s), s) }
	say(string(o.Reading))
	for _, r := range rules {
		say(r.ID)
	}
	say(fmt.Sprint(o.Own, o.Settings.Paths.Ignore, o.Source.Vendor, o.Source.Ignore, o.Source.MaxFile, p.Root, p.Framework, p.Vue, p.Platforms))
	for _, f := range p.Files {
		g.number(f)
	}
	owned := map[*source.File]bool{}
	for _, u := range p.Units {
		owned[u.Config] = true
	}
	g.begin()
	for _, f := range p.Files { // a file that comes or goes may change what a name means anywhere
		say(f.Path)
		base := filepath.Base(f.Path)
		if f.Kind == source.Config && !owned[f] || strings.HasPrefix(base, "main.") || c.refsOf(f).Shares {
			g.meet(f)
		}
	}
	for _, f := range unitFiles(p.App) {
		g.meet(f)
	}
	for _, use := range p.Uses {
		for _, f := range unitFiles(use.To) {
			g.meet(f)
		}
	}
	g.reach()
	g.hash(h)
	h.Sum(g.shared[:0])
	return g
}

// number is by what the graph knows a file.
func (g *graph) number(f *source.File) int32 {
	i, ok := g.at[f]
	if !ok {
		i = int32(len(g.files)) // #nosec G115 -- there are fewer files
		g.at[f] = i
		sum := sha256.Sum256(append([]byte(f.Path+"\x00"), f.Hash[:]...))
		g.files, g.prints = append(g.files, f), append(g.prints, [16]byte(sum[:16]))
		g.near, g.met = append(g.near, nil), append(g.met, 0)
	}
	return i
}

func unitFiles(u *source.Unit) []*source.File {
	if u == nil {
		return nil
	}
	var list []*source.File
	for _, f := range []*source.File{u.Script, u.Template, u.Style, u.Config} {
		if f != nil && !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}

// names finds what a file names.
func (g *graph) names(at int32) []int32 {
	if g.near[at] != nil {
		return g.near[at]
	}
	f := g.files[at]
	list := []int32{}
	r := g.c.refsOf(f)
	add := func(to *source.File) {
		if to == nil || to == f {
			return
		}
		if i := g.number(to); !slices.Contains(list, i) {
			list = append(list, i)
		}
	}
	for _, name := range r.Names {
		to := g.p.Resolve(f, name)
		if strings.Contains(name, "/") {
			if u := g.p.Page(name); u != nil && (to == nil || to.Kind != source.Script || u.Kind == source.PageUnit) {
				g.pages[f] = append(g.pages[f], u)
				continue
			}
		}
		add(to)
		if u := g.unitOf(to); u != nil {
			for _, more := range unitFiles(u) {
				add(more)
			}
		}
	}
	if u := g.p.UnitOf(f); u != nil {
		for _, more := range unitFiles(u) {
			add(more)
		}
		for _, tag := range r.Tags {
			if to, _ := g.p.ComponentFor(u, tag); to != nil {
				for _, more := range unitFiles(to) {
					add(more)
				}
			}
		}
	}
	g.near[at] = list
	return list
}

func (g *graph) unitOf(f *source.File) *source.Unit {
	if f == nil {
		return nil
	}
	return g.p.UnitOf(f)
}

// begin forgets what was met.
func (g *graph) begin() { g.round, g.todo = g.round+1, g.todo[:0] }

// meet takes a file in from which [graph.reach] goes on.
func (g *graph) meet(f *source.File) {
	if f == nil {
		return
	}
	if i := g.number(f); g.met[i] != g.round {
		g.met[i] = g.round
		g.todo = append(g.todo, i)
	}
}

// reach meets all that what was met names.
func (g *graph) reach() {
	for len(g.todo) > 0 {
		at := g.todo[len(g.todo)-1]
		g.todo = g.todo[:len(g.todo)-1]
		for _, to := range g.names(at) {
			if g.met[to] != g.round {
				g.met[to] = g.round
				g.todo = append(g.todo, to)
			}
		}
	}
}

// hash writes what was met.
func (g *graph) hash(h hash.Hash) {
	for i, round := range g.met {
		if round == g.round {
			_, _ = h.Write(g.prints[i][:])
		}
	}
}

// steps adds to at what is known of files that were not parsed this time, and keeps
// the rest for the next.
func (c *cache) steps(tree *source.Tree, at map[*source.File]int) {
	if c == nil {
		return
	}
	kept := map[[32]byte]int{}
	for _, f := range tree.Files {
		n := max(at[f], c.Stepped[f.Hash])
		if n > 0 {
			at[f], kept[f.Hash] = n, n
		}
	}
	if !maps.Equal(kept, c.Stepped) {
		c.Stepped, c.changed = kept, true
	}
}

// keyOf is the page's name in the cache; known is false where that cannot be told.
func (g *graph) keyOf(u *source.Unit, target source.Platform) (k unitKey, known bool) {
	defer func() {
		if recover() != nil {
			k, known = unitKey{}, false // then it is judged, and says itself what is wrong
		}
	}()
	return g.key(u, target), true
}

// key is the page's name in the cache.
func (g *graph) key(u *source.Unit, target source.Platform) unitKey {
	k := unitKey{Page: u.Main().Path, Target: target}
	if g == nil {
		return k
	}
	g.begin()
	for _, f := range unitFiles(u) {
		g.meet(f)
	}
	g.reach()
	var named []*source.Unit
	for i, round := range g.met {
		if round == g.round {
			named = append(named, g.pages[g.files[i]]...)
		}
	}
	for _, to := range named {
		for _, f := range unitFiles(to) {
			g.meet(f)
		}
	}
	g.reach()
	h := sha256.New()
	_, _ = h.Write(g.shared[:])
	g.hash(h)
	h.Sum(k.Hash[:0])
	return k
}
