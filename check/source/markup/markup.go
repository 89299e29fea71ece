// Package markup keeps one promise: every tag, attribute and expression that it
// reports stands in the source at exactly the bytes it names, whatever the source
// is like.
//
// It reads the template languages of mini-programs (TTML, WXML, AXML, KSML, SWAN),
// Vue templates and single-file components, and HTML, without a grammar of any of
// them: letter case is kept, {{ }} is opaque, a self-closing slash is believed
// everywhere, and what does not fit is recorded as a [Problem] and stepped over.
// [Parse] cannot fail, and takes time and memory in proportion to the source.
//
// On top of the tree stands a view that gives the dialects one vocabulary:
// [Node.Condition], [Node.Loop], [Node.Events], [Node.OpenType], [Node.Clue].
package markup

import (
	"iter"
	"strings"
)

// Span is a stretch of the source in bytes, End excluded.
type Span struct{ Start, End int }

// Len is the number of bytes.
func (s Span) Len() int { return s.End - s.Start }

// Of is what stands in src there.
func (s Span) Of(src string) string { return src[s.Start:s.End] }

// Contains reports whether the byte at offset belongs to s.
func (s Span) Contains(offset int) bool { return s.Start <= offset && offset < s.End }

// Dialect says which habits a source has.
type Dialect uint8

// The dialects.
const (
	// Mini is any mini-program template: {{ }} in values may hold the value's own
	// quotes; wxs, sjs and filter hold scripts.
	Mini Dialect = iota
	// Vue is the inside of a Vue template: values are expressions by their names.
	Vue
	// Component is a Vue single-file component: blocks at the top, Vue inside.
	Component
	// HTML ignores letter case and knows elements that need no end tag.
	HTML
)

// DialectOf chooses by a file's extension, with its dot; ok is false for a file
// that holds no markup.
func DialectOf(ext string) (d Dialect, ok bool) {
	switch strings.ToLower(ext) {
	case ".ttml", ".wxml", ".axml", ".ksml", ".swan", ".qml", ".jxml", ".xhsml", ".ddml":
		return Mini, true
	case ".vue", ".nvue", ".uvue":
		return Component, true
	case ".html", ".htm", ".xhtml":
		return HTML, true
	}
	return 0, false
}

// Kind is what a node is.
type Kind uint8

// The kinds.
const (
	Element     Kind = iota
	Text             // between tags, with its {{ }}
	Raw              // the inside of a script, a style or a block that is no markup
	Comment          // <!-- -->, with its marks
	Doctype          // <!DOCTYPE …> and other <! >
	CDATA            // <![CDATA[ … ]]>, with its marks
	Instruction      // <? … >
	Stray            // an end tag that ends nothing
	Skipped          // what lies behind a limit
)

// Ending is how an element came to its end.
type Ending uint8

// The endings.
const (
	EndTag      Ending = iota
	SelfClosing        // <x/>
	Void               // needs no end, as <input>
	Implied            // HTML lets it be left out, as </li>
	Unclosed           // the author forgot
)

// Limits beyond which a source is not followed; they are there for sources that
// no person wrote.
const (
	MaxSize  = 32 << 20 // bytes of a source; a larger one is one Skipped node
	MaxNodes = 1 << 18  // nodes; what follows is one Skipped node
	MaxDepth = 512      // open elements; deeper ones become siblings
	maxNotes = 1 << 10  // problems kept
)

// Trouble says what a problem is; a stable code.
type Trouble string

// The troubles.
const (
	UnclosedElement Trouble = "unclosed-element"
	UnclosedTag     Trouble = "unclosed-tag" // "<view class" and then no ">"
	UnclosedQuote   Trouble = "unclosed-quote"
	UnclosedComment Trouble = "unclosed-comment"
	UnclosedRaw     Trouble = "unclosed-raw"   // <script> without its end
	CommentInTag    Trouble = "comment-in-tag" // stepped over
	StrayEnd        Trouble = "stray-end"
	TooDeep         Trouble = "too-deep"
	TooMany         Trouble = "too-many-nodes"
	TooLarge        Trouble = "too-large"
)

// Problem is something the author should not have written; reading went on.
type Problem struct {
	Trouble Trouble
	Span    Span
}

// Doc is a source and its nodes. Nothing changes it after [Parse].
type Doc struct {
	Src      string
	Dialect  Dialect
	Problems []Problem // in the order met, at most 1,024

	nodes []Node // in document order; a subtree is a stretch of it
	attrs []Attr
}

