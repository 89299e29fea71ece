package api_test

import (
	"net/http"
	"strings"
	"testing"

	"clew/access"
	"clew/component"
)

// Pages may ask from our origin and from the registered ones, and from no other.
func TestOrigins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := w.show("").body(61)
		before := w.stored()
		for _, origin := range []string{"https://evil.example", "null", ours + ".evil.example", "http://" + ours[8:], ours + ":8443", "https://[bad"} {
			for _, a := range []*answer{
				w.ask("GET", w.public(""), nil, with("Origin", origin)),
				w.submit("key-origin-1", body, with("Origin", origin)),
				w.ask("OPTIONS", w.public("/leads"), nil, with("Origin", origin), with("Access-Control-Request-Method", "POST")),
			} {
				a.is("origin_not_allowed")
				if a.Header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s may read the refusal", origin)
				}
			}
		}
		if after := w.stored(); after != before {
			t.Errorf("left behind: %s, before %s", after, before)
		}
		for _, origin := range []string{ours, w.server.URL} {
			a := w.show("", with("Origin", origin)).def
			for name, want := range map[string]string{
				"Access-Control-Allow-Origin": origin, "Vary": "Origin", "Access-Control-Allow-Credentials": "", "Cache-Control": "no-store",
				"X-Content-Type-Options": "nosniff",
			} {
				if got := a.Header.Get(name); got != want {
					t.Errorf("%s for %s is %q, want %q", name, origin, got, want)
				}
			}
			// A page must be able to read what was wrong, too.
			bad := w.submit("short", body, with("Origin", origin)).is("idempotency_key")
			if bad.Header.Get("Access-Control-Allow-Origin") != origin {
				t.Errorf("%s cannot read its problem", origin)
			}
			bad = w.ask("POST", w.public("/leads"), "{", with("Origin", origin)).is("bad_request")
			if bad.Header.Get("Access-Control-Allow-Origin") != origin {
				t.Errorf("%s cannot read its problem", origin)
			}
			for _, path := range []string{"", "/challenges", "/codes", "/leads", "/refusals"} {
				pre := w.ask("OPTIONS", w.public(path), nil, with("Origin", origin), with("Access-Control-Request-Method", "POST"),
					with("Access-Control-Request-Headers", "content-type,idempotency-key")).ok(204)
				for name, want := range map[string]string{
					"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Methods": "GET, POST",
					"Access-Control-Allow-Headers": "Content-Type, Idempotency-Key", "Access-Control-Allow-Credentials": "", "Vary": "Origin",
				} {
					if got := pre.Header.Get(name); got != want {
						t.Errorf("preflight of %q: %s is %q, want %q", path, name, got, want)
					}
				}
			}
		}
		w.submit("key-origin-2", body, with("Origin", ours)).ok(201)
		if page := w.ask("GET", "/v1/leads", nil).ok(200).at("leads.0.page"); page != ours {
			t.Errorf("the lead's page is %v", page)
		}
		if a := w.ask("GET", "/v1/leads", nil, with("Origin", ours)).ok(200); a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Error("pages may read leads")
		}
	})
}

func TestKeysOpenOnlyTheirOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lead := w.lead(71)
		one := w.ask("GET", "/v1/leads/"+lead, nil).ok(200)
		hook := w.ask("POST", "/v1/webhooks", M{"url": "https://hooks.clew-test.com/in", "events": []string{"lead.created"}}).ok(201).text("webhook.id")
		w.must(w.outbox.Drain(t.Context()))
		stranger, app := w.tenant("别家")
		theirs := w.newKey(stranger, access.ScopeRead|access.ScopeReveal|access.ScopeWrite)
		w.publish(stranger, app, nil)
		as := with("Authorization", "Bearer "+theirs)
		reason := M{"reason": "回电联系"}
		def := M{"definition": component.Sample(app), "draft_version": 1}
		for _, c := range []struct {
			method, path string
			body         any
			code         string
		}{
			{"GET", "/v1/leads/" + lead, nil, "not_found"},
			{"POST", "/v1/leads/" + lead + "/reveal", reason, "not_found"},
			{"POST", "/v1/leads/" + lead + "/outcome", M{"state": "won"}, "not_found"},
			{"POST", "/v1/leads/" + lead + "/erase", reason, "not_found"},
			{"GET", "/v1/receipts/" + one.text("receipt"), nil, "not_found"},
			{"GET", "/v1/components/" + w.component, nil, "component_unknown"},
			{"PUT", "/v1/components/" + w.component, def, "component_unknown"},
			{"POST", "/v1/components/" + w.component + "/publish", nil, "component_unknown"},
			{"POST", "/v1/components/" + w.component + "/unpublish", nil, "component_unknown"},
			{"GET", "/v1/components/" + w.component + "/versions/1", nil, "component_unknown"},
			{"GET", "/v1/webhooks/" + hook, nil, "not_found"},
			{"PUT", "/v1/webhooks/" + hook, M{"url": "https://hooks.clew-test.com/x", "events": []string{"lead.created"}}, "not_found"},
			{"DELETE", "/v1/webhooks/" + hook, nil, "not_found"},
			{"POST", "/v1/webhooks/" + hook + "/rotate", nil, "not_found"},
			{"POST", "/v1/webhooks/" + hook + "/test", nil, "not_found"},
			{"POST", "/v1/deliveries/dlv_none/replay", nil, "not_found"},
		} {
			a := w.ask(c.method, c.path, c.body, as).is(c.code)
			// The same as for what is nowhere: whether it exists is not theirs to know.
			nowhere := strings.NewReplacer(lead, "lead_none", hook, "whe_none", w.component, "cmp_none", one.text("receipt"), "rcp_none").Replace(c.path)
			if b := w.ask(c.method, nowhere, c.body, as); b.Status != a.Status || b.at("detail") != a.at("detail") {
				t.Errorf("%s %s answers %s to strangers and %s for nothing", c.method, c.path, a.Raw, b.Raw)
			}
		}
		if got := w.ask("GET", "/v1/leads", nil, as).ok(200); got.at("leads.0") != nil {
			t.Error("strangers list the lead")
		}
		if got := w.ask("POST", "/v1/leads/find", M{"phone": number(71), "reason": "回电联系"}, as).ok(200); got.at("leads.0") != nil {
			t.Error("strangers find the lead")
		}
		if got := w.ask("GET", "/v1/deliveries?endpoint="+hook, nil, as).ok(200); got.at("deliveries.0") != nil {
			t.Error("strangers list deliveries")
		}
		if got := w.ask("POST", "/v1/exports", M{}, as).ok(200); strings.Contains(string(got.Raw), lead) {
			t.Error("strangers export the lead")
		}
		if after := w.ask("GET", "/v1/leads/"+lead, nil).ok(200); string(after.Raw) != string(one.Raw) {
			t.Error("strangers changed the lead")
		}
	})
}

