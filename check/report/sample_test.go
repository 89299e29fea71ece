package report

import (
	"strings"
	"testing"

	"clew/finding"
)

// tree is a small invented project: a house page that asks on entry, a car page
// whose box of consent is ticked beforehand, a login that takes a lead's number.
var tree = map[string]string{
	"pages/house/house.ttml": `<view class="page">
	<image src="{{cover}}" mode="aspectFill" />
	<text class="title">静安区 两室一厅 南北通透</text>
	<lead-sheet tt:if="{{showPhone}}" title="查看房源需要手机号" bind:done="onDone" />
</view>
`,
	"pages/house/house.js": `import { checkUser } from '../../utils/user'

Page({
  data: { showPhone: false },

  onLoad() {
    this.prepare()
  },

  prepare() {
    checkUser(known => {
      if (!known) this.setData({ showPhone: true })
    })
  },

  onDone(e) { this.login(e.detail) },
})
`,
	"utils/user.js": `export function checkUser(then) {
  const user = tt.getStorageSync('user')
  then(Boolean(user && user.phone))
}
`,
	"pages/car/car.ttml": `<form bindsubmit="submit">
  <input name="phone" placeholder="手机号" />
  <label><checkbox
      checked="{{true}}"
      value="agree"
    />我同意《个人信息保护说明》</label>
  <button form-type="submit" class="go">免费试驾</button>
</form>
`,
	"pages/mine/bundle.js": strings.Repeat("function a(b){return b&&b.c?b.c(1):null}", 40) +
		"tt.request({url:base+'/user/login',data:{phone:e.detail.phone}})" + strings.Repeat(";var d=[1,2,3]", 60) + "\n",
}

func source(file string) ([]byte, bool) {
	text, ok := tree[file]
	return []byte(text), ok
}

// on is the place of what, once in its file.
func on(t testing.TB, file, what string) finding.Place {
	t.Helper()
	text := tree[file]
	if strings.Count(text, what) != 1 {
		t.Fatalf("%q is not in %s exactly once", what, file)
	}
	i := strings.Index(text, what)
	p := finding.Place{File: file, Start: i, End: i + len(what)}
	spot := func(offset int) (line, column int) {
		before := text[:offset]
		begin := strings.LastIndexByte(before, '\n') + 1
		column = 1
		for _, r := range before[begin:] {
			if column++; r > 0xFFFF {
				column++
			}
		}
		return 1 + strings.Count(before, "\n"), column
	}
	p.Line, p.Column = spot(p.Start)
	p.EndLine, p.EndColumn = spot(p.End)
	return p
}

