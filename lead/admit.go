package lead

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/funnel"
	"clew/ledger"
	"clew/outbox"
	"clew/phone"
)

// admit decides, for one operator's submissions, which may be stored. It writes a
// refusal or a remembered answer into the job; what it leaves alone is stored.
func (in *Intake) admit(ctx context.Context, tx *db.Tx, operator string, jobs []*job) error {
	if err := in.admitOpen(ctx, tx, operator, jobs); err != nil {
		return err
	}
	if err := in.admitOnce(ctx, tx, operator, jobs); err != nil {
		return err
	}
	if err := in.admitCodes(ctx, tx, jobs); err != nil {
		return err
	}
	return in.markDuplicates(ctx, tx, operator, jobs)
}

// open reports whether a job is still to be stored.
func (j *job) open() bool { return j.err == nil && j.follows == nil && !j.accepted.Replayed }

// admitOpen refuses where the capability is closed, every target of the component is
// invalid, or the version is no longer the published one. All are read here and
// nowhere else, so that what another transaction closed is closed in this one.
func (in *Intake) admitOpen(ctx context.Context, tx *db.Tx, operator string, jobs []*job) error {
	closed, inForce := map[string]error{}, map[string][]string{}
	var components []string
	for _, j := range jobs {
		if _, seen := closed[j.version.App]; !seen {
			paths, err := capability.InForce(ctx, tx, operator, j.version.App)
			var no *capability.Closed
			if err != nil && !errors.As(err, &no) {
				return err
			}
			closed[j.version.App], inForce[j.version.App] = err, paths
		}
		components = append(components, j.component)
	}
	live, err := component.LiveNumbers(ctx, tx, operator, components)
	if err != nil {
		return err
	}
	standings, err := component.Standings(ctx, tx, operator, components, inForce)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		j.first = standings[j.component].Waiting
		switch number, published := live[j.component]; {
		case closed[j.version.App] != nil:
			j.err = closed[j.version.App]
		case !standings[j.component].Valid:
			j.err = component.ErrInvalid
		case !published:
			j.err = component.ErrUnpublished
		case number != j.version.Number:
			// A newer notice is out: what was agreed to is no longer what is done.
			j.err = errStale
		}
	}
	return nil
}

type once struct {
	tag, body, lead, number string
	test                    bool
	at                      int64
}

// admitOnce gives a key that was seen before the answer it got before.
func (in *Intake) admitOnce(ctx context.Context, tx *db.Tx, operator string, jobs []*job) error {
	args := []any{operator}
	for _, j := range jobs {
		args = append(args, j.once)
	}
	rows, err := db.Collect(ctx, tx, scanOnce, onceColumns+" where operator=$1 and tag in "+db.In(2, len(jobs)), args...)
	if err != nil {
		return err
	}
	seen := map[string]once{}
	for _, o := range rows {
		seen[o.tag] = o
	}
	first := map[string]*job{}
	for _, j := range jobs {
		o, stored := seen[j.once]
		same := first[j.once]
		switch {
		case stored && o.body != j.body, same != nil && same.body != j.body:
			j.err = ErrKeyReused
		case stored:
			// A stored answer stands, whatever was closed since.
			j.err = nil
			j.accepted = o.accepted()
		case same != nil && j.err == nil:
			j.follows = same
		case same == nil:
			first[j.once] = j
		}
	}
	return nil
}

// admitCodes uses up the codes, all in one go, and counts wrong ones.
func (in *Intake) admitCodes(ctx context.Context, tx *db.Tx, jobs []*job) error {
	var claims []phone.Claim
	var whose []*job
	for _, j := range jobs {
		if j.open() && j.verified() && !j.sub.granted() {
			claims = append(claims, phone.Claim{
				Operator: j.operator, Component: j.component, CodeID: j.sub.CodeID, Code: j.sub.Code, Number: j.number,
			})
			whose = append(whose, j)
		}
	}
	if len(claims) == 0 {
		return nil
	}
	verdicts, err := in.Phone.Redeem(ctx, tx, claims)
	if err != nil {
		return err
	}
	for i, verdict := range verdicts {
		if verdict != nil {
			whose[i].err = &BadAnswers{[]component.Problem{{Field: "code", Code: phone.Code(verdict)}}}
		}
	}
	return nil
}

