package program

import (
	"strconv"

	"clew/check/code"
)

// Frame is one call of a function: what its names mean.
type Frame struct {
	Fn     *code.Func
	Args   []*Term // nil in a frame of nobody's call: parameters are unknown
	This   *Term
	Parent *Frame // of the function around
	Unit   *Unit  // on whose behalf it runs; nil at the top of a module
	mod    *module
	site   int32 // tells the calls of one function apart; 0 where no expression calls
	node   *Node // of an expression in a template: where its names are looked up
	vars   map[*code.Var]*Term
	calls  map[*code.Value]*Term
	gives  *Term    // see returned; nil before it was asked for
	ends   []Return // see Returns; nil before it was asked for
}

// bounds of evaluation; what lies beyond is unknown.
const (
	maxDepth  = 120
	maxFrames = 400_000
	maxWrites = 6
)

// frameOf is the frame of fn as seen from f: the one around it in which fn's names
// live, or a frame of nobody's call.
func (p *Program) frameOf(fn *code.Func, f *Frame) *Frame {
	for g := f; g != nil; g = g.Parent {
		if g.Fn == fn {
			return g
		}
	}
	return p.staticFrame(fn)
}

func (p *Program) staticFrame(fn *code.Func) *Frame {
	if fn == nil {
		return nil
	}
	if f := p.static[fn]; f != nil {
		return f
	}
	f := &Frame{Fn: fn, Parent: p.staticFrame(fn.Parent)}
	if f.Parent != nil {
		f.Unit, f.mod = f.Parent.Unit, f.Parent.mod
		if fn.Arrow {
			f.This = f.Parent.This
		}
	}
	p.static[fn] = f
	return f
}

// enter makes the frame of a call.
func (p *Program) enter(c *Term, args []*Term, this *Term, unit *Unit) *Frame {
	p.frames++
	f := &Frame{Fn: c.Fn, Args: args, This: this, Parent: c.Env, Unit: unit}
	if f.Args == nil {
		f.Args = []*Term{}
	}
	if c.Env != nil {
		f.mod = c.Env.mod
		if unit == nil {
			f.Unit = c.Env.Unit
		}
		if c.Fn.Arrow {
			f.This = p.frameOf(c.Fn.Parent, c.Env).This
		}
	}
	return f
}

// eval is what is known of a value in a frame.
func (p *Program) eval(v *code.Value, f *Frame) *Term {
	if v == nil {
		return undefined
	}
	if p.depth == 0 {
		p.refuel()
	}
	if p.fuel--; p.depth > maxDepth || p.fuel < 0 {
		p.hazy++
		return unknown
	}
	p.depth++
	t := p.evaluate(v, f)
	p.depth--
	return t
}

func (p *Program) evaluate(v *code.Value, f *Frame) *Term {
	switch v.Kind {
	case code.Undefined:
		return undefined
	case code.Null:
		return null
	case code.Bool:
		return boolean(v.Str == "true")
	case code.Number:
		return p.constant(Number, v, f)
	case code.String:
		return p.constant(String, v, f)
	case code.Template:
		return p.concat(p.spelled(p.evalAll(v.Args, f)...))
	case code.Array, code.Object, code.ClassDef:
		return &Term{Kind: Literal, V: v, Env: f}
	case code.Function:
		return &Term{Kind: Closure, Fn: v.Func, Env: f}
	case code.Local:
		return p.variable(v.Var, f)
	case code.Global:
		return p.global(v.Str, f)
	case code.Imported:
		return p.imported(v, p.moduleOf(f))
	case code.This:
		if v.Func == nil {
			return undefined
		}
		if g := p.frameOf(v.Func, f); g.This != nil {
			return g.This
		}
		return unknown
	case code.Super:
		return unknown
	case code.Member:
		return p.mutable(v, p.written(v, f), f)
	case code.Index:
		of := p.eval(v.Args[0], f)
		if k, ok := p.eval(v.Args[1], f).Const(); ok {
			return p.get(of, k)
		}
		return p.element(of)
	case code.Call, code.New:
		return p.call(v, f)
	case code.Await:
		return p.settled(p.eval(v.Args[0], f))
	case code.Conditional:
		test := p.eval(v.Args[0], f)
		switch test.Truth() {
		case True:
			return p.eval(v.Args[1], f)
		case False:
			return p.eval(v.Args[2], f)
		}
		return &Term{Kind: Choice, Args: []*Term{p.eval(v.Args[1], f), p.eval(v.Args[2], f)}, rare: &rare{test: test}}
	case code.Logical:
		return p.logical(v.Op, p.eval(v.Args[0], f), func() *Term { return p.eval(v.Args[1], f) })
	case code.Binary:
		return p.binary(v.Op, p.eval(v.Args[0], f), p.eval(v.Args[1], f))
	case code.Unary:
		return p.unary(v.Op, p.eval(v.Args[0], f))
	case code.Assign:
		return p.eval(v.Args[1], f)
	case code.Sequence:
		return p.eval(v.Args[len(v.Args)-1], f)
	case code.JSX:
		return &Term{Kind: Literal, V: v, Env: f}
	}
	return unknown
}

