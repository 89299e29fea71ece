package rule

import (
	"strings"

	"clew/check/pattern"
	"clew/finding"
)

// deletes are words of a way to have personal information deleted, or consent
// withdrawn. Emptying a cart is neither.
var deletes = pattern.MustCompile(`(删除|注销|撤回|清除|抹除)[^。；，\n]{0,12}(个人信息|您的信息|我的信息|账号|账户|帐号|同意|授权|个人数据|个人资料)|(个人信息|账号|账户|帐号|同意|授权|您的信息)[^。；，\n]{0,8}(删除|注销|撤回)`)

// deleting is the words of which each match of deletes holds one.
var deleting = pattern.MustCompile(`删除|注销|撤回|清除|抹除`)

// no-deletion: nothing in the project tells how to have information deleted.
var noDeletion = Rule{
	ID: "no-deletion", Clause: "3.1.2.delete",
	Page: func(c *Case) {
		if len(c.Asks) == 0 {
			return
		}
		a := c.Asks[0]
		at := a.Node
		if a.Button == nil {
			for _, s := range a.Submits {
				if s.Node != a.Form {
					at = s.Node
					break
				}
			}
		}
		s := At(at, finding.Review, "整个项目没有一处说明怎样删除已留下的个人信息或撤回同意", "nothing in the project tells how to have personal information deleted or consent withdrawn")
		s.Capability = a.Capability()
		s.Fix = &finding.Fix{Message: finding.Say("在隐私说明里写清怎样要求删除、找谁、多久答复；最好给一个一点就能撤回的入口。", "Say in the privacy statement how to ask for deletion, whom, and how soon the answer comes; better, give an entry that withdraws in one tap.")}
		c.Mark("asks", &s)
	},
	Project: func(c *Case) {
		asks := c.Marks("asks")
		if len(asks) == 0 || c.tellsDeletion() {
			return
		}
		c.Report(asks[0])
	},
}

// tellsDeletion reports whether a file of the project tells how to have information
// deleted.
func (c *Case) tellsDeletion() bool {
	for _, f := range c.Program.Project.Files {
		tells := func() bool { return deletionTold(f.Text) }
		if c.Fact != nil && c.Fact(f, "deletion", tells) || c.Fact == nil && tells() {
			return true
		}
	}
	return false
}

func deletionTold(text string) bool {
	for line := range strings.Lines(text) {
		if !deleting.MatchString(line) {
			continue
		}
		for phrase := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == '。' || r == '；' || r == '，' }) { // no match goes beyond
			if deletes.MatchString(phrase) {
				return true
			}
		}
	}
	return false
}
