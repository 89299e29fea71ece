package funnel

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
)

// story makes n events of one operator, spread over what may still arrive.
func story(w *world, operator string, n int, draw func(int) int) []Event {
	scenes := append(Scenes(), "")
	regions := []string{"", "440106", "110101", "310115"}
	events := make([]Event, n)
	for i := range events {
		e := Event{
			ID: fmt.Sprintf("event-%04d", i), Kind: Kinds()[draw(eventKind)], Scene: scenes[draw(len(scenes))],
			Region: regions[draw(len(regions))], At: at(w.clock, time.Duration(draw(71*60))*time.Minute),
		}
		if draw(4) > 0 {
			e.Visitor = fmt.Sprintf("visitor %d", draw(max(n/2, 1)))
		}
		if draw(2) == 0 {
			e.Room = fmt.Sprintf("room%d", draw(3))
		} else {
			e.Video = fmt.Sprintf("video%d", draw(3))
		}
		if draw(3) == 0 {
			e.Promotion = "promotion1"
		}
		if place(e.Kind) < showKind && draw(2) == 0 {
			e.App = w.apps[operator][draw(2)]
		} else {
			e.Component = w.component(operator, draw(4))
		}
		events[i] = e
	}
	return events
}

// naive counts the way one would by hand: per day, kind and app.
func naive(w *world, operator string, events []Event) (m map[Kind][2]int64) {
	m = map[Kind][2]int64{}
	type person struct {
		kind         Kind
		day          int
		app, visitor string
	}
	seen := map[person]bool{}
	ids := map[string]bool{}
	for _, e := range events {
		if ids[e.ID] {
			continue
		}
		ids[e.ID] = true
		app := e.App
		if app == "" {
			app = e.Component[4 : len(e.Component)-2]
		}
		day, _ := dayOf(e.At)
		c := m[e.Kind]
		c[0]++
		p := person{e.Kind, day, app, e.Visitor}
		if e.Visitor != "" && !seen[p] {
			seen[p] = true
			c[1]++
		}
		m[e.Kind] = c
	}
	return m
}

// The same events give the same aggregates, byte for byte, in whatever order, calls
// and folds they come and however often; and what they add up to is what counting by
// hand gives.
func TestAnyOrderAnyDuplicationGivesTheSame(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		t.Parallel()
		w := newWorld(t, d, clock)
		operator := w.operator()
		for seed := range uint64(12) {
			random := rand.New(rand.NewPCG(seed, 1))
			events := story(w, operator, 40+random.IntN(160), random.IntN)
			deliver := func(shuffle bool) string {
				w.write(func(tx *db.Tx) error {
					for _, table := range []string{"seen", "batch", "count", "sketch", "market", "component", "turn"} {
						if _, err := tx.Exec(context.Background(), "delete from funnel_"+table); err != nil {
							return err
						}
					}
					return nil
				})
				sent := slices.Clone(events)
				if shuffle {
					for range len(events) / 2 {
						sent = append(sent, events[random.IntN(len(events))])
					}
					random.Shuffle(len(sent), func(i, j int) { sent[i], sent[j] = sent[j], sent[i] })
				}
				counted := 0
				for len(sent) > 0 {
					n := 1 + random.IntN(min(len(sent), 60))
					if !shuffle {
						n = len(sent)
					}
					counted += w.take(w.room, operator, sent[:n]...).Counted
					sent = sent[n:]
					if shuffle && random.IntN(3) == 0 {
						w.fold()
					}
				}
				if counted != len(events) {
					t.Fatalf("seed %d: counted %d of %d events", seed, counted, len(events))
				}
				w.fold()
				return w.dump()
			}
			plain := deliver(false)
			if mixed := deliver(true); mixed != plain {
				t.Fatalf("seed %d: aggregates differ:\n%s\n---\n%s", seed, plain, mixed)
			}
			total := w.overview(operator, Query{}).Total
			for kind, want := range naive(w, operator, events) {
				if pv, uv := total.Of(kind); pv != want[0] || uv != want[1] {
					t.Fatalf("seed %d: %s: %d times, %d visitors; want %v", seed, kind, pv, uv, want)
				}
			}
			for _, day := range w.overview(operator, Query{}).Days {
				var n int
				_, _ = fmt.Sscan(day.Day, &n)
				w.read(func(tx *db.Tx) error { return Verify(context.Background(), tx, operator, n) })
			}
		}
	})
}

