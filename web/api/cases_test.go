package api_test

import (
	"net/http"
	"strings"
	"testing"

	"clew/access"
	"clew/casework"
	"clew/db"
	"clew/finding"
	"clew/policy"
)

func staff(role access.Role) access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: "staff_" + string(role), Role: role}
}

// askForCases asks every operation about cases as it should be: from the host app's
// report to an appeal that is taken back.
func (w *world) askForCases() {
	w.t.Helper()
	t, ctx, inspector, reviewer := w.t, w.t.Context(), staff(access.RoleInspector), staff(access.RoleReviewer)
	report := M{"app_id": w.app, "channel": "consumer_complaint", "text": "一进页面就弹窗", "contact": "someone@example.com"}
	w.ask("POST", "/v1/reports", report).is("forbidden")
	_, text, err := w.access.CreateKey(ctx, access.System("", "test"), access.NewKey{Name: "host reports", Scopes: access.ScopeHost})
	w.must(err)
	host := with("Authorization", "Bearer "+text)
	w.ask("POST", "/v1/reports", M{"app_id": "app_none", "channel": "consumer_complaint", "text": "一进页面就弹窗"}, host).is("report_invalid")
	w.ask("POST", "/v1/reports", M{"app_id": w.app, "channel": "authority_notice", "text": "一进页面就弹窗"}, host).is("report_invalid")
	w.ask("POST", "/v1/reports", M{"app_id": w.app, "channel": "rumour", "text": "一进页面就弹窗"}, host).is("invalid")
	got := w.ask("POST", "/v1/reports", report, host).ok(201)
	var id string
	w.must(w.db.Read(ctx, func(tx *db.Tx) error {
		r, _, err := casework.Followed(ctx, tx, got.text("number"), got.text("key"))
		id = r.Case
		return err
	}))
	// Being looked into is nothing to tell.
	w.ask("GET", "/v1/cases/"+id, nil).is("not_found")
	if list := w.ask("GET", "/v1/cases", nil).ok(200); list.at("cases.0") != nil {
		t.Errorf("told too early: %s", list.Raw)
	}
	one := func(f casework.File, err error) casework.File {
		t.Helper()
		w.must(err)
		return f
	}
	f := one(w.casework.Triage(ctx, inspector, id, 0, 0))
	f = one(w.casework.Find(ctx, inspector, id, f.Version, casework.NewFinding{Clause: "3.2.entry-popup", Verdict: finding.Violation, Text: finding.Say("弹窗", "a dialog")}))
	found := []string{f.Findings[0].ID}
	f = one(w.casework.Intend(ctx, reviewer, id, f.Version, found, casework.Claims{}))
	at := "/v1/cases/" + id
	w.ask("POST", at+"/defence", M{"text": "弹窗是点击后出现的"}).ok(204)
	f = one(w.casework.Case(ctx, reviewer, id))
	f = one(w.casework.Decide(ctx, reviewer, id, f.Version, casework.Draft{Findings: found, Reasons: finding.Say("经复核，进入落地页即弹出授权。", "a dialog on entry")}))
	shown := w.ask("GET", at, nil).ok(200)
	if shown.text("decisions.0.reasons.zh") != "经复核，进入落地页即弹出授权。" || shown.at("decisions.0.overturn.0.fact") == nil || shown.text("state") != "rectifying" ||
		shown.text("findings.0.clause") != "3.2.entry-popup" || strings.Contains(string(shown.Raw), "staff_") || strings.Contains(string(shown.Raw), "someone@") {
		t.Errorf("the case is %s", shown.Raw)
	}
	if list := w.ask("GET", "/v1/cases?limit=5", nil).ok(200); list.text("cases.0.id") != id {
		t.Errorf("the list is %s", list.Raw)
	}
	w.ask("GET", "/v1/cases?cursor=nonsense", nil).is("cursor")
	w.ask("POST", at+"/proofs", M{"rectification": f.Rectifications[0].ID, "text": "已改为点击后弹出"}).ok(204)
	w.ask("POST", at+"/proofs", M{"rectification": "rec_none", "text": "已改为点击后弹出"}).is("case_step")
	appeal := M{"decision": f.Decisions[0].ID, "grounds": []M{{"fact": "way_on", "text": "弹窗可以关闭，继续使用"}}}
	filed := w.ask("POST", at+"/appeals", appeal).ok(201)
	w.ask("POST", at+"/appeals", appeal).is("case_step")
	w.ask("POST", at+"/appeals/"+filed.text("id")+"/withdraw", nil).ok(204)
	w.ask("POST", "/v1/cases/case_none/defence", M{"text": "不存在"}).is("not_found")
	w.askForCommands(host)
}

