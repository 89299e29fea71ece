package web

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits bounds how fast one address may ask. The zero value and nil bound
// nothing. Addresses stay in memory only.
type Limits struct {
	PerSecond float64 // sustained requests per second and address; 0 bounds nothing
	Burst     int     // at once; less than 1 means 1

	mu   sync.Mutex
	seen map[string]*visitor
}

type visitor struct {
	limiter *rate.Limiter
	last    time.Time
}

// maxVisitors bounds the memory; the ones not seen for a minute go first.
const maxVisitors = 100_000

// Take uses up one request of address; false means that it must wait, for about d.
func (l *Limits) Take(address string, now time.Time) (d time.Duration, ok bool) {
	if l == nil || l.PerSecond == 0 {
		return 0, true
	}
	address = household(address)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil || len(l.seen) >= maxVisitors {
		kept := map[string]*visitor{}
		for a, v := range l.seen {
			if now.Sub(v.last) < time.Minute && len(kept) < maxVisitors/2 {
				kept[a] = v
			}
		}
		l.seen = kept
	}
	v := l.seen[address]
	if v == nil {
		v = &visitor{limiter: rate.NewLimiter(rate.Limit(l.PerSecond), max(l.Burst, 1))}
		l.seen[address] = v
	}
	v.last = now
	if v.limiter.AllowN(now, 1) {
		return 0, true
	}
	return time.Duration(float64(time.Second) / l.PerSecond), false
}

// household is the network that one client has: an IPv6 client has 64 bits of
// addresses to ask from, so they count as one.
func household(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if addr = addr.Unmap().WithZone(""); addr.Is6() {
		return netip.PrefixFrom(addr, 64).Masked().String()
	}
	return addr.String()
}
