package main

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// What an app must carry for the component, in bytes, as the platforms count it:
// before compression, and before their tools make the script small.
const budget = 64 << 10

// The files in git are the ones the sources give, no more and no less.
func TestDistIsFresh(t *testing.T) {
	files, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile("../dist/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("dist/%s is stale; run: go generate ./miniprogram", name)
		}
	}
	if err := fs.WalkDir(os.DirFS("../dist"), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && files[name] == nil {
			t.Errorf("dist/%s comes from no source; run: go generate ./miniprogram", name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, p := range platforms {
		plain, small, err := weigh(files, p.name+"/clew-lead/")
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes in the package, %d after gzip -9, budget %d", p.name, plain, small, budget)
		if plain > budget {
			t.Errorf("%s: the component is %d bytes, %d too many", p.name, plain, plain-budget)
		}
	}
}

// Nothing of one platform is left in another's files, and no phone number, origin or
// log line came along.
func TestDistIsOfItsPlatform(t *testing.T) {
	files, err := build("..")
	if err != nil {
		t.Fatal(err)
	}
	foreign := map[string]*regexp.Regexp{
		"douyin": regexp.MustCompile(`\b(wx|my)\.\w+\(|\b(wx|a):|onTap|getAuthorize|\.wx(ml|ss)|\.a(xml|css)`),
		"wechat": regexp.MustCompile(`\b(tt|my)\.\w+\(|\b(tt|a):|onTap|getAuthorize|conversion-target|clue-|\.tt(ml|ss)|\.a(xml|css)`),
		"alipay": regexp.MustCompile(`\b(tt|wx)\.\w+\(|\b(tt|wx):|\bbind[a-z]+=|open-type="getPhoneNumber"|conversion-target|clue-|\.tt(ml|ss)|\.wx(ml|ss)`),
	}
	for name, data := range files {
		platform, rest, _ := strings.Cut(name, "/")
		if m := foreign[platform].Find(data); m != nil && rest != "README.md" {
			t.Errorf("%s holds %s", name, m)
		}
		if regexp.MustCompile(`console\.|\{\{[^}]*$|<only|\bw\.[a-z_]+\b.*\}\}`).Match(data) && rest != "README.md" {
			t.Errorf("%s holds a log line or something untranslated", name)
		}
	}
}

// Every word of words.json stands in the template.
func TestNoWordLiesUnused(t *testing.T) {
	template, err := os.ReadFile("../src/clew-lead.html")
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile("../words.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^  "(\w+)": \{"zh": ".+", "en": ".+"\}`).FindAllSubmatch(own, -1) {
		if !regexp.MustCompile(`\bw\.` + string(m[1]) + `\b`).Match(template) {
			t.Errorf("words.json: %s is used nowhere", m[1])
		}
	}
}

func TestTranslate(t *testing.T) {
	w := words{"yes": {"zh": "同意", "en": "I agree"}, "wait": {"zh": "{n} 秒", "en": "in {n} s"}}
	for _, c := range []struct{ source, douyin, alipay string }{
		{`<view :if="{{a > b}}">x</view>`, `<view tt:if="{{a > b}}">x</view>`, `<view a:if="{{a > b}}">x</view>`},
		{`<view :for="{{o in r.list}}" :key="id" :else />`, `<view tt:for="{{r.list}}" tt:for-item="o" tt:key="id" tt:else />`, `<view a:for="{{r.list}}" a:for-item="o" a:key="id" a:else />`},
		{`<b @tap="f" @touch-move.stop="g" @input="h"></b>`, `<b bindtap="f" catchtouchmove="g" bindinput="h"></b>`, `<b onTap="f" catchTouchMove="g" onInput="h"></b>`},
		{`<form douyin:clue-type="1" role="link">`, `<form clue-type="1" aria-role="link">`, `<form role="link">`},
		{`<clew-lead web-page="x" @opened="f">`, `<clew-lead web-page="x" bindopened="f">`, `<clew-lead webPage="x" onOpened="f">`},
		{"a\n<only on=\"douyin wechat\">\n<p>1</p>\n</only>\nb", "a\n<p>1</p>\nb", "a\nb"},
		{`{{w.yes}} <!-- no --> {{a ? w.yes : w.wait(n=left)}}`, `{{zh ? '同意' : 'I agree'}}  {{a ? (zh ? '同意' : 'I agree') : (zh ? left + ' 秒' : 'in ' + left + ' s')}}`, ``},
		{`<p x="{{w.yes}}">`, `<p x="{{zh ? '同意' : 'I agree'}}">`, ``},
	} {
		for i, want := range []string{c.douyin, c.alipay} {
			if want == "" {
				continue
			}
			got, err := translate(c.source, platforms[2*i], w)
			if err != nil || got != want {
				t.Errorf("%s\n got %s, %v\nwant %s", c.source, got, err, want)
			}
		}
	}
}

// What cannot be translated says where and why.
func TestBrokenTemplates(t *testing.T) {
	w := words{"quote": {"zh": "您'的", "en": "your"}, "half": {"zh": "有"}}
	for source, want := range map[string]string{
		"<view>\n<view a=b>":                "line 2: cannot read the tag",
		"\n\n<!-- open":                     "line 3: the comment has no end",
		"<view":                             "line 1: the tag has no end",
		"<only on=\"douyin\">\n":            "line 2: <only> has no end",
		"</only>":                           "line 1: </only> without",
		"<only on=\"Douyin\">x</only>":      "want <only on",
		`<view :for="{{list}}">`:            "want :for=",
		"<view>\n<p>{{w.nothing}}":          `line 2: there is no word "nothing"`,
		"{{w.quote}}":                       "cannot stand in a template",
		"{{w.half}}":                        "cannot stand in a template",
		`<view aria-label="{{w.nothing}}">`: "there is no word",
	} {
		_, err := translate(source, platforms[0], w)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error is %v, want %q", source, err, want)
		}
	}
}

// A build that cannot work must say where.
func TestBrokenSourceIsAnError(t *testing.T) {
	dir := t.TempDir()
	root := path.Join(dir, "miniprogram")
	for _, sub := range []string{"src", "demo"} {
		if err := os.CopyFS(path.Join(root, sub), os.DirFS("../"+sub)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(path.Join(dir, "widget"), 0o755); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"../words.json": "miniprogram/words.json", "../../widget/words.json": "widget/words.json"} {
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path.Join(dir, to), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path.Join(root, "src", "timer.ts"), []byte("let x: = 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := build(root); err == nil || !strings.Contains(err.Error(), "src/timer.ts:1") {
		t.Errorf("error is %v", err)
	}
}
