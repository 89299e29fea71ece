package db

import (
	"context"
	"strconv"
	"time"
)

// Present notes that a process is at work on this store now. It must be called
// again before others would take the process for gone; see [DB.Others].
func (d *DB) Present(ctx context.Context, process string) error {
	return d.Write(ctx, func(tx *Tx) error {
		// Killed processes do not say goodbye. Instants have 13 digits until the year
		// 2286, so texts compare as they do.
		if _, err := tx.Exec(ctx, `delete from installation where key like $1 escape '\' and value<$2`, presence+"%",
			strconv.FormatInt(tx.NowMS()-24*3600*1000, 10)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into installation (key, value) values ($1, $2)
			on conflict (key) do update set value=excluded.value`, presence+process, strconv.FormatInt(tx.NowMS(), 10))
		return err
	})
}

// Absent takes back what [DB.Present] noted.
func (d *DB) Absent(ctx context.Context, process string) error {
	return d.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, "delete from installation where key=$1", presence+process)
		return err
	})
}

const presence = "process:"

// Others counts the processes that were at work within the last while.
func (d *DB) Others(ctx context.Context, within time.Duration) (n int, err error) {
	return n, d.Read(ctx, func(tx *Tx) error {
		seen, err := Collect(ctx, tx, func(s Scanner) (v string, err error) { return v, s.Scan(&v) },
			`select value from installation where key like $1 escape '\'`, presence+"%")
		for _, v := range seen {
			if ms, err := strconv.ParseInt(v, 10, 64); err == nil && tx.NowMS()-ms < within.Milliseconds() {
				n++
			}
		}
		return err
	})
}

// Checkpoint moves what SQLite has in its write-ahead log into the database file
// and empties the log, so that deleted keys are gone from both. It is no error
// when readers keep part of the log in use: call it again later. PostgreSQL needs
// epochs to end instead (docs/manual/production.md).
func (d *DB) Checkpoint(ctx context.Context) error {
	if d.writer == nil {
		return nil
	}
	select {
	case <-d.writer.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { d.writer.turn <- struct{}{} }()
	_, err := d.writer.conn.ExecContext(ctx, "pragma wal_checkpoint(truncate)")
	return err
}
