package lead_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"clew/access"
	"clew/db"
	"clew/lead"
	"clew/lead/leadtest"
)

func TestAnAppsLeadsPageByPage(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		app := access.Caller{Kind: access.KindApp, ID: h.App, Operator: h.Owner.Operator, Scopes: access.ScopeRead | access.ScopeReveal}
		from := h.Clock.Now()
		for n := 1; n <= 5; n++ {
			h.Accept(fmt.Sprintf("key-%08d", n), n)
			h.Clock.Advance(time.Minute)
		}
		test := h.Submission("key-00000006", 6)
		test.Form.Test = true
		if _, err := h.Intake.Accept(ctx, test); err != nil {
			h.T.Fatal(err)
		}
		h.Accept("key-00000007", 1) // the number of the first again
		q := lead.AppQuery{App: h.App, From: from, To: h.Clock.Now().Add(time.Hour), Page: 1, Size: 2}
		var seen []string
		for ; q.Page <= 4; q.Page++ {
			page, total, err := h.Leads.OfApp(ctx, app, q)
			if err != nil || total != 5 {
				h.T.Fatalf("page %d: %d in all, %v", q.Page, total, err)
			}
			for _, l := range page {
				seen = append(seen, l.Masked["phone"])
				if l.Answers != nil || l.Kinds["phone"] != "phone" {
					h.T.Errorf("%+v", l.Kinds)
				}
			}
		}
		want := []string{"138******05", "138******04", "138******03", "138******02", "138******01"}
		if fmt.Sprint(seen) != fmt.Sprint(want) {
			h.T.Errorf("seen %v", seen)
		}
		q.Page, q.Size = 1, 10
		q.From, q.To = from.Add(time.Minute), from.Add(3*time.Minute)
		if page, total, err := h.Leads.OfApp(ctx, app, q); err != nil || total != 2 || page[0].Masked["phone"] != want[2] {
			h.T.Errorf("between two instants: %d, %v", total, err)
		}

		// Opened by right, and not where the person took the consent back.
		q.From, q.To, q.Reveal = from, h.Clock.Now(), true
		page, _, err := h.Leads.OfApp(ctx, app, q)
		if err != nil || page[4].Answers["phone"] != "+86"+leadtest.Number(1) {
			h.T.Errorf("%v", err)
		}
		h.Write(func(tx *db.Tx) error { return h.Leads.Withdraw(ctx, tx, h.Owner.Operator, page[4].ID, "person") })
		if page, _, err = h.Leads.OfApp(ctx, app, q); err != nil || page[4].Answers != nil || page[4].Masked != nil || page[3].Answers == nil {
			h.T.Errorf("after a withdrawal: %v", err)
		}
		var denied *access.Denied
		app.Scopes = access.ScopeRead
		if _, _, err := h.Leads.OfApp(ctx, app, q); !errors.As(err, &denied) {
			h.T.Errorf("without the right: %v", err)
		}
		q.Reveal = false
		for _, bad := range [][2]int{{0, 10}, {1, 0}, {1, lead.MaxLimit + 1}} {
			q.Page, q.Size = bad[0], bad[1]
			if _, _, err := h.Leads.OfApp(ctx, app, q); err == nil {
				h.T.Errorf("page %d of %d", bad[0], bad[1])
			}
		}
		q.Page, q.Size, q.App = 1, 10, "app_other"
		if _, total, err := h.Leads.OfApp(ctx, app, q); err != nil || total != 0 {
			h.T.Errorf("another app's: %d, %v", total, err)
		}
	})
}
