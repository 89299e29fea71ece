package public

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"clew/component"
	"clew/consent"
	"clew/lead"
	"clew/phone"
	"clew/rights"
	"clew/web"
	"clew/words"
)

// chinaTime is the clock on people's walls; the norm's people have one zone.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

func day(lang words.Lang, t time.Time) string {
	if t = t.In(chinaTime); lang == words.EN {
		return t.Format("2 January 2006")
	}
	return t.Format("2006年1月2日")
}

func instant(lang words.Lang, t time.Time) string {
	if t = t.In(chinaTime); lang == words.EN {
		return t.Format("2 January 2006, 15:04 (UTC+8)")
	}
	return t.Format("2006年1月2日 15:04（北京时间）")
}

// speaks is the language a person's page is in: the one asked for, else the one
// they were asked in.
func speaks(r *http.Request, receipt consent.Receipt) words.Lang {
	if l := words.Lang(r.URL.Query().Get("lang")); l.Valid() {
		return l
	}
	return receipt.Lang
}

// opened is a view with what every page about it needs.
type opened struct {
	rights.View
	lang  words.Lang // of the page
	text  component.Texts
	state string
	frame frame
}

func (p *Pages) open(r *http.Request) (opened, error) {
	v, err := p.Rights.Open(r.Context(), r.PathValue("link"))
	if err != nil {
		return opened{}, err
	}
	o := opened{View: v, lang: speaks(r, v.Receipt), state: stateGiven}
	o.text = v.Version.Definition.Texts[v.Version.Definition.Speaks(o.lang)]
	switch {
	case !v.Standing.ErasedAt.IsZero():
		o.state = stateErased
	case !v.Standing.WithdrawnAt.IsZero():
		o.state = stateWithdrawn
	}
	o.frame = p.frame(r, o.lang, words.Langs())
	o.frame.Brand, o.frame.Home = o.text.Operator, ""
	o.frame.Test, o.frame.Private = v.Receipt.Test, true
	return o, nil
}

func (p *Pages) person(w http.ResponseWriter, r *http.Request) error {
	o, err := p.open(r)
	if err != nil {
		return err
	}
	f, link := o.frame, r.PathValue("link")
	f.Title = f.t("person.title")
	v := personView{
		frame: f, Base: "/r/" + link, Address: p.BaseURL + "/r/" + link, New: r.URL.Query().Get("new") != "",
		Number: o.Receipt.Shown(), Operator: o.text.Operator, State: o.state,
		WithdrawnAt: instant(o.lang, o.Standing.WithdrawnAt), ErasedAt: instant(o.lang, o.Standing.ErasedAt),
		Expires: day(o.lang, o.Lead.Expires),
		Answers: o.answers(), Use: o.use(), Given: o.given(),
		Notice: o.Notice.Text, NoticeHash: o.Notice.Hash, NoticeLang: o.Notice.Lang,
	}
	if v.New {
		v.Title = f.t("new.title")
	}
	// Said only while it is true.
	switch done := r.URL.Query().Get("done"); {
	case done == "withdraw" && o.state == stateWithdrawn, done == "erase" && o.state == stateErased:
		v.Done = done
	}
	return render(w, r, http.StatusOK, person(v))
}

// answers is what is held, in the order it was asked for. The number is cut: the
// page may be opened where others look on.
func (o opened) answers() []fact {
	var out []fact
	lang := o.Version.Definition.Speaks(o.lang)
	for _, x := range o.Version.Definition.Fields {
		value, given := o.Answers[x.ID]
		if !given {
			continue
		}
		switch x.Kind {
		case component.KindPhone:
			value = "***"
			if n, err := phone.ParseE164(o.Answers[x.ID]); err == nil {
				value = n.Mask()
			}
		case component.KindChoice:
			for _, c := range x.Choices {
				if c.ID == value {
					value = c.Label[lang]
					break
				}
			}
		}
		out = append(out, fact{Term: x.Texts[lang].Label, Text: value})
	}
	return out
}

// use is who has it and what for, in the notice's own words.
func (o opened) use() []fact {
	var out []fact
	for _, s := range o.Version.Definition.NoticeSections(o.lang) {
		switch s.ID {
		case "operator", "purpose", "manner", "recipients", "complaint":
			out = append(out, fact{Term: s.Title, Text: s.Text})
		}
	}
	until := o.frame.t("use.until_text", "until", day(o.lang, o.Lead.Expires))
	if o.state == stateErased {
		until = o.frame.t("use.until_erased")
	}
	return append(out, fact{Term: o.frame.t("use.until"), Text: until})
}

