package widget_test

import (
	"os"
	"path/filepath"
	"testing"

	"clew/browsertest"
)

// Every state, in both languages and both colour schemes, on a phone and a laptop,
// has no violation of WCAG 2.2 AA that axe-core can find. With CLEW_SCREENSHOTS
// set to a folder, each state is also written there as a picture.
func TestAxe(t *testing.T) {
	t.Parallel()
	type texts struct{ trigger, notice, box, phone, code, sent, radio, submit, wrong, done string }
	for lang, w := range map[string]texts{
		"zh": {"@button 免费咨询", "提交前请先了解", "@checkbox 我已阅读", "@textbox 手机号", "@button 获取验证码", "验证码已发送", "@radio SUV", "@button 提交", "请修改以下内容", "提交成功"},
		"en": {"@button Free advice", "Before you submit", "@checkbox I have read", "@textbox Phone number", "@button Get a code", "The code is on its way", "@radio SUV", "@button Submit", "There is a problem", "Submitted"},
	} {
		for _, scheme := range []string{"light", "dark"} {
			for device, screen := range map[string]browsertest.Screen{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
				t.Run(lang+"-"+scheme+"-"+device, func(t *testing.T) {
					t.Parallel()
					f := start(t, &fake{Third: true, Test: device == "desktop"})
					p := browsertest.Start(t).Page(t, screen)
					p.OpenShadows()
					p.Media("prefers-color-scheme", scheme, "prefers-reduced-motion", "reduce")
					look := func(when string) {
						t.Helper()
						p.Axe("node_modules/axe-core/axe.min.js", when)
						if dir := os.Getenv("CLEW_SCREENSHOTS"); dir != "" {
							p.Screenshot(filepath.Join(dir, lang+"-"+scheme+"-"+device+"-"+when+".png"))
						}
					}
					p.Goto(f.Page + "?lang=" + lang)
					p.Until("the trigger", func() bool { return p.Count(w.trigger) == 1 })
					look("1-closed")
					p.Tap(w.trigger)
					p.See(w.notice)
					look("2-open")
					p.Tap(w.submit)
					p.See(w.wrong)
					look("3-errors")
					browsertest.On[bool](p, w.box, "function() { this.closest('fieldset').scrollIntoView(); return true }")
					look("3-errors-below")
					p.Tap(w.box)
					p.Type(w.phone, number(11))
					p.Tap(w.code)
					p.See(w.sent)
					look("4-code")
					p.Keys(rightCode)
					p.Tap(w.radio)
					look("5-filled")
					browsertest.On[bool](p, w.submit, "function() { this.closest('.body').scrollTop = 1e6; return true }")
					look("5-filled-below")
					p.Tap(w.submit)
					p.See(w.done)
					look("6-receipt")
					p.Quiet()
				})
			}
		}
	}
}
