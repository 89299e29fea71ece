package lead

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/db"
)

// tally gathers what a transaction changes in an operator's counts. They are
// written once, last and in one order, so that transactions wait for each other
// only briefly and never in a circle.
type tally map[tallyPlace]int

// tallyPlace is a row of lead_tally: a component's state with hour 0, or an hour.
type tallyPlace struct {
	operator  string
	hour      int64 // milliseconds since 1970
	component string
	state     State
}

const hourMS = int64(time.Hour / time.Millisecond)

// add counts n leads like l, which may be negative. What is never counted is not.
func (t tally) add(l Lead, n int) {
	if l.Test || l.DuplicateOf != "" {
		return
	}
	made := l.Created.UnixMilli()
	t[tallyPlace{l.Operator, 0, l.Component, l.State}] += n
	t[tallyPlace{l.Operator, made - made%hourMS, "", ""}] += n
}

// move takes a lead from one state to another.
func (t tally) move(l Lead, to State) {
	t.add(l, -1)
	l.State = to
	t.add(l, 1)
}

// write must be the last thing a transaction does with leads.
func (t tally) write(ctx context.Context, tx *db.Tx) error {
	var places []tallyPlace
	for p, n := range t {
		if n != 0 {
			places = append(places, p)
		}
	}
	slices.SortFunc(places, func(a, b tallyPlace) int {
		return cmp.Or(cmp.Compare(a.operator, b.operator), cmp.Compare(a.hour, b.hour),
			cmp.Compare(a.component, b.component), cmp.Compare(a.state, b.state))
	})
	for len(places) > 0 {
		// Powers of two, so that the engines meet few different texts.
		n := 64
		for n > len(places) {
			n /= 2
		}
		var rows strings.Builder
		args := make([]any, 0, 5*n)
		for i, p := range places[:n] {
			if i > 0 {
				rows.WriteByte(',')
			}
			rows.WriteString(db.In(5*i+1, 5))
			args = append(args, p.operator, p.hour, p.component, string(p.state), t[p])
		}
		if _, err := tx.Exec(ctx, "insert into lead_tally (operator, hour, component, state, n) values "+rows.String()+
			" on conflict (operator, hour, component, state) do update set n = lead_tally.n + excluded.n", args...); err != nil {
			return err
		}
		places = places[n:]
	}
	return nil
}

// Counts is how many leads an operator has by state, without test leads,
// duplicates and erased ones. It holds no person.
type Counts struct {
	Total, Today int
	ByState      map[State]int
}

// Count counts an operator's leads; day is the start of today for the reader. It
// reads the tally, so that the number of leads does not matter.
func (r *Room) Count(ctx context.Context, caller access.Caller, day time.Time) (Counts, error) {
	if err := caller.Require(access.LeadCount); err != nil {
		return Counts{}, err
	}
	c := Counts{ByState: map[State]int{}}
	type line struct {
		state State
		n     int
	}
	from := day.UnixMilli()
	whole := (from + hourMS - 1) / hourMS * hourMS // a day may begin inside an hour
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		lines, err := db.Collect(ctx, tx, func(s db.Scanner) (l line, err error) { return l, s.Scan(&l.state, &l.n) },
			`select state, sum(n) from lead_tally where operator=$1 and hour=0 group by state
			 union all select 'today', sum(n) from lead_tally where operator=$1 and hour>=$2 and hour>0 having count(*)>0`,
			caller.Operator, whole)
		for _, l := range lines {
			switch {
			case l.state == "today":
				c.Today = l.n
			case l.n != 0:
				c.ByState[l.state] = l.n
				c.Total += l.n
			}
		}
		if err != nil || whole == from {
			return err
		}
		part, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
			`select count(*) from lead where operator=$1 and created_at>=$2 and created_at<$3
			 and test=$4 and duplicate_of='' and erased_at=0`, caller.Operator, from, whole, false)
		c.Today += part
		return err
	})
	return c, err
}
