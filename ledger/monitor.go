package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Monitor follows a log from outside: it believes the keys it was given and what
// it saw before, and nothing else.
type Monitor struct {
	// Prefix is the log's address, "https://leads.example.com/ledger".
	Prefix string
	Keys   note.Verifiers
	// Client is how it asks; nil is [http.DefaultClient].
	Client *http.Client
}

// ErrForked says that a log is not a continuation of what was seen before: it
// went back, or shows different people different histories.
var ErrForked = errors.New("the log is not a continuation of what was seen before")

// Follow fetches the newest checkpoint, proves that it continues the one seen
// before ("" the first time), and that every new entry is what the tree says. It
// returns the checkpoint's text, to be kept and given the next time.
func (m *Monitor) Follow(ctx context.Context, before string) (now string, c Checkpoint, err error) {
	now, err = m.get(ctx, "checkpoint", maxCheckpoint)
	if err != nil {
		return "", c, err
	}
	if c, err = OpenCheckpoint(now, m.Keys); err != nil {
		return "", c, err
	}
	var old Checkpoint
	if before != "" {
		if old, err = OpenCheckpoint(before, m.Keys); err != nil {
			return "", c, fmt.Errorf("what was kept from before: %w", err)
		}
	}
	switch {
	case old.Origin != "" && old.Origin != c.Origin:
		return "", c, fmt.Errorf("%w: it was %s and is %s", ErrForked, old.Origin, c.Origin)
	case c.Size < old.Size:
		return "", c, fmt.Errorf("%w: it had %d entries and has %d", ErrForked, old.Size, c.Size)
	case c.Size == old.Size && old.Origin != "" && c.Root != old.Root:
		return "", c, fmt.Errorf("%w: two trees of size %d", ErrForked, c.Size)
	case c.Size == 0:
		return now, c, nil
	}
	hashes := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tileFetcher{ctx, m})
	if old.Size > 0 && old.Size < c.Size {
		proof, err := tlog.ProveTree(c.Size, old.Size, hashes)
		if err == nil {
			err = tlog.CheckTree(proof, c.Size, c.Root, old.Size, old.Root)
		}
		if err != nil {
			return "", c, fmt.Errorf("%w: %w", ErrForked, err)
		}
	}
	return now, c, m.entries(ctx, old.Size, c.Size, hashes)
}

// entries holds every entry from the old size on to the tree.
func (m *Monitor) entries(ctx context.Context, from, to int64, hashes tlog.HashReader) error {
	for n := from >> tileHeight; n<<tileHeight < to; n++ {
		t := tlog.Tile{H: tileHeight, L: entriesLevel, N: n, W: int(min(tileWidth, to-n<<tileHeight))}
		data, err := m.get(ctx, tilePath(t), tileWidth*(2+1<<16))
		if err != nil {
			return err
		}
		leaves, err := openBundle([]byte(data), t.W)
		if err != nil {
			return err
		}
		var at []int64
		for i := range leaves {
			at = append(at, tlog.StoredHashIndex(0, n<<tileHeight+int64(i)))
		}
		want, err := hashes.ReadHashes(at)
		if err != nil {
			return err
		}
		for i, leaf := range leaves {
			if tlog.RecordHash(leaf) != want[i] {
				return fmt.Errorf("%w: entry %d is not the one in the tree", ErrForked, n<<tileHeight+int64(i))
			}
		}
	}
	return nil
}

func (m *Monitor) get(ctx context.Context, path string, most int64) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(m.Prefix, "/")+"/"+path, nil)
	if err != nil {
		return "", err
	}
	client := m.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answered %s", path, resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err == nil && int64(len(body)) > most {
		err = fmt.Errorf("%s is larger than any can be", path)
	}
	return string(body), err
}

// tileFetcher is a log's tiles as tlog asks for them; tlog proves each one.
type tileFetcher struct {
	ctx context.Context
	m   *Monitor
}

func (f tileFetcher) Height() int { return tileHeight }

func (f tileFetcher) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, 0, len(tiles))
	for _, t := range tiles {
		data, err := f.m.get(f.ctx, tilePath(t), int64(t.W)*tlog.HashSize)
		if err != nil {
			return nil, err
		}
		if len(data) != t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s is cut off", tilePath(t))
		}
		out = append(out, []byte(data))
	}
	return out, nil
}

func (f tileFetcher) SaveTiles([]tlog.Tile, [][]byte) {}
