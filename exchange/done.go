package exchange

import (
	"context"
	"errors"

	"clew/db"
	"clew/phone"
)

// A row of exchange_done holds two keyed tags and, until its lead is stored, the
// sealed number. The tag of the grant outlives the number: it tells "used" from
// "expired" for the platforms that have one code for both, and stops a grant that
// carries no time of its own from being sent twice.

func owner(operator, once string) string { return operator + "/" + once }

// recall is the number that once got for this grant; used says that the grant gave
// a number to another submission.
func (r *Room) recall(ctx context.Context, operator, once, tag string) (n phone.Number, used bool, err error) {
	type row struct {
		once   string
		sealed []byte
	}
	var rows []row
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = db.Collect(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.once, &v.sealed) },
			"select once, sealed from exchange_done where operator=$1 and grant_tag=$2 and expires_at>$3", operator, tag, tx.NowMS())
		return err
	})
	for _, v := range rows {
		if v.once != once || once == "" {
			used = true
			continue
		}
		if len(v.sealed) == 0 {
			continue // its lead is stored: intake answers from there
		}
		text, err := r.Ring.OpenSecret(donePurpose, owner(operator, once), v.sealed)
		if err != nil {
			return n, used, err
		}
		if n, err = phone.ParseE164(string(text)); err != nil {
			return n, used, err
		}
	}
	return n, used, err
}

const donePurpose = "exchanged number"

// remember keeps the number for a retry. A store that fails now is no reason to
// withhold the number: the grant is spent.
func (r *Room) remember(ctx context.Context, operator, once, tag string, n phone.Number) {
	if once == "" {
		return
	}
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into exchange_done (operator, once, grant_tag, sealed, expires_at) values ($1, $2, $3, $4, $5)
			on conflict (operator, once) do update set grant_tag=excluded.grant_tag, sealed=excluded.sealed, expires_at=excluded.expires_at`,
			operator, once, tag, r.Ring.SealSecret(donePurpose, owner(operator, once), []byte(n.E164())), tx.Now().Add(Remembered).UnixMilli())
		return err
	})
	if err != nil {
		r.Log.Error("exchanged number not remembered", "operator", operator, "error", err)
	}
}

// Stored forgets the numbers of submissions whose leads tx stores; that their
// grants were used stays known. onces are of one operator.
func Stored(ctx context.Context, tx *db.Tx, operator string, onces []string) error {
	if len(onces) == 0 {
		return nil
	}
	args := []any{operator, []byte{}}
	for _, o := range onces {
		args = append(args, o)
	}
	_, err := tx.Exec(ctx, "update exchange_done set sealed=$2 where operator=$1 and once in "+db.In(3, len(onces)), args...)
	return err
}

// week is how long an event's id is remembered.
const week = 7 * 24 * 60 * 60 * 1000 // milliseconds

// Sweep deletes remembered numbers and events past their time, and the secrets of
// credentials that have ended.
func (r *Room) Sweep(ctx context.Context) (n int64, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		var errs []error
		for _, q := range []struct {
			text string
			at   int64
		}{
			{"delete from exchange_done where expires_at<=$1", tx.NowMS()},
			{"delete from exchange_event where at<$1", tx.NowMS() - week},
			{"update exchange_credential set sealed=null where ends_at>0 and ends_at<=$1 and sealed is not null", tx.NowMS()},
		} {
			gone, err := tx.Exec(ctx, q.text, q.at)
			n += gone
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
	return n, err
}
