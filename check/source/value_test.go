package source

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"clew/check/source/markup"
)

// plain turns a value into what a JSON library would give.
func plain(v Value) any {
	switch v.Form {
	case Bool:
		return v.Text == "true"
	case Number:
		f, _ := strconv.ParseFloat(v.Text, 64)
		return f
	case String:
		return v.Text
	case Array:
		list := []any{}
		for _, item := range v.Items {
			list = append(list, plain(item))
		}
		return list
	case Object:
		m := map[string]any{}
		for _, k := range v.Keys {
			m[k.Key] = plain(k.Value)
		}
		return m
	}
	return nil
}

func written(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestConfigAsPeopleWriteIt(t *testing.T) {
	for src, want := range map[string]string{
		`{"a": 1, "b": [true, null, "x"]}`:          `{"a":1,"b":[true,null,"x"]}`,
		"// c\n{/* d */ a: 'x', // e\n b: -1.5e3,}": `{"a":"x","b":-1500}`,
		`["a" "b", ,"c"]`:                           `["a","b","c"]`,
		"{\"a\": \"x\"\n\"b\": 2}":                  `{"a":"x","b":2}`,
		`{"a": "\u4e2d\ud83d\ude00\n\/\'"}`:         `{"a":"中😀\n/'"}`,
		`{a: title, b: f(1, {c: 2}), d: 'e' + g, ...h, [i]: 1, j() { return 2 }, k: 3}`: `{"a":null,"b":null,"d":null,"k":3}`,
		`{"a": 1, "a": 2}`: `{"a":2}`,
		`{}`:               `{}`,
		"\u00a0{}":         `{}`,
	} {
		v, ok := ParseConfig(src)
		if got := written(t, plain(v)); got != want || !ok {
			t.Errorf("%s is %s (%v), want %s", src, got, ok, want)
		}
		if err := spans(v, src); err != "" {
			t.Errorf("%s: %s", src, err)
		}
	}
	for src, want := range map[string]string{
		"":                   `null`,
		`{"a": 1, "b": `:     `{"a":1,"b":null}`,
		`{"a": [1, 2`:        `{"a":[1,2]}`,
		`{"a": "x`:           `{"a":"x"}`,
		`{"a": 1}}`:          `{"a":1}`,
		`{"a": [1}`:          `{"a":[1]}`,
		`{"a": 1 /* b`:       `{"a":1}`,
		"{\"a\": \"x\n,b:2}": `{"a":"x","b":2}`,
	} {
		v, ok := ParseConfig(src)
		if got := written(t, plain(v)); got != want || ok {
			t.Errorf("%s is %s (%v), want %s and broken", src, got, ok, want)
		}
	}
	if v, _ := ParseConfig(`{a: 1, ...b}`); !v.Partial {
		t.Error("a spread was not noticed")
	}
	deep := strings.Repeat("[", 100_000)
	if _, ok := ParseConfig(deep); ok {
		t.Error("endless nesting is whole")
	}
}

func TestConfigScripts(t *testing.T) {
	for src, want := range map[string]string{
		"import x from 'y'\nexport default defineAppConfig({ pages: ['a'] })": `{"pages":["a"]}`,
		"export default { pages: ['a'], window: win }":                        `{"pages":["a"],"window":null}`,
		"module.exports = { pages: [\"a\"] }":                                 `{"pages":["a"]}`,
		"class App { config: Config = { pages: ['a'] } }":                     `{"pages":["a"]}`,
		"export default () => 1":                                              `null`,
		"let a = 1":                                                           `null`,
	} {
		v, _ := exported(&File{Text: src})
		if got := written(t, plain(v)); got != want {
			t.Errorf("%s is %s", src, got)
		}
	}
}

// spans re-reads the source at every place a value names.
func spans(v Value, src string) string {
	inside := func(s markup.Span) bool { return 0 <= s.Start && s.Start <= s.End && s.End <= len(src) }
	if !inside(v.Span) {
		return "a span leaves the source"
	}
	text := v.Span.Of(src)
	switch v.Form {
	case Object, Array:
		if text == "" || text[0] != '{' && text[0] != '[' {
			return "brackets are not at " + text
		}
	case Number, Bool:
		if text != v.Text {
			return text + " is not " + v.Text
		}
	case String:
		if text == "" || text[0] != '"' && text[0] != '\'' {
			return "no quote at " + text
		}
	}
	for _, item := range v.Items {
		if err := spans(item, src); err != "" {
			return err
		}
	}
	for _, k := range v.Keys {
		if !inside(k.Span) || k.Span.End > k.Value.Span.Start {
			return "a key stands behind its value"
		}
		if err := spans(k.Value, src); err != "" {
			return err
		}
	}
	return ""
}

// On strict JSON the tolerant reader must say what the library says.
func TestAgreesWithJSON(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	var grow func(depth int) any
	grow = func(depth int) any {
		n := random.IntN(7)
		if depth == 0 {
			n = random.IntN(4)
		}
		switch n {
		case 0:
			return nil
		case 1:
			return random.IntN(2) == 0
		case 2:
			return float64(random.IntN(2000)-1000) / 8
		case 3:
			return []string{"", "pages/index/index", "\"q\" \\ /* no */ // no", "中\n😀\u2028", "\x01"}[random.IntN(5)]
		case 4:
			list := []any{}
			for range random.IntN(4) {
				list = append(list, grow(depth-1))
			}
			return list
		}
		m := map[string]any{}
		for i := range random.IntN(4) {
			m["键"+strconv.Itoa(i)] = grow(depth - 1)
		}
		return m
	}
	for range 500 {
		want := written(t, grow(4))
		src := want
		if random.IntN(2) == 0 {
			value := jsontext.Value(src)
			if err := value.Indent(); err != nil {
				t.Fatal(err)
			}
			src = string(value)
		}
		v, ok := ParseConfig(src)
		if got := written(t, plain(v)); !ok || got != want {
			t.Fatalf("%s\nis read as %s", src, got)
		}
		if err := spans(v, src); err != "" {
			t.Fatalf("%s: %s", src, err)
		}
	}
}

var huge = regexp.MustCompile(`[0-9][eE]|[0-9]{15}`)

func FuzzParseConfig(f *testing.F) {
	for _, s := range []string{`{"pages": ["a"], // b` + "\n}", `{a: 'b', ...c, d() {}, e: [1,,]}`, `"\ud83d\ude00"`, "{a:`x`}", `[[[{`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		v, ok := ParseConfig(src)
		if err := spans(v, src); err != "" {
			t.Fatal(err)
		}
		// How the library writes huge numbers is its own affair.
		if value := jsontext.Value(src); value.IsValid() && !huge.MatchString(src) {
			if err := value.Canonicalize(); err == nil {
				if got := jsontext.Value(written(t, plain(v))); ok && got.Canonicalize() == nil && string(got) != string(value) {
					t.Fatalf("%q is read as %s", src, got)
				}
				if !ok && strings.Count(src, "[")+strings.Count(src, "{") < maxNesting {
					t.Fatalf("%q is called broken", src)
				}
			}
		}
		exported(&File{Text: src})
	})
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"a甲", "\xEF\xBB\xBFa", "\xFF\xFEa\x00", "\xFE\xFF\x00a", "\xd6\xd0\xce\xc4", "\x81\x30\x81\x30", "\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var file File
		if file.decode(raw) == Binary {
			return
		}
		before := 0
		for i := range len(file.Text) + 1 {
			at := file.Original(i)
			if at < before || at > len(raw) {
				t.Fatalf("byte %d of the text is told to be at %d of %d", i, at, len(raw))
			}
			before = at
		}
		if file.Original(len(file.Text)) != len(raw) {
			t.Fatal("the end is elsewhere")
		}
	})
}
