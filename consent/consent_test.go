package consent

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
	"clew/seal"
	"clew/words"
)

const text = "甲公司为回访您的购车咨询收集手机号。\n保存 180 天。"

func testNotice() Notice { return NewNotice("op_a", "component_a", 3, words.ZH, text) }

func testForm(at time.Time) Form {
	return Form{
		Component: "component_a", Version: 3, NoticeHash: HashText(text), Lang: words.ZH,
		IssuedAt: at.UnixMilli(), Via: ViaSheet, Nonce: "n",
	}
}

func testAct(at time.Time) Act {
	return Act{
		NoticeVersion: 3, NoticeHash: HashText(text),
		Choices: []Choice{{"contact", true}, {"partner", false}},
		Gesture: Gesture{
			Kind: KindTap, Trigger: "clew-trigger", Trusted: true, Viewport: "390x844",
			OpenedAt: at.Add(10 * time.Second).UnixMilli(), TickedAt: at.Add(20 * time.Second).UnixMilli(),
		},
	}
}

func testReceipt(at time.Time) Receipt {
	act := testAct(at)
	return NewReceipt(Receipt{
		Operator: "op_a", Component: "component_a", ComponentVersion: 3, NoticeVersion: 3, NoticeHash: HashText(text),
		Lang: words.ZH, Edition: "2026-01", Lead: db.NewID("lead"), Choices: act.Choices, Gesture: act.Gesture,
		Form: testForm(at), At: at,
	})
}

func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

func TestNoticesAreKeptWordForWordAndNeverChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		odd := "line\r\nfull-width　space 😀 '; drop table notice; --"
		zh, en := testNotice(), NewNotice("op_a", "component_a", 3, words.EN, odd)
		for range 2 { // the same publication again changes nothing
			write(t, d, func(ctx context.Context, tx *db.Tx) error { return PutNotices(ctx, tx, []Notice{zh, en}) })
		}
		other := NewNotice("op_a", "component_a", 3, words.ZH, text+" ")
		err := d.Write(t.Context(), func(tx *db.Tx) error { return PutNotices(t.Context(), tx, []Notice{other}) })
		if !errors.Is(err, ErrNoticeFixed) {
			t.Errorf("another text under the same version: %v", err)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			for _, want := range []Notice{zh, en} {
				got, err := FindNotice(ctx, tx, "op_a", "component_a", 3, want.Lang)
				if err != nil || got != want {
					t.Errorf("got %+v, %v; want %+v", got, err, want)
				}
			}
			for _, miss := range []struct {
				operator string
				version  int
			}{{"op_b", 3}, {"op_a", 2}} {
				if _, err := FindNotice(ctx, tx, miss.operator, "component_a", miss.version, words.ZH); !errors.Is(err, ErrNoNotice) {
					t.Errorf("%v: %v", miss, err)
				}
			}
			_, err := tx.Exec(ctx, `update notice set text='forged' where lang='zh'`)
			if err != nil {
				return err
			}
			if _, err := FindNotice(ctx, tx, "op_a", "component_a", 3, words.ZH); !errors.Is(err, ErrNoticeBroken) {
				t.Errorf("a text changed by hand: %v", err)
			}
			return nil
		})
		bad := zh
		bad.Text += "x"
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return PutNotices(t.Context(), tx, []Notice{bad}) }); !errors.Is(err, ErrNoticeBroken) {
			t.Errorf("text without its hash: %v", err)
		}
	})
}

func TestHashIsWhatAnyoneComputes(t *testing.T) {
	// printf abc | sha256sum
	const want = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got := HashText("abc"); got != want {
		t.Errorf("got %s", got)
	}
}

func TestAReceiptComesBackAsItWasGiven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		var given []Receipt
		for range 70 { // more than one statement
			given = append(given, testReceipt(clock.Now()))
		}
		given[1].Test = true
		given[2].Form = Form{Component: "component_a", Version: 3, Via: ViaPage, Nonce: "m", Trigger: "link", TriggeredAt: 5, IssuedAt: 6}
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return Give(ctx, tx, given) })
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			for _, want := range given {
				got, err := Get(ctx, tx, "op_a", want.ID)
				if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
					t.Fatalf("%v\n got %+v\nwant %+v", err, got, want)
				}
				byNumber, err := ByNumber(ctx, tx, want.Number)
				if err != nil || byNumber.ID != want.ID {
					t.Fatalf("by number: %v, %v", byNumber.ID, err)
				}
			}
			if _, err := Get(ctx, tx, "op_b", given[0].ID); !errors.Is(err, ErrNoReceipt) {
				t.Errorf("another operator reads it: %v", err)
			}
			if _, err := State(ctx, tx, "op_b", given[0].ID); !errors.Is(err, ErrNoReceipt) {
				t.Errorf("another operator reads its state: %v", err)
			}
			return nil
		})
	})
}

