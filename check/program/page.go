package program

import (
	"path"
	"strings"

	"clew/check/code"
	"clew/check/source"
	"clew/check/view"
)

// Node is an element where it stands in a page as a whole: components are
// unfolded below the tags that stand for them, slots are filled.
type Node struct {
	*view.Element
	Page *Page
	Unit *Unit // in whose template it is written
	Up   *Node
	Kids []*Node
	Comp *Unit // the component of the project that the tag stands for
	Host *Node // the tag of the component in whose template it is written; nil in the page's own
	// Foreign: a component that is declared but not in the tree.
	Foreign bool

	// pageless: it stands in no page, for runs that pages share.
	pageless bool

	words []string // of its own text, see Words; nil is not looked yet
}

// Page is a unit with all that it shows.
type Page struct {
	Unit  *Unit
	Roots []*Node
	Nodes []*Node // in document order
	// Cut: more is shown than was followed.
	Cut bool

	p         *Program
	traces    map[traceKey]*Trace
	looks     map[looked]*Term // see Look
	memos     map[any]any      // see Memo
	entered   []Entry
	watching  map[watched][]*Term // watchers of composition functions, by state
	opened    *Trace
	handed    map[handed][]given   // components that watch a prop, by the state they are handed; see handing
	listening map[*Node][]listener // handlers that the script put on elements
	bus       map[string][]*Term   // what waits for an event of a bus, by its name
	shown     map[*Unit]int        // how often components were unfolded
	composed  bool                 // its composition functions were gone through: what they watch is known
}

const (
	maxNodes = 12_000
	maxHosts = 10
)

// Page unfolds a unit, once.
func (p *Program) Page(s *source.Unit) *Page {
	if pg := p.pages[s]; pg != nil {
		return pg
	}
	u := p.Unit(s)
	pg := &Page{Unit: u, p: p, traces: map[traceKey]*Trace{}, looks: map[looked]*Term{}, memos: map[any]any{}, watching: map[watched][]*Term{}, listening: map[*Node][]listener{}, bus: map[string][]*Term{}, shown: map[*Unit]int{}}
	p.pages[s] = pg
	for _, e := range u.Roots {
		if n := pg.unfold(e, u, nil, nil, nil); n != nil {
			pg.Roots = append(pg.Roots, n)
		}
	}
	return pg
}

// unfold makes the node of an element. fill is what the host put between the tags.
func (pg *Page) unfold(e *view.Element, u *Unit, up, host *Node, fill []*Node) *Node {
	if len(pg.Nodes) >= maxNodes {
		pg.Cut = true
		return nil
	}
	n := &Node{Element: e, Page: pg, Unit: u, Up: up, Host: host}
	pg.Nodes = append(pg.Nodes, n)
	switch e.Name {
	case "slot":
		name, _ := e.Static("name")
		for _, f := range fill {
			if f.slotName() == name {
				n.adopt(f)
			}
		}
		if len(n.Kids) > 0 {
			return n
		}
	case "template":
		if is, ok := e.Static("is"); ok {
			if def := u.definition(is); def != nil && nested(up, def) < maxNested {
				for _, c := range def.Children {
					n.add(pg.unfold(c, u, n, host, fill))
				}
				return n
			}
		}
		if _, ok := e.Static("name"); ok && u.native() {
			pg.Nodes = pg.Nodes[:len(pg.Nodes)-1]
			return nil // a definition shows nothing where it stands
		}
	case "include":
		if src, ok := e.Static("src"); ok && depthOf(up) < 60 {
			for _, c := range u.included(src, e.File) {
				n.add(pg.unfold(c, u, n, host, fill))
			}
			return n
		}
	}
	if to, outside := u.component(e); to != nil && pg.mayUnfold(to, n) {
		n.Comp = to
		var inside []*Node
		for _, c := range e.Children {
			if k := pg.unfold(c, u, n, host, fill); k != nil {
				inside = append(inside, k)
			}
		}
		for _, c := range to.Roots {
			n.add(pg.unfold(c, to, n, n, inside))
		}
		if len(to.Roots) == 0 || to.react { // children that no slot took still are the host's
			for _, k := range inside {
				if k.Up == n {
					n.Kids = append(n.Kids, k)
				}
			}
		}
		return n
	} else if outside {
		n.Foreign = true
	}
	for _, c := range e.Children {
		n.add(pg.unfold(c, u, n, host, fill))
	}
	return n
}

