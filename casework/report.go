package casework

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/finding"
	"clew/policy"
)

// Report is a hint from one of the norm's eight channels.
type Report struct {
	Operator, App, Component string
	ID                       string
	Channel                  string // one of [policy.Channels]
	// Number is what the reporter is given; with the key it opens what came of it.
	Number   string
	Received time.Time
	Due      time.Time // of triage
	Case     string
	// Verified: the channel's evidence of authenticity is there.
	Verified bool
	// Proof is that evidence, by name (document number, court, receipt …); no person's
	// data.
	Proof map[string]string
	// Outcome is what came of it, "" while it is open.
	Outcome, OutcomeText string
	Told                 time.Time
}

// Reporter is who reports, and what they say. It is personal and is kept sealed.
type Reporter struct {
	Name    string `json:"name,omitempty"`
	Contact string `json:"contact,omitempty"`
	Text    string `json:"text"`
}

// NewReport is a report as it comes in.
type NewReport struct {
	App       string
	Component string
	Channel   string
	Proof     map[string]string
	Reporter  Reporter
	// Evidence are ids of bundles that show it; at most 20.
	Evidence []string
	// Findings are what a detector saw; each joins by its fingerprint.
	Findings []finding.Finding
	// Verified is set by the edge that proved it (a receipt's key, a code).
	Verified bool
}

// proofs are the pieces of evidence that make a report of a channel authentic; a
// report without them is taken and says "unverified", but from an authority or a
// court, which must have them (docs/governance.md).
var proofs = map[string][]string{
	"patrol":               {"bundle"},
	"quality_sampling":     {"draw"},
	"authority_notice":     {"document", "authority"},
	"judicial_document":    {"case_number", "court"},
	"consumer_complaint":   {"receipt"},
	"rights_holder_report": {"right", "good_faith"},
	"media_exposure":       {"address"},
	"other_lawful":         {"source"},
}

// ProofsOf is what a channel's report needs to be authentic.
func ProofsOf(channel string) []string { return slices.Clone(proofs[channel]) }

// BadReport says what is wrong with a report.
type BadReport struct{ Field, Code, Why string }

func (e *BadReport) Error() string { return e.Field + ": " + e.Why }

// staffOnly are channels that only staff enter: who claims to be a court on a public
// page is not one.
var staffOnly = []string{"patrol", "quality_sampling", "authority_notice", "judicial_document"}

// Report takes a report in, joins or opens its case and answers with the number and
// the key that open what came of it. A caller without [access.ReportTake] may use the
// public channels alone.
func (r *Room) Report(ctx context.Context, caller access.Caller, n NewReport) (number, key string, err error) {
	must := proofs[n.Channel]
	if must == nil {
		return "", "", &BadReport{"channel", "channel", "is one of " + strings.Join(policy.Channels(), ", ")}
	}
	if slices.Contains(staffOnly, n.Channel) && caller.Kind == access.KindPerson {
		return "", "", &BadReport{"channel", "channel_staff", "is entered by staff, with the document"}
	}
	if err := n.check(must); err != nil {
		return "", "", err
	}
	raw := make([]byte, 20)
	if _, err := rand.Read(raw); err != nil {
		return "", "", err
	}
	key = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
	var owner app.App
	if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) { owner, err = app.Find(ctx, tx, n.App); return err }); errors.Is(err, app.ErrUnknown) {
		return "", "", &BadReport{"app", "app", "there is none of this id"}
	} else if err != nil {
		return "", "", err
	}
	act := access.ReportTake
	if caller.Kind == access.KindPerson {
		act, caller.Operator = access.ReportMake, owner.Operator // whose page it was
	}
	id := db.NewID("rep")
	err = r.Access.Do(ctx, caller, act, access.Subject{Kind: "report", ID: id}, "", func(tx *db.Tx) error {
		number, err = r.take(ctx, tx, caller, owner, id, key, n)
		return err
	})
	return number, key, err
}

