package rule

import (
	"clew/check/program"
	"clew/finding"
)

var consentPreset = Rule{ID: "consent-preset", Clause: "3.1.1.consent", Page: func(c *Case) {
	k := c.consent()
	for _, b := range k.boxes {
		pre, ok := k.preset[b]
		if !ok {
			continue
		}
		s := At(b.Node, pre.verdict, "同意框不等用户动手就已经勾上："+short(b.Words),
			"the consent box is ticked before the person did anything: "+short(b.Words))
		if pre.verdict == finding.Review {
			s.Message = finding.Say("同意框是否事先勾上由服务端的数据决定："+short(b.Words), "whether the consent box comes ticked is decided by a server: "+short(b.Words))
		}
		if pre.at != nil {
			s.Path = append(Steps(pre.at, finding.Say("打开页面时赋值", "set when the page opens")), NodeStep(b.Node, finding.Say("同意框", "the consent box")))
		}
		s.Capability = capabilityOf(c, b.Dialog)
		c.Say(s)
	}
}}

// capabilityOf is the right by which the page asks for a number, of the question in
// a dialog first; "" where it asks for none.
func capabilityOf(c *Case, dialog *program.Node) finding.Capability {
	for _, a := range c.Asks {
		if a.Dialog == dialog {
			return a.Capability()
		}
	}
	if len(c.Asks) > 0 {
		return c.Asks[0].Capability()
	}
	return ""
}

// short is a text as a message quotes it.
func short(s string) string {
	if r := []rune(s); len(r) > 30 {
		s = string(r[:30]) + "…"
	}
	return "“" + s + "”"
}
