package ask

import (
	"strings"

	"clew/check/pattern"
	"clew/check/program"
)

var (
	requiredWord = pattern.MustCompile(`必填|必选|必须填|(?i)\brequired\b`)
	optionalWord = pattern.MustCompile(`选填|可不填|非必填|不必填|可选|可以不填|可空|(?i)\boptional\b`)
	// what classes and pictures that draw a star are called
	markName = pattern.MustCompile(`(?i)(^|[^a-z])(is)?(required|require|must|star|stars|xing|xinghao|bitian|bixuan|asterisk|mandatory|necessary)([^a-z]|$)`)
	dotName  = pattern.MustCompile(`(?i)(^|[^a-z])(red|dot|hong|point)([^a-z]|$)`)
	humps    = pattern.MustCompile(`([a-z])([A-Z])`)
)

// starred reports whether a text is a star, or a short label with one.
func starred(s string) bool {
	s = strings.TrimSpace(s)
	if len([]rune(s)) > 16 || strings.ContainsAny(s, "，。；！,;!元¥￥折%价") {
		return false
	}
	for _, star := range []string{"*", "＊", "﹡", "✱", "∗", "﹡"} {
		if strings.HasPrefix(s, star) || strings.HasSuffix(strings.TrimRight(s, "：: "), star) {
			return true
		}
	}
	return false
}

// mark reads what the row of a question says of it. Words go before stars.
func (q *Question) mark(stars []string) Mark {
	if optionalWord.MatchString(q.Hint) {
		return Optional
	}
	if requiredWord.MatchString(q.Hint) || starred(q.Hint) {
		return Required
	}
	found := Unmarked
	see := func(m Mark) {
		if m != Unmarked && found == Unmarked || m == Optional {
			found = m
		}
	}
	for _, r := range q.row {
		r.Walk(func(n *program.Node) bool {
			if n != q.Node && (n.IsButton() || n.Tappable() && !q.Node.Inside(n)) {
				return false // what is written on a button is not about the field
			}
			if n.Text != nil {
				s := n.Words()
				switch {
				case optionalWord.MatchString(s):
					see(Optional)
				case requiredWord.MatchString(s), starred(s):
					see(Required)
				}
				return true
			}
			if m := attributeMark(n); m != Unmarked {
				see(m)
			}
			if len(stars) > 0 {
				see(drawn(n, stars))
			}
			return true
		})
	}
	for k := q.Node.Up; k != nil && found == Unmarked; k = k.Up { // the form item around, whose label may be its own
		if len(stars) > 0 && found == Unmarked {
			found = drawn(k, stars)
		}
		if strings.HasSuffix(k.Kind(), "item") || strings.HasSuffix(k.Kind(), "cell") || strings.HasSuffix(k.Kind(), "field") {
			if m := attributeMark(k); m != Unmarked {
				found = m
			}
		}
		if k == q.host || k.IsForm() {
			break
		}
	}
	return found
}

// attributeMark is what an element's attributes draw or say.
func attributeMark(n *program.Node) Mark {
	mark := Unmarked
	native := n.Comp == nil && !n.Foreign && !strings.Contains(n.Name, "-")
	switch strings.ToLower(n.Name) {
	case "input", "textarea", "select", "picker", "view", "label", "text", "button", "radio", "checkbox":
	default:
		native = false
	}
	for i := range n.Attrs {
		a := &n.Attrs[i]
		switch a.Name {
		case "required", "isrequired", "requiredmark", "require", "must", "asterisk", "star":
			if native {
				continue // the platform's own input draws nothing
			}
			on, known := n.Says(a.Name)
			switch {
			case known && on:
				mark = Required
			case !known && a.Expr != nil && mark == Unmarked:
				mark = Computed
			}
		case "label", "title", "note", "desc", "tip", "extra", "leftlabel", "placeholder":
			s := a.Value
			if a.Expr != nil {
				s = n.Page.Program().Look(n, a.Expr).Text()
			}
			switch {
			case optionalWord.MatchString(s):
				return Optional
			case requiredWord.MatchString(s), starred(s):
				mark = Required
			}
		case "src", "name", "type", "icon":
			if n.IsField() {
				continue
			}
			if markName.MatchString(humps.ReplaceAllString(a.Value, "$1-$2")) {
				mark = Required
			}
		}
	}
	written, possible := n.Classes()
	if len(n.Kids) == 0 && mark == Unmarked && !n.IsField() {
		for _, c := range written {
			if dotName.MatchString(humps.ReplaceAllString(c, "$1-$2")) {
				mark = Computed // a red dot before the label may be meant as a star
			}
		}
	}
	for _, c := range written {
		if markName.MatchString(humps.ReplaceAllString(c, "$1-$2")) {
			mark = Required
		}
	}
	for _, c := range possible {
		if mark == Unmarked && markName.MatchString(humps.ReplaceAllString(c, "$1-$2")) {
			mark = Computed
		}
	}
	return mark
}

// drawing are libraries whose forms draw the star where the rules require something.
var drawing = pattern.MustCompile(`(?i)^(el|a|t|nut|n|arco|wd)-|^(Form|AForm|ElForm|NutForm|TForm)$`)

// draws reports whether the library itself draws stars, by the rules it is given.
func (f *Form) draws() bool {
	return f.Node != nil && drawing.MatchString(f.Node.Name) && (f.Node.Attr("rules") != nil || f.hasRules())
}

// hasRules: items of the form carry rules of their own.
func (f *Form) hasRules() bool {
	found := false
	f.Node.Walk(func(n *program.Node) bool {
		if n.Text == nil && n.Attr("rules") != nil {
			found = true
		}
		return !found
	})
	return found
}

// Marked reports whether anything on the form tells what is required.
func (f *Form) Marked() bool {
	if f.Stated {
		return true
	}
	for _, q := range f.Questions {
		if q.Mark != Unmarked {
			return true
		}
	}
	return false
}
