package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/view"
	"clew/finding"
)

var (
	// what a hint in words beside a field looks like
	hintWords = pattern.MustCompile(`请输入|请填|输入您|填写您|11\s*位|十一位|位手机|位数字|格式|例如|如：|如:|不加|区号|大陆|(?i)e\.g\.|digits|enter your`)
	// accounts that hold more than digits
	lettered = pattern.MustCompile(`邮箱|邮件|微信号|(?i)e-?mail`)
)

// hint-missing: nothing tells how to write the phone number, or the hint and the
// keyboard contradict each other.
var hintMissing = Rule{ID: "hint-missing", Clause: "3.1.3.hint", Page: func(c *Case) {
	for _, f := range c.Forms() {
		if !f.Collects {
			continue
		}
		typed, hinted := 0, map[string]bool{}
		anyHint := false
		for _, q := range f.Questions {
			if q.Written || q.Kind == view.FieldChoice || q.Kind == view.FieldDate {
				continue
			}
			typed++
			if hasHint(q) {
				anyHint = true
				hinted[q.Key] = true
			}
		}
		for _, q := range f.Questions {
			if !q.Phone || q.Closed || q.Written || spread(q.Node) {
				continue
			}
			kind, _ := q.Node.Static("type")
			digits := kind == "number" || kind == "digit" || kind == "tel" || kind == "idcard"
			if lettered.MatchString(q.Hint) && kind != "tel" && digits {
				s := At(q.Node, finding.Violation,
					"提示说可以填“"+lettered.FindString(q.Hint)+"”，键盘却只有数字",
					"the hint offers \""+lettered.FindString(q.Hint)+"\", the keyboard has digits only")
				s.Capability = f.Asks[0].Capability()
				s.Fix = &finding.Fix{Message: finding.Say("让提示与键盘类型、长度一致：只收手机号，就只提手机号；也收邮箱，就用文本键盘。", "Let hint, keyboard and length agree: name only the phone number, or use a text keyboard.")}
				c.Say(s)
				continue
			}
			if hasHint(q) || q.Key != "" && hinted[q.Key] || q.Node.Foreign || withButton(f, q) {
				continue
			}
			length := q.Node.Attr("maxlength") != nil
			guided := digits || length || kind == "phone"
			if guided && (anyHint || typed < 2) {
				continue
			}
			zh, en := "手机号输入框没有任何提示：没有占位文字、格式说明、键盘类型和长度", "the phone field has no hint: no placeholder, no words about its format, no keyboard type, no length"
			if guided {
				zh, en = "整个表单没有一项有文字提示，手机号的格式只靠键盘和长度来限制", "no field of the form has a hint in words; keyboard and length alone limit the phone number"
			}
			s := At(q.Node, finding.Violation, zh, en)
			s.Capability = f.Asks[0].Capability()
			s.Fix = &finding.Fix{Message: finding.Say("写上占位文字，如“请输入 11 位手机号”，并设 type=\"number\" 和 maxlength=\"11\"。", "Add a placeholder that names the format, with type=\"number\" and maxlength=\"11\".")}
			c.Say(s)
		}
	}
}}

// hasHint: words, or what may become words, tell how to fill a field in.
func hasHint(q *ask.Question) bool {
	if q.Hint != "" {
		return true
	}
	found := false
	q.Node.Walk(func(n *program.Node) bool {
		for i := range n.Attrs {
			a := &n.Attrs[i]
			switch a.Name {
			case "placeholder", "hint", "tips", "tip", "note", "errormessage", "extra", "description", "placeholdertext", "placeholdervalue":
				if strings.TrimSpace(a.Value) != "" {
					found = true
				}
				if a.Expr != nil {
					if s, ok := n.Page.Program().Look(n, a.Expr).Const(); !ok || strings.TrimSpace(s) != "" {
						found = true
					}
				}
			}
		}
		return !found
	})
	return found || hintWords.MatchString(q.Words())
}

// spread: attributes that cannot be seen may hold a hint.
func spread(n *program.Node) bool {
	for i := range n.Attrs {
		switch n.Attrs[i].Name {
		case "", "bind", "vbind":
			return true
		}
	}
	return false
}

// withButton: the platform's button beside the field fills it in.
func withButton(f *ask.Form, q *ask.Question) bool {
	for _, a := range f.Asks {
		if a.Button != nil && a.Field != nil && a.Field.Node == q.Node {
			return true
		}
	}
	return false
}
