package lsp

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// Overlay is base with some files replaced or added, as they stand unsaved in an
// editor. Keys are slash-separated and relative; one that is no such path is left
// out. Links and folders of base stay what they are.
func Overlay(base fs.FS, files map[string][]byte) fs.FS {
	o := &overlay{base: base, files: map[string][]byte{}, dirs: map[string]map[string]bool{}}
	for name, data := range files {
		if !fs.ValidPath(name) || name == "." {
			continue
		}
		if info, err := fs.Stat(base, name); err == nil && info.IsDir() {
			continue
		}
		o.files[name] = data
		for at, isDir := name, false; at != "."; at, isDir = path.Dir(at), true {
			dir := path.Dir(at)
			if o.dirs[dir] == nil {
				o.dirs[dir] = map[string]bool{}
			}
			o.dirs[dir][path.Base(at)] = isDir
		}
	}
	return o
}

type overlay struct {
	base  fs.FS
	files map[string][]byte
	dirs  map[string]map[string]bool // folder to what lies in it; true is a folder
}

var (
	_ fs.ReadFileFS = (*overlay)(nil)
	_ fs.ReadDirFS  = (*overlay)(nil)
	_ fs.StatFS     = (*overlay)(nil)
	_ fs.ReadLinkFS = (*overlay)(nil)
)

// info is of a file or folder that only the overlay has. It has no time, because a
// buffer has none; whoever caches must go by content.
type info struct {
	name string
	size int64
	dir  bool
}

func (i info) Name() string               { return i.name }
func (i info) Size() int64                { return i.size }
func (i info) ModTime() time.Time         { return time.Time{} }
func (i info) IsDir() bool                { return i.dir }
func (i info) Sys() any                   { return nil }
func (i info) Type() fs.FileMode          { return i.Mode().Type() }
func (i info) Info() (fs.FileInfo, error) { return i, nil }
func (i info) String() string             { return fs.FormatDirEntry(i) }

func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o555
	}
	return 0o444
}

func (o *overlay) file(name string) (info, bool) {
	data, ok := o.files[name]
	return info{name: path.Base(name), size: int64(len(data))}, ok
}

// folder reports whether only the overlay makes name a folder.
func (o *overlay) folder(name string) bool {
	if o.dirs[name] == nil {
		return false
	}
	_, err := fs.Stat(o.base, name)
	return err != nil
}

func (o *overlay) Stat(name string) (fs.FileInfo, error) {
	if i, ok := o.file(name); ok {
		return i, nil
	}
	if o.folder(name) {
		return info{name: path.Base(name), dir: true}, nil
	}
	return fs.Stat(o.base, name)
}

func (o *overlay) Lstat(name string) (fs.FileInfo, error) {
	if i, err := fs.Lstat(o.base, name); err == nil && !i.Mode().IsRegular() {
		return i, nil
	}
	return o.Stat(name)
}

func (o *overlay) ReadLink(name string) (string, error) { return fs.ReadLink(o.base, name) }

func (o *overlay) ReadFile(name string) ([]byte, error) {
	if data, ok := o.files[name]; ok {
		return bytes.Clone(data), nil
	}
	return fs.ReadFile(o.base, name)
}

func (o *overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	added := o.dirs[name]
	var entries []fs.DirEntry
	var err error
	if !o.folder(name) {
		if entries, err = fs.ReadDir(o.base, name); added == nil {
			return entries, err
		}
	}
	entries = slices.Clone(entries)
	there := map[string]int{}
	for i, e := range entries {
		there[e.Name()] = i
	}
	for one, isDir := range added {
		i, old := there[one]
		if old && !entries[i].Type().IsRegular() {
			continue
		}
		e, _ := o.file(path.Join(name, one))
		e.dir = isDir
		if old {
			entries[i] = e
		} else {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

func (o *overlay) Open(name string) (fs.File, error) {
	if i, ok := o.file(name); ok {
		return &openFile{info: i, Reader: bytes.NewReader(o.files[name])}, nil
	}
	if o.dirs[name] == nil {
		return o.base.Open(name)
	}
	entries, err := o.ReadDir(name)
	if err != nil {
		return nil, err
	}
	stat, err := o.Stat(name)
	if err != nil {
		return nil, err
	}
	return &openDir{stat: stat, rest: entries}, nil
}

type openFile struct {
	info
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *openFile) Size() int64                { return f.info.size }
func (f *openFile) Close() error               { return nil }

type openDir struct {
	stat fs.FileInfo
	rest []fs.DirEntry
}

func (d *openDir) Stat() (fs.FileInfo, error) { return d.stat, nil }
func (d *openDir) Close() error               { return nil }
func (d *openDir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.stat.Name(), Err: fs.ErrInvalid}
}

func (d *openDir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n > 0 && len(d.rest) == 0 {
		return nil, io.EOF
	}
	if n <= 0 || n > len(d.rest) {
		n = len(d.rest)
	}
	some := d.rest[:n]
	d.rest = d.rest[n:]
	return some, nil
}
