package funnel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"clew/db"
)

// ErrQuery says that a report's range or page makes no sense.
var ErrQuery = errors.New("a report needs a range of at most 400 days that ends after it begins, and pages of 1 to 100")

// maxDays bounds a report's range.
const maxDays = 400

// span is a query's range: whole days, and the hours of days that are cut.
type span struct {
	from, to           time.Time // on the hour
	first, last        int       // days, both included
	wholeFrom, wholeTo int       // the whole days among them; none when wholeTo < wholeFrom
}

func (q *Query) span() (s span, err error) {
	s.from = q.From.In(china).Truncate(time.Hour)
	s.to = q.To.In(china).Add(time.Hour - 1).Truncate(time.Hour)
	if !s.from.Before(s.to) || s.to.Sub(s.from) > maxDays*24*time.Hour || q.Page < 0 || q.Size < 0 || q.Size > 100 {
		return s, ErrQuery
	}
	s.first, _ = dayOf(s.from)
	s.last, _ = dayOf(s.to.Add(-1))
	s.wholeFrom, s.wholeTo = s.first, s.last
	if dayStart(s.first).Before(s.from) {
		s.wholeFrom, _ = dayOf(dayEnd(s.first))
	}
	if dayEnd(s.last).After(s.to) {
		s.wholeTo, _ = dayOf(dayStart(s.last).Add(-1))
	}
	return s, nil
}

// holds reports whether an hour of a day lies in the span.
func (s *span) holds(day, hour int) bool {
	t := dayStart(day).Add(time.Duration(hour) * time.Hour)
	return !t.Before(s.from) && t.Before(s.to)
}

// whole reports whether all of a day does.
func (s *span) whole(day int) bool { return day >= s.wholeFrom && day <= s.wholeTo }

// line is a row of funnel_count as reports read it.
type line struct {
	app, scope string
	day, hour  int
	slot       string
	counts     []byte
}

// part is an app with the scopes that a query wants of it.
type part struct {
	app    string
	scopes []string
}

// parts says which rows make up a query: the app's own, or those of components.
func parts(ctx context.Context, tx *db.Tx, operator string, q *Query, byComponent bool) ([]part, error) {
	pairs, err := db.Collect(ctx, tx, func(s db.Scanner) (v [2]string, err error) { return v, s.Scan(&v[0], &v[1]) },
		"select app, component from funnel_component where operator=$1 order by app, component", operator)
	if err != nil {
		return nil, err
	}
	if len(q.Components) > 0 || byComponent {
		byApp := map[string][]string{}
		for _, v := range pairs {
			if (q.App == "" || q.App == v[0]) && (len(q.Components) == 0 || slices.Contains(q.Components, v[1])) {
				byApp[v[0]] = append(byApp[v[0]], v[1])
			}
		}
		var out []part
		for _, app := range slices.Sorted(maps.Keys(byApp)) {
			for scopes := range slices.Chunk(byApp[app], 256) {
				out = append(out, part{app, scopes})
			}
		}
		return out, nil
	}
	if q.App != "" {
		return []part{{q.App, []string{""}}}, nil
	}
	// Apps may have events and no component yet.
	apps, err := db.Collect(ctx, tx, func(s db.Scanner) (a string, err error) { return a, s.Scan(&a) },
		"select id from app where operator=$1 order by id", operator)
	var out []part
	for _, app := range apps {
		out = append(out, part{app, []string{""}})
	}
	return out, err
}

