package lead_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/capability"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/db/dbtest"
	"clew/exchange"
	"clew/exchange/exchangetest"
	"clew/lead"
	"clew/lead/leadtest"
	"clew/outbox"
	"clew/phone"
	"clew/seal"
)

// platforms gives the house an exchange with credentials for every platform.
func platforms(h *leadtest.House) (*exchangetest.World, *exchangetest.App) {
	h.T.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	h.Intake.Exchange = &exchange.Room{DB: h.DB, Ring: h.Ring, Access: h.Access, Outbox: outbox.New(h.DB, log), Log: log}
	w := exchangetest.New(h.T, h.DB.Now)
	w.Furnish(h.Intake.Exchange)
	there := w.NewApp()
	for _, p := range exchange.Platforms() {
		if _, err := h.Intake.Exchange.Put(h.T.Context(), h.Owner, there.Credential(h.App, p)); err != nil {
			h.T.Fatal(err)
		}
	}
	return w, there
}

// tapped is a good submission whose number the platform gave.
func tapped(h *leadtest.House, key string, g exchange.Grant) lead.Submission {
	s := h.Submission(key, 0)
	delete(s.Answers, "phone")
	s.Grant = g
	return s
}

func TestANumberFromAPlatformIsALeadAndVerified(t *testing.T) {
	leadtest.Each(t, func(d *component.Definition) { d.Verification = component.Verified }, func(h *leadtest.House) {
		_, there := platforms(h)
		for i, p := range exchange.Platforms() {
			a, err := h.Intake.Accept(h.T.Context(), tapped(h, fmt.Sprintf("key-0000000%d", i), there.Grant(p, leadtest.Number(i))))
			if err != nil {
				h.T.Fatalf("%s: %v", p, err)
			}
			l, err := h.Leads.Get(h.T.Context(), h.Owner, a.Lead)
			if err != nil || !l.Verified || l.Masked["phone"] != fmt.Sprintf("138******%02d", i) || l.Masked["name"] != "王**" {
				h.T.Errorf("%s: %+v %v", p, l, err)
			}
			answers, err := h.Leads.Reveal(h.T.Context(), h.Owner, a.Lead, nil, "look at the test")
			if err != nil || answers["phone"] != "+86"+leadtest.Number(i) {
				h.T.Errorf("%s: the revealed number is right: %v, %v", p, answers["phone"] == "+86"+leadtest.Number(i), err)
			}
		}
		if n := h.Rows("exchange_done where length(sealed)>0"); n != 0 {
			h.T.Errorf("%d numbers wait for leads that are stored", n)
		}
		// The number is one of the blind index like any other: typed again it is a duplicate.
		s := tapped(h, "key-00000010", there.Grant(exchange.Douyin, leadtest.Number(1)))
		a, err := h.Intake.Accept(h.T.Context(), s)
		if err != nil {
			h.T.Fatal(err)
		}
		if l, err := h.Leads.Get(h.T.Context(), h.Owner, a.Lead); err != nil || l.DuplicateOf == "" {
			h.T.Errorf("the same number again: %+v %v", l, err)
		}
	})
}

func TestAGrantUnderTheSameKeyIsAnsweredFromTheStore(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		w, there := platforms(h)
		ctx := h.T.Context()
		s := tapped(h, "key-00000001", there.Grant(exchange.Douyin, leadtest.Number(1)))
		first, err := h.Intake.Accept(ctx, s)
		if err != nil {
			h.T.Fatal(err)
		}
		h.Clock.Advance(exchange.Remembered) // what was remembered is gone by now
		again, err := h.Intake.Accept(ctx, s)
		if err != nil || !again.Replayed || again.Lead != first.Lead || again.Number != first.Number || again.At != first.At {
			h.T.Errorf("again: %+v %v", again, err)
		}
		// A stored answer stands, whatever was closed since.
		h.Write(func(tx *db.Tx) error {
			return h.Capability.Move(ctx, tx, access.System("", "test"), h.Owner.Operator, h.App, capability.Suspended, "看一看再说", "")
		})
		if again, err = h.Intake.Accept(ctx, s); err != nil || again.Lead != first.Lead {
			h.T.Errorf("again, closed: %+v %v", again, err)
		}
		if n := w.Calls(exchangetest.PathPhone); n != 1 {
			h.T.Errorf("the platform was asked %d times", n)
		}
		other := s
		other.Grant = there.Grant(exchange.Douyin, leadtest.Number(2))
		if _, err := h.Intake.Accept(ctx, other); !errors.Is(err, lead.ErrKeyReused) {
			h.T.Errorf("another grant: %v", err)
		}
		typed := h.Submission("key-00000001", 1)
		if _, err := h.Intake.Accept(ctx, typed); err == nil {
			h.T.Error("a typed number took the key of a granted one")
		}
		if n := w.Calls(exchangetest.PathPhone); n != 1 {
			h.T.Errorf("the platform was asked %d times", n)
		}
	})
}

