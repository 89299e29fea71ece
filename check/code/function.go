package code

import "clew/check/source/js"

// functionStmt is a declaration; its name is declared already. An overload
// without body is nothing.
func (l *lowerer) functionStmt(n *js.Function) {
	if n.Body == nil {
		return
	}
	v := l.function(n, "", js.Range{})
	if n.Name != nil {
		if to := l.lookup(n.Name.Name); to != nil {
			l.write(to, v)
		}
	}
}

// function reads a function; name and at are what it is called where it has no
// name of its own.
func (l *lowerer) function(n *js.Function, name string, at js.Range) *Value {
	v := l.value(Function, n.Range)
	f := l.newFunc(n.Range)
	v.Func = f
	if n.Name != nil {
		name, at = n.Name.Name, n.Name.Range
	}
	f.Arrow, f.Async, f.Name = n.Arrow, n.Async, name
	if name != "" {
		f.NameAt = [2]int32{at.From + l.base, at.To + l.base}
	}
	this := f
	if n.Arrow {
		this = l.this
	}
	mark := l.open()
	old := l.enter(f, this)
	if n.Name != nil && !n.Declaration {
		l.write(l.declare(n.Name), v)
		l.open() // mark closes both
	}
	l.params(n.Params)
	if block, ok := n.Body.(*js.Block); ok {
		l.hoistVars(block.Body)
		l.hoistBlock(block.Body)
		l.stmts(block.Body)
	} else if n.Body != nil {
		l.emit(OpReturn, l.expr(n.Body))
	}
	l.leave(old)
	l.close(mark)
	return v
}

func (l *lowerer) params(params []js.Param) {
	if len(params) == 0 {
		return
	}
	list := make([]*Var, 0, len(params))
	for i := range params {
		p := &params[i]
		var v *Var
		switch to := p.Target.(type) {
		case *js.This: // of TypeScript: a type for this
			continue
		case *js.Identifier:
			v = l.declare(to)
		default:
			v = l.variable("", rangeOf(to))
			l.declareAll(to)
		}
		v.Param, v.Rest = len(list), p.Rest
		list = append(list, v)
	}
	l.fn.Params = list
	next := 0
	for i := range params {
		p := &params[i]
		if _, ok := p.Target.(*js.This); ok {
			continue
		}
		v := list[next]
		next++
		l.decorators(p.Decorators)
		id, plain := p.Target.(*js.Identifier)
		if plain && p.Default == nil && !p.Property {
			continue
		}
		self := l.value(Local, rangeOf(p.Target))
		self.Var = v
		if p.Default != nil {
			l.paramDefault(self, p)
		}
		switch {
		case !plain:
			l.assignTo(p.Target, self)
		case p.Property:
			this := l.value(This, id.Range)
			this.Func = l.this
			member := l.made(Member, id.Range, this)
			member.Str = id.Name
			l.assignOp(member, self, id.Range)
		}
	}
}

func (l *lowerer) paramDefault(self *Value, p *js.Param) {
	guards := len(l.pending)
	if runs(p.Default) {
		absent := &Value{Kind: Undefined, From: self.From, To: self.To}
		l.push(If, l.joined(Binary, js.OpStrictEq, self, absent), false)
	}
	l.write(self.Var, l.named(p.Default, self.Var.Name, rangeOf(p.Target)))
	l.pending = l.pending[:guards]
}

// decorators of a parameter run when the class is made, not with the function:
// they are read for what they hold only.
func (l *lowerer) decorators(list []js.Node) {
	dead := l.dead
	l.dead = true
	for _, d := range list {
		l.expr(d)
	}
	l.dead = dead
}
