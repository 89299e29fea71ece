package lead

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"clew/access"
	"clew/db"
	"clew/funnel"
)

// Outcome is what came of following up.
type Outcome struct {
	State  State
	Reason string // one of [Reasons] with Invalid, else empty
	Note   string // for colleagues, at most 500 characters
}

// BadOutcome says what is wrong with an outcome and how to put it right.
type BadOutcome struct{ Code, Message string }

func (e *BadOutcome) Error() string { return e.Message }

var errNoteNumber = &BadOutcome{"note_has_number", "a note must not hold a phone number; it is not sealed"}

// ErrStale says that the lead was changed since it was read.
var ErrStale = errors.New("this lead was changed in the meantime; read it again")

func (o Outcome) check() error {
	switch {
	case !slices.Contains(States(), o.State):
		return &BadOutcome{"state_unknown", fmt.Sprintf("state is one of %v", States())}
	case o.State == Invalid && !slices.Contains(Reasons(), o.Reason):
		return &BadOutcome{"reason_needed", fmt.Sprintf("an invalid lead needs a reason, one of %v", Reasons())}
	case o.State != Invalid && o.Reason != "":
		return &BadOutcome{"reason_unexpected", "only an invalid lead has a reason code"}
	case utf8.RuneCountInString(o.Note) > 500:
		return &BadOutcome{"note_too_long", "a note has at most 500 characters"}
	}
	// A note is stored in the clear: it must not become a place for numbers.
	digits := 0
	for _, c := range o.Note {
		if c >= '0' && c <= '9' || c >= '０' && c <= '９' {
			digits++
		} else if c != ' ' && c != '-' {
			digits = 0
		}
		if digits >= 7 {
			return errNoteNumber
		}
	}
	// What the record of acts refuses is refused here too: digits of any script, and
	// numbers parted by anything people part them by.
	for line := range strings.Lines(o.Note) {
		var invalid *access.Invalid
		if err := access.CheckText(line, 0, 500); errors.As(err, &invalid) && invalid.Code == "digits" {
			return errNoteNumber
		}
	}
	return nil
}

// SetOutcome records what came of a lead. revision is the one the caller read; 0
// does not ask. Test leads take outcomes like others, and are counted like none.
func (r *Room) SetOutcome(ctx context.Context, caller access.Caller, id string, o Outcome, revision int) (Lead, error) {
	if err := o.check(); err != nil {
		return Lead{}, err
	}
	err := r.Access.Do(ctx, caller, access.LeadOutcome, access.Subject{Kind: "lead", ID: id}, "", func(tx *db.Tx) error {
		l, err := getFor(ctx, tx, caller, id)
		if err != nil {
			return err
		}
		if !l.Erased.IsZero() && o.Note != "" {
			return ErrErased // nothing would ever clear the note again
		}
		if revision != 0 && revision != l.Revision {
			return ErrStale
		}
		n, err := tx.Exec(ctx, `update lead set state=$3, reason=$4, revision=revision+1
			where operator=$1 and id=$2 and revision=$5`, caller.Operator, id, string(o.State), o.Reason, l.Revision)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrStale
		}
		_, err = tx.Exec(ctx, `insert into lead_outcome (operator, id, lead, state, reason, note, by_kind, by_id, at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, caller.Operator, db.NewID("out"), id, string(o.State), o.Reason, o.Note,
			string(caller.Kind), caller.ID, tx.NowMS())
		if err != nil || !l.Erased.IsZero() {
			return err
		}
		state := string(o.State)
		if err := r.Funnel.Settle(ctx, tx, caller.Operator, id, l.Created, funnel.Turn{State: &state, Reason: &o.Reason}); err != nil {
			return err
		}
		counts := tally{}
		counts.move(l.Lead, o.State)
		return counts.write(ctx, tx)
	})
	if err != nil {
		return Lead{}, err
	}
	return r.Get(ctx, caller, id)
}

// Step is one line of a lead's follow-up history.
type Step struct {
	Outcome
	By access.CallerKind
	ID string // of who did it
	At time.Time
}

// History is what was recorded of following a lead up, oldest first.
func (r *Room) History(ctx context.Context, caller access.Caller, id string) ([]Step, error) {
	if err := caller.Require(access.LeadRead); err != nil {
		return nil, err
	}
	var steps []Step
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if caller.Test {
			if _, err := getFor(ctx, tx, caller, id); err != nil {
				return err
			}
		}
		steps, err = db.Collect(ctx, tx, func(s db.Scanner) (v Step, err error) {
			var ms int64
			err = s.Scan(&v.State, &v.Reason, &v.Note, &v.By, &v.ID, &ms)
			v.At = time.UnixMilli(ms).UTC()
			return v, err
		}, "select state, reason, note, by_kind, by_id, at from lead_outcome where operator=$1 and lead=$2 order by at, id", caller.Operator, id)
		return err
	})
	return steps, err
}
