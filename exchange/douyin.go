package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Douyin's new way: a code of 5 minutes, good once, for a number sealed to the
// application's public key.

// douyinCodes are the answers that mean something to us; any other code refuses.
var douyinCodes = map[int64]Reason{
	28005187: Expired, // used or expired
	10101:    Denied,
	28001014: Denied, // granted nothing
	28001016: Denied, // app banned or off line
	28001018: Denied, // does not hold the capability
	28001019: Denied, // the capability is banned
	28001005: Unavailable,
	28001006: Unavailable,
	28003017: Unavailable, // quota used up
}

// douyinToken are the codes for a token that is no longer, or was never, good. The
// phone code is not spent by them.
var douyinToken = map[int64]bool{28001003: true, 28001008: true, 2190002: true, 2190008: true, 10008: true}

var errToken = errors.New("the access token is refused")

// answered turns a platform's code into a failure; nil for zero.
func answered(p Platform, code int64, reasons map[int64]Reason, stale map[int64]bool) error {
	switch {
	case code == 0:
		return nil
	case stale[code]:
		return errToken
	}
	reason, known := reasons[code]
	if !known {
		reason = Refused
	}
	return &Failed{p, reason, codeText(code)}
}

// codeText writes a platform's code; none is longer than 9 digits, and what is
// could be somebody's number.
func codeText(code int64) string {
	if code < -999_999_999 || code > 999_999_999 {
		return codeAnswer
	}
	return strconv.FormatInt(code, 10)
}

// clientToken is the token of one credential version.
func (r *Room) clientToken(ctx context.Context, c opened, refused string) (string, error) {
	return r.tokens.get(ctx, "client "+credentialOwner(c.Credential), r.DB.Now, refused, func(ctx context.Context, _ bool) (string, time.Duration, error) {
		var a struct {
			Data struct {
				AccessToken string `json:"access_token"`
				ExpiresIn   int64  `json:"expires_in"` // seconds
				ErrorCode   int64  `json:"error_code"`
			} `json:"data"`
			ErrNo int64 `json:"err_no"`
		}
		err := twice(func() error {
			return r.call(ctx, r.Hosts.filled().DouyinOpen+"/oauth/client_token/", nil, nil, map[string]string{
				"grant_type": "client_credential", "client_key": c.AppID, "client_secret": c.secret,
			}, &a)
		})
		if err != nil {
			return "", 0, err
		}
		code := a.Data.ErrorCode
		if code == 0 {
			code = a.ErrNo
		}
		switch {
		case code != 0:
			return "", 0, &Failed{Douyin, Refused, "client_token " + codeText(code)}
		case a.Data.AccessToken == "" || !printable.MatchString(a.Data.AccessToken):
			return "", 0, &platformError{code: codeAnswer}
		}
		return a.Data.AccessToken, time.Duration(a.Data.ExpiresIn) * time.Second, nil
	})
}

// withToken calls do with a token of the newest version that gets one, and once
// more with a fresh one when it is refused.
func withToken(ctx context.Context, p Platform, all []opened, get func(ctx context.Context, c opened, refused string) (string, error), do func(c opened, token string) error) error {
	var last error = &Failed{p, Refused, codeCredential}
	for _, c := range all {
		if c.secret == "" {
			continue
		}
		token, err := get(ctx, c, "")
		if err == nil {
			err = do(c, token)
			if errors.Is(err, errToken) {
				if token, err = get(ctx, c, token); err == nil {
					err = do(c, token)
				}
			}
		}
		if err == nil {
			return nil
		}
		if errors.Is(err, errToken) {
			err = &Failed{p, Unavailable, "token"}
		}
		last = err
		// Only a refused secret makes an older version worth a try: everything else
		// would be the same, and a code that was taken is spent.
		var f *Failed
		if !errors.As(err, &f) || !tokenRefused(f.Code) {
			break
		}
	}
	return failed(p, last)
}

func tokenRefused(code string) bool {
	var n int64
	_, err := fmt.Sscanf(code, "client_token %d", &n)
	return err == nil
}

// sealedText is Douyin's data: a text, or an object that holds one.
type sealedText string

func (s *sealedText) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*s = sealedText(text)
		return nil
	}
	var object struct {
		Snake string `json:"encrypted_data"`
		Camel string `json:"encryptedData"`
	}
	if err := json.Unmarshal(raw, &object); err != nil {
		return err
	}
	if object.Snake == "" {
		object.Snake = object.Camel
	}
	*s = sealedText(object.Snake)
	return nil
}

// douyinAnswer is the answer of get_phonenumber_info.
type douyinAnswer struct {
	ErrNo int64      `json:"err_no"`
	Data  sealedText `json:"data"`
}

func douyinNumber(ctx context.Context, r *Room, all []opened, g Grant) (number string, err error) {
	keyed := 0
	for _, c := range all {
		if c.private != nil {
			keyed++
		}
	}
	if keyed == 0 {
		// Asking would spend the code for what nobody here can open.
		return "", &Failed{Douyin, Refused, codeCredential}
	}
	var sealed string
	var from opened
	err = withToken(ctx, Douyin, all, r.clientToken, func(c opened, token string) error {
		var a douyinAnswer
		if err := r.douyinCall(ctx, "/api/apps/v1/get_phonenumber_info/", token, map[string]string{"code": g.Code}, &a, func() int64 { return a.ErrNo }); err != nil {
			return err
		}
		sealed, from = string(a.Data), c
		return nil
	})
	if err != nil {
		return "", err
	}
	raw, err := unbase64(sealed)
	if err != nil {
		return "", &Failed{Douyin, Refused, codeDecrypt}
	}
	// The platform seals to the key that was uploaded last, at once: it may be newer
	// or older than the version whose secret was accepted.
	err = &Failed{Douyin, Refused, codeDecrypt}
	for _, c := range all {
		if c.private == nil {
			continue
		}
		plain, bad := openRSA(c.private, raw)
		number, one := readNumber(Douyin, plain, bad == nil, from.AppID)
		if one == nil {
			return number, nil
		}
		if bad == nil {
			err = one
		}
	}
	return "", err
}

// douyinCall asks once, and once more when the platform says that it failed itself.
func (r *Room) douyinCall(ctx context.Context, path, token string, body, out any, code func() int64) error {
	try := func() error {
		return r.call(ctx, r.Hosts.filled().DouyinOpen+path, nil, map[string]string{"access-token": token}, body, out)
	}
	if err := twice(try); err != nil {
		return err
	}
	if c := code(); c == 28001005 || c == 28001006 {
		if err := try(); err != nil {
			return err
		}
	}
	return answered(Douyin, code(), douyinCodes, douyinToken)
}
