package sarif

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"clew/finding"
	"clew/words"
)

var update = flag.Bool("update", false, "write testdata anew")

// standard is OASIS's own schema, formats asserted.
func standard(t testing.TB) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("testdata/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// write gives the document as bytes and as a map, once the schema accepts it.
func write(t testing.TB, s *jsonschema.Schema, r *finding.Report, o Options) ([]byte, map[string]any) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Fatalf("the standard's schema refuses it: %v\n%s", err, b.Bytes())
	}
	return b.Bytes(), doc.(map[string]any)
}

// dig follows names and numbers into a document.
func dig(t *testing.T, v any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok || m[p] == nil {
				t.Fatalf("no %v of %v in %v", p, path, v)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || len(l) <= p {
				t.Fatalf("no %v of %v in %v", p, path, v)
			}
			v = l[p]
		}
	}
	return v
}

const house = "页面 1/house#a.ttml"

var tree = map[string]string{
	house: "<view>\n\t😀<sheet tt:if=\"{{show}}\"\n/>\n</view>\n",
}

func source(file string) ([]byte, bool) { s, ok := tree[file]; return []byte(s), ok }

func sample() *finding.Report {
	sheet := finding.Place{File: house, Start: 12, End: 42, Line: 2, Column: 4, EndLine: 3, EndColumn: 3}
	load := finding.Place{File: "pages/a.js", Start: 10, End: 16, Line: 2, Column: 3, EndLine: 2, EndColumn: 9}
	say := finding.Say
	r := &finding.Report{
		Tool: "clew check", Version: "v1.4.0-rc.1", Edition: "2026-01", Root: "/somewhere/else", Reading: "strict",
		Rules: []finding.Rule{
			{
				ID: "entry_popup", Clause: "3.2.entry-popup", Title: say("进入页面就弹窗", "Pop-up on entry"),
				Summary: say("规范 3.2 禁止进入后立即弹窗。", "Clause 3.2 forbids a pop-up right after entry."),
				Help:    say("# 进入页面就弹窗\n`{{show}}`", "# Pop-up on entry\n`{{show}}`"), HelpURI: "https://example.com/rules/entry_popup",
				Since: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
			},
			{ID: "Bare", Clause: "9.unknown"},
		},
		Findings: []finding.Finding{
			{
				Rule: "entry_popup", Clause: "3.2.entry-popup", Verdict: finding.Violation, Capability: finding.ClueForm,
				Message: say("{{show}} 为真时弹窗，见 [这里](1)", "the sheet opens with {{show}}, see [here](1)"), Place: sheet, Members: []string{"view", "sheet"},
				Path: []finding.Step{
					{Place: load, Message: say("进入页面", "the page is entered")},
					{Place: sheet, Message: say("弹窗显示", "the sheet is shown")},
				},
				Platforms: []string{"mp-toutiao"},
				Evidence:  []finding.Evidence{{Kind: "screenshot", Name: "shots/1 a.png"}, {Kind: "snippet", Text: "x"}},
				Fix: &finding.Fix{Message: say("改为点击后弹出", "open it on a tap"), Edits: []finding.Edit{
					{Place: sheet, New: "<sheet/>"}, {Place: load, New: ""}, {Place: finding.Place{File: house, Start: 3, End: 3}, New: "é"},
				}},
				Fingerprint: "00ff",
			},
			{Rule: "Bare", Clause: "9.unknown", Verdict: finding.Review, Message: say("请看", "look"), Place: finding.Place{File: "/app:1.json"}, Fingerprint: "01"},
			{Rule: "gone", Clause: "3.3.scope", Verdict: finding.Pass, Message: say("没有问题", "kept"), Place: finding.Place{File: "https://example.com/a b"}},
			{Rule: "Bare", Clause: "3.3.scope", Verdict: finding.NotApplicable, Message: finding.Text{words.EN: "none here"}, Place: finding.Place{File: "a.js", Line: 3, Column: 9, EndLine: 1, EndColumn: 1}},
		},
		Suppressed: []finding.Suppressed{
			{Finding: finding.Finding{Rule: "Bare", Clause: "3.3.scope", Verdict: finding.Violation, Message: say("甲", "a"), Place: load}, Kind: "source", Reason: "只是提示", Place: &load},
			{Finding: finding.Finding{Rule: "Bare", Clause: "3.3.scope", Verdict: finding.Review, Message: say("乙", "b"), Place: load}, Kind: "baseline"},
		},
		Notes: []finding.Note{
			{Code: "too-large", File: "v.js", Message: say("太大。", "Too large."), Detail: "9 > 8", Incomplete: true},
			{Code: "too-large", File: "w.js", Message: say("太大。", "Too large."), Incomplete: true},
			{Code: "no-page", Message: say("没有这一页。", "No such page.")},
		},
		Looked: finding.Looked{Projects: 1, Pages: 2, Files: 3, Bytes: 4},
	}
	return r
}

