package view

import (
	"fmt"
	"strings"
	"testing"

	"clew/check/code"
	"clew/check/source"
	"clew/check/source/js"
	"clew/check/source/markup"
)

// template reads a template of a dialect.
func template(dialect markup.Dialect, src string) []*Element {
	return FromMarkup(&source.File{Path: "t", Text: src}, markup.Parse(src, dialect), nil)
}

func mini(src string) []*Element { return template(markup.Mini, src) }

func vue(src string) []*Element { return template(markup.Vue, src) }

// jsx reads what the first function of a script that returns elements returns.
func jsx(t testing.TB, src string) []*Element {
	t.Helper()
	m := code.Lower("t", js.Parse([]byte(src), js.Options{Dialect: js.TSX}))
	for _, fn := range m.Funcs {
		if len(fn.Ops) == 0 {
			continue
		}
		if all := FromJSX(&source.File{Path: "t", Text: src}, fn, seenHelpers(m)); len(all) > 0 && all[0].Name != "" {
			return all
		}
	}
	t.Fatalf("no elements in %s", src)
	return nil
}

// seenHelpers resolves this.renderX() by its name.
func seenHelpers(m *code.Module) func(*code.Value) *code.Func {
	return func(call *code.Value) *code.Func {
		for _, fn := range m.Funcs {
			if c := call.Args[0]; c.Kind == code.Member && c.Args[0].Kind == code.This && fn.Name == c.Str {
				return fn
			}
		}
		return nil
	}
}

// first is the first element of a name.
func first(t testing.TB, roots []*Element, name string) *Element {
	t.Helper()
	for e := range All(roots) {
		if e.Name == name {
			return e
		}
	}
	t.Fatalf("no <%s> in\n%s", name, dump(roots))
	return nil
}

// dump writes a tree in one spelling for all dialects.
func dump(roots []*Element) string {
	var b strings.Builder
	for _, e := range roots {
		dumpInto(&b, e, 0)
	}
	return b.String()
}

func dumpInto(b *strings.Builder, e *Element, depth int) {
	fmt.Fprintf(b, "%*s", depth*2, "")
	switch {
	case e.IsText():
		b.WriteString("text")
		for _, p := range e.Text {
			if p.Expr != nil {
				fmt.Fprintf(b, " {%s}", show(p.Expr))
			} else {
				fmt.Fprintf(b, " %q", strings.Join(strings.Fields(p.Text), " "))
			}
		}
	case e.Name == "":
		b.WriteString("fragment")
	default:
		b.WriteString(strings.ToLower(e.Name))
	}
	for _, c := range e.When {
		fmt.Fprintf(b, " if%s%s(%s)", mark(c.Soft, "~"), mark(c.Not, "!"), show(c.Expr))
	}
	if l := e.Loop; l != nil {
		fmt.Fprintf(b, " for(%s,%s in %s)", l.Item, l.Index, show(l.List))
	}
	for _, a := range e.Attrs {
		if a.Name == "key" || strings.HasSuffix(a.Name, ":key") {
			continue
		}
		fmt.Fprintf(b, " %s", a.Name)
		switch {
		case a.Expr != nil:
			fmt.Fprintf(b, "={%s}", show(a.Expr))
		case a.Has:
			fmt.Fprintf(b, "=%q", a.Value)
		}
		b.WriteString(mark(a.TwoWay, "<>"))
	}
	for _, ev := range e.Events {
		fmt.Fprintf(b, " @%s%s=%s", ev.Name, mark(ev.Stop, ".stop"), show(ev.Handler))
		if ev.Func != nil {
			b.WriteString("[")
			for _, op := range ev.Func.Ops {
				b.WriteString(show(op.Value))
			}
			b.WriteString("]")
		}
	}
	b.WriteByte('\n')
	for _, c := range e.Children {
		dumpInto(b, c, depth+1)
	}
}

func mark(on bool, s string) string {
	if on {
		return s
	}
	return ""
}

// show writes a value; names look the same wherever they are resolved to.
func show(v *code.Value) string {
	if v == nil {
		return "-"
	}
	args := make([]string, len(v.Args))
	for i, a := range v.Args {
		args[i] = show(a)
	}
	switch v.Kind {
	case code.Undefined:
		return "undefined"
	case code.Null:
		return "null"
	case code.Bool, code.Number, code.Global:
		return v.Str
	case code.String:
		return "'" + v.Str + "'"
	case code.Local:
		return v.Var.Name
	case code.Imported:
		return v.Name
	case code.This:
		return "this"
	case code.Member:
		return strings.TrimPrefix(args[0]+"."+v.Str, "this.")
	case code.Index:
		return args[0] + "[" + args[1] + "]"
	case code.Call:
		return args[0] + "(" + strings.Join(args[1:], ",") + ")"
	case code.Conditional:
		return args[0] + "?" + args[1] + ":" + args[2]
	case code.Logical, code.Binary, code.Assign:
		return args[0] + v.Op.String() + args[1]
	case code.Unary:
		return v.Op.String() + args[0]
	case code.Template:
		return "`" + strings.Join(args, "+") + "`"
	case code.Object:
		return "{" + strings.Join(args, ",") + "}"
	case code.Prop:
		return v.Str + ":" + args[0]
	case code.Spread:
		return "..." + args[0]
	case code.Array:
		return "[" + strings.Join(args, ",") + "]"
	case code.JSX:
		return "<" + v.Elem.Name + ">"
	case code.Function:
		var ops []string
		if v.Func != nil {
			for _, op := range v.Func.Ops {
				if op.Kind != code.OpReturn {
					ops = append(ops, show(op.Value))
				}
			}
		}
		return "=>" + strings.Join(ops, ";")
	}
	return fmt.Sprintf("?%d", v.Kind)
}
