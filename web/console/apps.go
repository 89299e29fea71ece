package console

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/calendar"
	"clew/capability"
	"clew/db"
	"clew/norm"
	"clew/words"
)

func appURL(id, tail string) string { return "/console/apps/" + url.PathEscape(id) + tail }

// apps lists the operator's apps with what each lacks.
func (c *Console) apps(v *visit) error {
	var list []appState
	if err := v.read(func(tx *db.Tx) (err error) {
		list, err = appStates(v.r.Context(), tx, v.Caller.Operator)
		return err
	}); err != nil {
		return err
	}
	return v.show(v.T("nav.apps"), func(p *page) templ.Component { return appsPage(p, list) })
}

// appHead is what stands above every page of an app.
type appHead struct {
	App    app.App
	Status capability.Status
	Closed *capability.Closed // nil while it may collect
	Tab    string             // overview, privacy, keys, secret, sites
}

// head reads the app that the path names; another operator's is not there.
func head(ctx context.Context, tx *db.Tx, operator, id, tab string) (h appHead, err error) {
	if h.App, err = app.Get(ctx, tx, operator, id); err != nil {
		return h, err
	}
	if h.Status, err = capability.Get(ctx, tx, operator, id); err != nil {
		return h, err
	}
	h.Tab = tab
	h.Closed, err = closedNow(capability.Require(ctx, tx, operator, id))
	return h, err
}

// categoryRow is a category of an app with what it lets the app do.
type categoryRow struct {
	app.Category
	Papers    []app.Paper
	Mandatory bool // 必接 by the norm's table
	Listed    bool // it stands in the norm's table
	// Collects says that the category lets the app collect now, Open that leads may
	// be collected in it at all.
	Collects, Open bool
}

