package access

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
	"clew/seal"
)

func newRoom(t *testing.T, d *db.DB) *Room {
	return &Room{DB: d, Ring: seal.TestRing(t), Passkeys: Config{
		RPID: "console.example", RPName: "Clew test", Origins: []string{"https://console.example"},
	}}
}

// each runs fn in a fresh room on both engines.
func each(t *testing.T, fn func(t *testing.T, r *Room, clock *dbtest.Clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, newRoom(t, d), clock) })
}

func owner(operator string) Caller {
	return Caller{Kind: KindStaff, ID: "staff_o", Operator: operator, Role: RoleOwner}
}

// records reads the operator's record, the oldest first.
func records(t *testing.T, r *Room, operator string) []Entry {
	t.Helper()
	list, next, err := r.Audit(t.Context(), System(operator, "test"), AuditFilter{}, "", 0)
	if err != nil || next != "" {
		t.Fatalf("audit: %v, more: %q", err, next)
	}
	slices.Reverse(list)
	return list
}

// number makes the shape of a mobile number without writing one down.
func number(n int) string { return fmt.Sprintf("138%08d", n) }

// The whole table, once more and by hand: act, then who may, in the order
// owner, agent, analyst, admin | read, reveal, write | person | system.
const expected = `
app.edit           yes no  no  no  | no  no  yes | no  | yes
app.read           yes yes yes no  | yes no  no  | no  | yes
app_key.edit       yes no  no  no  | no  no  yes | no  | yes
appeal.decide      no  no  no  no  | no  no  no  | no  | yes
audit.read         yes no  no  yes | no  no  no  | no  | yes
capability.apply   yes no  no  no  | no  no  yes | no  | yes
capability.decide  no  no  no  yes | no  no  no  | no  | yes
case.answer        yes no  no  no  | no  no  yes | no  | yes
case.approve       no  no  no  no  | no  no  no  | no  | yes
case.decide        no  no  no  no  | no  no  no  | no  | yes
case.queue         no  no  no  yes | no  no  no  | no  | yes
case.read          yes no  no  yes | yes no  no  | no  | yes
case.work          no  no  no  no  | no  no  no  | no  | yes
category.apply     yes no  no  no  | no  no  yes | no  | yes
category.decide    no  no  no  yes | no  no  no  | no  | yes
component.edit     yes no  no  no  | no  no  yes | no  | yes
component.publish  yes no  no  no  | no  no  yes | no  | yes
component.read     yes yes yes no  | yes no  no  | no  | yes
consent.withdraw   yes yes no  no  | no  no  yes | yes | yes
distribution.read  no  no  no  yes | no  no  no  | no  | yes
eligibility.decide no  no  no  yes | no  no  no  | no  | yes
event.report       no  no  no  no  | no  no  yes | no  | yes
exchange.edit      yes no  no  no  | no  no  yes | no  | yes
exchange.read      yes no  no  no  | yes no  no  | no  | yes
finding.read       yes yes yes yes | yes no  no  | no  | yes
funnel_policy.edit yes no  no  no  | no  no  no  | no  | yes
handover.exchange  no  no  no  no  | no  no  no  | no  | yes
handover.issue     no  no  no  no  | no  no  no  | no  | yes
host.answer        no  no  no  no  | no  no  no  | no  | yes
host_key.edit      no  no  no  yes | no  no  no  | no  | yes
installation.read  no  no  no  yes | no  no  no  | no  | yes
key.edit           yes no  no  no  | no  no  no  | no  | yes
lead.count         yes yes yes no  | yes no  no  | no  | yes
lead.erase         yes no  no  no  | no  no  yes | yes | yes
lead.export        yes no  no  no  | no  yes no  | no  | yes
lead.list          yes yes no  no  | yes no  no  | no  | yes
lead.outcome       yes yes no  no  | no  no  yes | no  | yes
lead.read          yes yes no  no  | yes no  no  | yes | yes
lead.reveal        yes yes no  no  | no  yes no  | yes | yes
ledger.read        no  no  no  yes | no  no  no  | no  | yes
outbox.read        yes no  no  yes | no  no  no  | no  | yes
paper.read         yes no  no  yes | no  no  no  | no  | yes
people.edit        yes no  no  yes | no  no  no  | no  | yes
people.read        yes no  no  yes | no  no  no  | no  | yes
policy.approve     no  no  no  no  | no  no  no  | no  | yes
policy.edit        no  no  no  no  | no  no  no  | no  | yes
policy.read        no  no  no  yes | no  no  no  | no  | yes
privacy.edit       yes no  no  no  | no  no  yes | no  | yes
report.make        no  no  no  no  | no  no  no  | yes | yes
report.take        no  no  no  yes | no  no  no  | no  | yes
reporter.reveal    no  no  no  no  | no  no  no  | no  | yes
self.edit          yes yes yes yes | no  no  no  | no  | yes
self.sign_in       yes yes yes yes | no  no  no  | no  | yes
webhook.edit       yes no  no  no  | no  no  yes | no  | yes
webhook.read       yes no  no  no  | yes no  no  | no  | yes
`

