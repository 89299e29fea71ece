package consent

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"clew/db/dbtest"
	"clew/seal"
	"clew/words"
)

func TestProve(t *testing.T) {
	now := dbtest.Start
	type given struct {
		act                Act
		form               Form
		notice             Notice
		required, optional []string
	}
	page := func(g *given) {
		g.form.Via, g.form.TriggeredAt = ViaPage, g.form.IssuedAt
		g.act.Gesture = Gesture{Kind: KindLink}
	}
	for _, c := range []struct {
		name string
		turn func(*given)
		want string // "" is proved
	}{
		{"as it should be", func(*given) {}, ""},
		{"optional accepted too", func(g *given) { g.act.Choices[1].Accepted = true }, ""},
		{"optional absent", func(g *given) { g.act.Choices = g.act.Choices[:1] }, ""},
		{"a click", func(g *given) { g.act.Gesture.Kind = KindClick }, ""},
		{"a key", func(g *given) { g.act.Gesture.Kind = KindKey }, ""},
		{"no viewport", func(g *given) { g.act.Gesture.Viewport = "" }, ""},
		{"page by link", page, ""},
		{"page without gesture", func(g *given) { page(g); g.act.Gesture = Gesture{} }, ""},
		{"device clock 4 minutes fast", func(g *given) {
			g.act.Gesture.OpenedAt += 4 * 60e3
			g.act.Gesture.TickedAt += 4 * 60e3
		}, ""},
		{"device clock 4 minutes slow", func(g *given) {
			g.act.Gesture.OpenedAt -= 4 * 60e3
			g.act.Gesture.TickedAt -= 4 * 60e3
		}, ""},

		{"nothing at all", func(g *given) { g.act = Act{} }, ConsentMissing},
		{"no choices", func(g *given) { g.act.Choices = nil }, ConsentMissing},
		{"component that asks for no consent", func(g *given) { g.required = nil }, ConsentMissing},

		{"required false", func(g *given) { g.act.Choices[0].Accepted = false }, ConsentRefused},
		{"required absent", func(g *given) { g.act.Choices = g.act.Choices[1:] }, ConsentRefused},
		{"second required absent", func(g *given) { g.required = append(g.required, "share") }, ConsentRefused},

		{"unknown choice", func(g *given) { g.act.Choices = append(g.act.Choices, Choice{"login", true}) }, ChoiceUnknown},
		{"choice made twice", func(g *given) { g.act.Choices = append(g.act.Choices, Choice{"contact", false}) }, ChoiceUnknown},
		{"endless choices", func(g *given) { g.act.Choices = make([]Choice, 33) }, ChoiceUnknown},

		{"older version", func(g *given) { g.act.NoticeVersion = 2 }, NoticeStale},
		{"other text", func(g *given) { g.act.NoticeHash = HashText("x") }, NoticeStale},
		{"form of an older version", func(g *given) { g.form.Version = 2 }, NoticeStale},
		{"form of other text", func(g *given) { g.form.NoticeHash = HashText("x") }, NoticeStale},
		{"form of another component", func(g *given) { g.form.Component = "component_b" }, NoticeStale},
		{"form in another language", func(g *given) { g.form.Lang = words.EN }, NoticeStale},
		{"newer notice", func(g *given) { g.notice = NewNotice("op_a", "component_a", 4, words.ZH, text+"新") }, NoticeStale},
		{"no notice", func(g *given) { g.notice = Notice{} }, NoticeStale},

		{"no gesture", func(g *given) { g.act.Gesture = Gesture{} }, GestureMissing},
		{"unknown kind", func(g *given) { g.act.Gesture.Kind = "hover" }, GestureMissing},
		{"link on a sheet", func(g *given) { g.act.Gesture.Kind = KindLink }, GestureMissing},
		{"made by a script", func(g *given) { g.act.Gesture.Trusted = false }, GestureMissing},
		{"no trigger", func(g *given) { g.act.Gesture.Trigger = "" }, GestureMissing},
		{"trigger that hides", func(g *given) { g.act.Gesture.Trigger = "a\u202eb" }, GestureMissing},
		{"trigger that is a book", func(g *given) { g.act.Gesture.Trigger = strings.Repeat("线", 121) }, GestureMissing},
		{"not opened", func(g *given) { g.act.Gesture.OpenedAt = 0 }, GestureMissing},
		{"not ticked", func(g *given) { g.act.Gesture.TickedAt = 0 }, GestureMissing},
		{"viewport that is a letter", func(g *given) { g.act.Gesture.Viewport = "390x844; agent" }, GestureMissing},
		{"viewport of digits only", func(g *given) { g.act.Gesture.Viewport = "123456x1" }, GestureMissing},
		{"page by tap", func(g *given) { page(g); g.act.Gesture.Kind = KindTap }, GestureMissing},
		{"page without followed link", func(g *given) { page(g); g.form.TriggeredAt = 0 }, GestureMissing},

		{"ticked before opened", func(g *given) { g.act.Gesture.TickedAt = g.act.Gesture.OpenedAt - 1 }, GestureOrder},
		{"opened before the form was made", func(g *given) { g.act.Gesture.OpenedAt = g.form.IssuedAt - Skew.Milliseconds() - 1 }, GestureOrder},
		{"ticked in the future", func(g *given) { g.act.Gesture.TickedAt = now.Add(time.Minute + Skew + 1e6).UnixMilli() }, GestureOrder},
		{"link followed in the future", func(g *given) {
			page(g)
			g.form.TriggeredAt = now.Add(time.Hour).UnixMilli()
		}, GestureOrder},
		{"link followed after its form", func(g *given) { page(g); g.form.TriggeredAt++ }, GestureOrder},

		{"box ticked from the start", func(g *given) { g.act.Gesture.BoxDefault = true }, BoxPreticked},
		{"box ticked from the start, page", func(g *given) { page(g); g.act.Gesture.BoxDefault = true }, BoxPreticked},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := given{testAct(now), testForm(now), testNotice(), []string{"contact"}, []string{"partner"}}
			c.turn(&g)
			err := Prove(g.act, g.form, g.notice, g.required, g.optional, now.Add(time.Minute))
			var u *Unproven
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (!errors.As(err, &u) || u.Code != c.want || u.Why == ""):
				t.Errorf("error %v, want code %s", err, c.want)
			}
		})
	}
}

