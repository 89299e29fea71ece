package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"clew/calendar"
	"clew/finding"
)

// Aggravator is a fact that makes it heavier. The norm names them (section 四).
type Aggravator string

// The aggravators.
const (
	RefusedRectification Aggravator = "refused_rectification" // 多次违规后拒不整改
	Concurrent           Aggravator = "concurrent"            // 多条并犯
	SevereImpact         Aggravator = "severe_impact"         // 恶劣影响
	DataLeak             Aggravator = "data_leak"             // 用户信息泄露
	PublicOpinion        Aggravator = "public_opinion"        // 舆情
	Complaints           Aggravator = "complaints"            // 举报投诉
)

// Aggravators lists them, in the norm's order.
func Aggravators() []Aggravator {
	return []Aggravator{RefusedRectification, Concurrent, SevereImpact, DataLeak, PublicOpinion, Complaints}
}

// Facts are all that a decision depends on. They hold no person and no instant:
// time and counters enter as numbers. Their names are those that conditions use.
type Facts struct {
	// Severity is that of the gravest finding.
	Severity Severity `yaml:"severity" json:"severity"`
	// Repeat is how many active decisions of the same or a graver severity there were
	// in the 365 days before; reversed ones do not count.
	Repeat int `yaml:"repeat" json:"repeat"`
	// Fixed: it was put right before the decision.
	Fixed bool `yaml:"fixed" json:"fixed"`
	// SelfReported: the operator told of it before it was found.
	SelfReported bool         `yaml:"self_reported" json:"self_reported"`
	Aggravators  []Aggravator `yaml:"aggravators" json:"aggravators"`
	// Others are the severities of the other acts of the case; one act under several
	// clauses is one act and counts at its gravest.
	Others []Severity `yaml:"others" json:"others,omitempty"`
	// Score is what the app has before the decision.
	Score int `yaml:"score" json:"score"`
	// Mandatory: one of the app's categories must carry the component (必接).
	Mandatory bool `yaml:"mandatory" json:"mandatory"`
}

// BadFacts says which fact is none.
type BadFacts struct{ Name, Why string }

func (e *BadFacts) Error() string { return e.Name + ": " + e.Why }

// Check holds facts to their words and bounds; *[BadFacts].
func (f Facts) Check() error {
	if !slices.Contains(Severities(), f.Severity) {
		return &BadFacts{"severity", "is S1, S2, S3 or S4"}
	}
	if f.Repeat < 0 || f.Repeat > 1000 {
		return &BadFacts{"repeat", "is a count"}
	}
	if f.Score < 0 || f.Score > 100 {
		return &BadFacts{"score", "is 0 to 100"}
	}
	if len(f.Others) > 100 {
		return &BadFacts{"others", "at most 100"}
	}
	for _, a := range f.Aggravators {
		if !slices.Contains(Aggravators(), a) {
			return &BadFacts{"aggravators", fmt.Sprintf("%q is none", a)}
		}
	}
	for _, s := range f.Others {
		if !slices.Contains(Severities(), s) {
			return &BadFacts{"others", fmt.Sprintf("%q is no severity", s)}
		}
	}
	return nil
}

// Outcome is what an edition says about facts.
type Outcome struct {
	Edition     string       `json:"edition"` // hash
	Row         string       `json:"row"`
	Because     finding.Text `json:"because"`
	Severity    Severity     `json:"severity"`
	Points      int          `json:"points"`
	ScoreAfter  int          `json:"score_after"`
	RectifyDays int          `json:"rectify_days"`
	Measures    []Measure    `json:"measures"`
	IfNotFixed  []Measure    `json:"if_not_fixed"`
	// Crossed are the thresholds that the score falls below by these points.
	Crossed []string `json:"crossed"`
	// TwoPeople: nobody decides it alone.
	TwoPeople bool `json:"two_people"`
}

// Canonical is the one JSON text of an outcome; a decision stores it.
func (o Outcome) Canonical() []byte { return canonical(o) }

// canonical relies on encoding/json: members in the order of the struct, keys of
// maps sorted, no spaces.
func canonical(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // facts and outcomes hold texts and numbers only
	}
	return text
}

// ReadFacts is the reverse of [Facts.Canonical].
func ReadFacts(text []byte) (f Facts, err error) {
	if err := json.Unmarshal(text, &f); err != nil {
		return f, errors.New("facts do not read")
	}
	return f, f.Check()
}

// Span is a length of time as the procedure counts it.
type Span struct {
	N    int
	Unit string // "h", "d", "wd" (working days), "m" (months)
}

// UnmarshalYAML reads "5wd".
func (s *Span) UnmarshalYAML(n *yaml.Node) error {
	text := n.Value
	digits := strings.TrimRight(text, "hdwm")
	s.Unit = text[len(digits):]
	var err error
	if s.N, err = strconv.Atoi(digits); err != nil || s.N < 1 || s.N > 3650 || !slices.Contains([]string{"h", "d", "wd", "m"}, s.Unit) {
		return fmt.Errorf("line %d: %q is no span of time; write 4h, 7d, 5wd or 6m", n.Line, text)
	}
	return nil
}

func (s Span) String() string { return strconv.Itoa(s.N) + s.Unit }

// China is where the procedure's days begin and end.
var China = time.FixedZone("UTC+8", 8*3600)

// After is when a span that began at t is over. Days and months end with the day in
// China, working days with the last working day; a month that has no such day ends
// with its last one.
func (s Span) After(t time.Time) time.Time {
	switch s.Unit {
	case "h":
		return t.Add(time.Duration(s.N) * time.Hour)
	case "wd":
		return calendar.AddWorkingDays(t, s.N)
	}
	y, m, d := t.In(China).Date()
	if s.Unit == "m" {
		first := time.Date(y, m+time.Month(s.N), 1, 0, 0, 0, 0, China)
		last := first.AddDate(0, 1, -1).Day()
		y, m, d = first.Year(), first.Month(), min(d, last)
	} else {
		d += s.N
	}
	return time.Date(y, m, d+1, 0, 0, 0, 0, China).UTC()
}
