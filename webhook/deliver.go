package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"

	"clew/db"
	"clew/outbox"
)

// schedule is the delays after each failed try, each give or take a tenth: eight
// tries over 34 hours and 35 minutes.
var schedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute,
	2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 17 * time.Hour,
}

// An endpoint that answered nothing but failures for this long, and at least so
// many of them, is disabled: it is dead, and its backlog is a burden.
const (
	failingFor   = 5 * 24 * time.Hour
	failingTries = 10
)

type endpointKey struct{ operator, id string }

// gate lets a failing endpoint have one try at a time, so that deliveries that
// hang there leave the operator's workers to its other endpoints.
type gate struct {
	busy   bool
	parked int
}

// slowAfter is how many failures in a row make an endpoint a failing one.
const slowAfter = 3

var errBusy = errors.New("the endpoint keeps failing and is tried one delivery at a time")

// enter returns what to call afterwards, or how long to stay away.
func (r *Room) enter(e Endpoint) (leave func(), wait time.Duration) {
	if e.Failures < slowAfter {
		return func() {}, 0
	}
	key := endpointKey{e.Operator, e.ID}
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.slow[key]
	if g == nil {
		g = &gate{}
		r.slow[key] = g
	}
	if g.busy {
		// The more have been sent away, the longer: a long queue must not spin.
		g.parked++
		return nil, jitter(min(time.Duration(g.parked)*time.Second, 5*time.Minute))
	}
	g.busy = true
	return func() {
		r.mu.Lock()
		delete(r.slow, key)
		r.mu.Unlock()
	}, 0
}

func jitter(d time.Duration) time.Duration { return d - d/10 + rand.N(d/5+1) }

// Deliver makes one try of one delivery. It is the [outbox.Handler] of
// [KindDeliver]. What becomes of a delivery is kept in the delivery; the outbox
// message ends when the delivery does.
func (r *Room) Deliver(ctx context.Context, m outbox.Message) error {
	var j job
	if err := json.Unmarshal(m.Body, &j); err != nil {
		return outbox.Dead(errors.New("the message's body is not that of a delivery"))
	}
	var d Delivery
	var e Endpoint
	var keys [][]byte
	var now time.Time
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now()
		if d, err = delivery(ctx, tx, m.Operator, j.Delivery, ""); err != nil {
			return err
		}
		e, err = endpoint(ctx, tx, m.Operator, d.Endpoint)
		if errors.Is(err, ErrUnknown) {
			return nil // e stays zero
		} else if err != nil {
			return err
		}
		keys, err = r.keys(ctx, tx, m.Operator, e.ID)
		return err
	})
	switch {
	case errors.Is(err, ErrUnknown):
		return nil // swept
	case err != nil:
		return err
	case d.State != Waiting || d.run != j.Run:
		return nil // done, or a replay has taken over
	case d.Next.After(now):
		return outbox.RetryAfter(d.Next.Sub(now), errors.New("not due yet"))
	case e.ID == "":
		return r.bury(ctx, d, NotThere)
	case !e.Enabled:
		return r.bury(ctx, d, NotEnabled)
	}
	leave, wait := r.enter(e)
	if wait > 0 {
		return outbox.RetryAfter(wait, errBusy)
	}
	defer leave()

	text, err := r.payload(ctx, e, d)
	a := answer{class: FailedPersonal}
	if err != nil {
		// The error is not stored: it may come from reading personal data.
		r.Log.Error("webhook could not be sealed", "operator", d.Operator, "delivery", d.ID)
	} else {
		a = r.try(ctx, r.sharedClient(), e.URL, d.Message, keys, text, newCourse())
	}
	if ctx.Err() != nil && a.class != "" {
		return outbox.RetryAfter(5*time.Second, errors.New("the program stopped during the try"))
	}
	return r.record(ctx, d, a)
}

