package program

import (
	"fmt"
	"slices"

	"clew/check/code"
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

// manyMembers is from how many members on an object's names are kept in an index: a
// page of thousands of methods is asked for each of them.
const manyMembers = 12

// index is where the members of a large object stand, the last of a name; nil for a
// small one, and for one with spreads or computed names, which must be gone through.
func (p *Program) index(o *code.Value) map[string]int {
	if len(o.Args) < manyMembers {
		return nil
	}
	if at, ok := p.indexes[o]; ok {
		return at
	}
	at := make(map[string]int, len(o.Args))
	for i, m := range o.Args {
		if m.Kind != code.Prop || len(m.Args) != 1 {
			at = nil
			break
		}
		at[m.Str] = i
	}
	p.indexes[o] = at
	return at
}
