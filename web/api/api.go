// Package api keeps one promise: what the API document at /openapi.json says is
// what the API does, since both come from the same Go types.
//
// Operators' programs call /v1 with a key; pages that carry the component call
// /v1/public without one. No business rule lives here.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/db"
	"clew/diagnosis"
	"clew/distribution"
	"clew/exchange"
	"clew/funnel"
	"clew/handover"
	"clew/lead"
	"clew/phone"
	"clew/rights"
	"clew/seal"
	"clew/web"
	"clew/webhook"
	"clew/words"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// API is the machine interface. Every field is needed but Limits.
type API struct {
	DB         *db.DB
	Ring       *seal.Ring
	Access     *access.Room
	Apps       *app.Room
	Capability *capability.Room
	Components *component.Room
	Leads      *lead.Room
	Intake     *lead.Intake
	Phone      *phone.Room
	Rights     *rights.Room
	Webhooks   *webhook.Room
	Funnel     *funnel.Room
	// Distribution ranks components for the host app.
	Distribution *distribution.Room
	Casework     *casework.Room
	Handover     *handover.Room
	Exchange     *exchange.Room
	Diagnosis    *diagnosis.Room
	Metrics      *web.Metrics
	Proxies      web.Proxies
	Limits       *web.Limits
	Log          *slog.Logger
	// BaseURL is scheme and host under which people reach this server.
	BaseURL string
	Version string
}

// maxBody bounds a request's body, in bytes.
const maxBody = 64 << 10

// Routes adds the API to mux and returns its document.
func (a *API) Routes(mux *http.ServeMux) *huma.OpenAPI {
	config := huma.DefaultConfig("Clew", a.Version)
	config.Info.Description = "Lead capture with consent that stands up in a dispute. Errors are application/problem+json " +
		"(RFC 9457) with a stable `code`; they never hold a value that was entered."
	config.CreateHooks = nil
	config.DocsPath, config.SchemasPath = "", ""
	config.OpenAPIPath = "/openapi"
	config.Formats = map[string]huma.Format{"application/json": strictJSON, "json": strictJSON}
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.Servers = []*huma.Server{{URL: a.BaseURL}}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "An API key of the operator, made in the console and shown once."},
	}
	// Errors carry our codes instead of huma's model, and never the value.
	huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return fromHuma(ctx, status, msg, errs)
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return fromHuma(nil, status, msg, errs)
	}
	huma.ValidateStrictCasing = true // a member has one name
	h := humago.New(mux, config)
	h.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) { a.inform(h, ctx, next) })
	a.publicRoutes(h)
	a.componentRoutes(h)
	a.appRoutes(h)
	a.leadRoutes(h)
	a.webhookRoutes(h)
	a.eventRoutes(h)
	a.distributionRoutes(h)
	a.categoryRoutes(h)
	a.capabilityRoutes(h)
	a.targetRoutes(h)
	a.activeRoutes(h)
	a.appKeyRoutes(h)
	a.hostRoutes(h)
	a.platformRoutes(h)
	a.diagnosisRoutes(h)
	a.caseRoutes(h)
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) { lost(mux, w, r) })
	if problem := h.OpenAPI().Components.Schemas.Map()["Problem"]; problem != nil {
		for _, code := range slices.Sorted(maps.Keys(web.Codes())) {
			problem.Properties["code"].Enum = append(problem.Properties["code"].Enum, code)
		}
	}
	return h.OpenAPI()
}

// lost answers what no operation does: the path may be one that others ask differently.
func lost(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if _, pattern := mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
			allow = append(allow, method)
		}
	}
	if allow == nil {
		web.WriteProblem(w, r, web.New(web.Lang(r), "not_found"))
		return
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	web.WriteProblem(w, r, web.New(web.Lang(r), "method_not_allowed"))
}

// schemaName names a type in the document: rooms' types carry their room's name,
// since several rooms have a Choice.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	room := path.Base(t.PkgPath())
	if t.Name() == "" || room == "." || room == "api" || room == "web" {
		return name
	}
	return strings.ToUpper(room[:1]) + room[1:] + name
}

// fromHuma turns what huma found wrong with a request's form into a problem.
func fromHuma(ctx huma.Context, status int, msg string, errs []error) huma.StatusError {
	lang := words.EN
	if ctx != nil {
		lang = langOf(ctx.Context())
	}
	for _, err := range errs {
		var p web.Problem
		if errors.As(err, &p) {
			return p
		}
	}
	code := map[int]string{
		400: "bad_request", 404: "not_found", 405: "method_not_allowed", 406: "media_type", 408: "bad_request", 413: "body_too_large",
		415: "media_type", 422: "invalid",
	}[status]
	if code == "" {
		code = "internal"
	}
	most := maxBody
	if _, said, ok := strings.Cut(msg, "limit="); ok { // an operation may take more
		_, _ = fmt.Sscan(said, &most)
	}
	p := web.New(lang, code, "bytes", most)
	if ctx != nil {
		p.RequestID, _ = ctx.Context().Value(requestKey).(string)
	}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if !errors.As(err, &d) {
			continue
		}
		detail := d.ErrorDetail()
		f := web.FieldError{Field: place(detail.Location), Code: "shape", Message: words.T(lang, "problem.field.shape")}
		switch {
		case strings.HasPrefix(detail.Message, "unexpected property"):
			f.Code, f.Message = "unknown", words.T(lang, "problem.field.unknown")
		case strings.HasPrefix(detail.Message, "expected required property"), strings.HasPrefix(detail.Message, "required "):
			f.Code, f.Message = "required", words.T(lang, "problem.field.required")
			// The name is the document's, not the sender's.
			if name, ok := strings.CutPrefix(detail.Message, "expected required property "); ok {
				name, _, _ = strings.Cut(name, " ")
				f.Field = place(detail.Location + "." + name)
			}
		}
		p.Errors = append(p.Errors, f)
	}
	return p
}

