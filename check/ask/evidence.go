package ask

import (
	"path"
	"slices"
	"strings"

	"clew/check/pattern"
	"clew/check/program"
)

// read collects what a run says of the number's use.
func (f *flow) read(t *program.Trace, number bool) {
	f.entry, f.number = t, number
	grant := f.ask.Grant != nil && t.Entry.Node == f.ask.Button
	began := -1
	weaken := 0
	if grant && f.fills {
		weaken = 8 // the number is looked up to fill a field; who sends the field decides
	}
	var single, after []*program.Effect
	for i := range t.Effects {
		e := &t.Effects[i]
		switch e.Kind {
		case program.Request, program.Outside:
			if lastDot(e.Name) == "showLoading" {
				f.doing(e)
				continue
			}
			if !f.isCarrier(e) {
				if e.Kind == program.Request && e.After == program.Nothing {
					if f.asked(e) {
						after = append(after, e)
					}
					single = append(single, e)
				}
				if grant && !f.fills || !grant && began >= 0 {
					f.called(e)
				}
				continue
			}
			if passing(e.Name) || e.Kind == program.Outside && own(e.Name) {
				continue
			}
			if e.Kind == program.Outside && keeping.MatchString(lastDot(e.Name)) {
				f.kept(e, lastDot(e.Name), true, grant, weaken)
			}
			if began < 0 {
				began = i
			}
			f.sent++
			if grant && !f.fills && f.introduces(e) {
				f.add(Login, Sent, likely, "nickname", e)
			}
			if !f.sentTo(e, weaken, 0) && e.Kind == program.Outside {
				f.unseen++
			}
		case program.Store:
			if f.anyCarries(e.Args) {
				f.kept(e, e.Text, true, grant, weaken+f.transport(e))
			} else if grant && !f.fills && began >= 0 && f.follows(e) {
				f.noted(e)
			}
		case program.Set:
			if e.State == nil {
				continue
			}
			if f.carries(e.Value) {
				lasting := e.State.Unit == nil || e.State.Unit != f.ask.Node.Unit && e.State.Unit != f.ask.Page.Unit
				f.kept(e, lastDot(e.State.Str), lasting, grant, weaken+f.transport(e))
			} else if began >= 0 && e.Value != nil && e.Value.Truth() == program.True && loggedIn[strings.ToLower(lastDot(e.State.Str))] {
				f.add(Login, Kept, 6, e.State.Str, e)
			}
		case program.Pay:
			f.add(Order, Paid, 8, e.Name, e)
		case program.Toast, program.Dialog:
			if e.After == program.Failing || !strings.Contains(e.Text, "成功") {
				continue
			}
			p, w := heard(e.Text)
			f.add(p, Told, 5, w, e)
		}
	}
	if len(after) > 0 {
		single = after
	}
	if began < 0 && f.ask.Grant == nil && len(single) > 0 && len(single) <= 2 { // a number that was lost sight of
		for _, e := range single {
			f.sentTo(e, 0, 4)
		}
	}
	if fn := t.Entry.Fn; fn != nil && fn.Fn != nil && fn.Fn.Name != "" {
		r := read(fn.Fn.Name)
		f.add(r.purpose, Handled, strength(r, 3, 1), fn.Fn.Name, nil)
	}
}

// keeping are names of functions that put something away
var keeping = pattern.MustCompile(`^(set|save|store|cache|put|update)[A-Z]`)

// transport is what to take off an answer that is kept where every request is sent
// from: a wrapper that renews a session says nothing of this number.
func (f *flow) transport(e *program.Effect) int {
	fn := f.entry.Entry.Fn
	if e.File == nil || fn == nil || fn.Fn == nil || fn.Fn.Module != nil && fn.Fn.Module.File == e.File.Path {
		return 0
	}
	for i := range f.entry.Effects {
		if x := &f.entry.Effects[i]; x.Kind == program.Request && x.File == e.File && !f.named(x) {
			return 16
		}
	}
	return 0
}

