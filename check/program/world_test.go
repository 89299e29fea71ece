package program

import (
	"testing"

	"clew/check/source/js"

	"golang.org/x/tools/txtar"
)

const worlds = `
-- pages/a/a.wxml --
<view id="shown" wx:if="{{show}}"/>
<view id="both" wx:if="{{show && !busy}}"/>
<view id="else" wx:else/>
<view id="step" wx:if="{{step == 2}}"/>
<view id="given" wx:if="{{user.name}}"/>
<view id="unknown" wx:if="{{never}}"/>
<view id="outer" wx:if="{{busy}}"><view id="inner" wx:if="{{step == 1}}"/></view>
<view id="soft" hidden="{{!show}}"/>
-- pages/a/a.js --
Page({
  data: { show: false, busy: false, step: 1, user: { name: '' } },
  onLoad() {
    if (!wx.getStorageSync('asked')) this.setData({ show: true });
    if (this.data.step === 2) this.setData({ late: 1 });
    if (this.data.step === 1) this.setData({ now: 1 });
    if (this.options.id) this.setData({ maybe: 1 });
  },
});
`

func TestWorlds(t *testing.T) {
	pg := pageOf(t, open(t, txtar.Parse([]byte(worlds)), "native", "pages/a/a"), "pages/a/a", "")
	p := pg.p
	state := func(path string) *Term { return &Term{Kind: State, Unit: pg.Unit, Str: path} }
	set := func(path string, v *Term) Effect { return Effect{Kind: Set, State: state(path), Value: v} }
	count := set("step", p.binary(js.OpAdd, state("step"), &Term{Kind: Number, Str: "1"}))
	for _, c := range []struct {
		id   string
		set  []Effect
		want Tri
	}{
		{"shown", nil, False},
		{"shown", []Effect{set("show", yes)}, True},
		{"shown", []Effect{set("show", yes), set("show", no)}, False},
		{"shown", []Effect{set("show", unknown)}, Maybe},
		{"both", []Effect{set("show", yes)}, True},
		{"both", []Effect{set("show", yes), set("busy", yes)}, False},
		{"else", nil, True},
		{"else", []Effect{set("show", yes)}, False},
		{"step", nil, False},
		{"step", []Effect{count}, True},
		{"step", []Effect{count, count}, False},
		{"given", nil, False},
		{"given", []Effect{set("user.name", &Term{Kind: String, Str: "甲"})}, True},
		{"given", []Effect{set("user", undefined)}, False},
		{"unknown", nil, False},
		{"inner", nil, False},
		{"inner", []Effect{set("busy", yes)}, True},
		{"soft", nil, False},
		{"soft", []Effect{set("show", yes)}, True},
	} {
		n := byID(t, pg, c.id)
		got, why := p.Holds(n.Conditions(), p.After(c.set, p.Initially))
		if got != c.want || (got == False) != (why != nil) {
			t.Errorf("%s after %v: %s (decided by %v), want %s", c.id, c.set, triNames[got], why, triNames[c.want])
		}
	}
	first := FirstVisit(p.Initially)
	for _, c := range []struct {
		name  string
		w     World
		want  Tri
		wants string
	}{
		{"show", p.Initially, Maybe, "what is stored is not known"},
		{"show", first, True, "nothing is stored"},
		{"late", p.Initially, False, ""},
		{"now", p.Initially, True, ""},
		{"maybe", first, Maybe, ""},
	} {
		found := false
		pg.Opening().Each(Set, func(e *Effect) {
			if e.Name == c.name {
				found = true
				if got := p.Reached(e, c.w); got != c.want {
					t.Errorf("%s is reached: %s, want %s %s", c.name, triNames[got], triNames[c.want], c.wants)
				}
			}
		})
		if !found {
			t.Errorf("%s is never set", c.name)
		}
	}
}

func byID(t *testing.T, pg *Page, id string) *Node {
	t.Helper()
	for _, n := range pg.Nodes {
		if s, ok := n.Static("id"); ok && s == id {
			return n
		}
	}
	t.Fatalf("no #%s", id)
	return nil
}
