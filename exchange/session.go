package exchange

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/url"
)

// The older way of Douyin, which WeChat's older one is too: the page has the number
// sealed under the key of its session, and a login code that tells us the key. The
// login must come before the tap: a later one changes the key.

// jscode2session's codes; any other refuses.
var (
	douyinSessionCodes = map[int64]Reason{
		28005187: Expired, 28001005: Unavailable, 28001006: Unavailable, 28003017: Unavailable, -1: Unavailable,
		40018: Expired, // Douyin: the login code is wrong
		40019: Expired, // Douyin: the anonymous code is wrong
	}
	wechatSessionCodes = map[int64]Reason{40029: Expired, 40163: Used, 45011: Unavailable, -1: Unavailable, 40226: Denied, 48001: Denied}
	// Codes that say that appid or secret is wrong: an older version may be right.
	wrongSecret = map[Platform]map[int64]bool{
		Douyin: {40015: true, 40017: true, 28001003: true},
		WeChat: {40013: true, 40125: true},
	}
)

func sessionNumber(ctx context.Context, r *Room, all []opened, g Grant) (string, error) {
	iv, errIV := unbase64(g.IV)
	sealed, errSealed := unbase64(g.EncryptedData)
	if errIV != nil || errSealed != nil || len(iv) != 16 || len(sealed) == 0 || len(sealed)%16 != 0 {
		// Told apart here, because the login code is not spent yet.
		return "", &Failed{g.Platform, Refused, codeDecrypt}
	}
	var last error = &Failed{g.Platform, Refused, codeCredential}
	for _, c := range all {
		if c.secret == "" {
			continue
		}
		session, code, err := r.session(ctx, c, g)
		if err != nil {
			last = err
			if wrongSecret[g.Platform][code] {
				continue
			}
			break
		}
		key, err := unbase64(session)
		if err != nil || len(key) != 16 {
			return "", &Failed{g.Platform, Unavailable, codeAnswer}
		}
		if g.RawData != "" && subtle.ConstantTimeCompare([]byte(RawSignature(g.RawData, session)), []byte(g.Signature)) != 1 {
			return "", &Failed{g.Platform, Refused, codeSignature}
		}
		plain, good := openCBC(key, iv, sealed)
		return readNumber(g.Platform, plain, good, c.AppID)
	}
	return "", failed(g.Platform, last)
}

// session turns a login code into the session's key. The code of the platform's
// answer comes back beside the error.
func (r *Room) session(ctx context.Context, c opened, g Grant) (key string, code int64, err error) {
	hosts := r.Hosts.filled()
	if g.Platform == WeChat {
		var a struct {
			SessionKey string `json:"session_key"`
			ErrCode    int64  `json:"errcode"`
		}
		err = twice(func() error {
			return r.call(ctx, hosts.WeChat+"/sns/jscode2session", url.Values{
				"appid": {c.AppID}, "secret": {c.secret}, "js_code": {g.LoginCode}, "grant_type": {"authorization_code"},
			}, nil, nil, &a)
		})
		if err == nil {
			err = answered(WeChat, a.ErrCode, wechatSessionCodes, nil)
		}
		return a.SessionKey, a.ErrCode, err
	}
	var a struct {
		ErrNo int64 `json:"err_no"`
		Data  struct {
			SessionKey string `json:"session_key"`
		} `json:"data"`
	}
	err = twice(func() error {
		return r.call(ctx, hosts.DouyinLegacy+"/api/apps/v2/jscode2session", nil, nil, map[string]string{
			"appid": c.AppID, "secret": c.secret, "code": g.LoginCode, "anonymous_code": "",
		}, &a)
	})
	if err == nil {
		err = answered(Douyin, a.ErrNo, douyinSessionCodes, nil)
	}
	if errors.Is(err, errToken) {
		err = &Failed{Douyin, Refused, codeText(a.ErrNo)}
	}
	return a.Data.SessionKey, a.ErrNo, err
}
