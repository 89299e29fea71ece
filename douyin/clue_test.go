package douyin

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/component"
	"clew/lead/leadtest"
)

const cluePath = "/goodlife/v1/open_api/crm/clue/query/"

func bareApp(operator, id string) access.Caller {
	return access.Caller{Kind: access.KindApp, ID: id, Operator: operator, Scopes: access.ScopeRead}
}

func (w *world) clues(more ...string) *answer {
	w.t.Helper()
	pairs := map[string]string{
		"account_id": w.Owner.Operator, "start_time": w.Clock.Now().Add(-time.Hour).In(china).Format(clueTime),
		"end_time": w.Clock.Now().Add(time.Hour).In(china).Format(clueTime), "page": "1", "page_size": "10",
	}
	for i := 0; i < len(more); i += 2 {
		pairs[more[i]] = more[i+1]
	}
	var list []string
	for k, v := range pairs {
		list = append(list, k, v)
	}
	return w.ask("GET", query(cluePath, list...), nil)
}

// audited counts what an app did, by act.
func (w *world) audited() map[access.Act]int {
	w.t.Helper()
	out := map[access.Act]int{}
	list, _, err := w.Access.Audit(w.t.Context(), w.Owner, access.AuditFilter{CallerID: w.App, Outcome: access.OutcomeDone}, "", 0)
	w.must(err)
	for _, e := range list {
		if e.Kind != access.KindApp || e.Operator != w.Owner.Operator {
			w.t.Errorf("on record as %+v", e)
		}
		out[e.Act]++
	}
	return out
}

func TestLeadsOverTheWire(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n := 1; n <= 3; n++ {
			w.Clock.Advance(time.Second)
			w.Accept(fmt.Sprintf("key-%08d", n), n)
		}
		a := w.clues().ok()
		if a.at("data.page.total") != 3.0 || a.at("data.page.page_total") != 1.0 || a.at("data.page.page_number") != 1.0 || a.at("data.page.page_size") != 10.0 ||
			a.at("extra.error_code") != 0.0 || a.at("data.error_code") != 0.0 || a.at("data.clue_data.3") != nil {
			t.Errorf("%s", a.raw)
		}
		for path, want := range map[string]any{
			"telephone": "138******03", "name": "王**", "enc_telephone": "", "create_time_detail": w.Clock.Now().In(china).Format(clueTime),
			"follow_state_name": 0.0, "effective_state": 0.0, "tool_id": w.Version.Component, "root_life_account_id": w.Owner.Operator, "order_id": "", "gender": 0.0,
		} {
			if got := a.at("data.clue_data.0." + path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
		if got := w.audited(); got[access.LeadList] != 1 || got[access.LeadReveal] != 0 {
			t.Errorf("on record: %v", got)
		}
		for n := 1; n <= 3; n++ {
			if strings.Contains(string(a.raw), leadtest.Number(n)) || strings.Contains(string(a.raw), "王小明") {
				t.Error("personal data without the right to it")
			}
		}
		page := w.clues("page", "2", "page_size", "2").ok()
		if page.at("data.page.page_total") != 2.0 || page.at("data.clue_data.0.telephone") != "138******01" || page.at("data.clue_data.1") != nil {
			t.Errorf("%s", page.raw)
		}
		if a := w.clues("start_time", w.Clock.Now().In(china).Format(clueTime)).ok(); a.at("data.page.total") != 1.0 {
			t.Errorf("from now on: %s", a.raw)
		}
		if a := w.clues("life_account_id", "op_other").ok(); a.at("data.page.total") != 0.0 || a.at("data.clue_data.0") != nil {
			t.Errorf("%s", a.raw)
		}
		if a := w.clues("life_account_id", "op_other,"+w.Owner.Operator).ok(); a.at("data.page.total") != 3.0 {
			t.Errorf("%s", a.raw)
		}

		// In the clear, or encrypted for the app, only by the right to reveal.
		w.clues("telephone_form", "plain").is(28001014)
		w.addKey()
		w.clues("telephone_form", "sealed").is(28001014)
		w.allow(access.ScopeRead | access.ScopeReveal)
		before := w.audited()
		a = w.clues().ok()
		if a.at("data.clue_data.0.telephone") != leadtest.Number(3) || a.at("data.clue_data.0.name") != "王小明" {
			t.Error("the right to reveal reveals nothing")
		}
		if got := w.audited(); got[access.LeadReveal] != before[access.LeadReveal]+3 || got[access.LeadList] != before[access.LeadList]+1 {
			t.Errorf("on record: %v, before %v", got, before)
		}
		sealedAnswer := w.clues("telephone_form", "sealed").ok()
		if got := string(decrypt(t, sealedAnswer.text("data.clue_data.0.enc_telephone"))); got != "+86"+leadtest.Number(3) {
			t.Error("what is sealed is another number")
		}
		if sealedAnswer.at("data.clue_data.0.telephone") != "138******03" || strings.Contains(string(sealedAnswer.raw), leadtest.Number(3)) {
			t.Error("the number stands beside what is sealed")
		}
		if a := w.clues("telephone_form", "masked").ok(); a.at("data.clue_data.0.telephone") != "138******03" {
			t.Error("masks were asked for")
		}
		w.allow(access.ScopeWrite)
		w.clues().is(28001014)
		if strings.Contains(w.log.String(), leadtest.Number(3)) {
			t.Error("the log holds a number")
		}
	})
}

