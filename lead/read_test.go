package lead_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/lead"
	"clew/lead/leadtest"
	"clew/phone"
)

func agent(h *leadtest.House) access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: "staff_agent", Operator: h.Owner.Operator, Role: access.RoleAgent}
}

func analyst(h *leadtest.House) access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: "staff_analyst", Operator: h.Owner.Operator, Role: access.RoleAnalyst}
}

func TestRevealingTakesTheRightAReasonAndLeavesARecord(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		a := h.Accept("key-00000001", 1)
		got, err := h.Leads.Reveal(ctx, agent(h), a.Lead, nil, "客户要求回电")
		if err != nil || got["phone"] != "+86"+leadtest.Number(1) || got["name"] != "王小明" {
			h.T.Fatalf("revealed %d fields, %v", len(got), err)
		}
		only, err := h.Leads.Reveal(ctx, agent(h), a.Lead, []string{"name"}, "客户要求回电")
		if err != nil || len(only) != 1 {
			h.T.Errorf("%d fields instead of one, %v", len(only), err)
		}
		if _, err := h.Leads.Reveal(ctx, agent(h), a.Lead, nil, ""); !errors.Is(err, access.ErrReason) {
			h.T.Errorf("no reason: %v", err)
		}
		var denied *access.Denied
		if _, err := h.Leads.Reveal(ctx, analyst(h), a.Lead, nil, "想看一下号码"); !errors.As(err, &denied) {
			h.T.Errorf("analyst: %v", err)
		}
		if _, _, err := h.Leads.List(ctx, analyst(h), lead.Filter{}, "", 10); !errors.As(err, &denied) {
			h.T.Errorf("analyst lists: %v", err)
		}
		stranger := h.Owner
		stranger.Operator = "op_other"
		if _, err := h.Leads.Reveal(ctx, stranger, a.Lead, nil, "别家的线索"); !errors.Is(err, lead.ErrUnknown) {
			h.T.Errorf("another operator: %v", err)
		}
		entries, _, err := h.Access.Audit(ctx, h.Owner, access.AuditFilter{}, "", 50)
		if err != nil {
			h.T.Fatal(err)
		}
		var seen []string
		for _, e := range entries {
			if e.Act == access.LeadReveal {
				seen = append(seen, string(e.Outcome)+" "+e.Reason)
			}
		}
		slices.Sort(seen)
		want := []string{"denied 想看一下号码", "done 客户要求回电", "done 客户要求回电"}
		if !slices.Equal(seen, want) {
			h.T.Errorf("record: %q, want %q", seen, want)
		}
	})
}

func TestFindingByNumber(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		a := h.Accept("key-00000001", 1)
		h.Accept("key-00000002", 2)
		n, err := phone.Normalize(leadtest.Number(1), phone.DefaultRegion)
		if err != nil {
			h.T.Fatal(err)
		}
		got, err := h.Leads.Find(ctx, h.Owner, n, "用户来电查询")
		if err != nil || len(got) != 1 || got[0].ID != a.Lead || got[0].Masked["phone"] == leadtest.Number(1) {
			h.T.Errorf("found %+v, %v", got, err)
		}
		if _, err := h.Leads.Find(ctx, h.Owner, n, ""); !errors.Is(err, access.ErrReason) {
			h.T.Errorf("no reason: %v", err)
		}
	})
}

func TestPagesAreWholeAndInOrder(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		var want []string
		for i := range 25 {
			want = append(want, h.Accept(fmt.Sprintf("key-%08d", i), i).Lead)
			if i%5 == 0 {
				h.Clock.Advance(1_000_000) // several share an instant
			}
		}
		var got []string
		cursor := ""
		for {
			page, next, err := h.Leads.List(ctx, h.Owner, lead.Filter{}, cursor, 7)
			if err != nil {
				h.T.Fatal(err)
			}
			for _, l := range page {
				got = append(got, l.ID)
			}
			if next == "" {
				break
			}
			cursor = next
		}
		slices.Sort(want)
		sorted := slices.Sorted(slices.Values(got))
		if !slices.Equal(sorted, want) {
			h.T.Errorf("%d leads on the pages, want %d, each once", len(got), len(want))
		}
		if _, _, err := h.Leads.List(ctx, h.Owner, lead.Filter{}, "not a cursor", 7); !errors.Is(err, lead.ErrCursor) {
			h.T.Errorf("bad cursor: %v", err)
		}
		if n := len(h.List(lead.Filter{From: h.DB.Now()})); n >= 25 || n == 0 {
			h.T.Errorf("%d leads since the last instant", n)
		}
		if n := len(h.List(lead.Filter{Component: "cmp_other"})); n != 0 {
			h.T.Errorf("%d leads of another component", n)
		}
	})
}

