package main

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"clew/browsertest"
	"clew/db"
	"clew/widget"
	"clew/words"
)

// say is a text of the element, of the person's pages or of the console.
func say(lang words.Lang, key string) string {
	if of, ok := strings.CutPrefix(key, "widget."); ok {
		return widget.Words(string(lang))[of]
	}
	return words.T(lang, key)
}

// arrive opens the demo's page and sees that it asks for nothing by itself.
func arrive(t *testing.T, p *platform, screen browsertest.Screen, lang words.Lang) *browsertest.Page {
	t.Helper()
	b := browsertest.Start(t).Page(t, screen)
	b.Goto(p.PageURL + "?lang=" + string(lang))
	d := p.shown(lang)
	b.Until("the trigger", func() bool { return b.Count("@button "+d.TriggerLabel) == 1 })
	if b.Count("@dialog") != 0 || b.Count("input") != 0 {
		t.Fatal("something is open on arrival")
	}
	return b
}

// noticed sees that the sheet says what for, with the whole notice in it, and that
// its box is empty.
func noticed(t *testing.T, b *browsertest.Page, p *platform, lang words.Lang) {
	t.Helper()
	b.See(say(lang, "widget.notice_title"))
	shown := b.Text("dialog")
	// Long sections fold: they are there, one tap away.
	all := browsertest.On[string](b, "dialog", "function() { return this.textContent }")
	for _, s := range p.shown(lang).Notice.Sections {
		if !strings.Contains(shown, s.Title) || !strings.Contains(all, s.Text) {
			t.Errorf("the sheet lacks the section %s", s.ID)
		}
		if s.ID == "purpose" && !strings.Contains(shown, s.Text) {
			t.Error("the sheet does not show what for")
		}
	}
	if browsertest.On[bool](b, "input[type=checkbox]", "function() { return this.checked || this.defaultChecked }") {
		t.Error("the box is ticked beforehand")
	}
}

// atDesk signs somebody in by the demo's link, at a desk.
func atDesk(t *testing.T, p *platform) *browsertest.Page {
	t.Helper()
	b := browsertest.Start(t).Page(t, browsertest.Desktop)
	b.Goto(p.ConsoleLoginURL + "?lang=zh")
	b.Tap("@button " + say(words.ZH, "console.link.go"))
	b.See(say(words.ZH, "console.nav.overview"))
	return b
}

var leadPath = regexp.MustCompile(`^/console/leads/(lead_[0-9a-z]+)$`)

// followUp is the operator's side of one lead, in the browser: masked in the list,
// revealed with a reason, exported, and on the webhook. It gives the lead's id.
func followUp(t *testing.T, p *platform, desk *browsertest.Page, number string) string {
	t.Helper()
	desk.Goto(p.ConsoleURL + "leads")
	desk.See(masked(number))
	if desk.Sees(number) || desk.Sees(grouped(number)) {
		t.Error("the list shows the number")
	}
	desk.Tap("@link " + masked(number))
	// A page that is going away answers no question: first the new one must be here.
	desk.See(say(words.ZH, "console.lead.answers"))
	at := leadPath.FindStringSubmatch(browsertest.Eval[string](desk, "location.pathname"))
	if at == nil {
		t.Fatal("the link leads to no lead")
	}
	id := at[1]
	if desk.Sees(number) || desk.Sees(grouped(number)) {
		t.Error("the lead's page shows the number before anybody asked")
	}
	// Without a reason the browser itself refuses.
	reveal := "form[action$='/reveal'] button"
	desk.Tap(reveal)
	desk.Until("the browser to ask for a reason", func() bool { return strings.HasPrefix(desk.Focus(), "@textbox "+say(words.ZH, "console.reason")) })
	desk.Type("#reveal-reason", "客户约定今天回电")
	desk.Tap(reveal)
	desk.See(grouped(number))

	desk.Goto(p.ConsoleURL + "leads/export")
	file := browsertest.Eval[map[string]string](desk, `(async () => {
		const form = document.querySelector('form[action="/console/leads/export"]')
		const got = await fetch(form.action, {method: form.method, body: new URLSearchParams(new FormData(form))})
		return {kind: got.headers.get('Content-Type'), as: got.headers.get('Content-Disposition'), text: await got.text()} })()`)
	if !strings.HasPrefix(file["kind"], "text/csv") || !strings.HasPrefix(file["as"], "attachment") {
		t.Errorf("the export is %s, %s", file["kind"], file["as"])
	}
	inFile(t, file["text"], id, number)

	created := p.arrived("lead.created", id)
	if strings.Contains(string(created.Body), number) {
		t.Error("the event holds the number")
	}
	desk.Goto(p.WebhookInboxURL)
	desk.See(id)
	return id
}

// inFile sees that an export has the lead with its number masked.
func inFile(t *testing.T, text, id, number string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatalf("the export is no CSV: %v", err)
	}
	for _, row := range rows {
		if line := strings.Join(row, "\x00"); strings.Contains(line, id) {
			if !strings.Contains(line, masked(number)) || strings.Contains(line, number) {
				t.Error("the number in the export is not masked")
			}
			return
		}
	}
	t.Errorf("the export has %d rows, and none of the lead", len(rows))
}

