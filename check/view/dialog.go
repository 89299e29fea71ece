package view

import (
	"strings"

	"clew/check/code"
)

// DialogWhy is by what an element is known to lie over the page and ask for
// attention; a stable code.
type DialogWhy string

// The reasons, the surest first.
const (
	ByComponent DialogWhy = "component" // a library's or the platform's
	ByRole      DialogWhy = "role"      // role="dialog", aria-modal
	ByStyle     DialogWhy = "style"     // a style spreads it over the page
	BesideMask  DialogWhy = "mask"      // a mask stands beside it
	ByClass     DialogWhy = "class"     // a class is named so, and no style contradicts
	ByName      DialogWhy = "name"      // a component of the project that is named so
)

var (
	// strongWords name dialogs wherever they stand.
	strongWords = set(`popup popups modal dialog dialogs overlay tanchuang tanceng tankuang tanchu zhezhao popbox popwin popview poplayer popover
		mengceng mengban modals actionsheet bottomsheet alert lightbox fixedmask`)
	// weakWords name other things as well: the cover of an album, a layer of a map.
	weakWords = set(`pop mask masks layer cover shade drawer window pup masker shadow backdrop curtain sheet float guide`)
	// passingWords name what lies over a page and asks for nothing, or is part of it.
	passingWords = set(`toast loading loader spinner skeleton picker calendar keyboard share poster haibao fenxiang canvas qrcode tabbar navbar
		tab nav navigation notify snackbar tooltip bubble preview swiper banner video player service kefu backtop totop totop bullet`)
	// partWords name what stands inside a dialog, or what opens one.
	partWords = set(`title head header btn btns button buttons close text txt icon img image pic line row item items label desc tip tips footer
		foot bottom top cancel confirm ok name input left right list show open trigger link hd ft logo avatar arrow value info num count`)
)

// Dialog reports whether an element lies over the page and asks for attention: a
// popup, a modal, a sheet over a mask. Toasts, loading masks, pickers, posters to
// share, bars of tabs and bars that are fixed at an edge are none, unless they hold
// a phone button or ask for a phone number. A part of a dialog, as its title or its
// box, is none itself: see [DialogAround].
func Dialog(e *Element, sheets ...*Sheet) (why DialogWhy, ok bool) {
	if e == nil || e.Name == "" {
		return "", false
	}
	why, ok = dialog(e, sheets, true)
	if !ok {
		return "", false
	}
	if e.passing() && !e.asks() || e.onlyPickers() {
		return "", false
	}
	return why, true
}

// DialogAround is the innermost dialog that e stands in, or is; nil if there is
// none.
func DialogAround(e *Element, sheets ...*Sheet) (*Element, DialogWhy) {
	for p := e; p != nil; p = p.Parent {
		if why, ok := Dialog(p, sheets...); ok {
			return p, why
		}
	}
	return nil, ""
}

// dialog is Dialog but for what passes; outer is false where what stands around is
// not to be asked in turn.
func dialog(e *Element, sheets []*Sheet, outer bool) (DialogWhy, bool) {
	kind := e.Kind()
	if dialogKinds[kind] {
		return ByComponent, true
	}
	if role, _ := e.Static("role"); role == "dialog" || role == "alertdialog" || e.Attr("ariamodal") != nil {
		return ByRole, true
	}
	box := boxKinds[kind]
	if !box {
		if strings.IndexByte(kind, '-') > 0 && !iconKinds[kind] && !e.IsField() && !e.IsButton() && !passingKinds[kind] {
			if strong, _, part := dialogWords(kind); strong && !part {
				return ByName, true
			}
		}
		return "", false
	}
	if kind == "template" || kind == "block" || kind == "slot" {
		return "", false
	}
	named, weak, part := e.dialogClass()
	if len(e.Attrs) == 0 || !named && !weak && len(sheets) == 0 && e.Attr("style") == nil && e.Parent == nil {
		return "", false
	}
	look := LookOf(e, sheets...)
	if look.Cover && e.over(look, sheets) {
		if len(e.Children) == 0 || part && outer && e.within(sheets) {
			return "", false // a mask is no dialog by itself: what stands beside it is
		}
		return ByStyle, true
	}
	if part && (outer && e.within(sheets) || partOnly(e)) {
		return "", false
	}
	if e.besideMask(look, sheets) {
		return BesideMask, true
	}
	switch {
	case !named && !weak, len(e.Children) == 0:
		return "", false
	case look.Fixed || look.Absolute:
		if look.Known && !look.Cover && weak && !named {
			return "", false
		}
	case weak && !named && (len(sheets) > 0 || e.looped()):
		if !e.holdsOverlay(sheets) || e.looped() {
			return "", false
		}
	case look.Known || weak && !named:
		// Said to lie in the page: then only what it holds may lie over it.
		if !e.holdsOverlay(sheets) && (look.Known && len(sheets) > 0 || !e.toggled()) {
			return "", false
		}
	}
	return ByClass, !outer || !e.within(sheets)
}

