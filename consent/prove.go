package consent

import (
	"bytes"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"
)

// Gesture kinds.
const (
	KindTap   = "tap"
	KindClick = "click"
	KindKey   = "key"
	KindLink  = "link" // script off: the signed link was followed
)

// Codes of [Unproven]: stable, for machines and for the words of the edge.
const (
	ConsentMissing = "consent_missing"
	ConsentRefused = "consent_refused"
	ChoiceUnknown  = "choice_unknown"
	NoticeStale    = "notice_stale"
	GestureMissing = "gesture_missing"
	GestureOrder   = "gesture_order"
	BoxPreticked   = "box_preticked"
)

const (
	maxChoices = 32
	maxTrigger = 120 // characters
)

// Act is what the page says the person did: the notice they had before them, what
// they chose, and the gesture that opened the form.
type Act struct {
	NoticeVersion int      `json:"notice_version"`
	NoticeHash    string   `json:"notice_hash"`
	Choices       []Choice `json:"choices"`
	Gesture       Gesture  `json:"gesture"`
}

// Choice is one box: a consent of its own (PIPL 14, 23).
type Choice struct {
	ID       string `json:"id"`
	Accepted bool   `json:"accepted"`
}

// Gesture is how the form was opened and the box ticked. Its instants are the
// page's clock, in milliseconds: evidence, never the record's time.
type Gesture struct {
	// Kind is tap, click, key or link.
	Kind string `json:"kind,omitempty"`
	// Trigger names the element that was touched, at most 120 characters.
	Trigger string `json:"trigger,omitempty"`
	// Trusted is Event.isTrusted: a script cannot make it true. Where Host is set there
	// is no such thing; it then says that the framework's own tap event, with its time,
	// came from the view and was not called.
	Trusted bool `json:"trusted,omitempty"`
	// Host is the mini-program platform whose framework told of the tap; empty in a
	// browser. Where the number came by a grant it is that platform's, by our own word.
	Host     string `json:"host,omitempty" enum:"douyin,wechat,alipay" doc:"only from a mini-program: whose"`
	OpenedAt int64  `json:"opened_at,omitempty"`
	TickedAt int64  `json:"ticked_at,omitempty"`
	// BoxDefault is the state of the consent box at first paint; true is refused.
	BoxDefault bool `json:"box_default,omitempty"`
	// Viewport is "390x844" in CSS pixels, or empty.
	Viewport string `json:"viewport,omitempty"`
}

// Unproven says why an act is no consent. Code is stable; Error is for developers.
type Unproven struct {
	Code string
	// Why is one English phrase that says how to put it right.
	Why string
}

func (u *Unproven) Error() string {
	if u.Why == "" {
		return "consent not proven: " + u.Code
	}
	return "consent not proven: " + u.Code + ": " + u.Why
}

func unproven(code, why string) error { return &Unproven{Code: code, Why: why} }

// Prove reports whether act is consent to notice, given on form, to every choice in
// required; optional choices may be false or absent. form must come from
// [OpenForm] and now from the server. The error is an [*Unproven].
//
// The first of these that fails is reported: a choice was made at all; the text was
// this text; every choice is known and made once; the required ones are true;
// the box began empty; a gesture opened the form; its instants are in order.
func Prove(act Act, form Form, notice Notice, required, optional []string, now time.Time) error {
	if len(act.Choices) == 0 || len(required) == 0 {
		return unproven(ConsentMissing, "send the choice the person made for each consent box")
	}
	if act.NoticeVersion != notice.Version || act.NoticeHash != notice.Hash ||
		form.Version != notice.Version || form.NoticeHash != notice.Hash ||
		form.Component != notice.Component || form.Lang != notice.Lang {
		return unproven(NoticeStale, "the notice changed or is another one; show the current notice and ask again")
	}
	if err := proveChoices(act.Choices, required, optional); err != nil {
		return err
	}
	if act.Gesture.BoxDefault {
		return unproven(BoxPreticked, "the consent box must be empty when it is first shown")
	}
	return proveGesture(act.Gesture, form, now)
}

