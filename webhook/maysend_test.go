package webhook_test

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"testing"

	"clew/access"
	"clew/db"
	"clew/db/dbtest"
	"clew/webhook"
)

// Whoever names the key of a sealed endpoint reads every lead: a key that may only
// write must not give itself that.
func TestOnlyThoseWhoMayReadLeadsCanHaveThemSealed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		s.r.Personal = func(context.Context, string, string) (map[string]string, error) { return nil, nil }
		private, err := ecdh.X25519().GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		thin := webhook.Draft{URL: "https://hooks.example.com/clew", Events: []string{"lead.created"}}
		sealed := thin
		sealed.Mode, sealed.PublicKey = webhook.Sealed, base64.StdEncoding.EncodeToString(private.PublicKey().Bytes())
		key := func(scopes access.Scopes, test bool) access.Caller {
			return access.Caller{Kind: access.KindKey, ID: "key_1", Operator: s.owner.Operator, Scopes: scopes, Test: test}
		}
		writes := key(access.ScopeRead|access.ScopeWrite, false)
		var denied *access.Denied
		if _, _, err := s.r.Create(t.Context(), writes, sealed); !errors.As(err, &denied) || denied.Act != access.LeadExport {
			t.Errorf("made by a key that may write: %v", err)
		}
		e, _, err := s.r.Create(t.Context(), writes, thin)
		if err != nil {
			t.Fatalf("a thin endpoint: %v", err)
		}
		if _, err := s.r.Update(t.Context(), writes, e.ID, sealed); !errors.As(err, &denied) {
			t.Errorf("changed by a key that may write: %v", err)
		}
		var invalid *webhook.Invalid
		if _, err := s.r.Update(t.Context(), key(access.ScopeReveal|access.ScopeWrite, true), e.ID, sealed); !errors.As(err, &invalid) {
			t.Errorf("changed by a test key: %v", err)
		}
		for what, who := range map[string]access.Caller{"owner": s.owner, "key": key(access.ScopeReveal|access.ScopeWrite, false)} {
			if _, err := s.r.Update(t.Context(), who, e.ID, sealed); err != nil {
				t.Errorf("%s who may read leads: %v", what, err)
			}
		}
	})
}
