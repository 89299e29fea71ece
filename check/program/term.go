package program

import (
	"strings"

	"clew/check/code"
	"clew/check/source/js"
)

// TermKind says what is known of a value at a place in a run.
type TermKind uint8

// The kinds of term.
const (
	Unknown   TermKind = iota // Args is what it was made from, as far as that is known
	Undefined                 //
	Null                      //
	Bool                      // Str is "true" or "false"
	Number                    // Str
	String                    // Str
	Concat                    // the parts of a text, in Args
	Closure                   // Fn in Env
	Literal                   // an object, array or class as written: V in Env
	Instance                  // this of a page, a component or the app: Unit
	State                     // a member of Unit's data: Str is its path, "" for all of it
	Setter                    // what sets State Str of Unit, as from useState
	Param                     // what the entry was called with: Str a path into it
	Result                    // of a call: Name, Args (of the call), Fn and Env if it is a function of the project; Str a path into it
	Global                    // Str is a dotted path from a name of the platform or the page
	Namespace                 // a module of the project: Mod
	External                  // a module from outside: Name the module, Str the path into it
	Object                    // an instance of a class of the project: V in Env, Str a path
	Refs                      // $refs of Unit; Str "" or the name of one
	Method                    // a method that the framework gives: Str, of Args[0]
	Choice                    // one of Args
	Op                        // an operator on Args: Operator
)

// Term is what is known about a value: a constant, where it comes from, or what it
// is made of. Terms are shared and never changed.
type Term struct {
	Kind     TermKind
	Operator js.Op
	// Interactive is a result that is there only after the person acted.
	Interactive bool
	truth       truth // of an Op or a Choice, once it was asked for
	traits      uint8 // see Has
	Str         string
	Name        string
	Args        []*Term
	Fn          *code.Func
	Env         *Frame
	V           *code.Value
	Unit        *Unit
	rare        *rare // nil for most
}

// rare is what few terms have. Terms are made by the million.
type rare struct {
	mod *module // of a Namespace
	// test decides which of the two Args a Choice is.
	test *Term
	// node is the element of a handler that a Param was given to.
	node *Node
}

// mod is the module of a Namespace.
func (t *Term) mod() *module {
	if t.rare == nil {
		return nil
	}
	return t.rare.mod
}

// test is what decides which of the two Args a Choice is, nil where that is not known.
func (t *Term) test() *Term {
	if t == nil || t.rare == nil {
		return nil
	}
	return t.rare.test
}

// Under is t with another path.
func (t *Term) Under(path string) *Term {
	c := *t
	c.Str, c.traits = path, 0
	return &c
}

// truth is a [Tri] that may not be worked out yet, which is the zero value. Terms of
// thousands of parts are asked at each of them.
type truth uint8

var (
	unknown   = &Term{}
	pending   = &Term{} // stands where a value is being worked out; nobody is given it
	undefined = &Term{Kind: Undefined}
	null      = &Term{Kind: Null}
	yes       = &Term{Kind: Bool, Str: "true"}
	no        = &Term{Kind: Bool, Str: "false"}
)

func boolean(b bool) *Term {
	if b {
		return yes
	}
	return no
}

// from is a value of which only its ingredients are known.
func from(args ...*Term) *Term {
	kept := args[:0:0]
	for _, a := range args {
		if a != nil && (a.Kind > String || a.Kind == String || len(a.Args) > 0) {
			kept = append(kept, a)
		}
	}
	if len(kept) == 0 {
		return unknown
	}
	return &Term{Kind: Unknown, Args: kept}
}

// made is a term of one part, with it in one piece of memory.
func made(kind TermKind, op js.Op, str string, a *Term) *Term {
	m := &struct {
		Term
		parts [1]*Term
	}{Term{Kind: kind, Operator: op, Str: str}, [1]*Term{a}}
	m.Args = m.parts[:]
	return &m.Term
}

// operation is a term of two parts, likewise.
func operation(op js.Op, a, b *Term) *Term {
	m := &struct {
		Term
		parts [2]*Term
	}{Term{Kind: Op, Operator: op}, [2]*Term{a, b}}
	m.Args = m.parts[:]
	return &m.Term
}

// choice is one of several.
func choice(list []*Term) *Term {
	switch len(list) {
	case 0:
		return unknown
	case 1:
		return list[0]
	}
	return &Term{Kind: Choice, Args: list}
}

