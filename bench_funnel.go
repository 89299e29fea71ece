package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"clew/access"
	"clew/component"
	"clew/db"
	"clew/distribution"
	"clew/funnel"
	"clew/region"
)

// funnelReport is what bench funnel measured. CPU is processor time of this process;
// on PostgreSQL the database's own comes on top.
type funnelReport struct {
	Engine string `json:"engine"`
	// Events per second: bare inserts of the same ids and batches, taking events in,
	// and folding them into the counts; and per second of processor time.
	Bare, Take, Fold        float64
	BareCore, TakeCore      float64
	FoldCore, AllCore       float64 // AllCore: taken in and folded
	Ratio                   float64 // Take ÷ Bare of the neighbouring rounds, median
	RatioLow, RatioHigh     float64
	SketchRows, SketchBytes int64
	BytesOf                 map[int]int `json:"sketch_bytes_of_a_row"` // by visitors in each kind
	Worth                   int64
	Rows, SmallRows         int
	Reports                 []growthPage `json:"reports"`
	Targets                 int
	RankPerSecond, RankCPU  float64 // CPU: microseconds per call
	RankMedian, RankP99     float64 // ms
	Counted, Stored         int64
}

func benchFunnel(ctx context.Context, w world, args []string) (err error) {
	f := flags(w, "bench funnel")
	engine := f.String("engine", "sqlite", "sqlite or postgres")
	database := f.String("database", "", "URL of a PostgreSQL server on which databases may be made")
	events := f.Int("events", 100_000, "events per round")
	rounds := f.Int("rounds", 3, "rounds of bare inserts and taking in, in turns")
	call := f.Int("call", 500, "events per call")
	worth := f.Int64("worth", 100_000_000, "events that the aggregates are worth")
	days := f.Int("days", 365, "days of aggregates")
	components := f.Int("components", 10, "components with aggregates")
	targets := f.Int("targets", 200, "targets to rank")
	times := f.Int("times", 30, "how often each report is read")
	asJSON := f.Bool("json", false, "print the report as JSON")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	r := funnelReport{Engine: *engine, Worth: *worth, BytesOf: map[int]int{}}
	for _, n := range []int{1, 10, 100, 512, 513, 100_000} {
		r.BytesOf[n] = funnel.SketchBytes(n)
	}
	b, err := openBench(ctx, *engine, *database, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	bare, err := openBench(ctx, *engine, *database, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.close(ctx)) }()
	if err := r.ingest(ctx, b, bare, *events, *rounds, *call); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	if err := r.reports(ctx, b, bare, *days, *components, *times); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	if err := r.rank(ctx, b, *targets); err != nil {
		return fmt.Errorf("ranking: %w", err)
	}
	if *asJSON {
		return json.NewEncoder(w.stdout).Encode(r)
	}
	r.print(w.stdout)
	return nil
}

// clock is wall time and processor time of fn.
func clockOf(fn func() error) (wall, cpu float64, err error) {
	began, before := time.Now(), processorTime()
	err = fn()
	return time.Since(began).Seconds(), processorTime() - before, err
}

