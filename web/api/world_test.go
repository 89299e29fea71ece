package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/db"
	"clew/db/dbtest"
	"clew/diagnosis"
	"clew/distribution"
	"clew/exchange"
	"clew/exchange/exchangetest"
	"clew/funnel"
	"clew/handover"
	"clew/lead"
	"clew/outbox"
	"clew/phone"
	"clew/rights"
	"clew/seal"
	"clew/web"
	"clew/web/api"
	"clew/webhook"

	"github.com/danielgtaylor/huma/v2"
)

// ours is the origin that the component's app has registered.
const ours = "https://www.qingzhou-law.example"

// world is the API over real rooms and a real store, asked over HTTP.
type world struct {
	funnel *funnel.Room
	t      *testing.T
	db     *db.DB
	clock  *dbtest.Clock
	ring   *seal.Ring
	log    *journal

	access     *access.Room
	apps       *app.Room
	caps       *capability.Room
	components *component.Room
	casework   *casework.Room
	outbox     *outbox.Room
	webhooks   *webhook.Room
	exchange   *exchange.Room
	platforms  *exchangetest.World
	sms        *gateway
	intake     *lead.Intake

	limits *web.Limits
	doc    *huma.OpenAPI
	server *httptest.Server

	owner     access.Caller
	app       string
	component string
	key       string // of every scope
	// asked is every operation that was answered as it should be.
	asked map[string]bool
}

// gateway keeps the last text it was to send, or fails.
type gateway struct {
	mu   sync.Mutex
	text string
	err  error
}

func (g *gateway) Send(_ context.Context, _ phone.Number, text string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text = text
	return g.err
}

func (g *gateway) code() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return regexp.MustCompile(`[0-9]{6}`).FindString(g.text)
}

// journal keeps what is logged.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// each runs fn in a world per engine. Whatever fn does, no problem may be one the
// document does not declare, and no number may reach log or problem: see do.
func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, newWorld(t, d, clock)) })
}

func newWorld(t *testing.T, d *db.DB, clock *dbtest.Clock) *world {
	t.Helper()
	w := &world{t: t, db: d, clock: clock, ring: seal.TestRing(t), log: &journal{}, sms: &gateway{}, limits: &web.Limits{}, asked: map[string]bool{}}
	log := slog.New(slog.NewJSONHandler(w.log, nil))
	w.access = &access.Room{DB: d, Ring: w.ring}
	w.outbox = outbox.New(d, log)
	w.apps = &app.Room{DB: d, Access: w.access}
	w.caps = &capability.Room{DB: d, Access: w.access, Outbox: w.outbox}
	w.components = &component.Room{DB: d, Access: w.access}
	phones := &phone.Room{DB: d, Ring: w.ring, Sender: w.sms, Caps: phone.Caps{NumberDay: 3}}
	w.funnel = &funnel.Room{DB: d, Ring: w.ring, Access: w.access, Log: log, Owners: component.Owners, Reasons: lead.Reasons()}
	leads := &lead.Room{DB: d, Ring: w.ring, Access: w.access, Outbox: w.outbox, Log: log, Funnel: w.funnel}
	intake := &lead.Intake{DB: d, Ring: w.ring, Phone: phones, Outbox: w.outbox, Log: log, Funnel: w.funnel}
	w.intake = intake
	w.exchange = &exchange.Room{DB: d, Ring: w.ring, Access: w.access, Outbox: w.outbox, Log: log}
	intake.Exchange = w.exchange
	w.webhooks = webhook.New(d, w.ring, w.access, w.outbox, log)
	w.webhooks.Register()
	mux := http.NewServeMux()
	metrics := web.NewMetrics()
	w.server = httptest.NewUnstartedServer(web.Logged(log, metrics, mux))
	w.server.Config.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	base := "http://" + w.server.Listener.Addr().String()
	w.casework = &casework.Room{DB: d, Access: w.access, Capability: w.caps, Outbox: w.outbox, Ring: w.ring}
	w.doc = (&api.API{
		DB: d, Ring: w.ring, Access: w.access, Apps: w.apps, Capability: w.caps, Components: w.components, Leads: leads, Intake: intake, Phone: phones,
		Rights:   &rights.Room{DB: d, Ring: w.ring, Access: w.access, Leads: leads, BaseURL: base, Storage: "中国大陆"},
		Handover: &handover.Room{DB: d, Ring: w.ring, Access: w.access, Casework: w.casework}, Casework: w.casework,
		Exchange: w.exchange, Diagnosis: &diagnosis.Room{DB: d, Access: w.access, Exchange: w.exchange},
		Funnel: w.funnel, Distribution: &distribution.Room{DB: d, Access: w.access}, Webhooks: w.webhooks, Metrics: metrics, Limits: w.limits, Log: log, BaseURL: base, Version: "test",
	}).Routes(mux)
	intake.Start()
	w.server.Start()
	t.Cleanup(func() { w.server.Close(); intake.Stop() })
	w.owner, w.app = w.tenant("清舟")
	w.component = w.publish(w.owner, w.app, nil)
	w.key = w.newKey(w.owner, access.ScopeRead|access.ScopeReveal|access.ScopeWrite)
	return w
}

