package console

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"clew/access"
	"clew/casework"
	"clew/db"
	"clew/norm"
	"clew/policy"
	"clew/web"
)

// myCaseURL is an operator's own case.
func myCaseURL(id string) string { return "/console/mycases/" + url.PathEscape(id) }

type myCasesView struct {
	Rows  []casework.Head
	Names map[string]string // of apps
	Next  string
	Ended bool
}

// myCases lists what an operator was told of.
func (c *Console) myCases(v *visit) error {
	view := myCasesView{Ended: v.r.URL.Query().Get("ended") != "", Names: map[string]string{}}
	heads, next, err := c.Casework.Cases(v.r.Context(), v.Caller, casework.Queue{Ended: view.Ended, After: v.r.URL.Query().Get("cursor")})
	if errors.Is(err, casework.ErrCursor) {
		return web.New(v.Lang, "cursor")
	} else if err != nil {
		return err
	}
	view.Next = next
	for _, h := range heads {
		f, err := c.Casework.Case(v.r.Context(), v.Caller, h.ID)
		if err != nil {
			return err
		}
		if f.Notified() {
			h.State = f.State
			view.Rows = append(view.Rows, h)
		}
	}
	if err := v.read(func(tx *db.Tx) (err error) {
		names := namesIn(v.r.Context(), tx)
		for _, h := range view.Rows {
			if view.Names[h.App], err = names.app(h.Operator, h.App); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(v.T("mycases.title"), func(p *page) templ.Component { return myCasesPage(p, view) })
}

// myCaseView is a case as its operator sees it, with what they may do next.
type myCaseView struct {
	File     casework.File
	AppName  string
	Norm     edition
	Editions map[string]*policy.Edition

	// Of a form that was refused: which one, what was typed, why.
	Key      string
	Typed    url.Values
	Problems []trouble
}

func (c *Console) loadMyCase(v *visit) (view myCaseView, err error) {
	if view.File, err = c.Casework.Case(v.r.Context(), v.Caller, v.r.PathValue("id")); err != nil {
		return view, err
	}
	f := &view.File
	if !f.Notified() {
		return view, casework.ErrCase // being looked into: there is nothing to say yet
	}
	view.Norm, view.Editions = norm.At(v.Now), map[string]*policy.Edition{}
	err = v.read(func(tx *db.Tx) (err error) {
		if view.AppName, err = namesIn(v.r.Context(), tx).app(f.Operator, f.App); err != nil {
			return err
		}
		for _, d := range f.Decisions {
			if view.Editions[d.Edition], err = policy.ByHash(v.r.Context(), tx, d.Edition); err != nil {
				return err
			}
		}
		return nil
	})
	return view, err
}

func (c *Console) myCase(v *visit) error {
	view, err := c.loadMyCase(v)
	if err != nil {
		return err
	}
	return v.show(view.AppName, func(p *page) templ.Component { return myCasePage(p, view) })
}

// myAct makes a handler of one form of an operator's case. What is refused comes back
// on the page, with what was typed.
func (c *Console) myAct(verb string, fn func(v *visit, id string, f url.Values) error) func(*visit) error {
	return func(v *visit) error {
		id, f := v.r.PathValue("id"), v.r.PostForm
		err := fn(v, id, f)
		if err == nil {
			return v.back(myCaseURL(id), flash{Tone: "good", Key: "mycase.done." + verb})
		}
		problem := web.ProblemFor(err, v.Lang)
		switch problem.Status {
		case http.StatusConflict, http.StatusUnprocessableEntity, http.StatusBadRequest:
		default:
			return err
		}
		view, failed := c.loadMyCase(v)
		if failed != nil {
			return failed
		}
		view.Key, view.Typed = formID(verb, f.Get("target")), f
		view.Problems = []trouble{{view.Key, problem.Detail}}
		for _, e := range problem.Errors {
			if e.Message != problem.Detail {
				view.Problems = append(view.Problems, trouble{view.Key, e.Message})
			}
		}
		v.Title = view.AppName
		v.takeFlash()
		return v.write(problem.Status, myCasePage(v.page, view))
	}
}

// myCaseRoutes are the operator's side of a case.
func (c *Console) myCaseRoutes(r *routes) {
	room := c.Casework
	r.staff("GET /console/mycases", access.CaseAnswer, c.myCases)
	r.staff("GET /console/mycases/{id}", access.CaseAnswer, c.myCase)
	r.staff("GET /console/mycases/{id}/decisions/{decision}", access.CaseAnswer, c.myStatement)
	r.staff("GET /console/mycases/{id}/decisions/{decision}/dsa.json", access.CaseAnswer, c.dsa)
	at := "POST /console/mycases/{id}/"
	r.staff(at+"defence", access.CaseAnswer, c.myAct("defence", func(v *visit, id string, f url.Values) error {
		_, err := room.Defend(v.r.Context(), v.Caller, id, strings.TrimSpace(f.Get("text")))
		return err
	}))
	r.staff(at+"proof", access.CaseAnswer, c.myAct("proof", func(v *visit, id string, f url.Values) error {
		_, err := room.SubmitProof(v.r.Context(), v.Caller, id, f.Get("target"), strings.TrimSpace(f.Get("text")), idsIn(f.Get("evidence")))
		return err
	}))
	r.staff(at+"appeal", access.CaseAnswer, c.myAct("appeal", func(v *visit, id string, f url.Values) error {
		n := casework.NewAppeal{Decision: f.Get("target"), Findings: f["finding"], Evidence: idsIn(f.Get("evidence"))}
		for _, fact := range f["fact"] {
			n.Grounds = append(n.Grounds, casework.Ground{Fact: fact, Text: strings.TrimSpace(f.Get("said." + fact))})
		}
		_, err := room.Appeal(v.r.Context(), v.Caller, id, n)
		return err
	}))
	r.staff(at+"withdraw", access.CaseAnswer, c.myAct("withdraw", func(v *visit, id string, f url.Values) error {
		_, err := room.WithdrawAppeal(v.r.Context(), v.Caller, id, f.Get("target"))
		return err
	}))
}

func (c *Console) myStatement(v *visit) error {
	view, err := c.statementOf(v)
	if err != nil {
		return err
	}
	view.Back, view.DSA = myCaseURL(view.S.Case), v.Path+"/dsa.json"
	return v.show(v.T("statement.title"), func(p *page) templ.Component { return myStatementPage(p, view) })
}

// typed is what was typed into a field of a form that was refused.
func (v *myCaseView) typed(key, name string) string {
	if v.Key != key {
		return ""
	}
	return v.Typed.Get(name)
}

func (v *myCaseView) picked(key, name, value string) bool {
	if v.Key == key {
		for _, x := range v.Typed[name] {
			if x == value {
				return true
			}
		}
	}
	return false
}

// defends is the intent that may be answered now; nil for none.
func (v *myCaseView) defends(p *page) *casework.Intent {
	if v.File.State != casework.IntentNoticed || len(v.File.Intents) == 0 {
		return nil
	}
	last := &v.File.Intents[len(v.File.Intents)-1]
	if p.Now.After(last.Until) {
		return nil
	}
	return last
}

// appeals is the statement of a decision against which an appeal may be filed now; nil
// where its window is over, one is open, or it does not stand any more.
func (v *myCaseView) appeals(p *page, d *casework.Decision) *casework.Statement {
	if d.Reversed != "" || v.Editions[d.Edition] == nil {
		return nil
	}
	for _, a := range v.File.Appeals {
		if a.Decision == d.ID && a.State != casework.Withdrawn {
			return nil
		}
	}
	s := casework.StatementOf(&v.File, d.ID, v.Editions[d.Edition])
	if s == nil || p.Now.After(s.Appeal) {
		return nil
	}
	return s
}

func (v *myCaseView) clauseOf(finding string) string {
	for _, x := range v.File.Findings {
		if x.ID == finding {
			return x.Clause
		}
	}
	return ""
}
