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
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/db"
)

// ErrUnknown says that there is no such operator or app.
var ErrUnknown = errors.New("no such app")

// Operator is a business that wants leads.
type Operator struct {
	ID      string
	Name    string
	Created time.Time
}

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

// CategoryState is how far a category of an app has come. Only Online counts for
// collecting leads (norm 二: 类目需上线后才能接入).
type CategoryState string

// The states, in the order an application passes through them.
const (
	Applied  CategoryState = "applied"
	Approved CategoryState = "approved"
	Online   CategoryState = "online"
	Offline  CategoryState = "offline"
)

// next lists which state may follow which; "" is a category not yet applied for.
var next = map[CategoryState][]CategoryState{
	"":       {Applied},
	Applied:  {Approved, Offline},
	Approved: {Online, Offline},
	Online:   {Offline},
	Offline:  {Applied},
}

// NextCategory is where a category in state may go next; state "" is one that was
// not applied for.
func NextCategory(state CategoryState) []CategoryState { return slices.Clone(next[state]) }

// Category is a category an app has applied for.
type Category struct {
	Path  string // "一级 > 二级 > 三级", as norm.Category.Path writes it
	State CategoryState
	Since time.Time
}

// Room is where apps are kept.
type Room struct {
	DB     *db.DB
	Access *access.Room
}

// CreateOperator adds an operator.
func (r *Room) CreateOperator(ctx context.Context, tx *db.Tx, name string) (Operator, error) {
	if err := checkName(name); err != nil {
		return Operator{}, err
	}
	o := Operator{ID: db.NewID("op"), Name: name, Created: tx.Now()}
	_, err := tx.Exec(ctx, "insert into operator (id, name, created_at) values ($1, $2, $3)", o.ID, o.Name, tx.NowMS())
	return o, err
}

// GetOperator reads one operator; [ErrUnknown].
func GetOperator(ctx context.Context, tx *db.Tx, id string) (Operator, error) {
	o, err := db.One(ctx, tx, scanOperator, "select id, name, created_at from operator where id=$1", id)
	if errors.Is(err, db.ErrNone) {
		err = ErrUnknown
	}
	return o, err
}

// Operators is up to limit operators in the order of their ids, those behind after
// only; after "" is the beginning. It crosses operators: for the platform alone.
func Operators(ctx context.Context, tx *db.Tx, after string, limit int) ([]Operator, error) {
	return db.Collect(ctx, tx, scanOperator, "select id, name, created_at from operator where id > $1 order by id limit $2", after, limit)
}

func scanOperator(s db.Scanner) (o Operator, err error) {
	var ms int64
	err = s.Scan(&o.ID, &o.Name, &ms)
	o.Created = time.UnixMilli(ms).UTC()
	return o, err
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

// SetOrigins replaces the web origins of an app; *[BadOrigin], [ErrOrigins].
func (r *Room) SetOrigins(ctx context.Context, caller access.Caller, id string, origins []string) error {
	clean, err := checkOrigins(origins)
	if err != nil {
		return err
	}
	text, err := json.Marshal(clean)
	if err != nil {
		return err
	}
	return r.Access.Do(ctx, caller, access.AppEdit, access.Subject{Kind: "app", ID: id}, "", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "update app set origins=$3 where operator=$1 and id=$2", caller.Operator, id, string(text))
		if err == nil && n == 0 {
			err = ErrUnknown
		}
		return err
	})
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

// Categories is what an app has applied for.
func Categories(ctx context.Context, tx *db.Tx, operator, app string) ([]Category, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (c Category, err error) {
		var ms int64
		err = s.Scan(&c.Path, &c.State, &ms)
		c.Since = time.UnixMilli(ms).UTC()
		return c, err
	}, "select category, state, since from app_category where operator=$1 and app=$2 order by since, category"+tx.ForShare(), operator, app)
}

// BadStep says that a category cannot go from one state to another.
type BadStep struct{ From, To CategoryState }

func (e *BadStep) Error() string {
	if e.From == "" {
		return fmt.Sprintf("a category that was not applied for cannot become %s", e.To)
	}
	return fmt.Sprintf("a category that is %s cannot become %s; it can become %v", e.From, e.To, next[e.From])
}

// MoveCategory takes a category to its next state; *[BadStep] when it cannot go there.
func (r *Room) MoveCategory(ctx context.Context, tx *db.Tx, operator, app, path string, to CategoryState) error {
	var from CategoryState
	all, err := Categories(ctx, tx, operator, app)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Path == path {
			from = c.State
		}
	}
	if !slices.Contains(next[from], to) {
		return &BadStep{from, to}
	}
	_, err = tx.Exec(ctx, `insert into app_category (operator, app, category, state, since) values ($1, $2, $3, $4, $5)
		on conflict (operator, app, category) do update set state=excluded.state, since=excluded.since`,
		operator, app, path, string(to), tx.NowMS())
	return err
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

// BadOrigin says which origin is not one.
type BadOrigin struct{ Origin string }

func (e *BadOrigin) Error() string {
	return fmt.Sprintf("%q is not an origin; write scheme and host like https://www.example.com, without path", e.Origin)
}

// MaxOrigins is how many origins an app may have.
const MaxOrigins = 50

// ErrOrigins says that there are more origins than an app may have.
var ErrOrigins = fmt.Errorf("an app has at most %d origins", MaxOrigins)

// hostRunes is what the host of an origin consists of as browsers send it: names in
// other scripts come as Punycode (RFC 5891), and there are no wildcards.
const hostRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]"

// checkOrigins writes origins as browsers send them (RFC 6454, 6.2), so that
// [App.Allows] can compare texts.
func checkOrigins(origins []string) ([]string, error) {
	if len(origins) > MaxOrigins {
		return nil, ErrOrigins
	}
	clean := []string{}
	for _, o := range origins {
		u, err := url.Parse(o)
		local := err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
		if err != nil || u.Host == "" || u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" ||
			len(o) > 300 || u.Hostname() == "" || strings.Trim(u.Host, hostRunes) != "" ||
			(u.Scheme != "https" && (u.Scheme != "http" || !local)) {
			return nil, &BadOrigin{o}
		}
		host := strings.ToLower(u.Host)
		// Browsers leave a scheme's own port out.
		if u.Port() == map[string]string{"https": "443", "http": "80"}[u.Scheme] {
			host = strings.TrimSuffix(host, ":"+u.Port())
		}
		clean = append(clean, u.Scheme+"://"+strings.TrimSuffix(host, ":"))
	}
	slices.Sort(clean)
	return slices.Compact(clean), nil
}

// Allows reports whether a page of origin may carry the app's components.
func (a App) Allows(origin string) bool { return slices.Contains(a.Origins, origin) }
