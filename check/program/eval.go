package program

import (
	"strconv"
	"strings"

	"clew/check/code"
	"clew/check/source/js"
)

// Frame is one call of a function: what its names mean.
type Frame struct {
	Fn     *code.Func
	Args   []*Term // nil in a frame of nobody's call: parameters are unknown
	This   *Term
	Parent *Frame // of the function around
	Unit   *Unit  // on whose behalf it runs; nil at the top of a module
	mod    *module
	node   *Node // of an expression in a template: where its names are looked up
	vars   map[*code.Var]*Term
	calls  map[*code.Value]*Term
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
		return unknown
	}
	p.depth++
	defer func() { p.depth-- }()
	switch v.Kind {
	case code.Undefined:
		return undefined
	case code.Null:
		return null
	case code.Bool:
		return boolean(v.Str == "true")
	case code.Number:
		return &Term{Kind: Number, Str: v.Str}
	case code.String:
		return &Term{Kind: String, Str: v.Str}
	case code.Template:
		return p.concat(p.evalAll(v.Args, f))
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
		return p.get(p.eval(v.Args[0], f), v.Str)
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
		return choice([]*Term{p.eval(v.Args[1], f), p.eval(v.Args[2], f)})
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

func (p *Program) evalAll(list []*code.Value, f *Frame) []*Term {
	out := make([]*Term, 0, len(list))
	for _, v := range list {
		if v.Kind == code.Spread {
			t := p.eval(v.Args[0], f)
			if t.Kind == Literal && t.V.Kind == code.Array {
				out = append(out, p.evalAll(t.V.Args, t.Env)...)
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
		return t
	}
	if g.vars == nil {
		g.vars = map[*code.Var]*Term{}
	}
	g.vars[w] = unknown // a value that is made of itself
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
			list = append(list, from(g.Args[min(w.Param, len(g.Args)):]...))
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
		return unknown
	}
	for g := f; g != nil; g = g.Parent {
		if g.node != nil {
			return p.named(name, g.node)
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
		return unknown
	}
	p.depth++
	defer func() { p.depth-- }()
	switch t.Kind {
	case Literal:
		return p.property(t, name)
	case Instance:
		return p.member(t.Unit, name, t)
	case State:
		return p.stateMember(t, name)
	case Param, Object, Result, External, Global, Refs:
		return p.path(t, name)
	case Namespace:
		return p.export(t.Mod, name)
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
			return &Term{Kind: Method, Str: name, Args: []*Term{t}}
		}
		return from(t)
	case Method:
		return &Term{Kind: Method, Str: t.Str + "." + name, Args: t.Args}
	case String:
		if name == "length" {
			return &Term{Kind: Number, Str: strconv.Itoa(len([]rune(t.Str)))}
		}
		return &Term{Kind: Method, Str: name, Args: []*Term{t}}
	case Undefined, Null:
		return undefined
	case Unknown, Concat, Op, Setter:
		return &Term{Kind: Method, Str: name, Args: []*Term{t}}
	}
	return unknown
}

// path is a member of something of which only the origin is known.
func (p *Program) path(t *Term, name string) *Term {
	switch t.Kind {
	case Object:
		if t.Str == "" {
			if m := p.classMember(t, name); m != nil {
				return m
			}
		}
	case Result:
		if t.Str == "" {
			if isMapHelper(t.Name) {
				named := *t
				named.Str = name
				if m := p.mapped(&named, name); m != nil {
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
	c := *t
	c.Str = join(t.Str, name)
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
		return &Term{Kind: Method, Str: name, Args: []*Term{t}}
	case code.ClassDef:
		for i, m := range t.V.Class.Members {
			if m.Kind == code.Prop && m.Str == name && i < len(t.V.Class.Static) && t.V.Class.Static[i] {
				return p.eval(m.Args[0], t.Env)
			}
		}
		return unknown
	case code.Object:
		partial := false
		for i := len(t.V.Args) - 1; i >= 0; i-- {
			m := t.V.Args[i]
			switch {
			case m.Kind == code.Spread:
				key := going{m, name}
				if p.going[key] {
					continue
				}
				p.going[key] = true
				s := p.eval(m.Args[0], t.Env)
				got := p.get(s, name)
				delete(p.going, key)
				if got.Kind != Undefined && got.Kind != Unknown && got.Kind != Method {
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
		if partial {
			return unknown
		}
		return undefined
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
			v := p.eval(m.Args[0], env)
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

func (p *Program) concat(parts []*Term) *Term {
	var out []*Term
	for _, t := range parts {
		if t.Kind == Concat {
			out = append(out, t.Args...)
			continue
		}
		if s, ok := t.Const(); ok {
			if n := len(out); n > 0 && out[n-1].Kind == String {
				out[n-1] = &Term{Kind: String, Str: out[n-1].Str + s}
				continue
			}
			out = append(out, &Term{Kind: String, Str: s})
			continue
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return &Term{Kind: String}
	}
	if len(out) == 1 && out[0].Kind == String {
		return out[0]
	}
	if len(out) > 40 {
		return from(out[:40]...)
	}
	return &Term{Kind: Concat, Args: out}
}

func (p *Program) logical(op js.Op, a *Term, b func() *Term) *Term {
	truth := a.Truth()
	switch op {
	case js.OpAnd:
		if truth == False {
			return a
		}
		if truth == True {
			return b()
		}
	case js.OpOr:
		if truth == True {
			return a
		}
		if truth == False {
			return b()
		}
	case js.OpNullish:
		if a.Kind == Undefined || a.Kind == Null {
			return b()
		}
		if a.constant() {
			return a
		}
	}
	return &Term{Kind: Op, Operator: op, Args: []*Term{a, b()}}
}

func (p *Program) unary(op js.Op, a *Term) *Term {
	switch op {
	case js.OpNot:
		switch a.Truth() {
		case True:
			return no
		case False:
			return yes
		}
		return &Term{Kind: Op, Operator: op, Args: []*Term{a}}
	case js.OpVoid:
		return undefined
	case js.OpSub:
		if a.Kind == Number {
			return &Term{Kind: Number, Str: "-" + a.Str}
		}
	case js.OpAdd:
		if a.Kind == Number {
			return a
		}
	}
	return &Term{Kind: Op, Operator: op, Args: []*Term{a}}
}

func (p *Program) binary(op js.Op, a, b *Term) *Term {
	switch op {
	case js.OpAdd:
		if a.Kind == Number && b.Kind == Number {
			return arithmetic(op, a, b)
		}
		return p.concat([]*Term{a, b})
	case js.OpSub, js.OpMul, js.OpDiv:
		if a.Kind == Number && b.Kind == Number {
			return arithmetic(op, a, b)
		}
	case js.OpEq, js.OpStrictEq, js.OpNe, js.OpStrictNe:
		if eq := equal(a, b, op == js.OpEq || op == js.OpNe); eq != Maybe {
			return boolean((eq == True) == (op == js.OpEq || op == js.OpStrictEq))
		}
	case js.OpLess, js.OpGreater, js.OpLessEq, js.OpGreaterEq:
		if a.Kind == Number && b.Kind == Number {
			x, _ := strconv.ParseFloat(a.Str, 64)
			y, _ := strconv.ParseFloat(b.Str, 64)
			switch op {
			case js.OpLess:
				return boolean(x < y)
			case js.OpGreater:
				return boolean(x > y)
			case js.OpLessEq:
				return boolean(x <= y)
			}
			return boolean(x >= y)
		}
	}
	return &Term{Kind: Op, Operator: op, Args: []*Term{a, b}}
}

func arithmetic(op js.Op, a, b *Term) *Term {
	x, err1 := strconv.ParseFloat(a.Str, 64)
	y, err2 := strconv.ParseFloat(b.Str, 64)
	if err1 != nil || err2 != nil {
		return from(a, b)
	}
	switch op {
	case js.OpAdd:
		x += y
	case js.OpSub:
		x -= y
	case js.OpMul:
		x *= y
	case js.OpDiv:
		x /= y
	}
	return &Term{Kind: Number, Str: strconv.FormatFloat(x, 'g', -1, 64)}
}

// equal compares constants; loose is ==.
func equal(a, b *Term, loose bool) Tri {
	if !a.constant() || !b.constant() {
		if loose || a.Kind == b.Kind {
			nothing := func(t *Term) bool { return t.Kind == Undefined || t.Kind == Null }
			solid := func(t *Term) bool { return t.Kind == Closure || t.Kind == Literal || t.Kind == Instance }
			if nothing(a) && solid(b) || nothing(b) && solid(a) {
				return False
			}
		}
		return Maybe
	}
	if a.Kind == b.Kind {
		return tri(a.Str == b.Str)
	}
	if !loose {
		return False
	}
	switch {
	case a.Kind <= Null && b.Kind <= Null:
		return True
	case a.Kind <= Null || b.Kind <= Null:
		return False
	}
	number := func(t *Term) string {
		switch {
		case t.Kind == Bool && t.Str == "true":
			return "1"
		case t.Kind == Bool, t.Kind == String && strings.TrimSpace(t.Str) == "":
			return "0"
		}
		return t.Str
	}
	return tri(number(a) == number(b))
}
