package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/program"
	"clew/finding"
)

var repeatAsk = Rule{ID: "repeat-ask", Clause: "3.2.repeat", Page: repeats}

// repeats judges what asks again after a refusal: at once, or whenever the page is
// shown.
func repeats(c *Case) {
	a := c.arrives()
	for _, q := range c.Asks {
		if q.Button != nil {
			c.askedAgain(a, q)
		}
	}
	said := map[int]bool{}
	c.calledAgain(c.Page.Opening(), said)
	for _, t := range a.taps() {
		c.calledAgain(t.trace, said)
	}
	for i := len(a.sheets) - 1; i >= 0; i-- {
		c.eachShow(a, a.sheets[i])
	}
}

var rememberRefusal = &finding.Fix{Message: finding.Say("拒绝时记下来，之后不再自动询问；想留入口就放一个按钮", "remember the refusal and do not ask by yourself again; leave a button for who changes their mind")}

// askedAgain judges a button's handler that opens the question again for a person
// who refused.
func (c *Case) askedAgain(a *arrival, q *ask.Ask) {
	for _, en := range c.Page.Handlers(q.Button) {
		t := c.Page.Trace(en)
		if c.asksOnFailure(q, t) {
			return
		}
		for i := range t.Effects {
			e := &t.Effects[i]
			if e.Kind != program.Set && e.Kind != program.Open || e.After == program.Acting {
				continue
			}
			refused := en.Name == "error" || e.Under(func(g *program.Given) bool { return guard(c.Program, g, nothing, ask.Refuser) == program.True })
			if !refused || reached(c.Program, e, nothing, ask.Refuser) == program.False {
				continue
			}
			for _, s := range a.sheets {
				if s.button == nil {
					continue
				}
				v, ok := a.turnsOn(s, e)
				if !ok || q.Button.Inside(s.node) && e.Delay == 0 && !closedBefore(a, s, t, e) {
					continue
				}
				if !e.Sure {
					v = finding.Review
				}
				say := c.again(e, v, "拒绝授权后，"+en.Name+" 的处理又把弹窗打开", "after a refusal the handler of "+en.Name+" opens the dialog again")
				say.Capability = q.Capability()
				c.Say(say)
				return
			}
		}
	}
}

// asksOnFailure judges a call for the number whose failure, a refusal among them, calls
// for it again.
func (c *Case) asksOnFailure(q *ask.Ask, t *program.Trace) bool {
	first := map[int]bool{}
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.Kind != program.Phone {
			continue
		}
		if e.After == program.Nothing {
			first[e.From] = true
			continue
		}
		if e.After != program.Failing || !first[e.From] {
			continue
		}
		v := finding.Violation
		if !e.Sure {
			v = finding.Review
		}
		say := c.again(e, v, "没有取得手机号时，"+t.Entry.Name+" 的处理马上再要一次", "when the number is not given, the handler of "+t.Entry.Name+" asks for it again at once")
		say.Capability = q.Capability()
		c.Say(say)
		return true
	}
	return false
}

// closedBefore reports whether a run closes a dialog before an effect.
func closedBefore(a *arrival, s *sheet, t *program.Trace, until *program.Effect) bool {
	for i := range t.Effects {
		e := &t.Effects[i]
		if e == until {
			return false
		}
		if a.closes(s, &program.Trace{Entry: t.Entry, Effects: []program.Effect{*e}}) == open {
			return true
		}
	}
	return false
}

// again is what to say of an effect that asks again.
func (c *Case) again(e *program.Effect, v finding.Verdict, zh, en string) Say {
	say := c.stop(e, v, zh, en)
	say.Path, say.Fix = Steps(e, finding.Say("又问一次", "asks again")), rememberRefusal
	return say
}

