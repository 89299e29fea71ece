package api

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/exchange"
	"clew/lead"
	"clew/phone"
	"clew/web"
	"clew/words"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// public registers an operation that pages call: no key, but the origin must be
// this server's or one that the component's app has registered.
func public[I, O any](a *API, h huma.API, o huma.Operation, f func(context.Context, *I) (*O, error)) {
	o.MaxBodyBytes = maxBody
	o.Tags = []string{"public"}
	o.Middlewares = append(o.Middlewares, a.admit(h))
	o.Errors = append(o.Errors, 400, 403, 404, 410, 422, 429, 503)
	if o.Method == http.MethodPost {
		o.Errors = append(o.Errors, 413, 415)
	}
	huma.Register(h, o, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return out, nil
	})
}

// admit checks rate and origin of a page's request.
func (a *API) admit(h huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		address, _ := ctx.Context().Value(addressKey).(string)
		if wait, ok := a.Limits.Take(address, time.Now()); !ok {
			p := web.New(langOf(ctx.Context()), "too_many_requests")
			p.RetryAfter = wait
			a.refuse(h, ctx, p)
			return
		}
		origin := ctx.Header("Origin")
		if err := a.allow(ctx.Context(), origin, ctx.Host(), ctx.Param("id"), ctx.Param("app")); err != nil {
			a.refuse(h, ctx, err)
			return
		}
		a.share(ctx.SetHeader, origin)
		next(ctx)
	}
}

// share lets a page of origin read the answer; cookies are never involved.
func (a *API) share(set func(name, value string), origin string) {
	set("Vary", "Origin")
	if origin != "" {
		set("Access-Control-Allow-Origin", origin)
		set("Access-Control-Expose-Headers", "Retry-After, X-Request-Id")
	}
}

// allow is nil when a page of origin may use the component, or ask for the app's
// where one is named. A request without an origin comes from no page.
func (a *API) allow(ctx context.Context, origin, host, id, appID string) error {
	if origin == "" || origin == a.BaseURL {
		return nil
	}
	// On a machine's own addresses the names differ, and no stranger's page is there.
	if u, err := url.Parse(origin); err == nil && u.Host == host && loopback(u.Hostname()) {
		return nil
	}
	allowed := false
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		if appID != "" {
			owner, err := app.Find(ctx, tx, appID)
			allowed = owner.Allows(origin)
			return err
		}
		v, err := component.Live(ctx, tx, id)
		if err != nil {
			return err
		}
		owner, err := app.Get(ctx, tx, v.Operator, v.App)
		allowed = owner.Allows(origin)
		return err
	})
	if err != nil {
		return err
	}
	if !allowed {
		return web.New(langOf(ctx), "origin_not_allowed")
	}
	return nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// preflight answers a browser's question whether a page may call (Fetch 4.8).
func (a *API) preflight(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if err := a.allow(r.Context(), origin, r.Host, r.PathValue("id"), r.PathValue("app")); err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	a.share(w.Header().Set, origin)
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

func (a *API) publicRoutes(h huma.API) {
	h.Adapter().Handle(&huma.Operation{Method: http.MethodOptions, Path: "/v1/public/components/{id}"}, a.options)
	for _, path := range []string{"challenges", "codes", "leads", "refusals"} {
		h.Adapter().Handle(&huma.Operation{Method: http.MethodOptions, Path: "/v1/public/components/{id}/" + path}, a.options)
	}
	const base = "/v1/public/components/{id}"
	public(a, h, huma.Operation{
		OperationID: "show-component", Method: http.MethodGet, Path: base,
		Summary: "A published component as a page shows it", Errors: []int{409},
	}, a.show)
	public(a, h, huma.Operation{
		OperationID: "new-challenge", Method: http.MethodPost, Path: base + "/challenges",
		Summary: "A proof-of-work challenge, needed before a code is sent",
	}, a.challenge)
	public(a, h, huma.Operation{
		OperationID: "send-code", Method: http.MethodPost, Path: base + "/codes",
		Summary: "Send a one-time code to a number", Errors: []int{409}, DefaultStatus: http.StatusCreated,
		Description: "The consent comes first: without it no number may reach this server.",
	}, a.sendCode)
	public(a, h, huma.Operation{
		OperationID: "submit-lead", Method: http.MethodPost, Path: base + "/leads",
		Summary: "Submit a lead", Errors: []int{409}, DefaultStatus: http.StatusCreated,
		Description: "Answered only after lead, consent record and messages are durably stored together. " +
			"The same Idempotency-Key with the same body gets the same answer.",
	}, a.submit)
	public(a, h, huma.Operation{
		OperationID: "record-refusal", Method: http.MethodPost, Path: base + "/refusals",
		Summary: "Record that the sheet was closed or declined, without personal data", DefaultStatus: http.StatusNoContent,
		Errors: []int{409},
	}, a.refusal)
}

func (a *API) options(ctx huma.Context) {
	r, w := humago.Unwrap(ctx)
	a.preflight(w, r)
}

type showInput struct {
	ID      string     `path:"id" maxLength:"64"`
	Lang    words.Lang `query:"lang" enum:"zh,en" doc:"zh when left out and the request names no other"`
	Preview string     `query:"preview" maxLength:"2000" doc:"signed by the console: what comes of the form is a test"`
}

type showOutput struct{ Body web.Definition }

func (a *API) show(ctx context.Context, in *showInput) (*showOutput, error) {
	var v *component.Version
	// The capability is asked for in a write transaction only where it decides;
	// here it spares the person filling in what will be refused.
	if err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if v, err = component.Live(ctx, tx, in.ID); err != nil {
			return err
		}
		if err = capability.Require(ctx, tx, v.Operator, v.App); err != nil {
			return err
		}
		return component.Valid(ctx, tx, v.Operator, v.App, v.Component)
	}); err != nil {
		return nil, err
	}
	test, err := web.OpenPreview(a.Ring, in.Preview, in.ID, a.DB.Now())
	if err != nil {
		return nil, err
	}
	d, err := web.Shown(a.Ring, v, langOf(ctx), test, a.DB.Now())
	return &showOutput{d}, err
}

