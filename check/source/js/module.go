package js

// importDeclaration parses an import declaration (ECMA-262 16.2.2) and the forms
// of TypeScript.
func (p *parser) importDeclaration() Node {
	start := p.start
	p.next()
	n := &Import{}
	if p.tok == tString {
		p.source(&n.Source, &n.Attributes)
		return p.endImport(n, start)
	}
	if p.tok == tType && p.ts {
		// import type from "x" imports a value called type.
		switch next, _ := p.peek(); {
		case next == tFrom:
			m := p.mark()
			p.next()
			if after, _ := p.peek(); after == tFrom || after == tAssign {
				n.TypeOnly = true
			} else {
				p.undo(&m)
			}
		case next.isIdent() || next == tLBrace || next == tMul:
			n.TypeOnly = true
			p.next()
		}
	} else if p.tok.isIdent() {
		if next, _ := p.peek(); next == tMul || next.isIdent() && next != tFrom {
			if phase := p.name(); phase == "defer" || phase == "source" {
				n.Phase = phase
				p.next()
			}
		}
	}
	if p.tok.isIdent() {
		n.Default = p.identifier()
		if p.ts && p.take(tAssign) {
			return p.importEquals(n, start)
		}
		if p.tok == tComma {
			p.next()
		} else {
			p.fromClause(n)
			return p.endImport(n, start)
		}
	}
	switch p.tok {
	case tMul:
		p.next()
		p.expect(tAs)
		if p.tok.isIdent() {
			n.Namespace = p.identifier()
		} else {
			p.unexpected("a name")
		}
	case tLBrace:
		n.Named = p.specifiers(true)
	default:
		p.unexpected("a name, * or {")
	}
	p.fromClause(n)
	return p.endImport(n, start)
}

func (p *parser) fromClause(n *Import) {
	if !p.expect(tFrom) {
		if p.tok != tString {
			return
		}
	}
	p.source(&n.Source, &n.Attributes)
}

func (p *parser) endImport(n *Import, start int) Node {
	p.semicolon()
	n.Range = p.from(start)
	return n
}

// importEquals is import a = require("b") and import a = b.c.
func (p *parser) importEquals(n *Import, start int) Node {
	if p.tok == tRequire {
		if next, _ := p.peek(); next == tLParen {
			p.next()
			p.next()
			if p.tok == tString {
				n.Source = p.stringLiteral()
			} else {
				p.unexpected("a string")
			}
			p.expect(tRParen)
			return p.endImport(n, start)
		}
	}
	n.Ref = p.expr(lPostfix)
	return p.endImport(n, start)
}

func (p *parser) stringLiteral() *Literal {
	n := makeNode(p, &p.tree.literals)
	n.Kind, n.Value = String, p.stringValue()
	n.Range = Range{int32(p.start), int32(p.end)}
	p.next()
	return n
}

// source parses the string after from, and attributes (with, formerly assert).
func (p *parser) source(source **Literal, attributes **Object) {
	if p.tok != tString {
		p.unexpected("a string")
		return
	}
	*source = p.stringLiteral()
	assert := p.tok == tIdent && !p.newline && p.name() == "assert"
	if p.tok == tWith || assert {
		if next, _ := p.peek(); next == tLBrace {
			p.next()
			*attributes, _ = p.object().(*Object)
		}
	}
}

// specifiers parses { a as b, type c } of an import or an export.
func (p *parser) specifiers(imported bool) []Specifier {
	p.next()
	base := len(p.names)
	for p.tok != tRBrace && p.tok != tEOF {
		start := p.start
		s := Specifier{}
		if p.tok == tType && p.ts {
			p.typeWord(&s)
		}
		first := p.moduleName()
		second := first
		if p.tok == tAs {
			p.next()
			second = p.moduleName()
		}
		s.Outer, s.Local = first, second
		if !imported {
			s.Outer, s.Local = second, first
		}
		s.Range = p.from(start)
		p.names = append(p.names, s)
		if p.tok == tComma {
			p.next()
			continue
		}
		if p.tok == tRBrace {
			break
		}
		p.unexpected("a comma or }")
		if p.tok == tFrom || p.tok == tSemi || p.newline && !p.tok.isIdent() {
			break
		}
		if p.start == start || !p.tok.isIdent() {
			p.skip()
		}
	}
	p.expect(tRBrace)
	names := append([]Specifier(nil), p.names[base:]...)
	p.names = p.names[:base]
	return names
}

