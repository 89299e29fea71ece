package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"clew/access"
	"clew/component"
	"clew/db"
	"clew/norm"
	"clew/words"

	"github.com/danielgtaylor/huma/v2"
)

// Component is a component with its draft.
type Component struct {
	ID           string               `json:"id"`
	App          string               `json:"app"`
	Live         int                  `json:"live" doc:"number of the version people can open; 0 when it is closed"`
	Latest       int                  `json:"latest" doc:"newest published version; 0 before the first"`
	DraftVersion int                  `json:"draft_version" doc:"send it back when saving"`
	Definition   component.Definition `json:"definition" doc:"the draft"`
	CreatedAt    time.Time            `json:"created_at"`
	UpdatedAt    time.Time            `json:"updated_at"`
}

// Shortfall is what the norm still misses in a definition.
type Shortfall struct {
	Clause  string `json:"clause" doc:"clause of the norm"`
	Path    string `json:"path" doc:"JSON pointer into the definition"`
	Code    string `json:"code"`
	Verdict string `json:"verdict" enum:"violation,review" doc:"violation keeps it from being published; review asks a person to look"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

func (a *API) componentRoutes(h huma.API) {
	tags := []string{"components"}
	const one = "/v1/components/{id}"
	keyed(a, h, huma.Operation{
		OperationID: "list-components", Method: http.MethodGet, Path: "/v1/components", Tags: tags, Summary: "Components, newest first",
	}, a.listComponents)
	keyed(a, h, huma.Operation{
		OperationID: "create-component", Method: http.MethodPost, Path: "/v1/components", Tags: tags, Summary: "Begin a component with a draft; needs the scopes read and write",
		DefaultStatus: http.StatusCreated,
	}, a.createComponent)
	keyed(a, h, huma.Operation{
		OperationID: "check-component", Method: http.MethodPost, Path: "/v1/components/check", Tags: tags,
		Summary: "Hold a definition against the norm without storing it",
	}, a.checkComponent)
	keyed(a, h, huma.Operation{
		OperationID: "get-component", Method: http.MethodGet, Path: one, Tags: tags, Summary: "A component with its draft", Errors: []int{404},
	}, a.getComponent)
	keyed(a, h, huma.Operation{
		OperationID: "save-component", Method: http.MethodPut, Path: one, Tags: tags, Summary: "Save the draft; needs the scopes read and write", Errors: []int{404, 409},
	}, a.saveComponent)
	keyed(a, h, huma.Operation{
		OperationID: "publish-component", Method: http.MethodPost, Path: one + "/publish", Tags: tags,
		Summary: "Freeze the draft as a new version and put it on line; refused with the list while the norm is not met", Errors: []int{404},
	}, a.publishComponent)
	keyed(a, h, huma.Operation{
		OperationID: "unpublish-component", Method: http.MethodPost, Path: one + "/unpublish", Tags: tags,
		Summary: "Take a component off line", DefaultStatus: http.StatusNoContent, Errors: []int{404},
	}, a.unpublishComponent)
	keyed(a, h, huma.Operation{
		OperationID: "get-version", Method: http.MethodGet, Path: one + "/versions/{number}", Tags: tags,
		Summary: "A published version, as it was and stays", Errors: []int{404},
	}, a.getVersion)
}

type componentInput struct {
	ID string `path:"id" maxLength:"64"`
}

// definitionBody is read as it comes and decoded by component.Decode, which is
// stricter than a schema and says what is wrong in words.
type definitionBody struct {
	Definition   json.RawMessage `json:"definition" doc:"see docs/manual/component.md"`
	DraftVersion int             `json:"draft_version,omitempty" minimum:"0" maximum:"2000000000" doc:"the draft version the change was made on; needed when saving"`
}

type definitionInput struct {
	Body definitionBody
}

type saveInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body definitionBody
}

type componentOutput struct{ Body Component }

func showComponent(c component.Component) *componentOutput {
	return &componentOutput{Component{
		ID: c.ID, App: c.Draft.App, Live: c.Live, Latest: c.Latest, DraftVersion: c.DraftVersion, Definition: c.Draft,
		CreatedAt: c.Created, UpdatedAt: c.Updated,
	}}
}

// maxComponents is the most that component.Room.List gives at a time.
const maxComponents = 100

type listComponentsOutput struct {
	Body struct {
		Components []Component `json:"components"`
		Next       string      `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
	}
}

func (a *API) listComponents(ctx context.Context, c access.Caller, in *Page) (*listComponentsOutput, error) {
	all, next, err := a.Components.List(ctx, c, in.Cursor, min(in.Limit, maxComponents))
	out := &listComponentsOutput{}
	out.Body.Next, out.Body.Components = next, make([]Component, len(all))
	for i, one := range all {
		out.Body.Components[i] = showComponent(one).Body
	}
	return out, err
}

