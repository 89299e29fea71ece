package casework

import (
	"context"
	"errors"

	"clew/access"
	"clew/db"
)

// AnswerCommand is [Room.HostAnswered] by the host app's own key: it knows the command
// and not whose app it is about. text is one line for people, at most 300 characters.
func (r *Room) AnswerCommand(ctx context.Context, caller access.Caller, command string, done bool, text string) error {
	if err := caller.Require(access.HostAnswer); err == nil {
		if err := access.CheckText(text, 0, 300); err != nil {
			return &BadStep{"text", "answer_text", "one line of at most 300 characters without a phone number"}
		}
	}
	return r.Access.Do(ctx, caller, access.HostAnswer, access.Subject{Kind: "command", ID: command}, "", func(tx *db.Tx) error {
		operator, err := db.One(ctx, tx, func(s db.Scanner) (o string, err error) { return o, s.Scan(&o) }, "select operator from host_command where id=$1", command)
		if errors.Is(err, db.ErrNone) {
			return ErrCommand
		} else if err != nil {
			return err
		}
		return r.HostAnswered(ctx, tx, Who{"host", caller.ID}, operator, command, done, text)
	})
}

// Answered reports whether the host has answered a command; [ErrCommand].
func Answered(ctx context.Context, tx *db.Tx, operator, command string) (bool, error) {
	at, err := db.One(ctx, tx, func(s db.Scanner) (at int64, err error) { return at, s.Scan(&at) },
		"select answered_at from host_command where operator=$1 and id=$2", operator, command)
	if errors.Is(err, db.ErrNone) {
		return false, ErrCommand
	}
	return at != 0, err
}
