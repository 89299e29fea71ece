// Package distribution keeps one promise: a ranking says why, uses no person's
// data, and forgets a component with its capability.
//
// A component is ranked by the valid leads it may bring per show in a district, a
// category and a source. What is not known is drawn (Thompson 1933), so that a new
// component is tried as often as it may be the best, and no longer.
package distribution

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"clew/access"
	"clew/component"
	"clew/db"
	"clew/funnel"
	"clew/region"

	"gonum.org/v1/gonum/stat/distuv"
)

// Room ranks. DB and Access are needed. Share one: it keeps what was learnt.
type Room struct {
	DB     *db.DB
	Access *access.Room

	mu   sync.Mutex
	know *knowledge
}

// knowledge is what was learnt and who may be asked, as of an instant. Whether a
// component may still be shown is never taken from here.
type knowledge struct {
	at       time.Time
	evidence *evidence
	// targets by category and district.
	targets map[[2]string][]component.Target
}

const (
	// Days is how far back shows and valid leads count.
	Days = 28
	// fresh is how old knowledge may be.
	fresh = 30 * time.Second
	// MaxLimit bounds a ranking.
	MaxLimit = 50
)

// BadQuery says what is wrong with a question; words: problem.distribution.CODE.
type BadQuery struct{ Field, Code string }

func (e *BadQuery) Error() string { return e.Field + " of the ranking: " + e.Code }

// Query asks for a ranking.
type Query struct {
	Region   string // district code, needed
	Category string // path as in the norm's table, needed
	Scene    string // one of funnel.Scenes; empty is any source
	Limit    int    // 1 to MaxLimit; zero is 10
	Seed     uint64 // the same seed and evidence draw the same; zero draws anew
}

// Ranked is a component with the reasons for its rank.
type Ranked struct {
	Rank                               int
	Operator, App, Component, ConfigID string
	Shows, Valid                       int64   // here: in the district and from the source
	Rate                               float64 // expected valid leads per show
	Low, High                          float64 // the rate lies between these with 95 %
	Drawn                              float64 // by which it was ranked
	PriorRate, PriorStrength           float64 // what is believed without Shows and Valid, and its weight in shows
	Why                                []string
	Levels                             []Level
}

// Why a component is in a ranking; words: distribution.why.CODE.
const (
	WhyServes   = "serves"   // its target names the district and the category, and both hold now
	WhyBest     = "best"     // expected to bring most
	WhyPromises = "promises" // little is known, and it may bring more than is expected
	WhyNew      = "new"      // nothing was seen of it here
)

// Ranking is an answer.
type Ranking struct {
	At         time.Time // of what was learnt
	Seed       uint64
	Considered int // components that named the district and the category
	Components []Ranked
}

// Rank ranks the components that may be shown in a district and a category, for the
// host app or the platform's staff. What may be shown is read in one transaction
// with the answer. Errors: *[BadQuery], *access.Denied.
func (r *Room) Rank(ctx context.Context, caller access.Caller, q Query) (Ranking, error) {
	if err := r.Access.Check(ctx, caller, access.DistributionRead, access.Subject{Kind: "distribution", ID: ""}); err != nil {
		return Ranking{}, err
	}
	if err := q.check(); err != nil {
		return Ranking{}, err
	}
	know, err := r.knowledge(ctx)
	if err != nil {
		return Ranking{}, err
	}
	if q.Seed == 0 {
		q.Seed = rand.Uint64()
	}
	drawn := know.draw(q)
	out := Ranking{At: know.at, Seed: q.Seed, Considered: len(drawn)}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		taken := map[string]bool{}
		for i := range drawn {
			d := &drawn[i]
			if len(out.Components) == q.Limit {
				break
			}
			if taken[d.target.Component] { // a component with two targets is shown once
				continue
			}
			serves, err := component.Serves(ctx, tx, d.target.Operator, d.target.ConfigID, q.Category, q.Region)
			if err != nil {
				return err
			}
			if serves {
				taken[d.target.Component] = true
				out.Components = append(out.Components, know.explain(q, d, len(out.Components)+1))
			}
		}
		return nil
	})
	return out, err
}

func (q *Query) check() error {
	if q.Limit == 0 {
		q.Limit = 10
	}
	if _, ok := region.District(q.Region); !ok {
		return &BadQuery{"region", "region"}
	}
	if q.Scene != "" && !slices.Contains(funnel.Scenes(), q.Scene) {
		return &BadQuery{"source", "source"}
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		return &BadQuery{"limit", "limit"}
	}
	if q.Category == "" {
		return &BadQuery{"category", "category"}
	}
	return nil
}

// candidate is a target with what was drawn for it.
type candidate struct {
	target *component.Target
	belief belief
	value  float64
}

// draw orders the targets of a district and a category by a draw from what is
// believed of each.
func (k *knowledge) draw(q Query) []candidate {
	targets := k.targets[[2]string{q.Category, q.Region}]
	random := rand.NewPCG(q.Seed, 0)
	out := make([]candidate, len(targets))
	for i := range targets {
		t := &targets[i]
		_, b, _ := k.evidence.about(t.Component, q.Category, q.Scene, q.Region, nil)
		alpha, beta := b.beta()
		out[i] = candidate{t, b, distuv.Beta{Alpha: alpha, Beta: beta, Src: random}.Rand()}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return cmp.Compare(b.value, a.value) })
	return out
}

func (k *knowledge) explain(q Query, c *candidate, rank int) Ranked {
	var levels []Level
	prior, b, here := k.evidence.about(c.target.Component, q.Category, q.Scene, q.Region, &levels)
	alpha, beta := b.beta()
	d := distuv.Beta{Alpha: alpha, Beta: beta}
	pa, pb := prior.beta()
	out := Ranked{
		Rank: rank, Operator: c.target.Operator, App: c.target.App, Component: c.target.Component, ConfigID: c.target.ConfigID,
		Shows: int64(here.shows), Valid: int64(here.valid), Rate: b.mean, Low: d.Quantile(0.025), High: d.Quantile(0.975), Drawn: c.value,
		PriorRate: prior.mean, PriorStrength: pa + pb, Why: []string{WhyServes}, Levels: levels,
	}
	switch {
	case here.shows == 0:
		out.Why = append(out.Why, WhyNew)
	case c.value > b.mean+sqrt(b.variance):
		out.Why = append(out.Why, WhyPromises)
	default:
		out.Why = append(out.Why, WhyBest)
	}
	return out
}

// knowledge is at most [fresh] old. One caller learns, and others wait for it only
// where there is nothing yet.
func (r *Room) knowledge(ctx context.Context) (*knowledge, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.DB.Now()
	if r.know != nil && now.Sub(r.know.at).Abs() < fresh {
		return r.know, nil
	}
	k := &knowledge{at: now, evidence: newEvidence(), targets: map[[2]string][]component.Target{}}
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		targets, err := component.Placed(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range targets {
			for _, category := range t.Categories {
				k.evidence.file(t.Component, category)
				for _, district := range t.Regions {
					at := [2]string{category, district}
					k.targets[at] = append(k.targets[at], t)
				}
			}
		}
		rows, err := funnel.Market(ctx, tx, Days)
		for _, m := range rows {
			k.evidence.add(m.Component, m.Scene, m.Region, float64(m.Shows), float64(min(m.Valid, m.Shows)))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	k.evidence.learn()
	r.know = k
	return k, nil
}

func sqrt(x float64) float64 { return math.Sqrt(max(x, 0)) }
