package program

import (
	"strconv"
	"strings"

	"clew/check/source/js"
)

// spelled puts in place of calls what they return, where that is written.
func (p *Program) spelled(parts ...*Term) []*Term {
	for i, t := range parts {
		if t.Kind == Result && t.Fn != nil && t.Str == "" {
			if r := p.settled(t); r.constant() || r.Kind == Concat {
				parts[i] = r
			}
		}
	}
	return parts
}

func (p *Program) concat(parts []*Term) *Term {
	var out []*Term
	for _, t := range parts {
		if t.Kind == Concat {
			out = append(out, t.Args...)
			continue
		}
		if s, ok := t.Const(); ok {
			if n := len(out); n > 0 && out[n-1].Kind == String {
				if len(out[n-1].Str)+len(s) > maxText {
					return from(parts...)
				}
				out[n-1] = &Term{Kind: String, Str: out[n-1].Str + s}
				continue
			}
			out = append(out, &Term{Kind: String, Str: s})
			continue
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return &Term{Kind: String}
	}
	if len(out) == 1 && out[0].Kind == String {
		return out[0]
	}
	if len(out) > 40 {
		return from(out[:40]...)
	}
	return &Term{Kind: Concat, Args: out}
}

func (p *Program) logical(op js.Op, a *Term, b func() *Term) *Term {
	truth := a.Truth()
	switch op {
	case js.OpAnd:
		if truth == False {
			return a
		}
		if truth == True {
			return b()
		}
	case js.OpOr:
		if truth == True {
			return a
		}
		if truth == False {
			return b()
		}
	case js.OpNullish:
		if a.Kind == Undefined || a.Kind == Null {
			return b()
		}
		if a.constant() {
			return a
		}
	}
	return operation(op, a, b())
}

func (p *Program) unary(op js.Op, a *Term) *Term {
	switch op {
	case js.OpNot:
		switch a.Truth() {
		case True:
			return no
		case False:
			return yes
		}
		return made(Op, op, "", a)
	case js.OpVoid:
		return undefined
	case js.OpSub:
		if a.Kind == Number {
			return &Term{Kind: Number, Str: "-" + a.Str}
		}
	case js.OpAdd:
		if a.Kind == Number {
			return a
		}
	}
	return made(Op, op, "", a)
}

func (p *Program) binary(op js.Op, a, b *Term) *Term {
	switch op {
	case js.OpAdd:
		if a.Kind == Number && b.Kind == Number {
			return arithmetic(op, a, b)
		}
		if s := p.spelled(a, b); s[0].Kind == Number && s[1].Kind == Number {
			return arithmetic(op, s[0], s[1])
		} else if s[0].Kind == Number && s[1].Kind == State || s[0].Kind == State && s[1].Kind == Number {
			return &Term{Kind: Op, Operator: op, Args: s} // count + 1: what the state is decides
		} else {
			return p.concat(s)
		}
	case js.OpSub, js.OpMul, js.OpDiv:
		if a.Kind == Number && b.Kind == Number {
			return arithmetic(op, a, b)
		}
	case js.OpEq, js.OpStrictEq, js.OpNe, js.OpStrictNe:
		if eq := equal(a, b, op == js.OpEq || op == js.OpNe); eq != Maybe {
			return boolean((eq == True) == (op == js.OpEq || op == js.OpStrictEq))
		}
	case js.OpLess, js.OpGreater, js.OpLessEq, js.OpGreaterEq:
		if a.Kind == Number && b.Kind == Number {
			x, _ := strconv.ParseFloat(a.Str, 64)
			y, _ := strconv.ParseFloat(b.Str, 64)
			switch op {
			case js.OpLess:
				return boolean(x < y)
			case js.OpGreater:
				return boolean(x > y)
			case js.OpLessEq:
				return boolean(x <= y)
			}
			return boolean(x >= y)
		}
	}
	return operation(op, a, b)
}

func arithmetic(op js.Op, a, b *Term) *Term {
	x, err1 := strconv.ParseFloat(a.Str, 64)
	y, err2 := strconv.ParseFloat(b.Str, 64)
	if err1 != nil || err2 != nil {
		return from(a, b)
	}
	switch op {
	case js.OpAdd:
		x += y
	case js.OpSub:
		x -= y
	case js.OpMul:
		x *= y
	case js.OpDiv:
		x /= y
	}
	return &Term{Kind: Number, Str: strconv.FormatFloat(x, 'g', -1, 64)}
}

// equal compares constants; loose is ==.
func equal(a, b *Term, loose bool) Tri {
	if !a.constant() || !b.constant() {
		if loose || a.Kind == b.Kind {
			nothing := func(t *Term) bool { return t.Kind == Undefined || t.Kind == Null }
			solid := func(t *Term) bool { return t.Kind == Closure || t.Kind == Literal || t.Kind == Instance }
			if nothing(a) && solid(b) || nothing(b) && solid(a) {
				return False
			}
		}
		return Maybe
	}
	if a.Kind == b.Kind {
		return tri(a.Str == b.Str)
	}
	if !loose {
		return False
	}
	switch {
	case a.Kind <= Null && b.Kind <= Null:
		return True
	case a.Kind <= Null || b.Kind <= Null:
		return False
	}
	number := func(t *Term) string {
		switch {
		case t.Kind == Bool && t.Str == "true":
			return "1"
		case t.Kind == Bool, t.Kind == String && strings.TrimSpace(t.Str) == "":
			return "0"
		}
		return t.Str
	}
	return tri(number(a) == number(b))
}
