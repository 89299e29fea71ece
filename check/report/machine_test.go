package report

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"clew/finding"
	"clew/words"
)

func TestJSONIsAsKeptAndComesBack(t *testing.T) {
	r := sample(t)
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", b.Bytes())
	back, err := ReadJSON(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, r) {
		t.Error("the report came back changed")
	}
	var again bytes.Buffer
	if err := JSON(&again, back); err != nil || !bytes.Equal(again.Bytes(), b.Bytes()) {
		t.Errorf("written again it differs (%v)", err)
	}
}

func TestJSONOfNothingHasItsLists(t *testing.T) {
	var b bytes.Buffer
	r := &finding.Report{}
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"format": "clew-check/1"`, `"rules": []`, `"findings": []`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
	if r.Rules != nil {
		t.Error("writing changed the report")
	}
}

func TestReadJSONRefusesWhatItDoesNotKnow(t *testing.T) {
	for in, want := range map[string]string{
		``:                             "EOF",
		`{`:                            "EOF",
		`[]`:                           "cannot unmarshal",
		`{"rules":[]}`:                 `format ""`,
		`{"format":"clew-check/2"}`:    `format "clew-check/2"`,
		`{"format":"clew-check/1"} {}`: "something follows",
		`{"format":"clew-check/1","findings":"x"}`: "cannot unmarshal",
	} {
		if _, err := ReadJSON(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", in, want, err)
		}
	}
	if _, err := ReadJSON(strings.NewReader(`{"format":"clew-check/1","later":1}`)); err != nil {
		t.Errorf("a field that came later is refused: %v", err)
	}
}

func TestGitHubIsAsKept(t *testing.T) {
	for _, l := range words.Langs() {
		var b bytes.Buffer
		if err := GitHub(&b, sample(t), l); err != nil {
			t.Fatal(err)
		}
		golden(t, "github-"+string(l)+".txt", b.Bytes())
	}
}

// Each line is one command whatever names and texts hold.
func TestGitHubEscapes(t *testing.T) {
	r := &finding.Report{Findings: []finding.Finding{{
		Rule: "r", Clause: "c,d:e", Verdict: finding.Violation,
		Message: finding.Say("x", "100%\n::warning::no"),
		Place:   finding.Place{File: "a,b:c%\n::error::.js", Line: 1, Column: 2, EndLine: 1, EndColumn: 9},
	}}}
	var b bytes.Buffer
	if err := GitHub(&b, r, words.EN); err != nil {
		t.Fatal(err)
	}
	const want = "::error file=a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3A.js,line=1,endLine=1,col=2,endColumn=9,title=c%2Cd%3Ae%3A violation" +
		"::100%25 ::warning::no%0A%0Aclew explain r\n"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
}
