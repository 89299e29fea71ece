package markup

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// first is the first element of that name.
func first(t *testing.T, d *Doc, name string) *Node {
	t.Helper()
	for n := range d.Elements() {
		if n.Name == name {
			return n
		}
	}
	t.Fatalf("no <%s> in %s", name, d.Src)
	return nil
}

func one(t *testing.T, src string, dialect Dialect) *Node {
	t.Helper()
	d := Parse(src, dialect)
	if err := verify(d); err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	for n := range d.Elements() {
		return n
	}
	t.Fatalf("no element in %s", src)
	return nil
}

func TestEvents(t *testing.T) {
	for src, want := range map[string]string{
		`<a bindtap="go"/>`:                                   `tap[] go`,
		`<a bind:tap="go"/>`:                                  `tap[] go`,
		`<a catchtap="go"/>`:                                  `tap[catch] go`,
		`<a catch:tap="go" bindTap='x'/>`:                     `tap[catch] go, tap[] x`,
		`<a capture-bind:tap="go"/>`:                          `tap[capture] go`,
		`<a capture-catch:touch-start="go"/>`:                 `touchstart[capture catch] go`,
		`<a mut-bind:tap="go"/>`:                              `tap[mut] go`,
		`<a onTap="go"/>`:                                     `tap[] go`,
		`<a catchTap="go"/>`:                                  `tap[catch] go`,
		`<a bindgetphonenumber="got"/>`:                       `getphonenumber[] got`,
		`<a bind:getPhoneNumber="got"/>`:                      `getphonenumber[] got`,
		`<a onGetAuthorize="got"/>`:                           `getauthorize[] got`,
		`<a @getphonenumber="got"/>`:                          `getphonenumber[] got`,
		`<a @get-phone-number="got($event)"/>`:                `getphonenumber[] ?`,
		`<a @click.stop.prevent="go"/>`:                       `tap[stop prevent] go`,
		`<a v-on:click="this.go"/>`:                           `tap[] go`,
		`<a @tap="a.b"/>`:                                     `tap[] a.b`,
		`<a @tap="go(1)"/>`:                                   `tap[] ?`,
		`<a v-on="all"/>`:                                     `*[] all`,
		`<a bindtap="{{x ? 'a' : 'b'}}"/>`:                    `tap[] ?`,
		`<a onclick="go()"/>`:                                 `tap[] ?`,
		`<a binding="x" once="y" only online on bind catch/>`: ``,
		`<a catchtouchmove/>`:                                 `touchmove[catch] ?`,
		`<a @/>`:                                              ``,
	} {
		var got []string
		for _, e := range one(t, src, Mini).Events() {
			member, ok := e.Member()
			if !ok {
				member = "?"
			}
			got = append(got, fmt.Sprintf("%s%v %s", e.Name, e.Modifiers, member))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: %v, want %s", src, got, want)
		}
	}
	if e, ok := one(t, `<a @tap="go"/>`, Vue).On("tap"); !ok || e.Handler.Literal {
		t.Error("a Vue handler is no script")
	}
	if e, ok := one(t, `<a bindtap="go"/>`, Mini).On("tap"); !ok || !e.Handler.Literal {
		t.Error("a mini-program handler is no name")
	}
	if _, ok := one(t, `<a/>`, Mini).On("tap"); ok {
		t.Error("a handler was made up")
	}
}

func TestConditions(t *testing.T) {
	for src, want := range map[string]string{
		`<a wx:if="{{ b && c }}"/>`:      `0 " b && c "`,
		`<a tt:if="{{b}}"/>`:             `0 "b"`,
		`<a a:if="{{b}}"/>`:              `0 "b"`,
		`<a ks:if="{{b}}"/>`:             `0 "b"`,
		`<a s-if="b"/>`:                  `0 "b"`,
		`<a s-if="{{b}}"/>`:              `0 "b"`,
		`<a wx:elif="{{b}}"/>`:           `1 "b"`,
		`<a v-else-if="b"/>`:             `1 "b"`,
		`<a wx:else/>`:                   `2 ""`,
		`<a v-else/>`:                    `2 ""`,
		`<a v-if="x" v-show="b > 1"/>`:   `0 "x"; 3 "b > 1"`,
		`<a hidden="{{!b}}"/>`:           `4 "!b"`,
		`<a :hidden="!b"/>`:              `4 "!b"`,
		`<a hidden/>`:                    `4 "" literal`,
		`<a wx:if="yes"/>`:               `0 "yes" literal`,
		`<a wx:if="{{a}}{{b}}"/>`:        `0 "{{a}}{{b}}" literal`,
		`<a if="b" my-if="c" x:if="d"/>`: ``,
	} {
		var got []string
		for _, c := range one(t, src, Mini).Conditions() {
			s := fmt.Sprintf("%d %q", c.Branch, c.Expr.Text)
			if c.Expr.Literal {
				s += " literal"
			}
			got = append(got, s)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %v, want %s", src, got, want)
		}
	}
}

