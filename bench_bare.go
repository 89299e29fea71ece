package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"time"

	"clew/db"
	"clew/ledger"
)

// bareStore is what the server is measured against: the same rows, as many bytes,
// in the same tables of a second store of the same kind, as many to a commit, and
// nothing else.
type bareStore struct {
	db     *db.DB
	tables []bareTable
	ids    []string // of the lead that was copied; each copy has its own
	// committing puts an entry per lead into the ledger too, in the same commit.
	committing bool
}

type bareTable struct {
	name    string
	columns []string
	row     []any
	changes []bool // whether the value holds one of the ids
}

// bareKeys are the tables a lead writes, in an order that keeps foreign keys, with
// the column that says whose row it is and the columns whose values no other lead
// may share.
var bareKeys = []struct {
	table, owner string
	unique       []string
}{
	{"lead", "id", []string{"id"}},
	{"receipt", "lead", []string{"id", "number"}},
	{"receipt_event", "receipt", []string{"id"}},
	{"lead_key", "lead", nil},
	{"lead_index", "lead", []string{"idx"}},
	{"lead_once", "lead", []string{"tag"}},
	{"outbox", "subject", []string{"id"}},
	{"funnel_lead", "lead", nil},
}

// rawStore is a plain connection to the house's store.
func (b *bench) rawStore() (*sql.DB, error) {
	if b.engine == "postgres" {
		return sql.Open("pgx", b.house.cfg.Database)
	}
	return sql.Open("sqlite", filepath.Join(b.dir, "clew.db"))
}

// openBare makes the second store and copies the rows of one stored lead.
func (b *bench) openBare(ctx context.Context) (_ *bareStore, err error) {
	target := "sqlite:" + filepath.Join(b.dir, "bare.db")
	if b.engine == "postgres" {
		if target, err = b.newDatabase(ctx); err != nil {
			return nil, err
		}
	}
	raw, err := b.rawStore()
	if err != nil {
		return nil, err
	}
	defer func() { _ = raw.Close() }()
	s := &bareStore{}
	if err := s.copy(ctx, raw); err != nil {
		return nil, fmt.Errorf("copy a stored lead: %w", err)
	}
	if s.db, err = db.Open(ctx, db.Config{URL: target}); err != nil {
		return nil, err
	}
	return s, s.db.Migrate(ctx)
}

func (s *bareStore) copy(ctx context.Context, raw *sql.DB) error {
	owner := ""
	if err := raw.QueryRowContext(ctx, "select max(id) from lead").Scan(&owner); err != nil {
		return err
	}
	lead := owner
	for _, k := range bareKeys {
		owner = lead
		if k.table == "receipt_event" {
			owner = s.ids[1] // the receipt's
		}
		t := bareTable{name: k.table}
		rows, err := raw.QueryContext(ctx, "select * from "+k.table+" where "+k.owner+"=$1", owner)
		if err != nil {
			return err
		}
		t.columns, err = rows.Columns()
		for err == nil && rows.Next() {
			t.row = make([]any, len(t.columns))
			into := make([]any, len(t.columns))
			for i := range t.row {
				into[i] = &t.row[i]
			}
			err = rows.Scan(into...)
		}
		if err := errors.Join(err, rows.Err(), rows.Close()); err != nil {
			return err
		}
		if t.row == nil {
			return fmt.Errorf("no row of %s", k.table)
		}
		for _, name := range k.unique {
			for i, c := range t.columns {
				if text, ok := t.row[i].(string); ok && c == name {
					s.ids = append(s.ids, text)
				}
			}
		}
		s.tables = append(s.tables, t)
	}
	for i := range s.tables {
		t := &s.tables[i]
		t.changes = make([]bool, len(t.row))
		for j, v := range t.row {
			text, ok := v.(string)
			for _, id := range s.ids {
				t.changes[j] = t.changes[j] || ok && strings.Contains(text, id)
			}
		}
	}
	// Foreign keys: a receipt stands before its event, and the copy began with the lead.
	s.tables[0], s.tables[1], s.tables[2] = s.tables[1], s.tables[2], s.tables[0]
	return nil
}

// fresh is one row per table for a lead that nobody has.
func (s *bareStore) fresh() [][]any {
	pairs := make([]string, 0, 2*len(s.ids))
	for _, id := range s.ids {
		kind, _, made := strings.Cut(id, "_")
		new := ""
		if made {
			new = db.NewID(kind)
		} else {
			var b [16]byte
			_, _ = rand.Read(b[:])
			new = hex.EncodeToString(b[:])[:len(id)]
		}
		pairs = append(pairs, id, new)
	}
	replace := strings.NewReplacer(pairs...)
	out := make([][]any, len(s.tables))
	for i, t := range s.tables {
		row := append([]any(nil), t.row...)
		for j, changes := range t.changes {
			if changes {
				row[j] = replace.Replace(row[j].(string))
			}
		}
		out[i] = row
	}
	return out
}

type bareJob struct {
	rows [][]any
	err  error
	done chan struct{}
}

// bareBatch is as many leads as intake puts into one commit.
const bareBatch = 64

