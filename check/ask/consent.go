package ask

import (
	"regexp"
	"strings"

	"clew/check/program"
	"clew/check/view"
)

// Box is a control by which a person says yes to an agreement: a check box, a
// switch, a picture that stands for one, or a line of text that a tap turns over.
type Box struct {
	Page *program.Page
	Node *program.Node // the control
	// Row holds the control and the words beside it.
	Row    *program.Node
	Dialog *program.Node // that holds it, nil on the page itself
	Words  string        // beside it
	// Tick is what the control shows, true for ticked; nil where nothing binds it.
	Tick *program.Term
	// Flags are the states that say whether it is ticked.
	Flags []*program.Term
	// Derived are other states that a tap on it sets.
	Derived []*program.Term
	// Names are those under which a form or a document knows it.
	Names []string
	// Drawn: it is no control of the platform or a library.
	Drawn bool
}

var (
	agreeWord     = regexp.MustCompile(`同意|已阅读|阅读并|我已.{0,6}(阅读|知晓|知悉|了解)|知悉|知晓|隐私|协议|条款|个人信息|授权书|须知|(?i:agree|privacy|terms of|policy)`)
	agreeing      = regexp.MustCompile(`同意|已阅读|已.{0,4}(知晓|知悉|了解)|阅读并|(?i:i agree|agree to)`)
	otherBox      = regexp.MustCompile(`接收|订阅|发票|默认地址|记住|自动登录|下次|匿名|公开`)
	tickMarksOnly = regexp.MustCompile(`^[\s\p{P}\p{S}√✓✔☑☐xX…]*$`)
)

const (
	maxBeside = 160 // characters of the words beside a box
	maxClimb  = 6   // levels between a box and its words
)

// Boxes finds the consent controls of a page, in document order.
func Boxes(pg *program.Page) []*Box {
	var list []*Box
	rows := map[*program.Node]*Box{}
	for _, n := range pg.Nodes {
		if n.Text != nil || n.Name == "" || n.Comp != nil || !n.IsCheck() {
			continue
		}
		row, words := beside(n)
		if row == nil {
			continue
		}
		kind := n.FieldKind()
		drawn := kind == view.FieldNone
		if b := rows[row]; b != nil && (drawn || b.Drawn) {
			if b.Drawn && !drawn {
				b.Node, b.Drawn = n, false
			}
			b.look(n)
			continue
		}
		b := &Box{Page: pg, Node: n, Row: row, Words: words, Drawn: drawn}
		b.look(n)
		rows[row] = b
		list = append(list, b)
	}
	for _, n := range pg.Nodes {
		if n.Text == nil || !agreeing.MatchString(writtenOn(n)) {
			continue
		}
		if b := lineBox(pg, n, rows); b != nil {
			rows[b.Row] = b
			list = append(list, b)
		}
	}
	for _, b := range list {
		b.handlers()
		b.dialog()
	}
	kept := list[:0]
	for _, b := range list {
		// a picture that only decorates the words is none
		if b.Drawn && len(b.Flags) == 0 {
			continue
		}
		kept = append(kept, b)
	}
	return kept
}

// beside is the words that a control stands by, and what holds both; nil where they
// are not about an agreement.
func beside(n *program.Node) (*program.Node, string) {
	for k, up := n, 0; k != nil && up < maxClimb; k, up = k.Up, up+1 {
		w := Written(k)
		if tickMarksOnly.MatchString(w) {
			if label, ok := k.Static("label"); ok && label != "" {
				w = label
			} else {
				continue
			}
		}
		if len([]rune(w)) > maxBeside || holdsTyping(k) {
			return nil, ""
		}
		if agreeWord.MatchString(w) && (!otherBox.MatchString(w) || agreeing.MatchString(w)) {
			return k, w
		}
		if len([]rune(w)) > 6 { // these are its words, and they are about something else
			return nil, ""
		}
	}
	return nil, ""
}

// holdsTyping reports whether something to type into stands in n.
func holdsTyping(n *program.Node) bool {
	found := false
	n.Walk(func(k *program.Node) bool {
		if k.Text == nil && !found {
			switch k.FieldKind() {
			case view.FieldText, view.FieldNumber, view.FieldPhone, view.FieldPassword, view.FieldCode, view.FieldDate, view.FieldChoice:
				found = true
			}
		}
		return !found
	})
	return found
}

// lineBox is the control that a line of words is by itself: a tap on it turns a
// state over.
func lineBox(pg *program.Page, n *program.Node, rows map[*program.Node]*Box) *Box {
	var at *program.Node
	for k, up := n, 0; k != nil && up < 5; k, up = k.Up, up+1 {
		if rows[k] != nil {
			return nil
		}
		if at == nil && k.Text == nil {
			if turned(pg, k) != nil {
				at = k
			}
			for _, s := range k.Kids { // the mark beside the words is what is tapped
				if at == nil && s.Text == nil && tickMarksOnly.MatchString(Written(s)) && turned(pg, s) != nil {
					at = s
				}
			}
		}
	}
	if at == nil {
		return nil
	}
	row := at
	w := Written(row)
	if tickMarksOnly.MatchString(w) && at.Up != nil {
		row = at.Up
		w = Written(row)
	}
	if len([]rune(w)) > maxBeside || holdsTyping(row) || !agreeing.MatchString(w) || rows[row] != nil {
		return nil
	}
	return &Box{Page: pg, Node: at, Row: row, Words: w, Drawn: true, Flags: turned(pg, at)}
}

