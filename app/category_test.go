package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/calendar"
	"clew/db"
	"clew/outbox"
)

const law = "商业服务 > 商业服务 > 法律服务"

var (
	admin = access.Caller{Kind: access.KindStaff, ID: "staff_admin", Role: access.RoleAdmin}
	pdf   = []byte("%PDF-1.7\nlicence")
	png   = []byte("\x89PNG\r\n\x1a\nseal")
	jpeg  = []byte{0xff, 0xd8, 0xff, 0xe0, 1, 2, 3}
)

func owner(operator string) access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: "staff_owner", Operator: operator, Role: access.RoleOwner}
}

func one(t *testing.T, r *app.Room, operator, id, path string) app.Category {
	t.Helper()
	var found app.Category
	read(t, r, func(ctx context.Context, tx *db.Tx) error {
		all, err := app.Categories(ctx, tx, operator, id)
		for _, c := range all {
			if c.Path == path {
				found = c
			}
		}
		return err
	})
	return found
}

func TestACategoryIsAppliedForAndDecided(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		r.Outbox = outbox.New(r.DB, nil)
		a, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		if err := r.ApplyCategory(ctx, owner(operator), a.ID, law, []app.NewPaper{{"执照.pdf", pdf}, {"C:\\secret\\seal.png", png}, {"x", jpeg}}); err != nil {
			t.Fatal(err)
		}
		c := one(t, r, operator, a.ID, law)
		// The clock of the test shows Monday, 2 March 2026, 10:00 in China.
		want := time.Date(2026, 3, 10, 0, 0, 0, 0, calendar.China)
		if c.State != app.Applied || !c.Due.Equal(want) || c.Main || calendar.WorkingDaysLeft(r.DB.Now(), c.Due) != 5 {
			t.Errorf("%+v, due %v", c, c.Due.In(calendar.China))
		}
		var first []app.Paper
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			first, err = app.Papers(ctx, tx, operator, a.ID, law)
			if err != nil || len(first) != 3 || first[0].Name != "执照.pdf" || first[0].MediaType != "application/pdf" ||
				first[1].Name != "seal.png" || first[1].MediaType != "image/png" || first[2].MediaType != "image/jpeg" {
				t.Errorf("%+v, %v", first, err)
			}
			waiting, err := app.WaitingCategories(ctx, tx, 10)
			if err != nil || len(waiting) != 1 || waiting[0].App != a.ID || waiting[0].AppName != "小程序" || !waiting[0].Due.Equal(want) {
				t.Errorf("%+v, %v", waiting, err)
			}
			return nil
		})
		// The platform and the operator read a paper; another operator and an agent do not.
		for _, caller := range []access.Caller{admin, owner(operator)} {
			p, content, err := r.Paper(ctx, caller, operator, a.ID, first[0].ID)
			if err != nil || p != first[0] || !bytes.Equal(content, pdf) {
				t.Errorf("%s reads %+v, %v", caller.Role, p, err)
			}
		}
		agent := owner(operator)
		agent.Role = access.RoleAgent
		var denied *access.Denied
		if _, _, err := r.Paper(ctx, agent, operator, a.ID, first[0].ID); !errors.As(err, &denied) {
			t.Errorf("an agent: %v", err)
		}
		if _, _, err := r.Paper(ctx, owner("op_other"), operator, a.ID, first[0].ID); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("another operator: %v", err)
		}

		var bad *app.BadStep
		if err := r.DecideCategory(ctx, admin, operator, a.ID, law, app.Online, ""); !errors.As(err, &bad) || bad.From != app.Applied {
			t.Errorf("online before it is approved: %v", err)
		}
		for _, reason := range []string{"", "否", strings.Repeat("长", 201)} {
			if err := r.DecideCategory(ctx, admin, operator, a.ID, law, app.Offline, reason); !errors.Is(err, access.ErrReason) {
				t.Errorf("refused with %d bytes of reason: %v", len(reason), err)
			}
		}
		if err := r.DecideCategory(ctx, admin, operator, a.ID, law, app.Applied, ""); !errors.Is(err, app.ErrApplying) {
			t.Errorf("the platform applies: %v", err)
		}
		if err := r.DecideCategory(ctx, owner(operator), operator, a.ID, law, app.Approved, ""); !errors.As(err, &denied) {
			t.Errorf("an owner decides: %v", err)
		}
		if err := r.DecideCategory(ctx, admin, "op_other", a.ID, law, app.Approved, ""); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("another operator's: %v", err)
		}
		for _, to := range []app.CategoryState{app.Approved, app.Online} {
			if err := r.DecideCategory(ctx, admin, operator, a.ID, law, to, ""); err != nil {
				t.Fatal(err)
			}
		}
		if c := one(t, r, operator, a.ID, law); c.State != app.Online || !c.Due.IsZero() || !c.Main {
			t.Errorf("online it is %+v", c)
		}
		if err := r.DecideCategory(ctx, admin, operator, a.ID, law, app.Offline, "资质已过期"); err != nil {
			t.Fatal(err)
		}
		if c := one(t, r, operator, a.ID, law); c.State != app.Offline || c.Reason != "资质已过期" {
			t.Errorf("offline it is %+v", c)
		}
		// A new application replaces the papers; what was handed in before is still told.
		if err := r.ApplyCategory(ctx, owner(operator), a.ID, law, []app.NewPaper{{"新执照.pdf", append(slices.Clone(pdf), '2')}}); err != nil {
			t.Fatal(err)
		}
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			if got, err := app.Papers(ctx, tx, operator, a.ID, law); err != nil || len(got) != 1 || got[0].Name != "新执照.pdf" {
				t.Errorf("%+v, %v", got, err)
			}
			events, err := app.CategoryEvents(ctx, tx, operator, a.ID)
			if err != nil || len(events) != 5 {
				t.Fatalf("%d events, %v", len(events), err)
			}
			if e := events[4]; e.From != "" || e.To != app.Applied || len(e.Papers) != 3 || e.Papers[0].SHA256 != first[0].SHA256 || e.By != "staff_owner" {
				t.Errorf("the first is %+v", e)
			}
			if e := events[1]; e.To != app.Offline || e.Reason != "资质已过期" || e.By != admin.ID {
				t.Errorf("the refusal is %+v", e)
			}
			kinds, err := db.Collect(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) },
				"select kind from outbox where operator=$1 order by id", operator)
			if err != nil || !slices.Equal(kinds, []string{"category.approved", "category.online", "category.offline"}) {
				t.Errorf("told %v, %v", kinds, err)
			}
			return nil
		})
		if _, _, err := r.Paper(ctx, admin, operator, a.ID, first[0].ID); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("a replaced paper: %v", err)
		}
	})
}

