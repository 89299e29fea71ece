package api_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/norm"
	"clew/web"
)

// change is one way to spoil a good submission.
type change struct {
	name  string
	code  string
	field string // of the first entry of errors, where there is one
	part  string // its code
	spoil func(body M)
}

// Every way to submit badly gives its own problem and leaves nothing behind.
func TestBadSubmissionsAreRefusedAndLeaveNothing(t *testing.T) {
	const needle = "王小明NEEDLE"
	act := func(b M) M { return b["consent"].(M) }
	gesture := func(b M) M { return act(b)["gesture"].(M) }
	answers := func(b M) M { return b["answers"].(M) }
	each(t, func(t *testing.T, w *world) {
		f := w.show("")
		good := f.body(7)
		other := form{w, w.ask("GET", "/v1/public/components/"+w.publish(w.owner, w.app, nil), nil).ok(200)}
		before := w.stored()
		for i, c := range []change{
			{"no consent", "consent_missing", "", "", func(b M) { delete(b, "consent") }},
			{"consent null", "consent_missing", "", "", func(b M) { b["consent"] = nil }},
			{"no choice", "consent_missing", "", "", func(b M) { act(b)["choices"] = []any{} }},
			{"not accepted", "consent_refused", "", "", func(b M) { act(b)["choices"] = []any{M{"id": component.ContactChoice, "accepted": false}} }},
			{"other choice", "choice_unknown", "", "", func(b M) { act(b)["choices"] = []any{M{"id": "marketing", "accepted": true}} }},
			{"many choices", "choice_unknown", "", "", func(b M) {
				var all []any
				for range 1000 {
					all = append(all, M{"id": component.ContactChoice, "accepted": true})
				}
				act(b)["choices"] = all
			}},
			{"notice of another version", "notice_stale", "", "", func(b M) { act(b)["notice_version"] = 2 }},
			{"notice version absent", "invalid", "body.consent.notice_version", "required", func(b M) { delete(act(b), "notice_version") }},
			{"notice of another text", "notice_stale", "", "", func(b M) { act(b)["notice_hash"] = "sha256:" + strings.Repeat("0", 64) }},
			{"no gesture", "gesture_missing", "", "", func(b M) { act(b)["gesture"] = M{} }},
			{"gesture of a script", "gesture_missing", "", "", func(b M) { gesture(b)["trusted"] = false }},
			{"gesture without its instant", "gesture_missing", "", "", func(b M) { delete(gesture(b), "opened_at") }},
			{"ticked before it opened", "gesture_order", "", "", func(b M) { gesture(b)["ticked_at"] = w.clock.Now().Add(-time.Minute).UnixMilli() }},
			{"ticked in the future", "gesture_order", "", "", func(b M) { gesture(b)["ticked_at"] = w.clock.Now().Add(time.Hour).UnixMilli() }},
			{"ticked by default", "box_preticked", "", "", func(b M) { gesture(b)["box_default"] = true }},
			{"form token absent", "invalid", "body.form_token", "required", func(b M) { delete(b, "form_token") }},
			{"form token tampered", "form_forged", "", "", func(b M) { b["form_token"] = f.def.text("form_token")[1:] }},
			{"form token made up", "form_forged", "", "", func(b M) { b["form_token"] = needle }},
			{"form token of another component", "form_forged", "", "", func(b M) { b["form_token"] = other.def.text("form_token") }},
			{"phone too short", "answers_invalid", "phone", "phone_invalid", func(b M) { answers(b)["phone"] = number(7)[:10] }},
			{"phone of letters", "answers_invalid", "phone", "phone_invalid", func(b M) { answers(b)["phone"] = needle }},
			{"phone absent", "answers_invalid", "phone", "required", func(b M) { delete(answers(b), "phone") }},
			{"phone as a number", "invalid", "body.answers.phone", "shape", func(b M) { answers(b)["phone"] = 5 }},
			{"a number as a field's name", "invalid", "body.answers.…", "shape", func(b M) { answers(b)[number(8)] = 5 }},
			{"field unknown", "answers_invalid", "", "field_unknown", func(b M) { answers(b)[number(8)] = needle }},
			{"name too long", "answers_invalid", "name", "too_long", func(b M) { answers(b)["name"] = strings.Repeat("长", 31) }},
			{"control character", "answers_invalid", "name", "characters", func(b M) { answers(b)["name"] = needle + "\a" }},
			{"text turned round", "answers_invalid", "name", "characters", func(b M) { answers(b)["name"] = needle + "\u202e" }},
			{"line break", "answers_invalid", "name", "characters", func(b M) { answers(b)["name"] = needle + "\nBcc: x" }},
			{"NUL", "bad_request", "", "", func(b M) { answers(b)["name"] = needle + "\x00" }},
			{"choice unknown", "answers_invalid", "question", "choice_unknown", func(b M) { answers(b)["question"] = needle }},
			{"code absent", "answers_invalid", "code", "code_missing", func(b M) { delete(b, "code") }},
			{"code id absent", "answers_invalid", "code", "code_missing", func(b M) { delete(b, "code_id") }},
			{"code wrong", "answers_invalid", "code", "code_wrong", func(b M) { b["code"] = wrong(w.sms.code()) }},
			{"code of another id", "answers_invalid", "code", "code_unknown", func(b M) { b["code_id"] = "code_none" }},
			{"code id of odd characters", "invalid", "body.code_id", "shape", func(b M) { b["code_id"] = "' or 1=1" }},
			{"code for another number", "answers_invalid", "code", "code_unknown", func(b M) { answers(b)["phone"] = number(8) }},
			{"source that is too long", "invalid", "body.source", "shape", func(b M) { b["source"] = strings.Repeat("x", 201) }},
			{"unknown member", "invalid", "body.extra", "unknown", func(b M) { b["extra"] = needle }},
			{"member in other case", "invalid", "body.Code", "unknown", func(b M) { b["Code"] = needle }},
			{"number as member", "invalid", "body.…", "unknown", func(b M) { b[number(8)] = needle }},
			{"array for object", "invalid", "body.answers", "shape", func(b M) { b["answers"] = []any{needle} }},
			{"too many answers", "invalid", "body.answers", "shape", func(b M) {
				for i := range 50 {
					answers(b)[fmt.Sprint("f", i)] = needle
				}
			}},
		} {
			body := M{}
			maps.Copy(body, good)
			body["answers"] = maps.Clone(answers(good))
			body["consent"] = maps.Clone(act(good))
			act(body)["gesture"] = maps.Clone(gesture(good))
			c.spoil(body)
			a := w.submit(fmt.Sprintf("key-bad-%03d", i), body).is(c.code)
			if c.part != "" && (a.at("errors.0.code") != c.part || a.at("errors.0.field") != c.field || a.text("errors.0.message") == "") {
				t.Errorf("%s: %s, want %s at %q", c.name, a.Raw, c.part, c.field)
			}
			if strings.Contains(string(a.Raw), needle) || strings.Contains(string(a.Raw), number(7)[:7]) {
				t.Errorf("%s: the problem holds what was entered: %s", c.name, a.Raw)
			}
			if after := w.stored(); after != before {
				t.Fatalf("%s left something behind: %s, before %s", c.name, after, before)
			}
			if t.Failed() {
				t.Logf("above: %s", c.name)
			}
		}
		for _, secret := range []string{needle, number(7), number(8)} {
			if strings.Contains(w.log.String(), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
		w.submit("key-good-after", good).ok(201) // the good one still is
	})
}

// wrong is another code of six digits.
func wrong(code string) string {
	return string('0'+(code[0]-'0'+1)%10) + code[1:]
}

func TestBadBodiesAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := w.show("").body(9)
		before := w.stored()
		text := `{"form_token":"x","answers":{},"consent":{"notice_version":1,"notice_hash":"h","gesture":{},"choices":[{"id":"c","accepted":false,"accepted":true}]}}`
		for name, c := range map[string]struct {
			body, code string
			change     func(*http.Request)
		}{
			"too large":         {`{"source":"` + strings.Repeat("a", 65<<10) + `"}`, "body_too_large", nil},
			"not JSON":          {"form_token=x", "bad_request", nil},
			"half of it":        {`{"form_token":"x"`, "bad_request", nil},
			"two of it":         {`{"form_token":"x"} {}`, "bad_request", nil},
			"nothing":           {"", "bad_request", nil},
			"null":              {"null", "invalid", nil},
			"an array":          {"[]", "invalid", nil},
			"nested to the end": {strings.Repeat(`[`, 60<<10), "bad_request", nil},
			"nested objects":    {strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000), "bad_request", nil},
			"a huge array":      {`{"answers":[` + strings.Repeat("1,", 30<<10) + "1]}", "invalid", nil},
			"a member twice":    {text, "bad_request", nil},
			"not UTF-8":         {"{\"form_token\":\"\xff\"}", "bad_request", nil},
			"a huge number":     {`{"form_token":1e999}`, "bad_request", nil},
			"a form of a page":  {"form_token=x", "media_type", with("Content-Type", "application/x-www-form-urlencoded")},
			"text":              {"{}", "media_type", with("Content-Type", "text/plain")},
			"many parts":        {"{}", "media_type", with("Content-Type", "multipart/form-data; boundary=x")},
			"XML":               {"<a/>", "media_type", with("Content-Type", "application/xml")},
		} {
			if c.change == nil {
				c.change = func(*http.Request) {}
			}
			t.Run(name, func(t *testing.T) {
				for _, path := range []string{"/leads", "/codes"} {
					w.ask("POST", w.public(path), c.body, with("Idempotency-Key", "key-body-1"), c.change).is(c.code)
				}
			})
		}
		for _, key := range []string{"", "short", strings.Repeat("k", 129), "with blank key", "key/with?signs"} {
			w.submit(key, good).is("idempotency_key")
		}
		if after := w.stored(); after != before {
			t.Errorf("left behind: %s, before %s", after, before)
		}
	})
}