// turned is the states that a tap on n turns over.
func turned(pg *program.Page, n *program.Node) []*program.Term {
	e, ok := pg.On(n, "tap")
	if !ok {
		return nil
	}
	t := pg.Trace(e)
	var list []*program.Term
	t.Each(program.Set, func(s *program.Effect) {
		if s.State != nil && s.State.Str != "" && turns(t, s) {
			list = addState(list, s.State)
		}
	})
	return list
}

// turns reports whether a state is set to what it was not.
func turns(t *program.Trace, s *program.Effect) bool {
	same := func(x *program.Term) bool { return x.Kind == program.State && SameState(x, s.State) }
	if s.Value == nil {
		return false
	}
	if s.Value.Kind != program.State && s.Value.Any(same) {
		return true
	}
	if _, ok := s.Value.Const(); !ok {
		return false
	}
	return s.Under(func(g *program.Given) bool { return g.Term != nil && g.Term.Any(same) })
}

// SameState reports whether two states are the same place.
func SameState(a, b *program.Term) bool { return a.Unit == b.Unit && a.Str == b.Str }

func addState(list []*program.Term, s *program.Term) []*program.Term {
	for _, have := range list {
		if SameState(have, s) {
			return list
		}
	}
	return append(list, s)
}

// states is the states that a term is made of.
func states(t *program.Term) []*program.Term {
	var list []*program.Term
	t.Walk(func(x *program.Term) bool {
		if x.Kind == program.State && x.Str != "" {
			list = addState(list, x)
		}
		return true
	})
	return list
}

// look takes what a control shows.
func (b *Box) look(n *program.Node) {
	p := b.Page.Program()
	for _, name := range []string{"name", "id"} {
		for k := n; k != nil && k.Inside(b.Row); k = k.Up {
			if s, ok := k.Static(name); ok && s != "" {
				b.Names = append(b.Names, s)
			}
		}
	}
	if n.Up != nil && strings.Contains(n.Up.Kind(), "group") {
		if s, ok := n.Up.Static("name"); ok && s != "" {
			b.Names = append(b.Names, s)
		}
	}
	if !b.Drawn {
		if a := tickAttr(n); a != nil {
			if a.Expr != nil {
				b.Tick = p.Look(n, a.Expr)
				for _, s := range states(b.Tick) {
					b.Flags = addState(b.Flags, s)
				}
			}
		}
		return
	}
	for i := range n.Attrs {
		switch a := &n.Attrs[i]; a.Name {
		case "src", "class", "name", "type", "icon", "color", "style", "checked", "value":
			if a.Expr != nil {
				for _, s := range states(p.Look(n, a.Expr)) {
					b.Flags = addState(b.Flags, s)
				}
			}
		}
	}
	for i, c := range n.Conditions() {
		if i > 3 || c.Node != nil && !c.Node.Inside(b.Row) {
			break
		}
		for _, s := range states(c.Term) {
			b.Flags = addState(b.Flags, s)
		}
	}
}

// tickAttr is the attribute that says whether a control is ticked.
func tickAttr(n *program.Node) *view.Attr {
	for _, name := range []string{"checked", "default-checked", "model-value", "v-model"} {
		if a := n.Attr(name); a != nil {
			return a
		}
	}
	for i := range n.Attrs {
		if n.Attrs[i].TwoWay {
			return &n.Attrs[i]
		}
	}
	switch n.Name {
	case "checkbox", "radio", "switch", "input", "Checkbox", "Radio", "Switch":
		return nil // their value is what is sent
	}
	if a := n.Attr("value"); a != nil && a.Expr != nil {
		return a
	}
	return nil
}

// handlers takes what a tap on the control sets.
func (b *Box) handlers() {
	shown := len(b.Flags) > 0
	for k, up := b.Node, 0; k != nil && up < 4 && k.Inside(rowOrGroup(b.Row)); k, up = k.Up, up+1 {
		for _, name := range []string{"change", "tap", "input", "update:modelvalue", "update:value", "update:checked"} {
			e, ok := b.Page.On(k, name)
			if !ok {
				continue
			}
			t := b.Page.Trace(e)
			t.Each(program.Set, func(s *program.Effect) {
				if s.State == nil || s.State.Str == "" || s.After == program.Acting {
					return
				}
				if _, text := s.Value.Const(); text && !turns(t, s) && s.Value.Kind == program.String {
					return
				}
				if !shown {
					b.Flags = addState(b.Flags, s.State)
				} else {
					b.Derived = addState(b.Derived, s.State)
				}
			})
		}
	}
}

// rowOrGroup is the row, or the group of boxes right around it.
func rowOrGroup(n *program.Node) *program.Node {
	for k, up := n.Up, 0; k != nil && up < 2; k, up = k.Up, up+1 {
		if strings.Contains(k.Kind(), "group") {
			return k
		}
	}
	return n
}

