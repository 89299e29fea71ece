package phone

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// pace remembers how long the driver took lately, so that an answer for which
// nothing was sent can take as long. The zero value has seen nothing and does not
// wait.
type pace struct {
	mu   sync.Mutex
	last [32]time.Duration
	n    int
}

func (p *pace) took(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[p.n%len(p.last)] = d
	p.n++
}

// pick is one of the last durations, at random: their spread is kept too.
func (p *pace) pick() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n == 0 {
		return 0
	}
	return p.last[rand.IntN(min(p.n, len(p.last)))]
}

func (p *pace) wait(ctx context.Context) error {
	t := time.NewTimer(p.pick())
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
