package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
	"clew/outbox"
)

func put(t testing.TB, r *outbox.Room, ms ...outbox.Message) []outbox.Message {
	t.Helper()
	if err := r.DB.Write(t.Context(), func(tx *db.Tx) error { return r.Put(t.Context(), tx, ms) }); err != nil {
		t.Fatal(err)
	}
	return ms
}

func many(operator, kind string, n int) []outbox.Message {
	ms := make([]outbox.Message, n)
	for i := range ms {
		ms[i] = outbox.Message{Operator: operator, Kind: kind}
	}
	return ms
}

func list(t testing.TB, r *outbox.Room, operator, state string) []outbox.Entry {
	t.Helper()
	es, _, err := r.List(t.Context(), operator, state, "", 200)
	if err != nil {
		t.Fatal(err)
	}
	return es
}

// run starts the room and returns what stops it and waits for it.
func run(t *testing.T, r *outbox.Room) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	return sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// receive fails the test when nothing comes; no test waits this long to pass.
func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestAMessageIsHandledIffItsTransactionCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := outbox.New(d, nil)
		r.Poll = make(chan time.Time) // never: Put alone must wake the worker
		got := make(chan outbox.Message, 10)
		r.Handle("lead.created", func(_ context.Context, m outbox.Message) error { got <- m; return nil })
		defer run(t, r)()

		rolledBack := errors.New("rolled back")
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := r.Put(t.Context(), tx, []outbox.Message{{Operator: "op_a", Kind: "lead.created", Subject: "never"}}); err != nil {
				return err
			}
			return rolledBack
		}); !errors.Is(err, rolledBack) {
			t.Fatal(err)
		}
		want := put(t, r, outbox.Message{Operator: "op_a", Kind: "lead.created", Subject: "lead_1", Body: json.RawMessage(`{"lead":"lead_1"}`)})[0]
		m := receive(t, got)
		if m.Subject != "lead_1" || m.ID != want.ID || m.ID == "" || string(m.Body) != `{"lead":"lead_1"}` ||
			m.Attempt != 1 || !m.CreatedAt.Equal(dbtest.Start) {
			t.Errorf("handled %+v, put %+v", m, want)
		}
	})
}

func TestWhatAHandlerReturnsDecides(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := outbox.New(d, nil)
		tries := map[string]int{}
		var mu sync.Mutex
		handler := func(name string, answer func(try int) error) {
			r.Handle(name, func(context.Context, outbox.Message) error {
				mu.Lock()
				defer mu.Unlock()
				tries[name]++
				return answer(tries[name])
			})
		}
		number := fmt.Sprintf("138%08d", 7)
		handler("done", func(int) error { return nil })
		handler("dead", func(int) error { return outbox.Dead(errors.New("no such lead " + number)) })
		handler("after", func(int) error { return outbox.RetryAfter(10*time.Minute, errors.New("busy")) })
		handler("wrapped", func(int) error { return fmt.Errorf("around: %w", outbox.RetryAfter(10*time.Minute, nil)) })
		handler("plain", func(int) error { return errors.New("broken") })
		handler("panics", func(int) error { panic(number) })
		for _, kind := range []string{"done", "dead", "after", "wrapped", "plain", "panics", "unknown"} {
			put(t, r, outbox.Message{Operator: "op_a", Kind: kind})
		}
		if err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, e := range list(t, r, "op_a", "") {
			in := e.DueAt.Sub(dbtest.Start)
			var ok bool
			switch e.Kind {
			case "done":
				ok = e.State == outbox.Done && e.Error == "" && e.DoneAt.Equal(dbtest.Start)
			case "dead":
				ok = e.State == outbox.DeadEnd && e.Error == "no such lead #"
			case "after":
				ok = e.State == outbox.Waiting && in == 10*time.Minute && e.Error == "busy"
			case "wrapped":
				ok = e.State == outbox.Waiting && in == 10*time.Minute
			case "plain":
				ok = e.State == outbox.Waiting && in >= 750*time.Millisecond && in <= 1250*time.Millisecond && e.Error == "broken"
			case "panics":
				ok = e.State == outbox.Waiting && e.Error == "handler panicked"
			case "unknown":
				ok = e.State == outbox.Waiting && in == time.Minute && strings.Contains(e.Error, `no handler for "unknown"`)
			}
			if !ok || e.Attempt != 1 {
				t.Errorf("%s: %+v", e.Kind, e)
			}
		}
		// A plain error is given up in the end; a wished delay is not.
		for range 2 * outbox.MaxTries {
			clock.Advance(2 * time.Hour)
			if err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if tries["plain"] != outbox.MaxTries || tries["after"] != 1+2*outbox.MaxTries || tries["done"] != 1 || tries["dead"] != 1 {
			t.Errorf("tries: %v", tries)
		}
		if got := len(list(t, r, "op_a", outbox.DeadEnd)); got != 3 { // dead, plain, panics
			t.Errorf("%d dead messages", got)
		}
	})
}

