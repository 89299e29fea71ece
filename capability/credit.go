package capability

import (
	"context"
	"errors"
	"time"

	"clew/access"
	"clew/db"
)

// FullCredit is the score of an app that lost nothing.
const FullCredit = 100

// CreditEntry is points taken off an app's score for a time.
type CreditEntry struct {
	ID     string
	Points int // 1 to 100
	Reason string
	Case   string // the case that decided it; may be empty
	From   time.Time
	Until  time.Time // zero is without end
}

// ErrPoints says that an entry takes off nothing, more than there is, or ends
// before it begins.
var ErrPoints = errors.New("an entry takes off 1 to 100 points and ends after it begins")

// Deduct adds an entry. Who may decide so, and on what grounds, is for the caller.
func Deduct(ctx context.Context, tx *db.Tx, by access.Caller, operator, appID string, e CreditEntry) (id string, err error) {
	if e.From.IsZero() {
		e.From = tx.Now()
	}
	if e.Points < 1 || e.Points > FullCredit || !e.Until.IsZero() && !e.Until.After(e.From) {
		return "", ErrPoints
	}
	if err := access.CheckText(e.Reason, reasonMin, reasonMax); err != nil {
		return "", err
	}
	until := int64(0)
	if !e.Until.IsZero() {
		until = e.Until.UnixMilli()
	}
	id = db.NewID("crd")
	_, err = tx.Exec(ctx, `insert into credit_entry (operator, app, id, points, reason, case_id, from_at, until_at, by_id, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		operator, appID, id, e.Points, e.Reason, e.Case, e.From.UnixMilli(), until, by.ID, tx.NowMS())
	return id, err
}

// Credit is an app's score now: 100 less the entries in force, never below 0.
func Credit(ctx context.Context, tx *db.Tx, operator, appID string) (int, error) {
	lost, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
		`select coalesce(sum(points), 0) from credit_entry
		where operator=$1 and app=$2 and from_at<=$3 and (until_at=0 or until_at>$3)`, operator, appID, tx.NowMS())
	return max(0, FullCredit-lost), err
}

// CreditEntries is every entry about an app, the newest first.
func CreditEntries(ctx context.Context, tx *db.Tx, operator, appID string) ([]CreditEntry, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (e CreditEntry, err error) {
		var from, until int64
		if err := s.Scan(&e.ID, &e.Points, &e.Reason, &e.Case, &from, &until); err != nil {
			return e, err
		}
		e.From = time.UnixMilli(from).UTC()
		if until > 0 {
			e.Until = time.UnixMilli(until).UTC()
		}
		return e, nil
	}, "select id, points, reason, case_id, from_at, until_at from credit_entry where operator=$1 and app=$2 order by from_at desc, id desc", operator, appID)
}

// Scores is how many apps have each score now, of every operator; apps that lost
// nothing are under [FullCredit].
func Scores(ctx context.Context, tx *db.Tx) (map[int]int, error) {
	type row struct{ lost, apps int }
	list, err := db.Collect(ctx, tx, func(s db.Scanner) (r row, err error) { return r, s.Scan(&r.lost, &r.apps) },
		`select lost, count(*) from (select sum(points) as lost from credit_entry
		where from_at<=$1 and (until_at=0 or until_at>$1) group by operator, app) entries group by lost`, tx.NowMS())
	if err != nil {
		return nil, err
	}
	all, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from app")
	scores := map[int]int{}
	for _, r := range list {
		scores[max(0, FullCredit-r.lost)] += r.apps
		all -= r.apps
	}
	if all > 0 {
		scores[FullCredit] += all
	}
	return scores, err
}
