package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

const (
	zeroWidthJoiner = '\u200d'
	tabStop         = 4 // cells
)

// visible is the rune that a terminal gets for r, and how many cells it takes. A
// control character becomes its picture (U+2400 …), whatever else has no shape of
// its own (overrides of direction, private letters, broken bytes) becomes U+FFFD:
// source that was checked must not be able to move the cursor, recolour, reorder
// or rename anything. Joiners and variation selectors vanish (cells 0, keep
// false), because terminals do not agree on how wide what they join is.
func visible(r rune) (shown rune, cells int, keep bool) {
	switch {
	case r >= ' ' && r < 0x7f:
		return r, 1, true
	case r < ' ':
		return 0x2400 + r, 1, true
	case r == 0x7f:
		return 0x2421, 1, true
	case r == zeroWidthJoiner, unicode.Is(unicode.Variation_Selector, r):
		return 0, 0, false
	case !unicode.IsGraphic(r):
		return utf8.RuneError, 1, true
	case unicode.In(r, unicode.Mn, unicode.Me):
		return r, 0, true
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return r, 2, true
	}
	return r, 1, true
}

// clean makes one line of s that is safe to print; ends of lines and tabs become
// blanks, runs of white space one blank.
func clean(s string) string {
	var b strings.Builder
	blank := false
	for _, r := range s {
		if r == '\n' || r == '\r' || r == '\t' || r == ' ' {
			blank = true
			continue
		}
		shown, _, keep := visible(r)
		if !keep {
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(shown)
	}
	return b.String()
}

// cells is how wide a cleaned line is.
func cells(s string) int {
	n := 0
	for _, r := range s {
		_, w, _ := visible(r)
		n += w
	}
	return n
}

// pad fills s with blanks to n cells.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-cells(s)))
}

// Punctuation that must not begin, and must not end, a line (GB/T 15834, 避头尾).
const (
	noStart = "，。、；：？！）》」』】〕”’…·％%,.;:?!)]}"
	noEnd   = "（《「『【〔“‘([{"
)

// atom is a stretch that no line break may divide.
type atom struct {
	text  string
	cells int
	space bool // a blank stands before it, unless a line begins there
}

// atoms divides a cleaned line: a word of narrow letters is one, each wide letter
// is one, and punctuation hangs on to its neighbour.
func atoms(s string) []atom {
	var list []atom
	var last rune // of the atom before, if no blank came since; else 0
	space := false
	for _, r := range s {
		if r == ' ' {
			space, last = true, 0
			continue
		}
		_, w, _ := visible(r)
		joins := last != 0 && (w == 0 || strings.ContainsRune(noStart, r) || strings.ContainsRune(noEnd, last) ||
			w == 1 && narrow(last))
		if joins {
			a := &list[len(list)-1]
			a.text += string(r)
			a.cells += w
		} else {
			list = append(list, atom{string(r), w, space})
		}
		space = false
		if w > 0 || last == 0 {
			last = r
		}
	}
	return list
}

func narrow(r rune) bool { _, w, _ := visible(r); return w < 2 }

// wrap breaks a text into lines of at most room cells; only a word that is longer
// than a whole line is divided. It cleans s first. There is always one line.
func wrap(s string, room int) []string {
	room = max(room, 4)
	var lines []string
	var line strings.Builder
	used := 0
	flush := func() {
		lines = append(lines, line.String())
		line.Reset()
		used = 0
	}
	for _, a := range atoms(clean(s)) {
		blank := 0
		if a.space && used > 0 {
			blank = 1
		}
		if used > 0 && used+blank+a.cells > room {
			flush()
			blank = 0
		}
		if blank == 1 {
			line.WriteByte(' ')
			used++
		}
		if a.cells <= room {
			line.WriteString(a.text)
			used += a.cells
			continue
		}
		for _, r := range a.text {
			_, w, _ := visible(r)
			if used+w > room {
				flush()
			}
			line.WriteRune(r)
			used += w
		}
	}
	if line.Len() > 0 || len(lines) == 0 {
		flush()
	}
	return lines
}
