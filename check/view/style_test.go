package view

import (
	"slices"
	"strings"
	"testing"
)

func TestLook(t *testing.T) {
	for _, c := range []struct {
		name, css, class string
		want             Look
	}{
		{"100 %", `.m{position:fixed;width:100%;height:100%;top:0}`, "m", Look{Fixed: true, Cover: true}},
		{"edges", `.m{position:fixed;top:0;left:0;right:0;bottom:0}`, "m", Look{Fixed: true, Cover: true}},
		{"inset", `.m{position:absolute;inset:0}`, "m", Look{Absolute: true, Cover: true}},
		{"750rpx", `.m{position:fixed;width:750rpx;height:100vh}`, "m", Look{Fixed: true, Cover: true}},
		{"a bar", `.m{position:fixed;left:0;right:0;bottom:0;height:100rpx;z-index:99}`, "m", Look{Fixed: true, ZIndex: 99}},
		{"in the flow", `.m{width:100%;height:100%}`, "m", Look{}},
		{"dim", `.m{background:rgba(0,0,0,.5)}`, "m", Look{Dim: true}},
		{"not dim", `.m{background:rgba(0,0,0,0)}`, "m", Look{}},
		{"hex alpha", `.m{background-color:#00000080}`, "m", Look{Dim: true}},
		{"hidden", `.m{display:none}`, "m", Look{Hidden: true}},
		{"hidden, another class shows", `.m{display:none}.m.on{display:block}`, "m {{x?'on':''}}", Look{Hidden: true}},
		{"later wins", `.m{position:fixed}.m{position:static}`, "m", Look{}},
		{"heavier wins", `.m.n{position:fixed}.m{position:static}`, "m n", Look{Fixed: true}},
		{"important", `.m{position:fixed !important}.m.n{position:static}`, "m n", Look{Fixed: true}},
		{"both classes", `.m.n{position:fixed}`, "m", Look{}},
		{"nested", `.p{ .q{ position: fixed; &.m{ z-index: 3 } } }`, "q m", Look{Fixed: true, ZIndex: 3}},
		{"suffix", `.p{ &-m{ position: fixed } }`, "p-m", Look{Fixed: true}},
		{"somewhere else", `.other .m{position:fixed}`, "m", Look{}},
		{"media", `@media (min-width: 1px) { .m{position:fixed} }`, "m", Look{Fixed: true}},
		{"keyframes", `@keyframes m { from { position: fixed } to { opacity: 0 } } .m{z-index:1}`, "m", Look{ZIndex: 1}},
		{"moment", `.m:hover{position:fixed}.m::after{position:absolute}`, "m", Look{}},
		{"comments", "/* .m{position:fixed} */ // .m{position:fixed}\n.m/* x */{z-index:/*9*/2}", "m", Look{ZIndex: 2}},
		{"data", `.m{background:url(data:image/png;base64,AA//BB);position:fixed}`, "m", Look{Fixed: true}},
		{"no semicolons", ".m {\n position fixed\n  z-index: 4\n}", "m", Look{Fixed: true, ZIndex: 4}},
		{"list", `.a,.m , .b{position:fixed}`, "m", Look{Fixed: true}},
		{"mixin", `@mixin x { position: fixed } .m { @include x; z-index: 1 }`, "m", Look{ZIndex: 1}},
		{"deep", `.w ::v-deep .m{position:fixed}`, "w m", Look{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := first(t, mini(`<view class="p"><text class="`+c.class+`"/></view>`), "text")
			got := ParseStyle(c.css).Look(e)
			got.Known = false
			if got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestLookInline(t *testing.T) {
	e := mini(`<view style="position:fixed;width:100%;height:{{windowHeight}}px;z-index:8"/>`)[0]
	if got := LookOf(e); !got.Cover || got.ZIndex != 8 {
		t.Errorf("%+v", got)
	}
	e = jsx(t, `const P = () => <View style={{ position: 'fixed', top: 0, left: 0, right: 0, bottom: 0, backgroundColor: 'rgba(0,0,0,0.4)' }} />`)[0]
	if got := LookOf(e); !got.Cover || !got.Dim {
		t.Errorf("%+v", got)
	}
}

func TestSheetsAndParents(t *testing.T) {
	roots := mini(`<view class="a"><view class="b"><image/></view></view><image/>`)
	sheet := ParseStyle(`.a > .b image{position:absolute;width:100%;height:100%}`)
	if got := sheet.Look(first(t, roots, "image")); !got.Cover {
		t.Errorf("%+v", got)
	}
	if got := sheet.Look(roots[1]); got != (Look{}) {
		t.Errorf("%+v", got)
	}
	app, page := ParseStyle(`.b{position:fixed}`), ParseStyle(`.b{position:relative}`)
	if got := LookOf(roots[0].Children[0], app, page); got.Fixed {
		t.Errorf("%+v", got)
	}
}

func TestImports(t *testing.T) {
	s := ParseStyle("@import \"a.wxss\";\n@import url('b.css') screen;@import './c', 'd';\n@use \"e\" as x;.m{position:fixed}\n// @import 'no';\n@import (reference) 'f';")
	if want := []string{"a.wxss", "b.css", "./c", "d", "e", "f"}; !slices.Equal(s.Imports, want) {
		t.Errorf("%q", s.Imports)
	}
}

func FuzzParseStyle(f *testing.F) {
	f.Add(`.a{position:fixed;.b &{width:1px} &-c{top:0}} @media x{.d,#e>f{inset:0}} @import "g";`)
	f.Add("a{{{}}}}//\n/*")
	f.Add(".a,.b,.c{&,&,&{&,&,&{position:fixed}}}")
	f.Fuzz(func(t *testing.T, css string) {
		s := ParseStyle(css)
		if len(s.rules) > maxRules {
			t.Fatal(len(s.rules))
		}
		s.Look(mini(`<view class="a b c" id="e"/>`)[0])
	})
}

func TestStyleGrowth(t *testing.T) {
	ParseStyle(strings.Repeat(".a,.b,.c,.d{", 5000))
	ParseStyle(strings.Repeat("&,&,&{", 40) + "position:fixed")
	ParseStyle(strings.Repeat("@media x{", 10000))
	ParseStyle(strings.Repeat("/*", 10000))
}
