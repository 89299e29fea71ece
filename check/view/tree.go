package view

import (
	"iter"

	"clew/check/source/js"
)

const opAnd, opAdd, opNot = js.OpAnd, js.OpAdd, js.OpNot

// All is every element and text of roots, in document order.
func All(roots []*Element) iter.Seq[*Element] {
	return func(yield func(*Element) bool) {
		for _, e := range roots {
			if !e.all(yield) {
				return
			}
		}
	}
}

func (e *Element) all(yield func(*Element) bool) bool {
	if !yield(e) {
		return false
	}
	for _, c := range e.Children {
		if !c.all(yield) {
			return false
		}
	}
	return true
}

// Walk visits e and everything inside it, texts included, in document order. Where
// visit says false the inside is left out.
func (e *Element) Walk(visit func(*Element) bool) {
	if !visit(e) {
		return
	}
	for _, c := range e.Children {
		c.Walk(visit)
	}
}

// Descendants is the elements inside e, without e and without texts and fragments.
func (e *Element) Descendants() iter.Seq[*Element] {
	return func(yield func(*Element) bool) {
		for _, c := range e.Children {
			if !c.all(func(d *Element) bool { return d.Name == "" || yield(d) }) {
				return
			}
		}
	}
}

// IsText reports whether e is a text between tags.
func (e *Element) IsText() bool { return e.Name == "" && e.Text != nil }

// Ancestors is the elements around e, the innermost first.
func (e *Element) Ancestors() iter.Seq[*Element] {
	return func(yield func(*Element) bool) {
		for p := e.Parent; p != nil && yield(p); {
			p = p.Parent
		}
	}
}

// Inside reports whether e lies in the subtree of o, or is o.
func (e *Element) Inside(o *Element) bool {
	for p := e; p != nil; p = p.Parent {
		if p == o {
			return true
		}
	}
	return false
}

// Nearest is the innermost element, e or around it, that is what is asked for; nil
// if none is.
func (e *Element) Nearest(is func(*Element) bool) *Element {
	for p := e; p != nil; p = p.Parent {
		if is(p) {
			return p
		}
	}
	return nil
}

// Elements is the children that are elements; those of fragments count as its own.
func (e *Element) Elements() iter.Seq[*Element] {
	return func(yield func(*Element) bool) { e.elements(yield) }
}

func (e *Element) elements(yield func(*Element) bool) bool {
	for _, c := range e.Children {
		switch {
		case c.Name != "":
			if !yield(c) {
				return false
			}
		case c.Text == nil:
			if !c.elements(yield) {
				return false
			}
		}
	}
	return true
}

// Conditions is all that must hold for e to be seen: its own and those of the
// elements around it, the innermost first.
func (e *Element) Conditions() []Condition {
	var all []Condition
	for p := e; p != nil; p = p.Parent {
		all = append(all, p.When...)
	}
	return all
}
