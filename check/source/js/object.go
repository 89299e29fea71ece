package js

// object parses an object literal or pattern (ECMA-262 13.2.5).
func (p *parser) object() Node {
	start, old := p.start, p.inner()
	p.next()
	base := len(p.nodes)
	p.members()
	props := p.list(base)
	p.context = old
	p.expect(tRBrace)
	n := makeNode(p, &p.tree.objects)
	n.Range, n.Props = p.from(start), props
	return n
}

// members parses up to the closing brace of an object literal.
func (p *parser) members() {
	for p.tok != tRBrace && p.tok != tEOF {
		if p.tok >= tBreak && p.leavesObject() {
			return
		}
		member := p.objectMember()
		p.nodes = append(p.nodes, member)
		if p.tok == tComma {
			p.next()
			continue
		}
		if p.tok == tRBrace || !p.nextMember() {
			return
		}
	}
}

// objectMember parses one member of an object literal.
func (p *parser) objectMember() Node {
	if p.tok == tEllipsis {
		return p.spreadOrAssign()
	}
	start := p.start
	if p.tok == tAt {
		p.decorators()
	}
	kind, async, generator := Init, false, false
	switch p.tok {
	case tAsync:
		if next, newline := p.peek(); !newline && (p.keyFollows(next) || next == tMul) {
			async = true
			p.next()
		}
	case tGet, tSet:
		if next, _ := p.peek(); p.keyFollows(next) {
			kind = Getter
			if p.tok == tSet {
				kind = Setter
			}
			p.next()
		}
	}
	if p.tok == tMul {
		generator = true
		p.next()
	}
	word := p.tok
	key, computed := p.key()
	if key == nil {
		p.unexpected("a property")
		if p.tok != tComma {
			p.skip()
		}
		return &Bad{p.from(start)}
	}
	if (kind != Init || async || generator) && p.tok != tLParen && (p.tok != tLt || !p.ts) {
		p.unexpected("(")
		kind = Init
	}
	old := p.context
	p.context.member = true
	var value Node
	shorthand := false
	switch {
	case p.tok == tColon:
		p.next()
		value = p.assign()
	case p.tok == tLParen || p.tok == tLt && p.ts:
		if kind == Init {
			kind = Method
		}
		fn := makeNode(p, &p.tree.functions)
		from := p.start
		fn.Async, fn.Generator = async, generator
		p.signature(fn)
		fn.Range = p.from(from)
		value = fn
	case computed || !word.isName():
		p.unexpected(": and a value")
		value = p.nothing()
	default:
		shorthand = true
		value = key
		if p.ts && (p.tok == tQuestion || p.tok == tBang) {
			p.unexpected("a comma or }")
			p.next()
		}
		if p.tok == tAssign {
			p.next()
			def := p.assign()
			n := makeNode(p, &p.tree.assigns)
			n.Range, n.Op, n.Target, n.Value = p.from(start), OpAssign, key, def
			value = n
		}
	}
	p.context = old
	n := makeNode(p, &p.tree.properties)
	n.Range, n.Kind, n.Key, n.Value, n.Computed, n.Shorthand = p.from(start), kind, key, value, computed, shorthand
	return n
}

// keyFollows says that t, found behind a word like get, begins the key that the
// word belongs to.
func (p *parser) keyFollows(t token) bool {
	return t.isName() || t == tString || t == tNumber || t == tBigInt || t == tLBrack || t == tPrivate
}

// key parses the name of a member; nil if there is none.
func (p *parser) key() (key Node, computed bool) {
	switch {
	case p.tok.isName():
		return p.identifier(), false
	case p.tok == tString:
		n := makeNode(p, &p.tree.literals)
		n.Kind, n.Value = String, p.stringValue()
		n.Range = Range{int32(p.start), int32(p.end)}
		p.next()
		return n, false
	case p.tok == tNumber || p.tok == tBigInt:
		return p.numeric(), false
	case p.tok == tPrivate:
		return p.privateName(), false
	case p.tok == tLBrack:
		old := p.inner()
		p.next()
		key = p.assign()
		p.context = old
		p.expect(tRBrack)
		return key, true
	}
	return nil, false
}
