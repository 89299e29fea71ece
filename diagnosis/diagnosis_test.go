package diagnosis_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/diagnosis"
	"clew/exchange"
	"clew/exchange/exchangetest"
	"clew/lead/leadtest"
	"clew/outbox"
	"clew/words"
)

type house struct {
	*leadtest.House
	room      *diagnosis.Room
	platforms *exchangetest.World
	target    component.Target
}

func each(t *testing.T, fn func(h *house)) {
	t.Helper()
	leadtest.Each(t, nil, func(l *leadtest.House) {
		h := &house{House: l, platforms: exchangetest.New(l.T, l.DB.Now)}
		log := slog.New(slog.NewTextHandler(io.Discard, nil))
		x := &exchange.Room{DB: l.DB, Ring: l.Ring, Access: l.Access, Outbox: outbox.New(l.DB, log), Log: log}
		h.platforms.Furnish(x)
		h.room = &diagnosis.Room{DB: l.DB, Access: l.Access, Exchange: x}
		h.target = h.newTarget(l.Owner, l.App, l.Version.Component)
		fn(h)
	})
}

func (h *house) must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

func (h *house) newTarget(owner access.Caller, appID, id string) component.Target {
	h.T.Helper()
	t, err := h.Components.CreateTarget(h.T.Context(), owner, component.Target{
		App: appID, Component: id, Name: "法律咨询", Regions: []string{"110101"}, Categories: []string{leadtest.Category},
	})
	h.must(err)
	return t
}

func text(s string) *string { return &s }

// good is a page as it should be.
func (h *house) good() diagnosis.Question {
	return diagnosis.Question{
		App: h.App, ConfigID: text(h.target.ConfigID), ConversionTarget: text("1"),
		Attributes: []string{"bindsubmit", "conversion-target", "clue-component-id", "class"},
	}
}

// ask fails unless the diagnosis is whole, names exactly one primary cause, and has
// words for everything it says.
func (h *house) ask(q diagnosis.Question) diagnosis.Diagnosis {
	h.T.Helper()
	d, err := h.room.Diagnose(h.T.Context(), h.Owner, q)
	h.must(err)
	var order []diagnosis.Cause
	for _, j := range d.Causes {
		order = append(order, j.Cause)
		for _, key := range []string{
			"diagnosis." + string(j.Cause) + ".name", "diagnosis." + string(j.Cause) + ".do", "diagnosis.verdict." + string(j.Verdict),
			"diagnosis.judge." + d.Judge,
		} {
			if !words.Has(key) {
				h.T.Errorf("no words for %s", key)
			}
		}
		if j.Detail != "" {
			said := words.T(words.ZH, "diagnosis.detail."+j.Detail, j.Args...)
			if strings.ContainsAny(said, "[{") {
				h.T.Errorf("detail %s of %s: %s", j.Detail, j.Cause, said)
			}
		}
	}
	if !slices.Equal(order, diagnosis.Causes()) {
		h.T.Errorf("causes are %v", order)
	}
	if d.Primary == "" || d.Of(d.Primary).Verdict == diagnosis.Not {
		h.T.Errorf("the primary cause %q: %+v", d.Primary, d.Of(d.Primary))
	}
	for _, j := range d.Causes {
		if j.Verdict == diagnosis.Holds {
			if j.Cause != d.Primary {
				h.T.Errorf("%s holds and %s is primary", j.Cause, d.Primary)
			}
			break
		}
	}
	return d
}

func (h *house) expect(name string, d diagnosis.Diagnosis, primary diagnosis.Cause, v diagnosis.Verdict) {
	h.T.Helper()
	if d.Primary != primary || d.Of(primary).Verdict != v {
		h.T.Errorf("%s: primary %s (%s), want %s (%s)", name, d.Primary, d.Of(d.Primary).Verdict, primary, v)
	}
}

