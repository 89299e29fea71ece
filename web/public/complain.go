package public

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"clew/access"
	"clew/app"
	"clew/casework"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/rights"
	"clew/web"
	"clew/words"
)

// publicChannels are those that a stranger may use, the usual one first.
var publicChannels = []string{"consumer_complaint", "rights_holder_report", "media_exposure", "other_lawful"}

// complainProof names the text that a channel asks for; "" for none. Only the
// person's own link makes a report verified.
var complainProof = map[string]string{"rights_holder_report": "right", "media_exposure": "address", "other_lawful": "source"}

// maxComplaint is a form of 4000 characters of three bytes, each written %XX, and
// room for the rest.
const maxComplaint = 64 << 10

type channelLink struct{ Name, URL string }

type complainView struct {
	frame
	Back, Action, Channel string
	Channels              []channelLink
	Fields                []fieldView
	GoodFaith             choiceView
	Errors                []errorLine
	// Proven is the number of the receipt whose link opened the page; "" for none.
	Proven, Operator string
}

type complainedView struct {
	frame
	Number, Key string
}

type followView struct {
	frame
	Action, State string
	Fields        []fieldView
	Facts         []fact
	Wrong         bool
}

// source is what a complaint is about. The receipt is there only where its secret link
// was shown, which proves that the person's own lead is meant.
type source struct {
	app, component string
	receipt        *consent.Receipt
}

// grievance is a complaint as its form sends it.
type grievance struct {
	channel, about, text, proof, contact string
	goodFaith                            bool
}

// openComplaint shows the form. A receipt's link in the query is taken out of it: the
// form then stands under the link's own page.
func (p *Pages) openComplaint(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	in := grievance{channel: q.Get("channel"), about: q.Get("app")}
	if !slices.Contains(publicChannels, in.channel) {
		in.channel = publicChannels[0]
	}
	if text := q.Get("receipt"); text != "" {
		if link := receiptText(text); r.PathValue("link") == "" {
			if _, err := consent.OpenLink(p.Ring, link); err == nil {
				http.Redirect(w, r, "/r/"+link+"/complain?lang="+string(web.Lang(r)), http.StatusSeeOther)
				return nil
			}
			in.about = link
		}
	}
	if len(in.about) > 200 {
		in.about = ""
	}
	v, _, err := p.complainView(r, in)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, complain(v))
}

// complainView is the page with what was typed; the source is that of the link in the
// address, empty without one.
func (p *Pages) complainView(r *http.Request, in grievance) (v complainView, proven source, err error) {
	lang := web.Lang(r)
	path := "/complain"
	if link := r.PathValue("link"); link != "" {
		o, err := p.open(r)
		if err != nil {
			return v, proven, err
		}
		lang, proven = o.lang, source{o.Version.App, o.Version.Component, &o.Receipt}
		v.frame, path = p.frame(r, lang, words.Langs()), "/r/"+link+"/complain"
		v.Private, v.Back = true, "/r/"+link+"?lang="+string(lang)
		v.Proven, v.Operator = o.Receipt.Shown(), o.text.Operator
		in.channel = publicChannels[0] // whoever left a number is a consumer
	} else {
		v.frame = p.frame(r, lang, words.Langs())
	}
	v.Title, v.Channel = v.t("complain.title"), in.channel
	v.Action = path + "?lang=" + string(lang) + "#now"
	if proven.receipt == nil {
		for _, c := range publicChannels {
			x := channelLink{Name: v.t("channel." + c)}
			if c != in.channel {
				x.URL = path + "?" + url.Values{"lang": {string(lang)}, "channel": {c}, "app": {in.about}}.Encode()
			}
			v.Channels = append(v.Channels, x)
		}
		v.Fields = append(v.Fields, fieldView{
			At: "about", Name: "about", Label: v.t("complain.about"), Hint: v.t("complain.about_hint"), Required: true, Value: in.about, Autocomplete: "off",
		})
	}
	v.Fields = append(v.Fields, fieldView{
		At: "text", Name: "text", Kind: kindText, Label: v.t("complain.text"), Hint: v.t("complain.text_hint"), Required: true, Value: in.text,
	})
	if name := complainProof[in.channel]; name != "" {
		v.Fields = append(v.Fields, fieldView{
			At: "proof", Name: "proof", Label: v.t("complain." + name), Hint: v.t("complain." + name + "_hint"), Required: name != "source", Value: in.proof, Autocomplete: "off",
		})
	}
	v.Fields = append(v.Fields, fieldView{
		At: "contact", Name: "contact", Label: v.t("complain.contact"), Hint: v.t("complain.contact_hint"), Value: in.contact, Autocomplete: "email",
	})
	if in.channel == "rights_holder_report" {
		v.GoodFaith = choiceView{At: "good_faith", Name: "good_faith", Text: v.t("complain.good_faith"), Required: true, Accepted: in.goodFaith}
	}
	return v, proven, nil
}

