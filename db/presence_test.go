package db_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
)

func TestProcessesSeeEachOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		ctx := t.Context()
		count := func(want int) {
			t.Helper()
			if n, err := d.Others(ctx, 30*time.Second); err != nil || n != want {
				t.Errorf("%d processes, %v; want %d", n, err, want)
			}
		}
		count(0)
		for _, p := range []string{"a", "b", "a"} {
			if err := d.Present(ctx, p); err != nil {
				t.Fatal(err)
			}
		}
		count(2)
		if err := d.Absent(ctx, "b"); err != nil {
			t.Fatal(err)
		}
		count(1)
		clock.Advance(30 * time.Second)
		count(0)
	})
}

func TestACheckpointEmptiesTheLogAndDeletedBytesAreGone(t *testing.T) {
	ctx := t.Context()
	url := dbtest.SQLite(t)
	d, err := db.Open(ctx, db.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	const needle = "a-key-that-must-go"
	for _, text := range []string{
		"insert into installation (key, value) values ('k', '" + needle + "')", "delete from installation where key='k'",
	} {
		if err := d.Write(ctx, func(tx *db.Tx) error { _, err := tx.Exec(ctx, text); return err }); err != nil {
			t.Fatal(err)
		}
	}
	found := func() (where []string) {
		for _, suffix := range []string{"", "-wal"} {
			b, err := os.ReadFile(strings.TrimPrefix(url, "sqlite:") + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(b), needle) {
				where = append(where, "file"+suffix)
			}
		}
		return where
	}
	if len(found()) == 0 {
		t.Fatal("the needle was never there: this test proves nothing")
	}
	if err := d.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	if where := found(); where != nil {
		t.Errorf("the deleted value is still in %v", where)
	}
}
