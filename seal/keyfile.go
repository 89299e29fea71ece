package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Format of a key file. A released format never changes its meaning.
const keyFormat = "clew-keys/1"

// keyFile is the JSON text that holds every key. It must never stand in the data
// folder: whoever has both has everything.
type keyFile struct {
	Format string `json:"format"`
	// Demo marks keys made by "clew dev"; production refuses them.
	Demo   bool    `json:"demo"`
	Root   []byte  `json:"root"`
	Epochs []epoch `json:"epochs"`
}

type epoch struct {
	ID      int       `json:"id"`
	Key     []byte    `json:"key"`
	Created time.Time `json:"created"`
}

func (f *keyFile) current() int { return f.Epochs[len(f.Epochs)-1].ID }

func (f *keyFile) epoch(id int) ([]byte, bool) {
	for _, e := range f.Epochs {
		if e.ID == id {
			return e.Key, true
		}
	}
	return nil, false
}

func (f *keyFile) check() error {
	if f.Format != keyFormat {
		return fmt.Errorf("key file has format %q, this program reads %q", f.Format, keyFormat)
	}
	if len(f.Root) != keySize {
		return fmt.Errorf("key file: root has %d bytes, want %d", len(f.Root), keySize)
	}
	if len(f.Epochs) == 0 {
		return errors.New("key file: no epoch")
	}
	last := 0
	for _, e := range f.Epochs {
		if e.ID <= last {
			return fmt.Errorf("key file: epoch %d after epoch %d", e.ID, last)
		}
		if len(e.Key) != keySize {
			return fmt.Errorf("key file: epoch %d has %d bytes, want %d", e.ID, len(e.Key), keySize)
		}
		last = e.ID
	}
	return nil
}

func newRing(f keyFile) *Ring {
	return &Ring{file: f, aeads: map[ownerKey]cipher.AEAD{}, hmacs: map[ownerKey]*sync.Pool{}}
}

func randomKey() []byte {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		panic(err) // crypto/rand never fails on supported systems
	}
	return key
}

// NewRing makes fresh keys with one epoch begun at now. demo marks them as keys
// that production refuses.
func NewRing(now time.Time, demo bool) *Ring {
	return newRing(keyFile{
		Format: keyFormat, Demo: demo, Root: randomKey(),
		Epochs: []epoch{{ID: 1, Key: randomKey(), Created: now.UTC()}},
	})
}

// TestRing is a ring for tests; it asks for a *testing.T so that nothing else uses it.
func TestRing(interface{ Helper() }) *Ring { return NewRing(time.Unix(0, 0), true) }

// Demo reports whether these are the keys of a demo installation.
func (r *Ring) Demo() bool { return r.file.Demo }

// Epoch is the epoch that new data keys are wrapped in.
func (r *Ring) Epoch() int { return r.file.current() }

// Load reads a key file. Others than its owner must not be able to read it.
func Load(path string) (*Ring, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s can be read by others (mode %o): run chmod 600 on it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return Parse(text)
}

// Parse reads the text of a key file strictly. Its errors never hold key bytes.
func Parse(text []byte) (*Ring, error) {
	var f keyFile
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, errors.New("key file is not of the form that \"clew keys new\" writes")
	}
	if dec.More() {
		return nil, errors.New("key file has text after its end")
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return newRing(f), nil
}

// Create writes a new key file; an existing one is never overwritten.
func (r *Ring) Create(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("key file %s exists already", path)
	}
	return r.save(path)
}

// save replaces path in one step, so that a crash leaves the old file or the new.
func (r *Ring) save(path string) error {
	text, err := json.MarshalIndent(r.file, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".clew-keys-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if _, err := tmp.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	return os.Rename(tmp.Name(), path)
}

// BeginEpoch adds a new epoch to the key file: from the next load on, new data
// keys are wrapped in it. Move the old ones with [Ring.Rewrap], then [Ring.EndEpochs].
func (r *Ring) BeginEpoch(path string, now time.Time) (*Ring, error) {
	f := r.file
	f.Epochs = append(append([]epoch(nil), f.Epochs...), epoch{ID: f.current() + 1, Key: randomKey(), Created: now.UTC()})
	next := newRing(f)
	return next, next.save(path)
}

// EndEpochs destroys the keys of every epoch but the current one. What was not
// moved is erased for good, in every copy of the database there is.
func (r *Ring) EndEpochs(path string) (*Ring, error) {
	f := r.file
	f.Epochs = f.Epochs[len(f.Epochs)-1:]
	next := newRing(f)
	return next, next.save(path)
}
