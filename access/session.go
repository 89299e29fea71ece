package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"time"

	"clew/db"
)

const (
	sessionIdle     = 12 * time.Hour
	sessionAbsolute = 7 * 24 * time.Hour
	// touchEvery bounds how often "last used" is written.
	touchEvery = time.Minute
	// StepUpWithin is how fresh a proof of identity must be to change one's own
	// sign-in, and what [Session.FreshEnough] is usually asked.
	StepUpWithin = 5 * time.Minute
	// setUpWithin is what somebody has who came by link and is still setting up
	// the first way to sign in.
	setUpWithin = time.Hour
)

// Method says how a session began.
type Method string

// The ways in.
const (
	MethodPassword Method = "password" // with a one-time code
	MethodRecovery Method = "recovery" // with a password and a recovery code
	MethodPasskey  Method = "passkey"
	MethodLink     Method = "link"
)

var (
	// ErrSession says that the token opens no session: unknown, ended, idle for 12
	// hours, older than 7 days, or its owner was disabled.
	ErrSession = errors.New("this session has ended: sign in again")
	// ErrStepUp asks for a fresh proof of identity: [Room.StepUp] or a passkey.
	ErrStepUp = errors.New("prove again that it is you: sign in once more")
	// ErrMissing says that the operator has no such member of staff, session,
	// passkey or key.
	ErrMissing = errors.New("no such member of staff, session, passkey or key")
)

// Session is one signed-in browser, as it stood when it was read.
type Session struct {
	ID     string
	Caller Caller
	Login  string
	Method Method
	// Enrolled is false while the owner has no way to sign in but a link: the
	// console should offer a passkey, or a password with one-time code, and
	// [Room.StepUp] cannot succeed.
	Enrolled bool

	CreatedAt       time.Time
	AuthenticatedAt time.Time // last proof of identity
	SeenAt          time.Time // to the minute
	ExpiresAt       time.Time // whatever happens
	// At is when this was read; freshness is counted up to it.
	At time.Time
}

// FreshEnough reports whether the last proof of identity is at most d old.
func (s Session) FreshEnough(d time.Duration) bool {
	age := s.At.Sub(s.AuthenticatedAt)
	return age >= 0 && age <= d
}

func (s Session) mayEditSelf() bool {
	return s.FreshEnough(StepUpWithin) || !s.Enrolled && s.FreshEnough(setUpWithin)
}

// newToken is 256 random bits, URL-safe.
func newToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashToken is how tokens and keys are stored: with 256 random bits there is
// nothing to guess, so a plain hash hides them.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// startSession is the one place where somebody comes in; it puts that on record.
func (r *Room) startSession(ctx context.Context, tx *db.Tx, a account, m Method) (token string, s Session, err error) {
	token = newToken()
	s = Session{
		ID: db.NewID("session"), Caller: a.caller(), Login: a.login, Method: m, Enrolled: a.enrolled(),
		CreatedAt: tx.Now(), AuthenticatedAt: tx.Now(), SeenAt: tx.Now(), ExpiresAt: tx.Now().Add(sessionAbsolute), At: tx.Now(),
	}
	if err := r.DoIn(ctx, tx, s.Caller, SelfSignIn, Subject{"session", s.ID}, "by "+string(m)); err != nil {
		return "", Session{}, err
	}
	return token, s, tx.Insert(ctx, "session",
		[]string{"operator", "id", "staff", "hash", "method", "created_at", "authenticated_at", "seen_at", "expires_at"},
		[][]any{{a.operator, s.ID, a.id, hashToken(token), string(m), tx.NowMS(), tx.NowMS(), tx.NowMS(), s.ExpiresAt.UnixMilli()}})
}

const sessionColumns = `s.id, s.method, s.created_at, s.authenticated_at, s.seen_at, s.expires_at, s.hash, ` + accountColumns

type storedSession struct {
	Session
	hash []byte
}

func scanSession(row db.Scanner) (v storedSession, err error) {
	var created, authenticated, seen, expires int64
	var a account
	err = row.Scan(append([]any{&v.ID, &v.Method, &created, &authenticated, &seen, &expires, &v.hash}, a.dest()...)...)
	v.Caller, v.Login, v.Enrolled = a.caller(), a.login, a.enrolled()
	v.CreatedAt, v.AuthenticatedAt, v.SeenAt, v.ExpiresAt = instant(created), instant(authenticated), instant(seen), instant(expires)
	return v, err
}

