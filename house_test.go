package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"clew/browsertest"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/db/dbtest"
	"clew/phone"
	"clew/web"
	"clew/webhook"
	"clew/words"
)

// TestMain lets the test binary be the program too: under the name clew it is.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "clew" {
		main()
		os.Exit(0)
	}
	browsertest.Main(m)
}

// program is a fresh folder that holds the program under its own name.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, "clew")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// patience is how long anything waited for may take; nothing that passes waits it
// out.
const patience = 20 * time.Second

// until waits until is answers true.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %v for %s", patience, what)
		}
	}
}

// journal keeps what is written to it.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
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

// newNumber is a mobile number that nobody else on this machine has: other tests
// leave theirs on the same PostgreSQL.
func newNumber() string { return fmt.Sprintf("138%08d", rand.IntN(1e8)) }

// masked is all that staff see of a number.
func masked(number string) string { return number[:3] + "******" + number[9:] }

// grouped is how staff see a number that was revealed.
func grouped(number string) string { return number[:3] + " " + number[3:7] + " " + number[7:] }

// platform is a running development installation.
type platform struct {
	ready
	t        *testing.T
	h        *house   // nil where it is a process of its own
	data     string   // its folder
	terminal *journal // where codes are printed
	log      *journal
	stop     func() error
}

// startHere runs a development installation inside the test; an empty database is
// SQLite in the data folder. It listens on more besides.
func startHere(t *testing.T, database string, more ...net.Listener) *platform {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &platform{t: t, data: t.TempDir(), terminal: &journal{}, log: &journal{}}
	cfg := Config{Data: p.data, KeyFile: filepath.Join(p.data, "demo-keys.json"), Database: database}
	if p.h, p.ready, err = openDemoOn(t.Context(), cfg, l.Addr(), p.terminal, p.log); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.h.run(ctx, append(more, l)...) }()
	p.stop = sync.OnceValue(func() error {
		cancel()
		return errors.Join(<-ended, p.h.close())
	})
	t.Cleanup(func() {
		if err := p.stop(); err != nil {
			t.Errorf("the server did not stop well: %v", err)
		}
	})
	return p
}

// child is the program as a process of its own.
type child struct {
	*exec.Cmd
	out, err *journal
	ended    chan struct{} // closed when it has
	end      error
}

// startClew starts the program; it is killed at the latest when the test ends.
func startClew(t *testing.T, args ...string) *child {
	t.Helper()
	c := &child{
		Cmd: exec.Command(filepath.Join(program(t), "clew"), args...),
		out: &journal{}, err: &journal{}, ended: make(chan struct{}),
	}
	c.Stdout, c.Stderr = c.out, c.err
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CLEW_") })
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		c.end = c.Wait()
		close(c.ended)
	}()
	t.Cleanup(func() {
		_ = c.Process.Kill()
		<-c.ended
	})
	return c
}

// terminate asks the program to stop and tells how it ended; nil is exit status 0.
func (c *child) terminate() error {
	if err := c.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-c.ended
	return c.end
}

// startTLS is startApart with HTTPS, on a folder of its own.
func startTLS(t *testing.T) *platform {
	t.Helper()
	return startApart(t, t.TempDir(), "--tls", "--listen-tls", "127.0.0.1:0")
}

// startApart runs "clew dev --json" as a process of its own on a folder.
func startApart(t *testing.T, data string, more ...string) *platform {
	t.Helper()
	c := startClew(t, append([]string{"dev", "--json", "--data", data, "--listen", "127.0.0.1:0"}, more...)...)
	p := &platform{t: t, data: data, terminal: c.err, log: c.err}
	until(t, "clew dev to be ready", func() bool {
		select {
		case <-c.ended:
			t.Fatalf("it ended with %v: %s", c.end, c.err)
		default:
		}
		return strings.HasSuffix(c.out.String(), "\n")
	})
	if err := json.Unmarshal([]byte(c.out.String()), &p.ready); err != nil {
		t.Fatalf("the line is no JSON: %v", err)
	}
	p.stop = c.terminate
	return p
}

