package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"clew/db"
)

// tileHeight is fixed by c2sp.org/tlog-tiles; a full tile is 256 wide.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// entriesLevel is the level [tlog.Tile] gives to raw entries.
const entriesLevel = -1

// ErrTile says that a path names no tile of this log.
var ErrTile = errors.New("no such tile")

// tilePath is a tile's place below the log's prefix.
func tilePath(t tlog.Tile) string {
	level := strconv.Itoa(t.L)
	if t.L == entriesLevel {
		level = "entries"
	}
	number := fmt.Sprintf("%03d", t.N%1000)
	for n := t.N / 1000; n > 0; n /= 1000 {
		number = fmt.Sprintf("x%03d/%s", n%1000, number)
	}
	path := "tile/" + level + "/" + number
	if t.W < tileWidth {
		path += ".p/" + strconv.Itoa(t.W)
	}
	return path
}

// parseTilePath is the reverse. Only the one spelling of each tile is taken.
func parseTilePath(path string) (t tlog.Tile, err error) {
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok || len(path) > 64 {
		return t, ErrTile
	}
	level, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return t, ErrTile
	}
	t = tlog.Tile{H: tileHeight, L: entriesLevel, W: tileWidth}
	if level != "entries" {
		if t.L, err = strconv.Atoi(level); err != nil || t.L < 0 || t.L > 63 {
			return t, ErrTile
		}
	}
	if number, width, partial := strings.Cut(rest, ".p/"); partial {
		if t.W, err = strconv.Atoi(width); err != nil || t.W < 1 || t.W >= tileWidth {
			return t, ErrTile
		}
		rest = number
	}
	for _, part := range strings.Split(rest, "/") {
		n, err := strconv.ParseInt(strings.TrimPrefix(part, "x"), 10, 64)
		if err != nil || n < 0 || n > 999 {
			return t, ErrTile
		}
		t.N = t.N*1000 + n
	}
	if tilePath(t) != path {
		return t, ErrTile
	}
	return t, nil
}

// Tile is the bytes at a path below the log's prefix: "tile/0/x001/067.p/8" or
// "tile/entries/000" (c2sp.org/tlog-tiles). Tiles never change; [ErrTile].
func Tile(ctx context.Context, tx *db.Tx, path string) ([]byte, error) {
	t, err := parseTilePath(path)
	if err != nil {
		return nil, err
	}
	size, _, err := Latest(ctx, tx)
	if err != nil {
		return nil, err
	}
	// How many hashes of this level the tree has; a tile may ask for no more.
	have := size
	for range max(t.L, 0) {
		have >>= tileHeight
	}
	if t.N > have>>tileHeight || t.N<<tileHeight+int64(t.W) > have {
		return nil, ErrTile
	}
	if t.L == entriesLevel {
		return bundle(ctx, tx, t)
	}
	return tlog.ReadTileData(t, newTree(ctx, tx))
}

// bundle is entries with a big-endian uint16 length before each.
func bundle(ctx context.Context, tx *db.Tx, t tlog.Tile) ([]byte, error) {
	from := t.N << tileHeight
	leaves, err := db.Collect(ctx, tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) },
		"select leaf from ledger_entry where idx>=$1 and idx<$2 order by idx", from, from+int64(t.W))
	if err != nil {
		return nil, err
	}
	if len(leaves) != t.W {
		return nil, fmt.Errorf("entries %d to %d of the ledger: %d are there", from, from+int64(t.W)-1, len(leaves))
	}
	var out []byte
	for _, leaf := range leaves {
		out = binary.BigEndian.AppendUint16(out, uint16(len(leaf)))
		out = append(out, leaf...)
	}
	return out, nil
}

// openBundle is the reverse of what a log serves; w entries are expected.
func openBundle(data []byte, w int) ([][]byte, error) {
	var out [][]byte
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, errors.New("an entry bundle is cut off")
		}
		n := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+n {
			return nil, errors.New("an entry bundle is cut off")
		}
		out = append(out, data[2:2+n])
		data = data[2+n:]
	}
	if len(out) != w {
		return nil, fmt.Errorf("an entry bundle holds %d entries, not %d", len(out), w)
	}
	return out, nil
}
