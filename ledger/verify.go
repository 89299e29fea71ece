package ledger

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"clew/db"
)

// Fault is something in the store that is not as it was written.
type Fault struct {
	// Index is the entry, or the first entry below a hash; -1 when it is about a
	// checkpoint or a key. To is the last entry below it, Index for a single entry.
	Index, To int64
	Why       string
}

func (f Fault) String() string {
	switch {
	case f.Index < 0:
		return f.Why
	case f.To > f.Index:
		return fmt.Sprintf("entries %d to %d: %s", f.Index, f.To, f.Why)
	}
	return fmt.Sprintf("entry %d: %s", f.Index, f.Why)
}

// Verdict is what [Room.Verify] found.
type Verdict struct {
	Size        int64 // entries in the tree
	Waiting     int64 // entries stored and not yet in it
	Erased      int64 // entries whose record was erased: their leaf stands alone
	Checkpoints int
	Faults      []Fault // the first hundred
}

const maxFaults = 100

func (v *Verdict) fault(from, to int64, format string, args ...any) {
	if len(v.Faults) < maxFaults {
		v.Faults = append(v.Faults, Fault{from, to, fmt.Sprintf(format, args...)})
	}
}

// verifyChunk is how many entries are read at a time.
const verifyChunk = 4096

// Verify reads the whole log and computes every hash anew: leaves from records,
// the tree from leaves, roots from the tree, and holds each to what is stored and
// to every signed checkpoint. progress hears how many entries were looked at; nil
// is nobody. It reads one state of the store.
func (r *Room) Verify(ctx context.Context, progress func(done, size int64)) (Verdict, error) {
	var v Verdict
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		v = Verdict{}
		checkpoints, err := r.checkpoints(ctx, tx, &v)
		if err != nil {
			return err
		}
		counts, err := db.Collect(ctx, tx, func(s db.Scanner) (n [2]int64, err error) { return n, s.Scan(&n[0], &n[1]) },
			"select coalesce((select size from ledger_head where one=1), 0), (select count(*) from ledger_entry where idx is null)")
		if err != nil {
			return err
		}
		v.Size, v.Waiting = counts[0][0], counts[0][1]
		edge := &edge{verdict: &v}
		next := 0
		rooted := func() error {
			for ; next < len(checkpoints) && checkpoints[next].Size == edge.size; next++ {
				if root := edge.root(); root != checkpoints[next].Root {
					from := int64(0)
					if next > 0 {
						from = checkpoints[next-1].Size
					}
					v.fault(from, edge.size-1, "the tree of size %d is not the one that was signed; the checkpoint before it was of size %d", edge.size, from)
				}
			}
			return nil
		}
		for from := int64(0); from < v.Size; from += verifyChunk {
			entries, err := db.Collect(ctx, tx, scanEntry,
				"select "+entryColumns+" from ledger_entry where idx>=$1 and idx<$2 order by idx", from, min(from+verifyChunk, v.Size))
			if err != nil {
				return err
			}
			stored, err := storedHashes(ctx, tx, from, min(from+verifyChunk, v.Size))
			if err != nil {
				return err
			}
			at := from
			for _, e := range entries {
				for ; at < e.Index; at++ {
					v.fault(at, at, "it is gone")
					edge.add(nil, false, stored)
					if err := rooted(); err != nil {
						return err
					}
				}
				edge.add(e.Leaf, v.entry(e), stored)
				at++
				if err := rooted(); err != nil {
					return err
				}
			}
			for ; at < min(from+verifyChunk, v.Size); at++ {
				v.fault(at, at, "it is gone")
				edge.add(nil, false, stored)
				if err := rooted(); err != nil {
					return err
				}
			}
			if progress != nil {
				progress(at, v.Size)
			}
		}
		for ; next < len(checkpoints); next++ {
			v.fault(-1, -1, "a checkpoint was signed over %d entries, and there are only %d", checkpoints[next].Size, v.Size)
		}
		if n := len(checkpoints); v.Size > 0 && (n == 0 || checkpoints[n-1].Size < v.Size) {
			v.fault(-1, -1, "the newest entries have no signed checkpoint over them")
		}
		return nil
	})
	return v, err
}

