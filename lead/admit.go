package lead

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
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

// admitOpen refuses where the capability is closed or the version is no longer
// the published one. Both are read here and nowhere else, so that what another
// transaction closed is closed in this one.
func (in *Intake) admitOpen(ctx context.Context, tx *db.Tx, operator string, jobs []*job) error {
	closed := map[string]error{}
	var components []string
	for _, j := range jobs {
		if _, seen := closed[j.version.App]; !seen {
			err := capability.Require(ctx, tx, operator, j.version.App)
			var no *capability.Closed
			if err != nil && !errors.As(err, &no) {
				return err
			}
			closed[j.version.App] = err
		}
		components = append(components, j.component)
	}
	live, err := component.LiveNumbers(ctx, tx, operator, components)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		switch number, published := live[j.component]; {
		case closed[j.version.App] != nil:
			j.err = closed[j.version.App]
		case !published:
			j.err = component.ErrUnpublished
		case number != j.version.Number:
			// A newer notice is out: what was agreed to is no longer what is done.
			j.err = &consent.Unproven{Code: consent.NoticeStale, Why: "a newer version is published; read the new notice and consent to it"}
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
	rows, err := db.Collect(ctx, tx, func(s db.Scanner) (o once, err error) {
		return o, s.Scan(&o.tag, &o.body, &o.lead, &o.number, &o.test, &o.at)
	}, `select tag, body_tag, lead, number, test, created_at from lead_once
		where operator=$1 and tag in `+db.In(2, len(jobs)), args...)
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
			j.accepted = Accepted{Lead: o.lead, Number: o.number, At: time.UnixMilli(o.at).UTC(), Test: o.test, Replayed: true}
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
		if j.open() && j.version.Definition.Verification == component.Verified {
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
		if j.open() && j.window() > 0 {
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
	}
	// Only a lead that the operator sees may hide another: not one that was taken
	// back, nor one that is hidden itself.
	rows, err := db.Collect(ctx, tx, func(s db.Scanner) (r row, err error) {
		return r, s.Scan(&r.idx, &r.component, &r.lead, &r.at, &r.test)
	}, `select i.idx, i.component, i.lead, i.created_at, l.test from lead_index i
		join lead l on l.operator=i.operator and l.id=i.lead
		where l.duplicate_of='' and l.withdrawn_at=0 and i.operator=$1 and i.idx in `+db.In(2, len(args)-1)+` order by i.created_at, i.lead`, args...)
	if err != nil {
		return err
	}
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
		earlier[p] = append(earlier[p], row{j.index, j.component, j.lead, tx.NowMS(), j.sub.Form.Test})
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
	counts := tally{}
	for _, j := range batch {
		if !j.open() {
			continue
		}
		j.receipt.At = tx.Now()
		receipts = append(receipts, j.receipt)
		leads = append(leads, []any{
			j.operator, j.lead, j.component, j.version.Number, j.version.App, j.receipt.ID, string(j.sub.Form.Lang),
			j.sub.Form.Test, j.version.Definition.Verification == component.Verified, j.duplicateOf, j.sub.Scene, j.sub.Page,
			j.sealed, string(New), "", 1, tx.NowMS(), tx.Now().AddDate(0, 0, j.version.Definition.RetentionDays).UnixMilli(), 0, 0,
		})
		keys = append(keys, []any{j.operator, j.lead, j.wrapped.Epoch, j.wrapped.Bytes})
		index = append(index, []any{j.operator, j.index, j.component, j.lead, tx.NowMS()})
		onces = append(onces, []any{j.operator, j.once, j.body, j.lead, j.receipt.Number, j.sub.Form.Test, tx.NowMS()})
		counts.add(Lead{
			Operator: j.operator, Component: j.component, Test: j.sub.Form.Test, DuplicateOf: j.duplicateOf, State: New, Created: tx.Now(),
		}, 1)
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
	if err := in.Outbox.Put(ctx, tx, messages); err != nil {
		return err
	}
	return counts.write(ctx, tx)
}

var leadColumns = []string{
	"operator", "id", "component", "component_version", "app", "receipt", "lang", "test", "verified", "duplicate_of",
	"source_scene", "source_page", "sealed", "state", "reason", "revision", "created_at", "expires_at", "withdrawn_at", "erased_at",
}
