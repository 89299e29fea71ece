package check

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

// A page that reads the same on several targets is judged on one of them; one that a
// conditional comment changes, in its own files or in what they import, on each of
// the kinds that there are.
func TestPagesThatReadTheSameAreJudgedOnce(t *testing.T) {
	page := `<template><view @tap="go">{{text}}</view></template><script>` + "\nimport help from '../HELP.js'\n" +
		`export default { data() { return { text: help.text } }, methods: { go() { uni.navigateTo({ url: '/pages/b' }) } } }` + "\n</script>"
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"manifest.json": `{"mp-toutiao": {"appid": "a"}, "mp-weixin": {"appid": "b"}, "mp-alipay": {"appid": "c"}}`,
		"pages.json":    `{"pages": [{"path": "pages/a"}, {"path": "pages/b"}, {"path": "pages/c"}]}`,
		"App.vue":       `<script>export default {}</script>`,
		"plain.js":      `export default { text: 'same' }`,
		"cond.js":       "// #ifdef MP-TOUTIAO\nconst text = 'here'\n// #endif\n// #ifndef MP-TOUTIAO\nconst text = 'there'\n// #endif\nexport default { text }",
		"pages/a.vue":   strings.NewReplacer("HELP", "plain").Replace(page),
		"pages/b.vue":   strings.NewReplacer("HELP", "cond").Replace(page),
		"pages/c.vue":   strings.NewReplacer("{{text}}", "<!-- #ifdef MP-ALIPAY -->x<!-- #endif --><!-- #ifdef MP-WEIXIN -->y<!-- #endif -->", "HELP", "plain").Replace(page),
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	judged := map[string]int{}
	if _, err := Run(t.Context(), fsys, Options{onPage: func(file string) { judged[file]++ }}); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"App.vue": 1, "pages/a.vue": 1, "pages/b.vue": 2, "pages/c.vue": 3}
	if !maps.Equal(judged, want) {
		t.Errorf("judged %v times, want %v", judged, want)
	}
}
