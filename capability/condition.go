package capability

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"
)

// The conditions of the capability. Words under condition.ID.name, .text (what is
// asked) and .meet (how to meet it), with [Condition.Args].
const (
	CategoryOnline = "category_online"
	// MainCategoryOnline takes its place under the basis [MainCategory].
	MainCategoryOnline = "main_category_online"
	PrivacyDeclared    = "privacy_declared"
	CreditScore        = "credit_score"
)

// MinCredit is the score an app needs to be given the capability. It is this
// project's own proposal: the norm names none.
const MinCredit = 90

// AnswerDays is within how many working days an application is answered.
const AnswerDays = app.AnswerDays

// Condition is one thing that an app must bring for the capability.
type Condition struct {
	ID        string
	Satisfied bool
	Args      []any // names and values for its words
}

// Conditions is what the capability asks of an app: one of the lists must hold
// whole. There is one today; the wire's shape allows several.
func Conditions(ctx context.Context, tx *db.Tx, operator, appID string) ([][]Condition, error) {
	paths, err := Eligible(ctx, tx, operator, appID)
	if err != nil {
		return nil, err
	}
	basis, err := BasisNow(ctx, tx)
	if err != nil {
		return nil, err
	}
	privacy, err := app.GetPrivacy(ctx, tx, operator, appID)
	if err != nil {
		return nil, err
	}
	credit, err := Credit(ctx, tx, operator, appID)
	if err != nil {
		return nil, err
	}
	category := CategoryOnline
	if basis == MainCategory {
		category = MainCategoryOnline
	}
	return [][]Condition{{
		{ID: category, Satisfied: len(paths) > 0},
		{ID: PrivacyDeclared, Satisfied: privacy.Declares(app.ItemPhone) && privacy.Contact()},
		{ID: CreditScore, Satisfied: credit >= MinCredit, Args: []any{"score", credit, "least", MinCredit}},
	}}, nil
}

// Unmet says which conditions are missing.
type Unmet struct{ Conditions []Condition }

func (e *Unmet) Error() string {
	var ids []string
	for _, c := range e.Conditions {
		ids = append(ids, c.ID)
	}
	return fmt.Sprintf("the capability cannot be had yet: %s", strings.Join(ids, ", "))
}

// unmet is nil when one list holds whole, else *[Unmet] of the list that lacks least.
func unmet(lists [][]Condition) error {
	var least []Condition
	for i, list := range lists {
		missing := slices.DeleteFunc(slices.Clone(list), func(c Condition) bool { return c.Satisfied })
		if len(missing) == 0 {
			return nil
		}
		if i == 0 || len(missing) < len(least) {
			least = missing
		}
	}
	return &Unmet{least}
}

// Apply asks for the capability. The reason (at most 500 characters, may be empty)
// is read by the platform's staff. Errors: *[Unmet], *[BadStep], *[BadReason],
// [app.ErrUnknown].
func (r *Room) Apply(ctx context.Context, caller access.Caller, appID, reason string) error {
	return r.Access.Do(ctx, caller, access.CapabilityApply, access.Subject{Kind: "app", ID: appID}, "", func(tx *db.Tx) error {
		if err := app.Hold(ctx, tx, caller.Operator, appID); err != nil {
			return err
		}
		now, err := Get(ctx, tx, caller.Operator, appID)
		if err != nil {
			return err
		}
		if !slices.Contains(next[now.State], Applied) {
			return &BadStep{now.State, Applied}
		}
		lists, err := Conditions(ctx, tx, caller.Operator, appID)
		if err != nil {
			return err
		}
		if err := unmet(lists); err != nil {
			return err
		}
		return r.Move(ctx, tx, caller, caller.Operator, appID, Applied, reason, "")
	})
}

// Application is an app that waits for the capability.
type Application struct {
	Operator, App, AppName string
	Reason                 string // the applicant's
	Since, Due             time.Time
}

// Waiting is up to limit (1 to 500) applications to be answered, of all operators,
// the soonest due first: for the platform alone.
func Waiting(ctx context.Context, tx *db.Tx, limit int) ([]Application, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (a Application, err error) {
		var since, due int64
		err = s.Scan(&a.Operator, &a.App, &a.AppName, &a.Reason, &since, &due)
		a.Since, a.Due = time.UnixMilli(since).UTC(), time.UnixMilli(due).UTC()
		return a, err
	}, `select c.operator, c.app, a.name, c.reason, c.since, c.due_at from capability c
		join app a on a.operator=c.operator and a.id=c.app
		where c.state='applied' order by c.due_at, c.operator, c.app limit $1`, min(max(limit, 1), 500))
}