func (t *Term) constant() bool { return t.Kind >= Undefined && t.Kind <= String }

// Const is a term's constant as text; ok is false for any other term.
func (t *Term) Const() (s string, ok bool) {
	if t != nil && (t.Kind == String || t.Kind == Number || t.Kind == Bool) {
		return t.Str, true
	}
	return "", false
}

// Truth is whether a value counts as true, where that is known.
func (t *Term) Truth() Tri {
	switch t.Kind {
	case Undefined, Null:
		return False
	case Bool:
		return tri(t.Str == "true")
	case Number:
		return tri(t.Str != "0" && t.Str != "NaN" && t.Str != "-0")
	case String:
		return tri(t.Str != "")
	case Closure, Literal, Instance, Setter, Namespace, Object, Refs:
		return True
	case Method: // of a value that is not known it may be any member
		if on := t.Args[0]; on.Kind == Instance || on.Kind == Closure || on.Kind == Object {
			return True
		}
	case Concat:
		for _, a := range t.Args {
			if a.Kind == String && a.Str != "" {
				return True
			}
		}
	case Choice, Op:
		if t.truth == 0 {
			t.truth = 1 + truth(t.composed())
		}
		return Tri(t.truth - 1)
	}
	return Maybe
}

// composed is the truth of an Op or a Choice by that of its parts.
func (t *Term) composed() Tri {
	if t.Kind == Choice {
		first := t.Args[0].Truth()
		for _, a := range t.Args[1:] {
			if first == Maybe || a.Truth() != first {
				return Maybe
			}
		}
		return first
	}
	switch t.Operator {
	case js.OpNot:
		return t.Args[0].Truth().not()
	case js.OpAnd:
		if left := t.Args[0].Truth(); left != False {
			return left.and(t.Args[1].Truth())
		}
		return False
	case js.OpOr, js.OpNullish:
		if left := t.Args[0].Truth(); left != True {
			return left.or(t.Args[1].Truth())
		}
		return True
	}
	return Maybe
}

// Tri is a truth value of which one may not know it.
type Tri uint8

// The truth values.
const (
	Maybe Tri = iota
	False
	True
)

func tri(b bool) Tri {
	if b {
		return True
	}
	return False
}

func (t Tri) not() Tri {
	switch t {
	case True:
		return False
	case False:
		return True
	}
	return Maybe
}

func (t Tri) and(o Tri) Tri {
	switch {
	case t == False || o == False:
		return False
	case t == True && o == True:
		return True
	}
	return Maybe
}

func (t Tri) or(o Tri) Tri { return t.not().and(o.not()).not() }

// Walk visits a term and all it is made of, each once, until visit answers false
// for one: then its parts are left out. The ways into lazily known things (an
// object's members, what a function returns) are not walked.
func (t *Term) Walk(visit func(*Term) bool) {
	if t == nil {
		return
	}
	if len(t.Args) == 0 && t.rare == nil {
		visit(t)
		return
	}
	var seen terms
	t.walk(visit, &seen)
}

func (t *Term) walk(visit func(*Term) bool, seen *terms) {
	if t == nil || !seen.add(t) || !visit(t) {
		return
	}
	for _, a := range t.Args {
		a.walk(visit, seen)
	}
	t.test().walk(visit, seen)
}

// terms is a set of at most 401 terms; most walks meet few.
type terms struct {
	few  [24]*Term
	n    int
	many map[*Term]bool
}

// add reports whether t is new and was taken in.
func (s *terms) add(t *Term) bool {
	if s.many == nil {
		for _, have := range s.few[:s.n] {
			if have == t {
				return false
			}
		}
		if s.n < len(s.few) {
			s.few[s.n] = t
			s.n++
			return true
		}
		s.many = make(map[*Term]bool, 4*len(s.few))
		for _, have := range s.few {
			s.many[have] = true
		}
	}
	if s.n > 400 || s.many[t] {
		return false
	}
	s.many[t] = true
	s.n++
	return true
}

// Trait is a question about a term and all that it is made of, of which terms keep the
// answer.
type Trait uint8

// The traits. A term has room for four.
const (
	acted   Trait = iota // somebody must have acted
	calling              // a function of the project is called
	// AboutPhone belongs to package ask.
	AboutPhone
)

