package program

import (
	"strings"

	"clew/check/code"
	"clew/check/source"
	"clew/check/view"
)

// Entries is what runs by itself when the page opens: the page's own hooks, then
// those of the components it shows.
func (pg *Page) Entries() []Entry {
	if pg.entered != nil {
		return pg.entered
	}
	list := pg.Unit.entries(nil)
	done := map[*Unit]bool{pg.Unit: true}
	for _, n := range pg.Nodes {
		if n.Comp == nil || done[n.Comp] {
			continue
		}
		if shown, _ := pg.p.Holds(hard(n.Conditions()), pg.p.Initially); shown == False {
			continue
		}
		done[n.Comp] = true
		list = append(list, n.Comp.entries(n)...)
	}
	if pg.Unit.scope != nil && pg.Unit.mod.file.Kind == source.Page { // <body onload="…">
		for _, n := range pg.Nodes {
			if n.Name != "body" {
				continue
			}
			for i := range n.Events {
				if n.Events[i].Name != "load" {
					continue
				}
				if e, ok := pg.handler(n, &n.Events[i]); ok {
					list = append(list, e)
				}
			}
		}
	}
	if list == nil {
		list = []Entry{}
	}
	pg.entered = list
	return list
}

// hard leaves out conditions that only hide.
func hard(list []Cond) []Cond {
	out := list[:0:0]
	for _, c := range list {
		if !c.Soft {
			out = append(out, c)
		}
	}
	return out
}

// entries is the hooks of one unit; tag is where it stands, nil for the page.
func (u *Unit) entries(tag *Node) []Entry {
	var list []Entry
	add := func(name string, fn *Term) {
		if fn != nil && fn.Kind == Closure {
			bound := *fn
			bound.Args, bound.traits = []*Term{u.self()}, 0
			list = append(list, Entry{Name: name, Fn: &bound, Unit: u, Node: tag, Args: []*Term{{Kind: Param}}, Once: once(name)})
		}
	}
	if u.scope != nil {
		name := "setup"
		if u.react {
			name = u.scope.Fn.Name
		} else if u.mod.file.Kind == source.Page {
			name = "script"
		}
		for _, f := range u.scripts {
			list = append(list, Entry{Name: "script", Frame: f, Unit: u, Node: tag, Once: true})
		}
		list = append(list, Entry{Name: name, Frame: u.scope, Unit: u, Node: tag, Once: true})
	}
	for _, name := range lifecycles {
		if u.class != nil {
			add(name, u.p.classMember(u.class, name))
		}
		switch name {
		case "attached", "ready", "created", "didMount":
			for _, fn := range u.all("lifetimes", name) {
				add(name, fn)
			}
		case "show":
			for _, fn := range u.all("pageLifetimes", name) {
				add(name, fn)
			}
			continue
		}
		if u.store == nil {
			for _, fn := range u.all(name) {
				add(name, fn)
			}
			if u.native() && tag == nil && u.Source.Kind == source.PageUnit { // a page made with Component has its hooks among methods
				for _, fn := range u.all("methods", name) {
					add(name, fn)
				}
			}
		}
	}
	if w := u.option("watch"); w.Kind == Literal && w.V.Kind == code.Object {
		for _, m := range w.V.Args {
			if m.Kind != code.Prop || m.Str == "" {
				continue
			}
			if t := u.p.eval(m.Args[0], w.Env); t.Kind == Literal && u.p.get(t, "immediate").Truth() == True {
				h := u.p.get(t, "handler")
				if h.Kind == String {
					h = u.member(h.Str)
				}
				add("watch "+m.Str, h)
			}
		}
	}
	return list
}

func once(name string) bool {
	switch name {
	case "onShow", "componentDidShow", "show", "activated", "onPageShow":
		return false
	}
	return true
}

