package lead_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"clew/access"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/lead"
	"clew/phone"
	"clew/rights"
)

func (h *house) agent() access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: "staff_agent", Operator: h.owner.Operator, Role: access.RoleAgent}
}

func (h *house) analyst() access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: "staff_analyst", Operator: h.owner.Operator, Role: access.RoleAnalyst}
}

func TestRevealingTakesTheRightAReasonAndLeavesARecord(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
		a := h.accept("key-00000001", 1)
		got, err := h.leads.Reveal(ctx, h.agent(), a.Lead, nil, "客户要求回电")
		if err != nil || got["phone"] != "+86"+number(1) || got["name"] != "王小明" {
			h.t.Fatalf("revealed %d fields, %v", len(got), err)
		}
		only, err := h.leads.Reveal(ctx, h.agent(), a.Lead, []string{"name"}, "客户要求回电")
		if err != nil || len(only) != 1 {
			h.t.Errorf("%d fields instead of one, %v", len(only), err)
		}
		if _, err := h.leads.Reveal(ctx, h.agent(), a.Lead, nil, ""); !errors.Is(err, access.ErrReason) {
			h.t.Errorf("no reason: %v", err)
		}
		var denied *access.Denied
		if _, err := h.leads.Reveal(ctx, h.analyst(), a.Lead, nil, "想看一下号码"); !errors.As(err, &denied) {
			h.t.Errorf("analyst: %v", err)
		}
		if _, _, err := h.leads.List(ctx, h.analyst(), lead.Filter{}, "", 10); !errors.As(err, &denied) {
			h.t.Errorf("analyst lists: %v", err)
		}
		stranger := h.owner
		stranger.Operator = "op_other"
		if _, err := h.leads.Reveal(ctx, stranger, a.Lead, nil, "别家的线索"); !errors.Is(err, lead.ErrUnknown) {
			h.t.Errorf("another operator: %v", err)
		}
		entries, _, err := h.access.Audit(ctx, h.owner, access.AuditFilter{}, "", 50)
		if err != nil {
			h.t.Fatal(err)
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
			h.t.Errorf("record: %q, want %q", seen, want)
		}
	})
}

func TestFindingByNumber(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
		a := h.accept("key-00000001", 1)
		h.accept("key-00000002", 2)
		n, err := phone.Normalize(number(1), phone.DefaultRegion)
		if err != nil {
			h.t.Fatal(err)
		}
		got, err := h.leads.Find(ctx, h.owner, n, "用户来电查询")
		if err != nil || len(got) != 1 || got[0].ID != a.Lead || got[0].Masked["phone"] == number(1) {
			h.t.Errorf("found %+v, %v", got, err)
		}
		if _, err := h.leads.Find(ctx, h.owner, n, ""); !errors.Is(err, access.ErrReason) {
			h.t.Errorf("no reason: %v", err)
		}
	})
}

func TestPagesAreWholeAndInOrder(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
		var want []string
		for i := range 25 {
			want = append(want, h.accept(fmt.Sprintf("key-%08d", i), i).Lead)
			if i%5 == 0 {
				h.clock.Advance(1_000_000) // several share an instant
			}
		}
		var got []string
		cursor := ""
		for {
			page, next, err := h.leads.List(ctx, h.owner, lead.Filter{}, cursor, 7)
			if err != nil {
				h.t.Fatal(err)
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
			h.t.Errorf("%d leads on the pages, want %d, each once", len(got), len(want))
		}
		if _, _, err := h.leads.List(ctx, h.owner, lead.Filter{}, "not a cursor", 7); !errors.Is(err, lead.ErrCursor) {
			h.t.Errorf("bad cursor: %v", err)
		}
		if n := len(h.list(lead.Filter{From: h.db.Now()})); n >= 25 || n == 0 {
			h.t.Errorf("%d leads since the last instant", n)
		}
		if n := len(h.list(lead.Filter{Component: "cmp_other"})); n != 0 {
			h.t.Errorf("%d leads of another component", n)
		}
	})
}

