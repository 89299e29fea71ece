package webhook

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// sealedData is data.sealed of an event in the sealed mode.
type sealedData struct {
	// Alg is always "HPKE-X25519-SHA256-AES256GCM": RFC 9180 in base mode with
	// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.
	Alg string `json:"alg"`
	// Key says to which public key: the first 16 hex digits of its SHA-256.
	Key string `json:"key"`
	// Box is the base64 of the encapsulated key (32 bytes) and the ciphertext.
	Box string `json:"box"`
}

const sealedAlg = "HPKE-X25519-SHA256-AES256GCM"

// sealedInfo binds a box to its event: HPKE's info is this text and the webhook-id.
const sealedInfo = "clew webhook 1 "

func sealTo(publicKey []byte, id string, plain []byte) (sealedData, error) {
	point, err := ecdh.X25519().NewPublicKey(publicKey)
	if err != nil {
		return sealedData{}, err
	}
	key, err := hpke.NewDHKEMPublicKey(point)
	if err != nil {
		return sealedData{}, err
	}
	box, err := hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(sealedInfo+id), plain)
	if err != nil {
		return sealedData{}, err
	}
	sum := sha256.Sum256(publicKey)
	return sealedData{sealedAlg, hex.EncodeToString(sum[:8]), base64.StdEncoding.EncodeToString(box)}, nil
}

// OpenSealed is the receiver's side of the sealed mode: the lead's fields by
// their ids, from the body of the event webhookID and the operator's private key.
// Verify the signature first. In other languages: decode data.sealed.box, take its
// first 32 bytes as the encapsulated key, and open the rest by RFC 9180 in base
// mode (DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM) with the info
// "clew webhook 1 " followed by the webhook-id and no associated data; what comes
// out is a JSON object of texts.
func OpenSealed(private *ecdh.PrivateKey, webhookID string, body []byte) (map[string]string, error) {
	var event struct {
		Data struct {
			Sealed sealedData `json:"sealed"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return nil, fmt.Errorf("event is not JSON: %w", err)
	}
	if event.Data.Sealed.Alg != sealedAlg {
		return nil, fmt.Errorf("event is not sealed by %s", sealedAlg)
	}
	box, err := base64.StdEncoding.DecodeString(event.Data.Sealed.Box)
	if err != nil {
		return nil, fmt.Errorf("sealed box is not base64: %w", err)
	}
	key, err := hpke.NewDHKEMPrivateKey(private)
	if err != nil {
		return nil, err
	}
	plain, err := hpke.Open(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte(sealedInfo+webhookID), box)
	if err != nil {
		return nil, fmt.Errorf("sealed box cannot be opened: %w", err)
	}
	var fields map[string]string
	return fields, json.Unmarshal(plain, &fields)
}
