package exchange

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"
)

var (
	// ErrUnknown says that the operator has no such credential.
	ErrUnknown = errors.New("no such credential")
	// ErrTooMany says that four versions are in force already.
	ErrTooMany = errors.New("four versions of a credential are the most that can be in force: end one first")
)

// maxInForce bounds the versions in force of one app and platform.
const maxInForce = 4

// Names of the secrets a credential may hold, as forms and [Credential.Holds] have them.
const (
	HasSecret     = "secret"
	HasPrivateKey = "private_key"
	HasAESKey     = "aes_key"
	HasPublicKey  = "public_key"
)

// Needs is which secrets a platform cannot do without; more is which it can use besides.
func (p Platform) Needs() (needed, more []string) {
	switch p {
	case Alipay:
		return []string{HasAESKey, HasPublicKey}, nil
	case Douyin:
		// The older way of Douyin does without the key.
		return []string{HasSecret}, []string{HasPrivateKey}
	}
	return []string{HasSecret}, nil
}

// Credential is one version of what an app needs to exchange grants on a platform.
// What it holds is never shown again.
type Credential struct {
	Operator, App string
	Platform      Platform
	Version       int
	AppID         string   // the app's id on the platform
	Holds         []string // names of its secrets
	// Bits and Fingerprint are of the RSA key that the platform is told: Douyin's
	// application public key, Alipay's own key. Zero without one.
	Bits        int
	Fingerprint string // 16 hex digits of the SHA-256 of the public key's SPKI
	Added       time.Time
	Ends        time.Time // zero while nothing newer replaces it
}

// InForce reports whether the credential is used at now.
func (c Credential) InForce(now time.Time) bool { return c.Ends.IsZero() || now.Before(c.Ends) }

// NewCredential is what an operator enters. On a rotation empty members stay as
// they are in the newest version.
type NewCredential struct {
	App        string
	Platform   Platform
	AppID      string
	Secret     string // Douyin's client_secret or AppSecret, WeChat's AppSecret
	PrivateKey string // Douyin: PEM or bare base64, PKCS#1 or PKCS#8
	AESKey     string // Alipay: base64 of 16 bytes
	PublicKey  string // Alipay's own RSA2 key, or its certificate
	// Overlap is how long the former version stays in force: zero means a day,
	// negative ends it at once (it leaked), a week is the most.
	Overlap time.Duration
}

// Problem is one thing wrong with what was entered; Code is stable.
type Problem struct{ Field, Code string }

// BadCredential says all that is wrong at once. It holds no value.
type BadCredential struct{ Problems []Problem }

func (e *BadCredential) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.Field + " is " + p.Code
	}
	return "credential: " + strings.Join(texts, ", ")
}

// secrets is what is sealed.
type secrets struct {
	Secret     string `json:"secret,omitempty"`
	PrivateKey []byte `json:"private_key,omitempty"` // PKCS#8
	AESKey     []byte `json:"aes_key,omitempty"`
	PublicKey  []byte `json:"public_key,omitempty"` // SPKI
}

// opened is a credential with its secrets, in memory only.
type opened struct {
	Credential
	secret  string
	private *rsa.PrivateKey // nil without one
	public  *rsa.PublicKey  // nil without one
	aes     []byte
}

var appIDShape = regexp.MustCompile(`^[A-Za-z0-9_-]{4,64}$`)

// read checks what was entered and lays it over the newest version's secrets.
func (n NewCredential) read(before secrets, beforeID string) (id string, s secrets, key *rsa.PublicKey, problems []Problem) {
	add := func(field, code string) { problems = append(problems, Problem{field, code}) }
	if !slices.Contains(Platforms(), n.Platform) {
		add("platform", "unknown")
		return "", s, nil, problems
	}
	s = before
	if id = cmp.Or(strings.TrimSpace(n.AppID), beforeID); id == "" {
		add("app_id", "required")
	} else if !appIDShape.MatchString(id) {
		add("app_id", "shape")
	}
	if secret := strings.TrimSpace(n.Secret); secret != "" {
		if len(secret) > 256 || !printable.MatchString(secret) {
			add(HasSecret, "shape")
		}
		s.Secret = secret
	}
	if n.PrivateKey != "" {
		private, err := parsePrivateKey(n.PrivateKey)
		if err != nil {
			add(HasPrivateKey, err.Error())
		} else if s.PrivateKey, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
			add(HasPrivateKey, errMalformed.Error())
		}
	}
	if text := strings.TrimSpace(n.AESKey); text != "" {
		raw, err := unbase64(text)
		if err != nil || len(raw) != 16 {
			add(HasAESKey, "shape")
		}
		s.AESKey = raw
	}
	if n.PublicKey != "" {
		public, err := parsePublicKey(n.PublicKey)
		if err != nil {
			add(HasPublicKey, err.Error())
		} else if s.PublicKey, err = x509.MarshalPKIXPublicKey(public); err != nil {
			add(HasPublicKey, errMalformed.Error())
		}
	}
	needed, more := n.Platform.Needs()
	for _, name := range needed {
		if !slices.Contains(s.names(), name) && !slices.ContainsFunc(problems, func(p Problem) bool { return p.Field == name }) {
			add(name, "required")
		}
	}
	for _, name := range s.names() {
		if !slices.Contains(needed, name) && !slices.Contains(more, name) {
			add(name, "unused") // kept for nothing is kept for a thief
		}
	}
	if problems == nil {
		o, err := s.open(Credential{})
		switch {
		case err != nil:
			add("platform", "malformed")
		case o.private != nil:
			key = &o.private.PublicKey
		case o.public != nil:
			key = o.public
		}
	}
	return id, s, key, problems
}