// tenant makes an operator whose app may collect leads, and its owner.
func (w *world) tenant(name string) (access.Caller, string) {
	w.t.Helper()
	ctx := w.t.Context()
	var operator, id string
	w.must(w.db.Write(ctx, func(tx *db.Tx) error {
		o, err := w.apps.CreateOperator(ctx, tx, name)
		if err != nil {
			return err
		}
		a, _, err := w.apps.Create(ctx, tx, o.ID, name, []string{ours})
		if err != nil {
			return err
		}
		operator, id = o.ID, a.ID
		for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
			if err := w.apps.MoveCategory(ctx, tx, o.ID, a.ID, category, s); err != nil {
				return err
			}
		}
		for _, s := range []capability.State{capability.Applied, capability.Granted} {
			if err := w.caps.Move(ctx, tx, access.System(o.ID, "test"), o.ID, a.ID, s, "", ""); err != nil {
				return err
			}
		}
		return nil
	}))
	return access.Caller{Kind: access.KindStaff, ID: "staff_owner", Operator: operator, Role: access.RoleOwner}, id
}

const category = "商业服务 > 商业服务 > 法律服务"

func (w *world) publish(owner access.Caller, app string, change func(*component.Definition)) string {
	w.t.Helper()
	def := component.Sample(app)
	if change != nil {
		change(&def)
	}
	id, err := w.components.Create(w.t.Context(), owner, def)
	w.must(err)
	_, _, err = w.components.Publish(w.t.Context(), owner, id)
	w.must(err)
	return id
}

func (w *world) move(to capability.State, reason, caseID string) {
	w.t.Helper()
	w.must(w.db.Write(w.t.Context(), func(tx *db.Tx) error {
		return w.caps.Move(w.t.Context(), tx, access.System("", "test"), w.owner.Operator, w.app, to, reason, caseID)
	}))
}