// constant is the term of a constant, for one that is written in f's module each time
// the same.
func (p *Program) constant(kind TermKind, v *code.Value, f *Frame) *Term {
	m := p.moduleOf(f)
	if m == nil || v.Constant == 0 || int(v.Constant) > m.code.Constants {
		return &Term{Kind: kind, Str: v.Str}
	}
	if m.constants == nil {
		m.constants = make([]*Term, m.code.Constants)
	}
	at := &m.constants[v.Constant-1]
	if *at == nil {
		*at = &Term{Kind: kind, Str: v.Str}
	} else if (*at).Kind != kind || (*at).Str != v.Str { // v is written in a template
		return &Term{Kind: kind, Str: v.Str}
	}
	return *at
}

func (p *Program) evalAll(list []*code.Value, f *Frame) []*Term {
	out := make([]*Term, 0, len(list))
	for _, v := range list {
		if v.Kind == code.Spread {
			t := p.eval(v.Args[0], f)
			if t.Kind == Literal && t.V.Kind == code.Array {
				out = append(out, p.evalAll(t.V.Args, t.Env)...)
				continue
			}
			if t.Kind == Unknown && t.Name == argumentsName {
				out = append(out, t.Args...)
				continue
			}
			out = append(out, from(t))
			continue
		}
		out = append(out, p.eval(v, f))
	}
	return out
}

func (p *Program) moduleOf(f *Frame) *module {
	for ; f != nil; f = f.Parent {
		if f.mod != nil {
			return f.mod
		}
	}
	return nil
}

// variable is what a name means.
func (p *Program) variable(w *code.Var, f *Frame) *Term {
	g := p.frameOf(w.Func, f)
	if g == nil {
		return unknown
	}
	if t, ok := g.vars[w]; ok {
		if t == pending {
			p.hazy++
			return unknown
		}
		return t
	}
	if g.vars == nil {
		g.vars = map[*code.Var]*Term{}
	}
	g.vars[w] = pending // a value that is made of itself
	t := p.findVariable(w, g)
	g.vars[w] = t
	return t
}

func (p *Program) findVariable(w *code.Var, g *Frame) *Term {
	var list []*Term
	if w.Param >= 0 {
		switch {
		case g.Args == nil:
			list = append(list, &Term{Kind: Unknown})
		case w.Rest:
			list = append(list, &Term{Kind: Unknown, Name: argumentsName, Args: g.Args[min(w.Param, len(g.Args)):]})
		case w.Param < len(g.Args):
			list = append(list, g.Args[w.Param])
		default:
			if len(w.Writes) == 0 {
				list = append(list, undefined)
			}
		}
		if len(list) == 1 && len(w.Writes) == 0 {
			return list[0]
		}
		if len(list) == 1 && list[0].Kind != Undefined && list[0].Kind != Unknown && len(w.Writes) == 1 {
			return list[0] // the default is not needed
		}
	}
	for i, write := range w.Writes {
		if i == maxWrites {
			list = append(list, unknown)
			break
		}
		t := p.eval(write, g)
		if t.Kind == Undefined && len(w.Writes) > 1 {
			continue
		}
		list = append(list, t)
	}
	if w.Open {
		list = append(list, unknown)
	}
	if len(list) == 0 {
		return undefined
	}
	if len(list) > 1 && w.Param < 0 && isDefault(w, list) {
		return list[0]
	}
	return choice(dedupe(list))
}

