package view

import (
	"strings"
	"testing"

	"clew/check/code"
	"clew/check/source"
	"clew/check/source/markup"
)

func TestTemplates(t *testing.T) {
	for _, c := range []struct {
		name    string
		dialect markup.Dialect
		src     string
		want    string
	}{
		{"comments vanish", markup.Mini, `<!-- <view wx:if="{{a}}"><button/></view> --><text>x</text>`, `text / text "x"`},
		{"else past a comment", markup.Mini, `<a wx:if="{{x}}"/><!-- no --><b wx:else/>`, `a if(x) | b if!(x)`},
		{"else of nothing", markup.Mini, `<a/><b wx:else/>`, `a | b`},
		{"a chain ends", markup.Mini, `<a wx:if="{{x}}"/><b/><c wx:else/>`, `a if(x) | b | c`},
		{"elif", markup.Mini, `<a tt:if="{{x}}"/><b tt:elif="{{y}}"/><c tt:else/>`, `a if(x) | b if!(x) if(y) | c if!(x) if!(y)`},
		{"literal condition", markup.Mini, `<a wx:if="yes"/>`, `a if('yes')`},
		{"hidden", markup.Mini, `<a hidden="{{!show}}"/><b hidden/>`, `a if~(show) | b if~!(true)`},
		{"v-show", markup.Vue, `<a v-show="show && ok"/>`, `a if~(show&&ok)`},
		{"display none in the end", markup.Mini, `<a style="color:red; display: none"/>`, `a if~(false) style="color:red; display: none"`},
		{"display reversed", markup.Vue, `<a :style="{display: gone ? 'none' : ''}"/>`, `a if~!(gone) style={{display:gone?'none':''}}`},
		{"whole style", markup.Mini, `<a style="{{on ? '' : 'display:none;'}}"/>`, "a if~(on) style={on?'':'display:none;'}"},
		{"visibility", markup.Mini, `<a style="visibility:{{on?'visible':'hidden'}}"/>`, "a if~(on) style={`'visibility:'+on?'visible':'hidden'`}"},
		{"style of two states", markup.Mini, `<a style="display:{{x?'flex':'block'}}"/>`, "a style={`'display:'+x?'flex':'block'`}"},
		{"nested states", markup.Vue, `<a :style="{display: x ? 'none' : y ? 'block' : 'none'}"/>`, "a if~!(x) if~(y) style={{display:x?'none':y?'block':'none'}}"},
		{"style of and", markup.Vue, `<a :style="x && 'display:none'"/>`, "a if~!(x) style={x&&'display:none'}"},
		{"other loop", markup.Mini, `<a wx:for="{{l}}" wx:for-item="x" wx:for-index="i" wx:key="id"/>`, `a for(x,i in l)`},
		{"catch", markup.Mini, `<a catchtap="go" bindtouchmove=""/>`, `a @tap.stop=go @touchmove=undefined`},
		{"computed handler", markup.Mini, `<a bindtap="{{on ? 'a' : ''}}"/>`, `a @tap=on?'a':''`},
		{"spread data", markup.Mini, `<template is="t" data="{{...item, a}}"/>`, `template is="t" data={{...item,a:a}}`},
		{"statements", markup.Vue, `<a @tap="open = true; go(1)"/>`, `a @tap=?0[open=truego(1)]`},
		{"a call", markup.Vue, `<a @click.stop="go(item)"/>`, `a @tap.stop=go(item)[go(item)]`},
		{"an arrow", markup.Vue, `<a @click="() => go(1)"/>`, `a @tap==>go(1)`},
		{"only stopping", markup.Vue, `<a @touchmove.stop.prevent/>`, `a @touchmove.stop=undefined`},
		{"event objects", markup.Vue, `<a v-on="all" v-bind="$attrs"/>`, `a ={$attrs}`},
		{"v-model", markup.Vue, `<a v-model="x"/><b v-model:show="x"/><c :visible.sync="x"/><d v-model.trim="x"/>`, `a value={x}<> | b show={x}<> | c visible={x}<> | d value={x}<>`},
		{"model:", markup.Mini, `<a model:value="{{x}}"/>`, `a value={x}<>`},
		{"Baidu", markup.Mini, `<a value="{= x =}" s-if="y"/>`, `a if(y) value={x}<>`},
		{"v-text", markup.Vue, `<a v-text="x"/>`, `a / text {x}`},
		{"mixed", markup.Mini, `<a data-x="a{{b}}c"/>`, "a data" + "x={`'a'+b+'c'`}"},
		{"scripts", markup.Mini, `<wxs module="m">var a = "<b/>"</wxs><a/>`, `a`},
		{"HTML", markup.HTML, `<html><head><title>t</title></head><body onclick="go()"><script>x</script></body></html>`, `html / body @tap=go()[go()]`},
		{"component", markup.Component, `<template><a/></template><script>var b = "<c/>"</script>`, `a`},
	} {
		t.Run(c.name, func(t *testing.T) {
			roots := template(c.dialect, c.src)
			if got := oneLine(dump(roots)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			places(t, c.src, roots)
		})
	}
}

// oneLine writes a dump as a | b for siblings at the top, a / b for what follows
// further in.
func oneLine(dump string) string {
	var b strings.Builder
	for line := range strings.Lines(dump) {
		line = strings.TrimRight(line, "\n")
		in := strings.TrimLeft(line, " ")
		if b.Len() > 0 {
			if in == line {
				b.WriteString(" | ")
			} else {
				b.WriteString(" / ")
			}
		}
		b.WriteString(in)
	}
	return b.String()
}

// places re-reads every range from the source.
func places(t testing.TB, src string, roots []*Element) {
	t.Helper()
	in := func(what string, s markup.Span) bool {
		if s.Start < 0 || s.End < s.Start || s.End > len(src) {
			t.Errorf("%s at %v of %d bytes", what, s, len(src))
			return false
		}
		return true
	}
	for e := range All(roots) {
		if !in(e.Name, e.Span) || !in(e.Name, e.Open) {
			return
		}
		if e.Name != "" && !strings.HasPrefix(e.Open.Of(src), "<"+e.Name) {
			t.Errorf("%s at %q", e.Name, e.Open.Of(src))
		}
		for _, p := range e.Text {
			if in("text", p.Span) && p.Expr == nil && p.Span.Of(src) != p.Text {
				t.Errorf("text %q at %q", p.Text, p.Span.Of(src))
			}
			value(t, src, p.Expr)
		}
		for _, a := range e.Attrs {
			if in(a.Raw, a.Span) && !strings.HasPrefix(a.Span.Of(src), a.Raw) {
				t.Errorf("%s at %q", a.Raw, a.Span.Of(src))
			}
			if in(a.Raw, a.ValueSpan) && a.Expr == nil && a.ValueSpan.Of(src) != a.Value {
				t.Errorf("value %q at %q", a.Value, a.ValueSpan.Of(src))
			}
			value(t, src, a.Expr)
		}
		for _, c := range e.When {
			in("condition", c.Span)
			value(t, src, c.Expr)
		}
		for _, ev := range e.Events {
			in(ev.Name, ev.Span)
			value(t, src, ev.Handler)
		}
	}
}

// value checks that names and strings stand where their values say.
func value(t testing.TB, src string, v *code.Value) {
	if v == nil {
		return
	}
	if v.From < 0 || v.To < v.From || int(v.To) > len(src) {
		t.Errorf("value %s at %d–%d of %d bytes", show(v), v.From, v.To, len(src))
		return
	}
	at := src[v.From:v.To]
	switch v.Kind {
	case code.Global:
		if at != v.Str && at != "this."+v.Str {
			t.Errorf("name %s at %q", v.Str, at)
		}
	case code.Member:
		if !strings.Contains(at, v.Str) {
			t.Errorf("member %s at %q", v.Str, at)
		}
	}
	for _, a := range v.Args {
		value(t, src, a)
	}
}

// What is read without a parser is what the parser reads, places included.
func TestSimpleExpressions(t *testing.T) {
	r := &reader{}
	for _, src := range []string{
		"a", "a.b", "a.b.c", "$x", "_", "true", "false", "12", "0", "'x'", `"y z"`, "item.name.length", "''", "a1.b2", "!a", "!a.b", "!!a", "! a",
		"a>0", "a.b > 0", "a === 'b'", "a !== b", "a != b", "a == 1", "a && b", "a||b", "!a && !b.c", "a <= b", "a >= 2", "a < b", "a ? b : c",
		"a?'b':'c'", "a == 1 ? 'x' : ''", "a && b ? c.d : e", "!a ? 1 : 2", "a\n? b\n: c", "'a' + b", "a == b == c", "a ? b : c ? d : e", "(a)", "a ?? b",
		"a?.b", "a ? .5 : 1", "a && b || c", "-1", "a.b()", "a[0]", "a == -1", "a ? b() : c", "f(x) ? 1 : 2", "a=b", "a>>1", "a ? b", "null", "undefined",
		"this.a", "1.5", "a in b", "a ? 'x' : y.z ", "名", "a.名", "a名", "!", "a ==", "a ? : b", "!(a)", "a ? 1 : 2 + 3", "a == 'b' && c", "'a'.length", "true.x",
	} {
		want, _ := code.Expression("t", src, 7)
		if got := r.simple(src, 7); got != nil && !equal(got, want) {
			t.Errorf("%s: %s, the parser says %s", src, show(got), show(want))
		}
	}
	for _, src := range []string{"a", "!a.b", "a == 'b'", "a ? 'b' : c.d", "a.b>0", "a && !b"} {
		if r.simple(src, 0) == nil {
			t.Errorf("%s is left to the parser", src)
		}
	}
}

func FuzzSimple(f *testing.F) {
	f.Add("a == 'b' ? !c.d : 0")
	f.Fuzz(func(t *testing.T, src string) {
		if src = strings.TrimSpace(src); src == "" {
			return
		}
		r := &reader{}
		if got := r.simple(src, 7); got != nil {
			if want, _ := code.Expression("t", src, 7); !equal(got, want) {
				t.Errorf("%q: %s, the parser says %s", src, show(got), show(want))
			}
		}
	})
}

func equal(a, b *code.Value) bool {
	if !Same(a, b) || a.From != b.From || a.To != b.To {
		return false
	}
	for i := range a.Args {
		if !equal(a.Args[i], b.Args[i]) {
			return false
		}
	}
	return true
}

func TestDefinitions(t *testing.T) {
	roots := mini(`<template name="a"><text>1</text></template><template is="a"/><block><template name="b"/></block><template name="a"/>`)
	all := Definitions(roots)
	if len(all) != 2 || all["a"] != roots[0] || all["b"] == nil {
		t.Errorf("%v", all)
	}
}

func TestRoots(t *testing.T) {
	src := `<a/><b><c/></b>`
	doc := markup.Parse(src, markup.Mini)
	var b *markup.Node
	for n := range doc.Top() {
		b = n
	}
	if got := oneLine(dump(FromMarkup(&source.File{Text: src}, doc, []*markup.Node{b}))); got != "b / c" {
		t.Error(got)
	}
}

func FuzzFromMarkup(f *testing.F) {
	f.Add(`<view wx:if="{{a}}" bindtap="b">{{c ? 'd' : e}}</view><text wx:else style="display:{{x?'none':''}}">x</text>`, uint8(0))
	f.Add(`<template><a v-for="(i, n) in l" @tap="go(i); x = 1" :class="{a: b}" v-model="c" v-bind="d"/></template>`, uint8(2))
	f.Add(`<div onclick="f()" style="position:fixed;inset:0" class="modal show"><p>x<input type=checkbox checked>`, uint8(3))
	f.Fuzz(func(t *testing.T, src string, dialect uint8) {
		roots := template(markup.Dialect(dialect%4), src)
		places(t, src, roots)
		n := 0
		sheet := ParseStyle(src)
		for e := range All(roots) {
			for _, c := range e.Children {
				if c.Parent != e {
					t.Fatal("a child of nobody")
				}
			}
			if n++; n < 200 {
				e.FieldKind()
				e.IsCheck()
				e.AsksPhone()
				if e.Name != "" {
					e.Row()
				}
				if _, ok := Dialog(e, sheet); ok {
					Opens(e)
					Closers(e, sheet)
				}
			}
		}
	})
}
