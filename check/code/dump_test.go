package code

import (
	"fmt"
	"sort"
	"strings"
)

// dump prints what a module holds: of each function its operations with their
// guards, of each variable its writes, then imports and exports.
func dump(m *Module) string {
	var b strings.Builder
	e := everything{value: func(*Value) {}}
	e.module(m)
	for _, f := range m.Funcs {
		for _, v := range f.Vars {
			e.variable(v)
		}
	}
	for _, f := range m.Funcs {
		if f.Index == 0 && len(f.Ops) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s(", funcName(f))
		for i, p := range f.Params {
			if i > 0 {
				b.WriteString(", ")
			}
			if p.Rest {
				b.WriteString("...")
			}
			b.WriteString(varName(p))
		}
		b.WriteString(")\n")
		for _, op := range f.Ops {
			b.WriteString("  ")
			for _, g := range chain(op.Guard) {
				b.WriteString(guardText(g) + ": ")
			}
			name := []string{"", "", "return ", "throw ", ""}[op.Kind]
			if op.Value == nil {
				b.WriteString(strings.TrimSpace(name) + "\n")
				continue
			}
			b.WriteString(name + show(op.Value) + "\n")
		}
	}
	sort.Slice(e.vars, func(i, j int) bool { return e.vars[i].From < e.vars[j].From })
	for _, v := range e.vars {
		if len(v.Writes) == 0 && !v.Open {
			continue
		}
		fmt.Fprintf(&b, "%s =", varName(v))
		for i, w := range v.Writes {
			if i > 0 {
				b.WriteString(" |")
			}
			b.WriteString(" " + show(w))
		}
		if v.Open {
			b.WriteString(" open")
		}
		b.WriteByte('\n')
	}
	for _, i := range m.Imports {
		fmt.Fprintf(&b, "import %s %q", i.Name, i.Spec)
		if i.Var != nil {
			b.WriteString(" " + i.Var.Name)
		}
		b.WriteByte('\n')
	}
	var names []string
	for name := range m.Exports {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&b, "export %s %s\n", name, show(m.Exports[name]))
	}
	for _, s := range m.Stars {
		fmt.Fprintf(&b, "export * %q\n", s)
	}
	return b.String()
}

func funcName(f *Func) string {
	switch {
	case f == nil:
		return "top"
	case f.Name == "":
		return fmt.Sprintf("#%d", f.Index)
	}
	return "#" + f.Name
}

func varName(v *Var) string {
	if v.Name == "" {
		return fmt.Sprintf("$%d", v.Param)
	}
	return v.Name
}

// chain is the guards from the outermost on.
func chain(g *Guard) []*Guard {
	var list []*Guard
	for ; g != nil; g = g.Parent {
		list = append([]*Guard{g}, list...)
	}
	return list
}

func guardText(g *Guard) string {
	s := []string{"if", "early", "loop", "case", "catch"}[g.Kind]
	if g.Cond == nil {
		return s
	}
	if g.Not {
		return s + " !" + show(g.Cond)
	}
	return s + " " + show(g.Cond)
}

// show writes a value with its binaries in parentheses; variables have no mark,
// globals a dollar.
func show(v *Value) string {
	list := func(args []*Value) string {
		parts := make([]string, len(args))
		for i, a := range args {
			parts[i] = show(a)
		}
		return strings.Join(parts, ", ")
	}
	arg := func(i int) string { return show(v.Args[i]) }
	flag := ""
	if v.Flag {
		flag = "?"
	}
	switch v.Kind {
	case Unknown:
		return "?"
	case Undefined:
		return "undefined"
	case Null:
		return "null"
	case Bool, Number:
		return v.Str
	case String:
		return fmt.Sprintf("%q", v.Str)
	case Regex:
		return "/" + v.Str + "/"
	case Template:
		return "`" + list(v.Args) + "`"
	case Array:
		return "[" + list(v.Args) + "]"
	case Object:
		return "{" + list(v.Args) + "}"
	case Prop:
		if v.Flag {
			flag = "get "
		}
		if len(v.Args) == 2 {
			return flag + "[" + arg(1) + "]: " + arg(0)
		}
		return flag + v.Str + ": " + arg(0)
	case Spread:
		return "..." + arg(0)
	case Function:
		return funcName(v.Func)
	case ClassDef:
		s := "class " + v.Class.Name
		if v.Class.Super != nil {
			s += " extends " + show(v.Class.Super)
		}
		for _, d := range v.Class.Decorators {
			s = "@" + show(d) + " " + s
		}
		s += "{"
		for i, m := range v.Class.Members {
			if i > 0 {
				s += ", "
			}
			if v.Class.Static[i] {
				s += "static "
			}
			s += show(m)
		}
		return s + "}"
	case Local:
		return varName(v.Var)
	case Global:
		return "$" + v.Str
	case Imported:
		return fmt.Sprintf("%s of %q", v.Name, v.Str)
	case This:
		return "this" + funcName(v.Func)
	case Super:
		return "super"
	case Member:
		return arg(0) + flag + "." + v.Str
	case Index:
		return arg(0) + flag + "[" + arg(1) + "]"
	case Call:
		return arg(0) + flag + "(" + list(v.Args[1:]) + ")"
	case New:
		return "new " + arg(0) + "(" + list(v.Args[1:]) + ")"
	case Await:
		if v.Flag {
			return "yield " + arg(0)
		}
		return "await " + arg(0)
	case Conditional:
		return "(" + arg(0) + " ? " + arg(1) + " : " + arg(2) + ")"
	case Logical, Binary, Assign:
		return "(" + arg(0) + " " + v.Op.String() + " " + arg(1) + ")"
	case Unary:
		return "(" + v.Op.String() + " " + arg(0) + ")"
	case Sequence:
		return "(" + list(v.Args) + ")"
	case JSX:
		s := "<" + v.Elem.Name
		if v.Elem.Tag != nil {
			s += "=" + show(v.Elem.Tag)
		}
		for _, a := range v.Elem.Attrs {
			s += " " + a.Name + "=" + show(a.Value)
		}
		return s + ">" + list(v.Elem.Children) + "</>"
	}
	return fmt.Sprintf("kind %d", v.Kind)
}
