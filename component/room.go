package component

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clew/access"
	"clew/consent"
	"clew/db"
	"clew/norm"
)

var (
	// ErrUnknown says that there is no such component, or no such version of it, or
	// that it is another operator's.
	ErrUnknown = errors.New("no such component")
	// ErrUnpublished says that the component exists and is not open to people.
	ErrUnpublished = errors.New("component is not published")
	// ErrStale says that somebody else saved the draft meanwhile: read it again.
	ErrStale = errors.New("draft was changed meanwhile; read it again and repeat the change")
)

// NotReady says that the norm forbids publishing. Shortfalls holds reviews too.
type NotReady struct{ Shortfalls []Shortfall }

func (e *NotReady) Error() string {
	n := 0
	for _, s := range e.Shortfalls {
		if s.Verdict == Violation {
			n++
		}
	}
	return fmt.Sprintf("component cannot be published: %d shortfalls of the norm must be mended first", n)
}

// Room is where components are kept.
type Room struct {
	DB     *db.DB
	Access *access.Room
}

// Component is a component as its operator sees it.
type Component struct {
	Operator, ID string
	Draft        Definition
	// DraftVersion counts saves of the draft, from 1; [Room.SaveDraft] expects it.
	DraftVersion int
	// Live is the number of the version people can open, zero when it is closed.
	// Latest is the newest version there is, zero before the first publication.
	Live, Latest     int
	Created, Updated time.Time
	UpdatedBy        string // id of the caller who last changed anything
}

func subject(id string) access.Subject { return access.Subject{Kind: "component", ID: id} }

// Create keeps a first draft, which may be incomplete. The error may be
// [*BadDefinition] or [*access.Denied].
func (r *Room) Create(ctx context.Context, caller access.Caller, def Definition) (id string, err error) {
	if err := def.shape(); err != nil {
		return "", err
	}
	id = db.NewID("cmp")
	err = r.Access.Do(ctx, caller, access.ComponentEdit, subject(id), "", func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into component
			(operator, id, app, draft, draft_version, live, latest, created_at, updated_at, updated_by)
			values ($1, $2, $3, $4, 1, 0, 0, $5, $5, $6)`,
			caller.Operator, id, def.App, string(def.Encode()), tx.NowMS(), caller.ID)
		return err
	})
	if err != nil {
		return "", err
	}
	return id, nil
}

// SaveDraft replaces the draft and returns its new version. expect is the draft
// version the change was made on; [ErrStale] when it is no longer the newest.
func (r *Room) SaveDraft(ctx context.Context, caller access.Caller, id string, def Definition, expect int) (version int, err error) {
	if err := def.shape(); err != nil {
		return 0, err
	}
	err = r.Access.Do(ctx, caller, access.ComponentEdit, subject(id), "", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update component set draft=$4, app=$5, draft_version=draft_version+1, updated_at=$6, updated_by=$7
			where operator=$1 and id=$2 and draft_version=$3`,
			caller.Operator, id, expect, string(def.Encode()), def.App, tx.NowMS(), caller.ID)
		if err != nil || n == 1 {
			return err
		}
		if _, err := find(ctx, tx, caller.Operator, id, ""); err != nil {
			return err
		}
		return ErrStale
	})
	if err != nil {
		return 0, err
	}
	return expect + 1, nil
}

// Publish freezes the draft as a new version, stores its notices and opens it to
// people. A draft that is already the newest version under the same edition is only opened
// again. The shortfalls returned are reviews; violations are [*NotReady].
func (r *Room) Publish(ctx context.Context, caller access.Caller, id string) (number int, found []Shortfall, err error) {
	err = r.Access.Do(ctx, caller, access.ComponentPublish, subject(id), "", func(tx *db.Tx) error {
		c, err := find(ctx, tx, caller.Operator, id, tx.ForUpdate())
		if err != nil {
			return err
		}
		edition := norm.At(tx.Now())
		if found = Check(c.Draft, edition); Blocks(found) {
			return &NotReady{found}
		}
		text := string(c.Draft.Encode())
		number = c.Latest
		same, err := db.Collect(ctx, tx, func(s db.Scanner) (bool, error) {
			var definition, ed string
			err := s.Scan(&definition, &ed)
			return definition == text && ed == edition.ID, err
		}, "select definition, edition from component_version where operator=$1 and component=$2 and number=$3",
			caller.Operator, id, c.Latest)
		if err != nil {
			return err
		}
		if len(same) == 0 || !same[0] {
			number++
			if err := freeze(ctx, tx, caller, c, number, edition.ID, text); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `update component set live=$3, latest=$3, updated_at=$4, updated_by=$5
			where operator=$1 and id=$2`, caller.Operator, id, number, tx.NowMS(), caller.ID)
		return err
	})
	if err != nil {
		return 0, found, err
	}
	return number, found, nil
}

