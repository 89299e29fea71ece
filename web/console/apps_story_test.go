package console

import (
	"strings"
	"testing"

	"clew/access"
	"clew/browsertest"
	"clew/component"
	"clew/db"
)

// hand puts a file into a page's file field as a person's choice does.
func hand(p *browsertest.Page, field, name string) {
	browsertest.On[bool](p, field, `function() {
		const all = new DataTransfer()
		all.items.add(new File(['%PDF-1.7 story'], '`+name+`', { type: 'application/pdf' }))
		this.files = all.files
		return true
	}`)
}

// An operator and the platform's staff bring an app from nothing to a placed
// component in a real browser; then its category closes and the page says so.
func TestApplicationStory(t *testing.T) {
	w := sqlite(t)
	id := w.newApp(w.operator, "清舟招聘")
	browser := browsertest.Start(t)
	owner, admin := browser.Page(t, desktop), browser.Page(t, desktop)
	w.enter(owner, access.RoleOwner)
	owner.Goto(w.url + "/console/apps")
	owner.Tap("@link 清舟招聘")
	owner.See(zh("condition.unmet"))
	owner.Tap("section:has(#cats) .empty a")
	owner.See(zh("category.new.sub"))
	owner.Type(".picker input[type=search]", "人力资源服务")
	owner.Until("the list to narrow", func() bool {
		return browsertest.Eval[int](owner, `[...document.querySelectorAll('[data-narrow-row]')].filter(r => !r.hidden).length`) == 1
	})
	if heads := browsertest.Eval[int](owner, `[...document.querySelectorAll('[data-narrow-head]')].filter(r => !r.hidden).length`); heads != 1 {
		t.Errorf("%d groups stand above one row", heads)
	}
	owner.Axe("../../widget/node_modules/axe-core/axe.min.js", "a narrowed list")
	owner.Tap(`[data-narrow-row="` + staffCategory + `"]`)
	hand(owner, "#papers", "营业执照.pdf")
	owner.Tap("@button 提交申请")
	owner.See(zh("category.applied.now"))

	w.enter(admin, access.RoleAdmin)
	admin.Goto(w.url + "/console/platform/queue")
	browsertest.Eval[bool](admin, "(document.activeElement.blur(), true)")
	admin.Keys("j")
	admin.Press("Enter")
	admin.See("营业执照.pdf")
	admin.See(zh("category.must"))
	admin.Tap("@button 作出决定")
	admin.See(zh("category.moved"))
	admin.Tap("@button 作出决定")
	admin.Until("the category to be online", func() bool { return strings.Contains(admin.Text("h1"), zh("category.online")) })

	w.enter(owner, access.RoleOwner)
	owner.Goto(w.url + appURL(id, ""))
	owner.Tap(`#condition-privacy_declared a`)
	owner.Type("#item-1", "由顾问回电，介绍岗位")
	owner.Type("#email", "privacy@qingzhou.example")
	owner.Press("Enter")
	owner.See(zh("privacy.saved"))
	owner.Goto(w.url + appURL(id, ""))
	owner.Type("#reason", "开展招聘咨询")
	owner.Press("Enter")
	owner.See(zh("capability.applied.now"))

	w.enter(admin, access.RoleAdmin)
	admin.Goto(w.url + "/console/platform/queue")
	admin.Tap("@link " + zh("capability.title"))
	admin.See("开展招聘咨询")
	admin.Type("#reason", "材料齐全")
	admin.Press("Enter")
	admin.See(zh("capability.decided"))

	def := component.Sample(id)
	def.Verification = component.Typed
	cmp := w.publish(def)
	w.enter(owner, access.RoleOwner)
	owner.Goto(w.url + targetURL(cmp, "/new"))
	owner.Type("#name", "上海招聘")
	owner.Type("#places", "徐汇")
	owner.Until("districts to be found", func() bool { return owner.Count(".found button") == 1 })
	owner.Press("Enter")
	if got := owner.Value("#regions"); got != "310104 上海市徐汇区\n" {
		t.Errorf("the list holds %q", got)
	}
	owner.Type("#places", "浦东")
	owner.Until("districts to be found", func() bool { return owner.Count(".found button") == 1 })
	owner.Axe("../../widget/node_modules/axe-core/axe.min.js", "found districts")
	owner.Tap(".found button")
	owner.Tap("@button 保存")
	owner.See(zh("target.saved"))
	owner.See(zh("target.validity.inactive"))
	owner.See("上海市浦东新区")
	owner.Tap("summary:has(+ p + .secret)")
	owner.See("clue-component-id=")

	w.enter(admin, access.RoleAdmin)
	admin.Goto(w.url + openingURL(staffCategory))
	admin.Type("#reason", "主管部门要求整改")
	admin.Tap("@button 保存更改")
	admin.See(zh("eligibility.saved"))
	w.enter(owner, access.RoleOwner)
	owner.Goto(w.url + "/console/components/" + cmp)
	owner.See(zh("target.validity.invalid"))
	owner.See(zh("target.why.category_lapsed"))
	owner.Axe("../../widget/node_modules/axe-core/axe.min.js", "an invalid target")
	owner.Quiet()
	admin.Quiet()
}

// The same forms work on a phone without script.
func TestAppsWithoutScript(t *testing.T) {
	w := sqlite(t)
	id := w.newApp(w.operator, "清舟招聘")
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	w.enter(p, access.RoleOwner)
	p.NoScript()
	p.Goto(w.url + appURL(id, "/category"))
	if p.Count(".picker input[type=search]:not([hidden])") != 0 {
		t.Error("a field that needs script is shown")
	}
	p.Tap(`[data-narrow-row="` + lawCategory + `"]`)
	hand(p, "#papers", "执业许可证.pdf")
	p.Tap("@button 提交申请")
	p.See(zh("category.applied.now"))
	p.Goto(w.url + targetURL(w.component, "/new"))
	p.Type("#name", "上海咨询")
	p.Type("#regions", "朝阳区")
	p.Tap("@button 保存")
	p.See("110105 北京市朝阳区")
	if got := p.Value("#name"); got != "上海咨询" {
		t.Errorf("the name became %q", got)
	}
	p.Fill("#regions", "北京市朝阳区")
	p.Tap("@button 保存")
	p.See(zh("target.saved"))
	w.must(w.c.DB.Read(t.Context(), func(tx *db.Tx) error {
		list, err := component.TargetsOf(t.Context(), tx, w.operator, w.component)
		if len(list) != 1 || len(list[0].Regions) != 1 || list[0].Regions[0] != "110105" {
			t.Errorf("kept %+v", list)
		}
		return err
	}))
	p.Quiet()
}
