package handover

import (
	"context"
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/finding"
	"clew/phone"
)

// Tap is a person's tap on the button that gives their number.
type Tap struct {
	App, ConfigID string
	// Subject is the host app's id of the person. It is not stored; a new tap of the
	// same person on the same component ends the code of the one before.
	Subject string
	Purpose Purpose
	Number  phone.Number
}

// IssuePhone makes a code for a person's number. The errors are [app.ErrUnknown],
// [ErrConfig], [ErrSubject], [ErrNumber], *[Misused] for a purpose that is no lead,
// *[capability.Closed] and [component.ErrInvalid] while the app may not collect.
func (r *Room) IssuePhone(ctx context.Context, caller access.Caller, t Tap) (code Code, err error) {
	subject := access.Subject{Kind: "app", ID: t.App}
	if err := r.Access.Check(ctx, caller, access.HandoverIssue, subject); err != nil {
		return Code{}, err
	}
	if err := checkSubject(t.Subject); err != nil {
		return Code{}, err
	}
	var misused error
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		misused = nil
		a, err := app.Find(ctx, tx, t.App)
		if err != nil {
			return err
		}
		target, err := component.TargetOf(ctx, tx, t.ConfigID)
		if errors.Is(err, component.ErrNoTarget) || err == nil && target.App != a.ID {
			return ErrConfig
		}
		if err != nil {
			return err
		}
		if t.Purpose != Lead {
			misused, err = r.misuse(ctx, tx, target, "issue", t.Purpose)
			return err
		}
		if t.Number.IsZero() {
			return ErrNumber
		}
		if err := mayCollect(ctx, tx, target); err != nil {
			return err
		}
		if err := r.Access.DoIn(ctx, tx, caller, access.HandoverIssue, subject, ""); err != nil {
			return err
		}
		who := hex.EncodeToString(r.Ring.MAC("handover.subject", a.ID, t.Subject))
		if _, err := tx.Exec(ctx, "delete from handover_code where operator=$1 and app=$2 and subject=$3 and config_id=$4 and used_at=0",
			a.Operator, a.ID, who, t.ConfigID); err != nil {
			return err
		}
		code, err = r.put(ctx, tx, phoneCode, a.Operator, a.ID, t.ConfigID, who, holding{Number: t.Number.E164()})
		return err
	})
	if err == nil {
		err = misused
	}
	if err != nil {
		return Code{}, err
	}
	return code, nil
}

func checkSubject(s string) error {
	if s == "" || len(s) > 128 {
		return ErrSubject
	}
	return nil
}

// mayCollect holds the app's right and the component's validity until the
// transaction ends.
func mayCollect(ctx context.Context, tx *db.Tx, t component.Target) error {
	if err := capability.Require(ctx, tx, t.Operator, t.App); err != nil {
		return err
	}
	v, err := component.ValidityOf(ctx, tx, t)
	if err != nil {
		return err
	}
	if v == component.Invalid {
		return component.ErrInvalid
	}
	return nil
}

// Claim is what an operator's server says when it trades a code in.
type Claim struct {
	Code    string
	Purpose Purpose
	// ConfigID is of the component that the server took the code for. Empty does not
	// ask; the code of another component is [ErrSpent] and stays good.
	ConfigID string
}