// typeWord takes the word type where it is a modifier: { type a }, { type as as b },
// but not { type }, { type as b }.
func (p *parser) typeWord(s *Specifier) {
	next, _ := p.peek()
	if !next.isName() && next != tString {
		return
	}
	m := p.mark()
	p.next()
	if p.tok == tAs {
		after, _ := p.peek()
		if after.isName() {
			// type as as b has the modifier, type as b has not.
			p.next()
			if p.tok != tAs {
				p.undo(&m)
				return
			}
			if after, _ = p.peek(); !after.isName() {
				p.undo(&m)
				return
			}
			p.undo(&m)
			p.next()
		}
	}
	s.TypeOnly = true
}

func (p *parser) moduleName() Node {
	switch {
	case p.tok.isName():
		return p.identifier()
	case p.tok == tString:
		return p.stringLiteral()
	}
	p.unexpected("a name")
	return p.nothing()
}

// export parses an export declaration (ECMA-262 16.2.3); start lies before
// decorators.
func (p *parser) export(start int, decorators []Node) Node {
	p.next()
	n := &Export{}
	switch {
	case p.tok == tDefault:
		p.next()
		n.Default = true
		n.Decl = p.exportDefault(decorators)
	case p.tok == tMul:
		p.exportAll(n)
	case p.tok == tLBrace:
		p.exportNames(n)
	case p.tok == tAssign && p.ts:
		p.next()
		n.Assign = true
		n.Decl = p.expression()
		p.semicolon()
	case p.tok == tAs && p.ts:
		p.next()
		p.take(tNamespace)
		d := &TypeDecl{}
		from := p.start
		if p.tok.isIdent() {
			d.Name = p.identifier()
		}
		p.semicolon()
		d.Range = p.from(from)
		n.Decl = d
	case p.tok == tImport && p.ts:
		n.Decl = p.importDeclaration()
	case p.tok == tAt || p.tok == tClass || p.tok == tAbstract && p.ts:
		from := p.start
		if decorators != nil {
			from = start
		}
		more := p.decorators()
		n.Decl = p.class(from, append(decorators, more...), true)
	case p.tok == tType && p.ts:
		next, _ := p.peek()
		if next == tLBrace || next == tMul {
			p.next()
			n.TypeOnly = true
			if next == tMul {
				p.exportAll(n)
			} else {
				p.exportNames(n)
			}
			break
		}
		n.Decl = p.statement()
	case p.tok.isName():
		if p.tok.isIdent() {
			// export a from "b": a proposal that compilers took for years.
			if next, _ := p.peek(); next == tFrom || next == tComma {
				from := p.start
				id := p.identifier()
				n.Named = []Specifier{{Range: p.from(from), Outer: id, Local: id}}
				if p.take(tComma) && p.tok == tLBrace {
					n.Named = append(n.Named, p.specifiers(false)...)
				}
				if p.expect(tFrom) {
					p.source(&n.Source, &n.Attributes)
				}
				p.semicolon()
				break
			}
		}
		n.Decl = p.statement()
		if _, ok := n.Decl.(*ExprStmt); ok && p.failures == 0 {
			p.fail(n.Decl.Pos(), n.Decl.End(), Unexpected, "expected a declaration to export")
		}
	default:
		p.unexpected("something to export")
	}
	n.Range = p.from(start)
	return n
}

func (p *parser) exportDefault(decorators []Node) Node {
	start := p.start
	if decorators != nil {
		start = decorators[0].Pos() - 1
	}
	switch p.tok {
	case tFunction:
		return p.functionDeclaration(start, false)
	case tAsync:
		if next, newline := p.peek(); next == tFunction && !newline {
			p.next()
			return p.functionDeclaration(start, true)
		}
	case tClass, tAt:
		more := p.decorators()
		return p.class(start, append(decorators, more...), true)
	case tAbstract, tInterface:
		if next, newline := p.peek(); p.ts && !newline && next.isName() {
			if n := p.typeScript(start); n != nil {
				return n
			}
		}
	}
	n := p.assign()
	p.semicolon()
	return n
}

func (p *parser) exportAll(n *Export) {
	n.All = true
	p.next()
	if p.take(tAs) {
		n.Namespace = p.moduleName()
	}
	if p.expect(tFrom) {
		p.source(&n.Source, &n.Attributes)
	}
	p.semicolon()
}

func (p *parser) exportNames(n *Export) {
	n.Named = p.specifiers(false)
	if p.take(tFrom) {
		p.source(&n.Source, &n.Attributes)
	}
	p.semicolon()
}
