package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"clew/component"
	"clew/exchange"
	"clew/exchange/exchangetest"
)

// onPlatform starts the platforms and gives the app credentials on each.
func (w *world) onPlatform() *exchangetest.App {
	w.t.Helper()
	w.platforms = exchangetest.New(w.t, w.clock.Now)
	w.platforms.Furnish(w.exchange)
	there := w.platforms.NewApp()
	for _, p := range exchange.Platforms() {
		_, err := w.exchange.Put(w.t.Context(), w.owner, there.Credential(w.app, p))
		w.must(err)
	}
	return there
}

// grant is a phone_grant as a page sends it.
func grant(g exchange.Grant) M {
	m := M{"platform": string(g.Platform)}
	for name, value := range map[string]string{
		"code": g.Code, "encrypted_data": g.EncryptedData, "iv": g.IV, "login_code": g.LoginCode, "response": g.Response, "sign": g.Sign,
	} {
		if value != "" {
			m[name] = value
		}
	}
	return m
}

// granted is a good submission whose number a platform gave.
func (f form) granted(g exchange.Grant) M {
	return M{"form_token": f.def.text("form_token"), "consent": f.act(), "answers": M{"name": "王小明"}, "phone_grant": grant(g), "source": "live"}
}

// miniprogram is a request as a mini-program makes it: no origin, and a referer that
// the platform writes.
func miniprogram(r *http.Request) {
	r.Header.Del("Origin")
	r.Header.Set("Referer", "https://servicewechat.com/wx0000/7/page-frame.html")
	r.Header.Set("User-Agent", "MicroMessenger MiniProgramEnv")
}

func TestAMiniProgramSubmitsWithoutOrigin(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		there := w.onPlatform()
		f := w.show("", miniprogram)
		old, _ := there.Old(exchange.Douyin, exchangetest.Number(24))
		for i, g := range []exchange.Grant{
			there.Grant(exchange.Douyin, exchangetest.Number(21)), there.Grant(exchange.WeChat, exchangetest.Number(22)),
			there.Grant(exchange.Alipay, exchangetest.Number(23)), old,
		} {
			n := 21 + i
			key := fmt.Sprintf("key-mini-%d", n)
			got := w.submit(key, f.granted(g), miniprogram).ok(201)
			if again := w.submit(key, f.granted(g), miniprogram).ok(201); again.text("receipt.number") != got.text("receipt.number") {
				t.Errorf("%s: a retry has another receipt", g.Platform)
			}
			leads := w.ask("GET", "/v1/leads?limit=1", nil).ok(200)
			if leads.at("leads.0.verified") != true || !strings.HasSuffix(leads.text("leads.0.answers.phone"), fmt.Sprint(n)) {
				t.Errorf("%s: the lead is %s", g.Platform, leads.Raw)
			}
			receipt := w.ask("GET", "/v1/receipts/"+leads.text("leads.0.receipt"), nil).ok(200)
			if !strings.Contains(string(receipt.Raw), `"host":"`+string(g.Platform)+`"`) {
				t.Errorf("%s: the receipt does not say whose tap it was: %s", g.Platform, receipt.Raw)
			}
		}
		// Typed in a mini-program, where no browser vouches for the tap.
		body := f.body(31)
		body["consent"].(M)["gesture"].(M)["host"] = "alipay"
		w.submit("key-mini-typed", body, miniprogram).ok(201)
		for name, spoil := range map[string]func(M){
			"another host":  func(g M) { g["host"] = "kuaishou" },
			"a click there": func(g M) { g["kind"] = "click" },
			"untrusted":     func(g M) { g["trusted"] = false },
		} {
			body := f.granted(there.Grant(exchange.Douyin, exchangetest.Number(25)))
			spoil(body["consent"].(M)["gesture"].(M))
			if got := w.submit("key-mini-spoilt", body, miniprogram); got.Status != 422 {
				t.Errorf("%s: %d %s", name, got.Status, got.Raw)
			}
		}
		if strings.Contains(w.log.String(), there.Secret) || slices.ContainsFunc([]int{21, 22, 23, 24, 25}, func(n int) bool {
			return strings.Contains(w.log.String(), exchangetest.Number(n))
		}) {
			t.Error("the log holds a number or a secret")
		}
		if c := w.platforms.Calls(exchangetest.PathPhone); c != 1 {
			t.Errorf("Douyin was asked %d times for one number", c)
		}
	})
}