// Nothing is asked of the platform before the consent holds and the app may collect:
// the code must stay good for the person's next try.
func TestARefusedSubmissionSpendsNoCode(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		w, there := platforms(h)
		ctx := h.T.Context()
		g := there.Grant(exchange.Douyin, leadtest.Number(1))
		for name, spoil := range map[string]func(*lead.Submission){
			"consent refused": func(s *lead.Submission) {
				s.Act.Choices = []consent.Choice{{ID: component.ContactChoice, Accepted: false}}
			},
			"stale notice":     func(s *lead.Submission) { s.Act.NoticeHash = "x" },
			"no gesture":       func(s *lead.Submission) { s.Act.Gesture = consent.Gesture{} },
			"unknown field":    func(s *lead.Submission) { s.Answers["other"] = "x" },
			"a number besides": func(s *lead.Submission) { s.Answers["phone"] = leadtest.Number(2) },
			"a code besides":   func(s *lead.Submission) { s.CodeID, s.Code = db.NewID("code"), "123456" },
			"key":              func(s *lead.Submission) { s.Key = "short" },
			"grant":            func(s *lead.Submission) { s.Grant.IV = "AAAA" },
		} {
			s := tapped(h, "key-00000001", g)
			spoil(&s)
			if _, err := h.Intake.Accept(ctx, s); err == nil {
				h.T.Errorf("%s: accepted", name)
			}
		}
		h.Write(func(tx *db.Tx) error {
			return h.Capability.Move(ctx, tx, access.System("", "test"), h.Owner.Operator, h.App, capability.Suspended, "看一看再说", "")
		})
		var closed *capability.Closed
		if _, err := h.Intake.Accept(ctx, tapped(h, "key-00000001", g)); !errors.As(err, &closed) {
			h.T.Errorf("while the capability is suspended: %v", err)
		}
		h.Write(func(tx *db.Tx) error {
			return h.Capability.Move(ctx, tx, access.System("", "test"), h.Owner.Operator, h.App, capability.Granted, "", "")
		})
		if n := w.Calls(exchangetest.PathPhone) + h.Rows("exchange_done") + h.Rows("lead"); n != 0 {
			h.T.Fatalf("%d traces of refused submissions", n)
		}
		if _, err := h.Intake.Accept(ctx, tapped(h, "key-00000001", g)); err != nil {
			h.T.Errorf("the code does not work any more: %v", err)
		}
		// A failure leaves the key free: the person types the number instead.
		s := tapped(h, "key-00000002", g)
		var failed *exchange.Failed
		if _, err := h.Intake.Accept(ctx, s); !errors.As(err, &failed) || failed.Reason != exchange.Used {
			h.T.Errorf("a spent code: %v", err)
		}
		h.Accept("key-00000002", 5)
		h.Intake.Exchange = nil
		if _, err := h.Intake.Accept(ctx, tapped(h, "key-00000003", g)); !errors.As(err, &failed) || failed.Reason != exchange.Unavailable {
			h.T.Errorf("without an exchange: %v", err)
		}
	})
}

// Two processes, one submission sent many times at once: one lead.
func TestOneGrantSentByManyAtOnceIsOneLead(t *testing.T) {
	leadtest.Each(t, nil, func(h *leadtest.House) {
		_, there := platforms(h)
		other := &lead.Intake{DB: h.DB, Ring: h.Ring, Phone: h.Intake.Phone, Outbox: h.Intake.Outbox, Log: h.Intake.Log, Exchange: h.Intake.Exchange}
		other.Start()
		defer other.Stop()
		s := tapped(h, "key-00000001", there.Grant(exchange.WeChat, leadtest.Number(1)))
		var all sync.WaitGroup
		var numbers sync.Map
		for i := range 10 {
			in := h.Intake
			if i%2 == 1 {
				in = other
			}
			all.Go(func() {
				a, err := in.Accept(h.T.Context(), s)
				if err != nil {
					h.T.Errorf("one of many: %v", err)
				}
				numbers.Store(a.Number, true)
			})
		}
		all.Wait()
		n := 0
		numbers.Range(func(any, any) bool { n++; return true })
		if rows := h.Rows("lead"); n != 1 || rows != 1 {
			h.T.Errorf("%d receipts, %d leads", n, rows)
		}
	})
}

