package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/program"
)

// statements is what a question shows of statements.
type statements struct {
	good  *ask.Notice   // a privacy statement that can be read
	dead  []*ask.Notice // privacy statements whose link leads nowhere
	named *ask.Notice   // a privacy statement that is named and cannot be tapped
	// terms is an agreement; bare tells that it cannot be opened either.
	terms *ask.Notice
	bare  bool
	// elsewhere: the page has a statement, but not in the dialog that asks.
	elsewhere bool
	// unseen: something that cannot be seen may show one.
	unseen bool
}

// statementsOf collects what stands around a question.
func statementsOf(c *Case, a *ask.Ask) statements {
	var st statements
	own := map[*program.Node]bool{}
	for _, o := range c.Asks {
		if o.Dialog != nil && o.Dialog != a.Dialog {
			own[o.Dialog] = true
		}
	}
	boxes := c.consent().boxes
	for _, n := range ask.Notices(a.Around, func(n *program.Node) bool { return own[n] }, boxes, c.Asks) {
		if !n.Privacy && a.Dialog == nil && inDialog(n.Node) {
			continue // another dialog's agreement
		}
		st.take(n)
	}
	for _, r := range a.Around {
		r.Walk(func(n *program.Node) bool {
			if own[n] {
				return false
			}
			if n.Text == nil && (agreeTag.MatchString(n.Name) && (n.Foreign || unresolved(n)) || computedLinks(n)) {
				st.unseen = true
			}
			if at := n.Attr("open-type"); n.Text == nil && at != nil && strings.Contains(strings.ToLower(at.Value), "privacy") {
				st.good = &ask.Notice{Node: n, Link: n, Privacy: true}
			}
			return true
		})
	}
	if st.good == nil && a.Dialog != nil {
		for _, n := range ask.Notices(a.Page.Roots, func(n *program.Node) bool { return n == a.Dialog || own[n] }, boxes, c.Asks) {
			if n.Privacy && (n.Leads == ask.Somewhere || n.Printed) {
				st.elsewhere = true
			}
		}
	}
	if st.good == nil && contract(a.Page.Opening()) {
		st.good = &ask.Notice{Privacy: true}
	}
	return st
}

func inDialog(n *program.Node) bool {
	for k := n.Up; k != nil; k = k.Up {
		if ask.IsDialog(k) {
			return true
		}
	}
	return false
}

func (st *statements) take(n *ask.Notice) {
	switch {
	case n.Privacy && (n.Leads == ask.Somewhere || n.Printed):
		st.good = n
	case n.Privacy && n.Leads == ask.Unreadable:
		st.named = n
	case n.Privacy:
		st.dead = append(st.dead, n)
	case st.terms == nil || n.Leads == ask.Somewhere:
		st.terms = n
		st.bare = n.Leads != ask.Somewhere
	}
}

// computedLinks: a list of links about an agreement whose words come from elsewhere.
func computedLinks(n *program.Node) bool {
	written := false
	for _, k := range n.Kids {
		for _, part := range k.Text {
			if part.Expr != nil {
				written = written || ask.Written(k) == ""
			}
		}
	}
	if !written || !n.Tappable() {
		return false
	}
	for i := range n.Events {
		if h := n.Events[i].Handler; h != nil && agreeTag.MatchString(h.Str) {
			return true
		}
	}
	return false
}

// contract reports whether a run asks the platform for its privacy sheet.
func contract(t *program.Trace) bool {
	for i := range t.Effects {
		if name := t.Effects[i].Name; strings.Contains(name, "PrivacyContract") || strings.Contains(name, "PrivacyAuthoriz") || strings.Contains(name, "getPrivacySetting") {
			return true
		}
	}
	return false
}
