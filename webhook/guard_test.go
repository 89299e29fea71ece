package webhook_test

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clew/access"
	"clew/db"
	"clew/db/dbtest"
	"clew/outbox"
	"clew/webhook"
)

var quiet = log.New(io.Discard, "", 0)

func TestANameIsResolvedOnceAndConnectedWhereItWasJudged(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		v := s.receiver(status(200)) // its certificate is for example.com too
		inside := httptest.NewServer(status(200))
		defer inside.Close()
		var asked atomic.Int32
		first := netip.MustParseAddr("127.0.0.1")
		s.r.Resolve = func(_ context.Context, host string) ([]netip.Addr, error) {
			if host != "example.com" {
				t.Errorf("asked for %q", host)
			}
			if asked.Add(1) > 1 { // a rebinding name server would now say this
				return []netip.Addr{netip.MustParseAddr("10.0.0.1")}, nil
			}
			return []netip.Addr{first}, nil
		}
		s.create(webhook.Draft{URL: "https://example.com:" + strconv.Itoa(int(v.addr().Port())) + "/"})
		s.event("lead_1")
		if asked.Load() != 1 || len(v.requests()) != 1 || s.only().State != webhook.Delivered {
			t.Errorf("asked %d times, %d requests, %+v", asked.Load(), len(v.requests()), s.only())
		}
	})
}

func TestANameThatLeadsInsideIsNotFollowed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		touched := make(chan struct{}, 10)
		inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { touched <- struct{}{} }))
		inside.Config.ErrorLog = quiet
		defer inside.Close()
		s.r.Roots.AddCert(inside.Certificate())
		port := inside.Listener.Addr().(interface{ AddrPort() netip.AddrPort }).AddrPort().Port()
		for i, addrs := range [][]string{{"127.0.0.1"}, {"::ffff:127.0.0.1"}, {"8.8.8.8", "127.0.0.1"}, {"::1"}, {"169.254.169.254"}} {
			s.r.Resolve = func(context.Context, string) (out []netip.Addr, err error) {
				for _, a := range addrs {
					out = append(out, netip.MustParseAddr(a))
				}
				return out, nil
			}
			e, _ := s.create(webhook.Draft{URL: fmt.Sprintf("https://example.com:%d/", port)})
			s.event(fmt.Sprintf("lead_%d", i))
			ds := s.deliveries(webhook.Filter{Endpoint: e.ID})
			if a := s.attempts(ds[0].ID)[0]; a.Error != webhook.FailedAddress || a.Status != 0 {
				t.Errorf("%v: %+v", addrs, a)
			}
			if err := s.r.Delete(t.Context(), s.owner, e.ID); err != nil {
				t.Fatal(err)
			}
		}
		if len(touched) != 0 {
			t.Error("something inside was talked to")
		}
	})
}

// Answers come in the wrong order and speak of each other: each try is judged by
// the status on its own connection and by nothing that was said.
func TestForgedAndReorderedAnswers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		firstIn, secondIn, firstMay := make(chan struct{}), make(chan struct{}), make(chan struct{})
		arrived := sync.OnceFunc(func() { close(firstIn) })
		v := s.receiver(nil)
		v.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			raw, _ := io.ReadAll(q.Body)
			w.Header().Set(webhook.HeaderID, "msg_someone_elses")
			if strings.Contains(string(raw), "lead_first") {
				arrived()
				<-firstMay
				w.WriteHeader(500)
				_, _ = io.WriteString(w, `{"webhook-id":"lead_second","status":"delivered"}`)
				return
			}
			close(secondIn)
			w.WriteHeader(200)
			_, _ = io.WriteString(w, `{"webhook-id":"lead_first","status":"failed"}`)
		})
		s.create(webhook.Draft{URL: v.URL})
		s.put("lead.created", "lead_first")
		s.put("lead.created", "lead_second")
		done := make(chan error)
		go func() { done <- s.out.Drain(t.Context()) }()
		<-firstIn
		<-secondIn
		// The second must be settled while the first is still unanswered.
		for s.state("lead_second") != webhook.Delivered {
			if t.Context().Err() != nil {
				t.FailNow()
			}
		}
		if got := s.state("lead_first"); got != webhook.Waiting {
			t.Errorf("the first is %s before it was answered", got)
		}
		close(firstMay)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if first, second := s.state("lead_first"), s.state("lead_second"); first != webhook.Waiting || second != webhook.Delivered {
			t.Errorf("first %s, second %s", first, second)
		}
	})
}

