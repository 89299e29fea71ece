package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"clew/access"
	"clew/casework"
	"clew/db"
	"clew/finding"
)

// governanceReport is what "clew bench governance" found. Pages are in milliseconds.
type governanceReport struct {
	Engine    string       `json:"engine"`
	Small     int          `json:"small_cases"`
	Large     int          `json:"large_cases"`
	Ledger    ledgerCost   `json:"ledger_cost"`
	Entries   int64        `json:"ledger_entries"`
	Verify    float64      `json:"ledger_entries_verified_per_second"`
	Replayed  int          `json:"cases_replayed"`
	Decisions int          `json:"decisions_replayed"`
	Replay    float64      `json:"cases_replayed_per_second"`
	Pages     []growthPage `json:"pages"`
}

// ledgerCost is what the ledger's entry adds to a lead: processor time of this process
// for bare inserts without it, with it, and for the whole of intake; microseconds.
type ledgerCost struct {
	Bare   float64 `json:"bare_cpu_us"`
	With   float64 `json:"bare_with_entry_cpu_us"`
	Server float64 `json:"server_cpu_us"`
	Share  float64 `json:"share_of_intake"` // (with − bare) ÷ server
	Rate   float64 `json:"rate_with_entry"` // leads per second with it ÷ without
}

// measureLedger takes turns between bare inserts without the entry, with it, and the
// server, and keeps the medians.
func measureLedger(ctx context.Context, engine, database string, rounds int) (c ledgerCost, err error) {
	b, err := openBench(ctx, engine, database, true)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	body, err := b.body(ctx)
	if err != nil {
		return c, err
	}
	const clients, seconds = 64, 1.5
	m := &intakeMeasure{bench: b, body: body}
	if _, err := m.serve(ctx, clients, 0.5, 0); err != nil {
		return c, err
	}
	bare, err := b.openBare(ctx)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	var without, with, server, rate []float64
	for range rounds {
		bare.committing = false
		a, err := bare.run(ctx, clients, seconds)
		if err != nil {
			return c, err
		}
		bare.committing = true
		e, err := bare.run(ctx, clients, seconds)
		if err != nil {
			return c, err
		}
		cpu := processorTime()
		s, err := m.serve(ctx, clients, seconds, 0)
		if err != nil {
			return c, err
		}
		without = append(without, a.CPU*1e6/float64(max(1, a.Accepted)))
		with = append(with, e.CPU*1e6/float64(max(1, e.Accepted)))
		server = append(server, (processorTime()-cpu)*1e6/float64(max(1, s.Accepted)))
		rate = append(rate, e.rate()/a.rate())
	}
	c = ledgerCost{Bare: median(without), With: median(with), Server: median(server), Rate: median(rate)}
	c.Share = (c.With - c.Bare) / c.Server
	return c, nil
}

// workedCases is how many cases of each store went through the rooms; the others are
// copies of the last of them, without events.
const workedCases = 500

func benchGovernance(ctx context.Context, w world, args []string) (err error) {
	f := flags(w, "bench governance")
	engine := f.String("engine", "sqlite", "sqlite or postgres")
	database := f.String("database", "", "URL of a PostgreSQL server on which databases may be made")
	cases := f.Int("cases", 1_000_000, "cases in the large store")
	small := f.Int("small", 1000, "cases in the small store, at least 500")
	times := f.Int("times", 60, "how often each page is read")
	asJSON := f.Bool("json", false, "print the report as JSON")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	if *small < workedCases || *cases < *small {
		return fmt.Errorf("--small is at least %d, and --cases not below it", workedCases)
	}
	report := governanceReport{Engine: *engine, Small: *small, Large: *cases}
	if report.Ledger, err = measureLedger(ctx, *engine, *database, 5); err != nil {
		return err
	}
	var desks []*benchDesk
	for _, n := range []int{*small, *cases} {
		b, err := openBench(ctx, *engine, *database, false)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.close(ctx)) }()
		d := &benchDesk{bench: b}
		if err := d.work(ctx); err != nil {
			return fmt.Errorf("work %d cases: %w", workedCases, err)
		}
		if len(desks) == 0 {
			if err := d.rates(ctx, &report); err != nil {
				return err
			}
		}
		if err := d.fill(ctx, n-workedCases, w.stderr); err != nil {
			return fmt.Errorf("fill with %d cases: %w", n, err)
		}
		desks = append(desks, d)
	}
	for _, page := range deskPages {
		p, err := measureDesks(ctx, page.name, page.read, desks, max(3, *times))
		if err != nil {
			return fmt.Errorf("%s: %w", page.name, err)
		}
		report.Pages = append(report.Pages, p)
	}
	if *asJSON {
		return json.NewEncoder(w.stdout).Encode(report)
	}
	report.print(w.stdout)
	return nil
}

