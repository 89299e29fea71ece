package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/finding"
)

var entryPopup = Rule{ID: "entry-popup", Clause: "3.2.entry-popup", Page: entryPopups}

// entryPopups judges the dialogs that open by themselves: those of the page's view,
// and the platform's own.
func entryPopups(c *Case) {
	a := c.arrives()
	said := map[*program.Node]bool{}
	for i := len(a.sheets) - 1; i >= 0; i-- { // in document order
		s := a.sheets[i]
		if said[s.at] {
			continue
		}
		o, ok := a.opens(s)
		if !ok {
			continue
		}
		said[s.at] = true
		if s.login && !strings.Contains(ask.Written(s.node), "手机") { // no number is asked for
			o.verdict = finding.Review
		}
		if c.lone() && o.by != nil { // who uses it decides when
			o.verdict = finding.Review
		}
		c.Say(o.say())
	}
	c.nativePopups(a)
}

func (o *opening) say() Say {
	s := o.sheet
	what := finding.Say("要手机号的弹窗", "the dialog that asks for a phone number")
	if s.login {
		what = finding.Say("要求登录的弹窗", "the dialog that asks for a login")
	}
	say := At(s.at, o.verdict, "", "")
	say.Capability = s.capability()
	switch {
	case o.by == nil:
		say.Message = finding.Say("用户一进页面，"+what["zh"]+"就已经打开", what["en"]+" is open as soon as the page is entered")
		say.Path = []finding.Step{NodeStep(s.node, what)}
	case o.verdict == finding.Violation:
		entry := entryName(o.by)
		say.Message = finding.Say("用户还没有操作，"+entry+" 就打开了"+what["zh"], entry+" opens "+what["en"]+" before the person does anything")
		say.Path = append(Steps(o.by, finding.Say("打开弹窗", "opens the dialog")), NodeStep(s.node, what))
	case s.login:
		entry := entryName(o.by)
		say.Message = finding.Say("用户还没有操作，"+entry+" 就打开了"+what["zh"]+"；弹窗本身不要手机号，请人工确认", entry+" opens "+what["en"]+" before the person does anything; it asks for no number itself: please check")
		say.Path = append(Steps(o.by, finding.Say("打开弹窗", "opens the dialog")), NodeStep(s.node, what))
	default:
		entry := entryName(o.by)
		say.Message = finding.Say("用户还没有操作，"+entry+" 可能就打开"+what["zh"]+"，请人工确认", entry+" may open "+what["en"]+" before the person does anything: please check")
		say.Path = append(Steps(o.by, finding.Say("可能打开弹窗", "may open the dialog")), NodeStep(s.node, what))
	}
	say.Fix = &finding.Fix{Message: finding.Say("把打开弹窗的语句移到按钮的点击处理里", "move what opens the dialog into the handler of a button that the person taps")}
	return say
}

// entryName is the name of the entry of a run.
func entryName(e *program.Effect) string {
	if path := e.Path(); len(path) > 0 {
		if s := path[0]; s.Kind == program.Enter && s.Name != "" {
			if len(path) > 1 && path[1].Kind == program.Shown {
				return path[1].Name
			}
			return s.Name
		}
	}
	return "…"
}

var personalPage = pattern.MustCompile(`(?i)(^|[/_-])(my|mine|user|usercenter|order|orders|me|person|personal|center|profile|member|account|setting|settings|collect|collection|favou?rite)s?([A-Z/_.-]|$)`)

// nativePopups judges calls that open the platform's own dialog.
func (c *Case) nativePopups(a *arrival) {
	t := c.Page.Opening()
	said := map[int]bool{}
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.Kind != program.Dialog || said[e.From] || !demandWord.MatchString(e.Text) || otherDialog.MatchString(e.Text) || !a.happens(e) {
			continue
		}
		said[e.From] = true
		v := finding.Violation
		first := reached(a.p, e, program.FirstVisit(a.may), ask.Newcomer)
		if !e.Sure || !strings.Contains(e.Text, "手机") || first != program.True || e.After != program.Nothing || personalPage.MatchString(c.Page.Unit.Name()) {
			v = finding.Review
		}
		entry := entryName(e)
		c.Say(Say{
			Verdict: v, File: e.File, From: e.From, To: e.To,
			Message: finding.Say("用户还没有操作，"+entry+" 就弹出系统对话框“"+clip(e.Text)+"”", entry+` opens a native dialog before the person does anything: "`+clip(e.Text)+`"`),
			Path:    Steps(e, finding.Say("弹出对话框", "opens the dialog")),
			Fix:     &finding.Fix{Message: finding.Say("等用户点了按钮再弹出", "open it only when the person taps a button")},
		})
	}
}

// clip is the beginning of a text.
func clip(s string) string {
	r := []rune(s)
	if len(r) > 24 {
		return string(r[:24]) + "…"
	}
	return s
}
