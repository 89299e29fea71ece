package lead

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/component"
	"clew/db"
	"clew/phone"
)

// Export is an export that was permitted and recorded, ready to be written once.
type Export struct {
	ID string

	room     *Room
	operator string
	filter   Filter
	reveal   bool
}

// BeginExport permits and records an export. With reveal the personal fields are
// in the clear, which takes a reason and the right to it; without, they are masked.
func (r *Room) BeginExport(ctx context.Context, caller access.Caller, f Filter, reveal bool, reason string) (*Export, error) {
	f = f.of(caller)
	act := access.LeadList
	if reveal {
		act = access.LeadExport
	}
	e := &Export{ID: db.NewID("exp"), room: r, operator: caller.Operator, filter: f, reveal: reveal}
	if _, _, err := f.where(caller.Operator, ""); err != nil {
		return nil, err
	}
	// The record comes first: nothing leaves that was not written down. -1 rows says
	// that it was begun.
	return e, r.Access.Do(ctx, caller, act, access.Subject{Kind: "export", ID: e.ID}, reason, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into lead_export (operator, id, by_id, reason, revealed, rows_written, at)
			values ($1, $2, $3, $4, $5, -1, $6)`, caller.Operator, e.ID, caller.ID, reason, reveal, tx.NowMS())
		return err
	})
}

// Write writes the leads as RFC 4180 CSV, newest first, UTF-8 with a byte order
// mark (spreadsheets need it for Chinese), and records how many there were.
func (e *Export) Write(ctx context.Context, w io.Writer) (int, error) {
	n, err := e.room.writeCSV(ctx, e.operator, e.filter, e.reveal, w)
	if err != nil {
		return n, err
	}
	return n, e.room.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "update lead_export set rows_written=$3 where operator=$1 and id=$2", e.operator, e.ID, n)
		return err
	})
}

func (r *Room) writeCSV(ctx context.Context, operator string, f Filter, reveal bool, w io.Writer) (int, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return 0, err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	var fields []string
	n, cursor := 0, ""
	for {
		var rows []row
		var kinds map[string]map[string]component.Kind
		where, args, err := f.where(operator, cursor)
		if err != nil {
			return n, err
		}
		err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
			if n == 0 {
				// Every field of every version of the components in question is a column.
				if fields, err = component.FieldIDs(ctx, tx, operator, f.Component); err != nil {
					return err
				}
			}
			if rows, err = db.Collect(ctx, tx, scanRow, "select "+columns+from+where+" order by l.created_at desc, l.id desc limit 1000", args...); err != nil {
				return err
			}
			kinds, err = fieldKinds(ctx, tx, rows)
			return err
		})
		if err != nil {
			return n, err
		}
		if n == 0 {
			if err := out.Write(append(slices.Clone(exportColumns), fields...)); err != nil {
				return n, err
			}
		}
		for i := range rows {
			if err := out.Write(r.record(&rows[i], fields, kinds[kindsKey(rows[i].Lead)], reveal)); err != nil {
				return n, err
			}
			n++
		}
		if len(rows) < 1000 {
			out.Flush()
			return n, out.Error()
		}
		cursor = cursorOf(rows[len(rows)-1].Lead)
	}
}

var exportColumns = []string{
	"id", "created_at", "component", "component_version", "receipt", "test", "verified", "duplicate_of",
	"state", "reason", "scene", "page", "expires_at",
}

func (r *Room) record(l *row, fields []string, kinds map[string]component.Kind, reveal bool) []string {
	yes := map[bool]string{true: "true", false: "false"}
	record := []string{
		l.ID, l.Created.Format(time.RFC3339), l.Component, kindsKey(l.Lead)[len(l.Component)+1:], l.Receipt, yes[l.Test], yes[l.Verified],
		l.DuplicateOf, string(l.State), l.Reason, harmless(l.Scene), harmless(l.Page), l.Expires.Format(time.RFC3339),
	}
	answers, err := r.open(l)
	if err != nil {
		answers = nil // erased since: the row stays, empty
	}
	for _, field := range fields {
		value, ok := answers[field]
		switch {
		case !ok:
			value = ""
		case !reveal:
			value = mask(kinds[field], value)
		case kinds[field] == component.KindPhone:
			value = spaced(value)
		}
		record = append(record, harmless(value))
	}
	return record
}

// spaced writes a number in international form without the plus sign and with
// spaces, so that a spreadsheet neither computes with it nor cuts its end off.
func spaced(e164 string) string {
	n, err := phone.ParseE164(e164)
	if err != nil {
		return ""
	}
	national := n.National()
	country := strings.TrimSuffix(strings.TrimPrefix(e164, "+"), national)
	if len(national) == 11 {
		national = national[:3] + " " + national[3:7] + " " + national[7:]
	}
	return country + " " + national
}

// harmless keeps a spreadsheet from running what a person typed (OWASP: CSV
// injection): a cell that begins like a formula gets an apostrophe before it, and
// control characters become spaces.
func harmless(cell string) string {
	cell = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == '\u2028' || c == '\u2029' {
			return ' '
		}
		return c
	}, cell)
	trimmed := strings.TrimLeft(cell, " \u00a0\u3000\ufeff")
	if trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") || strings.HasPrefix(trimmed, "＝") ||
		strings.HasPrefix(trimmed, "＋") || strings.HasPrefix(trimmed, "－") || strings.HasPrefix(trimmed, "＠") {
		return "'" + cell
	}
	return cell
}
