package source

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// candidate is a folder that may be a project.
type candidate struct {
	root, base string
	framework  Framework
	config     *File
	value      Value
	pack       Value // package.json of the root
}

// find tells the projects of the tree apart and loads each.
func (t *Tree) find(opts Options) {
	byRoot := map[string]candidate{}
	add := func(c candidate) {
		if _, taken := byRoot[c.root]; !taken {
			byRoot[c.root] = c
		}
	}
	for _, of := range []func(*File, Options) (candidate, bool){t.asUniApp, t.asTaro, t.asNative, t.asPackage} {
		for _, f := range t.Files {
			if f.Vendored {
				continue
			}
			if c, ok := of(f, opts); ok {
				add(c)
			}
		}
	}
	t.build(byRoot, opts)
	// What no project claims and a person may see becomes a project of its own.
	left := map[FileKind]bool{}
	claimed := t.claims(byRoot)
	for i, f := range t.Files {
		if claimed[i] == nil && !f.Vendored {
			left[f.Kind] = true
		}
	}
	rest := candidate{root: ".", base: "."}
	switch {
	case left[Template], left[Component]:
		rest.framework = Loose
	case left[Page]:
		rest.framework = HTML
	}
	_, taken := byRoot["."]
	if rest.framework != "" && !taken {
		byRoot["."] = rest
		t.build(byRoot, opts)
	}
	if len(t.Projects) == 0 {
		t.Notes = append(t.Notes, Note{NoProject, ".", "no app.json, pages.json, app.config, template, component or HTML page was found"})
	}
}

// build makes the projects of the candidates, dropping those that show nothing.
func (t *Tree) build(byRoot map[string]candidate, opts Options) {
	for {
		t.Projects = nil
		claimed := t.claims(byRoot)
		files := map[string][]*File{}
		for i, f := range t.Files {
			if c := claimed[i]; c != nil {
				files[c.root] = append(files[c.root], f)
			}
		}
		dropped := false
		for root, c := range byRoot {
			if c.framework != Vue && c.framework != React {
				continue
			}
			if slices.ContainsFunc(files[root], func(f *File) bool { return f.Kind == Template && !f.Vendored }) {
				// A library of mini-program components whose tools are built with Vue.
				c.framework = Loose
				byRoot[root] = c
			} else if !slices.ContainsFunc(files[root], visible) {
				delete(byRoot, root)
				dropped = true
			}
		}
		if dropped {
			continue
		}
		for root, c := range byRoot {
			p := &Project{
				Root: root, Base: c.base, Framework: c.framework, Config: c.config, Files: files[root], AppIDs: map[Platform]string{},
				tree: t, value: c.value, routes: map[string]*Unit{}, stems: map[string]*Unit{}, tags: map[string]*Unit{}, elsewhere: map[string]bool{},
			}
			p.load(c, opts)
			t.Projects = append(t.Projects, p)
		}
		slices.SortFunc(t.Projects, func(a, b *Project) int { return cmp.Compare(a.Root, b.Root) })
		return
	}
}

// visible reports whether a person may see what the file says.
func visible(f *File) bool {
	switch f.Ext() {
	case ".jsx", ".tsx":
		return !f.Vendored
	case ".js":
		return !f.Vendored && strings.Contains(f.Text, "react")
	}
	return !f.Vendored && (f.Kind == Component || f.Kind == Page || f.Kind == Template)
}

// claims is, for each file, the innermost candidate around it, or nil.
func (t *Tree) claims(byRoot map[string]candidate) []*candidate {
	known := map[string]*candidate{}
	var of func(dir string) *candidate
	of = func(dir string) *candidate {
		if c, ok := known[dir]; ok {
			return c
		}
		var found *candidate
		if c, ok := byRoot[dir]; ok {
			found = &c
		} else if dir != "." {
			found = of(path.Dir(dir))
		}
		known[dir] = found
		return found
	}
	all := make([]*candidate, len(t.Files))
	for i, f := range t.Files {
		all[i] = of(f.Dir())
	}
	return all
}

// home is the folder that a base belongs to: the one above for a src folder.
func (t *Tree) home(base string, marks ...string) string {
	if above := path.Dir(base); base != "." && slices.Contains([]string{"src", "miniprogram", "client", "app"}, path.Base(base)) {
		for _, m := range append(marks, "package.json") {
			if t.Exists(path.Join(above, m)) {
				return above
			}
		}
	}
	return base
}

func (t *Tree) config(name string) Value {
	if f := t.File(name); f != nil {
		v, _ := ParseConfig(f.Text)
		return v
	}
	return Value{}
}

