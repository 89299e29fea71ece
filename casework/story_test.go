package casework_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/db"
	"clew/db/dbtest"
	"clew/finding"
	"clew/ledger"
	"clew/outbox"
	"clew/policy"
	"clew/seal"
)

// desk is an installation with one app that may collect, and the staff that handles
// violations.
type desk struct {
	t             *testing.T
	room          *casework.Room
	policies      *policy.Room
	clock         *dbtest.Clock
	operator, app string
}

func staff(role access.Role, id string) access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: id, Role: role}
}

var (
	inspector = staff(access.RoleInspector, "staff_inspector")
	reviewer  = staff(access.RoleReviewer, "staff_reviewer")
	approver  = staff(access.RoleApprover, "staff_approver")
	appeals   = staff(access.RoleAppeals, "staff_appeals")
)

func (d *desk) owner() access.Caller {
	return access.Caller{Kind: access.KindStaff, ID: "staff_owner", Role: access.RoleOwner, Operator: d.operator}
}

func desks(t *testing.T, fn func(d *desk)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, store *db.DB, clock *dbtest.Clock) {
		who := &access.Room{DB: store, Ring: seal.TestRing(t)}
		out := outbox.New(store, nil)
		capabilities := &capability.Room{DB: store, Access: who, Outbox: out}
		d := &desk{
			t: t, clock: clock, policies: &policy.Room{DB: store, Access: who},
			room: &casework.Room{DB: store, Access: who, Capability: capabilities, Outbox: out, Ring: seal.TestRing(t)},
		}
		d.write(func(ctx context.Context, tx *db.Tx) error {
			apps := &app.Room{DB: store, Access: who}
			o, err := apps.CreateOperator(ctx, tx, "测试")
			if err != nil {
				return err
			}
			a, _, err := apps.Create(ctx, tx, o.ID, "测试", nil)
			if err != nil {
				return err
			}
			d.operator, d.app = o.ID, a.ID
			for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
				if err := apps.MoveCategory(ctx, tx, o.ID, a.ID, "商业服务 > 商业服务 > 法律服务", s); err != nil {
					return err
				}
			}
			system := access.System(o.ID, "test")
			for _, s := range []capability.State{capability.Applied, capability.Granted} {
				if err := capabilities.Move(ctx, tx, system, o.ID, a.ID, s, "", ""); err != nil {
					return err
				}
			}
			return nil
		})
		fn(d)
	})
}

func (d *desk) write(fn func(ctx context.Context, tx *db.Tx) error) {
	d.t.Helper()
	if err := d.room.DB.Write(d.t.Context(), func(tx *db.Tx) error { return fn(d.t.Context(), tx) }); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) read(fn func(ctx context.Context, tx *db.Tx) error) {
	d.t.Helper()
	if err := d.room.DB.Read(d.t.Context(), func(tx *db.Tx) error { return fn(d.t.Context(), tx) }); err != nil {
		d.t.Fatal(err)
	}
}

// open says why the app may not collect in the next transaction; "" when it may.
func (d *desk) closed() string {
	d.t.Helper()
	code := ""
	d.write(func(ctx context.Context, tx *db.Tx) error {
		err := capability.Require(ctx, tx, d.operator, d.app)
		var closed *capability.Closed
		if errors.As(err, &closed) {
			code, err = closed.Code, nil
		}
		return err
	})
	return code
}

func (d *desk) score() (n int) {
	d.t.Helper()
	d.read(func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = capability.Credit(ctx, tx, d.operator, d.app)
		return err
	})
	return n
}

func (d *desk) register() (list []casework.Registered) {
	d.t.Helper()
	d.read(func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = casework.Register(ctx, tx, "", 100)
		return err
	})
	return list
}

func (d *desk) must(f casework.File, err error) casework.File {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return f
}

func complaint(app string) casework.NewReport {
	return casework.NewReport{App: app, Channel: "consumer_complaint", Reporter: casework.Reporter{Name: "某人", Contact: "someone@example.com", Text: "一进页面就弹窗要手机号"}}
}

// begin is a case with one breach of a clause, ready for a decision.
func (d *desk) begin(clauses ...string) casework.File {
	d.t.Helper()
	number, key, err := d.room.Report(d.t.Context(), inspector, complaint(d.app))
	if err != nil {
		d.t.Fatal(err)
	}
	var id string
	d.read(func(ctx context.Context, tx *db.Tx) error {
		r, _, err := casework.Followed(ctx, tx, number, key)
		id = r.Case
		return err
	})
	f := d.must(d.room.Triage(d.t.Context(), inspector, id, 0, 1))
	f = d.must(d.room.Assign(d.t.Context(), inspector, id, f.Version, inspector.ID))
	for _, c := range clauses {
		f = d.must(d.room.Find(d.t.Context(), inspector, id, f.Version, casework.NewFinding{
			Clause: c, Verdict: finding.Violation, Text: finding.Say("进入页面即弹出授权", "a dialog on entry"),
		}))
	}
	return f
}