// isDefault: a name of a pattern with a default, of which the value is known.
func isDefault(w *code.Var, list []*Term) bool {
	return len(w.Writes) == 2 && w.Writes[0].Kind == code.Member && list[0].Kind != Unknown && list[0].Kind != Undefined
}

func dedupe(list []*Term) []*Term {
	out := list[:0:0]
next:
	for _, t := range list {
		if t.Kind == Unknown && len(t.Args) == 0 && len(out) > 0 {
			continue
		}
		for _, o := range out {
			if o == t || o.Kind == t.Kind && o.constant() && o.Str == t.Str {
				continue next
			}
		}
		out = append(out, t)
	}
	if len(out) > 1 && out[0].Kind == Unknown && len(out[0].Args) == 0 {
		out = out[1:]
	}
	return out
}

// global is a name that the file does not declare.
func (p *Program) global(name string, f *Frame) *Term {
	switch name {
	case "undefined":
		return undefined
	case "NaN":
		return &Term{Kind: Number, Str: "NaN"}
	case "Infinity":
		return &Term{Kind: Number, Str: "Infinity"}
	case "arguments":
		return arguments(f)
	}
	for g := f; g != nil; g = g.Parent {
		if g.node != nil {
			return p.named(name, g.node)
		}
		if g.Parent == nil && g.Unit != nil && len(g.Unit.scripts) > 0 {
			if t := g.Unit.shared(name); t != nil {
				return t
			}
		}
	}
	return &Term{Kind: Global, Str: name}
}

// get is a member of what t is.
func (p *Program) get(t *Term, name string) *Term {
	if p.depth == 0 {
		p.refuel()
	}
	if p.fuel--; p.depth > maxDepth || p.fuel < 0 {
		p.hazy++
		return unknown
	}
	p.depth++
	m := p.memberIn(t, name)
	p.depth--
	return m
}

func (p *Program) memberIn(t *Term, name string) *Term {
	switch t.Kind {
	case Literal:
		return p.property(t, name)
	case Instance:
		return p.memberOf(t.Unit, name, t)
	case State:
		return p.stateMember(t, name)
	case Param, Object, Result, External, Global, Refs:
		return p.path(t, name)
	case Namespace:
		return p.export(t.mod(), name)
	case Choice:
		var list []*Term
		for _, a := range t.Args {
			if g := p.get(a, name); g.Kind != Undefined {
				list = append(list, g)
			}
		}
		return choice(dedupe(list))
	case Closure:
		switch name {
		case "bind", "call", "apply":
			return made(Method, 0, name, t)
		}
		return from(t)
	case Method:
		return &Term{Kind: Method, Str: t.Str + "." + name, Args: t.Args}
	case String:
		if name == "length" {
			return &Term{Kind: Number, Str: strconv.Itoa(len([]rune(t.Str)))}
		}
		return made(Method, 0, name, t)
	case Undefined, Null:
		return undefined
	case Op:
		switch t.Operator {
		case orOp, nullishOp: // (stored || {}).name
			a, b := p.get(t.Args[0], name), p.get(t.Args[1], name)
			if a.Kind == Undefined {
				return b
			}
			return operation(t.Operator, a, b)
		case andOp:
			return p.get(t.Args[1], name)
		}
		return made(Method, 0, name, t)
	case Unknown, Concat, Setter:
		if t.Name == argumentsName {
			if i, err := strconv.Atoi(name); err == nil {
				if i < 0 || i >= len(t.Args) {
					return undefined
				}
				return t.Args[i]
			}
			if name == "length" {
				return &Term{Kind: Number, Str: strconv.Itoa(len(t.Args))}
			}
		}
		return made(Method, 0, name, t)
	}
	return unknown
}

