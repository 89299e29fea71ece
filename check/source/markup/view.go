package markup

import (
	"iter"
	"strings"
)

// Attr is the first attribute of that plain name in any spelling, bound or not;
// nil if there is none.
func (n *Node) Attr(name string) *Attr {
	attrs := n.Attrs()
	for i := range attrs {
		if SameName(attrs[i].Plain(), name) {
			return &attrs[i]
		}
	}
	return nil
}

// Static is the written value of an attribute; ok is false where it is missing or
// computed. An attribute without value is "" and true.
func (n *Node) Static(name string) (value string, ok bool) {
	a := n.Attr(name)
	if a == nil || a.Bound() {
		return "", false
	}
	return a.Value, true
}

// Bound reports whether the value is computed, wholly or in part.
func (a *Attr) Bound() bool {
	if _, ok := a.use(); ok {
		return true
	}
	for p := range parts(a.Value, 0) {
		if p.Bound {
			return true
		}
	}
	return false
}

// Parts cuts a value into written characters and expressions. A value that is an
// expression by its name (:x, v-if, @tap) is one bound part.
func (a *Attr) Parts() iter.Seq[Part] {
	if _, ok := a.use(); ok {
		return func(yield func(Part) bool) {
			if a.HasValue {
				yield(Part{Expr{a.Value, a.ValueSpan, false}, true})
			}
		}
	}
	return parts(a.Value, a.ValueSpan.Start)
}

// Expr is the value as one expression: the inside of the {{ }} that is all of it,
// or the value of a bound attribute. Anything else is Literal, as a whole.
func (a *Attr) Expr() Expr {
	count, only := 0, Part{}
	for p := range a.Parts() {
		if !p.Bound && strings.TrimSpace(p.Text) == "" {
			continue
		}
		only = p
		count++
	}
	if count == 1 && only.Bound {
		return only.Expr
	}
	return Expr{a.Value, a.ValueSpan, true}
}

// Branch says how a condition decides.
type Branch uint8

// The branches.
const (
	If   Branch = iota // wx:if, v-if
	Elif               // wx:elif, v-else-if
	Else               // wx:else, v-else
	Show               // v-show: there, but perhaps not seen
	Hide               // hidden: the same, the other way round
)

// Condition is what decides whether an element is shown.
type Condition struct {
	Branch Branch
	Node   *Node
	Attr   *Attr
	Expr   Expr // none for Else
}

// Conditions is the element's own conditions, in the order written.
func (n *Node) Conditions() []Condition {
	var found []Condition
	attrs := n.Attrs()
	for i := range attrs {
		a := &attrs[i]
		c := Condition{Node: n, Attr: a}
		switch a.directive() {
		case "if":
			c.Branch = If
		case "elif":
			c.Branch = Elif
		case "else":
			found = append(found, Condition{Branch: Else, Node: n, Attr: a})
			continue
		case "show":
			c.Branch = Show
		default:
			if !SameName(a.Plain(), "hidden") {
				continue
			}
			c.Branch = Hide
		}
		c.Expr = a.Expr()
		found = append(found, c)
	}
	return found
}

// Condition is the first of [Node.Conditions].
func (n *Node) Condition() (c Condition, ok bool) {
	if all := n.Conditions(); len(all) > 0 {
		return all[0], true
	}
	return Condition{}, false
}

func (n *Node) branch() (b Branch, ok bool) {
	attrs := n.Attrs()
	for i := range attrs {
		switch attrs[i].directive() {
		case "if":
			return If, true
		case "elif":
			return Elif, true
		case "else":
			return Else, true
		}
	}
	return 0, false
}

// Chain is the if, elif and else elements that n is one of, in order. An elif or
// else without its if begins the chain itself; nil for an element that has none.
func (n *Node) Chain() []*Node {
	b, ok := n.branch()
	if !ok {
		return nil
	}
	first := n
	for b != If {
		before := first.Before()
		if before == nil {
			break
		}
		prior, is := before.branch()
		if !is || prior == Else {
			break
		}
		first, b = before, prior
	}
	chain := []*Node{first}
	for b, _ = first.branch(); b != Else; {
		next := chain[len(chain)-1].After()
		if next == nil {
			break
		}
		after, is := next.branch()
		if !is || after == If {
			break
		}
		chain, b = append(chain, next), after
	}
	return chain
}

// Guards is the conditions of n and of the elements around it, the innermost
// first: all that must hold for n to be seen, but for the other branches of chains.
func (n *Node) Guards() []Condition {
	found := n.Conditions()
	for p := range n.Ancestors() {
		found = append(found, p.Conditions()...)
	}
	return found
}

// Loop is the repetition of an element.
type Loop struct {
	Attr        *Attr
	List        Expr
	Item, Index string // the names inside; "item" and "index" where mini-programs leave them out
}

