package rule

import (
	"slices"
	"strings"

	"clew/check/ask"
	"clew/check/program"
	"clew/check/source"
	"clew/finding"
)

var phoneScope = Rule{ID: "phone-scope", Clause: "3.3.scope", Page: func(c *Case) {
	done := map[*program.Node]bool{}
	for _, a := range c.Asks {
		at := own(a.Node)
		if done[at] || c.wraps(a.Node) || library(at.File) {
			continue
		}
		u := a.Use()
		v := c.scope(a, &u)
		if v == finding.Pass {
			continue
		}
		if at = user(at, &u); done[at] {
			continue
		}
		done[at] = true
		c.Say(scopeSay(a, at, &u, v))
		if a.Button != nil && a.Field != nil && c.Reading == Strict {
			if field := own(a.Field.Node); field.File != at.File && !done[field] { // the page's field, a component's button
				done[field] = true
				c.Say(scopeSay(a, field, &u, v))
			}
		}
	}
}}

// wraps: a tag of a component of the project's own, in which the question itself is
// found; of a library's component the tag is the question.
func (c *Case) wraps(n *program.Node) bool {
	if n.Comp == nil || library(n.Comp.Source.Main()) {
		return false
	}
	for _, a := range c.Asks {
		if a.Node != n && a.Node.Inside(n) && own(a.Node) != n {
			return true
		}
	}
	return false
}

// Library reports whether a file is a component library's, kept in the project.
func Library(f *source.File) bool { return library(f) }

// library reports whether a file is a component library's, kept in the project.
func library(f *source.File) bool {
	if f.Vendored {
		return true
	}
	path := "/" + strings.ToLower(f.Path)
	for _, s := range []string{"/uni_modules/", "miniprogram_npm", "/npm/", "vant", "/dist/", "uview", "/lib/", "iview", "weui", "colorui", "/wux", "tdesign", "antui", "antd-mini", "/firstui", "/thorui", "/tui-", "/u-", "/uni-", "/van-"} {
		if strings.Contains(path, s) {
			return true
		}
	}
	return false
}

// scope is the verdict of clause 3.3 on a use; Pass where there is nothing to say.
func (c *Case) scope(a *ask.Ask, u *ask.Use) finding.Verdict {
	capability := a.Capability()
	douyin := c.Program.Target == source.Douyin || c.Program.Target == "" && slices.Contains(c.Program.Project.Platforms, source.Douyin)
	switch capability {
	case finding.ClueForm:
		switch {
		case u.Mixed, u.Purpose.Misuse() && !u.Sure:
			return finding.Review
		case u.Purpose.Misuse(), u.Purpose == ask.Other && u.Sure:
			return finding.Violation
		case u.Purpose == ask.UnknownPurpose && u.Lost:
			return finding.Review
		}
		return finding.Pass
	case finding.GeneralPhone:
		if c.Reading != Strict {
			switch {
			case !douyin:
				return finding.Pass
			case u.Purpose == ask.Lead, u.Purpose == ask.Benefit, u.Purpose == ask.Other && u.Sure:
				return finding.Review
			}
			return finding.Pass
		}
		switch {
		case u.Mixed, u.Purpose.Misuse() && !u.Sure && shown(u), u.Purpose == ask.Other && u.Sure:
			return finding.Review
		case u.Purpose.Misuse() && u.Sure:
			return finding.Violation
		case u.Purpose == ask.UnknownPurpose && u.Lost:
			return finding.Review
		}
		return finding.Pass
	}
	switch {
	case c.Reading != Strict || !u.Purpose.Misuse():
		return finding.Pass
	case u.Sure && !u.Mixed:
		return finding.Violation
	case u.Mixed || len(u.Evidence) > 0 && u.Evidence[0].Kind <= ask.Told:
		return finding.Review
	}
	return finding.Pass
}

// shown reports whether code, not only names of places and texts, speaks of the use.
func shown(u *ask.Use) bool {
	return slices.ContainsFunc(u.Evidence, func(e ask.Evidence) bool { return e.Purpose == u.Purpose && e.Kind <= ask.Handled })
}

// own is the element of the project's own templates that a node belongs to: of a
// library's button or field, the tag by which the project uses it.
func own(n *program.Node) *program.Node {
	for n.Host != nil {
		_, asks := n.Host.AsksPhone()
		if !library(n.File) || !asks && !n.Host.IsField() && !n.File.Vendored {
			break
		}
		n = n.Host
	}
	return n
}

// user is the tag whose handler uses the number: of a component that only hands it on
// to its host, the host's tag, for another host may use the same one for a lead.
func user(at *program.Node, u *ask.Use) *program.Node {
	e := mainEvidence(u)
	if e == nil {
		return at
	}
	for _, s := range e.Effect.Path() {
		if s.Kind == program.Event && at.Host != nil {
			at = at.Host
		}
	}
	return at
}

// mainEvidence is the weightiest that a call shows; nil if only names and texts speak.
func mainEvidence(u *ask.Use) *ask.Evidence {
	for i := range u.Evidence {
		if e := &u.Evidence[i]; e.Purpose == u.Purpose && e.Effect != nil {
			return e
		}
	}
	return nil
}

