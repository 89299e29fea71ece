package js

// Recovery: what happens where the source is broken. Each list (statements,
// members, arguments) finds its own next beginning, so that one broken item does
// not take its neighbours with it.

// tooDeep stands for a construct below the depth limit.
func (p *parser) tooDeep() Node {
	start := p.start
	if p.tok != tEOF {
		p.fail(p.start, p.end, TooDeep, "nested more deeply than the limit; the inner part was not read")
		p.skip()
	}
	return &Bad{p.from(start)}
}

// chain counts one more operator in a row that began links ago. Such a row makes
// a tree as deep as it is long; all rows together stay within maxLinks for one
// top-level statement, so that walking a tree never exhausts the stack.
func (p *parser) chain(links int) bool {
	if links < 100 {
		return true
	}
	if p.links++; p.links < maxLinks {
		return true
	}
	p.fail(p.start, p.end, TooDeep, "more operators in a row than the limit")
	return false
}

const maxLinks = 1 << 16

// skip takes one token, or if it opens a bracket everything to its partner. It
// says false where the brackets inside do not match.
func (p *parser) skip() bool {
	base, matched := len(p.openers), true
	before := tEOF
	for p.tok != tEOF {
		switch p.tok {
		case tLParen:
			p.openers = append(p.openers, ')')
		case tLBrack:
			p.openers = append(p.openers, ']')
		case tLBrace:
			p.openers = append(p.openers, '}')
		case tTemplateHead:
			p.openers = append(p.openers, '`')
		case tRParen, tRBrack, tRBrace:
			if len(p.openers) == base {
				break
			}
			top := p.openers[len(p.openers)-1]
			if p.tok == tRBrace && top == '`' {
				p.templateRest()
				if p.tok == tTemplateFull {
					p.openers = p.openers[:len(p.openers)-1]
				}
				break
			}
			// A bracket of the wrong kind closes all inside the one it fits.
			matched = matched && top == p.src[p.start]
			for i := len(p.openers) - 1; i >= base && i >= len(p.openers)-64; i-- {
				if p.openers[i] == p.src[p.start] {
					p.openers = p.openers[:i]
					break
				}
			}
		case tDiv, tDivAssign:
			if !endsValue(before) {
				p.regex()
			}
		}
		before = p.tok
		p.next()
		if len(p.openers) == base {
			return matched
		}
	}
	p.openers = p.openers[:base]
	return false
}

// bracketed takes a bracket of a type with what is in it. One that does not match
// is left at the end of its line, so as not to swallow the rest of the file.
func (p *parser) bracketed() {
	m := p.mark()
	if p.skip() {
		return
	}
	if p.mayGuess() {
		p.undo(&m)
	}
	p.fail(m.start, m.end, Unclosed, "a bracket of a type that is not closed")
	for first := true; p.tok != tEOF && (first || !p.newline); first = false {
		p.next()
	}
}

// endsValue says that a slash after t divides.
func endsValue(t token) bool {
	switch t {
	case tNumber, tBigInt, tString, tTemplateFull, tRegex, tRParen, tRBrack, tRBrace, tThis, tSuper, tNull, tTrue, tFalse:
		return true
	}
	return t.isIdent()
}

// beginsStatement says that t is a keyword that no expression begins with.
func beginsStatement(t token) bool {
	switch t {
	case tVar, tConst, tIf, tFor, tWhile, tDo, tReturn, tSwitch, tTry, tThrow, tBreak, tContinue, tExport,
		tDebugger, tCase, tDefault, tWith, tEnum:
		return true
	}
	return false
}

// resume skips to where a statement may begin: after a semicolon, before a brace
// or a word, or on the next line. What it skips becomes a Bad node.
func (p *parser) resume() {
	start := p.start
	for p.tok != tEOF && p.tok != tRBrace && p.tok != tLBrace && !p.tok.isName() && (!p.newline || p.start == start) {
		if p.tok == tSemi {
			p.next()
			break
		}
		if p.tok == tTemplateHead {
			p.skip()
		} else {
			p.next()
		}
	}
	if p.prevEnd > start {
		p.nodes = append(p.nodes, &Bad{p.from(start)})
	}
}

