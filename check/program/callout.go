package program

import (
	"cmp"
	"strconv"
	"strings"

	"clew/check/code"
	"clew/check/source"
)

// call follows one call or new.
func (x *explorer) call(v *visit, c *code.Value, file *source.File) {
	p := x.p
	callee := p.eval(c.Args[0], v.frame)
	args := p.evalAll(c.Args[1:], v.frame)
	result := p.called(c, v.frame, callee, args)
	name := calleeName(callee, c.Args[0])
	at := func(kind StepKind, name string) Step {
		return Step{Kind: kind, Name: name, File: file, From: int(c.From), To: int(c.To)}
	}
	if c.Kind == code.New {
		x.construct(v, c, callee, args, result, at)
		return
	}
	if x.promise(v, c, args, at) {
		return
	}
	if n := x.template(v, c.Args[0], callee); n != nil {
		x.onNode(v, c, n, lastName(name), callee, args, result, file, at)
		return
	}
	switch callee.Kind {
	case Closure:
		if kind, ok := library(name); ok && (kind == Dialog || kind == Toast) && isVendored(p, callee) {
			x.platform(v, c, file, kind, name, callee, args, result, at)
			return
		}
		x.direct(v, callee, args, result, at(Calls, cmp.Or(callee.Fn.Name, lastName(name))))
		if hands(args) {
			x.handed = append(x.handed, givenAway{*v, args, result, at(Callback, "")})
		}
		return
	case Choice:
		known := 0
		for _, o := range callee.Args {
			if o.Kind == Closure {
				known++
			}
		}
		for _, o := range callee.Args {
			if o.Kind == Closure {
				x.follow(v, o, args, at(Calls, o.Fn.Name), func(n *visit) { n.sure = n.sure && known == 1 && len(callee.Args) == 1 })
			}
		}
		if known > 0 {
			return
		}
	case Setter:
		if len(args) > 0 {
			x.set(v, file, c, &Term{Kind: State, Unit: callee.Unit, Str: callee.Str}, x.updated(args[0], callee), false)
		}
		return
	case Method:
		if x.method(v, c, callee, args, result, file, at) {
			return
		}
	case Refs:
		x.refCall(v, c, callee, args, result, file, at)
		return
	case Global:
		if x.global(v, c, callee, args, file, at) {
			return
		}
	case Result:
		if lastName(callee.Name) == "selectComponent" && callee.Str != "" {
			x.refCall(v, c, callee, args, result, file, at)
			return
		}
		if callee.Str == "ready" && (callee.Name == "$" || callee.Name == "jQuery") { // $(document).ready(…)
			x.follow(v, arg0(args), nil, at(Callback, "ready"), nil)
			return
		}
		if n := x.element(callee); n != nil {
			if x.listen(n, callee.Str, args) {
				return
			}
			x.add(v, file, c.From, c.To, Effect{Kind: Open, Name: callee.Str, Node: n, Callee: callee, Args: args, Result: result})
			return
		}
	case State: // props.onClose()
		if x.emitState(v, callee, args, at) {
			return
		}
		if n := x.kept(v, callee); n != nil {
			x.onNode(v, c, n, lastName(callee.Str), callee, args, result, file, at)
			return
		}
	}
	if x.bus(v, callee, name, args, at) {
		return
	}
	if x.timer(v, lastName(name), args, at) || x.hook(v, callee, lastName(name), args, at) {
		return
	}
	kind, ok := p.known(callee, name)
	if ok {
		x.platform(v, c, file, kind, name, callee, args, result, at)
		return
	}
	x.outside(v, c, file, name, callee, args, result, at)
}

// isVendored: a library's code that lies in the project.
func isVendored(p *Program, c *Term) bool {
	m := p.moduleOf(c.Env)
	if m == nil {
		return false
	}
	path := "/" + strings.ToLower(m.file.Path)
	return m.file.Vendored || strings.Contains(path, "vant") || strings.Contains(path, "/npm/") || strings.Contains(path, "miniprogram_npm") ||
		strings.Contains(path, "uview") || strings.Contains(path, "/lib/") || strings.Contains(path, "/dist/")
}

