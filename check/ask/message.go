package ask

import (
	"strings"

	"clew/check/code"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
)

// Message is something that a person is told while a form is sent.
type Message struct {
	Effect *program.Effect
	Text   string // as far as it is written
	Kind   MessageKind
}

// MessageKind says what a message is about.
type MessageKind uint8

// The kinds of message.
const (
	Refusal MessageKind = iota // something is wrong, or the words come from elsewhere
	Success                    // it worked, or is being worked on
	Consent                    // a box is to be ticked, or a login is needed
)

var (
	successWord = pattern.MustCompile(`成功|已(提交|预约|报名|领取|收到|发送|保存|申请|登记)|感谢|谢谢|完成$|提交中|登录中|加载|请稍|正在|处理中|(?i)success|loading|thank`)
	failureWord = pattern.MustCompile(`失败|错误|有误|异常|不成功|未成功|重试|请(先)?(输入|填写|选择)|不能为空|不正确|不完整|完整`)
	consentWord = pattern.MustCompile(`同意|协议|勾选|隐私|请先登录|请登录|未登录|登录后|授权`)
	tellName    = pattern.MustCompile(`(?i)toast|tips?$|tip[A-Z]|alert|msg|message|notify|warn|error|modal|prompt|confirm|hint|dialog|^\w*\.?info$`)
	tellState   = pattern.MustCompile(`(?i)err|msg|message|tip|warn|invalid|hint|toast|alert|notice|visible|isphone|valid`)
	wrongWord   = pattern.MustCompile(`请(输入|填写|选择|检查|正确)|格式|有误|不正确|错误|不能为空|必填|无效|invalid`)
	hasWords    = pattern.MustCompile(`\p{Han}{2}|[A-Za-z]{3}`)
	checkName   = pattern.MustCompile(`(?i)validate|checkform|verifyForm`)
	// calls that show nothing and of which nothing need be known
	plainName = pattern.MustCompile(`^(trim|replace|replaceAll|test|split|join|push|unshift|pop|shift|splice|slice|substring|substr|toString|indexOf|lastIndexOf|includes|concat|match|charAt|keys|values|entries|assign|toFixed|toLowerCase|toUpperCase|getTime|format|preventDefault|stopPropagation|log|info|stringify|parse|then|catch|finally|now|some|every|find|findIndex|map|filter|forEach|reduce|sort|reverse|hasOwnProperty|call|apply|bind|createSelectorQuery|select|exec|boundingClientRect|isArray|resolve|reject|call|encode|decode|add|set|get|has|delete|clear|append|startsWith|endsWith|padStart|getFullYear|getMonth|getDate|isNaN|hideLoading|showLoading|hideToast|stopPullDownRefresh|vibrateShort|getFormId|setNavigationBarTitle|pageScrollTo|login|track|report|sendEvent|debug|warn|error|dir)$`)
)

// Messages is what a person may be told by a run. unseen: something on the way may
// tell more, and cannot be seen.
func (f *Form) Messages(t *program.Trace) (list []Message, unseen bool) {
	unseen = t.Cut
	for i := range t.Effects {
		e := &t.Effects[i]
		text, tells := e.Text, false
		switch e.Kind {
		case program.Toast, program.Dialog:
			tells = true
			if lastWords := strings.TrimSpace(text); lastWords == "" {
				for _, a := range e.Args {
					text += a.Text()
				}
			}
		case program.Open:
			tells = true
			if checkName.MatchString(e.Name) {
				unseen = true
			}
		case program.Outside, program.Request:
			name := last(e.Name)
			first, _, dotted := strings.Cut(e.Name, ".")
			switch {
			case e.Kind == program.Request && known(e):
				if len(e.Args) > 0 && f.Asks[0].Page.Program().Get(e.Args[0], "success").Kind == program.Unknown {
					unseen = true
				}
			case e.Kind == program.Outside && first == "console":
			case e.Kind == program.Outside && tellName.MatchString(e.Name) && !plainName.MatchString(name):
				tells = true
				for _, a := range e.Args {
					text += a.Text()
				}
			case plainName.MatchString(name), e.Callee != nil && e.Callee.Kind == program.Method && e.Kind == program.Outside && !dotted:
			case dotted && platformName(first):
			default:
				unseen = true
			}
		case program.Emit:
			unseen = true
		case program.Set:
			text, tells = f.inline(e)
		}
		if tells {
			list = append(list, Message{e, text, aboutOf(text)})
		}
	}
	return list, unseen || t.Unknown > 0
}

