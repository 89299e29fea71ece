package program

import (
	"clew/check/code"
	"clew/check/source"
)

// Return is one way in which a function of the project ends: what it gives back,
// and under which conditions, the innermost first.
type Return struct {
	Value *Term
	When  *Given
}

// Returns is the ways in which the function behind a result ends, nil where t is
// no call of a function of the project. Ways that cannot be taken are left out.
func (p *Program) Returns(t *Term) []Return {
	if t == nil || t.Kind != Result || t.Fn == nil || t.Env == nil {
		return nil
	}
	if t.Env.Fn != t.Fn || p.depth > 0 {
		return p.findReturns(t)
	}
	if t.Env.ends == nil {
		t.Env.ends = p.findReturns(t)
	}
	return t.Env.ends
}

// findReturns is never nil.
func (p *Program) findReturns(t *Term) []Return {
	file := p.fileOf(t.Env)
	met := map[*code.Guard]*Given{}
	var given func(g *code.Guard) *Given
	given = func(g *code.Guard) *Given {
		if g == nil {
			return nil
		}
		if w := met[g]; w != nil {
			return w
		}
		w := &Given{Kind: g.Kind, Not: g.Not, File: file, Up: given(g.Parent), Term: unknown}
		met[g] = w
		if g.Cond != nil {
			w.Term = p.eval(g.Cond, t.Env)
			w.From, w.To = int(g.Cond.From), int(g.Cond.To)
		}
		return w
	}
	list := []Return{}
	for i := range t.Fn.Ops {
		op := &t.Fn.Ops[i]
		if op.Kind != code.OpReturn || p.blocked(op.Guard, t.Env) {
			continue
		}
		if len(list) == 40 {
			break
		}
		list = append(list, Return{p.eval(op.Value, t.Env), given(op.Guard)})
	}
	return list
}

// FileOf is the file that a literal is written in, nil where that is not known.
func (p *Program) FileOf(t *Term) *source.File {
	if t == nil || t.Env == nil {
		return nil
	}
	return p.fileOf(t.Env)
}

// Get is a member of what t is.
func (p *Program) Get(t *Term, name string) *Term { return p.get(t, name) }
