package js

// statements parses up to the token end, which it leaves. It pushes to p.nodes
// and returns where it began.
func (p *parser) statements(end token) int {
	base := len(p.nodes)
	for p.tok != end && p.tok != tEOF {
		if p.depth == 0 {
			p.links = 0
		}
		if end == tRBrace && (p.tok == tExport || p.tok == tImport || p.tok == tComma) && p.leavesBody() {
			break
		}
		at := p.start
		n := p.statement()
		p.nodes = append(p.nodes, n)
		p.settle(at)
	}
	return base
}

// settle puts the parser on firm ground behind a statement that began at the
// offset at: whatever happened, at least one token is gone.
func (p *parser) settle(at int) {
	if p.lost {
		p.lost = false
		p.resume()
	}
	if p.start == at && p.tok != tEOF {
		// A token that begins no statement, such as a stray bracket.
		p.unexpected("a statement")
		p.next()
		p.nodes[len(p.nodes)-1] = &Bad{p.from(at)}
	}
}

func (p *parser) statement() Node {
	if p.depth++; p.depth > p.maxDepth {
		p.depth--
		return p.tooDeep()
	}
	n := p.statementInner()
	p.depth--
	return n
}

func (p *parser) statementInner() Node {
	start := p.start
	switch p.tok {
	case tLBrace:
		return p.block()
	case tVar:
		return p.variables(start, "var")
	case tConst:
		if p.ts {
			if next, _ := p.peek(); next == tEnum {
				p.next()
				return p.enum(start)
			}
		}
		return p.variables(start, "const")
	case tFunction:
		return p.functionDeclaration(start, false)
	case tIf:
		return p.ifStatement()
	case tReturn:
		p.next()
		var value Node
		if p.tok != tSemi && p.tok != tRBrace && p.tok != tEOF && !p.newline {
			value = p.expression()
		}
		p.semicolon()
		n := makeNode(p, &p.tree.returns)
		n.Range, n.Value = p.from(start), value
		return n
	case tFor:
		return p.forStatement()
	case tWhile:
		p.next()
		test := p.parenthesised()
		body := p.statement()
		return &While{p.from(start), test, body}
	case tDo:
		p.next()
		body := p.statement()
		var test Node
		if p.expect(tWhile) {
			test = p.parenthesised()
		} else {
			test = p.nothing()
		}
		p.take(tSemi) // may be left out even on one line: ECMA-262 12.10.1
		return &DoWhile{p.from(start), body, test}
	case tSwitch:
		return p.switchStatement()
	case tTry:
		return p.tryStatement()
	case tThrow:
		p.next()
		value := p.expression()
		p.semicolon()
		return &Throw{p.from(start), value}
	case tBreak, tContinue:
		n := &Branch{Continue: p.tok == tContinue}
		p.next()
		if p.tok.isIdent() && !p.newline {
			n.Label = p.identifier()
		}
		p.semicolon()
		n.Range = p.from(start)
		return n
	case tClass:
		return p.class(start, nil, true)
	case tAt:
		decorators := p.decorators()
		if p.tok == tExport {
			return p.export(start, decorators)
		}
		return p.class(start, decorators, true)
	case tSemi:
		p.next()
		return &Empty{p.from(start)}
	case tDebugger:
		p.next()
		p.semicolon()
		return &Empty{p.from(start)}
	case tWith:
		p.next()
		object := p.parenthesised()
		body := p.statement()
		return &With{p.from(start), object, body}
	case tImport:
		if next, _ := p.peek(); next != tLParen && next != tDot {
			return p.importDeclaration()
		}
	case tExport:
		return p.export(start, nil)
	case tEnum:
		if p.ts {
			return p.enum(start)
		}
	case tAsync:
		if next, newline := p.peek(); next == tFunction && !newline {
			p.next()
			return p.functionDeclaration(start, true)
		}
	case tLet:
		if next, _ := p.peek(); next.isIdent() || next == tLBrace || next == tLBrack {
			return p.variables(start, "let")
		}
	case tUsing:
		if next, newline := p.peek(); !newline && next.isIdent() {
			return p.variables(start, "using")
		}
	case tAwait:
		if next, newline := p.peek(); !newline && next == tUsing {
			m := p.mark()
			p.next()
			if next, newline = p.peek(); !newline && next.isIdent() && next != tOf {
				return p.variables(start, "await using")
			}
			p.undo(&m)
		}
	case tType, tInterface, tNamespace, tModule, tGlobal, tDeclare, tAbstract:
		if p.ts {
			if n := p.typeScript(start); n != nil {
				return n
			}
		}
	}
	return p.expressionStatement()
}

func (p *parser) expressionStatement() Node {
	start, word := p.start, p.tok.isIdent()
	expr := p.expression()
	if word && p.tok == tColon {
		if label, ok := expr.(*Identifier); ok {
			p.next()
			body := p.statement()
			return &Labeled{p.from(start), label, body}
		}
	}
	if bad, ok := expr.(*Bad); ok && p.start == start {
		return bad
	}
	p.semicolon()
	n := makeNode(p, &p.tree.exprs)
	n.Range, n.Expr = p.from(start), expr
	return n
}

// semicolon ends a statement (ECMA-262 12.10).
func (p *parser) semicolon() {
	if p.tok == tSemi {
		p.next()
		return
	}
	if p.newline || p.tok == tRBrace || p.tok == tEOF {
		return
	}
	p.unexpected(";")
	p.lost = true
}
