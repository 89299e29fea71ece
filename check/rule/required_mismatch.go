package rule

import (
	"clew/check/ask"
	"clew/check/program"
	"clew/check/view"
	"clew/finding"
)

// required-mismatch: what a form marks is not what its checks ask for.
var requiredMismatch = Rule{ID: "required-mismatch", Clause: "3.1.3.required", Page: func(c *Case) {
	for _, f := range c.Forms() {
		if f.Unseen || len(f.Questions) == 0 {
			continue
		}
		answers := f.Answers()
		starred, checked, optional := map[*program.Node]int{}, map[*program.Node]int{}, 0
		demands := map[*ask.Question][]ask.Demand{}
		for _, q := range f.Questions {
			if q.Written || q.Closed || !q.Information() {
				continue
			}
			demands[q] = f.Demands(answers, q)
			switch q.Mark {
			case ask.Required:
				starred[formAround(q)]++
				if len(demands[q]) > 0 {
					checked[formAround(q)]++
				}
			case ask.Optional:
				optional++
			}
		}
		if len(starred)+optional == 0 {
			continue
		}
		for _, q := range f.Questions {
			list, asked := demands[q]
			if !asked {
				continue
			}
			var verdict finding.Verdict
			var zh, en string
			switch {
			case q.Mark == ask.Optional && len(list) > 0:
				verdict, zh, en = finding.Violation, "标着选填，空着却被拒绝", "is marked optional and refused when empty"
			case q.Mark == ask.Unmarked && starred[formAround(q)] > 0 && len(list) > 0:
				verdict, zh, en = finding.Violation, "没有标记必填，空着却被拒绝", "is not marked as required and refused when empty"
			case q.Mark == ask.Required && len(list) == 0 && checked[formAround(q)] > 0 && starred[formAround(q)] == checked[formAround(q)]+1:
				verdict, zh, en = finding.Review, "标着必填，却是唯一没有检查的一项", "is marked as required and is the only one that is not checked"
			default:
				continue
			}
			if q.Kind == view.FieldChoice || q.Kind == view.FieldDate {
				verdict = finding.Review // it may begin with a value
			}
			s := At(q.Node, verdict, "“"+questionName(q)+"”"+zh, "\""+questionName(q)+"\" "+en)
			s.Capability = f.Asks[0].Capability()
			if len(list) > 0 {
				s.Path = demanded(list[0])
			}
			s.Fix = &finding.Fix{Message: finding.Say("让标记和校验出自同一份数据，或改掉说错的那一边。", "Let marks and checks come from the same data, or correct whichever is wrong.")}
			c.Say(s)
		}
	}
}}

// formAround is the form element around a question, nil without one: marks tell about
// what stands in the same form.
func formAround(q *ask.Question) *program.Node {
	for k := q.Node; k != nil; k = k.Up {
		if k.IsForm() {
			return k
		}
	}
	return nil
}

// demanded tells the way to where an empty answer is refused.
func demanded(d ask.Demand) []finding.Step {
	last := finding.Say("空着在这里被拒绝", "an empty answer is refused here")
	if d.Text != "" {
		last = finding.Say("空着就提示“"+brief(d.Text)+"”", "an empty answer is told \""+brief(d.Text)+"\"")
	}
	if d.Effect != nil {
		return Steps(d.Effect, last)
	}
	return []finding.Step{{Place: Place(d.File, d.From, d.To), Message: last}}
}
