package view

import (
	"strings"

	"clew/check/code"
	"clew/check/source/markup"
)

// attributes sorts a JSX tag's attributes; inside is the values that hold elements.
func (b *builder) attributes(e *Element, attrs []code.ElemAttr) (inside []*code.Value) {
	e.Attrs = make([]Attr, 0, len(attrs))
	e.When = e.When[:len(e.When):len(e.When)]
	for i := range attrs {
		a := &attrs[i]
		at := markup.Span{Start: int(a.From), End: int(a.To)}
		if name := jsxEvent(a.Name); name != "" {
			e.Events = append(e.Events, Event{Name: name, Handler: a.Value, Span: at})
			continue
		}
		if a.Value != nil && a.Name != "" && a.Value.Kind != code.String && b.shows(a.Value, 0) {
			inside = append(inside, a.Value)
		}
		got := b.attr(a, at)
		switch got.Name {
		case "hidden":
			c := Condition{Expr: a.Value, Not: true, Soft: true, Span: at}
			if c.Expr == nil {
				c.Expr = &code.Value{Kind: code.Bool, Str: "true"}
			}
			c.Expr, c.Not = bare(c.Expr, c.Not)
			e.When = append(e.When, c)
			continue
		case "ref":
			if e.Ref = got.Value; e.Ref == "" {
				e.Ref = lastName(got.Expr)
			}
		case "id":
			if e.Ref == "" {
				e.Ref = got.Value
			}
		case "style":
			e.When = append(e.When, softly(&got)...)
		}
		e.Attrs = append(e.Attrs, got)
	}
	return inside
}

func (b *builder) attr(a *code.ElemAttr, at markup.Span) Attr {
	name := markup.Fold(a.Name)
	switch name {
	case "classname":
		name = "class"
	case "htmlfor":
		name = "for"
	}
	got := Attr{Name: name, Raw: a.Name, Span: at, ValueSpan: markup.Span{Start: int(a.NameAt[1]), End: int(a.NameAt[1])}}
	if a.Value == nil || a.Name != "" && a.To <= a.NameAt[1] {
		return got // <View disabled>
	}
	got.Has, got.ValueSpan = true, span(a.Value)
	if a.Value.Kind != code.String {
		got.Expr = a.Value
		return got
	}
	got.Value = a.Value.Str
	if s := got.ValueSpan; b.file != nil && s.Len() >= 2 && s.End <= len(b.file.Text) && strings.IndexByte("\"'`", b.file.Text[s.Start]) >= 0 {
		got.ValueSpan = markup.Span{Start: s.Start + 1, End: s.End - 1}
	}
	return got
}

// jsxEvent is the event of onClick, onGetPhoneNumber; "" for any other
// attribute.
func jsxEvent(name string) string {
	rest, ok := strings.CutPrefix(name, "on")
	if !ok || rest == "" || rest[0] < 'A' || rest[0] > 'Z' {
		return ""
	}
	switch name = markup.Fold(rest); name {
	case "click":
		return "tap"
	case "longclick":
		return "longtap"
	}
	return name
}
