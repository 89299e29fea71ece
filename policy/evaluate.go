package policy

import (
	"fmt"
	"math"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

// engine is an edition's expressions, compiled.
type engine struct {
	rows    []cel.Program
	formula cel.Program
}

const (
	// costLimit bounds what evaluating one expression may cost, in CEL's own units (about
	// one for each step). The shipped rows take less than 30.
	costLimit = 500
	maxWhen   = 500 // characters of an expression
)

// declarations are the words an expression may use. The first group is for rows and
// formula, the second for the formula alone.
func declarations(formula bool) []cel.EnvOption {
	list := []cel.EnvOption{
		ext.Math(),
		cel.Variable("severity", cel.StringType), cel.Variable("repeat", cel.IntType), cel.Variable("fixed", cel.BoolType),
		cel.Variable("self_reported", cel.BoolType), cel.Variable("aggravators", cel.ListType(cel.StringType)),
		cel.Variable("others_count", cel.IntType), cel.Variable("score", cel.IntType), cel.Variable("mandatory", cel.BoolType),
	}
	if formula {
		list = append(list, cel.Variable("base", cel.IntType), cel.Variable("others", cel.IntType),
			cel.Variable("heavier", cel.DoubleType), cel.Variable("lighter", cel.DoubleType))
	}
	return list
}

func compile(env *cel.Env, text string, want *cel.Type) (cel.Program, string) {
	if len(text) > maxWhen {
		return nil, fmt.Sprintf("the expression is longer than %d characters", maxWhen)
	}
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, issues.Err().Error()
	}
	if !ast.OutputType().IsExactType(want) {
		return nil, fmt.Sprintf("the expression is a %s and must be a %s", ast.OutputType(), want)
	}
	p, err := env.Program(ast, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, err.Error()
	}
	return p, ""
}

// compile fills e.engine and notes what does not compile.
func (e *Edition) compile() {
	rows, err := cel.NewEnv(declarations(false)...)
	if err != nil {
		panic(err) // the declarations are ours
	}
	e.engine = &engine{}
	for _, r := range e.Matrix {
		p, why := compile(rows, r.When, cel.BoolType)
		if why != "" {
			e.defect(r.line, "row %s: %s", r.ID, why)
		}
		e.engine.rows = append(e.engine.rows, p)
	}
	formula, err := cel.NewEnv(declarations(true)...)
	if err != nil {
		panic(err)
	}
	p, why := compile(formula, e.Points.Formula, cel.DoubleType)
	if why != "" {
		e.defect(0, "points formula: %s", why)
	}
	e.engine.formula = p
}

// input is facts as expressions see them.
func (e *Edition) input(f Facts) map[string]any {
	aggravators := make([]string, len(f.Aggravators))
	heavier := 1.0
	for i, a := range f.Aggravators {
		aggravators[i] = string(a)
		heavier *= e.Points.Heavier.Each
	}
	lighter := 1.0
	if f.Fixed {
		lighter *= e.Points.Lighter.Fixed
	}
	if f.SelfReported {
		lighter *= e.Points.Lighter.SelfReported
	}
	others := 0
	for _, s := range f.Others {
		others += e.Points.Base[s]
	}
	return map[string]any{
		"severity": string(f.Severity), "repeat": f.Repeat, "fixed": f.Fixed, "self_reported": f.SelfReported,
		"aggravators": aggravators, "others_count": len(f.Others), "score": f.Score, "mandatory": f.Mandatory,
		"base": e.Points.Base[f.Severity], "others": others, "heavier": min(heavier, e.Points.Heavier.Cap), "lighter": lighter,
	}
}

// ErrNoRow says that no row of the table matches; a linted edition always has one.
type ErrNoRow struct{ Facts Facts }

func (e *ErrNoRow) Error() string {
	return "no row of the table matches: " + string(e.Facts.Canonical())
}

// Decide is what the edition says about facts: the first row that matches, its
// points and measures. The same edition and facts give the same outcome, to the
// byte. *[BadFacts].
func (e *Edition) Decide(f Facts) (Outcome, error) {
	if err := f.Check(); err != nil {
		return Outcome{}, err
	}
	f = f.settled()
	in := e.input(f)
	for i, p := range e.engine.rows {
		v, _, err := p.Eval(in)
		if err != nil {
			return Outcome{}, fmt.Errorf("row %s: %w", e.Matrix[i].ID, err)
		}
		if v == types.True {
			return e.outcome(e.Matrix[i], f, in)
		}
	}
	return Outcome{}, &ErrNoRow{f}
}

func (e *Edition) outcome(r Row, f Facts, in map[string]any) (Outcome, error) {
	points := 0
	switch r.Points {
	case "formula":
		v, _, err := e.engine.formula.Eval(in)
		if err != nil {
			return Outcome{}, fmt.Errorf("points formula: %w", err)
		}
		x, ok := v.Value().(float64)
		if !ok || math.IsNaN(x) || x < 0 || x > 1e6 {
			return Outcome{}, fmt.Errorf("points formula: it gave %v, which is no number of points", v.Value())
		}
		points = int(math.Ceil(x))
	case "all":
		points = 100
	}
	o := Outcome{
		Edition: e.hash, Row: r.ID, Because: r.Because, Severity: f.Severity, Points: points, ScoreAfter: max(0, f.Score-points),
		RectifyDays: r.RectifyDays, Measures: slices.Clone(r.Measures), IfNotFixed: slices.Clone(r.IfNotFixed), Crossed: []string{},
		TwoPeople: f.Severity.Severe(),
	}
	if o.Measures == nil {
		o.Measures = []Measure{}
	}
	if o.IfNotFixed == nil {
		o.IfNotFixed = []Measure{}
	}
	for _, t := range e.Thresholds {
		if f.Score >= t.Below && o.ScoreAfter < t.Below {
			o.Crossed = append(o.Crossed, t.Effect)
		}
	}
	return o, nil
}

// Milder reports whether a is milder than b for whom it hits: nothing in it is
// heavier and something is lighter. Where neither is milder than the other, the
// edition of the time of the act applies (docs/governance.md).
func Milder(a, b Outcome) bool {
	lighter := a.Points < b.Points || a.TwoPeople != b.TwoPeople && b.TwoPeople
	if a.Points > b.Points {
		return false
	}
	left := slices.Clone(b.Measures)
	for _, m := range a.Measures {
		i := slices.IndexFunc(left, func(o Measure) bool { return covers(o, m) })
		if i < 0 {
			return false
		}
		lighter = lighter || left[i] != m
		left = slices.Delete(left, i, i+1)
	}
	return lighter || len(left) > 0
}

// Heavier is the first measure of a that nothing in b is at least as heavy as.
func Heavier(a, b []Measure) (m Measure, found bool) {
	left := slices.Clone(b)
	for _, m := range a {
		i := slices.IndexFunc(left, func(o Measure) bool { return covers(o, m) })
		if i < 0 {
			return m, true
		}
		left = slices.Delete(left, i, i+1)
	}
	return Measure{}, false
}

// covers reports whether o is at least as heavy as m.
func covers(o, m Measure) bool {
	if o.Kind != m.Kind {
		return o.Kind == CapabilityRevoke && m.Kind == CapabilitySuspend
	}
	if o.Percent < m.Percent {
		return false
	}
	endless := func(x Measure) bool { return x.Days == 0 && x.Until == "" }
	switch {
	case o == m, endless(o):
		return true
	case endless(m), o.Until != m.Until:
		return false
	}
	return o.Days >= m.Days
}
