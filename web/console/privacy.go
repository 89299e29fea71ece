package console

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"clew/app"
	"clew/db"
	"clew/words"
)

// privacyKinds are the kinds of data the page offers; others came over the wire and
// are kept as they are.
var privacyKinds = []int{app.ItemPhone, app.ItemName, app.ItemRegion, app.ItemEmail, app.ItemOther}

// privacyRow is a kind of data with what it is taken for; empty is not taken.
type privacyRow struct {
	ID   int
	Desc string
}

// Field is the id of the row's input.
func (r privacyRow) Field() string { return "item-" + strconv.Itoa(r.ID) }

type privacyView struct {
	appHead
	Privacy  app.Privacy
	Rows     []privacyRow
	Problems []trouble
}

func (c *Console) privacy(v *visit) error { return c.showPrivacy(v, privacyView{}) }

func (c *Console) showPrivacy(v *visit, view privacyView) error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	if err := v.read(func(tx *db.Tx) (err error) {
		if view.appHead, err = head(ctx, tx, v.Caller.Operator, id, "privacy"); err != nil || view.Problems != nil {
			return err
		}
		view.Privacy, err = app.GetPrivacy(ctx, tx, v.Caller.Operator, id)
		return err
	}); err != nil {
		return err
	}
	view.Rows = privacyRows(view.Privacy.Items)
	return v.show(view.App.Name, func(p *page) templ.Component { return privacyPage(p, view) })
}

// privacyRows is a row for each kind the page offers, and for each other one there is.
func privacyRows(items []app.PrivacyItem) (rows []privacyRow) {
	for _, id := range privacyKinds {
		rows = append(rows, privacyRow{ID: id})
	}
	for _, item := range items {
		i := slices.IndexFunc(rows, func(r privacyRow) bool { return r.ID == item.ID })
		if i < 0 {
			rows = append(rows, privacyRow{item.ID, item.Desc})
			continue
		}
		rows[i].Desc = item.Desc
	}
	return rows
}

func (c *Console) setPrivacy(v *visit) error {
	id, f := v.r.PathValue("id"), v.r.PostForm
	said := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	want := app.Privacy{
		Configured: true, ContactWay: number(f.Get("contact_way")), Email: said("email"), Phone: said("phone"), LandLine: said("land_line"),
	}
	for _, kind := range f["item"] {
		row := privacyRow{ID: number(kind)}
		if desc := said(row.Field()); desc != "" {
			want.Items = append(want.Items, app.PrivacyItem{ID: row.ID, Desc: desc})
		}
	}
	err := c.Apps.SetPrivacy(v.r.Context(), v.Caller, id, want)
	var bad *app.BadPrivacy
	switch {
	case errors.As(err, &bad):
		view := privacyView{Privacy: want}
		for _, p := range bad.Problems {
			view.Problems = append(view.Problems, v.privacyTrouble(p, want.Items))
		}
		return c.showPrivacy(v, view)
	case err != nil:
		return err
	}
	return v.back(appURL(id, "/privacy"), flash{Tone: "good", Key: "privacy.saved"})
}

// privacyTrouble leads to the field that a problem is about.
func (v *visit) privacyTrouble(p app.PrivacyProblem, items []app.PrivacyItem) trouble {
	if n, ok := strings.CutPrefix(p.Field, "items."); ok {
		if i := number(n); i < len(items) {
			return trouble{privacyRow{ID: items[i].ID}.Field(), words.T(v.Lang, "problem.privacy."+p.Code)}
		}
	}
	field := map[string]string{"contact": "email", "items": "item-1"}[p.Field]
	if field == "" {
		field = p.Field
	}
	return trouble{field, words.T(v.Lang, "problem.privacy."+p.Code)}
}

// privacyKind is a kind of data as people call it.
func (p *page) privacyKind(id int) string {
	if slices.Contains(privacyKinds, id) {
		return words.T(p.Lang, "privacy.item."+strconv.Itoa(id))
	}
	return p.T("privacy.kind.n", "n", id)
}
