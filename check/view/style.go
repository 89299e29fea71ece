package view

import (
	"strings"

	"clew/check/source/markup"
)

// Sheet is what a style sheet says about how things lie on the page; everything
// else in it is left out.
type Sheet struct {
	// Imports is the sheets that this one takes in, as written; they are not part
	// of it.
	Imports []string

	rules []rule
	// by finds rules by what the last part of their selector asks for first: ".x",
	// "#x" or a tag.
	by map[string][]int32
}

// rule is one selector with its declarations.
type rule struct {
	last   compound
	around []compound // what must stand around, the innermost first
	weight int32      // specificity
	decls  []declaration
}

// compound is .a.b#c and a tag, without what depends on the moment.
type compound struct {
	tag, id string
	classes []string
}

// Limits of a sheet; what lies behind is left out.
const (
	maxNesting   = 32
	maxSelectors = 256     // of one rule, after nesting
	maxRules     = 1 << 17 // of a sheet
)

// laying is the properties that are kept.
var laying = set(`position display visibility opacity zindex width height minheight minwidth top right bottom left inset background backgroundcolor`)

// ParseStyle reads CSS and its kin of mini-programs, SCSS and Less, and Stylus as
// far as it is written with braces. It never fails: what it does not understand is
// stepped over. Blocks that hold under a condition (@media, @if) count as holding.
func ParseStyle(text string) *Sheet {
	p := &styler{src: text, sheet: &Sheet{by: map[string][]int32{}}}
	p.block(nil, 0)
	for i := range p.sheet.rules {
		key := p.sheet.rules[i].last.key()
		p.sheet.by[key] = append(p.sheet.by[key], int32(i))
	}
	return p.sheet
}

func (c *compound) key() string {
	switch {
	case c.id != "":
		return "#" + c.id
	case len(c.classes) > 0:
		return "." + c.classes[len(c.classes)-1]
	}
	return c.tag
}

type styler struct {
	src   string
	i     int
	sheet *Sheet
}

// block reads up to the } that ends it, or to the end of the source; above is the
// selectors that what stands here belongs to.
func (p *styler) block(above []string, depth int) {
	var decls []declaration
	for {
		chunk, end := p.chunk()
		switch end {
		case '{':
			p.enter(chunk, above, depth)
		case ';':
			if at, ok := strings.CutPrefix(chunk, "@"); ok {
				p.directive(at)
				continue
			}
			decls = append(decls, layingOf(chunk)...)
		default:
			decls = append(decls, layingOf(chunk)...)
			p.add(above, decls)
			return
		}
	}
}

// chunk is the characters up to the next ; { } or the end, without comments, and
// which of them it was (0 the end).
func (p *styler) chunk() (string, byte) {
	src, from := p.src, p.i
	var cut strings.Builder // used once a comment was taken out
	round := 0
	done := func(i int) string {
		if cut.Len() > 0 {
			cut.WriteString(src[from:i])
			return strings.TrimSpace(cut.String())
		}
		return strings.TrimSpace(src[from:i])
	}
	for i := p.i; i < len(src); i++ {
		switch c := src[i]; c {
		case '"', '\'':
			for i++; i < len(src) && src[i] != c && src[i] != '\n'; i++ {
				if src[i] == '\\' {
					i++
				}
			}
		case '(':
			round++
		case ')':
			round = max(0, round-1)
		case '\\':
			i++
		case '/':
			if i+1 >= len(src) || src[i+1] != '*' && (src[i+1] != '/' || round > 0 || i > 0 && src[i-1] == ':') {
				continue
			}
			mark, size := "*/", 2
			if src[i+1] == '/' {
				mark, size = "\n", 0
			}
			cut.WriteString(src[from:i])
			cut.WriteByte(' ')
			end := strings.Index(src[i+2:], mark)
			if end < 0 {
				from, p.i = len(src), len(src)
				return done(len(src)), 0
			}
			i += 2 + end + size - 1
			from = i + 1
		case '#', '@':
			if i+1 < len(src) && src[i+1] == '{' { // #{…} and @{…} of SCSS and Less
				if end := strings.IndexByte(src[i:], '}'); end >= 0 {
					i += end
				}
			}
		case ';':
			if rest := src[i+1:]; round > 0 && (strings.HasPrefix(rest, "base64") || strings.HasPrefix(rest, "charset") || strings.HasPrefix(rest, "utf")) {
				continue // url(data:…;base64,…)
			}
			p.i = i + 1
			return done(i), ';'
		case '{', '}':
			p.i = i + 1
			return done(i), c
		}
	}
	p.i = len(src)
	return done(len(src)), 0
}

