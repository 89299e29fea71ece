package db_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"clew/db"
	"clew/db/dbtest"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestIsUnavailable(t *testing.T) {
	for code, want := range map[string]bool{
		"08006": true, "08P01": true, "53100": true, "53200": true, "53300": true, "57P01": true, "57P02": true, "57P03": true, "25006": true,
		"57014": false, "23505": false, "40001": false, "22021": false, "42P01": false,
	} {
		if got := db.IsUnavailable(fmt.Errorf("write: %w", &pgconn.PgError{Code: code})); got != want {
			t.Errorf("SQLSTATE %s: %t", code, got)
		}
	}
	for _, err := range []error{driver.ErrBadConn, context.DeadlineExceeded, fmt.Errorf("begin: %w", context.DeadlineExceeded)} {
		if !db.IsUnavailable(err) {
			t.Errorf("%v is not said to be one", err)
		}
	}
	for _, err := range []error{nil, errors.New("x"), db.ErrNone, context.Canceled, os.ErrNotExist} {
		if db.IsUnavailable(err) {
			t.Errorf("%v is said to be one", err)
		}
	}
}

func TestFullDiskIsUnavailable(t *testing.T) {
	d, err := db.Open(t.Context(), db.Config{URL: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	exec := func(query string, args ...any) error {
		return d.Write(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(t.Context(), query, args...); return err })
	}
	if err := exec("create table t (b blob)"); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := db.Collect(t.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "pragma max_page_count=8")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := exec("insert into t (b) values ($1)", make([]byte, 1<<20)); !db.IsUnavailable(err) {
		t.Errorf("a full store says %v", err)
	}
	if err := exec("insert into nowhere (b) values (1)"); err == nil || db.IsUnavailable(err) {
		t.Errorf("a wrong statement says %v", err)
	}
}

func TestServerThatIsDownIsUnavailable(t *testing.T) {
	if _, err := db.Open(t.Context(), db.Config{URL: "postgres://clew@127.0.0.1:1/x?sslmode=disable&connect_timeout=2"}); !db.IsUnavailable(err) {
		t.Errorf("nothing listens: %v", err)
	}
	d, err := db.Open(t.Context(), db.Config{URL: dbtest.Postgres(t), MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	err = d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), "select pg_terminate_backend(pg_backend_pid())")
		return err
	})
	if !db.IsUnavailable(err) {
		t.Errorf("a server that goes away says %v", err)
	}
	if _, err := db.Open(t.Context(), db.Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "no", "such", "folder", "x.db")}); !db.IsUnavailable(err) {
		t.Errorf("a folder that is not there says %v", err)
	}
}
