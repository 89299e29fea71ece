package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/db"
	"clew/policy"
)

// Late says that the time to appeal is over.
type Late struct{ Until time.Time }

func (e *Late) Error() string {
	return "the time to appeal ended " + e.Until.Format(time.RFC3339)
}

// NewAppeal is what an operator says against a decision.
type NewAppeal struct {
	Decision string
	Findings []string // of the decision; empty is all of them
	Grounds  []Ground // at least one, from the closed list of the findings' clauses
	Evidence []string
}

// File an appeal. It takes the time window of the edition the decision was taken by,
// counted from when it took effect, and one open appeal per decision at a time.
func (r *Room) Appeal(ctx context.Context, caller access.Caller, id string, n NewAppeal) (File, error) {
	return r.change(ctx, caller, access.CaseAnswer, caller.Operator, id, 0, func(w *work) error {
		d := w.file.decision(n.Decision)
		if d == nil || d.Effective.IsZero() {
			return &BadStep{"appeal", "decision_none", "there is no such decision in force"}
		}
		if d.Reversed != "" {
			return &BadStep{"appeal", "reversed", "the decision was reversed already"}
		}
		edition, err := policy.ByHash(ctx, w.tx, d.Edition)
		if err != nil {
			return err
		}
		if until := edition.Clocks.AppealWindow.After(d.Effective); !w.tx.Now().Before(until) {
			return &Late{until}
		}
		if w.file.contested(n.Decision) {
			return &BadStep{"appeal", "appeal_open", "one is open already; it is answered first"}
		}
		if len(n.Findings) == 0 {
			n.Findings = slices.Clone(d.Findings)
		}
		allowed := map[string]bool{}
		for _, f := range n.Findings {
			if !slices.Contains(d.Findings, f) {
				return &BadStep{"appeal", "finding_none", "the decision rests on no finding " + f}
			}
			for _, fact := range edition.Overturn(w.file.found(f).Clause) {
				allowed[fact.ID] = true
			}
		}
		if len(n.Grounds) == 0 {
			return &BadStep{"appeal", "ground_missing", "name at least one fact that would overturn the finding"}
		}
		for _, g := range n.Grounds {
			if !allowed[g.Fact] {
				return &BadStep{"appeal", "ground_unknown", fmt.Sprintf("%q is not on the list of facts that overturn these findings", g.Fact)}
			}
			if err := access.CheckText(g.Text, 4, 4000); err != nil {
				return err
			}
		}
		if err := w.add(&appealed{Appeal{
			ID: db.NewID("apl"), Decision: n.Decision, Findings: n.Findings, Grounds: n.Grounds, Evidence: n.Evidence,
			State: Filed, Due: edition.Clocks.AppealAnswer.After(w.tx.Now()),
		}}); err != nil {
			return err
		}
		return w.tell(ctx, "case.appealed")
	})
}

// WithdrawAppeal takes an appeal back; another may be filed within the window.
func (r *Room) WithdrawAppeal(ctx context.Context, caller access.Caller, id, appeal string) (File, error) {
	return r.change(ctx, caller, access.CaseAnswer, caller.Operator, id, 0, func(w *work) error {
		if a := w.file.appeal(appeal); a == nil || !a.State.Open() {
			return &BadStep{"appeal", "appeal_closed", "it is not open"}
		}
		return w.add(&judged{Appeal: appeal, State: Withdrawn})
	})
}

// TakeAppeal says that somebody works on it.
func (r *Room) TakeAppeal(ctx context.Context, caller access.Caller, id string, version int, appeal string) (File, error) {
	return r.change(ctx, caller, access.AppealDecide, "", id, version, func(w *work) error {
		if _, err := w.judge(appeal); err != nil {
			return err
		}
		return w.add(&taken{appeal})
	})
}

// judge holds whoever answers an appeal to the separation: another person than those
// who found and decided.
func (w *work) judge(appeal string) (*Appeal, error) {
	a := w.file.appeal(appeal)
	if a == nil || !a.State.Open() {
		return nil, &BadStep{"appeal", "appeal_closed", "it is not open"}
	}
	if w.caller.Kind != access.KindStaff {
		return nil, ErrAlone
	}
	d := w.file.decision(a.Decision)
	if d.Took(w.caller.ID) {
		return nil, ErrOwnDecision
	}
	for _, id := range d.Findings {
		if x := w.file.found(id); x != nil && x.By.ID == w.caller.ID {
			return nil, ErrOwnDecision
		}
	}
	return a, nil
}

// Judgement is the answer to an appeal.
type Judgement struct {
	State      AppealState // Upheld, Modified, Overturned or Inadmissible
	Answer     string      // in writing, always
	Conditions string
	// Order is what takes the decision's place, for Modified; nothing in it may be
	// heavier.
	Order *Order
}

