package rights_test

import (
	"errors"
	"strings"
	"testing"

	"clew/consent"
	"clew/lead"
	"clew/lead/leadtest"
	"clew/rights"
)

func TestThePersonSeesWithdrawsAndErases(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		r := &rights.Room{DB: h.DB, Ring: h.Ring, Access: h.Access, Leads: h.Leads, BaseURL: "https://clew.example", Storage: "中国大陆"}
		a := h.Accept("key-00000001", 1)
		link := consent.Link(h.Ring, a.Number)
		v, err := r.Open(ctx, link)
		if err != nil || v.Answers["phone"] != "+86"+leadtest.Number(1) || !v.Standing.Valid() || !strings.Contains(v.Notice.Text, "律师") {
			h.T.Fatalf("open: %v, standing %+v", err, v.Standing)
		}
		if _, err := r.Open(ctx, link[:len(link)-1]+"x"); !errors.Is(err, rights.ErrLink) {
			h.T.Errorf("a wrong link: %v", err)
		}
		_, signed, err := r.Copy(ctx, link)
		if err != nil {
			h.T.Fatal(err)
		}
		record, err := consent.VerifySigned(consent.PublicKeys(h.Ring), signed)
		if err != nil || record.RecordID != v.Receipt.ID {
			h.T.Errorf("signed copy: %+v, %v", record.RecordID, err)
		}

		for range 2 { // twice is no error
			if err := r.Withdraw(ctx, link); err != nil {
				h.T.Fatal(err)
			}
		}
		if _, err := h.Leads.Reveal(ctx, h.Owner, a.Lead, nil, "想看一下号码"); !errors.Is(err, lead.ErrWithdrawn) {
			h.T.Errorf("revealed after withdrawal: %v", err)
		}
		if l := h.List(lead.Filter{}); l[0].Masked != nil || l[0].Withdrawn.IsZero() {
			h.T.Errorf("listed after withdrawal: %+v", l[0])
		}
		if v, err = r.Open(ctx, link); err != nil || v.Answers["phone"] == "" || v.Standing.Valid() {
			h.T.Errorf("the person after withdrawal: %v", err)
		}
		if n := h.Messages("consent.withdrawn"); n != 1 {
			h.T.Errorf("%d messages of withdrawal", n)
		}

		for range 2 {
			if err := r.Erase(ctx, link); err != nil {
				h.T.Fatal(err)
			}
		}
		if n := h.Rows("lead_key") + h.Rows("lead_index"); n != 0 {
			h.T.Errorf("%d rows of key and index are left", n)
		}
		if v, err = r.Open(ctx, link); err != nil || v.Answers != nil || v.Standing.ErasedAt.IsZero() {
			h.T.Errorf("the person after erasure: %v", err)
		}
		if _, _, err := r.Copy(ctx, link); err != nil {
			h.T.Errorf("the record after erasure: %v", err)
		}
		if n := h.Messages("lead.erased"); n != 1 {
			h.T.Errorf("%d messages of erasure", n)
		}
		if n := len(h.List(lead.Filter{})) + 1 - len(h.List(lead.Filter{Erased: true})); n != 0 {
			h.T.Error("an erased lead must be listed only when asked for")
		}
		h.Accept("key-00000002", 1) // the number is free again and no duplicate
		if l := h.List(lead.Filter{}); len(l) != 1 || l[0].DuplicateOf != "" {
			h.T.Errorf("after erasure: %+v", l)
		}
	})
}
