// Package lead keeps one promise: a lead that was acknowledged is stored once,
// with the consent that allows it, and nobody reads it without leaving a trace.
//
// [Intake] takes submissions in; [Room] reads, works, exports and erases.
package lead

import (
	"errors"
	"log/slog"
	"time"

	"clew/access"
	"clew/db"
	"clew/funnel"
	"clew/outbox"
	"clew/seal"
)

var (
	// ErrUnknown says that the operator has no such lead.
	ErrUnknown = errors.New("no such lead")
	// ErrErased says that the lead's data key is destroyed.
	ErrErased = errors.New("this lead was erased")
	// ErrWithdrawn says that the person took the consent back: only they may read
	// the lead until it is erased.
	ErrWithdrawn = errors.New("consent to this lead was withdrawn")
	// ErrKeyReused says that an idempotency key came back with another body.
	ErrKeyReused = errors.New("this idempotency key was used for another submission; send a new key with a new submission")
	// ErrKey says that an idempotency key is absent or of the wrong shape.
	ErrKey = errors.New("an idempotency key has 8 to 128 letters, digits, dashes or underscores")
)

// State is how far the operator has come with a lead.
type State string

// The states. A new lead has not been followed up.
const (
	New       State = "new"
	Connected State = "connected"
	Invalid   State = "invalid"
	Won       State = "won"
)

// States is every state, in the order of work.
func States() []State { return []State{New, Connected, Invalid, Won} }

// Reasons are the codes that say why a lead is invalid; they are those of the
// leads callback of OceanEngine's local business API, so that an outcome can be
// handed on unchanged.
func Reasons() []string {
	return []string{
		"CALL_THREE_TIMES_NO_RESPONSE", "CONNECTED_NO_INTENTION", "NO_AD_RESPONSE",
		"OFFENSIVE_LANGUAGE", "INVALID_NUMBER", "OTHER",
	}
}

// Room reads and works leads.
type Room struct {
	DB     *db.DB
	Ring   *seal.Ring
	Access *access.Room
	Outbox *outbox.Room
	Log    *slog.Logger
	// Funnel counts what comes of leads; nil counts nothing.
	Funnel *funnel.Room
}

// Lead is what can be shown of a lead without opening it.
type Lead struct {
	Operator         string
	ID               string
	Component        string
	ComponentVersion int
	App              string
	Receipt          string
	Lang             string
	Test             bool
	Verified         bool
	DuplicateOf      string
	Scene, Page      string
	State            State
	Reason           string
	Revision         int
	Created          time.Time
	Expires          time.Time
	Withdrawn        time.Time // zero while the consent stands
	Erased           time.Time // zero while it is not
	// Masked holds each answer cut so that it tells apart but does not identify;
	// nil for callers that may not see even that.
	Masked map[string]string
}

// phoneIndex is the kind under which numbers are in the blind index.
const phoneIndex = "phone"
