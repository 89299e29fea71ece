package evidence_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clew/evidence"
)

// mobile is a mainland mobile number, made here so that none stands in the sources.
func mobile(n int) string { return fmt.Sprintf("1%d%08d", 30+n%70, n%100_000_000) }

// spellings is a number as pages, addresses and logs write it.
func spellings(m string) map[string]string {
	wide := strings.Map(func(r rune) rune { return r - '0' + '０' }, m)
	escaped, entities := "", ""
	for _, r := range m {
		escaped += fmt.Sprintf(`\u%04x`, r)
		entities += fmt.Sprintf("&#%d;", r)
	}
	return map[string]string{
		"plain": m, "wide": wide, "escaped": escaped, "entities": entities,
		"spaces": m[:3] + " " + m[3:7] + " " + m[7:], "dashes": m[:3] + "-" + m[3:7] + "-" + m[7:],
		"dots": m[:3] + "." + m[3:7] + "." + m[7:], "one by one": strings.Join(strings.Split(m, ""), " "),
		"invisible": m[:5] + "\u200b" + m[5:], "plus": "+86" + m, "plus and space": "+86 " + m,
		"brackets": "+(86)" + m, "00": "0086" + m, "86": "86" + m, "0": "0" + m,
		"in an address": "?p=%2B86" + m, "after an escaped space": "q=%20" + m, "form": url.QueryEscape("+86 " + m[:3] + " " + m[3:]),
	}
}

func TestNumbersAreTakenOut(t *testing.T) {
	m := mobile(12_345_678)
	for name, s := range spellings(m) {
		for _, around := range [][2]string{{"", ""}, {"tel:", "@x"}, {`{"phone":"`, `"}`}, {"号码", "，请回电"}, {"1a", "b2"}} {
			got, n := evidence.Redact(around[0] + s + around[1])
			if n == 0 || strings.Contains(got, m[3:]) || strings.ContainsAny(strings.ReplaceAll(got, "&#", ""), "３") || !strings.HasPrefix(got, around[0]) || !strings.HasSuffix(got, around[1]) {
				t.Errorf("%s: %d, %q", name, n, got)
			}
		}
	}
	abroad := "+44 " + "7911 " + m[5:]
	landline := "010-" + "8" + m[4:]
	for _, s := range []string{abroad, "00" + strings.ReplaceAll(abroad[1:], " ", ""), landline, "0755) 8" + m[4:]} {
		if got, n := evidence.Redact("call " + s + "!"); n != 1 || got != "call ***!" {
			t.Errorf("%d, %q", n, got)
		}
	}
	if got, n := evidence.Redact(m + "," + mobile(87_654_321)); n != 2 || got != "***,***" {
		t.Errorf("two numbers: %d, %q", n, got)
	}
}

func TestOtherNumbersStay(t *testing.T) {
	for _, s := range []string{
		"", "2026-11-24T05:00:00.123Z", "1790226000123", "1790226000", "0.00123456789", `{"x":12.5,"y":844}`,
		"HTTP/1.1 200", "3.2.entry-popup", "1440 900", "110101199003070000", "v1.24.3", "a+1", "2026-11-24 13:59:12", "%E4%BD%A0%20",
	} {
		if got, n := evidence.Redact(s); n != 0 || got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

var survivor = regexp.MustCompile(`(?:^|[^0-9])(?:(?:\+|00)?86|0)?1[3-9][0-9]{9}(?:[^0-9]|$)|\+[0-9]{8,15}(?:[^0-9]|$)`)

func FuzzRedact(f *testing.F) {
	f.Add("name=", 1, "&x=1")
	f.Add("%", 2, "%20")
	f.Add("&#4", 3, "9;")
	f.Add(`"\u00`, 4, `"`)
	f.Add("1 3 8 ", 5, " 12 34")
	f.Fuzz(func(t *testing.T, before string, n int, after string) {
		if n < 0 {
			n = -(n + 1)
		}
		m := mobile(n)
		for name, s := range spellings(m) {
			got, hidden := evidence.Redact(before + "x" + s + "y" + after)
			again, more := evidence.Redact(got)
			if hidden == 0 || again != got || more != 0 {
				t.Fatalf("%s: %d; again %d", name, hidden, more)
			}
			if survivor.MatchString(got) {
				t.Fatalf("%s: a number survived in %q", name, got)
			}
			if strings.Contains(got, s) && !strings.Contains(before+after, s) {
				t.Fatalf("%s: this number survived in %q", name, got)
			}
			for _, text := range []string{got, unescape(got)} {
				if strings.Contains(text, "x"+m+"y") {
					t.Fatalf("%s: it survived resolved", name)
				}
			}
		}
	})
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		s = u
	}
	var out string
	if json.Unmarshal([]byte(`"`+s+`"`), &out) == nil {
		return out
	}
	return s
}
