package phone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
)

// mobile is a mainland number made at run time: none stands in this repository.
func mobile(n int) string { return fmt.Sprintf("138%08d", n) }

func mustNumber(t testing.TB, n int) Number {
	t.Helper()
	v, err := Normalize(mobile(n), "")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + '！' - '!'
		}
		return r
	}, s)
}

func TestNormalize(t *testing.T) {
	m := mobile(13_1234)
	want := "+86" + m
	dashed := m[:3] + "-" + m[3:7] + "-" + m[7:]
	for _, typed := range []string{
		m, " " + m + " ", dashed, strings.ReplaceAll(dashed, "-", " "), strings.ReplaceAll(dashed, "-", "."), strings.ReplaceAll(dashed, "-", "–"),
		"+86" + m, "+86 " + dashed, "(+86)" + m, "86" + m, "0086" + m, "0086 " + dashed, "+86-" + dashed, "0" + m,
		"tel:" + m, "TEL:+86-" + dashed, wide(m), wide("+86" + dashed), "＋８６　" + m, "\u202d" + m + "\u202c", m[:3] + "\u200b" + m[3:],
		m[:3] + "\u00a0" + m[3:], "\t" + m + "\n",
	} {
		got, err := Normalize(typed, "")
		if err != nil || got.E164() != want {
			t.Errorf("%q: %q, %v", typed, got.E164(), err)
		}
	}
	for _, c := range []struct {
		typed string
		want  error
	}{
		{"", ErrShape},
		{"   ", ErrShape},
		{"+", ErrShape},
		{"abc", ErrShape},
		{m + "x", ErrShape},
		{m[:10], ErrShape},
		{m + "1", ErrShape},
		{"+" + m[:4] + "+" + m[4:], ErrShape},
		{m + ";ext=5", ErrShape},
		{"1" + strings.Repeat("0", 10), ErrShape},
		{strings.Repeat("1", 70), ErrShape},
		{"电话" + m, ErrShape},
		{m + "," + m, ErrShape},
		{"\xff" + m, ErrShape},
		{"=" + m, ErrShape},
		{"10086", ErrShape},
		{"021-" + m[3:], ErrShape},
		{"010 6" + "5" + "529988", ErrNotMobile},
		{"+852 " + "6123" + "4567", ErrRegion},
		{"+1 650 253 " + "0000", ErrRegion},
		{"+44 7911 " + "123456", ErrRegion},
		{"+999" + m[:8], ErrShape},
	} {
		got, err := Normalize(c.typed, "")
		if !errors.Is(err, c.want) || !got.IsZero() {
			t.Errorf("%q: %v, %v; want %v", c.typed, got, err, c.want)
		}
	}
}

func TestNormalizeForOtherRegions(t *testing.T) {
	hk := "6123" + "4567"
	for _, typed := range []string{hk, "+852 " + hk, "00852" + hk} {
		got, err := Normalize(typed, "HK")
		if typed[:2] == "00" {
			typed = "+" + typed[2:] // Hong Kong dials 001
			got, err = Normalize(typed, "HK")
		}
		if err != nil || got.E164() != "+852"+hk || got.National() != hk {
			t.Errorf("%q: %q, %v", typed, got.E164(), err)
		}
		if got.Mask() != "+852 ******"+hk[6:] {
			t.Errorf("mask %s", got.Mask())
		}
		back, err := ParseE164(got.E164())
		if err != nil || back != got || back.Mask() != got.Mask() {
			t.Errorf("back: %v, %v", back, err)
		}
	}
	if _, err := Normalize(mobile(1), "HK"); err == nil {
		t.Error("a mainland number was taken for Hong Kong")
	}
	if _, err := Normalize("+86"+mobile(1), "HK"); !errors.Is(err, ErrRegion) {
		t.Errorf("a mainland number for Hong Kong: %v", err)
	}
	if _, err := Normalize(mobile(1), "XX"); err == nil {
		t.Error("region XX exists")
	}
	// Canada shares a country code with the United States.
	if _, err := Normalize("+1 416 555 "+"0123", "US"); !errors.Is(err, ErrRegion) {
		t.Errorf("a Canadian number for the United States: %v", err)
	}
}

func TestParseE164(t *testing.T) {
	n := mustNumber(t, 7)
	if got, err := ParseE164(n.E164()); err != nil || got != n {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "+", mobile(7), "+86 " + mobile(7), "+86" + mobile(7) + "a", "+" + strings.Repeat("1", 16), "tel:+86" + mobile(7)} {
		if got, err := ParseE164(bad); !errors.Is(err, ErrShape) || !got.IsZero() {
			t.Errorf("%q: %v, %v", bad, got, err)
		}
	}
}