func TestAFailedGrantTellsThePageToLetPeopleType(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		there := w.onPlatform()
		f := w.show("")
		before := w.stored()
		for reason, spoil := range map[exchange.Reason]func() exchange.Grant{
			exchange.Refused: func() exchange.Grant {
				w.platforms.Next(exchangetest.PathPhone, exchangetest.Errs(28001007))
				return there.Grant(exchange.Douyin, exchangetest.Number(1))
			},
			exchange.Expired: func() exchange.Grant {
				return exchange.Grant{Platform: exchange.Douyin, Code: "nobodys"}
			},
			exchange.Used: func() exchange.Grant {
				w.platforms.Next(exchangetest.PathWeChatPhone, exchangetest.WeChatErrs(40163))
				return there.Grant(exchange.WeChat, exchangetest.Number(1))
			},
			exchange.Denied: func() exchange.Grant {
				w.platforms.Next(exchangetest.PathPhone, exchangetest.Errs(28001018))
				return there.Grant(exchange.Douyin, exchangetest.Number(1))
			},
			exchange.Unavailable: func() exchange.Grant {
				w.platforms.Next(exchangetest.PathPhone, exchangetest.Says(200, "{"))
				return there.Grant(exchange.Douyin, exchangetest.Number(1))
			},
		} {
			for _, lang := range []string{"zh", "en"} {
				got := w.ask("POST", w.public("/leads")+"?lang="+lang, f.granted(spoil()), with("Idempotency-Key", "key-failed-1")).is("phone_grant_failed")
				if got.text("errors.0.code") != string(reason) || got.text("errors.0.field") != "phone_grant" || strings.Contains(got.text("errors.0.message"), "[") {
					t.Errorf("%s: %s", reason, got.Raw)
				}
			}
		}
		for name, c := range map[string]struct {
			grant any
			want  string
		}{
			"nothing":      {M{"platform": "douyin"}, "phone_grant.code"},
			"two ways":     {M{"platform": "douyin", "code": "x", "iv": "AAAA", "encrypted_data": "AAAA", "login_code": "x"}, "phone_grant.code"},
			"half":         {M{"platform": "wechat", "encrypted_data": "AAAA"}, "phone_grant.iv"},
			"alipay":       {M{"platform": "alipay", "code": "x"}, "phone_grant.code"},
			"characters":   {M{"platform": "douyin", "code": "a b"}, "phone_grant.code"},
			"platform":     {M{"platform": "kuaishou", "code": "x"}, "body.phone_grant.platform"},
			"no platform":  {M{"code": "x"}, "body.phone_grant.platform"},
			"unknown":      {M{"platform": "douyin", "code": "x", "raw_data": "x"}, "body.phone_grant.…"},
			"a text":       {"douyin", "body.phone_grant"},
			"long":         {M{"platform": "douyin", "code": strings.Repeat("x", 600)}, "body.phone_grant.code"},
			"long by much": {M{"platform": "alipay", "response": strings.Repeat("x", 20<<10)}, "body.phone_grant.response"},
		} {
			body := f.granted(exchange.Grant{Platform: exchange.Douyin, Code: "x"})
			body["phone_grant"] = c.grant
			got := w.submit("key-failed-1", body)
			if field := got.text("errors.0.field"); got.Status != 422 || field != c.want && !strings.HasPrefix(field, "body.phone_grant") {
				t.Errorf("%s: %d at %s, want %s", name, got.Status, field, c.want)
			}
		}
		both := f.granted(exchange.Grant{Platform: exchange.Douyin, Code: "x"})
		both["answers"] = M{"name": "王小明", "phone": number(9)}
		if got := w.submit("key-failed-1", both).is("answers_invalid"); got.text("errors.0.code") != "grant_and_number" {
			t.Errorf("a number beside a grant: %s", got.Raw)
		}
		if w.stored() != before {
			t.Error("a failure left something behind")
		}
		w.submit("key-failed-1", f.body(12)).ok(201)
	})
}

// push sends an event as Douyin does, to the app's address.
func (w *world) push(there *exchangetest.App, id, body string, change ...func(*http.Request)) *answer {
	w.t.Helper()
	change = append([]func(*http.Request){
		with("X-Douyin-Signature", exchange.EventSignature(there.Secret, []byte(body))), with("Msg-Id", id),
		func(r *http.Request) { r.Header.Del("Authorization") },
	}, change...)
	return w.ask("POST", "/v1/platforms/douyin/"+w.owner.Operator+"/"+w.app+"/webhook", body, change...)
}

