package console

import (
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/app"
	"clew/casework"
	"clew/db"
	"clew/finding"
	"clew/norm"
)

// findingRow is a record with what people call its app.
type findingRow struct {
	casework.Record
	OperatorName, AppName string
}

type findingsView struct {
	List    []findingRow
	Verdict finding.Verdict
	Edition edition
	Next    string
}

func (c *Console) findings(v *visit) error {
	q := v.r.URL.Query()
	view := findingsView{Verdict: finding.Verdict(q.Get("verdict")), Edition: norm.At(v.Now)}
	if view.Verdict != "" && !view.Verdict.Valid() {
		view.Verdict = ""
	}
	query := casework.Query{Verdict: view.Verdict, App: q.Get("app")}
	if at, id, ok := strings.Cut(q.Get("cursor"), "|"); ok {
		if last, err := time.Parse(time.RFC3339Nano, at); err == nil {
			query.After = casework.Cursor{Last: last, ID: id}
		}
	}
	list, next, err := c.Casework.List(v.r.Context(), v.Caller, query)
	if err != nil {
		return err
	}
	if next.ID != "" {
		view.Next = next.Last.UTC().Format(time.RFC3339Nano) + "|" + next.ID
	}
	if err := v.read(func(tx *db.Tx) error {
		for _, r := range list {
			row := findingRow{Record: r}
			if err := row.call(v, tx); err != nil {
				return err
			}
			view.List = append(view.List, row)
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(v.T("nav.findings"), func(p *page) templ.Component { return findingsPage(p, view) })
}

// call reads the names of the record's operator and app.
func (r *findingRow) call(v *visit, tx *db.Tx) error {
	o, err := app.GetOperator(v.r.Context(), tx, r.Operator)
	if err != nil {
		return err
	}
	a, err := app.Get(v.r.Context(), tx, r.Operator, r.App)
	r.OperatorName, r.AppName = o.Name, a.Name
	return err
}

type findingView struct {
	findingRow
	Edition edition
}

func (c *Console) finding(v *visit) error {
	rec, err := c.Casework.Get(v.r.Context(), v.Caller, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	view := findingView{findingRow{Record: rec}, norm.At(v.Now)}
	if err := v.read(func(tx *db.Tx) error { return view.call(v, tx) }); err != nil {
		return err
	}
	return v.show(v.T("finding.title"), func(p *page) templ.Component { return findingPage(p, view) })
}

func verdictTone(x finding.Verdict) string {
	return map[finding.Verdict]string{finding.Violation: "bad", finding.Review: "warn", finding.Pass: "good"}[x]
}

func findingURL(id string) string { return "/console/platform/findings/" + url.PathEscape(id) }