// checkpoints reads every signed checkpoint, oldest first; one that no key of the
// log has signed is a fault and left out.
func (r *Room) checkpoints(ctx context.Context, tx *db.Tx, v *Verdict) ([]Checkpoint, error) {
	keys, err := Keys(ctx, tx)
	if err != nil {
		return nil, err
	}
	known, err := verifiersOf(keys)
	if err != nil {
		v.fault(-1, -1, "a key of the log does not read: %v", err)
		return nil, nil
	}
	if n := len(keys); n > 0 {
		// The ring is outside the store: a key that somebody put into the table is not ours.
		own := keys[n-1]
		if h, err := Verifiers(own.Verifier); err == nil && h != nil && r.Origin != "" && r.signer(nameOf(own.Verifier), own.Number).verifier() != own.Verifier {
			v.fault(-1, -1, "key %d of the log is not the one this installation's root gives", own.Number)
		}
	}
	type row struct {
		size int64
		text string
	}
	rows, err := db.Collect(ctx, tx, func(s db.Scanner) (c row, err error) { return c, s.Scan(&c.size, &c.text) },
		"select size, note from ledger_checkpoint order by size")
	if err != nil {
		return nil, err
	}
	var out []Checkpoint
	for _, c := range rows {
		got, err := OpenCheckpoint(c.text, known)
		if err == nil && got.Size != c.size {
			err = fmt.Errorf("it says %d", got.Size)
		}
		if err != nil {
			v.fault(-1, -1, "the checkpoint of size %d: %v", c.size, err)
			continue
		}
		out = append(out, got)
	}
	v.Checkpoints = len(out)
	return out, nil
}

// nameOf is the origin in a verifier key.
func nameOf(verifier string) string {
	for i := range len(verifier) {
		if verifier[i] == '+' {
			return verifier[:i]
		}
	}
	return verifier
}

// entry holds a leaf to its record; true when the record vouches for the leaf.
func (v *Verdict) entry(e Entry) bool {
	switch {
	case len(e.Leaf) != leafSize || e.Leaf[0] != leafVersion:
		v.fault(e.Index, e.Index, "its leaf is not one")
	case e.Record == "" && len(e.Salt) == 0:
		v.Erased++
	case !bytes.Equal(commit(e.Salt, []byte(e.Record)), e.Leaf):
		v.fault(e.Index, e.Index, "its record is not the one its leaf commits to")
	default:
		return true
	}
	return false
}

// storedHashes are the hashes that entries from (included) to (excluded) brought.
func storedHashes(ctx context.Context, tx *db.Tx, from, to int64) (map[int64]tlog.Hash, error) {
	type row struct {
		pos  int64
		hash []byte
	}
	rows, err := db.Collect(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.pos, &v.hash) },
		"select pos, hash from ledger_hash where pos>=$1 and pos<$2", tlog.StoredHashIndex(0, from), tlog.StoredHashIndex(0, to))
	if err != nil {
		return nil, err
	}
	out := make(map[int64]tlog.Hash, len(rows))
	for _, v := range rows {
		if len(v.hash) == tlog.HashSize {
			out[v.pos] = tlog.Hash(v.hash)
		}
	}
	return out, nil
}

// edge is the right edge of the tree while it is computed anew: one hash for each
// bit of its size.
type edge struct {
	size    int64
	hashes  []tlog.Hash // by level; only those at set bits of size count
	verdict *Verdict
}

// add appends a leaf, nil for one that is gone, and holds every hash it completes
// to the stored one. Where they differ it goes on with the one that is more likely
// right, so that one changed byte is one fault: the computed hash of a leaf its
// record vouches for and of a node whose entries are sound, else the stored one.
func (e *edge) add(leaf []byte, vouched bool, stored map[int64]tlog.Hash) {
	index := e.size
	hash, there := stored[tlog.StoredHashIndex(0, index)]
	if leaf != nil {
		computed := tlog.RecordHash(leaf)
		if !there || hash != computed {
			if !e.faulty(index, index) {
				e.verdict.fault(index, index, "its leaf and its stored hash do not belong together")
			}
		}
		if vouched || !there {
			hash = computed
		}
	}
	level := 0
	for n := index; n&1 == 1; n >>= 1 {
		hash = tlog.NodeHash(e.hashes[level], hash)
		level++
		if kept, ok := stored[tlog.StoredHashIndex(level, n>>1)]; !ok || kept != hash {
			first := (n >> 1) << level
			if e.faulty(first, first+1<<level-1) {
				if ok {
					hash = kept
				}
			} else {
				e.verdict.fault(first, first+1<<level-1, "a stored hash of level %d is not that of what stands below it", level)
			}
		}
	}
	if level == len(e.hashes) {
		e.hashes = append(e.hashes, hash)
	} else {
		e.hashes[level] = hash
	}
	e.size++
}

// faulty reports whether a single entry between from and to was found wrong.
func (e *edge) faulty(from, to int64) bool {
	for i := len(e.verdict.Faults) - 1; i >= 0; i-- {
		if f := e.verdict.Faults[i]; f.Index >= from && f.To <= to && f.Index == f.To {
			return true
		}
	}
	return false
}

// root is the tree's hash at this size (RFC 6962 2.1).
func (e *edge) root() tlog.Hash {
	var root tlog.Hash
	found := false
	for level, hash := range e.hashes {
		if e.size>>level&1 == 0 {
			continue
		}
		if !found {
			root, found = hash, true
		} else {
			root = tlog.NodeHash(hash, root)
		}
	}
	return root
}