type challengeInput struct {
	ID     string `path:"id" maxLength:"64"`
	Engine string `query:"engine" enum:"browser,app" doc:"app: a page inside a host's app, without WebCrypto; its puzzle is lighter and fewer codes are sent to its address"`
}

type challengeOutput struct{ Body phone.Challenge }

func (a *API) challenge(ctx context.Context, in *challengeInput) (*challengeOutput, error) {
	if err := a.DB.Read(ctx, func(tx *db.Tx) error {
		_, err := component.Live(ctx, tx, in.ID)
		return err
	}); err != nil {
		return nil, err
	}
	c, err := a.Phone.NewChallenge(in.ID, in.Engine == "app", a.DB.Now())
	return &challengeOutput{c}, err
}

// agreed checks that a form token and a consent act hold together, before a
// number is looked at.
func (a *API) agreed(ctx context.Context, id, token string, act *consent.Act) (consent.Form, consent.Act, error) {
	form, err := consent.OpenForm(a.Ring, token, a.DB.Now())
	if err != nil {
		return form, consent.Act{}, err
	}
	if form.Component != id {
		return form, consent.Act{}, web.New(langOf(ctx), "form_forged")
	}
	if act == nil {
		return form, consent.Act{}, &consent.Unproven{Code: consent.ConsentMissing}
	}
	return form, *act, nil
}

type codeInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		FormToken string         `json:"form_token" maxLength:"4096"`
		Consent   *consent.Act   `json:"consent,omitempty" doc:"required: what was agreed to and how"`
		Phone     string         `json:"phone" maxLength:"40"`
		Challenge phone.Solution `json:"challenge"`
	}
}

type codeOutput struct {
	Body struct {
		CodeID    string `json:"code_id"`
		ExpiresAt int64  `json:"expires_at" doc:"milliseconds since 1970"`
		ResendAt  int64  `json:"resend_at" doc:"milliseconds since 1970"`
	}
}

func (a *API) sendCode(ctx context.Context, in *codeInput) (*codeOutput, error) {
	form, act, err := a.agreed(ctx, in.ID, in.Body.FormToken, in.Body.Consent)
	if err != nil {
		return nil, err
	}
	address, _ := ctx.Value(addressKey).(string)
	sent, err := a.Intake.SendCode(ctx, lead.CodeRequest{
		Form: form, Act: act, Phone: in.Body.Phone, Address: address, Solution: in.Body.Challenge,
	})
	if err != nil {
		return nil, err
	}
	out := &codeOutput{}
	out.Body.CodeID, out.Body.ExpiresAt, out.Body.ResendAt = sent.CodeID, sent.ExpiresAt.UnixMilli(), sent.ResendAt.UnixMilli()
	return out, nil
}

type submitInput struct {
	ID   string `path:"id" maxLength:"64"`
	Key  string `header:"Idempotency-Key" doc:"8 to 128 letters, digits, dashes or underscores; new for each submission, the same on each retry"`
	Body struct {
		FormToken string            `json:"form_token" maxLength:"4096"`
		Consent   *consent.Act      `json:"consent,omitempty" doc:"required: what was agreed to and how"`
		Answers   map[string]string `json:"answers" maxProperties:"40" doc:"by field id"`
		Grant     *PhoneGrant       `json:"phone_grant,omitempty" doc:"in place of the answer of the phone field, and of a code"`
		CodeID    string            `json:"code_id,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$"`
		Code      string            `json:"code,omitempty" maxLength:"12"`
		Source    string            `json:"source,omitempty" maxLength:"200" doc:"where the form stood, for example sheet, live, video; kept as at most 40 of a-z 0-9 _ -, others become -"`
		Place     *LeadPlace        `json:"place,omitempty" doc:"what led here; what does not fit is left out and costs no lead"`
	}
}

