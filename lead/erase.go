package lead

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"clew/access"
	"clew/consent"
	"clew/db"
	"clew/funnel"
	"clew/outbox"
	"clew/seal"
)

// Own opens a lead for the person it is about, on the record; the answers are nil
// after erasure. The caller must be of kind person and must have proved that this
// is their lead.
func (r *Room) Own(ctx context.Context, caller access.Caller, id string) (Lead, map[string]string, error) {
	var l row
	var answers map[string]string
	err := r.Access.Do(ctx, caller, access.LeadReveal, access.Subject{Kind: "lead", ID: id}, "", func(tx *db.Tx) (err error) {
		if l, err = getFor(ctx, tx, caller, id); err != nil {
			return err
		}
		answers, err = r.decrypt(&l)
		if errors.Is(err, ErrErased) {
			err = nil
		}
		return err
	})
	return l.Lead, answers, err
}

// Erase destroys a lead's data key, its answers and its blind index in the
// caller's transaction, marks the receipt and tells the operator. by is "person",
// "retention" or the id of who did it. What is left
// says that a lead was there, and nothing about whom. Erasing twice is no error.
func (r *Room) Erase(ctx context.Context, tx *db.Tx, operator, id, by string) error {
	counts := tally{}
	if err := r.erase(ctx, tx, operator, id, by, counts); err != nil {
		return err
	}
	return counts.write(ctx, tx)
}

// erase is Erase, with what it takes from the counts left in counts to be written
// last.
func (r *Room) erase(ctx context.Context, tx *db.Tx, operator, id, by string, counts tally) error {
	l, err := hold(ctx, tx, operator, id)
	if err != nil {
		return err
	}
	if !l.Erased.IsZero() {
		return nil
	}
	counts.add(l.Lead, -1)
	if by != Retention {
		if err := r.promote(ctx, tx, l.Lead, counts); err != nil {
			return err
		}
	}
	for _, text := range []string{
		"delete from lead_key where operator=$1 and lead=$2",
		"delete from lead_index where operator=$1 and lead=$2",
	} {
		if _, err := tx.Exec(ctx, text, operator, id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `update lead set sealed=$3, source_page='', erased_at=$4, revision=revision+1
		where operator=$1 and id=$2`, operator, id, []byte{}, tx.NowMS()); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "update lead_outcome set note='' where operator=$1 and lead=$2", operator, id); err != nil {
		return err
	}
	if err := consent.MarkErased(ctx, tx, operator, l.Receipt, by); err != nil {
		return err
	}
	return r.tell(ctx, tx, "lead.erased", l.Lead)
}

// Retention is who erases a lead whose time is over.
const Retention = "retention"

// AfterWithdrawal is how long a withdrawn lead is kept for the person to copy,
// before it is erased by itself (PIPL 47: delete on one's own initiative).
const AfterWithdrawal = 7 * 24 * time.Hour

// Withdraw ends the consent a lead rests on, in the caller's transaction: from
// then on only the person reads it, and it is erased within a week. Withdrawing
// twice is no error.
func (r *Room) Withdraw(ctx context.Context, tx *db.Tx, operator, id, by string) error {
	l, err := hold(ctx, tx, operator, id)
	if err != nil {
		return err
	}
	changed, err := consent.Withdraw(ctx, tx, operator, l.Receipt, by)
	if err != nil || !changed {
		return err
	}
	expires := min(l.Expires.UnixMilli(), tx.Now().Add(AfterWithdrawal).UnixMilli())
	if _, err := tx.Exec(ctx, `update lead set withdrawn_at=$3, expires_at=$4, revision=revision+1
		where operator=$1 and id=$2`, operator, id, tx.NowMS(), expires); err != nil {
		return err
	}
	if err := r.tell(ctx, tx, "consent.withdrawn", l.Lead); err != nil {
		return err
	}
	if err := r.Funnel.Settle(ctx, tx, operator, id, l.Created, funnel.Turn{Withdrawn: true}); err != nil {
		return err
	}
	counts := tally{}
	if err := r.promote(ctx, tx, l.Lead, counts); err != nil {
		return err
	}
	return counts.write(ctx, tx)
}

