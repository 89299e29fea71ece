package console

import (
	"encoding/json"
	"errors"

	"github.com/a-h/templ"

	"clew/access"
	"clew/casework"
	"clew/db"
	"clew/ledger"
	"clew/norm"
	"clew/policy"
	"clew/web"
)

// editions reads the editions that a weighing names.
func (v *visit) editions(w *weighing) error {
	return v.read(func(tx *db.Tx) (err error) {
		if w.Edition, err = policy.ByHash(v.r.Context(), tx, w.W.Outcome.Edition); err != nil || w.W.Then == nil {
			return err
		}
		w.Before, err = policy.ByHash(v.r.Context(), tx, w.W.Then.Edition)
		return err
	})
}

// casePrint is a case on paper: everything of it, and where the ledger says so.
type casePrint struct {
	caseView
	Entries []ledger.Entry
	Size    int64 // of the tree that was signed last
}

func (c *Console) casePrint(v *visit) error {
	view, err := c.loadCase(v, v.r.PathValue("id"), nil)
	if err != nil {
		return err
	}
	x := casePrint{caseView: view}
	if err := v.read(func(tx *db.Tx) (err error) {
		if x.Size, _, err = ledger.Latest(v.r.Context(), tx); err != nil {
			return err
		}
		x.Entries, err = ledger.Of(v.r.Context(), tx, view.File.Operator, view.File.ID)
		return err
	}); err != nil {
		return err
	}
	return v.show(v.T("case.print.title"), func(p *page) templ.Component { return casePrintPage(p, x) })
}

// statementView is a statement of reasons as whoever is decided about gets it.
type statementView struct {
	S                     *casework.Statement
	OperatorName, AppName string
	Edition               *policy.Edition
	Norm                  edition
	Back, DSA             string // where the page leads; DSA may be empty
}

func (c *Console) statementOf(v *visit) (view statementView, err error) {
	f, err := c.Casework.Case(v.r.Context(), v.Caller, v.r.PathValue("id"))
	if err != nil {
		return view, err
	}
	err = v.read(func(tx *db.Tx) error {
		for _, d := range f.Decisions {
			if d.ID != v.r.PathValue("decision") {
				continue
			}
			if view.Edition, err = policy.ByHash(v.r.Context(), tx, d.Edition); err != nil {
				return err
			}
			view.S = casework.StatementOf(&f, d.ID, view.Edition)
		}
		if view.S == nil {
			return web.New(v.Lang, "not_found")
		}
		view.Norm, _ = norm.ByID(view.S.Norm)
		names := namesIn(v.r.Context(), tx)
		if view.OperatorName, err = names.operator(f.Operator); err != nil {
			return err
		}
		view.AppName, err = names.app(f.Operator, f.App)
		return err
	})
	view.Back = caseURL(f.ID)
	return view, err
}

func (c *Console) statement(v *visit) error {
	view, err := c.statementOf(v)
	if err != nil {
		return err
	}
	view.DSA = v.Path + "/dsa.json"
	return v.show(v.T("statement.title"), func(p *page) templ.Component { return statementPage(p, view) })
}

// dsa is the statement in the words of the EU's Transparency Database.
func (c *Console) dsa(v *visit) error {
	view, err := c.statementOf(v)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(view.S.DSA(), "", "  ")
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+view.S.Decision+`.dsa.json"`)
	_, _ = v.w.Write(append(body, '\n'))
	return nil
}

type appealRow struct {
	casework.AppealHead
	OperatorName, AppName string
}

type appealsView struct {
	Rows   []appealRow
	Next   string
	Closed bool
	Staff  map[string]string
}

// appeals is the desk of those who answer them.
func (c *Console) appeals(v *visit) error {
	view := appealsView{Closed: v.r.URL.Query().Get("closed") != ""}
	list, next, err := c.Casework.Appeals(v.r.Context(), v.Caller, view.Closed, v.r.URL.Query().Get("cursor"), 0)
	if errors.Is(err, casework.ErrCursor) {
		return web.New(v.Lang, "cursor")
	} else if err != nil {
		return err
	}
	view.Next = next
	if err := v.read(func(tx *db.Tx) (err error) {
		names := namesIn(v.r.Context(), tx)
		for _, a := range list {
			row := appealRow{AppealHead: a}
			if row.OperatorName, err = names.operator(a.Operator); err != nil {
				return err
			}
			if row.AppName, err = names.app(a.Operator, a.App); err != nil {
				return err
			}
			view.Rows = append(view.Rows, row)
		}
		view.Staff, err = access.StaffNames(v.r.Context(), tx, "")
		return err
	}); err != nil {
		return err
	}
	return v.show(v.T("appeals.title"), func(p *page) templ.Component { return appealsPage(p, view) })
}