// receiptText is a receipt's link or number out of what people paste: the whole
// address, its last part, the number with its dashes.
func receiptText(text string) string {
	text = strings.TrimSpace(text)
	if _, rest, found := strings.Cut(text, "/r/"); found {
		text = rest
	}
	if i := strings.IndexAny(text, "?#/"); i >= 0 {
		text = text[:i]
	}
	return text
}

func readComplaint(w http.ResponseWriter, r *http.Request, allowed ...string) (map[string]string, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, web.New(web.Lang(r), "media_type")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxComplaint))
	if err != nil {
		return nil, err
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errForm
	}
	out := map[string]string{}
	for name, all := range values {
		if len(all) != 1 || !slices.Contains(allowed, name) || strings.ContainsRune(all[0], 0) {
			return nil, errForm
		}
		out[name] = strings.TrimSpace(strings.ReplaceAll(all[0], "\r\n", "\n"))
	}
	return out, nil
}

func (p *Pages) postComplaint(w http.ResponseWriter, r *http.Request) error {
	form, err := readComplaint(w, r, "channel", "about", "text", "proof", "contact", "good_faith")
	if err != nil {
		return err
	}
	in := grievance{form["channel"], form["about"], form["text"], form["proof"], form["contact"], form["good_faith"] == "yes"}
	if !slices.Contains(publicChannels, in.channel) {
		return errForm
	}
	v, proven, err := p.complainView(r, in)
	if err != nil {
		return err
	}
	n := casework.NewReport{
		Channel: v.Channel, Reporter: casework.Reporter{Contact: in.contact, Text: in.text}, Proof: map[string]string{},
	}
	if proven.app == "" {
		if proven, err = p.about(r, in.about); errors.Is(err, errAbout) {
			v.wrong("about", v.t("complain.unknown"))
		} else if err != nil {
			return err
		}
	}
	n.App, n.Component = proven.app, proven.component
	if proven.receipt != nil && v.Channel == publicChannels[0] {
		// A test of the operator's own proves nothing about a person.
		n.Proof["receipt"], n.Verified = proven.receipt.Shown(), !proven.receipt.Test
	}
	if name := complainProof[v.Channel]; name != "" && in.proof != "" {
		n.Proof[name] = in.proof
	} else if name != "" && name != "source" {
		v.wrong("proof", v.t("complain."+name+"_missing"))
	}
	if in.goodFaith && v.GoodFaith.Name != "" {
		n.Proof["good_faith"] = "declared"
	} else if v.GoodFaith.Name != "" {
		v.GoodFaith.Error = v.t("complain.good_faith_missing")
		v.Errors = append(v.Errors, errorLine{"good_faith", v.GoodFaith.Error})
	}
	if k := len([]rune(in.text)); k < 4 || k > 4000 {
		v.wrong("text", words.T(v.Lang, "problem.report.text"))
	}
	if len(v.Errors) > 0 {
		return p.complainAgain(w, r, v)
	}
	// The record says that a page took it, never which person: the operator may read it.
	number, key, err := p.Casework.Report(r.Context(), access.Caller{Kind: access.KindPerson, ID: "complaint page"}, n)
	var bad *casework.BadReport
	if errors.As(err, &bad) {
		at := map[string]string{"app": "about", "text": "text", "contact": "contact"}[bad.Field]
		if strings.HasPrefix(bad.Field, "proof.") {
			at = "proof"
		}
		v.wrong(at, words.T(v.Lang, "problem.report."+bad.Code))
		return p.complainAgain(w, r, v)
	} else if err != nil {
		return err
	}
	done := complainedView{frame: v.frame, Number: number, Key: key}
	done.Title, done.Private = v.t("complain.taken"), true
	return render(w, r, http.StatusOK, complained(done))
}