func TestDouyinsWebhook(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		there := w.onPlatform()
		got := w.push(there, "", `{"event":"verify_webhook","client_key":"`+there.ID+`","content":{"challenge":12345}}`).ok(200)
		if got.at("challenge") != 12345.0 {
			t.Errorf("the challenge is answered with %s", got.Raw)
		}
		hook := w.ask("POST", "/v1/webhooks", M{"url": w.listen(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(204) }), "events": []string{"platform.event"}}).ok(201)
		body := `{"event":"website_contact","client_key":"` + there.ID + `","from_user_id":"somebody","to_user_id":"x"}`
		for range 3 {
			w.push(there, "msg-1", body).ok(200)
		}
		w.must(w.outbox.Drain(t.Context()))
		sent := w.ask("GET", "/v1/deliveries?endpoint="+hook.text("webhook.id"), nil).ok(200)
		if sent.text("deliveries.0.event") != "platform.event" || sent.at("deliveries.1") != nil || strings.Contains(string(sent.Raw), "somebody") {
			t.Errorf("deliveries: %s", sent.Raw)
		}
		w.push(there, "msg-2", body, with("X-Douyin-Signature", "")).is("event_signature")
		w.push(there, "msg-2", body, with("X-Douyin-Signature", strings.Repeat("0", 40))).is("event_signature")
		w.push(there, "", body).is("event_invalid")
		w.push(there, "msg-2", `{}`).is("event_invalid")
		w.push(there, "msg-2", `{"event":"`+strings.Repeat("a", 70<<10)+`"}`).is("body_too_large")
		for _, path := range []string{w.owner.Operator + "/app_none", "op_none/" + w.app} {
			w.ask("POST", "/v1/platforms/douyin/"+path+"/webhook", body, with("X-Douyin-Signature", exchange.EventSignature(there.Secret, []byte(body))), with("Msg-Id", "m")).is("event_signature")
		}
		if strings.Contains(w.log.String(), "somebody") {
			t.Error("the log holds what an event says")
		}
	})
}

func TestDiagnosisOverTheAPI(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		target, err := w.components.CreateTarget(t.Context(), w.owner, component.Target{
			App: w.app, Component: w.component, Name: "法律咨询", Regions: []string{"110101"}, Categories: []string{category},
		})
		w.must(err)
		base := "/v1/diagnosis?app=" + w.app
		for query, want := range map[string]string{
			"": "attribute_missing",
			"&config_id=" + target.ConfigID + "&conversion_target=1&attributes=conversion-target,clue-component-id": "other",
			"&config_id=" + target.ConfigID + "&conversion_target=1&attributes=conversionTarget,clueComponentId":    "attribute_spelling",
			"&config_id=&conversion_target=1":                                          "attribute_missing",
			"&config_id=" + target.ConfigID + "&conversion_target=":                    "attribute_missing",
			"&config_id=" + target.ConfigID + "&conversion_target=1&attributes=":       "attribute_missing",
			"&config_id=" + strings.Repeat("0", 32) + "&conversion_target=1":           "id_unknown",
			"&config_id=" + strings.Repeat("0", 32) + "&conversion_target=1&lang=en":   "id_unknown",
			"&config_id=" + number(1) + "&conversion_target=" + number(2) + "&lang=en": "id_unknown",
		} {
			got := w.ask("GET", base+query, nil).ok(200)
			if got.text("primary") != want || got.text("judge") != "clew" {
				t.Errorf("%q: %s by %s, want %s", query, got.text("primary"), got.text("judge"), want)
			}
			if raw := string(got.Raw); strings.Contains(raw, "[diagnosis") || strings.Contains(raw, number(1)) || strings.Contains(raw, number(2)) {
				t.Errorf("%q: %s", query, raw)
			}
		}
		w.ask("GET", "/v1/diagnosis?app=app_none", nil).is("not_found")
		w.ask("GET", "/v1/diagnosis", nil).is("invalid")
		w.ask("GET", base, nil, with("Authorization", "Bearer x")).is("unauthorized")
		w.onPlatform()
		if got := w.ask("GET", base+"&config_id="+target.ConfigID, nil).ok(200); got.text("judge") != "douyin" || got.text("primary") != "id_unknown" {
			t.Errorf("with credentials for Douyin: %s", got.Raw)
		}
	})
}
