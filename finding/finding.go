// Package finding keeps one promise: whatever saw something, a rule on source, a
// probe in a browser or a person, says it in the same shape, and the same thing
// seen again tomorrow carries the same fingerprint.
//
// A [Finding] states where, by which path, under which clause and how sure. It
// does not judge, store or print; the rooms above do. Texts are given in every
// language of [words], because the reader is not known when a finding is made.
package finding

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"clew/words"
)

// Verdict is what a detector may answer; there is no fifth answer.
type Verdict string

// The verdicts. What is guessed is Review, never Violation.
const (
	Violation     Verdict = "violation"      // every step from entry to effect is proven
	Review        Verdict = "review"         // a person must judge
	Pass          Verdict = "pass"           // the rule looked and the clause is kept
	NotApplicable Verdict = "not_applicable" // nothing here that the rule is about
)

// verdicts is also the order in which one place's findings are listed.
var verdicts = []Verdict{Violation, Review, Pass, NotApplicable}

// Valid reports whether v is one of the four.
func (v Verdict) Valid() bool { return slices.Contains(verdicts, v) }

// Capability is the way a page asks for the phone number. Clause 3.3 binds the
// lead form only, so the same code may be a violation under one and nothing under
// another.
type Capability string

// The capabilities; "" is a finding that is about none.
const (
	ClueForm     Capability = "clue-form"     // the platform's lead component
	GeneralPhone Capability = "general-phone" // the platform's phone button outside it
	TypedForm    Capability = "typed-form"    // a number that the person types
)

// Valid reports whether c is a capability or "".
func (c Capability) Valid() bool {
	return c == "" || c == ClueForm || c == GeneralPhone || c == TypedForm
}

// Text is one sentence in every language.
type Text map[words.Lang]string

// Say makes a text from its two languages.
func Say(zh, en string) Text { return Text{words.ZH: zh, words.EN: en} }

// whole reports whether every language is there.
func (t Text) whole() bool {
	for _, l := range words.Langs() {
		if t[l] == "" {
			return false
		}
	}
	return true
}

// Place is a stretch of a file as it lies on disk, or of a page as it was kept.
type Place struct {
	// File is slash-separated and relative to what was checked; for a page in a
	// browser it is the address without query and fragment.
	File string `json:"file"`
	// Start and End are byte offsets into the file in its own encoding, End
	// excluded. Both are 0 where a finding is about the file as a whole.
	Start int `json:"start"`
	End   int `json:"end"`
	// Lines and columns count from 1, columns in UTF-16 code units (as SARIF and
	// editors do), EndColumn excluded. Line 0 is "the file as a whole".
	Line      int `json:"line,omitempty"`
	Column    int `json:"column,omitempty"`
	EndLine   int `json:"end_line,omitempty"`
	EndColumn int `json:"end_column,omitempty"`
}

// String is file:line:column, which terminals and editors make clickable.
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Compare orders places by file, then by where they begin, then the shorter first.
func (p Place) Compare(o Place) int {
	return cmp.Or(
		cmp.Compare(p.File, o.File), cmp.Compare(p.Start, o.Start), cmp.Compare(p.End, o.End),
		cmp.Compare(p.Line, o.Line), cmp.Compare(p.Column, o.Column),
	)
}

// Step is one station on the way from a page's entry to the effect.
type Step struct {
	Place   Place `json:"place"`
	Message Text  `json:"message"`
}

// Evidence is something kept that shows the finding to who was not there.
type Evidence struct {
	Kind   string `json:"kind"`             // snippet, screenshot, dom, requests, timeline, statement
	Name   string `json:"name,omitempty"`   // the file it is kept in, relative to the report
	Media  string `json:"media,omitempty"`  // as text/plain, image/png
	SHA256 string `json:"sha256,omitempty"` // of what is kept under Name, lower-case hex
	Text   string `json:"text,omitempty"`   // short evidence itself; never personal data
	Place  *Place `json:"place,omitempty"`  // where it was taken from, if from a file
}

// Fix says how to mend it; Edits are there only where a machine may do so alone.
type Fix struct {
	Message Text   `json:"message"`
	Edits   []Edit `json:"edits,omitempty"`
}

// Edit replaces a stretch by another text.
type Edit struct {
	Place Place  `json:"place"`
	New   string `json:"new"`
}

// Finding is one answer of one rule about one place.
type Finding struct {
	Rule       string     `json:"rule"`
	Clause     string     `json:"clause"` // of the norm, as "3.2.entry-popup"
	Verdict    Verdict    `json:"verdict"`
	Capability Capability `json:"capability,omitempty"`
	Message    Text       `json:"message"`
	Place      Place      `json:"place"`
	// Members are the names that enclose the place, the outermost first, as
	// ["methods", "submit"]. They feed the fingerprint.
	Members []string `json:"members,omitempty"`
	// Path leads from the entry to the effect; the last step is the effect.
	Path     []Step     `json:"path,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	// Platforms are the build targets it holds for, as "mp-toutiao"; empty is all.
	Platforms []string `json:"platforms,omitempty"`
	Fix       *Fix     `json:"fix,omitempty"`
	// Fingerprint is set by [Finding.Stamp] and made distinct by [Settle].
	Fingerprint string `json:"fingerprint"`
}

// Check reports what a detector left out or got wrong. It is for tests and for
// findings that come from outside; it says nothing about whether they are true.
func (f *Finding) Check() error {
	var wrong []error
	miss := func(bad bool, what string) {
		if bad {
			wrong = append(wrong, fmt.Errorf("finding of rule %q at %v: %s", f.Rule, f.Place, what))
		}
	}
	miss(f.Rule == "", "rule is missing")
	miss(f.Clause == "", "clause is missing")
	miss(!f.Verdict.Valid(), "verdict is none of the four")
	miss(!f.Capability.Valid(), "capability is unknown")
	miss(!f.Message.whole(), "message lacks a language")
	miss(f.Place.File == "", "place names no file")
	miss(f.Place.Start < 0 || f.Place.End < f.Place.Start, "place ends before it begins")
	for _, s := range f.Path {
		miss(!s.Message.whole(), "a step's message lacks a language")
		miss(s.Place.File == "", "a step names no file")
	}
	miss(f.Fix != nil && !f.Fix.Message.whole(), "fix lacks a language")
	miss(f.Fingerprint == "", "fingerprint is missing")
	return errors.Join(wrong...)
}

// Compare is the order of a report: by place, graver verdicts first, then rule and
// clause. Two findings that compare equal differ in nothing a reader sees first.
func Compare(a, b Finding) int {
	return cmp.Or(
		a.Place.Compare(b.Place),
		cmp.Compare(slices.Index(verdicts, a.Verdict), slices.Index(verdicts, b.Verdict)),
		cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Clause, b.Clause),
		cmp.Compare(a.Capability, b.Capability), slices.Compare(a.Platforms, b.Platforms),
		cmp.Compare(a.Message[words.EN], b.Message[words.EN]),
		cmp.Compare(a.Fingerprint, b.Fingerprint),
	)
}
