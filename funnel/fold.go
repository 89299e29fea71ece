package funnel

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"clew/db"
)

// change is what a fold adds to one cell.
type change struct {
	pv, uv [kinds]int64
	tags   [eventKind][]uint64
	events bool // something that is counted by sketch came in
}

// changes gathers what a fold does to one operator's counts.
type changes struct {
	cells      map[cell]*change
	markets    map[market]*[2]int64 // shows, valid
	components map[[2]string]bool   // app, component
}

// market is a row of funnel_market.
type market struct {
	component     string
	day           int
	scene, region string
}

func newChanges() *changes {
	return &changes{cells: map[cell]*change{}, markets: map[market]*[2]int64{}, components: map[[2]string]bool{}}
}

func (c *changes) at(at cell) *change {
	one := c.cells[at]
	if one == nil {
		one = &change{}
		c.cells[at] = one
	}
	return one
}

func (c *changes) market(s *spot, shows, valid int64) {
	if s.component == "" {
		return
	}
	m := market{s.component, s.day, s.scene, s.region}
	if c.markets[m] == nil {
		c.markets[m] = &[2]int64{}
	}
	c.markets[m][0] += shows
	c.markets[m][1] += valid
}

// add counts one event.
func (c *changes) add(r *record) {
	r.spot.cells(func(at cell) {
		one := c.at(at)
		one.events = true
		one.pv[r.kind]++
		if r.tag != 0 {
			one.tags[r.kind] = append(one.tags[r.kind], r.tag)
		}
	})
	if r.spot.component != "" {
		c.components[[2]string{r.spot.app, r.spot.component}] = true
		if r.kind == showKind {
			c.market(&r.spot, 1, 0)
		}
	}
}

const (
	showKind  = 4
	leadKinds = eventKind // where report, lead and valid lead begin
)

// Fold brings everything that waits into the counts and returns how many events and
// leads that was. Several processes may call it: one at a time folds an operator's.
func (r *Room) Fold(ctx context.Context) (int, error) {
	var operators []string
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		operators, err = db.Collect(ctx, tx, func(s db.Scanner) (o string, err error) { return o, s.Scan(&o) },
			`select operator from funnel_batch where folded=false group by operator
			union select operator from funnel_lead where counted<>stage group by operator order by 1`)
		return err
	})
	if err != nil {
		return 0, err
	}
	total := 0
	for _, operator := range operators {
		for {
			n, err := r.fold(ctx, operator)
			if err != nil {
				return total, fmt.Errorf("fold: %w", err)
			}
			total += n
			if n == 0 {
				break
			}
		}
	}
	return total, nil
}

const (
	foldBatches = 32
	foldLeads   = 1000
)

// fold is one transaction of Fold.
func (r *Room) fold(ctx context.Context, operator string) (n int, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		n = 0
		closed, mine, err := turn(ctx, tx, operator)
		if err != nil || !mine {
			return err
		}
		c := newChanges()
		events, err := foldEvents(ctx, tx, operator, c)
		if err != nil {
			return err
		}
		leads, err := foldWaiting(ctx, tx, operator, c)
		if err != nil {
			return err
		}
		n = events + leads
		return c.write(ctx, tx, operator, closed)
	})
	return n, err
}

// turn takes the right to change an operator's counts until the transaction ends;
// mine is false while somebody else has it. closed is the last closed day.
func turn(ctx context.Context, tx *db.Tx, operator string) (closed int, mine bool, err error) {
	const read = "select closed from funnel_turn where operator=$1"
	scan := func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }
	found, err := db.Collect(ctx, tx, scan, read+tx.SkipLocked(), operator)
	if err != nil || len(found) == 1 {
		return append(found, 0)[0], len(found) == 1, err
	}
	if _, err = tx.Exec(ctx, "insert into funnel_turn (operator, closed) values ($1, 0) on conflict do nothing", operator); err != nil {
		return 0, false, err
	}
	found, err = db.Collect(ctx, tx, scan, read+tx.SkipLocked(), operator)
	return append(found, 0)[0], len(found) == 1, err
}

func foldEvents(ctx context.Context, tx *db.Tx, operator string, c *changes) (int, error) {
	type batch struct {
		id     string
		events []byte
	}
	batches, err := db.Collect(ctx, tx, func(s db.Scanner) (b batch, err error) { return b, s.Scan(&b.id, &b.events) },
		"select id, events from funnel_batch where operator=$1 and folded=false order by id limit $2", operator, foldBatches)
	if err != nil || len(batches) == 0 {
		return 0, err
	}
	n, args := 0, []any{operator}
	for _, b := range batches {
		records, err := unpackBatch(b.events)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", b.id, err)
		}
		for i := range records {
			c.add(&records[i])
		}
		n += len(records)
		args = append(args, b.id)
	}
	_, err = tx.Exec(ctx, "update funnel_batch set folded=true where operator=$1 and id in "+db.In(2, len(batches)), args...)
	return n, err
}

