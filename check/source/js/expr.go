package js

// expression parses with commas, assign without (ECMA-262 clause 13).
func (p *parser) expression() Node {
	start := p.start
	first := p.assign()
	if p.tok != tComma {
		return first
	}
	base := len(p.nodes)
	p.nodes = append(p.nodes, first)
	for p.take(tComma) {
		next := p.assign()
		p.nodes = append(p.nodes, next)
	}
	return p.sequence(start, base)
}

func (p *parser) sequence(start, base int) Node {
	n := makeNode(p, &p.tree.sequences)
	n.Range, n.Exprs = p.from(start), p.list(base)
	within(n.Exprs[0], n.Range)
	return n
}

func (p *parser) assign() Node { return p.expr(lComma) }

// expr parses an expression whose operators bind more strongly than level.
func (p *parser) expr(level uint8) Node {
	if p.depth++; p.depth > p.maxDepth {
		p.depth--
		return p.tooDeep()
	}
	start := p.start
	left := p.prefix(level)
	switch n := left.(type) {
	case *Function:
		if !n.Arrow || int(n.From) != start {
			left = p.suffix(left, start, level)
		}
	case *Yield:
		if int(n.From) != start {
			left = p.suffix(left, start, level)
		}
	default:
		left = p.suffix(left, start, level)
	}
	if bad, ok := left.(*Bad); ok && bad.From == bad.To {
		// Nothing stands here: keep inside what the parent has taken.
		bad.Range = Range{int32(p.prevEnd), int32(p.prevEnd)}
	}
	p.depth--
	return left
}

// missing says that an expression should stand here.
func (p *parser) missing() Node {
	p.unexpected("an expression")
	if p.tok == tIllegal {
		start := p.start
		p.next()
		return &Bad{p.from(start)}
	}
	return &Bad{Range{int32(p.start), int32(p.start)}}
}

func (p *parser) prefix(level uint8) Node {
	start := p.start
	switch p.tok {
	case tIdent:
		id := p.identifier()
		if p.tok == tArrow && level <= lComma && !p.newline {
			return p.arrowOf(start, id, false)
		}
		return id
	case tString:
		n := makeNode(p, &p.tree.literals)
		n.Kind, n.Value = String, p.stringValue()
		p.next()
		n.Range = p.from(start)
		return n
	case tNumber:
		return p.numeric()
	case tBigInt:
		return p.numeric()
	case tTrue, tFalse, tNull:
		n := makeNode(p, &p.tree.literals)
		n.Kind, n.Value = Bool, spelling[p.tok]
		if p.tok == tNull {
			n.Kind, n.Value = Null, ""
		}
		p.next()
		n.Range = p.from(start)
		return n
	case tThis:
		n := makeNode(p, &p.tree.thises)
		p.next()
		n.Range = p.from(start)
		return n
	case tSuper:
		p.next()
		return &Super{p.from(start)}
	case tLParen:
		return p.paren(start, false, level)
	case tLBrack:
		return p.array()
	case tLBrace:
		return p.object()
	case tFunction:
		return p.functionFrom(start, false)
	case tClass, tAt:
		return p.class(start, p.decorators(), false)
	case tTemplateFull, tTemplateHead:
		return p.template()
	case tDiv, tDivAssign:
		p.regex()
		text := p.src[start:p.end]
		n := makeNode(p, &p.tree.literals)
		n.Kind = Regex
		n.Value, n.Flags = regexParts(text)
		p.next()
		n.Range = p.from(start)
		return n
	case tBang, tTilde, tAdd, tSub, tTypeof, tVoid, tDelete:
		op := Op(p.tok)
		p.next()
		operand := p.expr(lPrefix - 1)
		n := makeNode(p, &p.tree.unaries)
		n.Range, n.Op, n.Operand = p.from(start), op, operand
		return n
	case tInc, tDec:
		op := Op(p.tok)
		p.next()
		operand := p.expr(lPrefix - 1)
		return &Update{p.from(start), op, operand, true}
	case tNew:
		return p.newExpr()
	case tImport:
		return p.importExpr()
	case tPrivate:
		return p.privateName()
	case tLt:
		return p.angle(start, level)
	case tAsync:
		return p.asyncExpr(level)
	case tAwait:
		if n := p.await(); n != nil {
			return n
		}
	case tYield:
		if n := p.yield(level); n != nil {
			return n
		}
	}
	if p.tok.isIdent() {
		id := p.identifier()
		if p.tok == tArrow && level <= lComma && !p.newline {
			return p.arrowOf(start, id, false)
		}
		return id
	}
	return p.missing()
}

