package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"clew/access"
	"clew/db"
)

// The kinds of data an app may declare. The numbers are this program's own: the
// real platform's list is not public. Others are kept as they come.
const (
	ItemPhone  = 1
	ItemName   = 2
	ItemRegion = 3
	ItemEmail  = 4
	ItemOther  = 5
)

// PrivacyItem is a kind of data with what it is taken for.
type PrivacyItem struct {
	ID   int    `json:"id"`
	Desc string `json:"desc"`
}

// Privacy is what an app tells people: which data it takes what for, and whom to ask.
type Privacy struct {
	// Configured says that the app has stated it. Without it nothing below counts.
	Configured bool
	// ContactWay is which of the contacts comes first: 1 e-mail, 2 phone, 3 land line,
	// 0 not said.
	ContactWay             int
	Email, Phone, LandLine string
	Items                  []PrivacyItem
}

// Declares reports whether the app has said what it takes a kind of data for.
func (p Privacy) Declares(item int) bool {
	for _, i := range p.Items {
		if p.Configured && i.ID == item && i.Desc != "" {
			return true
		}
	}
	return false
}

// Contact reports whether the app has said whom to ask.
func (p Privacy) Contact() bool {
	return p.Configured && (p.Email != "" || p.Phone != "" || p.LandLine != "")
}

// PrivacyProblem is what is wrong with one part of a privacy setting.
type PrivacyProblem struct {
	Field string // contact_way, contact, email, phone, land_line, items, items.3 (from 0)
	Code  string // range, missing, shape, many, id, twice, desc
}

// BadPrivacy lists what is wrong with a privacy setting. It holds no value.
type BadPrivacy struct{ Problems []PrivacyProblem }

func (e *BadPrivacy) Error() string {
	var parts []string
	for _, p := range e.Problems {
		parts = append(parts, p.Field+": "+p.Code)
	}
	return "the privacy setting needs a contact, and for each kind of data what it is for: " + strings.Join(parts, "; ")
}

const maxItems = 50

func (p Privacy) check() error {
	var wrong []PrivacyProblem
	bad := func(is bool, field, code string) {
		if is {
			wrong = append(wrong, PrivacyProblem{field, code})
		}
	}
	bad(p.ContactWay < 0 || p.ContactWay > 3, "contact_way", "range")
	bad(p.Configured && p.Email == "" && p.Phone == "" && p.LandLine == "", "contact", "missing")
	if p.Email != "" {
		a, err := mail.ParseAddress(p.Email)
		bad(err != nil || a.Name != "" || a.Address != p.Email || len(p.Email) > 100, "email", "shape")
	}
	bad(p.Phone != "" && !phoneLike(p.Phone), "phone", "shape")
	bad(p.LandLine != "" && !phoneLike(p.LandLine), "land_line", "shape")
	bad(p.Configured && len(p.Items) == 0, "items", "missing")
	bad(len(p.Items) > maxItems, "items", "many")
	seen := map[int]bool{}
	for n, i := range p.Items[:min(len(p.Items), maxItems)] {
		field := fmt.Sprintf("items.%d", n)
		length := utf8.RuneCountInString(strings.TrimSpace(i.Desc))
		bad(i.ID < 1 || i.ID > 1_000_000, field, "id")
		bad(seen[i.ID], field, "twice")
		bad(length < 2 || length > 200 || !utf8.ValidString(i.Desc) || strings.ContainsFunc(i.Desc, unicode.IsControl), field, "desc")
		seen[i.ID] = true
	}
	if len(wrong) > 0 {
		return &BadPrivacy{wrong}
	}
	return nil
}

// phoneLike is what a telephone number is written with. Which numbers there are is
// package phone's business; this one is shown to people and never rung.
func phoneLike(text string) bool {
	digits := 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune("+-() ", c):
			return false
		}
	}
	return digits >= 5 && digits <= 18 && len(text) <= 30
}

// SetPrivacy replaces the app's privacy setting: *[BadPrivacy], [ErrUnknown].
func (r *Room) SetPrivacy(ctx context.Context, caller access.Caller, app string, p Privacy) error {
	if err := p.check(); err != nil {
		return err
	}
	if p.Items == nil {
		p.Items = []PrivacyItem{}
	}
	items, err := json.Marshal(p.Items)
	if err != nil {
		return err
	}
	return r.Access.Do(ctx, caller, access.PrivacyEdit, access.Subject{Kind: "app", ID: app}, "", func(tx *db.Tx) error {
		if _, err := Get(ctx, tx, caller.Operator, app); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into app_privacy
			(operator, app, configured, contact_way, email, phone, land_line, items, updated_at, updated_by)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			on conflict (operator, app) do update set configured=excluded.configured, contact_way=excluded.contact_way, email=excluded.email,
			phone=excluded.phone, land_line=excluded.land_line, items=excluded.items, updated_at=excluded.updated_at, updated_by=excluded.updated_by`,
			caller.Operator, app, p.Configured, p.ContactWay, p.Email, p.Phone, p.LandLine, string(items), tx.NowMS(), caller.ID)
		return err
	})
}

// GetPrivacy is an app's privacy setting; the zero value when it never made one.
func GetPrivacy(ctx context.Context, tx *db.Tx, operator, app string) (Privacy, error) {
	p, err := db.One(ctx, tx, func(s db.Scanner) (p Privacy, err error) {
		var items string
		if err := s.Scan(&p.Configured, &p.ContactWay, &p.Email, &p.Phone, &p.LandLine, &items); err != nil {
			return p, err
		}
		return p, json.Unmarshal([]byte(items), &p.Items)
	}, "select configured, contact_way, email, phone, land_line, items from app_privacy where operator=$1 and app=$2", operator, app)
	if errors.Is(err, db.ErrNone) {
		return Privacy{}, nil
	}
	return p, err
}