// child is what a process that will die is told.
type child struct {
	URL, Keys, Roots string
	Hosts            exchange.Hosts
	Submission       lead.Submission
}

const childEnv = "CLEW_TEST_LEAD_CHILD"

func TestMain(m *testing.M) {
	if file := os.Getenv(childEnv); file != "" {
		fmt.Fprintln(os.Stderr, "child:", dies(file))
		os.Exit(3) // it should have died before
	}
	os.Exit(m.Run())
}

// dies exchanges the grant of a submission and is gone, without a word to anybody,
// when the next transaction after that begins: the one that would store the lead.
func dies(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var c child
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	ctx := context.Background()
	ring, err := seal.Load(c.Keys)
	if err != nil {
		return err
	}
	beside, err := db.Open(ctx, db.Config{URL: c.URL})
	if err != nil {
		return err
	}
	clock := func() time.Time {
		n := 0
		if err := beside.Read(ctx, func(tx *db.Tx) (err error) {
			n, err = db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from exchange_done")
			return err
		}); err != nil || n > 0 {
			fmt.Fprintln(os.Stderr, "the number is remembered", err)
			os.Exit(2)
		}
		return time.Now()
	}
	d, err := db.Open(ctx, db.Config{URL: c.URL, Clock: clock})
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	in := &lead.Intake{
		DB: d, Ring: ring, Log: log, Phone: &phone.Room{DB: d, Ring: ring}, Outbox: outbox.New(d, log),
		Exchange: &exchange.Room{DB: d, Ring: ring, Access: &access.Room{DB: d, Ring: ring}, Log: log, Hosts: c.Hosts, Roots: x509.NewCertPool()},
	}
	in.Exchange.Roots.AppendCertsFromPEM([]byte(c.Roots))
	in.Start()
	_, err = in.Accept(ctx, c.Submission)
	return err
}

// A process dies after the platform gave the number and before the lead is stored.
// The code is spent; the retry, at another process, must still become a lead.
func TestAProcessThatDiesBetweenExchangeAndCommitLosesNoLead(t *testing.T) {
	dbtest.URLs(t, func(t *testing.T, url string) {
		d, err := db.Open(t.Context(), db.Config{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		if err := d.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		h := leadtest.Furnish(t, d, nil, nil)
		w, there := platforms(h)
		s := tapped(h, "key-00000001", there.Grant(exchange.Douyin, leadtest.Number(1)))
		keys := filepath.Join(t.TempDir(), "keys.json")
		if err := h.Ring.Create(keys); err != nil {
			t.Fatal(err)
		}
		roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.Certificate()})
		text, err := json.Marshal(child{URL: url, Keys: keys, Roots: string(roots), Hosts: h.Intake.Exchange.Hosts, Submission: s})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "child.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+file)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		err = cmd.Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(said.String(), "the number is remembered") {
			t.Fatalf("the process did not die where it should: %v\n%s", err, said.String())
		}
		if strings.Contains(said.String(), leadtest.Number(1)) {
			t.Error("the process that died told the number")
		}
		if n := h.Rows("lead"); n != 0 || w.Calls(exchangetest.PathPhone) != 1 || h.Rows("exchange_done") != 1 {
			t.Fatalf("before the retry: %d leads, %d calls, %d remembered", n, w.Calls(exchangetest.PathPhone), h.Rows("exchange_done"))
		}
		a, err := h.Intake.Accept(t.Context(), s)
		if err != nil || a.Replayed {
			t.Fatalf("the retry: %+v %v", a, err)
		}
		if n := w.Calls(exchangetest.PathPhone); n != 1 {
			t.Errorf("the platform was asked %d times", n)
		}
		answers, err := h.Leads.Reveal(t.Context(), h.Owner, a.Lead, nil, "look at the test")
		if err != nil || answers["phone"] != "+86"+leadtest.Number(1) {
			t.Errorf("the number is right: %v, %v", answers["phone"] == "+86"+leadtest.Number(1), err)
		}
	})
}