// direct follows the call of a function of the project.
func (x *explorer) direct(v *visit, callee *Term, args []*Term, result *Term, step Step) {
	if result.Kind == Result && result.Env != nil && result.Fn == callee.Fn {
		x.enter(v, callee.Fn, result.Env, step, nil)
		return
	}
	x.follow(v, callee, args, step, nil)
}

// updated is the new value that a setter gets; a function gets the old one.
func (x *explorer) updated(t, setter *Term) *Term {
	if t.Kind == Closure {
		old := &Term{Kind: State, Unit: setter.Unit, Str: setter.Str}
		return x.p.settled(x.p.invoke(t, []*Term{old}, nil, setter.Unit, "update"))
	}
	return t
}

// settle is what the function in new Promise(…) is given to call.
var settle = &Term{Kind: Method, Str: "$settle", Args: []*Term{unknown}, traits: 0b01010101}

func (x *explorer) construct(v *visit, c *code.Value, callee *Term, args []*Term, result *Term, at func(StepKind, string) Step) {
	if result.Kind == Object {
		if ctor := x.p.classMember(result, "constructor"); ctor != nil && ctor.Kind == Closure {
			x.follow(v, ctor, args, at(Calls, ctor.Fn.Name), nil)
		}
		return
	}
	for _, a := range args {
		if a.Kind == Closure { // new Promise(executor), new IntersectionObserver(cb)
			sure := callee.Kind == Global && callee.Str == "Promise"
			x.follow(v, a, []*Term{settle, settle}, at(Callback, ""), func(n *visit) { n.sure = n.sure && sure })
		}
	}
}

// promise follows .then, .catch and .finally.
func (x *explorer) promise(v *visit, c *code.Value, args []*Term, at func(StepKind, string) Step) bool {
	m := c.Args[0]
	if m.Kind != code.Member || m.Str != "then" && m.Str != "catch" && m.Str != "finally" {
		return false
	}
	of := x.p.eval(m.Args[0], v.frame)
	if of.Kind == Object || of.Kind == Literal {
		return false
	}
	waits := x.p.asks(of) || of.waits()
	sure := x.p.promised(of, 0)
	value := x.p.settled(of)
	if value.Kind == Undefined {
		value = from(of)
	}
	for i, a := range args {
		if a.Kind != Closure {
			continue
		}
		failing := m.Str == "catch" || m.Str == "then" && i == 1
		with := []*Term{value}
		if m.Str == "finally" {
			with = nil
		} else if failing {
			with = []*Term{from(of)}
		}
		x.follow(v, a, with, at(Then, ""), func(n *visit) {
			n.sure = n.sure && sure
			if waits {
				n.after = Acting
			} else if failing {
				n.after = max(n.after, Failing)
			}
		})
	}
	return true
}

