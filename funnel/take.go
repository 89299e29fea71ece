package funnel

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"clew/db"
)

// ErrMany says that a call held more than [MaxEvents] events, or none.
var ErrMany = fmt.Errorf("a call holds 1 to %d events", MaxEvents)

// call is one call of Take on its way through a transaction.
type call struct {
	operator string
	records  []record
	taken    Taken
	err      error
	done     chan struct{}
}

// Take counts events of one operator. Either all are in order, or none is counted
// and [*BadEvents] lists what is wrong. When it returns, they are on disk; reports
// show them about a second later. After any other error the same call may be made
// again: what was counted is not counted twice.
func (r *Room) Take(ctx context.Context, operator string, events []Event) (Taken, error) {
	if len(events) == 0 || len(events) > MaxEvents {
		return Taken{}, ErrMany
	}
	c, bad, err := r.prepare(ctx, operator, slices.Clone(events))
	if err != nil {
		return Taken{}, err
	}
	if bad != nil {
		return Taken{}, &BadEvents{bad}
	}
	return r.await(ctx, c)
}

// prepare checks events and tags their visitors.
func (r *Room) prepare(ctx context.Context, operator string, events []Event) (*call, []BadEvent, error) {
	now := r.DB.Now()
	var bad []BadEvent
	for i := range events {
		if field, code := events[i].check(now); code != "" {
			bad = append(bad, BadEvent{i, field, code})
		}
	}
	if bad != nil {
		return nil, bad, nil
	}
	bad, err := r.own(ctx, operator, events)
	if err != nil || bad != nil {
		return nil, bad, err
	}
	c := &call{operator: operator, records: make([]record, len(events)), done: make(chan struct{})}
	for i := range events {
		day, _ := dayOf(events[i].At)
		key, err := r.key(ctx, day)
		if err != nil {
			return nil, nil, err
		}
		c.records[i] = events[i].record(operator, key)
	}
	return c, nil, nil
}

func (r *Room) await(ctx context.Context, c *call) (Taken, error) {
	r.enqueue(c)
	select {
	case <-c.done:
		return c.taken, c.err
	case <-ctx.Done():
		return Taken{}, ctx.Err()
	}
}

// commitEvents bounds a transaction's events.
const commitEvents = 4000

// enqueue hands a call to whoever commits next. Calls that arrive while a commit is
// under way share the following one, and its flush.
func (r *Room) enqueue(c *call) {
	most := 1
	if r.DB.Engine() == "postgres" {
		most = 4
	}
	r.turns.Lock()
	defer r.turns.Unlock()
	r.waiting = append(r.waiting, c)
	if r.leaders < most {
		r.leaders++
		go r.commitWaiting()
	}
}

func (r *Room) commitWaiting() {
	for {
		r.turns.Lock()
		n, events := 0, 0
		for n < len(r.waiting) && (n == 0 || events+len(r.waiting[n].records) <= commitEvents) {
			events += len(r.waiting[n].records)
			n++
		}
		if n == 0 {
			r.leaders--
			r.turns.Unlock()
			return
		}
		calls := slices.Clone(r.waiting[:n])
		r.waiting = slices.Delete(r.waiting, 0, n)
		r.turns.Unlock()
		err := r.transact(calls)
		if db.IsSerialization(err) {
			err = r.transact(calls)
		}
		for _, c := range calls {
			c.err = err
			close(c.done)
		}
		if err == nil {
			r.stir()
		}
	}
}

func (r *Room) transact(calls []*call) error {
	// Nobody's own deadline may end what others wait for.
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	byOperator := map[string][]*call{}
	for _, c := range calls {
		byOperator[c.operator] = append(byOperator[c.operator], c)
	}
	var operators []string
	for operator := range byOperator {
		operators = append(operators, operator)
	}
	slices.Sort(operators) // one order for everybody's locks
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		for _, operator := range operators {
			if err := take(ctx, tx, operator, byOperator[operator]); err != nil {
				return err
			}
		}
		return nil
	})
}

// take stores what of the calls is new, as one batch.
func take(ctx context.Context, tx *db.Tx, operator string, calls []*call) error {
	var tags [][]byte
	for _, c := range calls {
		for i := range c.records {
			tags = append(tags, c.records[i].seen[:])
		}
	}
	slices.SortFunc(tags, bytes.Compare)
	tags = slices.CompactFunc(tags, bytes.Equal)
	fresh := make(map[[16]byte]bool, len(tags))
	for len(tags) > 0 {
		// Powers of two, so that the engines meet few different texts.
		n := 64
		for n > len(tags) {
			n /= 2
		}
		args := make([]any, 0, n+1)
		args = append(args, operator)
		for _, t := range tags[:n] {
			args = append(args, t)
		}
		rows, err := db.Collect(ctx, tx, func(s db.Scanner) (t []byte, err error) { return t, s.Scan(&t) },
			"insert into funnel_seen (operator, tag) values "+pairs(n)+" on conflict do nothing returning tag", args...)
		if err != nil {
			return err
		}
		for _, t := range rows {
			fresh[[16]byte(t)] = true
		}
		tags = tags[n:]
	}
	var records []record
	for _, c := range calls {
		c.taken = Taken{} // a transaction may be tried twice
		for i := range c.records {
			if !fresh[c.records[i].seen] {
				c.taken.Duplicate++
				continue
			}
			delete(fresh, c.records[i].seen) // the first of the same
			c.taken.Counted++
			records = append(records, c.records[i])
		}
	}
	if len(records) == 0 {
		return nil
	}
	first, last := records[0].at, records[0].at
	for i := range records {
		first, last = min(first, records[i].at), max(last, records[i].at)
	}
	return tx.Insert(ctx, "funnel_batch", []string{"operator", "id", "events", "first_at", "last_at", "folded"},
		[][]any{{operator, db.NewID("fb"), packBatch(records), first, last, false}})
}

// pairs is "($1,$2),($1,$3),…" for n values.
func pairs(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "($1,$%d)", i+2)
	}
	return b.String()
}
