package program

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// shape is a page's elements with their ids, what is in them in brackets.
func shape(pg *Page) string {
	var b strings.Builder
	var write func(list []*Node)
	write = func(list []*Node) {
		for _, n := range list {
			if n.Text != nil {
				continue
			}
			if b.Len() > 0 && !strings.HasSuffix(b.String(), "[") {
				b.WriteByte(' ')
			}
			b.WriteString(n.Name)
			if s, ok := n.Static("id"); ok {
				b.WriteString("#" + s)
			}
			if len(n.Kids) > 0 {
				b.WriteByte('[')
				write(n.Kids)
				b.WriteByte(']')
			}
		}
	}
	write(pg.Roots)
	return strings.ReplaceAll(b.String(), "[]", "")
}

func TestUnfolding(t *testing.T) {
	const json = "\n-- pages/a/a.json --\n" + `{ "usingComponents": { "box": "/box/box", "ring": "/ring/ring" } }` + "\n-- pages/a/a.js --\nPage({});\n"
	for _, c := range []struct{ name, files, want string }{
		{"include", "-- pages/a/a.wxml --\n<view/><include src=\"../foot.wxml\"/>\n-- pages/foot.wxml --\n<text id=\"foot\"/>", "view include[text#foot]"},
		{"include of itself", "-- pages/a/a.wxml --\n<view id=\"v\"/><include src=\"a.wxml\"/>", ""},
		{"template", "-- pages/a/a.wxml --\n<template name=\"row\"><text id=\"row\"/></template><template is=\"row\"/>", "template[text#row]"},
		{"template imported", "-- pages/a/a.wxml --\n<import src=\"/t.wxml\"/><template is=\"row\"/>\n-- t.wxml --\n<template name=\"row\"><text id=\"row\"/></template>", "import template[text#row]"},
		{"slot", "-- pages/a/a.wxml --\n<box><view id=\"in\"/></box>\n-- box/box.wxml --\n<view id=\"box\"><slot/></view>\n-- box/box.json --\n{ \"component\": true }\n-- box/box.js --\nComponent({})", "box[view#box[slot[view#in]]]"},
		{"slots by name", "-- pages/a/a.wxml --\n<box><view id=\"top\" slot=\"top\"/><view id=\"rest\"/></box>\n-- box/box.wxml --\n<slot name=\"top\"/><view id=\"middle\"/><slot/>\n-- box/box.json --\n{ \"component\": true }\n-- box/box.js --\nComponent({})", "box[slot[view#top] view#middle slot[view#rest]]"},
		{"slot with a filling of its own", "-- pages/a/a.wxml --\n<box/>\n-- box/box.wxml --\n<slot><view id=\"own\"/></slot>\n-- box/box.json --\n{ \"component\": true }\n-- box/box.js --\nComponent({})", "box[slot[view#own]]"},
		{"no slot", "-- pages/a/a.wxml --\n<box><view id=\"lost\"/></box>\n-- box/box.wxml --\n<view id=\"box\"/>\n-- box/box.json --\n{ \"component\": true }\n-- box/box.js --\nComponent({})", "box[view#box]"},
		{"a circle of components", "-- pages/a/a.wxml --\n<ring/>\n-- ring/ring.wxml --\n<view id=\"ring\"><ring/></view>\n-- ring/ring.json --\n{ \"component\": true, \"usingComponents\": { \"ring\": \"./ring\" } }\n-- ring/ring.js --\nComponent({})", "ring[view#ring[ring]]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			pg := pageOf(t, open(t, txtar.Parse([]byte(c.files+json)), "native", "pages/a/a"), "pages/a/a", "")
			got := shape(pg)
			if c.want == "" { // it ends, and is said to be cut if it is large
				if len(pg.Nodes) > maxNodes || len(pg.Nodes) > 200 && !pg.Cut {
					t.Errorf("%d nodes, cut %v", len(pg.Nodes), pg.Cut)
				}
				return
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestPageIsCut(t *testing.T) {
	many := strings.Repeat("<view/>", maxNodes+10)
	pg := pageOf(t, open(t, txtar.Parse([]byte("-- pages/a/a.wxml --\n"+many+"\n-- pages/a/a.js --\nPage({})\n")), "native", "pages/a/a"), "pages/a/a", "")
	if !pg.Cut || len(pg.Nodes) != maxNodes || len(pg.CutOff()) == 0 {
		t.Errorf("%d nodes, cut %v, said %v", len(pg.Nodes), pg.Cut, pg.CutOff())
	}
}

func TestSlotKeepsItsHost(t *testing.T) {
	pg := pageOf(t, open(t, txtar.Parse([]byte(`
-- pages/a/a.wxml --
<box><view id="in" bindtap="tapped"/></box>
-- pages/a/a.json --
{ "usingComponents": { "box": "/box/box" } }
-- pages/a/a.js --
Page({ tapped() {} });
-- box/box.wxml --
<view id="own"/><slot/>
-- box/box.json --
{ "component": true }
-- box/box.js --
Component({})
`)), "native", "pages/a/a"), "pages/a/a", "")
	in, own := byID(t, pg, "in"), byID(t, pg, "own")
	if in.Unit != pg.Unit || in.Host != nil || own.Host == nil || own.Unit == pg.Unit {
		t.Errorf("in: unit %s host %v; own: unit %s", in.Unit.Name(), in.Host, own.Unit.Name())
	}
	if !in.Inside(own.Host) || in.Inside(own) {
		t.Error("what fills the slot stands in the component")
	}
	if _, ok := pg.On(in, "tap"); !ok {
		t.Error("its handler is the page's")
	}
}
