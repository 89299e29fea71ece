package policy_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/policy"
)

func shipped(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("editions/2026-01.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWhatShipsIsTotalAndReplays(t *testing.T) {
	e := policy.First()
	again, err := policy.Parse(shipped(t))
	if err != nil || again.Hash() != e.Hash() {
		t.Fatal(err)
	}
	n := 0
	for f := range policy.Combinations() {
		a, err := e.Decide(f)
		if err != nil {
			t.Fatalf("%s: %v", f.Canonical(), err)
		}
		slices.Reverse(f.Aggravators) // the order in which facts were found does not matter
		stored, err := policy.ReadFacts(f.Canonical())
		if err != nil {
			t.Fatal(err)
		}
		b, err := again.Decide(stored)
		if err != nil || !policy.SameOutcome(a, b) {
			t.Fatalf("%s: %s and %s, %v", f.Canonical(), a.Canonical(), b.Canonical(), err)
		}
		if a.TwoPeople != f.Severity.Severe() || a.ScoreAfter != max(0, f.Score-a.Points) {
			t.Fatalf("%s: %+v", f.Canonical(), a)
		}
		n++
	}
	rows, all, err := e.Coverage()
	if err != nil || all != n || len(rows) != len(e.Matrix) {
		t.Errorf("%d of %d rows over %d of %d combinations, %v", len(rows), len(e.Matrix), all, n, err)
	}
}

// Heavier facts never give fewer points, lighter ones never more.
func TestFactsPullTheRightWay(t *testing.T) {
	e := policy.First()
	decide := func(f policy.Facts) int {
		o, err := e.Decide(f)
		if err != nil {
			t.Fatal(err)
		}
		return o.Points
	}
	for f := range policy.Combinations() {
		points := decide(f)
		more := f
		more.Repeat++
		if decide(more) < points {
			t.Fatalf("once more is lighter: %s", f.Canonical())
		}
		if !f.Fixed {
			better := f
			better.Fixed = true
			if decide(better) > points {
				t.Fatalf("mending is punished: %s", f.Canonical())
			}
		}
		worse := f
		worse.Others = append(worse.Others, policy.S2)
		if decide(worse) < points {
			t.Fatalf("another act is lighter: %s", f.Canonical())
		}
	}
}

func TestThresholdsAreCrossedOnce(t *testing.T) {
	o, err := policy.First().Decide(policy.Facts{Severity: policy.S4, Score: 95})
	if err != nil || o.Points != 40 || !slices.Equal(o.Crossed, []string{"no_new_capability", "monthly_reinspection", "capability_suspend"}) {
		t.Errorf("%+v, %v", o, err)
	}
	o, err = policy.First().Decide(policy.Facts{Severity: policy.S2, Score: 55})
	if err != nil || len(o.Crossed) != 0 {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestFaultyTextsAreRefusedWithTheirPlace(t *testing.T) {
	good := shipped(t)
	for _, c := range []struct{ name, old, new, say string }{
		{"a gap", `when: severity == "S2" && repeat == 1`, `when: severity == "S2" && repeat == 1 && fixed`, ""}, // falls to the next row: no gap
		{"a gap at the end", "  - id: S1-often\n    when: severity == \"S1\"", "  - id: S1-often\n    when: severity == \"S1\" && repeat == 2", "no row matches"},
		{"an overlap that hides a row", "  - id: S2-first\n    when: severity == \"S2\" && repeat == 0", "  - id: S2-first\n    when: severity == \"S2\"", "nothing reaches it"},
		{"an unknown word in a condition", `severity == "S3" && repeat == 1`, `severity == "S3" && repeats == 1`, "undeclared reference to 'repeats'"},
		{"a condition that is no question", `when: severity == "S3" && repeat == 1`, `when: repeat + 1`, "must be a bool"},
		{"an unknown member", "own: true", "owned: true", "owned"},
		{"an unknown measure", "kind: product_delist", "kind: burn_down", "is no measure"},
		{"an unknown clause", `"3.3.scope": S3`, `"3.9.scope": S3`, "no clause 3.9.scope"},
		{"a clause left out", `  "3.2.forced": S3` + "\n", "", "3.2.forced has none"},
		{"contradicting measures", "      - {kind: product_delist, days: 30}", "      - {kind: capability_suspend, days: 30}", "cannot be suspended too"},
		{"a suspension without end", "{kind: capability_suspend, days: 30}", "{kind: capability_suspend}", "a suspension ends"},
		{"no English reason", "because: {zh: 再次泄露、买卖或欺诈, en: \"leak, sale or fraud again\"}", "because: {zh: 再次泄露、买卖或欺诈}", `text in "en" is missing`},
		{
			"an expression that costs too much", `when: severity == "S4" && repeat == 0`,
			`when: "severity == 'S4' && repeat == 0 && ![1,2,3,4,5,6,7,8,9].exists(a, [1,2,3,4,5,6,7,8,9].exists(b, [1,2,3,4,5,6,7,8,9].exists(c, a+b+c > 99)))"`, "cost",
		},
		{"an endless expression", `when: severity == "S4" && repeat == 0`, `when: "true` + strings.Repeat(" && true", 100) + `"`, "longer than"},
		{"points that are none", "0.5 * double(others)", "0.5 / double(others - others)", "points"},
		{"a wrong test", "row: S2-first, points: 6", "row: S2-first, points: 7", "gives 6 points, not 7"},
		{"a row without a test", `  - {name: sold again, facts: {severity: S4, repeat: 1}, row: S4-again, points: 100}` + "\n", "", "no test hits it"},
		{"a clock left out", "  recheck: 3wd\n", "", "recheck is missing"},
		{"a clock that is none", "recheck: 3wd", "recheck: soon", "no span of time"},
		{"money taken within the window", "money_waits: 15d", "money_waits: 400d", "money_waits"},
		{"thresholds out of order", "{below: 80,", "{below: 95,", "each below the one before"},
		{"two documents", "tests:", "---\ntests:", "document"},
		{"a negative base", "S2: 6,", "S2: 1,", "base of S2"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Errorf("%s: the text does not hold %q", c.name, c.old)
			continue
		}
		_, err := policy.Parse(text)
		var faulty *policy.Faulty
		if c.say == "" {
			// The test beside the row notices.
			if !errors.As(err, &faulty) || !strings.Contains(err.Error(), "decides, not") {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if !errors.As(err, &faulty) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestADefectNamesItsLine(t *testing.T) {
	text := strings.Replace(shipped(t), `severity == "S3" && repeat == 1`, `nonsense`, 1)
	line := strings.Count(text[:strings.Index(text, "- id: S3-again")], "\n") + 1
	_, err := policy.Parse(text)
	var faulty *policy.Faulty
	if !errors.As(err, &faulty) || faulty.Defects[0].Line != line {
		t.Errorf("want line %d: %v", line, err)
	}
}

func TestMilder(t *testing.T) {
	suspend := func(days int) policy.Measure { return policy.Measure{Kind: policy.CapabilitySuspend, Days: days} }
	revoke := policy.Measure{Kind: policy.CapabilityRevoke}
	warn := policy.Measure{Kind: policy.PublicWarning, Days: 30}
	o := func(points int, m ...policy.Measure) policy.Outcome {
		return policy.Outcome{Points: points, Measures: m}
	}
	for _, c := range []struct {
		name string
		a, b policy.Outcome
		want bool
	}{
		{"the same", o(6, warn), o(6, warn), false},
		{"fewer points", o(3, warn), o(6, warn), true},
		{"more points, fewer measures", o(9), o(6, warn), false},
		{"shorter", o(6, suspend(7)), o(6, suspend(30)), true},
		{"longer", o(6, suspend(30)), o(6, suspend(7)), false},
		{"suspended instead of revoked", o(6, suspend(30)), o(6, revoke), true},
		{"revoked instead of suspended", o(6, revoke), o(6, suspend(30)), false},
		{"one measure less", o(6, warn), o(6, warn, suspend(7)), true},
		{"another measure", o(6, warn), o(6, suspend(7)), false},
	} {
		if got := policy.Milder(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestFactsAreHeldToTheirWords(t *testing.T) {
	for _, f := range []policy.Facts{
		{},
		{Severity: "S5"},
		{Severity: policy.S1, Repeat: -1},
		{Severity: policy.S1, Score: 101},
		{Severity: policy.S1, Aggravators: []policy.Aggravator{"bad mood"}},
		{Severity: policy.S1, Others: []policy.Severity{"x"}},
	} {
		var bad *policy.BadFacts
		if _, err := policy.First().Decide(f); !errors.As(err, &bad) {
			t.Errorf("%s: %v", f.Canonical(), err)
		}
	}
	a := policy.Facts{Severity: policy.S1, Aggravators: []policy.Aggravator{policy.DataLeak, policy.Complaints, policy.DataLeak}}
	b := policy.Facts{Severity: policy.S1, Aggravators: []policy.Aggravator{policy.Complaints, policy.DataLeak}}
	if !bytes.Equal(a.Canonical(), b.Canonical()) {
		t.Errorf("%s and %s", a.Canonical(), b.Canonical())
	}
}

func TestSpans(t *testing.T) {
	china := time.FixedZone("UTC+8", 8*3600)
	at := func(y int, m time.Month, d, h int) time.Time { return time.Date(y, m, d, h, 0, 0, 0, china) }
	for _, c := range []struct {
		s    policy.Span
		from time.Time
		want time.Time
	}{
		{policy.Span{N: 4, Unit: "h"}, at(2026, 2, 28, 22), at(2026, 3, 1, 2)},
		{policy.Span{N: 7, Unit: "d"}, at(2026, 2, 25, 10), at(2026, 3, 5, 0)},
		{policy.Span{N: 7, Unit: "d"}, at(2028, 2, 25, 10), at(2028, 3, 4, 0)},    // a leap year
		{policy.Span{N: 6, Unit: "m"}, at(2026, 8, 31, 10), at(2027, 3, 1, 0)},    // February has no 31st
		{policy.Span{N: 6, Unit: "m"}, at(2027, 8, 31, 10), at(2028, 3, 1, 0)},    // nor the 30th in a leap year
		{policy.Span{N: 5, Unit: "wd"}, at(2026, 9, 30, 10), at(2026, 10, 14, 0)}, // across National Day
	} {
		if got := c.s.After(c.from); !got.Equal(c.want) {
			t.Errorf("%s after %s: %s, want %s", c.s, c.from, got.In(china), c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(shipped(f))
	f.Add("edition: x\n")
	f.Add("matrix: [{id: a, when: 'true'}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := policy.Parse(text)
		if err != nil {
			return
		}
		if _, err := e.Decide(policy.Facts{Severity: policy.S1}); err != nil {
			t.Errorf("a linted edition does not decide: %v", err)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	e := policy.First()
	f := policy.Facts{Severity: policy.S4, Repeat: 2, Score: 100, Aggravators: []policy.Aggravator{policy.DataLeak}}
	for b.Loop() {
		if _, err := e.Decide(f); err != nil {
			b.Fatal(err)
		}
	}
}
