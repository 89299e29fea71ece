package ledger

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/note"

	"clew/db"
)

// Key is a key that signs or has signed checkpoints, by its public half.
type Key struct {
	Number   int
	Verifier string    // "<origin>+<hash>+<base64>", c2sp.org/signed-note
	Since    int64     // size of the tree when it began
	At       time.Time // when it began
	Retired  time.Time // zero while it signs
}

// Overlap is how long the key before the newest goes on signing, so that whoever
// knows only that one can follow the log to the new one.
const Overlap = 30 * 24 * time.Hour

// algEd25519 is the signature type of signed notes.
const algEd25519 = 1

// signer is an installation's Ed25519 key as signed notes want it.
type signer struct {
	name string
	key  ed25519.PrivateKey
}

func (s signer) Name() string                    { return s.name }
func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

func (s signer) KeyHash() uint32 {
	h := sha256.New()
	h.Write([]byte(s.name + "\n"))
	h.Write([]byte{algEd25519})
	h.Write(s.key.Public().(ed25519.PublicKey))
	return binary.BigEndian.Uint32(h.Sum(nil))
}

func (s signer) verifier() string {
	public := append([]byte{algEd25519}, s.key.Public().(ed25519.PublicKey)...)
	return fmt.Sprintf("%s+%08x+%s", s.name, s.KeyHash(), base64.StdEncoding.EncodeToString(public))
}

func (r *Room) signer(origin string, number int) signer {
	return signer{origin, r.Ring.Signer("ledger checkpoint " + strconv.Itoa(number))}
}

// Keys is every key of the log, oldest first.
func Keys(ctx context.Context, tx *db.Tx) ([]Key, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (k Key, err error) {
		var at, retired int64
		err = s.Scan(&k.Number, &k.Verifier, &k.Since, &at, &retired)
		k.At = time.UnixMilli(at).UTC()
		if retired != 0 {
			k.Retired = time.UnixMilli(retired).UTC()
		}
		return k, err
	}, "select number, verifier, since_size, at, retired from ledger_key order by number")
}

// ensureKey makes the first key, and another where the installation's root was
// replaced and the one in force cannot sign any more. A new key is itself an entry
// of the log.
func (r *Room) ensureKey(ctx context.Context, tx *db.Tx, h head) error {
	keys, err := Keys(ctx, tx)
	if err != nil {
		return err
	}
	if len(keys) > 0 {
		newest := keys[len(keys)-1]
		if newest.Verifier == r.signer(h.origin, newest.Number).verifier() {
			return nil
		}
	}
	return r.addKey(ctx, tx, h, keys)
}

func (r *Room) addKey(ctx context.Context, tx *db.Tx, h head, keys []Key) error {
	number := 1
	if len(keys) > 0 {
		number = keys[len(keys)-1].Number + 1
	}
	verifier := r.signer(h.origin, number).verifier()
	if err := tx.Insert(ctx, "ledger_key", []string{"number", "verifier", "since_size", "at", "retired"},
		[][]any{{number, verifier, h.size, tx.NowMS(), 0}}); err != nil {
		return err
	}
	return Append(ctx, tx, Act{Kind: "ledger.key", Subject: strconv.Itoa(number), Detail: map[string]string{"verifier": verifier}})
}

// Rotate begins a new key. The one before signs along for [Overlap].
func (r *Room) Rotate(ctx context.Context) (k Key, err error) {
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		h, err := r.lockHead(ctx, tx)
		if err != nil {
			return err
		}
		keys, err := Keys(ctx, tx)
		if err != nil {
			return err
		}
		if err := r.addKey(ctx, tx, h, keys); err != nil {
			return err
		}
		keys, err = Keys(ctx, tx)
		if err == nil {
			k = keys[len(keys)-1]
		}
		return err
	})
	return k, err
}

// signers are the keys that sign now, the newest first. Keys whose overlap is over
// retire here.
func (r *Room) signers(ctx context.Context, tx *db.Tx, origin string) ([]note.Signer, error) {
	keys, err := Keys(ctx, tx)
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errors.New("the ledger has no key")
	}
	newest := keys[len(keys)-1]
	list := []note.Signer{r.signer(origin, newest.Number)}
	for _, k := range keys[:len(keys)-1] {
		s := r.signer(origin, k.Number)
		switch {
		case !k.Retired.IsZero():
		case tx.Now().Sub(newest.At) < Overlap && s.verifier() == k.Verifier:
			list = append(list, s)
		default:
			if _, err := tx.Exec(ctx, "update ledger_key set retired=$2 where number=$1", k.Number, tx.NowMS()); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// Verifiers are keys as [note.Open] wants them; an unreadable one is an error.
func Verifiers(texts ...string) (note.Verifiers, error) {
	list := make([]note.Verifier, 0, len(texts))
	for _, text := range texts {
		v, err := note.NewVerifier(text)
		if err != nil {
			return nil, fmt.Errorf("%q is no verifier key (<name>+<hash>+<base64>)", text)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

func verifiersOf(keys []Key) (note.Verifiers, error) {
	var texts []string
	for _, k := range keys {
		texts = append(texts, k.Verifier)
	}
	return Verifiers(texts...)
}
