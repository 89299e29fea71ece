package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"clew/access"
	"clew/db"
	"clew/outbox"
)

// Mode says what an event carries besides ids.
type Mode string

// The two modes; the empty one counts as thin.
const (
	Thin   Mode = "thin"
	Sealed Mode = "sealed"
)

// Reasons why an endpoint is disabled.
const (
	ByOperator = "operator" // somebody switched it off
	Gone       = "gone"     // it answered 410
	Failing    = "failing"  // nothing but failures for 5 days
)

// Draft is what an operator decides about an endpoint.
type Draft struct {
	URL         string
	Description string   // for people; at most 200 characters, no phone number
	Events      []string // names of [Events], at least one
	Mode        Mode
	PublicKey   string // base64 of 32 bytes; the sealed mode needs one
}

// Endpoint is where events are posted. Its secret is shown once, when made.
type Endpoint struct {
	Operator, ID string
	Draft
	Enabled        bool
	DisabledReason string // "" or one of the reasons
	DisabledAt     time.Time
	// OldSecretUntil is how long events are signed with the former secret too.
	OldSecretUntil time.Time
	Failures       int       // in a row, since the last success
	FailingSince   time.Time // zero when the last try succeeded
	LastSuccess    time.Time // to the minute
	Created        time.Time
	Updated        time.Time
}

// Problem is one thing wrong with a draft; Code is stable, people read a
// translation of Field and Code.
type Problem struct{ Field, Code, Message string }

// Invalid says all that is wrong with a draft at once.
type Invalid struct{ Problems []Problem }

func (e *Invalid) Error() string {
	texts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		texts[i] = p.Field + ": " + p.Message
	}
	return strings.Join(texts, "; ")
}

// Check returns nil or [*Invalid], and tidies the draft. It needs no network: a
// name that resolves to a closed address is found when something is posted.
func (r *Room) Check(d *Draft) error {
	var problems []Problem
	add := func(field, code, message string) { problems = append(problems, Problem{field, code, message}) }
	d.URL = strings.TrimSpace(d.URL)
	if _, p := r.parseTarget(d.URL); p != nil {
		problems = append(problems, *p)
	}
	d.Description = strings.TrimSpace(d.Description)
	switch {
	case utf8.RuneCountInString(d.Description) > 200:
		add("description", "long", "at most 200 characters")
	case !utf8.ValidString(d.Description) || strings.ContainsFunc(d.Description, unicode.IsControl):
		add("description", "characters", "one line of plain text")
	case outbox.HideNumbers(d.Description) != d.Description:
		add("description", "digits", "a description must not carry what could be a phone number")
	}
	d.Events = slices.Compact(slices.Sorted(slices.Values(d.Events))) // not in the caller's slice
	if len(d.Events) == 0 {
		add("events", "empty", "name at least one event")
	}
	for _, name := range d.Events {
		if _, ok := eventNamed(name); !ok {
			add("events", "unknown", "one of the events does not exist")
			break
		}
	}
	d.PublicKey = strings.TrimSpace(d.PublicKey)
	switch d.Mode {
	case "":
		d.Mode = Thin
	case Thin, Sealed:
	default:
		add("mode", "unknown", `the mode is "thin" or "sealed"`)
	}
	switch {
	case d.PublicKey != "":
		if _, err := parsePublicKey(d.PublicKey); err != nil {
			add("public_key", "malformed", "the public key must be the base64 of a 32-byte X25519 key")
		}
	case d.Mode == Sealed:
		add("public_key", "missing", "the sealed mode needs an X25519 public key")
	}
	if d.Mode == Sealed && r.Personal == nil {
		add("mode", "unavailable", "this installation does not send sealed data")
	}
	if problems != nil {
		return &Invalid{problems}
	}
	return nil
}

// maySeal refuses a sealed endpoint to callers who may not read many leads in the
// clear: whoever names the key reads every lead that is sealed to it.
func (r *Room) maySeal(ctx context.Context, caller access.Caller, d Draft, id string) error {
	if d.Mode != Sealed {
		return nil
	}
	if caller.Test {
		return &Invalid{[]Problem{{"mode", "unavailable", "a test key cannot ask for sealed data"}}}
	}
	return r.Access.Check(ctx, caller, access.LeadExport, subject(id))
}

