package lead_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/db/dbtest"
	"clew/lead"
	"clew/outbox"
	"clew/phone"
	"clew/rights"
	"clew/seal"
	"clew/words"
)

// house is the rooms a lead passes through, on one store.
type house struct {
	t     *testing.T
	db    *db.DB
	clock *dbtest.Clock
	ring  *seal.Ring

	access     *access.Room
	apps       *app.Room
	capability *capability.Room
	components *component.Room
	intake     *lead.Intake
	leads      *lead.Room
	rights     *rights.Room

	owner   access.Caller
	app     string
	version *component.Version
	sent    inboxSender
}

// inboxSender keeps the last code that was "sent".
type inboxSender struct {
	mu   sync.Mutex
	text string
}

func (s *inboxSender) Send(_ context.Context, _ phone.Number, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = text
	return nil
}

// each runs fn in a furnished house per engine; the component takes typed numbers
// unless change says otherwise.
func each(t *testing.T, change func(*component.Definition), fn func(*house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		h := &house{t: t, db: d, clock: clock, ring: seal.TestRing(t)}
		log := slog.New(slog.NewTextHandler(io.Discard, nil))
		h.access = &access.Room{DB: d, Ring: h.ring}
		out := outbox.New(d, log)
		h.apps = &app.Room{DB: d, Access: h.access}
		h.capability = &capability.Room{DB: d, Access: h.access, Outbox: out}
		h.components = &component.Room{DB: d, Access: h.access}
		h.intake = &lead.Intake{
			DB: d, Ring: h.ring, Outbox: out, Log: log,
			Phone: &phone.Room{DB: d, Ring: h.ring, Sender: &h.sent},
		}
		h.leads = &lead.Room{DB: d, Ring: h.ring, Access: h.access, Outbox: out, Log: log}
		h.rights = &rights.Room{DB: d, Ring: h.ring, Access: h.access, Leads: h.leads, BaseURL: "https://clew.example", Storage: "中国大陆"}
		h.furnish(change)
		h.intake.Start()
		t.Cleanup(h.intake.Stop)
		fn(h)
	})
}

func (h *house) furnish(change func(*component.Definition)) {
	h.t.Helper()
	ctx := h.t.Context()
	h.write(func(tx *db.Tx) error {
		o, err := h.apps.CreateOperator(ctx, tx, "测试")
		if err != nil {
			return err
		}
		a, _, err := h.apps.Create(ctx, tx, o.ID, "测试", nil)
		if err != nil {
			return err
		}
		h.app = a.ID
		h.owner = access.Caller{Kind: access.KindStaff, ID: "staff_owner", Operator: o.ID, Role: access.RoleOwner}
		for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
			if err := h.apps.MoveCategory(ctx, tx, o.ID, a.ID, category, s); err != nil {
				return err
			}
		}
		for _, s := range []capability.State{capability.Applied, capability.Granted} {
			if err := h.capability.Move(ctx, tx, access.System("", "test"), o.ID, a.ID, s, "", ""); err != nil {
				return err
			}
		}
		return nil
	})
	def := component.Sample(h.app)
	def.Verification = component.Typed
	if change != nil {
		change(&def)
	}
	h.publish(def)
}

const category = "商业服务 > 商业服务 > 法律服务"

func (h *house) publish(def component.Definition) {
	h.t.Helper()
	ctx := h.t.Context()
	id, err := h.components.Create(ctx, h.owner, def)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, _, err := h.components.Publish(ctx, h.owner, id); err != nil {
		h.t.Fatal(err)
	}
	if err := h.db.Read(ctx, func(tx *db.Tx) error {
		h.version, err = component.Live(ctx, tx, id)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) write(fn func(tx *db.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), fn); err != nil {
		h.t.Fatal(err)
	}
}

// number is a made-up number; equal n give equal numbers.
func number(n int) string { return fmt.Sprintf("138%08d", n) }

// submission is a good one: consent given, in order, for the number n.
func (h *house) submission(key string, n int) lead.Submission {
	now := h.db.Now().UnixMilli()
	notice := consent.NewNotice(h.version.Operator, h.version.Component, h.version.Number, words.ZH, h.version.Definition.NoticeText(words.ZH))
	act := consent.Act{
		NoticeVersion: notice.Version, NoticeHash: notice.Hash,
		Gesture: consent.Gesture{Kind: consent.KindTap, Trigger: "免费咨询", Trusted: true, OpenedAt: now, TickedAt: now + 900},
	}
	for _, c := range h.version.Definition.Choices(words.ZH) {
		act.Choices = append(act.Choices, consent.Choice{ID: c.ID, Accepted: c.Required})
	}
	return lead.Submission{
		Key: key,
		Form: consent.Form{
			Component: h.version.Component, Version: h.version.Number, NoticeHash: notice.Hash, Lang: words.ZH,
			IssuedAt: now, Via: consent.ViaSheet, Nonce: "n",
		},
		Act: act, Answers: map[string]string{"phone": number(n), "name": "王小明"}, Scene: "sheet",
	}
}

// accept submits and expects it to be stored.
func (h *house) accept(key string, n int) lead.Accepted {
	h.t.Helper()
	a, err := h.intake.Accept(h.t.Context(), h.submission(key, n))
	if err != nil {
		h.t.Fatalf("submission %s: %v", key, err)
	}
	return a
}

func (h *house) list(f lead.Filter) []lead.Lead {
	h.t.Helper()
	leads, _, err := h.leads.List(h.t.Context(), h.owner, f, "", 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return leads
}

// rows counts what a table holds.
func (h *house) rows(table string) int {
	h.t.Helper()
	var n int
	if err := h.db.Read(h.t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(h.t.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from "+table)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return n
}

// messages counts outbox messages of a kind.
func (h *house) messages(kind string) int {
	h.t.Helper()
	var n int
	if err := h.db.Read(h.t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(h.t.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
			"select count(*) from outbox where kind=$1", kind)
		return err
	}); err != nil {
		h.t.Fatal(err)
	}
	return n
}

const day = 24 * time.Hour
