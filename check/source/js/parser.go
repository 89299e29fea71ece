package js

import (
	"path"
	"strings"
	"unicode/utf8"
)

// Dialect says which language a source is written in.
type Dialect uint8

// The dialects. JavaScript takes JSX too, for no JavaScript expression begins
// with <; TypeScript's <T>x forbids that, so TSX stands apart.
const (
	JavaScript Dialect = iota
	TypeScript
	TSX
)

// DialectOf is the dialect of a file by the end of its name, or of the lang
// attribute of a script block.
func DialectOf(name string) Dialect {
	ext := path.Ext(name)
	if ext == "" {
		ext = "." + name
	}
	switch strings.ToLower(ext) {
	case ".ts", ".mts", ".cts":
		return TypeScript
	case ".tsx":
		return TSX
	}
	return JavaScript
}

// Options of [Parse]; the zero value is JavaScript within the limits below.
type Options struct {
	Dialect Dialect
	// MaxDepth bounds how deeply expressions and statements nest. Zero means
	// 1500. What lies deeper becomes one [Bad] node.
	MaxDepth int
	// MaxNodes bounds the tree of one file, give or take a thousand nodes of
	// each kind. Zero means 20 million. What follows is left out.
	MaxNodes int
	// MaxBytes bounds the source. Zero means 64 MiB. A longer one becomes one
	// Bad node.
	MaxBytes int
}

// File is a source and its tree.
type File struct {
	Source   string
	Body     []Node
	Comments []Comment // in the order of the source
	Errors   []Error   // in the order in which they were noticed, at most maxErrors
	Lines    []int32   // offset of the first byte of each line
	Hashbang Range
}

// Text is the source of n.
func (f *File) Text(n Node) string { return f.Source[n.Pos():n.End()] }

// Code names a kind of [Error]; it is stable.
type Code string

// The codes.
const (
	BadCharacter Code = "bad-character" // no token begins so
	BadNumber    Code = "bad-number"
	Unterminated Code = "unterminated" // string, template, regular expression or comment
	Unexpected   Code = "unexpected"   // something else should stand here
	Unclosed     Code = "unclosed"     // a bracket or tag has no partner
	TooDeep      Code = "too-deep"     // Options.MaxDepth
	TooMany      Code = "too-many"     // Options.MaxNodes
	TooLong      Code = "too-long"     // Options.MaxBytes
)

// Error is one place where the source is not what the grammar wants.
type Error struct {
	Pos, End int
	Code     Code
	Message  string
}

const maxErrors = 200

type parser struct {
	cursor
	context

	src  string
	ts   bool // types are taken
	jsx  bool // < begins an element
	file *File
	tree tree

	depth, maxDepth int
	links           int  // see chain
	failures        int  // every error, recorded or not
	lost            bool // a statement ended where nothing may end
	lastFailure     int  // offset of the last recorded error
	budget          int  // bytes that wrong guesses may still read
	templatesEnd    int  // behind it no template is closed; see templateText
	markupEnd       int  // behind it neither < nor { stands; see children

	// Lists under construction; each user cuts back to where it began.
	nodes   []Node
	params  []Param
	decls   []Declarator
	quasis  []Quasi
	names   []Specifier
	covers  []cover
	openers []byte
	tags    []string // JSX elements that are open
}

// context is what the grammar passes down as parameters (ECMA-262 5.1.5).
type context struct {
	async, generator bool
	function         bool // inside the body of a function
	member           bool // inside the value of a member of an object literal
	noIn             bool // in is no operator: the head of a for
	thenBranch       bool // between ? and :, where a colon may belong to either
}

// Parse reads src. The tree keeps a copy of src, so src may be reused.
func Parse(src []byte, opts Options) *File {
	maxBytes, maxNodes := opts.MaxBytes, opts.MaxNodes
	if maxBytes <= 0 {
		maxBytes = 64 << 20
	}
	if maxNodes <= 0 {
		maxNodes = 20_000_000
	}
	f := &File{Source: string(src)}
	if len(src) > min(maxBytes, 1<<31-2) {
		f.Source = f.Source[:min(len(src), 1<<31-2)]
		f.Body = []Node{&Bad{Range{0, int32(len(f.Source))}}}
		f.Errors = []Error{{0, len(f.Source), TooLong, "the file is longer than the limit and was not read"}}
		f.Lines = []int32{0}
		return f
	}
	f.Lines = lines(f.Source)
	p := &parser{
		src: f.Source, file: f, maxDepth: opts.MaxDepth,
		ts: opts.Dialect != JavaScript, jsx: opts.Dialect != TypeScript,
		lastFailure: -1, budget: 8*len(src) + 1<<16, templatesEnd: len(src), markupEnd: len(src),
	}
	if p.maxDepth <= 0 {
		p.maxDepth = 1500
	}
	p.tree.left = maxNodes
	p.tree.identifiers.size = min(len(src)/1024, 256)
	p.tree.members.size = min(len(src)/2048, 256)
	p.tree.lists.size = min(len(src)/1024, 256)
	if strings.HasPrefix(p.src, "\ufeff") {
		p.end = len("\ufeff")
	}
	if strings.HasPrefix(p.src[p.end:], "#!") {
		start := p.end
		p.end = p.lineComment(start, 2)
		f.Comments = nil
		f.Hashbang = Range{int32(start), int32(p.end)}
	}
	p.next()
	p.prevEnd = p.start
	f.Body = p.list(p.statements(tEOF))
	return f
}

