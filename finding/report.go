package finding

import "time"

// Rule is what a report says of a rule once, so that its findings need not repeat
// it. Help is the rule's page in Markdown.
type Rule struct {
	ID      string `json:"id"`
	Clause  string `json:"clause"`
	Title   Text   `json:"title"`
	Summary Text   `json:"summary"` // why the norm says so, one or two sentences
	Help    Text   `json:"help,omitempty"`
	HelpURI string `json:"help_uri,omitempty"`
	// Since and Until bound the days on which the rule judges; a zero time is open.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Suppressed is a finding that somebody answered for.
type Suppressed struct {
	Finding Finding `json:"finding"`
	// Kind is "source" for a comment beside the code, "baseline" for a list of
	// what was there before.
	Kind   string `json:"kind"`
	Reason string `json:"reason,omitempty"` // as written; a baseline has none
	Place  *Place `json:"place,omitempty"`  // of the comment
}

// Note is something a reader of the report must know that is no finding.
type Note struct {
	Code    string `json:"code"` // stable, as "too-large"
	File    string `json:"file,omitempty"`
	Message Text   `json:"message"`
	Detail  string `json:"detail,omitempty"`
	// Incomplete: something that should have been looked at was not.
	Incomplete bool `json:"incomplete,omitempty"`
}

// Report is what one run of one detector saw. The zero Report saw nothing,
// because it looked at nothing.
type Report struct {
	Tool    string `json:"tool"` // "clew check"
	Version string `json:"version"`
	Edition string `json:"edition"` // of the norm, as "2026-01"
	Root    string `json:"root"`    // as the user named it
	// Reading is "platform" or "strict"; see the manual.
	Reading    string       `json:"reading,omitempty"`
	Rules      []Rule       `json:"rules"`
	Findings   []Finding    `json:"findings"` // settled: see [Settle]
	Suppressed []Suppressed `json:"suppressed,omitempty"`
	Notes      []Note       `json:"notes,omitempty"`
	Looked     Looked       `json:"looked"`
}

// Looked is how much a run looked at.
type Looked struct {
	Projects int   `json:"projects"`
	Pages    int   `json:"pages"` // pages and components
	Files    int   `json:"files"`
	Bytes    int64 `json:"bytes"`
	Reused   int   `json:"reused"` // of Pages, taken from an earlier run unchanged
}

// Whole reports whether everything that should have been looked at was.
func (r *Report) Whole() bool {
	for _, n := range r.Notes {
		if n.Incomplete {
			return false
		}
	}
	return true
}

// Count is how many findings have a verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, f := range r.Findings {
		if f.Verdict == v {
			n++
		}
	}
	return n
}