func (s *stage) state(subject string) webhook.State {
	for _, d := range s.deliveries(webhook.Filter{}) {
		if d.Subject == subject {
			return d.State
		}
	}
	return ""
}

// The process dies after the receiver has the event and before the store knows.
func TestADeathBetweenClaimAndCompletionDeliversAgainWithTheSameID(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		var inbox *webhook.Inbox
		died := make(chan struct{})
		kill := make(chan struct{})
		killOnce := sync.OnceFunc(func() { close(kill); <-died })
		v := s.receiver(func(http.ResponseWriter, *http.Request) {})
		v.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			inbox.ServeHTTP(w, q)
			killOnce() // the answer leaves after the death
		})
		_, secret := s.create(webhook.Draft{URL: v.URL})
		inbox, _ = webhook.NewInbox(clock.Now, secret)

		one, poll := outbox.New(d, nil), make(chan time.Time)
		one.Poll = poll
		one.Grace = time.Millisecond
		one.Handle("lead.created", s.r.Dispatch)
		one.Handle(webhook.KindDeliver, func(ctx context.Context, m outbox.Message) error {
			cut, cancel := context.WithCancel(ctx)
			go func() { <-kill; cancel() }()
			_ = s.r.Deliver(cut, m)
			close(died)
			<-ctx.Done() // the dead do not complete
			return ctx.Err()
		})
		s.put("lead.created", "lead_1")
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- one.Run(ctx) }()
		for dead := false; !dead; {
			select {
			case poll <- time.Time{}:
			case <-died:
				dead = true
			}
		}
		if got := inbox.Events(); len(got) != 1 || got[0].Times != 1 || s.state("lead_1") != webhook.Waiting {
			t.Fatalf("at the death: %+v, %s", got, s.state("lead_1"))
		}
		// The look process one may still be at can extend its lease once.
		for i := 0; s.state("lead_1") != webhook.Delivered && i < 4; i++ {
			s.later(one.Lease + time.Second)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := inbox.Events(); len(got) != 1 || got[0].Times != 2 || s.state("lead_1") != webhook.Delivered {
			t.Errorf("received %+v, %s", got, s.state("lead_1"))
		}
	})
}

func TestTheSealedModeSealsToTheOperatorAndForgetsTheErased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		private, err := ecdh.X25519().GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		public := base64.StdEncoding.EncodeToString(private.PublicKey().Bytes())
		number := fmt.Sprintf("138%08d", 77)
		var personal error
		draft := webhook.Draft{Events: []string{"lead.created", "lead.erased"}, Mode: webhook.Sealed, PublicKey: public}
		code := 500
		v := s.receiver(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
		draft.URL = v.URL
		var invalid *webhook.Invalid
		if _, _, err := s.r.Create(t.Context(), s.owner, draft); !errors.As(err, &invalid) || invalid.Problems[0].Code != "unavailable" {
			t.Errorf("sealed mode without a reader: %v", err)
		}
		s.r.Personal = func(_ context.Context, operator, lead string) (map[string]string, error) {
			if operator != "op_a" || lead != "lead_1" {
				t.Errorf("read %s of %s", lead, operator)
			}
			return map[string]string{"phone": number}, personal
		}
		_, secret := s.create(draft)
		s.event("lead_1")
		q := v.requests()[0]
		if err := verifier(t, secret).VerifyIgnoringTimestamp(q.body, q.header); err != nil {
			t.Error(err)
		}
		if strings.Contains(string(q.body), number) || strings.Contains(string(q.body), base64.StdEncoding.EncodeToString([]byte(number))) {
			t.Error("the number is in the clear")
		}
		fields, err := webhook.OpenSealed(private, q.id(), q.body)
		if err != nil || len(fields) != 1 || fields["phone"] != number {
			t.Errorf("opened %v, %v", fields, err)
		}
		if _, err := webhook.OpenSealed(private, "msg_other", q.body); err == nil {
			t.Error("opened under another event's id")
		}
		another, _ := ecdh.X25519().GenerateKey(rand.Reader)
		if _, err := webhook.OpenSealed(another, q.id(), q.body); err == nil {
			t.Error("opened with another key")
		}
		if strings.Contains(s.only().Body, "sealed") {
			t.Error("what was sealed is stored")
		}
		// The lead is read anew each time: a failure to read is a failed try…
		personal = errors.New("the key of " + number + " cannot be read")
		s.later(6 * time.Second)
		as := s.attempts(s.only().ID)
		if len(v.requests()) != 1 || len(as) != 2 || as[1].Error != webhook.FailedPersonal || as[1].Answer != "" {
			t.Errorf("%+v", as)
		}
		// … and an erased one is not sent.
		personal, code = webhook.ErrErased, 200
		s.later(6 * time.Minute)
		q = v.requests()[1]
		if !strings.Contains(string(q.body), `"erased":true`) || strings.Contains(string(q.body), "sealed") {
			t.Errorf("%s", q.body)
		}
		s.put("lead.erased", "lead_1") // has no personal data in any mode
		s.drain()
		if q := v.requests()[2]; strings.Contains(string(q.body), "sealed") || strings.Contains(string(q.body), "fetch") {
			t.Errorf("%s", q.body)
		}
	})
}

