package js

// template parses a template literal whose first piece is the current token
// (ECMA-262 13.2.8).
func (p *parser) template() *Template {
	start, old := p.start, p.inner()
	base, quasis := len(p.nodes), len(p.quasis)
	open := true
	for {
		from, to := p.start+1, p.end-1
		if p.tok == tTemplateHead {
			to--
		} else if from > p.end || p.src[p.end-1] != '`' || p.end == p.start+1 {
			to = p.end // not closed
		}
		q := Quasi{Range: Range{int32(from), int32(max(from, to))}}
		q.Cooked = p.src[q.From:q.To]
		if p.escaped {
			q.Cooked = cook(q.Cooked)
		}
		p.quasis = append(p.quasis, q)
		open = p.tok == tTemplateHead
		p.next()
		if !open {
			break
		}
		value := p.expression()
		p.nodes = append(p.nodes, value)
		if p.tok != tRBrace {
			p.unexpected("} of a template")
			at := p.start
			for p.tok != tRBrace && p.tok != tEOF && p.tok != tSemi && (!p.newline || p.start == at) {
				p.skip()
			}
			if p.prevEnd > at {
				p.nodes[len(p.nodes)-1] = &Bad{Range{int32(value.Pos()), int32(p.prevEnd)}}
			}
			if p.tok != tRBrace {
				p.quasis = append(p.quasis, Quasi{Range: Range{int32(p.prevEnd), int32(p.prevEnd)}})
				break
			}
		}
		p.templateRest()
	}
	p.context = old
	n := &Template{Range: p.from(start), Exprs: p.list(base)}
	n.Quasis = append(n.Quasis, p.quasis[quasis:]...)
	p.quasis = p.quasis[:quasis]
	return n
}

func (p *parser) tagged(tag Node, start int) Node {
	quasi := p.template()
	return &Tagged{p.from(start), tag, quasi}
}
