package funnel

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"clew/db"
)

// SlotRest gathers the rooms, videos and so on that a closed day has too many of.
const SlotRest = "~"

// keepSlots bounds how many of each a closed day keeps, per app: the most seen ones.
const keepSlots = 500

// redirect sends what arrives for a closed day into the row that is there.
func (c *changes) redirect(ctx context.Context, tx *db.Tx, operator string, closed int) error {
	for at, one := range c.cells {
		if at.day > closed || !slices.Contains(itemFaces, at.face) || at.slot == SlotRest {
			continue
		}
		have, err := packed(ctx, tx, `select slot, counts from funnel_count
			where operator=$1 and face=$2 and app=$3 and scope=$4 and day=$5 and hour=$6 and slot=$7`,
			[]any{operator, at.face, at.app, at.scope, at.day, at.hour, at.slot})
		if err != nil {
			return err
		}
		if len(have) > 0 {
			continue
		}
		delete(c.cells, at)
		at.slot = SlotRest
		rest := c.at(at)
		for k := range kinds {
			rest.pv[k] += one.pv[k]
			rest.uv[k] += one.uv[k]
		}
	}
	return nil
}

// Drift says that the counts of a day are not what its events add up to.
type Drift struct {
	Operator string
	Day      int
	Rows     int // how many rows differ
}

func (e *Drift) Error() string {
	return fmt.Sprintf("counts of %s on %d: %d rows differ from the events they were made of", e.Operator, e.Day, e.Rows)
}

// Verify counts a day's events again from the log and compares; [*Drift] when
// something differs. It is for days whose events are all there: not closed ones.
func Verify(ctx context.Context, tx *db.Tx, operator string, day int) error {
	c := newChanges()
	after := ""
	for {
		type batch struct {
			id     string
			events []byte
		}
		batches, err := db.Collect(ctx, tx, func(s db.Scanner) (b batch, err error) { return b, s.Scan(&b.id, &b.events) },
			`select id, events from funnel_batch where operator=$1 and id>$2 and folded=true and first_at<$3 and last_at>=$4
			order by id limit $5`, operator, after, dayEnd(day).UnixMilli(), dayStart(day).UnixMilli(), foldBatches)
		if err != nil {
			return err
		}
		for _, b := range batches {
			after = b.id
			records, err := unpackBatch(b.events)
			if err != nil {
				return fmt.Errorf("%s: %w", b.id, err)
			}
			for i := range records {
				if records[i].spot.day == day {
					c.add(&records[i])
				}
			}
		}
		if len(batches) < foldBatches {
			break
		}
	}
	type row struct {
		at     cell
		counts []byte
	}
	rows, err := db.Collect(ctx, tx, func(s db.Scanner) (r row, err error) {
		return r, s.Scan(&r.at.face, &r.at.app, &r.at.scope, &r.at.day, &r.at.hour, &r.at.slot, &r.counts)
	}, `select c.face, c.app, c.scope, c.day, c.hour, c.slot, c.counts from funnel_sketch k
		join funnel_count c on c.operator=k.operator and c.face=k.face and c.app=k.app and c.scope=k.scope
		and c.day=k.day and c.hour=k.hour and c.slot=k.slot where k.operator=$1 and k.day=$2`, operator, day)
	if err != nil {
		return err
	}
	wrong := 0
	for _, r := range rows {
		var have tally
		if err := have.add(r.counts); err != nil {
			return err
		}
		want := c.cells[r.at]
		delete(c.cells, r.at)
		if want == nil || !want.matches(&have) {
			wrong++
		}
	}
	if wrong += len(c.cells); wrong > 0 {
		return &Drift{operator, day, wrong}
	}
	return nil
}

// matches compares what events add up to; leads have rows of their own.
func (c *change) matches(t *tally) bool {
	for k := range eventKind {
		var s sketch
		for _, tag := range c.tags[k] {
			s.add(tag)
		}
		if t.pv[k] != c.pv[k] || t.uv[k] != s.count() {
			return false
		}
	}
	return true
}