// skip goes behind the } of the block just entered.
func (p *styler) skip() {
	for depth := 1; depth > 0; {
		switch _, end := p.chunk(); end {
		case '{':
			depth++
		case '}':
			depth--
		case 0:
			return
		}
	}
}

// enter reads the block behind a selector or an at-rule.
func (p *styler) enter(head string, above []string, depth int) {
	if i := strings.LastIndexByte(head, '\n'); i >= 0 && !strings.Contains(head[:i], ",") && strings.Contains(head[:i], ":") {
		head = strings.TrimSpace(head[i+1:]) // a declaration without semicolon stood before
	}
	if depth >= maxNesting || head == "" && above == nil {
		p.skip()
		return
	}
	if at, ok := strings.CutPrefix(head, "@"); ok {
		word, _, _ := strings.Cut(at, " ")
		word, _, _ = strings.Cut(word, "(")
		switch {
		case strings.HasSuffix(word, "keyframes"), word == "font-face", word == "mixin", word == "function", word == "page", word == "property",
			strings.HasPrefix(at, "media print"):
			p.skip()
		default:
			p.block(above, depth+1)
		}
		return
	}
	if strings.HasPrefix(head, "}") {
		p.skip()
		return
	}
	p.block(nested(above, head), depth+1)
}

// nested is the selectors of a rule inside others, in full.
func nested(above []string, head string) []string {
	var all []string
	for one := range splitComma(head) {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		if above == nil {
			all = append(all, strings.ReplaceAll(one, "&", ""))
		}
		for _, up := range above {
			if len(all) >= maxSelectors || len(up)+len(one) > 1024 {
				break
			}
			if strings.IndexByte(one, '&') >= 0 {
				all = append(all, strings.Replace(one, "&", up, 1))
			} else {
				all = append(all, up+" "+one)
			}
		}
		if len(all) >= maxSelectors {
			break
		}
	}
	if all == nil {
		all = []string{}
	}
	return all
}

// splitComma cuts at the commas that stand in no bracket.
func splitComma(s string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		from, round := 0, 0
		for i := range len(s) {
			switch s[i] {
			case '(', '[':
				round++
			case ')', ']':
				round--
			case ',':
				if round <= 0 {
					if !yield(s[from:i]) {
						return
					}
					from = i + 1
				}
			}
		}
		yield(s[from:])
	}
}

func (p *styler) directive(at string) {
	word, rest, _ := strings.Cut(at, " ")
	switch word {
	case "import", "use", "forward", "require":
	default:
		if rest, _ = strings.CutPrefix(at, "import"); rest == at {
			return
		}
	}
	for one := range splitComma(rest) {
		one = strings.TrimSpace(one)
		if i := strings.IndexByte(one, ')'); strings.HasPrefix(one, "(") && i > 0 { // Less: (reference) "x"
			one = strings.TrimSpace(one[i+1:])
		}
		if inner, ok := strings.CutPrefix(one, "url("); ok {
			one, _, _ = strings.Cut(inner, ")")
		}
		if one == "" {
			continue
		}
		if q := one[0]; q == '"' || q == '\'' {
			one, _, _ = strings.Cut(one[1:], string(q))
		} else {
			one, _, _ = strings.Cut(one, " ")
		}
		if one != "" {
			p.sheet.Imports = append(p.sheet.Imports, one)
		}
	}
}