func (b *Box) dialog() {
	for k := b.Node; k != nil; k = k.Up {
		if IsDialog(k) {
			b.Dialog = k
			return
		}
	}
}

// About reports whether the box speaks for a question: it stands beside it, and is
// not the box of another one.
func (b *Box) About(a *Ask, asks []*Ask) bool {
	if b.Dialog == a.Dialog {
		if a.Form != nil && !b.Node.Inside(a.Form) {
			for _, o := range asks {
				if o != a && o.Form != nil && o.Form != a.Form && b.Node.Inside(o.Form) {
					return false
				}
			}
		}
		return true
	}
	for _, o := range asks {
		if o != a && o.Dialog == b.Dialog && (b.Dialog != nil || o.Form == nil || b.Node.Inside(o.Form)) {
			return false
		}
	}
	return true
}

// means reports whether a term is made of the box's flags, or of an object that
// holds one.
func (b *Box) means(t *program.Term) bool {
	if t == nil {
		return false
	}
	return t.Any(func(x *program.Term) bool {
		switch x.Kind {
		case program.State:
			for _, list := range [][]*program.Term{b.Flags, b.Derived} {
				for _, f := range list {
					if x.Unit == f.Unit && (x.Str == f.Str || x.Str == "" || strings.HasPrefix(f.Str, x.Str+".") || strings.HasPrefix(x.Str, f.Str+".")) {
						return true
					}
				}
			}
		case program.Param:
			for _, name := range b.Names {
				if x.Str == name || strings.HasSuffix(x.Str, "."+name) || strings.Contains(x.Str, "."+name+".") {
					return true
				}
			}
			return len(b.Names) > 0 && strings.HasSuffix(x.Str, "detail.value")
		case program.String:
			for _, name := range b.Names {
				if strings.TrimLeft(x.Str, "#.") == name {
					return true
				}
			}
		}
		return false
	})
}

// Reads reports whether a run looks at the box: a condition on the way to one of its
// effects, or what is sent or handed to something that cannot be seen.
func (b *Box) Reads(t *program.Trace) bool {
	p := b.Page.Program()
	given := map[*program.Given]bool{}
	for i := range t.Effects {
		e := &t.Effects[i]
		for g := e.When; g != nil && !given[g]; g = g.Up {
			given[g] = true
			if b.means(g.Term) {
				return true
			}
		}
		switch e.Kind {
		case program.Request, program.Outside, program.Store, program.Navigate, program.Emit:
			for _, a := range e.Args {
				if b.means(p.Deep(a, 3)) {
					return true
				}
			}
		}
	}
	return false
}

// ReadBy reports whether an element waits for the box: it is there, enabled or able
// to ask only when the box says so.
func (b *Box) ReadBy(n *program.Node) bool {
	p := b.Page.Program()
	for _, c := range n.Conditions() {
		if b.means(c.Term) {
			return true
		}
	}
	for _, name := range []string{"disabled", "open-type"} {
		if v := n.Expr(name); v != nil && b.means(p.Look(n, v)) {
			return true
		}
	}
	for i := range n.Events {
		if h := n.Events[i].Handler; h != nil && n.Events[i].Func == nil && b.means(p.Look(n, h)) {
			return true
		}
	}
	return false
}

// Alias adds the names by which components know the box's states.
func (b *Box) Alias() {
	p := b.Page.Program()
	for range 3 {
		before := len(b.Flags) + len(b.Derived)
		for _, n := range b.Page.Nodes {
			if n.Comp == nil {
				continue
			}
			for i := range n.Attrs {
				a := &n.Attrs[i]
				if a.Expr == nil {
					continue
				}
				t := p.Look(n, a.Expr)
				if len(states(t)) == 0 || !b.means(t) {
					continue
				}
				name := camel(strings.TrimPrefix(strings.TrimPrefix(a.Raw, ":"), "v-bind:"))
				if n.Comp.IsProp(name) {
					b.Derived = addState(b.Derived, &program.Term{Kind: program.State, Unit: n.Comp, Str: name})
				}
			}
		}
		if len(b.Flags)+len(b.Derived) == before {
			return
		}
	}
}

func camel(s string) string {
	parts := strings.Split(s, "-")
	for i := 1; i < len(parts); i++ {
		if parts[i] != "" {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
	}
	return strings.Join(parts, "")
}

// Written is all that may be written in n, the choices of an expression included.
func Written(n *program.Node) string {
	var b strings.Builder
	n.Walk(func(k *program.Node) bool {
		if s := writtenOn(k); s != "" {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(s)
		}
		return b.Len() < 20_000
	})
	return b.String()
}

// writtenOn is the words of one text.
func writtenOn(n *program.Node) string {
	var b strings.Builder
	for _, part := range n.Text {
		if part.Expr == nil {
			b.WriteString(strings.TrimSpace(part.Text))
			continue
		}
		n.Page.Program().Look(n, part.Expr).Walk(func(t *program.Term) bool {
			if t.Kind == program.String {
				b.WriteString(t.Str)
			}
			return t.Kind != program.Result
		})
	}
	return b.String()
}
