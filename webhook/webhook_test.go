package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
	"clew/outbox"
	"clew/webhook"
)

func TestAnEventIsSignedAsThePublicLibraryExpects(t *testing.T) {
	dbtest.URLs(t, func(t *testing.T, url string) {
		d, err := db.Open(t.Context(), db.Config{URL: url, MaxConns: 8})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = d.Close() }()
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		s := newStage(t, d, nil)
		v := s.receiver(status(http.StatusNoContent))
		e, secret := s.create(webhook.Draft{URL: v.URL + "/hook?x=1", Mode: webhook.Thin})
		s.event("lead_1")
		if got := v.requests(); len(got) != 1 {
			t.Fatalf("%d requests", len(got))
		}
		q := v.requests()[0]
		if err := verifier(t, secret).Verify(q.body, q.header); err != nil {
			t.Error(err)
		}
		if err := verifier(t, secret).Verify(append(q.body, ' '), q.header); err == nil {
			t.Error("a changed body verified")
		}
		if err := webhook.Verify(q.header, q.body, time.Now(), secret); err != nil {
			t.Error(err)
		}
		var b struct {
			Type, Timestamp string
			Data            map[string]any
		}
		if err := json.Unmarshal(q.body, &b); err != nil {
			t.Fatal(err)
		}
		if b.Type != "lead.created" || len(b.Data) != 3 || b.Data["lead"] != "lead_1" || b.Data["test"] != false ||
			b.Data["fetch"] != "/v1/leads/lead_1" || q.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s", q.body)
		}
		if at, err := time.Parse(time.RFC3339, b.Timestamp); err != nil || time.Since(at).Abs() > time.Minute {
			t.Errorf("timestamp %s", b.Timestamp)
		}
		dl := s.only()
		as := s.attempts(dl.ID)
		if dl.State != webhook.Delivered || dl.Endpoint != e.ID || q.id() != dl.Message || len(as) != 1 ||
			as[0].Status != 204 || as[0].Error != "" || as[0].Try != 1 {
			t.Errorf("%+v %+v", dl, as)
		}
	})
}

func TestEachEndpointThatAskedGetsAnEventOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		asked, too, other, off, stranger := s.receiver(status(200)), s.receiver(status(202)), s.receiver(status(200)), s.receiver(status(200)), s.receiver(status(200))
		s.create(webhook.Draft{URL: asked.URL})
		s.create(webhook.Draft{URL: too.URL, Events: []string{"lead.erased", "lead.created"}})
		s.create(webhook.Draft{URL: other.URL, Events: []string{"capability.suspended"}})
		e, _ := s.create(webhook.Draft{URL: off.URL})
		if _, err := s.r.Disable(t.Context(), s.owner, e.ID); err != nil {
			t.Fatal(err)
		}
		another := s.owner
		another.Operator = "op_b"
		if _, _, err := s.r.Create(t.Context(), another, webhook.Draft{URL: stranger.URL, Events: []string{"lead.created"}}); err != nil {
			t.Fatal(err)
		}
		m := outbox.Message{Operator: "op_a", ID: "msg_1", Kind: "lead.created", Subject: "lead_1", Body: json.RawMessage(`{"lead":"lead_1"}`)}
		for range 3 { // as when the process dies before it can say that it is done
			if err := s.r.Dispatch(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		s.drain()
		s.drain()
		for name, n := range map[*receiver]int{asked: 1, too: 1, other: 0, off: 0, stranger: 0} {
			got := name.requests()
			if len(got) != n || n == 1 && got[0].id() != "msg_1" {
				t.Errorf("%d requests, want %d", len(got), n)
			}
		}
		if err := s.r.Dispatch(t.Context(), outbox.Message{Operator: "op_a", ID: "msg_2", Kind: "lead.sold"}); err == nil {
			t.Error("an unknown event was dispatched")
		}
	})
}

