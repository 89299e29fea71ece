package console

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/access"
	"clew/webhook"
)

const deliveriesPage = 50

type webhooksView struct {
	Endpoints  []webhook.Endpoint
	Deliveries []webhook.Delivery
	State      webhook.State
	Next       string
	Draft      webhook.Draft
	Problems   []trouble
	Sealed     bool // the installation can send sealed data
}

func (c *Console) webhooks(v *visit) error { return c.showWebhooks(v, webhooksView{}) }

func (c *Console) showWebhooks(v *visit, view webhooksView) (err error) {
	ctx, q := v.r.Context(), v.r.URL.Query()
	view.Sealed = c.Webhooks.Personal != nil
	view.State = deliveryState(q.Get("state"))
	if view.Endpoints, err = c.Webhooks.List(ctx, v.Caller); err != nil {
		return err
	}
	view.Deliveries, view.Next, err = c.Webhooks.Deliveries(ctx, v.Caller, webhook.Filter{State: view.State}, q.Get("cursor"), deliveriesPage)
	if err != nil {
		return err
	}
	return v.show(v.T("nav.webhooks"), func(p *page) templ.Component { return webhooksPage(p, view) })
}

func deliveryState(s string) webhook.State {
	switch webhook.State(s) {
	case webhook.Waiting, webhook.Delivered, webhook.Dead:
		return webhook.State(s)
	}
	return ""
}

func endpointDraft(f url.Values) webhook.Draft {
	return webhook.Draft{
		URL: f.Get("url"), Description: f.Get("description"), Events: f["events"],
		Mode: webhook.Mode(f.Get("mode")), PublicKey: f.Get("public_key"),
	}
}

// endpointTroubles says what is wrong with a draft, empty for other errors.
func (v *visit) endpointTroubles(err error) (list []trouble) {
	var invalid *webhook.Invalid
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			list = append(list, trouble{p.Field, v.known("endpoint."+p.Field+".", p.Code)})
		}
	}
	if errors.Is(err, webhook.ErrTooMany) {
		list = append(list, trouble{"", v.T("endpoint.many", "n", webhook.MaxEndpoints)})
	}
	return list
}

func (c *Console) createEndpoint(v *visit) error {
	d := endpointDraft(v.r.PostForm)
	if d.Mode == webhook.Sealed && !v.fresh() {
		return v.proveFirst("/console/webhooks")
	}
	e, secret, err := c.Webhooks.Create(v.r.Context(), v.Caller, d)
	if list := v.endpointTroubles(err); list != nil {
		return c.showWebhooks(v, webhooksView{Draft: d, Problems: list})
	} else if err != nil {
		return err
	}
	return v.back("/console/webhooks/"+e.ID, flash{Tone: "good", Key: "endpoint.made", Secret: secret})
}

type endpointView struct {
	E          webhook.Endpoint
	Deliveries []webhook.Delivery
	State      webhook.State
	Next       string
	Draft      webhook.Draft
	Problems   []trouble
	Sealed     bool
	Hops       []webhook.Hop
	Fresh      bool
}

func (c *Console) endpoint(v *visit) error { return c.showEndpoint(v, endpointView{}) }

func (c *Console) showEndpoint(v *visit, view endpointView) (err error) {
	ctx, q := v.r.Context(), v.r.URL.Query()
	if view.E, err = c.Webhooks.Get(ctx, v.Caller, v.r.PathValue("id")); err != nil {
		return err
	}
	if view.Problems == nil {
		view.Draft = view.E.Draft
	}
	view.Sealed, view.Fresh = c.Webhooks.Personal != nil, v.fresh()
	view.State = deliveryState(q.Get("state"))
	view.Deliveries, view.Next, err = c.Webhooks.Deliveries(ctx, v.Caller,
		webhook.Filter{Endpoint: view.E.ID, State: view.State}, q.Get("cursor"), deliveriesPage)
	if err != nil {
		return err
	}
	return v.show(host(view.E.URL), func(p *page) templ.Component { return endpointPage(p, view) })
}

func (c *Console) editEndpoint(v *visit) error {
	id := v.r.PathValue("id")
	var err error
	switch v.r.PostForm.Get("do") {
	case "enable":
		_, err = c.Webhooks.Enable(v.r.Context(), v.Caller, id)
	case "disable":
		_, err = c.Webhooks.Disable(v.r.Context(), v.Caller, id)
	default:
		d := endpointDraft(v.r.PostForm)
		if d.Mode == webhook.Sealed && !v.fresh() {
			return v.proveFirst("/console/webhooks/" + url.PathEscape(id))
		}
		_, err = c.Webhooks.Update(v.r.Context(), v.Caller, id, d)
		if list := v.endpointTroubles(err); list != nil {
			return c.showEndpoint(v, endpointView{Draft: d, Problems: list})
		}
	}
	if err != nil {
		return err
	}
	return v.back("/console/webhooks/"+url.PathEscape(id), flash{Tone: "good", Key: "endpoint.saved"})
}

