package component

import (
	"context"
	"errors"
	"slices"
	"time"

	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/norm"
)

// Validity says whether a target's component collects. It is read, never stored.
type Validity string

// The validities. Invalid is first: a target that was active and whose category
// closed is invalid, and is active again by itself once the category opens.
const (
	NotActivated Validity = "inactive" // valid, and nothing was reported through it yet
	Activated    Validity = "active"
	Invalid      Validity = "invalid" // the capability is not in force, or none of its categories is open and online
)

// ErrInvalid says that every target of a component is invalid, because none of
// their categories is open and online now.
var ErrInvalid = errors.New("the component is not valid: none of its categories is open and online")

func (t Target) validity(inForce []string) Validity {
	switch {
	case !slices.ContainsFunc(t.Categories, func(c string) bool { return slices.Contains(inForce, c) }):
		return Invalid
	case t.Activated.IsZero():
		return NotActivated
	}
	return Activated
}

// inForce is the categories that let an app collect now; none while it may not.
func inForce(ctx context.Context, tx *db.Tx, operator, appID string) ([]string, error) {
	paths, err := capability.InForce(ctx, tx, operator, appID)
	var closed *capability.Closed
	if errors.As(err, &closed) {
		return nil, nil
	}
	return paths, err
}

// ValidityOf says whether a target is valid in this transaction.
func ValidityOf(ctx context.Context, tx *db.Tx, t Target) (Validity, error) {
	paths, err := inForce(ctx, tx, t.Operator, t.App)
	if err != nil {
		return "", err
	}
	return t.validity(paths), nil
}

// Validities is [ValidityOf] for several targets of one app, by ConfigID.
func Validities(ctx context.Context, tx *db.Tx, operator, appID string, targets []Target) (map[string]Validity, error) {
	paths, err := inForce(ctx, tx, operator, appID)
	out := map[string]Validity{}
	for _, t := range targets {
		out[t.ConfigID] = t.validity(paths)
	}
	return out, err
}

// Standing is what the targets of a component come to.
type Standing struct {
	Placed  bool // it has a target
	Valid   bool // it has no target, or a valid one
	Waiting bool // a valid target waits for its first report
}

// Standings judges components of an operator in one statement. inForce holds the
// categories of each app as [capability.InForce] gave them in this transaction.
func Standings(ctx context.Context, tx *db.Tx, operator string, ids []string, inForce map[string][]string) (map[string]Standing, error) {
	out := map[string]Standing{}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for chunk := range slices.Chunk(ids, maxIn) {
		args := []any{operator}
		for _, id := range chunk {
			args = append(args, id)
			out[id] = Standing{Valid: true}
		}
		all, err := db.Collect(ctx, tx, scanTarget, "select "+targetColumns+` from component_target
			where operator=$1 and deleted_at=0 and component in `+db.In(2, len(chunk)), args...)
		if err != nil {
			return nil, err
		}
		for _, t := range all {
			s := out[t.Component]
			if !s.Placed {
				s = Standing{Placed: true}
			}
			v := t.validity(inForce[t.App])
			s.Valid = s.Valid || v != Invalid
			s.Waiting = s.Waiting || v == NotActivated
			out[t.Component] = s
		}
	}
	return out, nil
}

// Valid is nil for a component without targets, or with a valid one; else
// [ErrInvalid].
func Valid(ctx context.Context, tx *db.Tx, operator, appID, id string) error {
	paths, err := inForce(ctx, tx, operator, appID)
	if err != nil {
		return err
	}
	all, err := Standings(ctx, tx, operator, []string{id}, map[string][]string{appID: paths})
	if err == nil && !all[id].Valid {
		err = ErrInvalid
	}
	return err
}

// Activate notes the first real report through a component: its valid targets that
// wait become active. Where none waits it writes nothing. The component must be
// open for collecting in this transaction.
func Activate(ctx context.Context, tx *db.Tx, operator, component string) error {
	waiting, err := db.Collect(ctx, tx, scanTarget, "select "+targetColumns+` from component_target
		where operator=$1 and component=$2 and deleted_at=0 and activated_at=0`, operator, component)
	if err != nil || len(waiting) == 0 {
		return err
	}
	paths, err := inForce(ctx, tx, operator, waiting[0].App)
	if err != nil {
		return err
	}
	for _, t := range waiting {
		if t.validity(paths) == Invalid {
			continue
		}
		if _, err := tx.Exec(ctx, "update component_target set activated_at=$3 where operator=$1 and config_id=$2 and activated_at=0",
			operator, t.ConfigID, tx.NowMS()); err != nil {
			return err
		}
	}
	return nil
}

