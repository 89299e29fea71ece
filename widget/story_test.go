package widget_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"clew/browsertest"
)

// watch records, as a curious host page would, every event of ours and every key
// and text that reaches the document.
const watch = `
window.events = []; window.leaks = []; window.shifts = 0
for (const type of ['clew-open', 'clew-refuse', 'clew-submit', 'clew-unavailable'])
	document.addEventListener(type, e => events.push(type + ' ' + JSON.stringify(e.detail)))
for (const type of ['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'change', 'paste', 'compositionend', 'submit'])
	document.addEventListener(type, e => leaks.push(type + ' ' + (e.key ?? e.data ?? '')), true)
new PerformanceObserver(list => { for (const e of list.getEntries()) shifts += e.value }).observe({type: 'layout-shift', buffered: true})
`

const (
	trigger = "@button 免费咨询"
	box     = "@checkbox 我已阅读以上说明"
	submit  = "button.main"
)

// open starts a page with f's element on it, the sheet still closed.
func open(t *testing.T, f *fake, screen browsertest.Screen) *browsertest.Page {
	t.Helper()
	p := browsertest.Start(t).Page(t, screen)
	p.Before(watch)
	p.Goto(start(t, f).Page)
	return p
}

func events(p *browsertest.Page) []string {
	return browsertest.Eval[[]string](p, "window.events")
}

func wantEvents(t *testing.T, p *browsertest.Page, want ...string) {
	t.Helper()
	p.Until(fmt.Sprintf("%d events", len(want)), func() bool { return len(events(p)) >= len(want) })
	if got := events(p); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("events are %v, want %v", got, want)
	}
}

// Only a person's own tap opens the sheet; every way out closes it, records one
// refusal, gives the focus back and leaves the page as it was.
func TestOpensOnTapAndAlwaysCloses(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(p *browsertest.Page){
		"escape":   func(p *browsertest.Page) { p.Press("Escape") },
		"button":   func(p *browsertest.Page) { p.Tap("@button 关闭") },
		"backdrop": func(p *browsertest.Page) { p.TapXY(195, 30) },
		"decline":  func(p *browsertest.Page) { p.Tap("@button 不提交，关闭") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{}
			p := open(t, f, browsertest.Phone)
			p.See("免费咨询")
			if p.Count("dialog") != 0 {
				t.Fatal("the sheet is open on arrival")
			}
			browsertest.Eval[bool](p, "scrollTo(0, 60), true")
			for round := 1; round <= 2; round++ {
				p.Tap(trigger)
				p.See("免费咨询购车方案")
				p.FocusAt("@heading 免费咨询购车方案")
				browsertest.Eval[bool](p, "scrollTo(0, 300), true")
				leave(p)
				p.Gone("dialog")
				p.FocusAt(trigger)
				p.Until("the page to be where it was", func() bool { return browsertest.Eval[int](p, "scrollY") == 60 })
				p.Until("a refusal", func() bool { return len(f.sent("refusals")) == round })
			}
			p.Tap("#own") // the page works on
			got := f.sent("refusals")[0].Body
			if got["stage"] != "notice" || fmt.Sprint(got["gesture"]) != "map[kind:tap]" {
				t.Errorf("the refusal is %v", got)
			}
			wantEvents(t, p, "clew-open {}", `clew-refuse {"stage":"notice"}`, "clew-open {}", `clew-refuse {"stage":"notice"}`)
			p.Quiet()
		})
	}
}

