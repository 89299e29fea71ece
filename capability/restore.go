package capability

import (
	"context"
	"errors"
	"slices"

	"clew/access"
	"clew/db"
)

// Restore takes back what a case did to an app's capability: it stands again as it
// stood before the case's first step, unless somebody else moved it since. It is for
// measures that end or are undone; it does not ask for conditions that were met
// before. What the case never touched stays as it is.
func (r *Room) Restore(ctx context.Context, tx *db.Tx, by access.Caller, operator, appID, caseID, reason string) error {
	now, err := Get(ctx, tx, operator, appID)
	if err != nil {
		return err
	}
	if now.Case != caseID || now.State != Suspended && now.State != Withdrawn {
		return nil
	}
	before, err := db.One(ctx, tx, func(s db.Scanner) (from State, err error) { return from, s.Scan(&from) },
		`select from_state from capability_event where operator=$1 and app=$2 and case_id=$3 order by at, id limit 1`, operator, appID, caseID)
	if errors.Is(err, db.ErrNone) {
		return nil
	} else if err != nil {
		return err
	}
	if !slices.Contains([]State{Granted, Suspended}, before) {
		return nil
	}
	return r.set(ctx, tx, by, operator, appID, now.State, before, reason, caseID)
}

// Void takes an entry off the score's account, as if it had never been; it stays
// listed. Who may decide so is for the caller.
func Void(ctx context.Context, tx *db.Tx, operator, appID, id string) error {
	_, err := tx.Exec(ctx, "update credit_entry set until_at=from_at where operator=$1 and app=$2 and id=$3", operator, appID, id)
	return err
}
