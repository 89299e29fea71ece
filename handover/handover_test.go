package handover

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/db"
	"clew/db/dbtest"
	"clew/outbox"
	"clew/phone"
	"clew/region"
	"clew/seal"
)

// key is an app's key pair, made once: it costs a tenth of a second.
var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

const category = "商业服务 > 商业服务 > 法律服务"

type world struct {
	t     *testing.T
	r     *Room
	clock *dbtest.Clock
	apps  *app.Room
	caps  *capability.Room
	comps *component.Room

	host   access.Caller
	owner  access.Caller
	app    string
	target component.Target
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		ring := seal.TestRing(t)
		acc := &access.Room{DB: d, Ring: ring}
		out := outbox.New(d, slog.New(slog.DiscardHandler))
		w := &world{
			t: t, clock: clock, r: &Room{DB: d, Ring: ring, Access: acc, Casework: &casework.Room{DB: d, Access: acc}},
			apps: &app.Room{DB: d, Access: acc}, caps: &capability.Room{DB: d, Access: acc, Outbox: out}, comps: &component.Room{DB: d, Access: acc},
			host: access.Caller{Kind: access.KindKey, ID: "key_host", Scopes: access.ScopeHost},
		}
		w.owner, w.app = w.operator("清舟")
		w.target = w.place(w.owner, w.app)
		if _, err := w.apps.AddKey(t.Context(), w.owner, w.app, public(key())); err != nil {
			t.Fatal(err)
		}
		fn(t, w)
	})
}

func public(k *rsa.PrivateKey) string {
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(fn func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.r.DB.Write(ctx, func(tx *db.Tx) error { return fn(ctx, tx) }))
}

// operator makes an operator whose app may collect.
func (w *world) operator(name string) (owner access.Caller, id string) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *db.Tx) error {
		o, err := w.apps.CreateOperator(ctx, tx, name)
		if err != nil {
			return err
		}
		a, _, err := w.apps.Create(ctx, tx, o.ID, name, nil)
		if err != nil {
			return err
		}
		owner, id = access.Caller{Kind: access.KindStaff, ID: "staff_o", Operator: o.ID, Role: access.RoleOwner}, a.ID
		for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
			if err := w.apps.MoveCategory(ctx, tx, o.ID, a.ID, category, s); err != nil {
				return err
			}
		}
		return errors.Join(w.move(ctx, tx, owner, id, capability.Applied), w.move(ctx, tx, owner, id, capability.Granted))
	})
	return owner, id
}

func (w *world) move(ctx context.Context, tx *db.Tx, owner access.Caller, id string, to capability.State) error {
	return w.caps.Move(ctx, tx, access.System("", "test"), owner.Operator, id, to, "checked in a test", "")
}

func (w *world) place(owner access.Caller, id string) component.Target {
	w.t.Helper()
	t, err := w.comps.CreateTarget(w.t.Context(), owner, component.Target{
		App: id, Name: "免费咨询", Regions: []string{region.All()[0].Code}, Categories: []string{category},
	})
	w.must(err)
	return t
}

// newNumber is a number that nobody has written down.
func newNumber() phone.Number {
	n, err := phone.Normalize(fmt.Sprintf("138%08d", mrand.IntN(1e8)), "")
	if err != nil {
		panic(err)
	}
	return n
}

func (w *world) tap(n phone.Number) Tap {
	return Tap{App: w.app, ConfigID: w.target.ConfigID, Subject: "user-7", Purpose: Lead, Number: n}
}

func (w *world) issue(n phone.Number) string {
	w.t.Helper()
	c, err := w.r.IssuePhone(w.t.Context(), w.host, w.tap(n))
	w.must(err)
	return c.Text
}

func (w *world) server() access.Caller {
	return access.Caller{Kind: access.KindApp, ID: w.app, Operator: w.owner.Operator, Scopes: access.ScopeRead | access.ScopeWrite}
}

func (w *world) findings() []casework.Record {
	w.t.Helper()
	list, _, err := w.r.Casework.List(w.t.Context(), access.System(w.owner.Operator, "test"), casework.Query{})
	w.must(err)
	return list
}