func TestALeaseThatRanOutIsDeliveredAgain(t *testing.T) {
	t.Run("and done", func(t *testing.T) { leaseRunsOut(t, nil, outbox.Done, "") })
	t.Run("and waits", func(t *testing.T) {
		leaseRunsOut(t, outbox.RetryAfter(time.Hour, errors.New("later")), outbox.Waiting, "later")
	})
}

// leaseRunsOut has a second process answer a message that the first sits on.
func leaseRunsOut(t *testing.T, answer error, state, text string) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		first, second := outbox.New(d, nil), outbox.New(d, nil)
		first.Poll = make(chan time.Time)
		started, finish := make(chan outbox.Message), make(chan struct{})
		first.Handle("k", func(_ context.Context, m outbox.Message) error {
			started <- m
			<-finish
			return errors.New("the first process was too slow to have a say")
		})
		stop := run(t, first)
		defer stop()
		put(t, first, outbox.Message{Operator: "op_a", Kind: "k"})
		m1 := receive(t, started)

		var got []outbox.Message
		second.Handle("k", func(_ context.Context, m outbox.Message) error { got = append(got, m); return answer })
		if err := second.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(got) != 0 {
			t.Fatal("the second process took a message whose lease holds")
		}
		// The first seems dead: it renews only when it polls. The look it may still
		// be at from the start can extend the lease once.
		for tries := 0; len(got) == 0 && tries < 3; tries++ {
			clock.Advance(first.Lease + time.Millisecond)
			if err := second.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(got) != 1 || got[0].ID != m1.ID || got[0].Attempt < 2 {
			t.Fatalf("second process got %+v", got)
		}
		close(finish)
		stop()
		if es := list(t, first, "op_a", ""); es[0].State != state || es[0].Error != text {
			t.Errorf("the late failure overwrote what the second said: %+v", es[0])
		}
	})
}

func TestALivingHolderRenewsItsLease(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		first, second := outbox.New(d, nil), outbox.New(d, nil)
		poll := make(chan time.Time)
		first.Poll = poll
		started, finish := make(chan outbox.Message), make(chan struct{})
		first.Handle("k", func(_ context.Context, m outbox.Message) error { started <- m; <-finish; return nil })
		stop := run(t, first)
		defer stop()
		put(t, first, outbox.Message{Operator: "op_a", Kind: "k"})
		receive(t, started)
		second.Handle("k", func(context.Context, outbox.Message) error { t.Error("handled twice"); return nil })
		for range 4 {
			clock.Advance(first.Lease / 2)
			poll <- time.Time{}
			poll <- time.Time{} // taken only after the first look has ended
			if err := second.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		close(finish)
		stop()
	})
}

func TestAClockJumpDoesNotRunAMessageBesideItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := outbox.New(d, nil)
		poll := make(chan time.Time)
		r.Poll = poll
		started, finish := make(chan outbox.Message, 2), make(chan error)
		r.Handle("k", func(_ context.Context, m outbox.Message) error { started <- m; return <-finish })
		stop := run(t, r)
		defer stop()
		put(t, r, outbox.Message{Operator: "op_a", Kind: "k"})
		receive(t, started)
		clock.Advance(24 * time.Hour)
		poll <- time.Time{}
		poll <- time.Time{}
		if len(started) != 0 {
			t.Error("started a second time while running")
		}
		finish <- nil
		stop()
		if es := list(t, r, "op_a", ""); es[0].State != outbox.Done {
			t.Errorf("%+v", es[0])
		}
	})
}

func TestOneOperatorsFloodDoesNotStarveAnother(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := outbox.New(d, nil)
		r.Workers, r.OperatorWorkers, r.Hold, r.OperatorHold = 4, 2, 16, 8
		var order []string
		var mu sync.Mutex
		r.Handle("k", func(_ context.Context, m outbox.Message) error {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, m.Operator)
			return nil
		})
		put(t, r, many("op_a_flood", "k", 500)...)
		put(t, r, many("op_b", "k", 3)...)
		if err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		last := 0
		for i, o := range order {
			if o == "op_b" {
				last = i
			}
		}
		if len(order) != 503 || last > 30 {
			t.Errorf("%d handled; the small operator's last came as number %d behind a flood", len(order), last)
		}
	})
}

