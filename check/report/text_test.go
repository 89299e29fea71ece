package report

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"clew/finding"
	"clew/norm"
	"clew/words"
)

var update = flag.Bool("update", false, "write testdata anew")

// golden compares with a kept file, byte for byte.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
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

func text(t testing.TB, r *finding.Report, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]+m")

func TestTextIsAsKept(t *testing.T) {
	r := sample(t)
	for name, o := range map[string]TextOptions{
		"zh.txt":         {Lang: words.ZH, Source: source},
		"en.txt":         {Lang: words.EN, Source: source},
		"zh-color.txt":   {Lang: words.ZH, Source: source, Color: true},
		"en-color.txt":   {Lang: words.EN, Source: source, Color: true},
		"zh-narrow.txt":  {Lang: words.ZH, Source: source, Width: 56},
		"en-verbose.txt": {Lang: words.EN, Source: source, Verbose: true},
	} {
		golden(t, name, []byte(text(t, r, o)))
	}
}

func TestColourChangesNothingButColour(t *testing.T) {
	r := sample(t)
	for _, l := range words.Langs() {
		coloured := text(t, r, TextOptions{Lang: l, Source: source, Color: true, Verbose: true})
		if !colours.MatchString(coloured) {
			t.Error("no colour")
		}
		var lines []string
		for _, line := range strings.Split(colours.ReplaceAllString(coloured, ""), "\n") {
			lines = append(lines, strings.TrimRight(line, " "))
		}
		if plain := text(t, r, TextOptions{Lang: l, Source: source, Verbose: true}); strings.Join(lines, "\n") != plain {
			t.Errorf("%s: plain and coloured text say different things", l)
		}
	}
}

func TestNoLineIsWiderThanAsked(t *testing.T) {
	r := sample(t)
	for _, l := range words.Langs() {
		for width := 48; width < 130; width += 7 {
			for n, line := range strings.Split(text(t, r, TextOptions{Lang: l, Source: source, Width: width, Verbose: true}), "\n") {
				// A place stays on one line so that a terminal can open it.
				if cells(line) > width && !strings.Contains(line, "shop/") {
					t.Errorf("%s, width %d: line %d takes %d cells: %s", l, width, n+1, cells(line), line)
				}
			}
		}
	}
}

// The excerpt is read back: what stands above the marks is the range itself.
func TestUnderlineStandsUnderTheRange(t *testing.T) {
	for _, line := range []string{
		"\t\t<text>汉字「宽」</text> <popup show=\"{{x}}\"/>",
		"  😀 émoji café 한국어 <popup show=\"{{x}}\"/> ｆｕｌｌ",
		"<popup show=\"{{x}}\"/>",
		strings.Repeat("长", 300) + "<popup show=\"{{x}}\"/>" + strings.Repeat("\t;", 300),
		strings.Repeat("\t", 90) + "<popup show=\"{{x}}\"/>",
	} {
		const what = "<popup show=\"{{x}}\"/>"
		tree["u.ttml"] = line + "\n"
		place := on(t, "u.ttml", what)
		r := &finding.Report{Findings: []finding.Finding{{
			Rule: "r", Clause: "3.3.scope", Verdict: finding.Violation, Message: finding.Say("看", "look"), Place: place,
		}}}
		lines := strings.Split(text(t, r, TextOptions{Source: source, Width: 80}), "\n")
		i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "^") })
		if i < 1 {
			t.Fatalf("nothing is underlined for %q", line)
		}
		lead, marks, _ := strings.Cut(lines[i], "^")
		var above strings.Builder
		used, from := 0, cells(lead)
		for _, r := range lines[i-1] {
			if used >= from && used < from+1+len(marks) {
				above.WriteRune(r)
			}
			_, w, _ := visible(r)
			used += w
		}
		if above.String() != what {
			t.Errorf("the marks stand under %q in\n%s\n%s", above.String(), lines[i-1], lines[i])
		}
	}
	delete(tree, "u.ttml")
}

