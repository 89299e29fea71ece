package app_test

import (
	"errors"
	"testing"

	"clew/access"
	"clew/app"
	"clew/db"
)

func TestANewSecretEndsTheOldOneAndItsMark(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		ctx := t.Context()
		a, old, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		mark := func() (m string) {
			t.Helper()
			if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
				var got app.App
				got, m, err = app.SecretMark(ctx, tx, a.ID)
				if err == nil && (got.Operator != operator || len(m) != 16) {
					t.Errorf("%+v, %q", got, m)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return m
		}
		before := mark()
		if mark() != before {
			t.Error("the mark of one secret changes")
		}
		secret, err := r.NewSecret(ctx, access.Caller{Kind: access.KindStaff, ID: "staff_o", Operator: operator, Role: access.RoleOwner}, a.ID)
		if err != nil || secret == old || mark() == before {
			t.Errorf("new secret: %v, mark changed: %v", err, mark() != before)
		}
		if err := r.DB.Read(ctx, func(tx *db.Tx) error {
			for _, c := range []struct {
				secret string
				right  bool
			}{{old, false}, {secret, true}} {
				if _, ok, err := app.CheckSecret(ctx, tx, a.ID, c.secret); err != nil || ok != c.right {
					t.Errorf("ok %v, %v", ok, err)
				}
			}
			_, _, err := app.SecretMark(ctx, tx, "app_none")
			if !errors.Is(err, app.ErrUnknown) {
				t.Errorf("no such app: %v", err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		var denied *access.Denied
		for _, who := range []access.Caller{
			{Kind: access.KindStaff, Operator: operator, Role: access.RoleAgent},
			{Kind: access.KindApp, ID: a.ID, Operator: operator, Scopes: access.ScopeRead | access.ScopeWrite | access.ScopeReveal},
		} {
			if _, err := r.NewSecret(ctx, who, a.ID); !errors.As(err, &denied) {
				t.Errorf("%s: %v", who.Kind, err)
			}
		}
		if _, err := r.NewSecret(ctx, access.Caller{Kind: access.KindStaff, Operator: "op_2", Role: access.RoleOwner}, a.ID); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("another operator: %v", err)
		}
	})
}
