package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
)

var admin = access.Caller{Kind: access.KindStaff, ID: "staff_admin", Role: access.RoleAdmin}

// bare is an app of the owner that has nothing yet.
func (w *world) bare(owner access.Caller) string {
	w.t.Helper()
	var id string
	w.must(w.db.Write(w.t.Context(), func(tx *db.Tx) error {
		a, _, err := w.apps.Create(w.t.Context(), tx, owner.Operator, "清舟招聘", []string{ours})
		id = a.ID
		return err
	}))
	return id
}

// askForApp asks every operation about categories, capability, privacy and targets
// as it should be: an app comes from nothing to an active component.
func (w *world) askForApp() {
	w.t.Helper()
	t := w.t
	id := w.bare(w.owner)
	at := "/v1/apps/" + id
	if got := w.ask("GET", at+"/categories", nil).ok(200); got.at("categories.0") != nil || got.text("basis") != "service_category" ||
		got.at("table.41.path") == nil || got.at("table.42") != nil {
		t.Errorf("an app with nothing has %s", got.Raw)
	}
	state := w.ask("GET", at+"/capability", nil).ok(200)
	if state.text("state") != "none" || state.at("conditions.0.0.satisfied") != false || state.text("conditions.0.0.meet") == "" || state.at("credit") != 100.0 {
		t.Errorf("the capability is %s", state.Raw)
	}
	if got := w.ask("POST", at+"/capability", M{"reason": "开展招聘咨询"}).is("capability_unmet"); got.at("errors.1.code") != "privacy_declared" {
		t.Errorf("what is missing is not said: %s", got.Raw)
	}
	papers := []M{{"name": "营业执照.pdf", "content": []byte("%PDF-1.7")}}
	got := w.ask("POST", at+"/categories", M{"category": category, "papers": papers}).ok(201)
	if got.text("categories.0.state") != "applied" || got.text("categories.0.papers.0.name") != "营业执照.pdf" || got.at("categories.0.due_at") == nil {
		t.Errorf("applied: %s", got.Raw)
	}
	w.ask("POST", at+"/categories", M{"category": category}).is("capability_step")
	for _, to := range []app.CategoryState{app.Approved, app.Online} {
		w.must(w.apps.DecideCategory(t.Context(), admin, w.owner.Operator, id, category, to, ""))
	}
	if got := w.ask("PUT", at+"/main-category", M{"category": category}).ok(200); got.at("categories.0.main") != true || got.at("categories.0.collects") != true {
		t.Errorf("online and main: %s", got.Raw)
	}
	w.ask("GET", at+"/privacy", nil).ok(200)
	set := w.ask("PUT", at+"/privacy", M{
		"configured": true, "contact_way": 1, "email": "privacy@qingzhou.example", "items": []M{{"id": 1, "desc": "由顾问回电，介绍岗位"}},
	}).ok(200)
	if set.text("items.0.desc") != "由顾问回电，介绍岗位" {
		t.Errorf("the setting is %s", set.Raw)
	}
	if got := w.ask("POST", at+"/capability", M{"reason": "开展招聘咨询"}).ok(201); got.text("state") != "applied" || got.at("due_at") == nil {
		t.Errorf("applied: %s", got.Raw)
	}
	w.must(w.caps.Decide(t.Context(), admin, w.owner.Operator, id, capability.Granted, "", ""))

	target := M{"name": "招聘", "regions": []string{"310104"}, "categories": []string{category}, "pages": []string{"/pages/job/index"}}
	made := w.ask("POST", at+"/targets", target).ok(201)
	if made.text("validity") != "inactive" || made.text("regions.0.district") != "徐汇区" || made.text("pages.0") != "pages/job/index" || made.text("component") == "" {
		t.Errorf("made %s", made.Raw)
	}
	one := at + "/targets/" + made.text("config_id")
	cmp := w.publish(w.owner, id, nil)
	target["component"] = cmp
	if got := w.ask("PUT", one, target).ok(200); got.text("component") != cmp {
		t.Errorf("saved %s", got.Raw)
	}
	w.ask("GET", one, nil).ok(200)
	if got := w.ask("GET", at+"/targets?page=1&size=1", nil).ok(200); got.at("total") != 1.0 || got.text("targets.0.config_id") != made.text("config_id") {
		t.Errorf("listed %s", got.Raw)
	}
	active := w.ask("GET", "/v1/public/apps/"+id+"/component?page=pages/job/index", nil).ok(200)
	if active.text("component") != cmp || active.text("config_id") != made.text("config_id") || active.text("title") == "" ||
		active.Header.Get("Cache-Control") != "public, max-age=60" || !strings.Contains(active.Header.Get("Vary"), "Origin") {
		t.Errorf("active: %s %v", active.Raw, active.Header)
	}
	w.ask("DELETE", one, nil).ok(204)
	w.ask("GET", one, nil).is("not_found")
	w.ask("GET", "/v1/public/apps/"+id+"/component?page=pages/job/index", nil).is("component_none")
}

