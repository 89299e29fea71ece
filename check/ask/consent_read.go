package ask

import (
	"regexp"
	"strings"

	"clew/check/code"
	"clew/check/pattern"
	"clew/check/program"
)

// call takes the names by which an expression calls its states.
func (b *Box) call(v *code.Value, depth int) {
	if v == nil || depth > 5 {
		return
	}
	name := ""
	switch v.Kind {
	case code.Local:
		if v.Var != nil {
			name = v.Var.Name
		}
	case code.Member, code.Global:
		name = v.Str
	}
	if len(name) > 3 && name != "value" && name != "checked" && name != "item" && name != "form" && name != "this" && name != "data" {
		if b.idents == nil {
			b.idents = map[string]bool{}
		}
		b.idents[name] = true
	}
	if v.Kind == code.Function || v.Kind == code.Call {
		return
	}
	for _, a := range v.Args {
		b.call(a, depth+1)
	}
}

// Mentions reports whether a function that a run goes through calls the box's state
// by its name, other than to write it. It proves no reading, but forbids to say that
// there is none.
func (b *Box) Mentions(t *program.Trace) bool {
	var words []string
	for name := range b.idents {
		words = append(words, regexp.QuoteMeta(name))
	}
	for _, f := range b.Flags {
		if name := lastDot(f.Str); len(name) > 3 && name[0] != '@' {
			words = append(words, regexp.QuoteMeta(name))
		}
	}
	for _, name := range b.Names {
		words = append(words, regexp.QuoteMeta(name))
	}
	if len(words) == 0 {
		return false
	}
	read := pattern.MustCompile(`(^|[^\w$])(` + strings.Join(words, "|") + `)\s*([^\w$\s:=]|==|$)`)
	for _, v := range t.Visited {
		from, to := int(v.Fn.From), int(v.Fn.To)
		if from >= 0 && to <= len(v.File.Text) && from < to && read.MatchString(v.File.Text[from:to]) {
			return true
		}
	}
	return false
}

// About reports whether the box speaks for a question: it stands beside it, and is
// not the box of another one.
func (b *Box) About(a *Ask, asks []*Ask) bool {
	if b.Dialog == a.Dialog {
		if a.Form != nil && !b.Node.Inside(a.Form) {
			for _, o := range asks {
				if o != a && o.Form != nil && o.Form != a.Form && b.Node.Inside(o.Form) {
					return false
				}
			}
		}
		return true
	}
	for _, o := range asks {
		if o != a && o.Dialog == b.Dialog && (b.Dialog != nil || o.Form == nil || b.Node.Inside(o.Form)) {
			return false
		}
	}
	return true
}

// Means reports whether a term is made of the box's flags, or of an object that
// holds one.
func (b *Box) Means(t *program.Term) bool {
	if t == nil {
		return false
	}
	return t.Any(func(x *program.Term) bool {
		switch x.Kind {
		case program.State:
			for _, list := range [][]*program.Term{b.Flags, b.Derived} {
				for _, f := range list {
					if x.Unit == f.Unit && (x.Str == f.Str || x.Str == "" || strings.HasPrefix(f.Str, x.Str+".") || strings.HasPrefix(x.Str, f.Str+".")) {
						return true
					}
				}
			}
		case program.Param: // e.detail.value.agree, or what the code put there itself
			for _, list := range [][]*program.Term{b.Flags, b.Derived} {
				for _, f := range list {
					if name := lastDot(f.Str); len(name) > 3 && lastDot(x.Str) == name {
						return true
					}
				}
			}
			for _, name := range b.Names {
				if x.Str == name || strings.HasSuffix(x.Str, "."+name) || strings.Contains(x.Str, "."+name+".") {
					return true
				}
			}
			return len(b.Names) > 0 && strings.HasSuffix(x.Str, "detail.value")
		case program.String:
			for _, name := range b.Names {
				if strings.TrimLeft(x.Str, "#.") == name {
					return true
				}
			}
		}
		return false
	})
}

// Is reports whether a state is the box's own.
func (b *Box) Is(s *program.Term) bool {
	if s.Kind != program.State {
		return false
	}
	for _, f := range b.Flags {
		if SameState(f, s) {
			return true
		}
	}
	return false
}

// Reads reports whether a run looks at the box: a condition on the way to one of its
// effects, or what is sent or handed to something that cannot be seen.
func (b *Box) Reads(t *program.Trace) bool {
	p := b.Page.Program()
	given := map[*program.Given]bool{}
	for i := range t.Effects {
		e := &t.Effects[i]
		for g := e.When; g != nil && !given[g]; g = g.Up {
			given[g] = true
			if b.Means(g.Term) {
				return true
			}
		}
		switch e.Kind {
		case program.Request, program.Outside, program.Store, program.Navigate, program.Emit:
			for _, a := range e.Args {
				if b.Means(p.Deep(a, 3)) {
					return true
				}
			}
		}
	}
	return false
}

// ReadBy reports whether an element waits for the box: it is there, enabled or able
// to ask only when the box says so.
func (b *Box) ReadBy(n *program.Node) bool {
	p := b.Page.Program()
	for _, c := range n.Conditions() {
		if b.Means(c.Term) {
			return true
		}
	}
	for _, name := range []string{"disabled", "open-type"} {
		if v := n.Expr(name); v != nil && b.Means(p.Look(n, v)) {
			return true
		}
	}
	for i := range n.Events {
		if h := n.Events[i].Handler; h != nil && n.Events[i].Func == nil && b.Means(p.Look(n, h)) {
			return true
		}
	}
	return false
}

// Alias adds the names by which components know the box's states.
func (b *Box) Alias() {
	p := b.Page.Program()
	for range 3 {
		before := len(b.Flags) + len(b.Derived)
		for _, n := range b.Page.Nodes {
			if n.Comp == nil {
				continue
			}
			for i := range n.Attrs {
				a := &n.Attrs[i]
				if a.Expr == nil {
					continue
				}
				t := p.Look(n, a.Expr)
				if len(states(t)) == 0 || !b.Means(t) {
					continue
				}
				name := camelCase(strings.TrimPrefix(strings.TrimPrefix(a.Raw, ":"), "v-bind:"))
				if n.Comp.IsProp(name) {
					b.Derived = addState(b.Derived, &program.Term{Kind: program.State, Unit: n.Comp, Str: name})
				}
			}
		}
		if len(b.Flags)+len(b.Derived) == before {
			return
		}
	}
}

func camelCase(s string) string {
	parts := strings.Split(s, "-")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}