// Has is [Term.Any] for a trait: is must be the same function each time and look at
// nothing but the term itself.
func (t *Term) Has(trait Trait, is func(*Term) bool) bool {
	if t == nil {
		return false
	}
	if len(t.Args) == 0 && t.rare == nil { // constants are shared by programs that run side by side
		return is(t)
	}
	if kept := t.traits >> (2 * trait) & 3; kept != 0 {
		return kept == 2
	}
	has := is(t)
	for i := 0; i < len(t.Args) && !has; i++ {
		has = t.Args[i].Has(trait, is)
	}
	has = has || t.test().Has(trait, is)
	if has {
		t.traits |= 2 << (2 * trait)
	} else {
		t.traits |= 1 << (2 * trait)
	}
	return has
}

// Any reports whether a term or something that it is made of satisfies f.
func (t *Term) Any(f func(*Term) bool) bool {
	found := false
	t.Walk(func(t *Term) bool {
		found = found || f(t)
		return !found
	})
	return found
}

// Deep is a term with the members of its literals laid open to depth levels, so
// that Walk meets what an object holds.
func (p *Program) Deep(t *Term, depth int) *Term {
	if t == nil || depth <= 0 {
		return t
	}
	switch t.Kind {
	case Literal:
		var parts []*Term
		for _, prop := range t.V.Args {
			switch prop.Kind {
			case code.Prop, code.Spread:
				parts = append(parts, p.Deep(p.eval(prop.Args[0], t.Env), depth-1))
			default:
				parts = append(parts, p.Deep(p.eval(prop, t.Env), depth-1))
			}
		}
		for _, k := range p.later(t, "") {
			parts = append(parts, p.Deep(k.Value, depth-1))
		}
		return &Term{Kind: Unknown, Args: parts}
	case Choice, Concat, Op, Unknown, Result, External:
		if len(t.Args) == 0 {
			return t
		}
		parts := make([]*Term, len(t.Args))
		for i, a := range t.Args {
			parts[i] = p.Deep(a, depth-1)
		}
		c := *t
		c.Args, c.truth, c.traits = parts, 0, 0
		return &c
	}
	return t
}

// Text is the written characters of a term, "…" standing for the rest.
func (t *Term) Text() string {
	if t == nil {
		return ""
	}
	switch t.Kind {
	case String, Number, Bool:
		return t.Str
	case Concat:
		var b strings.Builder
		for _, a := range t.Args {
			if s := a.Text(); s != "" {
				b.WriteString(s)
			} else {
				b.WriteString("…")
			}
		}
		return b.String()
	case Choice:
		for _, a := range t.Args {
			if s := a.Text(); s != "" {
				return s
			}
		}
	case Op:
		if t.Operator == js.OpOr || t.Operator == js.OpNullish {
			for _, a := range t.Args {
				if s := a.Text(); s != "" {
					return s
				}
			}
		}
	}
	return ""
}

// String is for people who debug rules.
func (t *Term) String() string {
	if t == nil {
		return "nil"
	}
	args := func() string {
		var s []string
		for _, a := range t.Args {
			s = append(s, a.String())
		}
		return "(" + strings.Join(s, ", ") + ")"
	}
	switch t.Kind {
	case Unknown:
		if len(t.Args) > 0 {
			return "?" + args()
		}
		return "?"
	case Undefined:
		return "undefined"
	case Null:
		return "null"
	case Bool, Number:
		return t.Str
	case String:
		return "'" + t.Str + "'"
	case Concat:
		return "concat" + args()
	case Closure:
		return "func " + t.Fn.Name
	case Literal:
		return "{…}"
	case Instance:
		return "this"
	case State:
		return "state." + t.Str
	case Setter:
		return "set " + t.Str
	case Param:
		return "param." + t.Str
	case Result:
		return "result " + t.Name + args() + "." + t.Str
	case Global:
		return t.Str
	case Namespace:
		return "module " + t.mod().file.Path
	case External:
		return t.Name + "#" + t.Str
	case Object:
		return "object." + t.Str
	case Refs:
		return "$refs." + t.Str
	case Method:
		return t.Args[0].String() + "#" + t.Str
	case Choice:
		return "either" + args()
	case Op:
		return t.Operator.String() + args()
	}
	return "?"
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
