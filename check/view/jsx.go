package view

import (
	"strings"

	"clew/check/code"
	"clew/check/source"
	"clew/check/source/markup"
)

// Limits of a JSX tree: variables and render helpers may be used many times over.
const (
	maxElements = 1 << 15 // elements of one function; what follows is left out
	maxFollow   = 48      // variables, helpers and branches followed one inside the other
)

// FromJSX is the elements that a component function (or a class's render) returns.
// Conditions become When: those of ?:, && and ||, and those under which a return
// is reached, so that `if (!x) return <Gate/>` gives the rest the condition x.
// A .map becomes a Loop, fragments vanish, variables that hold JSX are followed,
// and so are helpers that are called: those that the file shows by themselves, and
// what resolve (may be nil) finds for a call. An element that a variable holds
// which is given more than one value has an [code.Unknown] condition. JSX inside
// an attribute stands among the children, behind the element's own.
func FromJSX(file *source.File, fn *code.Func, resolve func(call *code.Value) *code.Func) []*Element {
	b := &builder{file: file, resolve: resolve, active: map[*code.Func]bool{}}
	top := &Element{}
	b.returns(fn, place{parent: top})
	for _, e := range top.Children {
		e.Parent = nil
	}
	return top.Children
}

type builder struct {
	file    *source.File
	resolve func(*code.Value) *code.Func
	active  map[*code.Func]bool // being read: a helper that calls itself is not read again
	made    int
	slab    []Element
}

// place is where elements go, and what they stand under since the last element.
type place struct {
	parent *Element
	when   []Condition
	loop   *Loop
	depth  int
}

func (p place) under(c ...Condition) place {
	p.when = append(p.when[:len(p.when):len(p.when)], c...)
	p.depth++
	return p
}

func (b *builder) fresh(at place) *Element {
	b.made++
	if len(b.slab) == 0 {
		b.slab = make([]Element, 16)
	}
	e := &b.slab[0]
	b.slab = b.slab[1:]
	*e = Element{File: b.file, Parent: at.parent, When: at.when, Loop: at.loop}
	at.parent.Children = append(at.parent.Children, e)
	return e
}

// returns reads what a function gives back.
func (b *builder) returns(fn *code.Func, at place) {
	if fn == nil || b.active[fn] || at.depth > maxFollow {
		return
	}
	b.active[fn] = true
	defer delete(b.active, fn)
	for _, op := range fn.Ops {
		if op.Kind == code.OpReturn && op.Value != nil {
			b.value(op.Value, at.under(guards(op.Guard, nil)...))
		}
	}
}

