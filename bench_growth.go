package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"clew/access"
	"clew/db"
	"clew/lead"
	"clew/phone"
)

// growthReport says how much slower each page is in a large store than in a small
// one. Times are milliseconds.
type growthReport struct {
	Engine string       `json:"engine"`
	Small  int          `json:"small_leads"`
	Large  int          `json:"large_leads"`
	Pages  []growthPage `json:"pages"`
}

type growthPage struct {
	Name     string  `json:"name"`
	Small    float64 `json:"small_ms"`
	Large    float64 `json:"large_ms"`
	Ratio    float64 `json:"ratio"`
	SmallP99 float64 `json:"small_p99_ms"`
	LargeP99 float64 `json:"large_p99_ms"`
}

func benchGrowth(ctx context.Context, w world, args []string) (err error) {
	f := flags(w, "bench growth")
	engine := f.String("engine", "sqlite", "sqlite or postgres")
	database := f.String("database", "", "URL of a PostgreSQL server on which databases may be made")
	leads := f.Int("leads", 200_000, "leads in the large store")
	small := f.Int("small", 10_000, "leads in the small store")
	times := f.Int("times", 60, "how often each page is read")
	asJSON := f.Bool("json", false, "print the report as JSON")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	report := growthReport{Engine: *engine, Small: *small, Large: *leads}
	var stores []*grown
	for _, n := range []int{*small, *leads} {
		b, err := openBench(ctx, *engine, *database, false)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, b.close(ctx)) }()
		g := &grown{bench: b, caller: access.Caller{Kind: access.KindStaff, ID: "bench", Operator: b.operator, Role: access.RoleOwner}}
		if err := g.fill(ctx, n, w.stderr); err != nil {
			return fmt.Errorf("fill with %d leads: %w", n, err)
		}
		stores = append(stores, g)
	}
	for _, page := range growthPages {
		p, err := page.measure(ctx, stores[0], stores[1], max(3, *times))
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

func (r growthReport) print(w io.Writer) {
	_, _ = fmt.Fprintf(w, "%s, one operator; median ms with %d leads, with %d, and how many times that is\n\n", r.Engine, r.Small, r.Large)
	for _, p := range r.Pages {
		_, _ = fmt.Fprintf(w, "%-34s %8.3f %8.3f   %5.2f×   (p99 %.2f, %.2f)\n", p.Name, p.Small, p.Large, p.Ratio, p.SmallP99, p.LargeP99)
	}
}

// grown is a store full of leads of one operator with four components.
type grown struct {
	*bench
	caller     access.Caller
	components []string
	deep       string // cursor in the middle of the list
	one        string // a lead in the middle
	number     phone.Number
	now        time.Time
}

type growthPageRead struct {
	name string
	read func(ctx context.Context, g *grown) error
}

// growthPages is what operators look at.
var growthPages = []growthPageRead{
	{"list, first page of 50", list(func(*grown) lead.Filter { return lead.Filter{} }, false)},
	{"list, a page in the middle", list(func(*grown) lead.Filter { return lead.Filter{} }, true)},
	{"list of one component", list(func(g *grown) lead.Filter { return lead.Filter{Component: g.components[2]} }, false)},
	{"list of a component, in the middle", list(func(g *grown) lead.Filter { return lead.Filter{Component: g.components[2]} }, true)},
	{"list of won leads", list(func(*grown) lead.Filter { return lead.Filter{State: lead.Won} }, false)},
	{"list of new leads, in the middle", list(func(*grown) lead.Filter { return lead.Filter{State: lead.New} }, true)},
	{"won leads of one component", list(func(g *grown) lead.Filter { return lead.Filter{State: lead.Won, Component: g.components[2]} }, false)},
	{"leads of one day last month", list(func(g *grown) lead.Filter {
		return lead.Filter{From: g.now.AddDate(0, -1, 0), To: g.now.AddDate(0, -1, 1)}
	}, false)},
	{"one lead", func(ctx context.Context, g *grown) error {
		_, err := g.house.leads.Get(ctx, g.caller, g.one)
		return err
	}},
	{"look-up by number, on the record", func(ctx context.Context, g *grown) error {
		found, err := g.house.leads.Find(ctx, g.caller, g.number, "benchmark look-up")
		if err == nil && len(found) == 0 {
			err = errors.New("the number was not found")
		}
		return err
	}},
	{"counts of the overview", func(ctx context.Context, g *grown) error {
		_, err := g.house.leads.Count(ctx, g.caller, g.now.Truncate(24*time.Hour).Add(16*time.Hour-24*time.Hour))
		return err
	}},
}

func list(filter func(*grown) lead.Filter, middle bool) func(context.Context, *grown) error {
	return func(ctx context.Context, g *grown) error {
		cursor := ""
		if middle {
			cursor = g.deep
		}
		leads, _, err := g.house.leads.List(ctx, g.caller, filter(g), cursor, 50)
		if err == nil && len(leads) == 0 {
			err = errors.New("the list is empty")
		}
		return err
	}
}

// measure takes turns between the two stores.
func (p growthPageRead) measure(ctx context.Context, small, large *grown, times int) (growthPage, error) {
	var took [2][]time.Duration
	for i := range times + 3 {
		for k, g := range []*grown{small, large} {
			began := time.Now()
			if err := p.read(ctx, g); err != nil {
				return growthPage{}, err
			}
			if i >= 3 { // the first ones fill caches
				took[k] = append(took[k], time.Since(began))
			}
		}
	}
	out := growthPage{Name: p.name}
	out.Small, out.SmallP99, _ = percentiles(took[0])
	out.Large, out.LargeP99, _ = percentiles(took[1])
	out.Ratio = out.Large / out.Small
	return out, nil
}

// fill stores n leads, sealed like real ones, spread over the last 180 days.
// Receipts and messages are left out: no page here reads them.
func (g *grown) fill(ctx context.Context, n int, progress io.Writer) error {
	h := g.house
	by := access.System(g.operator, "clew bench")
	g.now = h.db.Now()
	g.components = []string{g.component}
	var app string
	for range 3 {
		one, err := h.components.Get(ctx, by, g.component)
		if err != nil {
			return err
		}
		app = one.Draft.App
		id, err := h.components.Create(ctx, by, one.Draft)
		if err != nil {
			return err
		}
		if _, _, err := h.components.Publish(ctx, by, id); err != nil {
			return err
		}
		g.components = append(g.components, id)
	}
	const batch = 1024
	began := time.Now()
	first := g.now.AddDate(0, 0, -180).UnixMilli()
	step := float64(g.now.UnixMilli()-first) / float64(n)
	for done := 0; done < n; done += batch {
		var leads, keys, index [][]any
		for i := done; i < min(done+batch, n); i++ {
			rows, err := g.row(i, app, first+int64(float64(i)*step))
			if err != nil {
				return err
			}
			leads, keys, index = append(leads, rows[0]), append(keys, rows[1]), append(index, rows[2])
			if i == n/2 {
				g.one = rows[0][1].(string)
			}
		}
		if err := h.db.Write(ctx, func(tx *db.Tx) error {
			return errors.Join(
				tx.Insert(ctx, "lead", growthLead, leads),
				tx.Insert(ctx, "lead_key", []string{"operator", "lead", "epoch", "wrapped"}, keys),
				tx.Insert(ctx, "lead_index", []string{"operator", "idx", "component", "lead", "created_at"}, index))
		}); err != nil {
			return err
		}
	}
	if err := g.tally(ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintf(progress, "filled %d leads in %.0f s\n", n, time.Since(began).Seconds())
	if err != nil {
		return err
	}
	if g.number, err = phone.Normalize(growthNumber(n/2), phone.DefaultRegion); err != nil {
		return err
	}
	_, g.deep, err = h.leads.List(ctx, g.caller, lead.Filter{To: time.UnixMilli(first + int64(float64(n)*step/2))}, "", 1)
	return err
}

func growthNumber(i int) string { return fmt.Sprintf("138%08d", i%100_000_000) }

var growthLead = []string{
	"operator", "id", "component", "component_version", "app", "receipt", "lang", "test", "verified", "duplicate_of",
	"source_scene", "source_page", "sealed", "state", "reason", "revision", "created_at", "expires_at", "withdrawn_at", "erased_at",
}

// row is lead i with its key and its index row: of 20 leads, 12 are new, 4
// connected, 2 invalid and 2 won; one is a duplicate.
func (g *grown) row(i int, app string, at int64) (rows [3][]any, err error) {
	id := db.NewID("lead")
	key, wrapped, err := g.house.ring.NewDataKey(g.operator, id)
	if err != nil {
		return rows, err
	}
	number, err := phone.Normalize(growthNumber(i), phone.DefaultRegion)
	if err != nil {
		return rows, err
	}
	sealed := map[string][]byte{}
	for field, value := range map[string]string{"phone": number.E164(), "name": "王女士", "city": "浙江省 杭州市", "question": "work"} {
		sealed[field] = key.Seal(field, []byte(value))
	}
	text, err := json.Marshal(sealed)
	if err != nil {
		return rows, err
	}
	// Seven is prime to twenty: states do not follow components.
	state, reason, duplicate := lead.New, "", ""
	switch k := i * 7 % 20; {
	case k >= 18:
		state = lead.Won
	case k >= 16:
		state, reason = lead.Invalid, lead.Reasons()[0]
	case k >= 12:
		state = lead.Connected
	case k == 0:
		duplicate = "lead_earlier"
	}
	where := g.components[i%len(g.components)]
	rows[0] = []any{
		g.operator, id, where, 1, app, db.NewID("receipt"), "zh", false, false, duplicate,
		"sheet", "", text, string(state), reason, 1, at, at + 180*24*3600*1000, 0, 0,
	}
	rows[1] = []any{g.operator, id, wrapped.Epoch, wrapped.Bytes}
	rows[2] = []any{g.operator, g.house.ring.Index(g.operator, "phone", number.E164()), where, id, at}
	return rows, nil
}

// tally counts what was filled in past the room that counts, and lets the store
// look at its tables as it would have over 180 days.
func (g *grown) tally(ctx context.Context) error {
	analyze := "analyze"
	if g.engine == "sqlite" {
		analyze = "select 1" // a store in use is never analyzed either
	}
	return g.house.db.Write(ctx, func(tx *db.Tx) error {
		for _, text := range []string{
			`insert into lead_tally (operator, hour, component, state, n) select operator, 0, component, state, count(*) from lead
			 where test=false and duplicate_of='' and erased_at=0 group by operator, component, state`,
			`insert into lead_tally (operator, hour, component, state, n) select operator, created_at - created_at % 3600000, '', '', count(*) from lead
			 where test=false and duplicate_of='' and erased_at=0 group by operator, created_at - created_at % 3600000`,
			analyze,
		} {
			if _, err := tx.Exec(ctx, text); err != nil {
				return err
			}
		}
		return nil
	})
}
