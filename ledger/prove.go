package ledger

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"clew/db"
)

// proofHeader is the first line of c2sp.org/tlog-proof.
const proofHeader = "c2sp.org/tlog-proof@v1"

// Opening is what a proof carries beside the path, so that its reader can make the
// leaf again. Both are empty when the record was erased; then Leaf is all there is.
type Opening struct {
	Record string `json:"record,omitempty"`
	Salt   []byte `json:"salt,omitempty"`
	Leaf   []byte `json:"leaf"`
}

// Prove is the text that shows an entry's place in the newest checkpointed tree
// (c2sp.org/tlog-proof); its extra line holds an [Opening] as JSON. [ErrUnknown],
// [ErrWaiting].
func Prove(ctx context.Context, tx *db.Tx, operator, id string) (string, error) {
	e, err := db.One(ctx, tx, scanEntry, "select "+entryColumns+" from ledger_entry where operator=$1 and id=$2", operator, id)
	return prove(ctx, tx, e, err)
}

// ProveIndex is [Prove] for a place in the tree, whosever entry stands there: for
// the platform alone.
func ProveIndex(ctx context.Context, tx *db.Tx, index int64) (string, error) {
	e, err := db.One(ctx, tx, scanEntry, "select "+entryColumns+" from ledger_entry where idx=$1", index)
	return prove(ctx, tx, e, err)
}

func prove(ctx context.Context, tx *db.Tx, e Entry, err error) (string, error) {
	if errors.Is(err, db.ErrNone) {
		return "", ErrUnknown
	} else if err != nil {
		return "", err
	}
	size, checkpoint, err := Latest(ctx, tx)
	if err != nil {
		return "", err
	}
	if e.Index < 0 || e.Index >= size {
		return "", ErrWaiting
	}
	path, err := tlog.ProveRecord(size, e.Index, newTree(ctx, tx))
	if err != nil {
		return "", err
	}
	extra, err := json.Marshal(Opening{e.Record, e.Salt, e.Leaf})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHeader, base64.StdEncoding.EncodeToString(extra), e.Index)
	for _, h := range path {
		fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(h[:]))
	}
	b.WriteString("\n" + checkpoint)
	return b.String(), nil
}

// Proven is what a proof shows.
type Proven struct {
	Checkpoint Checkpoint
	Index      int64
	// Record is what the leaf says; nil when it was erased and only its place is
	// shown.
	Record *Record
}

// ErrProof says that a text proves nothing under the given keys.
var ErrProof = errors.New("the proof does not hold")

func proofFault(why string) error { return fmt.Errorf("%w: %s", ErrProof, why) }

// CheckProof reads a proof as [Prove] writes it, believing only the keys. It asks
// nobody. Every error is an [ErrProof].
func CheckProof(text string, keys note.Verifiers) (Proven, error) {
	var p Proven
	if len(text) > maxCheckpoint+1<<20 {
		return p, proofFault("it is too long")
	}
	head, checkpoint, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 3 || lines[0] != proofHeader {
		return p, proofFault("it does not begin as " + proofHeader + " with extra and index lines")
	}
	extra, ok := strings.CutPrefix(lines[1], "extra ")
	if !ok {
		return p, proofFault("without its extra line the leaf is not known")
	}
	raw, err := base64.StdEncoding.DecodeString(extra)
	if err != nil {
		return p, proofFault("its extra line is no base64")
	}
	var o Opening
	if err := json.Unmarshal(raw, &o); err != nil || len(o.Leaf) == 0 {
		return p, proofFault("its extra line holds no leaf")
	}
	index, ok := strings.CutPrefix(lines[2], "index ")
	if p.Index, err = strconv.ParseInt(index, 10, 64); !ok || err != nil || p.Index < 0 || strconv.FormatInt(p.Index, 10) != index {
		return p, proofFault("its index line is not one")
	}
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		h, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(h) != tlog.HashSize {
			return p, proofFault("a hash of it is none")
		}
		path = append(path, tlog.Hash(h))
	}
	if p.Checkpoint, err = OpenCheckpoint(checkpoint, keys); err != nil {
		return p, proofFault(err.Error())
	}
	if err := tlog.CheckRecord(path, p.Checkpoint.Size, p.Checkpoint.Root, p.Index, tlog.RecordHash(o.Leaf)); err != nil {
		return p, proofFault("the hashes do not lead to the checkpoint's root")
	}
	if o.Record == "" {
		return p, nil
	}
	if string(commit(o.Salt, []byte(o.Record))) != string(o.Leaf) {
		return p, proofFault("the record is not the one the leaf commits to")
	}
	p.Record = &Record{}
	if err := json.Unmarshal([]byte(o.Record), p.Record); err != nil {
		return p, proofFault("the record does not read")
	}
	return p, nil
}
