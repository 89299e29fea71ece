package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"clew/db"
	"clew/db/dbtest"
	"clew/ledger"
	"clew/seal"
)

const origin = "leads.example.com/ledger"

func each(t *testing.T, fn func(t *testing.T, r *ledger.Room, clock *dbtest.Clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		fn(t, &ledger.Room{DB: d, Ring: seal.TestRing(t), Origin: origin}, clock)
	})
}

func write(t *testing.T, r *ledger.Room, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := r.DB.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, r *ledger.Room, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := r.DB.Read(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// add appends n entries and sequences them.
func add(t *testing.T, r *ledger.Room, n int) {
	t.Helper()
	write(t, r, func(ctx context.Context, tx *db.Tx) error {
		var acts []ledger.Act
		for i := range n {
			acts = append(acts, ledger.Act{Operator: "op_1", Kind: "lead.created", Subject: fmt.Sprint("lead_", i), Detail: map[string]int{"n": i}})
		}
		return ledger.Append(ctx, tx, acts...)
	})
	sequence(t, r)
}

func sequence(t *testing.T, r *ledger.Room) {
	t.Helper()
	for {
		n, err := r.Sequence(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func verify(t *testing.T, r *ledger.Room) ledger.Verdict {
	t.Helper()
	v, err := r.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func keys(t *testing.T, r *ledger.Room) note.Verifiers {
	t.Helper()
	var texts []string
	read(t, r, func(ctx context.Context, tx *db.Tx) error {
		all, err := ledger.Keys(ctx, tx)
		for _, k := range all {
			texts = append(texts, k.Verifier)
		}
		return err
	})
	v, err := ledger.Verifiers(texts...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// exec changes the store behind the ledger's back.
func exec(t *testing.T, r *ledger.Room, query string, args ...any) {
	t.Helper()
	write(t, r, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, query, args...)
		if err == nil && n == 0 {
			err = errors.New("nothing changed: " + query)
		}
		return err
	})
}

func TestAnEntryCommitsWithItsAct(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, _ *dbtest.Clock) {
		failed := errors.New("the act failed")
		err := r.DB.Write(t.Context(), func(tx *db.Tx) error {
			if err := ledger.Append(t.Context(), tx, ledger.Act{Kind: "never"}); err != nil {
				return err
			}
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		add(t, r, 3)
		if v := verify(t, r); v.Size != 4 || len(v.Faults) != 0 { // three and the log's key
			t.Errorf("%+v", v)
		}
	})
}

func TestEveryFlippedByteIsNamed(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, _ *dbtest.Clock) {
		add(t, r, 700)
		if v := verify(t, r); v.Size != 701 || v.Waiting != 0 || v.Checkpoints != 1 || len(v.Faults) != 0 {
			t.Fatalf("sound log: %+v", v)
		}
		var e ledger.Entry
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			all, err := ledger.Of(ctx, tx, "op_1", "lead_300")
			if err == nil {
				e = all[0]
			}
			return err
		})
		flip := func(b []byte, i int) []byte {
			out := append([]byte(nil), b...)
			out[i] ^= 1
			return out
		}
		for _, c := range []struct {
			name, change, back string
			bad, good          any
		}{
			{"record", "update ledger_entry set record=$2 where idx=$1", "", strings.Replace(e.Record, "lead_300", "lead_301", 1), e.Record},
			{"salt", "update ledger_entry set salt=$2 where idx=$1", "", flip(e.Salt, 7), e.Salt},
			{"leaf", "update ledger_entry set leaf=$2 where idx=$1", "", flip(e.Leaf, 9), e.Leaf},
			{"leaf's kind", "update ledger_entry set leaf=$2 where idx=$1", "", flip(e.Leaf, 0), e.Leaf},
		} {
			exec(t, r, c.change, e.Index, c.bad)
			v := verify(t, r)
			if len(v.Faults) == 0 || v.Faults[0].Index != e.Index || v.Faults[0].To != e.Index {
				t.Errorf("%s of entry %d: %v", c.name, e.Index, v.Faults)
			}
			exec(t, r, c.change, e.Index, c.good)
		}
		// Each stored hash: a leaf's is named exactly, a node's by the entries below it.
		for _, pos := range []int64{0, 1, 2, 600, 601, 1022, 1023, 1390} {
			hash := hashAt(t, r, pos)
			exec(t, r, "update ledger_hash set hash=$2 where pos=$1", pos, flip(hash, 31))
			if v := verify(t, r); len(v.Faults) != 1 {
				t.Errorf("hash %d: %v", pos, v.Faults)
			}
			exec(t, r, "update ledger_hash set hash=$2 where pos=$1", pos, hash)
		}
		if v := verify(t, r); len(v.Faults) != 0 {
			t.Errorf("after all was put back: %v", v.Faults)
		}
		exec(t, r, "delete from ledger_entry where idx=$1", int64(12))
		if v := verify(t, r); len(v.Faults) != 1 || v.Faults[0].Index != 12 {
			t.Errorf("a deleted entry: %v", v.Faults)
		}
	})
}

func hashAt(t *testing.T, r *ledger.Room, pos int64) (hash []byte) {
	t.Helper()
	read(t, r, func(ctx context.Context, tx *db.Tx) (err error) {
		hash, err = db.One(ctx, tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) },
			"select hash from ledger_hash where pos=$1", pos)
		return err
	})
	return hash
}

