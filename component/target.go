package component

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/region"
	"clew/words"
)

// Target is where and for what a component is placed. Mini-program forms carry its
// ConfigID. Regions are six-digit codes of districts, Categories paths as
// norm.Category.Path writes them, Pages paths of mini-program pages without a
// leading slash; no pages means that it may stand on any.
type Target struct {
	Operator, App, Component, ConfigID, Name string
	Regions, Categories, Pages               []string
	Activated, Created, Updated              time.Time // Activated is zero before the first real report
}

// What bounds a target.
const (
	MaxTargetName = 20  // characters (Unicode code points)
	MaxRegions    = 500 // of one target
	MaxPages      = 100 // of one target
	MaxTargets    = 200 // of one app
	maxCategories = 50
	maxPage       = 200 // bytes
)

var (
	// ErrNoTarget says that there is no such target, that it was deleted, or that it
	// is another operator's or app's.
	ErrNoTarget = errors.New("no such target")
	// ErrNone says that a page of an app should carry no component now.
	ErrNone = errors.New("no target of this app is valid for this page")
)

// TargetProblem is what is wrong with one part of a target.
type TargetProblem struct {
	Field string // name, regions, categories, pages, component, app
	// Code is missing, long, characters, many, unknown, malformed, province, city,
	// without_districts, not_approved, path, or other_app.
	Code string
	// Value is what was refused: a code, a path; never a name. Empty where the whole
	// field is meant.
	Value string
}

// BadTarget lists everything that is wrong with a target, at once.
type BadTarget struct{ Problems []TargetProblem }

func (e *BadTarget) Error() string {
	var parts []string
	for _, p := range e.Problems {
		part := p.Field + ": " + p.Code
		if p.Value != "" {
			part += fmt.Sprintf(" (%s)", p.Value)
		}
		parts = append(parts, part)
	}
	return "the target cannot be kept: " + strings.Join(parts, "; ")
}

// configID is 32 lower-case hex digits, as mini-program forms carry it.
func configID() (string, error) {
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	return hex.EncodeToString(raw), nil
}

// ConfigShape is what a config_id looks like.
var ConfigShape = regexp.MustCompile(`^[0-9a-f]{32}$`)

// pageShape is a page's path as app.json has it.
var pageShape = regexp.MustCompile(`^[A-Za-z0-9_-]+(/[A-Za-z0-9._-]+)*$`)

// distinct drops what is said twice and keeps the order.
func distinct(list []string) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, v := range list {
		if v = strings.TrimSpace(v); !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// tidy brings a target into the form in which it is kept and says what cannot be;
// approved are the categories the app may name.
func (t *Target) tidy(approved map[string]bool) []TargetProblem {
	var wrong []TargetProblem
	bad := func(is bool, field, code, value string) bool {
		if is {
			wrong = append(wrong, TargetProblem{field, code, value})
		}
		return is
	}
	t.Name = strings.TrimSpace(t.Name)
	unfit := func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == utf8.RuneError }
	_ = bad(t.Name == "", "name", "missing", "") ||
		bad(utf8.RuneCountInString(t.Name) > MaxTargetName, "name", "long", "") ||
		bad(strings.ContainsFunc(t.Name, unfit), "name", "characters", "")

	t.Regions, t.Categories = distinct(t.Regions), distinct(t.Categories)
	if !bad(len(t.Regions) == 0, "regions", "missing", "") && !bad(len(t.Regions) > MaxRegions, "regions", "many", "") {
		for _, code := range t.Regions {
			if level := region.Explain(code).Level; level != region.AtDistrict {
				bad(true, "regions", string(level), short(code))
			}
		}
		slices.Sort(t.Regions)
	}
	if !bad(len(t.Categories) == 0, "categories", "missing", "") && !bad(len(t.Categories) > maxCategories, "categories", "many", "") {
		for _, path := range t.Categories {
			bad(!approved[path], "categories", "not_approved", short(path))
		}
	}
	for i, p := range t.Pages {
		t.Pages[i] = strings.TrimPrefix(strings.TrimSpace(p), "/")
	}
	t.Pages = distinct(t.Pages)
	if !bad(len(t.Pages) > MaxPages, "pages", "many", "") {
		for _, p := range t.Pages {
			bad(len(p) > maxPage || !pageShape.MatchString(p), "pages", "path", short(p))
		}
	}
	return wrong
}

// short is a refused value as an error may repeat it: what could be a phone number
// is left out.
func short(value string) string {
	if r := []rune(value); len(r) > 60 {
		value = string(r[:60]) + "…"
	}
	if access.CheckText(value, 0, 100) != nil {
		return ""
	}
	return value
}

// approvedOf is the categories a target of the app may name.
func approvedOf(ctx context.Context, tx *db.Tx, operator, appID string) (map[string]bool, error) {
	all, err := app.Categories(ctx, tx, operator, appID)
	out := map[string]bool{}
	for _, c := range all {
		if c.State == app.Approved || c.State == app.Online {
			out[c.Path] = true
		}
	}
	return out, err
}

