package console

import (
	"slices"

	"github.com/a-h/templ"

	"clew/access"
	"clew/db"
	"clew/web"
)

type appSecretView struct {
	appHead
	Scopes access.Scopes // what the app's secret allows
	Fresh  bool          // signed in lately enough to change it
}

// rights are what an app's secret may allow, the least first.
func (appSecretView) rights() []string { return []string{"read", "write", "reveal"} }

func (v appSecretView) allows(right string) bool { return slices.Contains(v.Scopes.Names(), right) }

func (c *Console) appSecret(v *visit) error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	view := appSecretView{Fresh: v.fresh()}
	if err := v.read(func(tx *db.Tx) (err error) {
		if view.appHead, err = head(ctx, tx, v.Caller.Operator, id, "secret"); err != nil {
			return err
		}
		view.Scopes, err = access.AppScopes(ctx, tx, v.Caller.Operator, id)
		return err
	}); err != nil {
		return err
	}
	return v.show(view.App.Name, func(p *page) templ.Component { return appSecretPage(p, view) })
}

func (c *Console) setAppRights(v *visit) error {
	if !v.fresh() {
		return web.New(v.Lang, "step_up_needed")
	}
	ctx, id := v.r.Context(), v.r.PathValue("id")
	if err := v.read(func(tx *db.Tx) error {
		_, err := head(ctx, tx, v.Caller.Operator, id, "")
		return err
	}); err != nil {
		return err // another operator's app has no rights of ours
	}
	var scopes access.Scopes
	if names := v.r.PostForm["rights"]; len(names) > 0 {
		var err error
		if scopes, err = access.ParseScopes(names...); err != nil {
			return err
		}
	}
	if err := c.Access.SetAppScopes(ctx, v.Caller, id, scopes); err != nil {
		return err
	}
	return v.back(appURL(id, "/secret"), flash{Tone: "good", Key: "appsecret.rights.saved"})
}

func (c *Console) newAppSecret(v *visit) error {
	if !v.fresh() {
		return web.New(v.Lang, "step_up_needed")
	}
	id := v.r.PathValue("id")
	secret, err := c.Apps.NewSecret(v.r.Context(), v.Caller, id)
	if err != nil {
		return err
	}
	return v.back(appURL(id, "/secret"), flash{Tone: "good", Key: "appsecret.made", Secret: secret})
}
