// Package policy keeps one promise: what follows from a breach is computed from a
// dated edition and declared facts, and computing it again gives the same bytes for
// ever.
//
// An [Edition] is one YAML text: how grave a breach of each clause is, an ordered
// decision table whose conditions are CEL, the formula of points, clocks,
// thresholds, and its own tests. [Parse] refuses a text that [Lint] faults. Nothing
// here decides: people do, with what [Edition.Decide] says before them.
package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"clew/finding"
)

// Severity is how grave a breach is.
type Severity string

// The severities, the slightest first (docs/governance.md).
const (
	S1 Severity = "S1" // presentation
	S2 Severity = "S2" // interaction or notice, without unlawful collection
	S3 Severity = "S3" // unlawful collection or misuse
	S4 Severity = "S4" // leak, sale, fraud, refusal after S3
)

// Severities lists them, the slightest first.
func Severities() []Severity { return []Severity{S1, S2, S3, S4} }

// Severe reports whether two people must decide, and a machine never.
func (s Severity) Severe() bool { return s == S3 || s == S4 }

// Kind is a measure of norm 四, by the name that a decision and the host's adapter use.
type Kind string

// The measures. Each one's undo is in [Kind.Reversible].
const (
	CapabilitySuspend   Kind = "capability_suspend"    // 能力回收（暂停）
	CapabilityRevoke    Kind = "capability_revoke"     // 能力回收
	PublicWarning       Kind = "public_warning"        // 公示警告
	ProductDelist       Kind = "product_delist"        // 商品下架
	ProductUploadClosed Kind = "product_upload_closed" // 关闭新增商品上传入口
	AppDelist           Kind = "app_delist"            // 下架小程序
	PaymentRestrict     Kind = "payment_restrict"      // 限制支付
	WithdrawalRestrict  Kind = "withdrawal_restrict"   // 限制提现
	DepositDeduct       Kind = "deposit_deduct"        // 扣除保证金
	ScoreDeduct         Kind = "score_deduct"          // 扣除小程序信用分
	Other               Kind = "other"                 // 其他必要的处理措施
)

// Kinds lists every measure, in the norm's order.
func Kinds() []Kind {
	return []Kind{
		CapabilitySuspend, CapabilityRevoke, PublicWarning, ProductDelist, ProductUploadClosed, AppDelist,
		PaymentRestrict, WithdrawalRestrict, DepositDeduct, ScoreDeduct, Other,
	}
}

// Host reports whether a measure acts in another system, by its adapter.
func (k Kind) Host() bool {
	switch k {
	case ProductDelist, ProductUploadClosed, AppDelist, PaymentRestrict, WithdrawalRestrict, DepositDeduct, Other:
		return true
	}
	return false
}

// Money reports whether a measure takes money: it is frozen first and taken only
// after the appeal window.
func (k Kind) Money() bool { return k == DepositDeduct }

// Measure is what a row orders.
type Measure struct {
	Kind Kind `yaml:"kind" json:"kind"`
	// Days is how long it lasts; 0 is without end, unless Until says otherwise.
	Days int `yaml:"days" json:"days,omitempty"`
	// Until "recheck" ends it when the re-inspection passes.
	Until string `yaml:"until" json:"until,omitempty"`
	// Percent of the deposit, for [DepositDeduct].
	Percent int `yaml:"percent" json:"percent,omitempty"`
}

// Row is one line of the decision table.
type Row struct {
	ID   string `yaml:"id"`
	When string `yaml:"when"` // CEL over [Facts]; true applies the row
	// Because is the reason in words, for the statement of reasons.
	Because finding.Text `yaml:"because"`
	// Points is "none", "formula" or "all" (whatever the score still is).
	Points      string    `yaml:"points"`
	RectifyDays int       `yaml:"rectify_days"` // days to put it right; 0 is nothing to do
	Measures    []Measure `yaml:"measures"`
	// IfNotFixed are ordered when the re-inspection fails.
	IfNotFixed []Measure `yaml:"if_not_fixed"`

	line int
}

// Threshold is what a score below a line brings.
type Threshold struct {
	Below  int    `yaml:"below"`
	Effect string `yaml:"effect"`
}

// effects are what a threshold may bring.
var effects = []string{"no_new_capability", "monthly_reinspection", "capability_suspend", "app_delist", "capability_revoke"}

// Points is how they are counted.
type Points struct {
	Base    map[Severity]int `yaml:"base"`
	Formula string           `yaml:"formula"` // CEL; a number of points, rounded by itself
	Heavier struct {
		Each float64 `yaml:"each"` // for each aggravating fact, multiplied
		Cap  float64 `yaml:"cap"`
	} `yaml:"heavier"`
	Lighter struct {
		Fixed        float64 `yaml:"fixed_before_decision"`
		SelfReported float64 `yaml:"self_reported"`
	} `yaml:"lighter"`
	ExpireDays int `yaml:"expire_days"`
}

// Test is an example that stands beside the table and is run with it.
type Test struct {
	Name   string `yaml:"name"`
	Facts  Facts  `yaml:"facts"`
	Row    string `yaml:"row"`
	Points int    `yaml:"points"`
}

