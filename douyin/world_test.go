package douyin

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/db"
	"clew/handover"
	"clew/lead/leadtest"
	"clew/phone"
	"clew/region"
	"clew/web"
)

// key is an app's key pair, made once: it costs a tenth of a second.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// world is the wire over real rooms and a real store, asked over HTTP.
type world struct {
	*leadtest.House
	t      *testing.T
	wire   *Wire
	server *httptest.Server
	log    *journal
	secret string
	token  string
}

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

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	leadtest.Each(t, nil, func(h *leadtest.House) {
		w := &world{House: h, t: h.T, log: &journal{}}
		log := slog.New(slog.NewJSONHandler(w.log, nil))
		w.wire = &Wire{
			DB: h.DB, Ring: h.Ring, Access: h.Access, Apps: h.Apps, Capability: h.Capability, Components: h.Components, Leads: h.Leads, Log: log,
			Handover: &handover.Room{DB: h.DB, Ring: h.Ring, Access: h.Access, Casework: &casework.Room{DB: h.DB, Access: h.Access}},
			Limits:   &web.Limits{},
		}
		mux := http.NewServeMux()
		w.wire.Routes(mux)
		w.server = httptest.NewServer(web.Logged(log, web.NewMetrics(), mux))
		t.Cleanup(w.server.Close)
		w.secret = w.newSecret()
		w.token = w.newToken(h.App, w.secret)
		fn(h.T, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) newSecret() string {
	w.t.Helper()
	s, err := w.Apps.NewSecret(w.t.Context(), w.Owner, w.App)
	w.must(err)
	return s
}

func (w *world) newToken(id, secret string) string {
	w.t.Helper()
	a := w.ask("POST", "/oauth/client_token/", object{"client_key": id, "client_secret": secret, "grant_type": "client_credential"})
	if a.at("data.error_code") != 0.0 || a.at("message") != "success" || a.at("data.expires_in") != 7200.0 {
		w.t.Fatalf("no token: %s", a.raw)
	}
	return a.text("data.access_token")
}

// other is another operator's app that may collect, with its token.
func (w *world) other() (owner access.Caller, id, token string) {
	w.t.Helper()
	ctx := w.t.Context()
	var secret string
	w.Write(func(tx *db.Tx) error {
		o, err := w.Apps.CreateOperator(ctx, tx, "别家")
		if err != nil {
			return err
		}
		a, s, err := w.Apps.Create(ctx, tx, o.ID, "别家", nil)
		if err != nil {
			return err
		}
		id, secret = a.ID, s
		owner = access.Caller{Kind: access.KindStaff, ID: "staff_b", Operator: o.ID, Role: access.RoleOwner}
		for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
			if err := w.Apps.MoveCategory(ctx, tx, o.ID, id, leadtest.Category, s); err != nil {
				return err
			}
		}
		for _, s := range []capability.State{capability.Applied, capability.Granted} {
			if err := w.Capability.Move(ctx, tx, access.System("", "test"), o.ID, id, s, "", ""); err != nil {
				return err
			}
		}
		return nil
	})
	return owner, id, w.newToken(id, secret)
}

func (w *world) move(to capability.State) {
	w.t.Helper()
	w.Write(func(tx *db.Tx) error {
		return w.Capability.Move(w.t.Context(), tx, access.System("", "test"), w.Owner.Operator, w.App, to, "核查中发现问题", "")
	})
}

func (w *world) allow(scopes access.Scopes) {
	w.t.Helper()
	w.must(w.Access.SetAppScopes(w.t.Context(), w.Owner, w.App, scopes))
}

func (w *world) addKey() {
	w.t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key().PublicKey)
	w.must(err)
	_, err = w.Apps.AddKey(w.t.Context(), w.Owner, w.App, base64.StdEncoding.EncodeToString(der))
	w.must(err)
}

// place gives a component of the app a config_id.
func (w *world) place(owner access.Caller, id, comp string) string {
	w.t.Helper()
	t, err := w.Components.CreateTarget(w.t.Context(), owner, component.Target{
		App: id, Component: comp, Name: "免费咨询", Regions: []string{district(0)}, Categories: []string{leadtest.Category},
	})
	w.must(err)
	return t.ConfigID
}

