package ask

import (
	"html"
	"strings"
	"unicode"

	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
	"clew/check/view"
)

// Form is what a person fills in at one go: the questions that stand in one form
// element, in one dialog, or on a page without either.
type Form struct {
	Asks []*Ask
	// Node is the form element; nil without one.
	Node *program.Node
	// Questions is everything asked there, in document order, each once: what a
	// component is made of counts with the component.
	Questions []*Question
	// Stated: a sentence of the form says which answers are required.
	Stated bool
	// Unseen: some of what is asked comes from a server or from a component that is
	// not in the project.
	Unseen bool
	// Sends is what sends it off, nearest first.
	Sends []Submit
	// Collects: what is sent leaves the program, or the words around say that it is
	// meant to. Samples of components collect nothing.
	Collects bool

	answers *Answers
	shown   []shown
	looked  bool // shown is worked out
}

// Question is one thing that a person is asked.
type Question struct {
	*Field
	Mark Mark
	// Written: a row that opens a choice when tapped, rather than a field.
	Written bool

	row  []*program.Node // what stands there for it, itself included
	host *program.Node   // the largest element that holds no other question
}

// Mark is what a form says of an answer.
type Mark uint8

// The marks.
const (
	Unmarked Mark = iota
	Required
	Optional
	Computed // one of the two, by a value that is not known
)

// Information reports whether the answer tells something about the person: codes
// and passwords only prove who they are.
func (q *Question) Information() bool {
	return !q.Code && q.Kind != view.FieldCode && q.Kind != view.FieldPassword && !proofWord.MatchString(q.Hint) && !proofWord.MatchString(q.Label)
}

var proofWord = pattern.MustCompile(`密码|验证码|校验码|(?i)password|captcha`)

// Asked is the questions that a person is to answer about themselves, each once: a
// question that is asked again on another tab counts with the first.
func (f *Form) Asked() []*Question {
	var list []*Question
	seen := map[string]bool{}
	for _, q := range f.Questions {
		if !q.Information() || q.Closed && !q.Written {
			continue
		}
		again := false
		for _, name := range []string{"key " + q.Key, "hint " + q.Hint} {
			if len(name) > 5 && seen[name] {
				again = true
			}
			seen[name] = true
		}
		if q.Phone && len(q.Conditions()) > 0 {
			again = again || seen["phone"]
		}
		seen["phone"] = seen["phone"] || q.Phone
		if !again {
			list = append(list, q)
		}
	}
	return list
}

// Conditions is what must hold for a question to be there.
func (q *Question) Conditions() []program.Cond { return q.Node.Conditions() }

// Forms puts questions for a phone number together by the form that they stand in.
func Forms(asks []*Ask) []*Form {
	type place struct{ form, dialog *program.Node }
	var list []*Form
	at := map[place]*Form{}
	for _, a := range asks {
		if a.Button != nil && a.Field == nil && libraryFile(a.Node.File) {
			continue // what a library's button is made of
		}
		key := place{a.Form, a.Dialog}
		f := at[key]
		if f == nil {
			f = &Form{Node: a.Form}
			at[key] = f
			list = append(list, f)
		}
		f.Asks = append(f.Asks, a)
	}
	kept := list[:0]
	for _, f := range list {
		if f.read(); !f.borrowed() {
			kept = append(kept, f)
		}
	}
	return kept
}

// borrowed reports whether the form is a library's own, which no project wrote.
func (f *Form) borrowed() bool {
	if len(f.Questions) == 0 {
		return false
	}
	return libraryFile(f.Questions[0].Node.File)
}

func libraryFile(file *source.File) bool {
	return file != nil && (file.Vendored || strings.Contains("/"+file.Path, "/uni_modules/"))
}

// HasPhone reports whether the number belongs to the answers: typed in the form, or
// given by a button in it.
func (f *Form) HasPhone() bool {
	for _, q := range f.Questions {
		if q.Phone {
			return true
		}
	}
	return f.Node != nil || f.Asks[0].Dialog != nil
}

var (
	leadWord  = pattern.MustCompile(`预约|报名|咨询|报价|试驾|看房|领取|申请|挂号|评估|估价|试听|回电|留言|加盟|获取优惠|联系我|体验|投保|招商|量房|需求`)
	pickWord  = pattern.MustCompile(`请选择|点击选择|^选择`)
	statement = pattern.MustCompile(`必填|选填|可不填|可选填|必选|非必须|必须填|不必填|可以不填|可空着|(?i)\boptional\b|\brequired\b`)
)

