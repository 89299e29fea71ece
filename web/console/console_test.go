package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"clew/access"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/lead"
	"clew/webhook"
	"clew/words"
)

// Who may open which page. The pages ask the same table as the rooms; this holds
// what people see to it.
func TestRolesAndPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		leads, draft := w.furnish()
		list, err := w.c.Webhooks.List(t.Context(), w.owner)
		w.must(err)
		const o, g, a, p = access.RoleOwner, access.RoleAgent, access.RoleAnalyst, access.RoleAdmin
		pages := map[string][]access.Role{
			"/console/leads": {o, g, a}, "/console/leads/" + leads[0]: {o, g}, "/console/leads/export": {o, g},
			"/console/leads/" + leads[0] + "/receipt.json": {o, g},
			"/console/components":                           {o, g, a}, "/console/components/" + w.component: {o, g, a},
			editURL(draft): {o}, "/console/components/" + draft + "/preview": {o, g, a},
			"/console/webhooks": {o}, "/console/webhooks/" + list[0].ID: {o},
			"/console/people": {o, p}, "/console/outbox": {o, p}, "/console/audit": {o, p}, "/console/account": {o, g, a, p},
			"/console/platform": {p}, platformURL(w.operator, w.app): {p}, "/console/installation": {p},
		}
		acts := map[string][]access.Role{
			"/console/leads/" + leads[1] + "/reveal": {o, g}, "/console/leads/" + leads[1] + "/outcome": {o, g},
			"/console/leads/" + leads[1] + "/erase": {o}, "/console/leads/export": {o, g},
			"/console/components": {o}, editURL(draft): {o}, "/console/components/" + draft + "/publish": {o},
			"/console/components/" + draft + "/unpublish": {o}, "/console/components/" + draft + "/check": {o, g, a},
			"/console/webhooks": {o}, "/console/webhooks/" + list[0].ID + "/test": {o}, "/console/webhooks/" + list[0].ID + "/replay": {o},
			"/console/webhooks/" + list[0].ID + "/rotate": {o}, "/console/webhooks/" + list[0].ID + "/edit": {o},
			"/console/people": {o, p}, "/console/keys": {o},
			platformURL(w.operator, w.app) + "/capability": {p}, platformURL(w.operator, w.app) + "/category": {p},
		}
		visitors := map[access.Role]*visitor{}
		for _, role := range access.Roles() {
			visitors[role] = w.as(role)
		}
		for path, may := range pages {
			for role, v := range visitors {
				status, body := v.get(path)
				if slices.Contains(may, role) != (status == http.StatusOK) || status != http.StatusOK && status != http.StatusForbidden {
					t.Errorf("%s: GET %s answered %d", role, path, status)
				}
				if status == http.StatusForbidden && !strings.Contains(body, words.T(words.ZH, "role."+string(may[0]))) {
					t.Errorf("%s: GET %s does not say who may", role, path)
				}
			}
			if status, _ := w.visitor().get(path); status != http.StatusSeeOther {
				t.Errorf("nobody: GET %s answered %d", path, status)
			}
		}
		for path, may := range acts {
			for role, v := range visitors {
				// An empty form changes nothing where it is allowed, or only what this test made.
				if slices.Contains(may, role) {
					continue
				}
				if status, _ := v.post(path, nil); status != http.StatusForbidden {
					t.Errorf("%s: POST %s answered %d", role, path, status)
				}
			}
			if status, _ := w.visitor().post(path, nil); status != http.StatusSeeOther {
				t.Errorf("nobody: POST %s answered %d", path, status)
			}
			if status, body := visitors[may[0]].post(path, nil, func(r *http.Request) {
				r.Header.Set("Sec-Fetch-Site", "cross-site")
				r.Header.Set("Origin", "https://elsewhere.example")
			}); status != http.StatusForbidden || !strings.Contains(body, words.T(words.ZH, "console.csrf.title")) {
				t.Errorf("POST %s from another site answered %d", path, status)
			}
		}
		if w.audited(access.LeadReveal, "", access.OutcomeDenied) == 0 {
			t.Error("a refused act is not on the record")
		}
	})
}

