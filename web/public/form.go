package public

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/lead"
	"clew/web"
	"clew/words"
)

// openForm is the plain page that the trigger's link leads to. Following the
// signed link is the gesture: the form says when that was.
func (p *Pages) openForm(w http.ResponseWriter, r *http.Request) error {
	id, now := r.PathValue("component"), p.DB.Now()
	trigger, err := consent.OpenTrigger(p.Ring, r.URL.Query().Get("t"), now)
	if err != nil || trigger.Component != id {
		return errTrigger
	}
	v, closed, err := p.live(r.Context(), id)
	switch {
	case errors.Is(err, component.ErrUnpublished):
		return p.closed(w, r, err, nil)
	case err != nil:
		return err
	case closed != nil:
		return p.closed(w, r, closed, v)
	}
	lang := v.Definition.Speaks(web.Lang(r))
	d := web.Describe(v, lang)
	// The page may have been switched to another language, or be older than the
	// version: what is agreed to is what stands on this page.
	form := trigger.Follow(now)
	form.Version, form.NoticeHash, form.Lang = d.Version, d.Notice.Hash, lang
	token, err := consent.IssueForm(p.Ring, form, 0)
	if err != nil {
		return err
	}
	view := p.formView(r, v, d, posted{token: token}, form.Test)
	w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	return render(w, r, http.StatusOK, formPage(view))
}

// posted is what a form page sent.
type posted struct {
	token   string
	do      string // "code" or "submit"
	codeID  string
	code    string
	answers map[string]string
	choices map[string]bool
}

// maxForm bounds a form's body, in bytes.
const maxForm = 64 << 10

// Prefixes of input names: an answer's name can meet no other.
const (
	answerName = "answer."
	choiceName = "choice."
)

// readForm decodes a form strictly: this content type, this size, each name once.
// Whether the names are the component's is for [posted.fits].
func readForm(w http.ResponseWriter, r *http.Request) (posted, error) {
	in := posted{answers: map[string]string{}, choices: map[string]bool{}}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return in, web.New(web.Lang(r), "media_type")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return in, err
	}
	return parseForm(string(body))
}

func parseForm(body string) (posted, error) {
	in := posted{answers: map[string]string{}, choices: map[string]bool{}}
	values, err := url.ParseQuery(body)
	if err != nil {
		return in, errForm
	}
	for name, all := range values {
		if len(all) != 1 {
			return in, errForm
		}
		value := all[0]
		switch {
		case name == "form_token":
			in.token = value
		case name == "do" && (value == "code" || value == "submit"):
			in.do = value
		case name == "code_id" && len(value) <= 64:
			in.codeID = value
		case name == "code":
			in.code = digits(value)
		case strings.HasPrefix(name, answerName):
			in.answers[strings.TrimPrefix(name, answerName)] = value
		case strings.HasPrefix(name, choiceName) && value == "yes":
			in.choices[strings.TrimPrefix(name, choiceName)] = true
		default:
			return in, errForm
		}
	}
	return in, nil
}

// digits takes a code as people type it: with spaces, a dash, full-width digits.
func digits(code string) string {
	code = strings.Map(func(c rune) rune {
		switch {
		case c >= '\uFF10' && c <= '\uFF19':
			return c - '\uFF10' + '0'
		case c == ' ' || c == '-' || c == '\u3000':
			return -1
		}
		return c
	}, code)
	if len(code) > 12 {
		return ""
	}
	return code
}

// fits reports whether every name is one that the component asks for.
func (in posted) fits(d web.Definition) bool {
	for id := range in.answers {
		if !slices.ContainsFunc(d.Fields, func(x web.Field) bool { return x.ID == id }) {
			return false
		}
	}
	for id := range in.choices {
		if !slices.ContainsFunc(d.Choices, func(x web.Choice) bool { return x.ID == id }) {
			return false
		}
	}
	return true
}

// act is what the person agreed to, as the form page shows it. The instants of
// the gesture are in the form token, by the server's clock.
func (in posted) act(d web.Definition) consent.Act {
	a := consent.Act{
		NoticeVersion: d.Notice.Version, NoticeHash: d.Notice.Hash,
		Gesture: consent.Gesture{Kind: consent.KindLink, Trigger: landingTrigger},
	}
	for _, c := range d.Choices {
		a.Choices = append(a.Choices, consent.Choice{ID: c.ID, Accepted: in.choices[c.ID]})
	}
	return a
}

