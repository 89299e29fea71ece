package rule

import (
	"regexp"
	"strings"

	"clew/check/ask"
	"clew/check/code"
	"clew/check/program"
	"clew/finding"
)

var (
	// words that speak of what was typed
	aboutInput = regexp.MustCompile(`完整|填写|填完|填入|输入|检查|必填|不能为空|不为空|未填|没填|有误|错误|格式|完善|补充|核对|请选择|(?i)required|complete|invalid|fill`)
	// words that speak of something else
	aboutElse = regexp.MustCompile(`失败|网络|异常|系统|稍后|重试|登录|协议|同意|次数|超时|不存在`)
	// fields as people name them
	fieldNoun = regexp.MustCompile(`姓名|名字|称呼|手机|电话|号码|城市|地址|面积|时间|日期|验证码|密码|公司|邮箱|联系方式|联系人|身份证|车型|品牌|年龄|学校|专业|小区|户型|预算|地区|区域|门店|车牌|职位|岗位|性别|图片|照片|描述|内容|备注|(?i)phone|name|city|address`)
	formatNoun = regexp.MustCompile(`位|格式|数字|汉字|字符|(?i)digits`)
	filler     = regexp.MustCompile(`请|输入|填写|选择|您的|你的|您|你|真实|正确|的|[*＊：:，,。（）()\s]|选填|必填|信息`)
)

// error-generic: several fields are refused with the same words, which name none.
var errorGeneric = Rule{ID: "error-generic", Clause: "3.1.3.error", Page: func(c *Case) {
	done := map[[2]int]bool{}
	for _, f := range ask.Forms(c.Asks) {
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
				if generic(f, m.Text) {
					for _, q := range list {
						shared[m.Text] = with(shared[m.Text], q)
					}
					list = shared[m.Text]
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

// generic reports whether words name no field of the form.
func generic(f *ask.Form, text string) bool {
	if fieldNoun.MatchString(text) {
		return false
	}
	plain := filler.ReplaceAllString(text, "")
	for _, q := range f.Questions {
		for _, s := range []string{q.Hint, q.Label} {
			r := []rune(filler.ReplaceAllString(s, ""))
			for i := 0; i+2 <= len(r) && i < 12; i++ {
				if strings.Contains(plain, string(r[i:i+2])) {
					return false
				}
			}
		}
	}
	return true
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