// method follows a call of what the framework or the language puts on a value.
func (x *explorer) method(v *visit, c *code.Value, callee *Term, args []*Term, result *Term, file *source.File, at func(StepKind, string) Step) bool {
	p := x.p
	on := callee.Args[0]
	arg := func(i int) *Term {
		if i < len(args) {
			return args[i]
		}
		return undefined
	}
	switch callee.Str {
	case "setData", "setState", "groupSetData":
		if on.Kind == Instance || on.Kind == Object {
			x.setData(v, c, on, arg(0), file)
			if cb := arg(1); cb.Kind == Closure {
				x.follow(v, cb, nil, at(Callback, "setData"), nil)
			}
			return true
		}
	case "$patch":
		if on.Kind == Instance && on.Unit.store != nil {
			if arg(0).Kind == Closure {
				x.follow(v, arg(0), []*Term{{Kind: State, Unit: on.Unit}}, at(Callback, "$patch"), nil)
			} else {
				x.setData(v, c, on, arg(0), file)
			}
			return true
		}
	case "$settle": // resolve and reject of a new Promise
		return true
	case "$set":
		if k, ok := arg(1).Const(); ok {
			if o := arg(0); o.Kind == State || o.Kind == Instance {
				t := p.get(o, k)
				if t.Kind == State {
					x.set(v, file, c, t, arg(2), false)
				}
			}
			return true
		}
	case "triggerEvent", "$emit":
		if name, ok := arg(0).Const(); ok {
			x.emit(v, c, name, args[1:], file, at)
		}
		return true
	case "$nextTick":
		x.follow(v, arg(0), nil, at(Callback, "$nextTick"), nil)
		return true
	case "$watch":
		x.follow(v, arg(1), nil, at(Callback, "$watch"), func(n *visit) { n.after = Acting })
		return true
	case "$commit", "$dispatch":
		kind := map[string]string{"$commit": "mutations", "$dispatch": "actions"}[callee.Str]
		x.commit(v, kind, callee.Name, args, at)
		return true
	case "call", "apply", "bind":
		if on.Kind == Closure {
			if callee.Str != "bind" && result.Kind == Result && result.Env != nil {
				x.enter(v, on.Fn, result.Env, at(Calls, on.Fn.Name), nil)
			}
			return true
		}
	case "forEach", "map", "filter", "some", "every", "find", "findIndex", "sort", "flatMap", "reduce":
		for _, a := range args {
			if a.Kind == Closure {
				with := []*Term{p.element(on)}
				if callee.Str == "reduce" {
					with = []*Term{unknown, p.element(on)}
				}
				x.follow(v, a, with, at(Callback, ""), nil)
			}
		}
		return true
	}
	return false
}

// setData follows this.setData({…}).
func (x *explorer) setData(v *visit, c *code.Value, on, data *Term, file *source.File) {
	p := x.p
	unit := on.Unit
	for _, d := range either(data) {
		if d.Kind == Closure { // React: setState(old => ({…}))
			d = p.settled(p.invoke(d, nil, nil, unit, "setState"))
		}
		if d.Kind != Literal || d.V.Kind != code.Object {
			if unit != nil {
				x.add(v, file, c.From, c.To, Effect{Kind: Set, Name: "", State: nil, Value: d})
			}
			continue
		}
		x.setObject(v, c, unit, d, file, 0)
	}
}

// brackets of a state's path, as in list[0].name.
var brackets = strings.NewReplacer("[", ".", "]", "")

func (x *explorer) setObject(v *visit, c *code.Value, unit *Unit, d *Term, file *source.File, depth int) {
	p := x.p
	for _, m := range d.V.Args {
		if m.Kind == code.Spread {
			if s := p.eval(m.Args[0], d.Env); s.Kind == Literal && s.V.Kind == code.Object && depth < 4 {
				x.setObject(v, c, unit, s, file, depth+1)
			}
			continue
		}
		if m.Kind != code.Prop {
			continue
		}
		key := m.Str
		if len(m.Args) > 1 {
			k := p.eval(m.Args[1], d.Env)
			key = k.Text()
			if _, ok := k.Const(); !ok {
				if !strings.Contains(key, ".…") { // form[key]: some member of form
					continue
				}
				key = strings.ReplaceAll(key, "…", "*")
			}
		}
		value := p.eval(m.Args[0], d.Env)
		if strings.IndexByte(key, '[') >= 0 || strings.IndexByte(key, ']') >= 0 {
			key = brackets.Replace(key)
		}
		site := m
		if m.From == m.To {
			site = c
		}
		x.set(v, file, site, &Term{Kind: State, Unit: unit, Str: key}, value, false)
	}
}

