package public

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clew/browsertest"
	"clew/component"
	"clew/widget"
	"clew/words"
)

const axe = "../../widget/node_modules/axe-core/axe.min.js"

// hand counts what a person does with a finger. Typing is not counted: nobody has
// to type to take consent back.
type hand struct {
	*browsertest.Page
	taps int
}

func (h *hand) Tap(at string) {
	h.taps++
	h.Page.Tap(at)
}

// The whole story with script switched off: page, link, form with errors, mended,
// code, receipt, withdrawn in two taps, erased.
func TestStoryWithoutScript(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		h := &hand{Page: browsertest.Start(t).Page(t, browsertest.Phone)}
		h.NoScript()
		mine := number()

		h.Goto(w.path(words.ZH))
		h.See("您的信息会怎样使用")
		h.Tap("@link 免费咨询")
		h.See("提交前请先了解")
		if h.Count("input:checked") != 0 {
			t.Error("a box is ticked beforehand")
		}
		posts := func() (n int) {
			for _, r := range h.Requests() {
				if r.Method == http.MethodPost {
					n++
				}
			}
			return n
		}

		// Without consent the browser itself sends nothing.
		h.Type("@textbox 手机号", mine[:6])
		h.Page.Tap("@button 获取验证码")
		h.Until("the browser to point at the box", func() bool { return strings.HasPrefix(h.Focus(), "@checkbox 我已阅读") })
		if posts() != 0 {
			t.Error("something was sent before the box was ticked")
		}

		h.Tap("@checkbox 我已阅读")
		h.Page.Tap("@button 提交")
		h.See("还没有提交，请修改以下内容")
		if title := browsertest.Eval[string](h.Page, "document.title"); !strings.HasPrefix(title, "错误：") {
			t.Errorf("the title is %q", title)
		}
		if got := h.Value("#answer-phone"); got != mine[:6] {
			t.Errorf("the form forgot what was typed: %d characters left", len(got))
		}
		if h.Count("input[type=checkbox]:checked") != 1 {
			t.Error("the form forgot the tick")
		}
		if h.Attr("#answer-phone", "aria-invalid") != "true" {
			t.Error("the wrong field is not marked")
		}
		h.Page.Tap("@link 手机号：请填写 11 位中国大陆手机号。")
		h.Until("the focus at the field", func() bool { return strings.HasPrefix(h.Focus(), "@textbox 手机号") })
		h.Fill("#answer-phone", mine)
		h.Type("@textbox 怎么称呼您", "王女士")
		h.Tap("@button 获取验证码")
		h.See("验证码已发送")
		if y := browsertest.On[float64](h.Page, "#code", "function() { return this.getBoundingClientRect().top / innerHeight }"); y < 0 || y > 1 {
			t.Errorf("the page does not show where to enter the code: %v screens down", y)
		}
		h.Type("#code", w.code())
		// Enter submits: nobody is sent a second code for it.
		giving := h.taps
		h.Press("Enter")
		giving++ // pressing Enter stands for tapping submit

		h.See("已提交")
		if n := len(w.sms.Messages()); n != 1 {
			t.Errorf("%d codes were sent", n)
		}
		h.See(mine[:3] + "******" + mine[9:])
		if h.Sees(mine) {
			t.Error("the page shows the whole number")
		}
		link := strings.TrimPrefix(strings.Split(browsertest.Eval[string](h.Page, "location.href"), "?")[0], w.url)
		receipt, standing := w.receipt(link)
		h.See(receipt.Shown())
		h.See(w.url + link)
		if !standing.Valid() || receipt.Gesture.Kind != "link" || receipt.Form.TriggeredAt == 0 || receipt.Form.Via != "page" {
			t.Errorf("the receipt says %+v", receipt)
		}

		// From the link to a withdrawn consent: two taps, no more than giving took.
		h.Goto(w.url + link)
		h.taps = 0
		h.Tap("@link 撤回同意")
		h.See("确定撤回同意吗？")
		h.Tap("@button 确认撤回")
		h.See("已撤回同意")
		if h.taps != 2 || h.taps > giving {
			t.Errorf("withdrawing took %d taps, giving %d", h.taps, giving)
		}
		if _, standing := w.receipt(link); standing.WithdrawnAt.IsZero() || standing.WithdrawnBy != "person" {
			t.Errorf("standing is %+v", standing)
		}
		if h.Count("@link 撤回同意") != 0 {
			t.Error("what is withdrawn can be withdrawn again")
		}

		h.taps = 0
		h.Tap("@link 立即删除")
		h.Tap("@button 确认删除")
		h.See("您填写的内容已在")
		if h.taps > giving {
			t.Errorf("erasing took %d taps, giving %d", h.taps, giving)
		}
		if h.Sees("王女士") || h.Sees(mine[:3]+"***") {
			t.Error("the page shows what was erased")
		}
		if n := w.rows("lead_key"); n != 0 {
			t.Errorf("%d data keys are left", n)
		}
		for _, r := range h.Requests() {
			if strings.Contains(r.URL, mine) {
				t.Error("the number is in an address")
			}
		}
		h.Quiet("422")
		w.clean(mine)
	})
}

