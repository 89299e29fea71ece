package console

import (
	"errors"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/norm"
	"clew/outbox"
	"clew/words"
)

// closedNow is why an app may not collect, nil when it may.
func closedNow(err error) (*capability.Closed, error) {
	var closed *capability.Closed
	if errors.As(err, &closed) {
		return closed, nil
	}
	return nil, err
}

type platformView struct {
	Operators []operatorApps
	State     capability.State
	Apps      int    // on this page
	Next      string // cursor: the last operator that was looked at
}

// platformOperators is how many operators a page looks at. Fewer may be shown, where
// a state was asked for.
const platformOperators = 100

type operatorApps struct {
	Operator app.Operator
	Apps     []appState
}

func (c *Console) platform(v *visit) error {
	view := platformView{State: capability.State(v.r.URL.Query().Get("state"))}
	err := v.read(func(tx *db.Tx) error {
		all, err := app.Operators(v.r.Context(), tx, v.r.URL.Query().Get("cursor"), platformOperators)
		if err != nil {
			return err
		}
		if len(all) == platformOperators {
			view.Next = all[len(all)-1].ID
		}
		for _, o := range all {
			row := operatorApps{Operator: o}
			list, err := appStates(v.r.Context(), tx, o.ID)
			if err != nil {
				return err
			}
			for _, a := range list {
				if view.State == "" || a.Status.State == view.State {
					row.Apps = append(row.Apps, a)
				}
			}
			if view.Apps += len(row.Apps); len(row.Apps) > 0 {
				view.Operators = append(view.Operators, row)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.show(v.T("nav.platform"), func(p *page) templ.Component { return platformPage(p, view) })
}

type platformAppView struct {
	Operator app.Operator
	App      appState
	// Detail is what decides about it; its head and its form are not filled.
	Detail   appView
	Privacy  app.Privacy
	Steps    []capability.State
	Problems []trouble
	Case     string
}

func (c *Console) platformApp(v *visit) error { return c.showPlatformApp(v, platformAppView{}) }

func (c *Console) showPlatformApp(v *visit, view platformAppView) error {
	ctx, operator, id := v.r.Context(), v.r.PathValue("operator"), v.r.PathValue("app")
	err := v.read(func(tx *db.Tx) (err error) {
		if view.Operator, err = app.GetOperator(ctx, tx, operator); err != nil {
			return err
		}
		if view.App.App, err = app.Get(ctx, tx, operator, id); err != nil {
			return err
		}
		if view.App.Status, err = capability.Get(ctx, tx, operator, id); err != nil {
			return err
		}
		if view.App.Categories, err = app.Categories(ctx, tx, operator, id); err != nil {
			return err
		}
		if err = view.Detail.load(ctx, tx, operator, id); err != nil {
			return err
		}
		if view.Privacy, err = app.GetPrivacy(ctx, tx, operator, id); err != nil {
			return err
		}
		view.App.Closed, err = closedNow(capability.Require(ctx, tx, operator, id))
		return err
	})
	if err != nil {
		return err
	}
	view.Steps = capability.Next(view.App.Status.State)
	return v.show(view.App.App.Name, func(p *page) templ.Component { return platformAppPage(p, view) })
}

func platformURL(operator, id string) string {
	return "/console/platform/" + url.PathEscape(operator) + "/" + url.PathEscape(id)
}

func (c *Console) decide(v *visit) error {
	operator, id, f := v.r.PathValue("operator"), v.r.PathValue("app"), v.r.PostForm
	caseID := strings.TrimSpace(f.Get("case"))
	reason := strings.TrimSpace(f.Get("reason"))
	err := c.Capability.Decide(v.r.Context(), v.Caller, operator, id, capability.State(f.Get("to")), reason, caseID)
	var closed *capability.Closed
	var why *capability.BadReason
	switch {
	case errors.As(err, &why):
		return c.showPlatformApp(v, platformAppView{Case: caseID, Problems: []trouble{{"reason", words.T(v.Lang, "problem.capability.reason."+why.Code)}}})
	case errors.As(err, &closed):
		return c.showPlatformApp(v, platformAppView{Case: caseID, Problems: []trouble{{"", v.T("capability.closed." + closed.Code)}}})
	case err != nil:
		return err
	}
	return v.back(platformURL(operator, id), flash{Tone: "good", Key: "capability.decided"})
}

type installationView struct {
	Engine   string
	BaseURL  string
	Editions []edition
	Backlog  outbox.Backlog
	SMS      bool
	Passkeys bool
}

func (c *Console) installation(v *visit) (err error) {
	view := installationView{
		Engine: c.DB.Engine(), BaseURL: c.BaseURL, Editions: norm.All(), SMS: c.SMS != nil, Passkeys: c.Access.Passkeys.RPID != "",
	}
	if view.Backlog, err = c.Outbox.Backlog(v.r.Context()); err != nil {
		return err
	}
	return v.show(v.T("nav.installation"), func(p *page) templ.Component { return installationPage(p, view) })
}
