// Package rule keeps one promise: each rule is two files of one name, NAME.go that
// judges and NAME.md that explains, and the page's examples are the rule's test.
//
// A rule asks a page's view and traces (package program) about its questions for a
// phone number (package ask) and reports findings. It answers violation only where
// every step is proven; a guess is a review.
package rule

import (
	"embed"
	"slices"
	"strings"
	"time"

	"clew/check/ask"
	"clew/check/program"
	"clew/check/source"
	"clew/finding"
	"clew/words"
)

//go:embed *.md
var pages embed.FS

// Reading is how widely clause 3.3 is read.
type Reading string

// The readings.
const (
	// Platform: clause 3.3 binds the lead component; other phone buttons have the
	// platform's own list of uses.
	Platform Reading = "platform"
	// Strict: any use of a phone number in the project is under the lead entitlement.
	Strict Reading = "strict"
)

// Rule is one thing the norm forbids or asks.
type Rule struct {
	ID     string // as "entry-popup"
	Clause string // of the norm
	Title  finding.Text
	Why    finding.Text // why the norm says so, for who reads a finding
	Mend   finding.Text // how to mend it, where a finding has nothing nearer to say
	// Since and Until bound the days on which the rule judges; a zero Until is open.
	Since, Until time.Time
	// Page judges a page; Project judges a project once, after its pages. One may be
	// nil.
	Page    func(*Case)
	Project func(*Case)
}

// Applies reports whether the rule judges on a day.
func (r *Rule) Applies(day time.Time) bool {
	return !day.Before(r.Since) && (r.Until.IsZero() || day.Before(r.Until))
}

// Markdown is the rule's page.
func (r *Rule) Markdown() string {
	b, err := pages.ReadFile(r.ID + ".md")
	if err != nil {
		return ""
	}
	return string(b)
}

// ByID finds a rule.
func ByID(id string) (*Rule, bool) {
	for i := range all {
		if all[i].ID == id {
			return &all[i], true
		}
	}
	return nil, false
}

// All is every rule, by clause. It is shared: read only.
func All() []Rule { return all }

// start is the day from which the norm's first edition holds.
var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("CST", 8*3600))

// Case is a page, or a project, before a rule.
type Case struct {
	Program *program.Program
	Reading Reading
	Page    *program.Page // nil for Rule.Project
	Asks    []*ask.Ask    // the page's questions
	// Fact answers a question about a file's text, by work or as an earlier run did. It is
	// there for Rule.Project; nil asks work each time.
	Fact  func(f *source.File, question string, work func() bool) bool
	rule  *Rule
	out   *[]finding.Finding
	marks *[]Mark
	// consents is worked out by the first rule that asks.
	consents *consent
	// arrivals is what the page does to who just came, likewise.
	arrivals *arrival
	// forms is the forms of the page, likewise; see Forms.
	forms *[]*ask.Form
}

// Forms is the forms in which the page's questions stand.
func (c *Case) Forms() []*ask.Form {
	if c.forms == nil {
		list := ask.Forms(c.Asks)
		c.forms = &list
	}
	return *c.forms
}

// Mark is a fact about one page that a rule needs when it judges the project.
type Mark struct {
	Rule string
	Name string
	Page string // the page's file
	Say  *finding.Finding
}

// Mark keeps a fact about the page for [Rule.Project]; say is what the rule would
// say there, nil for a fact without a place.
func (c *Case) Mark(name string, say *Say) {
	m := Mark{Rule: c.rule.ID, Name: name, Page: c.Page.Unit.Name()}
	if say != nil {
		f := c.finding(*say)
		m.Say = &f
	}
	*c.marks = append(*c.marks, m)
}

// Marks is the facts of that name that the rule kept about the project's pages, in
// the order of the pages.
func (c *Case) Marks(name string) []Mark {
	var list []Mark
	for _, m := range *c.marks {
		if m.Rule == c.rule.ID && m.Name == name {
			list = append(list, m)
		}
	}
	return list
}

// Report says what a mark kept.
func (c *Case) Report(m Mark) {
	if m.Say != nil {
		*c.out = append(*c.out, *m.Say)
	}
}

// Run judges a page by rules and adds to marks; with a nil Page it judges the
// project by the marks of its pages.
func Run(c Case, rules []*Rule, marks *[]Mark) []finding.Finding {
	var out []finding.Finding
	c.out, c.marks = &out, marks
	for _, r := range rules {
		c.rule = r
		if c.Page != nil && r.Page != nil {
			r.Page(&c)
		}
		if c.Page == nil && r.Project != nil {
			r.Project(&c)
		}
	}
	return out
}

