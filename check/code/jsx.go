package code

import (
	"html"
	"strings"

	"clew/check/source/js"
)

func (l *lowerer) element(n *js.JSXElement) *Value {
	v := l.value(JSX, n.Range)
	e := &Elem{From: v.From, To: v.To}
	v.Elem = e
	if n.Tag != nil {
		e.Name = n.Tag.Name
		e.NameAt = [2]int32{n.Tag.From + l.base, n.Tag.To + l.base}
		e.Tag = l.tag(n.Tag)
	}
	e.Open = [2]int32{e.From, l.openEnd(n) + l.base}
	if len(n.Attrs) > 0 {
		e.Attrs = make([]ElemAttr, 0, len(n.Attrs))
	}
	for _, a := range n.Attrs {
		switch a := a.(type) {
		case *js.JSXAttr:
			e.Attrs = append(e.Attrs, l.attr(a))
		case *js.Spread:
			e.Attrs = append(e.Attrs, ElemAttr{From: a.From + l.base, To: a.To + l.base, Value: l.expr(a.Value)})
		}
	}
	base := len(l.stack)
	for _, c := range n.Children {
		var child *Value
		switch c := c.(type) {
		case *js.JSXText:
			if text := jsxText(c.Value); text != "" {
				child = l.text(String, c.Range, text)
			}
		case *js.JSXContainer:
			if c.Expr != nil {
				child = l.expr(c.Expr)
			}
		default:
			child = l.expr(c)
		}
		if child != nil {
			l.stack = append(l.stack, child)
		}
	}
	e.Children = l.take(base)
	return v
}

// openEnd is where the start tag ends. The tree does not say; between the last
// attribute and the first child only the end of the tag and comments stand.
func (l *lowerer) openEnd(n *js.JSXElement) int32 {
	if n.SelfClosing {
		return n.To
	}
	if len(n.Children) > 0 {
		return int32(n.Children[0].Pos())
	}
	from := n.From + 1
	if n.Tag != nil {
		from = n.Tag.To
	}
	if len(n.Attrs) > 0 {
		from = int32(n.Attrs[len(n.Attrs)-1].End())
	}
	if i := strings.IndexByte(l.src[min(from, n.To):n.To], '>'); i >= 0 {
		return from + int32(i) + 1
	}
	return n.To
}

// tag is what the name of an element means; nil for one of the platform.
func (l *lowerer) tag(n *js.JSXName) *Value {
	first, rest, dotted := strings.Cut(n.Name, ".")
	if strings.ContainsAny(n.Name, ":-") || !dotted && first != "" && first[0] >= 'a' && first[0] <= 'z' {
		return nil
	}
	r := js.Range{From: n.From, To: n.From + int32(len(first))}
	var v *Value
	if first == "this" {
		v = l.value(This, r)
		v.Func = l.this
	} else {
		v = l.name(&js.Identifier{Range: r, Name: first})
	}
	for dotted {
		first, rest, dotted = strings.Cut(rest, ".")
		r.To += 1 + int32(len(first))
		v = l.made(Member, js.Range{From: r.From, To: min(r.To, n.To)}, v)
		v.Str = first
	}
	return v
}

func (l *lowerer) attr(n *js.JSXAttr) ElemAttr {
	a := ElemAttr{From: n.From + l.base, To: n.To + l.base}
	name := js.Range{From: n.From, To: n.From}
	if n.Name != nil {
		a.Name, name = n.Name.Name, n.Name.Range
	}
	a.NameAt = [2]int32{name.From + l.base, name.To + l.base}
	switch v := n.Value.(type) {
	case nil:
		a.Value = l.text(Bool, name, "true")
	case *js.Literal:
		a.Value = l.text(String, v.Range, entities(v.Value))
	case *js.JSXContainer:
		a.Value = l.unknown
		if v.Expr != nil {
			a.Value = l.expr(v.Expr)
		}
	default:
		a.Value = l.expr(v)
	}
	return a
}

// jsxText collapses white space as React's compilers do: lines are trimmed where
// they were broken, empty ones vanish, the rest is joined by single spaces. What
// entities stand for is text and stays.
func jsxText(s string) string {
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\r') < 0 {
		return entities(s)
	}
	s = strings.ReplaceAll(s, "\r", "\n")
	parts := strings.Split(s, "\n")
	kept := parts[:0]
	for i, p := range parts {
		if i > 0 {
			p = strings.TrimLeft(p, " \t")
		}
		if i < len(parts)-1 {
			p = strings.TrimRight(p, " \t")
		}
		if p != "" {
			kept = append(kept, p)
		}
	}
	if len(kept) == 1 {
		return entities(kept[0])
	}
	return entities(strings.Join(kept, " "))
}

// entities resolves character references. Unlike HTML, JSX wants the semicolon.
func entities(s string) string {
	at := strings.IndexByte(s, '&')
	if at < 0 {
		return s
	}
	var b strings.Builder
	for at >= 0 {
		b.WriteString(s[:at])
		s = s[at:]
		end := strings.IndexAny(s[1:], "&;")
		if end < 0 {
			break
		}
		if end++; s[end] == ';' {
			end++
			b.WriteString(html.UnescapeString(s[:end]))
		} else {
			b.WriteString(s[:end])
		}
		s = s[end:]
		at = strings.IndexByte(s, '&')
	}
	b.WriteString(s)
	return b.String()
}
