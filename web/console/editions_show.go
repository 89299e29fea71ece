package console

import (
	"maps"
	"slices"
	"strings"

	"clew/policy"
)

func clausesOf(e *policy.Edition) []string { return slices.Sorted(maps.Keys(e.Severity)) }

type namedSpan struct {
	ID   string
	Span policy.Span
}

func clocksOf(e *policy.Edition) []namedSpan {
	k := e.Clocks
	return []namedSpan{
		{"defence", k.Defence},
		{"interim_ends", k.InterimEnds},
		{"register", k.Register},
		{"recheck", k.Recheck},
		{"appeal_window", k.AppealWindow},
		{"money_waits", k.MoneyWaits},
		{"appeal_answer", k.AppealAnswer},
		{"appeal_hard", k.AppealHard},
	}
}

func (p *page) span(s policy.Span) string { return p.T("span."+s.Unit, "n", s.N) }

func changeTone(c policy.Change) string {
	return map[policy.Change]string{policy.Graver: "bad", policy.Mixed: "warn", policy.Lesser: "good"}[c]
}

func differs(list []*policy.Class) bool {
	return slices.ContainsFunc(list, func(k *policy.Class) bool { return k.Change() != policy.Same })
}

// summed is an outcome in one line.
func (p *page) summed(o policy.Outcome) string {
	parts := []string{p.T("order.points", "n", o.Points)}
	for _, m := range o.Measures {
		parts = append(parts, p.measured(m))
	}
	if o.RectifyDays > 0 {
		parts = append(parts, p.T("order.rectify", "n", o.RectifyDays))
	}
	for _, m := range o.IfNotFixed {
		parts = append(parts, p.T("order.else", "what", p.measured(m)))
	}
	return strings.Join(parts, p.T("comma"))
}

// inShort is facts in one line: only those that are not as usual.
func (p *page) inShort(f policy.Facts) string {
	parts := []string{string(f.Severity), p.T("fact.repeat") + " " + text(f.Repeat), p.T("fact.score") + " " + text(f.Score)}
	if f.Fixed {
		parts = append(parts, p.T("fact.fixed"))
	}
	if f.SelfReported {
		parts = append(parts, p.T("fact.self"))
	}
	for _, a := range f.Aggravators {
		parts = append(parts, p.T("aggravator."+string(a)))
	}
	if f.Mandatory {
		parts = append(parts, p.T("fact.mandatory"))
	}
	return strings.Join(parts, p.T("comma"))
}

func (v *editionView) day() string {
	if v.Typed != nil {
		return v.Typed.Get("effective")
	}
	return v.Earliest
}