// markDuplicates finds, for each number, an earlier lead inside the component's
// window, in the store or earlier in this batch.
func (in *Intake) markDuplicates(ctx context.Context, tx *db.Tx, operator string, jobs []*job) error {
	args := []any{operator}
	for _, j := range jobs {
		if j.open() && (j.window() > 0 || in.Funnel != nil) {
			args = append(args, j.index)
		}
	}
	if len(args) == 1 {
		return nil
	}
	type row struct {
		idx, component, lead string
		at                   int64
		test                 bool
		app                  string
		hides                bool
	}
	rows, err := db.Collect(ctx, tx, func(s db.Scanner) (r row, err error) {
		return r, s.Scan(&r.idx, &r.component, &r.lead, &r.at, &r.test, &r.app, &r.hides)
	}, `select i.idx, i.component, i.lead, i.created_at, l.test, l.app, l.duplicate_of='' and l.withdrawn_at=0 from lead_index i
		join lead l on l.operator=i.operator and l.id=i.lead
		where i.operator=$1 and i.idx in `+db.In(2, len(args)-1)+` order by i.created_at, i.lead`, args...)
	if err != nil {
		return err
	}
	today := before{since: funnel.DayStart(tx.Now()).UnixMilli()}
	for _, r := range rows {
		today.add(r.idx, r.app, r.lead, r.test, r.at)
	}
	for _, j := range jobs {
		if j.open() {
			j.before = today.add(j.index, j.version.App, j.lead, j.sub.Form.Test, tx.NowMS())
		}
	}
	// Only a lead that the operator sees may hide another: not one that was taken
	// back, nor one that is hidden itself.
	rows = slices.DeleteFunc(rows, func(r row) bool { return !r.hides })
	// A test is no reason to hide somebody's lead, nor the other way round.
	type place struct {
		idx, component string
		test           bool
	}
	earlier := map[place][]row{}
	for _, r := range rows {
		p := place{r.idx, r.component, r.test}
		earlier[p] = append(earlier[p], r)
	}
	for _, j := range jobs {
		if !j.open() {
			continue
		}
		p := place{j.index, j.component, j.sub.Form.Test}
		for _, r := range earlier[p] {
			if time.Duration(tx.NowMS()-r.at)*time.Millisecond < j.window() {
				j.duplicateOf = r.lead
				break
			}
		}
		earlier[p] = append(earlier[p], row{idx: j.index, component: j.component, lead: j.lead, at: tx.NowMS(), test: j.sub.Form.Test})
	}
	return nil
}

func (j *job) window() time.Duration {
	return time.Duration(j.version.Definition.DedupeHours) * time.Hour
}

// Event is the body of a message about a lead: ids only.
type Event struct {
	Lead      string `json:"lead"`
	Component string `json:"component"`
	Receipt   string `json:"receipt"`
	Test      bool   `json:"test"`
}

