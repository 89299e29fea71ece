package casework

import (
	"context"
	"encoding/json"
	"errors"

	"clew/db"
	"clew/policy"
)

// walked is how many cases [Walk] gives at most.
const walked = 1000

// Walk is up to limit cases of every operator, as they are shown, in the order of
// their ids, those behind after only ("" is the beginning). No case is left out for
// being closed. It is the platform's: no caller.
func Walk(ctx context.Context, tx *db.Tx, after string, limit int) ([]Shown, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (v Shown, err error) {
		return v, s.Scan(&v.Operator, &v.ID, &v.Text)
	}, "select operator, id, body from case_file where id>$1 order by id limit $2", after, max(1, min(limit, walked)))
}

// Shown is a case as lists and people see it: the JSON text of its [File].
type Shown struct{ Operator, ID, Text string }

// Audit holds a case to its events, and each of its decisions to its edition and the
// facts it stored. It returns how many decisions there are and what is not as it was,
// in words; nothing for a sound case.
func (s Shown) Audit(ctx context.Context, tx *db.Tx) (decisions int, faults []string, err error) {
	again, err := Replay(ctx, tx, s.Operator, s.ID)
	switch {
	case errors.Is(err, ErrCase):
		return 0, []string{"it is shown and has no events"}, nil
	case err != nil && ctx.Err() != nil:
		return 0, nil, err
	case err != nil:
		return 0, []string{err.Error()}, nil
	}
	text, err := json.Marshal(again)
	if err != nil {
		return 0, nil, err
	}
	if string(text) != s.Text {
		faults = append(faults, "what is shown is not what its events make")
	}
	for _, d := range again.Decisions {
		why, err := d.recompute(ctx, tx)
		if err != nil {
			return 0, nil, err
		}
		if why != "" {
			faults = append(faults, "decision "+d.ID+": "+why)
		}
	}
	return len(again.Decisions), faults, nil
}

// recompute says why a decision's outcome does not follow from what it stored; "" when
// it does, to the byte.
func (d Decision) recompute(ctx context.Context, tx *db.Tx) (string, error) {
	e, err := policy.ByHash(ctx, tx, d.Edition)
	if errors.Is(err, policy.ErrUnknown) {
		return "its edition is not there", nil
	} else if err != nil {
		if ctx.Err() != nil {
			return "", err
		}
		return err.Error(), nil
	}
	facts, err := policy.ReadFacts([]byte(d.Facts))
	if err != nil {
		return "its facts do not read", nil
	}
	o, err := e.Decide(facts)
	if err != nil {
		return "its edition does not decide its facts: " + err.Error(), nil
	}
	if string(o.Canonical()) != d.Outcome {
		return "its edition and facts give another outcome", nil
	}
	return "", nil
}

// Orphans is up to limit cases that have events and are not shown.
func Orphans(ctx context.Context, tx *db.Tx, limit int) ([]string, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) },
		`select e.case_id from case_event e where e.seq=1 and not exists (select 1 from case_file f where f.operator=e.operator and f.id=e.case_id)
		order by e.case_id limit $1`, max(1, min(limit, walked)))
}
