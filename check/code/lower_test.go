package code

import (
	"strings"
	"testing"

	"clew/check/source/js"
)

func TestLower(t *testing.T) {
	for _, c := range cases(t) {
		tree := js.Parse([]byte(c.src), js.Options{Dialect: c.dialect})
		if len(tree.Errors) > 0 {
			t.Errorf("%s\n%v", c.src, tree.Errors)
		}
		if got := strings.TrimSpace(dump(Lower("a.js", tree))); got != c.want {
			t.Errorf("%s\ngot\n%s\nwant\n%s", c.src, got, c.want)
		}
	}
}

// TestSharing: an operation's value is the one that stands inside the values
// around it.
func TestSharing(t *testing.T) {
	m := Lower("", js.Parse([]byte("const { a, b } = f(g()); h(a, b)"), js.Options{}))
	ops := m.Funcs[0].Ops
	if len(ops) != 3 || ops[1].Value.Args[1] != ops[0].Value {
		t.Fatal("g() is not the argument of f")
	}
	for _, v := range m.Funcs[0].Vars {
		if len(v.Writes) != 1 || v.Writes[0].Args[0] != ops[1].Value {
			t.Errorf("%s is not a part of f()", v.Name)
		}
	}
}

func TestSpecs(t *testing.T) {
	m := Lower("", js.Parse([]byte(`import a from 'a'; import 'b'; export * from 'c'; export { d } from 'd'
require('e'); import('f'); require('a'); function q(require) { require('no') }; require(`+"`g`"+`)`), js.Options{}))
	if got := strings.Join(m.Specs, " "); got != "a b c d e f g" {
		t.Error(got)
	}
}

func TestNumbers(t *testing.T) {
	for src, want := range map[string]string{
		"1": "1", "1.50": "1.5", "0x1f": "31", ".5": "0.5", "1e21": "1e+21", "1e-7": "1e-7", "0.000001": "0.000001",
		"123456789012345680000": "123456789012345680000", "1_000": "1000", "0": "0", "017": "15", "10n": "10", "0b11": "3",
		"1e400": "Infinity", "1.5e300": "1.5e+300", "9007199254740993": "9007199254740992",
	} {
		v, _ := Expression("", src, 0)
		if v.Kind != Number || v.Str != want {
			t.Errorf("%s is %d %s, want %s", src, v.Kind, v.Str, want)
		}
	}
	if opSubAssign.String() != "-=" {
		t.Error(opSubAssign)
	}
}

func TestExpression(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"a", "$a"},
		{" show && list[index].name ", "($show && $list[$index].name)"},
		{"{ active: on, b }", "{active: $on, b: $b}"},
		{"a: 1, b", "{a: 1, b: $b}"},
		{"...item, index", "{...$item, index: $index}"},
		{"{a, b}", "{a: $a, b: $b}"},
		{"(e) => go(e, $event)", "#1"},
		{"function () { go() }", "#1"},
		{"a, b", "($a, $b)"},
		{"a | money('x')", `($a | $money("x"))`},
		{"(a as any).b!", "$a.b"},
		{"a) + (b", "?"},
		{"a) => (b", "?"},
		{"a: 1}) + ({b: 2", "?"},
		{"a // why", "$a"},
		{"a // )", "$a"},
		{"a +", "?"},
		{"", "?"},
		{"  ", "?"},
		{"a; b", "?"},
		{"if (a) b", "?"},
		{"'a' + `b${c}`", "(\"a\" + `\"b\", $c`)"},
	} {
		v, m := Expression("a.ttml", c.src, 100)
		if got := show(v); got != c.want {
			t.Errorf("%q is %s, want %s", c.src, got, c.want)
			continue
		}
		if c.want == "?" {
			if v.From != 100 || int(v.To) != 100+len(c.src) || m.Errors == 0 {
				t.Errorf("%q: %d to %d, %d errors", c.src, v.From, v.To, m.Errors)
			}
			continue
		}
		if v.Kind == Object && c.src[0] != '{' {
			if v.From != 100 || int(v.To) != 100+len(c.src) {
				t.Errorf("%q: %d to %d", c.src, v.From, v.To)
			}
			continue
		}
		e := everything{seen: map[any]bool{}, value: func(v *Value) {
			if v.From < 100 || int(v.To) > 100+len(c.src) {
				t.Errorf("%q: %s from %d to %d", c.src, show(v), v.From, v.To)
			}
		}}
		e.walk(v)
		ranges(t, c.src, c.src, 100, m)
	}
	_, m := Expression("", "f(g(1))", 0)
	if len(m.Funcs[0].Ops) != 2 {
		t.Errorf("%d operations", len(m.Funcs[0].Ops))
	}
}

func TestStatements(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"open = true; go(1, $event)", "($open = true)|$go(1, $$event)"},
		{"go", ""},
		{"if (ok) { go() }", "$go()"},
		{"const a = 1; b.c = a", "($b.c = a)"},
		{"(x as Y).z()", "$x.z()"},
		{"go(", "$go()"},
	} {
		f := Statements("a.vue", c.src, 50)
		var got []string
		for _, op := range f.Ops {
			got = append(got, show(op.Value))
			if op.Value.From < 50 {
				t.Errorf("%q from %d", c.src, op.Value.From)
			}
		}
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%q is %s, want %s", c.src, s, c.want)
		}
	}
	if Statements("", "go(", 0).Module.Errors == 0 {
		t.Error("no error counted")
	}
}

