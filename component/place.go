package component

import (
	"context"
	"slices"

	"clew/db"
)

// Placed is every target of every operator, for a list that is checked again before
// it is used ([Serves]): a target here may be invalid by the time it is read.
func Placed(ctx context.Context, tx *db.Tx) ([]Target, error) {
	return db.Collect(ctx, tx, scanTarget, "select "+targetColumns+" from component_target where deleted_at=0 order by operator, config_id")
}

// Serves reports whether a target collects in this transaction for a category and a
// district: it is there, names both, its component is published, the app's capability
// is in force and the category is open and online for the app.
func Serves(ctx context.Context, tx *db.Tx, operator, id, category, district string) (bool, error) {
	found, err := db.Collect(ctx, tx, scanTarget, "select "+targetColumns+
		" from component_target where operator=$1 and config_id=$2 and deleted_at=0", operator, id)
	if err != nil || len(found) == 0 {
		return false, err
	}
	t := found[0]
	if !t.Offers(category, district) {
		return false, nil
	}
	live, err := LiveNumbers(ctx, tx, operator, []string{t.Component})
	if err != nil || live[t.Component] == 0 {
		return false, err
	}
	paths, err := inForce(ctx, tx, operator, t.App)
	return slices.Contains(paths, category), err
}

// Offers reports whether a target names a category and a district.
func (t *Target) Offers(category, district string) bool {
	return slices.Contains(t.Categories, category) && slices.Contains(t.Regions, district)
}
