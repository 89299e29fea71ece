package js

import (
	"strings"
	"testing"
	"time"
)

// broken are sources with an error, the shape that is kept, and the first message.
var broken = []struct {
	dialect             Dialect
	src, shape, message string
}{
	{0, "a b", `a; b;`, "expected ;, found b"},
	{0, "a = ;\nb", `(= a (bad)); b;`, "expected an expression, found ;"},
	{0, "a ) b()\nc", `a; (bad) (call b); c;`, "expected ;, found )"},
	{0, "}\na", `(bad) a;`, "expected an expression, found }"},
	{0, "var ;\na", `(var (= (bad))) a;`, "expected a name, found ;"},
	{0, "var x = 'a\nb()", `(var (= x "a")) (call b);`, "a string that its line does not close"},
	{0, "var x = /a\nb()", `(var (= x /a/)) (call b);`, "a regular expression that its line does not close"},
	{0, "var x = `a\nb()", "(var (= x (template \"a\"))) (call b);", "a template that is not closed"},
	{0, "a /* b", `a;`, "a comment without */"},
	{0, "a\uff0cb", `a; (bad) b;`, "a character that has no meaning here"},
	{0, "x = { a: 1 b: 2, c: 3 }", `(= x (object (: a 1) (bad) (: c 3)));`, "expected a comma or }, found b"},
	{0, "x = {\na: 1\nb: 2,\nc: 3 }", `(= x (object (: a 1) (: b 2) (: c 3)));`, "expected a comma or }, found b"},
	{0, "x = { a() {} b() {}, c: 1 }", `(= x (object (method a (function (block))) (method b (function (block))) (: c 1)));`, "expected a comma or }, found b"},
	{0, "x = { a: , b: 1 }", `(= x (object (: a (bad)) (: b 1)));`, "expected an expression, found ,"},
	{0, "x = { a: 1; b: 2; }", `(= x (object (: a 1) (: b 2)));`, "expected a comma, found ;"},
	{0, "x = { a: 1, * , b: 2 }", `(= x (object (: a 1) (bad) (: b 2)));`, "expected a property, found ,"},
	{0, "x = { a: 1,\nvar b = 2", `(= x (object (: a 1))); (var (= b 2))`, "expected }, found var"},
	{
		0, "Page({ a() { if (b) { c() }, d() { e() }, f: 1 })",
		`(call Page (object (method a (function (block (if b (block (call c);))))) (method d (function (block (call e);))) (: f 1)));`,
		"expected }, found ,",
	},
	{
		0, "Page({ a() { b() } }, d() { e() }, f: 1 })",
		`(call Page (object (method a (function (block (call b);))) (method d (function (block (call e);))) (: f 1)));`,
		"a closing brace too many: members follow",
	},
	{
		0, "Page({ a() { b( }, c() { d } })\ne()",
		`(call Page (object (method a (function (block (call b (bad));))) (method c (function (block d;))))); (call e);`,
		"expected an expression, found }",
	},
	{
		0, "Page({ a() { b(c d) }, e: 1 })",
		`(call Page (object (method a (function (block (call b c (bad));))) (: e 1)));`,
		"expected a comma or ), found d",
	},
	{0, "function a() { if (b) {\nexport default c", `(function a (block (if b (block)))) (export default c)`, "expected }, found export"},
	{0, "function a( { b }\nc()", ``, ""},
	{0, "function a() { b(", `(function a (block (call b);))`, "expected ), found end of file"},
	{0, "if (a { b() }\nc()", `(if a (block (call b);)) (call c);`, "expected ), found {"},
	{0, "if a { b() }", ``, "expected (, found a"},
	{0, "for (a b) c()\nd", ``, "expected ;, found b"},
	{0, "switch (a) { b; case 1: c }", `(switch a (case b;) (case 1 c;))`, "expected case, default or }, found b"},
	{0, "try { a }\nb", `(try (block a;)) b;`, "expected catch or finally, found b"},
	{0, "class A { a() {} + b() {} c = 1 }", `(class A (method a (function (block))) (bad) (method b (function (block))) (field c 1))`, "expected a member of the class, found +"},
	{0, "class A { a() { b(\n} c() {} }\nd", `(class A (method a (function (block (call b (bad));))) (method c (function (block)))) d;`, "expected an expression, found }"},
	{0, "a.\nb = 1", `(= (. a b) 1);`, ""},
	{0, "a.", `(. a (bad));`, "expected a property name, found end of file"},
	{0, "a ? b", `(conditional a b (bad));`, "expected :, found end of file"},
	{0, "[a b, c]", `(array a (bad) c);`, "expected a comma or ], found b"},
	{0, "`a${b c}d`; e", "(template \"a\" (bad) \"d\"); e;", "expected } of a template, found c"},
	{0, "import { a, b from \"c\"\nd", `(import (name a) (name b) "c") d;`, "expected a comma or }, found from"},
	{0, "import a b\nc", ``, ""},
	{0, "x = <a><b></a>\nc", `(= x (jsxelement a (jsxelement b))); c;`, "expected </b>, found </a>"},
	{0, "x = <a b=>c</a>", `(= x (jsxelement a (jsxattr b (bad)) "c"));`, "expected a value, found >"},
	{0, "x = <a {b} c>d</a>", `(= x (jsxelement a (bad) (jsxattr c) "d"));`, "expected ..., found b"},
	{0, "x = <a>b", `(= x (jsxelement a)); b;`, "the element a is not closed"},
	{0, "x = <a b={c d}>e</a>", ``, "expected }, found d"},
	{0, "3a", `0;`, "a number with letters in it"},
	{1, "let a: = 1; b", `(let (=: a 1)) b;`, "expected a type, found ="},
	{1, "interface A { b: { }\nc", `(typedecl A) c;`, "a bracket of a type that is not closed"},
	{1, "let a: [b\nc()", `(let (=: a)) (call c);`, "a bracket of a type that is not closed"},
	{1, "let a: (b => c }\nd()", `(let (=: a)) (call d);`, "a bracket of a type that is not closed"},
	{0, "x = { get a, b: 1 }", `(= x (object (:= a) (: b 1)));`, "expected (, found ,"},
	{1, "enum A { B, = , C }", `(enum A (enummember B) (enummember (bad)) (enummember C))`, "expected a member of the enum, found ="},
}

