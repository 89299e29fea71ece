package webhook_test

import (
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"clew/access"
	"clew/db"
	"clew/db/dbtest"
	"clew/outbox"
	"clew/seal"
	"clew/webhook"
)

// stage is a room on a store, an owner, and receivers it may talk to.
type stage struct {
	*testing.T
	d     *db.DB
	clock *dbtest.Clock
	out   *outbox.Room
	r     *webhook.Room
	owner access.Caller
}

func newStage(t *testing.T, d *db.DB, clock *dbtest.Clock) *stage {
	ring := seal.TestRing(t)
	s := &stage{
		T: t, d: d, clock: clock, out: outbox.New(d, nil),
		owner: access.Caller{Kind: access.KindStaff, ID: "staff_1", Operator: "op_a", Role: access.RoleOwner},
	}
	s.r = webhook.New(d, ring, &access.Room{DB: d, Ring: ring}, s.out, nil)
	s.r.Roots = x509.NewCertPool()
	s.r.Timeout = 20 * time.Second
	s.r.Register()
	return s
}

// request is what a receiver saw.
type request struct {
	header http.Header
	body   []byte
}

func (q request) id() string { return q.header.Get(webhook.HeaderID) }

// receiver is a TLS server on loopback that the room is allowed to talk to.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []request
}

func (v *receiver) requests() []request {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.got)
}

func (s *stage) receiver(h http.HandlerFunc) *receiver {
	v := &receiver{}
	v.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		v.mu.Lock()
		v.got = append(v.got, request{q.Header.Clone(), body})
		v.mu.Unlock()
		h(w, q)
	}))
	v.Config.ErrorLog = quiet
	v.StartTLS()
	s.Cleanup(v.Close)
	s.r.Roots.AddCert(v.Certificate())
	s.r.AllowHosts = append(s.r.AllowHosts, v.addr())
	return v
}

func (v *receiver) addr() netip.AddrPort { return netip.MustParseAddrPort(v.Listener.Addr().String()) }

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func (s *stage) create(d webhook.Draft) (webhook.Endpoint, string) {
	s.Helper()
	if d.Events == nil {
		d.Events = []string{"lead.created"}
	}
	e, secret, err := s.r.Create(s.Context(), s.owner, d)
	if err != nil {
		s.Fatal(err)
	}
	return e, secret
}

// event puts lead.created for a lead and hands it on as far as it goes now.
func (s *stage) event(lead string) {
	s.Helper()
	s.put("lead.created", lead)
	s.drain()
}

func (s *stage) put(kind, lead string) {
	s.Helper()
	if err := s.d.Write(s.Context(), func(tx *db.Tx) error {
		return s.out.Put(s.Context(), tx, []outbox.Message{{
			Operator: "op_a", Kind: kind, Subject: lead, Body: json.RawMessage(`{"lead":"` + lead + `","test":false}`),
		}})
	}); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) drain() {
	s.Helper()
	if err := s.out.Drain(s.Context()); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) later(d time.Duration) {
	s.Helper()
	s.clock.Advance(d)
	s.drain()
}

func (s *stage) deliveries(f webhook.Filter) []webhook.Delivery {
	s.Helper()
	ds, _, err := s.r.Deliveries(s.Context(), s.owner, f, "", 200)
	if err != nil {
		s.Fatal(err)
	}
	return ds
}

func (s *stage) only() webhook.Delivery {
	s.Helper()
	ds := s.deliveries(webhook.Filter{})
	if len(ds) != 1 {
		s.Fatalf("%d deliveries", len(ds))
	}
	return ds[0]
}

// attempts of a delivery, oldest first.
func (s *stage) attempts(id string) []webhook.Attempt {
	s.Helper()
	as, _, err := s.r.Attempts(s.Context(), s.owner, id, "", 200)
	if err != nil {
		s.Fatal(err)
	}
	slices.Reverse(as)
	return as
}

func (s *stage) endpoint(id string) webhook.Endpoint {
	s.Helper()
	e, err := s.r.Get(s.Context(), s.owner, id)
	if err != nil {
		s.Fatal(err)
	}
	return e
}

func verifier(t testing.TB, secret string) *standardwebhooks.Webhook {
	t.Helper()
	w, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The public library checks the timestamp against the machine's clock, so this
// test runs on that clock.
