package js

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a string (ECMA-262 12.9.4). One that its line does not close ends
// with the line.
func (p *parser) quoted(quote byte) {
	s, i := p.src, p.start+1
	p.tok = tString
	for i < len(s) {
		switch c := s[i]; c {
		case quote:
			p.end = i + 1
			return
		case '\\':
			p.escaped = true
			i++
			if i+1 < len(s) && s[i] == '\r' && s[i+1] == '\n' {
				i++
			}
			if i >= len(s) {
				continue
			}
		case '\n', '\r':
			p.end = i
			p.fail(p.start, i, Unterminated, "a string that its line does not close")
			return
		}
		i++
	}
	p.end = len(s)
	p.fail(p.start, p.end, Unterminated, "a string that is not closed")
}

// closed says that the string token ends in its quote.
func closed(text string) bool { return len(text) > 1 && text[len(text)-1] == text[0] }

// stringValue is the value of the string token.
func (p *parser) stringValue() string {
	text := p.src[p.start:p.end]
	if closed(text) {
		text = text[:len(text)-1]
	}
	text = text[1:]
	if p.escaped {
		return cook(text)
	}
	return text
}

// cook resolves the escapes of s (ECMA-262 12.9.4.1, with the octal ones of
// annex B). What cannot be resolved stays as it is; half a surrogate pair becomes
// U+FFFD.
func cook(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		n := strings.IndexByte(s, '\\')
		if n < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:n])
		s = s[n:]
		r, size := unescape(s)
		s = s[size:]
		if utf16.IsSurrogate(r) && strings.HasPrefix(s, `\u`) {
			if low, more := unescape(s); utf16.DecodeRune(r, low) != utf8.RuneError {
				r = utf16.DecodeRune(r, low)
				s = s[more:]
			}
		}
		if r >= 0 {
			b.WriteRune(r)
		}
	}
}

// unescape reads one escape at the start of s. The rune is negative where the
// escape stands for nothing.
func unescape(s string) (rune, int) {
	if len(s) < 2 {
		return '\\', len(s)
	}
	switch c := s[1]; c {
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'r':
		return '\r', 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'v':
		return '\v', 2
	case '\r':
		if len(s) > 2 && s[2] == '\n' {
			return -1, 3
		}
		return -1, 2
	case '\n':
		return -1, 2
	case 'x':
		if len(s) >= 4 {
			if n, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
				return rune(n), 4
			}
		}
		return 'x', 2
	case 'u':
		if len(s) > 3 && s[2] == '{' {
			if end := strings.IndexByte(s[:min(len(s), 16)], '}'); end > 3 {
				if n, err := strconv.ParseUint(s[3:end], 16, 32); err == nil && n <= utf8.MaxRune {
					return rune(n), end + 1
				}
			}
		} else if len(s) >= 6 {
			if n, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
				return rune(n), 6
			}
		}
		return 'u', 2
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n, i := rune(0), 1
		for i < len(s) && i < 4 && s[i] >= '0' && s[i] <= '7' && n*8+rune(s[i]-'0') < 256 {
			n = n*8 + rune(s[i]-'0')
			i++
		}
		return n, i
	}
	r, size := utf8.DecodeRuneInString(s[1:])
	if r == '\u2028' || r == '\u2029' {
		return -1, 1 + size
	}
	return r, 1 + size
}

// templateText reads template text from p.end to its back quote or to ${; whole
// is the token for the former.
func (p *parser) templateText(whole token) {
	s := p.src
	for i := p.end; i < len(s) && p.end <= p.templatesEnd; i++ {
		switch s[i] {
		case '`':
			p.tok, p.end = whole, i+1
			return
		case '\\':
			p.escaped = true
			i++
		case '$':
			if i+1 < len(s) && s[i+1] == '{' {
				p.tok, p.end = tTemplateHead, i+2
				return
			}
		}
	}
	// No back quote follows: the rest of the file is not template text. Without
	// the mark, looking again and again would take quadratic time.
	p.templatesEnd = min(p.templatesEnd, p.end-1)
	if line := strings.IndexByte(s[p.end:min(len(s), p.end+maxLostLine)], '\n'); line >= 0 {
		p.end += line
	} else {
		p.end = len(s)
	}
	p.tok = whole
	p.fail(p.start, p.end, Unterminated, "a template that is not closed")
}

