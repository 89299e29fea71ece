package consent

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"clew/db"
	"clew/words"
)

// ErrNoReceipt says that no receipt has this id or number.
var ErrNoReceipt = errors.New("no such receipt")

// numberText is Crockford's alphabet: no I, L, O or U.
const numberText = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// numberLen gives 60 random bits.
const numberLen = 12

// Receipt is the record of one person's consent to one notice. It holds nothing the
// person typed.
type Receipt struct {
	Operator, ID string
	// Number is what the person keeps: 12 characters of Crockford's alphabet, stored
	// in upper case without dashes; people see [Receipt.Shown].
	Number           string
	Component        string
	ComponentVersion int
	NoticeVersion    int
	NoticeHash       string
	Lang             words.Lang
	// Edition is the norm's edition that judged the component.
	Edition string
	// Lead is the id of the lead this consent came with.
	Lead    string
	Choices []Choice
	// Gesture is what the page said, by the page's clock.
	Gesture Gesture
	// Form is what the server knows of the same form, by its own clock.
	Form Form
	// At is the instant of the record: the transaction's, never the page's.
	At   time.Time
	Test bool
}

// NewReceipt gives r its id and number. The caller fills in everything else, from an
// act that [Prove] accepted; At is tx.Now() of the transaction that calls [Give].
func NewReceipt(r Receipt) Receipt {
	r.ID, r.Number = db.NewID("receipt"), newNumber()
	if r.Form.Via == ViaPage {
		r.Gesture.Kind = KindLink
	}
	return r
}

// Shown is the number as people see it: XXXX-XXXX-XXXX.
func (r Receipt) Shown() string { return ShowNumber(r.Number) }

// ShowNumber puts the dashes into a stored number.
func ShowNumber(number string) string {
	if len(number) != numberLen {
		return number
	}
	return number[:4] + "-" + number[4:8] + "-" + number[8:]
}

func newNumber() string {
	var b [numberLen]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	for i := range b {
		b[i] = numberText[b[i]%32]
	}
	return string(b[:])
}

const receiptColumns = "operator, id, number, component, component_version, notice_version, notice_hash, lang, edition, lead, choices, gesture, form, at, test"

// Give stores receipts and, for each, the event that it was given.
func Give(ctx context.Context, tx *db.Tx, receipts []Receipt) error {
	rows := make([][]any, 0, len(receipts))
	events := make([][]any, 0, len(receipts))
	for _, r := range receipts {
		choices, err := json.Marshal(r.Choices)
		if err != nil {
			return err
		}
		gesture, err := json.Marshal(r.Gesture)
		if err != nil {
			return err
		}
		form, err := json.Marshal(r.Form)
		if err != nil {
			return err
		}
		at := r.At.UnixMilli()
		rows = append(rows, []any{
			r.Operator, r.ID, r.Number, r.Component, r.ComponentVersion, r.NoticeVersion, r.NoticeHash, string(r.Lang),
			r.Edition, r.Lead, string(choices), string(gesture), string(form), at, r.Test,
		})
		events = append(events, []any{r.Operator, r.ID, db.NewID("event"), EventGiven, at, ByPerson})
	}
	if err := tx.Insert(ctx, "receipt", strings.Split(receiptColumns, ", "), rows); err != nil {
		return err
	}
	return tx.Insert(ctx, "receipt_event", eventColumns, events)
}

// Get reads one receipt of an operator.
func Get(ctx context.Context, tx *db.Tx, operator, id string) (Receipt, error) {
	return oneReceipt(ctx, tx, "operator=$1 and id=$2", operator, id)
}

// ByNumber finds the receipt a person names; number is as [OpenLink] gives it.
// Should two receipts ever share a number (60 random bits), it answers
// [ErrNoReceipt]: nobody may see another's.
func ByNumber(ctx context.Context, tx *db.Tx, number string) (Receipt, error) {
	return oneReceipt(ctx, tx, "number=$1", number)
}

func oneReceipt(ctx context.Context, tx *db.Tx, where string, args ...any) (Receipt, error) {
	all, err := db.Collect(ctx, tx, scanReceipt, "select "+receiptColumns+" from receipt where "+where, args...)
	if err != nil {
		return Receipt{}, fmt.Errorf("read receipt: %w", err)
	}
	if len(all) != 1 {
		return Receipt{}, ErrNoReceipt
	}
	return all[0], nil
}

func scanReceipt(s db.Scanner) (Receipt, error) {
	var (
		r                            Receipt
		lang, choices, gesture, form string
		at                           int64
	)
	if err := s.Scan(&r.Operator, &r.ID, &r.Number, &r.Component, &r.ComponentVersion, &r.NoticeVersion, &r.NoticeHash, &lang,
		&r.Edition, &r.Lead, &choices, &gesture, &form, &at, &r.Test); err != nil {
		return Receipt{}, err
	}
	r.Lang, r.At = words.Lang(lang), time.UnixMilli(at).UTC()
	for _, part := range []struct {
		text string
		into any
	}{{choices, &r.Choices}, {gesture, &r.Gesture}, {form, &r.Form}} {
		if err := json.Unmarshal([]byte(part.text), part.into); err != nil {
			return Receipt{}, fmt.Errorf("receipt %s: %w", r.ID, err)
		}
	}
	return r, nil
}
