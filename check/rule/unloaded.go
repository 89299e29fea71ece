package rule

import (
	"clew/check/ask"
	"clew/check/program"
	"clew/finding"
)

// unloaded judges a page that asks for the number on arrival and loads what it shows
// only for people who gave it: closing the dialog leaves an empty page.
func (c *Case) unloaded(a *arrival, o *opening) {
	if o.by == nil || o.verdict != finding.Violation || o.sheet.button == nil || personalPage.MatchString(c.Page.Unit.Name()) {
		return
	}
	shown := c.shownStates()
	var branch *program.Given
	held, free := 0, 0
	t := c.Page.Opening()
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.Kind != program.Set || e.State == nil || e.After == program.Acting || !shown[stateKey(e.State)] || !fetched(e.Value) {
			continue
		}
		against := false
		for g := o.by.When; g != nil && !against; g = g.Up {
			if against = e.Under(func(h *program.Given) bool { return ask.Opposite(g, h) }); against {
				branch = g
			}
		}
		if against {
			held++
		} else {
			free++
		}
	}
	if held == 0 || free > 0 || branch == nil {
		return
	}
	say := c.stop(o.by, finding.Violation, "没有手机号就不加载这一页的内容，只打开要手机号的弹窗", "without a number the page loads none of its content and only opens the dialog that asks for it")
	say.Capability = o.sheet.capability()
	say.Path = append(say.Path, finding.Step{Place: Place(branch.File, branch.From, branch.To), Message: finding.Say("内容只在另一支里加载", "the content is loaded in the other branch only")})
	c.Say(say)
}

// shownStates is the states that the page's template shows as text, pictures or
// lists.
func (c *Case) shownStates() map[string]bool {
	shown := map[string]bool{}
	add := func(t *program.Term) {
		t.Walk(func(t *program.Term) bool {
			if t.Kind == program.State && t.Unit != nil && t.Str != "" {
				shown[stateKey(t)] = true
			}
			return true
		})
	}
	for _, n := range c.Page.Nodes {
		for _, part := range n.Text {
			if part.Expr != nil {
				add(c.Program.Look(n, part.Expr))
			}
		}
		if n.Loop != nil && n.Loop.List != nil {
			add(c.Program.Look(n, n.Loop.List))
		}
		if v := n.Expr("src"); v != nil {
			add(c.Program.Look(n, v))
		}
	}
	return shown
}

// fetched reports whether a value comes out of a call's answer.
func fetched(t *program.Term) bool {
	return t != nil && t.Any(func(t *program.Term) bool {
		return t.Kind == program.Result && t.Str != "" || t.Kind == program.Param && t.Str != ""
	})
}
