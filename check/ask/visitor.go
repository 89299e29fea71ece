package ask

import (
	"strings"
	"unicode"

	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source/js"
)

// Leaf tells what stands for a value that the program's text leaves open: a constant
// term, [Absent], or nil where it does not know.
type Leaf func(*program.Term) *program.Term

// Absent is a value that is not there, however the program writes that: "", null,
// undefined, 0 or false.
var Absent = &program.Term{Kind: program.Undefined}

// Truth is whether a value counts as true for who is meant by leaf.
func Truth(t *program.Term, leaf Leaf) program.Tri { return truthIn(t, leaf, 0) }

func truthIn(t *program.Term, leaf Leaf, depth int) program.Tri {
	if t != nil && t.Kind == program.Choice && depth < 20 {
		first := truthIn(t.Args[0], leaf, depth+1)
		for _, a := range t.Args[1:] {
			if truthIn(a, leaf, depth+1) != first {
				return program.Maybe
			}
		}
		return first
	}
	return truthOf(value(t, leaf, depth))
}

func truthOf(v *program.Term) program.Tri {
	if v == nil {
		return program.Maybe
	}
	return v.Truth()
}

func factOf(t program.Tri) *program.Term {
	switch t {
	case program.True:
		return &program.Term{Kind: program.Bool, Str: "true"}
	case program.False:
		return &program.Term{Kind: program.Bool, Str: "false"}
	}
	return nil
}

// value is a term worked out as far as it goes, nil for nothing known.
func value(t *program.Term, leaf Leaf, depth int) *program.Term {
	if t == nil || depth > 20 {
		return nil
	}
	switch t.Kind {
	case program.Undefined, program.Null, program.Bool, program.Number, program.String:
		return t
	case program.Op:
		return operation(t, leaf, depth)
	case program.Choice:
		first := value(t.Args[0], leaf, depth+1)
		for _, a := range t.Args[1:] {
			v := value(a, leaf, depth+1)
			if first == nil || v == nil || v.Kind != first.Kind || v.Str != first.Str || (v == Absent) != (first == Absent) {
				return nil
			}
		}
		return first
	}
	if leaf != nil {
		if v := leaf(t); v != nil {
			return v
		}
	}
	if t.Kind == program.Result {
		return called(t, leaf, depth)
	}
	return factOf(t.Truth())
}

func operation(t *program.Term, leaf Leaf, depth int) *program.Term {
	if len(t.Args) == 1 {
		if t.Operator == js.OpNot {
			return factOf(invert(truthIn(t.Args[0], leaf, depth+1)))
		}
		return nil
	}
	a := value(t.Args[0], leaf, depth+1)
	b := value(t.Args[1], leaf, depth+1)
	switch t.Operator {
	case js.OpAnd:
		switch {
		case truthOf(a) == program.False:
			return a
		case truthOf(a) == program.True:
			return b
		case truthOf(b) == program.False:
			return b
		}
	case js.OpOr, js.OpNullish:
		switch {
		case truthOf(a) == program.True:
			return a
		case truthOf(a) == program.False:
			return b
		case truthOf(b) == program.True:
			return b
		}
	case js.OpEq, js.OpStrictEq:
		return factOf(equal(a, b))
	case js.OpNe, js.OpStrictNe:
		return factOf(invert(equal(a, b)))
	case js.OpGreater:
		if a == Absent && b != nil {
			return factOf(program.False)
		}
	case js.OpLess:
		if a == Absent && b != nil && b.Truth() == program.True {
			return factOf(program.True)
		}
	}
	return nil
}

func equal(a, b *program.Term) program.Tri {
	if a == nil || b == nil {
		return program.Maybe
	}
	if a == Absent || b == Absent {
		if a == b {
			return program.True
		}
		return invert(truthOf(other(a, b)))
	}
	x, y := plain(a), plain(b)
	if x == y {
		return program.True
	}
	return program.False
}

func other(a, b *program.Term) *program.Term {
	if a == Absent {
		return b
	}
	return a
}

func plain(t *program.Term) string {
	switch t.Kind {
	case program.Undefined, program.Null:
		return "\x00"
	}
	return t.Str
}

// called is what a few calls of the language give: Boolean(x), s.indexOf("ok").
func called(t *program.Term, leaf Leaf, depth int) *program.Term {
	name := t.Name[strings.LastIndexByte(t.Name, '.')+1:]
	if len(t.Args) < 2 || t.Str != "" {
		return nil
	}
	switch name {
	case "Boolean", "Number", "String", "isNaN", "isEmpty":
		v := value(t.Args[1], leaf, depth+1)
		if name == "isEmpty" || name == "isNaN" {
			return nil
		}
		return v
	case "indexOf", "includes", "startsWith", "endsWith", "match", "search":
	default:
		return nil
	}
	on := value(receiver(t.Args[0], name), leaf, depth+1)
	if on == nil {
		return nil
	}
	what, ok := t.Args[1].Const()
	if !ok {
		return nil
	}
	text := on.Str
	if on == Absent {
		text = ""
	}
	switch name {
	case "indexOf", "search":
		i := strings.Index(text, what)
		if i < 0 {
			return &program.Term{Kind: program.Number, Str: "-1"}
		}
		if i == 0 {
			return &program.Term{Kind: program.Number, Str: "0"}
		}
		return &program.Term{Kind: program.Number, Str: "1"}
	case "startsWith":
		return factOf(truth(strings.HasPrefix(text, what)))
	case "endsWith":
		return factOf(truth(strings.HasSuffix(text, what)))
	}
	return factOf(truth(strings.Contains(text, what)))
}

