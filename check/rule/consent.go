package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/view"
	"clew/finding"
)

// consent is what is known of a page's consent controls; it is worked out once for
// all rules about consent.
type consent struct {
	boxes []*ask.Box
	// preset and forged tell of each box whether, and how, it is ticked without the
	// person.
	preset map[*ask.Box]preset
	forged map[*ask.Box]*program.Effect
}

// preset is a tick that the person did not set.
type preset struct {
	verdict finding.Verdict
	at      *program.Effect // that sets it when the page opens; nil for an initial value
}

func (c *Case) consent() *consent {
	if c.consents == nil {
		c.consents = consentOf(c.Program, c.Page, c.Asks)
	}
	return c.consents
}

func consentOf(p *program.Program, pg *program.Page, asks []*ask.Ask) *consent {
	k := &consent{boxes: ask.Boxes(pg), preset: map[*ask.Box]preset{}, forged: map[*ask.Box]*program.Effect{}}
	for _, b := range k.boxes {
		if pre, ok := presetOf(p, pg, b); ok {
			k.preset[b] = pre
			continue
		}
		if len(asks) > 0 {
			b.Alias()
			for _, a := range asks {
				if e := forgedIn(p, a, b); e != nil && b.About(a, asks) {
					k.forged[b] = e
					break
				}
			}
		}
	}
	return k
}

// presetOf reports whether a box is ticked before the person did anything.
func presetOf(p *program.Program, pg *program.Page, b *ask.Box) (preset, bool) {
	if !b.Drawn && b.Tick == nil {
		for _, name := range []string{"checked", "default-checked"} {
			if on, known := b.Node.Says(name); on && known {
				return preset{verdict: finding.Violation}, true
			}
		}
		return preset{}, false
	}
	tick := b.Tick
	if tick == nil {
		for _, f := range b.Flags {
			if !negative.MatchString(f.Str) {
				tick = f
				break
			}
		}
	}
	if tick == nil {
		return preset{}, false
	}
	world := program.FirstVisit(p.Initially)
	sure := ticked(p.In(tick, world))
	out := preset{verdict: finding.Violation}
	var sets []program.Effect
	remote := false
	for i := range pg.Opening().Effects {
		e := &pg.Opening().Effects[i]
		if e.Kind != program.Set || e.State == nil || e.After != program.Nothing || !b.Means(e.State) {
			continue
		}
		switch p.Reached(e, world) {
		case program.True:
			sets = append(sets, *e)
			if now := ticked(p.In(tick, p.After(sets, world))); now != sure {
				sure, out.at = now, e
			}
		default:
			continue
		}
		if fromServer(p, e.Value) {
			remote, out.at = true, e
		}
	}
	if sure {
		return out, !remote || out.verdict == finding.Violation
	}
	if remote {
		out.verdict = finding.Review
		return out, true
	}
	return preset{}, false
}

// ticked reports whether a value says so beyond doubt: a text or an object may be
// a picture's address.
func ticked(t *program.Term) bool {
	if t.Truth() != program.True {
		return false
	}
	switch t.Kind {
	case program.Bool, program.Number, program.Op:
		return true
	case program.String:
		return t.Str == "true" || t.Str == "1"
	}
	return false
}

// fromServer reports whether a value is what a request gave back.
func fromServer(p *program.Program, t *program.Term) bool {
	return t != nil && t.Any(func(t *program.Term) bool {
		return t.Kind == program.Result && requestName.MatchString(t.Name)
	})
}

var (
	requestName = pattern.MustCompile(`(?i)(^|\.)(request|post|get|fetch|ajax|callFunction)$`)
	negative    = pattern.MustCompile(`(?i)(^|\.)(un|not|dis|no)[A-Z_]?(check|agree|select|able)|unselect|unagree`)
)

// forgedIn is the statement by which a submit ticks a box itself.
func forgedIn(p *program.Program, a *ask.Ask, b *ask.Box) *program.Effect {
	for _, s := range a.Submits {
		if agreeing.MatchString(s.Words) || s.Node.Inside(b.Row) {
			continue
		}
		t := s.Trace
		for i := range t.Effects {
			e := &t.Effects[i]
			if e.Kind != program.Set || e.State == nil || !e.Sure || e.After == program.Acting || !b.Is(e.State) || e.Value == nil {
				continue
			}
			if e.Value.Truth() != program.True || !ticked(e.Value) {
				continue
			}
			if e.Under(func(g *program.Given) bool { return b.Means(g.Term) && g.Not != (g.Term.Kind == program.Op) }) && turnedBack(t, e) {
				continue
			}
			return e
		}
	}
	return nil
}

