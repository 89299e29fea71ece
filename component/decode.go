package component

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	stdjson "encoding/json"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"clew/words"
)

// Bounds of what is kept at all. The norm's own budgets are far below and are
// shortfalls, not errors.
const (
	maxDefinition = 64 << 10 // bytes of JSON
	maxFields     = 20
	maxOptions    = 30
	maxRecipients = 10
	maxText       = 4000 // bytes
	maxDedupe     = 8760 // hours: one year
)

// BadDefinition says that a definition cannot even be kept as a draft.
type BadDefinition struct {
	Path string // JSON pointer (RFC 6901) to the place; "" is the whole
	Why  string
}

func (e *BadDefinition) Error() string {
	return fmt.Sprintf("component definition at %q: %s", e.Path, e.Why)
}

// Decode reads a definition. Unknown and repeated members, unknown kinds and
// languages, control characters and sizes beyond any use are a [*BadDefinition];
// what is merely missing is not: [Check] says that.
func Decode(raw []byte) (Definition, error) {
	if len(raw) > maxDefinition {
		return Definition{}, &BadDefinition{"", fmt.Sprintf("larger than %d bytes", maxDefinition)}
	}
	var d Definition
	if err := json.Unmarshal(raw, &d, json.RejectUnknownMembers(true)); err != nil {
		return Definition{}, badJSON(err)
	}
	if err := d.shape(); err != nil {
		return Definition{}, err
	}
	return d, nil
}

func badJSON(err error) *BadDefinition {
	var syntax *jsontext.SyntacticError
	var meaning *json.SemanticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return &BadDefinition{string(syntax.JSONPointer), "member is written twice"}
	case errors.As(err, &syntax):
		return &BadDefinition{string(syntax.JSONPointer), "not JSON"}
	case errors.Is(err, json.ErrUnknownName) && errors.As(err, &meaning):
		return &BadDefinition{string(meaning.JSONPointer), "unknown member"}
	case errors.As(err, &meaning):
		return &BadDefinition{string(meaning.JSONPointer), "value of the wrong type"}
	}
	return &BadDefinition{"", "not JSON"}
}