// global follows a call of the store and of the document's own events.
func (x *explorer) global(v *visit, c *code.Value, callee *Term, args []*Term, file *source.File, at func(StepKind, string) Step) bool {
	arg := func(i int) *Term {
		if i < len(args) {
			return args[i]
		}
		return undefined
	}
	switch {
	case strings.HasSuffix(callee.Str, "$store.commit"), strings.HasSuffix(callee.Str, "$store.dispatch"):
		kind := "mutations"
		if strings.HasSuffix(callee.Str, "dispatch") {
			kind = "actions"
		}
		if name, ok := arg(0).Const(); ok {
			x.commit(v, kind, name, args[1:], at)
		} else if arg(0).Kind == Literal {
			if name, ok := x.p.get(arg(0), "type").Const(); ok {
				x.commit(v, kind, name, args, at)
			}
		}
		return true
	case strings.HasSuffix(callee.Str, "addEventListener"), callee.Str == "$context.on":
		if ev, ok := arg(0).Const(); ok {
			loads := ev == "DOMContentLoaded" || ev == "load" || ev == "pageshow" || ev == "plusready"
			x.follow(v, arg(1), nil, at(Callback, ev), func(n *visit) {
				if !loads {
					n.after = Acting
				}
			})
		}
		return true
	case callee.Str == "$context.emit":
		if name, ok := arg(0).Const(); ok {
			x.emit(v, c, name, args[1:], file, at)
		}
		return true
	case callee.Str == "$" || callee.Str == "jQuery":
		x.follow(v, arg(0), nil, at(Callback, "ready"), nil)
		return true
	}
	return false
}

func (x *explorer) commit(v *visit, kind, name string, args []*Term, at func(StepKind, string) Step) {
	fn, context := x.p.commit(kind, name)
	if fn == nil {
		return
	}
	x.follow(v, fn, append([]*Term{context}, args...), at(Commit, name), nil)
}

// timer follows setTimeout and its kin.
func (x *explorer) timer(v *visit, name string, args []*Term, at func(StepKind, string) Step) bool {
	var wait float64
	switch name {
	case "setTimeout", "setInterval":
		if len(args) > 1 {
			wait, _ = strconv.ParseFloat(x.p.In(args[1], x.p.Initially).Text(), 64)
		}
	case "nextTick", "requestAnimationFrame", "queueMicrotask", "setImmediate":
	default:
		return false
	}
	for _, a := range args {
		x.follow(v, a, nil, at(Timer, name), func(n *visit) {
			n.delay += wait
			if n.delay >= patience {
				n.after = max(n.after, Acting)
			}
		})
	}
	return len(args) > 0
}

// hook follows what a setup or component function names to run with its page.
func (x *explorer) hook(v *visit, callee *Term, name string, args []*Term, at func(StepKind, string) Step) bool {
	if len(args) == 0 || callee.Kind != Global && callee.Kind != External {
		return false
	}
	if name == "watch" && len(args) > 1 {
		now := len(args) > 2 && x.p.get(args[2], "immediate").Truth() == True
		src := args[0]
		sources := []*Term{src}
		if src.Kind == Literal && src.V.Kind == code.Array {
			sources = x.p.evalAll(src.V.Args, src.Env)
		}
		for _, s := range sources {
			if s.Kind == Closure {
				s = x.p.invoke(s, nil, nil, v.frame.Unit, "watch")
			}
			x.p.settled(s).Walk(func(t *Term) bool {
				if t.Kind == State && t.Unit != nil && t.Str != "" {
					x.p.paged++
					key := watched{t.Unit.Name(), t.Str}
					x.pg.watching[key] = append(x.pg.watching[key], args[1])
				}
				return true
			})
		}
		if now {
			x.follow(v, args[1], []*Term{src}, at(Callback, "watch"), nil)
		}
		return true
	}
	runs, ok := hooks[name]
	if !ok {
		return false
	}
	if runs {
		x.follow(v, args[0], nil, at(Callback, name), nil)
	}
	return true
}

// platform records what a call of the platform or a library does, and follows what
// it was given to call back.
func (x *explorer) platform(v *visit, c *code.Value, file *source.File, kind EffectKind, name string, callee *Term, args []*Term, result *Term, at func(StepKind, string) Step) {
	if kind != 0 {
		x.add(v, file, c.From, c.To, Effect{
			Kind: kind, Name: name, Callee: callee, Args: args, Result: result, Text: x.p.textOf(kind, name, args),
		})
	}
	waits := kind == Dialog || interactive(name)
	x.callbacks(v, args, result, waits, true, at, nil)
}

