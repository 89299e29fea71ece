package component

import (
	"fmt"
	"regexp"
	"strings"

	"clew/words"
)

func fieldPath(i int, member string) string { return fmt.Sprintf("/fields/%d%s", i, member) }

// checkPhone: one number, asked for once, in a manner that is stated.
func checkPhone(c *checking) {
	n := 0
	for i, f := range c.def.Fields {
		if f.Kind != KindPhone {
			continue
		}
		if n++; n > 1 {
			c.say("3.1.1.purpose", fieldPath(i, "/kind"), "phone_twice")
			continue
		}
		if f.Required != nil && !*f.Required {
			c.say("3.1.3.required", fieldPath(i, "/required"), "phone_optional")
		}
	}
	if n == 0 {
		c.say("3.3.scope", "/fields", "phone_missing")
	}
	if c.def.Verification == "" {
		c.say("3.1.1.purpose", "/verification", "verification_missing")
	}
}

// instructs finds words that tell a person what to do.
var instructs = regexp.MustCompile(`请|应|需|须|例如|比如|可以|改为|不超过|以内|\b(please|enter|use|choose|select|check|write|give|type|should|must|try|pick|for example|e\.g\.|add|remove|shorten)\b`)

// checkFieldTexts is 3.1.3: every question is marked, labelled, explained where
// its format matters, and has an error text with a way out.
func checkFieldTexts(c *checking) {
	for i, f := range c.def.Fields {
		if f.Required == nil {
			c.say("3.1.3.required", fieldPath(i, "/required"), "required_unsaid")
		}
		if f.Kind == KindChoice && len(f.Choices) < 2 {
			c.say("3.1.3.hint", fieldPath(i, "/choices"), "choices_few")
		}
		c.written(func(l words.Lang, _ Texts) {
			t, at := f.Texts[l], fieldPath(i, "/texts/"+string(l))
			c.text(t.Label, at+"/label", "3.1.3.hint", [2]string{"项目名称", "label"}, 1, [2]int{20, 12}[index(l)])
			for _, s := range []struct {
				member, text string
				name         [2]string
			}{{"/hint", t.Hint, [2]string{"填写提示", "hint"}}, {"/format", t.Format, [2]string{"格式说明", "format"}}} {
				if s.text != "" {
					c.text(s.text, at+s.member, "3.1.3.hint", s.name, 1, [2]int{50, 35}[index(l)])
				}
			}
			switch f.Kind {
			case KindPhone, KindDate, KindNumber, KindEmail:
				if t.Hint == "" && t.Format == "" {
					c.say("3.1.3.hint", at+"/hint", "hint_missing")
				}
			case KindName, KindRegion, KindChoice, KindText: // anything readable will do
			}
			c.text(t.Error, at+"/error", "3.1.3.error", [2]string{"错误提示", "error text"}, [2]int{4, 3}[index(l)], [2]int{50, 35}[index(l)])
			if t.Error != "" && !placeholder(t.Error) && !instructs.MatchString(fold(t.Error)) {
				c.say("3.1.3.error", at+"/error", "error_without_fix")
			}
			for j, o := range f.Choices {
				at, name := fieldPath(i, fmt.Sprintf("/choices/%d/label/%s", j, l)), [2]string{"选项文字", "choice"}
				// 无 or "3" is a good choice: no placeholder is looked for.
				if n, most := measure(o.Label[l]), [2]int{20, 12}[index(l)]; strings.TrimSpace(o.Label[l]) == "" {
					c.say("3.1.3.hint", at, "text_missing", "what", name)
				} else if n > most {
					c.say("3.1.3.concise", at, "text_long", "what", name, "have", n, "max", most)
				}
			}
		})
	}
}

const (
	// fewFields is how many questions pass without a word, tooManyFields how many do not pass.
	fewFields, tooManyFields = 5, 10
)

// checkFieldCount: no more than the purpose needs (3.1.1; PIPL 6), few enough to
// be quick (3.1.3.concise). Number, name and one question about what is wanted may
// be required.
func checkFieldCount(c *checking) {
	switch n := len(c.def.Fields); {
	case n > tooManyFields:
		c.say("3.1.3.concise", "/fields", "fields_too_many", "have", n, "max", tooManyFields)
	case n > fewFields:
		c.say("3.1.3.concise", "/fields", "fields_many", "have", n, "max", fewFields)
	}
	asked := false
	for i, f := range c.def.Fields {
		if !f.IsRequired() || f.Kind == KindPhone || f.Kind == KindName {
			continue
		}
		if !asked && (f.Kind == KindChoice || f.Kind == KindText) {
			asked = true
			continue
		}
		c.say("3.1.1.purpose", fieldPath(i, "/required"), "more_than_needed")
	}
}

// checkOrder is 3.1.3.order: the number stands first or last, the name beside it,
// and what is required before what is not.
func checkOrder(c *checking) {
	phone, name, optional := -1, -1, -1
	for i, f := range c.def.Fields {
		switch {
		case f.Kind == KindPhone && phone < 0:
			phone = i
		case f.Kind == KindName && name < 0:
			name = i
		}
	}
	for i, f := range c.def.Fields {
		if !f.IsRequired() && optional < 0 {
			optional = i
		}
		if f.IsRequired() && optional >= 0 {
			c.say("3.1.3.order", fieldPath(i, ""), "order_required")
			break // once is enough
		}
	}
	if phone < 0 {
		return
	}
	if name >= 0 && name != phone-1 && name != phone+1 {
		c.say("3.1.3.order", fieldPath(name, ""), "order_name")
		return
	}
	first, last := 0, len(c.def.Fields)-1
	if name == first && phone == 1 {
		first = 1
	}
	if name == last && phone == last-1 {
		last--
	}
	if phone != first && phone != last {
		c.say("3.1.3.order", fieldPath(phone, ""), "order_phone")
	}
}
