package casework

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"clew/capability"
	"clew/db"
	"clew/finding"
	"clew/outbox"
	"clew/policy"
)

// impose orders one measure of a decision: what acts here acts in this transaction,
// what acts in another system is told to it.
func (w *work) impose(ctx context.Context, d *Decision, m policy.Measure, ends time.Time, points int) error {
	f := &w.file
	made := Measure{
		Measure: m, ID: db.NewID("mea"), Decision: d.ID, State: Active, Starts: w.tx.Now(), Ends: ends, Points: points,
	}
	switch {
	case m.Kind == policy.CapabilitySuspend, m.Kind == policy.CapabilityRevoke:
		to := capability.Suspended
		if m.Kind == policy.CapabilityRevoke {
			to = capability.Withdrawn
		}
		if err := w.supersede(m.Kind); err != nil {
			return err
		}
		now, err := capability.Get(ctx, w.tx, f.Operator, f.App)
		if err != nil {
			return err
		}
		if slices.Contains(capability.Next(now.State), to) {
			if err := w.room.Capability.Move(ctx, w.tx, w.caller, f.Operator, f.App, to, shorten(d.Reasons["zh"]), f.ID); err != nil {
				return err
			}
		} else {
			made.Why = "the capability was " + string(now.State)
		}
	case m.Kind == policy.ScoreDeduct:
		id, err := capability.Deduct(ctx, w.tx, w.caller, f.Operator, f.App, capability.CreditEntry{
			Points: points, Reason: shorten(d.Reasons["zh"]), Case: f.ID, Until: ends,
		})
		if err != nil {
			return err
		}
		made.Credit = id
	case m.Kind.Host():
		made.State = Pending
		if m.Kind.Money() {
			edition, err := policy.ByHash(ctx, w.tx, d.Edition)
			if err != nil {
				return err
			}
			made.State, made.Capture = Frozen, edition.Clocks.MoneyWaits.After(w.tx.Now())
		}
	}
	if err := w.add(&ordered{Measure: &made}); err != nil {
		return err
	}
	if m.Kind.Host() {
		verb := "apply"
		if m.Kind.Money() {
			verb = "freeze"
		}
		if err := w.command(ctx, &made, verb); err != nil {
			return err
		}
	}
	if m.Kind == policy.ScoreDeduct {
		return nil // told to the operator; not a measure for the public
	}
	return register(ctx, w.tx, f, d, &made)
}

// shorten cuts reasons to what the capability's own record takes.
func shorten(text string) string {
	runes := []rune(text)
	if len(runes) > 300 {
		return string(runes[:299]) + "…"
	}
	return text
}

