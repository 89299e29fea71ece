// Package evidence keeps one promise: what was seen is kept as it was seen,
// without anybody's phone number, and can be shown to be unchanged.
//
// A [Bundle] is a capture: pictures, snapshots, timelines. [Room.Put] takes phone
// numbers out of its texts, hashes each part, and names the bundle by the hash of its
// manifest; the ledger commits to both in the same transaction. [Room.Get] holds every
// byte to its hash: what does not fit is told and counts for nothing. [Room.Export]
// is one file that proves itself, with the ledger's proof in it.
//
// Numbers inside pictures stay: whoever captures uses test numbers.
package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"clew/access"
	"clew/db"
	"clew/ledger"
)

// ErrUnknown says that there is no such bundle, or that it is another operator's.
var ErrUnknown = errors.New("no such evidence")

// KeptKind is the kind of the ledger's entry about a bundle; its subject is the id.
const KeptKind = "evidence.kept"

// Room keeps bundles.
type Room struct {
	DB     *db.DB
	Access *access.Room
}

// Kept is a bundle as it is in the store now.
type Kept struct {
	ID       string
	Manifest Manifest
	ByKind   string
	By       string
	At       time.Time // when it was kept
	Parts    []KeptPart
	// Faults say what is no longer as it was kept; empty for a sound bundle.
	Faults []string

	text string // of the manifest
}

// KeptPart is a part. Bytes is nil when it is Broken: it counts for nothing.
type KeptPart struct {
	Listed
	Bytes  []byte
	Broken bool
}

// Sound reports whether everything is as it was kept.
func (k Kept) Sound() bool { return len(k.Faults) == 0 }

// Broken says that a bundle cannot be given out as evidence.
type Broken struct{ Faults []string }

func (e *Broken) Error() string { return "the evidence is not as it was kept: " + e.Faults[0] }

// acting is the right by which a caller keeps evidence: the desks work a case,
// an operator answers one, about its own apps alone.
func acting(caller access.Caller) access.Act {
	if caller.Operator != "" && caller.Kind != access.KindSystem {
		return access.CaseAnswer
	}
	return access.CaseWork
}

// Put keeps a bundle in the caller's transaction and returns its id. b.Operator must be
// the owner of b.App: the caller of Put knows, this room does not. Keeping the
// same bundle again gives the same id and changes nothing. [*BadBundle].
func (r *Room) Put(ctx context.Context, tx *db.Tx, caller access.Caller, b Bundle) (id string, err error) {
	if caller.Operator != "" && caller.Operator != b.Operator {
		return "", ErrUnknown
	}
	m, parts, err := b.seal(tx.Now())
	if err != nil {
		return "", err
	}
	text := m.Canonical()
	sum := sha256.Sum256(text)
	id = hex.EncodeToString(sum[:])
	if err := r.Access.DoIn(ctx, tx, caller, acting(caller), access.Subject{Kind: "evidence", ID: id}, ""); err != nil {
		return "", err
	}
	n, err := tx.Exec(ctx, `insert into evidence_bundle (operator, id, app, manifest, by_kind, by_id, at) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (operator, id) do nothing`, b.Operator, id, b.App, string(text), string(caller.Kind), caller.ID, tx.NowMS())
	if err != nil {
		return "", err
	}
	for _, hash := range slices.Sorted(maps.Keys(parts)) {
		// The same hash is the same bytes; writing them again mends what was damaged.
		if _, err := tx.Exec(ctx, `insert into evidence_part (operator, sha256, bytes, at) values ($1, $2, $3, $4)
			on conflict (operator, sha256) do update set bytes=excluded.bytes`, b.Operator, hash, parts[hash], tx.NowMS()); err != nil {
			return "", err
		}
	}
	if n == 0 {
		return id, nil
	}
	return id, ledger.Append(ctx, tx, ledger.Act{Operator: b.Operator, Kind: KeptKind, Subject: id, Detail: committed{b.App, slices.Sorted(maps.Keys(parts))}})
}

// committed is what the ledger holds of a bundle beside its id.
type committed struct {
	App   string   `json:"app"`
	Parts []string `json:"parts"` // hashes, in their order
}

// Get is a bundle, verified; an operator's caller sees those about its own apps, by
// their id. A broken one is returned too, with its Faults. [ErrUnknown].
func (r *Room) Get(ctx context.Context, caller access.Caller, id string) (k Kept, err error) {
	if err := r.Access.Check(ctx, caller, access.CaseRead, access.Subject{Kind: "evidence"}); err != nil {
		return Kept{}, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		k, err = Read(ctx, tx, caller.Operator, id)
		return err
	})
	return k, err
}

// Read is [Room.Get] for other rooms, inside their transaction and without a caller;
// operator "" is any.
func Read(ctx context.Context, tx *db.Tx, operator, id string) (k Kept, err error) {
	type row struct{ operator, app string }
	var where row
	k, err = db.One(ctx, tx, func(s db.Scanner) (k Kept, err error) {
		var at int64
		err = s.Scan(&where.operator, &where.app, &k.text, &k.ByKind, &k.By, &at)
		k.ID, k.At = id, time.UnixMilli(at).UTC()
		return k, err
	}, "select operator, app, manifest, by_kind, by_id, at from evidence_bundle where id=$1 and ($2='' or operator=$2)", id, operator)
	if errors.Is(err, db.ErrNone) {
		return Kept{}, ErrUnknown
	} else if err != nil {
		return Kept{}, err
	}
	sum := sha256.Sum256([]byte(k.text))
	if hex.EncodeToString(sum[:]) != id {
		// Nothing it says can be believed, the list of parts included.
		k.Faults = append(k.Faults, "manifest.json: its SHA-256 is not the bundle's id")
		return k, nil
	}
	if err := json.Unmarshal([]byte(k.text), &k.Manifest); err != nil {
		return Kept{}, err
	}
	if k.Manifest.Operator != where.operator || k.Manifest.App != where.app {
		k.Faults = append(k.Faults, "it is filed under another app than the manifest's")
	}
	for _, l := range k.Manifest.Parts {
		p, err := part(ctx, tx, where.operator, l)
		if err != nil {
			return Kept{}, err
		}
		if p.Broken {
			k.Faults = append(k.Faults, l.Name+": its bytes are not those of its SHA-256")
		}
		k.Parts = append(k.Parts, p)
	}
	if entry, err := entryOf(ctx, tx, where.operator, id); err != nil {
		return Kept{}, err
	} else if entry == "" {
		k.Faults = append(k.Faults, "the ledger does not know it")
	}
	return k, nil
}

func part(ctx context.Context, tx *db.Tx, operator string, l Listed) (KeptPart, error) {
	p := KeptPart{Listed: l}
	content, err := db.One(ctx, tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) },
		"select bytes from evidence_part where operator=$1 and sha256=$2", operator, l.SHA256)
	if err != nil && !errors.Is(err, db.ErrNone) {
		return p, err
	}
	sum := sha256.Sum256(content)
	if p.Broken = err != nil || hex.EncodeToString(sum[:]) != l.SHA256; !p.Broken {
		p.Bytes = content
	}
	return p, nil
}

// entryOf is the ledger's entry by which a bundle was kept; "" when there is none.
func entryOf(ctx context.Context, tx *db.Tx, operator, id string) (string, error) {
	entries, err := ledger.Of(ctx, tx, operator, id)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		var r ledger.Record
		if json.Unmarshal([]byte(e.Record), &r) == nil && r.Kind == KeptKind && r.Subject == id {
			return e.ID, nil
		}
	}
	return "", nil
}