// Create makes an endpoint and its secret, which nobody can read again.
func (r *Room) Create(ctx context.Context, caller access.Caller, d Draft) (Endpoint, string, error) {
	if err := r.Access.Check(ctx, caller, access.WebhookEdit, access.Subject{Kind: "webhook"}); err != nil {
		return Endpoint{}, "", err
	}
	if err := r.Check(&d); err != nil {
		return Endpoint{}, "", err
	}
	if err := r.maySeal(ctx, caller, d, ""); err != nil {
		return Endpoint{}, "", err
	}
	id, key := db.NewID("whe"), newSecret()
	var e Endpoint
	err := r.Access.Do(ctx, caller, access.WebhookEdit, subject(id), "", func(tx *db.Tx) error {
		have, err := db.One(ctx, tx, scanInt, "select count(*) from webhook_endpoint where operator = $1", caller.Operator)
		if err != nil {
			return err
		}
		if have >= MaxEndpoints {
			return ErrTooMany
		}
		if _, err := tx.Exec(ctx, `insert into webhook_endpoint (operator, id, url, description, events, mode, public_key,
			enabled, disabled_reason, disabled_at, secret, old_until, failures, failing_since, last_success_at, created_at, updated_at)
			values ($1, $2, $3, $4, $5, $6, $7, true, '', 0, $8, 0, 0, 0, 0, $9, $9)`,
			caller.Operator, id, d.URL, d.Description, eventsText(d.Events), string(d.Mode), d.PublicKey,
			r.sealSecret(caller.Operator, id, key), tx.NowMS()); err != nil {
			return err
		}
		e, err = endpoint(ctx, tx, caller.Operator, id)
		return err
	})
	if err != nil {
		return Endpoint{}, "", err
	}
	return e, secretText(key), nil
}

func subject(id string) access.Subject { return access.Subject{Kind: "webhook", ID: id} }

func eventsText(names []string) string {
	text, err := json.Marshal(names)
	if err != nil {
		panic(err) // strings
	}
	return string(text)
}

func (r *Room) sealSecret(operator, id string, key []byte) []byte {
	return r.Ring.SealSecret("webhook secret", operator+"/"+id, key)
}

// keys are what events to the endpoint are signed with now, the newest first.
func (r *Room) keys(ctx context.Context, tx *db.Tx, operator, id string) ([][]byte, error) {
	type row struct {
		secret, old []byte
		until       int64
	}
	s, err := db.One(ctx, tx, func(s db.Scanner) (w row, err error) {
		return w, s.Scan(&w.secret, &w.old, &w.until)
	}, "select secret, old_secret, old_until from webhook_endpoint where operator = $1 and id = $2", operator, id)
	if err != nil {
		return nil, err
	}
	sealed := [][]byte{s.secret}
	if s.until > tx.NowMS() && s.old != nil {
		sealed = append(sealed, s.old)
	}
	for i := range sealed {
		if sealed[i], err = r.Ring.OpenSecret("webhook secret", operator+"/"+id, sealed[i]); err != nil {
			return nil, fmt.Errorf("webhook secret of %s: %w", id, err)
		}
	}
	return sealed, nil
}

const endpointColumns = `operator, id, url, description, events, mode, public_key, enabled, disabled_reason, disabled_at,
	old_until, failures, failing_since, last_success_at, created_at, updated_at`

func scanEndpoint(s db.Scanner) (e Endpoint, err error) {
	var events string
	var disabled, old, failing, success, created, updated int64
	if err := s.Scan(&e.Operator, &e.ID, &e.URL, &e.Description, &events, &e.Mode, &e.PublicKey, &e.Enabled,
		&e.DisabledReason, &disabled, &old, &e.Failures, &failing, &success, &created, &updated); err != nil {
		return e, err
	}
	e.DisabledAt, e.OldSecretUntil, e.FailingSince = msTime(disabled), msTime(old), msTime(failing)
	e.LastSuccess, e.Created, e.Updated = msTime(success), msTime(created), msTime(updated)
	return e, json.Unmarshal([]byte(events), &e.Events)
}

func scanInt(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }

func endpoint(ctx context.Context, tx *db.Tx, operator, id string) (Endpoint, error) {
	e, err := db.One(ctx, tx, scanEndpoint,
		"select "+endpointColumns+" from webhook_endpoint where operator = $1 and id = $2", operator, id)
	if errors.Is(err, db.ErrNone) {
		return e, ErrUnknown
	}
	return e, err
}

func endpoints(ctx context.Context, tx *db.Tx, operator string) ([]Endpoint, error) {
	return db.Collect(ctx, tx, scanEndpoint,
		"select "+endpointColumns+" from webhook_endpoint where operator = $1 order by id", operator)
}

// List is all endpoints of the caller's operator, oldest first.
func (r *Room) List(ctx context.Context, caller access.Caller) (all []Endpoint, err error) {
	if err := caller.Require(access.WebhookRead); err != nil {
		return nil, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = endpoints(ctx, tx, caller.Operator)
		return err
	})
	return all, err
}

