package lead_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/lead"
	"clew/lead/leadtest"
)

func TestALeadItsReceiptAndItsMessageAreStoredTogether(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		a := h.Accept("key-00000001", 1)
		if a.Replayed || a.Number == "" || a.At != h.DB.Now() {
			h.T.Errorf("accepted %+v", a)
		}
		leads := h.List(lead.Filter{})
		if len(leads) != 1 || leads[0].ID != a.Lead || leads[0].State != lead.New || leads[0].DuplicateOf != "" {
			h.T.Fatalf("leads: %+v", leads)
		}
		if want := "138******01"; leads[0].Masked["phone"] != want || leads[0].Masked["name"] != "王**" {
			h.T.Errorf("masked: %v", leads[0].Masked)
		}
		for _, table := range []string{"receipt", "lead_key", "lead_index", "lead_once"} {
			if n := h.Rows(table); n != 1 {
				h.T.Errorf("%s holds %d rows", table, n)
			}
		}
		if n := h.Messages("lead.created"); n != 1 {
			h.T.Errorf("%d messages", n)
		}
	})
}

func TestTheSameKeyGetsTheSameAnswer(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		first := h.Accept("key-00000001", 1)
		again := h.Accept("key-00000001", 1)
		if !again.Replayed || again.Number != first.Number || again.Lead != first.Lead || again.At != first.At {
			h.T.Errorf("first %+v, then %+v", first, again)
		}
		if _, err := h.Intake.Accept(ctx, h.Submission("key-00000001", 2)); !errors.Is(err, lead.ErrKeyReused) {
			h.T.Errorf("another body: %v", err)
		}
		other := h.Submission("key-00000001", 1)
		other.Answers["name"] = "别人"
		if _, err := h.Intake.Accept(ctx, other); !errors.Is(err, lead.ErrKeyReused) {
			h.T.Errorf("another name: %v", err)
		}
		for _, key := range []string{"", "short", "has space 123", strings.Repeat("x", 129), "键键键键键键键键"} {
			if _, err := h.Intake.Accept(ctx, h.Submission(key, 1)); !errors.Is(err, lead.ErrKey) {
				h.T.Errorf("key %q: %v", key, err)
			}
		}
		if n := h.Rows("lead"); n != 1 {
			h.T.Errorf("%d leads", n)
		}
	})
}

// Two processes on one store, many callers, one key each twice: each key is one
// lead, and both callers hear of the same one.
func TestOneKeySentByManyAtOnceIsOneLead(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		other := &lead.Intake{DB: h.DB, Ring: h.Ring, Phone: h.Intake.Phone, Outbox: h.Intake.Outbox, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
		other.Start()
		defer other.Stop()
		const keys, callers = 20, 6
		var numbers [keys]sync.Map
		var start, done sync.WaitGroup
		start.Add(1)
		for k := range keys {
			for c := range callers {
				done.Go(func() {
					start.Wait()
					in := h.Intake
					if c%2 == 1 {
						in = other
					}
					a, err := in.Accept(h.T.Context(), h.Submission(fmt.Sprintf("key-%08d", k), k))
					if err != nil {
						h.T.Errorf("key %d: %v", k, err)
					}
					numbers[k].Store(a.Number, true)
				})
			}
		}
		start.Done()
		done.Wait()
		for k := range keys {
			n := 0
			numbers[k].Range(func(any, any) bool { n++; return true })
			if n != 1 {
				h.T.Errorf("key %d was answered with %d receipts", k, n)
			}
		}
		if n := h.Rows("lead"); n != keys {
			h.T.Errorf("%d leads from %d keys", n, keys)
		}
	})
}

