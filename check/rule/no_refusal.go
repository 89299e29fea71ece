package rule

import (
	"clew/check/ask"
	"clew/finding"
)

// no-refusal: what a form calls optional is refused when it is left out.
var noRefusal = Rule{ID: "no-refusal", Clause: "3.1.2.refuse", Page: func(c *Case) {
	for _, f := range c.Forms() {
		answers := f.Answers()
		for _, q := range f.Questions {
			if q.Mark != ask.Optional || q.Written || q.Closed {
				continue
			}
			for _, d := range f.Demands(answers, q) {
				if d.File == nil {
					continue
				}
				c.Say(Say{
					Verdict: finding.Violation, Capability: f.Asks[0].Capability(), File: d.File, From: d.From, To: d.To,
					Message: finding.Say("“"+questionName(q)+"”标着选填，不填却不让提交", "\""+questionName(q)+"\" is marked optional, and leaving it out is refused"),
					Path:    append([]finding.Step{NodeStep(q.Node, finding.Say("标着选填", "marked optional"))}, demanded(d)...),
					Fix:     &finding.Fix{Message: finding.Say("去掉空值检查，填了再查格式；真的需要就标必填，并说明为什么。", "Drop the empty check and check the format only where something was typed; if it is needed, mark it required and say why.")},
				})
			}
		}
	}
}}
