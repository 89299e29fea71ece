package api

import (
	"context"
	"net/http"
	"time"

	"clew/access"
	"clew/handover"
	"clew/phone"

	"github.com/danielgtaylor/huma/v2"
)

// hostRoutes are for the host app, with a key of the platform: one-time codes for
// people who are signed in to it. Operators' servers trade them in on the wire of
// the open platform (package douyin).
func (a *API) hostRoutes(h huma.API) {
	tags := []string{"host"}
	keyed(a, h, huma.Operation{
		OperationID: "issue-phone-code", Method: http.MethodPost, Path: "/v1/host/phone-codes", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "A one-time code for a person's number, after their tap on a lead component; needs a key of the host app", Errors: []int{404},
	}, a.issuePhoneCode)
	keyed(a, h, huma.Operation{
		OperationID: "issue-login-codes", Method: http.MethodPost, Path: "/v1/host/login-codes", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "One-time codes for a person who opens an app; needs a key of the host app", Errors: []int{404},
	}, a.issueLoginCodes)
	keyed(a, h, huma.Operation{
		OperationID: "answer-command", Method: http.MethodPost, Path: "/v1/host/commands/{id}", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "What came of a measure that the host app was told to take; the first answer counts; needs a key of the host app", Errors: []int{404, 409},
	}, a.answerCommand)
}

type answerCommandInput struct {
	ID   string `path:"id" maxLength:"64" doc:"of the command"`
	Body struct {
		Done bool   `json:"done" doc:"false: it could not be done"`
		Text string `json:"text,omitempty" maxLength:"900" doc:"one line of at most 300 characters for the people on the case"`
	}
}

func (a *API) answerCommand(ctx context.Context, c access.Caller, in *answerCommandInput) (*struct{}, error) {
	return nil, a.Casework.AnswerCommand(ctx, c, in.ID, in.Body.Done, in.Body.Text)
}

type phoneCodeInput struct {
	Body struct {
		App      string `json:"app_id" maxLength:"64"`
		ConfigID string `json:"config_id" maxLength:"64" doc:"of the component that the form carries (clue-component-id)"`
		Subject  string `json:"subject" maxLength:"128" doc:"the host app's id of the person; not stored"`
		Phone    string `json:"phone" maxLength:"64" doc:"the number that the person has with the host app"`
		Purpose  string `json:"purpose,omitempty" maxLength:"32" doc:"lead, which silence means; every other is refused and recorded (norm 3.3)"`
	}
}

type phoneCodeOutput struct {
	Body struct {
		Code      string    `json:"code" doc:"for the page's e.detail.code: works once"`
		ExpiresAt time.Time `json:"expires_at"`
	}
}

func (a *API) issuePhoneCode(ctx context.Context, c access.Caller, in *phoneCodeInput) (*phoneCodeOutput, error) {
	// Whoever may not issue codes must not learn from us what is a number.
	if err := a.Access.Check(ctx, c, access.HandoverIssue, access.Subject{Kind: "app"}); err != nil {
		return nil, err
	}
	purpose := handover.ParsePurpose(in.Body.Purpose)
	var n phone.Number
	if purpose == handover.Lead {
		var err error
		if n, err = phone.Normalize(in.Body.Phone, ""); err != nil {
			return nil, err
		}
	}
	code, err := a.Handover.IssuePhone(ctx, c, handover.Tap{
		App: in.Body.App, ConfigID: in.Body.ConfigID, Subject: in.Body.Subject, Purpose: purpose, Number: n,
	})
	out := &phoneCodeOutput{}
	out.Body.Code, out.Body.ExpiresAt = code.Text, code.Expires
	return out, err
}

type loginCodesInput struct {
	Body struct {
		App     string `json:"app_id" maxLength:"64"`
		Subject string `json:"subject,omitempty" maxLength:"128" doc:"the host app's id of the person; leave out when nobody is signed in"`
		Device  string `json:"device,omitempty" maxLength:"128" doc:"the host app's id of the installation"`
	}
}

type loginCodesOutput struct {
	Body struct {
		Code          string    `json:"code,omitempty" doc:"of the person; works once"`
		AnonymousCode string    `json:"anonymous_code,omitempty" doc:"of the installation; works once"`
		ExpiresAt     time.Time `json:"expires_at"`
	}
}

func (a *API) issueLoginCodes(ctx context.Context, c access.Caller, in *loginCodesInput) (*loginCodesOutput, error) {
	codes, err := a.Handover.IssueLogin(ctx, c, handover.SignIn{App: in.Body.App, Subject: in.Body.Subject, Device: in.Body.Device})
	out := &loginCodesOutput{}
	out.Body.Code, out.Body.AnonymousCode, out.Body.ExpiresAt = codes.Login.Text, codes.Anonymous.Text, codes.Login.Expires
	if out.Body.ExpiresAt.IsZero() {
		out.Body.ExpiresAt = codes.Anonymous.Expires
	}
	return out, err
}