func TestApplyingNeedsAnOpenCategoryOfOnesOwnApp(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		a, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		for _, path := range []string{"", "美妆 > 美妆 > 口红", "商业服务/商业服务/法律服务", law + " ", "法律服务"} {
			if err := r.ApplyCategory(ctx, owner(operator), a.ID, path, nil); !errors.Is(err, app.ErrNotOpen) {
				t.Errorf("%q: %v", path, err)
			}
		}
		if err := r.ApplyCategory(ctx, owner("op_other"), a.ID, law, nil); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("another operator: %v", err)
		}
		var denied *access.Denied
		if err := r.ApplyCategory(ctx, admin, a.ID, law, nil); !errors.As(err, &denied) {
			t.Errorf("the platform applies: %v", err)
		}
		if err := r.ApplyCategory(ctx, owner(operator), a.ID, law, nil); err != nil {
			t.Fatal(err)
		}
		var bad *app.BadStep
		if err := r.ApplyCategory(ctx, owner(operator), a.ID, law, nil); !errors.As(err, &bad) || bad.From != app.Applied {
			t.Errorf("applied twice: %v", err)
		}
		asked := ""
		r.Open = func(_ context.Context, _ *db.Tx, path string) (bool, error) {
			asked = path
			return path == "一 > 二 > 三", nil
		}
		if err := r.ApplyCategory(ctx, owner(operator), a.ID, "一 > 二 > 三", nil); err != nil || asked != "一 > 二 > 三" {
			t.Errorf("opened by a rule: %v, asked %q", err, asked)
		}
	})
}

