package funnel

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/db/dbtest"
	"clew/seal"
)

// world is a funnel with two operators; each has two apps with two components.
type world struct {
	t      testing.TB
	d      *db.DB
	clock  *dbtest.Clock
	room   *Room
	access *access.Room
	// by operator: apps, and components "cmp_<n>" named after their app
	apps map[string][]string
}

func newWorld(t testing.TB, d *db.DB, clock *dbtest.Clock) *world {
	t.Helper()
	ring := seal.TestRing(t)
	w := &world{t: t, d: d, clock: clock, apps: map[string][]string{}, access: &access.Room{DB: d, Ring: ring}}
	w.room = w.process(ring)
	apps := &app.Room{DB: d, Access: w.access}
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		for range 2 {
			o, err := apps.CreateOperator(t.Context(), tx, "Operator")
			if err != nil {
				return err
			}
			for range 2 {
				a, _, err := apps.Create(t.Context(), tx, o.ID, "App", nil)
				if err != nil {
					return err
				}
				w.apps[o.ID] = append(w.apps[o.ID], a.ID)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return w
}

// process is a room as another process would have it: same store, same keys.
func (w *world) process(ring *seal.Ring) *Room {
	return &Room{
		DB: w.d, Ring: ring, Access: w.access, Log: slog.New(slog.DiscardHandler), Reasons: []string{"OTHER", "INVALID_NUMBER"},
		Owners: func(_ context.Context, _ *db.Tx, operator string, ids []string) (map[string]string, error) {
			out := map[string]string{}
			for _, id := range ids {
				for _, a := range w.apps[operator] {
					if strings.HasPrefix(id, "cmp_"+a) {
						out[id] = a
					}
				}
			}
			return out, nil
		},
	}
}

func (w *world) operator() string {
	for o := range w.apps {
		return o
	}
	return ""
}

func (w *world) component(operator string, n int) string {
	return fmt.Sprintf("cmp_%s_%d", w.apps[operator][n%2], n/2)
}

func (w *world) take(r *Room, operator string, events ...Event) Taken {
	w.t.Helper()
	taken, err := r.Take(context.Background(), operator, events)
	if err != nil {
		w.t.Fatal(err)
	}
	return taken
}

func (w *world) fold() {
	w.t.Helper()
	if _, err := w.room.Fold(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.d.Read(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(fn func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.d.Write(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

// overview is the range of a week around now.
func (w *world) overview(operator string, q Query) Summary {
	w.t.Helper()
	if q.From.IsZero() {
		q.From, q.To = w.clock.Now().AddDate(0, 0, -7), w.clock.Now().AddDate(0, 0, 2)
	}
	var s Summary
	w.read(func(tx *db.Tx) (err error) {
		s, err = Overview(context.Background(), tx, operator, q)
		return err
	})
	return s
}

// dump is every stored aggregate, as text.
func (w *world) dump() string {
	var b strings.Builder
	w.read(func(tx *db.Tx) error {
		for _, query := range []string{
			"select operator||'|'||face||'|'||app||'|'||scope||'|'||day||'|'||hour||'|'||slot, counts from funnel_count order by operator, face, app, scope, day, hour, slot",
			"select operator||'|'||face||'|'||app||'|'||scope||'|'||day||'|'||hour||'|'||slot, sketches from funnel_sketch order by operator, face, app, scope, day, hour, slot",
			"select operator||'|'||component||'|'||day||'|'||scene||'|'||region||'|'||shows||'|'||valid, null from funnel_market order by operator, component, day, scene, region",
		} {
			rows, err := db.Collect(context.Background(), tx, func(s db.Scanner) (string, error) {
				var at string
				var v []byte
				err := s.Scan(&at, &v)
				return fmt.Sprintf("%s %x\n", at, v), err
			}, query)
			if err != nil {
				return err
			}
			for _, r := range rows {
				b.WriteString(r)
			}
		}
		return nil
	})
	return b.String()
}

func at(clock *dbtest.Clock, back time.Duration) time.Time { return clock.Now().Add(-back) }
