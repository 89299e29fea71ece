package exchange

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"strings"
	"unicode"
)

// Why a key cannot be taken; stable codes, people read translations.
var (
	errMalformed = errors.New("malformed") // neither PEM nor base64 of a key of the kind asked for
	errEncrypted = errors.New("encrypted") // under a password
	errOther     = errors.New("other")     // a public key for a private one, or the other way round
	errAlgorithm = errors.New("algorithm") // not RSA
	errBits      = errors.New("bits")      // under 2048 bits
)

const (
	minBits = 2048
	maxBits = 8192
	maxKey  = 16 << 10 // bytes of text
)

// der reads PEM or bare base64 as people paste it, line breaks, spaces and missing
// padding included. kind is PEM's, empty for bare base64.
func der(text string) (raw []byte, kind string, err error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxKey {
		return nil, "", errMalformed
	}
	if strings.HasPrefix(text, "-----") {
		// Consoles paste PEM with its line breaks lost or written out.
		text = strings.ReplaceAll(text, `\n`, "\n")
		block, _ := pem.Decode([]byte(text))
		if block == nil {
			return nil, "", errMalformed
		}
		if strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "" {
			return nil, "", errEncrypted
		}
		return block.Bytes, block.Type, nil
	}
	text = strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, text)
	raw, err = unbase64(text)
	if err != nil {
		return nil, "", errMalformed
	}
	return raw, "", nil
}

// unbase64 reads standard base64 with or without its padding.
func unbase64(text string) ([]byte, error) {
	return base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
}

// parsePrivateKey reads an RSA key, PKCS#1 or PKCS#8.
func parsePrivateKey(text string) (*rsa.PrivateKey, error) {
	raw, kind, err := der(text)
	if err != nil {
		return nil, err
	}
	if strings.Contains(kind, "PUBLIC") || kind == "CERTIFICATE" {
		return nil, errOther
	}
	key, err := x509.ParsePKCS1PrivateKey(raw)
	if err != nil {
		any, err := x509.ParsePKCS8PrivateKey(raw)
		if err != nil {
			if _, err := parsePublic(raw); err == nil {
				return nil, errOther
			}
			return nil, errMalformed
		}
		var ok bool
		if key, ok = any.(*rsa.PrivateKey); !ok {
			return nil, errAlgorithm
		}
	}
	return key, checkBits(&key.PublicKey)
}

// parsePublicKey reads an RSA key, SPKI or PKCS#1, or takes it from a certificate.
func parsePublicKey(text string) (*rsa.PublicKey, error) {
	raw, kind, err := der(text)
	if err != nil {
		return nil, err
	}
	if strings.Contains(kind, "PRIVATE") {
		return nil, errOther
	}
	key, err := parsePublic(raw)
	if err != nil {
		if _, wrong := x509.ParsePKCS8PrivateKey(raw); wrong == nil {
			return nil, errOther
		}
		return nil, err
	}
	return key, checkBits(key)
}

func parsePublic(raw []byte) (*rsa.PublicKey, error) {
	if key, err := x509.ParsePKCS1PublicKey(raw); err == nil {
		return key, nil
	}
	any, err := x509.ParsePKIXPublicKey(raw)
	if err != nil {
		cert, err := x509.ParseCertificate(raw)
		if err != nil {
			return nil, errMalformed
		}
		any = cert.PublicKey
	}
	key, ok := any.(*rsa.PublicKey)
	if !ok {
		return nil, errAlgorithm
	}
	return key, nil
}

func checkBits(key *rsa.PublicKey) error {
	if n := key.N.BitLen(); n < minBits || n > maxBits {
		return errBits
	}
	return nil
}

// fingerprint is the beginning of the SHA-256 of a public key's SPKI: enough to see
// that the key uploaded at the platform is this one's other half.
func fingerprint(key *rsa.PublicKey) string {
	raw, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
