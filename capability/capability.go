// Package capability keeps one promise: whether an app may collect leads is
// answered from the store, in the transaction that collects, and a withdrawal
// holds from the next transaction on.
//
// An app's capability goes none → applied → granted → suspended → withdrawn
// (norm 二 and 四). It is in force only while one of the app's categories is open
// and online ([Eligible]). Which are open, and by which basis, is dated data.
package capability

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/calendar"
	"clew/db"
	"clew/outbox"
)

// State is where an app's capability stands.
type State string

// The states. None has no row.
const (
	None      State = "none"
	Applied   State = "applied"
	Granted   State = "granted"
	Suspended State = "suspended"
	Withdrawn State = "withdrawn"
)

var next = map[State][]State{
	None:      {Applied},
	Applied:   {Granted, None},
	Granted:   {Suspended, Withdrawn},
	Suspended: {Granted, Withdrawn},
	Withdrawn: {Applied},
}

// Next is where a capability in state may go next.
func Next(state State) []State { return slices.Clone(next[state]) }

// Status is where an app's capability stands and why.
type Status struct {
	State  State
	Reason string    // for people; empty when nothing needs saying
	Case   string    // the case that decided it; empty when none did
	Since  time.Time // zero for None
	// Due is when an application must be answered; zero unless State is Applied.
	Due time.Time
}

// Closed says that an app may not collect leads now. The zero Since means that it
// never could.
type Closed struct {
	State  State
	Code   string // not_granted, suspended, withdrawn, category_lapsed
	Reason string
	Case   string
	Since  time.Time
}

func (e *Closed) Error() string {
	switch e.Code {
	case "category_lapsed":
		return "the app has no online category in which leads may be collected"
	case "not_granted":
		return "the capability to collect leads was not granted to this app"
	}
	return fmt.Sprintf("the capability to collect leads is %s", e.State)
}

// Room decides and answers.
type Room struct {
	DB     *db.DB
	Access *access.Room
	Outbox *outbox.Room
}

// Get reads where an app's capability stands.
func Get(ctx context.Context, tx *db.Tx, operator, appID string) (Status, error) {
	s, err := db.One(ctx, tx, func(s db.Scanner) (v Status, err error) {
		var ms, due int64
		err = s.Scan(&v.State, &v.Reason, &v.Case, &ms, &due)
		v.Since = time.UnixMilli(ms).UTC()
		if due > 0 {
			v.Due = time.UnixMilli(due).UTC()
		}
		return v, err
	}, "select state, reason, case_id, since, due_at from capability where operator=$1 and app=$2"+tx.ForShare(), operator, appID)
	if errors.Is(err, db.ErrNone) {
		return Status{State: None}, nil
	}
	return s, err
}

// Require is nil when the app may collect leads in this transaction, *[Closed]
// when it may not. On PostgreSQL it holds the rows until the transaction ends, so
// that a withdrawal under way waits and everything after it is refused. Call it
// in a write transaction.
func Require(ctx context.Context, tx *db.Tx, operator, appID string) error {
	_, err := InForce(ctx, tx, operator, appID)
	return err
}

// InForce is [Require] with the categories that let the app collect, at least one.
func InForce(ctx context.Context, tx *db.Tx, operator, appID string) ([]string, error) {
	s, err := Get(ctx, tx, operator, appID)
	if err != nil {
		return nil, err
	}
	if s.State != Granted {
		code := map[State]string{Suspended: "suspended", Withdrawn: "withdrawn"}[s.State]
		if code == "" {
			code = "not_granted"
		}
		return nil, &Closed{State: s.State, Code: code, Reason: s.Reason, Case: s.Case, Since: s.Since}
	}
	paths, err := Eligible(ctx, tx, operator, appID)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, &Closed{State: s.State, Code: "category_lapsed", Since: s.Since}
	}
	return paths, nil
}

// BadStep says that the capability cannot go from one state to another.
type BadStep struct{ From, To State }

func (e *BadStep) Error() string {
	return fmt.Sprintf("a capability that is %s cannot become %s; it can become %v", e.From, e.To, next[e.From])
}

// BadReason says that a decision's reason will not do. It never holds the reason.
type BadReason struct {
	Code string // short, long, characters, digits: as [access.Invalid] has them
}

func (e *BadReason) Error() string {
	return fmt.Sprintf("the reason of a decision is refused (%s): one line of %d to %d characters without a phone number",
		e.Code, reasonMin, reasonMax)
}

const (
	reasonMin = 4   // runes
	reasonMax = 500 // runes; the operator reads it
	auditMax  = 200 // runes of it that the audit keeps
)

