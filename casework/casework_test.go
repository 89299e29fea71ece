package casework_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/casework"
	"clew/db"
	"clew/db/dbtest"
	"clew/finding"
	"clew/seal"
)

var admin = access.Caller{Kind: access.KindStaff, ID: "staff_admin", Role: access.RoleAdmin}

func owner(operator string) access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: "staff_owner", Operator: operator, Role: access.RoleOwner}
}

func each(t *testing.T, fn func(t *testing.T, r *casework.Room, clock *dbtest.Clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		fn(t, &casework.Room{DB: d, Access: &access.Room{DB: d, Ring: seal.TestRing(t)}}, clock)
	})
}

func about(rule string) finding.Finding {
	f := finding.Finding{
		Rule: rule, Clause: "3.3.scope", Verdict: finding.Violation,
		Message: finding.Say("线索组件的授权码被用于登录", "A code of the lead component was used for a login"),
		Place:   finding.Place{File: "handover"},
	}
	f.Stamp(rule)
	return f
}

func record(t *testing.T, r *casework.Room, operator, app string, f finding.Finding) (id string) {
	t.Helper()
	if err := r.DB.Write(t.Context(), func(tx *db.Tx) (err error) {
		id, err = r.Record(t.Context(), tx, operator, app, "cmp_1", f)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestTheSameThingIsKeptOnceAndCounted(t *testing.T) {
	each(t, func(t *testing.T, r *casework.Room, clock *dbtest.Clock) {
		first := r.DB.Now()
		f := about("purpose")
		id := record(t, r, "op_a", "app_1", f)
		clock.Advance(time.Hour)
		f.Verdict, f.Message = finding.Review, finding.Say("换一种说法", "other words")
		if again := record(t, r, "op_a", "app_1", f); again != id {
			t.Errorf("%s and then %s", id, again)
		}
		if other := record(t, r, "op_a", "app_2", f); other == id {
			t.Error("another app's finding is the same record")
		}
		got, err := r.Get(t.Context(), owner("op_a"), id)
		if err != nil || got.Times != 2 || !got.First.Equal(first) || !got.Last.Equal(first.Add(time.Hour)) || got.App != "app_1" ||
			got.Component != "cmp_1" || got.Detector != casework.Server || got.Finding.Verdict != finding.Review ||
			got.Finding.Message["en"] != "other words" || got.Finding.Fingerprint != f.Fingerprint {
			t.Errorf("%+v, %v", got, err)
		}
		// Another detector's is a record of its own.
		if err := r.DB.Write(t.Context(), func(tx *db.Tx) error {
			patrol, err := r.RecordFrom(t.Context(), tx, "patrol", "op_a", "app_1", "cmp_1", f)
			if patrol == id {
				t.Error("patrol's is the server's")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		// At once it is counted as often as it was seen.
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				if err := r.DB.Write(t.Context(), func(tx *db.Tx) error {
					_, err := r.Record(t.Context(), tx, "op_a", "app_1", "cmp_1", f)
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got, err := r.Get(t.Context(), admin, id); err != nil || got.Times != 10 {
			t.Errorf("%d times, %v", got.Times, err)
		}
	})
}

func TestOperatorsSeeTheirOwnAndThePlatformAll(t *testing.T) {
	each(t, func(t *testing.T, r *casework.Room, clock *dbtest.Clock) {
		var ids []string
		for i := range 5 {
			operator := []string{"op_a", "op_b"}[i%2]
			ids = append([]string{record(t, r, operator, fmt.Sprint("app_", i%2), about(fmt.Sprint("rule-", i)))}, ids...)
			if i != 2 { // two at one instant
				clock.Advance(time.Minute)
			}
		}
		list := func(c access.Caller, q casework.Query) (got []string) {
			for {
				page, next, err := r.List(t.Context(), c, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, rec := range page {
					if c.Operator != "" && rec.Operator != c.Operator {
						t.Errorf("%s sees %s", c.Operator, rec.Operator)
					}
					got = append(got, rec.ID)
				}
				if next == (casework.Cursor{}) {
					return got
				}
				q.After = next
			}
		}
		if got := list(admin, casework.Query{Limit: 2}); !slices.Equal(got, ids) {
			t.Errorf("the platform sees %v, want %v", got, ids)
		}
		if got := list(owner("op_a"), casework.Query{Operator: "op_b", Limit: 1}); !slices.Equal(got, []string{ids[0], ids[2], ids[4]}) {
			t.Errorf("op_a sees %v of %v", got, ids)
		}
		if got := list(admin, casework.Query{Operator: "op_b", App: "app_1", Component: "cmp_1", Verdict: finding.Violation}); len(got) != 2 {
			t.Errorf("narrowed: %v", got)
		}
		if got := list(admin, casework.Query{Verdict: finding.Review}); got != nil {
			t.Errorf("of another verdict: %v", got)
		}
		if _, err := r.Get(t.Context(), owner("op_a"), ids[1]); !errors.Is(err, casework.ErrUnknown) {
			t.Errorf("another operator's: %v", err)
		}
		var denied *access.Denied
		if _, _, err := r.List(t.Context(), access.Caller{}, casework.Query{}); !errors.As(err, &denied) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestAFindingThatIsNotWholeIsRefused(t *testing.T) {
	each(t, func(t *testing.T, r *casework.Room, _ *dbtest.Clock) {
		whole := about("purpose")
		for name, spoil := range map[string]func(f *finding.Finding){
			"rule":    func(f *finding.Finding) { f.Rule = "" },
			"clause":  func(f *finding.Finding) { f.Clause = "" },
			"verdict": func(f *finding.Finding) { f.Verdict = "guilty" },
			"words":   func(f *finding.Finding) { f.Message = finding.Say("只有中文", "") },
			"place":   func(f *finding.Finding) { f.Place.File = "" },
			"size": func(f *finding.Finding) {
				f.Evidence = []finding.Evidence{{Kind: "snippet", Text: string(make([]byte, 300<<10))}}
			},
		} {
			f := whole
			spoil(&f)
			err := r.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := r.Record(t.Context(), tx, "op_a", "app_1", "", f); return err })
			var bad *casework.BadFinding
			if !errors.As(err, &bad) {
				t.Errorf("%s: %v", name, err)
			}
		}
		// A fingerprint is made where the detector made none.
		f := whole
		f.Fingerprint = ""
		id := record(t, r, "op_a", "app_1", f)
		if got, err := r.Get(context.Background(), admin, id); err != nil || got.Finding.Fingerprint == "" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
