package capability_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/db/dbtest"
	"clew/outbox"
	"clew/seal"
)

const category = "商业服务 > 商业服务 > 法律服务"

type house struct {
	t             *testing.T
	clock         *dbtest.Clock
	room          *capability.Room
	apps          *app.Room
	operator, app string
}

var admin = access.Caller{Kind: access.KindStaff, ID: "staff_admin", Role: access.RoleAdmin}

func each(t *testing.T, fn func(h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		who := &access.Room{DB: d, Ring: seal.TestRing(t)}
		h := &house{
			t: t, clock: clock, apps: &app.Room{DB: d, Access: who, Open: capability.IsOpen},
			room: &capability.Room{DB: d, Access: who, Outbox: outbox.New(d, nil)},
		}
		h.write(func(ctx context.Context, tx *db.Tx) error {
			o, err := h.apps.CreateOperator(ctx, tx, "测试")
			if err != nil {
				return err
			}
			a, _, err := h.apps.Create(ctx, tx, o.ID, "测试", nil)
			h.operator, h.app = o.ID, a.ID
			return err
		})
		h.privacy(true)
		fn(h)
	})
}

func (h *house) owner() access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: "staff_owner", Operator: h.operator, Role: access.RoleOwner}
}

// privacy states what the number is for, or takes the statement back.
func (h *house) privacy(stated bool) {
	h.t.Helper()
	if err := h.apps.SetPrivacy(h.t.Context(), h.owner(), h.app, app.Privacy{
		Configured: stated, Email: "privacy@example.com", Items: []app.PrivacyItem{{ID: app.ItemPhone, Desc: "用于回电"}},
	}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) write(fn func(ctx context.Context, tx *db.Tx) error) {
	h.t.Helper()
	if err := h.room.DB.Write(h.t.Context(), func(tx *db.Tx) error { return fn(h.t.Context(), tx) }); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) categories(path string, states ...app.CategoryState) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *db.Tx) error {
		for _, s := range states {
			if err := h.apps.MoveCategory(ctx, tx, h.operator, h.app, path, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) require() error {
	var answer error
	h.write(func(ctx context.Context, tx *db.Tx) error {
		answer = capability.Require(ctx, tx, h.operator, h.app)
		return nil
	})
	return answer
}

func (h *house) decide(to capability.State, reason, caseID string) error {
	return h.room.Decide(h.t.Context(), admin, h.operator, h.app, to, reason, caseID)
}

func (h *house) expectClosed(code string) {
	h.t.Helper()
	var closed *capability.Closed
	if err := h.require(); !errors.As(err, &closed) || closed.Code != code {
		h.t.Errorf("%v, want closed with %s", err, code)
	}
}

func TestNothingIsCollectedWithoutAnOnlineListedCategory(t *testing.T) {
	each(t, func(h *house) {
		h.expectClosed("not_granted")
		if err := h.decide(capability.Applied, "", ""); err != nil {
			h.t.Fatal(err)
		}
		h.expectClosed("not_granted")
		var closed *capability.Closed
		refused := func(when string) {
			h.t.Helper()
			if err := h.decide(capability.Granted, "", ""); !errors.As(err, &closed) || closed.Code != "category_lapsed" {
				h.t.Errorf("%s: granted, %v", when, err)
			}
			h.expectClosed("not_granted")
		}
		refused("no category")
		h.categories(category, app.Applied, app.Approved)
		refused("category only approved")
		h.categories("美妆 > 美妆 > 口红", app.Applied, app.Approved, app.Online)
		refused("an online category that is not in the norm's table")
		h.categories(category, app.Online)
		if err := h.decide(capability.Granted, "", ""); err != nil {
			h.t.Fatal(err)
		}
		if err := h.require(); err != nil {
			h.t.Errorf("granted and online: %v", err)
		}
		h.categories(category, app.Offline)
		h.expectClosed("category_lapsed")
	})
}

func TestStatesFollowEachOther(t *testing.T) {
	each(t, func(h *house) {
		h.categories(category, app.Applied, app.Approved, app.Online)
		may := map[capability.State][]capability.State{
			capability.None: {capability.Applied}, capability.Applied: {capability.Granted, capability.None},
			capability.Granted:   {capability.Suspended, capability.Withdrawn},
			capability.Suspended: {capability.Granted, capability.Withdrawn}, capability.Withdrawn: {capability.Applied},
		}
		at := capability.None
		for _, step := range []capability.State{
			capability.Applied, capability.None, capability.Applied, capability.Granted, capability.Suspended, capability.Granted,
			capability.Withdrawn, capability.Applied,
		} {
			for _, to := range []capability.State{capability.None, capability.Applied, capability.Granted, capability.Suspended, capability.Withdrawn} {
				if slices.Contains(may[at], to) {
					continue
				}
				var bad *capability.BadStep
				if err := h.decide(to, "", ""); !errors.As(err, &bad) {
					h.t.Errorf("from %s to %s: %v", at, to, err)
				}
			}
			if err := h.decide(step, "因为如此", "case_1"); err != nil {
				h.t.Fatalf("from %s to %s: %v", at, step, err)
			}
			at = step
		}
	})
}

// Whoever may no longer collect is told why, and the reason tells nobody's number.
func TestADecisionNeedsAReason(t *testing.T) {
	each(t, func(h *house) {
		h.categories(category, app.Applied, app.Approved, app.Online)
		for _, s := range []capability.State{capability.Applied, capability.Granted} {
			if err := h.decide(s, "", ""); err != nil {
				h.t.Fatalf("%s needs a reason: %v", s, err)
			}
		}
		refused := func(to capability.State, reason, code string) {
			h.t.Helper()
			var bad *capability.BadReason
			if err := h.decide(to, reason, ""); !errors.As(err, &bad) || bad.Code != code {
				h.t.Errorf("%s with %d bytes of reason: %v", to, len(reason), err)
			} else if len(reason) > 0 && strings.Contains(err.Error(), reason) {
				h.t.Error("the error holds the reason")
			}
		}
		for _, to := range []capability.State{capability.Suspended, capability.Withdrawn} {
			refused(to, "", "short")
			refused(to, "  违规  ", "short")
			refused(to, strings.Repeat("长", 501), "long")
			refused(to, "两行\n原因写在这里", "characters")
			refused(to, fmt.Sprintf("来电 138%08d 投诉", 7), "digits")
		}
		if err := h.require(); err != nil {
			h.t.Errorf("a refused decision took effect: %v", err)
		}
		long := strings.Repeat("长", 500)
		if err := h.decide(capability.Suspended, "  "+long+" ", "case_9"); err != nil {
			h.t.Fatal(err)
		}
		refused(capability.Granted, fmt.Sprintf("来电 138%08d 投诉", 7), "digits")
		h.write(func(ctx context.Context, tx *db.Tx) error {
			s, err := capability.Get(ctx, tx, h.operator, h.app)
			if err != nil || s.Reason != long {
				h.t.Errorf("%d bytes are kept, %v", len(s.Reason), err)
			}
			return nil
		})
	})
}

func TestEventsAreTheNewestFirst(t *testing.T) {
	each(t, func(h *house) {
		at := capability.None
		for range 4 { // applied, none, applied, none: no category is needed
			steps := capability.Next(at)
			at = steps[len(steps)-1]
			if err := h.decide(at, "第一步到第四步", "case_"+string(at)); err != nil {
				h.t.Fatal(err)
			}
			steps[0] = "anything" // a caller cannot change the rule
		}
		h.write(func(ctx context.Context, tx *db.Tx) error {
			list, err := capability.Events(ctx, tx, h.operator, h.app)
			if err != nil || len(list) != 4 {
				h.t.Fatalf("%d events, %v", len(list), err)
			}
			for i, e := range list {
				from, to := capability.Applied, capability.None
				if i%2 == 1 {
					from, to = to, from
				}
				if e.From != from || e.To != to || e.Reason != "第一步到第四步" || e.Case != "case_"+string(to) || e.By != admin.ID || e.At != tx.Now() {
					h.t.Errorf("event %d is %+v", i, e)
				}
			}
			other, err := capability.Events(ctx, tx, "op_other", h.app)
			if err != nil || len(other) != 0 {
				h.t.Errorf("another operator reads %d events, %v", len(other), err)
			}
			return nil
		})
	})
}

func TestADecisionIsOnRecordAndIsTold(t *testing.T) {
	each(t, func(h *house) {
		h.categories(category, app.Applied, app.Approved, app.Online)
		for _, s := range []capability.State{capability.Applied, capability.Granted} {
			if err := h.decide(s, "", ""); err != nil {
				h.t.Fatal(err)
			}
		}
		if err := h.decide(capability.Suspended, "进入页面即弹窗", "case_7"); err != nil {
			h.t.Fatal(err)
		}
		h.write(func(ctx context.Context, tx *db.Tx) error {
			s, err := capability.Get(ctx, tx, h.operator, h.app)
			if err != nil || s.State != capability.Suspended || s.Case != "case_7" || s.Reason != "进入页面即弹窗" || s.Since != tx.Now() {
				h.t.Errorf("%+v, %v", s, err)
			}
			texts := func(query string) []string {
				got, err := db.Collect(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) }, query)
				if err != nil {
					h.t.Fatal(err)
				}
				slices.Sort(got)
				return got
			}
			if got := texts("select from_state || '>' || to_state from capability_event"); !slices.Equal(got, []string{"applied>granted", "granted>suspended", "none>applied"}) {
				h.t.Errorf("events %v", got)
			}
			if got := texts("select kind from outbox"); !slices.Equal(got, []string{"capability.granted", "capability.suspended"}) {
				h.t.Errorf("messages %v", got)
			}
			return nil
		})
		owner := access.Caller{Kind: access.KindStaff, ID: "s", Operator: h.operator, Role: access.RoleOwner}
		var denied *access.Denied
		if err := h.room.Decide(h.t.Context(), owner, h.operator, h.app, capability.Granted, "", ""); !errors.As(err, &denied) {
			h.t.Errorf("an owner decides: %v", err)
		}
	})
}
