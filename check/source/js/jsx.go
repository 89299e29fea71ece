package js

import "strings"

// JSX has three ways to read a character: as a token between braces, as a token
// inside a tag (names with dashes, strings without escapes), and as text between
// tags. The functions here that end in Tag move by the second, text by the third.

// nextTag reads the next token inside a tag.
func (p *parser) nextTag() {
	p.next()
	p.tagToken()
}

// tagToken turns the current token into one of a tag.
func (p *parser) tagToken() {
	switch {
	case p.tok.isName():
		for p.end < len(p.src) && (class[p.src[p.end]]&idPart != 0 || p.src[p.end] == '-') {
			p.end++
		}
	case p.start < len(p.src) && (p.src[p.start] == '"' || p.src[p.start] == '\''):
		n := strings.IndexByte(p.src[p.start+1:], p.src[p.start])
		if n < 0 {
			p.end = min(p.end, len(p.src))
			break
		}
		p.end = p.start + n + 2
		p.tok = tString
	case p.tok > tGt && p.src[p.start] == '>':
		p.tok, p.end = tGt, p.start+1
	case p.tok == tDivAssign:
		p.tok, p.end = tDiv, p.start+1
	case p.tok == tArrow || p.tok == tEq || p.tok == tSeq:
		p.tok, p.end = tAssign, p.start+1
	}
}

// retreat makes the current token an empty one behind the last, to be read anew
// by whoever goes on.
func (p *parser) retreat() {
	p.start, p.end = p.prevEnd, p.prevEnd
	comments := p.file.Comments
	for len(comments) > 0 && comments[len(comments)-1].Pos() >= p.end {
		comments = comments[:len(comments)-1]
	}
	p.file.Comments = comments
}

// tagNext is nextTag without the errors that a string of JSX would give as one of
// JavaScript: it may span lines and has no escapes.
func (p *parser) tagNext() {
	errs, failures, last := len(p.file.Errors), p.failures, p.lastFailure
	p.nextTag()
	if p.tok == tString && p.end > p.start+1 && p.src[p.end-1] == p.src[p.start] {
		p.file.Errors, p.failures, p.lastFailure = p.file.Errors[:errs], failures, last
	}
	p.escaped = p.escaped && p.tok != tString
}

// element parses from < on and leaves the parser behind the element.
func (p *parser) element() Node {
	n := p.elementTag()
	p.next()
	return n
}

// elementTag parses an element whose < is the current token. It ends with the
// last > as current token, since what follows may be text. A closing > that is
// missing leaves an empty token.
func (p *parser) elementTag() Node {
	start := p.start
	if p.depth++; p.depth > p.maxDepth {
		p.depth--
		p.fail(p.start, p.end, TooDeep, "nested more deeply than the limit; the inner part was not read")
		return &Bad{Range{int32(p.start), int32(p.end)}}
	}
	defer func() { p.depth-- }()
	n := &JSXElement{}
	p.tagNext()
	name := ""
	if p.tok != tGt {
		n.Tag = p.tagName()
		if n.Tag == nil {
			p.unexpected("the name of an element")
			p.retreat()
			return &Bad{Range{int32(start), int32(p.end)}}
		}
		name = n.Tag.Name
		if p.ts && (p.tok == tLt || p.tok == tShl) {
			p.typeArguments()
			p.tagToken()
		}
		p.attributes(n)
		if p.tok == tDiv {
			n.SelfClosing = true
			p.tagNext()
		}
		if p.tok != tGt {
			p.unexpected(">")
			p.retreat()
			n.Range = Range{int32(start), int32(p.end)}
			return n
		}
		if n.SelfClosing {
			n.Range = Range{int32(start), int32(p.end)}
			return n
		}
	}
	p.tags = append(p.tags, name)
	old := p.inner()
	p.children(n, name)
	p.context = old
	p.tags = p.tags[:len(p.tags)-1]
	n.Range = Range{int32(start), int32(p.end)}
	return n
}

// tagName is a, a-b, a.b.c or a:b; nil if none is there.
func (p *parser) tagName() *JSXName {
	if !p.tok.isName() {
		return nil
	}
	from := p.start
	plain := true
	p.tagNext()
	for p.tok == tDot || p.tok == tColon {
		p.tagNext()
		if !p.tok.isName() {
			p.unexpected("a name")
			break
		}
		plain = plain && p.start == p.prevEnd
		p.tagNext()
	}
	return &JSXName{Range: p.from(from), Name: strings.Join(strings.Fields(p.src[from:p.prevEnd]), "")}
}

