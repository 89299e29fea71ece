package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/code"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source/js"
	"clew/finding"
)

// stopped judges a tap that leads on for people with a number only.
func (c *Case) stopped(a *arrival, t tap) {
	written := ask.Written(t.node)
	brief := len([]rune(written)) <= 12
	if brief && accountWord.MatchString(written) || c.typedOutside() {
		return
	}
	optional := brief && contactWord.MatchString(written) // an action on its own: the content is open to everybody
	for _, s := range a.sheets {
		if t.node.Inside(s.node) {
			return
		}
	}
	withheld := false
	for i := range t.trace.Effects {
		e := &t.trace.Effects[i]
		switch e.Kind {
		case program.Navigate, program.Request, program.Pay, program.Set, program.Store, program.Outside, program.Back:
		case program.Dialog: // asks to confirm what is done then
			if strings.Contains(e.Text, "手机") || strings.Contains(e.Text, "授权") || strings.Contains(e.Text, "登录") {
				continue
			}
		default:
			continue
		}
		if e.After <= program.Failing && a.askedFor(e.When) && reached(a.p, e, nothing, ask.Newcomer) == program.False {
			if e.Kind == program.Navigate {
				if _, d := c.doorOf(e.Text); d != noDoor {
					continue
				}
			}
			withheld = true
			break
		}
	}
	if !withheld {
		c.turnedToDoor(a, t, written, optional)
		return
	}
	for i := range t.trace.Effects {
		e := &t.trace.Effects[i]
		if e.After > program.Failing && e.Kind != program.Navigate || !a.askedFor(e.When) || !lacks(a.p, e, nothing) || reached(a.p, e, nothing, ask.Newcomer) == program.False {
			continue
		}
		v, what := finding.Verdict(""), finding.Text(nil)
		switch e.Kind {
		case program.Set, program.Open:
			for _, s := range a.sheets {
				if s.button == nil {
					continue
				}
				if _, ok := a.turnsOn(s, e); ok {
					v, what = finding.Violation, finding.Say("只打开要手机号的弹窗", "only opens the dialog that asks for the number")
					if s.typed() {
						v = finding.Review
					}
				}
			}
		case program.Navigate:
			to, d := c.doorOf(e.Text)
			if d == noDoor {
				continue
			}
			c.Mark("to "+to.Main().Path, nil)
			v, what = finding.Violation, finding.Say("只转去 "+to.Route+" 要手机号", "only leads to "+to.Route+", which asks for the number")
			if d != locked && ownWord.MatchString(written) { // one's own orders are behind a login everywhere
				v = finding.Review
			}
		case program.Toast, program.Dialog:
			if !strings.Contains(e.Text, "手机") && !strings.Contains(e.Text, "授权") || !c.hasButton() {
				continue
			}
			v, what = finding.Violation, finding.Say("只提示“"+clip(e.Text)+"”", `only says "`+clip(e.Text)+`"`)
		}
		if v == "" {
			continue
		}
		if !e.Sure || optional {
			v = finding.Review
		}
		words := clip(strings.TrimSpace(t.node.Words()))
		say := c.stop(e, v, "没有手机号就用不了“"+words+"”："+t.trace.Entry.Name+" "+what["zh"], `"`+words+`" cannot be used without a number: the handler `+what["en"])
		c.Say(say)
		return
	}
}

