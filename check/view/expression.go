package view

import (
	"strings"

	"clew/check/code"
	"clew/check/source/js"
	"clew/check/source/markup"
)

// expr is the value of a stretch of script in a template.
func (r *reader) expr(x markup.Expr) *code.Value {
	from, src := trim(x)
	if x.Literal {
		return r.written(x.Text, x.Span)
	}
	return r.expression(src, from)
}

// expression reads src, which stands at from. Names, paths of names, their
// negation and plain literals make up most of what templates hold: these need no
// parser.
func (r *reader) expression(src string, from int) *code.Value {
	if src == "" {
		return &code.Value{From: int32(from), To: int32(from)}
	}
	if v := r.simple(src, from); v != nil {
		return v
	}
	v, _ := code.Expression(r.file.Path, src, from)
	return v
}

// value is what an attribute computes, or nil if it is only written.
func (r *reader) value(a *markup.Attr) *code.Value {
	if strings.IndexByte(a.Value, '{') < 0 && !bound(a.Name) {
		return nil
	}
	if last := len(a.Value) - 2; last > 2 && a.Value[:2] == "{{" && a.Value[last:] == "}}" && !bound(a.Name) {
		if inner := a.Value[2:last]; !strings.ContainsAny(inner, "{}<>") { // the usual case, without a search
			return r.expr(markup.Expr{Text: inner, Span: markup.Span{Start: a.ValueSpan.Start + 2, End: a.ValueSpan.End - 2}})
		}
	}
	if x := a.Expr(); !x.Literal {
		return r.expr(x)
	}
	if !a.Bound() {
		return nil
	}
	return r.mixed(a)
}

// bound reports whether a name may make its value an expression; a quick sieve
// before [markup.Attr.Bound].
func bound(name string) bool {
	return name != "" && (name[0] == ':' || name[0] == '.' || name[0] == '#' || name[0] == 'v' || name[0] == 's' || name[0] == '@')
}

// mixed is a value of characters and expressions.
func (r *reader) mixed(a *markup.Attr) *code.Value {
	v := r.make(code.Template, int32(a.ValueSpan.Start), int32(a.ValueSpan.End))
	for p := range a.Parts() {
		if p.Bound {
			v.Args = append(v.Args, r.expr(p.Expr))
		} else {
			v.Args = append(v.Args, r.written(p.Text, p.Span))
		}
	}
	return v
}

// written is the author's characters as a value.
func (r *reader) written(s string, at markup.Span) *code.Value {
	v := r.make(code.String, int32(at.Start), int32(at.End))
	v.Str = s
	return v
}

func trim(x markup.Expr) (from int, src string) {
	left := strings.TrimLeft(x.Text, " \t\r\n")
	return x.Span.Start + len(x.Text) - len(left), strings.TrimRight(left, " \t\r\n")
}

// simple reads what needs no parser: an operand (a name, a.b.c, a whole number, a
// string without escapes, any of them behind !), a comparison or a && b of two
// operands, and either with ? a : b behind. nil is anything else.
func (r *reader) simple(src string, from int) *code.Value {
	i, v := r.operand(src, 0, from)
	if i = space(src, i); v == nil || i == len(src) {
		return v
	}
	kind, op, next := operator(src, i)
	if next > 0 {
		var right *code.Value
		if i, right = r.operand(src, space(src, next), from); right == nil {
			return nil
		}
		v = r.make(kind, v.From, right.To, v, right)
		v.Op = op
		if i = space(src, i); i == len(src) {
			return v
		}
	}
	if src[i] != '?' || i+1 < len(src) && (src[i+1] == '?' || src[i+1] == '.') {
		return nil
	}
	i, yes := r.operand(src, space(src, i+1), from)
	if i = space(src, i); yes == nil || i == len(src) || src[i] != ':' {
		return nil
	}
	i, no := r.operand(src, space(src, i+1), from)
	if no == nil || space(src, i) != len(src) {
		return nil
	}
	return r.make(code.Conditional, v.From, no.To, v, yes, no)
}

func space(src string, i int) int {
	for i < len(src) && (src[i] == ' ' || src[i] == '\n' || src[i] == '\t' || src[i] == '\r') {
		i++
	}
	return i
}

// operator is the operator at i of two operands; next is behind it, 0 if there is
// none of those that are read here.
func operator(src string, i int) (kind code.Kind, op js.Op, next int) {
	two := src[i:min(i+2, len(src))]
	switch {
	case strings.HasPrefix(src[i:], "==="):
		return code.Binary, js.OpStrictEq, i + 3
	case strings.HasPrefix(src[i:], "!=="):
		return code.Binary, js.OpStrictNe, i + 3
	case two == "==":
		return code.Binary, js.OpEq, i + 2
	case two == "!=":
		return code.Binary, js.OpNe, i + 2
	case two == "&&":
		return code.Logical, js.OpAnd, i + 2
	case two == "||":
		return code.Logical, js.OpOr, i + 2
	case two == ">=":
		return code.Binary, js.OpGreaterEq, i + 2
	case two == "<=":
		return code.Binary, js.OpLessEq, i + 2
	case src[i] == '>' && two != ">>":
		return code.Binary, js.OpGreater, i + 1
	case src[i] == '<' && two != "<<" && two != "<!":
		return code.Binary, js.OpLess, i + 1
	}
	return 0, 0, 0
}

// make takes a value out of the slab.
func (r *reader) make(kind code.Kind, from, to int32, args ...*code.Value) *code.Value {
	if len(r.values) == 0 {
		r.values = make([]code.Value, 32)
	}
	v := &r.values[0]
	r.values = r.values[1:]
	v.Kind, v.From, v.To = kind, from, to
	if n := len(args); n > 0 {
		if len(r.refs) < n {
			r.refs = make([]*code.Value, 64)
		}
		v.Args = r.refs[:n:n]
		r.refs = r.refs[n:]
		copy(v.Args, args)
	}
	return v
}

