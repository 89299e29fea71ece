package exchange

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
)

// Alipay's way: my.getPhoneNumber gives the page a text sealed with the app's AES
// key and signed by Alipay; nothing is asked of a server. The text carries neither
// a time nor an id, so that one that was seen could be sent again: [Room.Phone]
// refuses that for as long as it remembers.

// envelope is what the page is given.
type envelope struct {
	// Response is a text of base64 when it is sealed, an object when it is not.
	Response json.RawMessage `json:"response"`
	Sign     string          `json:"sign"`
	SignType string          `json:"sign_type"`
	alipayAnswer
}

// alipayAnswer is what is inside, or stands bare where nothing could be sealed.
type alipayAnswer struct {
	Code     string `json:"code"`
	SubCode  string `json:"subCode"`
	SubCode2 string `json:"sub_code"`
	Mobile   string `json:"mobile"`
}

var subCodeShape = regexp.MustCompile(`^[a-z]{2,8}(\.[a-z-]{1,60}){1,4}$`)

// refusal is nil for an answer that holds a number.
func (a alipayAnswer) refusal() error {
	sub := a.SubCode
	if sub == "" {
		sub = a.SubCode2
	}
	if a.Code == "10000" && a.Mobile != "" {
		return nil
	}
	f := &Failed{Alipay, Refused, codeAnswer}
	if subCodeShape.MatchString(sub) {
		f.Code = sub
	}
	switch {
	case sub == "isv.invalid-auth-relations", strings.HasPrefix(sub, "isv.insufficient-"):
		f.Reason = Denied
	case a.Code == "20000", strings.HasPrefix(sub, "aop."), strings.HasPrefix(sub, "isp."):
		f.Reason = Unavailable
	}
	return f
}

// readEnvelope takes the text apart: the whole JSON, or the sealed text alone with
// its signature beside it.
func readEnvelope(g Grant) (sealed, sign string, err error) {
	text := strings.TrimSpace(g.Response)
	if !strings.HasPrefix(text, "{") {
		return text, g.Sign, nil
	}
	var e envelope
	if json.Unmarshal([]byte(text), &e) != nil {
		return "", "", &Failed{Alipay, Refused, codeAnswer}
	}
	if e.SignType != "" && e.SignType != "RSA2" {
		return "", "", &Failed{Alipay, Refused, codeSignature}
	}
	if e.Sign == "" {
		e.Sign = g.Sign
	}
	if e.Response == nil {
		return "", "", bare(e.alipayAnswer)
	}
	if json.Unmarshal(e.Response, &sealed) == nil {
		return sealed, e.Sign, nil
	}
	var inside alipayAnswer
	if json.Unmarshal(e.Response, &inside) != nil {
		return "", "", &Failed{Alipay, Refused, codeAnswer}
	}
	return "", "", bare(inside)
}

// bare judges an answer that nobody sealed: it may refuse, but it gives no number.
func bare(a alipayAnswer) error {
	if err := a.refusal(); err != nil {
		return err
	}
	return &Failed{Alipay, Refused, codeDecrypt}
}

func alipayNumber(_ context.Context, _ *Room, all []opened, g Grant) (string, error) {
	sealed, sign, err := readEnvelope(g)
	if err != nil {
		return "", err
	}
	raw, errSealed := unbase64(sealed)
	signature, errSign := unbase64(sign)
	if errSealed != nil || errSign != nil || len(raw) == 0 || len(signature) == 0 {
		return "", &Failed{Alipay, Refused, codeSignature}
	}
	err = &Failed{Alipay, Refused, codeCredential}
	for _, c := range all {
		if c.public == nil || c.aes == nil {
			continue
		}
		number, one := openAlipay(c, sealed, raw, signature)
		if one == nil {
			return number, nil
		}
		// The newest version's answer stands, unless an older one got further.
		var f, was *Failed
		if errors.As(one, &f) && errors.As(err, &was) && (was.Code == codeCredential || was.Code == codeSignature) {
			err = f
		}
	}
	return "", err
}

// openAlipay checks the signature first: nothing that Alipay did not sign is
// decrypted, so that there is no oracle. What is signed is the sealed text as a
// JSON value, its quotes included.
func openAlipay(c opened, sealed string, raw, signature []byte) (string, error) {
	sum := sha256.Sum256([]byte(`"` + sealed + `"`))
	if rsa.VerifyPKCS1v15(c.public, crypto.SHA256, sum[:], signature) != nil {
		return "", &Failed{Alipay, Refused, codeSignature}
	}
	plain, good := openCBC(c.aes, make([]byte, 16), raw)
	var a alipayAnswer
	err := json.Unmarshal(bytes.TrimSpace(plain), &a)
	if err != nil || !good {
		return "", &Failed{Alipay, Refused, codeDecrypt}
	}
	if err := a.refusal(); err != nil {
		return "", err
	}
	return a.Mobile, nil
}
