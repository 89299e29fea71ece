package js

import "testing"

// wellFormed are sources without an error, and the shape of each.
var wellFormed = []struct {
	dialect    Dialect
	src, shape string
}{
	// Expressions.
	{0, `a.b(c, ...d)`, `(call (. a b) c (spread d));`},
	{0, `a?.b?.[c]?.(d)`, `(?call (?[] (?. a b) c) d);`},
	{0, `a ?.5 : b`, `(conditional a 0.5 b);`},
	{0, `a ?? b || c && d`, `(?? a (|| b (&& c d)));`},
	{0, `a ** b ** c * d`, `(* (** a (** b c)) d);`},
	{0, `-a * !b + ~c`, `(+ (* (- a) (! b)) (~ c));`},
	{0, `a = b = c ? d : e`, `(= a (= b (conditional c d e)));`},
	{0, `a ||= b, c &&= d, e ??= f, g **= h, i >>>= j`, `(sequence (||= a b) (&&= c d) (??= e f) (**= g h) (>>>= i j));`},
	{0, `typeof a === "b" && void 0`, `(&& (=== (typeof a) "b") (void 0));`},
	{0, `a in b instanceof c`, `(instanceof (in a b) c);`},
	{0, `x = #a in b`, `(= x (in #a b));`},
	{0, `new a.b(c).d()`, `(call (. (new (. a b) c) d));`},
	{0, `new a`, `(new a);`},
	{0, `new new a(b)(c)`, `(new (new a b) c);`},
	{0, `new (a())()`, `(new (call a));`},
	{0, `function f() { return new.target }`, `(function f (block (return new.target)))`},
	{0, `import.meta.url`, `(. import.meta url);`},
	{0, `import("a", { with: {} })`, `(importcall "a" (object (: with (object))));`},
	{0, `import.defer("a")`, `(importcall "a");`},
	{0, `a++ + ++b`, `(+ (++ a) (pre++ b));`},
	{0, `(a, b).c`, `(. (sequence a b) c);`},
	{0, `[a, , b, ...c,]`, `(array a b (spread c));`},
	{0, `this.a.if.class`, `(. (. (. this a) if) class);`},
	{0, `delete a[b]`, `(delete ([] a b));`},
	{0, `x = class extends a.b(c) { }`, `(= x (class (call (. a b) c)));`},
	{0, `async`, `async;`},
	{0, `async(a, b)`, `(call async a b);`},
	{0, `get + set + of + from + as + type + static`, `(+ (+ (+ (+ (+ (+ get set) of) from) as) type) static);`},

	// Literals.
	{0, `1_000 + 0xff + 0b11 + 0o17 + .5 + 1. + 1e3 + 017 + 089`, `(+ (+ (+ (+ (+ (+ (+ (+ 1000 255) 3) 15) 0.5) 1) 1000) 15) 89);`},
	{0, `1..a + 1.5.b + 0xffn + 10n`, `(+ (+ (+ (. 1 a) (. 1.5 b)) 0xffn) 10n);`},
	{0, `"a\n\x41\u{1f600}\ud83d\ude00\
b\0\'"`, `"a\nA😀😀b\x00'";`},
	{0, "`a${b}c${`d${e}`}`", "(template \"a\" b \"c\" (template \"d\" e \"\") \"\");"},
	{0, "a`b${c}`.d", `(. (tagged a (template "b" c "")) d);`},
	{0, "`\\``", "(template \"`\");"},
	{0, "`${{ a: `}` }.a}`", "(template \"\" (. (object (: a (template \"}\"))) a) \"\");"},
	{0, `/[/\]]+/gi.test(a)`, `(call (. /[/\]]+/gi test) a);`},
	{0, `null === true`, `(=== null true);`},
	{0, `\u0061b + 变量`, `(+ ab 变量);`},

	// Objects and patterns.
	{0, `x = { a, b: c, [d]: e, "f": g, 1: h, ...i }`, `(= x (object (:= a) (: b c) ([]: d e) (: "f" g) (: 1 h) (spread i)));`},
	{
		0, `x = { a() {}, async b() {}, *c() {}, async *d() {}, get e() {}, set f(g) {}, async: 1, get: 2, set() {} }`,
		`(= x (object (method a (function (block))) (method b (async function (block))) (method c (function* (block))) (method d (async function* (block))) (get e (function (block))) (set f (function (param g) (block))) (: async 1) (: get 2) (method set (function (block)))));`,
	},
	{
		0, `x = { get, set, async, await: 1, if: 2, get if() {}, async get() {} }`,
		`(= x (object (:= get) (:= set) (:= async) (: await 1) (: if 2) (get if (function (block))) (method get (async function (block)))));`,
	},
	{0, `const { a, b: [c, d = 1], ...e } = f, g = h`, `(const (= (object (:= a) (: b (array c (= d 1))) (spread e)) f) (= g h))`},
	{0, `({ a = 1, b } = c)`, `(= (object (:= (= a 1)) (:= b)) c);`},
	{0, `[a, b] = [b, a]`, `(= (array a b) (array b a));`},

	// Functions.
	{0, `function a(b, c = 1, ...d) { }`, `(function a (param b) (param c 1) (param... d) (block))`},
	{
		0, `async function* a() { for await (const b of c) yield* await b }`,
		`(async function* a (block (for await of (const (= b)) c (yield* (await b));)))`,
	},
	{0, `a => b`, `(=> (param a) b);`},
	{0, `(a, b = 1, ...c) => { }`, `(=> (param a) (param b 1) (param... c) (block));`},
	{0, `() => ({})`, `(=> (object));`},
	{0, `({ a, b = 1 }, [c]) => a`, `(=> (param (object (:= a) (:= (= b 1)))) (param (array c)) a);`},
	{0, `async a => await a`, `(async => (param a) (await a));`},
	{0, `async (a) => { await a }`, `(async => (param a) (block (await a);));`},
	{0, `a => b => c`, `(=> (param a) (=> (param b) c));`},
	{0, `x = a ? (b) : c => d`, `(= x (conditional a b (=> (param c) d)));`},
	{0, `x = a ? (b) => (c) : d`, `(= x (conditional a (=> (param b) c) d));`},
	{0, `(async function () {})()`, `(call (async function (block)));`},
	{0, `!function () {}()`, `(! (call (function (block))));`},
	{0, `function* a() { yield; yield b, yield }`, `(function* a (block (yield); (sequence (yield b) (yield));))`},
	{0, `var await_ = 1; await a`, `(var (= await_ 1)) (await a);`},
	{0, `(a, b,) => c`, `(=> (param a) (param b) c);`},
	{0, `f(a => { }, b)`, `(call f (=> (param a) (block)) b);`},

	// Classes.
	{
		0, `class A extends B { #a = 1; static b; static { c() } constructor() { super() } get d() { return this.#a } static async *e() {} 'f'() {} [g] = h; static = 1; get; set }`,
		`(class A B (field #a 1) (static field b) (static block (block (call c);)) (constructor constructor (function (block (call (super));))) (get d (function (block (return (. this #a))))) (static method e (async function* (block))) (method "f" (function (block))) (field[] g h) (field static 1) (field get) (field set))`,
	},
	{
		0, `@a.b(c) class D { @e f; @g() h() {} accessor i = 1 }`,
		`(class (call (. a b) c) D (field e f) (method (call g) h (function (block))) (accessor i 1))`,
	},
	{0, `@a export default class {}`, `(export default (class a))`},

	// Statements.
	{0, `if (a) b; else if (c) d; else { e }`, `(if a b; (if c d; (block e;)))`},
	{0, `for (var i = 0, j = ("a" in b); i < j; i++) continue`, `(for (var (= i 0) (= j (in "a" b))) (< i j) (++ i) (continue))`},
	{0, `for (;;) break`, `(for (break))`},
	{0, `for (const a in b) ;`, `(for in (const (= a)) b (empty))`},
	{0, `for (a of b) ;`, `(for of a b (empty))`},
	{0, `for (let of = 0; ;) ;`, `(for (let (= of 0)) (empty))`},
	{0, `for (let in a) ;`, `(for in let a (empty))`},
	{0, `for (var [a, b] of c) d`, `(for of (var (= (array a b))) c d;)`},
	{0, `for (async of => 1; ;) ;`, `(for (async => (param of) 1) (empty))`},
	{0, `while (a) { b } do c; while (d) e`, `(while a (block b;)) (dowhile c; d) e;`},
	{0, `switch (a) { case 1: case b.c: d; break; default: e }`, `(switch a (case 1) (case (. b c) d; (break)) (case e;))`},
	{0, `try { a } catch (b) { c } finally { d }`, `(try (block a;) b (block c;) (block d;))`},
	{0, `try { a } catch { c }`, `(try (block a;) (block c;))`},
	{0, `a: for (;;) { continue a }`, `(labeled a (for (block (continue a))))`},
	{0, `throw new Error("a")`, `(throw (new Error "a"))`},
	{0, `with (a) b`, `(with a b;)`},
	{0, `let a = 1, b; let [c] = d; let { e } = f`, `(let (= a 1) (= b)) (let (= (array c) d)) (let (= (object (:= e)) f))`},
	{0, `using a = b; await using c = d`, `(using (= a b)) (await using (= c d))`},
	{0, `debugger; ;`, `(empty) (empty)`},
	{0, `"use strict"; a`, `"use strict"; a;`},
	{0, "#!/usr/bin/env node\na", `a;`},
	{0, "\ufeffa", `a;`},
	{0, "a <!-- b\n--> c\nd", `a; d;`},

	// Modules.
	{
		0, `import "a"; import b from "c"; import * as d from "e"; import { f, g as h, default as i, "j" as k } from "l"`,
		`(import "a") (import b "c") (import * d "e") (import (name f) (name g h) (name default i) (name "j" k) "l")`,
	},
	{0, `import a, { b } from "c" with { type: "json" }`, `(import a (name b) "c" (object (: type "json")))`},
	{0, `import a, * as b from "c"`, `(import * a b "c")`},
	{0, `import defer * as a from "b"`, `(import * a "b")`},
	{0, `export default function () {}`, `(export default (function (block)))`},
	{0, `export default a.b`, `(export default (. a b))`},
	{0, `export default async () => {}`, `(export default (async => (block)))`},
	{0, `export default { data() {} }`, `(export default (object (method data (function (block)))))`},
	{
		0, `export const a = 1; export { b as default, c }; export * from "d"; export * as e from "f"; export { g } from "h"`,
		`(export (const (= a 1))) (export (name b default) (name c)) (export * "d") (export * e "f") (export (name g) "h")`,
	},
	{0, `export async function a() {} export class B {}`, `(export (async function a (block))) (export (class B))`},

	// JSX.
	{
		0, `x = <a b="c" d={e} {...f} g h:i='j' data-k={1}>l {m} <n.o /> &nbsp;</a>`,
		`(= x (jsxelement a (jsxattr b "c") (jsxattr d (jsxcontainer e)) (spread f) (jsxattr g) (jsxattr h:i "j") (jsxattr data-k (jsxcontainer 1)) "l " (jsxcontainer m) " " (jsxelement n.o) " &nbsp;"));`,
	},
	{0, `<><a/>{...b}{/* c */}</>`, `(jsxelement (jsxelement a) (spread b) (jsxcontainer));`},
	{0, "<a\n  b=\"c\nd\\\"\n/>", "(jsxelement a (jsxattr b \"c\\nd\\\\\"));"},
	{0, `a && <b>it's {c ? <d/> : null}</b>`, `(&& a (jsxelement b "it's " (jsxcontainer (conditional c (jsxelement d) null))));`},
	{0, `<a b=<c/> />`, `(jsxelement a (jsxattr b (jsxelement c)));`},
	{0, `<a>{b}</a> < c`, `(< (jsxelement a (jsxcontainer b)) c);`},
	{0, `<a onClick={() => { b() }}>/ "</a>`, `(jsxelement a (jsxattr onClick (jsxcontainer (=> (block (call b);)))) "/ \"");`},

	// TypeScript.
	{1, `let a: string = "b", c!: number, d: A<B<C>>= e`, `(let (=: a "b") (=: c) (=: d e))`},
	{1, `function a<T extends B = C>(this: D, b?: T, ...c: T[]): b is T { }`, `(function: a (param: this) (param?: b) (param...: c) (block))`},
	{1, `const a = (b: string, c?: number): void => { }`, `(const (= a (=>: (param: b) (param?: c) (block))))`},
	{1, `const a = async <T,>(b: T): Promise<T> => b`, `(const (= a (async =>: (param: b) b)))`},
	{1, `const a = <T>(b: T) => b`, `(const (= a (=> (param: b) b)))`},
	{1, `a<b>(c)`, `(call a c);`},
	{1, `a < b > c`, `(> (< a b) c);`},
	{1, `a<b, c>(d)`, `(call a d);`},
	{1, `f(a < b, c > d)`, `(call f (< a b) (> c d));`},
	{1, `f(a<b, c>(d))`, `(call f (call a d));`},
	{1, `a<b>>c`, `(< a (>> b c));`},
	{1, `new A<B<C>>(d)`, `(new A d);`},
	{1, `a?.<b>(c)`, `(?call a c);`},
	{1, "a<b>`c`", "(tagged a (template \"c\"));"},
	{1, `const a = b<c>; d`, `(const (= a (cast b))) d;`},
	{1, `a as B as C; a! .b!; a satisfies D; <E>a`, `(cast: (cast: a)); (cast (. (cast a) b)); (cast: a); (cast: a);`},
	{1, `x = a as any ? b : c`, `(= x (conditional (cast: a) b c));`},
	{1, `x = y ? (a) : b`, `(= x (conditional y a b));`},
	{1, `x = y ? (a): b => c : d`, `(= x (conditional y (=>: (param a) c) d));`},
	{1, `x = y ? (a) : (b) => c`, `(= x (conditional y a (=> (param b) c)));`},
	{1, `x = y ? (a, b) : { c }`, `(= x (conditional y (sequence a b) (object (:= c))));`},
	{
		1, `enum A { B, C = "d", 'e' = 1 << 2 } const enum F { G } declare enum H { I }`,
		`(enum A (enummember B) (enummember C "d") (enummember "e" (<< 1 2))) (enum F (enummember G)) (enum H (enummember I))`,
	},
	{
		1, `interface A<T> extends B, C<D> { a(): void; b: { c: string } } type E<T> = T extends (infer U)[] ? U : never; f`,
		`(typedecl A) (typedecl E) f;`,
	},
	{1, "type A = `a${B}` | keyof C | typeof d.e | (new () => F)[] | import('g').H<I> | unique symbol | -1 | [a: B, c?: D]\nx", `(typedecl A) x;`},
	{1, "type A = { [K in keyof B as `x${K}`]?: B[K] } & ((c: D) => c is E)\nx", `(typedecl A) x;`},
	{1, "type A = <V>() => V extends B ? 1 : 2\nx", `(typedecl A) x;`},
	{1, "type A = T extends infer U extends string ? U : never; x", `(typedecl A) x;`},
	{1, "type\nA\n= 1", `type; (= A 1);`},
	{
		1, `type = 1; interface_ = 2; declare = 3; namespace.a; module.exports = b; abstract(); global.c`,
		`(= type 1); (= interface_ 2); (= declare 3); (. namespace a); (= (. module exports) b); (call abstract); (. global c);`,
	},
	{
		1, `namespace A.B { export const c = 1 } declare module "d" { export default e } declare global { var f }`,
		`(namespace A.B (block (export (const (= c 1))))) (namespace "d" (block (export default e))) (namespace global (block (var (= f))))`,
	},
	{
		1, `declare const a: number; declare function b(): void; declare module "c"; declare class D { e(): void }`,
		`(declare const (=: a)) (function: b) (namespace "c") (class D (method e (function:)))`,
	},
	{
		1, `abstract class A<T> extends B<T> implements C, D { private readonly a: string = ""; abstract b(): void; constructor(private c: D, public readonly e = 1) { super() } static [k: string]: any; declare f: G; override h?(): void; i!: J }`,
		`(abstract class A B (field: a "") (method b (function:)) (constructor constructor (function (param:! c) (param! e 1) (block (call (super));))) (static signature:) (field: f) (method h (function:)) (field: i))`,
	},
	{1, `function a(b: string): void; function a(b: any) { }`, `(function: a (param: b)) (function a (param: b) (block))`},
	{
		1, `import type A from "b"; import type { C } from "d"; import { type E, type F as G, type } from "h"; import type I = require("j"); import k = require("l"); import m = n.o; export import p = q`,
		`(import type A "b") (import type (name C) "d") (import (name type E) (name type F G) (name type) "h") (import type I "j") (import k "l") (import m (. n o)) (export (import p q))`,
	},
	{
		1, `import type from "a"; import { type as b } from "c"; export = d; export as namespace E; export type { F } from "g"; export type * from "h"; export type I = J`,
		`(import type "a") (import (name type b) "c") (export= d) (export (typedecl E)) (export type (name F) "g") (export type * "h") (export (typedecl I))`,
	},
	{
		1, `export default interface A { } export default abstract class B { } export declare const c: D; export const enum E { }`,
		`(export default (typedecl A)) (export default (abstract class B)) (export (declare const (=: c))) (export (enum E))`,
	},
	{
		1, `class A { constructor(@B() private c: D, @E f) { } @G() h: I; @J k() { } }`,
		`(class A (constructor constructor (function (param:! (call B) c) (param E f) (block))) (field: (call G) h) (method J k (function (block))))`,
	},
	{1, `for (const a of <B[]>c) { } try { } catch (e: unknown) { }`, `(for of (const (= a)) (cast: c) (block)) (try (block) e (block))`},
	{1, `a = b as C[] | null ?? d`, `(= a (?? (cast: b) d));`},
	{1, `function assert(a: any): asserts a is B { } function c(): asserts a { }`, `(function: assert (param: a) (block)) (function: c (block))`},
	{1, `let a: typeof b<c>[]`, `(let (=: a))`},
	{1, `let x = (a, b): c is D => e`, `(let (= x (=>: (param a) (param b) e)))`},
	{1, `let f: (a: number, b?: string) => void = (a) => { }`, `(let (=: f (=> (param a) (block))))`},
	{1, `class A<in out T> { a = b<T>(c); d?: E; ["f"]: g }`, `(class A (field a (call b c)) (field: d) (field[]: "f"))`},
	{2, `const a = <T,>(b: T) => <c>{b}</c>`, `(const (= a (=> (param: b) (jsxelement c (jsxcontainer b)))))`},
	{2, `const a = <T extends B>(b: T) => b`, `(const (= a (=> (param: b) b)))`},
	{2, `const a = <T extends={1}>b</T>`, `(const (= a (jsxelement T (jsxattr extends (jsxcontainer 1)) "b")))`},
	{2, `<A<B> c={d as E} />`, `(jsxelement A (jsxattr c (jsxcontainer (cast: d))));`},
	{2, `const [a, b] = useState<C | null>(null)`, `(const (= (array a b) (call useState null)))`},
	{
		2, `export default function A({ b }: C) { return <D e={(f: G) => f} /> }`,
		`(export default (function A (param: (object (:= b))) (block (return (jsxelement D (jsxattr e (jsxcontainer (=> (param: f) f))))))))`,
	},
}

func TestWellFormed(t *testing.T) {
	for _, c := range wellFormed {
		opts := Options{Dialect: c.dialect}
		f := Parse([]byte(c.src), opts)
		if c.shape == "" {
			continue
		}
		for _, e := range f.Errors {
			t.Errorf("%s\nat %d: %s", c.src, e.Pos, e.Message)
		}
		if got := shapes(f); got != c.shape {
			t.Errorf("%s\ngot  %s\nwant %s", c.src, got, c.shape)
		}
		if sound(t, c.src, f) {
			reread(t, c.src, f, opts, 1)
		}
	}
}
