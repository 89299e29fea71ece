package public

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/browsertest"
	"clew/casework"
	"clew/db"
	"clew/finding"
	"clew/words"
)

func desk(role access.Role, id string) access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: id, Role: role}
}

// decided is a case with a breach and a decision on it, taken by the people it takes.
func (w *world) decided(clauses ...string) casework.File {
	w.t.Helper()
	ctx, room := w.t.Context(), w.pages.Casework
	inspector := desk(access.RoleInspector, "staff_i")
	number, key, err := room.Report(ctx, inspector, casework.NewReport{App: w.app, Channel: "consumer_complaint", Reporter: casework.Reporter{Text: "一进页面就弹窗"}})
	w.must(err)
	id := w.followed(number, key).Case
	ok := func(f casework.File, err error) casework.File {
		w.t.Helper()
		w.must(err)
		return f
	}
	f := ok(room.Triage(ctx, inspector, id, 0, 1))
	f = ok(room.Assign(ctx, inspector, id, f.Version, inspector.ID))
	draft := casework.Draft{Reasons: finding.Say("经复核，进入落地页即弹出<授权>，违反规范。", "A dialog opens on entry & asks.")}
	for _, c := range clauses {
		f = ok(room.Find(ctx, inspector, id, f.Version, casework.NewFinding{Clause: c, Verdict: finding.Violation, Text: finding.Say("弹窗", "a dialog")}))
		draft.Findings = append(draft.Findings, f.Findings[len(f.Findings)-1].ID)
	}
	f = ok(room.Decide(ctx, desk(access.RoleReviewer, "staff_r"), id, f.Version, draft))
	if f.State == casework.Proposed {
		f = ok(room.Approve(ctx, desk(access.RoleApprover, "staff_a"), id, f.Version, f.Decisions[0].ID))
	}
	return f
}

// overturn grants the operator's appeal.
func (w *world) overturn(f casework.File) {
	w.t.Helper()
	ctx, room, judge := w.t.Context(), w.pages.Casework, desk(access.RoleAppeals, "staff_j")
	f, err := room.Appeal(ctx, w.owner, f.ID, casework.NewAppeal{Decision: f.Decisions[0].ID, Grounds: []casework.Ground{{Fact: "way_on", Text: "弹窗可以关闭，继续使用"}}})
	w.must(err)
	id := f.Appeals[0].ID
	f, err = room.TakeAppeal(ctx, judge, f.ID, f.Version, id)
	w.must(err)
	_, err = room.AnswerAppeal(ctx, judge, f.ID, f.Version, id, casework.Judgement{State: casework.Overturned, Answer: "经复核，弹窗可以关闭，撤销原决定。"})
	w.must(err)
}

type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Link    struct {
			Href string `xml:"href,attr"`
		} `xml:"link"`
		Content string `xml:"content"`
	} `xml:"entry"`
}

// atom reads a feed strictly: what RFC 4287 (4.1.1, 4.1.2) demands must be there.
func (w *world) atom(address string) (f feed) {
	w.t.Helper()
	resp, body := w.get(address)
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/atom+xml") {
		w.t.Fatalf("%d\n%s", resp.StatusCode, body)
	}
	w.must(xml.Unmarshal([]byte(body), &f))
	if f.ID == "" || f.Title == "" || f.Author == "" {
		w.t.Errorf("the feed lacks a part: %+v", f)
	}
	ids := map[string]bool{}
	for _, at := range append([]string{f.Updated}, func() (all []string) {
		for _, e := range f.Entries {
			if e.ID == "" || e.Title == "" || ids[e.ID] {
				w.t.Errorf("an entry lacks a part or its id stands twice: %+v", e)
			}
			ids[e.ID] = true
			all = append(all, e.Updated)
		}
		return all
	}()...) {
		if _, err := time.Parse(time.RFC3339, at); err != nil {
			w.t.Error(err)
		}
	}
	return f
}

