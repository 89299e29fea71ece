package lead

import (
	"context"

	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/phone"
)

// CodeRequest asks for a one-time code to be sent.
type CodeRequest struct {
	Form     consent.Form
	Act      consent.Act
	Phone    string // as typed
	Address  string // of the client; kept as a keyed tag
	Solution phone.Solution
	// NoScript marks the plain page, which cannot solve a puzzle and has tighter
	// caps instead.
	NoScript bool
}

// SendCode sends a code to a number whose holder has consented just now. Before
// the consent holds, the number is not looked at. Errors: those of [Intake.Accept]
// and of phone.Room.SendCode.
func (in *Intake) SendCode(ctx context.Context, r CodeRequest) (phone.Sent, error) {
	v, err := in.versions.get(ctx, r.Form.Component, r.Form.Version)
	if err != nil {
		return phone.Sent{}, err
	}
	notice := v.notices[r.Form.Lang]
	if err := consent.Prove(r.Act, r.Form, notice, v.required, v.optional, in.DB.Now()); err != nil {
		return phone.Sent{}, err
	}
	field, _ := v.Definition.Phone()
	only := v.Definition
	only.Fields = []component.Field{field}
	answers, problems := only.Parse(map[string]string{field.ID: r.Phone}, r.Form.Lang)
	if len(problems) > 0 {
		return phone.Sent{}, &BadAnswers{problems}
	}
	// A closed capability sends nothing either.
	if err := in.DB.Read(ctx, func(tx *db.Tx) error {
		if err := capability.Require(ctx, tx, v.Operator, v.App); err != nil {
			return err
		}
		return component.Valid(ctx, tx, v.Operator, v.App, v.Component)
	}); err != nil {
		return phone.Sent{}, err
	}
	return in.Phone.SendCode(ctx, phone.SendRequest{
		Operator: v.Operator, Component: v.Component, Number: answers[0].Phone, Address: r.Address, Lang: r.Form.Lang,
		Brand: v.Definition.Texts[r.Form.Lang].Operator, Solution: r.Solution, NoScript: r.NoScript, ConsentHash: notice.Hash,
	})
}
