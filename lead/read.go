package lead

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"clew/access"
	"clew/component"
	"clew/db"
	"clew/phone"
	"clew/seal"
)

// Filter narrows a list. The zero value lists everything but duplicates and
// erased leads, test leads included (they carry their mark).
type Filter struct {
	Component  string
	State      State
	From, To   time.Time // created at or after, and before; zero means open
	Duplicates bool      // show them too
	Erased     bool      // show them too
	NoTest     bool      // leave test leads out

	testOnly bool // the caller is a test key
}

// of is the filter as far as caller may see: a test key sees test leads only.
func (f Filter) of(caller access.Caller) Filter {
	f.testOnly = caller.Test
	return f
}

// MaxLimit is the most rows one page holds.
const MaxLimit = 200

// ErrCursor says that a cursor was not made here.
var ErrCursor = errors.New("cursor was not made by this list; begin again without one")

const columns = `l.operator, l.id, l.component, l.component_version, l.app, l.receipt, l.lang, l.test, l.verified, l.duplicate_of,
	l.source_scene, l.source_page, l.state, l.reason, l.revision, l.created_at, l.expires_at, l.withdrawn_at, l.erased_at, l.sealed, k.epoch, k.wrapped`

// row is a lead as stored, with the key that opens it when there is one.
type row struct {
	Lead
	sealed []byte
	key    seal.Wrapped
}

func scanRow(s db.Scanner) (r row, err error) {
	var created, expires, withdrawn, erased int64
	var epoch *int
	err = s.Scan(&r.Operator, &r.ID, &r.Component, &r.ComponentVersion, &r.App, &r.Receipt, &r.Lang, &r.Test, &r.Verified, &r.DuplicateOf,
		&r.Scene, &r.Page, &r.State, &r.Reason, &r.Revision, &created, &expires, &withdrawn, &erased, &r.sealed, &epoch, &r.key.Bytes)
	r.Created, r.Expires = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC()
	if withdrawn != 0 {
		r.Withdrawn = time.UnixMilli(withdrawn).UTC()
	}
	if erased != 0 {
		r.Erased = time.UnixMilli(erased).UTC()
	}
	if epoch != nil {
		r.key.Epoch = *epoch
	}
	return r, err
}

const from = ` from lead l left join lead_key k on k.operator=l.operator and k.lead=l.id `

// List is one page of an operator's leads, newest first, and the cursor of the
// next page ("" after the last). Callers that may see masked data get it.
func (r *Room) List(ctx context.Context, caller access.Caller, f Filter, cursor string, limit int) ([]Lead, string, error) {
	if err := caller.Require(access.LeadList); err != nil {
		return nil, "", err
	}
	if limit <= 0 || limit > MaxLimit {
		limit = MaxLimit
	}
	where, args, err := f.of(caller).where(caller.Operator, cursor)
	if err != nil {
		return nil, "", err
	}
	args = append(args, limit+1)
	var rows []row
	var kinds map[string]map[string]component.Kind
	if err := r.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err = db.Collect(ctx, tx, scanRow, "select "+columns+from+where+
			" order by l.created_at desc, l.id desc limit $"+strconv.Itoa(len(args)), args...)
		if err != nil {
			return err
		}
		kinds, err = fieldKinds(ctx, tx, rows)
		return err
	}); err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = cursorOf(rows[limit-1].Lead)
	}
	leads := make([]Lead, len(rows))
	for i := range rows {
		leads[i] = rows[i].Lead
		leads[i].Masked = r.masked(&rows[i], kinds)
	}
	return leads, next, nil
}

func cursorOf(last Lead) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", last.Created.UnixMilli(), last.ID))
}

func (f Filter) where(operator, cursor string) (string, []any, error) {
	args := []any{operator}
	conds := []string{"l.operator=$1"}
	add := func(cond string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		conds = append(conds, cond)
	}
	if f.Component != "" {
		add("l.component=?", f.Component)
	}
	if f.State == New {
		add("l.state=?", string(New))
	} else if f.State != "" {
		// The second condition is what the partial index is on.
		add("l.state=? and l.state <> 'new'", string(f.State))
	}
	if !f.From.IsZero() {
		add("l.created_at>=?", f.From.UnixMilli())
	}
	if !f.To.IsZero() {
		add("l.created_at<?", f.To.UnixMilli())
	}
	if !f.Duplicates {
		add("l.duplicate_of=''")
	}
	if !f.Erased {
		add("l.erased_at=0")
	}
	if f.NoTest {
		add("l.test=?", false)
	}
	if f.testOnly {
		add("l.test=?", true)
	}
	if cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		at, id, ok := strings.Cut(string(raw), " ")
		ms, err2 := strconv.ParseInt(at, 10, 64)
		if err != nil || err2 != nil || !ok || printable(id) != id {
			return "", nil, ErrCursor
		}
		add("(l.created_at, l.id) < (?, ?)", ms, id)
	}
	return "where " + strings.Join(conds, " and "), args, nil
}

// fieldKinds says, for each component version among rows, what kind each field
// has; that decides how it is masked.
func fieldKinds(ctx context.Context, tx *db.Tx, rows []row) (map[string]map[string]component.Kind, error) {
	kinds := map[string]map[string]component.Kind{}
	for _, l := range rows {
		key := kindsKey(l.Lead)
		if kinds[key] != nil {
			continue
		}
		v, err := component.ByNumber(ctx, tx, l.Operator, l.Component, l.ComponentVersion)
		if err != nil {
			return nil, err
		}
		kinds[key] = map[string]component.Kind{}
		for _, f := range v.Definition.Fields {
			kinds[key][f.ID] = f.Kind
		}
	}
	return kinds, nil
}

