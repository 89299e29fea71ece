package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"clew/access"
	"clew/db"
	"clew/policy"
)

// Step is one thing that happened in a case, for people to follow. Body is what
// was written down about it, as JSON.
type Step struct {
	Seq  int
	Kind string
	By   Who
	At   time.Time
	Body json.RawMessage
}

// Timeline is everything that happened in a case, oldest first, for the desks;
// after is how much of it the caller has read already (a version). [ErrCase].
func (r *Room) Timeline(ctx context.Context, caller access.Caller, id string, after int) (list []Step, err error) {
	if err := r.Access.Check(ctx, caller, access.CaseQueue, access.Subject{Kind: "case", ID: id}); err != nil {
		return nil, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		f, err := oneFile(ctx, tx, "select body from case_file where id=$1", id)
		if err != nil {
			return err
		}
		list, err = db.Collect(ctx, tx, func(s db.Scanner) (e Step, err error) {
			var at int64
			var text string
			err = s.Scan(&e.Seq, &e.Kind, &text, &e.By.Kind, &e.By.ID, &at)
			e.Body, e.At = json.RawMessage(text), time.UnixMilli(at).UTC()
			return e, err
		}, "select seq, kind, body, by_kind, by_id, at from case_event where operator=$1 and case_id=$2 and seq>$3 order by seq", f.Operator, id, after)
		return err
	})
	return list, err
}

// StepKinds lists every kind of step, in the order of its name.
func StepKinds() []string {
	var list []string
	for k := range bodies {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// Past is a decision about an app that took effect.
type Past struct {
	ID, Case  string
	Severity  policy.Severity
	Effective time.Time
	Reversed  bool // by an appeal; it counts for nothing
}

// PastOf is the decisions about an app, the newest first.
func PastOf(ctx context.Context, tx *db.Tx, operator, app string, limit int) ([]Past, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (p Past, err error) {
		var at int64
		err = s.Scan(&p.ID, &p.Case, &p.Severity, &at, &p.Reversed)
		p.Effective = time.UnixMilli(at).UTC()
		return p, err
	}, `select id, case_id, severity, effective_at, reversed from case_decision where operator=$1 and app=$2
		order by effective_at desc, id desc limit $3`, operator, app, limit)
}

// AppealHead is an appeal as a list shows it.
type AppealHead struct {
	Operator, ID, Case, App string
	State                   AppealState
	Reviewer                string // who took it; "" is nobody yet
	Due                     time.Time
}

func reviewer(a Appeal) string {
	if a.Reviewer == nil {
		return ""
	}
	return a.Reviewer.ID
}

// Appeals is one page of the appeals of every operator that are owed an answer, or of
// those that had one: what is due soonest first. next continues it; [ErrCursor].
func (r *Room) Appeals(ctx context.Context, caller access.Caller, closed bool, after string, limit int) (page []AppealHead, next string, err error) {
	if err := r.Access.Check(ctx, caller, access.CaseQueue, access.Subject{Kind: "case"}); err != nil {
		return nil, "", err
	}
	if limit < 1 || limit > 100 {
		limit = 50
	}
	due, id := int64(-1), ""
	if after != "" {
		if n, _ := fmt.Sscanf(after, "%d.%s", &due, &id); n != 2 {
			return nil, "", ErrCursor
		}
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		page, err = db.Collect(ctx, tx, func(s db.Scanner) (a AppealHead, err error) {
			var due int64
			err = s.Scan(&a.Operator, &a.ID, &a.Case, &a.App, &a.State, &a.Reviewer, &due)
			a.Due = time.UnixMilli(due).UTC()
			return a, err
		}, `select operator, id, case_id, app, state, reviewer, due_at from case_appeal
			where closed=$1 and (due_at, id)>($2, $3) order by due_at, id limit $4`, closed, due, id, limit+1)
		return err
	})
	if err == nil && len(page) > limit {
		page = page[:limit]
		last := page[limit-1]
		next = fmt.Sprintf("%d.%s", last.Due.UnixMilli(), last.ID)
	}
	return page, next, err
}

// Difference is what an edition would have made of a past decision. Facts that
// nothing but the time of the decision could tell (repetitions, score) are those
// that were counted then; severities are the new edition's.
type Difference struct {
	Operator, App, Case, Decision string
	Effective                     time.Time
	Old, New                      policy.Outcome
	Change                        policy.Change
}

// backtested is how many decisions a backtest looks at, the newest first.
const backtested = 1000

// Backtest decides what was decided before, as far as it stands, by another edition:
// the newest 1000 decisions, the same ones included. A decision that names a clause
// the edition does not know is an error: such an edition cannot take its place.
func (r *Room) Backtest(ctx context.Context, caller access.Caller, next *policy.Edition) (list []Difference, err error) {
	if err := r.Access.Check(ctx, caller, access.PolicyRead, access.Subject{Kind: "policy", ID: next.Hash()}); err != nil {
		return nil, err
	}
	type row struct{ operator, caseID, decision string }
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		past, err := db.Collect(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.operator, &v.caseID, &v.decision) },
			"select operator, case_id, id from case_decision where not reversed order by effective_at desc, id desc limit $1", backtested)
		if err != nil {
			return err
		}
		files := map[string]File{}
		for _, p := range past {
			f, known := files[p.caseID]
			if !known {
				if f, err = oneFile(ctx, tx, "select body from case_file where operator=$1 and id=$2", p.operator, p.caseID); err != nil {
					return err
				}
				files[p.caseID] = f
			}
			d := f.decision(p.decision)
			if d == nil || !d.InEffect() {
				continue
			}
			diff, err := again(&f, d, next)
			if err != nil {
				return err
			}
			list = append(list, diff)
		}
		return nil
	})
	return list, err
}

// again is one decision by another edition.
func again(f *File, d *Decision, next *policy.Edition) (Difference, error) {
	x := Difference{Operator: f.Operator, App: f.App, Case: f.ID, Decision: d.ID, Effective: d.Effective}
	facts, err := policy.ReadFacts([]byte(d.Facts))
	if err != nil {
		return x, err
	}
	if err := json.Unmarshal([]byte(d.Outcome), &x.Old); err != nil {
		return x, fmt.Errorf("decision %s: its outcome does not read", d.ID)
	}
	var list []Found
	for _, id := range d.Findings {
		found := f.found(id)
		if found == nil {
			return x, errors.New("decision " + d.ID + " names a finding that the case does not have")
		}
		again := *found
		severity, known := next.Severity[again.Clause]
		if !known {
			return x, fmt.Errorf("decision %s: the edition has no severity for clause %s", d.ID, again.Clause)
		}
		again.Severity = severity
		list = append(list, again)
	}
	gravest, others := gravity(list)
	facts.Severity, facts.Others = gravest.Severity, others
	if x.New, err = next.Decide(facts); err != nil {
		return x, err
	}
	x.Change = policy.Compare(x.Old, x.New)
	return x, nil
}
