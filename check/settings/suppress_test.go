package settings

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"clew/check/source"
	"clew/finding"
)

// seen writes suppressions as "from-to rules|reason", "file rules|reason" or "odd".
func seen(list []Suppression) []string {
	var out []string
	for _, s := range list {
		where := fmt.Sprintf("%d-%d", s.From, s.To)
		if s.Whole {
			where = "file"
		}
		if s.Odd != "" {
			out = append(out, "odd "+s.Odd)
			continue
		}
		out = append(out, where+" "+strings.Join(s.Rules, ",")+"|"+s.Reason)
	}
	return out
}

func TestScan(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"a.js", "x\n// clew-ignore entry-popup: asked on a tap\nopen()\n", "2-3 entry-popup|asked on a tap"},
		{"a.js", "open() // clew-ignore entry-popup: why\nopen()\n", "1-1 entry-popup|why"},
		{"a.js", "/* clew-ignore r: why */ open()\nopen()\n", "1-1 r|why"},
		{"a.js", "//clew-ignore r：理由，写明\n\n\n// another remark\n/* and\none */\nopen()", "1-7 r|理由，写明"},
		{"a.js", "// clew-ignore a: x\r\n// clew-ignore b: y\r\nopen()\r\n", "1-3 a|x; 2-3 b|y"},
		{"a.js", "/* clew-ignore a, b、c: one\n   two */\nopen()", "1-3 a,b,c|one two"},
		{"a.js", "/** clew-ignore a: x **/\nopen()", "1-2 a|x"},
		{"a.js", "// clew-ignore a", "1-1 a|"},
		{"a.js", "// clew-ignore", "1-1 |"},
		{"a.js", "// clew-ignore a reason without a colon\nx", "1-2 a|"},
		{"a.js", "// clew-ignore a: ---\nx", "1-2 a|"},
		{"a.js", "// clew-ignore-next-line a: x\ny", "odd -next-line"},
		{"a.js", "// clew-ignored a: x\ny", "odd d"},
		{"a.js", "// clew-ignore_2 a: x\ny", "odd _2"},
		{"a.js", "f()\n// clew-ignore-file a: old page, gone in May\n", "file a|old page, gone in May"},
		{"a.js", "/* clew-ignore a: never closed\nx", "1-2 a|never closed"},
		{"a.js", "} // clew-ignore a: x\ny", "1-1 a|x"},
		// What is none.
		{"a.js", "// see clew-ignore a: x\n", ""},
		{"a.js", "clew-ignore a: x\n", ""},
		{"a.js", "s = \"// clew-ignore a: x\"\n", ""},
		{"a.js", "s = 'it\\'s // clew-ignore a: x'\n", ""},
		{"a.js", "s = 'a' // clew-ignore a: x's\n", "1-1 a|x's"},
		{"a.js", "<!-- clew-ignore a: x -->\n", ""},
		{"a.ttml", "// clew-ignore a: x\n", ""},
		{"a.ttml", "/* clew-ignore a: x */\n", ""},
		// Templates: the whole opening tag.
		{"a.ttml", "<view>\n  <!-- clew-ignore a: x -->\n  <button\n    open-type=\"a>b\"\n    bindtap=\"t\">\n    <text/>", "2-5 a|x"},
		{"a.ttml", "<!-- clew-ignore a: x --><button\n/>", "1-1 a|x"},
		{"a.wxml", "<!-- clew-ignore a: x -->\n<!-- other -->\n文字\n<b/>", "1-3 a|x"},
		{"a.ttml", "<!-- clew-ignore a: x -->\n<button\n a=\"never closed", "1-2 a|x"},
		// JSX.
		{"a.tsx", "<View>\n  {/* clew-ignore a: x */}\n  <Button\n    onClick={() => go()}\n    a='}'\n  >", "2-6 a|x"},
		{"a.tsx", "<p>Don't</p> {/* clew-ignore a: x */}\n<q/>", "1-1 a|x"},
		// Components: which comment counts depends on the element.
		{"a.vue", "<template>\n// clew-ignore a: x\n<!-- clew-ignore b: y -->\n<p/>\n</template>\n<script>\n// clew-ignore c: z\nf()\n<!-- clew-ignore d: u -->\n</script>\n<style>\n/* clew-ignore e: v */\n.a{}</style>\n<!-- clew-ignore f: w -->", "3-4 b|y; 7-8 c|z; 12-13 e|v; 14-14 f|w"},
	} {
		if got := strings.Join(seen(Scan(c.file, c.text)), "; "); got != c.want {
			t.Errorf("%s %q:\ngot  %s\nwant %s", c.file, c.text, got, c.want)
		}
	}
}

