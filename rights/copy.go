package rights

import (
	"context"
	"encoding/json"
	"strconv"

	"clew/access"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/words"
)

// Copy is what a person takes away (PIPL 45): everything held, the text agreed to,
// and the signed record.
type Copy struct {
	Record consent.Record `json:"record"`
	// Signed is the record as a compact JWS (RFC 7515) with an Ed25519 signature;
	// the keys are at /.well-known/clew/receipt-keys.json.
	Signed string `json:"signed_record"`
	// Answers are what the person filled in; absent after erasure.
	Answers map[string]string `json:"answers,omitempty"`
}

// Copy makes a person's copy, as JSON and as the signed record alone, and notes
// that one was handed out.
func (r *Room) Copy(ctx context.Context, link string) (copied []byte, signed string, err error) {
	v, err := r.Open(ctx, link)
	if err != nil {
		return nil, "", err
	}
	var c Copy
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		if c.Record, err = r.Record(ctx, tx, v.Receipt.Operator, v.Receipt.ID); err != nil {
			return err
		}
		return consent.NoteCopy(ctx, tx, v.Receipt.Operator, v.Receipt.ID, consent.ByPerson)
	})
	if err != nil {
		return nil, "", err
	}
	if c.Signed, err = consent.Sign(r.Ring, c.Record); err != nil {
		return nil, "", err
	}
	c.Answers = v.Answers
	copied, err = json.MarshalIndent(c, "", "  ")
	return copied, c.Signed, err
}

// Record writes one receipt of an operator out with the fields of ISO/IEC TS
// 27560. It holds no answer of the person.
func (r *Room) Record(ctx context.Context, tx *db.Tx, operator, id string) (consent.Record, error) {
	receipt, err := consent.Get(ctx, tx, operator, id)
	if err != nil {
		return consent.Record{}, err
	}
	notice, err := consent.FindNotice(ctx, tx, operator, receipt.Component, receipt.NoticeVersion, receipt.Lang)
	if err != nil {
		return consent.Record{}, err
	}
	standing, err := consent.State(ctx, tx, operator, id)
	if err != nil {
		return consent.Record{}, err
	}
	v, err := component.ByNumber(ctx, tx, operator, receipt.Component, receipt.ComponentVersion)
	if err != nil {
		return consent.Record{}, err
	}
	text := v.Definition.Texts[receipt.Lang]
	party := consent.Controller{
		ID: operator, Name: text.Operator, Contact: text.Complaint,
		// The standard wants an address; the operator's page is where it is found.
		Address: r.BaseURL + "/c/" + receipt.Component,
	}
	terms := consent.Terms{
		Purpose: text.Purpose, Scope: text.Scope, Manner: text.Manner, Benefit: text.Benefit,
		Retention:        words.T(receipt.Lang, "days", "n", strconv.Itoa(v.Definition.RetentionDays)),
		StorageLocations: r.Storage,
		WithdrawalMethod: words.T(receipt.Lang, "rights.withdrawal_method"),
		PrivacyRights:    text.Deletion,
		NoticeURL:        text.PrivacyURL,
	}
	for _, to := range text.Recipients {
		terms.Recipients = append(terms.Recipients, to.Name+" ("+to.Contact+")")
	}
	var fields []consent.FieldInfo
	for _, f := range v.Definition.Fields {
		fields = append(fields, consent.FieldInfo{
			ID: f.ID, Label: f.Texts[receipt.Lang].Label, Kind: string(f.Kind), Optional: !f.IsRequired(),
		})
	}
	return consent.NewRecord(receipt, notice, party, terms, fields, standing)
}

// ReadRecord is [Room.Record] for an operator's own staff and keys.
func (r *Room) ReadRecord(ctx context.Context, caller access.Caller, id string) (record consent.Record, err error) {
	if err := caller.Require(access.LeadRead); err != nil {
		return record, err
	}
	return record, r.DB.Read(ctx, func(tx *db.Tx) error {
		record, err = r.Record(ctx, tx, caller.Operator, id)
		return err
	})
}