func (p *parser) numeric() Node {
	n := makeNode(p, &p.tree.literals)
	n.Kind, n.Value = Number, p.src[p.start:p.end]
	if p.tok == tBigInt {
		n.Kind, n.Value = BigInt, n.Value[:len(n.Value)-1]
	}
	n.Number = numberValue(n.Value)
	n.Range = Range{int32(p.start), int32(p.end)}
	p.next()
	return n
}

// regexParts splits a regular expression into pattern and flags.
func regexParts(text string) (pattern, flags string) {
	end := len(text)
	for end > 1 && class[text[end-1]]&idPart != 0 {
		end--
	}
	if end < 2 || text[end-1] != '/' {
		return text[1:], "" // unterminated
	}
	return text[1 : end-1], text[end:]
}

func (p *parser) privateName() Node {
	n := &PrivateName{Range{int32(p.start), int32(p.end)}, p.name()[1:]}
	p.next()
	return n
}

// suffix takes the operators after left, an expression that began at start.
func (p *parser) suffix(left Node, start int, level uint8) Node {
	for links := 0; ; links++ {
		if links >= 100 && !p.chain(links) {
			return left
		}
		switch p.tok {
		case tDot, tQDot:
			optional := p.tok == tQDot
			if optional && level >= lCall {
				return left // new a?.b
			}
			p.next()
			switch {
			case optional && p.tok == tLBrack:
				left = p.index(left, start, true)
			case optional && p.tok == tLParen:
				left = p.call(left, start, true)
			case optional && p.ts && (p.tok == tLt || p.tok == tShl) && p.typeArguments():
				if p.tok == tLParen {
					left = p.call(left, start, true)
				} else {
					p.unexpected("(")
				}
			case optional && (p.tok == tTemplateFull || p.tok == tTemplateHead):
				left = p.tagged(left, start)
			default:
				property := p.property()
				n := makeNode(p, &p.tree.members)
				n.Range, n.Object, n.Property, n.Optional = p.from(start), left, property, optional
				left = n
			}
		case tLBrack:
			left = p.index(left, start, false)
		case tLParen:
			if level >= lCall {
				return left
			}
			left = p.call(left, start, false)
		case tTemplateFull, tTemplateHead:
			left = p.tagged(left, start)
		case tLt, tShl:
			if p.ts && p.guessTypeArguments(level) {
				if p.tok != tLParen && p.tok != tTemplateFull && p.tok != tTemplateHead {
					left = &TypeCast{Range: p.from(start), Expr: left}
				}
				continue
			}
			if level >= binding[p.tok] {
				return left
			}
			left = p.binary(left, start)
		case tBang:
			if !p.ts || p.newline {
				return left
			}
			p.next()
			left = &TypeCast{Range: p.from(start), Expr: left}
		case tInc, tDec:
			if p.newline || level >= lPostfix {
				return left
			}
			op := Op(p.tok)
			p.next()
			left = &Update{p.from(start), op, left, false}
		case tQuestion:
			if level >= lConditional || p.ts && p.optionalMark(left) {
				return left
			}
			return p.conditional(left, start)
		case tIn:
			if p.noIn || level >= lCompare {
				return left
			}
			left = p.binary(left, start)
		case tAs, tSatisfies:
			if !p.ts || p.newline || level >= lCompare {
				return left
			}
			p.next()
			from := p.start
			p.skipType()
			left = &TypeCast{p.from(start), left, p.from(from)}
		default:
			if b := binding[p.tok]; b != 0 {
				if level >= b {
					return left
				}
				left = p.binary(left, start)
				continue
			}
			if p.tok < tAssign || p.tok > tNullishAssign || level >= lAssign {
				return left
			}
			op := Op(p.tok)
			p.next()
			value := p.expr(lComma)
			n := makeNode(p, &p.tree.assigns)
			n.Range, n.Op, n.Target, n.Value = p.from(start), op, left, value
			return n
		}
	}
}

