package access

import (
	"errors"
	"strings"
	"testing"
	"time"

	"clew/db/dbtest"
)

func TestKeys(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		o := owner("op_1")
		k, text, err := r.CreateKey(ctx, o, NewKey{Name: "crm", Scopes: ScopeRead | ScopeReveal})
		if err != nil || !strings.HasPrefix(text, "clew_live_") || k.Prefix != text[:12] {
			t.Fatalf("%+v, %v", k, err)
		}
		clock.Advance(time.Hour)
		c, err := r.FromKey(ctx, text)
		want := Caller{Kind: KindKey, ID: k.ID, Operator: "op_1", Name: "crm", Scopes: ScopeRead | ScopeReveal}
		if err != nil || c != want {
			t.Errorf("%+v, %v", c, err)
		}
		used := func() time.Time {
			list, err := r.Keys(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			return list[0].UsedAt
		}
		first := clock.Now()
		if used() != first {
			t.Errorf("used at %s", used())
		}
		clock.Advance(touchEvery - time.Second)
		if _, err := r.FromKey(ctx, text); err != nil || used() != first {
			t.Errorf("written within the minute: %s, %v", used(), err)
		}
		clock.Advance(time.Second)
		if _, err := r.FromKey(ctx, text); err != nil || used() != clock.Now() {
			t.Errorf("not written after a minute: %s, %v", used(), err)
		}

		second, _, err := r.CreateKey(ctx, o, NewKey{Name: "crm", Scopes: ScopeRead})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.CreateKey(ctx, o, NewKey{Name: "crm", Scopes: ScopeRead}); err != ErrKeyLimit {
			t.Errorf("third of the name: %v", err)
		}
		if _, test, err := r.CreateKey(ctx, o, NewKey{Name: "crm", Scopes: ScopeWrite, Test: true}); err != nil {
			t.Error(err)
		} else if c, err := r.FromKey(ctx, test); err != nil || !c.Test || !strings.HasPrefix(test, "clew_test_") {
			t.Errorf("test key: %+v, %v", c, err)
		}
		if err := r.RevokeKey(ctx, owner("op_2"), k.ID); err != ErrMissing {
			t.Errorf("another operator revoked it: %v", err)
		}
		if err := r.RevokeKey(ctx, o, k.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := r.FromKey(ctx, text); err != ErrKey {
			t.Errorf("revoked: %v", err)
		}
		if err := r.RevokeKey(ctx, o, k.ID); err != ErrMissing {
			t.Errorf("revoked twice: %v", err)
		}
		if _, _, err := r.CreateKey(ctx, o, NewKey{Name: "crm", Scopes: ScopeRead}); err != nil {
			t.Errorf("after revoking one: %v", err)
		}
		list, err := r.Keys(ctx, o)
		if err != nil || len(list) != 4 || list[0].RevokedAt != clock.Now() || list[1].ID != second.ID || !list[1].RevokedAt.IsZero() {
			t.Errorf("%+v, %v", list, err)
		}
		if list, err := r.Keys(ctx, owner("op_2")); err != nil || len(list) != 0 {
			t.Errorf("another operator's list: %+v, %v", list, err)
		}
		for _, bad := range []NewKey{{Scopes: ScopeRead}, {Name: "x"}, {Name: "x", Scopes: 64}, {Name: number(1), Scopes: ScopeRead}} {
			var invalid *Invalid
			if _, _, err := r.CreateKey(ctx, o, bad); !errors.As(err, &invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		var denied *Denied
		if _, _, err := r.CreateKey(ctx, c, NewKey{Name: "child", Scopes: ScopeWrite}); !errors.As(err, &denied) || denied.Role != "key:read,reveal" {
			t.Errorf("a key made a key: %v", err)
		}
	})
}

func TestTextsThatAreNoKeys(t *testing.T) {
	good := newKey(false)
	if _, ok := parseKey(good); !ok {
		t.Fatal(good)
	}
	flip := func(i int) string {
		b := []byte(good)
		if b[i]++; b[i] > 'z' || b[i] == '8' {
			b[i] = 'a'
		}
		return string(b)
	}
	for i := range good {
		if _, ok := parseKey(flip(i)); ok {
			t.Errorf("character %d changed and still a key", i)
		}
	}
	for _, bad := range []string{"", "clew_live_", good + "a", good[1:], strings.ToUpper(good), " " + good, strings.Replace(good, "live", "prod", 1)} {
		if _, ok := parseKey(bad); ok {
			t.Errorf("%q is a key", bad)
		}
	}
	each(t, func(t *testing.T, r *Room, _ *dbtest.Clock) {
		for _, text := range []string{"", "x", good, newKey(true)} {
			if _, err := r.FromKey(t.Context(), text); err != ErrKey {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

func FuzzParseKey(f *testing.F) {
	f.Add(newKey(false))
	f.Add(newKey(true))
	f.Add("clew_live_")
	f.Fuzz(func(t *testing.T, text string) {
		test, ok := parseKey(text)
		if ok && (len(text) != keyLength || test != strings.HasPrefix(text, keyTest) || keySum(text[:keyLength-7]) != text[keyLength-7:]) {
			t.Errorf("%q", text)
		}
	})
}

func FuzzParsePasswordHash(f *testing.F) {
	f.Add(noPassword)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePasswordHash(s)
		if err == nil && (h.String() != s || h.memory > 256*1024 || h.time == 0 || h.time > 16 || h.lanes == 0) {
			t.Errorf("%q became %q", s, h)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	f.Add("MTc3MjQxMzIwMDAwMC5hdWRpdF8w")
	f.Fuzz(func(t *testing.T, s string) {
		if _, id, err := parseCursor(s); err == nil && !plainLine(id) {
			t.Errorf("%q", s)
		}
	})
}

func FuzzCheckReason(f *testing.F) {
	f.Add("asked on 2026-03-02")
	f.Add("１３８ 0013")
	f.Fuzz(func(t *testing.T, s string) {
		if CheckReason(owner("op_1"), LeadReveal, s) != nil {
			return
		}
		run := 0
		for _, c := range s {
			if run++; c < '0' || c > '9' {
				run = 0
			}
			if run > digitsMax {
				t.Errorf("%q passed", s)
			}
		}
	})
}