func TestJSXText(t *testing.T) {
	for in, want := range map[string]string{
		"a": "a", " a ": " a ", "\n  a\n": "a", "\n  a  \n  b\n": "a b", " \n ": "", "a \n": "a", "\n a": "a", " ": " ",
		"a&nbsp;b": "a\u00a0b", "&lt;&amp;&#65;&#x42;&quot;": "<&AB\"", "a & b; &copy x&;": "a & b; &copy x&;",
		"a\r\n b": "a b",
	} {
		if got := jsxText(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// TestLimit: behind the limit values are unknown, and reading ends.
func TestLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("half a gigabyte")
	}
	m := Lower("", js.Parse([]byte(strings.Repeat("f(a);", maxValues/3+1000)), js.Options{}))
	if m.Values > maxValues+10 {
		t.Errorf("%d values", m.Values)
	}
}

// TestDeep: nesting as deep as the parser lets through, and long chains.
func TestDeep(t *testing.T) {
	for _, src := range []string{
		strings.Repeat("(a,", 1400) + strings.Repeat(")", 1400),
		strings.Repeat("if(a){if(b)return;", 700) + strings.Repeat("}", 700) + "c()",
		"x" + strings.Repeat(".a()", 60000),
		"x" + strings.Repeat("?.a", 60000),
		"x" + strings.Repeat("+a", 60000),
		strings.Repeat("if(a)return;", 20000) + "f()",
		strings.Repeat("if(a){", 700) + strings.Repeat("if(b)return;", 5000) + strings.Repeat("}", 700) + "c()",
		"switch(a){" + strings.Repeat("case b:", 20000) + "f()}",
		"switch(a){" + strings.Repeat("case b:f();", 20000) + "}",
		"const " + strings.Repeat("{a:", 1200) + "b" + strings.Repeat("={}}", 1200) + "=c;b()",
	} {
		m := Lower("", js.Parse([]byte(src), js.Options{}))
		if m.Values > 40*len(src) {
			t.Errorf("%.40q: %d values for %d bytes", src, m.Values, len(src))
		}
	}
}

func FuzzLower(f *testing.F) {
	for _, c := range cases(f) {
		f.Add([]byte(c.src), uint8(c.dialect))
	}
	f.Add([]byte(shop), uint8(0))
	f.Fuzz(func(t *testing.T, src []byte, dialect uint8) {
		tree := js.Parse(src, js.Options{Dialect: js.Dialect(dialect % 3)})
		m := Lower("f", tree)
		e := everything{value: func(v *Value) {
			if v.From < 0 || v.To < v.From || int(v.To) > len(src) {
				t.Fatalf("%s from %d to %d", show(v), v.From, v.To)
			}
			for _, a := range v.Args {
				if a == nil {
					t.Fatalf("a value of kind %d has a nil part", v.Kind)
				}
			}
		}}
		e.module(m)
		for i, fn := range m.Funcs {
			if fn.Index != i || fn.Module != m || fn.Parent == nil != (i == 0) {
				t.Fatalf("function %d: %+v", i, fn)
			}
			for _, op := range fn.Ops {
				if op.Value == nil && op.Kind != OpReturn {
					t.Fatalf("operation %d without value", op.Kind)
				}
				for g, n := op.Guard, 0; g != nil; g, n = g.Parent, n+1 {
					if n > len(src) {
						t.Fatal("a chain of guards without end")
					}
				}
			}
		}
		Expression("f", string(src), 7)
		Statements("f", string(src), 7)
	})
}

// TestPath: what is read without the parser is what the parser would read.
func TestPath(t *testing.T) {
	for _, src := range []string{
		"a", " a ", "!a", "! a", "a.b", "a.b.c", " !a.b ", "a.if", "if", "if.a", "this", "this.a", "true", "undefined", "!!a",
		"a.", ".a", "a..b", "a.1", "a1.b2", "1", "$a._b", "a b", "new", "async", "await", "let", "of", "变量.a", "a.b.c.d.e.f.g.h.i.j", "",
		"!", "typeof", "static", "get.set",
	} {
		v, m := Expression("", src, 30)
		w, n := Expression("", src+"//", 30) // only the parser knows comments
		if show(v) != show(w) || v.From != w.From || w.Kind != Unknown && v.To != w.To || m.Errors != n.Errors {
			t.Errorf("%q is %s from %d to %d, parsed %s from %d to %d", src, show(v), v.From, v.To, show(w), w.From, w.To)
		}
		if m.Values != n.Values {
			t.Errorf("%q: %d values, parsed %d", src, m.Values, n.Values)
		}
		ranges(t, src, src, 30, m)
	}
}

// TestVars: a function lists what it declares, blocks included, and its
// parameters apart.
func TestVars(t *testing.T) {
	m := Lower("", js.Parse([]byte(`import i from 'i'; let a; function f(p, { q }) { { let b } if (p) { var c } try {} catch (e) {} function g(h) { let n } }
class K { x = 1; static { var s } static { let t } }`), js.Options{}))
	want := map[string]string{"": "i a f K", "f": "p $1 | q c g b e", "g": "h | n", "K": "s t"}
	for _, f := range m.Funcs {
		var vars, params []string
		for _, v := range f.Vars {
			vars = append(vars, v.Name)
			if v.Func != f || v.Param >= 0 || f.Declared(v.Name) == nil {
				t.Errorf("%s of %s: %+v", v.Name, f.Name, v)
			}
		}
		for i, p := range f.Params {
			params = append(params, varName(p))
			if p.Func != f || p.Param != i {
				t.Errorf("parameter %s of %s: %+v", p.Name, f.Name, p)
			}
		}
		got := strings.TrimPrefix(strings.Join(params, " ")+" | "+strings.Join(vars, " "), " | ")
		if got != want[f.Name] && got != "" {
			t.Errorf("%q declares %s, want %s", f.Name, got, want[f.Name])
		}
	}
}
