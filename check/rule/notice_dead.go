package rule

import (
	"clew/check/ask"
	"clew/check/program"
	"clew/finding"
)

var noticeDead = Rule{ID: "notice-dead", Clause: "3.1.2.notice", Page: func(c *Case) {
	said := map[*program.Node]bool{}
	for _, a := range c.Asks {
		for _, n := range statementsOf(c, a).dead {
			if said[n.Link] {
				continue
			}
			said[n.Link] = true
			zh, en := deadReason(n)
			s := At(n.Link, finding.Violation, short(n.Words)+zh, short(n.Words)+en)
			s.Capability = a.Capability()
			if n.Effect != nil {
				s.Path = Steps(n.Effect, finding.Say("通往 "+n.Effect.Text, "leads to "+n.Effect.Text))
			}
			c.Say(s)
		}
	}
}}

func deadReason(n *ask.Notice) (zh, en string) {
	switch n.Leads {
	case ask.NoHandler:
		return "的处理函数不存在", " has a handler that does not exist"
	case ask.NoPage:
		return "指向没有登记的页面", " leads to a page that is not registered"
	case ask.EmptyPage:
		return "指向的页面一个字也没有", " leads to a page without a word"
	case ask.NoAddress:
		return "是空链接", " is an empty link"
	}
	return "点了什么也看不到", " shows nothing when it is tapped"
}
