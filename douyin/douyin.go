// Package douyin keeps one promise: a program written for the real open platform
// speaks to this one unchanged.
//
// Paths, headers, envelopes, codes, paging and odd spellings are those that the
// platform documents and its official SDKs send ([Calls], [codes]); no business rule
// lives here. Every refusal is HTTP 200 with a code in the body, as the real one
// answers. Parameters that only this program knows are optional and listed in
// docs/manual/wire.md.
package douyin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/handover"
	"clew/lead"
	"clew/seal"
	"clew/web"
	"clew/words"
)

// Wire is the open platform's interface. Every field is needed but Limits.
type Wire struct {
	DB         *db.DB
	Ring       *seal.Ring
	Access     *access.Room
	Apps       *app.Room
	Capability *capability.Room
	Components *component.Room
	Leads      *lead.Room
	Handover   *handover.Room
	Proxies    web.Proxies
	Limits     *web.Limits
	Log        *slog.Logger
}

// Call is one call of the interface. Docs and tests are made from the list.
type Call struct {
	Method, Path string
	// Host is where the real platform serves it; here every host serves all.
	Host string
	// Token says that the call wants a client_token in the header access-token.
	Token bool

	style style
	do    func(*Wire, *ask) (any, error)
}

const (
	openHost   = "open.douyin.com"
	legacyHost = "developer.toutiao.com"
)

// Calls is every call there is.
func Calls() []Call {
	return []Call{
		{http.MethodPost, "/oauth/client_token/", openHost, false, oauth, (*Wire).clientToken},
		{http.MethodPost, "/api/apps/v2/token", legacyHost, false, tips, (*Wire).appToken},
		{http.MethodPost, "/api/apps/v2/jscode2session", legacyHost, false, tips, (*Wire).session},
		{http.MethodPost, "/api/apps/v1/get_phonenumber_info/", openHost, true, both, (*Wire).phoneNumber},

		{http.MethodPost, "/api/apps/v1/capacity/create_clue_component_info", legacyHost, true, common, (*Wire).createComponent},
		{http.MethodGet, "/api/apps/v1/capacity/query_clue_component_info", legacyHost, true, common, (*Wire).queryComponents},
		{http.MethodPost, "/api/apps/v1/capacity/update_clue_component_info", legacyHost, true, common, (*Wire).updateComponent},
		{http.MethodDelete, "/api/apps/v1/capacity/delete_clue_component_info", legacyHost, true, common, (*Wire).deleteComponent},

		{http.MethodGet, "/api/apps/v1/category/get_audit_categories/", openHost, true, common, (*Wire).categories},
		{http.MethodGet, "/api/apps/v1/capacity/query_capacity_list/", openHost, true, common, (*Wire).capacities},
		{http.MethodPost, "/api/apps/v1/capacity/apply_capacity/", openHost, true, common, (*Wire).applyCapacity},
		{http.MethodGet, "/api/apps/v1/capacity/query_apply_status/", openHost, true, common, (*Wire).applyStatus},
		{http.MethodPost, "/api/apps/v1/privacy_setting/add/", openHost, true, common, (*Wire).setPrivacy},
		{http.MethodPost, "/api/apps/v1/privacy_setting/query/", openHost, true, common, (*Wire).privacy},
		{http.MethodGet, "/api/apps/v2/credit_score/get_credit_score/", openHost, true, common, (*Wire).creditScore},

		{http.MethodPost, reports + "query_component_with_overview/", openHost, true, common, (*Wire).overview},
		{http.MethodPost, reports + "query_component_with_source/", openHost, true, common, (*Wire).bySource},
		{http.MethodPost, reports + "query_component_with_data/", openHost, true, common, (*Wire).byComponent},
		{http.MethodPost, reports + "query_component_with_detail/", openHost, true, common, (*Wire).byItem},

		{http.MethodGet, "/goodlife/v1/open_api/crm/clue/query/", openHost, true, life, (*Wire).clues},
	}
}

const reports = "/api/platform/v2/data_analysis/"

