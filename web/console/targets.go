package console

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/region"
	"clew/web"
)

// targetRow is a target with why it does not collect, if it does not.
type targetRow struct {
	component.Target
	Validity component.Validity
	// Why is the closed code of the app, category_closed, or empty while it is valid.
	Why     string
	Regions []region.Division
}

// Snippet is what a mini-program's page carries (TTML).
func (t targetRow) Snippet() string {
	return `<form conversion-target="1" clue-component-id="` + t.ConfigID + `">` + "\n  …\n</form>"
}

func (v *visit) targetRows(tx *db.Tx, id string) (rows []targetRow, err error) {
	ctx := v.r.Context()
	list, err := component.TargetsOf(ctx, tx, v.Caller.Operator, id)
	if err != nil {
		return nil, err
	}
	for _, t := range list {
		row := targetRow{Target: t}
		if row.Validity, err = component.ValidityOf(ctx, tx, t); err != nil {
			return nil, err
		}
		if row.Validity == component.Invalid {
			closed, err := closedNow(capability.Require(ctx, tx, t.Operator, t.App))
			if err != nil {
				return nil, err
			}
			row.Why = "category_closed"
			if closed != nil {
				row.Why = closed.Code
			}
		}
		for _, code := range t.Regions {
			if d, ok := region.District(code); ok {
				row.Regions = append(row.Regions, d)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func validityTone(s component.Validity) string {
	return map[component.Validity]string{component.Activated: "good", component.NotActivated: "info", component.Invalid: "bad"}[s]
}

// placed is a district as people write it: whole name, a municipality named once.
func placed(d region.Division) string {
	return strings.Join(slices.Compact([]string{d.Province, d.City, d.District}), "")
}

type targetView struct {
	Component  string
	Name       string
	ConfigID   string // empty for a new one
	Target     component.Target
	Regions    string // as typed, one a line
	Pages      string
	Categories []app.Category // that the target may name
	Problems   []trouble
}

func targetURL(component, tail string) string {
	return "/console/components/" + url.PathEscape(component) + "/targets" + tail
}

func (c *Console) newTarget(v *visit) error { return c.showTarget(v, targetView{}) }

func (c *Console) editTarget(v *visit) error {
	t, err := v.target()
	if err != nil {
		return err
	}
	view := targetView{ConfigID: t.ConfigID, Target: t, Pages: strings.Join(t.Pages, "\n")}
	var lines []string
	for _, code := range t.Regions {
		line := code
		if d, ok := region.District(code); ok {
			line += " " + placed(d)
		}
		lines = append(lines, line)
	}
	view.Regions = strings.Join(lines, "\n")
	return c.showTarget(v, view)
}

// target is the one that the path names, of the component that the path names.
func (v *visit) target() (t component.Target, err error) {
	err = v.read(func(tx *db.Tx) error {
		t, err = component.TargetOf(v.r.Context(), tx, v.r.PathValue("config"))
		return err
	})
	if err == nil && (t.Operator != v.Caller.Operator || t.Component != v.r.PathValue("id")) {
		err = component.ErrNoTarget
	}
	if errors.Is(err, component.ErrNoTarget) {
		err = web.New(v.Lang, "not_found")
	}
	return t, err
}

func (c *Console) showTarget(v *visit, view targetView) error {
	ctx := v.r.Context()
	k, err := c.Components.Get(ctx, v.Caller, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	view.Component, view.Name = k.ID, v.call(&k.Draft, k.ID)
	if err := v.read(func(tx *db.Tx) error {
		all, err := app.Categories(ctx, tx, v.Caller.Operator, k.Draft.App)
		for _, one := range all {
			if one.State == app.Approved || one.State == app.Online {
				view.Categories = append(view.Categories, one)
			}
		}
		return err
	}); err != nil {
		return err
	}
	view.Target.App = k.Draft.App
	title := v.T("target.new")
	if view.ConfigID != "" {
		title = v.T("target.edit")
	}
	return v.show(title, func(p *page) templ.Component { return targetPage(p, view) })
}

func (c *Console) saveTarget(v *visit) error {
	ctx, id, f := v.r.Context(), v.r.PathValue("id"), v.r.PostForm
	k, err := c.Components.Get(ctx, v.Caller, id)
	if err != nil {
		return err
	}
	config := v.r.PathValue("config")
	if config != "" {
		if _, err := v.target(); err != nil {
			return err
		}
	}
	view := targetView{ConfigID: config, Regions: f.Get("regions"), Pages: f.Get("pages")}
	view.Target = component.Target{
		App: k.Draft.App, Component: id, Name: strings.TrimSpace(f.Get("name")), Categories: f["categories"], Pages: originLines(f.Get("pages")),
	}
	view.Target.Regions, view.Problems = v.districts(view.Regions)
	// What could not be read is handed on as it is: the room refuses it together with
	// everything else that is wrong.
	if config == "" {
		_, err = c.Components.CreateTarget(ctx, v.Caller, view.Target)
	} else {
		err = c.Components.UpdateTarget(ctx, v.Caller, k.Draft.App, config, view.Target)
	}
	var bad *component.BadTarget
	switch {
	case errors.As(err, &bad):
		view.Problems = append(view.Problems, v.targetTroubles(bad, view.Problems != nil)...)
		return c.showTarget(v, view)
	case errors.Is(err, component.ErrNoTarget):
		return web.New(v.Lang, "not_found")
	case err != nil:
		return err
	}
	return v.back("/console/components/"+url.PathEscape(id), flash{Tone: "good", Key: "target.saved"})
}

// targetTroubles is what the room refused. Districts that the page has named by
// their lines are left out.
func (v *visit) targetTroubles(bad *component.BadTarget, named bool) (list []trouble) {
	for _, e := range web.ProblemFor(bad, v.Lang).Errors {
		if e.Field != "regions" || !named || e.Code == "many" {
			list = append(list, trouble{e.Field, e.Message})
		}
	}
	return list
}

func (c *Console) deleteTarget(v *visit) error {
	t, err := v.target()
	if err != nil {
		return err
	}
	if err := c.Components.DeleteTarget(v.r.Context(), v.Caller, t.App, t.ConfigID); err != nil {
		return err
	}
	return v.back("/console/components/"+url.PathEscape(t.Component), flash{Tone: "good", Key: "target.deleted"})
}

// mayPlace reports whether the person at the page may place components.
func (p *page) mayPlace() bool { return p.May(access.ComponentEdit) }
