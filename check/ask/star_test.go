package ask

import (
	"slices"
	"testing"
)

func TestStarClasses(t *testing.T) {
	for text, want := range map[string][]string{
		`.label::after { content: "*"; color: red }`:                               {"label"},
		`.a .b.must:before{color:red;content:'*'}.c:before{content:""}`:            {"must"},
		`.row { color: red; &.need::before { content: "*" } .x { top: 0 } }`:       {"need"},
		`.row { .name { &::before { content: '*' } } }`:                            {"name"},
		`/* .old::before { content: "*" } */ .new { color: red }`:                  nil,
		`@media (min-width: 1px) { .wide::after { top: 0; content: "\2a" } } .z{}`: {"wide"},
		`} { content: "*" ; }`: nil,
	} {
		if got := starClasses(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func FuzzStarClasses(f *testing.F) {
	f.Add(`.a{&::before{content:"*"}}`)
	f.Fuzz(func(t *testing.T, text string) { starClasses(text) })
}

func TestStarred(t *testing.T) {
	for s, want := range map[string]bool{
		"*": true, "＊": true, "手机号 *": true, "*姓名": true, "手机号*：": true, "姓名": false, "": false,
		"*最终解释权归商家所有，详询门店。": false, "公章每枚 180 元起*": false,
	} {
		if starred(s) != want {
			t.Errorf("%q: %v, want %v", s, !want, want)
		}
	}
}
