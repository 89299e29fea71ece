package view

import (
	"strings"

	"clew/check/code"
)

// openAttrs is the attributes by which components are opened.
var openAttrs = set(`show visible isopened isopen open opened modelvalue isshow isvisible showmodal showdialog showpopup showpop display
	popupshow modalshow dialogvisible isshowmodal isshowpopup ishowpopup showflag showmask popshow`)

// showClasses and hideClasses are the classes that turn a dialog on and off.
var (
	showClasses = set("show active open opened in visible on shown isshow block display popshow showin flex zoomin slideup fadein")
	hideClasses = set("hide hidden none close closed out off invisible hid hiden noshow")
)

// Opens is what must hold for a dialog to be open: its own conditions, those of the
// wrappers that hold nothing else, the attribute by which its component is opened,
// and the class that turns it on. Empty means that it is always open, or opened by
// a call through [Element.Ref].
func Opens(e *Element) []Condition {
	all := append([]Condition(nil), e.When...)
	all = append(all, toggles(e)...)
	for up := e; up.Parent != nil && up.wraps(); {
		up = up.Parent
		all = append(all, up.When...)
		if dialogKinds[up.Kind()] || up.Name != "" && len(up.When) == 0 {
			all = append(all, toggles(up)...)
		}
	}
	return all
}

// wraps reports whether the element around e is there for e alone: it holds only e,
// its mask, and what comes by the same conditions.
func (e *Element) wraps() bool {
	p := e.Parent
	if p.Loop != nil || p.IsForm() {
		return false
	}
	if p.Name == "" {
		return true
	}
	for _, c := range p.Children {
		if c == e || c.IsText() && c.OwnWords() == "" {
			continue
		}
		if c.Name != "" && c.isMask(nil) || sameWhen(c, e) {
			continue
		}
		return false
	}
	return true
}

// toggles is the states that show-like attributes and classes speak of.
func toggles(e *Element) []Condition {
	var all []Condition
	own := !boxKinds[e.Kind()] || dialogKinds[e.Kind()]
	for i := range e.Attrs {
		a := &e.Attrs[i]
		switch {
		case a.Name == "class":
			if a.Expr != nil {
				all = append(all, classToggles(a.Expr, 0)...)
			}
			for j := range all {
				if all[j].Span.Len() == 0 {
					all[j].Span = a.Span
				}
			}
		case own && (openAttrs[a.Name] || a.Name == "value" && (a.TwoWay || a.Expr != nil && dialogKinds[e.Kind()])):
			all = append(all, a.opens())
		}
	}
	return all
}

func (a *Attr) opens() Condition {
	v := a.Expr
	if v == nil {
		v = &code.Value{Kind: code.String, Str: a.Value, From: int32(a.ValueSpan.Start), To: int32(a.ValueSpan.End)}
		if !a.Has {
			v = &code.Value{Kind: code.Bool, Str: "true", From: int32(a.Span.Start), To: int32(a.Span.End)}
		}
	}
	v, not := bare(v, false)
	return Condition{Expr: v, Not: not, Span: a.Span}
}

// classToggles is the conditions of classes that show or hide.
func classToggles(v *code.Value, depth int) []Condition {
	if v == nil || depth > 8 {
		return nil
	}
	var all []Condition
	switch v.Kind {
	case code.Conditional:
		if len(v.Args) != 3 {
			return nil
		}
		yes, no := turns(Literals(v.Args[1])), turns(Literals(v.Args[2]))
		switch {
		case yes > 0 && no <= 0 || yes == 0 && no < 0:
			all = append(all, Condition{Expr: v.Args[0], Soft: true})
		case yes < 0 && no >= 0 || yes == 0 && no > 0:
			all = append(all, Condition{Expr: v.Args[0], Not: true, Soft: true})
		}
	case code.Logical:
		if len(v.Args) == 2 && v.Op == opAnd {
			switch t := turns(Literals(v.Args[1])); {
			case t > 0:
				all = append(all, Condition{Expr: v.Args[0], Soft: true})
			case t < 0:
				all = append(all, Condition{Expr: v.Args[0], Not: true, Soft: true})
			}
		}
	case code.Object:
		for _, p := range v.Args {
			if p.Kind != code.Prop || len(p.Args) == 0 {
				continue
			}
			key := p.Str
			if len(p.Args) > 1 {
				key = lastName(p.Args[1])
			}
			switch t := turns([]string{key}); {
			case t > 0:
				all = append(all, Condition{Expr: p.Args[0], Soft: true})
			case t < 0:
				all = append(all, Condition{Expr: p.Args[0], Not: true, Soft: true})
			}
		}
	case code.Template, code.Array, code.Binary:
		for _, x := range v.Args {
			all = append(all, classToggles(x, depth+1)...)
		}
	case code.Call:
		for _, x := range v.Args[min(1, len(v.Args)):] {
			all = append(all, classToggles(x, depth+1)...)
		}
	}
	for i := range all {
		all[i].Expr, all[i].Not = bare(all[i].Expr, all[i].Not)
	}
	return all
}

// turns is whether class words show (1), hide (-1) or neither (0).
func turns(names []string) int {
	for _, name := range names {
		for class := range strings.FieldsSeq(name) {
			all := wordsOf(class)
			if len(all) == 0 {
				continue
			}
			if joined := strings.Join(all, ""); hideClasses[joined] {
				return -1
			} else if showClasses[joined] {
				return 1
			}
			switch last := all[len(all)-1]; {
			case hideClasses[last]:
				return -1
			case showClasses[last] && last != "on" && last != "in":
				return 1
			}
		}
	}
	return 0
}
