// Package consent keeps one promise: what a person agreed to can be shown later
// word for word, with how they did it.
//
// A [Notice] is the exact text, stored once per published version and language
// and found again by its hash. A [Form] is the server's own signed memory of
// which text went onto which page and when. An [Act] is what the page says the
// person did. [Prove] holds the three together; only then is a [Receipt] made.
// A receipt's story ([Standing]) is a list of events that only grows. Refusals
// are counted without anything that leads to a person.
//
// Sources: PIPL 14, 15, 17, 23, 69; norm 3.1.1, 3.2; ISO/IEC TS 27560:2023.
package consent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"clew/db"
	"clew/words"
)

var (
	// ErrNoNotice says that no notice has this component, version and language.
	ErrNoNotice = errors.New("no such notice")
	// ErrNoticeFixed says that a version was published with another text: publish
	// a new version instead.
	ErrNoticeFixed = errors.New("a published notice cannot change; publish a new version")
	// ErrNoticeBroken says that a stored text no longer has its hash: the store was
	// changed by hand, and nothing may be proved from this row.
	ErrNoticeBroken = errors.New("stored notice does not match its hash")
)

// Notice is the exact text shown before consent, in one language.
type Notice struct {
	Operator, Component string
	// Version is the component version the text was published with, from 1.
	Version int
	Lang    words.Lang
	Text    string
	// Hash is [HashText] of Text.
	Hash string
}

// NewNotice makes a notice and its hash.
func NewNotice(operator, component string, version int, lang words.Lang, text string) Notice {
	return Notice{Operator: operator, Component: component, Version: version, Lang: lang, Text: text, Hash: HashText(text)}
}

// HashText is "sha256:" and the lower-case hex of SHA-256 over the UTF-8 bytes as
// they stand: no trimming, no normalising. Anyone with the text can repeat it.
func HashText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// PutNotices stores the texts of a publication. The same text again is no error;
// another text under the same version is [ErrNoticeFixed].
func PutNotices(ctx context.Context, tx *db.Tx, notices []Notice) error {
	for _, n := range notices {
		if n.Hash != HashText(n.Text) {
			return fmt.Errorf("notice %s version %d (%s): %w", n.Component, n.Version, n.Lang, ErrNoticeBroken)
		}
		if _, err := tx.Exec(ctx, `insert into notice (operator, component, version, lang, hash, text, created_at)
			values ($1, $2, $3, $4, $5, $6, $7) on conflict (operator, component, version, lang) do nothing`,
			n.Operator, n.Component, n.Version, string(n.Lang), n.Hash, n.Text, tx.NowMS()); err != nil {
			return fmt.Errorf("store notice: %w", err)
		}
		kept, err := FindNotice(ctx, tx, n.Operator, n.Component, n.Version, n.Lang)
		if err != nil {
			return err
		}
		if kept.Hash != n.Hash {
			return fmt.Errorf("notice %s version %d (%s): %w", n.Component, n.Version, n.Lang, ErrNoticeFixed)
		}
	}
	return nil
}

// FindNotice reads one notice and checks that its text still has its hash.
func FindNotice(ctx context.Context, tx *db.Tx, operator, component string, version int, lang words.Lang) (Notice, error) {
	n, err := db.One(ctx, tx, func(s db.Scanner) (Notice, error) {
		n := Notice{Operator: operator, Component: component, Version: version, Lang: lang}
		return n, s.Scan(&n.Hash, &n.Text)
	}, `select hash, text from notice where operator=$1 and component=$2 and version=$3 and lang=$4`,
		operator, component, version, string(lang))
	switch {
	case errors.Is(err, db.ErrNone):
		return Notice{}, fmt.Errorf("%s version %d (%s): %w", component, version, lang, ErrNoNotice)
	case err != nil:
		return Notice{}, fmt.Errorf("find notice: %w", err)
	case HashText(n.Text) != n.Hash:
		return Notice{}, fmt.Errorf("%s version %d (%s): %w", component, version, lang, ErrNoticeBroken)
	}
	return n, nil
}
