package js

// Node is a part of the tree. Offsets are bytes from the start of the source.
type Node interface {
	Pos() int
	End() int
}

// Range is a half-open run of bytes. The zero Range means absent where it stands
// in an optional field.
type Range struct{ From, To int32 }

// Pos is the offset of the first byte.
func (r *Range) Pos() int { return int(r.From) }

// End is the offset after the last byte.
func (r *Range) End() int { return int(r.To) }

// IsZero says that an optional range is absent.
func (r Range) IsZero() bool { return r == Range{} }

// LiteralKind tells the literals apart.
type LiteralKind uint8

// The kinds of [Literal].
const (
	String LiteralKind = iota + 1
	Number
	BigInt
	Bool
	Null
	Regex
)

// PropertyKind tells the members of object literals and classes apart.
type PropertyKind uint8

// The kinds of [Property] and [ClassMember].
const (
	Init        PropertyKind = iota // key: value, or a class field
	Method                          // key() {}
	Getter                          // get key() {}
	Setter                          // set key(v) {}
	Constructor                     // constructor() {} of a class
	StaticBlock                     // static {} of a class; Value is a [Block]
	Accessor                        // accessor key = value of a class
	Signature                       // [key: type]: type of a TypeScript class; has neither key nor value
)

// Expressions.
type (
	// Identifier is a name in any position. Name has its escapes resolved.
	Identifier struct {
		Range
		Name string
	}
	// PrivateName is #name; Name is without the hash.
	PrivateName struct {
		Range
		Name string
	}
	// This is the keyword.
	This struct{ Range }
	// Super is the keyword.
	Super struct{ Range }
	// Literal is a constant. Value is the string's value, the digits of a number
	// as written, "true" or "false", or the pattern of a regular expression
	// without its slashes. Number is the value of a number, or of a BigInt as far
	// as a float64 holds it.
	Literal struct {
		Range
		Kind   LiteralKind
		Value  string
		Flags  string // of a regular expression
		Number float64
	}
	// Template is a template literal, `a${b}c`: one more Quasi than Exprs.
	Template struct {
		Range
		Quasis []Quasi
		Exprs  []Node
	}
	// Quasi is the text between two substitutions, without its delimiters.
	// Cooked has escapes resolved.
	Quasi struct {
		Range
		Cooked string
	}
	// Tagged is a template handed to a function.
	Tagged struct {
		Range
		Tag   Node
		Quasi *Template
	}
	// Member is object.property or object[property]. Property is an [Identifier]
	// or a [PrivateName] unless Computed. Optional means ?. stands before it.
	Member struct {
		Range
		Object, Property   Node
		Computed, Optional bool
	}
	// Call is callee(args).
	Call struct {
		Range
		Callee   Node
		Args     []Node
		Optional bool
	}
	// New is new callee(args).
	New struct {
		Range
		Callee Node
		Args   []Node
	}
	// ImportCall is import(args); Phase is "defer", "source" or empty.
	ImportCall struct {
		Range
		Args  []Node
		Phase string
	}
	// MetaProperty is import.meta or new.target; Name is the whole.
	MetaProperty struct {
		Range
		Name string
	}
	// Function is every function: declaration, expression, arrow and the value of
	// a method (whose range begins at its parameters). Body is a [Block], the
	// expression of an arrow, or nil for a declaration without body.
	Function struct {
		Range
		Name                    *Identifier
		Params                  []Param
		Body                    Node
		ReturnType              Range
		Async, Generator, Arrow bool
		Declaration             bool // stands as a statement
	}
	// Param is one parameter. Target is an identifier or a pattern, or This for
	// TypeScript's this parameter. Property says that a TypeScript constructor
	// makes it a property of the object.
	Param struct {
		Range
		Target, Default          Node
		Type                     Range
		Decorators               []Node
		Rest, Optional, Property bool
	}
	// Object is an object literal or pattern: [Property], [Spread] or [Bad].
	Object struct {
		Range
		Props []Node
	}
	// Property is one member of an object literal. Shorthand {a} has the same
	// identifier as key and value, {a = 1} of a pattern an [Assign] as value.
	Property struct {
		Range
		Key, Value          Node
		Kind                PropertyKind
		Computed, Shorthand bool
	}
	// Array is an array literal or pattern. A hole is nil.
	Array struct {
		Range
		Elements []Node
	}
	// Spread is ...x in every position, a rest element included.
	Spread struct {
		Range
		Value Node
	}
	// Assign is an assignment, or a default where it stands in a pattern.
	Assign struct {
		Range
		Op            Op
		Target, Value Node
	}
	// Binary is an operation on two values. The left side of #x in y is a
	// [PrivateName].
	Binary struct {
		Range
		Op          Op
		Left, Right Node
	}
	// Logical is &&, || or ??.
	Logical struct {
		Range
		Op          Op
		Left, Right Node
	}
	// Unary is a prefix operator: ! ~ + - typeof void delete.
	Unary struct {
		Range
		Op      Op
		Operand Node
	}
	// Update is ++ or --.
	Update struct {
		Range
		Op      Op
		Operand Node
		Prefix  bool
	}
	// Conditional is test ? then : else.
	Conditional struct {
		Range
		Test, Then, Else Node
	}
	// Sequence is a, b.
	Sequence struct {
		Range
		Exprs []Node
	}
	// Await is await x.
	Await struct {
		Range
		Value Node
	}
	// Yield is yield x, or yield* x; Value may be nil.
	Yield struct {
		Range
		Value    Node
		Delegate bool
	}
	// TypeCast is what TypeScript adds round an expression and takes away again:
	// x as T, x satisfies T, x!, <T>x, f<T>. See [Unwrap].
	TypeCast struct {
		Range
		Expr Node
		Type Range
	}
	// Class is a class, as declaration or as expression.
	Class struct {
		Range
		Name                           *Identifier
		Super                          Node
		Decorators                     []Node
		Members                        []Node // [ClassMember] or [Bad]
		Declaration, Abstract, Declare bool
	}
	// ClassMember is one member of a class. Value is nil for a field without
	// initialiser; a method has a [Function], without Body if only declared.
	ClassMember struct {
		Range
		Key, Value       Node
		Type             Range
		Decorators       []Node
		Kind             PropertyKind
		Static, Computed bool
	}
)

