package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/program"
	"clew/check/view"
	"clew/finding"
)

// barred judges a control that sends and cannot be tapped before the phone button was,
// on a page where the number cannot be typed.
func (c *Case) barred(a *arrival, t tap) {
	off := t.node.Attr("disabled")
	if off == nil || off.Expr == nil || c.typedOutside() {
		return
	}
	written := ask.Written(t.node)
	if accountWord.MatchString(written) || contactWord.MatchString(written) {
		return
	}
	term := c.Program.Look(t.node, off.Expr)
	if !ask.AboutPhone(term) || ask.Truth(term, ask.Newcomer) != program.True {
		return
	}
	q := c.buttonAsk()
	if q == nil || q.Dialog != nil && !t.node.Inside(q.Dialog) {
		return
	}
	use := q.Use()
	if use.Purpose == ask.Lead {
		return // the form's own demand
	}
	for i := range t.trace.Effects {
		e := &t.trace.Effects[i]
		if e.Kind != program.Request && e.Kind != program.Navigate && e.Kind != program.Pay || !e.Sure || e.After != program.Nothing {
			continue
		}
		words := clip(strings.TrimSpace(written))
		say := At(t.node, finding.Violation, "没有授权手机号，“"+words+"”点不了，也不能手动输入", `"`+words+`" stays disabled until the number is authorised, and it cannot be typed`)
		say.Capability = q.Capability()
		say.Path = []finding.Step{NodeStep(q.Button, finding.Say("只有授权才能给出手机号", "only authorising gives the number"))}
		say.Fix = keepContent
		c.Say(say)
		return
	}
}

// buttonAsk is the page's first question with a phone button; nil without one.
func (c *Case) buttonAsk() *ask.Ask {
	for _, q := range c.Asks {
		if q.Button != nil {
			return q
		}
	}
	return nil
}

// covers judges a phone button without words that lies over the control of an action:
// who taps the action is asked for the number, and only the answer leads on.
func (c *Case) covers(a *arrival, q *ask.Ask) {
	if q.Button == nil || q.Grant == nil || q.Dialog != nil || q.Button.Up == nil || len(q.Button.Conditions()) == 0 || strings.TrimSpace(ask.Written(q.Button)) != "" {
		return
	}
	if look := view.LookOf(q.Button.Element, q.Button.Unit.Sheets...); !look.Absolute && !look.Fixed {
		return
	}
	grant := c.Page.Trace(*q.Grant)
	for _, n := range q.Button.Up.Kids {
		if n == q.Button || n.Text != nil || !n.Tappable() {
			continue
		}
		written := strings.TrimSpace(ask.Written(n))
		en, ok := c.Page.On(n, "tap")
		if !ok || en.Fn == nil || en.Fn.Fn == nil || en.Fn.Fn.Name == "" || written == "" || accountWord.MatchString(written) || contactWord.MatchString(written) {
			continue
		}
		on := c.onlyAfterGrant(a, grant, en.Fn.Fn.Name)
		if on == nil {
			continue
		}
		say := At(q.Button, finding.Violation, "看不见的授权按钮盖在“"+clip(written)+"”上，不授权手机号就用不了", `an unseen phone button lies over "`+clip(written)+`", which cannot be used without the number`)
		say.Capability = q.Capability()
		say.Path = append([]finding.Step{NodeStep(n, finding.Say("被盖住的是这个", "this is what it covers"))}, Steps(on, finding.Say("授权之后才执行", "done only after a grant"))...)
		say.Fix = keepContent
		c.Say(say)
		return
	}
}

// onlyAfterGrant is an effect of the named function in a grant's run, where the run comes
// to that function only with the number or its answer; nil otherwise.
func (c *Case) onlyAfterGrant(a *arrival, grant *program.Trace, name string) *program.Effect {
	var on *program.Effect
	for i := range grant.Effects {
		e := &grant.Effects[i]
		through := false
		for s := e.Steps; s != nil && !through; s = s.Up {
			through = s.Kind == program.Calls && s.Name == name
		}
		if !through {
			continue
		}
		if !laterThanAnswer(e) && reached(a.p, e, nothing, ask.Refuser) != program.False {
			return nil
		}
		if on == nil || e.Kind == program.Request && on.Kind != program.Request {
			on = e
		}
	}
	return on
}

// turnedOut judges a dialog that asks for the number on arrival and closes, but takes
// who closes it back out of the page.
func (c *Case) turnedOut(a *arrival, s *sheet) {
	o, comes := a.opens(s)
	if !comes || o.by == nil || o.verdict != finding.Violation || c.Page.Unit.Source.Entry || personalPage.MatchString(c.Page.Unit.Name()) || loginPage.MatchString(c.Page.Unit.Name()) {
		return
	}
	var leaves *program.Effect
	stays := false
	s.node.Walk(func(n *program.Node) bool {
		if _, asks := n.AsksPhone(); n.Text != nil || asks || a.unseen(n, s.node) {
			return true
		}
		for i := range n.Events {
			switch n.Events[i].Name {
			case "tap", "close", "cancel":
			default:
				continue
			}
			en, ok := c.Page.On(n, n.Events[i].Name)
			if !ok {
				continue
			}
			t := c.Page.Trace(en)
			if a.closes(s, t) < open {
				continue
			}
			back := (*program.Effect)(nil)
			for j := range t.Effects {
				e := &t.Effects[j]
				if (e.Kind == program.Back || e.Kind == program.Exit) && e.Sure && e.After == program.Nothing && reached(a.p, e, a.p.Initially, ask.Newcomer) != program.False {
					back = e
				}
			}
			if back == nil {
				stays = true
			} else if leaves == nil {
				leaves = back
			}
		}
		return true
	})
	if leaves == nil || stays {
		return
	}
	say := c.stop(leaves, finding.Violation, "一进页面就弹窗要手机号，关掉弹窗就被送出这一页", "on entry a dialog asks for the number, and closing it takes the person out of the page")
	say.Capability = s.capability()
	c.Say(say)
}

// granted reports whether a node is seen only after the phone button's answer: what it
// waits for is set nowhere else, or only by what waits for the answer itself.
func (a *arrival) granted(n, button *program.Node, depth int) bool {
	if depth > 3 {
		return false
	}
	conds := n.Conditions()
	for i := range conds {
		if cond(a.p, &conds[i], program.FirstVisit(a.may), ask.Newcomer) == program.True || cond(a.p, &conds[i], a.p.Initially, nil) != program.False {
			continue
		}
		if a.setByGrantOnly(&conds[i], button, depth) {
			return true
		}
	}
	return false
}

func (a *arrival) setByGrantOnly(k *program.Cond, button *program.Node, depth int) bool {
	sets := func(t *program.Trace) bool {
		for i := range t.Effects {
			e := &t.Effects[i]
			if e.Kind == program.Set && about(k.Term, e) && cond(a.p, k, a.p.After([]program.Effect{*e}, a.p.Initially), nil) != program.False {
				return true
			}
		}
		return false
	}
	if !k.Term.Any(func(t *program.Term) bool { return t.Kind == program.State }) || sets(a.c.Page.Opening()) {
		return false
	}
	found := false
	for _, m := range a.c.Page.Nodes {
		if m.Text != nil {
			continue
		}
		for _, en := range a.c.Page.Handlers(m) {
			if !sets(a.c.Page.Trace(en)) {
				continue
			}
			if m != button && !a.granted(m, button, depth+1) {
				return false
			}
			found = true
		}
	}
	return found
}
