package source

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"clew/check/source/markup"
)

// Form is what a value is.
type Form uint8

// The forms. Computed is what only running would tell: a name, a call, a template.
const (
	Computed Form = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// Value is a piece of a configuration with the place it stands at. The zero Value
// is what a missing key gives; asking it for more gives more of the same.
type Value struct {
	Form  Form
	Span  markup.Span // with its quotes or brackets
	Text  string      // of a string, unescaped; of a number or bool, as written
	Items []Value     // of an array
	Keys  []Member    // of an object, in order; a key may be there twice
	// Partial: something inside was computed (a spread, a computed key) and is
	// missing here.
	Partial bool
}

// Member is a key of an object and its value.
type Member struct {
	Key   string
	Span  markup.Span // of the key, with its quotes
	Value Value
}

// Get is the value of a key, the last one if there are two, as programs see it.
func (v Value) Get(path ...string) Value {
	for _, key := range path {
		found := Value{}
		for _, m := range v.Keys {
			if m.Key == key {
				found = m.Value
			}
		}
		v = found
	}
	return v
}

// Has reports whether an object has a key.
func (v Value) Has(key string) bool {
	for _, m := range v.Keys {
		if m.Key == key {
			return true
		}
	}
	return false
}

// Str is the text of a string, otherwise "".
func (v Value) Str() string {
	if v.Form == String {
		return v.Text
	}
	return ""
}

// maxNesting is how deep configurations are followed.
const maxNesting = 100

// ParseConfig reads JSON as people write it: comments, trailing and missing commas,
// single quotes, bare keys; and the literals of a script's object. ok is false where
// it was more broken than that; v is what could be read all the same.
func ParseConfig(text string) (v Value, ok bool) {
	p := &configParser{src: text}
	p.space()
	v = p.value(0)
	p.space()
	return v, !p.broken && p.at == len(text)
}

// configMarks is what stands before the object of a configuration script: a call, an
// export, the member of a class that Taro's first versions read.
var configMarks = []*regexp.Regexp{
	regexp.MustCompile(`define(?:App|Page)Config\(`),
	regexp.MustCompile(`export\s+default\b`),
	regexp.MustCompile(`module\.exports\s*=`),
	regexp.MustCompile(`\bconfig\s*(?::\s*[\w.<>]+\s*)?=\s`),
}

// exported reads the object that a configuration script exports.
func exported(f *File) (v Value, ok bool) {
	for _, mark := range configMarks {
		at := mark.FindStringIndex(f.Text)
		if at == nil {
			continue
		}
		p := &configParser{src: f.Text, at: at[1]}
		p.space()
		if strings.HasPrefix(p.src[p.at:], "define") { // export default defineAppConfig({
			if paren := strings.IndexByte(p.src[p.at:], '('); paren >= 0 {
				p.at += paren + 1
				p.space()
			}
		}
		if p.at < len(p.src) && p.src[p.at] == '{' {
			v = p.value(0)
			return v, true
		}
	}
	return Value{}, false
}

type configParser struct {
	src    string
	at     int
	broken bool
}

// space steps over white space and comments.
func (p *configParser) space() {
	for p.at < len(p.src) {
		switch c := p.src[p.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f':
			p.at++
		case strings.HasPrefix(p.src[p.at:], "\u00A0"), strings.HasPrefix(p.src[p.at:], "\uFEFF"):
			_, n := utf8.DecodeRuneInString(p.src[p.at:])
			p.at += n
		case strings.HasPrefix(p.src[p.at:], "//"):
			if end := strings.IndexByte(p.src[p.at:], '\n'); end >= 0 {
				p.at += end
			} else {
				p.at = len(p.src)
			}
		case strings.HasPrefix(p.src[p.at:], "/*"):
			if end := strings.Index(p.src[p.at+2:], "*/"); end >= 0 {
				p.at += end + 4
			} else {
				p.at, p.broken = len(p.src), true
			}
		default:
			return
		}
	}
}

func (p *configParser) value(depth int) (v Value) {
	from := p.at
	defer func() { v.Span = markup.Span{Start: from, End: p.at} }()
	if p.at >= len(p.src) {
		p.broken = true
		return v
	}
	switch c := p.src[p.at]; {
	case depth > maxNesting:
		p.broken = true
		p.skip()
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"' || c == '\'':
		return Value{Form: String, Text: p.quoted()}
	default:
		for p.at < len(p.src) && (bareByte(p.src[p.at]) || p.src[p.at] == '.' || p.src[p.at] == '+') {
			p.at++
		}
		switch text := p.src[from:p.at]; {
		case text == "null":
			v.Form = Null
		case text == "true" || text == "false":
			v.Form, v.Text = Bool, text
		case text == "":
			if p.skip(); p.at == from {
				p.broken = true
			}
		default:
			if _, err := strconv.ParseFloat(text, 64); (err == nil || errors.Is(err, strconv.ErrRange)) && (text[0] == '-' || '0' <= text[0] && text[0] <= '9') {
				v.Form, v.Text = Number, text
			}
		}
	}
	return v
}

func (p *configParser) object(depth int) (v Value) {
	v.Form = Object
	p.at++
	for {
		p.space()
		if p.at >= len(p.src) {
			p.broken = true
			return v
		}
		from := p.at
		key := ""
		switch c := p.src[p.at]; c {
		case '}':
			p.at++
			return v
		case ',':
			p.at++
			continue
		case ']', ')':
			p.broken = true
			return v
		case '"', '\'':
			key = p.quoted()
		default:
			for p.at < len(p.src) && bareByte(p.src[p.at]) {
				p.at++
			}
			key = p.src[from:p.at]
		}
		span := markup.Span{Start: from, End: p.at}
		p.space()
		if key != "" && p.at < len(p.src) && p.src[p.at] == ':' || p.at > from && p.at < len(p.src) && p.src[p.at] == ':' {
			p.at++
			p.space()
			value := p.whole(depth + 1)
			v.Partial = v.Partial || value.Partial || value.Form == Computed
			v.Keys = append(v.Keys, Member{key, span, value})
			continue
		}
		// A spread, a method, a computed key: nothing that can be read.
		v.Partial = true
		if p.skip(); p.at == from {
			p.at++
			p.broken = true
		}
	}
}

func (p *configParser) array(depth int) (v Value) {
	v.Form = Array
	p.at++
	for {
		p.space()
		if p.at >= len(p.src) {
			p.broken = true
			return v
		}
		switch c := p.src[p.at]; c {
		case ']':
			p.at++
			return v
		case ',':
			p.at++
			continue
		case '}', ')':
			p.broken = true
			return v
		}
		from := p.at
		item := p.whole(depth + 1)
		if p.at == from {
			p.at++
			p.broken = true
			continue
		}
		v.Partial = v.Partial || item.Partial || item.Form == Computed
		v.Items = append(v.Items, item)
	}
}

// whole reads a value and what an operator adds to it, as in "a" + b, which makes
// it a computed one.
func (p *configParser) whole(depth int) Value {
	v := p.value(depth)
	end := p.at
	p.space()
	if p.at >= len(p.src) {
		return v
	}
	switch c := p.src[p.at]; {
	case c == ',' || c == '}' || c == ']' || c == ')' || c == '"' || c == '\'' || c == '{' || c == '[' || bareByte(c):
		return v // a missing comma is forgiven
	}
	p.skip()
	return Value{Span: markup.Span{Start: v.Span.Start, End: max(end, p.at)}}
}

func bareByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '$' || c == '-' || c >= 0x80
}