// Several processes take in the same and different events at once, and fold at once;
// nothing is lost and nothing counted twice.
func TestManyWritersLoseNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		t.Parallel()
		w := newWorld(t, d, clock)
		operator := w.operator()
		random := rand.New(rand.NewPCG(7, 7))
		events := story(w, operator, 1500, random.IntN)
		ring := w.room.Ring
		var all sync.WaitGroup
		var mu sync.Mutex
		counted := 0
		for p := range 4 {
			r := w.process(ring)
			mine := slices.Clone(events)
			shuffle := rand.New(rand.NewPCG(uint64(p), 3))
			shuffle.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
			all.Go(func() {
				for part := range slices.Chunk(mine, 75) {
					taken, err := r.Take(context.Background(), operator, part)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					counted += taken.Counted
					mu.Unlock()
					if _, err := r.Fold(context.Background()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if counted != len(events) {
			t.Errorf("%d counted as new, want %d", counted, len(events))
		}
		w.fold()
		total := w.overview(operator, Query{}).Total
		for kind, want := range naive(w, operator, events) {
			if pv, uv := total.Of(kind); pv != want[0] || uv != want[1] {
				t.Errorf("%s: %d times, %d visitors; want %v", kind, pv, uv, want)
			}
		}
	})
}

func TestWindowAndShape(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		t.Parallel()
		w := newWorld(t, d, clock)
		operator := w.operator()
		good := Event{ID: "event-0001", Kind: Show, Component: w.component(operator, 0), At: clock.Now(), Visitor: "v"}
		for name, c := range map[string]struct {
			change      func(*Event)
			field, code string
		}{
			"just in time":    {func(e *Event) { e.At = at(clock, Late) }, "", ""},
			"too late":        {func(e *Event) { e.At = at(clock, Late+time.Millisecond) }, "at", "late"},
			"a fast clock":    {func(e *Event) { e.At = clock.Now().Add(Early) }, "", ""},
			"from the future": {func(e *Event) { e.At = clock.Now().Add(Early + time.Millisecond) }, "at", "future"},
			"no time":         {func(e *Event) { e.At = time.Time{} }, "at", "at"},
			"short id":        {func(e *Event) { e.ID = "1" }, "id", "id"},
			"unknown kind":    {func(e *Event) { e.Kind = "look" }, "kind", "kind"},
			"a lead":          {func(e *Event) { e.Kind = Lead }, "kind", "counted_by_lead"},
			"no place":        {func(e *Event) { e.Component = "" }, "component", "where"},
			"click on no one": {func(e *Event) { e.Component, e.App = "", w.apps[operator][0] }, "component", "component_needed"},
			"another's":       {func(e *Event) { e.Component = "cmp_somebody" }, "component", "unknown"},
			"wrong app":       {func(e *Event) { e.App = w.apps[operator][1] }, "app", "app"},
			"scene":           {func(e *Event) { e.Scene = "moon" }, "scene", "scene"},
			"room":            {func(e *Event) { e.Room = "a b" }, "room", "slot"},
			"a number":        {func(e *Event) { e.Video = number(11) }, "video", "number"},
			"a city":          {func(e *Event) { e.Region = "440100" }, "region", "region"},
			"a district":      {func(e *Event) { e.Region = "440106" }, "", ""},
			"long visitor":    {func(e *Event) { e.Visitor = string(make([]byte, 257)) }, "visitor", "visitor"},
		} {
			e := good
			e.ID = "event-" + fmt.Sprintf("%x", name)
			e.ID = e.ID[:min(len(e.ID), 64)]
			c.change(&e)
			first := good
			first.ID = fmt.Sprintf("before-%x", name)[:min(64, 7+2*len(name))]
			_, err := w.room.Take(t.Context(), operator, []Event{first, e})
			var bad *BadEvents
			switch {
			case c.code == "" && err != nil:
				t.Errorf("%s: %v", name, err)
			case c.code != "" && (!errors.As(err, &bad) || len(bad.Events) != 1 || bad.Events[0] != BadEvent{1, c.field, c.code}):
				t.Errorf("%s: %v, want event 1, %s, %s", name, err, c.field, c.code)
			}
		}
		w.fold()
		// Three calls were in order, of two events each; nothing of the others counts.
		if got := w.overview(operator, Query{}).Total.ShowPv; got != 6 {
			t.Errorf("%d shows, want those of whole calls only", got)
		}
		if _, err := w.room.Take(t.Context(), operator, nil); !errors.Is(err, ErrMany) {
			t.Error("no events:", err)
		}
		if _, err := w.room.Take(t.Context(), operator, make([]Event, MaxEvents+1)); !errors.Is(err, ErrMany) {
			t.Error("too many events:", err)
		}
	})
}

// number is text like a phone number's, made here so that none stands in a file.
func number(n int) string {
	b := []byte("1")
	for i := 1; i < n; i++ {
		b = append(b, byte('3'+i%6))
	}
	return string(b)
}

