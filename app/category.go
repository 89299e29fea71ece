package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"clew/access"
	"clew/calendar"
	"clew/db"
	"clew/norm"
	"clew/outbox"
)

// CategoryState is how far a category of an app has come. Only Online counts for
// collecting leads (norm 二: 类目需上线后才能接入).
type CategoryState string

// The states, in the order an application passes through them. An application that
// is refused goes Offline.
const (
	Applied  CategoryState = "applied"
	Approved CategoryState = "approved"
	Online   CategoryState = "online"
	Offline  CategoryState = "offline"
)

// next lists which state may follow which; "" is a category not yet applied for.
var next = map[CategoryState][]CategoryState{
	"":       {Applied},
	Applied:  {Approved, Offline},
	Approved: {Online, Offline},
	Online:   {Offline},
	Offline:  {Applied},
}

// NextCategory is where a category in state may go next; state "" is one that was
// not applied for.
func NextCategory(state CategoryState) []CategoryState { return slices.Clone(next[state]) }

// AnswerDays is within how many working days an application is answered.
const AnswerDays = 5

// Category is a category an app has applied for.
type Category struct {
	Path  string // "一级 > 二级 > 三级", as norm.Category.Path writes it
	State CategoryState
	Since time.Time
	// Due is when an application must be answered; zero unless State is Applied.
	Due time.Time
	// Main marks the one that the app mainly does business in.
	Main   bool
	Reason string // of the last decision; often empty
}

const categoryColumns = "category, state, since, due_at, main, reason"

func scanCategory(s db.Scanner) (c Category, err error) {
	var since, due int64
	err = s.Scan(&c.Path, &c.State, &since, &due, &c.Main, &c.Reason)
	c.Since = time.UnixMilli(since).UTC()
	if due > 0 {
		c.Due = time.UnixMilli(due).UTC()
	}
	return c, err
}

// Categories is what an app has applied for, the oldest first. In a write
// transaction on PostgreSQL it holds the rows until the end.
func Categories(ctx context.Context, tx *db.Tx, operator, app string) ([]Category, error) {
	return db.Collect(ctx, tx, scanCategory, "select "+categoryColumns+
		" from app_category where operator=$1 and app=$2 order by since, category"+tx.ForShare(), operator, app)
}

// Holder is an app with one of its categories.
type Holder struct {
	Operator, App, AppName string
	Category
}

func scanHolder(s db.Scanner) (h Holder, err error) {
	var since, due int64
	err = s.Scan(&h.Operator, &h.App, &h.AppName, &h.Path, &h.State, &since, &due, &h.Main, &h.Reason)
	h.Since = time.UnixMilli(since).UTC()
	if due > 0 {
		h.Due = time.UnixMilli(due).UTC()
	}
	return h, err
}

const holderColumns = "c.operator, c.app, a.name, c.category, c.state, c.since, c.due_at, c.main, c.reason"

// WaitingCategories is up to limit (1 to 500) applications to be answered, of all
// operators, the soonest due first: for the platform alone.
func WaitingCategories(ctx context.Context, tx *db.Tx, limit int) ([]Holder, error) {
	return db.Collect(ctx, tx, scanHolder, "select "+holderColumns+` from app_category c
		join app a on a.operator=c.operator and a.id=c.app
		where c.state='applied' order by c.due_at, c.operator, c.app, c.category limit $1`, min(max(limit, 1), 500))
}

// Holding is up to limit apps that have one of the categories online, of all
// operators, by operator, app and category, behind after (the zero value for the
// beginning): for the platform alone.
func Holding(ctx context.Context, tx *db.Tx, paths []string, after Holder, limit int) ([]Holder, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	args := []any{after.Operator, after.App, after.Path, limit}
	for _, p := range paths {
		args = append(args, p)
	}
	return db.Collect(ctx, tx, scanHolder, "select "+holderColumns+` from app_category c
		join app a on a.operator=c.operator and a.id=c.app
		where c.state='online' and (c.operator, c.app, c.category) > ($1, $2, $3)
		and c.category in `+db.In(5, len(paths))+` order by c.operator, c.app, c.category limit $4`, args...)
}

