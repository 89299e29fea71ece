package rule

import (
	"clew/check/program"
	"clew/finding"
)

var noticeMissing = Rule{ID: "notice-missing", Clause: "3.1.2.notice", Page: func(c *Case) {
	said := map[*program.Node]bool{}
	for _, a := range c.Asks {
		at := sender(a)
		v, ok := claim(a)
		if !ok {
			continue
		}
		st := statementsOf(c, a)
		if st.good != nil || len(st.dead) > 0 {
			continue
		}
		zh, en := "收手机号的地方没有隐私保护说明"+quote(wordsOn(at)), "no privacy statement where the number is taken "+quote(wordsOn(at))
		switch {
		case st.unseen:
			v = finding.Review
		case st.named != nil:
			zh, en = "写着"+short(st.named.Words)+"，却点不开", "it names "+short(st.named.Words)+" and nothing opens it"
		case st.terms != nil && st.bare:
			zh, en = "只有"+short(st.terms.Words)+"，没有隐私保护说明", "only "+short(st.terms.Words)+", and no privacy statement"
		case st.terms != nil:
			v = finding.Review
			zh, en = "只看到"+short(st.terms.Words)+"，里面有没有隐私保护说明要人来看", "only "+short(st.terms.Words)+" is seen; a person must look whether it holds a privacy statement"
		case st.elsewhere:
			v = finding.Review
			zh, en = "弹窗里没有隐私保护说明，只有页面上别处有", "the dialog has no privacy statement; only the page beneath has"
		}
		places := []*program.Node{at}
		if a.Button != nil && a.Field != nil && !a.Field.Closed && a.Field.Node.File != at.File {
			if typed := typedSender(a); typed != nil {
				places = append(places, typed)
			}
		}
		for _, at := range places {
			if said[at] {
				continue
			}
			said[at] = true
			s := At(at, v, zh, en)
			s.Capability = a.Capability()
			if st.named != nil {
				s.Path = []finding.Step{NodeStep(st.named.Node, finding.Say("只有名字", "a name only"))}
			}
			c.Say(s)
		}
	}
}}
