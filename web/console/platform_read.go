package console

import (
	"context"
	"time"

	"clew/app"
	"clew/capability"
	"clew/db"
)

// operators is every operator there is; only the platform's pages may ask.
func operators(ctx context.Context, tx *db.Tx) ([]app.Operator, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (o app.Operator, err error) {
		var ms int64
		err = s.Scan(&o.ID, &o.Name, &ms)
		o.Created = time.UnixMilli(ms).UTC()
		return o, err
	}, "select id, name, created_at from operator order by id limit 500")
}

// decision is a step an app's capability took.
type decision struct {
	From, To     capability.State
	Reason, Case string
	By           string // caller id
	At           time.Time
}

func decisions(ctx context.Context, tx *db.Tx, operator, id string) ([]decision, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (d decision, err error) {
		var ms int64
		err = s.Scan(&d.From, &d.To, &d.Reason, &d.Case, &d.By, &ms)
		d.At = time.UnixMilli(ms).UTC()
		return d, err
	}, `select from_state, to_state, reason, case_id, by_id, at from capability_event
		where operator=$1 and app=$2 order by at desc, id desc limit 100`, operator, id)
}

// capabilitySteps and categorySteps are what the forms offer. The rooms decide:
// what is offered too much is refused there.
var (
	capabilitySteps = map[capability.State][]capability.State{
		capability.None:      {capability.Applied},
		capability.Applied:   {capability.Granted, capability.None},
		capability.Granted:   {capability.Suspended, capability.Withdrawn},
		capability.Suspended: {capability.Granted, capability.Withdrawn},
		capability.Withdrawn: {capability.Applied},
	}
	categorySteps = map[app.CategoryState][]app.CategoryState{
		app.Applied: {app.Approved, app.Offline}, app.Approved: {app.Online, app.Offline},
		app.Online: {app.Offline}, app.Offline: {app.Applied},
	}
)
