package source

import (
	"cmp"
)

// NoteCode says what a note is about; a stable code that the words room explains.
type NoteCode string

// The notes. Those that [Note.Incomplete] names mean that something was not read.
const (
	TooLarge     NoteCode = "too-large"
	OverTotal    NoteCode = "over-total"
	TooMany      NoteCode = "too-many-files"
	TooDeep      NoteCode = "too-deep"
	Unreadable   NoteCode = "unreadable"
	Binary       NoteCode = "binary"          // named like a source, but none
	BadEncoding  NoteCode = "bad-encoding"    // read, with a question mark for each byte that is no character
	Recoded      NoteCode = "recoded"         // UTF-16 or GBK; offsets still are those on disk
	MinifiedCode NoteCode = "minified"        // read
	LinkOut      NoteCode = "link-out"        // a link that leads out of the tree is not followed
	LinkInside   NoteCode = "link"            // a link inside the tree: read where it leads
	Generated    NoteCode = "generated"       // a folder that a build wrote
	Dependency   NoteCode = "dependency"      // a folder of others' code
	BrokenConfig NoteCode = "broken-config"   // read as far as it goes
	PageAbsent   NoteCode = "page-absent"     // a page that is listed and not there
	PagePartial  NoteCode = "page-partial"    // listed and there, without template or script
	UseAbsent    NoteCode = "use-absent"      // a component that is used and not there
	UseElsewhere NoteCode = "use-elsewhere"   // a component from a package or plugin that was not read
	Orphan       NoteCode = "never-used"      // a page or component that nothing names; it is checked all the same
	ConfigCode   NoteCode = "computed-config" // a configuration that is a program: only its literals were read
	NoProject    NoteCode = "no-project"
)

// NoteCodes is every code.
func NoteCodes() []NoteCode {
	return []NoteCode{
		TooLarge, OverTotal, TooMany, TooDeep, Unreadable, Binary, BadEncoding, Recoded, MinifiedCode, LinkOut, LinkInside, Generated,
		Dependency, BrokenConfig, PageAbsent, PagePartial, UseAbsent, UseElsewhere, Orphan, ConfigCode, NoProject,
	}
}

// Note is something a reader of the result must know.
type Note struct {
	Code   NoteCode
	File   string // or the folder, from the top of the tree
	Detail string // in plain English, for logs and JSON; may be empty
}

// Incomplete reports whether the note means that code which should have been
// checked was not.
func (n Note) Incomplete() bool {
	switch n.Code {
	case TooLarge, OverTotal, TooMany, TooDeep, Unreadable, Binary, BrokenConfig, PageAbsent, NoProject:
		return true
	}
	return false
}

func (n Note) compare(o Note) int {
	return cmp.Or(cmp.Compare(n.File, o.File), cmp.Compare(n.Code, o.Code), cmp.Compare(n.Detail, o.Detail))
}
