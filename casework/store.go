package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"clew/access"
	"clew/db"
	"clew/ledger"
)

// Stale says that a case was changed since it was read. Nothing was written.
type Stale struct {
	Read, Is int
}

func (e *Stale) Error() string {
	return fmt.Sprintf("the case was changed meanwhile (read at version %d, now %d); read it again and repeat the change", e.Read, e.Is)
}

// BadStep says that a case, a measure or an appeal cannot go there from where it is.
type BadStep struct{ What, Code, Why string }

func (e *BadStep) Error() string { return e.What + ": " + e.Why }

// ErrCase says that there is no such case, or that it is another operator's.
var ErrCase = errors.New("no such case")

func whoOf(c access.Caller) Who { return Who{string(c.Kind), c.ID} }

// work is one change of one case under way.
type work struct {
	room   *Room
	tx     *db.Tx
	caller access.Caller
	file   File
	events []event
}

// add writes what happened; the file shows it at once.
func (w *work) add(b body) error {
	text, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("case event %s: %w", b.kind(), err)
	}
	by, at := whoOf(w.caller), w.tx.Now()
	step(&w.file, b, by, at)
	w.events = append(w.events, event{b.kind(), w.file.Version, by, at, text})
	return nil
}

// change runs fn on a case inside one transaction: permission and record, the
// version the caller read (0 does not ask), fn, then events, projections and ledger.
func (r *Room) change(ctx context.Context, caller access.Caller, act access.Act, operator, id string, version int, fn func(w *work) error) (File, error) {
	var out File
	err := r.Access.Do(ctx, caller, act, access.Subject{Kind: "case", ID: id}, "", func(tx *db.Tx) error {
		f, err := hold(ctx, tx, operator, id)
		if err != nil {
			return err
		}
		if version != 0 && version != f.Version {
			return &Stale{version, f.Version}
		}
		w := &work{r, tx, caller, f, nil}
		if err := fn(w); err != nil {
			return err
		}
		out = w.file
		return w.write(ctx)
	})
	return out, err
}

// open begins a case in the caller's transaction.
func (r *Room) open(ctx context.Context, tx *db.Tx, caller access.Caller, operator string, b *opened) (*work, error) {
	w := &work{r, tx, caller, File{Operator: operator, ID: db.NewID("case")}, nil}
	if err := w.add(b); err != nil {
		return nil, err
	}
	return w, nil
}

// write puts events, the projection and the commitments into the transaction.
func (w *work) write(ctx context.Context) error {
	if len(w.events) == 0 {
		return nil
	}
	f := &w.file
	var rows [][]any
	var acts []ledger.Act
	for _, e := range w.events {
		rows = append(rows, []any{f.Operator, f.ID, e.Seq, e.Kind, string(e.Body), e.By.Kind, e.By.ID, e.At.UnixMilli()})
		sum := sha256.Sum256(e.Body)
		acts = append(acts, ledger.Act{Operator: f.Operator, Kind: "case." + e.Kind, Subject: f.ID, Detail: committed{e.Seq, hex.EncodeToString(sum[:])}})
	}
	if err := w.tx.Insert(ctx, "case_event", []string{"operator", "case_id", "seq", "kind", "body", "by_kind", "by_id", "at"}, rows); err != nil {
		return err
	}
	if err := project(ctx, w.tx, f); err != nil {
		return err
	}
	return ledger.Append(ctx, w.tx, acts...)
}

// committed is what the ledger holds of an event: its place and the hash of its body.
type committed struct {
	Seq    int    `json:"seq"`
	SHA256 string `json:"sha256"`
}

// never is a due date that sorts behind all others.
const never = int64(1 << 62)