// A key is an answer's name: the same body gets it again, another body never.
func TestSameKeySameAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := w.show("").body(11)
		first := w.submit("key-once-11", body).ok(201)
		before := w.stored()
		for range 3 {
			if again := w.submit("key-once-11", body).ok(201); string(again.Raw) != string(first.Raw) {
				t.Errorf("answered %s, first %s", again.Raw, first.Raw)
			}
		}
		second := maps.Clone(body)
		second["answers"] = M{"phone": number(11), "name": "另一人"}
		w.submit("key-once-11", second).is("idempotency_reused")
		// The code was used by the first; a new key does not make it good again.
		if got := w.submit("key-once-12", body).is("answers_invalid"); got.at("errors.0.code") != "code_used" {
			t.Errorf("answered %s", got.Raw)
		}
		if after := w.stored(); after != before {
			t.Errorf("left behind: %s, before %s", after, before)
		}
	})
}

func TestCodesEndAndAreCapped(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.show("")
		body := f.body(21)
		for range 5 {
			bad := maps.Clone(body)
			bad["code"] = wrong(w.sms.code())
			w.submit("key-tries-1", bad).is("answers_invalid")
		}
		if got := w.submit("key-tries-1", body).is("answers_invalid"); got.at("errors.0.code") != "code_tries" {
			t.Errorf("answered %s", got.Raw)
		}
		soon := w.ask("POST", w.public("/codes"), f.codeBody(21)).is("resend_too_soon")
		if soon.Header.Get("Retry-After") != "60" {
			t.Errorf("Retry-After is %q", soon.Header.Get("Retry-After"))
		}
		w.clock.Advance(time.Minute)
		late := f.body(21)
		w.clock.Advance(6 * time.Minute)
		if got := w.submit("key-late-1", late).is("answers_invalid"); got.at("errors.0.code") != "code_expired" {
			t.Errorf("answered %s", got.Raw)
		}
		f.body(21)
		w.clock.Advance(2 * time.Minute)
		if got := w.ask("POST", w.public("/codes"), f.codeBody(21)).is("capped"); got.Header.Get("Retry-After") == "" {
			t.Error("a cap says nothing about when")
		}

		before := w.stored()
		spoiled := f.codeBody(22)
		spoiled["phone"] = number(22)[:9]
		if got := w.ask("POST", w.public("/codes"), spoiled).is("answers_invalid"); got.at("errors.0.code") != "phone_invalid" {
			t.Errorf("answered %s", got.Raw)
		}
		unsolved := f.codeBody(22)
		unsolved["challenge"] = M{"token": "x", "counter": 1}
		w.ask("POST", w.public("/codes"), unsolved).is("puzzle_unsolved")
		silent := f.codeBody(22)
		delete(silent, "consent")
		w.ask("POST", w.public("/codes"), silent).is("consent_missing")
		if after := w.stored(); after != before {
			t.Errorf("left behind: %s, before %s", after, before)
		}
		w.sms.err = errors.New("gateway down for " + number(22))
		w.ask("POST", w.public("/codes"), f.codeBody(22)).is("sms_unavailable")
		if strings.Contains(w.log.String(), number(22)) {
			t.Error("the log holds the number")
		}
	})
}

