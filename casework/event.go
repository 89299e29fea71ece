package casework

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// event is one change of a case. Its body says what is true from then on; applying
// it never fails, because what may happen was checked before it was written.
type event struct {
	Kind string
	Seq  int
	By   Who
	At   time.Time
	Body json.RawMessage
}

// body is what an event of one kind holds.
type body interface {
	kind() string
	apply(f *File, by Who, at time.Time)
}

// bodies makes an empty body of each kind, for reading.
var bodies = func() map[string]func() body {
	all := map[string]func() body{}
	for _, blank := range []func() body{
		func() body { return &opened{} }, func() body { return &joined{} }, func() body { return &triaged{} },
		func() body { return &assigned{} }, func() body { return &noted{} }, func() body { return &found{} },
		func() body { return &intended{} }, func() body { return &defended{} }, func() body { return &proposed{} },
		func() body { return &approved{} }, func() body { return &declined{} }, func() body { return &ordered{} },
		func() body { return &changed{} }, func() body { return &answered{} }, func() body { return &proved{} },
		func() body { return &rechecked{} }, func() body { return &appealed{} }, func() body { return &taken{} },
		func() body { return &judged{} }, func() body { return &replaced{} }, func() body { return &shortened{} }, func() body { return &ended{} }, func() body { return &reopened{} },
	} {
		all[blank().kind()] = blank
	}
	return all
}()

// fold computes a case from its events.
func fold(operator, id string, events []event) (File, error) {
	f := File{Operator: operator, ID: id}
	for _, e := range events {
		blank, ok := bodies[e.Kind]
		if !ok {
			return f, fmt.Errorf("case %s: event %d is of the unknown kind %q", id, e.Seq, e.Kind)
		}
		b := blank()
		if err := json.Unmarshal(e.Body, b); err != nil {
			return f, fmt.Errorf("case %s: event %d does not read", id, e.Seq)
		}
		step(&f, b, e.By, e.At)
	}
	return f, nil
}

func step(f *File, b body, by Who, at time.Time) {
	f.Version++
	f.Updated = at
	b.apply(f, by, at)
}

type opened struct {
	App       string    `json:"app"`
	Component string    `json:"component,omitempty"`
	Channel   string    `json:"channel"`
	Due       time.Time `json:"due"` // of triage
}

func (opened) kind() string { return "opened" }

func (b *opened) apply(f *File, _ Who, at time.Time) {
	f.App, f.Component, f.Channel, f.Due, f.Opened, f.State = b.App, b.Component, b.Channel, b.Due, at, Intake
}

type joined struct {
	Report   string   `json:"report"`
	Evidence []string `json:"evidence,omitempty"`
}

func (joined) kind() string { return "report_joined" }

func (b *joined) apply(f *File, _ Who, _ time.Time) {
	if !slices.Contains(f.Reports, b.Report) {
		f.Reports = append(f.Reports, b.Report)
	}
	for _, id := range b.Evidence {
		if !slices.Contains(f.Evidence, id) {
			f.Evidence = append(f.Evidence, id)
		}
	}
}

type triaged struct {
	Priority int `json:"priority"`
}

func (triaged) kind() string { return "triaged" }

func (b *triaged) apply(f *File, _ Who, _ time.Time) {
	f.Priority, f.State, f.Due = b.Priority, Triaged, time.Time{}
}

type assigned struct {
	To string `json:"to"` // staff id; "" gives it back
}

func (assigned) kind() string { return "assigned" }

func (b *assigned) apply(f *File, _ Who, _ time.Time) {
	f.Assignee = b.To
	if f.State == Triaged && b.To != "" {
		f.State = Investigating
	}
}

type noted struct {
	Text   string `json:"text"`
	Public bool   `json:"public"`
}

func (noted) kind() string { return "noted" }

func (b *noted) apply(f *File, by Who, at time.Time) {
	f.Notes = append(f.Notes, Note{b.Text, b.Public, by, at})
}

type found struct{ Found }

func (found) kind() string { return "found" }

func (b *found) apply(f *File, by Who, at time.Time) {
	x := b.Found
	x.By, x.At = by, at
	if i := slices.IndexFunc(f.Findings, func(o Found) bool {
		return o.ID == x.ID || x.Fingerprint != "" && o.Fingerprint == x.Fingerprint && o.Clause == x.Clause
	}); i >= 0 {
		x.ID = f.Findings[i].ID
		f.Findings[i] = x // seen again, or looked at by a person
		return
	}
	f.Findings = append(f.Findings, x)
}

type intended struct{ Intent }

func (intended) kind() string { return "intent_noticed" }

func (b *intended) apply(f *File, by Who, at time.Time) {
	x := b.Intent
	x.By, x.At = by, at
	f.Intents = append(f.Intents, x)
	f.State, f.Due = IntentNoticed, x.Until
}

type defended struct {
	Text string `json:"text"`
}

func (defended) kind() string { return "defended" }

func (b *defended) apply(f *File, by Who, at time.Time) {
	f.Defences = append(f.Defences, Defence{b.Text, by, at})
}

type proposed struct{ Decision }

func (proposed) kind() string { return "proposed" }

func (b *proposed) apply(f *File, by Who, at time.Time) {
	d := b.Decision
	d.By, d.At = by, at
	f.Decisions = append(f.Decisions, d)
	f.State = Proposed
}

