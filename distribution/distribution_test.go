package distribution_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"clew/access"
	"clew/capability"
	"clew/component"
	"clew/distribution"
	"clew/funnel"
	"clew/lead"
	"clew/lead/leadtest"
)

const district = "440106"

var host = access.Caller{Kind: access.KindKey, ID: "host", Scopes: access.ScopeHost}

// place gives the house's component a target.
func place(h *leadtest.House) component.Target {
	h.T.Helper()
	t, err := h.Components.CreateTarget(h.T.Context(), h.Owner, component.Target{
		App: h.App, Component: h.Version.Component, Name: "法律咨询", Regions: []string{district, "110101"}, Categories: []string{leadtest.Category},
		Pages: []string{"pages/index/index"},
	})
	if err != nil {
		h.T.Fatal(err)
	}
	return t
}

func show(h *leadtest.House, n int) {
	h.T.Helper()
	var events []funnel.Event
	for i := range n {
		events = append(events, funnel.Event{
			ID: fmt.Sprintf("event-%s-%d", h.Version.Component[4:12], i), Kind: funnel.Show, Component: h.Version.Component, Scene: "live", Region: district,
			At: h.Clock.Now(), Visitor: fmt.Sprint(i),
		})
	}
	if _, err := h.Funnel.Take(h.T.Context(), h.Owner.Operator, events); err != nil {
		h.T.Fatal(err)
	}
	if _, err := h.Funnel.Fold(h.T.Context()); err != nil {
		h.T.Fatal(err)
	}
}

// A ranking explains itself from shows and valid leads; withdrawn capability takes
// the component out of the very next one, an outcome into what is believed.
func TestARankingSaysWhyAndForgetsWithTheCapability(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		target := place(h)
		room := &distribution.Room{DB: h.DB, Access: h.Access}
		q := distribution.Query{Region: district, Category: leadtest.Category, Scene: "live", Seed: 7}
		rank := func() distribution.Ranking {
			h.T.Helper()
			h.Clock.Advance(time.Minute) // what was learnt is learnt again
			got, err := room.Rank(ctx, host, q)
			if err != nil {
				h.T.Fatal(err)
			}
			return got
		}
		new := rank()
		if len(new.Components) != 1 || new.Components[0].ConfigID != target.ConfigID || !slices.Contains(new.Components[0].Why, distribution.WhyNew) {
			h.T.Fatalf("a new component: %+v", new)
		}
		show(h, 200)
		seen := rank().Components[0]
		if seen.Shows != 200 || seen.Valid != 0 || seen.Rate >= new.Components[0].Rate || seen.High >= new.Components[0].High {
			h.T.Errorf("200 shows and no lead: %+v, before %+v", seen, new.Components[0])
		}
		if seen.Low > seen.Rate || seen.Rate > seen.High || len(seen.Levels) != 5 || seen.PriorStrength <= 0 {
			h.T.Errorf("the reasons are %+v", seen)
		}
		s := h.Submission("key-00000001", 1)
		s.Scene, s.Region = "live", district
		accepted, err := h.Intake.Accept(ctx, s)
		if err != nil {
			h.T.Fatal(err)
		}
		if _, err := h.Leads.SetOutcome(ctx, h.Owner, accepted.Lead, lead.Outcome{State: lead.Won}, 0); err != nil {
			h.T.Fatal(err)
		}
		if _, err := h.Funnel.Fold(ctx); err != nil {
			h.T.Fatal(err)
		}
		won := rank().Components[0]
		if won.Valid != 1 || won.Rate <= seen.Rate {
			h.T.Errorf("a valid lead: %+v", won)
		}
		again, err := room.Rank(ctx, host, q)
		if err != nil || again.Components[0].Drawn != won.Drawn {
			h.T.Errorf("the same seed drew %v, not %v (%v)", again.Components[0].Drawn, won.Drawn, err)
		}

		for name, other := range map[string]distribution.Query{
			"elsewhere":        {Region: "310101", Category: leadtest.Category},
			"another category": {Region: district, Category: "教育培训 > 教育培训 > 学历教育"},
		} {
			if got, err := room.Rank(ctx, host, other); err != nil || len(got.Components) != 0 {
				h.T.Errorf("%s: %+v, %v", name, got.Components, err)
			}
		}

		// No clock moves between these: the next call already knows.
		admin := access.Caller{Kind: access.KindStaff, ID: "staff_admin", Role: access.RoleAdmin}
		if err := h.Capability.Decide(ctx, admin, h.Owner.Operator, h.App, capability.Suspended, "抽检发现强制授权", ""); err != nil {
			h.T.Fatal(err)
		}
		if got, err := room.Rank(ctx, host, q); err != nil || len(got.Components) != 0 || got.Considered != 1 {
			h.T.Errorf("suspended, and still ranked: %+v, %v", got, err)
		}
		if err := h.Capability.Decide(ctx, admin, h.Owner.Operator, h.App, capability.Granted, "整改完成", ""); err != nil {
			h.T.Fatal(err)
		}
		if got, err := room.Rank(ctx, host, q); err != nil || len(got.Components) != 1 {
			h.T.Errorf("restored, and not ranked: %+v, %v", got, err)
		}
		if err := h.Components.DeleteTarget(ctx, h.Owner, h.App, target.ConfigID); err != nil {
			h.T.Fatal(err)
		}
		if got, err := room.Rank(ctx, host, q); err != nil || len(got.Components) != 0 {
			h.T.Errorf("without a target, and still ranked: %+v, %v", got, err)
		}
	})
}

func TestWhoAndWhatIsRefused(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		room := &distribution.Room{DB: h.DB, Access: h.Access}
		good := distribution.Query{Region: district, Category: leadtest.Category}
		var denied *access.Denied
		if _, err := room.Rank(h.T.Context(), h.Owner, good); !errors.As(err, &denied) {
			h.T.Errorf("an operator's ranking: %v", err)
		}
		for field, change := range map[string]func(*distribution.Query){
			"region":   func(q *distribution.Query) { q.Region = "440100" },
			"source":   func(q *distribution.Query) { q.Scene = "moon" },
			"limit":    func(q *distribution.Query) { q.Limit = 51 },
			"category": func(q *distribution.Query) { q.Category = "" },
		} {
			q := good
			change(&q)
			var bad *distribution.BadQuery
			if _, err := room.Rank(h.T.Context(), host, q); !errors.As(err, &bad) || bad.Field != field {
				h.T.Errorf("%s: %v", field, err)
			}
		}
	})
}
