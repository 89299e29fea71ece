package funnel

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/seal"
)

// Room counts. DB, Ring, Access, Owners and Log are needed. Share one: callers of
// [Room.Take] share transactions.
type Room struct {
	DB     *db.DB
	Ring   *seal.Ring
	Access *access.Room
	Log    *slog.Logger
	// Owners says to which app each of the operator's components belongs; what is not
	// the operator's is left out. It stands here because components are as high as
	// this room.
	Owners func(ctx context.Context, tx *db.Tx, operator string, components []string) (map[string]string, error)
	// Reasons are the codes with which a lead may be invalid.
	Reasons []string

	// keys and owned only ever hold what is true for as long as the process runs.
	mu    sync.Mutex
	keys  map[int][]byte
	owned map[ownedKey]string

	turns   sync.Mutex
	waiting []*call
	leaders int

	waking sync.Once
	wake   chan struct{}
}

type ownedKey struct{ operator, id string }

var errKeyGone = errors.New("the key of this day is destroyed")

// key is the key of a day, made at the first need. It returns errKeyGone once the
// day is closed.
func (r *Room) key(ctx context.Context, day int) ([]byte, error) {
	r.mu.Lock()
	key := r.keys[day]
	r.mu.Unlock()
	if key != nil {
		return key, nil
	}
	if gone(day, r.DB.Now()) {
		return nil, errKeyGone
	}
	owner := strconv.Itoa(day)
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails (crypto/rand)
	var sealed []byte
	err := r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		if _, err = tx.Exec(ctx, "insert into funnel_key (day, sealed) values ($1, $2) on conflict do nothing",
			day, r.Ring.SealSecret("funnel day", owner, fresh)); err != nil {
			return err
		}
		// Another process may have been first.
		sealed, err = db.One(ctx, tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) },
			"select sealed from funnel_key where day=$1", day)
		return err
	})
	if err != nil {
		return nil, err
	}
	if key, err = r.Ring.OpenSecret("funnel day", owner, sealed); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil {
		r.keys = map[int][]byte{}
	}
	r.keys[day] = key
	return key, nil
}

// gone reports whether nothing of a day can arrive any more.
func gone(day int, now time.Time) bool { return !now.Before(dayEnd(day).Add(Late + slack)) }

// own fills in and checks whose app and component each event names.
func (r *Room) own(ctx context.Context, operator string, events []Event) ([]BadEvent, error) {
	r.mu.Lock()
	if r.owned == nil {
		r.owned = map[ownedKey]string{}
	}
	var components, apps []string
	asked := map[string]bool{}
	for i := range events {
		id, list := events[i].Component, &components
		if id == "" {
			id, list = events[i].App, &apps
		}
		if _, known := r.owned[ownedKey{operator, id}]; !known && !asked[id] {
			asked[id] = true
			*list = append(*list, id)
		}
	}
	r.mu.Unlock()
	if len(components)+len(apps) > 0 {
		found := map[string]string{}
		err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
			if len(components) > 0 {
				if found, err = r.Owners(ctx, tx, operator, components); err != nil {
					return err
				}
			}
			for _, id := range apps {
				if _, err := app.Get(ctx, tx, operator, id); err == nil {
					found[id] = id
				} else if !errors.Is(err, app.ErrUnknown) {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		r.mu.Lock()
		for id, app := range found {
			r.owned[ownedKey{operator, id}] = app
		}
		r.mu.Unlock()
	}
	var bad []BadEvent
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range events {
		e := &events[i]
		id, field := e.Component, "component"
		if id == "" {
			id, field = e.App, "app"
		}
		switch owner, known := r.owned[ownedKey{operator, id}]; {
		case !known:
			bad = append(bad, BadEvent{i, field, "unknown"})
		case e.App != "" && e.App != owner:
			bad = append(bad, BadEvent{i, "app", "app"})
		default:
			e.App = owner
		}
	}
	return bad, nil
}

// stir wakes the folder.
func (r *Room) stir() {
	select {
	case r.bell() <- struct{}{}:
	default:
	}
}

func (r *Room) bell() chan struct{} {
	r.waking.Do(func() { r.wake = make(chan struct{}, 1) })
	return r.wake
}

// gather is how long events wait for company before they are folded in: reports
// are late by about so much, and hot rows are written so much less often.
const gather = 500 * time.Millisecond

// Run folds in what arrived until ctx ends.
func (r *Room) Run(ctx context.Context) {
	tick := time.NewTicker(5 * time.Second) // what another process took in
	defer tick.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		if _, err := r.Fold(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("events could not be folded in", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-r.bell():
		case <-tick.C:
		}
		pause.Reset(gather)
	}
}