func TestPlacesOfComments(t *testing.T) {
	const text = "a\r\n😀 {/* clew-ignore r: x\ny */} b\rc // clew-ignore r: x"
	got := Scan("a.jsx", text)
	want := []finding.Place{
		{File: "a.jsx", Start: 9, End: 33, Line: 2, Column: 5, EndLine: 3, EndColumn: 5},
		{File: "a.jsx", Start: 39, End: len(text), Line: 4, Column: 3, EndLine: 4, EndColumn: 22},
	}
	if len(got) != 2 || got[0].Place != want[0] || got[1].Place != want[1] {
		t.Errorf("%+v", got)
	}
}

// hostile files have as many markers as fit, in the ways that could cost most.
func hostile(size int) map[string]string {
	out := map[string]string{}
	for _, part := range []string{
		"/* clew-ignore ", "// clew-ignore a: x\n", "<!-- clew-ignore a: x", "<!-- clew-ignore a: x -->\n<a ", "{/* clew-ignore a: x */}",
		"clew-ignore", "// clew-ignore-", "/* clew-ignore a: x */ ", "\"// clew-ignore a: x", "// clew-ignore a: x\r", "<script>// clew-ignore a: x\n</script>",
		"//" + strings.Repeat(" ", 50) + "clew-ignore",
	} {
		out[part] = strings.Repeat(part, size/len(part))
	}
	return out
}

func TestHostileSources(t *testing.T) {
	for part, text := range hostile(256 << 10) {
		for _, file := range []string{"a.js", "a.vue", "a.ttml"} {
			for _, s := range Scan(file, text) {
				if s.Place.End > len(text) || s.Place.Start >= s.Place.End {
					t.Fatalf("%q: %+v", part, s)
				}
			}
		}
	}
}

func TestApply(t *testing.T) {
	at := func(file string, line int, rule string, v finding.Verdict) finding.Finding {
		return finding.Finding{Rule: rule, Verdict: v, Place: finding.Place{File: file, Line: line}, Fingerprint: fmt.Sprint(file, line, rule)}
	}
	prints := func(list []finding.Finding) (out []string) {
		for _, f := range list {
			out = append(out, f.Fingerprint)
		}
		return out
	}
	const text = `// clew-ignore entry-popup: opened by the person's own tap
one()
two() // clew-ignore entry-popup, forced-dialog: the same
// clew-ignore entry-popop: a slip of the pen
// clew-ignore notice-missing
// clew-ignore: nothing named
// clew-ignore-line entry-popup: as elsewhere
// clew-ignore consent-ticked: switched off anyway
// clew-ignore forced-dialog: there is none
three()
// clew-ignore-file notice-missing: the notice is a native page
`
	list := []finding.Finding{
		at("a.js", 0, "entry-popup", finding.Review),
		at("a.js", 2, "entry-popup", finding.Violation),
		at("a.js", 2, "forced-dialog", finding.Violation),
		at("a.js", 3, "forced-dialog", finding.Review),
		at("a.js", 3, "entry-popup", finding.Pass),
		at("a.js", 0, "notice-missing", finding.Violation),
		at("b.js", 2, "entry-popup", finding.Violation),
	}
	kept, suppressed, notes := Apply(list, Scan("a.js", text), known, RuleIDs{"consent-ticked"})
	if got, want := prints(kept), []string{"a.js0entry-popup", "a.js2forced-dialog", "a.js3entry-popup", "b.js2entry-popup"}; !slices.Equal(got, want) {
		t.Errorf("kept %v, want %v", got, want)
	}
	var answered []string
	for _, s := range suppressed {
		if s.Kind != "source" || s.Place == nil || s.Place.File != "a.js" {
			t.Errorf("%+v", s)
		}
		answered = append(answered, fmt.Sprint(s.Finding.Place.Line, s.Finding.Rule, "|", s.Place.Line, s.Reason))
	}
	if want := []string{"2entry-popup|1opened by the person's own tap", "3forced-dialog|3the same", "0notice-missing|11the notice is a native page"}; !slices.Equal(answered, want) {
		t.Errorf("suppressed %q", answered)
	}
	var said []string
	for _, n := range notes {
		if n.File != "a.js" || n.Incomplete || n.Message["zh"] == "" || n.Message["en"] == "" {
			t.Errorf("%+v", n)
		}
		said = append(said, n.Detail+" "+n.Code)
	}
	slices.Sort(said)
	if want := []string{"3:7 suppression-unused", "4:1 suppression-rule", "5:1 suppression-reason", "6:1 suppression-rule", "7:1 suppression-form", "9:1 suppression-unused"}; !slices.Equal(said, want) {
		t.Errorf("notes %q", said)
	}
	if !strings.Contains(fmt.Sprint(notes), "did you mean entry-popup?") {
		t.Error("no hint at the right name")
	}
}

