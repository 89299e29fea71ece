package check_test

import (
	"encoding/json"
	"flag"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"clew/check"
	"clew/finding"
)

// zoo is a tree of small projects, one for each way to write one, each with a
// question for a number.
var zoo = map[string]string{
	"tt/app.json":      `{"pages": ["a/a", "b/b"], "usingComponents": {"x-sheet": "/ui/sheet"}}`,
	"tt/app.js":        "App({ globalData: { user: null }, onLaunch() { tt.login({ success: r => { this.globalData.user = r } }) } })",
	"tt/a/a.ttml":      "<import src=\"/ui/t.ttml\"/><view tt:if=\"{{ !user && ready }}\"><template is=\"t\" data=\"{{ ...user, n: 1 }}\"/></view>\n<x-sheet show=\"{{ show }}\" bind:close=\"close\"><form bindsubmit=\"send\"><input name=\"phone\" type=\"number\" bindinput=\"typed\" placeholder=\"手机号\"/><checkbox-group bindchange=\"agree\"><checkbox checked=\"{{ agreed }}\"/></checkbox-group><button form-type=\"submit\">提交</button></form></x-sheet>\n<douyin-open-clue><button open-type=\"getPhoneNumber\" bindgetphonenumber=\"take\">领取</button></douyin-open-clue>",
	"tt/a/a.js":        "const util = require('../util')\nPage({ data: { show: false, agreed: true, user: getApp().globalData.user },\n  onLoad(q) { if (!tt.getStorageSync('asked')) { setTimeout(() => this.setData({ show: true }), 500) } },\n  async onShow() { const r = await util.check(this); this.setData({ ['a.' + r]: `${r}`, ready: !r }) },\n  take(e) { if (e.detail.errMsg !== 'getPhoneNumber:ok') { tt.navigateBack(); return } util.post('/lead', e.detail) },\n  send(e) { const { phone } = e.detail.value; if (!/^1\\d{10}$/.test(phone)) return tt.showToast({ title: '号码不对' }); if (!this.data.agreed) return; util.post('/lead', { phone }).then(() => tt.navigateTo({ url: '/b/b?ok=1' })) },\n  typed(e) { this.setData({ phone: e.detail.value }) }, agree() { this.setData({ agreed: !this.data.agreed }) }, close() { this.setData({ show: false }) } })",
	"tt/a/a.ttss":      "@import '../ui/s.ttss'; .mask { position: fixed; z-index: 9 } .no { display: none }",
	"tt/util.js":       "exports.check = page => new Promise((go, no) => tt.request({ url: '/me', success(r) { r.data.ok ? go(r) : no(r) } }))\nexports.post = (url, data) => exports.check().then(() => fetch(url, { data })).catch(() => {})",
	"tt/b/b.ttml":      "<web-view src=\"{{ url }}\"/><view tt:for=\"{{ list }}\" tt:key=\"*this\">{{ item.a || '隐私政策' }}</view>",
	"tt/b/b.js":        "let n = 0\nclass P { constructor() { this.data = { list: [1, 2] } } onLoad() { for (const a of this.data.list) { switch (a) { case 1: n++; break; default: tt.showModal({ content: '手机号', success: ({ confirm }) => confirm && tt.navigateTo({ url: '../a/a' }) }) } } } }\nPage(new P())",
	"tt/ui/sheet.ttml": "<view class=\"mask\" tt:if=\"{{ show }}\" catchtap=\"shut\"><slot/></view>", "tt/ui/sheet.json": `{"component": true}`,
	"tt/ui/sheet.js":         "Component({ properties: { show: { type: Boolean, value: false } }, observers: { show(v) { this.setData({ on: v }) } }, lifetimes: { attached() { this.triggerEvent('ready') } }, methods: { shut() { this.triggerEvent('close', {}) } } })",
	"tt/ui/t.ttml":           "<template name=\"t\"><text>{{ n }}</text></template>",
	"uni/pages.json":         `{"pages": [{"path": "a/a", "style": {"navigationBarTitleText": "报名"}}], "easycom": {"custom": {"^u-(.*)": "@/ui/u-$1.vue"}}}`,
	"uni/manifest.json":      `{"mp-toutiao": {"appid": "tt1"}, "h5": {}}`,
	"uni/main.js":            "import store from './store'\nVue.prototype.$http = (u, d) => uni.request({ url: u, data: d })\nnew Vue({ store })",
	"uni/store.js":           "export default new Vuex.Store({ state: { phone: '' }, mutations: { set(s, v) { s.phone = v } }, actions: { login({ commit }) { return uni.login().then(r => commit('set', r)) } } })",
	"uni/a/a.vue":            "<template>\n<view><u-pop v-model=\"open\"><input v-model.trim=\"form.phone\" maxlength=\"11\"/></u-pop>\n<!-- #ifdef MP-TOUTIAO -->\n<button open-type=\"getPhoneNumber\" @getphonenumber=\"take($event)\">同意并登录</button>\n<!-- #endif -->\n<text v-if=\"open && !phone\" @tap=\"open = false\">跳过</text></view>\n</template>\n<script>\nimport { mapState } from 'vuex'\nexport default { data: () => ({ open: false, form: { phone: '' } }), computed: { ...mapState(['phone']) }, watch: { phone: { handler() { this.open = !this.phone }, immediate: true } }, created() { this.$store.dispatch('login'); this.$nextTick(() => { this.open = true }) },\n// #ifdef H5\nmounted() { location.href = '/h5' },\n// #endif\nmethods: { take({ detail }) { this.$http('/bind', detail) } } }\n</script>\n<style lang=\"scss\">.a { .b & { display: none } }</style>",
	"uni/b/b.vue":            "<script setup lang=\"ts\">\nimport { ref, onMounted } from 'vue'\nconst show = ref<boolean>(false)\nconst props = defineProps<{ a?: string }>()\nonMounted(() => { show.value = !props.a })\n</script>\n<template><view v-show=\"show\"/></template>",
	"uni/ui/u-pop.vue":       "<template><view v-if=\"value\" class=\"popup\"><slot/></view></template><script>export default { props: ['value'], methods: { close() { this.$emit('input', false) } } }</script>",
	"taro/package.json":      `{"dependencies": {"@tarojs/taro": "3", "react": "18"}}`,
	"taro/src/app.config.ts": "export default defineAppConfig({ pages: ['pages/a/a'] })",
	"taro/src/app.tsx":       "export default function App(p: { children: any }) { return p.children }",
	"taro/src/pages/a/a.tsx": "import Taro, { useLoad } from '@tarojs/taro'\nimport { View, Button } from '@tarojs/components'\nimport Pop from '../../pop'\nexport default function A() {\n  const [open, setOpen] = useState<boolean>(false)\n  useLoad(() => { Taro.getStorage({ key: 'a' }).then(r => setOpen(!r.data)) })\n  useEffect(() => { if (open) Taro.showModal({ title: '授权' }) }, [open])\n  return <View>{open ? <Pop onClose={() => setOpen(false)}><Button openType=\"getPhoneNumber\" onGetPhoneNumber={e => Taro.request({ url: '/a', data: e.detail })}>领取</Button></Pop> : null}</View>\n}",
	"taro/src/pop.tsx":       "export default class Pop extends React.Component<{ onClose(): void }> { state = { on: true }; render() { return this.state.on && <View onClick={this.props.onClose}>{this.props.children}</View> } }",
	"web/index.html":         "<!doctype html><form onsubmit=\"return send(this)\"><input type=\"tel\" name=\"phone\" required><label><input type=\"checkbox\" checked>同意<a href=\"privacy.html\">隐私政策</a></label><button>提交</button></form><script>\nfunction send(f) { if (!f.phone.value) { alert('请填写'); return false } $.post('/lead', $(f).serialize()) }\n$(function () { $('#pop').show() })\n</script>",
}

