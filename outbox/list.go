package outbox

import (
	"context"
	"time"

	"clew/db"
)

// Entry is a message as people see it.
type Entry struct {
	Message
	State  string
	Error  string    // of the last try; digits of seven and more are hidden
	DoneAt time.Time // when it was done or given up; zero while it waits
}

// List is a page of an operator's messages, newest first, with the cursor of the
// next page ("" at the end). An empty state means all; limit is cut to 1…200.
func (r *Room) List(ctx context.Context, operator, state, cursor string, limit int) ([]Entry, string, error) {
	limit = min(max(limit, 1), 200)
	var page []Entry
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		text := `select ` + messageColumns + `, state, error, coalesce(done_at, 0) from outbox
			where operator = $1 and ($2 = '' or id < $2)`
		args := []any{operator, cursor, limit + 1}
		switch state {
		case "":
		case DeadEnd: // written out, so that the index of the dead serves
			text += ` and state = 'dead'`
		default:
			text += ` and state = $4`
			args = append(args, state)
		}
		page, err = db.Collect(ctx, tx, scanEntry, text+` order by id desc limit $3`, args...)
		return err
	})
	if err != nil || len(page) <= limit {
		return page, "", err
	}
	return page[:limit], page[limit-1].ID, nil
}

type also struct {
	db.Scanner
	more []any
}

func (a also) Scan(dest ...any) error { return a.Scanner.Scan(append(dest, a.more...)...) }

func scanEntry(s db.Scanner) (Entry, error) {
	var e Entry
	var done int64
	m, err := scanMessage(also{s, []any{&e.State, &e.Error, &done}})
	e.Message = m
	if done != 0 {
		e.DoneAt = time.UnixMilli(done).UTC()
	}
	return e, err
}

// Replay makes dead or done messages due now as if they had never been tried,
// and says how many it found; one that waits is left alone.
func (r *Room) Replay(ctx context.Context, tx *db.Tx, operator string, ids ...string) (int, error) {
	keys := make([]key, len(ids))
	for i, id := range ids {
		keys[i] = key{operator, id}
	}
	total := 0
	err := eachChunk(keys, 2, func(values string, args []any) error {
		n, err := tx.Exec(ctx, `update outbox set state = 'waiting', attempt = 0, due_at = $1, done_at = null, error = ''
			where state in ('dead', 'done') and (operator, id) in (values `+values+`)`, append([]any{tx.NowMS()}, args...)...)
		total += int(n)
		return err
	})
	if err == nil && total > 0 {
		tx.AfterCommit(func() { r.rouse([]string{operator}) })
	}
	return total, err
}

// Backlog is the state of the whole queue, for metrics.
type Backlog struct {
	Due, Later, Dead int
	// Oldest is how long the message that is due longest has waited; zero when none is.
	Oldest time.Duration
}

// Backlog counts what waits, of all operators. It reads the whole queue: ask it
// every few seconds, not every request.
func (r *Room) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		now := tx.NowMS()
		var oldest int64
		var err error
		b, err = db.One(ctx, tx, func(s db.Scanner) (b Backlog, err error) {
			return b, s.Scan(&b.Due, &b.Later, &oldest)
		}, `select count(*) filter (where due_at <= $1), count(*) filter (where due_at > $1),
			coalesce(min(due_at), $1) from outbox where state = 'waiting'`, now)
		if err != nil {
			return err
		}
		b.Oldest = time.Duration(max(now-oldest, 0)) * time.Millisecond
		b.Dead, err = db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
			`select count(*) from outbox where state = 'dead'`)
		return err
	})
	return b, err
}

// Sweep deletes messages done longer ago than Retention and says how many. Dead
// ones stay until somebody replays them.
func (r *Room) Sweep(ctx context.Context) (int, error) {
	const batch = 1000 // keeps each transaction short
	total := 0
	for {
		var n int64
		err := r.DB.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = tx.Exec(ctx, `delete from outbox where state = 'done' and (operator, id) in (
				select operator, id from outbox where state = 'done' and done_at < $1 order by done_at limit $2)`,
				tx.Now().Add(-r.Retention).UnixMilli(), batch)
			return err
		})
		total += int(n)
		if err != nil || n < batch {
			return total, err
		}
	}
}