func TestAsThePlatformOurRecordsDecide(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.T.Context()
		d := h.ask(h.good())
		h.expect("nothing wrong", d, diagnosis.Other, diagnosis.Holds)
		if d.Judge != diagnosis.ByClew {
			h.T.Errorf("judged by %s", d.Judge)
		}
		// Nothing was looked at on the page: that is where to look.
		h.expect("no page", h.ask(diagnosis.Question{App: h.App}), diagnosis.Missing, diagnosis.Unknown)

		other, otherApp := h.operator()
		theirs := h.newTarget(other, otherApp, "")
		second := h.secondApp()
		own := h.newTarget(h.Owner, second, "")
		gone := h.newTarget(h.Owner, h.App, "")
		h.must(h.Components.DeleteTarget(ctx, h.Owner, h.App, gone.ConfigID))
		for id, want := range map[string]diagnosis.Cause{
			strings.Repeat("a", 32): diagnosis.IDUnknown, "x": diagnosis.IDUnknown, strings.ToUpper(h.target.ConfigID): diagnosis.IDUnknown,
			theirs.ConfigID: diagnosis.IDOfAnother, own.ConfigID: diagnosis.IDOfAnother, gone.ConfigID: diagnosis.Deleted,
			"": diagnosis.Missing,
		} {
			q := h.good()
			q.ConfigID, q.Attributes = &id, nil
			d := h.ask(q)
			h.expect("id "+id, d, want, diagnosis.Holds)
			if j := d.Of(diagnosis.IDOfAnother); id == theirs.ConfigID && (j.Detail != "" || len(j.Args) > 0) {
				h.T.Errorf("another operator's app is told: %+v", j)
			} else if id == own.ConfigID && !slices.Contains(j.Args, any(second)) {
				h.T.Errorf("the operator's own app is not told: %+v", j)
			}
		}
		var denied *access.Denied
		if _, err := h.room.Diagnose(ctx, access.Caller{Kind: access.KindPerson, Operator: h.Owner.Operator}, h.good()); !errors.As(err, &denied) {
			h.T.Errorf("a stranger: %v", err)
		}
		if _, err := h.room.Diagnose(ctx, other, h.good()); !errors.Is(err, app.ErrUnknown) {
			h.T.Errorf("another operator: %v", err)
		}
		if _, err := h.room.Diagnose(ctx, h.Owner, diagnosis.Question{App: h.App, ConfigID: text(strings.Repeat("x", 200))}); !errors.Is(err, diagnosis.ErrQuestion) {
			h.T.Errorf("a long id: %v", err)
		}

		move := func(to capability.State, reason string) {
			h.Write(func(tx *db.Tx) error {
				return h.Capability.Move(ctx, tx, access.System("", "test"), h.Owner.Operator, h.App, to, reason, "case_7")
			})
		}
		move(capability.Suspended, "抽检发现强制留资")
		d = h.ask(h.good())
		h.expect("suspended", d, diagnosis.Suspended, diagnosis.Holds)
		if j := d.Of(diagnosis.Suspended); !strings.Contains(words.T(words.ZH, "diagnosis.detail."+j.Detail, j.Args...), "抽检发现强制留资") {
			h.T.Errorf("the reason is not told: %+v", j)
		}
		if d.Of(diagnosis.Invalid).Verdict != diagnosis.Holds {
			h.T.Error("the component is not said to be invalid")
		}
		move(capability.Withdrawn, "整改逾期未完成")
		h.expect("withdrawn", h.ask(h.good()), diagnosis.Withdrawn, diagnosis.Holds)
		move(capability.Applied, "")
		h.expect("applied again", h.ask(h.good()), diagnosis.NotGranted, diagnosis.Holds)
		h.Write(func(tx *db.Tx) error {
			return h.Apps.MoveCategory(ctx, tx, h.Owner.Operator, h.App, leadtest.Category, app.Offline)
		})
		h.expect("no category", h.ask(h.good()), diagnosis.NotEligible, diagnosis.Holds)
	})
}

func TestWhatFrameworksDoToTheAttributes(t *testing.T) {
	each(t, func(h *house) {
		for name, c := range map[string]struct {
			change func(*diagnosis.Question)
			want   diagnosis.Cause
			v      diagnosis.Verdict
		}{
			"camel case":     {func(q *diagnosis.Question) { q.Attributes = []string{"conversionTarget", "clueComponentId"} }, diagnosis.Misspelt, diagnosis.Holds},
			"one camel case": {func(q *diagnosis.Question) { q.Attributes = []string{"conversion-target", "clueComponentId"} }, diagnosis.Misspelt, diagnosis.Holds},
			"lower case":     {func(q *diagnosis.Question) { q.Attributes = []string{"conversion-target", "cluecomponentid"} }, diagnosis.Misspelt, diagnosis.Holds},
			"underscores":    {func(q *diagnosis.Question) { q.Attributes = []string{"conversion_target", "clue-component-id"} }, diagnosis.Misspelt, diagnosis.Holds},
			"binding left":   {func(q *diagnosis.Question) { q.Attributes = []string{"conversion-target", ":clue-component-id"} }, diagnosis.Misspelt, diagnosis.Holds},
			"data":           {func(q *diagnosis.Question) { q.Attributes = []string{"conversion-target", "data-clue-component-id"} }, diagnosis.Misspelt, diagnosis.Holds},
			"dropped":        {func(q *diagnosis.Question) { q.Attributes = []string{"bindsubmit"} }, diagnosis.Missing, diagnosis.Holds},
			"one dropped":    {func(q *diagnosis.Question) { q.Attributes = []string{"conversion-target"} }, diagnosis.Missing, diagnosis.Holds},
			"target empty":   {func(q *diagnosis.Question) { q.ConversionTarget, q.Attributes = text(""), nil }, diagnosis.Missing, diagnosis.Holds},
			"target 0":       {func(q *diagnosis.Question) { q.ConversionTarget = text("0") }, diagnosis.Missing, diagnosis.Holds},
			"target true":    {func(q *diagnosis.Question) { q.ConversionTarget, q.Attributes = text("true"), nil }, diagnosis.Missing, diagnosis.Holds},
			"spaces":         {func(q *diagnosis.Question) { q.ConversionTarget = text(" 1 ") }, diagnosis.Other, diagnosis.Holds},
			"values only":    {func(q *diagnosis.Question) { q.Attributes = nil }, diagnosis.Misspelt, diagnosis.Unknown},
			"id only":        {func(q *diagnosis.Question) { q.ConversionTarget, q.Attributes = nil, nil }, diagnosis.Missing, diagnosis.Unknown},
		} {
			q := h.good()
			c.change(&q)
			h.expect(name, h.ask(q), c.want, c.v)
		}
	})
}

