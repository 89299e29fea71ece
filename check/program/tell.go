package program

import (
	"slices"
	"strings"

	"clew/check/code"
	"clew/check/source"
)

// emit follows an event to the handler on the component's tag.
func (x *explorer) emit(v *visit, c *code.Value, name string, args []*Term, file *source.File, at func(StepKind, string) Step) {
	x.add(v, file, c.From, c.To, Effect{Kind: Emit, Name: name, Args: args})
	host := v.host
	if host == nil {
		return
	}
	if host.hears(name) {
		x.p.paged++
	}
	fold := foldEvent(name)
	for i := range host.Events {
		e := &host.Events[i]
		if foldEvent(e.Name) != fold {
			continue
		}
		en, ok := x.pg.handler(host, e)
		if !ok {
			continue
		}
		with := args
		if host.Unit.native() && len(args) > 0 { // the value is under detail
			with = []*Term{{Kind: Result, Name: "detail", Args: args}}
		}
		x.follow(v, en.Fn, with, at(Event, name), func(n *visit) {
			n.host = host.Host
			n.frame.Unit = host.Unit
		})
	}
	if prop := strings.TrimPrefix(name, "update:"); prop != name || name == "input" || name == "change" {
		if prop == name {
			prop = "value"
		}
		if a := host.prop(prop); a != nil && a.TwoWay && a.Expr != nil && len(args) > 0 {
			if t := x.p.Look(host, a.Expr); t.Kind == State {
				x.set(v, file, c, t, args[0], false)
			}
		}
	}
}

func foldEvent(s string) string {
	if strings.ContainsAny(s, "-_:") {
		s = eventMarks.Replace(s)
	}
	return strings.ToLower(s)
}

var eventMarks = strings.NewReplacer("-", "", "_", "", ":", "")

// bus follows buses: who listens for an event runs when somebody tells of it, and
// after something that was not seen otherwise.
func (x *explorer) bus(v *visit, callee *Term, name string, args []*Term, at func(StepKind, string) Step) bool {
	last := lastName(name)
	of := strings.ToLower(strings.TrimSuffix(name, last))
	switch last {
	case "$on", "$once", "$emit":
		if callee.Kind == Method || of == "" {
			return false
		}
	case "on", "once", "emit", "trigger":
		if !strings.Contains(of, "bus") && !strings.Contains(of, "event") && !strings.Contains(of, "emitter") {
			return false
		}
	default:
		return false
	}
	event, ok := arg0(args).Const()
	if !ok {
		return false
	}
	x.p.paged++
	switch last {
	case "$emit", "emit", "trigger":
		for _, fn := range x.pg.bus[event] {
			x.follow(v, fn, args[1:], at(Event, event), nil)
		}
		return true
	}
	if len(args) < 2 || args[1].Kind != Closure {
		return false
	}
	if !slices.ContainsFunc(x.pg.bus[event], func(t *Term) bool { return t.Fn == args[1].Fn }) {
		x.pg.bus[event] = append(x.pg.bus[event], args[1])
	}
	x.follow(v, args[1], nil, at(Callback, event), func(n *visit) { n.after = Acting })
	return true
}

// emitState is a call of a prop: React's way to tell the host.
func (x *explorer) emitState(v *visit, callee *Term, args []*Term, at func(StepKind, string) Step) bool {
	if x.pageless {
		x.p.paged++
	}
	if v.host == nil || v.host.Comp != callee.Unit || strings.Contains(callee.Str, ".") {
		return false
	}
	x.p.paged++
	name := strings.TrimPrefix(callee.Str, "on")
	for i := range v.host.Events {
		if foldEvent(v.host.Events[i].Name) != foldEvent(name) {
			continue
		}
		if h := v.host.Events[i].Handler; h != nil && v.host.Events[i].Func == nil && len(args) > 0 {
			if t := x.p.Look(v.host, h); t.Kind == Setter { // onPick={setPicked}
				x.set(v, v.host.File, h, &Term{Kind: State, Unit: t.Unit, Str: t.Str}, x.updated(args[0], t), false)
				return true
			}
		}
		if en, ok := x.pg.handler(v.host, &v.host.Events[i]); ok {
			host := v.host
			x.follow(v, en.Fn, args, at(Event, callee.Str), func(n *visit) {
				n.host = host.Host
				n.frame.Unit = host.Unit
			})
			return true
		}
	}
	if a := v.host.prop(callee.Str); a != nil && a.Expr != nil {
		if t := x.p.Look(v.host, a.Expr); t.Kind == Closure || t.Kind == Setter {
			if t.Kind == Setter {
				if len(args) > 0 {
					x.set(v, v.host.File, &code.Value{From: int32(a.Span.Start), To: int32(a.Span.End)}, &Term{Kind: State, Unit: t.Unit, Str: t.Str}, args[0], false)
				}
				return true
			}
			host := v.host
			x.follow(v, t, args, at(Event, callee.Str), func(n *visit) { n.host = host.Host; n.frame.Unit = host.Unit })
			return true
		}
	}
	return false
}

// listen keeps a handler that is put on an element: n.addEventListener('click', f),
// $(n).on('click', f), $(n).click(f).
func (x *explorer) listen(n *Node, method string, args []*Term) bool {
	event, fn := method, arg0(args)
	switch method {
	case "addEventListener", "on", "bind", "one", "once":
		s, ok := fn.Const()
		if !ok || len(args) < 2 {
			return false
		}
		event, fn = s, args[len(args)-1]
		if method == "addEventListener" {
			fn = args[1]
		}
	case "click", "submit", "change", "tap", "blur", "input":
	default:
		return false
	}
	return x.listens(n, event, fn)
}

func (x *explorer) listens(n *Node, event string, fn *Term) bool {
	if fn.Kind != Closure {
		return false
	}
	if event == "click" || event == "touchend" {
		event = "tap"
	}
	for _, l := range x.pg.listening[n] {
		if l.event == event && l.fn.Fn == fn.Fn {
			return true
		}
	}
	x.pg.listening[n] = append(x.pg.listening[n], listener{event, fn})
	return true
}

func arg0(args []*Term) *Term {
	if len(args) == 0 {
		return undefined
	}
	return args[0]
}
