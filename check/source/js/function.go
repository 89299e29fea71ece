package js

// cover is what only a parameter may have, found while a parenthesis might still
// hold an expression (ECMA-262 13.2, CoverParenthesizedExpression).
type cover struct {
	item     int // index into parser.nodes
	optional bool
	typ      Range
	value    Node
	end      int
}

// paren parses what begins with a parenthesis: an expression, or the parameters
// of an arrow function. With async it may also be the arguments of a call, and the
// node returned is nil, their list being p.nodes from the first on.
func (p *parser) paren(start int, async bool, level uint8) Node {
	open, old := p.start, p.inner()
	p.next()
	base, covers := len(p.nodes), len(p.covers)
	first := p.start
	spread := -1
	for p.tok != tRParen && p.tok != tEOF {
		if p.tok == tEllipsis {
			spread = p.start
		} else if p.ts && p.tok == tAt {
			p.decorators()
		}
		item := p.spreadOrAssign()
		p.nodes = append(p.nodes, item)
		if p.ts && (p.tok == tColon || p.tok == tQuestion) {
			c := cover{item: len(p.nodes) - 1}
			c.optional = p.take(tQuestion)
			if p.take(tColon) {
				from := p.start
				p.skipType()
				c.typ = p.from(from)
			}
			if p.take(tAssign) {
				c.value = p.assign()
			}
			c.end = p.prevEnd
			p.covers = append(p.covers, c)
		}
		if p.tok == tComma {
			p.next()
			continue
		}
		if p.tok == tRParen || !p.nextArgument(tRParen) {
			break
		}
	}
	last := p.prevEnd
	p.context = old
	p.expect(tRParen)
	if level <= lComma && !p.newline && (p.tok == tArrow || p.ts && p.tok == tColon && p.parametersSince(base)) {
		params := p.coveredParams(base, covers)
		if p.tok == tArrow {
			p.nodes, p.covers = p.nodes[:base], p.covers[:covers]
			return p.arrow(start, params, Range{}, async)
		}
		if fn := p.arrowWithType(start, params, async); fn != nil {
			p.nodes, p.covers = p.nodes[:base], p.covers[:covers]
			return fn
		}
	}
	if len(p.covers) > covers {
		c := p.covers[covers]
		p.fail(int(p.nodes[c.item].End()), c.end, Unexpected, "a type where no parameter stands")
		p.covers = p.covers[:covers]
	}
	if async {
		return nil
	}
	switch n := len(p.nodes) - base; {
	case n == 0:
		p.fail(open, p.prevEnd, Unexpected, "expected an expression in parentheses, or => behind them")
		return &Bad{p.from(open)}
	case spread >= 0:
		p.fail(spread, spread+3, Unexpected, "... in parentheses, but no => behind them")
	}
	if len(p.nodes)-base == 1 {
		only := p.nodes[base]
		p.nodes = p.nodes[:base]
		return only
	}
	n := makeNode(p, &p.tree.sequences)
	n.Exprs = p.list(base)
	n.Range = Range{int32(first), int32(last)}
	within(n.Exprs[0], n.Range)
	return n
}

