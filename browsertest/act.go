package browsertest

import (
	"strings"
	"time"
	"unicode"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
)

// spot is where to touch an element. Why is empty when it may be touched: it is
// on the screen and nothing else would get the touch.
type spot struct {
	X, Y float64
	Why  string
}

// aim scrolls the element into view and finds the middle of its first box.
const aim = `function() {
	const hit = (x, y) => {
		let el = document.elementFromPoint(x, y), next
		while (el) {
			if (el === this || this.contains(el) || (el.contains(this) && el.matches('label,a,button,summary'))) return ''
			// Elements of a closed root hide behind their host: look from the element's own root.
			const root = this.getRootNode()
			next = root.host === el || root.host?.contains(el) ? root.elementFromPoint(x, y) : null
			if (!next || next === el) break
			el = next
		}
		return el ? 'covered by ' + el.localName + (el.id ? '#' + el.id : '') : 'outside the screen'
	}
	const look = () => {
		const r = this.getClientRects()[0]
		if (!r) return {X: 0, Y: 0, Why: 'not shown'}
		const x = r.x + r.width / 2, y = r.y + r.height / 2
		return {X: x, Y: y, Why: hit(x, y)}
	}
	let found = look()
	if (found.Why) { this.scrollIntoView({block: 'center', behavior: 'instant'}); found = look() }
	return found
}`

// where waits until the element at the locator can be touched and stands still.
func (p *Page) where(at string) spot {
	p.t.Helper()
	defer p.release()
	var now, before spot
	p.Until(at+" to be touchable", func() bool {
		before = now
		found := p.all(at)
		if len(found) == 0 {
			now.Why = "not found"
			return false
		}
		got, err := ask(p, runtime.CallFunctionOn, runtime.CallFunctionOnParams{FunctionDeclaration: aim, ObjectID: found[0], ReturnByValue: new(true)})
		if err != nil {
			now.Why = "gone"
			return false
		}
		now = decode[spot](p, got.Result, got.ExceptionDetails)
		return now.Why == "" && now == before
	})
	return now
}

// Tap touches the element at the locator on a phone, and clicks it elsewhere.
func (p *Page) Tap(at string) {
	p.t.Helper()
	s := p.where(at)
	p.TapXY(s.X, s.Y)
}

// TapXY taps, or clicks, a place of the screen, in CSS pixels.
func (p *Page) TapXY(x, y float64) {
	p.t.Helper()
	if p.screen.Touch {
		p.must("tap", chromedp.Do(p.ctx, chromedp.TapXY(x, y)))
		return
	}
	p.must("click", chromedp.Do(p.ctx, chromedp.MouseClickXY(x, y)))
}

// DoubleTap taps the element twice as fast as the browser takes it: two
// gestures, with no wait for what the first one did.
func (p *Page) DoubleTap(at string) {
	p.t.Helper()
	s := p.where(at)
	p.TapXY(s.X, s.Y)
	p.TapXY(s.X, s.Y)
}

// Type focuses the input at the locator by touch and presses the keys of text;
// characters no key has arrive as from an input method.
func (p *Page) Type(at, text string) {
	p.t.Helper()
	p.Tap(at)
	p.Keys(text)
}

// Fill is Type after emptying the input.
func (p *Page) Fill(at, text string) {
	p.t.Helper()
	p.Tap(at)
	On[bool](p, at, "function() { this.select(); return true }")
	p.Press("Backspace")
	p.Keys(text)
}

// Keys presses the keys of text, wherever the focus is.
func (p *Page) Keys(text string) {
	p.t.Helper()
	for _, r := range text {
		if r <= unicode.MaxASCII {
			p.must("type", chromedp.Do(p.ctx, chromedp.KeyEvent(string(r))))
			continue
		}
		call(p, "type", input.InsertText, input.InsertTextParams{Text: string(r)})
	}
}

// Paste puts text at the caret in one piece, as pasting or one-time-code
// autofill does.
func (p *Page) Paste(text string) {
	p.t.Helper()
	call(p, "paste", input.InsertText, input.InsertTextParams{Text: text})
}

// Press presses one key by its name in the DOM: "Tab", "Shift+Tab", "Enter",
// "Escape", "Space", "Backspace", "ArrowDown" …
func (p *Page) Press(key string) {
	p.t.Helper()
	name, shift := strings.CutPrefix(key, "Shift+")
	keys := map[string]string{
		"Tab": kb.Tab, "Enter": kb.Enter, "Escape": kb.Escape, "Space": " ", "Backspace": kb.Backspace,
		"ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp, "ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight,
		"Home": kb.Home, "End": kb.End, "PageDown": kb.PageDown, "PageUp": kb.PageUp,
	}
	code, ok := keys[name]
	if !ok {
		p.t.Fatalf("browser: no key is called %q", key)
	}
	var options []chromedp.KeyOption
	if shift {
		options = append(options, chromedp.KeyModifiers(kb.ModifierShift))
	}
	p.must("press "+key, chromedp.Do(p.ctx, chromedp.KeyEvent(code, options...)))
}

// TabTo presses Tab until the focus is at "@role name", exactly as [Page.Focus]
// gives it, or with a name that contains the one wanted.
func (p *Page) TabTo(at string) {
	p.t.Helper()
	role, name, _ := strings.Cut(at, " ")
	var went []string
	for end := time.Now().Add(Patience); time.Now().Before(end) && len(went) < 100; {
		p.Press("Tab")
		focus := p.Focus()
		hasRole, hasName, _ := strings.Cut(focus, " ")
		if hasRole == role && strings.Contains(hasName, name) {
			return
		}
		went = append(went, focus)
	}
	p.t.Fatalf("browser: Tab never reached %s; it went %s", at, strings.Join(went, " → "))
}
