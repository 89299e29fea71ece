package funnel

import (
	"context"

	"clew/db"
)

// MarketRow is what rankings learn from: how often a component was shown from a
// source in a district, and how many valid leads came of it.
type MarketRow struct {
	Operator, Component, Scene, Region string
	Shows, Valid                       int64
}

// Market adds up the last days, today included, of every operator. It holds no person.
func Market(ctx context.Context, tx *db.Tx, days int) ([]MarketRow, error) {
	from, _ := dayOf(tx.Now().AddDate(0, 0, 1-days))
	return db.Collect(ctx, tx, func(s db.Scanner) (r MarketRow, err error) {
		return r, s.Scan(&r.Operator, &r.Component, &r.Scene, &r.Region, &r.Shows, &r.Valid)
	}, `select operator, component, scene, region, sum(shows), sum(valid) from funnel_market where day>=$1
		group by operator, component, scene, region order by operator, component, scene, region`, from)
}
