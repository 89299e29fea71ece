package casework

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"clew/finding"
	"clew/norm"
	"clew/policy"
	"clew/words"
)

// Statement is the statement of reasons of one decision: everything whoever is
// decided about must be told (norm 四; DSA 17 for the shape).
type Statement struct {
	Case     string `json:"case"`
	Decision string `json:"decision"`
	Operator string `json:"operator"`
	App      string `json:"app"`
	// Facts are what was found, clause by clause.
	Facts []StatedFact `json:"facts"`
	// Because is the row's own reason, Reasons the decider's.
	Because finding.Text     `json:"because"`
	Reasons finding.Text     `json:"reasons"`
	Edition string           `json:"edition"` // of the policy, hash
	Norm    string           `json:"norm"`    // edition of the norm
	Orders  []policy.Measure `json:"measures"`
	Points  int              `json:"points"`
	// Rectify is until when what was found must be put right; zero when nothing must.
	Rectify time.Time `json:"rectify,omitzero"`
	// Detected and Decided say what machines did (DSA 17(3)(c)).
	Detected  Automation `json:"detected"`
	Effective time.Time  `json:"effective"`
	// Appeal is until when an appeal can be filed, Overturn the closed list of facts that
	// would overturn it.
	Appeal   time.Time             `json:"appeal_until"`
	Overturn []policy.OverturnFact `json:"overturn"`
	People   int                   `json:"people"` // who decided: one or two
	Channel  string                `json:"channel"`
	Reversed string                `json:"reversed,omitempty"` // by this appeal or decision
}

// StatedFact is one finding as a statement gives it.
type StatedFact struct {
	Finding  string          `json:"finding"`
	Clause   string          `json:"clause"`
	Title    string          `json:"title"` // of the clause, in the norm's words
	Severity policy.Severity `json:"severity"`
	Text     finding.Text    `json:"text"`
	ActAt    time.Time       `json:"act_at"`
	Evidence []string        `json:"evidence,omitempty"`
}

// Automation is by what means something was detected.
type Automation struct {
	Machine bool `json:"machine"` // a detector saw it first
	Person  bool `json:"person"`  // a person looked
}

// StatementOf makes the statement of a decision that took effect; nil when there is none
// of this id.
func StatementOf(f *File, id string, edition *policy.Edition) *Statement {
	d := f.decision(id)
	if d == nil || d.Effective.IsZero() {
		return nil
	}
	at := norm.At(d.Effective)
	s := &Statement{
		Case: f.ID, Decision: d.ID, Operator: f.Operator, App: f.App, Reasons: d.Reasons, Edition: d.Edition, Norm: at.ID,
		Orders: d.Ordered.Measures, Points: d.Ordered.Points, Effective: d.Effective,
		Appeal: edition.Clocks.AppealWindow.After(d.Effective), People: 1, Channel: f.Channel, Reversed: d.Reversed,
	}
	if d.Approver != nil {
		s.People = 2
	}
	for _, r := range f.Rectifications {
		if r.Decision == id {
			s.Rectify = r.Due
		}
	}
	seen := map[string]bool{}
	for _, fid := range d.Findings {
		x := f.found(fid)
		if x == nil {
			continue
		}
		title := ""
		if c, ok := at.Clause(x.Clause); ok {
			title = c.Title
		}
		s.Facts = append(s.Facts, StatedFact{x.ID, x.Clause, title, x.Severity, x.Text, x.ActAt, x.Evidence})
		s.Detected.Machine = s.Detected.Machine || x.Automated || x.Fingerprint != ""
		s.Detected.Person = s.Detected.Person || !x.Automated
		for _, fact := range edition.Overturn(x.Clause) {
			if !seen[fact.ID] {
				seen[fact.ID] = true
				s.Overturn = append(s.Overturn, fact)
			}
		}
	}
	var o policy.Outcome
	if json.Unmarshal([]byte(d.Outcome), &o) == nil {
		s.Because = o.Because
	}
	return s
}

// DSA is a statement in the shape and with the words of the EU's Transparency
// Database (governance facts 2.6; Regulation (EU) 2022/2065, art. 17 and 24(5)).
type DSA struct {
	DecisionVisibility      []string `json:"decision_visibility,omitempty"`
	DecisionVisibilityOther string   `json:"decision_visibility_other,omitempty"`
	DecisionMonetary        string   `json:"decision_monetary,omitempty"`
	DecisionMonetaryOther   string   `json:"decision_monetary_other,omitempty"`
	DecisionProvision       string   `json:"decision_provision,omitempty"`
	DecisionGround          string   `json:"decision_ground"`
	Ground                  string   `json:"incompatible_content_ground"`
	Explanation             string   `json:"incompatible_content_explanation"`
	Illegal                 string   `json:"incompatible_content_illegal"`
	ContentType             []string `json:"content_type"`
	Category                string   `json:"category"`
	CategorySpecification   []string `json:"category_specification,omitempty"`
	ContentDate             string   `json:"content_date"`
	ApplicationDate         string   `json:"application_date"`
	EndVisibility           string   `json:"end_date_visibility_restriction,omitempty"`
	EndMonetary             string   `json:"end_date_monetary_restriction,omitempty"`
	EndService              string   `json:"end_date_service_restriction,omitempty"`
	DecisionFacts           string   `json:"decision_facts"`
	SourceType              string   `json:"source_type"`
	AutomatedDetection      string   `json:"automated_detection"`
	AutomatedDecision       string   `json:"automated_decision"`
	TerritorialScope        []string `json:"territorial_scope,omitempty"`
	ContentLanguage         string   `json:"content_language,omitempty"`
	PUID                    string   `json:"puid"`
}

