package check

import (
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// What eachQuoted, eachPath and eachTag find, as regular expressions.
var found = []struct {
	expr *regexp.Regexp
	each func(string, func(string))
}{
	{regexp.MustCompile("[\"'`]([^\"'`\\s{}<>$;]{2,200})[\"'`]"), eachQuoted},
	{regexp.MustCompile(`(?:src|href|url)=([^\s"'>]+)`), eachPath},
	{regexp.MustCompile(`<([A-Za-z][\w.-]*)`), eachTag},
}

func sameRefs(t *testing.T, text string) {
	t.Helper()
	for _, one := range found {
		var want, got []string
		for _, m := range one.expr.FindAllStringSubmatch(text, -1) {
			want = append(want, m[1])
		}
		one.each(text, func(s string) { got = append(got, s) })
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: found %q, want %q", text, got, want)
		}
	}
}

func TestRefs(t *testing.T) {
	for _, text := range []string{
		"", `"`, `import a from '../a.js'; b("x", 'yy"zz')`, `"ab"cd"`, `""ab""`, `<image src="/a.png"/><a href=b.html>`, `src=url=x href=`, "url='src=a'",
		`"` + strings.Repeat("长", 200) + `"`, `"` + strings.Repeat("a", 201) + `"b"`, "<a<b-c.d/><1><", `"a` + "\xff" + `b"`, "`a$`b/c`", "'ab",
	} {
		sameRefs(t, text)
	}
	parts := []string{`"`, "'", "`", "a", "/b", " ", "\n", "src", "href", "url", "=", "<", ">", "x-y", "9", "长", "\xe9", "{", ";"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var b strings.Builder
		for range r.IntN(14) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		sameRefs(t, b.String())
	}
}

func FuzzRefs(f *testing.F) {
	f.Add(`<a src=b href='c/d'>"e.js"`)
	f.Fuzz(sameRefs)
}