// guards is the conditions of a guard and those around it, the outermost first.
func guards(g *code.Guard, stop *code.Guard) []Condition {
	var all []Condition
	for ; g != nil && g != stop; g = g.Parent {
		c := condition(g.Cond, g.Not)
		if g.Kind == code.Loop {
			c = condition(nil, false)
		}
		all = append(all, c)
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	return all
}

func condition(v *code.Value, not bool) Condition {
	if v == nil {
		return Condition{Expr: &code.Value{}}
	}
	at := span(v)
	v, not = bare(v, not)
	return Condition{Expr: v, Not: not, Span: at}
}

func span(v *code.Value) markup.Span { return markup.Span{Start: int(v.From), End: int(v.To)} }

// value puts what v shows at a place.
func (b *builder) value(v *code.Value, at place) {
	if v == nil || at.depth > maxFollow || b.made >= maxElements {
		return
	}
	switch v.Kind {
	case code.Bool, code.Null, code.Undefined, code.ClassDef:
		return
	case code.JSX:
		b.element(v.Elem, at)
		return
	case code.Array:
		at.depth++
		for _, x := range v.Args {
			b.value(x, at)
		}
		return
	case code.Spread, code.Await, code.Sequence:
		at.depth++
		if len(v.Args) > 0 {
			b.value(v.Args[len(v.Args)-1], at)
		}
		return
	case code.Function: // a function as child: its caller puts it there
		b.returns(v.Func, at)
		return
	case code.Conditional:
		if len(v.Args) == 3 && (b.shows(v.Args[1], 0) || b.shows(v.Args[2], 0)) {
			b.value(v.Args[1], at.under(condition(v.Args[0], false)))
			b.value(v.Args[2], at.under(condition(v.Args[0], true)))
			return
		}
	case code.Logical:
		if len(v.Args) == 2 && b.shows(v, 0) {
			and := v.Op == opAnd
			if !and && b.shows(v.Args[0], 0) {
				b.value(v.Args[0], at.under(condition(v.Args[0], false)))
			}
			b.value(v.Args[1], at.under(condition(v.Args[0], !and)))
			return
		}
	case code.Local:
		if b.shows(v, 0) {
			b.local(v.Var, at)
			return
		}
	case code.Call:
		if b.called(v, at) {
			return
		}
	case code.Member:
		if v.Str == "children" {
			e := b.fresh(at)
			e.Name, e.Span, e.Open, e.Tag = "slot", span(v), span(v), v
			return
		}
	}
	b.text(v, at)
}

// local follows a variable.
func (b *builder) local(v *code.Var, at place) {
	if len(v.Writes) != 1 || v.Open {
		at = at.under(condition(nil, false))
	}
	at.depth++
	for _, w := range v.Writes {
		if b.shows(w, 0) {
			b.value(w, at)
		}
	}
}

// shows reports whether a value is or may hold elements, rather than text.
func (b *builder) shows(v *code.Value, depth int) bool {
	if v == nil || depth > 12 {
		return false
	}
	any := func(list []*code.Value) bool {
		for _, x := range list {
			if b.shows(x, depth+1) {
				return true
			}
		}
		return false
	}
	switch v.Kind {
	case code.JSX:
		return true
	case code.Conditional:
		return len(v.Args) == 3 && any(v.Args[1:])
	case code.Logical, code.Array, code.Sequence, code.Spread, code.Await:
		return any(v.Args)
	case code.Local:
		return v.Var != nil && v.Var.Param < 0 && any(v.Var.Writes)
	case code.Function:
		return b.returnsElements(v.Func, depth)
	case code.Call:
		if fn, _ := repeated(v); fn != nil {
			return b.returnsElements(fn, depth)
		}
		if inner := passed(v); inner != nil {
			return b.shows(inner, depth+1)
		}
		return b.returnsElements(b.helper(v), depth)
	case code.Member:
		return v.Str == "children"
	}
	return false
}

func (b *builder) returnsElements(fn *code.Func, depth int) bool {
	if fn == nil {
		return false
	}
	for _, op := range fn.Ops {
		if op.Kind == code.OpReturn && b.shows(op.Value, depth+1) {
			return true
		}
	}
	return false
}

// called reads a call that gives elements; false means it gives text.
func (b *builder) called(v *code.Value, at place) bool {
	if !b.shows(v, 0) {
		return false
	}
	at.depth++
	if fn, list := repeated(v); fn != nil {
		if at.loop != nil { // a loop in a loop: a fragment stands between
			f := b.fresh(at)
			f.Span, f.Open = span(v), span(v)
			at = place{parent: f, depth: at.depth}
		}
		at.loop = &Loop{List: list, Span: span(v), Item: parameter(fn, 0), Index: parameter(fn, 1)}
		b.returns(fn, at)
		return true
	}
	if inner := passed(v); inner != nil {
		b.value(inner, at)
		return true
	}
	b.returns(b.helper(v), at)
	return true
}

func parameter(fn *code.Func, i int) string {
	if i < len(fn.Params) && fn.Params[i] != nil {
		return fn.Params[i].Name
	}
	return ""
}

// repeated is the function of list.map(fn) and its like, and the list.
func repeated(call *code.Value) (fn *code.Func, list *code.Value) {
	if len(call.Args) < 2 || call.Args[0].Kind != code.Member {
		return nil, nil
	}
	callee := call.Args[0]
	switch callee.Str {
	case "map", "flatMap", "from":
	default:
		return nil, nil
	}
	fn, list = functionOf(call.Args[1]), callee.Args[0]
	if fn == nil && len(call.Args) > 2 { // React.Children.map(list, fn), Array.from(list, fn)
		fn, list = functionOf(call.Args[2]), call.Args[1]
	}
	return fn, list
}

func functionOf(v *code.Value) *code.Func {
	switch {
	case v.Kind == code.Function:
		return v.Func
	case v.Kind == code.Local && v.Var != nil && len(v.Var.Writes) == 1 && !v.Var.Open && v.Var.Writes[0].Kind == code.Function:
		return v.Var.Writes[0].Func
	}
	return nil
}

// passed is what a call of React only hands on: the inside of a portal, a memo.
func passed(call *code.Value) *code.Value {
	if len(call.Args) < 2 {
		return nil
	}
	switch lastName(call.Args[0]) {
	case "createPortal", "useMemo", "memo", "cloneElement", "forwardRef", "observer":
		return call.Args[1]
	}
	return nil
}

// helper is the function that a call runs, if it can be seen.
func (b *builder) helper(call *code.Value) *code.Func {
	if len(call.Args) == 0 {
		return nil
	}
	callee := call.Args[0]
	if fn := functionOf(callee); fn != nil {
		return fn
	}
	if callee.Kind == code.Local && callee.Var != nil && len(callee.Var.Writes) == 1 && callee.Var.Writes[0].Kind == code.Call {
		// const render = useCallback(() => <X/>, [])
		if w := callee.Var.Writes[0]; len(w.Args) > 1 && lastName(w.Args[0]) == "useCallback" {
			return functionOf(w.Args[1])
		}
	}
	if b.resolve != nil {
		return b.resolve(call)
	}
	return nil
}

// text is characters or an expression between tags.
func (b *builder) text(v *code.Value, at place) {
	if v.Kind == code.String && blank(v.Str) {
		return
	}
	e := b.fresh(at)
	e.Span, e.Open = span(v), span(v)
	parts := []*code.Value{v}
	if v.Kind == code.Template {
		parts = v.Args
	}
	e.Text = make([]Part, 0, len(parts))
	for _, p := range parts {
		if p.Kind == code.String || p.Kind == code.Number {
			e.Text = append(e.Text, Part{Text: p.Str, Span: span(p)})
		} else {
			e.Text = append(e.Text, Part{Expr: p, Span: span(p)})
		}
	}
}

func (b *builder) element(el *code.Elem, at place) {
	if el == nil {
		return
	}
	if name := el.Name; name == "" || name == "Fragment" || strings.HasSuffix(name, ".Fragment") {
		at.depth++
		for _, c := range el.Children {
			b.value(c, at)
		}
		return
	}
	e := b.fresh(at)
	e.Name, e.Tag = el.Name, el.Tag
	e.Span = markup.Span{Start: int(el.From), End: int(el.To)}
	e.Open = markup.Span{Start: int(el.Open[0]), End: int(el.Open[1])}
	inside := b.attributes(e, el.Attrs)
	at = place{parent: e, depth: at.depth + 1}
	for _, c := range el.Children {
		b.value(c, at)
	}
	for _, v := range inside {
		b.value(v, at)
	}
}