// maxLostLine bounds the search for the end of the line of a broken template.
const maxLostLine = 1 << 12

// templateRest reads on after a substitution, with the closing brace as current
// token.
func (p *parser) templateRest() {
	p.end = p.start + 1
	p.escaped = false
	p.templateText(tTemplateFull)
}

// regex reads on a regular expression whose first slash is the current token
// (ECMA-262 12.9.5).
func (p *parser) regex() {
	s, set := p.src, false
	p.tok = tRegex
	for i := p.start + 1; ; i++ {
		if i >= len(s) || s[i] == '\n' || s[i] == '\r' || s[i] == 0xe2 && lineSeparator(s[i:]) {
			p.end = min(i, len(s))
			p.fail(p.start, p.end, Unterminated, "a regular expression that its line does not close")
			return
		}
		switch s[i] {
		case '\\':
			if i+1 < len(s) && s[i+1] != '\n' && s[i+1] != '\r' {
				i++
			}
		case '[':
			set = true
		case ']':
			set = false
		case '/':
			if set {
				continue
			}
			for i++; i < len(s) && class[s[i]]&idPart != 0; {
				i++
			}
			p.end = i
			return
		}
	}
}

// number reads a numeric literal (ECMA-262 12.9.3).
func (p *parser) number() {
	s, i := p.src, p.start
	p.tok = tNumber
	if s[i] == '0' && i+1 < len(s) && strings.IndexByte("xXoObB", s[i+1]) >= 0 {
		for i += 2; i < len(s) && class[s[i]]&idPart != 0; i++ {
		}
		p.end = i
		body := strings.TrimSuffix(strings.ToLower(strings.ReplaceAll(s[p.start:i], "_", "")), "n")
		if s[i-1] == 'n' {
			p.tok = tBigInt
		}
		if !digitsOf(body) {
			p.fail(p.start, p.end, BadNumber, "a number with a digit that is none")
		}
		return
	}
	digits := func() {
		for i < len(s) && (class[s[i]]&digit != 0 || s[i] == '_') {
			i++
		}
	}
	digits()
	if i < len(s) && s[i] == 'n' && s[p.start] != '.' {
		p.tok = tBigInt
		i++
	} else {
		if i < len(s) && s[i] == '.' && s[p.start] != '.' && !legacyOctal(s[p.start:i]) || i == p.start {
			i++
			digits()
		}
		if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
			j := i + 1
			if j < len(s) && (s[j] == '+' || s[j] == '-') {
				j++
			}
			if j < len(s) && class[s[j]]&digit != 0 {
				i = j
				digits()
			}
		}
	}
	p.end = i
	if i < len(s) && class[s[i]]&idPart != 0 {
		for i < len(s) && class[s[i]]&idPart != 0 {
			i++
		}
		p.end = i
		p.fail(p.start, p.end, BadNumber, "a number with letters in it")
	}
}

// legacyOctal says that digits are one of annex B: 017 takes no point.
func legacyOctal(digits string) bool {
	return len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "01234567") == ""
}

// digitsOf checks lower-case digits with a radix prefix.
func digitsOf(s string) bool {
	set := map[byte]string{'x': "0123456789abcdef", 'o': "01234567", 'b': "01"}[s[1]]
	return len(s) > 2 && strings.Trim(s[2:], set) == ""
}

// numberValue is the value of a numeric literal, without the n of a BigInt.
func numberValue(s string) float64 {
	if len(s) <= 9 {
		n := 0
		for i := 0; i < len(s) && s[i]-'0' <= 9; i++ {
			n = n*10 + int(s[i]-'0')
			if i == len(s)-1 && (s[0] != '0' || i == 0) {
				return float64(n)
			}
		}
	}
	s = strings.ReplaceAll(s, "_", "")
	if len(s) > 1 && s[0] == '0' && (s[1] > '9' && s[1] != 'e' && s[1] != 'E' || legacyOctal(s)) {
		n, err := strconv.ParseUint(s, 0, 64)
		if err == nil {
			return float64(n)
		}
		f, _ := strconv.ParseFloat(s+"p0", 64) // hexadecimal beyond 64 bits
		return f
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range gives an infinity, as the language wants
	return f
}