func all(f casework.File) (ids []string) {
	for _, x := range f.Findings {
		ids = append(ids, x.ID)
	}
	return ids
}

var reasons = finding.Say("经复核，进入落地页即弹出手机号授权，违反规范三。", "the dialog opens on entry")

func (d *desk) decide(f casework.File, draft casework.Draft) casework.File {
	d.t.Helper()
	draft.Findings = all(f)
	draft.Reasons = reasons
	return d.must(d.room.Decide(d.t.Context(), reviewer, f.ID, f.Version, draft))
}

// sound checks what must hold of every case at any time.
func (d *desk) sound(id string) {
	d.t.Helper()
	d.read(func(ctx context.Context, tx *db.Tx) error {
		again, err := casework.Replay(ctx, tx, d.operator, id)
		if err != nil {
			return err
		}
		shown, err := d.room.Case(ctx, inspector, id)
		if err != nil {
			return err
		}
		a, _ := json.Marshal(again)
		b, _ := json.Marshal(shown)
		if string(a) != string(b) {
			d.t.Errorf("the case is not what its events make:\n%s\n%s", a, b)
		}
		for _, dec := range shown.Decisions {
			edition, err := policy.ByHash(ctx, tx, dec.Edition)
			if err != nil {
				return err
			}
			facts, err := policy.ReadFacts([]byte(dec.Facts))
			if err != nil {
				return err
			}
			o, err := edition.Decide(facts)
			if err != nil || string(o.Canonical()) != dec.Outcome {
				d.t.Errorf("decision %s does not replay: %s, %v", dec.ID, o.Canonical(), err)
			}
		}
		entries, err := ledger.Of(ctx, tx, d.operator, id)
		if len(entries) < shown.Version {
			d.t.Errorf("%d entries in the ledger for %d events", len(entries), shown.Version)
		}
		return err
	})
}

func TestASlightBreachIsPutRight(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.begin("3.1.3.required")
		f = d.decide(f, casework.Draft{})
		if f.State != casework.Rectifying || len(f.Measures) != 0 || d.score() != 100 || len(d.register()) != 0 {
			d.t.Errorf("%+v", f)
		}
		if _, err := d.room.End(d.t.Context(), inspector, f.ID, f.Version, casework.Closed, "已处理完", ""); err == nil {
			d.t.Error("closed before the re-inspection")
		}
		f = d.must(d.room.SubmitProof(d.t.Context(), d.owner(), f.ID, f.Rectifications[0].ID, "已标明必填与选填", nil))
		if f.State != casework.RecheckDue || f.Due.IsZero() {
			d.t.Errorf("%s, due %s", f.State, f.Due)
		}
		f = d.must(d.room.Recheck(d.t.Context(), inspector, f.ID, f.Version, f.Rectifications[0].ID, true, "复检合格"))
		f = d.must(d.room.End(d.t.Context(), inspector, f.ID, f.Version, casework.Closed, "整改完成", ""))
		d.sound(f.ID)
		if f.State != casework.Closed {
			d.t.Error(f.State)
		}
	})
}

func TestABreachThatIsNotMendedSuspendsInTheNextTransaction(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.decide(d.begin("3.2.entry-popup"), casework.Draft{})
		if d.closed() != "" || d.score() != 94 || len(d.register()) != 1 {
			d.t.Errorf("%s, %d, %v", d.closed(), d.score(), d.register())
		}
		rec := f.Rectifications[0].ID
		f = d.must(d.room.Recheck(d.t.Context(), inspector, f.ID, f.Version, rec, false, "仍然一进入就弹窗"))
		if d.closed() != "suspended" {
			d.t.Errorf("after the failed re-inspection: %q", d.closed())
		}
		d.sound(f.ID)
		// Seven days later it ends by itself, and the warning after thirty.
		d.clock.Advance(8 * 24 * time.Hour)
		for n := 1; n > 0; {
			var err error
			if n, err = d.room.Tick(d.t.Context()); err != nil {
				d.t.Fatal(err)
			}
		}
		if d.closed() != "" {
			d.t.Errorf("after its time: %q", d.closed())
		}
		d.sound(f.ID)
		// The points go after a year.
		d.clock.Advance(366 * 24 * time.Hour)
		if d.score() != 100 {
			d.t.Errorf("after a year: %d", d.score())
		}
	})
}

