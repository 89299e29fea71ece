package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"clew/access"
	"clew/component"
	"clew/db"
	"clew/seal"
	"clew/web"
)

func runBench(ctx context.Context, w world, args []string) error {
	what, args, err := verb(w, args, "intake", "growth", "load", "check", "funnel", "distribution", "governance")
	if err != nil {
		return err
	}
	switch what {
	case "check":
		return benchCheck(ctx, w, args)
	case "growth":
		return benchGrowth(ctx, w, args)
	case "funnel":
		return benchFunnel(ctx, w, args)
	case "distribution":
		return benchDistribution(ctx, w, args)
	case "governance":
		return benchGovernance(ctx, w, args)
	case "load":
		return benchLoad(ctx, w, args)
	}
	return benchIntake(ctx, w, args)
}

// bench is a house for measuring, in a folder of its own: everything that serve
// has, one operator, one component that takes typed numbers, no bounds on rate.
type bench struct {
	dir       string
	engine    string
	server    string // PostgreSQL's URL; empty for SQLite
	databases []string
	house     *house
	operator  string
	component string
	base      string
	stop      context.CancelFunc
	ended     chan error
}

// openBench opens the house and, given a listener, serves it.
func openBench(ctx context.Context, engine, server string, listen bool) (_ *bench, err error) {
	b := &bench{engine: engine, server: server}
	if engine != "sqlite" && engine != "postgres" {
		return nil, fmt.Errorf("engine %q is unknown; there are sqlite and postgres", engine)
	}
	if engine == "postgres" && server == "" {
		return nil, errors.New("give the server with --database postgres://…; the benchmark makes databases of its own there and drops them")
	}
	if b.dir, err = os.MkdirTemp("", "clew-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close(ctx))
		}
	}()
	cfg := Config{Data: b.dir, Storage: "中国大陆", RequestsPerSecond: -1}
	if engine == "postgres" {
		if cfg.Database, err = b.newDatabase(ctx); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b.base = "http://" + l.Addr().String()
	cfg.Listen, cfg.BaseURL = l.Addr().String(), b.base
	// A line per request is written as in production, and nobody reads it.
	log, err := os.OpenFile(filepath.Join(b.dir, "clew.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if b.house, err = openHouse(ctx, cfg, seal.NewRing(time.Now(), true), nil, newLog(log)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	made, _, err := b.house.addOperator(ctx, "bench", demoCategory, nil)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	b.operator = made.Operator
	by := access.System(b.operator, "clew bench")
	def := component.Sample(made.ID)
	def.Verification = component.Typed
	if b.component, err = b.house.components.Create(ctx, by, def); err == nil {
		_, _, err = b.house.components.Publish(ctx, by, b.component)
	}
	if err != nil || !listen {
		return b, errors.Join(err, l.Close())
	}
	runCtx, stop := context.WithCancel(ctx)
	b.stop, b.ended = stop, make(chan error, 1)
	go func() { b.ended <- b.house.run(runCtx, l) }()
	return b, nil
}

// close stops the server and removes what the benchmark made.
func (b *bench) close(ctx context.Context) error {
	var errs []error
	if b.stop != nil {
		b.stop()
		errs = append(errs, <-b.ended)
	}
	if b.house != nil {
		errs = append(errs, b.house.close())
	}
	errs = append(errs, b.dropDatabases(context.WithoutCancel(ctx)), os.RemoveAll(b.dir))
	return errors.Join(errs...)
}

// body is a valid submission, made from what the server shows, with a place for
// the phone number.
func (b *bench) body(ctx context.Context) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/v1/public/components/"+b.component+"?lang=zh", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return "", errors.Join(err, fmt.Errorf("the component is not shown: %s", resp.Status))
	}
	return submission(text, time.Now())
}

