package phone

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
)

func wantCapped(t *testing.T, err error, scope string, after time.Duration) {
	t.Helper()
	var capped *Capped
	if !errors.As(err, &capped) || capped.Scope != scope || capped.RetryAfter <= 0 || after != 0 && capped.RetryAfter != after {
		t.Errorf("error %v, want %s capped for %s", err, scope, after)
	}
}

func TestResendAfterAMinute(t *testing.T) {
	each(t, func(b *bench) {
		b.send(1)
		b.clock.Advance(59 * time.Second)
		_, err := b.SendCode(t.Context(), b.request(1))
		var soon *ResendTooSoon
		if !errors.As(err, &soon) || !soon.At.Equal(dbtest.Start.Add(time.Minute)) {
			b.t.Fatalf("error %v", err)
		}
		b.send(2) // someone else
		other := b.request(1)
		other.Operator = "op_b"
		if _, err := b.SendCode(t.Context(), other); err != nil {
			b.t.Errorf("another operator is kept waiting: %v", err)
		}
		b.clock.Advance(time.Second)
		id, code := b.send(1)
		b.expect(nil, b.claim(1, id, code))
	})
}

func TestCaps(t *testing.T) {
	for _, c := range []struct {
		scope  string
		caps   Caps
		ask    func(b *bench, i int) SendRequest
		max    int
		window time.Duration
		escape func(q *SendRequest) // who is not meant
	}{
		{
			ScopeNumber, Caps{ResendAfter: time.Millisecond}, func(b *bench, _ int) SendRequest {
				q := b.request(1)
				q.Address = "203.0.113.1" // strangers are told nothing, see TestAStrangerLearnsNothingAboutANumber
				return q
			}, 5, 24 * time.Hour, func(q *SendRequest) { q.Number, _ = Normalize(mobile(2), "") },
		},
		{
			ScopeAddress, Caps{}, func(b *bench, i int) SendRequest {
				q := b.request(i)
				q.Address = fmt.Sprintf("2001:db8:1:2::%x", i) // one household
				return q
			}, 20, time.Hour, func(q *SendRequest) { q.Address = "[2001:db8:1:3::1]:443" },
		},
		{
			ScopeNoScript, Caps{NoScriptHour: 3}, func(b *bench, i int) SendRequest {
				q := b.request(i)
				q.Address = fmt.Sprintf("192.0.2.1:%d", 1000+i)
				return q
			}, 3, time.Hour, func(q *SendRequest) { q.Address = "192.0.2.2" },
		},
		{
			ScopeComponent,
			Caps{ComponentHour: 7},
			func(b *bench, i int) SendRequest { return b.request(i) }, 7, time.Hour,
			func(q *SendRequest) { q.Component = "component_b" },
		},
		{
			ScopeOperator, Caps{OperatorDay: 9}, func(b *bench, i int) SendRequest {
				q := b.request(i)
				q.Component = fmt.Sprint("component_", i)
				return q
			}, 9, 24 * time.Hour, func(q *SendRequest) { q.Operator = "op_b" },
		},
	} {
		t.Run(c.scope, func(t *testing.T) {
			each(t, func(b *bench) {
				b.Caps = c.caps
				if b.Caps.NoScriptHour == 0 {
					b.Caps.NoScriptHour = 1 << 20
				}
				for i := range c.max {
					if _, err := b.SendCode(t.Context(), c.ask(b, i)); err != nil {
						b.t.Fatalf("send %d: %v", i, err)
					}
					b.clock.Advance(time.Second)
				}
				spent := time.Duration(c.max) * time.Second
				_, err := b.SendCode(t.Context(), c.ask(b, c.max))
				wantCapped(b.t, err, c.scope, c.window-spent)
				free := c.ask(b, c.max)
				c.escape(&free)
				if _, err := b.SendCode(t.Context(), free); err != nil {
					b.t.Errorf("someone else is refused: %v", err)
				}
				if len(b.out.texts) != c.max+1 {
					b.t.Errorf("%d messages left", len(b.out.texts))
				}
				b.clock.Advance(c.window - spent)
				if _, err := b.SendCode(t.Context(), c.ask(b, c.max)); err != nil {
					b.t.Errorf("after the window: %v", err)
				}
			})
		})
	}
}

