// Package db keeps one promise: a statement written once runs on SQLite and on
// PostgreSQL, inside a transaction that carries its own instant.
//
// Everything a transaction writes shares [Tx.Now]; nothing reads the wall clock
// behind its back. What is committed is on disk (synchronous=FULL, fsync=on)
// before Write returns.
//
// Rules that keep one SQL text true on both engines (each has bitten somebody):
//   - never run a statement while rows of the same transaction are open: use
//     [Collect] or [One], which read to the end first;
//   - times are bigint milliseconds, ids are text made by [NewID], JSON is text
//     read in Go, switches are boolean;
//   - the operator is the first column of every key of operator data;
//   - compare text with lower() on both sides and write escape '\' after like;
//   - sort by ids or numbers, never by text a person wrote: collations differ.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers "pgx"
)

// ErrNone is returned by [One] when no row matches.
var ErrNone = errors.New("no such row")

// Config says which store to open.
type Config struct {
	// URL is "sqlite:PATH" or "postgres://…" (any URL pgx understands; several
	// hosts and target_session_attrs=read-write give fail-over).
	URL string
	// MaxConns bounds the PostgreSQL connections; zero means 16. SQLite always
	// has one writer and a handful of readers.
	MaxConns int
	// Clock is where instants come from; nil means time.Now.
	Clock func() time.Time
}

// DB is an open store. It is safe for concurrent use.
type DB struct {
	dialect dialect
	clock   func() time.Time
	url     string
	pool    *sql.DB // PostgreSQL: everything; SQLite: readers
	writer  *sqliteWriter
	readers *sqliteReaders // SQLite
}

// Open opens the store without changing it; call [DB.Migrate] before use.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	d := &DB{clock: cfg.Clock, url: cfg.URL}
	if d.clock == nil {
		d.clock = time.Now
	}
	switch {
	case strings.HasPrefix(cfg.URL, "sqlite:"):
		d.dialect = sqlite
		path := strings.TrimPrefix(cfg.URL, "sqlite:")
		w, err := openSQLiteWriter(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("open SQLite %s: %w", filepath.Base(path), err)
		}
		d.writer = w
		d.pool, err = sql.Open("sqlite", sqliteDSN(path, true))
		if err != nil {
			_ = w.close()
			return nil, err
		}
		// One connection more than there may be reads, so that a read that must
		// prepare a statement never waits for the reads that wait for it.
		d.pool.SetMaxOpenConns(maxReads + 1)
		d.pool.SetMaxIdleConns(maxReads + 1)
		d.readers = &sqliteReaders{pool: d.pool, stmts: map[string]*sql.Stmt{}, turns: make(chan struct{}, maxReads)}
	case strings.HasPrefix(cfg.URL, "postgres://"), strings.HasPrefix(cfg.URL, "postgresql://"):
		d.dialect = postgres
		pool, err := sql.Open("pgx", cfg.URL)
		if err != nil {
			return nil, fmt.Errorf("open PostgreSQL: %w", hideSecret(err))
		}
		n := cfg.MaxConns
		if n == 0 {
			n = 16
		}
		pool.SetMaxOpenConns(n)
		pool.SetMaxIdleConns(n)
		d.pool = pool
		if err := pool.PingContext(ctx); err != nil {
			_ = pool.Close()
			return nil, fmt.Errorf("open PostgreSQL: %w", hideSecret(err))
		}
	default:
		return nil, errors.New(`database URL must begin with "sqlite:" or "postgres://"`)
	}
	return d, nil
}

// hideSecret keeps a password in a URL out of error texts.
func hideSecret(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// Close waits for the transactions under way.
func (d *DB) Close() error {
	err := d.pool.Close()
	if d.writer != nil {
		err = errors.Join(err, d.writer.close())
	}
	return err
}

// Engine is "sqlite" or "postgres", for people and for metrics.
func (d *DB) Engine() string { return d.dialect.String() }

// Ping answers whether the store can be read now.
func (d *DB) Ping(ctx context.Context) error {
	return d.Read(ctx, func(tx *Tx) error {
		_, err := One(ctx, tx, func(s Scanner) (int, error) { var n int; return n, s.Scan(&n) }, "select 1")
		return err
	})
}

// Now is the store's clock, in UTC, cut to the millisecond that is stored.
func (d *DB) Now() time.Time { return d.clock().UTC().Truncate(time.Millisecond) }

// Write runs fn in one transaction and returns after it is durable. An error
// from fn rolls everything back. fn must not start another transaction.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if d.writer != nil {
		return d.writer.run(ctx, d, fn)
	}
	return d.run(ctx, fn, &sql.TxOptions{})
}

// Read runs fn in one read-only transaction: every statement sees one state.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return d.run(ctx, fn, &sql.TxOptions{ReadOnly: true, Isolation: d.dialect.snapshot()})
}

func (d *DB) run(ctx context.Context, fn func(*Tx) error, opts *sql.TxOptions) error {
	if d.readers != nil {
		select {
		case d.readers.turns <- struct{}{}:
			defer func() { <-d.readers.turns }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	stx, err := d.pool.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{db: d, run: stx, now: d.Now(), readOnly: opts.ReadOnly}
	if d.readers != nil {
		tx.run = sqliteRead{stx, d.readers}
	}
	done := false
	defer func() {
		if !done {
			_ = stx.Rollback()
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	done = true
	if err := stx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	tx.committed()
	return nil
}
