package rule

import (
	"path"
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
	"clew/finding"
)

var forcedPhone = Rule{ID: "forced-phone", Clause: "3.2.forced", Page: forced, Project: forcedGates}

// forced judges what happens to a person who gives no number: dialogs that do not
// close, branches and pages without another way on, redirects, and taps that lead
// nowhere.
func forced(c *Case) {
	a := c.arrives()
	taps := a.taps()
	for i := len(a.sheets) - 1; i >= 0; i-- {
		c.shutDialog(a, a.sheets[i], taps)
		if o, ok := a.opens(a.sheets[i]); ok {
			c.unloaded(a, &o)
		}
	}
	for _, g := range a.gates() {
		s := &sheet{node: g.node, at: outermost(g.node), conds: g.node.Conditions(), button: g.button}
		if a.wayOut(s) == shut {
			say := At(g.node, g.verdict, "没有手机号就只有这一支，里面除了授权没有别的出路", "without a number there is only this branch, and authorising is its only way on")
			say.Capability = c.capabilityOf(g.button)
			say.Path = []finding.Step{NodeStep(g.button, finding.Say("唯一的出路", "the only way on"))}
			say.Fix = keepContent
			c.Say(say)
		}
	}
	c.sentAway(a)
	c.declined(a)
	for _, q := range c.Asks {
		c.onlyToSubmit(q)
		c.covers(a, q)
	}
	for _, t := range taps {
		c.stopped(a, t)
		c.barred(a, t)
	}
	only := false
	for _, q := range c.Asks {
		only = c.onlyByButton(a, q, taps) || only
	}
	if c.lone() {
		return // no page: it stands somewhere among other things
	}
	if say, ok := c.gatePage(a, taps); ok && !only {
		if c.Page.Unit.Source.Entry || mustWord.MatchString(pageWords(c.Page)) {
			c.Say(say)
		} else {
			c.Mark("gate", &say)
		}
	}
}

var (
	keepContent = &finding.Fix{Message: finding.Say("不给手机号也能继续：留一条不授权的路（关闭、跳过、手动输入）", "let people go on without a number: leave a way that asks for none (close, skip, type it)")}
	mustWord    = pattern.MustCompile(`(需要?|必须|请先|先)[^，。]{0,8}(绑定|授权|登录|验证)|(绑定|授权|登录)[^，。]{0,6}(后|才)[^，。]{0,6}(能|可|使用|预约|查看|继续)|才能|(以|后)继续`)
	bindWord    = pattern.MustCompile(`手机|电话|绑定|登录|登陆|注册|授权|联系|客服|回电|换绑|账号|安全`)
	noticeWord  = pattern.MustCompile(`协议|隐私|政策|条款|须知|声明|同意`)
	grantWord   = pattern.MustCompile(`授权|(获取|使用)(您|你)|不会将.{0,12}信息|仅用于`)
	donePage    = pattern.MustCompile(`(?i)success|succ|result|done|thank|complete|finish`)
)

// forcedGates reports the pages with nothing but the phone button to which other
// pages send people who gave no number.
func forcedGates(c *Case) {
	for _, m := range c.Marks("gate") {
		if len(c.Marks("to "+m.Page)) > 0 {
			c.Report(m)
		}
	}
}

func (c *Case) capabilityOf(button *program.Node) finding.Capability {
	for _, a := range c.Asks {
		if a.Button == button {
			return a.Capability()
		}
	}
	return ""
}

// tap is something on the page that a person may do, and what comes of it.
type tap struct {
	node  *program.Node
	trace *program.Trace
}

// taps is what a person can do on the page other than asking the platform for the
// number.
func (a *arrival) taps() []tap {
	var list []tap
	for _, n := range a.c.Page.Nodes {
		if n.Text != nil || len(n.Events) == 0 {
			continue
		}
		if _, asks := n.AsksPhone(); asks {
			continue
		}
		for i := range n.Events {
			switch n.Events[i].Name {
			case "tap", "submit", "confirm", "search", "longpress", "change", "select":
			default:
				continue
			}
			if e, ok := a.c.Page.On(n, n.Events[i].Name); ok {
				list = append(list, tap{n, a.c.Page.Trace(e)})
			}
		}
	}
	return list
}

