// Package access keeps one promise: who may do what is decided here, and
// permission and record are one act.
//
// [Room.Do] checks the caller, writes the audit row and runs the work in one
// transaction: nothing is done unrecorded, nothing is recorded that was not done.
// One table ([Acts]) says who may do what. The rest of the package knows who is
// asking: staff by passkey, or by password and one-time code ([Room.SignIn],
// [Room.FinishPasskeySignIn], [Room.FromSession]); machines by API key
// ([Room.FromKey]), operators' own servers by their app's secret ([Room.ForApp]).
//
// Secrets are kept so that the store alone is of no use to a thief: tokens and
// keys (256 random bits) as SHA-256, passwords as argon2id, one-time-code secrets
// sealed, recovery codes, names tried and addresses as keyed tags.
package access

import (
	"context"
	"errors"
	"strings"
	"sync"

	"clew/db"
	"clew/seal"
)

// Room is the open room. DB and Ring are needed; the rest may stay zero. Share
// one: it bounds how many passwords are hashed at a time.
type Room struct {
	DB   *db.DB
	Ring *seal.Ring
	// Passkeys says for which site passkeys are made; zero turns them off.
	Passkeys Config

	hashing sync.Once
	turns   chan struct{}
	touched sync.Map // key or session id → milliseconds of the last use written
}

// Config is what a passkey is bound to. Changing RPID makes all passkeys useless.
type Config struct {
	RPID    string   // the console's host name, without scheme and port
	RPName  string   // shown by the browser
	Origins []string // "https://console.example", scheme and port included
}

// Subject is what an act is about: Kind "lead", ID its id. ID must be an id made
// by the program, never what a person entered.
type Subject struct{ Kind, ID string }

// Do lets caller do act: permission, audit row and fn in one write transaction.
// When fn fails nothing is recorded and its error is returned. When the caller may
// not, that is recorded in a transaction of its own and [*Denied] is returned; a
// reason that will not do gives [ErrReason] and leaves no trace.
//
// Do decides by role alone. That the subject belongs to caller.Operator (and, for
// a person, is their own) is for fn: bind every statement to the caller.
func (r *Room) Do(ctx context.Context, caller Caller, act Act, subject Subject, reason string, fn func(tx *db.Tx) error) error {
	if err := r.check(ctx, caller, act, subject, reason); err != nil {
		return err
	}
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		if err := r.DoIn(ctx, tx, caller, act, subject, reason); err != nil {
			return err
		}
		return fn(tx)
	})
}

// DoIn checks and writes the audit row inside the caller's transaction. It returns
// [*Denied] or [ErrReason] before anything is written; a denial is then not
// recorded, because the transaction must fail: call [Room.Check] before opening
// it when the request came from outside.
func (r *Room) DoIn(ctx context.Context, tx *db.Tx, caller Caller, act Act, subject Subject, reason string) error {
	if err := caller.Require(act); err != nil {
		return err
	}
	if err := CheckReason(caller, act, reason); err != nil {
		return err
	}
	return record(ctx, tx, caller, act, subject, reason, OutcomeDone)
}

// Check is permission for acts that touch no personal data: a denial is recorded
// and returned, consent leaves no row.
func (r *Room) Check(ctx context.Context, caller Caller, act Act, subject Subject) error {
	return r.check(ctx, caller, act, subject, "")
}

func (r *Room) check(ctx context.Context, caller Caller, act Act, subject Subject, reason string) error {
	denied := caller.Require(act)
	if denied == nil {
		return nil
	}
	// The reason was not judged for this caller; it must not smuggle a number in.
	if CheckReason(caller, act, reason) != nil {
		reason = ""
	}
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		return record(ctx, tx, caller, act, subject, reason, OutcomeDenied)
	})
	return errors.Join(denied, err)
}

// tidy is how a reason is stored.
func tidy(reason string) string { return strings.TrimSpace(reason) }