// named reports whether a request says by itself that it logs in.
func (f *flow) named(e *program.Effect) bool {
	for _, s := range f.address(e) {
		if r := read(s); r.purpose == Login || r.purpose == Binding {
			return true
		}
	}
	return false
}

var loggedIn = map[string]bool{"islogin": true, "haslogin": true, "logged": true, "loggedin": true, "isloggedin": true, "login": true, "loginstatus": true, "isauth": true, "isregister": true}

func strength(r reading, strong, weak int) int {
	if r.strong {
		return strong
	}
	return weak
}

// passing are calls that only hand a value on.
func passing(name string) bool {
	switch lastDot(name) {
	case "resolve", "reject", "where", "get", "count", "limit", "orderBy", "skip", "doc", "field", "log", "error", "warn", "info", "push", "unshift", "concat", "apply", "call", "bind", "assign", "stringify", "parse", "emit", "setTimeout", "report", "reportEvent", "test", "cb", "callback", "next",
		"substring", "substr", "slice", "replace", "trim", "split", "join", "indexOf", "includes", "match", "then", "catch", "validate", "check", "valid", "verify", "checkForm", "checkPhone", "isPhone", "checkMobile", "showLoading", "hideLoading", "setNavigationBarTitle":
		return true
	}
	return false
}

// doing reads what the person is told while the answer is waited for.
func (f *flow) doing(e *program.Effect) {
	for _, x := range e.Args {
		for _, k := range f.p.Keys(x, 0) {
			if k.Name == "title" || k.Name == "content" || k.Name == "message" {
				p, w := heard(k.Value.Text())
				f.add(p, Told, 4, w, e)
			}
		}
	}
}

// own reports whether a name is a call of the platform itself, which sends nothing to
// a server of the project's.
func own(name string) bool {
	first, rest, _ := strings.Cut(name, ".")
	switch first {
	case "wx", "tt", "my", "ks", "swan", "qq", "uni", "Taro", "@tarojs/taro":
		return rest != "" && !strings.Contains(rest, ".")
	}
	return false
}

// called reads the name of a call that does not carry the number but comes with it.
func (f *flow) called(e *program.Effect) {
	names := f.functions(e)
	if e.Kind == program.Outside {
		names = append(names, lastDot(e.Name))
	}
	for _, n := range names {
		if r := read(n); r.strong && r.purpose != Lead {
			weight := 2
			if f.ask.Grant != nil && e.After != program.Failing {
				weight = 4
				if r.purpose == Binding && numberish.MatchString(lowered(n)) {
					weight = 7 // no other number is there to be bound
				}
			}
			f.add(r.purpose, Called, weight, n, e)
		}
	}
}

// kept reads under what name an answer is kept. lasting: beyond the page.
func (f *flow) kept(e *program.Effect, key string, lasting, grant bool, weaken int) {
	words := " " + lowered(key) + " "
	flat := strings.ReplaceAll(words, " ", "")
	weight := 0
	switch {
	case strings.Contains(flat, "sessionkey") || strings.Contains(flat, "iv") && len(flat) < 3:
		return
	case strings.Contains(flat, "token") || strings.Contains(words, " session ") || strings.Contains(words, " cookie "):
		weight = proven
	case flat == "openid" || flat == "unionid":
		weight = 3
	case accountish(words, flat):
		weight = 4
		if lasting {
			weight = 7
		}
		if !grant {
			weight = 2 // a form's answers are often kept to fill it again
		}
	case lasting && !grant && numberish.MatchString(words) && accountish(" "+lowered(e.Name)+" ", strings.ReplaceAll(lowered(e.Name), " ", "")):
		f.add(Binding, Kept, 4, key, e) // user.phone = what was typed
		return
	case lasting && grant && numberish.MatchString(words):
		f.add(Binding, Kept, 3, key, e)
		return
	}
	f.add(Login, Kept, max(0, weight-weaken/2), key, e)
}

