package distribution

import "math"

// count is shows and what came of them.
type count struct{ shows, valid float64 }

func (c count) less(d count) count { return count{c.shows - d.shows, c.valid - d.valid} }

// belief is what is known of a rate: its mean and variance.
type belief struct{ mean, variance float64 }

// given is the belief about a child of what b is about. Children of one parent
// differ as Beta(M·mean, M·(1-mean)) does; seen is what was seen of the child itself
// and not used further up. Mean and variance are exact (law of total variance).
func (b belief) given(strength float64, seen count) belief {
	a := strength + seen.shows
	mean := (strength*b.mean + seen.valid) / a
	passed := b.variance * (strength / a) * (strength / a)
	return belief{mean, passed + (mean*(1-mean)-passed)/(a+1)}
}

// beta is the Beta distribution of the same mean and variance.
func (b belief) beta() (alpha, beta float64) {
	size := max(b.mean*(1-b.mean)/b.variance-1, 1e-3)
	return max(b.mean*size, 1e-3), max((1-b.mean)*size, 1e-3)
}

// strengthOf estimates, over groups of siblings, how much a parent says about its
// children, in shows, by the method of moments for a beta-binomial with unequal
// numbers (Kleinman, Proportions with extraneous variance, JASA 68, 1973, with weights
// n). Groups without any variation say nothing. otherwise is the answer where all do.
func strengthOf(groups [][]count, otherwise float64) float64 {
	var numerator, denominator float64
	for _, g := range groups {
		var n, x, squares float64
		k := 0.0
		for _, c := range g {
			if c.shows > 0 {
				n, x, squares, k = n+c.shows, x+c.valid, squares+c.shows*c.shows, k+1
			}
		}
		if k < 2 || x <= 0 || x >= n {
			continue
		}
		p, spread := x/n, 0.0
		for _, c := range g {
			if c.shows > 0 {
				d := c.valid/c.shows - p
				spread += c.shows * d * d
			}
		}
		// E[spread] = p(1-p)·(ρ(n - Σnᵢ²/n) + (1-ρ)(k-1)).
		numerator += spread/(p*(1-p)) - (k - 1)
		denominator += n - squares/n - (k - 1)
	}
	if denominator <= 0 {
		return otherwise
	}
	rho := numerator / denominator
	if math.IsNaN(rho) || rho <= 1/(1+maxStrength) {
		return maxStrength
	}
	return max(1/rho-1, minStrength)
}

const (
	minStrength = 2
	maxStrength = 20_000
)