// submission fills in a shown definition as a person would who opened the sheet
// at now; "{phone}" stands for the number.
func submission(definition []byte, now time.Time) (string, error) {
	var d web.Definition
	if err := json.Unmarshal(definition, &d); err != nil {
		return "", err
	}
	type choice struct {
		ID       string `json:"id"`
		Accepted bool   `json:"accepted"`
	}
	var choices []choice
	for _, c := range d.Choices {
		choices = append(choices, choice{c.ID, true})
	}
	body, err := json.Marshal(map[string]any{
		"form_token": d.FormToken,
		"consent": map[string]any{
			"notice_version": d.Notice.Version, "notice_hash": d.Notice.Hash, "choices": choices,
			"gesture": map[string]any{
				"kind": "tap", "trigger": "clew-lead", "trusted": true, "viewport": "390x844",
				"opened_at": now.UnixMilli(), "ticked_at": now.UnixMilli() + 1,
			},
		},
		"answers": map[string]string{"phone": "{phone}", "name": "王女士", "city": "浙江省 杭州市", "question": "work"},
		"source":  "sheet",
	})
	return string(body), err
}

// settled waits until the outbox has nothing due, so that what one round left
// behind does not slow the next.
func (b *bench) settled(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		n, err := b.count(ctx, "select count(*) from (select 1 from outbox where operator=$1 and state='waiting' limit 1) w")
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *bench) count(ctx context.Context, query string) (n int, err error) {
	err = b.house.db.Read(ctx, func(tx *db.Tx) error {
		n, err = db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, query, b.operator)
		return err
	})
	return n, err
}

// intakeReport is what "clew bench intake" found. Every rate stands beside the
// bare one of the same run; times are milliseconds.
type intakeReport struct {
	Engine string `json:"engine"`
	// Durability is what the store says of itself: synchronous, or fsync.
	Durability string        `json:"durability"`
	Fsync      fsyncResult   `json:"fsync"`
	Rounds     []intakeRound `json:"rounds"`
	Half       halfLoad      `json:"half_load"`
	// Acknowledged and Stored must be equal, and Failed zero.
	Acknowledged int `json:"acknowledged"`
	Stored       int `json:"stored"`
	Failed       int `json:"failed"`
}

// intakeRound holds the medians of the rounds with one number of clients.
type intakeRound struct {
	Clients   int       `json:"clients"`
	Bare      float64   `json:"bare_per_second"`
	Server    float64   `json:"server_per_second"`
	Ratio     float64   `json:"ratio"`      // median of the pairs' ratios
	Ratios    []float64 `json:"all_ratios"` // to see how noisy the machine was
	P50       float64   `json:"p50_ms"`
	P99       float64   `json:"p99_ms"`
	BareP50   float64   `json:"bare_p50_ms"`
	BareP99   float64   `json:"bare_p99_ms"`
	BareCPU   float64   `json:"bare_cpu_us"`   // processor time per lead, of this process
	ServerCPU float64   `json:"server_cpu_us"` // the same while it serves
	ClientCPU float64   `json:"client_cpu_us"` // of the load generator's process
}

// halfLoad is latency when requests arrive at half of what the server can do,
// whether or not the ones before were answered.
type halfLoad struct {
	Rate   float64 `json:"per_second"`
	P50    float64 `json:"p50_ms"`
	P99    float64 `json:"p99_ms"`
	Fsyncs float64 `json:"p99_in_fsyncs"`
}

