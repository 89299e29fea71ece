package access

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"clew/db"
)

// After so many failures each further one shuts the door for a while, longer each
// time. Passkeys ask only for the address, so that nobody can shut a colleague
// out for good by guessing at their name.
const (
	freeByLogin   = 5
	freeByAddress = 20
	firstDelay    = 30 * time.Second
	longestDelay  = 15 * time.Minute
	// forgetAfter is how long failures are remembered after the last one.
	forgetAfter = 24 * time.Hour
)

// Locked says that too many attempts failed, for a name or from an address. It is
// the same for names that do not exist.
type Locked struct{ Until time.Time }

func (l *Locked) Error() string {
	return fmt.Sprintf("too many attempts: try again at %s", l.Until.UTC().Format(time.RFC3339))
}

// counter is one tag to count failures under.
type counter struct {
	tag  []byte
	free int
}

func (r *Room) byLogin(login string) counter {
	return counter{r.Ring.MAC("access.attempt.login", login), freeByLogin}
}

// byAddress counts an IPv6 network of 64 bits as one: its owner has all of it. No
// counter for an empty address.
func (r *Room) byAddress(address string) []counter {
	if address == "" {
		return nil
	}
	ip, err := netip.ParseAddr(address)
	if err != nil {
		if ap, err := netip.ParseAddrPort(address); err == nil {
			ip = ap.Addr()
		}
	}
	if ip = ip.Unmap(); ip.Is6() {
		address = netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
	} else if ip.IsValid() {
		address = ip.String()
	}
	return []counter{{r.Ring.MAC("access.attempt.address", address), freeByAddress}}
}

// charge counts a failure before the attempt is looked at, so that attempts made
// at the same time are counted too; [Room.refund] takes it back. [*Locked] while
// the door is shut, which does not prolong that.
func (r *Room) charge(ctx context.Context, counters ...counter) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		for _, c := range counters {
			if err := charge(ctx, tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func charge(ctx context.Context, tx *db.Tx, c counter) error {
	type row struct{ failures, last, until int64 }
	// One statement makes the row or locks it: between two, a sign-in that succeeds
	// might take it away.
	a, err := db.One(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.failures, &v.last, &v.until) },
		"insert into attempt (tag, failures, last_at, locked_until) values ($1,0,$2,0) on conflict (tag) do update set tag=excluded.tag returning failures, last_at, locked_until",
		c.tag, tx.NowMS())
	if err != nil {
		return err
	}
	until := instant(a.until)
	// A lock further away than any lock lasts was set by a clock that has since
	// been put right.
	if wait := until.Sub(tx.Now()); wait > 0 && wait <= longestDelay {
		return &Locked{until}
	}
	if tx.Now().Sub(instant(a.last)) > forgetAfter {
		a.failures = 0
	}
	a.failures++
	a.until = 0
	if over := a.failures - int64(c.free); over >= 0 {
		delay := longestDelay
		if over < 6 {
			delay = min(delay, firstDelay<<over)
		}
		a.until = tx.Now().Add(delay).UnixMilli()
	}
	_, err = tx.Exec(ctx, "update attempt set failures=$1, last_at=$2, locked_until=$3 where tag=$4", a.failures, tx.NowMS(), a.until, c.tag)
	return err
}

// refund takes back what charge counted for an attempt that succeeded. Earlier
// failures from the address stay: whoever has one account must not wash away
// attempts at others.
func refund(ctx context.Context, tx *db.Tx, counters ...counter) error {
	for _, c := range counters {
		if _, err := tx.Exec(ctx, "update attempt set failures=failures-1, locked_until=0 where tag=$1 and failures>0", c.tag); err != nil {
			return err
		}
	}
	return nil
}

// forgive forgets all failures of a name after its owner came in.
func forgive(ctx context.Context, tx *db.Tx, c counter) error {
	_, err := tx.Exec(ctx, "delete from attempt where tag=$1", c.tag)
	return err
}
