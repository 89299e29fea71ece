package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/code"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
	"clew/check/view"
	"clew/finding"
)

// error-silent: whatever is wrong with what was typed, nobody is told.
var errorSilent = Rule{ID: "error-silent", Clause: "3.1.3.error", Page: func(c *Case) {
	for _, f := range c.Forms() {
		if !typed(f) || f.Checked() {
			continue
		}
		answers := f.Answers()
		for _, s := range f.Submitting(answers) {
			silent(c, f, answers, s)
		}
		plainLink(c, f)
	}
}}

// typed reports whether a form has a field to type into.
func typed(f *ask.Form) bool {
	for _, q := range f.Questions {
		if !q.Written && !q.Closed && q.Kind != view.FieldChoice && q.Kind != view.FieldDate {
			return true
		}
	}
	return false
}

func silent(c *Case, f *ask.Form, answers *ask.Answers, s *ask.Submit) {
	messages, unseen := f.Messages(s.Trace)
	refusals := 0
	for _, m := range messages {
		if m.Kind == ask.Refusal {
			refusals++
		}
	}
	guard := (*program.Given)(nil)
	if !unseen || refusals == 0 {
		guard = quiet(answers, s.Trace, messages)
	}
	verdict := finding.Violation
	var zh, en string
	switch {
	case guard != nil:
		zh, en = "填得不对就悄悄返回，不告诉用户哪里不对", "bad input makes it return silently: nobody is told what is wrong"
	case refusals > 0:
		return
	case len(messages) > 0:
		zh, en = "什么都不检查，只会报告成功", "nothing is checked, and success is all that is ever reported"
	default:
		zh, en = "什么都不检查，也不给任何提示", "nothing is checked and nothing is ever said"
	}
	if unseen && guard == nil || disabled(s.Node) || guard != nil && dimmed(s.Node) {
		verdict = finding.Review
	}
	file, from, to := handler(c, s)
	if file == nil {
		return
	}
	say := Say{
		Verdict: verdict, Capability: f.Asks[0].Capability(), File: file, From: from, To: to,
		Message: finding.Say("“"+brief(s.Words)+"”的处理函数"+zh, "the handler of \""+brief(s.Words)+"\": "+en),
		Path:    []finding.Step{NodeStep(s.Node, finding.Say("点“"+brief(s.Words)+"”提交", "a tap on \""+brief(s.Words)+"\" submits"))},
		Fix:     &finding.Fix{Message: finding.Say("逐项检查，说出是哪一项、怎样改；服务端拒绝时显示原因。", "Check each field and say which it is and how to mend it; show the server's reason when it refuses.")},
	}
	if guard != nil && guard.File != nil {
		say.Path = append(say.Path, finding.Step{Place: Place(guard.File, guard.From, guard.To), Message: finding.Say("不合格就在这里返回", "bad input ends here")})
	}
	c.Say(say)
}

// handler is where the function that handles a submit is named, or else where it
// begins.
func handler(c *Case, s *ask.Submit) (*source.File, int, int) {
	if s.Entry.Fn == nil || s.Entry.Fn.Fn == nil {
		return nil, 0, 0
	}
	fn := s.Entry.Fn.Fn
	if fn.NameAt[1] == 0 && len(fn.Ops) == 0 {
		return nil, 0, 0 // an expression that calls nothing: a name that is not understood
	}
	file := c.Program.FileOf(s.Entry.Fn)
	if file == nil || fn.Parent == nil && fn.Name == "" && s.Node.File != nil && !strings.Contains(file.Path, ".") {
		return s.Node.File, s.Node.Open.Start, s.Node.Open.End
	}
	if fn.NameAt[1] > 0 {
		return file, int(fn.NameAt[0]), int(fn.NameAt[1])
	}
	if s.Entry.Event != nil && s.Entry.Event.Func == fn {
		return s.Node.File, s.Node.Open.Start, s.Node.Open.End
	}
	return file, int(fn.From), min(int(fn.From)+1, int(fn.To))
}

// disabled reports whether the button may wait for good answers before it can be
// tapped.
func disabled(n *program.Node) bool {
	a := n.Attr("disabled")
	return a != nil && a.Expr != nil && a.Expr.Kind != code.Bool
}

// dimmed reports whether the button may look as if it waited for good answers.
func dimmed(n *program.Node) bool {
	_, possible := n.Classes()
	style := n.Attr("style")
	return len(possible) > 0 || style != nil && style.Expr != nil
}