func TestRotationSignsWithBothSecretsForADay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		v := s.receiver(status(200))
		e, first := s.create(webhook.Draft{URL: v.URL})
		rotate := func(overlap time.Duration) string {
			secret, err := s.r.RotateSecret(t.Context(), s.owner, e.ID, overlap)
			if err != nil {
				t.Fatal(err)
			}
			return secret
		}
		check := func(when, lead string, fine ...string) {
			t.Helper()
			s.event(lead)
			all := v.requests()
			q := all[len(all)-1]
			if n := len(strings.Fields(q.header.Get(webhook.HeaderSignature))); n != len(fine) {
				t.Errorf("%s: %d signatures", when, n)
			}
			for _, secret := range []string{first} {
				err := verifier(t, secret).VerifyIgnoringTimestamp(q.body, q.header)
				if (err == nil) != slices.Contains(fine, secret) {
					t.Errorf("%s: first secret: %v", when, err)
				}
			}
			for _, secret := range fine {
				if err := verifier(t, secret).VerifyIgnoringTimestamp(q.body, q.header); err != nil {
					t.Errorf("%s: %v", when, err)
				}
			}
		}
		check("before", "lead_1", first)
		second := rotate(0)
		check("during", "lead_2", second, first)
		clock.Advance(24*time.Hour - time.Second)
		check("just before the end", "lead_3", second, first)
		clock.Advance(time.Second)
		check("after", "lead_4", second)
		third := rotate(-1)
		check("after a leak", "lead_5", third)
		if first == second || second == third {
			t.Error("a secret did not change")
		}
	})
}

func TestEveryWayAReceiverFails(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		number := fmt.Sprintf("138%08d", 4242)
		ended := make(chan struct{}) // closed when the test ends: handlers that hang let go
		var trapped bool
		cases := map[string]struct {
			handler http.HandlerFunc
			timeout time.Duration // of the room; zero: long
			status  int
			class   string
			answer  string
		}{
			"redirect": {handler: func(w http.ResponseWriter, q *http.Request) {
				if q.URL.Path == "/trap" {
					trapped = true
					return
				}
				http.Redirect(w, q, "/trap", http.StatusTemporaryRedirect)
			}, status: 307, class: webhook.FailedRedirect},
			"hang": {handler: func(_ http.ResponseWriter, q *http.Request) {
				select {
				case <-ended:
				case <-q.Context().Done():
				}
			}, timeout: 300 * time.Millisecond, class: webhook.FailedTimeout},
			"drip": {handler: func(w http.ResponseWriter, q *http.Request) {
				tick := time.NewTicker(20 * time.Millisecond)
				defer tick.Stop()
				for q.Context().Err() == nil { // the status is said, the body never ends
					_, _ = io.WriteString(w, "x")
					_ = http.NewResponseController(w).Flush()
					select {
					case <-tick.C:
					case <-ended:
						return
					}
				}
			}, timeout: 300 * time.Millisecond, status: 200, answer: "xx"},
			"flood": {handler: func(w http.ResponseWriter, _ *http.Request) {
				chunk := strings.Repeat("y", 1<<20)
				for range 10 {
					if _, err := io.WriteString(w, chunk); err != nil {
						return // cut, as it should be
					}
				}
			}, status: 200, answer: strings.Repeat("y", 200)},
			"large header": {handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X", strings.Repeat("z", 1<<20))
				w.WriteHeader(200)
			}, class: webhook.FailedRequest},
			"error with a number": {handler: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(422)
				_, _ = io.WriteString(w, "no lead\x00 for "+number[:3]+"-"+number[3:]+"\n"+strings.Repeat(" ", 100)+strings.Repeat(number, 100))
			}, status: 422, class: webhook.FailedStatus, answer: "no lead  for #"},
			"informational first": {handler: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(204)
			}, status: 204},
			"hang up": {handler: func(w http.ResponseWriter, _ *http.Request) {
				panic(http.ErrAbortHandler)
			}, class: webhook.FailedRequest},
		}
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				s := newStage(t, d, clock)
				s.owner.Operator = "op_" + strings.ReplaceAll(name, " ", "_")
				if c.timeout > 0 {
					s.r.Timeout = c.timeout
				}
				v := s.receiver(c.handler)
				e, _, err := s.r.Create(t.Context(), s.owner, webhook.Draft{URL: v.URL, Events: []string{"lead.created"}})
				if err != nil {
					t.Fatal(err)
				}
				if err := s.r.Dispatch(t.Context(), outbox.Message{Operator: s.owner.Operator, ID: "msg_1", Kind: "lead.created"}); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				s.drain()
				if took := time.Since(began); c.timeout > 0 && took > 15*time.Second {
					t.Errorf("took %v with a timeout of %v", took, c.timeout)
				}
				dl := s.only()
				a := s.attempts(dl.ID)[0]
				want := webhook.Waiting
				if c.class == "" {
					want = webhook.Delivered
				}
				if a.Status != c.status || a.Error != c.class || dl.State != want || dl.Error != c.class || !strings.HasPrefix(a.Answer, c.answer) {
					t.Errorf("%+v %+v", dl, a)
				}
				if len(a.Answer) > 200 || strings.Contains(a.Answer, number) || strings.Contains(a.Answer, number[3:]) {
					t.Errorf("kept %q", a.Answer)
				}
				if e = s.endpoint(e.ID); (e.Failures > 0) != (c.class != "") {
					t.Errorf("endpoint %+v", e)
				}
			})
		}
		close(ended)
		if trapped {
			t.Error("a redirect was followed")
		}
	})
}

