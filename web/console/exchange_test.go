package console

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/browsertest"
	"clew/component"
	"clew/exchange"
	"clew/exchange/exchangetest"
	"clew/words"
)

// there gives the console's exchange platforms to talk to, and an app on them.
func (w *world) there() *exchangetest.App {
	w.t.Helper()
	platforms := exchangetest.New(w.t, w.c.DB.Now)
	platforms.Furnish(w.c.Exchange)
	return platforms.NewApp()
}

func credentialForm1(n exchange.NewCredential) url.Values {
	return url.Values{
		"app": {n.App}, "platform": {string(n.Platform)}, "app_id": {n.AppID}, "secret": {n.Secret}, "private_key": {n.PrivateKey},
		"aes_key": {n.AESKey}, "public_key": {n.PublicKey}, "overlap": {"day"},
	}
}

func TestCredentialsAreEnteredRotatedAndEnded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		there := w.there()
		v := w.as(access.RoleOwner)
		if _, body := v.get("/console/exchange"); !strings.Contains(body, words.T(words.ZH, "console.exchange.none")) {
			t.Error("an empty list does not say so")
		}
		good := there.Credential(w.app, exchange.Douyin)
		bad := good
		bad.PrivateKey, bad.AppID = "not a key", ""
		status, body := v.post("/console/exchange", credentialForm1(bad))
		if status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "problem.credential.private_key.malformed")) ||
			!strings.Contains(body, words.T(words.ZH, "problem.credential.app_id.required")) || strings.Contains(body, good.Secret) || strings.Contains(body, "not a key") {
			t.Errorf("a refused credential answered %d: %s", status, body)
		}
		for _, p := range exchange.Platforms() {
			if status, body := v.post("/console/exchange", credentialForm1(there.Credential(w.app, p))); status != http.StatusSeeOther {
				t.Errorf("%s answered %d: %s", p, status, body)
			}
		}
		if status, _ := v.post("/console/exchange", url.Values{"app": {w.app}, "platform": {"douyin"}, "secret": {there.Secret}, "overlap": {"hour"}}); status != http.StatusSeeOther {
			t.Errorf("a rotation answered %d", status)
		}
		_, body = v.get("/console/exchange")
		for _, want := range []string{"第 2 版", words.T(words.ZH, "console.exchange.state.first"), "有效至", there.ID, "/v1/platforms/douyin/" + w.operator + "/" + w.app + "/webhook"} {
			if !strings.Contains(body, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		for _, secret := range []string{there.Secret, good.PrivateKey[:40], there.Credential(w.app, exchange.Alipay).AESKey} {
			if strings.Contains(body, secret) {
				t.Error("the page shows a secret")
			}
		}
		if status, _ := v.post("/console/exchange/"+w.app+"/douyin/2/end", nil); status != http.StatusSeeOther {
			t.Errorf("ending answered %d", status)
		}
		if status, _ := v.post("/console/exchange/"+w.app+"/douyin/nine/end", nil); status != http.StatusNotFound {
			t.Errorf("ending a version that is not there answered %d", status)
		}
		if status, _ := v.post("/console/exchange", url.Values{"app": {"app_other"}, "platform": {"douyin"}, "secret": {there.Secret}, "app_id": {there.ID}}); status != http.StatusNotFound {
			t.Errorf("an app that is not there answered %d", status)
		}
		if n := w.audited(access.ExchangeEdit, w.app, access.OutcomeDone); n != 5 {
			t.Errorf("%d changes are on the record", n)
		}
		// Others may ask why, and no more.
		agent := w.as(access.RoleAgent)
		status, body = agent.get("/console/exchange")
		if status != http.StatusOK || strings.Contains(body, there.ID) || strings.Contains(body, "name=\"secret\"") {
			t.Errorf("an agent sees credentials (%d)", status)
		}
		if status, _ := agent.post("/console/exchange", credentialForm1(good)); status != http.StatusForbidden {
			t.Errorf("an agent's credential answered %d", status)
		}
		if strings.Contains(w.log.String(), there.Secret) {
			t.Error("the log holds a secret")
		}
	})
}