// CreateTarget keeps a target of one of the operator's apps under a new ConfigID.
// Without a component it makes an unfinished draft for it. Errors: *[BadTarget],
// [app.ErrUnknown].
func (r *Room) CreateTarget(ctx context.Context, caller access.Caller, t Target) (Target, error) {
	id, err := configID()
	if err != nil {
		return Target{}, err
	}
	t.Operator, t.ConfigID, t.Activated = caller.Operator, id, time.Time{}
	t.Pages = slices.Clone(t.Pages)
	err = r.Access.Do(ctx, caller, access.ComponentEdit, subject(t.Component), "", func(tx *db.Tx) error {
		if err := app.Hold(ctx, tx, caller.Operator, t.App); err != nil {
			return err
		}
		approved, err := approvedOf(ctx, tx, caller.Operator, t.App)
		if err != nil {
			return err
		}
		wrong := t.tidy(approved)
		if t.Component != "" {
			if code, err := belongs(ctx, tx, t); err != nil {
				return err
			} else if code != "" {
				wrong = append(wrong, TargetProblem{"component", code, ""})
			}
		}
		_, total, err := Targets(ctx, tx, caller.Operator, t.App, 1, 1)
		if err != nil {
			return err
		}
		if total >= MaxTargets {
			wrong = append(wrong, TargetProblem{"app", "many", ""})
		}
		if len(wrong) > 0 {
			return &BadTarget{wrong}
		}
		if t.Component == "" {
			if t.Component, err = unfinished(ctx, tx, caller, t); err != nil {
				return err
			}
		}
		t.Created, t.Updated = tx.Now(), tx.Now()
		return t.insert(ctx, tx, caller)
	})
	if err != nil {
		return Target{}, err
	}
	return t, nil
}

// belongs is the code of what is wrong with a target's component, or "".
func belongs(ctx context.Context, tx *db.Tx, t Target) (string, error) {
	c, err := find(ctx, tx, t.Operator, t.Component, "")
	switch {
	case errors.Is(err, ErrUnknown):
		return "unknown", nil
	case err == nil && c.Draft.App != t.App:
		return "other_app", nil
	}
	return "", err
}

// unfinished makes the draft of a target that came without a component: its app
// and its name, and nothing that the operator has not said.
func unfinished(ctx context.Context, tx *db.Tx, caller access.Caller, t Target) (string, error) {
	def := Definition{
		Scene: SceneLead, App: t.App, Langs: []words.Lang{words.ZH},
		Texts: map[words.Lang]Texts{words.ZH: {Title: t.Name}},
	}
	id := db.NewID("cmp")
	_, err := tx.Exec(ctx, `insert into component
		(operator, id, app, draft, draft_version, live, latest, created_at, updated_at, updated_by)
		values ($1, $2, $3, $4, 1, 0, 0, $5, $5, $6)`,
		caller.Operator, id, def.App, string(def.Encode()), tx.NowMS(), caller.ID)
	return id, err
}

func (t Target) insert(ctx context.Context, tx *db.Tx, caller access.Caller) error {
	regions, categories, pages := t.lists()
	_, err := tx.Exec(ctx, `insert into component_target
		(operator, config_id, app, component, name, regions, categories, pages, activated_at, created_at, updated_at, updated_by, deleted_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9, $10, 0)`,
		t.Operator, t.ConfigID, t.App, t.Component, t.Name, regions, categories, pages, tx.NowMS(), caller.ID)
	return err
}

// lists are the target's lists as they are kept.
func (t Target) lists() (regions, categories, pages string) {
	text := func(list []string) string {
		raw, err := json.Marshal(list)
		if err != nil || list == nil {
			return "[]" // a list of strings can be written
		}
		return string(raw)
	}
	return text(t.Regions), text(t.Categories), text(t.Pages)
}

// UpdateTarget replaces name, regions, categories and pages of a target, and its
// component unless that is empty. Errors: *[BadTarget], [ErrNoTarget].
func (r *Room) UpdateTarget(ctx context.Context, caller access.Caller, appID, configID string, change Target) error {
	change.Pages = slices.Clone(change.Pages)
	return r.Access.Do(ctx, caller, access.ComponentEdit, access.Subject{Kind: "target"}, "", func(tx *db.Tx) error {
		t, err := own(ctx, tx, caller, appID, configID, tx.ForUpdate())
		if err != nil {
			return err
		}
		t.Name, t.Regions, t.Categories, t.Pages = change.Name, change.Regions, change.Categories, change.Pages
		approved, err := approvedOf(ctx, tx, caller.Operator, appID)
		if err != nil {
			return err
		}
		wrong := t.tidy(approved)
		if change.Component != "" && change.Component != t.Component {
			t.Component = change.Component
			if code, err := belongs(ctx, tx, t); err != nil {
				return err
			} else if code != "" {
				wrong = append(wrong, TargetProblem{"component", code, ""})
			}
		}
		if len(wrong) > 0 {
			return &BadTarget{wrong}
		}
		regions, categories, pages := t.lists()
		_, err = tx.Exec(ctx, `update component_target set component=$3, name=$4, regions=$5, categories=$6, pages=$7, updated_at=$8, updated_by=$9
			where operator=$1 and config_id=$2`, t.Operator, t.ConfigID, t.Component, t.Name, regions, categories, pages, tx.NowMS(), caller.ID)
		return err
	})
}

