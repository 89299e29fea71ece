package policy

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"clew/norm"
	"clew/words"
)

func (e *Edition) defect(line int, format string, args ...any) {
	e.defects = append(e.defects, Defect{line, fmt.Sprintf(format, args...)})
}

// lint holds an edition to everything that docs/governance.md promises of one.
func (e *Edition) lint() {
	if strings.TrimSpace(e.Name) == "" || len(e.Name) > 40 {
		e.defect(0, "edition: a short name is needed")
	}
	e.spoken(0, "title", e.Title)
	if e.EffectiveFrom.IsZero() {
		e.defect(0, "effective_from: a date is needed")
	}
	e.lintSeverity()
	e.lintPoints()
	e.lintRows()
	e.lintThresholds()
	e.lintClocks()
	e.lintOverturn()
	if len(e.defects) > 0 {
		return // the rest runs the table
	}
	if e.compile(); len(e.defects) > 0 {
		return
	}
	e.lintTable()
	e.lintTests()
}

func (e *Edition) spoken(line int, what string, t map[words.Lang]string) {
	for _, l := range words.Langs() {
		if strings.TrimSpace(t[l]) == "" {
			e.defect(line, "%s: the text in %q is missing", what, l)
		}
	}
}

// lintSeverity wants every clause a finding can name, and no other.
func (e *Edition) lintSeverity() {
	at := norm.At(e.EffectiveFrom)
	known := map[string]bool{}
	for _, c := range at.Clauses {
		if strings.HasPrefix(c.ID, "4.") {
			continue // the procedure itself
		}
		known[c.ID] = true
		if s, ok := e.Severity[c.ID]; !ok {
			e.defect(0, "severity: clause %s has none", c.ID)
		} else if !slices.Contains(Severities(), s) {
			e.defect(0, "severity: %q of clause %s is none", s, c.ID)
		}
	}
	for id := range e.Severity {
		if !known[id] {
			e.defect(0, "severity: the norm has no clause %s", id)
		}
	}
}

func (e *Edition) lintPoints() {
	last := 0
	for _, s := range Severities() {
		if e.Points.Base[s] <= last {
			e.defect(0, "points: the base of %s must be more than that of what is slighter", s)
		}
		last = e.Points.Base[s]
	}
	if h := e.Points.Heavier; h.Each < 1 || h.Cap < h.Each {
		e.defect(0, "points: heavier multiplies by 1 or more, and its cap is not below it")
	}
	if l := e.Points.Lighter; l.Fixed <= 0 || l.Fixed > 1 || l.SelfReported <= 0 || l.SelfReported > 1 {
		e.defect(0, "points: lighter multiplies by more than 0 and at most 1")
	}
	if e.Points.ExpireDays < 1 {
		e.defect(0, "points: every entry must expire")
	}
}

func (e *Edition) lintRows() {
	if len(e.Matrix) == 0 {
		e.defect(0, "matrix: it has no row")
	}
	seen := map[string]bool{}
	for _, r := range e.Matrix {
		if r.ID == "" || seen[r.ID] {
			e.defect(r.line, "row %q: an id of its own is needed", r.ID)
		}
		seen[r.ID] = true
		e.spoken(r.line, "row "+r.ID+": because", r.Because)
		if !slices.Contains([]string{"none", "formula", "all"}, r.Points) {
			e.defect(r.line, "row %s: points is none, formula or all", r.ID)
		}
		if r.RectifyDays < 0 || r.RectifyDays > 365 {
			e.defect(r.line, "row %s: rectify_days is 0 to 365", r.ID)
		}
		e.lintMeasures(r, r.Measures)
		e.lintMeasures(r, r.IfNotFixed)
		if len(r.IfNotFixed) > 0 && r.RectifyDays == 0 {
			e.defect(r.line, "row %s: if_not_fixed needs days to put it right", r.ID)
		}
	}
}

func (e *Edition) lintMeasures(r Row, list []Measure) {
	for _, why := range CheckMeasures(list) {
		e.defect(r.line, "row %s: %s", r.ID, why)
	}
}

// CheckMeasures says what is wrong with a list of measures that are ordered
// together; nothing when it can be carried out.
func CheckMeasures(list []Measure) (faults []string) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	has := map[Kind]bool{}
	for _, m := range list {
		switch {
		case !slices.Contains(Kinds(), m.Kind):
			fault("%q is no measure", m.Kind)
		case m.Kind == ScoreDeduct:
			fault("points are ordered by points, not as a measure")
		case has[m.Kind]:
			fault("%s stands there twice", m.Kind)
		case m.Days < 0 || m.Days > 3650:
			fault("%s lasts 0 to 3650 days", m.Kind)
		case m.Until != "" && (m.Until != "recheck" || m.Days != 0):
			fault("%s ends by days or with the recheck", m.Kind)
		case m.Kind == DepositDeduct && (m.Percent < 1 || m.Percent > 100):
			fault("deposit_deduct takes 1 to 100 percent")
		case m.Kind != DepositDeduct && m.Percent != 0:
			fault("%s has no percent", m.Kind)
		case m.Kind == CapabilitySuspend && m.Days == 0 && m.Until == "":
			fault("a suspension ends; without end it is capability_revoke")
		}
		has[m.Kind] = true
	}
	if has[CapabilitySuspend] && has[CapabilityRevoke] {
		fault("what is revoked cannot be suspended too")
	}
	return faults
}