// FromSession tells who holds the token, with the role they have at this moment;
// [ErrSession] when it opens nothing.
func (r *Room) FromSession(ctx context.Context, token string) (Session, error) {
	var got storedSession
	hash := hashToken(token)
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		got, err = db.One(ctx, tx, scanSession, `select `+sessionColumns+`
			from session s join staff p on p.operator=s.operator and p.id=s.staff
			where s.hash=$1 and s.expires_at>$2 and s.seen_at>$3 and p.disabled_at=0`,
			hash, tx.NowMS(), tx.Now().Add(-sessionIdle).UnixMilli())
		got.At = tx.Now()
		return err
	})
	if errors.Is(err, db.ErrNone) || err == nil && subtle.ConstantTimeCompare(got.hash, hash) != 1 {
		return Session{}, ErrSession
	}
	if err != nil {
		return Session{}, err
	}
	if r.due(got.ID, got.At, got.SeenAt) {
		// A store that cannot be written now must not keep people from reading.
		_ = r.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "update session set seen_at=$1 where operator=$2 and id=$3", got.At.UnixMilli(), got.Caller.Operator, got.ID)
			return err
		})
	}
	return got.Session, nil
}

// due reports whether a last use should be written: once a minute, and by one of
// the requests that arrive together.
func (r *Room) due(id string, now, last time.Time) bool {
	if now.Sub(last) < touchEvery {
		return false
	}
	before, seen := r.touched.LoadOrStore(id, now.UnixMilli())
	if !seen {
		return true
	}
	if now.UnixMilli()-before.(int64) < touchEvery.Milliseconds() {
		return false
	}
	return r.touched.CompareAndSwap(id, before, now.UnixMilli())
}

// Sessions lists the live sessions of whoever holds s, the newest first.
func (r *Room) Sessions(ctx context.Context, s Session) (list []Session, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := db.Collect(ctx, tx, scanSession, `select `+sessionColumns+`
			from session s join staff p on p.operator=s.operator and p.id=s.staff
			where s.operator=$1 and s.staff=$2 and s.expires_at>$3 and s.seen_at>$4 order by s.created_at desc, s.id desc`,
			s.Caller.Operator, s.Caller.ID, tx.NowMS(), tx.Now().Add(-sessionIdle).UnixMilli())
		for _, v := range all {
			v.At = tx.Now()
			list = append(list, v.Session)
		}
		return err
	})
	return list, err
}

// EndSession ends one of the holder's own sessions, s itself to sign out;
// [ErrMissing] when id is not theirs.
func (r *Room) EndSession(ctx context.Context, s Session, id string) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "delete from session where operator=$1 and staff=$2 and id=$3", s.Caller.Operator, s.Caller.ID, id)
		if err == nil && n == 0 {
			return ErrMissing
		}
		return err
	})
}

// endOthers ends every session of the account except one, which may be empty.
func endOthers(ctx context.Context, tx *db.Tx, c Caller, keep string) error {
	_, err := tx.Exec(ctx, "delete from session where operator=$1 and staff=$2 and id<>$3", c.Operator, c.ID, keep)
	return err
}

// Sweep deletes what has run out: sessions, links, ceremonies, old failures and
// used codes. Nothing depends on it being called; call it every hour or so.
func (r *Room) Sweep(ctx context.Context) error {
	r.touched.Clear()
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		now, day := tx.NowMS(), tx.Now().Add(-forgetAfter)
		for _, d := range []struct {
			query string
			args  []any
		}{
			{"delete from session where expires_at<=$1 or seen_at<=$2", []any{now, tx.Now().Add(-sessionIdle).UnixMilli()}},
			{"delete from login_link where expires_at<=$1", []any{now}},
			{"delete from ceremony where expires_at<=$1", []any{now}},
			{"delete from attempt where last_at<$1", []any{day.UnixMilli()}},
			// A day, not a minute: the clock may be set back.
			{"delete from totp_used where step<$1", []any{day.Unix() / codeStep}},
		} {
			if _, err := tx.Exec(ctx, d.query, d.args...); err != nil {
				return err
			}
		}
		return nil
	})
}
