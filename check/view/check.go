package view

import (
	"strings"

	"clew/check/code"
)

// checkWords is the words by which authors name boxes that are ticked, in classes,
// in the names of pictures and icons and of the flags that choose between them.
var checkWords = set(`check checked checkbox uncheck unchecked nocheck unselect unselected select selected sel agree agreed isagree disagree gou
	gouxuan xuan xuanze xuanzhong weixuan weixuanzhong tick duihao duigou dagou radio choose chosen unchoose yigou xieyi weigou ischeck ischecked
	choice isselect`)

// tickMarks is what a drawn box shows as text.
const tickMarks = "√✓✔☑☐□■●○◉◎⭕✅ \uFFFC\t\n"

// IsCheck reports whether the element is something to tick: a check box, a switch
// or a radio button, or pictures, icons and small boxes that stand for one: named
// as such, without text of their own, and tapped (or inside what is tapped), or
// drawn by a condition. Whether it is about consent is not said.
func (e *Element) IsCheck() bool {
	switch e.FieldKind() {
	case FieldCheck, FieldRadio, FieldSwitch:
		return true
	case FieldNone:
	default:
		return false
	}
	if e.Name == "" || !iconKinds[e.Kind()] || len(e.Attrs) == 0 {
		return false
	}
	conditional := len(e.When) > 0
	named := false
	for i := range e.Attrs {
		a := &e.Attrs[i]
		switch a.Name {
		case "class", "src", "name", "type", "icon", "value", "color":
			named = named || a.Name != "color" && checkWord(a.Value)
			if a.Expr == nil {
				continue
			}
			if c := decides(a.Expr); c != nil {
				conditional = true
				named = named || checkWord(c.Str) || checkWord(lastName(strip(c)))
			}
			for _, s := range possibleWords(a.Expr) {
				named = named || checkWord(s)
			}
		}
	}
	for _, c := range e.When {
		named = named || checkWord(lastName(strip(c.Expr)))
	}
	if !named || strings.Trim(e.Words(), tickMarks) != "" || e.holdsField() {
		return false
	}
	if conditional {
		return true
	}
	for p, up := e, 0; p != nil && up < 3; p, up = p.Parent, up+1 {
		if _, ok := p.tap(); ok {
			return true
		}
	}
	return false
}

// checkWord reports whether a name, a class or the path of a picture has one of the
// words for a ticked box.
func checkWord(s string) bool {
	if s == "" {
		return false
	}
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	for _, w := range wordsOf(s) {
		if checkWords[w] {
			return true
		}
		if w[0] >= 0x80 && containsAny(w, "勾", "选中", "未选", "同意") {
			return true
		}
	}
	return false
}

// possibleWords is the strings and keys that an expression may come to.
func possibleWords(v *code.Value) []string {
	all := Literals(v)
	classesOf(v, true, 0, func(w string, _ bool) { all = append(all, w) })
	return all
}

// decides is the condition of the first ?: or && in an expression, or of an object
// of flags; nil if nothing decides.
func decides(v *code.Value) *code.Value {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case code.Conditional, code.Logical:
		return v.Args[0]
	case code.Object:
		for _, p := range v.Args {
			if p.Kind == code.Prop && len(p.Args) > 0 && p.Args[0].Kind != code.String {
				return p.Args[0]
			}
		}
	case code.Template, code.Array, code.Binary:
		for _, x := range v.Args {
			if c := decides(x); c != nil {
				return c
			}
		}
	case code.Call:
		for _, x := range v.Args[min(1, len(v.Args)):] {
			if c := decides(x); c != nil {
				return c
			}
		}
	}
	return nil
}

// strip takes ! and comparisons with constants off a condition.
func strip(v *code.Value) *code.Value {
	for v != nil && (v.Kind == code.Unary || v.Kind == code.Binary) && len(v.Args) > 0 {
		v = v.Args[0]
	}
	return v
}