// over reports whether a covering element is one that comes and goes over the page
// rather than the page's own ground.
func (e *Element) over(look Look, sheets []*Sheet) bool {
	if look.ZIndex < 0 || look.Absolute && e.inBox(sheets) {
		return false
	}
	named, weak, _ := e.dialogClass()
	comes := e.toggled() || look.Hidden || e.Parent != nil && e.onlyChild() && e.Parent.toggled()
	return look.Dim || comes || look.ZIndex >= 10 && e.Parent != nil || named || weak && look.Fixed
}

// inBox reports whether something that is smaller than the page holds an absolute
// element, so that 100 % is not that of the page.
func (e *Element) inBox(sheets []*Sheet) bool {
	for p := range e.Ancestors() {
		if p.Loop != nil {
			return true
		}
		look := paintOf(p, sheets)
		switch look.value["position"] {
		case "relative", "absolute", "sticky":
			return p.Parent != nil && !look.high()
		case "fixed":
			return !look.high()
		}
	}
	return false
}

// looped reports whether e or something around it stands there many times.
func (e *Element) looped() bool {
	return e.Nearest(func(p *Element) bool { return p.Loop != nil }) != nil
}

// toggled reports whether a state decides about the element.
func (e *Element) toggled() bool { return len(e.When) > 0 || len(toggles(e)) > 0 }

// dialogClass is what the classes and the id of an element say.
func (e *Element) dialogClass() (strong, weak, part bool) {
	written, possible := e.Classes()
	words := append(written, possible...)
	if id, ok := e.Static("id"); ok {
		words = append(words, id)
	}
	part = true
	for _, class := range words {
		s, w, p := dialogWords(class)
		strong, weak = strong || s, weak || w
		if (s || w) && !p {
			part = false
		}
	}
	return strong, weak, part && (strong || weak)
}

// dialogWords is what one name says; part is true where a word behind says that it
// is only something in or about the dialog.
func dialogWords(name string) (strong, weak, part bool) {
	for _, w := range wordsOf(name) {
		switch {
		case strongWords[w] || w[0] >= 0x80 && containsAny(w, "弹", "遮罩", "蒙层", "浮层"):
			strong = true
		case weakWords[w]:
			weak = true
		case partWords[w]:
			part = true
		}
	}
	return strong, weak, part
}

// partOnly reports whether an element is one of text or of a button.
func partOnly(e *Element) bool {
	for d := range e.Descendants() {
		if d.IsField() {
			return false
		}
		if _, ok := d.AsksPhone(); ok {
			return false
		}
	}
	return true
}

// within reports whether a dialog stands closely around.
func (e *Element) within(sheets []*Sheet) bool {
	p := e.Parent
	for up := 0; p != nil && up < 6; p, up = p.Parent, up+1 {
		if p.Name == "" || p.Name == "block" || p.Name == "template" {
			continue
		}
		if _, ok := dialog(p, sheets, false); ok {
			return true
		}
	}
	return false
}

// isMask reports whether an element is the dark ground of a dialog: empty, and over
// the page or named so.
func (e *Element) isMask(sheets []*Sheet) bool {
	if e.Name == "" || len(e.Children) > 0 {
		return false
	}
	kind := e.Kind()
	ground := kind == "overlay" || kind == "mask" || kind == "curtain"
	if !ground && !boxKinds[kind] {
		return false
	}
	if ground {
		return true
	}
	look := LookOf(e, sheets...)
	if look.Cover && look.ZIndex >= 0 {
		return look.Dim || look.Fixed || e.toggled()
	}
	if look.Known && (look.Fixed || look.Absolute) && !look.Cover {
		return false
	}
	written, possible := e.Classes()
	for _, c := range append(written, possible...) {
		for _, w := range wordsOf(c) {
			switch w {
			case "mask", "masks", "overlay", "shade", "zhezhao", "mengceng", "mengban", "backdrop", "cover", "layer", "bg":
				if w != "cover" && w != "layer" && w != "bg" || e.toggled() {
					return true
				}
			}
		}
	}
	return false
}

