package check_test

import (
	"bytes"
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
	"unicode/utf16"

	"clew/check"
	"clew/check/rule"
	"clew/finding"
	"clew/words"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func gbk(t *testing.T, text string) string {
	out, err := simplifiedchinese.GBK.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func utf16le(text string) string {
	var b bytes.Buffer
	for _, u := range append([]uint16{0xFEFF}, utf16.Encode([]rune(text))...) {
		b.Write([]byte{byte(u), byte(u >> 8)})
	}
	return b.String()
}

// The bytes on disk at a finding's place are the element, whatever they are written
// in.
func TestPlacesInOtherEncodings(t *testing.T) {
	const template = "<!-- 留资页面，请勿改动 -->\r\n<view>您好，请填写</view>\r\n\r\n<button\topen-type=\"getPhoneNumber\" bindgetphonenumber=\"take\">立即领取报价</button>\r\n"
	const tag = "<button\topen-type=\"getPhoneNumber\" bindgetphonenumber=\"take\">"
	const script = "// 页面入口，你好\rPage({\r  onLoad() { const 名 = '手机号'; this.setData({ 显示: true, a: '弹窗' }) },\r})\r"
	const call = "this.setData({ 显示: true, a: '弹窗' })"
	for name, write := range map[string]func(string) string{
		"UTF-8":             func(s string) string { return s },
		"UTF-8 with a mark": func(s string) string { return "\xEF\xBB\xBF" + s },
		"GBK":               func(s string) string { return gbk(t, s) },
		"UTF-16":            utf16le,
	} {
		tree := disk(native(map[string]string{"bad/bad.wxml": write(template), "bad/bad.js": write(script)}, "bad/bad"))
		r := judge(t, tree, check.Options{})
		want := map[string]string{"bad/bad.wxml": tag, "bad/bad.js": call}
		for _, f := range r.Findings {
			text, ok := want[f.Place.File]
			if f.Rule != "probe" || !ok {
				continue
			}
			raw := string(tree[f.Place.File].Data[f.Place.Start:f.Place.End])
			if !strings.Contains(write("x"+text), raw) || raw == "" || f.Place.File == "bad/bad.wxml" && raw != strings.TrimPrefix(strings.TrimPrefix(write(text), "\xEF\xBB\xBF"), "\xFF\xFE") {
				t.Errorf("%s: %v is %q", name, f.Place, raw)
			}
			if line := map[string]int{"bad/bad.wxml": 4, "bad/bad.js": 3}[f.Place.File]; f.Place.Line != line {
				t.Errorf("%s: line %d of %s, want %d", name, f.Place.Line, f.Place.File, line)
			}
			delete(want, f.Place.File)
		}
		for file := range want {
			t.Errorf("%s: nothing was seen in %s", name, file)
		}
		if !r.Whole() || name[0] != 'U' && !slices.Contains(notesOf(r), "recoded bad/bad.js") {
			t.Errorf("%s: notes %q", name, notesOf(r))
		}
	}
}

func TestFilesThatAreNoSource(t *testing.T) {
	bundle := "/* */" + repeat("function a(){return 1};", 2<<20)
	for name, c := range map[string]struct {
		script, template string
		notes            []string
		whole            bool
	}{
		"binary":             {"\x00\x01\x02\xFF\xFEPage({})" + repeat("\x00\x9F", 500), "<view/>", []string{"binary bad/bad.js", "page-partial bad/bad.wxml"}, false},
		"a zero byte":        {"Page({ a: '\x00' })", "<view/>", []string{"binary bad/bad.js", "page-partial bad/bad.wxml"}, false},
		"a bundle of 50 MB":  {bundle, "<view/>", []string{"too-large bad/bad.js", "page-partial bad/bad.wxml"}, false},
		"broken characters":  {"Page({ a: '你好\xFF你好你好你好' })", "<view>\xC3</view>", []string{"bad-encoding bad/bad.js", "bad-encoding bad/bad.wxml"}, true},
		"cut off":            {"Page({ onLoad() { this.setData({ a: '你", "<view><button bindtap=\"a", []string{"stepped-over bad/bad.js", "stepped-over bad/bad.wxml"}, true},
		"minified":           {"!function(e,t){" + repeat("var n=t(1);n.a=function(){return e};", 400) + "}({},function(){});Page({onLoad:function(){this.setData({a:1})}})", "<view/>", []string{"minified bad/bad.js"}, true},
		"decompiled":         {"define(\"bad/bad.js\", function(require, module, exports, window){\n\"use strict\"; (0, _x.default)(Page)({ data: {}, onLoad: function t() { var e = this; e.setData({ a: 1 }) } });\n}); require(\"bad/bad.js\");", "<view/>", nil, true},
		"not what it says":   {"<?php echo 1 ?>\n<html><body>#!/bin/sh", "{\"a\": 1}", []string{"stepped-over bad/bad.js"}, true},
		"nothing":            {"", "", nil, true},
		"only a mark":        {"\xEF\xBB\xBF", "\xFF\xFE", []string{"recoded bad/bad.wxml"}, true},
		"only line ends":     {"\r\r\n\n\u2028", "\r", nil, true},
		"every ASCII symbol": {repeat("~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./", 500), repeat("~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./", 500), []string{"minified bad/bad.js", "minified bad/bad.wxml", "stepped-over bad/bad.js"}, false},
	} {
		r := judge(t, disk(bad(c.script, c.template)), check.Options{})
		got, want := notesOf(r), slices.Clone(c.notes)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) || r.Whole() != c.whole {
			t.Errorf("%s: notes %q, whole %v", name, got, r.Whole())
		}
		if !reached(r, "good/good.wxml") {
			t.Errorf("%s: the good page was not judged", name)
		}
	}
}

func TestProjectsThatAreOdd(t *testing.T) {
	inner := native(nil)
	for name, c := range map[string]struct {
		files    map[string]string
		notes    []string
		projects int
		good     bool
	}{
		"no project":    {map[string]string{"a.js": "let a = 1", "README.md": "#"}, []string{"no-project ."}, 0, false},
		"an empty tree": {map[string]string{}, []string{"no-project ."}, 0, false},
		"a page that is not there": {
			native(nil, "gone/gone", "gone/too"),
			[]string{"page-absent app.json"},
			1, true,
		},
		"a project inside a project": {
			func() map[string]string {
				all := native(map[string]string{"inner/other/x.wxml": "<view/>"})
				for name, text := range inner {
					all["inner/"+name] = text
				}
				return all
			}(), nil, 2, true,
		},
		"a broken list of pages": {
			native(map[string]string{"app.json": "{\"pages\": [\"good/good\",,\n 'a/b'\n \"window\": {"}),
			[]string{"broken-config app.json", "page-absent app.json"},
			1, true,
		},
		"a component that is not there": {
			native(map[string]string{"good/good.json": `{"usingComponents": {"a-b": "/none/none", "c-d": "@x/y/z"}}`}),
			[]string{"use-absent good/good.json", "use-elsewhere good/good.json"},
			1, true,
		},
	} {
		r := judge(t, disk(c.files), check.Options{})
		if got := notesOf(r); !slices.Equal(got, c.notes) {
			t.Errorf("%s: notes %q", name, got)
		}
		if r.Looked.Projects != c.projects || reached(r, "good/good.wxml") != c.good {
			t.Errorf("%s: %d projects, good page %v", name, r.Looked.Projects, !c.good)
		}
	}
}

// TestNames: a path is a name and nothing else.
func TestNames(t *testing.T) {
	for _, name := range []string{
		`quote"quote`, "apostrophe'", "new\nline", "100%d%s%n", "中文", "😀", "-rf", "a b", "back\\slash", "<b>", "$(x)", "`x`", "\u202Egnp", "#", "q?x=1", ".dot", "a..b", "[*]", "con", "\x01", strings.Repeat("long", 60),
	} {
		files := native(nil)
		file := "good/" + name
		files[file+".wxml"], files[file+".js"] = goodTemplate, goodScript
		files["app.json"] = fmt.Sprintf(`{"pages": ["good/good", %s]}`, jsonString(file))
		if r := judge(t, disk(files), check.Options{}); !reached(r, file+".wxml") || !reached(r, "good/good.wxml") {
			t.Errorf("%q was not judged: %q", file, notesOf(r))
		}
	}
}

func jsonString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// moving is a tree that changes while it is read.
type moving struct {
	fstest.MapFS
	read func(name string) ([]byte, error) // nil, nil is as it was
}

func (m moving) ReadFile(name string) ([]byte, error) {
	if b, err := m.read(name); b != nil || err != nil {
		return b, err
	}
	return m.MapFS.ReadFile(name)
}

func TestFilesThatChangeWhileTheyAreRead(t *testing.T) {
	tree := disk(bad("Page({})", "<view/>"))
	for name, c := range map[string]struct {
		read func() ([]byte, error)
		note string
	}{
		"gone": {func() ([]byte, error) {
			return nil, &fs.PathError{Op: "open", Path: "/home/secret/bad.js", Err: fs.ErrNotExist}
		}, "unreadable"},
		"denied": {func() ([]byte, error) {
			return nil, &fs.PathError{Op: "open", Path: "/home/secret/bad.js", Err: fs.ErrPermission}
		}, "unreadable"},
		"a fault": {func() ([]byte, error) { return nil, errors.New("input/output error") }, "unreadable"},
		"grown":   {func() ([]byte, error) { return make([]byte, 6<<20), nil }, "too-large"},
		"changed": {func() ([]byte, error) { return []byte{0, 1, 2, 0xFF}, nil }, "binary"},
	} {
		r, err := check.Run(t.Context(), moving{tree, func(file string) ([]byte, error) {
			if file == "bad/bad.js" {
				return c.read()
			}
			return nil, nil
		}}, check.Options{Rules: every()})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(notesOf(r), c.note+" bad/bad.js") || r.Whole() || !reached(r, "good/good.wxml") {
			t.Errorf("%s: notes %q, whole %v", name, notesOf(r), r.Whole())
		}
		for _, n := range r.Notes {
			if strings.Contains(n.Detail, "secret") {
				t.Errorf("%s: a path of the machine in %q", name, n.Detail)
			}
		}
	}
}

func TestADiskThatHurts(t *testing.T) {
	dir := t.TempDir()
	for name, text := range bad("require('../loop/loop/bad/bad')\nPage({})", "<import src=\"../loop/bad/bad.wxml\"/><view/>") {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	deep := strings.Repeat("d/", 60)
	if err := errors.Join(
		os.Symlink(".", filepath.Join(dir, "loop")), os.Symlink("b", filepath.Join(dir, "a")), os.Symlink("a", filepath.Join(dir, "b")),
		os.Symlink("/", filepath.Join(dir, "root")), os.Symlink("../..", filepath.Join(dir, "bad", "up")), os.Symlink("nowhere", filepath.Join(dir, "dead.js")),
		os.MkdirAll(filepath.Join(dir, filepath.FromSlash(deep)), 0o755),
		os.WriteFile(filepath.Join(dir, filepath.FromSlash(deep), "x.js"), []byte("1"), 0o600),
	); err != nil {
		t.Skip("no links here: ", err)
	}
	r := judge(t, os.DirFS(dir), check.Options{})
	got := notesOf(r)
	for _, want := range []string{"link", "link-out bad/up", "link-out root"} {
		if !slices.Contains(got, want) {
			t.Errorf("no note %q in %q", want, got)
		}
	}
	if r.Whole() || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "too-deep d/d/") }) || !reached(r, "good/good.wxml") {
		t.Errorf("notes %q, whole %v", got, r.Whole())
	}
}

