// Package outbox keeps one promise: a message put in a transaction is handled at
// least once after that transaction commits, and never if it did not.
//
// A message belongs to an operator, and operators are served in turn: one that
// floods the queue, or whose handlers hang, waits for itself and not others for
// it. Messages carry ids and nothing else; whoever handles one looks up what it
// needs at that moment, so that what was erased in between stays erased.
//
// Handlers must bear being called twice for one message: a process that dies
// after its handler returned and before the store heard of it leaves the message
// to be delivered again when its lease ends.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"clew/db"
)

// Message is something to act on after a commit.
type Message struct {
	// Operator owns the message; never empty.
	Operator string
	// ID is unique within the operator; Put fills it in when empty. It stays the
	// same on every try, so it serves handlers as an idempotency key.
	ID string
	// Kind picks the handler, for example "lead.created".
	Kind string
	// Subject is the id of what the message is about, for people who read the list.
	Subject string
	// Body is JSON holding ids, kinds and instants only, never personal data: it
	// is stored in the clear, listed in the console and outlives an erasure. Nil
	// is stored as {}. At most [MaxBody] bytes.
	Body json.RawMessage
	// Attempt is 1 on the first try; a process that died counts as a try.
	Attempt int
	// CreatedAt is the instant of the transaction that put the message.
	CreatedAt time.Time
	// DueAt is when to handle it; zero in Put means at once. While a message is
	// being handled it is the end of the lease.
	DueAt time.Time
}

// MaxBody is the largest body in bytes; ids need far less.
const MaxBody = 4096

// States of a message.
const (
	Waiting = "waiting" // due now, due later, or held by a worker until DueAt
	Done    = "done"
	DeadEnd = "dead" // given up; [Room.Replay] wakes it
)

// ErrMessage says that a message cannot be put; the text says which member is wrong.
var ErrMessage = errors.New("message cannot be put")

// Handler acts on one message. Nil means done, [RetryAfter] means again no
// sooner than it says, [Dead] means never again; any other error means again
// after a delay that grows, and dead after [MaxTries].
type Handler func(ctx context.Context, m Message) error

// MaxTries bounds the tries of a handler that returns plain errors: with the
// default delays about 14 hours.
const MaxTries = 20

type retryAfter struct {
	delay time.Duration
	err   error
}

func (e *retryAfter) Error() string { return fmt.Sprintf("again in %v: %v", e.delay, e.err) }
func (e *retryAfter) Unwrap() error { return e.err }

// RetryAfter asks for another try after d and is not limited by [MaxTries].
func RetryAfter(d time.Duration, err error) error {
	if err == nil {
		err = errors.New("asked for another try")
	}
	return &retryAfter{delay: max(d, 0), err: err}
}

type dead struct{ err error }

func (e *dead) Error() string { return "given up: " + e.err.Error() }
func (e *dead) Unwrap() error { return e.err }

// Dead gives the message up; err is kept for the people who will look at it.
func Dead(err error) error {
	if err == nil {
		err = errors.New("no reason given")
	}
	return &dead{err: err}
}

// Room is the outbox. Its numbers may be changed before Run and not after.
type Room struct {
	DB  *db.DB
	Log *slog.Logger

	// Workers is how many handlers run at once; OperatorWorkers how many of them
	// for one operator.
	Workers, OperatorWorkers int
	// Hold is how many messages are claimed ahead, OperatorHold how many of one operator.
	Hold, OperatorHold int
	// Lease is how long a claim lasts after the process that made it has died;
	// while it lives, claims are renewed.
	Lease time.Duration
	// Timeout is how long one handler may take.
	Timeout time.Duration
	// Linger is how long a claim waits for more messages after one was committed.
	Linger time.Duration
	// Grace is how long Run waits for running handlers when told to stop.
	Grace time.Duration
	// Retention is how long done messages are kept.
	Retention time.Duration
	// Poll replaces the one-second ticker that finds messages due later, of other
	// processes and of the dead; nil means that ticker.
	Poll <-chan time.Time

	handlers map[string]Handler

	mu    sync.Mutex
	fresh map[string]bool // operators with messages committed since the worker last looked
	wake  chan struct{}
}

// New makes a room with working numbers; a nil log discards.
func New(d *db.DB, log *slog.Logger) *Room {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Room{
		DB: d, Log: log,
		Workers: 32, OperatorWorkers: 8, Hold: 512, OperatorHold: 128,
		Lease: time.Minute, Timeout: time.Minute, Linger: 20 * time.Millisecond, Grace: 20 * time.Second, Retention: 72 * time.Hour,
		handlers: map[string]Handler{}, fresh: map[string]bool{}, wake: make(chan struct{}, 1),
	}
}

// Handle registers the handler of a kind. It must be called before Run; a kind
// registered twice is a mistake in the wiring and panics.
func (r *Room) Handle(kind string, h Handler) {
	if _, taken := r.handlers[kind]; taken {
		panic("outbox: kind " + kind + " has two handlers")
	}
	r.handlers[kind] = h
}