func (e *Edition) lintThresholds() {
	last := 101
	for _, t := range e.Thresholds {
		if t.Below >= last || t.Below < 1 {
			e.defect(0, "thresholds: they go down from 100 to 1, each below the one before; %d does not", t.Below)
		}
		last = t.Below
		if !slices.Contains(effects, t.Effect) {
			e.defect(0, "thresholds: %q is no effect (%s)", t.Effect, strings.Join(effects, ", "))
		}
	}
}

// Channels are how breaches come to be known (norm 四), in the norm's order.
func Channels() []string {
	return []string{
		"patrol", "quality_sampling", "authority_notice", "judicial_document", "consumer_complaint",
		"rights_holder_report", "media_exposure", "other_lawful",
	}
}

func (e *Edition) lintClocks() {
	for _, c := range Channels() {
		if e.Clocks.Triage[c].N == 0 {
			e.defect(0, "clocks: triage of %s is missing", c)
		}
	}
	for name := range e.Clocks.Triage {
		if !slices.Contains(Channels(), name) {
			e.defect(0, "clocks: %q is no channel", name)
		}
	}
	for name, s := range map[string]Span{
		"defence": e.Clocks.Defence, "interim_ends": e.Clocks.InterimEnds, "register": e.Clocks.Register, "recheck": e.Clocks.Recheck,
		"appeal_window": e.Clocks.AppealWindow, "money_waits": e.Clocks.MoneyWaits, "appeal_answer": e.Clocks.AppealAnswer, "appeal_hard": e.Clocks.AppealHard,
	} {
		if s.N == 0 {
			e.defect(0, "clocks: %s is missing", name)
		}
	}
	day := time.Date(2026, 6, 1, 0, 0, 0, 0, China)
	if e.Clocks.MoneyWaits.After(day).After(e.Clocks.AppealWindow.After(day)) {
		e.defect(0, "clocks: money_waits ends within the appeal window")
	}
}

// Combinations walks every combination of facts that conditions can tell apart, by
// the values at which they change.
func Combinations() iter.Seq[Facts] {
	bools := []bool{false, true}
	return func(yield func(Facts) bool) {
		for _, severity := range Severities() {
			for repeat := range 5 {
				for _, fixed := range bools {
					for _, self := range bools {
						for _, mandatory := range bools {
							for set := range 1 << len(Aggravators()) {
								var aggravators []Aggravator
								for i, a := range Aggravators() {
									if set>>i&1 == 1 {
										aggravators = append(aggravators, a)
									}
								}
								for _, score := range []int{100, 59, 0} {
									if !yield(Facts{
										Severity: severity, Repeat: repeat, Fixed: fixed, SelfReported: self,
										Aggravators: aggravators, Score: score, Mandatory: mandatory,
									}) {
										return
									}
								}
							}
						}
					}
				}
			}
		}
	}
}

// Coverage is how many combinations each row of the table decides.
func (e *Edition) Coverage() (rows map[string]int, all int, err error) {
	rows = map[string]int{}
	for f := range Combinations() {
		o, err := e.Decide(f)
		if err != nil {
			return rows, all, err
		}
		rows[o.Row]++
		all++
	}
	return rows, all, nil
}

// lintTable walks the table: total, every row reachable, never milder for a graver
// severity.
func (e *Edition) lintTable() {
	rows, _, err := e.Coverage()
	var none *ErrNoRow
	if errors.As(err, &none) {
		e.defect(0, "matrix: no row matches %s; the last row of each severity must match what is left", none.Facts.Canonical())
		return
	} else if err != nil {
		e.defect(0, "matrix: %v", err)
		return
	}
	for _, r := range e.Matrix {
		if rows[r.ID] == 0 {
			e.defect(r.line, "row %s: nothing reaches it; the rows before it match first", r.ID)
		}
	}
}

// lintTests runs the examples: each row needs one that hits it and one that another
// row takes although only one fact differs.
func (e *Edition) lintTests() {
	hit := map[string]bool{}
	for _, t := range e.Tests {
		f := t.Facts
		if f.Score == 0 {
			f.Score = 100
		}
		o, err := e.Decide(f)
		switch {
		case err != nil:
			e.defect(0, "test %q: %v", t.Name, err)
		case o.Row != t.Row:
			e.defect(0, "test %q: row %s decides, not %s", t.Name, o.Row, t.Row)
		case o.Points != t.Points:
			e.defect(0, "test %q: it gives %d points, not %d", t.Name, o.Points, t.Points)
		}
		hit[t.Row] = true
	}
	for _, r := range e.Matrix {
		if !hit[r.ID] {
			e.defect(r.line, "row %s: no test hits it", r.ID)
		}
	}
	if len(hit) == 1 && len(e.Matrix) > 1 {
		e.defect(0, "tests: all hit the same row")
	}
}

// lintOverturn wants at least one fact for every clause, and no id twice.
func (e *Edition) lintOverturn() {
	seen := map[string]bool{}
	for _, f := range e.OverturnFacts {
		if f.ID == "" || seen[f.ID] {
			e.defect(0, "overturn %q: an id of its own is needed", f.ID)
		}
		seen[f.ID] = true
		e.spoken(0, "overturn "+f.ID, f.Text)
	}
	for clause := range e.Severity {
		if len(e.Overturn(clause)) == 0 {
			e.defect(0, "overturn: no fact could overturn a finding of clause %s", clause)
		}
	}
}
