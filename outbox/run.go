package outbox

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"clew/db"
)

// Run handles messages until ctx ends, then waits up to Grace for the handlers
// that are running and gives back what was only claimed. It returns nil after
// an orderly stop. Several processes may run on one store.
func (r *Room) Run(ctx context.Context) error {
	poll := r.Poll
	if poll == nil {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		poll = ticker.C
	}
	k := r.newKeeper(ctx)
	defer k.cancel()
	look := true
	for {
		if err := k.turn(look); err != nil {
			r.Log.Error("outbox cannot reach the store; it tries again", "error", err)
		} else {
			look = false
			if k.canClaim() && ctx.Err() == nil {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return k.stop()
		case <-r.wake:
			k.linger(ctx)
		case <-poll:
			look = true
		case res := <-k.results:
			k.take(res)
		}
		k.gather()
	}
}

// linger lets what is committed in the next moment share this claim's transaction:
// a store that takes leads in one by one has better to do than a claim for each.
func (k *keeper) linger(ctx context.Context) {
	if k.r.Linger <= 0 {
		return
	}
	t := time.NewTimer(k.r.Linger)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			return
		case <-ctx.Done():
			return
		case res := <-k.results:
			k.take(res)
		}
	}
}

// Drain handles everything that is due now and what that puts, then returns:
// for tests and for commands that end. Messages due later stay.
func (r *Room) Drain(ctx context.Context) error {
	k := r.newKeeper(ctx)
	defer k.cancel()
	for {
		look := k.idle()
		if err := k.turn(look); err != nil {
			return errors.Join(err, k.stop())
		}
		switch {
		case ctx.Err() != nil:
			return errors.Join(ctx.Err(), k.stop())
		case k.canClaim(), !look && k.idle():
			continue
		case k.idle():
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), k.stop())
		case res := <-k.results:
			k.take(res)
		}
		k.gather()
	}
}

// result is what a handler said about a message.
type result struct {
	m   Message
	err error
}

// keeper is the one goroutine that talks to the store for a Run. Completions and
// new claims share a transaction, so many of them share one fsync.
type keeper struct {
	r        *Room
	ctx      context.Context // of the handlers; outlives the ctx of Run by Grace
	cancel   context.CancelFunc
	results  chan result
	finished []result

	attempt map[key]int          // everything held, with the try its lease stands for
	queue   map[string][]Message // claimed and not started
	line    []string             // operators with a queue, next one first
	held    map[string]int       // claimed, by operator
	running map[string]int
	total   int // running, all operators

	ring    []string // operators believed to have something due, next one first
	inRing  map[string]bool
	renewAt time.Time
}

func (r *Room) newKeeper(ctx context.Context) *keeper {
	k := &keeper{
		r: r, results: make(chan result, r.Workers), attempt: map[key]int{}, queue: map[string][]Message{},
		held: map[string]int{}, running: map[string]int{}, inRing: map[string]bool{},
	}
	k.ctx, k.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return k
}

func (k *keeper) idle() bool {
	return len(k.attempt) == 0 && len(k.ring) == 0 && len(k.finished) == 0
}

// turn looks for due operators when asked, then completes, claims and starts.
// It goes by the handlers' context: a stop in the middle of a commit would leave
// messages claimed by nobody until their leases end.
func (k *keeper) turn(look bool) error {
	ctx := k.ctx
	for operator := range k.r.takeFresh() {
		k.enter(operator)
	}
	if look {
		if err := k.look(ctx); err != nil {
			return err
		}
	}
	if len(k.finished) > 0 || k.canClaim() {
		if err := k.exchange(ctx); err != nil {
			return err
		}
	}
	k.start()
	return nil
}

func (k *keeper) enter(operator string) {
	if !k.inRing[operator] {
		k.inRing[operator] = true
		k.ring = append(k.ring, operator)
	}
}

