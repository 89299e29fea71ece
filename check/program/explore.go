package program

import (
	"strconv"
	"strings"

	"clew/check/code"
	"clew/check/source"
)

// bounds of one run.
const (
	maxVisits  = 2500
	maxSame    = 24 // of one function
	maxEffects = 4000
	// patience is how long a timer may wait, in milliseconds, and still count as
	// part of opening a page.
	patience = 10_000
)

// explorer follows one run, breadth first, so that the first way to an effect is a
// short one.
type explorer struct {
	p     *Program
	pg    *Page
	trace *Trace
	queue []visit
	seen  map[string]bool
	same  map[*code.Func]int
	// pageless: for all pages that show the component; see Page.shared.
	pageless bool
	// handed is the calls of functions of the project that were given functions.
	handed []givenAway
}

// visit is a function to be gone through.
type visit struct {
	fn    *code.Func
	frame *Frame
	steps *Step
	when  *Given
	after After
	delay float64
	sure  bool
	host  *Node // the tag of the component whose code runs; nil in the page's own
	depth int
}

// Trace follows a run from an entry; the same entry is followed once.
func (pg *Page) Trace(e Entry) *Trace {
	if e.Fn == nil && e.Frame == nil {
		return &Trace{Entry: e}
	}
	pg.compose()
	own := traceKey{fn: e.fn(), node: e.Node}
	if t := pg.traces[own]; t != nil {
		return t
	}
	alike, plain := e.alike()
	if t := pg.traces[alike]; plain && t != nil {
		c := *t
		c.Entry = e
		pg.traces[own] = &c
		return &c
	}
	t := pg.shared(e)
	if t == nil {
		t = pg.follow(e)
	}
	pg.traces[own] = t
	if plain {
		pg.traces[alike] = t
	}
	return t
}

// follow goes through a run.
func (pg *Page) follow(e Entry) *Trace {
	key := e.fn()
	x := &explorer{p: pg.p, pg: pg, trace: &Trace{Entry: e}, seen: map[string]bool{}, same: map[*code.Func]int{}, pageless: e.Node != nil && e.Node.pageless}
	frame := e.Frame
	if frame == nil {
		args := e.Args
		if args == nil {
			args = []*Term{{Kind: Param}}
		}
		this := e.Unit.self()
		if len(e.Fn.Args) > 0 {
			this = e.Fn.Args[0]
		}
		frame = pg.p.enter(e.Fn, args, this, e.Unit)
	}
	var host *Node
	if e.Node != nil {
		if host = e.Node.Host; e.Event == nil {
			host = e.Node
		}
	}
	first := &Step{Kind: Enter, Name: e.Name, File: pg.p.fileOf(frame), From: int(key.From), To: int(key.From) + 1}
	if key.NameAt[1] > 0 {
		first.From, first.To = int(key.NameAt[0]), int(key.NameAt[1])
	}
	if e.Node != nil && e.Event == nil {
		first = &Step{
			Kind: Shown, Name: e.Name, File: first.File, From: first.From, To: first.To,
			Up: &Step{Kind: Enter, Name: e.Node.Name, File: e.Node.File, From: e.Node.Open.Start, To: e.Node.Open.End},
		}
	}
	x.queue = append(x.queue, visit{fn: key, frame: frame, steps: first, sure: true, host: host})
	for i := 0; i < len(x.queue) || x.uncalled(); i++ {
		if i >= maxVisits || len(x.trace.Effects) >= maxEffects {
			x.trace.Cut = true
			break
		}
		x.run(x.queue[i])
		x.queue[i] = visit{}
	}
	return x.trace
}

// traceKey tells runs apart: by the function and the element, or by what of the
// element a run can tell.
type traceKey struct {
	fn   *code.Func
	node *Node
	host *Node
	unit *Unit
	name string
}

