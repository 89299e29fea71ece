package access

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
)

func scanAny(s db.Scanner) (string, error) {
	names, err := s.(interface{ Columns() ([]string, error) }).Columns()
	if err != nil {
		return "", err
	}
	values := make([]any, len(names))
	for i := range values {
		values[i] = new(any)
	}
	if err := s.Scan(values...); err != nil {
		return "", err
	}
	var row bytes.Buffer
	for _, v := range values {
		switch v := (*v.(*any)).(type) {
		case []byte:
			row.Write(v)
			fmt.Fprintf(&row, " %x ", v)
		default:
			fmt.Fprint(&row, v, " ")
		}
	}
	return row.String(), nil
}

// mustNotHold fails when a secret stands anywhere in the store, in any usual dress.
func mustNotHold(t *testing.T, d *db.DB, what, secret string) {
	t.Helper()
	dresses := []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret))}
	for table, rows := range dumpAll(t, d) {
		for _, row := range rows {
			for _, dress := range dresses {
				if strings.Contains(row, dress) {
					t.Errorf("%s stands in table %s", what, table)
				}
			}
		}
	}
}

func TestSecretsAreNowhereInTheStore(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		_, key, err := r.CreateKey(ctx, m.session.Caller, NewKey{Name: "crm", Scopes: ScopeRead})
		if err != nil {
			t.Fatal(err)
		}
		link, err := r.NewLoginLink(ctx, m.ID, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		setup, err := r.BeginCode(ctx, m.session)
		if err != nil {
			t.Fatal(err)
		}
		address := "192.0.2.99"
		_, _, _ = r.SignIn(ctx, SignIn{Login: "somebody-tried", Password: "x", Address: address})
		seed, err := seedText.DecodeString(m.secret)
		if err != nil {
			t.Fatal(err)
		}
		if dump := dumpAll(t, r.DB); len(dump["api_key"]) != 1 || !strings.Contains(dump["api_key"][0], key[:keyShown]) {
			t.Fatal("the dump does not show what is stored")
		}
		for what, secret := range map[string]string{
			"an API key": key, "the key's random part": key[len(keyLive)+4 : len(keyLive)+keyRandom], "a session token": m.token, "a link": link,
			"a password": goodPassword, "a one-time-code secret": m.secret, "its bytes": string(seed), "a new secret": setup.Secret,
			"a ceremony": setup.Ceremony, "a recovery code": strings.ReplaceAll(m.recovery[0], "-", ""), "a shown recovery code": m.recovery[0],
			"an address": address, "a name tried": "somebody-tried",
		} {
			mustNotHold(t, r.DB, what, secret)
		}
	})
}

func TestInvite(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		o := owner("op_1")
		s, link, err := r.Invite(ctx, o, NewStaff{" Ａnn ", "Ann", RoleAgent})
		if err != nil || s.Login != "ann" {
			t.Fatalf("%+v, %v", s, err)
		}
		for _, c := range []struct {
			n           NewStaff
			field, code string
		}{
			{NewStaff{"ANN", "Other", RoleAgent}, "login", "taken"},
			{NewStaff{"", "Other", RoleAgent}, "login", "empty"},
			{NewStaff{"bob", "", RoleAgent}, "name", "empty"},
			{NewStaff{number(3), "Bob", RoleAgent}, "login", "digits"},
			{NewStaff{"bob", "Bob " + number(3), RoleAgent}, "name", "digits"},
			{NewStaff{"bob\n", "Bo\nb", RoleAgent}, "name", "characters"},
			{NewStaff{"bob", "Bob", RoleAdmin}, "role", "unknown"},
			{NewStaff{"bob", "Bob", "king"}, "role", "unknown"},
			{NewStaff{strings.Repeat("b", 65), "Bob", RoleAgent}, "login", "long"},
		} {
			var bad *Invalid
			if _, _, err := r.Invite(ctx, o, c.n); !errors.As(err, &bad) || bad.Field != c.field || bad.Code != c.code {
				t.Errorf("%+v: %v", c, err)
			}
		}
		// The name is taken in the whole installation.
		if _, _, err := r.Invite(ctx, owner("op_2"), NewStaff{"ann", "Ann", RoleAgent}); err == nil {
			t.Error("one login twice")
		}
		var denied *Denied
		if _, _, err := r.Invite(ctx, Caller{Kind: KindStaff, ID: "a", Operator: "op_1", Role: RoleAgent}, NewStaff{"eve", "Eve", RoleOwner}); !errors.As(err, &denied) {
			t.Errorf("an agent invited: %v", err)
		}
		// A link works once, and a newer one kills it.
		newer, err := r.Relink(ctx, o, s.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.UseLoginLink(ctx, link); err != ErrLink {
			t.Errorf("the older link: %v", err)
		}
		token, session, err := r.UseLoginLink(ctx, newer)
		if err != nil || session.Enrolled || session.Method != MethodLink {
			t.Fatalf("%+v, %v", session, err)
		}
		if _, _, err := r.UseLoginLink(ctx, newer); err != ErrLink {
			t.Errorf("the second time: %v", err)
		}
		if _, err := r.FromSession(ctx, token); err != nil {
			t.Error(err)
		}
		if newer, err = r.NewLoginLink(ctx, s.ID, time.Minute); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Minute)
		if _, _, err := r.UseLoginLink(ctx, newer); err != ErrLink {
			t.Errorf("a link that ran out: %v", err)
		}
		if _, err := r.NewLoginLink(ctx, "staff_x", time.Minute); err != ErrMissing {
			t.Errorf("a link for nobody: %v", err)
		}
		if _, err := r.Relink(ctx, owner("op_2"), s.ID); err != ErrMissing {
			t.Errorf("a link into another operator: %v", err)
		}
		people, err := r.People(ctx, o)
		if err != nil || len(people) != 1 || people[0] != s {
			t.Errorf("%+v, %v", people, err)
		}
	})
}