func TestRefusalsStoreNothing(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		code := func(err error) string {
			var unproven *consent.Unproven
			var bad *lead.BadAnswers
			switch {
			case errors.As(err, &unproven):
				return unproven.Code
			case errors.As(err, &bad):
				var codes []string
				for _, p := range bad.Problems {
					codes = append(codes, p.Field+":"+p.Code)
				}
				return strings.Join(codes, " ")
			case err != nil:
				return err.Error()
			}
			return "accepted"
		}
		for _, c := range []struct {
			name  string
			spoil func(*lead.Submission)
			want  string
		}{
			{"no consent", func(s *lead.Submission) { s.Act = consent.Act{} }, consent.ConsentMissing},
			{"consent false", func(s *lead.Submission) { s.Act.Choices[0].Accepted = false }, consent.ConsentRefused},
			{"no gesture", func(s *lead.Submission) { s.Act.Gesture = consent.Gesture{} }, consent.GestureMissing},
			{"untrusted gesture", func(s *lead.Submission) { s.Act.Gesture.Trusted = false }, consent.GestureMissing},
			{"ticked beforehand", func(s *lead.Submission) { s.Act.Gesture.BoxDefault = true }, consent.BoxPreticked},
			{"another notice", func(s *lead.Submission) { s.Act.NoticeHash = "sha256:00" }, consent.NoticeStale},
			{"a version that never was", func(s *lead.Submission) { s.Form.Version = 7 }, consent.NoticeStale},
			{"wrong phone", func(s *lead.Submission) { s.Answers["phone"] = "12" }, "phone:phone_invalid"},
			{"no phone", func(s *lead.Submission) { delete(s.Answers, "phone") }, "phone:required"},
			{"unknown field", func(s *lead.Submission) { s.Answers["surprise"] = "x" }, ":field_unknown"},
			{"control characters", func(s *lead.Submission) { s.Answers["name"] = "a\x00b" }, "name:characters"},
			{"a code id of another shape", func(s *lead.Submission) { s.CodeID, s.Code = "code_\x00\xff", "123456" }, "code:code_unknown"},
			{"unknown component", func(s *lead.Submission) { s.Form.Component = "cmp_none" }, component.ErrUnknown.Error()},
		} {
			s := h.Submission("key-00000001", 1)
			c.spoil(&s)
			_, err := h.Intake.Accept(ctx, s)
			if got := code(err); got != c.want {
				h.T.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
			if err != nil && strings.Contains(err.Error(), leadtest.Number(1)[3:]) {
				h.T.Errorf("%s: the error holds the number", c.name)
			}
		}
		if n := h.Rows("lead") + h.Rows("receipt") + h.Rows("lead_once") + h.Messages("lead.created"); n != 0 {
			h.T.Errorf("%d rows were stored by refusals", n)
		}
		h.Accept("key-00000001", 1) // a refused key is free
	})
}

func TestANewerVersionMakesTheOldNoticeStale(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		old := h.Submission("key-00000001", 1)
		def := h.Version.Definition
		def.RetentionDays = 30
		if _, err := h.Components.SaveDraft(ctx, h.Owner, h.Version.Component, def, 1); err != nil {
			h.T.Fatal(err)
		}
		if _, _, err := h.Components.Publish(ctx, h.Owner, h.Version.Component); err != nil {
			h.T.Fatal(err)
		}
		_, err := h.Intake.Accept(ctx, old)
		var unproven *consent.Unproven
		if !errors.As(err, &unproven) || unproven.Code != consent.NoticeStale {
			h.T.Errorf("old notice: %v", err)
		}
		if err := h.Components.Unpublish(ctx, h.Owner, h.Version.Component); err != nil {
			h.T.Fatal(err)
		}
		if _, err := h.Intake.Accept(ctx, old); !errors.Is(err, component.ErrUnpublished) {
			h.T.Errorf("unpublished: %v", err)
		}
	})
}

// A withdrawal that has returned holds for every submission sent after it, while
// others are on their way.
func TestAWithdrawnCapabilityStopsIntakeInTheNextTransaction(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		ctx := h.T.Context()
		admin := access.Caller{Kind: access.KindStaff, ID: "staff_admin", Role: access.RoleAdmin}
		var withdrawn atomic.Bool
		var stored, refused, late atomic.Int64
		enough := make(chan struct{})
		var once sync.Once
		var senders sync.WaitGroup
		for c := range 8 {
			senders.Go(func() {
				for i := 0; ; i++ {
					after := withdrawn.Load()
					_, err := h.Intake.Accept(ctx, h.Submission(fmt.Sprintf("key-%d-%06d", c, i), 1000*c+i))
					var closed *capability.Closed
					switch {
					case err == nil:
						if after {
							late.Add(1)
						}
						if stored.Add(1) >= 40 {
							once.Do(func() { close(enough) })
						}
					case errors.As(err, &closed):
						if closed.Case != "case_1" || closed.Code != "withdrawn" {
							h.T.Errorf("closed: %+v", closed)
						}
						refused.Add(1)
						return
					default:
						h.T.Error(err)
						return
					}
				}
			})
		}
		<-enough
		if err := h.Capability.Decide(ctx, admin, h.Owner.Operator, h.App, capability.Withdrawn, "强制授权手机号", "case_1"); err != nil {
			h.T.Fatal(err)
		}
		withdrawn.Store(true)
		senders.Wait()
		if late.Load() != 0 {
			h.T.Errorf("%d leads were accepted after the withdrawal had returned", late.Load())
		}
		if refused.Load() != 8 || int64(h.Rows("lead")) != stored.Load() {
			h.T.Errorf("%d refused; %d acknowledged, %d stored", refused.Load(), stored.Load(), h.Rows("lead"))
		}
	})
}