// alike is the key of runs that do the same: one handler on elements of one template
// that carry no data of their own. ok is false for an entry that is not one of them.
func (e *Entry) alike() (key traceKey, ok bool) {
	if e.Frame != nil || e.Event == nil || e.Node == nil || len(e.Args) != 1 || e.Args[0].Kind != Param || e.Args[0].Str != "" {
		return key, false
	}
	for f := e.Fn.Env; f != nil; f = f.Parent {
		if f.node != nil {
			return key, false
		}
	}
	if len(e.Fn.Args) > 0 && e.Fn.Args[0].Unit != e.Unit {
		return key, false
	}
	for i := range e.Node.Attrs {
		if strings.HasPrefix(e.Node.Attrs[i].Name, "data") {
			return key, false
		}
	}
	return traceKey{fn: e.Fn.Fn, host: e.Node.Host, unit: e.Unit, name: e.Name}, true
}

func (e *Entry) fn() *code.Func {
	if e.Frame != nil {
		return e.Frame.Fn
	}
	return e.Fn.Fn
}

func (p *Program) fileOf(f *Frame) *source.File {
	if m := p.moduleOf(f); m != nil {
		return m.file
	}
	if f != nil && f.Unit != nil {
		return f.Unit.Source.Main()
	}
	return nil
}

// follow queues the function of a closure.
func (x *explorer) follow(v *visit, c *Term, args []*Term, step Step, change func(*visit)) {
	if c == nil || c.Kind != Closure || c.Fn == nil {
		return
	}
	var this *Term
	if len(c.Args) > 0 {
		this = c.Args[0]
	}
	x.enter(v, c.Fn, x.p.enter(c, args, this, v.frame.Unit), step, change)
}

func (x *explorer) enter(v *visit, fn *code.Func, frame *Frame, step Step, change func(*visit)) {
	n := visit{
		fn: fn, frame: frame, when: v.when, after: v.after, delay: v.delay, sure: v.sure, host: v.host, depth: v.depth + 1,
	}
	if step.Name == "" {
		step.Name = fn.Name
	}
	s := step
	s.Up = v.steps
	n.steps = &s
	if change != nil {
		change(&n)
	}
	if n.depth > 60 {
		x.trace.Cut = true
		return
	}
	if x.same[fn] >= maxSame {
		return
	}
	key := x.key(&n)
	if x.seen[key] {
		return
	}
	x.seen[key] = true
	x.same[fn]++
	x.queue = append(x.queue, n)
}

// key tells visits apart that may do different things.
func (x *explorer) key(v *visit) string {
	var b strings.Builder
	b.WriteString(v.fn.Module.File)
	b.WriteByte('#')
	b.WriteString(strconv.Itoa(v.fn.Index))
	b.WriteByte('a' + byte(v.after))
	if !v.sure {
		b.WriteByte('?')
	}
	for _, a := range v.frame.Args {
		b.WriteByte('|')
		signature(&b, a, 2)
	}
	if p := v.frame.Parent; p != nil && p.Fn != nil && p.Fn.Parent != nil { // what the function around was called with
		for _, a := range p.Args {
			b.WriteByte('^')
			signature(&b, a, 1)
		}
	}
	return b.String()
}

func signature(b *strings.Builder, t *Term, depth int) {
	b.WriteByte('0' + byte(t.Kind))
	switch t.Kind {
	case Literal, Object:
		b.WriteString(strconv.Itoa(int(t.V.From)))
		if depth > 0 && t.Env != nil { // one literal of a wrapper, request({ url }), made with other words
			for _, a := range t.Env.Args[:min(3, len(t.Env.Args))] {
				if a.constant() || a.Kind == Concat {
					b.WriteByte('=')
					b.WriteString(a.Text())
				}
			}
		}
	case Closure:
		b.WriteString(strconv.Itoa(t.Fn.Index))
		b.WriteString(t.Fn.Module.File)
	default:
		b.WriteString(t.Str[:min(len(t.Str), 80)])
		if n := len(t.Str); n > 80 { // as good as the text itself, and small
			b.WriteString(strconv.Itoa(n))
		}
	}
	if depth > 0 && t.Kind != Closure && len(t.Args) < 6 {
		for _, a := range t.Args {
			signature(b, a, depth-1)
		}
	}
}