// The platform's staff open no lead, not even by its address.
func TestAnotherOperatorsThingsAreNotThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		leads, draft := w.furnish()
		other := ""
		w.must(w.c.DB.Write(t.Context(), func(tx *db.Tx) error {
			o, err := w.c.Apps.CreateOperator(t.Context(), tx, "另一家")
			other = o.ID
			return err
		}))
		s, _, err := w.c.Access.Invite(t.Context(), access.System(other, "test"), access.NewStaff{Login: "other", Name: "别家", Role: access.RoleOwner})
		w.must(err)
		w.staff[access.RoleOwner] = s
		v := w.as(access.RoleOwner)
		for _, path := range []string{
			"/console/leads/" + leads[0], "/console/components/" + draft, editURL(draft),
			"/console/components/" + w.component + "/versions/1", "/console/leads/" + leads[0] + "/receipt.json",
		} {
			if status, _ := v.get(path); status != http.StatusNotFound {
				t.Errorf("GET %s answered %d", path, status)
			}
		}
		for _, path := range []string{"/console/leads/" + leads[0] + "/reveal", "/console/leads/" + leads[0] + "/erase"} {
			if status, _ := v.post(path, url.Values{"reason": {"我只是想看看"}}); status != http.StatusNotFound {
				t.Errorf("POST %s answered %d", path, status)
			}
		}
		if _, body := v.get("/console/leads"); strings.Contains(body, leads[0]) {
			t.Error("the list shows another operator's lead")
		}
	})
}

func TestLeadIsRevealedWithAReasonOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		phone := number11()
		id := w.lead(phone, map[string]string{"name": "王女士"}, false)
		v := w.as(access.RoleAgent)
		path := "/console/leads/" + id
		_, list := v.get("/console/leads")
		_, page := v.get(path)
		for _, body := range []string{list, page} {
			if strings.Contains(body, phone) || strings.Contains(body, grouped("+86"+phone)) || !strings.Contains(body, phone[:3]+"******"+phone[9:]) || strings.Contains(body, "王女士") {
				t.Error("the number or the name is not masked")
			}
		}
		for _, reason := range []string{"", "看", "打给 " + phone} {
			if _, body := v.post(path+"/reveal", url.Values{"reason": {reason}}); strings.Contains(body, grouped("+86"+phone)) {
				t.Errorf("revealed for the reason %q", reason)
			}
		}
		if w.audited(access.LeadReveal, id, access.OutcomeDone) != 0 {
			t.Error("a reveal that did not happen is on the record")
		}
		resp, body := v.answer(path+"/reveal", url.Values{"reason": {"客户来电要求回访"}, "field": {"phone"}})
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, grouped("+86"+phone)) {
			t.Fatalf("not revealed: %d", resp.StatusCode)
		}
		if strings.Contains(body, "王女士") {
			t.Error("a field that was not asked for is in the clear")
		}
		if resp.Header.Get("Cache-Control") != "no-store" || resp.Header.Get("Refresh") != "60; url="+path {
			t.Errorf("headers are %v", resp.Header)
		}
		if n := w.audited(access.LeadReveal, id, access.OutcomeDone); n != 1 {
			t.Errorf("%d reveals on the record", n)
		}
		if log := w.log.String(); strings.Contains(log, phone) || strings.Contains(log, id) {
			t.Error("the log holds the number or the lead's path")
		}
	})
}

