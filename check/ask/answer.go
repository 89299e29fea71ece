package ask

import (
	"strings"

	"clew/check/program"
	"clew/check/source/js"
)

// Answers tells which values of a program are what a person typed into which
// question of a form.
type Answers struct {
	form  *Form
	state map[*program.Unit]map[string]*Question
	name  map[string]*Question
	// in and blanks are what In and Empty answered: effects share most of their
	// conditions.
	in     map[*program.Term]answered
	blanks map[asked]program.Tri
}

// answered is what [Answers.In] says of a value.
type answered struct {
	list []*Question
	many bool
}

// asked is a value and the question whose answer is empty.
type asked struct {
	value *program.Term
	q     *Question
}

// Answers looks up where the answers of a form go: the state that a field shows,
// the states that its handlers set, and its name in what a form hands over.
func (f *Form) Answers() *Answers {
	if f.answers != nil {
		return f.answers
	}
	a := &Answers{form: f, state: map[*program.Unit]map[string]*Question{}, name: map[string]*Question{}, in: map[*program.Term]answered{}, blanks: map[asked]program.Tri{}}
	for _, q := range f.Questions {
		a.learn(q)
	}
	f.answers = a
	return a
}

func (a *Answers) keep(t *program.Term, q *Question) {
	for _, o := range either(t) {
		if o.Kind != program.State || o.Unit == nil || o.Str == "" || strings.HasSuffix(o.Str, "*") {
			continue
		}
		if a.state[o.Unit] == nil {
			a.state[o.Unit] = map[string]*Question{}
		}
		if a.state[o.Unit][o.Str] == nil {
			a.state[o.Unit][o.Str] = q
		}
	}
}

func either(t *program.Term) []*program.Term {
	if t.Kind == program.Choice {
		return t.Args
	}
	return []*program.Term{t}
}

func (a *Answers) learn(q *Question) {
	n := q.Node
	p := n.Page.Program()
	for _, name := range []string{"value", "modelvalue", "model", "checked", "date"} {
		if at := n.Attr(name); at != nil && at.Expr != nil {
			a.keep(p.Look(n, at.Expr), q)
		}
	}
	for _, name := range []string{"name", "prop", "data-name", "data-key", "data-field", "data-type", "id"} {
		if s, ok := n.Static(name); ok && s != "" && a.name[s] == nil {
			a.name[s] = q
		}
	}
	for k := n.Up; k != nil && k != a.form.Node; k = k.Up { // of the form item around
		if !strings.HasSuffix(k.Kind(), "item") {
			continue
		}
		for _, name := range []string{"name", "prop"} {
			if s, ok := k.Static(name); ok && s != "" && a.name[s] == nil {
				a.name[s] = q
			}
		}
		break
	}
	for i := range n.Events {
		switch n.Events[i].Name {
		case "input", "change", "blur", "confirm", "update:modelvalue", "update:value", "updatemodelvalue", "changetext", "columnchange", "select":
		default:
			continue
		}
		e, ok := n.Page.On(n, n.Events[i].Name)
		if !ok {
			continue
		}
		t := n.Page.Trace(e)
		for j := range t.Effects {
			s := &t.Effects[j]
			if s.Kind == program.Set && s.State != nil && j < 12 && !s.State.Any(func(x *program.Term) bool { return x.Kind == program.Param }) &&
				s.Value != nil && s.Value.Any(func(x *program.Term) bool { return x.Kind == program.Param }) {
				a.keep(s.State, q)
			}
		}
	}
}

// Of is the question whose answer a value is, nil for any other value.
func (a *Answers) Of(t *program.Term) *Question {
	switch t.Kind {
	case program.State:
		if q := a.state[t.Unit][t.Str]; q != nil {
			return q
		}
		if i := strings.LastIndexByte(t.Str, '.'); i >= 0 {
			return a.name[t.Str[i+1:]]
		}
		return a.name[t.Str]
	case program.Param, program.Result:
		path := t.Str
		for _, tail := range []string{".length", ".trim", ".value"} {
			path = strings.TrimSuffix(path, tail)
		}
		if i := strings.LastIndexByte(path, '.'); i >= 0 && (t.Kind == program.Param || strings.Contains(path, "value")) {
			return a.name[path[i+1:]]
		}
	}
	return nil
}