// A form is good for two hours of the store's clock, whichever way that jumps.
func TestFormEndsWhenTheClockJumps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := w.show("").body(31)
		before := w.stored()
		w.clock.Advance(2*time.Hour + time.Second)
		w.submit("key-jump-1", body).is("form_expired")
		w.ask("POST", w.public("/refusals"), M{"form_token": body["form_token"], "stage": "fields"}).is("form_expired")
		w.clock.Advance(-3 * time.Hour)
		w.submit("key-jump-1", body).is("form_expired")
		if after := w.stored(); after != before {
			t.Errorf("left behind: %s, before %s", after, before)
		}
		w.clock.Advance(time.Hour + time.Minute)
		// Back at its time the form is good again.
		w.submit("key-jump-1", body).ok(201)
	})
}

func TestClosedPlacesTakeNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := w.show("").body(41)
		f := w.show("")
		before := w.stored()
		closed := func(code, caseID string) {
			t.Helper()
			for _, a := range []*answer{w.ask("GET", w.public(""), nil), w.submit("key-closed-1", body)} {
				if got, _ := a.is(code).at("case").(string); got != caseID {
					t.Errorf("%s names case %q, want %q", code, got, caseID)
				}
			}
			if w.stored() != before {
				t.Errorf("%s left something behind", code)
			}
			w.ask("POST", w.public("/codes"), f.codeBody(42)).is(code)
		}
		placed := norm.At(w.db.Now()).Categories[0].Path()
		take := func(to app.CategoryState) {
			t.Helper()
			w.must(w.db.Write(t.Context(), func(tx *db.Tx) error {
				return w.apps.MoveCategory(t.Context(), tx, w.owner.Operator, w.app, placed, to)
			}))
		}
		take(app.Applied)
		take(app.Approved)
		target, err := w.components.CreateTarget(t.Context(), w.owner, component.Target{
			App: w.app, Component: w.component, Name: "投放", Regions: []string{"110101"}, Categories: []string{placed},
		})
		w.must(err)
		closed("component_invalid", "")
		w.must(w.components.DeleteTarget(t.Context(), w.owner, w.app, target.ConfigID))
		w.ask("GET", w.public(""), nil).ok(200)
		w.move(capability.Suspended, "投诉核查期间暂停", "CASE-7")
		closed("capability_suspended", "CASE-7")
		w.move(capability.Withdrawn, "核查认定违规收集", "CASE-8")
		closed("capability_withdrawn", "CASE-8")
		w.move(capability.Applied, "", "")
		closed("capability_not_granted", "")
		w.move(capability.Granted, "", "")
		w.must(w.db.Write(t.Context(), func(tx *db.Tx) error {
			return w.apps.MoveCategory(t.Context(), tx, w.owner.Operator, w.app, category, "offline")
		}))
		closed("category_lapsed", "")

		w.must(w.components.Unpublish(t.Context(), w.owner, w.component))
		w.ask("GET", w.public(""), nil).is("component_unpublished")
		w.ask("POST", w.public("/challenges"), nil).is("component_unpublished")
		w.submit("key-closed-2", body).is("category_lapsed")
		w.ask("GET", "/v1/public/components/cmp_none", nil).is("component_unknown")
		w.ask("POST", "/v1/public/components/cmp_none/challenges", nil).is("component_unknown")
		w.ask("GET", "/v1/public/components/%00", nil).is("bad_request")
		w.ask("GET", "/v1/public/components/"+strings.Repeat("x", 65), nil).is("invalid")
	})
}

