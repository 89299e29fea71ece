package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/db"
	"clew/policy"
	"clew/words"
)

// An edition is drafted, its effects are seen, and another person announces it ahead
// of time.
func TestAnEditionIsDraftedAndAnnounced(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.proposedCase()
		f = w.mustFile(w.c.Casework.Approve(t.Context(), w.desk(access.RoleApprover), f.ID, f.Version, f.Decisions[0].ID))
		editor, second := w.as(access.RolePolicyEditor), w.as(access.RolePolicyApprover)
		if status, body := editor.get("/console/policy/new"); status != http.StatusOK || !strings.Contains(body, "S3-first") {
			t.Errorf("a draft begins from the edition in force: %d", status)
		}
		// What is wrong is said with its line, and the text stays.
		broken := strings.Replace(policy.First().Text(), `when: severity == "S2" && repeat == 1`, `when: severity == "S2" && repaet == 1`, 1)
		line := strings.Count(broken[:strings.Index(broken, "repaet")], "\n") // the row begins a line before
		_, body := editor.post("/console/policy/new", url.Values{"check": {"1"}, "text": {broken}})
		if !strings.Contains(body, words.T(words.ZH, "console.standard.line", "n", line)) {
			t.Errorf("no line %d in what is said of a broken text", line)
		}
		if strings.Count(body, "repaet") < 2 {
			t.Error("the text is gone, or the reason does not name the word")
		}
		if _, body := editor.post("/console/policy/new", url.Values{"text": {"{"}}); !strings.Contains(body, words.T(words.ZH, "console.standard.defects", "n", 1)) {
			t.Error("a text that is no YAML is not refused")
		}
		// Checking stores nothing and shows what would change; browsers send CR LF.
		_, body = editor.post("/console/policy/new", url.Values{"check": {"1"}, "text": {strings.ReplaceAll(milder, "\n", "\r\n")}})
		for _, want := range []string{words.T(words.ZH, "console.standard.sound"), words.T(words.ZH, "console.change.lighter"), f.ID} {
			if !strings.Contains(body, want) {
				t.Errorf("the check does not show %q", want)
			}
		}
		var kept []policy.Kept
		list := func() []policy.Kept {
			w.must(w.c.DB.Read(t.Context(), func(tx *db.Tx) (err error) { kept, err = policy.Editions(t.Context(), tx); return err }))
			return kept
		}
		if len(list()) != 0 {
			t.Fatal("a check was stored")
		}
		resp, _ := editor.answer("/console/policy/new", url.Values{"text": {strings.ReplaceAll(milder, "\n", "\r\n")}})
		if len(list()) != 1 || resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("saving answered %d", resp.StatusCode)
		}
		e, err := policy.Parse(milder)
		w.must(err)
		if kept[0].Hash != e.Hash() {
			t.Error("the hash depends on the browser's line ends")
		}
		at := editionURL(e.Hash())
		earliest := policy.Span{N: 7, Unit: "d"}.After(w.c.DB.Now()).In(zone)
		if _, body := second.get(at); !strings.Contains(body, `min="`+earliest.Format(time.DateOnly)+`"`) {
			t.Error("the earliest day is not offered")
		}
		day := func(d time.Time) url.Values { return url.Values{"effective": {d.Format(time.DateOnly)}} }
		if status, body := second.post(at+"/announce", day(earliest.AddDate(0, 0, -1))); status != http.StatusOK || !strings.Contains(body, "7") || !strings.Contains(body, `role="alert"`) {
			t.Errorf("too soon answered %d", status)
		}
		if _, body := second.post(at+"/announce", url.Values{"effective": {"soon"}}); !strings.Contains(body, words.T(words.ZH, "console.standard.day")) {
			t.Error("a day that is none")
		}
		if status, _ := second.post(at+"/announce", day(earliest)); status != http.StatusSeeOther || list()[0].Stage != policy.Announced {
			t.Errorf("announcing answered %d", status)
		}
		if status, body := second.post(at+"/announce", day(earliest)); status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "console.standard.stage.wrong")) {
			t.Errorf("announcing twice answered %d", status)
		}
		if status, _ := second.post(at+"/drop", nil); status != http.StatusSeeOther || list()[0].Stage != policy.Dropped {
			t.Errorf("dropping answered %d", status)
		}
		if status, _ := second.get(editionURL(strings.Repeat("0", 64))); status != http.StatusNotFound {
			t.Errorf("an edition of nobody answered %d", status)
		}
	})
}

// Nobody approves what they wrote, whatever role they were given since.
func TestNobodyAnnouncesTheirOwnDraft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, err := w.c.Policies.Save(t.Context(), access.Caller{Kind: access.KindStaff, ID: w.staff[access.RolePolicyApprover].ID, Role: access.RolePolicyEditor}, milder)
		w.must(err)
		v := w.as(access.RolePolicyApprover)
		if _, body := v.get(editionURL(e.Hash())); strings.Contains(body, "/announce") || !strings.Contains(body, words.T(words.ZH, "console.standard.own.draft")) {
			t.Error("the page offers to approve one's own")
		}
		if status, body := v.post(editionURL(e.Hash())+"/announce", url.Values{"effective": {"2099-01-01"}}); status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "problem.own_decision.detail")) {
			t.Errorf("approving one's own answered %d", status)
		}
	})
}

func TestBuckets(t *testing.T) {
	list := buckets(map[int]int{100: 40, 99: 2, 90: 1, 0: 1, 55: 3})
	if len(list) != 11 || list[10].Apps != 40 || list[9].Apps != 3 || list[0].Apps != 1 || list[5].Apps != 3 || list[4].Apps != 0 {
		t.Errorf("%+v", list)
	}
	if list[10].Height != 96 || list[0].Height != 2 || list[4].Height != 0 {
		t.Errorf("heights %+v", list)
	}
	if empty := buckets(nil); len(empty) != 11 || empty[10].Height != 0 {
		t.Errorf("%+v", empty)
	}
}
