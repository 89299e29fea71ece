package console

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"clew/access"
	"clew/browsertest"
	"clew/component"
	"clew/words"
)

// enter signs a page in by one-time link.
func (w *world) enter(p *browsertest.Page, role access.Role) {
	w.t.Helper()
	p.Goto(w.link(role) + "?lang=zh")
	p.Tap("main button")
	p.Until("the console", func() bool { return p.Count(".shell") == 1 })
}

// Name, password and a code from the app lead in; a wrong code does not, and
// says so without forgetting the name.
func TestSignInWithPasswordAndCode(t *testing.T) {
	w := sqlite(t)
	secret := w.enrol(access.RoleOwner)
	p := browsertest.Start(t).Page(t, desktop)
	p.Goto(w.url + "/console/leads?state=new&lang=zh")
	p.Type("@textbox 登录名", string(access.RoleOwner))
	p.Type("#password", password)
	p.Type("#code", "000000")
	p.Press("Enter")
	p.See(words.T(words.ZH, "console.signin.wrong"))
	if got := p.Value("#login"); got != string(access.RoleOwner) {
		t.Errorf("the name is %q", got)
	}
	code, err := totp.GenerateCode(secret, time.Now())
	w.must(err)
	p.Type("#password", password)
	p.Type("#code", code)
	p.Press("Enter")
	p.See(words.T(words.ZH, "console.leads.sub"))
	if at := browsertest.Eval[string](p, "location.pathname + location.search"); at != "/console/leads?state=new" {
		t.Errorf("led to %s", at)
	}
	p.Tap("@button 退出登录")
	p.See(words.T(words.ZH, "console.signin.out"))
	p.Goto(w.url + "/console/leads")
	p.See(words.T(words.ZH, "console.signin.text"))
	p.Quiet()
}

// Setting up a code: the app's first code confirms it, recovery codes follow.
func TestEnrolment(t *testing.T) {
	w := sqlite(t)
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	w.enter(p, access.RoleAgent)
	p.Goto(w.url + "/console/account")
	p.Type("#password", password)
	p.Tap("@button 保存密码")
	p.See(words.T(words.ZH, "console.account.password.set"))
	p.Tap("@button 设置动态验证码")
	p.See(words.T(words.ZH, "console.account.code.scan"))
	if browsertest.Eval[int](p, "document.querySelector('.qr').naturalWidth") < 100 {
		t.Error("the QR code is not drawn")
	}
	secret := p.Text(".secret code")
	code, err := totp.GenerateCode(secret, time.Now())
	w.must(err)
	p.Type("#code", code)
	p.Tap("@button 确认")
	p.See(words.T(words.ZH, "console.account.recovery.text"))
	if n := len(strings.Fields(p.Text("pre.code"))); n != 10 {
		t.Errorf("%d recovery codes", n)
	}
	p.Quiet()
}

// A passkey is made, the session ended, and the passkey leads in again. The
// authenticator is the browser's own virtual one.
func TestPasskey(t *testing.T) {
	w := sqlite(t)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("lang", "zh-CN"))...)
	defer stop()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	ctx, done := context.WithTimeout(ctx, 60*time.Second)
	defer done()
	step := func(what string, steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	step("start")
	_, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{})
	w.must(err)
	_, err = chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	w.must(err)
	step("enter by link", chromedp.Navigate(w.link(access.RoleOwner)), chromedp.Click("main button"), chromedp.WaitVisible(".shell"))
	step("make a passkey", chromedp.Navigate(w.url+"/console/account"), chromedp.SendKeys("#passkey-name", "Laptop"),
		chromedp.Click("[data-passkey-add] button"), chromedp.WaitVisible(".flash.good"))
	step("sign out", chromedp.Click(".side .who form button"), chromedp.WaitVisible("[data-passkey] button"))
	step("sign in", chromedp.Click("[data-passkey] button"), chromedp.WaitVisible(".shell .figures"))
	w.c.StepUp = -1
	step("step up is asked", chromedp.Navigate(w.url+"/console/step-up?next=/console/people"), chromedp.Click("[data-passkey] button"), chromedp.WaitVisible("#keys"))
	people, err := w.c.Access.People(ctx, w.owner)
	w.must(err)
	for _, s := range people {
		if s.ID == w.owner.ID && (!s.Enrolled || s.Passkeys != 1) {
			t.Errorf("the owner is %+v", s)
		}
	}
}