// A page is told of its component until the category closes, from any mini-program
// and from the app's own sites only.
func TestActiveComponentOfAPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		at := "/v1/public/apps/" + w.app + "/component"
		w.ask("GET", at+"?page=pages/a", nil).is("component_none")
		place := func(name string, pages ...string) string {
			t.Helper()
			made, err := w.components.CreateTarget(t.Context(), w.owner, component.Target{
				App: w.app, Component: w.component, Name: name, Regions: []string{"110105"}, Categories: []string{category}, Pages: pages,
			})
			w.must(err)
			return made.ConfigID
		}
		anywhere, here := place("到处"), place("一页", "pages/a")
		for page, want := range map[string]string{"pages/a": here, "/pages/a": here, "pages/b": anywhere, "": anywhere} {
			if got := w.ask("GET", at+"?page="+page, nil).ok(200); got.text("config_id") != want {
				t.Errorf("%q carries %s", page, got.Raw)
			}
		}
		if got := w.ask("GET", at, nil, with("Accept-Language", "en")).ok(200); got.text("title") != "Legal advice" {
			t.Errorf("in English: %s", got.Raw)
		}
		if got := w.ask("GET", at, nil, with("Origin", ours)).ok(200); got.Header.Get("Access-Control-Allow-Origin") != ours {
			t.Error("the app's own site may not read the answer")
		}
		w.ask("GET", at, nil, with("Origin", "https://elsewhere.example")).is("origin_not_allowed")
		if got := w.ask("OPTIONS", at, nil, with("Origin", ours)); got.Status != http.StatusNoContent {
			t.Errorf("the preflight answered %d", got.Status)
		}
		w.ask("GET", "/v1/public/apps/app_none/component", nil).is("component_none")
		w.ask("GET", "/v1/public/apps/app_none/component", nil, with("Origin", ours)).is("not_found")
		w.must(w.caps.SetOpen(t.Context(), admin, category, false, time.Time{}, "主管部门要求整改"))
		w.ask("GET", at+"?page=pages/a", nil).is("component_none")
		if got := w.ask("GET", "/v1/apps/"+w.app+"/targets", nil).ok(200); got.text("targets.0.validity") != "invalid" || got.text("targets.1.validity") != "invalid" {
			t.Errorf("listed %s", got.Raw)
		}
	})
}

// What is refused says where and how to put it right; ids of another operator are
// not there.
func TestAppRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other, theirs := w.tenant("别家")
		target, err := w.components.CreateTarget(t.Context(), other, component.Target{App: theirs, Name: "别家", Regions: []string{"110105"}, Categories: []string{category}})
		w.must(err)
		good := M{"name": "招聘", "regions": []string{"310104"}, "categories": []string{category}}
		privacy := M{"configured": true, "contact_way": 1, "email": "a@b.example", "items": []M{{"id": 1, "desc": "回电联系"}}}
		for _, q := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/categories", nil},
			{"POST", "/categories", M{"category": category}},
			{"PUT", "/main-category", M{"category": category}},
			{"GET", "/capability", nil},
			{"POST", "/capability", M{}},
			{"GET", "/privacy", nil},
			{"PUT", "/privacy", privacy},
			{"GET", "/targets", nil},
			{"POST", "/targets", good},
			{"GET", "/targets/" + target.ConfigID, nil},
			{"PUT", "/targets/" + target.ConfigID, good},
			{"DELETE", "/targets/" + target.ConfigID, nil},
		} {
			w.ask(q.method, "/v1/apps/"+theirs+q.path, q.body).is("not_found")
		}
		for _, path := range []string{target.ConfigID, "nonsense"} {
			w.ask("GET", "/v1/apps/"+w.app+"/targets/"+path, nil).is("not_found")
			w.ask("PUT", "/v1/apps/"+w.app+"/targets/"+path, good).is("not_found")
			w.ask("DELETE", "/v1/apps/"+w.app+"/targets/"+path, nil).is("not_found")
		}

		id := "/v1/apps/" + w.bare(w.owner)
		w.ask("POST", id+"/categories", M{"category": "没有 > 这个 > 类目"}).is("category_not_open")
		w.ask("POST", id+"/categories", M{"category": category, "papers": []M{{"name": "a.exe", "content": []byte("MZ")}}}).is("papers_invalid")
		w.ask("POST", id+"/categories", M{"category": category, "papers": make([]M, 10)}).is("invalid")
		w.ask("POST", id+"/categories", `{"category":"`+strings.Repeat("x", 25<<20)+`"}`).is("body_too_large")
		w.ask("PUT", id+"/main-category", M{"category": category}).is("category_missing")
		w.ask("PUT", id+"/privacy", M{"configured": true, "contact_way": 0, "items": []M{}}).is("privacy_invalid")
		bad := w.ask("POST", id+"/targets", M{"name": strings.Repeat("长", 21), "regions": []string{"110000"}, "categories": []string{category}, "pages": []string{"a?b"}}).is("target_invalid")
		for i, field := range []string{"name", "regions", "categories", "pages"} {
			if got := bad.text("errors." + string(rune('0'+i)) + ".field"); got != field {
				t.Errorf("error %d is about %s: %s", i, got, bad.Raw)
			}
		}
		w.ask("GET", "/v1/apps/"+w.app+"/targets?size=101", nil).is("invalid")

		key := w.key
		w.key = w.newKey(w.owner, access.ScopeRead)
		w.ask("POST", id+"/categories", M{"category": category}).is("forbidden")
		w.ask("POST", id+"/capability", M{}).is("forbidden")
		w.ask("PUT", id+"/privacy", privacy).is("forbidden")
		w.ask("POST", "/v1/apps/"+w.app+"/targets", good).is("forbidden")
		w.key = w.newKey(w.owner, access.ScopeWrite)
		w.ask("POST", "/v1/apps/"+w.app+"/targets", good).is("forbidden") // whoever may not read the answer changes nothing
		w.key = key
	})
}
