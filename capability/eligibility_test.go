package capability_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/calendar"
	"clew/capability"
	"clew/db"
	"clew/norm"
)

const notary = "商业服务 > 商业服务 > 公证"

func (h *house) granted(paths ...string) {
	h.t.Helper()
	for _, p := range paths {
		h.categories(p, app.Applied, app.Approved, app.Online)
	}
	h.write(func(ctx context.Context, tx *db.Tx) error {
		for _, s := range []capability.State{capability.Applied, capability.Granted} {
			if err := h.room.Move(ctx, tx, access.System("", "test"), h.operator, h.app, s, "", ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) eligible() (paths []string) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *db.Tx) (err error) {
		paths, err = capability.Eligible(ctx, tx, h.operator, h.app)
		return err
	})
	return paths
}

func (h *house) open(path string, open bool, from time.Time) {
	h.t.Helper()
	if err := h.room.SetOpen(h.t.Context(), admin, path, open, from, "类目调整公告"); err != nil {
		h.t.Fatal(err)
	}
}

// A rule holds from its instant on: not before, and from the next transaction after it.
func TestACategoryClosesByDate(t *testing.T) {
	each(t, func(h *house) {
		h.granted(category)
		from := h.room.DB.Now().Add(time.Hour)
		h.open(category, false, from)
		h.clock.Advance(time.Hour - time.Millisecond)
		if err := h.require(); err != nil {
			h.t.Errorf("a millisecond before: %v", err)
		}
		h.clock.Advance(time.Millisecond)
		h.expectClosed("category_lapsed")
		// It opens again by itself.
		h.open(category, true, h.room.DB.Now().Add(time.Hour))
		h.expectClosed("category_lapsed")
		h.clock.Advance(time.Hour)
		if err := h.require(); err != nil {
			h.t.Errorf("open again: %v", err)
		}
		// The newest instant wins, whenever it was written down.
		h.open(category, false, h.room.DB.Now().Add(2*time.Hour))
		h.open(category, true, h.room.DB.Now().Add(time.Hour))
		h.clock.Advance(90 * time.Minute)
		if err := h.require(); err != nil {
			h.t.Errorf("between the two: %v", err)
		}
		h.clock.Advance(time.Hour)
		h.expectClosed("category_lapsed")
		// Of two rules for one instant the one added later holds.
		h.open(category, true, time.Time{})
		h.open(category, false, time.Time{})
		h.expectClosed("category_lapsed")
		h.open(category, true, time.Time{})
		if err := h.require(); err != nil {
			h.t.Errorf("the last word: %v", err)
		}
		h.write(func(ctx context.Context, tx *db.Tx) error {
			rules, err := capability.Rules(ctx, tx)
			if err != nil || len(rules) != 7 || rules[0].From.Before(rules[6].From) || rules[0].By != admin.ID || rules[0].Reason != "类目调整公告" {
				h.t.Errorf("%d rules, %v", len(rules), err)
			}
			kinds, err := db.Collect(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) },
				"select distinct kind from outbox where subject=$1 and kind like 'category.%' order by kind", h.app)
			if err != nil || !slices.Equal(kinds, []string{"category.closed", "category.opened"}) {
				h.t.Errorf("told %v, %v", kinds, err)
			}
			return nil
		})
	})
}