// The norm answers while the operator types: a text that is missing is named,
// and gone from the list once it is written. The preview follows.
func TestNormPanelFollowsTyping(t *testing.T) {
	w := sqlite(t)
	_, draft := w.furnish()
	p := browsertest.Start(t).Page(t, desktop)
	w.enter(p, access.RoleOwner)
	p.Goto(w.url + editURL(draft))
	p.See(words.T(words.ZH, "console.norm.blocks", "n", 2))
	if p.Count("@button 检查") != 0 {
		t.Error("the button for pages without script is shown")
	}
	p.Tap(`#norm a[href="#texts-zh-purpose"]`)
	if at := browsertest.Eval[string](p, "document.activeElement.id"); at != "texts-zh-purpose" {
		t.Errorf("the shortfall leads to %q", at)
	}
	p.Keys("由顾问回电，介绍您关心的房源。")
	p.See(words.T(words.ZH, "console.norm.blocks", "n", 1))
	p.Until("the preview to follow", func() bool {
		return browsertest.Eval[bool](p, `(document.querySelector('iframe').contentDocument?.body?.innerText ?? '').includes('介绍您关心的房源')`)
	})
	p.Fill("#texts-zh-benefit", "一次不收费的电话介绍。")
	p.See(words.T(words.ZH, "console.norm.ready"))
	p.Tap("@button 单选")
	p.See(words.T(words.ZH, "console.editor.unsaved"))
	if got := p.Value("#texts-zh-benefit"); got != "一次不收费的电话介绍。" {
		t.Errorf("adding a field lost what was typed: %q", got)
	}
	p.Until("the norm to ask for the choices", func() bool { return p.Count("#norm li") > 0 })
	p.Tap("#fields > ol > li:last-child .danger:not(.choice *)")
	p.See(words.T(words.ZH, "console.norm.ready"))
	p.Tap("@button 保存并发布")
	p.See(words.T(words.ZH, "console.publish.done", "n", 1))
	p.Quiet()
}

// Without script the same form works, with a button for what script does.
func TestEditorWithoutScript(t *testing.T) {
	w := sqlite(t)
	_, draft := w.furnish()
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	w.enter(p, access.RoleOwner)
	p.NoScript()
	p.Goto(w.url + editURL(draft))
	p.Type("#texts-zh-purpose", "由顾问回电，介绍您关心的房源。")
	p.Tap("@button 检查")
	p.See(words.T(words.ZH, "console.norm.blocks", "n", 1))
	p.See(words.T(words.ZH, "console.editor.unsaved"))
	p.Tap("@button 保存草稿")
	p.See(words.T(words.ZH, "console.editor.saved"))
	c, err := w.c.Components.Get(t.Context(), w.owner, draft)
	w.must(err)
	if c.Draft.Texts[words.ZH].Purpose != "由顾问回电，介绍您关心的房源。" {
		t.Error("the draft was not saved")
	}
	p.Quiet()
}

// A lead is found, revealed and followed up without touching the mouse.
func TestLeadByKeyboard(t *testing.T) {
	w := sqlite(t)
	phone := number11()
	w.lead(number11(), nil, false)
	id := w.lead(phone, nil, false)
	p := browsertest.Start(t).Page(t, desktop)
	w.enter(p, access.RoleAgent)
	p.Goto(w.url + "/console/leads")
	p.Keys("/")
	if got := p.Focus(); !strings.Contains(got, "线索组件") {
		t.Errorf("/ leads to %s", got)
	}
	p.Press("Tab")
	browsertest.Eval[bool](p, "(document.activeElement.blur(), true)")
	p.Keys("j")
	p.Press("Enter")
	p.Until("the lead", func() bool {
		return browsertest.Eval[string](p, "location.pathname") == "/console/leads/"+id
	})
	p.TabTo("@textbox 原因")
	p.Keys("客户来电要求回访")
	p.Press("Enter")
	p.See(words.T(words.ZH, "console.reveal.shown"))
	if !strings.Contains(p.Text("h1"), grouped("+86"+phone)) {
		t.Errorf("the page shows %q", p.Text("h1"))
	}
	p.Tap("@link 立即隐藏")
	p.Until("the mask", func() bool { return strings.Contains(p.Text("h1"), "******") })
	browsertest.On[bool](p, "#state", "function() { this.value = 'won'; return true }")
	p.Tap("@button 保存跟进结果")
	p.See(words.T(words.ZH, "console.outcome.saved"))
	for _, r := range p.Requests() {
		if strings.Contains(r.URL, phone) || strings.Contains(r.URL, url.QueryEscape("客户")) {
			t.Errorf("a URL holds personal data or a reason")
		}
	}
	p.Quiet()
}

// A new draft starts with what nearly every component has, in both languages.
func TestNewComponentIsADraftToFinish(t *testing.T) {
	w := sqlite(t)
	p := browsertest.Start(t).Page(t, desktop)
	w.enter(p, access.RoleOwner)
	p.Goto(w.url + "/console/components")
	p.Tap("@button 新建线索组件")
	p.See(words.T(words.ZH, "console.editor.basics"))
	list, _, err := w.c.Components.List(t.Context(), w.owner, "", 10)
	w.must(err)
	d := list[0].Draft
	if d.App != w.app || len(d.Fields) != 2 || d.Scene != component.SceneLead || len(d.Langs) != 2 {
		t.Errorf("the draft is %+v", d)
	}
	p.Axe("../../widget/node_modules/axe-core/axe.min.js", "a new draft")
	p.Quiet()
}
