package lead_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/component"
	"clew/db"
	"clew/funnel"
	"clew/lead"
	"clew/lead/leadtest"
)

// inFunnel is report, lead and valid lead of the last week, times and people.
func inFunnel(h *leadtest.House) string {
	h.T.Helper()
	if _, err := h.Funnel.Fold(h.T.Context()); err != nil {
		h.T.Fatal(err)
	}
	var s funnel.Summary
	if err := h.DB.Read(h.T.Context(), func(tx *db.Tx) (err error) {
		s, err = funnel.Overview(h.T.Context(), tx, h.Owner.Operator, funnel.Query{
			From: h.Clock.Now().AddDate(0, 0, -40), To: h.Clock.Now().AddDate(0, 0, 1),
		})
		return err
	}); err != nil {
		h.T.Fatal(err)
	}
	m := s.Total
	return fmt.Sprintf("%d/%d %d/%d %d/%d", m.ReportPv, m.ReportUv, m.ClueCnt, m.ClueUcnt, m.ValidClueCnt, m.ValidClueUcnt)
}

// Submissions, leads and valid leads are counted with the lead itself: tests never,
// duplicates as submissions, a person once a day, and whatever comes of a lead later
// moves the count of its own day.
func TestTheFunnelFollowsTheLead(t *testing.T) {
	leadtest.Each(t, func(d *component.Definition) { d.DedupeHours = 1 }, func(h *leadtest.House) {
		ctx := h.T.Context()
		want := func(what, want string) {
			h.T.Helper()
			if got := inFunnel(h); got != want {
				h.T.Errorf("%s: %s, want %s", what, got, want)
			}
		}
		outcome := func(id string, o lead.Outcome) {
			h.T.Helper()
			if _, err := h.Leads.SetOutcome(ctx, h.Owner, id, o, 0); err != nil {
				h.T.Fatal(err)
			}
		}
		first := h.Accept("key-00000001", 1)
		want("one", "1/1 1/1 0/0")
		h.Accept("key-00000001", 1)
		want("the same again", "1/1 1/1 0/0")
		h.Accept("key-00000002", 1)
		want("a duplicate", "2/1 1/1 0/0")
		h.Clock.Advance(2 * time.Hour)
		later := h.Accept("key-00000003", 1)
		want("the same person later that day", "3/1 2/1 0/0")
		other := h.Accept("key-00000004", 2)
		want("another person", "4/2 3/2 0/0")

		outcome(first.Lead, lead.Outcome{State: lead.Connected})
		want("one was reached", "4/2 3/2 1/1")
		outcome(later.Lead, lead.Outcome{State: lead.Won})
		want("the same person again", "4/2 3/2 2/1")
		outcome(first.Lead, lead.Outcome{State: lead.Invalid, Reason: "INVALID_NUMBER"})
		want("one of the two is no good", "4/2 3/2 1/1")
		outcome(later.Lead, lead.Outcome{State: lead.New})
		want("nobody was reached after all", "4/2 3/2 0/0")

		h.Clock.Advance(24 * time.Hour)
		outcome(other.Lead, lead.Outcome{State: lead.Won})
		want("an outcome a day later", "4/2 3/2 1/1")
		h.Accept("key-00000005", 1)
		want("the same person on another day", "5/3 4/3 1/1")

		h.Write(func(tx *db.Tx) error {
			return h.Leads.Withdraw(ctx, tx, h.Owner.Operator, other.Lead, "person")
		})
		want("a valid lead is taken back", "5/3 4/3 0/0")
		h.Write(func(tx *db.Tx) error {
			return h.Leads.Erase(ctx, tx, h.Owner.Operator, first.Lead, "person")
		})
		want("what stood behind one that goes is a lead of its own", "5/3 5/3 0/0")

		h.Clock.Advance(31 * 24 * time.Hour)
		if _, err := h.Leads.SetOutcome(ctx, h.Owner, later.Lead, lead.Outcome{State: lead.Won}, 0); err != nil {
			h.T.Fatal(err)
		}
		want("an outcome after the window", "5/3 5/3 0/0")
		if _, err := h.Funnel.Sweep(ctx); err != nil {
			h.T.Error(err)
		}
	})
}

