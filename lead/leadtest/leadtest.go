// Package leadtest furnishes the rooms a lead passes through, on a store of its own
// per engine, for tests of this room and of those above it.
package leadtest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/db/dbtest"
	"clew/funnel"
	"clew/lead"
	"clew/outbox"
	"clew/phone"
	"clew/seal"
	"clew/words"
)

// House is the rooms a lead passes through, on one store.
type House struct {
	T     *testing.T
	DB    *db.DB
	Clock *dbtest.Clock
	Ring  *seal.Ring

	Access     *access.Room
	Apps       *app.Room
	Capability *capability.Room
	Components *component.Room
	Intake     *lead.Intake
	Funnel     *funnel.Room
	Leads      *lead.Room

	// Owner runs the operator whose App has the published component Version.
	Owner   access.Caller
	App     string
	Version *component.Version
	// Sent is where codes went.
	Sent Sender
}

// Sender keeps the last code that was "sent".
type Sender struct {
	mu   sync.Mutex
	text string
}

// Send implements phone.Sender.
func (s *Sender) Send(_ context.Context, _ phone.Number, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = text
	return nil
}

// Text is the last message that was "sent"; empty before the first.
func (s *Sender) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text
}

// Each runs fn in a furnished house per engine; the component takes typed numbers
// unless change says otherwise.
func Each(t *testing.T, change func(*component.Definition), fn func(*House)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(Furnish(t, d, clock, change)) })
}

// Furnish is a house on a migrated store, for tests that open it themselves; clock
// may be nil where the store has the machine's.
func Furnish(t *testing.T, d *db.DB, clock *dbtest.Clock, change func(*component.Definition)) *House {
	t.Helper()
	h := &House{T: t, DB: d, Clock: clock, Ring: seal.TestRing(t)}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	h.Access = &access.Room{DB: d, Ring: h.Ring}
	out := outbox.New(d, log)
	h.Apps = &app.Room{DB: d, Access: h.Access}
	h.Capability = &capability.Room{DB: d, Access: h.Access, Outbox: out}
	h.Components = &component.Room{DB: d, Access: h.Access}
	h.Intake = &lead.Intake{
		DB: d, Ring: h.Ring, Outbox: out, Log: log,
		Phone: &phone.Room{DB: d, Ring: h.Ring, Sender: &h.Sent},
	}
	h.Leads = &lead.Room{DB: d, Ring: h.Ring, Access: h.Access, Outbox: out, Log: log}
	h.Funnel = &funnel.Room{DB: d, Ring: h.Ring, Access: h.Access, Log: log, Owners: component.Owners, Reasons: lead.Reasons()}
	h.Intake.Funnel, h.Leads.Funnel = h.Funnel, h.Funnel
	h.furnish(change)
	h.Intake.Start()
	t.Cleanup(h.Intake.Stop)
	return h
}

func (h *House) furnish(change func(*component.Definition)) {
	h.T.Helper()
	ctx := h.T.Context()
	h.Write(func(tx *db.Tx) error {
		o, err := h.Apps.CreateOperator(ctx, tx, "测试")
		if err != nil {
			return err
		}
		a, _, err := h.Apps.Create(ctx, tx, o.ID, "测试", nil)
		if err != nil {
			return err
		}
		h.App = a.ID
		h.Owner = access.Caller{Kind: access.KindStaff, ID: "staff_owner", Operator: o.ID, Role: access.RoleOwner}
		for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
			if err := h.Apps.MoveCategory(ctx, tx, o.ID, a.ID, Category, s); err != nil {
				return err
			}
		}
		for _, s := range []capability.State{capability.Applied, capability.Granted} {
			if err := h.Capability.Move(ctx, tx, access.System("", "test"), o.ID, a.ID, s, "", ""); err != nil {
				return err
			}
		}
		return nil
	})
	def := component.Sample(h.App)
	def.Verification = component.Typed
	if change != nil {
		change(&def)
	}
	h.Publish(def)
}

// Category is one of the norm's, online in every House.
const Category = "商业服务 > 商业服务 > 法律服务"

func (h *House) Publish(def component.Definition) {
	h.T.Helper()
	ctx := h.T.Context()
	id, err := h.Components.Create(ctx, h.Owner, def)
	if err != nil {
		h.T.Fatal(err)
	}
	if _, _, err := h.Components.Publish(ctx, h.Owner, id); err != nil {
		h.T.Fatal(err)
	}
	if err := h.DB.Read(ctx, func(tx *db.Tx) error {
		h.Version, err = component.Live(ctx, tx, id)
		return err
	}); err != nil {
		h.T.Fatal(err)
	}
}

func (h *House) Write(fn func(tx *db.Tx) error) {
	h.T.Helper()
	if err := h.DB.Write(h.T.Context(), fn); err != nil {
		h.T.Fatal(err)
	}
}

// Number is a made-up number; equal n give equal numbers.
func Number(n int) string { return fmt.Sprintf("138%08d", n) }

// Submission is a good one: consent given, in order, for the number n.
func (h *House) Submission(key string, n int) lead.Submission {
	now := h.DB.Now().UnixMilli()
	notice := consent.NewNotice(h.Version.Operator, h.Version.Component, h.Version.Number, words.ZH, h.Version.Definition.NoticeText(words.ZH))
	act := consent.Act{
		NoticeVersion: notice.Version, NoticeHash: notice.Hash,
		Gesture: consent.Gesture{Kind: consent.KindTap, Trigger: "免费咨询", Trusted: true, OpenedAt: now, TickedAt: now + 900},
	}
	for _, c := range h.Version.Definition.Choices(words.ZH) {
		act.Choices = append(act.Choices, consent.Choice{ID: c.ID, Accepted: c.Required})
	}
	return lead.Submission{
		Key: key,
		Form: consent.Form{
			Component: h.Version.Component, Version: h.Version.Number, NoticeHash: notice.Hash, Lang: words.ZH,
			IssuedAt: now, Via: consent.ViaSheet, Nonce: "n",
		},
		Act: act, Answers: map[string]string{"phone": Number(n), "name": "王小明"}, Scene: "sheet",
	}
}

// Accept submits and expects it to be stored.
func (h *House) Accept(key string, n int) lead.Accepted {
	h.T.Helper()
	a, err := h.Intake.Accept(h.T.Context(), h.Submission(key, n))
	if err != nil {
		h.T.Fatalf("submission %s: %v", key, err)
	}
	return a
}

func (h *House) List(f lead.Filter) []lead.Lead {
	h.T.Helper()
	leads, _, err := h.Leads.List(h.T.Context(), h.Owner, f, "", 0)
	if err != nil {
		h.T.Fatal(err)
	}
	return leads
}

// Rows counts what a table holds.
func (h *House) Rows(table string) int {
	h.T.Helper()
	var n int
	if err := h.DB.Read(h.T.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(h.T.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from "+table)
		return err
	}); err != nil {
		h.T.Fatal(err)
	}
	return n
}

// Messages counts outbox messages of a kind.
func (h *House) Messages(kind string) int {
	h.T.Helper()
	var n int
	if err := h.DB.Read(h.T.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(h.T.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
			"select count(*) from outbox where kind=$1", kind)
		return err
	}); err != nil {
		h.T.Fatal(err)
	}
	return n
}