func TestDocumentIsAsKept(t *testing.T) {
	s := standard(t)
	for _, l := range words.Langs() {
		name := "testdata/sample." + string(l) + ".sarif"
		got, _ := write(t, s, sample(), Options{Lang: l, Source: source, Home: "https://example.com/clew"})
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs (-update writes it anew); now it is\n%s", name, got)
		}
	}
}

func TestVerdictsAreTheStandardsWords(t *testing.T) {
	_, doc := write(t, standard(t), sample(), Options{Lang: words.EN})
	results := dig(t, doc, "runs", 0, "results").([]any)
	want := [][2]string{{"fail", "error"}, {"review", "none"}, {"pass", "none"}, {"notApplicable", "none"}, {"fail", "error"}, {"review", "none"}}
	if len(results) != len(want) {
		t.Fatalf("%d results", len(results))
	}
	for i, w := range want {
		if kind, level := dig(t, results[i], "kind"), dig(t, results[i], "level"); kind != w[0] || level != w[1] {
			t.Errorf("result %d is %v, %v, want %v", i, kind, level, w)
		}
	}
	// A scorer and a code-scanning service count a result unless it is suppressed.
	for i, n := range []int{0, 0, 0, 0, 1, 1} {
		if got := len(dig(t, results[i], "suppressions").([]any)); got != n {
			t.Errorf("result %d has %d suppressions, want %d", i, got, n)
		}
	}
	for i, kind := range map[int]string{4: "inSource", 5: "external"} {
		if got := dig(t, results[i], "suppressions", 0, "kind"); got != kind {
			t.Errorf("result %d is suppressed %v, want %s", i, got, kind)
		}
	}
	if got := dig(t, results[4], "suppressions", 0, "justification"); got != "只是提示" {
		t.Errorf("justified by %v", got)
	}
	r := sample()
	r.Suppressed = nil
	_, doc = write(t, standard(t), r, Options{})
	if _, there := dig(t, doc, "runs", 0, "results", 0).(map[string]any)["suppressions"]; there {
		t.Error("suppressions are spoken of where there are none")
	}
}

// Every index leads to what the id beside it names.
func TestReferencesLead(t *testing.T) {
	_, doc := write(t, standard(t), sample(), Options{})
	run := dig(t, doc, "runs", 0)
	number := func(v any) int { n, _ := v.(json.Number).Int64(); return int(n) }
	followed := 0
	for _, res := range dig(t, run, "results").([]any) {
		m := res.(map[string]any)
		if i, ok := m["ruleIndex"]; ok {
			followed++
			if got := dig(t, run, "tool", "driver", "rules", number(i), "id"); got != m["ruleId"] {
				t.Errorf("rule %v of %v is %v", i, m["ruleId"], got)
			}
		} else if m["ruleId"] != "gone" {
			t.Errorf("%v has no index", m["ruleId"])
		}
		if dig(t, m, "properties", "clause") == "9.unknown" {
			continue
		}
		followed++
		if got := dig(t, run, "taxonomies", 0, "taxa", number(dig(t, m, "taxa", 0, "index")), "id"); got != dig(t, m, "properties", "clause") {
			t.Errorf("taxon of %v is %v", dig(t, m, "properties", "clause"), got)
		}
	}
	for _, n := range dig(t, run, "invocations", 0, "toolExecutionNotifications").([]any) {
		followed++
		if got := dig(t, run, "tool", "driver", "notifications", number(dig(t, n, "descriptor", "index")), "id"); got != dig(t, n, "descriptor", "id") {
			t.Errorf("notification leads to %v", got)
		}
	}
	if dig(t, run, "taxonomies", 0, "name") != dig(t, run, "tool", "driver", "supportedTaxonomies", 0, "name") {
		t.Error("the taxonomy goes by two names")
	}
	if followed != 13 {
		t.Errorf("followed %d references", followed)
	}
}

