package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"clew/exchange"

	"github.com/danielgtaylor/huma/v2"
)

// pushTime is how long a push may take: the platform waits 5 seconds and sends again.
const pushTime = 4 * time.Second

func (a *API) platformRoutes(h huma.API) {
	huma.Register(h, huma.Operation{
		OperationID: "take-douyin-event", Method: http.MethodPost, Path: "/v1/platforms/douyin/{operator}/{app}/webhook", Tags: []string{"platforms"},
		Summary: "The address for the webhooks of Douyin's open platform",
		Description: "Verified by X-Douyin-Signature with the app's client_secret; the same Msg-Id is taken once. What an event says is not " +
			"kept; that it came is put out as platform.event.",
		MaxBodyBytes: exchange.MaxEvent, SkipValidateBody: true, Errors: []int{400, 401, 413, 422, 503},
	}, func(ctx context.Context, in *pushInput) (*pushOutput, error) {
		out, err := a.push(ctx, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return out, nil
	})
}

type pushInput struct {
	Operator  string `path:"operator" maxLength:"64"`
	App       string `path:"app" maxLength:"64"`
	Signature string `header:"X-Douyin-Signature" doc:"hex SHA-1 of client_secret and the body"`
	MessageID string `header:"Msg-Id"`
	RawBody   []byte `contentType:"application/json"`
}

type pushOutput struct {
	Body struct {
		Challenge any    `json:"challenge,omitempty" doc:"the answer to verify_webhook"`
		ErrNo     int    `json:"err_no"`
		ErrTips   string `json:"err_tips"`
	}
}

func (a *API) push(ctx context.Context, in *pushInput) (*pushOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, pushTime)
	defer cancel()
	got, err := a.Exchange.Receive(ctx, in.Operator, in.App, exchange.Push{Signature: in.Signature, MessageID: in.MessageID, Body: in.RawBody})
	if err != nil {
		return nil, err
	}
	out := &pushOutput{}
	out.Body.ErrTips = "success"
	if got.Challenge != nil {
		out.Body.Challenge = json.RawMessage(got.Challenge)
	}
	return out, nil
}