// Opening is all that runs by itself when the page opens, as one trace: effects in
// the order of the hooks.
func (pg *Page) Opening() *Trace {
	if pg.opened != nil {
		return pg.opened
	}
	all := &Trace{}
	for _, e := range pg.Entries() {
		t := pg.Trace(e)
		all.Effects = append(all.Effects, t.Effects...)
		all.Cut = all.Cut || t.Cut
		all.Unknown += t.Unknown
	}
	pg.opened = all
	return all
}

// On is the entry of a handler on an element, by the event's name; ok is false if
// there is none in the project.
func (pg *Page) On(n *Node, event string) (Entry, bool) {
	for i := range n.Events {
		if n.Events[i].Name == event {
			return pg.handler(n, &n.Events[i])
		}
	}
	pg.compose()
	for _, l := range pg.listening[n] {
		if l.event == event {
			return pg.heard(n, l), true
		}
	}
	return Entry{}, false
}

// listener is a handler that a script put on an element: addEventListener and its kin.
type listener struct {
	event string // as templates call it: tap for click
	fn    *Term
}

func (pg *Page) heard(n *Node, l listener) Entry {
	return Entry{Name: l.event, Fn: l.fn, Unit: n.Unit, Node: n, Event: &view.Event{Name: l.event}, Args: []*Term{{Kind: Param, rare: &rare{node: n}}}}
}

// compose goes once through what scripts and composition functions do by themselves:
// what they watch and listen to is known then.
func (pg *Page) compose() {
	if pg.composed {
		return
	}
	pg.composed = true
	for _, e := range pg.Entries() {
		if e.Frame != nil || pg.Unit.Source.Main().Kind == source.Page {
			pg.Trace(e)
		}
	}
}

// Handlers is the entries of all handlers on an element.
func (pg *Page) Handlers(n *Node) []Entry {
	var list []Entry
	for i := range n.Events {
		if e, ok := pg.handler(n, &n.Events[i]); ok {
			list = append(list, e)
		}
	}
	pg.compose()
	for _, l := range pg.listening[n] {
		list = append(list, pg.heard(n, l))
	}
	return list
}

func (pg *Page) handler(n *Node, ev *view.Event) (Entry, bool) {
	p := pg.p
	e := Entry{Name: ev.Name, Unit: n.Unit, Node: n, Event: ev, Args: []*Term{{Kind: Param, rare: &rare{node: n}}}}
	switch {
	case ev.Func != nil:
		f := p.templateFrame(n)
		if n.Element.Origin == nil {
			f = p.staticFrameOf(n.Unit)
		}
		e.Fn = &Term{Kind: Closure, Fn: ev.Func, Env: f, Args: []*Term{n.Unit.self()}}
		return e, true
	case ev.Handler == nil:
		return e, false
	case ev.Handler.Kind == code.Global && n.Element.Origin != nil:
		if t := n.Unit.Handler(ev.Handler.Str); t != nil {
			e.Fn = t
			return e, true
		}
		if t := p.Look(n, ev.Handler); t.Kind == Closure {
			e.Fn = t
			return e, true
		}
		return e, false
	}
	t := p.Look(n, ev.Handler)
	for _, o := range either(t) {
		switch o.Kind {
		case Closure:
			e.Fn = o
			if len(o.Args) == 0 {
				c := *o
				c.Args, c.traits = []*Term{n.Unit.self()}, 0
				e.Fn = &c
			}
			return e, true
		case State: // a prop that is a function: the host's
			if n.Host != nil && o.Unit == n.Unit {
				name := strings.TrimPrefix(o.Str, "on")
				for i := range n.Host.Events {
					if foldEvent(n.Host.Events[i].Name) == foldEvent(name) {
						return pg.handler(n.Host, &n.Host.Events[i])
					}
				}
			}
		case Result: // handle(x): a call that gives a function
			if r := p.settled(o); r.Kind == Closure {
				e.Fn = r
				return e, true
			}
		}
	}
	return e, false
}