// path is a member of something of which only the origin is known.
func (p *Program) path(t *Term, name string) *Term {
	switch t.Kind {
	case Object:
		if t.Str == "" {
			if t.Unit != nil && t.Unit.react && (name == "state" || name == "props") {
				return &Term{Kind: State, Unit: t.Unit}
			}
			if m := p.classMember(t, name); m != nil {
				return m
			}
			switch name {
			case "setState", "setData", "triggerEvent", "$emit", "$nextTick", "$refs", "$store", "selectComponent":
				if t.Unit != nil {
					return p.memberOf(t.Unit, name, t)
				}
			}
		}
	case Result:
		if t.Str == "" {
			if t.Name == "useState" && len(t.Args) == 2 && t.Args[1].Kind == State {
				switch name {
				case "0":
					return t.Args[1]
				case "1":
					return &Term{Kind: Setter, Unit: t.Args[1].Unit, Str: t.Args[1].Str}
				}
			}
			if t.Name == "detail" && name == "detail" && t.V == nil && t.Fn == nil && len(t.Args) > 0 {
				return t.Args[0] // what a component told its host
			}
			if isMapHelper(t.Name) {
				if m := p.mapped(t.Under(name), name); m != nil {
					return m
				}
				return undefined
			}
			if name == "value" && t.Name == "computed" {
				return p.settled(t)
			}
			if r := p.returned(t); r != nil && r.Kind != Unknown && r != t {
				if got := p.get(r, name); got.Kind != Unknown && got.Kind != Undefined {
					return got
				}
			}
			switch t.Name {
			case "Object.assign", "merge", "extend", "assign", "defineStore":
				for i := len(t.Args) - 1; i > 0; i-- {
					if got := p.get(t.Args[i], name); got.Kind != Unknown && got.Kind != Undefined {
						return got
					}
				}
			}
		}
	case Global:
		switch t.Str {
		case "window", "globalThis", "global", "self":
			return &Term{Kind: Global, Str: name}
		case "$store.state":
			if s := p.storeState(name); s != nil {
				return s
			}
		case "$store.getters":
			if g := p.shared().getters[name]; g != nil && g.Kind == Closure {
				if root := p.storeState(p.shared().path["getters"+name]); root != nil {
					return p.settled(p.invoke(g, []*Term{root}, undefined, nil, name))
				}
			}
		}
	}
	if t.Kind == Param && t.Str == "currentTarget.dataset" && t.rare != nil {
		if a := t.rare.node.prop("data" + name); a != nil && a.Expr == nil {
			return &Term{Kind: String, Str: a.Value}
		} else if a != nil {
			if v := p.Look(t.rare.node, a.Expr); v.constant() {
				return v
			}
		}
	}
	c := *t
	c.Str, c.traits = join(t.Str, name), 0
	c.Fn, c.Env = nil, nil
	if t.Kind == Object || t.Kind == Refs {
		c.Env = t.Env
	}
	return &c
}

