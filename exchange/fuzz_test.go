package exchange

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// FuzzPush: what is read of an event is an event's name and a harmless challenge.
func FuzzPush(f *testing.F) {
	for _, s := range []string{
		`{"event":"verify_webhook","client_key":"tt1","content":{"challenge":12345}}`, `{"event":"verify_webhook","content":"{\"challenge\":1}"}`,
		`{"event":"dial_phone","from_user_id":"a","to_user_id":"b","client_key":"tt1"}`, `{"event":"im_receive_msg","content":{"card_data":[]}}`, `{`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := readPush(body)
		if err != nil {
			return
		}
		if !json.Valid(body) || !eventShape.MatchString(p.Event) {
			t.Fatalf("taken: %q", body)
		}
		if p.Event == eventVerify {
			c := bytes.TrimSpace(p.Content.Challenge)
			if !json.Valid(c) || bytes.ContainsAny(c, "<>&\\") || len(c) > 130 {
				t.Fatalf("challenge %q", c)
			}
		}
	})
}

// FuzzOpenCBC: padding is taken off exactly where it is one.
func FuzzOpenCBC(f *testing.F) {
	f.Add([]byte("{}"), byte(14))
	f.Add([]byte{}, byte(0))
	f.Add(bytes.Repeat([]byte{16}, 16), byte(16))
	f.Add([]byte(`{"purePhoneNumber":"1","watermark":{"appid":"a"}}`), byte(1))
	key, iv := bytes.Repeat([]byte{1}, 16), make([]byte, 16)
	f.Fuzz(func(t *testing.T, text []byte, last byte) {
		padded := append(append([]byte{}, text...), last)
		for len(padded)%16 != 0 {
			padded = append([]byte{'x'}, padded...)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		sealed := make([]byte, len(padded))
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(sealed, padded)
		n := int(padded[len(padded)-1])
		want := n >= 1 && n <= 16 && bytes.HasSuffix(padded, bytes.Repeat([]byte{byte(n)}, min(n, 16)))
		plain, good := openCBC(key, iv, sealed)
		if good != want || good && !bytes.Equal(plain, padded[:len(padded)-n]) {
			t.Fatalf("%x: good %v", padded, good)
		}
		_, _ = openCBC(text, iv, sealed) // whatever the key
		_, _ = openCBC(key, iv, text)
	})
}

// FuzzNumber: nothing is a number of this app without its watermark.
func FuzzNumber(f *testing.F) {
	f.Add([]byte(`{"phoneNumber":"+861","purePhoneNumber":"1","countryCode":"86","watermark":{"appid":"mine","timestamp":1}}`))
	f.Add([]byte(`{"purePhoneNumber":"1","countryCode":86,"watermark":{"appid":"other"}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, plain []byte) {
		text, err := readNumber(Douyin, plain, true, "mine")
		if err == nil && (text == "" || !bytes.Contains(plain, []byte("mine")) && !bytes.Contains(plain, []byte(`\u`))) {
			t.Fatalf("%q is %q", plain, text)
		}
		if _, err := readNumber(Douyin, plain, false, "mine"); err == nil {
			t.Fatal("a number out of what could not be decrypted")
		}
	})
}

// FuzzEnvelope: what Alipay did not sign gives no number, and a refusal repeats no
// text of the sender's.
func FuzzEnvelope(f *testing.F) {
	for _, s := range []string{
		`{"response":"AAAA","sign":"AAAA","sign_type":"RSA2"}`, `{"code":"40001","subCode":"isv.missing-encrypt-key"}`,
		`{"response":{"code":"10000","mobile":"1"}}`, `AAAA`, `{`, `{"response":null}`,
	} {
		f.Add(s, "AAAA")
	}
	code := regexp.MustCompile(`^[a-z._-]{1,200}$`)
	f.Fuzz(func(t *testing.T, text, sign string) {
		g := Grant{Platform: Alipay, Response: text, Sign: sign}
		_, err := alipayNumber(t.Context(), nil, nil, g)
		known, ok := err.(*Failed)
		if !ok || !code.MatchString(known.Code) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// FuzzKeys: a key is read or refused with one of five codes.
func FuzzKeys(f *testing.F) {
	f.Add("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
	f.Add("MIIB")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		for _, read := range []func(string) error{
			func(s string) error { _, err := parsePrivateKey(s); return err },
			func(s string) error { _, err := parsePublicKey(s); return err },
		} {
			if err := read(text); err != nil && !strings.Contains(" malformed encrypted other algorithm bits ", " "+err.Error()+" ") {
				t.Fatal(err)
			}
		}
	})
}

// FuzzAnswer: Douyin's data in any shape is read or refused.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{`{"err_no":0,"data":"AAAA"}`, `{"data":{"encryptedData":"A"}}`, `{"data":{"encrypted_data":"A"}}`, `{"data":7}`, `{"data":null}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var a douyinAnswer
		if json.Unmarshal(raw, &a) == nil && a.Data != "" && !bytes.Contains(raw, []byte("data")) && !bytes.ContainsAny(raw, `\DATA`) {
			t.Fatalf("%q", raw)
		}
		_, _ = unbase64(string(a.Data))
	})
}
