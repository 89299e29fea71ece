package api

import (
	"context"
	"net/http"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/words"

	"github.com/danielgtaylor/huma/v2"
)

// CapabilityState is where an app's capability stands and what it needs.
type CapabilityState struct {
	AppCapability
	DueAt      *time.Time    `json:"due_at,omitempty" doc:"an application is answered before this instant"`
	Conditions [][]Condition `json:"conditions" nullable:"false" doc:"one of the lists must hold whole"`
	Credit     int           `json:"credit" doc:"the app's score, 0 to 100"`
}

// Condition is one thing that an app must bring for the capability.
type Condition struct {
	ID        string `json:"id" doc:"stable: programs may go by it"`
	Name      string `json:"name"`
	Text      string `json:"text" doc:"what is asked"`
	Satisfied bool   `json:"satisfied"`
	Meet      string `json:"meet,omitempty" doc:"how to meet it; absent where it is met"`
}

func (a *API) capabilityRoutes(h huma.API) {
	tags := []string{"apps"}
	keyed(a, h, huma.Operation{
		OperationID: "get-capability", Method: http.MethodGet, Path: "/v1/apps/{id}/capability", Tags: tags, Errors: []int{404},
		Summary: "Where the app's capability stands, with each condition and whether it is met",
	}, a.getCapability)
	keyed(a, h, huma.Operation{
		OperationID: "apply-capability", Method: http.MethodPost, Path: "/v1/apps/{id}/capability", Tags: tags, Errors: []int{404, 409},
		Summary: "Apply for the capability; refused with what is missing while a condition is not met; needs the scopes read and write", DefaultStatus: http.StatusCreated,
	}, a.applyCapability)
}

type capabilityOutput struct{ Body CapabilityState }

func (a *API) getCapability(ctx context.Context, c access.Caller, in *appInput) (*capabilityOutput, error) {
	if err := a.mayShowApp(ctx, c, in.ID); err != nil {
		return nil, err
	}
	out := &capabilityOutput{}
	lang := langOf(ctx)
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		one, err := app.Get(ctx, tx, c.Operator, in.ID)
		if err != nil {
			return err
		}
		shown, err := showApp(ctx, tx, one)
		if err != nil {
			return err
		}
		out.Body.AppCapability = shown.Capability
		status, err := capability.Get(ctx, tx, c.Operator, in.ID)
		if err != nil {
			return err
		}
		if !status.Due.IsZero() {
			out.Body.DueAt = &status.Due
		}
		if out.Body.Credit, err = capability.Credit(ctx, tx, c.Operator, in.ID); err != nil {
			return err
		}
		lists, err := capability.Conditions(ctx, tx, c.Operator, in.ID)
		for _, list := range lists {
			shown := []Condition{}
			for _, k := range list {
				said := func(part string) string { return words.T(lang, "condition."+k.ID+"."+part, k.Args...) }
				one := Condition{ID: k.ID, Name: said("name"), Text: said("text"), Satisfied: k.Satisfied}
				if !k.Satisfied {
					one.Meet = said("meet")
				}
				shown = append(shown, one)
			}
			out.Body.Conditions = append(out.Body.Conditions, shown)
		}
		return err
	})
	return out, err
}

type applyCapabilityInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"2000" doc:"at most 500 characters, read by the platform's staff; without phone numbers"`
	}
}

func (a *API) applyCapability(ctx context.Context, c access.Caller, in *applyCapabilityInput) (*capabilityOutput, error) {
	if err := a.mayShowApp(ctx, c, in.ID); err != nil {
		return nil, err
	}
	if err := a.Capability.Apply(ctx, c, in.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.getCapability(ctx, c, &appInput{in.ID})
}