// checkReason holds a reason to what its readers need: whoever may no longer collect
// must be told why.
func checkReason(to State, reason string) error {
	least := 0
	if to == Suspended || to == Withdrawn {
		least = reasonMin
	}
	var invalid *access.Invalid
	if err := access.CheckText(reason, least, reasonMax); errors.As(err, &invalid) {
		return &BadReason{invalid.Code}
	}
	return nil
}

// Move takes an app's capability to another state, records who did it and why,
// and tells the operator's webhooks. It needs the app's category online before
// it grants (norm 二), and a reason of 4 to 500 characters before it suspends or
// withdraws. The errors are *[BadStep], *[BadReason], *[Closed] and [app.ErrUnknown].
func (r *Room) Move(ctx context.Context, tx *db.Tx, by access.Caller, operator, appID string, to State, reason, caseID string) error {
	// The app's row is held: of two decisions at once the second meets what the first left.
	if err := app.Hold(ctx, tx, operator, appID); err != nil {
		return err
	}
	now, err := Get(ctx, tx, operator, appID)
	if err != nil {
		return err
	}
	if !slices.Contains(next[now.State], to) {
		return &BadStep{now.State, to}
	}
	reason = strings.TrimSpace(reason)
	if err := checkReason(to, reason); err != nil {
		return err
	}
	if err := r.set(ctx, tx, by, operator, appID, now.State, to, reason, caseID); err != nil || to != Granted {
		return err
	}
	var closed *Closed
	if err := Require(ctx, tx, operator, appID); errors.As(err, &closed) {
		return closed
	} else if err != nil {
		return err
	}
	return nil
}

// set writes a step and tells of it; what may follow what was asked before.
func (r *Room) set(ctx context.Context, tx *db.Tx, by access.Caller, operator, appID string, from, to State, reason, caseID string) (err error) {
	if to == None {
		_, err = tx.Exec(ctx, "delete from capability where operator=$1 and app=$2", operator, appID)
	} else {
		due := int64(0)
		if to == Applied {
			due = calendar.AddWorkingDays(tx.Now(), AnswerDays).UnixMilli()
		}
		_, err = tx.Exec(ctx, `insert into capability (operator, app, state, reason, case_id, since, due_at) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (operator, app) do update set state=excluded.state, reason=excluded.reason, case_id=excluded.case_id,
			since=excluded.since, due_at=excluded.due_at`,
			operator, appID, string(to), reason, caseID, tx.NowMS(), due)
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `insert into capability_event (operator, app, id, from_state, to_state, reason, case_id, by_kind, by_id, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, operator, appID, db.NewID("cev"), string(from), string(to),
		reason, caseID, string(by.Kind), by.ID, tx.NowMS()); err != nil {
		return err
	}
	if to != Granted && to != Suspended && to != Withdrawn {
		return nil
	}
	body, err := json.Marshal(map[string]string{"app": appID, "state": string(to), "case": caseID})
	if err != nil {
		return err
	}
	return r.Outbox.Put(ctx, tx, []outbox.Message{{Operator: operator, Kind: "capability." + string(to), Subject: appID, Body: body}})
}

// Decide is [Room.Move] by a member of the platform's staff, on the record. An
// application is granted only while all [Conditions] hold: *[Unmet].
func (r *Room) Decide(ctx context.Context, caller access.Caller, operator, appID string, to State, reason, caseID string) error {
	said := strings.TrimSpace(reason)
	if checkReason(None, said) != nil {
		said = "" // Move refuses it; a denial is recorded without
	}
	if runes := []rune(said); len(runes) > auditMax {
		said = string(runes[:auditMax-1]) + "…"
	}
	return r.Access.Do(ctx, caller, access.CapabilityDecide, access.Subject{Kind: "app", ID: appID}, said, func(tx *db.Tx) error {
		if err := app.Hold(ctx, tx, operator, appID); err != nil {
			return err
		}
		before, err := Get(ctx, tx, operator, appID)
		if err != nil {
			return err
		}
		if err := r.Move(ctx, tx, caller, operator, appID, to, reason, caseID); err != nil || to != Granted || before.State != Applied {
			return err
		}
		// What held when it was applied for may have gone since.
		lists, err := Conditions(ctx, tx, operator, appID)
		if err != nil {
			return err
		}
		return unmet(lists)
	})
}

// Event is a step that an app's capability took.
type Event struct {
	From, To     State
	Reason, Case string
	By           string // caller id
	At           time.Time
}

// Events is the last 100 steps of an app's capability, newest first.
func Events(ctx context.Context, tx *db.Tx, operator, appID string) ([]Event, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (e Event, err error) {
		var ms int64
		err = s.Scan(&e.From, &e.To, &e.Reason, &e.Case, &e.By, &ms)
		e.At = time.UnixMilli(ms).UTC()
		return e, err
	}, `select from_state, to_state, reason, case_id, by_id, at from capability_event
		where operator=$1 and app=$2 order by at desc, id desc limit 100`, operator, appID)
}