// binary takes the operator that is the current token, and its right side.
func (p *parser) binary(left Node, start int) Node {
	op := p.tok
	level := binding[op]
	p.next()
	if op == tExp {
		level-- // from the right
	}
	right := p.expr(level)
	if op == tLand || op == tLor || op == tNullish {
		n := makeNode(p, &p.tree.logicals)
		n.Range, n.Op, n.Left, n.Right = p.from(start), Op(op), left, right
		return n
	}
	n := makeNode(p, &p.tree.binaries)
	n.Range, n.Op, n.Left, n.Right = p.from(start), Op(op), left, right
	return n
}

func (p *parser) conditional(test Node, start int) Node {
	p.next()
	old := p.context
	p.noIn, p.thenBranch = false, true
	then := p.expr(lComma)
	p.context = old
	var other Node
	if p.expect(tColon) {
		other = p.expr(lComma)
	} else {
		other = p.nothing()
	}
	n := makeNode(p, &p.tree.conditions)
	n.Range, n.Test, n.Then, n.Else = p.from(start), test, then, other
	return n
}

// property is the name after a dot.
func (p *parser) property() Node {
	switch {
	case p.tok.isName():
		return p.identifier()
	case p.tok == tPrivate:
		return p.privateName()
	}
	p.unexpected("a property name")
	return p.nothing()
}

func (p *parser) index(object Node, start int, optional bool) Node {
	old := p.inner()
	p.next()
	key := p.expression()
	p.context = old
	p.expect(tRBrack)
	n := makeNode(p, &p.tree.members)
	n.Range, n.Object, n.Property, n.Computed, n.Optional = p.from(start), object, key, true, optional
	return n
}

func (p *parser) call(callee Node, start int, optional bool) Node {
	args := p.arguments()
	n := makeNode(p, &p.tree.calls)
	n.Range, n.Callee, n.Args, n.Optional = p.from(start), callee, args, optional
	return n
}

func (p *parser) arguments() []Node {
	old := p.inner()
	p.next()
	base := len(p.nodes)
	for p.tok != tRParen && p.tok != tEOF {
		var last *Object
		if len(p.nodes) > base {
			last, _ = p.nodes[len(p.nodes)-1].(*Object)
		}
		var m mark
		if last != nil {
			m = p.mark()
		}
		item := p.spreadOrAssign()
		if last != nil && (p.tok == tColon || p.tok == tLBrace) && p.mayGuess() {
			if item = p.strayMembers(last, &m); item == nil {
				p.take(tComma)
				continue
			}
		}
		p.nodes = append(p.nodes, item)
		if p.tok == tComma {
			p.next()
			continue
		}
		if p.tok == tRParen {
			break
		}
		if !p.nextArgument(tRParen) {
			break
		}
	}
	args := p.list(base)
	p.context = old
	p.expect(tRParen)
	return args
}

// strayMembers gives the object literal before m the members after it: one
// closing brace too many ended it early. If these are none, it returns the
// argument that stands there.
func (p *parser) strayMembers(object *Object, m *mark) Node {
	p.undo(m)
	if !p.memberFollows() {
		return p.spreadOrAssign()
	}
	p.budget -= len(object.Props) // they are copied
	p.fail(int(object.To)-1, int(object.To), Unexpected, "a closing brace too many: members follow")
	base := len(p.nodes)
	p.nodes = append(p.nodes, object.Props...)
	p.members()
	object.Props = p.list(base)
	p.take(tRBrace)
	object.To = int32(p.prevEnd)
	return nil
}