func TestALapsedCategoryStopsIntake(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		h.Accept("key-00000001", 1)
		h.Write(func(tx *db.Tx) error {
			return h.Apps.MoveCategory(h.T.Context(), tx, h.Owner.Operator, h.App, leadtest.Category, app.Offline)
		})
		_, err := h.Intake.Accept(h.T.Context(), h.Submission("key-00000002", 2))
		var closed *capability.Closed
		if !errors.As(err, &closed) || closed.Code != "category_lapsed" {
			h.T.Errorf("lapsed: %v", err)
		}
		// What was acknowledged stays answered.
		if a := h.Accept("key-00000001", 1); !a.Replayed {
			h.T.Error("the earlier answer was forgotten")
		}
	})
}

// place gives the house's component a target for the categories.
func place(h *leadtest.House, paths ...string) component.Target {
	h.T.Helper()
	t, err := h.Components.CreateTarget(h.T.Context(), h.Owner, component.Target{
		App: h.App, Component: h.Version.Component, Name: "投放", Regions: []string{"110101"}, Categories: paths,
	})
	if err != nil {
		h.T.Fatal(err)
	}
	return t
}

// A component whose targets are all invalid takes nothing, though its app may collect.
func TestAnInvalidComponentStopsIntake(t *testing.T) {
	const notary = "商业服务 > 商业服务 > 公证"
	leadtest.Each(t, nil, func(h *leadtest.House) {
		move := func(path string, states ...app.CategoryState) {
			h.T.Helper()
			h.Write(func(tx *db.Tx) error {
				for _, s := range states {
					if err := h.Apps.MoveCategory(h.T.Context(), tx, h.Owner.Operator, h.App, path, s); err != nil {
						return err
					}
				}
				return nil
			})
		}
		validity := func(t component.Target) (v component.Validity) {
			h.T.Helper()
			h.Write(func(tx *db.Tx) error {
				now, err := component.TargetOf(h.T.Context(), tx, t.ConfigID)
				if err != nil {
					return err
				}
				v, err = component.ValidityOf(h.T.Context(), tx, now)
				return err
			})
			return v
		}
		move(notary, app.Applied, app.Approved, app.Online)
		target := place(h, notary)
		if v := validity(target); v != component.NotActivated {
			h.T.Errorf("before the first report it is %s", v)
		}
		h.Accept("key-00000001", 1)
		if v := validity(target); v != component.Activated {
			h.T.Errorf("after the first report it is %s", v)
		}
		move(notary, app.Offline)
		if _, err := h.Intake.Accept(h.T.Context(), h.Submission("key-00000002", 2)); !errors.Is(err, component.ErrInvalid) {
			h.T.Errorf("its one category is off line: %v", err)
		}
		if n := h.Rows("lead"); n != 1 {
			h.T.Errorf("%d leads stored", n)
		}
		// What was acknowledged stays answered.
		if a := h.Accept("key-00000001", 1); !a.Replayed {
			h.T.Error("the earlier answer was forgotten")
		}
		place(h, leadtest.Category)
		h.Accept("key-00000003", 3)
		move(notary, app.Applied, app.Approved, app.Online)
		h.Accept("key-00000004", 4)
	})
}

// A test is no report.
func TestATestActivatesNothing(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		target := place(h, leadtest.Category)
		s := h.Submission("key-00000001", 1)
		s.Form.Test = true
		if _, err := h.Intake.Accept(h.T.Context(), s); err != nil {
			h.T.Fatal(err)
		}
		h.Write(func(tx *db.Tx) error {
			now, err := component.TargetOf(h.T.Context(), tx, target.ConfigID)
			if !now.Activated.IsZero() {
				h.T.Error("a test activated the target")
			}
			return err
		})
	})
}

