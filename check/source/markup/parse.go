package markup

import "strings"

// Parse reads a source. It never fails: see [Doc.Problems].
func Parse(src string, dialect Dialect) *Doc {
	p := &parser{doc: &Doc{Src: src, Dialect: dialect}, src: src, braces: -1, spare: 8*len(src) + 4<<10}
	p.doc.nodes = make([]Node, 0, min(strings.Count(src, "<")+8, MaxNodes))
	p.doc.attrs = make([]Attr, 0, len(src)/64+8)
	if len(src) > MaxSize {
		p.note(TooLarge, Span{0, len(src)})
		p.leaf(Skipped, 0, len(src))
	} else {
		p.run()
	}
	for i := range p.doc.nodes {
		p.doc.nodes[i].doc = p.doc
	}
	return p.doc
}

type parser struct {
	doc   *Doc
	src   string
	stack []int32 // open elements
	last  int32   // the newest child of the innermost open element, or -1
	lasts []int32 // the same for the elements around it
	over  int     // elements open beyond MaxDepth

	braces  int             // the next {{ at or behind the position, once looked for
	spare   int             // bytes that may still be looked at in vain
	endless map[string]bool // raw elements of which no end tag follows
}

func (p *parser) note(t Trouble, s Span) {
	if len(p.doc.Problems) < maxNotes {
		p.doc.Problems = append(p.doc.Problems, Problem{t, s})
	}
}

func (p *parser) run() {
	p.last = -1
	for i := 0; i < len(p.src); {
		if len(p.doc.nodes) >= MaxNodes-2 {
			p.note(TooMany, Span{i, len(p.src)})
			p.leaf(Skipped, i, len(p.src))
			break
		}
		j := p.markup(i)
		if j > i {
			p.leaf(Text, i, j)
		}
		if j >= len(p.src) {
			break
		}
		switch p.src[j+1] {
		case '/':
			i = p.endTag(j)
		case '!':
			i = p.declaration(j)
		case '?':
			i = p.until(Instruction, j, ">")
		default:
			i = p.startTag(j)
		}
	}
	for len(p.stack) > 0 {
		p.forget(len(p.src))
	}
}

// markup is where the next tag, comment or declaration begins, or the end.
func (p *parser) markup(i int) int {
	for {
		j := strings.IndexByte(p.src[i:], '<')
		if j < 0 {
			return len(p.src)
		}
		j += i
		if b := p.nextBraces(i); b < j {
			i = b + 2
			if end, ok := p.binding(b); ok {
				i = end
			}
			continue
		}
		if begins(p.src, j) {
			return j
		}
		i = j + 1
	}
}

