package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"clew/db"
)

type key struct{ operator, id string }

func (m *Message) key() key { return key{m.Operator, m.ID} }

// dueOperators lists who has something due, by jumping from operator to operator
// along the index of waiting messages: the length of a queue does not matter.
func dueOperators(ctx context.Context, tx *db.Tx) ([]string, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (string, error) { var o string; return o, s.Scan(&o) }, `
		with recursive o (operator) as (
			select min(operator) from outbox where state = 'waiting'
			union all
			select (select min(m.operator) from outbox m where m.state = 'waiting' and m.operator > o.operator)
			from o where o.operator is not null
		)
		select o.operator from o where o.operator is not null
		and (select min(m.due_at) from outbox m where m.state = 'waiting' and m.operator = o.operator) <= $1`,
		tx.NowMS())
}

const messageColumns = "operator, id, kind, subject, body, attempt, created_at, due_at"

func scanMessage(s db.Scanner) (Message, error) {
	var m Message
	var body string
	var created, due int64
	if err := s.Scan(&m.Operator, &m.ID, &m.Kind, &m.Subject, &body, &m.Attempt, &created, &due); err != nil {
		return m, err
	}
	m.Body = json.RawMessage(body)
	m.CreatedAt, m.DueAt = time.UnixMilli(created).UTC(), time.UnixMilli(due).UTC()
	return m, nil
}

// claim leases up to n due messages of one operator, oldest first. The inner
// select is materialized because PostgreSQL may otherwise run it more than once,
// each time locking other rows.
func claim(ctx context.Context, tx *db.Tx, operator string, n int, lease time.Duration) ([]Message, error) {
	got, err := db.Collect(ctx, tx, scanMessage, `
		with picked as materialized (
			select id from outbox where state = 'waiting' and operator = $1 and due_at <= $2
			order by due_at limit $3`+tx.SkipLocked()+`
		)
		update outbox set attempt = attempt + 1, due_at = $4
		where operator = $1 and id in (select id from picked)
		returning `+messageColumns,
		operator, tx.NowMS(), n, tx.Now().Add(lease).UnixMilli())
	slices.SortFunc(got, func(a, b Message) int { return cmp.Compare(a.ID, b.ID) })
	return got, err
}

// eachChunk calls do with "($k,$k+1),…" and its arguments for all keys, in
// counts that are powers of two so that few statement texts exist.
func eachChunk(keys []key, first int, do func(values string, args []any) error) error {
	for len(keys) > 0 {
		n := 64
		for n > len(keys) {
			n /= 2
		}
		args := make([]any, 0, 2*n)
		var b strings.Builder
		for i, k := range keys[:n] {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString("($" + strconv.Itoa(first+2*i) + ",$" + strconv.Itoa(first+2*i+1) + ")")
			args = append(args, k.operator, k.id)
		}
		if err := do(b.String(), args); err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

// markDone needs no proof that the lease still holds: the message was handled,
// whoever else may be handling it by now. Here and below the state is compared so
// that PostgreSQL cannot take the index of waiting messages for a short way to
// rows that are known by key; it cost two thirds of the throughput.
func markDone(ctx context.Context, tx *db.Tx, keys []key) error {
	return eachChunk(keys, 2, func(values string, args []any) error {
		_, err := tx.Exec(ctx, `update outbox set state = 'done', done_at = $1, error = ''
			where state <> 'done' and (operator, id) in (values `+values+`)`, append([]any{tx.NowMS()}, args...)...)
		return err
	})
}

// renew moves the end of the leases on.
func renew(ctx context.Context, tx *db.Tx, keys []key, lease time.Duration) error {
	return eachChunk(keys, 2, func(values string, args []any) error {
		_, err := tx.Exec(ctx, `update outbox set due_at = $1
			where state <> 'done' and state <> 'dead' and (operator, id) in (values `+values+`)`,
			append([]any{tx.Now().Add(lease).UnixMilli()}, args...)...)
		return err
	})
}

// release gives back a message that was claimed and not started.
func release(ctx context.Context, tx *db.Tx, m Message) error {
	_, err := tx.Exec(ctx, `update outbox set attempt = attempt - 1, due_at = $1
		where state <> 'done' and state <> 'dead' and operator = $2 and id = $3 and attempt = $4`,
		tx.NowMS(), m.Operator, m.ID, m.Attempt)
	return err
}

// markFailed counts only while the try is the newest: another process that took
// over an expired lease has the say.
func markFailed(ctx context.Context, tx *db.Tx, m Message, v verdict) error {
	state, doneAt := Waiting, any(nil)
	if v.dead {
		state, doneAt = DeadEnd, tx.NowMS()
	}
	_, err := tx.Exec(ctx, `update outbox set state = $1, due_at = $2, done_at = $3, error = $4
		where state <> 'done' and state <> 'dead' and operator = $5 and id = $6 and attempt = $7`,
		state, tx.Now().Add(v.delay).UnixMilli(), doneAt, v.text, m.Operator, m.ID, m.Attempt)
	return err
}
