package console

import (
	"errors"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/norm"
	"clew/web"
	"clew/words"
)

// choice is a category that can be applied for, or why it cannot.
type choice struct {
	capability.Row
	State app.CategoryState // the app's; empty when it was not applied for
}

// May reports whether an application for it would be taken.
func (k choice) May() bool {
	return k.Open && slices.Contains(app.NextCategory(k.State), app.Applied)
}

type applyView struct {
	appHead
	Choices  []choice
	Path     string // chosen
	Papers   []app.Paper
	Problems []trouble
}

func (c *Console) applyPage(v *visit) error {
	return c.showApply(v, applyView{Path: v.r.URL.Query().Get("category")})
}

func (c *Console) showApply(v *visit, view applyView) error {
	ctx, operator, id := v.r.Context(), v.Caller.Operator, v.r.PathValue("id")
	if err := v.read(func(tx *db.Tx) (err error) {
		if view.appHead, err = head(ctx, tx, operator, id, "overview"); err != nil {
			return err
		}
		table, err := capability.Table(ctx, tx)
		if err != nil {
			return err
		}
		mine, err := app.Categories(ctx, tx, operator, id)
		if err != nil {
			return err
		}
		for _, row := range table {
			k := choice{Row: row}
			for _, m := range mine {
				if m.Path == row.Path {
					k.State = m.State
				}
			}
			if k.Path == view.Path && k.May() { // what is chosen already is in sight
				view.Choices = slices.Insert(view.Choices, 0, k)
				continue
			}
			view.Choices = append(view.Choices, k)
		}
		if view.Path != "" {
			view.Papers, err = app.Papers(ctx, tx, operator, id, view.Path)
		}
		return err
	}); err != nil {
		return err
	}
	return v.show(v.T("category.new"), func(p *page) templ.Component { return applyCategoryPage(p, view) })
}

// firstGroup is a category's first level, by which the list is grouped.
func firstGroup(path string) string {
	first, _, _ := strings.Cut(path, norm.PathSeparator)
	return first
}

func (c *Console) applyCategory(v *visit) error {
	papers, err := v.files()
	if err != nil {
		return err
	}
	id, path := v.r.PathValue("id"), v.r.PostForm.Get("category")
	if path == "" {
		return c.showApply(v, applyView{Problems: []trouble{{"category", v.T("category.choose")}}})
	}
	err = c.Apps.ApplyCategory(v.r.Context(), v.Caller, id, path, papers)
	var bad *app.BadPapers
	switch {
	case errors.As(err, &bad):
		view := applyView{Path: path}
		for _, p := range bad.Problems {
			said := words.T(v.Lang, "problem.paper."+p.Code, "n", p.Index+1, "most", app.MaxPapers, "mb", app.MaxPaper>>20)
			if p.Name != "" {
				said = p.Name + v.T("colon") + said
			}
			view.Problems = append(view.Problems, trouble{"papers", said})
		}
		return c.showApply(v, view)
	case errors.Is(err, app.ErrNotOpen):
		return c.showApply(v, applyView{Problems: []trouble{{"category", v.T("category.notopen")}}})
	case err != nil:
		return err
	}
	return v.back(appURL(id, ""), flash{Tone: "good", Key: "category.applied.now"})
}

func (c *Console) setMain(v *visit) error {
	id := v.r.PathValue("id")
	err := c.Apps.SetMain(v.r.Context(), v.Caller, id, v.r.PostForm.Get("category"))
	if errors.Is(err, app.ErrNoCategory) {
		return v.back(appURL(id, ""), flash{Tone: "bad", Key: "category.main.not"})
	} else if err != nil {
		return err
	}
	return v.back(appURL(id, ""), flash{Tone: "good", Key: "category.main.done"})
}

// paper hands out a paper of the caller's own app, or of any to the platform.
func (c *Console) paper(v *visit) error {
	operator := v.Caller.Operator
	if operator == "" {
		operator = v.r.PathValue("operator")
	}
	if operator == "" {
		return web.New(v.Lang, "not_found")
	}
	p, content, err := c.Apps.Paper(v.r.Context(), v.Caller, operator, v.r.PathValue("id"), v.r.PathValue("paper"))
	if err != nil {
		return err
	}
	return v.attach(p, content)
}
