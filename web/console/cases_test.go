package console

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/capability"
	"clew/casework"
	"clew/db"
	"clew/finding"
	"clew/policy"
	"clew/words"
)

// desk is a member of staff as the rooms see them.
func (w *world) desk(role access.Role) access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: w.staff[role].ID, Role: role, Name: w.staff[role].Name}
}

func (w *world) mustFile(f casework.File, err error) casework.File {
	w.t.Helper()
	w.must(err)
	return f
}

var seen = finding.Finding{
	Rule: "entry-popup", Clause: "3.2.entry-popup", Verdict: finding.Violation, Message: finding.Say("进入页面即弹出手机号授权", "the phone dialog opens on entry"),
	Place: finding.Place{File: "pages/index/index.js", Line: 12, Column: 3, EndLine: 12, EndColumn: 40, Start: 300, End: 337},
	Path: []finding.Step{
		{Place: finding.Place{File: "pages/index/index.js", Line: 4, Column: 3, EndLine: 4, EndColumn: 9, Start: 90, End: 96}, Message: finding.Say("onLoad 在页面打开时运行", "onLoad runs when the page opens")},
		{Place: finding.Place{File: "pages/index/index.js", Line: 12, Column: 3, EndLine: 12, EndColumn: 40, Start: 300, End: 337}, Message: finding.Say("弹出手机号授权", "the phone dialog opens")},
	},
	Evidence: []finding.Evidence{{Kind: "snippet", Text: "onLoad() { this.openPhoneSheet() }"}},
}

// reported is a new case, by a channel.
func (w *world) reported(n casework.NewReport) string {
	w.t.Helper()
	n.App = w.app
	if n.Reporter.Text == "" {
		n.Reporter = casework.Reporter{Name: "王女士", Contact: "wang@example.com", Text: "一进页面就弹窗要手机号，不同意就退出"}
	}
	num, key, err := w.c.Casework.Report(w.t.Context(), w.desk(access.RoleInspector), n)
	w.must(err)
	var id string
	w.must(w.c.DB.Read(w.t.Context(), func(tx *db.Tx) error {
		r, _, err := casework.Followed(w.t.Context(), tx, num, key)
		id = r.Case
		return err
	}))
	return id
}

// investigated is a case with one confirmed breach of a clause.
func (w *world) investigated(clause string) casework.File {
	w.t.Helper()
	ctx, room, inspector := w.t.Context(), w.c.Casework, w.desk(access.RoleInspector)
	id := w.reported(casework.NewReport{Channel: "consumer_complaint"})
	f := w.mustFile(room.Triage(ctx, inspector, id, 0, 1))
	f = w.mustFile(room.Assign(ctx, inspector, id, f.Version, inspector.ID))
	return w.mustFile(room.Find(ctx, inspector, id, f.Version, casework.NewFinding{
		Clause: clause, Verdict: finding.Violation, Text: finding.Say("拒绝授权后页面退出，不能继续浏览", "after refusal the page closes"), Evidence: []string{"evd_0001"},
	}))
}

var deskReasons = finding.Say("经复核，拒绝授权后无法继续使用，违反规范三（二）。", "After refusal nothing can be used: section 3.2 is breached.")

func (w *world) proposedCase() casework.File {
	w.t.Helper()
	f := w.investigated("3.2.forced")
	return w.mustFile(w.c.Casework.Decide(w.t.Context(), w.desk(access.RoleReviewer), f.ID, f.Version, casework.Draft{Findings: []string{f.Findings[0].ID}, Reasons: deskReasons}))
}

func (w *world) appealedCase() casework.File {
	w.t.Helper()
	f := w.proposedCase()
	f = w.mustFile(w.c.Casework.Approve(w.t.Context(), w.desk(access.RoleApprover), f.ID, f.Version, f.Decisions[0].ID))
	return w.mustFile(w.c.Casework.Appeal(w.t.Context(), w.owner, f.ID, casework.NewAppeal{
		Decision: f.Decisions[0].ID, Grounds: []casework.Ground{{Fact: "way_on", Text: "拒绝后仍可浏览全部内容，见附件截图"}}, Evidence: []string{"evd_0002"},
	}))
}

