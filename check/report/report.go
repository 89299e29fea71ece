// Package report keeps one promise: a report of findings becomes bytes that their
// reader understands, and what the checked source says never reaches the terminal
// as anything but letters.
//
// [Text] is for people at a terminal, [JSON] for programs that know Clew, [GitHub]
// for the annotations of a workflow run. SARIF has a room of its own, check/sarif.
// Nothing here judges, counts differently than the report does, or reads a file.
package report

import (
	"path"
	"path/filepath"
	"strings"

	"clew/finding"
	"clew/norm"
	"clew/words"
)

// said is a text in lang; where a detector left a language out it is the other
// one, because a wrong language says more than nothing.
func said(t finding.Text, lang words.Lang) string {
	if s := t[lang]; s != "" {
		return s
	}
	for _, l := range words.Langs() {
		if s := t[l]; s != "" {
			return s
		}
	}
	return ""
}

// clauseTitle is the short name of a clause: the norm's own in Chinese, ours in
// English, "" for a clause that this edition does not have.
func clauseTitle(edition, clause string, lang words.Lang) string {
	e, ok := norm.ByID(edition)
	if !ok {
		return ""
	}
	c, ok := e.Clause(clause)
	if !ok {
		return ""
	}
	if lang == words.ZH {
		return c.Title
	}
	if key := "check.clause." + clause; words.Has(key) {
		return words.T(lang, key)
	}
	return c.Meaning.EN
}

// counted is "n things" under key, or what stands under key.one for exactly one.
func counted(lang words.Lang, key string, n int) string {
	if n == 1 {
		key += ".one"
	}
	return words.T(lang, key, "n", n)
}

// reachable is a file as the user can open it from where the command was started:
// below a relative root the root goes before it. An absolute root stays out, since
// it would fill every line with what the user already knows.
func reachable(root, file string) string {
	root = filepath.ToSlash(root)
	if root == "" || root == "." || path.IsAbs(root) || filepath.IsAbs(root) || strings.Contains(file, "://") {
		return file
	}
	return path.Join(root, file)
}

// ruleOf is what the report says of a rule, or nil.
func ruleOf(r *finding.Report, id string) *finding.Rule {
	for i := range r.Rules {
		if r.Rules[i].ID == id {
			return &r.Rules[i]
		}
	}
	return nil
}

// explain is the command that prints a rule's page.
func explain(rule string) string { return "clew explain " + rule }
