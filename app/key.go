package app

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"clew/access"
	"clew/db"
)

const (
	// MinKeyBits and MaxKeyBits bound an RSA modulus: below it is too weak, above it
	// costs every exchange for nothing.
	MinKeyBits = 2048
	MaxKeyBits = 8192
	// KeyOverlap is how long a replaced key is still listed, for what was encrypted
	// under it to be read.
	KeyOverlap = 7 * 24 * time.Hour
	maxKeyText = 16 << 10
)

// ErrNoKey says that the app has no public key, so that nothing can be encrypted for it.
var ErrNoKey = errors.New("the app has no public key: upload one")

// BadKey says why a text is no key that may be used. It never holds the text.
type BadKey struct {
	// Code is empty, large, private, certificate, several, malformed, not_rsa, short,
	// long, weak or same.
	Code string
	Bits int // of a key that is short or long
}

func (e *BadKey) Error() string {
	switch e.Code {
	case "empty":
		return "there is no key: paste the RSA public key as PEM or base64"
	case "large":
		return "this is too long to be a public key"
	case "private":
		return "this is a private key, and it was not kept: paste the public key that belongs to it, and make a new pair if anybody else may have seen this one"
	case "certificate":
		return "this is a certificate: paste the public key alone"
	case "several":
		return "there is more than one key: paste one"
	case "not_rsa":
		return "this is a public key, but not an RSA key"
	case "short", "long":
		return fmt.Sprintf("the RSA key has %d bits; it must have %d to %d", e.Bits, MinKeyBits, MaxKeyBits)
	case "weak":
		return "this RSA key cannot be sound: its modulus is even or its exponent is not an odd number above 2"
	case "same":
		return "this key is the one in use already"
	}
	return "this is no RSA public key: expected PEM (BEGIN PUBLIC KEY or BEGIN RSA PUBLIC KEY) or its base64"
}

// Key is a public key of an app, by its version.
type Key struct {
	Version     int // from 1
	Bits        int
	Fingerprint string // SHA-256 of the SubjectPublicKeyInfo, lower-case hex
	Added       time.Time
	Retires     time.Time // zero for the one in use
	key         *rsa.PublicKey
}

// ParseKey reads an RSA public key as PEM or bare base64, PKCS#1 (RFC 8017 A.1.1) or
// SubjectPublicKeyInfo (RFC 5280 4.1.2.7). The error is *[BadKey].
func ParseKey(text string) (*rsa.PublicKey, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	switch {
	case text == "":
		return nil, &BadKey{Code: "empty"}
	case len(text) > maxKeyText:
		return nil, &BadKey{Code: "large"}
	// Before anything is read: whatever else the text holds, it must go no further.
	case strings.Contains(strings.ToUpper(text), "PRIVATE KEY"):
		return nil, &BadKey{Code: "private"}
	}
	var der []byte
	if strings.Contains(text, "-----BEGIN") {
		block, rest := pem.Decode([]byte(text))
		switch {
		case block == nil:
			return nil, &BadKey{Code: "malformed"}
		case strings.Contains(string(rest), "-----BEGIN"):
			return nil, &BadKey{Code: "several"}
		}
		der = block.Bytes
	} else {
		bare := strings.Map(func(c rune) rune {
			if unicode.IsSpace(c) {
				return -1
			}
			return c
		}, text)
		var err error
		if der, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(bare, "=")); err != nil {
			return nil, &BadKey{Code: "malformed"}
		}
	}
	key, err := parseDER(der)
	if err != nil {
		return nil, err
	}
	switch bits := key.N.BitLen(); {
	case bits < MinKeyBits:
		return nil, &BadKey{Code: "short", Bits: bits}
	case bits > MaxKeyBits:
		return nil, &BadKey{Code: "long", Bits: bits}
	case key.N.Bit(0) == 0 || key.E < 3 || key.E%2 == 0:
		return nil, &BadKey{Code: "weak"}
	}
	return key, nil
}