func TestOutcomeEraseAndExport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		phone := number11()
		id := w.lead(phone, nil, false)
		w.lead(number11(), nil, true)
		v := w.as(access.RoleOwner)
		path := "/console/leads/" + id
		if status, body := v.post(path+"/outcome", url.Values{"state": {"invalid"}, "revision": {"1"}, "note": {"打不通"}}); status != http.StatusOK || !strings.Contains(body, "打不通") || !strings.Contains(body, `role="alert"`) {
			t.Errorf("an invalid lead without a reason code: %d", status)
		}
		if status, _ := v.post(path+"/outcome", url.Values{"state": {"invalid"}, "reason_code": {"INVALID_NUMBER"}, "revision": {"1"}}); status != http.StatusSeeOther {
			t.Errorf("outcome answered %d", status)
		}
		if status, body := v.post(path+"/outcome", url.Values{"state": {"won"}, "revision": {"1"}}); status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "console.outcome.stale")) {
			t.Errorf("a stale outcome answered %d", status)
		}
		l, err := w.c.Leads.Get(t.Context(), w.owner, id)
		w.must(err)
		if l.State != lead.Invalid || l.Reason != "INVALID_NUMBER" {
			t.Errorf("the lead is %s %s", l.State, l.Reason)
		}

		resp, csv := v.answer("/console/leads/export", url.Values{"what": {"masked"}})
		if resp.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(csv, phone[:3]+"******") || strings.Contains(csv, phone) || strings.Count(csv, "\r\n") != 3 {
			t.Errorf("masked export: %v\n%s", resp.Header, csv)
		}
		if _, body := v.post("/console/leads/export", url.Values{"what": {"revealed"}}); !strings.Contains(body, `role="alert"`) {
			t.Error("an export in the clear needs no reason")
		}
		_, csv = v.answer("/console/leads/export", url.Values{"what": {"revealed"}, "reason": {"导入客户系统"}, "test": {"no"}})
		if !strings.Contains(strings.ReplaceAll(csv, " ", ""), phone) || strings.Count(csv, "\r\n") != 2 {
			t.Errorf("export in the clear:\n%s", csv)
		}
		if w.audited(access.LeadExport, "", access.OutcomeDone) != 1 {
			t.Error("the export is not on the record")
		}

		if status, _ := v.post(path+"/erase", url.Values{"reason": {"客户要求删除"}}); status != http.StatusSeeOther {
			t.Errorf("erase answered %d", status)
		}
		if _, body := v.get(path); !strings.Contains(body, words.T(words.ZH, "console.lead.erased.text")) || strings.Contains(body, phone[:3]+"******") {
			t.Error("the erased lead shows something")
		}
		status, body := v.get(path + "/receipt.json")
		var record map[string]any
		if err := json.Unmarshal([]byte(body), &record); err != nil || status != http.StatusOK || record["record_id"] == nil {
			t.Errorf("receipt record: %d %v", status, err)
		}
	})
}

// Filters live in the URL; the cursor leads through everything once.
func TestLeadFilters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		twice := number11()
		a, b := w.lead(twice, nil, false), w.lead(twice, nil, false)
		test := w.lead(number11(), nil, true)
		_, err := w.c.Leads.SetOutcome(t.Context(), w.owner, a, lead.Outcome{State: lead.Won}, 0)
		w.must(err)
		v := w.as(access.RoleAgent)
		for query, want := range map[string][]string{
			"": {a, test}, "duplicates=1": {a, b, test}, "test=no": {a}, "state=won": {a}, "state=nonsense": {a, test},
			"component=" + w.component: {a, test}, "component=cmp_none": {}, "to=2020-01-01": {},
			"from=" + today(w.c.DB.Now()).Format("2006-01-02"): {a, test},
		} {
			_, body := v.get("/console/leads?" + query)
			for _, id := range []string{a, b, test} {
				if strings.Contains(body, `/console/leads/`+id+`"`) != slices.Contains(want, id) {
					t.Errorf("?%s: wrong about %s", query, id)
				}
			}
		}
		for range leadsPage + 3 {
			w.lead(number11(), nil, false)
		}
		seen, path := map[string]bool{}, "/console/leads?test=no"
		for pages := 0; path != ""; pages++ {
			_, body := v.get(path)
			for _, m := range regexp.MustCompile(`class="row" href="/console/leads/([^"]+)"`).FindAllStringSubmatch(body, -1) {
				if seen[m[1]] {
					t.Errorf("%s is on two pages", m[1])
				}
				seen[m[1]] = true
			}
			next := regexp.MustCompile(`href="([^"]+)" rel="next"`).FindStringSubmatch(body)
			path = ""
			if next != nil {
				path = strings.ReplaceAll(next[1], "&amp;", "&")
				if !strings.Contains(path, "test=no") {
					t.Error("the next page forgets the filter")
				}
			}
			if pages > 3 {
				t.Fatal("the list does not end")
			}
		}
		if len(seen) != leadsPage+4 {
			t.Errorf("%d leads on all pages", len(seen))
		}
		if status, _ := v.get("/console/leads?cursor=nonsense"); status != http.StatusBadRequest {
			t.Errorf("a forged cursor answered %d", status)
		}
	})
}

