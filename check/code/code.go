// Package code keeps one promise: what a function does, in which order and under
// which conditions, can be read without knowing the grammar it was written in.
//
// [Lower] turns a script's tree into a [Module]: functions, each a flat list of
// operations that carry the conditions they stand under, over values whose names
// are resolved to the variables they mean. The tree can be dropped afterwards;
// offsets still are those of the source. Nothing is evaluated here and nothing
// outside the file is looked at: that is for the room above.
package code

import "clew/check/source/js"

// Kind says what a value is.
type Kind uint8

// The kinds. Args holds a value's parts in the order given here.
const (
	Unknown   Kind = iota // not understood, or left out behind a limit
	Undefined             // undefined, void 0, an absent value
	Null
	Bool     // Str is "true" or "false"
	Number   // Str is the number as JavaScript prints it
	String   // Str
	Regex    // Str is the pattern
	Template // String and expression parts, alternating, the empty strings left out
	Array    // elements; a hole is Undefined
	Object   // Prop and Spread
	Prop     // Args[0] the value; Str the key, or Args[1] where it is computed; Flag for a getter
	Spread   // ...Args[0]
	Function // Func
	ClassDef // Class
	Local    // Var
	Global   // Str: a name that no scope of the file declares
	Imported // Str is the module as written; Name the export: "default", "*" for all, or a name
	This     // Func is the function whose this it is (never an arrow); nil at the top of a module
	Super
	Member      // Args[0].Str; Flag for ?.
	Index       // Args[0][Args[1]]; an index that is a constant string is a Member
	Call        // Args[0](Args[1:]); Flag for ?.()
	New         // new Args[0](Args[1:])
	Await       // await Args[0]; yield Args[0] too, Flag then
	Conditional // Args[0] ? Args[1] : Args[2]
	Logical     // Args[0] Op Args[1]: && || ??
	Binary      // Args[0] Op Args[1]
	Unary       // Op Args[0]: ! - + ~ typeof void delete
	Assign      // Args[0] Op Args[1]; ++ and -- are += 1 and -= 1
	Sequence    // Args, the last is its value
	JSX         // Elem
)

// Value is an expression with its names resolved. Values are shared and never
// changed after [Lower].
type Value struct {
	Kind     Kind
	Op       js.Op
	Flag     bool
	From, To int32 // the text in the source, half-open bytes
	// Constant counts the Strings and Numbers of a module, from 1.
	Constant int32
	Str      string
	Name     string // of Imported
	Args     []*Value
	Func     *Func
	Var      *Var
	Class    *Class
	Elem     *Elem
}

// Var is a variable or parameter.
type Var struct {
	Name string
	From int32 // of its name
	Func *Func // that declares it; of a module's top the module's own function
	// Param counts a parameter of Func from zero; -1 for any other variable. A
	// parameter that is a pattern has no name; its parts are variables whose Init
	// is a Member of it.
	Param int
	Rest  bool // ...rest
	// Writes is every value given to it, in source order, defaults of parameters
	// and patterns included. One write and no Open is a definition.
	Writes []*Value
	// Open: it is also written in a way that is not followed (a loop's variable, a
	// catch, an unknown pattern). A loop over a list has the list's element in
	// Writes, as an Index of the list with an Unknown key.
	Open bool
}

// Func is a function, or the top level of a module (Parent nil).
type Func struct {
	Module   *Module
	Index    int // in Module.Funcs
	Parent   *Func
	Name     string // its own, its variable's, its key's; "" if it has none
	From, To int32
	NameAt   [2]int32 // where Name stands; zero without one
	Params   []*Var
	Arrow    bool // this and arguments are Parent's
	Async    bool
	Ops      []Op // in the order they run
	// Vars is what is declared in it, blocks included, in the order met; parameters
	// are in Params only.
	Vars []*Var
}

// Declared is the variable or parameter of that name that fn declares, the last
// one if blocks declare several; nil if none.
func (fn *Func) Declared(name string) *Var {
	for i := len(fn.Vars) - 1; i >= 0; i-- {
		if fn.Vars[i].Name == name {
			return fn.Vars[i]
		}
	}
	for _, p := range fn.Params {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// OpKind says what an operation does.
type OpKind uint8

// The operations.
const (
	OpCall   OpKind = iota // Value is a Call or New
	OpAssign               // Value is an Assign to a Member, Index or Global; variables have Var.Writes instead
	OpReturn               // Value is what is returned, nil for nothing; an arrow's expression too
	OpThrow
	OpAwait // Value is an Await: what follows runs when it is settled
)

// Op is one operation. Calls inside a call are operations of their own, before it.
type Op struct {
	Kind  OpKind
	Value *Value
	Guard *Guard // what must hold for it to run; nil is always
}

// GuardKind says where a condition comes from.
type GuardKind uint8

// The guards.
const (
	If    GuardKind = iota // if, ?:, && || ??, ?.
	Early                  // an earlier branch left the function: if (x) return
	Loop                   // runs once for each, maybe never; Cond may be nil
	Case                   // Cond is value === test, nil for default
	Catch                  // only after an exception; Cond is nil
)

// Guard is a condition and those around it.
type Guard struct {
	Kind   GuardKind
	Cond   *Value
	Not    bool // Cond must not hold
	Parent *Guard
}

// Class is a class and its members: Prop values, constructor and fields included.
type Class struct {
	Name    string
	Super   *Value // nil without one
	Members []*Value
	// Static holds at i whether Members[i] is one of the class itself.
	Static     []bool
	Decorators []*Value
	// Init runs the initialisers of the fields, and is whose This they hold;
	// nil without any. StaticInit does the same for static fields and blocks, when
	// the class is made. Both have the range of the class.
	Init, StaticInit *Func
	From, To         int32
}

// Elem is a JSX element, or a fragment (Name "").
type Elem struct {
	Name     string // as written: View, AtModal, Foo.Bar
	Tag      *Value // Local, Global, Imported or Member that Name means; nil for a lower-case tag
	NameAt   [2]int32
	Open     [2]int32 // the start tag
	From, To int32
	Attrs    []ElemAttr
	// Children is String for text (white space as JSX collapses it) and values.
	Children []*Value
}

// ElemAttr is an attribute; Name "" is a spread.
type ElemAttr struct {
	Name     string
	From, To int32
	NameAt   [2]int32
	Value    *Value // Bool true where there is none
}

// Import is one binding that the module takes from another.
type Import struct {
	Spec string // as written
	Name string // "default", "*", or the export's name; "" for the effect only
	Var  *Var   // nil for the effect only
	At   [2]int32
}

// Module is a script.
type Module struct {
	File    string  // for places
	Funcs   []*Func // [0] is the top level
	Imports []Import
	// Specs is every module named by import, export from, require and import(),
	// each once, in source order.
	Specs []string
	// Exports is what others can take, by name; "default" is export default. Of
	// CommonJS "=" is module.exports as a whole, where it is assigned whole; members
	// assigned to exports or module.exports stand under their names.
	Exports map[string]*Value
	// Stars is the modules of export * from.
	Stars []string
	// Errors is how many places the parser stepped over.
	Errors int
	// Values counts the values made, for budgets; Constants those that are a String or a
	// Number.
	Values, Constants int
}
