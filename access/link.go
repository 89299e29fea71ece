package access

import (
	"context"
	"errors"
	"time"

	"clew/db"
)

const (
	inviteTTL   = 72 * time.Hour
	longestLink = 7 * 24 * time.Hour
)

// ErrLink says that a one-time link was used, has run out, was replaced by a newer
// one, or never existed.
var ErrLink = errors.New("this link was used or has expired: ask for a new one")

// NewLoginLink makes a token that signs staffID in once, within ttl (at most seven
// days). Older unused tokens of theirs die. It asks for no caller: only commands
// run by whoever runs the machine may call it; the console has [Room.Relink].
func (r *Room) NewLoginLink(ctx context.Context, staffID string, ttl time.Duration) (token string, err error) {
	var operator string
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		operator, err = db.One(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) },
			"select operator from staff where id=$1", staffID)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return "", ErrMissing
	}
	if err != nil {
		return "", err
	}
	return r.relink(ctx, System(operator, "login link"), staffID, ttl)
}

// Relink makes a one-time link for somebody who never enrolled or lost their way
// in. Their password and passkeys stay; they can change them once inside. Whoever
// holds the token acts as that person: the record shows who asked for it.
func (r *Room) Relink(ctx context.Context, caller Caller, staffID string) (token string, err error) {
	return r.relink(ctx, caller, staffID, inviteTTL)
}

func (r *Room) relink(ctx context.Context, caller Caller, staffID string, ttl time.Duration) (token string, err error) {
	if ttl <= 0 || ttl > longestLink {
		return "", &Invalid{"ttl", "range", "a link lives for at most seven days"}
	}
	err = r.Do(ctx, caller, PeopleEdit, Subject{"staff", staffID}, "one-time link", func(tx *db.Tx) error {
		a, err := staffForUpdate(ctx, tx, caller.Operator, staffID)
		if err != nil {
			return err
		}
		if a.disabledAt != 0 {
			return ErrMissing
		}
		token, err = newLink(ctx, tx, a.operator, a.id, ttl)
		return err
	})
	return token, err
}

func newLink(ctx context.Context, tx *db.Tx, operator, staff string, ttl time.Duration) (string, error) {
	if _, err := tx.Exec(ctx, "delete from login_link where operator=$1 and staff=$2", operator, staff); err != nil {
		return "", err
	}
	token := newToken()
	return token, tx.Insert(ctx, "login_link", []string{"operator", "id", "staff", "hash", "expires_at"},
		[][]any{{operator, db.NewID("link"), staff, hashToken(token), tx.Now().Add(ttl).UnixMilli()}})
}

// UseLoginLink opens a session for a one-time token, which is gone afterwards.
// Call it on a POST: programs that preview links must not use them up.
func (r *Room) UseLoginLink(ctx context.Context, token string) (sessionToken string, s Session, err error) {
	type link struct {
		operator, staff string
		expires         int64
	}
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		l, err := db.One(ctx, tx, func(row db.Scanner) (v link, err error) { return v, row.Scan(&v.operator, &v.staff, &v.expires) },
			"delete from login_link where hash=$1 returning operator, staff, expires_at", hashToken(token))
		if errors.Is(err, db.ErrNone) || err == nil && l.expires <= tx.NowMS() {
			return ErrLink
		}
		if err != nil {
			return err
		}
		a, err := staffForUpdate(ctx, tx, l.operator, l.staff)
		if err != nil {
			return err
		}
		if a.disabledAt != 0 {
			return ErrLink
		}
		sessionToken, s, err = r.startSession(ctx, tx, a, MethodLink)
		return err
	})
	if err != nil {
		return "", Session{}, err
	}
	return sessionToken, s, nil
}
