package words

import (
	"regexp"
	"slices"
	"testing"
)

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	for _, pair := range [][2]Lang{{ZH, EN}, {EN, ZH}} {
		for key, text := range texts[pair[0]] {
			other, ok := texts[pair[1]][key]
			if !ok {
				t.Errorf("%s has no %s text", key, pair[1])
				continue
			}
			a, b := placeholder.FindAllString(text, -1), placeholder.FindAllString(other, -1)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
				t.Errorf("%s names %v in %s and %v in %s", key, a, pair[0], b, pair[1])
			}
			if text == "" {
				t.Errorf("%s is empty in %s", key, pair[0])
			}
		}
	}
}

func TestParse(t *testing.T) {
	for in, want := range map[string]Lang{
		"": ZH, "zh": ZH, "en": EN, "zh-CN,zh;q=0.9,en;q=0.8": ZH, "en-GB,en;q=0.9": EN,
		"fr-FR,en;q=0.5": EN, "fr": ZH, "zh-TW": ZH, ";;;": ZH, "en;q=0": ZH,
	} {
		if got := Parse(in); got != want {
			t.Errorf("Parse(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestTFillsNamesAndShowsWhatIsMissing(t *testing.T) {
	if got := T(EN, "no.such.key"); got != "[no.such.key]" {
		t.Errorf("missing key gave %q", got)
	}
	if got := T(EN, "days", "n", 3); got != "3 days" {
		t.Errorf("got %q", got)
	}
}