func TestSevereMeasuresTakeTwoPeople(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.decide(d.begin("3.2.forced"), casework.Draft{})
		if f.State != casework.Proposed || d.closed() != "" || d.score() != 100 {
			d.t.Fatalf("before the second person: %s, %q", f.State, d.closed())
		}
		dec := f.Decisions[0].ID
		own := staff(access.RoleApprover, reviewer.ID)
		if _, err := d.room.Approve(d.t.Context(), own, f.ID, f.Version, dec); !errors.Is(err, casework.ErrOwnDecision) {
			d.t.Errorf("approving one's own: %v", err)
		}
		if _, err := d.room.Approve(d.t.Context(), access.System("", "patrol"), f.ID, f.Version, dec); !errors.Is(err, casework.ErrAlone) {
			d.t.Errorf("a machine approves: %v", err)
		}
		if got, err := d.room.Case(d.t.Context(), d.owner(), f.ID); err != nil || len(got.Decisions) != 0 || got.State == casework.Proposed {
			d.t.Errorf("the operator sees what waits: %+v, %v", got, err)
		}
		f = d.must(d.room.Approve(d.t.Context(), approver, f.ID, f.Version, dec))
		if d.closed() != "suspended" || d.score() != 85 || f.Decisions[0].Approver.ID != approver.ID {
			d.t.Errorf("%q, %d, %+v", d.closed(), d.score(), f.Decisions[0])
		}
		d.read(func(ctx context.Context, tx *db.Tx) error {
			s, err := capability.Get(ctx, tx, d.operator, d.app)
			if s.Case != f.ID || s.Reason == "" {
				d.t.Errorf("%+v", s)
			}
			return err
		})
		// Until the recheck: passing gives it back at once.
		f = d.must(d.room.Recheck(d.t.Context(), inspector, f.ID, f.Version, f.Rectifications[0].ID, true, "复检合格"))
		if d.closed() != "" {
			d.t.Errorf("after the re-inspection passed: %q", d.closed())
		}
		d.sound(f.ID)
	})
}

// An operator sees what it was told of, and not what is still being looked into.
func TestAnOperatorSeesWhatItWasTold(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.begin("3.2.entry-popup")
		f = d.must(d.room.Intend(d.t.Context(), reviewer, f.ID, f.Version, all(f), casework.Claims{}))
		first := f.Findings[0].ID
		f = d.must(d.room.Find(d.t.Context(), inspector, f.ID, f.Version, casework.NewFinding{
			Clause: "3.3.scope", Verdict: finding.Review, Text: finding.Say("疑似用于登录，仍在核实", "perhaps a login, being looked into"),
		}))
		got, err := d.room.Case(d.t.Context(), d.owner(), f.ID)
		if err != nil || len(got.Findings) != 1 || got.Findings[0].ID != first || len(f.Findings) != 2 {
			d.t.Errorf("%+v, %v", got.Findings, err)
		}
		d.sound(f.ID)
	})
}

func TestTheSecondPersonMayDecline(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.decide(d.begin("3.3.scope"), casework.Draft{})
		f = d.must(d.room.Decline(d.t.Context(), approver, f.ID, f.Version, f.Decisions[0].ID, "证据不足以证明用于登录"))
		if f.State != casework.Investigating || d.closed() != "" || f.Decisions[0].Declined == "" {
			d.t.Errorf("%+v", f)
		}
		// Another decision in the same case, approved.
		f = d.decide(f, casework.Draft{})
		f = d.must(d.room.Approve(d.t.Context(), approver, f.ID, f.Version, f.Decisions[1].ID))
		if d.closed() != "suspended" {
			d.t.Error("not suspended")
		}
		d.sound(f.ID)
	})
}

func appeal(f casework.File) casework.NewAppeal {
	return casework.NewAppeal{Decision: f.Decisions[0].ID, Grounds: []casework.Ground{{Fact: "way_on", Text: "拒绝后仍可浏览全部内容，见附图"}}}
}

