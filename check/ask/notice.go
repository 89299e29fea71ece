package ask

import (
	"path"
	"strings"

	"clew/check/code"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
)

// Notice is a name of a statement beside a question, and what a tap on it opens.
type Notice struct {
	Node  *program.Node // the words
	Words string
	// Privacy: the words name a privacy statement, not only an agreement.
	Privacy bool
	// Printed: the statement itself stands there.
	Printed bool
	Link    *program.Node // what is tapped to read it; nil where nothing is
	Leads   Leads
	Effect  *program.Effect // that opens it; nil for links by an address
	To      *source.Unit    // the page it opens, where that is one of the project
}

// Leads says where a tap on a notice leads.
type Leads uint8

// Where it leads.
const (
	Somewhere  Leads = iota // to words, or to what may hold some
	NoHandler               // nothing answers the tap
	NoEffect                // the handler does nothing, or only says something short
	NoPage                  // to a page that is not registered or not there
	EmptyPage               // to a page without a word
	NoAddress               // to "#", "" or "javascript:;"
	Unreadable              // the names are there, and nothing can be tapped
)

var (
	privacyName = pattern.MustCompile(`隐私(政策|协议|条款|声明|说明|保护|权|指引|须知|规则|通知|告知|授权|制度|管理|书|及|和|与|相关|》|」|$)` +
		`|《[^》]{0,20}(隐私|个人信息|信息保护|信息收集|信息授权)[^》]{0,20}》` +
		`|个人信息(保护|处理|收集|使用|授权|安全|共享).{0,6}(政策|声明|说明|规则|告知|证明|协议|条款|指引|书|须知|提示)` +
		`|(?i:privacy[ -]?(policy|notice|statement|terms|agreement)|^privacy$)`)
	agreementName = pattern.MustCompile(`《[^》]+》|(用户|服务|注册|会员|使用|平台|入驻|合作|法律).{0,4}(协议|条款|规则|声明|须知)|相关(条款|协议)|(?i:terms of (service|use)|user agreement|terms (and|&) conditions)`)
	privacyRoute  = pattern.MustCompile(`(?i)privacy|yinsi|policy|ysxy|yszc|PrivacyContract|PrivacyAuth`)
)

// printed is how many characters of words about privacy make the statement itself.
const printed = 90

// Notices finds the names of statements in a tree, what is inside skipped nodes left
// out. boxes are the page's, for a tap that only ticks opens nothing.
func Notices(roots []*program.Node, skip func(*program.Node) bool, boxes []*Box, asks []*Ask) []*Notice {
	var list []*Notice
	for _, r := range roots {
		r.Walk(func(n *program.Node) bool {
			if n.Text == nil && skip(n) {
				return false
			}
			w := ""
			if n.Text != nil {
				w = writtenOn(n)
			} else {
				for _, name := range []string{"title", "label", "text", "content", "value", "name"} {
					if s, ok := n.Static(name); ok && n.Name != "input" && n.Name != "button" {
						w += s + " "
					}
				}
			}
			private := privacyName.MatchString(w)
			if !private && !agreementName.MatchString(w) {
				return true
			}
			x := &Notice{Node: n, Words: strings.TrimSpace(w), Privacy: private, Leads: Unreadable}
			x.Printed = private && len([]rune(w)) >= printed
			x.link(boxes, asks)
			list = append(list, x)
			return true
		})
	}
	return list
}

// link finds what opens the statement: the innermost thing around the words that
// takes a tap, if it holds little else.
func (x *Notice) link(boxes []*Box, asks []*Ask) {
	for k, up := x.Node, 0; k != nil && up < 6; k, up = k.Up, up+1 {
		if k.Text != nil {
			continue
		}
		if up > 1 && len([]rune(Written(k))) > maxLine || IsDialog(k) || sendsOff(k, asks) {
			break
		}
		if leads, effect, to := where(k, boxes); leads != Unreadable {
			x.Link, x.Leads, x.Effect, x.To = k, leads, effect, to
			break
		}
	}
	if x.Effect != nil && privacyRoute.MatchString(x.Effect.Text) {
		x.Privacy = true
	}
}

