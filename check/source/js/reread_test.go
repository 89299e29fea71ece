package js

import (
	"strings"
	"testing"
)

// reread parses the text of parts of f again: a statement at the top as a file, an
// expression in parentheses. Both must have the shape they had.
func reread(t testing.TB, name string, f *File, opts Options, every int) bool {
	t.Helper()
	if len(f.Errors) > 0 {
		return true
	}
	count, fine := 0, true
	compare := func(n Node, src, want string, got func(*File) string) {
		again := Parse([]byte(src), opts)
		if len(again.Errors) > 0 {
			t.Errorf("%s: %T at %d: read again: %s\n%.200s", name, n, n.Pos(), again.Errors[0].Message, src)
			fine = false
			return
		}
		if got := got(again); got != want {
			t.Errorf("%s: %T at %d: read again\n%.300s\nis  %.300s\nwas %.300s", name, n, n.Pos(), src, got, want)
			fine = false
		}
	}
	for _, n := range f.Body {
		if text := f.Text(n); len(text) < 4000 {
			compare(n, text, shape(n), shapes)
		}
		Inspect(n, func(n Node, parents []Node) bool {
			if !fine {
				return false
			}
			switch n := n.(type) {
			case *Function:
				if len(parents) > 0 {
					switch parents[len(parents)-1].(type) {
					case *Property, *ClassMember:
						return true
					}
				}
				if n.Body == nil {
					return true
				}
			case *Call, *New, *Member, *Object, *Array, *Binary, *Logical, *Conditional, *Template, *Tagged, *Assign, *Unary,
				*Literal, *Sequence, *Update, *JSXElement, *Class, *TypeCast, *Identifier, *Await:
			default:
				return true
			}
			if count++; count%every != 0 || len(f.Text(n)) > 1000 {
				return true
			}
			text := f.Text(n)
			if c, ok := n.(*Class); ok && (c.Abstract || c.Decorators != nil) {
				return true
			}
			for _, word := range []string{"await", "yield", "static", "async", "let", "using", "declare", "export"} {
				if strings.Contains(text, word) {
					return true
				}
			}
			if _, ok := n.(*JSXElement); !ok && len(parents) > 0 {
				if attr, ok := parents[len(parents)-1].(*JSXAttr); ok && attr.Value == n {
					return true
				}
			}
			if id, ok := n.(*Identifier); ok && wordToken(id.Name) >= tBreak {
				return true
			}
			if len(parents) > 0 {
				if exp, ok := parents[len(parents)-1].(*Export); ok && !exp.Default {
					return true
				}
			}
			compare(n, "("+text+"\n)", shape(n)+";", shapes)
			return true
		})
	}
	return fine
}
