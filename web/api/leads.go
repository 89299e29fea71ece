package api

import (
	"context"
	"net/http"
	"time"

	"clew/access"
	"clew/consent"
	"clew/lead"
	"clew/phone"
	"clew/web"
	"clew/words"

	"github.com/danielgtaylor/huma/v2"
)

// Lead is a lead as the API shows it: personal answers masked.
type Lead struct {
	ID               string            `json:"id"`
	Component        string            `json:"component"`
	ComponentVersion int               `json:"component_version"`
	App              string            `json:"app"`
	Receipt          string            `json:"receipt" doc:"id of the consent record"`
	Lang             string            `json:"lang"`
	Test             bool              `json:"test" doc:"never counted"`
	Verified         bool              `json:"verified" doc:"the number was proved by a code"`
	DuplicateOf      string            `json:"duplicate_of,omitempty" doc:"the earlier lead of the same number inside the component's window"`
	Scene            string            `json:"scene,omitempty"`
	Page             string            `json:"page,omitempty" doc:"origin of the page that carried the form"`
	State            lead.State        `json:"state" enum:"new,connected,invalid,won"`
	Reason           string            `json:"reason,omitempty"`
	Revision         int               `json:"revision"`
	CreatedAt        time.Time         `json:"created_at"`
	ExpiresAt        time.Time         `json:"expires_at" doc:"erased then at the latest"`
	WithdrawnAt      *time.Time        `json:"withdrawn_at,omitempty" doc:"the person took the consent back"`
	ErasedAt         *time.Time        `json:"erased_at,omitempty"`
	Answers          map[string]string `json:"answers,omitempty" doc:"by field id, masked; absent after withdrawal or erasure"`
}

func showLead(l lead.Lead) Lead {
	return Lead{
		ID: l.ID, Component: l.Component, ComponentVersion: l.ComponentVersion, App: l.App, Receipt: l.Receipt, Lang: l.Lang,
		Test: l.Test, Verified: l.Verified, DuplicateOf: l.DuplicateOf, Scene: l.Scene, Page: l.Page, State: l.State, Reason: l.Reason,
		Revision: l.Revision, CreatedAt: l.Created, ExpiresAt: l.Expires, WithdrawnAt: instant(l.Withdrawn), ErasedAt: instant(l.Erased),
		Answers: l.Masked,
	}
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *API) leadRoutes(h huma.API) {
	tags := []string{"leads"}
	keyed(a, h, huma.Operation{
		OperationID: "list-leads", Method: http.MethodGet, Path: "/v1/leads", Tags: tags,
		Summary: "Leads, newest first, masked",
	}, a.listLeads)
	keyed(a, h, huma.Operation{
		OperationID: "get-lead", Method: http.MethodGet, Path: "/v1/leads/{id}", Tags: tags,
		Summary: "One lead, masked", Errors: []int{404},
	}, a.getLead)
	keyed(a, h, huma.Operation{
		OperationID: "reveal-lead", Method: http.MethodPost, Path: "/v1/leads/{id}/reveal", Tags: tags,
		Summary: "One lead in the clear, with a reason, on the record", Errors: []int{404, 410},
	}, a.revealLead)
	keyed(a, h, huma.Operation{
		OperationID: "set-outcome", Method: http.MethodPost, Path: "/v1/leads/{id}/outcome", Tags: tags,
		Summary: "What came of following up; needs the scopes read and write, since it answers with the lead", Errors: []int{404, 409},
	}, a.setOutcome)
	keyed(a, h, huma.Operation{
		OperationID: "erase-lead", Method: http.MethodPost, Path: "/v1/leads/{id}/erase", Tags: tags,
		Summary: "Destroy a lead's key and index", DefaultStatus: http.StatusNoContent, Errors: []int{404},
	}, a.eraseLead)
	keyed(a, h, huma.Operation{
		OperationID: "find-leads", Method: http.MethodPost, Path: "/v1/leads/find", Tags: tags,
		Summary:     "Leads of one phone number, masked, with a reason, on the record",
		Description: "The number stands in the body, so that no URL ever holds one.",
	}, a.findLeads)
	keyed(a, h, huma.Operation{
		OperationID: "export-leads", Method: http.MethodPost, Path: "/v1/exports", Tags: tags,
		Summary: "Leads as CSV (RFC 4180), safe to open in a spreadsheet",
		Responses: map[string]*huma.Response{"200": {
			Description: "CSV, UTF-8 with a byte order mark", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: "string"}}},
		}},
	}, a.exportLeads)
	keyed(a, h, huma.Operation{
		OperationID: "get-receipt", Method: http.MethodGet, Path: "/v1/receipts/{id}", Tags: tags,
		Summary: "A consent record, without personal data", Errors: []int{404},
	}, a.getReceipt)
}

// LeadFilter narrows a list of leads. It is exported since huma passes over
// embedded types that are not.
type LeadFilter struct {
	Component  string    `query:"component" json:"component,omitempty" maxLength:"64"`
	State      string    `query:"state" json:"state,omitempty" enum:"new,connected,invalid,won"`
	From       time.Time `query:"from" json:"from,omitempty" doc:"created at or after"`
	To         time.Time `query:"to" json:"to,omitempty" doc:"created before"`
	Duplicates bool      `query:"duplicates" json:"duplicates,omitempty" doc:"list duplicates too"`
	Erased     bool      `query:"erased" json:"erased,omitempty" doc:"list erased ones too"`
	NoTest     bool      `query:"no_test" json:"no_test,omitempty" doc:"leave test leads out"`
}

