package console

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"clew/access"
	"clew/app"
	"clew/browsertest"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/db/dbtest"
	"clew/diagnosis"
	"clew/exchange"
	"clew/funnel"
	"clew/lead"
	"clew/norm"
	"clew/outbox"
	"clew/phone"
	"clew/policy"
	"clew/rights"
	"clew/seal"
	"clew/web"
	"clew/webhook"
	"clew/words"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// world is the console over real rooms on a real store.
type world struct {
	t         *testing.T
	c         *Console
	mux       *http.ServeMux
	url       string
	port      netip.AddrPort
	intake    *lead.Intake
	sms       *phone.LogDriver
	log       *journal
	operator  string
	app       string
	component string
	owner     access.Caller
	staff     map[access.Role]access.Staff
}

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// each runs fn on both engines.
func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		// Browsers and authenticator apps tell the time too.
		clock.Advance(time.Since(clock.Now()))
		fn(t, newWorld(t, d))
	})
}

// sqlite is a world for the browser, where the engine makes no difference. Its
// clock runs.
func sqlite(t *testing.T) *world {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{URL: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newWorld(t, d)
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	log := &journal{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	ring := seal.TestRing(t)
	who := &access.Room{DB: d, Ring: ring}
	box := outbox.New(d, logger)
	w := &world{t: t, mux: http.NewServeMux(), log: log, staff: map[access.Role]access.Staff{}}
	server := httptest.NewUnstartedServer(web.Logged(logger, web.NewMetrics(), w.mux))
	port := netip.MustParseAddrPort(server.Listener.Addr().String())
	w.port = port
	// WebAuthn wants a name, not an address.
	w.url = fmt.Sprintf("http://localhost:%d", port.Port())
	who.Passkeys = access.Config{RPID: "localhost", RPName: "Clew", Origins: []string{w.url}}
	counts := &funnel.Room{DB: d, Ring: ring, Access: who, Log: logger, Owners: component.Owners, Reasons: lead.Reasons()}
	leads := &lead.Room{DB: d, Ring: ring, Access: who, Outbox: box, Log: logger, Funnel: counts}
	w.sms = phone.NewLogDriver(io.Discard, d.Now)
	w.intake = &lead.Intake{DB: d, Ring: ring, Phone: &phone.Room{DB: d, Ring: ring, Sender: w.sms}, Outbox: box, Log: logger, Funnel: counts}
	w.intake.Start()
	hooks := webhook.New(d, ring, who, box, logger)
	hooks.AllowHosts = []netip.AddrPort{port}
	inbox, err := webhook.NewInbox(d.Now)
	w.must(err)
	x := &exchange.Room{DB: d, Ring: ring, Access: who, Outbox: box, Log: logger}
	capabilities := &capability.Room{DB: d, Access: who, Outbox: box}
	w.c = &Console{
		DB: d, Ring: ring, Access: who, Apps: &app.Room{DB: d, Access: who, Outbox: box, Open: capability.IsOpen},
		Capability: capabilities, Casework: &casework.Room{DB: d, Access: who, Capability: capabilities, Outbox: box, Ring: ring},
		Policies:   &policy.Room{DB: d, Access: who},
		Components: &component.Room{DB: d, Access: who}, Leads: leads,
		Rights:   &rights.Room{DB: d, Ring: ring, Access: who, Leads: leads, BaseURL: w.url, Storage: "中国大陆"},
		Exchange: x, Diagnosis: &diagnosis.Room{DB: d, Access: who, Exchange: x},
		Webhooks: hooks, Outbox: box, Funnel: counts, SMS: w.sms.Messages, Inbox: inbox, BaseURL: w.url, Dev: true, Log: logger,
	}
	w.c.Routes(w.mux)
	server.Start()
	t.Cleanup(func() { server.Close(); w.intake.Stop() })
	w.open()
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// open makes an operator with an app that may collect, a published component, and
// somebody for each role.
func (w *world) open() {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.c.DB.Write(ctx, func(tx *db.Tx) error {
		o, err := w.c.Apps.CreateOperator(ctx, tx, "清舟律师事务所")
		if err != nil {
			return err
		}
		a, _, err := w.c.Apps.Create(ctx, tx, o.ID, "清舟法律咨询", nil)
		if err != nil {
			return err
		}
		w.operator, w.app = o.ID, a.ID
		path := ""
		for _, k := range norm.At(tx.Now()).Categories {
			if k.L3 == "法律服务" {
				path = k.Path()
			}
		}
		for _, to := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
			if err := w.c.Apps.MoveCategory(ctx, tx, o.ID, a.ID, path, to); err != nil {
				return err
			}
		}
		for _, to := range []capability.State{capability.Applied, capability.Granted} {
			if err := w.c.Capability.Move(ctx, tx, access.System(o.ID, "test"), o.ID, a.ID, to, "", ""); err != nil {
				return err
			}
		}
		return nil
	}))
	names := map[access.Role]string{
		access.RoleOwner: "林安", access.RoleAgent: "周宁", access.RoleAnalyst: "许岚", access.RoleAdmin: "平台值班",
	}
	for _, role := range access.Roles() {
		operator, name := "", names[role]
		if role == access.RoleOwner || role == access.RoleAgent || role == access.RoleAnalyst {
			operator = w.operator
		}
		if name == "" {
			name = words.T(words.ZH, "role."+string(role))
		}
		s, _, err := w.c.Access.Invite(ctx, access.System(operator, "test"), access.NewStaff{Login: string(role), Name: name, Role: role})
		w.must(err)
		w.staff[role] = s
	}
	w.owner = access.Caller{Kind: access.KindStaff, ID: w.staff[access.RoleOwner].ID, Operator: w.operator, Role: access.RoleOwner}
	def := component.Sample(w.app)
	def.Verification = component.Typed
	w.component = w.publish(def)
}

func (w *world) publish(def component.Definition) string {
	w.t.Helper()
	id, err := w.c.Components.Create(w.t.Context(), w.owner, def)
	w.must(err)
	_, _, err = w.c.Components.Publish(w.t.Context(), w.owner, id)
	w.must(err)
	return id
}

var numbers atomic.Int64

// number11 is a mobile number nobody else in this run has.
func number11() string { return fmt.Sprintf("138%08d", 10_000_000+numbers.Add(1)) }

// lead stores one; answers beyond the number may be nil.
func (w *world) lead(phone string, answers map[string]string, test bool) string {
	w.t.Helper()
	ctx := w.t.Context()
	var v *component.Version
	w.must(w.c.DB.Read(ctx, func(tx *db.Tx) (err error) {
		v, err = component.Live(ctx, tx, w.component)
		return err
	}))
	now := w.c.DB.Now().UnixMilli()
	notice := consent.NewNotice(v.Operator, v.Component, v.Number, words.ZH, v.Definition.NoticeText(words.ZH))
	field, _ := v.Definition.Phone()
	all := map[string]string{field.ID: phone}
	for k, a := range answers {
		all[k] = a
	}
	got, err := w.intake.Accept(ctx, lead.Submission{
		Key: db.NewID("key"), Answers: all, Scene: "page", Page: w.url + "/c/" + w.component,
		Form: consent.Form{
			Component: v.Component, Version: v.Number, NoticeHash: notice.Hash, Lang: words.ZH, IssuedAt: now - 9000,
			Via: consent.ViaSheet, Nonce: "n", Test: test,
		},
		Act: consent.Act{
			NoticeVersion: v.Number, NoticeHash: notice.Hash, Choices: []consent.Choice{{ID: component.ContactChoice, Accepted: true}},
			Gesture: consent.Gesture{Kind: consent.KindTap, Trigger: "免费咨询", Trusted: true, OpenedAt: now - 8000, TickedAt: now - 3000, Viewport: "390x844"},
		},
	})
	w.must(err)
	return got.Lead
}

// link is a one-time link for a role.
func (w *world) link(role access.Role) string {
	w.t.Helper()
	token, err := w.c.Access.NewLoginLink(w.t.Context(), w.staff[role].ID, time.Hour)
	w.must(err)
	return w.url + "/console/link/" + token
}

const password = "three unrelated words"

// enrol gives a role a password and a one-time code, and returns the code's secret.
func (w *world) enrol(role access.Role) string {
	w.t.Helper()
	ctx := w.t.Context()
	token, err := w.c.Access.NewLoginLink(ctx, w.staff[role].ID, time.Hour)
	w.must(err)
	_, s, err := w.c.Access.UseLoginLink(ctx, token)
	w.must(err)
	w.must(w.c.Access.SetPassword(ctx, s, password))
	setup, err := w.c.Access.BeginCode(ctx, s)
	w.must(err)
	// The code of the step before: the present one is left for the test.
	code, err := totp.GenerateCode(setup.Secret, w.c.DB.Now().Add(-30*time.Second))
	w.must(err)
	_, err = w.c.Access.ConfirmCode(ctx, s, setup.Ceremony, code)
	w.must(err)
	return setup.Secret
}

// visitor is a browser without a screen.
type visitor struct {
	w      *world
	client *http.Client
}

func (w *world) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	w.must(err)
	return &visitor{w, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a visitor signed in with a role.
func (w *world) as(role access.Role) *visitor {
	w.t.Helper()
	v := w.visitor()
	if status, _ := v.post(strings.TrimPrefix(w.link(role), w.url), nil); status != http.StatusSeeOther {
		w.t.Fatalf("the link answered %d", status)
	}
	return v
}

func (v *visitor) get(path string) (int, string) {
	v.w.t.Helper()
	r, err := http.NewRequestWithContext(v.w.t.Context(), http.MethodGet, v.w.url+path, nil)
	v.w.must(err)
	resp, body := v.do(r)
	return resp.StatusCode, body
}

// post sends a form as a page of ours does; change may change the request.
func (v *visitor) post(path string, values url.Values, change ...func(*http.Request)) (int, string) {
	v.w.t.Helper()
	resp, body := v.answer(path, values, change...)
	return resp.StatusCode, body
}

func (v *visitor) answer(path string, values url.Values, change ...func(*http.Request)) (*http.Response, string) {
	v.w.t.Helper()
	r, err := http.NewRequestWithContext(v.w.t.Context(), http.MethodPost, v.w.url+path, strings.NewReader(values.Encode()))
	v.w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", v.w.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range change {
		c(r)
	}
	return v.do(r)
}

func (v *visitor) do(r *http.Request) (*http.Response, string) {
	v.w.t.Helper()
	resp, err := v.client.Do(r)
	v.w.must(err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	v.w.must(err)
	return resp, string(body)
}

// audited is how often a role's member did act on subject, or was refused it.
func (w *world) audited(act access.Act, subject string, o access.Outcome) int {
	w.t.Helper()
	list, _, err := w.c.Access.Audit(context.Background(), w.owner, access.AuditFilter{Act: act, Outcome: o}, "", 200)
	w.must(err)
	n := 0
	for _, e := range list {
		if subject == "" || e.Subject.ID == subject {
			n++
		}
	}
	return n
}