func TestAnAppealThatIsGrantedUndoesEverything(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.decide(d.begin("3.2.forced"), casework.Draft{})
		f = d.must(d.room.Approve(d.t.Context(), approver, f.ID, f.Version, f.Decisions[0].ID))
		f = d.must(d.room.Appeal(d.t.Context(), d.owner(), f.ID, appeal(f)))
		a := f.Appeals[0].ID
		if _, err := d.room.Appeal(d.t.Context(), d.owner(), f.ID, appeal(f)); err == nil {
			d.t.Error("a second appeal while one is open")
		}
		if _, err := d.room.End(d.t.Context(), inspector, f.ID, f.Version, casework.Closed, "结案处理", ""); err == nil {
			d.t.Error("closed with an open appeal")
		}
		for _, who := range []string{reviewer.ID, approver.ID, inspector.ID} {
			if _, err := d.room.AnswerAppeal(d.t.Context(), staff(access.RoleAppeals, who), f.ID, f.Version, a,
				casework.Judgement{State: casework.Upheld, Answer: "维持原决定，理由如前所述。"}); !errors.Is(err, casework.ErrOwnDecision) {
				d.t.Errorf("%s judges their own: %v", who, err)
			}
		}
		if _, err := d.room.AnswerAppeal(d.t.Context(), appeals, f.ID, f.Version, a, casework.Judgement{State: casework.Overturned, Answer: "行"}); err == nil {
			d.t.Error("without reasons")
		}
		f = d.must(d.room.TakeAppeal(d.t.Context(), appeals, f.ID, f.Version, a))
		f = d.must(d.room.AnswerAppeal(d.t.Context(), appeals, f.ID, f.Version, a, casework.Judgement{
			State: casework.Overturned, Answer: "附图与复核均证明拒绝后可继续使用，原决定撤销。", Conditions: "请保留该版本三十天备查",
		}))
		if d.closed() != "" || d.score() != 100 {
			d.t.Errorf("%q, %d", d.closed(), d.score())
		}
		for _, e := range d.register() {
			if e.State != "withdrawn" {
				d.t.Errorf("the register still says %+v", e)
			}
		}
		for _, m := range f.Measures {
			if m.State != casework.Reversed {
				d.t.Errorf("%s is %s", m.Kind, m.State)
			}
		}
		d.sound(f.ID)
		// It counts for nothing in the next case.
		g := d.begin("3.2.forced")
		w, err := d.room.Weigh(d.t.Context(), reviewer, g.ID, all(g), casework.Claims{})
		if err != nil || w.Facts.Repeat != 0 || w.Outcome.Row != "S3-first" {
			d.t.Errorf("%+v, %v", w, err)
		}
	})
}

func TestAnAppealMayMakeItMilderAndTimeServedCounts(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.begin("3.2.forced")
		f = d.decide(f, casework.Draft{
			Order:     &casework.Order{Points: 15, RectifyDays: 15, Measures: []policy.Measure{{Kind: policy.CapabilityRevoke}, {Kind: policy.PublicWarning, Days: 90}}},
			Deviation: "情节恶劣，涉及大量用户，直接收回能力。",
		})
		f = d.must(d.room.Approve(d.t.Context(), approver, f.ID, f.Version, f.Decisions[0].ID))
		if d.closed() != "withdrawn" {
			d.t.Fatal(d.closed())
		}
		d.clock.Advance(10 * 24 * time.Hour)
		f = d.must(d.room.Appeal(d.t.Context(), d.owner(), f.ID, appeal(f)))
		heavier := casework.Judgement{State: casework.Modified, Answer: "部分成立，减轻处理措施。", Order: &casework.Order{Points: 20}}
		var bad *casework.BadDecision
		if _, err := d.room.AnswerAppeal(d.t.Context(), appeals, f.ID, f.Version, f.Appeals[0].ID, heavier); !errors.As(err, &bad) {
			d.t.Errorf("heavier by appeal: %v", err)
		}
		f = d.must(d.room.AnswerAppeal(d.t.Context(), appeals, f.ID, f.Version, f.Appeals[0].ID, casework.Judgement{
			State: casework.Modified, Answer: "部分成立，减轻处理措施。",
			Order: &casework.Order{Points: 5, Measures: []policy.Measure{{Kind: policy.CapabilitySuspend, Days: 30}}},
		}))
		if d.closed() != "suspended" || d.score() != 95 {
			d.t.Errorf("%q, %d", d.closed(), d.score())
		}
		d.sound(f.ID)
		// Ten of the thirty days were served.
		d.clock.Advance(19 * 24 * time.Hour)
		if _, err := d.room.Tick(d.t.Context()); err != nil || d.closed() != "suspended" {
			d.t.Errorf("after 29 days: %q, %v", d.closed(), err)
		}
		d.clock.Advance(2 * 24 * time.Hour)
		if _, err := d.room.Tick(d.t.Context()); err != nil || d.closed() != "" {
			d.t.Errorf("after 31 days: %q, %v", d.closed(), err)
		}
		d.sound(f.ID)
	})
}