// run goes through one function.
func (x *explorer) run(v visit) {
	var given map[*code.Guard]*Given
	file := x.p.fileOf(v.frame)
	if x.same[v.fn] <= 1 && file != nil {
		x.trace.Visited = append(x.trace.Visited, Visited{v.fn, file})
	}
	base := v
	acted := false
	for i := range v.fn.Ops {
		op := &v.fn.Ops[i]
		if op.Guard != nil && given == nil {
			given = map[*code.Guard]*Given{}
		}
		when, blocked, waits := x.given(op.Guard, &v, file, given, base.when)
		if blocked {
			continue
		}
		at := v
		at.when = when
		if waits || acted {
			at.after = Acting
		}
		if op.Guard != nil && at.after == Nothing && caught(op.Guard) {
			at.after = Failing
		}
		switch op.Kind {
		case code.OpCall:
			x.call(&at, op.Value, file)
		case code.OpAssign:
			x.assign(&at, op.Value, file)
		case code.OpAwait:
			if x.p.asks(x.p.eval(op.Value.Args[0], v.frame)) && op.Guard == nil {
				acted = true
			}
		}
	}
}

func caught(g *code.Guard) bool {
	for ; g != nil; g = g.Parent {
		if g.Kind == code.Catch {
			return true
		}
	}
	return false
}

// given is the conditions of an operation as terms. blocked: they cannot hold.
// waits: they ask what the person did.
func (x *explorer) given(g *code.Guard, v *visit, file *source.File, memo map[*code.Guard]*Given, base *Given) (when *Given, blocked, waits bool) {
	if g == nil {
		return base, false, false
	}
	up, blocked, waits := x.given(g.Parent, v, file, memo, base)
	if blocked {
		return nil, true, waits
	}
	if w, ok := memo[g]; ok {
		if w == nil {
			return nil, true, false
		}
		return w, false, waits || w.waits
	}
	w := &Given{Kind: g.Kind, Not: g.Not, File: file, Up: up, Term: unknown}
	if g.Cond != nil {
		w.Term = x.p.eval(g.Cond, v.frame)
		w.From, w.To = int(g.Cond.From), int(g.Cond.To)
		truth := w.Term.Truth()
		if truth == Maybe && w.Term.Has(calling, func(t *Term) bool { return t.Kind == Result && t.Fn != nil }) {
			truth = x.p.rewrite(w.Term, func(s *Term) *Term { return s }, 0).Truth() // if (isOff())
		}
		if g.Kind != code.Loop && (truth == False && !g.Not || truth == True && g.Not) {
			memo[g] = nil
			return nil, true, false
		}
	}
	w.waits = w.Term.waits()
	memo[g] = w
	return w, false, waits || w.waits
}

// waits reports whether a value is there only after the person acted.
func (t *Term) waits() bool {
	return t.Has(acted, func(t *Term) bool { return t.Interactive })
}

// asks reports whether what a call gives back waits for the person: a dialog's
// answer, or a function that returns a promise of one.
func (p *Program) asks(t *Term) bool {
	if t.Interactive {
		return true
	}
	if t.Kind != Result || t.Fn == nil || t.Str != "" {
		return false
	}
	for i := range t.Fn.Ops {
		op := &t.Fn.Ops[i]
		if op.Kind != code.OpReturn || op.Value == nil {
			continue
		}
		v := op.Value
		for v.Kind == code.Await {
			v = v.Args[0]
		}
		switch v.Kind {
		case code.Call:
			if interactive(writtenName(v.Args[0])) {
				return true
			}
		case code.New:
			if len(v.Args) > 1 && v.Args[1].Kind == code.Function {
				for j := range v.Args[1].Func.Ops {
					in := &v.Args[1].Func.Ops[j]
					if in.Kind == code.OpCall && in.Guard == nil && interactive(writtenName(in.Value.Args[0])) {
						return true
					}
				}
			}
		}
	}
	return false
}

// add records an effect.
func (x *explorer) add(v *visit, file *source.File, from, to int32, e Effect) *Effect {
	e.File, e.From, e.To = file, int(from), int(to)
	e.Steps, e.When, e.Delay, e.Sure = v.steps, v.when, v.delay, v.sure
	e.After = max(e.After, v.after)
	e.frame = v.frame
	x.trace.Effects = append(x.trace.Effects, e)
	return &x.trace.Effects[len(x.trace.Effects)-1]
}

