package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"clew/check/source/markup"
)

func load(t *testing.T, fsys fs.FS, opts Options) *Tree {
	t.Helper()
	tree, err := Load(t.Context(), fsys, opts)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// tell writes down a tree, a line for each thing.
func tell(t *Tree) string {
	var b strings.Builder
	name := func(f *File) string {
		if f == nil {
			return "-"
		}
		return f.Path
	}
	for _, p := range t.Projects {
		fmt.Fprintf(&b, "%s %s base %s %v %d files", p.Root, p.Framework, p.Base, p.Platforms, len(p.Files))
		if p.App != nil {
			fmt.Fprintf(&b, " app %s", name(p.App.Main()))
		}
		b.WriteString("\n")
		for _, u := range p.Units {
			fmt.Fprintf(&b, "  %s %s: %s %s %s %s", u.Kind, u.Route, name(u.Template), name(u.Script), name(u.Style), name(u.Config))
			for mark, on := range map[string]bool{"entry": u.Entry} {
				if on {
					b.WriteString(" " + mark)
				}
			}
			if u.Tab {
				b.WriteString(" tab")
			}
			if u.ByConvention {
				b.WriteString(" by-convention")
			}
			if u.Subpackage != "" {
				b.WriteString(" in " + u.Subpackage)
			}
			if u.Title != "" {
				b.WriteString(" " + u.Title)
			}
			for _, use := range u.Uses {
				to := "nowhere"
				if use.Outside {
					to = "outside"
				} else if use.To != nil {
					to = use.To.Route
				}
				fmt.Fprintf(&b, " <%s>=%s", use.Name, to)
			}
			b.WriteString("\n")
		}
	}
	for _, n := range t.AllNotes() {
		fmt.Fprintf(&b, "! %s %s %s\n", n.Code, n.File, n.Detail)
	}
	return b.String()
}

func TestGoodProjects(t *testing.T) {
	native := func(root, base string, platform Platform, template, style string, files int) string {
		in := func(name string) string { return strings.TrimPrefix(base+"/"+name, "./") }
		return fmt.Sprintf("%s native base %s [%s] %d files app %s\n", root, base, platform, files, in("app.js")) +
			fmt.Sprintf("  page pages/index/index: %s %s %s %s entry tab 装修报价 <notice-bar>=components/notice-bar/notice-bar\n",
				in("pages/index/index"+template), in("pages/index/index.js"), in("pages/index/index"+style), in("pages/index/index.json")) +
			fmt.Sprintf("  page pages/privacy/privacy: %s %s - %s in pages/privacy 装修报价 <notice-bar>=components/notice-bar/notice-bar\n",
				in("pages/privacy/privacy"+template), in("pages/privacy/privacy.js"), in("pages/privacy/privacy.json")) +
			fmt.Sprintf("  component components/notice-bar/notice-bar: %s %s - %s\n",
				in("components/notice-bar/notice-bar"+template), in("components/notice-bar/notice-bar.js"), in("components/notice-bar/notice-bar.json"))
	}
	for dir, want := range map[string]string{
		"douyin":   native(".", ".", Douyin, ".ttml", ".ttss", 14),
		"wechat":   native(".", "miniprogram", WeChat, ".wxml", ".wxss", 14),
		"alipay":   native(".", ".", Alipay, ".axml", ".acss", 14),
		"kuaishou": native(".", ".", Kuaishou, ".ksml", ".css", 13),
		"baidu":    native(".", ".", Baidu, ".swan", ".css", 14),
		"uniapp": `. uni-app base src [mp-toutiao] 9 files app src/App.vue
  page pages/index/index: src/pages/index/index.vue src/pages/index/index.vue - - entry 装修报价
  page pages/privacy/privacy: src/pages/privacy/privacy.vue src/pages/privacy/privacy.vue - - 示例
  component ui/q-title: src/ui/q-title.vue src/ui/q-title.vue - -
`,
		"taro": `. taro base src [h5 mp-toutiao] 8 files app src/app.tsx
  page pages/index/index: src/pages/index/index.tsx src/pages/index/index.tsx - src/pages/index/index.config.ts entry 免费报价
  page pages/privacy/index: src/pages/privacy/index.tsx src/pages/privacy/index.tsx - -
! computed-config src/app.config.ts ` + `
`,
		"react": `. react base src [h5] 7 files
  page index: index.html index.html - -
  component main: src/main.jsx src/main.jsx - -
  page pages/Quote: src/pages/Quote.tsx src/pages/Quote.tsx - - by-convention
  page public/privacy: public/privacy.html public/privacy.html - -
  component ui/Notice: src/ui/Notice.tsx src/ui/Notice.tsx - -
`,
		"vue": `. vue base src [h5] 4 files
  component App: src/App.vue src/App.vue - -
  page public/privacy: public/privacy.html public/privacy.html - -
  page views/QuoteForm: src/views/QuoteForm.vue src/views/QuoteForm.vue - - by-convention
`,
		"html": `. html base . [h5] 3 files
  page index: index.html index.html - -
  page privacy: privacy.html privacy.html - -
`,
	} {
		tree := load(t, os.DirFS(filepath.Join("testdata", dir)), Options{})
		if got := tell(tree); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", dir, got, want)
		}
		if !tree.Whole() {
			t.Errorf("%s was not read as a whole", dir)
		}
		for _, f := range tree.Files {
			d, ok := markup.DialectOf(f.Ext())
			if !ok {
				continue
			}
			if doc := markup.Parse(f.Text, d); len(doc.Problems) > 0 {
				t.Errorf("%s: %v", f.Path, doc.Problems)
			}
		}
	}
}