// skip goes to the comma or bracket that ends a value it cannot read.
func (p *configParser) skip() {
	for depth := 0; p.at < len(p.src); {
		switch c := p.src[p.at]; c {
		case '"', '\'', '`':
			p.quoted()
			continue
		case '/':
			at := p.at
			if p.space(); p.at > at {
				continue
			}
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			if depth == 0 {
				return
			}
			depth--
		case ',', '\n':
			if depth == 0 && c == ',' {
				return
			}
		}
		p.at++
	}
}

// quoted reads a string from its quote on; one that is not closed ends with its line.
func (p *configParser) quoted() string {
	quote := p.src[p.at]
	p.at++
	from := p.at
	plain := true
	for p.at < len(p.src) {
		switch c := p.src[p.at]; {
		case c == quote:
			text := p.src[from:p.at]
			p.at++
			if plain {
				return text
			}
			return unescape(text)
		case c == '\\' && p.at+1 < len(p.src):
			plain = false
			p.at++
		case c == '\n' && quote != '`':
			p.broken = true
			return p.src[from:p.at]
		}
		p.at++
	}
	p.at = len(p.src)
	p.broken = true
	return p.src[min(from, p.at):]
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case '\n':
		case 'u':
			r, n := unicodeEscape(s[i-1:])
			b.WriteRune(r)
			i += n - 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// unicodeEscape reads \uXXXX, or a pair of them; n is the bytes read, at least 2.
func unicodeEscape(s string) (r rune, n int) {
	four := func(s string) (rune, bool) {
		if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
			return 0, false
		}
		x, err := strconv.ParseUint(s[2:6], 16, 32)
		return rune(x), err == nil
	}
	r, ok := four(s)
	if !ok {
		return utf8.RuneError, 2
	}
	if r >= 0xD800 && r < 0xDC00 {
		if low, ok := four(s[6:]); ok && low >= 0xDC00 && low < 0xE000 {
			return (r-0xD800)<<10 + (low - 0xDC00) + 0x10000, 12
		}
	}
	if r >= 0xD800 && r < 0xE000 {
		r = utf8.RuneError
	}
	return r, 6
}