// uses is what each purpose is called.
var uses = map[ask.Purpose]finding.Text{
	ask.UnknownPurpose: finding.Say("用途看不出来", "a use that cannot be told"),
	ask.Lead:           finding.Say("留资", "a lead"),
	ask.Login:          finding.Say("登录注册", "logging in"),
	ask.Binding:        finding.Say("绑定账号", "binding an account"),
	ask.Order:          finding.Say("提交订单", "an order"),
	ask.Benefit:        finding.Say("领取权益", "a benefit in exchange"),
	ask.Other:          finding.Say("留资以外的用途", "something other than a lead"),
}

func scopeSay(a *ask.Ask, at *program.Node, u *ask.Use, v finding.Verdict) Say {
	name := wordsOn(at)
	if name == "" && a.Field != nil {
		name = a.Field.Hint
	}
	what, whatEN := "手机号按钮", "the phone button "
	if a.Button == nil {
		what, whatEN = "手机号输入框", "the phone field "
	}
	main := mainEvidence(u)
	use := uses[u.Purpose]
	zh, en := what+quote(name), whatEN+quote(name)
	switch {
	case u.Purpose == ask.UnknownPurpose:
		zh, en = zh+"取得的手机号交给了看不到的函数，用途要人看", en+": the number goes where the code cannot be followed; a person must see what for"
	case u.Purpose == ask.Lead:
		zh, en = zh+"用来留资，不在线索组件里：这不是该手机号能力公布的场景", en+"takes a lead outside the lead component, which is not among that capability's published uses"
	case u.Mixed:
		zh, en = zh+"取得的手机号既用于留资，又用于"+use["zh"], en+": the number serves a lead and "+use["en"]+" at once"
	case v == finding.Review:
		zh, en = zh+"取得的手机号看来用于"+use["zh"], en+": the number seems to serve "+use["en"]
	default:
		zh, en = zh+"取得的手机号用于"+use["zh"]+"，不是留资", en+": the number serves "+use["en"]+", not a lead"
	}
	if main != nil {
		zh, en = zh+"（"+told(main)["zh"]+"）", en+" ("+told(main)["en"]+")"
	} else if len(u.Evidence) > 0 && u.Evidence[0].Purpose == u.Purpose {
		e := &u.Evidence[0]
		zh, en = zh+"（"+told(e)["zh"]+"）", en+" ("+told(e)["en"]+")"
	}
	s := At(at, v, zh, en)
	s.Capability = a.Capability()
	s.Path = []finding.Step{NodeStep(at, finding.Say("从这里取得手机号", "the number is taken here"))}
	if main != nil {
		s.Path = append(s.Path, Steps(main.Effect, told(main))...)
	}
	s.Fix = &finding.Fix{Message: mend(a, u)}
	return s
}

// mend is how to put a use right.
func mend(a *ask.Ask, u *ask.Use) finding.Text {
	switch {
	case u.Purpose == ask.Lead:
		return finding.Say("留资改用线索组件", "take leads through the lead component")
	case u.Purpose == ask.UnknownPurpose:
		return finding.Say("核对这个函数把手机号发给谁；在 clew.check.yaml 里声明自己的接口名", "look up where that function sends the number; declare own call names in clew.check.yaml")
	case u.Purpose == ask.Benefit:
		return finding.Say("优惠照给，不以手机号为条件；要留资，就写明谁会联系、为了什么", "give the offer without the number; to take a lead, say who gets in touch and what for")
	case a.Clue != nil:
		return finding.Say("线索组件取得的手机号只发给留资接口；登录、绑定、交易改用平台的手机号按钮，放在组件之外",
			"send the lead component's number to a lead endpoint only; move login, binding and payment to the platform's phone button outside it")
	}
	return finding.Say("按严格读法，手机号只能用于留资：登录改用平台登录，订单和账号不在这里要手机号；平台另外开放了手机号能力的，用默认读法检查",
		"read strictly, a number is for leads only: log in through the platform, and take no number for orders and accounts here; with the platform's general phone capability, check in the default reading")
}

// told says an evidence in words.
func told(e *ask.Evidence) finding.Text {
	address := e.Word
	if e.Effect != nil && e.Effect.Text != "" && e.Effect.Kind == program.Request {
		address = e.Effect.Text
	}
	switch e.Kind {
	case ask.Sent:
		if !strings.Contains(address, e.Word) {
			return finding.Say("经 "+e.Word+" 发往 "+address, "sent through "+e.Word+" to "+address)
		}
		return finding.Say("发往 "+address, "sent to "+address)
	case ask.Kept:
		return finding.Say("存为 "+e.Word, "kept as "+e.Word)
	case ask.Paid:
		return finding.Say("调起支付 "+e.Word, "opens a payment, "+e.Word)
	case ask.Told:
		return finding.Say("提示“"+e.Word+"”", "tells the person “"+e.Word+"”")
	case ask.Called:
		return finding.Say("同时调用 "+e.Word, "calls "+e.Word+" along with it")
	case ask.Formed:
		return finding.Say("要填验证码或密码，写着“"+e.Word+"”", "it asks for a code or a password and says “"+e.Word+"”")
	case ask.Handled:
		return finding.Say("处理函数 "+e.Word, "its handler is "+e.Word)
	case ask.Placed:
		return finding.Say("页面 "+e.Word, "the page is "+e.Word)
	}
	return finding.Say("写着“"+e.Word+"”", "it says “"+e.Word+"”")
}
