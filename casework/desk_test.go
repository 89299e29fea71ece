package casework_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/capability"
	"clew/casework"
	"clew/db"
	"clew/policy"
)

var editor = staff(access.RolePolicyEditor, "staff_editor")

func (d *desk) edition(old, now string) *policy.Edition {
	d.t.Helper()
	text := policy.First().Text()
	if !strings.Contains(text, old) {
		d.t.Fatalf("the shipped edition has no %q", old)
	}
	e, err := policy.Parse(strings.Replace(strings.Replace(text, old, now, 1), `edition: "2026-01"`, `edition: "2027-01"`, 1))
	if err != nil {
		d.t.Fatal(err)
	}
	return e
}

// A backtest decides again what stands, and nothing else, by the facts counted then
// and the new edition's severities.
func TestBacktest(t *testing.T) {
	desks(t, func(d *desk) {
		test := func(e *policy.Edition) map[string]casework.Difference {
			t := d.t
			t.Helper()
			list, err := d.room.Backtest(t.Context(), editor, e)
			if err != nil {
				t.Fatal(err)
			}
			by := map[string]casework.Difference{}
			for _, x := range list {
				by[x.Decision] = x
			}
			return by
		}
		if got := test(policy.First()); len(got) != 0 {
			t.Errorf("before any decision: %+v", got)
		}
		slight := d.decide(d.begin("3.2.entry-popup"), casework.Draft{Claims: casework.Claims{Fixed: true}})
		grave := d.decide(d.begin("3.2.forced"), casework.Draft{})
		if got := test(policy.First()); len(got) != 1 {
			t.Errorf("what waits for its second person was counted: %+v", got)
		}
		grave = d.must(d.room.Approve(t.Context(), approver, grave.ID, grave.Version, grave.Decisions[0].ID))
		a, b := slight.Decisions[0].ID, grave.Decisions[0].ID
		got := test(policy.First())
		if len(got) != 2 || got[a].Change != policy.Same || got[b].Change != policy.Same || got[a].Case != slight.ID || got[a].App != d.app {
			t.Errorf("by the same edition: %+v", got)
		}
		// Heavier for one, as ever for the other.
		got = test(d.edition("{kind: public_warning, days: 30}\n    if_not_fixed", "{kind: public_warning, days: 60}\n    if_not_fixed"))
		if got[a].Change != policy.Graver || got[b].Change != policy.Same || got[a].New.Measures[0].Days != 60 {
			t.Errorf("a longer warning: %+v", got)
		}
		// A clause that becomes slighter takes the decision to another row: lighter but for
		// the days to put it right, which are fewer.
		got = test(d.edition(`"3.2.forced": S3`, `"3.2.forced": S2`))
		if got[b].Change != policy.Mixed || got[b].New.Row != "S2-first" || got[b].New.Points >= got[b].Old.Points || got[b].Old.Row != "S3-first" || got[a].Change != policy.Same {
			t.Errorf("a slighter clause: %+v", got)
		}
		// What an appeal reversed counts for nothing.
		grave = d.must(d.room.Appeal(t.Context(), d.owner(), grave.ID, appeal(grave)))
		grave = d.must(d.room.AnswerAppeal(t.Context(), appeals, grave.ID, grave.Version, grave.Appeals[0].ID,
			casework.Judgement{State: casework.Overturned, Answer: "证据不足，撤销原决定。"}))
		if got := test(policy.First()); len(got) != 1 || got[a].Decision == "" {
			t.Errorf("after the appeal: %+v", got)
		}
		d.sound(grave.ID)
		var denied *access.Denied
		if _, err := d.room.Backtest(t.Context(), d.owner(), policy.First()); !errors.As(err, &denied) {
			t.Errorf("an operator: %v", err)
		}
	})
}

func TestTheTimelineIsWhatWasWritten(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.begin("3.2.forced")
		all, err := d.room.Timeline(t.Context(), staff(access.RoleAuditor, "staff_auditor"), f.ID, 0)
		if err != nil || len(all) != f.Version || all[0].Kind != "opened" || all[len(all)-1].Kind != "found" || all[len(all)-1].By.ID != inspector.ID {
			t.Errorf("%+v, %v", all, err)
		}
		rest, err := d.room.Timeline(t.Context(), inspector, f.ID, f.Version-1)
		if err != nil || len(rest) != 1 || rest[0].Seq != f.Version {
			t.Errorf("what is new: %+v, %v", rest, err)
		}
		if _, err := d.room.Timeline(t.Context(), inspector, "case_none", 0); !errors.Is(err, casework.ErrCase) {
			t.Errorf("a case of nobody: %v", err)
		}
		var denied *access.Denied
		if _, err := d.room.Timeline(t.Context(), d.owner(), f.ID, 0); !errors.As(err, &denied) {
			t.Errorf("an operator: %v", err)
		}
	})
}

