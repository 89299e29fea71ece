package casework

import (
	"context"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/db"
	"clew/finding"
	"clew/policy"
)

// Triage takes a case out of the intake.
func (r *Room) Triage(ctx context.Context, caller access.Caller, id string, version, priority int) (File, error) {
	return r.change(ctx, caller, access.CaseWork, "", id, version, func(w *work) error {
		if w.file.State != Intake {
			return &BadStep{"case", "not_intake", "it is " + string(w.file.State) + ", not in the intake"}
		}
		if priority < 0 || priority > 2 {
			return &BadStep{"priority", "priority", "is 0, 1 or 2"}
		}
		return w.add(&triaged{priority})
	})
}

// Assign gives a case to a member of staff, or back to the queue ("").
func (r *Room) Assign(ctx context.Context, caller access.Caller, id string, version int, to string) (File, error) {
	return r.change(ctx, caller, access.CaseWork, "", id, version, func(w *work) error {
		if w.file.State.Ended() || w.file.State == Intake {
			return &BadStep{"case", "not_triaged", "it is " + string(w.file.State) + "; nobody works on it"}
		}
		if w.file.Assignee == to {
			return nil
		}
		return w.add(&assigned{to})
	})
}

// Note adds a remark; a public one is told to operator and reporters.
func (r *Room) Note(ctx context.Context, caller access.Caller, id string, text string, public bool) (File, error) {
	return r.change(ctx, caller, access.CaseWork, "", id, 0, func(w *work) error {
		if err := access.CheckText(text, 1, 4000); err != nil {
			return err
		}
		return w.add(&noted{strings.TrimSpace(text), public})
	})
}

// NewFinding is a breach that a person establishes, or confirms.
type NewFinding struct {
	ID       string // of one that a detector established and a person now confirms; "" is a new one
	Clause   string
	Verdict  finding.Verdict
	Text     finding.Text
	Evidence []string
	ActAt    time.Time // zero is now
	Act      string
}

// Find notes a breach in a case. The clause decides the severity, by the edition in
// force when it happened.
func (r *Room) Find(ctx context.Context, caller access.Caller, id string, version int, n NewFinding) (File, error) {
	return r.change(ctx, caller, access.CaseWork, "", id, version, func(w *work) error {
		if w.file.State.Ended() || w.file.State == Intake {
			return &BadStep{"case", "not_triaged", "it is " + string(w.file.State) + "; triage it first"}
		}
		if n.ActAt.IsZero() {
			n.ActAt = w.tx.Now()
		}
		if n.ActAt.After(w.tx.Now()) {
			return &BadDecision{"act_at", "future", "lies ahead"}
		}
		edition, err := policy.At(ctx, w.tx, n.ActAt)
		if err != nil {
			return err
		}
		severity, known := edition.Severity[n.Clause]
		if !known {
			return &BadDecision{"clause", "clause", "the policy knows no clause " + n.Clause}
		}
		if !n.Verdict.Valid() {
			return &BadDecision{"verdict", "verdict", "is violation, review, pass or not_applicable"}
		}
		for _, text := range n.Text {
			if err := access.CheckText(text, 0, 4000); err != nil {
				return err
			}
		}
		if strings.TrimSpace(n.Text["zh"]) == "" {
			return &BadDecision{"text", "text_missing", "say what was found, in Chinese at least"}
		}
		x := Found{
			ID: db.NewID("fin"), Clause: n.Clause, Severity: severity, Verdict: n.Verdict, Text: n.Text,
			Evidence: slices.Clone(n.Evidence), ActAt: n.ActAt, Act: n.Act,
		}
		if n.ID != "" {
			old := w.file.found(n.ID)
			if old == nil {
				return &BadDecision{"finding", "finding_none", "the case has no finding " + n.ID}
			}
			x.ID, x.Fingerprint, x.Record = old.ID, old.Fingerprint, old.Record
		}
		return w.add(&found{x})
	})
}

