package api

import (
	"context"
	"net/http"
	"time"

	"clew/access"
	"clew/webhook"

	"github.com/danielgtaylor/huma/v2"
)

// Endpoint is a webhook endpoint. Its secret is shown once, when it is made.
type Endpoint struct {
	ID             string     `json:"id"`
	URL            string     `json:"url"`
	Description    string     `json:"description,omitempty"`
	Events         []string   `json:"events"`
	Mode           string     `json:"mode" enum:"thin,sealed"`
	PublicKey      string     `json:"public_key,omitempty"`
	Enabled        bool       `json:"enabled"`
	DisabledReason string     `json:"disabled_reason,omitempty" doc:"operator, gone (it answered 410) or failing"`
	Failures       int        `json:"failures" doc:"in a row, since the last success"`
	LastSuccess    *time.Time `json:"last_success,omitempty"`
	CreatedAt      time.Time  `json:"created_at"`
}

func showEndpoint(e webhook.Endpoint) Endpoint {
	return Endpoint{
		ID: e.ID, URL: e.URL, Description: e.Description, Events: e.Events, Mode: string(e.Mode), PublicKey: e.PublicKey,
		Enabled: e.Enabled, DisabledReason: e.DisabledReason, Failures: e.Failures, LastSuccess: instant(e.LastSuccess), CreatedAt: e.Created,
	}
}

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	ID        string     `json:"id"`
	Endpoint  string     `json:"endpoint"`
	Message   string     `json:"message" doc:"the webhook-id, the same on every try"`
	Event     string     `json:"event"`
	Subject   string     `json:"subject"`
	State     string     `json:"state" enum:"waiting,delivered,dead"`
	Tries     int        `json:"tries"`
	Error     string     `json:"error,omitempty"`
	CreatedAt time.Time  `json:"created_at"`
	NextAt    *time.Time `json:"next_at,omitempty"`
}

func (a *API) webhookRoutes(h huma.API) {
	tags := []string{"webhooks"}
	const one = "/v1/webhooks/{id}"
	keyed(a, h, huma.Operation{
		OperationID: "list-webhooks", Method: http.MethodGet, Path: "/v1/webhooks", Tags: tags, Summary: "Endpoints",
	}, a.listWebhooks)
	keyed(a, h, huma.Operation{
		OperationID: "create-webhook", Method: http.MethodPost, Path: "/v1/webhooks", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Add an endpoint; the answer holds its secret, once", Errors: []int{409},
	}, a.createWebhook)
	keyed(a, h, huma.Operation{
		OperationID: "get-webhook", Method: http.MethodGet, Path: one, Tags: tags, Summary: "An endpoint", Errors: []int{404},
	}, a.getWebhook)
	keyed(a, h, huma.Operation{
		OperationID: "update-webhook", Method: http.MethodPut, Path: one, Tags: tags, Summary: "Change an endpoint", Errors: []int{404},
	}, a.updateWebhook)
	keyed(a, h, huma.Operation{
		OperationID: "delete-webhook", Method: http.MethodDelete, Path: one, Tags: tags, Summary: "Remove an endpoint", Errors: []int{404},
		DefaultStatus: http.StatusNoContent,
	}, a.deleteWebhook)
	keyed(a, h, huma.Operation{
		OperationID: "rotate-webhook-secret", Method: http.MethodPost, Path: one + "/rotate", Tags: tags, Errors: []int{404},
		Summary: "A new secret; events carry both signatures for a day",
	}, a.rotateWebhook)
	keyed(a, h, huma.Operation{
		OperationID: "test-webhook", Method: http.MethodPost, Path: one + "/test", Tags: tags, Errors: []int{404},
		Summary: "Post a webhook.test event and show each hop",
	}, a.testWebhook)
	keyed(a, h, huma.Operation{
		OperationID: "list-deliveries", Method: http.MethodGet, Path: "/v1/deliveries", Tags: tags, Summary: "Deliveries, newest first",
	}, a.listDeliveries)
	keyed(a, h, huma.Operation{
		OperationID: "replay-delivery", Method: http.MethodPost, Path: "/v1/deliveries/{id}/replay", Tags: tags, Errors: []int{404, 409},
		Summary: "Deliver once more, under the same webhook-id", DefaultStatus: http.StatusAccepted,
	}, a.replayDelivery)
}

type webhookInput struct {
	ID string `path:"id" maxLength:"64"`
}

type webhookBody struct {
	URL         string   `json:"url" maxLength:"2000"`
	Description string   `json:"description,omitempty"`
	Events      []string `json:"events" maxItems:"20"`
	Mode        string   `json:"mode,omitempty" enum:"thin,sealed" doc:"thin: ids only, fetch the rest; sealed: the answers encrypted to your key (HPKE)"`
	PublicKey   string   `json:"public_key,omitempty" doc:"base64 of a 32-byte X25519 key; for sealed"`
}

