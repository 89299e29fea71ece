package settings

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"clew/check/source"
	"clew/words"
)

var update = flag.Bool("update", false, "write clew.check.schema.json anew")

var known = RuleIDs{"entry-popup", "forced-dialog", "notice-missing", "consent-ticked"}

const full = `# what this project decided
reading: strict
paths:
  include: [src/**, "pages/*/*.ttml"]
  ignore:
    - src/legacy
rules:
  entry-popup: on
  notice-missing: {state: off, reason: 法务已于十月核对}
  consent-ticked:
    state: off
    reason: "  the box is in a native page  "
dialogs:
  tags: [my-sheet, BaseDialog]
  calls: [dialog.open, $showLead]
apis:
  - {name: http.post, does: request}
  - name: bindPhone
    does: phone
    purpose: binding
platforms: [mp-toutiao, h5]
baseline: clew.baseline.json
`

func TestParse(t *testing.T) {
	got, err := Parse("clew.check.yaml", []byte(full), known)
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{
		File: "clew.check.yaml", Reading: Strict,
		Paths: Paths{Include: []string{"src/**", "pages/*/*.ttml"}, Ignore: []string{"src/legacy"}},
		Rules: map[string]Rule{
			"entry-popup": {}, "notice-missing": {Off: true, Reason: "法务已于十月核对"},
			"consent-ticked": {Off: true, Reason: "the box is in a native page"},
		},
		Dialogs:   Dialogs{Tags: []string{"my-sheet", "BaseDialog"}, Calls: []string{"dialog.open", "$showLead"}},
		APIs:      []API{{Name: "http.post", Does: Request}, {Name: "bindPhone", Does: Phone, Purpose: Binding}},
		Platforms: []source.Platform{source.Douyin, source.Web}, Baseline: "clew.baseline.json",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if off := got.Off(); !slices.Equal(off, RuleIDs{"consent-ticked", "notice-missing"}) {
		t.Errorf("off: %v", off)
	}
}

func TestNothingDecided(t *testing.T) {
	for _, data := range []string{"", "\n", "# only a remark\n", "\ufeff", "---\n", "paths:\nrules:\napis:\n"} {
		got, err := Parse("x", []byte(data), known)
		got.File = ""
		if err != nil || !reflect.DeepEqual(got, Settings{}) {
			t.Errorf("%q: %+v, %v", data, got, err)
		}
	}
	if (Settings{}).Reading.String() != "platform" || !(Settings{}).Reads("a/b.js") || !(Settings{}).Reports("a/b.js") {
		t.Error("the zero settings are not the defaults")
	}
}

// refused are files with where and what is to be said. The schema refuses those
// marked with + too.
var refused = []struct{ data, at, says string }{
	{"+reding: strict\n", "1:1", "did you mean reading?"},
	{"+paths:\n  ignroe: [a]\n", "2:3", "there is no key ignroe in paths; did you mean ignore?"},
	{"+zzzz: 1\n", "1:1", "it can be reading, paths, rules"},
	{"+reading: stirct\n", "1:10", `reading cannot be "stirct"; did you mean strict?`},
	{"+reading: [strict]\n", "1:10", "reading must be text"},
	{"+reading:\n", "1:9", `reading cannot be ""`},
	{"reading: strict\nreading: platform\n", "2:1", "reading is written twice, first on line 1"},
	{"+rules:\n  entry-popop: on\n", "2:3", `there is no rule "entry-popop"; did you mean entry-popup?`},
	{"+rules:\n  something: on\n", "2:3", "clew explain lists all rules"},
	{"+rules:\n  entry-popup: off\n", "2:16", "entry-popup is off without a reason; write entry-popup: {state: off, reason: …}"},
	{"+rules:\n  entry-popup: {state: off}\n", "2:16", "off without a reason"},
	{"+rules:\n  entry-popup: {state: off, reason: ' '}\n", "2:37", "say why"},
	{"+rules:\n  entry-popup: {state: off, reason: '…'}\n", "2:37", "say why"},
	{"+rules:\n  entry-popup: {state: of, reason: seen}\n", "2:24", "did you mean off?"},
	{"+rules:\n  entry-popup: {reason: seen}\n", "2:16", "state is missing"},
	{"+rules:\n  entry-popup: {state: off, reasn: seen}\n", "2:29", "did you mean reason?"},
	{"+rules:\n  entry-popup: false\n", "2:16", "write on, or {state: off, reason: …}"},
	{"+rules: [entry-popup]\n", "1:8", "rules must be keys with values"},
	{"+paths: {ignore: src}\n", "1:17", "paths.ignore must be a list"},
	{"paths: {ignore: [/src]}\n", "1:18", "absolute"},
	{"paths: {ignore: [./src]}\n", "1:18", "empty, . or .."},
	{"paths: {ignore: [a/../b]}\n", "1:18", "empty, . or .."},
	{"paths: {ignore: ['src\\\\*']}\n", "1:18", "backslash"},
	{"paths: {ignore: [src/]}\n", "1:18", "ends with /"},
	{"paths: {ignore: ['!src']}\n", "1:18", "negated"},
	{"paths: {ignore: ['src/[a']}\n", "1:18", "do not pair"},
	{"+paths: {ignore: ['']}\n", "1:18", "empty"},
	{"+paths: {ignore: [7]}\n", "1:18", "must be text"},
	{"+paths: {ignore: [a, b, a]}\n", "1:24", "a is twice in paths.ignore"},
	{"+dialogs: {tags: [<my-sheet>]}\n", "1:18", "without angle brackets"},
	{"+dialogs: {calls: [open()]}\n", "1:19", "without brackets"},
	{"+apis: [{name: post}]\n", "1:8", "does is missing"},
	{"+apis: [{name: post, does: requests}]\n", "1:27", "did you mean request?"},
	{"+apis: [{name: post, does: request, purpose: shop}]\n", "1:45", "it can be login, binding"},
	{"apis:\n- {name: post, does: request}\n- {name: post, does: request, purpose: lead}\n", "3:3", "post is declared twice, first on line 2"},
	{"+platforms: [douyin]\n", "1:13", "mp-toutiao"},
	{"baseline: ../b.json\n", "1:11", "no path inside the project"},
	{"baseline: /b.json\n", "1:11", "no path inside the project"},
	{"+baseline: ''\n", "1:11", "no path inside the project"},
	{"paths: &p {ignore: [a]}\n", "1:8", "anchors"},
	{"paths: &p\n  ignore: *p\n", "", "anchors"},
	{"reading: !!str strict\n", "1:10", "tags"},
	{"reading: strict\n---\nreading: strict\n", "2:1", "second document"},
	{"+- a\n", "1:1", "the top must be keys with values"},
	{"+strict\n", "1:1", "the top must be keys with values"},
	{"paths:\n\tignore: [a]\n", "2:1", "indented with a tab"},
	{"paths: {ignore: [a}\n", "", "this is not YAML"},
	{"reading: strict\n  more: x\n", "2:1", "this is not YAML"},
	{"reading: strict\n# \xc4\xe3\n", "2:1", "not UTF-8"},
	{"? [a]\n: b\n", "1:3", "a key must be a word"},
}

func TestWhatIsWrongIsSaidWithPlaceAndRemedy(t *testing.T) {
	for _, c := range refused {
		data := strings.TrimPrefix(c.data, "+")
		got, err := Parse("clew.check.yaml", []byte(data), known)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %+v, %v", data, got, err)
			continue
		}
		said := e.In(words.EN)
		if !strings.Contains(said, c.says) || c.at != "" && !strings.Contains(said, "clew.check.yaml:"+c.at+": ") {
			t.Errorf("%q: said %q, want %s %q", data, said, c.at, c.says)
		}
		for _, w := range e.Wrongs {
			for _, text := range []map[words.Lang]string{w.What, w.Fix} {
				if text[words.ZH] == "" || text[words.EN] == "" {
					t.Errorf("%q: a language is missing: %+v", data, w)
				}
			}
		}
		if len(e.Steps()) != len(e.Wrongs) || err.Error() != said {
			t.Errorf("%q: steps or error differ from what is wrong", data)
		}
	}
}

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	_, err := Parse("c.yaml", []byte("reading: x\npaths: {ignore: [/a, /b]}\nrules: {nope: on}\n"), known)
	var e *Error
	if !errors.As(err, &e) || len(e.Wrongs) != 4 || e.Wrongs[0].Place.Line != 1 || e.Wrongs[3].Place.Line != 3 {
		t.Errorf("%v", err)
	}
}