func TestTheCommentAtThePlaceAnswersBeforeThatForTheFile(t *testing.T) {
	s := Scan("a.js", "// clew-ignore-file entry-popup: all\n// clew-ignore entry-popup: this\nx()\n")
	f := finding.Finding{Rule: "entry-popup", Verdict: finding.Violation, Place: finding.Place{File: "a.js", Line: 3}}
	_, suppressed, notes := Apply([]finding.Finding{f}, s, known, nil)
	if len(suppressed) != 1 || suppressed[0].Reason != "this" || len(notes) != 1 || notes[0].Code != NoteUnused || notes[0].Detail != "1:1" {
		t.Errorf("%+v %+v", suppressed, notes)
	}
}

func TestNothingToApply(t *testing.T) {
	list := []finding.Finding{{Rule: "r", Verdict: finding.Violation}}
	kept, suppressed, notes := Apply(list, nil, known, nil)
	if !reflect.DeepEqual(kept, list) || suppressed != nil || notes != nil {
		t.Error(kept, suppressed, notes)
	}
}

func FuzzScan(f *testing.F) {
	f.Add("a.js", "x\n// clew-ignore a: b\ny")
	f.Add("a.vue", "<script>/* clew-ignore a: b */</script><!-- clew-ignore-file a: b -->")
	f.Add("a.tsx", "{/* clew-ignore a: b */}\r<A b={'>'}\n>")
	f.Fuzz(func(t *testing.T, file, text string) {
		last := 0
		for _, s := range Scan(file, text) {
			p := s.Place
			if p.Start < last || p.End <= p.Start || p.End > len(text) || !strings.Contains(text[p.Start:p.End], marker) {
				t.Fatalf("%q %q: %+v", file, text, p)
			}
			last = p.End
			of := source.File{Text: text}
			if line, column := of.Position(p.Start); line != p.Line || column != p.Column {
				t.Fatalf("%q: %d:%d, the place says %v", text, line, column, p)
			}
			if line, column := of.Position(p.End); line != p.EndLine || column != p.EndColumn {
				t.Fatalf("%q: ends %d:%d, the place says %+v", text, line, column, p)
			}
			lines, _ := of.Position(len(text))
			if !s.Whole && s.Odd == "" && (s.From != p.Line || s.To < p.EndLine || s.To > lines) {
				t.Fatalf("%q: covers %d to %d of %d: %+v", text, s.From, s.To, lines, p)
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	line := "  this.setData({ shown: true, title: '预约' }) // opened by a tap on the card, see clew.check.yaml\n"
	for name, text := range map[string]string{
		"none": strings.Repeat(line, 20_000),
		"few":  strings.Repeat(strings.Repeat(line, 500)+"// clew-ignore entry-popup: why\n", 40),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Scan("a.js", text)
			}
		})
	}
}
