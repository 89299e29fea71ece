package program

import "clew/check/view"

// Memo is what work gives, worked out once for a key in a program. The key is of a
// type of the caller's own, and work depends on nothing that may still change.
func (p *Program) Memo(key any, work func() any) any {
	if v, ok := p.memos[key]; ok {
		return v
	}
	v := work()
	p.memos[key] = v
	return v
}

// drawing is an element under so many style sheets.
type drawing struct {
	element *view.Element
	sheets  int
}

type dialog struct {
	why view.DialogWhy
	ok  bool
}

// Dialog is [view.Dialog] of n under the style sheets of its unit.
func (n *Node) Dialog() (why view.DialogWhy, ok bool) {
	u := n.Unit
	key := drawing{n.Element, len(u.Sheets)}
	d, known := u.dialogs[key]
	if !known {
		d.why, d.ok = view.Dialog(n.Element, u.Sheets...)
		if u.dialogs == nil {
			u.dialogs = map[drawing]dialog{}
		}
		u.dialogs[key] = d
	}
	return d.why, d.ok
}
