package webhook

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Received is an event an [Inbox] took in.
type Received struct {
	ID    string          `json:"id"`
	Type  string          `json:"type"`
	Sent  time.Time       `json:"sent"` // by the sender's clock, when it signed
	At    time.Time       `json:"at"`   // when it arrived here
	Body  json.RawMessage `json:"body"`
	Times int             `json:"times"` // how often it came; all but the first were dropped
}

const (
	inboxEvents = 200     // kept to be shown
	inboxSeen   = 10_000  // ids remembered to drop repetitions
	inboxBody   = 1 << 20 // bytes
)

// Inbox is a receiver, for demonstrations and as the reference for operators: it
// verifies before it reads, drops ids it has seen, and answers 204 at once. It
// keeps everything in memory. A GET lists what came, newest first, as JSON.
type Inbox struct {
	now func() time.Time

	mu      sync.Mutex
	secrets []string
	events  []Received // oldest first
	seen    map[string]int
	order   []string // of seen, oldest first
}

// NewInbox makes an inbox for events signed with any of the secrets; nil means
// the clock of the machine.
func NewInbox(now func() time.Time, secrets ...string) (*Inbox, error) {
	if now == nil {
		now = time.Now
	}
	in := &Inbox{now: now, seen: map[string]int{}}
	return in, in.SetSecrets(secrets...)
}

// SetSecrets replaces the secrets; during a rotation there are two.
func (in *Inbox) SetSecrets(secrets ...string) error {
	for _, s := range secrets {
		if _, err := parseSecret(s); err != nil {
			return err
		}
	}
	in.mu.Lock()
	in.secrets = slices.Clone(secrets)
	in.mu.Unlock()
	return nil
}

// Events is what came, newest first.
func (in *Inbox) Events() []Received {
	in.mu.Lock()
	defer in.mu.Unlock()
	out := make([]Received, len(in.events))
	for i, e := range in.events {
		e.Times = in.seen[e.ID]
		out[len(out)-1-i] = e
	}
	return out
}

// ServeHTTP takes an event on POST: 204 when it was taken or had been before,
// 401 when it was not signed with a secret or long ago, 400 when it is no event.
func (in *Inbox) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch req.Method {
	case http.MethodGet, http.MethodHead:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(in.Events())
	case http.MethodPost:
		in.take(w, req)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "only GET and POST are understood here", http.StatusMethodNotAllowed)
	}
}

func (in *Inbox) take(w http.ResponseWriter, req *http.Request) {
	// The signature is over the bytes as they came: read them, verify, then decode.
	raw, err := io.ReadAll(http.MaxBytesReader(w, req.Body, inboxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "the body could not be read", http.StatusBadRequest)
		return
	}
	now := in.now()
	in.mu.Lock()
	secrets := in.secrets
	in.mu.Unlock()
	if err := Verify(req.Header, raw, now, secrets...); err != nil {
		status := http.StatusUnauthorized
		if errors.Is(err, ErrHeaders) {
			status = http.StatusBadRequest
		}
		http.Error(w, err.Error(), status)
		return
	}
	var b struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &b); err != nil || b.Type == "" {
		http.Error(w, "the body is not an event", http.StatusBadRequest)
		return
	}
	seconds, _ := strconv.ParseInt(req.Header.Get(HeaderTimestamp), 10, 64) // Verify has read it
	in.keep(Received{ID: req.Header.Get(HeaderID), Type: b.Type, Sent: time.Unix(seconds, 0).UTC(), At: now.UTC(), Body: raw})
	w.WriteHeader(http.StatusNoContent)
}

func (in *Inbox) keep(e Received) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.seen[e.ID]++
	if in.seen[e.ID] > 1 {
		return
	}
	in.order = append(in.order, e.ID)
	if len(in.order) > inboxSeen {
		delete(in.seen, in.order[0])
		in.order = in.order[1:]
	}
	in.events = append(in.events, e)
	if len(in.events) > inboxEvents {
		in.events = in.events[1:]
	}
}