// receiver is what a method was called on.
func receiver(callee *program.Term, name string) *program.Term {
	if callee.Kind == program.Method && len(callee.Args) > 0 {
		return callee.Args[0]
	}
	if rest, ok := strings.CutSuffix(callee.Str, "."+name); ok {
		return callee.Under(rest)
	}
	return nil
}

// Newcomer is a person whose number the program does not have.
func Newcomer(t *program.Term) *program.Term {
	if IsPhone(t) {
		return Absent
	}
	if t.Kind == program.Result && lastPart(t.Name) == "canIUse" && t.Str == "" { // a platform of today can
		return &program.Term{Kind: program.Bool, Str: "true"}
	}
	return nil
}

// denied is what a platform says when a person refused.
const denied = "getPhoneNumber:fail user deny"

// Refuser is a person who tapped the phone button and refused: the answer holds no
// number and no code, and its message is one of failure.
func Refuser(t *program.Term) *program.Term {
	if t.Kind != program.Param && (t.Kind != program.Result || t.Name != "detail") {
		return nil
	}
	switch last := lastPart(t.Str); strings.ToLower(last) {
	case "encrypteddata", "encrypted_data", "iv", "code", "cloudid", "encrypteddatas", "phonenumber", "phone", "mobile", "sign":
		return Absent
	case "errmsg":
		return &program.Term{Kind: program.String, Str: denied}
	case "errno", "errcode":
		return &program.Term{Kind: program.Number, Str: "103"}
	}
	return nil
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// IsPhone reports whether a value is, by the name that the program gives it, the
// person's phone number or whether there is one.
func IsPhone(t *program.Term) bool {
	switch t.Kind {
	case program.State, program.Param, program.Global, program.Object, program.External:
		return phoneName(valueName(t.Str))
	case program.Result:
		if t.Str != "" {
			return phoneName(valueName(t.Str))
		}
		if len(t.Args) > 1 {
			switch lastPart(t.Name) {
			case "getStorageSync", "getItem", "getStorage", "get", "getCache", "getData":
				key, ok := t.Args[1].Const()
				return ok && phoneName(key)
			}
			return false
		}
		return phoneName(lastPart(t.Name))
	}
	return false
}

// AboutPhone reports whether a condition asks for the person's number.
func AboutPhone(t *program.Term) bool { return t.Has(program.AboutPhone, IsPhone) }

// valueName is the name of a value, what is asked of it left out.
func valueName(path string) string {
	for {
		switch last := lastPart(path); last {
		case "length", "trim", "value", "toString", "replace":
			if last == path {
				return path
			}
			path = path[:len(path)-len(last)-1]
		default:
			return last
		}
	}
}

var (
	phoneParts = nameSet("phone telphone mobile tel telephone cellphone shouji sjh phonenumber mobilephone mobilenumber phonenum phoneno tele")
	besideIt   = nameSet(`is has have had exist exists bind bound binded binding auth authed authorized authorize user my member wx customer pure owner
		login account current number num no status flag u saved verified registered get str info default person personal self cell m`)
)

func nameSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		set[w] = true
	}
	return set
}

// phoneLike is what each name that phoneName knows has in it.
var phoneLike = pattern.MustCompile(`(?i)phone|tel|mobile|shouji|sjh`)

func phoneName(name string) bool {
	if !phoneLike.MatchString(name) {
		return false
	}
	parts := nameParts(name)
	found := false
	for i, w := range parts {
		switch {
		case phoneParts[w], phoneParts[strings.TrimPrefix(w, leading(w))]:
			found = true
		case !besideIt[w], w == "no" && i == 0:
			return false
		}
	}
	return found
}

// leading is the little word that a name written without capitals begins with.
func leading(w string) string {
	for _, p := range [...]string{"isbind", "hasbind", "has", "have", "is", "user", "my", "bind", "wx"} {
		if strings.HasPrefix(w, p) {
			return p
		}
	}
	return ""
}

// nameParts cuts a name at capitals and at what is no letter, in lower case.
func nameParts(name string) []string {
	var parts []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			parts = append(parts, strings.ToLower(b.String()))
			b.Reset()
		}
	}
	lower := false
	for _, r := range name {
		switch {
		case unicode.IsUpper(r):
			if lower {
				flush()
			}
			lower = false
			b.WriteRune(r)
			continue
		case unicode.IsLower(r):
			lower = true
			b.WriteRune(r)
		default:
			flush()
			lower = false
		}
	}
	flush()
	return parts
}
