// Package view keeps one promise: whatever a page's look is written in, a rule
// meets one tree of elements, with one name for each thing and exact places.
//
// Templates of mini-programs, Vue and HTML ([FromMarkup]) and JSX ([FromJSX])
// become [Element]s; style sheets become a [Sheet] that tells which elements lie
// over the page. Nothing is evaluated: expressions are values of package code.
package view

import (
	"clew/check/code"
	"clew/check/source"
	"clew/check/source/markup"
)

// Element is a tag, or a text between tags (Name "" and Text not nil), or a
// fragment (both empty).
type Element struct {
	File     *source.File
	Name     string      // as written; "template" and "block" are kept, "slot" too
	Span     markup.Span // whole
	Open     markup.Span // the start tag; of a text the text
	Parent   *Element
	Children []*Element
	Text     []Part // of a text
	Attrs    []Attr
	// When is the element's own conditions: all must hold for it to be there. An
	// else carries the negations of what stands before it.
	When   []Condition
	Loop   *Loop
	Events []Event
	Ref    string // ref="x", id="x" where no ref is given
	// Tag is what a JSX tag's name means; nil in templates.
	Tag *code.Value
	// Origin is the node it was made from, nil for JSX.
	Origin *markup.Node
}

// Part is written characters, or an expression.
type Part struct {
	Text string
	Expr *code.Value // nil for characters
	Span markup.Span
}

// Attr is an attribute that is neither a condition, a loop nor an event.
type Attr struct {
	Name  string // folded: "opentype" for open-type, openType and :open-type
	Raw   string
	Value string      // as written, "" if computed as a whole
	Expr  *code.Value // what it computes; nil for a plain one. A value of characters and expressions is a Template
	// Has tells <input disabled> (false) from disabled="".
	Has       bool
	TwoWay    bool // v-model, model:value
	Span      markup.Span
	ValueSpan markup.Span
}

// Condition is one reason to be there. Soft is one that only hides (v-show,
// hidden, a style's display).
type Condition struct {
	Expr *code.Value
	Not  bool
	Soft bool
	Span markup.Span // of the attribute or of the JSX expression
}

// Loop is a repetition.
type Loop struct {
	List        *code.Value
	Item, Index string
	Span        markup.Span
}

// Event is a handler.
type Event struct {
	Name string // folded, a click is "tap"; "getphonenumber", "close", "update:show"
	// Handler is Global (a member's name), a Function, a Call or any expression.
	Handler *code.Value
	// Func is the statements of an inline handler as a function; nil where Handler
	// is a plain name or a function already.
	Func *code.Func
	Stop bool // catchtap, @tap.stop, .self
	Span markup.Span
}
