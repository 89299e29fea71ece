package rule

import (
	"fmt"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/finding"
)

var (
	sensitive = pattern.MustCompile(`身份证|银行卡|护照|证件号|证件信息|病史|过敏|健康状况|社保|(?i)^id_?card|idnumber|idcardno|^bank_?card|passport`)
	// forms that are no lead forms need more
	needsMore = pattern.MustCompile(`支付|付款|下单|购买|登录|登陆|注册|绑定|认证|实名|投保|签约|签署`)
	otherPage = pattern.MustCompile(`(?i)order|pay|contract|address|login|auth|register|bind|insure|certif`)
)

// maxAsked is how many questions a lead form may ask before it is worth a look.
const maxAsked = 6

// too-much-asked: a lead form asks for something sensitive, or for much.
var tooMuchAsked = Rule{ID: "too-much-asked", Clause: "3.1.3.concise", Page: func(c *Case) {
	if otherPage.MatchString(c.Page.Unit.Name()) {
		return
	}
	for _, f := range c.Forms() {
		if !f.Collects || len(f.Questions) == 0 || bought(f) {
			continue
		}
		list := f.Asked()
		asked := len(list)
		for _, q := range list {
			kind, _ := q.Node.Static("type")
			word := ""
			for _, s := range []string{q.Hint, q.Label, q.Key} {
				if w := sensitive.FindString(s); w != "" && len([]rune(s)) < 30 && word == "" {
					word = w
				}
			}
			if word == "" && kind != "idcard" {
				continue
			}
			s := At(q.Node, finding.Review, "留资表单要“"+questionName(q)+"”，这是敏感个人信息：回电需要它吗", "a lead form asks for \""+questionName(q)+"\", which is sensitive: does calling back need it?")
			s.Capability = f.Asks[0].Capability()
			s.Fix = &finding.Fix{Message: finding.Say("只留回电用得上的项；确实要收，单独取得同意并说明原因。", "Keep what calling back needs; where it is needed, ask for separate consent and say why.")}
			c.Say(s)
		}
		if asked <= maxAsked {
			continue
		}
		at := f.Node
		if at == nil {
			at = f.Questions[0].Node
		}
		s := At(at, finding.Review, fmt.Sprintf("留资表单一共问了 %d 项", asked), fmt.Sprintf("a lead form asks %d questions", asked))
		s.Capability = f.Asks[0].Capability()
		s.Fix = &finding.Fix{Message: finding.Say("先留手机号、称呼和需求，其余联系上以后再问。", "Ask for phone, name and need, and for the rest once in contact.")}
		c.Say(s)
	}
}}

// bought reports whether a form orders, signs or logs in.
func bought(f *ask.Form) bool {
	for _, s := range f.Sends {
		if needsMore.MatchString(s.Words) {
			return true
		}
	}
	return false
}