func TestPlaces(t *testing.T) {
	_, doc := write(t, standard(t), sample(), Options{Source: source})
	results := dig(t, doc, "runs", 0, "results")
	at := func(i int) map[string]any {
		return dig(t, results, i, "locations", 0, "physicalLocation").(map[string]any)
	}
	uri := dig(t, at(0), "artifactLocation", "uri").(string)
	if back, err := url.PathUnescape(uri); err != nil || back != house || strings.ContainsAny(uri, " #页") {
		t.Errorf("%s is written %s", house, uri)
	}
	if got := dig(t, at(0), "region", "snippet", "text"); got != "<sheet tt:if=\"{{show}}\"\n/>" {
		t.Errorf("the snippet is %q", got)
	}
	if dig(t, at(1), "artifactLocation", "uri") != "app%3A1.json" {
		t.Errorf("a slash leads or a colon stays: %v", at(1))
	}
	if dig(t, results, 1, "locations", 0, "properties", "wholeFile") != true {
		t.Error("a whole file is not said to be one")
	}
	if page := dig(t, at(2), "artifactLocation").(map[string]any); page["uri"] != "https://example.com/a%20b" || page["uriBaseId"] != nil {
		t.Errorf("a page is at %v", page)
	}
	// An end before the beginning is no end.
	if got := dig(t, at(3), "region").(map[string]any); got["endLine"] != nil || got["endColumn"] != nil {
		t.Errorf("region %v", got)
	}
	flow := dig(t, results, 0, "codeFlows", 0, "threadFlows", 0, "locations").([]any)
	if len(flow) != 2 || !reflect.DeepEqual(dig(t, flow[1], "location", "physicalLocation"), any(at(0))) {
		t.Error("the last step is not the effect")
	}
}

func TestMessages(t *testing.T) {
	_, doc := write(t, standard(t), sample(), Options{Lang: words.EN})
	res := dig(t, doc, "runs", 0, "results")
	// 3.11.5, 3.11.6: what is no argument and no link must not look like one.
	if got, want := dig(t, res, 0, "message", "text"), `the sheet opens with {{{{show}}}}, see [here\](1)`; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
	if got := dig(t, res, 0, "properties", "message", "zh"); got != sample().Findings[0].Message[words.ZH] {
		t.Errorf("the other language says %v", got)
	}
	_, doc = write(t, standard(t), sample(), Options{Lang: words.ZH})
	if got := dig(t, doc, "runs", 0, "results", 3, "message", "text"); got != "none here" {
		t.Errorf("a text of one language is %v", got)
	}
	if got := dig(t, doc, "runs", 0, "tool", "driver", "rules", 0, "help", "markdown"); got != sample().Rules[0].Help[words.ZH] {
		t.Errorf("help is %v", got)
	}
}

func TestRunTellsWhatItDidNotRead(t *testing.T) {
	s, r := standard(t), sample()
	_, doc := write(t, s, r, Options{})
	inv := dig(t, doc, "runs", 0, "invocations", 0)
	if dig(t, inv, "executionSuccessful") != false || dig(t, inv, "toolExecutionNotifications", 0, "level") != "error" || dig(t, inv, "toolExecutionNotifications", 2, "level") != "warning" {
		t.Errorf("got %v", inv)
	}
	r.Notes = r.Notes[2:]
	_, doc = write(t, s, r, Options{})
	if dig(t, doc, "runs", 0, "invocations", 0, "executionSuccessful") != true {
		t.Error("a whole run is not successful")
	}
}

