package webhook

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"clew/access"
	"clew/db"
)

// State of a delivery.
type State string

// The states.
const (
	Waiting   State = "waiting" // due, or between two tries
	Delivered State = "delivered"
	Dead      State = "dead" // given up; see Error, replay it
)

// ErrDisabled says that a replay would go nowhere.
var ErrDisabled = errors.New("the webhook endpoint is disabled or deleted: enable it first")

// Delivery is one event on its way to one endpoint.
type Delivery struct {
	Operator, ID string
	Endpoint     string
	Message      string // the webhook-id
	Event        string
	Subject      string
	Body         string // JSON, ids only
	State        State
	Tries        int
	Error        string    // class of the last failure, "" after a success
	Created      time.Time // when the event was dispatched
	Next         time.Time // of a waiting delivery: when it is tried next
	Done         time.Time // zero while it waits

	run, step int
}

const deliveryColumns = `operator, id, endpoint, message, event, subject, body, state, run, step, tries, error,
	created_at, next_at, done_at`

func scanDelivery(s db.Scanner) (d Delivery, err error) {
	var created, next, done int64
	err = s.Scan(&d.Operator, &d.ID, &d.Endpoint, &d.Message, &d.Event, &d.Subject, &d.Body, &d.State, &d.run, &d.step,
		&d.Tries, &d.Error, &created, &next, &done)
	d.Created, d.Next, d.Done = msTime(created), msTime(next), msTime(done)
	return d, err
}

func delivery(ctx context.Context, tx *db.Tx, operator, id, lock string) (Delivery, error) {
	d, err := db.One(ctx, tx, scanDelivery,
		"select "+deliveryColumns+" from webhook_delivery where operator = $1 and id = $2"+lock, operator, id)
	if errors.Is(err, db.ErrNone) {
		return d, ErrUnknown
	}
	return d, err
}

// Attempt is one try of a delivery.
type Attempt struct {
	Try      int
	At       time.Time
	Status   int           // 0 when no answer came
	Duration time.Duration // to the millisecond
	Error    string        // class, "" on success
	Answer   string        // its beginning; digits of seven and more are hidden
}

// Filter narrows a list of deliveries; zero members do not.
type Filter struct {
	Endpoint string
	State    State
	Event    string
}

const pageMax = 200

// Deliveries is a page of the operator's deliveries, newest first, with the
// cursor of the next page ("" at the end). limit is cut to 1…200.
func (r *Room) Deliveries(ctx context.Context, caller access.Caller, f Filter, cursor string, limit int) (page []Delivery, next string, err error) {
	if err := caller.Require(access.WebhookRead); err != nil {
		return nil, "", err
	}
	limit = min(max(limit, 1), pageMax)
	where, args := "operator = $1", []any{caller.Operator}
	and := func(cond, value string) {
		if value != "" {
			args = append(args, value)
			where += " and " + strings.Replace(cond, "?", "$"+strconv.Itoa(len(args)), 1)
		}
	}
	and("id < ?", cursor)
	and("endpoint = ?", f.Endpoint)
	and("state = ?", string(f.State))
	and("event = ?", f.Event)
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		page, err = db.Collect(ctx, tx, scanDelivery, "select "+deliveryColumns+" from webhook_delivery where "+where+
			" order by id desc limit "+strconv.Itoa(limit+1), args...)
		return err
	})
	if err != nil || len(page) <= limit {
		return page, "", err
	}
	return page[:limit], page[limit-1].ID, nil
}

// Delivery is one delivery; [ErrUnknown].
func (r *Room) Delivery(ctx context.Context, caller access.Caller, id string) (d Delivery, err error) {
	if err := caller.Require(access.WebhookRead); err != nil {
		return d, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		d, err = delivery(ctx, tx, caller.Operator, id, "")
		return err
	})
	return d, err
}

// Attempts is a page of the tries of a delivery, newest first, with the cursor
// of the next page ("" at the end). limit is cut to 1…200.
func (r *Room) Attempts(ctx context.Context, caller access.Caller, id, cursor string, limit int) (page []Attempt, next string, err error) {
	if err := caller.Require(access.WebhookRead); err != nil {
		return nil, "", err
	}
	limit = min(max(limit, 1), pageMax)
	before := 1 << 30
	if n, err := strconv.Atoi(cursor); err == nil && n > 0 && n < before {
		before = n
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		page, err = db.Collect(ctx, tx, func(s db.Scanner) (a Attempt, err error) {
			var at, took int64
			err = s.Scan(&a.Try, &at, &a.Status, &took, &a.Error, &a.Answer)
			a.At, a.Duration = msTime(at), time.Duration(took)*time.Millisecond
			return a, err
		}, `select try, at, status, duration_ms, error, answer from webhook_attempt
			where operator = $1 and delivery = $2 and try < $3 order by try desc limit $4`,
			caller.Operator, id, before, limit+1)
		return err
	})
	if err != nil || len(page) <= limit {
		return page, "", err
	}
	return page[:limit], strconv.Itoa(page[limit-1].Try), nil
}