// freeze is the only place that writes a version, and it only adds one.
func freeze(ctx context.Context, tx *db.Tx, caller access.Caller, c Component, number int, edition, text string) error {
	if _, err := tx.Exec(ctx, `insert into component_version
		(operator, component, number, app, edition, definition, published_at, published_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		c.Operator, c.ID, number, c.Draft.App, edition, text, tx.NowMS(), caller.ID); err != nil {
		return fmt.Errorf("freeze component version: %w", err)
	}
	var notices []consent.Notice
	for _, l := range c.Draft.Langs {
		notices = append(notices, consent.NewNotice(c.Operator, c.ID, number, l, c.Draft.NoticeText(l)))
	}
	return consent.PutNotices(ctx, tx, notices)
}

// Unpublish closes the component to people at once. Its versions stay.
func (r *Room) Unpublish(ctx context.Context, caller access.Caller, id string) error {
	return r.Access.Do(ctx, caller, access.ComponentPublish, subject(id), "", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "update component set live=0, updated_at=$3, updated_by=$4 where operator=$1 and id=$2",
			caller.Operator, id, tx.NowMS(), caller.ID)
		if err == nil && n == 0 {
			return ErrUnknown
		}
		return err
	})
}

// Get is one component of the caller's operator.
func (r *Room) Get(ctx context.Context, caller access.Caller, id string) (c Component, err error) {
	if err := r.Access.Check(ctx, caller, access.ComponentRead, subject(id)); err != nil {
		return Component{}, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		c, err = find(ctx, tx, caller.Operator, id, "")
		return err
	})
	return c, err
}

// List is the operator's components, the newest first, at most limit (1 to 100;
// anything else means 50). after is the cursor the call before returned; next is
// empty on the last page.
func (r *Room) List(ctx context.Context, caller access.Caller, after string, limit int) (page []Component, next string, err error) {
	if err := r.Access.Check(ctx, caller, access.ComponentRead, subject("")); err != nil {
		return nil, "", err
	}
	if limit < 1 || limit > 100 {
		limit = 50
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		page, err = db.Collect(ctx, tx, scan, "select "+columns+" from component where operator=$1 and ($2='' or id<$2) order by id desc limit $3",
			caller.Operator, after, limit+1)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(page) > limit {
		page = page[:limit]
		next = page[limit-1].ID
	}
	return page, next, nil
}

// Versions is every published version, the newest first.
func (r *Room) Versions(ctx context.Context, caller access.Caller, id string) (all []Version, err error) {
	if err := r.Access.Check(ctx, caller, access.ComponentRead, subject(id)); err != nil {
		return nil, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		if _, err := find(ctx, tx, caller.Operator, id, ""); err != nil {
			return err
		}
		all, err = db.Collect(ctx, tx, scanVersion, "select "+versionColumns+
			" from component_version v where v.operator=$1 and v.component=$2 order by v.number desc", caller.Operator, id)
		return err
	})
	return all, err
}

const columns = "operator, id, draft, draft_version, live, latest, created_at, updated_at, updated_by"

func scan(s db.Scanner) (Component, error) {
	var c Component
	var draft string
	var created, updated int64
	if err := s.Scan(&c.Operator, &c.ID, &draft, &c.DraftVersion, &c.Live, &c.Latest, &created, &updated, &c.UpdatedBy); err != nil {
		return c, err
	}
	c.Created, c.Updated = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	var err error
	if c.Draft, err = stored(draft); err != nil {
		return c, fmt.Errorf("draft of component %s: %w", c.ID, err)
	}
	return c, nil
}

// find reads one component; lock is "" or tx.ForUpdate().
func find(ctx context.Context, tx *db.Tx, operator, id, lock string) (Component, error) {
	c, err := db.One(ctx, tx, scan, "select "+columns+" from component where operator=$1 and id=$2"+lock, operator, id)
	if errors.Is(err, db.ErrNone) {
		return c, ErrUnknown
	}
	return c, err
}