func TestScriptsCannotOpen(t *testing.T) {
	t.Parallel()
	p := open(t, &fake{}, browsertest.Desktop)
	p.See("免费咨询")
	browsertest.Eval[bool](p, `(() => {
		const lead = document.querySelector('clew-lead'), own = document.querySelector('#own')
		lead.click(); lead.open(); lead.open({isTrusted: true, type: 'click', eventPhase: 2})
		lead.open(new MouseEvent('click'))
		lead.open(Object.create(MouseEvent.prototype, {isTrusted: {value: true}, type: {value: 'click'}, eventPhase: {value: 2}, composedPath: {value: () => [own]}}))
		own.addEventListener('click', e => lead.open(e)); own.click()
		lead.dispatchEvent(new MouseEvent('click', {bubbles: true, composed: true}))
		lead.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))
		lead.focus()
		// A trusted event that is none of a control's, and a trusted click kept for later.
		document.querySelector('h1').addEventListener('click', e => { window.kept = e; lead.open(e) })
		return true })()`)
	if browsertest.Eval[bool](p, "document.querySelector('clew-lead').shadowRoot !== null") {
		t.Error("the shadow root is open")
	}
	p.Tap("h1")
	browsertest.Eval[bool](p, "document.querySelector('clew-lead').open(kept), true")
	if p.Count("dialog") != 0 || len(events(p)) != 0 {
		t.Fatalf("a script opened the sheet: %v", events(p))
	}
	// The page's own button may, while the person's click on it is being handled.
	p.Tap("#own")
	p.See("提交前请先了解")
	p.Press("Escape")
	p.Until("the focus on the page's button", func() bool { return p.Focus() == "@button ASK NOW" || p.Focus() == "@button Ask now" })
	p.Quiet()
}

// Typing sends nothing; neither does asking for a code or submitting before consent.
// That the trigger was seen and pressed is counted, and says nothing else (fake.events).
func TestNothingIsSentBeforeConsent(t *testing.T) {
	t.Parallel()
	f := &fake{}
	p := open(t, f, browsertest.Phone)
	p.Tap(trigger)
	p.Type("@textbox 手机号 必填", number(1))
	p.Type("@textbox 称呼 选填", "小王")
	p.See("勾选同意并填写手机号后")
	if p.Attr("@button 获取验证码", "aria-disabled") != "true" {
		t.Error("a code may be asked for before consent")
	}
	p.Tap("@button 获取验证码")
	p.See("请修改以下内容")
	p.Tap(submit)
	p.FocusAt("@group 请修改以下内容")
	for _, r := range p.Requests() {
		if strings.Contains(r.URL, "/v1/public/") && (r.Method != "GET" || !strings.HasSuffix(r.URL, "/components/cmp_1?lang=zh")) && !strings.HasSuffix(r.URL, "/components/cmp_1/events") {
			t.Errorf("sent before consent: %s %s", r.Method, r.URL)
		}
	}
	if got := f.kinds(); got != "component_show 1, click 1, open 1" {
		t.Errorf("counted before consent: %s", got)
	}
	p.Tap("@button 关闭")
	p.Until("the refusal", func() bool { return len(f.sent("refusals")) == 1 })
	if got := fmt.Sprint(f.sent("refusals")[0].Body); !strings.Contains(got, "stage:fields") || strings.Contains(got, number(1)) || strings.Contains(got, "小王") {
		t.Errorf("the refusal is %s", got)
	}
	p.Quiet()
}