// Clocks are the times of the procedure, by name; see [Edition.Clock].
type Clocks struct {
	Triage       map[string]Span `yaml:"triage"` // by channel
	Defence      Span            `yaml:"defence"`
	InterimEnds  Span            `yaml:"interim_ends"`
	Register     Span            `yaml:"register"`
	Recheck      Span            `yaml:"recheck"`
	AppealWindow Span            `yaml:"appeal_window"`
	MoneyWaits   Span            `yaml:"money_waits"`
	AppealAnswer Span            `yaml:"appeal_answer"`
	AppealHard   Span            `yaml:"appeal_hard"`
}

// OverturnFact is one fact that, if it is shown, overturns a finding. The list is
// closed: an appeal names facts from it, and the notice of a decision prints it.
type OverturnFact struct {
	ID   string       `yaml:"id"`
	Text finding.Text `yaml:"text"`
	// Clauses are the clauses it is about, or their beginnings ("3.1.1"); empty is all.
	Clauses []string `yaml:"clauses"`
}

// Overturn is the facts that overturn a finding of a clause.
func (e *Edition) Overturn(clause string) (list []OverturnFact) {
	for _, f := range e.OverturnFacts {
		about := len(f.Clauses) == 0
		for _, c := range f.Clauses {
			about = about || c == clause || strings.HasPrefix(clause, c+".")
		}
		if about {
			list = append(list, f)
		}
	}
	return list
}

// Edition is the policy as it stands from one day on. It is shared: read only.
type Edition struct {
	Name          string              `yaml:"edition"`
	Title         finding.Text        `yaml:"title"`
	Own           bool                `yaml:"own"` // the project's own proposal, and shown as such
	EffectiveFrom time.Time           `yaml:"effective_from"`
	Severity      map[string]Severity `yaml:"severity"` // by clause
	Points        Points              `yaml:"points"`
	Matrix        []Row               `yaml:"matrix"`
	Thresholds    []Threshold         `yaml:"thresholds"`
	Clocks        Clocks              `yaml:"clocks"`
	Tests         []Test              `yaml:"tests"`
	OverturnFacts []OverturnFact      `yaml:"overturn"`

	hash    string
	text    string
	engine  *engine
	defects []Defect
}

// Hash is the SHA-256 of the text in lower-case hex: what a decision stores.
func (e *Edition) Hash() string { return e.hash }

// Text is the edition as it was written.
func (e *Edition) Text() string { return e.text }

// Defect is something wrong with a text, with the line it is in (0: the whole).
type Defect struct {
	Line int
	Why  string
}

func (d Defect) String() string {
	if d.Line == 0 {
		return d.Why
	}
	return fmt.Sprintf("line %d: %s", d.Line, d.Why)
}

// Faulty says everything that is wrong with a text.
type Faulty struct{ Defects []Defect }

func (e *Faulty) Error() string {
	lines := make([]string, len(e.Defects))
	for i, d := range e.Defects {
		lines[i] = d.String()
	}
	return "the policy cannot be used:\n" + strings.Join(lines, "\n")
}

// maxText bounds an edition, in bytes.
const maxText = 256 << 10

// Parse reads an edition strictly and lints it; *[Faulty] says all that is wrong.
func Parse(text string) (*Edition, error) {
	e, err := decode(text)
	if err != nil {
		return nil, err
	}
	if e.lint(); len(e.defects) > 0 {
		return nil, &Faulty{e.defects}
	}
	return e, nil
}

func decode(text string) (*Edition, error) {
	if len(text) > maxText {
		return nil, &Faulty{[]Defect{{0, fmt.Sprintf("it is longer than %d bytes", maxText)}}}
	}
	sum := sha256.Sum256([]byte(text))
	e := &Edition{hash: hex.EncodeToString(sum[:]), text: text}
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(e); err != nil {
		return nil, yamlFault(err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Faulty{[]Defect{{0, "there is a second document in it"}}}
	}
	e.lines()
	return e, nil
}

// yamlFault keeps the library's words, which name line and key.
func yamlFault(err error) error {
	var kind *yaml.TypeError
	if !errors.As(err, &kind) {
		return &Faulty{[]Defect{{0, strings.TrimPrefix(err.Error(), "yaml: ")}}}
	}
	var all []Defect
	for _, text := range kind.Errors {
		var d Defect
		if n, _ := fmt.Sscanf(text, "line %d:", &d.Line); n == 1 {
			_, text, _ = strings.Cut(text, ": ")
		}
		d.Why = text
		all = append(all, d)
	}
	return &Faulty{all}
}

// lines notes where each row stands, for what is said about it.
func (e *Edition) lines() {
	var root yaml.Node
	if yaml.Unmarshal([]byte(e.text), &root) != nil || len(root.Content) == 0 {
		return
	}
	top := root.Content[0]
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value != "matrix" {
			continue
		}
		for n, row := range top.Content[i+1].Content {
			if n < len(e.Matrix) {
				e.Matrix[n].line = row.Line
			}
		}
	}
}

// Canonical is facts as a decision stores them: one JSON text for equal facts.
func (f Facts) Canonical() []byte { return canonical(f.settled()) }

// SameOutcome reports whether two outcomes are equal to the byte.
func SameOutcome(a, b Outcome) bool { return bytes.Equal(a.Canonical(), b.Canonical()) }

// settled is f with its lists in one order and without repetitions.
func (f Facts) settled() Facts {
	f.Aggravators = slices.Compact(slices.Sorted(slices.Values(f.Aggravators)))
	if len(f.Aggravators) == 0 {
		f.Aggravators = []Aggravator{}
	}
	return f
}