// PhoneGrant is what a mini-program's page got for the person's tap, as the platform
// gave it. The server turns it into the number; it works once.
type PhoneGrant struct {
	Platform      string `json:"platform" enum:"douyin,wechat,alipay"`
	Code          string `json:"code,omitempty" maxLength:"512" doc:"Douyin from base library 3.51, WeChat: the one-time code"`
	EncryptedData string `json:"encrypted_data,omitempty" maxLength:"16384" doc:"the older way, with iv and login_code"`
	IV            string `json:"iv,omitempty" maxLength:"64"`
	LoginCode     string `json:"login_code,omitempty" maxLength:"512" doc:"of a login made before the tap"`
	Response      string `json:"response,omitempty" maxLength:"16384" doc:"Alipay: my.getPhoneNumber's response, whole"`
	Sign          string `json:"sign,omitempty" maxLength:"2048" doc:"Alipay: where it came apart from the response"`
}

// grant is the zero Grant for nil.
func (g *PhoneGrant) grant() exchange.Grant {
	if g == nil {
		return exchange.Grant{}
	}
	return exchange.Grant{
		Platform: exchange.Platform(g.Platform), Code: g.Code, EncryptedData: g.EncryptedData, IV: g.IV, LoginCode: g.LoginCode,
		Response: g.Response, Sign: g.Sign,
	}
}

// LeadPlace is what led a person to the form.
type LeadPlace struct {
	Room      string `json:"room,omitempty" maxLength:"200" doc:"id of the live room"`
	Video     string `json:"video,omitempty" maxLength:"200"`
	Promotion string `json:"promotion,omitempty" maxLength:"200"`
	Region    string `json:"region,omitempty" maxLength:"200" doc:"district code"`
}

type submitOutput struct {
	Body struct {
		Receipt struct {
			Number   string `json:"number" doc:"XXXX-XXXX-XXXX"`
			URL      string `json:"url" doc:"the person's own page; whoever has it may see and erase"`
			IssuedAt int64  `json:"issued_at" doc:"milliseconds since 1970"`
		} `json:"receipt"`
		Test bool `json:"test"`
	}
}

func (a *API) submit(ctx context.Context, in *submitInput) (*submitOutput, error) {
	accepted, err := a.take(ctx, in)
	switch {
	case err != nil:
		a.Metrics.Submission(web.ProblemFor(err, words.EN).Code)
		return nil, err
	case accepted.Replayed:
		a.Metrics.Submission("replayed")
	case accepted.Test:
		a.Metrics.Submission("test")
	default:
		a.Metrics.Submission("stored")
	}
	out := &submitOutput{}
	out.Body.Receipt.Number = consent.ShowNumber(accepted.Number)
	out.Body.Receipt.URL = a.BaseURL + "/r/" + consent.Link(a.Ring, accepted.Number)
	out.Body.Receipt.IssuedAt = accepted.At.UnixMilli()
	out.Body.Test = accepted.Test
	return out, nil
}

func (a *API) take(ctx context.Context, in *submitInput) (lead.Accepted, error) {
	form, act, err := a.agreed(ctx, in.ID, in.Body.FormToken, in.Body.Consent)
	if err != nil {
		return lead.Accepted{}, err
	}
	// The page's origin is all that is kept of where it stood: paths and queries may
	// say who was there.
	origin, _ := ctx.Value(originKey).(string)
	s := lead.Submission{
		Key: in.Key, Form: form, Act: act, Answers: in.Body.Answers, CodeID: in.Body.CodeID, Code: in.Body.Code,
		Grant: in.Body.Grant.grant(),
		Scene: plainName(in.Body.Source), Page: origin,
	}
	if s.Scene == "" && origin == a.BaseURL {
		s.Scene = "page" // as the same page says without script
	}
	if p := in.Body.Place; p != nil {
		s.Room, s.Video, s.Promotion, s.Region = p.Room, p.Video, p.Promotion, p.Region
	}
	return a.Intake.Accept(ctx, s)
}

type refusalInput struct {
	ID   string `path:"id" maxLength:"64"`
	UA   string `header:"User-Agent"`
	Body struct {
		FormToken string          `json:"form_token" maxLength:"4096"`
		Gesture   consent.Gesture `json:"gesture,omitempty" doc:"only its kind is kept"`
		Stage     string          `json:"stage" maxLength:"24" doc:"how far the person had come: notice, consent, fields, code"`
	}
}

func (a *API) refusal(ctx context.Context, in *refusalInput) (*struct{}, error) {
	form, err := consent.OpenForm(a.Ring, in.Body.FormToken, a.DB.Now())
	if err != nil {
		return nil, err
	}
	if form.Component != in.ID {
		return nil, web.New(langOf(ctx), "form_forged")
	}
	var operator string
	err = a.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if operator, err = component.OperatorOf(ctx, tx, in.ID); err != nil {
			return err
		}
		return consent.Refuse(ctx, tx, consent.Refusal{
			Form:     form.Nonce,
			Operator: operator, Component: in.ID, Version: form.Version, NoticeHash: form.NoticeHash, Lang: form.Lang,
			Stage: in.Body.Stage, Gesture: in.Body.Gesture.Kind, Test: form.Test,
		})
	})
	if err != nil || form.Test {
		return nil, err
	}
	// One form is refused once; the same again counts nothing.
	return nil, a.countRefusal(ctx, operator, in.ID, "refuse-"+form.Nonce, in.UA)
}