func TestATestEventReportsEachHop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		code := 204
		v := s.receiver(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
		e, secret := s.create(webhook.Draft{URL: v.URL})
		hops, err := s.r.Test(t.Context(), s.owner, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, h := range hops {
			names = append(names, h.Name)
			if !h.OK || h.Took < 0 {
				t.Errorf("%+v", h)
			}
		}
		q := v.requests()[0]
		if got := strings.Join(names, " "); got != "url resolve address connect tls signature request status" {
			t.Errorf("hops: %s", got)
		} else if hops[3].Detail != v.addr().String() || hops[7].Detail != "204" ||
			hops[5].Detail != "webhook-signature: "+q.header.Get(webhook.HeaderSignature) {
			t.Errorf("%+v", hops)
		}
		if err := verifier(t, secret).VerifyIgnoringTimestamp(q.body, q.header); err != nil || !strings.Contains(string(q.body), `"webhook.test"`) {
			t.Errorf("%s: %v", q.body, err)
		}
		code = 500
		hops, err = s.r.Test(t.Context(), s.owner, e.ID)
		if last := hops[len(hops)-1]; err != nil || last.Name != "status" || last.OK || last.Detail != "500" {
			t.Errorf("%+v, %v", hops, err)
		}
		ds := s.deliveries(webhook.Filter{Event: webhook.EventTest})
		if len(ds) != 2 || ds[0].State != webhook.Dead || ds[1].State != webhook.Delivered || len(s.attempts(ds[0].ID)) != 1 {
			t.Errorf("%+v", ds)
		}
		if e := s.endpoint(e.ID); e.Failures != 0 {
			t.Error("a test counts against the endpoint")
		}
		if _, err := s.r.Test(t.Context(), s.owner, "whe_unknown"); !errors.Is(err, webhook.ErrUnknown) {
			t.Errorf("unknown: %v", err)
		}
	})
}

