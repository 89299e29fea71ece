package view

import (
	"strings"

	"clew/check/code"
)

// CloseWhy says why an element may close a dialog; a stable code.
type CloseWhy string

// The reasons.
const (
	CloseIcon  CloseWhy = "icon"  // drawn or named as a closing cross
	CloseWords CloseWhy = "words" // cancel, later, no
	CloseName  CloseWhy = "name"  // its handler is called so
	CloseMask  CloseWhy = "mask"  // a tap beside the dialog
	CloseEvent CloseWhy = "event" // the component tells that it was closed
	CloseAttr  CloseWhy = "attr"  // the component shows a way out of its own
)

// Closer is a candidate for the way out of a dialog. What its handler does is for
// the rule to find out.
type Closer struct {
	Element *Element
	Why     CloseWhy
	Event   *Event // nil where an attribute alone closes
	Attr    *Attr  // of CloseAttr
}

var (
	closeWords  = set(`close cancel guanbi cha chacha quxiao closed dismiss hide back exit x del delete fork cross no refuse reject skip later clear`)
	closeEvents = set(`close cancel clickoverlay overlayclick maskclick clickmask tapmask hide update:show update:visible update:open update:modelvalue
		update:value closed leave afterleave beforeleave clickclose closepopup input visiblechange openchange clickcloseicon dismiss maskclose
		closemodal onclose clickaway`)
	closeFlags = set(`closeable closable showclose showcancel showcancelbutton showcancelbtn closebtn closeicon canceltext cancelbuttontext cancelbtn
		showclosebutton showcloseicon`)
	maskFlags = set(`closeonclickoverlay closeonclickmask maskclosable maskclick ismaskclick maskcloseable closeonclickmodal closeonoverlayclick
		overlayclosable maskclose closeonmask clickmaskclose maskcloseenable overlayclose canclose closeonpopstate clickoverlayclose`)
	noWords = []string{
		"关闭", "取消", "暂不", "以后再说", "下次再说", "再想想", "再看看", "不需要", "拒绝", "不同意", "跳过", "知道了", "残忍", "稍后", "放弃", "返回",
		"先逛逛", "随便看看", "不了", "算了", "退出",
	}
	noEnglish  = set("close cancel skip later refuse decline dismiss no not")
	closeMarks = "×✕✖╳✗✘xX⨉"
)

// Closers is what may close a dialog, in document order: its own events and
// attributes first, then its mask, then the elements in it. A field's events are
// none.
func Closers(e *Element, sheets ...*Sheet) []Closer {
	var all []Closer
	component := !boxKinds[e.Kind()] || dialogKinds[e.Kind()]
	for i := range e.Events {
		switch ev := &e.Events[i]; {
		case closeEvents[ev.Name] && (component || ev.Name != "input"):
			all = append(all, Closer{Element: e, Why: CloseEvent, Event: ev})
		case ev.Name == "tap" && ev.Handler != nil && ev.Handler.Kind != code.Undefined:
			all = append(all, Closer{Element: e, Why: CloseMask, Event: ev})
		}
	}
	for i := range e.Attrs {
		a := &e.Attrs[i]
		on, known := e.Says(a.Name)
		switch {
		case component && a.TwoWay && (openAttrs[a.Name] || a.Name == "value"):
			if closes, known := MaskCloses(e); closes || !known {
				all = append(all, Closer{Element: e, Why: CloseAttr, Attr: a})
			}
		case component && closeFlags[a.Name] && (on || !known) && (a.Value != "" || a.Expr != nil || !a.Has):
			all = append(all, Closer{Element: e, Why: CloseAttr, Attr: a})
		}
	}
	if m := Mask(e, sheets...); m != nil {
		if ev, ok := m.tap(); ok {
			all = append(all, Closer{Element: m, Why: CloseMask, Event: ev})
		}
	}
	for d := range e.Descendants() {
		ev, ok := d.tap()
		if !ok || d.isMask(sheets) && d.Parent == e {
			continue
		}
		if _, asks := d.AsksPhone(); asks {
			continue
		}
		if why, ok := d.closing(ev); ok {
			all = append(all, Closer{Element: d, Why: why, Event: ev})
		}
	}
	if p := e.Parent; p != nil { // a cross that hangs below the box
		for d := range p.Elements() {
			if d == e || len(d.Children) > 3 || d.isMask(sheets) {
				continue
			}
			if ev, ok := d.tap(); ok && sameWhen(d, e) {
				if why, ok := d.closing(ev); ok {
					all = append(all, Closer{Element: d, Why: why, Event: ev})
				}
			}
		}
	}
	return all
}

// closing is why a tapped element looks as if it closed something.
func (e *Element) closing(ev *Event) (CloseWhy, bool) {
	words := e.Words()
	for _, w := range noWords {
		if strings.Contains(words, w) && len(words) <= 60 {
			return CloseWords, true
		}
	}
	if words != "" && len(words) <= 24 {
		for _, w := range wordsOf(words) {
			if noEnglish[w] {
				return CloseWords, true
			}
		}
	}
	if bare := strings.TrimSpace(words); bare != "" && strings.Trim(bare, closeMarks+" ") == "" {
		return CloseIcon, true
	}
	if words == "" && e.crossed(2) {
		return CloseIcon, true
	}
	for _, w := range wordsOf(handlerName(ev)) {
		switch w {
		case "close", "hide", "cancel", "dismiss", "guanbi", "quxiao", "later", "skip", "refuse", "reject":
			return CloseName, true
		}
	}
	return "", false
}

// crossed reports whether a class, a picture or an icon is named after closing.
func (e *Element) crossed(depth int) bool {
	for i := range e.Attrs {
		a := &e.Attrs[i]
		switch a.Name {
		case "class", "src", "name", "type", "icon", "id", "customclass", "value":
			for _, s := range append(possibleWords(a.Expr), a.Value) {
				if i := strings.LastIndexByte(s, '/'); i >= 0 {
					s = s[i+1:]
				}
				for _, w := range wordsOf(s) {
					if closeWords[w] && (w != "x" || a.Name == "name") {
						return true
					}
				}
			}
		}
	}
	if depth > 0 {
		for c := range e.Elements() {
			if c.crossed(depth - 1) {
				return true
			}
		}
	}
	return false
}

// handlerName is the name of what a handler calls, "" if it has none.
func handlerName(ev *Event) string {
	if ev == nil || ev.Handler == nil {
		return ""
	}
	v := ev.Handler
	if v.Kind == code.Call && len(v.Args) > 0 {
		return lastName(v.Args[0])
	}
	if v.Kind == code.Function && v.Func != nil && len(v.Func.Ops) == 1 {
		if w := v.Func.Ops[0].Value; w != nil && w.Kind == code.Call && len(w.Args) > 0 {
			return lastName(w.Args[0])
		}
		return ""
	}
	return lastName(v)
}

// MaskCloses is what a dialog component's attributes say about a tap beside it.
// known is false where they say nothing or compute it; most libraries then close.
func MaskCloses(e *Element) (closes, known bool) {
	for i := range e.Attrs {
		if a := &e.Attrs[i]; maskFlags[a.Name] {
			return e.Says(a.Name)
		}
	}
	return false, false
}
