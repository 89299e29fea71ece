// Package phone keeps one promise: a number is proved by the person who holds it,
// and nobody learns anything about anyone else's.
//
// A [Number] prints as its mask wherever it is printed. [Room.SendCode] sends six
// digits by SMS after a proof of work and inside caps; [Room.Redeem] uses them up
// inside the transaction that stores the lead. The store holds numbers as blind
// index only, codes and addresses as keyed tags. Whatever a number's past is, the
// same statements run and the same answer comes back; only the caps of that very
// number (a minute, a day) can be felt from outside.
//
// Sources: OWASP ASVS 5.0 6.5 and 6.6 (codes), MITRE T1496.003 (SMS pumping),
// E.164, RFC 3966, RFC 8018 5.2 (PBKDF2).
package phone

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
	"unique"

	"github.com/nyaruka/phonenumbers"
)

var (
	// ErrShape says that a text is no phone number.
	ErrShape = errors.New("not a phone number: write it as 11 digits, spaces and dashes are fine")
	// ErrRegion says that a number belongs to another region than the one accepted.
	ErrRegion = errors.New("phone number of a region that is not accepted")
	// ErrNotMobile says that a number is valid but cannot receive a message.
	ErrNotMobile = errors.New("not a mobile number")
)

// DefaultRegion is where numbers are from when nothing else is said.
const DefaultRegion = "CN"

// Number is a mobile number. Every way of printing, logging or encoding it gives
// the mask; [Number.E164] alone gives the number. Two Numbers are == when they are
// the same number. The zero Number is none.
type Number struct {
	// Inside another struct fmt calls no method on an unexported field, but prints
	// what it finds, one pointer deep for a verb it takes for wrong. Two deep it finds
	// an address.
	h unique.Handle[coded]
}

type coded struct {
	e164 unique.Handle[string]
	code int // digits of the country code
}

func number(e164 string, code int) Number {
	return Number{unique.Make(coded{unique.Make(e164), code})}
}

// IsZero reports whether there is no number.
func (n Number) IsZero() bool { return n == Number{} }

// E164 is the number itself, "+" and up to 15 digits: for sealing, indexing and
// sending, never for showing or logging. Empty for the zero Number.
func (n Number) E164() string {
	if n.IsZero() {
		return ""
	}
	return n.h.Value().e164.Value()
}

// National is the number without its country code, as some gateways want it. The
// same care as for [Number.E164].
func (n Number) National() string {
	if n.IsZero() {
		return ""
	}
	return n.E164()[1+n.h.Value().code:]
}

// Mask shows the first 3 and last 2 digits of the national number and hides at
// least 6: 138******12. Shorter numbers lose their beginning first. Numbers from
// outside mainland China keep their country code.
func (n Number) Mask() string {
	if n.IsZero() {
		return ""
	}
	national := n.National()
	tail := min(2, max(0, len(national)-6))
	head := min(3, max(0, len(national)-6-tail))
	mask := national[:head] + strings.Repeat("*", len(national)-head-tail) + national[len(national)-tail:]
	if country := strings.TrimSuffix(n.E164(), national); country != "+86" {
		mask = country + " " + mask
	}
	return mask
}

// String is [Number.Mask], as are all the methods that follow.
func (n Number) String() string { return n.Mask() }

// GoString is [Number.Mask].
func (n Number) GoString() string { return n.Mask() }

// Format is [Number.Mask] for every verb.
func (n Number) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, n.Mask()) }

// LogValue is [Number.Mask].
func (n Number) LogValue() slog.Value { return slog.StringValue(n.Mask()) }

// MarshalText is [Number.Mask]; there is no way back from it.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.Mask()), nil }

// MarshalJSON is [Number.Mask] as a JSON string.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(`"` + n.Mask() + `"`), nil }

// maxTyped bounds what Normalize looks at, in bytes.
const maxTyped = 64

// Normalize reads a number as people type and paste it: full-width digits, spaces,
// dashes, dots and brackets, 0086, +86, tel:. region is the region (ISO 3166) whose
// mobile numbers are accepted; empty means [DefaultRegion].
//
// The error is [ErrShape], [ErrRegion] or [ErrNotMobile] and never holds the text.
func Normalize(text, region string) (Number, error) {
	if region == "" {
		region = DefaultRegion
	}
	s, ok := clean(text)
	if !ok {
		return Number{}, ErrShape
	}
	if region == DefaultRegion {
		if national, ok := fastCN(s); ok {
			return number("+86"+national, 2), nil
		}
	}
	return slow(s, region)
}

// ParseE164 reads back what [Number.E164] gave: a value we sealed ourselves. It
// checks the shape, not whether the number may be accepted today.
func ParseE164(text string) (Number, error) {
	if len(text) < 8 || len(text) > 16 || text[0] != '+' || strings.Trim(text[1:], "0123456789") != "" {
		return Number{}, ErrShape
	}
	if strings.HasPrefix(text, "+86") {
		return number(text, 2), nil
	}
	p, err := phonenumbers.Parse(text, "")
	if err != nil {
		return Number{}, ErrShape
	}
	return number(text, len(fmt.Sprint(p.GetCountryCode()))), nil
}

// slow asks the library, which knows every region's plan.
func slow(s, region string) (Number, error) {
	p, err := phonenumbers.Parse(s, region)
	if err != nil {
		return Number{}, ErrShape
	}
	want := phonenumbers.GetCountryCodeForRegion(region)
	if want == 0 || int(p.GetCountryCode()) != want {
		return Number{}, ErrRegion
	}
	if !phonenumbers.IsValidNumber(p) {
		return Number{}, ErrShape
	}
	if phonenumbers.GetRegionCodeForNumber(p) != region {
		return Number{}, ErrRegion
	}
	switch phonenumbers.GetNumberType(p) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
	default:
		return Number{}, ErrNotMobile
	}
	return number(phonenumbers.Format(p, phonenumbers.E164), len(fmt.Sprint(want))), nil
}

// clean leaves digits with at most one leading plus sign.
func clean(text string) (string, bool) {
	if len(text) > maxTyped || !utf8.ValidString(text) {
		return "", false
	}
	text = strings.TrimSpace(text)
	if len(text) >= 4 && strings.EqualFold(text[:4], "tel:") {
		text = text[4:]
	}
	out := make([]byte, 0, len(text))
	for _, r := range text {
		if r >= '！' && r <= '～' {
			r -= '！' - '!' // full-width form
		}
		switch {
		case r >= '0' && r <= '9':
			out = append(out, byte(r))
		case r == '+':
			if len(out) > 0 {
				return "", false
			}
			out = append(out, '+')
		case strings.ContainsRune("-.()‐‑‒–—−ー", r):
		// Pasted numbers carry direction marks and zero-width spaces.
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
		default:
			return "", false
		}
	}
	digits := len(out)
	if digits > 0 && out[0] == '+' {
		digits--
	}
	return string(out), digits >= 5 && digits <= 20
}
