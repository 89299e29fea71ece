package funnel

import (
	"context"
	"time"

	"clew/db"
)

// How far a lead has come; what is counted of it.
const (
	stageReport = 1
	stageLead   = 2
	stageValid  = 3
)

// Submission is a stored lead as far as it counts. Test leads are not handed over.
type Submission struct {
	Lead, App, Component                  string
	Scene, Room, Video, Promotion, Region string
	// Before is a lead that the same person left before in the app on this day (of
	// UTC+8), whichever; empty when there is none.
	Before    string
	Verified  bool // the number was proved
	Duplicate bool // of an earlier lead inside the component's window
}

// Note counts stored leads, in the transaction that stores them. A nil Room counts
// nothing. What is no scene becomes other, and what cannot be an id of the host
// platform is left out: a lead is never lost over where it came from.
func (r *Room) Note(ctx context.Context, tx *db.Tx, operator string, submissions []Submission) error {
	if r == nil || len(submissions) == 0 {
		return nil
	}
	policies, err := policiesOf(ctx, tx, operator)
	if err != nil {
		return err
	}
	day, hour := dayOf(tx.Now())
	firsts, err := firstsOf(ctx, tx, operator, day, submissions)
	if err != nil {
		return err
	}
	var rows, same [][]any
	for _, s := range submissions {
		l := standing{verified: s.Verified, duplicate: s.Duplicate, state: stateNew, created: tx.Now()}
		stage, _ := policies.at(tx.Now()).judge(l)
		first := firsts[s.Lead]
		if first != s.Lead {
			same = append(same, []any{operator, day, first, s.Lead})
		}
		rows = append(rows, []any{
			operator, day, s.Lead, hour, s.App, s.Component, TidyScene(s.Scene), tidySlot(s.Room), tidySlot(s.Video), tidySlot(s.Promotion),
			tidyRegion(s.Region), first, s.Verified, s.Duplicate, false, stateNew, "", tx.NowMS(), stage, 0,
		})
	}
	if err := tx.Insert(ctx, "funnel_lead", leadColumns, rows); err != nil {
		return err
	}
	tx.AfterCommit(r.stir)
	return insertRows(ctx, tx, "funnel_same", []string{"operator", "day", "first", "lead"}, same, "on conflict do nothing")
}

// firstsOf says which lead each submission's person left first. An earlier one that
// this room does not know (a test, a lead from before) starts nothing.
func firstsOf(ctx context.Context, tx *db.Tx, operator string, day int, submissions []Submission) (map[string]string, error) {
	firsts := map[string]string{}
	var asked []any
	for _, s := range submissions {
		firsts[s.Lead] = s.Lead
		if s.Before != "" {
			asked = append(asked, s.Before)
		}
	}
	stored := map[string]string{}
	for len(asked) > 0 {
		n := min(len(asked), 64)
		rows, err := db.Collect(ctx, tx, func(s db.Scanner) (v [2]string, err error) { return v, s.Scan(&v[0], &v[1]) },
			"select lead, first from funnel_lead where operator=$1 and day=$2 and lead in "+db.In(3, n),
			append([]any{operator, day}, asked[:n]...)...)
		if err != nil {
			return nil, err
		}
		for _, v := range rows {
			stored[v[0]] = v[1]
		}
		asked = asked[n:]
	}
	for _, s := range submissions { // earlier ones stand before later ones
		if first, known := stored[s.Before]; known {
			firsts[s.Lead] = first
		} else if first, known := firsts[s.Before]; known {
			firsts[s.Lead] = first
		}
	}
	return firsts, nil
}

var leadColumns = []string{
	"operator", "day", "lead", "hour", "app", "component", "scene", "room", "video", "promotion", "region", "first",
	"verified", "duplicate", "withdrawn", "state", "reason", "created_at", "stage", "counted",
}

// Turn is what became of a lead. Nil fields stay as they were.
type Turn struct {
	State, Reason *string
	// Withdrawn says that the person took the consent back; Heir that an earlier lead
	// went and this one stands in its place.
	Withdrawn, Heir bool
}

// Settle counts again what a lead is worth, in the transaction that changes it.
// created is the lead's own instant: the counts of its day and hour change, whenever
// that is. After the policy's window, and for leads from before this room was there,
// nothing changes. A nil Room does nothing.
func (r *Room) Settle(ctx context.Context, tx *db.Tx, operator, lead string, created time.Time, t Turn) error {
	if r == nil {
		return nil
	}
	day, _ := dayOf(created)
	found, err := db.Collect(ctx, tx, func(s db.Scanner) (l standing, err error) {
		var ms int64
		err = s.Scan(&l.verified, &l.duplicate, &l.withdrawn, &l.state, &l.reason, &ms, &l.stage)
		l.created = time.UnixMilli(ms)
		return l, err
	}, `select verified, duplicate, withdrawn, state, reason, created_at, stage from funnel_lead
		where operator=$1 and day=$2 and lead=$3`+tx.ForUpdate(), operator, day, lead)
	if err != nil || len(found) == 0 {
		return err
	}
	policies, err := policiesOf(ctx, tx, operator)
	if err != nil {
		return err
	}
	l, p := found[0], policies.at(created)
	if tx.Now().Sub(l.created) > p.window() {
		return nil
	}
	if t.State != nil {
		l.state, l.reason = *t.State, ""
	}
	if t.Reason != nil {
		l.reason = *t.Reason
	}
	l.withdrawn = l.withdrawn || t.Withdrawn
	l.duplicate = l.duplicate && !t.Heir
	l.stage, _ = p.judge(l)
	_, err = tx.Exec(ctx, `update funnel_lead set duplicate=$4, withdrawn=$5, state=$6, reason=$7, stage=$8
		where operator=$1 and day=$2 and lead=$3`, operator, day, lead, l.duplicate, l.withdrawn, l.state, l.reason, l.stage)
	if err == nil {
		tx.AfterCommit(r.stir)
	}
	return err
}