func TestMoneyWaitsForTheAppeal(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.begin("3.3.scope")
		f = d.decide(f, casework.Draft{
			Order:     &casework.Order{Points: 15, Measures: []policy.Measure{{Kind: policy.DepositDeduct, Percent: 50}}},
			Deviation: "造成用户损失，扣除部分保证金。",
		})
		f = d.must(d.room.Approve(d.t.Context(), approver, f.ID, f.Version, f.Decisions[0].ID))
		deposit := func() casework.MeasureState {
			got, err := d.room.Case(d.t.Context(), inspector, f.ID)
			if err != nil {
				d.t.Fatal(err)
			}
			i := slices.IndexFunc(got.Measures, func(m casework.Measure) bool { return m.Kind == policy.DepositDeduct })
			return got.Measures[i].State
		}
		tick := func() {
			if _, err := d.room.Tick(d.t.Context()); err != nil {
				d.t.Fatal(err)
			}
		}
		d.clock.Advance(14 * 24 * time.Hour)
		f = d.must(d.room.Appeal(d.t.Context(), d.owner(), f.ID, casework.NewAppeal{
			Decision: f.Decisions[0].ID, Grounds: []casework.Ground{{Fact: "lead_only", Text: "号码只用于回电，从未用于登录"}},
		}))
		d.clock.Advance(5 * 24 * time.Hour)
		if tick(); deposit() != casework.Frozen {
			d.t.Errorf("with an open appeal it is %s", deposit())
		}
		d.must(d.room.AnswerAppeal(d.t.Context(), appeals, f.ID, 0, f.Appeals[0].ID, casework.Judgement{State: casework.Upheld, Answer: "日志显示号码用于登录，维持原决定。"}))
		if tick(); deposit() != casework.Captured {
			d.t.Errorf("after the appeal it is %s", deposit())
		}
		// The host was told to freeze, then to capture; in this order.
		verbs := d.commands()
		if !slices.Equal(verbs, []string{"freeze", "capture"}) {
			d.t.Errorf("%v", verbs)
		}
		d.sound(f.ID)
	})
}

func (d *desk) commands() (verbs []string) {
	d.t.Helper()
	d.read(func(ctx context.Context, tx *db.Tx) (err error) {
		verbs, err = db.Collect(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) }, "select verb from host_command order by id")
		return err
	})
	return verbs
}

func TestHostsThatAnswerTwiceOrOtherwise(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.begin("3.3.scope")
		f = d.decide(f, casework.Draft{
			Order:     &casework.Order{Points: 1, Measures: []policy.Measure{{Kind: policy.AppDelist, Until: "recheck"}}, RectifyDays: 3},
			Deviation: "先行下架，待复检合格恢复。",
		})
		f = d.must(d.room.Approve(d.t.Context(), approver, f.ID, f.Version, f.Decisions[0].ID))
		var command string
		d.read(func(ctx context.Context, tx *db.Tx) (err error) {
			command, err = db.One(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) }, "select id from host_command")
			return err
		})
		say := func(id string, done bool, text string) error {
			return d.room.DB.Write(d.t.Context(), func(tx *db.Tx) error {
				return d.room.HostAnswered(d.t.Context(), tx, casework.Who{Kind: "host", ID: "key_host"}, d.operator, id, done, text)
			})
		}
		if err := say("cmd_none", true, ""); !errors.Is(err, casework.ErrCommand) {
			d.t.Errorf("an unknown command: %v", err)
		}
		for _, done := range []bool{true, true, false} {
			if err := say(command, done, "ok"); err != nil {
				d.t.Fatal(err)
			}
		}
		f, err := d.room.Case(d.t.Context(), inspector, f.ID)
		if err != nil {
			d.t.Fatal(err)
		}
		m := f.Measures[slices.IndexFunc(f.Measures, func(m casework.Measure) bool { return m.Kind == policy.AppDelist })]
		if m.State != casework.Active || len(m.Answers) != 2 || m.Answers[0].Contradicts || !m.Answers[1].Contradicts {
			d.t.Errorf("%+v", m)
		}
		d.must(d.room.Recheck(d.t.Context(), inspector, f.ID, f.Version, f.Rectifications[0].ID, true, "复检合格"))
		if verbs := d.commands(); !slices.Equal(verbs, []string{"apply", "undo"}) {
			d.t.Errorf("%v", verbs)
		}
		d.sound(f.ID)
	})
}

