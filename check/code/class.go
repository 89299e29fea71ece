package code

import "clew/check/source/js"

func (l *lowerer) classStmt(n *js.Class) {
	if n.Declare {
		return
	}
	v := l.class(n, "")
	if n.Name != nil {
		if to := l.lookup(n.Name.Name); to != nil {
			l.write(to, v)
		}
	}
}

// class reads a class. Setters are read for what they do; nothing refers to them.
func (l *lowerer) class(n *js.Class, name string) *Value {
	v := l.value(ClassDef, n.Range)
	c := &Class{Name: name, From: v.From, To: v.To}
	v.Class = c
	for _, d := range n.Decorators {
		c.Decorators = append(c.Decorators, l.expr(d))
	}
	mark := l.open()
	if n.Name != nil {
		c.Name = n.Name.Name
		if !n.Declaration {
			l.write(l.declare(n.Name), v)
		}
	}
	if n.Super != nil {
		c.Super = l.expr(n.Super)
	}
	for _, m := range n.Members {
		if m, ok := m.(*js.ClassMember); ok {
			l.classMember(c, n, m)
		}
	}
	l.close(mark)
	return v
}

func (l *lowerer) classMember(c *Class, n *js.Class, m *js.ClassMember) {
	for _, d := range m.Decorators {
		l.expr(d)
	}
	if m.Kind == js.StaticBlock {
		l.initialise(&c.StaticInit, c, n, func() {
			if b, ok := m.Value.(*js.Block); ok {
				l.hoistVars(b.Body)
				l.block(b.Body)
			}
		})
		return
	}
	if m.Kind == js.Signature || m.Key == nil {
		return
	}
	v := l.value(Prop, m.Range)
	var computed *Value
	if lit, ok := m.Key.(*js.Literal); m.Computed && (!ok || lit.Kind != js.String) {
		computed = l.expr(m.Key)
	} else {
		v.Str = key(m.Key)
	}
	var value *Value
	switch fn, _ := m.Value.(*js.Function); {
	case m.Value == nil:
		value = l.value(Undefined, rangeOf(m.Key))
	case m.Kind == js.Init || m.Kind == js.Accessor:
		init := &c.Init
		if m.Static {
			init = &c.StaticInit
		}
		l.initialise(init, c, n, func() { value = l.named(m.Value, v.Str, rangeOf(m.Key)) })
	case fn == nil || fn.Body == nil:
		return // only declared
	default:
		value = l.function(fn, v.Str, rangeOf(m.Key))
	}
	if m.Kind == js.Setter {
		return
	}
	v.Flag = m.Kind == js.Getter
	if computed != nil {
		v.Args = l.lists.keep([]*Value{value, computed})
	} else {
		v.Args = l.lists.keep([]*Value{value})
	}
	c.Members = append(c.Members, v)
	c.Static = append(c.Static, m.Static)
}

// initialise runs read as part of the function that initialises fields.
func (l *lowerer) initialise(init **Func, c *Class, n *js.Class, read func()) {
	if *init == nil {
		*init = l.newFunc(n.Range)
		(*init).Name = c.Name
		if n.Name != nil {
			(*init).NameAt = [2]int32{n.Name.From + l.base, n.Name.To + l.base}
		}
	}
	mark := l.open()
	old := l.enter(*init, *init)
	read()
	l.leave(old)
	l.close(mark)
}