// project writes what lists and other rooms read of a case.
func project(ctx context.Context, tx *db.Tx, f *File) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	due := never
	if !f.Due.IsZero() {
		due = f.Due.UnixMilli()
	}
	if _, err := tx.Exec(ctx, `insert into case_file (operator, id, app, component, state, ended, assignee, priority, channel, due_at, version, opened_at, updated_at, body)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict (operator, id) do update set state=excluded.state, ended=excluded.ended, assignee=excluded.assignee, priority=excluded.priority,
		due_at=excluded.due_at, version=excluded.version, updated_at=excluded.updated_at, body=excluded.body`,
		f.Operator, f.ID, f.App, f.Component, string(f.State), f.State.Ended(), f.Assignee, f.Priority, f.Channel, due, f.Version,
		f.Opened.UnixMilli(), f.Updated.UnixMilli(), string(text)); err != nil {
		return err
	}
	for _, x := range f.Findings {
		if x.Fingerprint == "" {
			continue
		}
		if _, err := tx.Exec(ctx, `insert into case_fingerprint (operator, app, fingerprint, case_id, ended) values ($1, $2, $3, $4, $5)
			on conflict (operator, app, fingerprint, case_id) do update set ended=excluded.ended`, f.Operator, f.App, x.Fingerprint, f.ID, f.State.Ended()); err != nil {
			return err
		}
	}
	for _, d := range f.Decisions {
		if d.Effective.IsZero() {
			continue
		}
		severity, err := severityOf(d)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into case_decision (operator, app, id, case_id, severity, effective_at, reversed) values ($1, $2, $3, $4, $5, $6, $7)
			on conflict (operator, app, id) do update set reversed=excluded.reversed`,
			f.Operator, f.App, d.ID, f.ID, string(severity), d.Effective.UnixMilli(), d.Reversed != ""); err != nil {
			return err
		}
	}
	for _, a := range f.Appeals {
		if _, err := tx.Exec(ctx, `insert into case_appeal (operator, id, case_id, app, state, closed, reviewer, due_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
			on conflict (operator, id) do update set state=excluded.state, closed=excluded.closed, reviewer=excluded.reviewer`,
			f.Operator, a.ID, f.ID, f.App, string(a.State), !a.State.Open(), reviewer(a), a.Due.UnixMilli()); err != nil {
			return err
		}
	}
	for _, m := range f.Measures {
		ends := int64(0)
		if !m.Ends.IsZero() {
			ends = m.Ends.UnixMilli()
		}
		capture := int64(0)
		if m.State == Frozen && !f.contested(m.Decision) {
			capture = m.Capture.UnixMilli()
		}
		if _, err := tx.Exec(ctx, `insert into case_measure (operator, id, case_id, app, kind, state, running, starts_at, ends_at, capture_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			on conflict (operator, id) do update set state=excluded.state, running=excluded.running, ends_at=excluded.ends_at, capture_at=excluded.capture_at`,
			f.Operator, m.ID, f.ID, f.App, string(m.Kind), string(m.State), m.State.Running(), m.Starts.UnixMilli(), ends, capture); err != nil {
			return err
		}
	}
	return nil
}

// hold reads a case and keeps others from changing it until the transaction ends.
func hold(ctx context.Context, tx *db.Tx, operator, id string) (File, error) {
	return oneFile(ctx, tx, "select body from case_file where id=$1 and ($2='' or operator=$2)"+tx.ForUpdate(), id, operator)
}

func oneFile(ctx context.Context, tx *db.Tx, query string, args ...any) (File, error) {
	f, err := db.One(ctx, tx, scanFile, query, args...)
	if errors.Is(err, db.ErrNone) {
		err = ErrCase
	}
	return f, err
}

func scanFile(s db.Scanner) (f File, err error) {
	var text string
	if err := s.Scan(&text); err != nil {
		return f, err
	}
	return f, json.Unmarshal([]byte(text), &f)
}

// Case is one case; an operator's caller sees its own alone. [ErrCase].
func (r *Room) Case(ctx context.Context, caller access.Caller, id string) (f File, err error) {
	if err := r.Access.Check(ctx, caller, access.CaseRead, access.Subject{Kind: "case", ID: id}); err != nil {
		return File{}, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		f, err = oneFile(ctx, tx, "select body from case_file where id=$1 and ($2='' or operator=$2)", id, caller.Operator)
		return err
	})
	if caller.Operator != "" {
		f = f.told()
	}
	return f, err
}

// told is what an operator sees of its case: no internal notes, nothing of who
// reported, and no decision that waits for its second person.
func (f File) told() File {
	var notes []Note
	for _, n := range f.Notes {
		if n.Public {
			notes = append(notes, n)
		}
	}
	var decisions []Decision
	said := map[string]bool{}
	for _, d := range f.Decisions {
		if !d.Effective.IsZero() {
			decisions = append(decisions, d)
			for _, id := range d.Findings {
				said[id] = true
			}
		}
	}
	for _, i := range f.Intents {
		for _, id := range i.Findings {
			said[id] = true
		}
	}
	// What is still being looked into is nobody's yet.
	f.Findings = slices.DeleteFunc(slices.Clone(f.Findings), func(x Found) bool { return !said[x.ID] })
	f.Notes, f.Decisions, f.Reports, f.Evidence, f.Assignee = notes, decisions, nil, nil, ""
	if f.State == Proposed {
		f.State = Investigating
	}
	return f
}

// Notified reports whether the operator was told anything of a case: before that it is
// being looked into, and is nothing to show them.
func (f *File) Notified() bool {
	return len(f.Intents) > 0 || len(f.Rectifications) > 0 ||
		slices.ContainsFunc(f.Decisions, func(d Decision) bool { return !d.Effective.IsZero() }) ||
		slices.ContainsFunc(f.Notes, func(n Note) bool { return n.Public })
}

// Queue narrows a list of cases. The zero value is every open case.
type Queue struct {
	State    State
	Assignee string // staff id; "-" is nobody
	App      string
	Channel  string // of the first report
	Overdue  bool
	Ended    bool // closed ones instead of open ones
	After    string
	Limit    int // 1 to 100; anything else means 50
}

// Cases is one page of a queue, what is due soonest first, then the oldest; next
// continues it. Only what lists show is read.
func (r *Room) Cases(ctx context.Context, caller access.Caller, q Queue) (page []Head, next string, err error) {
	if err := r.Access.Check(ctx, caller, access.CaseRead, access.Subject{Kind: "case"}); err != nil {
		return nil, "", err
	}
	if q.Limit < 1 || q.Limit > 100 {
		q.Limit = 50
	}
	where := []string{"ended=$1"}
	args := []any{q.Ended}
	and := func(cond string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		where = append(where, cond)
	}
	if caller.Operator != "" {
		and("operator=?", caller.Operator)
	}
	if q.State != "" {
		and("state=?", string(q.State))
	}
	if q.Assignee != "" {
		and("assignee=?", strings.TrimPrefix(q.Assignee, "-"))
	}
	if q.App != "" {
		and("app=?", q.App)
	}
	if q.Channel != "" {
		and("channel=?", q.Channel)
	}
	if q.Overdue {
		and("due_at<?", r.DB.Now().UnixMilli())
	}
	if q.After != "" {
		var due int64
		var id string
		if n, _ := fmt.Sscanf(q.After, "%d.%s", &due, &id); n != 2 {
			return nil, "", ErrCursor
		}
		and("(due_at, id)>(?, ?)", due, id) // as one condition the index is entered there
	}
	and("1=1 order by due_at, id limit ?", q.Limit+1)
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		page, err = db.Collect(ctx, tx, scanHead, `select operator, id, app, component, state, assignee, priority, channel, due_at, version, opened_at, updated_at
			from case_file where `+strings.Join(where, " and "), args...)
		return err
	})
	if err == nil && len(page) > q.Limit {
		page = page[:q.Limit]
		last := page[q.Limit-1]
		next = fmt.Sprintf("%d.%s", last.due, last.ID)
	}
	return page, next, err
}

// Head is a case as a list shows it.
type Head struct {
	Operator, ID, App, Component string
	State                        State
	Assignee                     string
	Priority                     int
	Channel                      string
	Due                          time.Time
	Version                      int
	Opened, Updated              time.Time

	due int64
}

// ErrCursor says that a cursor was not made here.
var ErrCursor = errors.New("cursor was not made by this list; begin again without one")

func scanHead(s db.Scanner) (h Head, err error) {
	var opened, updated int64
	err = s.Scan(&h.Operator, &h.ID, &h.App, &h.Component, &h.State, &h.Assignee, &h.Priority, &h.Channel, &h.due, &h.Version, &opened, &updated)
	h.Opened, h.Updated = time.UnixMilli(opened).UTC(), time.UnixMilli(updated).UTC()
	if h.due != never {
		h.Due = time.UnixMilli(h.due).UTC()
	}
	return h, err
}

// Replay computes a case anew from its events: what [Room.Case] shows is this and
// nothing else. It is for verifying; [ErrCase].
func Replay(ctx context.Context, tx *db.Tx, operator, id string) (File, error) {
	events, err := db.Collect(ctx, tx, func(s db.Scanner) (e event, err error) {
		var at int64
		var text string
		err = s.Scan(&e.Seq, &e.Kind, &text, &e.By.Kind, &e.By.ID, &at)
		e.Body, e.At = json.RawMessage(text), time.UnixMilli(at).UTC()
		return e, err
	}, "select seq, kind, body, by_kind, by_id, at from case_event where operator=$1 and case_id=$2 order by seq", operator, id)
	if err != nil {
		return File{}, err
	}
	if len(events) == 0 {
		return File{}, ErrCase
	}
	return fold(operator, id, events)
}
