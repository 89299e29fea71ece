// Package exchange keeps one promise: a phone number fetched from another platform
// is fetched once, checked for whose app it is, and never logged.
//
// In front of a platform, a mini-program's page holds no number after the person's
// tap, only a [Grant]: something that the platform, or a key of the operator, turns
// into the number. [Room.Phone] does that with the operator's own [Credential]. One
// file per platform knows its wire; [Room.Receive] takes the events it pushes.
//
// A grant works once, so what it gave is remembered, sealed, for [Remembered] under
// the submission's idempotency key: a retry finds it there.
//
// Sources: the platforms' open documentation as of 2026-11; RFC 8017 7.2 (RSA),
// RFC 5652 6.3 (padding).
package exchange

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"clew/access"
	"clew/db"
	"clew/outbox"
	"clew/phone"
	"clew/seal"
)

// Platform is whose mini-program the person is in.
type Platform string

// The platforms there are drivers for.
const (
	Douyin Platform = "douyin"
	WeChat Platform = "wechat"
	Alipay Platform = "alipay"
)

// Platforms is every platform, in the order people are shown them.
func Platforms() []Platform { return []Platform{Douyin, WeChat, Alipay} }

// Grant is what a page got for the person's tap. Which members are needed follows
// from the platform:
//
//   - a one-time code: Douyin from base library 3.51, WeChat;
//   - EncryptedData, IV and the LoginCode of a login made before the tap: Douyin's
//     older way, which WeChat's older one is too;
//   - Response, and Sign where it came apart: Alipay.
//
// A Grant is as good as the number: it is never stored, logged or shown.
type Grant struct {
	Platform                     Platform
	Code                         string
	EncryptedData, IV, LoginCode string
	// RawData and Signature may stand beside EncryptedData: that the session which
	// sealed it is the one LoginCode opens. RawData is not kept.
	RawData, Signature string
	Response, Sign     string
}

// BadGrant says which member of a grant is missing, too long or too much. It holds
// no value.
type BadGrant struct {
	Field string // as the API spells it
	Code  string // required, unknown, shape, both
}

func (e *BadGrant) Error() string { return "phone grant: " + e.Field + " is " + e.Code }

const (
	maxCode   = 512      // bytes; Douyin's and WeChat's codes have some dozens
	maxSealed = 16 << 10 // bytes of base64: a number and its watermark need some hundreds
)

// printable is what codes and base64 consist of: a code goes into a JSON body, and
// nothing else may come with it.
var printable = regexp.MustCompile(`^[!-~]+$`)

// Check is nil or [*BadGrant].
func (g Grant) Check() error {
	old := g.EncryptedData != "" || g.IV != "" || g.LoginCode != ""
	whole := g.Response != "" || g.Sign != ""
	bad := func(field, code string) error { return &BadGrant{field, code} }
	switch {
	case g.Platform != Douyin && g.Platform != WeChat && g.Platform != Alipay:
		return bad("platform", "unknown")
	case g.Platform == Alipay && (g.Code != "" || old):
		return bad("code", "both")
	case g.Platform == Alipay && g.Response == "":
		return bad("response", "required")
	case g.Platform != Alipay && whole:
		return bad("response", "both")
	case g.Code != "" && old:
		return bad("code", "both")
	case g.Platform != Alipay && g.Code == "" && !old:
		return bad("code", "required")
	}
	for _, m := range []struct {
		name, value string
		most        int
		needed      bool
	}{
		{"code", g.Code, maxCode, false},
		{"encrypted_data", g.EncryptedData, maxSealed, old},
		{"iv", g.IV, 64, old},
		{"login_code", g.LoginCode, maxCode, old},
		{"signature", g.Signature, 64, g.RawData != ""},
		{"sign", g.Sign, 2048, false},
	} {
		switch {
		case m.value == "" && m.needed:
			return bad(m.name, "required")
		case m.value != "" && (len(m.value) > m.most || !printable.MatchString(m.value)):
			return bad(m.name, "shape")
		}
	}
	if len(g.Response) > maxSealed || len(g.RawData) > maxSealed {
		return bad("response", "shape")
	}
	return nil
}