// assign follows a = b where a is more than a variable.
func (x *explorer) assign(v *visit, a *code.Value, file *source.File) {
	p := x.p
	target, value := a.Args[0], p.eval(a.Args[1], v.frame)
	if a.Op != assignOp {
		value = from(value)
	}
	switch target.Kind {
	case code.Global:
		switch target.Str {
		case "location":
			x.add(v, file, a.From, a.To, Effect{Kind: Navigate, Name: "location", Text: value.Text(), Args: []*Term{value}})
		default:
			for g := v.frame; g != nil; g = g.Parent {
				if g.node != nil { // @tap="open = true"
					x.set(v, file, a, p.named(target.Str, g.node), value, false)
					break
				}
			}
		}
		return
	case code.Member, code.Index:
	default:
		return
	}
	of := p.eval(target.Args[0], v.frame)
	name := target.Str
	if target.Kind == code.Index {
		k, ok := p.eval(target.Args[1], v.frame).Const()
		if !ok {
			return
		}
		name = k
	}
	for _, o := range either(of) {
		switch o.Kind {
		case Global:
			if (o.Str == "location" || o.Str == "window.location" || o.Str == "document.location") && name == "href" ||
				(o.Str == "window" || o.Str == "document" || o.Str == "top") && name == "location" {
				x.add(v, file, a.From, a.To, Effect{Kind: Navigate, Name: "location", Text: value.Text(), Args: []*Term{value}})
			} else if strings.HasPrefix(o.Str, "$store.state") {
				if s := p.storeState(strings.TrimPrefix(strings.TrimPrefix(join(o.Str, name), "$store.state"), ".")); s != nil {
					x.set(v, file, a, s, value, false)
				}
			} else if name == "onload" && o.Str == "window" {
				x.follow(v, value, nil, Step{Kind: Callback, Name: "onload", File: file, From: int(a.From), To: int(a.To)}, nil)
			}
		case Instance:
			t := p.memberOf(o.Unit, name, o)
			if t.Kind != State {
				t = &Term{Kind: State, Unit: o.Unit, Str: name}
			}
			x.set(v, file, a, t, value, false)
		case State:
			t := p.stateMember(o, name)
			if t.Kind != State {
				t = &Term{Kind: State, Unit: o.Unit, Str: join(o.Str, name)}
			}
			x.set(v, file, a, t, value, target.Args[0].Kind == code.Member && target.Args[0].Str == "data")
		case Object:
			if o.Unit != nil && o.Str == "" {
				x.set(v, file, a, &Term{Kind: State, Unit: o.Unit, Str: name}, value, false)
			}
		case Refs:
			if n := x.ref(v, o); n != nil {
				if n.Comp != nil {
					x.set(v, file, a, &Term{Kind: State, Unit: n.Comp, Str: name}, value, false)
				} else {
					x.add(v, file, a.From, a.To, Effect{Kind: Open, Name: name, Node: n, Value: value, Args: []*Term{value}})
				}
			}
		case Result:
			if n := x.element(o); n != nil {
				if strings.HasPrefix(name, "on") && x.listens(n, name[2:], value) {
					continue
				}
				x.add(v, file, a.From, a.To, Effect{Kind: Open, Name: join(o.Str, name), Node: n, Value: value, Args: []*Term{value}})
			} else if lastName(o.Name) == "selectComponent" || lastName(o.Name) == "getCurrentPages" {
				x.add(v, file, a.From, a.To, Effect{Kind: Set, Name: name, Value: value})
			}
		}
	}
}

func either(t *Term) []*Term {
	if t.Kind == Choice {
		return t.Args
	}
	return []*Term{t}
}

