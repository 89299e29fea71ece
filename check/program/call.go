package program

import (
	"slices"
	"strconv"
	"strings"

	"clew/check/code"
)

// call is the result of a call or new, the same term each time it is asked for in
// one frame. It does not follow effects; see explorer.
func (p *Program) call(v *code.Value, f *Frame) *Term {
	if t, ok := f.calls[v]; ok {
		if t == pending {
			p.hazy++
			return unknown
		}
		return t
	}
	if f.calls == nil {
		f.calls = map[*code.Value]*Term{}
	}
	f.calls[v] = pending
	callee := p.eval(v.Args[0], f)
	args := p.evalAll(v.Args[1:], f)
	t := p.apply(v, f, callee, args)
	f.calls[v] = t
	return t
}

// called is call where what is called, and with what, was worked out before.
func (p *Program) called(v *code.Value, f *Frame, callee *Term, args []*Term) *Term {
	if f.calls[v] != nil {
		return p.call(v, f)
	}
	if f.calls == nil {
		f.calls = map[*code.Value]*Term{}
	}
	f.calls[v] = pending
	t := p.apply(v, f, callee, args)
	f.calls[v] = t
	return t
}

func (p *Program) apply(v *code.Value, f *Frame, callee *Term, args []*Term) *Term {
	if v.Kind == code.New {
		return p.construct(v, f, callee, args)
	}
	name := calleeName(callee, v.Args[0])
	leaf := lastName(name)
	switch callee.Kind {
	case Closure:
		t := p.invoke(callee, args, nil, f.Unit, name)
		if t.Env != nil {
			t.Env.site = f.site*31 + v.From
		}
		return t
	case Method:
		if t, ok := p.method(callee, args, f); ok {
			return t
		}
	case Global, External:
		if t, ok := p.builtin(v, f, callee, leaf, args); ok {
			return t
		}
	case Result:
		if callee.Str == "" && lastName(callee.Name) == "defineStore" {
			if t := p.piniaStore(callee); t != nil {
				return t
			}
		}
	case Choice:
		var list []*Term
		for _, c := range callee.Args {
			if c.Kind == Closure {
				list = append(list, p.invoke(c, args, nil, f.Unit, name))
			}
		}
		if len(list) > 0 {
			return choice(list)
		}
	}
	return &Term{
		Kind: Result, Name: name, Args: append([]*Term{callee}, args...), V: v,
		Interactive: interactive(name) || slices.ContainsFunc(receiver(callee), func(t *Term) bool { return t.Interactive }),
	}
}

// receiver is what a method is called on.
func receiver(callee *Term) []*Term {
	if callee.Kind == Method || callee.Kind == Result {
		return callee.Args
	}
	return nil
}

// invoke calls a function of the project.
func (p *Program) invoke(c *Term, args []*Term, this *Term, unit *Unit, name string) *Term {
	if this == nil && len(c.Args) > 0 {
		this = c.Args[0]
	}
	if p.frames > maxFrames {
		p.hazy++
		return unknown
	}
	env := p.enter(c, args, this, unit)
	return &Term{Kind: Result, Name: name, Args: append([]*Term{c}, args...), Fn: c.Fn, Env: env}
}

// returned is what the function of a result returns, nil where that is not known.
func (p *Program) returned(t *Term) *Term {
	if t.Fn == nil || t.Env == nil {
		return nil
	}
	if p.depth > maxDepth/2 {
		p.hazy++
		return nil
	}
	if t.Env.Fn == t.Fn && t.Env.gives != nil {
		return t.Env.gives
	}
	r := p.findReturned(t)
	if t.Env.Fn == t.Fn && (p.depth == 0 || p.fuel >= 0) {
		t.Env.gives = r
	}
	return r
}

func (p *Program) findReturned(t *Term) *Term {
	var list []*Term
	for i := range t.Fn.Ops {
		op := &t.Fn.Ops[i]
		if op.Kind != code.OpReturn || op.Value == nil {
			continue
		}
		if p.blocked(op.Guard, t.Env) {
			continue
		}
		if len(list) == 4 {
			list = append(list, unknown)
			break
		}
		list = append(list, p.eval(op.Value, t.Env))
	}
	if len(list) == 0 {
		return undefined
	}
	return choice(dedupe(list))
}

