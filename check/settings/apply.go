package settings

import (
	"slices"
	"strconv"

	"clew/finding"
)

// Codes of the notes about suppressions and baselines.
const (
	NoteOdd     = "suppression-form"   // the marker goes on in a word that we do not know
	NoteNoRule  = "suppression-rule"   // no rule, or none of that name
	NoteReason  = "suppression-reason" // no reason
	NoteUnused  = "suppression-unused" // it suppresses nothing
	NoteGone    = "baseline-gone"      // entries that no longer occur
	kindComment = "source"             // finding.Suppressed.Kind
	kindBefore  = "baseline"           // finding.Suppressed.Kind
)

// answerable reports whether there is anything to answer for.
func answerable(f finding.Finding) bool {
	return f.Verdict == finding.Violation || f.Verdict == finding.Review
}

// Apply takes the findings that a comment answers for out of the list. A
// suppression that names no rule among known, or gives no reason, suppresses
// nothing and becomes a note; so does one that covers no finding, unless its rule
// is among off and could not have found any. The order of the list is kept.
func Apply(list []finding.Finding, given []Suppression, known, off RuleIDs) (kept []finding.Finding, suppressed []finding.Suppressed, notes []finding.Note) {
	type claim struct {
		*Suppression
		rule string
		used bool
	}
	// Comments at the place come before those for the file: they say more.
	byFile := map[string][]*claim{}
	var claims []*claim
	for i := range given {
		s := &given[i]
		sound, why := judge(s, known)
		notes = append(notes, why...)
		for _, rule := range sound {
			c := &claim{s, rule, false}
			claims = append(claims, c)
			byFile[s.Place.File] = append(byFile[s.Place.File], c)
		}
	}
	for _, cs := range byFile {
		slices.SortStableFunc(cs, func(a, b *claim) int {
			if a.Whole == b.Whole {
				return 0
			}
			if b.Whole {
				return -1
			}
			return 1
		})
	}
	for _, f := range list {
		i := -1
		cs := byFile[f.Place.File]
		if answerable(f) {
			i = slices.IndexFunc(cs, func(c *claim) bool {
				return c.rule == f.Rule && (c.Whole || f.Place.Line > 0 && c.From <= f.Place.Line && f.Place.Line <= c.To)
			})
		}
		if i < 0 {
			kept = append(kept, f)
			continue
		}
		cs[i].used = true
		place := cs[i].Place
		suppressed = append(suppressed, finding.Suppressed{Finding: f, Kind: kindComment, Reason: cs[i].Reason, Place: &place})
	}
	for _, c := range claims {
		if !c.used && !off.Has(c.rule) {
			notes = append(notes, about(c.Suppression, NoteUnused,
				"对 "+c.rule+" 的忽略没有用到，请删除", "it ignores "+c.rule+", which finds nothing here; remove it"))
		}
	}
	slices.SortStableFunc(notes, func(a, b finding.Note) int { return compareNotes(a, b) })
	return kept, suppressed, notes
}

// judge is the rules that a suppression may answer for, and what is wrong with it.
func judge(s *Suppression, known RuleIDs) (sound []string, notes []finding.Note) {
	if s.Odd != "" {
		return nil, []finding.Note{about(s, NoteOdd,
			"没有 "+marker+s.Odd+" 这种写法，本行注释不起作用；只有 "+marker+" 与 "+marker+"-file",
			"there is no "+marker+s.Odd+", so it ignores nothing; there are "+marker+" and "+marker+"-file")}
	}
	if len(s.Rules) == 0 {
		return nil, []finding.Note{about(s, NoteNoRule,
			"忽略注释没有写规则，不起作用；写成 "+marker+" 规则: 理由", "it names no rule, so it ignores nothing; write "+marker+" RULE: reason")}
	}
	if s.Reason == "" {
		return nil, []finding.Note{about(s, NoteReason,
			"忽略注释没有写理由，不起作用；写成 "+marker+" "+s.Rules[0]+": 理由", "it gives no reason, so it ignores nothing; write "+marker+" "+s.Rules[0]+": reason")}
	}
	for _, rule := range s.Rules {
		if known.Has(rule) {
			if !slices.Contains(sound, rule) {
				sound = append(sound, rule)
			}
			continue
		}
		zh, en := "没有名为 "+quoted(rule)+" 的规则，忽略不起作用", "there is no rule "+quoted(rule)+", so it ignores nothing"
		if near := nearest(rule, known); near != "" {
			zh, en = zh+"；是否想写 "+near+"？", en+"; did you mean "+near+"?"
		}
		notes = append(notes, about(s, NoteNoRule, zh, en))
	}
	return sound, notes
}

// about is a note on a comment; Detail is its line and column.
func about(s *Suppression, code, zh, en string) finding.Note {
	line := strconv.Itoa(s.Place.Line)
	return finding.Note{
		Code: code, File: s.Place.File, Detail: line + ":" + strconv.Itoa(s.Place.Column),
		Message: finding.Say("第 "+line+" 行："+zh, "line "+line+": "+en),
	}
}

func compareNotes(a, b finding.Note) int {
	switch {
	case a.File < b.File:
		return -1
	case a.File > b.File:
		return 1
	}
	return 0
}
