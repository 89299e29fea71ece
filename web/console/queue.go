package console

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/norm"
	"clew/words"
)

// queueMost is how many applications of each kind the queue shows: those due first.
const queueMost = 200

// waiting is an application to be answered, for the capability or for a category.
type waiting struct {
	Operator, OperatorName, App, AppName string
	Category                             string // empty for the capability
	Mandatory                            bool
	Reason                               string
	Since, Due                           time.Time
}

// Href leads to where it is decided.
func (a waiting) Href() string {
	if a.Category == "" {
		return platformURL(a.Operator, a.App)
	}
	return categoryURL(a.Operator, a.App, a.Category)
}

func categoryURL(operator, app, path string) string {
	return platformURL(operator, app) + "/category?category=" + url.QueryEscape(path)
}

type queueView struct {
	List    []waiting
	Kind    string // "", capability, category
	Overdue int    // of everything that waits
	More    bool   // there may be others
}

func (c *Console) queue(v *visit) error {
	ctx := v.r.Context()
	view := queueView{Kind: v.r.URL.Query().Get("kind")}
	if err := v.read(func(tx *db.Tx) error {
		names := map[string]string{}
		name := func(operator string) (string, error) {
			if _, known := names[operator]; !known {
				o, err := app.GetOperator(ctx, tx, operator)
				if err != nil {
					return "", err
				}
				names[operator] = o.Name
			}
			return names[operator], nil
		}
		edition := norm.At(tx.Now())
		holders, err := app.WaitingCategories(ctx, tx, queueMost)
		if err != nil {
			return err
		}
		applications, err := capability.Waiting(ctx, tx, queueMost)
		if err != nil {
			return err
		}
		view.More = len(holders) == queueMost || len(applications) == queueMost
		for _, h := range holders {
			line, _ := edition.Category(h.Path)
			view.List = append(view.List, waiting{
				Operator: h.Operator, App: h.App, AppName: h.AppName, Category: h.Path, Mandatory: line.Mandatory, Since: h.Since, Due: h.Due,
			})
		}
		for _, a := range applications {
			view.List = append(view.List, waiting{Operator: a.Operator, App: a.App, AppName: a.AppName, Reason: a.Reason, Since: a.Since, Due: a.Due})
		}
		for i := range view.List {
			if view.List[i].OperatorName, err = name(view.List[i].Operator); err != nil {
				return err
			}
			if !view.List[i].Due.After(v.Now) {
				view.Overdue++
			}
		}
		return nil
	}); err != nil {
		return err
	}
	slices.SortStableFunc(view.List, func(a, b waiting) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.App, b.App)) })
	view.List = slices.DeleteFunc(view.List, func(a waiting) bool {
		return view.Kind == "capability" && a.Category != "" || view.Kind == "category" && a.Category == ""
	})
	return v.show(v.T("nav.queue"), func(p *page) templ.Component { return queuePage(p, view) })
}

// categoryView is everything by which an application for a category is decided.
type categoryView struct {
	Operator app.Operator
	App      app.App
	Status   capability.Status
	Closed   *capability.Closed
	Row      categoryRow
	Others   []categoryRow
	Basis    capability.Basis
	Moves    []app.CategoryEvent
	Steps    []app.CategoryState
	Reason   string // as typed
	To       app.CategoryState
	Problems []trouble
}

func (c *Console) platformCategory(v *visit) error {
	return c.showPlatformCategory(v, v.r.URL.Query().Get("category"), categoryView{})
}

func (c *Console) showPlatformCategory(v *visit, path string, view categoryView) error {
	ctx, operator, id := v.r.Context(), v.r.PathValue("operator"), v.r.PathValue("app")
	if err := v.read(func(tx *db.Tx) error { return view.load(ctx, tx, operator, id, path) }); err != nil {
		return err
	}
	view.Steps = app.NextCategory(view.Row.State)
	view.Steps = slices.DeleteFunc(view.Steps, func(s app.CategoryState) bool { return s == app.Applied })
	return v.show(lastLevel(path), func(p *page) templ.Component { return platformCategoryPage(p, view) })
}

func (view *categoryView) load(ctx context.Context, tx *db.Tx, operator, id, path string) (err error) {
	if view.Operator, err = app.GetOperator(ctx, tx, operator); err != nil {
		return err
	}
	if view.App, err = app.Get(ctx, tx, operator, id); err != nil {
		return err
	}
	if view.Status, err = capability.Get(ctx, tx, operator, id); err != nil {
		return err
	}
	if view.Closed, err = closedNow(capability.Require(ctx, tx, operator, id)); err != nil {
		return err
	}
	if view.Basis, err = capability.BasisNow(ctx, tx); err != nil {
		return err
	}
	rows, err := categoryRows(ctx, tx, operator, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(rows, func(r categoryRow) bool { return r.Path == path })
	if i < 0 {
		return app.ErrUnknown
	}
	view.Row = rows[i]
	view.Others = slices.Delete(rows, i, i+1)
	view.Moves, err = app.CategoryEvents(ctx, tx, operator, id)
	return err
}

// decideCategory is the platform's answer; a category that is approved is brought
// online by a second answer, or by the same one.
func (c *Console) decideCategory(v *visit) error {
	ctx, f := v.r.Context(), v.r.PostForm
	operator, id, path := v.r.PathValue("operator"), v.r.PathValue("app"), f.Get("category")
	to, reason := app.CategoryState(f.Get("to")), strings.TrimSpace(f.Get("reason"))
	err := c.Apps.DecideCategory(ctx, v.Caller, operator, id, path, to, reason)
	var step *app.BadStep
	var invalid *access.Invalid
	switch {
	case errors.As(err, &invalid):
		return c.showPlatformCategory(v, path, categoryView{Reason: reason, To: to, Problems: []trouble{{"reason", v.known("reason.", invalid.Code)}}})
	case errors.As(err, &step) && step.From == "":
		return app.ErrUnknown
	case errors.As(err, &step):
		// Somebody else was quicker: the page says where it stands now.
		return c.showPlatformCategory(v, path, categoryView{Reason: reason, To: to, Problems: []trouble{{"", v.T("category.raced", "state", v.T("category."+string(step.From)))}}})
	case errors.Is(err, app.ErrApplying):
		return c.showPlatformCategory(v, path, categoryView{Problems: []trouble{{"", words.T(v.Lang, "problem.capability_step.detail")}}})
	case err != nil:
		return err
	}
	return v.back(categoryURL(operator, id, path), flash{Tone: "good", Key: "category.moved"})
}

// categoryStep is what an answer does, said from where the category stands.
func (p *page) categoryStep(from, to app.CategoryState) string {
	if from != app.Online && to == app.Offline {
		return p.T("category.to.refused")
	}
	return p.T("category.to." + string(to))
}

func (p *page) categoryStepText(from, to app.CategoryState) string {
	if from != app.Online && to == app.Offline {
		return p.T("category.to.refused.text")
	}
	return p.T("category.to." + string(to) + ".text")
}