func TestBrokenTransports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		listen := func(serve func(net.Conn)) string {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go serve(c)
				}
			}()
			s.r.AllowHosts = append(s.r.AllowHosts, netip.MustParseAddrPort(l.Addr().String()))
			return l.Addr().String()
		}
		garbage := listen(func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1024))
			_, _ = io.WriteString(c, "220 mail ready\r\n")
			_ = c.Close()
		})
		closed, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s.r.AllowHosts = append(s.r.AllowHosts, netip.MustParseAddrPort(closed.Addr().String()))
		_ = closed.Close()
		untrusted := httptest.NewUnstartedServer(status(200))
		untrusted.Config.ErrorLog = quiet
		untrusted.StartTLS()
		defer untrusted.Close()
		s.r.AllowHosts = append(s.r.AllowHosts, netip.MustParseAddrPort(untrusted.Listener.Addr().String()))

		for url, class := range map[string]string{
			"http://" + garbage:                 webhook.FailedRequest,
			"https://" + garbage:                webhook.FailedTLS,
			"https://" + closed.Addr().String(): webhook.FailedConnect,
			untrusted.URL:                       webhook.FailedTLS,
			"https://nobody.customer.com/":      webhook.FailedResolve,
			"https://inside.customer.com/":      webhook.FailedAddress,
		} {
			s.r.Resolve = func(_ context.Context, host string) ([]netip.Addr, error) {
				if host == "inside.customer.com" {
					return []netip.Addr{netip.MustParseAddr("192.168.1.1")}, nil
				}
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			e, _ := s.create(webhook.Draft{URL: url})
			hops, err := s.r.Test(t.Context(), s.owner, e.ID)
			if err != nil {
				t.Fatal(err)
			}
			if last := hops[len(hops)-1]; last.OK || last.Detail != class {
				t.Errorf("%s: %+v, want %s", url, hops, class)
			}
			if err := s.r.Delete(t.Context(), s.owner, e.ID); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestRetriesKeepTheIDAndEndInADeadLetterThatCanBeReplayed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		code := 500
		v := s.receiver(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
		s.create(webhook.Draft{URL: v.URL})
		began := clock.Now()
		s.event("lead_1")
		wait := []time.Duration{}
		for range 20 {
			dl := s.only()
			if dl.State != webhook.Waiting {
				break
			}
			wait = append(wait, dl.Next.Sub(clock.Now()))
			s.later(dl.Next.Sub(clock.Now()) - time.Millisecond)
			if len(v.requests()) != len(wait) {
				t.Fatal("tried before its time")
			}
			s.later(time.Millisecond)
		}
		plan := []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 17 * time.Hour}
		if len(wait) != len(plan) {
			t.Fatalf("waited %v", wait)
		}
		for i := range plan {
			if (wait[i] - plan[i]).Abs() > plan[i]/10+time.Millisecond {
				t.Errorf("wait %d was %v, planned %v", i, wait[i], plan[i])
			}
		}
		if took := clock.Now().Sub(began); took < 31*time.Hour || took > 39*time.Hour {
			t.Errorf("given up after %v", took)
		}
		dl := s.only()
		if dl.State != webhook.Dead || dl.Error != webhook.FailedStatus || dl.Tries != 8 || dl.Done.IsZero() {
			t.Errorf("%+v", dl)
		}
		s.later(100 * time.Hour)
		if len(v.requests()) != 8 {
			t.Errorf("%d requests", len(v.requests()))
		}
		code = 200
		if err := s.r.Replay(t.Context(), s.owner, dl.ID); err != nil {
			t.Fatal(err)
		}
		s.drain()
		got := v.requests()
		if len(got) != 9 || s.only().State != webhook.Delivered || s.only().Error != "" {
			t.Fatalf("%d requests, %+v", len(got), s.only())
		}
		for _, q := range got {
			if q.id() != dl.Message || string(q.body) != string(got[0].body) {
				t.Error("a retry has another id or body")
			}
		}
		as := s.attempts(dl.ID)
		if len(as) != 9 || as[8].Try != 9 || as[8].Status != 200 || as[7].Status != 500 {
			t.Errorf("attempts %+v", as)
		}
	})
}