// Replay starts a delivery over from its first try, whatever its state; the
// webhook-id stays. [ErrUnknown], [ErrDisabled].
func (r *Room) Replay(ctx context.Context, caller access.Caller, id string) error {
	return r.Access.Do(ctx, caller, access.WebhookEdit, access.Subject{Kind: "webhook delivery", ID: id}, "", func(tx *db.Tx) error {
		d, err := delivery(ctx, tx, caller.Operator, id, tx.ForUpdate())
		if err != nil {
			return err
		}
		return r.restart(ctx, tx, d.Operator, d.Endpoint, []Delivery{d})
	})
}

// replayBatch bounds the deliveries of one transaction.
const replayBatch = 500

// ReplayRange starts over the dead letters of an endpoint whose events were
// dispatched from the first instant to before the second, and with all set the
// delivered ones too. At most 500 at a time, oldest first: call again from the
// creation of the last, which it returns, while more is true.
func (r *Room) ReplayRange(ctx context.Context, caller access.Caller, endpointID string, from, to time.Time, all bool) (n int, last time.Time, more bool, err error) {
	err = r.Access.Do(ctx, caller, access.WebhookEdit, subject(endpointID), "", func(tx *db.Tx) error {
		ds, err := db.Collect(ctx, tx, scanDelivery, "select "+deliveryColumns+` from webhook_delivery
			where operator = $1 and endpoint = $2 and created_at >= $3 and created_at < $4
			and (state = 'dead' or (state = 'delivered' and $5)) order by created_at, id limit $6`+tx.ForUpdate(),
			caller.Operator, endpointID, from.UnixMilli(), to.UnixMilli(), all, replayBatch+1)
		if err != nil {
			return err
		}
		if more = len(ds) > replayBatch; more {
			ds = ds[:replayBatch]
		}
		if n = len(ds); n > 0 {
			last = ds[n-1].Created
		}
		return r.restart(ctx, tx, caller.Operator, endpointID, ds)
	})
	if err != nil {
		return 0, time.Time{}, false, err
	}
	return n, last, more, nil
}

func (r *Room) restart(ctx context.Context, tx *db.Tx, operator, endpointID string, ds []Delivery) error {
	e, err := endpoint(ctx, tx, operator, endpointID)
	if errors.Is(err, ErrUnknown) || err == nil && !e.Enabled {
		return ErrDisabled
	} else if err != nil {
		return err
	}
	jobs := make([]job, len(ds))
	for i, d := range ds {
		if _, err := tx.Exec(ctx, `update webhook_delivery set state = 'waiting', run = $1, step = 0, error = '',
			next_at = $2, done_at = 0 where operator = $3 and id = $4`, d.run+1, tx.NowMS(), operator, d.ID); err != nil {
			return err
		}
		jobs[i] = job{d.ID, d.run + 1}
	}
	return r.putJobs(ctx, tx, operator, jobs)
}

// Sweep deletes deliveries that ended longer ago than Retention, with their
// attempts, and says how many.
func (r *Room) Sweep(ctx context.Context) (int, error) {
	keep := r.Retention
	if keep == 0 {
		keep = 30 * 24 * time.Hour
	}
	const batch = 500 // keeps each transaction short
	total := 0
	for {
		n := 0
		err := r.DB.Write(ctx, func(tx *db.Tx) error {
			old, err := db.Collect(ctx, tx, func(s db.Scanner) (k endpointKey, err error) {
				return k, s.Scan(&k.operator, &k.id)
			}, `select operator, id from webhook_delivery where done_at > 0 and done_at < $1 order by done_at limit $2`,
				tx.Now().Add(-keep).UnixMilli(), batch)
			if err != nil {
				return err
			}
			n = len(old)
			for _, k := range old {
				if _, err := tx.Exec(ctx, "delete from webhook_attempt where operator = $1 and delivery = $2", k.operator, k.id); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, "delete from webhook_delivery where operator = $1 and id = $2", k.operator, k.id); err != nil {
					return err
				}
			}
			return nil
		})
		total += n
		if err != nil || n < batch {
			return total, err
		}
	}
}
