package app

import (
	"context"
	"errors"
	"time"

	"clew/db"
)

// Operator is a business that wants leads.
type Operator struct {
	ID      string
	Name    string
	Created time.Time
}

// CreateOperator adds an operator.
func (r *Room) CreateOperator(ctx context.Context, tx *db.Tx, name string) (Operator, error) {
	if err := checkName(name); err != nil {
		return Operator{}, err
	}
	o := Operator{ID: db.NewID("op"), Name: name, Created: tx.Now()}
	_, err := tx.Exec(ctx, "insert into operator (id, name, created_at) values ($1, $2, $3)", o.ID, o.Name, tx.NowMS())
	return o, err
}

// GetOperator reads one operator; [ErrUnknown].
func GetOperator(ctx context.Context, tx *db.Tx, id string) (Operator, error) {
	o, err := db.One(ctx, tx, scanOperator, "select id, name, created_at from operator where id=$1", id)
	if errors.Is(err, db.ErrNone) {
		err = ErrUnknown
	}
	return o, err
}

// Operators is up to limit operators in the order of their ids, those behind after
// only; after "" is the beginning. It crosses operators: for the platform alone.
func Operators(ctx context.Context, tx *db.Tx, after string, limit int) ([]Operator, error) {
	return db.Collect(ctx, tx, scanOperator, "select id, name, created_at from operator where id > $1 order by id limit $2", after, limit)
}

func scanOperator(s db.Scanner) (o Operator, err error) {
	var ms int64
	err = s.Scan(&o.ID, &o.Name, &ms)
	o.Created = time.UnixMilli(ms).UTC()
	return o, err
}