// turnedBack reports whether a run sets the same state to false too: it turns it
// over, and is no submit alone.
func turnedBack(t *program.Trace, e *program.Effect) bool {
	for i := range t.Effects {
		o := &t.Effects[i]
		if o.Kind == program.Set && o.State != nil && ask.SameState(o.State, e.State) && o.Value != nil && o.Value.Truth() == program.False {
			return true
		}
	}
	return false
}

var (
	agreeing  = pattern.MustCompile(`同意|(?i:\bagree)`)
	declining = pattern.MustCompile(`不同意|拒绝|暂不|不接受|取消|退出|(?i:decline|disagree|refuse|cancel)`)
	agreement = pattern.MustCompile(`隐私|协议|条款|政策|个人信息|声明|须知|(?i:privacy|terms|agreement)`)
	agreeFlag = pattern.MustCompile(`(?i)agree|xieyi|privacy|protocol|policy|yinsi|tongyi|consent|(^|\.)is_?(check|read|select)(ed)?$|(^|\.)checked$|treaty|clause`)
	agreeTag  = pattern.MustCompile(`(?i)agree|privacy|protocol|policy|consent|xieyi|treaty|legal`)
)

// readBy reports whether anything that leads to the number looks at the box. known
// is false where too little of the way is seen to say no.
func (c *Case) readBy(b *ask.Box, asks []*ask.Ask) (read, known bool) {
	unclear := false
	for _, a := range asks {
		if !b.About(a, c.Asks) {
			continue
		}
		if b.ReadBy(a.Node) || a.Button != nil && b.ReadBy(a.Button) {
			return true, true
		}
		for _, s := range a.Submits {
			if b.ReadBy(s.Node) || b.Reads(s.Trace) {
				return true, true
			}
			if b.Mentions(s.Trace) {
				unclear = true
			}
			if !s.Trace.Cut && len(s.Trace.Effects) > 0 {
				known = true
			}
		}
	}
	known = known && !unclear
	for _, n := range c.Page.Nodes {
		if n.Text != nil || !n.Tappable() || n.Inside(b.Row) || b.Row.Inside(n) {
			continue
		}
		if b.ReadBy(n) {
			return true, true
		}
		for _, e := range c.Page.Handlers(n) {
			if b.Reads(c.Page.Trace(e)) {
				return true, true
			}
		}
	}
	return false, known
}

// agreed is how a page lets the person agree other than by a box: by buttons or by
// a question before the number is sent.
type agreed uint8

const (
	notAgreed   agreed = iota
	unseenAgree        // perhaps, in what cannot be seen
	doesAgree
)

// agreesOtherwise looks for an act of agreeing around a question.
func agreesOtherwise(a *ask.Ask) agreed {
	if pairs(a) || asksFirst(a) {
		return doesAgree
	}
	asked := map[*program.Given]bool{} // with those around them: effects share most of their conditions
	for _, s := range a.Submits {
		for i := range s.Trace.Effects {
			for g := s.Trace.Effects[i].When; g != nil && !asked[g]; g = g.Up {
				if asked[g] = true; namesAgreement(g.Term) {
					return unseenAgree
				}
			}
		}
	}
	for _, n := range a.Page.Nodes {
		if n.Text == nil && agreeTag.MatchString(n.Name) && (n.Foreign || unresolved(n)) {
			return unseenAgree
		}
	}
	return notAgreed
}

// unresolved: the tag of a component that is nowhere declared.
func unresolved(n *program.Node) bool {
	return n.Comp == nil && strings.Contains(n.Name, "-") && len(n.Children) == 0
}

func namesAgreement(t *program.Term) bool {
	return t != nil && t.Any(func(t *program.Term) bool {
		switch t.Kind {
		case program.State, program.Param:
			return agreeFlag.MatchString(t.Str)
		}
		return false
	})
}

// pairs reports whether a button that agrees stands beside one that declines.
func pairs(a *ask.Ask) bool {
	type side struct{ yes, no bool }
	by := map[*program.Node]*side{}
	for _, n := range a.Page.Nodes {
		if n.Text != nil || !n.Tappable() && !n.IsButton() {
			continue
		}
		w := n.Words()
		if len([]rune(w)) > 12 || w == "" {
			continue
		}
		var d *program.Node
		for k := n; k != nil; k = k.Up {
			if ask.IsDialog(k) {
				d = k
				break
			}
		}
		if by[d] == nil {
			by[d] = &side{}
		}
		if declining.MatchString(w) {
			by[d].no = true
		} else if agreeing.MatchString(w) {
			by[d].yes = true
		}
	}
	for d, s := range by {
		if s.yes && (s.no || d != nil && d != a.Dialog) {
			return true
		}
	}
	return false
}

