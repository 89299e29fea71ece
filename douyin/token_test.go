package douyin

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/web"
)

const capacityList = "/api/apps/v1/capacity/query_capacity_list/"

func TestTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		client := func(id, secret, grant string) *answer {
			return w.ask("POST", "/oauth/client_token/", object{"client_key": id, "client_secret": secret, "grant_type": grant}, as(""))
		}
		legacy := func(id, secret, grant string) *answer {
			return w.ask("POST", "/api/apps/v2/token", object{"appid": id, "secret": secret, "grant_type": grant}, as(""))
		}
		a := client(w.App, w.secret, "client_credential").ok()
		if !strings.HasPrefix(a.text("data.access_token"), "clt.") || a.at("data.description") != "" || a.at("message") != "success" {
			t.Errorf("%s", a.raw)
		}
		b := legacy(w.App, w.secret, "client_credential").ok()
		if b.at("err_tips") != "success" || b.at("data.expires_in") != 7200.0 || b.at("err_msg") != nil {
			t.Errorf("%s", b.raw)
		}
		for _, token := range []string{a.text("data.access_token"), b.text("data.access_token")} {
			w.ask("GET", capacityList, nil, as(token)).ok()
		}
		for _, c := range []struct {
			id, secret, grant string
			client, legacy    int
		}{
			{"app_none", w.secret, "client_credential", 10003, 40015},
			{"", w.secret, "client_credential", 10002, 40001},
			{w.App, "wrong", "client_credential", 10013, 40017},
			{w.App, "", "client_credential", 10002, 40001},
			{w.App, w.secret, "authorization_code", 10002, 40020},
			{w.App, w.secret, "", 10002, 40001},
		} {
			if a := client(c.id, c.secret, c.grant).is(c.client); a.at("message") != "error" || a.at("data.access_token") != nil {
				t.Errorf("%s", a.raw)
			}
			if a := legacy(c.id, c.secret, c.grant).is(c.legacy); a.at("data") != nil || a.text("err_tips") == "" {
				t.Errorf("%s", a.raw)
			}
		}
		if strings.Contains(w.log.String(), w.secret) || strings.Contains(w.log.String(), "clt.") {
			t.Error("the log holds a secret or a token")
		}
	})
}

func TestTokensEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := w.token
		w.ask("GET", capacityList, nil).ok()
		for what, token := range map[string]string{
			"none": "", "nonsense": "nonsense", "a prefix": "clt.", "changed": good[:len(good)-2] + "AA", "cut": good[:len(good)-1],
			"of another purpose": "clt." + signed(t, w), "an API key": "clew_live_x",
		} {
			for _, c := range Calls() {
				if c.Token {
					w.ask(c.Method, c.Path, nil, as(token)).is(28001003)
				}
			}
			_ = what
		}
		w.Clock.Advance(tokenLife - time.Second)
		w.ask("GET", capacityList, nil).ok()
		w.Clock.Advance(time.Second)
		w.ask("GET", capacityList, nil).is(28001008)
		w.ask("GET", "/goodlife/v1/open_api/crm/clue/query/", nil).is(28001008)
		w.token = w.newToken(w.App, w.secret)
		w.ask("GET", capacityList, nil).ok()
		w.newSecret()
		w.ask("GET", capacityList, nil).is(28001003)
	})
}

// signed is a genuine token of another purpose.
func signed(t *testing.T, w *world) string {
	t.Helper()
	text, err := w.Ring.SignToken("form", claims{w.App, "x"}, w.DB.Now().Add(time.Hour))
	w.must(err)
	return text
}

func TestSecretsAreGuessedSlowly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ask := func(secret string) *answer {
			return w.ask("POST", "/oauth/client_token/", object{"client_key": w.App, "client_secret": secret, "grant_type": "client_credential"})
		}
		for range 50 {
			if a := ask("wrong"); a.code() == 10020 {
				ask(w.secret).is(10020)
				w.ask("POST", "/api/apps/v2/token", object{"appid": w.App, "secret": w.secret, "grant_type": "client_credential"}).is(28003018)
				w.ask("POST", "/api/apps/v2/jscode2session", object{"appid": w.App, "secret": w.secret, "code": "x"}).is(28003018)
				w.ask("GET", capacityList, nil).ok() // who has a token goes on
				w.Clock.Advance(16 * time.Minute)
				ask(w.secret).ok()
				return
			}
		}
		t.Error("fifty wrong secrets, and no end to it")
	})
}

func TestTooManyRequestsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.wire.Limits.PerSecond, w.wire.Limits.Burst = 1, 2
		w.ask("GET", capacityList, nil).ok()
		w.ask("GET", capacityList, nil).ok()
		w.ask("GET", capacityList, nil).is(28003018)
		w.ask("POST", "/oauth/client_token/", object{}).is(10020)
		w.Clock.Advance(time.Minute)
		w.ask("GET", capacityList, nil).ok()
		w.wire.Limits = &web.Limits{}
	})
}

func TestUnknownPathsAnswerInThePlatformsWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, c := range Calls() {
			wrong := http.MethodPut
			w.ask(wrong, c.Path, nil).is(28001017, c.Method+" "+c.Path)
			other := c.Path + "/"
			if strings.HasSuffix(c.Path, "/") {
				other = strings.TrimSuffix(c.Path, "/")
			}
			w.ask(c.Method, other, nil).is(28001017, c.Path)
			if strings.HasSuffix(c.Path, "/") {
				w.ask(c.Method, c.Path+"more", nil).is(28001017)
			}
		}
		w.ask("GET", "/api/", nil).is(28001017)
		w.ask("GET", "/oauth/authorize/", nil).is(28001017)
		w.ask("GET", "/goodlife/v1/", nil).is(28001017)
	})
}

func TestEnvelopes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := w.ask("GET", capacityList, nil).ok()
		if id := good.text("log_id"); id == "" || good.head.Get("X-Tt-Logid") != id || good.at("err_msg") != "" || good.at("err_tips") != nil {
			t.Errorf("%s", good.raw)
		}
		bad := w.ask("GET", "/api/apps/v1/capacity/query_apply_status/", nil).is(28001007, "capacity_key", "必填")
		if bad.at("data") != nil || bad.text("log_id") == "" {
			t.Errorf("%s", bad.raw)
		}
		w.ask("GET", "/api/apps/v1/capacity/query_apply_status/", nil, english).is(28001007, "capacity_key: is needed")
		life := w.ask("GET", "/goodlife/v1/open_api/crm/clue/query/", nil).is(28001007, "account_id")
		if life.at("extra.error_code") != 28001007.0 || life.at("extra.sub_error_code") != 0.0 || life.text("extra.description") == "" ||
			life.text("extra.logid") == "" || life.at("extra.now") != float64(w.Clock.Now().Unix()) || life.at("err_no") != nil {
			t.Errorf("%s", life.raw)
		}
		phone := w.ask("POST", "/api/apps/v1/get_phonenumber_info/", object{"code": "x"}).is(28005187)
		if phone.text("err_msg") == "" || phone.text("err_tips") != phone.text("err_msg") {
			t.Errorf("%s", phone.raw)
		}
	})
}

func TestBadBodiesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for what, body := range map[string]string{
			"nothing": "", "null": "null", "an array": "[]", "half": `{"code":`, "two": `{"code":"a"}{}`, "twice": `{"code":"a","code":"b"}`,
			"not UTF-8": "{\"code\":\"\xff\"}", "NUL": `{"code":"\u0000"}`, "deep": strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40),
			"large": `{"code":"` + strings.Repeat("a", maxBody) + `"}`, "a form": "code=a", "wrong types": `{"code":1,"client_key":1,"appid":1,"config_name":1,"capacity_key":1,"is_privacy_config":1,"start_time":[],"componentId_list":1}`,
		} {
			for _, c := range Calls() {
				if c.Method != http.MethodPost || strings.HasSuffix(c.Path, "privacy_setting/query/") {
					continue
				}
				a := w.ask(c.Method, c.Path, body)
				want := Code{No: 28001007, Legacy: 40001, OAuth: 10002}.in(c.style)
				if a.code() != want {
					t.Errorf("%s: %s answered %s", what, a.what, a.raw)
				}
			}
		}
		w.ask("GET", "/api/apps/v1/capacity/query_apply_status/?capacity_key=%00", nil).is(28001007)
		w.ask("GET", "/api/apps/v1/capacity/query_apply_status/?capacity_key=%ff", nil).is(28001007)
		w.ask("GET", "/api/apps/v1/capacity/query_apply_status/?capacity_key=%zz", nil).is(28001007)
	})
}

func TestWhatTheSecretAllows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.allow(0)
		w.ask("GET", capacityList, nil).is(28001014)
		w.ask("GET", "/api/apps/v1/capacity/query_clue_component_info", nil).is(28001014)
		w.ask("POST", "/api/apps/v1/get_phonenumber_info/", object{"code": "x"}).is(28001014)
		w.ask("POST", reports+"query_component_with_source/", object{"start_time": 1, "end_time": 2}).is(28001014)
		w.allow(access.ScopeRead)
		w.ask("GET", capacityList, nil).ok()
		w.ask("POST", "/api/apps/v1/privacy_setting/add/", object{"is_privacy_config": false}).is(28001014)
		w.ask("POST", "/api/apps/v1/capacity/create_clue_component_info",
			object{"config_name": "a", "region": district(0), "category_id": "1"}).is(28001014)
	})
}