func (n *NewReport) check(must []string) error {
	for _, p := range must {
		if strings.TrimSpace(n.Proof[p]) == "" {
			if slices.Contains(staffOnly, n.Channel) {
				return &BadReport{"proof." + p, "proof_missing", "a report of this channel needs it"}
			}
			n.Verified = false
		}
	}
	for name, text := range n.Proof {
		if !slices.Contains(must, name) {
			return &BadReport{"proof." + name, "proof_unknown", "is not asked for"}
		}
		if err := access.CheckText(text, 0, 200); err != nil {
			return &BadReport{"proof." + name, "proof_text", "one line of at most 200 characters without a phone number"}
		}
	}
	if n := len([]rune(strings.TrimSpace(n.Reporter.Text))); n < 4 || n > 4000 {
		return &BadReport{"text", "text", "say what happened, in 4 to 4000 characters"}
	}
	if len(n.Evidence) > 20 || slices.ContainsFunc(n.Evidence, func(id string) bool { return !plainID(id) }) {
		return &BadReport{"evidence", "evidence", "at most 20 ids of bundles"}
	}
	if len(n.Reporter.Name) > 200 || len(n.Reporter.Contact) > 200 {
		return &BadReport{"contact", "contact", "at most 200 bytes"}
	}
	for i := range n.Findings {
		if n.Findings[i].Fingerprint == "" {
			n.Findings[i].Stamp("")
		}
		if err := n.Findings[i].Check(); err != nil {
			return &BadReport{"findings", "findings", err.Error()}
		}
	}
	return nil
}

// detectorOf is what saw the findings that a report brings.
func detectorOf(channel string) string {
	if channel == "patrol" || channel == "quality_sampling" {
		return "patrol"
	}
	return "check"
}

// plainID reports whether a text has the shape of an id of ours.
func plainID(id string) bool {
	return id != "" && len(id) <= 80 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

func (r *Room) take(ctx context.Context, tx *db.Tx, caller access.Caller, owner app.App, id, key string, n NewReport) (number string, err error) {
	edition, err := policy.At(ctx, tx, tx.Now())
	if err != nil {
		return "", err
	}
	due := edition.Clocks.Triage[n.Channel].After(tx.Now())
	w, err := r.caseFor(ctx, tx, caller, owner, n, due)
	if err != nil {
		return "", err
	}
	if err := w.add(&joined{id, n.Evidence}); err != nil {
		return "", err
	}
	for _, f := range n.Findings {
		kept, err := r.RecordFrom(ctx, tx, detectorOf(n.Channel), owner.Operator, owner.ID, n.Component, f)
		if err != nil {
			return "", err
		}
		severity, known := edition.Severity[f.Clause]
		if !known || f.Verdict != finding.Violation && f.Verdict != finding.Review {
			continue
		}
		if err := w.add(&found{Found{
			ID: db.NewID("fin"), Clause: f.Clause, Severity: severity, Verdict: f.Verdict, Text: f.Message, Fingerprint: f.Fingerprint,
			Automated: true, ActAt: tx.Now(), Record: kept,
		}}); err != nil {
			return "", err
		}
	}
	if err := w.write(ctx); err != nil {
		return "", err
	}
	text, err := json.Marshal(n.Reporter)
	if err != nil {
		return "", err
	}
	proof, err := json.Marshal(n.Proof)
	if err != nil {
		return "", err
	}
	number = strings.ToUpper(id[len("rep_")+10:])
	hash := sha256.Sum256([]byte(key))
	_, err = tx.Exec(ctx, `insert into report (operator, id, number, key_hash, app, component, channel, verified, proof, sealed, reporter, case_id, received_at, due_at, outcome, outcome_text, told_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', '', 0)`,
		owner.Operator, id, number, hash[:], owner.ID, n.Component, n.Channel, n.Verified, string(proof),
		r.Ring.SealSecret("report", id, text), r.reporterTag(n.Reporter), w.file.ID, tx.NowMS(), due.UnixMilli())
	return number, err
}

// reporterTag tells that two reports came from the same contact, and nothing else;
// "" for who left none.
func (r *Room) reporterTag(p Reporter) string {
	if strings.TrimSpace(p.Contact) == "" {
		return ""
	}
	return r.Ring.Index("", "reporter", strings.ToLower(strings.TrimSpace(p.Contact)))
}

// caseFor is the open case with the same fingerprint, else a new one.
func (r *Room) caseFor(ctx context.Context, tx *db.Tx, caller access.Caller, owner app.App, n NewReport, due time.Time) (*work, error) {
	for _, f := range n.Findings {
		id, err := db.One(ctx, tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) },
			"select case_id from case_fingerprint where operator=$1 and app=$2 and fingerprint=$3 and not ended order by case_id limit 1",
			owner.Operator, owner.ID, f.Fingerprint)
		if errors.Is(err, db.ErrNone) {
			continue
		} else if err != nil {
			return nil, err
		}
		open, err := hold(ctx, tx, owner.Operator, id)
		if err != nil {
			return nil, err
		}
		return &work{r, tx, caller, open, nil}, nil
	}
	return r.open(ctx, tx, caller, owner.Operator, &opened{owner.ID, n.Component, n.Channel, due})
}

