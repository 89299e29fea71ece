package program

import (
	"strings"

	"clew/check/source"
)

// memberOf is a member of this.
func (p *Program) memberOf(u *Unit, name string, this *Term) *Term {
	switch name {
	case "data", "$data", "state", "props", "properties", "$props":
		return &Term{Kind: State, Unit: u}
	case "$refs":
		return &Term{Kind: Refs, Unit: u}
	case "$store":
		return &Term{Kind: Global, Str: "$store"}
	case "$router", "$route", "$t", "$i18n":
		return &Term{Kind: Global, Str: name}
	case "setData", "setState", "triggerEvent", "$emit", "$set", "$nextTick", "selectComponent", "$on", "$once", "$forceUpdate",
		"$watch", "$patch", "createSelectorQuery", "groupSetData", "$spliceData", "selectAllComponents", "$delete":
		return made(Method, 0, name, this)
	case "$parent", "$root", "$children", "$el":
		return &Term{Kind: Unknown}
	case "options": // what a mini-program's page was opened with
		if u.native() && u.Source.Kind == source.PageUnit && u.own(name) == nil {
			return &Term{Kind: Param}
		}
	case "proxy", "ctx":
		return this
	case "globalData":
		if u.Source.Kind == source.AppUnit {
			return &Term{Kind: State, Unit: u, Str: name}
		}
	}
	if strings.HasPrefix(name, "$") {
		if t := p.plugin(name); t != nil {
			return t
		}
		return &Term{Kind: Global, Str: "this." + name}
	}
	if t := u.own(name); t != nil {
		return t
	}
	return u.member(name)
}

// own is an option that this carries as it is, as helpers put beside data in a
// mini-program's page.
func (u *Unit) own(name string) *Term {
	if u.mod == nil || u.mod.file.Kind == source.Component {
		return nil
	}
	if t := u.option(name); t.Kind == Closure || t.Kind == Literal || t.Kind == Instance {
		if t.Kind == Closure {
			return &Term{Kind: Closure, Fn: t.Fn, Env: t.Env, Args: []*Term{u.self()}}
		}
		return t
	}
	return nil
}

// stateMember is a member of a state.
func (p *Program) stateMember(t *Term, name string) *Term {
	if t.Str == "" { // this.data.x, props.x
		if m := t.Unit.member(name); m.Kind == State || m.Kind == Op || m.Kind == Global {
			return m
		}
		return &Term{Kind: State, Unit: t.Unit, Str: name}
	}
	if name == "value" && t.Unit.boxes[t.Str] {
		return t
	}
	switch name {
	case "length", "trim", "toString", "replace", "slice", "test", "map", "forEach", "filter", "push", "find", "some", "every", "indexOf", "includes", "split":
		return made(Method, 0, name, t)
	}
	return &Term{Kind: State, Unit: t.Unit, Str: t.Str + "." + name}
}