func TestPapersAreJudgedByTheirBytes(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		a, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		large := append(slices.Clone(pdf), make([]byte, app.MaxPaper)...)
		papers := []app.NewPaper{
			{"ok.pdf", pdf},
			{"empty.pdf", nil},
			{"large.pdf", large},
			{"page.pdf", []byte("<html><script>alert(1)</script>")},
			{"late.pdf", append([]byte(" "), pdf...)},
			{"", png},
			{"a\x00b.png", append(slices.Clone(png), '1')},
			{"again.pdf", pdf},
			{strings.Repeat("长", 121), append(slices.Clone(png), '2')},
		}
		var bad *app.BadPapers
		if err := r.ApplyCategory(t.Context(), owner(operator), a.ID, law, papers); !errors.As(err, &bad) {
			t.Fatal(err)
		}
		var got []string
		for _, p := range bad.Problems {
			got = append(got, fmt.Sprint(p.Index, p.Code))
			if p.Name != papers[p.Index].Name {
				t.Errorf("problem %d is named %q", p.Index, p.Name)
			}
		}
		if want := []string{"1empty", "2large", "3kind", "4kind", "5name", "6name", "7twice", "8name"}; !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if err := r.ApplyCategory(t.Context(), owner(operator), a.ID, law, make([]app.NewPaper, app.MaxPapers+1)); !errors.As(err, &bad) || bad.Problems[0].Code != "many" {
			t.Errorf("too many: %v", err)
		}
		if c := one(t, r, operator, a.ID, law); c.State != "" {
			t.Errorf("a refused application left %+v", c)
		}
		// The largest that is allowed, nine times, goes into the store and comes out again.
		full := make([]app.NewPaper, app.MaxPapers)
		for i := range full {
			full[i] = app.NewPaper{Name: fmt.Sprintf("%d.pdf", i), Content: slices.Clone(large[:app.MaxPaper])}
			full[i].Content[len(pdf)] = byte(i)
		}
		if err := r.ApplyCategory(t.Context(), owner(operator), a.ID, law, full); err != nil {
			t.Fatal(err)
		}
		var kept []app.Paper
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			kept, err = app.Papers(ctx, tx, operator, a.ID, law)
			return err
		})
		if len(kept) != app.MaxPapers {
			t.Fatalf("%d papers", len(kept))
		}
		if _, content, err := r.Paper(t.Context(), admin, operator, a.ID, kept[8].ID); err != nil || !bytes.Equal(content, full[8].Content) {
			t.Errorf("%d bytes, %v", len(content), err)
		}
	})
}

