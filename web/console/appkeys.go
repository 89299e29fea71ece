package console

import (
	"errors"

	"github.com/a-h/templ"

	"clew/app"
	"clew/db"
	"clew/words"
)

type appKeysView struct {
	appHead
	Keys     []app.Key
	Text     string // as pasted; never a private key
	Problems []trouble
}

func (c *Console) appKeys(v *visit) error { return c.showAppKeys(v, appKeysView{}) }

func (c *Console) showAppKeys(v *visit, view appKeysView) error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	if err := v.read(func(tx *db.Tx) (err error) {
		if view.appHead, err = head(ctx, tx, v.Caller.Operator, id, "keys"); err != nil {
			return err
		}
		view.Keys, err = app.Keys(ctx, tx, v.Caller.Operator, id)
		return err
	}); err != nil {
		return err
	}
	return v.show(view.App.Name, func(p *page) templ.Component { return appKeysPage(p, view) })
}

func (c *Console) addAppKey(v *visit) error {
	files, err := v.files()
	if err != nil {
		return err
	}
	id, text := v.r.PathValue("id"), v.r.PostForm.Get("key")
	if len(files) > 0 && text == "" {
		text = string(files[0].Content)
	}
	k, err := c.Apps.AddKey(v.r.Context(), v.Caller, id, text)
	var bad *app.BadKey
	switch {
	case errors.As(err, &bad):
		view := appKeysView{Problems: []trouble{{"key", words.T(v.Lang, "problem.app_key."+bad.Code, "bits", bad.Bits, "least", app.MinKeyBits, "most", app.MaxKeyBits)}}}
		// What may hold a secret is not sent back, nor is what nobody typed.
		if bad.Code != "private" && bad.Code != "large" && len(files) == 0 {
			view.Text = text
		}
		return c.showAppKeys(v, view)
	case err != nil:
		return err
	}
	return v.back(appURL(id, "/keys"), flash{Tone: "good", Key: "appkey.added", Args: []string{"n", words.T(v.Lang, "console.appkey.version", "n", k.Version)}})
}