func TestCancelled(t *testing.T) {
	tree := disk(bad("Page({})", "<view/>"))
	for _, at := range []string{"app.js", "good/good.wxml"} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := check.Run(ctx, moving{tree, func(file string) ([]byte, error) {
			if file == at {
				cancel()
			}
			return nil, nil
		}}, check.Options{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled while %s was read: %v", at, err)
		}
		cancel()
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var o check.Options
	o.OnPage(func(string) { cancel() })
	if r, err := check.Run(ctx, tree, o); !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("cancelled while pages were judged: %v", err)
	}
}

// A failure of the checker costs the page that it failed on.
func TestAFailureCostsItsPage(t *testing.T) {
	tree := disk(bad("Page({})", "<view/>"))
	for _, rules := range []bool{true, false} {
		o := check.Options{Rules: every()}
		if rules {
			broken := probe
			broken.Page, broken.Project = nil, func(c *rule.Case) { _ = c.Page.Roots }
			o.Rules = append(o.Rules, &broken)
		} else {
			o.OnPage(func(file string) {
				if file == "bad/bad.wxml" {
					var list []int
					_ = list[len(file)]
				}
			})
		}
		r, err := check.Run(t.Context(), tree, o)
		if err != nil {
			t.Fatal(err)
		}
		want := "internal bad/bad.wxml"
		if rules {
			want = "internal ."
		}
		if got := notesOf(r); !slices.Equal(got, []string{want}) || r.Whole() || !reached(r, "good/good.wxml") {
			t.Errorf("notes %q, whole %v", got, r.Whole())
		}
		if d := r.Notes[0].Detail; !strings.Contains(d, "_test.go:") || strings.Contains(d, "/work") {
			t.Errorf("the note does not lead to the cause: %q", d)
		}
	}
}

