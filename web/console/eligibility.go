package console

import (
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
	"clew/component"
	"clew/db"
	"clew/web"
	"clew/words"
)

type eligibilityView struct {
	Rows     []capability.Row
	Basis    capability.Basis
	Bases    []capability.Rule // every dated row about the basis, the latest to begin first
	Open     int
	Form     changeForm
	Problems []trouble
}

// changeForm is a dated change as typed.
type changeForm struct {
	What, When, Day, Reason string
}

func (c *Console) eligibility(v *visit) error { return c.showEligibility(v, eligibilityView{}) }

func (c *Console) showEligibility(v *visit, view eligibilityView) error {
	ctx := v.r.Context()
	if err := v.read(func(tx *db.Tx) (err error) {
		if view.Rows, err = capability.Table(ctx, tx); err != nil {
			return err
		}
		if view.Basis, err = capability.BasisNow(ctx, tx); err != nil {
			return err
		}
		view.Bases, err = rulesAbout(ctx, tx, "")
		return err
	}); err != nil {
		return err
	}
	for _, r := range view.Rows {
		if r.Open {
			view.Open++
		}
	}
	return v.show(v.T("nav.eligibility"), func(p *page) templ.Component { return eligibilityPage(p, view) })
}

// rulesAbout is the dated rows about one category; the empty path is the basis.
func rulesAbout(ctx context.Context, tx *db.Tx, path string) ([]capability.Rule, error) {
	all, err := capability.Rules(ctx, tx)
	return slices.DeleteFunc(all, func(r capability.Rule) bool { return r.Category != path }), err
}

// change reads a dated change; the zero time is now. A day means its first instant
// in China.
func (v *visit) change() (f changeForm, from time.Time, wrong []trouble) {
	get := func(name string) string { return strings.TrimSpace(v.r.PostForm.Get(name)) }
	f = changeForm{What: get("what"), When: get("when"), Day: get("day"), Reason: get("reason")}
	if f.When != "later" {
		if f.Day != "" { // whoever chose a day did not mean now
			wrong = append(wrong, trouble{"day", v.T("eligibility.day.which")})
		}
		return f, time.Time{}, wrong
	}
	if from = parseDay(f.Day); from.IsZero() {
		wrong = append(wrong, trouble{"day", v.T("eligibility.day.missing")})
	}
	return f, from, wrong
}

// changeTroubles is what the room refused of a change; nil where it is another error.
func (v *visit) changeTroubles(err error) []trouble {
	var rule *capability.BadRule
	var invalid *access.Invalid
	switch {
	case errors.As(err, &rule):
		field := "day"
		if rule.Code == "basis" || rule.Code == "category" {
			field = "what"
		}
		return []trouble{{field, words.T(v.Lang, "problem.eligibility."+rule.Code)}}
	case errors.As(err, &invalid):
		return []trouble{{"reason", v.known("reason.", invalid.Code)}}
	}
	return nil
}

func (c *Console) setBasis(v *visit) error {
	form, from, wrong := v.change()
	if len(wrong) == 0 {
		err := c.Capability.SetBasis(v.r.Context(), v.Caller, capability.Basis(form.What), from, form.Reason)
		if wrong = v.changeTroubles(err); wrong == nil {
			if err != nil {
				return err
			}
			return v.back("/console/platform/eligibility", flash{Tone: "good", Key: "eligibility.saved"})
		}
	}
	return c.showEligibility(v, eligibilityView{Form: form, Problems: wrong})
}

type openingView struct {
	Row      capability.Row
	Rules    []capability.Rule
	Holders  []app.Holder // apps that have it online, the first of them
	More     bool
	Form     changeForm
	Problems []trouble
}

// holdersShown is how many apps the page of a category names.
const holdersShown = 20

func (c *Console) opening(v *visit) error {
	return c.showOpening(v, v.r.URL.Query().Get("category"), openingView{})
}

func (c *Console) showOpening(v *visit, path string, view openingView) error {
	ctx := v.r.Context()
	if err := v.read(func(tx *db.Tx) error {
		table, err := capability.Table(ctx, tx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(table, func(r capability.Row) bool { return r.Path == path })
		if i < 0 {
			return web.New(v.Lang, "not_found")
		}
		view.Row = table[i]
		if view.Rules, err = rulesAbout(ctx, tx, path); err != nil {
			return err
		}
		view.Holders, err = app.Holding(ctx, tx, []string{path}, app.Holder{}, holdersShown+1)
		if len(view.Holders) > holdersShown {
			view.Holders, view.More = view.Holders[:holdersShown], true
		}
		return err
	}); err != nil {
		return err
	}
	return v.show(lastLevel(path), func(p *page) templ.Component { return openingPage(p, view) })
}

func (c *Console) setOpen(v *visit) error {
	path := v.r.PostForm.Get("category")
	form, from, wrong := v.change()
	if form.What != "open" && form.What != "close" {
		wrong = append(wrong, trouble{"what", v.T("eligibility.what.missing")})
	}
	if len(wrong) == 0 {
		err := c.Capability.SetOpen(v.r.Context(), v.Caller, path, form.What == "open", from, form.Reason)
		if wrong = v.changeTroubles(err); wrong == nil {
			if err != nil {
				return err
			}
			return v.back(openingURL(path), flash{Tone: "good", Key: "eligibility.saved"})
		}
	}
	return c.showOpening(v, path, openingView{Form: form, Problems: wrong})
}

type mandatoryView struct {
	List  []component.MustIntegrate
	Names map[string]string // of operators
	Next  string
}

// mandatoryPageSize is how many apps a page of the 必接 list has.
const mandatoryPageSize = 50

// mandatory lists apps of the 必接 categories without a live component.
func (c *Console) mandatory(v *visit) error {
	ctx := v.r.Context()
	view := mandatoryView{Names: map[string]string{}}
	var after *component.MustIntegrate
	if parts := strings.SplitN(v.r.URL.Query().Get("cursor"), "|", 3); len(parts) == 3 {
		after = &component.MustIntegrate{Operator: parts[0], App: parts[1], Category: parts[2]}
	}
	if err := v.read(func(tx *db.Tx) error {
		list, more, err := component.Lacking(ctx, tx, after, mandatoryPageSize)
		if err != nil {
			return err
		}
		view.List = list
		if more && len(list) > 0 {
			last := list[len(list)-1]
			view.Next = last.Operator + "|" + last.App + "|" + last.Category
		}
		for _, m := range list {
			if _, known := view.Names[m.Operator]; known {
				continue
			}
			o, err := app.GetOperator(ctx, tx, m.Operator)
			if err != nil {
				return err
			}
			view.Names[m.Operator] = o.Name
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(v.T("nav.mandatory"), func(p *page) templ.Component { return mandatoryList(p, view) })
}

func openingURL(path string) string {
	return "/console/platform/eligibility/category?category=" + url.QueryEscape(path)
}