// Mask is the dark ground beside a dialog or directly in it; nil if there is none.
func Mask(e *Element, sheets ...*Sheet) *Element {
	for c := range e.Elements() {
		if c.isMask(sheets) {
			return c
		}
	}
	if e.Parent != nil {
		for c := range e.Parent.Elements() {
			if c != e && c.isMask(sheets) {
				return c
			}
		}
	}
	return nil
}

// maxSiblings is beyond what no mask is looked for beside an element.
const maxSiblings = 200

// besideMask reports whether an element is what stands over a mask: it lies over
// the page too, or comes by the same condition.
func (e *Element) besideMask(look Look, sheets []*Sheet) bool {
	if e.Parent == nil || len(e.Children) == 0 || len(e.Parent.Children) > maxSiblings {
		return false
	}
	for c := range e.Parent.Elements() {
		if c == e || !c.isMask(sheets) {
			continue
		}
		strong, weak, _ := e.dialogClass()
		if look.Fixed || look.Absolute || strong || weak || sameWhen(e, c) {
			return true
		}
	}
	return false
}

func sameWhen(a, b *Element) bool {
	if len(a.When) == 0 || len(a.When) != len(b.When) {
		return false
	}
	for i := range a.When {
		if a.When[i].Not != b.When[i].Not || !Same(a.When[i].Expr, b.When[i].Expr) {
			return false
		}
	}
	return true
}

// holdsOverlay reports whether something not far inside lies over the page.
func (e *Element) holdsOverlay(sheets []*Sheet) bool {
	for c := range e.Elements() {
		look := LookOf(c, sheets...)
		if look.Fixed || look.Absolute && look.Cover || c.isMask(sheets) {
			return true
		}
		for d := range c.Elements() {
			if LookOf(d, sheets...).Fixed {
				return true
			}
		}
	}
	return false
}

// passing reports whether an element is named after what asks for nothing.
func (e *Element) passing() bool {
	if passingKinds[e.Kind()] {
		return true
	}
	written, _ := e.Classes()
	for _, c := range append(written, e.Ref, e.Kind()) {
		for _, w := range wordsOf(c) {
			if passingWords[w] {
				return true
			}
		}
	}
	return false
}

// asks reports whether an element holds a phone button, or a field for a phone
// number or a code.
func (e *Element) asks() bool {
	found := false
	e.Walk(func(d *Element) bool {
		if _, ok := d.AsksPhone(); ok {
			found = true
		}
		switch d.FieldKind() {
		case FieldPhone, FieldCode:
			found = true
		}
		return !found
	})
	return found
}

// onlyPickers reports whether a dialog holds nothing but something to choose from.
func (e *Element) onlyPickers() bool {
	pickers := 0
	other := false
	e.Walk(func(d *Element) bool {
		switch {
		case d.Name == "":
		case pickerKinds[d.Kind()]:
			pickers++
			return false
		case d.FieldKind() != FieldNone:
			other = true
		default:
			if _, ok := d.AsksPhone(); ok {
				other = true
			}
		}
		return !other
	})
	return pickers > 0 && !other
}

func (e *Element) onlyChild() bool {
	for c := range e.Parent.Elements() {
		if c != e && (c.Words() != "" || len(c.Children) > 0) {
			return false
		}
	}
	return true
}

// Same reports whether two expressions are written alike, spacing aside. Two that
// are not understood are never the same.
func Same(a, b *code.Value) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a == b {
		return true
	}
	if a.Kind != b.Kind || a.Kind == code.Unknown || a.Kind == code.Function || a.Kind == code.JSX || a.Op != b.Op || a.Str != b.Str ||
		a.Name != b.Name || a.Var != b.Var || len(a.Args) != len(b.Args) {
		return false
	}
	for i := range a.Args {
		if !Same(a.Args[i], b.Args[i]) {
			return false
		}
	}
	return true
}