// Sweep closes days that nothing can arrive for any more: it counts their events
// again and reports a difference, keeps the most seen items, and forgets sketches,
// log, ids and the key. Call it now and then; it returns how many days it closed.
func (r *Room) Sweep(ctx context.Context) (int, error) {
	var operators []string
	if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		operators, err = db.Collect(ctx, tx, func(s db.Scanner) (o string, err error) { return o, s.Scan(&o) },
			"select operator from funnel_turn order by operator")
		return err
	}); err != nil {
		return 0, err
	}
	n := 0
	var failed []error
	for _, operator := range operators {
		for {
			closed, err := r.closeNext(ctx, operator)
			if err != nil {
				failed = append(failed, err)
			}
			if !closed {
				break
			}
			n++
		}
		for {
			dropped, err := r.dropBatches(ctx, operator)
			if err != nil {
				failed = append(failed, err)
			}
			if dropped == 0 || err != nil {
				break
			}
		}
		failed = append(failed, r.dropLeads(ctx, operator))
	}
	last := r.lastGone()
	failed = append(failed, r.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "delete from funnel_key where day<=$1", last)
		return err
	}))
	r.mu.Lock()
	for day := range r.keys {
		if day <= last {
			delete(r.keys, day)
		}
	}
	r.mu.Unlock()
	return n, errors.Join(failed...)
}

// lastGone is the newest day that is past its late window.
func (r *Room) lastGone() int {
	day, _ := dayOf(r.DB.Now().Add(-Late - slack))
	day, _ = dayOf(dayStart(day).Add(-time.Hour))
	return day
}

// closeNext closes an operator's earliest open day, if its time has come. A drift is
// returned as an error and the day is closed all the same: its events end here.
func (r *Room) closeNext(ctx context.Context, operator string) (done bool, err error) {
	var drift error
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		done, drift = false, nil
		closed, mine, err := turn(ctx, tx, operator)
		if err != nil || !mine {
			return err
		}
		day, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
			"select coalesce(min(day), 0) from funnel_sketch where operator=$1 and day>$2", operator, closed)
		if err != nil || day == 0 || day > r.lastGone() {
			return err
		}
		waiting, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
			"select count(*) from funnel_batch where operator=$1 and folded=false", operator)
		if err != nil || waiting > 0 {
			return err // the next sweep
		}
		var found *Drift
		if drift = Verify(ctx, tx, operator, day); drift != nil && !errors.As(drift, &found) {
			return drift
		}
		if err := compact(ctx, tx, operator, day); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "delete from funnel_sketch where operator=$1 and day=$2", operator, day); err != nil {
			return err
		}
		done = true
		_, err = tx.Exec(ctx, "update funnel_turn set closed=$2 where operator=$1", operator, day)
		return err
	})
	return done && err == nil, errors.Join(err, drift)
}

