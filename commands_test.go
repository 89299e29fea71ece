package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/lead"
	"clew/words"

	"github.com/rogpeppe/go-internal/testscript"
)

// The commands as testdata/*.txt tells them. What the scripts may use besides
// testscript's own words:
//
//	port NAME         puts a free port into $NAME
//	keyof URL NAME    puts what the address answers into $NAME
//	up URL            waits until the address answers 200
//	status N CMD…     runs a command that must end with status N
func TestCommands(t *testing.T) {
	t.Parallel()
	folder := program(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", folder+string(filepath.ListSeparator)+env.Getenv("PATH"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"port": func(ts *testscript.TestScript, _ bool, args []string) {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				ts.Check(err)
				ts.Setenv(args[0], fmt.Sprint(l.Addr().(*net.TCPAddr).Port))
				ts.Check(l.Close())
			},
			"keyof": func(ts *testscript.TestScript, _ bool, args []string) {
				resp, err := http.Get(args[0])
				ts.Check(err)
				text, err := io.ReadAll(resp.Body)
				ts.Check(errors.Join(err, resp.Body.Close()))
				ts.Setenv(args[1], strings.TrimSpace(string(text)))
			},
			"up": func(ts *testscript.TestScript, _ bool, args []string) {
				for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
					resp, err := http.Get(args[0])
					if err == nil {
						_ = resp.Body.Close()
						if resp.StatusCode == http.StatusOK {
							return
						}
					}
					if time.Now().After(end) {
						ts.Fatalf("%s did not come up", args[0])
					}
				}
			},
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				err := ts.Exec(args[1], args[2:]...)
				var exit *exec.ExitError
				got := 0
				if errors.As(err, &exit) {
					got = exit.ExitCode()
				} else {
					ts.Check(err)
				}
				if fmt.Sprint(got) != args[0] {
					ts.Fatalf("it ended with status %d", got)
				}
			},
		},
	})
}

// "clew dev --json" prints one line with everything in it that a program needs, and
// the same installation again the next time.
func TestDevPrintsOneLine(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	var before ready
	for range 2 {
		began := time.Now()
		p := startApart(t, data)
		if took := time.Since(began); took > 60*time.Second {
			t.Errorf("it took %v", took)
		}
		for _, name := range []string{
			"url", "console_url", "console_login_url", "api_key", "app_id", "app_secret", "component_id", "page_url", "webhook_inbox_url",
		} {
			found := false
			v := reflect.ValueOf(p.ready)
			for i := range v.NumField() {
				if v.Type().Field(i).Tag.Get("json") == name {
					found = v.Field(i).String() != ""
				}
			}
			if !found {
				t.Errorf("the line has no %s", name)
			}
		}
		for _, address := range []string{p.URL, p.PageURL, p.WebhookInboxURL, p.OpenAPIURL, p.URL + "/healthz", p.URL + "/readyz"} {
			if a := p.get(address); a.status != http.StatusOK {
				t.Errorf("%s answered %d", address, a.status)
			}
		}
		p.signIn(p.ConsoleLoginURL)
		p.signIn(p.AdminLoginURL)
		if len(p.DeskLoginURLs) != 7 {
			t.Errorf("%d desks are let in", len(p.DeskLoginURLs))
		}
		if a := p.signIn(p.DeskLoginURLs[access.RoleInspector]).get("/console/cases"); !strings.Contains(a.body, "清舟") {
			t.Errorf("the inspector's queue answered %d", a.status)
		}
		var got struct{ Components []struct{ ID string } }
		p.call(http.MethodGet, "/v1/components", p.APIKey, nil, &got)
		if len(got.Components) != 1 || got.Components[0].ID != p.ComponentID {
			t.Errorf("the key sees %v", got.Components)
		}
		if err := p.stop(); err != nil {
			t.Errorf("it ended with %v: %s", err, p.log)
		}
		if before.APIKey != "" {
			was, is := []string{before.OperatorID, before.AppID, before.AppSecret, before.ComponentID, before.APIKey}, []string{p.OperatorID, p.AppID, p.AppSecret, p.ComponentID, p.APIKey}
			if !reflect.DeepEqual(was, is) {
				t.Errorf("the second start made another installation: %v, before %v", is, was)
			}
			if p.ConsoleLoginURL == before.ConsoleLoginURL {
				t.Error("the second start gave the same one-time link")
			}
		}
		before = p.ready
	}
}

// typedComponent publishes a component that takes typed numbers, by the API.
func (p *platform) typedComponent() (id string) {
	p.t.Helper()
	def := component.Sample(p.AppID)
	def.Verification = component.Typed
	var made struct{ ID string }
	a := p.call(http.MethodPost, "/v1/components", p.APIKey, map[string]any{"definition": def}, &made)
	if a.status != http.StatusCreated {
		p.t.Fatalf("no component: %d %s", a.status, a.body)
	}
	if a := p.call(http.MethodPost, "/v1/components/"+made.ID+"/publish", p.APIKey, struct{}{}, nil); a.status != http.StatusOK {
		p.t.Fatalf("not published: %d %s", a.status, a.body)
	}
	return made.ID
}

