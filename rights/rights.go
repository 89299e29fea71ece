// Package rights keeps one promise: a person who left a number can see what was
// taken, take a copy, take consent back and have it erased, by a link alone and in
// no more steps than giving took (norm 3.1.2; PIPL 15, 44–47).
package rights

import (
	"context"
	"errors"

	"clew/access"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/lead"
	"clew/seal"
)

// ErrLink says that a link leads to nothing. It never says why.
var ErrLink = consent.ErrLink

// Room answers people.
type Room struct {
	DB     *db.DB
	Ring   *seal.Ring
	Access *access.Room
	Leads  *lead.Room
	// BaseURL is scheme and host under which people reach this server.
	BaseURL string
	// Storage says where data are kept, for records: "中国大陆".
	Storage string
}

// View is everything about one receipt, for the person it belongs to.
type View struct {
	Receipt  consent.Receipt
	Standing consent.Standing
	Notice   consent.Notice // the exact text that was agreed to
	Version  *component.Version
	Lead     lead.Lead
	// Answers are in the clear; nil after erasure.
	Answers map[string]string
}

// Open shows what a link leads to, and records that it was shown.
func (r *Room) Open(ctx context.Context, link string) (View, error) {
	receipt, err := r.receipt(ctx, link)
	if err != nil {
		return View{}, err
	}
	v := View{Receipt: receipt}
	v.Lead, v.Answers, err = r.Leads.Own(ctx, person(receipt), receipt.Lead)
	if err != nil {
		return View{}, err
	}
	return v, r.DB.Read(ctx, func(tx *db.Tx) error {
		if v.Standing, err = consent.State(ctx, tx, receipt.Operator, receipt.ID); err != nil {
			return err
		}
		if v.Notice, err = consent.FindNotice(ctx, tx, receipt.Operator, receipt.Component, receipt.NoticeVersion, receipt.Lang); err != nil {
			return err
		}
		v.Version, err = component.ByNumber(ctx, tx, receipt.Operator, receipt.Component, receipt.ComponentVersion)
		return err
	})
}

// person is the caller that a genuine link stands for.
func person(r consent.Receipt) access.Caller {
	return access.Caller{Kind: access.KindPerson, ID: r.ID, Operator: r.Operator, Test: r.Test}
}

func (r *Room) receipt(ctx context.Context, link string) (receipt consent.Receipt, err error) {
	number, err := consent.OpenLink(r.Ring, link)
	if err != nil {
		return receipt, ErrLink
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		receipt, err = consent.ByNumber(ctx, tx, number)
		return err
	})
	if errors.Is(err, consent.ErrNoReceipt) {
		err = ErrLink
	}
	return receipt, err
}

// Withdraw takes the consent back: from the next transaction on the operator
// reads nothing of the lead. Twice is no error.
func (r *Room) Withdraw(ctx context.Context, link string) error {
	receipt, err := r.receipt(ctx, link)
	if err != nil {
		return err
	}
	return r.Access.Do(ctx, person(receipt), access.ConsentWithdraw, access.Subject{Kind: "receipt", ID: receipt.ID}, "", func(tx *db.Tx) error {
		return r.Leads.Withdraw(ctx, tx, receipt.Operator, receipt.Lead, consent.ByPerson)
	})
}

// Erase destroys what was taken, at once. The receipt stays, without personal
// data, so that the person can prove later what was agreed and erased.
func (r *Room) Erase(ctx context.Context, link string) error {
	receipt, err := r.receipt(ctx, link)
	if err != nil {
		return err
	}
	return r.Access.Do(ctx, person(receipt), access.LeadErase, access.Subject{Kind: "lead", ID: receipt.Lead}, "", func(tx *db.Tx) error {
		if err := r.Leads.Withdraw(ctx, tx, receipt.Operator, receipt.Lead, consent.ByPerson); err != nil {
			return err
		}
		return r.Leads.Erase(ctx, tx, receipt.Operator, receipt.Lead, consent.ByPerson)
	})
}