// run lets clients insert as fast as they are answered.
func (s *bareStore) run(ctx context.Context, clients int, seconds float64) (r loadResult, err error) {
	jobs := make(chan *bareJob, 4*bareBatch)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.write(ctx, jobs)
	}()
	cpu, began := processorTime(), time.Now()
	end := began.Add(time.Duration(seconds * float64(time.Second)))
	took := make([][]time.Duration, clients)
	errs := make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for now := time.Now(); now.Before(end) && errs[i] == nil; now = time.Now() {
				j := &bareJob{rows: s.fresh(), done: make(chan struct{})}
				jobs <- j
				<-j.done
				errs[i] = j.err
				took[i] = append(took[i], time.Since(now))
			}
		})
	}
	all.Wait()
	r.Seconds, r.CPU = time.Since(began).Seconds(), processorTime()-cpu
	close(jobs)
	<-stopped
	var every []time.Duration
	for _, t := range took {
		every = append(every, t...)
	}
	r.Sent, r.Accepted = len(every), len(every)
	r.P50, r.P99, r.Max = percentiles(every)
	return r, errors.Join(errs...)
}

func (s *bareStore) write(ctx context.Context, jobs chan *bareJob) {
	for j := range jobs {
		batch := []*bareJob{j}
		for len(jobs) > 0 && len(batch) < bareBatch {
			batch = append(batch, <-jobs)
		}
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			for i, t := range s.tables {
				rows := make([][]any, len(batch))
				for k, j := range batch {
					rows[k] = j.rows[i]
				}
				if err := tx.Insert(ctx, t.name, t.columns, rows); err != nil {
					return err
				}
			}
			if !s.committing {
				return nil
			}
			acts := make([]ledger.Act, len(batch))
			for k, j := range batch {
				acts[k] = ledger.Act{Operator: s.ids[0], Kind: "lead.accepted", Subject: fmt.Sprint(j.rows[0][1]), Detail: s.ids}
			}
			return ledger.Append(ctx, tx, acts...)
		})
		for _, j := range batch {
			j.err = err
			close(j.done)
		}
	}
}

func (s *bareStore) close() error { return s.db.Close() }

// newDatabase makes an empty database for this run.
func (b *bench) newDatabase(ctx context.Context) (string, error) {
	u, err := url.Parse(b.server)
	if err != nil {
		return "", errors.New("--database does not parse as a URL")
	}
	name := "clew_bench_" + strings.TrimPrefix(db.NewID("b"), "b_")
	admin, err := sql.Open("pgx", b.server)
	if err != nil {
		return "", errors.New("--database does not parse as a URL")
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(ctx, "create database "+name); err != nil {
		return "", fmt.Errorf("make a database for the benchmark: %w", err)
	}
	b.databases = append(b.databases, name)
	u.Path = "/" + name
	return u.String(), nil
}

func (b *bench) dropDatabases(ctx context.Context) error {
	if len(b.databases) == 0 {
		return nil
	}
	admin, err := sql.Open("pgx", b.server)
	if err != nil {
		return err
	}
	defer func() { _ = admin.Close() }()
	var errs []error
	for _, name := range b.databases {
		_, err := admin.ExecContext(ctx, "drop database "+name+" with (force)")
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// durability asks the store what it promises.
func (b *bench) durability(ctx context.Context) (string, error) {
	query := "select 'synchronous=' || case (select synchronous from pragma_synchronous) when 2 then 'FULL' when 1 then 'NORMAL' else 'other' end"
	if b.engine == "postgres" {
		query = "select 'fsync=' || current_setting('fsync') || ', synchronous_commit=' || current_setting('synchronous_commit')"
	}
	var text string
	err := b.house.db.Read(ctx, func(tx *db.Tx) (err error) {
		text, err = db.One(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) }, query)
		return err
	})
	return text, err
}

// fsyncResult is what the disk does: append 4 KiB, fsync, again. Milliseconds.
type fsyncResult struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
}

func measureFsync(dir string, seconds float64) (r fsyncResult, err error) {
	f, err := os.CreateTemp(dir, "fsync-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	page := make([]byte, 4096)
	var took []time.Duration
	began := time.Now()
	for time.Since(began).Seconds() < seconds || len(took) < 3 {
		at := time.Now()
		if _, err := f.Write(page); err != nil {
			return r, err
		}
		if err := f.Sync(); err != nil {
			return r, err
		}
		took = append(took, time.Since(at))
	}
	r.PerSecond = float64(len(took)) / time.Since(began).Seconds()
	r.P50, r.P99, _ = percentiles(took)
	return r, nil
}

// processorTime is what this process has used so far, in seconds.
func processorTime() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// profiling is a processor profile being taken; the zero value takes none.
type profiling struct{ f *os.File }

func startProfile(path string) (p profiling, err error) {
	if path == "" {
		return p, nil
	}
	if p.f, err = os.Create(path); err != nil {
		return p, err
	}
	return p, pprof.StartCPUProfile(p.f)
}

func (p profiling) stop() error {
	if p.f == nil {
		return nil
	}
	pprof.StopCPUProfile()
	return p.f.Close()
}
