// Package source keeps one promise: a project is read as it lies on disk, and
// whatever of it was not read is said, by name.
//
// [Load] walks a tree, decodes what a checker can use, finds the projects in it
// (mini-programs of five platforms, uni-app, Taro, Vue, React, plain pages, several
// beside or inside each other) and ties their files together: which page is what
// route, which template belongs to which script, which tag is which component. It
// runs nothing, follows no link out of the tree, and one bad file costs that file
// only. Templates are read by the package markup below it.
package source

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// Options is what a caller may decide; the zero value is what a person wants who
// names a folder.
type Options struct {
	// Vendor also reads node_modules and miniprogram_npm.
	Vendor bool
	// Ignore is folders and files to leave out, slash-separated from the top of the
	// tree; a name without a slash is left out wherever it stands.
	Ignore []string
	// Skip leaves out what Ignore's patterns cannot say; nil leaves out nothing.
	Skip func(name string) bool
	// MaxFile is the largest file read, in bytes; 0 is 5 MiB. A larger one is named
	// in a note and left out.
	MaxFile int64
	// MaxTotal is how much is read in all, in bytes; 0 is 512 MiB.
	MaxTotal int64
	// MaxFiles is how many files are looked at; 0 is 200,000.
	MaxFiles int
	// Config reads a configuration that is a program, as app.config.ts; nil reads
	// the literals of its exported object and leaves out what is computed.
	Config func(f *File) (Value, bool)
}

func (o Options) withDefaults() Options {
	if o.MaxFile == 0 {
		o.MaxFile = 5 << 20
	}
	if o.MaxTotal == 0 {
		o.MaxTotal = 512 << 20
	}
	if o.MaxFiles == 0 {
		o.MaxFiles = 200_000
	}
	if o.Config == nil {
		o.Config = exported
	}
	return o
}

// Tree is what lies under a folder.
type Tree struct {
	Projects []*Project // by root; one inside another stands behind it
	Files    []*File    // all that were read, by path
	Notes    []Note     // about the tree as a whole; projects have their own

	byPath map[string]*File
	starts map[string]*File  // by their paths without an end of scripts; see script
	seen   map[string]bool   // every path there is, read or not
	unread map[string]bool   // folders that were left out
	links  map[string]string // a link inside the tree and what it names
}

// AllNotes is the notes of the tree and of its projects, by file.
func (t *Tree) AllNotes() []Note {
	all := slices.Clone(t.Notes)
	for _, p := range t.Projects {
		all = append(all, p.Notes...)
	}
	slices.SortStableFunc(all, Note.compare)
	return all
}

// Whole reports whether everything that should be checked was read. If not, a
// check that finds nothing has not shown much.
func (t *Tree) Whole() bool {
	return !slices.ContainsFunc(t.AllNotes(), Note.Incomplete)
}

// File finds a file by its path; nil if it is not there or was not read.
func (t *Tree) File(name string) *File { return t.byPath[t.real(path.Clean(name))] }

// Exists reports whether a file or folder is there, read or not.
func (t *Tree) Exists(name string) bool { return t.seen[t.real(path.Clean(name))] }

// inUnread reports whether a path leads into a folder that was left out.
func (t *Tree) inUnread(name string) bool {
	for ; name != "." && name != "/" && name != ".."; name = path.Dir(name) {
		if t.unread[name] {
			return true
		}
	}
	return false
}

// real follows the links that were met in the tree; loops end after a few rounds.
func (t *Tree) real(name string) string {
	if len(t.links) == 0 {
		return name
	}
	for range 8 {
		for part := name; part != "."; part = path.Dir(part) {
			if to, ok := t.links[part]; ok {
				name = path.Join(to, name[len(part):])
				goto again
			}
		}
		return name
	again:
	}
	return name
}

// FileKind is what a file is to a checker.
type FileKind string

// The kinds.
const (
	Script    FileKind = "script"
	Template  FileKind = "template"
	Component FileKind = "component" // template, script and style in one, as .vue
	Page      FileKind = "page"      // HTML
	Style     FileKind = "style"
	Config    FileKind = "config" // JSON
)

var kinds = map[string]FileKind{
	".js": Script, ".jsx": Script, ".ts": Script, ".tsx": Script, ".mjs": Script, ".cjs": Script, ".mts": Script, ".cts": Script,
	".wxs": Script, ".sjs": Script, ".qs": Script, ".uts": Script,
	".ttml": Template, ".wxml": Template, ".axml": Template, ".ksml": Template, ".swan": Template, ".qml": Template, ".jxml": Template, ".xhsml": Template,
	".vue": Component, ".nvue": Component, ".uvue": Component,
	".html": Page, ".htm": Page,
	".ttss": Style, ".wxss": Style, ".acss": Style, ".css": Style, ".qss": Style, ".jxss": Style, ".less": Style, ".scss": Style, ".sass": Style, ".styl": Style,
	".json": Config, ".json5": Config, ".jsonc": Config,
}

// extensions is the keys of kinds in order.
var extensions = slices.Sorted(maps.Keys(kinds))

// KindOf is what a file of that name is; "" is nothing to a checker.
func KindOf(name string) FileKind {
	lower := strings.ToLower(name)
	if strings.HasSuffix(lower, ".d.ts") {
		return ""
	}
	return kinds[path.Ext(lower)]
}

