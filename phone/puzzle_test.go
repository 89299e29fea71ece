package phone

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clew/db/dbtest"
	"clew/seal"
)

func TestPuzzle(t *testing.T) {
	r := &Room{Ring: seal.TestRing(t)}
	now := dbtest.Start
	c, err := r.NewChallenge("component_a", false, now)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Solve()
	if err != nil {
		t.Fatal(err)
	}
	nonce, _, err := r.CheckSolution("component_a", s, now.Add(PuzzleLife-time.Second))
	if err != nil || nonce != c.Nonce {
		t.Fatalf("%q, %v", nonce, err)
	}
	other, err := (&Room{Ring: seal.TestRing(t)}).NewChallenge("component_a", false, now)
	if err != nil {
		t.Fatal(err)
	}
	wrong := s
	wrong.Counter++ // one in 128 is a solution as well
	for {
		if _, _, err := r.CheckSolution("component_a", wrong, now); err != nil {
			break
		}
		wrong.Counter++
	}
	for name, bad := range map[string]struct {
		component string
		s         Solution
		at        time.Time
	}{
		"nothing":                {"component_a", Solution{}, now},
		"another component":      {"component_b", s, now},
		"late":                   {"component_a", s, now.Add(PuzzleLife)},
		"not the work":           {"component_a", wrong, now},
		"negative counter":       {"component_a", Solution{s.Token, -1}, now},
		"counter out of range":   {"component_a", Solution{s.Token, c.MaxCounter + 1}, now},
		"changed token":          {"component_a", Solution{s.Token[:50] + "AA" + s.Token[52:], s.Counter}, now},
		"another's installation": {"component_a", Solution{other.Token, s.Counter}, now},
	} {
		if nonce, _, err := r.CheckSolution(bad.component, bad.s, bad.at); !errors.Is(err, ErrPuzzle) || nonce != "" {
			t.Errorf("%s: %q, %v", name, nonce, err)
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"token"`, `"algorithm":"PBKDF2-SHA256"`, `"nonce"`, `"salt"`, `"iterations":5000`, `"bits":7`, `"max_counter":16384`, fmt.Sprintf(`"expires_at":%d`, now.Add(PuzzleLife).UnixMilli())} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %s", text, want)
		}
	}
}

// A page in another language must arrive at the same bytes. These come from
// Python: hashlib.pbkdf2_hmac("sha256", b"nonce:COUNTER", bytes(range(16)), 1000, 16).
func TestPuzzleBytes(t *testing.T) {
	salt := make([]byte, 16)
	for i := range salt {
		salt[i] = byte(i)
	}
	for counter, want := range pythonZeroBits {
		got, err := zeroBits(puzzle{Nonce: "nonce", Salt: salt, Iterations: 1000}, int64(counter))
		if err != nil || got != want {
			t.Errorf("counter %d: %d zero bits, want %d (%v)", counter, got, want, err)
		}
	}
}

func FuzzCheckSolution(f *testing.F) {
	r := &Room{Ring: seal.TestRing(f)}
	c, err := r.NewChallenge("component_a", false, dbtest.Start)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.Token[:20], int64(0))
	f.Add("", int64(-1))
	f.Fuzz(func(t *testing.T, token string, counter int64) {
		if token == c.Token {
			return
		}
		if _, _, err := r.CheckSolution("component_a", Solution{token, counter}, dbtest.Start); !errors.Is(err, ErrPuzzle) {
			t.Errorf("%q %d: %v", token, counter, err)
		}
	})
}

func BenchmarkCheckSolution(b *testing.B) {
	r := &Room{Ring: seal.TestRing(b)}
	c, err := r.NewChallenge("component_a", false, dbtest.Start)
	if err != nil {
		b.Fatal(err)
	}
	s, err := c.Solve()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := r.CheckSolution("component_a", s, dbtest.Start); err != nil {
			b.Fatal(err)
		}
	}
}

var pythonZeroBits = []int{1, 0, 2, 0, 1, 4, 1, 4, 1, 0, 1, 0, 2, 1, 0, 0, 2, 1, 5, 0, 0, 3, 3, 1, 0, 0, 0, 0, 6, 0, 4, 1, 0, 1, 0, 2, 1, 1, 1, 0}