// Say is what a rule says of a place.
type Say struct {
	Verdict    finding.Verdict
	Capability finding.Capability
	Message    finding.Text
	File       *source.File
	From, To   int
	Path       []finding.Step
	Members    []string
	Fix        *finding.Fix
	Evidence   []finding.Evidence
}

// Say reports a finding.
func (c *Case) Say(s Say) {
	if s.File == nil {
		return
	}
	*c.out = append(*c.out, c.finding(s))
}

func (c *Case) finding(s Say) finding.Finding {
	f := finding.Finding{
		Rule: c.rule.ID, Clause: c.rule.Clause, Verdict: s.Verdict, Capability: s.Capability, Message: s.Message,
		Place: Place(s.File, s.From, s.To), Path: s.Path, Members: s.Members, Fix: s.Fix, Evidence: s.Evidence,
	}
	if c.Program.Target != "" {
		f.Platforms = []string{string(c.Program.Target)}
	}
	if f.Fix == nil && s.Verdict == finding.Violation && c.rule.Mend[words.ZH] != "" {
		f.Fix = &finding.Fix{Message: c.rule.Mend}
	}
	f.Stamp(s.File.Lines(s.From, s.To))
	return f
}

// At is a Say about an element: its start tag.
func At(n *program.Node, v finding.Verdict, zh, en string) Say {
	return Say{Verdict: v, Message: finding.Say(zh, en), File: n.File, From: n.Open.Start, To: n.Open.End}
}

// Place is a stretch of a file as findings name it.
func Place(f *source.File, from, to int) finding.Place {
	from, to = max(0, min(from, len(f.Text))), max(0, min(to, len(f.Text)))
	if to < from {
		to = from
	}
	p := finding.Place{File: f.Path, Start: f.Original(from), End: f.Original(to)}
	p.Line, p.Column = f.Position(from)
	p.EndLine, p.EndColumn = f.Position(to)
	return p
}

// Steps tells an effect's way from the entry on; last says what it comes to.
func Steps(e *program.Effect, last finding.Text) []finding.Step {
	var out []finding.Step
	for _, s := range e.Path() {
		if s.File == nil {
			continue
		}
		out = append(out, finding.Step{Place: Place(s.File, s.From, s.To), Message: stepText(s)})
	}
	if last != nil {
		out = append(out, finding.Step{Place: Place(e.File, e.From, e.To), Message: last})
	}
	return out
}

// NodeStep is a step that is an element.
func NodeStep(n *program.Node, text finding.Text) finding.Step {
	return finding.Step{Place: Place(n.File, n.Open.Start, n.Open.End), Message: text}
}

func stepText(s *program.Step) finding.Text {
	name := s.Name
	if name == "" {
		name = "…"
	}
	switch s.Kind {
	case program.Enter:
		return finding.Say("入口 "+name, "entry "+name)
	case program.Calls:
		return finding.Say("调用 "+name, "calls "+name)
	case program.Callback:
		return finding.Say("回调 "+name, "callback "+name)
	case program.Then:
		return finding.Say("异步完成后继续", "goes on when the promise settles")
	case program.Timer:
		return finding.Say("定时器 "+name, "timer "+name)
	case program.Event:
		return finding.Say("组件事件 "+name, "component event "+name)
	case program.Watch:
		return finding.Say("监听到状态变化", "a watcher of the state runs")
	case program.Commit:
		return finding.Say("提交到 store："+name, "store "+name)
	case program.Shown:
		return finding.Say("组件生命周期 "+name, "component's "+name)
	}
	return finding.Say(name, name)
}

// IDs is the ids of all rules, sorted.
func IDs() []string {
	var ids []string
	for i := range all {
		ids = append(ids, all[i].ID)
	}
	slices.Sort(ids)
	return ids
}

// title is the first line of a rule's page, which is its title in both languages.
func (r *Rule) titleOf(page string) (zh, en string) {
	line, _, _ := strings.Cut(page, "\n")
	zh, en, _ = strings.Cut(strings.TrimPrefix(line, "# "), " · ")
	return strings.TrimSpace(zh), strings.TrimSpace(en)
}

// Explain is the rule's page for a reader of one language: title, table, that
// language's part, and the examples.
func (r *Rule) Explain(lang words.Lang) string {
	var b strings.Builder
	skip := false
	for line := range strings.Lines(r.Markdown()) {
		switch strings.TrimSpace(line) {
		case "## 中文":
			skip = lang != words.ZH
			continue
		case "## English":
			skip = lang != words.EN
			continue
		case "## Bad", "## Good":
			skip = false
		}
		if !skip {
			b.WriteString(line)
		}
	}
	return b.String()
}
