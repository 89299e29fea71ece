package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrate/*.sql
var migrations embed.FS

// Migrations is the numbered, forward-only list, one text for both engines.
func Migrations() fs.FS {
	sub, err := fs.Sub(migrations, "migrate")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// Migrate brings the schema to the newest version. It is safe to call at every
// start; it never runs inside a request.
func (d *DB) Migrate(ctx context.Context) error {
	p, done, err := d.migrator(ctx)
	if err != nil {
		return err
	}
	defer done()
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Schema says how many migrations the store has and how many this program would
// bring it to.
func (d *DB) Schema(ctx context.Context) (applied, all int, err error) {
	p, done, err := d.migrator(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer done()
	list, err := p.Status(ctx)
	for _, m := range list {
		if m.State == goose.StateApplied {
			applied++
		}
	}
	return applied, len(list), err
}

func (d *DB) migrator(ctx context.Context) (*goose.Provider, func(), error) {
	pool, done, dialect := d.pool, func() {}, goose.DialectPostgres
	if d.dialect == sqlite {
		path := strings.TrimPrefix(d.url, "sqlite:")
		own, err := sql.Open("sqlite", sqliteDSN(path, false))
		if err != nil {
			return nil, nil, err
		}
		pool, done, dialect = own, func() { _ = own.Close() }, goose.DialectSQLite3
	} else if _, err := pool.ExecContext(ctx,
		`do $$ begin create domain blob as bytea; exception when duplicate_object or unique_violation then null; end $$`); err != nil {
		return nil, nil, fmt.Errorf("prepare PostgreSQL: %w", err)
	}
	// Numbers follow the floors, not the days: a room's new migration may come after
	// one with a higher number was applied. No migration touches another room's table.
	p, err := goose.NewProvider(dialect, pool, Migrations(), goose.WithAllowOutofOrder(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, done, nil
}
