package evidence

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hidden stands where a phone number stood. It means nothing in JSON strings, HTML
// or URLs and joins no digits.
const Hidden = "***"

// Redact replaces every phone number in a text by [Hidden] and counts them: mainland
// mobile numbers with or without 86, 0086, +86 or 0; landlines with their area code;
// anything after + or 00 that E.164 could be. Digits may be of any script, and
// grouped by up to three spaces, dashes, dots, brackets or invisible characters. The
// text is read as it stands and with %XX, \uXXXX and &#N; resolved.
//
// It errs towards hiding: a row of numbers that reads like a phone number goes too.
func Redact(text string) (string, int) {
	n := 0
	for {
		found := append(numbers(text, false), numbers(text, true)...)
		if len(found) == 0 {
			return text, n
		}
		slices.SortFunc(found, func(a, b span) int { return a.from - b.from })
		var out strings.Builder
		end := 0
		for i := 0; i < len(found); {
			from, to := found[i].from, found[i].to
			for i++; i < len(found) && found[i].from < to; i++ {
				to = max(to, found[i].to)
			}
			out.WriteString(text[end:from])
			out.WriteString(Hidden)
			end = to
			n++
		}
		out.WriteString(text[end:])
		text = out.String()
	}
}

type span struct{ from, to int }

// group is digits with nothing between them.
type group struct {
	span
	first, last int  // its digits among those of the run
	plus        int  // where a + stands before it, -1 for nowhere
	point       bool // a decimal point stands right before it
}

const (
	longest = 17 // digits of 00 and E.164's fifteen
	apart   = 3  // characters between two groups of one number
)

// numbers finds what could be phone numbers. Spans may overlap.
func numbers(s string, resolve bool) (found []span) {
	var run []group
	var digits []byte
	flush := func() {
		found = inRun(found, run, digits)
		run, digits = run[:0], digits[:0]
	}
	open, gap, plus, point := false, 0, -1, false
	for i := 0; i < len(s); {
		r, size := unit(s, i, resolve)
		d, isDigit := digit(r)
		switch {
		case isDigit && open:
			digits = append(digits, d)
			g := &run[len(run)-1]
			g.to, g.last = i+size, len(digits)
		case isDigit:
			digits = append(digits, d)
			run = append(run, group{span{i, i + size}, len(digits) - 1, len(digits), plus, point})
			open, gap, plus, point = true, 0, -1, false
		case between(r):
			if open, gap = false, gap+1; gap > apart {
				flush()
				plus = -1
			}
			if point = r == '.' || r == '．'; r == '+' || r == '＋' {
				plus, gap = i, 0
			}
		default:
			flush()
			open, gap, plus, point = false, 0, -1, false
		}
		i += size
	}
	flush()
	return found
}

// inRun adds the longest number that begins with each group; a span that reaches into
// the one before is joined to it.
func inRun(found []span, run []group, digits []byte) []span {
	for a, g := range run {
		end := -1
		for b := a; b < len(run) && run[b].last-g.first <= longest; b++ {
			if shaped(digits[g.first:run[b].last], g, a == b) {
				end = run[b].to
			}
		}
		if end < 0 {
			continue
		}
		from := g.from
		if g.plus >= 0 {
			from = g.plus
		}
		if n := len(found); n > 0 && from < found[n-1].to {
			found[n-1].to = max(found[n-1].to, end)
		} else {
			found = append(found, span{from, end})
		}
	}
	return found
}

// shaped tells whether digits that begin with group g could be a phone number; whole
// says that they are that group alone.
func shaped(digits []byte, g group, whole bool) bool {
	n := len(digits)
	if n < 8 {
		return false
	}
	rest := digits
	switch {
	case n > 13 && string(rest[:4]) == "0086":
		rest = rest[4:]
	case n > 11 && string(rest[:2]) == "86":
		rest = rest[2:]
	}
	if rest[0] == '0' {
		rest = rest[1:]
	}
	if len(rest) == 11 && rest[0] == '1' && rest[1] >= '3' {
		return true
	}
	if g.plus >= 0 && n <= 15 {
		return true
	}
	if g.point || n < 10 || digits[0] != '0' {
		return false
	}
	if digits[1] == '0' {
		return digits[2] != '0'
	}
	area := g.last - g.first
	return n <= 12 && (whole || area == 3 || area == 4)
}

// unit is the character at i and its length in bytes. resolve reads %XX, \uXXXX and
// &#N; as what they stand for.
func unit(s string, i int, resolve bool) (rune, int) {
	rest := s[i:]
	if resolve {
		switch {
		case rest[0] == '%' && len(rest) >= 3:
			if v, err := strconv.ParseUint(rest[1:3], 16, 8); err == nil {
				if v >= utf8.RuneSelf {
					return utf8.RuneError, 3
				}
				return rune(v), 3
			}
		case strings.HasPrefix(rest, `\u`) && len(rest) >= 6:
			if v, err := strconv.ParseUint(rest[2:6], 16, 16); err == nil {
				return rune(v), 6
			}
		case strings.HasPrefix(rest, "&#"):
			if end := strings.IndexByte(rest[:min(len(rest), 12)], ';'); end > 2 {
				text, base := rest[2:end], 10
				if text[0] == 'x' || text[0] == 'X' {
					text, base = text[1:], 16
				}
				if v, err := strconv.ParseUint(text, base, 21); err == nil {
					return rune(v), end + 1
				}
			}
		}
	}
	return utf8.DecodeRuneInString(rest)
}

// digit is a decimal digit of any script as an ASCII one.
func digit(r rune) (byte, bool) {
	if r >= '0' && r <= '9' {
		return byte(r), true
	}
	if r < utf8.RuneSelf || !unicode.IsDigit(r) {
		return 0, false
	}
	if r >= 0x1D7CE && r <= 0x1D7FF { // mathematical digits: five tens in a row
		return byte('0' + (r-0x1D7CE)%10), true
	}
	v := byte('0')
	for v < '9' && unicode.IsDigit(r-1) {
		r--
		v++
	}
	return v, true
}

// between tells whether a character may stand between groups of one number.
func between(r rune) bool {
	if r < utf8.RuneSelf {
		return strings.ContainsRune(" \t-.()/_+", r)
	}
	return strings.ContainsRune("（）－＋．·•\u2212", r) || unicode.Is(unicode.Pd, r) || unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Cf, r)
}
