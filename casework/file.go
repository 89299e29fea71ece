package casework

import (
	"slices"
	"time"

	"clew/finding"
	"clew/policy"
)

// State is how far a case has come.
type State string

// The states (docs/governance.md). A case that ended can be reopened, from Closed
// and Dismissed only.
const (
	Intake        State = "intake"
	Triaged       State = "triaged"
	Investigating State = "investigating"
	IntentNoticed State = "intent_noticed"
	Proposed      State = "proposed" // decided by one, waiting for the second
	InForce       State = "in_force"
	Rectifying    State = "rectifying"
	RecheckDue    State = "recheck_due"
	Closed        State = "closed"
	Dismissed     State = "dismissed"
	Merged        State = "merged"
	Referred      State = "referred" // handed to an authority
)

// States lists every state, in the order of the work.
func States() []State {
	return []State{
		Intake, Triaged, Investigating, IntentNoticed, Proposed, InForce, Rectifying, RecheckDue, Closed, Dismissed, Merged, Referred,
	}
}

// Ended reports whether nothing is to be done any more.
func (s State) Ended() bool {
	return s == Closed || s == Dismissed || s == Merged || s == Referred
}

// File is a case as its events make it: what a person decides from. It is computed
// ([fold]) and never edited.
type File struct {
	Operator  string `json:"operator"`
	App       string `json:"app"`
	Component string `json:"component,omitempty"` // empty where it is about the app
	ID        string `json:"id"`
	State     State  `json:"state"`
	// Version counts events; whoever changes a case names the one they read.
	Version  int       `json:"version"`
	Opened   time.Time `json:"opened"`
	Updated  time.Time `json:"updated"`
	Channel  string    `json:"channel"`  // of the first report
	Priority int       `json:"priority"` // 0 usual, 1 soon, 2 now
	Assignee string    `json:"assignee,omitempty"`
	// Due is when the next step must be done; zero when nothing presses.
	Due    time.Time `json:"due,omitzero"`
	Reason string    `json:"reason,omitempty"` // of how it ended
	Into   string    `json:"into,omitempty"`   // the case it was merged into

	Reports        []string        `json:"reports,omitempty"`  // ids
	Evidence       []string        `json:"evidence,omitempty"` // ids of bundles that reports brought
	Findings       []Found         `json:"findings,omitempty"`
	Notes          []Note          `json:"notes,omitempty"`
	Intents        []Intent        `json:"intents,omitempty"`
	Defences       []Defence       `json:"defences,omitempty"`
	Decisions      []Decision      `json:"decisions,omitempty"`
	Measures       []Measure       `json:"measures,omitempty"`
	Rectifications []Rectification `json:"rectifications,omitempty"`
	Appeals        []Appeal        `json:"appeals,omitempty"`
}

// Who did something: kind and id of the caller, never a name.
type Who struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
}

// Found is a breach as an inspector or a detector established it.
type Found struct {
	ID          string          `json:"id"`
	Clause      string          `json:"clause"`
	Severity    policy.Severity `json:"severity"`
	Verdict     finding.Verdict `json:"verdict"`
	Text        finding.Text    `json:"text"`
	Fingerprint string          `json:"fingerprint,omitempty"`
	Evidence    []string        `json:"evidence,omitempty"` // ids of bundles
	// Automated: a detector established it and no person has looked yet.
	Automated bool `json:"automated"`
	// ActAt is when the breach was; the edition in force then applies.
	ActAt time.Time `json:"act_at"`
	// Act groups findings that are one act under several clauses; empty is an act of
	// its own.
	Act string    `json:"act,omitempty"`
	By  Who       `json:"by"`
	At  time.Time `json:"at"`
	// Record is the kept finding it came from ([Record]); may be empty.
	Record string `json:"record,omitempty"`
}

// Note is a remark; a public one is told to operator and reporters.
type Note struct {
	Text   string    `json:"text"`
	Public bool      `json:"public"`
	By     Who       `json:"by"`
	At     time.Time `json:"at"`
}

// Intent is what the operator is told before a decision.
type Intent struct {
	Findings []string       `json:"findings"`
	Outcome  policy.Outcome `json:"outcome"`
	Until    time.Time      `json:"until"` // how long a defence may be made
	By       Who            `json:"by"`
	At       time.Time      `json:"at"`
}

// Defence is the operator's answer to an intent.
type Defence struct {
	Text string    `json:"text"`
	By   Who       `json:"by"`
	At   time.Time `json:"at"`
}

// Decision is what was ordered and why. Facts and Outcome are canonical JSON: with
// the edition they give each other again, to the byte.
type Decision struct {
	ID       string   `json:"id"`
	Findings []string `json:"findings"`
	Edition  string   `json:"edition"` // hash
	Facts    string   `json:"facts"`
	Outcome  string   `json:"outcome"`
	// Ordered is what was ordered; other than the outcome's measures and points only
	// with a reason in Deviation.
	Ordered   Order        `json:"ordered"`
	Deviation string       `json:"deviation,omitempty"`
	Reasons   finding.Text `json:"reasons"`
	// Interim: taken before the matter is clear, and ends by itself.
	Interim   bool      `json:"interim,omitempty"`
	By        Who       `json:"by"`
	At        time.Time `json:"at"`
	Approver  *Who      `json:"approver,omitempty"`
	Effective time.Time `json:"effective,omitzero"` // zero while it waits for its second person
	// Declined is why the second person did not agree.
	Declined string `json:"declined,omitempty"`
	// Reversed is the appeal that undid it.
	Reversed string `json:"reversed,omitempty"`
}

