package phone

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"time"

	"clew/seal"
)

// ErrPuzzle says that the proof of work is missing, wrong, late, for another
// component, or was used before: ask for a new challenge.
var ErrPuzzle = errors.New("proof of work is missing, wrong, expired or already used; ask for a new challenge")

const (
	puzzlePurpose   = "phone puzzle"
	puzzleAlgorithm = "PBKDF2-SHA256"
	// PuzzleLife is how long a challenge may be answered.
	PuzzleLife = 10 * time.Minute
	// One derivation takes a phone's WebCrypto 2 to 5 ms; 2^7 of them on average make
	// 0.3 to 0.8 s. Checking costs us one.
	puzzleIterations = 5000
	puzzleBits       = 7
	// Mini-programs have no WebCrypto, and on some phones no compiler for their script: one
	// derivation took 138 ms there (miniprogram/test/speed.mjs). Four on average are what
	// such a page can do; the cap on the address makes up for it ([Caps].LightHour).
	lightBits = 2
	// One person in ten thousand would need more than 9 times the average.
	puzzleMaxCounter = 1 << 14
	puzzleKeyBytes   = 16
)

// Challenge is a proof-of-work puzzle as the page gets it. To solve it:
//
//  1. salt bytes = base64url (no padding) of salt, decoded;
//  2. for counter = 0, 1, 2 … max_counter:
//     password = the UTF-8 bytes of nonce + ":" + counter, counter in decimal
//     without leading zeros, nonce as the text it is (not decoded);
//     key = PBKDF2-HMAC-SHA-256(password, salt bytes, iterations), 16 bytes;
//  3. stop at the first key whose first `bits` bits are zero, counting from the most
//     significant bit of the first byte.
//
// With WebCrypto:
//
//	const k = await crypto.subtle.importKey("raw", utf8(nonce + ":" + counter), "PBKDF2", false, ["deriveBits"]);
//	const key = await crypto.subtle.deriveBits({name: "PBKDF2", hash: "SHA-256", salt, iterations}, k, 128);
//
// The answer is {"token": token, "counter": counter}.
type Challenge struct {
	// Token is the signed challenge, to be sent back as it is.
	Token      string `json:"token"`
	Algorithm  string `json:"algorithm"` // "PBKDF2-SHA256"
	Nonce      string `json:"nonce"`
	Salt       string `json:"salt"` // base64url, no padding
	Iterations int    `json:"iterations"`
	Bits       int    `json:"bits"`
	MaxCounter int64  `json:"max_counter"`
	ExpiresAt  int64  `json:"expires_at"` // milliseconds
}

// Solution answers a [Challenge].
type Solution struct {
	Token   string `json:"token"`
	Counter int64  `json:"counter"`
}

type puzzle struct {
	Component  string `json:"c"`
	Nonce      string `json:"n"`
	Salt       []byte `json:"s"`
	Iterations int    `json:"i"`
	Bits       int    `json:"b"`
	MaxCounter int64  `json:"m"`
}

// NewChallenge makes a puzzle for one component. It costs no row: the signature is
// its memory. light is for pages inside a host's app; its codes meet a lower cap.
func (r *Room) NewChallenge(component string, light bool, now time.Time) (Challenge, error) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails since Go 1.24
	p := puzzle{
		Component: component, Nonce: base64.RawURLEncoding.EncodeToString(random[:16]), Salt: random[16:],
		Iterations: puzzleIterations, Bits: puzzleBits, MaxCounter: puzzleMaxCounter,
	}
	if light {
		p.Bits = lightBits
	}
	expires := now.Add(PuzzleLife)
	token, err := r.Ring.SignToken(puzzlePurpose, p, expires)
	if err != nil {
		return Challenge{}, fmt.Errorf("make challenge: %w", err)
	}
	return Challenge{
		Token: token, Algorithm: puzzleAlgorithm, Nonce: p.Nonce, Salt: base64.RawURLEncoding.EncodeToString(p.Salt),
		Iterations: p.Iterations, Bits: p.Bits, MaxCounter: p.MaxCounter, ExpiresAt: expires.UnixMilli(),
	}, nil
}

// CheckSolution says whether s answers a challenge of this component in time, and
// gives the challenge's nonce, which [Room.SendCode] uses up, and whether it was a
// light one. The error is [ErrPuzzle].
func (r *Room) CheckSolution(component string, s Solution, now time.Time) (nonce string, light bool, err error) {
	return checkSolution(r.Ring, component, s, now)
}

func checkSolution(ring *seal.Ring, component string, s Solution, now time.Time) (nonce string, light bool, err error) {
	var p puzzle
	if ring.OpenToken(puzzlePurpose, s.Token, now, &p) != nil {
		return "", false, ErrPuzzle
	}
	if p.Component != component || s.Counter < 0 || s.Counter > p.MaxCounter {
		return "", false, ErrPuzzle
	}
	if n, err := zeroBits(p, s.Counter); err != nil || n < p.Bits {
		return "", false, ErrPuzzle
	}
	return p.Nonce, p.Bits < puzzleBits, nil
}

// Solve does the page's work, for tests and for machines that drive a page.
func (c Challenge) Solve() (Solution, error) {
	salt, err := base64.RawURLEncoding.DecodeString(c.Salt)
	if err != nil {
		return Solution{}, fmt.Errorf("challenge's salt: %w", err)
	}
	p := puzzle{Nonce: c.Nonce, Salt: salt, Iterations: c.Iterations}
	for counter := int64(0); counter <= c.MaxCounter; counter++ {
		n, err := zeroBits(p, counter)
		if err != nil {
			return Solution{}, err
		}
		if n >= c.Bits {
			return Solution{c.Token, counter}, nil
		}
	}
	return Solution{}, errors.New("no solution in range; ask for another challenge")
}

// zeroBits is how many zero bits the key of one counter begins with.
func zeroBits(p puzzle, counter int64) (int, error) {
	key, err := pbkdf2.Key(sha256.New, p.Nonce+":"+strconv.FormatInt(counter, 10), p.Salt, p.Iterations, puzzleKeyBytes)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, b := range key {
		n += bits.LeadingZeros8(b)
		if b != 0 {
			break
		}
	}
	return n, nil
}
