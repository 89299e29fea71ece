package widget_test

import (
	"testing"

	"clew/browsertest"
)

// What the element reports of itself: shown when it comes into view, and each step
// once. A test reports nothing, and nothing of it names a person (fake.events).
func TestCounts(t *testing.T) {
	t.Parallel()
	f := start(t, &fake{Typed: true, Body: `<div style="height:3000px">Above.</div><clew-lead component="cmp_1" source="Live"></clew-lead>`})
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	p.OpenShadows()
	p.Goto(f.Page)
	p.Until("the trigger", func() bool { return p.Count("@button 免费咨询") == 1 })
	if got := f.kinds(); got != "" {
		t.Errorf("counted before it was seen: %s", got)
	}
	browsertest.On[bool](p, "@button 免费咨询", "function() { this.scrollIntoView(); return true }")
	p.Until("the show is counted", func() bool { return f.kinds() == "component_show 1" })
	p.Tap("@button 免费咨询")
	p.See("提交前请先了解")
	p.Until("click and open are counted", func() bool { return f.kinds() == "component_show 1, click 1, open 1" })
	p.Tap("@checkbox 我已阅读")
	p.Type("@textbox 手机号", number(5))
	p.Tap("@radio SUV")
	p.Tap("@button 提交")
	p.See("提交成功")
	p.Until("the consent is counted", func() bool { return f.kinds() == "component_show 1, click 1, open 1, consent 1" })
	if s := f.sent("events")[1].Body["events"].([]any)[0].(map[string]any)["source"]; s != "Live" {
		t.Errorf("source is %v", s)
	}
	p.Quiet()
}

func TestATestIsCountedByNobody(t *testing.T) {
	t.Parallel()
	f := start(t, &fake{Typed: true, Test: true})
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	p.OpenShadows()
	p.Goto(f.Page)
	p.Until("the trigger", func() bool { return p.Count("@button 免费咨询") == 1 })
	p.Tap("@button 免费咨询")
	p.See("提交前请先了解")
	p.Quiet()
	if got := f.kinds(); got != "" {
		t.Errorf("a test was counted: %s", got)
	}
}
