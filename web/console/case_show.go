package console

import (
	"strings"

	"clew/access"
	"clew/casework"
	"clew/finding"
	"clew/policy"
)

func formID(verb, target string) string {
	if target == "" {
		return verb
	}
	return verb + "-" + target
}

// parts is the page's table of contents: the id of a section, and how many it holds.
func (v *caseView) parts(p *page) (list []named) {
	f := &v.File
	add := func(id string, n int) {
		if n > 0 {
			list = append(list, named{id, text(n)})
		}
	}
	add("findings", max(1, len(f.Findings)))
	list[0].Name = text(len(f.Findings))
	add("reports", len(v.Reports))
	add("appeals", len(f.Appeals))
	add("decisions", len(f.Decisions))
	if v.weighs(p) != "" {
		list = append(list, named{"weigh", ""})
	}
	add("measures", len(f.Measures))
	add("rectify", len(f.Rectifications))
	add("intents", len(f.Intents)+len(f.Defences))
	list = append(list, named{"notes", text(len(f.Notes))}, named{"timeline", text(len(v.Steps))})
	return list
}

// waits is what the case waits for, "" when nothing is to be done.
func (v *caseView) waits() string {
	f := &v.File
	for _, a := range f.Appeals {
		if a.State.Open() {
			return "appeal"
		}
	}
	switch f.State {
	case casework.Intake:
		return "triage"
	case casework.Triaged:
		return "assign"
	case casework.Investigating:
		if len(f.Findings) == 0 {
			return "find"
		}
		return "decide"
	case casework.IntentNoticed:
		return "defence"
	case casework.Proposed:
		return "approve"
	case casework.Rectifying:
		return "rectify"
	case casework.RecheckDue:
		return "recheck"
	case casework.InForce:
		return "close"
	}
	return ""
}

// weighs is how the page shows what a decision would be: open while one is prepared,
// folded for who may take another one, "" where it would only distract.
func (v *caseView) weighs(p *page) string {
	switch {
	case v.Weigh.W == nil && v.Weigh.Why == "":
		return ""
	case v.deciding() || v.Key == "decide" || p.Query.Get("set") != "":
		return "open"
	case p.May(access.CaseDecide) && v.undecided():
		return "folded"
	}
	return ""
}

// standardOf is what the policy proposed where something else was ordered.
func standardOf(d *casework.Decision) casework.Order {
	o := outcome(d)
	return casework.Order{Points: o.Points, RectifyDays: o.RectifyDays, Measures: o.Measures, IfNotFixed: o.IfNotFixed}
}

// working reports whether findings are taken.
func (v *caseView) working() bool { return v.File.State != casework.Intake && !v.File.State.Ended() }

// undecided reports whether a decision can be taken now.
func (v *caseView) undecided() bool { return v.working() && v.File.State != casework.Proposed }

// likelyEnd is how a case in this state usually ends.
func (v *caseView) likelyEnd() casework.State {
	for _, d := range v.File.Decisions {
		if d.InEffect() {
			return casework.Closed
		}
	}
	return casework.Dismissed
}

func (v *caseView) mandatory(path string) bool {
	for _, m := range v.Mandatory {
		if m == path {
			return true
		}
	}
	return false
}

func (v *caseView) foundText(id string) finding.Text {
	if x := v.finding(id); x != nil {
		return x.Text
	}
	return nil
}

func (v *caseView) evidenceOf(id string) string {
	if x := v.finding(id); x != nil {
		return strings.Join(x.Evidence, " ")
	}
	return ""
}

func (v *caseView) rowOf(decision string) string {
	if d := v.decision(decision); d != nil {
		return outcome(d).Row
	}
	return short(decision)
}

// ground is a fact of the closed list, and what the operator says to it if it named it.
type ground struct {
	Fact  policy.OverturnFact
	Named bool
	Said  string
}

// grounds is the whole closed list of an appeal's findings, named facts first.
func (v *caseView) grounds(a casework.Appeal) (list []ground) {
	d := v.decision(a.Decision)
	if d == nil || v.Editions[d.Edition] == nil {
		return nil
	}
	said := map[string]string{}
	for _, g := range a.Grounds {
		said[g.Fact] = g.Text
	}
	var rest []ground
	seen := map[string]bool{}
	for _, id := range a.Findings {
		x := v.finding(id)
		if x == nil {
			continue
		}
		for _, fact := range v.Editions[d.Edition].Overturn(x.Clause) {
			if seen[fact.ID] {
				continue
			}
			seen[fact.ID] = true
			if text, named := said[fact.ID]; named {
				list = append(list, ground{fact, true, text})
			} else {
				rest = append(rest, ground{fact, false, ""})
			}
		}
	}
	return append(list, rest...)
}

// proposed is the order that the policy proposes.
func (v *caseView) proposed() casework.Order {
	o := v.Weigh.W.Outcome
	return casework.Order{Points: o.Points, RectifyDays: o.RectifyDays, Measures: o.Measures, IfNotFixed: o.IfNotFixed}
}

func (v *caseView) orderedBy(decision string) casework.Order {
	if d := v.decision(decision); d != nil {
		return d.Ordered
	}
	return casework.Order{}
}

// order is an order's fields in one form: what was typed there, else what stands.
func (v *caseView) order(key string, o casework.Order) orderFields {
	if v.Key == key {
		return orderForm(v.Typed, o)
	}
	return orderForm(nil, o)
}

// applies says why this edition applies.
func (p *page) applies(w weighing) string {
	if w.W.Then != nil {
		return p.T("weigh.milder")
	}
	return p.T("weigh.applies")
}

// lines is the thresholds of a score in words.
func (p *page) lines(list []policy.Threshold) string {
	var out []string
	for _, t := range list {
		out = append(out, p.T("threshold", "n", t.Below, "effect", p.T("effect."+t.Effect)))
	}
	return strings.Join(out, p.T("comma"))
}

func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}
