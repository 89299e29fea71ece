package program

import (
	"clew/check/code"
	"clew/check/source/js"
)

// mutation is a member of an object in a variable being written: problems.agree = '…',
// list.push(x).
type mutation struct {
	fn    *code.Func
	value *code.Value // nil where only that there is one is known
	guard *code.Guard
}

// mutations is the members of variables' objects that a module writes, by variable and
// name; "*" is a name that is computed.
func (m *module) mutations() map[*code.Var]map[string][]mutation {
	if m.mutated != nil {
		return m.mutated
	}
	m.mutated = map[*code.Var]map[string][]mutation{}
	add := func(v *code.Value, name string, w mutation) {
		if v.Kind != code.Local || v.Var == nil {
			return
		}
		if m.mutated[v.Var] == nil {
			m.mutated[v.Var] = map[string][]mutation{}
		}
		m.mutated[v.Var][name] = append(m.mutated[v.Var][name], w)
	}
	for _, fn := range m.code.Funcs {
		for i := range fn.Ops {
			op := &fn.Ops[i]
			if op.Value == nil || len(op.Value.Args) == 0 {
				continue
			}
			to := op.Value.Args[0]
			switch {
			case op.Kind == code.OpAssign && to.Kind == code.Member:
				w := mutation{fn: fn, guard: op.Guard}
				if op.Value.Op == js.OpAssign {
					w.value = op.Value.Args[1]
				}
				add(to.Args[0], to.Str, w)
			case op.Kind == code.OpAssign && to.Kind == code.Index:
				add(to.Args[0], "*", mutation{fn: fn, guard: op.Guard})
			case op.Kind == code.OpCall && to.Kind == code.Member:
				switch to.Str {
				case "push", "unshift", "splice", "concat":
					add(to.Args[0], "length", mutation{fn: fn, guard: op.Guard})
				case "assign":
					if len(op.Value.Args) > 1 { // Object.assign(x, …)
						add(op.Value.Args[1], "*", mutation{fn: fn, guard: op.Guard})
					}
				}
			}
		}
	}
	return m.mutated
}

// mutable is t, what an object was written with under a name, or what was put there
// later. v is the expression that reads it.
func (p *Program) mutable(v *code.Value, t *Term, f *Frame) *Term {
	of := v.Args[0]
	if of.Kind != code.Local || of.Var == nil || t.Kind > String {
		return t
	}
	m := p.moduleOf(f)
	if m == nil {
		return t
	}
	writes := m.mutations()[of.Var]
	if writes == nil {
		return t
	}
	list := writes[v.Str]
	if len(list) == 0 && len(writes["*"]) == 0 {
		return t
	}
	if c, ok := f.calls[v]; ok {
		if c == pending { // a member that is written with itself: o.list = o.list || []
			p.hazy++
			return t
		}
		return c
	}
	if f.calls == nil {
		f.calls = map[*code.Value]*Term{}
	}
	f.calls[v] = pending
	c := p.mutated(v, t, f, list, len(writes["*"]) > 0)
	if p.depth < maxDepth/2 && p.fuel >= 0 {
		f.calls[v] = c
	} else {
		delete(f.calls, v)
	}
	return c
}

// mutated is t or what writes put there; other tells that there are writes under
// names that are not known.
func (p *Program) mutated(v *code.Value, t *Term, f *Frame, list []mutation, other bool) *Term {
	if len(list) == 1 && !other {
		w := list[0]
		now := unknown
		if w.value != nil {
			now = p.eval(w.value, p.frameOf(w.fn, f))
		} else if v.Str == "length" {
			now = &Term{Kind: Number, Str: "1"}
		}
		c := &Term{Kind: Choice, Args: []*Term{now, t}}
		if g := w.guard; g != nil && g.Cond != nil && (g.Kind == code.If || g.Kind == code.Early) && f.Fn == w.fn {
			c.rare = &rare{test: p.eval(g.Cond, f)}
			if g.Not {
				c.Args[0], c.Args[1] = t, now
			}
		}
		return c
	}
	all := []*Term{t, {Kind: Unknown}}
	for i, w := range list {
		if i < maxWrites && w.value != nil {
			all = append(all, p.eval(w.value, p.frameOf(w.fn, f)))
		}
		if g := w.guard; g != nil && g.Cond != nil && f.Fn == w.fn && i < maxWrites {
			all = append(all, from(p.eval(g.Cond, f)))
		}
	}
	return &Term{Kind: Choice, Args: all}
}
