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
)

// counted is what Count must say, counted the slow way.
func (h *house) counted(day time.Time) lead.Counts {
	h.t.Helper()
	c := lead.Counts{ByState: map[lead.State]int{}}
	for _, l := range h.list(lead.Filter{NoTest: true}) {
		c.Total++
		c.ByState[l.State]++
		if !l.Created.Before(day) {
			c.Today++
		}
	}
	return c
}

func (h *house) wantCounts(day time.Time) {
	h.t.Helper()
	got, err := h.leads.Count(h.t.Context(), h.owner, day)
	if err != nil {
		h.t.Fatal(err)
	}
	want := h.counted(day)
	if got.Total != want.Total || got.Today != want.Today || !maps.Equal(got.ByState, want.ByState) {
		h.t.Errorf("counts are %+v, want %+v", got, want)
	}
}

// Whatever happens to leads, in whatever order, the counts are what counting finds.
func TestCountsAreExact(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := t.Context()
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // order of events
		states := lead.States()
		for n := range 120 {
			h.clock.Advance(time.Duration(random.IntN(20)) * time.Minute)
			s := h.submission(fmt.Sprintf("key-%06d", random.IntN(60)), random.IntN(40)) // replays, reused keys, duplicates
			s.Form.Test = random.IntN(5) == 0
			_, _ = h.intake.Accept(ctx, s)
			all := h.list(lead.Filter{Duplicates: true, Erased: true})
			l := all[random.IntN(len(all))]
			switch random.IntN(4) {
			case 0:
				_ = h.leads.EraseByStaff(ctx, h.owner, l.ID, "asked to by letter")
			case 1, 2:
				o := lead.Outcome{State: states[random.IntN(len(states))]}
				if o.State == lead.Invalid {
					o.Reason = lead.Reasons()[0]
				}
				_, _ = h.leads.SetOutcome(ctx, h.owner, l.ID, o, 0)
			}
			if n%10 == 0 {
				day := h.db.Now().Add(-time.Duration(random.IntN(300)) * time.Minute)
				h.wantCounts(day)
				h.wantCounts(day.Truncate(time.Hour))
			}
		}
		h.wantCounts(h.db.Now().Add(-24 * time.Hour))
		h.clock.Advance(400 * 24 * time.Hour)
		for {
			n, err := h.leads.Sweep(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		h.wantCounts(h.db.Now())
		if got, err := h.leads.Count(ctx, h.owner, h.db.Now()); err != nil || got.Total != 0 {
			t.Errorf("after the end of retention %+v, %v", got, err)
		}
	})
}

// Two who erase and one who works the same lead at once count it out once.
func TestCountsAreExactUnderContention(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := t.Context()
		for n := range 10 {
			h.accept(fmt.Sprintf("key-%06d", n), n)
		}
		h.accept("key-stays", 99)
		var all sync.WaitGroup
		for _, l := range h.list(lead.Filter{}) {
			all.Go(func() { _ = h.leads.EraseByStaff(ctx, h.owner, l.ID, "asked to by letter") })
			all.Go(func() {
				_ = h.db.Write(ctx, func(tx *db.Tx) error { return h.leads.Erase(ctx, tx, l.Operator, l.ID, "person") })
			})
			all.Go(func() { _, _ = h.leads.SetOutcome(ctx, h.owner, l.ID, lead.Outcome{State: lead.Won}, 0) })
			all.Go(func() { _, _ = h.intake.Accept(ctx, h.submission("more-"+l.ID, 1000)) })
		}
		all.Wait()
		h.wantCounts(h.db.Now().Add(-time.Hour))
	})
}
