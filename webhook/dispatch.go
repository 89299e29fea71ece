package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"clew/db"
	"clew/outbox"
)

// body is what is posted.
type body struct {
	Type      string                     `json:"type"`
	Timestamp string                     `json:"timestamp"`
	Data      map[string]json.RawMessage `json:"data"`
}

const timestampLayout = "2006-01-02T15:04:05.000Z"

func newBody(event Event, at time.Time, subject string, ids json.RawMessage) (string, error) {
	b := body{Type: event.Name, Timestamp: at.UTC().Format(timestampLayout), Data: map[string]json.RawMessage{}}
	if len(ids) > 0 {
		if err := json.Unmarshal(ids, &b.Data); err != nil {
			return "", fmt.Errorf("message body of %s is not a JSON object: %w", event.Name, err)
		}
	}
	if event.fetch != "" && subject != "" {
		path, err := json.Marshal(event.fetch + subject)
		if err != nil {
			return "", err
		}
		b.Data["fetch"] = path
	}
	text, err := json.Marshal(b)
	return string(text), err
}

// job is the body of a [KindDeliver] message.
type job struct {
	Delivery string `json:"delivery"`
	Run      int    `json:"run"` // of the delivery; a replay starts a new one
}

func (r *Room) putJobs(ctx context.Context, tx *db.Tx, operator string, jobs []job) error {
	messages := make([]outbox.Message, len(jobs))
	for i, j := range jobs {
		text, err := json.Marshal(j)
		if err != nil {
			return err
		}
		messages[i] = outbox.Message{Operator: operator, Kind: KindDeliver, Subject: j.Delivery, Body: text}
	}
	return r.Outbox.Put(ctx, tx, messages)
}

// Dispatch makes one delivery of an event for each enabled endpoint that asked
// for it. It is an [outbox.Handler]; called again for the same message it adds
// nothing. The webhook-id is the message's id, the data its body.
func (r *Room) Dispatch(ctx context.Context, m outbox.Message) error {
	event, known := eventNamed(m.Kind)
	if !known {
		return outbox.Dead(fmt.Errorf("%q is not an event of webhooks", m.Kind))
	}
	text, err := newBody(event, m.CreatedAt, m.Subject, m.Body)
	if err != nil {
		return outbox.Dead(errors.New("the message's body is not a JSON object"))
	}
	wanted := func(tx *db.Tx) ([]Endpoint, error) {
		all, err := endpoints(ctx, tx, m.Operator)
		return slices.DeleteFunc(all, func(e Endpoint) bool {
			return !e.Enabled || !slices.Contains(e.Events, m.Kind)
		}), err
	}
	// Most operators have no endpoint; they must not cost a write each event.
	var to []Endpoint
	if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) { to, err = wanted(tx); return err }); err != nil || len(to) == 0 {
		return err
	}
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		to, err := wanted(tx)
		if err != nil {
			return err
		}
		var jobs []job
		for _, e := range to {
			made, err := db.Collect(ctx, tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) },
				`insert into webhook_delivery (operator, id, endpoint, message, event, subject, body, state, run, step, tries,
				error, created_at, next_at, done_at) values ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, 0, 0, '', $8, $8, 0)
				on conflict (operator, message, endpoint) do nothing returning id`,
				m.Operator, db.NewID("whd"), e.ID, m.ID, m.Kind, m.Subject, text, tx.NowMS())
			if err != nil {
				return err
			}
			for _, id := range made {
				jobs = append(jobs, job{Delivery: id})
			}
		}
		return r.putJobs(ctx, tx, m.Operator, jobs)
	})
}

// payload is the frozen body, with the lead's fields sealed into it when the
// endpoint asked for that and they still exist.
func (r *Room) payload(ctx context.Context, e Endpoint, d Delivery) ([]byte, error) {
	event, _ := eventNamed(d.Event)
	if e.Mode != Sealed || !event.personal {
		return []byte(d.Body), nil
	}
	if r.Personal == nil {
		return nil, errors.New("nobody reads leads for the sealed mode here")
	}
	key, err := parsePublicKey(e.PublicKey)
	if err != nil {
		return nil, err
	}
	var b body
	if err := json.Unmarshal([]byte(d.Body), &b); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout())
	defer cancel()
	fields, err := r.Personal(ctx, e.Operator, d.Subject)
	switch {
	case errors.Is(err, ErrErased):
		b.Data["erased"] = json.RawMessage("true")
		return json.Marshal(b)
	case err != nil:
		return nil, err
	}
	plain, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	box, err := sealTo(key, d.Message, plain)
	if err != nil {
		return nil, err
	}
	if b.Data["sealed"], err = json.Marshal(box); err != nil {
		return nil, err
	}
	return json.Marshal(b)
}
