package finding

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func example() Finding {
	return Finding{
		Rule: "entry_popup", Clause: "3.2.entry-popup", Verdict: Violation, Capability: ClueForm,
		Message:     Say("进入页面即弹出留资弹窗", "the lead sheet opens as soon as the page is entered"),
		Place:       Place{File: "pages/index/index.ttml", Start: 120, End: 180, Line: 12, Column: 3, EndLine: 13, EndColumn: 9},
		Members:     []string{"popup"},
		Path:        []Step{{Place{File: "pages/index/index.js", Start: 10, End: 16, Line: 2, Column: 3, EndLine: 2, EndColumn: 9}, Say("进入页面", "the page is entered")}},
		Evidence:    []Evidence{{Kind: "snippet", Text: "<popup>", Place: &Place{File: "pages/index/index.ttml"}}},
		Platforms:   []string{"mp-toutiao"},
		Fix:         &Fix{Message: Say("改为点击后弹出", "open it on a tap"), Edits: []Edit{{Place{File: "pages/index/index.js"}, ""}}},
		Fingerprint: "f",
	}
}

// at makes a finding about the first line of source that holds what.
func at(t *testing.T, source, what string, members ...string) Finding {
	t.Helper()
	i := strings.Index(source, what)
	if i < 0 {
		t.Fatalf("%q is not in the source", what)
	}
	begin := strings.LastIndexByte(source[:i], '\n') + 1
	line := source[begin:]
	if end := strings.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	f := Finding{
		Rule: "r", Clause: "3.3.scope", Verdict: Review, Message: Say("看", "look"), Members: members,
		Place: Place{File: "a.js", Start: i, End: i + len(what), Line: 1 + strings.Count(source[:i], "\n"), Column: i - begin + 1},
	}
	f.Stamp(line)
	return f
}

func TestFingerprintFollowsTheCodeAndNotTheLine(t *testing.T) {
	const source = "Page({\n  onLoad() {\n    this.setData({ show: true })\n  }\n})\n"
	const what = "show: true"
	first := at(t, source, what, "onLoad")

	for name, same := range map[string]string{
		"lines above":      "// one\n// two\n" + source,
		"indentation":      strings.ReplaceAll(source, "    ", "\t\t"),
		"windows endings":  strings.ReplaceAll(source, "\n", "\r\n"),
		"a later function": source + "function other() {}\n",
	} {
		if got := at(t, same, what, "onLoad"); got.Fingerprint != first.Fingerprint {
			t.Errorf("%s changed the fingerprint", name)
		}
	}
	if got := at(t, strings.Replace(source, "this.setData", "that.setData", 1), what, "onLoad"); got.Fingerprint == first.Fingerprint {
		t.Error("other code kept the fingerprint")
	}
	if got := at(t, source, what, "onShow"); got.Fingerprint == first.Fingerprint {
		t.Error("another member kept the fingerprint")
	}
	for name, change := range map[string]func(*Finding){
		"rule":   func(f *Finding) { f.Rule = "s" },
		"clause": func(f *Finding) { f.Clause = "3.2.repeat" },
		"file":   func(f *Finding) { f.Place.File = "b.js" },
	} {
		f := first
		change(&f)
		if f.Stamp("this.setData({ show: true })"); f.Fingerprint == first.Fingerprint {
			t.Errorf("another %s kept the fingerprint", name)
		}
	}
	for name, change := range map[string]func(*Finding){
		"verdict": func(f *Finding) { f.Verdict = Violation },
		"wording": func(f *Finding) { f.Message = Say("查", "see") },
		"line":    func(f *Finding) { f.Place.Line, f.Place.Start = 99, 999 },
	} {
		f := first
		change(&f)
		if f.Stamp("this.setData({ show: true })"); f.Fingerprint != first.Fingerprint {
			t.Errorf("another %s changed the fingerprint", name)
		}
	}
	// The recipe is in every baseline file: whoever changes it sees this.
	if want := "4bf8a9f99e13b7fa4b4b908fa3b89c84"; first.Fingerprint != want {
		t.Errorf("fingerprint %s, want %s", first.Fingerprint, want)
	}
}

func TestMembersDoNotRunTogether(t *testing.T) {
	a, b := Finding{Members: []string{"ab", "c"}}, Finding{Members: []string{"a", "bc"}}
	a.Stamp("x")
	b.Stamp("x")
	if a.Fingerprint == b.Fingerprint {
		t.Error("two different nestings share a fingerprint")
	}
}

func TestSettle(t *testing.T) {
	mk := func(file string, start int, rule string, v Verdict, print string) Finding {
		return Finding{Rule: rule, Clause: "c", Verdict: v, Place: Place{File: file, Start: start, End: start + 1}, Fingerprint: print}
	}
	want := []Finding{
		mk("a", 1, "r", Violation, "p"),
		mk("a", 1, "q", Review, "q"),
		mk("a", 5, "r", Violation, "p-2"),
		mk("a", 9, "r", Violation, "p-3"),
		mk("b", 0, "r", Pass, "z"),
	}
	given := []Finding{
		mk("a", 9, "r", Violation, "p"), mk("b", 0, "r", Pass, "z"), mk("a", 1, "q", Review, "q"),
		mk("a", 5, "r", Violation, "p"), mk("a", 1, "r", Violation, "p"), mk("a", 1, "r", Violation, "p"),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		list := append([]Finding(nil), given...)
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if got := Settle(list); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v\nwant %v", got, want)
		}
	}
}

func TestJSONThereAndBack(t *testing.T) {
	f := example()
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var back Finding
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f, back) {
		t.Errorf("came back as %+v", back)
	}
	for _, want := range []string{`"verdict":"violation"`, `"capability":"clue-form"`, `"message":{"en":"the lead`, `"end_line":13`, `"platforms":["mp-toutiao"]`} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %s in %s", want, raw)
		}
	}
}

func TestCheckNamesWhatIsMissing(t *testing.T) {
	if f := example(); f.Check() != nil {
		t.Errorf("a whole finding is refused: %v", f.Check())
	}
	for want, spoil := range map[string]func(*Finding){
		"rule is missing":            func(f *Finding) { f.Rule = "" },
		"clause is missing":          func(f *Finding) { f.Clause = "" },
		"verdict is none":            func(f *Finding) { f.Verdict = "maybe" },
		"capability is unknown":      func(f *Finding) { f.Capability = "fax" },
		"message lacks a language":   func(f *Finding) { f.Message = Text{"zh": "只有中文"} },
		"place names no file":        func(f *Finding) { f.Place.File = "" },
		"place ends before":          func(f *Finding) { f.Place.End = 1 },
		"a step's message lacks":     func(f *Finding) { f.Path[0].Message = nil },
		"a step names no file":       func(f *Finding) { f.Path[0].Place.File = "" },
		"fix lacks a language":       func(f *Finding) { f.Fix.Message = nil },
		"fingerprint is missing":     func(f *Finding) { f.Fingerprint = "" },
		"index.ttml:12:3: rule is m": func(f *Finding) { f.Rule = "" },
	} {
		f := example()
		spoil(&f)
		if err := f.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