func TestMarksAndErrors(t *testing.T) {
	t.Parallel()
	f := &fake{Third: true}
	p := open(t, f, browsertest.Phone)
	p.Tap(trigger)
	p.See("提交前请先了解")
	for _, want := range []string{
		"@textbox 手机号 必填", "@textbox 短信验证码 必填", "@textbox 称呼 选填", "@group 意向车型 必填", "@textbox 留言 选填",
		"@checkbox 我已阅读以上说明，同意示例汽车为回复本次咨询收集并使用我填写的信息。 必填",
		"@checkbox 同意示例汽车将我的手机号提供给示例银行，用于办理贷款方案咨询。 选填",
	} {
		if p.Count(want) != 1 {
			t.Errorf("there is no %s", want)
		}
	}
	for _, at := range []string{"input[type=checkbox]", "@radio 轿车"} {
		if browsertest.On[bool](p, at, "function() { return this.checked || this.defaultChecked }") {
			t.Errorf("%s is chosen beforehand", at)
		}
	}
	p.Tap(submit)
	p.FocusAt("@group 请修改以下内容")
	for _, want := range []string{"@link 请先阅读说明", "@link 请填写 11 位手机号", "@link 请填写短信中的 6 位验证码", "@link 请选择一种车型"} {
		if p.Count(want) != 1 {
			t.Errorf("the summary has no %s; it is %q", want, p.Text(".summary"))
		}
	}
	// Each link leads to its field, which says the same.
	p.Tap("@link 请填写 11 位手机号")
	p.FocusAt("@textbox 手机号 必填")
	if p.Attr("input[type=tel]", "aria-invalid") != "true" || !strings.Contains(p.Tree(), "请填写 11 位手机号，例如 138 开头的号码。 仅用于回电") {
		t.Error("the field does not say what is wrong with it")
	}
	p.Tap("@link 请选择一种车型")
	p.FocusAt("@radio 轿车")
	if got := browsertest.Eval[string](p, "location.href"); got != f.Page {
		t.Errorf("the page's address became %s", got)
	}
	// What the server finds is shown in the same way.
	p.Tap(box)
	p.Type("input[type=tel]", "12345")
	p.Tap("@radio SUV")
	p.Type("@textbox 短信验证码", "1")
	p.Tap(submit)
	p.See("这不是 11 位手机号")
	p.Tap("@link 验证码不对")
	p.FocusAt("@textbox 短信验证码 必填")
	if p.Attr("#f1", "aria-invalid") != "" {
		t.Error("a field that is right is still marked")
	}
	p.Quiet("422")
}

// The whole story on a phone: code, puzzle, submission, receipt, and nothing of it
// for the page around.
func TestLead(t *testing.T) {
	t.Parallel()
	gate := make(chan bool)
	f := &fake{Third: true, Gate: map[string]chan bool{"leads": gate}}
	p := open(t, f, browsertest.Phone)
	n := number(2)
	p.Tap(trigger)
	p.Tap(box)
	p.Type("@textbox 手机号 必填", n)
	p.Until("a code to be available", func() bool { return p.Attr("@button 获取验证码", "aria-disabled") == "" })
	p.Tap("@button 获取验证码")
	p.See("验证码已发送")
	p.FocusAt("@textbox 短信验证码 必填")
	p.Paste("246 810")
	if got := p.Attr("#code", "autocomplete") + " " + p.Attr("#code", "inputmode"); got != "one-time-code numeric" {
		t.Errorf("the code's field is %s", got)
	}
	p.See("秒后可重新获取")
	p.See("现在可以重新获取")
	p.Tap("@radio SUV")
	p.DoubleTap(submit)
	p.See("正在提交")
	gate <- true
	p.See("提交成功")
	p.FocusAt("@heading 提交成功")
	p.See("R-2026-000042")
	if got := p.Attr("@link 查看和管理我的信息", "href"); got != f.URL+"/r/secret-token" {
		t.Errorf("the link leads to %s", got)
	}
	leads := f.sent("leads")
	if len(leads) != 1 {
		t.Fatalf("%d submissions for a double tap", len(leads))
	}
	body := leads[0].Body
	if got := fmt.Sprint(body["answers"]); got != fmt.Sprintf("map[model:suv phone:%s]", n) {
		t.Errorf("answers are %s", got)
	}
	if got := fmt.Sprint(body["consent"].(map[string]any)["choices"]); got != "[map[accepted:true id:lead] map[accepted:false id:share-bank]]" {
		t.Errorf("choices are %s", got)
	}
	gesture := body["consent"].(map[string]any)["gesture"].(map[string]any)
	if gesture["kind"] != "tap" || gesture["trigger"] != "免费咨询" || gesture["viewport"] != "390x844" {
		t.Errorf("the gesture is %v", gesture)
	}
	p.Tap("@button 完成")
	p.Gone("dialog")
	wantEvents(t, p, "clew-open {}", `clew-submit {"receipt":"R-2026-000042"}`)
	private(t, p, f, n)
	if len(f.sent("refusals")) != 0 {
		t.Error("a lead was recorded as a refusal too")
	}
	// Once more: a new form, empty.
	p.Tap(trigger)
	p.See("提交前请先了解")
	if got := p.Value("input[type=tel]"); got != "" {
		t.Error("the number is still there")
	}
	p.Quiet()
}