// SIGTERM while people submit: what was acknowledged is stored, the rest was
// refused, and the program ends well.
func TestStopsWithoutLosingLeads(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	c := startApart(t, data)
	c.ComponentID = c.typedComponent()
	d := c.shown(words.ZH)
	var (
		people sync.WaitGroup
		mu     sync.Mutex
		links  []string
	)
	enough := make(chan struct{})
	client := &http.Client{}
	for range 4 {
		people.Go(func() {
			for {
				text, _ := json.Marshal(agree(d, newNumber()))
				r, _ := http.NewRequest(http.MethodPost, c.URL+c.api("/leads"), strings.NewReader(string(text)))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Idempotency-Key", db.NewID("key"))
				resp, err := client.Do(r)
				if err != nil {
					return // it has stopped
				}
				var got receipt
				err = json.NewDecoder(resp.Body).Decode(&got)
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusCreated || err != nil {
					continue
				}
				mu.Lock()
				links = append(links, got.Receipt.URL)
				if len(links) == 20 {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(patience):
		t.Fatal("too few submissions were taken")
	}
	if err := c.stop(); err != nil {
		t.Errorf("it ended with %v: %s", err, c.log)
	}
	people.Wait()

	h, _, err := openDemo(t.Context(), data, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}, &journal{}, &journal{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.close() }()
	for _, link := range links {
		if _, err := h.rights.Open(t.Context(), filepath.Base(link)); err != nil {
			t.Errorf("acknowledged, yet: %v", err)
		}
	}
	t.Logf("%d leads were acknowledged and stored", len(links))
}

// After a rotation the keys of before are gone, and every lead still opens.
func TestOldLeadsOpenAfterRotation(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	keys, config := filepath.Join(folder, "keys.json"), filepath.Join(folder, "clew.toml")
	w := world{nil, &journal{}, &journal{}, func(string) string { return "" }}
	command := func(args ...string) error { return run(t.Context(), w, args) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(command("keys", "new", keys))
	must(os.WriteFile(config, fmt.Appendf(nil, "base_url=\"https://leads.example.com\"\ndata=%q\nkey_file=%q\n[sms]\ndriver=\"none\"\n",
		filepath.Join(folder, "data"), keys), 0o600))

	h, err := openProduction(t.Context(), w, config)
	must(err)
	made, _, err := h.addOperator(t.Context(), "清舟律师事务所", demoCategory, nil)
	must(err)
	by := access.System(made.Operator, "test")
	def := component.Sample(made.ID)
	def.Verification = component.Typed
	id, err := h.components.Create(t.Context(), by, def)
	must(err)
	_, _, err = h.components.Publish(t.Context(), by, id)
	must(err)
	number, now := newNumber(), h.db.Now().UnixMilli()
	notice := consent.NewNotice(made.Operator, id, 1, words.ZH, def.NoticeText(words.ZH))
	h.intake.Start()
	got, err := h.intake.Accept(t.Context(), lead.Submission{
		Key: db.NewID("key"), Answers: map[string]string{"phone": number}, Scene: "page",
		Form: consent.Form{Component: id, Version: 1, NoticeHash: notice.Hash, Lang: words.ZH, IssuedAt: now - 9000, Via: consent.ViaSheet, Nonce: "n"},
		Act: consent.Act{
			NoticeVersion: 1, NoticeHash: notice.Hash, Choices: []consent.Choice{{ID: component.ContactChoice, Accepted: true}},
			Gesture: consent.Gesture{Kind: consent.KindTap, Trigger: "免费咨询", Trusted: true, OpenedAt: now - 8000, TickedAt: now - 3000},
		},
	})
	must(err)
	h.intake.Stop()
	link := consent.Link(h.ring, got.Number)
	old, err := os.ReadFile(keys)
	must(err)

	// Another process at work keeps the keys as they are.
	must(h.db.Present(t.Context(), "proc_other"))
	if err := command("keys", "rotate", "--config", config); err == nil || !strings.Contains(err.Error(), "servers at work on this database: 1") {
		t.Errorf("beside a server: %v", err)
	}
	if now, err := os.ReadFile(keys); err != nil || string(now) != string(old) {
		t.Errorf("the refused rotation changed the keys, error %v", err)
	}
	must(h.db.Absent(t.Context(), "proc_other"))

	// One that read the keys before and starts only now does not start.
	must(command("keys", "rotate", "--config", config))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	if err := h.run(t.Context(), l); err == nil || !strings.Contains(err.Error(), "keys were changed") {
		t.Errorf("a server with the old keys: %v", err)
	}
	must(l.Close())
	must(h.close())
	if said := w.stdout.(*journal).String(); !strings.Contains(said, "epoch 2 began, 1 data keys moved") {
		t.Errorf("it said %q", said)
	}
	h, err = openProduction(t.Context(), w, config)
	must(err)
	answers, err := h.leads.Reveal(t.Context(), by, got.Lead, nil, "核对轮换后的线索")
	if err != nil || answers["phone"] != "+86"+number {
		t.Errorf("after rotating: %d answers, error %v", len(answers), err)
	}
	if _, err := h.rights.Open(t.Context(), link); err != nil {
		t.Errorf("the person's link no longer opens: %v", err)
	}
	must(h.close())

	// The old key file opens nothing any more.
	must(os.WriteFile(keys, old, 0o600))
	h, err = openProduction(t.Context(), w, config)
	must(err)
	if answers, err := h.leads.Reveal(t.Context(), by, got.Lead, nil, "核对轮换后的线索"); err == nil {
		t.Errorf("the destroyed epoch opens %d answers", len(answers))
	}
	must(h.close())
}
