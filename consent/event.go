package consent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"clew/db"
	"clew/ledger"
	"clew/words"
)

// Kinds of events in a receipt's story.
const (
	EventGiven     = "given"
	EventWithdrawn = "withdrawn"
	EventErased    = "erased"
	EventCopy      = "copy_issued"
)

// ByPerson is who acts on the person's own page; staff and machines are named by
// their ids, never by name or address.
const ByPerson = "person"

// ErrBy says that an event names its author by something that is no id.
var ErrBy = errors.New(`who did it must be "person" or an id: letters, digits, _ : - and at most 64`)

var eventColumns = []string{"operator", "receipt", "id", "kind", "at", "by_whom"}

// Standing is what became of a receipt. A zero time means: never happened.
type Standing struct {
	GivenAt, WithdrawnAt, ErasedAt time.Time
	WithdrawnBy, ErasedBy          string
	// Copies is how many signed copies were handed out.
	Copies int
}

// Valid reports whether the consent still permits processing.
func (s Standing) Valid() bool {
	return !s.GivenAt.IsZero() && s.WithdrawnAt.IsZero() && s.ErasedAt.IsZero()
}

// Status is the consent status in the terms of the W3C Data Privacy Vocabulary.
// Erasing ends the consent too.
func (s Standing) Status() string {
	switch {
	case s.Valid():
		return "ConsentGiven"
	case s.GivenAt.IsZero():
		return "ConsentUnknown"
	}
	return "ConsentWithdrawn"
}

// State reads a receipt's story.
func State(ctx context.Context, tx *db.Tx, operator, id string) (Standing, error) {
	type event struct {
		kind, by string
		at       int64
	}
	events, err := db.Collect(ctx, tx, func(s db.Scanner) (event, error) {
		var e event
		return e, s.Scan(&e.kind, &e.at, &e.by)
	}, `select kind, at, by_whom from receipt_event where operator=$1 and receipt=$2 order by id`, operator, id)
	if err != nil {
		return Standing{}, fmt.Errorf("read receipt events: %w", err)
	}
	if len(events) == 0 {
		return Standing{}, ErrNoReceipt
	}
	var s Standing
	for _, e := range events {
		at := time.UnixMilli(e.at).UTC()
		switch e.kind {
		case EventGiven:
			s.GivenAt = at
		case EventWithdrawn:
			s.WithdrawnAt, s.WithdrawnBy = at, e.by
		case EventErased:
			s.ErasedAt, s.ErasedBy = at, e.by
		case EventCopy:
			s.Copies++
		}
	}
	return s, nil
}

// Withdraw ends a consent (PIPL 15). changed is false when it had ended before,
// whether by withdrawal or erasure; withdrawing twice is no error.
func Withdraw(ctx context.Context, tx *db.Tx, operator, id, by string) (changed bool, err error) {
	_, standing, err := lock(ctx, tx, operator, id, by)
	if err != nil || !standing.Valid() {
		return false, err
	}
	return true, addEvent(ctx, tx, operator, id, EventWithdrawn, by)
}

// MarkErased notes that what came with the receipt was erased and takes the
// viewport, the only thing that describes a device, out of the receipt. Doing it
// again changes nothing.
func MarkErased(ctx context.Context, tx *db.Tx, operator, id, by string) error {
	r, standing, err := lock(ctx, tx, operator, id, by)
	if err != nil || !standing.ErasedAt.IsZero() {
		return err
	}
	r.Gesture.Viewport = ""
	gesture, err := json.Marshal(r.Gesture)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `update receipt set gesture=$3 where operator=$1 and id=$2`, operator, id, string(gesture)); err != nil {
		return fmt.Errorf("erase receipt: %w", err)
	}
	return addEvent(ctx, tx, operator, id, EventErased, by)
}

// NoteCopy records that a signed copy was handed out.
func NoteCopy(ctx context.Context, tx *db.Tx, operator, id, by string) error {
	if _, _, err := lock(ctx, tx, operator, id, by); err != nil {
		return err
	}
	return addEvent(ctx, tx, operator, id, EventCopy, by)
}

// lock holds the receipt so that of two withdrawals one changes something.
func lock(ctx context.Context, tx *db.Tx, operator, id, by string) (Receipt, Standing, error) {
	if !byShape.MatchString(by) {
		return Receipt{}, Standing{}, ErrBy
	}
	r, err := oneReceipt(ctx, tx, "operator=$1 and id=$2"+tx.ForUpdate(), operator, id)
	if err != nil {
		return Receipt{}, Standing{}, err
	}
	s, err := State(ctx, tx, operator, id)
	return r, s, err
}

var byShape = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_:-]{0,63}$`)

func addEvent(ctx context.Context, tx *db.Tx, operator, id, kind, by string) error {
	if err := tx.Insert(ctx, "receipt_event", eventColumns, [][]any{{operator, id, db.NewID("event"), kind, tx.NowMS(), by}}); err != nil {
		return err
	}
	return ledger.Append(ctx, tx, ledger.Act{Operator: operator, Kind: "consent." + kind, Subject: id, Detail: map[string]string{"by": by}})
}

// Refusal is a sheet closed or declined. It has no member in which a person could
// be recognised, and none must be added.
type Refusal struct {
	Operator, Component string
	Version             int
	NoticeHash          string
	Lang                words.Lang
	// Stage is how far the person had come: lower-case letters and dashes, at most
	// 24, such as "notice", "fields", "code".
	Stage string
	// Form is the nonce of the form that was declined: one form is one refusal,
	// however often it is said. Empty counts each time.
	Form string
	// At is zero for the transaction's instant.
	At time.Time
	// Gesture is the kind only: tap, click, key, link or empty.
	Gesture string
	Test    bool
}

// ErrRefusal says that a refusal carries more than it may.
var ErrRefusal = errors.New("a refusal has a stage of lower-case letters and a gesture kind, nothing else")

var stageShape = regexp.MustCompile(`^[a-z-]{1,24}$`)

// Refuse records a refusal.
func Refuse(ctx context.Context, tx *db.Tx, r Refusal) error {
	switch r.Gesture {
	case "", KindTap, KindClick, KindKey, KindLink:
	default:
		return ErrRefusal
	}
	if !stageShape.MatchString(r.Stage) {
		return ErrRefusal
	}
	at := r.At
	if at.IsZero() {
		at = tx.Now()
	}
	id := db.NewID("refusal")
	if r.Form != "" {
		id = "refusal_" + r.Form
	}
	_, err := tx.Exec(ctx, `insert into refusal (operator, id, component, version, notice_hash, lang, stage, gesture, at, test)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (operator, id) do nothing`,
		r.Operator, id, r.Component, r.Version, r.NoticeHash, string(r.Lang), r.Stage, r.Gesture, at.UnixMilli(), r.Test)
	return err
}
