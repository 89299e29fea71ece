package douyin

import (
	"encoding/base64"
	"errors"

	"clew/handover"
)

type phoneBody struct {
	Code string `json:"code"`
	// Purpose and ConfigID are this program's own. Silence means a lead, and whichever
	// component the person tapped on.
	Purpose  string `json:"purpose"`
	ConfigID string `json:"config_id"`
}

func (b *phoneBody) check() []problem { return missing("code", b.Code) }

func (w *Wire) phoneNumber(a *ask) (any, error) {
	b, err := decode[phoneBody](a.body)
	if err != nil {
		return nil, err
	}
	cipher, err := w.Handover.Exchange(a.ctx, a.caller, handover.Claim{
		Code: b.Code, Purpose: handover.ParsePurpose(b.Purpose), ConfigID: b.ConfigID,
	})
	return base64.StdEncoding.EncodeToString(cipher), err
}

type sessionBody struct {
	AppID         string `json:"appid"`
	Secret        string `json:"secret"`
	Code          string `json:"code"`
	AnonymousCode string `json:"anonymous_code"`
}

func (b *sessionBody) check() []problem {
	problems := missing("appid", b.AppID, "secret", b.Secret)
	if b.Code == "" && b.AnonymousCode == "" {
		problems = append(problems, problem{"code", "missing"})
	}
	return problems
}

func (w *Wire) session(a *ask) (any, error) {
	b, err := decode[sessionBody](a.body)
	if err != nil {
		return nil, err
	}
	caller, _, err := w.check(a, b.AppID, b.Secret)
	if err != nil {
		return nil, err
	}
	s, err := w.Handover.Session(a.ctx, caller, b.Code, b.AnonymousCode)
	if errors.Is(err, handover.ErrSpent) {
		if b.Code == "" {
			return nil, refused(spentDevice)
		}
		return nil, refused(spentLogin)
	}
	return object{
		"session_key": s.Key, "openid": s.OpenID, "unionid": s.UnionID, "anonymous_openid": s.AnonymousOpenID,
	}, err
}
