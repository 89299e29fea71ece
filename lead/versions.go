package lead

import (
	"context"
	"errors"
	"sync"

	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/words"
)

// versions remembers published versions by component and number. They never
// change, so nothing goes stale; whether one is still live is asked in the
// transaction.
type versions struct {
	db *db.DB

	mu    sync.RWMutex
	known map[versionKey]*published
}

type versionKey struct {
	component string
	number    int
}

// published is a version with what every submission to it needs.
type published struct {
	*component.Version
	notices            map[words.Lang]consent.Notice
	required, optional []string
}

// errStale refuses what was agreed to under another version than the published one.
var errStale = &consent.Unproven{Code: consent.NoticeStale, Why: "a newer version is published; read the new notice and consent to it"}

// maxVersions bounds the memory; beyond it everything is forgotten and read again.
const maxVersions = 10_000

func (c *versions) get(ctx context.Context, id string, number int) (*published, error) {
	key := versionKey{id, number}
	c.mu.RLock()
	p := c.known[key]
	c.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	err := c.db.Read(ctx, func(tx *db.Tx) error {
		operator, err := component.OperatorOf(ctx, tx, id)
		if err != nil {
			return err
		}
		v, err := component.ByNumber(ctx, tx, operator, id, number)
		if errors.Is(err, component.ErrUnknown) {
			return errStale
		} else if err != nil {
			return err
		}
		p = &published{Version: v, notices: map[words.Lang]consent.Notice{}}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, lang := range p.Definition.Langs {
		p.notices[lang] = consent.NewNotice(p.Operator, id, number, lang, p.Definition.NoticeText(lang))
	}
	for _, choice := range p.Definition.Choices(words.ZH) {
		if choice.Required {
			p.required = append(p.required, choice.ID)
		} else {
			p.optional = append(p.optional, choice.ID)
		}
	}
	c.mu.Lock()
	if c.known == nil || len(c.known) >= maxVersions {
		c.known = map[versionKey]*published{}
	}
	c.known[key] = p
	c.mu.Unlock()
	return p, nil
}
