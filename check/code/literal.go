package code

import (
	"math"
	"strconv"
	"strings"

	"clew/check/source/js"
)

func (l *lowerer) literal(n *js.Literal) *Value {
	v := l.text(Unknown, n.Range, n.Value)
	switch n.Kind {
	case js.String:
		v.Kind = String
	case js.Number, js.BigInt:
		v.Kind, v.Str = Number, number(n)
	case js.Bool:
		v.Kind = Bool
	case js.Null:
		v.Kind = Null
	case js.Regex:
		v.Kind = Regex
	}
	return v
}

// number is a number as JavaScript prints it (ECMA-262 6.1.6.1.20).
func number(n *js.Literal) string {
	if plain(n.Value) && (len(n.Value) <= 15 || n.Kind == js.BigInt) {
		return n.Value
	}
	f := n.Number
	switch abs := math.Abs(f); {
	case math.IsInf(f, 0):
		return "Infinity"
	case math.IsNaN(f):
		return "NaN"
	case abs == 0 || abs >= 1e-6 && abs < 1e21 || n.Kind == js.BigInt:
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	s = strings.Replace(s, "e-0", "e-", 1)
	return strings.Replace(s, "e+0", "e+", 1)
}

// plain says that s is a whole decimal number without a leading zero.
func plain(s string) bool {
	if s == "" || s[0] == '0' && len(s) > 1 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (l *lowerer) template(n *js.Template) *Value {
	if len(n.Exprs) == 0 {
		return l.text(String, n.Range, n.Quasis[0].Cooked)
	}
	base := len(l.stack)
	for i := range n.Quasis {
		if q := &n.Quasis[i]; q.Cooked != "" {
			v := l.text(String, q.Range, q.Cooked)
			l.stack = append(l.stack, v)
		}
		if i < len(n.Exprs) {
			v := l.expr(n.Exprs[i])
			l.stack = append(l.stack, v)
		}
	}
	v := l.value(Template, n.Range)
	v.Args = l.take(base)
	return v
}

// tagged is the call that a tagged template is: the tag gets its strings as an
// array, then the values.
func (l *lowerer) tagged(n *js.Tagged) *Value {
	base := len(l.stack)
	tag := l.expr(n.Tag)
	l.stack = append(l.stack, tag)
	strs := len(l.stack)
	for i := range n.Quasi.Quasis {
		q := &n.Quasi.Quasis[i]
		v := l.text(String, q.Range, q.Cooked)
		l.stack = append(l.stack, v)
	}
	list := l.value(Array, n.Quasi.Range)
	list.Args = l.take(strs)
	l.stack = append(l.stack, list)
	l.args(n.Quasi.Exprs)
	v := l.value(Call, n.Range)
	v.Args = l.take(base)
	l.emit(OpCall, v)
	return v
}
