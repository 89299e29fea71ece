package api_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"clew/access"
	"clew/component"
	"clew/region"
)

// hostKey is a key of the host app, as a header.
func (w *world) hostKey() func(*http.Request) {
	w.t.Helper()
	_, text, err := w.access.CreateKey(w.t.Context(), access.System("", "test"), access.NewKey{Name: "host", Scopes: access.ScopeHost})
	w.must(err)
	return with("Authorization", "Bearer "+text)
}

func (w *world) place() string {
	w.t.Helper()
	target, err := w.components.CreateTarget(w.t.Context(), w.owner, component.Target{
		App: w.app, Component: w.component, Name: "免费咨询", Regions: []string{region.All()[0].Code}, Categories: []string{category},
	})
	w.must(err)
	return target.ConfigID
}

// askAsHost asks what the host app asks, and what an operator needs for it.
func (w *world) askAsHost() {
	w.t.Helper()
	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	der, err := x509.MarshalPKIXPublicKey(&pair.PublicKey)
	w.must(err)
	keys := "/v1/apps/" + w.app + "/public-keys"
	text := base64.StdEncoding.EncodeToString(der)
	if got := w.ask("POST", keys, M{"public_key": text}).ok(201); got.at("version") != 1.0 || got.at("bits") != 2048.0 || got.at("retires_at") != nil {
		w.t.Errorf("the key is %s", got.Raw)
	}
	w.ask("POST", keys, M{"public_key": text}).is("app_key_invalid")
	w.ask("POST", keys, M{"public_key": "nonsense"}).is("app_key_invalid")
	w.ask("POST", "/v1/apps/app_none/public-keys", M{"public_key": text}).is("not_found")
	w.ask("GET", "/v1/apps/app_none/public-keys", nil).is("not_found")
	if got := w.ask("GET", keys, nil).ok(200); got.at("keys.0.version") != 1.0 || got.at("keys.1") != nil {
		w.t.Errorf("the keys are %s", got.Raw)
	}
	host := w.hostKey()
	got := w.ask("POST", "/v1/host/phone-codes", M{"app_id": w.app, "config_id": w.place(), "subject": "user-7", "phone": number(3)}, host).ok(201)
	if len(got.text("code")) < 40 || got.text("expires_at") != "2026-03-02T02:05:00Z" {
		w.t.Errorf("the code is %s", got.Raw)
	}
	got = w.ask("POST", "/v1/host/login-codes", M{"app_id": w.app, "subject": "user-7", "device": "device-1"}, host).ok(201)
	if got.text("code") == got.text("anonymous_code") {
		w.t.Errorf("the codes are %s", got.Raw)
	}
}

func TestTheHostIssuesCodesAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		host, config := w.hostKey(), w.place()
		good := func(change M) M {
			body := M{"app_id": w.app, "config_id": config, "subject": "user-7", "phone": number(4)}
			for k, v := range change {
				if body[k] = v; v == nil {
					delete(body, k)
				}
			}
			return body
		}
		for _, c := range []struct {
			change M
			code   string
		}{
			{M{"purpose": "login"}, "purpose_refused"},
			{M{"purpose": "benefit", "phone": "nonsense"}, "purpose_refused"},
			{M{"purpose": "lead", "phone": "nonsense"}, "invalid"},
			{M{"phone": nil}, "invalid"},
			{M{"subject": ""}, "invalid"},
			{M{"app_id": "app_none"}, "not_found"},
			{M{"config_id": strings.Repeat("0", 32)}, "component_unknown"},
			{M{"config_id": w.component}, "component_unknown"},
			{M{"surprise": 1}, "invalid"},
		} {
			w.ask("POST", "/v1/host/phone-codes", good(c.change), host).is(c.code)
		}
		w.ask("POST", "/v1/host/phone-codes", good(M{"purpose": "lead"}), host).ok(201)
		w.ask("POST", "/v1/host/phone-codes", good(nil)).is("forbidden")
		w.ask("POST", "/v1/host/phone-codes", good(M{"phone": "nonsense"})).is("forbidden")
		w.ask("POST", "/v1/host/login-codes", M{"app_id": w.app, "subject": "user-7"}).is("forbidden")
		w.ask("POST", "/v1/host/login-codes", M{"app_id": w.app}, host).is("invalid")
		w.ask("POST", "/v1/host/login-codes", M{"app_id": "app_none", "device": "d"}, host).is("not_found")
		one := w.ask("POST", "/v1/host/login-codes", M{"app_id": w.app, "device": "d"}, host).ok(201)
		if one.at("code") != nil || one.text("anonymous_code") == "" || one.text("expires_at") != "2026-03-02T02:05:00Z" {
			t.Errorf("%s", one.Raw)
		}
		for _, path := range []string{"/v1/leads", "/v1/components", "/v1/apps", "/v1/webhooks", "/v1/apps/" + w.app + "/public-keys"} {
			w.ask("GET", path, nil, host).is("forbidden")
		}
		w.move("suspended", "核查中发现问题", "")
		w.ask("POST", "/v1/host/phone-codes", good(nil), host).is("capability_suspended")
	})
}