func benchIntake(ctx context.Context, w world, args []string) (err error) {
	f := flags(w, "bench intake")
	engine := f.String("engine", "sqlite", "sqlite or postgres")
	database := f.String("database", "", "URL of a PostgreSQL server on which databases may be made")
	clientList := f.String("clients", "1,16,64", "numbers of clients to measure with")
	seconds := f.Float64("seconds", 2, "length of one round")
	rounds := f.Int("rounds", 3, "pairs of rounds for each number of clients")
	profile := f.String("profile", "", "write a processor profile of a round of the server to this file")
	asJSON := f.Bool("json", false, "print the report as JSON")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	var clients []int
	for text := range strings.SplitSeq(*clientList, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 4096 {
			return fmt.Errorf("--clients: %q is not a number of clients", text)
		}
		clients = append(clients, n)
	}
	b, err := openBench(ctx, *engine, *database, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	body, err := b.body(ctx)
	if err != nil {
		return err
	}
	m := &intakeMeasure{bench: b, body: body, seconds: *seconds, rounds: max(1, *rounds), profile: *profile}
	report, err := m.run(ctx, clients)
	if err != nil {
		return err
	}
	if *asJSON {
		err = json.NewEncoder(w.stdout).Encode(report)
	} else {
		report.print(w.stdout)
	}
	if report.Failed > 0 || report.Stored != report.Acknowledged {
		err = errors.Join(err, fmt.Errorf("%d requests failed; %d leads were acknowledged and %d are stored",
			report.Failed, report.Acknowledged, report.Stored))
	}
	return err
}

// intakeMeasure takes turns between the bare store and the server.
type intakeMeasure struct {
	*bench
	body    string
	seconds float64
	rounds  int
	profile string
	sent    int // numbers the generator has used up
	report  intakeReport
}

func (m *intakeMeasure) run(ctx context.Context, clients []int) (_ intakeReport, err error) {
	m.report.Engine = m.engine
	// One round nobody counts: it fills caches and leaves a lead to copy from.
	if _, err := m.serve(ctx, clients[0], 0.3, 0); err != nil {
		return m.report, err
	}
	if m.report.Durability, err = m.durability(ctx); err != nil {
		return m.report, err
	}
	bare, err := m.openBare(ctx)
	if err != nil {
		return m.report, err
	}
	defer func() { err = errors.Join(err, bare.close()) }()
	if _, err := bare.run(ctx, clients[0], 0.3); err != nil {
		return m.report, err
	}
	best := intakeRound{}
	for _, n := range clients {
		r, err := m.pair(ctx, bare, n)
		if err != nil {
			return m.report, err
		}
		m.report.Rounds = append(m.report.Rounds, r)
		if r.Server > best.Server {
			best = r
		}
	}
	if m.profile != "" {
		// A round of its own: nothing bare is in it, and it counts for no rate.
		profile, err := startProfile(m.profile)
		if err != nil {
			return m.report, err
		}
		_, err = m.serve(ctx, best.Clients, 4*m.seconds, 0)
		if err := errors.Join(err, profile.stop()); err != nil {
			return m.report, err
		}
	}
	if err := m.halfLoad(ctx, best); err != nil {
		return m.report, err
	}
	m.report.Stored, err = m.count(ctx, "select count(*) from lead where operator=$1")
	return m.report, err
}

// pair measures bare and server in turns and keeps the medians.
func (m *intakeMeasure) pair(ctx context.Context, bare *bareStore, clients int) (intakeRound, error) {
	var all []intakeRound
	for range m.rounds {
		before, err := bare.run(ctx, clients, m.seconds)
		if err != nil {
			return intakeRound{}, err
		}
		cpu := processorTime()
		got, err := m.serve(ctx, clients, m.seconds, 0)
		if err != nil {
			return intakeRound{}, err
		}
		all = append(all, intakeRound{
			Bare: before.rate(), Server: got.rate(), Ratio: got.rate() / before.rate(), P50: got.P50, P99: got.P99,
			BareP50: before.P50, BareP99: before.P99, BareCPU: before.CPU * 1e6 / float64(max(1, before.Accepted)),
			ServerCPU: (processorTime() - cpu) * 1e6 / float64(max(1, got.Accepted)), ClientCPU: got.CPU * 1e6 / float64(max(1, got.Accepted)),
		})
	}
	of := func(pick func(intakeRound) float64) float64 {
		var values []float64
		for _, r := range all {
			values = append(values, pick(r))
		}
		return median(values)
	}
	r := intakeRound{
		Clients: clients,
		Bare:    of(func(r intakeRound) float64 { return r.Bare }), Server: of(func(r intakeRound) float64 { return r.Server }),
		Ratio: of(func(r intakeRound) float64 { return r.Ratio }),
		P50:   of(func(r intakeRound) float64 { return r.P50 }), P99: of(func(r intakeRound) float64 { return r.P99 }),
		BareP50: of(func(r intakeRound) float64 { return r.BareP50 }), BareP99: of(func(r intakeRound) float64 { return r.BareP99 }),
		BareCPU: of(func(r intakeRound) float64 { return r.BareCPU }), ServerCPU: of(func(r intakeRound) float64 { return r.ServerCPU }),
		ClientCPU: of(func(r intakeRound) float64 { return r.ClientCPU }),
	}
	for _, one := range all {
		r.Ratios = append(r.Ratios, one.Ratio)
	}
	return r, nil
}

// serve sends load to the server from another process and counts what came of it.
func (m *intakeMeasure) serve(ctx context.Context, clients int, seconds, rate float64) (loadResult, error) {
	got, err := runLoad(ctx, load{
		URL: m.base + "/v1/public/components/" + url.PathEscape(m.component) + "/leads", Body: m.body,
		Clients: clients, Seconds: seconds, Rate: rate, First: m.sent,
	})
	if err != nil {
		return got, err
	}
	m.sent += got.Sent
	m.report.Acknowledged += got.Accepted
	m.report.Failed += got.Sent - got.Accepted
	return got, m.settled(ctx)
}

// halfLoad puts fsyncs before and after, since one disk serves everybody.
func (m *intakeMeasure) halfLoad(ctx context.Context, best intakeRound) error {
	var p50, p99, ratio []float64
	for range m.rounds {
		before, err := measureFsync(m.dir, m.seconds/4)
		if err != nil {
			return err
		}
		got, err := m.serve(ctx, max(64, best.Clients), m.seconds, best.Server/2)
		if err != nil {
			return err
		}
		after, err := measureFsync(m.dir, m.seconds/4)
		if err != nil {
			return err
		}
		m.report.Fsync = fsyncResult{(before.PerSecond + after.PerSecond) / 2, (before.P50 + after.P50) / 2, (before.P99 + after.P99) / 2}
		m.report.Half.Rate = got.rate()
		p50, p99, ratio = append(p50, got.P50), append(p99, got.P99), append(ratio, got.P99/m.report.Fsync.P50)
	}
	m.report.Half.P50, m.report.Half.P99, m.report.Half.Fsyncs = median(p50), median(p99), median(ratio)
	return nil
}

func (r intakeReport) print(w io.Writer) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	p("%s, %s; one fsync after 4 KiB takes %.2f ms (p99 %.2f), %.0f/s", r.Engine, r.Durability, r.Fsync.P50, r.Fsync.P99, r.Fsync.PerSecond)
	p("")
	p("clients   bare/s  server/s  ratio  (range)        p50 ms  p99 ms   bare p50  p99    CPU µs/lead: bare  server  client")
	for _, o := range r.Rounds {
		p("%7d %8.0f %9.0f  %5.2f  (%.2f–%.2f)  %7.2f %7.2f   %8.2f %6.2f  %17.0f %7.0f %7.0f", o.Clients, o.Bare, o.Server, o.Ratio,
			slices.Min(o.Ratios), slices.Max(o.Ratios), o.P50, o.P99, o.BareP50, o.BareP99, o.BareCPU, o.ServerCPU, o.ClientCPU)
	}
	p("")
	p("at half of that, %.0f/s, arriving on their own: p50 %.2f ms, p99 %.2f ms = %.1f fsyncs", r.Half.Rate, r.Half.P50, r.Half.P99, r.Half.Fsyncs)
	p("%d acknowledged, %d stored, %d failed", r.Acknowledged, r.Stored, r.Failed)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	if len(s)%2 == 0 {
		return (s[len(s)/2-1] + s[len(s)/2]) / 2
	}
	return s[len(s)/2]
}
