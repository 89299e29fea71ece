package program

import (
	"slices"
	"strings"

	"clew/check/code"
	"clew/check/source"
	"clew/check/source/js"
	"clew/check/view"
)

const (
	assignOp  = js.OpAssign
	notOp     = js.OpNot
	andOp     = js.OpAnd
	orOp      = js.OpOr
	nullishOp = js.OpNullish
)

// Unit is a page, a component or the app, its script bound to its template.
type Unit struct {
	Source *source.Unit
	Roots  []*view.Element
	Sheets []*view.Sheet

	dialogs map[drawing]dialog // see Node.Dialog

	p        *Program
	mod      *module
	options  []*Term  // the object it was made with, mixins behind it; all Literal
	class    *Term    // instead of options: an Object
	scope    *Frame   // of a setup function, of a component function, or a page's script
	scripts  []*Frame // of an HTML page: those it names, each in the order they run
	setup    *Term    // what setup returned; nil where the scope's own names are meant
	react    bool
	store    *code.Value // of a Pinia store: its defineStore call
	initials map[string]*Term
	boxes    map[string]bool   // states that are read through .value
	names    map[string]string // of states that a composition function made, by their key
	defs     map[string]*view.Element
	tags     map[string]tagged // see component

	ready    bool // it was taken from its script: what is asked of it from now on is kept
	this     *Term
	asked    map[[2]string]*Term // see option
	members  map[string]*Term    // see member
	watchers map[string][]*Term  // see watch
}

// Name is what a reader calls it: its file; "store" for one that is the store.
func (u *Unit) Name() string {
	if f := u.Source.Main(); f != nil {
		return f.Path
	}
	return "store"
}

// Unit binds a unit, once.
func (p *Program) Unit(s *source.Unit) *Unit {
	if s == nil {
		return nil
	}
	p.touch(s)
	if u := p.units[s]; u != nil {
		return u
	}
	u := &Unit{Source: s, p: p, initials: map[string]*Term{}, boxes: map[string]bool{}}
	p.units[s] = u
	script := s.Script
	if script != nil {
		u.mod = p.module(script)
		if u.mod == nil && script.Kind == source.Component {
			if d := p.doc(script); d != nil {
				for b := range d.Blocks() {
					if b.Name == "script" && b.Src != "" {
						u.mod = p.module(p.Project.Resolve(script, b.Src))
					}
				}
			}
		}
	}
	if u.mod != nil {
		u.bind()
	}
	u.ready = true
	u.look()
	return u
}

// called is a state's path as a reader of the code would say it.
func (u *Unit) called(path string) string {
	if u == nil || !strings.HasPrefix(path, "@") {
		return path
	}
	key, rest, _ := strings.Cut(path, ".")
	if name := u.names[key]; name != "" {
		return strings.TrimSuffix(join(name, rest), ".")
	}
	return path
}

// name keeps what the variable is called that a composition function's state is given
// to: open of const open = ref(…) and of const [open] = useState(…).
func (u *Unit) name(key string, made *code.Value, f *Frame) {
	for _, w := range f.Fn.Vars {
		if len(w.Writes) == 0 {
			continue
		}
		v := w.Writes[0]
		if v == made || v.Kind == code.Index && v.Args[0] == made && v.Args[1].Str == "0" {
			if u.names == nil {
				u.names = map[string]string{}
			}
			u.names[key] = w.Name
			return
		}
	}
}

func (u *Unit) initial(key string, t *Term) {
	if _, ok := u.initials[key]; !ok {
		u.initials[key] = t
	}
}

// bindScripts reads the scripts that an HTML page names: they share one scope with
// the page's own.
func (u *Unit) bindScripts() {
	for b := range u.p.doc(u.mod.file).Blocks() {
		if !b.IsScript() || b.Src == "" {
			continue
		}
		if m := u.p.module(u.p.Project.Resolve(u.mod.file, b.Src)); m != nil {
			u.scripts = append(u.scripts, &Frame{Fn: m.code.Funcs[0], This: undefined, Unit: u, mod: m})
		}
	}
}

// shared is a name that a script of the page declares at its top; nil if none does.
func (u *Unit) shared(name string) *Term {
	for _, f := range append([]*Frame{u.scope}, u.scripts...) {
		if w := f.Fn.Declared(name); w != nil {
			return u.p.variable(w, f)
		}
	}
	return nil
}