// No path of the machine, and the same report gives the same bytes.
func TestDocumentIsPortable(t *testing.T) {
	s := standard(t)
	a, _ := write(t, s, sample(), Options{Source: source})
	b, _ := write(t, s, sample(), Options{Source: source})
	if !bytes.Equal(a, b) {
		t.Error("two writings differ")
	}
	if bytes.Contains(a, []byte("/somewhere/else")) {
		t.Error("the root on this machine is in it")
	}
}

func TestEmptyReportIsADocument(t *testing.T) {
	_, doc := write(t, standard(t), &finding.Report{}, Options{})
	if got := dig(t, doc, "runs", 0, "results").([]any); len(got) != 0 {
		t.Errorf("results %v", got)
	}
}

func TestStretch(t *testing.T) {
	const text = "\ufeffa😀b\r\nsecond\rthird\nlast"
	for _, c := range []struct {
		r    region
		want string
	}{
		{region{StartLine: 1, StartColumn: 2, EndLine: 1, EndColumn: 5}, "😀b"},
		{region{StartLine: 1, StartColumn: 4, EndLine: 3, EndColumn: 3}, "b\r\nsecond\rth"},
		{region{StartLine: 4, StartColumn: 1, EndLine: 4, EndColumn: 5}, "last"},
		{region{StartLine: 1, StartColumn: 3, EndLine: 1, EndColumn: 5}, ""}, // inside a pair
		{region{StartLine: 4, StartColumn: 1, EndLine: 4, EndColumn: 6}, ""},
		{region{StartLine: 5, StartColumn: 1, EndLine: 5, EndColumn: 2}, ""},
		{region{StartLine: 2, StartColumn: 1}, ""},
		{region{StartLine: 2, StartColumn: 5, EndLine: 2, EndColumn: 2}, ""},
	} {
		if got := stretch(text, c.r); got != c.want {
			t.Errorf("%+v is %q, want %q", c.r, got, c.want)
		}
	}
	if stretch(strings.Repeat("x", 1<<20), region{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 1 << 19}) != "" {
		t.Error("half a megabyte is repeated")
	}
}

// Whatever a report holds, the standard's schema accepts the document.
func FuzzWrite(f *testing.F) {
	s := standard(f)
	f.Add("a/b.js", "text", "say", "v1.0.0", 1, 2, 3, 4, 5)
	f.Add("//:\xff%", "\r\n😀", "](", "1.2", -1, -2, -3, -4, -5)
	f.Add("http://[::1", "", "", "", 1<<40, 0, 0, 0, 1)
	f.Fuzz(func(t *testing.T, file, text, say, version string, line, column, endLine, endColumn, start int) {
		p := finding.Place{File: file, Start: start, End: start + column, Line: line, Column: column, EndLine: endLine, EndColumn: endColumn}
		m := finding.Say(say, text)
		one := finding.Finding{
			Rule: say, Clause: text, Verdict: finding.Verdict(version), Capability: finding.Capability(file), Message: m, Place: p,
			Members: []string{say}, Path: []finding.Step{{Place: p, Message: m}}, Platforms: []string{text}, Fingerprint: say,
			Fix: &finding.Fix{Message: m, Edits: []finding.Edit{{Place: p, New: text}, {Place: finding.Place{File: say, Start: start}, New: say}}}, Evidence: []finding.Evidence{{Kind: say, Name: file}},
		}
		two := one
		two.Verdict, two.Path, two.Place.Line = finding.Violation, nil, endLine
		write(t, s, &finding.Report{
			Tool: say, Version: version, Edition: "2026-01", Reading: text,
			Rules:      []finding.Rule{{ID: say, Title: m, Help: m, HelpURI: file}, {ID: say}},
			Findings:   []finding.Finding{one, two},
			Suppressed: []finding.Suppressed{{Finding: one, Kind: say, Reason: text, Place: &p}},
			Notes:      []finding.Note{{Code: say, File: file, Message: m, Detail: text, Incomplete: true}},
		}, Options{Lang: words.EN, Source: func(string) ([]byte, bool) { return []byte(text), true }})
	})
}