func (c *Console) rotateSecret(v *visit) error {
	overlap := 24 * time.Hour
	if v.r.PostForm.Get("leaked") != "" {
		overlap = -1
	}
	id := v.r.PathValue("id")
	secret, err := c.Webhooks.RotateSecret(v.r.Context(), v.Caller, id, overlap)
	if err != nil {
		return err
	}
	return v.back("/console/webhooks/"+url.PathEscape(id), flash{Tone: "good", Key: "endpoint.rotated", Secret: secret})
}

func (c *Console) deleteEndpoint(v *visit) error {
	if err := c.Webhooks.Delete(v.r.Context(), v.Caller, v.r.PathValue("id")); err != nil {
		return err
	}
	return v.back("/console/webhooks", flash{Tone: "good", Key: "endpoint.deleted"})
}

// testEndpoint answers with the page itself: what each hop took is kept nowhere.
func (c *Console) testEndpoint(v *visit) error {
	hops, err := c.Webhooks.Test(v.r.Context(), v.Caller, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.showEndpoint(v, endpointView{Hops: hops})
}

func (c *Console) replayDeliveries(v *visit) error {
	id, f := v.r.PathValue("id"), v.r.PostForm
	from, to := parseDay(f.Get("from")), parseDay(f.Get("to"))
	if from.IsZero() {
		from = v.Now.Add(-7 * 24 * time.Hour)
	}
	if to.IsZero() {
		to = v.Now
	} else {
		to = to.AddDate(0, 0, 1)
	}
	n, _, more, err := c.Webhooks.ReplayRange(v.r.Context(), v.Caller, id, from, to, f.Get("all") != "")
	if errors.Is(err, webhook.ErrDisabled) {
		return v.back("/console/webhooks/"+url.PathEscape(id), flash{Tone: "bad", Key: "replay.disabled"})
	} else if err != nil {
		return err
	}
	key := "replay.done"
	if more {
		key = "replay.more"
	}
	return v.back("/console/webhooks/"+url.PathEscape(id), flash{Tone: "good", Key: key, Args: []string{"n", text(n)}})
}

type deliveryView struct {
	D        webhook.Delivery
	E        webhook.Endpoint
	HasE     bool
	Attempts []webhook.Attempt
	Next     string
}

func (c *Console) delivery(v *visit) (err error) {
	ctx := v.r.Context()
	var view deliveryView
	if view.D, err = c.Webhooks.Delivery(ctx, v.Caller, v.r.PathValue("id")); err != nil {
		return err
	}
	view.E, err = c.Webhooks.Get(ctx, v.Caller, view.D.Endpoint)
	if err != nil && !errors.Is(err, webhook.ErrUnknown) {
		return err
	}
	view.HasE = err == nil
	view.Attempts, view.Next, err = c.Webhooks.Attempts(ctx, v.Caller, view.D.ID, v.r.URL.Query().Get("cursor"), deliveriesPage)
	if err != nil {
		return err
	}
	return v.show(view.D.Event, func(p *page) templ.Component { return deliveryPage(p, view) })
}

func (c *Console) replayDelivery(v *visit) error {
	id := v.r.PathValue("id")
	err := c.Webhooks.Replay(v.r.Context(), v.Caller, id)
	if errors.Is(err, webhook.ErrDisabled) {
		return v.back("/console/deliveries/"+url.PathEscape(id), flash{Tone: "bad", Key: "replay.disabled"})
	} else if err != nil {
		return err
	}
	return v.back("/console/deliveries/"+url.PathEscape(id), flash{Tone: "good", Key: "replay.one"})
}

// inbox shows what the development receiver got: to programs as JSON, to people as
// a page. It holds ids only and exists in development only, so it asks for no
// sign-in.
func (c *Console) inbox(v *visit) error {
	if !strings.Contains(v.r.Header.Get("Accept"), "text/html") {
		c.Inbox.ServeHTTP(v.w, v.r)
		return nil
	}
	if _, err := v.identify(); err != nil {
		return err
	}
	events := c.Inbox.Events()
	return v.show(v.T("nav.inbox"), func(p *page) templ.Component { return inboxPage(p, events) })
}

func deliveryTone(s webhook.State) string {
	return map[webhook.State]string{webhook.Waiting: "info", webhook.Delivered: "good", webhook.Dead: "bad"}[s]
}

// event is what an event means.
func (p *page) event(name string) string {
	for _, e := range webhook.Events() {
		if e.Name == name {
			if p.Lang == "en" {
				return e.EN
			}
			return e.ZH
		}
	}
	return name
}

func endpointURL(list []webhook.Endpoint, id string) string {
	for _, e := range list {
		if e.ID == id {
			return host(e.URL)
		}
	}
	return short(id)
}

// standing is by what right somebody acted, in words.
func (p *page) standing(role string) string {
	for _, r := range access.Roles() {
		if string(r) == role {
			return p.role(r)
		}
	}
	return role
}
