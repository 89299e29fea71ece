package access

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"clew/db"

	"golang.org/x/text/unicode/norm"
)

// ErrLastOwner says that the change would leave an operator (or the platform)
// without anybody who can sign in and run it.
var ErrLastOwner = errors.New("this is the last owner: make somebody else an owner who can sign in, then try again")

// Staff is a member of staff as lists show them.
type Staff struct {
	Operator, ID string
	Login, Name  string
	Role         Role
	Password     bool // has one
	Code         bool // has an authenticator app
	Passkeys     int
	Enrolled     bool // can sign in without a link
	CreatedAt    time.Time
	DisabledAt   time.Time // zero: may work
}

// NewStaff is whom to invite.
type NewStaff struct {
	// Login is free text, unique in the whole installation, kept in lower case.
	// There is no e-mail here. It must not be a phone number.
	Login string
	Name  string
	Role  Role
}

// plainLogin makes equal what people take for equal.
func plainLogin(login string) string {
	return strings.ToLower(strings.TrimSpace(norm.NFKC.String(login)))
}

func checkText(field, text string, longest int) error {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return &Invalid{field, "empty", "must not be empty"}
	case n > longest:
		return &Invalid{field, "long", "is too long"}
	case !plainLine(text):
		return &Invalid{field, "characters", "one line of plain text, without control characters"}
	case mayHoldNumber(text):
		return &Invalid{field, "digits", "must not carry a phone number: at most 6 digits in a row"}
	}
	return nil
}

// Invite adds a member of staff to the caller's operator and returns the token of
// a one-time link, good for 72 hours, with which they come in and set up how they
// sign in. Entries that will not do are [*Invalid], a taken login too.
func (r *Room) Invite(ctx context.Context, caller Caller, n NewStaff) (s Staff, token string, err error) {
	n.Login, n.Name = plainLogin(n.Login), strings.TrimSpace(n.Name)
	if err := r.Check(ctx, caller, PeopleEdit, Subject{Kind: "staff"}); err != nil {
		return Staff{}, "", err
	}
	if !n.Role.fits(caller.Operator) {
		return Staff{}, "", &Invalid{"role", "unknown", "operators have owners, agents and analysts, the platform has admins"}
	}
	if err := checkText("login", n.Login, 64); err != nil {
		return Staff{}, "", err
	}
	if err := checkText("name", n.Name, 80); err != nil {
		return Staff{}, "", err
	}
	handle := make([]byte, 32)
	_, _ = rand.Read(handle)
	id := db.NewID("staff")
	err = r.Do(ctx, caller, PeopleEdit, Subject{"staff", id}, "invite", func(tx *db.Tx) error {
		if err := tx.Insert(ctx, "staff",
			[]string{"operator", "id", "login", "name", "role", "handle", "password", "created_at", "disabled_at"},
			[][]any{{caller.Operator, id, n.Login, n.Name, string(n.Role), handle, "", tx.NowMS(), 0}}); err != nil {
			return err
		}
		s = Staff{Operator: caller.Operator, ID: id, Login: n.Login, Name: n.Name, Role: n.Role, CreatedAt: tx.Now()}
		token, err = newLink(ctx, tx, caller.Operator, id, inviteTTL)
		return err
	})
	if db.IsUnique(err) {
		err = &Invalid{"login", "taken", "is in use: choose another"}
	}
	if err != nil {
		return Staff{}, "", err
	}
	return s, token, nil
}

// People lists the staff of the caller's operator in the order they came.
func (r *Room) People(ctx context.Context, caller Caller) (list []Staff, err error) {
	if err := r.Check(ctx, caller, PeopleRead, Subject{Kind: "staff"}); err != nil {
		return nil, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		list, err = db.Collect(ctx, tx, scanStaff, "select p.created_at, "+accountColumns+" from staff p where p.operator=$1 order by p.id", caller.Operator)
		return err
	})
	return list, err
}

// StaffNames is what an operator's staff, or the platform's ("") is called, by id: for
// pages on which colleagues see who did what. Who has left is among them.
func StaffNames(ctx context.Context, tx *db.Tx, operator string) (map[string]string, error) {
	type row struct{ id, name string }
	list, err := db.Collect(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.id, &r.name) },
		"select id, name from staff where operator=$1", operator)
	names := map[string]string{}
	for _, r := range list {
		names[r.id] = r.name
	}
	return names, err
}