func TestOutcomes(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
		a := h.accept("key-00000001", 1)
		bad := func(o lead.Outcome, code string) {
			h.t.Helper()
			var e *lead.BadOutcome
			if _, err := h.leads.SetOutcome(ctx, h.agent(), a.Lead, o, 0); !errors.As(err, &e) || e.Code != code {
				h.t.Errorf("%+v: %v, want %s", o, err, code)
			}
		}
		bad(lead.Outcome{State: "lost"}, "state_unknown")
		bad(lead.Outcome{State: lead.Invalid}, "reason_needed")
		bad(lead.Outcome{State: lead.Invalid, Reason: "BORED"}, "reason_needed")
		bad(lead.Outcome{State: lead.Won, Reason: "OTHER"}, "reason_unexpected")
		bad(lead.Outcome{State: lead.Won, Note: "打 " + number(1)}, "note_has_number")
		bad(lead.Outcome{State: lead.Won, Note: strings.Repeat("长", 501)}, "note_too_long")
		l, err := h.leads.SetOutcome(ctx, h.agent(), a.Lead, lead.Outcome{State: lead.Connected, Note: "明天再联系"}, 1)
		if err != nil || l.State != lead.Connected || l.Revision != 2 {
			h.t.Fatalf("%+v, %v", l, err)
		}
		if _, err := h.leads.SetOutcome(ctx, h.agent(), a.Lead, lead.Outcome{State: lead.Won}, 1); !errors.Is(err, lead.ErrStale) {
			h.t.Errorf("stale revision: %v", err)
		}
		if _, err := h.leads.SetOutcome(ctx, h.agent(), a.Lead, lead.Outcome{State: lead.Invalid, Reason: "OTHER"}, 0); err != nil {
			h.t.Fatal(err)
		}
		steps, err := h.leads.History(ctx, h.agent(), a.Lead)
		if err != nil || len(steps) != 2 || steps[0].Note != "明天再联系" || steps[1].Reason != "OTHER" {
			h.t.Errorf("history %+v, %v", steps, err)
		}
		if n := len(h.list(lead.Filter{State: lead.Invalid})) + len(h.list(lead.Filter{State: lead.New})); n != 1 {
			h.t.Errorf("filters by state list %d", n)
		}
	})
}

func TestAnExportRunsNothingInASpreadsheet(t *testing.T) {
	each(t, func(d *component.Definition) {
		for i := range d.Fields {
			if d.Fields[i].Kind == component.KindName {
				d.Fields[i].MaxLength = 60
			}
		}
	}, func(h *house) {
		ctx := h.t.Context()
		attacks := []string{`=HYPERLINK("http://x","y")`, "+1+1", "-2+3", "@SUM(A1)", "＝1+1", `"; rm`, `a,b`, "正常"}
		for i, name := range attacks {
			s := h.submission(fmt.Sprintf("key-%08d", i), i)
			s.Answers["name"] = name
			if _, err := h.intake.Accept(ctx, s); err != nil {
				h.t.Fatal(err)
			}
		}
		export := func(reveal bool) [][]string {
			h.t.Helper()
			e, err := h.leads.BeginExport(ctx, h.owner, lead.Filter{}, reveal, "月度核对名单")
			if err != nil {
				h.t.Fatal(err)
			}
			var out bytes.Buffer
			if n, err := e.Write(ctx, &out); err != nil || n != len(attacks) {
				h.t.Fatalf("%d rows, %v", n, err)
			}
			text := out.String()
			if !strings.HasPrefix(text, "\ufeff") {
				h.t.Error("no byte order mark")
			}
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
			if err != nil {
				h.t.Fatal(err)
			}
			return rows
		}
		for _, row := range export(true)[1:] {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
					h.t.Errorf("a cell begins with %q", cell[:1])
				}
			}
		}
		clear := export(true)
		column := slices.Index(clear[0], "phone")
		if got := clear[len(clear)-1][column]; got != "86 138 0000 0000" {
			h.t.Errorf("phone cell %q", got)
		}
		for _, row := range export(false)[1:] {
			if strings.Contains(strings.Join(row, "|"), "HYPERLINK") || !strings.Contains(row[column], "***") {
				h.t.Errorf("masked export: %q", row)
			}
		}
		var denied *access.Denied
		if _, err := h.leads.BeginExport(ctx, h.agent(), lead.Filter{}, true, "想导出名单"); !errors.As(err, &denied) {
			h.t.Errorf("an agent exports in the clear: %v", err)
		}
		if _, err := h.leads.BeginExport(ctx, h.owner, lead.Filter{}, true, ""); !errors.Is(err, access.ErrReason) {
			h.t.Errorf("no reason: %v", err)
		}
	})
}