// property is a key of an object, array or class as written.
func (p *Program) property(t *Term, name string) *Term {
	switch t.V.Kind {
	case code.Array:
		if i, err := strconv.Atoi(name); err == nil {
			if i >= 0 && i < len(t.V.Args) && !hasSpread(t.V.Args[:i+1]) {
				return p.eval(t.V.Args[i], t.Env)
			}
			return undefined
		}
		if name == "length" && !hasSpread(t.V.Args) {
			return &Term{Kind: Number, Str: strconv.Itoa(len(t.V.Args))}
		}
		return made(Method, 0, name, t)
	case code.ClassDef:
		for i, m := range t.V.Class.Members {
			if m.Kind == code.Prop && m.Str == name && i < len(t.V.Class.Static) && t.V.Class.Static[i] {
				return p.eval(m.Args[0], t.Env)
			}
		}
		return unknown
	case code.Object:
		partial := false
		last := len(t.V.Args) - 1
		if index := p.index(t.V); index != nil {
			at, ok := index[name]
			if !ok {
				return p.grownMember(t, name)
			}
			last = at
		}
		for i := last; i >= 0; i-- {
			m := t.V.Args[i]
			switch {
			case m.Kind == code.Spread:
				key := going{m, name}
				if p.going[key] {
					p.hazy++
					continue
				}
				p.going[key] = true
				s := p.eval(m.Args[0], t.Env)
				got := p.get(s, name)
				delete(p.going, key)
				if got.Kind != Undefined && got.Kind != Unknown && (got.Kind != Method || got.Name != "") {
					return got
				}
				partial = partial || s.Kind != Literal
			case m.Kind != code.Prop:
			case len(m.Args) > 1:
				if k, ok := p.eval(m.Args[1], t.Env).Const(); !ok {
					partial = true
				} else if k == name {
					return p.eval(m.Args[0], t.Env)
				}
			case m.Str == name:
				v := p.eval(m.Args[0], t.Env)
				if v.Kind == Closure {
					if m.Flag { // a getter
						return p.settled(p.invoke(v, nil, t, nil, "get"))
					}
					return &Term{Kind: Closure, Fn: v.Fn, Env: v.Env, Args: []*Term{t}}
				}
				return v
			}
		}
		if g := p.grownMember(t, name); g.Kind != Undefined || !partial {
			return g
		}
		return unknown
	}
	return unknown
}

func hasSpread(list []*code.Value) bool {
	for _, v := range list {
		if v.Kind == code.Spread {
			return true
		}
	}
	return false
}

// element is a member of a list or object whose key is not known.
func (p *Program) element(t *Term) *Term {
	if t.Kind == Literal && (t.V.Kind == code.Array || t.V.Kind == code.Object) && len(t.V.Args) <= 12 {
		var list []*Term
		for _, a := range t.V.Args {
			switch {
			case a.Kind == code.Prop:
				v := p.eval(a.Args[0], t.Env)
				list = append(list, v)
			case a.Kind != code.Spread:
				list = append(list, p.eval(a, t.Env))
			}
		}
		return choice(dedupe(list))
	}
	if t.Kind == State || t.Kind == Param || t.Kind == Result {
		return p.path(t, "*")
	}
	return from(t)
}

// classMember is a method or field of an instance of a class.
func (p *Program) classMember(t *Term, name string) *Term {
	def, env := t.V, t.Env
	for range 8 {
		if def == nil || def.Class == nil {
			return nil
		}
		for i, m := range def.Class.Members {
			if m.Kind != code.Prop || m.Str != name || i < len(def.Class.Static) && def.Class.Static[i] {
				continue
			}
			in := env
			if def.Class.Init != nil && (m.Args[0].Kind != code.Function || m.Args[0].Func.Parent == def.Class.Init) {
				in = p.initFrame(def.Class.Init, t, env)
			}
			v := p.eval(m.Args[0], in)
			if v.Kind == Closure {
				return &Term{Kind: Closure, Fn: v.Fn, Env: v.Env, Args: []*Term{t}}
			}
			return v
		}
		if def.Class.Super == nil {
			return nil
		}
		up := p.eval(def.Class.Super, env)
		if up.Kind != Literal || up.V.Kind != code.ClassDef {
			return nil
		}
		def, env = up.V, up.Env
	}
	return nil
}

// initFrame is the frame in which the fields of an instance get their values: this is
// the instance there, also in the arrow functions that are written as fields.
func (p *Program) initFrame(init *code.Func, instance *Term, env *Frame) *Frame {
	key := fielded{init, instance}
	f := p.fields[key]
	if f == nil {
		f = &Frame{Fn: init, This: instance, Parent: env, Unit: instance.Unit}
		if env != nil {
			f.mod = env.mod
			if f.Unit == nil {
				f.Unit = env.Unit
			}
		}
		if p.fields == nil {
			p.fields = map[fielded]*Frame{}
		}
		p.fields[key] = f
	}
	return f
}

type fielded struct {
	init     *code.Func
	instance *Term
}

// maxText is how long a text made of texts may become, in bytes.
const maxText = 1 << 18
