package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"clew/finding"
)

// notesShown is how many notes are listed unless everything is asked for.
const notesShown = 10

// kept lists what was looked at and found in order, or found not to be concerned,
// a line each.
func (p *page) kept() {
	headed := false
	for i := range p.report.Findings {
		f := &p.report.Findings[i]
		if f.Verdict != finding.Pass && f.Verdict != finding.NotApplicable {
			continue
		}
		if !headed {
			p.head("check.section.pass", bold)
			headed = true
		}
		p.brief(f)
	}
	if headed {
		p.line()
	}
}

// suppressed lists what somebody answered for, with the reason given.
func (p *page) suppressed() {
	if len(p.report.Suppressed) == 0 {
		return
	}
	p.head("check.section.suppressed", bold)
	for i := range p.report.Suppressed {
		s := &p.report.Suppressed[i]
		p.brief(&s.Finding)
		kind := "other"
		if s.Kind == "source" || s.Kind == "baseline" {
			kind = s.Kind
		}
		reason := p.t("check.suppressed." + kind)
		if s.Place != nil {
			place := *s.Place
			place.File = reachable(p.report.Root, place.File)
			reason += " " + place.String()
		}
		if s.Reason != "" {
			reason += " – " + s.Reason
		}
		p.field("reason", reason, plain)
	}
	p.line()
}

// brief is a finding in a line or two.
func (p *page) brief(f *finding.Finding) {
	mark, tint, word := p.sign(f.Verdict)
	place := f.Place
	place.File = reachable(p.report.Root, place.File)
	p.line(p.in(tint, mark), " ", p.in(cyan, clean(place.String())), indent, word, indent, clean(f.Clause), indent, p.in(dim, clean(f.Rule)))
	p.flow(indent, said(f.Message, p.lang), plain)
}

// notes lists what a reader must know that is no finding; what was not read goes
// first.
func (p *page) notes() {
	list := slices.Clone(p.report.Notes)
	slices.SortStableFunc(list, func(a, b finding.Note) int {
		switch {
		case a.Incomplete == b.Incomplete:
			return 0
		case a.Incomplete:
			return -1
		}
		return 1
	})
	if len(list) == 0 {
		return
	}
	p.head("check.section.notes", bold)
	left := 0
	if !p.verbose && len(list) > notesShown {
		left = len(list) - notesShown
		list = list[:notesShown]
	}
	for _, n := range list {
		mark, s := "·", dim
		if n.Incomplete {
			mark, s = "!", yellow
		}
		if n.File != "" {
			p.line(p.in(s, mark), " ", p.in(cyan, clean(reachable(p.report.Root, n.File))))
			p.flow(indent, said(n.Message, p.lang), plain)
		} else {
			for i, l := range wrap(said(n.Message, p.lang), p.prose-2) {
				head := indent
				if i == 0 {
					head = p.in(s, mark) + " "
				}
				p.line(head, l)
			}
		}
		if n.Detail != "" {
			p.flow(indent, n.Detail, dim)
		}
	}
	if left > 0 {
		p.flow(indent, counted(p.lang, "check.more_notes", left), dim)
	}
	p.line()
}

// summary ends the report: how many of what, under which clause, out of how much.
func (p *page) summary() {
	r := p.report
	violations, reviews := r.Count(finding.Violation), r.Count(finding.Review)
	unread := 0
	for _, n := range r.Notes {
		if n.Incomplete {
			unread++
		}
	}
	var extra []string
	if n := len(r.Suppressed); n > 0 {
		extra = append(extra, counted(p.lang, "check.count.suppressed", n))
	}
	if unread > 0 {
		extra = append(extra, counted(p.lang, "check.count.unread", unread))
	}
	looked := r.Looked != finding.Looked{}

	if violations+reviews == 0 {
		head, s := p.t("check.clean"), green
		if !looked {
			head, s = p.t("check.nothing"), yellow
		}
		left := ""
		if len(extra) > 0 {
			left = strings.Join(extra, p.t("check.and")) + p.t("check.stop")
		}
		p.flow("", p.sentences(head, p.looked(), left), s)
		return
	}

	p.head("check.section.summary", bold)
	counts := append([]string{
		counted(p.lang, "check.count.violations", violations),
		counted(p.lang, "check.count.reviews", reviews),
	}, extra...)
	dot := p.in(dim, " · ")
	if cells(indent+strings.Join(counts, " · ")) > p.prose {
		dot = "\n" + indent
	}
	counts[0] = p.in(tintOf(violations, red), counts[0])
	counts[1] = p.in(tintOf(reviews, yellow), counts[1])
	p.line(indent, strings.Join(counts, dot))
	p.line()
	p.table()
	p.flow(indent, p.looked(), dim)
	if !r.Whole() {
		p.flow(indent, p.t("check.not_whole"), yellow)
	}
}