func (r governanceReport) print(w io.Writer) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	c := r.Ledger
	p("%s", r.Engine)
	p("ledger entry: bare lead %.0f µs, with it %.0f µs, intake %.0f µs: %.1f %% of intake; bare rate with it %.2f of without", c.Bare, c.With, c.Server, 100*c.Share, c.Rate)
	p("verify: %d entries, %.0f/s", r.Entries, r.Verify)
	p("replay: %d cases with %d decisions, %.0f cases/s", r.Replayed, r.Decisions, r.Replay)
	p("\nmedian ms with %d cases, with %d, and how many times that is", r.Small, r.Large)
	for _, g := range r.Pages {
		p("%-34s %8.3f %8.3f   %5.2f×   (p99 %.2f, %.2f)", g.Name, g.Small, g.Large, g.Ratio, g.SmallP99, g.LargeP99)
	}
}

// benchDesk is a store full of cases about one app.
type benchDesk struct {
	*bench
	last casework.File
	deep string // cursor in the middle of the queue
}

var benchInspector = access.Caller{Kind: access.KindStaff, ID: "staff_inspector", Role: access.RoleInspector}

func (d *benchDesk) work(ctx context.Context) error {
	one, err := d.house.components.Get(ctx, access.System(d.operator, "clew bench"), d.component)
	if err != nil {
		return err
	}
	for range workedCases {
		if d.last, err = decided(ctx, d.house, one.Draft.App); err != nil {
			return err
		}
	}
	for n := 1; n > 0 && err == nil; {
		n, err = d.house.ledger.Sequence(ctx)
	}
	return err
}

// rates verifies the whole ledger and replays every case.
func (d *benchDesk) rates(ctx context.Context, r *governanceReport) error {
	began := time.Now()
	v, err := d.house.ledger.Verify(ctx, nil)
	if err != nil {
		return err
	}
	r.Entries, r.Verify = v.Size, float64(v.Size)/time.Since(began).Seconds()
	began = time.Now()
	got, err := replayCases(ctx, d.house.db, io.Discard)
	if err != nil {
		return err
	}
	r.Replayed, r.Decisions, r.Replay = got.cases, got.decisions, float64(got.cases)/time.Since(began).Seconds()
	if len(v.Faults) > 0 || got.faults > 0 {
		return fmt.Errorf("%d faults in the ledger, %d in the cases", len(v.Faults), got.faults)
	}
	return nil
}

