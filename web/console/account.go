package console

import (
	"encoding/base64"
	"errors"

	"github.com/a-h/templ"
	"rsc.io/qr"

	"clew/access"
)

type accountView struct {
	Me       access.Session
	Sessions []access.Session
	Passkeys []access.Passkey
	Offered  bool // passkeys are on
	Left     int  // recovery codes
	May      bool // fresh enough to change one's own sign-in
	Staff    access.Staff
	Problems []trouble
}

func (c *Console) account(v *visit) error { return c.showAccount(v, nil) }

func (c *Console) showAccount(v *visit, problems []trouble) (err error) {
	ctx := v.r.Context()
	view := accountView{Me: v.who, Offered: c.Access.Passkeys.RPID != "", May: v.mayEditSelf(), Problems: problems}
	if view.Sessions, err = c.Access.Sessions(ctx, v.who); err != nil {
		return err
	}
	if view.Passkeys, err = c.Access.ListPasskeys(ctx, v.who); err != nil {
		return err
	}
	if view.Left, err = c.Access.RecoveryCodesLeft(ctx, v.who); err != nil {
		return err
	}
	return v.show(v.T("account.title"), func(p *page) templ.Component { return accountPage(p, view) })
}

// mayEditSelf is what the room will say; the page asks early so that nobody types
// a new password in vain.
func (v *visit) mayEditSelf() bool {
	return v.who.FreshEnough(access.StepUpWithin) || !v.who.Enrolled
}

// own ends a change of one's own sign-in: what was typed wrong is said on the
// page, an old sign-in asks for a new proof.
func (v *visit) own(err error, done flash) error {
	var invalid *access.Invalid
	switch {
	case errors.As(err, &invalid):
		return v.c.showAccount(v, []trouble{{invalid.Field, v.known("account."+invalid.Field+".", invalid.Code)}})
	case errors.Is(err, access.ErrStepUp):
		v.redirect("/console/step-up?next=/console/account")
		return nil
	case errors.Is(err, access.ErrCeremony):
		return v.back("/console/account", flash{Tone: "warn", Key: "passkey.late"})
	case err != nil:
		return err
	}
	return v.back("/console/account", done)
}

func (c *Console) setPassword(v *visit) error {
	err := c.Access.SetPassword(v.r.Context(), v.who, v.r.PostForm.Get("password"))
	return v.own(err, flash{Tone: "good", Key: "account.password.set"})
}

type codeView struct {
	Setup access.CodeSetup
	QR    string // data: URI of a PNG; it holds the secret and is sent to nobody else
	Error string
}

// beginCode answers with the page itself: the secret is shown once.
func (c *Console) beginCode(v *visit) error {
	setup, err := c.Access.BeginCode(v.r.Context(), v.who)
	if err != nil {
		return v.own(err, flash{})
	}
	view := codeView{Setup: setup}
	code, err := qr.Encode(setup.URL, qr.M)
	if err != nil {
		return err
	}
	code.Scale = 5
	view.QR = "data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())
	return v.show(v.T("account.code.add"), func(p *page) templ.Component { return codePage(p, view) })
}

func (c *Console) confirmCode(v *visit) error {
	f := v.r.PostForm
	codes, err := c.Access.ConfirmCode(v.r.Context(), v.who, f.Get("ceremony"), f.Get("code"))
	var invalid *access.Invalid
	if errors.As(err, &invalid) {
		view := codeView{Setup: access.CodeSetup{Ceremony: f.Get("ceremony")}, Error: v.T("account.code.wrong")}
		return v.show(v.T("account.code.add"), func(p *page) templ.Component { return codePage(p, view) })
	} else if err != nil {
		return v.own(err, flash{})
	}
	return c.showRecovery(v, codes)
}

func (c *Console) recoveryCodes(v *visit) error {
	codes, err := c.Access.NewRecoveryCodes(v.r.Context(), v.who)
	if err != nil {
		return v.own(err, flash{})
	}
	return c.showRecovery(v, codes)
}

func (c *Console) showRecovery(v *visit, codes []string) error {
	return v.show(v.T("account.recovery"), func(p *page) templ.Component { return recoveryPage(p, codes) })
}

func (c *Console) endSession(v *visit) error {
	id := v.r.PathValue("id")
	if err := c.Access.EndSession(v.r.Context(), v.who, id); err != nil && !errors.Is(err, access.ErrMissing) {
		return err
	}
	return v.back("/console/account", flash{Tone: "good", Key: "account.sessions.ended"})
}