func aboutOf(text string) MessageKind {
	switch {
	case text == "":
		return Refusal
	case failureWord.MatchString(text) && !strings.Contains(text, "登录"):
		if consentWord.MatchString(text) && !strings.Contains(text, "号") {
			return Consent
		}
		return Refusal
	case successWord.MatchString(text):
		return Success
	case consentWord.MatchString(text):
		return Consent
	}
	return Refusal
}

// known reports whether a request is one of the platform's own, whose answer goes
// nowhere but to the callbacks that it is given.
func known(e *program.Effect) bool {
	first, _, dotted := strings.Cut(e.Name, ".")
	if e.Callee == nil {
		return false
	}
	switch e.Callee.Kind {
	case program.Global:
		return dotted && platformName(first) || e.Name == "fetch" || e.Name == "$.ajax" || e.Name == "$.post" || e.Name == "$.get"
	case program.External:
		return e.Callee.Name == "@tarojs/taro"
	}
	return false
}

func platformName(s string) bool {
	switch s {
	case "wx", "tt", "my", "uni", "ks", "swan", "qq", "dd", "jd", "xhs", "Taro", "@tarojs/taro", "plus", "window", "document", "history":
		return true
	}
	return false
}

// inline is the words of an error beside the fields that a state shows.
func (f *Form) inline(e *program.Effect) (string, bool) {
	if e.State == nil || e.Value == nil {
		return "", e.State == nil && e.Kind == program.Set && e.Value != nil && e.Value.Kind != program.Literal
	}
	if e.Value.Kind == program.Undefined || e.Value.Kind == program.Null || e.Value.Truth() == program.False {
		return "", false
	}
	text := e.Value.Text()
	if wrongWord.MatchString(text) {
		return text, true
	}
	named := tellState.MatchString(e.State.Str)
	for _, w := range f.notes() {
		if !same(w.state, e.State) {
			continue
		}
		if w.wrong == "" && !named && e.Value.Kind != program.String && e.Value.Kind != program.Concat && e.Value.Kind != program.Literal {
			continue // what else is shown tells of no error
		}
		if w.wrong == "" && e.Value.Kind == program.String && !hasWords.MatchString(text) {
			continue
		}
		return text + w.wrong, true
	}
	return "", false
}

// shown is a state that decides about words on the page, or is shown there.
type shown struct {
	state *program.Term
	wrong string // the words of an error that it lets appear; "" where it is shown itself
}

// notes is the states that may tell a person of an error.
func (f *Form) notes() []shown {
	if f.looked {
		return f.shown
	}
	f.looked = true
	keep := func(t *program.Term, words string) {
		t.Walk(func(x *program.Term) bool {
			if x.Kind == program.State && len(f.shown) < 2000 {
				f.shown = append(f.shown, shown{x, words})
			}
			return true
		})
	}
	for _, n := range f.Asks[0].Page.Nodes {
		if n.Text == nil {
			continue
		}
		for _, part := range n.Text {
			if part.Expr != nil {
				keep(n.Page.Program().Look(n, part.Expr), "")
			}
		}
		if words := n.Words(); wrongWord.MatchString(words) {
			for _, c := range n.Conditions() {
				keep(c.Term, words)
			}
		}
	}
	return f.shown
}

func same(a, b *program.Term) bool {
	return a.Kind == program.State && b.Kind == program.State && a.Unit == b.Unit &&
		(a.Str == b.Str || strings.HasPrefix(a.Str, b.Str+".") || strings.HasPrefix(b.Str, a.Str+"."))
}

// Checked reports whether the form checks by itself: rules, or the browser's own
// validation.
func (f *Form) Checked() bool {
	html := f.Asks[0].Page.Program().Project.Framework == source.HTML
	for _, q := range f.Questions {
		for k := q.Node; k != nil; k = k.Up {
			if k.Attr("rules") != nil || k.Attr("rule") != nil || k.Attr("schema") != nil {
				return true
			}
			if k == f.Node {
				break
			}
		}
		if html && (q.Node.Attr("required") != nil || q.Node.Attr("pattern") != nil || q.Node.Attr("minlength") != nil) {
			return true
		}
	}
	return false
}

// Opposite reports whether two conditions are the two ways of one branch.
func Opposite(a, b *program.Given) bool {
	return a.File == b.File && a.From == b.From && a.To == b.To && a.To > 0 && a.Not != b.Not && a.Kind != code.Loop && b.Kind != code.Loop
}
