package code

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clew/check/source/js"
)

var corpus = flag.String("corpus", "", "a folder of sources to lower beside the ones that npm ci installs")

// TestRangesOfRealCode re-reads what every value of real packages says of itself.
func TestRangesOfRealCode(t *testing.T) {
	folders := []string{packages}
	if *corpus != "" {
		folders = append(folders, *corpus)
	}
	files, bytes := 0, 0
	for _, folder := range folders {
		for path, src := range sources(t, folder) {
			tree := js.Parse(src, js.Options{Dialect: js.DialectOf(path)})
			m := Lower(path, tree)
			files, bytes = files+1, bytes+len(src)
			if len(tree.Errors) == 0 {
				ranges(t, path, string(src), 0, m)
			}
			if t.Failed() {
				return
			}
		}
	}
	t.Logf("%d files, %.1f MB", files, float64(bytes)/1e6)
}

func TestRangesOfFixtures(t *testing.T) {
	for _, c := range cases(t) {
		ranges(t, c.src, c.src, 0, Lower("", js.Parse([]byte(c.src), js.Options{Dialect: c.dialect})))
	}
	ranges(t, "shop", shop, 0, Lower("", js.Parse([]byte(shop), js.Options{})))
}

// ranges checks that each value of m stands where it says, in a source of which
// src begins at base.
func ranges(t *testing.T, name, src string, base int, m *Module) {
	t.Helper()
	bad := 0
	at := func(from, to int32) string {
		if int(from) < base || to < from || int(to) > base+len(src) {
			t.Errorf("%s: range %d to %d of %d", name, from, to, len(src))
			bad++
			return ""
		}
		return src[int(from)-base : int(to)-base]
	}
	expect := func(what, text string, ok bool) {
		// An escaped name is not its text.
		if !ok && !strings.Contains(text, `\`) {
			if bad++; bad < 10 {
				t.Errorf("%s: %s is %.200q", name, what, text)
			}
		}
	}
	e := everything{value: func(v *Value) {
		text := at(v.From, v.To)
		if m.Values > maxValues {
			return
		}
		between := func(a, b string) bool { return strings.HasPrefix(text, a) && strings.HasSuffix(text, b) }
		rest := strings.HasPrefix(text, "...")
		inside := false
		switch v.Kind {
		case String:
			quoted := len(text) > 1 && strings.Contains("'\"`", text[:1]) && text[0] == text[len(text)-1]
			expect("string "+v.Str, text, text == v.Str || quoted && text[1:len(text)-1] == v.Str ||
				strings.Contains(text, "&") || strings.ContainsAny(text, "\r\n"))
		case Number:
			expect("number "+v.Str, text, !plain(text) || len(text) > 15 || text == v.Str)
		case Bool:
			expect("bool", text, text == v.Str || text == "!0" || text == "!1" || v.Str == "true")
		case Regex:
			expect("regex", text, strings.HasPrefix(text, "/"+v.Str+"/"))
		case Template:
			expect("template", text, between("`", "`"))
			inside = true
		case Array:
			expect("array", text, between("[", "]") || between("`", "`") || rest)
			inside = true
		case Object:
			expect("object", text, between("{", "}") || rest || strings.Contains(text, "enum") || strings.Contains(text, "namespace") || strings.Contains(text, "module"))
			inside = true
		case Function:
			expect("function", text, strings.HasPrefix(text, "function") || strings.HasPrefix(text, "async") ||
				strings.HasPrefix(text, "(") || strings.HasPrefix(text, "<") || strings.Contains(text, "=>"))
			expect("function "+v.Func.Name, text, v.Func.From == v.From && v.Func.To == v.To)
		case ClassDef:
			expect("class", text, strings.Contains(text, "class") && strings.HasSuffix(text, "}"))
		case Local:
			expect("local "+v.Var.Name, text, text == v.Var.Name || v.Var.Name == "" && (between("{", "}") || between("[", "]")))
		case Global:
			expect("global "+v.Str, text, text == v.Str)
		case This:
			expect("this", text, text == "this" || v.Func != nil && v.Func.Name == "constructor")
		case Super:
			expect("super", text, text == "super")
		case Member:
			short := strings.TrimRight(text, " \t\r\n])'\"`")
			expect("member "+v.Str, text, strings.HasSuffix(text, v.Str) || strings.HasSuffix(short, strings.TrimRight(v.Str, " \t\r\n])'\"`")) ||
				text != "" && text[0] >= '0' && text[0] <= '9')
		case Call:
			expect("call", text, strings.HasSuffix(text, ")") || strings.HasSuffix(text, "`"))
			inside = true
		case New:
			expect("new", text, strings.HasPrefix(text, "new"))
			inside = true
		case Await:
			expect("await", text, strings.HasPrefix(text, "await") || strings.HasPrefix(text, "yield") || v.Args[0].Kind == Index)
		case Assign: // one that a pattern made has the range of its target
			inside = v.Args[0].From != v.From || v.Args[0].To != v.To
		case Binary, Logical, Conditional, Sequence:
			inside = true
		case JSX:
			expect("element", text, between("<", ">"))
			expect("tag", at(v.Elem.Open[0], v.Elem.Open[1]), strings.HasSuffix(at(v.Elem.Open[0], v.Elem.Open[1]), ">"))
			expect("name", at(v.Elem.NameAt[0], v.Elem.NameAt[1]), v.Elem.NameAt[0] == 0 || at(v.Elem.NameAt[0], v.Elem.NameAt[1]) == v.Elem.Name)
			for _, a := range v.Elem.Attrs {
				expect("attribute", at(a.NameAt[0], a.NameAt[1]), a.Name == "" || at(a.NameAt[0], a.NameAt[1]) == a.Name)
			}
		}
		for _, a := range v.Args {
			if inside && a.Kind != Unknown && (a.From < v.From || a.To > v.To) {
				expect("part "+at(a.From, a.To), text, false)
			}
		}
	}}
	e.module(m)
	for _, v := range e.vars {
		expect("variable "+v.Name, src[min(len(src), int(v.From)-base):], strings.HasPrefix(src[int(v.From)-base:], v.Name))
	}
	for _, f := range m.Funcs {
		text := at(f.NameAt[0]+int32(base)*b2i(f.NameAt[0] == 0), f.NameAt[1]+int32(base)*b2i(f.NameAt[0] == 0))
		expect("name of function "+f.Name, text, f.NameAt[1] == 0 || strings.Trim(text, `"'[]`) == f.Name || f.Name == "constructor" ||
			text != "" && text[0] >= '0' && text[0] <= '9')
	}
	for _, i := range m.Imports {
		if i.Var != nil {
			expect("import "+i.Var.Name, at(i.At[0], i.At[1]), at(i.At[0], i.At[1]) == i.Var.Name)
		}
	}
}

func b2i(b bool) int32 {
	if b {
		return 1
	}
	return 0
}

type loweringCase struct {
	dialect   js.Dialect
	src, want string
}

// cases are those of testdata/lower.txt: a source, a line ->, its dump.
func cases(t testing.TB) []loweringCase {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "lower.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var list []loweringCase
	for c := range strings.SplitSeq(string(text), "\n----\n") {
		src, want, ok := strings.Cut(c, "\n->\n")
		if !ok {
			t.Fatalf("no arrow in %q", c)
		}
		one := loweringCase{src: src, want: strings.TrimSpace(want)}
		if rest, ts := strings.CutPrefix(src, "// TypeScript\n"); ts {
			one.dialect, one.src = js.TypeScript, rest
		}
		list = append(list, one)
	}
	return list
}