// bury ends a delivery that cannot be tried.
func (r *Room) bury(ctx context.Context, d Delivery, why string) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update webhook_delivery set state = 'dead', error = $1, done_at = $2
			where operator = $3 and id = $4 and state = 'waiting' and run = $5`, why, tx.NowMS(), d.Operator, d.ID, d.run)
		return err
	})
}

// record keeps the try and says when the next is due: nil when there is none.
func (r *Room) record(ctx context.Context, tried Delivery, a answer) error {
	var again time.Duration
	disabled := ""
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		again, disabled = 0, ""
		d, err := delivery(ctx, tx, tried.Operator, tried.ID, tx.ForUpdate())
		if errors.Is(err, ErrUnknown) {
			return nil
		} else if err != nil {
			return err
		}
		if err := insertAttempt(ctx, tx, d, a); err != nil {
			return err
		}
		state, step, next, done := d.State, d.step, d.Next.UnixMilli(), tx.NowMS()
		current := d.State == Waiting && d.run == tried.run
		switch {
		case a.class == "":
			state = Delivered
		case !current: // another try or a replay has the say
			done = 0
			if !d.Done.IsZero() {
				done = d.Done.UnixMilli()
			}
		case a.class == FailedGone || step >= len(schedule):
			state = Dead
		default:
			again = max(jitter(schedule[step]), a.retryAfter)
			step++
			next, done = tx.Now().Add(again).UnixMilli(), 0
		}
		if _, err := tx.Exec(ctx, `update webhook_delivery set state = $1, step = $2, tries = tries + 1, error = $3,
			next_at = $4, done_at = $5 where operator = $6 and id = $7`,
			string(state), step, a.class, next, done, d.Operator, d.ID); err != nil {
			return err
		}
		disabled, err = health(ctx, tx, d, a)
		return err
	})
	if err != nil {
		return err
	}
	if disabled != "" {
		r.Log.Warn("webhook endpoint disabled", "operator", tried.Operator, "endpoint", tried.Endpoint, "reason", disabled)
	}
	if again > 0 {
		return outbox.RetryAfter(again, errors.New("delivery failed: "+a.class))
	}
	return nil
}

func insertAttempt(ctx context.Context, tx *db.Tx, d Delivery, a answer) error {
	return tx.Insert(ctx, "webhook_attempt",
		[]string{"operator", "delivery", "try", "at", "status", "duration_ms", "error", "answer"},
		[][]any{{d.Operator, d.ID, d.Tries + 1, tx.NowMS(), a.status, a.took.Milliseconds(), a.class, a.text}})
}

// health keeps the endpoint's record and disables it when it is gone or has
// failed for too long; it returns the reason then.
func health(ctx context.Context, tx *db.Tx, d Delivery, a answer) (disabled string, err error) {
	switch a.class {
	case "":
		// To the minute: parallel deliveries must not queue for one row.
		_, err := tx.Exec(ctx, `update webhook_endpoint set failures = 0, failing_since = 0, last_success_at = $1
			where operator = $2 and id = $3 and (failures > 0 or last_success_at < $4)`,
			tx.NowMS(), d.Operator, d.Endpoint, tx.Now().Add(-time.Minute).UnixMilli())
		return "", err
	case FailedPersonal:
		return "", nil // our failure, not theirs
	}
	type run struct {
		failures int
		since    int64
		enabled  bool
	}
	now, err := db.Collect(ctx, tx, func(s db.Scanner) (w run, err error) {
		return w, s.Scan(&w.failures, &w.since, &w.enabled)
	}, `update webhook_endpoint set failures = failures + 1,
		failing_since = case when failing_since = 0 then $1 else failing_since end
		where operator = $2 and id = $3 returning failures, failing_since, enabled`, tx.NowMS(), d.Operator, d.Endpoint)
	if err != nil || len(now) == 0 || !now[0].enabled {
		return "", err
	}
	switch {
	case a.class == FailedGone:
		disabled = Gone
	case now[0].failures >= failingTries && tx.Now().Sub(msTime(now[0].since)) >= failingFor:
		disabled = Failing
	default:
		return "", nil
	}
	_, err = tx.Exec(ctx, `update webhook_endpoint set enabled = false, disabled_reason = $1, disabled_at = $2
		where operator = $3 and id = $4`, disabled, tx.NowMS(), d.Operator, d.Endpoint)
	return disabled, err
}