// calledAgain judges a native dialog whose refusal calls for the same dialog.
func (c *Case) calledAgain(t *program.Trace, said map[int]bool) {
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.Kind != program.Dialog || e.After != program.Acting || said[e.From] || !demandWord.MatchString(e.Text) || otherDialog.MatchString(e.Text) {
			continue
		}
		again := false
		for j := range t.Effects {
			f := &t.Effects[j]
			again = again || f.Kind == program.Dialog && f.After != program.Acting && f.File == e.File && f.From == e.From
		}
		if !again || !e.Under(refusing) {
			continue
		}
		said[e.From] = true
		v := finding.Violation
		if !e.Sure {
			v = finding.Review
		}
		say := c.again(e, v, "点了取消，同一个对话框又弹出来：“"+clip(e.Text)+"”", `cancelling opens the same dialog again: "`+clip(e.Text)+`"`)
		if s := e.Steps; s != nil && s.Kind == program.Calls {
			say.File, say.From, say.To = s.File, s.From, s.To
		}
		c.Say(say)
	}
}

// refusing reports whether a condition holds for who cancelled a native dialog.
func refusing(g *program.Given) bool {
	ends := func(name string) bool {
		return g.Term != nil && g.Term.Kind == program.Result && g.Term.Interactive && (g.Term.Str == name || strings.HasSuffix(g.Term.Str, "."+name))
	}
	return g.Not && ends("confirm") || !g.Not && ends("cancel")
}

var showHooks = map[string]bool{"onShow": true, "componentDidShow": true, "show": true, "activated": true, "onPageShow": true, "useDidShow": true, "usePageShow": true, "onActivated": true}

// eachShow judges a dialog that every return to the page opens, and whose closing is
// not remembered.
func (c *Case) eachShow(a *arrival, s *sheet) {
	if s.button == nil && len(s.asks) == 0 {
		return
	}
	t := c.Page.Opening()
	for i := range t.Effects {
		e := &t.Effects[i]
		v, ok := a.turnsOn(s, e)
		if !ok || !a.happens(e) || a.closedAtOnce(s, e) || !onEachShow(e) {
			continue
		}
		out := a.wayOut(s)
		if out != open && out != shut || out == open && a.remembers(s, e) {
			return
		}
		if !e.Sure {
			v = finding.Review
		}
		zh, en := "每次回到页面都会再弹出要手机号的弹窗，关掉它时没有记下用户已拒绝", "every return to the page opens the dialog again, and closing it does not remember the refusal"
		if out == shut {
			zh, en = "每次回到页面都会再弹出要手机号的弹窗，它关不掉，也不记下用户已拒绝", "every return to the page opens the dialog again; it does not close, and remembers no refusal"
		}
		say := c.again(e, v, zh, en)
		say.Capability = s.capability()
		c.Say(say)
		return
	}
}

func onEachShow(e *program.Effect) bool {
	for s := e.Steps; s != nil; s = s.Up {
		if showHooks[s.Name] && (s.Kind == program.Enter || s.Kind == program.Shown || s.Kind == program.Callback) {
			return true
		}
	}
	return false
}

// remembers reports whether closing a dialog leaves something behind that keeps it
// from opening.
func (a *arrival) remembers(s *sheet, opens *program.Effect) bool {
	found := false
	look := func(t *program.Trace) {
		for i := range t.Effects {
			e := &t.Effects[i]
			switch e.Kind {
			case program.Store, program.Request, program.Outside:
				found = found || e.Kind != program.Outside
			case program.Set:
				if e.State != nil && opens.Under(func(g *program.Given) bool { return g.Term != nil && about(g.Term, e) }) {
					found = true
				}
			}
		}
	}
	s.node.Walk(func(n *program.Node) bool {
		if _, asks := n.AsksPhone(); n.Text == nil && !asks && !n.IsField() {
			for _, en := range a.c.Page.Handlers(n) {
				if t := a.c.Page.Trace(en); a.closes(s, t) == open {
					look(t)
				}
			}
		}
		return !found
	})
	return found
}
