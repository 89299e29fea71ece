// Package ledger keeps one promise: what was done is committed to in the
// transaction that does it, and nobody can take it back, change it or put
// something before it without every later checkpoint saying so.
//
// It is a Merkle log (RFC 6962 2.1) in the store. [Append] writes an entry in the
// act's own transaction; a sequencer ([Room.Sequence]) gives waiting entries their
// places, grows the tree and signs a checkpoint, in one transaction of its own.
// Between the two an entry is as durable as the act, and not yet in the tree.
//
// The tree holds commitments only: a leaf is SHA-256 over a random salt and the
// record. Whoever has both can show what the leaf says; where they were erased
// the log stays whole and says nothing. Checkpoints, tiles, entry bundles, proofs
// and witnesses speak the C2SP formats (tlog-checkpoint, signed-note, tlog-tiles,
// tlog-proof, tlog-witness, tlog-cosignature), so that others' tools verify them.
package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"clew/db"
	"clew/seal"
)

// Room sequences, signs, proves and verifies. DB and Ring are needed.
type Room struct {
	DB   *db.DB
	Ring *seal.Ring
	// Origin names the log in its checkpoints ("leads.example.com/ledger"). The
	// store remembers the first one: a log that changes its name is another log.
	Origin string
	// Witnesses are asked to cosign every checkpoint; none is needed.
	Witnesses []Witness
	Log       *slog.Logger
}

// Act is what an entry commits to. It holds ids and states, never personal data.
type Act struct {
	Operator string // "" for the platform itself
	Kind     string // "lead.reveal", "capability.withdrawn": what was done
	Subject  string // the id of what it was done to
	// Detail is what else must be provable later; any JSON value, nil for nothing.
	Detail any
}

// Record is an act as its leaf commits to it, in the one JSON text that
// [Entry.Record] holds.
type Record struct {
	ID       string          `json:"id"`
	At       int64           `json:"at"` // Unix milliseconds
	Operator string          `json:"operator"`
	Kind     string          `json:"kind"`
	Subject  string          `json:"subject"`
	Detail   json.RawMessage `json:"detail,omitempty"`
}

// ErrUnknown says that there is no such entry.
var ErrUnknown = errors.New("no such entry in the ledger")

// ErrWaiting says that an entry is stored and not yet in the tree: ask again in a
// moment.
var ErrWaiting = errors.New("the entry is not in the tree yet")

const (
	saltSize = 32
	// leafVersion is the first byte of every leaf, so that another commitment can
	// never be taken for this one.
	leafVersion = 1
	leafSize    = 1 + sha256.Size
)

// commit is the leaf of a record: version ‖ SHA-256(salt ‖ record). Without the
// salt nobody can try records until one fits.
func commit(salt, record []byte) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write(record)
	return h.Sum([]byte{leafVersion})
}

// Append writes acts into the ledger in the caller's transaction, in as few
// statements as possible.
func Append(ctx context.Context, tx *db.Tx, acts ...Act) error {
	if len(acts) == 0 {
		return nil
	}
	rows := make([][]any, 0, len(acts))
	salts := make([]byte, saltSize*len(acts))
	if _, err := rand.Read(salts); err != nil {
		return err
	}
	for i, a := range acts {
		r := Record{ID: db.NewID("led"), At: tx.NowMS(), Operator: a.Operator, Kind: a.Kind, Subject: a.Subject}
		if a.Detail != nil {
			detail, err := json.Marshal(a.Detail)
			if err != nil {
				return fmt.Errorf("ledger entry %s: %w", a.Kind, err)
			}
			r.Detail = detail
		}
		text, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("ledger entry %s: %w", a.Kind, err)
		}
		salt := salts[i*saltSize : (i+1)*saltSize]
		rows = append(rows, []any{r.Operator, r.ID, r.At, r.Kind, r.Subject, string(text), salt, commit(salt, text)})
	}
	return tx.Insert(ctx, "ledger_entry", []string{"operator", "id", "at", "kind", "subject", "record", "salt", "leaf"}, rows)
}

// Forget empties what the ledger tells about a subject, in the caller's
// transaction. The leaves stay, so the tree does not change; what they committed to
// cannot be shown any more.
func Forget(ctx context.Context, tx *db.Tx, operator, subject string) error {
	_, err := tx.Exec(ctx, "update ledger_entry set record='', salt=$3 where operator=$1 and subject=$2", operator, subject, []byte{})
	return err
}

// Entry is an act with its place in the log.
type Entry struct {
	Operator string
	ID       string
	// Index is the place in the tree, -1 while the entry waits for one.
	Index  int64
	Record string // "" after [Forget]
	Salt   []byte
	Leaf   []byte
}

const entryColumns = "operator, id, coalesce(idx, -1), record, salt, leaf"

func scanEntry(s db.Scanner) (e Entry, err error) {
	return e, s.Scan(&e.Operator, &e.ID, &e.Index, &e.Record, &e.Salt, &e.Leaf)
}

// Of is every entry about a subject, oldest first.
func Of(ctx context.Context, tx *db.Tx, operator, subject string) ([]Entry, error) {
	return db.Collect(ctx, tx, scanEntry,
		"select "+entryColumns+" from ledger_entry where operator=$1 and subject=$2 order by id", operator, subject)
}