// turnedToDoor judges a tap that asks for the number in a way that is not understood, a
// status of the server's say, where one side leads to a page that asks for the number and
// the other leads on: which side is whose is plain.
func (c *Case) turnedToDoor(a *arrival, t tap, written string, optional bool) {
	for i := range t.trace.Effects {
		e := &t.trace.Effects[i]
		if e.Kind != program.Navigate || e.After > program.Failing {
			continue
		}
		var asked *program.Given
		for g := e.When; g != nil && asked == nil; g = g.Up {
			if g.Kind == code.If && g.Term != nil && aboutPhone(a.p, g.Term, 0) && (guard(a.p, g, nothing, ask.Newcomer) == program.Maybe || statusOf(g.Term)) {
				asked = g
			}
		}
		if asked == nil {
			continue
		}
		to, d := c.doorOf(e.Text)
		if d == noDoor || to == nil {
			continue
		}
		for j := range t.trace.Effects {
			o := &t.trace.Effects[j]
			if o.Kind != program.Navigate && o.Kind != program.Pay || o.After > program.Failing || !o.Under(func(g *program.Given) bool { return ask.Opposite(g, asked) }) {
				continue
			}
			if _, also := c.doorOf(o.Text); o.Kind == program.Navigate && also != noDoor {
				continue
			}
			v := finding.Violation
			if !e.Sure || optional || d != locked && ownWord.MatchString(written) {
				v = finding.Review
			}
			c.Mark("to "+to.Main().Path, nil)
			words := clip(strings.TrimSpace(t.node.Words()))
			c.Say(c.stop(e, v, "没有手机号就用不了“"+words+"”："+t.trace.Entry.Name+" 只转去 "+to.Route+" 要手机号", `"`+words+`" cannot be used without a number: the handler only leads to `+to.Route+`, which asks for the number`))
			return
		}
	}
}

// statusOf reports whether a condition holds a value against a number of the server's
// choice, of which nobody knows what it means.
func statusOf(t *program.Term) bool {
	if t.Kind != program.Op || len(t.Args) != 2 {
		return false
	}
	switch t.Operator {
	case js.OpEq, js.OpStrictEq, js.OpNe, js.OpStrictNe:
	default:
		return false
	}
	for _, x := range t.Args {
		if s, ok := x.Const(); ok && x.Kind != program.Bool && s != "" && s != "0" && len(s) < 3 {
			return true
		}
	}
	return false
}

// typedOutside reports whether a number can be typed on the page itself.
func (c *Case) typedOutside() bool {
	for _, q := range c.Asks {
		if q.Field != nil && !q.Field.Closed && q.Dialog == nil {
			return true
		}
	}
	return false
}

func (c *Case) hasButton() bool {
	for _, q := range c.Asks {
		if q.Button != nil {
			return true
		}
	}
	return false
}

// onlyByButton judges a phone button that stands where something else is to be had:
// what its handler leads to after a grant, or what stands in its place for people
// with a number.
func (c *Case) onlyByButton(a *arrival, q *ask.Ask, taps []tap) bool {
	if q.Button == nil || q.Field != nil || q.Dialog != nil {
		return false
	}
	words := strings.TrimSpace(ask.Written(q.Button))
	if words == "" || loginWord(words) {
		return false
	}
	use := q.Use()
	lead := use.Purpose == ask.Lead && !use.Mixed
	if c.inPlaceOf(q, words, lead) {
		return true
	}
	if lead {
		return false
	}
	routes := map[string]bool{} // that are open to everybody
	for _, n := range c.Page.Nodes {
		if url, ok := n.Static("url"); ok && n.Name == "navigator" && holds(a.p, n.Conditions(), program.FirstVisit(a.may), ask.Newcomer) != program.False {
			routes[route(url)] = true
		}
	}
	for _, t := range taps {
		for i := range t.trace.Effects {
			e := &t.trace.Effects[i]
			if e.Kind == program.Navigate && reached(a.p, e, nothing, ask.Newcomer) != program.False && holds(a.p, t.node.Conditions(), program.FirstVisit(a.may), ask.Newcomer) != program.False {
				routes[route(e.Text)] = true
			}
		}
	}
	for _, en := range c.Page.Handlers(q.Button) {
		t := c.Page.Trace(en)
		for i := range t.Effects {
			e := &t.Effects[i]
			if e.Kind != program.Navigate || routes[route(e.Text)] || donePage.MatchString(e.Text) || loginPage.MatchString(e.Text) {
				continue
			}
			to := c.pageAt(e.Text)
			if to == nil || to.Tab || to == c.Page.Unit.Source || reached(a.p, e, nothing, ask.Refuser) != program.False {
				continue
			}
			c.Say(c.refusal(a, q, t, e, words, to.Route))
			return true
		}
	}
	return false
}

func route(s string) string {
	s, _, _ = strings.Cut(s, "?")
	return strings.TrimLeft(s, "./")
}

