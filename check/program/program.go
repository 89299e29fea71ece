// Package program keeps one promise: what a page may do from the moment it opens,
// or from a tap on, is told with the way there, and a step that is not certain is
// marked as such.
//
// A [Program] is a project built for one platform. It ties templates to the members
// of their scripts, unfolds components into [Page]s, and follows calls from an entry
// (a lifecycle hook, a handler) through functions, modules, promises, timers, events
// of components and stores to effects: a state set, a dialog opened, a request sent,
// a page left ([Page.Trace]). Nothing of the checked code runs: names become [Term]s,
// constants are folded, and everything is bounded. What a bound cut off is said.
package program

import (
	"clew/check/code"
	"clew/check/source"
	"clew/check/source/js"
	"clew/check/source/markup"
	"clew/check/view"
)

// Own is names that a project gives to what the platform has names for too.
type Own struct {
	DialogTags  []string // tags of components that are dialogs
	DialogCalls []string // dotted names, or their ends, of functions that open one
	Calls       map[string]EffectKind
	// Purposes is what such a call asks or sends for, in the words of clause 3.3.
	Purposes map[string]string
}

// Program is one project on one target. It is for one goroutine.
type Program struct {
	Project *source.Project
	Target  source.Platform // "" where the project knows only one
	Own     Own

	parsed *parsed
	reads  reads
	led    map[*source.File][]*source.File // see leads
	// templates is the files that a template takes named parts from.
	templates map[*source.File][]*source.File
	modules   map[*source.File]*module
	docs      map[*source.File]*markup.Doc
	units     map[*source.Unit]*Unit
	pages     map[*source.Unit]*Page
	sheets    map[*source.File]*view.Sheet
	static    map[*code.Func]*Frame
	fields    map[fielded]*Frame
	stores    *stores
	depth     int
	fuel      int // what is left of the work for one operation; see refuel
	// hazy counts the answers that hang on where in the work they were asked for: cut
	// off by a bound, or made while what they are made of was not there yet. What was
	// worked out while it stood still holds everywhere.
	hazy    int
	going   map[going]bool
	indexes map[*code.Value]map[string]int // see index
	frames  int
	memos   map[any]any                // see Memo
	runs    map[sharedKey]*sharedTrace // see Page.shared; nil for one that pages differ in
	paged   int                        // how often a page had a say in what was followed; see share.go
	// Lone is a component that is looked at without a page: what its host gives it is not
	// known. Nil for anything else.
	Lone *source.Unit

	// Stepped is how many places parsers stepped over, by file.
	Stepped map[*source.File]int
}

// New prepares a program; files are read when they are asked for.
func New(project *source.Project, target source.Platform, own Own) *Program {
	return &Program{
		Project: project, Target: target, Own: own,
		parsed: newParsed(), led: map[*source.File][]*source.File{}, templates: map[*source.File][]*source.File{},
		modules: map[*source.File]*module{},
		docs:    map[*source.File]*markup.Doc{},
		units:   map[*source.Unit]*Unit{},
		pages:   map[*source.Unit]*Page{},
		sheets:  map[*source.File]*view.Sheet{},
		static:  map[*code.Func]*Frame{},
		Stepped: map[*source.File]int{},
		going:   map[going]bool{},
		indexes: map[*code.Value]map[string]int{},
		memos:   map[any]any{},
		runs:    map[sharedKey]*sharedTrace{},
	}
}

// going is a member being looked for, so that a value made of itself ends.
type going struct {
	v    *code.Value
	name string
}

// refuel begins a new operation: none may take more than its share, whatever the
// code is like.
func (p *Program) refuel() { p.fuel = 20_000 }

// module is a script with what it gives to others.
type module struct {
	file      *source.File
	code      *code.Module
	frame     *Frame
	exports   map[string]*Term
	busy      map[string]bool
	mutated   map[*code.Var]map[string][]mutation
	constants []*Term // see Program.constant
	setup     bool    // a Vue script setup: its top level is the component's
	grown     map[*code.Value][]grown
}

// doc is the markup of a file, nil for a file that holds none.
func (p *Program) doc(f *source.File) *markup.Doc {
	p.reads.add(f)
	if d, ok := p.docs[f]; ok {
		return d
	}
	var d *markup.Doc
	if dialect, ok := markup.DialectOf(f.Ext()); ok {
		d = p.parsed.doc(f, p.text(f, false), dialect)
		if n := len(d.Problems); n > 0 {
			p.Stepped[f] += n
		}
	}
	p.docs[f] = d
	return d
}

