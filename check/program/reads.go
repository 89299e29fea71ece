package program

import "clew/check/source"

// reads is the files that were asked for since it was emptied.
type reads map[*source.File]bool

func (r reads) add(f *source.File) {
	if r != nil {
		r[f] = true
	}
}

// unitFiles is the files of a unit that may hold conditional comments.
func unitFiles(s *source.Unit) []*source.File {
	return []*source.File{s.Script, s.Template}
}

// touch notes that a unit was asked for.
func (p *Program) touch(s *source.Unit) {
	if p.reads != nil {
		for _, f := range unitFiles(s) {
			p.reads.add(f)
		}
	}
}

// Begin starts a page's work: it has its own share of all bounds, what is read is
// noted for [Program.Reads], and the pages before it are forgotten.
func (p *Program) Begin() {
	p.frames = 0
	clear(p.pages)
	if p.Target != "" {
		p.reads = reads{}
	}
}

// Reads is the files with conditional comments that can have decided what was asked
// of the program since [Program.Begin]: those asked for, those that they import, the
// app and the stores.
func (p *Program) Reads() []*source.File {
	all := map[*source.File]bool{}
	var todo []*source.File
	add := func(f *source.File) {
		if f != nil && !all[f] {
			all[f] = true
			todo = append(todo, f)
		}
	}
	for f := range p.reads {
		add(f)
	}
	p.reads = nil
	if p.Project.App != nil {
		for _, f := range unitFiles(p.Project.App) {
			add(f)
		}
	}
	for _, f := range p.Project.Files {
		if store, plug, global := p.parsed.shares(f); store || plug || global {
			add(f)
		}
	}
	var list []*source.File
	for len(todo) > 0 {
		f := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if p.parsed.isConditional(f) {
			list = append(list, f)
		}
		for _, to := range p.leads(f) {
			add(to)
		}
		if u := p.units[p.Project.UnitOf(f)]; u != nil { // what a remembered answer about the unit rests on
			for _, t := range u.tags {
				if t.unit != nil {
					add(t.unit.Source.Script)
					add(t.unit.Source.Template)
				}
			}
		}
	}
	return list
}

// leads is the files to which a file leads that was read.
func (p *Program) leads(f *source.File) []*source.File {
	if list, ok := p.led[f]; ok {
		return list
	}
	var list []*source.File
	if u := p.Project.UnitOf(f); u != nil {
		list = append(list, unitFiles(u)...)
	}
	list = append(list, p.templates[f]...)
	m := p.modules[f]
	if m == nil && (f.Kind == source.Script || f.Kind == source.Component) {
		m = p.module(f)
	}
	if m != nil {
		for _, spec := range m.code.Specs {
			if to := p.Project.Resolve(f, spec); to != nil && to.Kind != source.Style {
				list = append(list, to)
			}
		}
	}
	p.led[f] = list
	return list
}

// Alike reports whether files read the same on another target, so that what was
// found from them alone holds there too.
func (p *Program) Alike(files []*source.File, target source.Platform) bool {
	for _, f := range files {
		for _, script := range []bool{false, true} {
			if p.parsed.text(p.Project, p.Target, f, script).variant != p.parsed.text(p.Project, target, f, script).variant {
				return false
			}
		}
	}
	return true
}
