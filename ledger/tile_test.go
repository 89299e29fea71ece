package ledger

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestTilePaths(t *testing.T) {
	for path, want := range map[string]tlog.Tile{
		"tile/0/000":                {H: 8, L: 0, N: 0, W: 256},
		"tile/0/x001/x234/067":      {H: 8, L: 0, N: 1234067, W: 256},
		"tile/1/017.p/8":            {H: 8, L: 1, N: 17, W: 8},
		"tile/entries/x001/000.p/1": {H: 8, L: -1, N: 1000, W: 1},
	} {
		if got, err := parseTilePath(path); err != nil || got != want || tilePath(got) != path {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
	for _, path := range []string{
		"", "tile", "tile/0", "tile/0/", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/0", "tile/0/1234", "tile/0/001/234",
		"tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/08", "tile/data/000", "tile/0/000/", "../tile/0/000",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999",
	} {
		if got, err := parseTilePath(path); err == nil {
			t.Errorf("%q is taken for %+v", path, got)
		}
	}
}

func FuzzTilePathAndBundle(f *testing.F) {
	f.Add("tile/0/x001/067.p/8", []byte{0, 1, 'a'})
	f.Fuzz(func(t *testing.T, path string, data []byte) {
		if tile, err := parseTilePath(path); err == nil && tilePath(tile) != path {
			t.Errorf("%q is read as %q", path, tilePath(tile))
		}
		if leaves, err := openBundle(data, 1); err == nil && len(leaves) != 1 {
			t.Errorf("%d leaves", len(leaves))
		}
	})
}
