package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/component"
	"clew/db/dbtest"
	"clew/seal"
)

// An installation as its users see it: a process that can be killed and started
// again on the same store.
type installation struct {
	t         *testing.T
	start     func(t *testing.T) *exec.Cmd // starts it and waits until it answers
	process   *exec.Cmd
	base      string
	key       string // API key
	component string

	mu   sync.Mutex
	up   chan struct{} // closed while the process answers
	sent map[string]*sentLead
	cut  int           // requests that were on their way when the process died
	ack  chan struct{} // one token for each acknowledgement that somebody waits for
}

// sentLead is one submission, by idempotency key.
type sentLead struct {
	body   string
	number string // of the receipt; empty while not acknowledged
}

func buildClew(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "clew")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return exe
}

// An acknowledged lead survives the death of the process at any instant, once;
// one that was not acknowledged can be sent again and is stored once.
func TestKilledAtAnyInstant(t *testing.T) {
	exe := buildClew(t)
	t.Run("sqlite", func(t *testing.T) { killAtAnyInstant(t, devInstallation(t, exe)) })
	t.Run("postgres", func(t *testing.T) { killAtAnyInstant(t, serveInstallation(t, exe)) })
}

func killAtAnyInstant(t *testing.T, in *installation) {
	const clients, rounds = 8, 5
	random := rand.New(rand.NewPCG(20, 26)) //nolint:gosec // instants of death
	body := in.form()
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() { in.client(ctx, c, body) })
	}
	for range rounds {
		for range 20 + random.IntN(60) {
			in.awaitAck()
		}
		// Somewhere inside the batches that are on their way.
		instant := time.NewTimer(time.Duration(random.IntN(4000)) * time.Microsecond)
		<-instant.C
		in.kill()
		in.restart()
	}
	in.awaitAck()
	stop()
	all.Wait()
	if in.cut < rounds {
		t.Errorf("%d requests were on their way in %d deaths; that proves little", in.cut, rounds)
	}
	in.check()
}

// A full disk refuses; it does not lose, and the server goes on when there is
// room again.
func TestFullDiskRefusesAndLosesNothing(t *testing.T) {
	limiter, err := exec.LookPath("prlimit")
	if err != nil {
		t.Fatal("prlimit is missing; it is part of util-linux")
	}
	in := devInstallation(t, buildClew(t))
	body := in.form()
	limit := func(bytes string) {
		out, err := exec.CommandContext(t.Context(), limiter, "--pid", fmt.Sprint(in.process.Process.Pid), "--fsize="+bytes+":unlimited").CombinedOutput()
		if err != nil {
			t.Fatalf("prlimit: %v: %s", err, out)
		}
	}
	client := in.dialFrom(1)
	for n := range 20 {
		if code, problem, err := in.submit(t.Context(), client, fmt.Sprintf("before-%04d", n), body, n); code != http.StatusCreated {
			t.Fatalf("before: %d %s %v", code, problem, err)
		}
	}
	limit("65536") // no file grows beyond 64 KiB
	refused := 0
	for n := range 20 {
		code, problem, err := in.submit(t.Context(), client, fmt.Sprintf("full-%06d", n), body, 100+n)
		switch {
		case code == http.StatusCreated:
		case code == http.StatusServiceUnavailable && problem == "unavailable":
			refused++
		default:
			t.Fatalf("full: %d %s %v", code, problem, err)
		}
	}
	if refused == 0 {
		t.Fatal("the disk was not full")
	}
	limit("unlimited")
	for n := range 20 {
		if code, problem, err := in.submit(t.Context(), client, fmt.Sprintf("after-%05d", n), body, 200+n); code != http.StatusCreated {
			t.Fatalf("after: %d %s %v", code, problem, err)
		}
	}
	in.kill()
	in.restart()
	in.check()
}

// client submits, and sends again with the same key what was not answered.
func (in *installation) client(ctx context.Context, c int, body string) {
	client := in.dialFrom(c)
	for n := 0; ctx.Err() == nil; n++ {
		key := fmt.Sprintf("client-%d-%06d", c, n)
		for try := 0; ctx.Err() == nil; try++ {
			in.awaitUp(ctx)
			// Without ctx: what is on its way when the test ends is unacknowledged.
			code, problem, err := in.submit(in.t.Context(), client, key, body, c*100_000+n)
			if code == http.StatusCreated {
				break
			}
			in.mu.Lock()
			in.cut++
			in.mu.Unlock()
			if err == nil {
				in.t.Errorf("%s refused: %d %s", key, code, problem)
				return
			}
			if try%3 == 2 {
				break // some keys are left for the end
			}
		}
	}
}