func (s secrets) names() (list []string) {
	for _, h := range []struct {
		name string
		has  bool
	}{{HasSecret, s.Secret != ""}, {HasPrivateKey, s.PrivateKey != nil}, {HasAESKey, s.AESKey != nil}, {HasPublicKey, s.PublicKey != nil}} {
		if h.has {
			list = append(list, h.name)
		}
	}
	return list
}

func (s secrets) open(c Credential) (opened, error) {
	o := opened{Credential: c, secret: s.Secret, aes: s.AESKey}
	var err error
	if s.PrivateKey != nil {
		if o.private, err = parsePrivateKey(base64.StdEncoding.EncodeToString(s.PrivateKey)); err != nil {
			return o, err
		}
	}
	if s.PublicKey != nil {
		o.public, err = parsePublicKey(base64.StdEncoding.EncodeToString(s.PublicKey))
	}
	return o, err
}

func subject(app string) access.Subject { return access.Subject{Kind: "credential", ID: app} }

const credentialPurpose = "exchange credential"

func credentialOwner(c Credential) string {
	return fmt.Sprintf("%s/%s/%s/%d", c.Operator, c.App, c.Platform, c.Version)
}

const credentialColumns = "operator, app, platform, version, app_id, holds, bits, fingerprint, added_at, ends_at"

func (c *Credential) scan(s db.Scanner, more ...any) error {
	var holds string
	var added, ends int64
	if err := s.Scan(append([]any{&c.Operator, &c.App, &c.Platform, &c.Version, &c.AppID, &holds, &c.Bits, &c.Fingerprint, &added, &ends}, more...)...); err != nil {
		return err
	}
	c.Added = time.UnixMilli(added).UTC()
	if ends > 0 {
		c.Ends = time.UnixMilli(ends).UTC()
	}
	return json.Unmarshal([]byte(holds), &c.Holds)
}

type storedCredential struct {
	Credential
	sealed []byte
}

// stored is every version of an app's credential on a platform, the newest first.
func stored(ctx context.Context, tx *db.Tx, operator, app string, p Platform) ([]storedCredential, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (c storedCredential, err error) { return c, c.scan(s, &c.sealed) },
		"select "+credentialColumns+", sealed from exchange_credential where operator=$1 and app=$2 and platform=$3 order by version desc",
		operator, app, string(p))
}

func (r *Room) unseal(c storedCredential) (s secrets, err error) {
	plain, err := r.Ring.OpenSecret(credentialPurpose, credentialOwner(c.Credential), c.sealed)
	if err != nil {
		return s, fmt.Errorf("credential of %s: %w", c.App, err)
	}
	return s, json.Unmarshal(plain, &s)
}

// inForce opens the versions that may be used now, the newest first.
func (r *Room) inForce(ctx context.Context, operator, app string, p Platform) ([]opened, error) {
	all, err := r.secretsInForce(ctx, operator, app, p)
	if err != nil {
		return nil, err
	}
	out := make([]opened, len(all))
	for i, s := range all {
		if out[i], err = s.secrets.open(s.Credential); err != nil {
			return nil, fmt.Errorf("credential of %s version %d: %w", s.App, s.Version, err)
		}
	}
	return out, nil
}

// unsealed is a credential whose keys nobody has parsed yet, which takes a while.
type unsealed struct {
	Credential
	secrets secrets
}

func (r *Room) secretsInForce(ctx context.Context, operator, app string, p Platform) (all []unsealed, err error) {
	var rows []storedCredential
	if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = stored(ctx, tx, operator, app, p)
		return err
	}); err != nil {
		return nil, err
	}
	for _, c := range rows {
		if !c.InForce(r.DB.Now()) || c.sealed == nil {
			continue
		}
		s, err := r.unseal(c)
		if err != nil {
			return nil, err
		}
		all = append(all, unsealed{c.Credential, s})
	}
	return all, nil
}

