package js

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cursor is everything the lexer remembers between two tokens, so that a guess
// can be taken back.
type cursor struct {
	start, end int   // of the current token
	prevEnd    int   // end of the token before it
	tok        token // the current token
	newline    bool  // a line ended between the two
	escaped    bool  // the token has a backslash in it
}

const (
	idStart = 1 << iota
	idPart
	digit
)

// class sorts the bytes below 0x80.
var class = func() (c [256]uint8) {
	for b := 'a'; b <= 'z'; b++ {
		c[b], c[b-32] = idStart|idPart, idStart|idPart
	}
	for b := '0'; b <= '9'; b++ {
		c[b] = idPart | digit
	}
	c['$'], c['_'] = idStart|idPart, idStart|idPart
	return c
}()

// next reads the token after the current one. A slash is read as division and a
// closing brace as itself: who expects a regular expression, the rest of a
// template or JSX text asks for it (ECMA-262 clause 12, the goal symbols).
func (p *parser) next() {
	p.prevEnd = p.end
	p.newline = false
	p.escaped = false
	if p.tree.stopped {
		p.start, p.end, p.tok = len(p.src), len(p.src), tEOF
		return
	}
	p.scan()
}

// peek is the token after the current one, and whether it is on another line.
func (p *parser) peek() (token, bool) {
	at, comments, errs := p.cursor, len(p.file.Comments), len(p.file.Errors)
	failures, last := p.failures, p.lastFailure
	p.next()
	t, newline := p.tok, p.newline
	p.cursor = at
	p.file.Comments = p.file.Comments[:comments]
	p.file.Errors = p.file.Errors[:errs]
	p.failures, p.lastFailure = failures, last
	return t, newline
}

func (p *parser) scan() {
	s, i := p.src, p.end
	for i < len(s) {
		c := s[i]
		if class[c]&idStart != 0 {
			j := i + 1
			for j < len(s) && class[s[j]]&idPart != 0 {
				j++
			}
			p.start, p.end = i, j
			if j < len(s) && (s[j] >= utf8.RuneSelf || s[j] == '\\') {
				p.wideName(tIdent)
				return
			}
			p.tok = wordToken(s[i:j])
			return
		}
		switch c {
		case ' ', '\t', '\v', '\f':
			i++
			continue
		case '\n', '\r':
			p.newline = true
			i++
			continue
		case '/':
			if i+1 < len(s) && s[i+1] == '/' {
				i = p.lineComment(i, 2)
				continue
			}
			if i+1 < len(s) && s[i+1] == '*' {
				i = p.blockComment(i)
				continue
			}
		case '<':
			// ECMA-262 annex B.1.1.
			if strings.HasPrefix(s[i:], "<!--") {
				i = p.lineComment(i, 4)
				continue
			}
		case '-':
			if (p.newline || p.prevEnd == 0) && strings.HasPrefix(s[i:], "-->") {
				i = p.lineComment(i, 3)
				continue
			}
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == '\u2028' || r == '\u2029' {
				p.newline = true
				i += size
				continue
			}
			if r == '\ufeff' || unicode.Is(unicode.Zs, r) {
				i += size
				continue
			}
			p.start, p.end = i, i
			if nameStart(r, size) {
				p.wideName(tIdent)
				return
			}
			p.end = i + size
			p.tok = tIllegal
			p.fail(p.start, p.end, BadCharacter, "a character that has no meaning here")
			return
		}
		p.start = i
		p.punctuation(c)
		return
	}
	p.start, p.end, p.tok = len(s), len(s), tEOF
}

// is says that the byte n places into the current token is c.
func (p *parser) is(n int, c byte) bool {
	return p.start+n < len(p.src) && p.src[p.start+n] == c
}

func (p *parser) put(t token, size int) { p.tok, p.end = t, p.start+size }