const reportColumns = "operator, id, number, app, component, channel, verified, proof, case_id, received_at, due_at, outcome, outcome_text, told_at"

func scanReport(s db.Scanner) (r Report, err error) {
	var proof string
	var received, due, told int64
	if err := s.Scan(&r.Operator, &r.ID, &r.Number, &r.App, &r.Component, &r.Channel, &r.Verified, &proof, &r.Case, &received, &due,
		&r.Outcome, &r.OutcomeText, &told); err != nil {
		return r, err
	}
	r.Received, r.Due = time.UnixMilli(received).UTC(), time.UnixMilli(due).UTC()
	if told != 0 {
		r.Told = time.UnixMilli(told).UTC()
	}
	return r, json.Unmarshal([]byte(proof), &r.Proof)
}

// ErrReport says that number and key open nothing.
var ErrReport = errors.New("no such report, or not its key")

// Followed is what a reporter sees of their report: where it stands and what came of
// it, nothing of anybody else.
func Followed(ctx context.Context, tx *db.Tx, number, key string) (Report, State, error) {
	type row struct {
		hash []byte
		id   string
	}
	found, err := db.Collect(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.hash, &v.id) },
		"select key_hash, id from report where number=$1", strings.ToUpper(strings.TrimSpace(number)))
	if err != nil {
		return Report{}, "", err
	}
	hash := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(key))))
	for _, v := range found {
		if subtle.ConstantTimeCompare(v.hash, hash[:]) != 1 {
			continue
		}
		rep, err := db.One(ctx, tx, scanReport, "select "+reportColumns+" from report where id=$1", v.id)
		if err != nil {
			return rep, "", err
		}
		f, err := oneFile(ctx, tx, "select body from case_file where operator=$1 and id=$2", rep.Operator, rep.Case)
		if f.State == Proposed {
			f.State = Investigating
		}
		return rep, f.State, err
	}
	return Report{}, "", ErrReport
}

// Reports are the reports of a case, oldest first.
func Reports(ctx context.Context, tx *db.Tx, operator, caseID string) ([]Report, error) {
	return db.Collect(ctx, tx, scanReport, "select "+reportColumns+" from report where operator=$1 and case_id=$2 order by id", operator, caseID)
}

// OpenReporter shows who reported and what they wrote, on the record and with a reason.
func (r *Room) OpenReporter(ctx context.Context, caller access.Caller, id, reason string) (p Reporter, err error) {
	err = r.Access.Do(ctx, caller, access.ReporterReveal, access.Subject{Kind: "report", ID: id}, reason, func(tx *db.Tx) error {
		sealed, err := db.One(ctx, tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) }, "select sealed from report where id=$1", id)
		if errors.Is(err, db.ErrNone) {
			return ErrReport
		} else if err != nil {
			return err
		}
		text, err := r.Ring.OpenSecret("report", id, sealed)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &p)
	})
	return p, err
}

// answerReports tells every reporter of a case what came of it.
func answerReports(ctx context.Context, tx *db.Tx, operator, caseID, outcome, text string) error {
	_, err := tx.Exec(ctx, "update report set outcome=$3, outcome_text=$4, told_at=$5 where operator=$1 and case_id=$2", operator, caseID, outcome, text, tx.NowMS())
	return err
}

func moveReports(ctx context.Context, tx *db.Tx, operator, from, into string) error {
	_, err := tx.Exec(ctx, "update report set case_id=$3 where operator=$1 and case_id=$2", operator, from, into)
	return err
}

// Quality is how a reporter's earlier reports ended. It orders queues; it never drops
// a report, and none of an authority.
type Quality struct{ Reports, Confirmed, Dismissed int }

// QualityOf is the quality of who made a report; zero for who left no contact.
func QualityOf(ctx context.Context, tx *db.Tx, report string) (Quality, error) {
	return db.One(ctx, tx, func(s db.Scanner) (q Quality, err error) { return q, s.Scan(&q.Reports, &q.Confirmed, &q.Dismissed) },
		`select count(*), coalesce(sum(case when outcome='closed' then 1 else 0 end), 0), coalesce(sum(case when outcome='dismissed' then 1 else 0 end), 0)
		from report where reporter<>'' and reporter=(select reporter from report where id=$1)`, report)
}
