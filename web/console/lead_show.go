package console

import (
	"strconv"
	"strings"
	"time"

	"clew/access"
	"clew/component"
	"clew/consent"
	"clew/lead"
	"clew/words"
)

// shown is one answer: in the clear where it was revealed, else masked. A choice
// is shown by its label.
func (v leadView) shown(field string) string {
	value, clear := v.Answers[field]
	if !clear {
		value = v.Lead.Masked[field]
	}
	for _, f := range v.Fields {
		if f.ID != field {
			continue
		}
		switch f.Kind {
		case component.KindPhone:
			if clear {
				return grouped(value)
			}
		case component.KindChoice:
			for _, o := range f.Choices {
				if o.ID == value {
					return o.Label[v.Receipt.Lang]
				}
			}
		}
	}
	return value
}

// number is the phone number as the page shows it.
func (v leadView) number() string {
	for _, f := range v.Fields {
		if f.Kind == component.KindPhone {
			return v.shown(f.ID)
		}
	}
	return ""
}

// grouped writes a number of mainland China as people read it aloud.
func grouped(e164 string) string {
	n, home := strings.CutPrefix(e164, "+86")
	if !home || len(n) != 11 {
		return e164
	}
	return n[:3] + " " + n[3:7] + " " + n[7:]
}

// gesture says in a sentence how consent was given.
func (v leadView) gesture(p *page) string {
	g := v.Receipt.Gesture
	if g.Kind == consent.KindLink || v.Receipt.Form.Via == consent.ViaPage {
		return p.T("gesture.link", "at", exact(time.UnixMilli(v.Receipt.Form.TriggeredAt)))
	}
	parts := []string{p.T("gesture.opened", "kind", p.known("gesture.", g.Kind), "at", exact(time.UnixMilli(g.OpenedAt)))}
	parts = append(parts, p.T("gesture.ticked", "seconds", strconv.FormatInt((g.TickedAt-g.OpenedAt)/1000, 10)))
	if !g.BoxDefault {
		parts = append(parts, p.T("gesture.empty"))
	}
	if g.Trusted {
		parts = append(parts, p.T("gesture.trusted"))
	}
	return strings.Join(parts, p.T("comma"))
}

// revealable reports whether the page offers to show the answers.
func (v leadView) revealable() bool {
	return v.Lead.Erased.IsZero() && v.Lead.Withdrawn.IsZero() && v.Answers == nil
}

// by is who did something, for people.
func (v leadView) by(p *page, kind access.CallerKind, id string) string {
	if name := v.Staff[id]; name != "" {
		return name
	}
	return p.known("caller.", string(kind))
}

func (p *page) choice(id string) string {
	if n, ok := strings.CutPrefix(id, "recipient_"); ok {
		return p.T("choice.recipient", "n", n)
	}
	return p.known("choice.", id)
}

// act is what was done, in words.
func (p *page) act(a access.Act) string { return p.known("act.", string(a)) }

// said is the reason of a line of the record: what people wrote stays as it is,
// what the program wrote is translated.
func (p *page) said(reason string) string {
	if role, ok := strings.CutPrefix(reason, "role "); ok {
		return p.T("said.role", "role", p.standing(role))
	}
	for prefix, key := range map[string]string{"create with ": "said.key", "allow ": "said.allow"} {
		if scopes, ok := strings.CutPrefix(reason, prefix); ok {
			var names []string
			for s := range strings.SplitSeq(scopes, ",") {
				names = append(names, p.known("scope.", s))
			}
			return p.T(key, "scopes", strings.Join(names, p.T("comma")))
		}
	}
	if state, ok := strings.CutPrefix(reason, "category "); ok {
		return p.T("said.category", "state", p.known("category.", state))
	}
	return p.known("said.", reason)
}

// entryBy is who stands in a line of the record.
func (p *page) entryBy(e access.Entry) string {
	if e.CallerName != "" {
		return e.CallerName
	}
	if e.Kind == access.KindStaff {
		return short(e.CallerID)
	}
	return p.known("caller.", string(e.Kind))
}

func stepTone(s lead.State) string {
	return map[lead.State]string{lead.Won: "good", lead.Invalid: "bad"}[s]
}

func fieldLabel(f component.Field, lang words.Lang) string {
	if t := f.Texts[lang].Label; t != "" {
		return t
	}
	if t := f.Texts[words.ZH].Label; t != "" {
		return t
	}
	return f.ID
}

// title is what people call a component.
func title(d *component.Definition, lang words.Lang) string {
	if t := d.Texts[d.Speaks(lang)].Title; t != "" {
		return t
	}
	return d.Texts[words.ZH].Title
}

func text(n int) string { return strconv.Itoa(n) }

// number reads a whole number; 0 for anything else.
func number(s string) int {
	n, _ := strconv.Atoi(strings.TrimSpace(s))
	return n
}