func TestTheCauseOf10101IsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		target, err := w.c.Components.CreateTarget(t.Context(), w.owner, component.Target{
			App: w.app, Component: w.component, Name: "法律咨询", Regions: []string{"110101"}, Categories: []string{lawCategory},
		})
		w.must(err)
		v := w.as(access.RoleAgent)
		for _, c := range []struct {
			query url.Values
			cause string
		}{
			{url.Values{"config_id": {target.ConfigID}, "target": {"one"}, "attributes": {`<form conversion-target="1" clue-component-id="` + target.ConfigID + `" bindsubmit="x">`}}, "other"},
			{url.Values{"config_id": {target.ConfigID}, "target": {"one"}, "attributes": {`<form conversionTarget="{{1}}" clueComponentId="x">`}}, "attribute_spelling"},
			{url.Values{"config_id": {target.ConfigID}, "target": {"none"}}, "attribute_missing"},
			{url.Values{"config_id": {target.ConfigID}, "target": {"other"}}, "attribute_missing"},
			{url.Values{"no_id": {"1"}}, "attribute_missing"},
			{url.Values{"config_id": {strings.Repeat("0", 32)}}, "id_unknown"},
			{url.Values{}, "attribute_missing"},
		} {
			c.query.Set("app", w.app)
			status, body := v.get("/console/exchange?" + c.query.Encode())
			_, answer, _ := strings.Cut(body, `id="answer"`)
			first, _, _ := strings.Cut(answer, "<details")
			if status != http.StatusOK || !strings.Contains(first, words.T(words.ZH, "diagnosis."+c.cause+".do")[:30]) {
				t.Errorf("%v: %d, %s", c.query, status, first)
			}
			if strings.Contains(body, "[diagnosis") || strings.Contains(body, "[console") {
				t.Errorf("%v: words are missing", c.query)
			}
		}
		if status, _ := v.get("/console/exchange?app=app_other"); status != http.StatusNotFound {
			t.Errorf("another app answered %d", status)
		}
		if status, body := v.get("/console/exchange?app=" + w.app + "&config_id=" + strings.Repeat("x", 200)); status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "console.exchange.ask.long")) {
			t.Errorf("a long id answered %d", status)
		}
	})
}

// The page in both languages, light and dark, large and small, with and without script.
func TestExchangeScreens(t *testing.T) {
	w := sqlite(t)
	there := w.there()
	for _, p := range exchange.Platforms() {
		_, err := w.c.Exchange.Put(t.Context(), w.owner, there.Credential(w.app, p))
		w.must(err)
	}
	_, err := w.c.Exchange.Put(t.Context(), w.owner, exchange.NewCredential{App: w.app, Platform: exchange.Douyin, Secret: there.Secret, Overlap: time.Hour})
	w.must(err)
	there.Components = []map[string]any{{"config_id": strings.Repeat("a", 32), "config_name": "x", "state": "2"}}
	for _, look := range []struct {
		lang, scheme string
		screen       browsertest.Screen
		script       bool
	}{{"zh", "light", desktop, true}, {"en", "dark", desktop, true}, {"zh", "light", browsertest.Phone, true}, {"en", "light", browsertest.Phone, false}} {
		device := "desktop"
		if look.screen.Touch {
			device = "phone"
		}
		t.Run(fmt.Sprintf("%s-%s-%s", look.lang, look.scheme, device), func(t *testing.T) {
			p := browsertest.Start(t).Page(t, look.screen)
			p.Media("prefers-color-scheme", look.scheme, "prefers-reduced-motion", "reduce")
			if !look.script {
				p.NoScript()
			}
			shot := func(name string) {
				if !look.script {
					return // nothing can be evaluated there; the steps themselves are the test
				}
				p.Axe("../../widget/node_modules/axe-core/axe.min.js", name)
				if dir := os.Getenv("CLEW_SCREENSHOTS"); dir != "" {
					p.FullScreenshot(filepath.Join(dir, fmt.Sprintf("console-%s-%s-%s-%s.png", name, look.lang, look.scheme, device)))
				}
				if wide := browsertest.Eval[bool](p, "document.documentElement.scrollWidth > innerWidth + 1"); wide {
					t.Errorf("%s is wider than the screen", name)
				}
			}
			p.Goto(w.link(access.RoleOwner) + "?lang=" + look.lang)
			p.Tap("main button")
			p.Until("the console", func() bool { return p.Count(".shell") == 1 })
			p.Goto(w.url + "/console/exchange")
			shot("exchange")
			p.Type("#config_id", strings.Repeat("a", 32))
			p.Tap("@button " + words.T(words.Lang(look.lang), "console.exchange.ask.go"))
			p.See(words.T(words.Lang(look.lang), "diagnosis.component_invalid.name"))
			shot("exchange-answer")
			p.Goto(w.url + "/console/exchange")
			p.Tap("section[aria-labelledby=credentials] > details > summary")
			p.Type("#app_id", "a b")
			p.Tap("@button " + words.T(words.Lang(look.lang), "console.exchange.save"))
			p.See(words.T(words.Lang(look.lang), "problem.credential.app_id.shape"))
			shot("exchange-refused")
			p.Quiet()
		})
	}
}
