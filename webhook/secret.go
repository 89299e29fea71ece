package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks 1.0.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

const (
	secretPrefix = "whsec_"
	secretSize   = 32 // bytes; the standard allows 24 to 64
	// Tolerance is how far a timestamp may lie from the receiver's clock.
	Tolerance = 5 * time.Minute
)

var (
	// ErrSecret says that a text is not "whsec_" and the base64 of 24 to 64 bytes.
	ErrSecret = errors.New(`webhook secret must be "whsec_" and the base64 of 24 to 64 bytes`)
	// ErrHeaders says that one of the three headers is missing or malformed.
	ErrHeaders = errors.New("webhook-id, webhook-timestamp and webhook-signature are needed, the timestamp in seconds")
	// ErrSignature says that no signature belongs to id, timestamp, body and secret.
	ErrSignature = errors.New("webhook signature does not match")
	// ErrTimestamp says that the event was signed too long ago, or in the future.
	ErrTimestamp = errors.New("webhook timestamp is more than 5 minutes off")
)

func newSecret() []byte {
	key := make([]byte, secretSize)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	return key
}

func secretText(key []byte) string { return secretPrefix + base64.StdEncoding.EncodeToString(key) }

func parseSecret(text string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(text, secretPrefix)
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, ErrSecret
	}
	return key, nil
}

// signature is one "v1" entry of the signature header.
func signature(key []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	_, _ = mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func signatures(keys [][]byte, id string, at time.Time, body []byte) string {
	all := make([]string, len(keys))
	for i, key := range keys {
		all[i] = signature(key, id, at, body)
	}
	return strings.Join(all, " ")
}

// Sign is the sender's side: it sets the three headers for a body. [ErrSecret].
func Sign(h http.Header, secret, id string, at time.Time, body []byte) error {
	key, err := parseSecret(secret)
	if err != nil {
		return err
	}
	h.Set(HeaderID, id)
	h.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(HeaderSignature, signature(key, id, at, body))
	return nil
}

// Verify is the receiver's side: nil when body was signed with one of the
// secrets for the id and timestamp in the headers, no more than [Tolerance] from
// now. Receivers must then still drop ids they have seen.
func Verify(h http.Header, body []byte, now time.Time, secrets ...string) error {
	id, stamp, given := h.Get(HeaderID), h.Get(HeaderTimestamp), h.Get(HeaderSignature)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || given == "" || err != nil || strconv.FormatInt(seconds, 10) != stamp {
		return ErrHeaders
	}
	at := time.Unix(seconds, 0)
	found := false
	for _, secret := range secrets {
		key, err := parseSecret(secret)
		if err != nil {
			return err
		}
		want := []byte(signature(key, id, at, body))
		// A handful is what rotation needs; more would buy an attacker guesses.
		for _, one := range strings.SplitN(given, " ", 8) {
			if hmac.Equal([]byte(one), want) {
				found = true
			}
		}
	}
	if !found {
		return ErrSignature
	}
	if seconds < now.Add(-Tolerance).Unix() || seconds > now.Add(Tolerance).Unix() {
		return ErrTimestamp
	}
	return nil
}
