package consent

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"clew/seal"
	"clew/words"
)

// How a person reached the form.
const (
	ViaSheet = "sheet" // script on: a trusted gesture opened the sheet
	ViaPage  = "page"  // script off: a signed link was followed
)

const (
	// FormLife is how long a form may stay open before it must be asked for anew.
	FormLife = 2 * time.Hour
	// TriggerLife is how long a page's signed trigger link can be followed.
	TriggerLife = 24 * time.Hour
	// Skew is how far two honest clocks may differ.
	Skew = 5 * time.Minute
)

// Purposes of the signatures: a token of one kind never opens as the other.
const (
	formPurpose    = "consent form"
	triggerPurpose = "consent trigger"
)

// Form is what the server remembers of the page it made: which component and
// text, when, and how it was reached. It travels in the page, signed, so that
// showing a form costs no row.
type Form struct {
	Component string `json:"c"`
	// Version is the component's published version; the notice has the same one.
	Version    int        `json:"v"`
	NoticeHash string     `json:"h"`
	Lang       words.Lang `json:"l"`
	// IssuedAt is the server's instant, in milliseconds.
	IssuedAt int64 `json:"i"`
	// Via is [ViaSheet] or [ViaPage].
	Via string `json:"w"`
	// Nonce makes every form different; [IssueForm] fills an empty one.
	Nonce string `json:"n"`
	// Trigger names the trigger that was followed, for [ViaPage].
	Trigger string `json:"t,omitempty"`
	// Test marks everything that comes of this form as a test.
	Test bool `json:"x,omitempty"`
	// TriggeredAt is the server's instant at which the trigger link was followed, in
	// milliseconds: the gesture proof of [ViaPage]. Zero for [ViaSheet].
	TriggeredAt int64 `json:"f,omitempty"`
}

// Trigger is the signed claim inside the link that stands for the trigger where
// script is off. The page must carry it in the link and nowhere else.
type Trigger struct {
	Component  string     `json:"c"`
	Version    int        `json:"v"`
	NoticeHash string     `json:"h"`
	Lang       words.Lang `json:"l"`
	// IssuedAt is when the page with the link was made, in milliseconds.
	IssuedAt int64  `json:"i"`
	Nonce    string `json:"n"`
	// Trigger names the link, as [Gesture].Trigger does.
	Trigger string `json:"t"`
	Test    bool   `json:"x,omitempty"`
}

// Follow is the form that following the link gives. now is the server's.
func (t Trigger) Follow(now time.Time) Form {
	return Form{
		Component: t.Component, Version: t.Version, NoticeHash: t.NoticeHash, Lang: t.Lang,
		IssuedAt: now.UnixMilli(), Via: ViaPage, Nonce: newNonce(), Trigger: t.Trigger, Test: t.Test,
		TriggeredAt: now.UnixMilli(),
	}
}

// IssueForm signs f. It ends ttl after f.IssuedAt; zero or more than [FormLife]
// means FormLife.
func IssueForm(ring *seal.Ring, f Form, ttl time.Duration) (string, error) {
	if f.Nonce == "" {
		f.Nonce = newNonce()
	}
	if err := f.check(); err != nil {
		return "", fmt.Errorf("issue form: %w", err)
	}
	if ttl <= 0 || ttl > FormLife {
		ttl = FormLife
	}
	return ring.SignToken(formPurpose, f, time.UnixMilli(f.IssuedAt).Add(ttl))
}

// OpenForm reads a form token back. The error wraps [seal.ErrToken] for anything
// we did not sign and [seal.ErrTokenExpired] for a form that must be asked for
// anew, which includes one from the future: the clock went back meanwhile.
func OpenForm(ring *seal.Ring, token string, now time.Time) (Form, error) {
	var f Form
	if err := ring.OpenToken(formPurpose, token, now, &f); err != nil {
		return Form{}, fmt.Errorf("form token: %w", err)
	}
	if err := f.check(); err != nil {
		return Form{}, fmt.Errorf("form token: %w: %w", seal.ErrToken, err)
	}
	if fromFuture(f.IssuedAt, now) {
		return Form{}, fmt.Errorf("form token: issued in the future: %w", seal.ErrTokenExpired)
	}
	return f, nil
}

// IssueTrigger signs t for the link of a page; zero or more than [TriggerLife]
// means TriggerLife.
func IssueTrigger(ring *seal.Ring, t Trigger, ttl time.Duration) (string, error) {
	if t.Nonce == "" {
		t.Nonce = newNonce()
	}
	if err := t.Follow(time.UnixMilli(t.IssuedAt)).check(); err != nil {
		return "", fmt.Errorf("issue trigger: %w", err)
	}
	if ttl <= 0 || ttl > TriggerLife {
		ttl = TriggerLife
	}
	return ring.SignToken(triggerPurpose, t, time.UnixMilli(t.IssuedAt).Add(ttl))
}

// OpenTrigger reads a trigger link's token back; errors as [OpenForm].
func OpenTrigger(ring *seal.Ring, token string, now time.Time) (Trigger, error) {
	var t Trigger
	if err := ring.OpenToken(triggerPurpose, token, now, &t); err != nil {
		return Trigger{}, fmt.Errorf("trigger token: %w", err)
	}
	if err := t.Follow(now).check(); err != nil {
		return Trigger{}, fmt.Errorf("trigger token: %w: %w", seal.ErrToken, err)
	}
	if fromFuture(t.IssuedAt, now) {
		return Trigger{}, fmt.Errorf("trigger token: issued in the future: %w", seal.ErrTokenExpired)
	}
	return t, nil
}

func (f Form) check() error {
	switch {
	case f.Component == "":
		return errors.New("form without component")
	case f.Version < 1:
		return errors.New("form without component version")
	case f.NoticeHash == "":
		return errors.New("form without notice hash")
	case f.Lang == "":
		return errors.New("form without language")
	case f.IssuedAt <= 0:
		return errors.New("form without instant")
	case f.Via != ViaSheet && f.Via != ViaPage:
		return errors.New(`form must say how it was reached: "sheet" or "page"`)
	case f.Via == ViaPage && (f.TriggeredAt <= 0 || f.TriggeredAt > f.IssuedAt):
		return errors.New("form of a page must say when its link was followed")
	case !plainText(f.Trigger, maxTrigger):
		return errors.New("form's trigger is too long or has control characters")
	}
	return nil
}

func fromFuture(ms int64, now time.Time) bool { return ms > now.Add(Skew).UnixMilli() }

// newNonce is 96 random bits, base64url.
func newNonce() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(b[:])
}
