package program

import (
	"slices"
	"strings"

	"clew/check/code"
	"clew/check/source"
)

// stores is what pages share: the store of Vuex, and what a main script put on
// every component.
type stores struct {
	vuex      *Unit            // nil without one; its states are the store's
	mutations map[string]*Term // closures by name, with and without namespace
	actions   map[string]*Term
	getters   map[string]*Term
	path      map[string]string       // of the module that a mutation or action belongs to
	plugins   map[string]*Term        // $name
	tags      map[string]*source.File // components that every template may use, by the tag in small letters without hyphens
}

// shared finds the stores, once.
func (p *Program) shared() *stores {
	if p.stores != nil {
		return p.stores
	}
	s := &stores{mutations: map[string]*Term{}, actions: map[string]*Term{}, getters: map[string]*Term{}, path: map[string]string{}, plugins: map[string]*Term{}, tags: map[string]*source.File{}}
	p.stores = s
	for _, f := range p.Project.Files {
		store, plug, global := p.parsed.shares(f)
		if !store && !plug && !global {
			continue
		}
		m := p.module(f)
		if m == nil {
			continue
		}
		for _, fn := range m.code.Funcs {
			for i := range fn.Ops {
				v := fn.Ops[i].Value
				switch {
				case store && fn.Ops[i].Kind == code.OpCall && s.vuex == nil:
					switch lastName(writtenName(v.Args[0])) {
					case "Store", "createStore":
						if len(v.Args) > 1 {
							if t := p.eval(v.Args[1], p.staticFrame(fn)); t.Kind == Literal && t.V.Kind == code.Object {
								p.readStore(s, t)
							}
						}
					}
				case global && fn.Ops[i].Kind == code.OpCall && len(v.Args) == 3 && lastName(writtenName(v.Args[0])) == "component" && v.Args[1].Kind == code.String:
					if to := p.componentFile(m, v.Args[2]); to != nil {
						s.tags[flatTag(v.Args[1].Str)] = to
					}
				case plug && fn.Ops[i].Kind == code.OpAssign && v.Args[0].Kind == code.Member && strings.HasPrefix(v.Args[0].Str, "$"):
					s.plugins[v.Args[0].Str] = p.eval(v.Args[1], p.staticFrame(fn))
				}
			}
		}
	}
	return s
}

// componentFile is the file that Vue.component('x', X) names.
func (p *Program) componentFile(m *module, v *code.Value) *source.File {
	for _, imp := range m.code.Imports {
		if imp.Var != nil && (v.Kind == code.Local && imp.Var == v.Var || v.Kind == code.Imported && imp.Var == v.Var) {
			return p.Project.Resolve(m.file, imp.Spec)
		}
	}
	if v.Kind == code.Imported {
		return p.Project.Resolve(m.file, v.Str)
	}
	return nil
}

func flatTag(s string) string { return strings.ToLower(strings.ReplaceAll(s, "-", "")) }

func (p *Program) readStore(s *stores, t *Term) {
	s.vuex = &Unit{Source: &source.Unit{Kind: source.ComponentUnit}, p: p, initials: map[string]*Term{}, boxes: map[string]bool{}}
	p.readModule(s, t, "", "", 0)
}

// readModule takes over a module of a store. path is where its state stands,
// space the namespace of its names.
func (p *Program) readModule(s *stores, t *Term, path, space string, depth int) {
	if depth > 5 || t.Kind != Literal || t.V.Kind != code.Object {
		return
	}
	state := p.get(t, "state")
	if state.Kind == Closure {
		state = p.settled(p.invoke(state, nil, undefined, nil, "state"))
	}
	if path != "" {
		s.vuex.initial(path, state)
	} else if state.Kind == Literal && state.V.Kind == code.Object {
		for _, m := range state.V.Args {
			if m.Kind == code.Prop && m.Str != "" {
				s.vuex.initial(m.Str, p.eval(m.Args[0], state.Env))
			}
		}
	}
	for key, into := range map[string]map[string]*Term{"mutations": s.mutations, "actions": s.actions, "getters": s.getters} {
		list := p.get(t, key)
		if list.Kind != Literal || list.V.Kind != code.Object {
			continue
		}
		for _, m := range list.V.Args {
			name := m.Str
			if m.Kind == code.Prop && len(m.Args) > 1 {
				name, _ = p.eval(m.Args[1], list.Env).Const()
			}
			if m.Kind != code.Prop || name == "" {
				continue
			}
			fn := p.eval(m.Args[0], list.Env)
			for _, n := range []string{space + name, name} {
				if _, have := into[n]; !have {
					into[n] = fn
					s.path[key+n] = path
				}
			}
		}
	}
	modules := p.get(t, "modules")
	if modules.Kind != Literal || modules.V.Kind != code.Object {
		return
	}
	for _, m := range modules.V.Args {
		if m.Kind != code.Prop || m.Str == "" {
			continue
		}
		sub := p.eval(m.Args[0], modules.Env)
		if sub.Kind == Namespace {
			sub = p.export(sub.mod(), "default")
		}
		inner := space
		if p.get(sub, "namespaced").Truth() == True {
			inner = space + m.Str + "/"
		}
		p.readModule(s, sub, join(path, m.Str), inner, depth+1)
	}
}

