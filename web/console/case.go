package console

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/db"
	"clew/finding"
	"clew/norm"
	"clew/policy"
	"clew/web"
)

// caseView is everything by which a case is decided, on one page.
type caseView struct {
	File                  casework.File
	OperatorName, AppName string
	Status                capability.Status
	Categories            []app.Category
	Mandatory             []string // categories that must carry the component
	Score                 int
	Past                  []casework.Past
	Reports               []reportRow
	Records               map[string]casework.Record // by finding
	Steps                 []casework.Step
	Staff                 map[string]string
	Norm                  edition
	Now                   *policy.Edition // in force
	Editions              map[string]*policy.Edition
	Fresh                 bool
	Weigh                 weighing

	// Of a form that was refused: which one, what was typed, why, and what happened
	// in the case meanwhile.
	Key      string
	Typed    url.Values
	Problems []trouble
	Changed  []casework.Step
	// Opened is a reporter in the clear, by report.
	Opened map[string]casework.Reporter
}

type reportRow struct {
	casework.Report
	Quality casework.Quality
}

// pastShown is how many earlier decisions a case shows.
const pastShown = 10

func (c *Console) loadCase(v *visit, id string, typed url.Values) (view caseView, err error) {
	ctx := v.r.Context()
	if view.File, err = c.Casework.Case(ctx, v.Caller, id); err != nil {
		return view, err
	}
	f := &view.File
	if view.Steps, err = c.Casework.Timeline(ctx, v.Caller, id, 0); err != nil {
		return view, err
	}
	view.Norm, view.Records, view.Editions, view.Fresh = norm.At(v.Now), map[string]casework.Record{}, map[string]*policy.Edition{}, v.fresh()
	err = v.read(func(tx *db.Tx) error {
		names := namesIn(ctx, tx)
		if view.OperatorName, err = names.operator(f.Operator); err != nil {
			return err
		}
		if view.AppName, err = names.app(f.Operator, f.App); err != nil {
			return err
		}
		if view.Status, err = capability.Get(ctx, tx, f.Operator, f.App); err != nil {
			return err
		}
		if view.Categories, err = app.Categories(ctx, tx, f.Operator, f.App); err != nil {
			return err
		}
		for _, k := range view.Categories {
			if row, known := view.Norm.Category(k.Path); known && row.Mandatory && k.State == app.Online {
				view.Mandatory = append(view.Mandatory, k.Path)
			}
		}
		if view.Score, err = capability.Credit(ctx, tx, f.Operator, f.App); err != nil {
			return err
		}
		if view.Past, err = casework.PastOf(ctx, tx, f.Operator, f.App, pastShown); err != nil {
			return err
		}
		view.Past = slices.DeleteFunc(view.Past, func(p casework.Past) bool { return p.Case == f.ID })
		reports, err := casework.Reports(ctx, tx, f.Operator, f.ID)
		if err != nil {
			return err
		}
		for _, r := range reports {
			quality, err := casework.QualityOf(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			view.Reports = append(view.Reports, reportRow{r, quality})
		}
		if view.Staff, err = access.StaffNames(ctx, tx, ""); err != nil {
			return err
		}
		if view.Now, err = policy.At(ctx, tx, tx.Now()); err != nil {
			return err
		}
		for _, d := range f.Decisions {
			if view.Editions[d.Edition], err = policy.ByHash(ctx, tx, d.Edition); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return view, err
	}
	if v.May(access.FindingRead) {
		for _, x := range f.Findings {
			if x.Record == "" {
				continue
			}
			if rec, err := c.Casework.Get(ctx, v.Caller, x.Record); err == nil {
				view.Records[x.ID] = rec
			} else if !errors.Is(err, casework.ErrUnknown) {
				return view, err
			}
		}
	}
	view.Weigh = pickedIn(typed, f)
	return view, c.weigh(v, f, &view.Weigh)
}

func (c *Console) showCase(v *visit, view caseView) error {
	return v.show(view.AppName, func(p *page) templ.Component { return casePage(p, view) })
}

func (c *Console) caseOf(v *visit) error {
	view, err := c.loadCase(v, v.r.PathValue("id"), v.r.URL.Query())
	if err != nil {
		return err
	}
	return c.showCase(v, view)
}

// refuseCase shows the case again with what was typed and why it was not done; an
// error that is not about the form is answered as such.
func (c *Console) refuseCase(v *visit, key string, err error) error {
	p := web.ProblemFor(err, v.Lang)
	switch p.Code {
	case "stale", "case_step", "decision_invalid", "own_decision", "two_people", "reason_needed", "invalid":
	default:
		return err
	}
	view, loadErr := c.loadCase(v, v.r.PathValue("id"), v.r.PostForm)
	if loadErr != nil {
		return loadErr
	}
	view.Key, view.Typed = key, v.r.PostForm
	for _, e := range p.Errors {
		view.Problems = append(view.Problems, trouble{key, e.Message})
	}
	var stale *casework.Stale
	if errors.As(err, &stale) {
		if stale.Read > 0 && stale.Read <= len(view.Steps) {
			view.Changed = view.Steps[stale.Read:]
		}
		view.Problems = []trouble{{key, v.T("case.stale")}}
	} else if len(view.Problems) == 0 {
		view.Problems = []trouble{{key, p.Detail}}
	}
	return c.showCase(v, view)
}

// typed is what was typed into one field of the form that was refused.
func (v *caseView) typed(key, name string) string {
	if v.Key != key {
		return ""
	}
	return v.Typed.Get(name)
}

// had is typed, or what stands there otherwise.
func (v *caseView) had(key, name, otherwise string) string {
	if v.Key != key {
		return otherwise
	}
	return v.Typed.Get(name)
}

// who is somebody in a case, for the desks: colleagues by name, the operator's staff
// as the operator.
func (v *caseView) who(p *page, w casework.Who) string { return whoIn(p, v.Staff, w) }

func whoIn(p *page, staff map[string]string, w casework.Who) string {
	if name := staff[w.ID]; name != "" {
		return name
	}
	switch w.Kind {
	case string(access.KindStaff), string(access.KindKey):
		return p.T("case.by.operator")
	case string(access.KindPerson):
		return p.T("case.by.reporter")
	case "host":
		return p.T("case.by.host")
	}
	return p.T("case.by.system")
}

func (v *caseView) finding(id string) *casework.Found {
	if i := slices.IndexFunc(v.File.Findings, func(x casework.Found) bool { return x.ID == id }); i >= 0 {
		return &v.File.Findings[i]
	}
	return nil
}

// ownPart says whether somebody may not judge an appeal: they found or decided.
func (v *caseView) ownPart(decision, who string) bool {
	for _, d := range v.File.Decisions {
		if d.ID != decision {
			continue
		}
		if d.Took(who) {
			return true
		}
		for _, id := range d.Findings {
			if x := v.finding(id); x != nil && x.By.ID == who {
				return true
			}
		}
	}
	return false
}

func (v *caseView) decision(id string) *casework.Decision {
	if i := slices.IndexFunc(v.File.Decisions, func(d casework.Decision) bool { return d.ID == id }); i >= 0 {
		return &v.File.Decisions[i]
	}
	return nil
}

// deciding reports whether the case is where a decision is prepared.
func (v *caseView) deciding() bool {
	switch v.File.State {
	case casework.Triaged, casework.Investigating, casework.IntentNoticed:
		return true
	}
	return false
}

// outcome is what a decision's policy said.
func outcome(d *casework.Decision) (o policy.Outcome) {
	_ = json.Unmarshal([]byte(d.Outcome), &o) // what does not read shows as nothing; Replay names it
	return o
}

func factsOf(d *casework.Decision) policy.Facts {
	f, _ := policy.ReadFacts([]byte(d.Facts))
	return f
}

// decisionState is how far a decision has come, with its colour.
func decisionState(d *casework.Decision) (tone, key string) {
	switch {
	case d.Declined != "":
		return "", "declined"
	case d.Effective.IsZero():
		return "warn", "waiting"
	case d.Reversed != "":
		return "", "reversed"
	}
	return "bad", "effective"
}

func measureTone(s casework.MeasureState) string {
	switch s {
	case casework.Active, casework.Captured:
		return "bad"
	case casework.Pending, casework.Frozen:
		return "warn"
	case casework.Released, casework.Lifted:
		return "good"
	}
	return ""
}

func appealTone(s casework.AppealState) string {
	switch s {
	case casework.Filed, casework.UnderReview:
		return "warn"
	case casework.Overturned, casework.Modified:
		return "good"
	}
	return ""
}

func severityTone(s policy.Severity) string {
	switch s {
	case policy.S1:
		return "info"
	case policy.S2:
		return "warn"
	}
	return "bad"
}

func priorityTone(n int) string { return []string{"", "warn", "bad"}[min(max(n, 0), 2)] }

// measured is a measure in words: what, and for how long.
func (p *page) measured(m policy.Measure) string {
	name := p.T("measure." + string(m.Kind))
	switch {
	case m.Kind == policy.DepositDeduct:
		return name + " " + text(m.Percent) + "%"
	case m.Until == "recheck":
		return name + p.T("measure.until")
	case m.Days > 0:
		return name + " " + p.T("measure.days", "n", m.Days)
	case m.Kind == policy.CapabilityRevoke || m.Kind == policy.ScoreDeduct || m.Kind == policy.Other:
		return name
	}
	return name + p.T("measure.endless")
}

// said is a text in the page's language, else in the other one.
func (p *page) says(t finding.Text) string {
	if s := t[p.Lang]; s != "" {
		return s
	}
	for _, s := range t {
		if s != "" {
			return s
		}
	}
	return ""
}

// told says what one step of a case was about.
func (v *caseView) told(p *page, s casework.Step) string {
	var b struct {
		Priority int    `json:"priority"`
		To       string `json:"to"`
		Text     any    `json:"text"`
		Why      string `json:"why"`
		Note     string `json:"note"`
		Clause   string `json:"clause"`
		Channel  string `json:"channel"`
		Measure  any    `json:"measure"`
		State    string `json:"state"`
		Answer   string `json:"answer"`
		Passed   bool   `json:"passed"`
		Done     bool   `json:"done"`
		Into     string `json:"into"`
		Rect     *struct {
			Due time.Time `json:"due"`
		} `json:"rectification"`
		Until time.Time `json:"until"`
	}
	if json.Unmarshal(s.Body, &b) != nil {
		return ""
	}
	kind := func() string {
		switch m := b.Measure.(type) {
		case map[string]any:
			k, _ := m["kind"].(string)
			return p.T("measure." + k)
		case string:
			for _, one := range v.File.Measures {
				if one.ID == m {
					return p.T("measure." + string(one.Kind))
				}
			}
		}
		return ""
	}
	note, _ := b.Text.(string)
	var parts []string
	switch s.Kind {
	case "opened":
		parts = []string{p.channel(b.Channel)}
	case "triaged":
		parts = []string{p.T("priority." + text(min(max(b.Priority, 0), 2)))}
	case "assigned":
		if parts = []string{p.T("cases.nobody")}; b.To != "" {
			parts = []string{staffName(v.Staff, b.To)}
		}
	case "found":
		parts = []string{b.Clause, clauseTitle(v.Norm, b.Clause, p.Lang)}
	case "intent_noticed":
		parts = []string{p.T("case.intent.until", "at", deadline(b.Until))}
	case "ordered":
		if parts = []string{kind()}; b.Rect != nil {
			parts = []string{p.T("rectify.by", "at", deadline(b.Rect.Due))}
		}
	case "measure":
		parts = []string{kind(), p.T("measure.state." + b.To), p.known("why.", b.Why)}
	case "host_answered":
		if parts = []string{kind(), p.T("host.refused"), note}; b.Done {
			parts[1] = p.T("host.done")
		}
	case "rechecked":
		if parts = []string{p.T("recheck.failed"), b.Note}; b.Passed {
			parts[0] = p.T("recheck.passed")
		}
	case "appeal_answered":
		parts = []string{p.T("appeal.state." + b.State), b.Answer}
	case "ended":
		parts = []string{p.caseState(casework.State(b.To)), b.Why, b.Into}
	default:
		parts = []string{note, b.Why}
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

func stepDot(kind string) string {
	switch kind {
	case "decided", "ordered", "proposed", "intent_noticed":
		return "bad"
	case "ended", "appeal_answered", "rechecked":
		return "good"
	}
	return ""
}

func staffName(names map[string]string, id string) string {
	if n := names[id]; n != "" {
		return n
	}
	return short(id)
}

// sorted is names by name, for a list to choose from.
func sorted(names map[string]string) (list []named) {
	for id, name := range names {
		list = append(list, named{id, name})
	}
	slices.SortFunc(list, func(a, b named) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return list
}

// stamp is an instant to the minute, in the staff's time.
func stamp(at time.Time) string { return at.In(zone).Format("2006-01-02 15:04") }

// deadline is when a time is over: the end of a day is said as that day's, not as
// the next one's beginning.
func deadline(at time.Time) string {
	if local := at.In(zone); local.Hour() == 0 && local.Minute() == 0 {
		return local.AddDate(0, 0, -1).Format(time.DateOnly) + " 24:00"
	}
	return stamp(at)
}

// without is the query but for one value, and for the place in the list.
func (p *page) without(key string) url.Values {
	q := url.Values{}
	for k, values := range p.Query {
		if k != key && k != "cursor" {
			q[k] = values
		}
	}
	return q
}

// staffChannel reports whether a channel is entered by staff alone, with its papers.
func staffChannel(c string) bool {
	return slices.Contains([]string{"patrol", "quality_sampling", "authority_notice", "judicial_document"}, c)
}

// invalid marks a field that was refused.
func invalid(list []trouble, field string) templ.Attributes {
	if troubleOf(list, field).Text == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true"}
}