// private holds that the page never got the number, and that nothing is kept.
func private(t *testing.T, p *browsertest.Page, f *fake, n string) {
	t.Helper()
	page := browsertest.Eval[string](p, `document.documentElement.outerHTML + location.href + JSON.stringify(events) + document.title
		+ JSON.stringify(Object.keys(document.querySelector('clew-lead'))) + JSON.stringify({...document.querySelector('clew-lead').dataset})`)
	if strings.Contains(page, n) || strings.Contains(page, "secret-token") {
		t.Error("the page holds the number or the receipt's link")
	}
	if leaks := browsertest.Eval[[]string](p, "leaks"); len(leaks) != 0 {
		t.Errorf("the page overheard %v", leaks)
	}
	if kept := browsertest.Eval[string](p, `(async () => JSON.stringify([document.cookie, localStorage.length, sessionStorage.length,
		(await indexedDB.databases()).length, (await caches?.keys?.() ?? []).length]))()`); kept != `["hostcookie=1",0,0,0,0]` {
		t.Errorf("the browser keeps %s", kept)
	}
	for _, r := range p.Requests() {
		if decoded, _ := url.QueryUnescape(r.URL); strings.Contains(decoded, n) {
			t.Errorf("the number is in an address: %s %s", r.Method, strings.ReplaceAll(decoded, n, "…"))
		}
		if strings.Contains(r.Body, n) && !strings.HasPrefix(r.URL, f.URL) {
			t.Errorf("the number went to %s", r.URL)
		}
		if r.Headers["cookie"] != "" && strings.HasPrefix(r.URL, f.URL+"/v1/") {
			t.Errorf("a cookie went to %s", r.URL)
		}
	}
}

// The keyboard alone is enough, from the page to the receipt and back.
func TestKeyboardOnly(t *testing.T) {
	t.Parallel()
	f := &fake{Typed: true}
	p := open(t, f, browsertest.Desktop)
	p.See("免费咨询")
	p.TabTo(trigger)
	p.Press("Enter")
	p.See("提交前请先了解")
	p.TabTo("@button English")
	p.TabTo("@button 关闭")
	p.TabTo(box)
	p.Press("Space")
	p.TabTo("@textbox 手机号")
	p.Keys(number(3))
	p.TabTo("@textbox 称呼")
	p.TabTo("@radio 轿车")
	p.Press("Space")
	p.Press("ArrowDown")
	p.FocusAt("@radio SUV")
	p.TabTo("@textbox 留言")
	p.TabTo("@button 提交")
	p.TabTo("@button 不提交，关闭")
	p.TabTo("@link 隐私保护说明")
	p.TabTo("@button English") // round again, never into the page behind
	p.TabTo("@textbox 手机号")
	p.Press("Enter")
	p.See("提交成功")
	p.TabTo("@button 完成")
	p.Press("Enter")
	p.Gone("dialog")
	p.FocusAt(trigger)
	gesture := f.sent("leads")[0].Body["consent"].(map[string]any)["gesture"].(map[string]any)
	if gesture["kind"] != "key" || fmt.Sprint(f.sent("leads")[0].Body["answers"]) != fmt.Sprintf("map[model:suv phone:%s]", number(3)) {
		t.Errorf("the lead is %v", f.sent("leads")[0].Body)
	}
	p.Quiet()
}

