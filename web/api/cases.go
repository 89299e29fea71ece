package api

import (
	"context"
	"net/http"
	"time"

	"clew/access"
	"clew/casework"
	"clew/db"
	"clew/finding"
	"clew/policy"

	"github.com/danielgtaylor/huma/v2"
)

// CaseHead is a case as a list shows it. Nothing in it says who reported or who
// worked on it.
type CaseHead struct {
	ID        string    `json:"id"`
	App       string    `json:"app"`
	Component string    `json:"component,omitempty" doc:"absent where it is about the app"`
	State     string    `json:"state" doc:"intent_noticed: a defence may be sent; rectifying: something must be put right"`
	OpenedAt  time.Time `json:"opened_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Case is everything an operator was told of a case.
type Case struct {
	CaseHead
	Findings       []CaseFinding       `json:"findings" nullable:"false"`
	Intents        []CaseIntent        `json:"intents" nullable:"false" doc:"what was about to be decided"`
	Decisions      []CaseDecision      `json:"decisions" nullable:"false" doc:"those that took effect"`
	Rectifications []CaseRectification `json:"rectifications" nullable:"false"`
	Appeals        []CaseAppeal        `json:"appeals" nullable:"false"`
	Notes          []string            `json:"notes" nullable:"false" doc:"remarks to the operator"`
}

// CaseFinding is a breach that was found.
type CaseFinding struct {
	ID       string            `json:"id"`
	Clause   string            `json:"clause" doc:"of the norm"`
	Severity string            `json:"severity" enum:"S0,S1,S2,S3,S4"`
	Text     map[string]string `json:"text" doc:"by language; zh is always there"`
	ActAt    time.Time         `json:"act_at"`
}

// CaseIntent is what was about to be decided.
type CaseIntent struct {
	Until    time.Time `json:"until" doc:"a defence may be sent until then"`
	Points   int       `json:"points"`
	Measures []string  `json:"measures" nullable:"false"`
}

// CaseDecision is a decision that took effect, with its reasons.
type CaseDecision struct {
	ID          string            `json:"id"`
	EffectiveAt time.Time         `json:"effective_at"`
	Findings    []string          `json:"findings" nullable:"false"`
	Reasons     map[string]string `json:"reasons" doc:"by language; zh is always there"`
	Edition     string            `json:"edition" doc:"of the policy, SHA-256"`
	Points      int               `json:"points"`
	Measures    []CaseMeasure     `json:"measures" nullable:"false"`
	AppealUntil time.Time         `json:"appeal_until"`
	Overturn    []OverturnFact    `json:"overturn" nullable:"false" doc:"the closed list of facts of which any one overturns it"`
	Reversed    string            `json:"reversed,omitempty" doc:"by this appeal"`
}

// OverturnFact is a fact that would overturn a finding.
type OverturnFact struct {
	Fact string            `json:"fact" doc:"for an appeal's grounds"`
	Text map[string]string `json:"text" doc:"by language"`
}

// CaseMeasure is one that was ordered.
type CaseMeasure struct {
	ID       string     `json:"id"`
	Kind     string     `json:"kind"`
	State    string     `json:"state"`
	StartsAt time.Time  `json:"starts_at"`
	EndsAt   *time.Time `json:"ends_at,omitempty"`
}

// CaseRectification is what must be put right.
type CaseRectification struct {
	ID        string     `json:"id"`
	Decision  string     `json:"decision"`
	Findings  []string   `json:"findings" nullable:"false"`
	DueAt     time.Time  `json:"due_at"`
	RecheckAt *time.Time `json:"recheck_at,omitempty" doc:"the re-inspection is due then"`
	Result    string     `json:"result,omitempty" doc:"passed or failed; absent while open"`
	Note      string     `json:"note,omitempty"`
}

// CaseAppeal is an appeal and its answer.
type CaseAppeal struct {
	ID         string    `json:"id"`
	Decision   string    `json:"decision"`
	State      string    `json:"state"`
	DueAt      time.Time `json:"due_at" doc:"it is answered until then"`
	Answer     string    `json:"answer,omitempty"`
	Conditions string    `json:"conditions,omitempty"`
}

func byLang(t finding.Text) map[string]string {
	out := map[string]string{}
	for lang, text := range t {
		out[string(lang)] = text
	}
	return out
}

func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func showCase(ctx context.Context, tx *db.Tx, f *casework.File) (Case, error) {
	out := Case{
		CaseHead: CaseHead{ID: f.ID, App: f.App, Component: f.Component, State: string(f.State), OpenedAt: f.Opened, UpdatedAt: f.Updated},
		Findings: []CaseFinding{}, Intents: []CaseIntent{}, Decisions: []CaseDecision{}, Rectifications: []CaseRectification{}, Appeals: []CaseAppeal{},
		Notes: []string{},
	}
	for _, x := range f.Findings {
		out.Findings = append(out.Findings, CaseFinding{x.ID, x.Clause, string(x.Severity), byLang(x.Text), x.ActAt})
	}
	for _, x := range f.Intents {
		one := CaseIntent{Until: x.Until, Points: x.Outcome.Points, Measures: []string{}}
		for _, m := range x.Outcome.Measures {
			one.Measures = append(one.Measures, string(m.Kind))
		}
		out.Intents = append(out.Intents, one)
	}
	for _, d := range f.Decisions {
		edition, err := policy.ByHash(ctx, tx, d.Edition)
		if err != nil {
			return out, err
		}
		s := casework.StatementOf(f, d.ID, edition)
		if s == nil {
			continue
		}
		one := CaseDecision{
			ID: d.ID, EffectiveAt: d.Effective, Findings: listed(d.Findings), Reasons: byLang(d.Reasons), Edition: d.Edition, Points: s.Points,
			Measures: []CaseMeasure{}, AppealUntil: s.Appeal, Overturn: []OverturnFact{}, Reversed: d.Reversed,
		}
		for _, m := range f.Measures {
			if m.Decision == d.ID {
				one.Measures = append(one.Measures, CaseMeasure{m.ID, string(m.Kind), string(m.State), m.Starts, instant(m.Ends)})
			}
		}
		for _, fact := range s.Overturn {
			one.Overturn = append(one.Overturn, OverturnFact{fact.ID, byLang(fact.Text)})
		}
		out.Decisions = append(out.Decisions, one)
	}
	for _, r := range f.Rectifications {
		out.Rectifications = append(out.Rectifications, CaseRectification{r.ID, r.Decision, listed(r.What), r.Due, instant(r.Recheck), r.Result, r.Note})
	}
	for _, x := range f.Appeals {
		out.Appeals = append(out.Appeals, CaseAppeal{x.ID, x.Decision, string(x.State), x.Due, x.Answer, x.Conditions})
	}
	for _, n := range f.Notes {
		out.Notes = append(out.Notes, n.Text)
	}
	return out, nil
}

func (a *API) caseRoutes(h huma.API) {
	tags := []string{"cases"}
	keyed(a, h, huma.Operation{
		OperationID: "take-report", Method: http.MethodPost, Path: "/v1/reports", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "A report of a breach by one of the eight channels, from the host app; needs a key of the host app",
	}, a.takeReport)
	keyed(a, h, huma.Operation{
		OperationID: "list-cases", Method: http.MethodGet, Path: "/v1/cases", Tags: tags,
		Summary: "The operator's open cases, as far as it was told of them",
	}, a.listCases)
	keyed(a, h, huma.Operation{
		OperationID: "get-case", Method: http.MethodGet, Path: "/v1/cases/{id}", Tags: tags, Errors: []int{404},
		Summary: "One case: what was found, decided, must be put right and may be appealed",
	}, a.getCase)
	keyed(a, h, huma.Operation{
		OperationID: "defend-case", Method: http.MethodPost, Path: "/v1/cases/{id}/defence", Tags: tags, DefaultStatus: http.StatusNoContent, Errors: []int{404, 409},
		Summary: "Answer an intent, within its time",
	}, a.defendCase)
	keyed(a, h, huma.Operation{
		OperationID: "submit-proof", Method: http.MethodPost, Path: "/v1/cases/{id}/proofs", Tags: tags, DefaultStatus: http.StatusNoContent, Errors: []int{404, 409},
		Summary: "Say that something was put right; a re-inspection follows",
	}, a.submitProof)
	keyed(a, h, huma.Operation{
		OperationID: "file-appeal", Method: http.MethodPost, Path: "/v1/cases/{id}/appeals", Tags: tags, DefaultStatus: http.StatusCreated, Errors: []int{404, 409},
		Summary: "Appeal against findings of a decision, by facts of its closed list",
	}, a.fileAppeal)
	keyed(a, h, huma.Operation{
		OperationID: "withdraw-appeal", Method: http.MethodPost, Path: "/v1/cases/{id}/appeals/{appeal}/withdraw", Tags: tags, DefaultStatus: http.StatusNoContent,
		Errors: []int{404, 409}, Summary: "Take an appeal back; another may be filed within the window",
	}, a.withdrawAppeal)
}

type takeReportInput struct {
	Body struct {
		App       string            `json:"app_id" maxLength:"64"`
		Component string            `json:"component_id,omitempty" maxLength:"64"`
		Channel   string            `json:"channel" enum:"patrol,quality_sampling,authority_notice,judicial_document,consumer_complaint,rights_holder_report,media_exposure,other_lawful"`
		Proof     map[string]string `json:"proof,omitempty" doc:"what the channel asks for, by name: bundle; draw; document and authority; case_number and court; receipt; right and good_faith; address; source"`
		Verified  bool              `json:"verified,omitempty" doc:"the host app has checked the proof; counts only where all of it is there"`
		Text      string            `json:"text" maxLength:"12000" doc:"what happened, 4 to 4000 characters; kept sealed"`
		Name      string            `json:"name,omitempty" maxLength:"200" doc:"of the reporter; kept sealed"`
		Contact   string            `json:"contact,omitempty" maxLength:"200" doc:"of the reporter; kept sealed"`
		Evidence  []string          `json:"evidence,omitempty" maxItems:"20" doc:"ids of bundles"`
	}
}

type takeReportOutput struct {
	Body struct {
		Number string `json:"number" doc:"for the reporter"`
		Key    string `json:"key" doc:"with the number it opens what came of it, on /complain/follow; shown this once"`
	}
}

func (a *API) takeReport(ctx context.Context, c access.Caller, in *takeReportInput) (*takeReportOutput, error) {
	// Whoever may not report must not learn from us which apps there are.
	if err := a.Access.Check(ctx, c, access.ReportTake, access.Subject{Kind: "report"}); err != nil {
		return nil, err
	}
	b := in.Body
	out := &takeReportOutput{}
	var err error
	out.Body.Number, out.Body.Key, err = a.Casework.Report(ctx, c, casework.NewReport{
		App: b.App, Component: b.Component, Channel: b.Channel, Proof: b.Proof, Verified: b.Verified, Evidence: b.Evidence,
		Reporter: casework.Reporter{Name: b.Name, Contact: b.Contact, Text: b.Text},
	})
	return out, err
}

type listCasesInput struct {
	Page
	Ended bool `query:"ended" doc:"ended cases instead of open ones"`
}

type listCasesOutput struct {
	Body struct {
		Cases []CaseHead `json:"cases" nullable:"false"`
		Next  string     `json:"next,omitempty" doc:"cursor of the next page; absent at the end"`
	}
}

func (a *API) listCases(ctx context.Context, c access.Caller, in *listCasesInput) (*listCasesOutput, error) {
	heads, next, err := a.Casework.Cases(ctx, c, casework.Queue{Ended: in.Ended, After: in.Cursor, Limit: min(in.Limit, 100)})
	if err != nil {
		return nil, err
	}
	out := &listCasesOutput{}
	out.Body.Cases, out.Body.Next = []CaseHead{}, next
	for _, head := range heads {
		f, err := a.Casework.Case(ctx, c, head.ID)
		if err != nil {
			return nil, err
		}
		if f.Notified() {
			out.Body.Cases = append(out.Body.Cases, CaseHead{f.ID, f.App, f.Component, string(f.State), f.Opened, f.Updated})
		}
	}
	return out, nil
}

type caseInput struct {
	ID string `path:"id" maxLength:"64"`
}

type caseOutput struct{ Body Case }

func (a *API) getCase(ctx context.Context, c access.Caller, in *caseInput) (*caseOutput, error) {
	f, err := a.Casework.Case(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if !f.Notified() {
		return nil, casework.ErrCase
	}
	out := &caseOutput{}
	err = a.DB.Read(ctx, func(tx *db.Tx) error { out.Body, err = showCase(ctx, tx, &f); return err })
	return out, err
}

type defendInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"12000"`
	}
}