// Whoever owns the store and changes an entry with every hash above it still
// cannot sign, and what was signed says since when.
func TestARewrittenHistoryContradictsWhatWasSigned(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, clock *dbtest.Clock) {
		add(t, r, 5)
		clock.Advance(time.Second)
		add(t, r, 5)
		var checkpoints [][]any
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			list, err := db.Collect(ctx, tx, func(s db.Scanner) (c []any, err error) {
				var size, at int64
				var text string
				err = s.Scan(&size, &at, &text)
				return []any{size, at, text}, err
			}, "select size, at, note from ledger_checkpoint order by size")
			checkpoints = list
			return err
		})
		if len(checkpoints) != 2 {
			t.Fatalf("%d checkpoints", len(checkpoints))
		}
		// The forger drops entry 8 and lets the program build the rest anew.
		for _, table := range []string{"ledger_hash", "ledger_checkpoint"} {
			exec(t, r, "delete from "+table)
		}
		exec(t, r, "delete from ledger_entry where idx=8")
		exec(t, r, "update ledger_entry set idx=null")
		exec(t, r, "update ledger_head set size=0")
		sequence(t, r)
		exec(t, r, "delete from ledger_checkpoint")
		write(t, r, func(ctx context.Context, tx *db.Tx) error {
			return tx.Insert(ctx, "ledger_checkpoint", []string{"size", "at", "note"}, checkpoints)
		})
		v := verify(t, r)
		if len(v.Faults) == 0 || !strings.Contains(fmt.Sprint(v.Faults), "only 10") {
			t.Errorf("%v", v.Faults)
		}
	})
}

func TestErasingLeavesTheLogWhole(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, _ *dbtest.Clock) {
		add(t, r, 20)
		var id string
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			all, err := ledger.Of(ctx, tx, "op_1", "lead_4")
			if err == nil {
				id = all[0].ID
			}
			return err
		})
		write(t, r, func(ctx context.Context, tx *db.Tx) error { return ledger.Forget(ctx, tx, "op_1", "lead_4") })
		if v := verify(t, r); v.Erased != 1 || len(v.Faults) != 0 {
			t.Errorf("%+v", v)
		}
		var text string
		read(t, r, func(ctx context.Context, tx *db.Tx) (err error) {
			text, err = ledger.Prove(ctx, tx, "op_1", id)
			return err
		})
		p, err := ledger.CheckProof(text, keys(t, r))
		if err != nil || p.Record != nil || strings.Contains(text, "lead_4") {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestAProofHoldsAloneAndForNothingElse(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, _ *dbtest.Clock) {
		add(t, r, 300)
		var e ledger.Entry
		var text string
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			all, err := ledger.Of(ctx, tx, "op_1", "lead_77")
			if err != nil {
				return err
			}
			e = all[0]
			if _, err := ledger.Prove(ctx, tx, "op_2", e.ID); !errors.Is(err, ledger.ErrUnknown) {
				t.Errorf("another operator's: %v", err)
			}
			text, err = ledger.Prove(ctx, tx, "op_1", e.ID)
			return err
		})
		p, err := ledger.CheckProof(text, keys(t, r))
		if err != nil || p.Record.Subject != "lead_77" || p.Index != e.Index || p.Checkpoint.Size != 301 {
			t.Fatalf("%+v, %v", p, err)
		}
		// Any other character anywhere breaks it, but for bits that base64 does not read.
		for i := range text {
			if text[i] == '\n' || text[i] == '=' || i+1 < len(text) && (text[i+1] == '=' || text[i+1] == '\n') {
				continue
			}
			with := byte('A')
			if text[i] == with {
				with = 'B'
			}
			if p, err := ledger.CheckProof(text[:i]+string(with)+text[i+1:], keys(t, r)); err == nil && i > len("c2sp.org/tlog-proof@v1\nextra ") &&
				p.Record != nil && p.Record.Subject != "lead_77" {
				t.Fatalf("changed at %d it proves %+v", i, p.Record)
			} else if err != nil && !errors.Is(err, ledger.ErrProof) {
				t.Fatalf("changed at %d: %v", i, err)
			}
		}
		other, err := ledger.Verifiers(strangersKey(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.CheckProof(text, other); !errors.Is(err, ledger.ErrProof) {
			t.Errorf("under a stranger's key: %v", err)
		}
	})
}

// strangersKey is the verifier key of somebody else's log of the same name.
func strangersKey(t *testing.T) string {
	t.Helper()
	_, v, err := note.GenerateKey(nil, origin)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWaitingEntriesSaySo(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, _ *dbtest.Clock) {
		write(t, r, func(ctx context.Context, tx *db.Tx) error {
			return ledger.Append(ctx, tx, ledger.Act{Operator: "op_1", Kind: "a", Subject: "s"})
		})
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			all, err := ledger.Of(ctx, tx, "op_1", "s")
			if err != nil || len(all) != 1 || all[0].Index != -1 {
				t.Fatalf("%+v, %v", all, err)
			}
			if _, err := ledger.Prove(ctx, tx, "op_1", all[0].ID); !errors.Is(err, ledger.ErrWaiting) {
				t.Errorf("%v", err)
			}
			return nil
		})
		if v := verify(t, r); v.Waiting != 1 || v.Size != 0 {
			t.Errorf("%+v", v)
		}
	})
}