func TestReportsOfEveryChannel(t *testing.T) {
	desks(t, func(d *desk) {
		person := access.Caller{Kind: access.KindPerson, ID: "public"}
		for _, channel := range policy.Channels() {
			n := complaint(d.app)
			n.Channel, n.Proof, n.Verified = channel, map[string]string{}, true
			for _, p := range casework.ProofsOf(channel) {
				n.Proof[p] = "某机关〔二〇二六〕第十二号"
			}
			number, key, err := d.room.Report(d.t.Context(), inspector, n)
			if err != nil {
				d.t.Errorf("%s: %v", channel, err)
				continue
			}
			d.read(func(ctx context.Context, tx *db.Tx) error {
				r, state, err := casework.Followed(ctx, tx, strings.ToLower(number), key)
				if err != nil || r.Channel != channel || !r.Verified || state != casework.Intake || !r.Due.After(r.Received) {
					d.t.Errorf("%s: %+v, %s, %v", channel, r, state, err)
				}
				if _, _, err := casework.Followed(ctx, tx, number, key[1:]+"a"); !errors.Is(err, casework.ErrReport) {
					d.t.Errorf("%s with another key: %v", channel, err)
				}
				return nil
			})
		}
		for _, c := range []struct {
			name   string
			caller access.Caller
			change func(n *casework.NewReport)
		}{
			{"an unknown channel", inspector, func(n *casework.NewReport) { n.Channel = "rumour" }},
			{"an authority without a document", inspector, func(n *casework.NewReport) { n.Channel = "authority_notice" }},
			{"a court on the public page", person, func(n *casework.NewReport) {
				n.Channel, n.Proof = "judicial_document", map[string]string{"case_number": "x", "court": "y"}
			}},
			{"no text", inspector, func(n *casework.NewReport) { n.Reporter.Text = " " }},
			{"no app", inspector, func(n *casework.NewReport) { n.App = "app_none" }},
			{"proof nobody asked for", inspector, func(n *casework.NewReport) { n.Proof = map[string]string{"diary": "x"} }},
		} {
			n := complaint(d.app)
			c.change(&n)
			var bad *casework.BadReport
			if _, _, err := d.room.Report(d.t.Context(), c.caller, n); !errors.As(err, &bad) {
				d.t.Errorf("%s: %v", c.name, err)
			}
		}
		// Without its evidence a consumer's word is taken, and said to be unverified.
		n := complaint(d.app)
		n.Verified = true
		number, key, err := d.room.Report(d.t.Context(), person, n)
		if err != nil {
			d.t.Fatal(err)
		}
		d.read(func(ctx context.Context, tx *db.Tx) error {
			r, _, err := casework.Followed(ctx, tx, number, key)
			if r.Verified {
				d.t.Error("verified without a receipt")
			}
			kept, err2 := db.One(ctx, tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) }, "select sealed from report where number=$1", number)
			if err2 == nil && (strings.Contains(string(kept), "someone@") || strings.Contains(string(kept), "弹窗")) {
				d.t.Error("stored in the clear")
			}
			return errors.Join(err, err2)
		})
	})
}

func TestTheSameFingerprintJoinsTheOpenCase(t *testing.T) {
	desks(t, func(d *desk) {
		seen := finding.Finding{
			Rule: "entry-popup", Clause: "3.2.entry-popup", Verdict: finding.Violation, Message: finding.Say("进入即弹窗", "opens on entry"),
			Place: finding.Place{File: "pages/index/index.wxml", Line: 3, Column: 1, EndLine: 3, EndColumn: 9, End: 8},
		}
		take := func() string {
			n := complaint(d.app)
			n.Channel, n.Proof, n.Findings = "patrol", map[string]string{"bundle": "evd_1"}, []finding.Finding{seen}
			number, key, err := d.room.Report(d.t.Context(), inspector, n)
			if err != nil {
				d.t.Fatal(err)
			}
			var id string
			d.read(func(ctx context.Context, tx *db.Tx) error {
				r, _, err := casework.Followed(ctx, tx, number, key)
				id = r.Case
				return err
			})
			return id
		}
		first, second := take(), take()
		if first != second {
			d.t.Errorf("two cases: %s and %s", first, second)
		}
		f, err := d.room.Case(d.t.Context(), inspector, first)
		if err != nil || len(f.Reports) != 2 || len(f.Findings) != 1 || !f.Findings[0].Automated {
			d.t.Errorf("%+v, %v", f, err)
		}
		// What a detector saw alone brings nothing severe; a person looks first.
		f = d.must(d.room.Triage(d.t.Context(), inspector, f.ID, f.Version, 0))
		f = d.must(d.room.End(d.t.Context(), inspector, f.ID, f.Version, casework.Dismissed, "误报，未见弹窗", ""))
		if third := take(); third == first {
			d.t.Error("joined a case that was dismissed")
		}
		d.sound(f.ID)
		d.read(func(ctx context.Context, tx *db.Tx) error {
			list, err := casework.Reports(ctx, tx, d.operator, first)
			for _, r := range list {
				if r.Outcome != "dismissed" || r.Told.IsZero() {
					d.t.Errorf("a reporter was not told: %+v", r)
				}
			}
			return err
		})
	})
}