// Exchange trades a code of the calling app for the person's number: JSON of
// phoneNumber (E.164), purePhoneNumber, countryCode and watermark{appid, timestamp},
// encrypted by [Encrypt] under the app's public key.
//
// A code works once. It is not used up by [app.ErrNoKey], *[capability.Closed] or
// [component.ErrInvalid]. It is by *[Misused]: whoever wants the number for something else is not
// given it for a lead a moment later; the person has to tap again.
func (r *Room) Exchange(ctx context.Context, caller access.Caller, c Claim) (cipher []byte, err error) {
	subject := access.Subject{Kind: "app", ID: caller.ID}
	if err := r.Access.Check(ctx, caller, access.HandoverExchange, subject); err != nil {
		return nil, err
	}
	var misused error
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		misused = nil
		v, err := r.find(ctx, tx, phoneCode, caller.Operator, caller.ID, c.Code)
		if err != nil {
			return err
		}
		if c.ConfigID != "" && c.ConfigID != v.configID {
			return ErrSpent
		}
		target, err := component.TargetOf(ctx, tx, v.configID)
		if errors.Is(err, component.ErrNoTarget) {
			return component.ErrInvalid // deleted since
		} else if err != nil {
			return err
		}
		if c.Purpose != Lead {
			if err := spend(ctx, tx, v); err != nil {
				return err
			}
			misused, err = r.misuse(ctx, tx, target, "exchange", c.Purpose)
			return err
		}
		if err := mayCollect(ctx, tx, target); err != nil {
			return err
		}
		key, _, err := app.ActiveKey(ctx, tx, caller.Operator, caller.ID)
		if err != nil {
			return err
		}
		h, err := r.open(v)
		if err != nil {
			return err
		}
		if cipher, err = encryptNumber(key, caller.ID, tx.Now().Unix(), h.Number); err != nil {
			return err
		}
		if err := spend(ctx, tx, v); err != nil {
			return err
		}
		// Where leads are kept by the operator, this is the first the platform sees of one.
		if err := component.Activate(ctx, tx, target.Operator, target.Component); err != nil {
			return err
		}
		return r.Access.DoIn(ctx, tx, caller, access.HandoverExchange, access.Subject{Kind: "handover", ID: v.id}, "")
	})
	if err == nil {
		err = misused
	}
	if err != nil {
		return nil, err
	}
	return cipher, nil
}

func encryptNumber(key *rsa.PublicKey, appID string, at int64, e164 string) ([]byte, error) {
	n, err := phone.ParseE164(e164)
	if err != nil {
		return nil, err
	}
	type watermark struct {
		AppID     string `json:"appid"`
		Timestamp int64  `json:"timestamp"` // seconds since 1970
	}
	plain, err := json.Marshal(struct {
		PhoneNumber     string    `json:"phoneNumber"`
		PurePhoneNumber string    `json:"purePhoneNumber"`
		CountryCode     string    `json:"countryCode"`
		Watermark       watermark `json:"watermark"`
	}{n.E164(), n.National(), strings.TrimPrefix(strings.TrimSuffix(n.E164(), n.National()), "+"), watermark{appID, at}})
	if err != nil {
		return nil, err
	}
	return Encrypt(key, plain)
}

// misuse records that a component's number was asked for something else. The finding
// names the component and the purpose; repeated, it is counted.
func (r *Room) misuse(ctx context.Context, tx *db.Tx, t component.Target, where string, p Purpose) (*Misused, error) {
	did := map[string][2]string{
		"issue":    {"宿主应用为", "The host app asked for a code for "},
		"exchange": {"经营者服务器把组件的手机号代码用于", "The operator's server tried to use a component's phone code for "},
	}[where]
	zh := map[Purpose]string{Login: "登录", Bind: "绑定账号", Order: "提交订单", Benefit: "权益获取", Other: "其他用途"}[p]
	f := finding.Finding{
		Rule: "phone-scope", Clause: "3.3.scope", Verdict: finding.Violation, Capability: finding.ClueForm,
		Message:  finding.Say(did[0]+zh+"；线索组件取得的手机号只可用于留资，请求已拒绝", did[1]+string(p)+"; a number from a lead component serves leads alone, and the request was refused"),
		Place:    finding.Place{File: "components/" + t.ConfigID},
		Members:  []string{"handover", where},
		Evidence: []finding.Evidence{{Kind: "statement", Text: "purpose=" + string(p)}},
		Fix: &finding.Fix{Message: finding.Say(
			"登录、绑定、下单、权益请改用组件之外的能力", "Use another capability than the lead component for login, binding, orders and benefits")},
	}
	f.Stamp(string(p))
	id, err := r.Casework.RecordFrom(ctx, tx, "handover", t.Operator, t.App, t.Component, f)
	return &Misused{Purpose: p, Finding: id}, err
}
