package phone

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"clew/db"
)

// Scopes of a cap, as [Capped] names them.
const (
	ScopeResend    = "resend"
	ScopeNumber    = "number"
	ScopeAddress   = "address"
	ScopeNoScript  = "address_noscript"
	ScopeLight     = "address_light"
	ScopeComponent = "component"
	ScopeOperator  = "operator"
	// ScopeBreaker: so few codes are used that someone is sending to strangers.
	ScopeBreaker = "breaker"
)

// Caps bounds what one minute, hour or day may cost. A zero field means its
// default, given in brackets.
type Caps struct {
	CodeLife    time.Duration // how long a code may be used (5 minutes)
	Tries       int           // wrong tries a code survives, less one (5)
	ResendAfter time.Duration // between two codes to one number (60 s)

	NumberDay       int // codes to one number in 24 hours (5)
	AddressHour     int // codes asked for from one address (IPv6: one /64) in an hour (20)
	NoScriptHour    int // the same without script, hence without proof of work (3)
	LightHour       int // the same for light challenges, of pages inside a host's app (10)
	ComponentHour   int // codes for one component in an hour (500)
	OperatorDay     int // codes for one operator in 24 hours: the bill's ceiling (5,000)
	BreakerMinimum  int // codes before the breaker looks at all (50)
	BreakerPercent  int // of the codes sent, how many must be used (40)
	BreakerWindow   time.Duration
	BreakerPatience time.Duration // codes younger than this and unused are not held against anyone (1 minute)

	SendTimeout time.Duration // for the driver (10 s)
	Keep        time.Duration // expired codes are kept so long for questions (24 hours)
}

func (c Caps) filled() Caps {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&c.CodeLife, 5 * time.Minute},
		{&c.ResendAfter, time.Minute},
		{&c.BreakerWindow, 15 * time.Minute},
		{&c.BreakerPatience, time.Minute},
		{&c.SendTimeout, 10 * time.Second},
		{&c.Keep, 24 * time.Hour},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	for _, n := range []struct {
		field *int
		value int
	}{
		{&c.Tries, 5},
		{&c.NumberDay, 5},
		{&c.AddressHour, 20},
		{&c.NoScriptHour, 3},
		{&c.LightHour, 10},
		{&c.ComponentHour, 500},
		{&c.OperatorDay, 5000},
		{&c.BreakerMinimum, 50},
		{&c.BreakerPercent, 40},
	} {
		if *n.field == 0 {
			*n.field = n.value
		}
	}
	return c
}

// Capped says that a cap is reached. Scope is one of the Scope constants.
type Capped struct {
	Scope      string
	RetryAfter time.Duration
}

func (e *Capped) Error() string {
	return fmt.Sprintf("too many codes (%s); try again in %s", e.Scope, e.RetryAfter.Round(time.Second))
}

// ResendTooSoon says from when on another code may be sent to the same number.
type ResendTooSoon struct{ At time.Time }

func (e *ResendTooSoon) Error() string {
	return "a code was sent a moment ago; the next may be sent at " + e.At.UTC().Format(time.TimeOnly) + " UTC"
}

// limit is one counter: at most max in a window that begins with the first.
type limit struct {
	scope, key string
	max        int
	window     time.Duration
}

type counter struct {
	start time.Time
	count int
}

// limits lists the counters a request meets, the narrowest first: its refusal is
// the one worth telling.
func (r *Room) limits(q SendRequest, index string) []limit {
	c := r.Caps.filled()
	address := hex.EncodeToString(r.addressTag(q.Operator, q.Address)[:16])
	out := []limit{
		{ScopeResend, index, 1, c.ResendAfter},
		{ScopeNumber, index, c.NumberDay, 24 * time.Hour},
	}
	if q.NoScript {
		out = append(out, limit{ScopeNoScript, address, c.NoScriptHour, time.Hour})
	}
	if q.light {
		out = append(out, limit{ScopeLight, address, c.LightHour, time.Hour})
	}
	return append(out,
		limit{ScopeAddress, address, c.AddressHour, time.Hour},
		limit{ScopeComponent, q.Component, c.ComponentHour, time.Hour},
		limit{ScopeOperator, "", c.OperatorDay, 24 * time.Hour},
	)
}

// ofNumber is how many of [Room.limits], the first ones, are about the number alone.
const ofNumber = 2

// strangersLimits are the limits of somebody who asks for a number that others have
// asked for: the same as for a number that nobody has, counted for them alone, so
// that asking again tells nothing either.
func (r *Room) strangersLimits(q SendRequest, index string, all []limit) []limit {
	own := index + "/" + hex.EncodeToString(r.addressTag(q.Operator, q.Address)[:16])
	out := append([]limit(nil), all...)
	for i := range out[:ofNumber] {
		out[i].key = own
	}
	return out
}

// aboutNumber reports whether a refusal tells something about the number.
func aboutNumber(err error) bool {
	var soon *ResendTooSoon
	var capped *Capped
	return errors.As(err, &soon) || errors.As(err, &capped) && capped.Scope == ScopeNumber
}

// stranger reports whether none of the number's codes of the last day was asked
// for from this address.
func (r *Room) stranger(ctx context.Context, tx *db.Tx, q SendRequest, index string) (bool, error) {
	n, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
		`select count(*) from phone_code where operator=$1 and number=$2 and sent_at>$3 and address=$4 and decoy=false`,
		q.Operator, index, tx.Now().Add(-24*time.Hour).UnixMilli(), r.addressTag(q.Operator, q.Address))
	return n == 0, err
}