// Writers and sequencers side by side: every committed entry gets one place.
func TestManyWritersOneTree(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, _ *dbtest.Clock) {
		var work sync.WaitGroup
		failed := make(chan error, 8)
		for w := range 4 {
			work.Go(func() {
				for i := range 25 {
					err := r.DB.Write(t.Context(), func(tx *db.Tx) error {
						return ledger.Append(t.Context(), tx, ledger.Act{Operator: "op_1", Kind: "a", Subject: fmt.Sprint(w, ".", i)})
					})
					for n := 1; err == nil && n > 0; {
						n, err = r.Sequence(t.Context())
					}
					if err != nil {
						failed <- err
						return
					}
				}
			})
		}
		work.Wait()
		select {
		case err := <-failed:
			t.Fatal(err)
		default:
		}
		if v := verify(t, r); v.Size != 101 || v.Waiting != 0 || len(v.Faults) != 0 {
			t.Errorf("%+v", v)
		}
	})
}

func TestKeysRotateWithOverlap(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, clock *dbtest.Clock) {
		add(t, r, 2)
		first := keys(t, r)
		if _, err := r.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		latest := func() (text string) {
			read(t, r, func(ctx context.Context, tx *db.Tx) (err error) { _, text, err = ledger.Latest(ctx, tx); return err })
			return text
		}
		add(t, r, 2)
		if _, err := ledger.OpenCheckpoint(latest(), first); err != nil {
			t.Errorf("within the overlap, by the first key: %v", err)
		}
		if _, err := ledger.OpenCheckpoint(latest(), keys(t, r)); err != nil {
			t.Errorf("by all keys: %v", err)
		}
		clock.Advance(ledger.Overlap)
		add(t, r, 2)
		if _, err := ledger.OpenCheckpoint(latest(), first); !errors.Is(err, ledger.ErrCheckpoint) {
			t.Errorf("after the overlap: %v", err)
		}
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			all, err := ledger.Keys(ctx, tx)
			if len(all) != 2 || all[0].Retired.IsZero() || !all[1].Retired.IsZero() {
				t.Errorf("%+v", all)
			}
			return err
		})
		if v := verify(t, r); len(v.Faults) != 0 {
			t.Errorf("%v", v.Faults)
		}
	})
}

func TestCheckpointsThin(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, clock *dbtest.Clock) {
		for range 10 {
			add(t, r, 1)
			clock.Advance(10 * time.Minute)
		}
		clock.Advance(25 * time.Hour)
		add(t, r, 1)
		n, err := r.Thin(t.Context())
		if v := verify(t, r); err != nil || n == 0 || v.Checkpoints != 11-int(n) || len(v.Faults) != 0 || v.Checkpoints < 2 {
			t.Errorf("%d forgotten, %+v, %v", n, v, err)
		}
	})
}

// serve answers as a log does.
func serve(t *testing.T, r *ledger.Room) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		path := strings.TrimPrefix(req.URL.Path, "/")
		var body []byte
		err := r.DB.Read(req.Context(), func(tx *db.Tx) (err error) {
			if path == "checkpoint" {
				var text string
				_, text, err = ledger.Latest(req.Context(), tx)
				body = []byte(text)
				return err
			}
			body, err = ledger.Tile(req.Context(), tx, path)
			return err
		})
		if errors.Is(err, ledger.ErrTile) {
			http.NotFound(w, req)
			return
		}
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestAMonitorFollowsAndSeesForks(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, _ *dbtest.Clock) {
		s := serve(t, r)
		m := &ledger.Monitor{Prefix: s.URL, Client: s.Client()}
		before := ""
		for _, n := range []int{1, 254, 1, 300, 66000 - 556} {
			add(t, r, n)
			m.Keys = keys(t, r)
			now, c, err := m.Follow(t.Context(), before)
			if err != nil {
				t.Fatalf("at size %d: %v", c.Size, err)
			}
			before = now
			if n == 300 && r.DB.Engine() == "postgres" {
				break // the large tree once is enough
			}
		}
		// Another history of the same log, signed by the same key.
		entry := []byte("0123456789012345678901234567890123456789")[:33]
		entry[0] = 1
		exec(t, r, "update ledger_entry set idx=null")
		exec(t, r, "delete from ledger_hash")
		exec(t, r, "delete from ledger_checkpoint")
		exec(t, r, "update ledger_head set size=0")
		exec(t, r, "update ledger_entry set leaf=$1 where subject='lead_0'", entry)
		sequence(t, r)
		if _, _, err := m.Follow(t.Context(), before); !errors.Is(err, ledger.ErrForked) {
			t.Errorf("another history: %v", err)
		}
	})
}
