// Package seal keeps one promise: personal data leaves it only as ciphertext, and
// destroying a key destroys what it sealed.
//
// Three kinds of key stand under one [Ring], none of them in the database:
//
//   - each lead has a data key of its own; every personal field is sealed with
//     AES-256-GCM whose associated data names operator, lead, field and epoch, so
//     ciphertexts cannot change places;
//   - data keys are wrapped by the operator's key of the current epoch; destroying
//     a wrapped key erases the lead, and ending an epoch (the key file forgets it)
//     bounds how long a copy of a wrapped key in a log or a backup can be opened;
//   - the root, from which every other key is derived by HKDF-SHA256 (RFC 5869)
//     with a purpose and an owner: blind index, tags, tokens, signatures.
//
// seal stores nothing; rooms store what it returns.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync"
)

// keySize is AES-256's and HMAC-SHA256's natural size, in bytes.
const keySize = 32

var (
	// ErrOpen says that a ciphertext, a wrapped key or a secret does not belong
	// where it was found, was changed, or was sealed under another key.
	ErrOpen = errors.New("sealed value cannot be opened: changed, moved, or sealed under another key")
	// ErrEpochEnded says that the key file no longer holds the epoch's key: what
	// it wrapped is erased.
	ErrEpochEnded = errors.New("the key of this epoch was destroyed")
)

// Ring holds the root and the epochs. It is safe for concurrent use.
type Ring struct {
	file keyFile

	mu    sync.RWMutex
	aeads map[ownerKey]cipher.AEAD // operator keys, derived once
	hmacs map[ownerKey]*sync.Pool  // keyed HMACs, derived once
}

type ownerKey struct {
	purpose, owner string
	epoch          int
}

// derive is HKDF-SHA256 over key material with an unambiguous info string.
func derive(material []byte, purpose, owner string) []byte {
	key, err := hkdf.Key(sha256.New, material, nil, "clew/1 "+string(encode(purpose, owner)), keySize)
	if err != nil {
		panic(err) // only for absurd lengths
	}
	return key
}

// encode writes parts so that no two different lists give the same bytes.
func encode(parts ...string) []byte {
	var out []byte
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p)))
		out = append(out, p...)
	}
	return out
}

func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	// The nonce is random and stands before the ciphertext. 96 random bits are
	// enough: the longest-lived key here, an operator's, wraps one key per lead
	// of one epoch (NIST SP 800-38D 8.3: fewer than 2^32).
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// Wrapped is a data key as it is stored.
type Wrapped struct {
	Epoch int
	Bytes []byte
}

// DataKey seals and opens the fields of one lead.
type DataKey struct {
	operator, lead string
	aead           cipher.AEAD
}

// NewDataKey makes a lead's key and wraps it for storing.
func (r *Ring) NewDataKey(operator, lead string) (*DataKey, Wrapped, error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, Wrapped{}, err
	}
	epoch := r.file.current()
	wrapper, err := r.operatorKey(operator, epoch)
	if err != nil {
		return nil, Wrapped{}, err
	}
	w := Wrapped{Epoch: epoch, Bytes: wrapper.Seal(nil, nil, key, wrapContext(operator, lead, epoch))}
	return &DataKey{operator, lead, newAEAD(key)}, w, nil
}

// Unwrap opens a stored data key: [ErrEpochEnded] or [ErrOpen] when it cannot.
func (r *Ring) Unwrap(operator, lead string, w Wrapped) (*DataKey, error) {
	key, err := r.unwrap(operator, lead, w)
	if err != nil {
		return nil, err
	}
	return &DataKey{operator, lead, newAEAD(key)}, nil
}

func (r *Ring) unwrap(operator, lead string, w Wrapped) ([]byte, error) {
	wrapper, err := r.operatorKey(operator, w.Epoch)
	if err != nil {
		return nil, err
	}
	key, err := wrapper.Open(nil, nil, w.Bytes, wrapContext(operator, lead, w.Epoch))
	if err != nil {
		return nil, ErrOpen
	}
	return key, nil
}