// Encode is the one JSON text of a definition: equal definitions, equal bytes.
func (d Definition) Encode() []byte {
	var b bytes.Buffer
	enc := stdjson.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		panic(err) // only finite numbers and text: see shape
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

var idShape = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// reserved ids name other parts of a submission.
var reserved = []string{"code", "consent", "contact"}

// shape holds what every stored definition satisfies, drafts too.
func (d Definition) shape() error {
	bad := func(path, why string) error { return &BadDefinition{path, why} }
	for i, l := range d.Langs {
		if !l.Valid() || slices.Contains(d.Langs[:i], l) {
			return bad(fmt.Sprintf("/langs/%d", i), `languages are "zh" and "en", each once`)
		}
	}
	switch d.Verification {
	case "", Verified, Typed:
	default:
		return bad("/verification", `verification is "verified" or "typed"`)
	}
	if d.DedupeHours < 0 || d.DedupeHours > maxDedupe {
		return bad("/dedupe_hours", fmt.Sprintf("hours are 0 to %d", maxDedupe))
	}
	if d.RetentionDays < 0 || d.RetentionDays > 100_000 {
		return bad("/retention_days", "days are a small whole number")
	}
	if !plain(string(d.Scene)) || !plain(d.App) || len(d.Scene) > 64 || len(d.App) > 128 {
		return bad("", "scene and app are short ids")
	}
	for lang, t := range d.Texts {
		at := "/texts/" + pointer(string(lang))
		if !lang.Valid() {
			return bad(at, `languages are "zh" and "en"`)
		}
		all := map[string]string{
			"privacy_url": t.PrivacyURL, "privacy_text": t.PrivacyText,
			"title": t.Title,
		}
		for _, k := range textKinds {
			all[k.member] = k.get(t)
		}
		if len(t.Recipients) > maxRecipients {
			return bad(at+"/recipients", fmt.Sprintf("at most %d recipients", maxRecipients))
		}
		for i, r := range t.Recipients {
			n := "recipients/" + strconv.Itoa(i)
			all[n+"/name"], all[n+"/contact"], all[n+"/purpose"] = r.Name, r.Contact, r.Purpose
		}
		if member, why := badText(all); why != "" {
			return bad(at+"/"+member, why)
		}
	}
	if len(d.Fields) > maxFields {
		return bad("/fields", fmt.Sprintf("at most %d fields", maxFields))
	}
	seen := map[string]bool{}
	for i, f := range d.Fields {
		at := fmt.Sprintf("/fields/%d", i)
		if !idShape.MatchString(f.ID) || slices.Contains(reserved, f.ID) {
			return bad(at+"/id", "ids are small letters, digits and _, at most 32, and not code, consent or contact")
		}
		if seen[f.ID] {
			return bad(at+"/id", "another field has this id")
		}
		seen[f.ID] = true
		if member, why := f.shape(); why != "" {
			return bad(at+member, why)
		}
	}
	if n := len(d.Encode()); n > maxDefinition {
		return bad("", fmt.Sprintf("larger than %d bytes", maxDefinition))
	}
	return nil
}

// shape says which member will not do, and why; "" when all will.
func (f Field) shape() (member, why string) {
	if !slices.Contains(Kinds(), f.Kind) {
		return "/kind", "unknown kind"
	}
	for lang, t := range f.Texts {
		if !lang.Valid() {
			return "/texts", `languages are "zh" and "en"`
		}
		if m, why := badText(map[string]string{"label": t.Label, "hint": t.Hint, "format": t.Format, "error": t.Error}); why != "" {
			return "/texts/" + string(lang) + "/" + m, why
		}
	}
	if f.Kind != KindChoice && len(f.Choices) > 0 || len(f.Choices) > maxOptions {
		return "/choices", fmt.Sprintf("a choice has at most %d choices, other kinds none", maxOptions)
	}
	seen := map[string]bool{}
	for i, o := range f.Choices {
		at := "/choices/" + strconv.Itoa(i)
		if !idShape.MatchString(o.ID) || seen[o.ID] {
			return at + "/id", "ids are small letters, digits and _, at most 32, each once"
		}
		seen[o.ID] = true
		for lang, label := range o.Label {
			if !lang.Valid() {
				return at + "/label", `languages are "zh" and "en"`
			}
			if _, why := badText(map[string]string{"": label}); why != "" {
				return at + "/label/" + string(lang), why
			}
		}
	}
	if f.Kind != KindNumber && (f.Min != nil || f.Max != nil) {
		return "/min", "only a number has bounds"
	}
	for _, bound := range []*float64{f.Min, f.Max} {
		if bound != nil && !(*bound >= -1e15 && *bound <= 1e15) {
			return "/min", "bounds are numbers of at most 15 digits"
		}
	}
	if f.Min != nil && f.Max != nil && *f.Min > *f.Max {
		return "/min", "min is above max"
	}
	if f.MaxLength < 0 || f.MaxLength > maxAnswer {
		return "/max_length", fmt.Sprintf("lengths are 0 to %d", maxAnswer)
	}
	return "", ""
}

// badText finds, in the order of names, the first text that cannot be kept.
func badText(texts map[string]string) (member, why string) {
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch t := texts[name]; {
		case len(t) > maxText:
			return name, fmt.Sprintf("longer than %d bytes", maxText)
		case !plain(t):
			return name, "holds a control character"
		}
	}
	return "", ""
}

// plain reports whether a text is valid UTF-8 without control characters (line
// breaks apart) and without marks that turn the reading direction, which make a
// text look like another.
func plain(text string) bool {
	if !utf8.ValidString(text) {
		return false
	}
	for _, c := range text {
		switch {
		case c == '\n':
		case unicode.IsControl(c), c == '\u2028', c == '\u2029', c == '\ufeff', c == '\ufffe', c == '\uffff',
			c >= '\u202a' && c <= '\u202e', c >= '\u2066' && c <= '\u2069':
			return false
		}
	}
	return true
}

// pointer escapes a member's name for a JSON pointer.
func pointer(name string) string {
	out := make([]byte, 0, len(name))
	for i := range len(name) {
		switch name[i] {
		case '~':
			out = append(out, "~0"...)
		case '/':
			out = append(out, "~1"...)
		default:
			out = append(out, name[i])
		}
	}
	return string(out)
}

// in picks a text by language.
func in(l words.Lang, zh, en string) string {
	if l == words.EN {
		return en
	}
	return zh
}
