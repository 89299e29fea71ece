package view

import (
	"strings"

	"clew/check/code"
	"clew/check/source/markup"
)

// declaration is a property of a style with what gives its value: written
// characters, with [markup.Mark] for each of exprs.
type declaration struct {
	property string // folded: "zindex"
	value    string
	exprs    []*code.Value
}

// inline is the declarations of a style attribute, and the expressions that are
// whole declarations themselves, as in style="{{x ? 'display:none' : ”}}".
func (a *Attr) inline() (found []declaration, whole []*code.Value) {
	if a.Expr == nil {
		return declarations(a.Value, nil), nil
	}
	return inlineOf(a.Expr, 0)
}

func inlineOf(v *code.Value, depth int) (found []declaration, whole []*code.Value) {
	if v == nil || depth > 4 {
		return nil, nil
	}
	switch v.Kind {
	case code.String:
		return declarations(v.Str, nil), nil
	case code.Template:
		var b strings.Builder
		var exprs []*code.Value
		open := false // behind a colon: an expression belongs to the property
		for _, p := range v.Args {
			if p.Kind == code.String {
				b.WriteString(p.Str)
				if i := strings.LastIndexAny(p.Str, ":;"); i >= 0 {
					open = p.Str[i] == ':'
				}
				continue
			}
			if !open {
				whole = append(whole, p)
				continue
			}
			b.WriteString(markup.Mark)
			exprs = append(exprs, p)
		}
		return declarations(b.String(), exprs), whole
	case code.Object:
		for _, p := range v.Args {
			if p.Kind != code.Prop || p.Str == "" || len(p.Args) == 0 {
				continue
			}
			d := declaration{property: markup.Fold(p.Str)}
			switch x := p.Args[0]; x.Kind {
			case code.String, code.Number:
				d.value = x.Str
			default:
				d.value, d.exprs = markup.Mark, []*code.Value{x}
			}
			found = append(found, d)
		}
		return found, nil
	case code.Array:
		for _, x := range v.Args {
			more, w := inlineOf(x, depth+1)
			found, whole = append(found, more...), append(whole, w...)
		}
		return found, whole
	}
	return nil, []*code.Value{v}
}

func declarations(css string, exprs []*code.Value) (found []declaration) {
	for one := range strings.SplitSeq(css, ";") {
		property, value, ok := strings.Cut(one, ":")
		if !ok {
			continue
		}
		d := declaration{property: markup.Fold(strings.ToLower(strings.TrimSpace(property))), value: strings.ToLower(strings.TrimSpace(value))}
		if n := strings.Count(one, markup.Mark); n > 0 && n <= len(exprs) {
			d.exprs, exprs = exprs[:n:n], exprs[n:]
		}
		found = append(found, d)
	}
	return found
}

// softly is the conditions under which a style leaves its element to be seen, as
// far as they can be read. display:none that is only written is the condition
// false: in a mini-program nothing can undo it, in HTML a script may.
func softly(a *Attr) []Condition {
	if !strings.Contains(a.Value, "none") && a.Expr == nil {
		return nil
	}
	found, whole := a.inline()
	var all []Condition
	add := func(s seen) {
		if s.always == hidden {
			s.when = []Condition{{Expr: &code.Value{Kind: code.Bool, Str: "false", From: int32(a.ValueSpan.Start), To: int32(a.ValueSpan.End)}}}
		}
		for _, c := range s.when {
			c.Soft, c.Span = true, a.Span
			c.Expr, c.Not = bare(c.Expr, c.Not)
			all = append(all, c)
		}
	}
	for _, d := range found {
		if d.property != "display" && d.property != "visibility" {
			continue
		}
		switch {
		case d.value == markup.Mark && len(d.exprs) == 1:
			add(seenBy(d.exprs[0], hidingWord, 0))
		case hidingWord(d.value):
			add(seen{always: hidden})
		}
	}
	for _, v := range whole {
		if s := seenBy(v, hidingStyle, 0); s.always != hidden {
			add(s)
		}
	}
	return all
}

func hidingWord(s string) bool {
	s, _, _ = strings.Cut(strings.ToLower(s), "!")
	s = strings.Trim(s, " ;")
	return s == "none" || s == "hidden"
}

func hidingStyle(s string) bool {
	for _, d := range declarations(s, nil) {
		if (d.property == "display" || d.property == "visibility") && hidingWord(d.value) {
			return true
		}
	}
	return false
}

type sight uint8

const (
	shown  sight = iota // or not known to hide
	hidden              // whatever happens
	varied              // seen.when must hold
)

// seen is whether something is seen: conditions that must hold for it.
type seen struct {
	always sight
	when   []Condition
}

// seenBy reads an expression whose outcomes show or hide: hides tells the strings
// that hide. An outcome that is no string counts as showing, so what is answered
// is necessary, perhaps not sufficient.
func seenBy(v *code.Value, hides func(string) bool, depth int) seen {
	if v == nil || depth > 16 {
		return seen{}
	}
	switch v.Kind {
	case code.String:
		if hides(v.Str) {
			return seen{always: hidden}
		}
	case code.Object: // a branch that is a style object
		for _, p := range v.Args {
			if p.Kind == code.Prop && len(p.Args) > 0 && p.Args[0].Kind == code.String && hides(p.Str+":"+p.Args[0].Str) {
				return seen{always: hidden}
			}
		}
	case code.Template:
		if len(v.Args) == 1 {
			return seenBy(v.Args[0], hides, depth+1)
		}
		for _, p := range v.Args {
			if p.Kind == code.String && hides(p.Str) {
				return seen{always: hidden}
			}
		}
	case code.Logical:
		if len(v.Args) == 2 && v.Op == opAnd && seenBy(v.Args[1], hides, depth+1).always == hidden {
			return seen{varied, []Condition{{Expr: v.Args[0], Not: true}}}
		}
	case code.Conditional:
		if len(v.Args) != 3 {
			return seen{}
		}
		yes, no := seenBy(v.Args[1], hides, depth+1), seenBy(v.Args[2], hides, depth+1)
		switch {
		case yes.always == hidden && no.always == hidden:
			return seen{always: hidden}
		case yes.always == hidden:
			return seen{varied, append([]Condition{{Expr: v.Args[0], Not: true}}, no.when...)}
		case no.always == hidden:
			return seen{varied, append([]Condition{{Expr: v.Args[0]}}, yes.when...)}
		}
	}
	return seen{}
}

// bare takes the ! off a condition: !x that must hold is x that must not.
func bare(v *code.Value, not bool) (*code.Value, bool) {
	for v != nil && v.Kind == code.Unary && v.Op == opNot && len(v.Args) == 1 {
		v, not = v.Args[0], !not
	}
	return v, not
}