func TestLongRangesAreCountedNotHidden(t *testing.T) {
	tree["l.js"] = strings.Repeat("x()\n", 40)
	defer delete(tree, "l.js")
	r := &finding.Report{Findings: []finding.Finding{{
		Rule: "r", Clause: "c", Verdict: finding.Violation, Message: finding.Say("看", "look"),
		Place: finding.Place{File: "l.js", Line: 3, Column: 1, EndLine: 30, EndColumn: 4},
	}}}
	got := text(t, r, TextOptions{Lang: words.EN, Source: source})
	for _, want := range []string{"\n     3 ┃ x()\n       ┃ ^^^\n", "\n     6 ┃ x()\n       ┃ ⋮ 23 lines left out\n    30 ┃ x()\n    31 │ x()\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestNothingFoundIsOneLine(t *testing.T) {
	r := &finding.Report{Edition: "2026-01", Reading: "platform", Looked: finding.Looked{Projects: 1, Pages: 1, Files: 12, Bytes: 4096}}
	for l, want := range map[words.Lang]string{
		words.ZH: "没有发现违规。看了 1 个项目、1 个页面或组件、12 个文件（4.1 kB）。按规范 2026-01 版、平台解读判断。\n",
		words.EN: "No violations. Looked at 1 project, 1 page or component, 12 files (4.1 kB). Judged by edition 2026-01 of the norm, in the platform's reading.\n",
	} {
		// Prose is wrapped at 100 cells; in one line it is one sentence after another.
		if got := strings.ReplaceAll(strings.TrimSuffix(text(t, r, TextOptions{Lang: l}), "\n"), "\n", " "); got+"\n" != want {
			t.Errorf("got %q\nwant %q", got, want)
		}
	}
	// Whoever looked at nothing must not say that all is well.
	if got := text(t, &finding.Report{}, TextOptions{Lang: words.EN}); !strings.HasPrefix(got, "No page was found") || strings.Contains(got, "No violations") {
		t.Errorf("an empty run says %q", got)
	}
	r.Notes = []finding.Note{{Code: "unreadable", File: "a.js", Message: finding.Say("读不了。", "Cannot be read."), Incomplete: true}}
	got := text(t, r, TextOptions{Lang: words.EN})
	for _, want := range []string{"! a.js\n  Cannot be read.", "1 not read."} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
}

func TestReasonsAreGivenOnceARule(t *testing.T) {
	r := sample(t)
	r.Findings = append(r.Findings, r.Findings[0])
	const reason = "预先勾选的框不是同意"
	if n := strings.Count(text(t, r, TextOptions{}), reason); n != 1 {
		t.Errorf("the reason is given %d times", n)
	}
	if n := strings.Count(text(t, r, TextOptions{Verbose: true}), reason); n != 2 {
		t.Errorf("verbose, the reason is given %d times", n)
	}
}

func TestManyNotesAreCounted(t *testing.T) {
	r := &finding.Report{}
	for range notesShown + 3 {
		r.Notes = append(r.Notes, finding.Note{Code: "x", Message: finding.Say("某事。", "Something.")})
	}
	if got := text(t, r, TextOptions{Lang: words.EN}); strings.Count(got, "Something.") != notesShown || !strings.Contains(got, "3 more are not listed") {
		t.Errorf("got %s", got)
	}
	if got := text(t, r, TextOptions{Lang: words.EN, Verbose: true}); strings.Count(got, "Something.") != notesShown+3 {
		t.Errorf("verbose gives %s", got)
	}
}

func TestWriteErrorIsHandedOn(t *testing.T) {
	if err := Text(closed{}, sample(t), TextOptions{}); !errors.Is(err, errClosed) {
		t.Errorf("got %v", err)
	}
}

var errClosed = errors.New("closed")

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errClosed }

// The zh titles are the norm's own; the file holds them only so that the two
// languages have the same keys.
func TestEveryClauseOfAPageHasATitle(t *testing.T) {
	for _, e := range norm.All() {
		for _, c := range e.Clauses {
			if strings.HasPrefix(c.ID, "4.") {
				continue // handling: nothing in source breaks it
			}
			key := "check.clause." + c.ID
			if !words.Has(key) {
				t.Errorf("%s has no English title: add %s", c.ID, key)
			}
			if got := words.T(words.ZH, key); got != c.Title {
				t.Errorf("%s is called %q, the norm says %q", c.ID, got, c.Title)
			}
		}
	}
}

