package console

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"clew/casework"
	"clew/finding"
	"clew/policy"
	"clew/web"
)

// weighing is a decision before it is taken: what was picked, and what the policy
// says to it.
type weighing struct {
	Picked []string
	Claims casework.Claims
	// W is nil where nothing can be weighed yet, Why then says what is missing.
	W   *casework.Weighed
	Why string
	// Edition and Before are those that W names; Before is nil unless the newer one is
	// milder and applies.
	Edition, Before *policy.Edition
}

// pickedIn reads findings and claims from a query or a form. Where it names none,
// every breach of the file is taken.
func pickedIn(q url.Values, f *casework.File) (w weighing) {
	w.Picked = slices.Clone(q["f"])
	w.Claims.Fixed, w.Claims.SelfReported = q.Get("fixed") != "", q.Get("self") != ""
	for _, a := range q["agg"] {
		if a != "" {
			w.Claims.Aggravators = append(w.Claims.Aggravators, policy.Aggravator(a))
		}
	}
	if f == nil {
		return w
	}
	if q.Get("set") == "" && len(w.Picked) == 0 {
		for _, x := range f.Findings {
			if x.Verdict == finding.Violation {
				w.Picked = append(w.Picked, x.ID)
			}
		}
	}
	return w
}

// weigh fills w in; what cannot be weighed is said and is no error.
func (c *Console) weigh(v *visit, f *casework.File, w *weighing) error {
	if f.State == casework.Intake || f.State.Ended() || len(f.Findings) == 0 {
		return nil
	}
	got, err := c.Casework.Weigh(v.r.Context(), v.Caller, f.ID, w.Picked, w.Claims)
	var bad *casework.BadDecision
	var facts *policy.BadFacts
	if errors.As(err, &bad) || errors.As(err, &facts) {
		for _, e := range web.ProblemFor(err, v.Lang).Errors {
			w.Why = e.Message
		}
		return nil
	} else if err != nil {
		return err
	}
	w.W = &got
	return v.editions(w)
}

// dutied are the measures that a form can order; points have a field of their own.
func dutied() []policy.Kind {
	return slices.DeleteFunc(policy.Kinds(), func(k policy.Kind) bool { return k == policy.ScoreDeduct })
}

// lasts reports whether a measure has a length.
func lasts(k policy.Kind) bool { return k != policy.CapabilityRevoke && k != policy.DepositDeduct }

// orderIn reads an order from a form. A number that does not read is -1, which no
// order takes: an empty one means "without end" and must not come from a slip.
func orderIn(f url.Values) casework.Order {
	return casework.Order{
		Points: whole(f.Get("points")), RectifyDays: whole(f.Get("rectify_days")),
		Measures: measuresIn(f, "m."), IfNotFixed: measuresIn(f, "n."),
	}
}

func measuresIn(f url.Values, prefix string) (list []policy.Measure) {
	for _, k := range dutied() {
		name := prefix + string(k)
		if f.Get(name) == "" {
			continue
		}
		m := policy.Measure{Kind: k, Days: whole(f.Get(name + ".days"))}
		if f.Get(name+".until") != "" {
			m.Until = "recheck"
		}
		if k == policy.DepositDeduct {
			m.Percent = whole(f.Get(name + ".percent"))
		}
		list = append(list, m)
	}
	return list
}

func whole(s string) int {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// orderFields is an order as a form shows it: what was typed, else what is proposed.
type orderFields struct {
	Points, RectifyDays string
	Rows                []orderRow
}

type orderRow struct {
	Kind         policy.Kind
	Order, After orderCell // ordered at once, and if it is not put right
}

type orderCell struct {
	Name          string
	On, Until     bool
	Days, Percent string
}

func orderForm(typed url.Values, o casework.Order) (x orderFields) {
	if typed != nil {
		x.Points, x.RectifyDays = typed.Get("points"), typed.Get("rectify_days")
	} else {
		x.Points, x.RectifyDays = text(o.Points), text(o.RectifyDays)
	}
	for _, k := range dutied() {
		x.Rows = append(x.Rows, orderRow{k, cellOf(typed, "m."+string(k), k, o.Measures), cellOf(typed, "n."+string(k), k, o.IfNotFixed)})
	}
	return x
}

func cellOf(typed url.Values, name string, k policy.Kind, list []policy.Measure) (c orderCell) {
	c.Name = name
	if typed != nil {
		c.On, c.Until, c.Days, c.Percent = typed.Get(name) != "", typed.Get(name+".until") != "", typed.Get(name+".days"), typed.Get(name+".percent")
		return c
	}
	for _, m := range list {
		if m.Kind != k {
			continue
		}
		c.On, c.Until = true, m.Until == "recheck"
		if m.Days > 0 {
			c.Days = text(m.Days)
		}
		if m.Percent > 0 {
			c.Percent = text(m.Percent)
		}
	}
	return c
}

// factLine is one fact of a decision, in words.
type factLine struct{ Name, Value string }

// facts says what a decision counted and what a person stated.
func (p *page) facts(f policy.Facts) []factLine {
	yes := func(b bool) string {
		if b {
			return p.T("yes")
		}
		return p.T("no")
	}
	var heavier []string
	for _, a := range f.Aggravators {
		heavier = append(heavier, p.T("aggravator."+string(a)))
	}
	var others []string
	for _, s := range f.Others {
		others = append(others, string(s))
	}
	none := func(list []string) string {
		if len(list) == 0 {
			return p.T("none")
		}
		return strings.Join(list, p.T("comma"))
	}
	return []factLine{
		{p.T("fact.severity"), string(f.Severity) + " · " + p.T("severity."+string(f.Severity))},
		{p.T("fact.repeat"), p.T("fact.times", "n", f.Repeat)},
		{p.T("fact.fixed"), yes(f.Fixed)},
		{p.T("fact.self"), yes(f.SelfReported)},
		{p.T("fact.aggravators"), none(heavier)},
		{p.T("fact.others"), none(others)},
		{p.T("fact.score"), text(f.Score)},
		{p.T("fact.mandatory"), yes(f.Mandatory)},
	}
}

func (p *page) crossed(o policy.Outcome) string {
	if len(o.Crossed) == 0 {
		return p.T("none")
	}
	var list []string
	for _, e := range o.Crossed {
		list = append(list, p.T("effect."+e))
	}
	return strings.Join(list, p.T("comma"))
}