func TestAFailureThenASuccess(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		codes := []int{500, 200}
		v := s.receiver(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(codes[0])
			codes = codes[1:]
		})
		e, _ := s.create(webhook.Draft{URL: v.URL})
		s.event("lead_1")
		if e = s.endpoint(e.ID); e.Failures != 1 || !e.FailingSince.Equal(clock.Now()) {
			t.Errorf("%+v", e)
		}
		s.later(6 * time.Second)
		if dl := s.only(); dl.State != webhook.Delivered || dl.Tries != 2 {
			t.Errorf("%+v", dl)
		}
		if e = s.endpoint(e.ID); e.Failures != 0 || !e.FailingSince.IsZero() || !e.LastSuccess.Equal(clock.Now()) {
			t.Errorf("%+v", e)
		}
	})
}

func TestAReplayTakesOverFromTheRetriesUnderWay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		v := s.receiver(status(500))
		s.create(webhook.Draft{URL: v.URL})
		s.event("lead_1")
		if err := s.r.Replay(t.Context(), s.owner, s.only().ID); err != nil {
			t.Fatal(err)
		}
		s.drain()
		s.later(time.Minute)
		if n := len(v.requests()); n != 3 {
			t.Errorf("%d requests after the second retry of one delivery", n)
		}
		for range 60 {
			s.later(time.Hour)
		}
		// One try of the first run, eight of the second; the first run is over.
		if n := len(v.requests()); n != 9 {
			t.Errorf("%d requests", n)
		}
	})
}

func TestGoneDisablesAndFailingForFiveDaysToo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		gone := s.receiver(status(http.StatusGone))
		e, _ := s.create(webhook.Draft{URL: gone.URL})
		s.event("lead_1")
		if e = s.endpoint(e.ID); e.Enabled || e.DisabledReason != webhook.Gone || !e.DisabledAt.Equal(clock.Now()) {
			t.Errorf("%+v", e)
		}
		if dl := s.only(); dl.State != webhook.Dead || dl.Error != webhook.FailedGone {
			t.Errorf("%+v", dl)
		}
		if err := s.r.Replay(t.Context(), s.owner, s.only().ID); err != webhook.ErrDisabled {
			t.Errorf("replay to a disabled endpoint: %v", err)
		}
		s.event("lead_2")
		if len(gone.requests()) != 1 {
			t.Error("a disabled endpoint got an event")
		}
		if err := s.r.Delete(t.Context(), s.owner, e.ID); err != nil {
			t.Fatal(err)
		}

		failing := s.receiver(status(503))
		e, _ = s.create(webhook.Draft{URL: failing.URL})
		began := clock.Now()
		for day := 0; s.endpoint(e.ID).Enabled; day++ {
			if day > 30 {
				t.Fatal("never disabled")
			}
			s.event(fmt.Sprintf("lead_day_%d", day))
			s.later(6 * time.Hour)
		}
		e = s.endpoint(e.ID)
		if after := e.DisabledAt.Sub(began); e.DisabledReason != webhook.Failing || after < 5*24*time.Hour || after > 6*24*time.Hour {
			t.Errorf("disabled after %v: %+v", after, e)
		}
		n := len(failing.requests())
		s.later(48 * time.Hour)
		if len(failing.requests()) != n {
			t.Error("a disabled endpoint was tried")
		}
		dead := s.deliveries(webhook.Filter{Endpoint: e.ID, State: webhook.Dead})
		if len(dead) != len(s.deliveries(webhook.Filter{Endpoint: e.ID})) {
			t.Error("deliveries still wait at a disabled endpoint")
		}
		if e, err := s.r.Enable(t.Context(), s.owner, e.ID); err != nil || !e.Enabled || e.DisabledReason != "" || e.Failures != 0 {
			t.Errorf("%+v, %v", e, err)
		}
		replayed, _, more, err := s.r.ReplayRange(t.Context(), s.owner, e.ID, began, clock.Now().Add(1), false)
		if err != nil || more || replayed != len(dead) {
			t.Errorf("replayed %d of %d, %v", replayed, len(dead), err)
		}
		if waiting := s.deliveries(webhook.Filter{State: webhook.Waiting}); len(waiting) != len(dead) {
			t.Errorf("%d wait", len(waiting))
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		after := "3600"
		v := s.receiver(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		s.create(webhook.Draft{URL: v.URL})
		s.event("lead_1")
		if in := s.only().Next.Sub(clock.Now()); in != time.Hour {
			t.Errorf("next in %v", in)
		}
		after = "99999999"
		s.later(time.Hour)
		if in := s.only().Next.Sub(clock.Now()); in != 24*time.Hour {
			t.Errorf("next in %v", in)
		}
		after = "1" // sooner than planned: the plan holds
		s.later(24 * time.Hour)
		if in := s.only().Next.Sub(clock.Now()); in < 27*time.Minute {
			t.Errorf("next in %v", in)
		}
	})
}
