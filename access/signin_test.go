package access

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"

	"github.com/pquerna/otp/totp"
)

const goodPassword = "three unrelated Words"

// member is somebody who set up password, app and recovery codes.
type member struct {
	Staff
	session  Session
	token    string
	secret   string
	recovery []string
}

func enrol(t *testing.T, r *Room, operator, login string, role Role) member {
	t.Helper()
	ctx := t.Context()
	s, link, err := r.Invite(ctx, System(operator, "test"), NewStaff{login, "Name of " + login, role})
	if err != nil {
		t.Fatal(err)
	}
	m := member{Staff: s}
	if m.token, m.session, err = r.UseLoginLink(ctx, link); err != nil {
		t.Fatal(err)
	}
	if err := r.SetPassword(ctx, m.session, goodPassword); err != nil {
		t.Fatal(err)
	}
	setup, err := r.BeginCode(ctx, m.session)
	if err != nil {
		t.Fatal(err)
	}
	m.secret = setup.Secret
	if m.recovery, err = r.ConfirmCode(ctx, m.session, setup.Ceremony, code(t, setup.Secret, r.DB.Now())); err != nil {
		t.Fatal(err)
	}
	return m
}

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSignInTakesBothFactors(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "Ann", RoleAgent)
		clock.Advance(time.Minute)
		now := code(t, m.secret, clock.Now())
		for _, in := range []SignIn{
			{Login: "ann", Password: goodPassword},
			{Login: "ann", Password: goodPassword, Code: "000000"},
			{Login: "ann", Password: goodPassword + "x", Code: now},
			{Login: "bob", Password: goodPassword, Code: now},
		} {
			if _, _, err := r.SignIn(ctx, in); err != ErrSignIn {
				t.Errorf("%s: %v", in.Login, err)
			}
		}
		token, s, err := r.SignIn(ctx, SignIn{Login: " ANN ", Password: goodPassword, Code: now[:3] + " " + now[3:]})
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.FromSession(ctx, token)
		if err != nil || got.Caller != s.Caller || got.ID != s.ID || got.Method != MethodPassword || !got.Enrolled {
			t.Errorf("session %+v, %v", got, err)
		}
		if want := (Caller{Kind: KindStaff, ID: m.ID, Operator: "op_1", Name: "Name of Ann", Role: RoleAgent}); got.Caller != want {
			t.Errorf("caller %+v", got.Caller)
		}
		last := records(t, r, "op_1")
		if e := last[len(last)-1]; e.Act != SelfSignIn || e.CallerID != m.ID || e.Reason != "by password" || e.CallerName != "Name of Ann" {
			t.Errorf("record %+v", e)
		}
	})
}

func TestATimeStepCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		in := func(at time.Time) error {
			_, _, err := r.SignIn(ctx, SignIn{Login: "ann", Password: goodPassword, Code: code(t, m.secret, at)})
			return err
		}
		if err := in(clock.Now()); err != ErrSignIn {
			t.Errorf("the code that confirmed the app worked again: %v", err)
		}
		clock.Advance(5 * time.Minute)
		now := clock.Now()
		for i, c := range []struct {
			at   time.Time
			want error
		}{
			{now, nil},
			{now, ErrSignIn},
			{now.Add(-30 * time.Second), nil},
			{now.Add(30 * time.Second), nil},
			{now.Add(-60 * time.Second), ErrSignIn},
			{now.Add(60 * time.Second), ErrSignIn},
		} {
			if err := in(c.at); err != c.want {
				t.Errorf("code %d: %v, want %v", i, err, c.want)
			}
		}
		// A clock set back brings back the step, not the code.
		clock.Advance(-24 * time.Hour)
		clock.Advance(24 * time.Hour)
		if err := in(now); err != ErrSignIn {
			t.Errorf("after the clock jumped: %v", err)
		}
		// Two browsers with the same code at the same moment: one gets in.
		clock.Advance(10 * time.Minute)
		if err := in(clock.Now()); err != nil { // forgives the failures above
			t.Fatal(err)
		}
		clock.Advance(10 * time.Minute)
		var wg sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			wg.Go(func() { errs[i] = in(clock.Now()) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, ErrSignIn) {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d of 3 got in with one code", won)
		}
	})
}

func TestARecoveryCodeWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		bob := enrol(t, r, "op_1", "bob", RoleOwner)
		if len(m.recovery) != 10 {
			t.Fatalf("%d codes", len(m.recovery))
		}
		in := SignIn{Login: "ann", Password: goodPassword, Code: strings.ToUpper(m.recovery[3])}
		_, s, err := r.SignIn(ctx, in)
		if err != nil || s.Method != MethodRecovery {
			t.Fatalf("%s, %v", s.Method, err)
		}
		if _, _, err := r.SignIn(ctx, in); err != ErrSignIn {
			t.Errorf("second time: %v", err)
		}
		in.Code = bob.recovery[0]
		if _, _, err := r.SignIn(ctx, in); err != ErrSignIn {
			t.Errorf("a colleague's code: %v", err)
		}
		if n, err := r.RecoveryCodesLeft(ctx, s); n != 9 || err != nil {
			t.Errorf("%d left, %v", n, err)
		}
		if _, err := r.NewRecoveryCodes(ctx, s); err != nil {
			t.Fatal(err)
		}
		in.Code = m.recovery[4]
		if _, _, err := r.SignIn(ctx, in); err != ErrSignIn {
			t.Errorf("a replaced code: %v", err)
		}
		clock.Advance(time.Hour)
		if _, err := r.NewRecoveryCodes(ctx, Session{Caller: s.Caller, Enrolled: true, AuthenticatedAt: s.AuthenticatedAt, At: clock.Now()}); err != ErrStepUp {
			t.Errorf("new codes without fresh proof: %v", err)
		}
	})
}

func TestLockOutGrowsAndDoesNotTellWhoExists(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		clock.Advance(time.Hour)
		fail := func(login string) error {
			_, _, err := r.SignIn(ctx, SignIn{Login: login, Password: "wrong", Code: "1"})
			return err
		}
		for _, login := range []string{"ann", "nobody"} {
			for i := range freeByLogin {
				if err := fail(login); err != ErrSignIn {
					t.Fatalf("%s attempt %d: %v", login, i, err)
				}
			}
			for _, delay := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute} {
				var locked *Locked
				if err := fail(login); !errors.As(err, &locked) || locked.Until.Sub(clock.Now()) != delay {
					t.Fatalf("%s: %v, want locked for %s", login, err, delay)
				}
				clock.Advance(delay - time.Millisecond)
				if err := fail(login); !errors.As(err, &locked) {
					t.Fatalf("%s just before %s: %v", login, delay, err)
				}
				clock.Advance(time.Millisecond)
				if err := fail(login); err != ErrSignIn {
					t.Fatalf("%s after %s: %v", login, delay, err)
				}
			}
		}
		// The right password does not open a locked door either, and opens it after.
		in := func() error {
			_, _, err := r.SignIn(ctx, SignIn{Login: "ann", Password: goodPassword, Code: code(t, m.secret, clock.Now())})
			return err
		}
		clock.Advance(time.Hour)
		if err := fail("ann"); err != ErrSignIn {
			t.Fatal(err)
		}
		var locked *Locked
		if err := in(); !errors.As(err, &locked) {
			t.Errorf("locked, right password: %v", err)
		}
		if got := locked.Until.Sub(clock.Now()); got > longestDelay {
			t.Errorf("locked for %s", got)
		}
		// A clock that was wrong must not lock somebody out for long.
		clock.Advance(-48 * time.Hour)
		if err := in(); err != nil {
			t.Errorf("after the clock was put right: %v", err)
		}
		if err := fail("ann"); err != ErrSignIn {
			t.Errorf("failures were not forgotten: %v", err)
		}
	})
}

func TestLockOutByAddress(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		var locked *Locked
		for i := range freeByAddress {
			if err := r.charge(ctx, r.byAddress("[2001:db8::"+string(rune('a'+i%6))+"]:4711")...); err != nil {
				t.Fatalf("attempt %d: %v", i, err)
			}
		}
		_, _, err := r.SignIn(ctx, SignIn{Login: "x", Password: "y", Address: "2001:db8::ffff"})
		if !errors.As(err, &locked) {
			t.Errorf("same network: %v", err)
		}
		if _, _, err := r.SignIn(ctx, SignIn{Login: "x", Password: "y", Address: "2001:db9::1"}); err != ErrSignIn {
			t.Errorf("another network: %v", err)
		}
		clock.Advance(25 * time.Hour)
		if err := r.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.SignIn(ctx, SignIn{Login: "x", Password: "y", Address: "2001:db8::1"}); err != ErrSignIn {
			t.Errorf("a day later: %v", err)
		}
		if a, b := r.byAddress("192.0.2.1:80")[0].tag, r.byAddress("::ffff:192.0.2.1")[0].tag; string(a) != string(b) {
			t.Error("one IPv4 address counts as two")
		}
	})
}

