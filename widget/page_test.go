package widget_test

import (
	"testing"
	"time"

	"clew/browsertest"
)

// What the element is to the page around it, and the page to the element.

func TestUnavailable(t *testing.T) {
	t.Parallel()
	for id, want := range map[string][2]string{
		"cmp_closed":  {"暂停收集", `clew-unavailable {"code":"capability_suspended"}`},
		"cmp_invalid": {"已停止收集", `clew-unavailable {"code":"component_invalid"}`},
		"cmp_nowhere": {"没有这个线索组件", `clew-unavailable {"code":"component_unknown"}`},
	} {
		f := &fake{Body: `<clew-lead component="` + id + `"></clew-lead>`}
		p := open(t, f, browsertest.Phone)
		p.See(want[0])
		wantEvents(t, p, want[1])
		if p.Count("@button 免费咨询") != 0 || p.Count("dialog") != 0 {
			t.Error("there is something to open")
		}
		p.Quiet("403", "404")
	}
	// A server out of reach leaves the page's own link.
	f := &fake{Body: `<clew-lead component="cmp_1" server="http://127.0.0.1:1"><a href="/c">Ask us</a></clew-lead>`}
	p := open(t, f, browsertest.Phone)
	p.Until("the link", func() bool { return p.Count("@link Ask us") == 1 })
	wantEvents(t, p, `clew-unavailable {"code":"network"}`)
}

// Two elements, one moved, one changed, one removed while open.
func TestTwiceOnAPage(t *testing.T) {
	t.Parallel()
	f := &fake{Typed: true, Body: `<clew-lead id="a" component="cmp_1"></clew-lead><clew-lead id="b" component="cmp_1" lang="en" source="Spring Fair 2"></clew-lead><div id="c"></div>`}
	p := open(t, f, browsertest.Phone)
	p.Until("both triggers", func() bool { return p.Count(trigger) == 1 && p.Count("@button Free advice") == 1 })
	browsertest.Eval[bool](p, "document.querySelector('#c').append(document.querySelector('#a')), true")
	p.Tap("@button Free advice")
	p.Tap("@checkbox I have read")
	p.Type("@textbox Phone number", number(8))
	p.Tap("@radio SUV")
	p.Tap("@button Submit")
	p.See("Submitted")
	if got := f.sent("leads")[0].Body["source"]; got != "Spring Fair 2" { // the server makes it plain
		t.Errorf("the source is %v", got)
	}
	p.Tap("@button Done")
	p.Tap(trigger)
	p.See("提交前请先了解")
	browsertest.Eval[bool](p, "document.querySelector('#a').remove(), true")
	p.Gone("dialog")
	browsertest.Eval[bool](p, "document.querySelector('#b').setAttribute('component', 'cmp_closed'), true")
	p.See("Not collecting at present")
	p.Quiet("403")
}

// The place is kept: when the definition arrives late, nothing on the page moves.
func TestNoLayoutShift(t *testing.T) {
	t.Parallel()
	gate := make(chan bool)
	f := &fake{Gate: map[string]chan bool{"cmp_1": gate}}
	p := open(t, f, browsertest.Phone)
	before := browsertest.Eval[float64](p, "document.querySelector('#after').getBoundingClientRect().top")
	gate <- true
	p.See("免费咨询")
	if after := browsertest.Eval[float64](p, "document.querySelector('#after').getBoundingClientRect().top"); after != before {
		t.Errorf("what follows moved from %v to %v", before, after)
	}
	if got := browsertest.Eval[float64](p, "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(shifts))))"); got != 0 {
		t.Errorf("layout shift is %v", got)
	}
}

