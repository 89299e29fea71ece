package view

import (
	"html"
	"strings"

	"clew/check/source/markup"
)

// Words is the text a person may read in e: all that its subtree writes between
// tags, white space collapsed, entities decoded. An expression is [markup.Mark],
// and the strings that may come of it stand behind it, each with a Mark behind.
// Placeholders, labels and other attributes are not text: see TextsWithAttrs.
func (e *Element) Words() string {
	var b strings.Builder
	e.write(&b, false)
	return tidy(b.String())
}

// OwnWords is like Words for the texts directly in e only.
func (e *Element) OwnWords() string {
	var b strings.Builder
	e.texts(&b)
	for _, c := range e.Children {
		if c.Name == "" {
			c.texts(&b)
		}
	}
	return tidy(b.String())
}

// TextsWithAttrs is Words and the attributes that components show as text: titles,
// labels, contents, the words of buttons, placeholders.
func (e *Element) TextsWithAttrs() string {
	var b strings.Builder
	e.write(&b, true)
	return tidy(b.String())
}

func tidy(s string) string {
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	return strings.Join(strings.Fields(s), " ")
}

func (e *Element) write(b *strings.Builder, attrs bool) {
	e.texts(b)
	if attrs {
		for i := range e.Attrs {
			if a := &e.Attrs[i]; shownAttrs[a.Name] {
				b.WriteByte(' ')
				b.WriteString(a.Value)
				for _, s := range Literals(a.Expr) {
					b.WriteString(s)
					b.WriteByte(' ')
				}
			}
		}
	}
	if e.Name != "" && !inlineKinds[e.Name] && b.Len() > 0 {
		b.WriteByte(' ')
	}
	for _, c := range e.Children {
		c.write(b, attrs)
	}
	if e.Name != "" && !inlineKinds[e.Name] {
		b.WriteByte(' ')
	}
}

// inlineKinds is elements whose text runs on with what stands beside them.
var inlineKinds = set("text span a b i em strong Text font label navigator block")

func (e *Element) texts(b *strings.Builder) {
	for i := range e.Text {
		p := &e.Text[i]
		if p.Expr == nil {
			b.WriteString(p.Text)
			continue
		}
		literals := Literals(p.Expr)
		b.WriteString(markup.Mark)
		for _, s := range literals {
			if s != "" {
				b.WriteString(s)
				b.WriteString(markup.Mark)
			}
		}
	}
}

// shownAttrs is attributes that components show as text.
var shownAttrs = set(`title subtitle label content text message placeholder confirmtext canceltext confirmbuttontext cancelbuttontext oktext desc
	description note extra value buttontext lefttext righttext tip tips header footer alt arialabel`)

// Label is what is written for a field: its label attribute, the text of its row,
// or the text before it; "" if nothing is.
func (e *Element) Label() string {
	for _, name := range []string{"label", "title"} {
		if a := e.Attr(name); a != nil {
			if words := tidy(a.Value + strings.Join(Literals(a.Expr), " ")); words != "" {
				return words
			}
		}
	}
	row := e.Row()
	for i := range row.Attrs {
		if a := &row.Attrs[i]; a.Name == "label" || a.Name == "title" {
			return tidy(a.Value + strings.Join(Literals(a.Expr), " "))
		}
	}
	if words := row.Words(); words != "" || row.Parent == nil {
		return words
	}
	last := ""
	for _, c := range row.Parent.Children {
		if c == row {
			return last
		}
		if c.holdsField() {
			last = ""
		} else if words := c.Words(); words != "" {
			last = words
		}
	}
	return last
}

// Row is the smallest element around a field that also holds its label: the field
// itself where an attribute is the label or where another field comes first.
func (e *Element) Row() *Element {
	if e.labelled() {
		return e
	}
	row := e
	for p := e.Parent; p != nil; p = p.Parent {
		fields := 0
		p.Walk(func(d *Element) bool {
			if d != e && d != p && !d.Inside(e) && d.FieldKind() != FieldNone && !row.Inside(d) {
				fields++
			}
			return fields == 0
		})
		if fields > 0 && !sameChoice(e, p) {
			return row
		}
		if p.labelled() || p.Words() != "" {
			return p
		}
		row = p
	}
	return row
}

// sameChoice reports whether all that an element holds is one question: the boxes
// of a group, a number and its code.
func sameChoice(e, p *Element) bool {
	kind := e.FieldKind()
	if kind != FieldRadio && kind != FieldCheck {
		return false
	}
	same := true
	for d := range p.Descendants() {
		if k := d.FieldKind(); k != FieldNone && k != kind {
			same = false
		}
	}
	return same
}

func (e *Element) labelled() bool {
	for i := range e.Attrs {
		if a := &e.Attrs[i]; (a.Name == "label" || a.Name == "title" && e.Name != "input") && (a.Value != "" || a.Expr != nil) {
			return true
		}
	}
	return false
}

func (e *Element) holdsField() bool {
	found := false
	e.Walk(func(d *Element) bool {
		found = found || d.FieldKind() != FieldNone
		return !found
	})
	return found
}
