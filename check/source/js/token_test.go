package js

import (
	"strings"
	"testing"
)

// TestSemicolons is ECMA-262 12.10: where a line end counts as one.
func TestSemicolons(t *testing.T) {
	for _, c := range []struct{ src, shape string }{
		{"a\nb", "a; b;"},
		{"a\n(b)", "(call a b);"},
		{"a\n[b]", "([] a b);"},
		{"a\n/b/c", "(/ (/ a b) c);"},
		{"a\n`b`", `(tagged a (template "b"));`},
		{"a\n++b", "a; (pre++ b);"},
		{"a\n++\nb", "a; (pre++ b);"},
		{"a\n+b", "(+ a b);"},
		{"a\n.b", "(. a b);"},
		{"return_\na", "return_; a;"},
		{"function f() { return\na }", "(function f (block (return) a;))"},
		{"for (;;) { break\na }", "(for (block (break) a;))"},
		{"a: for (;;) { continue\na }", "(labeled a (for (block (continue) a;)))"},
		{"throw a\nb", "(throw a) b;"},
		{"var a\nvar b", "(var (= a)) (var (= b))"},
		{"var a = b\nc = d", "(var (= a b)) (= c d);"},
		{"{ a }", "(block a;)"},
		{"{ a } b", "(block a;) b;"},
		{"if (a) b\nelse c", "(if a b; c;)"},
		{"if (a) b; else c", "(if a b; c;)"},
		{"do a; while (b) c", "(dowhile a; b) c;"},
		{"do a\nwhile (b)\nc", "(dowhile a; b) c;"},
		{"a = b => {}\n(c)", "(= a (=> (param b) (block))); c;"},
		{"a = function () {}\n(b)", "(= a (call (function (block)) b));"},
		{"async\nfunction f() {}", "async; (function f (block))"},
		{"let\na", "(let (= a))"},
		{"x\n=> y", "x; (bad) y;"},
		{"a\u2028b", "a; b;"},
		{"a /* \n */ b", "a; b;"},
		{"a\r\nb\rc", "a; b; c;"},
		{"class A { a\nb = 1\nc() {}\nget\nd() {}\nstatic\ne\n*f() {} }", "(class A (field a) (field b 1) (method c (function (block))) (get d (function (block))) (static field e) (method f (function* (block))))"},
		{"export default a\nb", "(export default a) b;"},
		{"import a from 'b'\nc", `(import a "b") c;`},
		{"function* f() { yield\na }", "(function* f (block (yield); a;))"},
	} {
		if got := shapes(Parse([]byte(c.src), Options{})); got != c.shape {
			t.Errorf("%q\ngot  %s\nwant %s", c.src, got, c.shape)
		}
	}
}

// TestSlashes tells regular expressions from divisions.
func TestSlashes(t *testing.T) {
	for _, c := range []struct{ src, shape string }{
		{"a / b / c", "(/ (/ a b) c);"},
		{"a /= b", "(/= a b);"},
		{"/=a/", "/=a/;"},
		{"(a) / b", "(/ a b);"},
		{"if (a) /b/.test(c)", "(if a (call (. /b/ test) c);)"},
		{"a[b] / c / d", "(/ (/ ([] a b) c) d);"},
		{"{} /a/", "(block) /a/;"},
		{"x = {} / a", "(= x (/ (object) a));"},
		{"a = b ? /c/ : /d/", "(= a (conditional b /c/ /d/));"},
		{"a++ / b", "(/ (++ a) b);"},
		{"++/a/.b", "(pre++ (. /a/ b));"},
		{"typeof /a/", "(typeof /a/);"},
		{"function f() { return /a/ }", "(function f (block (return /a/)))"},
		{"this / a", "(/ this a);"},
		{"[/a/, /b/]", "(array /a/ /b/);"},
		{"a = /[/]/g / b", "(= a (/ /[/]/g b));"},
		{"`${a}` / b", `(/ (template "" a "") b);`},
		{"`${/}/}`", `(template "" /}/ "");`},
		{"a => /b/", "(=> (param a) /b/);"},
		{"() => {}\n/a/g", "(=> (block)); /a/g;"},
		{"function f() {} /a/", "(function f (block)) /a/;"},
		{"!/a/.test(b) && /c/.d", "(&& (! (call (. /a/ test) b)) (. /c/ d));"},
		{"a /b/c", "(/ (/ a b) c);"},
		{"await /a/", "(/ (/ await a) (bad));"},
		{"async () => { await /a/ }", "(async => (block (await /a/);));"},
		{"case_ / a", "(/ case_ a);"},
		{"switch (a) { case /b/: }", "(switch a (case /b/))"},
		{"a.if / b", "(/ (. a if) b);"},
		{"x = <a>/</a> / b", `(= x (/ (jsxelement a "/") b));`},
		{`x = /\//`, `(= x /\//);`},
	} {
		if got := shapes(Parse([]byte(c.src), Options{})); got != c.shape {
			t.Errorf("%q\ngot  %s\nwant %s", c.src, got, c.shape)
		}
	}
}