func scanStaff(row db.Scanner) (Staff, error) {
	var a account
	var created int64
	err := row.Scan(append([]any{&created}, a.dest()...)...)
	return Staff{
		Operator: a.operator, ID: a.id, Login: a.login, Name: a.name, Role: a.role,
		Password: a.password != "", Code: len(a.totp) > 0, Passkeys: a.passkeys, Enrolled: a.enrolled(),
		CreatedAt: instant(created), DisabledAt: instant(a.disabledAt),
	}, err
}

// ChangeRole takes effect with the next request of the member of staff.
// [ErrLastOwner], [ErrMissing], or [*Invalid] for a role the operator cannot have.
func (r *Room) ChangeRole(ctx context.Context, caller Caller, staffID string, role Role) error {
	fits := role.fits(caller.Operator)
	reason := "role"
	if fits {
		reason += " " + string(role)
	}
	return r.Do(ctx, caller, PeopleEdit, Subject{"staff", staffID}, reason, func(tx *db.Tx) error {
		if !fits {
			return &Invalid{"role", "unknown", "operators have owners, agents and analysts, the platform has admins"}
		}
		if err := keepAnOwner(ctx, tx, caller.Operator, staffID, role); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "update staff set role=$1 where operator=$2 and id=$3", string(role), caller.Operator, staffID)
		return err
	})
}

// Disable ends the sessions and links of a member of staff and lets them in no
// more. API keys stay: they are the operator's. [ErrLastOwner], [ErrMissing].
func (r *Room) Disable(ctx context.Context, caller Caller, staffID string) error {
	return r.Do(ctx, caller, PeopleEdit, Subject{"staff", staffID}, "disable", func(tx *db.Tx) error {
		if err := keepAnOwner(ctx, tx, caller.Operator, staffID, ""); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "update staff set disabled_at=$1 where operator=$2 and id=$3 and disabled_at=0", tx.NowMS(), caller.Operator, staffID); err != nil {
			return err
		}
		for _, q := range []string{
			"delete from session where operator=$1 and staff=$2",
			"delete from login_link where operator=$1 and staff=$2",
			"delete from ceremony where operator=$1 and staff=$2",
		} {
			if _, err := tx.Exec(ctx, q, caller.Operator, staffID); err != nil {
				return err
			}
		}
		return nil
	})
}

// Enable lets a disabled member of staff in again.
func (r *Room) Enable(ctx context.Context, caller Caller, staffID string) error {
	return r.Do(ctx, caller, PeopleEdit, Subject{"staff", staffID}, "enable", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "update staff set disabled_at=0 where operator=$1 and id=$2", caller.Operator, staffID)
		if err == nil && n == 0 {
			return ErrMissing
		}
		return err
	})
}

// keepAnOwner refuses to give target another role (empty: none) when nobody who
// can sign in would be left to run the operator. It locks the owners, so that two
// cannot demote each other at the same time.
func keepAnOwner(ctx context.Context, tx *db.Tx, operator, target string, role Role) error {
	top := RoleOwner
	if operator == "" {
		top = RoleAdmin
	}
	owners, err := db.Collect(ctx, tx, scanAccount, "select "+accountColumns+` from staff p
		where p.operator=$1 and p.role=$2 and p.disabled_at=0 order by p.id`+tx.ForUpdate(), operator, string(top))
	if err != nil {
		return err
	}
	a, err := staffForUpdate(ctx, tx, operator, target)
	if err != nil {
		return err
	}
	if a.role != top || a.disabledAt != 0 || role == top {
		return nil
	}
	others, canSignIn := 0, false
	for _, o := range owners {
		if o.id != target {
			others++
			canSignIn = canSignIn || o.enrolled()
		}
	}
	// An owner who was only invited is no replacement for one who can sign in.
	if others == 0 || a.enrolled() && !canSignIn {
		return ErrLastOwner
	}
	return nil
}

func staffForUpdate(ctx context.Context, tx *db.Tx, operator, id string) (account, error) {
	a, err := db.One(ctx, tx, scanAccount, "select "+accountColumns+" from staff p where p.operator=$1 and p.id=$2"+tx.ForUpdate(), operator, id)
	if errors.Is(err, db.ErrNone) {
		err = ErrMissing
	}
	return a, err
}
