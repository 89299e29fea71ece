package rule

import (
	"clew/check/ask"
	"clew/check/code"
	"clew/check/pattern"
	"clew/check/program"
	"clew/finding"
)

var (
	// words that speak of what was typed
	aboutInput = pattern.MustCompile(`完整|填写|填完|填入|输入|检查|必填|不能为空|不为空|未填|没填|有误|错误|格式|完善|补充|核对|请选择|(?i)required|complete|invalid|fill`)
	// words that speak of something else
	aboutElse  = pattern.MustCompile(`失败|网络|异常|系统|稍后|重试|登录|协议|同意|次数|超时|不存在`)
	formatNoun = pattern.MustCompile(`位|格式|数字|汉字|字符|(?i)digits`)
	// what any refusal may say
	common = pattern.MustCompile(`请|您|你|的|先|将|把|未|没有?|不能?为?空|不能|不全|不对|不正确|不完整|完整|完善|完|补充|填写?入?|输入|检查|核对|核实|确认|有误|错误|格式|正确|真实|必填|必要|必须|项|全部|所有|相关|基本|以上|个人|详细|信息|内容|资料|数据|表单|重新|提交|再|后|提示|温馨|好|哦|呢|吧|啊|均|都|为|是|有|空|选择|注意|[^\p{Han}A-Za-z0-9]+|(?i)please|fill|in|the|form|complete|all|required|fields?|invalid|input|check|your|information|is|are|not|ok|tips?`)
)

// error-generic: several fields are refused with the same words, which name none.
var errorGeneric = Rule{ID: "error-generic", Clause: "3.1.3.error", Page: func(c *Case) {
	done := map[[2]int]bool{}
	for _, f := range c.Forms() {
		if len(f.Questions) < 2 {
			continue
		}
		answers := f.Answers()
		for i := range f.Sends {
			s := &f.Sends[i]
			messages, _ := f.Messages(s.Trace)
			shared := map[string][]*ask.Question{}
			for _, m := range messages {
				at := [2]int{m.Effect.From, m.Effect.To}
				if m.Kind != ask.Refusal || !aboutInput.MatchString(m.Text) || aboutElse.MatchString(m.Text) || done[at] || m.Effect.After != program.Nothing {
					continue
				}
				g := inner(m.Effect)
				if g == nil {
					continue
				}
				list, many := answers.In(g.Term)
				list = refused(answers, g, list)
				if generic(m.Text) {
					if m.Effect.Kind != program.Set { // beside a field the words are about it
						for _, q := range list {
							shared[m.Text] = with(shared[m.Text], q)
						}
						list = shared[m.Text]
					}
				} else if patterns(answers, g.Term) < 2 || formatNoun.MatchString(m.Text) {
					continue
				}
				if len(list) < 2 && !many {
					continue
				}
				done[at] = true
				say := Say{
					Verdict: finding.Violation, Capability: f.Asks[0].Capability(),
					File: m.Effect.File, From: m.Effect.From, To: m.Effect.To,
					Message: finding.Say("几项共用一句“"+brief(m.Text)+"”，没有说是哪一项、怎样改", "several fields share \""+brief(m.Text)+"\", which does not say which one and how to mend it"),
					Path:    Steps(m.Effect, finding.Say("提示“"+brief(m.Text)+"”", "says \""+brief(m.Text)+"\"")),
					Fix:     &finding.Fix{Message: finding.Say("一项一句提示，说出是哪一项、怎样填；或者在对应的输入框旁显示错误。", "One message a field that says which it is and how to fill it; or the error beside the field.")},
				}
				if !m.Effect.Sure {
					say.Verdict = finding.Review
				}
				c.Say(say)
			}
		}
	}
}}

// inner is the innermost condition of an effect that a person's answers decide.
func inner(e *program.Effect) *program.Given {
	for g := e.When; g != nil; g = g.Up {
		if g.Kind == code.If && g.Term != nil {
			return g
		}
		if g.Kind == code.Early {
			return nil
		}
	}
	return nil
}

// refused is those of the answers whose being empty, or ill-formed, leads into a
// condition by itself.
func refused(answers *ask.Answers, g *program.Given, list []*ask.Question) []*ask.Question {
	var out []*ask.Question
	for _, q := range list {
		v := answers.Empty(g.Term, q)
		if v == program.True && !g.Not || v == program.False && g.Not {
			out = append(out, q)
		}
	}
	return out
}

func with(list []*ask.Question, q *ask.Question) []*ask.Question {
	for _, o := range list {
		if o == q {
			return list
		}
	}
	return append(list, q)
}

// generic reports whether words name no field: what is left of them, once what any
// refusal says is taken away, is nothing.
func generic(text string) bool {
	return len([]rune(common.ReplaceAllString(text, ""))) < 2
}

// patterns counts the answers that a condition holds against a pattern.
func patterns(answers *ask.Answers, t *program.Term) int {
	seen := map[*ask.Question]bool{}
	t.Walk(func(x *program.Term) bool {
		if x.Kind == program.Result && ask.Tested(x) {
			for _, arg := range x.Args[1:] {
				list, _ := answers.In(arg)
				for _, q := range list {
					seen[q] = true
				}
			}
		}
		return true
	})
	return len(seen)
}
