package api_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"clew/component"
	"clew/web"

	"github.com/danielgtaylor/huma/v2"
)

// What /openapi.json says is what is answered: every operation is asked once as it
// should be, and do holds each answer against the document.
func TestDocumentIsTheAPI(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.holdServedDocument()
		hook := w.listen(func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			rw.WriteHeader(http.StatusNoContent)
		})

		// A component from its draft to its second version.
		def := M{"definition": component.Sample(w.app)}
		made := w.ask("POST", "/v1/components", def).ok(201)
		id := made.text("id")
		if got := w.ask("POST", "/v1/components/check", def).ok(200); got.at("publishable") != true {
			t.Errorf("the sample is not publishable: %s", got.Raw)
		}
		w.ask("GET", "/v1/components", nil).ok(200)
		w.ask("GET", "/v1/components/"+id, nil).ok(200)
		if got := w.ask("POST", "/v1/components/"+id+"/publish", nil).ok(200); got.at("version") != 1.0 {
			t.Errorf("published %s", got.Raw)
		}
		changed := component.Sample(w.app)
		changed.RetentionDays = 90
		w.ask("PUT", "/v1/components/"+id, M{"definition": changed, "draft_version": 1}).ok(200)
		w.ask("PUT", "/v1/components/"+id, M{"definition": changed, "draft_version": 1}).is("stale")
		w.ask("GET", "/v1/components/"+id+"/versions/1", nil).ok(200)
		w.ask("POST", "/v1/components/"+id+"/unpublish", nil).ok(204)
		broken := component.Sample(w.app)
		broken.Langs = nil
		empty := w.ask("POST", "/v1/components", M{"definition": broken}).ok(201).text("id")
		if got := w.ask("POST", "/v1/components/"+empty+"/publish", nil).is("component_not_ready"); got.at("errors.0.message") == nil {
			t.Errorf("what is missing is not said: %s", got.Raw)
		}

		// The app, and the sites that may carry its component.
		if got := w.ask("GET", "/v1/apps", nil).ok(200); got.text("apps.0.id") != w.app || got.text("apps.0.origins.0") != ours ||
			got.at("apps.0.capability.open") != true || got.text("apps.0.categories.0.state") != "online" {
			t.Errorf("the app is %s", got.Raw)
		}
		set := w.ask("PUT", "/v1/apps/"+w.app+"/origins", M{"origins": []string{ours, "https://B.example/"}}).ok(200)
		if set.text("origins.0") != "https://b.example" || set.text("origins.1") != ours {
			t.Errorf("the origins are %s", set.Raw)
		}
		for _, wrong := range []any{[]string{"b.example"}, make([]string, 51), nil} {
			w.ask("PUT", "/v1/apps/"+w.app+"/origins", M{"origins": wrong}).is("invalid")
		}
		w.ask("PUT", "/v1/apps/app_none/origins", M{"origins": []string{ours}}).is("not_found")

		// An endpoint, and a lead that is posted to it.
		endpoint := w.ask("POST", "/v1/webhooks", M{"url": hook, "events": []string{"lead.created"}}).ok(201)
		if !strings.HasPrefix(endpoint.text("secret"), "whsec_") {
			t.Error("no secret was shown")
		}
		we := endpoint.text("webhook.id")
		w.ask("GET", "/v1/webhooks", nil).ok(200)
		w.ask("GET", "/v1/webhooks/"+we, nil).ok(200)
		w.ask("PUT", "/v1/webhooks/"+we, M{"url": hook, "events": []string{"lead.created", "lead.erased"}, "description": "CRM"}).ok(200)
		w.ask("POST", "/v1/webhooks/"+we+"/rotate", nil).ok(200)
		if got := w.ask("POST", "/v1/webhooks/"+we+"/test", nil).ok(200); got.at("hops.0.ok") != true {
			t.Errorf("the test failed: %s", got.Raw)
		}

		// The person: read, declined once, then submitted with a proved number.
		f := w.show("")
		w.ask("POST", w.public("/refusals"), M{"form_token": f.def.text("form_token"), "stage": "notice"}).ok(204)
		seen := M{"id": "event-document", "kind": "component_show", "at": w.clock.Now().UnixMilli(), "component": w.component}
		w.ask("POST", "/v1/events", M{"events": []M{seen}}).ok(200)
		w.ask("POST", w.public("/events"), M{"events": []M{{"kind": "click", "source": "live"}}}).ok(202)
		w.ask("GET", "/v1/distribution?region=440106&category=x", nil, w.hostKey()).ok(200)
		got := w.submit("key-document", f.body(1)).ok(201)
		if !strings.HasPrefix(got.text("receipt.url"), w.server.URL+"/r/") {
			t.Errorf("the receipt is at %s", got.text("receipt.url"))
		}
		w.must(w.outbox.Drain(t.Context()))

		list := w.ask("GET", "/v1/leads", nil).ok(200)
		lead := list.text("leads.0.id")
		if list.text("leads.0.answers.phone") == number(1) || strings.Contains(string(list.Raw), number(1)) {
			t.Error("a list shows the number")
		}
		for _, q := range []string{"state=won", "component=cmp_other", "from=2030-01-01T00:00:00Z", "to=2020-01-01T00:00:00Z"} {
			if got := w.ask("GET", "/v1/leads?"+q, nil).ok(200); got.at("leads.0") != nil {
				t.Errorf("%s lists %s", q, got.Raw)
			}
			name, value, _ := strings.Cut(q, "=")
			if got := w.ask("POST", "/v1/exports", M{name: value}).ok(200); strings.Contains(string(got.Raw), lead) {
				t.Errorf("an export with %s holds %s", q, got.Raw)
			}
		}
		w.ask("GET", "/v1/leads/"+lead, nil).ok(200)
		if got := w.ask("POST", "/v1/leads/"+lead+"/reveal", M{"reason": "回电联系"}).ok(200); got.at("answers.phone") != "+86"+number(1) {
			t.Error("the number does not come back")
		}
		w.ask("POST", "/v1/leads/"+lead+"/outcome", M{"state": "connected", "revision": 1}).ok(200)
		w.ask("POST", "/v1/leads/"+lead+"/outcome", M{"state": "won", "revision": 1}).is("stale")
		w.ask("POST", "/v1/leads/"+lead+"/outcome", M{"state": "invalid"}).is("outcome_invalid")
		found := w.ask("POST", "/v1/leads/find", M{"phone": number(1), "reason": "用户来电询问"}).ok(200)
		if found.at("leads.0.id") != lead {
			t.Errorf("found %s", found.Raw)
		}
		w.ask("GET", "/v1/receipts/"+list.text("leads.0.receipt"), nil).ok(200)
		csv := w.ask("POST", "/v1/exports", M{"state": "connected"}).ok(200)
		if !strings.HasPrefix(string(csv.Raw), "\ufeffid,") || !strings.Contains(string(csv.Raw), lead) {
			t.Errorf("exported %q", csv.Raw)
		}

		deliveries := w.ask("GET", "/v1/deliveries?endpoint="+we, nil).ok(200)
		if deliveries.at("deliveries.0.state") != "delivered" {
			t.Fatalf("deliveries: %s\n%s", deliveries.Raw, w.log)
		}
		w.ask("POST", "/v1/deliveries/"+deliveries.text("deliveries.0.id")+"/replay", nil).ok(202)

		// Another platform: an event of it, and why a page cannot ask for numbers there.
		w.push(w.onPlatform(), "msg-document", `{"event":"dial_phone"}`).ok(200)
		w.ask("GET", "/v1/diagnosis?app="+w.app, nil).ok(200)

		w.ask("POST", "/v1/leads/"+lead+"/erase", M{"reason": "用户要求删除"}).ok(204)
		w.ask("POST", "/v1/leads/"+lead+"/reveal", M{"reason": "回电联系"}).is("erased")
		w.ask("DELETE", "/v1/webhooks/"+we, nil).ok(204)
		w.ask("POST", "/v1/deliveries/"+deliveries.text("deliveries.0.id")+"/replay", nil).is("webhook_disabled")

		w.askForApp()
		w.askAsHost()
		w.askForCases()

		for path, item := range w.doc.Paths {
			for method, op := range operations(item) {
				if !w.asked[op.OperationID] {
					t.Errorf("%s %s (%s) is in the document and was not asked", method, path, op.OperationID)
				}
			}
		}
		if strings.Contains(w.log.String(), number(1)) {
			t.Error("the log holds the number")
		}
	})
}

