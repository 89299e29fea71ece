package console

import (
	"strings"
	"testing"

	"clew/access"
	"clew/browsertest"
	"clew/capability"
	"clew/casework"
	"clew/db"
)

// From a report to a reversed decision in a real browser, each step by whoever does it:
// the capability closes with the second person's yes and is back with the appeal.
func TestACaseFromReportToReversal(t *testing.T) {
	w := sqlite(t)
	browser := browsertest.Start(t)
	at := func(role access.Role) *browsertest.Page {
		p := browser.Page(t, desktop)
		w.enter(p, role)
		return p
	}
	state := func() (s capability.Status) {
		w.must(w.c.DB.Read(t.Context(), func(tx *db.Tx) (err error) { s, err = capability.Get(t.Context(), tx, w.operator, w.app); return err }))
		return s
	}
	inspector, reviewer, approver, appeals := at(access.RoleInspector), at(access.RoleReviewer), at(access.RoleApprover), at(access.RoleAppeals)

	inspector.Goto(w.url + "/console/cases/report?channel=authority_notice")
	inspector.Type("#app", w.app)
	inspector.Type("@textbox "+zh("proof.document"), "某函〔二〇二六〕第三号")
	inspector.Type("@textbox "+zh("proof.authority"), "某市通信管理局")
	inspector.Type("#text", "拒绝授权后页面退出，请核查")
	inspector.Tap("@button " + zh("report.take"))
	inspector.See(zh("case.next.triage"))
	id := strings.TrimPrefix(browsertest.Eval[string](inspector, "location.pathname"), "/console/cases/")
	inspector.Tap("#triage button")
	inspector.See(zh("case.done.triage"))
	inspector.Tap("#assign button")
	inspector.See(zh("case.done.assign"))
	browsertest.On[bool](inspector, "#find-clause", "function() { this.value = '3.2.forced'; return true }")
	inspector.Type("#find-text-zh", "拒绝授权后页面退出")
	inspector.Tap("#find button")
	inspector.See(zh("case.done.find"))

	// The queue leads there by keyboard.
	reviewer.Goto(w.url + "/console/cases")
	browsertest.Eval[bool](reviewer, "(document.activeElement.blur(), true)")
	reviewer.Keys("j")
	reviewer.Press("Enter")
	reviewer.See("S3-first")
	reviewer.See("100 → 85")
	reviewer.Tap(`#weigh input[value=complaints]`)
	reviewer.Tap("@button " + zh("weigh.go"))
	reviewer.See("100 → 77")
	reviewer.Tap("@button " + zh("decide.intend"))
	reviewer.See(zh("case.done.intend"))
	reviewer.Type("#decide-reasons-zh", "经复核，拒绝授权后无法继续使用。")
	reviewer.Tap("@button " + zh("decide.go.two"))
	reviewer.See(zh("case.done.decide"))
	if state().State != capability.Granted {
		t.Error("one person alone closed the capability")
	}

	approver.Goto(w.url + caseURL(id))
	approver.See("经复核，拒绝授权后无法继续使用。")
	approver.Tap("@button " + zh("decision.approve"))
	approver.See(zh("case.done.approve"))
	if s := state(); s.State != capability.Suspended || s.Case != id {
		t.Errorf("after the second person: %+v", s)
	}
	f, err := w.c.Casework.Case(t.Context(), w.desk(access.RoleAuditor), id)
	w.must(err)
	w.mustFile(w.c.Casework.Appeal(t.Context(), w.owner, id, casework.NewAppeal{
		Decision: f.Decisions[0].ID, Grounds: []casework.Ground{{Fact: "way_on", Text: "拒绝后仍可浏览全部内容"}},
	}))

	appeals.Goto(w.url + "/console/appeals")
	browsertest.Eval[bool](appeals, "(document.activeElement.blur(), true)")
	appeals.Keys("j")
	appeals.Press("Enter")
	appeals.See("拒绝后仍可浏览全部内容")
	appeals.Tap("@button " + zh("appeal.take"))
	appeals.See(zh("case.done.take"))
	appeals.Tap(`input[name=state][value=reversed]`)
	appeals.Type("@textbox "+zh("appeal.answer"), "复核证明拒绝后可继续使用，撤销原决定。")
	appeals.Tap("@button " + zh("appeal.go"))
	appeals.See(zh("case.done.answer"))
	if state().State != capability.Granted {
		t.Errorf("after the appeal: %+v", state())
	}
	for _, p := range []*browsertest.Page{inspector, reviewer, approver, appeals} {
		p.Quiet()
	}
}

// The same forms work on a phone without script.
func TestACaseWithoutScript(t *testing.T) {
	w := sqlite(t)
	f := w.investigated("3.2.entry-popup")
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	w.enter(p, access.RoleReviewer)
	p.NoScript()
	p.Goto(w.url + caseURL(f.ID))
	p.Tap(`#weigh input[name=fixed]`)
	p.Tap("@button " + zh("weigh.go"))
	p.See("100 → 97")
	_, err := w.c.Casework.Note(t.Context(), w.desk(access.RoleInspector), f.ID, "运营方来电说明", false)
	w.must(err)
	p.Type("#decide-reasons-zh", "进入页面即弹窗，违反规范三（二）。")
	p.Tap("@button " + zh("decide.go"))
	p.See(zh("case.stale"))
	if got := p.Value("#decide-reasons-zh"); got != "进入页面即弹窗，违反规范三（二）。" {
		t.Errorf("what was typed became %q", got)
	}
	p.See("100 → 97")
	p.Tap("@button " + zh("decide.go"))
	p.See(zh("case.done.decide"))
	again, err := w.c.Casework.Case(t.Context(), w.desk(access.RoleReviewer), f.ID)
	if w.must(err); len(again.Decisions) != 1 || again.Decisions[0].Ordered.Points != 3 {
		t.Errorf("%+v", again.Decisions)
	}
	p.Quiet()
}
