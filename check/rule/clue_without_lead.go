package rule

import (
	"strings"

	"clew/check/program"
	"clew/check/source/markup"
	"clew/check/view"
	"clew/finding"
)

var clueWithoutLead = Rule{ID: "clue-without-lead", Clause: "3.3.scope", Page: func(c *Case) {
	for _, n := range c.Page.Nodes {
		if !isClue(n) || inClue(n) || c.collects(n) {
			continue
		}
		v := finding.Violation
		zh, en := "线索组件里没有手机号输入框，也没有手机号按钮", "this lead component holds neither a phone field nor a phone button"
		if words := within(n); words != "" {
			zh, en = zh+"，包住的是"+quote(words), en+"; what it wraps is "+quote(words)
		}
		hidden := unseen(n)
		if hidden != nil {
			v = finding.Review
			zh, en = "线索组件里没有看到手机号输入框或手机号按钮，其中一部分内容源码里看不到", "no phone field or button is seen in this lead component, and part of it is not in the source"
		}
		s := At(n, v, zh, en)
		s.Capability = finding.ClueForm
		s.Path = []finding.Step{NodeStep(n, finding.Say("带线索组件标记的表单", "the form that bears the lead component's marks"))}
		if hidden != nil && hidden != n {
			s.Path = append(s.Path, NodeStep(hidden, finding.Say("这里的内容源码里看不到", "what stands here is not in the source")))
		}
		s.Fix = &finding.Fix{Message: finding.Say(
			"把组件标记移到真正收手机号的表单上；搜索、导航用普通表单或 view",
			"put the marks on the form that takes the phone number; use a plain form or a view for search and navigation",
		)}
		c.Say(s)
	}
}}

// inClue: a mark inside a marked form is the same component.
func inClue(n *program.Node) bool {
	for k := n.Up; k != nil; k = k.Up {
		if isClue(k) {
			return true
		}
	}
	return false
}

// collects reports whether a question for a number stands in the form, or a field
// that the platform itself is told to take as the number.
func (c *Case) collects(form *program.Node) bool {
	for _, a := range c.Asks {
		if a.Clue == form || a.Node.Inside(form) || a.Field != nil && a.Field.Node.Inside(form) {
			return true
		}
	}
	found := false
	form.Walk(func(n *program.Node) bool {
		if n.Text == nil {
			_, _, kind := n.ClueMarks()
			_, asks := n.AsksPhone()
			found = found || asks || kind != nil && n.IsField() || n.FieldKind() == view.FieldPhone
		}
		return !found
	})
	return found
}

// unseen is the first thing in a form of which the source does not show what it is:
// a component from outside, a field that a server describes, a slot, an ability
// that is computed.
func unseen(form *program.Node) *program.Node {
	if form.Page.Cut {
		return form
	}
	var at *program.Node
	form.Walk(func(n *program.Node) bool {
		if at != nil || n.Text != nil {
			return at == nil
		}
		_, _, computed := n.OpenType()
		theirs := n.Host != form.Host && library(n.File) // a library's own parts hide nothing
		switch {
		case n.Foreign, !theirs && (computed || n.Attr("") != nil):
			at = n
		case n.Name == "slot" && len(n.Kids) == 0 && form.Host == nil && n.Host == nil, n.Name == "rich-text", n.Name == "web-view", n.Name == "component" && n.Expr("is") != nil,
			n.Name == "template" && n.Expr("is") != nil && len(n.Kids) == 0:
			at = n
		case n.IsField() && !n.IsCheck() && described(n):
			at = n
		}
		return at == nil
	})
	return at
}

// described: what a field asks for is computed, and nothing written beside it tells.
func described(n *program.Node) bool {
	switch n.FieldKind() {
	case view.FieldText, view.FieldNumber, view.FieldPhone:
	default:
		return false
	}
	if searches(n) {
		return false
	}
	if s, ok := n.Static("placeholder"); ok && s != "" {
		return false
	}
	computed := false
	for _, name := range []string{"placeholder", "name", "type"} {
		v := n.Expr(name)
		if v == nil {
			continue
		}
		t := n.Page.Program().Look(n, v)
		if _, ok := t.Const(); ok || strings.ContainsFunc(t.Text(), func(r rune) bool { return r > 0x2e80 }) {
			if name == "placeholder" && t.Text() != "" {
				return false
			}
			continue
		}
		computed = true
	}
	return computed
}

// searches: a field of a search bar.
func searches(n *program.Node) bool {
	for k := n; k != nil; k = k.Host {
		if strings.Contains(k.Kind(), "search") || k.Host != nil && strings.Contains(k.Host.Kind(), "search") {
			return true
		}
	}
	return false
}

// within is what a form shows, in short.
func within(n *program.Node) string {
	if w := wordsOn(n); w != "" {
		return strings.ReplaceAll(w, markup.Mark, "…")
	}
	var hint string
	n.Walk(func(k *program.Node) bool {
		if k.Text == nil && hint == "" {
			hint, _ = k.Static("placeholder")
		}
		return hint == ""
	})
	return hint
}