// scan calls f with every row of a face in the query's days; with slot, of that slot.
func scan(ctx context.Context, tx *db.Tx, operator, face, slot string, where []part, first, last int, f func(*line) error) error {
	if last < first {
		return nil
	}
	for _, p := range where {
		args := []any{operator, face, p.app, first, last}
		for _, s := range p.scopes {
			args = append(args, s)
		}
		query := `select app, scope, day, hour, slot, counts from funnel_count
			where operator=$1 and face=$2 and app=$3 and day>=$4 and day<=$5 and scope in ` + db.In(6, len(p.scopes))
		if slot != "" {
			query += " and slot=$" + strconv.Itoa(len(args)+1)
			args = append(args, slot)
		}
		lines, err := db.Collect(ctx, tx, func(s db.Scanner) (l line, err error) {
			return l, s.Scan(&l.app, &l.scope, &l.day, &l.hour, &l.slot, &l.counts)
		}, query, args...)
		if err != nil {
			return err
		}
		for i := range lines {
			if err := f(&lines[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// spread calls f with the day rows of whole days and the hour rows of days that are
// cut. Visitors of a cut day are added up by hour.
func (s *span) spread(ctx context.Context, tx *db.Tx, operator, dayFace, hourFace, slot string, where []part, f func(*line) error) error {
	if err := scan(ctx, tx, operator, dayFace, slot, where, s.wholeFrom, s.wholeTo, f); err != nil {
		return err
	}
	cut := []int{s.first}
	if s.last != s.first {
		cut = append(cut, s.last)
	}
	for _, day := range cut {
		if s.whole(day) {
			continue
		}
		if err := scan(ctx, tx, operator, hourFace, slot, where, day, day, func(l *line) error {
			if !s.holds(l.day, l.hour) {
				return nil
			}
			return f(l)
		}); err != nil {
			return err
		}
	}
	return nil
}

// Overview counts a range: in all, by day and by hour.
//
// A visitor counts once a day per app (with Components: per component), so that Uv of
// a range is the sum of its days'. A day that is cut counts visitors per hour.
func Overview(ctx context.Context, tx *db.Tx, operator string, q Query) (Summary, error) {
	s, err := q.span()
	if err != nil {
		return Summary{}, err
	}
	where, err := parts(ctx, tx, operator, &q, false)
	if err != nil {
		return Summary{}, err
	}
	dayFace, hourFace := faceAll, faceHour
	if q.Scene != "" {
		dayFace, hourFace = faceScene, faceSceneHour
	}
	var total tally
	days, hours := map[int]*tally{}, map[int]*tally{}
	if err := s.spread(ctx, tx, operator, dayFace, hourFace, q.Scene, where, func(l *line) error {
		return errors.Join(total.add(l.counts), sum(days, l.day).add(l.counts))
	}); err != nil {
		return Summary{}, err
	}
	if err := scan(ctx, tx, operator, hourFace, q.Scene, where, s.first, s.last, func(l *line) error {
		if !s.holds(l.day, l.hour) {
			return nil
		}
		return sum(hours, l.day*100+l.hour).add(l.counts)
	}); err != nil {
		return Summary{}, err
	}
	out := Summary{Total: total.metrics()}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		out.Days = append(out.Days, Point{strconv.Itoa(day), -1, days[day].metrics()})
	}
	for _, at := range slices.Sorted(maps.Keys(hours)) {
		out.Hours = append(out.Hours, Point{strconv.Itoa(at / 100), at % 100, hours[at].metrics()})
	}
	return out, nil
}

func sum[K comparable](in map[K]*tally, key K) *tally {
	if in[key] == nil {
		in[key] = &tally{}
	}
	return in[key]
}

// BySource counts a range by scene, in the order of [Scenes], without empty ones.
func BySource(ctx context.Context, tx *db.Tx, operator string, q Query) ([]SourceRow, error) {
	s, err := q.span()
	if err != nil {
		return nil, err
	}
	where, err := parts(ctx, tx, operator, &q, false)
	if err != nil {
		return nil, err
	}
	sums := map[string]*tally{}
	if err := s.spread(ctx, tx, operator, faceScene, faceSceneHour, q.Scene, where, func(l *line) error {
		return sum(sums, l.slot).add(l.counts)
	}); err != nil {
		return nil, err
	}
	var out []SourceRow
	for _, scene := range Scenes() {
		if t := sums[scene]; t != nil {
			out = append(out, SourceRow{scene, t.metrics()})
		}
	}
	return out, nil
}

// ByComponent counts a range by component, most leads first; total is how many
// components have counts.
func ByComponent(ctx context.Context, tx *db.Tx, operator string, q Query) (rows []ComponentRow, total int, err error) {
	s, err := q.span()
	if err != nil {
		return nil, 0, err
	}
	where, err := parts(ctx, tx, operator, &q, true)
	if err != nil {
		return nil, 0, err
	}
	dayFace, hourFace := faceAll, faceHour
	if q.Scene != "" {
		dayFace, hourFace = faceScene, faceSceneHour
	}
	sums := map[string]*tally{}
	if err := s.spread(ctx, tx, operator, dayFace, hourFace, q.Scene, where, func(l *line) error {
		return sum(sums, l.scope).add(l.counts)
	}); err != nil {
		return nil, 0, err
	}
	for _, id := range q.page(ranked(sums)) {
		rows = append(rows, ComponentRow{id, sums[id].metrics()})
	}
	return rows, len(sums), nil
}

// ByItem counts the whole days of a range by video, live room, promotion or region,
// most leads first. Days that are cut count whole: items are not kept by the hour.
// Scene does not narrow it.
func ByItem(ctx context.Context, tx *db.Tx, operator string, item Item, q Query) (rows []ItemRow, total int, err error) {
	face := map[Item]string{
		ItemVideo: faceVideo, ItemLive: faceRoom, ItemPromotion: facePromotion, ItemRegion: faceRegion,
	}[item]
	s, err := q.span()
	if err != nil || face == "" {
		return nil, 0, errors.Join(err, unknownItem(item, face))
	}
	where, err := parts(ctx, tx, operator, &q, false)
	if err != nil {
		return nil, 0, err
	}
	sums := map[string]*tally{}
	if err := scan(ctx, tx, operator, face, "", where, s.first, s.last, func(l *line) error {
		return sum(sums, l.slot).add(l.counts)
	}); err != nil {
		return nil, 0, err
	}
	for _, id := range q.page(ranked(sums)) {
		rows = append(rows, ItemRow{id, sums[id].metrics()})
	}
	return rows, len(sums), nil
}

func unknownItem(item Item, face string) error {
	if face == "" {
		return fmt.Errorf("%w: no item %q", ErrQuery, string(item))
	}
	return nil
}

// ranked sorts ids by leads, then by what led there, then by id; the rest is last.
func ranked(sums map[string]*tally) []string {
	ids := slices.Collect(maps.Keys(sums))
	slices.SortFunc(ids, func(a, b string) int {
		if a == SlotRest {
			return 1
		}
		if b == SlotRest {
			return -1
		}
		for k := kinds - 2; k >= 0; k-- {
			if d := cmp.Compare(sums[b].pv[k], sums[a].pv[k]); d != 0 {
				return d
			}
		}
		return cmp.Compare(a, b)
	})
	return ids
}

// page is the part of ids that the query asked for.
func (q *Query) page(ids []string) []string {
	page, size := max(q.Page, 1), q.Size
	if size == 0 {
		size = 20
	}
	if page-1 > len(ids)/size {
		return nil
	}
	from := (page - 1) * size
	return ids[from:min(from+size, len(ids))]
}