func TestNewerNoticeMakesTheOldFormStale(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := w.show("").body(51)
		before := w.stored()
		def := component.Sample(w.app)
		def.RetentionDays = 30
		_, err := w.components.SaveDraft(t.Context(), w.owner, w.component, def, 1)
		w.must(err)
		_, _, err = w.components.Publish(t.Context(), w.owner, w.component)
		w.must(err)
		w.submit("key-stale-1", body).is("notice_stale")
		if after := w.stored(); after != before {
			t.Errorf("left behind: %s, before %s", after, before)
		}
	})
}

func TestListsRefuseNonsense(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lead := w.lead(91)
		w.ask("GET", "/v1/leads"+query("cursor", "!!!"), nil).is("cursor")
		w.ask("GET", "/v1/leads"+query("cursor", "AAAA"), nil).is("cursor")
		for _, path := range []string{"/v1/leads", "/v1/components", "/v1/deliveries"} {
			for _, q := range []string{
				query("limit", "0"), query("limit", "-1"), query("limit", "201"), query("limit", "many"), query("limit", "99999999999999999999"),
				query("cursor", strings.Repeat("c", 201)),
			} {
				w.ask("GET", path+q, nil).is("invalid")
			}
			for _, q := range []string{"?cursor=%00", "?cursor=%ff", "?cursor=%zz"} {
				w.ask("GET", path+q, nil).is("bad_request")
			}
		}
		w.ask("GET", "/v1/leads"+query("state", "sold"), nil).is("invalid")
		w.ask("GET", "/v1/leads"+query("from", "yesterday"), nil).is("invalid")
		w.ask("GET", "/v1/components/"+w.component+"/versions/0", nil).is("invalid")
		w.ask("GET", "/v1/components/"+w.component+"/versions/99999999999", nil).is("invalid")
		w.ask("GET", "/v1/components/"+w.component+"/versions/7", nil).is("component_unknown")
		w.ask("PUT", "/v1/components/"+w.component, M{"definition": component.Sample(w.app), "draft_version": 1 << 40}).is("invalid")
		w.ask("POST", "/v1/components", M{"definition": M{"surprise": 1}}).is("definition_malformed")
		w.ask("POST", "/v1/components", M{"definition": "text"}).is("definition_malformed")
		for _, reason := range []string{"", "x", strings.Repeat("长", 201), "call " + number(91), "two\nlines"} {
			got := w.ask("POST", "/v1/leads/"+lead+"/reveal", M{"reason": reason}).is("reason_needed")
			if got.at("errors.0.field") != "reason" || got.text("errors.0.message") == "" {
				t.Errorf("answered %s", got.Raw)
			}
		}
		w.ask("POST", "/v1/leads/"+lead+"/outcome", M{"state": "won", "note": number(91)}).is("outcome_invalid")
		w.ask("POST", "/v1/leads/"+lead+"/outcome", M{"state": "won", "note": "a\x00b"}).is("bad_request")
		w.ask("POST", "/v1/leads/"+lead+"/outcome", M{"state": "won", "revision": 1 << 40}).is("invalid")
		w.ask("POST", "/v1/leads/find", M{"phone": "13", "reason": "用户来电"}).is("invalid")
		for url, code := range map[string]string{
			"http://hooks.clew-test.com/": "scheme", "https://127.0.0.1/": "address", "https://localhost/": "host",
			"https://u:p@hooks.clew-test.com/": "userinfo", "https://hooks.clew-test.com:25/": "port", "nonsense": "malformed",
		} {
			got := w.ask("POST", "/v1/webhooks", M{"url": url, "events": []string{"lead.created"}}).is("webhook_invalid")
			if got.at("errors.0.code") != code || got.at("errors.0.field") != "url" {
				t.Errorf("%s: %s, want %s", url, got.Raw, code)
			}
		}
	})
}