// operand reads one operand at i; nil if there is none, or one that goes on in a
// way that is not read here.
func (r *reader) operand(src string, i, from int) (end int, v *code.Value) {
	if i >= len(src) {
		return i, nil
	}
	start := i
	at := func(kind code.Kind, i, j int) *code.Value { return r.make(kind, int32(from+i), int32(from+j)) }
	switch c := src[i]; {
	case c == '!' && i+1 < len(src) && src[i+1] != '=':
		i, v = r.operand(src, space(src, i+1), from)
		if v == nil || v.Kind != code.Global && v.Kind != code.Member && v.Kind != code.Unary {
			return i, nil // !0 is true
		}
		not := r.make(code.Unary, int32(from+start), v.To, v)
		not.Op = js.OpNot
		return i, not
	case c == '\'' || c == '"':
		last := strings.IndexByte(src[i+1:], c)
		if last < 0 || strings.ContainsAny(src[i:i+1+last], "\\\n\r") {
			return i, nil
		}
		i += last + 2
		v = at(code.String, start, i)
		v.Str = src[start+1 : i-1]
		return i, ends(src, i, v)
	case '0' <= c && c <= '9':
		for i < len(src) && '0' <= src[i] && src[i] <= '9' {
			i++
		}
		if i-start > 9 || c == '0' && i-start > 1 || i < len(src) && nameByte(src[i], true) {
			return i, nil
		}
		v = at(code.Number, start, i)
		v.Str = src[start:i]
		return i, ends(src, i, v)
	}
	for j := i; ; j = i + 1 {
		i = j
		for i < len(src) && nameByte(src[i], i > j) {
			i++
		}
		if i == j {
			return i, nil
		}
		word := src[j:i]
		switch {
		case v != nil:
			v = r.make(code.Member, int32(from+start), int32(from+i), v)
			v.Str = word
		case word == "true" || word == "false":
			v = at(code.Bool, j, i)
			v.Str = word
			return i, ends(src, i, v)
		case reserved[word]:
			return i, nil
		default:
			v = at(code.Global, j, i)
			v.Str = word
		}
		if i >= len(src) || src[i] != '.' {
			return i, ends(src, i, v)
		}
	}
}

// ends is v if an operand may end at i.
func ends(src string, i int, v *code.Value) *code.Value {
	if i < len(src) && (src[i] >= 0x80 || src[i] == '.' || src[i] == '(' || src[i] == '[' || src[i] == '`' || src[i] == '\\') {
		return nil
	}
	return v
}

func nameByte(c byte, inside bool) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c == '$' || inside && '0' <= c && c <= '9'
}

// reserved is the words that are no names, or values of their own.
var reserved = map[string]bool{
	"undefined": true, "null": true, "this": true, "super": true, "new": true, "typeof": true, "void": true, "delete": true, "await": true,
	"async": true, "yield": true, "function": true, "class": true, "import": true, "in": true, "of": true, "instanceof": true, "let": true,
	"var": true, "const": true, "if": true, "else": true, "return": true, "for": true, "while": true, "do": true, "switch": true, "case": true,
	"default": true, "break": true, "continue": true, "throw": true, "try": true, "catch": true, "finally": true, "with": true, "debugger": true,
	"export": true, "extends": true, "enum": true, "arguments": true, "static": true,
}

// lastName is the name that a value ends in: b of a.b, of a['b'], of this.b; "" if
// it has none.
func lastName(v *code.Value) string {
	if v == nil {
		return ""
	}
	switch v.Kind {
	case code.Global, code.Member:
		return v.Str
	case code.Local:
		if v.Var != nil {
			return v.Var.Name
		}
	case code.Imported:
		return v.Name
	case code.Function: // ref={el => (this.box = el)}
		if v.Func != nil && len(v.Func.Ops) > 0 {
			for _, op := range v.Func.Ops {
				if w := op.Value; w != nil && w.Kind == code.Assign && len(w.Args) > 0 {
					return lastName(w.Args[0])
				}
			}
		}
	}
	return ""
}

// outcomes visits the values that v may come to: the branches of ?:, the right
// side of &&, both of || and ??, the pieces of a + and a template. sure is true
// where nothing decides about it.
func outcomes(v *code.Value, sure bool, visit func(v *code.Value, sure bool)) {
	walkOutcomes(v, sure, 0, visit)
}

func walkOutcomes(v *code.Value, sure bool, depth int, visit func(*code.Value, bool)) {
	if v == nil || depth > 24 {
		return
	}
	each := func(args []*code.Value, sure bool) {
		for _, a := range args {
			walkOutcomes(a, sure, depth+1, visit)
		}
	}
	switch v.Kind {
	case code.Conditional:
		each(v.Args[min(1, len(v.Args)):], false)
	case code.Logical:
		if v.Op == opAnd {
			each(v.Args[min(1, len(v.Args)):], false)
		} else {
			each(v.Args, false)
		}
	case code.Template:
		each(v.Args, sure)
	case code.Binary:
		if v.Op == opAdd {
			each(v.Args, sure)
		} else {
			visit(v, sure)
		}
	case code.Sequence:
		each(v.Args[max(0, len(v.Args)-1):], sure)
	default:
		visit(v, sure)
	}
}

// Literals is the strings that a value may come to, in the order written.
func Literals(v *code.Value) []string {
	var all []string
	outcomes(v, true, func(v *code.Value, _ bool) {
		if v.Kind == code.String {
			all = append(all, v.Str)
		}
	})
	return all
}
