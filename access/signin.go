package access

import (
	"context"
	"errors"
	"time"

	"clew/db"
)

// ErrSignIn is the one answer to a sign-in that fails: unknown name, wrong
// password, wrong or used code, disabled account, no such passkey.
var ErrSignIn = errors.New("that did not match: check name, password and code")

// account is a member of staff as signing in needs it.
type account struct {
	operator, id, login, name string
	role                      Role
	handle                    []byte
	password                  string
	totp                      []byte
	disabledAt                int64
	passkeys                  int
}

const accountColumns = `p.operator, p.id, p.login, p.name, p.role, p.handle, p.password, p.totp, p.disabled_at,
	(select count(*) from passkey k where k.operator=p.operator and k.staff=p.id)`

func (a *account) dest() []any {
	return []any{&a.operator, &a.id, &a.login, &a.name, &a.role, &a.handle, &a.password, &a.totp, &a.disabledAt, &a.passkeys}
}

func scanAccount(s db.Scanner) (a account, err error) { return a, s.Scan(a.dest()...) }

func (a account) caller() Caller {
	return Caller{Kind: KindStaff, ID: a.id, Operator: a.operator, Name: a.name, Role: a.role}
}

// enrolled reports whether the account can be entered without a link.
func (a account) enrolled() bool { return a.password != "" && len(a.totp) > 0 || a.passkeys > 0 }

// SignIn is what somebody typed into the sign-in page.
type SignIn struct {
	Login, Password string
	// Code is six digits from the app, or a recovery code.
	Code string
	// Address is where the request came from, host or host:port; only a keyed tag
	// of it is stored. Empty: not counted.
	Address string
}

// SignIn opens a session for password and one-time code. Every failure is
// [ErrSignIn] or [*Locked], and takes as long whether or not the name exists.
func (r *Room) SignIn(ctx context.Context, in SignIn) (token string, s Session, err error) {
	err = r.prove(ctx, in, func(tx *db.Tx, a account, m Method) error {
		token, s, err = r.startSession(ctx, tx, a, m)
		return err
	})
	if err != nil {
		return "", Session{}, err
	}
	return token, s, nil
}

// StepUp proves with password and code that s is still in the right hands. It
// answers like [Room.SignIn]; read the session again afterwards.
func (r *Room) StepUp(ctx context.Context, s Session, password, code, address string) error {
	return r.prove(ctx, SignIn{s.Login, password, code, address}, func(tx *db.Tx, a account, _ Method) error {
		if a.operator != s.Caller.Operator || a.id != s.Caller.ID {
			return ErrSignIn
		}
		return authenticated(ctx, tx, s)
	})
}

func authenticated(ctx context.Context, tx *db.Tx, s Session) error {
	n, err := tx.Exec(ctx, "update session set authenticated_at=$1 where operator=$2 and staff=$3 and id=$4",
		tx.NowMS(), s.Caller.Operator, s.Caller.ID, s.ID)
	if err == nil && n == 0 {
		return ErrSession
	}
	return err
}

// prove checks both factors and then runs fn in the transaction that uses the code up.
func (r *Room) prove(ctx context.Context, in SignIn, fn func(*db.Tx, account, Method) error) error {
	login := plainLogin(in.Login)
	name, addresses := r.byLogin(login), r.byAddress(in.Address)
	if err := r.charge(ctx, append([]counter{name}, addresses...)...); err != nil {
		return err
	}
	var a account
	var now time.Time
	known := true
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now()
		a, err = db.One(ctx, tx, scanAccount, "select "+accountColumns+" from staff p where p.login=$1", login)
		if errors.Is(err, db.ErrNone) {
			known = false
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	right, err := r.passwordMatches(ctx, a.password, in.Password)
	if err != nil {
		return err
	}
	// From here on only somebody who knows the password can tell answers apart.
	if !right || !known || a.disabledAt != 0 || len(a.totp) == 0 {
		return ErrSignIn
	}
	seed, err := r.Ring.OpenSecret("access.totp", a.id, a.totp)
	if err != nil {
		return err
	}
	step, fromApp := matchCode(seed, in.Code, now)
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		// The account may have changed while the password was hashed.
		again, err := db.One(ctx, tx, scanAccount, "select "+accountColumns+" from staff p where p.operator=$1 and p.id=$2"+tx.ForShare(), a.operator, a.id)
		if err != nil {
			return err
		}
		if again.disabledAt != 0 || again.password != a.password || string(again.totp) != string(a.totp) {
			return ErrSignIn
		}
		m := MethodPassword
		if fromApp {
			err = useStep(ctx, tx, a.operator, a.id, step)
		} else {
			m, err = MethodRecovery, r.useRecoveryCode(ctx, tx, a.operator, a.id, in.Code)
		}
		if err != nil {
			return err
		}
		if err := forgive(ctx, tx, name); err != nil {
			return err
		}
		if err := refund(ctx, tx, addresses...); err != nil {
			return err
		}
		return fn(tx, again, m)
	})
}

// SetPassword sets one's own password and ends one's other sessions. Signing in
// with it also takes a one-time code ([Room.BeginCode]). A password that will not
// do is [*Invalid].
func (r *Room) SetPassword(ctx context.Context, s Session, password string) error {
	if !s.mayEditSelf() {
		return ErrStepUp
	}
	if err := checkPassword(password, s.Login, s.Caller.Name); err != nil {
		return err
	}
	hash, err := r.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	c := s.Caller
	return r.Do(ctx, c, SelfEdit, Subject{"staff", c.ID}, "password", func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, "update staff set password=$1 where operator=$2 and id=$3", hash, c.Operator, c.ID); err != nil {
			return err
		}
		return endOthers(ctx, tx, c, s.ID)
	})
}
