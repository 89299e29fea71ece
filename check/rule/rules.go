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
	if strings.HasSuffix(heading, "为什么") {
		glue = ""
	}
	return strings.ReplaceAll(para, "\n", glue)
}
