package program

import (
	"strings"

	"clew/check/code"
	"clew/check/view"
)

// A component stands in many pages, and most of its handlers do in all of them what
// they do in one. Such a run is followed once, as if the component stood nowhere, and
// taken over where it turned out that no page had a say in it. What a page has a say
// in counts up Program.paged.

// sharing of a run: the handler on an element of a component's template.
type sharedKey struct {
	fn      *code.Func
	env     *Frame // nil for an expression of the template
	element *view.Element
	unit    *Unit
	name    string
}

// sharedTrace is a run without a page, and what must not be watched or heard where it
// is taken over.
type sharedTrace struct {
	trace *Trace
	sets  []*Term  // states, each once
	emits []string // events, folded, each once
}

// sharedKey is the key of a run that may be shared; ok is false for any other.
func (e *Entry) sharedKey() (key sharedKey, ok bool) {
	if e.Frame != nil || e.Event == nil || e.Node == nil || e.Node.Host == nil || len(e.Args) != 1 || e.Args[0].rare == nil || e.Fn.Env == nil {
		return key, false
	}
	key = sharedKey{fn: e.Fn.Fn, env: e.Fn.Env, element: e.Node.Element, unit: e.Node.Unit, name: e.Name}
	for f := e.Fn.Env; f != nil; f = f.Parent {
		if f.node != nil && (f != e.Fn.Env || f.node != e.Node) {
			return key, false
		}
	}
	if e.Fn.Env.node != nil {
		key.env = nil
	}
	return key, e.Unit == e.Node.Unit
}

// shared is the run from e as another page of the program went through it, or as this
// one does for all; nil if pages differ in it.
func (pg *Page) shared(e Entry) *Trace {
	key, ok := e.sharedKey()
	if !ok || pg.p.Lone != nil {
		return nil
	}
	s, known := pg.p.runs[key]
	if !known {
		before := pg.p.paged
		t := pg.follow(e.detached())
		if pg.p.paged == before {
			s = settled(t)
		}
		pg.p.runs[key] = s
	}
	if s == nil || !s.fits(pg, e.Node.Host) {
		return nil
	}
	t := *s.trace
	t.Entry = e
	return &t
}

// detached is e on a component that stands in no page. What it asks its host for
// counts as a page's say.
func (e *Entry) detached() Entry {
	d := *e
	at := e.Node.detached()
	if e.Fn.Env.node != nil {
		fn := *e.Fn
		fn.Env = e.Unit.p.templateFrame(at)
		d.Fn = &fn
	}
	d.Args = []*Term{{Kind: Param, rare: &rare{node: at}}}
	return d
}

func (n *Node) detached() *Node {
	d := &Node{Element: n.Element, Unit: n.Unit, Comp: n.Comp, Foreign: n.Foreign, pageless: true}
	if up := n.Up; up != nil && up.Unit == n.Unit && up.Host == n.Host {
		d.Up = up.detached()
	}
	return d
}

// settled is a run ready to be shared, nil if what it did leaves open what a page
// may decide later.
func settled(t *Trace) *sharedTrace {
	s := &sharedTrace{trace: t}
	type state struct {
		unit *Unit
		path string
	}
	sets, emits, conditions := map[state]bool{}, map[string]bool{}, map[*Given]bool{}
	for i := range t.Effects {
		e := &t.Effects[i]
		for g := e.When; g != nil && !conditions[g]; g = g.Up {
			if conditions[g] = true; g.Term.inTemplate() {
				return nil
			}
		}
		if e.Callee.inTemplate() || e.Value.inTemplate() || e.Result.inTemplate() {
			return nil
		}
		for _, a := range e.Args {
			if a.inTemplate() {
				return nil
			}
		}
		switch e.Kind {
		case Set:
			if e.State != nil && e.State.Unit != nil && !sets[state{e.State.Unit, e.State.Str}] {
				sets[state{e.State.Unit, e.State.Str}] = true
				s.sets = append(s.sets, e.State)
			}
		case Emit:
			if name := e.Name; !emits[name] {
				emits[name] = true
				s.emits = append(s.emits, name)
			}
		}
	}
	t.Entry = Entry{Name: t.Entry.Name}
	return s
}

// inTemplate reports whether a term holds something that is evaluated where it stands
// in a template.
func (t *Term) inTemplate() bool {
	return t.Any(func(t *Term) bool {
		if t.Kind != Literal && t.Kind != Closure && t.Kind != Object {
			return false
		}
		for f := t.Env; f != nil; f = f.Parent {
			if f.node != nil {
				return true
			}
		}
		return false
	})
}

// fits reports whether nobody in a page watches or hears what a run sets and tells.
func (s *sharedTrace) fits(pg *Page, host *Node) bool {
	for _, t := range s.sets {
		root, _, _ := strings.Cut(t.Str, ".")
		name := t.Unit.Name()
		if len(pg.watching[watched{name, t.Str}]) > 0 || len(pg.watching[watched{name, root}]) > 0 || len(pg.handing()[handed{t.Unit, t.Str}]) > 0 {
			return false
		}
	}
	for _, name := range s.emits {
		if host.hears(name) {
			return false
		}
	}
	return true
}

// hears reports whether a component's tag does something when an event is told.
func (n *Node) hears(name string) bool {
	fold := foldEvent(name)
	for i := range n.Events {
		if foldEvent(n.Events[i].Name) == fold {
			return true
		}
	}
	prop := strings.TrimPrefix(name, "update:")
	if prop == name && name != "input" && name != "change" {
		return false
	}
	if prop == name {
		prop = "value"
	}
	a := n.prop(prop)
	return a != nil && a.TwoWay && a.Expr != nil
}
