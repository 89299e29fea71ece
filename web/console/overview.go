package console

import (
	"context"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/lead"
	"clew/webhook"
)

type overviewView struct {
	Counts     lead.Counts
	Components []component.Component
	Names      []named
	Apps       []appState
	Endpoints  []webhook.Endpoint
	Dead       int // dead letters; DeadMore when there are more than were read
	DeadMore   bool
	Leads      []leadRow
	Steps      []checkStep
	Enrolled   bool
}

// appState is an app with its right to collect.
type appState struct {
	App        app.App
	Status     capability.Status
	Categories []app.Category
	// Closed is why it may not collect now; nil when it may.
	Closed *capability.Closed
}

// checkStep is a line of the list a new operator works through.
type checkStep struct {
	Key, Href string
	Done      bool
}

const (
	overviewLeads = 6
	overviewDead  = 50
)

func (c *Console) overview(v *visit) (err error) {
	if v.Caller.Operator == "" {
		to := "/console/account"
		if list := v.nav(); len(list) > 0 { // what a role of the platform works on comes first
			to = list[0].href
		}
		v.redirect(to)
		return nil
	}
	ctx := v.r.Context()
	view := overviewView{Enrolled: v.who.Enrolled}
	if view.Counts, err = c.Leads.Count(ctx, v.Caller, today(v.Now)); err != nil {
		return err
	}
	if view.Components, _, err = c.Components.List(ctx, v.Caller, "", 100); err != nil {
		return err
	}
	for i := range view.Components {
		view.Names = append(view.Names, named{view.Components[i].ID, v.call(&view.Components[i].Draft, view.Components[i].ID)})
	}
	if err := v.read(func(tx *db.Tx) error {
		view.Apps, err = appStates(ctx, tx, v.Caller.Operator)
		return err
	}); err != nil {
		return err
	}
	if v.May(access.WebhookRead) {
		if view.Endpoints, err = c.Webhooks.List(ctx, v.Caller); err != nil {
			return err
		}
		dead, more, err := c.Webhooks.Deliveries(ctx, v.Caller, webhook.Filter{State: webhook.Dead}, "", overviewDead)
		if err != nil {
			return err
		}
		view.Dead, view.DeadMore = len(dead), more != ""
	}
	if v.May(access.LeadList) {
		list, _, err := c.Leads.List(ctx, v.Caller, lead.Filter{}, "", overviewLeads)
		if err != nil {
			return err
		}
		if view.Leads, err = v.leadRows(list); err != nil {
			return err
		}
	}
	view.Steps = checklist(view, v.May)
	return v.show(v.T("nav.overview"), func(p *page) templ.Component { return overviewPage(p, view) })
}

// checklist is what a new operator does until the first lead came; nil afterwards.
func checklist(view overviewView, may func(access.Act) bool) []checkStep {
	if !may(access.ComponentEdit) || view.Counts.Total > 0 || len(view.Leads) > 0 {
		return nil
	}
	live := ""
	for _, c := range view.Components {
		if c.Live > 0 {
			live = c.ID
		}
	}
	open := false
	for _, a := range view.Apps {
		open = open || a.Closed == nil
	}
	steps := []checkStep{
		{"capability", "/console/apps", open},
		{"component", "/console/components", len(view.Components) > 0},
		{"publish", "/console/components", live != ""},
		{"webhook", "/console/webhooks", len(view.Endpoints) > 0},
		{"lead", "/console/components/" + live, false},
	}
	return steps
}

// appStates reads an operator's apps with why each may or may not collect.
func appStates(ctx context.Context, tx *db.Tx, operator string) ([]appState, error) {
	apps, err := app.List(ctx, tx, operator)
	if err != nil {
		return nil, err
	}
	var out []appState
	for _, a := range apps {
		s := appState{App: a}
		if s.Status, err = capability.Get(ctx, tx, operator, a.ID); err != nil {
			return nil, err
		}
		if s.Categories, err = app.Categories(ctx, tx, operator, a.ID); err != nil {
			return nil, err
		}
		if s.Closed, err = closedNow(capability.Require(ctx, tx, operator, a.ID)); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func capabilityTone(s capability.State) string {
	return map[capability.State]string{
		capability.Granted: "good", capability.Applied: "info", capability.Suspended: "bad", capability.Withdrawn: "bad",
	}[s]
}

func categoryTone(s app.CategoryState) string {
	return map[app.CategoryState]string{app.Online: "good", app.Applied: "info", app.Approved: "info"}[s]
}
