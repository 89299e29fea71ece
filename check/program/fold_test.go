package program

import (
	"testing"

	"golang.org/x/tools/txtar"
)

// folded is what an expression in a script amounts to.
func folded(t *testing.T, before, expr string) string {
	t.Helper()
	project := open(t, txtar.Parse([]byte("-- pages/a/a.wxml --\n<view/>\n-- pages/a/a.js --\n"+before+"\nPage({ data: { n: 1, s: '甲', on: false }, answer: "+expr+" });\n")), "native", "pages/a/a")
	pg := pageOf(t, project, "pages/a/a", "")
	return pg.p.get(pg.Unit.options[0], "answer").String()
}

func TestFolding(t *testing.T) {
	for _, c := range []struct{ before, expr, want string }{
		{"", "1 + 2 * 3", "7"},
		{"", "10 / 4 - 0.5", "2"},
		{"", "-3 < -2", "true"},
		{"", "2 >= 3", "false"},
		{"", "'a' + 1 + true", "'a1true'"},
		{"const s = 'b'", "`a${s}c`", "'abc'"},
		{"const DAY = 24 * 60 * 60 * 1000", "DAY / 2", "4.32e+07"},
		{"", "!''", "true"},
		{"", "!!'0'", "true"},
		{"", "void 0", "undefined"},
		{"", "0 || 'x'", "'x'"},
		{"", "'' ?? 'x'", "''"},
		{"", "null ?? 'x'", "'x'"},
		{"", "1 && 2 && 3", "3"},
		{"", "1 === '1'", "false"},
		{"", "1 == '1'", "true"},
		{"", "null == undefined", "true"},
		{"", "null === undefined", "false"},
		{"", "0 == ''", "true"},
		{"", "false == 0", "true"},
		{"", "null == 0", "false"},
		{"const f = () => {}", "f == null", "false"},
		{"", "true ? 'a' : 'b'", "'a'"},
		{"", "[1, 2, 3].length", "3"},
		{"", "[1, 2, 3][1]", "2"},
		{"", "({ a: { b: 'c' } }).a.b", "'c'"},
		{"const k = 'a'", "({ a: 1, b: 2 })[k]", "1"},
		{"const base = { a: 1, b: 2 }", "({ ...base, b: 3 }).b", "3"},
		{"const base = { a: 1, b: 2 }", "({ b: 3, ...base }).b", "2"},
		{"const k = 'x'", "({ [k + 'y']: 5 }).xy", "5"},
		{"const { a, b = 7 } = { a: 4 }", "a + b", "11"},
		{"const [first, , third] = ['x', 'y', 'z']", "first + third", "'xz'"},
		{"function f(n, m = 2) { return n }", "'/p/' + f(3)", "'/p/3'"},
		{"function f() { return { get x() { return 9 } } }", "f().x", "9"},
		{"class A { static K = 'k' }", "A.K", "'k'"},
		{"", "'手机号'.length", "3"},
		{"const o = Object.freeze({ a: 1 })", "o.a", "1"},
		{"const o = Object.assign({}, { a: 1 }, { a: 2 })", "o.a", "2"},
		// what is written twice is one of both, what is filled later is not settled
		{"let on = false; function f() { on = true }", "on", "either(false, true)"},
		{"const o = { on: false }; function f() { o.on = true }", "o.on", "either(true, false)"},
		{"const o = { on: false }; o[x] = 1", "o.on", "either(false, ?)"},
		{"const l = []; function f() { l.push(1) }", "l.length", "either(1, 0)"},
		// and what nobody knows stays unknown, however it is dressed
		{"", "Math.random() > 0.5", ">(result Math.random(Math.random)., 0.5)"},
		{"", "x ? 1 : 2", "either(1, 2)"},
		{"const a = { get b() { return a.b } }", "a.b", "result get(func b)."},
	} {
		if got := folded(t, c.before, c.expr); got != c.want {
			t.Errorf("%s; %s\n got %s\nwant %s", c.before, c.expr, got, c.want)
		}
	}
}

func TestTruth(t *testing.T) {
	state := &Term{Kind: State, Str: "x"}
	for _, c := range []struct {
		t    *Term
		want Tri
	}{
		{undefined, False},
		{null, False},
		{&Term{Kind: Number, Str: "0"}, False},
		{&Term{Kind: Number, Str: "NaN"}, False},
		{&Term{Kind: Number, Str: "-1"}, True},
		{&Term{Kind: String}, False},
		{&Term{Kind: String, Str: "0"}, True},
		{state, Maybe},
		{unknown, Maybe},
		{&Term{Kind: Concat, Args: []*Term{state, {Kind: String, Str: "x"}}}, True},
		{&Term{Kind: Concat, Args: []*Term{state, {Kind: String}}}, Maybe},
		{&Term{Kind: Choice, Args: []*Term{yes, {Kind: String, Str: "a"}}}, True},
		{&Term{Kind: Choice, Args: []*Term{yes, no}}, Maybe},
		{&Term{Kind: Op, Operator: andOp, Args: []*Term{state, no}}, False},
		{&Term{Kind: Op, Operator: orOp, Args: []*Term{state, yes}}, True},
		{&Term{Kind: Op, Operator: orOp, Args: []*Term{state, no}}, Maybe},
		{&Term{Kind: Op, Operator: notOp, Args: []*Term{state}}, Maybe},
	} {
		if got := c.t.Truth(); got != c.want {
			t.Errorf("%s is %s, want %s", c.t, triNames[got], triNames[c.want])
		}
	}
}
