package program

import (
	"strings"

	"clew/check/code"
	"clew/check/source"
	"clew/check/source/js"
	"clew/check/source/markup"
	"clew/check/view"
)

// parsed is what was read from the files of a project, shared by its programs for
// different targets: most files read the same on all of them. What is in it is
// never changed. It is for one goroutine.
type parsed struct {
	conditional map[*source.File]bool
	sharing     map[*source.File]sharing
	texts       map[targetText]text
	variants    map[targetText][]string // by file, with no target: the texts met, but the file's own
	docs        map[variant]*markup.Doc
	scripts     map[variant]*code.Module
	sheets      map[*markup.Doc]*view.Sheet
	styles      map[*source.File]*view.Sheet
	roots       map[*markup.Doc][]*view.Element
}

type targetText struct {
	file   *source.File
	target source.Platform
	script bool
}

// variant is one of the texts of a file: 0 as it lies on disk.
type variant struct {
	file   *source.File
	script bool
	text   int
}

// text is a file's text for a target: what conditional comments leave out is
// blanks, offsets stay.
type text struct {
	variant
	string
	only []markup.Span // the rest is no script; nil is everything
}

func newParsed() *parsed {
	return &parsed{
		conditional: map[*source.File]bool{},
		sharing:     map[*source.File]sharing{},
		texts:       map[targetText]text{},
		variants:    map[targetText][]string{},
		docs:        map[variant]*markup.Doc{},
		scripts:     map[variant]*code.Module{},
		sheets:      map[*markup.Doc]*view.Sheet{},
		styles:      map[*source.File]*view.Sheet{},
		roots:       map[*markup.Doc][]*view.Element{},
	}
}

// For is a program of the same project for another target. The two share what was
// parsed and are for one goroutine.
func (p *Program) For(target source.Platform) *Program {
	q := New(p.Project, target, p.Own)
	q.parsed = p.parsed
	return q
}

func (p *Program) text(f *source.File, script bool) text {
	return p.parsed.text(p.Project, p.Target, f, script)
}

func (c *parsed) isConditional(f *source.File) bool {
	b, ok := c.conditional[f]
	if !ok {
		b = strings.Contains(f.Text, "#if")
		c.conditional[f] = b
	}
	return b
}

// sharing is what a script may share with all pages: a store, what it puts on every
// component, components that every template may use.
type sharing struct{ store, plug, global bool }

func (c *parsed) shares(f *source.File) (store, plug, global bool) {
	if f.Vendored || f.Minified || f.Kind != source.Script && f.Kind != source.Component {
		return false, false, false
	}
	s, ok := c.sharing[f]
	if !ok {
		has := func(word string) bool { return strings.Contains(f.Text, word) }
		s = sharing{
			store:  has("Vuex.Store(") || has("createStore(") || has("new Store("),
			plug:   has(".prototype.$") || has("globalProperties.$") || has("uni.$"),
			global: f.Kind == source.Script && has(".component("),
		}
		c.sharing[f] = s
	}
	return s.store, s.plug, s.global
}

func (c *parsed) text(project *source.Project, target source.Platform, f *source.File, script bool) text {
	own := text{variant{f, script, 0}, f.Text, nil}
	if target == "" || !c.isConditional(f) {
		return own
	}
	key := targetText{f, target, script}
	if t, ok := c.texts[key]; ok {
		return t
	}
	names := project.Defines(target)
	t := own
	if !script || f.Kind == source.Component || f.Kind == source.Page {
		t.string, _ = markup.Blank(t.string, names...)
	}
	if script || f.Kind == source.Component {
		out, _ := js.Blank([]byte(t.string), names)
		t.string = string(out)
	}
	if t.string != f.Text {
		all := targetText{f, "", script}
		for i, have := range c.variants[all] {
			if have == t.string {
				t.string, t.variant.text = have, i+1
			}
		}
		if t.variant.text == 0 {
			c.variants[all] = append(c.variants[all], t.string)
			t.variant.text = len(c.variants[all])
		}
	}
	c.texts[key] = t
	return t
}

func (c *parsed) doc(f *source.File, t text, dialect markup.Dialect) *markup.Doc {
	d, ok := c.docs[t.variant]
	if !ok {
		d = markup.Parse(t.string, dialect)
		c.docs[t.variant] = d
	}
	return d
}

func (c *parsed) script(f *source.File, t text, dialect js.Dialect) *code.Module {
	m, ok := c.scripts[t.variant]
	if !ok {
		src := []byte(t.string)
		if t.only != nil {
			onlySpans(src, t.only)
		}
		m = code.Lower(f.Path, js.Parse(src, js.Options{Dialect: dialect}))
		c.scripts[t.variant] = m
	}
	return m
}

// sheet is the style that a file holds, nil for a file that holds none.
func (c *parsed) sheet(f *source.File, docOf func(*source.File) *markup.Doc) *view.Sheet {
	switch f.Kind {
	case source.Component, source.Page:
		d := docOf(f)
		s, ok := c.sheets[d]
		if !ok {
			var text strings.Builder
			if d != nil {
				for b := range d.Blocks() {
					if b.Name == "style" {
						text.WriteString(b.Content.Of(d.Src))
						text.WriteByte('\n')
					}
				}
			}
			s = view.ParseStyle(text.String())
			c.sheets[d] = s
		}
		return s
	case source.Style:
		s, ok := c.styles[f]
		if !ok {
			s = view.ParseStyle(f.Text)
			c.styles[f] = s
		}
		return s
	}
	return nil
}

// elements is the view of a document: of the templates in a component, of the
// whole of any other file.
func (c *parsed) elements(f *source.File, d *markup.Doc) []*view.Element {
	if list, ok := c.roots[d]; ok {
		return list
	}
	var list []*view.Element
	if f.Kind == source.Component {
		for b := range d.Blocks() {
			if b.Name == "template" && b.Node != nil {
				var nodes []*markup.Node
				for n := range b.Node.Children() {
					nodes = append(nodes, n)
				}
				list = append(list, view.FromMarkup(f, d, nodes)...)
			}
		}
	} else {
		list = view.FromMarkup(f, d, nil)
	}
	c.roots[d] = list
	return list
}

// onlySpans blanks everything outside spans but line ends.
func onlySpans(text []byte, keep []markup.Span) {
	at := 0
	blank := func(to int) {
		for ; at < to && at < len(text); at++ {
			if text[at] != '\n' && text[at] != '\r' {
				text[at] = ' '
			}
		}
	}
	for _, s := range keep {
		blank(s.Start)
		at = max(at, s.End)
	}
	blank(len(text))
}
