package distribution

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Market is a simulated one, for judging rankings without people: components whose
// rates differ, more from each other than between sources and districts, requests
// from everywhere, and outcomes that are known only after a while.
type Market struct {
	Components, Scenes, Regions int
	Requests                    int
	Slots                       int // shown per request; each lower one is looked at 0.6 times as often
	Learn                       int // requests between two looks at what came of them
	Seed                        uint64
}

// DefaultMarket is what "clew bench distribution" and the test run.
func DefaultMarket(seed uint64) Market {
	return Market{Components: 24, Scenes: 3, Regions: 4, Requests: 60_000, Slots: 3, Learn: 200, Seed: seed}
}

// Choice is how a ranking is made.
type Choice string

// The choices. Best knows every rate: the best fixed ranking for each source and
// district, which nothing can beat in expectation.
const (
	Thompson Choice = "thompson"
	Greedy   Choice = "greedy" // by expected rate, without drawing
	Uniform  Choice = "uniform"
	Best     Choice = "best"
)

// Run plays the market and returns the regret after each tenth of the requests: how
// many valid leads fewer are expected than with the best fixed rankings. The market
// of a seed and the requests to it are the same for every choice.
func (m Market) Run(by Choice) (regret [10]float64) {
	made := rand.New(rand.NewPCG(m.Seed, 1))
	near := func(mean, strength float64) float64 {
		return distuv.Beta{Alpha: max(mean*strength, 1e-6), Beta: (1 - mean) * strength, Src: made}.Rand()
	}
	rates := make([][]float64, m.Scenes*m.Regions) // by place, component
	for i := range rates {
		rates[i] = make([]float64, m.Components)
	}
	names := make([]string, m.Components)
	for c := range m.Components {
		names[c] = fmt.Sprint("component ", c)
		base := near(0.03, 40)
		for s := range m.Scenes {
			here := near(base, 150)
			for r := range m.Regions {
				rates[s*m.Regions+r][c] = near(here, 600)
			}
		}
	}
	best := make([][]int, len(rates))
	for i := range rates {
		best[i] = make([]int, m.Components)
		for c := range best[i] {
			best[i][c] = c
		}
		slices.SortFunc(best[i], func(a, b int) int { return cmp.Compare(rates[i][b], rates[i][a]) })
	}
	asked, happened, drawing := rand.New(rand.NewPCG(m.Seed, 2)), rand.New(rand.NewPCG(m.Seed, 3)), rand.NewPCG(m.Seed, 4)
	const category = "category"
	know := newEvidence()
	for _, name := range names {
		know.file(name, category)
	}
	know.learn()
	type outcome struct {
		component, place int
		valid            float64
	}
	var waiting []outcome
	values, order := make([]float64, m.Components), make([]int, m.Components)
	lost := 0.0
	scene := func(place int) string { return fmt.Sprint("scene ", place/m.Regions) }
	region := func(place int) string { return fmt.Sprint("region ", place%m.Regions) }
	for n := range m.Requests {
		place := asked.IntN(len(rates))
		for c := range order {
			order[c] = c
		}
		switch by {
		case Best:
			copy(order, best[place])
		case Uniform:
			for c := range values {
				values[c] = float64(drawing.Uint64())
			}
		default:
			for c, name := range names {
				_, b, _ := know.about(name, category, scene(place), region(place), nil)
				values[c] = b.mean
				if by == Thompson {
					alpha, beta := b.beta()
					values[c] = distuv.Beta{Alpha: alpha, Beta: beta, Src: drawing}.Rand()
				}
			}
		}
		if by != Best {
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
		}
		look := 1.0
		for slot := range m.Slots {
			c := order[slot]
			lost += look * (rates[place][best[place][slot]] - rates[place][c])
			if happened.Float64() < look {
				o := outcome{c, place, 0}
				if happened.Float64() < rates[place][c] {
					o.valid = 1
				}
				waiting = append(waiting, o)
			}
			look *= 0.6
		}
		if (n+1)%m.Learn == 0 {
			for _, o := range waiting {
				know.add(names[o.component], scene(o.place), region(o.place), 1, o.valid)
			}
			waiting = waiting[:0]
			know.learn()
		}
		regret[n*10/m.Requests] = lost
	}
	return regret
}
