package check_test

import (
	"fmt"
	"io/fs"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"clew/check"
	"clew/check/ask"
	"clew/check/rule"
	"clew/finding"
)

// probe reports the phone buttons of a page and the ways to what runs in it, so that
// a test sees what was reached, whatever the rules think of it.
var probe = rule.Rule{ID: "probe", Clause: "3.3.scope", Page: func(c *rule.Case) {
	for _, n := range c.Page.Nodes {
		if kind, _ := n.Static("open-type"); kind == "getPhoneNumber" {
			c.Say(rule.At(n, finding.Violation, "按钮", "button"))
		}
	}
	opening := c.Page.Opening()
	for i := range opening.Effects[:min(len(opening.Effects), 200)] {
		e := &opening.Effects[i]
		if e.File != nil {
			c.Say(rule.Say{
				Verdict: finding.Review, Message: finding.Say("效果", "effect"), File: e.File, From: e.From, To: e.To,
				Path: rule.Steps(e, finding.Say("效果", "effect")),
			})
		}
	}
	for _, n := range c.Page.Nodes[:min(len(c.Page.Nodes), 300)] {
		for _, e := range c.Page.Handlers(n) {
			c.Page.Trace(e)
		}
	}
	for _, a := range ask.Of(c.Page) {
		_, _ = a.Words(), a.Use()
	}
}}

// every is all rules and the probe.
func every() []*rule.Rule {
	list := []*rule.Rule{&probe}
	for i := range rule.All() {
		list = append(list, &rule.All()[i])
	}
	return list
}

const (
	goodTemplate = "<view>\n  <view wx:if=\"{{ show }}\">您好</view>\n  <button open-type=\"getPhoneNumber\" bindgetphonenumber=\"take\">领取报价</button>\n</view>\n"
	goodScript   = "Page({\n  data: { show: false },\n  onLoad() { this.setData({ show: true }) },\n  take(e) { wx.request({ url: '/lead', data: e.detail }) },\n})\n"
)

// native is a mini-program of a good page behind others.
func native(files map[string]string, pages ...string) map[string]string {
	all := map[string]string{"good/good.wxml": goodTemplate, "good/good.js": goodScript, "app.js": "App({})"}
	maps.Copy(all, files)
	if _, own := all["app.json"]; !own {
		all["app.json"] = fmt.Sprintf(`{"pages": ["%s"]}`, strings.Join(append(pages, "good/good"), `", "`))
	}
	return all
}

// bad is a mini-program with a page of a script and a template.
func bad(script, template string) map[string]string {
	return native(map[string]string{"bad/bad.js": script, "bad/bad.wxml": template}, "bad/bad")
}

// uni is a uni-app with a page of its own text.
func uni(files map[string]string, pages ...string) map[string]string {
	all := map[string]string{
		"manifest.json": `{"mp-toutiao": {"appid": "tt1"}}`,
		"good/good.vue": "<template><view><button open-type=\"getPhoneNumber\" @getphonenumber=\"take\">领取</button></view></template>\n<script>\nexport default { data() { return { a: 1 } }, onLoad() { this.a = 2 }, methods: { take(e) { uni.request({ url: '/a', data: e }) } } }\n</script>\n",
	}
	maps.Copy(all, files)
	if _, own := all["pages.json"]; !own {
		all["pages.json"] = fmt.Sprintf(`{"pages": [{"path": "%s"}]}`, strings.Join(append(pages, "good/good"), `"}, {"path": "`))
	}
	return all
}

func react(files map[string]string) map[string]string {
	all := map[string]string{
		"package.json":       `{"dependencies": {"react": "18"}}`,
		"src/pages/Good.jsx": "export default function Good() {\n  return <button open-type=\"getPhoneNumber\">领取</button>\n}\n",
	}
	maps.Copy(all, files)
	return all
}

func disk(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func lines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, strings.ReplaceAll(format, "#", "%[1]d")+"\n", i, i+1)
	}
	return b.String()
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// judge runs everything on a tree and holds the report to what every report keeps.
func judge(t *testing.T, fsys fs.FS, o check.Options) *finding.Report {
	t.Helper()
	if o.Rules == nil {
		o.Rules = every()
	}
	o.Reading = rule.Strict
	r, err := check.Run(t.Context(), fsys, o)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, fsys, r)
	return r
}

