package capability

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/norm"
	"clew/outbox"
)

// Basis is which of an app's categories decide whether it may collect.
type Basis string

// The bases. ServiceCategory holds while nothing was set: norm 二 has it so.
const (
	// ServiceCategory: any category that is online.
	ServiceCategory Basis = "service_category"
	// MainCategory: the app's main one alone, once it is online.
	MainCategory Basis = "main_category"
)

// Rule is a dated row about one category, or about the basis.
type Rule struct {
	ID       string
	Category string // empty for a row about the basis
	Open     bool
	Basis    Basis // empty for a row about a category
	From     time.Time
	Reason   string
	By       string // caller id
	At       time.Time
}

// BadRule says why a row about eligibility cannot be added.
type BadRule struct {
	Code string // category, basis, past, far
}

func (e *BadRule) Error() string {
	return map[string]string{
		"category": "a category has three levels joined by \" > \"",
		"basis":    "the basis is service_category or main_category",
		"past":     "a rule begins now or later: what was collected under the old one stays lawful",
		"far":      "a rule begins within ten years",
	}[e.Code]
}

// rules are the dated rows that have begun, for some categories.
type rules struct {
	basis Basis
	open  map[string]bool // of the categories that have a row
}

// inForce reads the newest rows that have begun, for these categories and for the
// basis, in one statement.
func inForce(ctx context.Context, tx *db.Tx, paths []string) (rules, error) {
	r := rules{ServiceCategory, map[string]bool{}}
	args := []any{tx.NowMS(), string(MainCategory)}
	query := `select from_at, id, '', basis=$2 from eligibility_basis where from_at<=$1`
	if len(paths) > 0 {
		query += ` union all select from_at, id, category, open from eligibility where from_at<=$1 and category in ` + db.In(3, len(paths))
		for _, p := range paths {
			args = append(args, p)
		}
	}
	type row struct {
		category string
		is       bool
	}
	all, err := db.Collect(ctx, tx, func(s db.Scanner) (v row, err error) {
		var from int64
		var id string
		return v, s.Scan(&from, &id, &v.category, &v.is)
	}, query+" order by 1, 2", args...)
	if err != nil {
		return r, err
	}
	for _, v := range all { // the last word counts
		switch {
		case v.category != "":
			r.open[v.category] = v.is
		case v.is:
			r.basis = MainCategory
		default:
			r.basis = ServiceCategory
		}
	}
	return r, nil
}

func (r rules) opens(edition *norm.Edition, path string) bool {
	if open, said := r.open[path]; said {
		return open
	}
	_, listed := edition.Category(path)
	return listed
}

// IsOpen reports whether leads may be collected in a category now: the newest row
// about it that has begun, else the norm's table. It fits [app.Room.Open].
func IsOpen(ctx context.Context, tx *db.Tx, path string) (bool, error) {
	r, err := inForce(ctx, tx, []string{path})
	return err == nil && r.opens(norm.At(tx.Now()), path), err
}

// BasisNow is the basis that holds in this transaction.
func BasisNow(ctx context.Context, tx *db.Tx) (Basis, error) {
	r, err := inForce(ctx, tx, nil)
	return r.basis, err
}

// Eligible is the paths of the app's categories that let it collect now: open,
// online, and under [MainCategory] the main one. It does not ask for the
// capability itself; [InForce] does.
func Eligible(ctx context.Context, tx *db.Tx, operator, appID string) ([]string, error) {
	all, err := app.Categories(ctx, tx, operator, appID)
	if err != nil {
		return nil, err
	}
	var online []app.Category
	var paths []string
	for _, c := range all {
		if c.State == app.Online {
			online, paths = append(online, c), append(paths, c.Path)
		}
	}
	if len(online) == 0 {
		return nil, nil
	}
	r, err := inForce(ctx, tx, paths)
	if err != nil {
		return nil, err
	}
	edition := norm.At(tx.Now())
	var out []string
	for _, c := range online {
		if r.opens(edition, c.Path) && (r.basis == ServiceCategory || c.Main) {
			out = append(out, c.Path)
		}
	}
	return out, nil
}

// Row is a category as it stands now: from the norm's table, from a rule, or both.
type Row struct {
	Path      string
	Open      bool
	Mandatory bool  // 必接 by the norm's table
	Listed    bool  // it stands in the norm's table
	Rule      *Rule // the rule that decides; nil where the table does
	Coming    []Rule
}

