package markup

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shape writes a tree on one line: elements with their children in brackets,
// texts quoted, other kinds as a letter.
func shape(d *Doc) string {
	var b strings.Builder
	var write func(n *Node)
	write = func(n *Node) {
		switch n.Kind {
		case Element:
			b.WriteString(n.Name)
			attrs := n.Attrs()
			for i := range attrs {
				a := &attrs[i]
				b.WriteString("@" + a.Name)
				if a.HasValue {
					b.WriteString("=" + a.Value)
				}
			}
			b.WriteString([]string{"", "/", "-", "~", "!"}[n.Ending])
			b.WriteString("(")
			for c := range n.Children() {
				write(c)
			}
			b.WriteString(")")
		case Text:
			fmt.Fprintf(&b, "%q", n.Src())
		case Raw:
			fmt.Fprintf(&b, "raw%q", n.Src())
		default:
			b.WriteString([]string{Comment: "#", Doctype: "D", CDATA: "C", Instruction: "I", Stray: "x", Skipped: "S"}[n.Kind])
		}
	}
	for n := range d.Top() {
		write(n)
	}
	return b.String()
}

func TestShapes(t *testing.T) {
	for _, c := range []struct {
		dialect  Dialect
		src      string
		want     string
		troubles string
	}{
		{Mini, `<view class="a">x</view>`, `view@class=a("x")`, ""},
		{Mini, `<Button openType="getPhoneNumber" clueComponentId='{{id}}'/>`, `Button@openType=getPhoneNumber@clueComponentId={{id}}/()`, ""},
		{Mini, `<view>{{ a < b ? "</view>" : '}}' }}</view>`, `view("{{ a < b ? \"</view>\" : '}}' }}")`, ""},
		{Mini, `<view class="{{a ? "x" : "y"}} z">t</view>`, `view@class={{a ? "x" : "y"}} z("t")`, ""},
		{Mini, `<view data="{{a:{b:1}}}" b>t</view>`, `view@data={{a:{b:1}}}@b("t")`, ""},
		{Mini, `<a b="{{ x" c="{{y}}"><d/></a>`, `a@b={{ x@c={{y}}(d/())`, ""},
		{Mini, `<view>{{ open <text>a</text></view>`, `view("{{ open "text("a"))`, ""},
		{Mini, `<view>a < b and <text>c</text></view>`, `view("a < b and "text("c"))`, ""},
		{Mini, `<input value="a"><button/>`, `input@value=a-()button/()`, ""},
		{Mini, `<input></input><image> </image>`, `input()image(" ")`, ""},
		{Mini, `<textarea placeholder="p" /><button>b</button>`, `textarea@placeholder=p/()button("b")`, ""},
		{Mini, `<textarea>words</textarea><button/>`, `textarea("words")button/()`, ""},
		{Mini, `<textarea><button/>`, `textarea-()button/()`, ""},
		{Mini, `<title>a</title><button/>`, `title("a")button/()`, ""},
		{Mini, `<image src="a"><!-- c --></image><import src="b"><include src="c">`, `image@src=a(#)import@src=b-()include@src=c-()`, ""},
		{Mini, `<wxs module="m">var a = "<view>";</wxs><view/>`, `wxs@module=m(raw"var a = \"<view>\";")view/()`, ""},
		{Mini, `<wxs src="a.wxs" module="m"><view/>`, `wxs@src=a.wxs@module=m!()view/()`, "unclosed-raw"},
		{Mini, `<filter module="f">a<b</filter>`, `filter@module=f(raw"a<b")`, ""},
		{HTML, `<svg><filter id="f"><feBlend/></filter></svg>`, `svg(filter@id=f(feBlend/()))`, ""},
		{Mini, `<view><block></view><view/>`, `view(block!())view/()`, "unclosed-element"},
		{Mini, `</view><view/>`, `xview/()`, "stray-end"},
		{Mini, `<view><text>a`, `view!(text!("a"))`, "unclosed-element unclosed-element"},
		{Mini, `<view class="a"`, `view@class=a!()`, "unclosed-tag unclosed-element"},
		{Mini, `<view class="a" <text>b</text></view>`, `view@class=a(text("b"))`, "unclosed-tag"},
		{Mini, `<view a="1" a="2" disabled x = y>t</view>`, `view@a=1@a=2@disabled@x=y("t")`, ""},
		{Mini, `<view a={{b > c}} d=e/>`, `view@a={{b > c}}@d=e/()`, ""},
		{Mini, `<view {{attrs}} b/>`, `view@{{attrs}}@b/()`, ""},
		{Mini, "<view a=\"1\n2\"/>", "view@a=1\n2/()", ""},
		{Mini, `<view a="x>t</view><b c="d">e</b>`, `view@a="x("t")b@c=d("e")`, "unclosed-quote"},
		{Mini, `<view a="x>t</view>`, `view@a="x("t")`, "unclosed-quote"},
		{Mini, `<view a="b"c="d"/>`, `view@a=b@c=d/()`, ""},
		{Mini, `<view a=""/>`, `view@a=/()`, ""},
		{Mini, `<view <!-- old="1" --> b="2"/>`, `view@b=2/()`, "comment-in-tag"},
		{Mini, `<!-- a <view> --><b/>`, `#b/()`, ""},
		{Mini, `<b/><!-- a`, `b/()#`, "unclosed-comment"},
		{Mini, `<!-- #ifdef MP --><b/><!-- #endif -->`, `#b/()#`, ""},
		{Mini, `<?xml version="1.0"?><!DOCTYPE a><![CDATA[ <b> ]]><c/>`, `IDCc/()`, ""},
		{Mini, `<View></view></View>`, `View(x)`, "stray-end"},
		{HTML, `<DIV></div>`, `DIV()`, ""},
		{HTML, `<ul><li>a<li>b</ul><p>c<div>d</div>`, `ul(li~("a")li~("b"))p~("c")div("d")`, ""},
		{HTML, `<table><tr><td>a<td>b<tr><td>c</table>`, `table(tr~(td~("a")td~("b"))tr~(td~("c")))`, ""},
		{HTML, `<select><option>a<option selected>b</select>`, `select(option~("a")option@selected~("b"))`, ""},
		{HTML, `<p>a<br>b<img src=/x/>c`, `p~("a"br-()"b"img@src=/x/-()"c")`, ""},
		{HTML, `<script>if (a<b) "</x>"</SCRIPT><p>x</p>`, `script(raw"if (a<b) \"</x>\"")p("x")`, ""},
		{HTML, `<!doctype html><textarea>a</textarea><title>b</title><input><button>c</button>`, `Dtextarea("a")title("b")input-()button("c")`, ""},
		{Vue, `<a :b="x > 1 ? '{{' : ''" @click="c()" #d/>`, `a@:b=x > 1 ? '{{' : ''@@click=c()@#d/()`, ""},
		{Vue, `<p v-html="'<b>' + x + '</b>'">{{ x }}</p>`, `p@v-html='<b>' + x + '</b>'("{{ x }}")`, ""},
		{Component, `<template><div><template #a>b</template></div></template><script>let a = "</div>"</script>`, `template(div(template@#a("b")))script(raw"let a = \"</div>\"")`, ""},
		{Component, "<template><div>\n</template>\n<script>x</script>", "template(div!(\"\\n\"))\"\\n\"script(raw\"x\")", "unclosed-element"},
		{Component, "<template><div>\n<script>x</script>", "template!(div!(\"\\n\"))script(raw\"x\")", "unclosed-element unclosed-element"},
		{Component, `<template lang="pug">div <a</template><style>a<b</style>`, `template@lang=pug(raw"div <a")style(raw"a<b")`, ""},
		{Component, `<i18n>{"a": "<b>"}</i18n><script>half`, `i18n(raw"{\"a\": \"<b>\"}")script!(raw"half")`, "unclosed-raw"},
		{Mini, "", "", ""},
		{Mini, "plain", `"plain"`, ""},
		{Mini, "a <", `"a <"`, ""},
		{Mini, "a </", `"a </"`, ""},
		{Mini, "<", `"<"`, ""},
	} {
		d := Parse(c.src, c.dialect)
		if err := verify(d); err != nil {
			t.Errorf("%s: %v", c.src, err)
		}
		if got := shape(d); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.src, got, c.want)
		}
		var troubles []string
		for _, p := range d.Problems {
			troubles = append(troubles, string(p.Trouble))
		}
		if got := strings.Join(troubles, " "); got != c.troubles {
			t.Errorf("%s\n troubles %q, want %q", c.src, got, c.troubles)
		}
	}
}

