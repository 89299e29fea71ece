package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

// What pages may have to load, in bytes after gzip -9.
const budget = 8192

// The files that are served are the ones the sources give.
func TestDistIsFresh(t *testing.T) {
	files, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", "dist", "v1", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("dist/v1/%s is stale; run: go generate ./widget", name)
		}
	}
}

func TestBudget(t *testing.T) {
	files, err := bundle("..")
	if err != nil {
		t.Fatal(err)
	}
	var small bytes.Buffer
	w, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(files["clew.js"]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("clew.js: %d bytes, %d after gzip -9, budget %d", len(files["clew.js"]), small.Len(), budget)
	if small.Len() > budget {
		t.Errorf("clew.js is %d bytes after gzip, %d too many", small.Len(), small.Len()-budget)
	}
}

// A build that cannot work must say where.
func TestBrokenSourceIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "src"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "src", "define.ts"), []byte("let x: = 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := bundle(dir); err == nil || !bytes.Contains([]byte(err.Error()), []byte("src/define.ts:1")) {
		t.Errorf("error is %v", err)
	}
}