// plugin is what $name means on every component.
func (p *Program) plugin(name string) *Term {
	if t := p.shared().plugins[name]; t != nil {
		if t.Kind == Global || t.Kind == External || t.Kind == Unknown {
			return nil
		}
		return t
	}
	return nil
}

// storeState is a state of the store; nil without a store.
func (p *Program) storeState(path string) *Term {
	if u := p.shared().vuex; u != nil {
		return &Term{Kind: State, Unit: u, Str: path}
	}
	return nil
}

// commit is the function that a mutation or an action is, and what it gets first.
func (p *Program) commit(kind, name string) (fn *Term, context *Term) {
	s := p.shared()
	from := s.mutations
	if kind == "actions" {
		from = s.actions
	}
	fn = from[name]
	if fn != nil && fn.Kind == Literal {
		fn = p.get(fn, "handler")
	}
	if fn == nil || fn.Kind != Closure {
		return nil, nil
	}
	if kind == "actions" {
		return fn, &Term{Kind: Global, Str: "$store"}
	}
	return fn, &Term{Kind: State, Unit: s.vuex, Str: s.path["mutations"+name]}
}

// mapped is what one of the store's map helpers gives under a name; nil if t is
// not from one.
func (p *Program) mapped(t *Term, name string) *Term {
	if t.Kind != Result || t.Str != name {
		return nil
	}
	helper := lastName(t.Name)
	args := t.Args[1:]
	space := ""
	if len(args) > 1 {
		if s, ok := args[0].Const(); ok {
			space, args = s, args[1:]
		} else if args[0].Kind != Literal { // Pinia's mapState(useStore, […])
			args = args[1:]
		}
	}
	if len(args) == 0 || args[0].Kind != Literal {
		return nil
	}
	target := ""
	var chosen *Term
	switch list := args[0]; list.V.Kind {
	case code.Array:
		for _, e := range p.evalAll(list.V.Args, list.Env) {
			if s, ok := e.Const(); ok && lastPart(s) == name {
				target = s
			}
		}
	case code.Object:
		chosen = p.get(list, name)
		if s, ok := chosen.Const(); ok {
			target = s
		}
	}
	full := target
	if space != "" {
		full = strings.TrimSuffix(space, "/") + "/" + target
	}
	switch helper {
	case "mapState", "mapWritableState":
		if chosen != nil && chosen.Kind == Closure {
			root := p.storeState(strings.ReplaceAll(strings.TrimSuffix(space, "/"), "/", "."))
			if root == nil {
				return unknown
			}
			return p.settled(p.invoke(chosen, []*Term{root}, undefined, nil, name))
		}
		if target == "" {
			return undefined
		}
		if s := p.storeState(strings.ReplaceAll(full, "/", ".")); s != nil {
			return s
		}
		return unknown
	case "mapGetters":
		if target == "" {
			return undefined
		}
		if g := p.shared().getters[full]; g != nil && g.Kind == Closure {
			if root := p.storeState(p.shared().path["getters"+full]); root != nil {
				return p.settled(p.invoke(g, []*Term{root}, undefined, nil, name))
			}
		}
		return unknown
	case "mapMutations", "mapActions":
		if target == "" {
			return undefined
		}
		kind := "commit"
		if helper == "mapActions" {
			kind = "dispatch"
		}
		return &Term{Kind: Method, Str: "$" + kind, Name: full, Args: []*Term{{Kind: Global, Str: "$store"}}}
	}
	return nil
}

func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

var mapHelpers = []string{"mapState", "mapGetters", "mapMutations", "mapActions", "mapWritableState"}

func isMapHelper(name string) bool { return slices.Contains(mapHelpers, lastName(name)) }

// piniaStore is the store that a defineStore(…)() call gives: a unit of its own
// whose members are the store's.
func (p *Program) piniaStore(def *Term) *Term {
	if def.V == nil || len(def.Args) < 2 {
		return nil
	}
	o := def.Args[len(def.Args)-1]
	m := p.moduleOf(o.Env)
	if m == nil {
		return nil
	}
	for s, u := range p.units {
		if s.Route == "store" && u.store == def.V {
			return &Term{Kind: Instance, Unit: u}
		}
	}
	s := &source.Unit{Kind: source.ComponentUnit, Route: "store", Script: m.file}
	u := &Unit{Source: s, p: p, mod: m, initials: map[string]*Term{}, boxes: map[string]bool{}}
	p.units[s] = u
	switch o.Kind {
	case Closure:
		u.runSetup(o)
	case Literal:
		u.options = []*Term{o}
		state := p.get(o, "state")
		if state.Kind == Closure {
			state = p.settled(p.invoke(state, nil, undefined, nil, "state"))
		}
		if state.Kind == Literal && state.V.Kind == code.Object {
			for _, k := range state.V.Args {
				if k.Kind == code.Prop && k.Str != "" {
					u.initial(k.Str, p.eval(k.Args[0], state.Env))
				}
			}
		}
	}
	u.store = def.V
	return &Term{Kind: Instance, Unit: u}
}