// Rewrap moves a data key to the current epoch without touching what it sealed.
func (r *Ring) Rewrap(operator, lead string, w Wrapped) (Wrapped, error) {
	key, err := r.unwrap(operator, lead, w)
	if err != nil {
		return Wrapped{}, err
	}
	epoch := r.file.current()
	wrapper, err := r.operatorKey(operator, epoch)
	if err != nil {
		return Wrapped{}, err
	}
	return Wrapped{Epoch: epoch, Bytes: wrapper.Seal(nil, nil, key, wrapContext(operator, lead, epoch))}, nil
}

func wrapContext(operator, lead string, epoch int) []byte {
	return encode("data key", operator, lead, fmt.Sprint(epoch))
}

func (r *Ring) operatorKey(operator string, epoch int) (cipher.AEAD, error) {
	id := ownerKey{"operator key", operator, epoch}
	r.mu.RLock()
	aead := r.aeads[id]
	r.mu.RUnlock()
	if aead != nil {
		return aead, nil
	}
	material, ok := r.file.epoch(epoch)
	if !ok {
		return nil, ErrEpochEnded
	}
	aead = newAEAD(derive(material, id.purpose, operator))
	r.mu.Lock()
	r.aeads[id] = aead
	r.mu.Unlock()
	return aead, nil
}

// Seal encrypts one field. The same text gives another ciphertext each time.
func (k *DataKey) Seal(field string, plain []byte) []byte {
	return k.aead.Seal(nil, nil, plain, encode("field", k.operator, k.lead, field))
}

// Open decrypts one field; [ErrOpen] when it was sealed for another place.
func (k *DataKey) Open(field string, sealed []byte) ([]byte, error) {
	plain, err := k.aead.Open(nil, nil, sealed, encode("field", k.operator, k.lead, field))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// MAC is a 32-byte keyed tag over parts; different purposes have different keys.
func (r *Ring) MAC(purpose string, parts ...string) []byte { return r.mac(purpose, "", parts...) }

// Index is the blind index of a value: 128 bits of an HMAC under a key that this
// operator and kind have alone, in hex. Equal values of one operator are equal, and nobody
// without the key can try the ten thousand million phone numbers there are. 128
// bits: two different numbers never meet in practice.
func (r *Ring) Index(operator, kind, value string) string {
	return hex.EncodeToString(r.mac("blind index "+kind, operator, value)[:16])
}

func (r *Ring) mac(purpose, owner string, parts ...string) []byte {
	pool := r.keyedHash(purpose, owner)
	h := pool.Get().(hash.Hash)
	h.Reset()
	_, _ = h.Write(encode(parts...))
	tag := h.Sum(nil)
	pool.Put(h)
	return tag
}

func (r *Ring) keyedHash(purpose, owner string) *sync.Pool {
	id := ownerKey{purpose: purpose, owner: owner}
	r.mu.RLock()
	pool := r.hmacs[id]
	r.mu.RUnlock()
	if pool != nil {
		return pool
	}
	key := derive(r.file.Root, "mac "+purpose, owner)
	pool = &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}
	r.mu.Lock()
	r.hmacs[id] = pool
	r.mu.Unlock()
	return pool
}

// SealSecret encrypts a small secret that is not a lead's (a webhook secret, a
// one-time-code seed) for storing beside its owner.
func (r *Ring) SealSecret(purpose, owner string, plain []byte) []byte {
	return r.secretKey(purpose, owner).Seal(nil, nil, plain, encode("secret", purpose, owner))
}

// OpenSecret is the reverse; [ErrOpen] when it was sealed for another owner.
func (r *Ring) OpenSecret(purpose, owner string, sealed []byte) ([]byte, error) {
	plain, err := r.secretKey(purpose, owner).Open(nil, nil, sealed, encode("secret", purpose, owner))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

func (r *Ring) secretKey(purpose, owner string) cipher.AEAD {
	return newAEAD(derive(r.file.Root, "secret "+purpose, owner))
}

// Signer is the installation's Ed25519 key (RFC 8032) for a purpose.
func (r *Ring) Signer(purpose string) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(derive(r.file.Root, "ed25519 "+purpose, ""))
}
