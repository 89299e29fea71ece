package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
	"clew/finding"
)

var ownPage = Rule{ID: "own-page", Clause: "3.2.own-page", Page: ownPages}

var (
	leadAddress = pattern.MustCompile(`(?i)(^|[/_.?&=-])(apply|lead|leads|sign-?up|baoming|yuyue|liuzi|free-?quote|quote|enquiry|inquiry|consult|appointment|reserve)([/_.?&=-]|$)`)
	phoneInput  = pattern.MustCompile(`(?is)<input[^>]*(type=["']?tel|name=["']?[a-z_]*(phone|mobile|tel)|手机)`)
)

func ownPages(c *Case) {
	for _, n := range c.Page.Nodes {
		if n.Name == "web-view" {
			c.webView(n)
		}
	}
	a := c.arrives()
	for i := len(a.sheets) - 1; i >= 0; i-- {
		c.uncalled(a, a.sheets[i])
	}
}

// webView judges a page that only shows a web page.
func (c *Case) webView(n *program.Node) {
	src, ok := n.Static("src")
	if !ok {
		if v := n.Expr("src"); v != nil {
			src = c.Program.In(c.Program.Look(n, v), c.Program.Initially).Text()
			if src == "" { // it comes with the page
				src = c.Program.In(c.Program.Look(n, v), c.arrives().may).Text()
			}
		}
	}
	if src == "" {
		return
	}
	fix := &finding.Fix{Message: finding.Say("把表单做成小程序自己的页面", "make the form a page of the mini-program")}
	if !strings.Contains(src, "://") && !strings.HasPrefix(src, "//") {
		if f := c.local(src); f != nil && phoneInput.MatchString(f.Text) {
			say := At(n, finding.Violation, "留资表单在 web-view 打开的网页 "+f.Path+" 里，不是小程序自己的页面板块", "the lead form is in the web page "+f.Path+" that a web-view opens, not on a page block of its own")
			say.Fix = fix
			if at := phoneInput.FindStringIndex(f.Text); at != nil {
				say.Path = []finding.Step{{Place: Place(f, at[0], at[1]), Message: finding.Say("网页里的手机号输入框", "the phone field of the web page")}}
			}
			c.Say(say)
		}
		return
	}
	if leadAddress.MatchString(src) {
		say := At(n, finding.Review, "这个页面只是打开外部网址，看网址像留资表单，请人工确认", "the page only opens an outside address that sounds like a lead form: please check")
		say.Fix = fix
		c.Say(say)
	}
}

// local is the project's file that an address without a host means.
func (c *Case) local(src string) *source.File {
	src, _, _ = strings.Cut(src, "?")
	src = strings.TrimLeft(src, "./")
	for _, f := range c.Program.Project.Files {
		if f.Path == src || strings.HasSuffix(f.Path, "/"+src) {
			return f
		}
	}
	return nil
}

// uncalled judges a lead component in an overlay that comes by itself, later than on
// arrival: at the end of a scroll, or after a while.
func (c *Case) uncalled(a *arrival, s *sheet) {
	var clue *ask.Ask
	for _, q := range s.asks {
		if q.Clue != nil {
			clue = q
		}
	}
	if clue == nil {
		return
	}
	by := c.comesLater(a, s)
	if by == nil {
		return
	}
	say := At(s.at, finding.Review, "线索组件在浮层里，用户没有点，"+entryName(by)+" 就让它盖住内容，请人工确认", "the lead component is in an overlay that "+entryName(by)+" lays over the content without a tap: please check")
	say.Capability = clue.Capability()
	say.Path = append(Steps(by, finding.Say("打开浮层", "opens the overlay")), NodeStep(clue.Node, finding.Say("线索组件", "the lead component")))
	say.Fix = &finding.Fix{Message: finding.Say("只由“免费咨询”这类按钮打开浮层", "let only a button such as \"free consultation\" open the overlay")}
	c.Say(say)
}

// comesLater is the effect by which a dialog opens on scrolling or after a while.
func (c *Case) comesLater(a *arrival, s *sheet) *program.Effect {
	var traces []*program.Trace
	for _, hook := range []string{"onReachBottom", "onPageScroll"} {
		if fn := c.Page.Unit.Handler(hook); fn != nil {
			traces = append(traces, c.Page.Trace(program.Entry{Name: hook, Fn: fn, Unit: c.Page.Unit}))
		}
	}
	for _, n := range c.Page.Nodes {
		for i := range n.Events {
			if name := n.Events[i].Name; name == "scroll" || name == "scrolltolower" {
				if e, ok := c.Page.On(n, name); ok {
					traces = append(traces, c.Page.Trace(e))
				}
			}
		}
	}
	for _, t := range traces {
		for i := range t.Effects {
			if _, ok := a.turnsOn(s, &t.Effects[i]); ok && t.Effects[i].After != program.Acting {
				return &t.Effects[i]
			}
		}
	}
	t := c.Page.Opening()
	for i := range t.Effects {
		if e := &t.Effects[i]; e.Delay >= 10_000 {
			if _, ok := a.turnsOn(s, e); ok {
				return e
			}
		}
	}
	return nil
}