func (a *API) defendCase(ctx context.Context, c access.Caller, in *defendInput) (*struct{}, error) {
	_, err := a.Casework.Defend(ctx, c, in.ID, in.Body.Text)
	return nil, err
}

type proofInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Rectification string   `json:"rectification" maxLength:"64"`
		Text          string   `json:"text" minLength:"1" maxLength:"12000"`
		Evidence      []string `json:"evidence,omitempty" maxItems:"20" doc:"ids of bundles"`
	}
}

func (a *API) submitProof(ctx context.Context, c access.Caller, in *proofInput) (*struct{}, error) {
	_, err := a.Casework.SubmitProof(ctx, c, in.ID, in.Body.Rectification, in.Body.Text, in.Body.Evidence)
	return nil, err
}

type appealInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Decision string   `json:"decision" maxLength:"64"`
		Findings []string `json:"findings,omitempty" maxItems:"100" doc:"of the decision; leave out for all"`
		Grounds  []Ground `json:"grounds" minItems:"1" maxItems:"20"`
		Evidence []string `json:"evidence,omitempty" maxItems:"20" doc:"ids of bundles"`
	}
}

// Ground is a fact of the closed list, and what there is to say to it.
type Ground struct {
	Fact string `json:"fact" maxLength:"64" doc:"one of the decision's overturn list"`
	Text string `json:"text" maxLength:"12000"`
}

type appealOutput struct{ Body CaseAppeal }

func (a *API) fileAppeal(ctx context.Context, c access.Caller, in *appealInput) (*appealOutput, error) {
	n := casework.NewAppeal{Decision: in.Body.Decision, Findings: in.Body.Findings, Evidence: in.Body.Evidence}
	for _, g := range in.Body.Grounds {
		n.Grounds = append(n.Grounds, casework.Ground{Fact: g.Fact, Text: g.Text})
	}
	f, err := a.Casework.Appeal(ctx, c, in.ID, n)
	if err != nil {
		return nil, err
	}
	x := f.Appeals[len(f.Appeals)-1]
	return &appealOutput{CaseAppeal{x.ID, x.Decision, string(x.State), x.Due, x.Answer, x.Conditions}}, nil
}

type withdrawAppealInput struct {
	ID     string `path:"id" maxLength:"64"`
	Appeal string `path:"appeal" maxLength:"64"`
}

func (a *API) withdrawAppeal(ctx context.Context, c access.Caller, in *withdrawAppealInput) (*struct{}, error) {
	_, err := a.Casework.WithdrawAppeal(ctx, c, in.ID, in.Appeal)
	return nil, err
}
