package js

// typeScript parses the declarations that only TypeScript has; nil, with nothing
// taken, if the word is an ordinary name here.
func (p *parser) typeScript(start int) Node {
	next, newline := p.peek()
	if newline {
		return nil
	}
	switch p.tok {
	case tType:
		if next.isIdent() {
			return p.typeAlias(start)
		}
	case tInterface:
		if next.isIdent() {
			return p.interfaceDeclaration(start)
		}
	case tNamespace, tModule:
		if next.isIdent() || next == tString {
			return p.namespace(start)
		}
	case tGlobal:
		if next == tLBrace {
			return p.namespace(start)
		}
	case tAbstract:
		if next == tClass {
			return p.class(start, nil, true)
		}
	case tDeclare:
		switch next {
		case tVar, tConst, tFunction, tClass, tEnum, tLet, tNamespace, tModule, tGlobal, tAbstract, tType, tInterface,
			tAsync, tImport, tUsing, tAwait, tDeclare:
			p.next()
			n := p.statement()
			declared(n, start)
			return n
		}
	}
	return nil
}

// declared marks n as declared elsewhere, and gives it the word declare.
func declared(n Node, start int) {
	at := int32(start)
	switch n := n.(type) {
	case *Var:
		n.From, n.Declare = at, true
	case *Function:
		n.From = at
	case *Class:
		n.From, n.Declare = at, true
	case *Enum:
		n.From, n.Declare = at, true
	case *Namespace:
		n.From, n.Declare = at, true
	case *TypeDecl:
		n.From = at
	case *Import:
		n.From = at
	case *ExprStmt:
		n.From = at
	}
}

func (p *parser) typeAlias(start int) Node {
	p.next()
	n := &TypeDecl{Name: p.identifier()}
	if p.tok == tLt {
		p.typeParameters()
	}
	if p.expect(tAssign) {
		p.skipType()
	}
	p.semicolon()
	n.Range = p.from(start)
	return n
}

func (p *parser) interfaceDeclaration(start int) Node {
	p.next()
	n := &TypeDecl{Name: p.identifier()}
	if p.tok == tLt {
		p.typeParameters()
	}
	for p.tok == tExtends || p.tok == tIdent && p.name() == "implements" {
		p.next()
		p.typeList()
	}
	if p.tok == tLBrace {
		p.bracketed()
	} else {
		p.unexpected("{")
	}
	n.Range = p.from(start)
	return n
}

// namespace parses namespace a.b {}, module "x" {} and global {}.
func (p *parser) namespace(start int) Node {
	n := &Namespace{Name: "global"}
	if p.tok != tGlobal {
		p.next()
		from := p.start
		p.next()
		for p.tok == tDot {
			p.next()
			if p.tok.isName() {
				p.next()
			} else {
				p.unexpected("a name")
			}
		}
		n.Name = p.src[from:p.prevEnd]
	} else {
		p.next()
	}
	if p.tok == tLBrace {
		old := p.context
		p.function = false // may hold export and import
		n.Body = p.block()
		p.context = old
	} else {
		p.semicolon()
	}
	n.Range = p.from(start)
	return n
}

// enum parses from the word enum on.
func (p *parser) enum(start int) Node {
	p.next()
	n := &Enum{}
	if p.tok.isIdent() {
		n.Name = p.identifier()
	} else {
		p.unexpected("a name")
	}
	if !p.expect(tLBrace) {
		n.Range = p.from(start)
		return n
	}
	for p.tok != tRBrace && p.tok != tEOF {
		from := p.start
		m := EnumMember{}
		m.Key, _ = p.key()
		if m.Key == nil {
			p.unexpected("a member of the enum")
			if p.tok != tComma {
				p.skip()
			}
			m.Key = &Bad{p.from(from)}
		}
		if p.take(tAssign) {
			m.Init = p.assign()
		}
		m.Range = p.from(from)
		n.Members = append(n.Members, m)
		if p.tok == tComma {
			p.next()
			continue
		}
		base := len(p.nodes)
		more := p.tok != tRBrace && p.nextMember()
		p.nodes = p.nodes[:base]
		if !more {
			break
		}
	}
	p.expect(tRBrace)
	n.Range = p.from(start)
	return n
}