// A broken connection keeps what was typed; the same words again are the same submission.
func TestRetryAfterNetworkFailure(t *testing.T) {
	t.Parallel()
	f := &fake{Typed: true}
	p := open(t, f, browsertest.Phone)
	p.Tap(trigger)
	p.Tap(box)
	p.Type("@textbox 手机号", number(4))
	p.Tap("@radio 轿车")
	// Chromium itself repeats a request once when a kept connection breaks, with the same key.
	f.breakLeads(1000)
	p.Tap(submit)
	p.See("网络连接失败")
	if got := p.Value("input[type=tel]"); got != number(4) {
		t.Errorf("the number became %d characters", len(got))
	}
	f.breakLeads(0)
	p.Tap("@button 重新提交")
	p.See("提交成功")
	keys := map[string]bool{}
	for _, lead := range f.sent("leads") {
		keys[lead.Key] = true
	}
	if len(keys) != 1 || f.stored() != 1 {
		t.Errorf("%d keys and %d leads, want one of each", len(keys), f.stored())
	}
	p.Quiet("ERR_")
}

// Another language is another text: what was typed stays, the consent does not.
func TestLanguageSwitch(t *testing.T) {
	t.Parallel()
	f := &fake{Typed: true}
	p := open(t, f, browsertest.Phone)
	p.Tap(trigger)
	p.Tap(box)
	p.Type("@textbox 手机号", number(5))
	p.Tap("@radio SUV")
	p.Tap("@button English")
	p.See("Before you submit")
	p.FocusAt("@heading Free advice on buying a car")
	if p.Attr("dialog", "lang") != "en" || p.Value("input[type=tel]") != number(5) || !browsertest.On[bool](p, "@radio SUV", "function() { return this.checked }") {
		t.Error("what was typed is gone, or the language is not said")
	}
	if browsertest.On[bool](p, "input[type=checkbox]", "function() { return this.checked }") {
		t.Error("the consent to the other text was taken over")
	}
	p.Tap("@checkbox I have read the above")
	p.Tap("@button Submit")
	p.See("Submitted")
	if got := f.sent("leads")[0].Body["form_token"]; got != "form-en-3" {
		t.Errorf("the form is %v", got)
	}
	p.Quiet()
}

// A notice that changed meanwhile is shown anew, and asked about anew.
func TestStaleNotice(t *testing.T) {
	t.Parallel()
	f := &fake{Typed: true}
	p := open(t, f, browsertest.Phone)
	p.Tap(trigger)
	p.Tap(box)
	p.Type("@textbox 手机号", number(6))
	p.Tap("@radio SUV")
	f.publish()
	p.Tap(submit)
	p.See("说明有更新或页面已过期")
	if f.stored() != 0 || browsertest.On[bool](p, "input[type=checkbox]", "function() { return this.checked }") {
		t.Error("the old consent was used for the new text")
	}
	p.Tap(box)
	p.Tap(submit)
	p.See("提交成功")
	p.Quiet("409")
}

// Closing while it is being sent loses nothing: the next tap shows what became of it.
func TestCloseWhileSending(t *testing.T) {
	t.Parallel()
	gate := make(chan bool)
	f := &fake{Typed: true, Gate: map[string]chan bool{"leads": gate}}
	p := open(t, f, browsertest.Phone)
	p.Tap(trigger)
	p.Tap(box)
	p.Type("@textbox 手机号", number(7))
	p.Tap("@radio SUV")
	p.Tap(submit)
	p.See("正在提交")
	p.Press("Escape")
	p.Gone("dialog")
	gate <- true
	wantEvents(t, p, "clew-open {}", `clew-submit {"receipt":"R-2026-000042"}`)
	p.Tap(trigger)
	p.See("R-2026-000042")
	p.Tap("@button 完成")
	p.Gone("dialog")
	if len(f.sent("refusals")) != 0 || f.stored() != 1 {
		t.Errorf("%d refusals, %d leads", len(f.sent("refusals")), f.stored())
	}
	p.Quiet()
}
