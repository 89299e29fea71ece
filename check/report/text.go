package report

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"

	"clew/finding"
	"clew/words"
)

// TextOptions says how [Text] writes. The zero value is Chinese, plain, 100 cells
// wide and without source.
type TextOptions struct {
	Lang  words.Lang
	Color bool // escape sequences of colour; the caller knows whether a terminal reads
	// Width is the terminal's in cells. 0 is 100, less than 48 is 48. Prose is never
	// set wider than 100, excerpts of source use the whole width.
	Width int
	// Source gives a file's text in UTF-8 (as check/source decoded it: Place.Line
	// counts its lines), by the name that places carry; nil shows no excerpts.
	Source func(file string) (text []byte, ok bool)
	// Verbose also lists what is kept, what somebody answered for, every note, and
	// repeats at each finding why the norm says so.
	Verbose bool
}

// Text writes the report for a person at a terminal: violations by file, then what
// a person must judge, then what was not read, then a summary. A report without
// findings is one line that says how much was looked at. The only error is w's.
func Text(w io.Writer, r *finding.Report, o TextOptions) error {
	if !o.Lang.Valid() {
		o.Lang = words.ZH
	}
	if o.Width == 0 {
		o.Width = 100
	}
	p := &page{
		report: r, lang: o.Lang, color: o.Color, verbose: o.Verbose, read: o.Source,
		width: max(o.Width, 48), prose: min(max(o.Width, 48), 100),
		files: map[string][]string{}, told: map[string]bool{},
	}
	for _, key := range []string{"path", "why", "fix", "platforms", "more", "reason"} {
		p.label = max(p.label, cells(p.t("check.label."+key))+2)
	}
	p.section(finding.Violation)
	if r.Count(finding.Review) > 0 {
		p.head("check.section.review", yellow)
		p.flow(indent, p.t("check.section.review.text"), dim)
		p.line()
		p.section(finding.Review)
	}
	if o.Verbose {
		p.kept()
		p.suppressed()
	}
	p.notes()
	p.summary()
	_, err := w.Write(p.out.Bytes())
	return err
}

const indent = "  "

// style is a colour as the parameters of an SGR sequence (ECMA-48, 8.3.117).
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

// page is a text report in the making. What is given to its methods is cleaned by
// them or was made here.
type page struct {
	report  *finding.Report
	lang    words.Lang
	color   bool
	verbose bool
	read    func(string) ([]byte, bool)
	width   int // cells of a line of source
	prose   int // cells of a line of text
	label   int // cells of the column of labels, with the gap after it
	files   map[string][]string
	told    map[string]bool // rules whose reason has been given
	out     bytes.Buffer
}

func (p *page) t(key string, args ...any) string { return words.T(p.lang, key, args...) }

func (p *page) in(s style, text string) string {
	if !p.color || s == plain || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

func (p *page) line(parts ...string) {
	for _, s := range parts {
		p.out.WriteString(s)
	}
	// An underline may stand after blanks that nothing follows.
	p.out.Truncate(len(bytes.TrimRight(p.out.Bytes(), " ")))
	p.out.WriteByte('\n')
}

// sentences sets one sentence after another: Chinese needs no blank between them.
func (p *page) sentences(list ...string) string {
	blank := " "
	if p.lang == words.ZH {
		blank = ""
	}
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), blank)
}

// source is a file's lines, nil where they are not at hand.
func (p *page) source(file string) []string {
	if lines, ok := p.files[file]; ok || p.read == nil {
		return lines
	}
	var lines []string
	if text, ok := p.read(file); ok {
		lines = split(strings.TrimPrefix(string(text), "\ufeff"))
	}
	p.files[file] = lines
	return lines
}

// flow sets a text below head, which stands before its first line; later lines
// are as far in.
func (p *page) flow(head, text string, s style) {
	at := cells(head)
	for i, l := range wrap(text, p.prose-at) {
		if i > 0 {
			head = strings.Repeat(" ", at)
		}
		p.line(head, p.in(s, l))
	}
}

// field is a labelled text.
func (p *page) field(label, text string, s style) {
	if text == "" {
		return
	}
	label = pad(p.t("check.label."+label), p.label)
	at := len(indent) + p.label
	for i, l := range wrap(text, p.prose-at) {
		if i > 0 {
			label = strings.Repeat(" ", p.label)
		}
		p.line(indent, p.in(dim, label), p.in(s, l))
	}
}

// head begins a part of the report.
func (p *page) head(key string, s style) {
	title := p.t(key)
	p.line(p.in(s, "━━ "+title+" "+strings.Repeat("━", max(3, p.prose-4-cells(title)))))
	p.line()
}

