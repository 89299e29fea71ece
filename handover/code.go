package handover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"clew/db"
	"clew/seal"
)

type kind string

const (
	phoneCode     kind = "phone"
	loginCode     kind = "login"
	anonymousCode kind = "anonymous"
)

// holding is what a code stands for; it is only ever stored sealed.
type holding struct {
	Number      string `json:"number,omitempty"` // E.164
	OpenID      string `json:"openid,omitempty"`
	UnionID     string `json:"unionid,omitempty"`
	AnonymousID string `json:"anonymous_openid,omitempty"`
}

type row struct {
	operator, id, app, configID string
	key                         seal.Wrapped
	sealed                      []byte
	issued, expires, used       int64
}

// put stores a new code.
func (r *Room) put(ctx context.Context, tx *db.Tx, k kind, operator, app, configID, subject string, h holding) (Code, error) {
	plain, err := json.Marshal(h)
	if err != nil {
		return Code{}, err
	}
	id := db.NewID("hand")
	key, wrapped, err := r.Ring.NewDataKey(operator, id)
	if err != nil {
		return Code{}, err
	}
	c := Code{Text: newCode(), Expires: tx.Now().Add(Life)}
	return c, tx.Insert(ctx, "handover_code",
		[]string{"operator", "id", "kind", "app", "config_id", "subject", "tag", "epoch", "wrapped", "sealed", "issued_at", "expires_at", "used_at"},
		[][]any{{operator, id, string(k), app, configID, subject, r.tag(c.Text), wrapped.Epoch, wrapped.Bytes, key.Seal("holding", plain), tx.NowMS(), c.Expires.UnixMilli(), 0}})
}

// find reads and locks a code that is good now; [ErrSpent] for every other.
func (r *Room) find(ctx context.Context, tx *db.Tx, k kind, operator, app, code string) (row, error) {
	v, err := db.One(ctx, tx, func(s db.Scanner) (v row, err error) {
		err = s.Scan(&v.operator, &v.id, &v.app, &v.configID, &v.key.Epoch, &v.key.Bytes, &v.sealed, &v.issued, &v.expires, &v.used)
		return v, err
	}, `select operator, id, app, config_id, epoch, wrapped, sealed, issued_at, expires_at, used_at from handover_code
		where operator=$1 and app=$2 and tag=$3 and kind=$4`+tx.ForUpdate(), operator, app, r.tag(code), string(k))
	if errors.Is(err, db.ErrNone) {
		return v, ErrSpent
	}
	if err != nil {
		return v, fmt.Errorf("read code: %w", err)
	}
	if v.used != 0 || tx.NowMS() >= v.expires || v.issued > tx.Now().Add(slack).UnixMilli() {
		return v, ErrSpent
	}
	return v, nil
}

// open reads what a code stands for; a code whose epoch has ended is spent.
func (r *Room) open(v row) (h holding, err error) {
	key, err := r.Ring.Unwrap(v.operator, v.id, v.key)
	if errors.Is(err, seal.ErrEpochEnded) {
		return h, ErrSpent
	}
	if err != nil {
		return h, err
	}
	plain, err := key.Open("holding", v.sealed)
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal(plain, &h)
}

// spend uses a code up and destroys what it stood for. The row was locked by find.
func spend(ctx context.Context, tx *db.Tx, v row) error {
	n, err := tx.Exec(ctx, "update handover_code set used_at=$3, wrapped=$4, sealed=$4 where operator=$1 and id=$2 and used_at=0",
		v.operator, v.id, tx.NowMS(), []byte{})
	if err == nil && n == 0 {
		err = ErrSpent
	}
	return err
}

// Sweep destroys the codes whose time is over and tells how many there were.
func (r *Room) Sweep(ctx context.Context) (n int64, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		n, err = tx.Exec(ctx, "delete from handover_code where expires_at <= $1", tx.NowMS())
		return err
	})
	return n, err
}
