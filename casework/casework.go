// Package casework keeps one promise: from a report to an appeal nothing is lost,
// nothing is changed afterwards, and nobody judges their own decision.
//
// What detectors see is kept once per fingerprint ([Record]). A case ([File]) is what
// its events make of it (event.go): reports, findings, decisions, measures,
// rectifications, appeals. Each method of [Room] that changes a case checks the
// caller and the version they read, appends events, and does in the same
// transaction what they bring: the capability, the score, the register, the command
// to the host, the ledger. [Replay] computes a case anew.
package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clew/access"
	"clew/capability"
	"clew/db"
	"clew/finding"
	"clew/outbox"
	"clew/seal"
)

// ErrUnknown says that there is no such record, or that it is another operator's.
var ErrUnknown = errors.New("no such finding")

// BadFinding says what a detector left out.
type BadFinding struct{ Why error }

func (e *BadFinding) Error() string { return fmt.Sprintf("a finding cannot be kept: %v", e.Why) }
func (e *BadFinding) Unwrap() error { return e.Why }

// Room is where findings are kept and cases are worked.
type Room struct {
	DB         *db.DB
	Access     *access.Room
	Capability *capability.Room
	Outbox     *outbox.Room
	Ring       *seal.Ring // seals what reporters say of themselves
}

// Record is something that was found, and how often.
type Record struct {
	Operator, ID, App string
	Component         string // empty where it is about the app
	Detector          string // what saw it: [Server], "check", "patrol"
	Finding           finding.Finding
	First, Last       time.Time
	Times             int // from 1
}

// maxFinding bounds what one finding may take, in bytes of JSON.
const maxFinding = 256 << 10

// Server is the detector of what the running program sees itself.
const Server = "server"

// Record is [Room.RecordFrom] of what the running program saw.
func (r *Room) Record(ctx context.Context, tx *db.Tx, operator, app, component string, f finding.Finding) (id string, err error) {
	return r.RecordFrom(ctx, tx, Server, operator, app, component, f)
}

// RecordFrom keeps what a detector found about an app, or counts it when the same
// fingerprint was found before by this detector, for the same component (empty is
// the app). The newest wording and verdict stand. It is a write without a caller:
// detectors are parts of the program. *[BadFinding].
func (r *Room) RecordFrom(ctx context.Context, tx *db.Tx, detector, operator, app, component string, f finding.Finding) (id string, err error) {
	if f.Fingerprint == "" {
		f.Stamp("")
	}
	if err := f.Check(); err != nil {
		return "", &BadFinding{err}
	}
	text, err := json.Marshal(f)
	if err != nil {
		return "", &BadFinding{err}
	}
	if len(text) > maxFinding || operator == "" || app == "" || detector == "" {
		return "", &BadFinding{errors.New("it is too large, or says not whose app it is about, or what saw it")}
	}
	return db.One(ctx, tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) }, `insert into finding_record
		(operator, id, app, component, fingerprint, rule, clause, verdict, detector, finding, first_at, last_at, times)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, 1)
		on conflict (operator, app, component, detector, fingerprint) do update set rule=excluded.rule, clause=excluded.clause,
		verdict=excluded.verdict, finding=excluded.finding, last_at=excluded.last_at, times=finding_record.times+1
		returning id`,
		operator, db.NewID("fnd"), app, component, f.Fingerprint, f.Rule, f.Clause, string(f.Verdict), detector, string(text), tx.NowMS())
}

const columns = "operator, id, app, component, detector, finding, first_at, last_at, times"

func scan(s db.Scanner) (r Record, err error) {
	var text string
	var first, last int64
	if err := s.Scan(&r.Operator, &r.ID, &r.App, &r.Component, &r.Detector, &text, &first, &last, &r.Times); err != nil {
		return r, err
	}
	r.First, r.Last = time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()
	return r, json.Unmarshal([]byte(text), &r.Finding)
}

// Query narrows a list. The zero value is everything the caller may see.
type Query struct {
	Operator  string // for the platform; an operator's caller sees only its own
	App       string
	Component string
	Verdict   finding.Verdict
	// After is the last record of the page before; zero is the first page.
	After Cursor
	Limit int // 1 to 100; anything else means 50
}

// Cursor is a place in a list.
type Cursor struct {
	Last time.Time
	ID   string
}

// List is findings as they were last seen, the newest first, and the cursor of the
// next page, zero at the end. An operator's callers see their own; the platform's see
// all.
func (r *Room) List(ctx context.Context, caller access.Caller, q Query) (page []Record, next Cursor, err error) {
	if err := r.Access.Check(ctx, caller, access.FindingRead, access.Subject{Kind: "finding"}); err != nil {
		return nil, Cursor{}, err
	}
	if caller.Operator != "" {
		q.Operator = caller.Operator
	}
	if q.Limit < 1 || q.Limit > 100 {
		q.Limit = 50
	}
	after := int64(1 << 62)
	if !q.After.Last.IsZero() {
		after = q.After.Last.UnixMilli()
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		page, err = db.Collect(ctx, tx, scan, "select "+columns+` from finding_record
			where ($1='' or operator=$1) and ($2='' or app=$2) and ($3='' or component=$3) and ($4='' or verdict=$4)
			and (last_at<$5 or last_at=$5 and id<$6) order by last_at desc, id desc limit $7`,
			q.Operator, q.App, q.Component, string(q.Verdict), after, q.After.ID, q.Limit+1)
		return err
	})
	if err == nil && len(page) > q.Limit {
		page = page[:q.Limit]
		next = Cursor{page[q.Limit-1].Last, page[q.Limit-1].ID}
	}
	return page, next, err
}

// Get is one record; [ErrUnknown].
func (r *Room) Get(ctx context.Context, caller access.Caller, id string) (rec Record, err error) {
	if err := r.Access.Check(ctx, caller, access.FindingRead, access.Subject{Kind: "finding"}); err != nil {
		return Record{}, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		rec, err = db.One(ctx, tx, scan, "select "+columns+" from finding_record where id=$1 and ($2='' or operator=$2)", id, caller.Operator)
		if errors.Is(err, db.ErrNone) {
			return ErrUnknown
		}
		return err
	})
	return rec, err
}
