package program

import "clew/check/code"

// Key is a member of an object as written: its name, what is known of its value, and
// the dotted name that is written there ("" for anything but a name).
type Key struct {
	Name    string
	Value   *Term
	Written string
}

// Keys is the members of the objects that a term may be, and of the objects in
// them, to depth levels; at most 200. Spreads are followed, names that are computed
// are left out.
func (p *Program) Keys(t *Term, depth int) []Key {
	var list []Key
	p.keys(t, depth, &list)
	return list
}

func (p *Program) keys(t *Term, depth int, list *[]Key) {
	if t == nil || depth < 0 || len(*list) >= 200 {
		return
	}
	switch t.Kind {
	case Literal:
		if t.V.Kind != code.Object && t.V.Kind != code.Array {
			return
		}
		for _, m := range t.V.Args {
			switch m.Kind {
			case code.Prop:
				v := p.eval(m.Args[0], t.Env)
				if m.Str != "" {
					*list = append(*list, Key{m.Str, v, writtenName(m.Args[0])})
				}
				p.keys(v, depth-1, list)
			case code.Spread:
				p.keys(p.eval(m.Args[0], t.Env), depth-1, list)
			default:
				p.keys(p.eval(m, t.Env), depth-1, list)
			}
		}
		for _, k := range p.later(t, "") {
			*list = append(*list, k)
			p.keys(k.Value, depth-1, list)
		}
	case Choice, Op, Unknown:
		for _, a := range t.Args {
			p.keys(a, depth-1, list)
		}
	case Result: // JSON.stringify({…}), Object.assign({…}, …)
		for _, a := range t.Args {
			if a.Kind == Literal {
				p.keys(a, depth-1, list)
			}
		}
	}
}