func TestColumnsAreThoseOfEditors(t *testing.T) {
	_, err := Parse("c.yaml", []byte("rules: {\"x\": on} # 😀\npaths: {ignore: [\"😀中\", /b]}\n"), RuleIDs{"x"})
	var e *Error
	if !errors.As(err, &e) || len(e.Wrongs) != 1 {
		t.Fatal(err)
	}
	// p:1 … [ at 17, the quoted word is 2+1 characters and 2 quotes long.
	if p := e.Wrongs[0].Place; p.Column != 25 || p.Start != 52 {
		t.Errorf("%+v", p)
	}
}

func TestFindAndLoad(t *testing.T) {
	if s, err := Load(fstest.MapFS{}, known); err != nil || !reflect.DeepEqual(s, Settings{}) {
		t.Errorf("%+v, %v", s, err)
	}
	one := fstest.MapFS{"clew.check.yml": {Data: []byte("reading: strict\n")}, "a/clew.check.yaml": {Data: []byte("x")}}
	if s, err := Load(one, known); err != nil || s.File != "clew.check.yml" || s.Reading != Strict {
		t.Errorf("%+v, %v", s, err)
	}
	one["clew.check.yaml"] = &fstest.MapFile{}
	var e *Error
	if _, err := Load(one, known); !errors.As(err, &e) || !strings.Contains(err.Error(), "keep one of them") {
		t.Errorf("%v", err)
	}
	folder := fstest.MapFS{"clew.check.yaml/x": {}}
	if name, err := Find(folder); name != "" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
}

