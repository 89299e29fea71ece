package main

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// The benchmarks run to their end, every acknowledged lead is stored, and there is
// something to compare with. Speed is not judged here: the machine is not known.
func TestBenchmarksRun(t *testing.T) {
	exe := buildClew(t)
	run := func(into any, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), exe, append([]string{"bench"}, args...)...) //nolint:gosec // built above
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("bench %v: %v", args, err)
		}
		if err := json.Unmarshal(out, into); err != nil {
			t.Fatalf("bench %v printed no report: %v", args, err)
		}
	}
	var intake intakeReport
	run(&intake, "intake", "--clients", "4", "--seconds", "0.2", "--rounds", "1", "--json")
	if intake.Failed != 0 || intake.Stored == 0 || intake.Stored != intake.Acknowledged {
		t.Errorf("%d failed, %d acknowledged, %d stored", intake.Failed, intake.Acknowledged, intake.Stored)
	}
	if intake.Durability != "synchronous=FULL" || intake.Fsync.PerSecond == 0 {
		t.Errorf("durability %q, fsync %+v", intake.Durability, intake.Fsync)
	}
	for _, r := range intake.Rounds {
		if r.Bare == 0 || r.Server == 0 || r.P99 < r.P50 {
			t.Errorf("round %+v", r)
		}
	}
	var growth growthReport
	run(&growth, "growth", "--small", "500", "--leads", "2000", "--times", "3", "--json")
	if len(growth.Pages) != len(growthPages) {
		t.Errorf("%d pages were measured of %d", len(growth.Pages), len(growthPages))
	}
	var funnel funnelReport
	run(&funnel, "funnel", "--events", "2000", "--rounds", "1", "--days", "3", "--components", "2", "--targets", "10", "--times", "1", "--json")
	if funnel.Counted != 2000 || funnel.Stored != 2000 || len(funnel.Reports) != len(funnelReads) || funnel.RankPerSecond == 0 {
		t.Errorf("the funnel's benchmark says %+v", funnel)
	}
}