// layingOf is the declarations in a chunk that say how a thing lies. Lines without
// semicolons, as people forget them and Stylus allows, are read one by one.
func layingOf(chunk string) (found []declaration) {
	for chunk != "" {
		line := chunk
		if i := strings.IndexByte(chunk, '\n'); i >= 0 {
			line, chunk = chunk[:i], chunk[i+1:]
		} else {
			chunk = ""
		}
		line = strings.TrimSpace(line)
		i := 0
		for i < len(line) && (line[i] == '-' || 'a' <= line[i]|0x20 && line[i]|0x20 <= 'z') {
			i++
		}
		if i == 0 || i == len(line) {
			continue
		}
		property := markup.Fold(line[:i])
		if !laying[property] {
			continue
		}
		value := strings.TrimSpace(line[i:])
		if value != "" && value[0] == ':' {
			value = strings.TrimSpace(value[1:])
		} else if line[i] != ' ' && line[i] != '\t' {
			continue
		}
		found = append(found, declaration{property: property, value: strings.ToLower(value)})
	}
	return found
}

func (p *styler) add(selectors []string, decls []declaration) {
	if len(decls) == 0 {
		return
	}
	for _, s := range selectors {
		if len(p.sheet.rules) >= maxRules {
			return
		}
		if r, ok := selector(s); ok {
			r.decls = decls
			p.sheet.rules = append(p.sheet.rules, r)
		}
	}
}

var parentheses = strings.NewReplacer("(", " ", ")", " ")

// selector reads one selector; ok is false for one that speaks of a moment or of a
// part (:hover, ::before), or of everything.
func selector(s string) (r rule, ok bool) {
	for _, deep := range []string{"::v-deep", "/deep/", ">>>", ":deep", ":global"} {
		if strings.Contains(s, deep) {
			s = strings.ReplaceAll(s, deep, " ")
			s = parentheses.Replace(s)
		}
	}
	var parts []compound
	for i := 0; i < len(s); {
		switch c := s[i]; c {
		case ' ', '\t', '\n', '\r', '>', '*':
			i++
			continue
		case '+', '~': // what stands before a sibling is not looked at
			if len(parts) > 0 {
				parts = parts[:len(parts)-1]
			}
			i++
			continue
		}
		from := i
		for i < len(s) && strings.IndexByte(" \t\r\n>+~*", s[i]) < 0 {
			if s[i] == '(' || s[i] == '[' {
				for i < len(s) && s[i] != ')' && s[i] != ']' {
					i++
				}
			}
			if i < len(s) {
				i++
			}
		}
		c, fits := compoundOf(s[from:i])
		if !fits {
			return r, false
		}
		switch {
		case c.id == "" && len(c.classes) == 0 && (c.tag == "page" || c.tag == "body" || c.tag == "html" || c.tag == ""):
			if i >= len(s) {
				return r, false
			}
		default:
			parts = append(parts, c)
		}
		if c.id != "" {
			r.weight += 1 << 16
		}
		r.weight += int32(len(c.classes)) << 8
		if c.tag != "" {
			r.weight++
		}
	}
	if len(parts) == 0 {
		return r, false
	}
	r.last = parts[len(parts)-1]
	for i := len(parts) - 2; i >= 0; i-- {
		r.around = append(r.around, parts[i])
	}
	return r, true
}

func compoundOf(s string) (c compound, ok bool) {
	for i := 0; i < len(s); {
		from := i
		if i++; s[from] != '.' && s[from] != '#' && s[from] != ':' && s[from] != '[' {
			i = from
		}
		for i < len(s) && s[i] != '.' && s[i] != '#' && s[i] != ':' && s[i] != '[' {
			i++
		}
		name := s[from:i]
		switch s[from] {
		case '.':
			c.classes = append(c.classes, name[1:])
		case '#':
			c.id = name[1:]
		case ':':
			if name != ":host" && name != ":root" {
				return c, false
			}
		case '[':
			return c, false
		default:
			c.tag = name
		}
	}
	return c, true
}