// drafted is an edition that is milder than the shipped one, saved as a draft.
func (w *world) drafted() *policy.Edition {
	w.t.Helper()
	e, err := w.c.Policies.Save(w.t.Context(), w.desk(access.RolePolicyEditor), milder)
	w.must(err)
	return e
}

// milder takes the suspension from the first grave breach.
var milder = strings.NewReplacer(
	`edition: "2026-01"`, `edition: "2027-01"`, "      - {kind: public_warning, days: 90}\n      - {kind: capability_suspend, until: recheck}\n", "      - {kind: public_warning, days: 90}\n",
).Replace(policy.First().Text())

func filled(f casework.File, more ...string) url.Values {
	v := url.Values{"version": {strconv.Itoa(f.Version)}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Add(more[i], more[i+1])
	}
	return v
}

// Who may open and do what at the desks. Operators have no business there; each role
// has its own part.
func TestDesksByRole(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.proposedCase()
		e := w.drafted()
		const (
			admin, inspector, reviewer, approver = access.RoleAdmin, access.RoleInspector, access.RoleReviewer, access.RoleApprover
			appeals, editor, second, auditor     = access.RoleAppeals, access.RolePolicyEditor, access.RolePolicyApprover, access.RoleAuditor
		)
		all := []access.Role{admin, inspector, reviewer, approver, appeals, editor, second, auditor}
		at := caseURL(f.ID)
		pages := map[string][]access.Role{
			"/console/cases": all, at: all, at + "/print": all, "/console/appeals": all, "/console/policy": all,
			editionURL(e.Hash()): all, editionURL(e.Hash()) + "?tab=effects": all, editionURL(e.Hash()) + "/text": all, editionURL(policy.First().Hash()): all,
			"/console/cases/report": {inspector, admin}, "/console/policy/new": {editor}, "/console/ledger": {admin, auditor},
		}
		acts := map[string][]access.Role{"/console/cases/report": {inspector, admin}, "/console/policy/new": {editor}}
		for verb, may := range map[string]access.Role{
			"triage": inspector, "assign": inspector, "note": inspector, "find": inspector, "recheck": inspector, "end": inspector, "reopen": inspector,
			"intend": reviewer, "decide": reviewer, "approve": approver, "decline": approver, "take": appeals, "answer": appeals,
		} {
			acts[at+"/"+verb] = []access.Role{may}
		}
		acts[at+"/reporter"] = []access.Role{inspector, reviewer}
		acts[editionURL(e.Hash())+"/announce"] = []access.Role{second}
		acts[editionURL(e.Hash())+"/drop"] = []access.Role{second}
		before := f.Version
		for _, role := range access.Roles() {
			v := w.as(role)
			for path, may := range pages {
				status, body := v.get(path)
				if slices.Contains(may, role) != (status == http.StatusOK) || status != http.StatusOK && status != http.StatusForbidden {
					t.Errorf("%s: GET %s answered %d", role, path, status)
				}
				if m := regexp.MustCompile(`\[(console|role|problem|lang)[.a-z_]*[^\]]*\]`).FindString(body); m != "" {
					t.Errorf("%s: GET %s shows %s", role, path, m)
				}
			}
			for path, may := range acts {
				if slices.Contains(may, role) {
					continue
				}
				if status, _ := v.post(path, filled(f, "target", f.Decisions[0].ID)); status != http.StatusForbidden {
					t.Errorf("%s: POST %s answered %d", role, path, status)
				}
			}
			_, home := v.get("/console/account")
			for href, may := range map[string]bool{
				"/console/cases": slices.Contains(all, role), "/console/policy": slices.Contains(all, role), "/console/ledger": role == admin || role == auditor,
			} {
				if got := strings.Contains(home, `href="`+href+`"`); got != may {
					t.Errorf("%s: the navigation has %s: %v", role, href, got)
				}
			}
		}
		again, err := w.c.Casework.Case(t.Context(), w.desk(auditor), f.ID)
		if w.must(err); again.Version != before || again.State != casework.Proposed {
			t.Errorf("something was done: %+v", again)
		}
	})
}