// memberFollows says that the current token looks like the beginning of a member
// of an object literal.
func (p *parser) memberFollows() bool {
	switch {
	case p.tok == tEllipsis:
		return true
	case p.tok.isName() || p.tok == tString || p.tok == tNumber:
		word := p.tok
		next, _ := p.peek()
		switch next {
		case tColon, tLParen, tComma, tRBrace:
			return next == tColon || next == tLParen && word.isName() && !beginsStatement(word)
		}
		return (word == tAsync || word == tGet || word == tSet) && next.isName()
	}
	return false
}

// nextMember is called behind a member that neither a comma nor the closing brace
// follows. It says whether the list goes on.
func (p *parser) nextMember() bool {
	if p.tok == tEOF {
		return false
	}
	if p.tok == tSemi {
		p.unexpected("a comma")
		p.next()
		return !p.leavesObject()
	}
	if p.leavesObject() {
		return false
	}
	p.unexpected("a comma or }")
	if (p.newline || p.prevEnd > 0 && p.src[p.prevEnd-1] == '}') && (p.memberFollows() || p.tok.isName()) {
		return true
	}
	start := p.start
	for p.tok != tEOF && p.tok != tComma && p.tok != tRBrace && p.tok != tSemi {
		if p.newline && p.start > start && (p.memberFollows() || p.leavesObject()) {
			break
		}
		if p.tok == tRParen || p.tok == tRBrack {
			// Either a stray one, or the brace was forgotten.
			if next, newline := p.peek(); next == tSemi || next == tEOF || newline {
				break
			}
		}
		p.skip()
	}
	if p.prevEnd > start {
		p.nodes = append(p.nodes, &Bad{p.from(start)})
	}
	if p.tok == tComma || p.tok == tSemi {
		p.next()
		return true
	}
	return p.tok != tRBrace && p.tok != tRParen && p.tok != tRBrack && !p.leavesObject()
}

// leavesObject says that a statement begins where a member should: the closing
// brace was forgotten.
func (p *parser) leavesObject() bool {
	if !beginsStatement(p.tok) && p.tok != tFunction && p.tok != tClass && p.tok != tImport && p.tok != tLet {
		return false
	}
	next, _ := p.peek()
	if next == tLParen {
		// A method may have that name too.
		return p.failures > 0 && (p.tok == tFor || p.tok == tIf || p.tok == tWhile || p.tok == tSwitch)
	}
	return next.isName() || next == tLBrace || next == tMul
}

// leavesBody says that the body of a function must have ended without its brace:
// an import or export declaration follows, or the next member of the object
// literal that the function is a value in.
func (p *parser) leavesBody() bool {
	switch p.tok {
	case tExport:
		return p.function && p.newline
	case tImport:
		if !p.function || !p.newline {
			return false
		}
		next, _ := p.peek()
		return next != tLParen && next != tDot
	case tComma:
		if !p.member {
			return false
		}
		m := p.mark()
		p.next()
		follows := p.memberFollows()
		p.undo(&m)
		return follows
	}
	return false
}

// atMargin says that the current token is the first of its line and not indented.
func (p *parser) atMargin() bool {
	return p.start == 0 || p.src[p.start-1] == '\n' || p.src[p.start-1] == '\r'
}

// nextArgument is called behind an argument or element that neither a comma nor
// the closing bracket follows. It says whether the list goes on.
func (p *parser) nextArgument(closing token) bool {
	p.unexpected("a comma or " + spelling[closing])
	start := p.start
	for p.tok != tEOF && p.tok != tComma && p.tok != closing && p.tok != tSemi && p.tok != tRBrace {
		if p.newline && (beginsStatement(p.tok) || p.tok.isIdent() && (p.start > start || p.atMargin())) {
			break
		}
		p.skip()
	}
	if p.prevEnd > start {
		p.nodes = append(p.nodes, &Bad{p.from(start)})
	}
	return p.take(tComma)
}