func TestDisablingEndsEverythingAtOnce(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		boss := enrol(t, r, "op_1", "boss", RoleOwner)
		m := enrol(t, r, "op_1", "ann", RoleAgent)
		link, err := r.NewLoginLink(ctx, m.ID, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Minute)
		if err := r.Disable(ctx, owner("op_2"), m.ID); err != ErrMissing {
			t.Errorf("another operator disabled her: %v", err)
		}
		if err := r.Disable(ctx, boss.session.Caller, m.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := r.FromSession(ctx, m.token); err != ErrSession {
			t.Errorf("session: %v", err)
		}
		if _, _, err := r.UseLoginLink(ctx, link); err != ErrLink {
			t.Errorf("link: %v", err)
		}
		in := SignIn{Login: "ann", Password: goodPassword, Code: code(t, m.secret, clock.Now())}
		if _, _, err := r.SignIn(ctx, in); err != ErrSignIn {
			t.Errorf("sign-in: %v", err)
		}
		if _, err := r.Relink(ctx, boss.session.Caller, m.ID); err != ErrMissing {
			t.Errorf("new link: %v", err)
		}
		people, _ := r.People(ctx, boss.session.Caller)
		if len(people) != 2 || people[1].DisabledAt != clock.Now() {
			t.Errorf("%+v", people)
		}
		if err := r.Enable(ctx, boss.session.Caller, m.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.SignIn(ctx, in); err != nil {
			t.Errorf("enabled again: %v", err)
		}
		if _, err := r.FromSession(ctx, m.token); err != ErrSession {
			t.Errorf("the old session came back: %v", err)
		}
	})
}

func TestARoleChangesWithTheNextRequest(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleAgent)
		if err := r.ChangeRole(ctx, owner("op_1"), m.ID, RoleAnalyst); err != nil {
			t.Fatal(err)
		}
		if s, err := r.FromSession(ctx, m.token); err != nil || s.Caller.Role != RoleAnalyst {
			t.Errorf("%+v, %v", s, err)
		}
		var bad *Invalid
		if err := r.ChangeRole(ctx, owner("op_1"), m.ID, RoleAdmin); !errors.As(err, &bad) {
			t.Errorf("made a platform admin: %v", err)
		}
		if err := r.ChangeRole(ctx, owner("op_1"), "staff_x", RoleAgent); err != ErrMissing {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestTheLastOwnerStays(t *testing.T) {
	for _, c := range []struct {
		operator string
		top      Role
	}{{"op_1", RoleOwner}, {"", RoleAdmin}} {
		each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
			ctx := t.Context()
			sys := System(c.operator, "test")
			ann := enrol(t, r, c.operator, "ann", c.top)
			refused := func(when string) {
				t.Helper()
				if err := r.Disable(ctx, sys, ann.ID); err != ErrLastOwner {
					t.Errorf("%s: disabled: %v", when, err)
				}
				if c.operator != "" {
					if err := r.ChangeRole(ctx, sys, ann.ID, RoleAgent); err != ErrLastOwner {
						t.Errorf("%s: demoted: %v", when, err)
					}
				}
			}
			refused("alone")
			// Somebody who cannot sign in yet is no replacement.
			invited, _, err := r.Invite(ctx, sys, NewStaff{"eve", "Eve", c.top})
			if err != nil {
				t.Fatal(err)
			}
			refused("with an invitation out")
			if err := r.Disable(ctx, sys, invited.ID); err != nil {
				t.Errorf("the invited one can go: %v", err)
			}
			bob := enrol(t, r, c.operator, "bob", c.top)
			if err := r.Disable(ctx, sys, bob.ID); err != nil {
				t.Fatal(err)
			}
			refused("with a disabled colleague")
			if err := r.Enable(ctx, sys, bob.ID); err != nil {
				t.Fatal(err)
			}
			// Each disables the other at the same moment.
			var wg sync.WaitGroup
			errs := make([]error, 2)
			for i, id := range []string{ann.ID, bob.ID} {
				wg.Go(func() { errs[i] = r.Disable(ctx, sys, id) })
			}
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				t.Errorf("both at once: %v, %v", errs[0], errs[1])
			}
			if err := errors.Join(errs...); !errors.Is(err, ErrLastOwner) {
				t.Error(err)
			}
		})
	}
}
