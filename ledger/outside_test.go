package ledger_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"clew/db"
	"clew/db/dbtest"
	"clew/ledger"
)

// Another implementation of RFC 6962 and of checkpoints reads what we write.
func TestOthersVerifyOurProofs(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, _ *dbtest.Clock) {
		add(t, r, 500)
		var all []ledger.Key
		var checkpoint string
		read(t, r, func(ctx context.Context, tx *db.Tx) (err error) {
			if all, err = ledger.Keys(ctx, tx); err != nil {
				return err
			}
			_, checkpoint, err = ledger.Latest(ctx, tx)
			return err
		})
		v, err := note.NewVerifier(all[0].Verifier)
		if err != nil {
			t.Fatal(err)
		}
		c, _, _, err := log.ParseCheckpoint([]byte(checkpoint), origin, v)
		if err != nil {
			t.Fatal(err)
		}
		for _, index := range []int64{0, 1, 255, 256, 499, 500} {
			var text string
			read(t, r, func(ctx context.Context, tx *db.Tx) (err error) {
				text, err = ledger.ProveIndex(ctx, tx, index)
				return err
			})
			p, err := ledger.CheckProof(text, keys(t, r))
			if err != nil {
				t.Fatal(err)
			}
			head, _, _ := strings.Cut(text, "\n\n")
			var path [][]byte
			for _, line := range strings.Split(head, "\n")[3:] {
				h, err := base64.StdEncoding.DecodeString(line)
				if err != nil {
					t.Fatal(err)
				}
				path = append(path, h)
			}
			var leaf []byte
			read(t, r, func(ctx context.Context, tx *db.Tx) error {
				all, err := ledger.Of(ctx, tx, p.Record.Operator, p.Record.Subject)
				leaf = all[0].Leaf
				return err
			})
			if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), c.Size, rfc6962.DefaultHasher.HashLeaf(leaf), path, c.Hash); err != nil {
				t.Errorf("entry %d: %v", index, err)
			}
		}
	})
}

// witness is one that keeps to c2sp.org/tlog-witness.
type witness struct {
	mu     sync.Mutex
	size   int64
	root   tlog.Hash
	key    ed25519.PrivateKey
	origin note.Verifiers
	down   bool
}

const witnessName = "witness.example/w1"

func (w *witness) verifier() string {
	raw := append([]byte{4}, w.key.Public().(ed25519.PublicKey)...)
	h := sha256.Sum256(append([]byte(witnessName+"\n"), raw...))
	return fmt.Sprintf("%s+%08x+%s", witnessName, binary.BigEndian.Uint32(h[:]), base64.StdEncoding.EncodeToString(raw))
}

func (w *witness) ServeHTTP(out http.ResponseWriter, req *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body, _ := io.ReadAll(req.Body)
	if w.down || req.URL.Path != "/add-checkpoint" {
		http.Error(out, "down", http.StatusServiceUnavailable)
		return
	}
	head, checkpoint, ok := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	old, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	c, err2 := ledger.OpenCheckpoint(checkpoint, w.origin)
	if !ok || err != nil || err2 != nil {
		http.Error(out, "bad", http.StatusBadRequest)
		return
	}
	if old != w.size {
		out.Header().Set("Content-Type", "text/x.tlog.size")
		out.WriteHeader(http.StatusConflict)
		fmt.Fprintln(out, w.size)
		return
	}
	var path tlog.TreeProof
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil {
			http.Error(out, "bad", http.StatusBadRequest)
			return
		}
		path = append(path, h)
	}
	if old > 0 && old < c.Size && tlog.CheckTree(path, c.Size, c.Root, old, w.root) != nil || old == c.Size && c.Root != w.root {
		http.Error(out, "inconsistent", http.StatusUnprocessableEntity)
		return
	}
	w.size, w.root = c.Size, c.Root
	const when = 1_700_000_000
	sig := binary.BigEndian.AppendUint64(nil, when)
	sig = append(sig, ed25519.Sign(w.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", when, c.Text()))...)
	raw := append([]byte{4}, w.key.Public().(ed25519.PublicKey)...)
	h := sha256.Sum256(append([]byte(witnessName+"\n"), raw...))
	fmt.Fprintf(out, "— %s %s\n", witnessName, base64.StdEncoding.EncodeToString(append(h[:4:4], sig...)))
}

func TestAWitnessSignsAlong(t *testing.T) {
	each(t, func(t *testing.T, r *ledger.Room, _ *dbtest.Clock) {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		w := &witness{key: key}
		s := httptest.NewServer(w)
		defer s.Close()
		r.Witnesses = []ledger.Witness{{URL: s.URL, Verifier: w.verifier()}}
		cosigner, err := ledger.NewCosigner(w.verifier())
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range []int{3, 40, 300} {
			add(t, r, n)
			w.origin = keys(t, r)
			for range 2 { // asking again changes nothing
				if err := r.Cosign(t.Context()); err != nil {
					t.Fatalf("checkpoint %d: %v", i, err)
				}
			}
			var text string
			read(t, r, func(ctx context.Context, tx *db.Tx) (err error) { _, text, err = ledger.Latest(ctx, tx); return err })
			if got, err := note.Open([]byte(text), note.VerifierList(cosigner)); err != nil || len(got.Sigs) != 1 {
				t.Fatalf("checkpoint %d: %v", i, err)
			}
			if _, err := ledger.OpenCheckpoint(text, keys(t, r)); err != nil {
				t.Errorf("checkpoint %d: %v", i, err)
			}
		}
		if v := verify(t, r); len(v.Faults) != 0 {
			t.Errorf("%v", v.Faults)
		}
		// A witness that is down stops nothing.
		w.down = true
		add(t, r, 1)
		if err := r.Cosign(t.Context()); err == nil || !strings.Contains(err.Error(), "503") {
			t.Errorf("%v", err)
		}
		// One that has seen more than there is says that the log went back.
		w.down, w.size = false, 9999
		if err := r.Cosign(t.Context()); err == nil || !strings.Contains(err.Error(), "went back") {
			t.Errorf("%v", err)
		}
	})
}

func FuzzCheckpointAndProof(f *testing.F) {
	_, verifier, err := note.GenerateKey(nil, origin)
	if err != nil {
		f.Fatal(err)
	}
	known, err := ledger.Verifiers(verifier)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\n" + origin + "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— " + origin + " AAAA\n")
	f.Add(origin + "\n-1\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := ledger.OpenCheckpoint(text, known); err == nil {
			t.Error("a checkpoint nobody signed")
		}
		if _, err := ledger.CheckProof(text, known); err == nil {
			t.Error("a proof under a checkpoint nobody signed")
		}
	})
}
