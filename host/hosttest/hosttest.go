// Package hosttest keeps one promise: an adapter that passes [Conforms] carries out what
// Clew says, once, and nothing that anybody else says.
package hosttest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/casework"
	"clew/host"
	"clew/policy"
	"clew/webhook"
)

// Key is what the adapter must answer with; Secret is what commands are signed with.
const (
	Key    = "clew_conformance_key"
	Secret = "whsec_Y29uZm9ybWFuY2UgdGVzdCBzZWNyZXQgb2YgMzIgYnl0ZXM="
)

// Answer is what an adapter said of a command.
type Answer struct {
	Command string
	Done    bool   `json:"done"`
	Text    string `json:"text"`
}

// clew stands for the installation: it takes answers.
type clew struct {
	mu     sync.Mutex
	said   []Answer
	wrong  []string
	broken bool
}

func (c *clew) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	a := Answer{}
	id, ok := strings.CutPrefix(r.URL.Path, "/v1/host/commands/")
	if r.Method != http.MethodPost || !ok || r.Header.Get("Authorization") != "Bearer "+Key || json.NewDecoder(r.Body).Decode(&a) != nil {
		c.wrong = append(c.wrong, r.Method+" "+r.URL.Path)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	a.Command = id
	c.said = append(c.said, a)
	w.WriteHeader(http.StatusNoContent)
}

func (c *clew) answers(id string) (list []Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range c.said {
		if a.Command == id {
			list = append(list, a)
		}
	}
	return list
}

func (c *clew) breaks(yes bool) { c.mu.Lock(); c.broken = yes; c.mu.Unlock() }

// Conforms runs an adapter through what it must bear. start brings it up against the
// address of an installation, with [Key] and [Secret], and gives the address that takes
// commands; acted counts how often a command was carried out, nil where that cannot be
// seen. Times are those of the machine.
func Conforms(t *testing.T, start func(clew string) (endpoint string), acted func(command string) int) {
	t.Helper()
	c := &clew{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	to := start(server.URL)
	send := func(id, verb string, change func(h http.Header, body []byte) []byte) int {
		t.Helper()
		body, err := json.Marshal(host.Envelope{Type: casework.CommandMessage, Timestamp: time.Now().UTC(), Data: casework.Command{
			ID: id, Case: "case_1", Measure: "mea_1", App: "app_1", Kind: policy.AppDelist, Verb: verb,
		}})
		if err != nil {
			t.Fatal(err)
		}
		h := http.Header{"Content-Type": {"application/json"}}
		if err := webhook.Sign(h, Secret, "msg_"+id, time.Now(), body); err != nil {
			t.Fatal(err)
		}
		if change != nil {
			body = change(h, body)
		}
		ask, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		ask.Header = h
		got, err := http.DefaultClient.Do(ask)
		if err != nil {
			t.Fatal(err)
		}
		_ = got.Body.Close()
		return got.StatusCode
	}
	ok := func(status int) bool { return status >= 200 && status < 300 }
	once := func(id string) {
		t.Helper()
		if acted != nil && acted(id) != 1 {
			t.Errorf("%s was carried out %d times", id, acted(id))
		}
	}

	for _, verb := range []string{"apply", "undo", "freeze", "capture", "release"} {
		if status := send("cmd_"+verb, verb, nil); !ok(status) || len(c.answers("cmd_"+verb)) != 1 {
			t.Errorf("%s: %d, answers %v", verb, status, c.answers("cmd_"+verb))
		}
		once("cmd_" + verb)
	}
	// It comes again, as it does when an answer was lost: nothing is done twice, and the
	// answer is the same.
	if status := send("cmd_apply", "apply", nil); !ok(status) {
		t.Errorf("the same again: %d", status)
	}
	once("cmd_apply")
	if said := c.answers("cmd_apply"); len(said) < 1 || said[0] != said[len(said)-1] {
		t.Errorf("the answers differ: %v", said)
	}
	// What the adapter does not know it says it has not done.
	if status := send("cmd_unknown", "rewind", nil); ok(status) {
		for _, a := range c.answers("cmd_unknown") {
			if a.Done {
				t.Error("an unknown verb was done")
			}
		}
	}
	for name, change := range map[string]func(h http.Header, body []byte) []byte{
		"changed": func(_ http.Header, body []byte) []byte {
			return bytes.Replace(body, []byte("app_1"), []byte("app_2"), 1)
		},
		"unsigned": func(h http.Header, body []byte) []byte { h.Del(webhook.HeaderSignature); return body },
		"old": func(h http.Header, body []byte) []byte {
			if err := webhook.Sign(h, Secret, "msg_old", time.Now().Add(-2*webhook.Tolerance), body); err != nil {
				t.Fatal(err)
			}
			return body
		},
		"of somebody else": func(h http.Header, body []byte) []byte {
			if err := webhook.Sign(h, "whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXRlcyE=", "msg_else", time.Now(), body); err != nil {
				t.Fatal(err)
			}
			return body
		},
	} {
		id := "cmd_forged_" + strings.ReplaceAll(name, " ", "_")
		if status := send(id, "apply", change); ok(status) || len(c.answers(id)) != 0 || acted != nil && acted(id) != 0 {
			t.Errorf("%s: %d, carried out", name, status)
		}
	}
	// While Clew cannot be told, the adapter does not claim to have told it; afterwards
	// the same command is answered and still done once.
	c.breaks(true)
	first := send("cmd_lost", "apply", nil)
	c.breaks(false)
	if ok(first) && acted != nil && acted("cmd_lost") == 0 {
		t.Error("taken and lost")
	}
	if status := send("cmd_lost", "apply", nil); !ok(status) || len(c.answers("cmd_lost")) == 0 {
		t.Errorf("after the outage: %d", status)
	}
	once("cmd_lost")
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.wrong) > 0 {
		t.Errorf("not the interface: %v", c.wrong)
	}
}
