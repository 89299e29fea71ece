package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"
)

// sqliteWriter is the one connection that writes. It keeps its statements
// prepared, which database/sql does not do across transactions on one
// connection, and it begins transactions itself for the same reason.
type sqliteWriter struct {
	pool  *sql.DB
	conn  *sql.Conn
	turn  chan struct{} // holds one token: the right to write
	stmts map[string]*sql.Stmt
}

// maxPrepared bounds the statements kept; texts with ever-changing filters
// beyond it are prepared anew each time.
const maxPrepared = 512

func sqliteDSN(path string, readOnly bool) string {
	q := url.Values{}
	for _, p := range []string{
		"busy_timeout(10000)",
		"journal_mode(WAL)",
		"synchronous(FULL)",
		"foreign_keys(1)",
		// A deleted key must not stay readable in the file (docs/manual: erasure).
		"secure_delete(1)",
		"temp_store(MEMORY)",
		"cache_size(-65536)",
	} {
		q.Add("_pragma", p)
	}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func openSQLiteWriter(ctx context.Context, path string) (*sqliteWriter, error) {
	pool, err := sql.Open("sqlite", sqliteDSN(path, false))
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	conn, err := pool.Conn(ctx)
	if err != nil {
		_ = pool.Close()
		return nil, err
	}
	w := &sqliteWriter{pool: pool, conn: conn, turn: make(chan struct{}, 1), stmts: map[string]*sql.Stmt{}}
	w.turn <- struct{}{}
	return w, nil
}

func (w *sqliteWriter) close() error {
	<-w.turn
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.pool.Close())...)
}

func (w *sqliteWriter) run(ctx context.Context, d *DB, fn func(*Tx) error) error {
	select {
	case <-w.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	tx := &Tx{db: d, run: w, now: d.Now()}
	if err := w.transact(ctx, tx, fn); err != nil {
		return err
	}
	tx.committed()
	return nil
}

func (w *sqliteWriter) transact(ctx context.Context, tx *Tx, fn func(*Tx) error) (err error) {
	defer func() { w.turn <- struct{}{} }()
	// A begin that is interrupted may have begun all the same, so it is not.
	if _, err := w.ExecContext(context.WithoutCancel(ctx), "begin immediate"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	// The transaction must end whatever happened: a cancelled caller or a panic
	// must not leave the only writer inside it.
	ended := false
	defer func() {
		if !ended {
			_, _ = w.ExecContext(context.WithoutCancel(ctx), "rollback")
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	if _, err := w.ExecContext(context.WithoutCancel(ctx), "commit"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	ended = true
	return nil
}

func (w *sqliteWriter) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := w.stmts[query]; s != nil || len(w.stmts) >= maxPrepared {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	w.stmts[query] = s
	return s, nil
}

// sqliteReaders keeps the readers' statements prepared: database/sql would prepare
// anew in every transaction, which costs more than most reads do.
type sqliteReaders struct {
	pool  *sql.DB
	turns chan struct{} // one token per read under way
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
}

// maxReads bounds the reads under way on SQLite.
const maxReads = 8

// stmt is nil where too many texts are kept already.
func (r *sqliteReaders) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.stmts[query]; s != nil || len(r.stmts) >= maxPrepared {
		return s, nil
	}
	s, err := r.pool.PrepareContext(ctx, query)
	if err == nil {
		r.stmts[query] = s
	}
	return s, err
}

// sqliteRead is one transaction of a reader.
type sqliteRead struct {
	*sql.Tx
	readers *sqliteReaders
}

func (r sqliteRead) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := r.readers.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return r.Tx.QueryContext(ctx, query, args...)
	}
	return r.StmtContext(ctx, s).QueryContext(ctx, args...)
}

func (w *sqliteWriter) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := w.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return w.conn.ExecContext(ctx, query, args...)
	}
	return s.ExecContext(ctx, args...)
}

func (w *sqliteWriter) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := w.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return w.conn.QueryContext(ctx, query, args...)
	}
	return s.QueryContext(ctx, args...)
}
