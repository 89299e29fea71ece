package markup

import (
	"cmp"
	"fmt"
	"slices"
)

// verify re-reads the source at every range that doc reports.
func verify(doc *Doc) error {
	src := doc.Src
	var tiles []Span
	for i := range doc.nodes {
		n := &doc.nodes[i]
		if n.doc != doc || int(n.index) != i || int(n.after) <= i || int(n.after) > len(doc.nodes) {
			return fmt.Errorf("node %d is not linked: %+v", i, n)
		}
		if n.Span.Start > n.Span.End || n.Span.End > len(src) {
			return fmt.Errorf("node %d stands at %v in %d bytes", i, n.Span, len(src))
		}
		if p := n.Parent(); p != nil {
			if in := p.Inner(); n.Span.Start < in.Start || n.Span.End > in.End || !n.Inside(p) || n.after > p.after {
				return fmt.Errorf("node %v is not inside its parent's %v", n.Span, in)
			}
		} else if n.parent != -1 {
			return fmt.Errorf("node %d has lost its parent", i)
		}
		if b := n.before; b >= 0 && (doc.nodes[b].after != n.index || doc.nodes[b].parent != n.parent) {
			return fmt.Errorf("node %d does not follow %d", i, b)
		}
		if n.Kind == Element {
			tiles = append(tiles, n.Open)
			if n.Close.Len() > 0 {
				tiles = append(tiles, n.Close)
				if got := n.Close.Of(src); got[:2] != "</" {
					return fmt.Errorf("end tag %q", got)
				}
			}
			if got := src[n.Open.Start : n.Open.Start+1+len(n.Name)]; got != "<"+n.Name {
				return fmt.Errorf("element %q stands on %q", n.Name, got)
			}
			if (n.Close.Len() > 0) != (n.Ending == EndTag) {
				return fmt.Errorf("element %q ends as %d with end tag %v", n.Name, n.Ending, n.Close)
			}
		} else {
			tiles = append(tiles, n.Span)
			if n.Span.Len() == 0 {
				return fmt.Errorf("empty node of kind %d at %d", n.Kind, n.Span.Start)
			}
		}
		if err := verifyAttrs(n); err != nil {
			return err
		}
	}
	slices.SortFunc(tiles, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	at := 0
	for _, t := range tiles {
		if t.Start != at {
			return fmt.Errorf("bytes %d to %d belong to nobody or to two", at, t.Start)
		}
		at = t.End
	}
	if at != len(src) {
		return fmt.Errorf("bytes behind %d belong to nobody", at)
	}
	for s := range doc.Scripts() {
		if s.Span.Of(src) != s.Text {
			return fmt.Errorf("script %q stands on %q", s.Text, s.Span.Of(src))
		}
		if s.Attr != nil && (s.Span.Start < s.Attr.ValueSpan.Start || s.Span.End > s.Attr.ValueSpan.End) {
			return fmt.Errorf("script %q leaves its value", s.Text)
		}
	}
	for b := range doc.Blocks() {
		_ = b.Content.Of(src)
	}
	for n := range doc.Elements() {
		for _, e := range n.Events() {
			if e.Handler.Span.Of(src) != e.Handler.Text {
				return fmt.Errorf("handler %q stands elsewhere", e.Handler.Text)
			}
		}
		for _, c := range n.Conditions() {
			if c.Expr.Span.Of(src) != c.Expr.Text {
				return fmt.Errorf("condition %q stands elsewhere", c.Expr.Text)
			}
		}
		if l, ok := n.Loop(); ok && l.List.Span.Of(src) != l.List.Text {
			return fmt.Errorf("list %q stands elsewhere", l.List.Text)
		}
	}
	for _, p := range doc.Problems {
		if p.Span.Start > p.Span.End || p.Span.End > len(src) {
			return fmt.Errorf("problem %v", p)
		}
	}
	return nil
}

func verifyAttrs(n *Node) error {
	src, at := n.doc.Src, n.Open.Start
	attrs := n.Attrs()
	for i := range attrs {
		a := &attrs[i]
		s := a.Span()
		if a.Name == "" || s.Start < at || s.End > n.Open.End {
			return fmt.Errorf("attribute %q at %v overlaps or leaves its tag %v", a.Name, s, n.Open)
		}
		if a.NameSpan.Of(src) != a.Name || a.ValueSpan.Of(src) != a.Value {
			return fmt.Errorf("attribute %q=%q stands on %q=%q", a.Name, a.Value, a.NameSpan.Of(src), a.ValueSpan.Of(src))
		}
		if a.Quote != 0 && (src[a.ValueSpan.Start-1] != a.Quote || src[a.ValueSpan.End] != a.Quote) {
			return fmt.Errorf("attribute %q is not between its quotes", a.Name)
		}
		at = s.End
	}
	return nil
}