func parseDER(der []byte) (*rsa.PublicKey, error) {
	if any, err := x509.ParsePKIXPublicKey(der); err == nil {
		if key, ok := any.(*rsa.PublicKey); ok {
			return key, nil
		}
		return nil, &BadKey{Code: "not_rsa"}
	}
	if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
		return key, nil
	}
	_, pkcs8 := x509.ParsePKCS8PrivateKey(der)
	_, pkcs1 := x509.ParsePKCS1PrivateKey(der)
	_, ec := x509.ParseECPrivateKey(der)
	if pkcs8 == nil || pkcs1 == nil || ec == nil {
		return nil, &BadKey{Code: "private"}
	}
	if _, err := x509.ParseCertificate(der); err == nil {
		return nil, &BadKey{Code: "certificate"}
	}
	return nil, &BadKey{Code: "malformed"}
}

// AddKey gives the app a public key. It is used from the next transaction on; the
// one before stays listed for [KeyOverlap]. Errors: *[BadKey], [ErrUnknown].
func (r *Room) AddKey(ctx context.Context, caller access.Caller, app, text string) (Key, error) {
	public, err := ParseKey(text)
	if err != nil {
		return Key{}, err
	}
	spki, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return Key{}, &BadKey{Code: "malformed"}
	}
	sum := sha256.Sum256(spki)
	k := Key{Version: 1, Bits: public.N.BitLen(), Fingerprint: hex.EncodeToString(sum[:]), key: public}
	err = r.Access.Do(ctx, caller, access.AppKeyEdit, access.Subject{Kind: "app", ID: app}, "", func(tx *db.Tx) error {
		if err := Hold(ctx, tx, caller.Operator, app); err != nil {
			return err // and two keys at once follow each other
		}
		now, err := db.Collect(ctx, tx, scanKey, "select "+keyColumns+` from app_key
			where operator=$1 and app=$2 order by version desc limit 1`, caller.Operator, app)
		if err != nil {
			return err
		}
		if len(now) > 0 {
			if now[0].Fingerprint == k.Fingerprint {
				return &BadKey{Code: "same"}
			}
			k.Version = now[0].Version + 1
		}
		k.Added = tx.Now()
		if _, err := tx.Exec(ctx, "update app_key set retires_at=$3 where operator=$1 and app=$2 and retires_at=0",
			caller.Operator, app, tx.Now().Add(KeyOverlap).UnixMilli()); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into app_key (operator, app, version, bits, fingerprint, spki, added_at, added_by, retires_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
			caller.Operator, app, k.Version, k.Bits, k.Fingerprint, spki, tx.NowMS(), caller.ID)
		return err
	})
	if err != nil {
		return Key{}, err
	}
	return k, nil
}

const keyColumns = "version, bits, fingerprint, spki, added_at, retires_at"

func scanKey(s db.Scanner) (k Key, err error) {
	var spki []byte
	var added, retires int64
	if err := s.Scan(&k.Version, &k.Bits, &k.Fingerprint, &spki, &added, &retires); err != nil {
		return k, err
	}
	k.Added = time.UnixMilli(added).UTC()
	if retires > 0 {
		k.Retires = time.UnixMilli(retires).UTC()
	}
	any, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return k, fmt.Errorf("key version %d: %w", k.Version, err)
	}
	k.key, _ = any.(*rsa.PublicKey)
	return k, nil
}

// Keys is the app's key in use, and those that were replaced less than
// [KeyOverlap] ago, the newest first.
func Keys(ctx context.Context, tx *db.Tx, operator, app string) ([]Key, error) {
	return db.Collect(ctx, tx, scanKey, "select "+keyColumns+` from app_key
		where operator=$1 and app=$2 and (retires_at=0 or retires_at>$3) order by version desc`, operator, app, tx.NowMS())
}

// ActiveKey is the newest key of an app with its version; [ErrNoKey].
func ActiveKey(ctx context.Context, tx *db.Tx, operator, app string) (*rsa.PublicKey, int, error) {
	k, err := db.One(ctx, tx, scanKey, "select "+keyColumns+` from app_key
		where operator=$1 and app=$2 and retires_at=0`, operator, app)
	if errors.Is(err, db.ErrNone) {
		return nil, 0, ErrNoKey
	} else if err != nil {
		return nil, 0, err
	}
	return k.key, k.Version, nil
}
