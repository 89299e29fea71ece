package policy_test

import (
	"strings"
	"testing"

	"clew/policy"
)

func TestCompare(t *testing.T) {
	warning := func(days int) []policy.Measure { return []policy.Measure{{Kind: policy.PublicWarning, Days: days}} }
	base := policy.Outcome{Row: "a", Points: 6, Measures: warning(30), RectifyDays: 7}
	for name, c := range map[string]struct {
		next policy.Outcome
		want policy.Change
	}{
		"the same by another row":       {policy.Outcome{Row: "b", Points: 6, Measures: warning(30), RectifyDays: 7}, policy.Same},
		"more points":                   {policy.Outcome{Points: 7, Measures: warning(30), RectifyDays: 7}, policy.Graver},
		"fewer points":                  {policy.Outcome{Points: 5, Measures: warning(30), RectifyDays: 7}, policy.Lesser},
		"fewer points, longer":          {policy.Outcome{Points: 5, Measures: warning(60), RectifyDays: 7}, policy.Mixed},
		"no measure":                    {policy.Outcome{Points: 6, RectifyDays: 7}, policy.Lesser},
		"fewer days to put it right":    {policy.Outcome{Points: 6, Measures: warning(30), RectifyDays: 3}, policy.Graver},
		"nothing to put right":          {policy.Outcome{Points: 6, Measures: warning(30)}, policy.Lesser},
		"something if it is not done":   {policy.Outcome{Points: 6, Measures: warning(30), RectifyDays: 7, IfNotFixed: []policy.Measure{{Kind: policy.CapabilitySuspend, Days: 7}}}, policy.Graver},
		"what is ordered anyway, later": {policy.Outcome{Points: 6, Measures: warning(30), RectifyDays: 7, IfNotFixed: warning(10)}, policy.Same},
		"two people":                    {policy.Outcome{Points: 6, Measures: warning(30), RectifyDays: 7, TwoPeople: true}, policy.Graver},
	} {
		if got := policy.Compare(base, c.next); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		opposite := map[policy.Change]policy.Change{policy.Graver: policy.Lesser, policy.Lesser: policy.Graver}[c.want]
		if opposite == "" {
			opposite = c.want
		}
		if got := policy.Compare(c.next, base); got != opposite {
			t.Errorf("%s, the other way: %s, want %s", name, got, opposite)
		}
	}
}

// Every combination is in one class, and each class shows the gravest change it has.
func TestDiff(t *testing.T) {
	first := policy.First()
	same, err := policy.Diff(first, first)
	if err != nil {
		t.Fatal(err)
	}
	rows, all, err := first.Coverage()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range same {
		if c.Change() != policy.Same || c.Old != c.New || c.Count[policy.Same] != rows[c.Old] {
			t.Errorf("%+v", c)
		}
	}
	if len(same) != len(rows) {
		t.Errorf("%d classes for %d rows", len(same), len(rows))
	}
	next, err := policy.Parse(strings.NewReplacer(
		`edition: "2026-01"`, `edition: "2027-01"`, `when: severity == "S1" && repeat == 1`, `when: severity == "S1" && repeat >= 1 && repeat <= 2`,
		`{name: slight a third time, facts: {severity: S1, repeat: 2}, row: S1-often, points: 4}`, `{name: slight a third time, facts: {severity: S1, repeat: 3}, row: S1-often, points: 5}`,
	).Replace(first.Text()))
	if err != nil {
		t.Fatal(err)
	}
	diff, err := policy.Diff(first, next)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, c := range diff {
		for _, n := range c.Count {
			total += n
		}
		moved := c.Old == "S1-often" && c.New == "S1-again"
		if moved != (c.Change() == policy.Lesser) || moved != (c.Old != c.New) {
			t.Errorf("%s to %s: %v", c.Old, c.New, c.Count)
		}
		if moved && (c.Example.Repeat != 2 || policy.Compare(c.Was, c.Is) != policy.Lesser) {
			t.Errorf("the example is %+v", c.Example)
		}
	}
	if total != all {
		t.Errorf("%d of %d combinations", total, all)
	}
}

// What follows when nothing is put right makes an edition heavier too.
func TestNoticeCountsWhatFollowsLater(t *testing.T) {
	first := policy.First()
	next, err := policy.Parse(strings.NewReplacer(`edition: "2026-01"`, `edition: "2027-01"`,
		"      - {kind: capability_suspend, days: 7}\n  - id: S2-again", "      - {kind: capability_suspend, days: 14}\n  - id: S2-again").Replace(first.Text()))
	if err != nil {
		t.Fatal(err)
	}
	if days, err := policy.NoticeDays(first, next); err != nil || days != 15 {
		t.Errorf("%d days, %v", days, err)
	}
	if days, err := policy.NoticeDays(next, first); err != nil || days != 7 {
		t.Errorf("back again: %d days, %v", days, err)
	}
}
