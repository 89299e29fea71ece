package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"clew/db"
)

// Witness is somebody else who remembers the newest checkpoint and signs only what
// continues it (c2sp.org/tlog-witness).
type Witness struct {
	URL      string // submission prefix
	Verifier string // its cosignature key, "<name>+<hash>+<base64>" of type 4
}

// algCosignature is the signature type of c2sp.org/tlog-cosignature v1.
const algCosignature = 4

// cosigner verifies a witness's timestamped signature.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

// NewCosigner reads a witness's verifier key.
func NewCosigner(text string) (note.Verifier, error) {
	bad := fmt.Errorf("%q is no cosignature key (<name>+<hash>+<base64> of type %d)", text, algCosignature)
	name, rest, ok := strings.Cut(text, "+")
	sum, encoded, ok2 := strings.Cut(rest, "+")
	hash, err := strconv.ParseUint(sum, 16, 32)
	raw, err2 := base64.StdEncoding.DecodeString(encoded)
	if !ok || !ok2 || err != nil || err2 != nil || name == "" || len(raw) != 1+ed25519.PublicKeySize || raw[0] != algCosignature {
		return nil, bad
	}
	h := sha256.Sum256(append([]byte(name+"\n"), raw...))
	if binary.BigEndian.Uint32(h[:]) != uint32(hash) {
		return nil, bad
	}
	return cosigner{name, uint32(hash), raw[1:]}, nil
}

// Cosign asks every witness to sign the newest checkpoint and keeps their lines
// with it. A witness that does not answer fails alone: its error is returned, the
// others' signatures stay.
func (r *Room) Cosign(ctx context.Context) error {
	var failed error
	for _, w := range r.Witnesses {
		if err := r.cosign(ctx, w); err != nil {
			failed = errors.Join(failed, fmt.Errorf("witness %s: %w", w.URL, err))
		}
	}
	return failed
}

func (r *Room) cosign(ctx context.Context, w Witness) error {
	key, err := NewCosigner(w.Verifier)
	if err != nil {
		return err
	}
	var size int64
	var text string
	if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) { size, text, err = Latest(ctx, tx); return err }); err != nil || text == "" {
		return err
	}
	if signedBy(text, key) {
		return nil
	}
	// A witness says which size it saw last when the guess is wrong.
	old := int64(0)
	for range 2 {
		line, seen, err := r.ask(ctx, w, old, size, text)
		if err != nil {
			return err
		}
		if line == "" {
			old = seen
			continue
		}
		if n, err := note.Open([]byte(text+line), note.VerifierList(key)); err != nil || len(n.Sigs) == 0 {
			return errors.New("its answer is no signature of its key")
		}
		return r.DB.Write(ctx, func(tx *db.Tx) error {
			// Others may have added theirs meanwhile.
			_, err := tx.Exec(ctx, "update ledger_checkpoint set note=note||$2 where size=$1", size, line)
			return err
		})
	}
	return errors.New("it does not agree on what it saw last")
}

func signedBy(text string, key note.Verifier) bool {
	n, err := note.Open([]byte(text), note.VerifierList(key))
	return err == nil && len(n.Sigs) > 0
}

// witnessWait bounds one question to a witness.
const witnessWait = 10 * time.Second

// ask posts a checkpoint. It returns the signature line, or "" and the size the
// witness saw last.
func (r *Room) ask(ctx context.Context, w Witness, old, size int64, text string) (line string, seen int64, err error) {
	if old > size {
		return "", 0, fmt.Errorf("it has seen %d entries and there are %d: the log went back", old, size)
	}
	var body bytes.Buffer
	fmt.Fprintf(&body, "old %d\n", old)
	if old > 0 && old < size {
		if err := r.DB.Read(ctx, func(tx *db.Tx) error {
			proof, err := tlog.ProveTree(size, old, newTree(ctx, tx))
			for _, h := range proof {
				fmt.Fprintln(&body, base64.StdEncoding.EncodeToString(h[:]))
			}
			return err
		}); err != nil {
			return "", 0, err
		}
	}
	body.WriteString("\n" + text)
	ctx, cancel := context.WithTimeout(ctx, witnessWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(w.URL, "/")+"/add-checkpoint", &body)
	if err != nil {
		return "", 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxCheckpoint))
	if err != nil {
		return "", 0, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return string(answer), 0, nil
	case http.StatusConflict:
		seen, err := strconv.ParseInt(strings.TrimSpace(string(answer)), 10, 64)
		if err != nil || seen < 0 || seen == old {
			return "", 0, errors.New("it refuses the checkpoint and does not say what it saw last")
		}
		return "", seen, nil
	}
	return "", 0, fmt.Errorf("it answered %s", resp.Status)
}