func TestLeadQueriesThatAreNone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.Accept("key-00000001", 1)
		for name, values := range map[string][]string{
			"account_id": {"", "op_other", w.App}, "start_time": {"", "x", "2026-01-01", "1767225600", "2026-02-30 00:00:00", "0001-01-01 00:00:00"},
			"end_time": {"", "x", w.Clock.Now().Add(-2 * time.Hour).In(china).Format(clueTime), "2099-01-01 00:00:00"},
			"page":     {"", "0", "-1", "x", "1.5", "10001"}, "page_size": {"", "0", "101", "x"}, "telephone_form": {"clear"},
		} {
			for _, v := range values {
				w.clues(name, v).is(28001007, name)
			}
		}
		w.clues("page", "101", "page_size", "100").is(28001007, "page")
		w.clues("page", "100", "page_size", "100").ok()

		// Another operator's leads are nobody else's, and an app of the same operator sees
		// its own alone.
		owner, _, token := w.other()
		if a := w.ask("GET", query(cluePath, "account_id", w.Owner.Operator, "start_time", "2026-03-01 00:00:00", "end_time", "2026-03-03 00:00:00", "page", "1", "page_size", "10"), nil, as(token)); a.code() != 28001007 {
			t.Errorf("%s", a.raw)
		}
		if a := w.ask("GET", query(cluePath, "account_id", owner.Operator, "start_time", "2026-03-01 00:00:00", "end_time", "2026-03-03 00:00:00", "page", "1", "page_size", "10"), nil, as(token)).ok(); a.at("data.page.total") != 0.0 {
			t.Errorf("%s", a.raw)
		}
	})
}

// Fields that are neither name nor number come as remark_dict.
func TestOtherAnswersAreMaskedToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		def := component.Sample(w.App)
		def.Verification = component.Typed
		w.Publish(def)
		s := w.Submission("key-00000009", 9)
		for _, f := range def.Fields {
			if f.Kind == component.KindText {
				s.Answers[f.ID] = "想咨询劳动合同"
			}
		}
		if _, err := w.Intake.Accept(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		a := w.clues().ok()
		var rest map[string]string
		w.must(json.Unmarshal([]byte(a.text("data.clue_data.0.remark_dict")), &rest))
		for _, v := range rest {
			if strings.Contains(v, "劳动合同") {
				t.Error("a free text stands in the clear")
			}
		}
	})
}