func TestEndpointsBelongToTheirOperatorAndNeedTheRight(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		ctx := t.Context()
		draft := webhook.Draft{URL: "https://hooks.customer.com/a", Description: " CRM ", Events: []string{"lead.erased", "lead.created", "lead.created"}}
		e, secret := s.create(draft)
		if e.Description != "CRM" || fmt.Sprint(e.Events) != "[lead.created lead.erased]" || e.Mode != webhook.Thin || !e.Enabled || !strings.HasPrefix(secret, "whsec_") {
			t.Errorf("%+v", e)
		}
		agent := access.Caller{Kind: access.KindStaff, ID: "staff_2", Operator: "op_a", Role: access.RoleAgent}
		stranger := access.Caller{Kind: access.KindStaff, ID: "staff_3", Operator: "op_b", Role: access.RoleOwner}
		for name, do := range map[string]func(access.Caller) error{
			"create":  func(c access.Caller) error { _, _, err := s.r.Create(ctx, c, webhook.Draft{}); return err },
			"get":     func(c access.Caller) error { _, err := s.r.Get(ctx, c, e.ID); return err },
			"update":  func(c access.Caller) error { _, err := s.r.Update(ctx, c, e.ID, draft); return err },
			"disable": func(c access.Caller) error { _, err := s.r.Disable(ctx, c, e.ID); return err },
			"enable":  func(c access.Caller) error { _, err := s.r.Enable(ctx, c, e.ID); return err },
			"rotate":  func(c access.Caller) error { _, err := s.r.RotateSecret(ctx, c, e.ID, 0); return err },
			"test":    func(c access.Caller) error { _, err := s.r.Test(ctx, c, e.ID); return err },
			"delete":  func(c access.Caller) error { return s.r.Delete(ctx, c, e.ID) },
			"replay":  func(c access.Caller) error { return s.r.Replay(ctx, c, "whd_unknown") },
		} {
			var denied *access.Denied
			if err := do(agent); !errors.As(err, &denied) {
				t.Errorf("%s by an agent: %v", name, err)
			}
			if err := do(stranger); name != "create" && !errors.Is(err, webhook.ErrUnknown) {
				t.Errorf("%s by another operator: %v", name, err)
			}
		}
		draft.URL = "https://hooks.customer.com/b"
		clock.Advance(time.Minute)
		if e, err := s.r.Update(ctx, s.owner, e.ID, draft); err != nil || e.URL != draft.URL || !e.Updated.Equal(clock.Now()) {
			t.Errorf("%+v, %v", e, err)
		}
		number := fmt.Sprintf("138%08d", 5)
		var invalid *webhook.Invalid
		_, _, err := s.r.Create(ctx, s.owner, webhook.Draft{URL: "http://x", Description: number, Events: []string{"lead.sold"}, Mode: webhook.Sealed, PublicKey: base64.StdEncoding.EncodeToString(make([]byte, 32))})
		if !errors.As(err, &invalid) {
			t.Fatal(err)
		}
		var got []string
		for _, p := range invalid.Problems {
			got = append(got, p.Field+" "+p.Code)
		}
		if want := "url host, description digits, events unknown, public_key malformed, mode unavailable"; strings.Join(got, ", ") != want || strings.Contains(err.Error(), number) {
			t.Errorf("problems %v", got)
		}
		for range webhook.MaxEndpoints - 1 {
			s.create(draft)
		}
		if _, _, err := s.r.Create(ctx, s.owner, draft); !errors.Is(err, webhook.ErrTooMany) {
			t.Errorf("one too many: %v", err)
		}
		if all, err := s.r.List(ctx, s.owner); err != nil || len(all) != webhook.MaxEndpoints || all[0].ID != e.ID {
			t.Errorf("%d listed, %v", len(all), err)
		}
		if err := s.r.Delete(ctx, s.owner, e.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := s.r.Get(ctx, s.owner, e.ID); !errors.Is(err, webhook.ErrUnknown) {
			t.Errorf("deleted: %v", err)
		}
	})
}

func TestListsPageAndOldDeliveriesAreSwept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		v := s.receiver(status(200))
		e, _ := s.create(webhook.Draft{URL: v.URL})
		for i := range 5 {
			s.event(fmt.Sprintf("lead_%d", i))
			clock.Advance(time.Second)
		}
		var got []string
		cursor, pages := "", 0
		for {
			ds, next, err := s.r.Deliveries(t.Context(), s.owner, webhook.Filter{Endpoint: e.ID, State: webhook.Delivered, Event: "lead.created"}, cursor, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range ds {
				got = append(got, d.Subject)
			}
			pages++
			if cursor = next; cursor == "" {
				break
			}
		}
		if strings.Join(got, " ") != "lead_4 lead_3 lead_2 lead_1 lead_0" || pages != 3 {
			t.Errorf("%v in %d pages", got, pages)
		}
		// Delivered ones are replayed on request only.
		from := dbtest.Start.Add(time.Second)
		if n, _, _, err := s.r.ReplayRange(t.Context(), s.owner, e.ID, from, from.Add(2*time.Second), false); n != 0 || err != nil {
			t.Errorf("replayed %d, %v", n, err)
		}
		if n, _, _, err := s.r.ReplayRange(t.Context(), s.owner, e.ID, from, from.Add(2*time.Second), true); n != 2 || err != nil {
			t.Errorf("replayed %d, %v", n, err)
		}
		s.drain()
		if len(v.requests()) != 7 {
			t.Errorf("%d requests", len(v.requests()))
		}
		twice := s.deliveries(webhook.Filter{})[2]
		as, next, err := s.r.Attempts(t.Context(), s.owner, twice.ID, "", 1)
		if err != nil || len(as) != 1 || as[0].Try != 2 || next == "" {
			t.Fatalf("%+v %q %v", as, next, err)
		}
		if as, next, err = s.r.Attempts(t.Context(), s.owner, twice.ID, next, 1); err != nil || len(as) != 1 || as[0].Try != 1 || next != "" {
			t.Errorf("%+v %q %v", as, next, err)
		}
		clock.Advance(30*24*time.Hour - time.Minute)
		s.event("lead_young")
		clock.Advance(2 * time.Minute)
		if n, err := s.r.Sweep(t.Context()); n != 5 || err != nil {
			t.Errorf("swept %d, %v", n, err)
		}
		if left := s.only(); left.Subject != "lead_young" {
			t.Errorf("%+v", left)
		}
		if as := s.attempts(twice.ID); len(as) != 0 {
			t.Errorf("attempts of a swept delivery: %+v", as)
		}
	})
}

