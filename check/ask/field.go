package ask

import (
	"strings"

	"clew/check/pattern"
	"clew/check/program"
	"clew/check/view"
)

// what a phone field is called in code, and to people
var (
	phoneKey  = pattern.MustCompile(`(?i)(^|[^a-z])(tel|cell|mobile|phone|shouji|sjh|lxdh|dianhua)([^a-z]|$)|phone|mobile|telephone|cellphone`)
	phoneWord = pattern.MustCompile(`手机|电话|联系方式|手機|電話`)
	otherWord = pattern.MustCompile(`座机|客服|搜索|查询|查找|机型|手机品牌|手机型号|验证码|暗号|紧急|微信号|分机`)
	codeWord  = pattern.MustCompile(`验证码|校验码|动态码`)
	codeKey   = pattern.MustCompile(`(?i)(sms|verify|auth|valid|captcha|check)?_?code$|yzm|captcha|verif`)
	phoneHint = pattern.MustCompile(`(?i)phone|mobile`)
)

// IsPhoneField reports whether a person types a phone number of their own into it.
func IsPhoneField(n *program.Node) bool {
	if n.Text != nil {
		return false
	}
	switch n.FieldKind() {
	case view.FieldPhone:
	case view.FieldText, view.FieldNumber:
	default:
		return false
	}
	f := field(n)
	return f.Phone
}

func field(n *program.Node) *Field {
	f := &Field{Node: n, Kind: n.FieldKind()}
	f.Hint, _ = n.Static("placeholder")
	if f.Hint == "" {
		if v := n.Expr("placeholder"); v != nil {
			f.Hint = n.Page.Program().Look(n, v).Text()
		}
	}
	f.Label = n.Label()
	f.Key = key(n)
	f.Code = codeWord.MatchString(f.Hint) || codeWord.MatchString(f.Label) && !phoneWord.MatchString(f.Hint) || codeKey.MatchString(f.Key) && !phoneHint.MatchString(f.Key)
	words := f.Hint
	if words == "" {
		words = f.Label
	}
	search := false
	if s, ok := n.Static("confirm-type"); ok && s == "search" {
		search = true
	}
	switch {
	case f.Code || search:
	case f.Kind == view.FieldPhone:
		f.Phone = !otherWord.MatchString(words)
	case otherWord.MatchString(words):
	case phoneWord.MatchString(words):
		f.Phone = true
	case phoneKey.MatchString(f.Key):
		f.Phone = true
	case f.Hint != "" && phoneWord.MatchString(f.Label):
		f.Phone = len([]rune(f.Label)) < 12
	}
	if on, known := n.Says("disabled"); known && on {
		f.Closed = true
	}
	if on, known := n.Says("readonly"); known && on {
		f.Closed = true
	}
	if s, ok := n.Static("disabled"); ok && strings.TrimSpace(s) == "false" { // the text, not the value: it counts as true
		f.Closed = true
	}
	return f
}

// key is what the code calls the field: its name, the state it shows, or its
// data-attribute.
func key(n *program.Node) string {
	if s, ok := n.Static("name"); ok && s != "" {
		return s
	}
	for _, name := range []string{"value", "model-value", "prop", "data-name", "data-key", "data-field", "data-type", "id"} {
		a := n.Attr(name)
		if a == nil {
			continue
		}
		if a.Expr != nil {
			t := n.Page.Program().Look(n, a.Expr)
			if t.Kind == program.State {
				return t.Str
			}
			continue
		}
		if a.Value != "" {
			return a.Value
		}
	}
	for i := range n.Events {
		if h := n.Events[i].Handler; h != nil && h.Str != "" && phoneKey.MatchString(h.Str) {
			return h.Str
		}
	}
	return ""
}

// fields is what else the person fills in there.
func fields(a *Ask) []*Field {
	var list []*Field
	add := func(n *program.Node) {
		if n.Text == nil && n.IsField() && !n.IsCheck() {
			list = append(list, field(n))
		}
	}
	if a.Form != nil {
		a.Form.Walk(func(n *program.Node) bool { add(n); return true })
		return list
	}
	a.Each(add)
	return list
}

var sendWord = pattern.MustCompile(`提交|预约|报名|确认|确定|申请|登录|登陆|注册|保存|下一步|咨询|领取|发送|立即|获取报价|免费|报价|绑定|完成|同意|授权|加入|看房|试驾|评估|估价|联系我|回电|试听|提 交|确 定|登 录|预 约|(?i)submit|sign up|book|log ?in|send|apply|save|confirm|next|register`)

// submits is what sends the form.
func submits(a *Ask) []Submit {
	var list []Submit
	pg := a.Page
	if a.Form != nil {
		if e, ok := pg.On(a.Form, "submit"); ok {
			words, node := "", a.Form
			a.Form.Walk(func(n *program.Node) bool {
				if s, ok := n.Static("form-type"); ok && strings.EqualFold(s, "submit") {
					node, words = n, n.Words()
				} else if s, ok := n.Static("type"); ok && s == "submit" {
					node, words = n, n.Words()
				} else if s, ok := n.Static("native-type"); ok && s == "submit" {
					node, words = n, n.Words()
				}
				return true
			})
			list = append(list, Submit{node, e, pg.Trace(e), words})
		}
	}
	seen := map[*program.Node]bool{a.Button: true}
	a.Each(func(n *program.Node) {
		if n.Text != nil || !n.Tappable() || seen[n] || n.IsField() || n.IsCheck() {
			return
		}
		if isPhoneTag(n) {
			return
		}
		e, ok := pg.On(n, "tap")
		if !ok {
			e, ok = pg.On(n, "getuserinfo") // a button that asks for the profile on the way
		}
		if !ok {
			return
		}
		words := n.Words()
		if words == "" {
			words = n.TextsWithAttrs()
		}
		if len([]rune(words)) > 24 || codeWord.MatchString(words) {
			return
		}
		worded := sendWord.MatchString(words)
		if !worded && !n.IsButton() {
			return
		}
		t := pg.Trace(e)
		if worded && !n.IsButton() && !sends(t) || !worded && !carries(a, t) {
			return
		}
		seen[n] = true
		list = append(list, Submit{n, e, t, words})
	})
	return list
}

// carries reports whether a run sends what was typed into the phone field.
func carries(a *Ask, t *program.Trace) bool {
	if a.Field == nil || a.Field.Key == "" {
		return false
	}
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.Kind != program.Request {
			continue
		}
		for _, arg := range e.Args {
			if a.Page.Program().Deep(arg, 3).Any(func(t *program.Term) bool { return t.Kind == program.State && t.Str == a.Field.Key }) {
				return true
			}
		}
	}
	return false
}

// sends reports whether a run sends something.
func sends(t *program.Trace) bool {
	for i := range t.Effects {
		if t.Effects[i].Kind == program.Request {
			return true
		}
	}
	return false
}
