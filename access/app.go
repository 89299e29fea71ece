package access

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"clew/db"
)

// appScopes is what an app's secret allows until its operator says otherwise: what
// the real open platform lets an app do, with personal data masked.
const appScopes = ScopeRead | ScopeWrite

// ForApp is the caller that an app's own server is. Whoever calls it has seen the
// app's secret and knows that the app is the operator's; the caller may touch that
// app only, and binding every statement to its id is for the room that acts.
func (r *Room) ForApp(ctx context.Context, tx *db.Tx, operator, app string) (Caller, error) {
	scopes, err := AppScopes(ctx, tx, operator, app)
	return Caller{Kind: KindApp, ID: app, Operator: operator, Scopes: scopes}, err
}

// AppScopes is what an app's secret allows.
func AppScopes(ctx context.Context, tx *db.Tx, operator, app string) (Scopes, error) {
	text, err := db.One(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) },
		"select scopes from app_scope where operator=$1 and app=$2", operator, app)
	if errors.Is(err, db.ErrNone) {
		return appScopes, nil
	}
	if err != nil || text == "" {
		return 0, err
	}
	return ParseScopes(strings.Split(text, ",")...)
}

// SetAppScopes says what an app's secret allows from now on; none shuts its server
// out. It needs the right over keys. Scopes that only the host app has are *[Invalid].
func (r *Room) SetAppScopes(ctx context.Context, caller Caller, app string, scopes Scopes) error {
	if scopes&^operatorScopes != 0 {
		return &Invalid{"scopes", "unknown", "an app has read, reveal and write"}
	}
	return r.Do(ctx, caller, KeyEdit, Subject{"app", app}, "allow "+cmp.Or(scopes.String(), "none"), func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into app_scope (operator, app, scopes, at) values ($1, $2, $3, $4)
			on conflict (operator, app) do update set scopes=excluded.scopes, at=excluded.at`,
			caller.Operator, app, scopes.String(), tx.NowMS())
		return err
	})
}

// Attempt lets try look at a secret that somebody at address showed, unless too many
// were wrong from there: *[Locked]. It is for secrets of 256 random bits, which cannot
// be guessed: only wrong ones are counted, and after the look, so that a busy server
// with the right one writes nothing and never waits for itself. There is no count by
// name: names of apps are public, and whoever knows one must not be able to shut its
// owner out.
func (r *Room) Attempt(ctx context.Context, address string, try func(*db.Tx) (bool, error)) (right bool, err error) {
	counters := r.byAddress(address)
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		for _, c := range counters {
			until, err := db.One(ctx, tx, func(s db.Scanner) (v int64, err error) { return v, s.Scan(&v) },
				"select locked_until from attempt where tag=$1", c.tag)
			if err != nil && !errors.Is(err, db.ErrNone) {
				return err
			}
			if wait := instant(until).Sub(tx.Now()); wait > 0 && wait <= longestDelay {
				return &Locked{instant(until)}
			}
		}
		right, err = try(tx)
		return err
	})
	if err != nil || right {
		return right, err
	}
	var locked *Locked
	if err := r.charge(ctx, counters...); err != nil && !errors.As(err, &locked) {
		return false, err
	}
	return false, nil
}
