package program

import (
	"strings"

	"clew/check/code"
	"clew/check/source/markup"
	"clew/check/view"
)

// Look is what is known of an expression of n's template.
func (p *Program) Look(n *Node, v *code.Value) *Term {
	if v == nil {
		return undefined
	}
	switch v.Kind {
	case code.String, code.Number, code.Bool: // nothing to look up
		return p.eval(v, nil)
	}
	if n.Page == nil {
		return p.look(n, v)
	}
	key := looked{n, v}
	if t, ok := n.Page.looks[key]; ok {
		return t
	}
	whole := p.depth == 0 // otherwise what is left of the fuel decides
	t := p.look(n, v)
	if whole {
		n.Page.looks[key] = t
	}
	return t
}

// looked is an expression where it stands.
type looked struct {
	node *Node
	expr *code.Value
}

func (p *Program) look(n *Node, v *code.Value) *Term {
	if n.Element.Origin == nil && n.Unit.mod != nil { // JSX
		return p.bound(p.eval(v, p.staticFrameOf(n.Unit)), n)
	}
	return p.eval(v, p.templateFrame(n))
}

func (p *Program) templateFrame(n *Node) *Frame {
	return &Frame{node: n, Unit: n.Unit, This: n.Unit.self(), mod: n.Unit.mod}
}

// named is what a template knows by a name: a loop's item, a member, a prop.
func (p *Program) named(name string, n *Node) *Term {
	if name == "$event" {
		return &Term{Kind: Param}
	}
	for k := n; k != nil && k.Unit == n.Unit && k.Host == n.Host; k = k.Up {
		if k.Loop == nil {
			continue
		}
		if name == k.Loop.Item {
			outer := k
			if k.Up != nil && k.Up.Unit == k.Unit {
				outer = k.Up
			}
			return p.element(p.Look(outer, k.Loop.List))
		}
		if name == k.Loop.Index {
			return unknown
		}
	}
	if n.Unit.mod == nil {
		return &Term{Kind: State, Unit: n.Unit, Str: name}
	}
	switch name {
	case "Math", "JSON", "Object", "Date", "String", "Number", "parseInt", "console", "uni", "wx", "tt", "my", "window", "document", "location":
		return &Term{Kind: Global, Str: name}
	}
	if n.Unit.native() {
		return p.bound(&Term{Kind: State, Unit: n.Unit, Str: name}, n)
	}
	return p.bound(p.memberOf(n.Unit, name, n.Unit.self()), n)
}

// bound puts in place of a component's props what the host gives it.
func (p *Program) bound(t *Term, n *Node) *Term {
	if n.Host == nil && !n.pageless {
		return t
	}
	return p.rewrite(t, func(s *Term) *Term {
		if s.Kind != State || s.Unit != n.Unit || s.Str == "" {
			return s
		}
		root, rest, _ := strings.Cut(s.Str, ".")
		if !n.Unit.IsProp(root) {
			return s
		}
		if p.paged++; n.Host == nil {
			return s
		}
		a := n.Host.prop(root)
		if a == nil {
			return s
		}
		var v *Term
		switch {
		case a.Expr != nil:
			v = p.Look(n.Host, a.Expr)
		case !a.Has:
			v = yes
		default:
			v = &Term{Kind: String, Str: a.Value}
		}
		if rest != "" {
			for _, name := range strings.Split(rest, ".") {
				v = p.get(v, name)
			}
		}
		return v
	}, 0)
}

// prop is the attribute by which a component's tag gives a prop.
func (n *Node) prop(name string) *view.Attr {
	fold := markup.Fold(name)
	for i := range n.Attrs {
		if n.Attrs[i].Name == fold {
			return &n.Attrs[i]
		}
	}
	if name == "modelValue" || name == "value" {
		for i := range n.Attrs {
			if n.Attrs[i].TwoWay && n.Attrs[i].Name == "value" {
				return &n.Attrs[i]
			}
		}
	}
	return nil
}

// rewrite replaces the states in a term and folds what becomes constant.
func (p *Program) rewrite(t *Term, state func(*Term) *Term, depth int) *Term {
	r := rewriting{p: p, state: state}
	return r.term(t, depth)
}

// rewriting is one rewrite: a part that a term holds many times is rewritten once.
type rewriting struct {
	p     *Program
	state func(*Term) *Term
	count int
	done  map[*Term]*Term // from the count on from which it pays
}

func (r *rewriting) term(t *Term, depth int) *Term {
	if depth > 30 {
		return t
	}
	switch t.Kind {
	case Op, Choice, Concat, Result:
	default:
		return r.rewrite(t, depth)
	}
	if done, ok := r.done[t]; ok {
		return done
	}
	made := r.rewrite(t, depth)
	if r.count++; r.count > 12 {
		if r.done == nil {
			r.done = map[*Term]*Term{}
		}
		r.done[t] = made
	}
	return made
}