// From a report to a reversed decision, by the forms alone.
func TestACaseByItsForms(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		inspector, reviewer, approver, appeals := w.as(access.RoleInspector), w.as(access.RoleReviewer), w.as(access.RoleApprover), w.as(access.RoleAppeals)
		read := func(id string) casework.File {
			t.Helper()
			f, err := w.c.Casework.Case(ctx, w.desk(access.RoleAuditor), id)
			w.must(err)
			return f
		}
		state := func() capability.State {
			t.Helper()
			var s capability.Status
			w.must(w.c.DB.Read(ctx, func(tx *db.Tx) (err error) { s, err = capability.Get(ctx, tx, w.operator, w.app); return err }))
			return s.State
		}
		// do posts a form and wants it done.
		do := func(v *visitor, f casework.File, verb string, more ...string) casework.File {
			t.Helper()
			if status, body := v.post(caseURL(f.ID)+"/"+verb, filled(f, more...)); status != http.StatusSeeOther {
				t.Fatalf("%s answered %d: %s", verb, status, regexp.MustCompile(`(?s)class="problems.*?</div>`).FindString(body))
			}
			return read(f.ID)
		}

		if status, body := inspector.post("/console/cases/report", url.Values{"channel": {"authority_notice"}, "app": {w.app}, "text": {"某局来函要求核查"}}); status != http.StatusOK ||
			!strings.Contains(body, "某局来函要求核查") || !strings.Contains(body, words.T(words.ZH, "problem.report.proof_missing")) {
			t.Errorf("an authority without its document: %d", status)
		}
		resp, _ := inspector.answer("/console/cases/report", url.Values{
			"channel": {"authority_notice"}, "app": {w.app}, "text": {"某局来函要求核查"}, "proof.document": {"某函〔二〇二六〕第三号"}, "proof.authority": {"某局"},
			"evidence": {"evd_0001，evd_0002"},
		})
		at, err := resp.Location()
		w.must(err)
		f := read(strings.TrimPrefix(at.Path, "/console/cases/"))
		if !slices.Equal(f.Evidence, []string{"evd_0001", "evd_0002"}) {
			t.Errorf("evidence %v", f.Evidence)
		}
		f = do(inspector, f, "triage", "priority", "2")
		f = do(inspector, f, "assign", "me", "1")
		if f.Assignee != w.staff[access.RoleInspector].ID || f.Priority != 2 {
			t.Errorf("%+v", f)
		}
		f = do(inspector, f, "note", "text", "已电话\n核实", "public", "1")
		f = do(inspector, f, "find", "clause", "3.2.forced", "verdict", "violation", "text_zh", "拒绝后退出", "text_en", "closes on refusal", "act_at", w.c.DB.Now().In(zone).AddDate(0, 0, -2).Format("2006-01-02"))
		if x := f.Findings[0]; x.Severity != policy.S3 || x.Text[words.EN] != "closes on refusal" || !x.ActAt.Before(w.c.DB.Now().AddDate(0, 0, -1)) {
			t.Errorf("%+v", x)
		}
		id := f.Findings[0].ID
		_, page := reviewer.get(caseURL(f.ID) + "?set=1&f=" + id + "&agg=complaints&fixed=1")
		for _, want := range []string{"S3-first", "100 → 88", words.T(words.ZH, "console.weigh.two"), words.T(words.ZH, "console.effect.no_new_capability")} {
			if !strings.Contains(page, want) {
				t.Errorf("what-if does not say %q", want)
			}
		}
		// Nothing to weigh is said and loses nothing.
		if status, page := reviewer.get(caseURL(f.ID) + "?set=1"); status != http.StatusOK || !strings.Contains(page, words.T(words.ZH, "problem.decision.finding_missing")) {
			t.Errorf("without a finding: %d", status)
		}
		f = do(reviewer, f, "intend", "set", "1", "f", id)
		if f.State != casework.IntentNoticed {
			t.Error(f.State)
		}
		// A number that does not read is no measure without end.
		if status, page := reviewer.post(caseURL(f.ID)+"/decide", filled(f, "f", id, "reasons_zh", "经复核，拒绝授权后无法继续使用。", "deviate", "1", "deviation", "情节轻微，暂停三十天即可。",
			"m.capability_suspend", "1", "m.capability_suspend.days", "三十", "points", "5")); status != http.StatusOK || !strings.Contains(page, "三十") || !strings.Contains(page, "情节轻微") {
			t.Errorf("an unreadable number answered %d", status)
		}
		f = do(reviewer, f, "decide", "f", id, "agg", "complaints", "reasons_zh", "经复核，拒绝授权后\n无法继续使用。", "deviate", "1", "deviation", "情节轻微，暂停三十天即可。",
			"m.capability_suspend", "1", "m.capability_suspend.days", "30", "points", "5")
		d := f.Decisions[0]
		if f.State != casework.Proposed || d.Ordered.Points != 5 || len(d.Ordered.Measures) != 1 || d.Ordered.Measures[0].Days != 30 || state() != capability.Granted {
			t.Errorf("%+v", d)
		}
		f = do(approver, f, "decline", "target", d.ID, "why", "暂停天数偏长")
		f = do(reviewer, f, "decide", "f", id, "reasons_zh", "经复核，拒绝授权后无法继续使用。")
		d = f.Decisions[1]
		if status, _ := approver.get(caseURL(f.ID) + "/decisions/" + d.ID); status != http.StatusNotFound {
			t.Errorf("a statement before it holds: %d", status)
		}
		f = do(approver, f, "approve", "target", d.ID)
		if state() != capability.Suspended {
			t.Errorf("the capability is %s", state())
		}
		var dsa casework.DSA
		if _, body := approver.get(caseURL(f.ID) + "/decisions/" + d.ID + "/dsa.json"); json.Unmarshal([]byte(body), &dsa) != nil || dsa.DecisionProvision != "DECISION_PROVISION_PARTIAL_SUSPENSION" {
			t.Errorf("%+v", dsa)
		}
		if _, body := approver.get(caseURL(f.ID) + "/decisions/" + d.ID); !strings.Contains(body, "拒绝授权后仍可继续使用全部功能") {
			t.Error("the statement lacks the closed list")
		}
		f = w.mustFile(w.c.Casework.Appeal(ctx, w.owner, f.ID, casework.NewAppeal{Decision: d.ID, Grounds: []casework.Ground{{Fact: "way_on", Text: "拒绝后仍可浏览"}}}))
		a := f.Appeals[0].ID
		if _, list := appeals.get("/console/appeals"); !strings.Contains(list, f.ID) {
			t.Error("the desk does not list the appeal")
		}
		f = do(appeals, f, "take", "target", a)
		if status, page := appeals.post(caseURL(f.ID)+"/answer", filled(f, "target", a, "state", "modified", "answer", "部分成立，减轻处理。", "points", "20")); status != http.StatusOK ||
			!strings.Contains(page, words.T(words.ZH, "problem.decision.heavier")) || !strings.Contains(page, "部分成立，减轻处理。") {
			t.Errorf("a heavier answer: %d", status)
		}
		f = do(appeals, f, "answer", "target", a, "state", "reversed", "answer", "复核证明拒绝后可继续使用，撤销原决定。", "conditions", "请保留该版本三十天")
		if state() != capability.Granted || f.Appeals[0].Conditions != "请保留该版本三十天" {
			t.Errorf("after the appeal: %s, %+v", state(), f.Appeals[0])
		}
		if _, list := appeals.get("/console/appeals?closed=1"); !strings.Contains(list, f.ID) {
			t.Error("the answered appeal is not listed")
		}
		_, paper := appeals.get(caseURL(f.ID) + "/print")
		if got := strings.Count(paper, "led_"); got < f.Version && !strings.Contains(paper, words.T(words.ZH, "console.ledger.soon")) {
			t.Errorf("%d entries of the ledger for %d events", got, f.Version)
		}
	})
}