func (k *keeper) look(ctx context.Context) error {
	var due []string
	if err := k.r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		due, err = dueOperators(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	for _, operator := range due {
		k.enter(operator)
	}
	if len(k.attempt) == 0 {
		return nil
	}
	now := k.r.DB.Now()
	if now.Before(k.renewAt) && k.renewAt.Sub(now) <= k.r.Lease {
		return nil
	}
	keys := make([]key, 0, len(k.attempt))
	for id := range k.attempt {
		keys = append(keys, id)
	}
	if err := k.r.DB.Write(ctx, func(tx *db.Tx) error { return renew(ctx, tx, keys, k.r.Lease) }); err != nil {
		return err
	}
	k.renewAt = now.Add(k.r.Lease / 3)
	return nil
}

func (k *keeper) canClaim() bool {
	if len(k.attempt) >= k.r.Hold {
		return false
	}
	for _, operator := range k.ring {
		if k.held[operator] < k.r.OperatorHold {
			return true
		}
	}
	return false
}

// maxClaims bounds the operators served in one transaction, which others wait for.
const maxClaims = 32

// exchange tells the store what became of messages and takes new ones, each
// operator in turn, in one transaction.
func (k *keeper) exchange(ctx context.Context) error {
	var done []key
	leaving := map[string]int{}
	for _, f := range k.finished {
		leaving[f.m.Operator]++
		if f.err == nil {
			done = append(done, f.m.key())
		}
	}
	space := k.r.Hold - len(k.attempt) + len(k.finished)
	var got []Message
	var asked, more []string
	if err := k.r.DB.Write(ctx, func(tx *db.Tx) error {
		got, asked, more = nil, nil, nil
		if err := markDone(ctx, tx, done); err != nil {
			return err
		}
		for _, f := range k.finished {
			if f.err == nil {
				continue
			}
			if err := markFailed(ctx, tx, f.m, judge(f.m.Attempt, f.err)); err != nil {
				return err
			}
		}
		for _, operator := range k.ring {
			if len(asked) == maxClaims || space == 0 {
				break
			}
			want := min(k.r.OperatorHold-k.held[operator]+leaving[operator], space)
			asked = append(asked, operator)
			if want <= 0 {
				more = append(more, operator)
				continue
			}
			some, err := claim(ctx, tx, operator, want, k.r.Lease)
			if err != nil {
				return err
			}
			if len(some) == want {
				more = append(more, operator)
			}
			space -= len(some)
			got = append(got, some...)
		}
		return nil
	}); err != nil {
		return err
	}
	for _, f := range k.finished {
		k.drop(f.m)
	}
	k.finished = k.finished[:0]
	k.ring = k.ring[len(asked):]
	for _, operator := range asked {
		delete(k.inRing, operator)
	}
	for _, operator := range more {
		k.enter(operator)
	}
	for _, m := range got {
		k.accept(m)
	}
	return nil
}

func (k *keeper) drop(m Message) {
	delete(k.attempt, m.key())
	if k.held[m.Operator]--; k.held[m.Operator] == 0 {
		delete(k.held, m.Operator)
	}
}

// accept queues a claimed message. One that is held already was claimed anew
// because the clock jumped past its lease: it must not run beside itself.
func (k *keeper) accept(m Message) {
	if _, again := k.attempt[m.key()]; again {
		k.attempt[m.key()] = m.Attempt
		return
	}
	if len(k.attempt) == 0 {
		k.renewAt = k.r.DB.Now().Add(k.r.Lease / 3)
	}
	k.attempt[m.key()] = m.Attempt
	k.held[m.Operator]++
	if len(k.queue[m.Operator]) == 0 {
		k.line = append(k.line, m.Operator)
	}
	k.queue[m.Operator] = append(k.queue[m.Operator], m)
}

// start runs handlers, one message per operator in turn.
func (k *keeper) start() {
	passed := 0 // operators in a row that may not start another
	for k.total < k.r.Workers && passed < len(k.line) {
		operator := k.line[0]
		k.line = k.line[1:]
		if k.running[operator] >= k.r.OperatorWorkers {
			k.line = append(k.line, operator)
			passed++
			continue
		}
		passed = 0
		q := k.queue[operator]
		m := q[0]
		if len(q) == 1 {
			delete(k.queue, operator)
		} else {
			k.queue[operator] = q[1:]
			k.line = append(k.line, operator)
		}
		k.running[operator]++
		k.total++
		go func() { k.results <- result{m, k.r.call(k.ctx, m)} }()
	}
}

// call runs the handler; a panic is an error like any other, said without its
// value, which might quote anything.
func (r *Room) call(ctx context.Context, m Message) (err error) {
	h := r.handlers[m.Kind]
	if h == nil {
		return RetryAfter(time.Minute, fmt.Errorf("this program has no handler for %q; a newer one may", m.Kind))
	}
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("handler panicked")
			r.Log.Error("outbox handler panicked", "kind", m.Kind, "message", m.ID, "stack", string(debug.Stack()))
		}
	}()
	return h(ctx, m)
}

func (k *keeper) take(res result) {
	res.m.Attempt = k.attempt[res.m.key()]
	k.finished = append(k.finished, res)
	k.total--
	if k.running[res.m.Operator]--; k.running[res.m.Operator] == 0 {
		delete(k.running, res.m.Operator)
	}
}

// maxFinished bounds the completions of one transaction.
const maxFinished = 256

// gather collects the results that are there, and those of quick handlers that
// it starts meanwhile, so that they share a transaction.
func (k *keeper) gather() {
	for len(k.finished) < maxFinished {
		before := len(k.finished)
		k.start()
		runtime.Gosched()
		for more := true; more; {
			select {
			case res := <-k.results:
				k.take(res)
			default:
				more = false
			}
		}
		if len(k.finished) == before {
			return
		}
	}
}

// stop ends in good order: what runs may finish, what was only claimed goes back.
func (k *keeper) stop() error {
	var waiting []Message
	for _, q := range k.queue {
		waiting = append(waiting, q...)
	}
	k.queue, k.line, k.ring, k.inRing = map[string][]Message{}, nil, nil, map[string]bool{}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(k.ctx), k.r.Grace+10*time.Second)
	defer cancel()
	var errs []error
	if len(waiting) > 0 {
		errs = append(errs, k.r.DB.Write(ctx, func(tx *db.Tx) error {
			for _, m := range waiting {
				m.Attempt = k.attempt[m.key()]
				if err := release(ctx, tx, m); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	grace := time.NewTimer(k.r.Grace)
	defer grace.Stop()
	last := false
	for k.total > 0 {
		select {
		case res := <-k.results:
			k.take(res)
			continue
		case <-grace.C:
		}
		if last {
			// A handler that ignores its context; its lease will run out.
			errs = append(errs, fmt.Errorf("%d outbox handlers did not stop", k.total))
			break
		}
		last = true
		k.cancel()
		grace.Reset(5 * time.Second)
	}
	if len(k.finished) > 0 {
		errs = append(errs, k.exchange(ctx))
	}
	return errors.Join(errs...)
}