// askForCommands answers a command that a decision gave to the host app.
func (w *world) askForCommands(host func(*http.Request)) {
	w.t.Helper()
	at := "/v1/host/commands/"
	w.ask("POST", at+"cmd_none", M{"done": true}, host).is("not_found")
	f := w.delisted()
	var command string
	w.must(w.db.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		command, err = db.One(w.t.Context(), tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) }, "select id from host_command where case_id=$1", f.ID)
		return err
	}))
	w.ask("POST", at+command, M{"done": true}).is("forbidden") // the operator's own key
	w.ask("POST", at+command, M{"done": true, "text": "已下架"}, host).ok(204)
	w.ask("POST", at+command, M{"done": true, "text": "已下架"}, host).ok(204)
	w.ask("POST", at+command, M{"done": false, "text": "请拨打 " + number(7)}, host).is("case_step")
	f, err := w.casework.Case(w.t.Context(), staff(access.RoleAuditor), f.ID)
	w.must(err)
	if m := f.Measures[0]; m.State != casework.Active || len(m.Answers) != 1 {
		w.t.Errorf("after the answer: %+v", m)
	}
}

// delisted is a case whose decision takes products down, which the host app does.
func (w *world) delisted() casework.File {
	w.t.Helper()
	ctx, inspector := w.t.Context(), staff(access.RoleInspector)
	one := func(f casework.File, err error) casework.File {
		w.t.Helper()
		w.must(err)
		return f
	}
	number, key, err := w.casework.Report(ctx, inspector, casework.NewReport{App: w.app, Channel: "consumer_complaint", Reporter: casework.Reporter{Text: "商品与资质不符"}})
	w.must(err)
	var id string
	w.must(w.db.Read(ctx, func(tx *db.Tx) error {
		r, _, err := casework.Followed(ctx, tx, number, key)
		id = r.Case
		return err
	}))
	f := one(w.casework.Triage(ctx, inspector, id, 0, 0))
	f = one(w.casework.Find(ctx, inspector, id, f.Version, casework.NewFinding{Clause: "3.2.entry-popup", Verdict: finding.Violation, Text: finding.Say("弹窗", "a dialog")}))
	return one(w.casework.Decide(ctx, staff(access.RoleReviewer), id, f.Version, casework.Draft{
		Findings: []string{f.Findings[0].ID}, Reasons: finding.Say("经复核，进入落地页即弹出授权。", "a dialog on entry"),
		Deviation: "相关商品须先下架，另行处理如下。", Order: &casework.Order{RectifyDays: 7, Measures: []policy.Measure{{Kind: policy.ProductDelist, Days: 7}}},
	}))
}

func TestCasesOfOthersAreNotThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.askForCases()
		other, _ := w.tenant("别家")
		stranger := with("Authorization", "Bearer "+w.newKey(other, access.ScopeRead|access.ScopeWrite))
		for _, path := range []string{"/v1/cases", "/v1/cases?ended=true"} {
			if got := w.ask("GET", path, nil, stranger).ok(200); got.at("cases.0") != nil {
				t.Errorf("%s of another operator: %s", path, got.Raw)
			}
		}
		id := w.ask("GET", "/v1/cases", nil).ok(200).text("cases.0.id")
		w.ask("GET", "/v1/cases/"+id, nil, stranger).is("not_found")
		w.ask("POST", "/v1/cases/"+id+"/defence", M{"text": "不是我的"}, stranger).is("not_found")
	})
}
