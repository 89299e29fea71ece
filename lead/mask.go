package lead

import (
	"strings"
	"unicode/utf8"

	"clew/component"
	"clew/phone"
)

// mask cuts one answer so that an agent can tell leads apart but not identify the
// person: first 3 and last 2 digits of a number (hiding only four would leave ten
// thousand candidates), the first character of a name, the host of an address.
// Free text may hold anything and is hidden whole; choices, dates, numbers and
// places are what an agent sorts by and stay.
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
	}
	return value
}