// A rule may open what the norm's table does not have: another platform has other categories.
func TestACategoryBeyondTheTableIsOpenedByARule(t *testing.T) {
	const other = "教育 > 职业教育 > 技能培训"
	each(t, func(h *house) {
		if err := h.apps.ApplyCategory(h.t.Context(), h.owner(), h.app, other, nil); !errors.Is(err, app.ErrNotOpen) {
			h.t.Errorf("applied: %v", err)
		}
		h.open(other, true, time.Time{})
		if err := h.apps.ApplyCategory(h.t.Context(), h.owner(), h.app, other, nil); err != nil {
			h.t.Fatal(err)
		}
		h.categories(other, app.Approved, app.Online)
		if got := h.eligible(); !slices.Equal(got, []string{other}) {
			h.t.Errorf("eligible by %v", got)
		}
		h.open(category, false, time.Time{})
		if err := h.apps.ApplyCategory(h.t.Context(), h.owner(), h.app, category, nil); !errors.Is(err, app.ErrNotOpen) {
			h.t.Errorf("a closed one: %v", err)
		}
		h.open(category, true, h.room.DB.Now().Add(time.Hour))
		h.write(func(ctx context.Context, tx *db.Tx) error {
			rows, err := capability.Table(ctx, tx)
			if err != nil || len(rows) != len(norm.At(tx.Now()).Categories)+1 {
				h.t.Fatalf("%d rows, %v", len(rows), err)
			}
			for _, r := range rows {
				want := r.Path != category
				if r.Open != want || r.Listed != (r.Path != other) || (r.Rule != nil) != (r.Path == other || r.Path == category) ||
					(len(r.Coming) == 1) != (r.Path == category) {
					h.t.Errorf("%+v", r)
				}
			}
			return nil
		})
	})
}

func TestTheBasisIsDatedToo(t *testing.T) {
	each(t, func(h *house) {
		h.granted(category, notary) // the first is the main one
		if got := h.eligible(); !slices.Equal(got, []string{category, notary}) && !slices.Equal(got, []string{notary, category}) {
			h.t.Errorf("by service category: %v", got)
		}
		if err := h.room.SetBasis(h.t.Context(), admin, capability.MainCategory, h.room.DB.Now().Add(time.Hour), "改按主营类目"); err != nil {
			h.t.Fatal(err)
		}
		if got := h.eligible(); len(got) != 2 {
			h.t.Errorf("before its instant: %v", got)
		}
		h.clock.Advance(time.Hour)
		if got := h.eligible(); !slices.Equal(got, []string{category}) {
			h.t.Errorf("by main category: %v", got)
		}
		h.categories(category, app.Offline)
		h.expectClosed("category_lapsed") // the other one does not help
		if err := h.apps.SetMain(h.t.Context(), h.owner(), h.app, notary); err != nil {
			h.t.Fatal(err)
		}
		if err := h.require(); err != nil {
			h.t.Errorf("main is online: %v", err)
		}
		h.categories(category, app.Applied, app.Approved, app.Online)
		if err := h.room.SetBasis(h.t.Context(), admin, capability.ServiceCategory, time.Time{}, "恢复按服务类目"); err != nil {
			h.t.Fatal(err)
		}
		if got := h.eligible(); len(got) != 2 {
			h.t.Errorf("back: %v", got)
		}
	})
}

func TestBadRulesAreRefused(t *testing.T) {
	each(t, func(h *house) {
		now := h.room.DB.Now()
		for name, c := range map[string]struct {
			path string
			from time.Time
			code string
		}{
			"past":       {category, now.Add(-time.Second), "past"},
			"far":        {category, now.AddDate(11, 0, 0), "far"},
			"two levels": {"商业服务 > 法律服务", time.Time{}, "category"},
			"slashes":    {"商业服务/商业服务/法律服务", time.Time{}, "category"},
			"empty":      {"", time.Time{}, "category"},
			"padded":     {"商业服务 > 商业服务 >  法律服务", time.Time{}, "category"},
			"control":    {"商业服务 > 商业服务 > 法律\n服务", time.Time{}, "category"},
			"long":       {"一 > 二 > " + strings.Repeat("长", 100), time.Time{}, "category"},
		} {
			var bad *capability.BadRule
			if err := h.room.SetOpen(h.t.Context(), admin, c.path, true, c.from, "类目调整公告"); !errors.As(err, &bad) || bad.Code != c.code || bad.Error() == "" {
				h.t.Errorf("%s: %v", name, err)
			}
		}
		var bad *capability.BadRule
		if err := h.room.SetBasis(h.t.Context(), admin, "colour", time.Time{}, "类目调整公告"); !errors.As(err, &bad) || bad.Code != "basis" {
			h.t.Errorf("a basis of another name: %v", err)
		}
		if err := h.room.SetBasis(h.t.Context(), admin, capability.MainCategory, now.Add(-time.Hour), "类目调整公告"); !errors.As(err, &bad) || bad.Code != "past" {
			h.t.Errorf("a basis of yesterday: %v", err)
		}
		if err := h.room.SetOpen(h.t.Context(), admin, category, true, time.Time{}, ""); !errors.Is(err, access.ErrReason) {
			h.t.Errorf("no reason: %v", err)
		}
		if err := h.room.SetBasis(h.t.Context(), admin, capability.MainCategory, time.Time{}, "否"); !errors.Is(err, access.ErrReason) {
			h.t.Errorf("a short reason: %v", err)
		}
		var denied *access.Denied
		if err := h.room.SetOpen(h.t.Context(), h.owner(), category, true, time.Time{}, "类目调整公告"); !errors.As(err, &denied) {
			h.t.Errorf("an owner: %v", err)
		}
		if err := h.room.SetBasis(h.t.Context(), h.owner(), capability.MainCategory, time.Time{}, "类目调整公告"); !errors.As(err, &denied) {
			h.t.Errorf("an owner: %v", err)
		}
	})
}

