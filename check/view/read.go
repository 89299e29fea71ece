package view

import (
	"iter"
	"slices"
	"strings"

	"clew/check/code"
	"clew/check/source"
	"clew/check/source/markup"
)

// maxChain is how many branches before an else are carried as negations; what
// stands behind more has an [code.Unknown] condition in place of the rest.
const maxChain = 32

// FromMarkup reads a template. Each root becomes one element; nil roots are all of
// the document: what stands at its top, or inside the template blocks of a
// component. Comments, scripts, styles and wxs modules are left out, so what is
// commented out is never seen. Texts of white space only are left out.
func FromMarkup(file *source.File, doc *markup.Doc, roots []*markup.Node) []*Element {
	r := &reader{file: file, doc: doc}
	if roots != nil {
		return r.children(slices.Values(roots), nil)
	}
	if doc.Dialect != markup.Component {
		return r.children(doc.Top(), nil)
	}
	var all []*Element
	for b := range doc.Blocks() {
		if b.Name == "template" && !b.Unsupported {
			all = append(all, r.children(b.Node.Children(), nil)...)
		}
	}
	return all
}

type reader struct {
	file *source.File
	doc  *markup.Doc
	slab []Element
	// Room for what is to come.
	attrs  []Attr
	values []code.Value
	refs   []*code.Value
	parts  []Part
}

func (r *reader) fresh() *Element {
	if len(r.slab) == 0 {
		r.slab = make([]Element, 32)
	}
	e := &r.slab[0]
	r.slab = r.slab[1:]
	return e
}

// children reads siblings; what an else is the else of stands among them.
func (r *reader) children(nodes iter.Seq[*markup.Node], parent *Element) []*Element {
	var all []*Element
	var before []Condition // the branches so far of a chain, negated
	for n := range nodes {
		switch n.Kind {
		case markup.Text:
			if t := r.text(n, parent); t != nil {
				all = append(all, t)
			}
		case markup.Element:
			if r.foreign(n) {
				continue
			}
			all = append(all, r.element(n, parent, &before))
		}
	}
	return all
}

// foreign reports whether an element's inside is nothing that a person sees.
func (r *reader) foreign(n *markup.Node) bool {
	switch n.Name {
	case "script", "style", "SCRIPT", "STYLE":
		return true
	case "wxs", "sjs", "qs", "filter", "import-sjs":
		return r.doc.Dialect == markup.Mini
	case "head", "HEAD", "noscript":
		return r.doc.Dialect == markup.HTML
	}
	return false
}

func (r *reader) text(n *markup.Node, parent *Element) *Element {
	if blank(n.Src()) {
		return nil
	}
	e := r.fresh()
	*e = Element{File: r.file, Span: n.Span, Open: n.Span, Parent: parent, Origin: n}
	if len(r.parts) == 0 {
		r.parts = make([]Part, 32)
	}
	e.Text, r.parts = r.parts[:0:1], r.parts[1:]
	for p := range n.Parts() {
		part := Part{Text: p.Text, Span: p.Span}
		if p.Bound {
			part = Part{Expr: r.expr(p.Expr), Span: p.Span}
		}
		e.Text = append(e.Text, part)
	}
	return e
}

func (r *reader) element(n *markup.Node, parent *Element, before *[]Condition) *Element {
	e := r.fresh()
	*e = Element{File: r.file, Name: n.Name, Span: n.Span, Open: n.Open, Parent: parent, Origin: n}
	attrs := n.Attrs()
	var said *markup.Attr // v-text
	if len(attrs) > 0 {
		said = r.attributes(e, n, attrs, before)
	} else {
		*before = nil
	}
	e.Children = r.children(n.Children(), e)
	if said != nil {
		t := r.fresh()
		*t = Element{File: r.file, Span: said.ValueSpan, Open: said.ValueSpan, Parent: e, Origin: n}
		t.Text = []Part{{Expr: r.expr(said.Expr()), Span: said.ValueSpan}}
		e.Children = append(e.Children, t)
	}
	return e
}

