package web

import (
	"errors"
	"strconv"
	"time"

	"clew/casework"
	"clew/policy"
	"clew/words"
)

// caseProblem is [ProblemFor] of what handling violations refuses.
func caseProblem(err error, lang words.Lang) (Problem, bool) {
	var (
		stale    *casework.Stale
		step     *casework.BadStep
		decision *casework.BadDecision
		report   *casework.BadReport
		late     *casework.Late
		facts    *policy.BadFacts
		faulty   *policy.Faulty
		soon     *policy.TooSoon
	)
	switch {
	case errors.As(err, &stale):
		return New(lang, "stale"), true
	case errors.As(err, &step):
		p := New(lang, "case_step")
		p.Detail = words.T(lang, "problem.case."+step.Code)
		p.Errors = []FieldError{{step.What, step.Code, p.Detail}}
		return p, true
	case errors.As(err, &decision):
		p := New(lang, "decision_invalid")
		p.Errors = []FieldError{{decision.Field, decision.Code, words.T(lang, "problem.decision."+decision.Code)}}
		return p, true
	case errors.As(err, &facts):
		p := New(lang, "decision_invalid")
		p.Errors = []FieldError{{facts.Name, "fact", words.T(lang, "problem.decision.fact")}}
		return p, true
	case errors.As(err, &report):
		p := New(lang, "report_invalid")
		p.Errors = []FieldError{{report.Field, report.Code, words.T(lang, "problem.report."+report.Code)}}
		return p, true
	case errors.As(err, &late):
		return New(lang, "appeal_late", "date", late.Until.In(policy.China).Format(time.DateOnly)), true
	case errors.As(err, &soon):
		return New(lang, "edition_too_soon", "days", soon.Days, "date", soon.Earliest.In(policy.China).Format(time.DateOnly)), true
	case errors.As(err, &faulty):
		p := New(lang, "edition_invalid", "n", len(faulty.Defects))
		for _, d := range faulty.Defects {
			field := "text"
			if d.Line > 0 {
				field += "." + strconv.Itoa(d.Line)
			}
			p.Errors = append(p.Errors, FieldError{field, "defect", d.String()})
		}
		return p, true
	}
	return Problem{}, false
}