// JSX.
type (
	// JSXElement is <Tag attrs>children</Tag>; Tag is nil for a fragment.
	JSXElement struct {
		Range
		Tag         *JSXName
		Attrs       []Node // [JSXAttr], [Spread] or [Bad]
		Children    []Node // [JSXText], [JSXElement], [JSXContainer] or [Spread]
		SelfClosing bool
	}
	// JSXName is a tag or attribute name as written: View, a.b, xlink:href,
	// data-id.
	JSXName struct {
		Range
		Name string
	}
	// JSXAttr is name, name="text", name={expr} or name=<element/>. Value is
	// nil, a [Literal] with its entities left as they are, a [JSXContainer] or a
	// [JSXElement].
	JSXAttr struct {
		Range
		Name  *JSXName
		Value Node
	}
	// JSXText is text between tags, entities and white space as written.
	JSXText struct {
		Range
		Value string
	}
	// JSXContainer is {expr}; Expr is nil where there is only a comment.
	JSXContainer struct {
		Range
		Expr Node
	}
)

// Statements. A statement's range includes its semicolon if it has one.
type (
	// Var is var, let, const, using or await using.
	Var struct {
		Range
		Kind    string
		Decls   []Declarator
		Declare bool
	}
	// Declarator is one name or pattern of a [Var].
	Declarator struct {
		Range
		Target, Init Node
		Type         Range
	}
	// ExprStmt is an expression as statement; a directive is one too.
	ExprStmt struct {
		Range
		Expr Node
	}
	// Block is { }.
	Block struct {
		Range
		Body []Node
	}
	// If is if (test) then else else; Else may be nil.
	If struct {
		Range
		Test, Then, Else Node
	}
	// For is for (init; test; update) body; the three may be nil. Init is a [Var]
	// or an expression.
	For struct {
		Range
		Init, Test, Update, Body Node
	}
	// ForIn is for (left in right) body, or of when Of. Left is a [Var] or a
	// pattern.
	ForIn struct {
		Range
		Left, Right, Body Node
		Of, Await         bool
	}
	// While is while (test) body.
	While struct {
		Range
		Test, Body Node
	}
	// DoWhile is do body while (test).
	DoWhile struct {
		Range
		Body, Test Node
	}
	// Switch is switch (value) { cases }.
	Switch struct {
		Range
		Value Node
		Cases []Case
	}
	// Case is case test: body; Test is nil for default.
	Case struct {
		Range
		Test Node
		Body []Node
	}
	// Try is try block catch (param) handler finally final. Param, Handler and
	// Final may be nil.
	Try struct {
		Range
		Block   *Block
		Param   Node
		Handler *Block
		Final   *Block
	}
	// Return is return value; Value may be nil.
	Return struct {
		Range
		Value Node
	}
	// Throw is throw value.
	Throw struct {
		Range
		Value Node
	}
	// Branch is break or continue; Label may be nil.
	Branch struct {
		Range
		Label    *Identifier
		Continue bool
	}
	// Labeled is label: body.
	Labeled struct {
		Range
		Label *Identifier
		Body  Node
	}
	// With is with (object) body.
	With struct {
		Range
		Object, Body Node
	}
	// Empty is a lone semicolon, or the keyword debugger.
	Empty struct{ Range }
	// Import is an import declaration. Source is nil in import a = b.c, whose
	// right side is Ref; import a = require("b") has Default and Source.
	Import struct {
		Range
		Default, Namespace *Identifier
		Named              []Specifier
		Source             *Literal
		Attributes         *Object
		Ref                Node
		Phase              string // defer, source or empty
		TypeOnly           bool
	}
	// Specifier is one name of an import or export list. Outer is the name in
	// the other module (of an export: the exported name), Local the name here
	// (of an export from elsewhere: the name there). Each is an [Identifier] or
	// a string [Literal]; without as they are the same node.
	Specifier struct {
		Range
		Outer, Local Node
		TypeOnly     bool
	}
	// Export is an export declaration: a declaration, a default, a list, or
	// everything of Source (All, under the name Namespace if given). export = x
	// has Assign and the value in Decl.
	Export struct {
		Range
		Decl                           Node
		Named                          []Specifier
		Namespace                      Node
		Source                         *Literal
		Attributes                     *Object
		Default, All, Assign, TypeOnly bool
	}
	// Enum is a TypeScript enum.
	Enum struct {
		Range
		Name    *Identifier
		Members []EnumMember
		Declare bool
	}
	// EnumMember is one constant; Init may be nil.
	EnumMember struct {
		Range
		Key, Init Node
	}
	// Namespace is a TypeScript namespace or module; Name is as written. Body is
	// nil in declare module "x";
	Namespace struct {
		Range
		Name    string
		Body    *Block
		Declare bool
	}
	// TypeDecl is an interface, a type alias, or export as namespace: no code.
	TypeDecl struct {
		Range
		Name *Identifier
	}
	// Bad is a run of source that is nothing; it may be empty where something
	// is missing.
	Bad struct{ Range }
)

// Comment is one comment. Text is without its delimiters.
type Comment struct {
	Range
	Text  string
	Block bool // /* */, else to the end of the line
}