// memberName is what a name in our own documents looks like. Any other is a text
// that somebody put in a name's place, and is not repeated.
var memberName = regexp.MustCompile(`^[A-Za-z_-]{1,40}(\[\d{1,4}\])*$`)

// place is where in a request something is wrong.
func place(location string) string {
	parts := strings.Split(location, ".")
	for i, part := range parts {
		if !memberName.MatchString(part) {
			parts[i] = "…"
		}
	}
	return strings.Join(parts, ".")
}

type ctxKey int

const (
	langKey ctxKey = iota
	callerKey
	addressKey
	originKey
	requestKey
)

// inform puts what handlers need to know of a request into its context.
func (a *API) inform(h huma.API, ctx huma.Context, next func(huma.Context)) {
	r, _ := humago.Unwrap(ctx)
	ctx = huma.WithValue(ctx, langKey, web.Lang(r))
	ctx = huma.WithValue(ctx, addressKey, a.Proxies.Address(r))
	ctx = huma.WithValue(ctx, originKey, r.Header.Get("Origin"))
	ctx = huma.WithValue(ctx, requestKey, web.RequestID(r))
	ctx.SetHeader("Cache-Control", "no-store")
	ctx.SetHeader("X-Content-Type-Options", "nosniff")
	// No id or filter of ours holds such text, and PostgreSQL fails over it.
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if text := r.URL.Path + query; err != nil || !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		_ = huma.WriteErr(h, ctx, http.StatusBadRequest, "")
		return
	}
	next(ctx)
}

func langOf(ctx context.Context) words.Lang {
	l, _ := ctx.Value(langKey).(words.Lang)
	return l
}

func callerOf(ctx context.Context) access.Caller {
	c, _ := ctx.Value(callerKey).(access.Caller)
	return c
}

// authenticate lets only holders of a valid key pass.
func (a *API) authenticate(h huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		key, ok := strings.CutPrefix(ctx.Header("Authorization"), "Bearer ")
		if !ok {
			ctx.SetHeader("WWW-Authenticate", "Bearer")
			a.refuse(h, ctx, access.ErrKey)
			return
		}
		caller, err := a.Access.FromKey(ctx.Context(), key)
		if err != nil {
			ctx.SetHeader("WWW-Authenticate", "Bearer")
			a.refuse(h, ctx, err)
			return
		}
		next(huma.WithValue(ctx, callerKey, caller))
	}
}

// refuse answers with the problem of err before a handler ran.
func (a *API) refuse(h huma.API, ctx huma.Context, err error) {
	p := a.problem(ctx.Context(), err)
	if wait := p.Wait(); wait != "" {
		ctx.SetHeader("Retry-After", wait)
	}
	_ = huma.WriteErr(h, ctx, p.Status, p.Title, p)
}

// problem turns a room's error into an answer and logs what was internal.
func (a *API) problem(ctx context.Context, err error) web.Problem {
	p := web.ProblemFor(err, langOf(ctx))
	p.RequestID, _ = ctx.Value(requestKey).(string)
	if p.Code == "internal" || p.Code == "unavailable" {
		a.Log.Error("request failed", "request", p.RequestID, "error", err)
	}
	return p
}

// fail is problem as handlers return it, with Retry-After where it is due.
func (a *API) fail(ctx context.Context, err error) error {
	p := a.problem(ctx, err)
	if wait := p.Wait(); wait != "" {
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {wait}})
	}
	return p
}

// keyed registers an operation for holders of a key.
func keyed[I, O any](a *API, h huma.API, o huma.Operation, f func(context.Context, access.Caller, *I) (*O, error)) {
	o.Security = []map[string][]string{{"key": {}}}
	o.Middlewares = append(o.Middlewares, a.authenticate(h))
	if o.MaxBodyBytes == 0 {
		o.MaxBodyBytes = maxBody
	}
	o.Errors = append(o.Errors, 400, 401, 403, 422, 503)
	if o.Method == http.MethodPost || o.Method == http.MethodPut {
		o.Errors = append(o.Errors, 413, 415)
	}
	huma.Register(h, o, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, callerOf(ctx), in)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		return out, nil
	})
}

// Page is the form of every list's input.
type Page struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"where the previous page ended; leave out for the first"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"rows on a page"`
}