// FuzzRun changes one file of the zoo. Whatever it holds, a run ends, says the same
// twice, and points at places that are there.
func FuzzRun(f *testing.F) {
	names := slices.Sorted(maps.Keys(zoo))
	for i, name := range names {
		f.Add(uint8(i), []byte(zoo[name]))
	}
	rules := every()
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		tree := disk(zoo)
		name := names[int(which)%len(names)]
		tree[name] = &fstest.MapFile{Data: data}
		once := judge(t, tree, check.Options{Rules: rules})
		for _, n := range once.Notes {
			if n.Code == check.NoteInternal {
				t.Fatalf("%s: %s", n.File, n.Detail)
			}
		}
		if a, b := written(t, once), written(t, judge(t, tree, check.Options{Rules: rules})); a != b {
			t.Fatalf("two runs differ:\n%s\n%s", a, b)
		}
	})
}

func written(t *testing.T, r *finding.Report) string {
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	mutations = flag.Int("mutations", 150, "how many changed trees TestMutations runs on")
	seed      = flag.Uint64("seed", 1, "of the first of them")
)

var token = regexp.MustCompile(`[\p{L}\p{N}_$]+|\s+|.`)

// TestMutations changes the zoo as no fuzzer of bytes would: whole tokens are left
// out, doubled, exchanged, or taken from another file.
func TestMutations(t *testing.T) {
	names := slices.Sorted(maps.Keys(zoo))
	tokens := map[string][]string{}
	for _, name := range names {
		tokens[name] = token.FindAllString(zoo[name], -1)
	}
	rules := every()
	for n := range *mutations {
		random := rand.New(rand.NewPCG(*seed+uint64(n), 7))
		tree := disk(zoo)
		var changed []string
		for range 1 + random.IntN(3) {
			name := names[random.IntN(len(names))]
			list := slices.Clone(tokens[name])
			other := tokens[names[random.IntN(len(names))]]
			for range 1 + random.IntN(6) {
				at := random.IntN(len(list))
				switch random.IntN(6) {
				case 0:
					list = slices.Delete(list, at, min(len(list), at+1+random.IntN(8)))
				case 1:
					list = slices.Insert(list, at, slices.Clone(list[at:min(len(list), at+1+random.IntN(30))])...)
				case 2:
					to := random.IntN(len(list))
					list[at], list[to] = list[to], list[at]
				case 3:
					list[at] = other[random.IntN(len(other))]
				case 4:
					from := random.IntN(len(other))
					list = slices.Insert(list, at, other[from:min(len(other), from+random.IntN(40))]...)
				case 5:
					list = list[:at+1]
				}
				if len(list) == 0 {
					list = []string{" "}
				}
			}
			tree[name] = &fstest.MapFile{Data: []byte(strings.Join(list, ""))}
			changed = append(changed, name)
		}
		before := t.Failed()
		once := judge(t, tree, check.Options{Rules: rules})
		for _, note := range once.Notes {
			if note.Code == check.NoteInternal {
				t.Errorf("%s: %s", note.File, note.Detail)
			}
		}
		if a, b := written(t, once), written(t, judge(t, tree, check.Options{Rules: rules})); a != b {
			t.Errorf("two runs differ:\n%s\n%s", a, b)
		}
		if t.Failed() && !before {
			for _, name := range changed {
				t.Logf("seed %d: %s:\n%s", *seed+uint64(n), name, tree[name].Data)
			}
		}
	}
}