// All fixtures under one folder are nine projects, each with its own model.
func TestSeveralProjectsInOneTree(t *testing.T) {
	tree := load(t, os.DirFS("testdata"), Options{})
	var got []string
	total := 0
	for _, p := range tree.Projects {
		got = append(got, p.Root+" "+string(p.Framework))
		total += len(p.Files)
	}
	want := []string{
		". html", "alipay native", "baidu native", "douyin native", "kuaishou native", "react react", "taro taro", "uniapp uni-app", "vue vue", "wechat native",
	}
	if !slices.Equal(got, want) {
		t.Errorf("projects %q", got)
	}
	if total != len(tree.Files) {
		t.Errorf("%d of %d files belong to projects", total, len(tree.Files))
	}
	again := load(t, os.DirFS("testdata"), Options{})
	if tell(tree) != tell(again) {
		t.Error("reading it twice gives two answers")
	}
}

func TestLookingThingsUp(t *testing.T) {
	p := load(t, os.DirFS("testdata/uniapp"), Options{}).Projects[0]
	page := p.Page("/pages/index/index?from=ad")
	if page == nil || page != p.UnitOf(page.Script) {
		t.Fatal("the page was not found by its route")
	}
	if p.Page("ui/q-title") != nil || p.Page("pages/none") != nil {
		t.Error("a page was made up")
	}
	if to, _ := p.ComponentFor(page, "q-title"); to == nil || to.Route != "ui/q-title" {
		t.Error("easycom's rule was not followed")
	}
	if to, outside := p.ComponentFor(page, "q-none"); to != nil || !outside {
		t.Error("a component that is missing was not said to be")
	}
	if to, outside := p.ComponentFor(page, "view"); to != nil || outside {
		t.Error("a tag of the platform is a component")
	}
	if f := p.Resolve(page.Script, "@/utils/send"); f == nil || f.Path != "src/utils/send.js" {
		t.Error("an import by alias was not found")
	}
	if p.Resolve(page.Script, "../../../../../etc/passwd") != nil || p.Resolve(page.Script, "vue") != nil || p.Resolve(nil, "./a") != nil {
		t.Error("an import outside the tree was found")
	}
	if got := p.Defines(Douyin); !slices.Equal(got, []string{"MP-TOUTIAO", "VUE3"}) || !slices.Equal(p.Targets(), []Platform{Douyin}) {
		t.Errorf("defines %v for %v", got, p.Targets())
	}
	react := load(t, os.DirFS("testdata/react"), Options{}).Projects[0]
	quote := react.routes["pages/Quote"]
	if f := react.Resolve(quote.Script, "#ui/Notice"); f == nil || f.Path != "src/ui/Notice.tsx" {
		t.Error("a path of tsconfig was not followed")
	}
	if f := react.Resolve(nil, "/src/main.jsx"); f == nil {
		t.Error("an absolute path was not found")
	}
	native := load(t, os.DirFS("testdata/wechat"), Options{}).Projects[0]
	if to, _ := native.ComponentFor(native.Units[0], "notice-bar"); to == nil {
		t.Error("the page's component was not found")
	}
	if native.AppIDs[WeChat] == "" {
		t.Error("the app id was not read")
	}
}

