package view

import (
	"strings"

	"clew/check/code"
	"clew/check/source/markup"
)

// Attr is the first attribute of that name in any spelling; nil if there is none.
// The name "" asks for a spread.
func (e *Element) Attr(name string) *Attr {
	name = markup.Fold(name)
	for i := range e.Attrs {
		if e.Attrs[i].Name == name {
			return &e.Attrs[i]
		}
	}
	return nil
}

// Static is the written value of an attribute; ok is false where it is missing or
// computed. An attribute without value is "" and true; a computed one that is no
// more than a string is that string.
func (e *Element) Static(name string) (value string, ok bool) {
	a := e.Attr(name)
	switch {
	case a == nil:
		return "", false
	case a.Expr == nil:
		return a.Value, true
	case a.Expr.Kind == code.String:
		return a.Expr.Str, true
	}
	return "", false
}

// Expr is what an attribute computes; nil where it is missing or only written.
func (e *Element) Expr(name string) *code.Value {
	if a := e.Attr(name); a != nil {
		return a.Expr
	}
	return nil
}

// On is the element's handler of an event, by its folded name.
func (e *Element) On(event string) (*Event, bool) {
	for i := range e.Events {
		if e.Events[i].Name == event {
			return &e.Events[i], true
		}
	}
	return nil, false
}

// Says reports whether an attribute is on, as far as it is written: <x show>,
// show="true", :show="true". known is false where it is missing, computed, or a
// string that reads "false" (which is true to most components, but not to their
// authors).
func (e *Element) Says(name string) (on, known bool) {
	a := e.Attr(name)
	if a == nil {
		return false, false
	}
	if a.Expr == nil {
		return true, !strings.EqualFold(strings.TrimSpace(a.Value), "false")
	}
	if a.Expr.Kind == code.Bool {
		return a.Expr.Str == "true", true
	}
	return false, false
}

// OpenType is the platform ability that the element asks for, folded, as
// "getphonenumber", and the attribute that says so. computed is true where only the
// running program knows; the ability is then one of those that may come out, one
// that asks for the phone number before others, or "".
func (e *Element) OpenType() (ability string, a *Attr, computed bool) {
	if a = e.Attr("opentype"); a == nil {
		return "", nil, false
	}
	if value, ok := e.Static("opentype"); ok {
		return markup.Fold(strings.TrimSpace(value)), a, false
	}
	for _, s := range Literals(a.Expr) {
		s = markup.Fold(strings.TrimSpace(s))
		if ability == "" || phoneAbility(s) && !phoneAbility(ability) {
			ability = s
		}
	}
	return ability, a, true
}

func phoneAbility(ability string) bool {
	switch ability {
	case "getphonenumber", "getrealtimephonenumber", "phonenumber", "quickloginphonenumber":
		return true
	}
	return false
}

// AsksPhone is where the element asks the platform for the person's phone number:
// by its ability, by Alipay's getAuthorize with the scope phoneNumber, or, where
// the ability is computed or the element is a component of which nothing is known,
// by the handler that waits for the answer.
func (e *Element) AsksPhone() (at markup.Span, ok bool) {
	ability, a, computed := e.OpenType()
	switch {
	case phoneAbility(ability):
		return a.Span, true
	case ability == "getauthorize":
		scope := e.Attr("scope")
		if scope == nil {
			return at, false
		}
		for _, s := range append(Literals(scope.Expr), scope.Value) {
			if markup.SameName(strings.Trim(s, "'\" "), "phoneNumber") {
				return a.Span, true
			}
		}
		return at, false
	case a != nil && !computed:
		return at, false
	case a == nil && buttonKinds[e.Kind()] && e.Attr("") == nil:
		return at, false // a handler alone does nothing
	}
	for i := range e.Events {
		switch e.Events[i].Name {
		case "getphonenumber", "getrealtimephonenumber":
			return e.Events[i].Span, true
		}
	}
	return at, false
}

// ClueMarks is the marks of the platform's lead component on the element; nil each
// where it is absent.
func (e *Element) ClueMarks() (component, conversion, clueType *Attr) {
	for i := range e.Attrs {
		switch a := &e.Attrs[i]; a.Name {
		case "cluecomponentid", "clueid":
			component = a
		case "cluetype":
			clueType = a
		case "conversiontarget":
			conversion = a
		}
	}
	return component, conversion, clueType
}