func TestRegisterShowsWhatHoldsAndMarksWhatDoesNot(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		if empty := w.atom(w.url + "/register.atom"); len(empty.Entries) != 0 {
			t.Errorf("%+v", empty)
		}
		f := w.decided("3.2.entry-popup")
		read := func() (list []published) {
			t.Helper()
			resp, body := w.get(w.url + "/register.json")
			if resp.StatusCode != http.StatusOK || resp.Header.Get("Cache-Control") != "public, max-age=60" {
				t.Errorf("%d, %s", resp.StatusCode, resp.Header.Get("Cache-Control"))
			}
			var got struct{ Entries []published }
			w.must(json.Unmarshal([]byte(body), &got))
			return got.Entries
		}
		list := read()
		if len(list) != 1 || list[0].State != "active" || list[0].OperatorName != "清舟律师事务所" || list[0].AppName != "清舟法律咨询" || list[0].Case != f.ID {
			t.Fatalf("%+v", list)
		}
		for _, c := range []struct{ path, say string }{
			{"/register?lang=zh", "清舟律师事务所"},
			{"/register?lang=zh", "生效中"},
			{"/register?lang=zh", "3.2.entry-popup"},
			{"/register?lang=zh", "经复核，进入落地页即弹出&lt;授权&gt;"},
			{"/register?lang=en", "In force"},
			{"/register?lang=en", "A dialog opens on entry &amp; asks."},
			{"/register/" + list[0].ID + "?lang=zh", f.ID},
		} {
			if resp, body := w.get(w.url + c.path); resp.StatusCode != http.StatusOK || !strings.Contains(body, c.say) {
				t.Errorf("%s lacks %q: %d\n%s", c.path, c.say, resp.StatusCode, body)
			}
		}
		before := w.atom(w.url + "/register.atom")
		w.overturn(f)
		if list := read(); len(list) != 1 || list[0].State != "withdrawn" {
			t.Errorf("after the appeal: %+v", list)
		}
		if _, body := w.get(w.url + "/register?lang=zh"); !strings.Contains(body, "已撤销") || strings.Contains(body, "生效中") {
			t.Errorf("not marked:\n%s", body)
		}
		after := w.atom(w.url + "/register.atom?lang=zh")
		if len(before.Entries) != 1 || len(after.Entries) != 1 || before.Entries[0].ID != after.Entries[0].ID || !strings.Contains(after.Entries[0].Title, "已撤销") ||
			!strings.Contains(after.Entries[0].Content, "<授权>") || after.Entries[0].Link.Href != list[0].URL {
			t.Errorf("%+v\n%+v", before, after)
		}
		for _, path := range []string{"/register/reg_none", "/register/%00", "/register?before=%00"} {
			if resp, _ := w.get(w.url + path); resp.StatusCode != http.StatusNotFound {
				t.Errorf("%s: %d", path, resp.StatusCode)
			}
		}
	})
}

// Page by page, in all three forms, every entry comes once.
func TestRegisterIsReadPageByPage(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		w.decided("3.2.entry-popup")
		w.must(w.pages.DB.Write(t.Context(), func(tx *db.Tx) error {
			text, err := db.One(t.Context(), tx, func(s db.Scanner) (b string, err error) { return b, s.Scan(&b) }, "select body from register_entry where operator=$1", w.operator)
			if err != nil {
				return err
			}
			for range 2 * registerPage {
				if _, err := tx.Exec(context.Background(), `insert into register_entry (operator, id, measure, app, state, body, published_at, changed_at) values ($1, $2, $3, $4, 'ended', $5, $6, $6)`,
					w.operator, db.NewID("reg"), db.NewID("mea"), w.app, text, tx.NowMS()); err != nil {
					return err
				}
			}
			return nil
		}))
		seen, pages := map[string]bool{}, 0
		for at := w.url + "/register.json"; at != ""; pages++ {
			_, body := w.get(at)
			var got struct {
				Entries []published
				Next    string
			}
			w.must(json.Unmarshal([]byte(body), &got))
			for _, e := range got.Entries {
				if seen[e.ID] {
					t.Errorf("%s comes twice", e.ID)
				}
				seen[e.ID] = true
			}
			at = got.Next
		}
		if len(seen) != 2*registerPage+1 || pages != 3 {
			t.Errorf("%d entries on %d pages", len(seen), pages)
		}
		seen = map[string]bool{}
		for at := w.url + "/register.atom"; at != ""; {
			f := w.atom(at)
			at = ""
			for _, l := range f.Links {
				if l.Rel == "next" {
					at = l.Href
				}
			}
			for _, e := range f.Entries {
				seen[e.ID] = true
			}
		}
		if len(seen) != 2*registerPage+1 {
			t.Errorf("%d entries in the feed", len(seen))
		}
	})
}

// A page that was closed by a decision leads to what was decided, and that page can be
// read by everybody.
func TestStoryRegister(t *testing.T) {
	w := sqliteWorld(t, typed)
	f := w.decided("3.2.entry-popup")
	_, err := w.pages.Casework.Recheck(t.Context(), desk(access.RoleInspector, "staff_i"), f.ID, f.Version, f.Rectifications[0].ID, false, "仍然一进入就弹窗")
	w.must(err)
	b := browsertest.Start(t)
	h := b.Page(t, browsertest.Phone)
	h.NoScript()
	h.Goto(w.path(words.ZH))
	h.See(f.ID)
	h.Tap("@link 查看公示")
	h.See("暂停线索能力")
	h.See("清舟律师事务所")
	h.Tap("@link 违规处置公示")
	h.See("公示警告")

	look := b.Page(t, browsertest.Phone)
	for _, lang := range words.Langs() {
		look.Goto(w.url + "/register?lang=" + string(lang))
		look.Axe(axe, "register "+string(lang))
		w.measure(look, "register "+string(lang))
	}
}
