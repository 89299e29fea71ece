package app_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/db/dbtest"
	"clew/seal"
)

func each(t *testing.T, fn func(t *testing.T, r *app.Room, operator string)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := &app.Room{DB: d, Access: &access.Room{DB: d, Ring: seal.TestRing(t)}}
		var o app.Operator
		write(t, r, func(tx *db.Tx) (err error) { o, err = r.CreateOperator(t.Context(), tx, "测试"); return err })
		fn(t, r, o.ID)
	})
}

func write(t *testing.T, r *app.Room, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := r.DB.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, r *app.Room, operator string, origins ...string) (a app.App, secret string, err error) {
	t.Helper()
	err = r.DB.Write(t.Context(), func(tx *db.Tx) error {
		a, secret, err = r.Create(t.Context(), tx, operator, "小程序", origins)
		return err
	})
	return a, secret, err
}

func TestAnAppIsFoundAgainByItsOperatorOnly(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		made, _, err := create(t, r, operator, "https://www.example.com")
		if err != nil {
			t.Fatal(err)
		}
		if err := r.DB.Read(t.Context(), func(tx *db.Tx) error {
			got, err := app.Get(t.Context(), tx, operator, made.ID)
			if err != nil || got.Name != "小程序" || !got.Allows("https://www.example.com") || got.Allows("https://example.com") {
				t.Errorf("%+v, %v", got, err)
			}
			if _, err := app.Get(t.Context(), tx, "op_other", made.ID); !errors.Is(err, app.ErrUnknown) {
				t.Errorf("another operator: %v", err)
			}
			all, err := app.List(t.Context(), tx, operator)
			if err != nil || len(all) != 1 {
				t.Errorf("%d apps, %v", len(all), err)
			}
			o, err := app.GetOperator(t.Context(), tx, operator)
			if err != nil || o.Name != "测试" {
				t.Errorf("%+v, %v", o, err)
			}
			_, err = app.GetOperator(t.Context(), tx, "op_none")
			if !errors.Is(err, app.ErrUnknown) {
				t.Errorf("no operator: %v", err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestASecretIsCheckedAndNotStored(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		made, secret, err := create(t, r, operator)
		if err != nil || len(secret) < 50 {
			t.Fatalf("secret of %d characters, %v", len(secret), err)
		}
		if err := r.DB.Read(t.Context(), func(tx *db.Tx) error {
			for _, c := range []struct {
				id, secret string
				want       bool
			}{{made.ID, secret, true}, {made.ID, secret + "a", false}, {made.ID, "", false}, {"app_none", secret, false}} {
				if _, ok, err := app.CheckSecret(t.Context(), tx, c.id, c.secret); err != nil || ok != c.want {
					t.Errorf("app %s: %v, %v", c.id, ok, err)
				}
			}
			hash, err := db.One(t.Context(), tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) },
				"select secret_hash from app where id=$1", made.ID)
			if err != nil || strings.Contains(string(hash), secret) {
				t.Errorf("stored: %v", err)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOrigins(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		good, _, err := create(t, r, operator, "https://B.example.com/", "https://a.example.com:8443", "http://localhost:3000", "https://b.example.com")
		if err != nil || !slices.Equal(good.Origins, []string{"http://localhost:3000", "https://a.example.com:8443", "https://b.example.com"}) {
			t.Errorf("%v, %v", good.Origins, err)
		}
		for _, o := range []string{
			"", "*", "www.example.com", "http://www.example.com", "https://u:p@example.com", "https://example.com/path",
			"https://example.com?x", "https://example.com#x", "ftp://example.com", "https://", "null", "javascript:alert(1)",
			"https://*.example.com", "https://例子.example", "https://:443", "https://" + strings.Repeat("a.", 150) + "com",
		} {
			var bad *app.BadOrigin
			if _, _, err := create(t, r, operator, o); !errors.As(err, &bad) {
				t.Errorf("origin %q: %v", o, err)
			}
		}
		// Browsers leave a scheme's own port out of the Origin header.
		own, _, err := create(t, r, operator, "https://www.example.com:443", "http://localhost:80", "https://[::1]:443")
		if err != nil || !slices.Equal(own.Origins, []string{"http://localhost", "https://[::1]", "https://www.example.com"}) {
			t.Errorf("%v, %v", own.Origins, err)
		}
		owner := access.Caller{Kind: access.KindStaff, ID: "s", Operator: operator, Role: access.RoleOwner}
		if err := r.SetOrigins(t.Context(), owner, good.ID, []string{"https://new.example.com"}); err != nil {
			t.Fatal(err)
		}
		if err := r.SetOrigins(t.Context(), owner, good.ID, make([]string, app.MaxOrigins+1)); !errors.Is(err, app.ErrOrigins) {
			t.Errorf("too many: %v", err)
		}
		agent := owner
		agent.Role = access.RoleAgent
		var denied *access.Denied
		if err := r.SetOrigins(t.Context(), agent, good.ID, nil); !errors.As(err, &denied) {
			t.Errorf("an agent: %v", err)
		}
		owner.Operator = "op_other"
		if err := r.SetOrigins(t.Context(), owner, good.ID, nil); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("another operator: %v", err)
		}
	})
}

func TestOperatorsAreReadPageByPage(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, first string) {
		want := []string{first}
		write(t, r, func(tx *db.Tx) error {
			for range 4 {
				o, err := r.CreateOperator(t.Context(), tx, "又一家")
				if err != nil {
					return err
				}
				want = append(want, o.ID)
			}
			return nil
		})
		slices.Sort(want)
		var got []string
		after := ""
		for pages := range 4 {
			if err := r.DB.Read(t.Context(), func(tx *db.Tx) error {
				list, err := app.Operators(t.Context(), tx, after, 2)
				if n := []int{2, 2, 1, 0}[pages]; len(list) != n {
					t.Errorf("page %d has %d", pages, len(list))
				}
				for _, o := range list {
					if o.Name == "" || o.Created.IsZero() {
						t.Errorf("%+v", o)
					}
					got, after = append(got, o.ID), o.ID
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("read %v, want %v", got, want)
		}
	})
}

// What is offered as a next step is taken, and a caller cannot change the rule.
func TestNextCategory(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		a, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		at := app.CategoryState("")
		for range 5 {
			steps := app.NextCategory(at)
			at = steps[0]
			write(t, r, func(tx *db.Tx) error { return r.MoveCategory(t.Context(), tx, operator, a.ID, "一 > 二 > 三", at) })
			steps[0] = "anything"
		}
		if at != app.Applied || app.NextCategory("anything") != nil {
			t.Errorf("after five steps it is %s", at)
		}
	})
}

func TestNames(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, _ string) {
		for _, name := range []string{"", "  ", "a\nb", "a\x00", strings.Repeat("长", 81)} {
			err := r.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := r.CreateOperator(t.Context(), tx, name); return err })
			if !errors.Is(err, app.ErrName) {
				t.Errorf("name %q: %v", name, err)
			}
		}
	})
}

