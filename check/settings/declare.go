package settings

import (
	"regexp"

	"clew/finding"
)

// fault is why a value is refused although its shape is right.
type fault struct{ what, fix finding.Text }

// kind is what a value looks like.
type kind int

const (
	text   kind = iota // a string
	choice             // one of a few strings
	list
	object
	rules // rule ids to decisions
)

// shape declares a value. Both the strict reader and the JSON Schema are made from
// it, so that an editor and the program never disagree.
type shape struct {
	kind    kind
	about   finding.Text
	choices []string
	item    *shape  // of a list
	keys    []field // of an object
	// pattern is what the whole text must match; hint says it to people.
	pattern string
	hint    finding.Text
	// fault is what a pattern cannot say; nil is nothing more.
	fault func(string) *fault
}

type field struct {
	key  string
	must bool
	shape
}

const (
	tagPattern  = `^[A-Za-z][A-Za-z0-9._:-]*$`
	callPattern = `^[\p{L}_$][\p{L}\p{N}_$]*(\.[\p{L}_$][\p{L}\p{N}_$]*)*$`
	idPattern   = `^[a-z][a-z0-9]*([._-][a-z0-9]+)*$`
)

// declared is the whole of clew.check.yaml.
func declared() shape {
	globs := func(zh, en string) shape {
		return shape{kind: list, about: finding.Say(zh, en), item: &shape{kind: text, fault: globFault}}
	}
	call := shape{
		kind: text, pattern: callPattern,
		hint: finding.Say("写函数被调用时的名字，不带括号和参数，如 dialog.open", "write the name as it is called, without brackets and arguments, as dialog.open"),
	}
	named := call
	named.about = finding.Say("函数被调用时的名字，如 http.post", "the function as it is called, such as http.post")
	return shape{kind: object, about: finding.Say("clew check 的项目设置", "what a project decided about clew check"), keys: []field{
		{key: "reading", shape: shape{
			kind: choice, choices: []string{string(Platform), string(Strict)},
			about: finding.Say("3.3 的适用范围：platform 只看线索组件；strict 看项目内所有手机号使用", "how far clause 3.3 reaches: platform is the lead component, strict is any use of a phone number"),
		}},
		{key: "paths", shape: shape{kind: object, about: finding.Say("检查哪些文件", "which files are checked"), keys: []field{
			{key: "include", shape: globs("只报告这些路径；不写为全部", "report here only; everywhere if it is left out")},
			{key: "ignore", shape: globs("不读取的路径", "what is not read")},
		}}},
		{key: "rules", shape: shape{kind: rules, about: finding.Say("规则开关；关闭须写理由", "rules on and off; off needs a reason")}},
		{key: "dialogs", shape: shape{kind: object, about: finding.Say("项目自己的弹窗", "dialogs of the project's own"), keys: []field{
			{key: "tags", shape: shape{
				kind: list, about: finding.Say("弹窗组件的标签名，如 my-sheet", "tags of components that are dialogs, as my-sheet"),
				item: &shape{
					kind: text, pattern: tagPattern,
					hint: finding.Say("写标签名，不带尖括号，如 my-sheet", "write the tag without angle brackets, as my-sheet"),
				},
			}},
			{key: "calls", shape: shape{kind: list, about: finding.Say("打开弹窗的函数，如 dialog.open", "functions that open a dialog, as dialog.open"), item: &call}},
		}}},
		{key: "apis", shape: shape{
			kind: list, about: finding.Say("项目自己封装的接口", "functions of the project's own that wrap the platform's"),
			item: &shape{kind: object, keys: []field{
				{key: "name", must: true, shape: named},
				{key: "does", must: true, shape: shape{
					kind: choice, choices: []string{string(Request), string(Navigate), string(Toast), string(Phone)},
					about: finding.Say("它做什么：请求、跳转、提示、索取手机号", "what it does"),
				}},
				{key: "purpose", shape: shape{
					kind: choice, choices: []string{string(Login), string(Binding), string(Order), string(Benefit), string(Lead), string(Other)},
					about: finding.Say("用途：登录、绑定、订单、权益、留资、其他；不写由代码判断", "what for; left to the code if it is left out"),
				}},
			}},
		}},
		{key: "platforms", shape: shape{
			kind: list, about: finding.Say("按哪些平台检查；不写由项目判断", "the platforms to check for; what the project says if it is left out"),
			item: &shape{kind: choice, choices: platforms()},
		}},
		{key: "baseline", shape: shape{
			kind: text, fault: fileFault, pattern: `.`,
			hint:  finding.Say("写文件名，如 clew.baseline.json", "write a file name, as clew.baseline.json"),
			about: finding.Say("存量问题清单文件", "the file that lists what was there before"),
		}},
	}}
}

// decision is the long form of a rule's entry.
func decision() shape {
	return shape{kind: object, keys: []field{
		{key: "state", must: true, shape: shape{kind: choice, choices: []string{"off", "on"}, about: finding.Say("off 关闭，on 打开", "off or on")}},
		{key: "reason", shape: shape{
			kind: text, pattern: `[\p{L}\p{N}]`, about: finding.Say("理由；关闭时必填", "why; off must have one"),
			hint: finding.Say("写明为什么，如谁在何时确认过", "say why, such as who looked at it and when"),
		}},
	}}
}

// matches reports whether the text has the shape's pattern. Patterns are few and
// files small, so they are compiled where they are used.
func (s shape) matches(value string) bool {
	return s.pattern == "" || regexp.MustCompile(s.pattern).MatchString(value)
}