// sealedBytes is what the store holds of codes, in hex.
func (w *world) rows() (n int, held int) {
	w.t.Helper()
	w.must(w.r.DB.Read(w.t.Context(), func(tx *db.Tx) error {
		all, err := db.Collect(w.t.Context(), tx, func(s db.Scanner) (v int, err error) {
			var sealed, wrapped []byte
			err = s.Scan(&sealed, &wrapped)
			return len(sealed) + len(wrapped), err
		}, "select sealed, wrapped from handover_code")
		n = len(all)
		for _, v := range all {
			held += v
		}
		return err
	}))
	return n, held
}

// decrypt is what an operator's server does, written from the facts: blocks of k
// bytes, each PKCS#1 v1.5.
func decrypt(t *testing.T, k *rsa.PrivateKey, cipher []byte) []byte {
	t.Helper()
	var plain []byte
	if len(cipher)%k.Size() != 0 || len(cipher) == 0 {
		t.Fatalf("%d bytes of ciphertext under a key of %d", len(cipher), k.Size())
	}
	for block := range slices.Chunk(cipher, k.Size()) {
		//lint:ignore SA1019 the padding is the real platform's
		piece, err := rsa.DecryptPKCS1v15(nil, k, block)
		if err != nil {
			t.Fatal(err)
		}
		plain = append(plain, piece...)
	}
	return plain
}

func TestANumberGoesOverOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		n := newNumber()
		code := w.issue(n)
		w.clock.Advance(Life - time.Second)
		cipher, err := w.r.Exchange(ctx, w.server(), Claim{Code: code, Purpose: Lead})
		w.must(err)
		want := fmt.Sprintf(`{"phoneNumber":%q,"purePhoneNumber":%q,"countryCode":"86","watermark":{"appid":%q,"timestamp":%d}}`,
			n.E164(), n.National(), w.app, w.clock.Now().Unix())
		if got := decrypt(t, key(), cipher); string(got) != want {
			t.Error("the number that came out is not what went in")
		}
		if _, held := w.rows(); held != 0 {
			t.Errorf("%d sealed bytes are left of a used code", held)
		}
		if _, err := w.r.Exchange(ctx, w.server(), Claim{Code: code, Purpose: Lead}); !errors.Is(err, ErrSpent) {
			t.Errorf("a second time: %v", err)
		}
		var target component.Target
		w.must(w.r.DB.Read(ctx, func(tx *db.Tx) (err error) {
			target, err = component.TargetOf(ctx, tx, w.target.ConfigID)
			return err
		}))
		if target.Activated != w.clock.Now() {
			t.Errorf("the component is activated at %v", target.Activated)
		}
		if len(w.findings()) != 0 {
			t.Error("something was found")
		}
	})
}

func TestACodeIsGoodForFiveMinutesOneAppAndOneComponent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		spent := func(what string, caller access.Caller, c Claim) {
			t.Helper()
			if cipher, err := w.r.Exchange(ctx, caller, c); !errors.Is(err, ErrSpent) || cipher != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		code := w.issue(newNumber())
		otherOwner, otherApp := w.operator("别家")
		spent("another operator's app", access.Caller{Kind: access.KindApp, ID: otherApp, Operator: otherOwner.Operator, Scopes: access.ScopeWrite}, Claim{Code: code, Purpose: Lead})
		spent("another operator's app of that name", access.Caller{Kind: access.KindApp, ID: w.app, Operator: otherOwner.Operator, Scopes: access.ScopeWrite}, Claim{Code: code, Purpose: Lead})
		spent("another component", w.server(), Claim{Code: code, Purpose: Lead, ConfigID: w.place(w.owner, w.app).ConfigID})
		spent("no code", w.server(), Claim{Purpose: Lead})
		spent("a guess", w.server(), Claim{Code: newCode(), Purpose: Lead})
		if _, err := w.r.Exchange(ctx, w.server(), Claim{Code: code, Purpose: Lead, ConfigID: w.target.ConfigID}); err != nil {
			t.Errorf("after all these: %v", err)
		}

		first := w.issue(newNumber())
		second := w.issue(newNumber())
		spent("the tap before the last", w.server(), Claim{Code: first, Purpose: Lead})
		w.clock.Advance(Life)
		spent("after five minutes", w.server(), Claim{Code: second, Purpose: Lead})
		if n, err := w.r.Sweep(ctx); err != nil || n == 0 {
			t.Errorf("swept %d, %v", n, err)
		}
		if n, _ := w.rows(); n != 0 {
			t.Errorf("%d codes outlive their time", n)
		}
		third := w.issue(newNumber())
		w.clock.Advance(-time.Minute)
		spent("after the clock went back", w.server(), Claim{Code: third, Purpose: Lead})
		w.clock.Advance(time.Minute)
		if n, err := w.r.Sweep(ctx); err != nil || n != 0 {
			t.Errorf("swept a code that is good: %d, %v", n, err)
		}
	})
}

func TestAnotherPurposeIsRefusedAndFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		var misused *Misused
		tap := w.tap(newNumber())
		tap.Purpose = Login
		if c, err := w.r.IssuePhone(ctx, w.host, tap); !errors.As(err, &misused) || misused.Purpose != Login || c.Text != "" {
			t.Errorf("issue for login: %v", err)
		}
		if n, _ := w.rows(); n != 0 {
			t.Error("a code was made all the same")
		}
		for i, p := range []Purpose{Login, Bind, Order, Benefit, ParsePurpose("开会员")} {
			code := w.issue(newNumber())
			cipher, err := w.r.Exchange(ctx, w.server(), Claim{Code: code, Purpose: p})
			if !errors.As(err, &misused) || misused.Purpose != p || misused.Finding == "" || cipher != nil {
				t.Errorf("%s: %v", p, err)
			}
			if _, err := w.r.Exchange(ctx, w.server(), Claim{Code: code, Purpose: Lead}); !errors.Is(err, ErrSpent) {
				t.Errorf("%s, then a lead: %v", p, err)
			}
			if _, held := w.rows(); held != 0 {
				t.Errorf("%s: the number is still there", p)
			}
			if got := len(w.findings()); got != i+2 {
				t.Errorf("%s: %d findings, want %d", p, got, i+2)
			}
		}
		w.clock.Advance(time.Second)
		code := w.issue(newNumber())
		if _, err := w.r.Exchange(ctx, w.server(), Claim{Code: code, Purpose: Login}); !errors.As(err, &misused) {
			t.Error(err)
		}
		list := w.findings()
		if len(list) != 6 || list[0].Times != 2 {
			t.Fatalf("%d findings; the newest was seen %d times", len(list), list[0].Times)
		}
		f := list[0]
		if f.Finding.Rule != "phone-scope" || f.Finding.Clause != "3.3.scope" || f.Detector != "handover" || f.App != w.app || f.Component != w.target.Component {
			t.Errorf("%+v", f)
		}
		if text, err := json.Marshal(list); err != nil || strings.Contains(string(text), "user-7") || strings.Contains(string(text), "开会员") {
			t.Error("a finding says who it was, or repeats what it was given")
		}
	})
}

