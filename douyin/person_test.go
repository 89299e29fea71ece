package douyin

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"clew/capability"
	"clew/casework"
	"clew/handover"
	"clew/lead/leadtest"
)

const phonePath = "/api/apps/v1/get_phonenumber_info/"

func TestAPhoneNumberOverTheWire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		config := w.place(w.Owner, w.App, w.Version.Component)
		code := w.tap(config, numberOf(7))
		get := func(body object, change ...func(*http.Request)) *answer {
			t.Helper()
			return w.ask("POST", phonePath, body, change...)
		}
		get(object{"code": code}).is(28001007, "公钥")
		w.addKey()
		owner, other, token := w.other()
		get(object{"code": code}, as(token)).is(28005187)
		get(object{"code": w.tapOf(owner, other)}).is(28005187)
		get(object{"code": code, "config_id": w.place(w.Owner, w.App, "")}).is(28005187)
		w.move(capability.Suspended)
		get(object{"code": code}).is(28001019, "核查中发现问题")
		w.move(capability.Granted)
		get(object{}).is(28001007, "code")
		a := get(object{"code": code, "config_id": config, "purpose": "lead"}).ok()
		if a.at("err_tips") != "success" {
			t.Errorf("%s", a.raw)
		}
		var plain struct {
			PhoneNumber, PurePhoneNumber, CountryCode string
			Watermark                                 struct {
				AppID     string
				Timestamp int64
			}
		}
		w.must(json.Unmarshal(decrypt(t, a.text("data")), &plain))
		if plain.PhoneNumber != "+86"+leadtest.Number(7) || plain.PurePhoneNumber != leadtest.Number(7) || plain.CountryCode != "86" ||
			plain.Watermark.AppID != w.App || plain.Watermark.Timestamp != w.Clock.Now().Unix() {
			t.Error("another number came out, or another app's")
		}
		get(object{"code": code}).is(28005187)

		code = w.tap(config, numberOf(8))
		w.Clock.Advance(handover.Life)
		get(object{"code": code}).is(28005187)

		for _, purpose := range []string{"login", "bind", "order", "benefit", "会员"} {
			code = w.tap(config, numberOf(9))
			said := get(object{"code": code, "purpose": purpose}).is(28005187, "3.3", "fnd_")
			if said.at("data") != nil {
				t.Errorf("%s", said.raw)
			}
			get(object{"code": code}).is(28005187)
		}
		found, _, err := w.wire.Handover.Casework.List(t.Context(), w.Owner, casework.Query{App: w.App})
		if err != nil || len(found) != 5 || found[0].Finding.Clause != "3.3.scope" {
			t.Errorf("%d findings, %v", len(found), err)
		}
		for n := 7; n < 10; n++ {
			if strings.Contains(w.log.String(), leadtest.Number(n)[3:]) {
				t.Error("the log holds a number")
			}
		}
	})
}

func TestSessionsOverTheWire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		codes := func() (string, string) {
			t.Helper()
			c, err := w.wire.Handover.IssueLogin(t.Context(), host, handover.SignIn{App: w.App, Subject: "user-7", Device: "device-1"})
			w.must(err)
			return c.Login.Text, c.Anonymous.Text
		}
		ask := func(secret, code, anonymous string) *answer {
			t.Helper()
			return w.ask("POST", "/api/apps/v2/jscode2session", object{"appid": w.App, "secret": secret, "code": code, "anonymous_code": anonymous}, as(""))
		}
		code, anonymous := codes()
		ask("wrong", code, anonymous).is(40017)
		ask(w.secret, "", "").is(40001, "code")
		ask("", code, "").is(40001, "secret")
		ask(w.secret, "nonsense", "").is(40018)
		ask(w.secret, "", "nonsense").is(40019)
		w.ask("POST", "/api/apps/v2/jscode2session", object{"appid": "app_none", "secret": w.secret, "code": code}).is(40015)
		a := ask(w.secret, code, anonymous).ok()
		for _, name := range []string{"session_key", "openid", "unionid", "anonymous_openid"} {
			if a.text("data."+name) == "" {
				t.Errorf("no %s in %s", name, a.raw)
			}
		}
		if a.at("err_tips") != "success" || strings.Contains(string(a.raw), "user-7") {
			t.Errorf("%s", a.raw)
		}
		ask(w.secret, code, "").is(40018)
		ask(w.secret, "", anonymous).is(40019)
		code, _ = codes()
		b := ask(w.secret, code, "").ok()
		if b.at("data.openid") != a.at("data.openid") || b.at("data.anonymous_openid") != "" || b.at("data.session_key") == a.at("data.session_key") {
			t.Errorf("%s", b.raw)
		}
		if strings.Contains(w.log.String(), w.secret) {
			t.Error("the log holds a secret")
		}
	})
}