// Submissions and a lapse side by side: whatever is accepted was accepted before
// the lapse returned, and nothing is stored that was refused.
func TestALapseBesideIntake(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		place(h, leadtest.Category)
		var stored, refused, late atomic.Int64
		var lapsed atomic.Bool
		enough := make(chan struct{})
		var senders sync.WaitGroup
		var once sync.Once
		for sender := range 8 {
			senders.Go(func() {
				for i := 0; ; i++ {
					after := lapsed.Load()
					n := sender*10_000 + i
					_, err := h.Intake.Accept(h.T.Context(), h.Submission(fmt.Sprintf("key-%08d", n), n))
					var closed *capability.Closed
					switch {
					case err == nil:
						if after {
							late.Add(1)
						}
						if stored.Add(1) == 50 {
							once.Do(func() { close(enough) })
						}
					case errors.As(err, &closed) && closed.Code == "category_lapsed":
						refused.Add(1)
						return
					default:
						h.T.Error(err)
						return
					}
				}
			})
		}
		<-enough
		admin := access.Caller{Kind: access.KindStaff, ID: "staff_admin", Role: access.RoleAdmin}
		if err := h.Apps.DecideCategory(h.T.Context(), admin, h.Owner.Operator, h.App, leadtest.Category, app.Offline, "资质已过期"); err != nil {
			h.T.Fatal(err)
		}
		lapsed.Store(true)
		senders.Wait()
		if late.Load() != 0 || refused.Load() != 8 || int64(h.Rows("lead")) != stored.Load() {
			h.T.Errorf("%d late, %d refused; %d acknowledged, %d stored", late.Load(), refused.Load(), stored.Load(), h.Rows("lead"))
		}
	})
}

func TestTheSameNumberInsideTheWindowIsADuplicate(t *testing.T) {
	leadtest.Each(t, func(d *component.Definition) { d.DedupeHours = 24 }, func(h *leadtest.House) {
		first := h.Accept("key-00000001", 1)
		second := h.Accept("key-00000002", 1)
		h.Accept("key-00000003", 2)
		if first.Number == second.Number || first.Lead == second.Lead {
			h.T.Error("a duplicate has a lead and a receipt of its own")
		}
		if n := len(h.List(lead.Filter{})); n != 2 {
			h.T.Errorf("%d leads listed, want 2 without the duplicate", n)
		}
		for _, l := range h.List(lead.Filter{Duplicates: true}) {
			if want := map[string]string{second.Lead: first.Lead}[l.ID]; l.DuplicateOf != want {
				h.T.Errorf("lead %s is a duplicate of %q, want %q", l.ID, l.DuplicateOf, want)
			}
		}
		if n := h.Messages("lead.created"); n != 2 {
			h.T.Errorf("%d messages, want 2", n)
		}
		h.Clock.Advance(day)
		h.Accept("key-00000004", 1)
		if n := len(h.List(lead.Filter{})); n != 3 {
			h.T.Errorf("%d leads listed after the window, want 3", n)
		}
	})
}

// A lead that hides behind another is seen once that one is taken back or erased;
// and who leaves the number again afterwards is a duplicate of what is seen.
func TestWhatStandsBehindALeadThatGoesIsSeen(t *testing.T) {
	for name, goes := range map[string]func(h *leadtest.House, tx *db.Tx, id string) error{
		"withdrawn": func(h *leadtest.House, tx *db.Tx, id string) error {
			return h.Leads.Withdraw(h.T.Context(), tx, h.Owner.Operator, id, consent.ByPerson)
		},
		"erased": func(h *leadtest.House, tx *db.Tx, id string) error {
			return h.Leads.Erase(h.T.Context(), tx, h.Owner.Operator, id, consent.ByPerson)
		},
	} {
		t.Run(name, func(t *testing.T) {
			leadtest.Each(t, func(d *component.Definition) { d.DedupeHours = 24 }, func(h *leadtest.House) {
				first := h.Accept("key-00000001", 1)
				second := h.Accept("key-00000002", 1)
				third := h.Accept("key-00000003", 1)
				h.Write(func(tx *db.Tx) error { return goes(h, tx, first.Lead) })
				h.Write(func(tx *db.Tx) error { return goes(h, tx, first.Lead) }) // twice is no error
				fourth := h.Accept("key-00000004", 1)
				of := map[string]string{}
				for _, l := range h.List(lead.Filter{Duplicates: true}) {
					of[l.ID] = l.DuplicateOf
				}
				if of[second.Lead] != "" || of[third.Lead] != second.Lead || of[fourth.Lead] != second.Lead {
					h.T.Errorf("second behind %q, third behind %q, fourth behind %q; want the second seen and the rest behind it",
						of[second.Lead], of[third.Lead], of[fourth.Lead])
				}
				if n := h.Messages("lead.created"); n != 2 {
					h.T.Errorf("%d messages, want one for the first and one for the second", n)
				}
				c, err := h.Leads.Count(h.T.Context(), h.Owner, h.DB.Now().Add(-day))
				want := map[string]int{"withdrawn": 2, "erased": 1}[name]
				if err != nil || c.Total != want {
					h.T.Errorf("%d counted, %v; want %d", c.Total, err, want)
				}
			})
		})
	}
}