// File is one file that was read. Offsets are into Text unless said otherwise.
type File struct {
	Path     string // slash-separated, from the top of the tree
	Kind     FileKind
	Size     int64    // bytes on disk
	Hash     [32]byte // SHA-256 of the bytes on disk
	Text     string   // UTF-8, without a mark at its beginning
	Encoding Encoding
	Minified bool // lines that nobody writes by hand
	Vendored bool // others' code that lies in the tree, as uni_modules

	skip   int     // bytes of a mark before Text
	origin []int32 // per byte of Text where it stands on disk; nil: skip + offset
	once   sync.Once
	lines  []int32 // where lines begin
}

// Ext is the file's extension in lower case, with its dot.
func (f *File) Ext() string { return strings.ToLower(path.Ext(f.Path)) }

// Dir is the folder of the file.
func (f *File) Dir() string { return path.Dir(f.Path) }

// Stem is the path without its extension; files of one stem belong together.
func (f *File) Stem() string { return strings.TrimSuffix(f.Path, path.Ext(f.Path)) }

// Original is where the byte at offset stands in the file on disk.
func (f *File) Original(offset int) int {
	if f.origin == nil {
		return offset + f.skip
	}
	return int(f.origin[min(max(offset, 0), len(f.origin)-1)])
}

func (f *File) starts() []int32 {
	f.once.Do(func() {
		f.lines = make([]int32, 1, len(f.Text)/32+1)
		for i := range len(f.Text) {
			if f.Text[i] == '\n' || f.Text[i] == '\r' && (i+1 == len(f.Text) || f.Text[i+1] != '\n') {
				f.lines = append(f.lines, int32(i+1))
			}
		}
	})
	return f.lines
}

// Position is line and column, both from 1, the column in UTF-16 code units.
func (f *File) Position(offset int) (line, column int) {
	offset = min(max(offset, 0), len(f.Text))
	starts := f.starts()
	line = sort.Search(len(starts), func(i int) bool { return int(starts[i]) > offset })
	column = 1
	for _, r := range f.Text[starts[line-1]:offset] {
		if column++; r > 0xFFFF {
			column++
		}
	}
	return line, column
}

// Lines is the whole lines that start to end touch, without the last line's end.
func (f *File) Lines(start, end int) string {
	starts := f.starts()
	first, _ := f.Position(start)
	last, _ := f.Position(max(start, end-1))
	to := len(f.Text)
	if last < len(starts) {
		to = int(starts[last])
	}
	return strings.TrimRight(f.Text[starts[first-1]:to], "\r\n")
}

// Load reads a tree. It fails only if the top cannot be read or ctx ends; everything
// else that goes wrong is a note.
func Load(ctx context.Context, fsys fs.FS, opts Options) (*Tree, error) {
	opts = opts.withDefaults()
	t := &Tree{byPath: map[string]*File{}, seen: map[string]bool{".": true}, unread: map[string]bool{}, links: map[string]string{}}
	w := walker{fsys: fsys, opts: opts, tree: t}
	if err := w.folder(ctx, ".", 0); err != nil {
		return nil, err
	}
	slices.SortFunc(w.found, func(a, b entry) int { return strings.Compare(a.path, b.path) })
	for _, e := range w.found {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.read(e)
	}
	t.find(opts)
	slices.SortStableFunc(t.Notes, Note.compare)
	return t, nil
}

// read takes in one file, or says why not.
func (w *walker) read(e entry) {
	switch {
	case e.size > w.opts.MaxFile:
		w.note(TooLarge, e.path, fmt.Sprintf("%d bytes, the limit is %d", e.size, w.opts.MaxFile))
		return
	case w.total+e.size > w.opts.MaxTotal:
		w.note(OverTotal, e.path, fmt.Sprintf("%d bytes were read, the limit is %d", w.total, w.opts.MaxTotal))
		return
	}
	raw, err := fs.ReadFile(w.fsys, e.path)
	if err != nil {
		w.note(Unreadable, e.path, reason(err))
		return
	}
	if int64(len(raw)) > w.opts.MaxFile { // it has grown since
		w.note(TooLarge, e.path, fmt.Sprintf("%d bytes, the limit is %d", len(raw), w.opts.MaxFile))
		return
	}
	w.total += int64(len(raw))
	f := &File{Path: e.path, Kind: KindOf(e.path), Size: int64(len(raw)), Hash: sha256.Sum256(raw), Vendored: vendored(e.path)}
	if problem := f.decode(raw); problem != "" {
		w.note(problem, e.path, "")
		if problem == Binary {
			return
		}
	}
	if f.Kind == Script || f.Kind == Template {
		if f.Minified = minified(f.Text); f.Minified {
			w.note(MinifiedCode, e.path, "")
		}
	}
	w.tree.Files = append(w.tree.Files, f)
	w.tree.byPath[f.Path] = f
}

// minified reports whether lines are longer than people write them. Data in a
// string makes one long line too, so half of the text must stand in long lines.
func minified(text string) bool {
	const long = 1000
	if len(text) < 4*long {
		return false
	}
	inLong := 0
	for line := range strings.Lines(text) {
		if len(line) > long {
			inLong += len(line)
		}
	}
	return inLong > len(text)/2
}

// vendored reports whether a path lies in a folder for others' code.
func vendored(name string) bool {
	for part := range strings.SplitSeq(path.Dir(name), "/") {
		switch part {
		case "node_modules", "miniprogram_npm", "uni_modules", "wxcomponents", "mycomponents", "ttcomponents", "swancomponents":
			return true
		}
	}
	return false
}

// reason is an error without the path, which the note has.
func reason(err error) string {
	if pathError, ok := err.(*fs.PathError); ok {
		err = pathError.Err
	}
	text := err.Error()
	if len(text) > 200 || !utf8.ValidString(text) {
		return "it cannot be read"
	}
	return text
}