// submit sends one submission and remembers it, and its answer when there is one.
func (in *installation) submit(ctx context.Context, client *http.Client, key, body string, n int) (code int, problem string, err error) {
	in.mu.Lock()
	s := in.sent[key]
	if s == nil {
		s = &sentLead{body: strings.Replace(body, "{phone}", fmt.Sprintf("138%08d", n), 1)}
		in.sent[key] = s
	}
	base := in.base
	in.mu.Unlock()
	code, text, err := in.post(ctx, client, base, key, s.body)
	if err != nil || code != http.StatusCreated {
		var p struct {
			Code string `json:"code"`
		}
		_ = json.Unmarshal(text, &p)
		return code, p.Code, err
	}
	var a struct {
		Receipt struct {
			Number string `json:"number"`
		} `json:"receipt"`
	}
	if err := json.Unmarshal(text, &a); err != nil || a.Receipt.Number == "" {
		in.t.Errorf("acknowledged without a receipt: %v", err)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if s.number != "" && s.number != a.Receipt.Number {
		in.t.Errorf("%s was answered with two receipts", key)
	}
	s.number = a.Receipt.Number
	select {
	case in.ack <- struct{}{}:
	default:
	}
	return code, "", nil
}

func (in *installation) post(ctx context.Context, client *http.Client, base, key, body string) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/public/components/"+in.component+"/leads", strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header["Idempotency-Key"] = []string{key} // and so net/http does not send it again by itself
	resp, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, err // the answer broke off: nothing was acknowledged
	}
	return resp.StatusCode, text, nil
}

// check sends every key again and then reads everything back.
func (in *installation) check() {
	in.t.Helper()
	var client *http.Client
	acked, asked, numbers := 0, 0, map[string]string{}
	for key, s := range in.sent {
		if asked%80 == 0 { // before the address has asked too often
			client = in.dialFrom(20 + asked/80)
		}
		asked++
		before := s.number
		if before != "" {
			acked++
		}
		code, problem, err := in.submit(in.t.Context(), client, key, s.body, 0)
		if code != http.StatusCreated {
			in.t.Fatalf("%s again: %d %s %v", key, code, problem, err)
		}
		if before != "" && s.number != before {
			in.t.Errorf("%s was acknowledged with receipt %s and is %s now", key, before, s.number)
		}
		if other := numbers[s.number]; other != "" {
			in.t.Errorf("%s and %s share a receipt", key, other)
		}
		numbers[s.number] = key
	}
	stored := 0
	for cursor := ""; ; {
		var page struct {
			Leads []struct {
				Receipt string `json:"receipt"`
			} `json:"leads"`
			Next string `json:"next"`
		}
		in.api(http.MethodGet, "/v1/leads?limit=200&duplicates=true&cursor="+url.QueryEscape(cursor), nil, &page)
		for _, l := range page.Leads {
			var record struct {
				Receipt struct {
					ID string `json:"receipt_id"`
				} `json:"receipt"`
			}
			in.api(http.MethodGet, "/v1/receipts/"+l.Receipt, nil, &record)
			if numbers[record.Receipt.ID] == "" {
				in.t.Errorf("lead with receipt %s was never sent, or is stored twice", record.Receipt.ID)
			}
			delete(numbers, record.Receipt.ID)
			stored++
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	for number, key := range numbers {
		in.t.Errorf("%s was acknowledged with receipt %s and is not stored", key, number)
	}
	if acked == 0 {
		in.t.Error("nothing was acknowledged")
	}
	in.t.Logf("%d submissions, %d acknowledged before the last start, %d stored, %d requests cut off", len(in.sent), acked, stored, in.cut)
}

// api calls the operator's API.
func (in *installation) api(method, path string, body, into any) {
	in.t.Helper()
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			in.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(in.t.Context(), method, in.base+path, &sent)
	if err != nil {
		in.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+in.key)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		in.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		in.t.Fatalf("%s %s: %s %v %s", method, path, resp.Status, err, got)
	}
	if into != nil {
		if err := json.Unmarshal(got, into); err != nil {
			in.t.Fatal(err)
		}
	}
}

// form is a submission to the component, ready but for the number.
func (in *installation) form() string {
	in.t.Helper()
	var shown json.RawMessage
	in.api(http.MethodGet, "/v1/public/components/"+in.component+"?lang=zh", nil, &shown)
	body, err := submission(shown, time.Now())
	if err != nil {
		in.t.Fatal(err)
	}
	return body
}

// dialFrom is a client with an address of its own, since limits go by address.
func (in *installation) dialFrom(c int) *http.Client {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(c+1))}}
	tr := &http.Transport{DialContext: d.DialContext}
	in.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}
}