func TestTwoReceiptsWithOneNumberAreShownToNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		a, b := testReceipt(clock.Now()), testReceipt(clock.Now())
		b.Operator, b.Number = "op_b", a.Number
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return Give(ctx, tx, []Receipt{a, b}) })
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			if _, err := ByNumber(ctx, tx, a.Number); !errors.Is(err, ErrNoReceipt) {
				t.Errorf("error %v", err)
			}
			return nil
		})
	})
}

func TestAConsentEndsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := testReceipt(clock.Now())
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return Give(ctx, tx, []Receipt{r}) })
		state := func() (s Standing) {
			write(t, d, func(ctx context.Context, tx *db.Tx) (err error) { s, err = State(ctx, tx, "op_a", r.ID); return err })
			return s
		}
		if s := state(); !s.Valid() || s.Status() != "ConsentGiven" || !s.GivenAt.Equal(r.At) {
			t.Fatalf("given: %+v", s)
		}
		clock.Advance(time.Hour)
		const both = 8
		changed := make(chan bool, both)
		var done sync.WaitGroup
		for range both {
			done.Go(func() {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					c, err := Withdraw(t.Context(), tx, "op_a", r.ID, ByPerson)
					changed <- c
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		done.Wait()
		close(changed)
		wins := 0
		for c := range changed {
			if c {
				wins++
			}
		}
		if wins != 1 {
			t.Errorf("%d of %d withdrawals changed something", wins, both)
		}
		withdrawn := state()
		if withdrawn.Valid() || withdrawn.Status() != "ConsentWithdrawn" || withdrawn.WithdrawnBy != ByPerson || !withdrawn.WithdrawnAt.Equal(clock.Now()) {
			t.Errorf("withdrawn: %+v", withdrawn)
		}
		for range 2 {
			write(t, d, func(ctx context.Context, tx *db.Tx) error { return MarkErased(ctx, tx, "op_a", r.ID, "staff_1") })
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return NoteCopy(ctx, tx, "op_a", r.ID, ByPerson) })
		s := state()
		if s.ErasedBy != "staff_1" || s.Copies != 1 || !s.WithdrawnAt.Equal(withdrawn.WithdrawnAt) {
			t.Errorf("erased: %+v", s)
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			got, err := Get(ctx, tx, "op_a", r.ID)
			if err != nil {
				return err
			}
			want := r
			want.Gesture.Viewport = ""
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("after erasure\n got %+v\nwant %+v", got, want)
			}
			n, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
				`select count(*) from receipt_event where operator='op_a' and receipt=$1`, r.ID)
			if n != 4 {
				t.Errorf("%d events, want given, withdrawn, erased, copy_issued", n)
			}
			return err
		})
	})
}

func TestErasureEndsAConsentThatWasNotWithdrawn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := testReceipt(clock.Now())
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			if err := Give(ctx, tx, []Receipt{r}); err != nil {
				return err
			}
			if err := MarkErased(ctx, tx, "op_a", r.ID, ByPerson); err != nil {
				return err
			}
			s, err := State(ctx, tx, "op_a", r.ID)
			if s.Valid() || s.Status() != "ConsentWithdrawn" {
				t.Errorf("state %+v", s)
			}
			if changed, err := Withdraw(ctx, tx, "op_a", r.ID, ByPerson); changed || err != nil {
				t.Errorf("withdrawn after erasure: %v, %v", changed, err)
			}
			return err
		})
	})
}

func TestEventsNameIdsOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := testReceipt(clock.Now())
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return Give(ctx, tx, []Receipt{r}) })
		for _, by := range []string{"", "张三", "a@b.example", "+86", "12345", strings.Repeat("a", 65)} {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := Withdraw(t.Context(), tx, "op_a", r.ID, by)
				return err
			})
			if !errors.Is(err, ErrBy) {
				t.Errorf("by %q: %v", by, err)
			}
		}
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := Withdraw(t.Context(), tx, "op_a", "receipt_none", ByPerson)
			return err
		})
		if !errors.Is(err, ErrNoReceipt) {
			t.Errorf("unknown receipt: %v", err)
		}
	})
}