// takeBack is the person's link: withdrawn in two taps, then erased; the operator
// sees both and can reveal no more.
func takeBack(t *testing.T, p *platform, b, desk *browsertest.Page, lang words.Lang, link, id, number string) {
	t.Helper()
	b.Goto(link + "?lang=" + string(lang))
	b.See(masked(number))
	b.Tap("@link " + say(lang, "public.withdraw.act"))
	b.Tap("@button " + say(lang, "public.withdraw.sure"))
	b.See(say(lang, "public.done.withdraw"))

	desk.Goto(p.ConsoleURL + "leads/" + id)
	desk.See(strings.TrimSuffix(say(words.ZH, "console.lead.withdrawn.text"), "。"))
	if desk.Count("form[action$='/reveal']") != 0 {
		t.Error("a withdrawn lead can be revealed")
	}
	p.arrived("consent.withdrawn", id)
	if a := p.call(http.MethodPost, "/v1/leads/"+id+"/reveal", p.APIKey, map[string]string{"reason": "客户约定今天回电"}, nil); a.status != http.StatusForbidden {
		t.Errorf("revealing a withdrawn lead answered %d: %s", a.status, a.body)
	}

	b.Tap("@link " + say(lang, "public.erase.act"))
	b.Tap("@button " + say(lang, "public.erase.sure"))
	b.See(say(lang, "public.done.erase"))
	if b.Sees(masked(number)) {
		t.Error("the person's page shows what was erased")
	}
	p.arrived("lead.erased", id)
	desk.Goto(p.ConsoleURL + "leads/" + id)
	desk.See(say(words.ZH, "console.lead.erased.text"))
}

