package lead_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"clew/db"
	"clew/lead"
	"clew/lead/leadtest"
)

// counted is what Count must say, counted the slow way.
func counted(h *leadtest.House, day time.Time) lead.Counts {
	h.T.Helper()
	c := lead.Counts{ByState: map[lead.State]int{}}
	for _, l := range h.List(lead.Filter{NoTest: true}) {
		c.Total++
		c.ByState[l.State]++
		if !l.Created.Before(day) {
			c.Today++
		}
	}
	return c
}

func wantCounts(h *leadtest.House, day time.Time) {
	h.T.Helper()
	got, err := h.Leads.Count(h.T.Context(), h.Owner, day)
	if err != nil {
		h.T.Fatal(err)
	}
	want := counted(h, day)
	if got.Total != want.Total || got.Today != want.Today || !maps.Equal(got.ByState, want.ByState) {
		h.T.Errorf("counts are %+v, want %+v", got, want)
	}
}

// Whatever happens to leads, in whatever order, the counts are what counting finds.
func TestCountsAreExact(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := t.Context()
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // order of events
		states := lead.States()
		for n := range 120 {
			h.Clock.Advance(time.Duration(random.IntN(20)) * time.Minute)
			s := h.Submission(fmt.Sprintf("key-%06d", random.IntN(60)), random.IntN(40)) // replays, reused keys, duplicates
			s.Form.Test = random.IntN(5) == 0
			_, _ = h.Intake.Accept(ctx, s)
			all := h.List(lead.Filter{Duplicates: true, Erased: true})
			l := all[random.IntN(len(all))]
			switch random.IntN(4) {
			case 0:
				_ = h.Leads.EraseByStaff(ctx, h.Owner, l.ID, "asked to by letter")
			case 1, 2:
				o := lead.Outcome{State: states[random.IntN(len(states))]}
				if o.State == lead.Invalid {
					o.Reason = lead.Reasons()[0]
				}
				_, _ = h.Leads.SetOutcome(ctx, h.Owner, l.ID, o, 0)
			}
			if n%10 == 0 {
				day := h.DB.Now().Add(-time.Duration(random.IntN(300)) * time.Minute)
				wantCounts(h, day)
				wantCounts(h, day.Truncate(time.Hour))
			}
		}
		wantCounts(h, h.DB.Now().Add(-24*time.Hour))
		h.Clock.Advance(400 * 24 * time.Hour)
		for {
			n, err := h.Leads.Sweep(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		wantCounts(h, h.DB.Now())
		if got, err := h.Leads.Count(ctx, h.Owner, h.DB.Now()); err != nil || got.Total != 0 {
			t.Errorf("after the end of retention %+v, %v", got, err)
		}
	})
}

// Two who erase and one who works the same lead at once count it out once.
func TestCountsAreExactUnderContention(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := t.Context()
		for n := range 10 {
			h.Accept(fmt.Sprintf("key-%06d", n), n)
		}
		h.Accept("key-stays", 99)
		var all sync.WaitGroup
		for _, l := range h.List(lead.Filter{}) {
			all.Go(func() { _ = h.Leads.EraseByStaff(ctx, h.Owner, l.ID, "asked to by letter") })
			all.Go(func() {
				_ = h.DB.Write(ctx, func(tx *db.Tx) error { return h.Leads.Erase(ctx, tx, l.Operator, l.ID, "person") })
			})
			all.Go(func() { _, _ = h.Leads.SetOutcome(ctx, h.Owner, l.ID, lead.Outcome{State: lead.Won}, 0) })
			all.Go(func() { _, _ = h.Intake.Accept(ctx, h.Submission("more-"+l.ID, 1000)) })
		}
		all.Wait()
		wantCounts(h, h.DB.Now().Add(-time.Hour))
	})
}
