// Package dbtest runs a test once per engine, on a store of its own.
//
// PostgreSQL is never skipped: a test that ran on one engine only proves half of
// what it says. Point CLEW_TEST_POSTGRES at a server ("make test" starts one).
package dbtest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"clew/db"
)

// Clock is a clock that a test turns by hand.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the instant the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance turns the clock by d; a negative d turns it back.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Start is what every test's clock shows at first: a Monday.
var Start = time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)

// Each runs fn on an empty, migrated SQLite store and on a PostgreSQL one.
func Each(t *testing.T, fn func(t *testing.T, d *db.DB, clock *Clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		clock := &Clock{now: Start}
		fn(t, open(t, SQLite(t), clock), clock)
	})
	t.Run("postgres", func(t *testing.T) {
		clock := &Clock{now: Start}
		fn(t, open(t, Postgres(t), clock), clock)
	})
}

// URLs runs fn with the URL of an empty store per engine, for tests that open it
// themselves.
func URLs(t *testing.T, fn func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

func open(t testing.TB, url string, clock *Clock) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{URL: url, Clock: clock.Now, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

// SQLite is the URL of a file that does not exist yet.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "clew.db")
}

// Postgres is the URL of a fresh database, dropped when the test ends.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("CLEW_TEST_POSTGRES")
	if server == "" {
		t.Fatal(`CLEW_TEST_POSTGRES is not set: run "make test", or "eval $(scripts/postgres start)" first`)
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal("CLEW_TEST_POSTGRES does not parse")
	}
	template := template(t, admin, server)
	name := "clew_" + db.NewID("t")
	if _, err := admin.ExecContext(t.Context(), "create database "+name+" template "+template); err != nil {
		t.Fatalf("create test database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "drop database "+name+" with (force)"); err != nil {
			t.Errorf("drop test database: %v", err)
		}
		_ = admin.Close()
	})
	return withDatabase(t, server, name)
}

func withDatabase(t testing.TB, server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("CLEW_TEST_POSTGRES does not parse")
	}
	u.Path = "/" + name
	return u.String()
}

// template makes, once per set of migrations, the migrated database that tests
// copy: copying takes a tenth of migrating.
func template(t testing.TB, admin *sql.DB, server string) string {
	t.Helper()
	name := "clew_template_" + schemaHash(t)
	conn, err := admin.Conn(t.Context())
	if err != nil {
		t.Fatalf("CLEW_TEST_POSTGRES does not answer: %v", err)
	}
	defer func() { _ = conn.Close() }()
	// Other test binaries do the same at the same time.
	const lock = 7_264_001
	if _, err := conn.ExecContext(t.Context(), "select pg_advisory_lock($1)", lock); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = conn.ExecContext(context.Background(), "select pg_advisory_unlock($1)", lock) }()
	var ready bool
	if err := conn.QueryRowContext(t.Context(),
		"select exists (select 1 from pg_database where datname=$1 and datistemplate)", name).Scan(&ready); err != nil {
		t.Fatal(err)
	}
	if ready {
		return name
	}
	if _, err := conn.ExecContext(t.Context(), "drop database if exists "+name+" with (force)"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "create database "+name+" template template0"); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), db.Config{URL: withDatabase(t, server, name)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "alter database "+name+" is_template true"); err != nil {
		t.Fatal(err)
	}
	return name
}

func schemaHash(t testing.TB) string {
	h := sha256.New()
	files, err := fs.Glob(db.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := fs.ReadFile(db.Migrations(), f)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(h, "%s\n%s\n", f, b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