// While a failing endpoint is being waited for, its other deliveries step aside.
func TestAFailingEndpointIsTriedOneAtATime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		s := newStage(t, d, clock)
		var at, most atomic.Int32
		hang := false
		entered, leave := make(chan struct{}, 100), make(chan struct{})
		bad := s.receiver(func(w http.ResponseWriter, _ *http.Request) {
			if hang {
				if n := at.Add(1); n > most.Load() {
					most.Store(n)
				}
				entered <- struct{}{}
				<-leave
				at.Add(-1)
			}
			w.WriteHeader(500)
		})
		good := s.receiver(status(200))
		s.create(webhook.Draft{URL: bad.URL})
		for i := range 3 {
			s.event(fmt.Sprintf("lead_%d", i))
		}
		s.create(webhook.Draft{URL: good.URL})
		hang = true
		for i := range 20 {
			s.put("lead.created", fmt.Sprintf("lead_more_%d", i))
		}
		done := make(chan error)
		go func() { done <- s.out.Drain(t.Context()) }()
		<-entered
		for len(good.requests()) < 20 {
			if t.Context().Err() != nil {
				t.FailNow()
			}
		}
		close(leave)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if most.Load() != 1 {
			t.Errorf("%d at a time", most.Load())
		}
	})
}

func TestInbox(t *testing.T) {
	now := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	inbox, err := webhook.NewInbox(func() time.Time { return now }, secret)
	if err != nil {
		t.Fatal(err)
	}
	signer := verifier(t, secret)
	post := func(id string, at time.Time, body string, change func(http.Header)) int {
		sig, err := signer.Sign(id, at, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		q := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		q.Header.Set(webhook.HeaderID, id)
		q.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
		q.Header.Set(webhook.HeaderSignature, sig)
		if change != nil {
			change(q.Header)
		}
		w := httptest.NewRecorder()
		inbox.ServeHTTP(w, q)
		return w.Code
	}
	event := `{"type":"lead.created","data":{}}`
	for _, c := range []struct {
		name   string
		want   int
		at     time.Time
		body   string
		change func(http.Header)
	}{
		{"genuine", 204, now, event, nil},
		{"again", 204, now, event, nil},
		{"two signatures", 204, now, event, func(h http.Header) {
			h.Set(webhook.HeaderSignature, "v1,AAAA v1a,BBBB "+h.Get(webhook.HeaderSignature))
		}},
		{"forged", 401, now, event, func(h http.Header) { h.Set(webhook.HeaderSignature, "v1,AAAA") }},
		{"another id", 401, now, event, func(h http.Header) { h.Set(webhook.HeaderID, "msg_2") }},
		{"another time", 401, now, event, func(h http.Header) {
			h.Set(webhook.HeaderTimestamp, strconv.FormatInt(now.Unix()+1, 10))
		}},
		{"old", 401, now.Add(-6 * time.Minute), event, nil},
		{"from the future", 401, now.Add(6 * time.Minute), event, nil},
		{"no id", 400, now, event, func(h http.Header) { h.Del(webhook.HeaderID) }},
		{"no time", 400, now, event, func(h http.Header) { h.Set(webhook.HeaderTimestamp, "now") }},
		{"no signature", 400, now, event, func(h http.Header) { h.Del(webhook.HeaderSignature) }},
		{"no event", 400, now, "[]", nil},
		{"large", 413, now, strings.Repeat("x", 2<<20), nil},
	} {
		if got := post("msg_1", c.at, c.body, c.change); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if all := inbox.Events(); len(all) != 1 || all[0].ID != "msg_1" || all[0].Times != 3 || !all[0].Sent.Equal(now) || all[0].Type != "lead.created" {
		t.Errorf("%+v", all)
	}
	for i := range 250 {
		post(fmt.Sprintf("msg_more_%d", i), now, event, nil)
	}
	w := httptest.NewRecorder()
	inbox.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	var listed []webhook.Received
	if err := json.Unmarshal(w.Body.Bytes(), &listed); err != nil || len(listed) != 200 || listed[0].ID != "msg_more_249" {
		t.Errorf("%d listed, %v", len(listed), err)
	}
	if _, err := webhook.NewInbox(nil, "secret"); !errors.Is(err, webhook.ErrSecret) {
		t.Errorf("a malformed secret: %v", err)
	}
}
