package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"clew/access"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/lead"
	"clew/web"
)

type leadView struct {
	Lead    lead.Lead
	Name    string // the component's
	Fields  []component.Field
	Receipt consent.Receipt
	State   consent.Standing
	Notice  consent.Notice
	History []lead.Step
	Looks   []access.Entry
	Staff   map[string]string // id → name
	Fresh   bool
	// Answers are in the clear; nil on the page that masks.
	Answers  map[string]string
	Problems []trouble
	Outcome  lead.Outcome
}

// looksShown is how many lines of the record a lead's page shows.
const looksShown = 20

func (c *Console) loadLead(v *visit) (view leadView, err error) {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	if view.Lead, err = c.Leads.Get(ctx, v.Caller, id); err != nil {
		return view, err
	}
	view.Outcome = lead.Outcome{State: view.Lead.State, Reason: view.Lead.Reason}
	err = v.read(func(tx *db.Tx) error {
		version, err := component.ByNumber(ctx, tx, v.Caller.Operator, view.Lead.Component, view.Lead.ComponentVersion)
		if err != nil {
			return err
		}
		view.Fields = version.Definition.Fields
		view.Name = title(&version.Definition, v.Lang)
		if view.Receipt, err = consent.Get(ctx, tx, v.Caller.Operator, view.Lead.Receipt); err != nil {
			return err
		}
		if view.State, err = consent.State(ctx, tx, v.Caller.Operator, view.Lead.Receipt); err != nil {
			return err
		}
		view.Notice, err = consent.FindNotice(ctx, tx, v.Caller.Operator, view.Receipt.Component, view.Receipt.NoticeVersion, view.Receipt.Lang)
		return err
	})
	if err != nil {
		return view, err
	}
	if view.History, err = c.Leads.History(ctx, v.Caller, id); err != nil {
		return view, err
	}
	if v.May(access.AuditRead) {
		view.Looks, _, err = c.Access.Audit(ctx, v.Caller, access.AuditFilter{Subject: access.Subject{Kind: "lead", ID: id}}, "", looksShown)
		if err != nil {
			return view, err
		}
	}
	staff, err := v.staffNames()
	if err != nil {
		return view, err
	}
	view.Staff = map[string]string{v.Caller.ID: v.Caller.Name}
	for _, s := range staff {
		view.Staff[s.ID] = s.Name
	}
	view.Fresh = v.fresh()
	return view, nil
}

func (c *Console) showLead(v *visit, view leadView) error {
	name := maskedKind(view.Lead, view.Fields, component.KindPhone)
	if name == "" {
		name = v.T("lead.erased")
	}
	return v.show(name, func(p *page) templ.Component { return leadPage(p, view) })
}

func (c *Console) lead(v *visit) error {
	view, err := c.loadLead(v)
	if err != nil {
		return err
	}
	return c.showLead(v, view)
}

// reveal answers with the lead in the clear: no redirect, because personal data
// has no place in a cookie or a URL. The page leaves by itself after a minute.
func (c *Console) reveal(v *visit) error {
	if !v.fresh() {
		return web.New(v.Lang, "step_up_needed")
	}
	id := v.r.PathValue("id")
	answers, err := c.Leads.Reveal(v.r.Context(), v.Caller, id, v.r.PostForm["field"], v.r.PostForm.Get("reason"))
	if errors.Is(err, access.ErrReason) {
		view, loadErr := c.loadLead(v)
		if loadErr != nil {
			return loadErr
		}
		view.Problems = []trouble{{"reveal-reason", v.reasonText(err)}}
		return c.showLead(v, view)
	} else if err != nil {
		return err
	}
	view, err := c.loadLead(v)
	if err != nil {
		return err
	}
	view.Answers = answers
	v.w.Header().Set("Refresh", "60; url=/console/leads/"+url.PathEscape(id))
	return c.showLead(v, view)
}

// reasonText is what is wrong with a reason, for people.
func (v *visit) reasonText(err error) string {
	var invalid *access.Invalid
	if errors.As(err, &invalid) {
		return v.known("reason.", invalid.Code)
	}
	return v.T("reason.short")
}

