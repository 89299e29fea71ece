package js

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var corpus = flag.String("corpus", "", "a folder of sources to parse beside the ones that npm ci installs")

// sources are the scripts below the folders.
func sources(t testing.TB, folders ...string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			switch filepath.Ext(path) {
			case ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx":
				found[path], err = os.ReadFile(path)
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return found
}

func TestCorpus(t *testing.T) {
	if *corpus == "" {
		t.Skip("no -corpus")
	}
	total, good, size := 0, 0, 0
	var spent time.Duration
	for path, src := range sources(t, *corpus) {
		if bytes.IndexByte(src, 0) >= 0 {
			continue
		}
		total++
		size += len(src)
		start := time.Now()
		f := Parse(src, Options{Dialect: DialectOf(path)})
		d := time.Since(start)
		spent += d
		if !sound(t, path, f) {
			continue
		}
		if len(f.Errors) == 0 {
			good++
			reread(t, path, f, Options{Dialect: DialectOf(path)}, 7)
			continue
		}
		e := f.Errors[0]
		at := f.Position(e.Pos)
		fmt.Printf("%s:%d:%d: %s (%d)\n", strings.TrimPrefix(path, *corpus), at.Line, at.Column, e.Message, len(f.Errors))
	}
	t.Logf("%d of %d files (%.3f %%), %.1f MB, %.1f MB/s", good, total, 100*float64(good)/float64(total), float64(size)/1e6, float64(size)/1e6/spent.Seconds())
}