// categoryRows reads an app's categories as pages show them.
func categoryRows(ctx context.Context, tx *db.Tx, operator, id string) ([]categoryRow, error) {
	all, err := app.Categories(ctx, tx, operator, id)
	if err != nil {
		return nil, err
	}
	eligible, err := capability.Eligible(ctx, tx, operator, id)
	if err != nil {
		return nil, err
	}
	edition := norm.At(tx.Now())
	rows := make([]categoryRow, len(all))
	for i, k := range all {
		rows[i].Category = k
		rows[i].Collects = slices.Contains(eligible, k.Path)
		line, listed := edition.Category(k.Path)
		rows[i].Listed, rows[i].Mandatory = listed, line.Mandatory
		if rows[i].Open, err = capability.IsOpen(ctx, tx, k.Path); err != nil {
			return nil, err
		}
		if rows[i].Papers, err = app.Papers(ctx, tx, operator, id, k.Path); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// appStep is a step of an app's capability or of one of its categories, for one list.
type appStep struct {
	At               time.Time
	Tone, What, Text string
	Reason, Case     string
	Papers           []app.Paper
}

// steps is what became of an app, newest first. path narrows it to one category;
// empty is everything.
func (p *page) steps(events []capability.Event, moves []app.CategoryEvent, path string) (list []appStep) {
	for _, e := range events {
		if path == "" {
			list = append(list, appStep{
				At: e.At, Tone: capabilityTone(e.To), What: p.T("capability.title"), Reason: e.Reason, Case: e.Case,
				Text: p.T("capability." + string(e.To)),
			})
		}
	}
	for _, e := range moves {
		if path != "" && e.Path != path {
			continue
		}
		s := appStep{At: e.At, Tone: categoryTone(e.To), What: lastLevel(e.Path), Text: p.T("category." + string(e.To)), Reason: e.Reason, Papers: e.Papers}
		if e.From == e.To {
			s.Text, s.Reason = p.T("category.main.set"), ""
		}
		list = append(list, s)
	}
	slices.SortStableFunc(list, func(a, b appStep) int { return b.At.Compare(a.At) })
	return list
}

type appView struct {
	appHead
	Categories []categoryRow
	Conditions [][]capability.Condition
	Basis      capability.Basis
	Credit     int
	Entries    []capability.CreditEntry
	Events     []capability.Event
	Moves      []app.CategoryEvent
	Reason     string // as typed
	Problems   []trouble
}

func (c *Console) app(v *visit) error { return c.showApp(v, appView{}) }

func (c *Console) showApp(v *visit, view appView) error {
	ctx, operator, id := v.r.Context(), v.Caller.Operator, v.r.PathValue("id")
	if err := v.read(func(tx *db.Tx) (err error) {
		if view.appHead, err = head(ctx, tx, operator, id, "overview"); err != nil {
			return err
		}
		return view.load(ctx, tx, operator, id)
	}); err != nil {
		return err
	}
	return v.show(view.App.Name, func(p *page) templ.Component { return appPage(p, view) })
}

// load reads everything that decides about an app.
func (view *appView) load(ctx context.Context, tx *db.Tx, operator, id string) (err error) {
	if view.Categories, err = categoryRows(ctx, tx, operator, id); err != nil {
		return err
	}
	if view.Conditions, err = capability.Conditions(ctx, tx, operator, id); err != nil {
		return err
	}
	if view.Basis, err = capability.BasisNow(ctx, tx); err != nil {
		return err
	}
	if view.Credit, err = capability.Credit(ctx, tx, operator, id); err != nil {
		return err
	}
	if view.Entries, err = capability.CreditEntries(ctx, tx, operator, id); err != nil {
		return err
	}
	if view.Events, err = capability.Events(ctx, tx, operator, id); err != nil {
		return err
	}
	view.Moves, err = app.CategoryEvents(ctx, tx, operator, id)
	return err
}

// met reports whether one of the lists of conditions holds whole.
func met(lists [][]capability.Condition) bool {
	return slices.ContainsFunc(lists, func(list []capability.Condition) bool {
		return !slices.ContainsFunc(list, func(c capability.Condition) bool { return !c.Satisfied })
	})
}

// applies reports whether the app's capability can be applied for from where it stands.
func applies(s capability.State) bool {
	return slices.Contains(capability.Next(s), capability.Applied)
}

func (c *Console) applyCapability(v *visit) error {
	id, reason := v.r.PathValue("id"), v.r.PostForm.Get("reason")
	err := c.Capability.Apply(v.r.Context(), v.Caller, id, strings.TrimSpace(reason))
	var unmet *capability.Unmet
	var why *capability.BadReason
	switch {
	case errors.As(err, &unmet):
		view := appView{Reason: reason}
		for _, k := range unmet.Conditions {
			view.Problems = append(view.Problems, trouble{conditionID(k.ID), words.T(v.Lang, "condition."+k.ID+".meet", k.Args...)})
		}
		return c.showApp(v, view)
	case errors.As(err, &why):
		return c.showApp(v, appView{Reason: reason, Problems: []trouble{{"reason", words.T(v.Lang, "problem.capability.reason."+why.Code)}}})
	case err != nil:
		return err
	}
	return v.back(appURL(id, ""), flash{Tone: "good", Key: "capability.applied.now"})
}

// conditionID is the id of a condition's line on the page.
func conditionID(id string) string { return "condition-" + id }

// conditionHref leads to the form by which a condition can be met; empty where there
// is none.
func conditionHref(app, condition string) string {
	switch condition {
	case capability.CategoryOnline, "main_category_online":
		return appURL(app, "#cats")
	case capability.PrivacyDeclared:
		return appURL(app, "/privacy")
	case capability.CreditScore:
		return appURL(app, "#credit")
	}
	return ""
}

// left says how many working days an answer still has; the tone asks to look.
func (p *page) left(due time.Time) (tone, text string) {
	switch n := calendar.WorkingDaysLeft(p.Now, due); {
	case n < -1:
		return "bad", p.T("due.over", "n", -n)
	case n == -1:
		return "bad", p.T("due.over.one", "n", 1)
	case n == 0:
		return "warn", p.T("due.today")
	case n == 1:
		return "warn", p.T("due.left.one", "n", 1)
	default:
		return "info", p.T("due.left", "n", n)
	}
}

// dueDay is the last day on which an answer is in time.
func dueDay(due time.Time) string { return due.Add(-time.Millisecond).In(zone).Format(time.DateOnly) }

// lastLevel is a category's own name, firstLevels what it stands under.
func lastLevel(path string) string {
	levels := strings.Split(path, norm.PathSeparator)
	return levels[len(levels)-1]
}

func firstLevels(path string) string {
	if i := strings.LastIndex(path, norm.PathSeparator); i >= 0 {
		return path[:i]
	}
	return ""
}

type sitesView struct {
	appHead
	Origins    string // as typed, one a line
	Components []named
	Live       string // the newest component people can open; empty without one
	Embed      string // of Live
	Problems   []trouble
}

func (c *Console) sites(v *visit) error { return c.showSites(v, sitesView{}) }

func (c *Console) showSites(v *visit, view sitesView) error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	if err := v.read(func(tx *db.Tx) (err error) {
		view.appHead, err = head(ctx, tx, v.Caller.Operator, id, "sites")
		return err
	}); err != nil {
		return err
	}
	if view.Problems == nil {
		view.Origins = strings.Join(view.App.Origins, "\n")
	}
	components, _, err := c.Components.List(ctx, v.Caller, "", 100)
	if err != nil {
		return err
	}
	for i := range components {
		k := &components[i]
		if k.Draft.App != id {
			continue
		}
		view.Components = append(view.Components, named{k.ID, v.call(&k.Draft, k.ID)})
		if view.Live == "" && k.Live > 0 {
			view.Live, view.Embed = k.ID, c.embed(k.ID)
		}
	}
	return v.show(view.App.Name, func(p *page) templ.Component { return sitesPage(p, view) })
}

func (c *Console) setOrigins(v *visit) error {
	id, typed := v.r.PathValue("id"), v.r.PostForm.Get("origins")
	err := c.Apps.SetOrigins(v.r.Context(), v.Caller, id, originLines(typed))
	refused := func(text string) error {
		return c.showSites(v, sitesView{Origins: typed, Problems: []trouble{{"origins", text}}})
	}
	var bad *app.BadOrigin
	switch {
	case errors.As(err, &bad):
		return refused(v.T("apps.origins.bad", "n", lineOf(typed, bad.Origin)))
	case errors.Is(err, app.ErrOrigins):
		return refused(words.T(v.Lang, "problem.field.origins_many"))
	case err != nil:
		return err
	}
	return v.back(appURL(id, "/sites"), flash{Tone: "good", Key: "apps.origins.saved"})
}

// originLines is what stands in the field, without its empty lines.
func originLines(text string) (list []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

// lineOf is the number of the first line that is want, as people count.
func lineOf(text, want string) int {
	n := 0
	for line := range strings.Lines(text) {
		n++
		if strings.TrimSpace(line) == want {
			return n
		}
	}
	return n
}

// mayApply reports whether the person at the page may do the operator's side.
func (p *page) mayApply() bool { return p.May(access.CategoryApply) }

// appTabs is where the tabs of an app's pages lead, below the app.
var appTabs = map[string]string{"overview": "", "privacy": "/privacy", "keys": "/keys", "secret": "/secret", "sites": "/sites"}

// applyURL is the form for a category, chosen already.
func applyURL(app, path string) string {
	return appURL(app, "/category?category=") + url.QueryEscape(path)
}

// mediaName is a media type as people say it.
func mediaName(media string) string {
	return map[string]string{"application/pdf": "PDF", "image/jpeg": "JPEG", "image/png": "PNG"}[media]
}

// size is a number of bytes as people compare them.
func size(n int) string {
	switch {
	case n < 1<<10:
		return strconv.Itoa(n) + " B"
	case n < 1<<20:
		return strconv.Itoa(n>>10) + " KB"
	}
	return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB"
}

// troublesOf is everything wrong with one field.
func troublesOf(list []trouble, field string) (out []trouble) {
	for _, t := range list {
		if t.Field == field {
			out = append(out, t)
		}
	}
	return out
}