// Put adds the first version of a credential, or a newer one beside those in force:
// it is used first from now on, the former until the overlap is over. The errors
// are *[BadCredential], [ErrTooMany] and app.ErrUnknown.
func (r *Room) Put(ctx context.Context, caller access.Caller, n NewCredential) (c Credential, err error) {
	overlap := n.Overlap
	if overlap == 0 {
		overlap = 24 * time.Hour
	}
	overlap = min(max(overlap, 0), 7*24*time.Hour)
	err = r.Access.Do(ctx, caller, access.ExchangeEdit, subject(n.App), "", func(tx *db.Tx) error {
		if _, err := app.Get(ctx, tx, caller.Operator, n.App); err != nil {
			return err
		}
		rows, err := stored(ctx, tx, caller.Operator, n.App, n.Platform)
		if err != nil {
			return err
		}
		var before secrets
		beforeID, version, live := "", 1, 0
		for i, row := range rows {
			if i == 0 {
				version = row.Version + 1
			}
			if !row.InForce(tx.Now()) || row.sealed == nil {
				continue
			}
			if live++; live == 1 {
				beforeID = row.AppID
				if before, err = r.unseal(row); err != nil {
					return err
				}
			}
		}
		id, s, key, problems := n.read(before, beforeID)
		if problems != nil {
			return &BadCredential{problems}
		}
		ends := tx.Now().Add(overlap)
		if overlap == 0 {
			live = 0
		}
		if live >= maxInForce {
			return ErrTooMany
		}
		// What ends sooner keeps its end.
		set := "ends_at=$4"
		if overlap == 0 {
			set += ", sealed=null"
		}
		if _, err := tx.Exec(ctx, "update exchange_credential set "+set+` where operator=$1 and app=$2 and platform=$3
			and (ends_at=0 or ends_at>$4)`, caller.Operator, n.App, string(n.Platform), ends.UnixMilli()); err != nil {
			return err
		}
		c = Credential{
			Operator: caller.Operator, App: n.App, Platform: n.Platform, Version: version, AppID: id, Holds: s.names(), Added: tx.Now(),
		}
		if key != nil {
			c.Bits, c.Fingerprint = key.N.BitLen(), fingerprint(key)
		}
		return r.insert(ctx, tx, c, s)
	})
	return c, err
}

func (r *Room) insert(ctx context.Context, tx *db.Tx, c Credential, s secrets) error {
	plain, err := json.Marshal(s)
	if err != nil {
		return err
	}
	holds, err := json.Marshal(c.Holds)
	if err != nil {
		return err
	}
	return tx.Insert(ctx, "exchange_credential", strings.Split(credentialColumns+", sealed", ", "), [][]any{{
		c.Operator, c.App, string(c.Platform), c.Version, c.AppID, string(holds), c.Bits, c.Fingerprint, tx.NowMS(), 0,
		r.Ring.SealSecret(credentialPurpose, credentialOwner(c), plain),
	}})
}

// End ends one version at once and destroys its secrets; [ErrUnknown].
func (r *Room) End(ctx context.Context, caller access.Caller, app string, p Platform, version int) error {
	return r.Access.Do(ctx, caller, access.ExchangeEdit, subject(app), "", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update exchange_credential set sealed=null, ends_at=case when ends_at=0 or ends_at>$5 then $5 else ends_at end
			where operator=$1 and app=$2 and platform=$3 and version=$4`, caller.Operator, app, string(p), version, tx.NowMS())
		if err == nil && n == 0 {
			err = ErrUnknown
		}
		return err
	})
}

// List is every version of every credential of the caller's operator, by app and
// platform, the newest first.
func (r *Room) List(ctx context.Context, caller access.Caller) (all []Credential, err error) {
	if err := r.Access.Check(ctx, caller, access.ExchangeRead, subject("")); err != nil {
		return nil, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Collect(ctx, tx, func(s db.Scanner) (c Credential, err error) { return c, c.scan(s) },
			"select "+credentialColumns+" from exchange_credential where operator=$1 order by app, platform, version desc", caller.Operator)
		return err
	})
	return all, err
}

// AppsOn is the apps of an operator that have a credential in force on a platform.
func (r *Room) AppsOn(ctx context.Context, operator string, p Platform) (apps []string, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		apps, err = db.Collect(ctx, tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) },
			`select distinct app from exchange_credential where operator=$1 and platform=$2 and sealed is not null
			and (ends_at=0 or ends_at>$3) order by app`, operator, string(p), tx.NowMS())
		return err
	})
	return apps, err
}
