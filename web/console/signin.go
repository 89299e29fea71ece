package console

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/db"
)

// sessionLife is how long the browser keeps the cookie; the room decides how long
// the session lives.
const sessionLife = 7 * 24 * time.Hour

// sessionCookie has the __Host- prefix where the site is secure: no other host
// and no plain-text page can then set it (RFC 6265bis 4.1.3.2).
func (c *Console) sessionCookie() string {
	if c.secure() {
		return "__Host-clew"
	}
	return "clew_session"
}

// identify reads who is at the page; false when nobody is.
func (v *visit) identify() (bool, error) {
	k, err := v.r.Cookie(v.c.sessionCookie())
	if err != nil || k.Value == "" {
		return false, nil
	}
	s, err := v.c.Access.FromSession(v.r.Context(), k.Value)
	if errors.Is(err, access.ErrSession) {
		v.cookie(v.c.sessionCookie(), "", -1, http.SameSiteLaxMode)
		return false, nil
	} else if err != nil {
		return false, err
	}
	v.who, v.Caller, v.Where = s, s.Caller, v.T("platform")
	if s.Caller.Operator == "" {
		return true, nil
	}
	return true, v.read(func(tx *db.Tx) error {
		o, err := app.GetOperator(v.r.Context(), tx, s.Caller.Operator)
		v.Where = o.Name
		return err
	})
}

// fresh reports whether the sign-in is young enough for personal data in the
// clear and for making keys.
func (v *visit) fresh() bool {
	d := v.c.StepUp
	if d == 0 {
		d = access.StepUpWithin
	}
	return v.who.FreshEnough(d)
}

type signInView struct {
	Login, Next, Error string
	Passkeys           bool
}

// next is where to go after signing in: a page of the console, never another site.
func next(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, "/console/") && u.Path != "/dev/inbox" ||
		path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") || strings.HasPrefix(u.Path, "/console/sign-in") {
		return "/console/"
	}
	return u.RequestURI()
}

func (c *Console) signInPage(v *visit) error {
	if signedIn, err := v.identify(); err != nil {
		return err
	} else if signedIn {
		v.redirect(next(v.r.URL.Query().Get("next")))
		return nil
	}
	return c.showSignIn(v, signInView{Next: next(v.r.URL.Query().Get("next"))})
}

func (c *Console) showSignIn(v *visit, view signInView) error {
	view.Passkeys = c.Access.Passkeys.RPID != ""
	return v.show(v.T("signin.title"), func(p *page) templ.Component { return signInForm(p, view) })
}

func (c *Console) signIn(v *visit) error {
	f := v.r.PostForm
	token, _, err := c.Access.SignIn(v.r.Context(), access.SignIn{
		Login: f.Get("login"), Password: f.Get("password"), Code: f.Get("code"), Address: v.address(),
	})
	if message := v.signInError(err); message != "" {
		return c.showSignIn(v, signInView{Login: f.Get("login"), Next: next(f.Get("next")), Error: message})
	} else if err != nil {
		return err
	}
	v.cookie(c.sessionCookie(), token, sessionLife, http.SameSiteLaxMode)
	v.redirect(next(f.Get("next")))
	return nil
}

// signInError is what to tell somebody who could not sign in; empty for others.
func (v *visit) signInError(err error) string {
	var locked *access.Locked
	switch {
	case errors.As(err, &locked):
		return v.T("signin.locked", "at", locked.Until.In(zone).Format("15:04:05"))
	case errors.Is(err, access.ErrSignIn):
		return v.T("signin.wrong")
	case errors.Is(err, access.ErrCeremony):
		return v.T("passkey.late")
	}
	return ""
}

func (c *Console) signOut(v *visit) error {
	if err := c.Access.EndSession(v.r.Context(), v.who, v.who.ID); err != nil && !errors.Is(err, access.ErrMissing) {
		return err
	}
	v.cookie(c.sessionCookie(), "", -1, http.SameSiteLaxMode)
	v.Caller = access.Caller{}
	return v.back("/console/sign-in", flash{Tone: "good", Key: "signin.out"})
}

// linkPage only asks: programs that preview links must not use them up.
func (c *Console) linkPage(v *visit) error {
	return v.show(v.T("link.title"), func(p *page) templ.Component { return linkForm(p, "") })
}

func (c *Console) link(v *visit) error {
	token, s, err := c.Access.UseLoginLink(v.r.Context(), v.r.PathValue("token"))
	if errors.Is(err, access.ErrLink) {
		return v.show(v.T("link.title"), func(p *page) templ.Component { return linkForm(p, p.T("link.used")) })
	} else if err != nil {
		return err
	}
	v.cookie(c.sessionCookie(), token, sessionLife, http.SameSiteLaxMode)
	v.Caller = s.Caller
	if s.Enrolled || c.Dev {
		v.redirect("/console/")
		return nil
	}
	return v.back("/console/account", flash{Tone: "warn", Key: "account.enrol"})
}

// stepUpURL leads to a fresh proof of identity and back.
func stepUpURL(p *page) string {
	return "/console/step-up?next=" + url.QueryEscape(withQuery(p.Path, p.Query, "", ""))
}

func (c *Console) stepUpPage(v *visit) error {
	return c.showStepUp(v, signInView{Next: next(v.r.URL.Query().Get("next"))})
}

func (c *Console) showStepUp(v *visit, view signInView) error {
	view.Passkeys = c.Access.Passkeys.RPID != ""
	view.Login = v.who.Login
	return v.show(v.T("stepup.title"), func(p *page) templ.Component { return stepUpForm(p, view, v.who.Enrolled) })
}

func (c *Console) stepUp(v *visit) error {
	f := v.r.PostForm
	err := c.Access.StepUp(v.r.Context(), v.who, f.Get("password"), f.Get("code"), v.address())
	if message := v.signInError(err); message != "" {
		return c.showStepUp(v, signInView{Next: next(f.Get("next")), Error: message})
	} else if err != nil {
		return err
	}
	v.redirect(next(f.Get("next")))
	return nil
}
