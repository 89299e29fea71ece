package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/code"
	"clew/check/pattern"
	"clew/check/program"
)

// telling is what the words around a question say about why the number is asked.
type telling uint8

const (
	nothingTold telling = iota
	phraseTold          // only a phrase that fits anywhere
	purposeTold         // who calls, about what, or what the person gets
)

var (
	// purposeWords is a sentence that tells what becomes of the number.
	purposeWords = pattern.MustCompile(`联[系络](您|你)|(与|和|跟)(您|你).{0,8}(联[系络]|沟通|确认|约)|(您|你)(取得)?联[系络]|便于.{0,10}联[系络]|致电|回电|回访|打电话|来电|电话(告诉|告知|联系|沟通|通知|协助|回复)|告诉(您|你)|` +
		`给(您|你).{0,6}(电话|回复|答复|发)|(通知|告知|回复|答复)(我|您|你)([^们]|$)|` +
		`(尽快|及时|第一时间|小时内|分钟内|工作日|稍后|客服|顾问|人员|专员|经纪人|设计师|律师|老师|管家|专家|团队).{0,16}(联[系络]|回复|沟通|解答|对接|致电|跟进|介绍|来电|打电话|回电)|` +
		`用于|用来|用作|用途|以便|以供|仅供|方便.{0,14}(联[系络]|通知|核实|发送|查询|查看|找回|登录|确认)|作为.{0,12}(凭证|账号|联系|依据)|` +
		`(报价|结果|方案|资料|短信|通知|订单|券|礼品|户型图|预算|底价|优惠).{0,14}(发送|发到|发至|推送|寄给)|` +
		`(即可|后可|就能|便可|，可以?|,可以?).{0,12}(查看|同步|享|获得|领取|获取|接收|收到|参与|体验|解锁|登录|注册|绑定|完成)|自动(创建|注册|登录)|` +
		`为(您|你).{0,4}(介绍|推荐|匹配|安排|解答|定制|发送|办理|估算|计算|评估|匹配|对接|预留|寄)|(我们|本公司)(将|会).{2,}|` +
		`(依|根据|按).{0,12}(法|规定|监管).{0,10}(要求|规定)?|(?i:(call|contact|reach|text) you|used (for|to)|so (that )?we can|we('ll| will)|in order to)`)
	// anyPhrase is a reason that fits anywhere.
	anyPhrase = pattern.MustCompile(`[^，。；！!,.;]*(更好|更优质|优质|便捷|完善|提升|良好|极致|完整)[^，。；！!,.;]{0,12}(服务|体验)[^，。；！!,.;]*[，。；！!,.;]?`)
	// textName is what a state is called that brings words from elsewhere.
	textName  = pattern.MustCompile(`(?i)(desc|tips?|content|intro|notice|rules?|remark|msg|purpose|html|subtitle|summary|detail|text|explain)[a-z]*$`)
	paintName = pattern.MustCompile(`(?i)intro|desc|banner|poster|rule|activity|guide|explain|flow|detail|tips`)
)

// tells reads the words around a question. unseen is true where words may stand in
// a picture or come from elsewhere.
func tells(a *ask.Ask) (what telling, phrase string, unseen bool) {
	var all strings.Builder
	add := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			all.WriteString(s)
			all.WriteString("。")
		}
	}
	for _, f := range a.Fields {
		add(f.Hint)
	}
	a.Each(func(n *program.Node) {
		if n.Text == nil {
			for _, name := range []string{"title", "placeholder", "content", "desc", "message", "label", "text", "tip"} {
				if s, ok := n.Static(name); ok {
					add(s)
				} else if v := n.Expr(name); v != nil && n.Name != "input" {
					t := n.Page.Program().Look(n, v)
					add(n.Page.Program().In(t, n.Page.Program().Initially).Text())
				}
			}
			unseen = unseen || painted(n) && !vendored(n)
			return
		}
		w := ask.Written(n)
		add(w)
		for _, part := range n.Text {
			if part.Expr != nil && w == "" && !vendored(n) && (a.Dialog != nil || a.Form != nil && n.Inside(a.Form)) && textName.MatchString(endOf(part.Expr)) {
				unseen = true
			}
		}
	})
	w := strings.Join(strings.Fields(all.String()), "")
	phrase = anyPhrase.FindString(w)
	rest := anyPhrase.ReplaceAllString(w, "")
	switch {
	case purposeWords.MatchString(rest):
		return purposeTold, "", unseen
	case phrase != "":
		return phraseTold, strings.Trim(phrase, "，。；！,.;"), unseen
	}
	return nothingTold, "", unseen
}

// vendored: a part of a library that lies in the project.
func vendored(n *program.Node) bool {
	path := strings.ToLower(n.File.Path)
	return n.File.Vendored || strings.Contains(path, "uni_modules") || strings.Contains(path, "miniprogram_npm") || strings.Contains(path, "vant") || strings.Contains(path, "uview")
}

func endOf(v *code.Value) string {
	switch v.Kind {
	case code.Member, code.Global:
		return v.Str
	case code.Local:
		if v.Var != nil {
			return v.Var.Name
		}
	}
	return ""
}

// painted reports whether an element may show words that are not in the source: a
// wide picture, or text from a server.
func painted(n *program.Node) bool {
	switch n.Kind() {
	case "rich-text", "web-view", "mp-html", "parser", "parse", "iframe":
		return true
	case "image", "img":
		src, ok := n.Static("src")
		if mode, _ := n.Static("mode"); ok && src != "" && strings.EqualFold(mode, "widthFix") {
			return true
		}
		if i := strings.LastIndexByte(src, '/'); i >= 0 {
			src = src[i+1:]
		}
		return paintName.MatchString(src)
	}
	return n.Attr("v-html") != nil
}