// mayShow refuses, before anything is changed, whoever may not read the answer.
func (a *API) mayShow(ctx context.Context, c access.Caller, id string) error {
	return a.Access.Check(ctx, c, access.ComponentRead, access.Subject{Kind: "component", ID: id})
}

func (a *API) createComponent(ctx context.Context, c access.Caller, in *definitionInput) (*componentOutput, error) {
	if err := a.mayShow(ctx, c, ""); err != nil {
		return nil, err
	}
	def, err := component.Decode(in.Body.Definition)
	if err != nil {
		return nil, err
	}
	id, err := a.Components.Create(ctx, c, def)
	if err != nil {
		return nil, err
	}
	return a.getComponent(ctx, c, &componentInput{id})
}

type checkOutput struct {
	Body struct {
		Edition    string      `json:"edition" doc:"edition of the norm"`
		Publish    bool        `json:"publishable" doc:"no violation stands"`
		Shortfalls []Shortfall `json:"shortfalls"`
	}
}

func (a *API) checkComponent(ctx context.Context, c access.Caller, in *definitionInput) (*checkOutput, error) {
	if err := c.Require(access.ComponentRead); err != nil {
		return nil, err
	}
	def, err := component.Decode(in.Body.Definition)
	if err != nil {
		return nil, err
	}
	edition := norm.At(a.DB.Now())
	out := &checkOutput{}
	out.Body.Edition, out.Body.Publish, out.Body.Shortfalls = edition.ID, true, []Shortfall{}
	for _, s := range component.Check(def, edition) {
		out.Body.Shortfalls = append(out.Body.Shortfalls, showShortfall(langOf(ctx), s))
		if s.Verdict == component.Violation {
			out.Body.Publish = false
		}
	}
	return out, nil
}

func showShortfall(lang words.Lang, s component.Shortfall) Shortfall {
	return Shortfall{Clause: s.Clause, Path: s.Path, Code: s.Code, Verdict: string(s.Verdict), Message: s.Message[lang], Fix: s.Fix[lang]}
}

func (a *API) getComponent(ctx context.Context, c access.Caller, in *componentInput) (*componentOutput, error) {
	one, err := a.Components.Get(ctx, c, in.ID)
	return showComponent(one), err
}

func (a *API) saveComponent(ctx context.Context, c access.Caller, in *saveInput) (*componentOutput, error) {
	if err := a.mayShow(ctx, c, in.ID); err != nil {
		return nil, err
	}
	def, err := component.Decode(in.Body.Definition)
	if err != nil {
		return nil, err
	}
	if _, err := a.Components.SaveDraft(ctx, c, in.ID, def, in.Body.DraftVersion); err != nil {
		return nil, err
	}
	return a.getComponent(ctx, c, &componentInput{in.ID})
}

type publishOutput struct {
	Body struct {
		Version int         `json:"version"`
		Review  []Shortfall `json:"review" doc:"what a person should still look at"`
	}
}

func (a *API) publishComponent(ctx context.Context, c access.Caller, in *componentInput) (*publishOutput, error) {
	version, review, err := a.Components.Publish(ctx, c, in.ID)
	out := &publishOutput{}
	out.Body.Version, out.Body.Review = version, []Shortfall{}
	for _, s := range review {
		out.Body.Review = append(out.Body.Review, showShortfall(langOf(ctx), s))
	}
	return out, err
}

func (a *API) unpublishComponent(ctx context.Context, c access.Caller, in *componentInput) (*struct{}, error) {
	return nil, a.Components.Unpublish(ctx, c, in.ID)
}

type versionInput struct {
	ID     string `path:"id" maxLength:"64"`
	Number int    `path:"number" minimum:"1" maximum:"1000000"`
}

type versionOutput struct {
	Body struct {
		Component   string               `json:"component"`
		Number      int                  `json:"number"`
		Edition     string               `json:"edition" doc:"edition of the norm that judged it"`
		PublishedAt time.Time            `json:"published_at"`
		Definition  component.Definition `json:"definition"`
		Notices     map[string]string    `json:"notices" doc:"the exact text shown, by language"`
	}
}

func (a *API) getVersion(ctx context.Context, c access.Caller, in *versionInput) (*versionOutput, error) {
	if err := c.Require(access.ComponentRead); err != nil {
		return nil, err
	}
	var v *component.Version
	if err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		v, err = component.ByNumber(ctx, tx, c.Operator, in.ID, in.Number)
		return err
	}); err != nil {
		return nil, err
	}
	out := &versionOutput{}
	out.Body.Component, out.Body.Number, out.Body.Edition = v.Component, v.Number, v.Edition
	out.Body.PublishedAt, out.Body.Definition, out.Body.Notices = v.PublishedAt, v.Definition, map[string]string{}
	for _, lang := range v.Definition.Langs {
		out.Body.Notices[string(lang)] = v.Definition.NoticeText(lang)
	}
	return out, nil
}