func (r *rewriting) rewrite(t *Term, depth int) *Term {
	p, state := r.p, r.state
	switch t.Kind {
	case State:
		return state(t)
	case Op:
		a := r.term(t.Args[0], depth+1)
		if len(t.Args) == 1 {
			return p.unary(t.Operator, a)
		}
		b := r.term(t.Args[1], depth+1)
		switch t.Operator {
		case andOp, orOp, nullishOp:
			return p.logical(t.Operator, a, func() *Term { return b })
		}
		return p.binary(t.Operator, a, b)
	case Choice:
		if t.test() != nil && len(t.Args) == 2 {
			test := r.term(t.test(), depth+1)
			switch test.Truth() {
			case True:
				return r.term(t.Args[0], depth+1)
			case False:
				return r.term(t.Args[1], depth+1)
			}
			return &Term{Kind: Choice, Args: []*Term{r.term(t.Args[0], depth+1), r.term(t.Args[1], depth+1)}, rare: &rare{test: test}}
		}
		list := make([]*Term, len(t.Args))
		for i, a := range t.Args {
			list[i] = r.term(a, depth+1)
		}
		return choice(dedupe(list))
	case Concat:
		list := make([]*Term, len(t.Args))
		for i, a := range t.Args {
			list[i] = r.term(a, depth+1)
		}
		return p.concat(list)
	case Method:
		if len(t.Args) == 1 && t.Args[0].Kind == State {
			if on := state(t.Args[0]); on != t.Args[0] {
				return p.get(on, t.Str)
			}
		}
	case Result:
		if isLoad(t) {
			return state(t)
		}
		if t.Fn != nil && t.Str == "" { // a method that a condition asks
			if gives := p.returned(t); gives != nil && gives != t && gives.Kind != Unknown && gives.Kind != Result {
				return r.term(gives, depth+1)
			}
		}
	}
	return t
}

// Cond is a condition of n or of something around it.
type Cond struct {
	Node *Node // that carries it
	Term *Term
	Not  bool
	Soft bool
	Span markup.Span
}

// Conditions is all that must hold for n to be seen, the innermost first.
func (n *Node) Conditions() []Cond {
	var list []Cond
	p := n.Page.p
	for k := n; k != nil; k = k.Up {
		for _, c := range k.When {
			at := k
			if k.Element.Origin != nil && k.Loop == nil && k.Up != nil && k.Up.Unit == k.Unit {
				at = k.Up
			}
			list = append(list, Cond{k, p.Look(at, c.Expr), c.Not, c.Soft, c.Span})
		}
	}
	return list
}

// World answers what a state is, or what was read from storage (a Result); nil
// where it does not know better than the program's text.
type World func(state *Term) *Term

// Initially is the world before anything ran.
func (p *Program) Initially(state *Term) *Term {
	if state.Kind != State || state.Unit == nil {
		return nil
	}
	t := state.Unit.Initial(state.Str)
	if (t.Kind == Undefined || p.Lone != nil && p.Lone == state.Unit.Source) && state.Unit.IsProp(state.Str) {
		return nil // given by somebody that was not seen
	}
	return t
}

// After is a world in which states were set, over another.
func (p *Program) After(set []Effect, before World) World {
	return func(s *Term) *Term {
		if s.Kind != State {
			if before == nil {
				return nil
			}
			return before(s)
		}
		for i := len(set) - 1; i >= 0; i-- {
			e := &set[i]
			if e.Kind != Set || e.State == nil || e.State.Unit != s.Unit {
				continue
			}
			switch {
			case e.State.Str == s.Str:
				if e.Value.Any(func(t *Term) bool { return t.Kind == State && t.Unit == s.Unit && t.Str == s.Str }) { // n = n + 1
					return p.In(e.Value, p.After(set[:i], before))
				}
				return e.Value
			case strings.HasPrefix(s.Str, e.State.Str+"."):
				v := e.Value
				for _, name := range strings.Split(s.Str[len(e.State.Str)+1:], ".") {
					v = p.get(v, name)
				}
				return v
			}
		}
		if before == nil {
			return nil
		}
		return before(s)
	}
}

// In is a term in a world.
func (p *Program) In(t *Term, w World) *Term {
	seen := 0
	var look func(s *Term) *Term
	look = func(s *Term) *Term {
		seen++
		if seen > 60 {
			return s
		}
		if v := w(s); v != nil {
			if v == s || v.Kind == State && v.Unit == s.Unit && v.Str == s.Str {
				return v
			}
			return p.rewrite(v, look, 1)
		}
		return s
	}
	return p.rewrite(t, look, 0)
}

// Holds reports whether conditions hold in a world, and the condition that
// decided where they do not.
func (p *Program) Holds(conds []Cond, w World) (Tri, *Cond) {
	all := True
	for i := range conds {
		c := &conds[i]
		t := p.In(c.Term, w).Truth()
		if c.Not {
			t = t.not()
		}
		if t == False {
			return False, c
		}
		all = all.and(t)
	}
	return all, nil
}

// isLoad reports whether a term was read from storage.
func isLoad(t *Term) bool {
	if t.Kind != Result || len(t.Args) == 0 {
		return false
	}
	switch lastName(t.Name) {
	case "getStorageSync", "getItem", "getStorageInfoSync":
		return true
	}
	return false
}

// FirstVisit is a world in which nothing was ever stored.
func FirstVisit(next World) World {
	return func(t *Term) *Term {
		if t.Kind == Result {
			return &Term{Kind: String}
		}
		if next == nil {
			return nil
		}
		return next(t)
	}
}

// Reached reports whether the conditions on the way to an effect hold in a world:
// Maybe where some are not known.
func (p *Program) Reached(e *Effect, w World) Tri {
	all := True
	for g := e.When; g != nil; g = g.Up {
		if g.Term == nil || g.Term == unknown {
			all = all.and(Maybe)
			continue
		}
		t := p.In(g.Term, w).Truth()
		if g.Not {
			t = t.not()
		}
		if t == False {
			return False
		}
		all = all.and(t)
	}
	return all
}