// In is the questions whose answers a value is made of. many: it goes through
// answers by a name that is not known.
func (a *Answers) In(t *program.Term) (list []*Question, many bool) {
	if known, ok := a.in[t]; ok {
		return known.list, known.many
	}
	list, many = a.find(t)
	a.in[t] = answered{list, many}
	return list, many
}

func (a *Answers) find(t *program.Term) (list []*Question, many bool) {
	p := a.form.Asks[0].Page.Program()
	seen := map[*Question]bool{}
	var walk func(t *program.Term, depth int)
	walk = func(t *program.Term, depth int) {
		t.Walk(func(x *program.Term) bool {
			if q := a.Of(x); q != nil {
				if !seen[q] {
					seen[q] = true
					list = append(list, q)
				}
				return x.Kind != program.State
			}
			if x.Kind == program.State && strings.HasSuffix(x.Str, ".*") && a.holds(x) || x.Kind == program.Param && strings.HasSuffix(x.Str, "value.*") {
				many = true
			}
			if depth < 3 {
				for _, r := range p.Returns(x) {
					walk(r.Value, depth+1)
					for g := r.When; g != nil; g = g.Up {
						walk(g.Term, depth+1)
					}
				}
			}
			return true
		})
	}
	walk(t, 0)
	return list, many
}

// holds reports whether two answers or more lie under a state.
func (a *Answers) holds(t *program.Term) bool {
	under := 0
	for path := range a.state[t.Unit] {
		if strings.HasPrefix(path, strings.TrimSuffix(t.Str, "*")) {
			under++
		}
	}
	return under > 1
}

// Empty is whether a value counts as true while the answer to q is empty: Maybe
// where that hangs on something else.
func (a *Answers) Empty(t *program.Term, q *Question) program.Tri {
	key := asked{t, q}
	v, ok := a.blanks[key]
	if !ok {
		v = a.empty(t, q, 0)
		a.blanks[key] = v
	}
	return v
}

func (a *Answers) empty(t *program.Term, q *Question, depth int) program.Tri {
	if depth > 12 || t == nil {
		return program.Maybe
	}
	if truth := t.Truth(); truth != program.Maybe {
		return truth
	}
	if a.blank(t, q) {
		return program.False
	}
	switch t.Kind {
	case program.Op:
		l := t.Args[0]
		if len(t.Args) == 1 {
			if t.Operator == js.OpNot {
				return invert(a.empty(l, q, depth+1))
			}
			return program.Maybe
		}
		r := t.Args[1]
		switch t.Operator {
		case js.OpAnd:
			return both(a.empty(l, q, depth+1), a.empty(r, q, depth+1))
		case js.OpOr:
			return invert(both(invert(a.empty(l, q, depth+1)), invert(a.empty(r, q, depth+1))))
		case js.OpEq, js.OpStrictEq:
			return a.same(l, r, q)
		case js.OpNe, js.OpStrictNe:
			return invert(a.same(l, r, q))
		case js.OpLess, js.OpLessEq:
			if (a.counts(l, q) || a.blank(l, q)) && r.Kind == program.Number {
				return truth(r.Str != "0" || t.Operator == js.OpLessEq)
			}
		case js.OpGreater, js.OpGreaterEq:
			if (a.counts(l, q) || a.blank(l, q)) && r.Kind == program.Number {
				return truth(r.Str == "0" && t.Operator == js.OpGreaterEq)
			}
		}
	case program.Result:
		if Tested(t) {
			for _, x := range t.Args[1:] {
				if a.blank(x, q) {
					return program.False // a pattern that takes nothing is no check
				}
			}
			return program.Maybe
		}
		return a.ends(t, q, depth)
	}
	return program.Maybe
}