func (in *installation) awaitAck() {
	in.t.Helper()
	select {
	case <-in.ack:
	case <-time.After(30 * time.Second):
		in.t.Fatal("nothing was acknowledged for half a minute")
	}
}

func (in *installation) awaitUp(ctx context.Context) {
	in.mu.Lock()
	up := in.up
	in.mu.Unlock()
	select {
	case <-up:
	case <-ctx.Done():
	}
}

// kill is SIGKILL: nothing in the process can react.
func (in *installation) kill() {
	in.mu.Lock()
	in.up = make(chan struct{})
	in.mu.Unlock()
	_ = in.process.Process.Kill()
	_ = in.process.Wait()
}

func (in *installation) restart() {
	in.t.Helper()
	in.process = in.start(in.t)
	in.mu.Lock()
	close(in.up)
	in.mu.Unlock()
}

func newInstallation(t *testing.T) *installation {
	in := &installation{t: t, up: make(chan struct{}), sent: map[string]*sentLead{}, ack: make(chan struct{})}
	t.Cleanup(func() {
		if in.process != nil {
			_ = in.process.Process.Kill()
			_ = in.process.Wait()
		}
	})
	return in
}

// devInstallation is "clew dev" on SQLite, with a component that takes typed
// numbers, made and published over the API.
func devInstallation(t *testing.T, exe string) *installation {
	in := newInstallation(t)
	data := t.TempDir()
	var line ready
	in.start = func(t *testing.T) *exec.Cmd {
		cmd := exec.Command(exe, "dev", "--json", "--data", data, "--listen", "127.0.0.1:0") //nolint:gosec // built above
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		text, err := bufio.NewReader(out).ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(text, &line)
		}
		if err != nil {
			_ = cmd.Process.Kill()
			t.Fatalf("clew dev did not become ready: %v %v", err, cmd.Wait())
		}
		in.mu.Lock()
		in.base, in.key = line.URL, line.APIKey
		in.mu.Unlock()
		return cmd
	}
	in.restart()
	def := component.Sample(line.AppID)
	def.Verification = component.Typed
	var made struct {
		ID string `json:"id"`
	}
	in.api(http.MethodPost, "/v1/components", map[string]any{"definition": def}, &made)
	in.component = made.ID
	in.api(http.MethodPost, "/v1/components/"+made.ID+"/publish", nil, nil)
	return in
}

// serveInstallation is "clew serve" on PostgreSQL.
func serveInstallation(t *testing.T, exe string) *installation {
	in := newInstallation(t)
	dir := t.TempDir()
	keys, config := filepath.Join(dir, "keys.json"), filepath.Join(dir, "clew.toml")
	ring := seal.NewRing(time.Now(), false)
	if err := ring.Create(keys); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	database := dbtest.Postgres(t)
	text := fmt.Sprintf(`listen = %q
base_url = "https://leads.example.com"
database = %q
key_file = %q
requests_per_second = -1
[sms]
driver = "http"
url = "https://sms.example.com/send"
content_type = "application/json"
body = '{"to": "{to}", "text": "{text}"}'
`, address, database, keys)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	furnishServe(t, in, Config{Database: database, BaseURL: "https://leads.example.com"}, ring)
	in.base = "http://" + address
	in.start = func(t *testing.T) *exec.Cmd {
		var log bytes.Buffer
		cmd := exec.Command(exe, "serve", "--config", config) //nolint:gosec // built above
		cmd.Stderr = &log
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		tick, end := time.NewTicker(5*time.Millisecond), time.After(20*time.Second)
		defer tick.Stop()
		for {
			resp, err := http.Get(in.base + "/readyz")
			if err == nil {
				_ = resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					return cmd
				}
			}
			select {
			case <-tick.C:
			case <-end:
				_ = cmd.Process.Kill()
				t.Fatalf("clew serve did not become ready: %v\n%s", errors.Join(err, cmd.Wait()), log.String())
			}
		}
	}
	in.restart()
	return in
}

// furnishServe gives an empty store an operator, a component and a key.
func furnishServe(t *testing.T, in *installation, cfg Config, ring *seal.Ring) {
	t.Helper()
	ctx := t.Context()
	h, err := openHouse(ctx, cfg, ring, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	}()
	app, _, err := h.addOperator(ctx, "durability", demoCategory, nil)
	if err != nil {
		t.Fatal(err)
	}
	by := access.System(app.Operator, "test")
	def := component.Sample(app.ID)
	def.Verification = component.Typed
	if in.component, err = h.components.Create(ctx, by, def); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.components.Publish(ctx, by, in.component); err != nil {
		t.Fatal(err)
	}
	if _, in.key, err = h.access.CreateKey(ctx, by, access.NewKey{Name: "test", Scopes: access.ScopeRead}); err != nil {
		t.Fatal(err)
	}
}