func TestWhoMayDoWhat(t *testing.T) {
	callers := []Caller{
		{Kind: KindStaff, Operator: "op_1", Role: RoleOwner},
		{Kind: KindStaff, Operator: "op_1", Role: RoleAgent},
		{Kind: KindStaff, Operator: "op_1", Role: RoleAnalyst},
		{Kind: KindStaff, Role: RoleAdmin},
		{Kind: KindKey, Operator: "op_1", Scopes: ScopeRead},
		{Kind: KindKey, Operator: "op_1", Scopes: ScopeReveal},
		{Kind: KindKey, Operator: "op_1", Scopes: ScopeWrite},
		{Kind: KindPerson, Operator: "op_1"},
		System("op_1", "test"),
	}
	var acts []Act
	for line := range strings.Lines(strings.TrimSpace(expected)) {
		cells := strings.Fields(strings.ReplaceAll(line, "|", " "))
		act := Act(cells[0])
		acts = append(acts, act)
		if len(cells) != 1+len(callers) {
			t.Fatalf("%s: %d cells", act, len(cells))
		}
		for i, c := range callers {
			want := cells[1+i] == "yes"
			if got := c.May(act); got != want {
				t.Errorf("%s %s: may is %v, want %v", c.standing(), act, got, want)
			}
			var denied *Denied
			if err := c.Require(act); (err == nil) != want || !want && (!errors.As(err, &denied) || denied.Act != act) {
				t.Errorf("%s %s: require says %v", c.standing(), act, err)
			}
		}
	}
	if !slices.Equal(acts, Acts()) {
		t.Errorf("acts are %v", Acts())
	}
}

// The desks that handle violations, by hand once more: nobody decides what they found,
// approves what they decided, or answers an appeal against it by role alone.
func TestWhatTheDesksMayDo(t *testing.T) {
	own := []Act{SelfEdit, SelfSignIn}
	for role, want := range map[Role][]Act{
		RoleInspector:      {CaseRead, CaseWork, FindingRead, ReportTake, ReporterReveal, CaseQueue, PolicyRead},
		RoleReviewer:       {CaseDecide, CaseRead, FindingRead, ReporterReveal, CaseQueue, PolicyRead},
		RoleApprover:       {CaseApprove, CaseRead, FindingRead, CaseQueue, PolicyRead},
		RoleAppeals:        {AppealDecide, CaseRead, FindingRead, CaseQueue, PolicyRead},
		RolePolicyEditor:   {CaseRead, PolicyEdit, CaseQueue, PolicyRead},
		RolePolicyApprover: {CaseRead, PolicyApprove, CaseQueue, PolicyRead},
		RoleAuditor:        {AuditRead, CaseRead, FindingRead, CaseQueue, PolicyRead, LedgerRead},
	} {
		var may []Act
		for _, a := range Acts() {
			if (Caller{Kind: KindStaff, Role: role}).May(a) {
				may = append(may, a)
			}
			if (Caller{Kind: KindStaff, Role: role, Operator: "op_1"}).May(a) {
				t.Errorf("%s of an operator may %s", role, a)
			}
		}
		want = append(want, own...)
		slices.Sort(want)
		if !slices.Equal(may, want) {
			t.Errorf("%s may %v, want %v", role, may, want)
		}
	}
}

func TestNobodyAndMisfitsMayNothing(t *testing.T) {
	for _, c := range []Caller{
		{},
		{Kind: "robot", Operator: "op_1", Role: RoleOwner, Scopes: ScopeRead},
		{Kind: KindStaff, Operator: "op_1"},
		{Kind: KindStaff, Operator: "op_1", Role: "root"},
		{Kind: KindStaff, Operator: "", Role: RoleOwner},     // an owner of nothing
		{Kind: KindStaff, Operator: "op_1", Role: RoleAdmin}, // the platform inside an operator
		{Kind: KindKey, Operator: "op_1"},
		{Kind: KindKey, Operator: "op_1", Role: RoleOwner},
		{Kind: KindKey, Scopes: ScopeRead | ScopeReveal | ScopeWrite},
		{Kind: KindStaff, Operator: "op_1", Scopes: ScopeRead | ScopeReveal | ScopeWrite},
		{Kind: KindPerson},
	} {
		for _, act := range Acts() {
			if c.May(act) {
				t.Errorf("%+v may %s", c, act)
			}
		}
	}
	if System("op_1", "test").May("lead.sell") {
		t.Error("an act that does not exist is allowed")
	}
}