// addressTag is what is kept of an address: a keyed tag. An IPv6 address counts
// by its /64, which is what one household or one server has.
func (r *Room) addressTag(operator, address string) []byte {
	if ap, err := netip.ParseAddrPort(address); err == nil {
		address = ap.Addr().String()
	}
	if a, err := netip.ParseAddr(address); err == nil {
		a = a.Unmap().WithZone("")
		if a.Is6() {
			if p, err := a.Prefix(64); err == nil {
				a = p.Masked().Addr()
			}
		}
		address = a.String()
	}
	return r.Ring.MAC("phone address", operator, address)
}

// full says which limit is reached, if any, and sets right every window that
// begins in the future: the clock went back, and a window must not last longer
// for it, nor its count be forgotten.
func full(ctx context.Context, tx *db.Tx, operator string, limits []limit) error {
	args := []any{operator}
	for _, l := range limits {
		args = append(args, l.scope)
	}
	for _, l := range limits {
		args = append(args, l.key)
	}
	type row struct {
		scope, key   string
		start, count int64
	}
	rows, err := db.Collect(ctx, tx, func(s db.Scanner) (v row, err error) {
		return v, s.Scan(&v.scope, &v.key, &v.start, &v.count)
	}, `select scope, key, window_start, count from phone_cap where operator=$1
		and scope in `+db.In(2, len(limits))+` and key in `+db.In(2+len(limits), len(limits)), args...)
	if err != nil {
		return fmt.Errorf("read caps: %w", err)
	}
	for _, l := range limits {
		for _, v := range rows {
			if v.scope != l.scope || v.key != l.key {
				continue
			}
			c := counter{time.UnixMilli(v.start).UTC(), int(v.count)}
			if c.start.After(tx.Now()) {
				c.start = tx.Now()
				if _, err := tx.Exec(ctx, `update phone_cap set window_start=$4, window_end=$5
					where operator=$1 and scope=$2 and key=$3`,
					operator, l.scope, l.key, tx.NowMS(), tx.Now().Add(l.window).UnixMilli()); err != nil {
					return fmt.Errorf("set cap right: %w", err)
				}
			}
			if ends := c.start.Add(l.window); tx.Now().Before(ends) && c.count >= l.max {
				return l.refusal(tx, ends)
			}
		}
	}
	return nil
}

// count counts one send against every limit. Of many at once, those past the
// limit are refused here, and their transaction with them.
func count(ctx context.Context, tx *db.Tx, operator string, limits []limit) error {
	for _, l := range limits {
		c, err := db.One(ctx, tx, func(s db.Scanner) (counter, error) {
			var start, n int64
			err := s.Scan(&start, &n)
			return counter{time.UnixMilli(start).UTC(), int(n)}, err
		}, `insert into phone_cap (operator, scope, key, window_start, window_end, count) values ($1, $2, $3, $4, $5, 1)
			on conflict (operator, scope, key) do update set
				count = case when $4 >= phone_cap.window_start + $6 then 1 else phone_cap.count + 1 end,
				window_start = case when $4 >= phone_cap.window_start + $6 then $4 else phone_cap.window_start end,
				window_end = case when $4 >= phone_cap.window_start + $6 then $5 else phone_cap.window_end end
			returning window_start, count`,
			operator, l.scope, l.key, tx.NowMS(), tx.Now().Add(l.window).UnixMilli(), l.window.Milliseconds())
		if err != nil {
			return fmt.Errorf("count %s: %w", l.scope, err)
		}
		if c.count > l.max {
			return l.refusal(tx, c.start.Add(l.window))
		}
	}
	return nil
}

func (l limit) refusal(tx *db.Tx, ends time.Time) error {
	if l.scope == ScopeResend {
		return &ResendTooSoon{At: ends}
	}
	return &Capped{Scope: l.scope, RetryAfter: ends.Sub(tx.Now())}
}

// forgetResend lets a person try again at once when the driver failed. Every
// other count stands: the gateway may have sent it all the same.
func forgetResend(ctx context.Context, tx *db.Tx, operator, index string) error {
	_, err := tx.Exec(ctx, `delete from phone_cap where operator=$1 and scope=$2 and key=$3`, operator, ScopeResend, index)
	return err
}

// broken trips when too few of an operator's recent codes were used.
func (r *Room) broken(ctx context.Context, tx *db.Tx, operator string) error {
	c := r.Caps.filled()
	type tally struct{ sent, used, oldest int64 }
	t, err := db.One(ctx, tx, func(s db.Scanner) (t tally, err error) { return t, s.Scan(&t.sent, &t.used, &t.oldest) },
		`select count(*), count(used_at), coalesce(min(sent_at), $2) from phone_code
			where operator=$1 and sent_at>$2 and sent_at<=$4 and failed=false and decoy=false and (used_at is not null or sent_at<=$3)`,
		operator, tx.Now().Add(-c.BreakerWindow).UnixMilli(), tx.Now().Add(-c.BreakerPatience).UnixMilli(), tx.NowMS())
	if err != nil {
		return fmt.Errorf("look at recent codes: %w", err)
	}
	if t.sent < int64(c.BreakerMinimum) || t.used*100 >= t.sent*int64(c.BreakerPercent) {
		return nil
	}
	again := time.UnixMilli(t.oldest).Add(c.BreakerWindow).Sub(tx.Now())
	return &Capped{Scope: ScopeBreaker, RetryAfter: max(again, time.Minute)}
}
