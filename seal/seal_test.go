package seal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func TestAFieldOpensOnlyWhereItWasSealed(t *testing.T) {
	r := TestRing(t)
	key, wrapped, err := r.NewDataKey("op_1", "lead_1")
	if err != nil {
		t.Fatal(err)
	}
	sealed := key.Seal("phone", []byte("secret"))
	if bytes.Contains(sealed, []byte("secret")) {
		t.Fatal("plain text in ciphertext")
	}
	again, err := r.Unwrap("op_1", "lead_1", wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("phone", sealed); err != nil || string(got) != "secret" {
		t.Fatalf("opened %q, %v", got, err)
	}
	if _, err := again.Open("name", sealed); !errors.Is(err, ErrOpen) {
		t.Errorf("another field: %v", err)
	}
	for _, place := range [][2]string{{"op_2", "lead_1"}, {"op_1", "lead_2"}, {"op_1lead", "_1"}} {
		if _, err := r.Unwrap(place[0], place[1], wrapped); !errors.Is(err, ErrOpen) {
			t.Errorf("unwrapped at %v: %v", place, err)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := again.Open("phone", changed); !errors.Is(err, ErrOpen) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	if _, err := TestRing(t).Unwrap("op_1", "lead_1", wrapped); !errors.Is(err, ErrOpen) {
		t.Errorf("another ring: %v", err)
	}
}

func TestEndingAnEpochErasesWhatWasNotMoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	r := TestRing(t)
	if err := r.Create(path); err != nil {
		t.Fatal(err)
	}
	if err := r.Create(path); err == nil {
		t.Error("an existing key file was overwritten")
	}
	key, kept, err := r.NewDataKey("op", "kept")
	if err != nil {
		t.Fatal(err)
	}
	sealed := key.Seal("phone", []byte("x"))
	_, lost, err := r.NewDataKey("op", "lost")
	if err != nil {
		t.Fatal(err)
	}
	next, err := r.BeginEpoch(path, now)
	if err != nil {
		t.Fatal(err)
	}
	moved, err := next.Rewrap("op", "kept", kept)
	if err != nil || moved.Epoch != 2 {
		t.Fatalf("moved to epoch %d, %v", moved.Epoch, err)
	}
	if _, err := next.EndEpochs(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := loaded.Unwrap("op", "lost", lost); !errors.Is(err, ErrEpochEnded) {
		t.Errorf("key of the ended epoch: %v", err)
	}
	k, err := loaded.Unwrap("op", "kept", moved)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open("phone", sealed); err != nil || string(got) != "x" {
		t.Errorf("moved key opened %q, %v", got, err)
	}
	if loaded.Index("op", "phone", "v") != r.Index("op", "phone", "v") {
		t.Error("the blind index changed with the epoch")
	}
}

func TestIndexIsPerOperatorAndKind(t *testing.T) {
	r := TestRing(t)
	seen := map[string]string{}
	for _, c := range [][3]string{{"a", "phone", "1"}, {"b", "phone", "1"}, {"a", "mail", "1"}, {"a", "phone", "2"}} {
		i := r.Index(c[0], c[1], c[2])
		if len(i) != 32 {
			t.Errorf("index of %d characters", len(i))
		}
		if i != r.Index(c[0], c[1], c[2]) {
			t.Error("not stable")
		}
		if other, taken := seen[i]; taken {
			t.Errorf("%v and %s share an index", c, other)
		}
		seen[i] = c[0] + c[1] + c[2]
	}
	if bytes.Equal(r.MAC("p", "a", "bc"), r.MAC("p", "ab", "c")) {
		t.Error("parts run together")
	}
}

func TestTokens(t *testing.T) {
	r := TestRing(t)
	type claims struct{ A string }
	token, err := r.SignToken("form", claims{"x"}, now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	var got claims
	if err := r.OpenToken("form", token, now, &got); err != nil || got.A != "x" {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := r.OpenToken("form", token, now.Add(time.Minute), &got); !errors.Is(err, ErrTokenExpired) {
		t.Errorf("expired: %v", err)
	}
	if err := r.OpenToken("other", token, now, &got); !errors.Is(err, ErrToken) {
		t.Errorf("another purpose: %v", err)
	}
	for i := range token {
		changed := []byte(token)
		if changed[i] == 'A' {
			changed[i] = 'B'
		} else {
			changed[i] = 'A'
		}
		if err := r.OpenToken("form", string(changed), now, &got); !errors.Is(err, ErrToken) {
			t.Fatalf("character %d changed: %v", i, err)
		}
	}
}

func TestSecretsStayWithTheirOwner(t *testing.T) {
	r := TestRing(t)
	s := r.SealSecret("totp", "staff_1", []byte("seed"))
	if got, err := r.OpenSecret("totp", "staff_1", s); err != nil || string(got) != "seed" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := r.OpenSecret("totp", "staff_2", s); !errors.Is(err, ErrOpen) {
		t.Errorf("another owner: %v", err)
	}
}

func TestLoadRefusesAFileThatOthersCanRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := TestRing(t).Create(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil {
		t.Error("loaded")
	}
}

func FuzzOpenToken(f *testing.F) {
	r := TestRing(f)
	good, _ := r.SignToken("form", map[string]string{"a": "b"}, now.Add(time.Hour))
	f.Add(good)
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		var c map[string]string
		if err := r.OpenToken("form", token, now, &c); err == nil && token != good {
			t.Errorf("accepted %q", token)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"format":"clew-keys/1","demo":true,"root":"","epochs":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := Parse(text); err == nil {
			if _, _, err := r.NewDataKey("o", "l"); err != nil {
				t.Errorf("a ring that was accepted cannot make a key: %v", err)
			}
		}
	})
}

func BenchmarkSealLead(b *testing.B) {
	r := TestRing(b)
	for b.Loop() {
		k, _, _ := r.NewDataKey("op", "lead")
		k.Seal("phone", make([]byte, 14))
		r.Index("op", "phone", "x")
	}
}