// The editor's form holds the whole definition: what is read back is what was shown.
func TestEditorKeepsADefinition(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		def := component.Sample(w.app)
		low, high := 1.0, 9.5
		def.Fields = append(def.Fields, component.Field{
			ID: "rooms", Kind: component.KindNumber, Required: new(false), Min: &low, Max: &high, MaxLength: 5,
			Texts: map[words.Lang]component.FieldTexts{words.ZH: {Label: "房间数", Error: "请填写数字。"}, words.EN: {Label: "Rooms", Error: "Digits."}},
		})
		for l, text := range def.Texts {
			text.Recipients = []component.Recipient{{Name: "合作律所 " + string(l), Contact: "a@b.example", Purpose: "接待"}}
			def.Texts[l] = text
		}
		id, err := w.c.Components.Create(t.Context(), w.owner, def)
		w.must(err)
		v := w.as(access.RoleOwner)
		_, body := v.get(editURL(id))
		values := formValues(t, body)
		if got := (form{values}).definition(); string(got.Encode()) != string(def.Encode()) {
			t.Errorf("the form lost something:\n%s\n%s", got.Encode(), def.Encode())
		}
		before := len(def.Fields)
		for _, step := range []struct {
			do     string
			fields int
		}{{"field:add:date", before + 1}, {"field:up:0", before}, {"field:remove:1", before - 1}, {"recipient:add", before}, {"choice:add:99", before}, {"nonsense", before}, {"field:remove:-1", before}, {"field:add:nonsense", before}} {
			changed := url.Values{}
			for k, vs := range values {
				changed[k] = vs
			}
			changed.Set("do", step.do)
			status, body := v.post(editURL(id), changed)
			if status != http.StatusOK || !strings.Contains(body, fmt.Sprintf(`name="fields" value="%d"`, step.fields)) {
				t.Errorf("%s: %d", step.do, status)
			}
		}
		stored, err := w.c.Components.Get(t.Context(), w.owner, id)
		w.must(err)
		if stored.DraftVersion != 1 {
			t.Error("a button that saves nothing saved")
		}
		values.Set("do", "save")
		values.Set("texts.zh.title", "新的标题")
		if status, _ := v.post(editURL(id), values); status != http.StatusSeeOther {
			t.Errorf("save answered %d", status)
		}
		values.Set("texts.zh.title", "别人的标题")
		if status, body := v.post(editURL(id), values); status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "console.editor.stale")) || !strings.Contains(body, "别人的标题") {
			t.Errorf("a stale save answered %d, or what was typed is lost", status)
		}
		stored, err = w.c.Components.Get(t.Context(), w.owner, id)
		w.must(err)
		if stored.Draft.Texts[words.ZH].Title != "新的标题" {
			t.Error("a stale save was stored")
		}
		values.Set("draft_version", "2")
		values.Set("fields.0.id", "Not An Id")
		if status, body := v.post(editURL(id), values); status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "console.editor.bad")) {
			t.Errorf("an id that is none answered %d", status)
		}
	})
}

var (
	inputTag    = regexp.MustCompile(`<input[^>]*>`)
	areaTag     = regexp.MustCompile(`(?s)<textarea([^>]*)>(.*?)</textarea>`)
	selectTag   = regexp.MustCompile(`(?s)<select([^>]*)>(.*?)</select>`)
	optionTag   = regexp.MustCompile(`<option value="([^"]*)"( selected)?`)
	attribute   = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	unescapeAll = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'")
)

// formValues reads a page's inputs as a browser would send them.
func formValues(t *testing.T, body string) url.Values {
	t.Helper()
	attrs := func(tag string) map[string]string {
		m := map[string]string{}
		for _, a := range attribute.FindAllStringSubmatch(tag, -1) {
			m[a[1]] = unescapeAll.Replace(a[2])
		}
		return m
	}
	values := url.Values{}
	body = body[strings.Index(body, `id="definition"`):]
	for _, tag := range inputTag.FindAllString(body, -1) {
		a := attrs(tag)
		if a["name"] != "" && (a["type"] != "checkbox" || strings.Contains(tag, " checked")) {
			values.Add(a["name"], a["value"])
		}
	}
	for _, m := range areaTag.FindAllStringSubmatch(body, -1) {
		values.Add(attrs(m[1])["name"], unescapeAll.Replace(m[2]))
	}
	for _, m := range selectTag.FindAllStringSubmatch(body, -1) {
		options := optionTag.FindAllStringSubmatch(m[2], -1)
		if len(options) == 0 {
			continue
		}
		chosen := options[0][1]
		for _, o := range options {
			if o[2] != "" {
				chosen = o[1]
			}
		}
		values.Add(attrs(m[1])["name"], unescapeAll.Replace(chosen))
	}
	return values
}