// What begins a formula is taken as it is, and made harmless where a spreadsheet opens it.
func TestFormulasStayText(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := w.show("").body(95)
		body["answers"].(M)["name"] = `=cmd|'/c calc'!A0`
		w.submit("key-formula", body).ok(201)
		csv := w.ask("POST", "/v1/exports", M{"reveal": true, "reason": "月度对账"}).ok(200)
		for _, cell := range strings.FieldsFunc(string(csv.Raw), func(r rune) bool { return r == ',' || r == '\n' }) {
			if strings.HasPrefix(strings.Trim(cell, `"`), "=") {
				t.Errorf("a cell begins a formula: %q", cell)
			}
		}
		if !strings.Contains(string(csv.Raw), "calc") {
			t.Error("the answer is not in the export")
		}
	})
}

func TestTooManyRequestsWait(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.limits.PerSecond, w.limits.Burst = 0.25, 2
		w.show("")
		w.show("")
		for _, a := range []*answer{w.ask("GET", w.public(""), nil), w.submit("key-limit-1", M{})} {
			a.is("too_many_requests")
			if a.Header.Get("Retry-After") != "4" {
				t.Errorf("Retry-After is %q", a.Header.Get("Retry-After"))
			}
		}
		w.ask("GET", "/v1/leads", nil).ok(200) // keys are not held up by it
	})
}

