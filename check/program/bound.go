package program

import (
	"fmt"
	"slices"
)

// CutOff tells what of a page was not followed to its end, in plain English: its
// elements, or what runs from a named entry on. Nothing is the rule. It knows of the
// entries that were traced so far.
func (pg *Page) CutOff() []string {
	var list []string
	for _, t := range pg.traces {
		if t.Cut {
			list = append(list, "what "+t.Entry.Name+" does")
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if pg.Cut {
		list = append([]string{fmt.Sprintf("more than %d elements", maxNodes)}, list...)
	}
	return list
}
