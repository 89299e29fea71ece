package rule

import "clew/finding"

var consentUnread = Rule{ID: "consent-unread", Clause: "3.1.1.consent", Page: func(c *Case) {
	if len(c.Asks) == 0 {
		return
	}
	k := c.consent()
	for _, b := range k.boxes {
		if _, pre := k.preset[b]; pre || k.forged[b] != nil {
			continue
		}
		b.Alias()
		for _, a := range c.Asks {
			if !b.About(a, c.Asks) {
				continue
			}
			read, known := c.readBy(b, c.Asks)
			if read {
				break
			}
			v, ok := claim(a)
			if !ok {
				continue
			}
			if !known || b.Unseen || len(b.Flags) == 0 && b.Tick != nil {
				v = finding.Review
			}
			s := At(b.Node, v, "这个同意框没有人读：不勾也照样提交"+quote(wordsOn(sender(a))),
				"nothing reads this consent box: "+quote(wordsOn(sender(a)))+" goes on without the tick")
			s.Capability = a.Capability()
			s.Path = append(s.Path, NodeStep(sender(a), finding.Say("从这里提交，一路上不看同意框", "sent from here, and the box is not looked at on the way")))
			c.Say(s)
			break
		}
	}
}}

func quote(s string) string {
	if s == "" {
		return ""
	}
	return "“" + s + "”"
}
