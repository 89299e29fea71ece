package code

// everything calls visit once for each value that a module refers to, and once
// for each variable and function.
type everything struct {
	value func(*Value)
	seen  map[any]bool
	vars  []*Var
}

func (e *everything) module(m *Module) {
	e.seen = map[any]bool{}
	for _, f := range m.Funcs {
		e.fn(f)
	}
	for _, v := range m.Exports {
		e.walk(v)
	}
	for _, i := range m.Imports {
		e.variable(i.Var)
	}
}

func (e *everything) fn(f *Func) {
	if f == nil || e.seen[f] {
		return
	}
	e.seen[f] = true
	for _, p := range f.Params {
		e.variable(p)
	}
	for i := range f.Ops {
		e.walk(f.Ops[i].Value)
		for g := f.Ops[i].Guard; g != nil; g = g.Parent {
			e.walk(g.Cond)
		}
	}
}

func (e *everything) variable(v *Var) {
	if v == nil || e.seen[v] {
		return
	}
	e.seen[v] = true
	e.vars = append(e.vars, v)
	for _, w := range v.Writes {
		e.walk(w)
	}
}

func (e *everything) walk(v *Value) {
	if v == nil || e.seen[v] {
		return
	}
	e.seen[v] = true
	e.value(v)
	for _, a := range v.Args {
		e.walk(a)
	}
	e.variable(v.Var)
	e.fn(v.Func)
	if c := v.Class; c != nil {
		e.walk(c.Super)
		for _, m := range c.Members {
			e.walk(m)
		}
		for _, d := range c.Decorators {
			e.walk(d)
		}
		e.fn(c.Init)
		e.fn(c.StaticInit)
	}
	if el := v.Elem; el != nil {
		e.walk(el.Tag)
		for i := range el.Attrs {
			e.walk(el.Attrs[i].Value)
		}
		for _, c := range el.Children {
			e.walk(c)
		}
	}
}
