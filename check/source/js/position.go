package js

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// Position is a place as people and editors count: from one.
type Position struct {
	Line   int
	Column int // in bytes
	UTF16  int // in UTF-16 code units, as SARIF and the Language Server Protocol count by default
}

// Position of a byte offset; one outside the source counts as its nearest end.
func (f *File) Position(offset int) Position {
	offset = max(0, min(offset, len(f.Source)))
	line := sort.Search(len(f.Lines), func(i int) bool { return int(f.Lines[i]) > offset }) - 1
	start := int(f.Lines[line])
	units := 1
	for i := start; i < offset; {
		c := f.Source[i]
		if c < utf8.RuneSelf {
			i++
			units++
			continue
		}
		r, size := utf8.DecodeRuneInString(f.Source[i:])
		if i+size > offset {
			break // inside a character
		}
		if i += size; r > 0xffff {
			units++
		}
		units++
	}
	return Position{line + 1, offset - start + 1, units}
}

// lines finds where lines begin: behind LF, CRLF and CR, as editors see it. The
// other line terminators of ECMA-262 12.3 end a line for the grammar only.
func lines(s string) []int32 {
	starts := make([]int32, 1, len(s)/32+1)
	lone := strings.IndexByte(s, '\r') >= 0
	for at := 0; ; {
		if lone {
			n := strings.IndexAny(s[at:], "\r\n")
			if n < 0 {
				return starts
			}
			if at += n + 1; s[at-1] == '\r' && at < len(s) && s[at] == '\n' {
				at++
			}
		} else {
			n := strings.IndexByte(s[at:], '\n')
			if n < 0 {
				return starts
			}
			at += n + 1
		}
		starts = append(starts, int32(at))
	}
}
