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
	"regexp"
	"slices"
	"strings"

	"clew/check/rule"
	"clew/check/source"
	"clew/finding"
)

// cacheFormat changes with everything below; a file of another format is not read.
const cacheFormat = "clew-check-cache/2"

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

	used    map[unitKey]bool
	refUsed map[[32]byte]bool
	changed bool
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

// refs is the quoted words of a file that may name another file, and its tags.
type refs struct {
	Names []string
	Tags  []string
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
	if c.Refs == nil {
		c.Refs = map[[32]byte]refs{}
	}
	if c.Units == nil {
		c.Units = map[unitKey]judged{}
	}
	if c.Stepped == nil {
		c.Stepped = map[[32]byte]int{}
	}
	c.Format, c.Engine = cacheFormat, o.Engine
	c.used, c.refUsed = map[unitKey]bool{}, map[[32]byte]bool{}
	return c
}

// save writes what this run used, and nothing older. A cache that cannot be
// written is no error: the next run will be slow.
func (c *cache) save(name string) {
	if c == nil || !c.changed && len(c.used) == len(c.Units) {
		return
	}
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

var (
	quoted  = regexp.MustCompile("[\"'`]([^\"'`\\s{}<>$;]{2,200})[\"'`]")
	pathTag = regexp.MustCompile(`(?:src|href|url)=([^\s"'>]+)`)
	tagName = regexp.MustCompile(`<([A-Za-z][\w.-]*)`)
)

// refsOf is what a file names.
func (c *cache) refsOf(f *source.File) refs {
	c.refUsed[f.Hash] = true
	if r, ok := c.Refs[f.Hash]; ok {
		return r
	}
	r := refs{}
	seen := map[string]bool{}
	for _, m := range quoted.FindAllStringSubmatch(f.Text, -1) {
		if s := m[1]; !seen[s] && strings.ContainsAny(s, "/.@") {
			seen[s] = true
			r.Names = append(r.Names, s)
		}
	}
	for _, m := range pathTag.FindAllStringSubmatch(f.Text, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			r.Names = append(r.Names, m[1])
		}
	}
	if f.Kind != source.Config && f.Kind != source.Style {
		for _, m := range tagName.FindAllStringSubmatch(f.Text, -1) {
			if t := "<" + m[1]; !seen[t] {
				seen[t] = true
				r.Tags = append(r.Tags, m[1])
			}
		}
	}
	c.Refs[f.Hash], c.changed = r, true
	return r
}

// graph tells which files decide what is said of a page: those it names, directly
// or through others, those of the pages that they name (a rule may look where a
// link leads, but no further), and what every page shares.
type graph struct {
	c      *cache
	p      *source.Project
	near   map[*source.File][]*source.File // named as a module, a component, a style, a template
	pages  map[*source.File][]*source.Unit // named as a page
	shared [32]byte
}

func newGraph(c *cache, o *Options, p *source.Project, rules []*rule.Rule) *graph {
	g := &graph{c: c, p: p, near: map[*source.File][]*source.File{}, pages: map[*source.File][]*source.Unit{}}
	h := sha256.New()
	say := func(s string) { _, _ = fmt.Fprintf(h, "%d:%s", len(s), s) }
	say(string(o.Reading))
	for _, r := range rules {
		say(r.ID)
	}
	say(fmt.Sprint(o.Own, o.Settings.Paths.Ignore, o.Source.Vendor, o.Source.Ignore, o.Source.MaxFile, p.Root, p.Framework, p.Vue, p.Platforms))
	owned := map[*source.File]bool{}
	for _, u := range p.Units {
		owned[u.Config] = true
	}
	common := map[*source.File]bool{}
	for _, f := range p.Files { // a file that comes or goes may change what a name means anywhere
		say(f.Path)
		base := filepath.Base(f.Path)
		switch {
		case f.Kind == source.Config && !owned[f], strings.HasPrefix(base, "main."),
			strings.Contains(f.Text, "Vuex.Store(") || strings.Contains(f.Text, "createStore(") || strings.Contains(f.Text, ".prototype.$") ||
				strings.Contains(f.Text, "globalProperties.$") || strings.Contains(f.Text, "uni.$"):
			common[f] = true
		}
	}
	if p.App != nil {
		for _, f := range unitFiles(p.App) {
			common[f] = true
		}
	}
	for _, use := range p.Uses {
		for _, f := range unitFiles(use.To) {
			common[f] = true
		}
	}
	g.hash(h, g.reach(common))
	h.Sum(g.shared[:0])
	return g
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
func (g *graph) names(f *source.File) []*source.File {
	if list, ok := g.near[f]; ok {
		return list
	}
	var list []*source.File
	r := g.c.refsOf(f)
	add := func(to *source.File) {
		if to != nil && to != f && !slices.Contains(list, to) {
			list = append(list, to)
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
	g.near[f] = list
	return list
}

func (g *graph) unitOf(f *source.File) *source.Unit {
	if f == nil {
		return nil
	}
	return g.p.UnitOf(f)
}

func (g *graph) reach(from map[*source.File]bool) map[*source.File]bool {
	all := map[*source.File]bool{}
	var todo []*source.File
	add := func(f *source.File) {
		if f != nil && !all[f] {
			all[f] = true
			todo = append(todo, f)
		}
	}
	for f := range from {
		add(f)
	}
	for len(todo) > 0 {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, to := range g.names(f) {
			add(to)
		}
	}
	return all
}

func (g *graph) hash(h hash.Hash, files map[*source.File]bool) {
	list := make([]*source.File, 0, len(files))
	for f := range files {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b *source.File) int { return strings.Compare(a.Path, b.Path) })
	for _, f := range list {
		_, _ = h.Write([]byte(f.Path))
		_, _ = h.Write(f.Hash[:])
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
	from := map[*source.File]bool{}
	for _, f := range unitFiles(u) {
		from[f] = true
	}
	all := g.reach(from)
	next := map[*source.File]bool{}
	for f := range all {
		next[f] = true
		for _, to := range g.pages[f] {
			for _, more := range unitFiles(to) {
				next[more] = true
			}
		}
	}
	h := sha256.New()
	_, _ = h.Write(g.shared[:])
	g.hash(h, g.reach(next))
	h.Sum(k.Hash[:0])
	return k
}
