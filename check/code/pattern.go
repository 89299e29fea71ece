package code

import (
	"strconv"

	"clew/check/source/js"
)

func (l *lowerer) varStmt(n *js.Var) {
	if n.Declare {
		return
	}
	for i := range n.Decls {
		d := &n.Decls[i]
		if d.Init == nil {
			continue
		}
		id, ok := d.Target.(*js.Identifier)
		if !ok {
			v := l.expr(d.Init)
			if object, ok := d.Target.(*js.Object); ok && isRequired(d.Init, v) {
				l.requiredParts(object, v)
			} else {
				l.assignTo(d.Target, v)
			}
			continue
		}
		v := l.named(d.Init, id.Name, id.Range)
		if to := l.lookup(id.Name); to != nil {
			l.write(to, v)
			if isRequired(d.Init, v) {
				l.imported(v.Str, "*", to, id.Range)
			}
		}
	}
}

// write gives a variable a value.
func (l *lowerer) write(to *Var, v *Value) {
	switch {
	case v.Kind == Unknown:
		to.Open = true
	case to.Writes == nil:
		to.Writes = l.lists.keep([]*Value{v})
	default:
		to.Writes = append(to.Writes, v)
	}
}

// assignTo gives a value to a name, a member or a pattern. Parts of a pattern get
// members of the value, which carry the range of their key.
func (l *lowerer) assignTo(to js.Node, v *Value) {
	if l.m.Values >= maxValues {
		v = l.unknown
	}
	switch to := to.(type) {
	case *js.Identifier:
		if known := l.lookup(to.Name); known != nil {
			l.write(known, v)
			return
		}
		l.assignOp(l.name(to), v, to.Range)
	case *js.Member:
		l.assignOp(l.expr(to), v, to.Range)
	case *js.TypeCast:
		l.assignTo(to.Expr, v)
	case *js.Assign:
		l.withDefault(to.Target, v, to.Value)
	case *js.Object:
		for _, p := range to.Props {
			switch p := p.(type) {
			case *js.Property:
				l.assignTo(p.Value, l.part(v, p))
			case *js.Spread:
				l.assignTo(p.Value, l.rest(Object, v, p))
			}
		}
	case *js.Array:
		for i, e := range to.Elements {
			switch e := e.(type) {
			case nil:
			case *js.Spread:
				rest := l.unknown
				if i == 0 {
					rest = l.rest(Array, v, e)
				}
				l.assignTo(e.Value, rest)
			default:
				item := l.unknown
				if v.Kind != Unknown {
					item = l.made(Index, rangeOf(e), v, l.text(Number, rangeOf(e), strconv.Itoa(i)))
				}
				l.assignTo(e, item)
			}
		}
	}
}

// withDefault gives v, or where v is undefined other, to a part of a pattern.
func (l *lowerer) withDefault(to js.Node, v *Value, other js.Node) {
	to = js.Unwrap(to)
	guards := len(l.pending)
	if runs(other) && v.Kind != Unknown {
		absent := l.joined(Binary, js.OpStrictEq, v, &Value{Kind: Undefined, From: v.From, To: v.To})
		l.push(If, absent, false)
	}
	var fallback *Value
	if id, ok := to.(*js.Identifier); ok {
		fallback = l.named(other, id.Name, id.Range)
	} else {
		fallback = l.expr(other)
	}
	l.pending = l.pending[:guards]
	if id, ok := to.(*js.Identifier); ok {
		if known := l.lookup(id.Name); known != nil {
			l.write(known, v)
			l.write(known, fallback)
			return
		}
	}
	if v.Kind != Unknown {
		v = l.joined(Logical, js.OpNullish, v, fallback)
	}
	l.assignTo(to, v)
}

// runs says that a default may do something.
func runs(n js.Node) bool {
	switch n := js.Unwrap(n).(type) {
	case *js.Literal, *js.Identifier, *js.This, *js.Function:
		return false
	case *js.Object:
		return len(n.Props) > 0
	case *js.Array:
		return len(n.Elements) > 0
	}
	return true
}

// part is what the pattern p takes from v.
func (l *lowerer) part(v *Value, p *js.Property) *Value {
	if lit, ok := p.Key.(*js.Literal); p.Computed && (!ok || lit.Kind != js.String) {
		k := l.expr(p.Key)
		if v.Kind == Unknown {
			return l.unknown
		}
		return l.made(Index, rangeOf(p.Key), v, k)
	}
	if v.Kind == Unknown {
		return l.unknown
	}
	m := l.made(Member, rangeOf(p.Key), v)
	m.Str = key(p.Key)
	return m
}

// rest is a new object or array with what is left of v: all of it, as far as is
// known here.
func (l *lowerer) rest(kind Kind, v *Value, n *js.Spread) *Value {
	if v.Kind == Unknown {
		return l.unknown
	}
	return l.made(kind, n.Range, l.made(Spread, n.Range, v))
}

// assignOp records an assignment to something that is no variable of the file.
func (l *lowerer) assignOp(to, v *Value, r js.Range) *Value {
	a := l.made(Assign, r, to, v)
	a.Op = js.OpAssign
	l.emit(OpAssign, a)
	l.exportAssign(to, v)
	return a
}

// assign is an assignment as expression.
func (l *lowerer) assign(n *js.Assign) *Value {
	var to, v *Value
	target := js.Unwrap(n.Target)
	logical := n.Op == js.OpAndAssign || n.Op == js.OpOrAssign || n.Op == js.OpNullishAssign
	guards := len(l.pending)
	name, at := "", js.Range{}
	switch t := target.(type) {
	case *js.Object, *js.Array:
		v = l.expr(n.Value)
		l.assignTo(t, v)
		to = l.value(Unknown, rangeOf(t))
		a := l.made(Assign, n.Range, to, v)
		a.Op = n.Op
		return a
	case *js.Identifier:
		name, at = t.Name, t.Range
	case *js.Member:
		if to = l.expr(t); to.Kind == Member {
			name, at = to.Str, rangeOf(t.Property)
		}
	}
	if to == nil {
		to = l.expr(target)
	}
	if logical {
		l.push(If, to, n.Op != js.OpAndAssign)
	}
	v = l.named(n.Value, name, at)
	a := l.made(Assign, n.Range, to, v)
	a.Op = n.Op
	switch {
	case to.Kind == Local && (n.Op == js.OpAssign || logical):
		l.write(to.Var, v)
	case to.Kind == Local:
		l.write(to.Var, a)
	case to.Kind == Member || to.Kind == Index || to.Kind == Global:
		l.emit(OpAssign, a)
		if n.Op == js.OpAssign {
			l.exportAssign(to, v)
		}
	}
	l.pending = l.pending[:guards]
	return a
}

// update is ++ and --: an assignment of one more or less.
func (l *lowerer) update(n *js.Update) *Value {
	to := l.expr(n.Operand)
	sign := js.Range{From: n.To - 2, To: n.To}
	if n.Prefix {
		sign = js.Range{From: n.From, To: n.From + 2}
	}
	a := l.made(Assign, n.Range, to, l.text(Number, sign, "1"))
	a.Op = js.OpAddAssign
	if n.Op == js.OpDec {
		a.Op = opSubAssign
	}
	switch to.Kind {
	case Local:
		l.write(to.Var, a)
	case Member, Index, Global:
		l.emit(OpAssign, a)
	}
	return a
}