// Days past their window are verified, closed and forgotten; the counts stay. Nobody
// can tag a visitor of such a day any more.
func TestClosedDaysKeepCountsAndNothingElse(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		t.Parallel()
		w := newWorld(t, d, clock)
		operator := w.operator()
		day, _ := dayOf(clock.Now())
		var events []Event
		for i := range 700 {
			// Item i is seen i times less often than the first ones.
			for j := range 1 + (700-i)/350 {
				events = append(events, Event{
					ID: fmt.Sprintf("event-%d-%d", i, j), Kind: Show, Component: w.component(operator, 0), Scene: SceneLive,
					Room: fmt.Sprintf("room%03d", i), Visitor: fmt.Sprint(i), At: clock.Now(),
				})
			}
		}
		for part := range slices.Chunk(events, 1000) {
			w.take(w.room, operator, part...)
		}
		w.fold()
		if n, err := w.room.Sweep(t.Context()); n != 0 || err != nil {
			t.Fatalf("closed %d days at once: %v", n, err)
		}
		before := w.overview(operator, Query{})
		clock.Advance(4*24*time.Hour + time.Hour)
		if n, err := w.room.Sweep(t.Context()); n != 1 || err != nil {
			t.Fatalf("closed %d days: %v", n, err)
		}
		after := w.overview(operator, Query{From: clock.Now().AddDate(0, 0, -9), To: clock.Now()})
		if len(after.Days) != 1 || after.Total != before.Total || after.Total.ShowPv != int64(len(events)) || after.Total.ShowUv < 680 {
			t.Errorf("after closing: %+v, before: %+v", after, before)
		}
		for _, table := range []string{"seen", "batch", "sketch", "key"} {
			w.read(func(tx *db.Tx) error {
				n, err := db.One(t.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from funnel_"+table)
				if n != 0 {
					t.Errorf("funnel_%s still holds %d rows", table, n)
				}
				return err
			})
		}
		w.read(func(tx *db.Tx) error {
			rows, total, err := ByItem(t.Context(), tx, operator, ItemLive, Query{
				From: clock.Now().AddDate(0, 0, -9), To: clock.Now(), Page: 6, Size: 100,
			})
			if total != keepSlots+1 || len(rows) != 1 || rows[0].ID != SlotRest || rows[0].ShowPv < 200 {
				t.Errorf("%d items, the last %+v", total, rows)
			}
			return err
		})
		if _, err := w.room.key(t.Context(), day); !errors.Is(err, errKeyGone) {
			t.Error("key of a closed day:", err)
		}
		late := events[0]
		var bad *BadEvents
		if _, err := w.room.Take(t.Context(), operator, []Event{late}); !errors.As(err, &bad) || bad.Events[0].Code != "late" {
			t.Error("an event of a closed day:", err)
		}
	})
}

// A count that was tampered with is seen when the day is closed.
func TestDriftIsSeen(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		t.Parallel()
		w := newWorld(t, d, clock)
		operator := w.operator()
		w.take(w.room, operator, story(w, operator, 30, rand.New(rand.NewPCG(1, 1)).IntN)...)
		w.fold()
		forged := tally{pv: [kinds]int64{99}}
		w.write(func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), "update funnel_count set counts=$1 where face='all' and scope=''", forged.pack())
			return err
		})
		clock.Advance(5 * 24 * time.Hour)
		n, err := w.room.Sweep(t.Context())
		var drift *Drift
		if n == 0 || !errors.As(err, &drift) || drift.Rows == 0 {
			t.Errorf("closed %d days, %v", n, err)
		}
	})
}

// Another operator's counts, and another process's key, do not meet.
func TestOperatorsAndProcesses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		t.Parallel()
		w := newWorld(t, d, clock)
		other := w.process(w.room.Ring)
		n := 0
		for operator := range w.apps {
			e := Event{ID: "the-same-id", Kind: Show, Component: w.component(operator, 0), At: clock.Now(), Visitor: "the same visitor"}
			w.take(w.room, operator, e)
			e.ID = "another-id"
			w.take(other, operator, e)
			n++
		}
		w.fold()
		for operator := range w.apps {
			if m := w.overview(operator, Query{}).Total; m.ShowPv != 2 || m.ShowUv != 1 {
				t.Errorf("shown %d times to %d", m.ShowPv, m.ShowUv)
			}
		}
		tags := map[uint64]bool{}
		w.read(func(tx *db.Tx) error {
			rows, err := db.Collect(t.Context(), tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) }, "select events from funnel_batch")
			for _, b := range rows {
				records, err := unpackBatch(b)
				if err != nil {
					return err
				}
				for _, r := range records {
					tags[r.tag] = true
				}
			}
			return err
		})
		if len(tags) != n {
			t.Errorf("%d tags for one visitor of %d operators", len(tags), n)
		}
	})
}