func (r *funnelReport) ingest(ctx context.Context, b, bare *bench, events, rounds, call int) error {
	random := mathrand.New(mathrand.NewPCG(1, 2))
	var bares, takes, folds, ratios, bareCore, takeCore, foldCore, allCore []float64
	packed := make([]byte, 48*call) // about what a packed event takes
	_, _ = rand.Read(packed)
	for round := range rounds {
		calls := make([][]funnel.Event, 0, events/call)
		for n := 0; n < events; n += call {
			part := make([]funnel.Event, 0, call)
			for i := range call {
				part = append(part, funnel.Event{
					ID: fmt.Sprintf("event-%d-%d", round, n+i), Kind: funnel.Kinds()[random.IntN(9)], Component: b.component,
					Scene: funnel.Scenes()[random.IntN(9)], Room: fmt.Sprint("room", random.IntN(20)), Region: "440106",
					Visitor: fmt.Sprint("visitor ", random.IntN(events/4)), At: time.Now().Add(-time.Duration(random.IntN(48*60)) * time.Minute),
				})
			}
			calls = append(calls, part)
		}
		total := float64(len(calls) * call)
		wall, cpu, err := clockOf(func() error {
			ids := make([][]byte, call)
			for range calls {
				for i := range ids {
					ids[i] = make([]byte, 16)
					_, _ = rand.Read(ids[i])
				}
				if err := funnel.BareRows(ctx, bare.house.db, bare.operator, ids, packed); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		bares, bareCore = append(bares, total/wall), append(bareCore, total/cpu)
		taken, takenCPU, err := clockOf(func() error {
			for _, part := range calls {
				got, err := b.house.funnel.Take(ctx, b.operator, part)
				if err != nil {
					return err
				}
				r.Counted += int64(got.Counted)
			}
			return nil
		})
		if err != nil {
			return err
		}
		folded, foldCPU, err := clockOf(func() error { _, err := b.house.funnel.Fold(ctx); return err })
		if err != nil {
			return err
		}
		takes, takeCore = append(takes, total/taken), append(takeCore, total/takenCPU)
		folds, foldCore = append(folds, total/folded), append(foldCore, total/foldCPU)
		allCore = append(allCore, total/(takenCPU+foldCPU))
		ratios = append(ratios, wall/taken)
	}
	r.Bare, r.Take, r.Fold = median(bares), median(takes), median(folds)
	r.BareCore, r.TakeCore, r.FoldCore, r.AllCore = median(bareCore), median(takeCore), median(foldCore), median(allCore)
	r.Ratio, r.RatioLow, r.RatioHigh = median(ratios), slices.Min(ratios), slices.Max(ratios)
	return b.house.db.Read(ctx, func(tx *db.Tx) error {
		s, err := funnel.Overview(ctx, tx, b.operator, funnel.Query{From: time.Now().AddDate(0, 0, -4), To: time.Now().AddDate(0, 0, 1)})
		for _, k := range funnel.Kinds() {
			pv, _ := s.Total.Of(k)
			r.Stored += pv
		}
		if err != nil {
			return err
		}
		size, err := db.One(ctx, tx, func(s db.Scanner) (v [2]int64, err error) { return v, s.Scan(&v[0], &v[1]) },
			"select count(*), coalesce(sum(length(sketches)), 0) from funnel_sketch")
		r.SketchRows, r.SketchBytes = size[0], size[1]
		if err == nil && r.Stored != r.Counted {
			err = fmt.Errorf("%d events were taken in and %d are counted", r.Counted, r.Stored)
		}
		return err
	})
}

// funnelReads are what people and wires ask for.
var funnelReads = []struct {
	name string
	days int
	read func(ctx context.Context, tx *db.Tx, operator string, q funnel.Query) error
}{
	{"overview, 1 day by hour", 1, readOverview},
	{"overview, 30 days", 30, readOverview},
	{"overview, all days", 0, readOverview},
	{"by source, 30 days", 30, func(ctx context.Context, tx *db.Tx, o string, q funnel.Query) error {
		_, err := funnel.BySource(ctx, tx, o, q)
		return err
	}},
	{"by component, 30 days", 30, func(ctx context.Context, tx *db.Tx, o string, q funnel.Query) error {
		_, _, err := funnel.ByComponent(ctx, tx, o, q)
		return err
	}},
	{"by live room, 30 days", 30, readItem(funnel.ItemLive)},
	{"by video, 30 days", 30, readItem(funnel.ItemVideo)},
	{"by district, 30 days", 30, readItem(funnel.ItemRegion)},
}

func readOverview(ctx context.Context, tx *db.Tx, o string, q funnel.Query) error {
	s, err := funnel.Overview(ctx, tx, o, q)
	if err == nil && s.Total.ShowPv == 0 {
		err = errors.New("nothing was counted")
	}
	return err
}

func readItem(item funnel.Item) func(context.Context, *db.Tx, string, funnel.Query) error {
	return func(ctx context.Context, tx *db.Tx, o string, q funnel.Query) error {
		_, total, err := funnel.ByItem(ctx, tx, o, item, q)
		if err == nil && total == 0 {
			err = errors.New("nothing was counted")
		}
		return err
	}
}

// reports fills one store with all days and another with a month, and reads both.
func (r *funnelReport) reports(ctx context.Context, large, small *bench, days, components, times int) error {
	var regions []string
	for i, d := range region.All() {
		if i%15 == 0 {
			regions = append(regions, d.Code)
		}
	}
	now := time.Now()
	last := funnel.DayStart(now).AddDate(0, 0, -10) // away from the events above
	for _, s := range []struct {
		b    *bench
		days int
		rows *int
	}{{large, days, &r.Rows}, {small, min(days, 31), &r.SmallRows}} {
		p := funnel.Plan{
			Operator: s.b.operator, Last: last, Days: s.days, Events: r.Worth * int64(s.days) / int64(days),
			Rooms: 100, Videos: 200, Promotions: 20, Regions: regions,
		}
		if err := s.b.house.db.Read(ctx, func(tx *db.Tx) error {
			owners, err := component.Owners(ctx, tx, s.b.operator, []string{s.b.component})
			p.App = owners[s.b.component]
			return err
		}); err != nil {
			return err
		}
		for i := range components {
			p.Components = append(p.Components, fmt.Sprintf("cmp_synthetic_%03d", i))
		}
		rows, err := funnel.Synthesise(ctx, s.b.house.db, p)
		if err != nil {
			return err
		}
		*s.rows = rows
	}
	for _, read := range funnelReads {
		page := growthPage{Name: read.name}
		var took [2][]float64
		for range times {
			for i, b := range []*bench{small, large} {
				n := read.days
				if n == 0 {
					n = []int{min(days, 31), days}[i]
				}
				began := time.Now()
				if err := b.house.db.Read(ctx, func(tx *db.Tx) error {
					return read.read(ctx, tx, b.operator, funnel.Query{From: last.AddDate(0, 0, 1-n), To: last.AddDate(0, 0, 1)})
				}); err != nil {
					return fmt.Errorf("%s: %w", read.name, err)
				}
				took[i] = append(took[i], time.Since(began).Seconds()*1e3)
			}
		}
		page.Small, page.Large = median(took[0]), median(took[1])
		page.Ratio = page.Large / page.Small
		page.SmallP99, page.LargeP99 = slices.Max(took[0]), slices.Max(took[1])
		r.Reports = append(r.Reports, page)
	}
	return nil
}

// rank places components of many operators and asks for rankings.
func (r *funnelReport) rank(ctx context.Context, b *bench, targets int) error {
	var districts []string
	for i, d := range region.All() {
		if i%100 == 0 {
			districts = append(districts, d.Code)
		}
	}
	const perOperator = 10
	for n := 0; n < targets; n += perOperator {
		made, _, err := b.house.addOperator(ctx, fmt.Sprint("bench ", n), demoCategory, nil)
		if err != nil {
			return err
		}
		by := access.System(made.Operator, "clew bench")
		var placed []string
		for i := range min(perOperator, targets-n) {
			id, err := b.house.components.Create(ctx, by, component.Sample(made.ID))
			if err != nil {
				return err
			}
			if _, _, err := b.house.components.Publish(ctx, by, id); err != nil {
				return err
			}
			if _, err := b.house.components.CreateTarget(ctx, by, component.Target{
				App: made.ID, Component: id, Name: fmt.Sprint("target ", i), Regions: districts, Categories: []string{demoCategory}, Pages: []string{"pages/index/index"},
			}); err != nil {
				return err
			}
			placed = append(placed, id)
		}
		if _, err := funnel.Synthesise(ctx, b.house.db, funnel.Plan{
			Operator: made.Operator, App: made.ID, Components: placed, Last: time.Now(), Days: 1, Events: 1000, Regions: districts,
			MarketRegions: len(districts), MarketLastDays: 1,
		}); err != nil {
			return err
		}
	}
	r.Targets = targets
	host := access.Caller{Kind: access.KindKey, ID: "bench", Scopes: access.ScopeHost}
	var took []float64
	const calls = 400
	ask := func() error {
		for i := range calls {
			began := time.Now()
			got, err := b.house.ranking.Rank(ctx, host, distribution.Query{
				Region: districts[i%len(districts)], Category: demoCategory, Scene: funnel.Scenes()[i%3], Seed: uint64(i + 1),
			})
			if err == nil && (len(got.Components) != min(10, targets) || got.Considered != targets) {
				err = fmt.Errorf("%d ranked of %d", len(got.Components), got.Considered)
			}
			if err != nil {
				return err
			}
			took = append(took, time.Since(began).Seconds()*1e3)
		}
		return nil
	}
	if err := ask(); err != nil { // learns, and prepares statements
		return err
	}
	took = nil
	wall, cpu, err := clockOf(ask)
	if err != nil {
		return err
	}
	slices.Sort(took)
	r.RankPerSecond, r.RankCPU = calls/wall, cpu*1e6/calls
	r.RankMedian, r.RankP99 = took[len(took)/2], took[len(took)*99/100]
	return nil
}

func (r *funnelReport) print(w io.Writer) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("%s; %d events taken in and %d counted", r.Engine, r.Counted, r.Stored)
	line("events/s: bare %.0f, taken in %.0f (%.2f of bare, %.2f to %.2f), folded %.0f", r.Bare, r.Take, r.Ratio, r.RatioLow, r.RatioHigh, r.Fold)
	line("events per second of processor time: bare %.0f, taken in %.0f, folded %.0f, both %.0f", r.BareCore, r.TakeCore, r.FoldCore, r.AllCore)
	line("sketches of the events above: %d rows, %d bytes; a row with n visitors in each of 9 kinds: %v", r.SketchRows, r.SketchBytes, r.BytesOf)
	line("\n%d rows of aggregates worth %d events beside %d rows of a month; median ms of the month, of all, and how many times that is", r.Rows, r.Worth, r.SmallRows)
	for _, p := range r.Reports {
		line("%-28s %8.2f %8.2f   %5.2f×   (slowest %.2f, %.2f)", p.Name, p.Small, p.Large, p.Ratio, p.SmallP99, p.LargeP99)
	}
	line("\nranking 10 of %d targets: %.0f calls/s on one core, %.0f µs of processor time, median %.2f ms, p99 %.2f ms",
		r.Targets, r.RankPerSecond, r.RankCPU, r.RankMedian, r.RankP99)
}

// benchDistribution plays simulated markets and prints the regret.
func benchDistribution(ctx context.Context, w world, args []string) error {
	f := flags(w, "bench distribution")
	seeds := f.Int("seeds", 5, "markets")
	requests := f.Int("requests", 60_000, "requests to each")
	slots := f.Int("slots", 3, "components shown per request")
	components := f.Int("components", 24, "components in a market")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w.stdout, "valid leads fewer than with the best fixed ranking of each source and district, after each tenth of %d requests\n", *requests)
	for seed := range uint64(max(*seeds, 1)) {
		m := distribution.DefaultMarket(seed)
		m.Requests, m.Slots, m.Components = *requests, min(*slots, *components), *components
		for _, by := range []distribution.Choice{distribution.Thompson, distribution.Greedy, distribution.Uniform} {
			if err := ctx.Err(); err != nil {
				return err
			}
			regret := m.Run(by)
			_, _ = fmt.Fprintf(w.stdout, "seed %d %-9s", seed, by)
			for _, n := range regret {
				_, _ = fmt.Fprintf(w.stdout, " %6.0f", n)
			}
			_, _ = fmt.Fprintf(w.stdout, "   last tenth %4.1f %%\n", 100*(regret[9]-regret[8])/regret[9])
		}
	}
	return nil
}
