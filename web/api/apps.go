package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/db"

	"github.com/danielgtaylor/huma/v2"
)

// App is an operator's app with what it may do.
type App struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	Origins    []string      `json:"origins" nullable:"false" doc:"web origins (RFC 6454) whose pages may carry the app's components"`
	Categories []AppCategory `json:"categories" nullable:"false"`
	Capability AppCapability `json:"capability"`
	CreatedAt  time.Time     `json:"created_at"`
}

// AppCategory is how far a category of an app has come.
type AppCategory struct {
	Path  string    `json:"path" doc:"three levels joined by \" > \""`
	State string    `json:"state" enum:"applied,approved,online,offline"`
	Since time.Time `json:"since"`
}

// AppCapability says whether an app may collect leads.
type AppCapability struct {
	State  string     `json:"state" enum:"none,applied,granted,suspended,withdrawn"`
	Open   bool       `json:"open" doc:"leads are taken now: granted, with a category of the norm on line"`
	Reason string     `json:"reason,omitempty" doc:"of the last decision"`
	Case   string     `json:"case,omitempty" doc:"the platform's case number"`
	Since  *time.Time `json:"since,omitempty"`
}

func (a *API) appRoutes(h huma.API) {
	tags := []string{"apps"}
	keyed(a, h, huma.Operation{
		OperationID: "list-apps", Method: http.MethodGet, Path: "/v1/apps", Tags: tags, Summary: "Every app of the operator, oldest first",
	}, a.listApps)
	keyed(a, h, huma.Operation{
		OperationID: "set-origins", Method: http.MethodPut, Path: "/v1/apps/{id}/origins", Tags: tags,
		Summary: "Replace the web origins that may carry an app's components; needs the scopes read and write", Errors: []int{404},
	}, a.setOrigins)
}

type listAppsOutput struct {
	Body struct {
		Apps []App `json:"apps" nullable:"false"`
	}
}

type setOriginsInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Origins []string `json:"origins" nullable:"false" doc:"at most 50, each scheme and host like https://www.example.com, without a path; none to close every site"`
	}
}

type appOutput struct{ Body App }

func (a *API) listApps(ctx context.Context, c access.Caller, _ *struct{}) (*listAppsOutput, error) {
	if err := a.Access.Check(ctx, c, access.AppRead, access.Subject{Kind: "app"}); err != nil {
		return nil, err
	}
	out := &listAppsOutput{}
	out.Body.Apps = []App{}
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := app.List(ctx, tx, c.Operator)
		if err != nil {
			return err
		}
		for _, one := range list {
			shown, err := showApp(ctx, tx, one)
			if err != nil {
				return err
			}
			out.Body.Apps = append(out.Body.Apps, shown)
		}
		return nil
	})
	return out, err
}

func (a *API) setOrigins(ctx context.Context, c access.Caller, in *setOriginsInput) (*appOutput, error) {
	// Whoever may not read the answer changes nothing.
	if err := a.Access.Check(ctx, c, access.AppRead, access.Subject{Kind: "app", ID: in.ID}); err != nil {
		return nil, err
	}
	if err := a.Apps.SetOrigins(ctx, c, in.ID, in.Body.Origins); err != nil {
		return nil, err
	}
	out := &appOutput{}
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		one, err := app.Get(ctx, tx, c.Operator, in.ID)
		if err != nil {
			return err
		}
		out.Body, err = showApp(ctx, tx, one)
		return err
	})
	return out, err
}

func showApp(ctx context.Context, tx *db.Tx, one app.App) (App, error) {
	out := App{ID: one.ID, Name: one.Name, Origins: one.Origins, Categories: []AppCategory{}, CreatedAt: one.Created}
	categories, err := app.Categories(ctx, tx, one.Operator, one.ID)
	if err != nil {
		return out, err
	}
	for _, k := range categories {
		out.Categories = append(out.Categories, AppCategory{k.Path, string(k.State), k.Since})
	}
	status, err := capability.Get(ctx, tx, one.Operator, one.ID)
	if err != nil {
		return out, err
	}
	out.Capability = AppCapability{State: string(status.State), Reason: status.Reason, Case: status.Case}
	if !status.Since.IsZero() {
		out.Capability.Since = &status.Since
	}
	var closed *capability.Closed
	err = capability.Require(ctx, tx, one.Operator, one.ID)
	out.Capability.Open = err == nil
	if errors.As(err, &closed) {
		err = nil
	}
	return out, err
}