// engines runs fn on a development installation per engine.
func engines(t *testing.T, fn func(t *testing.T, p *platform)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, startHere(t, "")) })
	t.Run("postgres", func(t *testing.T) { fn(t, startHere(t, dbtest.Postgres(t))) })
}

var sixDigits = regexp.MustCompile(`(?:验证码 |\] )([0-9]{6})\b`)

// code waits for the newest code that the terminal shows for a number.
func (p *platform) code(number string) string {
	p.t.Helper()
	got := ""
	until(p.t, "the code on the terminal", func() bool {
		for line := range strings.Lines(p.terminal.String()) {
			if m := sixDigits.FindStringSubmatch(line); m != nil && strings.Contains(line, masked(number)) {
				got = m[1]
			}
		}
		return got != ""
	})
	return got
}

// arrived waits for an event about a lead in the demo's webhook inbox; an empty
// lead is the newest of that type.
func (p *platform) arrived(event, lead string) webhook.Received {
	p.t.Helper()
	var found webhook.Received
	until(p.t, "the event "+event, func() bool {
		r := p.request(http.MethodGet, p.WebhookInboxURL, nil)
		r.Header.Set("Accept", "application/json")
		var events []webhook.Received
		if a := p.do(nil, r); a.status != http.StatusOK || json.Unmarshal([]byte(a.body), &events) != nil {
			p.t.Fatalf("the inbox answered %d: %s", a.status, a.body)
		}
		i := slices.IndexFunc(events, func(e webhook.Received) bool {
			return e.Type == event && (lead == "" || strings.Contains(string(e.Body), `"`+lead+`"`))
		})
		if i >= 0 {
			found = events[i]
		}
		return i >= 0
	})
	return found
}

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	body   string
}

func (p *platform) request(method, address string, body io.Reader) *http.Request {
	p.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = p.URL + address
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, address, body)
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

var addresses atomic.Uint32

// fromElsewhere makes a connection for one request from a loopback address of its
// own: what one address may ask in a second is bounded, and is not what is tested.
// Linux has all of 127/8.
func fromElsewhere() *http.Transport {
	n := addresses.Add(1)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1+byte(n>>16), byte(n>>8), byte(n))}}
	return &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
}

// do sends r, following no redirect, with the cookies of jar, which may be nil.
func (p *platform) do(jar http.CookieJar, r *http.Request) answer {
	p.t.Helper()
	client := &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if host, _, _ := net.SplitHostPort(r.URL.Host); host == "127.0.0.1" {
		client.Transport = fromElsewhere()
	}
	resp, err := client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}

func (p *platform) get(address string) answer {
	p.t.Helper()
	return p.do(nil, p.request(http.MethodGet, address, nil))
}

// call is a request with JSON; key may be empty, into may be nil.
func (p *platform) call(method, address, key string, body, into any, change ...func(*http.Request)) answer {
	p.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r := p.request(method, address, bytes.NewReader(text))
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	for _, c := range change {
		c(r)
	}
	a := p.do(nil, r)
	if into != nil {
		if err := json.Unmarshal([]byte(a.body), into); err != nil {
			p.t.Fatalf("%s %s answered %d: %s", method, r.URL.Path, a.status, a.body)
		}
	}
	return a
}

// api is the address of a part of the demo's component on the public interface.
func (p *platform) api(part string) string { return "/v1/public/components/" + p.ComponentID + part }

// shown is the component as a page gets it.
func (p *platform) shown(lang words.Lang) (d web.Definition) {
	p.t.Helper()
	p.call(http.MethodGet, p.api("?lang="+string(lang)), "", nil, &d)
	return d
}

// filled is what the sheet sends.
type filled struct {
	FormToken string            `json:"form_token"`
	Consent   *consent.Act      `json:"consent,omitempty"`
	Answers   map[string]string `json:"answers,omitempty"`
	CodeID    string            `json:"code_id,omitempty"`
	Code      string            `json:"code,omitempty"`
	Source    string            `json:"source,omitempty"`
}