// Table is every category of the norm's edition in force and every other that a
// rule names, with the rules that are still to come: for the platform's pages.
func Table(ctx context.Context, tx *db.Tx) ([]Row, error) {
	all, err := Rules(ctx, tx)
	if err != nil {
		return nil, err
	}
	var out []Row
	place := map[string]int{}
	for _, c := range norm.At(tx.Now()).Categories {
		place[c.Path()] = len(out)
		out = append(out, Row{Path: c.Path(), Open: true, Listed: true, Mandatory: c.Mandatory})
	}
	for _, r := range slices.Backward(all) { // the oldest first
		if r.Category == "" {
			continue
		}
		i, known := place[r.Category]
		if !known {
			i = len(out)
			place[r.Category] = i
			out = append(out, Row{Path: r.Category})
		}
		if r.From.After(tx.Now()) {
			out[i].Coming = append(out[i].Coming, r)
			continue
		}
		out[i].Open, out[i].Rule = r.Open, &r
	}
	return out, nil
}

// Rules is every row about eligibility that was ever added, the latest to begin first.
func Rules(ctx context.Context, tx *db.Tx) ([]Rule, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (r Rule, err error) {
		var from, at int64
		err = s.Scan(&r.ID, &r.Category, &r.Open, &r.Basis, &from, &r.Reason, &r.By, &at)
		r.From, r.At = time.UnixMilli(from).UTC(), time.UnixMilli(at).UTC()
		return r, err
	}, `select id, category, open, '', from_at, reason, by_id, at from eligibility
		union all select id, '', false, basis, from_at, reason, by_id, at from eligibility_basis
		order by 5 desc, 1 desc`)
}

// checkFrom is when a rule begins: the zero value means with this transaction.
func checkFrom(tx *db.Tx, from time.Time) (time.Time, error) {
	switch {
	case from.IsZero():
		return tx.Now(), nil
	case from.Before(tx.Now()):
		return from, &BadRule{"past"}
	case from.After(tx.Now().AddDate(10, 0, 0)):
		return from, &BadRule{"far"}
	}
	return from, nil
}

// SetBasis says by which basis eligibility goes from an instant on; the zero time
// means now. The reason has 4 to 200 characters. Errors: *[BadRule],
// [access.ErrReason].
func (r *Room) SetBasis(ctx context.Context, caller access.Caller, b Basis, from time.Time, reason string) error {
	if b != ServiceCategory && b != MainCategory {
		return &BadRule{"basis"}
	}
	if err := access.CheckText(reason, 4, 200); err != nil {
		return err
	}
	return r.Access.Do(ctx, caller, access.EligibilityDecide, access.Subject{Kind: "eligibility"}, reason, func(tx *db.Tx) error {
		from, err := checkFrom(tx, from)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "insert into eligibility_basis (id, basis, from_at, reason, by_id, at) values ($1, $2, $3, $4, $5, $6)",
			db.NewID("bas"), string(b), from.UnixMilli(), strings.TrimSpace(reason), caller.ID, tx.NowMS())
		return err
	})
}

// SetOpen opens or closes a category from an instant on; the zero time means now.
// It overrules the norm's table, and tells every operator whose app has the category
// online (category.opened, category.closed; at most [maxTold]). The reason has 4 to
// 200 characters. Errors: *[BadRule], [access.ErrReason].
func (r *Room) SetOpen(ctx context.Context, caller access.Caller, path string, open bool, from time.Time, reason string) error {
	if !threeLevels(path) {
		return &BadRule{"category"}
	}
	if err := access.CheckText(reason, 4, 200); err != nil {
		return err
	}
	return r.Access.Do(ctx, caller, access.EligibilityDecide, access.Subject{Kind: "eligibility"}, reason, func(tx *db.Tx) error {
		from, err := checkFrom(tx, from)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, "insert into eligibility (id, category, open, from_at, reason, by_id, at) values ($1, $2, $3, $4, $5, $6, $7)",
			db.NewID("elg"), path, open, from.UnixMilli(), strings.TrimSpace(reason), caller.ID, tx.NowMS()); err != nil {
			return err
		}
		return r.tellHolders(ctx, tx, path, open, from)
	})
}

// maxTold bounds the messages of one decision about a category.
const maxTold = 10_000

func (r *Room) tellHolders(ctx context.Context, tx *db.Tx, path string, open bool, from time.Time) error {
	kind := "category.closed"
	if open {
		kind = "category.opened"
	}
	holders, err := app.Holding(ctx, tx, []string{path}, app.Holder{}, maxTold)
	if err != nil {
		return err
	}
	messages := make([]outbox.Message, len(holders))
	for i, h := range holders {
		body, err := json.Marshal(map[string]string{"app": h.App, "category": path, "from": from.UTC().Format(time.RFC3339)})
		if err != nil {
			return err
		}
		messages[i] = outbox.Message{Operator: h.Operator, Kind: kind, Subject: h.App, Body: body}
	}
	return r.Outbox.Put(ctx, tx, messages)
}

// threeLevels reports whether path is written as the norm's table writes its rows.
func threeLevels(path string) bool {
	levels := strings.Split(path, norm.PathSeparator)
	for _, l := range levels {
		if l == "" || strings.TrimSpace(l) != l || strings.ContainsFunc(l, unicode.IsControl) {
			return false
		}
	}
	return len(levels) == 3 && len(path) <= 300
}
