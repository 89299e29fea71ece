package webhook

import (
	"context"
	"encoding/json"

	"clew/access"
	"clew/db"
)

// Test posts a [EventTest] to an endpoint, enabled or not, and reports each hop
// with what it took. A hop that failed is the last and tells why; the error is
// for what kept the test from being made. The try is listed like any other, and
// neither retried nor counted for or against the endpoint.
func (r *Room) Test(ctx context.Context, caller access.Caller, id string) ([]Hop, error) {
	var e Endpoint
	var keys [][]byte
	d := Delivery{
		Operator: caller.Operator, ID: db.NewID("whd"), Endpoint: id, Message: db.NewID("msg"),
		Event: EventTest, Subject: id, State: Dead,
	}
	if err := r.Access.Do(ctx, caller, access.WebhookEdit, subject(id), "", func(tx *db.Tx) (err error) {
		if e, err = endpoint(ctx, tx, caller.Operator, id); err != nil {
			return err
		}
		if keys, err = r.keys(ctx, tx, caller.Operator, id); err != nil {
			return err
		}
		event, _ := eventNamed(EventTest)
		ids, err := json.Marshal(map[string]string{"endpoint": id})
		if err != nil {
			return err
		}
		d.Body, err = newBody(event, tx.Now(), id, ids)
		return err
	}); err != nil {
		return nil, err
	}
	transport := r.transport() // of its own, so that every hop happens
	defer transport.CloseIdleConnections()
	c := newCourse()
	a := r.try(ctx, newClient(transport), e.URL, d.Message, keys, []byte(d.Body), c)
	if a.class == "" {
		d.State = Delivered
	}
	if err := r.DB.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Insert(ctx, "webhook_delivery", []string{
			"operator", "id", "endpoint", "message", "event", "subject", "body", "state", "run", "step", "tries",
			"error", "created_at", "next_at", "done_at",
		}, [][]any{{
			d.Operator, d.ID, d.Endpoint, d.Message, d.Event, d.Subject, d.Body, string(d.State), 0, 0, 1,
			a.class, tx.NowMS(), tx.NowMS(), tx.NowMS(),
		}}); err != nil {
			return err
		}
		return insertAttempt(ctx, tx, d, a)
	}); err != nil {
		return nil, err
	}
	return c.told(), nil
}