// The names are the wire's: pages that are out there send them.
func TestActKeepsItsNames(t *testing.T) {
	good, err := json.Marshal(testAct(dbtest.Start))
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"notice_version", "notice_hash", "choices", "accepted", "gesture", "kind", "trigger", "trusted", "opened_at", "ticked_at", "viewport"} {
		if !strings.Contains(string(good), `"`+member+`"`) {
			t.Errorf("%s is missing from %s", member, good)
		}
	}
}

func TestFormTokens(t *testing.T) {
	ring, now := seal.TestRing(t), dbtest.Start
	f := testForm(now)
	f.Nonce, f.Test = "", true
	token, err := IssueForm(ring, f, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenForm(ring, token, now.Add(FormLife-time.Second))
	if err != nil || got.Nonce == "" {
		t.Fatalf("%+v, %v", got, err)
	}
	got.Nonce = ""
	if got != f {
		t.Errorf("got %+v, want %+v", got, f)
	}
	again, err := IssueForm(ring, f, 0)
	if err != nil || again == token {
		t.Errorf("two forms are the same (%v)", err)
	}
	trigger, err := IssueTrigger(ring, Trigger{Component: "component_a", Version: 3, NoticeHash: f.NoticeHash, Lang: words.ZH, IssuedAt: now.UnixMilli(), Trigger: "link"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token string
		at    time.Time
		want  error
	}{
		"two hours later":          {token, now.Add(FormLife), seal.ErrTokenExpired},
		"clock went back":          {token, now.Add(-time.Hour), seal.ErrTokenExpired},
		"changed":                  {token[:40] + "A" + token[41:], now, seal.ErrToken},
		"nothing":                  {"", now, seal.ErrToken},
		"a trigger is no form":     {trigger, now, seal.ErrToken},
		"another installation's":   {mustForm(t, seal.TestRing(t), f), now, seal.ErrToken},
		"lives no longer than 2 h": {mustIssue(t, ring, f, 48*time.Hour), now.Add(FormLife), seal.ErrTokenExpired},
		"lives as short as asked":  {mustIssue(t, ring, f, time.Minute), now.Add(time.Minute), seal.ErrTokenExpired},
		"signed but not a form":    {signed(t, ring, formPurpose, map[string]any{"c": "x"}, now), now, seal.ErrToken},
		"signed, odd via":          {signed(t, ring, formPurpose, Form{Component: "c", Version: 1, NoticeHash: "h", Lang: "zh", IssuedAt: 1, Via: "popup"}, now), now, seal.ErrToken},
	} {
		if f, err := OpenForm(ring, c.token, c.at); !errors.Is(err, c.want) || f != (Form{}) {
			t.Errorf("%s: %+v, %v; want %v", name, f, err, c.want)
		}
	}
	for name, turn := range map[string]func(*Form){
		"component": func(f *Form) { f.Component = "" }, "version": func(f *Form) { f.Version = 0 },
		"hash": func(f *Form) { f.NoticeHash = "" }, "lang": func(f *Form) { f.Lang = "" },
		"instant": func(f *Form) { f.IssuedAt = 0 }, "via": func(f *Form) { f.Via = "" },
		"link not followed": func(f *Form) { f.Via = ViaPage },
	} {
		bad := f
		turn(&bad)
		if token, err := IssueForm(ring, bad, 0); err == nil {
			t.Errorf("%s: issued %q", name, token)
		}
	}
}

func TestFollowingTheLinkIsTheGesture(t *testing.T) {
	ring, shown := seal.TestRing(t), dbtest.Start
	token, err := IssueTrigger(ring, Trigger{Component: "component_a", Version: 3, NoticeHash: HashText(text), Lang: words.ZH, IssuedAt: shown.UnixMilli(), Trigger: "link"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	followed := shown.Add(3 * time.Hour)
	tr, err := OpenTrigger(ring, token, followed)
	if err != nil {
		t.Fatal(err)
	}
	form, err := IssueForm(ring, tr.Follow(followed), 0)
	if err != nil {
		t.Fatal(err)
	}
	submitted := followed.Add(time.Hour)
	f, err := OpenForm(ring, form, submitted)
	if err != nil || f.Via != ViaPage || f.TriggeredAt != followed.UnixMilli() || f.Trigger != "link" {
		t.Fatalf("%+v, %v", f, err)
	}
	act := Act{NoticeVersion: 3, NoticeHash: HashText(text), Choices: []Choice{{"contact", true}}}
	if err := Prove(act, f, testNotice(), []string{"contact"}, nil, submitted); err != nil {
		t.Error(err)
	}
	r := NewReceipt(Receipt{Form: f, Gesture: act.Gesture})
	if r.Gesture.Kind != KindLink {
		t.Errorf("receipt says %q", r.Gesture.Kind)
	}
	for name, at := range map[string]time.Time{"a day later": shown.Add(TriggerLife), "clock went back": shown.Add(-time.Hour)} {
		if _, err := OpenTrigger(ring, token, at); !errors.Is(err, seal.ErrTokenExpired) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenTrigger(ring, form, followed); !errors.Is(err, seal.ErrToken) {
		t.Errorf("a form opened as trigger: %v", err)
	}
	if _, err := OpenTrigger(ring, signed(t, ring, triggerPurpose, map[string]any{}, shown), shown); !errors.Is(err, seal.ErrToken) {
		t.Errorf("an empty trigger opened: %v", err)
	}
	if _, err := IssueTrigger(ring, Trigger{}, 0); err == nil {
		t.Error("an empty trigger was issued")
	}
}

func mustForm(t *testing.T, ring *seal.Ring, f Form) string { return mustIssue(t, ring, f, 0) }

func mustIssue(t *testing.T, ring *seal.Ring, f Form, ttl time.Duration) string {
	t.Helper()
	token, err := IssueForm(ring, f, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func signed(t *testing.T, ring *seal.Ring, purpose string, claims any, now time.Time) string {
	t.Helper()
	token, err := ring.SignToken(purpose, claims, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return token
}