func TestPublishIsRefusedThenAccepted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, draft := w.furnish()
		v := w.as(access.RoleOwner)
		_, body := v.get(editURL(draft))
		values := formValues(t, body)
		values.Set("do", "publish")
		resp, _ := v.answer(editURL(draft), values)
		if resp.Header.Get("Location") != editURL(draft) {
			t.Errorf("publishing leads to %s", resp.Header.Get("Location"))
		}
		_, body = v.get(editURL(draft))
		if !strings.Contains(body, words.T(words.ZH, "console.publish.refused")) || !strings.Contains(body, `href="#texts-zh-purpose"`) || !strings.Contains(body, `id="texts-zh-purpose"`) {
			t.Error("the refusal does not lead to the field")
		}
		values = formValues(t, body)
		values.Set("do", "publish")
		values.Set("texts.zh.purpose", "由顾问回电，介绍您关心的房源。")
		values.Set("texts.zh.benefit", "一次不收费的电话介绍。")
		if resp, _ := v.answer(editURL(draft), values); resp.Header.Get("Location") != "/console/components/"+draft {
			t.Errorf("publishing leads to %s", resp.Header.Get("Location"))
		}
		c, err := w.c.Components.Get(t.Context(), w.owner, draft)
		w.must(err)
		if c.Live != 1 {
			t.Errorf("live is %d", c.Live)
		}
		if status, body := v.get("/console/components/" + draft + "/versions/1"); status != http.StatusOK || !strings.Contains(body, "sha256:") || !strings.Contains(body, "介绍您关心的房源") {
			t.Errorf("the version's page: %d", status)
		}
	})
}

func TestEveryPathOfAShortfallHasAnInput(t *testing.T) {
	for path, want := range map[string]string{
		"/texts/zh/purpose": "texts-zh-purpose", "/fields/0/texts/en/label": "fields-0-label-en", "/fields/2/choices": "fields-2-choices",
		"/fields/1/required": "fields-1-required", "/fields/1/choices/0/label/zh": "fields-1-choices-0-label-zh",
		"/scene": "definition", "": "definition", "/retention_days": "retention_days", "/texts/zh/recipients/0/contact": "texts-zh-recipients-0-contact",
	} {
		if got := fieldID(path); got != want {
			t.Errorf("%s leads to #%s, want #%s", path, got, want)
		}
	}
}

// Secrets are shown once, on the page after the redirect, and their cookie says
// nothing to whoever reads the browser's store.
func TestSecretsAreShownOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.as(access.RoleOwner)
		for what, c := range map[string]struct {
			path, page string
			values     url.Values
			shape      *regexp.Regexp
		}{
			"key":    {"/console/keys", "/console/people", url.Values{"name": {"客户系统"}, "scopes": {"read", "write"}, "kind": {"test"}}, regexp.MustCompile(`clew_test_[a-z2-7]{59}`)},
			"invite": {"/console/people", "/console/people", url.Values{"name": {"新同事"}, "login": {"new"}, "role": {"operator-agent"}}, regexp.MustCompile(`/console/link/[A-Za-z0-9_-]{43}`)},
		} {
			resp, _ := v.answer(c.path, c.values)
			if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != c.page {
				t.Errorf("%s: %d to %s", what, resp.StatusCode, resp.Header.Get("Location"))
			}
			cookie := strings.Join(resp.Header.Values("Set-Cookie"), "\n")
			_, first := v.get(c.page)
			secret := c.shape.FindString(first)
			if secret == "" {
				t.Fatalf("%s: not shown", what)
			}
			if strings.Contains(cookie, secret) {
				t.Errorf("%s: readable in the cookie", what)
			}
			if _, second := v.get(c.page); strings.Contains(second, secret) {
				t.Errorf("%s: shown twice", what)
			}
		}
		resp, _ := v.answer("/console/webhooks", url.Values{"url": {"https://hooks.example.com/clew"}, "events": {"lead.created"}})
		if _, body := v.get(resp.Header.Get("Location")); !strings.Contains(body, "whsec_") {
			t.Error("the webhook's secret is not shown")
		}
		if status, body := v.post("/console/webhooks", url.Values{"url": {"http://10.0.0.1/"}, "events": {"lead.created"}}); status != http.StatusOK || !strings.Contains(body, `href="#url"`) {
			t.Errorf("an inner address answered %d", status)
		}
	})
}

func TestStepUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.lead(number11(), nil, false)
		v := w.as(access.RoleOwner)
		w.c.StepUp = -1 // every sign-in is too old
		for _, path := range []string{"/console/leads/" + id + "/reveal", "/console/keys"} {
			if status, _ := v.post(path, url.Values{"reason": {"客户来电要求回访"}}); status != http.StatusForbidden {
				t.Errorf("%s answered %d", path, status)
			}
		}
		if status, _ := v.post("/console/leads/export", url.Values{"what": {"revealed"}, "reason": {"客户来电要求回访"}}); status != http.StatusForbidden {
			t.Errorf("export answered %d", status)
		}
		if _, body := v.get("/console/leads/" + id); !strings.Contains(body, "/console/step-up?next=") || strings.Contains(body, "/reveal") {
			t.Error("the page offers what it would refuse")
		}
	})
}

func TestPlatformDecides(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.as(access.RoleAdmin)
		at := platformURL(w.operator, w.app)
		if status, body := v.post(at+"/capability", url.Values{"to": {"suspended"}, "case": {"CASE-1"}}); status != http.StatusOK || !strings.Contains(body, `role="alert"`) {
			t.Errorf("a decision without a reason answered %d", status)
		}
		if status, _ := v.post(at+"/capability", url.Values{"to": {"suspended"}, "reason": {"抽检发现强制授权"}, "case": {"CASE-1"}}); status != http.StatusSeeOther {
			t.Errorf("answered %d", status)
		}
		var s capability.Status
		w.must(w.c.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			s, err = capability.Get(t.Context(), tx, w.operator, w.app)
			return err
		}))
		if s.State != capability.Suspended || s.Case != "CASE-1" {
			t.Errorf("the capability is %+v", s)
		}
		if _, body := w.as(access.RoleAnalyst).get("/console/"); !strings.Contains(body, "抽检发现强制授权") || !strings.Contains(body, "CASE-1") {
			t.Error("the operator is not told why")
		}
		if status, _ := v.post(at+"/capability", url.Values{"to": {"applied"}, "reason": {"重新申请一次"}}); status != http.StatusConflict {
			t.Errorf("an impossible step answered %d", status)
		}
		if status, body := v.post(at+"/category", url.Values{"to": {"applied"}, "category": {"没有 > 这个 > 类目"}}); status != http.StatusOK || !strings.Contains(body, `role="alert"`) {
			t.Errorf("an unlisted category answered %d", status)
		}
		if _, body := v.get(at); !strings.Contains(body, words.T(words.ZH, "console.capability.to.restore")) {
			t.Error("a suspended capability cannot be restored")
		}
	})
}

func TestWebhookPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.furnish()
		v := w.as(access.RoleOwner)
		list, err := w.c.Webhooks.List(t.Context(), w.owner)
		w.must(err)
		at := "/console/webhooks/" + list[0].ID
		if status, body := v.post(at+"/test", nil); status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "console.hops.good")) || !strings.Contains(body, "ms") {
			t.Errorf("the test answered %d", status)
		}
		for _, who := range []*visitor{v, w.visitor()} { // nobody needs to sign in to see what a receiver got
			if _, body := who.get("/dev/inbox"); !strings.Contains(body, webhook.EventTest) {
				t.Error("the inbox shows nothing")
			}
		}
		if status, _ := v.post(at+"/edit", url.Values{"do": {"disable"}}); status != http.StatusSeeOther {
			t.Errorf("answered %d", status)
		}
		resp, _ := v.answer(at+"/replay", nil)
		if _, body := v.get(resp.Header.Get("Location")); !strings.Contains(body, words.T(words.ZH, "console.replay.disabled")) {
			t.Error("a replay to nowhere is not said")
		}
	})
}

