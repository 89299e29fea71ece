// Package check keeps one promise: a project is judged as it lies on disk, the
// same way every time, and what was not judged is said.
//
// [Run] reads a tree (check/source), builds each project for each of its targets
// (check/program), judges its pages by the rules (check/rule) and settles what was
// found into one report. It opens no connection, runs nothing and writes nothing.
package check

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/rule"
	"clew/check/settings"
	"clew/check/source"
	"clew/finding"
	"clew/norm"
)

// Options is what a caller may decide; the zero value judges by every rule that
// holds today, in the platform's reading.
type Options struct {
	Source  source.Options
	Reading rule.Reading // "" is Platform
	Rules   []*rule.Rule // nil is all that apply on Day
	Day     time.Time    // zero is the day of the newest edition
	Own     program.Own
	Targets []source.Platform // only these; nil is all that a project is built for
	Version string
	// Settings is what the project decided; the options above go before it.
	Settings settings.Settings
	Baseline settings.Baseline
	// Texts, if not nil, is filled with the text of each file that a finding names, in
	// UTF-8, for who prints it.
	Texts map[string][]byte
	// Cache is a file to take results from and to keep them in; "" is none. Engine
	// names the program that judges: a cache of another engine is not used.
	Cache, Engine string
	// Results, if not nil, are taken from and kept in memory, in place of Cache.
	Results *Results
	// Progress is told how many of how many pages were judged; nil tells nobody.
	Progress func(done, of int)
	// Between is called before each page with the size of the source, in bytes: there who
	// runs the check may see to the memory. nil is nobody.
	Between func(source int64)

	cache   *cache
	reused  int
	source  int64 // bytes
	notes   []finding.Note
	stepped map[*source.File]int
	onPage  func(file string) // called before a page is judged; for tests
}

// Run judges what lies in a tree. It fails only if the tree cannot be read or ctx
// ends.
func Run(ctx context.Context, fsys fs.FS, o Options) (*finding.Report, error) {
	o.apply(o.Settings)
	if o.Results == nil {
		o.cache = openCache(&o)
	} else if o.Results.busy.TryLock() {
		defer o.Results.busy.Unlock()
		o.cache = o.Results.cache.begin()
	}
	tree, err := load(ctx, fsys, o.Source)
	if err != nil {
		return nil, err
	}
	o.stepped = map[*source.File]int{}
	edition := norm.All()[len(norm.All())-1]
	if o.Day.IsZero() {
		o.Day = edition.EffectiveFrom
	}
	if o.Reading == "" {
		o.Reading = rule.Platform
	}
	rules := o.Rules
	if rules == nil {
		for i := range rule.All() {
			if r := &rule.All()[i]; r.Applies(o.Day) && !o.Settings.Rules[r.ID].Off {
				rules = append(rules, r)
			}
		}
	}
	report := &finding.Report{
		Tool: "clew check", Version: o.Version, Edition: edition.ID, Reading: string(o.Reading),
		Rules: describe(rules),
	}
	report.Looked.Projects = len(tree.Projects)
	for _, f := range tree.Files {
		report.Looked.Files++
		report.Looked.Bytes += f.Size
	}
	o.source = report.Looked.Bytes
	total, done := 0, 0
	for _, p := range tree.Projects {
		total += len(p.Units)
	}
	var all []finding.Finding
	for _, p := range tree.Projects {
		found, err := o.project(ctx, p, rules, func() {
			done++
			if o.Progress != nil {
				o.Progress(done, total)
			}
		})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
		report.Looked.Pages += len(p.Units)
	}
	o.cache.steps(tree, o.stepped)
	if o.Results == nil {
		o.cache.save(o.Cache)
	} else if o.cache != nil {
		o.cache.prune()
	}
	report.Notes = append(notes(tree.AllNotes()), joinNotes(o.notes)...)
	report.Notes = append(report.Notes, stepped(o.stepped)...)
	report.Looked.Reused = o.reused
	report.Findings = finding.Settle(all)
	o.answer(report, tree)
	report.Notes = limited(report.Notes)
	if o.Texts != nil {
		for _, list := range [][]finding.Finding{report.Findings, hidden(report)} {
			for i := range list {
				for _, p := range places(&list[i]) {
					if f := tree.File(p.File); f != nil {
						o.Texts[p.File] = []byte(f.Text)
					}
				}
			}
		}
	}
	return report, nil
}