// fill adds n copies of the last case: a tenth of them open, spread over states.
func (d *benchDesk) fill(ctx context.Context, n int, progress io.Writer) error {
	text, err := json.Marshal(d.last)
	if err != nil {
		return err
	}
	began, at := time.Now(), d.house.db.Now().UnixMilli()
	states := []casework.State{casework.Triaged, casework.Investigating, casework.Rectifying, casework.RecheckDue}
	const batch = 1024
	for done := 0; done < n; done += batch {
		var rows [][]any
		for i := done; i < min(done+batch, n); i++ {
			id, state := db.NewID("case"), casework.Closed
			if i%10 == 0 {
				state = states[i/10%len(states)]
			}
			body := strings.NewReplacer(d.last.ID, id, `"state":"`+string(d.last.State)+`"`, `"state":"`+string(state)+`"`).Replace(string(text))
			rows = append(rows, []any{
				d.operator, id, d.last.App, "", string(state), state.Ended(), benchInspector.ID, 0, d.last.Channel,
				at + int64(i), d.last.Version, at - int64(i), at, body,
			})
		}
		if err := d.house.db.Write(ctx, func(tx *db.Tx) error {
			return tx.Insert(ctx, "case_file", []string{
				"operator", "id", "app", "component", "state", "ended", "assignee", "priority", "channel",
				"due_at", "version", "opened_at", "updated_at", "body",
			}, rows)
		}); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(progress, "filled %d cases in %.0f s\n", n+workedCases, time.Since(began).Seconds()); err != nil {
		return err
	}
	d.deep = fmt.Sprintf("%d.%s", at+int64(n/2), "case_")
	return nil
}

var deskPages = []struct {
	name string
	read func(ctx context.Context, d *benchDesk) error
}{
	{"queue, first page of 50", queue(casework.Queue{}, false)},
	{"queue, a page in the middle", queue(casework.Queue{}, true)},
	{"queue of one state", queue(casework.Queue{State: casework.Rectifying}, false)},
	{"queue of one inspector", queue(casework.Queue{Assignee: benchInspector.ID}, false)},
	{"ended cases", queue(casework.Queue{Ended: true}, false)},
	{"one case with its timeline", func(ctx context.Context, d *benchDesk) error {
		if _, err := d.house.casework.Case(ctx, benchInspector, d.last.ID); err != nil {
			return err
		}
		_, err := d.house.casework.Timeline(ctx, benchInspector, d.last.ID, 0)
		return err
	}},
}

func queue(q casework.Queue, middle bool) func(context.Context, *benchDesk) error {
	return func(ctx context.Context, d *benchDesk) error {
		q := q
		if middle {
			q.After = d.deep
		}
		page, _, err := d.house.casework.Cases(ctx, benchInspector, q)
		if err == nil && len(page) == 0 {
			err = errors.New("the page is empty")
		}
		return err
	}
}

// measureDesks takes turns between the two stores.
func measureDesks(ctx context.Context, name string, read func(context.Context, *benchDesk) error, desks []*benchDesk, times int) (growthPage, error) {
	var took [2][]time.Duration
	for i := range times + 3 {
		for k, d := range desks {
			began := time.Now()
			if err := read(ctx, d); err != nil {
				return growthPage{}, err
			}
			if i >= 3 { // the first ones fill caches
				took[k] = append(took[k], time.Since(began))
			}
		}
	}
	out := growthPage{Name: name}
	out.Small, out.SmallP99, _ = percentiles(took[0])
	out.Large, out.LargeP99, _ = percentiles(took[1])
	out.Ratio = out.Large / out.Small
	return out, nil
}

// decided is a case with a decision in force, by the shipped edition.
func decided(ctx context.Context, h *house, app string) (casework.File, error) {
	inspector := access.Caller{Kind: access.KindStaff, ID: "staff_inspector", Role: access.RoleInspector}
	reviewer := access.Caller{Kind: access.KindStaff, ID: "staff_reviewer", Role: access.RoleReviewer}
	number, key, err := h.casework.Report(ctx, inspector, casework.NewReport{
		App: app, Channel: "consumer_complaint", Reporter: casework.Reporter{Text: "一进页面就弹窗要手机号"},
	})
	if err != nil {
		return casework.File{}, err
	}
	var id string
	if err := h.db.Read(ctx, func(tx *db.Tx) error {
		r, _, err := casework.Followed(ctx, tx, number, key)
		id = r.Case
		return err
	}); err != nil {
		return casework.File{}, err
	}
	f, err := h.casework.Triage(ctx, inspector, id, 0, 1)
	if err == nil {
		f, err = h.casework.Find(ctx, inspector, id, f.Version, casework.NewFinding{
			Clause: "3.2.entry-popup", Verdict: finding.Violation, Text: finding.Say("进入页面即弹出授权", "a dialog on entry"),
		})
	}
	if err != nil {
		return f, err
	}
	return h.casework.Decide(ctx, reviewer, id, f.Version, casework.Draft{
		Findings: []string{f.Findings[0].ID}, Reasons: finding.Say("经复核，进入落地页即弹出手机号授权，违反规范三。", "the dialog opens on entry"),
	})
}