func (t *Tree) asUniApp(f *File, _ Options) (c candidate, ok bool) {
	if path.Base(f.Path) != "pages.json" {
		return c, false
	}
	v, _ := ParseConfig(f.Text)
	dir := f.Dir()
	beside := t.Exists(path.Join(dir, "manifest.json")) || t.Exists(path.Join(dir, "App.vue")) || t.Exists(path.Join(dir, "App.uvue"))
	listed := v.Has("pages") || v.Has("subPackages") || v.Has("subpackages")
	if !beside || !listed && v.Form == Object && len(v.Keys) > 0 {
		return c, false
	}
	return candidate{root: t.home(dir), base: dir, framework: UniApp, config: f, value: v}, true
}

func (t *Tree) asTaro(f *File, opts Options) (c candidate, ok bool) {
	name := path.Base(f.Path)
	stem, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
	if f.Kind != Script || ext != ".ts" && ext != ".js" && ext != ".tsx" && ext != ".jsx" || stem != "app.config" && stem != "app" {
		return c, false
	}
	dir := f.Dir()
	root := t.home(dir)
	pack := t.config(path.Join(root, "package.json"))
	if stem == "app" {
		// Before its third version Taro kept the configuration in the app itself.
		if !depends(pack, "@tarojs/taro") || t.Exists(path.Join(dir, "app.config.ts")) || t.Exists(path.Join(dir, "app.config.js")) || t.Exists(path.Join(dir, "app.json")) {
			return c, false
		}
	}
	v, known := opts.Config(f)
	if !known || !v.Has("pages") {
		// A list of pages that a program makes: they are known by their folders then.
		if stem == "app" || !depends(pack, "@tarojs/taro") {
			return c, false
		}
		v.Partial = true
	}
	return candidate{root: root, base: dir, framework: Taro, config: f, value: v, pack: pack}, true
}

func (t *Tree) asNative(f *File, _ Options) (c candidate, ok bool) {
	if path.Base(f.Path) != "app.json" {
		return c, false
	}
	v, _ := ParseConfig(f.Text)
	dir := f.Dir()
	program := t.Exists(path.Join(dir, "app.js")) || t.Exists(path.Join(dir, "app.ts"))
	if v.Get("pages").Form != Array && v.Get("subPackages").Form != Array && v.Get("subpackages").Form != Array && !program {
		return c, false
	}
	root := dir
	for above := dir; above != "."; {
		above = path.Dir(above)
		for _, name := range []string{"project.config.json", "mini.project.json", "project.swan.json", "project.tt.json"} {
			conf := t.config(path.Join(above, name))
			for _, key := range []string{"miniprogramRoot", "miniprogramDir", "smartProgramRoot", "srcMiniprogramRoot"} {
				if to := conf.Get(key).Str(); to != "" && path.Join(above, to) == dir {
					root = above
				}
			}
		}
	}
	return candidate{root: root, base: dir, framework: Native, config: f, value: v}, true
}

func (t *Tree) asPackage(f *File, opts Options) (c candidate, ok bool) {
	if path.Base(f.Path) != "package.json" {
		return c, false
	}
	v, _ := ParseConfig(f.Text)
	dir := f.Dir()
	c = candidate{root: dir, base: dir, value: v, pack: v}
	if t.Exists(path.Join(dir, "src")) {
		c.base = path.Join(dir, "src")
	}
	switch {
	case depends(v, "@dcloudio/uni-app") && t.Exists(path.Join(c.base, "App.vue")):
		// Its pages.json is made at build time: from pages.config, or from the folders.
		c.framework, c.value = UniApp, Value{Partial: true}
		for _, at := range []string{dir, c.base} {
			for _, ext := range []string{".ts", ".js", ".mts", ".mjs"} {
				if f := t.File(path.Join(at, "pages.config"+ext)); f != nil && c.config == nil {
					c.config = f
					if list, ok := opts.Config(f); ok {
						c.value = list
					}
				}
			}
		}
		return c, true
	case depends(v, "vue") || depends(v, "nuxt"):
		c.framework = Vue
	case depends(v, "react") || depends(v, "preact") || depends(v, "next"):
		c.framework = React
	default:
		return c, false
	}
	c.config, c.value = nil, Value{}
	return c, true
}

func depends(pack Value, on string) bool {
	for _, list := range []string{"dependencies", "devDependencies", "peerDependencies"} {
		if pack.Get(list).Has(on) {
			return true
		}
	}
	return false
}