func (p *parser) attributes(n *JSXElement) {
	base := len(p.nodes)
	for p.tok != tGt && p.tok != tDiv && p.tok != tEOF && p.tok != tLt {
		start := p.start
		switch {
		case p.tok.isName():
			a := &JSXAttr{Name: p.tagName()}
			if p.tok == tAssign {
				p.tagNext()
				a.Value = p.attributeValue()
			}
			a.Range = p.from(start)
			p.nodes = append(p.nodes, a)
		case p.tok == tLBrace:
			old := p.inner()
			p.next()
			var item Node
			if p.tok == tEllipsis {
				p.next()
				value := p.assign()
				item = &Spread{Value: value}
			} else {
				p.unexpected("...")
				item = &Bad{}
				if p.tok != tRBrace {
					p.expression()
				}
			}
			p.closeContainer()
			p.context = old
			p.tagNext()
			switch item := item.(type) {
			case *Spread:
				item.Range = p.from(start)
			case *Bad:
				item.Range = p.from(start)
			}
			p.nodes = append(p.nodes, item)
		default:
			p.unexpected("an attribute, / or >")
			if p.tok == tRBrace || p.tok == tRParen || p.tok == tSemi {
				n.Attrs = p.list(base)
				return
			}
			p.tagNext()
			p.nodes = append(p.nodes, &Bad{p.from(start)})
		}
	}
	n.Attrs = p.list(base)
}

// closeContainer skips to the closing brace, which stays the current token.
func (p *parser) closeContainer() {
	if p.tok == tRBrace {
		return
	}
	p.unexpected("}")
	for p.tok != tEOF && p.tok != tRBrace && !p.newline {
		p.skip()
	}
	if p.tok != tRBrace {
		p.retreat()
	}
}

func (p *parser) attributeValue() Node {
	start := p.start
	switch p.tok {
	case tString:
		n := makeNode(p, &p.tree.literals)
		n.Kind = String
		n.Value = p.src[p.start+1 : p.end]
		if closed(p.src[p.start:p.end]) {
			n.Value = n.Value[:len(n.Value)-1]
		}
		p.tagNext()
		n.Range = p.from(start)
		return n
	case tLBrace:
		n := p.container()
		p.tagNext()
		return n
	case tLt:
		n := p.elementTag()
		p.tagNext()
		return n
	}
	p.unexpected("a value")
	return p.nothing()
}

// container parses {expr} and ends with the brace as current token.
func (p *parser) container() Node {
	start, old := p.start, p.inner()
	p.next()
	var n Node
	switch p.tok {
	case tRBrace:
		n = &JSXContainer{}
	case tEllipsis:
		p.next()
		value := p.assign()
		n = &Spread{Value: value}
	default:
		value := p.expression()
		n = &JSXContainer{Expr: value}
	}
	p.closeContainer()
	p.context = old
	r := Range{int32(start), int32(p.end)}
	switch n := n.(type) {
	case *JSXContainer:
		n.Range = r
	case *Spread:
		n.Range = r
	}
	return n
}

// children parses from the > that is the current token to that of the closing
// tag. A closing tag of an element further out closes this one without being
// taken.
func (p *parser) children(n *JSXElement, name string) {
	base := len(p.nodes)
	defer func() { n.Children = p.list(base) }()
	for {
		from := p.end
		size := -1
		if from <= p.markupEnd {
			size = strings.IndexAny(p.src[from:], "<{")
		}
		if size < 0 || p.tree.stopped {
			p.markupEnd = min(p.markupEnd, from-1) // or each element would look again
			p.fail(from, from, Unclosed, "the element "+name+" is not closed")
			// What follows is no text: a statement would be.
			p.start, p.end, p.prevEnd = from, from, from
			return
		}
		if size > 0 {
			p.nodes = append(p.nodes, &JSXText{Range{int32(from), int32(from + size)}, p.src[from : from+size]})
		}
		p.prevEnd, p.end = from+size, from+size
		p.start, p.end = p.end, p.end+1
		p.newline, p.escaped = false, false
		if p.src[p.start] == '{' {
			p.tok = tLBrace
			child := p.container()
			p.nodes = append(p.nodes, child)
			continue
		}
		p.tok = tLt
		at := p.mark()
		p.tagNext()
		if p.tok != tDiv {
			p.undo(&at)
			child := p.elementTag()
			p.nodes = append(p.nodes, child)
			continue
		}
		p.tagNext()
		closing := ""
		from = p.start
		if tag := p.tagName(); tag != nil {
			closing = tag.Name
		}
		if closing != name {
			p.fail(from, max(p.prevEnd, from), Unclosed, "expected </"+name+">, found </"+closing+">")
			for i := len(p.tags) - 2; i >= 0 && i >= len(p.tags)-64; i-- {
				if p.tags[i] == closing {
					p.start, p.end = at.start, at.start
					p.prevEnd = at.start
					return
				}
			}
		}
		if p.tok != tGt {
			p.unexpected(">")
			p.retreat()
		}
		return
	}
}