func TestWhatIsMissingDoesNotUseACodeUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		bare, id := w.operator("无钥匙")
		w.owner, w.app = bare, id
		w.target = w.place(bare, id)
		code := w.issue(newNumber())
		try := func() error {
			_, err := w.r.Exchange(ctx, w.server(), Claim{Code: code, Purpose: Lead})
			return err
		}
		if err := try(); !errors.Is(err, app.ErrNoKey) {
			t.Errorf("without a key: %v", err)
		}
		if _, err := w.apps.AddKey(ctx, w.owner, w.app, public(key())); err != nil {
			t.Fatal(err)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.move(ctx, tx, w.owner, w.app, capability.Suspended)
		})
		var closed *capability.Closed
		if err := try(); !errors.As(err, &closed) || closed.Code != "suspended" {
			t.Errorf("suspended: %v", err)
		}
		if _, err := w.r.IssuePhone(ctx, w.host, w.tap(newNumber())); !errors.As(err, &closed) {
			t.Errorf("suspended, issue: %v", err)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error { return w.move(ctx, tx, w.owner, w.app, capability.Granted) })

		// The app may collect in another category, this component in none.
		const second = "商业服务 > 商业服务 > 广告/设计"
		w.write(func(ctx context.Context, tx *db.Tx) error {
			for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
				if err := w.apps.MoveCategory(ctx, tx, w.owner.Operator, w.app, second, s); err != nil {
					return err
				}
			}
			return w.apps.MoveCategory(ctx, tx, w.owner.Operator, w.app, category, app.Offline)
		})
		if err := try(); !errors.Is(err, component.ErrInvalid) {
			t.Errorf("invalid component: %v", err)
		}
		if _, err := w.r.IssuePhone(ctx, w.host, w.tap(newNumber())); !errors.Is(err, component.ErrInvalid) {
			t.Errorf("invalid component, issue: %v", err)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			return w.apps.MoveCategory(ctx, tx, w.owner.Operator, w.app, second, app.Offline)
		})
		if err := try(); !errors.As(err, &closed) || closed.Code != "category_lapsed" {
			t.Errorf("no category: %v", err)
		}
		w.write(func(ctx context.Context, tx *db.Tx) error {
			for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
				if err := w.apps.MoveCategory(ctx, tx, w.owner.Operator, w.app, category, s); err != nil {
					return err
				}
			}
			return nil
		})
		if err := try(); err != nil {
			t.Errorf("in the end: %v", err)
		}
	})
}

func TestWhoMayIssueAndExchange(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		code := w.issue(newNumber())
		var denied *access.Denied
		for _, c := range []access.Caller{
			w.owner, w.server(),
			{Kind: access.KindKey, Operator: w.owner.Operator, Scopes: access.ScopeRead | access.ScopeReveal | access.ScopeWrite},
			{Kind: access.KindStaff, Role: access.RoleAdmin},
			{},
		} {
			if _, err := w.r.IssuePhone(ctx, c, w.tap(newNumber())); !errors.As(err, &denied) {
				t.Errorf("%s issues: %v", c.Kind, err)
			}
			if _, err := w.r.IssueLogin(ctx, c, SignIn{App: w.app, Subject: "user-7"}); !errors.As(err, &denied) {
				t.Errorf("%s issues a login: %v", c.Kind, err)
			}
		}
		without := w.server()
		without.Scopes = access.ScopeRead
		for _, c := range []access.Caller{w.owner, w.host, without, {}} {
			if _, err := w.r.Exchange(ctx, c, Claim{Code: code, Purpose: Lead}); !errors.As(err, &denied) {
				t.Errorf("%s exchanges: %v", c.Kind, err)
			}
			if _, err := w.r.Session(ctx, c, code, ""); !errors.As(err, &denied) {
				t.Errorf("%s gets a session: %v", c.Kind, err)
			}
		}
		for what, change := range map[string]struct {
			tap  func(*Tap)
			want error
		}{
			"unknown app":        {func(p *Tap) { p.App = "app_none" }, app.ErrUnknown},
			"unknown component":  {func(p *Tap) { p.ConfigID = strings.Repeat("0", 32) }, ErrConfig},
			"no component":       {func(p *Tap) { p.ConfigID = "" }, ErrConfig},
			"another's purpose":  {func(p *Tap) { p.ConfigID, p.Purpose = "", Login }, ErrConfig},
			"no subject":         {func(p *Tap) { p.Subject = "" }, ErrSubject},
			"too long a subject": {func(p *Tap) { p.Subject = strings.Repeat("x", 129) }, ErrSubject},
			"no number":          {func(p *Tap) { p.Number = phone.Number{} }, ErrNumber},
		} {
			tap := w.tap(newNumber())
			change.tap(&tap)
			if _, err := w.r.IssuePhone(ctx, w.host, tap); !errors.Is(err, change.want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		other, otherApp := w.operator("别家")
		tap := w.tap(newNumber())
		tap.ConfigID = w.place(other, otherApp).ConfigID
		if _, err := w.r.IssuePhone(ctx, w.host, tap); !errors.Is(err, ErrConfig) {
			t.Errorf("another app's component: %v", err)
		}
		if _, err := w.r.Exchange(ctx, w.server(), Claim{Code: code, Purpose: Lead}); err != nil {
			t.Errorf("after all these: %v", err)
		}
		issued, exchanged := 0, 0
		for operator, count := range map[string]*int{"": &issued, w.owner.Operator: &exchanged} {
			list, _, err := w.r.Access.Audit(ctx, access.System(operator, "test"), access.AuditFilter{Outcome: access.OutcomeDone}, "", 0)
			w.must(err)
			for _, e := range list {
				if e.Act == access.HandoverIssue || e.Act == access.HandoverExchange {
					*count++
				}
			}
		}
		if issued != 1 || exchanged != 1 {
			t.Errorf("on record: %d issued, %d exchanged", issued, exchanged)
		}
	})
}

