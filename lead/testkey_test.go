package lead_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"clew/access"
	"clew/lead"
	"clew/lead/leadtest"
	"clew/phone"
)

// A test key is given to people and programs that must not see anybody: to them a
// lead that is no test does not exist.
func TestATestKeySeesTestLeadsOnly(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		live := h.Accept("key-00000001", 1)
		s := h.Submission("key-00000002", 1)
		s.Form.Test = true
		test, err := h.Intake.Accept(ctx, s)
		if err != nil {
			h.T.Fatal(err)
		}
		key := access.Caller{
			Kind: access.KindKey, ID: "key_test", Operator: h.Owner.Operator, Test: true,
			Scopes: access.ScopeRead | access.ScopeReveal | access.ScopeWrite,
		}
		const reason = "try the interface"

		list, _, err := h.Leads.List(ctx, key, lead.Filter{}, "", 0)
		if err != nil || len(list) != 1 || list[0].ID != test.Lead {
			h.T.Errorf("list: %d leads, %v", len(list), err)
		}
		number, err := phone.Normalize(leadtest.Number(1), phone.DefaultRegion)
		if err != nil {
			h.T.Fatal(err)
		}
		found, err := h.Leads.Find(ctx, key, number, reason)
		if err != nil || len(found) != 1 || found[0].ID != test.Lead {
			h.T.Errorf("find: %d leads, %v", len(found), err)
		}
		for _, reveal := range []bool{false, true} {
			export, err := h.Leads.BeginExport(ctx, key, lead.Filter{}, reveal, reason)
			if err != nil {
				h.T.Fatal(err)
			}
			var out bytes.Buffer
			if _, err := export.Write(ctx, &out); err != nil {
				h.T.Fatal(err)
			}
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
			if err != nil || len(rows) != 2 || rows[1][0] != test.Lead {
				h.T.Errorf("export (reveal %v): %d rows, %v", reveal, len(rows), err)
			}
		}
		for what, do := range map[string]func(id string) error{
			"get":     func(id string) error { _, err := h.Leads.Get(ctx, key, id); return err },
			"reveal":  func(id string) error { _, err := h.Leads.Reveal(ctx, key, id, nil, reason); return err },
			"history": func(id string) error { _, err := h.Leads.History(ctx, key, id); return err },
			"outcome": func(id string) error {
				_, err := h.Leads.SetOutcome(ctx, key, id, lead.Outcome{State: lead.Won}, 0)
				return err
			},
		} {
			if err := do(live.Lead); !errors.Is(err, lead.ErrUnknown) {
				h.T.Errorf("%s of a lead that is no test: %v", what, err)
			}
			if err := do(test.Lead); err != nil {
				h.T.Errorf("%s of a test lead: %v", what, err)
			}
		}
		if err := h.Leads.EraseByStaff(ctx, key, live.Lead, reason); !errors.Is(err, lead.ErrUnknown) {
			h.T.Errorf("erase of a lead that is no test: %v", err)
		}
		if l, err := h.Leads.Get(ctx, h.Owner, live.Lead); err != nil || l.State != lead.New || !l.Erased.IsZero() {
			h.T.Errorf("the lead was changed: %+v, %v", l.State, err)
		}
		if err := h.Leads.EraseByStaff(ctx, key, test.Lead, reason); err != nil {
			h.T.Errorf("erase of a test lead: %v", err)
		}
	})
}

// Somebody who tried the page with their own number must not thereby hide the lead
// they leave later.
func TestATestIsNoDuplicateOfALead(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		s := h.Submission("key-00000001", 1)
		s.Form.Test = true
		if _, err := h.Intake.Accept(h.T.Context(), s); err != nil {
			h.T.Fatal(err)
		}
		live := h.Accept("key-00000002", 1)
		if l := h.List(lead.Filter{NoTest: true}); len(l) != 1 || l[0].ID != live.Lead || l[0].DuplicateOf != "" {
			h.T.Errorf("the lead after a test: %+v", l)
		}
		if n := h.Messages("lead.created"); n != 2 {
			h.T.Errorf("%d messages", n)
		}
		h.Accept("key-00000003", 1)
		if l := h.List(lead.Filter{NoTest: true}); len(l) != 1 {
			h.T.Errorf("%d leads of one number", len(l))
		}
	})
}

func TestANoteHoldsNoNumberHoweverItIsWritten(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		a := h.Accept("key-00000001", 1)
		n := leadtest.Number(1)
		arabic := strings.Map(func(c rune) rune { return c - '0' + '٠' }, n)
		for _, note := range []string{
			n, n[:3] + "." + n[3:7] + "." + n[7:], n[:3] + "/" + n[3:7] + "/" + n[7:], "微信 (" + n[:5] + ")(" + n[5:] + ")", arabic,
			"第一行\n" + n[:3] + "·" + n[3:7] + "·" + n[7:],
		} {
			var bad *lead.BadOutcome
			_, err := h.Leads.SetOutcome(h.T.Context(), h.Owner, a.Lead, lead.Outcome{State: lead.Connected, Note: note}, 0)
			if !errors.As(err, &bad) || bad.Code != "note_has_number" {
				h.T.Errorf("a note with a number in it: %v", err)
			}
		}
		for _, note := range []string{"", "2026.11.23 再联系", "两行\n都没有号码"} {
			if _, err := h.Leads.SetOutcome(h.T.Context(), h.Owner, a.Lead, lead.Outcome{State: lead.Connected, Note: note}, 0); err != nil {
				h.T.Errorf("note %q: %v", note, err)
			}
		}
	})
}
