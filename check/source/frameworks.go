package source

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// loadUniApp reads pages.json and manifest.json.
func (p *Project) loadUniApp() {
	manifest := p.tree.config(path.Join(p.Base, "manifest.json"))
	p.Vue = 2
	if v := manifest.Get("vueVersion"); v.Text == "3" {
		p.Vue = 3
	}
	p.uniPlatforms(manifest)
	if p.App = p.unit(AppUnit, path.Join(p.Base, "App")); p.App != nil {
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
		p.Uses = p.uses(p.value.Get("globalStyle", "usingComponents"), p.Config)
	}
	for _, m := range p.value.Get("easycom", "custom").Keys {
		// The patterns are JavaScript's; what Go cannot read matches nothing.
		if name, err := regexp.Compile(m.Key); err == nil && m.Value.Str() != "" {
			target := regexp.MustCompile(`\$(\d)`).ReplaceAllString(m.Value.Str(), `${$1}`)
			p.easycom = append(p.easycom, easyRule{name, target})
		}
	}
	p.everyComponent()
	if p.Config == nil || p.Config.Kind == Script {
		p.byFolder()
	}
	p.followUses()
}

// uniPlatforms is what a build is made for: platforms with an app id, and those
// that conditional comments name; failing these, all that manifest.json mentions.
func (p *Project) uniPlatforms(manifest Value) {
	var mentioned []Platform
	for _, platform := range []Platform{Douyin, WeChat, Alipay, Kuaishou, Baidu, QQ, JD, Xhs, Web} {
		v := manifest.Get(string(platform))
		if v.Form != Object {
			continue
		}
		mentioned = append(mentioned, platform)
		if id := v.Get("appid").Str(); id != "" {
			p.AppIDs[platform] = id
			p.Platforms = append(p.Platforms, platform)
		}
	}
	if manifest.Get("app-plus").Form == Object {
		mentioned = append(mentioned, Phone)
	}
	for _, f := range p.Files {
		if f.Vendored || f.Kind != Component && f.Kind != Script && f.Kind != Config {
			continue
		}
		for rest := f.Text; ; {
			_, after, found := strings.Cut(rest, "#ifdef")
			if !found {
				break
			}
			line, _, _ := strings.Cut(after, "\n")
			for _, platform := range []Platform{Douyin, WeChat, Alipay, Kuaishou, Baidu, QQ, JD, Xhs, Web} {
				if strings.Contains(line, platform.Define()) {
					p.Platforms = append(p.Platforms, platform)
				}
			}
			rest = after
		}
	}
	if !slices.ContainsFunc(p.Platforms, func(at Platform) bool { return at != Web && at != Phone }) {
		p.Platforms = append(p.Platforms, mentioned...) // #ifdef H5 alone does not say that it is for the web only
	}
}

// uniTags is the platform's own tags, which no file of the same name replaces. A
// demo that shows each of them on a page pages/component/view/view.vue is common.
var uniTags = map[string]bool{
	"view": true, "text": true, "button": true, "image": true, "input": true, "textarea": true, "form": true, "label": true,
	"checkbox": true, "checkbox-group": true, "radio": true, "radio-group": true, "switch": true, "slider": true,
	"picker": true, "picker-view": true, "picker-view-column": true, "swiper": true, "swiper-item": true, "scroll-view": true,
	"movable-area": true, "movable-view": true, "cover-view": true, "cover-image": true, "match-media": true, "icon": true,
	"progress": true, "rich-text": true, "navigator": true, "editor": true, "audio": true, "video": true, "camera": true,
	"live-player": true, "live-pusher": true, "map": true, "canvas": true, "web-view": true, "ad": true,
	"template": true, "block": true, "slot": true, "component": true,
}

// everyComponent makes a unit of each file that holds a whole component.
func (p *Project) everyComponent() {
	for _, f := range p.Files {
		if f.Kind != Component {
			continue
		}
		u := p.unit(ComponentUnit, f.Stem())
		tag := path.Base(f.Stem())
		if path.Base(f.Dir()) == tag && u.Kind != PageUnit && !uniTags[tag] && (p.tags[tag] == nil || !f.Vendored) {
			p.tags[tag] = u // easycom's own rule: components/x/x.vue
		}
	}
}