// BadStep says that a category cannot go from one state to another: From is the
// state it is in now, whatever the caller believed.
type BadStep struct{ From, To CategoryState }

func (e *BadStep) Error() string {
	if e.From == "" {
		return fmt.Sprintf("a category that was not applied for cannot become %s", e.To)
	}
	return fmt.Sprintf("a category that is %s cannot become %s; it can become %v", e.From, e.To, next[e.From])
}

var (
	// ErrNotOpen says that leads are not collected in a category, so that nobody
	// applies for it in vain.
	ErrNotOpen = errors.New("the category is not one in which leads may be collected now")
	// ErrApplying says that applying is the operator's step, with its papers.
	ErrApplying = errors.New("only the app's operator applies for a category")
	// ErrNoCategory says that the app has no such category, or not far enough.
	ErrNoCategory = errors.New("the app has no such category that is approved or online")
)

// open reports whether leads may be collected in a category now.
func (r *Room) open(ctx context.Context, tx *db.Tx, path string) (bool, error) {
	if r.Open != nil {
		return r.Open(ctx, tx, path)
	}
	_, listed := norm.At(tx.Now()).Category(path)
	return listed, nil
}

// ApplyCategory applies for a category with its papers, which replace those of an
// earlier application. It is due to be answered after [AnswerDays] working days.
// Errors: *[BadPapers], [ErrNotOpen], *[BadStep], [ErrUnknown].
func (r *Room) ApplyCategory(ctx context.Context, caller access.Caller, app, path string, papers []NewPaper) error {
	kept, err := checkPapers(papers)
	if err != nil {
		return err
	}
	return r.Access.Do(ctx, caller, access.CategoryApply, access.Subject{Kind: "app", ID: app}, "", func(tx *db.Tx) error {
		if open, err := r.open(ctx, tx, path); err != nil {
			return err
		} else if !open {
			return ErrNotOpen
		}
		if err := r.step(ctx, tx, caller, caller.Operator, app, path, Applied, "", kept); err != nil {
			return err
		}
		return putPapers(ctx, tx, caller.Operator, app, path, kept, papers)
	})
}

// DecideCategory is the platform's answer to an application, or takes a category
// off line. Whatever ends in Offline needs a reason of 4 to 200 characters, which
// the operator reads. Errors: *[BadStep] with the state it is in by now,
// [access.ErrReason], [ErrApplying], [ErrUnknown].
func (r *Room) DecideCategory(ctx context.Context, caller access.Caller, operator, app, path string, to CategoryState, reason string) error {
	if to == Applied {
		return ErrApplying
	}
	if to == Offline {
		if err := access.CheckText(reason, 4, 200); err != nil {
			return err
		}
	}
	return r.Access.Do(ctx, caller, access.CategoryDecide, access.Subject{Kind: "app", ID: app}, reason, func(tx *db.Tx) error {
		return r.step(ctx, tx, caller, operator, app, path, to, reason, nil)
	})
}

// MoveCategory takes a category to its next state without papers, for setting up an
// installation; *[BadStep] when it cannot go there. People go through
// [Room.ApplyCategory] and [Room.DecideCategory]. [ErrUnknown].
func (r *Room) MoveCategory(ctx context.Context, tx *db.Tx, operator, app, path string, to CategoryState) error {
	return r.step(ctx, tx, access.System(operator, "installation"), operator, app, path, to, "", nil)
}