// compact keeps, per app, the items of a day that were seen most and adds the others
// up. Which those are follows from the counts of events and reports alone, so that it
// is the same whenever an outcome arrives.
func compact(ctx context.Context, tx *db.Tx, operator string, day int) error {
	type row struct {
		at     cell
		counts tally
	}
	for _, face := range itemFaces {
		rows, err := db.Collect(ctx, tx, func(s db.Scanner) (r row, err error) {
			var b []byte
			if err := s.Scan(&r.at.app, &r.at.scope, &r.at.slot, &b); err != nil {
				return r, err
			}
			return r, r.counts.add(b)
		}, `select c.app, c.scope, c.slot, c.counts from funnel_sketch k
			join funnel_count c on c.operator=k.operator and c.face=k.face and c.app=k.app and c.scope=k.scope
			and c.day=k.day and c.hour=k.hour and c.slot=k.slot
			where k.operator=$1 and k.day=$2 and k.face=$3`, operator, day, face)
		if err != nil {
			return err
		}
		byApp := map[string][]row{}
		for _, r := range rows {
			if r.at.scope == "" && r.at.slot != SlotRest {
				byApp[r.at.app] = append(byApp[r.at.app], r)
			}
		}
		rest := map[string]bool{} // app and slot
		for app, whole := range byApp {
			if len(whole) <= keepSlots {
				continue
			}
			slices.SortFunc(whole, func(a, b row) int {
				if d := b.counts.seen() - a.counts.seen(); d != 0 {
					return int(max(min(d, 1), -1))
				}
				return strings.Compare(a.at.slot, b.at.slot)
			})
			for _, r := range whole[keepSlots:] {
				rest[app+"\x00"+r.at.slot] = true
			}
		}
		if len(rest) == 0 {
			continue
		}
		sums := map[cell]*tally{}
		for _, r := range rows {
			if !rest[r.at.app+"\x00"+r.at.slot] {
				continue
			}
			at := cell{face, r.at.app, r.at.scope, day, -1, SlotRest}
			if sums[at] == nil {
				sums[at] = &tally{}
			}
			for k := range kinds {
				sums[at].pv[k] += r.counts.pv[k]
				sums[at].uv[k] += r.counts.uv[k]
			}
			if _, err := tx.Exec(ctx, `delete from funnel_count where operator=$1 and face=$2 and app=$3 and scope=$4
				and day=$5 and hour=-1 and slot=$6`, operator, face, r.at.app, r.at.scope, day, r.at.slot); err != nil {
				return err
			}
		}
		var out [][]any
		for at, t := range sums {
			out = append(out, []any{operator, at.face, at.app, at.scope, at.day, at.hour, at.slot, t.pack()})
		}
		if err := upsert(ctx, tx, "funnel_count", countColumns, 7, out); err != nil {
			return err
		}
	}
	return nil
}

// seen is how much happened at an item, without what changes after a day is closed.
func (t *tally) seen() int64 {
	n := int64(0)
	for k := range leadKinds + 1 {
		n += t.pv[k]
	}
	return n
}

// dropBatches forgets batches of closed days, with the ids in them.
func (r *Room) dropBatches(ctx context.Context, operator string) (n int, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		closed, mine, err := turn(ctx, tx, operator)
		if err != nil || !mine || closed == 0 {
			return err
		}
		type batch struct {
			id     string
			events []byte
		}
		old, err := db.Collect(ctx, tx, func(s db.Scanner) (b batch, err error) { return b, s.Scan(&b.id, &b.events) },
			"select id, events from funnel_batch where folded=true and last_at<$2 and operator=$1 limit 8", operator, dayEnd(closed).UnixMilli())
		if err != nil {
			return err
		}
		for _, b := range old {
			records, err := unpackBatch(b.events)
			if err != nil {
				return err
			}
			for part := range slices.Chunk(records, 64) {
				args := []any{operator}
				for i := range part {
					args = append(args, part[i].seen[:])
				}
				if _, err := tx.Exec(ctx, "delete from funnel_seen where operator=$1 and tag in "+db.In(2, len(part)), args...); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, "delete from funnel_batch where operator=$1 and id=$2", operator, b.id); err != nil {
				return err
			}
		}
		n = len(old)
		return nil
	})
	return n, err
}

// dropLeads forgets how leads stand that nothing can change any more.
func (r *Room) dropLeads(ctx context.Context, operator string) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		set, err := policiesOf(ctx, tx, operator)
		if err != nil {
			return err
		}
		days := defaultPolicy(nil).WindowDays
		for _, p := range set {
			days = max(days, p.WindowDays)
		}
		before, _ := dayOf(tx.Now().AddDate(0, 0, -days-2))
		for _, table := range []string{"funnel_lead", "funnel_same"} {
			where := " where operator=$1 and day<$2"
			if table == "funnel_lead" {
				where += " and counted=stage"
			}
			if _, err := tx.Exec(ctx, "delete from "+table+where, operator, before); err != nil {
				return err
			}
		}
		return nil
	})
}
