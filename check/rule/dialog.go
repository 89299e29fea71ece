package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source/js"
	"clew/check/source/markup"
	"clew/check/view"
	"clew/finding"
)

// sheet is a dialog of a page that asks for a phone number or a login.
type sheet struct {
	node *program.Node
	// at is where it stands in the page's own template: the dialog, or the tag of the
	// component that holds it.
	at    *program.Node
	why   view.DialogWhy
	conds []program.Cond
	// caller is the component that a call through its ref opens; nil where conditions
	// decide.
	caller *program.Node
	asks   []*ask.Ask // the questions in it
	button *program.Node
	// login: no number is asked in it, its words ask for a login.
	login bool
}

// typed reports whether the number can be typed into the dialog.
func (s *sheet) typed() bool {
	for _, a := range s.asks {
		if a.Field != nil && !a.Field.Closed {
			return true
		}
	}
	return false
}

func (s *sheet) capability() finding.Capability {
	for _, a := range s.asks {
		return a.Capability()
	}
	return ""
}

var (
	demandWord = pattern.MustCompile(`手机号|手机登录|请先登录|请登录|需要登录|登录后|授权登录|未登录|没有登录|还没登录|尚未登录|绑定手机|快捷登录|一键登录|登录授权|去登录|立即登录|微信登录`)
	// otherDialog names what opens for another reason: notices, updates, places, and
	// what tells of a failure.
	otherDialog = pattern.MustCompile(`更新|升级|维护|公告|定位|位置|地理|相册|相机|摄像头|麦克风|通讯录|失败|成功|过期|失效|异常|退出登录|网络|重试|已绑定|已登录`)
)

// sheets finds the page's dialogs that ask for a number or a login.
func sheets(c *Case) []*sheet {
	var list []*sheet
	inner := map[*program.Node]bool{} // components that hold a dialog of their own
	for i := len(c.Page.Nodes) - 1; i >= 0; i-- {
		n := c.Page.Nodes[i]
		if n.Text != nil || n.Name == "" || inner[n] {
			continue
		}
		why, ok := n.Dialog()
		if !ok && floats(c, n) {
			why, ok = view.ByStyle, true
		}
		if !ok {
			continue
		}
		s := &sheet{node: n, at: outermost(n), why: why}
		for _, a := range c.Asks {
			if a.Node.Inside(n) || a.Field != nil && a.Field.Node.Inside(n) {
				s.asks = append(s.asks, a)
				if a.Button != nil && a.Button.Inside(n) {
					s.button = a.Button
				}
			}
		}
		if len(s.asks) == 0 {
			words := ask.Written(n)
			if len([]rune(words)) > 200 || !demandWord.MatchString(words) || otherDialog.MatchString(words) {
				continue
			}
			s.login = true
		}
		for h := n.Host; h != nil; h = h.Host {
			inner[h] = true
		}
		s.look(c.Program)
		list = append(list, s)
	}
	return list
}

// floats reports whether a node is a sheet that comes and goes over a part of the
// page and holds a field for the number. A bar with no more than a button is none.
func floats(c *Case, n *program.Node) bool {
	if len(n.When) == 0 && (n.Host == nil || n.Up != n.Host || len(n.Host.When) == 0) || !view.LookOf(n.Element, n.Unit.Sheets...).Fixed {
		return false
	}
	for _, a := range c.Asks {
		if a.Field != nil && !a.Field.Closed && a.Field.Node.Inside(n) {
			return true
		}
	}
	return false
}

// outermost is the tag in the page's own template through which a node is shown.
func outermost(n *program.Node) *program.Node {
	for n.Host != nil {
		n = n.Host
	}
	return n
}

// look finds what must hold for the dialog to be seen.
func (s *sheet) look(p *program.Program) {
	s.conds = s.node.Conditions()
	for k := s.node; k != nil; k = k.Up {
		if k.Text != nil || k.Name == "" || k != s.node && !ask.IsDialog(k) {
			continue
		}
		shown := 0
		for _, o := range view.Opens(k.Element) {
			if o.Expr == nil {
				continue
			}
			own := false
			for _, w := range k.When {
				own = own || w.Span == o.Span
			}
			if !own {
				shown++
			}
			s.conds = append(s.conds, program.Cond{Node: k, Term: p.Look(k, o.Expr), Not: o.Not, Soft: o.Soft, Span: o.Span})
		}
		if shown == 0 && k.Ref != "" && s.caller == nil {
			if why, _ := k.Dialog(); why == view.ByComponent || why == view.ByName && k.Comp == nil {
				s.caller = k
			}
		}
	}
	if s.node.Comp != nil {
		for _, k := range s.node.Kids { // shown by what the component's own root says
			if k.Unit == s.node.Comp && k.Text == nil {
				for _, o := range view.Opens(k.Element) {
					if o.Expr != nil {
						s.conds = append(s.conds, program.Cond{Node: k, Term: p.Look(k, o.Expr), Not: o.Not, Soft: o.Soft, Span: o.Span})
					}
				}
				break
			}
		}
	}
}

// about reports whether a term speaks of the state that an effect sets.
func about(t *program.Term, e *program.Effect) bool {
	s := e.State
	return s != nil && t.Any(func(t *program.Term) bool {
		return t.Kind == program.State && t.Unit == s.Unit &&
			(t.Str == s.Str || strings.HasPrefix(t.Str, s.Str+".") || strings.HasPrefix(s.Str, t.Str+"."))
	})
}

