package source

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"clew/check/source/markup"
)

// Framework is what a project is written with.
type Framework string

// The frameworks. Loose is sources that no project claims, as a library's.
const (
	Native Framework = "native" // a mini-program in its platform's own language
	UniApp Framework = "uni-app"
	Taro   Framework = "taro"
	Vue    Framework = "vue"
	React  Framework = "react"
	HTML   Framework = "html"
	Loose  Framework = "loose"
)

// Platform is what a project runs on, by the names that uni-app gave them, in lower
// case.
type Platform string

// The platforms.
const (
	Douyin   Platform = "mp-toutiao"
	WeChat   Platform = "mp-weixin"
	Alipay   Platform = "mp-alipay"
	Kuaishou Platform = "mp-kuaishou"
	Baidu    Platform = "mp-baidu"
	QQ       Platform = "mp-qq"
	JD       Platform = "mp-jd"
	Xhs      Platform = "mp-xhs"
	Web      Platform = "h5"
	Phone    Platform = "app" // an app of its own, as uni-app builds
)

// Define is the name of a platform in #ifdef.
func (p Platform) Define() string { return strings.ToUpper(string(p)) }

var templatePlatforms = map[string]Platform{
	".ttml": Douyin, ".wxml": WeChat, ".axml": Alipay, ".ksml": Kuaishou, ".swan": Baidu, ".qml": QQ, ".jxml": JD, ".xhsml": Xhs,
}

// Project is one program in a tree.
type Project struct {
	Root      string // the folder that is the project, from the top of the tree
	Base      string // the folder that routes begin at: Root, or src inside it
	Framework Framework
	Platforms []Platform // what it is built for, sorted; Loose and HTML know only what they show
	AppIDs    map[Platform]string
	Vue       int // 2 or 3 where the project says so, or 0

	Config *File // app.json, pages.json, app.config.*; nil without one
	App    *Unit // nil without one
	// Units is pages and components: pages in the order listed, the others by path.
	Units []*Unit
	// Uses is the components that every page may use.
	Uses  []Use
	Files []*File // all files of the project but those of a project inside it, by path
	Notes []Note

	tree      *Tree
	value     Value
	routes    map[string]*Unit
	stems     map[string]*Unit
	tags      map[string]*Unit // uni-app's own rule for tags
	easycom   []easyRule
	elsewhere map[string]bool // components outside the tree that a note names
	aliases   []alias
}

// UnitKind is what a unit is in the program.
type UnitKind string

// The kinds of unit.
const (
	AppUnit       UnitKind = "app"
	PageUnit      UnitKind = "page"
	ComponentUnit UnitKind = "component"
)

// Unit is a page, a component or the app itself: the files that belong together.
// Template and Script may be one file, as in .vue, .html and .tsx.
type Unit struct {
	Kind     UnitKind
	Route    string // of a page, as "pages/index/index"; of others the stem from Base
	Script   *File
	Template *File
	Style    *File
	Config   *File
	Uses     []Use
	Title    string // navigationBarTitleText, where it is written
	Settings Value  // the page's own configuration

	Listed     bool        // a configuration names it as a page
	ListedAt   markup.Span // in Project.Config
	Tab        bool        // reached by the tab bar
	Entry      bool        // the first page, where a person arrives who taps the app
	Subpackage string      // the root of its subpackage, or ""
	// ByConvention: nothing lists it; its folder (pages, views) says it is a page.
	ByConvention bool
}

// Main is the file by which people know the unit.
func (u *Unit) Main() *File {
	for _, f := range []*File{u.Template, u.Script, u.Config, u.Style} {
		if f != nil {
			return f
		}
	}
	return nil
}

// Use is a tag that stands for a component.
type Use struct {
	Name string // of the tag
	Path string // as written
	At   markup.Span
	In   *File // the configuration that says so
	To   *Unit // nil where it was not read
	// Outside: a plugin, a package or a dynamic library, which is not in the tree.
	Outside bool
}

// Page finds a page by its route, as written in a navigation: a leading slash, a
// query and an extension do not matter.
func (p *Project) Page(route string) *Unit {
	u := p.routes[cleanRoute(route)]
	if u == nil || u.Kind != PageUnit {
		return nil
	}
	return u
}