func hidden(r *finding.Report) []finding.Finding {
	var list []finding.Finding
	for _, s := range r.Suppressed {
		list = append(list, s.Finding)
	}
	return list
}

// places is where a finding points.
func places(f *finding.Finding) []finding.Place {
	list := []finding.Place{f.Place}
	for _, s := range f.Path {
		list = append(list, s.Place)
	}
	return list
}

// project judges a project on each of its targets and joins what was found.
func (o *Options) project(ctx context.Context, p *source.Project, rules []*rule.Rule, tick func()) ([]finding.Finding, error) {
	targets := p.Targets()
	if len(o.Targets) > 0 {
		targets = slices.DeleteFunc(slices.Clone(targets), func(t source.Platform) bool { return !slices.Contains(o.Targets, t) })
	}
	if len(targets) == 0 {
		targets = []source.Platform{""}
	}
	units := p.Units
	if p.App != nil {
		units = append([]*source.Unit{p.App}, units...)
	}
	kept := o.kept(p, rules)
	var all []finding.Finding
	first, judgedBefore := program.New(p, targets[0], o.Own), twins{}
	for i, target := range targets {
		prog := first.For(target)
		var marks []rule.Mark
		shown, cut := map[string]bool{}, false
		judge := func(u *source.Unit, asking bool) {
			key, known := kept.keyOf(u, target)
			j, ok := o.cache.get(key)
			if !known {
				ok = false
			}
			if !ok {
				if o.Between != nil {
					o.Between(o.source)
				}
				var failed bool
				if twin, found := judgedBefore.find(prog, u); found {
					j = twin
				} else {
					prog.Begin()
					if j, failed = o.page(prog, u, rules, asking); !failed && len(targets) > 1 {
						judgedBefore.keep(prog, u, j)
					}
				}
				if failed {
					o.steps(prog)
					prog = program.New(p, target, o.Own) // what it was in the middle of is anybody's guess
				} else if known {
					o.cache.put(key, j)
				}
			} else if i == 0 {
				o.reused++
			}
			all = append(all, j.Findings...)
			marks = append(marks, j.Marks...)
			o.notes = append(o.notes, j.Notes...)
			for _, file := range j.Shows {
				shown[file] = true
			}
			cut = cut || j.Cut
		}
		var left []*source.Unit
		for _, u := range units {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if i == 0 && u != p.App {
				tick()
			}
			if u.Kind == source.ComponentUnit && !alone(p, u) {
				left = append(left, u) // judged where it is used
				continue
			}
			judge(u, false)
		}
		for _, u := range left {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if !cut && !shown[u.Main().Path] && o.mayAsk(u) {
				judge(u, true)
			}
		}
		all = append(all, o.whole(prog, rules, marks)...)
		o.steps(prog)
	}
	return joinTargets(all, len(targets)), nil
}

// page judges one page. A failure of the checker itself costs that page only.
// With asking, only what asks for a number by itself is judged.
func (o *Options) page(prog *program.Program, u *source.Unit, rules []*rule.Rule, asking bool) (j judged, broke bool) {
	defer func() {
		if r := recover(); r != nil {
			j, broke = judged{Notes: []finding.Note{failed(u.Main().Path, r)}}, true
		}
	}()
	if o.onPage != nil {
		o.onPage(u.Main().Path)
	}
	if prog.Lone = nil; u.Kind == source.ComponentUnit {
		prog.Lone = u
	}
	pg := prog.Page(u)
	asks := ask.Of(pg)
	if asking && !asksItself(asks, u) {
		return j, false
	}
	j.Findings = rule.Run(rule.Case{Program: prog, Reading: o.Reading, Page: pg, Asks: asks}, rules, &j.Marks)
	j.Notes = cutOff(pg)
	for _, n := range pg.Nodes {
		if n.Comp == nil {
			continue
		}
		if file := n.Comp.Source.Main().Path; !slices.Contains(j.Shows, file) {
			j.Shows = append(j.Shows, file)
		}
	}
	j.Cut = pg.Cut
	return j, false
}