// blocked reports whether conditions are known not to hold.
func (p *Program) blocked(g *code.Guard, f *Frame) bool {
	for ; g != nil; g = g.Parent {
		if g.Cond == nil || g.Kind == code.Loop {
			continue
		}
		switch p.eval(g.Cond, f).Truth() {
		case True:
			if g.Not {
				return true
			}
		case False:
			if !g.Not {
				return true
			}
		}
	}
	return false
}

// settled is the value behind a promise, as far as it is known.
func (p *Program) settled(t *Term) *Term {
	for range 4 {
		if t.Kind != Result || t.Str != "" {
			return t
		}
		if t.Fn != nil {
			r := p.returned(t)
			if r == nil || r.Kind == Unknown && len(r.Args) == 0 || r == t {
				return t
			}
			if r.Kind == Result && r.Name == "Promise" {
				return t
			}
			t = r
			continue
		}
		if t.Name == "Promise.resolve" && len(t.Args) > 1 {
			t = t.Args[1]
			continue
		}
		return t
	}
	return t
}

func (p *Program) construct(v *code.Value, f *Frame, callee *Term, args []*Term) *Term {
	if callee.Kind == Literal && callee.V.Kind == code.ClassDef {
		return &Term{Kind: Object, V: callee.V, Env: callee.Env, Args: args}
	}
	name := calleeName(callee, v.Args[0])
	return &Term{Kind: Result, Name: name, Args: append([]*Term{callee}, args...), V: v}
}

// method is a call of a method that the language or the framework gives.
func (p *Program) method(m *Term, args []*Term, f *Frame) (*Term, bool) {
	on := m.Args[0]
	switch m.Str {
	case "bind":
		if on.Kind == Closure {
			bound := *on
			if len(args) > 0 && args[0].Kind != Null && args[0].Kind != Undefined {
				bound.Args, bound.traits = []*Term{args[0]}, 0
			}
			return &bound, true
		}
	case "call":
		if on.Kind == Closure {
			var this *Term
			if len(args) > 0 {
				this = args[0]
				args = args[1:]
			}
			return p.invoke(on, args, this, f.Unit, on.Fn.Name), true
		}
	case "apply":
		if on.Kind == Closure {
			var this *Term
			if len(args) > 0 {
				this = args[0]
			}
			var rest []*Term
			if len(args) > 1 && args[1].Kind == Literal && args[1].V.Kind == code.Array {
				rest = p.evalAll(args[1].V.Args, args[1].Env)
			} else if len(args) > 1 && args[1].Kind == Unknown && args[1].Name == argumentsName {
				rest = args[1].Args
			}
			return p.invoke(on, rest, this, f.Unit, on.Fn.Name), true
		}
	case "trim", "toString":
		if on.Kind == String {
			return on, true
		}
	}
	return nil, false
}

