package settings

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"clew/finding"
	"clew/words"
)

func report() *finding.Report {
	one := func(file, rule, print string, v finding.Verdict) finding.Finding {
		return finding.Finding{Rule: rule, Clause: "3.2.entry-popup", Verdict: v, Place: finding.Place{File: file, Line: 9}, Fingerprint: print}
	}
	return &finding.Report{
		Findings: []finding.Finding{
			one("b.js", "r", "22", finding.Violation), one("a.js", "s", "33", finding.Review), one("a.js", "r", "11-2", finding.Violation),
			one("a.js", "r", "11", finding.Violation), one("a.js", "r", "44", finding.Pass),
		},
		Suppressed: []finding.Suppressed{
			{Finding: one("c<>.js", "r", "55", finding.Violation), Kind: "baseline"},
			{Finding: one("d.js", "r", "66", finding.Violation), Kind: "source", Reason: "why"},
			{Finding: one("c<>.js", "r", "55", finding.Violation), Kind: "baseline"},
		},
	}
}

const written = `{
  "clew_baseline": 1,
  "fingerprints": "clew/v1",
  "findings": [
    {"fingerprint":"11","rule":"r","clause":"3.2.entry-popup","file":"a.js"},
    {"fingerprint":"11-2","rule":"r","clause":"3.2.entry-popup","file":"a.js"},
    {"fingerprint":"33","rule":"s","clause":"3.2.entry-popup","file":"a.js"},
    {"fingerprint":"22","rule":"r","clause":"3.2.entry-popup","file":"b.js"},
    {"fingerprint":"55","rule":"r","clause":"3.2.entry-popup","file":"c\u003c\u003e.js"}
  ]
}
`

func TestBaselineThereAndBack(t *testing.T) {
	var out bytes.Buffer
	if err := WriteBaseline(&out, report()); err != nil {
		t.Fatal(err)
	}
	if out.String() != written {
		t.Errorf("wrote\n%s", out.String())
	}
	b, err := ReadBaseline("base.json", &out)
	if err != nil || len(b.Entries) != 5 || b.File != "base.json" || b.Entries[4] != (Entry{"55", "r", "3.2.entry-popup", "c<>.js"}) {
		t.Errorf("%+v, %v", b, err)
	}
	// What the baseline answers for stays in it when it is written anew.
	r := report()
	var notes []finding.Note
	r.Findings, r.Suppressed, notes = b.Apply(r.Findings, func(f string) bool { return f != "c<>.js" })
	if len(r.Findings) != 1 || r.Findings[0].Verdict != finding.Pass || len(r.Suppressed) != 4 || r.Suppressed[0].Kind != "baseline" || notes != nil {
		t.Errorf("%+v", r)
	}
	r.Suppressed = append(r.Suppressed, report().Suppressed...)
	out.Reset()
	if err := WriteBaseline(&out, r); err != nil || out.String() != written {
		t.Errorf("%v\n%s", err, out.String())
	}
	out.Reset()
	if err := WriteBaseline(&out, &finding.Report{}); err != nil {
		t.Fatal(err)
	}
	if b, err := ReadBaseline("x", &out); err != nil || len(b.Entries) != 0 {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestBaselineSaysWhatIsGone(t *testing.T) {
	b, err := ReadBaseline("base.json", strings.NewReader(written))
	if err != nil {
		t.Fatal(err)
	}
	list := report().Findings[:2]
	kept, suppressed, notes := b.Apply(list, nil)
	if len(kept) != 0 || len(suppressed) != 2 || len(notes) != 1 {
		t.Fatalf("%v %v %v", kept, suppressed, notes)
	}
	n := notes[0]
	if n.Code != NoteGone || n.Incomplete || !strings.Contains(n.Message[words.EN], "gone: 3") || !strings.Contains(n.Message[words.ZH], "3 项") || n.Detail != "a.js r, a.js r, c<>.js r" {
		t.Errorf("%+v", n)
	}
	// A finding like one that passed earlier is not hidden by a later pass.
	pass := report().Findings[3]
	pass.Verdict = finding.Pass
	if kept, _, _ := b.Apply([]finding.Finding{pass}, nil); len(kept) != 1 {
		t.Error("a pass was suppressed")
	}
	zero := Baseline{}
	if kept, s, n := zero.Apply(list, nil); !reflect.DeepEqual(kept, list) || s != nil || n != nil {
		t.Error("the zero baseline does something")
	}
}

func TestBaselineRefusesWhatItIsNot(t *testing.T) {
	for data, says := range map[string]string{
		"": "base.json:1:1: the baseline cannot be read",
		"{\n  \"clew_baseline\": 1,\n<<<<<<< ours\n": "base.json:3:1: the baseline cannot be read",
		`[]`: "cannot be read",
		`{"clew_baseline": 1, "fingerprints": "clew/v1", "findings": [], "more": 1}`: "unknown field",
		`{"clew_baseline": 2, "fingerprints": "clew/v1", "findings": []}`:            "has format 2, this program reads 1; write it anew with clew check --write-baseline base.json",
		`{"clew_baseline": 1, "fingerprints": "clew/v0", "findings": []}`:            `version "clew/v0", this program makes clew/v1`,
		`{}`:           "format 0",
		written + "{}": "something follows",
		`{"clew_baseline": 1, "fingerprints": "clew/v1", "findings": [{"fingerprint": "x", "rule": "r"}]}`: "entry 1 of the baseline lacks",
	} {
		_, err := ReadBaseline("base.json", strings.NewReader(data))
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), says) || e.In(words.ZH) == "" {
			t.Errorf("%q: %v, want %q", data, err, says)
		}
	}
	r := report()
	r.Findings[0].Fingerprint = ""
	if err := WriteBaseline(&bytes.Buffer{}, r); err == nil {
		t.Error("a finding without a fingerprint was written")
	}
}

func FuzzReadBaseline(f *testing.F) {
	f.Add([]byte(written))
	f.Add([]byte(`{"clew_baseline": 1, "findings": [}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ReadBaseline("b", bytes.NewReader(data))
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v is no *Error", err)
			}
			return
		}
		b.Apply(report().Findings, nil)
	})
}
