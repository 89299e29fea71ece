package public

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/browsertest"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/db/dbtest"
	"clew/funnel"
	"clew/lead"
	"clew/norm"
	"clew/outbox"
	"clew/phone"
	"clew/rights"
	"clew/seal"
	"clew/web"
	"clew/web/api"
	"clew/widget"
	"clew/words"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// world is the pages over real rooms on a real store.
type world struct {
	t          *testing.T
	pages      *Pages
	mux        *http.ServeMux
	url        string
	clock      *dbtest.Clock
	access     *access.Room
	caps       *capability.Room
	components *component.Room
	leads      *lead.Room
	phone      *phone.Room
	outbox     *outbox.Room
	sms        *phone.LogDriver
	metrics    *web.Metrics
	operator   string
	app        string
	component  string
	owner      access.Caller
	// log is everything that was logged.
	log *journal
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

// each runs fn on both engines, with a published component whose definition edit
// may change.
func each(t *testing.T, edit func(*component.Definition), fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, newWorld(t, d, clock, edit)) })
}

func newWorld(t *testing.T, d *db.DB, clock *dbtest.Clock, edit func(*component.Definition)) *world {
	t.Helper()
	if clock != nil {
		// Browsers tell the time too.
		clock.Advance(time.Since(clock.Now()))
	}
	log := &journal{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	ring := seal.TestRing(t)
	rooms := &access.Room{DB: d, Ring: ring}
	box := outbox.New(d, logger)
	sms := phone.NewLogDriver(t.Output(), d.Now)
	phones := &phone.Room{DB: d, Ring: ring, Sender: sms, Caps: phone.Caps{NoScriptHour: 1000}}
	leads := &lead.Room{DB: d, Ring: ring, Access: rooms, Outbox: box, Log: logger}
	intake := &lead.Intake{DB: d, Ring: ring, Phone: phones, Outbox: box, Log: logger}
	intake.Start()
	w := &world{
		t: t, clock: clock, access: rooms, leads: leads, phone: phones, outbox: box, sms: sms, log: log, metrics: web.NewMetrics(),
		caps:       &capability.Room{DB: d, Access: rooms, Outbox: box},
		components: &component.Room{DB: d, Access: rooms},
		mux:        http.NewServeMux(),
	}
	server := httptest.NewUnstartedServer(web.Logged(logger, w.metrics, w.mux))
	w.url = "http://" + server.Listener.Addr().String()
	w.pages = &Pages{
		DB: d, Ring: ring, Components: w.components, Intake: intake, Metrics: w.metrics, Log: logger, BaseURL: w.url,
		Rights:   &rights.Room{DB: d, Ring: ring, Access: rooms, Leads: leads, BaseURL: w.url, Storage: "中国大陆"},
		Widget:   widget.Files(),
		Casework: &casework.Room{DB: d, Access: rooms, Capability: w.caps, Outbox: box, Ring: ring},
	}
	w.pages.Routes(w.mux)
	server.Start()
	t.Cleanup(func() { server.Close(); intake.Stop() })
	w.open(edit)
	return w
}

// serveAPI adds the interface that the element talks to.
func (w *world) serveAPI() {
	(&api.API{
		Funnel: &funnel.Room{
			DB: w.pages.DB, Ring: w.pages.Ring, Access: w.access, Log: w.pages.Log, Owners: component.Owners, Reasons: lead.Reasons(),
		},
		DB: w.pages.DB, Ring: w.pages.Ring, Access: w.access, Components: w.components, Leads: w.leads, Intake: w.pages.Intake,
		Phone: w.phone, Rights: w.pages.Rights, Metrics: w.metrics, Log: w.pages.Log, BaseURL: w.url, Version: "test",
	}).Routes(w.mux)
}

// open makes operator, app, capability and a published component.
func (w *world) open(edit func(*component.Definition)) {
	w.t.Helper()
	ctx := w.t.Context()
	apps := &app.Room{DB: w.pages.DB, Access: w.access}
	w.must(w.pages.DB.Write(ctx, func(tx *db.Tx) error {
		o, err := apps.CreateOperator(ctx, tx, "清舟律师事务所")
		if err != nil {
			return err
		}
		a, _, err := apps.Create(ctx, tx, o.ID, "清舟法律咨询", nil)
		if err != nil {
			return err
		}
		w.operator, w.app = o.ID, a.ID
		category := norm.At(tx.Now()).Categories[0].Path()
		for _, to := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
			if err := apps.MoveCategory(ctx, tx, o.ID, a.ID, category, to); err != nil {
				return err
			}
		}
		for _, to := range []capability.State{capability.Applied, capability.Granted} {
			if err := w.caps.Move(ctx, tx, access.System(o.ID, "test"), o.ID, a.ID, to, "", ""); err != nil {
				return err
			}
		}
		return nil
	}))
	w.owner = access.Caller{Kind: access.KindStaff, ID: "staff_test", Operator: w.operator, Role: access.RoleOwner}
	def := component.Sample(w.app)
	if edit != nil {
		edit(&def)
	}
	id, err := w.components.Create(ctx, w.owner, def)
	w.must(err)
	_, _, err = w.components.Publish(ctx, w.owner, id)
	w.must(err)
	w.component = id
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// suspend takes the capability away, as a decision does.
func (w *world) suspend(reason, caseID string) {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.pages.DB.Write(ctx, func(tx *db.Tx) error {
		return w.caps.Move(ctx, tx, access.System("", "test"), w.operator, w.app, capability.Suspended, reason, caseID)
	}))
}