func (w *world) newKey(owner access.Caller, scopes access.Scopes) string {
	w.t.Helper()
	_, text, err := w.access.CreateKey(w.t.Context(), owner, access.NewKey{Name: "key " + scopes.String(), Scopes: scopes})
	w.must(err)
	return text
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// listen lets webhooks reach a receiver on this machine.
func (w *world) listen(h http.HandlerFunc) string {
	w.t.Helper()
	receiver := httptest.NewServer(h)
	w.t.Cleanup(receiver.Close)
	addr, err := netip.ParseAddrPort(receiver.Listener.Addr().String())
	w.must(err)
	w.webhooks.AllowHosts = append(w.webhooks.AllowHosts, addr)
	return receiver.URL + "/hook"
}

// stored counts everything that a person's request may leave behind.
func (w *world) stored() string {
	w.t.Helper()
	var counts []string
	w.must(w.db.Read(context.Background(), func(tx *db.Tx) error {
		for _, table := range []string{"lead", "lead_key", "lead_index", "lead_once", "receipt", "phone_code", "refusal"} {
			n, err := db.One(context.Background(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from "+table)
			if err != nil {
				return err
			}
			counts = append(counts, fmt.Sprint(table, " ", n))
		}
		return nil
	}))
	return strings.Join(counts, ", ")
}

// number is a made-up number; equal n give equal numbers.
func number(n int) string { return fmt.Sprintf("138%08d", n) }

// M is a JSON object.
type M = map[string]any

// answer is what came back.
type answer struct {
	t      *testing.T
	Status int
	Header http.Header
	Raw    []byte
	JSON   any
}

// at reads a member by its path: "errors.0.code".
func (a *answer) at(path string) any {
	v := a.JSON
	for _, part := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (a *answer) text(path string) string {
	a.t.Helper()
	s, ok := a.at(path).(string)
	if !ok {
		a.t.Fatalf("no text at %s of %s", path, a.Raw)
	}
	return s
}

// is fails the test unless the answer is the problem with the code.
func (a *answer) is(code string) *answer {
	a.t.Helper()
	if got := a.at("code"); got != code || a.Status != web.Codes()[code] {
		a.t.Errorf("answered %d %s, want %d %s", a.Status, a.Raw, web.Codes()[code], code)
	}
	return a
}

func (a *answer) ok(status int) *answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("answered %d %s, want %d", a.Status, a.Raw, status)
	}
	return a
}

// ask sends body as JSON, as it is when it is a string, with the key when the path
// is not public. change may change the request.
func (w *world) ask(method, path string, body any, change ...func(*http.Request)) *answer {
	w.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		w.must(err)
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL+path, reader)
	w.must(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if !strings.HasPrefix(path, "/v1/public/") {
		r.Header.Set("Authorization", "Bearer "+w.key)
	}
	for _, c := range change {
		c(r)
	}
	return w.do(r)
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// elevenDigits is a number as people write it; digits inside an id of hexadecimal letters are none.
var elevenDigits = regexp.MustCompile(`(?:^|[^0-9A-Za-z-])1[0-9]{10}(?:[^0-9A-Za-z-]|$)`)

// do sends r and holds the answer against the document.
func (w *world) do(r *http.Request) *answer {
	w.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	w.must(err)
	defer func() { _ = resp.Body.Close() }()
	a := &answer{t: w.t, Status: resp.StatusCode, Header: resp.Header}
	if a.Raw, err = io.ReadAll(resp.Body); err != nil {
		w.t.Fatal(err)
	}
	kind := resp.Header.Get("Content-Type")
	if strings.Contains(kind, "json") && r.Method != http.MethodHead {
		if err := json.Unmarshal(a.Raw, &a.JSON); err != nil {
			w.t.Fatalf("%s is not JSON: %v", a.Raw, err)
		}
	}
	if a.Status >= 400 && r.Method != http.MethodHead {
		w.holdProblem(r, a, kind)
	}
	w.holdDocument(r, a, kind)
	return a
}

// holdProblem says what every problem has in common.
func (w *world) holdProblem(r *http.Request, a *answer, kind string) {
	w.t.Helper()
	code, _ := a.at("code").(string)
	status, known := web.Codes()[code]
	switch {
	case kind != "application/problem+json":
		w.t.Errorf("%s %s: a problem of type %q: %s", r.Method, r.URL.Path, kind, a.Raw)
	case !known || status != a.Status || a.at("status") != float64(a.Status):
		w.t.Errorf("%s %s: %d with code %q: %s", r.Method, r.URL.Path, a.Status, code, a.Raw)
	case code == "internal":
		w.t.Errorf("%s %s: %s\n%s", r.Method, r.URL.Path, a.Raw, w.log)
	case a.at("title") == "" || a.at("detail") == "" || strings.Contains(string(a.Raw), "[problem.") || strings.Contains(string(a.Raw), "[role."):
		w.t.Errorf("%s %s: words are missing: %s", r.Method, r.URL.Path, a.Raw)
	case a.at("request_id") != a.Header.Get("X-Request-Id"):
		w.t.Errorf("%s %s: request %q has the problem of %v", r.Method, r.URL.Path, a.Header.Get("X-Request-Id"), a.at("request_id"))
	case regexp.MustCompile(`\{[a-z]+\}`).Match(a.Raw):
		w.t.Errorf("%s %s: a name was not filled in: %s", r.Method, r.URL.Path, a.Raw)
	case elevenDigits.Match(a.Raw):
		w.t.Errorf("%s %s: the problem holds a number", r.Method, r.URL.Path)
	}
}

// holdDocument checks that the document declares the answer and its shape.
func (w *world) holdDocument(r *http.Request, a *answer, kind string) {
	w.t.Helper()
	op := w.operation(r.Method, r.URL.Path)
	if op == nil {
		return
	}
	declared := op.Responses[fmt.Sprint(a.Status)]
	if declared == nil {
		w.t.Errorf("%s answered %d, which the document does not declare: %s", op.OperationID, a.Status, a.Raw)
		return
	}
	kind, _, _ = strings.Cut(kind, ";")
	media := declared.Content[kind]
	if media == nil {
		if len(declared.Content) > 0 || len(a.Raw) > 0 {
			w.t.Errorf("%s answered %d as %q, which the document does not declare", op.OperationID, a.Status, kind)
		}
	} else if strings.HasSuffix(kind, "json") {
		res := &huma.ValidateResult{}
		huma.Validate(w.doc.Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, a.JSON, res)
		for _, err := range res.Errors {
			w.t.Errorf("%s: the answer is not what the document says: %v in %s", op.OperationID, err, a.Raw)
		}
	}
	if a.Status < 300 {
		w.asked[op.OperationID] = true
	}
}

// operation finds the operation of the document that a request is for.
func (w *world) operation(method, path string) *huma.Operation {
	best, literal := (*huma.Operation)(nil), -1
	for pattern, item := range w.doc.Paths {
		op := operations(item)[method]
		want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
		if op == nil || len(want) != len(have) {
			continue
		}
		n := 0
		for i := range want {
			switch {
			case want[i] == have[i]:
				n++
			case !strings.HasPrefix(want[i], "{"):
				n = -1 << 20
			}
		}
		if n > literal {
			best, literal = op, n
		}
	}
	return best
}

func (w *world) public(path string) string { return "/v1/public/components/" + w.component + path }

// form is a shown component, ready to be agreed to.
type form struct {
	w   *world
	def *answer
}

func (w *world) show(query string, change ...func(*http.Request)) form {
	w.t.Helper()
	return form{w, w.ask("GET", w.public("")+query, nil, change...).ok(200)}
}

// act is consent given as it should be.
func (f form) act() M {
	now := f.w.clock.Now().UnixMilli()
	return M{
		"notice_version": f.def.at("notice.version"), "notice_hash": f.def.at("notice.hash"),
		"choices": []any{M{"id": component.ContactChoice, "accepted": true}},
		"gesture": M{"kind": "tap", "trigger": "sheet", "trusted": true, "opened_at": now, "ticked_at": now},
	}
}

// code asks for a code for number n.
func (f form) codeBody(n int) M {
	f.w.t.Helper()
	c := f.w.ask("POST", f.w.public("/challenges"), nil).ok(200)
	var challenge phone.Challenge
	f.w.must(json.Unmarshal(c.Raw, &challenge))
	s, err := challenge.Solve()
	f.w.must(err)
	return M{"form_token": f.def.text("form_token"), "consent": f.act(), "phone": number(n), "challenge": s}
}

// body is a good submission for number n: it asks for a code first.
func (f form) body(n int) M {
	f.w.t.Helper()
	sent := f.w.ask("POST", f.w.public("/codes"), f.codeBody(n)).ok(201)
	return M{
		"form_token": f.def.text("form_token"), "consent": f.act(),
		"answers": M{"phone": number(n), "name": "王小明"}, "code_id": sent.text("code_id"), "code": f.w.sms.code(), "source": "sheet",
	}
}

func (w *world) submit(key string, body any, change ...func(*http.Request)) *answer {
	w.t.Helper()
	return w.ask("POST", w.public("/leads"), body, append([]func(*http.Request){with("Idempotency-Key", key)}, change...)...)
}

// lead stores a lead of number n and returns its id.
func (w *world) lead(n int) string {
	w.t.Helper()
	w.submit(fmt.Sprintf("key-lead-%d", n), w.show("").body(n)).ok(201)
	return w.ask("GET", "/v1/leads?limit=1", nil).ok(200).text("leads.0.id")
}

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}
