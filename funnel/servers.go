package funnel

import (
	"context"
	"errors"
	"maps"
	"slices"

	"clew/access"
	"clew/app"
	"clew/db"
)

// Report is [Room.Take] for a server: an operator's key counts events of its own
// components, an app's own server those of the app, and the host app those of any
// app, which each event must then name. What a test key reports is checked and not
// counted.
func (r *Room) Report(ctx context.Context, caller access.Caller, events []Event) (Taken, error) {
	subject := access.Subject{Kind: "operator", ID: caller.Operator}
	if caller.Kind == access.KindApp {
		subject = access.Subject{Kind: "app", ID: caller.ID}
	}
	if err := r.Access.Check(ctx, caller, access.EventReport, subject); err != nil {
		return Taken{}, err
	}
	if len(events) == 0 || len(events) > MaxEvents {
		return Taken{}, ErrMany
	}
	events = slices.Clone(events)
	if caller.Kind == access.KindApp {
		for i := range events {
			if events[i].App == "" {
				events[i].App = caller.ID
			}
			if events[i].App != caller.ID {
				return Taken{}, &BadEvents{[]BadEvent{{i, "app", "unknown"}}}
			}
		}
	}
	if caller.Test { // a test looks at the checks; tests are never counted
		_, bad, err := r.prepare(ctx, caller.Operator, events)
		if bad != nil {
			err = &BadEvents{bad}
		}
		return Taken{}, err
	}
	if caller.Operator != "" {
		return r.Take(ctx, caller.Operator, events)
	}
	return r.takeAll(ctx, events)
}

// takeAll counts events of many operators. All are checked before any is counted.
func (r *Room) takeAll(ctx context.Context, events []Event) (total Taken, err error) {
	owners, err := r.operators(ctx, events)
	if err != nil {
		return total, err
	}
	var bad []BadEvent
	byOperator := map[string][]int{}
	for i := range events {
		switch owner := owners[events[i].App]; {
		case events[i].App == "":
			bad = append(bad, BadEvent{i, "app", "app_needed"})
		case owner == "":
			bad = append(bad, BadEvent{i, "app", "unknown"})
		default:
			byOperator[owner] = append(byOperator[owner], i)
		}
	}
	var calls []*call
	for _, operator := range slices.Sorted(maps.Keys(byOperator)) {
		var mine []Event
		for _, i := range byOperator[operator] {
			mine = append(mine, events[i])
		}
		c, wrong, err := r.prepare(ctx, operator, mine)
		if err != nil {
			return total, err
		}
		for _, b := range wrong {
			b.Index = byOperator[operator][b.Index]
			bad = append(bad, b)
		}
		calls = append(calls, c)
	}
	if bad != nil {
		slices.SortFunc(bad, func(a, b BadEvent) int { return a.Index - b.Index })
		return total, &BadEvents{bad}
	}
	for _, c := range calls {
		taken, err := r.await(ctx, c)
		if err != nil {
			return total, err
		}
		total.Counted += taken.Counted
		total.Duplicate += taken.Duplicate
	}
	return total, nil
}

// operators says whose each app is; unknown ones are left out.
func (r *Room) operators(ctx context.Context, events []Event) (map[string]string, error) {
	owners := map[string]string{}
	err := r.DB.Read(ctx, func(tx *db.Tx) error {
		for i := range events {
			id := events[i].App
			if _, asked := owners[id]; asked || id == "" {
				continue
			}
			a, err := app.Find(ctx, tx, id)
			if err != nil && !errors.Is(err, app.ErrUnknown) {
				return err
			}
			owners[id] = a.Operator
		}
		return nil
	})
	return owners, err
}
