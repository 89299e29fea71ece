package settings

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"clew/check/source"
	"clew/finding"
)

// marker is what a suppression begins with, directly after the comment's opening:
//
//	// clew-ignore RULE[, RULE]: reason
//	/* clew-ignore RULE: reason */      also {/* … */} between JSX elements
//	<!-- clew-ignore RULE: reason -->
//
// Beside code it covers its own line; alone, the next line of code, and if a tag
// begins there, all lines of that opening tag. With "clew-ignore-file" it covers
// the file. The colon may be full-width.
const marker = "clew-ignore"

// Suppression is one such comment, sound or not; [Apply] judges it.
type Suppression struct {
	// Place is the comment from its opening to its end, in offsets into the text
	// that was scanned.
	Place  finding.Place
	Rules  []string
	Reason string // white space collapsed; "" is missing
	Whole  bool   // covers the file
	From   int    // the lines it covers, both included; 0 if Whole
	To     int
	Odd    string // what stands after the marker if that is no form we know, as "-next-line"
}

// How far is looked for what belongs to a comment, in bytes. They keep the time
// linear however many comments a file has.
const (
	maxBefore = 4 << 10 // the line up to it
	maxLine   = 2 << 10 // from it to the end of its line
	maxGap    = 2 << 10 // to the next code
	maxTag    = 4 << 10 // to the end of an opening tag
)

// Scan finds the suppressions of one file, in order. text is the file as UTF-8.
// What only looks like one, in a string or in a template's visible text, is left
// out as far as the line and the kind of file tell.
func Scan(file, text string) []Suppression {
	first := strings.Index(text, marker)
	if first < 0 {
		return nil
	}
	s := scanner{file: file, text: text, kind: source.KindOf(file), line: 1}
	for at := first; ; {
		next := at + len(marker)
		if c, ok := s.comment(at); ok {
			s.found = append(s.found, s.suppression(at, c))
			next = c.end
		}
		i := strings.Index(text[next:], marker)
		if i < 0 {
			return s.found
		}
		at = next + i
	}
}

type scanner struct {
	file  string
	text  string
	kind  source.FileKind
	found []Suppression

	// Everything up to read has been looked at: line is the line there, lineAt where
	// that line begins, column how many UTF-16 code units are between, script whether
	// a script or style element is open.
	read   int
	line   int
	lineAt int
	column int
	script bool
	// noEnd holds closings that do not occur any more.
	noEnd [2]bool
}

// comment is a stretch of text.
type comment struct {
	open, body, close, end int // the comment is text[open:end], what it says text[body:close]
}

// advance moves the reading mark forward to at.
func (s *scanner) advance(at int) {
	part, from := s.text[s.read:at], s.read
	for i := 0; i < len(part); {
		j := strings.IndexAny(part[i:], "\r\n")
		if j < 0 {
			break
		}
		i += j + 1
		if next := s.read + i; part[i-1] == '\r' && next < len(s.text) && s.text[next] == '\n' {
			continue
		}
		s.line++
		s.lineAt = s.read + i
		s.column, from = 0, s.lineAt
	}
	s.column += units(s.text[from:at])
	if s.kind == source.Page || s.kind == source.Component {
		opened := max(strings.LastIndex(part, "<script"), strings.LastIndex(part, "<style"))
		closed := max(strings.LastIndex(part, "</script"), strings.LastIndex(part, "</style"))
		if opened >= 0 || closed >= 0 {
			s.script = opened > closed
		}
	}
	s.read = at
}

// comment tells where the comment lies that the marker at at begins.
func (s *scanner) comment(at int) (comment, bool) {
	head := strings.TrimRight(s.text[s.read:at], " \t")
	var opening, closing string
	which := 0
	switch {
	case strings.HasSuffix(head, "<!--"):
		opening, closing = "<!--", "-->"
	case strings.HasSuffix(head, "/**"):
		opening, closing, which = "/**", "*/", 1
	case strings.HasSuffix(head, "/*"):
		opening, closing, which = "/*", "*/", 1
	case strings.HasSuffix(head, "//"):
		opening = "//"
	default:
		return comment{}, false
	}
	c := comment{open: s.read + len(head) - len(opening), body: at + len(marker)}
	s.advance(c.open)
	if !s.speaks(opening) || opening != "<!--" && s.quoted(c.open, c.body) {
		return comment{}, false
	}
	c.close = c.body + lineEnd(s.text[c.body:])
	c.end = c.close
	if closing != "" && !s.noEnd[which] {
		if i := strings.Index(s.text[c.body:], closing); i >= 0 {
			c.close = c.body + i
			c.end = c.close + len(closing)
		} else {
			s.noEnd[which] = true
		}
	}
	return c, true
}

// speaks reports whether the place that was read up to takes comments of this kind.
func (s *scanner) speaks(opening string) bool {
	markup := opening == "<!--"
	switch s.kind {
	case source.Template:
		return markup
	case source.Page, source.Component:
		return markup != s.script
	case source.Script, source.Style, source.Config:
		return !markup
	}
	return true
}

