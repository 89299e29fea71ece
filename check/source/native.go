package source

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// load fills a project from its candidate.
func (p *Project) load(c candidate, opts Options) {
	p.readAliases()
	switch p.Framework {
	case Native:
		p.loadNative()
	case UniApp:
		p.loadUniApp()
	case Taro:
		p.loadTaro(c, opts)
	case Vue, React, HTML, Loose:
		p.loadLoose()
	}
	if p.Config != nil && p.Config.Kind == Config {
		if _, ok := ParseConfig(p.Config.Text); !ok {
			p.note(BrokenConfig, p.Config.Path, "")
		}
	} else if p.Config != nil && p.value.Partial {
		p.note(ConfigCode, p.Config.Path, "")
	}
	slices.Sort(p.Platforms)
	p.Platforms = slices.Compact(p.Platforms)
	p.sortUnits()
	slices.SortStableFunc(p.Notes, Note.compare)
	p.Notes = slices.Compact(p.Notes)
}

// sortUnits puts the units in order: listed pages as listed, the rest by path.
func (p *Project) sortUnits() {
	for stem, u := range p.stems {
		if u.Kind != AppUnit && !slices.Contains(p.Units, u) && stem != "" {
			p.Units = append(p.Units, u)
		}
	}
	place := func(u *Unit) int {
		if u.Listed {
			return u.ListedAt.Start
		}
		return len(p.configText())
	}
	slices.SortFunc(p.Units, func(a, b *Unit) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Route, b.Route))
	})
}

func (p *Project) configText() string {
	if p.Config == nil {
		return ""
	}
	return p.Config.Text
}

func (p *Project) loadNative() {
	p.nativePlatforms()
	p.App = p.unit(AppUnit, path.Join(p.Base, "app"))
	if p.App != nil {
		p.App.Settings = p.value
	}
	p.pages(p.value.Get("pages"), "")
	for _, key := range []string{"subPackages", "subpackages"} {
		for _, pack := range p.value.Get(key).Items {
			p.pages(pack.Get("pages"), pack.Get("root").Str())
		}
	}
	p.tabs()
	if p.Config != nil {
		p.Uses = p.uses(p.value.Get("usingComponents"), p.Config)
	}
	p.followUses()
	// Units that nothing names: still a person's work, and still checked.
	for _, f := range p.Files {
		if f.Kind != Template && f.Ext() != ".vue" || p.stems[f.Stem()] != nil {
			continue
		}
		own := p.tree.config(f.Stem() + ".json")
		if own.Form != Object && !p.hasScript(f.Stem()) && f.Kind == Template {
			continue // a fragment for <import> and <include>
		}
		u := p.unit(ComponentUnit, f.Stem())
		u.Settings = own
		if !f.Vendored {
			if component := own.Get("component").Text; component != "true" && f.Kind == Template {
				u.Kind = PageUnit
			}
			p.note(Orphan, f.Path, "")
		}
	}
	p.followUses()
}

func (p *Project) hasScript(stem string) bool {
	return p.tree.File(stem+".js") != nil || p.tree.File(stem+".ts") != nil
}