func (c *Console) outcome(v *visit) error {
	id := v.r.PathValue("id")
	f := v.r.PostForm
	o := lead.Outcome{State: lead.State(f.Get("state")), Note: strings.TrimSpace(f.Get("note"))}
	if o.State == lead.Invalid {
		o.Reason = f.Get("reason_code")
	}
	_, err := c.Leads.SetOutcome(v.r.Context(), v.Caller, id, o, number(f.Get("revision")))
	var bad *lead.BadOutcome
	switch {
	case errors.As(err, &bad), errors.Is(err, lead.ErrStale):
		view, loadErr := c.loadLead(v)
		if loadErr != nil {
			return loadErr
		}
		view.Outcome = o // what was typed stays
		p := web.ProblemFor(err, v.Lang)
		for _, e := range p.Errors {
			field := "note"
			if strings.HasPrefix(e.Code, "reason") {
				field = "reason_code"
			}
			view.Problems = append(view.Problems, trouble{field, e.Message})
		}
		if len(p.Errors) == 0 {
			view.Problems = append(view.Problems, trouble{"state", v.T("outcome.stale")})
		}
		return c.showLead(v, view)
	case err != nil:
		return err
	}
	return v.back("/console/leads/"+url.PathEscape(id), flash{Tone: "good", Key: "outcome.saved"})
}

func (c *Console) erase(v *visit) error {
	id := v.r.PathValue("id")
	err := c.Leads.EraseByStaff(v.r.Context(), v.Caller, id, v.r.PostForm.Get("reason"))
	if errors.Is(err, access.ErrReason) {
		view, loadErr := c.loadLead(v)
		if loadErr != nil {
			return loadErr
		}
		view.Problems = []trouble{{"erase-reason", v.reasonText(err)}}
		return c.showLead(v, view)
	} else if err != nil {
		return err
	}
	return v.back("/console/leads/"+url.PathEscape(id), flash{Tone: "good", Key: "erase.done"})
}

// receiptRecord is the receipt as a file (ISO/IEC TS 27560). It holds nothing the
// person typed.
func (c *Console) receiptRecord(v *visit) error {
	l, err := c.Leads.Get(v.r.Context(), v.Caller, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	record, err := c.Rights.ReadRecord(v.r.Context(), v.Caller, l.Receipt)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Content-Disposition", `attachment; filename="receipt-`+l.Receipt+`.json"`)
	_, _ = v.w.Write(body)
	return nil
}

type exportView struct {
	Query      url.Values
	Components []named
	Fresh      bool
	Reason     string
	Problems   []trouble
}

func (c *Console) exportPage(v *visit) error {
	return c.showExport(v, exportView{Query: v.r.URL.Query()})
}

func (c *Console) showExport(v *visit, view exportView) (err error) {
	view.Fresh = v.fresh()
	if view.Components, err = v.componentNames(); err != nil {
		return err
	}
	return v.show(v.T("export.title"), func(p *page) templ.Component { return exportForm(p, view) })
}

// export streams the file. Once it has begun an error can only break it off; the
// record then says that it was begun.
func (c *Console) export(v *visit) error {
	f := v.r.PostForm
	reveal := f.Get("what") == "revealed"
	reason := strings.TrimSpace(f.Get("reason"))
	if reveal && !v.fresh() {
		return web.New(v.Lang, "step_up_needed")
	}
	act := access.LeadList
	if reveal {
		act = access.LeadExport
	}
	if err := access.CheckReason(v.Caller, act, reason); err != nil && v.May(act) {
		return c.showExport(v, exportView{Query: f, Reason: "", Problems: []trouble{{"reason", v.reasonText(err)}}})
	}
	e, err := c.Leads.BeginExport(v.r.Context(), v.Caller, leadFilter(f), reveal, reason)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="leads-`+v.Now.In(zone).Format("20060102-1504")+`.csv"`)
	if _, err := e.Write(v.r.Context(), v.w); err != nil {
		c.Log.Error("export broke off", "request", web.RequestID(v.r), "export", e.ID, "error", err)
		panic(http.ErrAbortHandler) // the browser sees a broken file, not a short one
	}
	return nil
}

// source is where a lead came from.
func source(p *page, l lead.Lead) string {
	if l.Scene != "" {
		return p.known("lead.scene.", l.Scene)
	}
	if u, err := url.Parse(l.Page); err == nil && u.Host != "" {
		return u.Host + u.Path
	}
	if l.Page != "" {
		return l.Page
	}
	return "—"
}

func firstPage(p *page) string {
	if p.Query.Get("cursor") == "" {
		return ""
	}
	return p.here("", "")
}

func nextPage(p *page, next string) string {
	if next == "" {
		return ""
	}
	return p.here("cursor", next)
}