func (f LeadFilter) filter() lead.Filter {
	return lead.Filter{
		Component: f.Component, State: lead.State(f.State), From: f.From, To: f.To,
		Duplicates: f.Duplicates, Erased: f.Erased, NoTest: f.NoTest,
	}
}

type listLeadsInput struct {
	Page
	LeadFilter
}

type leadsOutput struct {
	Body struct {
		Leads []Lead `json:"leads"`
		Next  string `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
	}
}

func (a *API) listLeads(ctx context.Context, c access.Caller, in *listLeadsInput) (*leadsOutput, error) {
	leads, next, err := a.Leads.List(ctx, c, in.filter(), in.Cursor, in.Limit)
	return showLeads(leads, next), err
}

func showLeads(leads []lead.Lead, next string) *leadsOutput {
	out := &leadsOutput{}
	out.Body.Leads, out.Body.Next = make([]Lead, len(leads)), next
	for i, l := range leads {
		out.Body.Leads[i] = showLead(l)
	}
	return out
}

type leadInput struct {
	ID string `path:"id" maxLength:"64"`
}

type leadOutput struct{ Body Lead }

func (a *API) getLead(ctx context.Context, c access.Caller, in *leadInput) (*leadOutput, error) {
	l, err := a.Leads.Get(ctx, c, in.ID)
	return &leadOutput{showLead(l)}, err
}

type revealInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Fields []string `json:"fields,omitempty" maxItems:"40" doc:"field ids; all when left out"`
		Reason string   `json:"reason" doc:"4 to 200 characters, kept on the record"`
	}
}

type revealOutput struct {
	Body struct {
		Answers map[string]string `json:"answers"`
	}
}

func (a *API) revealLead(ctx context.Context, c access.Caller, in *revealInput) (*revealOutput, error) {
	answers, err := a.Leads.Reveal(ctx, c, in.ID, in.Body.Fields, in.Body.Reason)
	out := &revealOutput{}
	out.Body.Answers = answers
	return out, err
}

type outcomeInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		State    string `json:"state" enum:"new,connected,invalid,won"`
		Reason   string `json:"reason,omitempty" enum:"CALL_THREE_TIMES_NO_RESPONSE,CONNECTED_NO_INTENTION,NO_AD_RESPONSE,OFFENSIVE_LANGUAGE,INVALID_NUMBER,OTHER" doc:"needed with invalid, and only then"`
		Note     string `json:"note,omitempty" maxLength:"500" doc:"for colleagues; not sealed, so without personal data"`
		Revision int    `json:"revision,omitempty" minimum:"0" maximum:"2000000000" doc:"the revision that was read; left out does not ask"`
	}
}

func (a *API) setOutcome(ctx context.Context, c access.Caller, in *outcomeInput) (*leadOutput, error) {
	// The answer shows the lead: who may not read it is refused before it is changed.
	if err := a.Access.Check(ctx, c, access.LeadRead, access.Subject{Kind: "lead", ID: in.ID}); err != nil {
		return nil, err
	}
	l, err := a.Leads.SetOutcome(ctx, c, in.ID, lead.Outcome{
		State: lead.State(in.Body.State), Reason: in.Body.Reason, Note: in.Body.Note,
	}, in.Body.Revision)
	return &leadOutput{showLead(l)}, err
}

type reasonInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Reason string `json:"reason" doc:"4 to 200 characters, kept on the record"`
	}
}

func (a *API) eraseLead(ctx context.Context, c access.Caller, in *reasonInput) (*struct{}, error) {
	return nil, a.Leads.EraseByStaff(ctx, c, in.ID, in.Body.Reason)
}

type findInput struct {
	Body struct {
		Phone  string `json:"phone" maxLength:"40"`
		Reason string `json:"reason" doc:"4 to 200 characters, kept on the record"`
	}
}

func (a *API) findLeads(ctx context.Context, c access.Caller, in *findInput) (*leadsOutput, error) {
	number, err := phone.Normalize(in.Body.Phone, phone.DefaultRegion)
	if err != nil {
		p := web.New(langOf(ctx), "invalid")
		p.Errors = []web.FieldError{{Field: "body.phone", Code: "shape", Message: words.T(langOf(ctx), "problem.field.shape")}}
		return nil, p
	}
	leads, err := a.Leads.Find(ctx, c, number, in.Body.Reason)
	return showLeads(leads, ""), err
}

type exportInput struct {
	Body struct {
		LeadFilter
		Reveal bool   `json:"reveal,omitempty" doc:"personal fields in the clear; needs the right to it and a reason"`
		Reason string `json:"reason,omitempty"`
	}
}

// exportLeads checks and records before the first byte: a refusal is a problem,
// not a broken file.
func (a *API) exportLeads(ctx context.Context, c access.Caller, in *exportInput) (*huma.StreamResponse, error) {
	export, err := a.Leads.BeginExport(ctx, c, in.Body.filter(), in.Body.Reveal, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(out huma.Context) {
		out.SetHeader("Content-Type", "text/csv; charset=utf-8")
		out.SetHeader("Content-Disposition", `attachment; filename="leads.csv"`)
		if _, err := export.Write(out.Context(), out.BodyWriter()); err != nil {
			a.Log.Error("export broke off", "export", export.ID, "error", err)
			// The reader must see that the file is not whole.
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

type receiptOutput struct{ Body consent.Record }

func (a *API) getReceipt(ctx context.Context, c access.Caller, in *leadInput) (*receiptOutput, error) {
	record, err := a.Rights.ReadRecord(ctx, c, in.ID)
	return &receiptOutput{record}, err
}