// Active is the target that a mini-program page should carry now: the newest
// valid one that names the page and whose component is published, else the newest
// that names no page; [ErrNone].
func Active(ctx context.Context, tx *db.Tx, appID, page string) (Target, error) {
	a, err := app.Find(ctx, tx, appID)
	if errors.Is(err, app.ErrUnknown) {
		return Target{}, ErrNone
	} else if err != nil {
		return Target{}, err
	}
	paths, err := inForce(ctx, tx, a.Operator, a.ID)
	if err != nil {
		return Target{}, err
	}
	all, err := db.Collect(ctx, tx, scanTarget, "select "+targetColumns+` from component_target t
		where t.operator=$1 and t.app=$2 and t.deleted_at=0
		and exists (select 1 from component c where c.operator=t.operator and c.id=t.component and c.live>0)
		order by t.created_at desc, t.config_id`, a.Operator, a.ID)
	if err != nil {
		return Target{}, err
	}
	var anywhere *Target
	for _, t := range all {
		switch {
		case t.validity(paths) == Invalid:
		case slices.Contains(t.Pages, page):
			return t, nil
		case len(t.Pages) == 0 && anywhere == nil:
			anywhere = &t
		}
	}
	if anywhere == nil {
		return Target{}, ErrNone
	}
	return *anywhere, nil
}

// MustIntegrate is an app whose category obliges it to use the component (必接) and
// that has no published, valid one.
type MustIntegrate struct {
	Operator, App, AppName, Category string
	Since                            time.Time // the category came online
	// Why is capability (not in force), component (none is published) or invalid (no
	// published one is valid).
	Why string
}

// Lacking is up to limit apps of open 必接 categories without a published, valid
// component, of all operators: for the platform alone. after is the last row of the
// page before, nil for the first; more says that there may be others.
func Lacking(ctx context.Context, tx *db.Tx, after *MustIntegrate, limit int) (page []MustIntegrate, more bool, err error) {
	var must []string
	for _, c := range norm.At(tx.Now()).Categories {
		if !c.Mandatory {
			continue
		}
		// Nobody can be held to what the platform has closed.
		open, err := capability.IsOpen(ctx, tx, c.Path())
		if err != nil {
			return nil, false, err
		}
		if open {
			must = append(must, c.Path())
		}
	}
	limit = min(max(limit, 1), 500)
	cursor := app.Holder{}
	if after != nil {
		cursor = app.Holder{Operator: after.Operator, App: after.App, Category: app.Category{Path: after.Category}}
	}
	for {
		holders, err := app.Holding(ctx, tx, must, cursor, limit)
		if err != nil {
			return nil, false, err
		}
		for _, h := range holders {
			cursor = h
			why, err := lacks(ctx, tx, h)
			if err != nil {
				return nil, false, err
			}
			if why == "" {
				continue
			}
			if len(page) == limit {
				return page, true, nil
			}
			page = append(page, MustIntegrate{h.Operator, h.App, h.AppName, h.Path, h.Since, why})
		}
		if len(holders) < limit {
			return page, false, nil
		}
	}
}

// lacks says why the app has no published, valid component for the category, or "".
// A component with targets counts only for the categories they name.
func lacks(ctx context.Context, tx *db.Tx, h app.Holder) (string, error) {
	paths, err := inForce(ctx, tx, h.Operator, h.App)
	if err != nil {
		return "", err
	}
	if len(paths) == 0 {
		return "capability", nil
	}
	live, err := db.Collect(ctx, tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) },
		"select c.id from component c join component_version v on v.operator=c.operator and v.component=c.id and v.number=c.live where c.operator=$1 and v.app=$2",
		h.Operator, h.App)
	if err != nil {
		return "", err
	}
	if len(live) == 0 {
		return "component", nil
	}
	standings, err := Standings(ctx, tx, h.Operator, live, map[string][]string{h.App: {h.Path}})
	if err != nil {
		return "", err
	}
	if slices.Contains(paths, h.Path) {
		for _, s := range standings {
			if s.Valid {
				return "", nil
			}
		}
	}
	return "invalid", nil
}
