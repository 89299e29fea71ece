package funnel

import (
	"context"
	"fmt"
	"time"

	"clew/db"
)

// Plan is a made-up history of one app, for measuring reports.
type Plan struct {
	Operator, App  string
	Components     []string
	Last           time.Time // its last day
	Days           int
	Events         int64 // in all
	Rooms, Videos  int   // per day and app; a component has a tenth
	Promotions     int
	Regions        []string
	MarketRegions  int // districts for which rankings have something to learn from
	MarketLastDays int
}

// of is how a hundred events are spread over the kinds.
var of = [kinds]int64{30, 16, 8, 6, 20, 8, 6, 4, 1, 1, 1, 1}

// Synthesise writes the aggregates that so many events would have left, without the
// events, and returns how many rows that made. It is for empty stores.
func Synthesise(ctx context.Context, d *db.DB, p Plan) (rows int, err error) {
	each := p.Events / int64(p.Days*max(len(p.Components), 1))
	for back := range p.Days {
		day, _ := dayOf(p.Last.AddDate(0, 0, -back))
		var out [][]any
		scopes := append([]string{""}, p.Components...)
		for i, scope := range scopes {
			n, part := each, 10
			if scope == "" {
				n, part = each*int64(len(p.Components)), 1
			}
			row := func(face string, hour int, slot string, share int) {
				var t tally
				for k := range kinds {
					t.pv[k] = n * of[k] / 102 / int64(max(share, 1))
					t.uv[k] = t.pv[k] * 2 / 3
				}
				out = append(out, []any{p.Operator, face, p.App, scope, day, hour, slot, t.pack()})
			}
			row(faceAll, -1, "", 1)
			for h := range 24 {
				row(faceHour, h, "", 24)
			}
			for _, scene := range Scenes() {
				row(faceScene, -1, scene, len(Scenes()))
				for h := range 24 {
					row(faceSceneHour, h, scene, 24*len(Scenes()))
				}
			}
			for _, items := range []struct {
				face string
				n    int
			}{{faceRoom, p.Rooms}, {faceVideo, p.Videos}, {facePromotion, p.Promotions}} {
				for j := range items.n / part {
					// A third of the items goes on for days, the others are of one day.
					slot := fmt.Sprintf("%s%d", items.face, i*1000+j)
					if j%3 > 0 {
						slot = fmt.Sprintf("%s%d-%d", items.face, i*1000+j, day)
					}
					row(items.face, -1, slot, items.n/part)
				}
			}
			for j, region := range p.Regions {
				if j%part == 0 {
					row(faceRegion, -1, region, len(p.Regions)/part)
				}
			}
		}
		var markets [][]any
		if back < p.MarketLastDays {
			for i, component := range p.Components {
				for _, region := range p.Regions[:min(p.MarketRegions, len(p.Regions))] {
					for j, scene := range Scenes()[:3] {
						markets = append(markets, []any{p.Operator, component, day, scene, region, int64(40 + 7*j), int64((i + j) % 3)})
					}
				}
			}
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			if err := tx.Insert(ctx, "funnel_count", countColumns, out); err != nil {
				return err
			}
			return tx.Insert(ctx, "funnel_market", []string{"operator", "component", "day", "scene", "region", "shows", "valid"}, markets)
		}); err != nil {
			return rows, err
		}
		rows += len(out) + len(markets)
	}
	return rows, d.Write(ctx, func(tx *db.Tx) error {
		var pairs [][]any
		for _, c := range p.Components {
			pairs = append(pairs, []any{p.Operator, p.App, c})
		}
		return insertRows(ctx, tx, "funnel_component", []string{"operator", "app", "component"}, pairs, "on conflict do nothing")
	})
}

// BareRows writes what stores of events cost at least: the id of each and the packed
// batch, and nothing else. It is what measuring compares [Room.Take] with.
func BareRows(ctx context.Context, d *db.DB, operator string, ids [][]byte, batch []byte) error {
	rows := make([][]any, len(ids))
	for i, id := range ids {
		rows[i] = []any{operator, id}
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		if err := tx.Insert(ctx, "funnel_seen", []string{"operator", "tag"}, rows); err != nil {
			return err
		}
		return tx.Insert(ctx, "funnel_batch", []string{"operator", "id", "events", "first_at", "last_at", "folded"},
			[][]any{{operator, db.NewID("fb"), batch, tx.NowMS(), tx.NowMS(), true}})
	})
}

// SketchBytes is how much the sketches of one row take once n visitors were seen in
// each kind of event.
func SketchBytes(n int) int {
	var s sketches
	key := make([]byte, 32)
	for i := range n {
		tag := visitorTag(key, "o", "a", fmt.Sprint(i))
		for k := range s {
			s[k].add(tag)
		}
	}
	return len(s.pack())
}