// module reads a script, once; nil if the file holds none.
func (p *Program) module(f *source.File) *module {
	if f == nil {
		return nil
	}
	p.reads.add(f)
	if m, ok := p.modules[f]; ok {
		return m
	}
	p.modules[f] = nil
	text := p.text(f, true)
	dialect := js.DialectOf(f.Path)
	setup := false
	switch f.Kind {
	case source.Script:
	case source.Component, source.Page:
		d := p.doc(f)
		if d == nil {
			return nil
		}
		keep := make([]markup.Span, 0, 2)
		for b := range d.Blocks() {
			if b.IsScript() && b.Src == "" && b.Module == "" {
				keep = append(keep, b.Content)
				if b.Lang != "" {
					dialect = js.DialectOf("x." + b.Lang)
				}
				setup = setup || b.Setup
			}
		}
		if len(keep) == 0 && f.Kind == source.Component {
			return nil
		}
		if len(keep) == 0 { // a page may have its scripts elsewhere
			keep = append(keep, markup.Span{})
		}
		text.only = keep
	default:
		return nil
	}
	if dialect == js.TypeScript && (f.Ext() == ".tsx" || f.Ext() == ".jsx") {
		dialect = js.TSX
	}
	m := &module{file: f, code: p.parsed.script(f, text, dialect), exports: map[string]*Term{}, busy: map[string]bool{}, setup: setup}
	if m.code.Errors > 0 {
		p.Stepped[f] += m.code.Errors
	}
	m.frame = &Frame{Fn: m.code.Funcs[0], This: undefined, mod: m}
	p.static[m.code.Funcs[0]] = m.frame
	p.modules[f] = m
	return m
}

// sheet is a style sheet with what it imports, empty for nil.
func (p *Program) sheet(f *source.File) *view.Sheet {
	if f == nil {
		return nil
	}
	if s, ok := p.sheets[f]; ok {
		return s
	}
	p.sheets[f] = p.parsed.sheet(f, p.doc)
	return p.sheets[f]
}

// export is what a module gives under a name.
func (p *Program) export(m *module, name string) *Term {
	if t, ok := m.exports[name]; ok {
		return t
	}
	if m.busy[name] {
		p.hazy++
		return unknown // a circle of imports
	}
	m.busy[name] = true
	defer delete(m.busy, name)
	t := p.findExport(m, name)
	m.exports[name] = t
	return t
}

func (p *Program) findExport(m *module, name string) *Term {
	if v := m.code.Exports[name]; v != nil {
		return p.eval(v, m.frame)
	}
	whole := m.code.Exports["="]
	if name == "*" || name == "default" {
		if whole != nil {
			return p.eval(whole, m.frame)
		}
		if name == "*" || len(m.code.Exports) > 0 {
			return &Term{Kind: Namespace, rare: &rare{mod: m}}
		}
		return unknown
	}
	for _, spec := range m.code.Stars {
		if to := p.module(p.Project.Resolve(m.file, spec)); to != nil {
			if t := p.export(to, name); t.Kind != Unknown {
				return t
			}
		}
	}
	if whole != nil {
		return p.get(p.eval(whole, m.frame), name)
	}
	if d := m.code.Exports["default"]; d != nil { // a CommonJS reader of an ES module
		if t := p.get(p.eval(d, m.frame), name); t.Kind != Unknown {
			return t
		}
	}
	return unknown
}

// imported is what a value of kind Imported stands for.
func (p *Program) imported(v *code.Value, m *module) *Term {
	if m == nil {
		return unknown
	}
	f := p.Project.Resolve(m.file, v.Str)
	if f == nil {
		return &Term{Kind: External, Name: v.Str, Str: plainName(v.Name)}
	}
	to := p.module(f)
	if to == nil {
		return unknown
	}
	if u := p.Project.UnitOf(f); u != nil && u.Kind == source.ComponentUnit && v.Name == "default" && f.Kind == source.Component {
		return &Term{Kind: Namespace, rare: &rare{mod: to}}
	}
	return p.export(to, v.Name)
}

func plainName(name string) string {
	if name == "*" || name == "default" {
		return ""
	}
	return name
}
