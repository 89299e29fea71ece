package js

// Types are read for their extent only. The grammar is that of the TypeScript
// handbook as far as it decides where a type ends; what stands in brackets is
// skipped by matching them.

// skipType takes one type.
func (p *parser) skipType() {
	p.typeAt(false)
}

// skipReturnType takes a return type, which may also be a predicate: x is T,
// asserts x, asserts x is T.
func (p *parser) skipReturnType() {
	if p.tok == tAsserts {
		if next, newline := p.peek(); !newline && (next.isIdent() && next != tIs && next != tExtends || next == tThis) {
			p.next()
		}
	}
	if p.tok.isIdent() || p.tok == tThis {
		if next, newline := p.peek(); next == tIs && !newline {
			p.next()
			p.next()
		}
	}
	p.skipType()
}

// typeAt takes a type; below extends of a conditional type another question mark
// belongs to that.
func (p *parser) typeAt(noConditional bool) {
	if p.depth++; p.depth > p.maxDepth {
		p.depth--
		p.tooDeep()
		return
	}
	defer func() { p.depth-- }()
	for {
		// Union and intersection, with a leading operator or none.
		for p.tok == tOr || p.tok == tAnd {
			p.next()
		}
		if !p.typeOperand(noConditional) {
			return
		}
		if p.tok == tOr || p.tok == tAnd {
			continue
		}
		if p.tok != tExtends || p.newline || noConditional {
			return
		}
		p.next()
		p.typeAt(true)
		if !p.expect(tQuestion) {
			return
		}
		p.typeAt(false)
		if !p.expect(tColon) {
			return
		}
	}
}

// typeOperand takes an operand of a union with its prefixes and suffixes. It says
// false where the type is over: behind a function type, or where there is none.
func (p *parser) typeOperand(noConditional bool) bool {
	for {
		switch p.tok {
		case tKeyof, tUnique, tReadonly:
			if next, newline := p.peek(); !newline && p.typeFollows(next) {
				p.next()
				continue
			}
		case tInfer:
			if next, newline := p.peek(); !newline && next.isIdent() {
				p.next()
				p.next()
				if p.tok == tExtends {
					p.inferConstraint(noConditional)
				}
				return p.typeSuffix()
			}
		case tAbstract:
			if next, _ := p.peek(); next == tNew {
				p.next()
				continue
			}
		case tAsserts:
			if next, newline := p.peek(); !newline && next.isIdent() && next != tIs {
				p.next()
				continue
			}
		case tNew:
			p.next()
			continue
		case tSub:
			p.next()
			continue
		}
		break
	}
	switch p.tok {
	case tLt:
		p.typeParameters()
		if p.tok == tLParen {
			p.bracketed()
		} else {
			p.unexpected("(")
		}
		if p.expect(tArrow) {
			p.functionResult()
		}
		return p.tok == tExtends
	case tLParen:
		p.bracketed()
		if p.tok == tArrow && !p.newline {
			p.next()
			p.functionResult()
			return p.tok == tExtends
		}
	case tLBrace, tLBrack, tTemplateHead:
		p.bracketed()
	case tString, tNumber, tBigInt, tTemplateFull, tTrue, tFalse, tNull, tVoid:
		p.next()
	case tThis:
		p.next()
		if p.tok == tIs && !p.newline {
			p.next()
			p.skipType()
			return false
		}
	case tTypeof:
		p.next()
		if p.tok == tImport {
			p.importType()
		} else {
			p.typeName()
		}
	case tImport:
		p.importType()
	case tQuestion, tMul:
		// Types of documentation comments and of Flow; not TypeScript, but no
		// reason to lose the statement.
		p.unexpected("a type")
		p.next()
	default:
		if !p.tok.isIdent() && p.tok != tConst {
			p.unexpected("a type")
			return false
		}
		p.typeName()
		if p.tok == tIs && !p.newline {
			p.next()
			p.skipType()
			return false
		}
	}
	return p.typeSuffix()
}

// functionResult is the type behind =>. It may be conditional even below extends.
func (p *parser) functionResult() {
	if p.tok == tAsserts || p.tok == tThis || p.tok.isIdent() {
		next, newline := p.peek()
		if !newline && (next == tIs || p.tok == tAsserts && (next.isIdent() || next == tThis)) {
			p.skipReturnType()
			return
		}
	}
	p.skipType()
}

func (p *parser) typeFollows(t token) bool {
	switch t {
	case tLParen, tLBrack, tLBrace, tString, tNumber, tTemplateFull, tTemplateHead, tTypeof, tThis, tVoid, tNull,
		tImport, tNew, tLt:
		return true
	}
	return t.isIdent()
}

// typeName is a.b.c<T>, also behind typeof.
func (p *parser) typeName() {
	for {
		if !p.tok.isName() && p.tok != tPrivate {
			p.unexpected("a name")
			return
		}
		p.next()
		if p.tok != tDot {
			break
		}
		p.next()
	}
	if (p.tok == tLt || p.tok == tShl) && !p.newline {
		p.typeArguments()
	}
}

// importType is import("x").a.b<T>.
func (p *parser) importType() {
	p.next()
	if p.tok != tLParen {
		p.unexpected("(")
		return
	}
	p.bracketed()
	if p.take(tDot) {
		p.typeName()
	} else if p.tok == tLt && !p.newline {
		p.typeArguments()
	}
}