// fail records an error, but only one for each place.
func (p *parser) fail(start, end int, code Code, message string) {
	p.failures++
	if start == p.lastFailure || len(p.file.Errors) >= maxErrors {
		return
	}
	p.lastFailure = start
	p.file.Errors = append(p.file.Errors, Error{start, end, code, message})
}

// unexpected records that the current token does not fit.
func (p *parser) unexpected(wanted string) {
	code := Unexpected
	if p.tok == tEOF {
		code = Unclosed
	}
	p.failures++
	if p.start == p.lastFailure || len(p.file.Errors) >= maxErrors {
		return
	}
	p.failures--
	found := spelling[p.tok]
	if p.tok == tIdent || p.tok == tIllegal {
		found = p.src[p.start:min(p.end, p.start+40)]
		for !utf8.ValidString(found) && len(found) > 36 {
			found = found[:len(found)-1]
		}
		found = strings.ToValidUTF8(found, "\ufffd")
	}
	p.fail(p.start, p.end, code, "expected "+wanted+", found "+found)
}

// expect takes the token t, or says that it is missing.
func (p *parser) expect(t token) bool {
	if p.tok == t {
		p.next()
		return true
	}
	p.unexpected(spelling[t])
	return false
}

// take takes the token t if it is there.
func (p *parser) take(t token) bool {
	if p.tok == t {
		p.next()
		return true
	}
	return false
}

// from is the range from start to the end of the last token taken. If none was
// taken since, it is empty and stays behind that token.
func (p *parser) from(start int) Range {
	return Range{int32(min(start, p.prevEnd)), int32(p.prevEnd)}
}

// nothing stands where something is missing.
func (p *parser) nothing() *Bad { return &Bad{Range{int32(p.prevEnd), int32(p.prevEnd)}} }

// within moves n, if it stands for something missing, into the range of its
// parent.
func within(n Node, parent Range) {
	if bad, ok := n.(*Bad); ok && bad.From == bad.To && bad.From < parent.From {
		bad.Range = Range{parent.From, parent.From}
	}
}

// mark is a place to return to after a wrong guess.
type mark struct {
	cursor
	context
	comments, errors, failures, lastFailure int
	depth, links                            int
	nodes, params, decls, quasis, names     int
	covers, tags                            int
}

func (p *parser) mark() mark {
	return mark{
		p.cursor, p.context, len(p.file.Comments), len(p.file.Errors), p.failures, p.lastFailure, p.depth, p.links,
		len(p.nodes), len(p.params), len(p.decls), len(p.quasis), len(p.names), len(p.covers), len(p.tags),
	}
}

// undo returns to m. Guesses that went wrong are paid for from a budget
// proportional to the source; see mayGuess.
func (p *parser) undo(m *mark) {
	p.budget -= max(p.end-m.end, 1)
	p.cursor, p.context = m.cursor, m.context
	p.file.Comments = p.file.Comments[:m.comments]
	p.file.Errors = p.file.Errors[:m.errors]
	p.failures, p.lastFailure, p.depth, p.links = m.failures, m.lastFailure, m.depth, m.links
	p.nodes, p.params, p.decls = p.nodes[:m.nodes], p.params[:m.params], p.decls[:m.decls]
	p.quasis, p.names, p.covers = p.quasis[:m.quasis], p.names[:m.names], p.covers[:m.covers]
	p.tags = p.tags[:m.tags]
}

// mayGuess keeps hostile sources from taking more than linear time.
func (p *parser) mayGuess() bool { return p.budget > 0 }

// inner is the context between brackets; the caller puts the old one back.
func (p *parser) inner() context {
	old := p.context
	p.noIn, p.thenBranch = false, false
	return old
}