// nested counts the uses of templates around a place that are written in the same
// file as a definition: libraries that show a tree use theirs over and over, and the
// second level of that says no more than the first.
func nested(up *Node, def *view.Element) int {
	count := 0
	for ; up != nil; up = up.Up {
		if up.Name == "template" && up.Element.File == def.File && up.Attr("is") != nil {
			count++
		}
	}
	return count
}

const maxNested = 2

func (n *Node) add(k *Node) {
	if k != nil {
		n.Kids = append(n.Kids, k)
	}
}

func (n *Node) adopt(k *Node) {
	k.Up = n
	n.Kids = append(n.Kids, k)
}

func depthOf(n *Node) int {
	d := 0
	for ; n != nil; n = n.Up {
		d++
	}
	return d
}

func (pg *Page) mayUnfold(to *Unit, n *Node) bool {
	if to == pg.Unit {
		return false
	}
	hosts := 0
	for h := n.Host; h != nil; h = h.Host {
		if h.Comp == to {
			return false
		}
		hosts++
	}
	if hosts >= maxHosts {
		return false
	}
	// A component deep in others that was shown often enough shows nothing new: the
	// parts of a rich text, each made of all the others, must not eat up the page.
	often := 200 >> min(2*hosts, 5)
	if pg.shown[to] >= often {
		return false
	}
	pg.shown[to]++
	return true
}

func (n *Node) slotName() string {
	if n.Element.Origin != nil {
		if s, ok := n.Element.Origin.Slot(); ok && s != "default" {
			return s
		}
	}
	s, _ := n.Static("slot")
	return s
}

func (u *Unit) native() bool {
	t := u.Source.Template
	return t != nil && t.Kind == source.Template
}

// component is the unit that a tag stands for.
func (u *Unit) component(e *view.Element) (to *Unit, outside bool) {
	if e.Name == "" || e.Text != nil {
		return nil, false
	}
	if e.Tag != nil {
		return u.findComponent(e)
	}
	t, ok := u.tags[e.Name]
	if !ok {
		t.unit, t.outside = u.findComponent(e)
		if u.tags == nil {
			u.tags = map[string]tagged{}
		}
		u.tags[e.Name] = t
	}
	if t.unit != nil {
		u.p.touch(t.unit.Source)
	}
	return t.unit, t.outside
}

// tagged is what a tag stands for in a unit's template.
type tagged struct {
	unit    *Unit
	outside bool
}

func (u *Unit) findComponent(e *view.Element) (to *Unit, outside bool) {
	p := u.p
	if e.Tag != nil {
		t := p.eval(e.Tag, p.staticFrameOf(u))
		return p.componentOf(t, e.Tag, u)
	}
	if s, out := p.Project.ComponentFor(u.Source, e.Name); s != nil {
		return p.Unit(s), false
	} else if out {
		return nil, true
	}
	if u.mod != nil && u.mod.file.Kind == source.Component {
		if name := u.registered(e.Name); name != "" {
			for _, imp := range u.mod.code.Imports {
				if imp.Var == nil || !strings.EqualFold(name, imp.Var.Name) {
					continue
				}
				f := p.Project.Resolve(u.mod.file, imp.Spec)
				if f == nil {
					return nil, true
				}
				if s := p.Project.UnitOf(f); s != nil {
					return p.Unit(s), false
				}
			}
		}
		if tags := p.shared().tags; len(tags) > 0 {
			if f := tags[flatTag(e.Name)]; f != nil {
				if s := p.Project.UnitOf(f); s != nil {
					return p.Unit(s), false
				}
			}
		}
	}
	return nil, false
}

// registered is the name in the script that a tag stands for: a setup script's own
// names, or what the option components lists.
func (u *Unit) registered(tag string) string {
	flat := strings.ReplaceAll(tag, "-", "")
	if u.mod.setup {
		return flat
	}
	list := u.option("components")
	if list.Kind != Literal || list.V.Kind != code.Object {
		return ""
	}
	for _, m := range list.V.Args {
		if m.Kind != code.Prop || !strings.EqualFold(strings.ReplaceAll(m.Str, "-", ""), flat) {
			continue
		}
		if v := m.Args[0]; v.Kind == code.Local && v.Var != nil {
			return v.Var.Name
		}
		return flat
	}
	return ""
}