// Get is one endpoint; [ErrUnknown].
func (r *Room) Get(ctx context.Context, caller access.Caller, id string) (e Endpoint, err error) {
	if err := caller.Require(access.WebhookRead); err != nil {
		return e, err
	}
	err = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
		e, err = endpoint(ctx, tx, caller.Operator, id)
		return err
	})
	return e, err
}

// change runs one update whose statement begins with operator and id as $1 and
// $2, and returns the endpoint after it.
func (r *Room) change(ctx context.Context, caller access.Caller, id, set string, args func(tx *db.Tx) []any) (e Endpoint, err error) {
	err = r.Access.Do(ctx, caller, access.WebhookEdit, subject(id), "", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "update webhook_endpoint set "+set+" where operator = $1 and id = $2",
			append([]any{caller.Operator, id}, args(tx)...)...)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrUnknown
		}
		e, err = endpoint(ctx, tx, caller.Operator, id)
		return err
	})
	return e, err
}

// Update replaces what the operator decides; deliveries under way go to the new URL.
func (r *Room) Update(ctx context.Context, caller access.Caller, id string, d Draft) (Endpoint, error) {
	if err := r.Access.Check(ctx, caller, access.WebhookEdit, subject(id)); err != nil {
		return Endpoint{}, err
	}
	if err := r.Check(&d); err != nil {
		return Endpoint{}, err
	}
	if err := r.maySeal(ctx, caller, d, id); err != nil {
		return Endpoint{}, err
	}
	return r.change(ctx, caller, id, `url = $3, description = $4, events = $5, mode = $6, public_key = $7, updated_at = $8`,
		func(tx *db.Tx) []any {
			return []any{d.URL, d.Description, eventsText(d.Events), string(d.Mode), d.PublicKey, tx.NowMS()}
		})
}

// Disable stops an endpoint: no new deliveries are made, and those under way
// become dead letters at their next try.
func (r *Room) Disable(ctx context.Context, caller access.Caller, id string) (Endpoint, error) {
	return r.change(ctx, caller, id, `enabled = false, disabled_reason = $3, disabled_at = $4, updated_at = $4`,
		func(tx *db.Tx) []any { return []any{ByOperator, tx.NowMS()} })
}

// Enable starts it again with a clean slate; what died meanwhile can be replayed.
func (r *Room) Enable(ctx context.Context, caller access.Caller, id string) (Endpoint, error) {
	return r.change(ctx, caller, id, `enabled = true, disabled_reason = '', disabled_at = 0, failures = 0,
		failing_since = 0, updated_at = $3`, func(tx *db.Tx) []any { return []any{tx.NowMS()} })
}

// Delete removes the endpoint and its secrets; its past deliveries stay listed
// until they are swept.
func (r *Room) Delete(ctx context.Context, caller access.Caller, id string) error {
	return r.Access.Do(ctx, caller, access.WebhookEdit, subject(id), "", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "delete from webhook_endpoint where operator = $1 and id = $2", caller.Operator, id)
		if err == nil && n == 0 {
			err = ErrUnknown
		}
		return err
	})
}

// RotateSecret makes a new secret and returns it. Events are signed with both for
// overlap: zero means 24 hours, negative ends the old one at once (it leaked), a
// week is the most.
func (r *Room) RotateSecret(ctx context.Context, caller access.Caller, id string, overlap time.Duration) (string, error) {
	if overlap == 0 {
		overlap = 24 * time.Hour
	}
	overlap = min(max(overlap, 0), 7*24*time.Hour)
	key := newSecret()
	_, err := r.change(ctx, caller, id, `old_secret = case when cast($3 as bigint) > 0 then secret end,
		old_until = $3, secret = $4, updated_at = $5`, func(tx *db.Tx) []any {
		until := int64(0)
		if overlap > 0 {
			until = tx.Now().Add(overlap).UnixMilli()
		}
		return []any{until, r.sealSecret(caller.Operator, id, key), tx.NowMS()}
	})
	if err != nil {
		return "", err
	}
	return secretText(key), nil
}

// parsePublicKey reads 32 bytes of base64, plain or for URLs, padded or not.
func parsePublicKey(text string) ([]byte, error) {
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	raw, err := base64.RawStdEncoding.Strict().DecodeString(plain)
	if err != nil {
		return nil, err
	}
	// A key of small order seals nothing; sealing something finds it out.
	if _, err := sealTo(raw, "", []byte("x")); err != nil {
		return nil, err
	}
	return bytes.Clone(raw), nil
}