// insert writes what was admitted, table by table, and fills in the answers.
func (in *Intake) insert(ctx context.Context, tx *db.Tx, batch []*job) error {
	var receipts []consent.Receipt
	var messages []outbox.Message
	var leads, keys, index, onces [][]any
	var acts []ledger.Act
	counts := tally{}
	for _, j := range batch {
		if !j.open() {
			continue
		}
		j.receipt.At = tx.Now()
		receipts = append(receipts, j.receipt)
		leads = append(leads, []any{
			j.operator, j.lead, j.component, j.version.Number, j.version.App, j.receipt.ID, string(j.sub.Form.Lang),
			j.sub.Form.Test, j.verified(), j.duplicateOf, j.sub.Scene, j.sub.Page,
			j.sealed, string(New), "", 1, tx.NowMS(), tx.Now().AddDate(0, 0, j.version.Definition.RetentionDays).UnixMilli(), 0, 0,
		})
		keys = append(keys, []any{j.operator, j.lead, j.wrapped.Epoch, j.wrapped.Bytes})
		index = append(index, []any{j.operator, j.index, j.component, j.lead, tx.NowMS()})
		onces = append(onces, []any{j.operator, j.once, j.body, j.lead, j.receipt.Number, j.sub.Form.Test, tx.NowMS()})
		counts.add(Lead{
			Operator: j.operator, Component: j.component, Test: j.sub.Form.Test, DuplicateOf: j.duplicateOf, State: New, Created: tx.Now(),
		}, 1)
		acts = append(acts, ledger.Act{Operator: j.operator, Kind: "lead.accepted", Subject: j.lead, Detail: accepted{
			Receipt: j.receipt.ID, Component: j.component, Version: j.version.Number, NoticeHash: j.receipt.NoticeHash,
			Edition: j.receipt.Edition, Test: j.sub.Form.Test, DuplicateOf: j.duplicateOf,
		}})
		if j.duplicateOf == "" {
			body, err := json.Marshal(Event{j.lead, j.component, j.receipt.ID, j.sub.Form.Test})
			if err != nil {
				return err
			}
			messages = append(messages, outbox.Message{Operator: j.operator, Kind: "lead.created", Subject: j.lead, Body: body})
		}
		j.accepted = Accepted{Lead: j.lead, Number: j.receipt.Number, At: tx.Now(), Test: j.sub.Form.Test}
	}
	for _, j := range batch {
		if j.follows != nil {
			j.accepted, j.err = j.follows.accepted, j.follows.err
			j.accepted.Replayed = j.err == nil
		}
	}
	if len(leads) == 0 {
		return nil
	}
	if err := activate(ctx, tx, batch); err != nil {
		return err
	}
	if err := consent.Give(ctx, tx, receipts); err != nil {
		return err
	}
	for _, t := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"lead", leadColumns, leads},
		{"lead_key", []string{"operator", "lead", "epoch", "wrapped"}, keys},
		{"lead_index", []string{"operator", "idx", "component", "lead", "created_at"}, index},
		{"lead_once", []string{"operator", "tag", "body_tag", "lead", "number", "test", "created_at"}, onces},
	} {
		if err := tx.Insert(ctx, t.table, t.columns, t.rows); err != nil {
			return err
		}
	}
	if err := settle(ctx, tx, batch); err != nil {
		return err
	}
	if err := in.note(ctx, tx, batch); err != nil {
		return err
	}
	if err := in.Outbox.Put(ctx, tx, messages); err != nil {
		return err
	}
	if err := ledger.Append(ctx, tx, acts...); err != nil {
		return err
	}
	return counts.write(ctx, tx)
}

// accepted is what the ledger commits to of a lead: that somebody agreed to this
// exact text, and nothing of what they wrote.
type accepted struct {
	Receipt     string `json:"receipt"`
	Component   string `json:"component"`
	Version     int    `json:"version"`
	NoticeHash  string `json:"notice_hash"`
	Edition     string `json:"edition"`
	Test        bool   `json:"test"`
	DuplicateOf string `json:"duplicate_of,omitempty"`
}

// activate notes the first report through a component, once per component. A test
// is no report.
func activate(ctx context.Context, tx *db.Tx, batch []*job) error {
	done := map[string]bool{}
	for _, j := range batch {
		if !j.first || !j.open() || j.sub.Form.Test || done[j.component] {
			continue
		}
		done[j.component] = true
		if err := component.Activate(ctx, tx, j.operator, j.component); err != nil {
			return err
		}
	}
	return nil
}

var leadColumns = []string{
	"operator", "id", "component", "component_version", "app", "receipt", "lang", "test", "verified", "duplicate_of",
	"source_scene", "source_page", "sealed", "state", "reason", "revision", "created_at", "expires_at", "withdrawn_at", "erased_at",
}
