package handover

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"clew/access"
	"clew/app"
	"clew/db"
)

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		sign := func(appID, subject, device string) SignInCodes {
			t.Helper()
			c, err := w.r.IssueLogin(ctx, w.host, SignIn{App: appID, Subject: subject, Device: device})
			w.must(err)
			return c
		}
		get := func(caller access.Caller, c SignInCodes) Session {
			t.Helper()
			s, err := w.r.Session(ctx, caller, c.Login.Text, c.Anonymous.Text)
			w.must(err)
			if raw, err := base64.StdEncoding.DecodeString(s.Key); err != nil || len(raw) != 16 {
				t.Errorf("a session key of %d bytes, %v", len(raw), err)
			}
			return s
		}
		codes := sign(w.app, "user-7", "device-1")
		one := get(w.server(), codes)
		for _, half := range [][2]string{{codes.Login.Text, ""}, {"", codes.Anonymous.Text}, {"", ""}} {
			if _, err := w.r.Session(ctx, w.server(), half[0], half[1]); !errors.Is(err, ErrSpent) {
				t.Errorf("a second time: %v", err)
			}
		}
		again := get(w.server(), sign(w.app, "user-7", "device-1"))
		if again.OpenID != one.OpenID || again.UnionID != one.UnionID || again.AnonymousOpenID != one.AnonymousOpenID || again.Key == one.Key {
			t.Error("the same person is another the next day, or has the same session key")
		}
		if one.OpenID == one.UnionID || one.OpenID == one.AnonymousOpenID || one.OpenID == "" || one.UnionID == "" || one.AnonymousOpenID == "" {
			t.Errorf("%+v", one)
		}
		if s := get(w.server(), sign(w.app, "user-8", "")); s.OpenID == one.OpenID || s.AnonymousOpenID != "" {
			t.Error("two persons are one")
		}
		if s := get(w.server(), sign(w.app, "", "device-1")); s.OpenID != "" || s.UnionID != "" || s.AnonymousOpenID != one.AnonymousOpenID {
			t.Errorf("nobody is signed in: %+v", s)
		}

		// The same person in another app of the operator, and at another operator.
		var sibling string
		w.write(func(ctx context.Context, tx *db.Tx) error {
			a, _, err := w.apps.Create(ctx, tx, w.owner.Operator, "清舟二号", nil)
			sibling = a.ID
			return err
		})
		server := w.server()
		server.ID = sibling
		if s := get(server, sign(sibling, "user-7", "device-1")); s.OpenID == one.OpenID || s.UnionID != one.UnionID || s.AnonymousOpenID == one.AnonymousOpenID {
			t.Error("apps of one operator share unionid and nothing else")
		}
		other, otherApp := w.operator("别家")
		server = access.Caller{Kind: access.KindApp, ID: otherApp, Operator: other.Operator, Scopes: access.ScopeWrite}
		if s := get(server, sign(otherApp, "user-7", "device-1")); s.OpenID == one.OpenID || s.UnionID == one.UnionID || s.AnonymousOpenID == one.AnonymousOpenID {
			t.Error("two operators can tell that it is the same person")
		}

		// Codes of a login are none for a number, and the other way round; a spent one
		// spares the one beside it.
		codes = sign(w.app, "user-7", "device-1")
		if _, err := w.r.Exchange(ctx, w.server(), Claim{Code: codes.Login.Text, Purpose: Lead}); !errors.Is(err, ErrSpent) {
			t.Errorf("a login code for a number: %v", err)
		}
		if _, err := w.r.Session(ctx, w.server(), w.issue(newNumber()), ""); !errors.Is(err, ErrSpent) {
			t.Errorf("a phone code for a session: %v", err)
		}
		if _, err := w.r.Session(ctx, w.server(), codes.Login.Text, newCode()); !errors.Is(err, ErrSpent) {
			t.Errorf("with a guess beside it: %v", err)
		}
		get(w.server(), codes)
		for _, s := range []SignIn{{App: w.app}, {App: w.app, Subject: strings.Repeat("x", 129)}} {
			if _, err := w.r.IssueLogin(ctx, w.host, s); !errors.Is(err, ErrSubject) {
				t.Errorf("%d bytes: %v", len(s.Subject), err)
			}
		}
		if _, err := w.r.IssueLogin(ctx, w.host, SignIn{App: "app_none", Subject: "x"}); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("unknown app: %v", err)
		}
		codes = sign(w.app, "user-7", "")
		w.clock.Advance(Life)
		if _, err := w.r.Session(ctx, w.server(), codes.Login.Text, ""); !errors.Is(err, ErrSpent) {
			t.Errorf("too late: %v", err)
		}
	})
}
