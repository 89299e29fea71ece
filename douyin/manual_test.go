package douyin

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"clew/words"
)

// What the manual lists is what is served, in both languages: calls with their hosts
// and tokens, and every code.
func TestTheManualListsWhatIsServed(t *testing.T) {
	call := regexp.MustCompile("(?m)^\\| `(GET|POST|DELETE)` \\| `([^`]+)` \\| `([^`]+)` \\| (yes|no|是|否) \\| .")
	code := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| (-?[0-9]+) \\| (-?[0-9]*) ?\\| (-?[0-9]*) ?\\| .")
	var calls, codes []string
	for _, c := range Calls() {
		calls = append(calls, fmt.Sprint(c.Method, " ", c.Path, " ", c.Host, " ", c.Token))
	}
	shown := func(n int) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	for _, c := range Codes() {
		codes = append(codes, strings.Join([]string{string(c.Refusal), fmt.Sprint(c.No), shown(c.Legacy), shown(c.OAuth)}, " "))
		if c.Source == "" {
			t.Errorf("%s: nobody documents it", c.Refusal)
		}
		if !words.Has("wire." + string(c.Refusal)) {
			t.Errorf("%s has no words", c.Refusal)
		}
	}
	for _, page := range []string{"wire.md", "wire.zh-CN.md"} {
		text, err := os.ReadFile("../docs/manual/" + page)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			got = append(got, fmt.Sprint(m[1], " ", m[2], " ", m[3], " ", m[4] == "yes" || m[4] == "是"))
		}
		if !slices.Equal(got, calls) {
			t.Errorf("%s lists\n%s\nserved are\n%s", page, strings.Join(got, "\n"), strings.Join(calls, "\n"))
		}
		got = nil
		for _, m := range code.FindAllStringSubmatch(string(text), -1) {
			got = append(got, strings.Join(m[1:], " "))
		}
		if !slices.Equal(got, codes) {
			t.Errorf("%s lists\n%s\nthere are\n%s", page, strings.Join(got, "\n"), strings.Join(codes, "\n"))
		}
	}
}
