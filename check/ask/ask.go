// Package ask keeps one promise: every place where a page asks a person for a phone
// number is found once, together with what belongs to that question.
//
// A question is an [Ask]: the platform's phone button or a field to type into, the
// form or dialog it stands in, the other fields there, and what sends them off.
// Rules begin here; what is not an Ask is none of their business.
package ask

import (
	"strings"

	"clew/check/program"
	"clew/check/view"
	"clew/finding"
)

// Ask is one question for a phone number. A field and a button that fill the same
// form are one Ask.
type Ask struct {
	Page *program.Page
	// Node is the phone button, or the field where there is no button.
	Node *program.Node
	// Button asks the platform for the number; nil where it can only be typed.
	Button *program.Node
	// Field is where it can be typed; nil where there is only the button. It may be
	// disabled: see [Field.Closed].
	Field *Field
	// Form is the form around, nil without one.
	Form *program.Node
	// Clue is the platform's lead form around, nil without one.
	Clue *program.Node
	// Dialog lies over the page and holds the question; nil on the page itself.
	Dialog *program.Node
	// Around is where the person looks for what belongs to the question: the dialog,
	// or the page's roots.
	Around []*program.Node
	// Fields is all fields of the form (or of what is around), the phone's included,
	// in document order.
	Fields []*Field
	// Submits is what sends the answers, the button's own handler included.
	Submits []Submit
	// Grant is the handler of the platform's answer to the button.
	Grant *program.Entry
}

// Field is something that a person fills in.
type Field struct {
	Node  *program.Node
	Kind  view.FieldKind
	Label string // what is written for it
	Hint  string // placeholder
	Key   string // its name, or the state it is bound to, as the code calls it
	Phone bool
	Code  bool // a code from a message
	// Closed: the person cannot type into it.
	Closed bool
}

// Submit is a way to send a form off.
type Submit struct {
	Node  *program.Node // what is tapped, or the form
	Entry program.Entry
	Trace *program.Trace
	Words string // on what is tapped
}

// Capability is by what right the number is asked.
func (a *Ask) Capability() finding.Capability {
	switch {
	case a.Clue != nil:
		return finding.ClueForm
	case a.Button != nil:
		return finding.GeneralPhone
	}
	return finding.TypedForm
}

// Of finds the questions of a page, in document order.
func Of(pg *program.Page) []*Ask {
	var asks []*Ask
	byField := map[*program.Node]*Ask{}
	var library *program.Node
	for _, n := range pg.Nodes {
		if n.Text != nil || library != nil && n.Inside(library) {
			continue
		}
		if n.Comp != nil && !isPhoneTag(n) {
			if !n.IsField() || !IsPhoneField(n) {
				continue
			}
			library = n // a field of a library that lies in the project; its own parts follow
		}
		switch {
		case isPhoneTag(n):
			a := newAsk(pg, n)
			a.Button = n
			if e, ok := grant(pg, n); ok {
				a.Grant = &e
				a.Submits = append(a.Submits, Submit{n, e, pg.Trace(e), n.Words()})
			}
			asks = append(asks, a)
		case IsPhoneField(n):
			a := newAsk(pg, n)
			a.Field = field(n)
			byField[n] = a
			asks = append(asks, a)
		}
	}
	return join(asks)
}

func isPhoneTag(n *program.Node) bool {
	_, ok := n.AsksPhone()
	return ok && !otherAbility(n)
}

// otherAbility: a component's button whose ability the host decides, and here it
// decides for another or for none.
func otherAbility(n *program.Node) bool {
	v := n.Expr("open-type")
	if v == nil || n.Host == nil {
		return false
	}
	return !mayBePhone(n.Page.Program().Look(n, v), n.Host, 0)
}

// mayBePhone reports whether an ability may be that of the phone button.
func mayBePhone(t *program.Term, host *program.Node, depth int) bool {
	preset := false // nobody decides: what the component itself says, which is no phone unless it is written
	for h := host; h != nil && t.Kind == program.State; h = h.Host {
		if h.Comp == t.Unit && h.Attr(t.Str) == nil && h.Attr("") == nil {
			if first := t.Unit.Initial(t.Str); first.Kind == program.Undefined || t.Unit.IsProp(t.Str) {
				t, preset = first, true
			}
		}
	}
	switch t.Kind {
	case program.Undefined, program.Null:
		return false
	case program.Choice, program.Op:
		if depth > 6 {
			return true
		}
		for _, a := range t.Args {
			if (a.Kind != program.Bool || t.Kind == program.Choice) && mayBePhone(a, host, depth+1) {
				return true
			}
		}
		return false
	}
	s, known := t.Const()
	return !known && !preset || strings.Contains(strings.ToLower(s), "phone") || strings.EqualFold(s, "getAuthorize")
}

