package js

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/tdewolff/parse/v2"
	tdewolff "github.com/tdewolff/parse/v2/js"
)

// The oracles say whether a source is well formed. They look for early errors too
// (two declarations of one name), which this parser does not: their yes binds, and
// their no where it is about the grammar.

func esbuildTakes(src string, d Dialect) (bool, string) {
	loader := map[Dialect]api.Loader{JavaScript: api.LoaderJSX, TypeScript: api.LoaderTS, TSX: api.LoaderTSX}[d]
	r := api.Transform(src, api.TransformOptions{
		Loader: loader, JSX: api.JSXPreserve, LogLevel: api.LogLevelSilent,
		TsconfigRaw: `{"compilerOptions":{"experimentalDecorators":true}}`,
	})
	if len(r.Errors) > 0 {
		return false, r.Errors[0].Text
	}
	return true, string(r.Code)
}

func tdewolffTakes(src []byte) bool {
	_, err := tdewolff.Parse(parse.NewInputBytes(bytes.Clone(src)), tdewolff.Options{})
	return err == nil
}

// installed are the sources that npm ci puts into the widget's folder, and the
// widget's own.
func installed(t testing.TB) map[string][]byte {
	t.Helper()
	found := sources(t, "../../../widget/node_modules", "../../../widget/src", "../../../widget/dist")
	if _, err := os.Stat("../../../widget/node_modules/axe-core"); err != nil {
		t.Fatal("the installed packages are missing: run npm ci in widget")
	}
	return found
}

func TestInstalledPackages(t *testing.T) {
	for path, src := range installed(t) {
		d := DialectOf(path)
		f := Parse(src, Options{Dialect: d})
		if !sound(t, path, f) {
			continue
		}
		if len(f.Errors) == 0 {
			reread(t, path, f, Options{Dialect: d}, 23)
			continue
		}
		takes := d == JavaScript && tdewolffTakes(src)
		if !takes {
			takes, _ = esbuildTakes(string(src), d)
		}
		if takes {
			e := f.Errors[0]
			t.Errorf("%s:%d: %s", path, f.Position(e.Pos).Line, e.Message)
		}
	}
}

// plain is the shape of f without what esbuild changes when it prints a source: it
// numbers names that hide others, writes shorthands out and drops empty statements.
func plain(f *File) string {
	var parts []string
	for _, n := range f.Body {
		if _, ok := n.(*Empty); !ok {
			parts = append(parts, shape(n))
		}
	}
	text := numbered.ReplaceAllString(strings.Join(parts, " "), "$1")
	return shorthand.ReplaceAllString(text, "(: $2 $1$2")
}

var (
	numbered  = regexp.MustCompile(`([a-z$变])[0-9]+\b`)
	shorthand = regexp.MustCompile(`\(:= (\(= )?([^\s()]+)`)
)

