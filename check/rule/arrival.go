package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/code"
	"clew/check/program"
	"clew/check/source/js"
	"clew/check/view"
	"clew/finding"
)

// arrival is what a page does by itself to a person who just came and whose number
// nobody has.
type arrival struct {
	c      *Case
	p      *program.Program
	sheets []*sheet
	// sets is what states are set to on arrival, by unit and first name.
	sets map[string][]*program.Effect
	// numbers is whether a condition or one around it asks for the number.
	numbers map[*program.Given]bool
}

// arrives works out what happens on arrival, once for a page.
func (c *Case) arrives() *arrival {
	if c.arrivals != nil {
		return c.arrivals
	}
	a := &arrival{c: c, p: c.Program, sets: map[string][]*program.Effect{}, numbers: map[*program.Given]bool{}}
	c.arrivals = a
	first := program.FirstVisit(a.p.Initially)
	t := c.Page.Opening()
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.Kind == program.Set && e.State != nil && e.State.Unit != nil && e.After <= program.Failing && reached(a.p, e, first, ask.Newcomer) != program.False {
			key := stateKey(e.State)
			a.sets[key] = append(a.sets[key], e)
		}
	}
	a.sheets = sheets(c)
	return a
}

func stateKey(s *program.Term) string {
	root, _, _ := strings.Cut(s.Str, ".")
	return s.Unit.Source.Route + "\x00" + name(s.Unit) + "\x00" + root
}

func name(u *program.Unit) string {
	if f := u.Source.Main(); f != nil {
		return f.Path
	}
	return ""
}

// may is a world in which a state is what it was initially or anything that arriving
// sets it to.
func (a *arrival) may(t *program.Term) *program.Term {
	before := a.p.Initially(t)
	if t.Kind != program.State || t.Unit == nil || t.Str == "" {
		return before
	}
	list := []*program.Term{}
	if before != nil {
		list = append(list, before)
	}
	for _, e := range a.sets[stateKey(t)] {
		switch {
		case e.State.Str == t.Str:
			list = append(list, e.Value)
		case strings.HasPrefix(t.Str, e.State.Str+"."), strings.HasPrefix(e.State.Str, t.Str+"."):
			if v := a.p.After([]program.Effect{*e}, nothing)(t); v != nil {
				list = append(list, v)
			} else {
				list = append(list, &program.Term{})
			}
		}
		if len(list) > 8 {
			break
		}
	}
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return &program.Term{Kind: program.Choice, Args: list}
}

func nothing(*program.Term) *program.Term { return nil }

// happens reports whether an effect may come on a person who just came. A person who
// is known by now, but not by number, counts as well where the way asks for the number.
func (a *arrival) happens(e *program.Effect) bool {
	if e.After > program.Failing {
		return false
	}
	if reached(a.p, e, program.FirstVisit(a.may), ask.Newcomer) != program.False {
		return true
	}
	return lacks(a.p, e, a.may) && reached(a.p, e, a.may, ask.Newcomer) != program.False
}

// askedFor reports whether a condition on the way to an effect asks for the number.
func (a *arrival) askedFor(g *program.Given) bool {
	if g == nil {
		return false
	}
	yes, known := a.numbers[g]
	if !known {
		yes = g.Term != nil && aboutPhone(a.p, g.Term, 0) || a.askedFor(g.Up)
		a.numbers[g] = yes
	}
	return yes
}

// lacks reports whether a condition on the way to an effect holds because there is
// no number.
func lacks(p *program.Program, e *program.Effect, w program.World) bool {
	return e.Under(func(g *program.Given) bool {
		if g.Term == nil || !aboutPhone(p, g.Term, 0) && !ask.AboutPhone(p.In(g.Term, w)) {
			return false
		}
		return guard(p, g, w, ask.Newcomer) == program.True
	})
}

// opening is a dialog that opens by itself.
type opening struct {
	sheet   *sheet
	by      *program.Effect // nil: it is open from the start
	verdict finding.Verdict
}