func TestOutcomes(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		a := h.Accept("key-00000001", 1)
		bad := func(o lead.Outcome, code string) {
			h.T.Helper()
			var e *lead.BadOutcome
			if _, err := h.Leads.SetOutcome(ctx, agent(h), a.Lead, o, 0); !errors.As(err, &e) || e.Code != code {
				h.T.Errorf("%+v: %v, want %s", o, err, code)
			}
		}
		bad(lead.Outcome{State: "lost"}, "state_unknown")
		bad(lead.Outcome{State: lead.Invalid}, "reason_needed")
		bad(lead.Outcome{State: lead.Invalid, Reason: "BORED"}, "reason_needed")
		bad(lead.Outcome{State: lead.Won, Reason: "OTHER"}, "reason_unexpected")
		bad(lead.Outcome{State: lead.Won, Note: "打 " + leadtest.Number(1)}, "note_has_number")
		bad(lead.Outcome{State: lead.Won, Note: strings.Repeat("长", 501)}, "note_too_long")
		l, err := h.Leads.SetOutcome(ctx, agent(h), a.Lead, lead.Outcome{State: lead.Connected, Note: "明天再联系"}, 1)
		if err != nil || l.State != lead.Connected || l.Revision != 2 {
			h.T.Fatalf("%+v, %v", l, err)
		}
		if _, err := h.Leads.SetOutcome(ctx, agent(h), a.Lead, lead.Outcome{State: lead.Won}, 1); !errors.Is(err, lead.ErrStale) {
			h.T.Errorf("stale revision: %v", err)
		}
		if _, err := h.Leads.SetOutcome(ctx, agent(h), a.Lead, lead.Outcome{State: lead.Invalid, Reason: "OTHER"}, 0); err != nil {
			h.T.Fatal(err)
		}
		steps, err := h.Leads.History(ctx, agent(h), a.Lead)
		if err != nil || len(steps) != 2 || steps[0].Note != "明天再联系" || steps[1].Reason != "OTHER" {
			h.T.Errorf("history %+v, %v", steps, err)
		}
		if n := len(h.List(lead.Filter{State: lead.Invalid})) + len(h.List(lead.Filter{State: lead.New})); n != 1 {
			h.T.Errorf("filters by state list %d", n)
		}
		if err := h.Leads.EraseByStaff(ctx, h.Owner, a.Lead, "用户来电要求删除"); err != nil {
			h.T.Fatal(err)
		}
		if _, err := h.Leads.SetOutcome(ctx, agent(h), a.Lead, lead.Outcome{State: lead.Won, Note: "已成交"}, 0); !errors.Is(err, lead.ErrErased) {
			h.T.Errorf("a note on an erased lead: %v", err)
		}
	})
}

