package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/finding"
)

// mustGrant is what tells a person that nothing goes on without the number.
var mustGrant = pattern.MustCompile(`(需要?|必须|请先?)[^，。]{0,6}授权[^，。]{0,8}才[能可]|授权[^，。]{0,8}后?才[能可]|(不|未)授权[^，。]{0,8}(无法|不能)`)

// declined judges a native dialog that asks for the number, or for a log-in by it, on
// arrival, and puts out of the page who says no: there is no cancel, or cancelling leaves.
func (c *Case) declined(a *arrival) {
	if personalPage.MatchString(c.Page.Unit.Name()) {
		return
	}
	t := c.Page.Opening()
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.Kind != program.Dialog || e.After > program.Failing || !demandWord.MatchString(e.Text) || otherDialog.MatchString(e.Text) || e.Under(asksQuery) || !a.happens(e) {
			continue
		}
		leaves, asks := c.answers(t, e)
		if leaves == nil || !asks && !strings.Contains(e.Text, "手机") {
			continue
		}
		v := finding.Violation
		if !e.Sure || !leaves.Sure || !strings.Contains(e.Text, "手机") && !a.askedFor(e.When) { // a log-in may be all that is asked
			v = finding.Review
		}
		say := c.stop(leaves, v, "一进页面就要手机号，不同意就被送走：“"+clip(e.Text)+"”", `on entry the page asks for the number and sends away who declines: "`+clip(e.Text)+`"`)
		c.Say(say)
		return
	}
}

// answers is what a native dialog leads to: the effect by which who declines leaves the
// page, nil if there is none, and whether agreeing leads to a page that asks for the
// number.
func (c *Case) answers(t *program.Trace, dialog *program.Effect) (leaves *program.Effect, asks bool) {
	only := false // the dialog has no cancel
	for _, x := range dialog.Args {
		for _, k := range c.Program.Keys(x, 0) {
			only = only || k.Name == "showCancel" && k.Value.Truth() == program.False
		}
	}
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.After != program.Acting || !calledBackBy(e, dialog) {
			continue
		}
		if e.Kind != program.Navigate && e.Kind != program.Back && e.Kind != program.Exit {
			continue
		}
		door := noDoor
		if e.Kind == program.Navigate {
			_, door = c.doorOf(e.Text)
		}
		asks = asks || door != noDoor
		if leaves == nil && (e.Under(refusing) && door == noDoor || only && !e.Under(refusing)) {
			leaves = e
		}
	}
	return leaves, asks
}

// calledBackBy reports whether an effect stands in what a call was given to call.
func calledBackBy(e, call *program.Effect) bool {
	return e.File == call.File && e.From >= call.From && e.To <= call.To
}

// onlyToSubmit judges a form into which the number cannot be typed, and that only the
// phone button sends.
func (c *Case) onlyToSubmit(q *ask.Ask) {
	if q.Button == nil || q.Grant == nil || q.Field != nil && !q.Field.Closed {
		return
	}
	if q.Field == nil {
		c.toldToGrant(q)
		return
	}
	more := false
	for _, f := range q.Fields {
		more = more || !f.Phone && !f.Closed
	}
	for i := range q.Submits {
		if q.Submits[i].Node != q.Button {
			return
		}
	}
	if !more || !ask.SendWords(ask.Written(q.Button)) {
		return
	}
	t := c.Page.Trace(*q.Grant)
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.Kind != program.Request || !e.Sure {
			continue
		}
		say := At(q.Button, finding.Violation, "手机号框不能输入，只有授权才能提交", "the phone field cannot be typed into, and only authorising sends the form")
		say.Capability = q.Capability()
		say.Path = append([]finding.Step{NodeStep(q.Field.Node, finding.Say("不能输入", "cannot be typed into"))}, Steps(e, finding.Say("提交", "sent"))...)
		say.Fix = keepContent
		c.Say(say)
		return
	}
}

// toldToGrant judges a form that only the phone button sends, without a field for the
// number, and that tells who refuses that there is no other way.
func (c *Case) toldToGrant(q *ask.Ask) {
	more := false
	for _, f := range q.Fields {
		more = more || !f.Phone && !f.Closed
	}
	words := strings.TrimSpace(ask.Written(q.Button))
	if !more || q.Dialog != nil || c.typedOutside() || !ask.SendWords(words) || loginWord(words) {
		return
	}
	for i := range q.Submits {
		if q.Submits[i].Node != q.Button {
			return
		}
	}
	if use := q.Use(); use.Purpose == ask.Lead {
		return // the form's own demand
	}
	t := c.Page.Trace(*q.Grant)
	sent := false
	for i := range t.Effects {
		e := &t.Effects[i]
		sent = sent || e.Kind == program.Request && e.Sure && reached(c.Program, e, nothing, ask.Refuser) == program.False
	}
	for i := range t.Effects {
		e := &t.Effects[i]
		if !sent || e.Kind != program.Toast && e.Kind != program.Dialog || e.When == nil || !mustGrant.MatchString(e.Text) || reached(c.Program, e, nothing, ask.Refuser) == program.False {
			continue
		}
		say := c.stop(e, finding.Violation, "“"+clip(words)+"”只能靠授权手机号提交，拒绝就只提示“"+clip(e.Text)+"”", `only authorising the number sends "`+clip(words)+`"; a refusal only gets "`+clip(e.Text)+`"`)
		say.Capability = q.Capability()
		c.Say(say)
		return
	}
}