// maxLine is how many characters stand in what is tapped to read a statement.
const maxLine = 70

func sendsOff(n *program.Node, asks []*Ask) bool {
	for _, a := range asks {
		if a.Button == n || a.Form == n {
			return true
		}
		for _, s := range a.Submits {
			if s.Node == n {
				return true
			}
		}
	}
	return false
}

// where is what a tap on n leads to; Unreadable where n takes no tap, or only ticks
// a box.
func where(n *program.Node, boxes []*Box) (Leads, *program.Effect, *source.Unit) {
	pg := n.Page
	if a := n.Attr("open-type"); a != nil && privacyRoute.MatchString(a.Value) {
		return Somewhere, nil, nil
	}
	tapped := false
	for i := range n.Events {
		ev := &n.Events[i]
		if ev.Name != "tap" && ev.Name != "touchstart" && ev.Name != "touchend" && ev.Name != "longpress" {
			continue
		}
		if ev.Handler == nil && ev.Func == nil {
			continue
		}
		tapped = true
		e, ok := pg.On(n, ev.Name)
		if !ok {
			if missing(n, ev.Handler) {
				return NoHandler, nil, nil
			}
			return Somewhere, nil, nil
		}
		t := pg.Trace(e)
		return opens(n, t, boxes)
	}
	for _, name := range []string{"url", "href", "to"} {
		a := n.Attr(name)
		if a == nil || n.Comp != nil {
			continue
		}
		switch n.Kind() {
		case "navigator", "a", "link", "router-link":
		default:
			if name == "href" || n.Kind() != "cell" {
				continue
			}
		}
		if a.Expr != nil {
			t := pg.Program().Look(n, a.Expr)
			s, ok := t.Const()
			if !ok {
				return Somewhere, nil, nil
			}
			return address(n, s, tapped)
		}
		return address(n, a.Value, tapped)
	}
	if n.Kind() == "navigator" {
		return Somewhere, nil, nil // drawn as a link, its address still open
	}
	return Unreadable, nil, nil
}

// missing reports whether a handler is a name that its unit, all of which is seen,
// does not have.
func missing(n *program.Node, h *code.Value) bool {
	if h == nil || h.Kind != code.Global || h.Str == "" || strings.ContainsAny(h.Str, ".(") {
		return false
	}
	f := n.Unit.Source.Script
	if f == nil || n.Page.Program().Stepped[f] > 0 {
		return false
	}
	for _, word := range []string{"mixins", "mixin", "behaviors", "Behavior", "extends", "...", h.Str} {
		if strings.Contains(script(f), word) {
			return false
		}
	}
	if app := n.Page.Program().Project.App; app != nil && app.Script != nil && strings.Contains(app.Script.Text, "mixin(") {
		return false
	}
	return true
}

// script is a file's text without its template.
func script(f *source.File) string {
	if i := strings.LastIndex(f.Text, "</template>"); i >= 0 {
		return f.Text[i:]
	}
	return f.Text
}

// opens is what a run after a tap leads to.
func opens(n *program.Node, t *program.Trace, boxes []*Box) (Leads, *program.Effect, *source.Unit) {
	unseen := t.Cut || t.Unknown > 0
	ticks, sets, short := false, false, false
	var dead Leads
	var deadBy *program.Effect
	for i := range t.Effects {
		e := &t.Effects[i]
		switch e.Kind {
		case program.Set:
			if e.State != nil && isFlag(e.State, boxes) {
				ticks = true
				continue
			}
			if e.Value != nil && e.Value.Truth() == program.False {
				sets = true
				continue // closes something
			}
			return Somewhere, e, nil
		case program.Toast:
			short = true
		case program.Load, program.Store:
		case program.Navigate:
			leads, _, to := route(n, e)
			if leads == Somewhere {
				return Somewhere, e, to
			}
			dead, deadBy = leads, e
		default:
			return Somewhere, e, nil
		}
	}
	switch {
	case unseen:
		return Somewhere, nil, nil
	case dead != Somewhere:
		return dead, deadBy, nil
	case ticks:
		return Unreadable, nil, nil
	case sets:
		return Unreadable, nil, nil
	case short || len(t.Effects) == 0:
		return NoEffect, nil, nil
	}
	return Somewhere, nil, nil
}

