package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/finding"
	"clew/norm"
	"clew/policy"
)

// Claims are the facts that a person states; the rest is counted.
type Claims struct {
	Fixed        bool
	SelfReported bool
	Aggravators  []policy.Aggravator
}

// Draft is a decision before it is taken.
type Draft struct {
	Findings []string // of the case; at least one
	Claims   Claims
	// Reasons are in Chinese at least, 10 to 4000 characters: what happened and why it
	// is a breach. The row's own words go with them.
	Reasons finding.Text
	// Order replaces what the policy says; nil takes it as it is.
	Order *Order
	// Deviation says why Order is another; needed with it.
	Deviation string
	Interim   bool
}

// BadDecision says what a decision lacks.
type BadDecision struct{ Field, Code, Why string }

func (e *BadDecision) Error() string { return e.Field + ": " + e.Why }

var (
	// ErrAlone says that a decision of this gravity needs two people, and a person at
	// all.
	ErrAlone = errors.New("a decision of this severity is taken by people, and by two of them")
	// ErrOwnDecision says that somebody would judge what they decided or found
	// themselves.
	ErrOwnDecision = errors.New("whoever had a part in a decision cannot approve it or judge the appeal against it")
)

// Weighed is what a decision would be: shown before it is taken, and computed again
// when it is.
type Weighed struct {
	Facts   policy.Facts
	Outcome policy.Outcome
	// Then is what the edition of the time of the act says, where the newer one is
	// milder and applies; nil otherwise.
	Then *policy.Outcome
}

// Weigh computes facts and outcome for findings of a case, without writing: what if.
func (r *Room) Weigh(ctx context.Context, caller access.Caller, id string, findings []string, c Claims) (w Weighed, err error) {
	if err := r.Access.Check(ctx, caller, access.CaseRead, access.Subject{Kind: "case", ID: id}); err != nil {
		return w, err
	}
	if caller.Operator != "" {
		return w, ErrCase
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		f, err := oneFile(ctx, tx, "select body from case_file where id=$1", id)
		if err != nil {
			return err
		}
		w, err = weigh(ctx, tx, &f, findings, c)
		return err
	})
	return w, err
}

// weigh counts what can be counted and asks the policy: the edition in force when
// the gravest act happened, or today's where it is milder.
func weigh(ctx context.Context, tx *db.Tx, f *File, findings []string, c Claims) (w Weighed, err error) {
	if len(findings) == 0 {
		return w, &BadDecision{"findings", "finding_missing", "a decision is about at least one finding"}
	}
	var list []Found
	for _, id := range findings {
		x := f.found(id)
		if x == nil {
			return w, &BadDecision{"findings", "finding_none", "the case has no finding " + id}
		}
		list = append(list, *x)
	}
	gravest, others := gravity(list)
	w.Facts = policy.Facts{
		Severity: gravest.Severity, Fixed: c.Fixed, SelfReported: c.SelfReported, Aggravators: slices.Clone(c.Aggravators), Others: others,
	}
	if len(others) > 0 && !slices.Contains(w.Facts.Aggravators, policy.Concurrent) {
		w.Facts.Aggravators = append(w.Facts.Aggravators, policy.Concurrent)
	}
	if w.Facts.Repeat, err = earlier(ctx, tx, f, gravest.Severity); err != nil {
		return w, err
	}
	if w.Facts.Score, err = capability.Credit(ctx, tx, f.Operator, f.App); err != nil {
		return w, err
	}
	if w.Facts.Mandatory, err = mandatory(ctx, tx, f.Operator, f.App); err != nil {
		return w, err
	}
	then, err := policy.At(ctx, tx, gravest.ActAt)
	if err != nil {
		return w, err
	}
	if w.Outcome, err = then.Decide(w.Facts); err != nil {
		return w, err
	}
	now, err := policy.At(ctx, tx, tx.Now())
	if err != nil || now.Hash() == then.Hash() {
		return w, err
	}
	newer, err := now.Decide(w.Facts)
	if err == nil && policy.Milder(newer, w.Outcome) {
		old := w.Outcome
		w.Outcome, w.Then = newer, &old
	}
	return w, err
}

// gravity is the gravest of findings and the severities of the other acts: one act
// under several clauses counts once, at its gravest. The list is not empty.
func gravity(list []Found) (gravest Found, others []policy.Severity) {
	acts := map[string]Found{}
	var order []string
	for _, x := range list {
		key := x.Act
		if key == "" {
			key = x.ID
		}
		old, seen := acts[key]
		if !seen {
			order = append(order, key)
		}
		if !seen || x.Severity > old.Severity {
			acts[key] = x
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return strings.Compare(string(acts[b].Severity), string(acts[a].Severity)) })
	for _, key := range order[1:] {
		others = append(others, acts[key].Severity)
	}
	return acts[order[0]], others
}