// Somebody else was quicker: nothing is written, what was typed stays, and what
// happened meanwhile is shown. A form without a version is no way around that.
func TestAStaleFormKeepsWhatWasTyped(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.investigated("3.2.forced")
		_, err := w.c.Casework.Note(t.Context(), w.desk(access.RoleInspector), f.ID, "运营方来电说明", false)
		w.must(err)
		v := w.as(access.RoleReviewer)
		const typed = "经复核，拒绝授权后无法继续使用。"
		for name, version := range map[string]string{"read before": text(f.Version), "none": "", "nonsense": "x", "zero": "0"} {
			status, body := v.post(caseURL(f.ID)+"/decide", url.Values{"version": {version}, "f": {f.Findings[0].ID}, "reasons_zh": {typed}, "interim": {"1"}})
			if status != http.StatusOK || !strings.Contains(body, typed) || !strings.Contains(body, words.T(words.ZH, "console.case.stale")) {
				t.Errorf("%s: %d", name, status)
			}
			if changed := strings.Contains(body, `id="changed-h"`); changed != (name == "read before") {
				t.Errorf("%s: the changes are shown: %v", name, changed)
			}
			if !strings.Contains(body, `name="version" value="`+text(f.Version+1)+`"`) {
				t.Errorf("%s: the form does not carry the version that is shown", name)
			}
		}
		again, err := w.c.Casework.Case(t.Context(), w.desk(access.RoleReviewer), f.ID)
		if w.must(err); len(again.Decisions) != 0 {
			t.Error("decided all the same")
		}
	})
}