func TestAnExportRunsNothingInASpreadsheet(t *testing.T) {
	leadtest.Each(t, func(d *component.Definition) {
		for i := range d.Fields {
			if d.Fields[i].Kind == component.KindName {
				d.Fields[i].MaxLength = 60
			}
		}
	}, func(h *leadtest.House) {
		ctx := h.T.Context()
		attacks := []string{`=HYPERLINK("http://x","y")`, "+1+1", "-2+3", "@SUM(A1)", "＝1+1", `"; rm`, `a,b`, "正常"}
		for i, name := range attacks {
			s := h.Submission(fmt.Sprintf("key-%08d", i), i)
			s.Answers["name"] = name
			if _, err := h.Intake.Accept(ctx, s); err != nil {
				h.T.Fatal(err)
			}
		}
		export := func(reveal bool) [][]string {
			h.T.Helper()
			e, err := h.Leads.BeginExport(ctx, h.Owner, lead.Filter{}, reveal, "月度核对名单")
			if err != nil {
				h.T.Fatal(err)
			}
			var out bytes.Buffer
			if n, err := e.Write(ctx, &out); err != nil || n != len(attacks) {
				h.T.Fatalf("%d rows, %v", n, err)
			}
			text := out.String()
			if !strings.HasPrefix(text, "\ufeff") {
				h.T.Error("no byte order mark")
			}
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
			if err != nil {
				h.T.Fatal(err)
			}
			return rows
		}
		for _, row := range export(true)[1:] {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					h.T.Errorf("a cell begins with %q", cell[:1])
				}
			}
		}
		clear := export(true)
		column := slices.Index(clear[0], "phone")
		if got := clear[len(clear)-1][column]; got != "86 138 0000 0000" {
			h.T.Errorf("phone cell %q", got)
		}
		for _, row := range export(false)[1:] {
			if strings.Contains(strings.Join(row, "|"), "HYPERLINK") || !strings.Contains(row[column], "***") {
				h.T.Errorf("masked export: %q", row)
			}
		}
		var denied *access.Denied
		if _, err := h.Leads.BeginExport(ctx, agent(h), lead.Filter{}, true, "想导出名单"); !errors.As(err, &denied) {
			h.T.Errorf("an agent exports in the clear: %v", err)
		}
		if _, err := h.Leads.BeginExport(ctx, h.Owner, lead.Filter{}, true, ""); !errors.Is(err, access.ErrReason) {
			h.T.Errorf("no reason: %v", err)
		}
	})
}

func TestRetentionErases(t *testing.T) {
	leadtest.Each(t, func(d *component.Definition) { d.RetentionDays = 30 }, func(h *leadtest.House) {
		ctx := h.T.Context()
		h.Accept("key-00000001", 1)
		kept := h.Accept("key-00000002", 2)
		h.Write(func(tx *db.Tx) error { return h.Leads.Withdraw(ctx, tx, h.Owner.Operator, kept.Lead, consent.ByPerson) })
		sweep := func(want int) {
			h.T.Helper()
			if n, err := h.Leads.Sweep(ctx); err != nil || n != want {
				h.T.Errorf("swept %d, %v; want %d", n, err, want)
			}
		}
		sweep(0)
		h.Clock.Advance(7 * day)
		sweep(1) // the withdrawn one
		h.Clock.Advance(23 * day)
		sweep(1)
		if n := h.Rows("lead_key") + h.Rows("lead_once"); n != 0 {
			h.T.Errorf("%d keys and idempotency answers are left", n)
		}
	})
}

const day = 24 * time.Hour

func TestRewrappingMovesEveryKey(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		a := h.Accept("key-00000001", 1)
		path := h.T.TempDir() + "/keys.json"
		next, err := h.Ring.BeginEpoch(path, h.DB.Now())
		if err != nil {
			h.T.Fatal(err)
		}
		h.Leads.Ring = next
		for _, want := range []int{1, 0} {
			if n, err := h.Leads.Rewrap(ctx); err != nil || n != want {
				h.T.Fatalf("moved %d, %v; want %d", n, err, want)
			}
		}
		if h.Leads.Ring, err = next.EndEpochs(path); err != nil {
			h.T.Fatal(err)
		}
		if _, err := h.Leads.Reveal(ctx, h.Owner, a.Lead, nil, "轮换之后再看"); err != nil {
			h.T.Errorf("after the old epoch ended: %v", err)
		}
	})
}

// Whatever happened to a lead, its number is nowhere in the store in any form that
// can be found.
func TestNoTableHoldsANumber(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		a := h.Accept("key-00000001", 12345678)
		if _, err := h.Leads.Reveal(h.T.Context(), h.Owner, a.Lead, nil, "客户要求回电"); err != nil {
			h.T.Fatal(err)
		}
		forms := needles(leadtest.Number(12345678))
		h.Write(func(tx *db.Tx) error {
			for _, table := range []string{"lead", "lead_key", "lead_index", "lead_once", "receipt", "receipt_event", "outbox", "audit"} {
				rows, err := db.Collect(h.T.Context(), tx, dump, "select * from "+table)
				if err != nil {
					return err
				}
				if len(rows) == 0 {
					h.T.Errorf("%s is empty: this test proves nothing about it", table)
				}
				for _, row := range rows {
					for name, form := range forms {
						if strings.Contains(row, form) {
							h.T.Errorf("%s holds the number as %s", table, name)
						}
					}
				}
			}
			return nil
		})
	})
}
