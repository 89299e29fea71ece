package rule

import (
	"strings"

	"clew/check/pattern"
	"clew/finding"
)

var hiddenConsent = pattern.MustCompile(`(?i)agree|privacy|consent|xieyi|protocol`)

var consentForged = Rule{ID: "consent-forged", Clause: "3.1.1.consent", Page: func(c *Case) {
	if len(c.Asks) == 0 {
		return
	}
	k := c.consent()
	for _, b := range k.boxes {
		e := k.forged[b]
		if e == nil {
			continue
		}
		flag := e.State.Str
		if strings.HasPrefix(flag, "@") { // a hook's state has no name of its own
			flag = ""
		}
		c.Say(Say{
			Verdict: finding.Violation, Capability: capabilityOf(c, b.Dialog), File: e.File, From: e.From, To: e.To,
			Message: finding.Say("提交时自己把同意标志"+flag+"设为真，用户并没有勾选", "the submit sets the consent flag "+flag+" to true by itself; the person did not tick it"),
			Path:    append(Steps(e, finding.Say("替用户写下同意", "writes the consent for the person")), NodeStep(b.Node, finding.Say("被写的同意框", "the consent box that is written"))),
		})
	}
	for _, a := range c.Asks {
		if a.Form == nil {
			continue
		}
		for _, n := range c.Page.Nodes {
			if n.Text != nil || n.Kind() != "input" || !n.Inside(a.Form) {
				continue
			}
			kind, _ := n.Static("type")
			name, _ := n.Static("name")
			value, _ := n.Static("value")
			if kind != "hidden" || !hiddenConsent.MatchString(name) || value == "" || value == "0" || value == "false" {
				continue
			}
			s := At(n, finding.Violation, "隐藏的输入框 "+name+" 固定带着“同意”，用户看不见也改不了", "the hidden input "+name+" always carries consent; people cannot see or change it")
			s.Capability = a.Capability()
			c.Say(s)
		}
	}
}}
