// Package host keeps one promise: a measure that acts in the host app's own systems is
// told to its adapter, signed, again and again until the adapter has answered.
//
// The wire is Standard Webhooks 1.0, as package webhook speaks it. The body is
//
//	{"type":"host.command","timestamp":"2026-03-02T02:00:00Z","data":{…}}
//
// with a [casework.Command] in data. Taking the message (2xx) is not the answer: that is
// POST /v1/host/commands/{id} with a key of the host app and {"done":true|false,"text":"…"}.
// An adapter acts once for each data.id, however often it comes, and says the same again.
package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"clew/casework"
	"clew/db"
	"clew/outbox"
	"clew/webhook"
)

const (
	// Again is how long a command that was taken and not answered waits before it is
	// sent again, and how long one waits while no adapter is configured.
	Again = time.Hour
	// patience is how long an adapter may take to say that it has the message.
	patience = 15 * time.Second
)

var (
	// ErrUnset says that no adapter is configured: commands wait.
	ErrUnset = errors.New("no host adapter is configured: set [host] url and secret; the command waits")
	// ErrUnanswered says that the adapter took the command and has not answered it yet.
	ErrUnanswered = errors.New("the host has the command and has not answered yet")
)

// Room sends commands. An empty URL keeps them waiting.
type Room struct {
	DB          *db.DB
	Outbox      *outbox.Room
	URL, Secret string // the secret is "whsec_…"
	// Client is what asks; nil is one that follows no redirect.
	Client *http.Client
}

// Register makes the room the handler of commands.
func (r *Room) Register() { r.Outbox.Handle(casework.CommandMessage, r.Deliver) }

// Envelope is what is posted.
type Envelope struct {
	Type      string           `json:"type"` // [casework.CommandMessage]
	Timestamp time.Time        `json:"timestamp"`
	Data      casework.Command `json:"data"`
}

// Deliver sends one command, unless it was answered. It is an [outbox.Handler].
func (r *Room) Deliver(ctx context.Context, m outbox.Message) error {
	var command casework.Command
	if err := json.Unmarshal(m.Body, &command); err != nil {
		return outbox.Dead(errors.New("the message is no command"))
	}
	switch done, err := r.answered(ctx, m.Operator, command.ID); {
	case errors.Is(err, casework.ErrCommand):
		return outbox.Dead(err)
	case err != nil || done:
		return err
	case r.URL == "":
		return outbox.RetryAfter(Again, ErrUnset)
	}
	if err := r.post(ctx, m, command); err != nil {
		return err
	}
	// Adapters may answer before they take their leave.
	if done, err := r.answered(ctx, m.Operator, command.ID); err != nil || done {
		return err
	}
	return outbox.RetryAfter(Again, ErrUnanswered)
}

func (r *Room) answered(ctx context.Context, operator, command string) (done bool, err error) {
	return done, r.DB.Read(ctx, func(tx *db.Tx) error {
		done, err = casework.Answered(ctx, tx, operator, command)
		return err
	})
}

func (r *Room) post(ctx context.Context, m outbox.Message, command casework.Command) error {
	body, err := json.Marshal(Envelope{casework.CommandMessage, m.CreatedAt, command})
	if err != nil {
		return outbox.Dead(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	ask.Header.Set("Content-Type", "application/json")
	if err := webhook.Sign(ask.Header, r.Secret, m.ID, r.DB.Now(), body); err != nil {
		return err
	}
	client := r.Client
	if client == nil {
		client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	answer, err := client.Do(ask)
	if err != nil {
		return errors.New("the host adapter does not answer") // the library's text holds the address
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10))
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return fmt.Errorf("the host adapter answered %d", answer.StatusCode)
	}
	return nil
}
