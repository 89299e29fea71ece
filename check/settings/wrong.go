package settings

import (
	"strings"

	"clew/finding"
	"clew/words"
)

// Wrong is one thing that is wrong in a file of settings: where, what, and how to
// put it right.
type Wrong struct {
	Place finding.Place
	What  finding.Text
	Fix   finding.Text
}

// Error is everything that is wrong in one file, in the order of its lines.
type Error struct{ Wrongs []Wrong }

// Error is the English text; [Error.In] has both languages.
func (e *Error) Error() string { return e.In(words.EN) }

// In is one line per thing that is wrong, for people.
func (e *Error) In(lang words.Lang) string {
	lines := make([]string, len(e.Wrongs))
	for i, w := range e.Wrongs {
		lines[i] = w.Place.String() + ": " + w.sentence()[lang]
	}
	return strings.Join(lines, "\n")
}

func (w Wrong) sentence() finding.Text {
	return finding.Say(w.What[words.ZH]+"；"+w.Fix[words.ZH]+"。", w.What[words.EN]+"; "+w.Fix[words.EN]+".")
}

// Steps gives the same as places with sentences, so that an editor can underline
// them without knowing this package.
func (e *Error) Steps() []finding.Step {
	steps := make([]finding.Step, len(e.Wrongs))
	for i, w := range e.Wrongs {
		steps[i] = finding.Step{Place: w.Place, Message: w.sentence()}
	}
	return steps
}

// nearest is the one of known that was probably meant by word, "" if none is near:
// at most a third of the longer word may differ.
func nearest(word string, known []string) string {
	best, least := "", 1<<30
	for _, k := range known {
		d := distance(strings.ToLower(word), strings.ToLower(k))
		if d < least && d <= max(1, max(len(word), len(k))/3) {
			best, least = k, d
		}
	}
	return best
}

// distance is how many letters must be put in, left out, replaced or swapped with
// their neighbour. Words longer than any key of ours are as far as can be.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 1 << 20
	}
	var before, last, row [65]int
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// meant is the hint that belongs to a word that is none of known: the nearest, or
// all of them.
func meant(word string, known []string) finding.Text {
	if n := nearest(word, known); n != "" {
		return finding.Say("是否想写 "+n+"？可写："+strings.Join(known, "、"), "did you mean "+n+"? It can be "+strings.Join(known, ", "))
	}
	if len(known) == 0 {
		return finding.Say("请删除", "remove it")
	}
	return finding.Say("可写："+strings.Join(known, "、"), "it can be "+strings.Join(known, ", "))
}
