package exchange

import (
	"context"
	"net/url"
	"time"
)

// WeChat's way: a code of 5 minutes, good once, for a number that comes in clear
// over TLS with the app's watermark.

var (
	wechatCodes = map[int64]Reason{
		40029: Expired, // the code is invalid: never was, used, or too old
		40163: Used,
		48001: Denied, // the app may not call this
		40226: Denied, // a person or an app that was blocked
		45011: Unavailable,
		45009: Unavailable, // quota used up
		-1:    Unavailable,
	}
	wechatStale = map[int64]bool{40001: true, 40014: true, 42001: true}
)

// accessToken is the token of one credential version.
func (r *Room) accessToken(ctx context.Context, c opened, refused string) (string, error) {
	return r.tokens.get(ctx, "access "+credentialOwner(c.Credential), r.DB.Now, refused, func(ctx context.Context, fresh bool) (string, time.Duration, error) {
		var a struct {
			AccessToken string `json:"access_token"`
			ExpiresIn   int64  `json:"expires_in"` // seconds
			ErrCode     int64  `json:"errcode"`
		}
		host := r.Hosts.filled().WeChat
		err := twice(func() error {
			if r.OrdinaryToken {
				return r.call(ctx, host+"/cgi-bin/token", url.Values{
					"grant_type": {"client_credential"}, "appid": {c.AppID}, "secret": {c.secret},
				}, nil, nil, &a)
			}
			// A stable token stays the same until its end, refused or not, unless forced.
			return r.call(ctx, host+"/cgi-bin/stable_token", nil, nil, map[string]any{
				"grant_type": "client_credential", "appid": c.AppID, "secret": c.secret, "force_refresh": fresh,
			}, &a)
		})
		switch {
		case err != nil:
			return "", 0, err
		case a.ErrCode == -1 || a.ErrCode == 45009 || a.ErrCode == 45011:
			return "", 0, &Failed{WeChat, Unavailable, codeText(a.ErrCode)}
		case a.ErrCode != 0:
			return "", 0, &Failed{WeChat, Refused, "client_token " + codeText(a.ErrCode)}
		case a.AccessToken == "" || !printable.MatchString(a.AccessToken):
			return "", 0, &platformError{code: codeAnswer}
		}
		return a.AccessToken, time.Duration(a.ExpiresIn) * time.Second, nil
	})
}

func wechatNumber(ctx context.Context, r *Room, all []opened, g Grant) (number string, err error) {
	err = withToken(ctx, WeChat, all, r.accessToken, func(c opened, token string) error {
		var a struct {
			ErrCode   int64         `json:"errcode"`
			PhoneInfo *sealedNumber `json:"phone_info"`
		}
		err := twice(func() error {
			return r.call(ctx, r.Hosts.filled().WeChat+"/wxa/business/getuserphonenumber", url.Values{"access_token": {token}}, nil,
				map[string]string{"code": g.Code}, &a)
		})
		if err == nil {
			err = answered(WeChat, a.ErrCode, wechatCodes, wechatStale)
		}
		switch {
		case err != nil:
			return err
		case a.PhoneInfo == nil || a.PhoneInfo.text() == "":
			return &platformError{code: codeAnswer}
		case a.PhoneInfo.Watermark.AppID != c.AppID:
			return &Failed{WeChat, Refused, codeWatermark}
		}
		number = a.PhoneInfo.text()
		return nil
	})
	return number, err
}