// Routes adds the interface to mux, with an answer in the platform's words for every
// other path under its prefixes.
func (w *Wire) Routes(mux *http.ServeMux) {
	for _, c := range Calls() {
		path := c.Path
		if bare, ok := strings.CutSuffix(path, "/"); ok {
			path += "{$}" // this path and nothing below it
			// The mux would send callers on to the other spelling.
			mux.Handle(bare, w.handler(Call{style: c.style, do: (*Wire).lost}))
		}
		mux.Handle(c.Method+" "+path, w.handler(c))
	}
	for prefix, s := range map[string]style{"/oauth/": oauth, "/api/": common, "/goodlife/": life} {
		mux.Handle(prefix, w.handler(Call{style: s, do: (*Wire).lost}))
	}
}

// ask is one request, as far as calls need it.
type ask struct {
	ctx     context.Context
	method  string
	path    string
	query   url.Values
	body    []byte
	lang    words.Lang
	address string
	token   string
	// caller is the app that showed its token, acting for itself; zero without one.
	caller access.Caller
}

func (w *Wire) handler(c Call) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		data, err := w.answer(c, r)
		no, text := 0, ""
		if err != nil {
			var inner bool
			if no, text, inner = refuse(err, c.style, web.Lang(r)); inner {
				w.Log.Error("request failed", "request", web.RequestID(r), "error", err)
			}
			data = nil
		}
		h := out.Header()
		h.Set("Content-Type", "application/json; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Tt-Logid", web.RequestID(r))
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(c.style.envelope(no, text, web.RequestID(r), data, w.DB.Now()))
	})
}

// maxBody bounds a request's body, in bytes.
const maxBody = 64 << 10

func (w *Wire) answer(c Call, r *http.Request) (any, error) {
	a := &ask{
		ctx: r.Context(), method: r.Method, path: r.URL.Path, lang: web.Lang(r), address: w.Proxies.Address(r),
		token: r.Header.Get("access-token"),
	}
	if _, ok := w.Limits.Take(a.address, w.DB.Now()); !ok {
		return nil, refused(tooOften)
	}
	var err error
	if a.query, err = url.ParseQuery(r.URL.RawQuery); err != nil || !clean(r.URL.RawQuery) {
		return nil, bad("query", "malformed")
	}
	a.body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return nil, bad("body", "malformed")
	case len(a.body) > maxBody:
		return nil, bad("body", "large")
	}
	if c.Token {
		if a.caller, err = w.authenticate(a.ctx, a.token); err != nil {
			return nil, err
		}
	}
	return c.do(w, a)
}

// clean reports whether a query holds only text that both engines can keep.
func clean(raw string) bool {
	text, err := url.QueryUnescape(raw)
	return err == nil && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// lost answers for a path that is none, and says which one may be meant.
func (w *Wire) lost(a *ask) (any, error) {
	bare := strings.Trim(a.path, "/")
	for _, c := range Calls() {
		if strings.Trim(c.Path, "/") == bare {
			return nil, refused(unknownPath, "meant", c.Method+" "+c.Path)
		}
	}
	return nil, refused(unknownPath, "meant", "docs/manual/wire.md")
}

// read runs fn in a read transaction.
func (w *Wire) read(a *ask, fn func(tx *db.Tx) error) error { return w.DB.Read(a.ctx, fn) }

// held is the app's standing: nil, or why it may not collect now.
func (w *Wire) held(a *ask, tx *db.Tx) error {
	return capability.Require(a.ctx, tx, a.caller.Operator, a.caller.ID)
}

// target is a component's target of the calling app; another app's is an unknown one.
func (w *Wire) target(a *ask, tx *db.Tx, configID string) (component.Target, error) {
	t, err := component.TargetOf(a.ctx, tx, configID)
	if err == nil && (t.App != a.caller.ID || t.Operator != a.caller.Operator) {
		err = component.ErrNoTarget
	}
	if errors.Is(err, component.ErrNoTarget) {
		return component.Target{}, bad("config_id", "unknown")
	}
	return t, err
}