// earlier counts decisions of the same or a graver severity that stand, in the year
// before: reversed ones count for nothing, and nor do those of this very case.
func earlier(ctx context.Context, tx *db.Tx, f *File, s policy.Severity) (int, error) {
	return db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
		`select count(*) from case_decision where operator=$1 and app=$2 and case_id<>$3 and not reversed and effective_at>=$4 and severity>=$5`,
		f.Operator, f.App, f.ID, tx.Now().AddDate(-1, 0, 0).UnixMilli(), string(s))
}

func mandatory(ctx context.Context, tx *db.Tx, operator, appID string) (bool, error) {
	categories, err := app.Categories(ctx, tx, operator, appID)
	if err != nil {
		return false, err
	}
	for _, c := range categories {
		if row, ok := norm.At(tx.Now()).Category(c.Path); ok && c.State == app.Online && row.Mandatory {
			return true, nil
		}
	}
	return false, nil
}

func severityOf(d Decision) (policy.Severity, error) {
	f, err := policy.ReadFacts([]byte(d.Facts))
	return f.Severity, err
}

// Intend tells the operator what is about to be decided, and until when they may
// answer.
func (r *Room) Intend(ctx context.Context, caller access.Caller, id string, version int, findings []string, c Claims) (File, error) {
	return r.change(ctx, caller, access.CaseDecide, "", id, version, func(w *work) error {
		if w.file.State.Ended() || w.file.State == Intake {
			return &BadStep{"case", "not_triaged", "it is " + string(w.file.State) + "; triage it first"}
		}
		x, err := weigh(ctx, w.tx, &w.file, findings, c)
		if err != nil {
			return err
		}
		edition, err := policy.ByHash(ctx, w.tx, x.Outcome.Edition)
		if err != nil {
			return err
		}
		if err := w.add(&intended{Intent{Findings: slices.Clone(findings), Outcome: x.Outcome, Until: edition.Clocks.Defence.After(w.tx.Now())}}); err != nil {
			return err
		}
		return w.tell(ctx, "case.intent")
	})
}

// Defend is the operator's answer to an intent.
func (r *Room) Defend(ctx context.Context, caller access.Caller, id, text string) (File, error) {
	return r.change(ctx, caller, access.CaseAnswer, caller.Operator, id, 0, func(w *work) error {
		if len(w.file.Intents) == 0 {
			return &BadStep{"defence", "no_intent", "no decision was announced"}
		}
		if err := access.CheckText(text, 4, 4000); err != nil {
			return err
		}
		return w.add(&defended{strings.TrimSpace(text)})
	})
}

// Decide takes a decision. One of a severe severity waits for a second person
// ([Room.Approve]); others hold at once. Facts and outcome are computed here again.
func (r *Room) Decide(ctx context.Context, caller access.Caller, id string, version int, d Draft) (File, error) {
	return r.change(ctx, caller, access.CaseDecide, "", id, version, func(w *work) error {
		f := &w.file
		switch f.State {
		case Intake, Closed, Dismissed, Merged, Referred:
			return &BadStep{"case", "ended", "it is " + string(f.State) + "; nothing is decided in it"}
		case Proposed:
			return &BadStep{"case", "waits", "a decision waits for its second person already"}
		}
		x, err := weigh(ctx, w.tx, f, d.Findings, d.Claims)
		if err != nil {
			return err
		}
		if err := checkDraft(f, d, x.Outcome, caller); err != nil {
			return err
		}
		order := Order{x.Outcome.Points, x.Outcome.RectifyDays, x.Outcome.Measures, x.Outcome.IfNotFixed}
		if d.Order != nil {
			order = *d.Order
		}
		if d.Interim {
			// Nothing is settled yet: no points, nothing to put right.
			order = Order{Measures: order.Measures}
		}
		made := Decision{
			ID: db.NewID("dec"), Findings: slices.Clone(d.Findings), Edition: x.Outcome.Edition,
			Facts: string(x.Facts.Canonical()), Outcome: string(x.Outcome.Canonical()),
			Ordered: order, Deviation: strings.TrimSpace(d.Deviation), Reasons: d.Reasons, Interim: d.Interim,
		}
		if err := w.add(&proposed{made}); err != nil {
			return err
		}
		if needsTwo(x.Outcome, order) {
			return nil
		}
		return w.effect(ctx, made.ID)
	})
}

// needsTwo: by the policy, or because what is ordered instead is as heavy.
func needsTwo(o policy.Outcome, ordered Order) bool {
	if o.TwoPeople {
		return true
	}
	for _, m := range slices.Concat(ordered.Measures, ordered.IfNotFixed) {
		switch m.Kind {
		case policy.CapabilityRevoke, policy.AppDelist, policy.PaymentRestrict, policy.WithdrawalRestrict, policy.DepositDeduct:
			return true
		}
	}
	return false
}

const (
	leastReasons = 10
	mostReasons  = 4000
)

