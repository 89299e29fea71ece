package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/view"
)

// exit is how a person gets out of something without giving a number.
type exit uint8

// The ways out.
const (
	shut    exit = iota // there is none
	unclear             // there may be one
	leaving             // only out of the page
	open                // it closes, or leads on
)

var (
	onWord    = pattern.MustCompile(`跳过|暂不|随便|先逛|逛逛|先看看|以后|稍后|下次|游客|不登录|手动|其他|其它|验证码登录|账号登录|密码登录|手机号登录|手机登录|短信|输入手机|(?i)skip|later|guest`)
	passing   = pattern.MustCompile(`(?i)loading|toast|keyboard|tabbar|share|socket|homebutton`)
	shutNames = pattern.MustCompile(`(?i)close|hide|dismiss|cancel|guanbi|quxiao`)
)

// wayOut is how a person closes a dialog without giving the number.
func (a *arrival) wayOut(s *sheet) exit {
	best := shut
	for k := s.node; k != nil; k = k.Up {
		if k != s.node && (k.Text != nil || !ask.IsDialog(k)) {
			continue
		}
		if why, _ := k.Dialog(); why == view.ByComponent && k.Comp == nil {
			best = max(best, libraryExit(k))
		}
	}
	if foreign(s.node) {
		return unclear
	}
	inside := func(n *program.Node) {
		if n.Text != nil || n == s.button {
			return
		}
		if _, asks := n.AsksPhone(); asks || a.unseen(n, s.node) {
			return
		}
		for i := range n.Events {
			ev := &n.Events[i]
			switch ev.Name {
			case "touchmove", "input", "change", "focus", "blur", "submit", "getphonenumber", "getauthorize", "error", "load", "scroll", "touchstart", "touchend":
				continue
			}
			if n.Comp != nil && ev.Name != "tap" && !shutNames.MatchString(ev.Name) {
				continue // what a component tells was done inside it
			}
			en, ok := a.c.Page.On(n, ev.Name)
			if !ok {
				if ev.Handler != nil && (ev.Name == "tap" || shutNames.MatchString(ask.Written(n)+ev.Handler.Str)) {
					best = max(best, unclear) // what it does is not seen
				}
				continue
			}
			best = max(best, a.closes(s, a.c.Page.Trace(en)))
		}
		if n.Name == "navigator" || n.Name == "a" {
			if ability, _ := n.Static("open-type"); ability == "navigateBack" || ability == "exit" {
				best = max(best, leaving)
			} else if onWord.MatchString(n.Words()) {
				best = open
			}
		}
	}
	s.node.Walk(func(n *program.Node) bool { inside(n); return best < open })
	for k := s.node.Up; k != nil && best < open; k = k.Up { // the mask around, and beside
		if k.Text == nil && ask.IsDialog(k) {
			inside(k)
			for _, o := range k.Kids {
				if !s.node.Inside(o) {
					o.Walk(func(n *program.Node) bool { inside(n); return best < open })
				}
			}
		}
	}
	if up := s.node.Up; up != nil && best < open && s.why != "" {
		for _, o := range up.Kids {
			if o != s.node && o.Text == nil && (len(o.Kids) <= 3) {
				o.Walk(func(n *program.Node) bool { inside(n); return best < open })
			}
		}
	}
	if best == shut && s.why != "" {
		for _, k := range view.Closers(s.node.Element, s.node.Unit.Sheets...) {
			if k.Why != view.CloseMask && k.Why != view.CloseEvent { // it looks like one: what it does was not understood
				best = unclear
			}
		}
	}
	if best < open && s.button != nil {
		for _, en := range a.c.Page.Handlers(s.button) {
			best = max(best, a.refused(s, a.c.Page.Trace(en), en.Name))
		}
	}
	return best
}

// unseen reports whether an element in a dialog is not there for a person without a
// number.
func (a *arrival) unseen(n, dialog *program.Node) bool {
	for k := n; k != nil && k != dialog; k = k.Up {
		conds := k.Conditions()[:len(k.When)]
		for i := range conds {
			if ask.AboutPhone(conds[i].Term) && cond(a.p, &conds[i], program.FirstVisit(a.p.Initially), ask.Newcomer) == program.False {
				return true
			}
		}
	}
	return false
}