func TestChains(t *testing.T) {
	d := Parse(`<r><a wx:if="{{x}}"/> <!-- c --><b wx:elif="{{y}}"/><c wx:else/><d wx:else/><e wx:if="{{z}}"/><f/><g wx:elif="{{q}}"/></r>`, Mini)
	for from, want := range map[string]string{"a": "a b c", "b": "a b c", "c": "a b c", "d": "d", "e": "e", "f": "", "g": "g"} {
		var got []string
		for _, n := range first(t, d, from).Chain() {
			got = append(got, n.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("chain of %s is %v, want %s", from, got, want)
		}
	}
	inner := first(t, Parse(`<a wx:if="{{x}}"><b hidden="{{y}}"><c wx:if="{{z}}"/></b></a>`, Mini), "c")
	var got []string
	for _, c := range inner.Guards() {
		got = append(got, c.Expr.Text)
	}
	if !slices.Equal(got, []string{"z", "y", "x"}) {
		t.Errorf("guards are %v", got)
	}
}

func TestLoops(t *testing.T) {
	for src, want := range map[string]string{
		`<a wx:for="{{list}}"/>`:                             `list|item|index`,
		`<a tt:for="{{list}}" tt:for-item="x" tt:key="id"/>`: `list|x|index`,
		`<a a:for="{{list}}" a:for-index="i"/>`:              `list|item|i`,
		`<a wx:for-items="{{list}}"/>`:                       `list|item|index`,
		`<a v-for="x in list"/>`:                             `list|x|`,
		`<a v-for="(x, i) of list.all"/>`:                    `list.all|x|i`,
		`<a v-for="({ a, b }, i) in list"/>`:                 `list|{ a, b }, i|`,
		`<a s-for="x, i in list"/>`:                          `list|x|i`,
		`<a s-for="list"/>`:                                  `list|item|index`,
	} {
		l, ok := one(t, src, Mini).Loop()
		if got := l.List.Text + "|" + l.Item + "|" + l.Index; !ok || got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
	if _, ok := one(t, `<a wx:key="b"/>`, Mini).Loop(); ok {
		t.Error("a key is a loop")
	}
}

func TestPhoneAndClue(t *testing.T) {
	for src, want := range map[string]string{
		`<b open-type="getPhoneNumber" bindgetphonenumber="x"/>`:               "open-type",
		`<b openType="getPhoneNumber"/>`:                                       "openType",
		`<b :open-type="'getPhoneNumber'"/>`:                                   ":open-type",
		`<b :open-type="agreed ? 'getPhoneNumber' : ''" @getphonenumber="x"/>`: "@getphonenumber",
		`<b open-type="{{t}}" bind:getphonenumber="x"/>`:                       "bind:getphonenumber",
		`<b open-type="{{t}}"/>`:                                               "",
		`<b open-type="share" bindgetphonenumber="x"/>`:                        "",
		`<b open-type="getAuthorize" scope="phoneNumber" onGetAuthorize="x"/>`: "open-type",
		`<b open-type="getAuthorize" scope="userInfo" onGetAuthorize="x"/>`:    "",
		`<b open-type="getRealtimePhoneNumber"/>`:                              "open-type",
		`<b bindgetphonenumber="x"/>`:                                          "bindgetphonenumber",
		`<b bindtap="x"/>`:                                                     "",
	} {
		a := one(t, src, Mini).AsksPhone()
		if got := ""; a != nil {
			got = a.Name
			if got != want {
				t.Errorf("%s: asked by %q, want %q", src, got, want)
			}
		} else if want != "" {
			t.Errorf("%s: nobody asks", src)
		}
	}
	d := Parse(`<form clueComponentId="{{id}}" conversionTarget=1><view><input clueType="1"/><button/></view></form><van-form :clue-component-id="x"><b/></van-form><form><i/></form>`, Mini)
	if c, ok := first(t, d, "form").Clue(); !ok || c.Component.Value != "{{id}}" || c.Conversion.Value != "1" || c.Type != nil {
		t.Errorf("clue is %+v", c)
	}
	button := first(t, d, "button")
	if f := button.Form(); f != first(t, d, "form") || button.ClueForm() != f {
		t.Error("the button's form was not found")
	}
	if c, ok := first(t, d, "input").Clue(); !ok || c.Type == nil {
		t.Error("clueType was not found")
	}
	if b := first(t, d, "b"); b.ClueForm() == nil || b.ClueForm().Name != "van-form" || b.Form() != b.ClueForm() {
		t.Error("the library's form was not found")
	}
	if i := first(t, d, "i"); i.ClueForm() != nil || i.Form() == nil {
		t.Error("a plain form is a lead form")
	}
}

func TestValues(t *testing.T) {
	n := one(t, `<a class="x y {{c ? 'z' : ''}}" :class="{ on: d }" style="Color: red;{{s}};top: {{t}}px" id="i" v-bind:ref.sync="r" placeholder="&lt;p" disabled v-model.trim="v"/>`, Mini)
	written, computed := n.Classes()
	if !slices.Equal(written, []string{"x", "y"}) || len(computed) != 2 || computed[1].Text != "{ on: d }" {
		t.Errorf("classes %v %v", written, computed)
	}
	styles, computed := n.Styles()
	if want := []Declaration{{"color", "red"}, {"top", Mark + "px"}}; !slices.Equal(styles, want) || len(computed) != 2 {
		t.Errorf("styles %q %v", styles, computed)
	}
	if id, ok := n.Static("ID"); !ok || id != "i" {
		t.Error("id")
	}
	if _, ok := n.Static("ref"); ok || n.Attr("ref") == nil {
		t.Error("a bound ref is static")
	}
	if v, ok := n.Static("disabled"); !ok || v != "" {
		t.Error("an attribute without value is not static")
	}
	if _, ok := n.Static("nothing"); ok {
		t.Error("a missing attribute is static")
	}
	if a, e, ok := n.Model(); !ok || e.Text != "v" || a.Name != "v-model.trim" {
		t.Error("model")
	}
	if _, e, ok := one(t, `<input model:value="{{ v }}"/>`, Mini).Model(); !ok || e.Text != " v " {
		t.Error("two-way value")
	}
	for src, want := range map[string]string{`<a #head="p"/>`: "head", `<a v-slot:x/>`: "x", `<a v-slot/>`: "", `<a slot="s"/>`: "s"} {
		if got, ok := one(t, src, Vue).Slot(); !ok || got != want {
			t.Errorf("%s fills %q", src, got)
		}
	}
}

func TestText(t *testing.T) {
	n := one(t, "<view>  我已阅读 <text>同意</text><!-- 不 -->{{ name }}\n<wxs module='m'>x</wxs>&nbsp;A&amp;B &lt;</view>", Mini)
	if got, want := n.Text(), "我已阅读 同意"+Mark+" A&B <"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestScripts(t *testing.T) {
	d := Parse(`<a v-if="b" :c="d" @e="f" v-for="g in h" v-slot:i="j" k="{{l}}-{{m}}" v-else n="o">{{ p }}q</a>`, Mini)
	want := []string{"2 b", "2 d", "4 f", "3 g in h", "5 j", "1 l", "1 m", "0  p "}
	var got []string
	for s := range d.Scripts() {
		got = append(got, fmt.Sprintf("%d %s", s.Use, s.Text))
	}
	if !slices.Equal(got, want) {
		t.Errorf("scripts %q", got)
	}
	for range d.Scripts() {
		break
	}
}

func TestBlocks(t *testing.T) {
	for _, c := range []struct {
		dialect Dialect
		src     string
		want    []string
	}{
		{Component, "<script setup lang=\"ts\">let a: B<C></script>\n<template>\n<a/></template><style scoped lang=\"scss\" src=\"./x.scss\"></style><i18n>{}</i18n>", []string{
			`script|let a: B<C>|ts||setup`, "template|\n<a/>|||", `style||scss|./x.scss|`, `i18n|{}|||`,
		}},
		{Component, `<template lang="pug">a(b)</template><script src="./a.js"/>`, []string{`template|a(b)|pug||unsupported`, `script|||./a.js|`}},
		{HTML, `<head><script src="a.js"></script></head><body><SCRIPT type="module">x</SCRIPT><script type="application/json">{}</script></body>`, []string{
			`script|||a.js|`, `script|x|||`, `script|{}|||data`,
		}},
		{Mini, `<wxs module="m">y</wxs><view><sjs src="./b.sjs" module="n"/></view><import-sjs from="./c.sjs" name="o"/>`, []string{
			`wxs|y|||m`, `sjs|||./b.sjs|n`, `sjs|||./c.sjs|o`,
		}},
	} {
		d := Parse(c.src, c.dialect)
		if err := verify(d); err != nil {
			t.Fatal(err)
		}
		var got []string
		for b := range d.Blocks() {
			marks := b.Module
			if b.Setup {
				marks += "setup"
			}
			if b.Unsupported {
				marks += "unsupported"
			}
			if b.Name == "script" && !b.IsScript() {
				marks += "data"
			}
			got = append(got, strings.Join([]string{b.Name, b.Content.Of(c.src), b.Lang, b.Src, marks}, "|"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.src, got, c.want)
		}
	}
}

func TestBlank(t *testing.T) {
	const src = "a<!-- #ifdef MP-TOUTIAO || MP-WEIXIN -->\n<b/>\r\n<!-- #ifndef VUE3 -->c<!-- #endif -->甲<!-- #endif --><!-- #ifdef H5 -->d<!-- #endif -->" +
		"<!-- #ifndef MP -->e<!-- #endif --><!-- #ifdef uniVersion > 3.9 -->f<!-- #endif --><!-- #ifdef X -->g"
	for _, c := range []struct {
		defined []string
		want    string
	}{
		{nil, "a b c 甲 d e f g"},
		{[]string{"MP-TOUTIAO"}, "a b c 甲 f g"},
		{[]string{"MP-TOUTIAO", "VUE3"}, "a b 甲 f g"},
		{[]string{"MP-KUAISHOU"}, "a f g"},
		{[]string{"WEB"}, "a d e f g"},
		{[]string{"APP-PLUS"}, "a e f g"},
	} {
		out, regions := Blank(src, c.defined...)
		if len(out) != len(src) || strings.Count(out, "\n") != 2 || strings.Count(out, "\r") != 1 {
			t.Errorf("%v: offsets or lines moved", c.defined)
		}
		var kept []string
		for _, word := range strings.Fields("a b c 甲 d e f g") {
			at := strings.Index(src, "-->"+word)
			switch word {
			case "a":
				at = 0
			case "b":
				at = strings.Index(src, "<b")
			case "甲":
				at = strings.Index(src, "甲")
			default:
				at += 3
			}
			if out[at] != ' ' {
				kept = append(kept, word)
			}
		}
		if got := strings.Join(kept, " "); got != c.want {
			t.Errorf("%v kept %q, want %q", c.defined, got, c.want)
		}
		if len(regions) != 5 {
			t.Errorf("%d regions", len(regions))
		}
	}
	_, regions := Blank(src)
	in := Enclosing(regions, strings.Index(src, "-->c")+3)
	if len(in) != 2 || !slices.Equal(in[0].Names, []string{"MP-TOUTIAO", "MP-WEIXIN"}) || !in[1].Negated {
		t.Errorf("c stands in %+v", in)
	}
}

func TestNames(t *testing.T) {
	for _, pair := range [][2]string{{"open-type", "openType"}, {"clueComponentId", "clue-component-id"}, {"a", "A"}, {"a-", "a"}} {
		if !SameName(pair[0], pair[1]) || Fold(pair[0]) != Fold(pair[1]) {
			t.Errorf("%v are not the same", pair)
		}
	}
	if SameName("open", "opentype") || SameName("", "a") || !SameName("", "-") {
		t.Error("different names are the same")
	}
}
