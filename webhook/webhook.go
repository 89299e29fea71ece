// Package webhook keeps one promise: each event reaches each endpoint that asked
// for it, signed, at least once over about 35 hours, and no endpoint can make
// Clew talk to its own insides.
//
// The wire is Standard Webhooks 1.0: headers webhook-id, webhook-timestamp and
// webhook-signature ("v1," and the base64 HMAC-SHA256 of "id.timestamp.body";
// two of them, parted by a space, while a secret is being rotated). The id is
// that of the event: it is the same on every try, on every replay and at every
// endpoint, so receivers must do nothing for an id they have seen. The body is
//
//	{"type":"lead.created","timestamp":"2026-03-02T02:00:00.000Z","data":{…}}
//
// with ids in data and, in the thin mode, "fetch": the path of the API that
// answers with the rest, to callers with the right to it. Bodies are frozen when
// the event is dispatched and never hold personal data.
//
// The sealed mode, which an endpoint asks for with an X25519 public key, adds
// data.sealed to lead.created: see [OpenSealed]. It is made anew at each try and
// stored nowhere, so a lead erased between two tries is not sent again.
package webhook

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"clew/access"
	"clew/db"
	"clew/outbox"
	"clew/seal"
)

var (
	// ErrUnknown says that the operator has no such endpoint or delivery.
	ErrUnknown = errors.New("no such webhook endpoint or delivery")
	// ErrTooMany says that the operator has [MaxEndpoints] already.
	ErrTooMany = errors.New("20 webhook endpoints are the most one operator may have: delete one first")
	// ErrErased is what [Room.Personal] returns for a lead whose personal data is
	// gone or may no longer be handed on.
	ErrErased = errors.New("the lead's personal data is gone")
)

// KindDeliver is the kind of the outbox messages that [Room.Deliver] handles.
const KindDeliver = "webhook.deliver"

// MaxEndpoints bounds the endpoints of an operator: each event is posted to all.
const MaxEndpoints = 20

// EventTest is sent by [Room.Test] alone, to any endpoint.
const EventTest = "webhook.test"

// Event is something an endpoint can ask for.
type Event struct {
	Name   string
	ZH, EN string // what it means
	// fetch is the path of what happened to; the subject's id follows it.
	fetch string
	// personal says that the sealed mode adds the lead's fields.
	personal bool
}

// Events is every event there is, in the order people should read them.
func Events() []Event {
	return []Event{
		{Name: "lead.created", ZH: "收到一条新线索", EN: "A lead came in", fetch: "/v1/leads/", personal: true},
		{Name: "lead.erased", ZH: "用户删除了线索：请同步删除", EN: "A person erased their lead: erase your copy too"},
		{Name: "consent.withdrawn", ZH: "用户撤回了同意：请停止使用", EN: "A person withdrew consent: stop using the lead", fetch: "/v1/leads/"},
		{Name: "capability.suspended", ZH: "小程序的线索能力被暂停", EN: "An app's capability is suspended"},
		{Name: "capability.withdrawn", ZH: "小程序的线索能力被收回", EN: "An app's capability is withdrawn"},
		{Name: "capability.granted", ZH: "小程序获得线索能力", EN: "An app's capability is granted"},
		{Name: "category.approved", ZH: "小程序的类目申请已通过", EN: "An app's category application is approved"},
		{Name: "category.online", ZH: "小程序的类目已上线", EN: "An app's category is online"},
		{Name: "category.offline", ZH: "小程序的类目被拒绝或下线", EN: "An app's category is refused or taken off line"},
		{Name: "category.opened", ZH: "平台开放了小程序的一个类目", EN: "The platform opens one of an app's categories"},
		{Name: "category.closed", ZH: "平台关闭了小程序的一个类目", EN: "The platform closes one of an app's categories"},
		{Name: "case.intent", ZH: "拟对小程序作出处置：可在期限内陈述", EN: "A measure is about to be decided: you may answer in time"},
		{Name: "case.decided", ZH: "作出了处置决定：可查看理由、整改或申诉", EN: "A decision was taken: read its reasons, put it right or appeal"},
		{Name: "case.rechecked", ZH: "整改已复检", EN: "What was put right was inspected again"},
		{Name: "case.appealed", ZH: "申诉已提交", EN: "An appeal was filed"},
		{Name: "case.appeal_answered", ZH: "申诉有了答复", EN: "An appeal was answered"},
		{Name: "platform.event", ZH: "开放平台推来一条事件（只有编号，不含内容）", EN: "The open platform pushed an event (ids only, nothing of what it says)"},
		{Name: EventTest, ZH: "测试事件", EN: "A test event"},
	}
}

func eventNamed(name string) (Event, bool) {
	for _, e := range Events() {
		if e.Name == name {
			return e, true
		}
	}
	return Event{}, false
}

// Room delivers. Make it with [New]; the other fields may be set before use.
type Room struct {
	DB     *db.DB
	Ring   *seal.Ring
	Access *access.Room
	Outbox *outbox.Room
	Log    *slog.Logger

	// Personal reads the fields of a lead for the sealed mode; [ErrErased] when
	// there are none. Nil refuses the sealed mode. The one who wires it sees to
	// the record of the reading.
	Personal func(ctx context.Context, operator, lead string) (map[string]string, error)
	// AllowHosts are addresses exempt from the guard, plain http included: for
	// "clew dev" and tests, never in production. An http URL must name the
	// address itself, not a host that resolves to it.
	AllowHosts []netip.AddrPort
	// Resolve looks a name up; nil means the system's resolver. It is asked once
	// per connection.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Roots are the certificate authorities believed; nil means the system's.
	Roots *x509.CertPool
	// Timeout bounds one try from the look-up of the name to the end of the
	// answer; zero means 15 s.
	Timeout time.Duration
	// Retention is how long finished deliveries are kept; zero means 30 days.
	Retention time.Duration

	once   sync.Once
	client *http.Client

	mu   sync.Mutex
	slow map[endpointKey]*gate
}

// New makes a room; a nil log discards. The caller registers [Room.Dispatch] for
// every event but [EventTest] and [Room.Deliver] for [KindDeliver] with the outbox.
func New(d *db.DB, ring *seal.Ring, who *access.Room, out *outbox.Room, log *slog.Logger) *Room {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Room{DB: d, Ring: ring, Access: who, Outbox: out, Log: log, slow: map[endpointKey]*gate{}}
}

// Register tells the outbox who handles events and deliveries.
func (r *Room) Register() {
	for _, e := range Events() {
		if e.Name != EventTest {
			r.Outbox.Handle(e.Name, r.Dispatch)
		}
	}
	r.Outbox.Handle(KindDeliver, r.Deliver)
}

func (r *Room) timeout() time.Duration {
	if r.Timeout > 0 {
		return r.Timeout
	}
	return 15 * time.Second
}

func msTime(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