// TestPrinted compares the tree of a source with the tree of what esbuild prints
// for it: if this parser binds operators or ends statements differently, the two
// differ.
func TestPrinted(t *testing.T) {
	compare := func(name, src string) bool {
		takes, printed := esbuildTakes(src, JavaScript)
		if !takes {
			return false
		}
		want, got := plain(Parse([]byte(printed), Options{})), plain(Parse([]byte(src), Options{}))
		if got != want {
			i := 0
			for i < min(len(got), len(want)) && got[i] == want[i] {
				i++
			}
			i = max(0, i-100)
			t.Errorf("%s\ngot     %.300s\nprinted %.300s", name, got[i:], want[i:])
		}
		return true
	}
	for _, c := range wellFormed {
		// esbuild folds constants and unquotes names in these.
		if c.dialect == JavaScript && !strings.Contains(c.src, "null") && !strings.Contains(c.src, `"j" as k`) {
			compare(c.src, c.src)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	taken := 0
	for range 3000 {
		src := writer{r, 6}.program()
		if compare(src, src) {
			taken++
		} else if testing.Verbose() {
			_, why := esbuildTakes(src, JavaScript)
			t.Logf("esbuild refuses: %s", why)
		}
	}
	if taken < 2500 {
		t.Errorf("esbuild takes only %d of the 3000 sources made here", taken)
	}
}

// writer makes sources at random, at most depth levels deep.
type writer struct {
	*rand.Rand
	depth int
}

func (w writer) pick(forms ...string) string { return forms[w.IntN(len(forms))] }

// fill replaces e by an expression, s by a statement, p by a pattern and n by a
// name wherever they follow a percent sign.
func (w writer) fill(form string) string {
	w.depth--
	var b strings.Builder
	for i := 0; i < len(form); i++ {
		if form[i] != '%' || i+1 == len(form) {
			b.WriteByte(form[i])
			continue
		}
		i++
		switch form[i] {
		case 'e':
			b.WriteString(w.expression())
		case 's':
			b.WriteString(w.statement())
		case 'p':
			b.WriteString(w.pattern())
		case 'n':
			b.WriteString(w.pick("a", "b", "c", "of", "get", "async", "$", "变"))
		default:
			b.WriteByte('%')
			b.WriteByte(form[i])
		}
	}
	return b.String()
}

func (w writer) program() string {
	var b strings.Builder
	for range 1 + w.IntN(3) {
		b.WriteString(w.statement() + w.pick("\n", "\n\n// c\n", " /* d */\n"))
	}
	return b.String()
}

func (w writer) statement() string {
	if w.depth <= 0 {
		return w.fill("%n();")
	}
	return w.fill(w.pick("%e;", "%e\n", "%n = %n => %e\n", "%n = async (%n) => { %s }\n", "%n += %n ? %e : %e\n", "%n = %n = %e\n", "if (%e) %s else %s", "for (var %n of %e) %s", "for (const %n in %e) { %s }",
		"for (%n = %e; %e; %n++) %s", "while (%e) %s", "do %s while (%e)", "{ %s %s }", "var %p = %e, %n = %e;", "x = { m() { %s }, get g() { %s } };",
		"switch (%e) { case %e: %s default: %s }", "try { %s } catch { %s } finally { %s }", "throw %e;",
		"x = function* () { yield %e; yield* %e };", "x = async () => { await %e; for await (const %n of %e) %s };",
		"x = class extends (%e) { #p = %e; static %n() { %s } [%e]() {} static { %s } };"))
}

func (w writer) expression() string {
	if w.depth <= 0 {
		return w.fill(w.pick("%n", "2", "'s'", "/r[/]/g", "this", "%n.%n", "`t`"))
	}
	return w.fill(w.pick("%n", "%e.%n", "(%e)", "%e(%e, ...%e)", "(%e)[%e]", "(%e) + (%n)", "%n - %e", "%n * %n / %n", "(%n ** %n)",
		"%n < %e", "!%n", "typeof %n", "-%n", "%n++", "(%n ? %e : %e)", "%n && %n || %n", "(%n ?? %n)", "(%n = %e)", "(%n += %e)",
		"((%n) => %n)", "(%n => ({ %n }))", "(async %n => %n)", "((%p, %p) => { %s })", "(async (%p) => { await %n })", "[%n, , ...%n]",
		"({ %n, [%e]: %n, ...%n, %n() { %s } })", "`a${%e}b${%e}`", "%n`x${%e}`", "new %n(%e)", "new (%n.%n)", "%n?.%n?.[%e]?.(%e)",
		"(function () { %s })()", "<u b={%e} {...%n}>t {%n} <i /></u>", "(%n in %n)", "delete %n.%n", "import(%n)", "(%n, %n)", "%n instanceof %n"))
}

func (w writer) pattern() string {
	return w.fill(w.pick("%n", "%n", "{ %n: v }", "[w, , ...x]", "{ y = %n, ...z }", "{ u: { v: [t] } }"))
}

// semantic are the beginnings of what esbuild says about sources whose grammar is
// sound.
var semantic = []string{
	"The symbol", "Cannot assign", "Cannot use \"", "Invalid assignment target", "\"await\" can only", "Cannot use \"break\"",
	"Cannot use \"continue\"", "The constant", "\"arguments\"", "Cannot use \"yield\"", "Legacy octal", "Delete of", "\"yield\"",
	"Transforming", "Multiple exports", "With statements", "Top-level await", "Top-level return", "Cannot declare", "Duplicate",
	"Multiple", "Label", "There is no containing label", "Unexpected \"super\"", "Octal", "A \"return\" statement",
	"Class constructor", "Private name", "Invalid use", "The name", "Declarations with", "\"let\"", "Only identifiers",
	"Function declarations are not", "Labels", "Invalid flag", "Invalid field", "All code in", "\"super\"",
	"Enum member", "Getter", "Setter", "Using a duplicate", "Property", "\"const\"", "A declaration is",
	"Unexpected \"break\"", "Parameter decorators", "Decorators are not valid here", "Invalid optional chain", "Invalid new.target",
	"Cannot use new.target", "Unexpected new.target", "Expected identifier but found \"new\"", "Declared ",
}

// TestMutants breaks sound sources at one token and asks both esbuild and this
// parser. A yes of esbuild must be a yes here; of its grammatical noes most must
// be noes: those missed are the early errors that its messages do not tell apart.
func TestMutants(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	same, missed := 0, map[string]int{}
	for _, c := range wellFormed {
		for range 40 {
			src, d := mutate(r, c.src), c.dialect
			takes, why := esbuildTakes(src, d)
			f := Parse([]byte(src), Options{Dialect: d})
			if !sound(t, fmt.Sprintf("%q", src), f) {
				return
			}
			switch {
			case takes && len(f.Errors) > 0:
				t.Errorf("%s\nesbuild takes it; here at %d: %s", src, f.Errors[0].Pos, f.Errors[0].Message)
			case takes == (len(f.Errors) == 0):
				same++
			default:
				early := false
				for _, s := range semantic {
					early = early || strings.HasPrefix(why, s)
				}
				if !early {
					missed[why]++
					if testing.Verbose() && missed[why] == 1 {
						t.Logf("taken here, refused there: %s\n\t%s", why, src)
					}
				}
			}
		}
	}
	total := 0
	for _, n := range missed {
		total += n
	}
	t.Logf("%d agree, %d refused by esbuild only", same, total)
	if total*20 > same {
		t.Errorf("%d of %d mutants are refused by esbuild only", total, same+total)
	}
}

// mutate takes away, doubles or exchanges one token.
func mutate(r *rand.Rand, src string) string {
	f := &File{Source: src}
	p := &parser{src: src, file: f, templatesEnd: len(src)}
	var tokens [][2]int
	for p.next(); p.tok != tEOF; p.next() {
		tokens = append(tokens, [2]int{p.start, p.end})
	}
	if len(tokens) < 2 {
		return src
	}
	a, b := tokens[r.IntN(len(tokens))], tokens[r.IntN(len(tokens))]
	switch r.IntN(3) {
	case 0:
		return src[:a[0]] + src[a[1]:]
	case 1:
		return src[:a[1]] + " " + src[a[0]:]
	default:
		return src[:a[0]] + src[b[0]:b[1]] + src[a[1]:]
	}
}

// TestTdewolff compares every statement that tdewolff takes.
func TestTdewolff(t *testing.T) {
	for _, c := range wellFormed {
		if c.dialect != JavaScript || !tdewolffTakes([]byte(c.src)) {
			continue
		}
		if f := Parse([]byte(c.src), Options{}); len(f.Errors) > 0 {
			t.Errorf("%s: %s", c.src, f.Errors[0].Message)
		}
	}
	r := rand.New(rand.NewPCG(3, 5))
	for path, src := range installed(t) {
		if filepath.Ext(path) != ".js" || len(src) > 1<<20 {
			continue
		}
		for range 20 {
			from := r.IntN(len(src))
			piece := src[from:min(len(src), from+2000)]
			f := Parse(piece, Options{})
			sound(t, path, f)
			if len(f.Errors) > 0 && tdewolffTakes(piece) {
				t.Errorf("%s at %d: tdewolff takes it; here: %s\n%s", path, from, f.Errors[0].Message, piece)
			}
		}
	}
}
