package code

import (
	"slices"

	"clew/check/source/js"
)

// opSubAssign is -=, which package js does not name.
const opSubAssign = js.OpAddAssign + 1

// expr reads an expression. Its calls become operations, in the order in which
// they run.
func (l *lowerer) expr(n js.Node) *Value {
	if l.m.Values >= maxValues {
		return l.unknown
	}
	switch n := n.(type) {
	case *js.Identifier:
		return l.name(n)
	case *js.Literal:
		return l.literal(n)
	case *js.Member, *js.Call:
		guards := len(l.pending)
		v := l.chain(n)
		l.pending = l.pending[:guards]
		return v
	case *js.This:
		v := l.value(This, n.Range)
		v.Func = l.this
		return v
	case *js.Object:
		return l.object(n)
	case *js.Function:
		return l.function(n, "", js.Range{})
	case *js.Array:
		base, absent := len(l.stack), (*Value)(nil)
		if slices.Contains(n.Elements, nil) {
			absent = &Value{Kind: Undefined, From: n.From + l.base, To: n.From + l.base}
		}
		for _, e := range n.Elements {
			v := absent
			if e != nil {
				v = l.expr(e)
			}
			l.stack = append(l.stack, v)
		}
		v := l.value(Array, n.Range)
		v.Args = l.take(base)
		return v
	case *js.Binary:
		a := l.operand(n.Left)
		v := l.made(Binary, n.Range, a, l.expr(n.Right))
		v.Op = n.Op
		return v
	case *js.Logical:
		a := l.expr(n.Left)
		guards := l.push(If, a, n.Op != js.OpAnd)
		b := l.expr(n.Right)
		l.pending = l.pending[:guards]
		v := l.made(Logical, n.Range, a, b)
		v.Op = n.Op
		return v
	case *js.Conditional:
		test := l.expr(n.Test)
		guards := l.push(If, test, false)
		a := l.expr(n.Then)
		l.pending = l.pending[:guards]
		l.push(If, test, true)
		b := l.expr(n.Else)
		l.pending = l.pending[:guards]
		return l.made(Conditional, n.Range, test, a, b)
	case *js.Unary:
		return l.unary(n)
	case *js.Assign:
		return l.assign(n)
	case *js.Update:
		return l.update(n)
	case *js.Template:
		return l.template(n)
	case *js.Tagged:
		return l.tagged(n)
	case *js.New:
		base := len(l.stack)
		callee := l.expr(n.Callee)
		l.stack = append(l.stack, callee)
		l.args(n.Args)
		v := l.value(New, n.Range)
		v.Args = l.take(base)
		l.emit(OpCall, v)
		return v
	case *js.Sequence:
		base := len(l.stack)
		l.args(n.Exprs)
		v := l.value(Sequence, n.Range)
		v.Args = l.take(base)
		return v
	case *js.Await:
		v := l.made(Await, n.Range, l.expr(n.Value))
		l.emit(OpAwait, v)
		return v
	case *js.Yield:
		var arg *Value
		if n.Value != nil {
			arg = l.expr(n.Value)
		} else {
			arg = l.value(Undefined, js.Range{From: n.To, To: n.To})
		}
		v := l.made(Await, n.Range, arg)
		v.Flag = true
		l.emit(OpAwait, v)
		return v
	case *js.ImportCall:
		return l.importCall(n)
	case *js.TypeCast:
		return l.expr(n.Expr)
	case *js.Spread:
		return l.made(Spread, n.Range, l.expr(n.Value))
	case *js.Class:
		return l.class(n, "")
	case *js.JSXElement:
		return l.element(n)
	case *js.Super:
		return l.value(Super, n.Range)
	case nil:
		return l.unknown
	}
	return l.value(Unknown, rangeOf(n))
}

// named is expr for what takes its name from where it is put.
func (l *lowerer) named(n js.Node, name string, at js.Range) *Value {
	switch u := js.Unwrap(n).(type) {
	case *js.Function:
		return l.function(u, name, at)
	case *js.Class:
		return l.class(u, name)
	}
	return l.expr(n)
}

func (l *lowerer) args(list []js.Node) {
	for _, n := range list {
		v := l.expr(n)
		l.stack = append(l.stack, v)
	}
}