func (p *parser) spreadOrAssign() Node {
	if p.tok != tEllipsis {
		return p.assign()
	}
	start := p.start
	p.next()
	value := p.assign()
	return &Spread{p.from(start), value}
}

func (p *parser) array() Node {
	start, old := p.start, p.inner()
	p.next()
	base := len(p.nodes)
	for p.tok != tRBrack && p.tok != tEOF {
		if p.tok == tComma {
			p.nodes = append(p.nodes, nil)
			p.next()
			continue
		}
		item := p.spreadOrAssign()
		p.nodes = append(p.nodes, item)
		if p.tok == tComma {
			p.next()
			continue
		}
		if p.tok == tRBrack || !p.nextArgument(tRBrack) {
			break
		}
	}
	items := p.list(base)
	p.context = old
	p.expect(tRBrack)
	n := makeNode(p, &p.tree.arrays)
	n.Range, n.Elements = p.from(start), items
	return n
}

func (p *parser) newExpr() Node {
	start := p.start
	p.next()
	if p.take(tDot) {
		if p.tok != tIdent || p.name() != "target" {
			p.unexpected("target")
		}
		if p.tok.isName() {
			p.next()
		}
		return &MetaProperty{p.from(start), "new.target"}
	}
	callee := p.expr(lCall)
	if p.ts && (p.tok == tLt || p.tok == tShl) {
		p.guessTypeArguments(lCall)
	}
	var args []Node
	if p.tok == tLParen {
		args = p.arguments()
	}
	return &New{p.from(start), callee, args}
}

// importExpr is import(x), import.meta, import.defer(x) or import.source(x).
func (p *parser) importExpr() Node {
	start := p.start
	p.next()
	phase := ""
	if p.take(tDot) {
		if !p.tok.isName() {
			p.unexpected("meta")
			return &Bad{p.from(start)}
		}
		phase = p.name()
		p.next()
		if phase == "meta" || p.tok != tLParen {
			return &MetaProperty{p.from(start), "import." + phase}
		}
	}
	if p.tok != tLParen {
		p.unexpected("(")
		return &Bad{p.from(start)}
	}
	args := p.arguments()
	return &ImportCall{p.from(start), args, phase}
}

// operandFollows says that the token after a word begins an operand and cannot be
// an operator, so that the word (await or yield outside their functions) is one.
func (p *parser) operandFollows() bool {
	next, newline := p.peek()
	if newline {
		return false
	}
	switch next {
	case tString, tNumber, tBigInt, tNew, tThis, tFunction, tClass, tImport, tNull, tTrue, tFalse, tSuper, tTypeof,
		tVoid, tDelete, tLBrace:
		return next != tLBrace
	case tAs, tSatisfies, tOf:
		return false
	}
	return next.isIdent()
}

func (p *parser) await() Node {
	start := p.start
	if !p.async && !p.operandFollows() {
		if p.function {
			return nil
		}
		if next, newline := p.peek(); newline || next != tLParen && next != tLBrack && next != tTemplateFull {
			return nil
		}
	}
	p.next()
	value := p.expr(lPrefix - 1)
	return &Await{p.from(start), value}
}

func (p *parser) yield(level uint8) Node {
	if level > lComma || !p.generator && !p.operandFollows() {
		return nil
	}
	start := p.start
	p.next()
	delegate := !p.newline && p.take(tMul)
	switch p.tok {
	case tRParen, tRBrack, tRBrace, tComma, tSemi, tColon, tEOF, tIn:
		if !delegate {
			return &Yield{p.from(start), nil, false}
		}
	default:
		if p.newline && !delegate {
			return &Yield{p.from(start), nil, false}
		}
	}
	value := p.assign()
	return &Yield{p.from(start), value, delegate}
}
