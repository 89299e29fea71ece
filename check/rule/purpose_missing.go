package rule

import (
	"clew/check/program"
	"clew/finding"
)

var purposeMissing = Rule{ID: "purpose-missing", Clause: "3.1.1.purpose", Page: func(c *Case) {
	said := map[*program.Node]bool{}
	for _, a := range c.Asks {
		v, ok := claim(a)
		if !ok || delivers(a) {
			continue
		}
		what, phrase, unseen := tells(a)
		if what == purposeTold {
			continue
		}
		at := a.Node
		if a.Button == nil || a.Field != nil && !a.Field.Closed {
			at = a.Field.Node
		}
		at = shownAt(a, at)
		if said[at] {
			continue
		}
		said[at] = true
		zh, en := "要手机号的地方没有一句话说拿它做什么"+quote(wordsOn(at)), "not one sentence says what the number is for "+quote(wordsOn(at))
		if what == phraseTold {
			zh, en = "只有一句放在哪里都成立的话："+short(phrase)+"，没有说拿手机号做什么", "only a phrase that fits anywhere, "+short(phrase)+", and not what the number is for"
		}
		if unseen {
			v = finding.Review
			zh += "；也许写在图片里，或由服务端下发"
			en += "; perhaps it is in a picture or comes from a server"
		}
		s := At(at, v, zh, en)
		s.Capability = a.Capability()
		c.Say(s)
	}
}}