func TestDefaultCaps(t *testing.T) {
	got := Caps{}.filled()
	want := Caps{
		CodeLife: 5 * time.Minute, Tries: 5, ResendAfter: time.Minute, NumberDay: 5, AddressHour: 20, NoScriptHour: 3, LightHour: 10,
		ComponentHour: 500, OperatorDay: 5000, BreakerMinimum: 50, BreakerPercent: 40, BreakerWindow: 15 * time.Minute,
		BreakerPatience: time.Minute, SendTimeout: 10 * time.Second, Keep: 24 * time.Hour,
	}
	if got != want {
		t.Errorf("got %+v", got)
	}
	if got := (Caps{Tries: 3}).filled(); got.Tries != 3 || got.NumberDay != 5 {
		t.Errorf("one set: %+v", got)
	}
}

func TestTheBreakerStopsSendingToStrangers(t *testing.T) {
	each(t, func(b *bench) {
		// 20 of 50 used: 40 % is enough.
		for i := range 50 {
			id, code := b.send(i)
			if i < 20 {
				b.expect(nil, b.claim(i, id, code))
			}
		}
		b.clock.Advance(time.Minute) // patience is over
		b.send(50)
		b.clock.Advance(time.Minute) // 20 of 51
		_, err := b.SendCode(t.Context(), b.request(51))
		wantCapped(b.t, err, ScopeBreaker, 13*time.Minute)
		elsewhere := b.request(51)
		elsewhere.Operator = "op_b"
		if _, err := b.SendCode(t.Context(), elsewhere); err != nil {
			b.t.Errorf("another operator is paused too: %v", err)
		}
		b.clock.Advance(13 * time.Minute)
		b.send(51)
	})
}

func TestFewCodesDoNotTripTheBreaker(t *testing.T) {
	each(t, func(b *bench) {
		for i := range 49 {
			b.send(i)
		}
		b.clock.Advance(time.Minute)
		b.send(49)
	})
}

func TestSweep(t *testing.T) {
	each(t, func(b *bench) {
		b.send(1)
		b.clock.Advance(24 * time.Hour)
		id, code := b.send(2)
		if gone, err := b.Sweep(t.Context()); err != nil || gone == 0 {
			b.t.Errorf("%d, %v", gone, err)
		}
		b.expect(nil, b.claim(2, id, code))
		b.clock.Advance(48 * time.Hour)
		if _, err := b.Sweep(t.Context()); err != nil {
			b.t.Fatal(err)
		}
		for _, table := range []string{"phone_code", "phone_cap"} {
			if err := b.DB.Read(t.Context(), func(tx *db.Tx) error {
				left, err := db.One(t.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from "+table)
				if left != 0 {
					b.t.Errorf("%d rows left in %s", left, table)
				}
				return err
			}); err != nil {
				b.t.Fatal(err)
			}
		}
	})
}

// Two requests that both looked before either counted: the counting itself must
// refuse one.
func TestCountingRefusesWhatLookingLetThrough(t *testing.T) {
	each(t, func(b *bench) {
		q := b.request(1)
		limits := b.limits(q, b.index(q.Operator, q.Number))
		looked, second := make(chan struct{}), make(chan error, 1)
		first := b.DB.Write(t.Context(), func(tx *db.Tx) error {
			if err := full(t.Context(), tx, q.Operator, limits); err != nil {
				return err
			}
			go func() {
				second <- b.DB.Write(t.Context(), func(tx *db.Tx) error {
					err := full(t.Context(), tx, q.Operator, limits)
					close(looked)
					if err != nil {
						return err
					}
					return count(t.Context(), tx, q.Operator, limits)
				})
			}()
			if b.DB.Engine() == "postgres" { // SQLite's second writer cannot even look
				<-looked
			}
			return count(t.Context(), tx, q.Operator, limits)
		})
		refused := 0
		for _, err := range []error{first, <-second} { // either may count first
			var soon *ResendTooSoon
			switch {
			case errors.As(err, &soon):
				refused++
			case err != nil:
				b.t.Error(err)
			}
		}
		if refused != 1 {
			b.t.Errorf("%d of 2 refused", refused)
		}
	})
}