// loadTaro reads app.config and the configuration beside each page.
func (p *Project) loadTaro(c candidate, opts Options) {
	for file, platform := range map[string]Platform{
		"project.config.json": WeChat, "project.tt.json": Douyin, "project.alipay.json": Alipay, "project.swan.json": Baidu,
		"project.kwai.json": Kuaishou, "project.qq.json": QQ, "project.jd.json": JD,
	} {
		if name := path.Join(p.Root, file); p.tree.Exists(name) {
			p.Platforms = append(p.Platforms, platform)
			if id := p.tree.config(name).Get("appid").Str(); id != "" {
				p.AppIDs[platform] = id
			}
		}
	}
	if len(p.Platforms) == 0 {
		for script, platform := range map[string]Platform{
			"build:tt": Douyin, "build:weapp": WeChat, "build:alipay": Alipay, "build:swan": Baidu, "build:kwai": Kuaishou, "build:h5": Web,
		} {
			if c.pack.Get("scripts").Has(script) {
				p.Platforms = append(p.Platforms, platform)
			}
		}
	}
	p.App = p.unit(AppUnit, path.Join(p.Base, "app"))
	p.pages(p.value.Get("pages"), "")
	for _, key := range []string{"subPackages", "subpackages"} {
		for _, pack := range p.value.Get(key).Items {
			p.pages(pack.Get("pages"), pack.Get("root").Str())
		}
	}
	p.tabs()
	for _, u := range p.Units {
		for _, ext := range []string{".config.ts", ".config.js", ".config.tsx", ".config.jsx"} {
			if f := p.tree.File(u.Main().Stem() + ext); f != nil {
				u.Config = f
				if v, ok := opts.Config(f); ok {
					u.Settings = v
					if title := v.Get("navigationBarTitleText").Str(); title != "" {
						u.Title = title
					}
				}
			}
		}
	}
	p.everyComponent()
	p.scriptUnits()
	p.byFolder()
	p.followUses()
}

// scriptUnits makes a unit of each script that may hold JSX.
func (p *Project) scriptUnits() {
	for _, f := range p.Files {
		if p.holdsJSX(f) {
			p.unit(ComponentUnit, f.Stem())
		}
	}
}

// loadLoose makes units of whatever a person may see; nothing lists pages.
func (p *Project) loadLoose() {
	switch p.Framework {
	case Vue, React, HTML:
		p.Platforms = []Platform{Web}
	default:
		p.nativePlatforms()
	}
	for _, f := range p.Files {
		switch {
		case f.Kind == Page:
			p.unit(PageUnit, f.Stem())
		case f.Kind == Template:
			if p.hasScript(f.Stem()) || p.tree.File(f.Stem()+".json") != nil {
				u := p.unit(ComponentUnit, f.Stem())
				if u.Config != nil {
					u.Settings, _ = ParseConfig(u.Config.Text)
				}
			}
		}
	}
	p.everyComponent()
	if p.Framework == Vue || p.Framework == React {
		p.scriptUnits()
	}
	if p.Framework != Loose {
		p.byFolder()
	}
	p.followUses()
}

// holdsJSX reports whether a script shows something by itself. Of a .js it is a guess
// that costs nothing: React or Taro is imported, and something looks like the end of
// an element.
func (p *Project) holdsJSX(f *File) bool {
	switch f.Ext() {
	case ".jsx", ".tsx":
		return true
	case ".js":
		return (p.Framework == React || p.Framework == Taro) && !f.Vendored &&
			(strings.Contains(f.Text, "react") || strings.Contains(f.Text, "@tarojs/")) &&
			(strings.Contains(f.Text, "</") || strings.Contains(f.Text, "/>"))
	}
	return false
}

func inPageFolder(route string) bool {
	parts := strings.Split(route, "/")
	if slices.Contains(parts, "components") {
		return false
	}
	return slices.ContainsFunc(parts[:len(parts)-1], func(part string) bool {
		switch part {
		case "page", "views", "view", "screens", "routes":
			return true
		}
		return strings.HasPrefix(part, "pages") // pages-sub, pagesA
	})
}