// agree is a submission as a person makes it who read d for some seconds.
func agree(d web.Definition, number string) filled {
	return filled{
		FormToken: d.FormToken, Answers: map[string]string{"phone": number, "name": "王女士"}, Source: "sheet",
		Consent: &consent.Act{
			NoticeVersion: d.Notice.Version, NoticeHash: d.Notice.Hash,
			Choices: []consent.Choice{{ID: component.ContactChoice, Accepted: true}},
			Gesture: consent.Gesture{
				Kind: consent.KindTap, Trigger: d.TriggerLabel, Trusted: true, OpenedAt: d.Now, TickedAt: d.Now, Viewport: "390x844",
			},
		},
	}
}

// sendCode asks for a code, with the proof of work done.
func (p *platform) sendCode(s filled, number string) answer {
	p.t.Helper()
	var c phone.Challenge
	p.call(http.MethodPost, p.api("/challenges"), "", struct{}{}, &c)
	solved, err := c.Solve()
	if err != nil {
		p.t.Fatal(err)
	}
	return p.call(http.MethodPost, p.api("/codes"), "", map[string]any{
		"form_token": s.FormToken, "consent": s.Consent, "phone": number, "challenge": solved,
	}, nil)
}

// prove adds a code to a submission.
func (p *platform) prove(s filled, number string) filled {
	p.t.Helper()
	a := p.sendCode(s, number)
	var sent struct {
		CodeID string `json:"code_id"`
	}
	if err := json.Unmarshal([]byte(a.body), &sent); err != nil || sent.CodeID == "" {
		p.t.Fatalf("no code was sent: %d %s", a.status, a.body)
	}
	s.CodeID, s.Code = sent.CodeID, p.code(number)
	return s
}

// submit sends a submission under an idempotency key.
func (p *platform) submit(s filled, key string) answer {
	p.t.Helper()
	return p.call(http.MethodPost, p.api("/leads"), "", s, nil, func(r *http.Request) { r.Header.Set("Idempotency-Key", key) })
}

type receipt struct {
	Receipt struct{ Number, URL string }
}

// lead leaves a number as the sheet does and waits for its event; id is the lead's.
func (p *platform) lead(number string) (id string, r receipt) {
	p.t.Helper()
	a := p.submit(p.prove(agree(p.shown(words.ZH), number), number), db.NewID("key"))
	if err := json.Unmarshal([]byte(a.body), &r); err != nil || a.status != http.StatusCreated {
		p.t.Fatalf("not stored: %d %s", a.status, a.body)
	}
	return p.find(number), r
}

// find asks by the API which lead a number has left.
func (p *platform) find(number string) string {
	p.t.Helper()
	var got struct{ Leads []struct{ ID string } }
	a := p.call(http.MethodPost, "/v1/leads/find", p.APIKey, map[string]string{"phone": number, "reason": "客户来电核对"}, &got)
	if len(got.Leads) != 1 {
		p.t.Fatalf("found %d leads: %s", len(got.Leads), a.body)
	}
	return got.Leads[0].ID
}

// staff is somebody at the console, without a browser.
type staff struct {
	*platform
	jar http.CookieJar
}

// signIn uses a one-time link.
func (p *platform) signIn(link string) *staff {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	s := &staff{p, jar}
	if a := s.post(link, nil); a.status != http.StatusSeeOther || a.header.Get("Location") != "/console/" {
		p.t.Fatalf("the link answered %d %s", a.status, a.header.Get("Location"))
	}
	return s
}

func (s *staff) get(address string) answer {
	s.t.Helper()
	return s.do(s.jar, s.request(http.MethodGet, address, nil))
}

func (s *staff) post(address string, values url.Values) answer {
	s.t.Helper()
	return s.do(s.jar, s.form(address, values))
}

// form is a form as a browser sends it from our own page.
func (p *platform) form(address string, values url.Values) *http.Request {
	p.t.Helper()
	r := p.request(http.MethodPost, address, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", p.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}