func TestKeysNeedScopesAndForce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lead := w.lead(81)
		scoped := map[access.Scopes]func(*http.Request){}
		for _, s := range []access.Scopes{access.ScopeRead, access.ScopeReveal, access.ScopeWrite} {
			scoped[s] = with("Authorization", "Bearer "+w.newKey(w.owner, s))
		}
		reason := M{"reason": "回电联系"}
		for _, c := range []struct {
			method, path string
			body         any
			scope        access.Scopes
			shows        bool // what it changed, so that it needs ScopeRead too
		}{
			{"GET", "/v1/leads", nil, access.ScopeRead, false},
			{"GET", "/v1/leads/" + lead, nil, access.ScopeRead, false},
			{"POST", "/v1/leads/" + lead + "/reveal", reason, access.ScopeReveal, false},
			{"POST", "/v1/leads/find", M{"phone": number(81), "reason": "回电联系"}, access.ScopeReveal, false},
			{"POST", "/v1/exports", M{}, access.ScopeRead, false},
			{"POST", "/v1/exports", M{"reveal": true, "reason": "月度对账"}, access.ScopeReveal, false},
			{"POST", "/v1/leads/" + lead + "/outcome", M{"state": "connected"}, access.ScopeWrite, true},
			{"GET", "/v1/components", nil, access.ScopeRead, false},
			{"GET", "/v1/components/" + w.component + "/versions/1", nil, access.ScopeRead, false},
			{"POST", "/v1/components/check", M{"definition": component.Sample(w.app)}, access.ScopeRead, false},
			{"POST", "/v1/components", M{"definition": component.Sample(w.app)}, access.ScopeWrite, true},
			{"GET", "/v1/apps", nil, access.ScopeRead, false},
			{"PUT", "/v1/apps/" + w.app + "/origins", M{"origins": []string{ours}}, access.ScopeWrite, true},
			{"GET", "/v1/webhooks", nil, access.ScopeRead, false},
			{"GET", "/v1/deliveries", nil, access.ScopeRead, false},
			{"POST", "/v1/webhooks", M{"url": "https://hooks.clew-test.com/in", "events": []string{"lead.created"}}, access.ScopeWrite, false},
		} {
			for scope, as := range scoped {
				a := w.ask(c.method, c.path, c.body, as)
				if scope != c.scope || c.shows {
					a.is("forbidden")
				} else if a.Status >= 300 {
					t.Errorf("%s %s with %s: %s", c.method, c.path, scope, a.Raw)
				}
			}
		}

		// What was refused was not done either.
		if got := w.ask("GET", "/v1/leads/"+lead, nil).ok(200); got.at("state") != "new" {
			t.Errorf("a refused key changed the lead: %s", got.Raw)
		}
		if got := w.ask("GET", "/v1/components", nil).ok(200); got.at("components.1") != nil {
			t.Errorf("a refused key made a component: %s", got.Raw)
		}
		both := with("Authorization", "Bearer "+w.newKey(w.owner, access.ScopeRead|access.ScopeWrite))
		w.ask("POST", "/v1/leads/"+lead+"/outcome", M{"state": "connected"}, both).ok(200)
		w.ask("POST", "/v1/components", M{"definition": component.Sample(w.app)}, both).ok(201)

		for _, value := range []string{"", "Bearer ", "Bearer nonsense", "Basic " + w.key, w.key, "Bearer " + w.key + "x", "bearer  " + w.key} {
			a := w.ask("GET", "/v1/leads", nil, with("Authorization", value)).is("unauthorized")
			if a.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%q is not told how to ask", value)
			}
		}
		k, text, err := w.access.CreateKey(t.Context(), w.owner, access.NewKey{Name: "lost", Scopes: access.ScopeRead})
		w.must(err)
		as := with("Authorization", "Bearer "+text)
		w.ask("GET", "/v1/leads", nil, as).ok(200)
		w.must(w.access.RevokeKey(t.Context(), w.owner, k.ID))
		w.ask("GET", "/v1/leads", nil, as).is("unauthorized")
		if strings.Contains(w.log.String(), text) || strings.Contains(w.log.String(), w.key) {
			t.Error("the log holds a key")
		}
	})
}
