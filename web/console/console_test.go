package console

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/lead"
	"clew/web"
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
			"/console/components":                          {o, g, a}, "/console/components/" + w.component: {o, g, a},
			editURL(draft): {o}, "/console/components/" + draft + "/preview": {o, g, a},
			"/console/apps": {o, g, a}, appURL(w.app, ""): {o, g, a}, appURL(w.app, "/privacy"): {o, g, a}, appURL(w.app, "/keys"): {o, g, a},
			appURL(w.app, "/sites"): {o, g, a}, appURL(w.app, "/category"): {o}, appURL(w.app, "/secret"): {o, g, a},
			targetURL(w.component, "/new"): {o}, "/console/places?q=110": {o, g, a},
			"/console/webhooks": {o}, "/console/webhooks/" + list[0].ID: {o},
			"/console/people": {o, p}, "/console/outbox": {o, p}, "/console/audit": {o, p, access.RoleAuditor}, "/console/account": access.Roles(),
			"/console/platform": {p}, platformURL(w.operator, w.app): {p}, "/console/installation": {p},
			"/console/platform/queue": {p}, "/console/platform/eligibility": {p}, "/console/platform/mandatory": {p}, "/console/platform/findings": {p},
			categoryURL(w.operator, w.app, lawCategory): {p}, openingURL(lawCategory): {p},
		}
		acts := map[string][]access.Role{
			"/console/leads/" + leads[1] + "/reveal": {o, g}, "/console/leads/" + leads[1] + "/outcome": {o, g},
			"/console/leads/" + leads[1] + "/erase": {o}, "/console/leads/export": {o, g},
			"/console/components": {o}, editURL(draft): {o}, "/console/components/" + draft + "/publish": {o},
			"/console/components/" + draft + "/unpublish": {o}, "/console/components/" + draft + "/check": {o, g, a},
			"/console/webhooks": {o}, "/console/webhooks/" + list[0].ID + "/test": {o}, "/console/webhooks/" + list[0].ID + "/replay": {o},
			appURL(w.app, "/sites"): {o}, appURL(w.app, "/category"): {o}, appURL(w.app, "/main"): {o}, appURL(w.app, "/capability"): {o},
			appURL(w.app, "/privacy"): {o}, appURL(w.app, "/keys"): {o}, targetURL(w.component, ""): {o},
			appURL(w.app, "/secret"): {o}, appURL(w.app, "/rights"): {o},
			targetURL(w.component, "/"+strings.Repeat("0", 32)): {o}, targetURL(w.component, "/"+strings.Repeat("0", 32)+"/delete"): {o},
			"/console/platform/eligibility/basis": {p}, "/console/platform/eligibility/category": {p},
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

// What no store can keep is refused as a bad request, by every route and before
// anybody is looked up.
func TestTextThatNoStoreKeeps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.lead(number11(), nil, false)
		v := w.as(access.RoleOwner)
		for _, path := range []string{"/console/leads?component=%00", "/console/leads/%00", "/console/components/%ff", "/console/audit?who=%ff"} {
			if status, _ := v.get(path); status != http.StatusBadRequest {
				t.Errorf("%s answered %d", path, status)
			}
		}
		for path, form := range map[string]url.Values{
			"/console/sign-in":                  {"login": {"a\x00"}},
			"/console/leads/" + id + "/outcome": {"state": {"new"}, "note": {"a\xff"}},
		} {
			if status, _ := v.post(path, form); status != http.StatusBadRequest {
				t.Errorf("%s answered %d", path, status)
			}
		}
		if log := w.log.String(); strings.Contains(log, "level=ERROR") {
			t.Errorf("logged as an error of ours: %s", log)
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
		// A one-time link is a fresh session for whoever opens it.
		me := "/console/people/" + w.staff[access.RoleOwner].ID
		for path, form := range map[string]url.Values{
			"/console/people":   {"login": {"second"}, "name": {"第二人"}, "role": {string(access.RoleOwner)}},
			me + "/link":        nil,
			me + "/role":        {"role": {string(access.RoleAgent)}},
			"/console/webhooks": {"url": {"https://hooks.example.com/clew"}, "events": {"lead.created"}, "mode": {"sealed"}},
		} {
			resp, _ := v.answer(path, form)
			if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/console/step-up?next=") {
				t.Errorf("%s answered %d, to %q", path, resp.StatusCode, to)
			}
		}
		if staff, err := w.c.Access.People(t.Context(), w.owner); err != nil || len(staff) != 3 { // the operator's own
			t.Errorf("%d people, %v", len(staff), err)
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
		if status, _ := v.post(at+"/category", url.Values{"to": {"approved"}, "category": {"没有 > 这个 > 类目"}}); status != http.StatusNotFound {
			t.Errorf("a category the app never applied for answered %d", status)
		}
		if _, body := v.get(at); !strings.Contains(body, words.T(words.ZH, "console.capability.to.restore")) {
			t.Error("a suspended capability cannot be restored")
		}
	})
}