// nativePlatforms goes by the templates of the pages; without any, by the files
// that the platforms' tools leave.
func (p *Project) nativePlatforms() {
	counts := map[Platform]int{}
	for _, f := range p.Files {
		if platform, ok := templatePlatforms[f.Ext()]; ok && !f.Vendored {
			counts[platform]++
		}
	}
	for platform := range counts {
		p.Platforms = append(p.Platforms, platform)
	}
	slices.SortFunc(p.Platforms, func(a, b Platform) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for _, dir := range []string{p.Root, p.Base} {
		for _, one := range []struct {
			file string
			of   Platform
		}{
			{"mini.project.json", Alipay},
			{"project.swan.json", Baidu},
			{"project.tt.json", Douyin},
			{"project.config.json", ""},
		} {
			name := path.Join(dir, one.file)
			if !p.tree.Exists(name) {
				continue
			}
			id := p.tree.config(name).Get("appid").Str()
			if one.of == "" {
				one.of = platformOfID(id)
			}
			if one.of == "" {
				continue
			}
			if id != "" {
				p.AppIDs[one.of] = id
			}
			if len(counts) == 0 {
				p.Platforms = append(p.Platforms, one.of)
			}
		}
	}
}

// platformOfID goes by the letters that a platform's app ids begin with.
func platformOfID(id string) Platform {
	switch {
	case strings.HasPrefix(id, "tt"):
		return Douyin
	case strings.HasPrefix(id, "wx"):
		return WeChat
	case strings.HasPrefix(id, "ks"):
		return Kuaishou
	}
	return ""
}

// pages takes a list of pages: strings, or objects with a path.
func (p *Project) pages(list Value, root string) {
	for _, item := range list.Items {
		route := item.Str()
		if item.Form == Object {
			route = item.Get("path").Str()
		}
		if route == "" {
			continue
		}
		route = cleanRoute(path.Join(root, route))
		at := item.Span
		stem := path.Join(p.Base, route)
		u := p.unit(PageUnit, stem)
		if u == nil {
			u = p.unit(PageUnit, path.Join(stem, "index"))
		}
		if u == nil {
			u = p.unit(PageUnit, stem+"/main") // mpvue
		}
		if u == nil {
			p.note(PageAbsent, p.Config.Path, route)
			continue
		}
		if !u.Listed {
			u.Listed, u.ListedAt, u.Subpackage = true, at, strings.Trim(root, "/")
			u.Entry = len(p.Units) == 0
			p.Units = append(p.Units, u)
		}
		p.routes[route] = u
		p.settings(u, item)
		if u.Script == nil || u.Template == nil {
			p.note(PagePartial, u.Main().Path, "")
		}
	}
}

// settings reads a page's own configuration, or what its entry in the list says.
func (p *Project) settings(u *Unit, entry Value) {
	switch {
	case p.Framework == UniApp:
		u.Settings = entry.Get("style")
	case u.Config != nil:
		v, ok := ParseConfig(u.Config.Text)
		if !ok {
			p.note(BrokenConfig, u.Config.Path, "")
		}
		u.Settings = v
	}
	if u.Kind != PageUnit {
		return
	}
	for _, from := range []Value{u.Settings, p.value.Get("window"), p.value.Get("globalStyle")} {
		for _, key := range []string{"navigationBarTitleText", "defaultTitle"} {
			if title := from.Get(key).Str(); title != "" && u.Title == "" {
				u.Title = title
			}
		}
	}
}

var quotedPath = regexp.MustCompile(`['"\x60]/?([\w./-]+/[\w.-]+)['"\x60]`)

// byFolder makes pages where the list of pages is nothing that could be read: of the
// units that the configuration's code names, failing these of those in folders for
// pages.
func (p *Project) byFolder() {
	if list := p.value.Get("pages"); list.Form == Array && !list.Partial && len(p.Units) > 0 {
		return
	}
	named := len(p.Units) > 0
	if p.Config != nil && p.Config.Kind == Script {
		for _, m := range quotedPath.FindAllStringSubmatch(p.Config.Text, -1) {
			if u := p.stems[path.Join(p.Base, m[1])]; u != nil && u.Kind == ComponentUnit && u.Template != nil {
				u.Kind, u.ByConvention, named = PageUnit, true, true
			}
		}
	}
	if named {
		return
	}
	for _, u := range p.stems {
		if u.Kind == ComponentUnit && u.Template != nil && !u.Template.Vendored && inPageFolder(u.Route) {
			u.Kind, u.ByConvention = PageUnit, true
		}
	}
}

func (p *Project) tabs() {
	bar := p.value.Get("tabBar")
	for _, item := range append(slices.Clone(bar.Get("list").Items), bar.Get("items").Items...) {
		if u := p.Page(item.Get("pagePath").Str()); u != nil {
			u.Tab = true
		}
	}
}

// followUses resolves what units use, and what those use in turn.
func (p *Project) followUses() {
	done := map[*Unit]bool{}
	for again := true; again; {
		again = false
		for _, stem := range slices.Sorted(maps.Keys(p.stems)) {
			u := p.stems[stem]
			if done[u] || u.Kind == AppUnit {
				continue
			}
			done[u], again = true, true
			if u.Settings.Form == Computed && u.Config != nil {
				p.settings(u, Value{})
			}
			if u.Uses == nil {
				u.Uses = p.uses(u.Settings.Get("usingComponents"), cmp.Or(u.Config, p.Config))
			}
		}
	}
}

// uses reads a usingComponents object that stands in a file.
func (p *Project) uses(list Value, in *File) []Use {
	var found []Use
	for _, m := range list.Keys {
		use := Use{Name: m.Key, Path: m.Value.Str(), At: m.Value.Span, In: in}
		if use.Path == "" {
			continue
		}
		if scheme, _, ok := strings.Cut(use.Path, "://"); ok && scheme != "" {
			use.Outside = true // plugin://, dynamicLib://, ext://
		} else if use.To = p.component(in, use.Path); use.To == nil {
			if use.Outside = p.fromPackage(in, use.Path); use.Outside {
				if !p.elsewhere[use.Path] { // once for each, however many pages use it
					p.elsewhere[use.Path] = true
					p.note(UseElsewhere, in.Path, use.Path)
				}
			} else {
				p.note(UseAbsent, in.Path, use.Path)
			}
		}
		found = append(found, use)
	}
	return found
}

// component is the unit at a path in a usingComponents list.
func (p *Project) component(in *File, spec string) *Unit {
	starts := []string{path.Join(in.Dir(), spec)}
	if spec[0] == '/' {
		starts = []string{path.Join(p.Base, path.Clean(spec)), path.Join(p.Root, path.Clean(spec))}
	} else if spec[0] != '.' {
		for dir := in.Dir(); ; dir = path.Dir(dir) {
			starts = append(starts, path.Join(dir, "miniprogram_npm", spec), path.Join(dir, "node_modules", spec))
			if dir == p.Root || dir == "." {
				break
			}
		}
		starts = append(starts, path.Join(p.Base, spec))
	}
	if inside := p.clamped(in, spec); inside != "" {
		starts = append(starts, inside)
	}
	for _, start := range starts {
		if start == ".." || strings.HasPrefix(start, "../") {
			continue
		}
		start = p.tree.real(start)
		for _, stem := range []string{start, path.Join(start, "index"), strings.TrimSuffix(start, path.Ext(start))} {
			if u := p.unit(ComponentUnit, stem); u != nil && (u.Template != nil || u.Script != nil) {
				return u
			}
		}
	}
	return nil
}

// clamped is where a relative path leads that climbs out of the program: the
// platforms stop at its top, so that one ../ too many does no harm. "" is for a path
// that does not climb out.
func (p *Project) clamped(in *File, spec string) string {
	if p.Framework != Native && p.Framework != UniApp || in == nil || spec[0] != '.' {
		return ""
	}
	dir, inside := in.Dir(), p.Base == "."
	if !inside {
		dir, inside = strings.CutPrefix(in.Dir()+"/", p.Base+"/")
	}
	if out := path.Join(dir, spec); !inside || out != ".." && !strings.HasPrefix(out, "../") {
		return ""
	}
	return path.Join(p.Base, path.Clean("/"+dir+"/"+spec))
}

// fromPackage reports whether a path that was not found means a file of a package or
// of a folder that was left out.
func (p *Project) fromPackage(in *File, spec string) bool {
	if p.tree.inUnread(path.Join(in.Dir(), spec)) || p.tree.inUnread(path.Join(p.Base, spec)) {
		return true
	}
	if strings.Contains(spec, "miniprogram_npm/") || strings.Contains(spec, "node_modules/") {
		return true
	}
	first := spec[0]
	return first != '.' && first != '/' && !strings.HasPrefix(spec, "components/") && !strings.HasPrefix(spec, "pages/")
}

// readAliases reads what imports may begin with.
func (p *Project) readAliases() {
	p.aliases = []alias{{"@/", p.Base + "/"}, {"~@/", p.Base + "/"}, {"~/", p.Base + "/"}, {"src/", path.Join(p.Root, "src") + "/"}}
	for _, name := range []string{"tsconfig.json", "jsconfig.json"} {
		v := p.tree.config(path.Join(p.Root, name)).Get("compilerOptions")
		base := path.Join(p.Root, v.Get("baseUrl").Str())
		for _, m := range v.Get("paths").Keys {
			if from, ok := strings.CutSuffix(m.Key, "*"); ok && len(m.Value.Items) > 0 && from != "" {
				to := strings.TrimSuffix(m.Value.Items[0].Str(), "*")
				p.aliases = append(p.aliases, alias{from, path.Join(base, to) + "/"})
			}
		}
	}
	for _, m := range p.value.Get("resolveAlias").Keys { // of mini-programs
		if from, ok := strings.CutSuffix(m.Key, "*"); ok && from != "" {
			p.aliases = append(p.aliases, alias{from, path.Join(p.Base, strings.TrimSuffix(m.Value.Str(), "*")) + "/"})
		}
	}
}