func TestThePersonSeesWithdrawsAndErases(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
		a := h.accept("key-00000001", 1)
		link := consent.Link(h.ring, a.Number)
		v, err := h.rights.Open(ctx, link)
		if err != nil || v.Answers["phone"] != "+86"+number(1) || !v.Standing.Valid() || !strings.Contains(v.Notice.Text, "律师") {
			h.t.Fatalf("open: %v, standing %+v", err, v.Standing)
		}
		if _, err := h.rights.Open(ctx, link[:len(link)-1]+"x"); !errors.Is(err, rights.ErrLink) {
			h.t.Errorf("a wrong link: %v", err)
		}
		_, signed, err := h.rights.Copy(ctx, link)
		if err != nil {
			h.t.Fatal(err)
		}
		record, err := consent.VerifySigned(consent.PublicKeys(h.ring), signed)
		if err != nil || record.RecordID != v.Receipt.ID {
			h.t.Errorf("signed copy: %+v, %v", record.RecordID, err)
		}

		for range 2 { // twice is no error
			if err := h.rights.Withdraw(ctx, link); err != nil {
				h.t.Fatal(err)
			}
		}
		if _, err := h.leads.Reveal(ctx, h.owner, a.Lead, nil, "想看一下号码"); !errors.Is(err, lead.ErrWithdrawn) {
			h.t.Errorf("revealed after withdrawal: %v", err)
		}
		if l := h.list(lead.Filter{}); l[0].Masked != nil || l[0].Withdrawn.IsZero() {
			h.t.Errorf("listed after withdrawal: %+v", l[0])
		}
		if v, err = h.rights.Open(ctx, link); err != nil || v.Answers["phone"] == "" || v.Standing.Valid() {
			h.t.Errorf("the person after withdrawal: %v", err)
		}
		if n := h.messages("consent.withdrawn"); n != 1 {
			h.t.Errorf("%d messages of withdrawal", n)
		}

		for range 2 {
			if err := h.rights.Erase(ctx, link); err != nil {
				h.t.Fatal(err)
			}
		}
		if n := h.rows("lead_key") + h.rows("lead_index"); n != 0 {
			h.t.Errorf("%d rows of key and index are left", n)
		}
		if v, err = h.rights.Open(ctx, link); err != nil || v.Answers != nil || v.Standing.ErasedAt.IsZero() {
			h.t.Errorf("the person after erasure: %v", err)
		}
		if _, _, err := h.rights.Copy(ctx, link); err != nil {
			h.t.Errorf("the record after erasure: %v", err)
		}
		if n := h.messages("lead.erased"); n != 1 {
			h.t.Errorf("%d messages of erasure", n)
		}
		if n := len(h.list(lead.Filter{})) + 1 - len(h.list(lead.Filter{Erased: true})); n != 0 {
			h.t.Error("an erased lead must be listed only when asked for")
		}
		h.accept("key-00000002", 1) // the number is free again and no duplicate
		if l := h.list(lead.Filter{}); len(l) != 1 || l[0].DuplicateOf != "" {
			h.t.Errorf("after erasure: %+v", l)
		}
	})
}

func TestRetentionErases(t *testing.T) {
	each(t, func(d *component.Definition) { d.RetentionDays = 30 }, func(h *house) {
		ctx := h.t.Context()
		h.accept("key-00000001", 1)
		kept := h.accept("key-00000002", 2)
		if err := h.rights.Withdraw(ctx, consent.Link(h.ring, kept.Number)); err != nil {
			h.t.Fatal(err)
		}
		sweep := func(want int) {
			h.t.Helper()
			if n, err := h.leads.Sweep(ctx); err != nil || n != want {
				h.t.Errorf("swept %d, %v; want %d", n, err, want)
			}
		}
		sweep(0)
		h.clock.Advance(7 * day)
		sweep(1) // the withdrawn one
		h.clock.Advance(23 * day)
		sweep(1)
		if n := h.rows("lead_key") + h.rows("lead_once"); n != 0 {
			h.t.Errorf("%d keys and idempotency answers are left", n)
		}
	})
}

func TestRewrappingMovesEveryKey(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
		a := h.accept("key-00000001", 1)
		path := h.t.TempDir() + "/keys.json"
		next, err := h.ring.BeginEpoch(path, h.db.Now())
		if err != nil {
			h.t.Fatal(err)
		}
		h.leads.Ring = next
		for _, want := range []int{1, 0} {
			if n, err := h.leads.Rewrap(ctx); err != nil || n != want {
				h.t.Fatalf("moved %d, %v; want %d", n, err, want)
			}
		}
		if h.leads.Ring, err = next.EndEpochs(path); err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.leads.Reveal(ctx, h.owner, a.Lead, nil, "轮换之后再看"); err != nil {
			h.t.Errorf("after the old epoch ended: %v", err)
		}
	})
}

// Whatever happened to a lead, its number is nowhere in the store in any form that
// can be found.
func TestNoTableHoldsANumber(t *testing.T) {
	each(t, nil, func(h *house) {
		a := h.accept("key-00000001", 12345678)
		if _, err := h.leads.Reveal(h.t.Context(), h.owner, a.Lead, nil, "客户要求回电"); err != nil {
			h.t.Fatal(err)
		}
		forms := needles(number(12345678))
		h.write(func(tx *db.Tx) error {
			for _, table := range []string{"lead", "lead_key", "lead_index", "lead_once", "receipt", "receipt_event", "outbox", "audit"} {
				rows, err := db.Collect(h.t.Context(), tx, dump, "select * from "+table)
				if err != nil {
					return err
				}
				if len(rows) == 0 {
					h.t.Errorf("%s is empty: this test proves nothing about it", table)
				}
				for _, row := range rows {
					for name, form := range forms {
						if strings.Contains(row, form) {
							h.t.Errorf("%s holds the number as %s", table, name)
						}
					}
				}
			}
			return nil
		})
	})
}