func (o opened) given() []fact {
	f, g := o.frame, o.Receipt.Gesture
	how := f.t("given.how_page")
	if o.Receipt.Form.Via == consent.ViaSheet {
		how = f.t("given.how_sheet", "trigger", g.Trigger)
	}
	out := []fact{
		{Term: f.t("person.number"), Text: o.Receipt.Shown()},
		{Term: f.t("given.at"), Text: instant(o.lang, o.Standing.GivenAt)},
		{Term: f.t("given.how"), Text: how},
	}
	accepted := map[string]bool{}
	for _, c := range o.Receipt.Choices {
		accepted[c.ID] = c.Accepted
	}
	var yes, no []string
	for _, c := range o.Version.Definition.Choices(o.lang) {
		if accepted[c.ID] {
			yes = append(yes, c.Text)
		} else {
			no = append(no, c.Text)
		}
	}
	out = append(out, fact{Term: f.t("given.choices"), Text: strings.Join(yes, "\n")})
	if len(no) > 0 {
		out = append(out, fact{Term: f.t("given.not_chosen"), Text: strings.Join(no, "\n")})
	}
	out = append(out, fact{Term: f.t("given.version"), Text: f.t("given.version_text", "n", o.Receipt.NoticeVersion)})
	if !o.Standing.WithdrawnAt.IsZero() {
		out = append(out, fact{Term: f.t("given.withdrawn"), Text: instant(o.lang, o.Standing.WithdrawnAt)})
	}
	if !o.Standing.ErasedAt.IsZero() {
		out = append(out, fact{Term: f.t("given.erased"), Text: instant(o.lang, o.Standing.ErasedAt)})
	}
	if o.Receipt.Test {
		out = append(out, fact{Term: f.t("given.test"), Text: f.t("given.test_text")})
	}
	return out
}

// confirm asks once. What is already done leads back to the person's page.
func (p *Pages) confirm(act string) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		o, err := p.open(r)
		if err != nil {
			return err
		}
		base := "/r/" + r.PathValue("link")
		query := "?lang=" + string(o.lang)
		if o.state == stateErased || o.state == stateWithdrawn && act == "withdraw" {
			http.Redirect(w, r, base+query, http.StatusSeeOther)
			return nil
		}
		f := o.frame
		f.Title = f.t(act + ".confirm")
		v := confirmView{frame: f, Act: act, Operator: o.text.Operator, Action: base + "/" + act + query, Back: base + query}
		until := o.Lead.Expires
		if soon := p.DB.Now().Add(lead.AfterWithdrawal); act == "withdraw" && soon.Before(until) {
			until = soon
		}
		for n := 1; words.Has(fmt.Sprintf("public.%s.point%d", act, n)); n++ {
			v.Points = append(v.Points, f.t(fmt.Sprintf("%s.point%d", act, n),
				"operator", o.text.Operator, "until", day(o.lang, until), "contact", o.text.Complaint))
		}
		return render(w, r, http.StatusOK, confirm(v))
	}
}

// act does what was confirmed. Nothing of the body matters: the address says who
// and what.
func (p *Pages) act(what string) handler {
	do := map[string]func(*http.Request, string) error{
		"withdraw": func(r *http.Request, link string) error { return p.Rights.Withdraw(r.Context(), link) },
		"erase":    func(r *http.Request, link string) error { return p.Rights.Erase(r.Context(), link) },
	}[what]
	return func(w http.ResponseWriter, r *http.Request) error {
		link := r.PathValue("link")
		if err := do(r, link); err != nil {
			return err
		}
		http.Redirect(w, r, "/r/"+link+"?done="+what+"&lang="+string(web.Lang(r)), http.StatusSeeOther)
		return nil
	}
}

func (p *Pages) copyJSON(w http.ResponseWriter, r *http.Request) error {
	copied, _, err := p.Rights.Copy(r.Context(), r.PathValue("link"))
	if err != nil {
		return err
	}
	return attach(w, "application/json; charset=utf-8", copyName(r)+".json", copied)
}

func (p *Pages) copySigned(w http.ResponseWriter, r *http.Request) error {
	_, signed, err := p.Rights.Copy(r.Context(), r.PathValue("link"))
	if err != nil {
		return err
	}
	return attach(w, "application/jose", copyName(r)+".jws", []byte(signed))
}

// copyName is the file's name: the receipt's number, which is no secret; the rest
// of the link is.
func copyName(r *http.Request) string {
	number, _, _ := strings.Cut(r.PathValue("link"), "-")
	return "clew-" + consent.ShowNumber(strings.ToUpper(number))
}

func attach(w http.ResponseWriter, kind, name string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, err := w.Write(body)
	return err
}

// receiptKeys is the public half of the keys that signed records (RFC 7517).
func (p *Pages) receiptKeys(w http.ResponseWriter, _ *http.Request) error {
	body, err := json.Marshal(consent.PublicKeys(p.Ring))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, err = w.Write(body)
	return err
}
