package markup

import "strings"

// OpenType is the platform ability that a button asks for, folded, as
// "getphonenumber", and the attribute that says so; computed is true where only the
// running program knows.
func (n *Node) OpenType() (ability string, a *Attr, computed bool) {
	if a = n.Attr("open-type"); a == nil {
		return "", nil, false
	}
	e := a.Expr()
	if e.Literal && !a.Bound() {
		return Fold(strings.TrimSpace(a.Value)), a, false
	}
	if text := strings.TrimSpace(e.Text); len(text) > 2 && strings.ContainsRune("'\"`", rune(text[0])) && strings.IndexByte(text[1:], text[0]) == len(text)-2 {
		return Fold(text[1 : len(text)-1]), a, false
	}
	return "", a, true
}

// AsksPhone is the attribute by which an element asks the platform for the
// person's phone number; nil if none does. An ability that is computed counts when
// the handler for the answer is there.
func (n *Node) AsksPhone() *Attr {
	if n.Kind != Element {
		return nil
	}
	ability, a, computed := n.OpenType()
	switch ability {
	case "getphonenumber", "getrealtimephonenumber", "phonenumber", "quickloginphonenumber":
		return a
	case "getauthorize": // Alipay names the scope apart
		if scope := n.Attr("scope"); scope != nil && SameName(strings.Trim(scope.Value, "'\" "), "phoneNumber") {
			return a
		}
		return nil
	}
	if a != nil && !computed {
		return nil
	}
	for _, e := range n.Events() {
		switch e.Name {
		case "getphonenumber", "getrealtimephonenumber":
			return e.Attr
		}
	}
	return nil
}

// Clue is the marks of the platform's lead component on an element.
type Clue struct {
	Component  *Attr // clueComponentId, clue-component-id
	Type       *Attr // clueType
	Conversion *Attr // conversionTarget, conversion-target
}

// Clue finds the marks in any spelling, bound or not.
func (n *Node) Clue() (c Clue, ok bool) {
	attrs := n.Attrs()
	for i := range attrs {
		switch a := &attrs[i]; Fold(a.Plain()) {
		case "cluecomponentid", "clueid":
			c.Component = a
		case "cluetype":
			c.Type = a
		case "conversiontarget":
			c.Conversion = a
		}
	}
	return c, c != Clue{}
}

// IsForm reports whether the element is a form, the platform's or a library's.
func (n *Node) IsForm() bool {
	if n.Kind != Element {
		return false
	}
	name := strings.ToLower(n.Name)
	return name == "form" || strings.HasSuffix(name, "-form") || strings.HasSuffix(name, "-forms")
}

// Form is the innermost form around n, or n itself; nil if there is none.
func (n *Node) Form() *Node {
	if n.IsForm() {
		return n
	}
	for p := range n.Ancestors() {
		if p.IsForm() {
			return p
		}
	}
	return nil
}

// ClueForm is the innermost element, n or around it, that carries the marks of the
// lead component's form; nil if there is none.
func (n *Node) ClueForm() *Node {
	for p := n; p != nil; p = p.Parent() {
		if c, _ := p.Clue(); c.Component != nil || c.Conversion != nil {
			return p
		}
	}
	return nil
}

// Slot is the name of the slot that n fills; ok is false if it says none.
func (n *Node) Slot() (name string, ok bool) {
	attrs := n.Attrs()
	for i := range attrs {
		a := &attrs[i]
		if rest, is := strings.CutPrefix(a.Name, "#"); is {
			return rest, true
		}
		if rest, is := strings.CutPrefix(a.Name, "v-slot"); is {
			return strings.TrimPrefix(rest, ":"), true
		}
		if a.Name == "slot" {
			return a.Value, true
		}
	}
	return "", false
}