// postForm takes the form in, or shows it again with what was typed and what is
// wrong with it.
func (p *Pages) postForm(w http.ResponseWriter, r *http.Request) error {
	in, err := readForm(w, r)
	if err != nil {
		return err
	}
	id, now := r.PathValue("component"), p.DB.Now()
	form, err := consent.OpenForm(p.Ring, in.token, now)
	if err != nil {
		return err
	}
	if form.Component != id || form.Via != consent.ViaPage {
		return errTrigger
	}
	v, closed, err := p.live(r.Context(), id)
	switch {
	case errors.Is(err, component.ErrUnpublished):
		return p.closed(w, r, err, nil)
	case err != nil:
		return err
	case closed != nil:
		return p.closed(w, r, closed, v)
	}
	d := web.Describe(v, v.Definition.Speaks(form.Lang))
	if form.Version != d.Version || form.NoticeHash != d.Notice.Hash {
		return p.renew(w, r, v, d, in, form)
	}
	if !in.fits(d) {
		return errForm
	}
	view := p.formView(r, v, d, in, form.Test)
	if view.refused(in, d) {
		if in.do == "submit" {
			view.judge(v, in)
		}
		return p.again(w, r, view)
	}
	if in.do == "code" {
		return p.sendCode(w, r, view, in, d, form)
	}
	if view.judge(v, in); len(view.Errors) > 0 {
		return p.again(w, r, view)
	}
	accepted, err := p.Intake.Accept(r.Context(), lead.Submission{
		// One form makes one lead, however often it is sent.
		Key: "page-" + form.Nonce, Form: form, Act: in.act(d), Answers: in.answers, CodeID: in.codeID, Code: in.code,
		Scene: "page", Page: p.BaseURL + "/c/" + id,
	})
	p.count(accepted, err)
	var unproven *consent.Unproven
	var invalid *lead.BadAnswers
	var shut *capability.Closed
	switch {
	case errors.As(err, &shut), errors.Is(err, component.ErrUnpublished):
		// Closed between our look and the transaction.
		return p.closed(w, r, err, v)
	case errors.As(err, &invalid):
		view.problems(web.ProblemFor(err, form.Lang).Errors)
		return p.again(w, r, view)
	case errors.As(err, &unproven) && unproven.Code == consent.NoticeStale:
		// Published anew, likewise.
		return web.ProblemFor(err, form.Lang)
	case err != nil:
		return err
	}
	http.Redirect(w, r, "/r/"+consent.Link(p.Ring, accepted.Number)+"?new=1&lang="+string(form.Lang), http.StatusSeeOther)
	return nil
}

func (p *Pages) count(accepted lead.Accepted, err error) {
	outcome := "stored"
	switch {
	case p.Metrics == nil:
		return
	case err != nil:
		outcome = web.ProblemFor(err, words.EN).Code
	case accepted.Replayed:
		outcome = "replayed"
	case accepted.Test:
		outcome = "test"
	}
	p.Metrics.Submission(outcome)
}

// again shows the form with its errors.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, v formView) error {
	v.Wrong = true
	return render(w, r, web.New(v.Lang, "answers_invalid").Status, formPage(v))
}

// renew shows a form whose notice changed while it was being filled in: the new
// text, empty boxes, what was typed.
func (p *Pages) renew(w http.ResponseWriter, r *http.Request, v *component.Version, d web.Definition, in posted, form consent.Form) error {
	form.Version, form.NoticeHash, form.Lang = d.Version, d.Notice.Hash, words.Lang(d.Lang)
	form.IssuedAt, form.Nonce = p.DB.Now().UnixMilli(), ""
	token, err := consent.IssueForm(p.Ring, form, 0)
	if err != nil {
		return err
	}
	in.token, in.choices = token, nil
	view := p.formView(r, v, d, in, form.Test)
	view.Errors = []errorLine{{"step-notice", view.t("errors.notice_stale")}}
	view.Wrong = true
	return render(w, r, web.New(view.Lang, "notice_stale").Status, formPage(view))
}

func (p *Pages) sendCode(w http.ResponseWriter, r *http.Request, view formView, in posted, d web.Definition, form consent.Form) error {
	number := ""
	for _, x := range d.Fields {
		if x.Kind == kindPhone {
			number = in.answers[x.ID]
		}
	}
	sent, err := p.Intake.SendCode(r.Context(), lead.CodeRequest{
		Form: form, Act: in.act(d), Phone: number, Address: p.Proxies.Address(r), NoScript: true,
	})
	var invalid *lead.BadAnswers
	problem := web.ProblemFor(err, form.Lang)
	switch {
	case err == nil:
		view.CodeID, view.CodeSent, view.JustSent, view.Code = sent.CodeID, true, true, ""
		return render(w, r, http.StatusOK, formPage(view))
	case errors.As(err, &invalid):
		view.problems(problem.Errors)
		return p.again(w, r, view)
	case slices.Contains([]string{"resend_too_soon", "capped", "sms_unavailable"}, problem.Code):
		view.codeWrong(problem.Title + view.t("sentence") + problem.Detail)
		view.Wrong = true
		return render(w, r, problem.Status, formPage(view))
	}
	return err
}

// decline records that the person said no, without anything about them, and
// goes back.
func (p *Pages) decline(w http.ResponseWriter, r *http.Request) error {
	in, err := readForm(w, r)
	if err != nil {
		return err
	}
	id, lang := r.PathValue("component"), web.Lang(r)
	form, err := consent.OpenForm(p.Ring, in.token, p.DB.Now())
	if err == nil && form.Component == id && form.Via == consent.ViaPage {
		if err := p.DB.Write(r.Context(), func(tx *db.Tx) error {
			operator, err := component.OperatorOf(r.Context(), tx, id)
			if err != nil {
				return err
			}
			return consent.Refuse(r.Context(), tx, consent.Refusal{
				Form:     form.Nonce,
				Operator: operator, Component: id, Version: form.Version, NoticeHash: form.NoticeHash, Lang: form.Lang,
				Stage: "fields", Gesture: consent.KindLink, Test: form.Test,
			})
		}); err != nil {
			return err
		}
	}
	// A form too old to be counted is no reason to hold anybody up.
	http.Redirect(w, r, landingPath(id, lang, r)+"&declined=1", http.StatusSeeOther)
	return nil
}
