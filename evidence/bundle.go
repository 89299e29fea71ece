package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// What a bundle may be, at most.
const (
	MaxPart   = 5 << 20  // bytes of one part
	MaxBundle = 20 << 20 // bytes of all parts
	MaxParts  = 50
)

// Format is the first member of every manifest.
const Format = "clew-evidence/1"

// Bundle is what somebody, or a tool, captured in one go.
type Bundle struct {
	Operator string // whose app it is
	App      string
	Rules    []string // ids of rules or clauses that it is about
	Page     string   // path or address that was open
	Tool     string   // name and version of what captured it
	// Steps are what was done, in order, so that it can be done again.
	Steps    []string
	From, To time.Time
	Parts    []Part // in any order
}

// Part is one file of a bundle: a screenshot, a DOM snapshot, a timeline, requests
// without their bodies, the text of a notice.
type Part struct {
	Name  string // "before.png"; lower-case letters, digits, and . _ - within
	Type  string // media type, one of [Types]
	Bytes []byte
}

// Manifest is what a bundle says of itself; its SHA-256 is the bundle's id. All texts
// are as they were after redaction.
type Manifest struct {
	Format   string    `json:"format"`
	Operator string    `json:"operator"`
	App      string    `json:"app"`
	Rules    []string  `json:"rules"`
	Page     string    `json:"page"`
	Tool     string    `json:"tool"`
	Steps    []string  `json:"steps"`
	From     time.Time `json:"from"` // UTC, milliseconds
	To       time.Time `json:"to"`
	Parts    []Listed  `json:"parts"` // by name
}

// Listed is a part as the manifest names it.
type Listed struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int    `json:"size"` // bytes, as kept
	SHA256 string `json:"sha256"`
	// Hidden is how many phone numbers were taken out before hashing.
	Hidden int `json:"hidden"`
}

// Canonical is the one JSON text of a manifest.
func (m Manifest) Canonical() []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		panic(err) // strings, numbers and times of this century
	}
	return out.Bytes()
}

// BadBundle says what is wrong with a bundle, and where. It never holds content.
type BadBundle struct{ Field, Code, Why string }

func (e *BadBundle) Error() string { return e.Field + ": " + e.Why }

// binary are the types whose bytes are kept as they are, with how such a file begins:
// no text passes for a picture.
var binary = map[string]string{
	"image/png":  "\x89PNG\r\n\x1a\n",
	"image/jpeg": "\xff\xd8\xff",
	"image/webp": "RIFF",
}

var textual = []string{"application/json", "application/x-ndjson", "application/xml", "text/css", "text/html", "text/plain"}

// Types lists the media types that a part can have.
func Types() []string {
	list := slices.Clone(textual)
	for t := range binary {
		list = append(list, t)
	}
	slices.Sort(list)
	return list
}

var (
	safeName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9_-]|\.[a-z0-9_-]){0,78}$`)
	// device names mean something else than a file on some systems.
	device = regexp.MustCompile(`^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)`)
	word   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$`)
)

// seal is a bundle with its numbers taken out: the manifest and the bytes by their
// hash.
func (b Bundle) seal(now time.Time) (m Manifest, kept map[string][]byte, err error) {
	m = Manifest{
		Format: Format, Operator: b.Operator, App: b.App, Rules: []string{}, Steps: []string{},
		From: b.From.UTC().Truncate(time.Millisecond), To: b.To.UTC().Truncate(time.Millisecond), Parts: []Listed{},
	}
	bad := func(field, code, why string, args ...any) (Manifest, map[string][]byte, error) {
		return Manifest{}, nil, &BadBundle{field, code, fmt.Sprintf(why, args...)}
	}
	if !word.MatchString(b.Operator) {
		return bad("operator", "missing", "say whose app it is")
	}
	if !word.MatchString(b.App) {
		return bad("app", "missing", "say which app it is about")
	}
	for i, r := range b.Rules {
		if !word.MatchString(r) || i >= MaxParts {
			return bad(fmt.Sprintf("rules[%d]", i), "rule", "at most %d ids of rules", MaxParts)
		}
		m.Rules = append(m.Rules, r)
	}
	slices.Sort(m.Rules)
	m.Rules = slices.Compact(m.Rules)
	var ok bool
	if m.Page, ok = line(b.Page, 1000); !ok {
		return bad("page", "text", "at most 1000 bytes on one line")
	}
	if m.Tool, ok = line(b.Tool, 200); !ok || m.Tool == "" {
		return bad("tool", "text", "name what captured it and its version, at most 200 bytes on one line")
	}
	for i, s := range b.Steps {
		s, ok := line(s, 1000)
		if !ok || i >= 500 {
			return bad(fmt.Sprintf("steps[%d]", i), "text", "at most 500 steps of 1000 bytes, each on one line")
		}
		m.Steps = append(m.Steps, s)
	}
	if b.From.Before(time.UnixMilli(1)) || b.To.Before(b.From) || b.To.After(now.Add(time.Hour)) {
		return bad("to", "time", "a capture begins, then ends, and not in the future")
	}
	if len(b.Parts) == 0 || len(b.Parts) > MaxParts {
		return bad("parts", "count", "1 to %d parts, not %d", MaxParts, len(b.Parts))
	}
	kept, total := map[string][]byte{}, 0
	for i, p := range b.Parts {
		field := fmt.Sprintf("parts[%d]", i)
		if err := CheckName(p.Name); err != nil {
			return bad(field+".name", err.Code, "%s", err.Why)
		}
		if total += len(p.Bytes); len(p.Bytes) > MaxPart || total > MaxBundle {
			return bad(field, "size", "a part has at most %d bytes, a bundle %d", MaxPart, MaxBundle)
		}
		content, hidden, why := redacted(p)
		if why != "" {
			return bad(field+".type", "type", "%s", why)
		}
		sum := sha256.Sum256(content)
		l := Listed{p.Name, p.Type, len(content), hex.EncodeToString(sum[:]), hidden}
		kept[l.SHA256] = content
		m.Parts = append(m.Parts, l)
	}
	slices.SortFunc(m.Parts, func(a, b Listed) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(m.Parts); i++ {
		if m.Parts[i].Name == m.Parts[i-1].Name {
			return bad("parts", "twice", "two parts have the same name")
		}
	}
	return m, kept, nil
}

// CheckName holds a part's name to what can be written below a folder on any system;
// nil when it can.
func CheckName(name string) *BadBundle {
	if !safeName.MatchString(name) || device.MatchString(name) {
		return &BadBundle{"name", "name", "a name is up to 80 lower-case letters, digits and - _ with single dots between, and no device's"}
	}
	if _, n := Redact(name); n > 0 {
		return &BadBundle{"name", "number", "a name holds no phone number"}
	}
	return nil
}

// redacted is a part's bytes as they are kept.
func redacted(p Part) (content []byte, hidden int, why string) {
	if head, ok := binary[p.Type]; ok {
		if !bytes.HasPrefix(p.Bytes, []byte(head)) {
			return nil, 0, "the bytes are not of that type"
		}
		return p.Bytes, 0, ""
	}
	if !slices.Contains(textual, p.Type) {
		return nil, 0, "the types are " + strings.Join(Types(), ", ")
	}
	if !utf8.Valid(p.Bytes) {
		return nil, 0, "a text must be UTF-8, or numbers in it could not be found"
	}
	text, hidden := Redact(string(p.Bytes))
	return []byte(text), hidden, ""
}

func line(s string, most int) (string, bool) {
	if len(s) > most || !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\x00") {
		return "", false
	}
	s, _ = Redact(s)
	return s, true
}
