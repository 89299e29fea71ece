package consent

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"clew/seal"
)

const (
	signPurpose = "consent record"
	signType    = "consent-record+json"
	maxSigned   = 256 << 10 // bytes of text
)

// ErrSigned says that a text is no record signed with one of the keys.
var ErrSigned = errors.New("not a consent record signed with these keys")

// JWKS is a JSON Web Key Set (RFC 7517), what receipt-keys.json holds.
type JWKS = jose.JSONWebKeySet

// Sign makes the person's copy: a compact JWS (RFC 7515) over the record's JSON,
// Ed25519 (RFC 8037), with the key's RFC 7638 thumbprint as kid. Anyone can check it
// against [PublicKeys] without asking us.
func Sign(ring *seal.Ring, record Record) (string, error) {
	key := ring.Signer(signPurpose)
	public, err := publicKey(key)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: key, KeyID: public.KeyID}},
		(&jose.SignerOptions{}).WithType(signType))
	if err != nil {
		return "", fmt.Errorf("sign record: %w", err)
	}
	body, err := json.Marshal(record)
	if err != nil {
		return "", fmt.Errorf("sign record: %w", err)
	}
	signed, err := signer.Sign(body)
	if err != nil {
		return "", fmt.Errorf("sign record: %w", err)
	}
	return signed.CompactSerialize()
}

// PublicKeys is the document at /.well-known/clew/receipt-keys.json.
func PublicKeys(ring *seal.Ring) JWKS {
	key, err := publicKey(ring.Signer(signPurpose))
	if err != nil {
		panic(err) // an Ed25519 key always has a thumbprint
	}
	return JWKS{Keys: []jose.JSONWebKey{key}}
}

func publicKey(private ed25519.PrivateKey) (jose.JSONWebKey, error) {
	k := jose.JSONWebKey{Key: private.Public(), Algorithm: string(jose.EdDSA), Use: "sig"}
	sum, err := k.Thumbprint(crypto.SHA256)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("record key: %w", err)
	}
	k.KeyID = base64.RawURLEncoding.EncodeToString(sum)
	return k, nil
}

// VerifySigned checks a copy made by [Sign] and reads it. Any failure is [ErrSigned].
func VerifySigned(keys JWKS, text string) (Record, error) {
	if len(text) > maxSigned {
		return Record{}, ErrSigned
	}
	signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil || len(signed.Signatures) != 1 {
		return Record{}, ErrSigned
	}
	head := signed.Signatures[0].Protected
	if head.ExtraHeaders[jose.HeaderType] != signType {
		return Record{}, ErrSigned
	}
	for _, k := range keys.Key(head.KeyID) {
		body, err := signed.Verify(k.Key)
		if err != nil {
			continue
		}
		var r Record
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&r); err != nil {
			return Record{}, ErrSigned
		}
		return r, nil
	}
	return Record{}, ErrSigned
}
