package ask

import (
	"slices"
	"strings"

	"clew/check/code"
	"clew/check/program"
)

// held is a state, or with no unit a key of the storage.
type held struct {
	unit *program.Unit
	path string
}

const storage = "storage:"

// sends reports whether a submit is seen to send the number.
func (f *flow) sends(s Submit) bool {
	if f.ask.Grant != nil && s.Node == f.ask.Button {
		return false
	}
	f.entry, f.number = s.Trace, s.formed()
	for i := range s.Trace.Effects {
		e := &s.Trace.Effects[i]
		if (e.Kind == program.Request || e.Kind == program.Outside && !passing(e.Name) && !own(e.Name)) && f.isCarrier(e) {
			return true
		}
	}
	return false
}

// formed reports whether the handler is given the form's answers.
func (s *Submit) formed() bool {
	return s.Entry.Event != nil && strings.Contains(s.Entry.Event.Name, "submit")
}

// mark finds the states that hold the number in a run. number tells whether the
// run's parameter is it.
func (f *flow) mark(t *program.Trace, number bool) {
	f.entry, f.number = t, number
	for range 2 {
		for i := range t.Effects {
			e := &t.Effects[i]
			switch {
			case e.Kind == program.Set && e.State != nil && (f.carries(e.Value) || number && f.answered(t, e)):
				f.held[held{e.State.Unit, e.State.Str}] = true
			case e.Kind == program.Store && e.Text != "" && f.anyCarries(e.Args):
				f.held[held{nil, storage + e.Text}] = true
			}
		}
	}
}

// answered reports whether what follows a grant sets a state that is called a number to
// something that is read anew: the server has it by then.
func (f *flow) answered(t *program.Trace, e *program.Effect) bool {
	if f.ask.Grant == nil || t.Entry.Node != f.ask.Button || e.After != program.Nothing || e.Value == nil || e.Value.Kind != program.Result {
		return false
	}
	return numberish.MatchString(lowered(lastDot(e.State.Str))) && numberish.MatchString(lowered(lastDot(e.Value.Str))) && IsPhone(e.State)
}

// seed marks the state that the field shows, or that its handler sets.
func (f *flow) seed() {
	fd := f.ask.Field
	if fd == nil {
		return
	}
	for _, name := range []string{"value", "model-value"} {
		if v := fd.Node.Expr(name); v != nil {
			f.hold(f.p.Look(fd.Node, v))
		}
	}
	for _, e := range f.ask.Page.Handlers(fd.Node) {
		if e.Event == nil || !strings.Contains(e.Event.Name, "input") && !strings.Contains(e.Event.Name, "change") && !strings.Contains(e.Event.Name, "blur") {
			continue
		}
		f.mark(f.ask.Page.Trace(e), true)
	}
}

func (f *flow) hold(t *program.Term) {
	if t.Kind == program.State && t.Str != "" {
		f.held[held{t.Unit, t.Str}] = true
	}
}

// fillsField reports whether the grant put the number into a field of the page.
func (f *flow) fillsField() bool {
	shows := func(n *program.Node) bool {
		for _, name := range []string{"value", "model-value"} {
			v := n.Expr(name)
			if v == nil {
				continue
			}
			if t := f.p.Look(n, v); t.Kind == program.State && f.holds(t) {
				return true
			}
		}
		return false
	}
	for _, n := range f.ask.Page.Nodes {
		if n.Text == nil && n.IsField() && shows(n) {
			return true
		}
	}
	return false
}

// holds reports whether a state, or what it is part of, holds the number.
func (f *flow) holds(s *program.Term) bool {
	if f.held[held{s.Unit, s.Str}] {
		return true
	}
	for h := range f.held {
		if h.unit != s.Unit {
			continue
		}
		if s.Str == "" || strings.HasPrefix(h.path, s.Str+".") || strings.HasPrefix(s.Str, h.path+".") {
			return true
		}
	}
	return false
}

// carries reports whether the number, or what the platform gave to open it, is in a
// value.
func (f *flow) carries(t *program.Term) bool {
	if t == nil {
		return false
	}
	return f.p.Deep(t, 6).Any(func(t *program.Term) bool {
		switch t.Kind {
		case program.Param:
			return f.number && !strings.Contains(t.Str, "errMsg") && !strings.Contains(t.Str, "dataset")
		case program.State:
			return t.Str != "" && f.holds(t)
		case program.Result:
			if lastDot(t.Name) == "getPhoneNumber" && len(t.Args) > 0 && t.Args[0].Kind == program.Global {
				return true
			}
			if t.Name == "Promise" {
				return f.framed(t)
			}
			if lastDot(t.Name) == "getStorageSync" && len(t.Args) > 1 {
				key, ok := t.Args[1].Const()
				return ok && f.held[held{nil, storage + key}]
			}
		}
		return false
	})
}

// framed reports whether a promise was made by a function that was given the number.
func (f *flow) framed(t *program.Term) bool {
	for _, a := range t.Args {
		if a.Kind != program.Closure {
			continue
		}
		for i := range a.Fn.Ops { // new Promise(done => my.getPhoneNumber({success: done}))
			if op := &a.Fn.Ops[i]; op.Kind == code.OpCall && op.Value.Args[0].Kind == code.Member && op.Value.Args[0].Str == "getPhoneNumber" {
				return true
			}
		}
		depth := 0
		for g := a.Env; g != nil && depth < 3; g, depth = g.Parent, depth+1 {
			if f.entry.Entry.Fn != nil && g.Fn == f.entry.Entry.Fn.Fn {
				break
			}
			for _, x := range g.Args {
				if (x.Kind != program.Result || x.Fn != nil) && f.carries(x) { // of results, those of the project's own helpers that put a request together
					return true
				}
			}
		}
	}
	return false
}

func lastDot(s string) string { return s[strings.LastIndexByte(s, '.')+1:] }

// isCarrier reports whether a call is given the number.
func (f *flow) isCarrier(e *program.Effect) bool {
	for _, x := range e.Args {
		if f.carries(x) {
			return true
		}
		for _, k := range f.p.Keys(x, 3) {
			if sealedKey[strings.ToLower(k.Name)] && k.Value.Kind > program.Null || f.ask.Field != nil && len(f.held) == 0 && phoneHint.MatchString(k.Name) && k.Value.Kind == program.State {
				return true
			}
		}
	}
	return e.Kind == program.Request && f.anyCarries(e.Called()) // a wrapper that joins what it is given
}

// sealedKey is what the platforms call the parts of a sealed number.
var sealedKey = map[string]bool{"encrypteddata": true, "encrypted_data": true, "encrypdata": true, "phoneencrypteddata": true, "ciphertext": true, "phonecode": true, "phone_code": true}

func (f *flow) anyCarries(list []*program.Term) bool {
	return slices.ContainsFunc(list, f.carries)
}

// asked reports whether a call is reached only after the number was looked at, as a
// form does that checks its fields before it sends them.
func (f *flow) asked(e *program.Effect) bool {
	return e.Under(func(g *program.Given) bool { return g.Term != nil && f.carriesHeld(g.Term) })
}

// carriesHeld is like carries for a state that is called a number.
func (f *flow) carriesHeld(t *program.Term) bool {
	return f.p.Deep(t, 4).Any(func(t *program.Term) bool {
		return t.Kind == program.State && t.Str != "" && f.holds(t) && numberish.MatchString(lowered(t.Str))
	})
}