// sources map the norm's channels to the database's.
var sources = map[string]string{
	"patrol": "SOURCE_VOLUNTARY", "quality_sampling": "SOURCE_VOLUNTARY",
	"authority_notice": "SOURCE_TYPE_OTHER_NOTIFICATION", "judicial_document": "SOURCE_TYPE_OTHER_NOTIFICATION",
	"consumer_complaint": "SOURCE_ARTICLE_16", "rights_holder_report": "SOURCE_ARTICLE_16",
	"media_exposure": "SOURCE_TYPE_OTHER_NOTIFICATION", "other_lawful": "SOURCE_TYPE_OTHER_NOTIFICATION",
}

// DSA writes the statement as the database takes it. It holds no personal data.
func (s *Statement) DSA() DSA {
	d := DSA{
		DecisionGround: "DECISION_GROUND_INCOMPATIBLE_CONTENT", Illegal: "No", ContentType: []string{"CONTENT_TYPE_APP"},
		Category: "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", CategorySpecification: []string{"KEYWORD_MISSING_PROCESSING_GROUND"},
		ApplicationDate: s.Effective.Format(time.DateOnly), SourceType: sources[s.Channel], AutomatedDetection: yes(s.Detected.Machine),
		AutomatedDecision: "AUTOMATED_DECISION_NOT_AUTOMATED", ContentLanguage: "ZH", PUID: s.Case + "-" + s.Decision,
	}
	var clauses, facts []string
	first := s.Effective
	for _, f := range s.Facts {
		clauses = append(clauses, f.Clause)
		facts = append(facts, f.Clause+": "+f.Text[words.EN])
		if f.ActAt.Before(first) {
			first = f.ActAt
		}
	}
	d.ContentDate = first.Format(time.DateOnly)
	d.Ground = cut("Usage norm of the lead component, clauses "+strings.Join(clauses, ", ")+"; policy "+s.Edition, 500)
	d.Explanation = cut(strings.TrimSpace(s.Because[words.EN]+". "+s.Reasons[words.EN]), 2000)
	d.DecisionFacts = cut(strings.Join(facts, "\n"), 5000)
	for _, m := range s.Orders {
		end := ""
		if m.Days > 0 {
			end = (policy.Span{N: m.Days, Unit: "d"}).After(s.Effective).Format(time.DateOnly)
		}
		switch m.Kind {
		case policy.CapabilitySuspend, policy.ProductUploadClosed:
			d.DecisionProvision, d.EndService = heavierProvision(d.DecisionProvision, "DECISION_PROVISION_PARTIAL_SUSPENSION"), end
		case policy.CapabilityRevoke:
			d.DecisionProvision = heavierProvision(d.DecisionProvision, "DECISION_PROVISION_PARTIAL_TERMINATION")
		case policy.AppDelist:
			d.DecisionProvision, d.EndService = heavierProvision(d.DecisionProvision, "DECISION_PROVISION_TOTAL_SUSPENSION"), end
		case policy.ProductDelist:
			d.visible("DECISION_VISIBILITY_CONTENT_DISABLED")
			d.EndVisibility = end
			if !slices.Contains(d.ContentType, "CONTENT_TYPE_PRODUCT") {
				d.ContentType = append(d.ContentType, "CONTENT_TYPE_PRODUCT")
			}
		case policy.PublicWarning:
			d.visible("DECISION_VISIBILITY_OTHER")
			d.DecisionVisibilityOther = "public warning in the register of measures"
			d.EndVisibility = end
		case policy.PaymentRestrict, policy.WithdrawalRestrict:
			d.DecisionMonetary, d.EndMonetary = "DECISION_MONETARY_SUSPENSION", end
		case policy.DepositDeduct:
			d.DecisionMonetary, d.DecisionMonetaryOther = "DECISION_MONETARY_OTHER", fmt.Sprintf("%d percent of the deposit, taken after the time to appeal", m.Percent)
		}
	}
	if d.DecisionProvision == "" && d.DecisionMonetary == "" && len(d.DecisionVisibility) == 0 {
		d.visible("DECISION_VISIBILITY_OTHER")
		d.DecisionVisibilityOther = "order to put it right"
	}
	return d
}

func (d *DSA) visible(how string) {
	if !slices.Contains(d.DecisionVisibility, how) {
		d.DecisionVisibility = append(d.DecisionVisibility, how)
	}
}

// provisions from the lightest to the heaviest.
var provisions = []string{
	"", "DECISION_PROVISION_PARTIAL_SUSPENSION", "DECISION_PROVISION_PARTIAL_TERMINATION",
	"DECISION_PROVISION_TOTAL_SUSPENSION", "DECISION_PROVISION_TOTAL_TERMINATION",
}

func heavierProvision(a, b string) string {
	return provisions[max(slices.Index(provisions, a), slices.Index(provisions, b))]
}

func yes(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// cut keeps n characters, as the database counts them.
func cut(text string, n int) string {
	runes := []rune(text)
	if len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}
