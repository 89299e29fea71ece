package console

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"clew/access"
	"clew/browsertest"
	"clew/capability"
	"clew/component"
	"clew/lead"
	"clew/phone"
	"clew/webhook"
	"clew/words"
)

// furnish fills the world with what pages show.
func (w *world) furnish() (leads []string, draft string) {
	w.t.Helper()
	ctx := w.t.Context()
	def := component.Sample(w.app)
	field, _ := def.Phone()
	again := number11()
	for i, name := range []string{"王女士", "陈先生", "赵", "孙女士", "吴先生", "郑女士", "冯先生"} {
		answers := map[string]string{}
		for _, f := range def.Fields {
			switch {
			case f.ID == field.ID:
			case f.Kind == component.KindName:
				answers[f.ID] = name
			case f.Kind == component.KindRegion:
				answers[f.ID] = "浙江省 杭州市"
			case f.Kind == component.KindChoice:
				answers[f.ID] = f.Choices[i%len(f.Choices)].ID
			case f.Kind == component.KindText && i%2 == 0:
				answers[f.ID] = "想了解劳动合同到期的补偿怎么计算"
			}
		}
		number := number11()
		if i > 4 {
			number = again
		}
		leads = append(leads, w.lead(number, answers, i == 3))
	}
	for i, o := range []lead.Outcome{{State: lead.Connected, Note: "约了周三下午再谈"}, {State: lead.Won}, {State: lead.Invalid, Reason: "INVALID_NUMBER"}} {
		_, err := w.c.Leads.SetOutcome(ctx, w.owner, leads[i], o, 0)
		w.must(err)
	}
	w.must(w.c.Apps.SetOrigins(ctx, w.owner, w.app, []string{"https://www.qingzhou-law.example", "https://m.qingzhou-law.example"}))
	_, err := w.c.Leads.Reveal(ctx, w.owner, leads[0], nil, "客户要求今天回电")
	w.must(err)
	missing := component.Sample(w.app)
	zh := missing.Texts[words.ZH]
	zh.Title, zh.Purpose, zh.Benefit = "购房意向登记", "", "您好"
	missing.Texts[words.ZH] = zh
	draft, err = w.c.Components.Create(ctx, w.owner, missing)
	w.must(err)
	e, secret, err := w.c.Webhooks.Create(ctx, w.owner, webhook.Draft{URL: "http://" + w.port.String() + "/dev/inbox", Description: "开发收件箱", Events: []string{"lead.created", "lead.erased", "consent.withdrawn"}})
	w.must(err)
	w.must(w.c.Inbox.SetSecrets(secret))
	_, err = w.c.Webhooks.Test(ctx, w.owner, e.ID)
	w.must(err)
	_, _, err = w.c.Access.CreateKey(ctx, w.owner, access.NewKey{Name: "客户系统", Scopes: access.ScopeRead | access.ScopeWrite})
	w.must(err)
	_, _, err = w.c.Access.CreateKey(ctx, w.owner, access.NewKey{Name: "联调", Scopes: access.ScopeRead, Test: true})
	w.must(err)
	n, err := phone.Normalize(number11(), phone.DefaultRegion)
	w.must(err)
	w.must(w.sms.Send(ctx, n, "【清舟】验证码 482 913,5 分钟内有效。"))
	return leads, draft
}

// pagesOf is every page a role can open, by a name for its picture.
func (w *world) pagesOf(role access.Role, leads []string, draft string) map[string]string {
	w.t.Helper()
	switch role {
	default: // what every role of the platform has
		return map[string]string{"platform-account": "/console/account"}
	case access.RoleOwner, access.RoleAgent:
	case access.RoleAdmin:
		return map[string]string{
			"platform": "/console/platform", "platform-app": platformURL(w.operator, w.app), "installation": "/console/installation",
			"platform-outbox": "/console/outbox", "platform-people": "/console/people", "platform-audit": "/console/audit",
		}
	case access.RoleAnalyst:
		return map[string]string{"analyst-overview": "/console/", "analyst-leads": "/console/leads", "analyst-funnel": "/console/funnel", "analyst-apps": "/console/apps", "denied": "/console/webhooks"}
	}
	list, err := w.c.Webhooks.List(w.t.Context(), w.owner)
	w.must(err)
	sent, _, err := w.c.Webhooks.Deliveries(w.t.Context(), w.owner, webhook.Filter{}, "", 1)
	w.must(err)
	return map[string]string{
		"overview": "/console/", "funnel": "/console/funnel", "policy": "/console/funnel/policy", "leads": "/console/leads", "lead": "/console/leads/" + leads[0], "export": "/console/leads/export",
		"components": "/console/components", "apps": "/console/apps", "component": "/console/components/" + w.component, "editor": editURL(draft),
		"version":  "/console/components/" + w.component + "/versions/1",
		"webhooks": "/console/webhooks", "endpoint": "/console/webhooks/" + list[0].ID, "delivery": "/console/deliveries/" + sent[0].ID,
		"people": "/console/people", "outbox": "/console/outbox", "audit": "/console/audit", "account": "/console/account",
		"inbox": "/dev/inbox", "missing": "/console/nowhere", "leads-none": "/console/leads?from=2020-01-01&to=2020-01-02",
	}
}

