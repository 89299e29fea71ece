package rule

import (
	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/finding"
)

var consentMissing = Rule{ID: "consent-missing", Clause: "3.1.1.consent", Page: consentMissingOn, Project: func(c *Case) {
	for _, m := range c.Marks("missing") {
		if len(c.Marks(past+m.Page)) == 0 {
			c.Report(m)
		}
	}
}}

// past is the mark of a page that is reached only past a consent box; its file
// follows.
const past = "past the box to "

func consentMissingOn(c *Case) {
	boxes := c.consent().boxes
	for _, to := range leadsTo(c, boxes) {
		c.Mark(past+to, nil)
	}
	said := map[*program.Node]bool{}
	for _, a := range c.Asks {
		at := sender(a)
		v, ok := claim(a)
		if !ok || boxFor(a, boxes, c.Asks) {
			continue
		}
		how := agreesOtherwise(a)
		if how == doesAgree {
			continue
		}
		if how == unseenAgree {
			v = finding.Review
		}
		zh, en := "收手机号之前没有任何让用户表示同意的控件"+quote(wordsOn(at)), "nothing lets the person agree before the number is taken "+quote(wordsOn(at))
		if says := impliedIn(a.Each); says != nil {
			words := ask.Written(says)
			zh, en = "只写着"+short(words)+"，没有东西可以选：提交不等于同意", "it only says "+short(words)+" with nothing to choose: submitting is not agreeing"
			if says.File != at.File { // the button is another file's; the sentence is what to mend
				at = says
			}
		}
		places := []*program.Node{at}
		if a.Button != nil && a.Field != nil && !a.Field.Closed && a.Field.Node.File != at.File {
			if typed := typedSender(a); typed != nil {
				places = append(places, typed)
			}
		}
		for _, at := range places {
			if said[at] {
				continue
			}
			said[at] = true
			s := At(at, v, zh, en)
			s.Capability = a.Capability()
			c.Mark("missing", &s)
		}
	}
	if len(c.Asks) == 0 && len(boxes) == 0 {
		c.impliedLogin()
	}
}

func boxFor(a *ask.Ask, boxes []*ask.Box, asks []*ask.Ask) bool {
	for _, b := range boxes {
		if b.About(a, asks) {
			return true
		}
	}
	return false
}

// impliedIn is the sentence that takes consent for given.
func impliedIn(each func(func(*program.Node))) *program.Node {
	var at *program.Node
	each(func(n *program.Node) {
		if n.Text != nil && at == nil && ask.Implied(ask.Written(n)) {
			at = n
		}
	})
	return at
}

// impliedLogin finds, on a page that asks for no number itself, a log-in that takes
// consent for given.
func (c *Case) impliedLogin() {
	says := impliedIn(func(visit func(*program.Node)) {
		for _, n := range c.Page.Nodes {
			visit(n)
		}
	})
	if says == nil {
		return
	}
	for _, n := range c.Page.Nodes {
		if n.Text != nil || !n.Tappable() || !loginWords.MatchString(n.Words()) || len([]rune(n.Words())) > 20 || agreeing.MatchString(n.Words()) {
			continue
		}
		v := finding.Review
		if c.Reading == Strict {
			v = finding.Violation
		}
		words := ask.Written(says)
		s := At(says, v, "只写着"+short(words)+"，没有东西可以选：登录不等于同意", "it only says "+short(words)+" with nothing to choose: logging in is not agreeing")
		s.Path = []finding.Step{NodeStep(n, finding.Say("从这里登录", "the log-in"))}
		c.Mark("missing", &s)
		return
	}
}

// loginRoute is a page to which many ways lead, whatever one of them asks first.
var loginRoute = pattern.MustCompile(`(?i)login|auth|register|bind|phone`)

var loginWords = pattern.MustCompile(`登录|登陆|注册|(?i:log ?in|sign ?(in|up))`)

// leadsTo is the pages to which one gets only when a box of this page is ticked, by
// their files.
func leadsTo(c *Case, boxes []*ask.Box) []string {
	var out []string
	for _, b := range boxes {
		for _, n := range c.Page.Nodes {
			if n.Text != nil || !n.Tappable() {
				continue
			}
			for _, e := range c.Page.Handlers(n) {
				c.Page.Trace(e).Each(program.Navigate, func(e *program.Effect) {
					if !e.Under(func(g *program.Given) bool { return g.Term != nil && g.Term.Any(b.Is) }) {
						return
					}
					if to := c.Program.Project.Page(e.Text); to != nil && !loginRoute.MatchString(to.Route) {
						out = append(out, c.Program.Unit(to).Name())
					}
				})
			}
		}
	}
	return out
}