// supersede ends running measures on the capability that a new one replaces.
func (w *work) supersede(by policy.Kind) error {
	for _, m := range w.file.Measures {
		if m.State.Running() && (m.Kind == policy.CapabilitySuspend || m.Kind == by) {
			if err := w.add(&changed{Measure: m.ID, To: Superseded, Why: "replaced by " + string(by)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// end takes a running measure to a final state and undoes what it did. A reversed one
// is undone as if it had never been, as far as that can be.
func (w *work) end(ctx context.Context, id string, to MeasureState, why string) error {
	f := &w.file
	m := *f.measure(id)
	served := max(0, w.tx.Now().Sub(m.Starts))
	if err := w.add(&changed{Measure: id, To: to, Why: why, Served: served}); err != nil {
		return err
	}
	switch {
	case m.Kind == policy.CapabilitySuspend, m.Kind == policy.CapabilityRevoke:
		if w.holdsCapability() {
			break // another measure of this case keeps it closed
		}
		if err := w.room.Capability.Restore(ctx, w.tx, w.caller, f.Operator, f.App, f.ID, why); err != nil {
			return err
		}
	case m.Kind == policy.ScoreDeduct && to == Reversed:
		if err := capability.Void(ctx, w.tx, f.Operator, f.App, m.Credit); err != nil {
			return err
		}
	case m.Kind.Money() && m.State == Frozen && to == Captured:
		if err := w.command(ctx, &m, "capture"); err != nil {
			return err
		}
	case m.Kind.Money() && m.State == Frozen:
		if err := w.command(ctx, &m, "release"); err != nil {
			return err
		}
	case m.Kind.Host():
		if err := w.command(ctx, &m, "undo"); err != nil {
			return err
		}
	}
	return unregister(ctx, w.tx, f, id, to)
}

// holdsCapability reports whether a measure of the case still closes the capability.
func (w *work) holdsCapability() bool {
	return slices.ContainsFunc(w.file.Measures, func(m Measure) bool {
		return m.State.Running() && (m.Kind == policy.CapabilitySuspend || m.Kind == policy.CapabilityRevoke)
	})
}

// Command is what a host is told to do, in a signed message; it answers with
// [Room.HostAnswered].
type Command struct {
	ID      string         `json:"id"`
	Case    string         `json:"case"`
	Measure string         `json:"measure"`
	App     string         `json:"app"`
	Kind    policy.Kind    `json:"kind"`
	Verb    string         `json:"verb"` // apply, undo, freeze, capture, release
	Days    int            `json:"days,omitempty"`
	Until   string         `json:"until,omitempty"`
	Percent int            `json:"percent,omitempty"`
	Order   policy.Measure `json:"order"`
}

// CommandMessage is the kind of message that carries a [Command] to the host.
const CommandMessage = "host.command"

func (w *work) command(ctx context.Context, m *Measure, verb string) error {
	c := Command{
		ID: db.NewID("cmd"), Case: w.file.ID, Measure: m.ID, App: w.file.App, Kind: m.Kind, Verb: verb,
		Days: m.Days, Until: m.Until, Percent: m.Percent, Order: m.Measure,
	}
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, `insert into host_command (operator, id, case_id, measure, verb, body, done, answered_at, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		w.file.Operator, c.ID, c.Case, c.Measure, verb, string(body), false, 0, w.tx.NowMS()); err != nil {
		return err
	}
	return w.room.Outbox.Put(ctx, w.tx, []outbox.Message{{Operator: w.file.Operator, Kind: CommandMessage, Subject: c.ID, Body: body}})
}

// ErrCommand says that no such command was ever given.
var ErrCommand = errors.New("no such command")

// HostAnswered records a host's word on a command. The first answer counts; the same
// again changes nothing; another one is shown as a contradiction and stops nothing.
func (r *Room) HostAnswered(ctx context.Context, tx *db.Tx, by Who, operator, command string, done bool, text string) error {
	type row struct {
		id, measure, verb string
		done              bool
		answered          int64
	}
	c, err := db.One(ctx, tx, func(s db.Scanner) (c row, err error) {
		return c, s.Scan(&c.id, &c.measure, &c.verb, &c.done, &c.answered)
	}, "select case_id, measure, verb, done, answered_at from host_command where operator=$1 and id=$2"+tx.ForUpdate(), operator, command)
	if errors.Is(err, db.ErrNone) {
		return ErrCommand
	} else if err != nil {
		return err
	}
	if c.answered != 0 && c.done == done {
		return nil
	}
	f, err := hold(ctx, tx, operator, c.id)
	if err != nil {
		return err
	}
	w := &work{room: r, tx: tx, file: f}
	w.caller.Kind, w.caller.ID = "host", by.ID
	if err := w.add(&answered{c.measure, Answer{Command: command, Done: done, Text: text, Contradicts: c.answered != 0}}); err != nil {
		return err
	}
	if c.answered == 0 {
		if _, err := tx.Exec(ctx, "update host_command set done=$3, answered_at=$4 where operator=$1 and id=$2", operator, command, done, tx.NowMS()); err != nil {
			return err
		}
		if m := w.file.measure(c.measure); m != nil && m.State == Pending && done && c.verb == "apply" {
			if err := w.add(&changed{Measure: m.ID, To: Active, Why: "the host has applied it"}); err != nil {
				return err
			}
		}
	}
	return w.write(ctx)
}

// register publishes a measure in force (docs/governance.md: within one working day;
// this is at once).
func register(ctx context.Context, tx *db.Tx, f *File, d *Decision, m *Measure) error {
	e := Registered{
		Case: f.ID, App: f.App, Kind: m.Kind, From: m.Starts, Until: m.Ends, ToRecheck: m.Until == "recheck", Reasons: d.Reasons,
	}
	for _, id := range d.Findings {
		if x := f.found(id); x != nil && !slices.Contains(e.Clauses, x.Clause) {
			e.Clauses = append(e.Clauses, x.Clause)
		}
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into register_entry (operator, id, measure, app, state, body, published_at, changed_at) values ($1, $2, $3, $4, 'active', $5, $6, $6)`,
		f.Operator, db.NewID("reg"), m.ID, f.App, string(text), tx.NowMS())
	return err
}

// unregister marks an entry; it is never taken away.
func unregister(ctx context.Context, tx *db.Tx, f *File, measure string, to MeasureState) error {
	state := "ended"
	if to == Reversed {
		state = "withdrawn"
	}
	_, err := tx.Exec(ctx, "update register_entry set state=$3, changed_at=$4 where operator=$1 and measure=$2", f.Operator, measure, state, tx.NowMS())
	return err
}

// Registered is a line of the public register.
type Registered struct {
	ID       string `json:"id"`
	Operator string `json:"operator"` // its id; pages show the name
	App      string `json:"app"`
	Case     string `json:"case"`
	// State is active, ended or withdrawn.
	State     string       `json:"state"`
	Kind      policy.Kind  `json:"measure"`
	Clauses   []string     `json:"clauses"`
	Reasons   finding.Text `json:"reasons"`
	From      time.Time    `json:"from"`
	Until     time.Time    `json:"until,omitzero"`
	ToRecheck bool         `json:"until_recheck,omitempty"`
	Published time.Time    `json:"published"`
	Changed   time.Time    `json:"changed"`
}

// Register is up to limit lines of the public register, the newest first, those
// before the id only ("" is the beginning). It is public: no caller.
func Register(ctx context.Context, tx *db.Tx, before string, limit int) ([]Registered, error) {
	if before == "" {
		before = "~"
	}
	return db.Collect(ctx, tx, scanRegistered, "select "+registeredColumns+" from register_entry where id<$1 order by id desc limit $2", before, limit)
}

// ErrRegister says that the register has no such entry.
var ErrRegister = errors.New("no such entry in the register")

// RegisterEntry is one line of the public register; [ErrRegister].
func RegisterEntry(ctx context.Context, tx *db.Tx, id string) (Registered, error) {
	e, err := db.One(ctx, tx, scanRegistered, "select "+registeredColumns+" from register_entry where id=$1", id)
	if errors.Is(err, db.ErrNone) {
		return e, ErrRegister
	}
	return e, err
}

// RegisterOf is what the public register holds about a case, the newest first; nothing
// for a case that is not there.
func RegisterOf(ctx context.Context, tx *db.Tx, operator, caseID string) (list []Registered, err error) {
	f, err := oneFile(ctx, tx, "select body from case_file where operator=$1 and id=$2", operator, caseID)
	if errors.Is(err, ErrCase) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	for _, m := range f.Measures {
		e, err := db.One(ctx, tx, scanRegistered, "select "+registeredColumns+" from register_entry where operator=$1 and measure=$2", operator, m.ID)
		if errors.Is(err, db.ErrNone) {
			continue // the score is nobody's business
		} else if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b Registered) int { return strings.Compare(b.ID, a.ID) })
	return list, nil
}

const registeredColumns = "operator, id, state, body, published_at, changed_at"

func scanRegistered(s db.Scanner) (e Registered, err error) {
	var text, id, operator, state string
	var published, at int64
	if err := s.Scan(&operator, &id, &state, &text, &published, &at); err != nil {
		return e, err
	}
	err = json.Unmarshal([]byte(text), &e)
	e.Operator, e.ID, e.State = operator, id, state
	e.Published, e.Changed = time.UnixMilli(published).UTC(), time.UnixMilli(at).UTC()
	return e, err
}

// tell lets the operator's webhooks know; ids only.
func (w *work) tell(ctx context.Context, kind string) error {
	body, err := json.Marshal(map[string]string{"case": w.file.ID, "app": w.file.App, "state": string(w.file.State)})
	if err != nil {
		return err
	}
	return w.room.Outbox.Put(ctx, w.tx, []outbox.Message{{Operator: w.file.Operator, Kind: kind, Subject: w.file.ID, Body: body}})
}