func (f *Form) read() {
	a := f.Asks[0]
	pg := a.Page
	var fields []*Question
	index := map[*program.Node]*Question{}
	for _, field := range a.Fields {
		if skipped(field) {
			continue
		}
		inner := false
		for k := field.Node.Up; k != nil; k = k.Up {
			if index[k] != nil {
				inner = true
				if o := index[k]; !o.Phone && field.Phone && o.Kind != view.FieldDate && o.Kind != view.FieldChoice {
					o.Phone = true
				}
				break
			}
		}
		if inner {
			continue
		}
		q := &Question{Field: field}
		index[field.Node] = q
		fields = append(fields, q)
	}
	f.Questions = fields
	if len(fields) == 0 {
		return
	}
	order := map[*program.Node]int{}
	var words strings.Builder
	var rows []*program.Node
	visit := func(n *program.Node) {
		order[n] = len(order)
		if n.Text != nil {
			words.WriteString(n.Words())
			words.WriteByte('\n')
			return
		}
		for i := range n.Attrs {
			switch n.Attrs[i].Name {
			case "placeholder", "label", "title", "hint", "tip", "tips", "note", "desc":
				words.WriteString(n.Attrs[i].Value)
				for _, s := range view.Literals(n.Attrs[i].Expr) {
					words.WriteString(s)
				}
				words.WriteByte('\n')
			}
		}
		if f.opensChoice(a, n, index) {
			rows = append(rows, n)
		}
		if n.Foreign && fieldLike.MatchString(n.Name) && !n.IsField() && !n.IsForm() && !partLike.MatchString(n.Name) {
			f.Unseen = true
		}
	}
	if a.Form != nil {
		a.Form.Walk(func(n *program.Node) bool { visit(n); return true })
	} else {
		a.Each(visit)
	}
	for _, n := range rows {
		q := &Question{Field: &Field{Node: n, Kind: view.FieldChoice, Label: n.Words()}, Written: true}
		index[n] = q
		f.Questions = append(f.Questions, q)
	}
	sortQuestions(f.Questions, order)
	f.Stated = statement.MatchString(words.String())
	f.rows(index)
	stars, draws := f.stars(), f.draws()
	for _, q := range f.Questions {
		q.Mark = q.mark(stars)
		if q.Mark == Unmarked && draws {
			q.Mark = Computed
		}
		for k := q.Node; k != nil && k != a.Form; k = k.Up {
			if k.Loop != nil && !pickerPart(k) {
				f.Unseen = true
			}
		}
	}
	f.Unseen = f.Unseen || pg.Cut
	f.senders(words.String())
}

// what components of others that take something are called, and what stands around them
var (
	fieldLike = pattern.MustCompile(`(?i)input|field|picker|select|textarea|form|address|upload|cascader`)
	partLike  = pattern.MustCompile(`(?i)item|group|label|view|swiper`)
)

// skipped: nothing that tells about the person is asked there.
func skipped(f *Field) bool {
	n := f.Node
	switch n.Kind() {
	case "search", "search-bar", "slider", "rate", "stepper", "number-box", "editor":
		return true
	}
	if s, ok := n.Static("confirm-type"); ok && s == "search" {
		return true
	}
	if s, ok := n.Static("type"); ok && s == "hidden" {
		return true
	}
	if c, _ := n.Classes(); len(c) > 0 {
		for _, w := range c {
			if w == "hidden" || w == "hide" {
				return true
			}
		}
	}
	return false
}

func pickerPart(n *program.Node) bool {
	return strings.Contains(n.Kind(), "picker") || n.Kind() == "swiper-item"
}

// opensChoice: a row that is tapped to choose something, and holds no field.
func (f *Form) opensChoice(a *Ask, n *program.Node, index map[*program.Node]*Question) bool {
	if !n.Tappable() || n.IsButton() || n.IsField() || n.IsCheck() || a.Form == nil && a.Dialog == nil {
		return false
	}
	words := n.Words()
	if words == "" || len([]rune(words)) > 30 || !pickWord.MatchString(words) || sendWord.MatchString(words) {
		return false
	}
	for k := range index {
		if k.Inside(n) || n.Inside(k) {
			return false
		}
	}
	for k := n.Up; k != nil; k = k.Up {
		if k.Tappable() && k != a.Dialog && k != a.Form {
			return false
		}
	}
	return true
}

func sortQuestions(list []*Question, order map[*program.Node]int) {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && order[list[j].Node] < order[list[j-1].Node]; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

// rows finds what stands on the form for each question.
func (f *Form) rows(index map[*program.Node]*Question) {
	count := map[*program.Node]int{}
	for n := range index {
		for k := n; k != nil; k = k.Up {
			count[k]++
		}
	}
	for _, q := range f.Questions {
		top := q.Node
		for k := top.Up; k != nil && count[k] == 1 && k != f.Node && k != f.Asks[0].Dialog; k = k.Up {
			if long(k)-long(q.Node) > 40 {
				break
			}
			top = k
		}
		q.host = top
		q.row = []*program.Node{top}
		up := top.Up
		if up == nil {
			continue
		}
		at := -1
		for i, k := range up.Kids {
			if k == top {
				at = i
			}
		}
		for i := at - 1; i >= 0 && i > at-4; i-- {
			if k := up.Kids[i]; count[k] == 0 && (k.Text != nil || long(k) <= 20) {
				q.row = append(q.row, k)
				continue
			}
			break
		}
		if at >= 0 && at+1 < len(up.Kids) {
			if k := up.Kids[at+1]; count[k] == 0 && starred(k.Words()) && len([]rune(k.Words())) <= 2 {
				q.row = append(q.row, k)
			}
		}
	}
}

// long is how many characters are written in an element, blanks left out.
func long(n *program.Node) int {
	count := 0
	for _, r := range html.UnescapeString(n.Words()) {
		if !unicode.IsSpace(r) {
			count++
		}
	}
	return count
}

// Words is what is written for a question, its hint left out.
func (q *Question) Words() string {
	var b strings.Builder
	for _, n := range q.row {
		b.WriteString(n.Words())
		b.WriteByte(' ')
	}
	b.WriteString(q.Label)
	return b.String()
}