// ClueForm is the innermost element, e or around it, that carries the marks of the
// lead component's form; nil if there is none.
func (e *Element) ClueForm() *Element {
	return e.Nearest(func(p *Element) bool {
		component, conversion, _ := p.ClueMarks()
		return component != nil || conversion != nil
	})
}

// IsForm reports whether the element is a form, the platform's or a library's.
func (e *Element) IsForm() bool {
	switch e.Name {
	case "view", "text", "image", "button", "div", "":
		return false
	}
	name := kindOf(e.Name)
	return formKinds[name] || strings.HasSuffix(name, "-form") || strings.HasSuffix(name, "-forms")
}

// Form is the innermost form around e, or e itself; nil if there is none.
func (e *Element) Form() *Element { return e.Nearest((*Element).IsForm) }

// IsButton reports whether the element is a button by its kind.
func (e *Element) IsButton() bool {
	kind := e.Kind()
	if kind == "input" {
		switch t, _ := e.Static("type"); strings.ToLower(t) {
		case "submit", "button", "image":
			return true
		}
		return false
	}
	return buttonKinds[kind] || strings.HasSuffix(kind, "-button") || strings.HasSuffix(kind, "-btn")
}

// Tappable reports whether a tap on the element is meant to do something.
func (e *Element) Tappable() bool {
	if e.Name == "" {
		return false
	}
	if e.IsButton() || e.Kind() == "navigator" || e.Attr("formtype") != nil {
		return true
	}
	_, ok := e.tap()
	return ok
}

// tap is the handler of a tap in any of its forms.
func (e *Element) tap() (*Event, bool) {
	for i := range e.Events {
		switch ev := &e.Events[i]; ev.Name {
		case "tap", "touchend", "touchstart", "mousedown", "pointerdown", "getphonenumber", "getrealtimephonenumber", "getuserinfo", "getauthorize":
			if ev.Handler == nil || ev.Handler.Kind != code.Undefined {
				return ev, true
			}
		}
	}
	return nil, false
}

// Classes is the class words that are there in any case, and those that may come.
// Of an expression the strings, the keys of an object and the members of a style
// module count.
func (e *Element) Classes() (written, possible []string) {
	for i := range e.Attrs {
		a := &e.Attrs[i]
		if a.Name != "class" {
			continue
		}
		written = append(written, strings.Fields(a.Value)...)
		classesOf(a.Expr, true, 0, func(word string, sure bool) {
			if sure {
				written = append(written, word)
			} else {
				possible = append(possible, word)
			}
		})
	}
	return written, possible
}

func classesOf(v *code.Value, sure bool, depth int, visit func(word string, sure bool)) {
	if v == nil || depth > 8 {
		return
	}
	outcomes(v, sure, func(v *code.Value, sure bool) {
		switch v.Kind {
		case code.String:
			for w := range strings.FieldsSeq(v.Str) {
				visit(w, sure)
			}
		case code.Object:
			for _, p := range v.Args {
				if p.Kind == code.Prop && p.Str != "" {
					for w := range strings.FieldsSeq(p.Str) {
						visit(w, false)
					}
				} else if p.Kind == code.Prop && len(p.Args) > 1 { // [styles.open]: open
					classesOf(p.Args[1], false, depth+1, visit)
				}
			}
		case code.Array:
			for _, x := range v.Args {
				classesOf(x, sure, depth+1, visit)
			}
		case code.Call: // classNames("a", {b: c})
			for _, x := range v.Args[min(1, len(v.Args)):] {
				classesOf(x, sure, depth+1, visit)
			}
		case code.Member:
			if o := v.Args[0]; imported(o) || o.Kind == code.Global && (o.Str == "$style" || o.Str == "styles") {
				visit(v.Str, sure)
			}
		}
	})
}

// imported reports whether a value is what another module gives.
func imported(v *code.Value) bool {
	return v.Kind == code.Imported || v.Kind == code.Local && v.Var != nil && len(v.Var.Writes) == 1 && v.Var.Writes[0].Kind == code.Imported
}
