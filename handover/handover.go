// Package handover keeps one promise: a phone number goes from the host app to the
// operator's own server once, within five minutes, for a lead and for nothing else.
//
// The host app issues a code for a person who is signed in to it and has tapped
// ([Room.IssuePhone]); the operator's server trades it in for the number, encrypted
// under the app's public key ([Room.Exchange]). A purpose other than lead is refused
// on both ends and recorded as a finding (norm 3.3). Login codes work the same way
// ([Room.IssueLogin], [Room.Session]) and carry pseudonyms instead of a number.
//
// A code is 256 random bits, kept as a keyed tag. What it stands for is sealed under
// a key of its own, which is destroyed when the code is used or its time is over.
package handover

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"clew/access"
	"clew/casework"
	"clew/db"
	"clew/seal"
)

// Life is how long a code is good for, as on the real platform.
const Life = 5 * time.Minute

// slack is how far a clock may go back before codes issued since count as expired.
const slack = 5 * time.Second

// Purpose is what a phone number is asked for.
type Purpose string

// The purposes of clause 3.3. A component's number serves Lead alone; what is none
// of them is Other.
const (
	Lead    Purpose = "lead"
	Login   Purpose = "login"
	Bind    Purpose = "bind"
	Order   Purpose = "order"
	Benefit Purpose = "benefit"
	Other   Purpose = "other"
)

// ParsePurpose reads a purpose from outside. Silence means Lead, since that is all a
// component's code is for; a word that is not listed becomes Other and is not kept.
func ParsePurpose(text string) Purpose {
	switch p := Purpose(text); p {
	case "":
		return Lead
	case Lead, Login, Bind, Order, Benefit:
		return p
	}
	return Other
}

var (
	// ErrSpent says that a code was used, is too old, belongs to another app or
	// component, or never was. Nobody is told which.
	ErrSpent = errors.New("this code was used, has expired, or is not this app's: ask the person to tap again")
	// ErrConfig says that the app has no such component.
	ErrConfig = errors.New("the app has no component of this config_id")
	// ErrSubject says that a subject is no id: 1 to 128 bytes.
	ErrSubject = errors.New("a subject is the host app's id of the person, 1 to 128 bytes")
	// ErrNumber says that the person has no phone number.
	ErrNumber = errors.New("the person has no phone number: let them type one")
)

// Misused says that a component's number was asked for something that is no lead.
// The attempt is on record, and the code it was made with is spent.
type Misused struct {
	Purpose Purpose
	Finding string // id of the finding
}

func (e *Misused) Error() string {
	return fmt.Sprintf("a number from a lead component serves leads alone, not %s (norm 3.3): the attempt was recorded", e.Purpose)
}

// Room hands numbers over.
type Room struct {
	DB       *db.DB
	Ring     *seal.Ring
	Access   *access.Room
	Casework *casework.Room
}

// Code is a one-time code as its holder gets it.
type Code struct {
	Text    string
	Expires time.Time
}

func newCode() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

func (r *Room) tag(code string) []byte { return r.Ring.MAC("handover.code", code) }