func TestDecisionsAreRefusedWhole(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.begin("3.2.entry-popup", "3.2.forced")
		good := casework.Draft{Findings: all(f), Reasons: reasons}
		order := func(m ...policy.Measure) *casework.Order { return &casework.Order{Measures: m} }
		for _, c := range []struct {
			name    string
			version int
			change  func(x *casework.Draft)
		}{
			{"no finding", f.Version, func(x *casework.Draft) { x.Findings = nil }},
			{"a finding of another case", f.Version, func(x *casework.Draft) { x.Findings = []string{"fin_other"} }},
			{"no reasons", f.Version, func(x *casework.Draft) { x.Reasons = nil }},
			{"English reasons only", f.Version, func(x *casework.Draft) { x.Reasons = finding.Text{"en": strings.Repeat("because ", 5)} }},
			{"a stale version", f.Version - 1, func(*casework.Draft) {}},
			{"another order without saying why", f.Version, func(x *casework.Draft) { x.Order = order() }},
			{"measures that contradict", f.Version, func(x *casework.Draft) {
				x.Deviation = "情节特殊，另行处理如下。"
				x.Order = order(policy.Measure{Kind: policy.CapabilitySuspend, Days: 7}, policy.Measure{Kind: policy.CapabilityRevoke})
			}},
			{"an unknown measure", f.Version, func(x *casework.Draft) {
				x.Deviation = "情节特殊，另行处理如下。"
				x.Order = order(policy.Measure{Kind: "exile"})
			}},
			{"a fact that is none", f.Version, func(x *casework.Draft) { x.Claims.Aggravators = []policy.Aggravator{"mood"} }},
			{"a deviation from nothing", f.Version, func(x *casework.Draft) { x.Deviation = "没有什么不同之处。" }},
		} {
			draft := good
			c.change(&draft)
			if got, err := d.room.Decide(d.t.Context(), reviewer, f.ID, c.version, draft); err == nil {
				d.t.Errorf("%s: %+v", c.name, got.Decisions)
			}
		}
		after, err := d.room.Case(d.t.Context(), inspector, f.ID)
		if err != nil || after.Version != f.Version {
			d.t.Errorf("a refusal left something: %d and %d", after.Version, f.Version)
		}
		var denied *access.Denied
		if _, err := d.room.Decide(d.t.Context(), inspector, f.ID, f.Version, good); !errors.As(err, &denied) {
			d.t.Errorf("an inspector decides: %v", err)
		}
		if _, err := d.room.Case(d.t.Context(), access.Caller{Kind: access.KindStaff, ID: "x", Role: access.RoleOwner, Operator: "op_other"}, f.ID); !errors.Is(err, casework.ErrCase) {
			d.t.Errorf("another operator reads: %v", err)
		}
		if _, err := d.room.Appeal(d.t.Context(), d.owner(), f.ID, casework.NewAppeal{Decision: "dec_none"}); err == nil {
			d.t.Error("an appeal against nothing")
		}
	})
}

func TestAppealsHaveAWindowAndAList(t *testing.T) {
	desks(t, func(d *desk) {
		f := d.decide(d.begin("3.2.entry-popup"), casework.Draft{})
		for name, n := range map[string]casework.NewAppeal{
			"no ground":                {Decision: f.Decisions[0].ID},
			"a ground of another list": {Decision: f.Decisions[0].ID, Grounds: []casework.Ground{{Fact: "lead_only", Text: "只用于留资"}}},
			"a finding of nobody":      {Decision: f.Decisions[0].ID, Findings: []string{"fin_x"}, Grounds: []casework.Ground{{Fact: "way_on", Text: "可继续使用"}}},
		} {
			var bad *casework.BadStep
			if _, err := d.room.Appeal(d.t.Context(), d.owner(), f.ID, n); !errors.As(err, &bad) {
				d.t.Errorf("%s: %v", name, err)
			}
		}
		d.clock.Advance(200 * 24 * time.Hour)
		var late *casework.Late
		if _, err := d.room.Appeal(d.t.Context(), d.owner(), f.ID, appeal(f)); !errors.As(err, &late) || late.Until.IsZero() {
			d.t.Errorf("after the window: %v", err)
		}
	})
}