// typeSuffix takes [] and [K].
func (p *parser) typeSuffix() bool {
	for p.tok == tLBrack && !p.newline {
		p.bracketed()
	}
	return true
}

// inferConstraint takes extends C behind infer U, unless a question mark follows
// where a conditional type may stand: then extends belongs to that.
func (p *parser) inferConstraint(noConditional bool) {
	if !p.mayGuess() {
		return
	}
	m := p.mark()
	p.next()
	p.typeAt(true)
	if p.tok == tQuestion && !noConditional || p.failures != m.failures {
		p.undo(&m)
	}
}

// splitLess and splitGreater cut one bracket off a longer operator.
func (p *parser) splitLess() {
	if p.tok == tShl {
		p.tok, p.end = tLt, p.start+1
	}
}

func (p *parser) splitGreater() {
	switch p.tok {
	case tShr, tUshr, tGe, tShrAssign, tUshrAssign:
		p.tok, p.end = tGt, p.start+1
	}
}

// typeArguments takes <T, U> and says whether it was well formed.
func (p *parser) typeArguments() bool {
	failures := p.failures
	p.splitLess()
	p.next()
	p.typeList()
	p.splitGreater()
	p.expect(tGt)
	return failures == p.failures
}

// typeList takes types with commas between.
func (p *parser) typeList() {
	for {
		p.skipType()
		if p.tok != tComma {
			return
		}
		p.next()
	}
}

// guessTypeArguments takes <T> behind an expression if it can be nothing else, by
// the rule of TypeScript: what follows must not begin an operand.
func (p *parser) guessTypeArguments(level uint8) bool {
	if !p.mayGuess() {
		return false
	}
	switch next, _ := p.peek(); {
	case p.tok == tShl || p.typeFollows(next):
	case next == tKeyof || next == tTrue || next == tFalse || next == tSub || next == tOr || next == tAnd:
	default:
		return false
	}
	m := p.mark()
	p.splitLess()
	p.next()
	p.typeList()
	// The last bracket must stand alone: a<b>>c shifts, a<b>=c compares.
	if p.failures == m.failures && p.tok == tGt {
		p.next()
		if p.canFollowTypeArguments() {
			return true
		}
	}
	p.undo(&m)
	return false
}

func (p *parser) canFollowTypeArguments() bool {
	switch p.tok {
	case tLParen, tTemplateFull, tTemplateHead:
		return true
	case tLt, tGt, tAdd, tSub:
		return false
	}
	if p.newline || binding[p.tok] != 0 || p.tok >= tAssign && p.tok <= tNullishAssign || p.tok == tAs || p.tok == tSatisfies {
		return true
	}
	switch p.tok {
	case tString, tNumber, tBigInt, tLBrack, tLBrace, tBang, tTilde, tInc, tDec, tAt, tPrivate, tThis, tSuper, tNull,
		tTrue, tFalse, tFunction, tClass, tNew, tTypeof, tVoid, tDelete, tImport:
		return false
	}
	return !p.tok.isIdent()
}

// typeParameters takes <T extends U = V, const W, in out X>.
func (p *parser) typeParameters() {
	p.splitLess()
	p.next()
	for p.tok != tGt && p.tok != tEOF {
		for p.tok == tConst || p.tok == tIn || p.tok.isIdent() {
			p.next()
		}
		if p.take(tExtends) {
			p.skipType()
		}
		if p.take(tAssign) {
			p.skipType()
		}
		p.splitGreater()
		if p.tok != tComma {
			break
		}
		p.next()
	}
	if p.tok == tGe {
		p.splitGreater()
	}
	p.expect(tGt)
}

// optionalMark says that the question mark behind left is that of an optional
// parameter in parentheses: a conditional expression goes on differently.
func (p *parser) optionalMark(left Node) bool {
	switch left.(type) {
	case *Identifier, *Object, *Array:
	default:
		return false
	}
	switch next, _ := p.peek(); next {
	case tColon, tComma, tRParen, tAssign:
		return true
	}
	return false
}

// angle is what begins with < in the place of an expression: JSX, a type
// assertion, or the type parameters of an arrow function.
func (p *parser) angle(start int, level uint8) Node {
	if p.jsx {
		if p.ts && level <= lComma && p.genericInTSX() {
			m := p.mark()
			if fn := p.genericArrow(start, false); fn != nil {
				return fn
			}
			p.undo(&m)
		}
		return p.element()
	}
	if level <= lComma && p.mayGuess() {
		m := p.mark()
		if fn := p.genericArrow(start, false); fn != nil {
			return fn
		}
		p.undo(&m)
	}
	p.next()
	from := p.start
	p.typeList()
	typ := p.from(from)
	p.splitGreater()
	p.expect(tGt)
	operand := p.expr(lPrefix - 1)
	return &TypeCast{p.from(start), operand, typ}
}

// genericInTSX decides as TypeScript does: <T, and <T extends begin an arrow
// function, <T> an element.
func (p *parser) genericInTSX() bool {
	if !p.mayGuess() {
		return false
	}
	m := p.mark()
	defer p.undo(&m)
	p.next()
	if p.tok == tConst {
		p.next()
	}
	if !p.tok.isIdent() {
		return false
	}
	p.next()
	if p.tok == tComma || p.tok == tAssign {
		return true
	}
	if p.tok != tExtends {
		return false
	}
	next, _ := p.peek()
	return next != tAssign && next != tGt && next != tDiv
}