// invalidate places the component for one category alone and takes that category
// off line; the app may go on collecting by its other one.
func (w *world) invalidate() {
	w.t.Helper()
	ctx := w.t.Context()
	apps := &app.Room{DB: w.pages.DB, Access: w.access}
	category := norm.At(w.pages.DB.Now()).Categories[1].Path()
	move := func(to app.CategoryState) {
		w.t.Helper()
		w.must(w.pages.DB.Write(ctx, func(tx *db.Tx) error { return apps.MoveCategory(ctx, tx, w.operator, w.app, category, to) }))
	}
	move(app.Applied)
	move(app.Approved)
	move(app.Online)
	_, err := w.components.CreateTarget(ctx, w.owner, component.Target{
		App: w.app, Component: w.component, Name: "投放", Regions: []string{"110101"}, Categories: []string{category},
	})
	w.must(err)
	resp, body := w.get(w.path(words.ZH))
	if resp.StatusCode != http.StatusOK {
		w.t.Fatalf("a valid component: %d\n%s", resp.StatusCode, body)
	}
	move(app.Offline)
}

// republish changes the component's texts and publishes it as a new version.
func (w *world) republish(edit func(*component.Definition)) {
	w.t.Helper()
	ctx := w.t.Context()
	c, err := w.components.Get(ctx, w.owner, w.component)
	w.must(err)
	edit(&c.Draft)
	_, err = w.components.SaveDraft(ctx, w.owner, w.component, c.Draft, c.DraftVersion)
	w.must(err)
	_, _, err = w.components.Publish(ctx, w.owner, w.component)
	w.must(err)
}

// rows counts what a table holds for the operator.
func (w *world) rows(table string) int {
	w.t.Helper()
	n := 0
	w.must(w.pages.DB.Read(context.Background(), func(tx *db.Tx) (err error) {
		n, err = db.One(context.Background(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
			"select count(*) from "+table+" where operator=$1", w.operator)
		return err
	}))
	return n
}

var numbers atomic.Int64

// number is a mobile number nobody else in this run has.
func number() string { return fmt.Sprintf("138%08d", 10_000_000+numbers.Add(1)) }

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

// code is the newest code that was sent.
func (w *world) code() string {
	w.t.Helper()
	sent := w.sms.Messages()
	if len(sent) == 0 {
		w.t.Fatal("no code was sent")
	}
	return sixDigits.FindString(sent[0].Text)
}

func (w *world) path(lang words.Lang) string {
	return w.url + "/c/" + w.component + "?lang=" + string(lang)
}

// trigger is a genuine link to the form, as the landing page would have it.
func (w *world) trigger(lang words.Lang) string {
	w.t.Helper()
	_, body := w.get(w.path(lang))
	m := regexp.MustCompile(`href="(/c/[^"]+/form\?[^"]+)"`).FindStringSubmatch(body)
	if m == nil {
		w.t.Fatalf("the landing page has no link to its form:\n%s", body)
	}
	return w.url + strings.ReplaceAll(m[1], "&amp;", "&")
}

// form is a genuine form token.
func (w *world) form() string {
	w.t.Helper()
	_, body := w.get(w.trigger(words.ZH))
	return hidden(w.t, body, "form_token")
}

func hidden(t *testing.T, body, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]+)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("the page has no %s", name)
	}
	return m[1]
}

func (w *world) get(address string) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, address, nil)
	w.must(err)
	return w.do(r)
}

// post sends values as a browser sends a form of our own page; change may change
// the request.
func (w *world) post(address string, values url.Values, change ...func(*http.Request)) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, address, strings.NewReader(values.Encode()))
	w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", w.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, c := range change {
		c(r)
	}
	return w.do(r)
}

func (w *world) do(r *http.Request) (*http.Response, string) {
	w.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	w.must(err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	w.must(err)
	return resp, string(body)
}

// lead stores one through the form page and returns the person's link.
func (w *world) lead(number string) string {
	w.t.Helper()
	values := url.Values{"form_token": {w.form()}, "choice." + component.ContactChoice: {"yes"}, "answer.phone": {number}}
	if w.verified() {
		values.Set("do", "code")
		resp, body := w.post(w.url+"/c/"+w.component+"/form", values)
		if resp.StatusCode != http.StatusOK {
			w.t.Fatalf("no code: %d\n%s", resp.StatusCode, body)
		}
		values.Set("code_id", hidden(w.t, body, "code_id"))
		values.Set("code", w.code())
	}
	values.Set("do", "submit")
	resp, body := w.post(w.url+"/c/"+w.component+"/form", values)
	if resp.StatusCode != http.StatusSeeOther {
		w.t.Fatalf("not stored: %d\n%s", resp.StatusCode, body)
	}
	path, _, _ := strings.Cut(resp.Header.Get("Location"), "?")
	return path
}

func (w *world) verified() bool {
	v, _, err := w.pages.live(w.t.Context(), w.component)
	w.must(err)
	return v.Definition.Verification == component.Verified
}

// receipt is the receipt a link leads to.
func (w *world) receipt(path string) (r consent.Receipt, s consent.Standing) {
	w.t.Helper()
	v, err := w.pages.Rights.Open(w.t.Context(), strings.TrimPrefix(path, "/r/"))
	w.must(err)
	return v.Receipt, v.Standing
}

func typed(d *component.Definition) { d.Verification = component.Typed }

// sqliteWorld is a world for what does not depend on the store.
func sqliteWorld(t *testing.T, edit func(*component.Definition)) *world {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{URL: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return newWorld(t, d, nil, edit)
}