// text is the grant as one list of texts, for tags.
func (g Grant) text() []string {
	return []string{string(g.Platform), g.Code, g.EncryptedData, g.IV, g.LoginCode, g.Response, g.Sign}
}

// Tag is a keyed tag of a grant: equal for equal grants, and of no use to anybody
// without the key.
func Tag(ring *seal.Ring, operator string, g Grant) string {
	return ring.Index(operator, "phone grant", strings.Join(g.text(), "\n"))
}

// Reason is why a platform gave no number. Stable: pages go by it, and whatever it
// is, they let the person type.
type Reason string

// The reasons.
const (
	// Refused: the grant, or the operator's credential, is not accepted.
	Refused Reason = "refused"
	// Used: this grant gave a number before.
	Used Reason = "used"
	// Expired: it is too old. The platforms that have one code for both mean this.
	Expired Reason = "expired"
	// Denied: the app has not, or no longer, the right to ask; pages see the same as
	// errNo 10101. The operator should look at the diagnosis.
	Denied Reason = "denied_10101"
	// Unavailable: the platform did not answer, or not in a way it documents.
	Unavailable Reason = "unavailable"
)

// Reasons is every reason.
func Reasons() []Reason { return []Reason{Refused, Used, Expired, Denied, Unavailable} }

// Failed is a platform's refusal. It holds no value of the grant, and no text that
// the platform wrote.
type Failed struct {
	Platform Platform
	Reason   Reason
	// Code is the platform's own code, or a word of ours (decrypt, watermark,
	// no_credential, timeout …), for the operator's log.
	Code string
}

func (e *Failed) Error() string {
	return fmt.Sprintf("%s gave no phone number: %s (%s)", e.Platform, e.Reason, e.Code)
}

// Words of ours in [Failed].Code.
const (
	codeDecrypt    = "decrypt"       // whatever is wrong with a ciphertext, or with what it opens to
	codeWatermark  = "watermark"     // another app's number
	codeSignature  = "signature"     // not signed by the platform, or for another session
	codeCredential = "no_credential" // none in force, or without the key that is needed
	codeTimeout    = "timeout"
	codeNetwork    = "network"
	codeAnswer     = "answer" // not what the platform documents
	codeNumber     = "number" // of a region or kind that is not accepted
)

// Remembered is how long an exchanged number waits, sealed, for the submission it
// belongs to.
const Remembered = 10 * time.Minute

// Hosts are where the platforms answer; empty members mean the documented ones.
type Hosts struct {
	DouyinOpen   string // https://open.douyin.com
	DouyinLegacy string // https://developer.toutiao.com
	WeChat       string // https://api.weixin.qq.com
}

func (h Hosts) filled() Hosts {
	for _, d := range []struct {
		at *string
		to string
	}{{&h.DouyinOpen, "https://open.douyin.com"}, {&h.DouyinLegacy, "https://developer.toutiao.com"}, {&h.WeChat, "https://api.weixin.qq.com"}} {
		if *d.at == "" {
			*d.at = d.to
		}
		*d.at = strings.TrimRight(*d.at, "/")
	}
	return h
}

// Room exchanges. DB, Ring, Access, Outbox and Log are needed.
type Room struct {
	DB     *db.DB
	Ring   *seal.Ring
	Access *access.Room
	Outbox *outbox.Room
	Log    *slog.Logger

	Hosts Hosts
	// OrdinaryToken makes WeChat's driver ask /cgi-bin/token instead of
	// /cgi-bin/stable_token. Ordinary tokens end one another: only where nothing else
	// fetches one for the same app.
	OrdinaryToken bool
	// Timeout bounds one exchange with everything in it; zero means 8 s.
	Timeout time.Duration
	// Roots are the certificate authorities believed; nil means the system's.
	Roots *x509.CertPool

	once   sync.Once
	client *http.Client
	tokens tokens
	turns  turns
}

