package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strings"

	"clew/access"
	"clew/db"
)

// SecretMark tells one secret of an app from the next without saying anything of
// it: 16 hexadecimal digits. Whatever was given for a secret carries its mark and
// ends with it. [ErrUnknown] when there is no such app; it crosses operators.
func SecretMark(ctx context.Context, tx *db.Tx, id string) (App, string, error) {
	hash, err := db.One(ctx, tx, func(s db.Scanner) (v []byte, err error) { return v, s.Scan(&v) },
		"select secret_hash from app where id=$1", id)
	if errors.Is(err, db.ErrNone) {
		return App{}, "", ErrUnknown
	}
	if err != nil {
		return App{}, "", err
	}
	a, err := Find(ctx, tx, id)
	mark := sha256.Sum256(append([]byte("mark "), hash...))
	return a, hex.EncodeToString(mark[:8]), err
}

// NewSecret replaces an app's secret and returns the new one, which is not kept.
// The old one, and every token given for it, ends at once.
func (r *Room) NewSecret(ctx context.Context, caller access.Caller, id string) (secret string, err error) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	secret = strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
	hash := sha256.Sum256([]byte(secret))
	err = r.Access.Do(ctx, caller, access.KeyEdit, access.Subject{Kind: "app", ID: id}, "new secret", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "update app set secret_hash=$3 where operator=$1 and id=$2", caller.Operator, id, hash[:])
		if err == nil && n == 0 {
			err = ErrUnknown
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}