// Who reported stays sealed but with a reason and a fresh sign-in; the page that shows
// it leaves by itself.
func TestAReporterIsRevealedWithAReason(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.investigated("3.2.forced")
		report := f.Reports[0]
		v := w.as(access.RoleInspector)
		if _, body := v.get(caseURL(f.ID)); strings.Contains(body, "wang@") || strings.Contains(body, "不同意就退出") {
			t.Error("the case page names the reporter")
		}
		if status, body := v.post(caseURL(f.ID)+"/reporter", filled(f, "target", report, "reason", "x")); status != http.StatusOK || strings.Contains(body, "wang@") ||
			!strings.Contains(body, words.T(words.ZH, "console.reason.short")) {
			t.Errorf("without a reason: %d", status)
		}
		resp, body := v.answer(caseURL(f.ID)+"/reporter", filled(f, "target", report, "reason", "需要核对来源"))
		if !strings.Contains(body, "wang@example.com") || !strings.Contains(resp.Header.Get("Refresh"), "60") || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("with a reason: %v", resp.Header)
		}
		if status, _ := v.post(caseURL(f.ID)+"/reporter", filled(f, "target", "rep_none", "reason", "需要核对来源")); status != http.StatusNotFound {
			t.Errorf("a report of nobody: %d", status)
		}
		w.c.StepUp = -1
		if status, body := v.post(caseURL(f.ID)+"/reporter", filled(f, "target", report, "reason", "需要核对来源")); status != http.StatusForbidden || strings.Contains(body, "wang@") {
			t.Errorf("with an old sign-in: %d", status)
		}
	})
}

// The queue is narrowed by its address alone.
func TestTheQueueIsNarrowedByItsAddress(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine := w.investigated("3.2.forced").ID
		waiting := w.reported(casework.NewReport{Channel: "media_exposure", Proof: map[string]string{"address": "某报"}})
		done := w.reported(casework.NewReport{Channel: "other_lawful"})
		f := w.mustFile(w.c.Casework.Triage(t.Context(), w.desk(access.RoleInspector), done, 0, 0))
		w.mustFile(w.c.Casework.End(t.Context(), w.desk(access.RoleInspector), done, f.Version, casework.Dismissed, "误报，不予处理", ""))
		v := w.as(access.RoleInspector)
		for query, want := range map[string][]string{
			"": {mine, waiting}, "?state=intake": {waiting}, "?state=investigating": {mine}, "?who=mine": {mine}, "?who=nobody": {waiting},
			"?channel=media_exposure": {waiting}, "?channel=rumour": {mine, waiting}, "?ended=1": {done}, "?state=dismissed": {done},
			"?overdue=1": nil, "?app=" + w.app: {mine, waiting}, "?app=app_none": nil, "?who=" + w.staff[access.RoleReviewer].ID: nil,
		} {
			_, body := v.get("/console/cases" + query)
			for _, id := range []string{mine, waiting, done} {
				if got := strings.Contains(body, caseURL(id)+`"`); got != slices.Contains(want, id) {
					t.Errorf("%q lists %s: %v", query, id, got)
				}
			}
		}
		if status, _ := v.get("/console/cases?cursor=nonsense"); status != http.StatusBadRequest {
			t.Errorf("a cursor of nobody answered %d", status)
		}
	})
}

