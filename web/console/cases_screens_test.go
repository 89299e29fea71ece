package console

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"clew/access"
	"clew/browsertest"
	"clew/casework"
	"clew/finding"
	"clew/ledger"
)

// deskPages furnishes the desks and names every page of theirs, by role.
func (w *world) deskPages() map[access.Role]map[string]string {
	w.t.Helper()
	ctx, room := w.t.Context(), w.c.Casework
	appealed := w.appealedCase()
	patrol := w.reported(casework.NewReport{
		Channel: "patrol", Proof: map[string]string{"bundle": "evd_0009"}, Findings: []finding.Finding{seen}, Evidence: []string{"evd_0009"},
		Reporter: casework.Reporter{Text: "巡查发现进入页面即弹窗"},
	})
	f := w.mustFile(room.Triage(ctx, w.desk(access.RoleInspector), patrol, 0, 2))
	f = w.mustFile(room.Assign(ctx, w.desk(access.RoleInspector), patrol, f.Version, w.staff[access.RoleInspector].ID))
	f = w.mustFile(room.Note(ctx, w.desk(access.RoleInspector), patrol, "已请运营方在两日内说明。", true))
	w.reported(casework.NewReport{Channel: "authority_notice", Proof: map[string]string{"document": "某函〔二〇二六〕第三号", "authority": "某市通信管理局"}})
	waiting := w.proposedCase()
	fixing := w.investigated("3.2.entry-popup")
	fixing = w.mustFile(room.Intend(ctx, w.desk(access.RoleReviewer), fixing.ID, fixing.Version, []string{fixing.Findings[0].ID}, casework.Claims{}))
	fixing = w.mustFile(room.Defend(ctx, w.owner, fixing.ID, "该弹窗为旧版本遗留，已在准备新版本。"))
	fixing = w.mustFile(room.Decide(ctx, w.desk(access.RoleReviewer), fixing.ID, fixing.Version, casework.Draft{Findings: []string{fixing.Findings[0].ID}, Reasons: deskReasons}))
	fixing = w.mustFile(room.SubmitProof(ctx, w.owner, fixing.ID, fixing.Rectifications[0].ID, "新版本已上线，进入页面不再弹窗。", []string{"evd_0010"}))
	done := w.reported(casework.NewReport{Channel: "other_lawful"})
	f = w.mustFile(room.Triage(ctx, w.desk(access.RoleInspector), done, 0, 0))
	w.mustFile(room.End(ctx, w.desk(access.RoleInspector), done, f.Version, casework.Dismissed, "经查不属于线索组件问题", ""))
	e := w.drafted()
	log := &ledger.Room{DB: w.c.DB, Ring: w.c.Ring, Origin: "leads.example.com/ledger"}
	for {
		n, err := log.Sequence(ctx)
		w.must(err)
		if n == 0 {
			break
		}
	}
	return map[access.Role]map[string]string{
		access.RoleInspector: {
			"cases": "/console/cases", "cases-none": "/console/cases?who=nobody&state=rectifying", "report": "/console/cases/report?channel=authority_notice",
			"case-patrol": caseURL(patrol), "case-recheck": caseURL(fixing.ID), "case-ended": caseURL(done),
		},
		access.RoleReviewer: {"case-decide": caseURL(patrol) + "?set=1&f=" + w.firstFinding(patrol) + "&agg=complaints&agg=severe_impact"},
		access.RoleApprover: {"case-approve": caseURL(waiting.ID)},
		access.RoleAppeals:  {"appeals": "/console/appeals", "case-appeal": caseURL(appealed.ID)},
		access.RolePolicyEditor: {
			"policy": "/console/policy", "policy-new": "/console/policy/new", "policy-draft": editionURL(e.Hash()), "policy-effects": editionURL(e.Hash()) + "?tab=effects",
		},
		access.RolePolicyApprover: {"policy-approve": editionURL(e.Hash())},
		access.RoleAuditor: {
			"ledger": "/console/ledger", "case-print": caseURL(appealed.ID) + "/print", "statement": caseURL(appealed.ID) + "/decisions/" + appealed.Decisions[0].ID,
		},
	}
}

func (w *world) firstFinding(id string) string {
	f, err := w.c.Casework.Case(w.t.Context(), w.desk(access.RoleAuditor), id)
	w.must(err)
	return f.Findings[0].ID
}

// Every page of the desks, in both languages, light and dark, on a laptop and a phone,
// has no violation axe-core can find and no error in the browser's console. With
// CLEW_SCREENSHOTS set to a folder each is also kept there as a picture.
func TestDeskScreens(t *testing.T) {
	w := sqlite(t)
	pages := w.deskPages()
	two := sqlite(t)
	both := two.inForce()
	for _, look := range []struct {
		lang, scheme string
		screen       browsertest.Screen
	}{{"zh", "light", desktop}, {"en", "dark", browsertest.Phone}} {
		device := "desktop"
		if look.screen.Touch {
			device = "phone"
		}
		t.Run(look.lang+"-"+look.scheme+"-"+device, func(t *testing.T) {
			p := browsertest.Start(t).Page(t, look.screen)
			p.Media("prefers-color-scheme", look.scheme, "prefers-reduced-motion", "reduce")
			show := func(name, address string) {
				p.Goto(address)
				p.Axe("../../widget/node_modules/axe-core/axe.min.js", name)
				if wide := browsertest.Eval[int](p, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
					t.Errorf("%s is %d pixels wider than the screen", name, wide)
				}
				if twice := browsertest.Eval[string](p, `[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) < i).join(' ')`); twice != "" {
					t.Errorf("%s has twice: %s", name, twice)
				}
				if dir := os.Getenv("CLEW_SCREENSHOTS"); dir != "" {
					p.FullScreenshot(filepath.Join(dir, fmt.Sprintf("desk-%s-%s-%s-%s.png", name, look.lang, look.scheme, device)))
				}
			}
			for role, list := range pages {
				p.Goto(w.link(role) + "?lang=" + look.lang)
				p.Tap("main button")
				p.Until("the console", func() bool { return p.Count(".shell") == 1 })
				for name, path := range list {
					show(name, w.url+path)
				}
			}
			p.Goto(two.link(access.RoleReviewer) + "?lang=" + look.lang)
			p.Tap("main button")
			p.Until("the console", func() bool { return p.Count(".shell") == 1 })
			show("case-two-editions", two.url+caseURL(both.ID))
			p.Tap("#decide details > summary")
			p.Axe("../../widget/node_modules/axe-core/axe.min.js", "another order")
			if dir := os.Getenv("CLEW_SCREENSHOTS"); dir != "" {
				p.FullScreenshot(filepath.Join(dir, fmt.Sprintf("desk-case-deviation-%s-%s-%s.png", look.lang, look.scheme, device)))
			}
			p.Quiet()
		})
	}
}
