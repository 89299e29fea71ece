package distribution

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The strength that made the rates of siblings is found again from what was counted.
func TestStrengthIsFoundAgain(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 12))
	for _, want := range []float64{10, 50, 400} {
		var groups [][]count
		for range 30 {
			mean := 0.02 + 0.1*random.Float64()
			d := distuv.Beta{Alpha: want * mean, Beta: want * (1 - mean), Src: random}
			var g []count
			for range 12 {
				n := 200 + random.IntN(3000)
				g = append(g, count{float64(n), distuv.Binomial{N: float64(n), P: d.Rand(), Src: random}.Rand()})
			}
			groups = append(groups, g)
		}
		got := strengthOf(groups, 1)
		t.Logf("made with %v, found %.1f", want, got)
		if got < want/1.5 || got > want*1.5 {
			t.Errorf("strength %v was found as %.1f", want, got)
		}
	}
	if got := strengthOf([][]count{{{10, 1}}}, 7); got != 7 {
		t.Errorf("one child says nothing, got %v", got)
	}
	if got := strengthOf([][]count{{{1e4, 100}, {1e4, 100}, {1e4, 101}}}, 7); got != maxStrength {
		t.Errorf("children that are all alike: %v", got)
	}
}

// Mean and variance of a child agree with drawing from the hierarchy.
func TestBeliefAgreesWithDrawing(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	parent := belief{0.05, 0.0004}
	seen := count{120, 9}
	const strength = 80
	got := parent.given(strength, seen)
	alpha, beta := parent.beta()
	var sum, square float64
	const n = 200_000
	for range n {
		mean := distuv.Beta{Alpha: alpha, Beta: beta, Src: random}.Rand()
		x := distuv.Beta{Alpha: strength*mean + seen.valid, Beta: strength*(1-mean) + seen.shows - seen.valid, Src: random}.Rand()
		sum, square = sum+x, square+x*x
	}
	mean := sum / n
	variance := square/n - mean*mean
	if math.Abs(mean-got.mean) > 2e-4 || math.Abs(variance/got.variance-1) > 0.03 {
		t.Errorf("mean %.5f and variance %.3g, drawn %.5f and %.3g", got.mean, got.variance, mean, variance)
	}
}

// What was seen counts once: in one place or in many, the total weight is the same.
func TestNothingCountsTwice(t *testing.T) {
	t.Parallel()
	e := newEvidence()
	for i, c := range []string{"a", "b", "c"} {
		e.file(c, "k")
		e.add(c, "live", "110101", 1000, float64(20+10*i))
		e.add(c, "video", "440106", 500, 10)
	}
	e.learn()
	var steps []Level
	prior, posterior, here := e.about("a", "k", "live", "110101", &steps)
	shows, valid := int64(0), int64(0)
	for _, s := range steps {
		shows, valid = shows+s.Shows, valid+s.Valid
	}
	if shows != 4500 || valid != 120 || here.shows != 1000 {
		t.Errorf("the steps hold %d shows and %d valid leads of 4500 and 120; here %v", shows, valid, here)
	}
	if posterior.variance >= prior.variance {
		t.Errorf("1000 shows made it less certain: %v, %v", prior, posterior)
	}
	if _, b, _ := e.about("new", "k", "live", "110101", nil); b.variance <= posterior.variance {
		t.Error("a component nobody saw is as certain as one with 1000 shows")
	}
}

// Regret against the best fixed rankings grows ever more slowly: of a uniform choice
// a tenth falls into each tenth of the requests, of ours far less into the last one.
func TestRegretGrowsSublinearly(t *testing.T) {
	t.Parallel()
	worst := 0.0
	for seed := range uint64(5) {
		m := DefaultMarket(seed)
		m.Requests = 30_000
		ours, uniform := m.Run(Thompson), m.Run(Uniform)
		share := (ours[9] - ours[8]) / ours[9]
		worst = max(worst, share)
		t.Logf("seed %d: regret %.0f, %.1f %% of it in the last tenth; uniform %.0f, %.1f %%",
			seed, ours[9], 100*share, uniform[9], 100*(uniform[9]-uniform[8])/uniform[9])
		if ours[9] > uniform[9]/3 {
			t.Errorf("seed %d: regret %.0f beside %.0f of a uniform choice", seed, ours[9], uniform[9])
		}
		if m.Run(Best)[9] != 0 {
			t.Error("the best ranking has regret")
		}
		if again := m.Run(Thompson); again != ours {
			t.Error("the same seed plays another game")
		}
	}
	if worst > 0.08 {
		t.Errorf("%.1f %% of the regret fell into the last tenth", 100*worst)
	}
}
