package exchange

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the platforms' own signature
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
)

// errDecrypt is every way in which a ciphertext can be wrong. Telling them apart
// would tell whoever sends made-up ciphertexts what they open to (a padding oracle,
// Vaudenay 2002; Bleichenbacher 1998).
var errDecrypt = errors.New("cannot be decrypted")

// openRSA opens a text that was cut into pieces of k-11 bytes and sealed piece by
// piece with PKCS#1 v1.5 (k: the key's bytes), as Douyin does.
func openRSA(key *rsa.PrivateKey, sealed []byte) ([]byte, error) {
	k := key.Size()
	if len(sealed) == 0 || len(sealed)%k != 0 || len(sealed) > maxSealed {
		return nil, errDecrypt
	}
	var out []byte
	good := true
	for len(sealed) > 0 {
		// What is opened comes from the platform over TLS and from nobody else: no stranger
		// can send made-up ciphertexts and watch.
		//lint:ignore SA1019 Douyin seals with PKCS#1 v1.5 and with nothing else
		part, err := rsa.DecryptPKCS1v15(nil, key, sealed[:k])
		good = good && err == nil
		out = append(out, part...)
		sealed = sealed[k:]
	}
	if !good {
		return nil, errDecrypt
	}
	return out, nil
}

// openCBC opens AES-CBC with PKCS#7 padding. good is false for whatever is wrong; the
// plain text then is not one, and is there so that what follows runs just the same.
func openCBC(key, iv, sealed []byte) (plain []byte, good bool) {
	block, err := aes.NewCipher(key)
	if err != nil || len(iv) != aes.BlockSize || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, false
	}
	plain = make([]byte, len(sealed))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, sealed)
	// The padding is judged without a branch on what it is.
	pad := int(plain[len(plain)-1])
	ok := subtle.ConstantTimeLessOrEq(1, pad) & subtle.ConstantTimeLessOrEq(pad, aes.BlockSize)
	for i := 1; i <= aes.BlockSize; i++ {
		inside := subtle.ConstantTimeLessOrEq(i, pad)
		same := subtle.ConstantTimeByteEq(plain[len(plain)-i], byte(pad))
		ok &= subtle.ConstantTimeSelect(inside, same, 1)
	}
	return plain[:len(plain)-subtle.ConstantTimeSelect(ok, pad, 0)], ok == 1
}

// sealedNumber is what Douyin and WeChat seal.
type sealedNumber struct {
	PhoneNumber     string      `json:"phoneNumber"`
	PurePhoneNumber string      `json:"purePhoneNumber"`
	CountryCode     countryCode `json:"countryCode"`
	Watermark       struct {
		AppID string `json:"appid"`
	} `json:"watermark"`
}

// countryCode is written as a text or as a number.
type countryCode string

func (c *countryCode) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		*c = countryCode(text)
		return nil
	}
	var n int
	if err := json.Unmarshal(raw, &n); err != nil || n < 0 || n > 999 {
		return errDecrypt
	}
	*c = countryCode(strconv.Itoa(n))
	return nil
}

// text is the number with its country, when that is said.
func (n sealedNumber) text() string {
	if n.CountryCode != "" && n.PurePhoneNumber != "" {
		return "+" + string(n.CountryCode) + n.PurePhoneNumber
	}
	if n.PhoneNumber != "" {
		return n.PhoneNumber
	}
	return n.PurePhoneNumber
}

// readNumber reads the plain text and checks whose app it was sealed for. good is
// that of the decryption.
func readNumber(p Platform, plain []byte, good bool, appID string) (string, error) {
	var n sealedNumber
	err := json.Unmarshal(plain, &n)
	if err != nil || !good || n.text() == "" {
		return "", &Failed{p, Refused, codeDecrypt}
	}
	if subtle.ConstantTimeCompare([]byte(n.Watermark.AppID), []byte(appID)) != 1 {
		return "", &Failed{p, Refused, codeWatermark}
	}
	return n.text(), nil
}

// RawSignature is the signature of raw user data under a session key, as Douyin and
// WeChat define it: hex SHA-1 of both, one after the other.
func RawSignature(rawData, sessionKey string) string {
	sum := sha1.Sum([]byte(rawData + sessionKey))
	return hex.EncodeToString(sum[:])
}
