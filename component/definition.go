// Package component keeps one promise: a component that people can open states
// everything the norm asks for, and what it stated then can be read for ever.
//
// A [Definition] is written once by the operator, in a draft. [Check] tells what
// the norm still misses in it; publishing is refused while a violation stands. A
// published [Version] never changes. What people are shown ([Definition.NoticeSections],
// [Definition.Choices]) and what they answer ([Definition.Parse]) follow from the
// definition alone.
package component

import (
	"clew/words"
)

// Scene is what a component is for. Norm 3.3 leaves one.
type Scene string

// SceneLead is the only scene there is. The others that norm 3.3 names are
// refused, each by its name.
const SceneLead Scene = "lead"

// Verification says how sure the operator is of a number.
type Verification string

const (
	// Verified numbers were proved by a code sent to them.
	Verified Verification = "verified"
	// Typed numbers are what the person entered.
	Typed Verification = "typed"
)

// Kind is what a field asks for. It decides format, normalising and masking.
type Kind string

// The kinds there are.
const (
	KindPhone  Kind = "phone"
	KindName   Kind = "name"
	KindRegion Kind = "region" // city or region, no address
	KindChoice Kind = "choice" // one of the field's choices
	KindText   Kind = "text"   // several lines
	KindDate   Kind = "date"   // 2026-01-31
	KindNumber Kind = "number"
	KindEmail  Kind = "email"
)

// Kinds lists every kind, the most usual first.
func Kinds() []Kind {
	return []Kind{KindPhone, KindName, KindRegion, KindChoice, KindText, KindDate, KindNumber, KindEmail}
}

// Definition is everything the operator says about a component. A draft may be
// incomplete; a published one has no violation of the norm. A Definition is a
// value with maps and slices in it: whoever reads one from a [Version] must not
// change it.
type Definition struct {
	Scene Scene `json:"scene"`
	// App is the id of the operator's app that collects.
	App string `json:"app"`
	// Langs are the languages people can read it in, the first being the default.
	// Chinese must be among them.
	Langs []words.Lang         `json:"langs"`
	Texts map[words.Lang]Texts `json:"texts"`
	// RetentionDays is how long a lead is kept after it was given.
	RetentionDays int          `json:"retention_days"`
	Verification  Verification `json:"verification"`
	// DedupeHours is the window in which the same number again is a duplicate;
	// zero means that none is.
	DedupeHours int     `json:"dedupe_hours"`
	Fields      []Field `json:"fields"`
}

// Texts is what a component says in one language.
type Texts struct {
	Operator   string      `json:"operator"` // who collects, as people know them
	Title      string      `json:"title"`
	Trigger    string      `json:"trigger"` // on the button that opens the form
	Purpose    string      `json:"purpose"` // what the information is for
	Scope      string      `json:"scope"`   // which information, in the operator's words
	Manner     string      `json:"manner"`  // how it is taken and used
	Benefit    string      `json:"benefit"` // what the person gets
	Recipients []Recipient `json:"recipients,omitempty"`
	// PrivacyURL (https) and PrivacyText are the privacy statement; one is enough.
	PrivacyURL  string `json:"privacy_url,omitempty"`
	PrivacyText string `json:"privacy_text,omitempty"`
	Complaint   string `json:"complaint"` // where to complain: phone, e-mail or https address
	Deletion    string `json:"deletion"`  // how to have everything deleted
}

// Recipient is a third party that is given leads. Recipients stand in the same
// order in every language.
type Recipient struct {
	Name    string `json:"name"`
	Contact string `json:"contact"`
	Purpose string `json:"purpose"`
}

// Field is one question.
type Field struct {
	// ID is a small word, "city"; it names the answer for ever.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// Required is nil while the operator has not said; such a field is optional
	// and keeps the component from being published.
	Required *bool                     `json:"required,omitempty"`
	Texts    map[words.Lang]FieldTexts `json:"texts"`
	// Choices are what can be chosen; for [KindChoice] only.
	Choices []Option `json:"choices,omitempty"`
	// Min and Max bound a number, both included; nil is no bound.
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
	// MaxLength is the most characters an answer may have; zero means the kind's own
	// limit, which it can only lower: see [Field.Limit].
	MaxLength int `json:"max_length,omitempty"`
}

// IsRequired reports whether the form cannot be sent without an answer. A phone
// number always is: a lead without one is none.
func (f Field) IsRequired() bool {
	return f.Kind == KindPhone || f.Required != nil && *f.Required
}

// Limit is the most characters an answer may have.
func (f Field) Limit() int {
	most := 200
	switch f.Kind {
	case KindText:
		most = maxAnswer
	case KindName, KindRegion:
		most = 60
	case KindPhone, KindNumber, KindDate:
		return 40 // as typed, with spaces and dashes
	}
	if f.MaxLength > 0 {
		return min(f.MaxLength, most)
	}
	return most
}

// maxAnswer is the longest answer there can be, in characters.
const maxAnswer = 1000

// FieldTexts is what a field says in one language.
type FieldTexts struct {
	Label  string `json:"label"`
	Hint   string `json:"hint,omitempty"`   // shown before typing
	Format string `json:"format,omitempty"` // what an answer looks like, for people
	Error  string `json:"error"`            // shown when the answer will not do: how to put it right
}

// Option is one thing that can be chosen.
type Option struct {
	ID    string                `json:"id"`
	Label map[words.Lang]string `json:"label"`
}

// Phone is the field that asks for the number; ok is false when there is none.
func (d Definition) Phone() (f Field, ok bool) {
	for _, f := range d.Fields {
		if f.Kind == KindPhone {
			return f, true
		}
	}
	return Field{}, false
}

// Speaks is l when the component is written in it, else its default language.
func (d Definition) Speaks(l words.Lang) words.Lang {
	for _, own := range d.Langs {
		if own == l {
			return l
		}
	}
	if len(d.Langs) > 0 {
		return d.Langs[0]
	}
	return words.ZH
}