func isFlag(s *program.Term, boxes []*Box) bool {
	for _, b := range boxes {
		if b.Means(s) {
			return true
		}
	}
	return false
}

// route is where a navigation leads.
func route(n *program.Node, e *program.Effect) (Leads, *program.Effect, *source.Unit) {
	switch name := e.Name[strings.LastIndexByte(e.Name, '.')+1:]; name {
	case "navigateTo", "redirectTo", "switchTab", "reLaunch":
	default:
		return Somewhere, e, nil
	}
	to := e.Text
	if to == "" || strings.HasPrefix(to, "…") {
		to = carried(n)
	}
	return toPage(n, to, e)
}

// carried is the route that an element hands to its handler as data.
func carried(n *program.Node) string {
	for i := range n.Attrs {
		if a := &n.Attrs[i]; strings.HasPrefix(a.Name, "data") && a.Expr == nil && (strings.HasPrefix(a.Value, "/") || strings.HasPrefix(a.Value, "pages/")) {
			return a.Value
		}
	}
	return ""
}

func toPage(n *program.Node, to string, e *program.Effect) (Leads, *program.Effect, *source.Unit) {
	to, _, _ = strings.Cut(to, "?")
	p := n.Page.Program()
	if to == "" || strings.Contains(to, "…") || strings.Contains(to, "://") || strings.HasPrefix(to, "//") || !n.Page.Unit.Source.Listed {
		return Somewhere, e, nil
	}
	u := p.Project.Page(to)
	if u == nil && !strings.HasPrefix(to, "/") {
		u = p.Project.Page(path.Join(path.Dir(n.Page.Unit.Source.Route), to))
	}
	if u == nil {
		return NoPage, e, nil
	}
	if empty(p.Page(u)) {
		return EmptyPage, e, u
	}
	return Somewhere, e, u
}

// address is where a link's address leads.
func address(n *program.Node, s string, tapped bool) (Leads, *program.Effect, *source.Unit) {
	s = strings.TrimSpace(s)
	switch {
	case s == "" || s == "#" || strings.HasPrefix(s, "javascript:"):
		if tapped {
			return Somewhere, nil, nil
		}
		if target, ok := n.Static("open-type"); ok && target != "" && s == "" { // of a navigator
			return Somewhere, nil, nil
		}
		return NoAddress, nil, nil
	case strings.HasPrefix(s, "#"), strings.Contains(s, "://"), strings.HasPrefix(s, "//"):
		return Somewhere, nil, nil
	}
	if n.Kind() == "navigator" {
		return toPage(n, s, nil)
	}
	f := n.File
	if f != nil && strings.HasSuffix(f.Path, ".html") && strings.HasSuffix(s, ".html") && !strings.HasPrefix(s, "/") {
		if n.Page.Program().Project.Resolve(f, "./"+strings.TrimPrefix(s, "./")) == nil {
			return NoPage, nil, nil
		}
	}
	return Somewhere, nil, nil
}

// empty reports whether a page has nothing to read, and nothing that may bring it.
func empty(pg *program.Page) bool {
	if pg.Cut {
		return false
	}
	for _, n := range pg.Nodes {
		if n.Text != nil {
			for _, part := range n.Text {
				if part.Expr != nil || strings.TrimSpace(part.Text) != "" {
					return false
				}
			}
			continue
		}
		switch n.Kind() {
		case "", "view", "div", "block", "template", "scroll-view", "text", "page", "section", "p", "span", "html", "head", "body":
			if n.Attr("v-html") != nil || n.Attr("html") != nil || n.Attr("nodes") != nil || n.Attr("inner-html") != nil || n.Attr("") != nil || n.Attr("dangerouslySetInnerHTML") != nil {
				return false
			}
		default:
			return false
		}
	}
	for _, e := range pg.Opening().Effects {
		switch e.Kind {
		case program.Navigate, program.Dialog, program.Outside, program.Open:
			return false
		}
	}
	return true
}
