package public

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"clew/access"
	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/web"
	"clew/words"
)

// landingTrigger names the link of the landing page in receipts.
const landingTrigger = "page-link"

// idShape keeps what no id can be (a zero byte, say) away from the store.
var idShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// live is the published version, and the capability's *[capability.Closed] or
// [component.ErrInvalid] where nothing may be collected now. It decides nothing:
// intake asks again in the transaction that stores.
func (p *Pages) live(ctx context.Context, id string) (v *component.Version, closed error, err error) {
	if !idShape.MatchString(id) {
		return nil, nil, component.ErrUnknown
	}
	err = p.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if v, err = component.Live(ctx, tx, id); err != nil {
			return err
		}
		if err = capability.Require(ctx, tx, v.Operator, v.App); err == nil {
			err = component.Valid(ctx, tx, v.Operator, v.App, v.Component)
		}
		var no *capability.Closed
		if errors.As(err, &no) || errors.Is(err, component.ErrInvalid) {
			closed, err = err, nil
		}
		return err
	})
	return v, closed, err
}

// landing is the component's own page. It opens nothing and collects nothing.
func (p *Pages) landing(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("component")
	v, closed, err := p.live(r.Context(), id)
	if errors.Is(err, component.ErrUnpublished) {
		return p.closed(w, r, err, nil)
	} else if err != nil {
		return err
	}
	if closed != nil {
		return p.closed(w, r, closed, v)
	}
	now := p.DB.Now()
	token := r.URL.Query().Get("preview")
	test, err := web.OpenPreview(p.Ring, token, id, now)
	if err != nil {
		return errTrigger
	}
	lang := v.Definition.Speaks(web.Lang(r))
	d := web.Describe(v, lang)
	trigger, err := consent.IssueTrigger(p.Ring, consent.Trigger{
		Component: id, Version: d.Version, NoticeHash: d.Notice.Hash, Lang: lang, IssuedAt: now.UnixMilli(),
		Trigger: landingTrigger, Test: test,
	}, 0)
	if err != nil {
		return err
	}
	f := p.operatorFrame(r, v, lang)
	f.Title, f.Widget, f.Wide, f.Test, f.Home = d.Title, true, true, test, ""
	view := landingView{
		frame: f, Component: id, Facts: noticeFacts(f, d), Trigger: d.TriggerLabel, Preview: token,
		Form:     withPreview("/c/"+id+"/form?lang="+string(lang), r) + "&t=" + url.QueryEscape(trigger),
		Declined: r.URL.Query().Get("declined") != "",
		Complain: "/complain?app=" + v.App + "&lang=" + string(lang),
	}
	for _, s := range d.Notice.Sections {
		if s.ID == "benefit" {
			view.Benefit = s.Text
		}
	}
	for _, x := range d.Fields {
		view.Asked = append(view.Asked, asked{x.Label, x.Required})
	}
	w.Header().Set("Content-Security-Policy", policyWidget)
	if test {
		w.Header().Set("X-Robots-Tag", "noindex, nofollow")
	}
	return render(w, r, http.StatusOK, landing(view))
}

// operatorFrame is the frame of a page on which an operator speaks.
func (p *Pages) operatorFrame(r *http.Request, v *component.Version, lang words.Lang) frame {
	f := p.frame(r, lang, v.Definition.Langs)
	f.Brand = v.Definition.Texts[lang].Operator
	f.Home = landingPath(v.Component, lang, r)
	return f
}

// noticeFacts is the notice, section by section, word for word. Its last line is
// made a link where it is the privacy statement's address.
func noticeFacts(f frame, d web.Definition) []fact {
	var out []fact
	for _, s := range d.Notice.Sections {
		x := fact{Term: s.Title, Text: s.Text}
		if s.ID == "privacy" && d.Privacy.URL != "" {
			if text, ok := strings.CutSuffix(s.Text, d.Privacy.URL); ok {
				x.Text, x.URL, x.URLNote = strings.TrimSpace(text), d.Privacy.URL, f.t("new_window")
			}
		}
		out = append(out, x)
	}
	return out
}

// closed says that nothing is collected, why, and whom to ask about what was left
// before. v is nil where the operator took the component down.
func (p *Pages) closed(w http.ResponseWriter, r *http.Request, why error, v *component.Version) error {
	lang := web.Lang(r)
	view := plainView{frame: p.frame(r, lang, words.Langs())}
	if v == nil {
		var err error
		if v, err = p.last(r.Context(), r.PathValue("component")); err != nil {
			return err
		}
	}
	if v != nil {
		lang = v.Definition.Speaks(lang)
		view.frame = p.operatorFrame(r, v, lang)
		text := v.Definition.Texts[lang]
		view.Facts = []fact{{Term: view.t("closed.operator"), Text: text.Operator}, {Term: view.t("closed.contact"), Text: text.Complaint}}
	}
	view.Private, view.Home = true, ""
	problem := web.ProblemFor(why, lang)
	view.Title = problem.Title
	if problem.Case != "" {
		view.Facts = append([]fact{{Term: view.t("case"), Text: problem.Case}}, view.Facts...)
		entry, err := p.registered(r.Context(), v, problem.Case)
		if err != nil {
			return err
		}
		if entry != "" {
			view.More = append(view.More, channelLink{view.t("register.entry"), "/register/" + entry + "?lang=" + string(lang)})
		}
	}
	if v != nil {
		view.More = append(view.More, channelLink{view.t("complain.act"), "/complain?app=" + v.App + "&lang=" + string(lang)})
	}
	view.Texts = []string{problem.Detail, view.t("closed.lede"), view.t("closed.held")}
	return render(w, r, problem.Status, plain(view))
}

// last is the newest version that was ever published, or nil.
func (p *Pages) last(ctx context.Context, id string) (v *component.Version, err error) {
	var operator string
	if err := p.DB.Read(ctx, func(tx *db.Tx) (err error) {
		operator, err = component.OperatorOf(ctx, tx, id)
		return err
	}); err != nil {
		return nil, err
	}
	all, err := p.Components.Versions(ctx, access.System(operator, "public pages"), id)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}