func proveChoices(choices []Choice, required, optional []string) error {
	if len(choices) > maxChoices {
		return unproven(ChoiceUnknown, "there are more choices than boxes")
	}
	accepted := make(map[string]bool, len(choices))
	for _, c := range choices {
		if !slices.Contains(required, c.ID) && !slices.Contains(optional, c.ID) {
			return unproven(ChoiceUnknown, "a choice is not one this component asks for")
		}
		if _, twice := accepted[c.ID]; twice {
			return unproven(ChoiceUnknown, "a choice is made twice")
		}
		accepted[c.ID] = c.Accepted
	}
	for _, id := range required {
		if !accepted[id] {
			return unproven(ConsentRefused, "a consent this component needs was not given; send a refusal instead")
		}
	}
	return nil
}

// hosts are the mini-program platforms a gesture may name.
var hosts = []string{"douyin", "wechat", "alipay"}

func proveGesture(g Gesture, form Form, now time.Time) error {
	if !plainText(g.Trigger, maxTrigger) || !viewportShape(g.Viewport) {
		return unproven(GestureMissing, "trigger must be a short name and viewport WIDTHxHEIGHT")
	}
	if g.Host != "" && (g.Kind != KindTap || form.Via == ViaPage || !slices.Contains(hosts, g.Host)) {
		return unproven(GestureMissing, `a mini-program's form opens on a "tap", and host is one of those documented`)
	}
	if form.Via == ViaPage {
		switch {
		case g.Kind != "" && g.Kind != KindLink:
			return unproven(GestureMissing, `a page reached by its link has the gesture "link"`)
		case form.TriggeredAt <= 0:
			return unproven(GestureMissing, "follow the signed trigger link first")
		case fromFuture(form.TriggeredAt, now), form.TriggeredAt > form.IssuedAt:
			return unproven(GestureOrder, "the trigger link was followed after its form was made")
		}
		return nil
	}
	switch {
	case g.Kind != KindTap && g.Kind != KindClick && g.Kind != KindKey:
		return unproven(GestureMissing, "the sheet opens on a tap, a click or a key; say which")
	case !g.Trusted:
		return unproven(GestureMissing, "the gesture was not the person's own (isTrusted is false)")
	case g.Trigger == "" || g.OpenedAt <= 0 || g.TickedAt <= 0:
		return unproven(GestureMissing, "say which trigger opened the sheet, when, and when the box was ticked")
	case g.TickedAt < g.OpenedAt:
		return unproven(GestureOrder, "the box was ticked before the sheet was opened")
	case g.OpenedAt < form.IssuedAt-Skew.Milliseconds():
		return unproven(GestureOrder, "the sheet was opened before its form was made; the device's clock may be wrong")
	case fromFuture(g.TickedAt, now):
		return unproven(GestureOrder, "the box was ticked in the future; the device's clock may be wrong")
	}
	return nil
}

// plainText reports whether s is UTF-8 of at most n characters, none of which
// moves a cursor or hides.
func plainText(s string, n int) bool {
	if len(s) > n*utf8.UTFMax || !utf8.ValidString(s) || utf8.RuneCountInString(s) > n {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return false
		}
	}
	return true
}

// viewportShape accepts "" and 1 to 5 digits, "x", 1 to 5 digits: short enough that
// nothing else can be kept there.
func viewportShape(s string) bool {
	if s == "" {
		return true
	}
	w, h, ok := bytes.Cut([]byte(s), []byte("x"))
	side := func(b []byte) bool {
		return len(b) >= 1 && len(b) <= 5 && !bytes.ContainsFunc(b, func(r rune) bool { return r < '0' || r > '9' })
	}
	return ok && side(w) && side(h)
}