func (b webhookBody) draft() webhook.Draft {
	return webhook.Draft{URL: b.URL, Description: b.Description, Events: b.Events, Mode: webhook.Mode(b.Mode), PublicKey: b.PublicKey}
}

type (
	createWebhookInput struct{ Body webhookBody }
	updateWebhookInput struct {
		ID   string `path:"id" maxLength:"64"`
		Body webhookBody
	}
	webhookOutput  struct{ Body Endpoint }
	webhooksOutput struct {
		Body struct {
			Webhooks []Endpoint `json:"webhooks"`
		}
	}
	newWebhookOutput struct {
		Body struct {
			Webhook Endpoint `json:"webhook"`
			Secret  string   `json:"secret" doc:"whsec_…, shown this once"`
		}
	}
	secretOutput struct {
		Body struct {
			Secret string `json:"secret" doc:"whsec_…, shown this once"`
		}
	}
)

func (a *API) listWebhooks(ctx context.Context, c access.Caller, _ *struct{}) (*webhooksOutput, error) {
	all, err := a.Webhooks.List(ctx, c)
	out := &webhooksOutput{}
	out.Body.Webhooks = make([]Endpoint, len(all))
	for i, e := range all {
		out.Body.Webhooks[i] = showEndpoint(e)
	}
	return out, err
}

func (a *API) createWebhook(ctx context.Context, c access.Caller, in *createWebhookInput) (*newWebhookOutput, error) {
	e, secret, err := a.Webhooks.Create(ctx, c, in.Body.draft())
	out := &newWebhookOutput{}
	out.Body.Webhook, out.Body.Secret = showEndpoint(e), secret
	return out, err
}

func (a *API) getWebhook(ctx context.Context, c access.Caller, in *webhookInput) (*webhookOutput, error) {
	e, err := a.Webhooks.Get(ctx, c, in.ID)
	return &webhookOutput{showEndpoint(e)}, err
}

func (a *API) updateWebhook(ctx context.Context, c access.Caller, in *updateWebhookInput) (*webhookOutput, error) {
	e, err := a.Webhooks.Update(ctx, c, in.ID, in.Body.draft())
	return &webhookOutput{showEndpoint(e)}, err
}

func (a *API) deleteWebhook(ctx context.Context, c access.Caller, in *webhookInput) (*struct{}, error) {
	return nil, a.Webhooks.Delete(ctx, c, in.ID)
}

func (a *API) rotateWebhook(ctx context.Context, c access.Caller, in *webhookInput) (*secretOutput, error) {
	secret, err := a.Webhooks.RotateSecret(ctx, c, in.ID, 24*time.Hour)
	out := &secretOutput{}
	out.Body.Secret = secret
	return out, err
}

// hop is one step of a test.
type hop struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
	MS     int64  `json:"ms"`
}

type hopsOutput struct {
	Body struct {
		Hops []hop `json:"hops"`
	}
}

func (a *API) testWebhook(ctx context.Context, c access.Caller, in *webhookInput) (*hopsOutput, error) {
	hops, err := a.Webhooks.Test(ctx, c, in.ID)
	out := &hopsOutput{}
	for _, one := range hops {
		out.Body.Hops = append(out.Body.Hops, hop{one.Name, one.OK, one.Detail, one.Took.Milliseconds()})
	}
	return out, err
}

type deliveriesInput struct {
	Page
	Endpoint string `query:"endpoint" maxLength:"64"`
	State    string `query:"state" enum:"waiting,delivered,dead"`
	Event    string `query:"event" maxLength:"64"`
}

type deliveriesOutput struct {
	Body struct {
		Deliveries []Delivery `json:"deliveries"`
		Next       string     `json:"next,omitempty" doc:"cursor of the next page; absent on the last"`
	}
}

func (a *API) listDeliveries(ctx context.Context, c access.Caller, in *deliveriesInput) (*deliveriesOutput, error) {
	all, next, err := a.Webhooks.Deliveries(ctx, c, webhook.Filter{
		Endpoint: in.Endpoint, State: webhook.State(in.State), Event: in.Event,
	}, in.Cursor, in.Limit)
	out := &deliveriesOutput{}
	out.Body.Next, out.Body.Deliveries = next, make([]Delivery, len(all))
	for i, d := range all {
		out.Body.Deliveries[i] = Delivery{
			ID: d.ID, Endpoint: d.Endpoint, Message: d.Message, Event: d.Event, Subject: d.Subject, State: string(d.State),
			Tries: d.Tries, Error: d.Error, CreatedAt: d.Created,
		}
		if d.State == webhook.Waiting {
			out.Body.Deliveries[i].NextAt = instant(d.Next)
		}
	}
	return out, err
}

func (a *API) replayDelivery(ctx context.Context, c access.Caller, in *webhookInput) (*struct{}, error) {
	return nil, a.Webhooks.Replay(ctx, c, in.ID)
}