func TestManyPages(t *testing.T) {
	files := map[string]string{"app.js": "App({})"}
	var list []string
	for i := range 20_000 {
		name := fmt.Sprintf("p%d/%d", i%200, i)
		list = append(list, name)
		files[name+".wxml"], files[name+".js"] = "<view/>", "Page({})"
	}
	tree := disk(native(files, list...))
	r, err := check.Run(t.Context(), tree, check.Options{Rules: every()})
	if err != nil {
		t.Fatal(err)
	}
	if r.Looked.Pages != 20_001 || !r.Whole() || !reached(r, "good/good.wxml") {
		t.Errorf("%d pages, notes %q", r.Looked.Pages, notesOf(r))
	}
}

func TestNotesAreFew(t *testing.T) {
	files := bad(lines(3_000, "// clew-ignore: nothing-at-all # -- because")+"Page({})", "<view/>")
	for i := range 500 {
		files[fmt.Sprintf("old/%d.wxml", i)], files[fmt.Sprintf("old/%d.js", i)] = "<view/>", "Page({})"
		files[fmt.Sprintf("img/%d.js", i)] = "\x00\x01\x02"
	}
	r := judge(t, disk(files), check.Options{})
	if len(r.Notes) > 150 {
		t.Errorf("%d notes", len(r.Notes))
	}
	i := slices.IndexFunc(r.Notes, func(n finding.Note) bool { return n.Code == "never-used" })
	if i < 0 || !strings.Contains(r.Notes[i].Message[words.EN], "500 pages") || !strings.HasSuffix(r.Notes[i].Detail, " and 488 more") {
		t.Errorf("pages that nothing names are not told in one: %+v", r.Notes)
	}
	i = slices.IndexFunc(r.Notes, func(n finding.Note) bool { return n.Code == "binary" && n.File == "" })
	if i < 0 || !strings.Contains(r.Notes[i].Message[words.EN], "450 more") || !r.Notes[i].Incomplete {
		t.Errorf("the rest of the notes is not counted: %+v", r.Notes)
	}
}

func TestEveryNoteHasASentence(t *testing.T) {
	for _, code := range check.NoteCodes() {
		if !words.Has("check.note." + code) {
			t.Errorf("no sentence for %s", code)
		}
	}
	for _, key := range words.Keys() {
		code, ok := strings.CutPrefix(key, "check.note.")
		if code = strings.TrimSuffix(code, ".many"); ok && code != "more" && !slices.Contains(check.NoteCodes(), code) {
			t.Errorf("%s is about nothing", key)
		}
	}
}