// follows reports whether an effect stands in what the grant's own page does once the
// call that it waited for came back; what a wrapper of calls does for itself does not.
func (f *flow) follows(e *program.Effect) bool {
	fn := f.entry.Entry.Fn
	if fn == nil || e.After != program.Nothing {
		return false
	}
	home := f.p.FileOf(fn)
	if home == nil || e.File == home {
		return home != nil
	}
	for s := e.Steps; s != nil; s = s.Up {
		if s.File == home || s.Kind != program.Calls {
			return s.File == home
		}
	}
	return false
}

// noted reads the name of what a page keeps after a grant without keeping the answer:
// that somebody is logged in by now, or that the number is known.
func (f *flow) noted(e *program.Effect) {
	if r := read(e.Text); r.strong && r.purpose == Login || strings.EqualFold(e.Text, "logininfo") {
		f.add(Login, Kept, 4, e.Text, e)
	} else if numberish.MatchString(lowered(e.Text)) && phoneName(e.Text) {
		f.add(Binding, Kept, 3, e.Text, e)
	}
}

// password reports whether the form asks for a password: what is signed up there is an
// account.
func (f *flow) password() bool {
	return slices.ContainsFunc(f.ask.Fields, func(x *Field) bool { return secretField.MatchString(x.Hint + x.Label) })
}

// introduces reports whether a call sends along who the person is, name and picture: what
// makes an account.
func (f *flow) introduces(e *program.Effect) bool {
	name, picture := false, false
	for _, x := range e.Args {
		for _, k := range f.p.Keys(x, 3) {
			flat := strings.ReplaceAll(lowered(k.Name), " ", "")
			name = name || strings.Contains(flat, "nickname")
			picture = picture || strings.Contains(flat, "avatar") || strings.Contains(flat, "headimg") || flat == "picture" || flat == "gender"
		}
	}
	return name && picture
}

func accountish(words, flat string) bool {
	for _, w := range []string{"userinfo", "userid", "memberid", "memberinfo", "customerid", "uid", "account", "logininfo", "userdata", "currentuser", "usermsg", "cardno", "vipinfo", "customerinfo", "authinfo"} {
		if strings.Contains(flat, w) {
			return true
		}
	}
	return strings.Contains(words, " user ") || strings.Contains(words, " member ") || strings.Contains(words, " customer ")
}

func (f *flow) decided() bool {
	for _, e := range f.list {
		if e.Weight >= proven {
			return true
		}
	}
	return false
}

// later looks at what the page does with a number that the grant only kept.
func (f *flow) later() {
	if len(f.held) == 0 {
		return
	}
	done := 0
	for _, n := range f.ask.Page.Nodes {
		if n.Text != nil || n == f.ask.Button {
			continue
		}
		if _, confirms := n.On("confirm"); !n.IsForm() && !n.Tappable() && (!confirms || !IsDialog(n)) {
			continue
		}
		for _, e := range f.ask.Page.Handlers(n) {
			if done++; done > 200 {
				return
			}
			if e.Event == nil || e.Event.Name != "tap" && !strings.Contains(e.Event.Name, "submit") && (e.Event.Name != "confirm" || !IsDialog(n)) {
				continue
			}
			t := f.ask.Page.Trace(e)
			f.entry, f.number = t, false
			sends := slices.ContainsFunc(t.Effects, func(x program.Effect) bool {
				return x.Kind == program.Request && (slices.ContainsFunc(x.Args, f.carriesHeld) || f.ask.Grant == nil && f.asked(&x))
			})
			if sends {
				f.read(t, false)
				p, w := heard(n.Words())
				f.add(p, Worded, 2, w, nil)
			}
		}
	}
}