// The same page with script on: the element's own trigger opens its sheet in place,
// on a real tap only, and the receipt leads to the same person's page.
func TestStoryWithElement(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		w.serveAPI()
		h := &hand{Page: browsertest.Start(t).Page(t, browsertest.Phone)}
		mine := number()
		say := func(key string) string { return widget.Words("zh")[key] }
		h.Goto(w.path(words.ZH))
		h.Until("the element's trigger", func() bool { return h.Count("@button 免费咨询") == 1 })
		if h.Count("@link 免费咨询") != 0 {
			t.Error("the link is still there beside the trigger")
		}
		browsertest.On[bool](h.Page, "clew-lead", "function() { this.click(); this.open(new MouseEvent('click')); return true }")
		if h.Count("@dialog") != 0 {
			t.Error("a script opened the sheet")
		}
		h.Tap("@button 免费咨询")
		h.Tap("@checkbox 我已阅读")
		h.Type("@textbox 手机号", mine)
		h.Tap("@button " + say("send_code"))
		h.Until("the code", func() bool { return len(w.sms.Messages()) == 1 })
		h.Type("@textbox "+say("code_label"), w.code())
		h.Tap("@button " + say("submit"))
		h.See(say("receipt_title"))
		giving := h.taps
		h.Goto(browsertest.On[string](h.Page, "@link "+say("manage_link"), "function() { return this.href }"))
		h.See("您点开“免费咨询”，看过告知后勾选同意并提交")
		h.taps = 0
		h.Tap("@link 撤回同意")
		h.Tap("@button 确认撤回")
		h.See("已撤回同意")
		if h.taps != 2 || h.taps > giving {
			t.Errorf("withdrawing took %d taps, giving %d", h.taps, giving)
		}
		h.Quiet()
		w.clean(mine)
	})
}

// A component that becomes invalid while its sheet is open says so, keeps what was
// typed on the screen and takes nothing; the page says it to the next visitor.
func TestInvalidWhileTheSheetIsOpen(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		w.serveAPI()
		h := browsertest.Start(t).Page(t, browsertest.Phone)
		mine := number()
		say := func(key string) string { return widget.Words("zh")[key] }
		h.Goto(w.path(words.ZH))
		h.Tap("@button 免费咨询")
		h.Tap("@checkbox 我已阅读")
		h.Type("@textbox 手机号", mine)
		w.invalidate()
		h.Tap("@button " + say("submit"))
		h.See("已停止收集")
		if got := h.Value("@textbox 手机号"); got != mine {
			t.Errorf("%d characters are left of what was typed", len(got))
		}
		if n := w.rows("lead"); n != 0 {
			t.Errorf("%d leads", n)
		}
		h.Goto(w.path(words.ZH))
		h.See("没有上线或没有开放")
		if h.Count("clew-lead") != 0 {
			t.Error("the page still carries the element")
		}
		h.Quiet("403")
	})
}

// Closing again is as good as submitting: the page works as before.
func TestDeclineInBrowser(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		h := browsertest.Start(t).Page(t, browsertest.Phone)
		h.NoScript()
		h.Goto(w.path(words.EN))
		h.Tap("@link Free consultation")
		h.Type("@textbox What to call you", "Ms Wang")
		h.Tap("@button Go back without submitting")
		h.See("You submitted nothing")
		for _, r := range h.Requests() {
			if strings.Contains(r.Body, "Wang") {
				t.Error("what was typed was sent along with the no")
			}
		}
		if w.rows("refusal") != 1 || w.rows("lead") != 0 {
			t.Errorf("%d refusals, %d leads", w.rows("refusal"), w.rows("lead"))
		}
		h.Tap("@link Free consultation")
		h.See("Before you submit")
		h.Quiet()
	})
}