func TestAppealsAreListedByWhenTheyAreDue(t *testing.T) {
	desks(t, func(d *desk) {
		var ids []string
		for range 3 {
			f := d.decide(d.begin("3.2.entry-popup"), casework.Draft{})
			f = d.must(d.room.Appeal(t.Context(), d.owner(), f.ID, casework.NewAppeal{
				Decision: f.Decisions[0].ID, Grounds: []casework.Ground{{Fact: "gesture_proved", Text: "由用户点击打开"}},
			}))
			ids = append(ids, f.ID)
			d.clock.Advance(48 * time.Hour)
		}
		page, next, err := d.room.Appeals(t.Context(), appeals, false, "", 2)
		if err != nil || len(page) != 2 || page[0].Case != ids[0] || page[1].Case != ids[1] || page[0].State != casework.Filed || next == "" {
			t.Fatalf("%+v, %q, %v", page, next, err)
		}
		rest, end, err := d.room.Appeals(t.Context(), appeals, false, next, 2)
		if err != nil || len(rest) != 1 || rest[0].Case != ids[2] || end != "" {
			t.Errorf("%+v, %q, %v", rest, end, err)
		}
		if _, _, err := d.room.Appeals(t.Context(), appeals, false, "nonsense", 2); !errors.Is(err, casework.ErrCursor) {
			t.Errorf("%v", err)
		}
		f, err := d.room.Case(t.Context(), appeals, ids[0])
		if err != nil {
			t.Fatal(err)
		}
		f = d.must(d.room.TakeAppeal(t.Context(), appeals, f.ID, f.Version, page[0].ID))
		if page, _, _ = d.room.Appeals(t.Context(), appeals, false, "", 0); page[0].Reviewer != appeals.ID || page[0].State != casework.UnderReview {
			t.Errorf("taken: %+v", page[0])
		}
		d.must(d.room.AnswerAppeal(t.Context(), appeals, f.ID, f.Version, page[0].ID, casework.Judgement{State: casework.Upheld, Answer: "维持原决定，理由如前。"}))
		open, _, _ := d.room.Appeals(t.Context(), appeals, false, "", 0)
		closed, _, _ := d.room.Appeals(t.Context(), appeals, true, "", 0)
		if len(open) != 2 || len(closed) != 1 || closed[0].State != casework.Upheld {
			t.Errorf("%+v and %+v", open, closed)
		}
		d.read(func(ctx context.Context, tx *db.Tx) error {
			past, err := casework.PastOf(ctx, tx, d.operator, d.app, 2)
			if len(past) != 2 || past[0].Case != ids[2] || past[0].Severity != policy.S2 || past[0].Reversed {
				t.Errorf("%+v", past)
			}
			return err
		})
	})
}

// Evidence that reports bring stands in the case, once, and the operator is not shown
// whose it is.
func TestReportsBringEvidence(t *testing.T) {
	desks(t, func(d *desk) {
		n := complaint(d.app)
		n.Evidence = []string{"evd_1", "evd_2"}
		_, _, err := d.room.Report(t.Context(), inspector, n)
		if err != nil {
			t.Fatal(err)
		}
		page, _, err := d.room.Cases(t.Context(), inspector, casework.Queue{Channel: "consumer_complaint"})
		if err != nil || len(page) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		f, err := d.room.Case(t.Context(), inspector, page[0].ID)
		if err != nil || len(f.Evidence) != 2 {
			t.Errorf("%+v, %v", f.Evidence, err)
		}
		if told, err := d.room.Case(t.Context(), d.owner(), f.ID); err != nil || len(told.Evidence) != 0 {
			t.Errorf("the operator sees %v, %v", told.Evidence, err)
		}
		if page, _, _ := d.room.Cases(t.Context(), inspector, casework.Queue{Channel: "patrol"}); len(page) != 0 {
			t.Errorf("another channel: %+v", page)
		}
		var bad *casework.BadReport
		for name, ids := range map[string][]string{"too many": make([]string, 21), "no id": {"../etc"}, "empty": {""}} {
			n.Evidence = ids
			if _, _, err := d.room.Report(t.Context(), inspector, n); !errors.As(err, &bad) || bad.Field != "evidence" {
				t.Errorf("%s: %v", name, err)
			}
		}
		d.sound(f.ID)
	})
}

func TestScoresOfAllApps(t *testing.T) {
	desks(t, func(d *desk) {
		scores := func() (m map[int]int) {
			d.read(func(ctx context.Context, tx *db.Tx) (err error) { m, err = capability.Scores(ctx, tx); return err })
			return m
		}
		if got := scores(); len(got) != 1 || got[100] != 1 {
			t.Errorf("%v", got)
		}
		d.decide(d.begin("3.2.entry-popup"), casework.Draft{})
		if got := scores(); len(got) != 1 || got[94] != 1 {
			t.Errorf("%v", got)
		}
		d.clock.Advance(366 * 24 * time.Hour)
		if got := scores(); got[100] != 1 {
			t.Errorf("after a year: %v", got)
		}
	})
}