// shutDialog judges a dialog that nothing closes.
func (c *Case) shutDialog(a *arrival, s *sheet, taps []tap) {
	if s.typed() {
		c.shutForm(a, s)
		return
	}
	if s.button == nil || !s.behind() {
		return
	}
	out := a.wayOut(s)
	if out == open {
		c.turnedOut(a, s)
	}
	if out == open || out == unclear {
		return
	}
	v := finding.Violation
	if out == leaving {
		v = finding.Review
	}
	o, comes := a.opens(s)
	comes = comes || c.lone() // whoever uses it opens it
	if o.verdict == finding.Review {
		v = finding.Review
	}
	for i := 0; !comes && i < len(taps); i++ {
		t := taps[i].trace
		for j := range t.Effects {
			if _, ok := a.turnsOn(s, &t.Effects[j]); ok {
				comes = true
				break
			}
		}
	}
	zh, en := "要手机号的弹窗关不掉：没有关闭按钮，点遮罩也不关，拒绝授权后仍然挡着", "the dialog that asks for the number cannot be closed: no close control, the mask does nothing, and a refusal leaves it there"
	if v == finding.Review {
		zh, en = "不给手机号，这个弹窗可能只能离开页面，请人工确认", "without a number this dialog may only be left by leaving the page: please check"
	}
	if comes {
		say := At(s.at, v, zh, en)
		say.Capability = s.capability()
		if o.by != nil {
			say.Path = Steps(o.by, finding.Say("打开弹窗", "opens the dialog"))
		}
		say.Path = append(say.Path, NodeStep(s.button, finding.Say("唯一的按钮", "its only button")))
		say.Fix = keepContent
		c.Say(say)
	}
	if s.node != s.at && s.node.Host != nil || s.at.Comp != nil {
		n := s.node
		if n.Comp != nil {
			n = firstElement(n)
		}
		if n != nil && v == finding.Violation && s.button.Unit == n.Unit { // the component's own, not what a host put into it
			say := At(n, v, zh, en)
			say.Capability = s.capability()
			say.Path = []finding.Step{NodeStep(s.button, finding.Say("唯一的按钮", "its only button"))}
			say.Fix = keepContent
			c.Say(say)
		}
	}
}

// shutForm judges a dialog with a field for the number that comes by itself, and that
// nothing but the number closes.
func (c *Case) shutForm(a *arrival, s *sheet) {
	o, comes := a.opens(s)
	if !comes || o.verdict != finding.Violation || !s.behind() || a.wayOut(s) != shut {
		return
	}
	for _, q := range s.asks {
		if q.Field == nil || len(q.Submits) == 0 {
			continue
		}
		say := At(s.at, finding.Violation, "要手机号的弹窗自己弹出来，不填手机号就关不掉：没有关闭按钮，点遮罩也不关", "the dialog comes by itself and does not close without the number: no close control, and the mask does nothing")
		say.Capability = s.capability()
		if o.by != nil {
			say.Path = Steps(o.by, finding.Say("打开弹窗", "opens the dialog"))
		}
		say.Path = append(say.Path, NodeStep(q.Field.Node, finding.Say("只有填了它才能继续", "only filling it in leads on")))
		say.Fix = keepContent
		c.Say(say)
		if s.node != s.at && s.node.Host != nil && q.Field.Node.Unit == s.node.Unit { // the component's own
			say.File, say.From, say.To = s.node.File, s.node.Open.Start, s.node.Open.End
			c.Say(say)
		}
		return
	}
}

func firstElement(n *program.Node) *program.Node {
	for _, k := range n.Kids {
		if k.Text == nil && k.Unit == n.Comp {
			return k
		}
	}
	return nil
}

// door is what a page demands of who comes without a number.
type door uint8

// The doors.
const (
	noDoor  door = iota // it asks for no number, or for one to get in touch
	typable             // the number can be typed, or there is another way on
	locked              // nothing but the phone button
)

// pageAt is the page of the project that a route leads to from here.
func (c *Case) pageAt(route string) *source.Unit {
	if strings.HasPrefix(route, ".") || !strings.Contains(route, "/") {
		if u := c.Program.Project.Page(path.Join(path.Dir(c.Page.Unit.Source.Route), route)); u != nil {
			return u
		}
	}
	return c.Program.Project.Page(route)
}

// doorOf is what the page behind a route demands.
func (c *Case) doorOf(route string) (*source.Unit, door) {
	u := c.pageAt(route)
	if u == nil || u == c.Page.Unit.Source {
		return u, noDoor
	}
	c.Program.Unit(u) // what is known of the page depends on it, remembered or not
	d, _ := c.Program.Memo(doorKey{u, c.Reading}, func() any { return c.findDoor(u) }).(door)
	return u, d
}

// doorKey is the page of which the door is kept.
type doorKey struct {
	to *source.Unit
	by Reading
}

func (c *Case) findDoor(u *source.Unit) door {
	other := &Case{Program: c.Program, Reading: c.Reading, Page: c.Program.Page(u)}
	other.Asks = ask.Of(other.Page)
	d, button := noDoor, false
	for _, q := range other.Asks {
		if q.Dialog != nil && q.Button == nil {
			continue
		}
		use := q.Use()
		switch {
		case q.Button != nil && (use.Purpose != ask.Lead || use.Mixed):
			d, button = typable, true
		case q.Button == nil && (use.Purpose == ask.Login || use.Purpose == ask.Binding) && use.Sure && !use.Mixed:
			d = typable
		}
	}
	if button {
		a := other.arrives()
		if _, ok := other.gatePage(a, a.taps()); ok {
			d = locked
		}
	}
	return d
}