var desktop = browsertest.Screen{Width: 1280, Height: 900, Scale: 1}

// Every page, in both languages, light and dark, on a laptop and a phone, has no
// violation axe-core can find and no error in the browser's console. With
// CLEW_SCREENSHOTS set to a folder each is also kept there as a picture.
func TestScreens(t *testing.T) {
	w := sqlite(t)
	leads, draft := w.furnish()
	w.furnishFunnel()
	more := w.furnishApps()
	for _, look := range []struct {
		lang, scheme string
		screen       browsertest.Screen
	}{{"zh", "light", desktop}, {"en", "light", desktop}, {"zh", "dark", desktop}, {"zh", "light", browsertest.Phone}, {"en", "dark", browsertest.Phone}} {
		device := "desktop"
		if look.screen.Touch {
			device = "phone"
		}
		for _, role := range []access.Role{access.RoleOwner, access.RoleAnalyst, access.RoleAdmin} {
			t.Run(fmt.Sprintf("%s-%s-%s-%s", role, look.lang, look.scheme, device), func(t *testing.T) {
				p := browsertest.Start(t).Page(t, look.screen)
				p.Media("prefers-color-scheme", look.scheme, "prefers-reduced-motion", "reduce")
				shot := func(name string) {
					p.Axe("../../widget/node_modules/axe-core/axe.min.js", name)
					if dir := os.Getenv("CLEW_SCREENSHOTS"); dir != "" {
						p.FullScreenshot(filepath.Join(dir, fmt.Sprintf("console-%s-%s-%s-%s.png", name, look.lang, look.scheme, device)))
					}
				}
				if role == access.RoleOwner {
					p.Goto(w.url + "/console/sign-in?lang=" + look.lang)
					shot("sign-in")
				}
				p.Goto(w.link(role) + "?lang=" + look.lang)
				if role == access.RoleOwner {
					shot("link")
				}
				p.Tap("main button")
				p.Until("the console", func() bool { return p.Count(".shell") == 1 })
				pages := w.pagesOf(role, leads, draft)
				maps.Copy(pages, more.more(w, role))
				for name, path := range pages {
					p.Goto(w.url + path)
					shot(name)
				}
				p.Quiet("404", "403")
			})
		}
	}
}

// Pages that only answer an action are held to the same.
func TestScreensOfAnswers(t *testing.T) {
	w := sqlite(t)
	p := browsertest.Start(t).Page(t, desktop)
	p.Media("prefers-color-scheme", "light", "prefers-reduced-motion", "reduce")
	shot := func(name string) {
		p.Axe("../../widget/node_modules/axe-core/axe.min.js", name)
		if dir := os.Getenv("CLEW_SCREENSHOTS"); dir != "" {
			p.FullScreenshot(filepath.Join(dir, "console-"+name+"-zh-light-desktop.png"))
		}
	}
	w.enter(p, access.RoleOwner)
	shot("start")
	leads, draft := w.furnish()
	list, err := w.c.Webhooks.List(t.Context(), w.owner)
	w.must(err)

	p.Goto(w.url + "/console/webhooks/" + list[0].ID)
	p.Tap("@button 发送测试事件")
	p.See("测试结果")
	shot("hops")
	p.Goto(w.url + "/console/leads/" + leads[0])
	p.Type("#reveal-reason", "客户来电要求回访")
	p.Press("Enter")
	p.See("正在显示完整内容")
	shot("revealed")
	p.Goto(w.url + appURL(w.app, "/sites"))
	p.Type("#origins", "/x/")
	p.Tap("@button 保存来源")
	p.See("不是网站来源")
	shot("origins-refused")
	p.Goto(w.url + "/console/people")
	p.Tap("summary:has(+ form[action='/console/keys'])")
	p.Type("#key-name", "客户系统二")
	p.Tap("@button 创建")
	p.See("密钥已创建")
	shot("key")
	p.Tap("@DisclosureTriangle 管理 周宁")
	shot("people-menu")
	p.Goto(w.url + editURL(draft))
	p.Tap("@button 单选")
	p.See("未保存")
	p.Tap("@button 添加接收方")
	p.See("接收方 1")
	shot("editor-parts")
	p.Goto(w.url + "/console/account")
	p.Tap("@button 设置动态验证码")
	p.See("用验证器应用扫描")
	shot("code")
	w.c.StepUp = -1
	w.enrol(access.RoleOwner)
	p.Goto(w.url + "/console/step-up?next=/console/people")
	shot("step-up")
	w.must(w.c.Capability.Decide(t.Context(), access.Caller{Kind: access.KindStaff, ID: w.staff[access.RoleAdmin].ID, Role: access.RoleAdmin},
		w.operator, w.app, capability.Suspended, "抽检发现强制授权后才能浏览", "CASE-2026-0042"))
	w.enter(p, access.RoleOwner)
	shot("closed")
	p.Quiet()
}