// begins reports whether the "<" at i starts markup.
func begins(src string, i int) bool {
	if i+1 >= len(src) {
		return false
	}
	c := src[i+1]
	if c == '/' {
		return i+2 < len(src) && (letter(src[i+2]) || src[i+2] == '>' || blank(src[i+2]))
	}
	return letter(c) || c == '!' || c == '?'
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// nextBraces is the position of the first {{ at or behind i.
func (p *parser) nextBraces(i int) int {
	if p.braces < i {
		if p.braces = strings.Index(p.src[i:], "{{"); p.braces < 0 {
			p.braces = len(p.src)
		} else {
			p.braces += i
		}
	}
	return p.braces
}

// binding is bindingEnd within a budget, so that a source full of unclosed braces
// costs no more than its size.
func (p *parser) binding(i int) (end int, ok bool) {
	if p.spare <= 0 {
		return i, false
	}
	if end, ok = bindingEnd(p.src, i); !ok {
		p.spare -= 2 * min(maxBinding, len(p.src)-i)
	}
	return end, ok
}

func (p *parser) leaf(k Kind, from, to int) {
	n := p.add(k, from)
	n.Span.End, n.Close = to, Span{to, to}
}

// add puts a node behind the last one; it holds no subtree yet.
func (p *parser) add(k Kind, from int) *Node {
	i := int32(len(p.doc.nodes))
	parent := int32(-1)
	if len(p.stack) > 0 {
		parent = p.stack[len(p.stack)-1]
	}
	attrs := int32(len(p.doc.attrs))
	p.doc.nodes = append(p.doc.nodes, Node{
		Kind: k, Span: Span{from, from}, index: i, parent: parent, before: p.last, after: i + 1, attrFrom: attrs, attrTo: attrs,
	})
	p.last = i
	return &p.doc.nodes[i]
}

// until adds a node that ends with mark, or with the source.
func (p *parser) until(k Kind, from int, mark string) int {
	end := strings.Index(p.src[from:], mark)
	if end < 0 {
		p.note(UnclosedComment, Span{from, len(p.src)})
		p.leaf(k, from, len(p.src))
		return len(p.src)
	}
	end += from + len(mark)
	p.leaf(k, from, end)
	return end
}

func (p *parser) declaration(i int) int {
	rest := p.src[i:]
	switch {
	case strings.HasPrefix(rest, "<!-->"):
		p.leaf(Comment, i, i+5)
		return i + 5
	case strings.HasPrefix(rest, "<!--->"):
		p.leaf(Comment, i, i+6)
		return i + 6
	case strings.HasPrefix(rest, "<!--"):
		return p.until(Comment, i, "-->")
	case strings.HasPrefix(rest, "<![CDATA[") && p.doc.Dialect != HTML:
		return p.until(CDATA, i, "]]>")
	}
	return p.until(Doctype, i, ">")
}

func (p *parser) push(i int32) {
	p.stack = append(p.stack, i)
	p.lasts = append(p.lasts, p.last)
	p.last = -1
}

// pop takes the innermost element off; its subtree is whole.
func (p *parser) pop() *Node {
	top := len(p.stack) - 1
	n := &p.doc.nodes[p.stack[top]]
	n.after = int32(len(p.doc.nodes))
	p.last = p.lasts[top]
	p.stack, p.lasts = p.stack[:top], p.lasts[:top]
	return n
}

// forget ends the innermost element at a place where its author wrote no end.
func (p *parser) forget(at int) {
	n := p.pop()
	n.Span.End, n.Close = at, Span{at, at}
	if n.Ending = Unclosed; p.doc.Dialect == HTML && endsByItself[strings.ToLower(n.Name)] {
		n.Ending = Implied
		return
	}
	p.note(UnclosedElement, n.Open)
}

func (p *parser) same(a, b string) bool {
	return a == b || p.doc.Dialect == HTML && strings.EqualFold(a, b)
}

// find is the depth at which the innermost open element of a name lies, or -1.
func (p *parser) find(name string) int {
	for d := len(p.stack) - 1; d >= 0; d-- {
		if p.same(p.doc.nodes[p.stack[d]].Name, name) {
			return d
		}
	}
	return -1
}

func (p *parser) endTag(i int) int {
	j := i + 2
	for j < len(p.src) && blank(p.src[j]) {
		j++
	}
	from := j
	for j < len(p.src) && nameByte(p.src[j]) {
		j++
	}
	name := p.src[from:j]
	for j < len(p.src) && p.src[j] != '>' && p.src[j] != '<' {
		j++
	}
	if j < len(p.src) && p.src[j] == '>' {
		j++
	} else {
		p.note(UnclosedTag, Span{i, j})
	}
	if p.over > 0 {
		p.over--
		p.stray(name, i, j)
		return j
	}
	d := p.find(name)
	if d < 0 {
		p.note(StrayEnd, Span{i, j})
		p.stray(name, i, j)
		return j
	}
	for len(p.stack) > d+1 {
		p.forget(i)
	}
	n := p.pop()
	n.Close, n.Span.End, n.Ending = Span{i, j}, j, EndTag
	return j
}

func (p *parser) stray(name string, i, j int) {
	p.leaf(Stray, i, j)
	p.doc.nodes[len(p.doc.nodes)-1].Name = name
}

// nameByte reports whether c goes on a tag's name.
func nameByte(c byte) bool { return !blank(c) && c != '/' && c != '>' && c != '<' }

func (p *parser) startTag(i int) int {
	j := i + 1
	for j < len(p.src) && nameByte(p.src[j]) {
		j++
	}
	name := p.src[i+1 : j]
	if p.doc.Dialect == HTML {
		p.imply(strings.ToLower(name), i)
	}
	if p.doc.Dialect == Component && len(p.stack) > 0 && (name == "script" || name == "style") {
		// No template holds these: a tag above was left open.
		for len(p.stack) > 0 {
			p.forget(i)
		}
		p.over = 0
	}
	index := int32(len(p.doc.nodes))
	n := p.add(Element, i)
	n.Name, n.attrFrom = name, int32(len(p.doc.attrs))
	end, slash := p.attributes(i, j)
	n = &p.doc.nodes[index]
	n.attrTo = int32(len(p.doc.attrs))
	n.Open, n.Span.End, n.Close = Span{i, end}, end, Span{end, end}
	switch {
	case slash:
		n.Ending = SelfClosing
		return end
	case p.raw(n):
		return p.rawText(index, end)
	case p.void(name) && !p.closedNext(name, end):
		n.Ending = Void
		return end
	case len(p.stack) >= MaxDepth:
		if p.over == 0 {
			p.note(TooDeep, n.Open)
		}
		p.over++
		n.Ending = Unclosed
		return end
	}
	p.push(index)
	return end
}

// raw reports whether an element's inside is no markup.
func (p *parser) raw(n *Node) bool {
	switch p.doc.Dialect {
	case Component:
		if len(p.stack) == 0 && p.over == 0 && (otherBlocks[n.Name] || foreign(p.doc.attrs[n.attrFrom:n.attrTo])) {
			return true
		}
	case Mini:
		switch n.Name {
		case "wxs", "sjs", "qs", "filter":
			return true
		}
	case HTML:
		return strings.EqualFold(n.Name, "script") || strings.EqualFold(n.Name, "style")
	}
	return n.Name == "script" || n.Name == "style"
}

// otherBlocks is the custom blocks of components that hold no markup.
var otherBlocks = map[string]bool{
	"i18n": true, "docs": true, "doc": true, "route": true, "route-block": true, "config": true, "json": true, "page-query": true, "static-query": true,
}

// foreign reports whether a block is written in another language, as pug.
func foreign(attrs []Attr) bool {
	for i := range attrs {
		if attrs[i].Name == "lang" && attrs[i].Value != "" && attrs[i].Value != "html" {
			return true
		}
	}
	return false
}

// rawText takes everything up to the element's end tag.
func (p *parser) rawText(index int32, from int) int {
	n := &p.doc.nodes[index]
	name := n.Name
	to, end := from, from
	for i := from; !p.endless[name]; {
		k := strings.Index(p.src[i:], "</")
		if k < 0 {
			if p.endless == nil {
				p.endless = map[string]bool{}
			}
			p.endless[name] = true
			break
		}
		k += i
		if p.ends(k, name) {
			to, end = k, k+2+len(name)
			break
		}
		i = k + 2
	}
	if end == from {
		p.note(UnclosedRaw, n.Open)
		n.Ending = Unclosed
		if p.doc.Dialect == Component && len(p.stack) == 0 {
			to = len(p.src) // a truncated component: the rest is this block
			p.inside(index, from, to)
			n = &p.doc.nodes[index]
			n.Span.End, n.Close = to, Span{to, to}
			return to
		}
		return from
	}
	for end < len(p.src) && p.src[end] != '>' {
		end++
	}
	if end < len(p.src) {
		end++
	}
	p.inside(index, from, to)
	n = &p.doc.nodes[index]
	n.Close, n.Span.End, n.Ending = Span{to, end}, end, EndTag
	return end
}

// inside gives an element its one child, a raw text.
func (p *parser) inside(index int32, from, to int) {
	if from < to {
		p.push(index)
		p.leaf(Raw, from, to)
		p.pop()
	}
}

// ends reports whether the "</" at i ends an element of that name.
func (p *parser) ends(i int, name string) bool {
	to := i + 2 + len(name)
	return to <= len(p.src) && p.same(p.src[i+2:to], name) && (to == len(p.src) || !nameByte(p.src[to]))
}

func (p *parser) void(name string) bool {
	if p.doc.Dialect == HTML {
		name = strings.ToLower(name)
	}
	switch name {
	case "input", "image", "img", "import", "include", "textarea", "br", "hr", "icon":
		return p.doc.Dialect != HTML || name != "image" && name != "import" && name != "include" && name != "icon"
	case "area", "base", "col", "embed", "link", "meta", "param", "source", "track", "wbr":
		return p.doc.Dialect != Mini
	}
	return false
}

// closedNext reports whether the next tag behind i ends an element of that name;
// comments in between do not count.
func (p *parser) closedNext(name string, i int) bool {
	braces := p.nextBraces(i)
	defer func() { p.braces = braces }() // what was looked at is read again
	for p.spare > 0 {
		j := p.markup(i)
		if j >= len(p.src) {
			return false
		}
		if !strings.HasPrefix(p.src[j:], "<!--") {
			return p.src[j+1] == '/' && p.ends(j, name)
		}
		end := strings.Index(p.src[j+4:], "-->")
		if end < 0 {
			return false
		}
		i = j + 4 + end + 3
		p.spare -= end
	}
	return false
}