func tintOf(n int, s style) style {
	if n == 0 {
		return plain
	}
	return s
}

// table counts violations and reviews by clause, in the order of the clauses' ids.
func (p *page) table() {
	type row struct {
		clause string
		n      [2]int
	}
	var rows []row
	for _, f := range p.report.Findings {
		column := slices.Index([]finding.Verdict{finding.Violation, finding.Review}, f.Verdict)
		if column < 0 {
			continue
		}
		i := slices.IndexFunc(rows, func(r row) bool { return r.clause == f.Clause })
		if i < 0 {
			i = len(rows)
			rows = append(rows, row{clause: f.Clause})
		}
		rows[i].n[column]++
	}
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.clause, b.clause) })

	ids, titles := cells(p.t("check.column.clause")), 0
	for _, r := range rows {
		ids = max(ids, cells(clean(r.clause)))
		titles = max(titles, cells(clauseTitle(p.report.Edition, r.clause, p.lang)))
	}
	heads := [2]string{p.t("check.column.violations"), p.t("check.column.reviews")}
	// Where the page is too narrow for them, the titles stay out.
	if titles = min(titles, 40); ids+titles+cells(heads[0])+cells(heads[1])+4*len(indent) > p.prose {
		titles = 0
	}
	left := func(s string, n int) string { return strings.Repeat(" ", max(0, n-cells(s))) + s }
	gap := strings.Repeat(" ", titles)
	if titles > 0 {
		gap += indent
	}
	p.line(indent, p.in(dim, pad(p.t("check.column.clause"), ids)), gap, indent, p.in(dim, heads[0]), indent, p.in(dim, heads[1]))
	for _, r := range rows {
		title := ""
		if titles > 0 {
			title = indent + pad(wrap(clauseTitle(p.report.Edition, r.clause, p.lang), titles)[0], titles)
		}
		var count [2]string
		for i, n := range r.n {
			count[i] = left(strconv.Itoa(n), cells(heads[i]))
			if n == 0 {
				count[i] = p.in(dim, left("–", cells(heads[i])))
			}
		}
		p.line(indent, pad(clean(r.clause), ids), title, indent, count[0], indent, count[1])
	}
	p.line()
}

// looked says how much the run looked at and by what it judged.
func (p *page) looked() string {
	l := p.report.Looked
	var parts []string
	if l != (finding.Looked{}) {
		what := []string{
			counted(p.lang, "check.count.projects", l.Projects),
			counted(p.lang, "check.count.pages", l.Pages),
			counted(p.lang, "check.count.files", l.Files),
		}
		parts = append(parts, p.t("check.looked", "what", strings.Join(what, p.t("check.and")), "size", size(l.Bytes)))
		if l.Reused > 0 {
			parts = append(parts, counted(p.lang, "check.count.reused", l.Reused))
		}
	}
	if e := p.report.Edition; e != "" {
		key := "check.judged"
		if reading := p.report.Reading; reading == "strict" || reading == "platform" {
			key += "." + reading
		}
		parts = append(parts, p.t(key, "edition", e))
	}
	return p.sentences(parts...)
}

// size is bytes in the unit that leaves one to three digits before the point
// (SI, powers of 1000).
func size(bytes int64) string {
	if bytes < 1000 {
		return strconv.FormatInt(bytes, 10) + " B"
	}
	n, unit := float64(bytes), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		if n /= 1000; n < 999.5 {
			break
		}
	}
	if n < 9.95 {
		return fmt.Sprintf("%.1f %s", n, unit)
	}
	return fmt.Sprintf("%.0f %s", n, unit)
}