func cleanRoute(route string) string {
	if i := strings.IndexAny(route, "?#"); i >= 0 {
		route = route[:i]
	}
	route = strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(strings.TrimSpace(route), `\`, "/")), "/")
	switch ext := path.Ext(route); ext {
	case ".html", ".vue", ".nvue":
		route = strings.TrimSuffix(route, ext)
	}
	return route
}

// UnitOf is the unit that a file belongs to, or nil.
func (p *Project) UnitOf(f *File) *Unit { return p.stems[f.Stem()] }

// ComponentFor is the unit that a tag stands for in u: by the unit's own list, by
// the project's, by easycom's rules. outside is true for one that is declared but
// not in the tree; both nil and false is a tag of the platform, or unknown.
func (p *Project) ComponentFor(u *Unit, tag string) (to *Unit, outside bool) {
	for _, uses := range [][]Use{u.Uses, p.Uses} {
		for _, use := range uses {
			if use.Name == tag || p.Framework != Native && markup.SameName(use.Name, tag) {
				return use.To, use.To == nil
			}
		}
	}
	for _, rule := range p.easycom {
		if m := rule.name.FindStringSubmatchIndex(tag); m != nil {
			target := string(rule.name.ExpandString(nil, rule.path, tag, m))
			if f := p.Resolve(p.Config, target); f != nil {
				return p.stems[f.Stem()], false
			}
			return nil, true
		}
	}
	if p.Framework == UniApp {
		return p.tags[tag], false
	}
	return nil, false
}

// easyRule turns a tag into a path, as uni-app's easycom does.
type easyRule struct {
	name *regexp.Regexp
	path string
}

// alias is a beginning of an import that stands for a folder.
type alias struct{ prefix, to string }

var scriptEnds = []string{
	"", ".ts", ".js", ".tsx", ".jsx", ".mjs", ".vue", ".nvue", ".cjs", ".mts", ".json", ".uts",
	"/index.ts", "/index.js", "/index.tsx", "/index.jsx", "/index.vue", "/index.mjs",
}

// Resolve finds the file that an import, a require or a path in a configuration
// means, from the file that says it; nil if it is none of the tree that was read.
func (p *Project) Resolve(from *File, spec string) *File {
	spec, _, _ = strings.Cut(spec, "?")
	var starts []string
	switch {
	case spec == "":
		return nil
	case spec[0] == '.':
		if from != nil {
			starts = []string{path.Join(from.Dir(), spec)}
			if inside := p.clamped(from, spec); inside != "" {
				starts = append(starts, inside)
			}
		}
	case spec[0] == '/':
		spec = path.Clean(spec)
		starts = []string{path.Join(p.Base, spec), path.Join(p.Root, spec), path.Join(p.Root, "public", spec)}
	default:
		for _, a := range p.aliases {
			if rest, ok := strings.CutPrefix(spec, a.prefix); ok {
				starts = append(starts, path.Join(a.to, rest))
			}
		}
		// Mini-programs and uni-app also read a bare path from here or from the base.
		if from != nil {
			starts = append(starts, path.Join(from.Dir(), spec))
		}
		starts = append(starts, path.Join(p.Base, spec), path.Join(p.Root, "node_modules", spec), path.Join(p.Base, "miniprogram_npm", spec))
	}
	for _, start := range starts {
		if start == ".." || strings.HasPrefix(start, "../") {
			continue
		}
		if f := p.tree.script(start); f != nil {
			return f
		}
	}
	return nil
}

// script finds the file that a path without its end means.
func (t *Tree) script(start string) *File {
	if len(t.links) > 0 || start == "." || path.Clean(start) != start {
		for _, end := range scriptEnds {
			if f := t.File(start + end); f != nil {
				return f
			}
		}
		return nil
	}
	if t.starts == nil {
		t.starts = make(map[string]*File, 2*len(t.Files))
		for i := len(scriptEnds) - 1; i >= 0; i-- { // what is tried first comes last
			for _, f := range t.Files {
				if start, ok := strings.CutSuffix(f.Path, scriptEnds[i]); ok {
					t.starts[start] = f
				}
			}
		}
	}
	return t.starts[start]
}

// Targets is the platforms that a check should run
// for: what the project is built for, of those that conditional comments can tell
// apart; none means that one run is enough.
func (p *Project) Targets() []Platform {
	if p.Framework != UniApp {
		return nil
	}
	return slices.Clone(p.Platforms)
}

// Defines is the names that hold in #ifdef when the project is built for a target.
func (p *Project) Defines(target Platform) []string {
	names := []string{target.Define()}
	if target == Phone {
		names = append(names, "APP-PLUS")
	}
	if p.Vue == 3 {
		return append(names, "VUE3")
	}
	return append(names, "VUE2")
}

func (p *Project) note(code NoteCode, file, detail string) {
	p.Notes = append(p.Notes, Note{code, file, detail})
}

// unit gathers the files of one stem; nil if there are none.
func (p *Project) unit(kind UnitKind, stem string) *Unit {
	if u := p.stems[stem]; u != nil {
		if kind == PageUnit {
			u.Kind = PageUnit
		}
		return u
	}
	u := &Unit{Kind: kind, Route: p.routeOf(stem)}
	for _, ext := range extensions {
		f := p.tree.File(stem + ext)
		if f == nil {
			continue
		}
		switch kinds[ext] {
		case Script:
			if ext != ".wxs" && ext != ".sjs" && ext != ".qs" {
				u.Script = better(u.Script, f)
			}
		case Template:
			u.Template = p.template(u.Template, f)
		case Component, Page:
			u.Template, u.Script = better(u.Template, f), better(u.Script, f)
		case Style:
			u.Style = better(u.Style, f)
		case Config:
			u.Config = better(u.Config, f)
		}
	}
	if u.Template == nil && u.Script != nil && p.holdsJSX(u.Script) {
		u.Template = u.Script
	}
	if u.Main() == nil {
		return nil
	}
	p.stems[stem] = u
	p.routes[u.Route] = u
	return u
}

// template prefers the language of the project's own platform.
func (p *Project) template(a, b *File) *File {
	if a != nil && len(p.Platforms) > 0 && templatePlatforms[a.Ext()] == p.Platforms[0] {
		return a
	}
	if a != nil && len(p.Platforms) > 0 && templatePlatforms[b.Ext()] == p.Platforms[0] {
		return b
	}
	return better(a, b)
}

// better chooses of two files with one stem: what is written before what is built
// (ts before js), then by name, so that the choice is the same every time.
func better(a, b *File) *File {
	rank := func(f *File) int {
		return slices.Index([]string{".vue", ".ts", ".tsx", ".uts", ".jsx", ".js", ".scss", ".less"}, f.Ext()) & 0xFF
	}
	switch {
	case a == nil:
		return b
	case rank(a) != rank(b):
		if rank(a) < rank(b) {
			return a
		}
		return b
	case a.Path <= b.Path:
		return a
	}
	return b
}

func (p *Project) routeOf(stem string) string {
	if p.Base == "." {
		return stem
	}
	return strings.TrimPrefix(strings.TrimPrefix(stem, p.Base), "/")
}
