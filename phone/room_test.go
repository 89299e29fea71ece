package phone

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
	"clew/seal"
	"clew/words"
)

// outbox is a gateway that remembers; failing makes it refuse.
type outbox struct {
	mu      sync.Mutex
	texts   []string
	to      []string
	failing error
}

func (o *outbox) Send(_ context.Context, to Number, text string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.failing != nil {
		return o.failing
	}
	o.texts, o.to = append(o.texts, text), append(o.to, to.E164())
	return nil
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`)

func (o *outbox) code() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return sixDigits.FindString(o.texts[len(o.texts)-1])
}

type bench struct {
	*Room
	t     *testing.T
	out   *outbox
	clock *dbtest.Clock
}

// each gives a room on each engine. Without script no puzzle has to be solved: the
// stricter cap is lifted for tests that are not about it.
func each(t *testing.T, fn func(b *bench)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		out := &outbox{}
		fn(&bench{&Room{DB: d, Ring: seal.TestRing(t), Sender: out, Caps: Caps{NoScriptHour: 1 << 20}}, t, out, clock})
	})
}

func (b *bench) request(n int) SendRequest {
	return SendRequest{
		Operator: "op_a", Component: "component_a", Number: mustNumber(b.t, n), Address: fmt.Sprintf("198.51.%d.%d", n/250%250, n%250),
		Lang: words.ZH, Brand: "甲", NoScript: true, ConsentHash: "sha256:00",
	}
}

func (b *bench) send(n int) (id, code string) {
	b.t.Helper()
	sent, err := b.SendCode(b.t.Context(), b.request(n))
	if err != nil {
		b.t.Fatal(err)
	}
	return sent.CodeID, b.out.code()
}

func (b *bench) claim(n int, id, code string) Claim {
	return Claim{Operator: "op_a", Component: "component_a", CodeID: id, Code: code, Number: mustNumber(b.t, n)}
}

func (b *bench) redeem(claims ...Claim) []error {
	b.t.Helper()
	var verdicts []error
	if err := b.DB.Write(b.t.Context(), func(tx *db.Tx) (err error) {
		verdicts, err = b.Redeem(b.t.Context(), tx, claims)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
	if len(verdicts) != len(claims) {
		b.t.Fatalf("%d verdicts for %d claims", len(verdicts), len(claims))
	}
	return verdicts
}

func (b *bench) expect(want error, c Claim) {
	b.t.Helper()
	if got := b.redeem(c)[0]; !errors.Is(got, want) {
		b.t.Errorf("verdict %v, want %v", got, want)
	}
}

// other is a code that is not code.
func other(code string) string {
	if code[0] == '9' {
		return "0" + code[1:]
	}
	return "9" + code[1:]
}

func TestTheRightCodeWorksOnce(t *testing.T) {
	each(t, func(b *bench) {
		q := b.request(1)
		sent, err := b.SendCode(t.Context(), q)
		if err != nil {
			b.t.Fatal(err)
		}
		want := Sent{sent.CodeID, dbtest.Start.Add(5 * time.Minute), dbtest.Start.Add(time.Minute)}
		if sent != want || sent.CodeID == "" {
			b.t.Errorf("sent %+v, want %+v", sent, want)
		}
		if b.out.to[0] != q.Number.E164() || b.out.texts[0] != Text(words.ZH, "甲", b.out.code(), 5*time.Minute) {
			b.t.Errorf("message %q", b.out.texts[0])
		}
		c := b.claim(1, sent.CodeID, b.out.code())
		b.expect(nil, c)
		b.expect(ErrCodeUsed, c)
		c.Code = other(c.Code)
		b.expect(ErrCodeUsed, c)
	})
}

func TestWrongCodesAreCounted(t *testing.T) {
	for wrong, want := range []error{nil, nil, nil, nil, nil, ErrCodeTries, ErrCodeTries} {
		t.Run(fmt.Sprint(wrong, " wrong"), func(t *testing.T) {
			each(t, func(b *bench) {
				id, code := b.send(1)
				for i := range wrong {
					if i < 5 {
						b.expect(ErrCodeWrong, b.claim(1, id, other(code)))
					} else {
						b.expect(ErrCodeTries, b.claim(1, id, other(code)))
					}
				}
				b.expect(want, b.claim(1, id, code))
			})
		})
	}
}

func TestTriesOfOneBatchCount(t *testing.T) {
	each(t, func(b *bench) {
		id, code := b.send(1)
		wrong, right := b.claim(1, id, other(code)), b.claim(1, id, code)
		got := b.redeem(wrong, wrong, wrong, wrong, wrong, right)
		if !errors.Is(got[4], ErrCodeWrong) || !errors.Is(got[5], ErrCodeTries) {
			b.t.Errorf("verdicts %v", got)
		}
		b.expect(ErrCodeTries, right)
	})
}

func TestABatchIsJudgedClaimByClaim(t *testing.T) {
	each(t, func(b *bench) {
		one, codeOne := b.send(1)
		two, codeTwo := b.send(2)
		three, codeThree := b.send(3)
		foreign := b.claim(1, one, codeOne)
		foreign.Component = "component_b"
		otherOperator := b.claim(1, one, codeOne)
		otherOperator.Operator = "op_b"
		nobody := b.claim(1, one, codeOne)
		nobody.Number = Number{}
		got := b.redeem(
			b.claim(2, one, codeOne), foreign, otherOperator, nobody, b.claim(1, "", ""), b.claim(1, "code_none", codeOne), // unknown
			b.claim(1, one, codeOne), b.claim(1, one, codeOne), // the second is late
			b.claim(2, two, other(codeTwo)), b.claim(2, two, codeTwo),
			b.claim(3, three, ""), b.claim(3, three, codeThree+" "),
		)
		want := []error{
			ErrCodeUnknown, ErrCodeUnknown, ErrCodeUnknown, ErrCodeUnknown, ErrCodeUnknown, ErrCodeUnknown,
			nil, ErrCodeUsed, ErrCodeWrong, nil, ErrCodeWrong, ErrCodeWrong,
		}
		for i := range want {
			if !errors.Is(got[i], want[i]) {
				b.t.Errorf("claim %d: %v, want %v", i, got[i], want[i])
			}
		}
		if got := b.redeem(); len(got) != 0 {
			b.t.Errorf("verdicts on nothing: %v", got)
		}
	})
}

func TestARolledBackLeadLeavesItsCode(t *testing.T) {
	each(t, func(b *bench) {
		id, code := b.send(1)
		stop := errors.New("stop")
		err := b.DB.Write(t.Context(), func(tx *db.Tx) error {
			got, err := b.Redeem(t.Context(), tx, []Claim{b.claim(1, id, code)})
			if err != nil || got[0] != nil {
				b.t.Errorf("%v, %v", got, err)
			}
			return stop
		})
		if !errors.Is(err, stop) {
			b.t.Fatal(err)
		}
		b.expect(nil, b.claim(1, id, code))
	})
}

func TestCodesExpire(t *testing.T) {
	each(t, func(b *bench) {
		id, code := b.send(1)
		b.clock.Advance(5*time.Minute - time.Millisecond)
		b.expect(ErrCodeWrong, b.claim(1, id, other(code)))
		b.clock.Advance(time.Millisecond)
		b.expect(ErrCodeExpired, b.claim(1, id, code))
	})
}

func TestAClockGoingBackGivesNothing(t *testing.T) {
	each(t, func(b *bench) {
		id, code := b.send(1)
		b.clock.Advance(4 * time.Minute)
		b.expect(ErrCodeWrong, b.claim(1, id, other(code)))
		b.clock.Advance(-3 * time.Minute)
		b.expect(ErrCodeExpired, b.claim(1, id, code)) // nobody can say how old it is
		id, code = b.send(2)
		b.expect(nil, b.claim(2, id, code)) // a new one works at once

		// Another process, which remembers nothing, sees a code from the future.
		id, code = b.send(3)
		b.clock.Advance(-time.Hour)
		fresh := &bench{&Room{DB: b.DB, Ring: b.Ring, Sender: b.out, Caps: b.Caps}, b.t, b.out, b.clock}
		fresh.expect(ErrCodeExpired, b.claim(3, id, code))
	})
	each(t, func(b *bench) {
		for range 5 {
			b.send(1)
			b.clock.Advance(time.Minute)
		}
		_, err := b.SendCode(t.Context(), b.request(1))
		wantCapped(b.t, err, ScopeNumber, 0)
		b.clock.Advance(-12 * time.Hour) // before the window began
		_, err = b.SendCode(t.Context(), b.request(1))
		if err == nil {
			b.t.Fatal("going back half a day gave another code")
		}
		b.clock.Advance(61 * time.Second)
		_, err = b.SendCode(t.Context(), b.request(1))
		wantCapped(b.t, err, ScopeNumber, 0)
		b.clock.Advance(24 * time.Hour) // a window, not longer for the jump
		b.send(1)
	})
}

func TestAPuzzlePaysForOneCode(t *testing.T) {
	each(t, func(b *bench) {
		q := b.request(1)
		q.NoScript = false
		if _, err := b.SendCode(t.Context(), q); !errors.Is(err, ErrPuzzle) {
			b.t.Errorf("without work: %v", err)
		}
		c, err := b.NewChallenge("component_a", false, b.DB.Now())
		if err != nil {
			b.t.Fatal(err)
		}
		if q.Solution, err = c.Solve(); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.SendCode(t.Context(), q); err != nil {
			b.t.Fatal(err)
		}
		again := b.request(2)
		again.NoScript, again.Solution = false, q.Solution
		if _, err := b.SendCode(t.Context(), again); !errors.Is(err, ErrPuzzle) {
			b.t.Errorf("the same work again: %v", err)
		}
		b.send(2) // what was refused counted nothing
		if len(b.out.texts) != 2 {
			b.t.Errorf("%d messages", len(b.out.texts))
		}
	})
}

// A light challenge is little work and few codes from one address.
func TestALightPuzzleMeetsALowerCap(t *testing.T) {
	each(t, func(b *bench) {
		for n := range 11 {
			c, err := b.NewChallenge("component_a", true, b.DB.Now())
			if err != nil {
				b.t.Fatal(err)
			}
			if c.Bits >= 7 {
				b.t.Fatalf("a light challenge of %d bits", c.Bits)
			}
			q := b.request(n + 1)
			q.NoScript, q.Address = false, "192.0.2.9"
			if q.Solution, err = c.Solve(); err != nil {
				b.t.Fatal(err)
			}
			_, err = b.SendCode(t.Context(), q)
			if n < 10 && err != nil {
				b.t.Fatalf("code %d: %v", n+1, err)
			}
			if n == 10 {
				wantCapped(b.t, err, ScopeLight, 0)
			}
		}
	})
}

func TestNothingIsSentWithoutConsent(t *testing.T) {
	each(t, func(b *bench) {
		for name, turn := range map[string]func(*SendRequest){
			"consent": func(q *SendRequest) { q.ConsentHash = "" }, "operator": func(q *SendRequest) { q.Operator = "" },
			"component": func(q *SendRequest) { q.Component = "" }, "number": func(q *SendRequest) { q.Number = Number{} },
		} {
			q := b.request(1)
			turn(&q)
			if _, err := b.SendCode(t.Context(), q); !errors.Is(err, ErrRequest) {
				b.t.Errorf("without %s: %v", name, err)
			}
		}
		if len(b.out.texts) != 0 {
			b.t.Error("something was sent")
		}
	})
}

func TestADriverThatFails(t *testing.T) {
	each(t, func(b *bench) {
		n := mustNumber(b.t, 1)
		for _, failure := range []error{errors.New("gateway down"), fmt.Errorf("no route to %s", n.E164()), fmt.Errorf("bad %s", n.National())} {
			b.out.failing = failure
			_, err := b.SendCode(t.Context(), b.request(1)) // no minute's wait in between
			if !errors.Is(err, ErrDriver) || strings.Contains(err.Error(), n.National()) {
				b.t.Errorf("error %v", err)
			}
		}
		b.out.failing = nil
		id, code := b.send(1)
		b.expect(nil, b.claim(1, id, code))
	})
}

func TestOneOfTwentyWins(t *testing.T) {
	each(t, func(b *bench) {
		id, code := b.send(1)
		const n = 20
		start, verdicts := make(chan struct{}), make(chan error, n)
		var done sync.WaitGroup
		for range n {
			done.Go(func() {
				<-start
				err := b.DB.Write(t.Context(), func(tx *db.Tx) error {
					got, err := b.Redeem(t.Context(), tx, []Claim{b.claim(1, id, code)})
					if err == nil {
						verdicts <- got[0]
					}
					return err
				})
				if err != nil {
					b.t.Error(err)
				}
			})
		}
		close(start)
		done.Wait()
		close(verdicts)
		wins := 0
		for v := range verdicts {
			switch {
			case v == nil:
				wins++
			case !errors.Is(v, ErrCodeUsed):
				b.t.Errorf("verdict %v", v)
			}
		}
		if wins != 1 {
			b.t.Errorf("%d of %d won", wins, n)
		}
	})
}

func TestTwentyGuessesAtOnceGetFiveTries(t *testing.T) {
	each(t, func(b *bench) {
		id, code := b.send(1)
		const n = 20
		start, verdicts := make(chan struct{}), make(chan error, n)
		var done sync.WaitGroup
		for range n {
			done.Go(func() {
				<-start
				if err := b.DB.Write(t.Context(), func(tx *db.Tx) error {
					got, err := b.Redeem(t.Context(), tx, []Claim{b.claim(1, id, other(code))})
					if err == nil {
						verdicts <- got[0]
					}
					return err
				}); err != nil {
					b.t.Error(err)
				}
			})
		}
		close(start)
		done.Wait()
		close(verdicts)
		tried := 0
		for v := range verdicts {
			if errors.Is(v, ErrCodeWrong) {
				tried++
			} else if !errors.Is(v, ErrCodeTries) {
				b.t.Errorf("verdict %v", v)
			}
		}
		if tried != 5 {
			b.t.Errorf("%d guesses were tried", tried)
		}
	})
}

func TestTwentyRequestsAtOnceSendOneCode(t *testing.T) {
	each(t, func(b *bench) {
		const n = 20
		start, errs := make(chan struct{}), make(chan error, n)
		var done sync.WaitGroup
		for range n {
			done.Go(func() {
				<-start
				_, err := b.SendCode(t.Context(), b.request(1))
				errs <- err
			})
		}
		close(start)
		done.Wait()
		close(errs)
		sent := 0
		for err := range errs {
			var soon *ResendTooSoon
			if err == nil {
				sent++
			} else if !errors.As(err, &soon) {
				b.t.Errorf("error %v", err)
			}
		}
		if sent != 1 || len(b.out.texts) != 1 {
			b.t.Errorf("%d said sent, %d messages", sent, len(b.out.texts))
		}
	})
}

// The answer must not tell whether a number was seen before: the same fields are
// filled, and a number's history changes neither the kind nor the count of rows.
func TestTheAnswerTellsNothing(t *testing.T) {
	each(t, func(b *bench) {
		id, code := b.send(1)
		b.expect(nil, b.claim(1, id, code))
		b.clock.Advance(time.Hour)
		seen, err := b.SendCode(t.Context(), b.request(1))
		if err != nil {
			b.t.Fatal(err)
		}
		fresh, err := b.SendCode(t.Context(), b.request(2))
		if err != nil {
			b.t.Fatal(err)
		}
		if len(seen.CodeID) != len(fresh.CodeID) || !seen.ExpiresAt.Equal(fresh.ExpiresAt) || !seen.ResendAt.Equal(fresh.ResendAt) {
			b.t.Errorf("%+v and %+v", seen, fresh)
		}
	})
}

func TestNoTableHoldsANumber(t *testing.T) {
	each(t, func(b *bench) {
		const n = 4_711_042
		q := b.request(n)
		q.Address = "198.51.100.77"
		if _, err := b.SendCode(t.Context(), q); err != nil {
			b.t.Fatal(err)
		}
		code := b.out.code()
		_, err := b.SendCode(t.Context(), q)
		if err == nil {
			b.t.Fatal("resent at once")
		}
		var rows []string
		for _, table := range []string{"phone_code", "phone_cap"} {
			rows = append(rows, dump(b.t, b.DB, table)...)
		}
		all := strings.Join(rows, "\n")
		if !strings.Contains(all, q.Component) || !strings.Contains(all, q.ConsentHash) {
			b.t.Fatalf("the dump is no dump: %s", all)
		}
		for _, secret := range []string{q.Number.E164(), q.Number.National(), q.Number.E164()[1:], q.Address, code} {
			for name, needle := range needles(secret) {
				if len(needle) < 8 {
					continue // six digits stand in many an instant by chance
				}
				if strings.Contains(strings.ToLower(all), strings.ToLower(needle)) {
					b.t.Errorf("%s of a secret is in the store:\n%s", name, all)
				}
			}
		}
		for _, text := range []string{err.Error(), fmt.Sprint(q.Number)} {
			if strings.Contains(text, q.Number.National()) {
				b.t.Errorf("the number is in %s", text)
			}
		}
	})
}

func needles(s string) map[string]string {
	sum := sha256.Sum256([]byte(s))
	return map[string]string{
		"plain": s, "hex": hex.EncodeToString([]byte(s)), "base64": base64.RawStdEncoding.EncodeToString([]byte(s))[:len(s)*4/3],
		"sha256": hex.EncodeToString(sum[:]), "half sha256": hex.EncodeToString(sum[:16]),
		"sha256 in base64": base64.RawStdEncoding.EncodeToString(sum[:])[:40],
	}
}

// dump writes every column of every row as text; bytes as they are and in hex.
func dump(t *testing.T, d *db.DB, table string) []string {
	t.Helper()
	columns := map[string]string{
		"phone_code": "operator, id, component, number, code, address, consent_hash, puzzle, tries, sent_at, expires_at, used_at, failed",
		"phone_cap":  "operator, scope, key, window_start, window_end, count",
	}[table]
	count := strings.Count(columns, ",") + 1
	var rows []string
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		rows, err = db.Collect(t.Context(), tx, func(s db.Scanner) (string, error) {
			values, into := make([]sql.RawBytes, count), make([]any, count)
			for i := range into {
				into[i] = &values[i]
			}
			err := s.Scan(into...)
			var text []string
			for _, v := range values {
				text = append(text, string(v), hex.EncodeToString(v))
			}
			return strings.Join(text, " "), err
		}, "select "+columns+" from "+table)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}
