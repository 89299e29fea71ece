package markup

import "strings"

// attributes reads a start tag from the end of its name on; tag is where the tag
// began. It returns where the tag ends and whether it ended in "/>".
func (p *parser) attributes(tag, i int) (end int, slash bool) {
	src := p.src
	for {
		for i < len(src) && blank(src[i]) {
			i++
		}
		if i >= len(src) {
			p.note(UnclosedTag, Span{tag, i})
			return i, false
		}
		switch src[i] {
		case '>':
			return i + 1, false
		case '/':
			if i+1 < len(src) && src[i+1] == '>' {
				return i + 2, true
			}
			i++
			continue
		case '<':
			if strings.HasPrefix(src[i:], "<!--") {
				if end := strings.Index(src[i:], "-->"); end >= 0 {
					p.note(CommentInTag, Span{i, i + end + 3})
					i += end + 3
					continue
				}
			}
			if begins(src, i) {
				p.note(UnclosedTag, Span{tag, i})
				return i, false
			}
		}
		i = p.attribute(i)
	}
}

// attribute reads one attribute and goes on by at least a byte.
func (p *parser) attribute(i int) int {
	src := p.src
	from := i
	for i < len(src) {
		c := src[i]
		if c == '{' && i+1 < len(src) && src[i+1] == '{' && p.doc.Dialect == Mini {
			if end, ok := p.binding(i); ok {
				i = end
				continue
			}
		}
		if blank(c) || c == '>' || c == '=' && i > from || c == '/' && (p.doc.Dialect == HTML || i+1 < len(src) && src[i+1] == '>') {
			break
		}
		if c == '<' && i > from && begins(src, i) {
			break
		}
		i++
	}
	a := Attr{Name: src[from:i], NameSpan: Span{from, i}, ValueSpan: Span{i, i}}
	next := i
	for next < len(src) && blank(src[next]) {
		next++
	}
	if next < len(src) && src[next] == '=' {
		a.HasValue = true
		i = p.value(&a, next+1)
	}
	p.doc.attrs = append(p.doc.attrs, a)
	return i
}

// value reads what follows the "=".
func (p *parser) value(a *Attr, i int) int {
	src := p.src
	for i < len(src) && blank(src[i]) {
		i++
	}
	if i >= len(src) {
		a.ValueSpan = Span{i, i}
		return i
	}
	if src[i] != '"' && src[i] != '\'' {
		end := p.bareValue(i)
		a.Value, a.ValueSpan = src[i:end], Span{i, end}
		return end
	}
	quote := src[i]
	from := i + 1
	end := p.quotedEnd(from, quote)
	if end < 0 {
		p.note(UnclosedQuote, Span{i, from})
		// The quote belongs to the value: what is reported can be found again.
		end = from
		for end < len(src) && src[end] != '>' && src[end] != '\n' {
			end++
		}
		if end > from && end < len(src) && src[end] == '>' && src[end-1] == '/' {
			end--
		}
		a.Value, a.ValueSpan = src[i:end], Span{i, end}
		return end
	}
	a.Value, a.ValueSpan, a.Quote = src[from:end], Span{from, end}, quote
	return end + 1
}

// bareValue is the end of a value without quotes.
func (p *parser) bareValue(i int) int {
	src := p.src
	for from := i; i < len(src); i++ {
		c := src[i]
		if c == '{' && i+1 < len(src) && src[i+1] == '{' && p.doc.Dialect != HTML {
			if end, ok := p.binding(i); ok {
				i = end - 1
				continue
			}
		}
		if blank(c) || c == '>' {
			break
		}
		if c == '/' && p.doc.Dialect != HTML && i+1 < len(src) && src[i+1] == '>' {
			break
		}
		if c == '<' && i > from && p.doc.Dialect != HTML && begins(src, i) {
			break
		}
	}
	return i
}

// quotedEnd is where the closing quote of a value stands, or -1. In mini-program
// templates a {{ }} may hold the same quote.
func (p *parser) quotedEnd(from int, quote byte) int {
	src := p.src
	k := p.nextQuote(from, quote)
	braces := p.nextBraces(from)
	if p.doc.Dialect == Mini && p.spare > 0 {
		for pos := from; k >= 0; {
			b := p.nextBraces(pos)
			if b >= k {
				break
			}
			end, ok := p.binding(b)
			if ok && end > k && strings.Contains(src[b+2:end-2], "{{") {
				ok = false // two values, the first of which is not closed
			}
			if !ok {
				pos = b + 2
				continue
			}
			if pos = end; pos > k {
				if k = p.nextQuote(pos, quote); k < 0 {
					p.spare -= pos - from
				}
			}
		}
	}
	if k < 0 {
		p.braces = braces
		return -1
	}
	// A quote that runs into the next tag was not closed where it should have been.
	if k+1 < len(src) && !blank(src[k+1]) && src[k+1] != '>' && src[k+1] != '/' && p.spare > 0 {
		if v := src[from:k]; strings.IndexByte(v, '>') >= 0 && strings.HasSuffix(strings.TrimRight(v, " \t\r\n"), "=") {
			p.spare -= k - from
			p.braces = braces // what was looked at is read again
			return -1
		}
	}
	return k
}

func (p *parser) nextQuote(i int, quote byte) int {
	k := strings.IndexByte(p.src[i:], quote)
	if k < 0 {
		return -1
	}
	return i + k
}

// endsByItself is the elements of HTML whose end tag may be left out.
var endsByItself = map[string]bool{
	"html": true, "head": true, "body": true, "p": true, "li": true, "dt": true, "dd": true, "option": true, "optgroup": true,
	"tr": true, "td": true, "th": true, "thead": true, "tbody": true, "tfoot": true, "colgroup": true, "caption": true,
}

// ends lists, for the start of an element, which open ones it ends, and the
// element that they cannot be reached through.
func endedBy(name string) (ended, wall string) {
	switch name {
	case "li":
		return " li ", " ul ol menu "
	case "dt", "dd":
		return " dt dd ", " dl "
	case "option":
		return " option ", " select datalist optgroup "
	case "optgroup":
		return " option optgroup ", " select "
	case "td", "th":
		return " td th ", " table tr "
	case "tr":
		return " tr td th ", " table "
	case "tbody", "thead", "tfoot":
		return " tr td th tbody thead tfoot colgroup caption ", " table "
	case "address", "article", "aside", "blockquote", "div", "dl", "fieldset", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
		"header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul":
		return " p ", " button "
	}
	return "", ""
}

// imply ends the elements of HTML that the start of another ends.
func (p *parser) imply(name string, at int) {
	ended, wall := endedBy(name)
	if ended == "" || p.over > 0 {
		return
	}
	deepest := -1
	for d := len(p.stack) - 1; d >= 0; d-- {
		open := " " + strings.ToLower(p.doc.nodes[p.stack[d]].Name) + " "
		if strings.Contains(ended, open) {
			deepest = d
			continue
		}
		if strings.Contains(wall, open) || ended == " p " || !endsByItself[strings.TrimSpace(open)] {
			break
		}
	}
	for deepest >= 0 && len(p.stack) > deepest {
		p.forget(at)
	}
}
