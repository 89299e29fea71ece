package console

import (
	"net/url"

	"github.com/a-h/templ"

	"clew/access"
	"clew/component"
	"clew/db"
	"clew/lead"
)

// leadsPage is how many leads one page shows.
const leadsPage = 50

type leadsView struct {
	Query      url.Values
	Filter     lead.Filter
	From, To   string
	Components []named
	Rows       []leadRow
	Next       string
	Counts     lead.Counts
	// Narrowed says that a filter is set, so that an empty list can say so.
	Narrowed bool
}

// leadRow is a lead with its masked number and name: which answers they are, the
// definition says that it was given to.
type leadRow struct {
	lead.Lead
	Phone, Name string
}

func (v *visit) leadRows(list []lead.Lead) ([]leadRow, error) {
	type key struct {
		component string
		number    int
	}
	fields := map[key][]component.Field{}
	rows := make([]leadRow, len(list))
	return rows, v.read(func(tx *db.Tx) error {
		for i, l := range list {
			k := key{l.Component, l.ComponentVersion}
			if fields[k] == nil {
				version, err := component.ByNumber(v.r.Context(), tx, l.Operator, l.Component, l.ComponentVersion)
				if err != nil {
					return err
				}
				fields[k] = version.Definition.Fields
			}
			rows[i] = leadRow{l, maskedKind(l, fields[k], component.KindPhone), maskedKind(l, fields[k], component.KindName)}
		}
		return nil
	})
}

// maskedKind is the masked answer to the first field of a kind.
func maskedKind(l lead.Lead, fields []component.Field, kind component.Kind) string {
	for _, f := range fields {
		if f.Kind == kind {
			return l.Masked[f.ID]
		}
	}
	return ""
}

// named is an id with what people call it.
type named struct{ ID, Name string }

func nameOf(list []named, id string) string {
	for _, n := range list {
		if n.ID == id {
			return n.Name
		}
	}
	return short(id)
}

// leadFilter reads a filter from a query or a form. What it does not know it
// leaves out: an old bookmark must not become an error.
func leadFilter(q url.Values) (f lead.Filter) {
	f.Component = q.Get("component")
	for _, s := range lead.States() {
		if string(s) == q.Get("state") {
			f.State = s
		}
	}
	f.From = parseDay(q.Get("from"))
	if to := parseDay(q.Get("to")); !to.IsZero() {
		f.To = to.AddDate(0, 0, 1) // people mean the whole day
	}
	f.Duplicates = q.Get("duplicates") != ""
	f.Erased = q.Get("erased") != ""
	f.NoTest = q.Get("test") == "no"
	return f
}

func (c *Console) leads(v *visit) error {
	q := v.r.URL.Query()
	view := leadsView{Query: q, Filter: leadFilter(q), From: q.Get("from"), To: q.Get("to")}
	view.Narrowed = view.Filter != lead.Filter{}
	var err error
	if view.Counts, err = c.Leads.Count(v.r.Context(), v.Caller, today(v.Now)); err != nil {
		return err
	}
	if !v.May(access.LeadList) {
		return v.show(v.T("leads.title"), func(p *page) templ.Component { return leadsCounted(p, view) })
	}
	if view.Components, err = v.componentNames(); err != nil {
		return err
	}
	list, more, err := c.Leads.List(v.r.Context(), v.Caller, view.Filter, q.Get("cursor"), leadsPage)
	if err != nil {
		return err
	}
	view.Next = more
	if view.Rows, err = v.leadRows(list); err != nil {
		return err
	}
	return v.show(v.T("leads.title"), func(p *page) templ.Component { return leadsList(p, view) })
}

// tone is the colour of a lead's state.
func tone(s lead.State) string {
	return map[lead.State]string{lead.New: "info", lead.Connected: "warn", lead.Invalid: "", lead.Won: "good"}[s]
}

func (p *page) state(s lead.State) string { return p.T("lead.state." + string(s)) }

// exportURL is the export page with the list's filter.
func (v leadsView) exportURL() string {
	q := url.Values{}
	for _, k := range []string{"component", "state", "from", "to", "duplicates", "test"} {
		if s := v.Query.Get(k); s != "" {
			q.Set(k, s)
		}
	}
	if len(q) == 0 {
		return "/console/leads/export"
	}
	return "/console/leads/export?" + q.Encode()
}
