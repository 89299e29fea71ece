package db_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"clew/db"
	"clew/db/dbtest"
)

func scanText(s db.Scanner) (string, error) { var v string; return v, s.Scan(&v) }

func TestWriteIsAllOrNothingAndHasOneInstant(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		ctx := t.Context()
		var first, second int64
		err := d.Write(ctx, func(tx *db.Tx) error {
			first = tx.NowMS()
			clock.Advance(1e9)
			second = tx.NowMS()
			_, err := tx.Exec(ctx, "insert into installation (key, value) values ($1, $2)", "a", "1")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if first != second || first != dbtest.Start.UnixMilli() {
			t.Errorf("instants %d and %d in one transaction begun at %d", first, second, dbtest.Start.UnixMilli())
		}
		stop := errors.New("stop")
		ran := false
		err = d.Write(ctx, func(tx *db.Tx) error {
			tx.AfterCommit(func() { ran = true })
			if _, err := tx.Exec(ctx, "insert into installation (key, value) values ($1, $2)", "b", "2"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) || ran {
			t.Fatalf("error %v, after-commit ran: %v", err, ran)
		}
		if got := keys(t, d); !slices.Equal(got, []string{"a"}) {
			t.Errorf("rows after rollback: %v", got)
		}
	})
}

func TestNumberedParametersMayRepeatAndComeInAnyOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := t.Context()
		if err := d.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "insert into installation (value, key) values ($2, $1)", "key", "value")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(ctx, func(tx *db.Tx) error {
			got, err := db.One(ctx, tx, scanText, "select value from installation where key=$1 and $1=$1", "key")
			if got != "value" {
				t.Errorf("read %q", got)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestInsertAnyNumberOfRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := t.Context()
		var rows [][]any
		for range 1000 + 64 + 3 {
			rows = append(rows, []any{db.NewID("k"), "v"})
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			return tx.Insert(ctx, "installation", []string{"key", "value"}, rows)
		}); err != nil {
			t.Fatal(err)
		}
		got := keys(t, d)
		if len(got) != len(rows) {
			t.Fatalf("%d rows, want %d", len(got), len(rows))
		}
		for i, row := range rows {
			if got[i] != row[0] {
				t.Fatalf("row %d is %s, want %s: ids do not sort in the order they were made", i, got[i], row[0])
			}
		}
	})
}

func TestTakenKeysAreRecognised(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := t.Context()
		put := func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "insert into installation (key, value) values ('same', '')")
			return err
		}
		if err := d.Write(ctx, put); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(ctx, put); !db.IsUnique(err) {
			t.Errorf("second insert: %v, want a unique violation", err)
		}
	})
}

func TestReadsCannotWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx := t.Context()
		err := d.Read(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "insert into installation (key, value) values ('x', '')")
			return err
		})
		if err == nil {
			t.Error("a read transaction wrote")
		}
	})
}

func TestACancelledWriterLeavesTheStoreUsable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ctx, cancel := context.WithCancel(t.Context())
		err := d.Write(ctx, func(tx *db.Tx) error {
			cancel()
			_, err := tx.Exec(ctx, "insert into installation (key, value) values ('x', '')")
			return err
		})
		if err == nil {
			t.Error("a cancelled write succeeded")
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), "insert into installation (key, value) values ('y', '')")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got := keys(t, d); !slices.Equal(got, []string{"y"}) {
			t.Errorf("rows: %v", got)
		}
	})
}

func TestMigrateTwiceChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		have, want, err := d.Schema(t.Context())
		if err != nil || have != want || have == 0 {
			t.Errorf("schema %d of %d, error %v", have, want, err)
		}
	})
}

// A store from before a lower floor had its newest table is brought up all the same.
func TestMigrateBringsWhatALowerFloorAddedLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), "drop table lead_tally"); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), "delete from goose_db_version where version_id=61")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if have, want, err := d.Schema(t.Context()); err != nil || have != want-1 {
			t.Errorf("before: %d of %d, %v", have, want, err)
		}
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if have, want, err := d.Schema(t.Context()); err != nil || have != want {
			t.Errorf("after: %d of %d, %v", have, want, err)
		}
		if err := d.Read(t.Context(), func(tx *db.Tx) error {
			_, err := db.Collect(t.Context(), tx, scanText, "select component from lead_tally")
			return err
		}); err != nil {
			t.Error(err)
		}
	})
}

func TestOpenRefusesUnknownURLs(t *testing.T) {
	if _, err := db.Open(t.Context(), db.Config{URL: "mysql://x"}); err == nil {
		t.Error("opened")
	}
}

func keys(t *testing.T, d *db.DB) []string {
	t.Helper()
	var got []string
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		got, err = db.Collect(t.Context(), tx, scanText, "select key from installation order by key")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

// More readers than connections, each with a statement nobody has prepared yet.
func TestManyReadersWithNewStatementsDoNotWaitForEachOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		const readers = 40
		var all, inside sync.WaitGroup
		inside.Add(4) // so many are inside at once before any goes on
		for i := range readers {
			all.Go(func() {
				if err := d.Read(t.Context(), func(tx *db.Tx) error {
					if i < 4 {
						inside.Done()
						inside.Wait()
					}
					_, err := db.One(t.Context(), tx, scanText, "select cast($1 as text) as v"+strconv.Itoa(i), "x")
					return err
				}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

func TestABeginThatIsCancelledLeavesTheWriterFree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		var all sync.WaitGroup
		for range 50 {
			ctx, cancel := context.WithCancel(t.Context())
			all.Go(func() { _ = d.Write(ctx, func(*db.Tx) error { return nil }) })
			all.Go(cancel)
		}
		all.Wait()
		if err := d.Write(t.Context(), func(*db.Tx) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}