// bind finds what the framework takes the unit from.
func (u *Unit) bind() {
	p := u.p
	switch {
	case u.mod.file.Kind == source.Page:
		u.scope = u.mod.frame
		u.scope.Unit = u
		u.bindScripts()
		return
	case u.mod.setup:
		u.scope = u.mod.frame
		u.scope.Unit = u
	}
	if d := p.export(u.mod, "default"); d.Kind != Unknown {
		u.take(d, 0)
	}
	if u.options == nil && u.class == nil && u.scope == nil {
		for i := range u.mod.code.Funcs[0].Ops {
			op := &u.mod.code.Funcs[0].Ops[i]
			if op.Kind != code.OpCall || len(op.Value.Args) < 2 {
				continue
			}
			switch lastName(writtenName(op.Value.Args[0])) {
			case "Page", "Component", "App", "Behavior", "VantComponent":
			default:
				if !strings.Contains(strings.ToLower(writtenName(op.Value.Args[0])), "page") &&
					!strings.Contains(strings.ToLower(writtenName(op.Value.Args[0])), "component") {
					continue
				}
			}
			for _, a := range op.Value.Args[1:] {
				if u.take(p.eval(a, u.mod.frame), 0); u.options != nil {
					break
				}
			}
		}
	}
	if u.options == nil && u.class == nil && u.scope == nil { // a decompiled or wrapped page
		for i := range u.mod.code.Funcs[0].Ops {
			if op := &u.mod.code.Funcs[0].Ops[i]; op.Kind == code.OpCall {
				for _, a := range op.Value.Args[1:] {
					if t := p.eval(a, u.mod.frame); t.Kind == Literal && looksLikeOptions(t.V) {
						u.take(t, 0)
						return
					}
				}
			}
		}
	}
}

func looksLikeOptions(v *code.Value) bool {
	if v.Kind != code.Object {
		return false
	}
	for _, m := range v.Args {
		switch m.Str {
		case "data", "onLoad", "onShow", "methods", "properties", "lifetimes":
			return true
		}
	}
	return false
}

// take reads options, a class, or a component function.
func (u *Unit) take(t *Term, depth int) {
	if depth > 8 || t == nil {
		return
	}
	p := u.p
	switch t.Kind {
	case Literal:
		switch t.V.Kind {
		case code.Object:
			u.options = append(u.options, t)
			for _, m := range t.V.Args { // export default { ...base, data() {} }
				if m.Kind == code.Spread {
					if s := p.eval(m.Args[0], t.Env); s.Kind == Literal && s.V.Kind == code.Object {
						u.takeMixin(s, depth+1)
					}
				}
			}
			for _, key := range []string{"mixins", "behaviors"} {
				if list := p.get(t, key); list.Kind == Literal && list.V.Kind == code.Array {
					for _, m := range p.evalAll(list.V.Args, list.Env) {
						u.takeMixin(m, depth+1)
					}
				}
			}
			if ext := p.get(t, "extends"); ext.Kind == Literal {
				u.takeMixin(ext, depth+1)
			}
			if depth == 0 {
				u.runSetup(p.get(t, "setup"))
			}
		case code.ClassDef:
			u.class = &Term{Kind: Object, V: t.V, Env: t.Env, Unit: u}
			for _, d := range t.V.Class.Decorators { // @Component({ components, data… })
				if d.Kind == code.Call && len(d.Args) > 1 {
					if o := p.eval(d.Args[1], t.Env); o.Kind == Literal && o.V.Kind == code.Object {
						u.options = append(u.options, o)
					}
				}
			}
			if render := p.classMember(u.class, "render"); render != nil {
				u.react = true
			}
		}
	case Closure:
		if u.scope == nil {
			f := p.enter(t, []*Term{{Kind: State, Unit: u}}, undefined, u)
			u.scope = f
			u.react = true
			p.static[t.Fn] = f
		}
	case Result: // defineComponent({…}), Vue.extend({…}), memo(Comp), connect(a)(Comp), Behavior({…})
		if t.Fn != nil {
			if r := p.returned(t); r != nil && (r.Kind == Literal || r.Kind == Closure) {
				u.take(r, depth+1)
				return
			}
		}
		for i := len(t.Args) - 1; i > 0; i-- {
			if a := t.Args[i]; a.Kind == Literal && (a.V.Kind == code.Object || a.V.Kind == code.ClassDef) || a.Kind == Closure || a.Kind == Result {
				u.take(a, depth+1)
				if u.options != nil || u.class != nil || u.scope != nil {
					if lastName(t.Name) == "assign" { // Object.assign({}, base, {…})
						continue
					}
					return
				}
			}
		}
	case Namespace:
		if t.mod() != nil && depth < 4 {
			u.take(p.export(t.mod(), "default"), depth+1)
		}
	}
}