func TestInFrontOfDouyinItsAnswersDecide(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.T.Context()
		there := h.platforms.NewApp()
		_, err := h.room.Exchange.Put(ctx, h.Owner, there.Credential(h.App, exchange.Douyin))
		h.must(err)
		id := func(n int) string { return fmt.Sprintf("%032x", n) }
		there.Components = []map[string]any{
			{"config_id": id(1), "config_name": "a", "state": "1"}, {"config_id": id(2), "config_name": "b", "state": "2"}, {"config_id": id(3), "config_name": "c", "state": "0"},
		}
		at := func(n int) diagnosis.Question {
			q := h.good()
			q.ConfigID = text(id(n))
			return q
		}
		d := h.ask(at(1))
		h.expect("in use", d, diagnosis.Other, diagnosis.Holds)
		if d.Judge != diagnosis.ByDouyin || d.Failed != "" {
			h.T.Errorf("judged by %s, %s", d.Judge, d.Failed)
		}
		h.expect("not yet in use", h.ask(at(3)), diagnosis.Other, diagnosis.Holds)
		h.expect("invalid there", h.ask(at(2)), diagnosis.Invalid, diagnosis.Holds)
		h.expect("unknown there", h.ask(at(9)), diagnosis.IDUnknown, diagnosis.Holds)
		// Clew's own ids are none of Douyin's.
		h.expect("ours", h.ask(h.good()), diagnosis.IDUnknown, diagnosis.Holds)

		second := h.secondApp()
		otherThere := h.platforms.NewApp()
		otherThere.Components = []map[string]any{{"config_id": id(9), "config_name": "d", "state": "1"}}
		_, err = h.room.Exchange.Put(ctx, h.Owner, otherThere.Credential(second, exchange.Douyin))
		h.must(err)
		h.expect("of the other app", h.ask(at(9)), diagnosis.IDOfAnother, diagnosis.Holds)

		there.Cert = false
		h.expect("not eligible there", h.ask(at(1)), diagnosis.NotEligible, diagnosis.Holds)
		there.Cert = true
		for code, want := range map[int64]diagnosis.Cause{28001018: diagnosis.NotGranted, 28001014: diagnosis.NotGranted, 28001019: diagnosis.Withdrawn, 28001016: diagnosis.Withdrawn} {
			h.platforms.Next(exchangetest.PathComponents, exchangetest.Errs(code))
			d := h.ask(at(1))
			h.expect(fmt.Sprint(code), d, want, diagnosis.Holds)
			if d.Failed != fmt.Sprint(code) {
				h.T.Errorf("%d is told as %s", code, d.Failed)
			}
		}
		// When Douyin does not answer, what the page shows still counts, and our own
		// records do not stand in for Douyin's.
		h.platforms.Next(exchangetest.PathComponents, exchangetest.Says(500, ""), exchangetest.Says(500, ""))
		d = h.ask(at(1))
		h.expect("no answer", d, diagnosis.IDUnknown, diagnosis.Unknown)
		if d.Of(diagnosis.NotEligible).Verdict != diagnosis.Unknown || d.Failed == "" {
			h.T.Errorf("without an answer: %+v", d)
		}
		h.room.Exchange.Timeout = 200 * time.Millisecond
		h.platforms.Next(exchangetest.PathComponents, exchangetest.Hangs)
		q := at(1)
		q.ConversionTarget = text("")
		q.Attributes = nil
		h.expect("slow", h.ask(q), diagnosis.Missing, diagnosis.Holds)
	})
}

func (h *house) operator() (owner access.Caller, appID string) {
	h.T.Helper()
	ctx := h.T.Context()
	h.Write(func(tx *db.Tx) error {
		o, err := h.Apps.CreateOperator(ctx, tx, "别家")
		owner = access.Caller{Kind: access.KindStaff, ID: "staff_other", Operator: o.ID, Role: access.RoleOwner}
		return err
	})
	return owner, h.appOf(owner)
}

func (h *house) secondApp() string { return h.appOf(h.Owner) }

func (h *house) appOf(owner access.Caller) (id string) {
	h.T.Helper()
	ctx := h.T.Context()
	h.Write(func(tx *db.Tx) error {
		a, _, err := h.Apps.Create(ctx, tx, owner.Operator, "另一个", nil)
		if err != nil {
			return err
		}
		id = a.ID
		for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
			if err := h.Apps.MoveCategory(ctx, tx, owner.Operator, id, leadtest.Category, s); err != nil {
				return err
			}
		}
		return nil
	})
	return id
}