// An address shared with others stays counted when one of them comes in.
func TestComingInDoesNotWashAwayAnAddress(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		from := "192.0.2.7"
		for range freeByAddress - 1 {
			if err := r.charge(ctx, r.byAddress(from)...); err != nil {
				t.Fatal(err)
			}
		}
		clock.Advance(time.Minute)
		if _, _, err := r.SignIn(ctx, SignIn{"ann", goodPassword, code(t, m.secret, clock.Now()), from}); err != nil {
			t.Fatal(err)
		}
		if err := r.charge(ctx, r.byAddress(from)...); err != nil {
			t.Fatal(err)
		}
		var locked *Locked
		if err := r.charge(ctx, r.byAddress(from)...); !errors.As(err, &locked) {
			t.Errorf("failure %d from the address: %v", freeByAddress+1, err)
		}
	})
}

func TestUnknownNamesTakeAsLong(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		enrol(t, r, "op_1", "ann", RoleOwner)
		fastest := func(login string) time.Duration {
			best := time.Hour
			for range 3 {
				begun := time.Now()
				_, _, err := r.SignIn(t.Context(), SignIn{Login: login, Password: "wrong password"})
				if err != ErrSignIn {
					t.Fatal(err)
				}
				best = min(best, time.Since(begun))
			}
			return best
		}
		known, unknown := fastest("ann"), fastest("nobody")
		if unknown < known/3 || known < unknown/3 {
			t.Errorf("known %s, unknown %s", known, unknown)
		}
	})
}

func TestSessionsRunOut(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		clock.Advance(sessionIdle - time.Second)
		if _, err := r.FromSession(ctx, m.token); err != nil {
			t.Fatalf("just before 12 hours: %v", err)
		}
		clock.Advance(sessionIdle - time.Second)
		if _, err := r.FromSession(ctx, m.token); err != nil {
			t.Fatalf("used meanwhile: %v", err)
		}
		clock.Advance(sessionIdle)
		if _, err := r.FromSession(ctx, m.token); err != ErrSession {
			t.Errorf("idle for 12 hours: %v", err)
		}
		clock.Advance(time.Minute)
		token, s, err := r.SignIn(ctx, SignIn{Login: "ann", Password: goodPassword, Code: code(t, m.secret, clock.Now())})
		if err != nil {
			t.Fatal(err)
		}
		for clock.Now().Before(s.ExpiresAt.Add(-time.Hour)) {
			clock.Advance(time.Hour)
			if _, err := r.FromSession(ctx, token); err != nil {
				t.Fatalf("in use at %s: %v", clock.Now(), err)
			}
		}
		clock.Advance(time.Hour)
		if _, err := r.FromSession(ctx, token); err != ErrSession {
			t.Errorf("after 7 days: %v", err)
		}
		for _, bad := range []string{"", "x", token + "A"} {
			if _, err := r.FromSession(ctx, bad); err != ErrSession {
				t.Errorf("token %q: %v", bad, err)
			}
		}
		if err := r.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if dump := dumpAll(t, r.DB)["session"]; len(dump) != 0 {
			t.Errorf("sessions left: %d", len(dump))
		}
	})
}

func TestSessionsListAndEnd(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		bob := enrol(t, r, "op_1", "bob", RoleAgent)
		clock.Advance(time.Minute)
		token, s, err := r.SignIn(ctx, SignIn{Login: "ann", Password: goodPassword, Code: code(t, m.secret, clock.Now())})
		if err != nil {
			t.Fatal(err)
		}
		list, err := r.Sessions(ctx, s)
		if err != nil || len(list) != 2 || list[0].ID != s.ID || list[1].Method != MethodLink {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := r.EndSession(ctx, s, bob.session.ID); err != ErrMissing {
			t.Errorf("ended a colleague's session: %v", err)
		}
		if err := r.EndSession(ctx, s, m.session.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := r.FromSession(ctx, m.token); err != ErrSession {
			t.Errorf("ended: %v", err)
		}
		if _, err := r.FromSession(ctx, token); err != nil {
			t.Errorf("the other: %v", err)
		}
	})
}