// sound re-reads every place of a report from the bytes on disk.
func sound(t *testing.T, fsys fs.FS, r *finding.Report) {
	t.Helper()
	raw := map[string][]byte{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if err := f.Check(); err != nil {
			t.Error(err)
		}
		for _, p := range places(f) {
			if _, ok := raw[p.File]; !ok {
				b, err := fs.ReadFile(fsys, p.File)
				if err != nil {
					t.Errorf("%s names a file that is not there: %v", f.Rule, err)
					continue
				}
				raw[p.File] = b
			}
			if p.End > len(raw[p.File]) || p.Start > p.End || p.Start < 0 {
				t.Errorf("%s: %v leaves its file: %d to %d of %d", f.Rule, p, p.Start, p.End, len(raw[p.File]))
			}
		}
	}
	for _, n := range r.Notes {
		for lang, text := range n.Message {
			if text == "" || strings.HasPrefix(text, "[") {
				t.Errorf("note %s says nothing in %s", n.Code, lang)
			}
		}
	}
}

func places(f *finding.Finding) []finding.Place {
	list := []finding.Place{f.Place}
	for _, s := range f.Path {
		list = append(list, s.Place)
	}
	if f.Fix != nil {
		for _, e := range f.Fix.Edits {
			list = append(list, e.Place)
		}
	}
	return list
}

// reached reports whether the probe saw a phone button in a file.
func reached(r *finding.Report, file string) bool {
	return slices.ContainsFunc(r.Findings, func(f finding.Finding) bool {
		return f.Rule == "probe" && f.Verdict == finding.Violation && f.Place.File == file
	})
}

func notesOf(r *finding.Report) []string {
	var list []string
	for _, n := range r.Notes {
		list = append(list, strings.TrimSpace(n.Code+" "+n.File))
	}
	return list
}

