package program

import (
	"slices"
	"strings"

	"clew/check/code"
)

// grown is one name that an object is given after it was written: data.phone = x.
type grown struct {
	name string
	mutation
}

// grows is the names that the module gives to objects later, by the object as written,
// sorted; names that are computed, and lists that grow, are left out.
func (m *module) grows() map[*code.Value][]grown {
	if m.grown != nil {
		return m.grown
	}
	m.grown = map[*code.Value][]grown{}
	for w, names := range m.mutations() {
		for _, first := range w.Writes {
			if first.Kind != code.Object {
				continue
			}
			for name, list := range names {
				for i, put := range list {
					if put.value != nil && i < maxWrites {
						m.grown[first] = append(m.grown[first], grown{name, put})
					}
				}
			}
			slices.SortStableFunc(m.grown[first], func(a, b grown) int { return strings.Compare(a.name, b.name) })
		}
	}
	return m.grown
}

// laterMark sets what is under way in later apart from spreads under way.
const laterMark = "+"

// later is what an object as written is given later under a name, nil for nothing; with
// an empty name, of each name one value.
func (p *Program) later(t *Term, name string) []Key {
	m := p.moduleOf(t.Env)
	if m == nil || t.V.Kind != code.Object {
		return nil
	}
	var list []Key
	for _, g := range m.grows()[t.V] {
		if name != "" && g.name != name {
			continue
		}
		key := going{t.V, g.name + laterMark}
		if p.going[key] {
			p.hazy++
			continue
		}
		p.going[key] = true
		list = append(list, Key{g.name, p.eval(g.value, p.frameOf(g.fn, t.Env)), writtenName(g.value)})
		delete(p.going, key)
	}
	return list
}

// written is a member as the object was written with it, where mutable tells what became
// of it; otherwise the member.
func (p *Program) written(v *code.Value, f *Frame) *Term {
	of := p.eval(v.Args[0], f)
	if name := v.Args[0]; name.Kind == code.Local && name.Var != nil && of.Kind == Literal {
		if m := p.moduleOf(f); m != nil && len(m.mutations()[name.Var][v.Str]) > 0 {
			key := going{of.V, v.Str + laterMark}
			if !p.going[key] {
				p.going[key] = true
				defer delete(p.going, key)
			}
		}
	}
	return p.get(of, v.Str)
}

// grownMember is a member that an object was given after it was written.
func (p *Program) grownMember(t *Term, name string) *Term {
	var list []*Term
	for _, k := range p.later(t, name) {
		v := k.Value
		if v.Kind == Closure {
			v = &Term{Kind: Closure, Fn: v.Fn, Env: v.Env, Args: []*Term{t}}
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		return undefined
	}
	return choice(dedupe(list))
}

// argumentsName marks an Unknown that is the list of what a function was called with,
// or the rest of it.
const argumentsName = "arguments"

// arguments is what the function around was called with, as the list that every
// function but an arrow has.
func arguments(f *Frame) *Term {
	for ; f != nil && f.Fn != nil && f.Fn.Arrow; f = f.Parent {
	}
	if f == nil || f.Args == nil {
		return unknown
	}
	return &Term{Kind: Unknown, Name: argumentsName, Args: f.Args}
}