// gatePage is what to say of a page that holds nothing but the phone button.
func (c *Case) gatePage(a *arrival, taps []tap) (Say, bool) {
	var button *program.Node
	for _, q := range c.Asks {
		if q.Field != nil {
			return Say{}, false
		}
		if q.Button != nil && button == nil {
			button = q.Button
		}
	}
	if button == nil || c.Page.Cut {
		return Say{}, false
	}
	absent := func(n *program.Node) bool { // for who has no number
		conds := n.Conditions()
		return len(conds) > 0 && (holds(a.p, conds, program.FirstVisit(a.may), ask.Newcomer) == program.False || a.granted(n, button, 0))
	}
	for _, s := range a.sheets {
		if s.behind() {
			return Say{}, false
		}
	}
	words := 0
	for _, n := range c.Page.Nodes {
		switch {
		case absent(n):
		case n.Text != nil:
			if w := n.Words(); !noticeWord.MatchString(w) && !grantWord.MatchString(w) {
				words += textRunes(n)
			}
		case n.Loop != nil, n.IsField() && !n.IsCheck(), n.Name == "web-view":
			return Say{}, false
		case n.Name == "navigator" || n.Name == "a":
			if !noticeWord.MatchString(ask.Written(n)) {
				return Say{}, false
			}
		case foreign(n) && !n.IsButton():
			words += 20
		}
	}
	if words > 120 {
		return Say{}, false
	}
	for _, t := range taps {
		if noticeWord.MatchString(ask.Written(t.node)) || absent(t.node) {
			continue
		}
		if onWord.MatchString(ask.Written(t.node)) {
			return Say{}, false
		}
		for i := range t.trace.Effects {
			e := &t.trace.Effects[i]
			switch e.Kind {
			case program.Back, program.Exit, program.Request, program.Pay:
				return Say{}, false
			case program.Navigate:
				if !noticeWord.MatchString(e.Text) {
					return Say{}, false
				}
			}
		}
	}
	for _, en := range c.Page.Handlers(button) { // a refusal that leads on
		t := c.Page.Trace(en)
		for i := range t.Effects {
			e := &t.Effects[i]
			if (e.Kind == program.Navigate || e.Kind == program.Back) && e.After != program.Acting && !laterThanAnswer(e) && reached(a.p, e, nothing, ask.Refuser) != program.False {
				return Say{}, false
			}
		}
	}
	say := At(outermost(button), finding.Violation, "这一页除了授权手机号没有别的出路：不能跳过、关闭，也不能手动输入", "authorising the number is the only way on from this page: no skip, no close, no typing")
	say.Capability = c.capabilityOf(button)
	say.Path = []finding.Step{NodeStep(button, finding.Say("唯一的按钮", "the only button"))}
	say.Fix = keepContent
	return say, true
}

func pageWords(pg *program.Page) string {
	var b strings.Builder
	for _, n := range pg.Nodes {
		if n.Text != nil && !noticeWord.MatchString(n.Words()) {
			b.WriteString(n.Words())
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// sentAway judges navigation to a phone page that happens on arrival.
func (c *Case) sentAway(a *arrival) {
	t := c.Page.Opening()
	said := map[int]bool{}
	for i := range t.Effects {
		e := &t.Effects[i]
		if e.Kind != program.Navigate || said[e.From] || e.After > program.Failing {
			continue
		}
		comes := a.happens(e)
		if !comes && (e.Under(asksQuery) || reached(a.p, e, a.may, ask.Newcomer) == program.False) {
			continue
		}
		to, d := c.doorOf(e.Text)
		if d == noDoor || !comes && d != locked || personalPage.MatchString(c.Page.Unit.Name()) {
			continue // to a page with nothing but the button people are sent on a later visit, too
		}
		v := finding.Violation
		if d != locked && !a.askedFor(e.When) || !e.Sure || e.Under(asksQuery) {
			v = finding.Review
		}
		said[e.From] = true
		c.Mark("to "+to.Main().Path, nil)
		c.Say(c.stop(e, v, "用户一进页面就被送到只能授权手机号的页面 "+to.Route, "on entry the person is sent to "+to.Route+", where only authorising leads on"))
	}
}

// lone reports whether what is judged is a component that no page shows.
func (c *Case) lone() bool { return c.Program.Lone != nil && c.Program.Lone == c.Page.Unit.Source }

// stop is what to say of an effect that stops a person, at the statement: where that
// lies in another file, at the call by which the page gets there.
func (c *Case) stop(e *program.Effect, v finding.Verdict, zh, en string) Say {
	say := Say{Verdict: v, File: e.File, From: e.From, To: e.To, Message: finding.Say(zh, en), Path: Steps(e, finding.Say("在这里被拦下", "stopped here")), Fix: keepContent}
	own := func(f *source.File) bool {
		u := c.Page.Unit.Source
		return f == u.Script || f == u.Template
	}
	if !own(e.File) {
		for s := e.Steps; s != nil; s = s.Up {
			if s.Kind != program.Enter && s.File != nil && own(s.File) {
				say.File, say.From, say.To = s.File, s.From, s.To
				break
			}
		}
	}
	for _, q := range c.Asks {
		if q.Button != nil {
			say.Capability = q.Capability()
		}
	}
	return say
}