func files(of map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range of {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	tree := load(t, files(map[string]string{
		"app.json": `{"pages": ["pages/a/a", "pages/none/none", {"path": "pages/half/half"}], "usingComponents": {"x-y": "@vant/weapp/button/index", "far": "plugin://p/c"},
			"tabBar": {"custom": true}`, // and no end
		"app.js":               "App({})",
		"pages/a/a.wxml":       "<none-such/>",
		"pages/a/a.js":         "Page({})",
		"pages/a/a.json":       `{"usingComponents": {"none-such": "./none-such", "b-c": "/components/b/c"}}`,
		"pages/half/half.js":   "Page({})",
		"components/b/c.wxml":  "<b/>",
		"components/b/c.js":    "Component({})",
		"components/b/c.json":  `{"component": true}`,
		"components/o/o.wxml":  "<o/>",
		"components/o/o.json":  `{"component": true}`,
		"pages/old/old.wxml":   "<o/>",
		"pages/old/old.js":     "Page({})",
		"templates/piece.wxml": `<template name="piece"/>`,
	}), Options{})
	want := `. native base . [mp-weixin] 13 files app app.js
  page pages/a/a: pages/a/a.wxml pages/a/a.js - pages/a/a.json entry <none-such>=nowhere <b-c>=components/b/c
  page pages/half/half: - pages/half/half.js - -
  component components/b/c: components/b/c.wxml components/b/c.js - components/b/c.json
  component components/o/o: components/o/o.wxml - - components/o/o.json
  page pages/old/old: pages/old/old.wxml pages/old/old.js - -
! broken-config app.json ` + `
! page-absent app.json pages/none/none
! use-elsewhere app.json @vant/weapp/button/index
! never-used components/o/o.wxml ` + `
! use-absent pages/a/a.json ./none-such
! page-partial pages/half/half.js ` + `
! never-used pages/old/old.wxml ` + `
`
	want = strings.Replace(want, "13 files", "14 files", 1)
	if got := tell(tree); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if tree.Whole() {
		t.Error("a tree with an absent page is whole")
	}
}

func TestAProjectInsideAProject(t *testing.T) {
	tree := load(t, files(map[string]string{
		"app.json":                   `{"pages": ["p/p"]}`,
		"app.js":                     "",
		"p/p.ttml":                   "<a/>",
		"p/p.js":                     "Page({})",
		"example/app.json":           `{"pages": ["q/q"]}`,
		"example/q/q.wxml":           "<a/>",
		"example/q/q.js":             "Page({})",
		"admin/package.json":         `{"dependencies": {"vue": "2"}}`,
		"admin/src/A.vue":            "<template><a/></template>",
		"tools/package.json":         `{"devDependencies": {"react": "18"}}`,
		"tools/build.js":             "console.log(1)",
		"node_modules/x/app.json":    `{"pages": ["q/q"]}`,
		"dist/app.json":              `{"pages": ["p/p"]}`,
		".git/config.json":           "{}",
		"unpackage/a.html":           "<a/>",
		"admin/dist/a.html":          "<a/>",
		"example/dist/v/v.wxml":      "<v/>", // a library that was copied in
		"example/dist/v/v.json":      `{"component": true}`,
		"lib/package.json":           `{"devDependencies": {"vue": "2"}}`,
		"lib/x.wxml":                 "<v/>",
		"lib/x.json":                 `{"component": true, "usingComponents": {"d": "../dist/d/d"}}`,
		"uni_modules/u/package.json": `{"dependencies": {"vue": "2"}}`,
	}), Options{})
	want := `. native base . [mp-toutiao] 8 files app app.js
  page p/p: p/p.ttml p/p.js - - entry
admin vue base admin/src [h5] 2 files
  component A: admin/src/A.vue admin/src/A.vue - -
example native base example [mp-weixin] 5 files app example/app.json
  page q/q: example/q/q.wxml example/q/q.js - - entry
  component dist/v/v: example/dist/v/v.wxml - - example/dist/v/v.json
lib loose base lib [mp-weixin] 3 files
  component x: lib/x.wxml - - lib/x.json <d>=outside
! generated admin/dist ` + `
! generated dist ` + `
! never-used example/dist/v/v.wxml ` + `
! use-elsewhere lib/x.json ../dist/d/d
! dependency node_modules ` + `
`
	if got := tell(tree); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	all := load(t, files(map[string]string{
		"app.json": `{"pages": ["p/p"]}`, "p/p.wxml": "<v/>", "p/p.js": "", "p/p.json": `{"usingComponents": {"v": "w/v"}}`,
		"miniprogram_npm/w/v.wxml": "", "miniprogram_npm/w/v.js": "",
	}), Options{Vendor: true})
	if p := all.Projects[0]; len(p.Units) != 2 || p.Units[0].Uses[0].To == nil || !p.Units[1].Script.Vendored {
		t.Errorf("a package that was asked for was not read:\n%s", tell(all))
	}
}

func TestNoProject(t *testing.T) {
	tree := load(t, files(map[string]string{"a/b.js": "let a", "README.md": "#"}), Options{})
	if len(tree.Projects) != 0 || tree.Whole() || tree.Notes[0].Code != NoProject {
		t.Errorf("got\n%s", tell(tree))
	}
	if tree := load(t, files(nil), Options{}); tree.Whole() {
		t.Error("an empty folder is a project")
	}
	loose := load(t, files(map[string]string{"lib/x.wxml": "<a/>", "lib/x.json": "{}", "lib/piece.wxml": "<a/>"}), Options{})
	if got, want := tell(loose), ". loose base . [mp-weixin] 3 files\n  component lib/x: lib/x.wxml - - lib/x.json\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := Load(t.Context(), os.DirFS("testdata/none"), Options{}); err == nil {
		t.Error("a folder that is not there was read")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Load(ctx, os.DirFS("testdata"), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled load says %v", err)
	}
}