func TestQueuesAreReadPageByPage(t *testing.T) {
	desks(t, func(d *desk) {
		for range 5 {
			d.begin()
		}
		n := complaint(d.app)
		n.Channel, n.Proof = "authority_notice", map[string]string{"document": "第十二号", "authority": "某局"}
		if _, _, err := d.room.Report(d.t.Context(), inspector, n); err != nil {
			d.t.Fatal(err)
		}
		var got []casework.Head
		for after, pages := "", 0; pages == 0 || after != ""; pages++ {
			page, next, err := d.room.Cases(d.t.Context(), inspector, casework.Queue{Limit: 2, After: after})
			if err != nil || pages > 5 {
				d.t.Fatal(err)
			}
			got, after = append(got, page...), next
		}
		if len(got) != 6 || got[0].Channel != "authority_notice" {
			d.t.Errorf("%+v", got)
		}
		d.clock.Advance(5 * time.Hour)
		if page, _, err := d.room.Cases(d.t.Context(), inspector, casework.Queue{Overdue: true}); err != nil || len(page) != 1 {
			d.t.Errorf("overdue: %+v, %v", page, err)
		}
		if page, _, err := d.room.Cases(d.t.Context(), inspector, casework.Queue{Assignee: "-"}); err != nil || len(page) != 1 {
			d.t.Errorf("nobody's: %+v, %v", page, err)
		}
		if _, _, err := d.room.Cases(d.t.Context(), inspector, casework.Queue{After: "nonsense"}); !errors.Is(err, casework.ErrCursor) {
			d.t.Errorf("%v", err)
		}
	})
}

func TestNewerMilderPolicyApplies(t *testing.T) {
	desks(t, func(d *desk) {
		editor, second := staff(access.RolePolicyEditor, "staff_editor"), staff(access.RolePolicyApprover, "staff_second")
		milder := strings.Replace(policy.First().Text(), `row: S2-first, points: 6}`, `row: S2-first, points: 5}`, 1)
		milder = strings.NewReplacer(`S2: 6,`, `S2: 5,`, `points: 9}`, `points: 8}`, `points: 15}
  - {name: forced,`, `points: 13}
  - {name: forced,`, `edition: "2026-01"`, `edition: "2026-12"`).Replace(milder)
		e, err := d.policies.Save(d.t.Context(), editor, milder)
		if err != nil {
			d.t.Fatal(err)
		}
		var late *policy.TooSoon
		if _, err := d.policies.Announce(d.t.Context(), second, e.Hash(), d.room.DB.Now().Add(24*time.Hour)); !errors.As(err, &late) || late.Days != 7 {
			d.t.Errorf("tomorrow: %v", err)
		}
		if _, err := d.policies.Announce(d.t.Context(), staff(access.RolePolicyApprover, editor.ID), e.Hash(), d.room.DB.Now().AddDate(0, 1, 0)); !errors.Is(err, policy.ErrOwn) {
			d.t.Errorf("one's own: %v", err)
		}
		if _, err := d.policies.Announce(d.t.Context(), second, e.Hash(), d.room.DB.Now().AddDate(0, 0, 10)); err != nil {
			d.t.Fatal(err)
		}
		f := d.begin("3.2.entry-popup") // happens today, under the old one
		d.clock.Advance(20 * 24 * time.Hour)
		w, err := d.room.Weigh(d.t.Context(), reviewer, f.ID, all(f), casework.Claims{})
		if err != nil || w.Outcome.Edition != e.Hash() || w.Then == nil || w.Outcome.Points != 5 || w.Then.Points != 6 {
			d.t.Errorf("%+v, %v", w, err)
		}
		f = d.decide(f, casework.Draft{})
		d.sound(f.ID)
		// A heavier one needs 15 days.
		heavier := strings.NewReplacer(`edition: "2026-01"`, `edition: "2027-01"`, `{kind: capability_suspend, days: 7}`, `{kind: capability_suspend, days: 14}`).Replace(policy.First().Text())
		h, err := d.policies.Save(d.t.Context(), editor, heavier)
		if err != nil {
			d.t.Fatal(err)
		}
		if _, err := d.policies.Announce(d.t.Context(), second, h.Hash(), d.room.DB.Now().AddDate(0, 0, 10)); !errors.As(err, &late) || late.Days != 15 {
			d.t.Errorf("heavier in ten days: %v", err)
		}
	})
}
