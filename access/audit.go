package access

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"clew/db"
	"clew/ledger"
)

// Outcome says how an act on the record ended.
type Outcome string

// An act is on the record because it was done or because it was refused.
const (
	OutcomeDone   Outcome = "done"
	OutcomeDenied Outcome = "denied"
)

// Entry is one line of the record. Lines are never changed or deleted.
type Entry struct {
	Operator string
	ID       string
	At       time.Time
	Kind     CallerKind
	CallerID string
	// CallerName is the present name of the staff or the key; empty for others.
	CallerName string
	// Role is by what right: a staff role, "key:read,reveal", "person" or "system".
	Role    string
	Act     Act
	Subject Subject
	Reason  string
	Outcome Outcome
}

// record writes the line, and into the ledger that it was written: whoever takes a
// line out of the store later contradicts the log.
func record(ctx context.Context, tx *db.Tx, c Caller, act Act, s Subject, reason string, o Outcome) error {
	id := db.NewID("audit")
	if err := tx.Insert(ctx, "audit",
		[]string{"operator", "at", "id", "caller_kind", "caller_id", "role", "act", "subject_kind", "subject_id", "reason", "outcome"},
		[][]any{{c.Operator, tx.NowMS(), id, string(c.Kind), c.ID, c.standing(), string(act), s.Kind, s.ID, tidy(reason), string(o)}}); err != nil {
		return err
	}
	return ledger.Append(ctx, tx, ledger.Act{Operator: c.Operator, Kind: "act." + string(act), Subject: s.ID, Detail: struct {
		Audit   string     `json:"audit"`
		Kind    CallerKind `json:"caller_kind"`
		Caller  string     `json:"caller"`
		Role    string     `json:"role"`
		Subject string     `json:"subject_kind"`
		Reason  string     `json:"reason"`
		Outcome Outcome    `json:"outcome"`
	}{id, c.Kind, c.ID, c.standing(), s.Kind, tidy(reason), o}})
}

// AuditFilter narrows the record; zero members do not.
type AuditFilter struct {
	From, To time.Time // from the first to before the second
	CallerID string
	Act      Act
	Subject  Subject // Kind alone, or Kind and ID
	Outcome  Outcome
}

// auditLimit is the most lines one call returns, and what zero means.
const auditLimit = 200

// Audit lists the record of the caller's operator (for the platform's staff, of
// the platform itself), newest first. next continues the list and is empty at its
// end. A cursor that is not one of ours is [*Invalid].
func (r *Room) Audit(ctx context.Context, caller Caller, f AuditFilter, cursor string, limit int) (list []Entry, next string, err error) {
	if err := r.Check(ctx, caller, AuditRead, Subject{Kind: "audit"}); err != nil {
		return nil, "", err
	}
	if limit <= 0 || limit > auditLimit {
		limit = auditLimit
	}
	where := []string{"a.operator=$1"}
	args := []any{caller.Operator}
	and := func(cond string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		where = append(where, cond)
	}
	if !f.From.IsZero() {
		and("a.at>=?", f.From.UnixMilli())
	}
	if !f.To.IsZero() {
		and("a.at<?", f.To.UnixMilli())
	}
	if f.CallerID != "" {
		and("a.caller_id=?", f.CallerID)
	}
	if f.Act != "" {
		and("a.act=?", string(f.Act))
	}
	if f.Subject.Kind != "" {
		and("a.subject_kind=?", f.Subject.Kind)
	}
	if f.Subject.ID != "" {
		and("a.subject_id=?", f.Subject.ID)
	}
	if f.Outcome != "" {
		and("a.outcome=?", string(f.Outcome))
	}
	if cursor != "" {
		at, id, err := parseCursor(cursor)
		if err != nil {
			return nil, "", err
		}
		and("(a.at,a.id)<(?,?)", at, id)
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		list, err = db.Collect(ctx, tx, scanEntry, `select a.operator, a.id, a.at, a.caller_kind, a.caller_id,
			coalesce(s.name, k.name, ''), a.role, a.act, a.subject_kind, a.subject_id, a.reason, a.outcome
			from audit a
			left join staff s on s.operator=a.operator and s.id=a.caller_id
			left join api_key k on k.operator=a.operator and k.id=a.caller_id
			where `+strings.Join(where, " and ")+`
			order by a.at desc, a.id desc limit `+strconv.Itoa(limit+1), args...)
		return err
	})
	if len(list) > limit {
		list = list[:limit]
		last := list[limit-1]
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.At.UnixMilli(), 10) + "." + last.ID))
	}
	return list, next, err
}

func parseCursor(cursor string) (at int64, id string, err error) {
	bad := &Invalid{"cursor", "unknown", "use the cursor of the previous page unchanged"}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, "", bad
	}
	ms, id, ok := strings.Cut(string(text), ".")
	if !ok || !plainLine(id) {
		return 0, "", bad
	}
	if at, err = strconv.ParseInt(ms, 10, 64); err != nil {
		return 0, "", bad
	}
	return at, id, nil
}

func scanEntry(s db.Scanner) (e Entry, err error) {
	var at int64
	err = s.Scan(&e.Operator, &e.ID, &at, &e.Kind, &e.CallerID, &e.CallerName, &e.Role, &e.Act,
		&e.Subject.Kind, &e.Subject.ID, &e.Reason, &e.Outcome)
	e.At = instant(at)
	return e, err
}

// instant reads a stored time; zero, "never", is the zero time.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