func TestTwoAtOnceGetOneNumber(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for range 8 {
			code := w.issue(newNumber())
			const servers = 6
			results := make(chan error, servers)
			start := make(chan struct{})
			for i := range servers {
				purpose := Lead
				if i == servers-1 {
					purpose = Login
				}
				go func() {
					<-start
					_, err := w.r.Exchange(context.WithoutCancel(t.Context()), w.server(), Claim{Code: code, Purpose: purpose})
					results <- err
				}()
			}
			close(start)
			won := 0
			for range servers {
				err := <-results
				var misused *Misused
				if err == nil || errors.As(err, &misused) {
					won++
				} else if !errors.Is(err, ErrSpent) {
					t.Error(err)
				}
			}
			if won != 1 {
				t.Fatalf("%d of %d used one code", won, servers)
			}
		}
	})
}

func TestAnEndedEpochEndsItsCodes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.issue(newNumber())
		path := t.TempDir() + "/keys.json"
		w.must(w.r.Ring.Create(path))
		next, err := w.r.Ring.BeginEpoch(path, w.clock.Now())
		w.must(err)
		next, err = next.EndEpochs(path)
		w.must(err)
		w.r.Ring = next
		if _, err := w.r.Exchange(t.Context(), w.server(), Claim{Code: code, Purpose: Lead}); !errors.Is(err, ErrSpent) {
			t.Errorf("its key is gone: %v", err)
		}
		if _, err := w.r.Exchange(t.Context(), w.server(), Claim{Code: w.issue(newNumber()), Purpose: Lead}); err != nil {
			t.Errorf("a new one: %v", err)
		}
	})
}

// What a code stands for is nowhere in the store, and nowhere in an error.
func TestNothingIsReadable(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := newNumber()
		code := w.issue(n)
		w.must(w.r.DB.Read(t.Context(), func(tx *db.Tx) error {
			all, err := db.Collect(t.Context(), tx, func(s db.Scanner) (v []byte, err error) {
				var id, subject string
				var tag, wrapped, sealed []byte
				err = s.Scan(&id, &subject, &tag, &wrapped, &sealed)
				return slices.Concat([]byte(id+subject), tag, wrapped, sealed), err
			}, "select id, subject, tag, wrapped, sealed from handover_code")
			for _, v := range all {
				for _, needle := range []string{n.E164(), n.National(), "user-7", code} {
					if bytes.Contains(v, []byte(needle)) {
						t.Error("a row can be read")
					}
				}
			}
			if len(all) != 1 {
				t.Errorf("%d rows", len(all))
			}
			return err
		}))
	})
}

func TestEncryptCutsLongTexts(t *testing.T) {
	for _, size := range []int{0, 1, 244, 245, 246, 490, 491, 3000} {
		plain := bytes.Repeat([]byte("长a"), size)[:size]
		cipher, err := Encrypt(&key().PublicKey, plain)
		if err != nil {
			t.Fatal(err)
		}
		if want := max(1, (size+244)/245) * 256; len(cipher) != want {
			t.Errorf("%d bytes became %d, want %d", size, len(cipher), want)
		}
		if got := decrypt(t, key(), cipher); !bytes.Equal(got, plain) {
			t.Errorf("%d bytes came back changed", size)
		}
	}
}