// words reads what the places are called and what is written.
func (f *flow) words() {
	a := f.ask
	for _, file := range []string{a.Page.Unit.Name(), a.Node.File.Path} {
		base := strings.TrimSuffix(path.Base(file), path.Ext(file))
		if base == "index" || base == "main" {
			base = path.Base(path.Dir(file))
		}
		r := read(base)
		f.add(r.purpose, Placed, strength(r, 2, 1), base, nil)
	}
	if a.Button != nil {
		p, w := heard(a.Button.Words())
		weight := 2
		switch p {
		case Login:
			weight = 1 // the platform wants phone buttons to speak of it
		case Binding:
			weight = 4 // and nobody that a button speaks of binding
		}
		f.add(p, Worded, weight, w, nil)
	}
	if a.Field != nil && f.othersNumber() {
		f.add(Other, Worded, proven, others.FindString(a.Field.Hint+a.Field.Label), nil)
	} else if a.Field != nil {
		p, w := heard(a.Field.Hint)
		weight := 3
		if p == Benefit {
			weight = proven // the exchange itself: a number for a red packet
		}
		f.add(p, Worded, weight, w, nil)
		for _, x := range a.Fields {
			if identity.MatchString(x.Hint + x.Label) {
				f.add(Order, Worded, 4, "identity", nil)
				break
			}
		}
		for _, x := range a.Fields {
			if x.Code {
				f.add(Login, Worded, 1, "code", nil)
				break
			}
		}
		if a.Button == nil {
			f.formed()
		}
	}
	around := a.Dialog
	if around != nil {
		r := read(around.Ref)
		f.add(r.purpose, Placed, strength(r, 2, 1), around.Ref, nil)
	}
	if around == nil {
		around = a.Form
	}
	if around != nil {
		p, w := heard(around.Words())
		f.add(p, Worded, 1, w, nil)
	}
}

// formed reads a form by its shape: a number beside a code or a password proves who one
// is, and what sends it says whether that logs in or binds.
func (f *flow) formed() {
	secret, more := false, false
	for _, x := range f.ask.Fields {
		switch {
		case x.Code, secretField.MatchString(x.Hint + x.Label):
			secret = true
		case !x.Phone && !nameless.MatchString(x.Hint+x.Label):
			more = true
		}
	}
	if !secret || slices.ContainsFunc(f.list, func(e Evidence) bool { return e.Purpose == Lead && e.Weight > 1 }) {
		return
	}
	goes := false // something comes of it
	for i := range f.ask.Submits {
		s := &f.ask.Submits[i]
		goes = goes || leavesForm(s.Trace)
		p, w := heard(s.Words)
		if more && p == Login && !strings.Contains(w, "注册") || !leavesForm(s.Trace) {
			continue
		}
		if p == Login || p == Binding {
			f.add(p, Formed, 8, w, nil)
			return
		}
	}
	if more || !goes {
		return
	}
	for _, e := range f.list {
		if e.Kind == Placed && e.Weight > 1 && (e.Purpose == Login || e.Purpose == Binding) {
			f.add(e.Purpose, Formed, 6, e.Word, nil)
			return
		}
	}
}

// leavesForm reports whether a run sends, keeps or tells something outside the form, or
// may do so.
func leavesForm(t *program.Trace) bool {
	return slices.ContainsFunc(t.Effects, func(e program.Effect) bool {
		switch e.Kind {
		case program.Request, program.Store, program.Emit, program.Navigate, program.Back:
			return true
		case program.Outside:
			return !own(e.Name) && !passing(e.Name)
		}
		return false
	})
}

var (
	secretField = pattern.MustCompile(`密码|口令|(?i)password`)
	nameless    = pattern.MustCompile(`邀请码|推荐码|图形|图片`)
)

// othersNumber reports whether the field asks for somebody else's number.
func (f *flow) othersNumber() bool {
	fd := f.ask.Field
	return others.MatchString(fd.Hint) || len([]rune(fd.Label)) < 12 && others.MatchString(fd.Label)
}

// others is whose number is asked for where it is not the person's own
var others = pattern.MustCompile(`员工|对方|好友|受赠|被邀请|推荐人|介绍人|邀请人|领导|单位电话`)

var identity = pattern.MustCompile(`身份证|证件号`)
