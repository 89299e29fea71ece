package source

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxFolders is how deep folders are followed.
const maxFolders = 48

// walker collects the files of a tree.
type walker struct {
	fsys  fs.FS
	opts  Options
	tree  *Tree
	found []entry
	count int
	total int64
}

type entry struct {
	path string
	size int64
}

func (w *walker) note(code NoteCode, file, detail string) {
	w.tree.Notes = append(w.tree.Notes, Note{code, file, detail})
}

// folder looks at one folder; only for the top is a failure an error.
func (w *walker) folder(ctx context.Context, dir string, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := fs.ReadDir(w.fsys, dir)
	if err != nil {
		if depth == 0 {
			return fmt.Errorf("source: the folder cannot be read: %s", reason(err))
		}
		w.note(Unreadable, dir, reason(err))
		if len(entries) == 0 {
			return nil
		}
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if w.ignored(name) {
			continue
		}
		if w.count++; w.count > w.opts.MaxFiles {
			w.note(TooMany, dir, fmt.Sprintf("the limit is %d files", w.opts.MaxFiles))
			return nil
		}
		w.tree.seen[name] = true
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			w.link(name)
		case e.IsDir():
			if code := w.leftOut(name, names); code != "" {
				if code == Dependency && w.opts.Vendor {
					code = ""
				}
				if code == hidden {
					continue
				}
				if code != "" {
					w.tree.unread[name] = true
					w.note(code, name, "")
					continue
				}
			}
			if depth >= maxFolders {
				w.note(TooDeep, name, fmt.Sprintf("the limit is %d folders", maxFolders))
				continue
			}
			if err := w.folder(ctx, name, depth+1); err != nil {
				return err
			}
		case e.Type().IsRegular() && KindOf(name) != "":
			info, err := e.Info()
			if err != nil {
				w.note(Unreadable, name, reason(err))
				continue
			}
			w.found = append(w.found, entry{name, info.Size()})
		}
	}
	return nil
}

func (w *walker) ignored(name string) bool {
	if w.opts.Skip != nil && w.opts.Skip(name) {
		return true
	}
	for _, one := range w.opts.Ignore {
		one = strings.Trim(path.Clean(one), "/")
		if name == one || !strings.Contains(one, "/") && path.Base(name) == one {
			return true
		}
		if ok, err := path.Match(one, name); err == nil && ok {
			return true
		}
	}
	return false
}

// link never follows: what a link inside the tree names is read at its own place,
// so that nothing is read twice and no loop exists.
func (w *walker) link(name string) {
	to, err := fs.ReadLink(w.fsys, name)
	if err != nil {
		w.note(Unreadable, name, reason(err))
		return
	}
	if path.IsAbs(to) || strings.Contains(to, `\`) {
		w.note(LinkOut, name, "")
		return
	}
	to = path.Join(path.Dir(name), to)
	if to == ".." || strings.HasPrefix(to, "../") {
		w.note(LinkOut, name, "")
		return
	}
	w.tree.links[name] = to
	w.note(LinkInside, name, "leads to "+to)
}

// hidden marks folders that need no word: of editors and version control.
const hidden NoteCode = "hidden"

// leftOut says why a folder is not read; siblings are the names beside it.
func (w *walker) leftOut(folder string, siblings []string) NoteCode {
	name := path.Base(folder)
	beside := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(siblings, n) })
	}
	switch name {
	case "node_modules", "miniprogram_npm", "bower_components":
		return Dependency
	case "unpackage":
		if beside("pages.json", "manifest.json", "src") {
			return Generated
		}
	case "dist", "build", "output", "out", ".next", ".nuxt", ".output":
		// A build's output, if what it was built from is here too. A dist beside
		// app.json may as well be a library that was copied in.
		if beside("src") || strings.HasPrefix(name, ".") {
			return Generated
		}
		if beside("pages.json", "app.json") {
			if _, err := fs.Stat(w.fsys, path.Join(folder, "app.json")); err == nil {
				return Generated
			}
		}
	case "__MACOSX":
		return hidden
	}
	if strings.HasPrefix(name, ".") {
		return hidden
	}
	return ""
}
