package js

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// shape writes a tree as an expression in brackets. Names and constants stand for
// themselves, every other node is a word and its parts.
func shape(n Node) string {
	var b strings.Builder
	write(&b, n)
	return b.String()
}

func shapes(f *File) string {
	var parts []string
	for _, n := range f.Body {
		parts = append(parts, shape(n))
	}
	return strings.Join(parts, " ")
}

func write(b *strings.Builder, n Node) {
	switch n := n.(type) {
	case *Identifier:
		b.WriteString(n.Name)
		return
	case *JSXName:
		b.WriteString(n.Name)
		return
	case *PrivateName:
		b.WriteString("#" + n.Name)
		return
	case *Literal:
		switch n.Kind {
		case String:
			fmt.Fprintf(b, "%q", n.Value)
		case Regex:
			fmt.Fprintf(b, "/%s/%s", n.Value, n.Flags)
		case Number:
			fmt.Fprintf(b, "%v", n.Number)
		case BigInt:
			fmt.Fprintf(b, "%vn", n.Value)
		case Null:
			b.WriteString("null")
		default:
			b.WriteString(n.Value)
		}
		return
	case *Quasi:
		fmt.Fprintf(b, "%q", n.Cooked)
		return
	case *JSXText:
		fmt.Fprintf(b, "%q", n.Value)
		return
	case *ExprStmt:
		write(b, n.Expr)
		b.WriteByte(';')
		return
	case *MetaProperty:
		b.WriteString(n.Name)
		return
	case *This:
		b.WriteString("this")
		return
	}
	b.WriteString("(" + word(n))
	children(n, func(c Node) {
		b.WriteByte(' ')
		write(b, c)
	})
	b.WriteByte(')')
}

func when(set bool, text string) string {
	if set {
		return text
	}
	return ""
}

func word(n Node) string {
	switch n := n.(type) {
	case *Member:
		return when(n.Optional, "?") + when(!n.Computed, ".") + when(n.Computed, "[]")
	case *Call:
		return when(n.Optional, "?") + "call"
	case *Assign:
		return n.Op.String()
	case *Binary:
		return n.Op.String()
	case *Logical:
		return n.Op.String()
	case *Unary:
		return n.Op.String()
	case *Update:
		return when(n.Prefix, "pre") + n.Op.String()
	case *Var:
		return when(n.Declare, "declare ") + n.Kind
	case *Declarator:
		return "=" + when(!n.Type.IsZero(), ":")
	case *Function:
		return when(n.Async, "async ") + when(n.Arrow, "=>") + when(!n.Arrow, "function") + when(n.Generator, "*") +
			when(!n.ReturnType.IsZero(), ":")
	case *Param:
		return "param" + when(n.Rest, "...") + when(n.Optional, "?") + when(!n.Type.IsZero(), ":") + when(n.Property, "!")
	case *Property:
		return [...]string{"", "method", "get", "set"}[n.Kind] + when(n.Computed, "[]") + when(n.Kind == Init, ":") +
			when(n.Shorthand, "=")
	case *ClassMember:
		return when(n.Static, "static ") +
			[...]string{"field", "method", "get", "set", "constructor", "block", "accessor", "signature"}[n.Kind] +
			when(n.Computed, "[]") + when(!n.Type.IsZero(), ":")
	case *Yield:
		return "yield" + when(n.Delegate, "*")
	case *ForIn:
		return "for" + when(n.Await, " await") + when(n.Of, " of") + when(!n.Of, " in")
	case *Import:
		return "import" + when(n.TypeOnly, " type") + when(n.Namespace != nil, " *")
	case *Export:
		return "export" + when(n.TypeOnly, " type") + when(n.All, " *") + when(n.Default, " default") + when(n.Assign, "=")
	case *Specifier:
		return "name" + when(n.TypeOnly, " type")
	case *TypeCast:
		return "cast" + when(!n.Type.IsZero(), ":")
	case *Class:
		return when(n.Abstract, "abstract ") + "class"
	case *Branch:
		return map[bool]string{true: "continue", false: "break"}[n.Continue]
	case *Namespace:
		return "namespace " + n.Name
	}
	return strings.ToLower(strings.TrimPrefix(reflect.TypeOf(n).String(), "*js."))
}

// sound checks what holds for every source: ranges nest and follow one another,
// and what a node claims to be stands where it says.
func sound(t testing.TB, name string, f *File) bool {
	t.Helper()
	fine := true
	bad := func(n Node, format string, args ...any) {
		if fine {
			t.Errorf("%s: %T [%d:%d]: %s", name, n, n.Pos(), n.End(), fmt.Sprintf(format, args...))
		}
		fine = false
	}
	var visit func(n Node, from, to int) int
	visit = func(n Node, from, to int) int {
		if n.Pos() < from || n.End() > to || n.Pos() > n.End() {
			bad(n, "not within [%d:%d]", from, to)
			return to
		}
		if why := misread(f, n); why != "" {
			bad(n, "%s", why)
		}
		at := n.Pos()
		children(n, func(c Node) {
			if fine {
				at = visit(c, at, n.End())
			}
		})
		return n.End()
	}
	at := 0
	for _, n := range f.Body {
		if !fine {
			return false
		}
		at = visit(n, at, len(f.Source))
	}
	at = 0
	for i := range f.Comments {
		c := &f.Comments[i]
		if c.Pos() < at || c.End() > len(f.Source) || !strings.Contains(f.Text(c), c.Text) {
			bad(c, "comment out of place")
		}
		at = c.End()
	}
	for _, e := range f.Errors {
		if e.Pos < 0 || e.End < e.Pos || e.End > len(f.Source) || e.Message == "" || e.Code == "" {
			t.Errorf("%s: error %+v", name, e)
			fine = false
		}
	}
	return fine
}

// misread reads the source of n again.
func misread(f *File, n Node) string {
	text := f.Text(n)
	switch n := n.(type) {
	case *Identifier:
		if text != n.Name && !strings.Contains(text, `\`) {
			return "the name " + n.Name + " stands on " + text
		}
	case *Literal:
		switch n.Kind {
		case String:
			if text == "" || text[0] != '"' && text[0] != '\'' || !strings.Contains(text, `\`) && !strings.Contains(text, n.Value) {
				return "no string: " + text
			}
		case Regex:
			if !strings.HasPrefix(text, "/"+n.Value) {
				return "no regular expression: " + text
			}
		default:
			if n.Kind != Null && !strings.HasPrefix(text, n.Value) {
				return "the constant " + n.Value + " stands on " + text
			}
		}
	case *Function:
		word := when(n.Async && !n.Arrow && n.Name != nil, "async")
		if !strings.HasPrefix(text, word) && !strings.HasPrefix(text, "(") && !strings.HasPrefix(text, "declare") {
			return "no function: " + text[:min(len(text), 20)]
		}
		if b, ok := n.Body.(*Block); ok && b.End() != n.End() {
			return "goes on behind its body"
		}
	case *Object, *Block:
		if text != "" && text[0] != '{' {
			return "no brace"
		}
	case *Array:
		if text[0] != '[' {
			return "no bracket"
		}
	case *JSXElement:
		if text[0] != '<' {
			return "no element"
		}
	case *Call:
		if len(f.Errors) == 0 && text[len(text)-1] != ')' {
			return "no call"
		}
	case *Template:
		if text[0] != '`' {
			return "no template"
		}
	}
	return ""
}