func (h *house) unmet() (ids []string) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *db.Tx) error {
		lists, err := capability.Conditions(ctx, tx, h.operator, h.app)
		if err != nil || len(lists) != 1 || len(lists[0]) != 3 {
			h.t.Fatalf("%+v, %v", lists, err)
		}
		for _, c := range lists[0] {
			if !c.Satisfied {
				ids = append(ids, c.ID)
			}
		}
		return nil
	})
	return ids
}

func TestConditionsAreListedOneByOne(t *testing.T) {
	each(t, func(h *house) {
		h.privacy(false)
		refused := func(want ...string) {
			h.t.Helper()
			if got := h.unmet(); !slices.Equal(got, want) {
				h.t.Errorf("missing %v, want %v", got, want)
			}
			var unmet *capability.Unmet
			err := h.room.Apply(h.t.Context(), h.owner(), h.app, "")
			if !errors.As(err, &unmet) || len(unmet.Conditions) != len(want) || !strings.Contains(err.Error(), want[0]) {
				h.t.Errorf("applied: %v", err)
			}
		}
		refused(capability.CategoryOnline, capability.PrivacyDeclared)
		h.categories(category, app.Applied, app.Approved, app.Online)
		refused(capability.PrivacyDeclared)
		for _, p := range []app.Privacy{
			{Configured: true, Email: "x@example.com", Items: []app.PrivacyItem{{ID: app.ItemName, Desc: "用于称呼"}}},
			{Configured: false, Email: "x@example.com", Items: []app.PrivacyItem{{ID: app.ItemPhone, Desc: "用于回电"}}},
		} {
			if err := h.apps.SetPrivacy(h.t.Context(), h.owner(), h.app, p); err != nil {
				h.t.Fatal(err)
			}
			refused(capability.PrivacyDeclared)
		}
		h.privacy(true)
		h.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := capability.Deduct(ctx, tx, admin, h.operator, h.app, capability.CreditEntry{Points: 11, Reason: "扣分测试", Until: tx.Now().Add(time.Hour)})
			return err
		})
		refused(capability.CreditScore)
		h.clock.Advance(time.Hour)
		if got := h.unmet(); got != nil {
			h.t.Errorf("still missing %v", got)
		}
		if err := h.room.SetBasis(h.t.Context(), admin, capability.MainCategory, time.Time{}, "改按主营类目"); err != nil {
			h.t.Fatal(err)
		}
		h.categories(category, app.Offline)
		refused("main_category_online")
	})
}