// inForce puts the milder edition in force an hour ago, and makes a case about an act
// of the day before.
func (w *world) inForce() casework.File {
	w.t.Helper()
	e := w.drafted()
	ctx := w.t.Context()
	w.must(w.c.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "update policy_edition set stage='announced', approver='staff_other', notice=7, announced_at=1, effective_at=$2 where hash=$1",
			e.Hash(), tx.Now().Add(-time.Hour).UnixMilli())
		return err
	}))
	f := w.investigated("3.2.forced")
	return w.mustFile(w.c.Casework.Find(ctx, w.desk(access.RoleInspector), f.ID, f.Version, casework.NewFinding{
		ID: f.Findings[0].ID, Clause: "3.2.forced", Verdict: finding.Violation, Text: f.Findings[0].Text, ActAt: w.c.DB.Now().Add(-24 * time.Hour),
	}))
}

// Where the newer edition is milder it applies, and both are shown.
func TestBothEditionsAreShown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.inForce()
		_, body := w.as(access.RoleReviewer).get(caseURL(f.ID))
		for _, want := range []string{
			words.T(words.ZH, "console.weigh.milder"), words.T(words.ZH, "console.weigh.then"), editionURL(policy.First().Hash()),
			words.T(words.ZH, "console.measure.capability_suspend") + words.T(words.ZH, "console.measure.until"),
		} {
			if !strings.Contains(body, want) {
				t.Errorf("the page does not show %q", want)
			}
		}
	})
}

// A case is closed to operators; what they see of theirs is elsewhere.
func TestOperatorsHaveNoDesk(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.investigated("3.2.forced")
		if _, err := w.c.Casework.Timeline(context.Background(), w.owner, f.ID, 0); err == nil {
			t.Error("an operator follows the desks' work")
		}
		if _, _, err := w.c.Casework.Appeals(context.Background(), w.owner, false, "", 0); err == nil {
			t.Error("an operator lists everybody's appeals")
		}
		if _, err := w.c.Casework.Backtest(context.Background(), w.owner, policy.First()); err == nil {
			t.Error("an operator reads everybody's decisions")
		}
	})
}

// What the pages ask for by a code is written down for every code there is.
func TestWordsForCasework(t *testing.T) {
	var keys []string
	for _, s := range casework.States() {
		keys = append(keys, "case.state."+string(s))
	}
	for _, k := range casework.StepKinds() {
		keys = append(keys, "case.step."+k)
	}
	for _, c := range policy.Channels() {
		keys = append(keys, "channel."+c)
		for _, p := range casework.ProofsOf(c) {
			keys = append(keys, "proof."+p)
		}
	}
	for _, k := range policy.Kinds() {
		keys = append(keys, "measure."+string(k))
	}
	for _, s := range []casework.MeasureState{
		casework.Pending, casework.Active, casework.Frozen, casework.Captured, casework.Released, casework.Expired, casework.Lifted, casework.Reversed, casework.Superseded,
	} {
		keys = append(keys, "measure.state."+string(s))
	}
	for _, s := range []casework.AppealState{
		casework.Filed, casework.Inadmissible, casework.UnderReview, casework.Upheld, casework.Modified, casework.Overturned, casework.Withdrawn,
	} {
		keys = append(keys, "appeal.state."+string(s))
	}
	for _, a := range policy.Aggravators() {
		keys = append(keys, "aggravator."+string(a))
	}
	for _, s := range policy.Severities() {
		keys = append(keys, "severity."+string(s))
	}
	for _, c := range policy.Changes() {
		keys = append(keys, "change."+string(c))
	}
	for _, s := range []policy.Stage{policy.DraftStage, policy.Announced, policy.Dropped} {
		keys = append(keys, "standard.stage."+string(s))
	}
	for _, t := range policy.First().Thresholds {
		keys = append(keys, "effect."+t.Effect)
	}
	for _, u := range []string{"h", "d", "wd", "m"} {
		keys = append(keys, "span."+u)
	}
	for _, r := range access.Roles() {
		keys = append(keys, "role."+string(r))
	}
	for _, k := range keys {
		if !words.Has("console." + k) {
			t.Errorf("console.%s is not written down", k)
		}
	}
}