// holdServedDocument checks that the document people fetch is the one the tests use.
func (w *world) holdServedDocument() {
	w.t.Helper()
	served := w.ask("GET", "/openapi.json", nil).ok(200)
	text, err := json.Marshal(w.doc)
	w.must(err)
	var want any
	w.must(json.Unmarshal(text, &want))
	if !reflect.DeepEqual(served.JSON, want) {
		w.t.Error("/openapi.json is not the document of the routes")
	}
	codes, _ := served.at("components.schemas.Problem.properties.code.enum").([]any)
	if len(codes) != len(web.Codes()) {
		w.t.Errorf("the document lists %d codes of %d", len(codes), len(web.Codes()))
	}
	for path, item := range w.doc.Paths {
		for method, op := range operations(item) {
			keyed := len(op.Security) > 0
			// Pages have no key, and platforms sign instead.
			if open := strings.HasPrefix(path, "/v1/public/") || strings.HasPrefix(path, "/v1/platforms/"); keyed == open {
				w.t.Errorf("%s %s: needs a key: %t", method, path, keyed)
			}
			if op.Summary == "" || op.OperationID == "" || len(op.Tags) == 0 {
				w.t.Errorf("%s %s lacks id, tag or summary", method, path)
			}
		}
	}
}

// operations is what one path of the document can be asked, by method.
func operations(item *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{
		"GET": item.Get, "POST": item.Post, "PUT": item.Put, "DELETE": item.Delete, "PATCH": item.Patch, "OPTIONS": item.Options, "HEAD": item.Head,
	}
	maps.DeleteFunc(all, func(_ string, op *huma.Operation) bool { return op == nil })
	return all
}
