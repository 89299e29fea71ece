package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Argon2id at OWASP's first recommendation for it: 19 MiB, two passes, one lane.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
)

const (
	passwordMin = 12   // runes
	passwordMax = 1024 // bytes; longer ones are refused unhashed
	// passwordOwn is how many runes must be left without the staff's own names.
	passwordOwn = 8
	// hashingAtOnce bounds memory: each hash takes 19 MiB while it runs.
	hashingAtOnce = 4
)

// passwordHash is a PHC string taken apart:
// $argon2id$v=19$m=19456,t=2,p=1$salt$sum, both in unpadded standard base64.
type passwordHash struct {
	memory, time uint32 // KiB, passes
	lanes        uint8
	salt, sum    []byte
}

var errPasswordHash = errors.New("stored password is not an argon2id PHC string within bounds")

func (h passwordHash) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.lanes, b64(h.salt), b64(h.sum))
}

// parsePasswordHash takes exactly what String writes. Its bounds keep a forged
// row from exhausting the memory.
func parsePasswordHash(s string) (passwordHash, error) {
	var h passwordHash
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != "v="+strconv.Itoa(argon2.Version) {
		return h, errPasswordHash
	}
	cost := strings.Split(part[3], ",")
	if len(cost) != 3 {
		return h, errPasswordHash
	}
	var n [3]uint64
	for i, bound := range []struct {
		name     string
		min, max uint64
	}{{"m=", 8, 256 * 1024}, {"t=", 1, 16}, {"p=", 1, 16}} {
		text, ok := strings.CutPrefix(cost[i], bound.name)
		v, err := strconv.ParseUint(text, 10, 32)
		if !ok || err != nil || v < bound.min || v > bound.max {
			return h, errPasswordHash
		}
		n[i] = v
	}
	h.memory, h.time, h.lanes = uint32(n[0]), uint32(n[1]), uint8(n[2])
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.Strict().DecodeString(part[4])
	h.sum, err2 = base64.RawStdEncoding.Strict().DecodeString(part[5])
	if err1 != nil || err2 != nil || len(h.salt) < 8 || len(h.salt) > 64 || len(h.sum) < 16 || len(h.sum) > 64 || h.String() != s {
		return h, errPasswordHash
	}
	return h, nil
}

func (h passwordHash) of(password string) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), h.salt, h.time, h.memory, h.lanes, uint32(len(h.sum)))
}

// noPassword is checked when there is nothing to check, so that an unknown name
// takes as long as a known one. Nothing hashes to zeros.
var noPassword = passwordHash{argonMemory, argonTime, argonLanes, make([]byte, 16), make([]byte, 32)}.String()

// turn waits for one of the few places in which a password may be hashed.
func (r *Room) turn(ctx context.Context) (done func(), err error) {
	r.hashing.Do(func() { r.turns = make(chan struct{}, hashingAtOnce) })
	select {
	case r.turns <- struct{}{}:
		return func() { <-r.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *Room) hashPassword(ctx context.Context, password string) (string, error) {
	done, err := r.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	h := passwordHash{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: make([]byte, 16), sum: make([]byte, 32)}
	_, _ = rand.Read(h.salt) // never fails (crypto/rand)
	h.sum = h.of(password)
	return h.String(), nil
}

// passwordMatches compares in constant time; stored empty stands for an account
// without password and never matches.
func (r *Room) passwordMatches(ctx context.Context, stored, password string) (bool, error) {
	if len(password) > passwordMax {
		return false, nil
	}
	exists := stored != ""
	if !exists {
		stored = noPassword
	}
	h, err := parsePasswordHash(stored)
	if err != nil {
		return false, err
	}
	done, err := r.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	return subtle.ConstantTimeCompare(h.of(password), h.sum) == 1 && exists, nil
}

// checkPassword refuses what is short, what is mostly the person's own names, and
// what repeats a few characters. The error is [*Invalid].
func checkPassword(password string, names ...string) error {
	rest := strings.ToLower(norm.NFKC.String(password))
	switch {
	case !utf8.ValidString(password):
		return &Invalid{"password", "characters", "use text"}
	case utf8.RuneCountInString(rest) < passwordMin:
		return &Invalid{"password", "short", "use at least 12 characters; three unrelated words are good"}
	case len(password) > passwordMax:
		return &Invalid{"password", "long", "use at most 1024 bytes"}
	}
	for _, name := range names {
		if name = strings.ToLower(norm.NFKC.String(name)); utf8.RuneCountInString(name) >= 2 {
			rest = strings.ReplaceAll(rest, name, "")
		}
	}
	distinct := map[rune]bool{}
	for _, c := range rest {
		distinct[c] = true
	}
	switch {
	case utf8.RuneCountInString(rest) < passwordOwn:
		return &Invalid{"password", "name", "leave your own name out"}
	case len(distinct) < 5:
		return &Invalid{"password", "simple", "use more than a few different characters"}
	}
	return nil
}