func newAsk(pg *program.Page, n *program.Node) *Ask {
	a := &Ask{Page: pg, Node: n}
	for k := n; k != nil; k = k.Up {
		if a.Form == nil && k.IsForm() {
			a.Form = k
		}
		if a.Clue == nil {
			if c, conv, _ := k.ClueMarks(); c != nil || conv != nil {
				a.Clue = k
			}
		}
		if a.Dialog == nil && IsDialog(k) {
			a.Dialog = k
		}
	}
	if a.Clue != nil && a.Form == nil {
		a.Form = a.Clue
	}
	a.Around = pg.Roots
	if a.Dialog != nil {
		a.Around = []*program.Node{a.Dialog}
	}
	return a
}

// IsDialog reports whether a node lies over the page and asks for attention.
func IsDialog(n *program.Node) bool {
	if n.Text != nil || n.Name == "" {
		return false
	}
	_, ok := n.Dialog()
	return ok
}

// grant is the handler of the platform's answer.
func grant(pg *program.Page, n *program.Node) (program.Entry, bool) {
	for _, name := range []string{"getphonenumber", "getrealtimephonenumber", "getauthorize", "agreeprivacyauthorization", "error"} {
		if e, ok := pg.On(n, name); ok {
			return e, true
		}
	}
	for i := range n.Events {
		if strings.Contains(n.Events[i].Name, "phone") {
			if e, ok := pg.On(n, n.Events[i].Name); ok {
				return e, true
			}
		}
	}
	return program.Entry{}, false
}

// join makes one Ask of the fields and buttons that fill one form, and looks up
// what sends it.
func join(list []*Ask) []*Ask {
	var out []*Ask
	for _, a := range list {
		merged := false
		for _, o := range out {
			if !together(a, o) {
				continue
			}
			if a.Button != nil && o.Button == nil {
				o.Button, o.Node, o.Grant = a.Button, a.Button, a.Grant
				o.Submits = append(o.Submits, a.Submits...)
				merged = true
			} else if a.Field != nil && o.Field == nil {
				o.Field = a.Field
				merged = true
			}
			if merged {
				break
			}
		}
		if !merged {
			out = append(out, a)
		}
	}
	for _, a := range out {
		a.Fields = fields(a)
		a.Submits = append(a.Submits, submits(a)...)
	}
	return out
}

// together: a button and a field of one form, or close to each other.
func together(a, b *Ask) bool {
	if (a.Button != nil) == (b.Button != nil) || a.Dialog != b.Dialog {
		return false
	}
	if a.Form != b.Form {
		button := a
		if b.Button != nil {
			button = b
		}
		if button.Form == nil || a.Form != nil && b.Form != nil || asksMore(button.Form) {
			return false
		}
	} else if a.Form != nil {
		return true
	}
	x, y := a.Node, b.Node
	for range 4 {
		if x.Up == nil {
			break
		}
		x = x.Up
		if y.Inside(x) {
			return true
		}
	}
	return false
}

// asksMore reports whether a form holds a field: one round a button alone is there for
// what the platform reports of a submit.
func asksMore(form *program.Node) bool {
	found := false
	form.Walk(func(n *program.Node) bool {
		found = found || n.Text == nil && n.IsField()
		return !found
	})
	return found
}

// Each visits the nodes around the question, dialogs of the page that it does not
// stand in left out.
func (a *Ask) Each(visit func(*program.Node)) {
	for _, r := range a.Around {
		r.Walk(func(n *program.Node) bool {
			if a.Dialog == nil && n.Text == nil && IsDialog(n) {
				return false
			}
			visit(n)
			return true
		})
	}
}

// Words is all that is written around the question.
func (a *Ask) Words() string {
	var b strings.Builder
	a.Each(func(n *program.Node) {
		if n.Text != nil {
			if s := n.Words(); s != "" {
				b.WriteString(s)
				b.WriteByte(' ')
			}
		}
	})
	return b.String()
}