// promote brings the earliest duplicate of a lead that goes into its place: the
// consent to it still stands, and nobody would ever see it otherwise. The rest
// are duplicates of that one from then on. The blind index of l must still be there.
func (r *Room) promote(ctx context.Context, tx *db.Tx, l Lead, counts tally) error {
	if l.DuplicateOf != "" {
		return nil
	}
	heirs, err := db.Collect(ctx, tx, scanRow, "select "+columns+from+`join lead_index j on j.operator=l.operator and j.lead=l.id
		join lead_index i on i.operator=j.operator and i.idx=j.idx and i.component=j.component
		where i.operator=$1 and i.lead=$2 and l.duplicate_of=$2 and l.withdrawn_at=0 and l.erased_at=0
		order by l.created_at + 0, l.id`, l.Operator, l.ID)
	if err != nil || len(heirs) == 0 {
		return err
	}
	heir := heirs[0].Lead
	if _, err := tx.Exec(ctx, `update lead set duplicate_of=(case when id=$3 then '' else $3 end), revision=revision+1
		where operator=$1 and duplicate_of=$2 and id in `+db.In(4, len(heirs)), append([]any{l.Operator, l.ID, heir.ID}, ids(heirs)...)...); err != nil {
		return err
	}
	heir.DuplicateOf = ""
	counts.add(heir, 1)
	if err := r.Funnel.Settle(ctx, tx, l.Operator, heir.ID, heir.Created, funnel.Turn{Heir: true}); err != nil {
		return err
	}
	return r.tell(ctx, tx, "lead.created", heir)
}

func ids(rows []row) []any {
	out := make([]any, len(rows))
	for i := range rows {
		out[i] = rows[i].ID
	}
	return out
}

// tell puts a message about a lead into the outbox.
func (r *Room) tell(ctx context.Context, tx *db.Tx, kind string, l Lead) error {
	body, err := json.Marshal(Event{l.ID, l.Component, l.Receipt, l.Test})
	if err != nil {
		return err
	}
	return r.Outbox.Put(ctx, tx, []outbox.Message{{Operator: l.Operator, Kind: kind, Subject: l.ID, Body: body}})
}

// EraseByStaff is [Room.Erase] for the operator's own staff or key, on the record.
func (r *Room) EraseByStaff(ctx context.Context, caller access.Caller, id, reason string) error {
	return r.Access.Do(ctx, caller, access.LeadErase, access.Subject{Kind: "lead", ID: id}, reason, func(tx *db.Tx) error {
		if _, err := getFor(ctx, tx, caller, id); err != nil {
			return err
		}
		return r.Erase(ctx, tx, caller.Operator, id, caller.ID)
	})
}

// sweepBatch bounds one sweep's transaction.
const sweepBatch = 100

// Sweep erases leads whose retention is over and forgets idempotency keys after a
// week. It returns how many leads it erased; call it until that is 0.
func (r *Room) Sweep(ctx context.Context) (int, error) {
	type due struct{ operator, id string }
	n := 0
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		rows, err := db.Collect(ctx, tx, func(s db.Scanner) (d due, err error) { return d, s.Scan(&d.operator, &d.id) },
			"select operator, id from lead where erased_at=0 and expires_at<=$1 order by expires_at limit $2", tx.NowMS(), sweepBatch)
		if err != nil {
			return err
		}
		counts := tally{}
		for _, d := range rows {
			if err := r.erase(ctx, tx, d.operator, d.id, Retention, counts); err != nil {
				return err
			}
		}
		if err := counts.write(ctx, tx); err != nil {
			return err
		}
		n = len(rows)
		const week = 7 * 24 * 3600 * 1000
		_, err = tx.Exec(ctx, "delete from lead_once where created_at<$1", tx.NowMS()-week)
		return err
	})
	return n, err
}

// hold reads a lead and keeps others from changing it until the transaction ends.
func hold(ctx context.Context, tx *db.Tx, operator, id string) (row, error) {
	n, err := tx.Exec(ctx, "update lead set revision=revision where operator=$1 and id=$2", operator, id)
	if err != nil {
		return row{}, err
	}
	if n == 0 {
		return row{}, ErrUnknown
	}
	return get(ctx, tx, operator, id)
}

// Rewrap moves up to a batch of data keys to the ring's current epoch and returns
// how many it looked at; call it until that is 0, then the older epochs may end.
// A key whose epoch has ended already is of no use to anyone and is deleted.
func (r *Room) Rewrap(ctx context.Context) (int, error) {
	type key struct {
		operator, lead string
		w              seal.Wrapped
	}
	n := 0
	err := r.DB.Write(ctx, func(tx *db.Tx) error {
		keys, err := db.Collect(ctx, tx, func(s db.Scanner) (k key, err error) {
			return k, s.Scan(&k.operator, &k.lead, &k.w.Epoch, &k.w.Bytes)
		}, "select operator, lead, epoch, wrapped from lead_key where epoch<$1 limit $2", r.Ring.Epoch(), 10*sweepBatch)
		if err != nil {
			return err
		}
		for _, k := range keys {
			w, err := r.Ring.Rewrap(k.operator, k.lead, k.w)
			if errors.Is(err, seal.ErrEpochEnded) {
				_, err = tx.Exec(ctx, "delete from lead_key where operator=$1 and lead=$2", k.operator, k.lead)
			} else if err == nil {
				_, err = tx.Exec(ctx, "update lead_key set epoch=$3, wrapped=$4 where operator=$1 and lead=$2",
					k.operator, k.lead, w.Epoch, w.Bytes)
			}
			if err != nil {
				return err
			}
		}
		n = len(keys)
		return nil
	})
	return n, err
}
