package console

import (
	"net/url"
	"strconv"
	"strings"

	"clew/component"
	"clew/words"
)

// textOf is one of a component's texts by its name in the definition.
func textOf(t component.Texts, member string) string {
	switch member {
	case "operator":
		return t.Operator
	case "title":
		return t.Title
	case "trigger":
		return t.Trigger
	case "purpose":
		return t.Purpose
	case "scope":
		return t.Scope
	case "manner":
		return t.Manner
	case "benefit":
		return t.Benefit
	case "privacy_url":
		return t.PrivacyURL
	case "privacy_text":
		return t.PrivacyText
	case "complaint":
		return t.Complaint
	case "deletion":
		return t.Deletion
	}
	return ""
}

func fieldText(t component.FieldTexts, member string) string {
	return map[string]string{"label": t.Label, "hint": t.Hint, "format": t.Format, "error": t.Error}[member]
}

// recipients is the list in the language that has most of them: rows stand in the
// same order in every language.
func recipients(d component.Definition) (most []component.Recipient) {
	for _, t := range d.Texts {
		if len(t.Recipients) > len(most) {
			most = t.Recipients
		}
	}
	return most
}

func recipientText(d component.Definition, l words.Lang, i int, member string) string {
	list := d.Texts[l].Recipients
	if i >= len(list) {
		return ""
	}
	return map[string]string{"name": list[i].Name, "contact": list[i].Contact, "purpose": list[i].Purpose}[member]
}

// fieldOpen reports whether a field of the editor is unfolded: when the norm says
// something about it.
func fieldOpen(v editorView, i int) bool {
	at := "/fields/" + strconv.Itoa(i)
	for _, s := range v.Found {
		if s.Path == at || strings.HasPrefix(s.Path, at+"/") {
			return true
		}
	}
	return v.Unsaved && i == len(v.Def.Fields)-1
}

func bounded(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'f', -1, 64)
}

func langTag(l words.Lang) string {
	if l == words.EN {
		return "EN"
	}
	return "中"
}

func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	return u.Host
}

// atLeast is a count of which only the first page was read.
func atLeast(n int, more bool) string {
	if more {
		return count(n) + "+"
	}
	return count(n)
}