var (
	accountWord = pattern.MustCompile(`手机|电话|绑定|登录|登陆|注册|授权|换绑|账号|安全`)
	ownWord     = pattern.MustCompile(`我的|订单|个人|会员|积分|余额|钱包|卡券|优惠券|收藏|地址|资料|设置|消息`)
	contactWord = pattern.MustCompile(`^(立即|马上|一键|在线)?联系|在线客服|^客服$|回电`)
)

var englishLogin = pattern.MustCompile(`(?i)log ?in|sign ?in|phone|mobile`)

// loginWord reports whether words on a button speak of the number or the account
// alone, and of nothing that one gets.
func loginWord(s string) bool { return bindWord.MatchString(s) || englishLogin.MatchString(s) }

var loginPage = pattern.MustCompile(`(?i)login|auth|bind|regist|phone`)

// refusal is what to say of a handler that leads on after a grant only: at what the
// person who refused gets instead.
func (c *Case) refusal(a *arrival, q *ask.Ask, t *program.Trace, on *program.Effect, words, to string) Say {
	zh, en := "“"+words+"”要授权手机号才能进入 "+to+"，拒绝后没有别的路", `"`+words+`" leads to `+to+` only after authorising the number; a refusal leads nowhere`
	for i := range t.Effects {
		e := &t.Effects[i]
		if (e.Kind == program.Toast || e.Kind == program.Dialog) && e.When != nil && e.After != program.Acting && e.Under(func(g *program.Given) bool {
			return guard(a.p, g, nothing, ask.Refuser) == program.True
		}) && reached(a.p, e, nothing, ask.Refuser) != program.False {
			say := c.stop(e, finding.Violation, zh, en)
			say.Capability = q.Capability()
			return say
		}
	}
	say := At(q.Button, finding.Violation, zh, en)
	say.Capability = q.Capability()
	say.Path = Steps(on, finding.Say("只有授权后才到这里", "reached only after a grant"))
	say.Fix = keepContent
	return say
}

// leadsOn reports whether a control opens another page: one that only sends the lead
// once more keeps nothing back.
func (c *Case) leadsOn(n *program.Node) bool {
	if n.Name == "navigator" || n.Name == "a" {
		return true
	}
	for _, en := range c.Page.Handlers(n) {
		t := c.Page.Trace(en)
		for i := range t.Effects {
			if t.Effects[i].Kind == program.Navigate {
				return true
			}
		}
	}
	return false
}

// onlySays reports whether a control does no more than to tell something: one that asks
// to tick a box first is no way to what the button stands for.
func (c *Case) onlySays(n *program.Node) bool {
	says := false
	for _, en := range c.Page.Handlers(n) {
		t := c.Page.Trace(en)
		for i := range t.Effects {
			switch t.Effects[i].Kind {
			case program.Toast, program.Dialog:
				says = true
			default:
				return false
			}
		}
	}
	return says
}

// inPlaceOf judges a phone button that replaces the control of an action for people
// without a number.
func (c *Case) inPlaceOf(q *ask.Ask, words string, lead bool) bool {
	own := q.Button.Conditions()
	if len(own) == 0 {
		return false
	}
	var controls []*program.Node
	for _, n := range c.Page.Nodes {
		if n.Text != nil || n.Inside(q.Button) || q.Button.Inside(n) || n.Host != nil && n.Host == q.Button.Host && n.IsButton() {
			continue
		}
		if _, taps := n.On("tap"); taps || n.Name == "navigator" || n.Name == "a" {
			controls = append(controls, n)
		}
	}
	for _, n := range controls {
		other := n.Conditions()
		if len(other) == 0 || strings.TrimSpace(ask.Written(n)) != words || lead && !c.leadsOn(n) || c.onlySays(n) {
			continue
		}
		for i := range own {
			for j := range other {
				if own[i].Not == other[j].Not || own[i].Term.String() != other[j].Term.String() {
					continue
				}
				say := At(outermost(q.Button), finding.Violation, "没有手机号时，“"+words+"”换成了授权按钮，不授权就用不了", `without a number "`+words+`" is replaced by the phone button: nothing else leads on`)
				say.Capability = q.Capability()
				say.Path = []finding.Step{NodeStep(n, finding.Say("有手机号的人用的是这个", "people with a number use this"))}
				say.Fix = keepContent
				c.Say(say)
				return true
			}
		}
	}
	return false
}