func TestBroken(t *testing.T) {
	for _, c := range broken {
		f := Parse([]byte(c.src), Options{Dialect: c.dialect})
		sound(t, c.src, f)
		if got := shapes(f); c.shape != "" && got != c.shape {
			t.Errorf("%s\ngot  %s\nwant %s", c.src, got, c.shape)
		}
		if c.message != "" && (len(f.Errors) == 0 || !strings.HasPrefix(f.Errors[0].Message, c.message)) {
			t.Errorf("%s\nerrors %v, want %s", c.src, f.Errors, c.message)
		}
	}
}

// TestEnds feeds what could make a parser take forever or too much stack.
func TestEnds(t *testing.T) {
	pieces := []string{
		"(", "[", "{", "a(", "a[", "x={a:", "<a>", "<a b={", "`${", "(a=>", "a=>", "!", "new ", "a?", "a?b:", "function f(){",
		"if(a)", "if(a){}else ", "a:", "class A{a(){", "async(", "a<", "a<{", "a<b<", "(a:", "x=y?(a):", "<T>(a:", "...", "`", "\\`\n", "/*",
		"a.", "a+", "a,", "a=", "a b ", ")", "}", "]", "@a", "import{", "export ", "x:A<", "type A=", "let a:{", "</", "/", "'", "case ", "a?.",
		"(a,b)=>(", "await ", "yield ", "#", "0.", "//\r", "try{", "${", "`a${b}`", "[]", "a()", "enum A{", "(a?:b)", "a!", "a as ", "<", ">", "{a(){}},",
	}
	for _, d := range []Dialect{JavaScript, TypeScript, TSX} {
		for _, piece := range pieces {
			src := []byte(strings.Repeat(piece, 200_000/len(piece)))
			start := time.Now()
			f := Parse(src, Options{Dialect: d})
			took := time.Since(start)
			nodes := 0
			f.Walk(func(Node) bool { nodes++; return true })
			if took > 2*time.Second {
				t.Errorf("%q ×: %v for %d kB", piece, took, len(src)/1000)
			}
			if nodes > 2*len(src) {
				t.Errorf("%q ×: %d nodes for %d bytes", piece, nodes, len(src))
			}
		}
	}
}

func TestLimits(t *testing.T) {
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "; after()"
	f := Parse([]byte(deep), Options{})
	if len(f.Errors) != 1 || f.Errors[0].Code != TooDeep || len(f.Body) != 2 || shape(f.Body[1]) != "(call after);" {
		t.Errorf("deep: %v, %d statements", f.Errors, len(f.Body))
	}
	f = Parse([]byte(strings.Repeat("a+", 1<<18)+"a; after()"), Options{})
	if len(f.Errors) == 0 || f.Errors[0].Code != TooDeep || !strings.HasSuffix(shape(f.Body[len(f.Body)-1]), "(call after);") {
		t.Errorf("long: %v", f.Errors)
	}
	f = Parse([]byte(strings.Repeat("a;\n", 10_000)), Options{MaxNodes: 3000})
	if len(f.Errors) != 1 || f.Errors[0].Code != TooMany || len(f.Body) < 500 || len(f.Body) > 4000 {
		t.Errorf("many: %v, %d statements", f.Errors, len(f.Body))
	}
	f = Parse([]byte("a; b"), Options{MaxBytes: 3})
	if len(f.Errors) != 1 || f.Errors[0].Code != TooLong || shapes(f) != "(bad)" || f.Position(2).Column != 3 {
		t.Errorf("long: %v %s", f.Errors, shapes(f))
	}
}