// looks goes to every page there is and calls look on each, in the language and on
// the screen of p.
func (w *world) looks(p *browsertest.Page, lang words.Lang, look func(name string)) {
	w.t.Helper()
	l := "?lang=" + string(lang)
	see := func(name, address string) {
		w.t.Helper()
		p.Goto(w.url + address)
		look(name)
	}
	p.Goto(w.path(lang))
	p.Until("the element", func() bool { return p.Count("clew-lead button") > 0 || p.Count("[part=trigger]") > 0 })
	look("landing")
	see("form", strings.TrimPrefix(w.trigger(lang), w.url))
	p.Tap("@checkbox")
	p.Type("#answer-phone", "138")
	p.Type("#answer-city", "110")
	p.Press("Enter")
	p.Until("the errors", func() bool { return p.Count("#now[role=alert]") > 0 })
	look("form-errors")
	mine := number()
	p.Fill("#answer-phone", mine)
	p.Fill("#answer-city", "Hangzhou")
	p.Type("#answer-name", "Wang")
	p.Press("Enter")
	p.Until("the code", func() bool { return p.Count("[role=status]") > 0 })
	look("form-code")
	p.Type("#code", w.code())
	p.Press("Enter")
	p.Until("the receipt", func() bool { return p.Count(".number") > 0 })
	look("receipt")
	link := strings.Split(browsertest.Eval[string](p, "location.pathname"), "?")[0]
	p.Tap("summary")
	look("receipt-notice")
	see("person", link+l)
	see("withdraw", link+"/withdraw"+l)
	p.Tap("button")
	p.Until("it done", func() bool { return p.Count("[role=status]") > 0 })
	look("withdrawn")
	see("erase", link+"/erase"+l)
	p.Tap("button")
	p.Until("it done", func() bool { return p.Count("[role=status]") > 0 })
	look("erased")
	see("declined", "/c/"+w.component+l+"&declined=1")
	see("not-found", "/r/nothing"+l)
	see("no-link", "/c/"+w.component+"/form"+l)
	see("front", "/"+l)
}

func TestPagesAreAccessible(t *testing.T) {
	w := sqliteWorld(t, nil)
	w.serveAPI()
	func() {
		for _, lang := range words.Langs() {
			for _, scheme := range []string{"light", "dark"} {
				screen := browsertest.Phone
				if scheme == "dark" {
					screen = browsertest.Desktop
				}
				p := browsertest.Start(t).Page(t, screen)
				p.Media("prefers-color-scheme", scheme)
				p.OpenShadows()
				w.looks(p, lang, func(name string) {
					p.Axe(axe, name+" "+string(lang)+" "+scheme)
					w.measure(p, name)
				})
				p.Quiet("422", "404")
			}
		}
		w.invalidate()
		p := browsertest.Start(t).Page(t, browsertest.Phone)
		p.Goto(w.path(words.ZH))
		p.See("已停止收集")
		p.Axe(axe, "invalid")
		w.measure(p, "invalid")
		w.suspend("收集范围超出必要", "CASE-1")
		p.Goto(w.path(words.ZH))
		p.See("已暂停收集")
		p.Axe(axe, "closed")
		w.measure(p, "closed")
	}()
}

// measure checks what axe does not: nothing wider than the screen, targets of 44
// pixels, a language, one main heading, no inline script or style.
func (w *world) measure(p *browsertest.Page, name string) {
	w.t.Helper()
	for _, wrong := range browsertest.Eval[[]string](p, `(() => {
		const out = []
		if (document.documentElement.scrollWidth > innerWidth) out.push('scrolls sideways')
		if (!document.documentElement.lang) out.push('no language')
		if (document.querySelectorAll('h1').length !== 1) out.push('not one h1')
		if (document.querySelector('style,script:not([src]),[style]')) out.push('inline script or style')
		for (const e of document.querySelectorAll('*')) for (const a of e.attributes) if (a.name.startsWith('on')) out.push('handler ' + a.name)
		const box = e => (e.matches('input[type=checkbox],input[type=radio]') ? e.closest('label') : e).getBoundingClientRect()
		for (const e of document.querySelectorAll('a,button,input:not([type=hidden]),select,textarea,summary')) {
			const r = box(e)
			const inText = e.localName === 'a' && e.closest('dd,p,li')
			if (r.width && !inText && !e.matches('.skip') && (r.height < 43.5 || r.width < 43.5)) out.push('small: ' + e.outerHTML.slice(0, 80) + ' ' + r.width + 'x' + r.height)
		}
		const body = document.body.innerText
		if (/\[(public|problem)\./.test(body) || /\{[a-z]+\}/.test(body)) out.push('a word is missing: ' + body.match(/\[(public|problem)[^\]]*\]|\{[a-z]+\}/)[0])
		return out
	})()`) {
		w.t.Errorf("%s: %s", name, wrong)
	}
}