// callbacks follows the functions among a call's arguments and their members.
func (x *explorer) callbacks(v *visit, args []*Term, result *Term, waits, sure bool, at func(StepKind, string) Step, only func(*Term) bool) {
	one := func(fn *Term, key string) {
		if only != nil && !only(fn) {
			return
		}
		failing := key == "fail" || key == "error" || key == "onError" || key == "cancel" || key == "onCancel" || key == "fails"
		x.follow(v, fn, []*Term{result}, at(Callback, key), func(n *visit) {
			n.sure = n.sure && sure
			if waits {
				n.after = Acting
			} else if failing {
				n.after = max(n.after, Failing)
			}
		})
	}
	for _, a := range args {
		switch a.Kind {
		case Closure:
			one(a, "")
		case Literal:
			if a.V.Kind != code.Object {
				continue
			}
			for _, m := range a.V.Args {
				if m.Kind == code.Prop && len(m.Args) == 1 && (m.Args[0].Kind == code.Function || m.Args[0].Kind == code.Local || m.Args[0].Kind == code.Member || m.Args[0].Kind == code.Call) {
					if fn := x.p.eval(m.Args[0], a.Env); fn.Kind == Closure {
						one(fn, m.Str)
					}
				}
			}
		}
	}
}

// outside records a call of something that is not in the project.
func (x *explorer) outside(v *visit, c *code.Value, file *source.File, name string, callee *Term, args []*Term, result *Term, at func(StepKind, string) Step) {
	first, _, _ := strings.Cut(name, ".")
	if silent[first] && callee.Kind == Global || name == "" && len(args) == 0 {
		return
	}
	if callee.Kind == Method && (callee.Args[0].Kind == String || callee.Args[0].Kind == Literal) || composing[lastName(name)] && setupCall(callee) {
		return
	}
	if result.Kind == Instance || finding[lastName(name)] { // getApp(), useStore(): asked for, nothing done
		return
	}
	kind := Outside
	text := ""
	for _, a := range args {
		s := a.Text()
		if a.Kind == Literal {
			for _, key := range []string{"url", "path", "api"} {
				if s = x.p.get(a, key).Text(); s != "" {
					break
				}
			}
		}
		if strings.HasPrefix(s, "/") && len(s) > 2 || strings.HasPrefix(s, "http") || strings.Count(s, "/") > 0 && !strings.ContainsAny(s, " \n，。") && len(s) < 120 {
			kind, text = Request, s
			break
		}
	}
	if callee.Kind == Unknown && len(callee.Args) == 0 {
		x.trace.Unknown++
	}
	x.add(v, file, c.From, c.To, Effect{Kind: kind, Name: name, Callee: callee, Args: args, Result: result, Text: text})
	// a platform's call answers by itself, whatever it does
	x.callbacks(v, args, result, interactive(name), callee.Kind == External && platforms[callee.Name] || strings.Contains(name, ".") && platforms[first] && callee.Kind == Global, at, nil)
}

// textOf is the written words or address of a call.
func (p *Program) textOf(kind EffectKind, name string, args []*Term) string {
	if len(args) == 0 {
		return ""
	}
	first := args[0]
	member := func(keys ...string) string {
		var parts []string
		for _, k := range keys {
			if s := p.textIn(p.get(first, k)); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, " ")
	}
	if s := p.textIn(first); s != "" {
		if kind == Dialog && len(args) > 1 {
			s += " " + args[1].Text()
		}
		return s
	}
	if first.Kind != Literal && first.Kind != Choice {
		return ""
	}
	switch kind {
	case Dialog, Toast:
		return member("title", "content", "message", "confirmText", "okText", "text", "msg")
	case Navigate:
		return member("url", "path", "name")
	case Request:
		if lastName(name) == "callFunction" {
			return member("name")
		}
		return member("url", "path", "name", "api")
	case Store, Load, Forget:
		return member("key")
	}
	return ""
}

// textIn is the written characters of a value, also of one that a function of the
// project puts together: api.url('user', 'login').
func (p *Program) textIn(t *Term) string {
	if s := t.Text(); s != "" || t.Kind != Result || t.Fn == nil {
		return s
	}
	return p.settled(t).Text()
}