func TestAnAppHasOneMainCategory(t *testing.T) {
	const notary = "商业服务 > 商业服务 > 公证"
	each(t, func(t *testing.T, r *app.Room, operator string) {
		a, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		ctx := t.Context()
		move := func(path string, states ...app.CategoryState) {
			for _, s := range states {
				write(t, r, func(tx *db.Tx) error { return r.MoveCategory(ctx, tx, operator, a.ID, path, s) })
			}
		}
		mains := func() (out []string) {
			read(t, r, func(ctx context.Context, tx *db.Tx) error {
				all, err := app.Categories(ctx, tx, operator, a.ID)
				for _, c := range all {
					if c.Main {
						out = append(out, c.Path)
					}
				}
				return err
			})
			return out
		}
		move(law, app.Applied)
		if err := r.SetMain(ctx, owner(operator), a.ID, law); !errors.Is(err, app.ErrNoCategory) {
			t.Errorf("a category that is only applied for: %v", err)
		}
		move(law, app.Approved, app.Online)
		move(notary, app.Applied, app.Approved, app.Online)
		if got := mains(); !slices.Equal(got, []string{law}) {
			t.Errorf("the first online is main: %v", got)
		}
		if err := r.SetMain(ctx, owner(operator), a.ID, notary); err != nil || !slices.Equal(mains(), []string{notary}) {
			t.Errorf("main is %v, %v", mains(), err)
		}
		if err := r.SetMain(ctx, owner("op_other"), a.ID, law); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("another operator: %v", err)
		}
		// It stays the main one while it is off line: nothing else takes its place unasked.
		move(notary, app.Offline)
		if !slices.Equal(mains(), []string{notary}) {
			t.Errorf("off line: %v", mains())
		}
		var wait sync.WaitGroup
		move(notary, app.Applied, app.Approved)
		for _, path := range []string{law, notary, law, notary} {
			wait.Go(func() {
				if err := r.SetMain(ctx, owner(operator), a.ID, path); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if len(mains()) != 1 {
			t.Errorf("at once: %v", mains())
		}
		// Two that come online at the same moment: one of them is the main one.
		b, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		a = b
		for _, path := range []string{law, notary} {
			move(path, app.Applied, app.Approved)
			wait.Go(func() {
				if err := r.DecideCategory(ctx, admin, operator, b.ID, path, app.Online, ""); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if len(mains()) != 1 {
			t.Errorf("online at once: %v", mains())
		}
	})
}

// Of two decisions at once one holds, and the other is told the state it did not know.
func TestTwoDecisionsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		a, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		for round := range 5 {
			path := fmt.Sprintf("一 > 二 > %d", round)
			write(t, r, func(tx *db.Tx) error { return r.MoveCategory(t.Context(), tx, operator, a.ID, path, app.Applied) })
			errs := make(chan error, 2)
			for range 2 {
				go func() { errs <- r.DecideCategory(t.Context(), admin, operator, a.ID, path, app.Approved, "") }()
			}
			won, lost := <-errs, <-errs
			if won != nil {
				won, lost = lost, won
			}
			var bad *app.BadStep
			if won != nil || !errors.As(lost, &bad) || bad.From != app.Approved {
				t.Errorf("%v and %v", won, lost)
			}
		}
		// So of two applications.
		errs := make(chan error, 2)
		for range 2 {
			go func() { errs <- r.ApplyCategory(t.Context(), owner(operator), a.ID, law, nil) }()
		}
		won, lost := <-errs, <-errs
		if won != nil {
			won, lost = lost, won
		}
		var bad *app.BadStep
		if won != nil || !errors.As(lost, &bad) || bad.From != app.Applied {
			t.Errorf("applications: %v and %v", won, lost)
		}
	})
}

func TestHoldersAreReadPageByPage(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		var want []string
		for range 5 {
			a, _, err := create(t, r, operator)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, a.ID)
			for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
				write(t, r, func(tx *db.Tx) error { return r.MoveCategory(t.Context(), tx, operator, a.ID, law, s) })
			}
			write(t, r, func(tx *db.Tx) error {
				return r.MoveCategory(t.Context(), tx, operator, a.ID, "一 > 二 > 三", app.Applied)
			})
		}
		var got []string
		after := app.Holder{}
		for {
			var page []app.Holder
			read(t, r, func(ctx context.Context, tx *db.Tx) (err error) {
				page, err = app.Holding(ctx, tx, []string{law, "一 > 二 > 三"}, after, 2)
				return err
			})
			if len(page) == 0 {
				break
			}
			for _, h := range page {
				got, after = append(got, h.App), h
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		read(t, r, func(ctx context.Context, tx *db.Tx) error {
			for _, id := range want {
				if found, err := app.Find(ctx, tx, id); err != nil || found.Operator != operator {
					t.Errorf("%s: %+v, %v", id, found, err)
				}
			}
			if _, err := app.Find(ctx, tx, "app_none"); !errors.Is(err, app.ErrUnknown) {
				t.Errorf("%v", err)
			}
			return nil
		})
	})
}