func checkDraft(f *File, d Draft, o policy.Outcome, caller access.Caller) error {
	for l, text := range d.Reasons {
		var invalid *access.Invalid
		if err := access.CheckText(text, 0, mostReasons); errors.As(err, &invalid) {
			return &BadDecision{"reasons", "text", fmt.Sprintf("%s: %s", l, invalid.Code)}
		}
	}
	if n := len([]rune(strings.TrimSpace(d.Reasons["zh"]))); n < leastReasons {
		return &BadDecision{"reasons", "reasons_short", fmt.Sprintf("whoever is decided about must be told why, in at least %d characters of Chinese", leastReasons)}
	}
	if d.Order != nil {
		if len([]rune(strings.TrimSpace(d.Deviation))) < leastReasons {
			return &BadDecision{"deviation", "deviation_missing", "say why it is not what the policy orders"}
		}
		if d.Order.Points < 0 || d.Order.Points > 100 || d.Order.RectifyDays < 0 || d.Order.RectifyDays > 365 {
			return &BadDecision{"order", "order_bounds", "points are 0 to 100 and days 0 to 365"}
		}
		for _, list := range [][]policy.Measure{d.Order.Measures, d.Order.IfNotFixed} {
			if faults := policy.CheckMeasures(list); len(faults) > 0 {
				return &BadDecision{"order", "measures", strings.Join(faults, "; ")}
			}
		}
		if len(d.Order.IfNotFixed) > 0 && d.Order.RectifyDays == 0 {
			return &BadDecision{"order", "if_not_fixed", "what follows when it is not put right needs days to put it right"}
		}
	} else if d.Deviation != "" {
		return &BadDecision{"deviation", "deviation_needless", "nothing deviates"}
	}
	if !o.TwoPeople {
		return nil
	}
	if caller.Kind != access.KindStaff {
		return ErrAlone
	}
	for _, id := range d.Findings {
		if x := f.found(id); x.Automated {
			return &BadDecision{"findings", "automated", "a person must look at finding " + id + " before anything severe follows from it"}
		}
	}
	return nil
}

// Approve is the second person's yes: the decision holds from this transaction on.
func (r *Room) Approve(ctx context.Context, caller access.Caller, id string, version int, decision string) (File, error) {
	return r.change(ctx, caller, access.CaseApprove, "", id, version, func(w *work) error {
		if err := w.second(decision); err != nil {
			return err
		}
		return w.effect(ctx, decision)
	})
}

// Decline is the second person's no; the case goes back.
func (r *Room) Decline(ctx context.Context, caller access.Caller, id string, version int, decision, why string) (File, error) {
	return r.change(ctx, caller, access.CaseApprove, "", id, version, func(w *work) error {
		if err := w.second(decision); err != nil {
			return err
		}
		if err := access.CheckText(why, 4, 500); err != nil {
			return err
		}
		return w.add(&declined{decision, strings.TrimSpace(why)})
	})
}

func (w *work) second(decision string) error {
	d := w.file.decision(decision)
	switch {
	case d == nil || w.file.State != Proposed || !d.Effective.IsZero() || d.Declined != "":
		return &BadStep{"decision", "not_waiting", "it does not wait for a second person"}
	case w.caller.Kind != access.KindStaff:
		return ErrAlone
	case d.By.ID == w.caller.ID:
		return ErrOwnDecision
	}
	return nil
}

// effect makes a decision hold: measures, points, rectification, the operator's
// notice, the register.
func (w *work) effect(ctx context.Context, id string) error {
	if err := w.add(&approved{id}); err != nil {
		return err
	}
	d := *w.file.decision(id)
	edition, err := policy.ByHash(ctx, w.tx, d.Edition)
	if err != nil {
		return err
	}
	for _, m := range d.Ordered.Measures {
		if d.Interim {
			// What is taken before the matter is clear ends by itself.
			m.Until, m.Days = "", 0
		}
		ends := time.Time{}
		switch {
		case d.Interim:
			ends = edition.Clocks.InterimEnds.After(w.tx.Now())
		case m.Days > 0:
			ends = policy.Span{N: m.Days, Unit: "d"}.After(w.tx.Now())
		}
		if err := w.impose(ctx, &d, m, ends, 0); err != nil {
			return err
		}
	}
	if d.Ordered.Points > 0 {
		if err := w.impose(ctx, &d, policy.Measure{Kind: policy.ScoreDeduct}, w.tx.Now().AddDate(0, 0, edition.Points.ExpireDays), d.Ordered.Points); err != nil {
			return err
		}
	}
	if d.Ordered.RectifyDays > 0 {
		if err := w.add(&ordered{Rectification: &Rectification{
			ID: db.NewID("rec"), Decision: d.ID, What: d.Findings, Due: policy.Span{N: d.Ordered.RectifyDays, Unit: "d"}.After(w.tx.Now()),
		}}); err != nil {
			return err
		}
	}
	return w.tell(ctx, "case.decided")
}