func sample(t testing.TB) *finding.Report {
	step := func(file, what, zh, en string) finding.Step {
		return finding.Step{Place: on(t, file, what), Message: finding.Say(zh, en)}
	}
	const house, script = "pages/house/house.ttml", "pages/house/house.js"
	r := &finding.Report{
		Tool: "clew check", Version: "1.4.0", Edition: "2026-01", Root: "shop", Reading: "strict",
		Rules: []finding.Rule{
			{
				ID: "entry_popup", Clause: "3.2.entry-popup",
				Title: finding.Say("进入页面就弹窗", "Pop-up on entry"),
				Summary: finding.Say("规范 3.2 禁止进入落地页之后立即弹窗：用户还没有看到内容，不知道留下手机号能得到什么。弹窗应当由用户点击“免费咨询”这样的入口触发。",
					"Clause 3.2 forbids a pop-up right after a landing page is entered: the person has seen nothing yet and cannot know what the number is for. A tap on something like “Ask for free” may open it."),
				Help: finding.Say("# 进入页面就弹窗\n\n不要在 `onLoad` 里打开。", "# Pop-up on entry\n\nDo not open it in `onLoad`."),
			},
			{
				ID: "preticked_consent", Clause: "3.1.1.consent",
				Title:   finding.Say("同意框预先勾选", "Consent ticked beforehand"),
				Summary: finding.Say("同意必须由用户自己作出；预先勾选的框不是同意。", "Consent is an act of the person's own; a box that is ticked beforehand is none."),
			},
			{
				ID: "not_for_login", Clause: "3.3.scope",
				Title:   finding.Say("线索手机号用于登录", "A lead's number used for login"),
				Summary: finding.Say("线索组件只能用于留资，不能用于登录、绑定、下单或换取权益。", "The lead component is for leads only: not for login, binding, orders or benefits."),
			},
		},
		Findings: []finding.Finding{
			{
				Rule: "preticked_consent", Clause: "3.1.1.consent", Verdict: finding.Violation, Capability: finding.TypedForm,
				Message: finding.Say("同意框一出现就是勾选的。", "The box of consent is ticked as soon as it appears."),
				Place:   on(t, "pages/car/car.ttml", "<checkbox\n      checked=\"{{true}}\"\n      value=\"agree\"\n    />"),
				Fix:     &finding.Fix{Message: finding.Say("去掉 checked，让用户自己勾选。", "Take checked away and let the person tick it.")},
			},
			{
				Rule: "entry_popup", Clause: "3.2.entry-popup", Verdict: finding.Violation, Capability: finding.ClueForm,
				Message: finding.Say("进入页面后用户什么都没有点，就弹出了索要手机号的弹窗。", "A sheet that asks for the phone number opens on entry, before the person has tapped anything."),
				Place:   on(t, house, `<lead-sheet tt:if="{{showPhone}}" title="查看房源需要手机号" bind:done="onDone" />`),
				Path: []finding.Step{
					step(script, "onLoad()", "进入页面，onLoad 自动执行", "the page is entered, onLoad runs by itself"),
					step(script, "this.prepare()", "调用 prepare", "calls prepare"),
					step("utils/user.js", "then(Boolean(user && user.phone))", "本机没有存过手机号，回调得到 false", "nothing is stored on this device, the callback gets false"),
					step(script, "this.setData({ showPhone: true })", "setData 把 showPhone 设为 true", "setData turns showPhone on"),
					step(house, `tt:if="{{showPhone}}"`, "弹窗显示", "the sheet is shown"),
				},
				Platforms: []string{"mp-toutiao", "mp-weixin"},
				Fix:       &finding.Fix{Message: finding.Say("不要在 onLoad 里打开弹窗；在页面上放一个“免费咨询”按钮，用户点了再打开。", "Do not open the sheet in onLoad; put a button such as “Ask for free” on the page and open it when it is tapped.")},
			},
			{
				Rule: "not_for_login", Clause: "3.3.scope", Verdict: finding.Review, Capability: finding.GeneralPhone,
				Message: finding.Say("手机号发给了 /user/login，看起来用于登录；这个文件是压缩过的，变量 base 从哪里来看不出。", "The number goes to /user/login and seems to log in; the file is minified and where base comes from cannot be seen."),
				Place:   on(t, "pages/mine/bundle.js", "tt.request({url:base+'/user/login',data:{phone:e.detail.phone}})"),
				Path: []finding.Step{
					{Place: finding.Place{File: "pages/mine/mine.ttml"}, Message: finding.Say("用户同意授权手机号", "the person allows the phone number")},
					step("pages/mine/bundle.js", "{phone:e.detail.phone}", "手机号作为参数发出", "the number is sent as a parameter"),
				},
				Fix: &finding.Fix{Message: finding.Say("登录用平台的登录能力；线索只发给收线索的接口。", "Log in by the platform's own login; send a lead only to what takes leads.")},
			},
			{
				Rule: "preticked_consent", Clause: "3.1.1.consent", Verdict: finding.Pass,
				Message: finding.Say("没有别的同意框。", "There is no other box of consent."), Place: finding.Place{File: "pages/mine/mine.ttml"},
			},
		},
		Suppressed: []finding.Suppressed{{
			Finding: finding.Finding{
				Rule: "entry_popup", Clause: "3.2.entry-popup", Verdict: finding.Violation,
				Message: finding.Say("进入页面就弹出更新提示。", "A notice of an update opens on entry."), Place: on(t, "utils/user.js", "tt.getStorageSync('user')"),
			},
			Kind: "source", Reason: "更新提示，不收手机号", Place: &finding.Place{File: "utils/user.js", Line: 1, Column: 1},
		}},
		Notes: []finding.Note{
			{Code: "no-page", File: "pages/old/old", Message: finding.Say("app.json 列出了这个页面，但没有它的文件。", "app.json lists this page, but it has no files.")},
			{Code: "too-large", File: "static/vendor.js", Message: finding.Say("文件太大，没有读。", "The file is too large and was not read."), Detail: "52428800 > 8388608", Incomplete: true},
		},
		Looked: finding.Looked{Projects: 1, Pages: 14, Files: 63, Bytes: 1_284_113, Reused: 9},
	}
	for i := range r.Findings {
		r.Findings[i].Stamp(r.Findings[i].Rule)
	}
	r.Suppressed[0].Finding.Stamp("x")
	return r
}