// attributes sorts a start tag's attributes into what they are for.
func (r *reader) attributes(e *Element, n *markup.Node, attrs []markup.Attr, before *[]Condition) (said *markup.Attr) {
	var conditions []markup.Condition
	var events []markup.Event
	var loop markup.Loop
	var looped bool
	decides, handles := sieve(attrs)
	if decides {
		conditions = n.Conditions()
		loop, looped = n.Loop()
	}
	r.conditions(e, conditions, before)
	if handles {
		events = n.Events()
		r.events(e, events)
	}
	if looped {
		e.Loop = &Loop{List: r.expr(loop.List), Item: loop.Item, Index: loop.Index, Span: loop.Attr.Span()}
	}
	if cap(r.attrs)-len(r.attrs) < len(attrs) {
		r.attrs = make([]Attr, 0, max(64, len(attrs)))
	}
	from := len(r.attrs)
next:
	for i := range attrs {
		a := &attrs[i]
		for j := range conditions {
			if conditions[j].Attr == a {
				continue next
			}
		}
		for j := range events {
			if events[j].Attr == a {
				continue next
			}
		}
		if looped && (a == loop.Attr || ofLoop(a.Name)) {
			continue
		}
		if a.Name == "v-text" {
			said = a
			continue
		}
		r.attrs = append(r.attrs, r.attr(e, a))
		switch got := &r.attrs[len(r.attrs)-1]; got.Name {
		case "ref":
			e.Ref = got.Value
			if e.Ref == "" {
				e.Ref = lastName(got.Expr)
			}
		case "id":
			if e.Ref == "" {
				e.Ref = got.Value
			}
		case "style":
			e.When = append(e.When, softly(got)...)
		}
	}
	e.Attrs = r.attrs[from:len(r.attrs):len(r.attrs)]
	return said
}

// sieve says whether any of the attributes may be a condition or a loop, and
// whether any may be an event; most elements have none.
func sieve(attrs []markup.Attr) (decides, handles bool) {
	for i := range attrs {
		name := attrs[i].Name
		if name == "" {
			continue
		}
		switch name[0] {
		case '@', 'b', 'c', 'o', 'm':
			handles = true
		case 'v', 's':
			decides, handles = true, true
			continue
		case 'h', 'H', ':', '-', '.':
			decides = true
			continue
		}
		decides = decides || strings.IndexByte(name, ':') > 0
	}
	return decides, handles
}

// ofLoop reports whether a name is that of wx:for-item or wx:for-index.
func ofLoop(name string) bool {
	if _, rest, ok := strings.Cut(name, ":"); ok {
		name = rest
	} else if name, ok = strings.CutPrefix(name, "s-"); !ok {
		return false
	}
	return strings.HasPrefix(name, "for-i") || strings.HasPrefix(name, "forI")
}

func (r *reader) conditions(e *Element, found []markup.Condition, before *[]Condition) {
	chained := false
	for _, c := range found {
		var one Condition
		if c.Branch != markup.Else {
			one = Condition{Expr: r.condition(c), Not: c.Branch == markup.Hide, Soft: c.Branch >= markup.Show, Span: c.Attr.Span()}
			one.Expr, one.Not = bare(one.Expr, one.Not)
		}
		switch c.Branch {
		case markup.If:
			*before = nil
			e.When = append(e.When, one)
		case markup.Elif, markup.Else:
			e.When = append(e.When, *before...)
			if c.Branch == markup.Elif {
				e.When = append(e.When, one)
			}
		default:
			e.When = append(e.When, one)
			continue
		}
		chained = c.Branch != markup.Else
		if !chained {
			continue
		}
		one.Not = !one.Not
		switch {
		case len(*before) < maxChain:
			*before = append(*before, one)
		case len(*before) == maxChain:
			*before = append(*before, Condition{Expr: &code.Value{}, Span: one.Span})
		}
	}
	if !chained {
		*before = nil
	}
}

// condition is what decides: <x hidden> is true, an empty value is unknown.
func (r *reader) condition(c markup.Condition) *code.Value {
	if c.Branch == markup.Hide && !c.Attr.HasValue {
		at := c.Attr.NameSpan
		v := r.make(code.Bool, int32(at.Start), int32(at.End))
		v.Str = "true"
		return v
	}
	if v := r.value(c.Attr); v != nil {
		return v
	}
	if !c.Expr.Present() {
		return &code.Value{From: int32(c.Attr.ValueSpan.Start), To: int32(c.Attr.ValueSpan.End)}
	}
	return r.written(c.Attr.Value, c.Attr.ValueSpan)
}