// The fast path must never accept what the library refuses, nor read it otherwise,
// and should recognise every valid number in plain form.
func TestFastPathAgreesWithTheLibrary(t *testing.T) {
	check := func(typed string) {
		t.Helper()
		s, ok := clean(typed)
		if !ok {
			t.Fatalf("%q is not clean", typed)
		}
		want, err := slow(s, "CN")
		national, fast := fastCN(s)
		if fast && (err != nil || want.National() != national) {
			t.Fatalf("fast path took %q for %q; the library says %q, %v", typed, national, want.E164(), err)
		}
		if got, gotErr := Normalize(typed, "CN"); got != want || !errors.Is(gotErr, err) {
			t.Fatalf("%q: %q, %v; the library says %q, %v", typed, got.E164(), gotErr, want.E164(), err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for prefix := range 1000 { // every 1xxx, alone and in its disguises
		rest := fmt.Sprintf("%03d%07d", prefix, random.IntN(1e7))
		check("1" + rest)
		check("+861" + rest)
		check("00861" + rest)
		check("861" + rest)
	}
	for prefix := range 100 { // 17400 and its like are decided by the fifth digit
		check(fmt.Sprintf("174%02d%06d", prefix, random.IntN(1e6)))
	}
	recognised := 0
	for range 20_000 {
		length := 5 + random.IntN(13)
		var b strings.Builder
		b.WriteString([]string{"", "", "1", "13", "+", "+86", "0086", "86", "+861", "00"}[random.IntN(10)])
		for range length {
			b.WriteByte(byte('0' + random.IntN(10)))
		}
		s := b.String()
		if _, ok := clean(s); !ok {
			continue
		}
		check(s)
		if _, ok := fastCN(s); ok {
			recognised++
		}
	}
	if recognised < 100 {
		t.Errorf("only %d random numbers took the fast path; the test tests nothing", recognised)
	}
}

func TestANumberNeverPrintsItself(t *testing.T) {
	n := mustNumber(t, 12_345_612)
	national, mask := n.National(), n.Mask()
	if want := "138******12"; mask != want {
		t.Fatalf("mask %q, want %q", mask, want)
	}
	type holder struct {
		Open   Number
		closed Number // fmt calls no method on it
		ptr    *Number
	}
	h := holder{n, n, &n}
	var logged bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(handler).Info("x", "number", n, "holder", h, "ptr", &n, "any", []any{n})
	}
	asJSON, err := json.Marshal(map[string]any{"n": n, "p": &n, "h": h, "m": map[Number]int{n: 1}})
	if err != nil {
		t.Fatal(err)
	}
	printed := []string{
		logged.String(), string(asJSON), n.String(), n.GoString(), fmt.Sprint(n), fmt.Sprint(&n), fmt.Sprint([]Number{n}),
		fmt.Errorf("x %w %v", errors.New("y"), n).Error(), fmt.Sprint(SendRequest{Number: n}), fmt.Sprintf("%#v", Claim{Number: n}),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%20s"} {
		printed = append(printed, fmt.Sprintf(verb, n), fmt.Sprintf(verb, h), fmt.Sprintf(verb, &h))
	}
	for _, p := range printed {
		for _, needle := range []string{national, national[3:9], fmt.Sprintf("%x", national)} {
			if strings.Contains(p, needle) {
				t.Errorf("the number is in %q", p)
			}
		}
	}
	if fmt.Sprint(n) != mask || !strings.Contains(logged.String(), mask) || !strings.Contains(string(asJSON), mask) {
		t.Errorf("the mask is not shown: %v %s %s", n, logged.String(), asJSON)
	}
	var zero Number
	if fmt.Sprintf("%v%s", zero, zero.E164()+zero.National()+zero.Mask()) != "" || !zero.IsZero() {
		t.Errorf("zero number prints %v", zero)
	}
	five, again, six := mustNumber(t, 5), mustNumber(t, 5), mustNumber(t, 6)
	if five != again || five == six {
		t.Error("== does not compare numbers")
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{mobile(1), "+86 " + mobile(2), "0086" + mobile(3), "tel:" + mobile(4), wide(mobile(5)), "", "+", "(010) 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Normalize(text, "")
		if err != nil {
			if !errors.Is(err, ErrShape) && !errors.Is(err, ErrRegion) && !errors.Is(err, ErrNotMobile) {
				t.Errorf("untyped error %v", err)
			}
			if !n.IsZero() {
				t.Errorf("error and number for %q", text)
			}
			return
		}
		e := n.E164()
		if len(e) != 14 || e[:4] != "+861" {
			t.Errorf("%q gave %q", text, e)
		}
		if again, err := Normalize(e, ""); err != nil || again != n {
			t.Errorf("%q is not read back: %v", e, err)
		}
		if back, err := ParseE164(e); err != nil || back != n {
			t.Errorf("%q is not parsed back: %v", e, err)
		}
	})
}

func FuzzParseE164(f *testing.F) {
	f.Add("+86" + mobile(1))
	f.Add("+85261234567")
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := ParseE164(text); err == nil && (n.E164() != text || strings.Contains(n.Mask(), n.National())) {
			t.Errorf("%q became %q, mask %q", text, n.E164(), n.Mask())
		}
	})
}

func BenchmarkNormalize(b *testing.B) {
	m := mobile(1)
	b.Run("fast", func(b *testing.B) {
		for b.Loop() {
			if _, err := Normalize(m, ""); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			if p, err := phonenumbers.Parse(m, "CN"); err != nil || !phonenumbers.IsValidNumber(p) {
				b.Fatal(err)
			}
		}
	})
}