// file begins what is said of one file; remark stands at the right end.
func (p *page) file(name, remark string) {
	name = clean(name)
	fill := max(3, p.prose-5-cells(name)-cells(remark))
	p.line(p.in(dim, "── "), p.in(bold, name), p.in(dim, " "+strings.Repeat("─", fill)+" "+remark))
	p.line()
}

// section lists the findings of one verdict, file by file.
func (p *page) section(v finding.Verdict) {
	var list []*finding.Finding
	for i := range p.report.Findings {
		if f := &p.report.Findings[i]; f.Verdict == v {
			list = append(list, f)
		}
	}
	key := "check.file.violations"
	if v == finding.Review {
		key = "check.file.reviews"
	}
	for len(list) > 0 {
		file := list[0].Place.File
		n := slices.IndexFunc(list, func(f *finding.Finding) bool { return f.Place.File != file })
		if n < 0 {
			n = len(list)
		}
		p.file(reachable(p.report.Root, file), counted(p.lang, key, n))
		for _, f := range list[:n] {
			p.finding(f)
		}
		list = list[n:]
	}
}

// sign is the mark, colour and word of a verdict.
func (p *page) sign(v finding.Verdict) (mark string, s style, word string) {
	if v.Valid() {
		word = p.t("check.verdict." + string(v))
	}
	switch v {
	case finding.Violation:
		return "✗", red, word
	case finding.Review:
		return "?", yellow, word
	case finding.Pass:
		return "✓", green, word
	}
	return "–", dim, word
}

func (p *page) finding(f *finding.Finding) {
	mark, tint, word := p.sign(f.Verdict)
	place := f.Place
	place.File = reachable(p.report.Root, place.File)
	where := clean(place.String())
	clause := strings.TrimSpace(clean(f.Clause) + " " + clauseTitle(p.report.Edition, f.Clause, p.lang))
	head := cells(mark) + 1 + cells(where) + 2 + cells(word)
	if head+2+cells(clause) <= p.prose {
		p.line(p.in(tint, mark), " ", p.in(cyan, where), indent, p.in(tint, word), indent, p.in(bold, clause))
	} else {
		p.line(p.in(tint, mark), " ", p.in(cyan, where), indent, p.in(tint, word))
		p.flow(indent, clause, bold)
	}
	p.flow(indent, said(f.Message, p.lang), plain)
	p.line()
	p.excerpt(f.Place, tint)

	p.path(f.Path, tint)
	if rule := ruleOf(p.report, f.Rule); rule != nil && (p.verbose || !p.told[f.Rule]) {
		p.told[f.Rule] = true
		p.field("why", said(rule.Summary, p.lang), plain)
	}
	if f.Fix != nil {
		p.field("fix", said(f.Fix.Message, p.lang), plain)
	}
	p.field("platforms", strings.Join(f.Platforms, p.t("check.and")), plain)
	p.field("more", explain(f.Rule), cyan)
	p.line()
}

// path draws the way from the entry to the effect, a step a line.
func (p *page) path(steps []finding.Step, tint style) {
	if len(steps) == 0 {
		return
	}
	wide := 0
	where := make([]string, len(steps))
	for i, s := range steps {
		where[i] = clean(reachable(p.report.Root, s.Place.File))
		if s.Place.Line > 0 {
			where[i] += ":" + strconv.Itoa(s.Place.Line)
		}
		wide = max(wide, cells(where[i]))
	}
	label := p.in(dim, pad(p.t("check.label.path"), p.label))
	left := len(indent) + p.label + 2 // and the joint
	room := p.prose - left - wide - 2
	beside := room >= 24 // else the words stand below the place
	if !beside {
		room = p.prose - left
	}
	for i, s := range steps {
		joint, on, at := "├ ", "│ ", plain
		switch {
		case len(steps) == 1:
			joint, on, at = "• ", "  ", bold
		case i == 0:
			joint = "╭ "
		case i == len(steps)-1:
			joint, on, at = "╰ ", "  ", bold
		}
		first := p.in(tint, joint) + p.in(at, pad(where[i], wide))
		said := wrap(said(s.Message, p.lang), room)
		if !beside {
			p.line(indent, label, first)
			label, first = strings.Repeat(" ", p.label), p.in(tint, on)
		} else {
			first += indent
		}
		for n, l := range said {
			if n > 0 {
				first = p.in(tint, on)
				if beside {
					first += strings.Repeat(" ", wide+2)
				}
			}
			p.line(indent, label, first, l)
			label = strings.Repeat(" ", p.label)
		}
	}
	p.line()
}