func TestHangingHandlersOfOneOperatorLeaveWorkersToOthers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := outbox.New(d, nil)
		r.Workers, r.OperatorWorkers, r.Hold, r.OperatorHold = 4, 3, 20, 10
		r.Poll = make(chan time.Time)
		hung, free := make(chan struct{}, 100), make(chan struct{})
		served := make(chan string, 100)
		r.Handle("hang", func(context.Context, outbox.Message) error { hung <- struct{}{}; <-free; return nil })
		r.Handle("k", func(_ context.Context, m outbox.Message) error { served <- m.Operator; return nil })
		stop := run(t, r)
		defer stop()
		put(t, r, many("op_a", "hang", 50)...)
		for range r.OperatorWorkers {
			receive(t, hung)
		}
		put(t, r, many("op_b", "k", 20)...)
		for range 20 {
			receive(t, served)
		}
		if len(hung) != 0 {
			t.Error("more handlers of one operator ran than its share")
		}
		close(free)
		stop()
	})
}

func TestAnOrderlyStopFinishesWhatRunsAndReleasesTheRest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := outbox.New(d, nil)
		r.Workers, r.OperatorWorkers = 2, 2
		r.Poll = make(chan time.Time)
		started, finish := make(chan struct{}, 100), make(chan struct{})
		r.Handle("k", func(ctx context.Context, _ outbox.Message) error {
			started <- struct{}{}
			<-finish
			return ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		put(t, r, many("op_a", "k", 10)...)
		receive(t, started)
		receive(t, started)
		cancel()
		close(finish)
		if err := receive(t, ended); err != nil {
			t.Fatal(err)
		}
		var done, fresh int
		for _, e := range list(t, r, "op_a", "") {
			switch {
			case e.State == outbox.Done && e.Attempt == 1:
				done++
			case e.State == outbox.Waiting && e.Attempt == 0 && !e.DueAt.After(dbtest.Start):
				fresh++
			default:
				t.Errorf("%+v", e)
			}
		}
		// A third may start in the moment between finish and the stop.
		if done < 2 || done+fresh != 10 {
			t.Errorf("%d done, %d released", done, fresh)
		}
	})
}

func TestAHandlerThatOverstaysTheGraceIsCancelled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := outbox.New(d, nil)
		r.Poll = make(chan time.Time)
		r.Grace = time.Millisecond
		started := make(chan struct{})
		r.Handle("k", func(ctx context.Context, _ outbox.Message) error {
			close(started)
			<-ctx.Done()
			return ctx.Err()
		})
		stop := run(t, r)
		put(t, r, outbox.Message{Operator: "op_a", Kind: "k"})
		receive(t, started)
		stop()
		if e := list(t, r, "op_a", "")[0]; e.State != outbox.Waiting || e.Attempt != 1 || e.Error == "" {
			t.Errorf("%+v", e)
		}
	})
}

func TestThePollFindsWhatFallsDueLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := outbox.New(d, nil)
		poll := make(chan time.Time)
		r.Poll = poll
		got := make(chan outbox.Message, 1)
		r.Handle("k", func(_ context.Context, m outbox.Message) error { got <- m; return nil })
		defer run(t, r)()
		put(t, r, outbox.Message{Operator: "op_a", Kind: "k", DueAt: dbtest.Start.Add(time.Hour)})
		poll <- time.Time{}
		poll <- time.Time{}
		if len(got) != 0 {
			t.Fatal("handled before it was due")
		}
		clock.Advance(time.Hour)
		poll <- time.Time{}
		receive(t, got)
	})
}

func TestTwoProcessesShareWithoutDoubling(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		const n = 600
		seen := map[string]int{}
		var mu sync.Mutex
		all := make(chan struct{})
		var rooms []*outbox.Room
		for range 2 {
			r := outbox.New(d, nil)
			r.OperatorHold = 16
			r.Handle("k", func(_ context.Context, m outbox.Message) error {
				mu.Lock()
				defer mu.Unlock()
				if seen[m.ID]++; len(seen) == n {
					close(all)
				}
				return nil
			})
			rooms = append(rooms, r)
		}
		for i := range 6 {
			put(t, rooms[0], many(fmt.Sprintf("op_%d", i), "k", n/6)...)
		}
		stops := []func(){run(t, rooms[0]), run(t, rooms[1])}
		receive(t, all)
		for _, stop := range stops {
			stop()
		}
		for id, times := range seen {
			if times != 1 {
				t.Errorf("%s handled %d times", id, times)
			}
		}
	})
}