// set records that a state gets a value, and follows who watches it.
func (x *explorer) set(v *visit, file *source.File, at *code.Value, state, value *Term, quiet bool) {
	if state == nil || state.Kind != State {
		if state != nil && state.Kind == Choice {
			for _, s := range state.Args {
				x.set(v, file, at, s, value, quiet)
			}
		}
		return
	}
	x.add(v, file, at.From, at.To, Effect{Kind: Set, Name: state.Unit.called(state.Str), State: state, Value: value, Quiet: quiet})
	if quiet {
		return
	}
	x.watchers(v, state, value, file, at)
}

// watchers follows what runs because a state was set.
func (x *explorer) watchers(v *visit, state, value *Term, file *source.File, at *code.Value) {
	u := state.Unit
	if u == nil { // setData of a class that is nobody's page
		return
	}
	root, _, _ := strings.Cut(state.Str, ".")
	step := Step{Kind: Watch, File: file, From: int(at.From), To: int(at.To)}
	for _, key := range []string{state.Str, root} {
		for _, c := range u.watch(key) {
			x.follow(v, c, []*Term{value}, step, nil)
		}
		for _, c := range x.pg.watching[watched{u.Name(), key}] {
			x.p.paged++
			x.follow(v, c, []*Term{value}, step, nil)
		}
		if key == root {
			break
		}
	}
	for _, h := range x.pg.handing()[handed{u, state.Str}] {
		x.p.paged++
		for _, c := range h.Comp.watch(h.prop) {
			x.follow(v, c, []*Term{value}, step, func(w *visit) { w.host = h.Node; w.frame.Unit = h.Comp })
		}
	}
}

// handed is a state that a page hands to components.
type handed struct {
	unit *Unit
	path string
}

// watched is a state by the names of its unit and its own.
type watched struct{ unit, state string }

// given is a component's tag and the prop by which it gets a state.
type given struct {
	*Node
	prop string
}

// handing is the components that watch a prop to which a state is handed, by state.
func (pg *Page) handing() map[handed][]given {
	if pg.handed != nil {
		return pg.handed
	}
	pg.handed = map[handed][]given{}
	for _, n := range pg.Nodes {
		if n.Comp == nil {
			continue
		}
		for i := range n.Attrs {
			a := &n.Attrs[i]
			if a.Expr == nil || len(n.Comp.watch(a.Raw)) == 0 {
				continue
			}
			if t := pg.p.Look(n, a.Expr); t.Kind == State && t.Unit == n.Unit {
				key := handed{t.Unit, t.Str}
				pg.handed[key] = append(pg.handed[key], given{n, a.Raw})
			}
		}
	}
	return pg.handed
}

// watch is what runs when a member changes.
func (u *Unit) watch(name string) []*Term {
	if len(u.options) == 0 {
		return nil
	}
	if list, ok := u.watchers[name]; ok {
		return list
	}
	before := u.p.hazy
	list := u.findWatchers(name)
	if u.ready && u.p.hazy == before {
		if u.watchers == nil {
			u.watchers = map[string][]*Term{}
		}
		u.watchers[name] = list
	}
	return list
}

func (u *Unit) findWatchers(name string) []*Term {
	var list []*Term
	add := func(t *Term) {
		switch t.Kind {
		case Literal:
			if t.V.Kind == code.Object {
				t = u.p.get(t, "handler")
			}
		case String:
			t = u.member(t.Str)
		}
		if t != nil && t.Kind == Closure {
			list = append(list, &Term{Kind: Closure, Fn: t.Fn, Env: t.Env, Args: []*Term{u.self()}})
		}
	}
	name = strings.TrimPrefix(name, ":")
	add(u.option("watch", name))
	if obs := u.option("observers"); obs.Kind == Literal && obs.V.Kind == code.Object {
		for _, m := range obs.V.Args {
			for _, key := range strings.FieldsFunc(m.Str, func(r rune) bool { return r == ',' || r == ' ' }) {
				if key == name || strings.TrimSuffix(key, ".**") == name {
					add(u.p.eval(m.Args[0], obs.Env))
				}
			}
		}
	}
	for _, key := range []string{"properties", "props"} {
		if o := u.option(key, name); o.Kind == Literal {
			add(u.p.get(o, "observer"))
		}
	}
	return list
}
