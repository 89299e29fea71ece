package program

import (
	"strings"

	"clew/check/code"
	"clew/check/source"
	"clew/check/view"
)

// ref finds the element that a ref means, in the template of the unit that asks.
func (x *explorer) ref(v *visit, t *Term) *Node {
	name, _, _ := strings.Cut(t.Str, ".")
	return x.find(t.Unit, strings.TrimLeft(name, "#."), v.host)
}

func (x *explorer) find(u *Unit, name string, host *Node) *Node {
	x.p.paged++
	var other *Node
	for _, n := range x.pg.Nodes {
		if n.Unit == u && name != "" && (n.Ref == name || n.hasID(name)) {
			if n.Host == host {
				return n
			}
			other = n
		}
	}
	return other
}

func (n *Node) hasID(name string) bool {
	for _, key := range []string{"id", "ref", "class"} {
		if s, ok := n.Static(key); ok {
			for _, w := range strings.Fields(s) {
				if w == name {
					return true
				}
			}
		}
	}
	return false
}

// element finds the element of a page that the document was asked for.
func (x *explorer) element(t *Term) *Node {
	switch lastName(t.Name) {
	case "getElementById", "querySelector", "$", "jQuery":
	default:
		return nil
	}
	if len(t.Args) < 2 {
		return nil
	}
	sel, ok := t.Args[1].Const()
	if !ok {
		return nil
	}
	return x.find(x.pg.Unit, strings.TrimLeft(sel, "#."), nil)
}

// refCall follows this.$refs.x.open() and this.selectComponent('#x').open().
func (x *explorer) refCall(v *visit, c *code.Value, callee *Term, args []*Term, result *Term, file *source.File, at func(StepKind, string) Step) {
	var n *Node
	method := lastName(callee.Str)
	if callee.Kind == Refs {
		n = x.ref(v, callee)
	} else if len(callee.Args) > 1 {
		sel, _ := callee.Args[1].Const()
		u := v.frame.Unit
		if callee.Args[0].Kind == Method && callee.Args[0].Args[0].Unit != nil {
			u = callee.Args[0].Args[0].Unit
		}
		n = x.find(u, strings.TrimLeft(sel, "#."), v.host)
	}
	if n == nil {
		x.add(v, file, c.From, c.To, Effect{Kind: Outside, Name: writtenName(c.Args[0]), Callee: callee, Args: args, Result: result})
		return
	}
	x.onNode(v, c, n, method, callee, args, result, file, at)
}

// template is the element that a composition function's ref holds: open of
// sheet.value.open() and sheet.current.open().
func (x *explorer) template(v *visit, m *code.Value, callee *Term) *Node {
	switch callee.Kind {
	case Closure, Global, External, Namespace, Setter, Instance:
		return nil
	}
	if m.Kind != code.Member || m.Args[0].Kind != code.Member || m.Args[0].Str != "value" && m.Args[0].Str != "current" {
		return nil
	}
	of := m.Args[0].Args[0]
	if of.Kind != code.Local || of.Var == nil || v.frame.Unit == nil {
		return nil
	}
	return x.find(v.frame.Unit, of.Var.Name, v.host)
}

// kept is the component that a unit keeps in a member: of this.sheet.open() where
// this.sheet = this.selectComponent('#sheet') stands somewhere in its script.
func (x *explorer) kept(v *visit, callee *Term) *Node {
	name, method, dotted := strings.Cut(callee.Str, ".")
	u := callee.Unit
	if !dotted || strings.Contains(method, ".") || u == nil || u.mod == nil || u.initials[name] != nil {
		return nil
	}
	for _, fn := range u.mod.code.Funcs {
		for i := range fn.Ops {
			op := &fn.Ops[i]
			if op.Kind != code.OpAssign || op.Value.Args[0].Kind != code.Member || op.Value.Args[0].Str != name {
				continue
			}
			if from := op.Value.Args[1]; from.Kind == code.Call && lastName(writtenName(from.Args[0])) == "selectComponent" && len(from.Args) > 1 {
				sel, _ := x.p.eval(from.Args[1], x.p.staticFrame(fn)).Const()
				return x.find(u, strings.TrimLeft(sel, "#."), v.host)
			}
		}
	}
	return nil
}

// onNode follows a call of a method of an element of the page.
func (x *explorer) onNode(v *visit, c *code.Value, n *Node, method string, callee *Term, args []*Term, result *Term, file *source.File, at func(StepKind, string) Step) {
	if method == "setData" && n.Comp != nil && len(args) > 0 {
		x.setData(v, c, &Term{Kind: Instance, Unit: n.Comp}, args[0], file)
		return
	}
	if n.Comp != nil {
		if m := x.p.memberOf(n.Comp, method, n.Comp.self()); m.Kind == Closure {
			if why, _ := view.Dialog(n.Element); why == view.ByComponent { // a library's, whose insides may be beyond us
				x.add(v, file, c.From, c.To, Effect{Kind: Open, Name: method, Node: n, Callee: callee, Args: args, Result: result})
			}
			x.follow(v, m, args, at(Calls, m.Fn.Name), func(w *visit) { w.host = n; w.frame.Unit = n.Comp })
			return
		}
	}
	x.add(v, file, c.From, c.To, Effect{Kind: Open, Name: method, Node: n, Callee: callee, Args: args, Result: result})
}