func TestPaths(t *testing.T) {
	s := Settings{Paths: Paths{Include: []string{"src/**/*.ttml", "pages"}, Ignore: []string{"**/legacy", "src/a.ttml"}}}
	for _, c := range []struct {
		name           string
		reads, reports bool
	}{
		{"src/b.ttml", true, true},
		{"src/x/y/b.ttml", true, true},
		{"src/b.js", true, false},
		{"src/a.ttml", false, false},
		{"pages/index/index.js", true, true},
		{"legacy", false, false},
		{"pages/legacy/index.js", false, false},
		{"pages/legacy2/index.js", true, true},
		{".", true, false},
	} {
		if s.Reads(c.name) != c.reads || s.Reports(c.name) != c.reports {
			t.Errorf("%s: reads %v, reports %v", c.name, s.Reads(c.name), s.Reports(c.name))
		}
	}
	notes := s.Idle([]string{"pages/a.js", "src/a.js"})
	if len(notes) != 1 || notes[0].Detail != "src/**/*.ttml" || !notes[0].Incomplete {
		t.Errorf("%+v", notes)
	}
}

// compiled is the schema with these rule ids, as an editor would use it.
func compiled(t *testing.T, ids RuleIDs) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema(ids))))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:///settings", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mem:///settings")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validates(s *jsonschema.Schema, data string) error {
	var v any
	if err := yaml.Unmarshal([]byte(data), &v); err != nil {
		return err
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestTheSchemaAgreesWithParse(t *testing.T) {
	strict, open := compiled(t, known), compiled(t, nil)
	for _, good := range []string{full, "{}", "paths:\n", "rules: {}", "apis: []"} {
		if _, err := Parse("x", []byte(good), known); err != nil {
			t.Errorf("%q: %v", good, err)
		}
		for _, s := range []*jsonschema.Schema{strict, open} {
			if err := validates(s, good); err != nil {
				t.Errorf("the schema refuses %q: %v", good, err)
			}
		}
	}
	n := 0
	for _, c := range refused {
		data, marked := strings.CutPrefix(c.data, "+")
		if !marked {
			continue
		}
		n++
		if validates(strict, data) == nil {
			t.Errorf("the schema takes %q", data)
		}
	}
	if n < 25 {
		t.Errorf("only %d cases", n)
	}
}

func TestTheSchemaFileIsTheDeclaration(t *testing.T) {
	const name = "clew.check.schema.json"
	if *update {
		if err := os.WriteFile(name, Schema(nil), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != string(Schema(nil)) {
		t.Errorf("%s is not what the declaration says; write it with: go test -run SchemaFile ./check/settings -update", name)
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"entrypopup": "entry-popup", "ENTRY-POPUP": "entry-popup", "enrty-popup": "entry-popup", "popup": "",
		"": "", strings.Repeat("x", 500): "",
	} {
		if got := nearest(word, known); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	for _, c := range refused {
		f.Add([]byte(strings.TrimPrefix(c.data, "+")))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Parse("c.yaml", data, known)
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%q: %v is no *Error", data, err)
		}
		if e == nil {
			return
		}
		if len(e.Wrongs) == 0 {
			t.Fatal("an error without anything wrong")
		}
		for _, w := range e.Wrongs {
			if w.Place.File == "" || w.Place.Start < 0 || w.Place.Start > len(data) || w.Place.Line < 0 || w.What[words.ZH] == "" || w.Fix[words.EN] == "" {
				t.Fatalf("%q: %+v", data, w)
			}
		}
	})
}

// A file that was made to be slow is answered like any other.
func TestHostileSettings(t *testing.T) {
	for _, part := range []string{"[", "{", "- ", "? ", "#\n", "a: ", "\"", "&a ", "*a ", "!a ", "paths:\n", "zzzz: 1\n", "|\n ", "\n", "- a\n", "{a: [", "reading: [x, "} {
		data := []byte(strings.Repeat(part, maxSettings/len(part)))
		if _, err := Parse("c.yaml", data, known); err == nil && part != "#\n" && part != "\n" {
			t.Errorf("%q was taken", part)
		}
	}
	if _, err := Parse("c.yaml", make([]byte, maxSettings+1), known); err == nil || !strings.Contains(err.Error(), "64 KB") {
		t.Error(err)
	}
}
