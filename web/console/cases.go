package console

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/calendar"
	"clew/casework"
	"clew/db"
	"clew/policy"
	"clew/web"
)

func caseURL(id string) string { return "/console/cases/" + url.PathEscape(id) }

// appNames remembers what operators and apps are called while one page is made.
type appNames struct {
	ctx  context.Context
	tx   *db.Tx
	seen map[string]string
}

func namesIn(ctx context.Context, tx *db.Tx) *appNames {
	return &appNames{ctx, tx, map[string]string{}}
}

func (n *appNames) operator(id string) (string, error) {
	if name, known := n.seen[id]; known {
		return name, nil
	}
	o, err := app.GetOperator(n.ctx, n.tx, id)
	n.seen[id] = o.Name
	return o.Name, err
}

func (n *appNames) app(operator, id string) (string, error) {
	if name, known := n.seen[id]; known {
		return name, nil
	}
	a, err := app.Get(n.ctx, n.tx, operator, id)
	n.seen[id] = a.Name
	return a.Name, err
}

// caseRow is a case as the queue shows it.
type caseRow struct {
	casework.Head
	OperatorName, AppName string
}

type casesView struct {
	Rows     []caseRow
	Next     string
	Queue    casework.Queue
	Mine     bool
	Staff    map[string]string
	Narrowed bool
}

// openStates are the states of a case that is not over, in the order of the work.
func openStates() []casework.State {
	return slices.DeleteFunc(casework.States(), casework.State.Ended)
}

func (c *Console) cases(v *visit) error {
	q := v.r.URL.Query()
	view := casesView{Queue: casework.Queue{App: strings.TrimSpace(q.Get("app")), Overdue: q.Get("overdue") != "", Ended: q.Get("ended") != "", After: q.Get("cursor")}}
	if s := casework.State(q.Get("state")); slices.Contains(casework.States(), s) {
		view.Queue.State, view.Queue.Ended = s, s.Ended()
	}
	if slices.Contains(policy.Channels(), q.Get("channel")) {
		view.Queue.Channel = q.Get("channel")
	}
	switch who := q.Get("who"); who {
	case "":
	case "mine":
		view.Queue.Assignee, view.Mine = v.Caller.ID, true
	case "nobody":
		view.Queue.Assignee = "-"
	default:
		view.Queue.Assignee = who
	}
	view.Narrowed = view.Queue.App != "" || view.Queue.Overdue || view.Queue.State != "" || view.Queue.Channel != "" || view.Queue.Assignee != ""
	list, next, err := c.Casework.Cases(v.r.Context(), v.Caller, view.Queue)
	if err != nil {
		return err
	}
	view.Next = next
	if err := v.read(func(tx *db.Tx) (err error) {
		names := namesIn(v.r.Context(), tx)
		for _, h := range list {
			row := caseRow{Head: h}
			if row.OperatorName, err = names.operator(h.Operator); err != nil {
				return err
			}
			if row.AppName, err = names.app(h.Operator, h.App); err != nil {
				return err
			}
			view.Rows = append(view.Rows, row)
		}
		view.Staff, err = access.StaffNames(v.r.Context(), tx, "")
		return err
	}); err != nil {
		return err
	}
	return v.show(v.T("cases.title"), func(p *page) templ.Component { return casesPage(p, view) })
}

// presses is how urgent a due date is, and says how much time is left: hours on the
// last day, working days before.
func (p *page) presses(due time.Time) (tone, text string) {
	d := due.Sub(p.Now)
	switch {
	case d <= -48*time.Hour:
		return "bad", p.T("due.late.days", "n", int(-d/(24*time.Hour)))
	case d <= 0:
		return "bad", p.T("due.late.hours", "n", max(1, int(-d/time.Hour)))
	case d < 24*time.Hour:
		return "warn", p.T("due.hours", "n", max(1, int(d/time.Hour)))
	}
	n := calendar.WorkingDaysLeft(p.Now, due)
	if n <= 1 {
		return "warn", p.T("due.left.one", "n", max(0, n))
	}
	return "info", p.T("due.left", "n", n)
}

func caseTone(s casework.State) string {
	switch s {
	case casework.Intake, casework.Proposed:
		return "warn"
	case casework.InForce:
		return "bad"
	case casework.Closed, casework.Dismissed, casework.Merged, casework.Referred:
		return ""
	}
	return "info"
}

func (p *page) caseState(s casework.State) string { return p.T("case.state." + string(s)) }

func (p *page) channel(c string) string { return p.T("channel." + c) }

// reportForm is a report that staff enter.
type reportForm struct {
	Typed    url.Values
	Channel  string
	Problems []trouble
	Apps     []named
}

func (c *Console) newReport(v *visit) error {
	return c.showReport(v, reportForm{Typed: v.r.URL.Query(), Channel: v.r.URL.Query().Get("channel")})
}

func (c *Console) showReport(v *visit, view reportForm) error {
	if !slices.Contains(policy.Channels(), view.Channel) {
		view.Channel = policy.Channels()[0]
	}
	return v.show(v.T("report.new"), func(p *page) templ.Component { return reportPage(p, view) })
}

func (c *Console) takeReport(v *visit) error {
	f := v.r.PostForm
	n := casework.NewReport{
		App: strings.TrimSpace(f.Get("app")), Component: strings.TrimSpace(f.Get("component")), Channel: f.Get("channel"), Proof: map[string]string{},
		Reporter: casework.Reporter{Name: strings.TrimSpace(f.Get("name")), Contact: strings.TrimSpace(f.Get("contact")), Text: strings.TrimSpace(f.Get("text"))},
		Evidence: idsIn(f.Get("evidence")), Verified: f.Get("verified") != "" || staffChannel(f.Get("channel")),
	}
	for _, name := range casework.ProofsOf(n.Channel) {
		if s := oneLine(f.Get("proof." + name)); s != "" {
			n.Proof[name] = s
		}
	}
	num, key, err := c.Casework.Report(v.r.Context(), v.Caller, n)
	p := web.ProblemFor(err, v.Lang)
	if err != nil {
		if p.Code != "report_invalid" {
			return err
		}
		view := reportForm{Typed: f, Channel: n.Channel}
		for _, e := range p.Errors {
			view.Problems = append(view.Problems, trouble{e.Field, e.Message})
		}
		return c.showReport(v, view)
	}
	var id string
	if err := v.read(func(tx *db.Tx) error {
		r, _, err := casework.Followed(v.r.Context(), tx, num, key)
		id = r.Case
		return err
	}); err != nil {
		return err
	}
	return v.back(caseURL(id), flash{Tone: "good", Key: "report.taken", Args: []string{"number", num}, Secret: num + " " + key})
}

// oneLine is what people typed on several lines as the one that is kept.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// idsIn are the ids in a text, apart by anything that stands in none.
func idsIn(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return r == ',' || r == '，' || r == '、' || r == ';' || r == ' ' || r == '\n' || r == '\r' || r == '\t'
	})
}
