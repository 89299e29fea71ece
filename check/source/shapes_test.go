package source

import "testing"

// Shapes of projects that are met in the wild and that no manual shows.
func TestShapes(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"one ../ too many stops at the top of the program": {
			map[string]string{
				"mini/app.json":       `{"pages": ["a/a"], "usingComponents": {"v-b": "../../ui/b/b"}}`,
				"mini/app.js":         "App({})",
				"mini/a/a.wxml":       "<v-b/><v-c/><v-d/>",
				"mini/a/a.js":         "Page({})",
				"mini/a/a.json":       `{"usingComponents": {"v-c": "../../../ui/c/c", "v-d": "/../ui/b/b"}}`,
				"mini/ui/b/b.wxml":    "<b/>",
				"mini/ui/b/b.js":      "Component({})",
				"mini/ui/c/c.wxml":    "<b/>",
				"mini/ui/c/c.js":      "Component({})",
				"other/ui/none.jsonc": "{}",
			},
			`mini native base mini [mp-weixin] 9 files app mini/app.js
  page a/a: mini/a/a.wxml mini/a/a.js - mini/a/a.json entry <v-c>=ui/c/c <v-d>=ui/b/b
  component ui/b/b: mini/ui/b/b.wxml mini/ui/b/b.js - -
  component ui/c/c: mini/ui/c/c.wxml mini/ui/c/c.js - -
`,
		},
		"a list with empty lines, bare keys and backslashes": {
			map[string]string{
				"app.json":      "{\n \"pages\": [\n\n \"pages\\\\a\\\\a\",\n\n\n ,\n 'b/b'\n\n],, window: {navigationBarTitleText: '订车'}\n /* end */ }",
				"app.js":        "App({})",
				"pages/a/a.js":  "Page({})",
				"pages/a/a.qml": "<a/>",
				"b/b.qml":       "<a/>",
				"b/b.js":        "Page({})",
			},
			`. native base . [mp-qq] 6 files app app.js
  page pages/a/a: pages/a/a.qml pages/a/a.js - - entry 订车
  page b/b: b/b.qml b/b.js - - 订车
`,
		},
		"uni-app with subpackages only": {
			map[string]string{
				"pages.json":    `{"subPackages": [{"root": "sub", "pages": [{"path": "a/a"}]}]}`,
				"manifest.json": `{"mp-toutiao": {"appid": "tt1"}}`,
				"sub/a/a.vue":   "<template><a/></template>",
			},
			`. uni-app base . [mp-toutiao] 3 files
  page sub/a/a: sub/a/a.vue sub/a/a.vue - - entry in sub
`,
		},
		"uni-app for the web and more": {
			map[string]string{
				"pages.json":    `{"pages": [{"path": "a/a"}]}`,
				"manifest.json": `{"mp-toutiao": {"appid": ""}, "h5": {}}`,
				"a/a.vue":       "<template><!-- #ifdef H5 --><a/><!-- #endif --></template>",
			},
			`. uni-app base . [h5 mp-toutiao] 3 files
  page a/a: a/a.vue a/a.vue - - entry
`,
		},
		"uni-app whose list of pages is made by its build": {
			map[string]string{
				"package.json":               `{"dependencies": {"@dcloudio/uni-app": "3", "vue": "3"}}`,
				"pages.config.ts":            "export default defineUniPages({ globalStyle: { navigationBarTitleText: '首页' } })",
				"src/App.vue":                "<script setup></script>",
				"src/pages/a/index.vue":      "<template><a/></template>",
				"src/pages-sub/b/b.vue":      "<template><a/></template>",
				"src/pages/components/c.vue": "<template><a/></template>",
			},
			`. uni-app base src [] 6 files app src/App.vue
  page pages-sub/b/b: src/pages-sub/b/b.vue src/pages-sub/b/b.vue - - by-convention
  page pages/a/index: src/pages/a/index.vue src/pages/a/index.vue - - by-convention
  component pages/components/c: src/pages/components/c.vue src/pages/components/c.vue - -
`,
		},
		"Taro written in .js": {
			map[string]string{
				"package.json":      `{"dependencies": {"@tarojs/taro": "2"}}`,
				"src/app.js":        "import Taro from '@tarojs/taro'\nclass App extends Taro.Component { config: any = { pages: ['pages/a/a'] }; render() { return <A/> } }",
				"src/pages/a/a.js":  "import { View } from '@tarojs/components'\nexport default () => <View/>",
				"src/ui/form.js":    "import { View } from '@tarojs/components'\nexport default () => <View></View>",
				"src/lib/number.js": "import Taro from '@tarojs/taro'\nexport const n = 1",
			},
			`. taro base src [] 5 files app src/app.js
  page pages/a/a: src/pages/a/a.js src/pages/a/a.js - - entry
  component ui/form: src/ui/form.js src/ui/form.js - -
`,
		},
		"Taro with a list chosen by its code": {
			map[string]string{
				"package.json":          `{"dependencies": {"@tarojs/taro": "3"}}`,
				"src/app.config.ts":     "const all = ['pages/a/index', 'pages/b/index']\nconst pages = web ? all.slice(1) : all\nexport default { pages, window: {} }",
				"src/app.jsx":           "export default (p) => p.children",
				"src/pages/a/index.jsx": "export default () => <View/>",
				"src/pages/a/part.jsx":  "export default () => <View/>",
				"src/pages/b/index.jsx": "export default () => <View/>",
			},
			`. taro base src [] 6 files app src/app.jsx
  page pages/a/index: src/pages/a/index.jsx src/pages/a/index.jsx - - by-convention
  component pages/a/part: src/pages/a/part.jsx src/pages/a/part.jsx - -
  page pages/b/index: src/pages/b/index.jsx src/pages/b/index.jsx - - by-convention
! computed-config src/app.config.ts ` + `
`,
		},
		"Taro with a computed list": {
			map[string]string{
				"package.json":               `{"dependencies": {"@tarojs/taro": "3"}}`,
				"src/app.config.js":          "const list = require('./routes')\nmodule.exports = list.config",
				"src/app.jsx":                "export default (p) => p.children",
				"src/pages/a/index.jsx":      "export default () => <View/>",
				"src/components/b/index.jsx": "export default () => <View/>",
			},
			`. taro base src [] 5 files app src/app.jsx
  component components/b/index: src/components/b/index.jsx src/components/b/index.jsx - -
  page pages/a/index: src/pages/a/index.jsx src/pages/a/index.jsx - - by-convention
! computed-config src/app.config.js ` + `
`,
		},
	} {
		if got := tell(load(t, files(c.files), Options{})); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
}
