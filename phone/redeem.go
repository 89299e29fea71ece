package phone

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"

	"clew/db"
)

// What can be wrong with a claim.
var (
	// ErrCodeUnknown: no such code, or it was for another number or component.
	ErrCodeUnknown = errors.New("no such code for this number")
	// ErrCodeWrong: the digits differ; one try is used up.
	ErrCodeWrong = errors.New("wrong code")
	// ErrCodeExpired: too late, or the clock went back since; ask for a new one.
	ErrCodeExpired = errors.New("code has expired; ask for a new one")
	// ErrCodeUsed: a code proves a number once.
	ErrCodeUsed = errors.New("code was used before; ask for a new one")
	// ErrCodeTries: it was tried wrongly too often; not even the right digits help.
	ErrCodeTries = errors.New("too many wrong tries; ask for a new code")
)

// Code is a stable name for what is wrong with a number or a code, for machines
// and for the words of the edge: phone_shape, phone_region, phone_not_mobile,
// code_unknown, code_wrong, code_expired, code_used, code_tries, resend_too_soon,
// capped, puzzle, driver. Empty for any other error.
func Code(err error) string {
	var capped *Capped
	var soon *ResendTooSoon
	switch {
	case errors.As(err, &capped):
		return "capped"
	case errors.As(err, &soon):
		return "resend_too_soon"
	}
	for _, c := range []struct {
		err  error
		code string
	}{
		{ErrShape, "phone_shape"},
		{ErrRegion, "phone_region"},
		{ErrNotMobile, "phone_not_mobile"},
		{ErrCodeUnknown, "code_unknown"},
		{ErrCodeWrong, "code_wrong"},
		{ErrCodeExpired, "code_expired"},
		{ErrCodeUsed, "code_used"},
		{ErrCodeTries, "code_tries"},
		{ErrPuzzle, "puzzle"},
		{ErrDriver, "driver"},
	} {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return ""
}

// Claim says: the person at this number read these digits.
type Claim struct {
	Operator, Component string
	CodeID, Code        string
	Number              Number
}

type codeKey struct{ operator, id string }

type codeRow struct {
	codeKey
	component, number string
	code              []byte
	tries             int
	sent, expires     int64
	used, failed      bool
	wrong             int // tries of this batch
}

// Redeem judges claims inside the transaction that stores their leads: a verdict
// per claim, nil for a number that is proved. Right codes are used up and wrong ones
// counted in tx, so tx must be committed even when every claim was refused, and
// Redeem must be the last thing that can refuse a lead: a code used up for a lead
// that is not stored is lost to the person.
//
// The second result is a failure of the store; then nothing was judged.
func (r *Room) Redeem(ctx context.Context, tx *db.Tx, claims []Claim) ([]error, error) {
	cut := r.clock.see(tx.Now())
	rows, err := readCodes(ctx, tx, claims)
	if err != nil {
		return nil, err
	}
	verdicts := make([]error, len(claims))
	right := map[codeKey]int{} // claim that uses up the code
	for i, c := range claims {
		row := rows[codeKey{c.Operator, c.CodeID}]
		verdicts[i] = r.judge(tx, row, c, cut)
		if verdicts[i] == nil {
			right[row.codeKey] = i
		}
	}
	if err := countTries(ctx, tx, rows); err != nil {
		return nil, err
	}
	won, err := useCodes(ctx, tx, right)
	if err != nil {
		return nil, err
	}
	for key, i := range right {
		if !won[key] {
			verdicts[i] = ErrCodeUsed
		}
	}
	return verdicts, nil
}

// judge decides one claim and notes it in the row, which may be nil.
func (r *Room) judge(tx *db.Tx, row *codeRow, c Claim, cut string) error {
	// The tags are computed for unknown codes too: no answer is quicker.
	index := r.index(c.Operator, c.Number)
	tag := r.codeTag(c.Operator, c.CodeID, c.Code)
	if row == nil || c.Number.IsZero() {
		return ErrCodeUnknown
	}
	known := subtle.ConstantTimeCompare([]byte(row.number), []byte(index)) &
		subtle.ConstantTimeCompare([]byte(row.component), []byte(c.Component))
	switch {
	case known != 1 || row.failed:
		return ErrCodeUnknown
	case row.used:
		return ErrCodeUsed
	case tx.NowMS() >= row.expires, row.sent > tx.Now().Add(clockSlack).UnixMilli(), row.id < cut:
		return ErrCodeExpired
	case row.tries+row.wrong >= r.Caps.filled().Tries:
		return ErrCodeTries
	case subtle.ConstantTimeCompare(row.code, tag) != 1:
		row.wrong++
		return ErrCodeWrong
	}
	row.used = true
	return nil
}

// readCodes reads and locks every row the claims name, in one statement.
func readCodes(ctx context.Context, tx *db.Tx, claims []Claim) (map[codeKey]*codeRow, error) {
	var keys []codeKey
	for _, c := range claims {
		if c.Operator != "" && c.CodeID != "" {
			keys = append(keys, codeKey{c.Operator, c.CodeID})
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	where, args := inKeys(1, keys)
	all, err := db.Collect(ctx, tx, func(s db.Scanner) (*codeRow, error) {
		v := &codeRow{}
		var used *int64
		err := s.Scan(&v.operator, &v.id, &v.component, &v.number, &v.code, &v.tries, &v.sent, &v.expires, &used, &v.failed)
		v.used = used != nil
		return v, err
	}, `select operator, id, component, number, code, tries, sent_at, expires_at, used_at, failed
		from phone_code where `+where+` order by operator, id`+tx.ForUpdate(), args...)
	if err != nil {
		return nil, fmt.Errorf("read codes: %w", err)
	}
	rows := make(map[codeKey]*codeRow, len(all))
	for _, v := range all {
		rows[v.codeKey] = v
	}
	return rows, nil
}

func countTries(ctx context.Context, tx *db.Tx, rows map[codeKey]*codeRow) error {
	for _, v := range rows {
		if v.wrong == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `update phone_code set tries=tries+$3 where operator=$1 and id=$2`,
			v.operator, v.id, v.wrong); err != nil {
			return fmt.Errorf("count tries: %w", err)
		}
	}
	return nil
}

// useCodes marks codes used and says which of them nobody had used before.
func useCodes(ctx context.Context, tx *db.Tx, right map[codeKey]int) (map[codeKey]bool, error) {
	if len(right) == 0 {
		return nil, nil
	}
	keys := make([]codeKey, 0, len(right))
	for k := range right {
		keys = append(keys, k)
	}
	where, args := inKeys(2, keys)
	won, err := db.Collect(ctx, tx, func(s db.Scanner) (k codeKey, err error) { return k, s.Scan(&k.operator, &k.id) },
		`update phone_code set used_at=$1 where used_at is null and `+where+` returning operator, id`,
		append([]any{tx.NowMS()}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("use codes: %w", err)
	}
	out := make(map[codeKey]bool, len(won))
	for _, k := range won {
		out[k] = true
	}
	return out, nil
}

// inKeys is a condition for a set of rows. Ids are unique by themselves, so that
// two lists say the same as pairs. Lists are filled up to a power of two by
// repeating: few different texts, which the engines keep prepared.
func inKeys(first int, keys []codeKey) (where string, args []any) {
	slices.SortFunc(keys, func(a, b codeKey) int {
		return cmp.Or(cmp.Compare(a.operator, b.operator), cmp.Compare(a.id, b.id))
	})
	keys = slices.Compact(keys)
	var operators, ids []any
	for _, k := range keys {
		if len(operators) == 0 || operators[len(operators)-1] != k.operator {
			operators = append(operators, k.operator)
		}
		ids = append(ids, k.id)
	}
	operators, ids = padded(operators), padded(ids)
	where = "operator in " + db.In(first, len(operators)) + " and id in " + db.In(first+len(operators), len(ids))
	return where, append(operators, ids...)
}

func padded(list []any) []any {
	for len(list)&(len(list)-1) != 0 {
		list = append(list, list[len(list)-1])
	}
	return list
}