// write brings the changes into the stored counts. The caller has the turn.
func (c *changes) write(ctx context.Context, tx *db.Tx, operator string, closed int) error {
	if len(c.cells) == 0 {
		return nil
	}
	if err := c.redirect(ctx, tx, operator, closed); err != nil {
		return err
	}
	// Cells that differ in the slot alone are read together.
	type row = cell
	groups := map[row][]string{}
	for at := range c.cells {
		head := at
		head.slot = ""
		groups[head] = append(groups[head], at.slot)
	}
	heads := make([]row, 0, len(groups))
	for head := range groups {
		heads = append(heads, head)
	}
	slices.SortFunc(heads, compareCells)
	var counts, sketched [][]any
	for _, head := range heads {
		slots := groups[head]
		slices.Sort(slots)
		for part := range slices.Chunk(slots, 128) {
			if err := c.merge(ctx, tx, operator, head, part, &counts, &sketched); err != nil {
				return err
			}
		}
	}
	if err := upsert(ctx, tx, "funnel_count", countColumns, 7, counts); err != nil {
		return err
	}
	if err := upsert(ctx, tx, "funnel_sketch", sketchColumns, 7, sketched); err != nil {
		return err
	}
	return c.writeSmall(ctx, tx, operator)
}

var (
	countColumns  = []string{"operator", "face", "app", "scope", "day", "hour", "slot", "counts"}
	sketchColumns = []string{"operator", "day", "face", "app", "scope", "hour", "slot", "sketches"}
)

func compareCells(a, b cell) int {
	return cmp.Or(cmp.Compare(a.face, b.face), cmp.Compare(a.app, b.app), cmp.Compare(a.scope, b.scope),
		cmp.Compare(a.day, b.day), cmp.Compare(a.hour, b.hour), cmp.Compare(a.slot, b.slot))
}

// merge reads the rows of head at slots and appends what they become.
func (c *changes) merge(ctx context.Context, tx *db.Tx, operator string, head cell, slots []string, counts, sketched *[][]any) error {
	args := []any{operator, head.face, head.app, head.scope, head.day, head.hour}
	known := false
	for _, slot := range slots {
		args = append(args, slot)
		head.slot = slot
		known = known || c.cells[head].events
	}
	where := " where operator=$1 and face=$2 and app=$3 and scope=$4 and day=$5 and hour=$6 and slot in " + db.In(7, len(slots))
	have, err := packed(ctx, tx, "select slot, counts from funnel_count"+where, args)
	if err != nil {
		return err
	}
	var tags map[string][]byte
	if known {
		if tags, err = packed(ctx, tx, "select slot, sketches from funnel_sketch"+where, args); err != nil {
			return err
		}
	}
	for _, slot := range slots {
		head.slot = slot
		one := c.cells[head]
		var t tally
		if err := t.add(have[slot]); err != nil {
			return err
		}
		for k := range kinds {
			t.pv[k] += one.pv[k]
			t.uv[k] += one.uv[k]
		}
		if one.events {
			s, err := unpackSketches(tags[slot])
			if err != nil {
				return err
			}
			for k, list := range one.tags {
				for _, tag := range list {
					s[k].add(tag)
				}
				if len(list) > 0 {
					t.uv[k] = s[k].count()
				}
			}
			*sketched = append(*sketched, []any{operator, head.day, head.face, head.app, head.scope, head.hour, slot, s.pack()})
		}
		*counts = append(*counts, []any{operator, head.face, head.app, head.scope, head.day, head.hour, slot, t.pack()})
	}
	return nil
}

func packed(ctx context.Context, tx *db.Tx, query string, args []any) (map[string][]byte, error) {
	type row struct {
		slot string
		b    []byte
	}
	rows, err := db.Collect(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.slot, &r.b) }, query, args...)
	out := make(map[string][]byte, len(rows))
	for _, r := range rows {
		out[r.slot] = r.b
	}
	return out, err
}

// upsert writes whole rows; the first keys columns are the primary key and the one
// column after them is replaced.
func upsert(ctx context.Context, tx *db.Tx, table string, columns []string, keys int, rows [][]any) error {
	last := columns[keys]
	return insertRows(ctx, tx, table, columns, rows,
		"on conflict ("+join(columns[:keys])+") do update set "+last+"=excluded."+last)
}

// writeSmall writes what rankings learn from and which components have counts.
func (c *changes) writeSmall(ctx context.Context, tx *db.Tx, operator string) error {
	var rows [][]any
	for m, n := range c.markets {
		if n[0] != 0 || n[1] != 0 {
			rows = append(rows, []any{operator, m.component, m.day, m.scene, m.region, n[0], n[1]})
		}
	}
	if err := insertRows(ctx, tx, "funnel_market", []string{"operator", "component", "day", "scene", "region", "shows", "valid"}, rows,
		`on conflict (operator, component, day, scene, region) do update
		set shows=funnel_market.shows+excluded.shows, valid=funnel_market.valid+excluded.valid`); err != nil {
		return err
	}
	rows = nil
	for pair := range c.components {
		rows = append(rows, []any{operator, pair[0], pair[1]})
	}
	return insertRows(ctx, tx, "funnel_component", []string{"operator", "app", "component"}, rows, "on conflict do nothing")
}