func (r *Room) timeout() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return 8 * time.Second
}

// driver turns a grant into the text of a number with the credentials in force,
// the newest first. Its errors are [*Failed].
type driver func(ctx context.Context, r *Room, all []opened, g Grant) (string, error)

func (g Grant) driver() driver {
	switch {
	case g.Platform == Alipay:
		return alipayNumber
	case g.Code == "":
		return sessionNumber
	case g.Platform == WeChat:
		return wechatNumber
	}
	return douyinNumber
}

// Phone turns a grant into the number it stands for. once is the tag of the
// submission's idempotency key: the same once with the same grant gives the same
// number for [Remembered] without asking the platform again, whoever died in
// between; empty remembers nothing. The errors are [*BadGrant], [*Failed] and
// failures of the store.
//
// The caller must have the person's consent, and must not hold a transaction. What
// is under way is finished when ctx ends, because the grant is spent by then.
func (r *Room) Phone(ctx context.Context, operator, app, once string, g Grant) (phone.Number, error) {
	if err := g.Check(); err != nil {
		return phone.Number{}, err
	}
	if once != "" {
		done, err := r.turns.take(ctx, operator+"/"+once)
		if err != nil {
			return phone.Number{}, err
		}
		defer done()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.timeout())
	defer cancel()
	tag := Tag(r.Ring, operator, g)
	number, used, err := r.recall(ctx, operator, once, tag)
	switch {
	case err != nil:
		return phone.Number{}, err
	case !number.IsZero():
		return number, nil
	case used:
		return phone.Number{}, &Failed{g.Platform, Used, "remembered"}
	}
	all, err := r.inForce(ctx, operator, app, g.Platform)
	if err != nil {
		return phone.Number{}, err
	}
	number, err = r.ask(ctx, all, g)
	if err == nil {
		r.remember(ctx, operator, once, tag, number)
		return number, nil
	}
	var failed *Failed
	if !errors.As(err, &failed) {
		return phone.Number{}, err
	}
	if failed.Reason == Used || failed.Reason == Expired {
		// Another process may have been quicker with the same submission.
		if number, used, err := r.recall(ctx, operator, once, tag); err == nil && !number.IsZero() {
			return number, nil
		} else if err == nil && used {
			failed.Reason = Used
		}
	}
	r.Log.Warn("phone exchange", "operator", operator, "app", app, "platform", string(g.Platform), "reason", string(failed.Reason), "code", failed.Code)
	return phone.Number{}, failed
}

func (r *Room) ask(ctx context.Context, all []opened, g Grant) (phone.Number, error) {
	if len(all) == 0 {
		return phone.Number{}, &Failed{g.Platform, Refused, codeCredential}
	}
	text, err := g.driver()(ctx, r, all, g)
	if err != nil {
		return phone.Number{}, err
	}
	number, err := phone.Normalize(text, phone.DefaultRegion)
	if err != nil {
		return phone.Number{}, &Failed{g.Platform, Refused, codeNumber}
	}
	return number, nil
}

// turns lets one at a time pass per key, in this process.
type turns struct {
	mu   sync.Mutex
	keys map[string]*turn
}

type turn struct {
	free    chan struct{} // holds one while nobody is inside
	waiting int
}

func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	t.mu.Lock()
	if t.keys == nil {
		t.keys = map[string]*turn{}
	}
	k := t.keys[key]
	if k == nil {
		k = &turn{free: make(chan struct{}, 1)}
		k.free <- struct{}{}
		t.keys[key] = k
	}
	k.waiting++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		if k.waiting--; k.waiting == 0 {
			delete(t.keys, key)
		}
		t.mu.Unlock()
	}
	select {
	case <-k.free:
		return func() { k.free <- struct{}{}; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