// receiptOf reads number and link of the receipt that the sheet shows.
func receiptOf(t *testing.T, b *browsertest.Page, lang words.Lang) (link string) {
	t.Helper()
	b.See(say(lang, "widget.receipt_title"))
	if !regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`).MatchString(b.Text("dialog")) {
		t.Error("the receipt shows no number")
	}
	return browsertest.On[string](b, "@link "+say(lang, "widget.manage_link"), "function() { return this.href }")
}

// The main job, with a thumb on a phone: page, sheet, notice, consent, number,
// code, receipt; then the console, the export and the webhook; then all of it
// taken back.
func TestStoryOnAPhone(t *testing.T) {
	t.Parallel()
	for _, lang := range words.Langs() {
		t.Run(string(lang), func(t *testing.T) {
			t.Parallel()
			p := startHere(t, "")
			desk := atDesk(t, p)
			number := newNumber()
			b := arrive(t, p, browsertest.Phone, lang)
			b.Tap("@button " + p.shown(lang).TriggerLabel)
			noticed(t, b, p, lang)
			b.Tap("input[type=checkbox]")
			b.Type("input[type=tel]", number)
			b.Tap("@button " + say(lang, "widget.send_code"))
			code := p.code(number)
			desk.Goto(p.OutboxURL)
			desk.See(code)
			b.Type("@textbox "+say(lang, "widget.code_label"), code)
			b.Tap("@button " + say(lang, "widget.submit"))
			link := receiptOf(t, b, lang)
			b.Tap("@button " + say(lang, "widget.done"))
			b.Gone("@dialog")
			id := followUp(t, p, desk, number)
			for _, r := range b.Requests() {
				if strings.Contains(r.URL, number) {
					t.Error("the number stood in an address")
				}
			}
			takeBack(t, p, b, desk, lang, link, id, number)
			b.Quiet()
			desk.Quiet()
		})
	}
}

// The same with a keyboard and nothing else.
func TestStoryByKeyboard(t *testing.T) {
	t.Parallel()
	p := startHere(t, "")
	number := newNumber()
	b := arrive(t, p, browsertest.Desktop, words.ZH)
	b.TabTo("@button " + p.shown(words.ZH).TriggerLabel)
	b.Press("Enter")
	noticed(t, b, p, words.ZH)
	b.TabTo("@checkbox ")
	b.Press("Space")
	b.TabTo("@textbox 手机号")
	b.Keys(number)
	b.TabTo("@button " + say(words.ZH, "widget.send_code"))
	b.Press("Enter")
	code := p.code(number)
	b.Until("the focus at the code", func() bool { return strings.HasPrefix(b.Focus(), "@textbox "+say(words.ZH, "widget.code_label")) })
	b.Keys(code)
	b.Press("Enter")
	link := receiptOf(t, b, words.ZH)

	b.Goto(link)
	b.TabTo("@link " + say(words.ZH, "public.withdraw.act"))
	b.Press("Enter")
	b.See(say(words.ZH, "public.withdraw.confirm"))
	b.TabTo("@button " + say(words.ZH, "public.withdraw.sure"))
	b.Press("Enter")
	b.See(say(words.ZH, "public.done.withdraw"))
	p.arrived("consent.withdrawn", p.find(number))
	b.Quiet()
}

// The same with script switched off, staff included.
func TestStoryWithoutScript(t *testing.T) {
	t.Parallel()
	p := startHere(t, "")
	number := newNumber()
	desk := browsertest.Start(t).Page(t, browsertest.Desktop)
	desk.NoScript()
	desk.Goto(p.ConsoleLoginURL + "?lang=zh")
	desk.Tap("@button " + say(words.ZH, "console.link.go"))
	desk.See(say(words.ZH, "console.nav.overview"))

	b := browsertest.Start(t).Page(t, browsertest.Phone)
	b.NoScript()
	b.Goto(p.PageURL + "?lang=zh")
	b.Tap("@link " + p.shown(words.ZH).TriggerLabel)
	b.See(say(words.ZH, "public.form.notice"))
	if b.Count("input:checked") != 0 {
		t.Error("a box is ticked beforehand")
	}
	b.Tap("input[type=checkbox]")
	b.Type("#answer-phone", number)
	b.Tap("@button " + say(words.ZH, "public.code.ask"))
	b.See(say(words.ZH, "public.code.sent"))
	code := p.code(number)
	desk.Goto(p.OutboxURL)
	desk.See(code)
	b.Type("#code", code)
	b.Press("Enter")
	b.See(say(words.ZH, "public.new.title"))
	link, _, _ := strings.Cut(browsertest.Eval[string](b, "location.href"), "?")
	id := followUp(t, p, desk, number)
	takeBack(t, p, b, desk, words.ZH, link, id, number)
	b.Quiet()
	desk.Quiet()
}

// The whole story as programs live it, on both engines.
func TestStoryOverHTTP(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, p *platform) {
		number := newNumber()
		desk := p.signIn(p.ConsoleLoginURL)
		sent := p.prove(agree(p.shown(words.ZH), number), number)
		if a := desk.get(p.OutboxURL); !strings.Contains(a.body, sent.Code) {
			t.Error("the outbox page does not show the code")
		}
		key := db.NewID("key")
		first, again := p.submit(sent, key), p.submit(sent, key)
		var r receipt
		if err := json.Unmarshal([]byte(first.body), &r); err != nil || first.status != http.StatusCreated {
			t.Fatalf("not stored: %d %s", first.status, first.body)
		}
		if again.status != first.status || again.body != first.body {
			t.Errorf("the same key was answered %d %s, before %d %s", again.status, again.body, first.status, first.body)
		}
		id := p.find(number)
		p.arrived("lead.created", id)
		if a := desk.get("/console/leads"); !strings.Contains(a.body, masked(number)) || strings.Contains(a.body, number) {
			t.Error("the list does not show the number masked")
		}
		at := "/console/leads/" + id
		if a := desk.post(at+"/reveal", url.Values{"field": {"phone"}, "reason": {"客户约定今天回电"}}); !strings.Contains(a.body, grouped(number)) {
			t.Errorf("revealing answered %d without the number", a.status)
		}
		inFile(t, desk.post("/console/leads/export", url.Values{"what": {"masked"}}).body, id, number)
		// The receiver's own way to the answers: fetch by id, with a key and a reason.
		var opened struct{ Answers map[string]string }
		p.call(http.MethodPost, "/v1/leads/"+id+"/reveal", p.APIKey, map[string]string{"reason": "同步到客户系统"}, &opened)
		if opened.Answers["phone"] != "+86"+number || opened.Answers["name"] != "王女士" {
			t.Errorf("the answers are %d", len(opened.Answers))
		}

		link := strings.TrimPrefix(r.Receipt.URL, p.URL)
		if a := p.get(link); a.status != http.StatusOK || !strings.Contains(a.body, masked(number)) || strings.Contains(a.body, number) {
			t.Errorf("the person's page answered %d", a.status)
		}
		if a := p.do(nil, p.form(link+"/withdraw", nil)); a.status != http.StatusSeeOther {
			t.Errorf("withdraw answered %d", a.status)
		}
		p.arrived("consent.withdrawn", id)
		if a := desk.post(at+"/reveal", url.Values{"field": {"phone"}, "reason": {"客户约定今天回电"}}); a.status != http.StatusForbidden || strings.Contains(a.body, grouped(number)) {
			t.Errorf("revealing a withdrawn lead answered %d", a.status)
		}
		if a := p.do(nil, p.form(link+"/erase", nil)); a.status != http.StatusSeeOther {
			t.Errorf("erase answered %d", a.status)
		}
		p.arrived("lead.erased", id)
		if a := p.get(link); a.status != http.StatusOK || strings.Contains(a.body, masked(number)) {
			t.Errorf("the person's page answered %d after erasing", a.status)
		}
		for _, e := range []string{"lead.created", "consent.withdrawn", "lead.erased"} {
			if got := p.arrived(e, id); got.Times != 1 || time.Since(got.Sent) > time.Hour {
				t.Errorf("%s came %d times, sent %v", e, got.Times, got.Sent)
			}
		}
	})
}
