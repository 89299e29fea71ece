package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"clew/finding"
)

// Of a range that goes over more lines than this, the first lines and the last
// one are shown and the rest is counted.
const (
	linesShown = 6
	linesFirst = 4
)

// split cuts a text into lines as check/source counts them: \n, \r\n and a lone
// \r each end one.
func split(text string) []string {
	var lines []string
	for {
		i := strings.IndexAny(text, "\r\n")
		if i < 0 {
			return append(lines, text)
		}
		lines = append(lines, text[:i])
		if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
			i++
		}
		text = text[i+1:]
	}
}

// at is the byte offset of a column (from 1, in UTF-16 code units) in a line. A
// column past the end is the end; one inside a surrogate pair is the pair.
func at(line string, column int) int {
	n := 1
	for i, r := range line {
		step := 1
		if r > 0xFFFF {
			step = 2
		}
		if n+step > column {
			return i
		}
		n += step
	}
	return len(line)
}

// sight shows a line with the bytes from a to b in view: whole if it takes at
// most room cells, else a window that begins a little before a, with an ellipsis
// where something is cut. lead is how many cells stand before the range and span
// how many it takes, at least 1: there is something to underline for an empty
// range too.
func sight(line string, a, b, room int) (text string, lead, span int) {
	b = max(a, b)
	if all, ok := draw(line, a, b, room); ok {
		return all.String(), all.lead, max(1, all.span)
	}
	from := a
	for back := 0; from > 0 && back < room/4; {
		r, n := utf8.DecodeLastRuneInString(line[:from])
		if _, w, _ := visible(r); r == '\t' {
			back += tabStop
		} else {
			back += max(1, w)
		}
		from -= n
	}
	if from == 0 {
		cut, _ := draw(line, a, b, room-1)
		return cut.String() + "…", cut.lead, max(1, cut.span)
	}
	if rest, ok := draw(line[from:], a-from, b-from, room-1); ok {
		return "…" + rest.String(), rest.lead + 1, max(1, rest.span)
	}
	cut, _ := draw(line[from:], a-from, b-from, room-2)
	return "…" + cut.String() + "…", cut.lead + 1, max(1, cut.span)
}

type drawn struct {
	strings.Builder
	lead, span int
}

// draw renders runes until room cells are full; ok tells that the line fitted.
// Tabs are drawn as blanks to the next stop, counted from where drawing began.
func draw(line string, a, b, room int) (d *drawn, ok bool) {
	d = &drawn{}
	used, marks := 0, 0
	for i, r := range line {
		shown, w, keep := visible(r)
		if r == '\t' {
			shown, w = ' ', tabStop-used%tabStop
		}
		if !keep {
			continue
		}
		// Marks take no cell: without a bound a heap of them would fill memory.
		if w == 0 {
			if marks++; marks > 8 {
				continue
			}
		} else {
			marks = 0
		}
		if used+w > room {
			return d, false
		}
		switch {
		case i < a:
			d.lead += w
		case i < b:
			d.span += w
		}
		used += w
		d.WriteRune(shown)
		if r == '\t' {
			d.WriteString(strings.Repeat(" ", w-1))
		}
	}
	return d, true
}

// excerpt draws the lines of a place with the range underlined and one line of
// the neighbourhood on each side; nothing where the source is not at hand or the
// place is the file as a whole.
func (p *page) excerpt(place finding.Place, mark style) {
	lines := p.source(place.File)
	if place.Line < 1 || place.Line > len(lines) {
		return
	}
	first, last := place.Line, min(max(place.Line, place.EndLine), len(lines))
	if last > first && place.EndColumn == 1 {
		last-- // the range ends with the line before
	}
	digits := len(strconv.Itoa(min(last+1, len(lines))))
	room := max(p.width-len(indent)*2-digits-3, 16)

	row := func(n int, bar string, text string, s style) {
		p.line(indent, indent, p.in(dim, fmt.Sprintf("%*d", digits, n)), " ", bar, " ", p.in(s, text))
	}
	thin, thick := p.in(dim, "│"), p.in(mark, "┃")
	beside := func(n int) {
		if n < 1 || n > len(lines) || strings.TrimSpace(lines[n-1]) == "" {
			return
		}
		text, _, _ := sight(lines[n-1], 0, 0, room)
		row(n, thin, strings.TrimRight(text, " "), dim)
	}

	beside(first - 1)
	bar := thin
	if last > first {
		bar = thick
	}
	for n := first; n <= last; n++ {
		line := lines[n-1]
		if n > first {
			if left := last - n; last-first >= linesShown && n == first+linesFirst && left > 0 {
				p.line(indent, indent, strings.Repeat(" ", digits), " ", thick, " ", p.in(dim, "⋮ "+counted(p.lang, "check.lines_left_out", left)))
				n = last
				line = lines[n-1]
			}
			text, _, _ := sight(line, 0, 0, room)
			row(n, bar, strings.TrimRight(text, " "), plain)
			continue
		}
		a, b := at(line, place.Column), len(strings.TrimRight(line, " \t"))
		if last == first && place.EndLine <= first {
			b = at(line, place.EndColumn)
		}
		text, lead, span := sight(line, a, b, room)
		row(n, bar, strings.TrimRight(text, " "), plain)
		p.line(indent, indent, strings.Repeat(" ", digits), " ", bar, " ", strings.Repeat(" ", lead), p.in(mark, strings.Repeat("^", span)))
	}
	beside(last + 1)
	p.line()
}