// opens is how a dialog opens on arrival; ok is false if it does not.
func (a *arrival) opens(s *sheet) (o opening, ok bool) {
	o.sheet = s
	first := program.FirstVisit(a.p.Initially)
	if s.caller == nil && len(s.conds) > 0 && holds(a.p, s.conds, first, ask.Newcomer) == program.True && s.behind() && !a.closedAtOnce(s, nil) {
		o.verdict = finding.Violation
		return o, true
	}
	if s.caller == nil && len(s.conds) == 0 {
		if s.why == view.ByStyle && s.dims() && s.behind() {
			o.verdict = finding.Violation
			return o, true
		}
		return o, false
	}
	t := a.c.Page.Opening()
	for i := range t.Effects {
		e := &t.Effects[i]
		verdict, does := a.turnsOn(s, e)
		if !does || !a.happens(e) || a.closedAtOnce(s, e) {
			continue
		}
		if !e.Sure || e.Under(asksQuery) {
			verdict = finding.Review
		}
		if !ok || verdict == finding.Violation && o.verdict != finding.Violation {
			o.by, o.verdict, ok = e, verdict, true
		}
		if o.verdict == finding.Violation {
			break
		}
	}
	return o, ok
}

// turnsOn reports whether an effect opens a dialog, and how sure that is.
func (a *arrival) turnsOn(s *sheet, e *program.Effect) (finding.Verdict, bool) {
	if s.caller != nil {
		if e.Kind == program.Open && e.Node == s.caller && opensBy(e) {
			return finding.Violation, true
		}
		return "", false
	}
	if e.Kind != program.Set || e.State == nil {
		return "", false
	}
	touched := false
	for i := range s.conds {
		touched = touched || about(a.p.In(s.conds[i].Term, given(a.p, s.conds[i].Node.Host, nothing)), e)
	}
	if !touched {
		return "", false
	}
	after := program.FirstVisit(a.p.After([]program.Effect{*e}, a.may))
	verdict := finding.Violation
	for i := range s.conds {
		c := &s.conds[i]
		switch cond(a.p, c, after, ask.Newcomer) {
		case program.False:
			return "", false
		case program.Maybe:
			if about(a.p.In(c.Term, given(a.p, c.Node.Host, nothing)), e) {
				verdict = finding.Review
			}
		}
	}
	return verdict, true
}

var openers = map[string]bool{
	"open": true, "show": true, "popup": true, "showPopup": true, "openPopup": true, "showModal": true, "openModal": true, "toggle": true,
	"showDialog": true, "openDialog": true, "style.display": true, "display": true, "present": true, "showModel": true,
}

// opensBy reports whether a call or an assignment on a component opens it.
func opensBy(e *program.Effect) bool {
	if e.Value != nil { // element.style.display = "block"
		switch v := e.Value.Text(); v {
		case "block", "flex", "true", "visible", "grid":
			return true
		}
		return e.Value.Truth() == program.True && !strings.Contains(e.Name, "style")
	}
	last := e.Name[strings.LastIndexByte(e.Name, '.')+1:]
	return openers[e.Name] || openers[last]
}

// closedAtOnce reports whether what opened is closed again before anybody sees it:
// the same run goes on to close it whatever the conditions.
func (a *arrival) closedAtOnce(s *sheet, by *program.Effect) bool {
	after := by == nil
	t := a.c.Page.Opening()
	for i := range t.Effects {
		e := &t.Effects[i]
		if e == by {
			after = true
			continue
		}
		if !after || e.Kind != program.Set || e.State == nil || e.After != program.Nothing || e.Delay > 0 || later(e) {
			continue
		}
		if by != nil && (e.When != by.When || later(by) || by.Delay > 0) || by == nil && e.When != nil {
			continue
		}
		for j := range s.conds {
			if about(s.conds[j].Term, e) && cond(a.p, &s.conds[j], a.p.After([]program.Effect{*e}, a.p.Initially), ask.Newcomer) == program.False {
				return true
			}
		}
	}
	return false
}

// later reports whether an effect waits for something.
func later(e *program.Effect) bool {
	for s := e.Steps; s != nil; s = s.Up {
		switch s.Kind {
		case program.Then, program.Timer, program.Callback:
			return true
		}
	}
	return false
}

// asksQuery reports whether a condition asks for something that the address of the
// page must say: somebody chose that address.
func asksQuery(g *program.Given) bool {
	return !g.Not && g.Term != nil && g.Kind != code.Early && (g.Term.Kind != program.Op || g.Term.Operator != js.OpNot) &&
		g.Term.Any(func(t *program.Term) bool { return t.Kind == program.Param && t.Str != "" })
}
