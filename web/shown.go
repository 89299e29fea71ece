package web

import (
	"time"

	"clew/component"
	"clew/consent"
	"clew/seal"
	"clew/widget"
	"clew/words"
)

// Definition is a published component as a page shows it. Sheet, plain page and
// API all show this, so that everyone reads one text.
type Definition struct {
	ID               string            `json:"id" doc:"component id"`
	Version          int               `json:"version" doc:"published version, also the notice's"`
	Lang             string            `json:"lang" enum:"zh,en"`
	Langs            []string          `json:"langs" doc:"languages the component speaks"`
	OperatorName     string            `json:"operator_name"`
	Title            string            `json:"title"`
	TriggerLabel     string            `json:"trigger_label"`
	Notice           Notice            `json:"notice"`
	Choices          []Choice          `json:"choices" doc:"one box each, never ticked beforehand"`
	Fields           []Field           `json:"fields"`
	Privacy          Privacy           `json:"privacy"`
	ComplaintContact string            `json:"complaint_contact"`
	DeletionWay      string            `json:"deletion_way"`
	Verification     string            `json:"verification" enum:"verified,typed"`
	FormToken        string            `json:"form_token" doc:"signed: which component, version, notice and language were shown, and when; lives two hours"`
	Now              int64             `json:"now" doc:"this server's clock, milliseconds since 1970: gestures are timed by it, since a device's clock may be off"`
	Test             bool              `json:"test" doc:"what comes of this form is marked as a test and never counted"`
	Words            map[string]string `json:"words" doc:"texts of the element itself, by key"`
}

// Notice is the text shown before consent, with the hash that the receipt keeps.
type Notice struct {
	Version  int       `json:"version"`
	Hash     string    `json:"hash" doc:"sha256: and the hex SHA-256 of the whole text"`
	Lang     string    `json:"lang"`
	Sections []Section `json:"sections"`
}

// Section is one titled part of a notice.
type Section struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Choice is one consent.
type Choice struct {
	ID       string `json:"id"`
	Text     string `json:"text"`
	Required bool   `json:"required"`
}

// Field is one question.
type Field struct {
	ID           string        `json:"id"`
	Kind         string        `json:"kind" enum:"phone,name,region,choice,text,date,number,email"`
	Required     bool          `json:"required"`
	Label        string        `json:"label"`
	Hint         string        `json:"hint"`
	Format       string        `json:"format" doc:"for people: what an answer looks like"`
	Error        string        `json:"error" doc:"shown when the answer cannot be taken"`
	Choices      []FieldChoice `json:"choices"`
	MaxLength    int           `json:"max_length"`
	Autocomplete string        `json:"autocomplete" doc:"HTML autocomplete token"`
	InputMode    string        `json:"inputmode" doc:"HTML inputmode"`
}

// FieldChoice is one answer of a choice field.
type FieldChoice struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// Privacy is where the privacy statement is; one of the two is empty.
type Privacy struct {
	URL  string `json:"url"`
	Text string `json:"text"`
}

// Shown makes the definition in one language with a fresh form token for the
// sheet. A language the component does not speak becomes its first.
func Shown(ring *seal.Ring, v *component.Version, lang words.Lang, test bool, now time.Time) (Definition, error) {
	lang = v.Definition.Speaks(lang)
	d := Describe(v, lang)
	d.Test, d.Now = test, now.UnixMilli()
	var err error
	d.FormToken, err = consent.IssueForm(ring, consent.Form{
		Component: v.Component, Version: v.Number, NoticeHash: d.Notice.Hash, Lang: lang,
		IssuedAt: now.UnixMilli(), Via: consent.ViaSheet, Test: test,
	}, 0)
	return d, err
}

// inputs says how a browser should help with each kind of field.
var inputs = map[component.Kind]struct{ autocomplete, mode string }{
	component.KindPhone:  {"tel", "tel"},
	component.KindName:   {"name", "text"},
	component.KindRegion: {"address-level2", "text"},
	component.KindText:   {"off", "text"},
	component.KindDate:   {"off", "numeric"},
	component.KindNumber: {"off", "decimal"},
	component.KindEmail:  {"email", "email"},
	component.KindChoice: {"off", ""},
}

// Describe is [Shown] without a token: for previews and plain pages.
func Describe(v *component.Version, lang words.Lang) Definition {
	def := &v.Definition
	text := def.Texts[lang]
	notice := consent.NewNotice(v.Operator, v.Component, v.Number, lang, def.NoticeText(lang))
	d := Definition{
		ID: v.Component, Version: v.Number, Lang: string(lang),
		OperatorName: text.Operator, Title: text.Title, TriggerLabel: text.Trigger,
		Notice:           Notice{Version: notice.Version, Hash: notice.Hash, Lang: string(lang)},
		Privacy:          Privacy{URL: text.PrivacyURL, Text: text.PrivacyText},
		ComplaintContact: text.Complaint, DeletionWay: text.Deletion,
		Verification: string(def.Verification),
		Words:        widget.Words(string(lang)),
	}
	for _, l := range def.Langs {
		d.Langs = append(d.Langs, string(l))
	}
	for _, s := range def.NoticeSections(lang) {
		d.Notice.Sections = append(d.Notice.Sections, Section{s.ID, s.Title, s.Text})
	}
	for _, c := range def.Choices(lang) {
		d.Choices = append(d.Choices, Choice{c.ID, c.Text, c.Required})
	}
	for _, f := range def.Fields {
		t := f.Texts[lang]
		field := Field{
			ID: f.ID, Kind: string(f.Kind), Required: f.IsRequired(), Label: t.Label, Hint: t.Hint, Format: t.Format, Error: t.Error,
			MaxLength: f.Limit(), Autocomplete: inputs[f.Kind].autocomplete, InputMode: inputs[f.Kind].mode, Choices: []FieldChoice{},
		}
		for _, c := range f.Choices {
			field.Choices = append(field.Choices, FieldChoice{c.ID, c.Label[lang]})
		}
		d.Fields = append(d.Fields, field)
	}
	return d
}