func TestDoIsOneAct(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		agent := Caller{Kind: KindStaff, ID: "staff_a", Operator: "op_1", Role: RoleAgent}
		lead := Subject{"lead", "lead_1"}
		put := func(key string, err error) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				if _, e := tx.Exec(ctx, "insert into installation (key, value) values ($1,'')", key); e != nil {
					return e
				}
				return err
			}
		}
		if err := r.Do(ctx, agent, LeadReveal, lead, " call back as asked ", put("done", nil)); err != nil {
			t.Fatal(err)
		}
		stop := errors.New("stop")
		if err := r.Do(ctx, agent, LeadReveal, lead, "call back as asked", put("failed", stop)); !errors.Is(err, stop) {
			t.Errorf("failing work returned %v", err)
		}
		clock.Advance(time.Second)
		ran := false
		err := r.Do(ctx, agent, LeadExport, lead, "monthly report", func(*db.Tx) error { ran = true; return nil })
		var denied *Denied
		if !errors.As(err, &denied) || *denied != (Denied{LeadExport, RoleAgent}) || ran {
			t.Errorf("denial: %v, ran: %v", err, ran)
		}
		// A denied caller cannot leave a number in the record either.
		if err := r.Do(ctx, agent, LeadExport, lead, "for "+number(1), put("no", nil)); !errors.As(err, &denied) {
			t.Error(err)
		}
		got := records(t, r, "op_1")
		var lines []string
		for _, e := range got {
			lines = append(lines, fmt.Sprintf("%d %s %s %s %s %s/%s %q %s", e.At.Sub(dbtest.Start)/time.Second, e.Kind, e.CallerID, e.Role, e.Act, e.Subject.Kind, e.Subject.ID, e.Reason, e.Outcome))
		}
		want := []string{
			`0 staff staff_a operator-agent lead.reveal lead/lead_1 "call back as asked" done`,
			`1 staff staff_a operator-agent lead.export lead/lead_1 "monthly report" denied`,
			`1 staff staff_a operator-agent lead.export lead/lead_1 "" denied`,
		}
		if !slices.Equal(lines, want) {
			t.Errorf("record:\n%s\nwant:\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		var keys []string
		_ = r.DB.Read(ctx, func(tx *db.Tx) (err error) {
			keys, err = db.Collect(ctx, tx, func(s db.Scanner) (v string, err error) { return v, s.Scan(&v) }, "select key from installation")
			return err
		})
		if !slices.Equal(keys, []string{"done"}) {
			t.Errorf("work kept: %v", keys)
		}
	})
}

