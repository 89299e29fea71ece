package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

var (
	// ErrToken says that a token was not made here for this purpose.
	ErrToken = errors.New("token is not genuine")
	// ErrTokenExpired says that a genuine token is past its time.
	ErrTokenExpired = errors.New("token has expired")
)

// maxToken bounds what OpenToken reads, in bytes of text.
const maxToken = 4096

// SignToken makes a URL-safe text that carries claims (as JSON, readable by
// anyone) until expires. It is base64url(expiry in seconds, 8 bytes ‖ JSON ‖
// HMAC-SHA256): no header says which algorithm to trust, because there is one.
func (r *Ring) SignToken(purpose string, claims any, expires time.Time) (string, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	raw := binary.BigEndian.AppendUint64(nil, uint64(expires.Unix()))
	raw = append(raw, body...)
	raw = append(raw, r.MAC("token "+purpose, string(raw))...)
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// OpenToken checks a token and reads its claims: [ErrToken] or [ErrTokenExpired].
func (r *Ring) OpenToken(purpose, token string, now time.Time, claims any) error {
	if len(token) > maxToken {
		return ErrToken
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < 8+sha256.Size {
		return ErrToken
	}
	signed, tag := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	if !hmac.Equal(tag, r.MAC("token "+purpose, string(signed))) {
		return ErrToken
	}
	if now.Unix() >= int64(binary.BigEndian.Uint64(signed[:8])) {
		return ErrTokenExpired
	}
	if err := json.Unmarshal(signed[8:], claims); err != nil {
		return ErrToken
	}
	return nil
}
