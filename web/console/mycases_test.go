package console

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"clew/access"
	"clew/browsertest"
	"clew/casework"
	"clew/finding"
)

// What an operator does with a case: it answers, is decided about, reads why, submits,
// appeals, takes the appeal back and files another, all on a phone without script.
func TestAnOperatorAnswersPutsRightAndAppeals(t *testing.T) {
	w := sqlite(t)
	f := w.investigated("3.2.entry-popup")
	ctx, reviewer := t.Context(), w.desk(access.RoleReviewer)
	b := browsertest.Start(t)
	p := b.Page(t, browsertest.Phone)
	w.enter(p, access.RoleOwner)
	p.NoScript()
	p.Goto(w.url + "/console/mycases")
	p.See(zh("mycases.none")) // nobody was told anything yet
	if status, body := w.as(access.RoleOwner).get(myCaseURL(f.ID)); status != http.StatusNotFound || strings.Contains(body, "3.2.entry-popup") {
		t.Errorf("a case that is being looked into is shown: %d", status)
	}

	f = w.mustFile(w.c.Casework.Intend(ctx, reviewer, f.ID, f.Version, []string{f.Findings[0].ID}, casework.Claims{}))
	p.Goto(w.url + "/console/mycases")
	p.Tap("@link 清舟法律咨询 " + short(f.ID))
	p.See("3.2.entry-popup")
	p.Type("@textbox "+zh("mycase.defence"), "弹窗是用户点击后出现的")
	p.Tap("@button " + zh("mycase.defence.go"))
	p.See(zh("mycase.done.defence"))
	p.See("弹窗是用户点击后出现的")

	f, err := w.c.Casework.Case(ctx, reviewer, f.ID)
	w.must(err)
	f = w.mustFile(w.c.Casework.Decide(ctx, reviewer, f.ID, f.Version, casework.Draft{
		Findings: []string{f.Findings[0].ID}, Reasons: finding.Say("经复核，进入落地页即弹出授权。", "a dialog on entry"),
	}))
	p.Goto(w.url + myCaseURL(f.ID))
	p.See("经复核，进入落地页即弹出授权。")
	p.Tap("@link " + zh("statement.title"))
	p.See(zh("statement.appeal"))
	p.Goto(w.url + myCaseURL(f.ID))
	rec := f.Rectifications[0].ID
	p.Type("#proof-text-"+rec, "已改为点击后弹出")
	p.Tap("@button " + zh("mycase.proof.go"))
	p.See(zh("mycase.done.proof"))

	p.Tap("summary")
	p.Tap("@button " + zh("mycase.appeal.go"))
	p.See(zh("mycase.refused")) // without a fact there is no appeal
	p.Tap("input[name=fact][value=way_on]")
	p.Type(`textarea[name="said.way_on"]`, "弹窗可以关闭，继续使用")
	p.Tap("@button " + zh("mycase.appeal.go"))
	p.See(zh("mycase.done.appeal"))
	p.See(zh("appeal.state.filed"))
	p.Tap("@button " + zh("mycase.withdraw"))
	p.See(zh("appeal.state.withdrawn"))
	p.See("申诉（") // another may be filed

	look := b.Page(t, browsertest.Phone)
	w.enter(look, access.RoleOwner)
	for _, path := range []string{"/console/mycases", myCaseURL(f.ID), myCaseURL(f.ID) + "/decisions/" + f.Decisions[0].ID} {
		look.Goto(w.url + path)
		look.Axe("../../widget/node_modules/axe-core/axe.min.js", path)
	}
}

// Only the operator it is about opens a case there, and only its owner.
func TestAnOperatorsCaseIsItsOwnersAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.investigated("3.2.entry-popup")
		reviewer := w.desk(access.RoleReviewer)
		f = w.mustFile(w.c.Casework.Decide(t.Context(), reviewer, f.ID, f.Version, casework.Draft{
			Findings: []string{f.Findings[0].ID}, Reasons: finding.Say("经复核，进入落地页即弹出授权。", "a dialog on entry"),
		}))
		decision := f.Decisions[0].ID
		owner := w.as(access.RoleOwner)
		if status, body := owner.get("/console/mycases"); status != http.StatusOK || !strings.Contains(body, myCaseURL(f.ID)) {
			t.Errorf("the list: %d", status)
		}
		status, body := owner.get(myCaseURL(f.ID) + "/decisions/" + decision + "/dsa.json")
		var dsa casework.DSA
		if err := json.Unmarshal([]byte(body), &dsa); status != http.StatusOK || err != nil || dsa.PUID == "" {
			t.Errorf("DSA: %d, %v", status, err)
		}
		for _, path := range []string{"/console/mycases/case_none", myCaseURL(f.ID) + "/decisions/dec_none"} {
			if status, _ := owner.get(path); status != http.StatusNotFound {
				t.Errorf("%s: %d", path, status)
			}
		}
		for _, role := range []access.Role{access.RoleAgent, access.RoleAnalyst, access.RoleInspector, access.RoleReviewer} {
			if status, _ := w.as(role).get(myCaseURL(f.ID)); status != http.StatusForbidden {
				t.Errorf("%s: %d", role, status)
			}
		}
		_, page := owner.get(myCaseURL(f.ID))
		for _, who := range []access.Role{access.RoleInspector, access.RoleReviewer} {
			if strings.Contains(page, w.staff[who].ID) || strings.Contains(page, w.staff[who].Name) {
				t.Errorf("the operator reads who the %s is", who)
			}
		}
	})
}
