package ledger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"clew/db"
)

// Checkpoint is a tree at one size (c2sp.org/tlog-checkpoint).
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Text is the body that is signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// maxCheckpoint bounds what is read as one, bytes.
const maxCheckpoint = 64 << 10

// ErrCheckpoint says that a text is no checkpoint signed by one of the keys.
var ErrCheckpoint = errors.New("not a checkpoint signed with a known key of this log")

// OpenCheckpoint reads a signed checkpoint and believes it when one of the keys
// has signed it. Lines after the third are extensions and are left alone.
func OpenCheckpoint(text string, keys note.Verifiers) (Checkpoint, error) {
	if len(text) > maxCheckpoint {
		return Checkpoint{}, ErrCheckpoint
	}
	n, err := note.Open([]byte(text), keys)
	if err != nil {
		return Checkpoint{}, ErrCheckpoint
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	// A key may sign notes of other kinds; its name says for which log.
	for _, s := range n.Sigs {
		if s.Name == c.Origin {
			return c, nil
		}
	}
	return Checkpoint{}, ErrCheckpoint
}

func parseCheckpoint(body string) (c Checkpoint, err error) {
	lines := strings.SplitN(body, "\n", 4)
	if len(lines) < 4 || lines[0] == "" {
		return c, ErrCheckpoint
	}
	c.Origin = lines[0]
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return c, ErrCheckpoint
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return c, ErrCheckpoint
	}
	c.Root = tlog.Hash(root)
	return c, nil
}

// Latest is the newest signed checkpoint; "" before the first.
func Latest(ctx context.Context, tx *db.Tx) (size int64, text string, err error) {
	type row struct {
		size int64
		text string
	}
	v, err := db.One(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.size, &v.text) },
		"select size, note from ledger_checkpoint order by size desc limit 1")
	if errors.Is(err, db.ErrNone) {
		err = nil
	}
	return v.size, v.text, err
}

// Thin forgets checkpoints older than a day but for one an hour: any two that
// remain are enough to show that the log only ever grew.
func (r *Room) Thin(ctx context.Context) (int64, error) {
	const hour, day = 3_600_000, 24 * 3_600_000
	var n int64
	err := r.DB.Write(ctx, func(tx *db.Tx) (err error) {
		n, err = tx.Exec(ctx, `delete from ledger_checkpoint where at<$1 and size not in (
			select max(size) from ledger_checkpoint where at<$1 group by at/$2)`, tx.NowMS()-day, int64(hour))
		return err
	})
	return n, err
}