func kindsKey(l Lead) string { return l.Component + "/" + strconv.Itoa(l.ComponentVersion) }

// open decrypts all answers of a row for the operator; [ErrErased] when its key is
// gone, [ErrWithdrawn] when the consent is.
func (r *Room) open(l *row) (map[string]string, error) {
	if l.Erased.IsZero() && !l.Withdrawn.IsZero() {
		return nil, ErrWithdrawn
	}
	return r.decrypt(l)
}

// decrypt is open without asking for consent: for the person themselves.
func (r *Room) decrypt(l *row) (map[string]string, error) {
	if !l.Erased.IsZero() || l.key.Bytes == nil {
		return nil, ErrErased
	}
	key, err := r.Ring.Unwrap(l.Operator, l.ID, l.key)
	if errors.Is(err, seal.ErrEpochEnded) {
		return nil, ErrErased
	} else if err != nil {
		return nil, err
	}
	var sealed map[string][]byte
	if err := json.Unmarshal(l.sealed, &sealed); err != nil {
		return nil, err
	}
	answers := make(map[string]string, len(sealed))
	for field, text := range sealed {
		plain, err := key.Open(field, text)
		if err != nil {
			return nil, err
		}
		answers[field] = string(plain)
	}
	return answers, nil
}

func (r *Room) masked(l *row, kinds map[string]map[string]component.Kind) map[string]string {
	answers, err := r.open(l)
	if err != nil {
		if !errors.Is(err, ErrErased) && !errors.Is(err, ErrWithdrawn) {
			r.Log.Error("lead cannot be opened", "lead", l.ID, "error", err)
		}
		return nil
	}
	for field, value := range answers {
		answers[field] = mask(kinds[kindsKey(l.Lead)][field], value)
	}
	return answers
}

func get(ctx context.Context, tx *db.Tx, operator, id string) (row, error) {
	l, err := db.One(ctx, tx, scanRow, "select "+columns+from+"where l.operator=$1 and l.id=$2", operator, id)
	if errors.Is(err, db.ErrNone) {
		err = ErrUnknown
	}
	return l, err
}

// getFor is get as far as caller may see: to a test key, leads that are no test do
// not exist.
func getFor(ctx context.Context, tx *db.Tx, caller access.Caller, id string) (row, error) {
	l, err := get(ctx, tx, caller.Operator, id)
	if err == nil && caller.Test && !l.Test {
		return row{}, ErrUnknown
	}
	return l, err
}

// Get is one lead, masked.
func (r *Room) Get(ctx context.Context, caller access.Caller, id string) (Lead, error) {
	if err := caller.Require(access.LeadRead); err != nil {
		return Lead{}, err
	}
	var l row
	var kinds map[string]map[string]component.Kind
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if l, err = getFor(ctx, tx, caller, id); err != nil {
			return err
		}
		kinds, err = fieldKinds(ctx, tx, []row{l})
		return err
	})
	if err != nil {
		return Lead{}, err
	}
	l.Masked = r.masked(&l, kinds)
	return l.Lead, nil
}

// Reveal decrypts a lead for a caller who says why; the record of it is written
// in the same transaction. No field named means all of them.
func (r *Room) Reveal(ctx context.Context, caller access.Caller, id string, fields []string, reason string) (map[string]string, error) {
	var answers map[string]string
	err := r.Access.Do(ctx, caller, access.LeadReveal, access.Subject{Kind: "lead", ID: id}, reason, func(tx *db.Tx) error {
		l, err := getFor(ctx, tx, caller, id)
		if err != nil {
			return err
		}
		answers, err = r.open(&l)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(fields) > 0 {
		for field := range answers {
			if !slices.Contains(fields, field) {
				delete(answers, field)
			}
		}
	}
	return answers, nil
}

// Find lists an operator's leads of one phone number, masked, newest first. It is
// an oracle for who left a number, so it needs the right to reveal, a reason, and
// leaves a record.
func (r *Room) Find(ctx context.Context, caller access.Caller, number phone.Number, reason string) ([]Lead, error) {
	var rows []row
	var kinds map[string]map[string]component.Kind
	err := r.Access.Do(ctx, caller, access.LeadReveal, access.Subject{Kind: "lead", ID: "by number"}, reason, func(tx *db.Tx) (err error) {
		// The sum keeps planners from walking all leads in their order, looking for these.
		rows, err = db.Collect(ctx, tx, scanRow, "select "+columns+from+`where l.operator=$1 and l.id in
			(select lead from lead_index where operator=$1 and idx=$2) order by l.created_at + 0 desc, l.id desc limit 200`,
			caller.Operator, r.Ring.Index(caller.Operator, phoneIndex, number.E164()))
		if err != nil {
			return err
		}
		if caller.Test {
			rows = slices.DeleteFunc(rows, func(l row) bool { return !l.Test })
		}
		kinds, err = fieldKinds(ctx, tx, rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	leads := make([]Lead, len(rows))
	for i := range rows {
		leads[i] = rows[i].Lead
		leads[i].Masked = r.masked(&rows[i], kinds)
	}
	return leads, nil
}