func TestACategoryGoesStepByStep(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		made, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		move := func(to app.CategoryState) error {
			return r.DB.Write(t.Context(), func(tx *db.Tx) error {
				return r.MoveCategory(t.Context(), tx, operator, made.ID, "一 > 二 > 三", to)
			})
		}
		all := []app.CategoryState{app.Applied, app.Approved, app.Online, app.Offline}
		may := map[app.CategoryState][]app.CategoryState{
			"": {app.Applied}, app.Applied: {app.Approved, app.Offline}, app.Approved: {app.Online, app.Offline},
			app.Online: {app.Offline}, app.Offline: {app.Applied},
		}
		var at app.CategoryState
		for _, step := range []app.CategoryState{app.Applied, app.Approved, app.Online, app.Offline, app.Applied} {
			for _, to := range all {
				if slices.Contains(may[at], to) {
					continue
				}
				var bad *app.BadStep
				if err := move(to); !errors.As(err, &bad) || bad.From != at || bad.To != to {
					t.Errorf("from %q to %q: %v", at, to, err)
				}
			}
			if err := move(step); err != nil {
				t.Fatal(err)
			}
			at = step
		}
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			got, err := app.Categories(ctx, tx, operator, made.ID)
			if len(got) != 1 || got[0].State != app.Applied || got[0].Since != r.DB.Now() {
				t.Errorf("%+v", got)
			}
			return err
		})
	})
}

func read(t *testing.T, r *app.Room, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := r.DB.Read(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}