// The strictest policy a page can have and still load the script: no style, no
// inline anything, Trusted Types.
func TestStrictPolicy(t *testing.T) {
	t.Parallel()
	f := &fake{Test: true, CSP: "default-src 'none'; script-src SERVER; connect-src SERVER; style-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"}
	p := open(t, f, browsertest.Phone)
	p.Tap(trigger)
	p.See("测试：提交的内容只用于测试")
	p.Tap(box)
	p.Type("@textbox 手机号", number(9))
	p.Tap("@button 获取验证码")
	p.See("验证码已发送")
	p.FocusAt("@textbox 短信验证码 必填")
	p.Keys(rightCode)
	p.Tap("@radio SUV")
	p.Press("Enter")
	p.See("提交成功")
	if got := browsertest.On[string](p, "dialog", "function() { return getComputedStyle(this).position + ' ' + getComputedStyle(this.querySelector('.main')).borderRadius }"); got != "fixed 10px" {
		t.Errorf("the sheet is unstyled: %s", got)
	}
	// The host's own style sheet is refused by this policy; nothing of ours is.
	p.Quiet("host.css")
}

// Where the browser has no WebCrypto (an http page), the sheet says so and sends nothing.
func TestInsecureContext(t *testing.T) {
	t.Parallel()
	f := &fake{}
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	p.Before("Object.defineProperty(Crypto.prototype, 'subtle', {get: () => undefined})")
	p.Goto(start(t, f).Page)
	p.Tap(trigger)
	p.Tap(box)
	p.Type("@textbox 手机号", number(10))
	p.Tap("@button 获取验证码")
	p.See("当前页面不是安全连接")
	if len(f.sent("challenges")) != 0 {
		t.Error("a challenge was asked for that cannot be solved")
	}
	p.Quiet()
}

// A phone whose clock is an hour slow says when things happened by the server's.
func TestWrongClock(t *testing.T) {
	t.Parallel()
	f := &fake{Typed: true}
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	p.Before("{ const real = Date.now; Date.now = () => real() - 3600e3 }")
	p.Goto(start(t, f).Page)
	p.Tap(trigger)
	p.Tap(box)
	p.Type("@textbox 手机号", number(12))
	p.Tap("@radio SUV")
	p.Tap(submit)
	p.See("提交成功")
	gesture := f.sent("leads")[0].Body["consent"].(map[string]any)["gesture"].(map[string]any)
	for _, name := range []string{"opened_at", "ticked_at"} {
		if off := time.Since(time.UnixMilli(int64(gesture[name].(float64)))).Abs(); off > 5*time.Minute {
			t.Errorf("%s is off by %v", name, off)
		}
	}
}

// The page's look does not reach the sheet, what can be touched is large enough,
// and small screens, which large zoom makes of any, show it without scrolling sideways.
func TestSizes(t *testing.T) {
	t.Parallel()
	for name, screen := range map[string]browsertest.Screen{
		"phone": browsertest.Phone,
		"200 %": {Width: 195, Height: 422, Scale: 4, Touch: true},
		"400 %": {Width: 320, Height: 256, Scale: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, &fake{Third: true}, screen)
			p.Tap(trigger)
			p.See("提交前请先了解")
			for _, line := range browsertest.On[[]string](p, "dialog", `function() {
				const out = [], body = this.querySelector('.body')
				// Chromium lays out in 64ths of a pixel; what is finer is left over from moving the sheet.
				const size = v => Math.round(v * 64) / 64
				for (const e of this.querySelectorAll('button, a, summary, select, textarea, input:not([type=checkbox], [type=radio]), label.box')) {
					const r = e.getBoundingClientRect()
					if (size(r.width) < 44 || size(r.height) < 44) out.push(e.localName + ' ' + e.textContent + ' is ' + r.width + 'x' + r.height)
				}
				const [yes, no] = this.querySelectorAll('.acts button')
				if (yes.offsetWidth !== no.offsetWidth || yes.offsetHeight !== no.offsetHeight) out.push('decline is not as large as submit')
				const s = getComputedStyle(this.querySelector('p'))
				if (s.fontSize !== '15px' || s.letterSpacing !== 'normal' || s.textTransform !== 'none') out.push('the page styles the sheet: ' + s.fontSize + s.letterSpacing + s.textTransform)
				if (this.scrollWidth > innerWidth || body.scrollWidth > body.clientWidth) out.push('it is wider than the screen: ' + body.scrollWidth + ' of ' + body.clientWidth)
				if (this.offsetHeight > innerHeight * 0.9 + 1) out.push('it is higher than nine tenths of the screen')
				return out }`) {
				t.Error(line)
			}
			p.Tap("@button 不提交")
			p.Gone("dialog")
		})
	}
}
