package policy

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"clew/access"
	"clew/db"
)

// Room keeps editions: who wrote and who approved them, since when they are
// announced and in force. None is ever changed or taken away.
type Room struct {
	DB     *db.DB
	Access *access.Room
}

// Stage is how far an edition has come.
type Stage string

// The stages. An announced edition is in force from its date on, until a newer one
// is.
const (
	DraftStage Stage = "draft"
	Announced  Stage = "announced"
	Dropped    Stage = "dropped" // never to be in force
)

// Kept is an edition with its story.
type Kept struct {
	Hash, Name string
	Stage      Stage
	Author     string // staff id
	Approver   string
	Created    time.Time
	Announced  time.Time
	Effective  time.Time
	// Notice is how many days ahead it had to be announced: 15 where it makes anything
	// heavier, else 7.
	Notice int
}

var (
	// ErrUnknown says that there is no such edition.
	ErrUnknown = errors.New("no such edition of the policy")
	// ErrOwn says that somebody would approve what they wrote themselves.
	ErrOwn = errors.New("another person than the author approves an edition")
)

// TooSoon says from when on an edition may be in force.
type TooSoon struct {
	Earliest time.Time
	Days     int
}

func (e *TooSoon) Error() string {
	return fmt.Sprintf("it must be announced %d days ahead: the earliest is %s", e.Days, e.Earliest.Format(time.RFC3339))
}

// parsed remembers editions by their hash. A text of a hash never changes, so neither
// does what it parses to.
var parsed sync.Map // hash → *Edition

func parse(hash, text string) (*Edition, error) {
	if e, ok := parsed.Load(hash); ok {
		return e.(*Edition), nil
	}
	e, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("edition %s: %w", hash, err)
	}
	if e.Hash() != hash {
		return nil, fmt.Errorf("edition %s: its text has the hash %s", hash, e.Hash())
	}
	parsed.Store(hash, e)
	return e, nil
}

// At is the edition in force at t: the newest announced one that had begun, else the
// one that ships.
func At(ctx context.Context, tx *db.Tx, t time.Time) (*Edition, error) {
	type row struct{ hash, text string }
	v, err := db.One(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.hash, &v.text) },
		"select hash, text from policy_edition where stage='announced' and effective_at<=$1 order by effective_at desc, announced_at desc limit 1", t.UnixMilli())
	if errors.Is(err, db.ErrNone) {
		return First(), nil
	} else if err != nil {
		return nil, err
	}
	return parse(v.hash, v.text)
}

// ByHash is the edition that a decision names, in force or not; [ErrUnknown].
func ByHash(ctx context.Context, tx *db.Tx, hash string) (*Edition, error) {
	if hash == First().Hash() {
		return First(), nil
	}
	text, err := db.One(ctx, tx, func(s db.Scanner) (text string, err error) { return text, s.Scan(&text) },
		"select text from policy_edition where hash=$1", hash)
	if errors.Is(err, db.ErrNone) {
		return nil, ErrUnknown
	} else if err != nil {
		return nil, err
	}
	return parse(hash, text)
}

// Save keeps a draft, if it can be used; *[Faulty]. Saving the same text twice is no
// error.
func (r *Room) Save(ctx context.Context, caller access.Caller, text string) (*Edition, error) {
	e, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return e, r.Access.Do(ctx, caller, access.PolicyEdit, access.Subject{Kind: "policy", ID: e.Hash()}, "", func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into policy_edition (hash, name, text, stage, author, approver, notice, created_at, announced_at, effective_at)
			values ($1, $2, $3, 'draft', $4, '', 0, $5, 0, 0) on conflict (hash) do nothing`, e.Hash(), e.Name, text, caller.ID, tx.NowMS())
		return err
	})
}

// NoticeDays is how many days ahead an edition must be announced: 15 where any
// combination of facts comes out heavier than under the one before, 7 otherwise
// (docs/governance.md).
func NoticeDays(before, next *Edition) (int, error) {
	for f := range Combinations() {
		old, err := before.Decide(f)
		if err != nil {
			return 0, err
		}
		now, err := next.Decide(f)
		if err != nil {
			return 0, err
		}
		if more(now, old) {
			return 15, nil
		}
	}
	return 7, nil
}

// Announce approves a draft and sets from when it is in force; *[TooSoon], [ErrOwn].
func (r *Room) Announce(ctx context.Context, caller access.Caller, hash string, effective time.Time) (Kept, error) {
	var k Kept
	err := r.Access.Do(ctx, caller, access.PolicyApprove, access.Subject{Kind: "policy", ID: hash}, "", func(tx *db.Tx) error {
		got, err := get(ctx, tx, hash, tx.ForUpdate())
		if err != nil {
			return err
		}
		if got.Stage != DraftStage {
			return &Faulty{[]Defect{{0, "it is " + string(got.Stage) + ", not a draft"}}}
		}
		if got.Author == caller.ID {
			return ErrOwn
		}
		next, err := ByHash(ctx, tx, hash)
		if err != nil {
			return err
		}
		before, err := At(ctx, tx, effective)
		if err != nil {
			return err
		}
		days, err := NoticeDays(before, next)
		if err != nil {
			return err
		}
		if earliest := (Span{days, "d"}).After(tx.Now()); effective.Before(earliest) {
			return &TooSoon{earliest, days}
		}
		if _, err := tx.Exec(ctx, "update policy_edition set stage='announced', approver=$2, notice=$3, announced_at=$4, effective_at=$5 where hash=$1",
			hash, caller.ID, days, tx.NowMS(), effective.UnixMilli()); err != nil {
			return err
		}
		k, err = get(ctx, tx, hash, "")
		return err
	})
	return k, err
}

// Drop says that a draft, or an announced edition not yet in force, never will be.
func (r *Room) Drop(ctx context.Context, caller access.Caller, hash string) error {
	return r.Access.Do(ctx, caller, access.PolicyApprove, access.Subject{Kind: "policy", ID: hash}, "", func(tx *db.Tx) error {
		got, err := get(ctx, tx, hash, tx.ForUpdate())
		if err != nil {
			return err
		}
		if got.Stage == Dropped || got.Stage == Announced && !got.Effective.After(tx.Now()) {
			return &Faulty{[]Defect{{0, "it is in force or dropped already"}}}
		}
		_, err = tx.Exec(ctx, "update policy_edition set stage='dropped' where hash=$1", hash)
		return err
	})
}

const keptColumns = "hash, name, stage, author, approver, notice, created_at, announced_at, effective_at"

func scanKept(s db.Scanner) (k Kept, err error) {
	var created, announced, effective int64
	err = s.Scan(&k.Hash, &k.Name, &k.Stage, &k.Author, &k.Approver, &k.Notice, &created, &announced, &effective)
	k.Created = time.UnixMilli(created).UTC()
	if announced != 0 {
		k.Announced, k.Effective = time.UnixMilli(announced).UTC(), time.UnixMilli(effective).UTC()
	}
	return k, err
}

func get(ctx context.Context, tx *db.Tx, hash, lock string) (Kept, error) {
	k, err := db.One(ctx, tx, scanKept, "select "+keptColumns+" from policy_edition where hash=$1"+lock, hash)
	if errors.Is(err, db.ErrNone) {
		err = ErrUnknown
	}
	return k, err
}

// Editions is every edition that was kept, the newest first. The one that ships is
// [First] and not among them.
func Editions(ctx context.Context, tx *db.Tx) ([]Kept, error) {
	return db.Collect(ctx, tx, scanKept, "select "+keptColumns+" from policy_edition order by created_at desc, hash")
}