// libraryExit is what a library's dialog does by itself.
func libraryExit(n *program.Node) exit {
	closes, known := view.MaskCloses(n.Element)
	switch {
	case known && closes:
		return open
	case n.Name == "el-dialog" || n.Name == "ElDialog": // no buttons but its own cross
		if cross, said := n.Says("show-close"); said && !cross && known {
			return shut
		}
		return open
	case n.Kind() == "dialog" || n.Kind() == "modal" || n.Kind() == "action-sheet":
		if on, known := n.Says("show-confirm-button"); known && !on {
			return shut
		}
		return unclear
	case known:
		return shut
	}
	return unclear
}

// closes is what a run does to a dialog.
func (a *arrival) closes(s *sheet, t *program.Trace) exit {
	best := shut
	for i := range t.Effects {
		e := &t.Effects[i]
		if reached(a.p, e, a.p.Initially, ask.Newcomer) == program.False && (lacks(a.p, e, a.p.Initially) || s.typed() && a.askedFor(e.When)) {
			continue
		}
		switch e.Kind {
		case program.Set:
			if e.State == nil {
				best = max(best, unclear)
				continue
			}
			if s.own(e.State) {
				return open
			}
			for j := range s.conds {
				c := &s.conds[j]
				term := a.p.In(c.Term, given(a.p, c.Node.Host, nothing))
				if about(term, e) && cond(a.p, c, a.p.After([]program.Effect{*e}, nothing), nil) != program.True {
					return open
				}
			}
		case program.Open:
			if !opensBy(e) {
				return open
			}
		case program.Emit:
			if s.node.Host == nil && a.c.Page.Unit.Source.Kind != "page" && shutNames.MatchString(e.Name) {
				return open
			}
			if shutNames.MatchString(e.Name) {
				best = max(best, unclear)
			}
		case program.Back, program.Exit:
			best = max(best, leaving)
		case program.Navigate:
			if s.button == nil || onWord.MatchString(t.Entry.Node.Words()) {
				best = max(best, open)
			} else if strings.Contains(e.Name, "switchTab") || strings.Contains(e.Name, "reLaunch") {
				best = max(best, leaving)
			}
		case program.Outside:
			if shutNames.MatchString(e.Name) && !passing.MatchString(e.Name) {
				best = max(best, unclear)
			}
		}
	}
	return best
}

// own reports whether a state is a prop of a component that the dialog is, or is a
// part of: setting it closes the dialog, whatever the host thinks.
func (s *sheet) own(t *program.Term) bool {
	if s.node.Comp != nil && t.Unit == s.node.Comp {
		return t.Unit.IsProp(t.Str)
	}
	return s.node.Host != nil && t.Unit == s.node.Unit && t.Unit.IsProp(t.Str)
}

// refused is what the button's handler does to the dialog when the person refused.
func (a *arrival) refused(s *sheet, t *program.Trace, event string) exit {
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.After != program.Nothing || laterThanAnswer(e) {
			continue
		}
		if event != "error" && reached(a.p, e, a.p.Initially, ask.Refuser) == program.False {
			continue
		}
		if event != "error" && e.When != nil && reached(a.p, e, a.p.Initially, ask.Refuser) == program.Maybe && !e.Under(func(g *program.Given) bool {
			return guard(a.p, g, a.p.Initially, ask.Refuser) == program.True
		}) {
			continue
		}
		one := &program.Trace{Entry: t.Entry, Effects: []program.Effect{*e}}
		if x := a.closes(s, one); x == open {
			return open
		}
	}
	return shut
}

// laterThanAnswer reports whether an effect waits for a request that is sent first.
func laterThanAnswer(e *program.Effect) bool {
	for s := e.Steps; s != nil; s = s.Up {
		if s.Kind == program.Then || s.Kind == program.Callback {
			return true
		}
	}
	return false
}