// ends is what a function of the project gives back while an answer is empty.
func (a *Answers) ends(t *program.Term, q *Question, depth int) program.Tri {
	p := a.form.Asks[0].Page.Program()
	all, first := program.Maybe, true
	for _, r := range p.Returns(t) {
		taken := program.True
		for g := r.When; g != nil; g = g.Up {
			v := a.empty(g.Term, q, depth+1)
			if g.Not {
				v = invert(v)
			}
			taken = both(taken, v)
		}
		if taken == program.False {
			continue
		}
		v := a.empty(r.Value, q, depth+1)
		if taken == program.True {
			return v
		}
		if !first && all != v {
			all = program.Maybe
		} else if first {
			all, first = v, false
		}
	}
	return all
}

// Tested reports whether a result is that of a pattern.
func Tested(t *program.Term) bool {
	switch last(t.Name) {
	case "test", "match", "exec", "search":
		return true
	}
	return false
}

func last(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// blank reports whether a value is the answer itself, blanks cut off or not.
func (a *Answers) blank(t *program.Term, q *Question) bool {
	if a.Of(t) == q && q != nil && !strings.HasSuffix(t.Str, ".length") {
		return true
	}
	if t.Kind == program.Result && len(t.Args) > 0 {
		switch last(t.Name) {
		case "trim", "toString", "String", "replace":
			for _, x := range t.Args {
				if x.Kind == program.Method && len(x.Args) > 0 {
					x = x.Args[0]
				}
				if a.Of(x) == q {
					return true
				}
			}
		}
	}
	return false
}

// counts reports whether a value is a number that is nought for an empty answer:
// its length, or the answer itself as a number.
func (a *Answers) counts(t *program.Term, q *Question) bool {
	if t.Kind == program.Result && len(t.Args) > 1 && (t.Name == "Number" || last(t.Name) == "parseInt" || last(t.Name) == "parseFloat") {
		return a.blank(t.Args[1], q)
	}
	if t.Kind == program.Method && t.Str == "length" && len(t.Args) > 0 {
		return a.blank(t.Args[0], q)
	}
	return strings.HasSuffix(t.Str, ".length") && a.Of(t) == q
}

func (a *Answers) same(l, r *program.Term, q *Question) program.Tri {
	if a.blank(r, q) || a.counts(r, q) {
		l, r = r, l
	}
	switch {
	case a.counts(l, q) && r.Kind == program.Number:
		return truth(r.Str == "0")
	case a.blank(l, q):
		switch r.Kind {
		case program.String:
			return truth(r.Str == "")
		case program.Number, program.Bool:
			return program.False
		}
	}
	return program.Maybe
}

func truth(b bool) program.Tri {
	if b {
		return program.True
	}
	return program.False
}

func invert(t program.Tri) program.Tri {
	switch t {
	case program.True:
		return program.False
	case program.False:
		return program.True
	}
	return program.Maybe
}

func both(a, b program.Tri) program.Tri {
	switch {
	case a == program.False || b == program.False:
		return program.False
	case a == program.True && b == program.True:
		return program.True
	}
	return program.Maybe
}

// Because is the condition on the way to an effect that holds where the answer to
// q is empty, the innermost one; nil if none surely does.
func (a *Answers) Because(e *program.Effect, q *Question) *program.Given {
	for g := e.When; g != nil; g = g.Up {
		if g.Term == nil {
			continue
		}
		v := a.Empty(g.Term, q)
		if list, _ := a.In(g.Term); len(list) == 0 {
			continue
		}
		if v == program.True && !g.Not || v == program.False && g.Not {
			return g
		}
		if v != program.Maybe {
			return nil // with an empty answer it does not come to this
		}
	}
	return nil
}
