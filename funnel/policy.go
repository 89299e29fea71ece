package funnel

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"clew/access"
	"clew/db"
)

// The states of a lead that a policy knows; the same words as the lead's own.
const (
	stateNew     = "new"
	stateInvalid = "invalid"
)

// Outcomes are the states by which a policy may call a lead valid.
func Outcomes() []string { return []string{"connected", "won"} }

// Policy says what makes a lead valid. It holds for leads made from From on; the one
// in force when a lead was made judges it for good.
type Policy struct {
	ID   string    `json:"-"` // empty for the default
	From time.Time `json:"-"` // zero for the default
	// Verified: a number that was proved by a code is enough.
	Verified bool `json:"verified"`
	// Outcomes that make a lead valid, of [Outcomes].
	Outcomes []string `json:"outcomes"`
	// Void are the reasons by which an invalid lead is not valid; one that is not
	// listed leaves the lead as it was before anybody called.
	Void []string `json:"void"`
	// WindowDays is how many days after a lead was made its outcome still counts.
	WindowDays int `json:"window_days"`
	// Reason, By and At are of whoever set it.
	Reason string    `json:"-"`
	By     string    `json:"-"`
	At     time.Time `json:"-"`
}

// Why says in one word why a lead is or is not valid; words: funnel.valid.CODE.
const (
	WhyDuplicate = "duplicate" // of an earlier lead
	WhyWithdrawn = "withdrawn" // the consent was taken back
	WhyInvalid   = "invalid"   // for a reason that the policy lists
	WhyOutcome   = "outcome"   // an outcome that the policy lists
	WhyVerified  = "verified"  // the number was proved
	WhyUnproved  = "unproved"  // none of these so far
)

// Whys is every code of [Policy]'s judgement, in the order in which they are looked for.
func Whys() []string {
	return []string{WhyDuplicate, WhyWithdrawn, WhyInvalid, WhyOutcome, WhyVerified, WhyUnproved}
}

// maxWindow bounds WindowDays: rows that say how leads stand are kept so long.
const maxWindow = 180

// DefaultPolicy holds where an operator set none: a proved number, or an outcome that
// somebody reached, unless the lead was found invalid, within 30 days.
func (r *Room) DefaultPolicy() Policy { return defaultPolicy(r.Reasons) }

func defaultPolicy(reasons []string) Policy {
	return Policy{Verified: true, Outcomes: Outcomes(), Void: reasons, WindowDays: 30}
}

func (p *Policy) window() time.Duration { return time.Duration(p.WindowDays) * 24 * time.Hour }

// standing is how a lead stands.
type standing struct {
	verified, duplicate, withdrawn bool
	state, reason                  string
	created                        time.Time
	stage                          int
}

// judge says how far a lead has come, and why.
func (p *Policy) judge(l standing) (stage int, why string) {
	switch {
	case l.duplicate:
		return stageReport, WhyDuplicate
	case l.withdrawn:
		return stageLead, WhyWithdrawn
	case l.state == stateInvalid && (p.Void == nil || slices.Contains(p.Void, l.reason)):
		return stageLead, WhyInvalid
	case slices.Contains(p.Outcomes, l.state):
		return stageValid, WhyOutcome
	case p.Verified && l.verified:
		return stageValid, WhyVerified
	}
	return stageLead, WhyUnproved
}

// policies are an operator's, the earliest first.
type policies []Policy

// at is the policy for a lead made at t. The default voids every reason (nil), so
// that it needs no list here.
func (p policies) at(t time.Time) *Policy {
	for i := len(p) - 1; i >= 0; i-- {
		if !p[i].From.After(t) {
			return &p[i]
		}
	}
	d := defaultPolicy(nil)
	return &d
}

func policiesOf(ctx context.Context, tx *db.Tx, operator string) (policies, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (p Policy, err error) {
		var from, at int64
		var rule string
		if err := s.Scan(&p.ID, &from, &rule, &p.Reason, &p.By, &at); err != nil {
			return p, err
		}
		p.From, p.At = time.UnixMilli(from).UTC(), time.UnixMilli(at).UTC()
		if err := json.Unmarshal([]byte(rule), &p); err != nil {
			return p, fmt.Errorf("policy %s: %w", p.ID, err)
		}
		if p.Void == nil {
			p.Void = []string{} // nil is the default's "every reason"
		}
		return p, nil
	}, "select id, from_at, rule, reason, by_id, at from funnel_policy where operator=$1 order by from_at, id", operator)
}

// BadPolicy says what is wrong with a policy; words: problem.policy.CODE.
type BadPolicy struct{ Field, Code string }

func (e *BadPolicy) Error() string { return e.Field + " of the policy: " + e.Code }

func (p *Policy) check(now time.Time, reasons []string) error {
	switch {
	case p.From.Before(now):
		return &BadPolicy{"from", "past"} // what was counted stays as it was judged
	case p.From.After(now.AddDate(1, 0, 0)):
		return &BadPolicy{"from", "far"}
	case p.WindowDays < 1 || p.WindowDays > maxWindow:
		return &BadPolicy{"window_days", "window"}
	case !p.Verified && len(p.Outcomes) == 0:
		return &BadPolicy{"outcomes", "nothing_valid"}
	}
	for _, o := range p.Outcomes {
		if !slices.Contains(Outcomes(), o) {
			return &BadPolicy{"outcomes", "outcome"}
		}
	}
	for _, v := range p.Void {
		if !slices.Contains(reasons, v) {
			return &BadPolicy{"void", "reason_code"}
		}
	}
	return nil
}

// SetPolicy adds a policy of the caller's operator, on the record. A zero From means
// from now on; an earlier one is refused with [*BadPolicy], so that what was counted
// stays true.
func (r *Room) SetPolicy(ctx context.Context, caller access.Caller, p Policy, reason string) (Policy, error) {
	p.ID = db.NewID("fpol")
	err := r.Access.Do(ctx, caller, access.FunnelPolicyEdit, access.Subject{Kind: "funnel_policy", ID: p.ID}, reason, func(tx *db.Tx) error {
		if p.From.IsZero() {
			p.From = tx.Now()
		}
		if err := p.check(tx.Now(), r.Reasons); err != nil {
			return err
		}
		p.Outcomes, p.Void = tidyList(p.Outcomes), tidyList(p.Void)
		p.Reason, p.By, p.At = reason, caller.ID, tx.Now()
		rule, err := json.Marshal(p)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "insert into funnel_policy (operator, id, from_at, rule, reason, by_id, at) values ($1, $2, $3, $4, $5, $6, $7)",
			caller.Operator, p.ID, p.From.UnixMilli(), string(rule), p.Reason, p.By, tx.NowMS())
		return err
	})
	return p, err
}

func tidyList(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return append([]string{}, slices.Compact(out)...)
}

// Policies is an operator's policies, the earliest first, after the default; the last
// whose From is not in the future is in force.
func (r *Room) Policies(ctx context.Context, caller access.Caller) ([]Policy, error) {
	if err := caller.Require(access.LeadCount); err != nil {
		return nil, err
	}
	all := []Policy{r.DefaultPolicy()}
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		set, err := policiesOf(ctx, tx, caller.Operator)
		all = append(all, set...)
		return err
	})
	return all, err
}
