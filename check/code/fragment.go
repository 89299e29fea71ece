package code

import (
	"strings"

	"clew/check/source/js"
)

// Expression reads one expression that stands at base in its file, as in a
// template; names that it does not declare are [Global]. The zero Value's kind
// Unknown is what cannot be read. Functions inside belong to the returned module.
//
// Members of an object without its braces, as mini-programs write data="{{a: 1,
// b}}", are the object; it begins and ends where the text does.
func Expression(file, src string, base int) (*Value, *Module) {
	if v, m := path(file, src, base); v != nil {
		return v, m
	}
	l := lowerer{}
	f, n := bracketed("(", src, ")", js.JavaScript)
	if n == nil && strings.ContainsAny(src, ":,.") {
		if f, n = bracketed("({", src, "})", js.JavaScript); n != nil {
			n.(*js.Object).Range = js.Range{From: 2, To: int32(len(src)) + 2}
			l.base = -1
		}
	}
	if n == nil {
		f, n = bracketed("(", src, ")", js.TypeScript)
	}
	l.base += int32(base) - 1
	l.start(file, f)
	l.fn.From, l.fn.To = int32(base), int32(base+len(src))
	l.m.Errors = 0
	var v *Value
	if n != nil {
		v = l.expr(n)
	} else {
		l.m.Errors = 1
		v = &Value{From: int32(base), To: int32(base + len(src))}
	}
	l.end()
	return v, l.m
}

// path reads a, a.b.c and !a.b without a parser: most expressions of a template
// are that. It returns nil for everything else.
func path(file, src string, base int) (*Value, *Module) {
	from, to := 0, len(src)
	for from < to && src[from] == ' ' {
		from++
	}
	for to > from && src[to-1] == ' ' {
		to--
	}
	not := from
	if from < to && src[from] == '!' {
		from++
	}
	var names [8]int32 // where each name ends
	count, start := 0, true
	for i := from; i < to; i++ {
		c := src[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$' || !start && c >= '0' && c <= '9':
			start = false
		case c == '.' && !start && count < len(names)-1:
			names[count] = int32(i)
			count, start = count+1, true
		default:
			return nil, nil
		}
	}
	if start {
		return nil, nil
	}
	names[count] = int32(to)
	first := src[from:names[0]]
	switch first {
	case "true", "false", "null", "this", "undefined", "super", "async", "await", "yield", "let", "static":
		return nil, nil
	case "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else", "enum",
		"export", "extends", "finally", "for", "function", "if", "import", "in", "instanceof", "new", "return",
		"switch", "throw", "try", "typeof", "var", "void", "while", "with":
		return nil, nil
	}
	m := &Module{File: file, Values: count + 1}
	m.Funcs = []*Func{{Module: m, From: int32(base), To: int32(base + len(src))}}
	values := make([]Value, count+2)
	at := int32(base)
	v := &values[0]
	*v = Value{Kind: Global, From: at + int32(from), To: at + names[0], Str: first}
	for i := 1; i <= count; i++ {
		values[i] = Value{Kind: Member, From: v.From, To: at + names[i], Str: src[names[i-1]+1 : names[i]], Args: []*Value{v}}
		v = &values[i]
	}
	if not < from {
		m.Values++
		values[count+1] = Value{Kind: Unary, Op: js.OpNot, From: at + int32(not), To: v.To, Args: []*Value{v}}
		v = &values[count+1]
	}
	return v, m
}

// bracketed parses src between brackets, which must be each other's; the node is
// nil if there is no such expression.
func bracketed(open, src, closing string, dialect js.Dialect) (*js.File, js.Node) {
	f := js.Parse([]byte(open+src+"\n"+closing), js.Options{Dialect: dialect})
	if len(f.Errors) > 0 || len(f.Body) != 1 {
		return f, nil
	}
	stmt, ok := f.Body[0].(*js.ExprStmt)
	if !ok {
		return f, nil
	}
	n := js.Unwrap(stmt.Expr)
	// Brackets of round kind leave no node, those of an object are its own.
	inside := n.Pos() >= 1 && n.End() <= len(open)+len(src)+len(closing)
	if len(open) == 2 {
		_, ok := n.(*js.Object)
		return f, only(n, ok && n.Pos() == 1 && n.End() == len(f.Source)-1)
	}
	return f, only(n, inside)
}

func only(n js.Node, ok bool) js.Node {
	if ok {
		return n
	}
	return nil
}

// Statements reads the body of a handler, as in @tap="open = true; go(1)", as a
// function without parameters; $event is Global. What cannot be read is left out,
// and counted in the module's Errors.
func Statements(file, src string, base int) *Func {
	f := js.Parse([]byte(src), js.Options{})
	if len(f.Errors) > 0 {
		if ts := js.Parse([]byte(src), js.Options{Dialect: js.TypeScript}); len(ts.Errors) == 0 {
			f = ts
		}
	}
	l := lowerer{base: int32(base)}
	l.start(file, f)
	l.hoistVars(f.Body)
	l.hoistBlock(f.Body)
	l.stmts(f.Body)
	l.end()
	return l.m.Funcs[0]
}