type approved struct {
	Decision string `json:"decision"`
}

func (approved) kind() string { return "decided" }

func (b *approved) apply(f *File, by Who, at time.Time) {
	d := f.decision(b.Decision)
	if d == nil {
		return
	}
	d.Effective = at
	if by != d.By {
		d.Approver = &by
	}
	f.State, f.Due = InForce, time.Time{}
}

type declined struct {
	Decision string `json:"decision"`
	Why      string `json:"why"`
}

func (declined) kind() string { return "declined" }

func (b *declined) apply(f *File, by Who, _ time.Time) {
	if d := f.decision(b.Decision); d != nil {
		d.Declined, d.Approver = b.Why, &by
	}
	f.State = Investigating
}

// ordered is a measure or a rectification that a decision brings.
type ordered struct {
	Measure       *Measure       `json:"measure,omitempty"`
	Rectification *Rectification `json:"rectification,omitempty"`
}

func (ordered) kind() string { return "ordered" }

func (b *ordered) apply(f *File, _ Who, _ time.Time) {
	if b.Measure != nil {
		f.Measures = append(f.Measures, *b.Measure)
	}
	if b.Rectification != nil {
		f.Rectifications = append(f.Rectifications, *b.Rectification)
		f.State, f.Due = Rectifying, b.Rectification.Due
	}
}

// changed is a measure going to another state.
type changed struct {
	Measure string        `json:"measure"`
	To      MeasureState  `json:"to"`
	Why     string        `json:"why"`
	Served  time.Duration `json:"served,omitempty"`
}

func (changed) kind() string { return "measure" }

func (b *changed) apply(f *File, _ Who, _ time.Time) {
	if m := f.measure(b.Measure); m != nil {
		m.State, m.Why, m.Served = b.To, b.Why, b.Served
	}
}

type answered struct {
	Measure string `json:"measure"`
	Answer
}

func (answered) kind() string { return "host_answered" }

func (b *answered) apply(f *File, _ Who, at time.Time) {
	if m := f.measure(b.Measure); m != nil {
		a := b.Answer
		a.At = at
		m.Answers = append(m.Answers, a)
	}
}

type proved struct {
	Rectification string    `json:"rectification"`
	Text          string    `json:"text"`
	Evidence      []string  `json:"evidence,omitempty"`
	Recheck       time.Time `json:"recheck"`
}

func (proved) kind() string { return "proof_submitted" }

func (b *proved) apply(f *File, by Who, at time.Time) {
	if r := f.rectification(b.Rectification); r != nil {
		r.Proofs = append(r.Proofs, Proof{b.Text, b.Evidence, by, at})
		r.Recheck = b.Recheck
	}
	f.State, f.Due = RecheckDue, b.Recheck
}

type rechecked struct {
	Rectification string    `json:"rectification"`
	Passed        bool      `json:"passed"`
	Note          string    `json:"note"`
	Again         time.Time `json:"again,omitzero"` // the new due date after a failure
}

func (rechecked) kind() string { return "rechecked" }

func (b *rechecked) apply(f *File, by Who, at time.Time) {
	r := f.rectification(b.Rectification)
	if r == nil {
		return
	}
	r.Note, r.By, r.At, r.Recheck = b.Note, &by, at, time.Time{}
	if b.Passed {
		r.Result, f.State, f.Due = "passed", InForce, time.Time{}
		return
	}
	r.Result = "failed"
	f.State, f.Due = Rectifying, b.Again
}

type appealed struct{ Appeal }

func (appealed) kind() string { return "appealed" }

func (b *appealed) apply(f *File, by Who, at time.Time) {
	a := b.Appeal
	a.By, a.At = by, at
	f.Appeals = append(f.Appeals, a)
}

type taken struct {
	Appeal string `json:"appeal"`
}

func (taken) kind() string { return "appeal_taken" }

func (b *taken) apply(f *File, by Who, _ time.Time) {
	if a := f.appeal(b.Appeal); a != nil {
		a.State, a.Reviewer = UnderReview, &by
	}
}

type judged struct {
	Appeal     string      `json:"appeal"`
	State      AppealState `json:"state"`
	Answer     string      `json:"answer"`
	Conditions string      `json:"conditions,omitempty"`
}

func (judged) kind() string { return "appeal_answered" }

func (b *judged) apply(f *File, by Who, at time.Time) {
	a := f.appeal(b.Appeal)
	if a == nil {
		return
	}
	a.State, a.Answer, a.Conditions, a.Answered = b.State, b.Answer, b.Conditions, at
	if b.State != Withdrawn {
		a.Reviewer = &by
	}
	if d := f.decision(a.Decision); d != nil && b.State == Overturned {
		d.Reversed = a.ID
	}
}

type ended struct {
	To   State  `json:"to"`
	Why  string `json:"why"`
	Into string `json:"into,omitempty"`
}

func (ended) kind() string { return "ended" }

func (b *ended) apply(f *File, _ Who, _ time.Time) {
	f.State, f.Reason, f.Into, f.Due = b.To, b.Why, b.Into, time.Time{}
}

type reopened struct {
	Why string `json:"why"`
}

func (reopened) kind() string { return "reopened" }

func (b *reopened) apply(f *File, _ Who, _ time.Time) {
	f.State, f.Reason = Investigating, b.Why
}