// hostile is trees made to hurt. Each also holds a good page, which must be judged all
// the same.
var hostile = map[string]struct {
	files map[string]string
	notes []string // "code file", all there are
	part  bool     // not all was looked at
	may   bool     // besides, what is too much for one page may be cut off, which is said
	mb    uint64   // how much may be allocated in all, in MiB; 0 is 150
}{
	"a module of itself": {files: bad("const me = require('./bad')\nimport you from './bad'\nexport * from './bad'\nexport default you\nPage({ onLoad() { me.go(); you.go(); me.x.y.z() }, ...me, ...you })", "<view/>")},
	"modules of each other": {files: native(map[string]string{
		"bad/bad.js": "import { go } from './a'\nPage({ onLoad() { go() } })", "bad/bad.wxml": "<view/>",
		"bad/a.js": "export * from './b'\nexport { go as stop } from './b'\nimport b from './b'\nexport default b", "bad/b.js": "export * from './a'\nexport { stop as go } from './a'\nimport a from './a'\nexport default a",
	}, "bad/bad")},
	"behaviors of themselves": {files: native(map[string]string{
		"bad/bad.js": "const b = Behavior({ behaviors: [b, require('./m')], data: { a: 1 } })\nComponent({ behaviors: [b, b], methods: { onLoad() { this.setData({ a: 2 }) } } })", "bad/bad.wxml": "<view/>",
		"bad/m.js": "module.exports = Behavior({ behaviors: [require('./m'), require('./n')] })", "bad/n.js": "module.exports = Behavior({ behaviors: [require('./m'), require('./n')] })",
	}, "bad/bad")},
	"mixins of themselves": {files: uni(map[string]string{
		"bad/bad.vue": "<template><view/></template><script>\nimport m from './m'\nconst own = { mixins: [m, own], extends: own }\nexport default { mixins: [m, own, m], extends: own, onLoad() { this.a() } }\n</script>",
		"bad/m.js":    "import n from './n'\nexport default { mixins: [n], extends: n, methods: { a() { this.b() } } }", "bad/n.js": "import m from './m'\nexport default { mixins: [m, m], extends: m, methods: { b() { this.a() } } }",
	}, "bad/bad")},
	"components of each other": {files: func() map[string]string {
		files := map[string]string{"bad/bad.wxml": "<c-0/>", "bad/bad.js": "Page({})", "bad/bad.json": `{"usingComponents": {"c-0": "/c/0"}}`}
		var use, tags []string
		for i := range 9 {
			use, tags = append(use, fmt.Sprintf(`"c-%d": "/c/%d"`, i, i)), append(tags, fmt.Sprintf("<c-%d bind:go=\"go\"/>", i))
		}
		for i := range 9 {
			name := fmt.Sprintf("c/%d", i)
			files[name+".json"] = `{"component": true, "usingComponents": {` + strings.Join(use, ", ") + "}}"
			files[name+".wxml"] = strings.Join(tags, "")
			files[name+".js"] = "Component({ observers: { a() { this.go() } }, methods: { go() { this.setData({ a: 1 }); this.triggerEvent('go') } }, attached() { this.go() } })"
		}
		return native(files, "bad/bad")
	}(), may: true, mb: 600},
	"a template of itself": {files: bad("Page({})", "<template name=\"t\"><view/><template is=\"t\"/><template is=\"t\"/></template><template is=\"t\"/>")},
	"includes in a circle": {files: native(map[string]string{
		"bad/bad.js": "Page({})", "bad/bad.wxml": "<import src=\"a.wxml\"/><include src=\"a.wxml\"/><template is=\"x\"/><include src=\"bad.wxml\"/>",
		"bad/a.wxml": "<import src=\"bad.wxml\"/><include src=\"bad.wxml\"/><template name=\"x\"><template is=\"y\"/></template><include src=\"a.wxml\"/>",
	}, "bad/bad"), may: true},
	"a store of itself": {files: uni(map[string]string{
		"main.js":        "import store from './store'\nVue.prototype.$store = store",
		"store/index.js": "import a from './a'\nconst modules = { a, self: { modules } }\nmodules.self.modules = modules\nexport default new Vuex.Store({ modules, actions: { go({ dispatch }) { dispatch('go'); dispatch('a/go') } } })",
		"store/a.js":     "import b from './b'\nexport default { namespaced: true, modules: { b }, actions: { go({ dispatch, commit }) { dispatch('b/go'); dispatch('go', null, { root: true }); commit('m') } }, mutations: { m(s) { s.a = s } }, getters: { g(s, g) { return g.g } } }",
		"store/b.js":     "import a from './a'\nexport default { namespaced: true, modules: { a }, actions: { go({ dispatch }) { dispatch('a/go') } } }",
		"bad/bad.vue":    "<template><view v-if=\"$store.getters['a/g']\"/></template><script>\nimport { mapActions, mapGetters } from 'vuex'\nexport default { computed: mapGetters('a', ['g']), onLoad() { this.$store.dispatch('go'); this.go() }, methods: mapActions(['go']) }\n</script>",
	}, "bad/bad")},
	"10,000 elements deep":              {files: bad("Page({})", repeat("<view>", 10_000)+"<button open-type=\"getPhoneNumber\"/>"+repeat("</view>", 10_000)), mb: 400, notes: []string{"minified bad/bad.wxml", "stepped-over bad/bad.wxml"}},
	"10,000 unclosed":                   {files: bad("Page({})", repeat("<view><text a=\"", 10_000)), mb: 400, notes: []string{"minified bad/bad.wxml", "stepped-over bad/bad.wxml"}, part: true},
	"100,000 elements":                  {files: bad("Page({})", repeat("<view class=\"a\">字</view>\n", 100_000)), mb: 600, may: true, notes: []string{"stepped-over bad/bad.wxml"}},
	"brackets":                          {files: bad("Page({ a: "+repeat("[", 20_000), "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"parentheses":                       {files: bad("Page({ a: "+repeat("(", 20_000)+"1"+repeat(")", 20_000)+" })", "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"functions in functions":            {files: bad(repeat("function f(){", 10_000)+repeat("}", 10_000), "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"arrows in arrows":                  {files: bad("const f = "+repeat("a => ", 10_000)+"1", "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"calls in calls":                    {files: bad("Page({ onLoad() { "+repeat("f(", 10_000)+repeat(")", 10_000)+" } })", "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"calls of calls":                    {files: bad("const f = () => f\nPage({ onLoad() { f"+repeat("()", 5_000)+" } })", "<view/>"), may: true, notes: []string{"minified bad/bad.js"}},
	"members of members":                {files: bad("Page({ onLoad() { this"+repeat(".a", 10_000)+"() } })", "<view/>"), notes: []string{"minified bad/bad.js"}},
	"ifs in ifs":                        {files: bad("Page({ onLoad() { "+repeat("if (a) {", 5_000)+"wx.login()"+repeat("}", 5_000)+" } })", "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"else ifs":                          {files: bad("Page({ onLoad() { "+lines(5_000, "if (a == #) { wx.login() } else")+" {} } })", "<view/>"), notes: []string{"stepped-over bad/bad.js"}},
	"conditions":                        {files: bad("Page({ onLoad() { if (a"+repeat(" && a || b", 10_000)+") wx.login(); return a"+repeat("? b : c", 5_000)+" } })", "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"a long sum":                        {files: bad("Page({ onLoad() { const a = b"+repeat(" + 'x' + b", 20_000)+"; wx.request({ url: a }) } })", "<view/>"), notes: []string{"minified bad/bad.js"}},
	"text in text":                      {files: bad("Page({ a: "+repeat("`${", 5_000)+repeat("}`", 5_000)+" })", "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"objects in objects":                {files: bad("Page({ data: "+repeat("{ a: ", 10_000)+"1"+repeat("}", 10_000)+" })", "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"blocks":                            {files: bad(repeat("{", 20_000)+repeat("}", 20_000), "<view/>"), notes: []string{"minified bad/bad.js", "stepped-over bad/bad.js"}},
	"types in types":                    {files: native(map[string]string{"bad/bad.ts": "let a: " + repeat("Array<", 5_000) + "string" + repeat(">", 5_000) + "\nPage({})", "bad/bad.wxml": "<view/>"}, "bad/bad"), notes: []string{"minified bad/bad.ts", "stepped-over bad/bad.ts"}, part: true},
	"a deep expression":                 {files: bad("Page({})", "<view wx:if=\"{{"+repeat("(", 10_000)+"a"+repeat(")", 10_000)+"}}\" a=\"{{"+repeat("!", 10_000)+"a}}\" b=\"{{"+repeat("a?", 5_000)+"}}\"/>"), notes: []string{"minified bad/bad.wxml"}},
	"a wide expression":                 {files: bad("Page({})", "<view wx:if=\"{{a"+repeat(" && a.b[c]", 10_000)+"}}\"/>"), notes: []string{"minified bad/bad.wxml"}},
	"50,000 statements":                 {files: bad("Page({ onLoad() {\n"+lines(50_000, "this.setData({ a#: # })")+"} })", "<view/>"), mb: 900},
	"50,000 statements again and again": {files: bad("function go(n) {\n"+lines(20_000, "x = n + #; go(x)")+"}\nPage({ onLoad() { go(1) } })", "<view/>"), mb: 900},
	"a clique": {files: bad("Page({ onLoad() { f0() } })\n"+func() string {
		var b strings.Builder
		for i := range 300 {
			fmt.Fprintf(&b, "function f%d() { ", i)
			for j := range 300 {
				fmt.Fprintf(&b, "f%d(); ", j)
			}
			b.WriteString("}\n")
		}
		return b.String()
	}(), "<view/>"), mb: 600, notes: []string{"minified bad/bad.js"}},
	"5,000 functions":            {files: bad("Page({ onLoad() { f0() } })\n"+lines(5_000, "function f#(a) { if (a) f%[2]d(a + 1); else f0(a); f%[2]d(f%[2]d) }")+"function f5000() { wx.login() }", "<view/>"), mb: 600, may: true},
	"handlers by the thousand":   {files: bad("Page({\n"+lines(5_000, "h#() { this.h%[2]d(); this.setData({ a: # }) },")+"onLoad() { this.h0() } })", lines(5_000, "<view bindtap=\"h#\" wx:if=\"{{a}}\"/>")), may: true, mb: 4500},
	"a giant switch":             {files: bad("Page({ onLoad(q) { switch (q.a) {\n"+lines(20_000, "case #: wx.login(); break")+"} } })", "<view/>"), mb: 600},
	"a giant object":             {files: bad("const o = {\n"+lines(50_000, "k#: #,")+"}\nPage({ data: o, onLoad() { "+lines(500, "this.setData({ a: o.k#, b: o[q] });")+" } })", "<view>{{ k1 }}</view>"), mb: 900},
	"a spread of itself":         {files: bad("const o = { ...o, ...p, a: 1 }\nconst p = { ...o, b: o }\nconst l = [...l, ...l]\nPage({ ...o, ...p, data: { ...o, l }, onLoad() { this.setData({ ...this.data, ...o, c: o.zzz, d: l[0] }) } })", "<view wx:if=\"{{ zzz }}\"/>")},
	"a getter of itself":         {files: bad("const o = { get a() { return this.a }, get b() { return o.c.b }, get c() { return o } }\nPage({ data: { x: o.a, y: o.b }, get me() { return this.me.me }, onLoad() { this.me.me(); o.a.b.c() } })", "<view wx:if=\"{{ x }}\"/>")},
	"names of each other":        {files: bad("const a = b, b = c, c = a\nlet x = x\nfunction f(p = f(), q = f(p)) { return f(q) }\nclass A extends B { m() { return super.m() } }\nclass B extends A { m() { return super.m() } }\nclass C extends C {}\nPage({ data: { a, x: f() }, onLoad() { a.b(); new A().m(); new C().m(); f(); f(f(f(f()))) } })", "<view wx:if=\"{{ a }}\"/>")},
	"computed of each other":     {files: uni(map[string]string{"bad/bad.vue": "<template><view v-if=\"a\" :b=\"c\"/></template><script>\nexport default { computed: { a() { return this.b }, b() { return this.a || this.c }, c() { return this.c } }, watch: { a() { this.d = this.a }, d() { this.e = this.d }, e: 'go' }, data() { return { d: this.d, e: this.a, ...this.$data } }, methods: { go() { this.d = !this.d } }, onLoad() { this.go() } }\n</script>"}, "bad/bad")},
	"5,000 promises":             {files: bad("Page({ onLoad() { go()"+lines(5_000, ".then(r => { this.setData({ a: # }) })")+" }, onShow() { "+repeat("go().then(() => {", 2_000)+repeat("})", 2_000)+" } })\nfunction go() { return new Promise(r => wx.login({ success: r })) }", "<view/>"), mb: 900, may: true, notes: []string{"stepped-over bad/bad.js"}},
	"a promise of itself":        {files: bad("const p = p.then(() => p)\nasync function f() { return await f().then(f, f).catch(f) }\nPage({ async onLoad() { await p; await f(); for await (const x of f()) x() } })", "<view/>")},
	"text that doubles":          {files: bad("const a0 = 'abcdefgh'\n"+lines(60, "const a%[2]d = a# + a#, b%[2]d = `${a#}${a#}`")+"Page({ data: { a: a60, b: b60 }, onLoad() { wx.request({ url: a60 }); let s = 'x'; "+repeat("s = s + s; s += s; ", 40)+"wx.request({ url: s }) } })", "<view a=\"{{a}}{{b}}\"/>")},
	"text that doubles 30 times": {files: bad("const a0 = 'abcdefgh'\n"+lines(30, "const a%[2]d = a# + a#")+"Page({ data: { a: a30 }, onLoad() { wx.request({ url: a30 }) } })", "<view a=\"{{a}}\"/>")},
	"a huge constant passed on":  {files: bad("const s = '"+repeat("字", 1_000_000)+"'\nfunction go(a, n) { wx.request({ url: a + n }) }\nPage({ onLoad() {\n"+lines(300, "go(s, #); go(s + #)")+"} })", "<view/>"), notes: []string{"minified bad/bad.js"}},
	"text that repeats":          {files: bad("Page({ onLoad() { const s = 'abc'.repeat(1e9).padEnd(1e12).concat('x'.repeat(1e9)); wx.request({ url: s, data: new Array(1e9).fill(s).join(s) }) } })", "<view/>")},
	"lists that double":          {files: bad("const a0 = [1, 2]\n"+lines(60, "const a%[2]d = [...a#, ...a#], o%[2]d = { ...o#, ...o#, k#: [a#, a#] }")+"Page({ data: { ...o60, a: a60 }, onLoad() { this.setData({ ...o60, b: a60.map(x => a60) }) } })", "<view wx:for=\"{{ a }}\"/>"), mb: 400},
	"choices that double":        {files: bad("let a0 = q ? 1 : 2\n"+lines(60, "const a%[2]d = q ? a# : [a#, a#, f(a#)]")+"function f(x) { return q ? x : f([x, x]) }\nPage({ data: { a: a60 }, onLoad() { this.setData({ b: f(a60), c: a60 }); if (a60) wx.login() } })", "<view wx:if=\"{{ a }}\"/>"), mb: 400},
	"a huge constant":            {files: bad("const s = '"+repeat("字", 1_400_000)+"'\nPage({ data: { s }, onLoad() { wx.showModal({ title: s, content: s + s }) } })", "<view title=\"{{ s }}\"/>"), notes: []string{"minified bad/bad.js"}, mb: 400},
	"a component of itself in JSX": {files: react(map[string]string{
		"src/pages/Bad.jsx":   "import Other from './Other'\nfunction Tree({ n }) { return <div><Tree n={n - 1}/><Tree n={n}/><Other/></div> }\nexport default function Bad() { const [a, set] = useState(0); useEffect(() => { set(a + 1) }); return <Tree n={1}>{a ? <Bad/> : <Other><Bad/></Other>}</Tree> }",
		"src/pages/Other.jsx": "import Bad from './Bad'\nexport default class Other extends Other { render() { const me = <Other/>; return <>{this.render()}{me}<Bad/><this.render/></> } }",
	})},
	"functions that return JSX of each other": {files: react(map[string]string{
		"src/pages/Bad.jsx": "const a = () => <i>{b()}{b()}</i>\nconst b = () => <b>{a()}{a()}{[1, 2].map(() => a())}</b>\nconst el = <u>{el}</u>\nexport default () => <div>{a()}{el}{(() => a())()}</div>",
	})},
	"deep JSX":                    {files: react(map[string]string{"src/pages/Bad.jsx": "export default () => " + repeat("<a>{x && ", 3_000) + "<b/>" + repeat("}</a>", 3_000)}), mb: 400, notes: []string{"minified src/pages/Bad.jsx", "stepped-over src/pages/Bad.jsx"}},
	"a hook for each":             {files: react(map[string]string{"src/pages/Bad.jsx": "export default function Bad() {\n" + lines(2_000, "const [a#, s#] = useState(a%[2]d); useEffect(() => { s#(a%[2]d); s%[2]d(a#) }, [a#])") + "return <a>{a0}</a> }"}), may: true, mb: 1500},
	"styles":                      {files: native(map[string]string{"bad/bad.js": "Page({})", "bad/bad.wxml": repeat("<view class=\"a b c\"/>", 500), "bad/bad.wxss": "@import 'bad.wxss';\n" + lines(20_000, ".a#, .b .c > .d# { display: none; position: fixed }") + repeat(".x {", 10_000)}, "bad/bad"), mb: 400, notes: []string{"minified bad/bad.wxml"}},
	"#ifdef":                      {files: uni(map[string]string{"bad/bad.vue": "<template><view/>" + repeat("<!-- #ifdef MP-TOUTIAO || %MP -->\n", 5_000) + "</template><script>\n" + repeat("// #ifdef H5\n/* #ifndef MP */\n", 5_000) + "export default {}\n</script>"}, "bad/bad")},
	"HTML that is never closed":   {files: map[string]string{"good.html": "<button open-type=\"getPhoneNumber\">领取</button>", "bad.html": repeat("<div><p><table><tr><td><b><script>var a = \"</scr\n", 3_000)}, may: true, notes: []string{"stepped-over bad.html"}},
	"comments":                    {files: bad(lines(30_000, "// clew # -- why")+"Page({})", repeat("<!-- <view>", 10_000)), notes: []string{"minified bad/bad.wxml", "stepped-over bad/bad.wxml"}},
	"a configuration without end": {files: native(map[string]string{"app.json": `{"pages": ["good/good"], "window": ` + repeat(`{"a": [`, 50_000)}), part: true, notes: []string{"broken-config app.json"}},
}

func TestHostileTrees(t *testing.T) {
	for name, c := range hostile {
		t.Run(name, func(t *testing.T) {
			tree := disk(c.files)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r := judge(t, tree, check.Options{})
			runtime.ReadMemStats(&after)
			limit := c.mb
			if limit == 0 {
				limit = 150
			}
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > limit {
				t.Errorf("%d MiB were allocated, %d are allowed", mb, limit)
			}
			good := slices.ContainsFunc(slices.Collect(maps.Keys(c.files)), func(f string) bool {
				return strings.Contains(strings.ToLower(f), "good") && reached(r, f)
			})
			if !good {
				t.Errorf("the good page was not judged: %v", r.Notes)
			}
			cut := 0
			got := slices.DeleteFunc(notesOf(r), func(n string) bool {
				if !c.may || !strings.HasPrefix(n, "cut-off ") {
					return false
				}
				cut++
				return true
			})
			if !slices.Equal(got, c.notes) {
				t.Errorf("notes %q, want %q", got, c.notes)
			}
			if r.Whole() == (c.part || cut > 0) {
				t.Errorf("whole is %v", r.Whole())
			}
		})
	}
}
