package host_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/db"
	"clew/db/dbtest"
	"clew/finding"
	"clew/host"
	"clew/host/adapter"
	"clew/host/hosttest"
	"clew/outbox"
	"clew/policy"
	"clew/seal"
	"clew/webhook"
)

func TestTheReferenceAdapterConforms(t *testing.T) {
	var mu sync.Mutex
	acted := map[string]int{}
	hosttest.Conforms(t, func(clew string) string {
		a := &adapter.Adapter{Clew: clew, Key: hosttest.Key, Secret: hosttest.Secret, Now: time.Now, Do: func(c casework.Command) (bool, string) {
			mu.Lock()
			defer mu.Unlock()
			acted[c.ID]++
			return true, "已执行"
		}}
		server := httptest.NewServer(a)
		t.Cleanup(server.Close)
		return server.URL
	}, func(command string) int { mu.Lock(); defer mu.Unlock(); return acted[command] })
}

// stage is an installation with a decided measure that acts in the host's systems.
type stage struct {
	t        *testing.T
	db       *db.DB
	clock    *dbtest.Clock
	room     *host.Room
	casework *casework.Room
	caller   access.Caller // the host's key
	file     casework.File
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func stages(t *testing.T, fn func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, store *db.DB, clock *dbtest.Clock) {
		clock.Advance(time.Since(clock.Now()))
		who, ctx := &access.Room{DB: store, Ring: seal.TestRing(t)}, t.Context()
		out := outbox.New(store, nil)
		caps := &capability.Room{DB: store, Access: who, Outbox: out}
		s := &stage{
			t: t, db: store, clock: clock, room: &host.Room{DB: store, Outbox: out, Secret: hosttest.Secret},
			casework: &casework.Room{DB: store, Access: who, Capability: caps, Outbox: out, Ring: seal.TestRing(t)},
			caller:   access.Caller{Kind: access.KindKey, ID: "key_host", Scopes: access.ScopeHost},
		}
		s.room.Register()
		for _, e := range webhook.Events() { // the operator has no endpoint
			out.Handle(e.Name, func(context.Context, outbox.Message) error { return nil })
		}
		var id string
		s.must(store.Write(ctx, func(tx *db.Tx) error {
			apps := &app.Room{DB: store, Access: who}
			o, err := apps.CreateOperator(ctx, tx, "测试")
			if err != nil {
				return err
			}
			a, _, err := apps.Create(ctx, tx, o.ID, "测试", nil)
			id = a.ID
			return err
		}))
		staff := func(role access.Role) access.Caller {
			return access.Caller{Kind: access.KindStaff, ID: "staff_" + string(role), Role: role}
		}
		inspector := staff(access.RoleInspector)
		number, key, err := s.casework.Report(ctx, inspector, casework.NewReport{App: id, Channel: "consumer_complaint", Reporter: casework.Reporter{Text: "一进页面就弹窗"}})
		s.must(err)
		s.must(store.Read(ctx, func(tx *db.Tx) error {
			r, _, err := casework.Followed(ctx, tx, number, key)
			id = r.Case
			return err
		}))
		f, err := s.casework.Triage(ctx, inspector, id, 0, 0)
		s.must(err)
		f, err = s.casework.Find(ctx, inspector, id, f.Version, casework.NewFinding{Clause: "3.2.entry-popup", Verdict: finding.Violation, Text: finding.Say("弹窗", "a dialog")})
		s.must(err)
		s.file, err = s.casework.Decide(ctx, staff(access.RoleReviewer), id, f.Version, casework.Draft{
			Findings: []string{f.Findings[0].ID}, Reasons: finding.Say("经复核，进入落地页即弹出授权。", "a dialog on entry"),
			Deviation: "相关商品须先下架，另行处理如下。", Order: &casework.Order{RectifyDays: 7, Measures: []policy.Measure{{Kind: policy.ProductDelist, Days: 7}}},
		})
		s.must(err)
		fn(t, s)
	})
}

func (s *stage) measure() casework.Measure {
	s.t.Helper()
	f, err := s.casework.Case(s.t.Context(), access.Caller{Kind: access.KindStaff, ID: "staff_x", Role: access.RoleAuditor}, s.file.ID)
	s.must(err)
	return f.Measures[0]
}

// waits is the state of the command's message and why it waits.
func (s *stage) waits() (state, why string) {
	s.t.Helper()
	list, _, err := s.room.Outbox.List(s.t.Context(), s.file.Operator, "", "", 100)
	s.must(err)
	for _, e := range list {
		if e.Kind == casework.CommandMessage {
			return e.State, e.Error
		}
	}
	s.t.Fatal("no command was put")
	return "", ""
}