func (p *Program) staticFrameOf(u *Unit) *Frame {
	if u.scope != nil {
		return u.scope
	}
	if u.mod != nil {
		return u.mod.frame
	}
	return nil
}

// componentOf is the unit behind a JSX tag: what the name was imported from, or a
// function of the same file.
func (p *Program) componentOf(t *Term, tag *code.Value, u *Unit) (*Unit, bool) {
	if tag.Kind == code.Local {
		for i := range u.mod.code.Imports {
			imp := &u.mod.code.Imports[i]
			if imp.Var != tag.Var {
				continue
			}
			f := p.Project.Resolve(u.mod.file, imp.Spec)
			if f == nil {
				return nil, true
			}
			if s := p.Project.UnitOf(f); s != nil && (imp.Name == "default" || t.Kind == Unknown) {
				return p.Unit(s), false
			}
		}
	}
	switch t.Kind {
	case Namespace:
		if s := p.Project.UnitOf(t.mod().file); s != nil {
			return p.Unit(s), false
		}
	case Closure:
		return p.inline(t), false
	case Literal:
		if t.V.Kind == code.ClassDef {
			return p.inline(t), false
		}
	case External:
		return nil, true
	}
	return nil, false
}

// inline is a component that has no file of its own.
func (p *Program) inline(t *Term) *Unit {
	m := p.moduleOf(t.Env)
	if m == nil {
		return nil
	}
	var fn *code.Func
	if t.Kind == Closure {
		fn = t.Fn
	}
	for _, u := range p.units {
		if u.mod == m && u.scope != nil && fn != nil && u.scope.Fn == fn {
			return u
		}
	}
	s := &source.Unit{Kind: source.ComponentUnit, Script: m.file, Template: m.file}
	u := &Unit{Source: s, p: p, mod: m, initials: map[string]*Term{}, boxes: map[string]bool{}}
	p.units[s] = u
	u.take(t, 0)
	u.ready = true
	u.look()
	return u
}

// look reads the unit's template and style.
func (u *Unit) look() {
	p := u.p
	t := u.Source.Template
	if t != nil {
		switch t.Kind {
		case source.Script:
			u.Roots = u.rendered()
		case source.Component:
			if d := p.doc(t); d != nil {
				u.Roots = p.parsed.elements(t, d)
				if len(u.Roots) == 0 && u.mod != nil {
					u.Roots = u.rendered()
				}
			}
		default:
			if d := p.doc(t); d != nil {
				u.Roots = p.parsed.elements(t, d)
			}
		}
	}
	for _, f := range []*source.File{u.Source.Style, t, u.Source.Script} {
		if f == nil || f.Kind == source.Script {
			continue
		}
		u.addSheet(f, 0)
	}
	if u.mod != nil && u.mod.file.Kind == source.Script {
		for _, spec := range u.mod.code.Specs {
			if f := p.Project.Resolve(u.mod.file, spec); f != nil && f.Kind == source.Style {
				u.addSheet(f, 0)
			}
		}
	}
	if app := p.Project.App; app != nil && app != u.Source {
		for _, f := range []*source.File{app.Style, app.Template} {
			if f != nil && f.Kind != source.Script {
				u.addSheet(f, 0)
			}
		}
	}
}

func (u *Unit) addSheet(f *source.File, depth int) {
	s := u.p.sheet(f)
	if s == nil || depth > 4 {
		return
	}
	for _, have := range u.Sheets {
		if have == s {
			return
		}
	}
	u.Sheets = append(u.Sheets, s)
	for _, spec := range s.Imports {
		if to := u.p.Project.Resolve(f, spec); to != nil {
			u.addSheet(to, depth+1)
		}
	}
}