// Loop finds wx:for, a:for, s-for, v-for.
func (n *Node) Loop() (l Loop, ok bool) {
	attrs := n.Attrs()
	for i := range attrs {
		a := &attrs[i]
		switch a.directive() {
		case "for", "foritems":
			l.Attr, ok = a, true
			if use, is := a.use(); is && use == LoopAttr {
				l.List, l.Item, l.Index = listOf(a)
			} else {
				l.List = a.Expr()
			}
		}
	}
	if !ok {
		return l, false
	}
	for i := range attrs {
		switch attrs[i].directive() {
		case "foritem":
			l.Item = attrs[i].Value
		case "forindex":
			l.Index = attrs[i].Value
		}
	}
	if !strings.HasPrefix(l.Attr.Name, "v-") {
		if l.Item == "" {
			l.Item = "item"
		}
		if l.Index == "" {
			l.Index = "index"
		}
	}
	return l, true
}

// listOf takes "(item, index) in list" apart.
func listOf(a *Attr) (list Expr, item, index string) {
	text := a.Value
	at := -1
	for _, word := range []string{" in ", " of "} {
		if i := strings.Index(text, word); i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	if at < 0 {
		return Expr{text, a.ValueSpan, false}, "", ""
	}
	from := a.ValueSpan.Start + at + 4
	names := strings.Trim(strings.TrimSpace(text[:at]), "()")
	if strings.ContainsAny(names, "{[") {
		return Expr{text[at+4:], Span{from, a.ValueSpan.End}, false}, strings.TrimSpace(names), ""
	}
	item, rest, _ := strings.Cut(names, ",")
	index, _, _ = strings.Cut(rest, ",")
	return Expr{text[at+4:], Span{from, a.ValueSpan.End}, false}, strings.TrimSpace(item), strings.TrimSpace(index)
}

// Event is a handler on an element.
type Event struct {
	// Name is the event in one spelling: folded, and a click is a tap. "*" is a
	// whole object of handlers (v-on="…").
	Name      string
	Modifiers []string // catch, capture, mut, and Vue's, as stop, prevent, once
	Attr      *Attr
	// Handler is what is called: Literal is a member's name as mini-programs write
	// it, otherwise a script.
	Handler Expr
}

// Events is the element's handlers, in the order written.
func (n *Node) Events() []Event {
	var found []Event
	attrs := n.Attrs()
	for i := range attrs {
		a := &attrs[i]
		name, modifiers, ok := a.event()
		if !ok {
			if a.Name != "v-on" {
				continue
			}
			name = "*"
		}
		found = append(found, Event{name, modifiers, a, a.Expr()})
	}
	return found
}

// On is the element's handler of an event, by its name in one spelling.
func (n *Node) On(name string) (e Event, ok bool) {
	for _, e := range n.Events() {
		if e.Name == name {
			return e, true
		}
	}
	return Event{}, false
}

// Member is the name of the member that the handler is; ok is false for a script
// that is more than a name.
func (e Event) Member() (name string, ok bool) {
	name = strings.TrimSpace(e.Handler.Text)
	if name == "" || !letter(name[0]) && name[0] != '_' && name[0] != '$' {
		return "", false
	}
	for i := range len(name) {
		if c := name[i]; !letter(c) && c != '_' && c != '$' && c != '.' && (c < '0' || c > '9') {
			return "", false
		}
	}
	return strings.TrimPrefix(name, "this."), true
}

// Model is a two-way binding: v-model, or model:value of mini-programs.
func (n *Node) Model() (a *Attr, e Expr, ok bool) {
	attrs := n.Attrs()
	for i := range attrs {
		if attrs[i].directive() == "model" || strings.HasPrefix(attrs[i].Name, "model:") {
			return &attrs[i], attrs[i].Expr(), true
		}
	}
	return nil, Expr{}, false
}

// Classes is the class words that are written and the expressions that give more.
func (n *Node) Classes() (written []string, computed []Expr) {
	attrs := n.Attrs()
	for i := range attrs {
		if attrs[i].Plain() != "class" {
			continue
		}
		for p := range attrs[i].Parts() {
			if p.Bound {
				computed = append(computed, p.Expr)
			} else {
				written = append(written, strings.Fields(p.Text)...)
			}
		}
	}
	return written, computed
}

// Declaration is one property of a style attribute.
type Declaration struct {
	Property string // lower-case
	Value    string // with [Mark] for each expression
}

// Styles is the declarations of the style attributes and the expressions in them.
// A style that is computed as a whole has only expressions.
func (n *Node) Styles() (written []Declaration, computed []Expr) {
	attrs := n.Attrs()
	for i := range attrs {
		if attrs[i].Plain() != "style" {
			continue
		}
		var text strings.Builder
		for p := range attrs[i].Parts() {
			if p.Bound {
				computed = append(computed, p.Expr)
				text.WriteString(Mark)
			} else {
				text.WriteString(p.Text)
			}
		}
		for one := range strings.SplitSeq(text.String(), ";") {
			if property, value, ok := strings.Cut(one, ":"); ok {
				written = append(written, Declaration{strings.ToLower(strings.TrimSpace(property)), strings.TrimSpace(value)})
			}
		}
	}
	return written, computed
}
