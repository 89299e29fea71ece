package outbox

import (
	"context"
	"encoding/json"
	"fmt"

	"clew/db"
)

var putColumns = []string{
	"operator", "id", "kind", "subject", "body", "state", "attempt", "created_at", "due_at", "error",
}

// Put writes messages in the caller's transaction and wakes the worker once it
// commits. It fills in empty ids and CreatedAt in the caller's slice. An id that
// is taken fails the transaction (see [db.IsUnique]).
func (r *Room) Put(ctx context.Context, tx *db.Tx, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	rows := make([][]any, len(messages))
	now, nowMS := tx.Now(), tx.NowMS()
	var operators []string
	for i := range messages {
		m := &messages[i]
		if err := m.check(); err != nil {
			return err
		}
		if m.ID == "" {
			m.ID = db.NewID("msg")
		}
		m.CreatedAt = now
		if m.DueAt.IsZero() {
			m.DueAt = now
		}
		body := "{}"
		if m.Body != nil {
			body = string(m.Body)
		}
		rows[i] = []any{m.Operator, m.ID, m.Kind, m.Subject, body, Waiting, 0, nowMS, m.DueAt.UnixMilli(), ""}
		if !m.DueAt.After(now) && (len(operators) == 0 || operators[len(operators)-1] != m.Operator) {
			operators = append(operators, m.Operator)
		}
	}
	if err := tx.Insert(ctx, "outbox", putColumns, rows); err != nil {
		return err
	}
	if len(operators) > 0 {
		tx.AfterCommit(func() { r.rouse(operators) })
	}
	return nil
}

func (m *Message) check() error {
	switch {
	case m.Operator == "":
		return fmt.Errorf("%w: it names no operator; give the one it belongs to", ErrMessage)
	case m.Kind == "":
		return fmt.Errorf("%w: it has no kind", ErrMessage)
	case len(m.Body) > MaxBody:
		return fmt.Errorf("%w: its body has %d bytes, at most %d are allowed; put ids only", ErrMessage, len(m.Body), MaxBody)
	case m.Body != nil && !json.Valid(m.Body):
		return fmt.Errorf("%w: its body is not JSON", ErrMessage)
	}
	return nil
}

// rouse tells the worker which operators have something new.
func (r *Room) rouse(operators []string) {
	r.mu.Lock()
	for _, o := range operators {
		r.fresh[o] = true
	}
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Room) takeFresh() map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.fresh) == 0 {
		return nil
	}
	fresh := r.fresh
	r.fresh = map[string]bool{}
	return fresh
}
