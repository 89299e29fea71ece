package exchange

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the platform's own signature
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"regexp"

	"clew/db"
	"clew/outbox"
)

// KindEvent is the kind of the outbox messages that [Room.Receive] puts.
const KindEvent = "platform.event"

// MaxEvent bounds the body of an event, in bytes.
const MaxEvent = 64 << 10

var (
	// ErrSignature says that an event is not signed with a secret of the app. An app
	// that is unknown or has no credential is answered the same: nobody outside learns
	// which apps there are.
	ErrSignature = errors.New("the event is not signed with a secret of this app")
	// ErrEvent says that what was signed is no event.
	ErrEvent = errors.New("not an event of the open platform: a JSON object with event, and the header Msg-Id")
)

// Push is one call of the open platform's webhook.
type Push struct {
	Signature string // X-Douyin-Signature
	MessageID string // Msg-Id
	Body      []byte // as it came
}

// Received is what became of a [Push].
type Received struct {
	// Challenge is what to answer verify_webhook with, as it was written; nil for
	// everything else.
	Challenge json.RawMessage
	// Repeated says that the message had come before: nothing was done.
	Repeated bool
}

// Event is the body of a [KindEvent] message. What happened in detail is not kept:
// who a person on the platform is, what they wrote to the account and what they
// filled into a card in a conversation are dropped unread.
type Event struct {
	App      string   `json:"app"`
	Platform Platform `json:"platform"`
	Event    string   `json:"event"`
	Message  string   `json:"message"` // the platform's own id
	// SameAs is the earlier event with the very same body under another id, if there
	// was one within a week: the platform signs the body but not its id, so that this
	// may be a replay, or the same thing again.
	SameAs string `json:"same_as,omitempty"`
}

const eventVerify = "verify_webhook"

var (
	eventShape     = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_.]{0,63}$`)
	messageShape   = regexp.MustCompile(`^[A-Za-z0-9_.:=+/-]{1,128}$`)
	challengeShape = regexp.MustCompile(`^(-?[0-9]{1,20}|"[A-Za-z0-9_-]{1,128}")$`)
)

// EventSignature is how Douyin signs an event: hex SHA-1 of the secret and the body.
// Such a hash can be lengthened by whoever has seen one (SHA-1 keeps its state in the
// open), but only with bytes after the body's end, and those are no JSON.
func EventSignature(secret string, body []byte) string {
	h := sha1.New()
	_, _ = h.Write([]byte(secret))
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

type pushed struct {
	Event     string `json:"event"`
	ClientKey string `json:"client_key"`
	Content   struct {
		Challenge json.RawMessage `json:"challenge"`
	} `json:"content"`
}

// readPush reads a signed body. Members that we do not keep are not looked at.
func readPush(body []byte) (p pushed, err error) {
	var outer struct {
		Event     string          `json:"event"`
		ClientKey string          `json:"client_key"`
		Content   json.RawMessage `json:"content"`
	}
	if len(body) > MaxEvent || json.Unmarshal(body, &outer) != nil || !eventShape.MatchString(outer.Event) {
		return p, ErrEvent
	}
	p.Event, p.ClientKey = outer.Event, outer.ClientKey
	if p.Event != eventVerify {
		return p, nil
	}
	content := outer.Content
	// Content comes as an object, or as a text that holds one.
	var text string
	if json.Unmarshal(content, &text) == nil {
		content = []byte(text)
	}
	if json.Unmarshal(content, &p.Content) != nil || !challengeShape.Match(bytes.TrimSpace(p.Content.Challenge)) {
		return p, ErrEvent
	}
	return p, nil
}

// Receive takes a push of Douyin's open platform for an app: verified, taken once
// per message id, and put into the outbox as [KindEvent] with ids only. The errors
// are [ErrSignature] and [ErrEvent]; the platform sends again what was not answered.
func (r *Room) Receive(ctx context.Context, operator, app string, push Push) (Received, error) {
	all, err := r.secretsInForce(ctx, operator, app, Douyin)
	if err != nil {
		return Received{}, err
	}
	signed, appID := 0, ""
	if len(all) == 0 {
		_ = EventSignature("", push.Body) // an unknown app takes as long as a known one
	}
	for _, c := range all {
		same := subtle.ConstantTimeCompare([]byte(EventSignature(c.secrets.Secret, push.Body)), []byte(push.Signature))
		if same == 1 {
			appID = c.AppID
		}
		signed |= same
	}
	if signed != 1 {
		return Received{}, ErrSignature
	}
	p, err := readPush(push.Body)
	switch {
	case err != nil:
		return Received{}, err
	case p.ClientKey != "" && p.ClientKey != appID:
		return Received{}, ErrSignature // another app of the same secret there is none
	case p.Event == eventVerify:
		return Received{Challenge: bytes.TrimSpace(p.Content.Challenge)}, nil
	case !messageShape.MatchString(push.MessageID):
		return Received{}, ErrEvent
	}
	return r.take(ctx, operator, app, p.Event, push)
}

func (r *Room) take(ctx context.Context, operator, app, event string, push Push) (got Received, err error) {
	// Keyed: a body may hold little else than who it was.
	tag := r.Ring.Index(operator, "platform event", string(push.Body))
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		id := db.NewID("pev")
		n, err := tx.Exec(ctx, `insert into exchange_event (operator, id, app, platform, message, event, body_tag, at)
			values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (operator, app, platform, message) do nothing`,
			operator, id, app, string(Douyin), push.MessageID, event, tag, tx.NowMS())
		if err != nil {
			return err
		}
		if got.Repeated = n == 0; got.Repeated {
			return nil
		}
		e := Event{App: app, Platform: Douyin, Event: event, Message: push.MessageID}
		same, err := db.Collect(ctx, tx, func(s db.Scanner) (id string, err error) { return id, s.Scan(&id) },
			"select id from exchange_event where operator=$1 and body_tag=$2 and id<>$3 and app=$4 order by at, id limit 1", operator, tag, id, app)
		if err != nil {
			return err
		}
		if len(same) > 0 {
			e.SameAs = same[0]
		}
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		return r.Outbox.Put(ctx, tx, []outbox.Message{{Operator: operator, Kind: KindEvent, Subject: id, Body: body}})
	})
	return got, err
}