// Node is an element or what lies between elements. Nodes belong to their Doc and
// are compared by pointer.
type Node struct {
	Kind   Kind
	Ending Ending // of an element
	Name   string // of an element or a stray end tag, in the author's letters
	Span   Span   // from "<" of the start tag to ">" of the end tag
	Open   Span   // the start tag
	Close  Span   // the end tag; empty at Span.End where there is none

	doc              *Doc
	index, parent    int32 // parent is -1 at the top
	before           int32 // the sibling before, or -1
	after            int32 // index just behind the subtree
	attrFrom, attrTo int32
}

// Attr is one attribute as written; one name may stand there twice.
type Attr struct {
	Name      string
	Value     string // between the quotes; entities are left alone
	NameSpan  Span
	ValueSpan Span // without quotes; empty behind the name if there is no value
	Quote     byte // '"', '\'' or 0
	HasValue  bool // false for <input disabled>
}

// Span is the attribute from its name to its closing quote.
func (a *Attr) Span() Span {
	end := a.ValueSpan.End
	if a.Quote != 0 {
		end++
	}
	return Span{a.NameSpan.Start, max(end, a.NameSpan.End)}
}

// All is every node in document order.
func (d *Doc) All() iter.Seq[*Node] { return d.stretch(0, len(d.nodes)) }

// Elements is every element in document order.
func (d *Doc) Elements() iter.Seq[*Node] { return elements(d.All()) }

// Top is the nodes that have no parent.
func (d *Doc) Top() iter.Seq[*Node] { return d.siblings(0, len(d.nodes)) }

// At is the innermost node whose span holds the byte at offset, or nil.
func (d *Doc) At(offset int) *Node {
	var found *Node
	for i := 0; i < len(d.nodes); {
		n := &d.nodes[i]
		switch {
		case n.Span.Contains(offset):
			found = n
			i++
		case n.Span.Start > offset:
			return found
		default:
			i = int(n.after)
		}
	}
	return found
}

func (d *Doc) stretch(from, to int) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for i := from; i < to; i++ {
			if !yield(&d.nodes[i]) {
				return
			}
		}
	}
}

func (d *Doc) siblings(from, to int) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for i := from; i < to; i = int(d.nodes[i].after) {
			if !yield(&d.nodes[i]) {
				return
			}
		}
	}
}

func elements(of iter.Seq[*Node]) iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for n := range of {
			if n.Kind == Element && !yield(n) {
				return
			}
		}
	}
}

// Doc is where n belongs.
func (n *Node) Doc() *Doc { return n.doc }

// Src is the source of the whole node.
func (n *Node) Src() string { return n.Span.Of(n.doc.Src) }

// Attrs is the attributes in order. They are shared: read only.
func (n *Node) Attrs() []Attr { return n.doc.attrs[n.attrFrom:n.attrTo:n.attrTo] }

// Inner is what lies between start and end tag.
func (n *Node) Inner() Span {
	if n.Kind != Element {
		return Span{n.Span.End, n.Span.End}
	}
	return Span{n.Open.End, max(n.Open.End, n.Close.Start)}
}

// Parent is the element around n, or nil.
func (n *Node) Parent() *Node { return n.doc.node(n.parent) }

// Ancestors is the elements around n, the innermost first.
func (n *Node) Ancestors() iter.Seq[*Node] {
	return func(yield func(*Node) bool) {
		for p := n.Parent(); p != nil && yield(p); {
			p = p.Parent()
		}
	}
}

// Inside reports whether n lies in the subtree of o, or is o.
func (n *Node) Inside(o *Node) bool { return n.doc == o.doc && o.index <= n.index && n.index < o.after }

// Children is the nodes directly inside n.
func (n *Node) Children() iter.Seq[*Node] { return n.doc.siblings(int(n.index)+1, int(n.after)) }

// Subtree is n and everything inside it, in document order.
func (n *Node) Subtree() iter.Seq[*Node] { return n.doc.stretch(int(n.index), int(n.after)) }

// Descendants is the elements inside n, in document order, without n.
func (n *Node) Descendants() iter.Seq[*Node] {
	return elements(n.doc.stretch(int(n.index)+1, int(n.after)))
}

// Before is the element before n under the same parent, or nil.
func (n *Node) Before() *Node {
	for b := n.doc.node(n.before); b != nil; b = n.doc.node(b.before) {
		if b.Kind == Element {
			return b
		}
	}
	return nil
}

// After is the element behind n under the same parent, or nil.
func (n *Node) After() *Node {
	for i := n.after; int(i) < len(n.doc.nodes) && n.doc.nodes[i].parent == n.parent; i = n.doc.nodes[i].after {
		if n.doc.nodes[i].Kind == Element {
			return &n.doc.nodes[i]
		}
	}
	return nil
}

func (d *Doc) node(i int32) *Node {
	if i < 0 {
		return nil
	}
	return &d.nodes[i]
}
