package ask

import (
	"strings"

	"clew/check/code"
	"clew/check/pattern"
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
	// Unseen: what a tap on it does is not found.
	Unseen bool

	tapped, turns bool
	idents        map[string]bool // by which the look's expressions call the state
}

// Implied reports whether words take consent for given: by submitting you agree.
func Implied(words string) bool { return implied.MatchString(words) }

var implied = pattern.MustCompile(`(登录|登陆|注册|提交|授权|点击|继续|使用|领取|报名|预约|进入|加入|验证|绑定|确认).{0,24}(即|表示|代表|视为|默认|等于|及).{0,12}(同意|接受|阅读|知晓|知悉)|(登录|登陆|注册|提交|授权)即?同意|(?i:by (signing|submitting|logging|continuing|clicking).{0,40}agree)`)

var (
	agreeWord     = pattern.MustCompile(`同意|已阅读|阅读并|我已.{0,6}(阅读|知晓|知悉|了解)|知悉|知晓|隐私|协议|条款|个人信息|授权书|须知|(?i:agree|privacy|terms of|policy)`)
	agreeing      = pattern.MustCompile(`同意|已阅读|已.{0,4}(知晓|知悉|了解)|阅读并|(?i:i agree|agree to)`)
	otherBox      = pattern.MustCompile(`接收|订阅|发票|默认地址|记住|自动登录|下次|匿名|公开`)
	tickMarksOnly = pattern.MustCompile(`^[\s\p{P}\p{S}√✓✔☑☐xX…]*$`)
)

const (
	maxBeside = 160 // characters of the words beside a box
	maxClimb  = 6   // levels between a box and its words
)

// Boxes finds the consent controls of a page, in document order.
func Boxes(pg *program.Page) []*Box {
	var list []*Box
	rows := map[*program.Node]*Box{}
	var library *program.Node // a box of a library whose own parts follow
	for _, n := range pg.Nodes {
		if library != nil && n.Inside(library) {
			continue
		}
		if n.Text != nil || n.Name == "" || n.Comp != nil && n.FieldKind() == view.FieldNone || !n.IsCheck() {
			continue
		}
		if n.Comp != nil {
			library = n
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
		// a picture that only decorates the words is none, and a sentence that takes
		// consent for given has no box unless a tap turns one
		if b.Drawn && (len(b.Flags) == 0 || !b.turns && (!b.tapped || Implied(b.Words) && !firstPerson.MatchString(b.Words))) {
			continue
		}
		b.Unseen = b.Drawn && !b.turns
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
			return nextTo(n, k)
		}
		if agreeWord.MatchString(w) && (!otherBox.MatchString(w) || agreeing.MatchString(w)) {
			return k, w
		}
		return nil, "" // these are its words, and they are about something else
	}
	return nil, ""
}

// nextTo is the words right behind a control inside something larger, or else right
// before it.
func nextTo(n, within *program.Node) (*program.Node, string) {
	k := n
	for k.Up != within && k.Up != nil {
		k = k.Up
	}
	at := -1
	for i, s := range within.Kids {
		if s == k {
			at = i
		}
	}
	if at < 0 {
		return nil, ""
	}
	for _, i := range []int{at + 1, at - 1} {
		if i < 0 || i >= len(within.Kids) || holdsTyping(within.Kids[i]) {
			continue
		}
		w := Written(within.Kids[i])
		if agreeing.MatchString(w) && len([]rune(w)) <= maxBeside {
			return k, w
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
		return paintedBox(pg, n, rows)
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

var firstPerson = pattern.MustCompile(`我已|已阅读|阅读并|我同意|勾选|(?i:i (have read|agree))`)

// paintedBox is a mark that a state draws beside words of the first person, where
// the handler that turns it over is not seen.
func paintedBox(pg *program.Page, n *program.Node, rows map[*program.Node]*Box) *Box {
	if !firstPerson.MatchString(writtenOn(n)) {
		return nil
	}
	for k, up := n.Up, 0; k != nil && up < 3; k, up = k.Up, up+1 {
		if rows[k] != nil || holdsTyping(k) || len([]rune(Written(k))) > maxBeside {
			return nil
		}
		var b *Box
		k.Walk(func(m *program.Node) bool {
			if b != nil || m.Text != nil || !tickMarksOnly.MatchString(Written(m)) {
				return b == nil
			}
			for i := range m.Attrs {
				a := &m.Attrs[i]
				if a.Expr == nil || a.Name != "src" && a.Name != "class" && a.Name != "name" && a.Name != "type" && a.Name != "style" {
					continue
				}
				if s := shows(m, a.Expr, 0); len(s) > 0 {
					b = &Box{Page: pg, Node: m, Row: k, Words: Written(k), Drawn: true, Flags: s}
				}
			}
			return b == nil
		})
		if b != nil {
			return b
		}
	}
	return nil
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
				b.call(a.Expr, 0)
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
			b.call(a.Expr, 0)
			for _, s := range shows(n, a.Expr, 0) {
				b.Flags = addState(b.Flags, s)
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

// shows is the states that an expression shows, those that only choose included.
func shows(n *program.Node, v *code.Value, depth int) []*program.Term {
	if v == nil || depth > 4 {
		return nil
	}
	list := states(n.Page.Program().Look(n, v))
	switch v.Kind {
	case code.Conditional, code.Logical, code.Template, code.Array, code.Object, code.Prop, code.Binary, code.Unary:
		for _, a := range v.Args {
			for _, s := range shows(n, a, depth+1) {
				list = addState(list, s)
			}
		}
	}
	return list
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
			if _, has := k.Element.On(name); has {
				b.tapped = true
			}
			if !ok {
				continue
			}
			t := b.Page.Trace(e)
			b.turns = b.turns || len(turned(b.Page, k)) > 0
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

// writtenAt is the node whose words are kept.
type writtenAt struct{ n *program.Node }

// writtenOn is the words of one text.
func writtenOn(n *program.Node) string {
	if n.Text == nil {
		return ""
	}
	s, _ := n.Page.Memo(writtenAt{n}, func() any { return readText(n) }).(string)
	return s
}

func readText(n *program.Node) string {
	var b strings.Builder
	for _, part := range n.Text {
		if part.Expr == nil {
			b.WriteString(strings.TrimSpace(part.Text))
			continue
		}
		p := n.Page.Program()
		t := p.Look(n, part.Expr)
		if len(states(t)) > 0 {
			t = p.In(t, p.Initially)
		}
		t.Walk(func(t *program.Term) bool {
			if t.Kind == program.String {
				b.WriteString(t.Str)
			}
			return t.Kind != program.Result
		})
	}
	return b.String()
}