func TestUnknownPathsAndMethodsAreProblems(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, path := range []string{"/v1/", "/v1/nothing", "/v1/leads/a/b/c", "/v1/public/", w.public("/nothing"), "/v1/%00"} {
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"} {
				w.ask(method, path, nil).is("not_found")
			}
		}
		for path, allow := range map[string]string{
			"/v1/leads": "GET", "/v1/components/" + w.component: "GET, PUT", "/v1/webhooks/x": "GET, PUT, DELETE", "/v1/exports": "POST",
			w.public("/leads"): "POST",
		} {
			for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} {
				if strings.Contains(allow, method) {
					continue
				}
				if a := w.ask(method, path, nil).is("method_not_allowed"); a.Header.Get("Allow") != allow {
					t.Errorf("%s %s allows %q, want %q", method, path, a.Header.Get("Allow"), allow)
				}
			}
		}
		if a := w.ask("HEAD", w.public(""), nil).ok(200); len(a.Raw) > 0 {
			t.Error("HEAD has a body")
		}
		if a := w.ask("HEAD", "/v1/exports", nil); a.Status != 405 {
			t.Errorf("HEAD where nothing can be got: %d", a.Status)
		}
	})
}

func TestProblemsSpeakTheLanguageAsked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, c := range []struct{ query, accept, want string }{
			{"", "", "没有找到"},
			{"", "en-GB,en;q=0.9", "Not found"},
			{"", "zh-CN,en;q=0.5", "没有找到"},
			{"?lang=en", "zh-CN", "Not found"},
			{"?lang=zh", "en", "没有找到"},
			{"?lang=fr", "en", "Not found"},
		} {
			for _, path := range []string{"/v1/leads/none", "/v1/nothing"} {
				if a := w.ask("GET", path+c.query, nil, with("Accept-Language", c.accept)).is("not_found"); a.at("title") != c.want {
					t.Errorf("%+v: %s", c, a.Raw)
				}
			}
		}
		for lang, want := range map[string]string{"zh": "必填项，请填写", "en": "this is required"} {
			if a := w.ask("POST", "/v1/leads/find?lang="+lang, M{}).is("invalid"); a.at("errors.0.message") != want {
				t.Errorf("%s: %s", lang, a.Raw)
			}
		}
		if got := w.show("?lang=en").def.at("lang"); got != "en" {
			t.Errorf("the component speaks %v", got)
		}
		w.ask("GET", w.public("?lang=fr"), nil).is("invalid")
	})
}

// What comes of a preview is a test from end to end.
func TestPreviewMakesTests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		token, err := web.IssuePreview(w.ring, w.component, w.clock.Now())
		w.must(err)
		other, err := web.IssuePreview(w.ring, "cmp_other", w.clock.Now())
		w.must(err)
		w.ask("GET", w.public(query("preview", other)), nil).is("form_forged")
		w.ask("GET", w.public(query("preview", token[1:])), nil).is("form_forged")
		f := w.show(query("preview", token))
		if f.def.at("test") != true {
			t.Error("the form is no test")
		}
		if got := w.submit("key-test-1", f.body(99)).ok(201); got.at("test") != true {
			t.Errorf("stored as %s", got.Raw)
		}
		if got := w.ask("GET", "/v1/leads", nil).ok(200); got.at("leads.0.test") != true {
			t.Errorf("listed as %s", got.Raw)
		}
		if got := w.ask("GET", "/v1/leads?no_test=true", nil).ok(200); got.at("leads.0") != nil {
			t.Errorf("counted: %s", got.Raw)
		}
		w.clock.Advance(8 * 24 * time.Hour)
		w.ask("GET", w.public(query("preview", token)), nil).is("form_expired")
	})
}
