package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"clew/access"
	"clew/db"
	"clew/funnel"
)

// counts is the whole funnel of the world's operator.
func (w *world) counts() funnel.Metrics {
	w.t.Helper()
	if _, err := w.funnel.Fold(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	var s funnel.Summary
	if err := w.db.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		s, err = funnel.Overview(context.Background(), tx, w.owner.Operator, funnel.Query{From: w.clock.Now().AddDate(0, 0, -5), To: w.clock.Now().AddDate(0, 0, 1)})
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return s.Total
}

// A page counts what happened on it and cannot count what did not: no lead, nothing of
// somebody else's, nothing old, and the same event once.
func TestPageEvents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		url := w.public("/events")
		event := func(id, kind string, more M) M {
			e := M{"id": id, "kind": kind, "at": w.clock.Now().UnixMilli()}
			for k, v := range more {
				e[k] = v
			}
			return e
		}
		send := func(events ...M) *answer { return w.ask("POST", url, M{"events": events}) }
		if got := send(event("event-01", "component_show", M{"source": "Live", "room": "7412900311"}), event("event-02", "click", nil), M{"kind": "open"}).ok(202); got.at("counted") != 3.0 {
			t.Errorf("counted: %s", got.Raw)
		}
		if got := send(event("event-01", "component_show", nil)).ok(202); got.at("duplicate") != 1.0 {
			t.Errorf("again: %s", got.Raw)
		}
		for name, bad := range map[string]M{
			"lead": event("event-03", "lead", nil), "view": event("event-03", "view", nil), "late": event("event-03", "click", M{"at": 1}),
			"short": event("x", "click", nil), "number": event("event-03", "click", M{"room": number(1)}), "region": event("event-03", "click", M{"region": "440100"}),
			"extra": event("event-03", "click", M{"phone": "x"}),
		} {
			if got := send(event("event-04", "click", nil), bad); got.Status != 422 || strings.Contains(string(got.Raw), number(1)) {
				t.Errorf("%s: %d %s", name, got.Status, got.Raw)
			}
		}
		if got := send(event("event-04", "click", nil), event("event-05", "click", M{"at": 1})); got.text("errors.0.field") != "events.1.at" || got.text("errors.0.code") != "late" {
			t.Errorf("the index is not said: %s", got.Raw)
		}
		many := make([]M, 51)
		for i := range many {
			many[i] = event(fmt.Sprintf("event-%04d", i), "click", nil)
		}
		if got := send(many...); got.Status != 422 {
			t.Errorf("51 events: %d", got.Status)
		}
		if got := w.ask("POST", strings.Replace(url, "cmp_", "cmp_x", 1), M{"events": []M{event("event-06", "click", nil)}}); got.Status != 404 {
			t.Errorf("an unknown component: %d", got.Status)
		}
		f := w.show("")
		w.ask("POST", w.public("/refusals"), M{"form_token": f.def.text("form_token"), "stage": "notice"}).ok(204)
		w.ask("POST", w.public("/refusals"), M{"form_token": f.def.text("form_token"), "stage": "notice"}).ok(204)
		body := f.body(1)
		body["source"], body["place"] = "Live", M{"room": "7412900311", "region": "440106", "video": "not an id"}
		w.submit("key-funnel", body).ok(201)
		// A page's own name for a place is made plain, and holds no number.
		body = w.show("").body(2)
		body["source"] = "Spring Fair?tel=" + number(8)
		w.submit("key-funnel-2", body).ok(201)
		if err := w.db.Read(t.Context(), func(tx *db.Tx) error {
			scenes, err := db.Collect(t.Context(), tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) }, "select source_scene from lead order by source_scene")
			if len(scenes) != 2 || scenes[0] != "live" || !strings.HasPrefix(scenes[1], "spring-fair-tel-") || strings.Contains(scenes[1], number(8)) {
				t.Errorf("scenes are %q", scenes)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		m := w.counts()
		if m.ShowPv != 1 || m.ShowUv != 1 || m.ClickPv != 1 || m.OpenPv != 1 || m.RefusePv != 1 || m.ReportPv != 2 || m.ClueUcnt != 2 || m.ValidClueCnt != 2 {
			t.Errorf("counted: %+v", m)
		}
		if err := w.db.Read(t.Context(), func(tx *db.Tx) error {
			rows, _, err := funnel.ByItem(t.Context(), tx, w.owner.Operator, funnel.ItemLive, funnel.Query{From: w.clock.Now().AddDate(0, 0, -1), To: w.clock.Now().AddDate(0, 0, 1)})
			if len(rows) != 1 || rows[0].ID != "7412900311" || rows[0].ShowPv != 1 || rows[0].ClueCnt != 1 {
				t.Errorf("by room: %+v", rows)
			}
			return err
		}); err != nil {
			t.Error(err)
		}
		if strings.Contains(w.log.String(), number(1)) {
			t.Error("the log holds a number")
		}
	})
}

// A server counts everything before a lead, of its own apps only; the host app's key of
// every app, which each event names; a test key nothing.
func TestServerEvents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		at := w.clock.Now().UnixMilli()
		event := func(id string) M {
			return M{"id": id, "kind": "view", "at": at, "app": w.app, "scene": "live", "room": "7412900311", "visitor": "somebody"}
		}
		if got := w.ask("POST", "/v1/events", M{"events": []M{event("event-01"), event("event-01")}}).ok(200); got.at("counted") != 1.0 || got.at("duplicate") != 1.0 {
			t.Errorf("an operator's key: %s", got.Raw)
		}
		key := func(operator string, scopes access.Scopes) access.Caller {
			return access.Caller{Kind: access.KindKey, ID: "key", Operator: operator, Scopes: scopes}
		}
		take := func(c access.Caller, app string) string {
			t.Helper()
			_, err := w.funnel.Report(t.Context(), c, []funnel.Event{{ID: "event-02", Kind: funnel.View, App: app, At: w.clock.Now()}})
			if err == nil {
				return "counted"
			}
			return err.Error()
		}
		if got := take(key("opr_another", access.ScopeWrite), w.app); !strings.Contains(got, "unknown") {
			t.Errorf("another operator: %s", got)
		}
		if got := take(key(w.owner.Operator, access.ScopeRead), w.app); !strings.Contains(got, "event.report") && got == "counted" {
			t.Errorf("a key that reads: %s", got)
		}
		if got := take(key("", access.ScopeHost), ""); got == "counted" {
			t.Error("the host app named no app")
		}
		if got := take(key("", access.ScopeHost), "app_unknown"); !strings.Contains(got, "unknown") {
			t.Errorf("an unknown app: %s", got)
		}
		test := key(w.owner.Operator, access.ScopeWrite)
		test.Test = true
		if got := take(test, w.app); got != "counted" {
			t.Errorf("a test key: %s", got)
		}
		if m := w.counts(); m.ViewPv != 1 {
			t.Errorf("%d views before the host app's", m.ViewPv)
		}
		if got := take(key("", access.ScopeHost), w.app); got != "counted" {
			t.Errorf("the host app: %s", got)
		}
		server := access.Caller{Kind: access.KindApp, ID: w.app, Operator: w.owner.Operator, Scopes: access.ScopeWrite}
		if got := take(server, "app_another"); !strings.Contains(got, "unknown") {
			t.Errorf("an app's server for another app: %s", got)
		}
		if m := w.counts(); m.ViewPv != 2 || m.ViewUv != 1 {
			t.Errorf("%d views by %d", m.ViewPv, m.ViewUv)
		}
	})
}