// End closes, dismisses, refers or merges a case, with the reason. A case in which
// something still runs, waits or is owed is not closed by accident.
func (r *Room) End(ctx context.Context, caller access.Caller, id string, version int, to State, why, into string) (File, error) {
	return r.change(ctx, caller, access.CaseWork, "", id, version, func(w *work) error {
		f := &w.file
		if f.State.Ended() {
			return &BadStep{"case", "ended", "it is " + string(f.State) + " already"}
		}
		if !to.Ended() {
			return &BadStep{"case", "end_kind", "it ends as closed, dismissed, merged or referred"}
		}
		if err := access.CheckText(why, 4, 500); err != nil {
			return err
		}
		if left := f.pending(to); left != nil {
			return left
		}
		if to == Merged {
			other, err := hold(ctx, w.tx, f.Operator, into)
			if err != nil || other.ID == f.ID || other.App != f.App || other.State.Ended() {
				return &BadStep{"case", "merge", "it can be merged into an open case about the same app"}
			}
			o := &work{r, w.tx, w.caller, other, nil}
			for _, report := range f.Reports {
				if err := o.add(&joined{report, f.Evidence}); err != nil {
					return err
				}
			}
			for _, x := range f.Findings {
				if err := o.add(&found{x}); err != nil {
					return err
				}
			}
			if err := o.write(ctx); err != nil {
				return err
			}
			if err := moveReports(ctx, w.tx, f.Operator, f.ID, into); err != nil {
				return err
			}
		}
		if err := w.add(&ended{to, strings.TrimSpace(why), into}); err != nil {
			return err
		}
		if to == Merged {
			return nil
		}
		return answerReports(ctx, w.tx, f.Operator, f.ID, string(to), why)
	})
}

// pending is what keeps a case from ending; nil is nothing.
func (f *File) pending(to State) *BadStep {
	for _, a := range f.Appeals {
		if a.State.Open() {
			return &BadStep{"case", "appeal_waits", "an appeal is not answered yet"}
		}
	}
	if f.State == Proposed {
		return &BadStep{"case", "waits", "a decision waits for its second person"}
	}
	taken := slices.ContainsFunc(f.Decisions, Decision.InEffect)
	if taken && to != Closed {
		return &BadStep{"case", "decided", "something was decided in it; it can only be closed"}
	}
	if !taken && to == Closed {
		return &BadStep{"case", "undecided", "nothing was decided; dismiss it, refer it or merge it"}
	}
	for _, r := range f.Rectifications {
		if r.Result != "passed" && f.decision(r.Decision).InEffect() {
			return &BadStep{"case", "recheck_waits", "the re-inspection has not passed yet"}
		}
	}
	for _, m := range f.Measures {
		if m.State == Pending || m.State == Frozen {
			return &BadStep{"case", "host_waits", "a measure is not settled with the host yet"}
		}
	}
	return nil
}

// Reopen takes an ended case up again.
func (r *Room) Reopen(ctx context.Context, caller access.Caller, id string, version int, why string) (File, error) {
	return r.change(ctx, caller, access.CaseWork, "", id, version, func(w *work) error {
		if w.file.State != Closed && w.file.State != Dismissed {
			return &BadStep{"case", "not_ended", "only what was closed or dismissed is reopened"}
		}
		if err := access.CheckText(why, 4, 500); err != nil {
			return err
		}
		return w.add(&reopened{strings.TrimSpace(why)})
	})
}

// SubmitProof is the operator's word that it was put right. It schedules the
// re-inspection.
func (r *Room) SubmitProof(ctx context.Context, caller access.Caller, id, rectification, text string, evidence []string) (File, error) {
	return r.change(ctx, caller, access.CaseAnswer, caller.Operator, id, 0, func(w *work) error {
		x := w.file.rectification(rectification)
		if x == nil || x.Result == "passed" || w.file.State.Ended() {
			return &BadStep{"rectification", "nothing_to_fix", "nothing is to be put right there"}
		}
		if err := access.CheckText(text, 4, 4000); err != nil {
			return err
		}
		edition, err := policy.ByHash(ctx, w.tx, w.file.decision(x.Decision).Edition)
		if err != nil {
			return err
		}
		if err := w.add(&proved{rectification, strings.TrimSpace(text), evidence, edition.Clocks.Recheck.After(w.tx.Now())}); err != nil {
			return err
		}
		return nil
	})
}

