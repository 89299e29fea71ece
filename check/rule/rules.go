package rule

import (
	"strings"

	"clew/finding"
)

// all is every rule, in the order of the norm.
var all = explain(
	categoryClosed,
	purposeMissing,
	consentMissing,
	consentPreset,
	consentUnread,
	consentForged,
	noticeMissing,
	noticeDead,
	noRefusal,
	noDeletion,
	requiredUnmarked,
	requiredMismatch,
	tooMuchAsked,
	hintMissing,
	presetAnswer,
	errorSilent,
	errorGeneric,
	ownPage,
	entryPopup,
	entryGate,
	forcedPhone,
	repeatAsk,
	phoneScope,
	clueWithoutLead,
)

// explain takes over what a rule's page says of it: title, why, and since when.
func explain(rules ...Rule) []Rule {
	for i := range rules {
		r := &rules[i]
		page := r.Markdown()
		zh, en := r.titleOf(page)
		r.Title = finding.Say(zh, en)
		r.Why = finding.Say(passage(page, "### 为什么"), passage(page, "### Why"))
		r.Mend = finding.Say(item(passage(page, "### 怎么改")), item(passage(page, "### How to mend it")))
		if r.Since.IsZero() {
			r.Since = start
		}
	}
	return rules
}

// passage is the first paragraph under a heading, on one line.
func passage(page, heading string) string {
	_, rest, ok := strings.Cut(page, "\n"+heading+"\n")
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, "\n")
	para, _, _ := strings.Cut(rest, "\n\n")
	glue := " "
	if strings.HasSuffix(heading, "为什么") || strings.HasSuffix(heading, "怎么改") {
		glue = ""
	}
	return strings.ReplaceAll(para, "\n", glue)
}

// item is the first item of a list that passage put on one line.
func item(s string) string {
	s = strings.TrimPrefix(s, "- ")
	for _, mark := range []string{" - ", "- "} {
		if first, _, ok := strings.Cut(s, mark); ok && first != "" {
			return strings.TrimSpace(first)
		}
	}
	return s
}
