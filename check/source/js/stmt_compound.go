package js

// block parses { } with statements.
func (p *parser) block() *Block {
	start := p.start
	p.next()
	body := p.list(p.statements(tRBrace))
	if p.tok == tRBrace {
		p.next()
	} else {
		p.unexpected("}")
	}
	n := makeNode(p, &p.tree.blocks)
	n.Range, n.Body = p.from(start), body
	return n
}

// variables parses a declaration from its keyword on, or from the second one of
// await using.
func (p *parser) variables(start int, kind string) Node {
	n := p.variableList(start, kind)
	p.semicolon()
	n.Range = p.from(start)
	return n
}

// variableList stops before the semicolon, or before the in or of of a for.
func (p *parser) variableList(start int, kind string) *Var {
	p.next()
	base := len(p.decls)
	for {
		from := p.start
		d := Declarator{Target: p.bindingTarget()}
		if p.ts {
			if p.tok == tBang && !p.newline {
				p.next()
			}
			d.Type = p.annotation()
		}
		if p.take(tAssign) {
			d.Init = p.assign()
		}
		d.Range = p.from(from)
		within(d.Target, d.Range)
		p.decls = append(p.decls, d)
		if p.tok != tComma {
			break
		}
		p.next()
	}
	n := makeNode(p, &p.tree.vars)
	n.Range, n.Kind = p.from(start), kind
	n.Decls = p.tree.decls.keep(p.decls[base:])
	p.decls = p.decls[:base]
	return n
}

func (p *parser) functionDeclaration(start int, async bool) Node {
	fn := p.functionFrom(start, async)
	fn.Declaration = true
	if fn.Body == nil {
		p.semicolon()
		fn.Range = p.from(start)
	}
	return fn
}

// parenthesised is the head of if, while, switch and with. A head that does not
// close is left at the end of its line or before a brace.
func (p *parser) parenthesised() Node {
	if !p.expect(tLParen) {
		return p.nothing()
	}
	old := p.inner()
	n := p.expression()
	p.context = old
	p.closeHead()
	return n
}

func (p *parser) closeHead() {
	if p.tok == tRParen {
		p.next()
		return
	}
	p.unexpected(")")
	for p.tok != tEOF && p.tok != tRParen && p.tok != tLBrace && p.tok != tRBrace && p.tok != tSemi && !p.newline {
		p.skip()
	}
	p.take(tRParen)
}

func (p *parser) ifStatement() Node {
	start := p.start
	p.next()
	test := p.parenthesised()
	then := p.statement()
	var other Node
	if p.take(tElse) {
		other = p.statement()
	}
	n := makeNode(p, &p.tree.ifs)
	n.Range, n.Test, n.Then, n.Else = p.from(start), test, then, other
	return n
}

// forStatement parses the five forms of for (ECMA-262 14.7.4 and 14.7.5).
func (p *parser) forStatement() Node {
	start := p.start
	p.next()
	await := p.take(tAwait)
	if !p.expect(tLParen) {
		body := p.statement()
		return &For{Range: p.from(start), Body: body}
	}
	old := p.inner()
	p.noIn = true
	var init Node
	at := p.start
	switch p.tok {
	case tSemi:
	case tVar:
		init = p.variableList(at, "var")
	case tConst:
		init = p.variableList(at, "const")
	case tLet, tUsing, tAwait:
		word := spelling[p.tok]
		m := p.mark()
		if p.tok == tAwait {
			if next, newline := p.peek(); next == tUsing && !newline {
				p.next()
				word = "await using"
			}
		}
		next, _ := p.peek()
		if word != "await" && (next.isIdent() && (next != tOf || word == "let") || word == "let" && (next == tLBrace || next == tLBrack)) {
			init = p.variableList(at, word)
		} else {
			p.undo(&m)
			init = p.expression()
		}
	default:
		init = p.expression()
	}
	p.noIn = false
	switch p.tok {
	case tOf, tIn:
		n := &ForIn{Left: init, Of: p.tok == tOf, Await: await}
		if init == nil {
			n.Left = &Bad{Range{int32(at), int32(at)}}
		}
		p.next()
		n.Right = p.expression()
		p.context = old
		p.closeHead()
		n.Body = p.statement()
		n.Range = p.from(start)
		return n
	}
	n := &For{Init: init}
	if p.expect(tSemi) {
		if p.tok != tSemi && p.tok != tRParen {
			n.Test = p.expression()
		}
		if p.expect(tSemi) && p.tok != tRParen {
			n.Update = p.expression()
		}
	}
	p.context = old
	p.closeHead()
	n.Body = p.statement()
	n.Range = p.from(start)
	return n
}

func (p *parser) switchStatement() Node {
	start := p.start
	p.next()
	n := &Switch{Value: p.parenthesised()}
	if p.expect(tLBrace) {
		for p.tok != tRBrace && p.tok != tEOF {
			from := p.start
			c := Case{}
			switch {
			case p.take(tCase):
				c.Test = p.expression()
				p.expect(tColon)
			case p.take(tDefault):
				p.expect(tColon)
			default:
				p.unexpected("case, default or }")
			}
			c.Body = p.list(p.caseBody())
			c.Range = p.from(from)
			if p.start == from {
				break
			}
			n.Cases = append(n.Cases, c)
		}
		p.expect(tRBrace)
	}
	n.Range = p.from(start)
	return n
}

// caseBody parses statements up to the next case.
func (p *parser) caseBody() int {
	base := len(p.nodes)
	for p.tok != tCase && p.tok != tDefault && p.tok != tRBrace && p.tok != tEOF {
		if (p.tok == tExport || p.tok == tImport || p.tok == tComma) && p.leavesBody() {
			break
		}
		at := p.start
		n := p.statement()
		p.nodes = append(p.nodes, n)
		p.settle(at)
	}
	return base
}

func (p *parser) tryStatement() Node {
	start := p.start
	p.next()
	n := &Try{Block: p.needBlock()}
	if p.tok == tCatch {
		p.next()
		if p.take(tLParen) {
			n.Param = p.bindingTarget()
			p.annotation()
			p.closeHead()
		}
		n.Handler = p.needBlock()
	}
	if p.take(tFinally) {
		n.Final = p.needBlock()
	}
	if n.Handler == nil && n.Final == nil {
		p.unexpected("catch or finally")
	}
	n.Range = p.from(start)
	return n
}

func (p *parser) needBlock() *Block {
	if p.tok == tLBrace {
		return p.block()
	}
	p.unexpected("{")
	return &Block{Range: Range{int32(p.prevEnd), int32(p.prevEnd)}}
}
