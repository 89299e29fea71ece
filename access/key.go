package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"time"

	"clew/db"
)

// A key reads clew_live_ or clew_test_, 52 characters for 32 random bytes, and 7
// for a CRC-32 of all before them: enough to tell a key from a typing error
// without asking the store, and for scanners of leaked secrets to be sure.
const (
	keyLive   = "clew_live_"
	keyTest   = "clew_test_"
	keyShown  = 12 // characters of a key that lists show
	keyRandom = 52
	keyLength = len(keyLive) + keyRandom + 7
	// keysPerName is two, so that a key can be replaced without a gap.
	keysPerName = 2
)

var keyText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

var (
	// ErrKey says that a text is no API key, or none in force.
	ErrKey = errors.New("this API key is not valid: it was revoked, mistyped or never made")
	// ErrKeyLimit says that a name has two keys in force already.
	ErrKeyLimit = errors.New("two keys of this name are in force: revoke one first")
)

// Key is an API key as lists show it; its text is shown once, by [Room.CreateKey].
type Key struct {
	Operator, ID string
	Name         string
	Prefix       string // the first 12 characters
	Scopes       Scopes
	Test         bool
	CreatedAt    time.Time
	CreatedBy    string    // staff id, or the part of the program
	UsedAt       time.Time // to the minute; zero: never
	RevokedAt    time.Time // zero: in force
}

// NewKey is what key to make.
type NewKey struct {
	Name   string // which program holds it
	Scopes Scopes
	Test   bool // may see and make test leads only
}

func newKey(test bool) string {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	text := keyLive
	if test {
		text = keyTest
	}
	text += keyText.EncodeToString(b)
	return text + keySum(text)
}

func keySum(text string) string {
	return keyText.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text))))
}

// parseKey reports whether text has the shape of a key.
func parseKey(text string) (test, ok bool) {
	if len(text) != keyLength {
		return false, false
	}
	body, sum := text[:keyLength-7], text[keyLength-7:]
	test = strings.HasPrefix(body, keyTest)
	if !test && !strings.HasPrefix(body, keyLive) {
		return false, false
	}
	if raw, err := keyText.DecodeString(body[len(keyLive):]); err != nil || len(raw) != 32 {
		return false, false
	}
	return test, subtle.ConstantTimeCompare([]byte(sum), []byte(keySum(body))) == 1
}

// keyEdit is the act over the caller's keys: the platform's are the host app's.
func keyEdit(c Caller) Act {
	if c.Operator == "" {
		return HostKeyEdit
	}
	return KeyEdit
}

// CreateKey makes a key of the caller's operator and returns its text, which is
// nowhere else. Two of one name may be in force, for rotation: [ErrKeyLimit]. A
// caller of the platform makes keys of the host app, whose only scope is [ScopeHost].
func (r *Room) CreateKey(ctx context.Context, caller Caller, n NewKey) (k Key, text string, err error) {
	n.Name = strings.TrimSpace(n.Name)
	if err := r.Check(ctx, caller, keyEdit(caller), Subject{Kind: "key"}); err != nil {
		return Key{}, "", err
	}
	if err := checkText("name", n.Name, 80); err != nil {
		return Key{}, "", err
	}
	switch {
	case caller.Operator == "" && n.Scopes != ScopeHost:
		return Key{}, "", &Invalid{"scopes", "host", "the platform's keys are the host app's and have the scope host alone"}
	case caller.Operator != "" && (n.Scopes&operatorScopes == 0 || n.Scopes&^operatorScopes != 0):
		return Key{}, "", &Invalid{"scopes", "empty", "choose at least one of read, reveal and write"}
	}
	text = newKey(n.Test)
	id := db.NewID("key")
	err = r.Do(ctx, caller, keyEdit(caller), Subject{"key", id}, "create with "+n.Scopes.String(), func(tx *db.Tx) error {
		inForce, err := db.Collect(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) },
			"select id from api_key where operator=$1 and name=$2 and test=$3 and revoked_at=0"+tx.ForUpdate(), caller.Operator, n.Name, n.Test)
		if err != nil {
			return err
		}
		if len(inForce) >= keysPerName {
			return ErrKeyLimit
		}
		k = Key{
			Operator: caller.Operator, ID: id, Name: n.Name, Prefix: text[:keyShown], Scopes: n.Scopes, Test: n.Test,
			CreatedAt: tx.Now(), CreatedBy: caller.ID,
		}
		return tx.Insert(ctx, "api_key",
			[]string{"operator", "id", "name", "prefix", "hash", "scopes", "test", "created_at", "created_by", "used_at", "revoked_at"},
			[][]any{{k.Operator, k.ID, k.Name, k.Prefix, hashToken(text), k.Scopes.String(), k.Test, tx.NowMS(), k.CreatedBy, 0, 0}})
	})
	if err != nil {
		return Key{}, "", err
	}
	return k, text, nil
}

