package handover

import (
	"context"
	"crypto/rand"
	"encoding/base64"

	"clew/access"
	"clew/app"
	"clew/db"
)

// SignIn is a person who opens an app inside the host app.
type SignIn struct {
	App string
	// Subject is the host app's id of the person; empty when they are not signed in.
	Subject string
	// Device is the host app's id of the installation; empty when it gives none. One of
	// the two is needed.
	Device string
}

// SignInCodes are the codes for one sign-in; a code is zero where nothing was said.
type SignInCodes struct{ Login, Anonymous Code }

// IssueLogin makes the codes that an app's page hands to the operator's server. The
// errors are [app.ErrUnknown] and [ErrSubject].
func (r *Room) IssueLogin(ctx context.Context, caller access.Caller, s SignIn) (codes SignInCodes, err error) {
	if s.Subject == "" && s.Device == "" || len(s.Subject) > 128 || len(s.Device) > 128 {
		if err := r.Access.Check(ctx, caller, access.HandoverIssue, access.Subject{Kind: "app", ID: s.App}); err != nil {
			return codes, err
		}
		return codes, ErrSubject
	}
	err = r.Access.Do(ctx, caller, access.HandoverIssue, access.Subject{Kind: "app", ID: s.App}, "", func(tx *db.Tx) error {
		a, err := app.Find(ctx, tx, s.App)
		if err != nil {
			return err
		}
		if s.Subject != "" {
			if codes.Login, err = r.put(ctx, tx, loginCode, a.Operator, a.ID, "", "", holding{
				OpenID: r.pseudonym("openid", a.ID, s.Subject), UnionID: r.pseudonym("unionid", a.Operator, s.Subject),
			}); err != nil {
				return err
			}
		}
		if s.Device != "" {
			codes.Anonymous, err = r.put(ctx, tx, anonymousCode, a.Operator, a.ID, "", "", holding{
				AnonymousID: r.pseudonym("anonymous", a.ID, s.Device),
			})
		}
		return err
	})
	if err != nil {
		return SignInCodes{}, err
	}
	return codes, nil
}

// pseudonym is who somebody is to one app or one operator: 192 bits of a keyed hash,
// which no other can link and nobody can trace back without the key.
func (r *Room) pseudonym(kind, of, subject string) string {
	return "_000" + base64.RawURLEncoding.EncodeToString(r.Ring.MAC("handover."+kind, of, subject)[:24])
}

// Session is what login codes are traded for.
type Session struct {
	// Key is 16 random bytes in base64. It is not kept: data that the host app would
	// encrypt under it is not offered here.
	Key string
	// OpenID tells the person apart for this app, UnionID for all apps of its operator,
	// AnonymousOpenID the installation for this app. Empty where no code was shown.
	OpenID, UnionID, AnonymousOpenID string
}

// Session trades login codes of the calling app in. At least one is needed; one that
// is spent is [ErrSpent], and then neither is used up.
func (r *Room) Session(ctx context.Context, caller access.Caller, code, anonymous string) (s Session, err error) {
	if err := r.Access.Check(ctx, caller, access.HandoverExchange, access.Subject{Kind: "app", ID: caller.ID}); err != nil {
		return s, err
	}
	if code == "" && anonymous == "" {
		return s, ErrSpent
	}
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		for _, c := range []struct {
			kind kind
			text string
		}{{loginCode, code}, {anonymousCode, anonymous}} {
			if c.text == "" {
				continue
			}
			v, err := r.find(ctx, tx, c.kind, caller.Operator, caller.ID, c.text)
			if err != nil {
				return err
			}
			h, err := r.open(v)
			if err != nil {
				return err
			}
			if err := spend(ctx, tx, v); err != nil {
				return err
			}
			if c.kind == loginCode {
				s.OpenID, s.UnionID = h.OpenID, h.UnionID
			} else {
				s.AnonymousOpenID = h.AnonymousID
			}
		}
		return nil
	})
	if err != nil {
		return Session{}, err
	}
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	s.Key = base64.StdEncoding.EncodeToString(key)
	return s, nil
}
