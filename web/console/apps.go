package console

import (
	"errors"
	"strings"

	"github.com/a-h/templ"

	"clew/app"
	"clew/db"
	"clew/words"
)

type appsView struct {
	Apps     []appRow
	Problems []trouble
}

// appRow is an app with what its owner sets, and how its pages carry a component.
type appRow struct {
	appState
	Origins    string // as typed, one a line
	Components []named
	Live       string // the newest component people can open; empty without one
	Embed      string // of Live
}

// originsID is the id of an app's field on the page.
func originsID(app string) string { return "origins-" + app }

func (c *Console) apps(v *visit) error { return c.showApps(v, "", "") }

// showApps shows every app; problem is what is wrong with the posted origins, empty
// without any.
func (c *Console) showApps(v *visit, posted, problem string) error {
	var view appsView
	var states []appState
	err := v.read(func(tx *db.Tx) (err error) {
		states, err = appStates(v.r.Context(), tx, v.Caller.Operator)
		return err
	})
	if err != nil {
		return err
	}
	components, _, err := c.Components.List(v.r.Context(), v.Caller, "", 100)
	if err != nil {
		return err
	}
	for _, s := range states {
		row := appRow{appState: s, Origins: strings.Join(s.App.Origins, "\n")}
		if problem != "" && s.App.ID == posted {
			row.Origins = v.r.PostForm.Get("origins")
			view.Problems = []trouble{{originsID(posted), problem}}
		}
		for i := range components {
			k := &components[i]
			if k.Draft.App != s.App.ID {
				continue
			}
			row.Components = append(row.Components, named{k.ID, v.call(&k.Draft, k.ID)})
			if row.Live == "" && k.Live > 0 {
				row.Live, row.Embed = k.ID, c.embed(k.ID)
			}
		}
		view.Apps = append(view.Apps, row)
	}
	return v.show(v.T("nav.apps"), func(p *page) templ.Component { return appsPage(p, view) })
}

func (c *Console) setOrigins(v *visit) error {
	id, typed := v.r.PostForm.Get("app"), v.r.PostForm.Get("origins")
	err := c.Apps.SetOrigins(v.r.Context(), v.Caller, id, originLines(typed))
	var bad *app.BadOrigin
	switch {
	case errors.As(err, &bad):
		return c.showApps(v, id, v.T("apps.origins.bad", "n", lineOf(typed, bad.Origin)))
	case errors.Is(err, app.ErrOrigins):
		return c.showApps(v, id, words.T(v.Lang, "problem.field.origins_many"))
	case err != nil:
		return err
	}
	return v.back("/console/apps", flash{Tone: "good", Key: "apps.origins.saved"})
}

// originLines is what stands in the field, without its empty lines.
func originLines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// lineOf is the number of the first line that is want, as people count.
func lineOf(text, want string) int {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if strings.TrimSpace(line) == want {
			return n
		}
	}
	return n
}