// parametersSince says that all nodes pushed since base could be parameters.
func (p *parser) parametersSince(base int) bool {
	for _, n := range p.nodes[base:] {
		switch n := n.(type) {
		case *Identifier, *Object, *Array, *Spread, *This:
		case *Assign:
			if n.Op != OpAssign {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// coveredParams turns the expressions pushed since base into parameters.
func (p *parser) coveredParams(base, covers int) []Param {
	from := len(p.params)
	for i := base; i < len(p.nodes); i++ {
		n := p.nodes[i]
		prm := Param{Range: Range{int32(n.Pos()), int32(n.End())}, Target: n}
		switch n := n.(type) {
		case *Spread:
			prm.Target, prm.Rest = n.Value, true
		case *Assign:
			if n.Op == OpAssign {
				prm.Target, prm.Default = n.Target, n.Value
			}
		}
		if covers < len(p.covers) && p.covers[covers].item == i {
			c := p.covers[covers]
			prm.Optional, prm.Type, prm.To = c.optional, c.typ, int32(c.end)
			if c.value != nil {
				prm.Default = c.value
			}
			covers++
		}
		p.params = append(p.params, prm)
	}
	return p.keepParams(from)
}

func (p *parser) keepParams(from int) []Param {
	kept := p.tree.params.keep(p.params[from:])
	p.params = p.params[:from]
	return kept
}

// arrowWithType tries the colon after the parameters as the beginning of a return
// type. Between ? and : the guess holds only if a colon follows the body, as
// TypeScript decides it.
func (p *parser) arrowWithType(start int, params []Param, async bool) Node {
	if !p.mayGuess() {
		return nil
	}
	m := p.mark()
	p.next()
	from := p.start
	p.skipReturnType()
	if p.failures == m.failures && p.tok == tArrow && !p.newline {
		fn := p.arrow(start, params, p.from(from), async)
		if !m.thenBranch || p.tok == tColon {
			return fn
		}
	}
	p.undo(&m)
	return nil
}

// arrowOf is the arrow function of one bare parameter.
func (p *parser) arrowOf(start int, id *Identifier, async bool) Node {
	from := len(p.params)
	p.params = append(p.params, Param{Range: id.Range, Target: id})
	return p.arrow(start, p.keepParams(from), Range{}, async)
}

// arrow parses from => on.
func (p *parser) arrow(start int, params []Param, result Range, async bool) Node {
	p.next()
	old := p.context
	p.async, p.generator = async, false
	var body Node
	if p.tok == tLBrace {
		body = p.functionBody()
	} else {
		body = p.expr(lComma)
	}
	p.context = old
	n := makeNode(p, &p.tree.functions)
	n.Range, n.Params, n.Body, n.ReturnType, n.Async, n.Arrow = p.from(start), params, body, result, async, true
	return n
}

// asyncExpr is what begins with the word async.
func (p *parser) asyncExpr(level uint8) Node {
	start := p.start
	next, newline := p.peek()
	switch {
	case newline:
	case next == tFunction:
		p.next()
		return p.functionFrom(start, true)
	case next == tLParen && level < lCall:
		m := p.mark()
		id := p.identifier()
		if fn := p.paren(start, true, level); fn != nil {
			return fn
		}
		args := p.list(m.nodes)
		n := makeNode(p, &p.tree.calls)
		n.Range, n.Callee, n.Args = p.from(start), id, args
		return n
	case next == tLt && p.ts && p.mayGuess():
		m := p.mark()
		p.next()
		if fn := p.genericArrow(start, true); fn != nil {
			return fn
		}
		p.undo(&m)
	case next.isIdent() && level <= lComma:
		m := p.mark()
		p.next()
		id := p.identifier()
		if p.tok == tArrow && !p.newline {
			return p.arrowOf(start, id, true)
		}
		p.undo(&m)
	}
	id := p.identifier()
	if p.tok == tArrow && level <= lComma && !p.newline {
		return p.arrowOf(start, id, false)
	}
	return id
}

// genericArrow is <T>(x: T): T => x; nil if it is none.
func (p *parser) genericArrow(start int, async bool) Node {
	failures := p.failures
	p.typeParameters()
	if p.failures != failures || p.tok != tLParen {
		return nil
	}
	params := p.parameters()
	var result Range
	if p.tok == tColon {
		p.next()
		from := p.start
		p.skipReturnType()
		result = p.from(from)
	}
	if p.failures != failures || p.tok != tArrow {
		return nil
	}
	return p.arrow(start, params, result, async)
}

// functionFrom parses from the word function on; start lies before async.
func (p *parser) functionFrom(start int, async bool) *Function {
	n := makeNode(p, &p.tree.functions)
	p.next()
	n.Async, n.Generator = async, p.take(tMul)
	if p.tok.isIdent() {
		n.Name = p.identifier()
	}
	p.signature(n)
	n.Range = p.from(start)
	return n
}

// signature parses parameters, return type and body into n.
func (p *parser) signature(n *Function) {
	old := p.context
	p.async, p.generator, p.noIn, p.thenBranch = n.Async, n.Generator, false, false
	if p.ts && p.tok == tLt {
		p.typeParameters()
	}
	if p.tok == tLParen {
		n.Params = p.parameters()
	} else {
		p.unexpected("(")
	}
	if p.ts && p.take(tColon) {
		from := p.start
		p.skipReturnType()
		n.ReturnType = p.from(from)
	}
	switch {
	case p.tok == tLBrace:
		n.Body = p.functionBody()
	case p.ts:
		// An overload or a declaration; the caller takes the semicolon.
	default:
		p.unexpected("{")
	}
	p.context = old
}

func (p *parser) functionBody() *Block {
	old := p.context
	p.function, p.noIn, p.thenBranch = true, false, false
	n := p.block()
	p.context = old
	return n
}

// parameters parses a parameter list with its parentheses.
func (p *parser) parameters() []Param {
	p.next()
	base := len(p.params)
	for p.tok != tRParen && p.tok != tEOF {
		prm := p.parameter()
		p.params = append(p.params, prm)
		if p.tok == tComma {
			p.next()
			continue
		}
		if p.tok == tRParen {
			break
		}
		before := len(p.nodes)
		more := p.tok != tLBrace && p.nextArgument(tRParen)
		p.nodes = p.nodes[:before]
		if !more {
			break
		}
	}
	params := p.keepParams(base)
	p.expect(tRParen)
	return params
}

func (p *parser) parameter() Param {
	start := p.start
	prm := Param{}
	if p.tok == tAt {
		prm.Decorators = p.decorators()
	}
	for p.ts && p.tok >= tOverride && p.tok <= tReadonly {
		next, _ := p.peek()
		if !next.isIdent() && next != tLBrace && next != tLBrack && next != tThis {
			break
		}
		prm.Property = true
		p.next()
	}
	prm.Rest = p.take(tEllipsis)
	prm.Target = p.bindingTarget()
	if p.ts {
		prm.Optional = p.take(tQuestion)
		prm.Type = p.annotation()
	}
	if p.take(tAssign) {
		prm.Default = p.assign()
	}
	prm.Range = p.from(start)
	within(prm.Target, prm.Range)
	return prm
}

// bindingTarget is a name or a pattern.
func (p *parser) bindingTarget() Node {
	switch {
	case p.tok == tIdent || p.tok.isIdent():
		return p.identifier()
	case p.tok == tLBrace:
		return p.object()
	case p.tok == tLBrack:
		return p.array()
	case p.tok == tThis && p.ts:
		n := &This{Range{int32(p.start), int32(p.end)}}
		p.next()
		return n
	}
	p.unexpected("a name")
	return p.nothing()
}

// annotation is a type after a colon, if there is one.
func (p *parser) annotation() Range {
	if !p.ts || !p.take(tColon) {
		return Range{}
	}
	from := p.start
	p.skipType()
	return p.from(from)
}