const keyColumns = "operator, id, name, prefix, hash, scopes, test, created_at, created_by, used_at, revoked_at"

type storedKey struct {
	Key
	hash []byte
}

func scanKey(s db.Scanner) (k storedKey, err error) {
	var scopes string
	var created, used, revoked int64
	if err := s.Scan(&k.Operator, &k.ID, &k.Name, &k.Prefix, &k.hash, &scopes, &k.Test, &created, &k.CreatedBy, &used, &revoked); err != nil {
		return k, err
	}
	k.CreatedAt, k.UsedAt, k.RevokedAt = instant(created), instant(used), instant(revoked)
	k.Scopes, err = ParseScopes(strings.Split(scopes, ",")...)
	return k, err
}

// Keys lists the operator's keys in the order they were made, revoked ones too.
func (r *Room) Keys(ctx context.Context, caller Caller) (list []Key, err error) {
	if err := r.Check(ctx, caller, keyEdit(caller), Subject{Kind: "key"}); err != nil {
		return nil, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := db.Collect(ctx, tx, scanKey, "select "+keyColumns+" from api_key where operator=$1 order by id", caller.Operator)
		for _, k := range all {
			list = append(list, k.Key)
		}
		return err
	})
	return list, err
}

// RevokeKey ends a key at once and for good; [ErrMissing] when the operator has no
// such key in force.
func (r *Room) RevokeKey(ctx context.Context, caller Caller, id string) error {
	return r.Do(ctx, caller, keyEdit(caller), Subject{"key", id}, "revoke", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "update api_key set revoked_at=$1 where operator=$2 and id=$3 and revoked_at=0", tx.NowMS(), caller.Operator, id)
		if err == nil && n == 0 {
			return ErrMissing
		}
		return err
	})
}

// FromKey tells whose key the text is: one indexed read, and once a minute a
// write. [ErrKey] when it is none in force.
func (r *Room) FromKey(ctx context.Context, text string) (Caller, error) {
	if _, ok := parseKey(text); !ok {
		return Caller{}, ErrKey
	}
	var k storedKey
	var now time.Time
	hash := hashToken(text)
	err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now()
		k, err = db.One(ctx, tx, scanKey, "select "+keyColumns+" from api_key where hash=$1 and revoked_at=0", hash)
		return err
	})
	if errors.Is(err, db.ErrNone) || err == nil && subtle.ConstantTimeCompare(k.hash, hash) != 1 {
		return Caller{}, ErrKey
	}
	if err != nil {
		return Caller{}, err
	}
	if r.due(k.ID, now, k.UsedAt) {
		// Knowing when a key was used is not worth refusing it.
		_ = r.DB.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "update api_key set used_at=$1 where operator=$2 and id=$3", now.UnixMilli(), k.Operator, k.ID)
			return err
		})
	}
	return Caller{Kind: KindKey, ID: k.ID, Operator: k.Operator, Name: k.Name, Test: k.Test, Scopes: k.Scopes}, nil
}