// Recheck is the result of a re-inspection. Passing ends what was ordered until then;
// failing brings what was ordered for that case, and a new date.
func (r *Room) Recheck(ctx context.Context, caller access.Caller, id string, version int, rectification string, passed bool, note string) (File, error) {
	return r.change(ctx, caller, access.CaseWork, "", id, version, func(w *work) error {
		f := &w.file
		x := f.rectification(rectification)
		if x == nil || x.Result == "passed" || f.State.Ended() {
			return &BadStep{"rectification", "nothing_to_fix", "nothing is to be re-inspected there"}
		}
		if err := access.CheckText(note, 4, 4000); err != nil {
			return err
		}
		d := *f.decision(x.Decision)
		b := &rechecked{Rectification: rectification, Passed: passed, Note: strings.TrimSpace(note)}
		first := x.Result == ""
		if !passed {
			b.Again = policy.Span{N: max(1, d.Ordered.RectifyDays), Unit: "d"}.After(w.tx.Now())
		}
		if err := w.add(b); err != nil {
			return err
		}
		if passed {
			for _, m := range slices.Clone(f.Measures) {
				if m.Decision == d.ID && m.State.Running() && m.Until == "recheck" {
					if err := w.end(ctx, m.ID, Lifted, "the re-inspection passed"); err != nil {
						return err
					}
				}
			}
		} else if first {
			for _, m := range d.Ordered.IfNotFixed {
				ends := time.Time{}
				if m.Days > 0 {
					ends = policy.Span{N: m.Days, Unit: "d"}.After(w.tx.Now())
				}
				if err := w.impose(ctx, &d, m, ends, 0); err != nil {
					return err
				}
			}
		}
		return w.tell(ctx, "case.rechecked")
	})
}

// Tick does what time alone brings: measures whose end has come expire, frozen
// deposits whose waiting is over are taken, unless an appeal is open. It returns how
// many cases it changed; call it until that is 0.
func (r *Room) Tick(ctx context.Context) (int, error) {
	type row struct{ operator, id string }
	var due []row
	if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		due, err = db.Collect(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.operator, &v.id) },
			`select distinct operator, case_id from case_measure where running and (ends_at>0 and ends_at<=$1 or state='frozen' and capture_at>0 and capture_at<=$1) limit 100`, tx.NowMS())
		return err
	}); err != nil {
		return 0, err
	}
	n := 0
	for _, c := range due {
		err := r.DB.Write(ctx, func(tx *db.Tx) error {
			f, err := hold(ctx, tx, c.operator, c.id)
			if err != nil {
				return err
			}
			w := &work{r, tx, access.System(c.operator, "clock"), f, nil}
			if err := w.tick(ctx); err != nil {
				return err
			}
			if len(w.events) > 0 {
				n++
			}
			return w.write(ctx)
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (w *work) tick(ctx context.Context) error {
	for _, m := range slices.Clone(w.file.Measures) {
		switch {
		case !m.State.Running():
		case m.State == Frozen:
			if !w.file.contested(m.Decision) && !m.Capture.After(w.tx.Now()) {
				if err := w.end(ctx, m.ID, Captured, "the time to appeal before money is taken is over"); err != nil {
					return err
				}
			}
		case !m.Ends.IsZero() && !m.Ends.After(w.tx.Now()):
			if err := w.end(ctx, m.ID, Expired, "its time was over"); err != nil {
				return err
			}
		}
	}
	return nil
}

// contested reports whether an appeal against a decision is open: until it is
// answered no money is taken.
func (f *File) contested(decision string) bool {
	return slices.ContainsFunc(f.Appeals, func(a Appeal) bool { return a.Decision == decision && a.State.Open() })
}
