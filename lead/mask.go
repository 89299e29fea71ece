package lead

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"clew/component"
	"clew/phone"
)

// mask cuts one answer so that an agent can tell leads apart but not identify the
// person: first 3 and last 2 digits of a number (hiding only four would leave ten
// thousand candidates), the first character of a name, the host of an address.
// Free text may hold anything and is hidden whole; choices, dates, places and
// numbers too short to be somebody's are what an agent sorts by and stay.
func mask(kind component.Kind, value string) string {
	switch kind {
	case component.KindPhone:
		n, err := phone.ParseE164(value)
		if err != nil {
			return "***"
		}
		return n.Mask()
	case component.KindName:
		first, _ := utf8.DecodeRuneInString(value)
		return string(first) + "**"
	case component.KindEmail:
		if i := strings.LastIndexByte(value, '@'); i >= 0 {
			return "***" + value[i:]
		}
		return "***"
	case component.KindText:
		return "***"
	case component.KindNumber:
		return withoutNumbers(value)
	}
	return value
}

// numberDigits is how many digits in a row may be somebody's phone number; a date
// has eight.
const numberDigits = 9

// withoutNumbers cuts whatever may be a phone number out of a text that the page
// around the form chose. Such texts are stored in the clear, and a page may know
// who is in front of it. Digits of any script count, grouped or not.
func withoutNumbers(s string) string {
	var out, run []rune
	digits := 0
	end := func() {
		if digits >= numberDigits {
			run = []rune("…")
		}
		out, run, digits = append(out, run...), nil, 0
	}
	for _, c := range s {
		switch {
		case unicode.IsDigit(c):
			digits++
			run = append(run, c)
		case digits > 0 && (unicode.IsSpace(c) || strings.ContainsRune("-_.()/", c)):
			run = append(run, c)
		default:
			end()
			out = append(out, c)
		}
	}
	end()
	return string(out)
}
