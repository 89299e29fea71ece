package console

import (
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"clew/access"
)

const auditPage = 100

type auditView struct {
	Query   url.Values
	Entries []access.Entry
	Next    string
	Staff   []named
}

func (c *Console) audit(v *visit) error {
	q := v.r.URL.Query()
	view := auditView{Query: q}
	f := access.AuditFilter{
		From: parseDay(q.Get("from")), CallerID: q.Get("who"), Subject: access.Subject{ID: q.Get("subject")},
		Outcome: access.Outcome(q.Get("outcome")),
	}
	if to := parseDay(q.Get("to")); !to.IsZero() {
		f.To = to.AddDate(0, 0, 1)
	}
	if act := access.Act(q.Get("act")); slices.Contains(access.Acts(), act) {
		f.Act = act
	}
	var err error
	view.Entries, view.Next, err = c.Access.Audit(v.r.Context(), v.Caller, f, q.Get("cursor"), auditPage)
	if err != nil {
		return err
	}
	if view.Staff, err = v.staffNames(); err != nil {
		return err
	}
	return v.show(v.T("audit.title"), func(p *page) templ.Component { return auditList(p, view) })
}

// subjectURL is the page of what a line is about, empty where there is none.
func subjectURL(s access.Subject) string {
	id := url.PathEscape(s.ID)
	switch s.Kind {
	case "lead":
		if len(s.ID) > 4 && s.ID != "by number" {
			return "/console/leads/" + id
		}
	case "component":
		return "/console/components/" + id
	case "webhook":
		return "/console/webhooks/" + id
	}
	return ""
}