func TestPositions(t *testing.T) {
	f := Parse([]byte("ab\n中😀c\r\nd\re\u2028f"), Options{})
	for offset, want := range map[int]Position{
		0: {1, 1, 1}, 2: {1, 3, 3}, 3: {2, 1, 1}, 6: {2, 4, 2}, 8: {2, 6, 2}, 10: {2, 8, 4}, 11: {2, 9, 5}, 13: {3, 1, 1}, 15: {4, 1, 1},
		19: {4, 5, 3}, 99: {4, 6, 4}, -1: {1, 1, 1},
	} {
		if got := f.Position(offset); got != want {
			t.Errorf("%d: %+v, want %+v", offset, got, want)
		}
	}
}

func TestComments(t *testing.T) {
	f := Parse([]byte("#!x\n// a\nb; /* c\n */ // d\n<!-- e\n<f>{/* g */}</f>; async /* h */ (i)"), Options{})
	var texts []string
	for _, c := range f.Comments {
		texts = append(texts, c.Text)
	}
	if got := strings.Join(texts, "|"); got != " a| c\n | d| e| g | h " {
		t.Errorf("comments %q", got)
	}
	if f.Hashbang.End() != 3 {
		t.Errorf("hashbang %v", f.Hashbang)
	}
}

func TestBytesThatAreNoText(t *testing.T) {
	for _, src := range []string{"a\xff\xfe = 'b\x80'", "\xff", "var \xc4\xe3 = '\xba\xc3'; c()", "'\xe2", "//\xe2", "/\xe2", "a\x00b", "\xe2\x80"} {
		f := Parse([]byte(src), Options{})
		sound(t, src, f)
	}
	if f := Parse([]byte("var \xc4\xe3 = '\xba\xc3'; c()"), Options{}); len(f.Errors) > 0 {
		t.Errorf("a source in another encoding: %v", f.Errors)
	}
}

func TestInspectGivesTheParents(t *testing.T) {
	f := Parse([]byte("Page({ onLoad() { wx.showModal({}) } })"), Options{})
	var way []string
	f.Inspect(func(n Node, parents []Node) bool {
		if m, ok := n.(*Member); ok && f.Text(m) == "wx.showModal" {
			for _, p := range parents {
				way = append(way, word(p))
			}
		}
		return true
	})
	if got := strings.Join(way, " "); got != "exprstmt call object method function block exprstmt call" {
		t.Error(got)
	}
}

func TestBindings(t *testing.T) {
	f := Parse([]byte("const { a, b: [c, , d = 1], ...e } = f"), Options{})
	var names []string
	Bindings(f.Body[0].(*Var).Decls[0].Target, func(id *Identifier) { names = append(names, id.Name) })
	if got := strings.Join(names, " "); got != "a c d e" {
		t.Error(got)
	}
}

func TestDialects(t *testing.T) {
	for name, want := range map[string]Dialect{
		"a.js": 0, "a.jsx": 0, "a.wxs": 0, "a/b.ts": TypeScript, "a.d.ts": TypeScript, "a.MTS": TypeScript, "a.tsx": TSX,
		"ts": TypeScript, "tsx": TSX, "": 0,
	} {
		if got := DialectOf(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
