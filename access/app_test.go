package access

import (
	"errors"
	"slices"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
)

// What an app's server and the host app may do, once more and by hand.
func TestWhatAppsAndTheHostMayDo(t *testing.T) {
	acts := func(c Caller) (out []Act) {
		for _, a := range Acts() {
			if c.May(a) {
				out = append(out, a)
			}
		}
		return out
	}
	app := func(s Scopes) Caller { return Caller{Kind: KindApp, ID: "app_1", Operator: "op_1", Scopes: s} }
	for _, c := range []struct {
		caller Caller
		want   []Act
	}{
		{app(ScopeReveal), []Act{LeadReveal}},
		{app(0), nil},
		{app(ScopeHost), nil},
		{Caller{Kind: KindApp, ID: "app_1", Scopes: operatorScopes}, nil},
		{Caller{Kind: KindKey, Scopes: ScopeHost}, []Act{DistributionRead, EventReport, HandoverIssue, HostAnswer, ReportTake}},
		{Caller{Kind: KindKey, Scopes: ScopeHost | ScopeRead}, nil},
		{Caller{Kind: KindKey, Operator: "op_1", Scopes: ScopeHost}, nil},
	} {
		if got := acts(c.caller); !slices.Equal(got, c.want) {
			t.Errorf("%+v may %v, want %v", c.caller, got, c.want)
		}
	}
	// Other rooms' acts may join these; personal data in the clear and people never.
	for _, a := range acts(app(ScopeRead | ScopeWrite)) {
		if slices.Contains([]Act{LeadRead, LeadReveal, LeadExport, LeadErase, LeadOutcome, KeyEdit, PeopleEdit, AuditRead, CapabilityDecide, HandoverIssue}, a) {
			t.Errorf("an app may %s without being told so", a)
		}
	}
	for _, a := range []Act{LeadList, ComponentEdit, AppEdit, HandoverExchange} {
		if !app(appScopes).May(a) {
			t.Errorf("an app may not %s", a)
		}
	}
}

func TestKeysOfTheHostApp(t *testing.T) {
	each(t, func(t *testing.T, r *Room, _ *dbtest.Clock) {
		ctx := t.Context()
		admin := Caller{Kind: KindStaff, ID: "staff_a", Role: RoleAdmin}
		k, text, err := r.CreateKey(ctx, admin, NewKey{Name: "host app", Scopes: ScopeHost})
		if err != nil {
			t.Fatal(err)
		}
		c, err := r.FromKey(ctx, text)
		if want := (Caller{Kind: KindKey, ID: k.ID, Name: "host app", Scopes: ScopeHost}); err != nil || c != want {
			t.Errorf("%+v, %v", c, err)
		}
		var invalid *Invalid
		for _, bad := range []struct {
			who    Caller
			scopes Scopes
		}{{admin, ScopeRead}, {admin, ScopeHost | ScopeRead}, {owner("op_1"), ScopeHost}, {owner("op_1"), ScopeHost | ScopeRead}} {
			if _, _, err := r.CreateKey(ctx, bad.who, NewKey{Name: "x", Scopes: bad.scopes}); !errors.As(err, &invalid) || invalid.Field != "scopes" {
				t.Errorf("%s by %s: %v", bad.scopes, bad.who.Role, err)
			}
		}
		if list, err := r.Keys(ctx, owner("op_1")); err != nil || len(list) != 0 {
			t.Errorf("an operator sees %+v, %v", list, err)
		}
		if err := r.RevokeKey(ctx, owner("op_1"), k.ID); err != ErrMissing {
			t.Errorf("an operator revokes it: %v", err)
		}
		if err := r.RevokeKey(ctx, admin, k.ID); err != nil {
			t.Error(err)
		}
		if _, err := r.FromKey(ctx, text); err != ErrKey {
			t.Errorf("revoked: %v", err)
		}
	})
}

func TestAppScopes(t *testing.T) {
	each(t, func(t *testing.T, r *Room, _ *dbtest.Clock) {
		ctx := t.Context()
		get := func() (c Caller) {
			t.Helper()
			if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
				c, err = r.ForApp(ctx, tx, "op_1", "app_1")
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return c
		}
		if c := get(); c != (Caller{Kind: KindApp, ID: "app_1", Operator: "op_1", Scopes: appScopes}) {
			t.Errorf("at first %+v", c)
		}
		for _, s := range []Scopes{ScopeReveal | ScopeRead, 0, ScopeWrite} {
			if err := r.SetAppScopes(ctx, owner("op_1"), "app_1", s); err != nil {
				t.Fatal(err)
			}
			if c := get(); c.Scopes != s {
				t.Errorf("set %s, got %s", s, c.Scopes)
			}
		}
		var denied *Denied
		if err := r.SetAppScopes(ctx, Caller{Kind: KindStaff, Operator: "op_1", Role: RoleAgent}, "app_1", 0); !errors.As(err, &denied) {
			t.Errorf("an agent: %v", err)
		}
		var invalid *Invalid
		if err := r.SetAppScopes(ctx, owner("op_1"), "app_1", ScopeHost); !errors.As(err, &invalid) {
			t.Errorf("host: %v", err)
		}
		if err := r.SetAppScopes(ctx, owner("op_2"), "app_1", ScopeReveal); err != nil {
			t.Fatal(err)
		}
		if c := get(); c.Scopes != ScopeWrite {
			t.Errorf("another operator changed it to %s", c.Scopes)
		}
	})
}

func TestSecretsAreNotGuessed(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		answer := func(right bool) func(*db.Tx) (bool, error) { return func(*db.Tx) (bool, error) { return right, nil } }
		const from = "192.0.2.7"
		for i := range 2 * freeByAddress {
			if ok, err := r.Attempt(ctx, from, answer(true)); !ok || err != nil {
				t.Fatalf("right answer %d: %v, %v", i, ok, err)
			}
		}
		for i := range freeByAddress {
			if ok, err := r.Attempt(ctx, from, answer(false)); ok || err != nil {
				t.Fatalf("wrong answer %d: %v, %v", i, ok, err)
			}
		}
		var locked *Locked
		if _, err := r.Attempt(ctx, from, func(*db.Tx) (bool, error) {
			t.Error("it was looked at")
			return true, nil
		}); !errors.As(err, &locked) {
			t.Errorf("after too many: %v", err)
		}
		if n := len(records(t, r, "")); n != 0 {
			t.Errorf("%d lines on record", n)
		}
		if ok, err := r.Attempt(ctx, "192.0.2.8", answer(true)); !ok || err != nil {
			t.Errorf("from elsewhere: %v, %v", ok, err)
		}
		clock.Advance(longestDelay + time.Second)
		if ok, err := r.Attempt(ctx, from, answer(true)); !ok || err != nil {
			t.Errorf("later: %v, %v", ok, err)
		}
	})
}
