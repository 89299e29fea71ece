package markup

import (
	"html"
	"iter"
	"strings"
)

// maxBinding is how far a {{ is followed, in bytes; longer ones are read as text.
const maxBinding = 16 << 10

// bindingEnd finds where the {{ at i ends: just behind its }}. Quotes, template
// strings and braces inside are stepped over. Expressions hold no end tag, so one
// before the }} means that the {{ was never closed.
func bindingEnd(src string, i int) (end int, ok bool) {
	limit := min(len(src), i+maxBinding)
	if end, ok = carefully(src, i+2, limit); ok {
		return end, true
	}
	// Broken quotes or braces inside: the first }} ends it all the same.
	plain := strings.Index(src[i+2:limit], "}}")
	if plain < 0 {
		return i, false
	}
	inner := src[i+2 : i+2+plain]
	if strings.Contains(inner, "{{") || strings.Contains(inner, "</") || strings.Contains(inner, "/>") {
		return i, false
	}
	return i + 2 + plain + 2, true
}

func carefully(src string, i, limit int) (end int, ok bool) {
	for depth := 0; i < limit; i++ {
		switch c := src[i]; c {
		case '"', '\'', '`':
			for i++; ; i++ {
				if i >= limit || src[i] == '\n' && c != '`' {
					return i, false
				}
				if src[i] == '\\' {
					i++
				} else if src[i] == c {
					break
				}
			}
		case '{':
			depth++
		case '}':
			if depth > 0 {
				depth--
			} else if i+1 < limit && src[i+1] == '}' {
				return i + 2, true
			}
		case '<':
			if i+1 < limit && src[i+1] == '/' {
				return i, false
			}
		case '/':
			if i+1 < limit && src[i+1] == '>' {
				return i, false
			}
		}
	}
	return limit, false
}

// Expr is a stretch of script in a template. Text is what stands there; the zero
// Expr is none.
type Expr struct {
	Text string
	Span Span
	// Literal: it is no script but the author's characters, as in wx:if="yes".
	Literal bool
}

// Present reports whether there is anything.
func (e Expr) Present() bool { return strings.TrimSpace(e.Text) != "" }

// Part is a piece of a text or value: written characters or an expression.
type Part struct {
	Expr
	Bound bool
}

// parts cuts text, which begins at offset in the source, at its {{ }}.
func parts(text string, offset int) iter.Seq[Part] {
	return func(yield func(Part) bool) {
		from, spare := 0, 8*len(text)+maxBinding
		for i := 0; spare > 0; {
			b := strings.Index(text[i:], "{{")
			if b < 0 {
				break
			}
			b += i
			end, ok := bindingEnd(text, b)
			if !ok {
				spare -= 2 * min(maxBinding, len(text)-b)
				i = b + 2
				continue
			}
			if from < b && !yield(Part{Expr: Expr{text[from:b], Span{offset + from, offset + b}, true}}) {
				return
			}
			if !yield(Part{Expr{text[b+2 : end-2], Span{offset + b + 2, offset + end - 2}, false}, true}) {
				return
			}
			from, i = end, end
		}
		if from < len(text) {
			yield(Part{Expr: Expr{text[from:], Span{offset + from, offset + len(text)}, true}})
		}
	}
}

// Parts cuts a text node at its {{ }}; other kinds have none.
func (n *Node) Parts() iter.Seq[Part] {
	if n.Kind != Text {
		return func(func(Part) bool) {}
	}
	return parts(n.Src(), n.Span.Start)
}

// Mark stands in [Node.Text] for an expression.
const Mark = "\uFFFC"

// Text is the text a person may read in n: all that its subtree writes, white
// space collapsed, entities decoded, each expression replaced by [Mark]. Scripts
// and comments are left out.
func (n *Node) Text() string {
	var b strings.Builder
	for t := range n.Subtree() {
		for p := range t.Parts() {
			if p.Bound {
				b.WriteString(Mark)
			} else {
				b.WriteString(p.Text)
			}
		}
	}
	text := b.String()
	if strings.IndexByte(text, '&') >= 0 {
		text = html.UnescapeString(text)
	}
	return strings.Join(strings.Fields(text), " ")
}

// Use is where an expression stands, which says how to read it.
type Use uint8

// The uses.
const (
	InText    Use = iota // {{ here }}
	InValue              // class="a {{ here }}"
	BoundAttr            // :class="here", v-if="here", v-model="here"
	LoopAttr             // v-for="(item, i) in list": no expression as a whole
	EventAttr            // @tap="here": an expression, a member's name or statements
	ScopeAttr            // v-slot="here", #default="here": parameters
)

// Script is an expression with its owner.
type Script struct {
	Expr
	Use  Use
	Node *Node // the element, or the text node
	Attr *Attr // nil in text
}

// Scripts is every expression of d in document order. Handlers that are only a
// member's name without braces (bindtap="submit") are not scripts; see
// [Node.Events]. Blocks and scripts between tags are not either; see [Doc.Blocks].
func (d *Doc) Scripts() iter.Seq[Script] {
	return func(yield func(Script) bool) {
		for n := range d.All() {
			for p := range n.Parts() {
				if p.Bound && !yield(Script{p.Expr, InText, n, nil}) {
					return
				}
			}
			attrs := n.Attrs()
			for i := range attrs {
				for s := range attrs[i].scripts() {
					s.Node, s.Attr = n, &attrs[i]
					if !yield(s) {
						return
					}
				}
			}
		}
	}
}

func (a *Attr) scripts() iter.Seq[Script] {
	return func(yield func(Script) bool) {
		if use, ok := a.use(); ok {
			if a.HasValue {
				yield(Script{Expr: Expr{a.Value, a.ValueSpan, false}, Use: use})
			}
			return
		}
		for p := range parts(a.Value, a.ValueSpan.Start) {
			if p.Bound && !yield(Script{Expr: p.Expr, Use: InValue}) {
				return
			}
		}
	}
}