func (r *reader) events(e *Element, found []markup.Event) {
	for _, ev := range found {
		if ev.Name == "*" {
			continue
		}
		one := Event{Name: ev.Name, Span: ev.Attr.Span()}
		for _, m := range ev.Modifiers {
			if m == "catch" || m == "stop" || m == "self" {
				one.Stop = true
			}
		}
		one.Handler, one.Func = r.handler(ev)
		if e.Events == nil {
			e.Events = make([]Event, 0, len(found))
		}
		e.Events = append(e.Events, one)
	}
}

// handler is what an event calls. An empty value is Undefined: it only stops.
func (r *reader) handler(ev markup.Event) (*code.Value, *code.Func) {
	from, src := trim(ev.Handler)
	at := markup.Span{Start: from, End: from + len(src)}
	if src == "" {
		return &code.Value{Kind: code.Undefined, From: int32(at.Start), To: int32(at.End)}, nil
	}
	if name, ok := ev.Member(); ok && (ev.Handler.Literal || !strings.Contains(src, ".")) {
		v := r.make(code.Global, int32(at.Start), int32(at.End))
		v.Str = name
		return v, nil
	}
	if ev.Handler.Literal {
		return r.mixed(ev.Attr), nil
	}
	src = strings.TrimRight(src, "; \t\r\n")
	if r.doc.Dialect != markup.Mini && strings.IndexByte(src, '(') > 0 && !strings.Contains(src, "=>") && !strings.Contains(src, "function") {
		fn := code.Statements(r.file.Path, src, at.Start)
		if n := len(fn.Ops); n > 0 {
			if last := fn.Ops[n-1]; last.Guard == nil && last.Value != nil && int(last.Value.From) == at.Start && int(last.Value.To) == at.Start+len(src) {
				return last.Value, fn
			}
		}
		return r.expression(src, at.Start), fn
	}
	v := r.expression(src, at.Start)
	switch v.Kind {
	case code.Function, code.Global, code.Member, code.Index:
		return v, nil
	}
	if r.doc.Dialect == markup.Mini {
		return v, nil // {{ on ? 'go' : '' }} gives a name
	}
	return v, code.Statements(r.file.Path, src, at.Start)
}

// attr is a plain attribute.
func (r *reader) attr(e *Element, a *markup.Attr) Attr {
	got := Attr{Raw: a.Name, Has: a.HasValue, Span: a.Span(), ValueSpan: a.ValueSpan}
	switch name := a.Name; {
	case name == "v-bind": // an object of attributes, as {...spread}
	case name == "v-model" || strings.HasPrefix(name, "v-model.") || strings.HasPrefix(name, "v-model:"):
		got.TwoWay, got.Name = true, "value"
		if _, arg, ok := strings.Cut(name, ":"); ok {
			arg, _, _ = strings.Cut(arg, ".")
			got.Name = markup.Fold(arg)
		}
	default:
		got.Name = markup.Fold(a.Plain())
		got.TwoWay = strings.HasPrefix(name, "model:") || strings.HasSuffix(name, ".sync")
	}
	if v := strings.TrimSpace(a.Value); len(v) > 4 && strings.HasPrefix(v, "{=") && strings.HasSuffix(v, "=}") { // Baidu
		from := a.ValueSpan.Start + strings.Index(a.Value, "{=") + 2
		got.TwoWay, got.Expr = true, r.expr(markup.Expr{Text: v[2 : len(v)-2], Span: markup.Span{Start: from, End: from + len(v) - 4}})
		return got
	}
	if e.Name == "template" && got.Name == "data" && r.doc.Dialect == markup.Mini {
		if x := a.Expr(); !x.Literal && x.Span.Start > 0 {
			// The braces belong to it: {{a, ...b}} is the object {a, ...b}.
			got.Expr, _ = code.Expression(r.file.Path, "{"+x.Text+"}", x.Span.Start-1)
			return got
		}
	}
	if got.Expr = r.value(a); got.Expr == nil {
		got.Value = a.Value
	}
	return got
}

func blank(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f' {
			return false
		}
	}
	return true
}

// Definitions is the <template name="…"> elements among roots and in them, by
// name; the first of a name counts, as on the platforms.
func Definitions(roots []*Element) map[string]*Element {
	found := map[string]*Element{}
	for e := range All(roots) {
		if e.Name != "template" {
			continue
		}
		if name, ok := e.Static("name"); ok && name != "" && found[name] == nil {
			found[name] = e
		}
	}
	return found
}
