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
)

func TestALeadItsReceiptAndItsMessageAreStoredTogether(t *testing.T) {
	each(t, nil, func(h *house) {
		a := h.accept("key-00000001", 1)
		if a.Replayed || a.Number == "" || a.At != h.db.Now() {
			h.t.Errorf("accepted %+v", a)
		}
		leads := h.list(lead.Filter{})
		if len(leads) != 1 || leads[0].ID != a.Lead || leads[0].State != lead.New || leads[0].DuplicateOf != "" {
			h.t.Fatalf("leads: %+v", leads)
		}
		if want := "138******01"; leads[0].Masked["phone"] != want || leads[0].Masked["name"] != "王**" {
			h.t.Errorf("masked: %v", leads[0].Masked)
		}
		for _, table := range []string{"receipt", "lead_key", "lead_index", "lead_once"} {
			if n := h.rows(table); n != 1 {
				h.t.Errorf("%s holds %d rows", table, n)
			}
		}
		if n := h.messages("lead.created"); n != 1 {
			h.t.Errorf("%d messages", n)
		}
	})
}

func TestTheSameKeyGetsTheSameAnswer(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
		first := h.accept("key-00000001", 1)
		again := h.accept("key-00000001", 1)
		if !again.Replayed || again.Number != first.Number || again.Lead != first.Lead || again.At != first.At {
			h.t.Errorf("first %+v, then %+v", first, again)
		}
		if _, err := h.intake.Accept(ctx, h.submission("key-00000001", 2)); !errors.Is(err, lead.ErrKeyReused) {
			h.t.Errorf("another body: %v", err)
		}
		other := h.submission("key-00000001", 1)
		other.Answers["name"] = "别人"
		if _, err := h.intake.Accept(ctx, other); !errors.Is(err, lead.ErrKeyReused) {
			h.t.Errorf("another name: %v", err)
		}
		for _, key := range []string{"", "short", "has space 123", strings.Repeat("x", 129), "键键键键键键键键"} {
			if _, err := h.intake.Accept(ctx, h.submission(key, 1)); !errors.Is(err, lead.ErrKey) {
				h.t.Errorf("key %q: %v", key, err)
			}
		}
		if n := h.rows("lead"); n != 1 {
			h.t.Errorf("%d leads", n)
		}
	})
}

// Two processes on one store, many callers, one key each twice: each key is one
// lead, and both callers hear of the same one.
func TestOneKeySentByManyAtOnceIsOneLead(t *testing.T) {
	each(t, nil, func(h *house) {
		other := &lead.Intake{DB: h.db, Ring: h.ring, Phone: h.intake.Phone, Outbox: h.intake.Outbox, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
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
					in := h.intake
					if c%2 == 1 {
						in = other
					}
					a, err := in.Accept(h.t.Context(), h.submission(fmt.Sprintf("key-%08d", k), k))
					if err != nil {
						h.t.Errorf("key %d: %v", k, err)
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
				h.t.Errorf("key %d was answered with %d receipts", k, n)
			}
		}
		if n := h.rows("lead"); n != keys {
			h.t.Errorf("%d leads from %d keys", n, keys)
		}
	})
}

func TestRefusalsStoreNothing(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
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
			s := h.submission("key-00000001", 1)
			c.spoil(&s)
			_, err := h.intake.Accept(ctx, s)
			if got := code(err); got != c.want {
				h.t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
			if err != nil && strings.Contains(err.Error(), number(1)[3:]) {
				h.t.Errorf("%s: the error holds the number", c.name)
			}
		}
		if n := h.rows("lead") + h.rows("receipt") + h.rows("lead_once") + h.messages("lead.created"); n != 0 {
			h.t.Errorf("%d rows were stored by refusals", n)
		}
		h.accept("key-00000001", 1) // a refused key is free
	})
}

func TestANewerVersionMakesTheOldNoticeStale(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
		old := h.submission("key-00000001", 1)
		def := h.version.Definition
		def.RetentionDays = 30
		if _, err := h.components.SaveDraft(ctx, h.owner, h.version.Component, def, 1); err != nil {
			h.t.Fatal(err)
		}
		if _, _, err := h.components.Publish(ctx, h.owner, h.version.Component); err != nil {
			h.t.Fatal(err)
		}
		_, err := h.intake.Accept(ctx, old)
		var unproven *consent.Unproven
		if !errors.As(err, &unproven) || unproven.Code != consent.NoticeStale {
			h.t.Errorf("old notice: %v", err)
		}
		if err := h.components.Unpublish(ctx, h.owner, h.version.Component); err != nil {
			h.t.Fatal(err)
		}
		if _, err := h.intake.Accept(ctx, old); !errors.Is(err, component.ErrUnpublished) {
			h.t.Errorf("unpublished: %v", err)
		}
	})
}

// A withdrawal that has returned holds for every submission sent after it, while
// others are on their way.
func TestAWithdrawnCapabilityStopsIntakeInTheNextTransaction(t *testing.T) {
	each(t, nil, func(h *house) {
		ctx := h.t.Context()
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
					_, err := h.intake.Accept(ctx, h.submission(fmt.Sprintf("key-%d-%06d", c, i), 1000*c+i))
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
							h.t.Errorf("closed: %+v", closed)
						}
						refused.Add(1)
						return
					default:
						h.t.Error(err)
						return
					}
				}
			})
		}
		<-enough
		if err := h.capability.Decide(ctx, admin, h.owner.Operator, h.app, capability.Withdrawn, "强制授权手机号", "case_1"); err != nil {
			h.t.Fatal(err)
		}
		withdrawn.Store(true)
		senders.Wait()
		if late.Load() != 0 {
			h.t.Errorf("%d leads were accepted after the withdrawal had returned", late.Load())
		}
		if refused.Load() != 8 || int64(h.rows("lead")) != stored.Load() {
			h.t.Errorf("%d refused; %d acknowledged, %d stored", refused.Load(), stored.Load(), h.rows("lead"))
		}
	})
}

