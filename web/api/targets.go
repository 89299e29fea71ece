package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/component"
	"clew/db"
	"clew/region"

	"github.com/danielgtaylor/huma/v2"
)

// Target is where and for what a component is placed.
type Target struct {
	ConfigID    string     `json:"config_id" doc:"what a mini-program's form carries as clue-component-id; 32 hexadecimal digits"`
	App         string     `json:"app"`
	Component   string     `json:"component"`
	Name        string     `json:"name"`
	Regions     []District `json:"regions" nullable:"false"`
	Categories  []string   `json:"categories" nullable:"false"`
	Pages       []string   `json:"pages" nullable:"false" doc:"none means any page"`
	Validity    string     `json:"validity" enum:"inactive,active,invalid" doc:"inactive until the first real lead; invalid while none of its categories lets the app collect"`
	ActivatedAt *time.Time `json:"activated_at,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
}

// District is a district or county with what it belongs to.
type District struct {
	Code     string `json:"code"`
	District string `json:"district"`
	City     string `json:"city"`
	Province string `json:"province"`
}

func (a *API) targetRoutes(h huma.API) {
	tags := []string{"targets"}
	const all = "/v1/apps/{id}/targets"
	keyed(a, h, huma.Operation{
		OperationID: "list-targets", Method: http.MethodGet, Path: all, Tags: tags, Summary: "Targets of an app, newest first", Errors: []int{404},
	}, a.listTargets)
	keyed(a, h, huma.Operation{
		OperationID: "create-target", Method: http.MethodPost, Path: all, Tags: tags, DefaultStatus: http.StatusCreated, Errors: []int{404},
		Summary: "Place a component; without one an unfinished draft is made for it; needs the scopes read and write",
	}, a.createTarget)
	keyed(a, h, huma.Operation{
		OperationID: "get-target", Method: http.MethodGet, Path: all + "/{config}", Tags: tags, Summary: "One target", Errors: []int{404},
	}, a.getTarget)
	keyed(a, h, huma.Operation{
		OperationID: "save-target", Method: http.MethodPut, Path: all + "/{config}", Tags: tags, Errors: []int{404},
		Summary: "Replace name, regions, categories and pages of a target; needs the scopes read and write",
	}, a.saveTarget)
	keyed(a, h, huma.Operation{
		OperationID: "delete-target", Method: http.MethodDelete, Path: all + "/{config}", Tags: tags, Errors: []int{404},
		Summary: "Delete a target: forms that carry its config_id collect no more", DefaultStatus: http.StatusNoContent,
	}, a.deleteTarget)
}

// targetBody is a target as it is sent. What it may hold is for the room to say,
// which names everything that is wrong at once.
type targetBody struct {
	Name       string   `json:"name" maxLength:"400" doc:"at most 20 characters"`
	Component  string   `json:"component,omitempty" maxLength:"64" doc:"a component of the same app; when saving, left out keeps it"`
	Regions    []string `json:"regions" nullable:"false" doc:"codes of districts or counties, six digits, at most 500"`
	Categories []string `json:"categories" nullable:"false" doc:"paths of categories that are approved or online for the app"`
	Pages      []string `json:"pages,omitempty" doc:"as in app.json, at most 100; none means any page"`
}

func (b targetBody) target(app string) component.Target {
	return component.Target{App: app, Component: b.Component, Name: b.Name, Regions: b.Regions, Categories: b.Categories, Pages: b.Pages}
}

type targetOutput struct{ Body Target }

func showTarget(t component.Target, v component.Validity) Target {
	out := Target{
		ConfigID: t.ConfigID, App: t.App, Component: t.Component, Name: t.Name, Regions: []District{}, Validity: string(v),
		Categories: append([]string{}, t.Categories...), Pages: append([]string{}, t.Pages...), CreatedAt: t.Created, UpdatedAt: t.Updated,
	}
	for _, code := range t.Regions {
		d, _ := region.District(code)
		out.Regions = append(out.Regions, District{code, d.District, d.City, d.Province})
	}
	if !t.Activated.IsZero() {
		out.ActivatedAt = &t.Activated
	}
	return out
}

type listTargetsInput struct {
	ID   string `path:"id" maxLength:"64"`
	Page int    `query:"page" minimum:"1" maximum:"1000000" default:"1"`
	Size int    `query:"size" minimum:"1" maximum:"100" default:"20"`
}

type listTargetsOutput struct {
	Body struct {
		Targets []Target `json:"targets" nullable:"false"`
		Total   int      `json:"total"`
	}
}

func (a *API) listTargets(ctx context.Context, c access.Caller, in *listTargetsInput) (*listTargetsOutput, error) {
	if err := a.mayShow(ctx, c, ""); err != nil {
		return nil, err
	}
	out := &listTargetsOutput{}
	out.Body.Targets = []Target{}
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		if _, err := app.Get(ctx, tx, c.Operator, in.ID); err != nil {
			return err
		}
		list, total, err := component.Targets(ctx, tx, c.Operator, in.ID, in.Page, in.Size)
		if err != nil {
			return err
		}
		out.Body.Total = total
		states, err := component.Validities(ctx, tx, c.Operator, in.ID, list)
		for _, t := range list {
			out.Body.Targets = append(out.Body.Targets, showTarget(t, states[t.ConfigID]))
		}
		return err
	})
	return out, err
}

type targetInput struct {
	ID     string `path:"id" maxLength:"64"`
	Config string `path:"config" maxLength:"64"`
}

// getTarget answers for another operator's target, or another app's, as for one that
// is not there.
func (a *API) getTarget(ctx context.Context, c access.Caller, in *targetInput) (*targetOutput, error) {
	if err := a.mayShow(ctx, c, ""); err != nil {
		return nil, err
	}
	out := &targetOutput{}
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := component.TargetOf(ctx, tx, in.Config)
		if err != nil {
			return err
		}
		if t.Operator != c.Operator || t.App != in.ID {
			return component.ErrNoTarget
		}
		v, err := component.ValidityOf(ctx, tx, t)
		out.Body = showTarget(t, v)
		return err
	})
	return out, err
}

type createTargetInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body targetBody
}

func (a *API) createTarget(ctx context.Context, c access.Caller, in *createTargetInput) (*targetOutput, error) {
	if err := a.mayShow(ctx, c, ""); err != nil {
		return nil, err
	}
	t, err := a.Components.CreateTarget(ctx, c, in.Body.target(in.ID))
	if err != nil {
		return nil, err
	}
	return a.getTarget(ctx, c, &targetInput{in.ID, t.ConfigID})
}

type saveTargetInput struct {
	ID     string `path:"id" maxLength:"64"`
	Config string `path:"config" maxLength:"64"`
	Body   targetBody
}

func (a *API) saveTarget(ctx context.Context, c access.Caller, in *saveTargetInput) (*targetOutput, error) {
	if err := a.mayShow(ctx, c, ""); err != nil {
		return nil, err
	}
	if err := a.Components.UpdateTarget(ctx, c, in.ID, in.Config, in.Body.target(in.ID)); err != nil {
		return nil, err
	}
	return a.getTarget(ctx, c, &targetInput{in.ID, in.Config})
}

func (a *API) deleteTarget(ctx context.Context, c access.Caller, in *targetInput) (*struct{}, error) {
	return nil, a.Components.DeleteTarget(ctx, c, in.ID, in.Config)
}

// activeRoutes are what a mini-program asks before it shows a form.
func (a *API) activeRoutes(h huma.API) {
	h.Adapter().Handle(&huma.Operation{Method: http.MethodOptions, Path: activePath}, a.options)
	public(a, h, huma.Operation{
		OperationID: "active-component", Method: http.MethodGet, Path: activePath,
		Summary:     "The component that a page of an app should carry now",
		Description: "Mini-programs send no Origin and need none; a page in a browser must be of an origin that the app has registered. The answer may be kept for 60 seconds.",
	}, a.active)
}

const activePath = "/v1/public/apps/{app}/component"

type activeInput struct {
	App  string `path:"app" maxLength:"64"`
	Page string `query:"page" maxLength:"200" doc:"as in app.json; without it the one that stands on any page"`
}

type activeOutput struct {
	CacheControl string `header:"Cache-Control"`
	Vary         string `header:"Vary"`
	Body         struct {
		Component string `json:"component"`
		ConfigID  string `json:"config_id" doc:"for the form's clue-component-id"`
		Title     string `json:"title"`
		Trigger   string `json:"trigger" doc:"the words on the button that opens the form"`
	}
}

func (a *API) active(ctx context.Context, in *activeInput) (*activeOutput, error) {
	out := &activeOutput{CacheControl: "public, max-age=60", Vary: "Origin, Accept-Language"}
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		t, err := component.Active(ctx, tx, in.App, strings.TrimPrefix(in.Page, "/"))
		if err != nil {
			return err
		}
		v, err := component.Live(ctx, tx, t.Component)
		if err != nil {
			return err
		}
		texts := v.Definition.Texts[v.Definition.Speaks(langOf(ctx))]
		out.Body.Component, out.Body.ConfigID = t.Component, t.ConfigID
		out.Body.Title, out.Body.Trigger = texts.Title, texts.Trigger
		return nil
	})
	return out, err
}
