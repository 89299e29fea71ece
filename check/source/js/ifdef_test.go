package js

import (
	"slices"
	"strings"
	"testing"
)

var conditionals = []struct{ src, want string }{
	{"a\n// #ifdef MP-WEIXIN\nb\n// #endif\nc", "a\n// #ifdef MP-WEIXIN\n \n// #endif\nc"},
	{"a\n// #ifdef MP-TOUTIAO || MP-WEIXIN\nb\n// #endif\nc", ""},
	{"a\n// #ifndef MP-TOUTIAO\nb\n// #endif\nc", "a\n// #ifndef MP-TOUTIAO\n \n// #endif\nc"},
	{"/* #ifdef H5 */ a /* #endif */ b", "/* #ifdef H5 */   /* #endif */ b"},
	{"<!-- #ifdef H5 --><a/><!-- #endif -->", "<!-- #ifdef H5 -->    <!-- #endif -->"},
	{"<b>{/* #ifdef H5 */}<a/>{/* #endif */}</b>", "<b>{/* #ifdef H5 */      /* #endif */}</b>"},
	{"//#ifdef MP\na\n//#ifdef H5\nb\n//#endif\n//#endif", "//#ifdef MP\na\n//#ifdef H5\n \n//#endif\n//#endif"},
	{"//#ifdef H5\na\n//#ifdef MP\nb\n//#endif\nc//#endif", "//#ifdef H5\n \n           \n \n        \n //#endif"},
	{"// #ifdef %PLATFORM%\n中\r\n// #endif", "// #ifdef %PLATFORM%\n   \r\n// #endif"},
	{"// #ifdef MP-TOUTIAO && uniVersion > 3.9\na\n// #endif", ""},
	{"// #ifndef uniVersion > 3.9\na\n// #endif", ""},
	{"// #ifdef !H5\na\n// #endif", ""},
	{"// #ifdef H5\na", ""},                         // open: nothing is lost
	{"a\n// #endif\nb", ""},                         // stray
	{"x = \"#ifdef H5\"; a // see #ifdef H5\n", ""}, // not at the beginning of a comment
	{"// #ifdefined H5\na\n// #endif", ""},
	{"// #ifdef mp-toutiao  the remark\na\n// #endif", ""},
}

func TestBlank(t *testing.T) {
	for _, c := range conditionals {
		want := c.want
		if want == "" {
			want = c.src
		}
		out, _ := Blank([]byte(c.src), []string{"MP-TOUTIAO"})
		if string(out) != want {
			t.Errorf("%q\ngot  %q\nwant %q", c.src, out, want)
		}
	}
}

func TestBlankKeepsTheSourceWithoutDirectives(t *testing.T) {
	src := []byte("a # b")
	if out, regions := Blank(src, nil); &out[0] != &src[0] || regions != nil {
		t.Error("copied for nothing")
	}
}

func TestPlatforms(t *testing.T) {
	src := "\na\n// #ifdef MP\nb\n// #ifndef MP-WEIXIN\nc\n// #endif\n// #endif\n// #ifdef H5\nd"
	_, regions := Blank([]byte(src), []string{"H5"})
	names := []string{"MP-TOUTIAO", "MP-WEIXIN", "H5"}
	for place, want := range map[string][]string{
		"a": names, "b": {"MP-TOUTIAO", "MP-WEIXIN"}, "c": {"MP-TOUTIAO"}, "d": names,
	} {
		if got := Platforms(regions, strings.Index(src, "\n"+place)+1, names); !slices.Equal(got, want) {
			t.Errorf("%s belongs to %v, want %v", place, got, want)
		}
	}
	if len(regions) != 3 || regions[0].Kept || regions[1].Kept || !regions[2].Kept || regions[2].Closed {
		t.Errorf("regions %+v", regions)
	}
}
