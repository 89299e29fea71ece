package capability_test

import (
	"context"
	"errors"
	"slices"
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
	room          *capability.Room
	apps          *app.Room
	operator, app string
}

var admin = access.Caller{Kind: access.KindStaff, ID: "staff_admin", Role: access.RoleAdmin}

func each(t *testing.T, fn func(h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		who := &access.Room{DB: d, Ring: seal.TestRing(t)}
		h := &house{t: t, apps: &app.Room{DB: d, Access: who}, room: &capability.Room{DB: d, Access: who, Outbox: outbox.New(d, nil)}}
		h.write(func(ctx context.Context, tx *db.Tx) error {
			o, err := h.apps.CreateOperator(ctx, tx, "测试")
			if err != nil {
				return err
			}
			a, _, err := h.apps.Create(ctx, tx, o.ID, "测试", nil)
			h.operator, h.app = o.ID, a.ID
			return err
		})
		fn(h)
	})
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
			if err := h.decide(step, "因为", "case_1"); err != nil {
				h.t.Fatalf("from %s to %s: %v", at, step, err)
			}
			at = step
		}
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