// quoted reports whether a quote opens on the line before from and closes on it
// after to: then it is a string that only looks like a comment.
func (s *scanner) quoted(from, to int) bool {
	var open byte
	for i := max(s.lineAt, from-maxBefore); i < from; i++ {
		switch b := s.text[i]; {
		case b == '\\':
			i++
		case open != 0 && b == open:
			open = 0
		case open == 0 && (b == '"' || b == '\'' || b == '`'):
			open = b
		}
	}
	if open == 0 {
		return false
	}
	rest := s.text[to:]
	return strings.IndexByte(rest[:lineEnd(rest)], open) >= 0
}

// lineEnd is where the first line of s ends, or how far of it is looked at.
func lineEnd(s string) int {
	end := min(len(s), maxLine)
	if i := strings.IndexAny(s[:end], "\r\n"); i >= 0 {
		return i
	}
	for end > 0 && end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	return end
}

func (s *scanner) suppression(at int, c comment) Suppression {
	n := Suppression{Place: finding.Place{File: s.file, Start: c.open, End: c.end, Line: s.line, Column: 1 + s.column}}
	before, from := s.text[s.lineAt:c.open], s.line
	s.advance(c.end)
	n.Place.EndLine, n.Place.EndColumn = s.line, 1+s.column

	says := s.text[at+len(marker) : c.close]
	if strings.HasPrefix(says, "-file") && !inWord(says[len("-file"):]) {
		n.Whole, says = true, says[len("-file"):]
	} else if inWord(says) {
		n.Odd = says[:strings.IndexFunc(says+" ", func(r rune) bool { return !wordly(r) })]
		return n
	}
	n.Rules, n.Reason = claims(says)
	if n.Whole {
		return n
	}
	after := s.text[c.end:]
	after = after[:lineEnd(after)]
	before, after = strings.TrimSpace(before), strings.TrimSpace(after)
	past := c.end
	if before == "{" && after == "}" { // between JSX elements
		before, after, past = "", "", c.end+strings.IndexByte(s.text[c.end:], '}')+1
	}
	n.From, n.To = from, s.line
	if before == "" && after == "" {
		n.To = s.nextCode(past)
	}
	return n
}

// inWord reports whether the marker goes on in another word than ours.
func inWord(rest string) bool {
	r, n := utf8.DecodeRuneInString(rest)
	return n > 0 && wordly(r)
}

func wordly(r rune) bool { return r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// claims splits "RULE, RULE: reason".
func claims(says string) (rules []string, reason string) {
	// A leading star on a comment's further lines is decoration.
	says = strings.TrimRight(strings.TrimSpace(says), "*")
	ids := says
	if i := strings.IndexAny(says, ":："); i >= 0 {
		_, n := utf8.DecodeRuneInString(says[i:])
		ids, reason = says[:i], says[i+n:]
	} else if f := strings.Fields(says); len(f) > 0 {
		ids = f[0]
	}
	rules = strings.FieldsFunc(ids, func(r rune) bool { return r == ',' || r == '，' || r == '、' || unicode.IsSpace(r) })
	words := strings.FieldsFunc(reason, unicode.IsSpace)
	reason = strings.Join(words, " ")
	if !strings.ContainsFunc(reason, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		reason = ""
	}
	return rules, reason
}

// units is the length in UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

// nextCode is the line up to which a comment covers that ends at from and stands
// alone: that of the first code, other comments skipped, or of the end of the
// opening tag that begins there.
func (s *scanner) nextCode(from int) int {
	rest := s.text[from:min(len(s.text), from+maxGap)]
	i := 0
	for i < len(rest) {
		trimmed := strings.TrimLeftFunc(rest[i:], unicode.IsSpace)
		i = len(rest) - len(trimmed)
		var opening, closing string
		switch {
		case strings.HasPrefix(trimmed, "<!--") && s.speaks("<!--"):
			opening, closing = "<!--", "-->"
		case strings.HasPrefix(trimmed, "//") && s.speaks("//"):
			opening, closing = "//", "\n"
		case strings.HasPrefix(trimmed, "/*") && s.speaks("/*"):
			opening, closing = "/*", "*/"
		case strings.HasPrefix(trimmed, "{/*") && s.speaks("/*"):
			opening, closing = "{/*", "*/}"
		}
		if opening == "" {
			break
		}
		j := strings.Index(trimmed[len(opening):], closing)
		if j < 0 {
			i = len(rest)
			break
		}
		i += len(opening) + j + len(closing)
	}
	if i >= len(rest) {
		return s.line // nothing follows
	}
	to := from + i
	to += s.tag(s.text[to:min(len(s.text), to+maxTag)])
	return s.line + breaks(s.text[from:to])
}

// tag is how far the opening tag reaches that code begins with, 0 if there is none
// or its end is not in sight. Braces count in scripts, where a handler may hold ">".
func (s *scanner) tag(code string) int {
	if len(code) < 2 || code[0] != '<' || !unicode.IsLetter(rune(code[1])) {
		return 0
	}
	braces := s.kind == source.Script
	depth, quote := 0, byte(0)
	for i := 1; i < len(code); i++ {
		switch b := code[i]; {
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '"' || b == '\'' || b == '`' && depth > 0:
			quote = b
		case b == '{' && braces:
			depth++
		case b == '}' && braces:
			depth--
		case b == '>' && depth <= 0:
			return i
		}
	}
	return 0
}

// breaks counts the line ends in s.
func breaks(s string) int {
	return strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
}