// AnswerAppeal answers an appeal, by another person, in writing. Overturned undoes
// every measure of the decision in this transaction and marks the register; Modified
// does the same and orders something milder, with the time already served.
func (r *Room) AnswerAppeal(ctx context.Context, caller access.Caller, id string, version int, appeal string, j Judgement) (File, error) {
	return r.change(ctx, caller, access.AppealDecide, "", id, version, func(w *work) error {
		a, err := w.judge(appeal)
		if err != nil {
			return err
		}
		if len([]rune(strings.TrimSpace(j.Answer))) < leastReasons {
			return &BadDecision{"answer", "answer_short", "an appeal is answered in writing, with reasons"}
		}
		for _, text := range []string{j.Answer, j.Conditions} {
			if err := access.CheckText(text, 0, mostReasons); err != nil {
				return err
			}
		}
		d := *w.file.decision(a.Decision)
		switch {
		case !slices.Contains([]AppealState{Upheld, Modified, Overturned, Inadmissible}, j.State):
			return &BadStep{"appeal", "answer_kind", "it is answered as upheld, modified, reversed or inadmissible"}
		case (j.State == Modified) != (j.Order != nil):
			return &BadDecision{"order", "order_misplaced", "goes with modified and with nothing else"}
		}
		if j.State == Modified {
			if err := notHeavier(d.Ordered, *j.Order); err != nil {
				return err
			}
		}
		if err := w.add(&judged{appeal, j.State, strings.TrimSpace(j.Answer), strings.TrimSpace(j.Conditions)}); err != nil {
			return err
		}
		switch j.State {
		case Overturned:
			if err := w.undo(ctx, d.ID, "an appeal overturned the decision"); err != nil {
				return err
			}
		case Modified:
			if err := w.modify(ctx, d, *j.Order, j.Answer); err != nil {
				return err
			}
		}
		if err := answerReports(ctx, w.tx, w.file.Operator, w.file.ID, string(j.State), ""); err != nil {
			return err
		}
		return w.tell(ctx, "case.appeal_answered")
	})
}

func notHeavier(old, now Order) error {
	if now.Points > old.Points {
		return &BadDecision{"order", "heavier", "an appeal does not make it heavier: more points"}
	}
	for _, list := range [][]policy.Measure{now.Measures, now.IfNotFixed} {
		if faults := policy.CheckMeasures(list); len(faults) > 0 {
			return &BadDecision{"order", "measures", strings.Join(faults, "; ")}
		}
	}
	if m, ok := policy.Heavier(now.Measures, old.Measures); ok {
		return &BadDecision{"order", "heavier", "an appeal does not make it heavier: " + string(m.Kind)}
	}
	if m, ok := policy.Heavier(now.IfNotFixed, slices.Concat(old.IfNotFixed, old.Measures)); ok {
		return &BadDecision{"order", "heavier", "an appeal does not make it heavier: " + string(m.Kind)}
	}
	return nil
}

// undo ends every measure of a decision as if it had never been.
func (w *work) undo(ctx context.Context, decision, why string) error {
	for _, m := range slices.Clone(w.file.Measures) {
		if m.Decision != decision {
			continue
		}
		switch {
		case m.State.Running():
			if err := w.end(ctx, m.ID, Reversed, why); err != nil {
				return err
			}
		case m.State == Captured:
			// The money comes back.
			if err := w.add(&changed{Measure: m.ID, To: Reversed, Why: why}); err != nil {
				return err
			}
			if err := w.command(ctx, &m, "undo"); err != nil {
				return err
			}
			if err := unregister(ctx, w.tx, &w.file, m.ID, Reversed); err != nil {
				return err
			}
		case m.State == Expired, m.State == Lifted, m.State == Superseded:
			// It is over; the register says that it should not have been.
			if err := w.add(&changed{Measure: m.ID, To: Reversed, Why: why, Served: m.Served}); err != nil {
				return err
			}
			if err := unregister(ctx, w.tx, &w.file, m.ID, Reversed); err != nil {
				return err
			}
		}
	}
	return nil
}

// modify puts a milder order in a decision's place. What was served of a suspension
// counts.
func (w *work) modify(ctx context.Context, old Decision, order Order, answer string) error {
	served := map[policy.Kind]time.Duration{}
	for _, m := range w.file.Measures {
		if m.Decision == old.ID && m.State.Running() {
			served[m.Kind] = max(served[m.Kind], w.tx.Now().Sub(m.Starts))
			if m.Kind == policy.CapabilityRevoke {
				served[policy.CapabilitySuspend] = max(served[policy.CapabilitySuspend], w.tx.Now().Sub(m.Starts))
			}
		}
	}
	if err := w.undo(ctx, old.ID, "an appeal changed the decision"); err != nil {
		return err
	}
	d := Decision{
		ID: db.NewID("dec"), Findings: old.Findings, Edition: old.Edition, Facts: old.Facts, Outcome: old.Outcome, Ordered: order,
		Deviation: strings.TrimSpace(answer), Reasons: old.Reasons,
	}
	if err := w.add(&proposed{d}); err != nil {
		return err
	}
	if err := w.add(&replaced{old.ID, d.ID}); err != nil {
		return err
	}
	if err := w.effect(ctx, d.ID); err != nil {
		return err
	}
	for _, m := range slices.Clone(w.file.Measures) {
		if m.Decision != d.ID || m.Ends.IsZero() || served[m.Kind] == 0 {
			continue
		}
		if err := w.add(&shortened{m.ID, m.Ends.Add(-served[m.Kind])}); err != nil {
			return err
		}
	}
	return w.tick(ctx) // what was served in full is over
}

// replaced: a decision that an appeal changed counts for nothing; the new one does.
type replaced struct {
	Old string `json:"old"`
	New string `json:"new"`
}

func (replaced) kind() string { return "decision_replaced" }

func (b *replaced) apply(f *File, _ Who, _ time.Time) {
	if d := f.decision(b.Old); d != nil {
		d.Reversed = b.New
	}
}

// shortened: time served is credited.
type shortened struct {
	Measure string    `json:"measure"`
	Ends    time.Time `json:"ends"`
}

func (shortened) kind() string { return "measure_shortened" }

func (b *shortened) apply(f *File, _ Who, _ time.Time) {
	if m := f.measure(b.Measure); m != nil {
		m.Ends = b.Ends
	}
}