// Order is what a decision orders.
type Order struct {
	Points      int              `json:"points"`
	RectifyDays int              `json:"rectify_days"`
	Measures    []policy.Measure `json:"measures"`
	IfNotFixed  []policy.Measure `json:"if_not_fixed"`
}

// InEffect reports whether a decision was taken and stands: only such count as
// earlier ones.
func (d Decision) InEffect() bool { return !d.Effective.IsZero() && d.Reversed == "" }

// MeasureState is how far a measure has come.
type MeasureState string

// The states of a measure. A deposit is Frozen first, then Captured or Released.
const (
	Pending    MeasureState = "pending" // told to the host, not yet acknowledged
	Active     MeasureState = "active"
	Frozen     MeasureState = "frozen"
	Captured   MeasureState = "captured"
	Released   MeasureState = "released"
	Expired    MeasureState = "expired"    // its time was over
	Lifted     MeasureState = "lifted"     // ended early: the re-inspection passed
	Reversed   MeasureState = "reversed"   // undone by an appeal; it counts for nothing
	Superseded MeasureState = "superseded" // a heavier one took its place
)

// Running reports whether a measure holds or is on its way.
func (s MeasureState) Running() bool { return s == Pending || s == Active || s == Frozen }

// Measure is one that was ordered.
type Measure struct {
	policy.Measure
	ID       string       `json:"id"`
	Decision string       `json:"decision"`
	State    MeasureState `json:"state"`
	Starts   time.Time    `json:"starts"`
	Ends     time.Time    `json:"ends,omitzero"` // zero is without end or with the recheck
	Points   int          `json:"points,omitempty"`
	Credit   string       `json:"credit,omitempty"` // entry of the score
	// Served is how much of it had passed when it was undone.
	Served time.Duration `json:"served,omitempty"`
	Why    string        `json:"why,omitempty"` // of the newest change
	// Capture is when a frozen deposit may be taken, if nobody appeals.
	Capture time.Time `json:"capture,omitzero"`
	// Answers are what the host said, the newest last.
	Answers []Answer `json:"answers,omitempty"`
}

// Answer is a host's word on a command.
type Answer struct {
	Command string    `json:"command"`
	Done    bool      `json:"done"`
	Text    string    `json:"text,omitempty"`
	At      time.Time `json:"at"`
	// Contradicts an earlier answer to the same command: it is shown and changes nothing.
	Contradicts bool `json:"contradicts,omitempty"`
}

// Rectification is what must be put right, and what came of it.
type Rectification struct {
	ID       string    `json:"id"`
	Decision string    `json:"decision"`
	What     []string  `json:"what"` // finding ids
	Due      time.Time `json:"due"`
	Proofs   []Proof   `json:"proofs,omitempty"`
	Recheck  time.Time `json:"recheck,omitzero"` // when the re-inspection is due
	// Result is "passed" or "failed", empty while open.
	Result string    `json:"result,omitempty"`
	Note   string    `json:"note,omitempty"`
	By     *Who      `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// Proof is what an operator submits to show that it was put right.
type Proof struct {
	Text     string    `json:"text"`
	Evidence []string  `json:"evidence,omitempty"`
	By       Who       `json:"by"`
	At       time.Time `json:"at"`
}

// AppealState is how far an appeal has come.
type AppealState string

// The states of an appeal.
const (
	Filed        AppealState = "filed"
	Inadmissible AppealState = "inadmissible"
	UnderReview  AppealState = "under_review"
	Upheld       AppealState = "upheld"
	Modified     AppealState = "modified"
	Overturned   AppealState = "reversed"
	Withdrawn    AppealState = "withdrawn"
)

// Open reports whether an answer is owed.
func (s AppealState) Open() bool { return s == Filed || s == UnderReview }

// Appeal is against findings of one decision.
type Appeal struct {
	ID       string      `json:"id"`
	Decision string      `json:"decision"`
	Findings []string    `json:"findings"`
	Grounds  []Ground    `json:"grounds"`
	Evidence []string    `json:"evidence,omitempty"`
	State    AppealState `json:"state"`
	By       Who         `json:"by"`
	At       time.Time   `json:"at"`
	Due      time.Time   `json:"due"`
	Reviewer *Who        `json:"reviewer,omitempty"`
	Answer   string      `json:"answer,omitempty"`
	// Conditions go with the answer.
	Conditions string    `json:"conditions,omitempty"`
	Answered   time.Time `json:"answered,omitzero"`
}

// Ground is one fact that would overturn a finding, from the closed list of its
// clause, with what the operator says to it.
type Ground struct {
	Fact string `json:"fact"`
	Text string `json:"text"`
}

func (f *File) decision(id string) *Decision {
	i := slices.IndexFunc(f.Decisions, func(d Decision) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return &f.Decisions[i]
}

func (f *File) measure(id string) *Measure {
	i := slices.IndexFunc(f.Measures, func(m Measure) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return &f.Measures[i]
}

func (f *File) appeal(id string) *Appeal {
	i := slices.IndexFunc(f.Appeals, func(a Appeal) bool { return a.ID == id })
	if i < 0 {
		return nil
	}
	return &f.Appeals[i]
}

func (f *File) rectification(id string) *Rectification {
	i := slices.IndexFunc(f.Rectifications, func(r Rectification) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &f.Rectifications[i]
}

func (f *File) found(id string) *Found {
	i := slices.IndexFunc(f.Findings, func(x Found) bool { return x.ID == id })
	if i < 0 {
		return nil
	}
	return &f.Findings[i]
}

// Took reports whether somebody had a part in a decision: such a person may not
// judge an appeal against it.
func (d Decision) Took(id string) bool {
	return d.By.ID == id || d.Approver != nil && d.Approver.ID == id
}