func TestRefusalsHoldNobody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		good := Refusal{Operator: "op_a", Component: "component_a", Version: 3, NoticeHash: HashText(text), Lang: words.ZH, Stage: "notice", Gesture: KindTap}
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return Refuse(ctx, tx, good) })
		for _, bad := range []struct{ stage, gesture string }{
			{"", KindTap}, {"138", KindTap}, {"Notice", KindTap}, {strings.Repeat("a", 25), ""}, {"notice", "swipe"}, {"notice", "tap 1"},
		} {
			r := good
			r.Stage, r.Gesture = bad.stage, bad.gesture
			err := d.Write(t.Context(), func(tx *db.Tx) error { return Refuse(t.Context(), tx, r) })
			if !errors.Is(err, ErrRefusal) {
				t.Errorf("%v: %v", bad, err)
			}
		}
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			rows, err := db.Collect(ctx, tx, func(s db.Scanner) (string, error) {
				var stage, gesture string
				var at int64
				err := s.Scan(&stage, &gesture, &at)
				return fmt.Sprint(stage, " ", gesture, " ", at), err
			}, "select stage, gesture, at from refusal")
			if want := fmt.Sprint("notice tap ", clock.Now().UnixMilli()); len(rows) != 1 || rows[0] != want {
				t.Errorf("rows %q, want one %q", rows, want)
			}
			return err
		})
	})
}

func TestLinksOpenOnlyWhatWeMade(t *testing.T) {
	ring, other := seal.TestRing(t), seal.TestRing(t)
	n := newNumber()
	link := Link(ring, n)
	if want := numberLen + 1 + linkTagLen; len(link) != want || link != strings.ToLower(link) {
		t.Fatalf("link %q, want %d lower-case characters", link, want)
	}
	for _, good := range []string{link, strings.ToUpper(link)} {
		if got, err := OpenLink(ring, good); err != nil || got != n {
			t.Errorf("%q: %q, %v", good, got, err)
		}
	}
	bad := []string{"", n, link[:len(link)-1], link + "0", strings.Replace(link, "-", "_", 1), Link(other, n), Link(ring, newNumber())[:13] + link[13:]}
	for i := range link { // every character counts, the last with its two spare bits too
		c := byte('0')
		if link[i] == c {
			c = '1'
		}
		bad = append(bad, link[:i]+string(c)+link[i+1:])
	}
	for _, b := range bad {
		if got, err := OpenLink(ring, b); !errors.Is(err, ErrLink) || got != "" {
			t.Errorf("%q opened: %q, %v", b, got, err)
		}
	}
}

// The second withdrawal must wait for the first and then see it.
func TestTheSecondWithdrawalWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := testReceipt(clock.Now())
		write(t, d, func(ctx context.Context, tx *db.Tx) error { return Give(ctx, tx, []Receipt{r}) })
		second := make(chan bool, 1)
		write(t, d, func(ctx context.Context, tx *db.Tx) error {
			changed, err := Withdraw(ctx, tx, "op_a", r.ID, ByPerson)
			if err != nil || !changed {
				t.Errorf("first: %v, %v", changed, err)
			}
			go func() {
				changed := false
				if err := d.Write(ctx, func(tx *db.Tx) (err error) {
					changed, err = Withdraw(ctx, tx, "op_a", r.ID, ByPerson)
					return err
				}); err != nil {
					t.Error(err)
				}
				second <- changed
			}()
			for d.Engine() == "postgres" && len(second) == 0 && waiting(t, d) == 0 { // until it waits, or did not
				runtime.Gosched()
			}
			return nil
		})
		if <-second {
			t.Error("both changed something")
		}
	})
}

// waiting is how many connections of this database wait for a lock.
func waiting(t *testing.T, d *db.DB) (n int) {
	if err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(t.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
			`select count(*) from pg_stat_activity where datname=current_database() and wait_event_type='Lock'`)
		return err
	}); err != nil {
		t.Error(err)
		return 1
	}
	return n
}

// A form declined thirty times is one refusal.
func TestOneFormIsOneRefusal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		r := Refusal{Operator: "op", Component: "cmp", Version: 1, Lang: words.ZH, Stage: "notice", Form: "nonce"}
		other := r
		other.Form = "another"
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			for _, one := range []Refusal{r, r, other, r} {
				if err := Refuse(t.Context(), tx, one); err != nil {
					return err
				}
			}
			n, err := db.One(t.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from refusal")
			if n != 2 {
				t.Errorf("%d refusals, want 2", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