// given is a world in which a component's props are what its host hands over.
func given(p *program.Program, host *program.Node, next program.World) program.World {
	if host == nil {
		return next
	}
	return func(t *program.Term) *program.Term {
		for h := host; h != nil; h = h.Host {
			if t.Kind != program.State || t.Unit != h.Comp || t.Str == "" || !h.Comp.IsProp(t.Str) {
				continue
			}
			a := h.Attr(markup.Fold(t.Str))
			switch {
			case a == nil:
				return next(t)
			case a.Expr != nil:
				return p.Look(h, a.Expr)
			case !a.Has:
				return &program.Term{Kind: program.Bool, Str: "true"}
			case a.Value == "false":
				return &program.Term{Kind: program.Bool, Str: "false"}
			}
			return &program.Term{Kind: program.String, Str: a.Value}
		}
		return next(t)
	}
}

// holds is whether conditions hold in a world for who is meant by leaf.
func holds(p *program.Program, conds []program.Cond, w program.World, leaf ask.Leaf) program.Tri {
	all := program.True
	for i := range conds {
		switch cond(p, &conds[i], w, leaf) {
		case program.False:
			return program.False
		case program.Maybe:
			all = program.Maybe
		}
	}
	return all
}

func cond(p *program.Program, c *program.Cond, w program.World, leaf ask.Leaf) program.Tri {
	t := ask.Truth(p.In(c.Term, given(p, c.Node.Host, w)), leaf)
	if c.Not {
		t = opposite(t)
	}
	return t
}

func opposite(t program.Tri) program.Tri {
	switch t {
	case program.True:
		return program.False
	case program.False:
		return program.True
	}
	return program.Maybe
}

// reached is whether the conditions on the way to an effect hold.
func reached(p *program.Program, e *program.Effect, w program.World, leaf ask.Leaf) program.Tri {
	all := program.True
	for g := e.When; g != nil; g = g.Up {
		switch guard(p, g, w, leaf) {
		case program.False:
			return program.False
		case program.Maybe:
			all = program.Maybe
		}
	}
	return all
}

func guard(p *program.Program, g *program.Given, w program.World, leaf ask.Leaf) program.Tri {
	if g.Term == nil {
		return program.Maybe
	}
	t := answer(p, g.Term, w, leaf, 0)
	if g.Not {
		t = opposite(t)
	}
	return t
}

// answer is whether a condition holds. Where it asks a function of the project, what
// that one gives back for who is meant by leaf decides.
func answer(p *program.Program, t *program.Term, w program.World, leaf ask.Leaf, depth int) program.Tri {
	switch {
	case t.Kind == program.Op && t.Operator == js.OpNot:
		return opposite(answer(p, t.Args[0], w, leaf, depth))
	case t.Kind == program.Result && t.Str == "" && t.Fn != nil && depth < 3:
		all, first := program.Maybe, true
		for _, r := range p.Returns(t) {
			taken := true
			for g := r.When; g != nil && taken; g = g.Up {
				if g.Term != nil {
					given := answer(p, g.Term, w, leaf, depth+1)
					taken = given == program.Maybe || (given == program.False) == g.Not
				}
			}
			if !taken || r.Value == nil {
				continue
			}
			v := answer(p, r.Value, w, leaf, depth+1)
			if !first && v != all {
				return program.Maybe
			}
			all, first = v, false
		}
		if all != program.Maybe {
			return all
		}
	}
	return ask.Truth(p.In(t, w), leaf)
}

// aboutPhone reports whether a condition asks for the person's number, by itself or
// in the function that it asks.
func aboutPhone(p *program.Program, t *program.Term, depth int) bool {
	if ask.AboutPhone(t) {
		return true
	}
	return depth < 2 && t.Any(func(t *program.Term) bool {
		if t.Kind != program.Result || t.Fn == nil || t.Str != "" {
			return false
		}
		for _, r := range p.Returns(t) {
			if r.Value != nil && r.Value.Kind != program.Result && ask.AboutPhone(r.Value) {
				return true
			}
			for g := r.When; g != nil; g = g.Up {
				if g.Term != nil && aboutPhone(p, g.Term, depth+1) {
					return true
				}
			}
		}
		return false
	})
}

// behind reports whether the page has something to read besides the dialog: one that
// is all of its page is a page, not a dialog.
func (s *sheet) behind() bool {
	found := false
	for _, r := range s.node.Page.Roots {
		r.Walk(func(n *program.Node) bool {
			if ability, _ := n.Static("open-type"); n == s.node || n == s.at || found || ability == "contact" {
				return false
			}
			if n.Text != nil {
				found = len([]rune(strings.TrimSpace(n.Words()))) > 1 || computed(n)
			} else if foreign(n) || n.Comp != nil || n.Loop != nil || n.IsField() {
				found = n != s.at && !s.node.Inside(n)
			}
			return !found
		})
	}
	return found
}

// platformKinds are elements that every platform has, imported or not.
var platformKinds = map[string]bool{
	"view": true, "text": true, "image": true, "button": true, "input": true, "textarea": true, "form": true, "scroll-view": true, "swiper": true,
	"swiper-item": true, "block": true, "navigator": true, "picker": true, "checkbox": true, "checkbox-group": true, "radio": true, "radio-group": true,
	"label": true, "icon": true, "rich-text": true, "map": true, "video": true, "canvas": true, "web-view": true, "switch": true, "fragment": true,
	"cover-view": true, "cover-image": true, "movable-view": true, "movable-area": true, "block-view": true, "slider": true, "progress": true,
}

// foreign reports whether an element is a component that is not in the project.
func foreign(n *program.Node) bool { return n.Foreign && !platformKinds[n.Kind()] }

// computed reports whether a text shows a value.
func computed(n *program.Node) bool {
	for _, part := range n.Text {
		if part.Expr != nil {
			return true
		}
	}
	return false
}

// dims reports whether the dialog darkens the page behind it.
func (s *sheet) dims() bool { return view.LookOf(s.node.Element, s.node.Unit.Sheets...).Dim }