// punctuation reads what does not begin with a letter.
func (p *parser) punctuation(c byte) {
	switch c {
	case '(':
		p.put(tLParen, 1)
	case ')':
		p.put(tRParen, 1)
	case '[':
		p.put(tLBrack, 1)
	case ']':
		p.put(tRBrack, 1)
	case '{':
		p.put(tLBrace, 1)
	case '}':
		p.put(tRBrace, 1)
	case ';':
		p.put(tSemi, 1)
	case ',':
		p.put(tComma, 1)
	case ':':
		p.put(tColon, 1)
	case '.':
		switch {
		case p.is(1, '.') && p.is(2, '.'):
			p.put(tEllipsis, 3)
		case p.start+1 < len(p.src) && class[p.src[p.start+1]]&digit != 0:
			p.number()
		default:
			p.put(tDot, 1)
		}
	case '"', '\'':
		p.quoted(c)
	case '`':
		p.end = p.start + 1
		p.templateText(tTemplateFull)
	case '=':
		switch {
		case p.is(1, '=') && p.is(2, '='):
			p.put(tSeq, 3)
		case p.is(1, '='):
			p.put(tEq, 2)
		case p.is(1, '>'):
			p.put(tArrow, 2)
		default:
			p.put(tAssign, 1)
		}
	case '!':
		switch {
		case p.is(1, '=') && p.is(2, '='):
			p.put(tSne, 3)
		case p.is(1, '='):
			p.put(tNe, 2)
		default:
			p.put(tBang, 1)
		}
	case '+':
		p.doubled('+', tAdd, tInc, tAddAssign)
	case '-':
		p.doubled('-', tSub, tDec, tSubAssign)
	case '&':
		p.tripled('&', tAnd, tAndAssign, tLand, tLandAssign)
	case '|':
		p.tripled('|', tOr, tOrAssign, tLor, tLorAssign)
	case '*':
		p.tripled('*', tMul, tMulAssign, tExp, tExpAssign)
	case '/':
		p.doubled(0, tDiv, tDiv, tDivAssign)
	case '%':
		p.doubled(0, tMod, tMod, tModAssign)
	case '^':
		p.doubled(0, tXor, tXor, tXorAssign)
	case '<':
		p.tripled('<', tLt, tLe, tShl, tShlAssign)
	case '>':
		if p.is(1, '>') && p.is(2, '>') {
			if p.is(3, '=') {
				p.put(tUshrAssign, 4)
			} else {
				p.put(tUshr, 3)
			}
			return
		}
		p.tripled('>', tGt, tGe, tShr, tShrAssign)
	case '~':
		p.put(tTilde, 1)
	case '@':
		p.put(tAt, 1)
	case '?':
		switch {
		case p.is(1, '.') && (p.start+2 >= len(p.src) || class[p.src[p.start+2]]&digit == 0):
			p.put(tQDot, 2)
		case p.is(1, '?') && p.is(2, '='):
			p.put(tNullishAssign, 3)
		case p.is(1, '?'):
			p.put(tNullish, 2)
		default:
			p.put(tQuestion, 1)
		}
	case '#':
		p.end = p.start + 1
		if r, size := p.runeAt(p.end); p.is(1, '\\') || nameStart(r, size) {
			p.wideName(tPrivate)
			return
		}
		p.tok = tIllegal
		p.fail(p.start, p.end, BadCharacter, "a hash without a name")
	case '\\':
		p.end = p.start
		p.wideName(tIdent)
	default:
		if class[c]&digit != 0 {
			p.number()
			return
		}
		p.put(tIllegal, 1)
		p.fail(p.start, p.end, BadCharacter, "a character that has no meaning here")
	}
}

// doubled reads c, cc or c=.
func (p *parser) doubled(c byte, one, two, assign token) {
	switch {
	case p.is(1, '='):
		p.put(assign, 2)
	case c != 0 && p.is(1, c):
		p.put(two, 2)
	default:
		p.put(one, 1)
	}
}

// tripled reads c, c=, cc or cc=.
func (p *parser) tripled(c byte, one, oneAssign, two, twoAssign token) {
	switch {
	case p.is(1, c) && p.is(2, '='):
		p.put(twoAssign, 3)
	case p.is(1, c):
		p.put(two, 2)
	case p.is(1, '='):
		p.put(oneAssign, 2)
	default:
		p.put(one, 1)
	}
}

func (p *parser) runeAt(i int) (rune, int) { return utf8.DecodeRuneInString(p.src[i:]) }

// nameStart takes a byte that is no UTF-8 for a letter: sources in other
// encodings exist, and their names are names.
func nameStart(r rune, size int) bool {
	if r < utf8.RuneSelf {
		return size > 0 && class[r]&idStart != 0
	}
	return r == utf8.RuneError && size == 1 || unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) ||
		unicode.Is(unicode.Other_ID_Start, r)
}

func namePart(r rune, size int) bool {
	if r < utf8.RuneSelf {
		return size > 0 && class[r]&idPart != 0
	}
	return nameStart(r, size) || unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) ||
		r == '\u200c' || r == '\u200d'
}

// wideName reads on at p.end a name with letters outside ASCII or with escapes
// (ECMA-262 12.7).
func (p *parser) wideName(t token) {
	p.tok = t
	for p.end < len(p.src) {
		if p.src[p.end] == '\\' {
			if _, size := unescape(p.src[p.end:]); size > 2 && p.src[p.end+1] == 'u' {
				p.escaped = true
				p.end += size
				continue
			}
			if p.end == p.start {
				p.put(tIllegal, 1)
				p.fail(p.start, p.end, BadCharacter, "a backslash that escapes nothing")
			}
			return
		}
		r, size := p.runeAt(p.end)
		if !namePart(r, size) {
			return
		}
		p.end += size
	}
}

// name is the current token as a name, escapes resolved.
func (p *parser) name() string {
	text := p.src[p.start:p.end]
	if p.escaped {
		return cook(text)
	}
	return text
}

func (p *parser) comment(start, textStart, textEnd, end int, block bool) {
	p.file.Comments = append(p.file.Comments, Comment{
		Range: Range{int32(start), int32(end)}, Text: p.src[textStart:textEnd], Block: block,
	})
}

// lineComment returns the offset of the end of the line.
func (p *parser) lineComment(i, mark int) int {
	j := i + mark
	for j < len(p.src) {
		c := p.src[j]
		if c == '\n' || c == '\r' || c == 0xe2 && lineSeparator(p.src[j:]) {
			break
		}
		j++
	}
	p.comment(i, i+mark, j, j, false)
	return j
}

func lineSeparator(s string) bool {
	return strings.HasPrefix(s, "\u2028") || strings.HasPrefix(s, "\u2029")
}

func (p *parser) blockComment(i int) int {
	n := strings.Index(p.src[i+2:], "*/")
	if n < 0 {
		p.fail(i, len(p.src), Unterminated, "a comment without */")
		p.comment(i, i+2, len(p.src), len(p.src), true)
		return len(p.src)
	}
	text := p.src[i+2 : i+2+n]
	p.comment(i, i+2, i+2+n, i+n+4, true)
	if strings.ContainsAny(text, "\n\r") || strings.Contains(text, "\u2028") || strings.Contains(text, "\u2029") {
		p.newline = true
	}
	return i + n + 4
}