// builtin is a call of something that is not the project's.
func (p *Program) builtin(v *code.Value, f *Frame, callee *Term, leaf string, args []*Term) (*Term, bool) {
	arg := func(i int) *Term {
		if i < len(args) {
			return args[i]
		}
		return undefined
	}
	switch leaf {
	case "getApp":
		if p.Project.App != nil && (callee.Kind == Global || callee.Kind == External) {
			return &Term{Kind: Instance, Unit: p.Unit(p.Project.App)}, true
		}
	case "ref", "shallowRef", "reactive", "shallowReactive", "useState", "useRef", "customRef", "useSetState":
		if u := f.Unit; u != nil && setupCall(callee) {
			key := "@" + strconv.Itoa(int(v.From))
			if f.site != 0 { // a composable: each of its calls makes its own
				key += "-" + strconv.Itoa(int(f.site))
			}
			u.initial(key, arg(0))
			u.name(key, v, f)
			s := &Term{Kind: State, Unit: u, Str: key}
			if leaf == "useState" || leaf == "useSetState" {
				return &Term{Kind: Result, Name: "useState", Args: []*Term{callee, s}, V: v}, true
			}
			u.boxes[key] = leaf != "reactive" && leaf != "shallowReactive"
			return s, true
		}
	case "computed", "useMemo":
		if fn := arg(0); setupCall(callee) {
			if fn.Kind == Literal {
				fn = p.get(fn, "get")
			}
			if fn.Kind == Closure {
				r := p.invoke(fn, nil, nil, f.Unit, leaf)
				if leaf == "useMemo" {
					return p.settled(r), true
				}
				return r, true
			}
		}
	case "useCallback", "useMemoizedFn", "useEvent", "usePersistFn", "storeToRefs", "toRefs", "unref", "toRaw", "markRaw", "readonly", "debounce", "throttle":
		if len(args) > 0 && (callee.Kind == External || setupCall(callee) || args[0].Kind == Closure) {
			return args[0], true
		}
	case "toRef":
		if k, ok := arg(1).Const(); ok {
			return p.get(arg(0), k), true
		}
	case "defineProps", "withDefaults":
		if f.Unit != nil {
			if arg(0).Kind == State {
				return arg(0), true
			}
			return &Term{Kind: State, Unit: f.Unit}, true
		}
	case "defineEmits":
		if f.Unit != nil {
			return &Term{Kind: Method, Str: "$emit", Args: []*Term{{Kind: Instance, Unit: f.Unit}}}, true
		}
	case "defineModel":
		if f.Unit != nil {
			name := "modelValue"
			if s, ok := arg(0).Const(); ok {
				name = s
			}
			f.Unit.boxes[name] = true
			return &Term{Kind: State, Unit: f.Unit, Str: name}, true
		}
	case "getCurrentInstance":
		if f.Unit != nil && setupCall(callee) {
			return &Term{Kind: Instance, Unit: f.Unit}, true
		}
	case "useStore":
		if f.Unit != nil && setupCall(callee) {
			return &Term{Kind: Global, Str: "$store"}, true
		}
	case "String", "Boolean", "Number", "parseInt", "parseFloat":
		if callee.Kind == Global && len(args) > 0 {
			switch {
			case leaf == "Boolean":
				return p.unary(notOp, p.unary(notOp, args[0])), true
			case args[0].constant():
				return &Term{Kind: map[bool]TermKind{true: String, false: Number}[leaf == "String"], Str: args[0].Str}, true
			}
		}
	case "freeze", "parse", "stringify", "cloneDeep", "deepClone":
		if len(args) == 1 && callee.Kind == Global && strings.HasPrefix(callee.Str, "Object.") {
			return args[0], true
		}
	}
	return nil, false
}

// setupCall: the frameworks' composition functions, imported or put there by a
// build step.
func setupCall(callee *Term) bool {
	if callee.Kind == Global {
		return !strings.Contains(callee.Str, ".") || strings.HasPrefix(callee.Str, "Vue.") || strings.HasPrefix(callee.Str, "React.")
	}
	return callee.Kind == External
}

// calleeName is the dotted name by which something is called, as a reader of the
// code would say it: "uni.showModal", "this.$refs.popup.open", "api.login".
func calleeName(callee *Term, written *code.Value) string {
	switch callee.Kind {
	case Global:
		return callee.Str
	case External:
		if callee.Str == "" {
			return callee.Name
		}
		return callee.Name + "." + callee.Str
	}
	return writtenName(written)
}

// maxLinks is how many links of a chain of members and calls a name has; a longer
// one begins with "…", so that a chain of thousands costs no more than its length.
const maxLinks = 24

// writtenName is what a callee is called in the source, as "wx.login" or
// "this.go().then"; "" where it has no name.
func writtenName(v *code.Value) string {
	var links [maxLinks]string
	n := maxLinks
	root := ""
	for done := false; !done; {
		switch v.Kind {
		case code.Member:
			n--
			links[n], v = "."+v.Str, v.Args[0]
		case code.Call:
			n--
			links[n], v = "()", v.Args[0]
		case code.Index:
			v = v.Args[0]
			continue
		case code.Local:
			root, done = v.Var.Name, true
		case code.Global:
			root, done = v.Str, true
		case code.Imported:
			if root = v.Str; v.Name != "default" && v.Name != "*" {
				root = v.Name
			}
			done = true
		case code.This:
			root, done = "this", true
		default:
			done = true
		}
		if n == 0 && !done {
			root, done = "…", true
		}
	}
	if n == maxLinks {
		return root
	}
	name := root + strings.Join(links[n:], "")
	if root == "" {
		return strings.TrimPrefix(name, ".")
	}
	return name
}

// lastName is what stands behind the last dot.
func lastName(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i+1:]
	}
	return name
}