// whole judges a project by the marks of its pages.
func (o *Options) whole(prog *program.Program, rules []*rule.Rule, marks []rule.Mark) (found []finding.Finding) {
	defer func() {
		if r := recover(); r != nil {
			found, o.notes = nil, append(o.notes, failed(prog.Project.Root, r))
		}
	}()
	return rule.Run(rule.Case{Program: prog, Reading: o.Reading, Fact: o.cache.fact}, rules, &marks)
}

// steps keeps how many places parsers stepped over; of several targets, the most.
func (o *Options) steps(prog *program.Program) {
	for f, n := range prog.Stepped {
		o.stepped[f] = max(o.stepped[f], n)
	}
}

// load reads the tree. A failure of the checker here leaves nothing to judge.
func load(ctx context.Context, fsys fs.FS, opts source.Options) (tree *source.Tree, err error) {
	defer func() {
		if r := recover(); r != nil {
			n := failed("", r)
			tree, err = nil, errors.New("clew itself failed while reading the tree: "+n.Detail)
		}
	}()
	return source.Load(ctx, fsys, opts)
}

// kept is what decides whether an earlier run's answer still holds; nil without a
// cache.
func (o *Options) kept(p *source.Project, rules []*rule.Rule) *graph {
	if o.cache == nil {
		return nil
	}
	return newGraph(o.cache, o, p, rules)
}

// joinTargets makes one finding of what was found on several targets; one that
// holds for all of them names none.
func joinTargets(list []finding.Finding, targets int) []finding.Finding {
	type key struct {
		print string
		place finding.Place
		v     finding.Verdict
	}
	at := map[key]int{}
	var out []finding.Finding
	for _, f := range list {
		k := key{f.Fingerprint, f.Place, f.Verdict}
		if i, ok := at[k]; ok {
			for _, p := range f.Platforms {
				if !slices.Contains(out[i].Platforms, p) {
					out[i].Platforms = append(out[i].Platforms, p)
				}
			}
			continue
		}
		at[k] = len(out)
		out = append(out, f)
	}
	for i := range out {
		slices.Sort(out[i].Platforms)
		if len(out[i].Platforms) >= targets && targets > 1 {
			out[i].Platforms = nil
		}
	}
	return out
}

// alone reports whether no page shows a component: then it is judged by itself.
func alone(p *source.Project, u *source.Unit) bool {
	for _, n := range p.Notes {
		if n.Code == source.Orphan && n.File == u.Main().Path {
			return true
		}
	}
	return p.Framework == source.Loose
}

// asking is what a file holds that asks for a phone number.
var asking = pattern.MustCompile(`(?i)getphonenumber|getauthorize|手机|电话|type="tel"|phone number`)

// mayAsk reports whether a component that no page shows may ask for a phone number.
func (o *Options) mayAsk(u *source.Unit) bool {
	if rule.Library(u.Main()) {
		return false
	}
	for _, f := range []*source.File{u.Template, u.Script} {
		if f != nil && o.cache.fact(f, "may ask", func() bool { return asking.MatchString(f.Text) }) {
			return true
		}
	}
	return false
}

// asksItself reports whether a component asks for a number by itself: a button round what
// its host puts in is the host's question.
func asksItself(asks []*ask.Ask, u *source.Unit) bool {
	own := false
	for _, a := range asks {
		hosts := false
		a.Node.Walk(func(n *program.Node) bool {
			hosts = hosts || n.Name == "slot" && n.File == a.Node.File
			return !hosts
		})
		own = own || !hosts && (a.Node.File == u.Template || a.Node.File == u.Script)
	}
	return own
}

func describe(rules []*rule.Rule) []finding.Rule {
	var out []finding.Rule
	for _, r := range rules {
		page := r.Markdown()
		out = append(out, finding.Rule{
			ID: r.ID, Clause: r.Clause, Title: r.Title, Summary: r.Why, Help: finding.Say(page, page), Since: r.Since, Until: r.Until,
		})
	}
	return out
}
