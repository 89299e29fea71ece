package rule

import (
	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
	"clew/finding"
)

var entryGate = Rule{ID: "entry-gate", Clause: "3.2.entry-popup", Page: entryGates}

// gate is a branch of a page that asks for the phone number in place of the page.
type gate struct {
	node    *program.Node // the branch
	button  *program.Node
	by      *program.Effect // what turns it on, nil from the start
	verdict finding.Verdict
}

func entryGates(c *Case) {
	for _, g := range c.arrives().gates() {
		what := finding.Say("用户一进页面看到的只有授权手机号这一支，内容在另一支里", "on entry only the branch that asks for the phone number is shown; the content is in the other")
		if g.verdict == finding.Review {
			what = finding.Say("进页面时可能只显示授权手机号这一支，请人工确认", "on entry only the branch that asks for the phone number may be shown: please check")
		}
		say := At(g.node, g.verdict, what["zh"], what["en"])
		say.Capability = finding.GeneralPhone
		for _, a := range c.Asks {
			if a.Button == g.button {
				say.Capability = a.Capability()
			}
		}
		if g.by != nil {
			say.Path = Steps(g.by, finding.Say("换成授权的一支", "switches to that branch"))
		}
		say.Path = append(say.Path, NodeStep(g.button, finding.Say("这一支里的出路", "the way on in that branch")))
		say.Fix = &finding.Fix{Message: finding.Say("两支都显示内容，授权按钮放进内容里由用户自己点", "show the content in both branches, with the phone button as a part of it")}
		c.Say(say)
	}
}

// gates finds the branches that stand in for the page on arrival.
func (a *arrival) gates() []gate {
	var list []gate
	for _, q := range a.c.Asks {
		if q.Button == nil || q.Dialog != nil || a.c.Page.Unit.Source.Kind == source.ComponentUnit {
			continue
		}
		var found *gate
		for k := q.Button; k != nil; k = k.Up {
			if len(k.When) == 0 || k.Text != nil {
				continue
			}
			if g, ok := a.gate(k, q.Button); ok {
				found = &g
			}
		}
		if found != nil {
			list = append(list, *found)
		}
	}
	return list
}

// gate reports whether an element with a condition is shown on arrival while all
// content is hidden by the state that it depends on.
func (a *arrival) gate(k, button *program.Node) (gate, bool) {
	g := gate{node: k, button: button, verdict: finding.Violation}
	s := &sheet{node: k, at: outermost(k), conds: k.Conditions()}
	if fills(k) || !a.lifts(s) {
		return g, false
	}
	first := program.FirstVisit(a.p.Initially)
	world := first
	if holds(a.p, s.conds, first, ask.Newcomer) != program.True || a.closedAtOnce(s, nil) {
		t := a.c.Page.Opening()
		for i := range t.Effects {
			e := &t.Effects[i]
			v, ok := a.turnsOn(s, e)
			if !ok || !a.happens(e) || a.closedAtOnce(s, e) {
				continue
			}
			if !e.Sure {
				v = finding.Review
			}
			if g.by == nil || v == finding.Violation {
				g.by, g.verdict = e, v
				world = program.FirstVisit(a.p.After([]program.Effect{*e}, a.may))
			}
			if v == finding.Violation {
				break
			}
		}
		if g.by == nil {
			return g, false
		}
	}
	hidden, outside := 0, 0
	for _, r := range a.c.Page.Roots {
		a.weigh(r, s, world, g.verdict == finding.Review, &hidden, &outside)
	}
	return g, hidden >= 4 && outside <= 40 && outside*2 <= hidden
}

// fills reports whether something other than a box is filled in within n: that is a
// form and no gate.
func fills(n *program.Node) bool {
	found := false
	n.Walk(func(k *program.Node) bool {
		found = found || k.Text == nil && k.IsField() && !k.IsCheck()
		return !found
	})
	return found
}

var personState = pattern.MustCompile(`(?i)login|logined|logged|phone|mobile|auth|token|regist|userinfo|unionid|openid`)

// lifts reports whether giving the number, or being known, is what ends a branch: the
// handlers in it set the state that it depends on, or the state is called so.
func (a *arrival) lifts(s *sheet) bool {
	named := func(t *program.Term) bool {
		return t.Kind == program.State && (ask.IsPhone(t) || personState.MatchString(t.Str))
	}
	for i := range s.node.When {
		if s.conds[i].Term.Any(named) {
			return true
		}
	}
	var entries []program.Entry
	s.node.Walk(func(n *program.Node) bool {
		entries = append(entries, a.c.Page.Handlers(n)...)
		return true
	})
	for _, e := range entries {
		t := a.c.Page.Trace(e)
		for i := range t.Effects {
			f := &t.Effects[i]
			if f.Kind != program.Set {
				continue
			}
			for j := range s.node.When {
				if about(s.conds[j].Term, f) {
					return true
				}
			}
		}
	}
	return false
}

// weigh counts the characters that a page shows beside a branch, and those that the
// branch's own state hides.
func (a *arrival) weigh(n *program.Node, s *sheet, w program.World, guess bool, hidden, outside *int) {
	if n == s.node {
		return
	}
	if len(n.When) > 0 && n.Text == nil {
		conds := n.Conditions()[:len(n.When)]
		for i := range conds {
			c := &conds[i]
			switch cond(a.p, c, w, ask.Newcomer) {
			case program.False:
				if s.shares(c) && !typesPhone(n) {
					*hidden += runes(n)
				}
				return
			case program.Maybe:
				if guess && s.shares(c) && !s.node.Inside(n) {
					*hidden += runes(n)
					return
				}
			}
		}
	}
	if n.Text == nil && n.Name != "" && ask.IsDialog(n) {
		return
	}
	if n.Text != nil {
		*outside += textRunes(n)
	}
	for _, k := range n.Kids {
		a.weigh(k, s, w, guess, hidden, outside)
	}
}

// typesPhone reports whether a number is typed within n: that is another way to log
// in, and no content.
func typesPhone(n *program.Node) bool {
	found := false
	n.Walk(func(k *program.Node) bool {
		found = found || ask.IsPhoneField(k)
		return !found
	})
	return found
}

// shares reports whether a condition speaks of a state that the branch depends on.
func (s *sheet) shares(c *program.Cond) bool {
	for i := range s.node.When {
		if s.conds[i].Term.Any(func(t *program.Term) bool {
			return t.Kind == program.State && c.Term.Any(func(o *program.Term) bool {
				return o.Kind == program.State && o.Unit == t.Unit && o.Str == t.Str
			})
		}) {
			return true
		}
	}
	return false
}

// runes is how much is written in n and below; a value counts as a few characters.
func runes(n *program.Node) int {
	sum := 0
	n.Walk(func(k *program.Node) bool {
		sum += textRunes(k)
		if k.Name == "image" || k.Name == "img" || foreign(k) {
			sum += 2
		}
		return true
	})
	return sum
}

func textRunes(n *program.Node) int {
	sum := 0
	for _, part := range n.Text {
		if part.Expr != nil {
			sum += 4
			continue
		}
		for _, r := range part.Text {
			if r > ' ' {
				sum++
			}
		}
	}
	return sum
}
