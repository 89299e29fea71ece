package phone

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"

	"clew/db"
	"clew/seal"
	"clew/words"
)

var (
	// ErrDriver says that the message could not be handed over. The rest of the
	// text is the driver's and holds no number.
	ErrDriver = errors.New("the code could not be sent")
	// ErrRequest says that the caller left out what a send needs: operator,
	// component, number, or the consent that permits using the number at all.
	ErrRequest = errors.New("a code needs operator, component, number and the hash of the consented notice")
)

// Sender hands a text to a number. Its errors must not hold the number.
type Sender interface {
	Send(ctx context.Context, to Number, text string) error
}

// Room sends and redeems codes. Fill the fields before the first call.
type Room struct {
	DB     *db.DB
	Ring   *seal.Ring
	Sender Sender
	Caps   Caps

	clock clock
	pace  pace
}

// SendRequest asks for one code.
type SendRequest struct {
	Operator, Component string
	Number              Number
	// Address is the caller's IP address, with or without port. It is tagged with a
	// key and forgotten.
	Address string
	Lang    words.Lang
	// Brand is who the message says it is from, at most 20 characters.
	Brand    string
	Solution Solution
	// NoScript skips the proof of work and meets stricter caps. It must only be true
	// for a form token that was reached by the signed trigger link (Via "page").
	NoScript bool

	light bool // the challenge was a light one
	// ConsentHash is the hash of the notice the person agreed to: why we may use the
	// number. It is stored with the code.
	ConsentHash string
}

// Sent is the answer to a request, the same in shape for every number.
type Sent struct {
	CodeID    string
	ExpiresAt time.Time
	ResendAt  time.Time
}

// SendCode sends a six-digit code. Errors: [ErrRequest], [ErrPuzzle],
// [*ResendTooSoon], [*Capped], [ErrDriver]. It must not be called inside a write
// transaction: it makes its own, and the message leaves after it. A refused request
// leaves its solution unused: it may be sent again while the challenge lasts.
//
// That a number's own limits are reached is told to those alone who asked for its
// codes. Anybody else gets an answer like any other, as late as any other, and no
// message is sent: nobody learns whether a number is being verified here.
func (r *Room) SendCode(ctx context.Context, q SendRequest) (Sent, error) {
	if q.Operator == "" || q.Component == "" || q.Number.IsZero() || q.ConsentHash == "" {
		return Sent{}, ErrRequest
	}
	nonce := any(nil)
	if !q.NoScript {
		n, light, err := r.CheckSolution(q.Component, q.Solution, r.DB.Now())
		if err != nil {
			return Sent{}, err
		}
		nonce, q.light = n, light
	}
	caps := r.Caps.filled()
	index := r.index(q.Operator, q.Number)
	all := r.limits(q, index)
	code := newCode()
	sent := Sent{CodeID: db.NewID("code")}
	var refused error
	decoy := false
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		r.clock.see(tx.Now())
		limits := all
		refused = full(ctx, tx, q.Operator, limits)
		if aboutNumber(refused) {
			stranger, err := r.stranger(ctx, tx, q, index)
			if err != nil {
				return err
			}
			if decoy = stranger; decoy {
				limits = r.strangersLimits(q, index, all)
				refused = full(ctx, tx, q.Operator, limits)
			}
		}
		if refused == nil {
			refused = r.broken(ctx, tx, q.Operator)
		}
		if refused != nil {
			if isRefusal(refused) {
				return nil // what full set right stays
			}
			return refused
		}
		if err := count(ctx, tx, q.Operator, limits); err != nil {
			return err
		}
		sent.ExpiresAt, sent.ResendAt = tx.Now().Add(caps.CodeLife), tx.Now().Add(caps.ResendAfter)
		return tx.Insert(ctx, "phone_code",
			[]string{
				"operator", "id", "component", "number", "code", "address", "consent_hash", "puzzle", "tries", "sent_at",
				"expires_at", "failed", "decoy",
			},
			[][]any{{
				q.Operator, sent.CodeID, q.Component, index, r.codeTag(q.Operator, sent.CodeID, code),
				r.addressTag(q.Operator, q.Address), q.ConsentHash, nonce, 0, tx.NowMS(), sent.ExpiresAt.UnixMilli(), false, decoy,
			}})
	})
	switch {
	case db.IsUnique(err):
		return Sent{}, ErrPuzzle
	case err != nil:
		return Sent{}, err
	case refused != nil:
		return Sent{}, refused
	}
	if decoy {
		return sent, r.pace.wait(ctx)
	}
	// The person may leave; the message must not be half sent for it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), caps.SendTimeout)
	defer cancel()
	began := time.Now()
	err = r.Sender.Send(ctx, q.Number, Text(q.Lang, q.Brand, code, caps.CodeLife))
	r.pace.took(time.Since(began))
	if err != nil {
		if ferr := r.fail(context.WithoutCancel(ctx), q.Operator, sent.CodeID, index); ferr != nil {
			return Sent{}, ferr
		}
		return Sent{}, driverError(err, q.Number)
	}
	return sent, nil
}

func isRefusal(err error) bool {
	var capped *Capped
	var soon *ResendTooSoon
	return errors.As(err, &capped) || errors.As(err, &soon)
}

// fail takes back a code whose message could not be handed over.
func (r *Room) fail(ctx context.Context, operator, id, index string) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update phone_code set failed=true where operator=$1 and id=$2`, operator, id); err != nil {
			return fmt.Errorf("take back code: %w", err)
		}
		return forgetResend(ctx, tx, operator, index)
	})
}

// driverError keeps the driver's words unless they hold the number.
func driverError(err error, n Number) error {
	if text := err.Error(); strings.Contains(text, n.National()) || strings.Contains(text, n.E164()) {
		return ErrDriver
	}
	return fmt.Errorf("%w: %w", ErrDriver, err)
}

func (r *Room) index(operator string, n Number) string {
	return r.Ring.Index(operator, "phone", n.E164())
}

func (r *Room) codeTag(operator, id, code string) []byte {
	return r.Ring.MAC("phone code", operator, id, code)
}

func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // crypto/rand never fails on supported systems
	}
	return fmt.Sprintf("%06d", n)
}

// Sweep deletes codes long expired and counters whose window is over. Call it now
// and then; it says how many rows went.
func (r *Room) Sweep(ctx context.Context) (int64, error) {
	var gone int64
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		r.clock.see(tx.Now())
		codes, err := tx.Exec(ctx, `delete from phone_code where expires_at<$1`, tx.Now().Add(-r.Caps.filled().Keep).UnixMilli())
		if err != nil {
			return fmt.Errorf("sweep codes: %w", err)
		}
		counters, err := tx.Exec(ctx, `delete from phone_cap where window_end<$1`, tx.NowMS())
		if err != nil {
			return fmt.Errorf("sweep caps: %w", err)
		}
		gone = codes + counters
		return nil
	})
	return gone, err
}

// clock remembers the latest instant this process saw. When the store's clock goes
// back, every code made before that moment is void: nobody can say how old it is.
type clock struct {
	mu     sync.Mutex
	latest time.Time
	// cut is an id made when the clock last went back; ids sort by when they were
	// made in this process, whatever the clock says.
	cut string
}

// clockSlack is how far two transactions may lie out of order, or two servers'
// clocks apart, without any clock having gone back.
const clockSlack = 30 * time.Second

func (c *clock) see(now time.Time) (cut string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Before(c.latest.Add(-clockSlack)) {
		c.cut = db.NewID("code")
		c.latest = now
	}
	if now.After(c.latest) {
		c.latest = now
	}
	return c.cut
}
