package lead

import (
	"context"
	"fmt"
	"time"

	"clew/access"
	"clew/component"
	"clew/db"
)

// AppQuery asks for a page of one app's leads, the newest first. Test leads,
// duplicates and erased ones are left out.
type AppQuery struct {
	App      string
	From, To time.Time // created at or after, and before
	Page     int       // from 1
	Size     int       // 1 to [MaxLimit]
	// Reveal opens the answers too; it needs the right to, and leaves a line on the
	// record for each lead.
	Reveal bool
}

// AppLead is a lead with what its fields are.
type AppLead struct {
	Lead
	Kinds map[string]component.Kind // of each field by its id
	// Answers are there when the query asked for them, and nil where the person has
	// taken the consent back meanwhile.
	Answers map[string]string
}

// OfApp is a page of an app's leads and how many there are in all. Reading the list
// is recorded in the same transaction, whoever reads.
func (r *Room) OfApp(ctx context.Context, caller access.Caller, q AppQuery) (page []AppLead, total int, err error) {
	subject := access.Subject{Kind: "app", ID: q.App}
	if q.Reveal {
		if err := r.Access.Check(ctx, caller, access.LeadReveal, subject); err != nil {
			return nil, 0, err
		}
	}
	if q.Page < 1 || q.Size < 1 || q.Size > MaxLimit {
		return nil, 0, fmt.Errorf("page %d of %d leads: pages count from 1 and hold 1 to %d", q.Page, q.Size, MaxLimit)
	}
	where := `where l.operator=$1 and l.app=$2 and l.created_at>=$3 and l.created_at<$4
		and l.duplicate_of='' and l.erased_at=0 and l.test=$5`
	args := []any{caller.Operator, q.App, q.From.UnixMilli(), q.To.UnixMilli(), false}
	err = r.Access.Do(ctx, caller, access.LeadList, subject, "", func(tx *db.Tx) error {
		total, err = db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from lead l "+where, args...)
		if err != nil {
			return err
		}
		rows, err := db.Collect(ctx, tx, scanRow, "select "+columns+from+where+" order by l.created_at desc, l.id desc limit $6 offset $7",
			append(args, q.Size, (q.Page-1)*q.Size)...)
		if err != nil {
			return err
		}
		kinds, err := fieldKinds(ctx, tx, rows)
		if err != nil {
			return err
		}
		page = make([]AppLead, len(rows))
		for i := range rows {
			l := &rows[i]
			page[i] = AppLead{Lead: l.Lead, Kinds: kinds[kindsKey(l.Lead)]}
			page[i].Masked = r.masked(l, kinds)
			if !q.Reveal || page[i].Masked == nil {
				continue
			}
			if err := r.Access.DoIn(ctx, tx, caller, access.LeadReveal, access.Subject{Kind: "lead", ID: l.ID}, "lead query of the app"); err != nil {
				return err
			}
			if page[i].Answers, err = r.open(l); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	return page, total, nil
}