// foldWaiting counts leads whose stage changed. People are told apart by the first
// lead of their day, so that taking a valid lead back is exact too.
func foldWaiting(ctx context.Context, tx *db.Tx, operator string, c *changes) (int, error) {
	waiting, err := leadsWhere(ctx, tx, "counted<>stage", "order by day, lead limit $2"+tx.ForUpdate(), operator, foldLeads)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	byDay := map[int][]counted{}
	for _, l := range waiting {
		byDay[l.spot.day] = append(byDay[l.spot.day], l)
	}
	for day, leads := range byDay {
		groups, err := grouped(ctx, tx, operator, day, leads)
		if err != nil {
			return 0, err
		}
		for _, group := range groups {
			c.settle(group)
		}
		if err := markCounted(ctx, tx, operator, day, leads); err != nil {
			return 0, err
		}
	}
	return len(waiting), nil
}

// counted is a lead on its way into the counts.
type counted struct {
	lead, first   string
	spot          spot
	before, after int // stages
}

func leadsWhere(ctx context.Context, tx *db.Tx, where, tail string, args ...any) ([]counted, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (l counted, err error) {
		return l, s.Scan(&l.lead, &l.first, &l.spot.day, &l.spot.hour, &l.spot.app, &l.spot.component, &l.spot.scene, &l.spot.room,
			&l.spot.video, &l.spot.promotion, &l.spot.region, &l.before, &l.after)
	}, `select lead, first, day, hour, app, component, scene, room, video, promotion, region, counted, stage
		from funnel_lead where operator=$1 and `+where+" "+tail, args...)
}

// grouped puts each person's leads of the day together, with those that do not
// change now: they decide whether the person is counted already.
func grouped(ctx context.Context, tx *db.Tx, operator string, day int, leads []counted) (map[string][]counted, error) {
	groups := map[string][]counted{}
	changing := map[string]bool{}
	var firsts []any
	for _, l := range leads {
		if groups[l.first] == nil {
			firsts = append(firsts, l.first)
		}
		groups[l.first] = append(groups[l.first], l)
		changing[l.lead] = true
	}
	var others []any
	for len(firsts) > 0 {
		n := min(len(firsts), 128)
		ids, err := db.Collect(ctx, tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) },
			"select lead from funnel_same where operator=$1 and day=$2 and first in "+db.In(3, n),
			append([]any{operator, day}, firsts[:n]...)...)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if !changing[id] {
				others = append(others, id)
			}
		}
		for _, id := range firsts[:n] {
			if !changing[id.(string)] {
				others = append(others, id)
			}
		}
		firsts = firsts[n:]
	}
	for len(others) > 0 {
		n := min(len(others), 128)
		rest, err := leadsWhere(ctx, tx, "day=$2 and lead in "+db.In(3, n), "", append([]any{operator, day}, others[:n]...)...)
		if err != nil {
			return nil, err
		}
		for _, l := range rest {
			l.after = l.before
			groups[l.first] = append(groups[l.first], l)
		}
		others = others[n:]
	}
	return groups, nil
}

// settle counts one person's leads of a day: each for itself, the person once.
func (c *changes) settle(group []counted) {
	type counts [3]int
	before, after := map[cell]*counts{}, map[cell]*counts{}
	bump := func(in map[cell]*counts, at cell, stage int) {
		if in[at] == nil {
			in[at] = &counts{}
		}
		for k := range min(stage, 3) {
			in[at][k]++
		}
	}
	for i := range group {
		l := &group[i]
		l.spot.cells(func(at cell) {
			bump(before, at, l.before)
			bump(after, at, l.after)
		})
		if l.before != l.after {
			c.components[[2]string{l.spot.app, l.spot.component}] = true
		}
		c.market(&l.spot, 0, int64(l.after/stageValid-l.before/stageValid))
	}
	for at, a := range after {
		b := before[at]
		if *a == *b {
			continue
		}
		one := c.at(at)
		for k := range a {
			one.pv[leadKinds+k] += int64(a[k] - b[k])
			one.uv[leadKinds+k] += int64(min(a[k], 1) - min(b[k], 1))
		}
	}
}

func markCounted(ctx context.Context, tx *db.Tx, operator string, day int, leads []counted) error {
	byStage := map[int][]any{}
	for _, l := range leads {
		byStage[l.after] = append(byStage[l.after], l.lead)
	}
	for stage, ids := range byStage {
		for len(ids) > 0 {
			n := min(len(ids), 128)
			if _, err := tx.Exec(ctx, "update funnel_lead set counted=$3 where operator=$1 and day=$2 and lead in "+db.In(4, n),
				append([]any{operator, day, stage}, ids[:n]...)...); err != nil {
				return err
			}
			ids = ids[n:]
		}
	}
	return nil
}