// adapters serves an adapter whose answers are given by say, called for each message.
func (s *stage) adapters(say func(w http.ResponseWriter, c casework.Command)) {
	s.t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := webhook.Verify(r.Header, body, s.db.Now(), hosttest.Secret); err != nil {
			s.t.Errorf("not signed: %v", err)
		}
		var in host.Envelope
		if err := json.Unmarshal(body, &in); err != nil {
			s.t.Error(err)
		}
		say(w, in.Data)
	}))
	s.t.Cleanup(server.Close)
	s.room.URL = server.URL
}

func (s *stage) drain() {
	s.t.Helper()
	s.must(s.room.Outbox.Drain(s.t.Context()))
}

func (s *stage) answer(c casework.Command, done bool, text string) {
	if err := s.casework.AnswerCommand(s.t.Context(), s.caller, c.ID, done, text); err != nil {
		s.t.Error(err)
	}
}

func TestACommandWaitsForAnAdapterAndForItsAnswer(t *testing.T) {
	stages(t, func(t *testing.T, s *stage) {
		s.drain()
		if state, why := s.waits(); state != outbox.Waiting || !strings.Contains(why, "no host adapter") || s.measure().State != casework.Pending {
			t.Errorf("without an adapter: %s, %q, %s", state, why, s.measure().State)
		}
		came := 0
		answering := false
		s.adapters(func(w http.ResponseWriter, c casework.Command) {
			came++
			if answering {
				s.answer(c, true, "商品已下架")
			}
			w.WriteHeader(http.StatusNoContent)
		})
		s.clock.Advance(host.Again + time.Minute)
		s.drain()
		if state, why := s.waits(); came != 1 || state != outbox.Waiting || !strings.Contains(why, "not answered") || s.measure().State != casework.Pending {
			t.Errorf("taken without an answer: %d, %s, %q", came, state, why)
		}
		answering = true
		s.clock.Advance(host.Again + time.Minute)
		s.drain()
		if state, _ := s.waits(); came != 2 || state != outbox.Done || s.measure().State != casework.Active {
			t.Errorf("answered: %d, %s, %s", came, state, s.measure().State)
		}
	})
}

// A fault of the adapter leaves the command waiting and the case as it was.
func TestFaultsOfAnAdapter(t *testing.T) {
	stages(t, func(t *testing.T, s *stage) {
		hang := make(chan struct{})
		var kept casework.Command
		mode := "fails"
		s.adapters(func(w http.ResponseWriter, c casework.Command) {
			kept = c
			switch mode {
			case "fails":
				w.WriteHeader(http.StatusInternalServerError)
			case "hangs":
				<-hang
			}
		})
		s.drain()
		if state, why := s.waits(); state != outbox.Waiting || !strings.Contains(why, "500") {
			t.Errorf("a failure: %s, %q", state, why)
		}
		mode = "hangs"
		s.room.Client = &http.Client{Timeout: 50 * time.Millisecond}
		s.clock.Advance(host.Again)
		s.drain()
		close(hang)
		if state, why := s.waits(); state != outbox.Waiting || !strings.Contains(why, "does not answer") || s.measure().State != casework.Pending {
			t.Errorf("no answer in time: %s, %q", state, why)
		}
		// It says no, says so again, and then says yes: the first counts, the last is shown.
		s.answer(kept, false, "无此商品")
		s.answer(kept, false, "无此商品")
		s.answer(kept, true, "已下架")
		m := s.measure()
		if m.State != casework.Pending || len(m.Answers) != 2 || m.Answers[0].Contradicts || !m.Answers[1].Contradicts {
			t.Errorf("after contradicting answers: %+v", m)
		}
		s.clock.Advance(host.Again)
		s.drain()
		if state, _ := s.waits(); state != outbox.Done {
			t.Errorf("answered, and still sent: %s", state)
		}
		if err := s.casework.AnswerCommand(t.Context(), s.caller, "cmd_none", true, ""); !errors.Is(err, casework.ErrCommand) {
			t.Errorf("a command nobody gave: %v", err)
		}
		operator := access.Caller{Kind: access.KindKey, ID: "key_op", Operator: s.file.Operator, Scopes: access.ScopeWrite}
		var denied *access.Denied
		if err := s.casework.AnswerCommand(t.Context(), operator, kept.ID, true, ""); !errors.As(err, &denied) {
			t.Errorf("the operator answers for the host: %v", err)
		}
	})
}