func (p *Pages) complainAgain(w http.ResponseWriter, r *http.Request, v complainView) error {
	v.frame.Wrong = true
	return render(w, r, web.New(v.Lang, "report_invalid").Status, complain(v))
}

// wrong marks a field, or the whole form where there is no such field.
func (v *complainView) wrong(at, text string) {
	for i := range v.Fields {
		if v.Fields[i].At == at {
			v.Fields[i].Error = text
			v.Errors = append(v.Errors, errorLine{at, v.Fields[i].Label + v.t("colon") + text})
			return
		}
	}
	v.Errors = append(v.Errors, errorLine{"", text})
}

// errAbout is a complaint about nothing that is known here.
var errAbout = errors.New("no app and no receipt of this id")

// about finds what a complaint is about: an app by its id, or by a receipt. A
// receipt's number alone leads to the app and proves nothing.
func (p *Pages) about(r *http.Request, text string) (from source, err error) {
	text = receiptText(text)
	if !idShape.MatchString(text) {
		return from, errAbout
	}
	if v, err := p.Rights.Open(r.Context(), text); err == nil {
		return source{v.Version.App, v.Version.Component, &v.Receipt}, nil
	} else if !errors.Is(err, rights.ErrLink) {
		return from, err
	}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		if a, err := app.Find(r.Context(), tx, text); err == nil {
			from.app = a.ID
			return nil
		} else if !errors.Is(err, app.ErrUnknown) {
			return err
		}
		found, err := consent.ByNumber(r.Context(), tx, strings.ToUpper(strings.ReplaceAll(text, "-", "")))
		if errors.Is(err, consent.ErrNoReceipt) {
			return errAbout
		} else if err != nil {
			return err
		}
		v, err := component.ByNumber(r.Context(), tx, found.Operator, found.Component, found.ComponentVersion)
		if err != nil {
			return err
		}
		from.app, from.component = v.App, v.Component
		return nil
	})
	return from, err
}

func (p *Pages) openFollow(w http.ResponseWriter, r *http.Request) error {
	return render(w, r, http.StatusOK, follow(p.followView(r)))
}

func (p *Pages) followView(r *http.Request) followView {
	v := followView{frame: p.frame(r, web.Lang(r), words.Langs())}
	v.Private, v.Title = true, v.t("follow.title")
	v.Action = "/complain/follow?lang=" + string(v.Lang) + "#now"
	v.Fields = []fieldView{
		{At: "number", Name: "number", Label: v.t("follow.number"), Required: true, Autocomplete: "off"},
		{At: "key", Name: "key", Label: v.t("follow.key"), Required: true, Autocomplete: "off"},
	}
	return v
}

// postFollow shows where a report stands and what came of it, nothing of anybody else.
func (p *Pages) postFollow(w http.ResponseWriter, r *http.Request) error {
	form, err := readComplaint(w, r, "number", "key")
	if err != nil {
		return err
	}
	v := p.followView(r)
	var report casework.Report
	var state casework.State
	err = casework.ErrReport
	if idShape.MatchString(form["number"]) && idShape.MatchString(form["key"]) {
		err = p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
			report, state, err = casework.Followed(r.Context(), tx, form["number"], form["key"])
			return err
		})
	}
	if errors.Is(err, casework.ErrReport) {
		v.Wrong, v.frame.Wrong = true, true
		v.Fields[0].Value = form["number"]
		return render(w, r, http.StatusNotFound, follow(v))
	} else if err != nil {
		return err
	}
	v.State = string(state)
	v.Facts = []fact{
		{Term: v.t("follow.number"), Text: report.Number},
		{Term: v.t("follow.received"), Text: instant(v.Lang, report.Received)},
		{Term: v.t("follow.state"), Text: v.t("follow.state." + string(state))},
	}
	if report.Outcome != "" {
		text := report.OutcomeText
		if text == "" {
			text = v.t("follow.state." + report.Outcome)
		}
		v.Facts = append(v.Facts, fact{Term: v.t("follow.outcome"), Text: text}, fact{Term: v.t("follow.told"), Text: instant(v.Lang, report.Told)})
	}
	return render(w, r, http.StatusOK, follow(v))
}
