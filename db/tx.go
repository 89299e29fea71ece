package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Tx is one transaction with one instant. It must not leave the function it was
// given to.
type Tx struct {
	db       *DB
	run      runner
	now      time.Time
	after    []func()
	readOnly bool
}

type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Scanner is what a row offers to the function that reads it.
type Scanner interface{ Scan(dest ...any) error }

// Now is the instant of everything this transaction does, UTC, in milliseconds.
func (tx *Tx) Now() time.Time { return tx.now }

// NowMS is [Tx.Now] as it is stored: milliseconds since 1970.
func (tx *Tx) NowMS() int64 { return tx.now.UnixMilli() }

// Exec runs one statement and says how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := tx.run.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// AfterCommit runs f once the transaction is durable, in order, and never when
// it was rolled back. f must be quick: it holds up the caller.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

func (tx *Tx) committed() {
	for _, f := range tx.after {
		f()
	}
}

// ForShare is appended to a select whose rows must not change before this
// transaction ends. SQLite needs nothing: its writer is alone. A read transaction
// needs nothing either: it sees one state and decides nothing.
func (tx *Tx) ForShare() string {
	if tx.readOnly {
		return ""
	}
	return tx.db.dialect.forShare()
}

// ForUpdate is appended to a select whose rows this transaction will change.
func (tx *Tx) ForUpdate() string { return tx.db.dialect.forUpdate() }

// SkipLocked is appended to a claim: rows another worker holds are passed over.
func (tx *Tx) SkipLocked() string { return tx.db.dialect.skipLocked() }

// Collect runs a query and reads it to the end before anything else happens in
// the transaction. No row gives a nil slice.
func Collect[T any](ctx context.Context, tx *Tx, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.run.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// One is Collect for exactly one row; [ErrNone] when there is none.
func One[T any](ctx context.Context, tx *Tx, scan func(Scanner) (T, error), query string, args ...any) (T, error) {
	all, err := Collect(ctx, tx, scan, query, args...)
	var zero T
	switch {
	case err != nil:
		return zero, err
	case len(all) == 0:
		return zero, ErrNone
	case len(all) > 1:
		return zero, errors.New("more than one row where one was expected")
	}
	return all[0], nil
}

// maxParams stays under SQLite's 32,766 and PostgreSQL's 65,535 parameters.
const maxParams = 30_000

// Insert writes rows with as few statements as possible. The same columns are
// set in every row. The row counts of its statements are powers of two, so that
// the engines meet few different texts and can keep them prepared.
func (tx *Tx) Insert(ctx context.Context, table string, columns []string, rows [][]any) error {
	for len(rows) > 0 {
		n := 64
		for n > len(rows) || n*len(columns) > maxParams {
			n /= 2
		}
		args := make([]any, 0, n*len(columns))
		for _, row := range rows[:n] {
			if len(row) != len(columns) {
				return fmt.Errorf("insert into %s: %d values for %d columns", table, len(row), len(columns))
			}
			args = append(args, row...)
		}
		if _, err := tx.run.ExecContext(ctx, tx.db.dialect.insertText(table, columns, n), args...); err != nil {
			return fmt.Errorf("insert into %s: %w", table, err)
		}
		rows = rows[n:]
	}
	return nil
}

// In writes "($k,$k+1,…)" for n values, the first being number first: the list
// of an in-clause. n must be at least 1.
func In(first, n int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(first + i))
	}
	b.WriteByte(')')
	return b.String()
}
