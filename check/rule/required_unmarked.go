package rule

import (
	"fmt"

	"clew/check/ask"
	"clew/finding"
)

// required-unmarked: a form of two or more questions says of none whether it must
// be answered.
var requiredUnmarked = Rule{ID: "required-unmarked", Clause: "3.1.3.required", Page: func(c *Case) {
	for _, f := range c.Forms() {
		list := f.Asked()
		if !f.Collects || !f.HasPhone() || f.Marked() || len(list) == 0 || len(list) < 2 && !f.Unseen {
			continue
		}
		verdict := finding.Violation
		if f.Unseen {
			verdict = finding.Review
		}
		first := list[0]
		s := At(first.Node, verdict,
			fmt.Sprintf("表单有 %d 项，没有一项说明必填还是选填", len(list)),
			fmt.Sprintf("the form has %d fields and says of none whether it is required or optional", len(list)))
		s.Capability = f.Asks[0].Capability()
		for _, q := range list {
			s.Path = append(s.Path, NodeStep(q.Node, finding.Say("没有标记："+questionName(q), "not marked: "+questionName(q))))
			if len(s.Path) == 8 {
				break
			}
		}
		s.Fix = &finding.Fix{Message: finding.Say("每一项旁边写“必填”或“选填”；全部必填时，在开头写一句。", "Write required or optional beside each field; if all are required, say so once at the top.")}
		c.Say(s)
	}
}}

// questionName is a question as the page calls it.
func questionName(q *ask.Question) string {
	for _, s := range []string{q.Hint, q.Label, q.Key} {
		if s != "" {
			if r := []rune(s); len(r) > 20 {
				return string(r[:20]) + "…"
			}
			return s
		}
	}
	return q.Node.Name
}
