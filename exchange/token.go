package exchange

import (
	"context"
	"sync"
	"time"
)

// tokens keeps the platforms' access tokens in memory, per credential version. A
// token is renewed before it ends, and one process asks for it once at a time.
type tokens struct {
	mu    sync.Mutex
	slots map[string]*slot
}

type slot struct {
	turn  chan struct{} // holds one while nobody is fetching
	value string
	until time.Time
}

const (
	maxSlots = 10_000
	// refreshBefore is how long before its end a token is replaced; a short-lived one
	// at half its life.
	refreshBefore = 5 * time.Minute
	maxTokenLife  = 24 * time.Hour
)

// get is a token that is good now. refused is one that the platform has just
// refused, empty for none: it is not given again. fetch asks the platform; fresh
// says that a token was refused.
func (t *tokens) get(ctx context.Context, key string, now func() time.Time, refused string, fetch func(ctx context.Context, fresh bool) (string, time.Duration, error)) (string, error) {
	t.mu.Lock()
	if t.slots == nil || len(t.slots) >= maxSlots {
		t.slots = map[string]*slot{}
	}
	s := t.slots[key]
	if s == nil {
		s = &slot{turn: make(chan struct{}, 1)}
		s.turn <- struct{}{}
		t.slots[key] = s
	}
	t.mu.Unlock()
	select {
	case <-s.turn:
	case <-ctx.Done():
		return "", &platformError{code: codeTimeout}
	}
	defer func() { s.turn <- struct{}{} }()
	if s.value != "" && s.value != refused && now().Before(s.until) {
		return s.value, nil
	}
	value, life, err := fetch(ctx, refused != "")
	if err != nil {
		return "", err
	}
	life = min(max(life, 0), maxTokenLife)
	s.value, s.until = value, now().Add(life-min(refreshBefore, life/2))
	return value, nil
}