func TestAnApplicationWaitsAndIsAnswered(t *testing.T) {
	each(t, func(h *house) {
		h.categories(category, app.Applied, app.Approved, app.Online)
		var why *capability.BadReason
		if err := h.room.Apply(h.t.Context(), h.owner(), h.app, strings.Repeat("长", 501)); !errors.As(err, &why) || why.Code != "long" {
			h.t.Errorf("a long reason: %v", err)
		}
		if err := h.room.Apply(h.t.Context(), h.owner(), h.app, "介绍法律服务"); err != nil {
			h.t.Fatal(err)
		}
		var step *capability.BadStep
		if err := h.room.Apply(h.t.Context(), h.owner(), h.app, ""); !errors.As(err, &step) || step.From != capability.Applied {
			h.t.Errorf("twice: %v", err)
		}
		var list []capability.Application
		h.write(func(ctx context.Context, tx *db.Tx) (err error) {
			list, err = capability.Waiting(ctx, tx, 10)
			return err
		})
		due := calendar.AddWorkingDays(h.room.DB.Now(), 5)
		if len(list) != 1 || list[0].App != h.app || list[0].AppName != "测试" || list[0].Reason != "介绍法律服务" || !list[0].Due.Equal(due) {
			h.t.Errorf("%+v, due %v", list, due)
		}
		// What held when it was applied for may have gone: then it is not granted.
		h.privacy(false)
		var unmet *capability.Unmet
		if err := h.decide(capability.Granted, "", ""); !errors.As(err, &unmet) {
			h.t.Errorf("granted without a statement: %v", err)
		}
		h.expectClosed("not_granted")
		h.privacy(true)
		if err := h.decide(capability.Granted, "", ""); err != nil {
			h.t.Fatal(err)
		}
		h.write(func(ctx context.Context, tx *db.Tx) error {
			if list, err := capability.Waiting(ctx, tx, 10); err != nil || len(list) != 0 {
				h.t.Errorf("still waiting: %+v, %v", list, err)
			}
			if s, err := capability.Get(ctx, tx, h.operator, h.app); err != nil || !s.Due.IsZero() {
				h.t.Errorf("%+v, %v", s, err)
			}
			return nil
		})
		var denied *access.Denied
		if err := h.room.Apply(h.t.Context(), admin, h.app, ""); !errors.As(err, &denied) {
			h.t.Errorf("the platform applies: %v", err)
		}
		other := h.owner()
		other.Operator = "op_other"
		if err := h.room.Apply(h.t.Context(), other, h.app, ""); !errors.Is(err, app.ErrUnknown) {
			h.t.Errorf("another operator: %v", err)
		}
	})
}

func TestTheSoonestDueComesFirst(t *testing.T) {
	each(t, func(h *house) {
		var want []string
		for range 4 {
			h.categories(category, app.Applied, app.Approved, app.Online)
			h.privacy(true)
			if err := h.room.Apply(h.t.Context(), h.owner(), h.app, ""); err != nil {
				h.t.Fatal(err)
			}
			want = append(want, h.app)
			h.clock.Advance(24 * time.Hour)
			h.write(func(ctx context.Context, tx *db.Tx) error {
				o, err := h.apps.CreateOperator(ctx, tx, "又一家")
				if err != nil {
					return err
				}
				a, _, err := h.apps.Create(ctx, tx, o.ID, "又一个", nil)
				h.operator, h.app = o.ID, a.ID
				return err
			})
		}
		h.write(func(ctx context.Context, tx *db.Tx) error {
			list, err := capability.Waiting(ctx, tx, 3)
			var got []string
			for _, a := range list {
				got = append(got, a.App)
			}
			if err != nil || !slices.Equal(got, want[:3]) {
				h.t.Errorf("%v, want %v, %v", got, want, err)
			}
			return nil
		})
	})
}