// What was looked at ahead of time must be read again.
func TestLookingAheadLosesNothing(t *testing.T) {
	d := Parse(`<input>{{a <b }}<view>{{c }}`, Mini)
	if got, want := shape(d), `input-()"{{a <b }}"view!("{{c }}")`; got != want {
		t.Errorf("got %s", got)
	}
	d = Parse(`<a b="{{"}}>{{ <c> }}</a>`, Mini)
	if err := verify(d); err != nil {
		t.Error(err)
	}
}

func TestWalking(t *testing.T) {
	d := Parse(`<a>x<b/><!-- y --><c><d/></c></a><e/>`, Mini)
	names := func(seq func(func(*Node) bool)) string {
		var s []string
		for n := range seq {
			s = append(s, n.Name)
		}
		return strings.Join(s, " ")
	}
	if got := names(d.Elements()); got != "a b c d e" {
		t.Errorf("elements %q", got)
	}
	var a, c *Node
	for n := range d.Elements() {
		switch n.Name {
		case "a":
			a = n
		case "c":
			c = n
		}
	}
	if got := names(a.Descendants()); got != "b c d" {
		t.Errorf("descendants %q", got)
	}
	if c.Before().Name != "b" || c.Before().Before() != nil || a.After().Name != "e" || c.After() != nil || c.Parent() != a || a.Parent() != nil {
		t.Error("relations are wrong")
	}
	if n := d.At(strings.Index(d.Src, "<d")); n == nil || n.Name != "d" || d.At(len(d.Src)) != nil || d.At(2) != a {
		if n2 := d.At(2); n == nil || n.Name != "d" || n2.Name != "a" {
			t.Errorf("At found %+v and %+v", n, n2)
		}
	}
	for range d.All() {
		break
	}
	if names(c.Ancestors()) != "a" {
		t.Error("ancestors")
	}
}