// Every page in both languages: no text is missing, no page carries script or
// style of its own, and none may be kept.
func TestEveryPageSpeaksBothLanguages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		leads, draft := w.furnish()
		missing := regexp.MustCompile(`\[(console|role|problem|lang|days)[.a-z_]*[^\]]*\]`)
		inline := regexp.MustCompile(`(?i)<style|<script>| style="| on[a-z]+="|javascript:`)
		for _, role := range access.Roles() {
			v := w.as(role)
			for _, lang := range words.Langs() {
				v.get("/console/?lang=" + string(lang))
				paths := w.pagesOf(role, leads, draft)
				if role == access.RoleOwner {
					paths["preview"] = "/console/components/" + draft + "/preview"
					paths["step-up"] = "/console/step-up"
				}
				for name, path := range paths {
					r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, nil)
					w.must(err)
					resp, body := v.do(r)
					if found := missing.FindAllString(body, -1); found != nil {
						t.Errorf("%s %s: %v", name, lang, found)
					}
					if found := inline.FindAllString(body, -1); found != nil {
						t.Errorf("%s %s: %v", name, lang, found)
					}
					if !strings.Contains(body, `<html lang="`+lang.BCP47()+`"`) || resp.Header.Get("Cache-Control") != "no-store" {
						t.Errorf("%s is not in %s or may be kept: %v", name, lang, resp.Header)
					}
					csp := resp.Header.Get("Content-Security-Policy")
					if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "frame-ancestors 'self'") != (name == "preview") {
						t.Errorf("%s: policy %s", name, csp)
					}
				}
			}
		}
	})
}

// A key that a page asks for by a code must exist for every code there is.
func TestWordsForCodes(t *testing.T) {
	var keys []string
	for _, a := range access.Acts() {
		keys = append(keys, "act."+string(a))
	}
	for _, r := range access.Roles() {
		keys = append(keys, "role."+string(r))
	}
	for _, s := range lead.States() {
		keys = append(keys, "lead.state."+string(s))
	}
	for _, r := range lead.Reasons() {
		keys = append(keys, "outcome.reason."+r)
	}
	for _, k := range component.Kinds() {
		keys = append(keys, "kind."+string(k), "starter."+string(k)+".label", "starter."+string(k)+".error")
	}
	for from, steps := range capabilitySteps {
		keys = append(keys, "capability."+string(from))
		for _, to := range steps {
			keys = append(keys, "capability.to."+string(to), "capability.to."+string(to)+".text")
		}
	}
	for from, steps := range categorySteps {
		keys = append(keys, "category."+string(from))
		for _, to := range steps {
			keys = append(keys, "category.to."+string(to))
		}
	}
	for _, class := range []string{
		webhook.FailedURL, webhook.FailedResolve, webhook.FailedAddress, webhook.FailedConnect, webhook.FailedTLS, webhook.FailedRequest,
		webhook.FailedTimeout, webhook.FailedRedirect, webhook.FailedStatus, webhook.FailedGone, webhook.FailedPersonal, webhook.NotEnabled, webhook.NotThere,
	} {
		keys = append(keys, "failed."+class)
	}
	for _, k := range keys {
		if !words.Has("console." + k) {
			t.Errorf("console.%s is not written down", k)
		}
	}
}

func TestNextStaysInTheConsole(t *testing.T) {
	for raw, want := range map[string]string{
		"/console/leads?state=new": "/console/leads?state=new", "/dev/inbox": "/dev/inbox", "": "/console/",
		"https://elsewhere.example/console/": "/console/", "//elsewhere.example/console/": "/console/", "/c/cmp_1": "/console/",
		"/console/../c/cmp_1": "/console/", "/console/sign-in": "/console/", "javascript:alert(1)": "/console/", "/console/": "/console/",
		`/\elsewhere.example`: "/console/", "/console//x": "/console/",
	} {
		if got := next(raw); got != want {
			t.Errorf("next(%q) = %q, want %q", raw, got, want)
		}
	}
}

// What comes from a browser is read without harm, whatever it is.
func FuzzEditorForm(f *testing.F) {
	f.Add("fields=2&fields.0.kind=choice&fields.0.choices=3&do=choice:remove:0.1&langs=zh", "choice:up:0.9")
	f.Add("fields=-1&recipients=99999&langs=en", "field:add:phone")
	f.Fuzz(func(t *testing.T, raw, do string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		def := form{values}.definition()
		edit(&def, do)
		if len(def.Fields) > maxRows+1 {
			t.Errorf("%d fields", len(def.Fields))
		}
	})
}