func TestCredit(t *testing.T) {
	each(t, func(h *house) {
		score := func() (n int) {
			h.write(func(ctx context.Context, tx *db.Tx) (err error) {
				n, err = capability.Credit(ctx, tx, h.operator, h.app)
				return err
			})
			return n
		}
		deduct := func(e capability.CreditEntry) (err error) {
			_ = h.room.DB.Write(h.t.Context(), func(tx *db.Tx) error {
				_, err = capability.Deduct(h.t.Context(), tx, admin, h.operator, h.app, e)
				return err
			})
			return err
		}
		now := h.room.DB.Now()
		for _, e := range []capability.CreditEntry{
			{Points: 5, Reason: "强制授权", Case: "case_1", Until: now.Add(time.Hour)},
			{Points: 10, Reason: "未写用途"},
			{Points: 20, Reason: "将来的扣分", From: now.Add(2 * time.Hour), Until: now.Add(3 * time.Hour)},
		} {
			if err := deduct(e); err != nil {
				h.t.Fatal(err)
			}
		}
		for _, want := range []int{85, 90, 70, 90} {
			if got := score(); got != want {
				h.t.Errorf("score %d, want %d", got, want)
			}
			h.clock.Advance(time.Hour)
		}
		for name, e := range map[string]capability.CreditEntry{
			"nothing": {Reason: "没有扣分"}, "more than all": {Points: 101, Reason: "超出满分"}, "gives": {Points: -1, Reason: "倒加分数"},
			"ends first": {Points: 1, Reason: "先止后起", From: now.Add(time.Hour), Until: now.Add(time.Minute)},
		} {
			if err := deduct(e); !errors.Is(err, capability.ErrPoints) {
				h.t.Errorf("%s: %v", name, err)
			}
		}
		if err := deduct(capability.CreditEntry{Points: 1}); !errors.Is(err, access.ErrReason) {
			h.t.Errorf("no reason: %v", err)
		}
		if err := deduct(capability.CreditEntry{Points: 100, Reason: "全部扣完"}); err != nil || score() != 0 {
			h.t.Errorf("score %d, %v", score(), err)
		}
		h.write(func(ctx context.Context, tx *db.Tx) error {
			list, err := capability.CreditEntries(ctx, tx, h.operator, h.app)
			if err != nil || len(list) != 4 || list[len(list)-1].From.After(list[0].From) {
				h.t.Errorf("%+v, %v", list, err)
			}
			return nil
		})
	})
}

// Collecting and lapsing side by side: whoever collects after the lapse is refused.
func TestALapseBesideCollecting(t *testing.T) {
	each(t, func(h *house) {
		h.granted(category)
		ctx := h.t.Context()
		var lapsed sync.WaitGroup
		lapsed.Add(1)
		began, done := make(chan struct{}), make(chan error, 1)
		go func() {
			defer lapsed.Done()
			<-began
			done <- h.apps.DecideCategory(ctx, admin, h.operator, h.app, category, app.Offline, "资质已过期")
		}()
		// A transaction that asked before the lapse ends as it began.
		if err := h.room.DB.Write(ctx, func(tx *db.Tx) error {
			if err := capability.Require(ctx, tx, h.operator, h.app); err != nil {
				return err
			}
			close(began)
			return capability.Require(ctx, tx, h.operator, h.app)
		}); err != nil {
			h.t.Errorf("while collecting: %v", err)
		}
		lapsed.Wait()
		if err := <-done; err != nil {
			h.t.Fatal(err)
		}
		h.expectClosed("category_lapsed")
	})
}

func TestTwoDecisionsAboutACapabilityAtOnce(t *testing.T) {
	each(t, func(h *house) {
		h.categories(category, app.Applied, app.Approved, app.Online)
		if err := h.room.Apply(h.t.Context(), h.owner(), h.app, ""); err != nil {
			h.t.Fatal(err)
		}
		errs := make(chan error, 2)
		for range 2 {
			go func() { errs <- h.decide(capability.Granted, "", "") }()
		}
		won, lost := <-errs, <-errs
		if won != nil {
			won, lost = lost, won
		}
		var bad *capability.BadStep
		if won != nil || !errors.As(lost, &bad) || bad.From != capability.Granted {
			h.t.Errorf("%v and %v", won, lost)
		}
	})
}
