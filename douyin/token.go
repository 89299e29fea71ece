package douyin

import (
	"context"
	"errors"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/seal"
)

// tokenLife is how long a token is good for, as on the real platform.
const tokenLife = 2 * time.Hour

const (
	tokenPurpose = "douyin client_token"
	tokenPrefix  = "clt."
	// clientCredential is the one grant there is for an app.
	clientCredential = "client_credential"
)

// claims are what a token carries: readable, signed, and worth nothing once the app's
// secret is another. Nothing of a token is stored.
type claims struct {
	App  string `json:"a"`
	Mark string `json:"m"`
}

// authenticate tells which app a token is of: one indexed read. [badToken] or
// [oldToken].
func (w *Wire) authenticate(ctx context.Context, token string) (c access.Caller, err error) {
	rest, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok {
		return c, refused(badToken)
	}
	var claim claims
	switch err := w.Ring.OpenToken(tokenPurpose, rest, w.DB.Now(), &claim); {
	case errors.Is(err, seal.ErrTokenExpired):
		return c, refused(oldToken)
	case err != nil:
		return c, refused(badToken)
	}
	err = w.DB.Read(ctx, func(tx *db.Tx) error {
		a, mark, err := app.SecretMark(ctx, tx, claim.App)
		if errors.Is(err, app.ErrUnknown) || err == nil && mark != claim.Mark {
			return refused(badToken)
		}
		if err != nil {
			return err
		}
		c, err = w.Access.ForApp(ctx, tx, a.Operator, a.ID)
		return err
	})
	return c, err
}

// check compares an app's secret, which strangers may not guess at, and returns the
// app acting for itself with the mark of its secret.
func (w *Wire) check(a *ask, id, secret string) (caller access.Caller, mark string, err error) {
	known := false
	right, err := w.Access.Attempt(a.ctx, a.address, func(tx *db.Tx) (bool, error) {
		found, m, err := app.SecretMark(a.ctx, tx, id)
		if errors.Is(err, app.ErrUnknown) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		known, mark = true, m
		_, ok, err := app.CheckSecret(a.ctx, tx, id, secret)
		if err != nil || !ok {
			return false, err
		}
		caller, err = w.Access.ForApp(a.ctx, tx, found.Operator, found.ID)
		return true, err
	})
	switch {
	case err != nil:
		return access.Caller{}, "", err
	case !known:
		return access.Caller{}, "", refused(unknownApp)
	case !right:
		return access.Caller{}, "", refused(wrongSecret)
	}
	return caller, mark, nil
}

// issue makes a token for an app that shows its secret.
func (w *Wire) issue(a *ask, id, secret, grant string) (string, error) {
	if grant != clientCredential {
		return "", refused(wrongGrant)
	}
	caller, mark, err := w.check(a, id, secret)
	if err != nil {
		return "", err
	}
	text, err := w.Ring.SignToken(tokenPurpose, claims{caller.ID, mark}, w.DB.Now().Add(tokenLife))
	return tokenPrefix + text, err
}

type clientTokenBody struct {
	ClientKey    string `json:"client_key"`
	ClientSecret string `json:"client_secret"`
	GrantType    string `json:"grant_type"`
}

func (b *clientTokenBody) check() []problem {
	return missing("client_key", b.ClientKey, "client_secret", b.ClientSecret, "grant_type", b.GrantType)
}

func (w *Wire) clientToken(a *ask) (any, error) {
	b, err := decode[clientTokenBody](a.body)
	if err != nil {
		return nil, err
	}
	token, err := w.issue(a, b.ClientKey, b.ClientSecret, b.GrantType)
	return object{"access_token": token, "expires_in": int(tokenLife / time.Second)}, err
}

type appTokenBody struct {
	AppID     string `json:"appid"`
	Secret    string `json:"secret"`
	GrantType string `json:"grant_type"`
}

func (b *appTokenBody) check() []problem {
	return missing("appid", b.AppID, "secret", b.Secret, "grant_type", b.GrantType)
}

func (w *Wire) appToken(a *ask) (any, error) {
	b, err := decode[appTokenBody](a.body)
	if err != nil {
		return nil, err
	}
	token, err := w.issue(a, b.AppID, b.Secret, b.GrantType)
	return object{"access_token": token, "expires_in": int(tokenLife / time.Second)}, err
}
