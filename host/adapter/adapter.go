// Package adapter keeps one promise: each command of Clew is carried out once in the
// host app's systems, and Clew is told what came of it.
//
// It is the reference for adapters in other languages; package hosttest says whether
// one conforms.
package adapter

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"clew/casework"
	"clew/host"
	"clew/webhook"
)

// maxCommand bounds a command's body, in bytes.
const maxCommand = 16 << 10

// Adapter takes commands. Its memory of what was done lives as long as the process: an
// adapter in earnest keeps it in its own store, with what it did.
type Adapter struct {
	// Clew is scheme and host of the installation, Key one of the host app ("clew host
	// add"), Secret what commands are signed with.
	Clew, Key, Secret string
	// Do carries a command out; text goes to the people on the case. It is called once
	// for each command, one at a time.
	Do  func(casework.Command) (done bool, text string)
	Now func() time.Time
	// Client is what answers; nil is the usual one.
	Client *http.Client

	mu   sync.Mutex
	said map[string]answer
}

type answer struct {
	Done bool   `json:"done"`
	Text string `json:"text,omitempty"`
}

func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCommand))
	if err != nil {
		http.Error(w, "the command is too long", http.StatusRequestEntityTooLarge)
		return
	}
	if err := webhook.Verify(r.Header, body, a.Now(), a.Secret); err != nil {
		http.Error(w, "the command is not signed by Clew", http.StatusUnauthorized)
		return
	}
	var in host.Envelope
	if err := json.Unmarshal(body, &in); err != nil || in.Type != casework.CommandMessage || in.Data.ID == "" {
		http.Error(w, "this is no command", http.StatusBadRequest)
		return
	}
	if err := a.tell(r, in.Data.ID, a.once(in.Data)); err != nil {
		http.Error(w, "the answer could not be given; send the command again", http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// once is what came of a command, whether it came for the first time or again.
func (a *Adapter) once(c casework.Command) answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if said, known := a.said[c.ID]; known {
		return said
	}
	var said answer
	switch c.Verb {
	case "apply", "undo", "freeze", "capture", "release":
		said.Done, said.Text = a.Do(c)
	default:
		said.Text = "unknown verb"
	}
	if a.said == nil {
		a.said = map[string]answer{}
	}
	a.said[c.ID] = said
	return said
}

func (a *Adapter) tell(r *http.Request, id string, said answer) error {
	body, err := json.Marshal(said)
	if err != nil {
		return err
	}
	ask, err := http.NewRequestWithContext(r.Context(), http.MethodPost, a.Clew+"/v1/host/commands/"+url.PathEscape(id), bytes.NewReader(body))
	if err != nil {
		return err
	}
	ask.Header.Set("Content-Type", "application/json")
	ask.Header.Set("Authorization", "Bearer "+a.Key)
	client := a.Client
	if client == nil {
		client = http.DefaultClient
	}
	got, err := client.Do(ask)
	if err != nil {
		return err
	}
	defer func() { _ = got.Body.Close() }()
	if got.StatusCode != http.StatusNoContent {
		return errors.New("Clew answered " + got.Status)
	}
	return nil
}