func TestListPagesAndReplays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := outbox.New(d, nil)
		fail := true
		r.Handle("k", func(context.Context, outbox.Message) error {
			if fail {
				return outbox.Dead(errors.New("no"))
			}
			return nil
		})
		r.Workers = 1
		var want []string
		for _, m := range put(t, r, many("op_a", "k", 5)...) {
			want = append(want, m.ID)
		}
		slices.Reverse(want)
		put(t, r, many("op_b", "k", 1)...)
		if err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, state := range []string{"", outbox.DeadEnd} {
			var got []string
			cursor, pages := "", 0
			for {
				es, next, err := r.List(t.Context(), "op_a", state, cursor, 2)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range es {
					got = append(got, e.ID)
				}
				pages++
				if cursor = next; cursor == "" {
					break
				}
			}
			if !slices.Equal(got, want) || pages != 3 {
				t.Errorf("state %q: %v in %d pages, want %v", state, got, pages, want)
			}
		}
		fail = false
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			n, err := r.Replay(t.Context(), tx, "op_a", want[0], want[1], want[2], "msg_unknown")
			if n != 3 {
				t.Errorf("%d replayed", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if done, dead := len(list(t, r, "op_a", outbox.Done)), len(list(t, r, "op_a", outbox.DeadEnd)); done != 3 || dead != 2 {
			t.Errorf("%d done, %d dead", done, dead)
		}
		b, err := r.Backlog(t.Context())
		if err != nil || b.Dead != 3 || b.Due != 0 || b.Later != 0 {
			t.Errorf("backlog %+v, %v", b, err)
		}
	})
}

func TestSweepKeepsWhatIsYoungWaitingOrDead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := outbox.New(d, nil)
		r.Handle("k", func(context.Context, outbox.Message) error { return nil })
		r.Handle("dead", func(context.Context, outbox.Message) error { return outbox.Dead(nil) })
		put(t, r, many("op_a", "k", 1500)...)
		put(t, r, many("op_a", "dead", 1)...)
		put(t, r, outbox.Message{Operator: "op_a", Kind: "k", DueAt: dbtest.Start.AddDate(1, 0, 0)})
		if err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		clock.Advance(r.Retention)
		put(t, r, many("op_a", "k", 1)...)
		if err := r.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Millisecond)
		if n, err := r.Sweep(t.Context()); n != 1500 || err != nil {
			t.Fatalf("swept %d, %v", n, err)
		}
		if left := list(t, r, "op_a", ""); len(left) != 3 {
			t.Errorf("left: %+v", left)
		}
	})
}

func TestPutRefusesWhatItCannotCarry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := outbox.New(d, nil)
		for _, m := range []outbox.Message{
			{Kind: "k"},
			{Operator: "op_a"},
			{Operator: "op_a", Kind: "k", Body: json.RawMessage(`{"a"`)},
			{Operator: "op_a", Kind: "k", Body: json.RawMessage(`"` + strings.Repeat("x", outbox.MaxBody) + `"`)},
		} {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				return r.Put(t.Context(), tx, []outbox.Message{{Operator: "op_a", Kind: "fine"}, m})
			})
			if !errors.Is(err, outbox.ErrMessage) {
				t.Errorf("%.40q: %v", m.Body, err)
			}
		}
		if es := list(t, r, "op_a", ""); len(es) != 0 {
			t.Errorf("stored %+v", es)
		}
	})
}

func TestHideNumbers(t *testing.T) {
	n := fmt.Sprintf("138%08d", 42)
	spaced := n[:3] + " " + n[3:7] + "-" + n[7:]
	var wide strings.Builder
	for _, c := range n {
		wide.WriteRune(c - '0' + '０')
	}
	for in, want := range map[string]string{
		"":                                "",
		"status 500 after 123456 ms":      "status 500 after 123456 ms",
		"phone " + n + " taken":           "phone # taken",
		"+86" + n:                         "+#",
		"(+86) " + spaced + ".":           "(+#.",
		`{"p":"` + wide.String() + `"}`:   `{"p":"#"}`,
		"id 01h4z, " + n[:6] + ", " + n:   "id 01h4z, " + n[:6] + ", #",
		"1234567":                         "#",
		"12a34567b":                       "12a34567b",
		"tel:" + n + ";" + n + "\x00\xff": "tel:#;#\x00\ufffd",
	} {
		if got := outbox.HideNumbers(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// BenchmarkDrain handles b.N no-op messages of ten operators, put in bulk.
func BenchmarkDrain(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			d, err := db.Open(b.Context(), db.Config{URL: url(b)})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			if err := d.Migrate(b.Context()); err != nil {
				b.Fatal(err)
			}
			r := outbox.New(d, nil)
			r.Handle("k", func(context.Context, outbox.Message) error { return nil })
			for i := range 10 {
				put(b, r, many(fmt.Sprintf("op_%d", i), "k", b.N/10+1)...)
			}
			b.ResetTimer()
			if err := r.Drain(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