func district(n int) string { return region.All()[n].Code }

var host = access.Caller{Kind: access.KindKey, ID: "key_host", Scopes: access.ScopeHost}

func (w *world) tap(configID string, n phone.Number) string {
	w.t.Helper()
	c, err := w.wire.Handover.IssuePhone(w.t.Context(), host, handover.Tap{
		App: w.App, ConfigID: configID, Subject: "user-7", Purpose: handover.Lead, Number: n,
	})
	w.must(err)
	return c.Text
}

func numberOf(n int) phone.Number {
	v, err := phone.Normalize(leadtest.Number(n), "")
	if err != nil {
		panic(err)
	}
	return v
}

// answer is what came back.
type answer struct {
	t    *testing.T
	what string
	raw  []byte
	json any
	head http.Header
}

func (a *answer) at(path string) any {
	v := a.json
	for part := range strings.SplitSeq(path, ".") {
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
		a.t.Fatalf("%s: no text at %s of %s", a.what, path, a.raw)
	}
	return s
}

// code is the answer's code, wherever its envelope has it.
func (a *answer) code() int {
	for _, path := range []string{"err_no", "data.error_code"} {
		if n, ok := a.at(path).(float64); ok {
			return int(n)
		}
	}
	return -999
}

func (a *answer) ok() *answer {
	a.t.Helper()
	if a.code() != 0 {
		a.t.Fatalf("%s: %s", a.what, a.raw)
	}
	return a
}

func (a *answer) is(no int, says ...string) *answer {
	a.t.Helper()
	if a.code() != no {
		a.t.Errorf("%s: answered %s, want code %d", a.what, a.raw, no)
	}
	for _, s := range says {
		if !strings.Contains(string(a.raw), s) {
			a.t.Errorf("%s: %s does not say %q", a.what, a.raw, s)
		}
	}
	return a
}

// ask sends body as JSON, as it is when it is a string, with the app's token; change
// may change the request.
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
	r, err := http.NewRequestWithContext(context.Background(), method, w.server.URL+path, reader)
	w.must(err)
	r.Header.Set("access-token", w.token)
	r.Header.Set("content-type", "application/json")
	for _, c := range change {
		c(r)
	}
	resp, err := http.DefaultClient.Do(r)
	w.must(err)
	defer func() { _ = resp.Body.Close() }()
	a := &answer{t: w.t, what: method + " " + path, head: resp.Header}
	if a.raw, err = io.ReadAll(resp.Body); err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		w.t.Errorf("%s: HTTP %d %s", a.what, resp.StatusCode, a.raw)
	}
	if err := json.Unmarshal(a.raw, &a.json); err != nil {
		w.t.Fatalf("%s: %q is no JSON", a.what, a.raw)
	}
	return a
}

func as(token string) func(*http.Request) {
	return func(r *http.Request) {
		if r.Header.Del("access-token"); token != "" {
			r.Header.Set("access-token", token)
		}
	}
}

func english(r *http.Request) { r.Header.Set("Accept-Language", "en") }

func query(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return path + "?" + q.Encode()
}

// decrypt is what an operator's server does with base64 of blocks of k bytes.
func decrypt(t *testing.T, text string) []byte {
	t.Helper()
	cipher, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(cipher) == 0 || len(cipher)%key().Size() != 0 {
		t.Fatalf("%d bytes of ciphertext, %v", len(cipher), err)
	}
	var plain []byte
	for block := range slices.Chunk(cipher, key().Size()) {
		//lint:ignore SA1019 the padding is the real platform's
		piece, err := rsa.DecryptPKCS1v15(nil, key(), block)
		if err != nil {
			t.Fatal(err)
		}
		plain = append(plain, piece...)
	}
	return plain
}

// tapOf is a code of another operator's app.
func (w *world) tapOf(owner access.Caller, id string) string {
	w.t.Helper()
	c, err := w.wire.Handover.IssuePhone(w.t.Context(), host, handover.Tap{
		App: id, ConfigID: w.place(owner, id, ""), Subject: "user-7", Purpose: handover.Lead, Number: numberOf(1),
	})
	w.must(err)
	return c.Text
}