func TestDoInWritesNothingWhenDenied(t *testing.T) {
	each(t, func(t *testing.T, r *Room, _ *dbtest.Clock) {
		ctx := t.Context()
		analyst := Caller{Kind: KindStaff, ID: "staff_n", Operator: "op_1", Role: RoleAnalyst}
		err := r.DB.Write(ctx, func(tx *db.Tx) error {
			var denied *Denied
			if err := r.DoIn(ctx, tx, analyst, LeadRead, Subject{"lead", "lead_1"}, ""); !errors.As(err, &denied) {
				t.Errorf("denial: %v", err)
			}
			if err := r.DoIn(ctx, tx, owner("op_1"), LeadErase, Subject{"lead", "lead_1"}, ""); !errors.Is(err, ErrReason) {
				t.Errorf("no reason: %v", err)
			}
			return r.DoIn(ctx, tx, owner("op_1"), LeadErase, Subject{"lead", "lead_1"}, "asked by phone")
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := records(t, r, "op_1"); len(got) != 1 || got[0].Act != LeadErase {
			t.Errorf("record: %+v", got)
		}
		if err := r.Check(ctx, analyst, ComponentRead, Subject{}); err != nil {
			t.Error(err)
		}
		if err := r.Check(ctx, analyst, LeadRead, Subject{}); err == nil {
			t.Error("check let an analyst read a lead")
		}
		if got := records(t, r, "op_1"); len(got) != 2 || got[1].Outcome != OutcomeDenied {
			t.Errorf("record after checks: %+v", got)
		}
	})
}

func TestReasons(t *testing.T) {
	o := owner("op_1")
	person := Caller{Kind: KindPerson, ID: "receipt_1", Operator: "op_1"}
	n := number(7)
	for _, c := range []struct {
		caller Caller
		act    Act
		reason string
		code   string
	}{
		{o, LeadReveal, "", "short"},
		{o, LeadReveal, "  ab  ", "short"},
		{o, LeadReveal, "abcd", ""},
		{o, LeadReveal, "客户要求", ""},
		{o, LeadExport, "", "short"},
		{o, LeadErase, "", "short"},
		{System("op_1", "retention"), LeadErase, "", "short"},
		{person, LeadErase, "", ""},
		{o, LeadRead, "", ""},
		{o, LeadReveal, strings.Repeat("说", 200), ""},
		{o, LeadReveal, strings.Repeat("说", 201), "long"},
		{o, LeadReveal, "order 123456", ""},
		{o, LeadReveal, "order 1234567", "digits"},
		{o, LeadReveal, "call " + n, "digits"},
		{o, LeadReveal, "call " + n[:3] + "-" + n[3:7] + "-" + n[7:], "digits"},
		{o, LeadReveal, "call " + n[:3] + " " + n[3:7] + " " + n[7:], "digits"},
		{o, LeadReveal, "call " + fullWidth(n), "digits"},
		{o, LeadReveal, "asked on 2026-03-02 10:15", ""},
		{o, LeadRead, n, "digits"},
		{person, LeadErase, n, "digits"},
		{o, LeadReveal, "two\nlines", "characters"},
		{o, LeadReveal, "turned \u202e round", "characters"},
		{o, LeadReveal, "bad \xff bytes", "characters"},
	} {
		err := CheckReason(c.caller, c.act, c.reason)
		var bad *Invalid
		switch {
		case c.code == "" && err != nil:
			t.Errorf("%s %q: %v", c.act, c.reason, err)
		case c.code != "" && (!errors.As(err, &bad) || bad.Code != c.code || !errors.Is(err, ErrReason)):
			t.Errorf("%s %q: %v, want code %s", c.act, c.reason, err, c.code)
		case err != nil && strings.Contains(err.Error(), n):
			t.Error("the error repeats the number")
		}
	}
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, s)
}

func TestAuditPagesAndFilters(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		nothing := func(*db.Tx) error { return nil }
		for i := range 7 {
			if i == 4 {
				clock.Advance(time.Minute)
			}
			if err := r.Do(ctx, owner("op_1"), LeadRead, Subject{"lead", fmt.Sprint("lead_", i)}, "", nothing); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Do(ctx, owner("op_2"), LeadRead, Subject{"lead", "lead_x"}, "", nothing); err != nil {
			t.Fatal(err)
		}
		var got []string
		for cursor, pages := "", 0; ; pages++ {
			list, next, err := r.Audit(ctx, owner("op_1"), AuditFilter{}, cursor, 3)
			if err != nil || pages > 3 {
				t.Fatal(err, pages)
			}
			for _, e := range list {
				got = append(got, e.Subject.ID)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		want := []string{"lead_6", "lead_5", "lead_4", "lead_3", "lead_2", "lead_1", "lead_0"}
		if !slices.Equal(got, want) {
			t.Errorf("pages: %v", got)
		}
		count := func(f AuditFilter) int {
			list, _, err := r.Audit(ctx, owner("op_1"), f, "", 0)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		minute := dbtest.Start.Add(time.Minute)
		for i, c := range []struct {
			f    AuditFilter
			want int
		}{
			{AuditFilter{From: minute}, 3},
			{AuditFilter{To: minute}, 4},
			{AuditFilter{Subject: Subject{"lead", "lead_2"}}, 1},
			{AuditFilter{Subject: Subject{Kind: "staff"}}, 0},
			{AuditFilter{CallerID: "staff_o", Act: LeadRead, Outcome: OutcomeDone}, 7},
			{AuditFilter{Outcome: OutcomeDenied}, 0},
		} {
			if got := count(c.f); got != c.want {
				t.Errorf("filter %d: %d lines, want %d", i, got, c.want)
			}
		}
		for _, bad := range []string{"%", "eA", "MS4A"} {
			var invalid *Invalid
			if _, _, err := r.Audit(ctx, owner("op_1"), AuditFilter{}, bad, 0); !errors.As(err, &invalid) {
				t.Errorf("cursor %q: %v", bad, err)
			}
		}
		if _, _, err := r.Audit(ctx, Caller{Kind: KindStaff, Operator: "op_1", Role: RoleAgent}, AuditFilter{}, "", 0); err == nil {
			t.Error("an agent read the record")
		}
	})
}

// The record is append-only because no statement says otherwise.
func TestNoStatementChangesTheRecord(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	change := regexp.MustCompile(`(?i)(update|delete\s+from)\s+"?audit\b`)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if m := change.Find(b); m != nil && !strings.HasSuffix(f, "_test.go") {
			t.Errorf("%s: %s", f, m)
		}
	}
}

func TestADeadStoreIsSaidSo(t *testing.T) {
	each(t, func(t *testing.T, r *Room, _ *dbtest.Clock) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var denied *Denied
		err := r.Check(ctx, Caller{}, LeadRead, Subject{})
		if !errors.As(err, &denied) || !errors.Is(err, context.Canceled) {
			t.Errorf("denial that could not be recorded: %v", err)
		}
	})
}