// takeMixin reads a mixin or behavior: what it has stands behind what is there.
func (u *Unit) takeMixin(t *Term, depth int) {
	if t.Kind == Result && len(t.Args) > 1 { // Behavior({…})
		t = t.Args[len(t.Args)-1]
	}
	if t.Kind == Literal && t.V.Kind == code.Object && len(u.options) < 20 {
		u.take(t, depth)
	}
}

func (u *Unit) runSetup(fn *Term) {
	if fn.Kind != Closure || u.scope != nil {
		return
	}
	emit := &Term{Kind: Global, Str: "$context"}
	f := u.p.enter(fn, []*Term{{Kind: State, Unit: u}, emit}, undefined, u)
	u.scope = f
	u.p.static[fn.Fn] = f
	u.setup = u.p.returned(&Term{Kind: Result, Fn: fn.Fn, Env: f})
	if u.setup != nil && u.setup.Kind == Closure { // setup returns a render function
		u.setup = nil
	}
}

// self is this of the unit.
func (u *Unit) self() *Term {
	if u.class != nil {
		return u.class
	}
	if u.this == nil {
		u.this = &Term{Kind: Instance, Unit: u}
	}
	return u.this
}

// option is a member of the object that the unit was made with, at a path: the
// unit's own before its mixins'.
func (u *Unit) option(path ...string) *Term {
	if len(u.options) == 0 {
		return undefined
	}
	if len(path) > 2 {
		return u.findOption(path)
	}
	key := [2]string{path[0]}
	if len(path) > 1 {
		key[1] = path[1]
	}
	if t := u.asked[key]; t != nil {
		return t
	}
	before := u.p.hazy
	t := u.findOption(path)
	if u.ready && u.p.hazy == before {
		if u.asked == nil {
			u.asked = map[[2]string]*Term{}
		}
		u.asked[key] = t
	}
	return t
}

func (u *Unit) findOption(path []string) *Term {
	for _, o := range u.options {
		t := o
		for _, name := range path {
			if t.Kind == Closure && (name != "" && path[0] == "data") {
				t = u.p.settled(u.p.invoke(t, nil, u.self(), u, "data"))
			}
			t = u.p.get(t, name)
		}
		if t.Kind != Undefined && t.Kind != Unknown && (t.Kind != Method || t.Name != "") {
			return t
		}
	}
	return undefined
}

// all is option for every object, mixins included: lifecycle hooks add up.
func (u *Unit) all(path ...string) []*Term {
	var list []*Term
	for _, o := range u.options {
		t := o
		for _, name := range path {
			t = u.p.get(t, name)
		}
		switch t.Kind {
		case Closure:
			list = append(list, t)
		case Literal:
			if t.V.Kind == code.Array {
				for _, e := range u.p.evalAll(t.V.Args, t.Env) {
					if e.Kind == Closure {
						list = append(list, e)
					}
				}
			}
		}
	}
	return list
}

// Handler is the function that a template means by a name; nil if there is none
// in the project.
func (u *Unit) Handler(name string) *Term {
	name = strings.TrimSpace(name)
	if t := u.member(name); t != nil && t.Kind == Closure {
		return t
	}
	return nil
}

// member is what a template, or this, knows by a name.
func (u *Unit) member(name string) *Term {
	if t := u.members[name]; t != nil {
		return t
	}
	before := u.p.hazy
	t := u.findMember(name)
	if u.ready && u.p.hazy == before {
		if u.members == nil {
			u.members = map[string]*Term{}
		}
		u.members[name] = t
	}
	return t
}

