package ask

import (
	"clew/check/pattern"
	"clew/check/program"
)

var (
	// what only looks like sending
	elseWord = pattern.MustCompile(`电话|致电|拨打|客服|返回|取消|暂不|海报|分享|重置|清空|登录即|去登录|已阅读|协议|政策|删除|编辑|上传|说明|规则`)
	payWord  = pattern.MustCompile(`支付|付款|下单|结算|购买`)
)

// senders finds what sends the form: what [Ask.Submits] found, and things that are
// tapped to send and do not come to sending.
func (f *Form) senders(words string) {
	seen := map[*program.Node]bool{}
	for _, a := range f.Asks {
		for _, s := range a.Submits {
			if a.Grant != nil && s.Node == a.Button || seen[s.Node] || libraryFile(s.Node.File) {
				continue
			}
			seen[s.Node] = true
			if elseWord.MatchString(s.Words) {
				continue
			}
			f.Sends = append(f.Sends, s)
		}
		if a.Clue != nil {
			f.Collects = true
		}
	}
	a := f.Asks[0]
	last := f.Questions[len(f.Questions)-1].Node
	first, none := f.Questions[0].Node, len(f.Sends) == 0
	begun, behind := false, false
	a.Each(func(n *program.Node) {
		if a.Form == nil && n.Text == nil && n.IsForm() && !seen[n] && !libraryFile(n.File) { // the phone field stands beside the form that it belongs to
			if e, ok := a.Page.On(n, "submit"); ok && e.Fn != nil && f.within(n) {
				seen[n] = true
				f.Sends = append(f.Sends, Submit{n, e, a.Page.Trace(e), ""})
			}
		}
		begun = begun || n == first
		behind = behind || n == last
		if n.Text != nil || !n.Tappable() || seen[n] || n.IsField() || n.IsCheck() || !begun || isPhoneTag(n) {
			return
		}
		e, ok := a.Page.On(n, "tap")
		if !ok || e.Fn == nil || e.Fn.Fn == nil {
			return
		}
		w := n.Words()
		if w == "" {
			w = n.TextsWithAttrs()
		}
		if len([]rune(w)) > 16 || elseWord.MatchString(w) || codeWord.MatchString(w) || pickWord.MatchString(w) {
			return
		}
		worded := behind && none && (sendWord.MatchString(w) || payWord.MatchString(w))
		if !worded && !(n.IsButton() && submitName.MatchString(e.Fn.Fn.Name)) {
			return
		}
		seen[n] = true
		f.Sends = append(f.Sends, Submit{n, e, a.Page.Trace(e), w})
	})
	if leadWord.MatchString(words) || f.Node != nil && f.Node.Attr("action") != nil {
		f.Collects = true
	}
	for _, s := range f.Sends {
		if sends(s.Trace) || leadWord.MatchString(s.Words) {
			f.Collects = true
		}
	}
	for _, a := range f.Asks {
		for _, s := range a.Submits {
			if sends(s.Trace) {
				f.Collects = true
			}
		}
	}
}

var (
	submitName  = pattern.MustCompile(`(?i)submit|commit|yuyue|baoming|tijiao|doapply|onapply|reserve|appoint|onorder|createorder|sendform|formsend|booking`)
	successPage = pattern.MustCompile(`(?i)success|result|finish|succeed|done|complete`)
)

// Submitting is those of Sends that are sure to be meant to hand over what was
// typed: the form's own event, a request that carries the phone number, a tap
// behind the fields that leads to a page of success or is handled by a function
// named for it.
func (f *Form) Submitting(a *Answers) []*Submit {
	var list []*Submit
	var lastTyped *program.Node
	for _, q := range f.Questions {
		if !q.Written {
			lastTyped = q.Node
		}
	}
	p := f.Asks[0].Page.Program()
	for i := range f.Sends {
		s := &f.Sends[i]
		sure := s.Entry.Name == "submit"
		opens := false
		for j := range s.Trace.Effects {
			e := &s.Trace.Effects[j]
			switch e.Kind {
			case program.Request:
				if sure {
					break
				}
				for _, arg := range e.Args {
					p.Deep(arg, 4).Walk(func(t *program.Term) bool {
						if q := a.Of(t); q != nil && q.Phone {
							sure = true
						}
						return !sure
					})
				}
			case program.Navigate:
				if successPage.MatchString(e.Text) && behind(f, s.Node, lastTyped) {
					sure = true
				}
			case program.Set:
				if e.Value != nil && e.Value.Truth() == program.True && e.After == program.Nothing {
					opens = true
				}
			}
		}
		if !sure && s.Entry.Fn != nil && s.Entry.Fn.Fn != nil && submitName.MatchString(s.Entry.Fn.Fn.Name) && behind(f, s.Node, lastTyped) && !opens {
			sure = true
		}
		if sure {
			list = append(list, s)
		}
	}
	return list
}

// behind reports whether n stands behind o.
func behind(f *Form, n, o *program.Node) bool {
	seen := false
	for _, k := range f.Asks[0].Page.Nodes {
		if k == o {
			seen = true
		}
		if k == n {
			return seen
		}
	}
	return false
}

// SendWords reports whether words on something that can be tapped mean sending.
func SendWords(s string) bool {
	return len([]rune(s)) <= 16 && sendWord.MatchString(s) && !elseWord.MatchString(s)
}

// within reports whether a form element holds one of the questions.
func (f *Form) within(form *program.Node) bool {
	for _, q := range f.Questions {
		if q.Node.Inside(form) {
			return true
		}
	}
	return false
}