func TestLimits(t *testing.T) {
	deep := Parse(strings.Repeat("<a>", 3*MaxDepth)+"x"+strings.Repeat("</a>", 3*MaxDepth)+"<b/>", Mini)
	if err := verify(deep); err != nil {
		t.Fatal(err)
	}
	if deep.Problems[0].Trouble != TooDeep {
		t.Errorf("depth: %v", deep.Problems[0])
	}
	last := (*Node)(nil)
	for n := range deep.Top() {
		last = n
	}
	if last.Name != "b" {
		t.Errorf("after the deep part comes %q", last.Name)
	}
	many := Parse(strings.Repeat("<a/>", MaxNodes+10), Mini)
	if err := verify(many); err != nil {
		t.Fatal(err)
	}
	if p := many.Problems; len(p) != 1 || p[0].Trouble != TooMany {
		t.Errorf("nodes: %v", p)
	}
	large := Parse(strings.Repeat(" ", MaxSize+1), Mini)
	if p := large.Problems; len(p) != 1 || p[0].Trouble != TooLarge {
		t.Errorf("size: %v", p)
	}
}

// Sources made to be slow take time in proportion to their size.
func TestNoSourceIsSlow(t *testing.T) {
	for _, piece := range []string{
		"{{", "{{{}}", "{{'", "<a b=\"{{", "<a b=\"{{'\"", "<a b='{{\"}}", "<script>", "<a b=\"", "<a b='x>", "<input><!-- -->", "<input>{{", "<input>{{a", "</a>",
		"<a>", "<p>", "<li>", "<!-", "<a <", "<a b={{", "<a {{", "}}{{`", "<![CDATA[", "<wxs></a>", "<a b=\"x>=\"y", "<a\n", "< ", "{{ \"\n", "<input </",
	} {
		for _, dialect := range []Dialect{Mini, Component, HTML} {
			src := strings.Repeat(piece, (1<<17)/len(piece))
			from := time.Now()
			d := Parse(src, dialect)
			if took := time.Since(from); took > 3*time.Second {
				t.Errorf("%q in dialect %d took %v for 128 kB", piece, dialect, took)
			}
			if err := verify(d); err != nil {
				t.Errorf("%q: %v", piece, err)
			}
		}
	}
}

