package console

import (
	"encoding/json"
	"errors"
	"net/http"

	"clew/access"
	"clew/web"
)

// ceremonyCookie binds a sign-in by passkey to the browser that began it.
const ceremonyCookie = "clew_ceremony"

// passkeyAnswer is what the page's script sends: the browser's own JSON.
type passkeyAnswer struct {
	Ceremony   string          `json:"ceremony"`
	Name       string          `json:"name"`
	Credential json.RawMessage `json:"credential"`
	Next       string          `json:"next"`
}

func (v *visit) answer(value any) error {
	v.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.w).Encode(value)
}

func (v *visit) passkeyAnswer() (a passkeyAnswer, err error) {
	if !isJSON(v.r) {
		return a, web.New(v.Lang, "media_type")
	}
	if err := json.NewDecoder(v.r.Body).Decode(&a); err != nil {
		return a, web.New(v.Lang, "bad_request")
	}
	return a, nil
}

// passkeyError turns what a ceremony can end with into a problem the page shows.
func (v *visit) passkeyError(err error) error {
	message := v.signInError(err)
	var invalid *access.Invalid
	switch {
	case errors.As(err, &invalid):
		message = v.known("account."+invalid.Field+".", invalid.Code)
	case errors.Is(err, access.ErrStepUp):
		return web.New(v.Lang, "step_up_needed")
	case message == "":
		return err
	}
	p := web.New(v.Lang, "invalid")
	p.Detail = message
	return p
}

func (c *Console) passkeySignInBegin(v *visit) error {
	ceremony, options, err := c.Access.BeginPasskeySignIn(v.r.Context())
	if err != nil {
		return v.passkeyError(err)
	}
	v.cookie(ceremonyCookie, ceremony, flashLife*5, http.SameSiteStrictMode)
	return v.answer(map[string]any{"options": options})
}

func (c *Console) passkeySignIn(v *visit) error {
	a, err := v.passkeyAnswer()
	if err != nil {
		return err
	}
	k, err := v.r.Cookie(ceremonyCookie)
	if err != nil {
		return v.passkeyError(access.ErrCeremony)
	}
	v.cookie(ceremonyCookie, "", -1, http.SameSiteStrictMode)
	token, _, err := c.Access.FinishPasskeySignIn(v.r.Context(), k.Value, a.Credential, v.address())
	if err != nil {
		return v.passkeyError(err)
	}
	v.cookie(c.sessionCookie(), token, sessionLife, http.SameSiteLaxMode)
	return v.answer(map[string]string{"next": next(a.Next)})
}

func (c *Console) passkeyStepUpBegin(v *visit) error {
	ceremony, options, err := c.Access.BeginPasskeyStepUp(v.r.Context(), v.who)
	if err != nil {
		return v.passkeyError(err)
	}
	return v.answer(map[string]any{"ceremony": ceremony, "options": options})
}

func (c *Console) passkeyStepUp(v *visit) error {
	a, err := v.passkeyAnswer()
	if err != nil {
		return err
	}
	if err := c.Access.FinishPasskeyStepUp(v.r.Context(), v.who, a.Ceremony, a.Credential, v.address()); err != nil {
		return v.passkeyError(err)
	}
	return v.answer(map[string]string{"next": next(a.Next)})
}

func (c *Console) passkeyBegin(v *visit) error {
	ceremony, options, err := c.Access.BeginPasskey(v.r.Context(), v.who)
	if err != nil {
		return v.passkeyError(err)
	}
	return v.answer(map[string]any{"ceremony": ceremony, "options": options})
}

func (c *Console) addPasskey(v *visit) error {
	a, err := v.passkeyAnswer()
	if err != nil {
		return err
	}
	name := a.Name
	if name == "" {
		name = v.T("account.passkey.unnamed")
	}
	if _, err := c.Access.FinishPasskey(v.r.Context(), v.who, a.Ceremony, name, a.Credential); err != nil {
		return v.passkeyError(err)
	}
	v.flash(flash{Tone: "good", Key: "account.passkey.added"})
	return v.answer(map[string]string{"next": "/console/account"})
}

func (c *Console) removePasskey(v *visit) error {
	err := c.Access.RemovePasskey(v.r.Context(), v.who, v.r.PathValue("id"))
	switch {
	case errors.Is(err, access.ErrOnlyWayIn):
		return v.back("/console/account", flash{Tone: "bad", Key: "account.passkey.only"})
	case errors.Is(err, access.ErrMissing):
		return web.New(v.Lang, "not_found")
	}
	return v.own(err, flash{Tone: "good", Key: "account.passkey.removed"})
}
