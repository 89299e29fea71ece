package js

// decorators parses a run of decorators, if there is one. Beyond the grammar of
// the stage 3 proposal it takes any chain of names and calls, as TypeScript does.
func (p *parser) decorators() []Node {
	if p.tok != tAt {
		return nil
	}
	base := len(p.nodes)
	for p.tok == tAt {
		p.next()
		start := p.start
		var n Node
		switch {
		case p.tok == tLParen:
			n = p.paren(start, false, lCall)
		case p.tok.isName():
			n = p.identifier()
		default:
			p.unexpected("a decorator")
			n = p.nothing()
		}
		n = p.decoratorChain(n, start)
		p.nodes = append(p.nodes, n)
	}
	return p.list(base)
}

func (p *parser) decoratorChain(n Node, start int) Node {
	for links := 0; p.chain(links); links++ {
		switch {
		case p.tok == tDot:
			p.next()
			property := p.property()
			n = &Member{Range: p.from(start), Object: n, Property: property}
		case p.tok == tLParen:
			n = p.call(n, start, false)
		case p.tok == tBang && p.ts && !p.newline:
			p.next()
		case p.tok == tLt && p.ts && p.guessTypeArguments(lCall):
		default:
			return n
		}
	}
	return n
}

// class parses from the word class on, or from abstract; start lies before the
// decorators.
func (p *parser) class(start int, decorators []Node, declaration bool) Node {
	n := &Class{Decorators: decorators, Declaration: declaration}
	if p.tok == tAbstract {
		n.Abstract = true
		p.next()
	}
	if p.tok != tClass {
		p.unexpected("class")
		return &Bad{p.from(start)}
	}
	p.next()
	if p.tok.isIdent() {
		n.Name = p.identifier()
	}
	if p.ts && p.tok == tLt {
		p.typeParameters()
	}
	old := p.inner()
	for {
		if p.take(tExtends) {
			n.Super = p.expr(lNew)
			if p.ts && (p.tok == tLt || p.tok == tShl) {
				p.typeArguments()
			}
			continue
		}
		if p.ts && p.tok == tIdent && p.name() == "implements" {
			p.next()
			p.typeList()
			continue
		}
		break
	}
	if p.tok == tLBrace {
		n.Members = p.classBody()
	} else {
		p.unexpected("{")
	}
	p.context = old
	n.Range = p.from(start)
	return n
}

func (p *parser) classBody() []Node {
	old := p.context
	p.async, p.generator, p.member = false, false, false
	p.next()
	base := len(p.nodes)
	for p.tok != tRBrace && p.tok != tEOF {
		if p.tok == tSemi {
			p.next()
			continue
		}
		if p.tok >= tBreak && p.leavesObject() || p.leavesBody() {
			break
		}
		at := p.start
		member := p.classMember()
		p.nodes = append(p.nodes, member)
		if p.start == at {
			p.unexpected("a member of the class")
			p.skip()
			p.nodes[len(p.nodes)-1] = &Bad{p.from(at)}
		}
	}
	members := p.list(base)
	p.context = old
	p.expect(tRBrace)
	return members
}

// classMember parses one member (ECMA-262 15.7), with the modifiers of TypeScript.
func (p *parser) classMember() Node {
	start := p.start
	n := &ClassMember{Decorators: p.decorators()}
	async, generator, accessor := false, false, false
modifiers:
	for {
		next, newline := tEOF, false
		switch p.tok {
		case tStatic, tAsync, tGet, tSet, tAccessor, tAbstract, tDeclare, tOverride, tReadonly, tPublic, tPrivateWord,
			tProtected:
			next, newline = p.peek()
		}
		named := p.keyFollows(next)
		switch p.tok {
		case tStatic:
			if next == tLBrace {
				p.next()
				n.Kind, n.Static = StaticBlock, true
				n.Value = p.functionBody()
				n.Range = p.from(start)
				return n
			}
			if !named && next != tMul {
				break modifiers
			}
			n.Static = true
		case tAsync:
			if newline || !named && next != tMul {
				break modifiers
			}
			async = true
		case tGet, tSet:
			if !named {
				break modifiers
			}
			n.Kind = Getter
			if p.tok == tSet {
				n.Kind = Setter
			}
			p.next()
			break modifiers
		case tAccessor:
			if newline || !named {
				break modifiers
			}
			accessor = true
		case tAbstract, tDeclare, tOverride, tReadonly, tPublic, tPrivateWord, tProtected:
			if !p.ts || newline || !named && next != tMul {
				break modifiers
			}
		default:
			break modifiers
		}
		p.next()
	}
	if p.ts && p.tok == tLBrack && p.indexSignature() {
		n.Kind = Signature
		n.Type = p.annotation()
		p.memberEnd()
		n.Range = p.from(start)
		return n
	}
	generator = p.take(tMul)
	constructor := p.tok == tString && p.stringValue() == "constructor" || p.tok == tIdent && p.name() == "constructor"
	n.Key, n.Computed = p.key()
	if n.Key == nil {
		p.unexpected("a member of the class")
		if p.tok != tRBrace {
			p.skip()
		}
		return &Bad{p.from(start)}
	}
	if p.ts && (p.tok == tQuestion || p.tok == tBang && !p.newline) {
		p.next()
	}
	if p.tok == tLParen || p.ts && p.tok == tLt {
		fn := makeNode(p, &p.tree.functions)
		from := p.start
		fn.Async, fn.Generator = async, generator
		p.signature(fn)
		fn.Range = p.from(from)
		n.Value = fn
		switch {
		case n.Kind != Init:
		case constructor && !n.Static:
			n.Kind = Constructor
		default:
			n.Kind = Method
		}
		if fn.Body == nil {
			p.memberEnd()
		}
		n.Range = p.from(start)
		return n
	}
	if accessor {
		n.Kind = Accessor
	}
	n.Type = p.annotation()
	if p.take(tAssign) {
		old := p.inner()
		p.async, p.generator, p.function = false, false, true
		n.Value = p.assign()
		p.context = old
	}
	p.memberEnd()
	n.Range = p.from(start)
	return n
}

// memberEnd takes the semicolon behind a field or a signature.
func (p *parser) memberEnd() {
	if p.take(tSemi) || p.tok == tRBrace || p.newline || p.tok == tEOF {
		return
	}
	p.unexpected(";")
	for p.tok != tEOF && p.tok != tRBrace && p.tok != tSemi && !p.newline {
		p.skip()
	}
	p.take(tSemi)
}

// indexSignature takes [key: string] of a class; what else stands in brackets is
// left alone.
func (p *parser) indexSignature() bool {
	if next, _ := p.peek(); !next.isIdent() {
		return false
	}
	m := p.mark()
	p.next()
	p.next()
	if p.tok != tColon {
		p.undo(&m)
		return false
	}
	p.next()
	p.skipType()
	p.expect(tRBrack)
	return true
}
