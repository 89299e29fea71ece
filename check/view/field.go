package view

import (
	"strings"

	"clew/check/code"
)

// FieldKind is what a field takes.
type FieldKind uint8

// The kinds of field.
const (
	FieldNone FieldKind = iota
	FieldText
	FieldNumber
	FieldPhone
	FieldPassword
	FieldCode // that was sent to the phone or drawn as a picture
	FieldChoice
	FieldCheck
	FieldRadio
	FieldSwitch
	FieldDate
	FieldUpload
)

// IsField reports whether the element takes something from the person.
func (e *Element) IsField() bool { return e.FieldKind() != FieldNone }

// FieldKind is what the element takes from the person; of an input by its type,
// its names and its placeholder. A check box that is made of pictures is none: see
// IsCheck.
func (e *Element) FieldKind() FieldKind {
	switch e.Name {
	case "", "view", "text", "image", "button", "div", "block", "template", "View", "Text", "Image", "Button":
		return FieldNone
	}
	name := kindOf(e.Name)
	kind, ok := fieldKinds[name]
	if !ok {
		return FieldNone
	}
	switch kind {
	case FieldText, FieldNumber:
		return e.inputKind(name, kind)
	case FieldChoice:
		switch mode, _ := e.Static("mode"); mode {
		case "date", "time", "datetime", "year-month":
			return FieldDate
		}
	}
	return kind
}

func (e *Element) inputKind(name string, kind FieldKind) FieldKind {
	kindly, _ := e.Static("type")
	kindly = strings.ToLower(strings.TrimSpace(kindly))
	switch kindly {
	case "submit", "button", "reset", "image", "hidden":
		if name == "input" {
			return FieldNone
		}
	case "checkbox":
		return FieldCheck
	case "radio":
		return FieldRadio
	case "file":
		return FieldUpload
	case "date", "time", "datetime", "datetime-local", "month", "week":
		return FieldDate
	case "password", "safe-password":
		return FieldPassword
	case "select":
		return FieldChoice
	}
	if on, known := e.Says("password"); on && known {
		return FieldPassword
	}
	means := e.means()
	switch {
	case means == FieldCode:
		return FieldCode
	case kindly == "tel" || kindly == "phone" || kindly == "phonenumber" || means == FieldPhone:
		return FieldPhone
	case kindly == "number" || kindly == "digit" || kindly == "idcard":
		if length, _ := e.Static("maxlength"); length == "11" {
			return FieldPhone
		}
		return FieldNumber
	}
	return kind
}

// means is what an input's names and placeholder say that it takes: a phone number,
// a code, or FieldNone for anything else. The clearest is asked first.
func (e *Element) means() FieldKind {
	if _, _, clue := e.ClueMarks(); clue != nil && strings.Trim(clue.Value+lastConstant(clue.Expr), "'\" ") == "1" {
		return FieldPhone
	}
	for _, name := range []string{"placeholder", "label", "title"} {
		a := e.Attr(name)
		if a == nil {
			continue
		}
		for _, s := range append(Literals(a.Expr), a.Value) {
			if kind := spoken(s); kind != FieldNone {
				return kind
			}
		}
	}
	for i := range e.Attrs {
		a := &e.Attrs[i]
		switch a.Name {
		case "name", "id", "prop", "field", "value", "modelvalue", "datafield", "dataname", "datakey", "datatype", "datakind", "autocomplete", "ref":
			name := a.Value
			if a.Expr != nil {
				name = lastName(a.Expr) + " " + lastConstant(a.Expr)
			}
			if kind := named(name); kind != FieldNone {
				return kind
			}
		}
	}
	for i := range e.Events {
		switch ev := &e.Events[i]; ev.Name {
		case "input", "change", "blur", "confirm":
			if kind := named(lastName(ev.Handler)); kind != FieldNone {
				return kind
			}
		}
	}
	return FieldNone
}

func lastConstant(v *code.Value) string {
	if v != nil && (v.Kind == code.String || v.Kind == code.Number) {
		return v.Str
	}
	return ""
}

// spoken is what a placeholder or label asks for.
func spoken(s string) FieldKind {
	switch {
	case s == "":
		return FieldNone
	case containsAny(s, "验证码", "校验码", "动态码", "短信码", "图形码"):
		return FieldCode
	case containsAny(s, "手机", "电话", "联系方式", "座机"):
		if containsAny(s, "密码", "姓名", "微信") && !containsAny(s, "手机号", "电话") {
			return FieldNone
		}
		return FieldPhone
	}
	low := strings.ReplaceAll(strings.ToLower(s), "iphone", "")
	switch {
	case containsAny(low, "verification code", "sms code", "captcha"):
		return FieldCode
	case containsAny(low, "phone", "mobile", "telephone"):
		return FieldPhone
	}
	return FieldNone
}

var (
	phoneWords = set("phone mobile tel telephone cellphone shouji sjh phonenumber phonenum mobilephone telphone lianxidianhua dianhua phoneno mobileno tele")
	codeWords  = set("captcha yzm vcode smscode verifycode checkcode authcode phonecode vercode yanzhengma verificationcode validcode mobilecode imgcode")
	otherCodes = set("invite invitation zip post postal qr bar discount coupon area city country promo referral employee school district region id")
)

// named is what an identifier says: phone, userPhone, tel, verify_code.
func named(name string) FieldKind {
	if name == "" {
		return FieldNone
	}
	words := wordsOf(name)
	phone, other := false, false
	for _, w := range words {
		switch {
		case codeWords[w]:
			return FieldCode
		case phoneWords[w] || strings.HasSuffix(w, "phone") || strings.HasPrefix(w, "phone") || strings.HasPrefix(w, "mobile"):
			phone = true
		case otherCodes[w]:
			other = true
		}
	}
	for _, w := range words {
		if w == "code" && !other {
			return FieldCode
		}
	}
	if phone {
		return FieldPhone
	}
	return FieldNone
}

func containsAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