// asksFirst reports whether a native dialog about an agreement comes before the
// number is sent, or when the page opens.
func asksFirst(a *ask.Ask) bool {
	for _, s := range a.Submits {
		if agreementDialog(a.Page, s.Trace) {
			return true
		}
	}
	return agreementDialog(a.Page, a.Page.Opening())
}

// agreementDialog reports whether a run asks in a dialog whether the person agrees,
// and goes on by the answer.
func agreementDialog(pg *program.Page, t *program.Trace) bool {
	asks, goes := false, false
	for i := range t.Effects {
		e := &t.Effects[i]
		goes = goes || e.After == program.Acting && e.Kind != program.Toast && e.Kind != program.Back && e.Kind != program.Exit
		if e.Kind != program.Dialog {
			continue
		}
		var b strings.Builder
		for _, x := range e.Args {
			pg.Program().Deep(x, 2).Walk(func(t *program.Term) bool {
				if t.Kind == program.String {
					b.WriteString(t.Str)
					b.WriteByte(' ')
				}
				return true
			})
		}
		w := b.String()
		asks = asks || agreeing.MatchString(w) && agreement.MatchString(w)
	}
	return asks && goes
}

// sender is what a finding about a question's sending points at: the phone button,
// what submits, or the field. A button that a component draws inside a dialog of
// another file is pointed at where the dialog holds the component.
func sender(a *ask.Ask) *program.Node {
	at := a.Button
	if at == nil {
		at = typedSender(a)
	}
	if at == nil {
		at = a.Node
	}
	return shownAt(a, at)
}

// shownAt is where a reader looks for an element that a component draws inside a
// dialog of another file: the component's tag in the dialog.
func shownAt(a *ask.Ask, at *program.Node) *program.Node {
	if a.Dialog != nil {
		for at.Unit != a.Dialog.Unit && at.Unit != a.Dialog.Comp && at.Host != nil && at.Host.Inside(a.Dialog) {
			at = at.Host
		}
	}
	return at
}

// typedSender is what sends a number that is typed; nil where nothing seems to.
func typedSender(a *ask.Ask) *program.Node {
	var best *program.Node
	most := -1
	for _, s := range a.Submits {
		if s.Node == a.Button {
			continue
		}
		score := 0
		if s.Node.IsButton() {
			score++
		}
		if a.Field != nil && s.Node.Unit == a.Field.Node.Unit {
			score += 2
		}
		if s.Entry.Name == "submit" {
			score += 2
		}
		for i := range s.Trace.Effects {
			if s.Trace.Effects[i].Kind == program.Request {
				score += 4
				break
			}
		}
		if score > most {
			best, most = s.Node, score
		}
	}
	if best == nil && a.Field != nil {
		best = offered(a)
	}
	return best
}

// offered is what looks to a person like the way to send a number off, whatever its
// handler does.
func offered(a *ask.Ask) *program.Node {
	var at *program.Node
	behind := false
	a.Each(func(n *program.Node) {
		if n == a.Field.Node {
			behind = true
		}
		if n.Text != nil || !behind || at != nil || n.Comp != nil || n.IsField() {
			return
		}
		w := strings.Join(strings.Fields(n.Words()), "")
		if w == "" && n.IsButton() {
			w, _ = n.Static("value")
		}
		if offer.MatchString(w) && len([]rune(w)) <= 10 && (n.Tappable() || n.Kind() == "a" || len(n.Kids) == 1) {
			at = n
			return
		}
		if e, ok := a.Page.On(n, "tap"); ok && len([]rune(w)) <= 10 && !strings.Contains(w, "码") {
			a.Page.Trace(e).Each(program.Request, func(*program.Effect) { at = n })
		}
	})
	return at
}

var offer = pattern.MustCompile(`^(提交|立即|确认|确定|马上|免费|预约|报名|申请|登录|登陆|注册|保存|完成|下一步|发送|绑定|我要|点击|获取报价|领取|一键)`)

// wordsOn is what a reader calls an element: its words.
func wordsOn(n *program.Node) string {
	w := strings.Join(strings.Fields(n.Words()), "")
	if w == "" {
		if s, ok := n.Static("value"); ok && n.FieldKind() == view.FieldNone {
			w = s
		}
	}
	if r := []rune(w); len(r) > 16 {
		w = string(r[:16]) + "…"
	}
	return w
}
