package rule

import (
	"clew/check/program"
	"clew/finding"
)

var categoryClosed = Rule{ID: "category-closed", Clause: "2.scope", Page: func(c *Case) {
	for _, n := range c.Page.Nodes {
		if !isClue(n) {
			continue
		}
		s := At(n, finding.Review,
			"项目使用了线索组件：请在平台后台核对小程序的三级类目在开放范围内，并且已经上线",
			"the project uses the lead component: look up in the console that the app's third-level category is open to it and online")
		s.Capability = finding.ClueForm
		s.Fix = &finding.Fix{Message: finding.Say(
			"核对后在表单上方写一行抑制注释，写明类目和核对日期",
			"once checked, suppress this above the form, naming the category and the day",
		)}
		c.Mark("component", &s)
		return
	}
}, Project: func(c *Case) {
	for _, m := range c.Marks("component") {
		c.Report(m)
		return
	}
}}

// isClue reports whether an element bears the marks of the lead component.
func isClue(n *program.Node) bool {
	if n.Text != nil {
		return false
	}
	component, conversion, _ := n.ClueMarks()
	return component != nil || conversion != nil
}