func (u *Unit) findMember(name string) *Term {
	p := u.p
	if u.class != nil {
		if m := p.classMember(u.class, name); m != nil {
			if m.Kind == Closure {
				return m
			}
			return &Term{Kind: State, Unit: u, Str: name}
		}
	}
	for _, key := range []string{"methods", "actions", ""} {
		if key == "actions" && u.store == nil {
			continue
		}
		if key == "" && u.mod != nil && u.mod.file.Kind == source.Component {
			break // of a Vue component only methods are members
		}
		path := []string{name}
		if key != "" {
			path = []string{key, name}
		}
		if t := u.option(path...); t.Kind == Closure {
			return &Term{Kind: Closure, Fn: t.Fn, Env: t.Env, Args: []*Term{u.self()}}
		} else if key != "" && t.Kind != Undefined {
			return t
		}
	}
	if u.scope != nil {
		if u.setup != nil {
			if t := p.get(u.setup, name); t.Kind != Undefined && t.Kind != Unknown && t.Kind != Method {
				return t
			}
		} else if w := u.scopeVar(name); w != nil {
			return p.variable(w, u.scope)
		} else if len(u.scripts) > 0 {
			if t := u.shared(name); t != nil {
				return t
			}
		}
	}
	if u.store != nil {
		if c := u.option("getters", name); c.Kind == Closure {
			return u.computed(c, name)
		}
	}
	if c := u.option("computed", name); c.Kind != Undefined {
		return u.computed(c, name)
	}
	return &Term{Kind: State, Unit: u, Str: name}
}

// computed is a member that is made of others.
func (u *Unit) computed(c *Term, name string) *Term {
	if c.Kind == Literal {
		c = u.p.get(c, "get")
	}
	if c.Kind == Closure {
		if t := u.p.settled(u.p.invoke(c, []*Term{u.self()}, u.self(), u, name)); t.Kind != Result || t.Fn == nil {
			return t
		}
	}
	if c.Kind == State || c.Kind == Op || c.Kind == Choice || c.constant() {
		return c
	}
	return &Term{Kind: State, Unit: u, Str: name}
}

// scopeVar finds a name that the setup or the page's script declares.
func (u *Unit) scopeVar(name string) *code.Var { return u.scope.Fn.Declared(name) }

// Initial is a state's value before anything ran, undefined where none is given,
// unknown where it is computed.
func (u *Unit) Initial(path string) *Term {
	p := u.p
	names := strings.Split(path, ".")
	var t *Term
	if i, ok := u.initials[names[0]]; ok {
		t = i
		if t.Kind == Closure {
			t = p.settled(p.invoke(t, nil, undefined, u, "init"))
		}
		names = names[1:]
	} else if t = u.firstOf(names[0]); t != nil {
		names = names[1:]
	} else {
		return undefined
	}
	for _, n := range names {
		t = p.get(t, n)
	}
	if t.Kind == Method {
		return unknown
	}
	return t
}

func (u *Unit) firstOf(name string) *Term {
	if u.class != nil {
		if m := u.p.classMember(u.class, name); m != nil && m.Kind != Closure {
			return m
		}
		if s := u.p.classMember(u.class, "state"); s != nil {
			if t := u.p.get(s, name); t.Kind != Undefined && t.Kind != Unknown {
				return t
			}
		}
	}
	if name == "globalData" && u.Source.Kind == source.AppUnit {
		if t := u.option(name); t.Kind == Literal {
			return t
		}
	}
	if t := u.option("data", name); t.Kind != Undefined && t.Kind != Unknown {
		return t
	}
	for _, key := range []string{"properties", "props"} {
		d := u.option(key, name)
		if d.Kind != Literal {
			continue
		}
		for _, k := range []string{"value", "default"} {
			if t := u.p.get(d, k); t.Kind != Undefined && t.Kind != Unknown {
				if t.Kind == Closure {
					t = u.p.settled(u.p.invoke(t, nil, nil, u, k))
				}
				return t
			}
		}
	}
	return nil
}

// IsProp reports whether a name is given by who uses the component.
func (u *Unit) IsProp(name string) bool {
	root, _, _ := strings.Cut(name, ".")
	if u.react {
		return !strings.HasPrefix(root, "@")
	}
	for _, o := range u.options { // its own, and those of its mixins
		for _, key := range []string{"properties", "props"} {
			t := u.p.get(o, key)
			if t.Kind != Literal {
				continue
			}
			if t.V.Kind == code.Array {
				for _, a := range u.p.evalAll(t.V.Args, t.Env) {
					if a.Kind == String && a.Str == root {
						return true
					}
				}
				continue
			}
			if slices.ContainsFunc(t.V.Args, func(m *code.Value) bool { return m.Kind == code.Prop && m.Str == root }) {
				return true
			}
		}
	}
	if u.mod != nil && u.mod.setup {
		if _, own := u.initials[root]; !own {
			return u.scopeVar(root) == nil && u.option("data", root).Kind == Undefined
		}
	}
	return false
}
