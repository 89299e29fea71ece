// Package sarif keeps one promise: a report becomes a SARIF 2.1.0 document that
// the standard's own schema accepts and that claims nothing the report does not:
// what a person must judge is never an error, and a run that did not read all it
// should have does not call itself successful.
//
// A violation is kind fail, level error; a review is kind review, level none, as
// section 3.27.10 demands of every kind but fail. What somebody answered for is a
// result with a suppression; baselineState is not used, because it compares two
// runs, and a Clew baseline is a list of what is accepted.
//
// The structs are ours: docs/decisions/2026-11-24-sarif.md says why.
package sarif

import (
	"cmp"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"clew/finding"
	"clew/norm"
	"clew/words"
)

const (
	schema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	srcroot = "%SRCROOT%" // what was checked; consumers put their own place in for it
)

// Options says how [Write] writes. The zero value is Chinese and without source.
type Options struct {
	// Lang is the language of messages; the other one is in properties.message.
	Lang words.Lang
	// Source gives a file's text in UTF-8, as check/source decoded it, by the name
	// that places carry; regions then hold what stands there. nil gives no snippets.
	Source func(file string) (text []byte, ok bool)
	// Home is the absolute address of the tool's own page, "" for none.
	Home string
}

// Write writes one run, indented, with a line's end behind it. Equal reports give
// equal bytes: no clock, no random id, no path of this machine is in it. The only
// error is w's.
func Write(w io.Writer, r *finding.Report, o Options) error {
	if !o.Lang.Valid() {
		o.Lang = words.ZH
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(log{Schema: schema, Version: "2.1.0", Runs: []run{newWriter(r, o).run()}})
}

// writer holds what the parts of one run refer to by number.
type writer struct {
	report  *finding.Report
	options Options
	other   words.Lang
	edition *norm.Edition // nil if the report names none we know
	rules   map[string]int
	clauses map[string]int
}

func newWriter(r *finding.Report, o Options) *writer {
	w := &writer{report: r, options: o, other: words.EN, rules: map[string]int{}, clauses: map[string]int{}}
	if o.Lang == words.EN {
		w.other = words.ZH
	}
	if e, ok := norm.ByID(r.Edition); ok {
		w.edition = e
		for i, c := range e.Clauses {
			w.clauses[c.ID] = i
		}
	}
	return w
}

func (w *writer) run() run {
	r := w.report
	out := run{
		Tool:               tool{Driver: w.driver()},
		Language:           w.options.Lang.BCP47(),
		ColumnKind:         "utf16CodeUnits",
		OriginalURIBaseIDs: map[string]artifactLocation{srcroot: {Description: &message{words.T(w.options.Lang, "check.srcroot")}}},
		Results:            []result{},
		Properties:         properties{"looked": r.Looked},
	}
	if r.Reading != "" {
		out.Properties["reading"] = r.Reading
	}
	if w.edition != nil {
		out.Taxonomies = []component{w.taxonomy()}
		out.Tool.Driver.SupportedTaxonomies = []componentRef{{w.edition.Sources[0].Title, 0}}
	}
	// Consumers close what the last run of the same id reported and this one does
	// not: the reading belongs in it, the edition does not.
	out.AutomationDetails = &automationDetails{strings.Join(strings.Fields(out.Tool.Driver.Name+" "+r.Reading), "-") + "/"}

	for i := range r.Findings {
		out.Results = append(out.Results, w.result(&r.Findings[i]))
	}
	for i := range r.Suppressed {
		s := &r.Suppressed[i]
		res := w.result(&s.Finding)
		res.Suppressions = &[]suppression{w.suppression(s)}
		out.Results = append(out.Results, res)
	}
	// 3.27.23: if one result says whether it is suppressed, all do.
	if len(r.Suppressed) > 0 {
		for i := range r.Findings {
			out.Results[i].Suppressions = &[]suppression{}
		}
	}
	out.Invocations = []invocation{w.invocation(&out.Tool.Driver)}
	return out
}

var semantic = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

func (w *writer) driver() component {
	r := w.report
	d := component{
		Name: cmp.Or(r.Tool, "clew"), Version: r.Version, Language: w.options.Lang.BCP47(),
		Rules: []descriptor{},
	}
	d.InformationURI, _ = address(w.options.Home)
	if v := strings.TrimPrefix(r.Version, "v"); semantic.MatchString(v) {
		d.SemanticVersion = v
	}
	if r.Edition != "" {
		d.Properties = properties{"edition": r.Edition}
	}
	for i := range r.Rules {
		if _, twice := w.rules[r.Rules[i].ID]; twice {
			continue
		}
		w.rules[r.Rules[i].ID] = len(d.Rules)
		d.Rules = append(d.Rules, w.rule(&r.Rules[i]))
	}
	return d
}

// rule describes a rule. Its texts are not escaped as messages are: a descriptor
// has no arguments, consumers show these texts as they stand, and help is full of
// the braces of templates.
func (w *writer) rule(r *finding.Rule) descriptor {
	title, summary, help := w.say(r.Title), w.say(r.Summary), w.say(r.Help)
	if title == "" {
		title = r.ID
	}
	if summary == "" {
		summary = title
	}
	if help == "" {
		help = summary
	}
	d := descriptor{
		ID: r.ID, Name: pascal(r.ID),
		ShortDescription:     &multiformat{Text: title},
		FullDescription:      &multiformat{Text: summary},
		Help:                 &multiformat{Text: help, Markdown: help},
		DefaultConfiguration: &configuration{"error"},
		Properties:           properties{"clause": r.Clause, "tags": []string{r.Clause}},
	}
	d.HelpURI, _ = address(r.HelpURI)
	if d.Name == d.ID {
		d.Name = "" // 3.49.7
	}
	if !r.Since.IsZero() {
		d.Properties["since"] = r.Since
	}
	if !r.Until.IsZero() {
		d.Properties["until"] = r.Until
	}
	if ref, ok := w.clause(r.Clause); ok {
		d.Relationships = []relationship{{ref, []string{"superset"}}} // 3.53.3: the clause asks more than the rule sees
	}
	return d
}

// pascal makes the readable name of a rule, as EntryPopup of entry_popup.
func pascal(id string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(id, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		first, n := utf8.DecodeRuneInString(part)
		b.WriteRune(unicode.ToUpper(first))
		b.WriteString(part[n:])
	}
	return b.String()
}

// taxonomy is the norm itself: its clauses, in the norm's own words where they
// are Chinese.
func (w *writer) taxonomy() component {
	source := w.edition.Sources[0]
	c := component{
		Name: source.Title, Organization: source.Publisher, Version: w.edition.ID, Language: w.options.Lang.BCP47(),
		ShortDescription: &multiformat{Text: source.Title}, IsComprehensive: true,
	}
	for _, clause := range w.edition.Clauses {
		text := clause.Meaning.ZH
		if w.options.Lang == words.EN {
			text = clause.Meaning.EN
		}
		c.Taxa = append(c.Taxa, descriptor{ID: clause.ID, ShortDescription: &multiformat{Text: clause.Title}, FullDescription: &multiformat{Text: text}})
	}
	return c
}

func (w *writer) clause(id string) (descriptorRef, bool) {
	i, ok := w.clauses[id]
	if !ok {
		return descriptorRef{}, false
	}
	return descriptorRef{ID: id, Index: &i, ToolComponent: &componentRef{w.edition.Sources[0].Title, 0}}, true
}

// invocation tells what the run did not read. Notes of one code share a
// descriptor in driver.
func (w *writer) invocation(driver *component) invocation {
	inv := invocation{ExecutionSuccessful: w.report.Whole()}
	seen := map[string]int{}
	for i := range w.report.Notes {
		n := &w.report.Notes[i]
		text := w.say(n.Message)
		if n.Detail != "" {
			text = strings.TrimSpace(text + " " + n.Detail)
		}
		if text == "" {
			text = n.Code
		}
		out := notification{Level: "warning", Message: escaped(text)}
		if n.Incomplete {
			out.Level = "error"
		}
		if n.Code != "" {
			at, ok := seen[n.Code]
			if !ok {
				at = len(driver.Notifications)
				seen[n.Code] = at
				driver.Notifications = append(driver.Notifications, descriptor{ID: n.Code})
			}
			out.Descriptor = &descriptorRef{ID: n.Code, Index: &at}
		}
		if n.File != "" {
			out.Locations = []location{{PhysicalLocation: &physicalLocation{ArtifactLocation: artifact(n.File)}}}
		}
		out.Properties = w.otherwise(n.Message)
		inv.ToolExecutionNotifications = append(inv.ToolExecutionNotifications, out)
	}
	return inv
}

// say is a text in the document's language, or in the other if there is no other
// choice.
func (w *writer) say(t finding.Text) string {
	if s := t[w.options.Lang]; s != "" {
		return s
	}
	return t[w.other]
}

// otherwise is the same text in the other language, as a property.
func (w *writer) otherwise(t finding.Text) properties {
	if t[w.other] == "" || t[w.options.Lang] == "" {
		return nil
	}
	return properties{"message": map[words.Lang]string{w.other: t[w.other]}}
}

// A message's braces stand for arguments unless doubled (3.11.5), and "[…](…)" is
// a link unless a bracket is escaped (3.11.6).
var unambiguous = strings.NewReplacer("{", "{{", "}", "}}", "](", `\](`)

func escaped(text string) message { return message{unambiguous.Replace(text)} }