func TestTestLeadsAreMarkedAndNeverCounted(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		s := h.Submission("key-00000001", 1)
		s.Form.Test = true
		a, err := h.Intake.Accept(h.T.Context(), s)
		if err != nil || !a.Test {
			h.T.Fatalf("%+v, %v", a, err)
		}
		h.Accept("key-00000002", 2)
		if n := len(h.List(lead.Filter{NoTest: true})); n != 1 {
			h.T.Errorf("%d leads without tests", n)
		}
		c, err := h.Leads.Count(h.T.Context(), h.Owner, h.DB.Now().Add(-day))
		if err != nil || c.Total != 1 || c.Today != 1 || c.ByState[lead.New] != 1 {
			h.T.Errorf("counts %+v, %v", c, err)
		}
	})
}

var sixDigits = regexp.MustCompile(`\d{6}`)

func TestAVerifiedNumberNeedsItsCode(t *testing.T) {
	leadtest.Each(t, func(d *component.Definition) { d.Verification = component.Verified }, func(h *leadtest.House) {
		ctx := h.T.Context()
		s := h.Submission("key-00000001", 1)
		want := func(err error, code string) {
			h.T.Helper()
			var bad *lead.BadAnswers
			if !errors.As(err, &bad) || len(bad.Problems) != 1 || bad.Problems[0].Field != "code" || bad.Problems[0].Code != code {
				h.T.Errorf("%v, want code problem %s", err, code)
			}
		}
		_, err := h.Intake.Accept(ctx, s)
		want(err, "code_missing")
		c, err := h.Intake.Phone.NewChallenge(h.Version.Component, false, h.DB.Now())
		if err != nil {
			h.T.Fatal(err)
		}
		solution, err := c.Solve()
		if err != nil {
			h.T.Fatal(err)
		}
		request := lead.CodeRequest{Form: s.Form, Act: s.Act, Phone: leadtest.Number(1), Address: "192.0.2.1", Solution: solution}
		before := request
		before.Act.Choices = nil
		if _, err := h.Intake.SendCode(ctx, before); err == nil || h.Sent.Text() != "" {
			h.T.Fatalf("a code was sent before consent: %v", err)
		}
		sent, err := h.Intake.SendCode(ctx, request)
		if err != nil {
			h.T.Fatal(err)
		}
		code := sixDigits.FindString(h.Sent.Text())
		s.CodeID, s.Code = sent.CodeID, "000000"
		if code == s.Code {
			s.Code = "000001"
		}
		_, err = h.Intake.Accept(ctx, s)
		want(err, "code_wrong")
		s.Code = code
		other := s
		other.Key, other.Answers = "key-00000002", map[string]string{"phone": leadtest.Number(2)}
		_, err = h.Intake.Accept(ctx, other)
		want(err, "code_unknown") // a code proves its own number only
		a, err := h.Intake.Accept(ctx, s)
		if err != nil {
			h.T.Fatal(err)
		}
		if again, err := h.Intake.Accept(ctx, s); err != nil || again.Number != a.Number {
			h.T.Errorf("retry after success: %+v, %v", again, err)
		}
		s.Key = "key-00000003"
		_, err = h.Intake.Accept(ctx, s)
		want(err, "code_used")
		if leads := h.List(lead.Filter{}); len(leads) != 1 || !leads[0].Verified {
			h.T.Errorf("leads: %+v", leads)
		}
	})
}
