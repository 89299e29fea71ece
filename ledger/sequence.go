package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"clew/db"
)

// sequenceBatch bounds one transaction of the sequencer.
const sequenceBatch = 2000

type head struct {
	origin string
	size   int64
}

// lockHead holds the log for this transaction and makes it on first use.
func (r *Room) lockHead(ctx context.Context, tx *db.Tx) (head, error) {
	read := func() (head, error) {
		return db.One(ctx, tx, func(s db.Scanner) (h head, err error) { return h, s.Scan(&h.origin, &h.size) },
			"select origin, size from ledger_head where one=1"+tx.ForUpdate())
	}
	h, err := read()
	if !errors.Is(err, db.ErrNone) {
		return h, err
	}
	if err := checkOrigin(r.Origin); err != nil {
		return head{}, err
	}
	if _, err := tx.Exec(ctx, "insert into ledger_head (one, origin, size) values (1, $1, 0) on conflict (one) do nothing", r.Origin); err != nil {
		return head{}, err
	}
	return read()
}

// checkOrigin holds a name to the signed-note format: no spaces, no plus.
func checkOrigin(name string) error {
	if name == "" || strings.ContainsAny(name, "+ \t\r\n") {
		return fmt.Errorf("%q cannot name a log: it must not be empty or hold spaces or a plus sign", name)
	}
	return nil
}

// Sequence gives up to a batch of waiting entries their places, in the order of
// their ids, and signs a checkpoint when the tree grew. It returns how many it
// placed; call it until that is 0. Several processes may call it: one works, the
// others wait for it.
func (r *Room) Sequence(ctx context.Context) (placed int, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		placed = 0
		h, err := r.lockHead(ctx, tx)
		if err != nil {
			return err
		}
		if err := r.ensureKey(ctx, tx, h); err != nil {
			return err
		}
		// One statement chooses and numbers, so that what others commit meanwhile waits for
		// the next batch.
		n, err := tx.Exec(ctx, `update ledger_entry set idx=$1+w.n from (
			select operator, id, row_number() over (order by id) - 1 as n from ledger_entry where idx is null order by id limit $2
			) as w where ledger_entry.operator=w.operator and ledger_entry.id=w.id`, h.size, sequenceBatch)
		if err != nil || n == 0 {
			return err
		}
		leaves, err := db.Collect(ctx, tx, func(s db.Scanner) (leaf []byte, err error) { return leaf, s.Scan(&leaf) },
			"select leaf from ledger_entry where idx>=$1 order by idx", h.size)
		if err != nil {
			return err
		}
		if int64(len(leaves)) != n {
			return fmt.Errorf("the ledger has entries behind its end: %d were placed and %d stand there", n, len(leaves))
		}
		grown := newTree(ctx, tx)
		var hashes [][]any
		for i, leaf := range leaves {
			index := h.size + int64(i)
			stored, err := tlog.StoredHashesForRecordHash(index, tlog.RecordHash(leaf), grown)
			if err != nil {
				return err
			}
			at := tlog.StoredHashIndex(0, index)
			for k, hash := range stored {
				grown.known[at+int64(k)] = hash
				hashes = append(hashes, []any{at + int64(k), hash[:]})
			}
		}
		if err := tx.Insert(ctx, "ledger_hash", []string{"pos", "hash"}, hashes); err != nil {
			return err
		}
		h.size += n
		if _, err := tx.Exec(ctx, "update ledger_head set size=$1 where one=1", h.size); err != nil {
			return err
		}
		placed = int(n)
		return r.sign(ctx, tx, h, grown)
	})
	return placed, err
}

// Every is how often [Room.Run] looks for waiting entries: how long an act may be
// durable and not yet in a signed tree.
const Every = time.Second

// Run sequences what waits and has it cosigned, until ctx ends.
func (r *Room) Run(ctx context.Context) error {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		if err := r.turn(ctx); err != nil && ctx.Err() == nil {
			// What waits stays; a store that is down must not end the sequencer.
			r.Log.Error("ledger", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// turn looks before it locks: most of the time nothing waits.
func (r *Room) turn(ctx context.Context) error {
	waits := false
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		some, err := db.Collect(ctx, tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) },
			"select id from ledger_entry where idx is null limit 1")
		waits = len(some) > 0
		return err
	})
	if err != nil || !waits {
		return err
	}
	for n := 1; n > 0; {
		if n, err = r.Sequence(ctx); err != nil {
			return err
		}
	}
	return r.Cosign(ctx)
}

// tree reads stored hashes, those of this transaction first.
type tree struct {
	ctx   context.Context
	tx    *db.Tx
	known map[int64]tlog.Hash
}

func newTree(ctx context.Context, tx *db.Tx) *tree {
	return &tree{ctx, tx, map[int64]tlog.Hash{}}
}

// ReadHashes is what [tlog.HashReader] asks.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var missing []any
	for _, i := range indexes {
		if _, ok := t.known[i]; !ok {
			missing = append(missing, i)
		}
	}
	for len(missing) > 0 {
		n := min(len(missing), 256)
		type row struct {
			pos  int64
			hash []byte
		}
		rows, err := db.Collect(t.ctx, t.tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.pos, &v.hash) },
			"select pos, hash from ledger_hash where pos in "+db.In(1, n), missing[:n]...)
		if err != nil {
			return nil, err
		}
		for _, v := range rows {
			if len(v.hash) != tlog.HashSize {
				return nil, fmt.Errorf("hash %d of the ledger has %d bytes, not %d", v.pos, len(v.hash), tlog.HashSize)
			}
			t.known[v.pos] = tlog.Hash(v.hash)
		}
		missing = missing[n:]
	}
	out := make([]tlog.Hash, len(indexes))
	for k, i := range indexes {
		hash, ok := t.known[i]
		if !ok {
			return nil, fmt.Errorf("hash %d of the ledger is missing", i)
		}
		out[k] = hash
	}
	return out, nil
}

// sign writes the checkpoint of the tree as it stands.
func (r *Room) sign(ctx context.Context, tx *db.Tx, h head, hashes tlog.HashReader) error {
	root, err := tlog.TreeHash(h.size, hashes)
	if err != nil {
		return err
	}
	signers, err := r.signers(ctx, tx, h.origin)
	if err != nil {
		return err
	}
	text, err := note.Sign(&note.Note{Text: Checkpoint{h.origin, h.size, root}.Text()}, signers...)
	if err != nil {
		return fmt.Errorf("sign checkpoint: %w", err)
	}
	_, err = tx.Exec(ctx, "insert into ledger_checkpoint (size, at, note) values ($1, $2, $3)", h.size, tx.NowMS(), string(text))
	return err
}