func TestNoKeyIsMissing(t *testing.T) {
	r := sample(t)
	r.Suppressed = append(r.Suppressed, finding.Suppressed{Finding: r.Findings[0], Kind: "baseline"}, finding.Suppressed{Finding: r.Findings[0], Kind: "?"})
	for _, reading := range []string{"", "strict", "platform"} {
		r.Reading = reading
		var hub bytes.Buffer
		if err := GitHub(&hub, r, words.EN); err != nil {
			t.Fatal(err)
		}
		if got := text(t, r, TextOptions{Verbose: true}) + hub.String(); strings.Contains(got, "[check.") {
			t.Errorf("a key has no text: %s", got)
		}
	}
}

// harmless fails on anything that a terminal would obey. With colour on, the
// sequences of the styles are taken out first.
func harmless(t *testing.T, got string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Errorf("not UTF-8: %q", got)
	}
	for _, r := range colours.ReplaceAllString(got, "") {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			t.Fatalf("%U reaches the terminal: %q", r, got)
		}
	}
}

func TestSourceCannotSpeakToTheTerminal(t *testing.T) {
	const evil = "a\x1b[2Jb\x07c\u202ed\u009bm\x1b]0;title\x07\x7f\r\u2028e\xff\u200b"
	tree["evil\x1b[31m.js"] = evil
	defer delete(tree, "evil\x1b[31m.js")
	bad := finding.Say(evil, evil)
	place := finding.Place{File: "evil\x1b[31m.js", Line: 1, Column: 2, EndLine: 1, EndColumn: 90}
	r := &finding.Report{
		Root: "r\x1b[1m", Edition: "\x1b", Reading: "\x1b",
		Rules:      []finding.Rule{{ID: evil, Summary: bad, Title: bad}},
		Findings:   []finding.Finding{{Rule: evil, Clause: evil, Verdict: finding.Violation, Message: bad, Place: place, Path: []finding.Step{{Place: place, Message: bad}}, Platforms: []string{evil}, Fix: &finding.Fix{Message: bad}}},
		Suppressed: []finding.Suppressed{{Finding: finding.Finding{Rule: evil, Message: bad, Place: place, Verdict: "\x1b"}, Kind: evil, Reason: evil, Place: &place}},
		Notes:      []finding.Note{{Code: evil, File: place.File, Message: bad, Detail: evil}, {Message: bad}},
	}
	for _, colour := range []bool{false, true} {
		got := text(t, r, TextOptions{Source: source, Color: colour, Verbose: true})
		harmless(t, got)
		if !strings.Contains(got, "␛[2J") {
			t.Error("what was made harmless is not shown either")
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("let x = 1\n", "say", 1, 5, 1, 6, 80, 3)
	f.Add("汉\t字\r\n😀\r<a>\n", "一，二（三）", 2, 1, 9, 1, 40, 0)
	f.Add(strings.Repeat("\u0301", 5000), "\x1b[0m", 1, 4000, 1, 3, 0, -1)
	f.Add("", "", -3, -1, 1<<40, -9, -7, 1)
	f.Fuzz(func(t *testing.T, src, say string, line, column, endLine, endColumn, width, other int) {
		place := finding.Place{File: say, Line: line, Column: column, EndLine: endLine, EndColumn: endColumn}
		text := finding.Say(say, say)
		r := &finding.Report{
			Edition: "2026-01", Rules: []finding.Rule{{ID: "r", Summary: text}},
			Findings: []finding.Finding{
				{Rule: "r", Clause: say, Verdict: finding.Violation, Message: text, Place: place, Path: []finding.Step{{Place: place, Message: text}, {Place: finding.Place{File: say, Line: other}, Message: text}}},
				{Rule: "r", Clause: "3.3.scope", Verdict: finding.Review, Message: text, Place: finding.Place{File: src, Line: other, Column: endColumn, EndLine: line, EndColumn: column}, Fix: &finding.Fix{Message: text}},
			},
			Notes: []finding.Note{{File: say, Message: text, Detail: src}},
		}
		var b bytes.Buffer
		o := TextOptions{Lang: words.EN, Color: other%2 == 0, Width: width % 300, Verbose: true, Source: func(string) ([]byte, bool) { return []byte(src), true }}
		if err := Text(&b, r, o); err != nil {
			t.Fatal(err)
		}
		harmless(t, b.String())
	})
}