func TestALapsedCategoryStopsIntake(t *testing.T) {
	each(t, nil, func(h *house) {
		h.accept("key-00000001", 1)
		h.write(func(tx *db.Tx) error {
			return h.apps.MoveCategory(h.t.Context(), tx, h.owner.Operator, h.app, category, app.Offline)
		})
		_, err := h.intake.Accept(h.t.Context(), h.submission("key-00000002", 2))
		var closed *capability.Closed
		if !errors.As(err, &closed) || closed.Code != "category_lapsed" {
			h.t.Errorf("lapsed: %v", err)
		}
		// What was acknowledged stays answered.
		if a := h.accept("key-00000001", 1); !a.Replayed {
			h.t.Error("the earlier answer was forgotten")
		}
	})
}

func TestTheSameNumberInsideTheWindowIsADuplicate(t *testing.T) {
	each(t, func(d *component.Definition) { d.DedupeHours = 24 }, func(h *house) {
		first := h.accept("key-00000001", 1)
		second := h.accept("key-00000002", 1)
		h.accept("key-00000003", 2)
		if first.Number == second.Number || first.Lead == second.Lead {
			h.t.Error("a duplicate has a lead and a receipt of its own")
		}
		if n := len(h.list(lead.Filter{})); n != 2 {
			h.t.Errorf("%d leads listed, want 2 without the duplicate", n)
		}
		for _, l := range h.list(lead.Filter{Duplicates: true}) {
			if want := map[string]string{second.Lead: first.Lead}[l.ID]; l.DuplicateOf != want {
				h.t.Errorf("lead %s is a duplicate of %q, want %q", l.ID, l.DuplicateOf, want)
			}
		}
		if n := h.messages("lead.created"); n != 2 {
			h.t.Errorf("%d messages, want 2", n)
		}
		h.clock.Advance(day)
		h.accept("key-00000004", 1)
		if n := len(h.list(lead.Filter{})); n != 3 {
			h.t.Errorf("%d leads listed after the window, want 3", n)
		}
	})
}

func TestTestLeadsAreMarkedAndNeverCounted(t *testing.T) {
	each(t, nil, func(h *house) {
		s := h.submission("key-00000001", 1)
		s.Form.Test = true
		a, err := h.intake.Accept(h.t.Context(), s)
		if err != nil || !a.Test {
			h.t.Fatalf("%+v, %v", a, err)
		}
		h.accept("key-00000002", 2)
		if n := len(h.list(lead.Filter{NoTest: true})); n != 1 {
			h.t.Errorf("%d leads without tests", n)
		}
		c, err := h.leads.Count(h.t.Context(), h.owner, h.db.Now().Add(-day))
		if err != nil || c.Total != 1 || c.Today != 1 || c.ByState[lead.New] != 1 {
			h.t.Errorf("counts %+v, %v", c, err)
		}
	})
}

var sixDigits = regexp.MustCompile(`\d{6}`)

func TestAVerifiedNumberNeedsItsCode(t *testing.T) {
	each(t, func(d *component.Definition) { d.Verification = component.Verified }, func(h *house) {
		ctx := h.t.Context()
		s := h.submission("key-00000001", 1)
		want := func(err error, code string) {
			h.t.Helper()
			var bad *lead.BadAnswers
			if !errors.As(err, &bad) || len(bad.Problems) != 1 || bad.Problems[0].Field != "code" || bad.Problems[0].Code != code {
				h.t.Errorf("%v, want code problem %s", err, code)
			}
		}
		_, err := h.intake.Accept(ctx, s)
		want(err, "code_missing")
		c, err := h.intake.Phone.NewChallenge(h.version.Component, h.db.Now())
		if err != nil {
			h.t.Fatal(err)
		}
		solution, err := c.Solve()
		if err != nil {
			h.t.Fatal(err)
		}
		request := lead.CodeRequest{Form: s.Form, Act: s.Act, Phone: number(1), Address: "192.0.2.1", Solution: solution}
		before := request
		before.Act.Choices = nil
		if _, err := h.intake.SendCode(ctx, before); err == nil || h.sent.text != "" {
			h.t.Fatalf("a code was sent before consent: %v", err)
		}
		sent, err := h.intake.SendCode(ctx, request)
		if err != nil {
			h.t.Fatal(err)
		}
		code := sixDigits.FindString(h.sent.text)
		s.CodeID, s.Code = sent.CodeID, "000000"
		if code == s.Code {
			s.Code = "000001"
		}
		_, err = h.intake.Accept(ctx, s)
		want(err, "code_wrong")
		s.Code = code
		other := s
		other.Key, other.Answers = "key-00000002", map[string]string{"phone": number(2)}
		_, err = h.intake.Accept(ctx, other)
		want(err, "code_unknown") // a code proves its own number only
		a, err := h.intake.Accept(ctx, s)
		if err != nil {
			h.t.Fatal(err)
		}
		if again, err := h.intake.Accept(ctx, s); err != nil || again.Number != a.Number {
			h.t.Errorf("retry after success: %+v, %v", again, err)
		}
		s.Key = "key-00000003"
		_, err = h.intake.Accept(ctx, s)
		want(err, "code_used")
		if leads := h.list(lead.Filter{}); len(leads) != 1 || !leads[0].Verified {
			h.t.Errorf("leads: %+v", leads)
		}
	})
}
