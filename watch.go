package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"clew/words"

	"github.com/fsnotify/fsnotify"
)

// pause is how long files must be quiet before they are checked again: editors and
// version control write many at once.
const pause = 250 * time.Millisecond

// again checks, and checks again whenever something under the folder changes, until
// ctx ends. Violations do not end it.
func (c *checking) again(ctx context.Context, w world) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer func() { _ = watcher.Close() }()
	if err := watchTree(watcher, c.dir); err != nil {
		return err
	}
	lang := language(w, c.lang)
	judge := func() error {
		if terminal(w.stdout) {
			_, _ = fmt.Fprint(w.stdout, "\x1b[H\x1b[2J\x1b[3J")
		}
		err := c.once(ctx, w, w.stdout)
		if err != nil && !errors.Is(err, errFound) && ctx.Err() == nil {
			_, _ = fmt.Fprintln(w.stderr, "clew:", err) // a settings file half written is no reason to stop
		}
		_, err = fmt.Fprintln(w.stdout, words.T(lang, "check.watching", "dir", c.dir))
		return err
	}
	if err := judge(); err != nil {
		return err
	}
	quiet := time.NewTimer(pause)
	quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-watcher.Errors:
			return fmt.Errorf("watching %s: %w", c.dir, err)
		case ev := <-watcher.Events:
			if ev.Has(fsnotify.Create) {
				if info, err := os.Stat(ev.Name); err == nil && info.IsDir() {
					_ = watchTree(watcher, ev.Name) // it may be gone again
				}
			}
			if ev.Op != fsnotify.Chmod {
				quiet.Reset(pause)
			}
		case <-quiet.C:
			if err := judge(); err != nil {
				return err
			}
		}
	}
}

// watchTree watches a folder and those in it, but those that nobody edits by hand.
func watchTree(watcher *fsnotify.Watcher, dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil //nolint:nilerr // what cannot be read is not watched; the check says so
		}
		name := d.Name()
		if path != dir && (name == "node_modules" || name == "miniprogram_npm" || strings.HasPrefix(name, ".")) {
			return filepath.SkipDir
		}
		return watcher.Add(path)
	})
}