// An owner says which sites may carry the component; what is refused stays as typed.
func TestOrigins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.as(access.RoleOwner)
		origins := func() (a app.App) {
			w.must(w.c.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
				a, err = app.Get(t.Context(), tx, w.operator, w.app)
				return err
			}))
			return a
		}
		const field = "origins"
		sites := appURL(w.app, "/sites")
		typed := "https://www.qingzhou.example\r\n\r\nwww.qingzhou.example/path\r\n"
		status, body := v.post(sites, url.Values{"origins": {typed}})
		if status != http.StatusOK || !strings.Contains(body, `href="#`+field+`"`) || !strings.Contains(body, `aria-invalid="true"`) ||
			!strings.Contains(body, "www.qingzhou.example/path") || !strings.Contains(body, words.T(words.ZH, "console.apps.origins.bad", "n", 3)) {
			t.Errorf("a path in an origin answered %d\n%s", status, body)
		}
		if status, body := v.post(sites, url.Values{"origins": {strings.Repeat("https://a.example\n", app.MaxOrigins+1)}}); status != http.StatusOK || !strings.Contains(body, `href="#`+field+`"`) {
			t.Errorf("too many origins answered %d", status)
		}
		if got := origins(); len(got.Origins) != 0 {
			t.Errorf("refused origins are kept: %v", got.Origins)
		}
		resp, _ := v.answer(sites, url.Values{"origins": {" https://WWW.qingzhou.example/ \r\n\r\nhttps://b.example:8443"}})
		if resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != sites {
			t.Errorf("saving answered %d to %s", resp.StatusCode, resp.Header.Get("Location"))
		}
		if got := origins(); !got.Allows("https://www.qingzhou.example") || !got.Allows("https://b.example:8443") || len(got.Origins) != 2 {
			t.Errorf("kept %v", got.Origins)
		}
		if w.audited(access.AppEdit, w.app, access.OutcomeDone) != 1 {
			t.Error("the change is not on the record")
		}
		if _, body := v.get(sites); !strings.Contains(body, words.T(words.ZH, "console.apps.origins.saved")) ||
			!strings.Contains(body, ">https://b.example:8443\nhttps://www.qingzhou.example</textarea>") || !strings.Contains(body, "clew-lead component=&#34;"+w.component) {
			t.Errorf("the page shows\n%s", body)
		}
		_, body = w.as(access.RoleAnalyst).get(sites)
		if !strings.Contains(body, "<li>https://b.example:8443</li>") || strings.Contains(body, "<textarea") {
			t.Error("an analyst does not read the origins, or may change them")
		}
		if status, _ := v.post(appURL("app_none", "/sites"), url.Values{"origins": {"https://a.example"}}); status != http.StatusNotFound {
			t.Errorf("an unknown app answered %d", status)
		}
		if _, body := w.as(access.RoleAdmin).get("/console/platform"); strings.Contains(body, `href="/console/apps"`) {
			t.Error("the platform's staff are led to a page that is not theirs")
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
		more := w.furnishApps()
		missing := regexp.MustCompile(`\[(console|role|problem|lang|days|condition|privacy)[.a-z_]*[^\]]*\]`)
		inline := regexp.MustCompile(`(?i)<style|<script>| style="| on[a-z]+="|javascript:`)
		for _, role := range access.Roles() {
			v := w.as(role)
			for _, lang := range words.Langs() {
				v.get("/console/?lang=" + string(lang))
				paths := w.pagesOf(role, leads, draft)
				maps.Copy(paths, more.more(w, role))
				if role == access.RoleOwner {
					paths["preview"] = "/console/components/" + draft + "/preview"
					paths["step-up"] = "/console/step-up"
				}
				for name, path := range paths {
					r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, nil)
					w.must(err)
					r.Header.Set("Accept", "text/html")
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
	for _, from := range []capability.State{capability.None, capability.Applied, capability.Granted, capability.Suspended, capability.Withdrawn} {
		keys = append(keys, "capability."+string(from))
		for _, to := range capability.Next(from) {
			keys = append(keys, "capability.to."+string(to), "capability.to."+string(to)+".text")
		}
	}
	for _, from := range []app.CategoryState{app.Applied, app.Approved, app.Online, app.Offline} {
		keys = append(keys, "category."+string(from))
		for _, to := range app.NextCategory(from) {
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

// Guessing at names and links is slowed down by address.
func TestSignInIsLimited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.c.Limits = &web.Limits{PerSecond: 0.001, Burst: 3}
		v := w.visitor()
		for i := range 4 {
			resp, _ := v.answer("/console/link/nothing", nil)
			if want := map[bool]int{true: http.StatusTooManyRequests, false: http.StatusOK}[i == 3]; resp.StatusCode != want || (resp.Header.Get("Retry-After") != "") != (i == 3) {
				t.Errorf("try %d answered %d", i, resp.StatusCode)
			}
		}
	})
}