func (l *lowerer) name(n *js.Identifier) *Value {
	v := l.value(Local, n.Range)
	if v.Var = l.lookup(n.Name); v.Var == nil {
		v.Kind, v.Str = Global, n.Name
		if n.Name == "undefined" {
			v.Kind, v.Str = Undefined, ""
		}
	}
	return v
}

// chain reads the members and calls of one chain. The guard of ?. stays for the
// caller to take off: it holds up to the end of the chain (ECMA-262 13.3.9).
func (l *lowerer) chain(n js.Node) *Value {
	switch n := n.(type) {
	case *js.Member:
		object := l.chain(n.Object)
		if n.Optional {
			l.push(If, object, false)
		}
		return l.member(n, object)
	case *js.Call:
		return l.call(n)
	case *js.TypeCast:
		return l.chain(n.Expr)
	}
	return l.expr(n)
}

// member is a part of object; the caller has read the object.
func (l *lowerer) member(n *js.Member, object *Value) *Value {
	if n.Computed {
		if lit, ok := js.Unwrap(n.Property).(*js.Literal); !ok || lit.Kind != js.String {
			v := l.made(Index, n.Range, object, l.expr(n.Property))
			v.Flag = n.Optional
			return v
		}
	}
	v := l.made(Member, n.Range, object)
	v.Str, v.Flag = key(js.Unwrap(n.Property)), n.Optional
	return v
}

func (l *lowerer) call(n *js.Call) *Value {
	if v := l.require(n); v != nil {
		return v
	}
	base := len(l.stack)
	callee := l.chain(n.Callee)
	l.stack = append(l.stack, callee)
	if n.Optional {
		l.push(If, callee, false)
	}
	l.args(n.Args)
	v := l.value(Call, n.Range)
	v.Args, v.Flag = l.take(base), n.Optional
	l.emit(OpCall, v)
	if callee.Kind == Member || callee.Kind == Local {
		l.exportCall(v)
	}
	return v
}

// key is the constant name of a member.
func key(n js.Node) string {
	switch n := n.(type) {
	case *js.Identifier:
		return n.Name
	case *js.PrivateName:
		return "#" + n.Name
	case *js.Literal:
		if n.Kind == js.Number || n.Kind == js.BigInt {
			return number(n)
		}
		return n.Value
	}
	return ""
}

// operand is the left side of a binary: #x in y has a name there.
func (l *lowerer) operand(n js.Node) *Value {
	if p, ok := n.(*js.PrivateName); ok {
		return l.text(String, p.Range, "#"+p.Name)
	}
	return l.expr(n)
}

func (l *lowerer) unary(n *js.Unary) *Value {
	if lit, ok := n.Operand.(*js.Literal); ok && lit.Kind == js.Number {
		switch {
		case n.Op == js.OpVoid:
			return l.value(Undefined, n.Range)
		case n.Op == js.OpNot && lit.Number == 0:
			return l.text(Bool, n.Range, "true")
		case n.Op == js.OpNot:
			return l.text(Bool, n.Range, "false")
		}
	}
	v := l.made(Unary, n.Range, l.expr(n.Operand))
	v.Op = n.Op
	return v
}

func (l *lowerer) object(n *js.Object) *Value {
	base := len(l.stack)
	for _, p := range n.Props {
		var v *Value
		switch p := p.(type) {
		case *js.Property:
			v = l.property(p)
		case *js.Spread:
			v = l.expr(p)
		default:
			v = l.made(Spread, rangeOf(p), l.unknown) // who knows what stood there
		}
		if v != nil {
			l.stack = append(l.stack, v)
		}
	}
	v := l.value(Object, n.Range)
	v.Args = l.take(base)
	return v
}

// property is nil for a setter: nothing can be read from it.
func (l *lowerer) property(p *js.Property) *Value {
	v := l.value(Prop, p.Range)
	var computed *Value
	name := ""
	if lit, ok := p.Key.(*js.Literal); p.Computed && (!ok || lit.Kind != js.String) {
		computed = l.expr(p.Key)
	} else {
		name = key(p.Key)
	}
	value := l.named(p.Value, name, rangeOf(p.Key))
	if p.Kind == js.Setter {
		return nil
	}
	v.Str, v.Flag = name, p.Kind == js.Getter
	if computed != nil {
		v.Args = l.lists.keep([]*Value{value, computed})
	} else {
		v.Args = l.lists.keep([]*Value{value})
	}
	return v
}