// Nothing opens on entry, and nothing is asked for but the page's own parts; that the
// trigger was seen is counted, without anything about whoever saw it.
func TestNothingOpensOnEntry(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		w.serveAPI()
		p := browsertest.Start(t).Page(t, browsertest.Phone)
		p.Before(`window.grown = []
			addEventListener('DOMContentLoaded', () => new MutationObserver(all => {
				for (const m of all) for (const n of m.addedNodes) if (n.nodeType === 1) grown.push(n.localName)
			}).observe(document.documentElement, {childList: true, subtree: true}))
			const open = window.open
			window.open = function () { grown.push('window'); return open.apply(this, arguments) }`)
		p.Goto(w.path(words.ZH))
		// Load, then the browser's own word that it has nothing left to do, twice.
		browsertest.Eval[bool](p, `new Promise(done => requestIdleCallback(() => requestIdleCallback(() => done(true))))`)
		if grown := browsertest.Eval[[]string](p, "grown"); len(grown) > 0 {
			t.Errorf("the page grew %v by itself", grown)
		}
		if p.Count("dialog[open]") > 0 || p.Count("@dialog") > 0 {
			t.Error("something opened by itself")
		}
		if focus := p.Focus(); focus != "" {
			t.Errorf("the focus was taken to %s", focus)
		}
		for _, r := range p.Requests() {
			count := r.Method == http.MethodPost && strings.HasSuffix(r.URL, "/events")
			if r.Method != http.MethodGet && !count || !strings.HasPrefix(r.URL, w.url+"/") {
				t.Errorf("the page asked for %s %s", r.Method, r.URL)
			}
		}
		if stored := browsertest.Eval[int](p, "localStorage.length + sessionStorage.length + document.cookie.length"); stored != 0 {
			t.Error("the page keeps something in the browser")
		}
	})
}

// TestScreens writes a picture of every page to $CLEW_SCREENSHOTS.
func TestScreens(t *testing.T) {
	dir := os.Getenv("CLEW_SCREENSHOTS")
	if dir == "" {
		t.Skip("CLEW_SCREENSHOTS says where to write the pictures; it is empty")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w := sqliteWorld(t, func(d *component.Definition) {
		for lang, to := range map[words.Lang]component.Recipient{
			words.ZH: {Name: "杭州远帆律师事务所", Contact: "hello@yuanfan.example", Purpose: "本所无法接待时由其回电。"},
			words.EN: {Name: "Yuanfan Law Firm, Hangzhou", Contact: "hello@yuanfan.example", Purpose: "to call you back where we cannot."},
		} {
			text := d.Texts[lang]
			text.Recipients = []component.Recipient{to}
			d.Texts[lang] = text
		}
	})
	w.serveAPI()
	for _, c := range []struct {
		name, scheme string
		lang         words.Lang
		screen       browsertest.Screen
	}{
		{"phone-zh-light", "light", words.ZH, browsertest.Phone},
		{"phone-en-dark", "dark", words.EN, browsertest.Phone},
		{"desktop-zh-light", "light", words.ZH, browsertest.Desktop},
		{"desktop-en-dark", "dark", words.EN, browsertest.Desktop},
	} {
		p := browsertest.Start(t).Page(t, c.screen)
		p.Media("prefers-color-scheme", c.scheme)
		w.looks(p, c.lang, func(name string) {
			p.FullScreenshot(filepath.Join(dir, "public-"+name+"-"+c.name+".png"))
		})
	}
	w.suspend("收集范围超出必要，整改后可以申请恢复。", "CASE-2026-0012")
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	p.Goto(w.path(words.ZH))
	p.FullScreenshot(filepath.Join(dir, "public-closed-phone-zh-light.png"))
}