// quiet is a condition on the way to sending that asks for an answer, and of which
// the other way says nothing.
func quiet(answers *ask.Answers, t *program.Trace, messages []ask.Message) *program.Given {
	var sent *program.Effect
	for i := range t.Effects {
		if e := &t.Effects[i]; e.Kind == program.Request && e.After == program.Nothing {
			sent = e
			break
		}
	}
	if sent == nil {
		return nil
	}
next:
	for g := sent.When; g != nil; g = g.Up {
		if g.Term == nil || g.Kind != code.Early && g.Kind != code.If {
			continue
		}
		list, _ := answers.In(g.Term)
		if len(list) == 0 || calls(g.Term) {
			continue
		}
		refuses := false
		for _, q := range list {
			v := answers.Empty(g.Term, q)
			if (v == program.True && g.Not || v == program.False && !g.Not) && !messaged(answers, messages, q) {
				refuses = true
			}
		}
		if !refuses {
			continue
		}
		for i := range t.Effects {
			e := &t.Effects[i]
			if e.Under(func(o *program.Given) bool { return ask.Opposite(o, g) }) {
				continue next // something else happens there
			}
		}
		for _, m := range messages {
			if m.Kind == ask.Refusal && m.Effect.When == nil && m.Effect.After == program.Nothing {
				continue next
			}
		}
		return g
	}
	return nil
}

// messaged reports whether some message comes of an empty answer.
func messaged(answers *ask.Answers, messages []ask.Message, q *ask.Question) bool {
	for _, m := range messages {
		if m.Kind == ask.Refusal && answers.Because(m.Effect, q) != nil {
			return true
		}
	}
	return false
}

// calls reports whether a condition asks a function of the project, which may say
// something itself.
func calls(t *program.Term) bool {
	return t.Any(func(x *program.Term) bool { return x.Kind == program.Result && x.Fn != nil })
}

// plainLink: the form has no handler, and what looks like its button is a link.
func plainLink(c *Case, f *ask.Form) {
	if len(f.Sends) > 0 || f.Node == nil || f.Node.Attr("action") != nil {
		return
	}
	var link *program.Node
	f.Node.Walk(func(n *program.Node) bool {
		if n.Text != nil || n.Name != "a" && n.Kind() != "navigator" || len(n.Events) > 0 {
			return true
		}
		to, ok := n.Static("href")
		if !ok {
			to, ok = n.Static("url")
		}
		if !ok || to == "" || strings.HasPrefix(to, "#") || strings.HasPrefix(to, "javascript:") || strings.HasPrefix(to, "tel:") {
			return true
		}
		if w := n.Words(); ask.SendWords(w) && !c.bound(n) {
			link = n
		}
		return true
	})
	if link == nil {
		return
	}
	s := At(link, finding.Violation, "“"+brief(link.Words())+"”只是一个链接：什么都不检查，填错了也没有提示", "\""+brief(link.Words())+"\" is a plain link: nothing is checked, and nobody is told what is wrong")
	s.Capability = f.Asks[0].Capability()
	s.Fix = &finding.Fix{Message: finding.Say("改成提交按钮，逐项检查后再提交，不合格时说出是哪一项、怎样改。", "Make it a submit button, check each field first, and say which is wrong and how to mend it.")}
	c.Say(s)
}

var scriptSource = pattern.MustCompile(`(?i)<script[^>]*\ssrc\s*=\s*["']([^"']+)["']`)

// bound reports whether a script may have put a handler on an element by its id or
// class.
func (c *Case) bound(n *program.Node) bool {
	var names []string
	if id, ok := n.Static("id"); ok {
		names = append(names, "#"+id, "getElementById('"+id, "getElementById(\""+id)
	}
	written, _ := n.Classes()
	for _, w := range written {
		names = append(names, "."+w)
	}
	files := []*source.File{n.File}
	for _, m := range scriptSource.FindAllStringSubmatch(n.File.Text, 40) {
		if f := c.Program.Project.Resolve(n.File, m[1]); f != nil {
			files = append(files, f)
		}
	}
	for _, file := range files {
		for _, name := range names {
			for _, q := range []string{"'" + name, "\"" + name, name + "'", name + "\""} {
				if strings.Contains(file.Text, q) {
					return true
				}
			}
		}
	}
	return false
}
