// Package app keeps one promise: what an app is, where its pages live and which
// categories it has online is written in one place.
//
// An app is an operator's mini-program or site. Its secret is shown once.
package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"clew/access"
	"clew/db"
	"clew/outbox"
)

// ErrUnknown says that there is no such operator or app.
var ErrUnknown = errors.New("no such app")

// App is one mini-program or site of an operator.
type App struct {
	Operator string
	ID       string
	Name     string
	// Origins are the web origins (RFC 6454) whose pages may carry the component,
	// besides Clew's own. Empty means none.
	Origins []string
	Created time.Time
}

// Room is where apps are kept. DB and Access are needed.
type Room struct {
	DB     *db.DB
	Access *access.Room
	// Outbox tells operators' webhooks what became of their categories; nil tells nobody.
	Outbox *outbox.Room
	// Open reports whether leads may be collected in a category now; nil asks the
	// norm's own table (package capability knows what overrules it).
	Open func(ctx context.Context, tx *db.Tx, path string) (bool, error)
}

// Create adds an app and returns its secret, which is not kept.
func (r *Room) Create(ctx context.Context, tx *db.Tx, operator, name string, origins []string) (App, string, error) {
	if err := checkName(name); err != nil {
		return App{}, "", err
	}
	clean, err := checkOrigins(origins)
	if err != nil {
		return App{}, "", err
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return App{}, "", err
	}
	secret := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
	// A secret of 256 random bits needs no slow hash.
	hash := sha256.Sum256([]byte(secret))
	a := App{Operator: operator, ID: db.NewID("app"), Name: name, Origins: clean, Created: tx.Now()}
	text, err := json.Marshal(clean)
	if err != nil {
		return App{}, "", err
	}
	_, err = tx.Exec(ctx, `insert into app (operator, id, name, origins, secret_hash, created_at)
		values ($1, $2, $3, $4, $5, $6)`, a.Operator, a.ID, a.Name, string(text), hash[:], tx.NowMS())
	return a, secret, err
}

const appColumns = "operator, id, name, origins, created_at"

func scanApp(s db.Scanner) (a App, err error) {
	var origins string
	var ms int64
	if err := s.Scan(&a.Operator, &a.ID, &a.Name, &origins, &ms); err != nil {
		return a, err
	}
	a.Created = time.UnixMilli(ms).UTC()
	return a, json.Unmarshal([]byte(origins), &a.Origins)
}

// Get reads one app of an operator; [ErrUnknown].
func Get(ctx context.Context, tx *db.Tx, operator, id string) (App, error) {
	a, err := db.One(ctx, tx, scanApp, "select "+appColumns+" from app where operator=$1 and id=$2", operator, id)
	if errors.Is(err, db.ErrNone) {
		err = ErrUnknown
	}
	return a, err
}

// Find reads one app by its id alone; [ErrUnknown]. It asks no caller: what it
// returns is for those who proved otherwise that they may know.
func Find(ctx context.Context, tx *db.Tx, id string) (App, error) {
	a, err := db.One(ctx, tx, scanApp, "select "+appColumns+" from app where id=$1", id)
	if errors.Is(err, db.ErrNone) {
		err = ErrUnknown
	}
	return a, err
}

// Hold keeps an app's row until the transaction ends, so that changes of what
// belongs to it follow each other; [ErrUnknown].
func Hold(ctx context.Context, tx *db.Tx, operator, id string) error {
	_, err := db.One(ctx, tx, scanApp, "select "+appColumns+" from app where operator=$1 and id=$2"+tx.ForUpdate(), operator, id)
	if errors.Is(err, db.ErrNone) {
		err = ErrUnknown
	}
	return err
}

// List is every app of an operator, oldest first.
func List(ctx context.Context, tx *db.Tx, operator string) ([]App, error) {
	return db.Collect(ctx, tx, scanApp, "select "+appColumns+" from app where operator=$1 order by id", operator)
}

// CheckSecret reports whether secret is the app's, in constant time.
func CheckSecret(ctx context.Context, tx *db.Tx, id, secret string) (App, bool, error) {
	type row struct {
		operator string
		hash     []byte
	}
	got, err := db.One(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.operator, &v.hash) },
		"select operator, secret_hash from app where id=$1", id)
	if errors.Is(err, db.ErrNone) {
		return App{}, false, nil
	} else if err != nil {
		return App{}, false, err
	}
	hash := sha256.Sum256([]byte(secret))
	if subtle.ConstantTimeCompare(hash[:], got.hash) != 1 {
		return App{}, false, nil
	}
	a, err := Get(ctx, tx, got.operator, id)
	return a, err == nil, err
}

// ErrName says that a name is empty or too long.
var ErrName = errors.New("a name has 1 to 80 characters and no control characters")

func checkName(name string) error {
	n := 0
	for _, c := range name {
		if c < ' ' || c == 0x7f {
			return ErrName
		}
		n++
	}
	if strings.TrimSpace(name) == "" || n > 80 {
		return ErrName
	}
	return nil
}