// A policy holds for leads made from its day on, and for these for good.
func TestAPolicyJudgesLeadsFromItsDayOn(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		before := h.Accept("key-00000001", 1)
		h.Clock.Advance(time.Minute)
		_, err := h.Funnel.SetPolicy(ctx, h.Owner, funnel.Policy{Outcomes: []string{"won"}, Void: []string{"INVALID_NUMBER"}, WindowDays: 7}, "只认成交的线索")
		if err != nil {
			h.T.Fatal(err)
		}
		h.Clock.Advance(time.Minute)
		after := h.Accept("key-00000002", 2)
		for _, id := range []string{before.Lead, after.Lead} {
			if _, err := h.Leads.SetOutcome(ctx, h.Owner, id, lead.Outcome{State: lead.Connected}, 0); err != nil {
				h.T.Fatal(err)
			}
		}
		if got := inFunnel(h); got != "2/2 2/2 1/1" {
			h.T.Errorf("connected leads, one before and one after: %s", got)
		}
		agent := access.Caller{Kind: access.KindStaff, ID: "agent", Operator: h.Owner.Operator, Role: access.RoleAgent}
		if _, err := h.Funnel.SetPolicy(ctx, agent, funnel.Policy{Verified: true, WindowDays: 7}, "没有权限的修改"); err == nil {
			h.T.Error("an agent changed the policy")
		}
		for _, bad := range []funnel.Policy{
			{Verified: true},
			{WindowDays: 7},
			{Verified: true, WindowDays: 181},
			{Verified: true, WindowDays: 7, From: h.Clock.Now().Add(-time.Minute)},
			{Outcomes: []string{"new"}, WindowDays: 7},
			{Verified: true, WindowDays: 7, Void: []string{"WHATEVER"}},
		} {
			if _, err := h.Funnel.SetPolicy(ctx, h.Owner, bad, "一条不通的规则"); err == nil {
				h.T.Errorf("%+v was kept", bad)
			}
		}
		all, err := h.Funnel.Policies(ctx, h.Owner)
		if err != nil || len(all) != 2 || all[1].WindowDays != 7 {
			h.T.Errorf("policies: %+v, %v", all, err)
		}
	})
}

// Outcomes change while the counts are folded, from several sides at once; in the end
// the counts are what the leads say.
func TestTheFunnelIsExactUnderContention(t *testing.T) {
	leadtest.Each(t, func(d *component.Definition) { d.DedupeHours = 0 }, func(h *leadtest.House) {
		ctx := h.T.Context()
		const leads, people = 24, 5
		ids := make([]string, leads)
		for i := range ids {
			ids[i] = h.Accept(fmt.Sprintf("key-%08d", i), i%people).Lead
		}
		states := make([]lead.State, leads)
		var all sync.WaitGroup
		for part := range 4 {
			random := rand.New(rand.NewPCG(uint64(part), 1))
			all.Go(func() {
				for range 30 {
					i := part + 4*random.IntN(leads/4)
					states[i] = []lead.State{lead.New, lead.Connected, lead.Won}[random.IntN(3)]
					if _, err := h.Leads.SetOutcome(ctx, h.Owner, ids[i], lead.Outcome{State: states[i]}, 0); err != nil {
						h.T.Error(err)
					}
					if random.IntN(5) == 0 {
						if _, err := h.Funnel.Fold(ctx); err != nil {
							h.T.Error(err)
						}
					}
				}
			})
		}
		all.Wait()
		valid, persons := 0, map[int]bool{}
		for i, s := range states {
			if s == lead.Connected || s == lead.Won {
				valid++
				persons[i%people] = true
			}
		}
		if got, want := inFunnel(h), fmt.Sprintf("%d/%d %d/%d %d/%d", leads, people, leads, people, valid, len(persons)); got != want {
			h.T.Errorf("%s, want %s", got, want)
		}
	})
}