func TestDialectOf(t *testing.T) {
	for ext, want := range map[string]Dialect{".TTML": Mini, ".vue": Component, ".htm": HTML} {
		if d, ok := DialectOf(ext); !ok || d != want {
			t.Errorf("%s is %d", ext, d)
		}
	}
	if _, ok := DialectOf(".js"); ok {
		t.Error("a script is markup")
	}
}

// seeds are sources for the fuzz targets: the fixtures of the room above.
func seeds(f *testing.F) {
	paths, err := filepath.Glob("../testdata/*/*/*/*.*ml")
	if err != nil {
		f.Fatal(err)
	}
	more, _ := filepath.Glob("../testdata/*/*/*/*/*.vue")
	for _, p := range append(paths, more...) {
		if raw, err := os.ReadFile(p); err == nil {
			f.Add(string(raw), uint8(len(raw)))
		}
	}
	for _, s := range []string{`<a b="{{c}}">{{ d }}</a>`, `<template><view/></template><script setup lang="ts">x</script>`, `<!-- #ifdef A || B --><a/><!-- #endif -->`, `<a b='{{"'"}}' c=d>`} {
		for d := range uint8(4) {
			f.Add(s, d)
		}
	}
}

func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string, dialect uint8) {
		d := Parse(src, Dialect(dialect%4))
		if err := verify(d); err != nil {
			t.Fatal(err)
		}
		for n := range d.Elements() {
			_, _, _, _, _ = n.Chain(), n.Guards(), n.Text(), n.AsksPhone(), n.ClueForm()
			n.Classes()
			n.Styles()
			n.Model()
		}
	})
}

func FuzzBlank(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string, _ uint8) {
		same, regions := Blank(src)
		if same != src {
			t.Fatal("blanked without a target")
		}
		out, regions2 := Blank(src, "MP-TOUTIAO", "VUE3")
		if len(out) != len(src) || len(regions) != len(regions2) {
			t.Fatal("offsets moved")
		}
		for i := range len(src) {
			if out[i] == src[i] {
				continue
			}
			if out[i] != ' ' || src[i] == '\n' || src[i] == '\r' {
				t.Fatalf("byte %d became %q", i, out[i])
			}
			if !slices.ContainsFunc(regions2, func(r Region) bool { return !r.Kept && r.Body.Contains(i) }) {
				t.Fatalf("byte %d was blanked outside every excluded region", i)
			}
		}
	})
}

func FuzzBlocks(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string, dialect uint8) {
		d := Parse(src, []Dialect{Component, HTML, Mini}[dialect%3])
		if err := verify(d); err != nil {
			t.Fatal(err)
		}
		end := 0
		for b := range d.Blocks() {
			if b.Content.Start < end || b.Content.End < b.Content.Start {
				t.Fatalf("block %s at %v begins before %d", b.Name, b.Content, end)
			}
			if d.Dialect == Component {
				end = b.Content.End
			}
			if !strings.EqualFold(b.Node.Name, b.Name) && b.Name != "sjs" {
				t.Fatalf("block %s is <%s>", b.Name, b.Node.Name)
			}
			if b.Unsupported && len(slices.Collect(b.Node.Descendants())) > 0 {
				t.Fatal("an unsupported template has elements")
			}
		}
	})
}