// rendered is the elements that a component function or a class's render returns.
func (u *Unit) rendered() []*view.Element {
	p := u.p
	var fn *code.Func
	if u.class != nil {
		if r := p.classMember(u.class, "render"); r != nil && r.Kind == Closure {
			fn = r.Fn
			p.staticFrame(fn).This = u.class
			p.staticFrame(fn).Unit = u
		}
	} else if u.scope != nil {
		fn = u.scope.Fn
	} else if r := u.option("render"); r.Kind == Closure {
		fn = r.Fn
	}
	if fn == nil {
		return nil
	}
	frame := p.staticFrame(fn)
	return view.FromJSX(u.mod.file, fn, func(call *code.Value) *code.Func {
		t := p.eval(call.Args[0], frame)
		if t.Kind == Closure && t.Fn.Module == fn.Module {
			if f := p.staticFrame(t.Fn); f.This == nil && u.class != nil {
				f.This, f.Unit = u.class, u
			}
			return t.Fn
		}
		return nil
	})
}

// definition is a template by its name, the unit's own or an imported one.
func (u *Unit) definition(name string) *view.Element {
	if u.defs == nil {
		u.defs = view.Definitions(u.Roots)
		var imports func(roots []*view.Element, from *source.File, depth int)
		imports = func(roots []*view.Element, from *source.File, depth int) {
			for _, r := range roots {
				r.Walk(func(e *view.Element) bool {
					if src, ok := e.Static("src"); ok && e.Name == "import" && depth < 6 {
						if f := u.template(src, from); f != nil {
							u.p.templates[u.Source.Template] = append(u.p.templates[u.Source.Template], f)
							if d := u.p.doc(f); d != nil {
								more := u.p.parsed.elements(f, d)
								for k, v := range view.Definitions(more) {
									if u.defs[k] == nil {
										u.defs[k] = v
									}
								}
								imports(more, f, depth+1)
							}
						}
					}
					return true
				})
			}
		}
		if u.Source.Template != nil {
			imports(u.Roots, u.Source.Template, 0)
		}
	}
	return u.defs[name]
}

// template is the template that another one names; its ending may be left out.
func (u *Unit) template(src string, from *source.File) *source.File {
	if u.Source.Template != nil && path.Ext(src) == "" {
		if f := u.p.Project.Resolve(from, src+u.Source.Template.Ext()); f != nil {
			return f
		}
	}
	return u.p.Project.Resolve(from, src)
}

func (u *Unit) included(src string, from *source.File) []*view.Element {
	if from == nil {
		from = u.Source.Template
	}
	f := u.template(src, from)
	if f == nil {
		return nil
	}
	d := u.p.doc(f)
	if d == nil {
		return nil
	}
	return u.p.parsed.elements(f, d)
}

// Walk visits n and what is below it, until visit answers false for one: then its
// inside is left out.
func (n *Node) Walk(visit func(*Node) bool) {
	if !visit(n) {
		return
	}
	for _, k := range n.Kids {
		k.Walk(visit)
	}
}

// Inside reports whether n is o or below it.
func (n *Node) Inside(o *Node) bool {
	for ; n != nil; n = n.Up {
		if n == o {
			return true
		}
	}
	return false
}

// Words is all written text of n and below, expressions folded where they are
// constants, separated by blanks.
func (n *Node) Words() string {
	var b strings.Builder
	n.Walk(func(k *Node) bool {
		for _, s := range k.ownWords() {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(s)
		}
		return true
	})
	return b.String()
}

func (n *Node) ownWords() []string {
	if n.words != nil || n.Text == nil {
		return n.words
	}
	list := make([]string, 0, len(n.Text))
	for _, part := range n.Text {
		s := part.Text
		if part.Expr != nil {
			s = n.Page.p.Look(n, part.Expr).Text()
		}
		if s = strings.TrimSpace(s); s != "" {
			list = append(list, s)
		}
	}
	if n.Page.p.depth == 0 { // else it had less than the full measure of work
		n.words = list
	}
	return list
}

// Memo is [Program.Memo] for what is known of the page alone; it is forgotten with
// the page.
func (pg *Page) Memo(key any, work func() any) any {
	if v, ok := pg.memos[key]; ok {
		return v
	}
	v := work()
	pg.memos[key] = v
	return v
}

// Program is what the page is part of.
func (pg *Page) Program() *Program { return pg.p }