// DeleteTarget takes a target out of every list at once; its row stays, so that
// what it collected can still be told apart. [ErrNoTarget].
func (r *Room) DeleteTarget(ctx context.Context, caller access.Caller, appID, configID string) error {
	return r.Access.Do(ctx, caller, access.ComponentEdit, access.Subject{Kind: "target"}, "", func(tx *db.Tx) error {
		t, err := own(ctx, tx, caller, appID, configID, tx.ForUpdate())
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "update component_target set deleted_at=$3, updated_at=$3, updated_by=$4 where operator=$1 and config_id=$2",
			t.Operator, t.ConfigID, tx.NowMS(), caller.ID)
		return err
	})
}

const targetColumns = "operator, config_id, app, component, name, regions, categories, pages, activated_at, created_at, updated_at"

func scanTarget(s db.Scanner) (t Target, err error) {
	var regions, categories, pages string
	var activated, created, updated int64
	if err := s.Scan(&t.Operator, &t.ConfigID, &t.App, &t.Component, &t.Name, &regions, &categories, &pages, &activated, &created, &updated); err != nil {
		return t, err
	}
	t.Created, t.Updated = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	if activated > 0 {
		t.Activated = time.UnixMilli(activated).UTC()
	}
	return t, errors.Join(json.Unmarshal([]byte(regions), &t.Regions), json.Unmarshal([]byte(categories), &t.Categories),
		json.Unmarshal([]byte(pages), &t.Pages))
}

// own is a target of the caller's app; lock is "" or tx.ForUpdate().
func own(ctx context.Context, tx *db.Tx, caller access.Caller, appID, configID, lock string) (Target, error) {
	t, err := db.One(ctx, tx, scanTarget, "select "+targetColumns+` from component_target
		where operator=$1 and config_id=$2 and app=$3 and deleted_at=0`+lock, caller.Operator, configID, appID)
	if errors.Is(err, db.ErrNone) {
		err = ErrNoTarget
	}
	return t, err
}

// Targets is a page of an app's targets, the newest first, and how many there are.
// page counts from 1; size is 1 to 100; both are brought into their bounds.
func Targets(ctx context.Context, tx *db.Tx, operator, appID string, page, size int) ([]Target, int, error) {
	page, size = min(max(page, 1), 1_000_000), min(max(size, 1), 100)
	total, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
		"select count(*) from component_target where operator=$1 and app=$2 and deleted_at=0", operator, appID)
	if err != nil {
		return nil, 0, err
	}
	list, err := db.Collect(ctx, tx, scanTarget, "select "+targetColumns+` from component_target
		where operator=$1 and app=$2 and deleted_at=0 order by created_at desc, config_id limit $3 offset $4`,
		operator, appID, size, (page-1)*size)
	return list, total, err
}

// TargetsOf is a component's targets, the newest first.
func TargetsOf(ctx context.Context, tx *db.Tx, operator, component string) ([]Target, error) {
	return db.Collect(ctx, tx, scanTarget, "select "+targetColumns+` from component_target
		where operator=$1 and component=$2 and deleted_at=0 order by created_at desc, config_id`, operator, component)
}

// Trace is the target a config_id is or was of, whoever's, and when it was deleted
// (zero while it is not); [ErrNoTarget] for an id that never was. It crosses
// operators: what it finds of another one must not be shown.
func Trace(ctx context.Context, tx *db.Tx, configID string) (t Target, deleted time.Time, err error) {
	deleted, err = db.One(ctx, tx, func(s db.Scanner) (at time.Time, err error) {
		var ms int64
		if err = s.Scan(&t.Operator, &t.App, &t.Component, &t.Name, &ms); ms > 0 {
			at = time.UnixMilli(ms).UTC()
		}
		return at, err
	}, "select operator, app, component, name, deleted_at from component_target where config_id=$1", configID)
	if errors.Is(err, db.ErrNone) {
		err = ErrNoTarget
	}
	t.ConfigID = configID
	return t, deleted, err
}

// TargetOf finds a target by its id alone; [ErrNoTarget]. It asks no caller: mini-
// program forms carry the id openly. Compare Operator and App before telling more.
func TargetOf(ctx context.Context, tx *db.Tx, configID string) (Target, error) {
	if !ConfigShape.MatchString(configID) {
		return Target{}, ErrNoTarget
	}
	t, err := db.One(ctx, tx, scanTarget, "select "+targetColumns+" from component_target where config_id=$1 and deleted_at=0", configID)
	if errors.Is(err, db.ErrNone) {
		err = ErrNoTarget
	}
	return t, err
}