func TestStepUp(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		bob := enrol(t, r, "op_1", "bob", RoleAgent)
		clock.Advance(StepUpWithin + time.Second)
		s, err := r.FromSession(ctx, m.token)
		if err != nil || s.FreshEnough(StepUpWithin) {
			t.Fatalf("fresh after five minutes, %v", err)
		}
		if err := r.SetPassword(ctx, s, "another fine Password"); err != ErrStepUp {
			t.Errorf("password changed without fresh proof: %v", err)
		}
		if err := r.StepUp(ctx, s, goodPassword, "123", ""); err != ErrSignIn {
			t.Errorf("wrong code: %v", err)
		}
		wrong := s
		wrong.Login = bob.Login
		if err := r.StepUp(ctx, wrong, goodPassword, code(t, bob.secret, clock.Now()), ""); err != ErrSignIn {
			t.Errorf("a colleague's proof: %v", err)
		}
		if err := r.StepUp(ctx, s, goodPassword, code(t, m.secret, clock.Now()), ""); err != nil {
			t.Fatal(err)
		}
		if s, err = r.FromSession(ctx, m.token); err != nil || !s.FreshEnough(StepUpWithin) {
			t.Fatalf("not fresh after step-up, %v", err)
		}
		if err := r.SetPassword(ctx, s, "another fine Password"); err != nil {
			t.Error(err)
		}
		if (Session{AuthenticatedAt: clock.Now().Add(time.Hour), At: clock.Now()}).FreshEnough(StepUpWithin) {
			t.Error("a proof from the future is fresh")
		}
	})
}

func TestSettingUpTakesAnHourAtMost(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		_, link, err := r.Invite(ctx, System("op_1", "test"), NewStaff{"ann", "Ann", RoleOwner})
		if err != nil {
			t.Fatal(err)
		}
		token, _, err := r.UseLoginLink(ctx, link)
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(20 * time.Minute)
		s, _ := r.FromSession(ctx, token)
		if err := r.SetPassword(ctx, s, goodPassword); err != nil {
			t.Errorf("after 20 minutes: %v", err)
		}
		setup, err := r.BeginCode(ctx, s)
		if err != nil {
			t.Fatal(err)
		}
		var bad *Invalid
		if _, err := r.ConfirmCode(ctx, s, setup.Ceremony, "12"); !errors.As(err, &bad) {
			t.Errorf("wrong first code: %v", err)
		}
		clock.Advance(ceremonyTTL)
		if _, err := r.ConfirmCode(ctx, s, setup.Ceremony, code(t, setup.Secret, clock.Now())); err != ErrCeremony {
			t.Errorf("five minutes later: %v", err)
		}
		clock.Advance(time.Hour)
		s, _ = r.FromSession(ctx, token)
		if _, err := r.BeginCode(ctx, s); err != ErrStepUp {
			t.Errorf("after an hour: %v", err)
		}
	})
}

func TestPasswordsThatWillNotDo(t *testing.T) {
	for password, want := range map[string]string{
		"short":                           "short",
		"elevenchars":                     "short",
		"twelve chars":                    "",
		"aaaaaaaaaaaaaaaa":                "simple",
		"Annabelle-1234":                  "name",
		"ＡＮＮＡＢＥＬＬＥ12345":                  "name",
		"annabelle and three words more":  "",
		strings.Repeat("long pass ", 200): "long",
		"bad \xff bytes are no text":      "characters",
		"中文密码也要足够长才行的":                    "",
	} {
		err := checkPassword(password, "annabelle", "Anna B.")
		var bad *Invalid
		if want == "" && err != nil || want != "" && (!errors.As(err, &bad) || bad.Code != want) {
			t.Errorf("%.20q: %v, want %q", password, err, want)
		}
	}
}

func TestPasswordHashes(t *testing.T) {
	r := &Room{}
	h, err := r.hashPassword(t.Context(), goodPassword)
	if err != nil || !strings.HasPrefix(h, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(h, err)
	}
	for _, c := range []struct {
		stored, password string
		want             bool
	}{{h, goodPassword, true}, {h, goodPassword + " ", false}, {"", goodPassword, false}, {"", "", false}, {noPassword, "", false}} {
		if got, err := r.passwordMatches(t.Context(), c.stored, c.password); got != c.want || err != nil {
			t.Errorf("%q against %q: %v %v", c.password, c.stored, got, err)
		}
	}
	if _, err := r.passwordMatches(t.Context(), "$argon2id$v=19$m=99999999,t=2,p=1$AAAA$AAAA", "x"); err == nil {
		t.Error("a forged cost was accepted")
	}
}

// dumpAll reads every column of every table of this room as text.
func dumpAll(t *testing.T, d *db.DB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range []string{"staff", "totp_used", "recovery_code", "passkey", "session", "login_link", "ceremony", "attempt", "api_key", "audit"} {
		err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
			out[table], err = db.Collect(t.Context(), tx, scanAny, "select * from "+table)
			return err
		})
		if err != nil {
			t.Fatal(table, err)
		}
	}
	return out
}
