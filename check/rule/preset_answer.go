package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/view"
	"clew/finding"
)

var (
	// questions that are not about an answer of the person's own, or are asked elsewhere
	neutralQuestion = pattern.MustCompile(`同意|协议|隐私|政策|条款|已阅读|性别|先生|女士|[男女]|城市|地区|国家|区号|日期|时间段|时段|数量|证件|配送|支付|付款|发票|账号类型|登录|默认地址|身份[:：]|(?i)gender|agree|sex`)
	// questions that only the person can answer
	ownQuestion = pattern.MustCompile(`[?？]|吗|是否|有无|有没有|需不需要|多久|何时|什么时候|预算|意向|健康|收入|兴趣|打算|愿意`)
	// facts of a person's life, of which even "no" is a claim
	ownFact = pattern.MustCompile(`健康|住.?院|病|过敏|手术|怀孕|婚|收入|贷款|负债|征信|经验|学历|意向|预算|兴趣`)
	// an answer that claims little
	noAnswer = pattern.MustCompile(`^(否|无|没有|不|未|暂)`)
)

// preset-answer: a question to the person is answered before the person does.
var presetAnswer = Rule{ID: "preset-answer", Clause: "3.1.3.hint", Page: func(c *Case) {
	for _, f := range c.Forms() {
		if !f.Collects || len(f.Questions) == 0 {
			continue
		}
		for _, g := range choices(f) {
			g.judge(c, f)
		}
	}
}}

// choice is a group of options of which one is taken.
type choice struct {
	node    *program.Node // around the options
	options []*program.Node
}

// choices finds the groups of radio buttons of a form.
func choices(f *ask.Form) []*choice {
	var list []*choice
	at := map[any]*choice{}
	visit := func(n *program.Node) {
		if n.Text != nil || n.FieldKind() != view.FieldRadio && n.Kind() != "radio" {
			return
		}
		for k := n.Up; k != nil; k = k.Up {
			if k.Kind() == "radio" || k.FieldKind() == view.FieldRadio {
				return // what a component is made of
			}
		}
		var key any
		var around *program.Node
		for k := n.Up; k != nil && around == nil; k = k.Up {
			if strings.HasSuffix(k.Kind(), "radio-group") {
				around = k
			}
		}
		key = around
		if around == nil {
			name, ok := n.Static("name")
			if !ok || n.Up == nil {
				return
			}
			key, around = "name "+name, n.Up
		}
		g := at[key]
		if g == nil {
			g = &choice{node: around}
			at[key] = g
			list = append(list, g)
		}
		for !n.Inside(g.node) && g.node.Up != nil {
			g.node = g.node.Up
		}
		g.options = append(g.options, n)
	}
	if f.Node != nil {
		f.Node.Walk(func(n *program.Node) bool { visit(n); return true })
	} else {
		f.Asks[0].Each(visit)
	}
	return list
}

func (g *choice) judge(c *Case, f *ask.Form) {
	if len(g.options) < 2 {
		return
	}
	question := g.question()
	if neutralQuestion.MatchString(question) || neutralQuestion.MatchString(g.node.Words()) {
		return
	}
	for _, o := range g.options {
		set, loaded := g.chosen(c, o)
		if !set {
			continue
		}
		words := g.answer(o)
		verdict := finding.Violation
		if loaded || noAnswer.MatchString(words) && !ownFact.MatchString(question) || !ownQuestion.MatchString(question) {
			verdict = finding.Review
		}
		s := At(o, verdict,
			"“"+brief(question)+"”在用户作答之前已经选好了“"+brief(words)+"”",
			"\""+brief(question)+"\" is answered \""+brief(words)+"\" before the person does")
		s.Capability = f.Asks[0].Capability()
		s.Path = []finding.Step{NodeStep(g.node, finding.Say("这一组选项", "the options")), NodeStep(o, finding.Say("出现时已选中", "selected when it appears"))}
		s.Fix = &finding.Fix{Message: finding.Say("初始不选任何一项；要举例，写在提示里。", "Select nothing at first; put examples into the hint.")}
		c.Say(s)
		return
	}
}

// chosen reports whether an option is taken when the form appears; loaded: by a
// value that the page may replace with what is known of the person.
func (g *choice) chosen(c *Case, o *program.Node) (set, loaded bool) {
	p := c.Program
	for i := range o.Attrs {
		a := &o.Attrs[i]
		if a.Name != "checked" && a.Name != "defaultchecked" {
			continue
		}
		if a.Expr == nil {
			if !strings.EqualFold(strings.TrimSpace(a.Value), "false") {
				return true, false
			}
			continue
		}
		t := p.Look(o, a.Expr)
		if p.In(t, p.Initially).Truth() == program.True {
			return true, g.replaced(c, t)
		}
	}
	mine, ok := "", false
	for _, name := range []string{"value", "name", "label"} {
		if mine, ok = o.Static(name); ok {
			break
		}
	}
	if !ok || mine == "" {
		return false, false
	}
	for _, name := range []string{"value", "modelvalue", "defaultvalue"} {
		a := g.node.Attr(name)
		if a == nil || !strings.HasSuffix(g.node.Kind(), "radio-group") {
			continue
		}
		if a.Expr == nil {
			return a.Value == mine, false
		}
		t := p.Look(g.node, a.Expr)
		if s, ok := p.In(t, p.Initially).Const(); ok && s == mine {
			return true, g.replaced(c, t)
		}
	}
	return false, false
}

// replaced reports whether opening the page sets what the choice is made by.
func (g *choice) replaced(c *Case, t *program.Term) bool {
	if t.Kind == program.Bool {
		return false
	}
	set := false
	opening := c.Page.Opening()
	opening.Each(program.Set, func(e *program.Effect) {
		if e.State == nil {
			set = true
			return
		}
		t.Walk(func(s *program.Term) bool {
			if s.Kind == program.State && s.Unit == e.State.Unit && (s.Str == e.State.Str || strings.HasPrefix(s.Str, e.State.Str+".")) {
				set = true
			}
			return !set
		})
	})
	return set
}

// question is what is written for the options.
func (g *choice) question() string {
	n := g.node
	for range 3 {
		if n.Up == nil {
			break
		}
		up := n.Up
		var before []string
		for _, k := range up.Kids {
			if k == n {
				break
			}
			w := k.Words()
			if w == "" {
				continue
			}
			before = append(before, w)
		}
		if len(before) > 0 {
			return before[len(before)-1]
		}
		for _, name := range []string{"label", "title"} {
			if s, ok := up.Static(name); ok && s != "" {
				return s
			}
		}
		n = up
	}
	return ""
}

// answer is the words of an option: in it, or behind it.
func (g *choice) answer(o *program.Node) string {
	if w := o.Words(); w != "" {
		return w
	}
	if o.Up != nil {
		for i, k := range o.Up.Kids {
			if k == o && i+1 < len(o.Up.Kids) {
				if w := o.Up.Kids[i+1].Words(); w != "" {
					return w
				}
			}
		}
	}
	for _, name := range []string{"label", "value"} {
		if s, ok := o.Static(name); ok {
			return s
		}
	}
	return ""
}

// brief cuts a text to what fits into a message.
func brief(s string) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > 24 {
		return string(r[:24]) + "…"
	}
	return s
}