// step is the only place that changes a category's state. It holds the app, so that
// of two decisions at once the second meets the state the first left; the row is
// held too, against transactions that collect.
func (r *Room) step(ctx context.Context, tx *db.Tx, by access.Caller, operator, app, path string, to CategoryState, reason string, papers []Paper) error {
	if err := Hold(ctx, tx, operator, app); err != nil {
		return err
	}
	found, err := db.Collect(ctx, tx, scanCategory, "select "+categoryColumns+
		" from app_category where operator=$1 and app=$2 and category=$3"+tx.ForUpdate(), operator, app, path)
	if err != nil {
		return err
	}
	var from CategoryState
	if len(found) > 0 {
		from = found[0].State
	}
	if !slices.Contains(next[from], to) {
		return &BadStep{from, to}
	}
	due := int64(0)
	if to == Applied {
		due = calendar.AddWorkingDays(tx.Now(), AnswerDays).UnixMilli()
	}
	if len(found) == 0 {
		_, err = tx.Exec(ctx, `insert into app_category (operator, app, category, state, since, due_at, reason)
			values ($1, $2, $3, $4, $5, $6, $7)`, operator, app, path, string(to), tx.NowMS(), due, reason)
	} else {
		_, err = tx.Exec(ctx, `update app_category set state=$4, since=$5, due_at=$6, reason=$7
			where operator=$1 and app=$2 and category=$3`, operator, app, path, string(to), tx.NowMS(), due, reason)
	}
	if err != nil {
		return err
	}
	if to == Online {
		// An app that never named its main category has the first one that came online.
		if _, err := tx.Exec(ctx, `update app_category set main=true where operator=$1 and app=$2 and category=$3
			and not exists (select 1 from app_category m where m.operator=$1 and m.app=$2 and m.main)`, operator, app, path); err != nil {
			return err
		}
	}
	if err := note(ctx, tx, by, operator, app, CategoryEvent{Path: path, From: from, To: to, Reason: reason, Papers: papers}); err != nil {
		return err
	}
	if to == Applied || r.Outbox == nil {
		return nil
	}
	body, err := json.Marshal(map[string]string{"app": app, "category": path, "state": string(to)})
	if err != nil {
		return err
	}
	return r.Outbox.Put(ctx, tx, []outbox.Message{{Operator: operator, Kind: "category." + string(to), Subject: app, Body: body}})
}

// SetMain names the category that the app mainly does business in, one that is
// approved or online: [ErrNoCategory], [ErrUnknown].
func (r *Room) SetMain(ctx context.Context, caller access.Caller, app, path string) error {
	return r.Access.Do(ctx, caller, access.CategoryApply, access.Subject{Kind: "app", ID: app}, "", func(tx *db.Tx) error {
		if err := Hold(ctx, tx, caller.Operator, app); err != nil {
			return err
		}
		all, err := Categories(ctx, tx, caller.Operator, app)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(c Category) bool { return c.Path == path })
		if i < 0 || all[i].State != Approved && all[i].State != Online {
			return ErrNoCategory
		}
		if all[i].Main {
			return nil
		}
		if _, err := tx.Exec(ctx, "update app_category set main=(category=$3) where operator=$1 and app=$2", caller.Operator, app, path); err != nil {
			return err
		}
		return note(ctx, tx, caller, caller.Operator, app, CategoryEvent{Path: path, From: all[i].State, To: all[i].State, Reason: "main category"})
	})
}

// CategoryEvent is a step that a category of an app took. From and To are equal
// where it was named the main one.
type CategoryEvent struct {
	Path     string
	From, To CategoryState
	Reason   string
	// Papers are those of an application, without ids: they may have been replaced.
	Papers []Paper
	By     string // caller id
	At     time.Time
}

func note(ctx context.Context, tx *db.Tx, by access.Caller, operator, app string, e CategoryEvent) error {
	if e.Papers == nil {
		e.Papers = []Paper{}
	}
	papers, err := json.Marshal(e.Papers)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into app_category_event
		(operator, app, id, category, from_state, to_state, reason, papers, by_kind, by_id, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		operator, app, db.NewID("aev"), e.Path, string(e.From), string(e.To), e.Reason, string(papers), string(by.Kind), by.ID, tx.NowMS())
	return err
}

// CategoryEvents is the last 100 steps of an app's categories, newest first.
func CategoryEvents(ctx context.Context, tx *db.Tx, operator, app string) ([]CategoryEvent, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (e CategoryEvent, err error) {
		var at int64
		var papers string
		if err := s.Scan(&e.Path, &e.From, &e.To, &e.Reason, &papers, &e.By, &at); err != nil {
			return e, err
		}
		e.At = time.UnixMilli(at).UTC()
		return e, json.Unmarshal([]byte(papers), &e.Papers)
	}, `select category, from_state, to_state, reason, papers, by_id, at from app_category_event
		where operator=$1 and app=$2 order by at desc, id desc limit 100`, operator, app)
}
