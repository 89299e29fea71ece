package exchange_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/db/dbtest"
	"clew/exchange"
	"clew/exchange/exchangetest"
	"clew/outbox"
	"clew/seal"
)

// house is the room over a real store, with the platforms played.
type house struct {
	t         *testing.T
	db        *db.DB
	clock     *dbtest.Clock
	log       *journal
	room      *exchange.Room
	apps      *app.Room
	platforms *exchangetest.World
	owner     access.Caller
	app       string            // Clew's
	there     *exchangetest.App // the platforms'
}

type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

func each(t *testing.T, fn func(h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		h := &house{t: t, db: d, clock: clock, log: &journal{}, platforms: exchangetest.New(t, clock.Now)}
		ring := seal.TestRing(t)
		log := slog.New(slog.NewTextHandler(h.log, nil))
		who := &access.Room{DB: d, Ring: ring}
		h.apps = &app.Room{DB: d, Access: who}
		h.room = &exchange.Room{DB: d, Ring: ring, Access: who, Outbox: outbox.New(d, log), Log: log}
		h.platforms.Furnish(h.room)
		h.owner, h.app = h.operator()
		h.there = h.platforms.NewApp()
		fn(h)
		for n := range 40 {
			if strings.Contains(h.log.String(), exchangetest.Number(n)) {
				t.Errorf("the log holds a number:\n%s", h.log)
			}
		}
		if strings.Contains(h.log.String(), h.there.Secret) {
			t.Error("the log holds a secret")
		}
	})
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) operator() (access.Caller, string) {
	h.t.Helper()
	ctx := h.t.Context()
	var c access.Caller
	var id string
	h.must(h.db.Write(ctx, func(tx *db.Tx) error {
		o, err := h.apps.CreateOperator(ctx, tx, "测试")
		if err != nil {
			return err
		}
		a, _, err := h.apps.Create(ctx, tx, o.ID, "测试", nil)
		c = access.Caller{Kind: access.KindStaff, ID: "staff_owner", Operator: o.ID, Role: access.RoleOwner}
		id = a.ID
		return err
	}))
	return c, id
}

func (h *house) put(p exchange.Platform) exchange.Credential {
	h.t.Helper()
	c, err := h.room.Put(h.t.Context(), h.owner, h.there.Credential(h.app, p))
	h.must(err)
	return c
}

func (h *house) phone(once string, g exchange.Grant) (string, error) {
	h.t.Helper()
	n, err := h.room.Phone(h.t.Context(), h.owner.Operator, h.app, once, g)
	if err != nil && strings.Contains(err.Error(), "138") {
		h.t.Errorf("an error holds a number: %v", err)
	}
	return strings.TrimPrefix(n.E164(), "+86"), err
}

// gives fails unless the grant gives the number.
func (h *house) gives(g exchange.Grant, number string) {
	h.t.Helper()
	if got, err := h.phone("", g); err != nil || got != number {
		h.t.Errorf("%s: the right number %v, %v", g.Platform, got == number, err)
	}
}

// fails fails unless the grant fails with the reason; it returns the code.
func (h *house) fails(g exchange.Grant, want exchange.Reason) string {
	h.t.Helper()
	_, err := h.phone("", g)
	var f *exchange.Failed
	if !errors.As(err, &f) || f.Reason != want || f.Platform != g.Platform {
		h.t.Errorf("%s: %v, want %s", g.Platform, err, want)
		return ""
	}
	return f.Code
}

func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(h.t.Context(), tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, query, args...)
		return err
	}))
	return n
}

func TestEachWayGivesTheNumberOnce(t *testing.T) {
	each(t, func(h *house) {
		for _, p := range exchange.Platforms() {
			h.put(p)
			h.gives(h.there.Grant(p, exchangetest.Number(1)), exchangetest.Number(1))
		}
		for _, p := range []exchange.Platform{exchange.Douyin, exchange.WeChat} {
			g := h.there.Grant(p, exchangetest.Number(2))
			h.gives(g, exchangetest.Number(2))
			h.fails(g, exchange.Expired)
			late := h.there.Grant(p, exchangetest.Number(3))
			h.clock.Advance(exchangetest.CodeLife)
			h.fails(late, exchange.Expired)
			old, session := h.there.Old(p, exchangetest.Number(4))
			old.RawData = `{"nickName":"x"}`
			old.Signature = exchange.RawSignature(old.RawData, session)
			h.gives(old, exchangetest.Number(4))
			h.fails(old, exchange.Expired)
			other, _ := h.there.Old(p, exchangetest.Number(4))
			other.RawData, other.Signature = old.RawData, old.Signature // of another session
			h.fails(other, exchange.Refused)
		}
		if n := h.platforms.Calls(exchangetest.PathClientToken) + h.platforms.Calls(exchangetest.PathStableToken); n != 2 {
			h.t.Errorf("%d tokens were fetched for two platforms", n)
		}
		for _, member := range []string{"encrypted_data", "encryptedData"} {
			h.platforms.Object = member
			h.gives(h.there.Grant(exchange.Douyin, exchangetest.Number(5)), exchangetest.Number(5))
		}
		h.there.Extra = strings.Repeat("长", 300) // 900 bytes: five pieces
		h.gives(h.there.Grant(exchange.Douyin, exchangetest.Number(6)), exchangetest.Number(6))
	})
}

func TestATokenIsRenewedBeforeItsEndAndAfterARefusal(t *testing.T) {
	each(t, func(h *house) {
		for p, path := range map[exchange.Platform]string{exchange.Douyin: exchangetest.PathClientToken, exchange.WeChat: exchangetest.PathStableToken} {
			h.put(p)
			h.gives(h.there.Grant(p, exchangetest.Number(1)), exchangetest.Number(1))
			h.clock.Advance(exchangetest.TokenLife - 6*time.Minute)
			h.gives(h.there.Grant(p, exchangetest.Number(1)), exchangetest.Number(1))
			if n := h.platforms.Calls(path); n != 1 {
				h.t.Errorf("%s: %d tokens inside the life of one", p, n)
			}
			h.clock.Advance(2 * time.Minute) // still good there, for four minutes
			h.gives(h.there.Grant(p, exchangetest.Number(1)), exchangetest.Number(1))
			if n := h.platforms.Calls(path); n != 2 {
				h.t.Errorf("%s: %d tokens, want a new one before the first ends", p, n)
			}
			h.platforms.EndTokens()
			h.gives(h.there.Grant(p, exchangetest.Number(2)), exchangetest.Number(2)) // the same code, after a token error
			if n := h.platforms.Calls(path); n != 3 {
				h.t.Errorf("%s: %d tokens after a refusal", p, n)
			}
		}
		// A platform that refuses every token is asked twice, not for ever.
		h.platforms.Next(exchangetest.PathPhone, exchangetest.Errs(28001008), exchangetest.Errs(28001003))
		before := h.platforms.Calls(exchangetest.PathPhone)
		h.fails(h.there.Grant(exchange.Douyin, exchangetest.Number(1)), exchange.Unavailable)
		if n := h.platforms.Calls(exchangetest.PathPhone) - before; n != 2 {
			h.t.Errorf("asked %d times", n)
		}
		for _, code := range []int64{40001, 42001, 40014} {
			h.platforms.Next(exchangetest.PathWeChatPhone, exchangetest.WeChatErrs(code))
			h.gives(h.there.Grant(exchange.WeChat, exchangetest.Number(3)), exchangetest.Number(3))
		}
		h.room.OrdinaryToken = true
		h.platforms.EndTokens()
		h.gives(h.there.Grant(exchange.WeChat, exchangetest.Number(3)), exchangetest.Number(3))
		if h.platforms.Calls(exchangetest.PathToken) == 0 {
			h.t.Error("the ordinary token was not asked for")
		}
	})
}

func TestEveryFailureHasItsReason(t *testing.T) {
	each(t, func(h *house) {
		for _, p := range exchange.Platforms() {
			if code := h.fails(h.there.Grant(p, exchangetest.Number(1)), exchange.Refused); code != "no_credential" {
				h.t.Errorf("%s without a credential: %s", p, code)
			}
			h.put(p)
		}
		type failure struct {
			answer http.HandlerFunc
			want   exchange.Reason
		}
		both := []failure{
			{exchangetest.Says(200, `{"err_no":`), exchange.Unavailable},
			{exchangetest.Says(200, ``), exchange.Unavailable},
			{exchangetest.Says(200, `[]`), exchange.Unavailable},
			{exchangetest.Says(404, `<html>`), exchange.Unavailable},
			{exchangetest.Says(200, `{"data":"`+strings.Repeat("A", 70<<10)+`"}`), exchange.Unavailable},
			{func(rw http.ResponseWriter, r *http.Request) {
				http.Redirect(rw, r, "/elsewhere", http.StatusTemporaryRedirect)
			}, exchange.Unavailable},
		}
		for path, list := range map[string][]failure{
			exchangetest.PathPhone: append([]failure{
				{exchangetest.Errs(28005187), exchange.Expired},
				{exchangetest.Errs(10101), exchange.Denied},
				{exchangetest.Errs(28001014), exchange.Denied},
				{exchangetest.Errs(28001016), exchange.Denied},
				{exchangetest.Errs(28001018), exchange.Denied},
				{exchangetest.Errs(28001019), exchange.Denied},
				{exchangetest.Errs(28001007), exchange.Refused},
				{exchangetest.Errs(40001), exchange.Refused},
				{exchangetest.Errs(28003017), exchange.Unavailable},
				{exchangetest.Errs(138e8), exchange.Refused}, // a code that looks like a number
				{exchangetest.Says(200, `{"err_no":0,"data":""}`), exchange.Refused},
				{exchangetest.Says(200, `{"err_no":0,"data":null}`), exchange.Refused},
				{exchangetest.Says(200, `{"err_no":0,"data":"not base64!"}`), exchange.Refused},
				{exchangetest.Says(200, `{"err_no":0,"data":"AAAA"}`), exchange.Refused},
				{exchangetest.Says(200, `{"err_no":0,"data":7}`), exchange.Unavailable},
			}, both...),
			exchangetest.PathWeChatPhone: append([]failure{
				{exchangetest.WeChatErrs(40029), exchange.Expired},
				{exchangetest.WeChatErrs(40163), exchange.Used},
				{exchangetest.WeChatErrs(48001), exchange.Denied},
				{exchangetest.WeChatErrs(45011), exchange.Unavailable},
				{exchangetest.WeChatErrs(-1), exchange.Unavailable},
				{exchangetest.WeChatErrs(47001), exchange.Refused},
				{exchangetest.Says(200, `{"errcode":0}`), exchange.Unavailable},
				{exchangetest.Says(200, `{"errcode":0,"phone_info":{}}`), exchange.Unavailable},
			}, both...),
		} {
			p := exchange.Douyin
			if path == exchangetest.PathWeChatPhone {
				p = exchange.WeChat
			}
			for _, f := range list {
				h.platforms.Next(path, f.answer)
				h.fails(h.there.Grant(p, exchangetest.Number(1)), f.want)
			}
		}
		// What the platform did not take up is asked again.
		for p, path := range map[exchange.Platform]string{exchange.Douyin: exchangetest.PathPhone, exchange.WeChat: exchangetest.PathWeChatPhone} {
			h.platforms.Next(path, exchangetest.Says(502, "<html>"))
			h.gives(h.there.Grant(p, exchangetest.Number(1)), exchangetest.Number(1))
			h.platforms.Next(path, exchangetest.Says(502, "<html>"), exchangetest.Says(503, "<html>"))
			h.fails(h.there.Grant(p, exchangetest.Number(1)), exchange.Unavailable)
		}
		for _, code := range []int64{28001005, 28001006} {
			h.platforms.Next(exchangetest.PathPhone, exchangetest.Errs(code))
			h.gives(h.there.Grant(exchange.Douyin, exchangetest.Number(1)), exchangetest.Number(1))
		}
		for sub, want := range map[string]exchange.Reason{
			"isv.invalid-auth-relations": exchange.Denied, "isv.insufficient-isv-permissions": exchange.Denied,
			"aop.unknow-error": exchange.Unavailable, "isv.invalid-encrypt": exchange.Refused,
		} {
			inside := map[string]string{"code": "40003", "msg": "no", "subCode": sub}
			if code := h.fails(exchange.Grant{Platform: exchange.Alipay, Response: h.there.Answer(inside)}, want); code != sub {
				h.t.Errorf("%s is told as %s", sub, code)
			}
			bare, err := json.Marshal(inside)
			h.must(err)
			h.fails(exchange.Grant{Platform: exchange.Alipay, Response: string(bare)}, want)
			h.fails(exchange.Grant{Platform: exchange.Alipay, Response: `{"response":` + string(bare) + `,"sign":"AAAA"}`}, want)
		}
		// A number that nobody sealed or signed is none, whatever it says.
		number := exchangetest.Number(1)
		for _, text := range []string{
			`{"code":"10000","mobile":"` + number + `"}`, `{"response":{"code":"10000","mobile":"` + number + `"},"sign":"AAAA"}`,
			`{"response":`, `{}`, `{"response":7}`, `%%%`,
		} {
			h.fails(exchange.Grant{Platform: exchange.Alipay, Response: text}, exchange.Refused)
		}
		// A secret the platform no longer believes, without an older one to try.
		h.there.Secret += "x"
		h.platforms.EndTokens()
		h.fails(h.there.Grant(exchange.Douyin, number), exchange.Refused)
		h.fails(h.there.Grant(exchange.WeChat, number), exchange.Refused)
		old, _ := h.there.Old(exchange.Douyin, number)
		h.fails(old, exchange.Refused)
		old, _ = h.there.Old(exchange.WeChat, number)
		h.fails(old, exchange.Refused)
	})
}

func TestANumberOfAnotherAppIsRefused(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		h.put(exchange.WeChat)
		h.there.Watermark = h.platforms.NewApp().ID
		for _, p := range []exchange.Platform{exchange.Douyin, exchange.WeChat} {
			old, _ := h.there.Old(p, exchangetest.Number(1))
			for _, g := range []exchange.Grant{h.there.Grant(p, exchangetest.Number(1)), old} {
				if code := h.fails(g, exchange.Refused); code != "watermark" {
					h.t.Errorf("%s: %s", p, code)
				}
			}
		}
	})
}

// Whatever is wrong with a ciphertext, the answer is the same.
func TestWrongCiphertextsCannotBeToldApart(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		h.put(exchange.Alipay)
		key, iv := make([]byte, 16), make([]byte, 16)
		session := base64.StdEncoding.EncodeToString(key)
		for i, plain := range []string{`{"purePhoneNumber":"`, `no json`, `{}`, `[]`, `{"phoneNumber":7}`, ``, `{"phoneNumber":"","countryCode":"86"}`} {
			h.platforms.Next(exchangetest.PathSession, exchangetest.Says(200, `{"err_no":0,"data":{"session_key":"`+session+`"}}`))
			g := exchange.Grant{
				Platform: exchange.Douyin, LoginCode: "l", IV: base64.StdEncoding.EncodeToString(iv),
				EncryptedData: base64.StdEncoding.EncodeToString(exchangetest.SealCBC(key, iv, []byte(plain))),
			}
			if code := h.fails(g, exchange.Refused); code != "decrypt" {
				h.t.Errorf("plain text %d: %s", i, code)
			}
		}
		for i := range 48 { // every byte of three blocks, the padding's among them
			g, _ := h.there.Old(exchange.Douyin, exchangetest.Number(1))
			raw, err := base64.StdEncoding.DecodeString(g.EncryptedData)
			h.must(err)
			raw[len(raw)-1-i] ^= 0x55
			g.EncryptedData = base64.StdEncoding.EncodeToString(raw)
			// A change inside the number or the time opens; another app's id is told to the
			// log alone.
			_, err = h.phone("", g)
			var f *exchange.Failed
			if err != nil && (!errors.As(err, &f) || f.Reason != exchange.Refused || f.Code != "decrypt" && f.Code != "watermark" && f.Code != "number") {
				h.t.Errorf("byte %d from the end: %v", i, err)
			}
			if i < 16 && (f == nil || f.Code != "decrypt") {
				h.t.Errorf("byte %d of the last block: %v", i, err)
			}
		}
		sealed := exchangetest.SealRSA(&exchangetest.NewKey(h.t, 2).PublicKey, []byte(`{"purePhoneNumber":"1"}`)) // another's key
		for _, raw := range [][]byte{sealed, sealed[:200], append(sealed, sealed[:100]...), bytes.Repeat([]byte{0xff}, 256), {}} {
			h.platforms.Next(exchangetest.PathPhone, exchangetest.Says(200, `{"err_no":0,"data":"`+base64.StdEncoding.EncodeToString(raw)+`"}`))
			if code := h.fails(h.there.Grant(exchange.Douyin, exchangetest.Number(1)), exchange.Refused); code != "decrypt" {
				h.t.Errorf("RSA: %s", code)
			}
		}
		// Alipay: what is not signed is not opened at all.
		good := map[string]string{}
		h.must(json.Unmarshal([]byte(h.there.Response(exchangetest.Number(1))), &good))
		for name, spoil := range map[string]func(map[string]string){
			"signature": func(m map[string]string) { m["sign"] = base64.StdEncoding.EncodeToString(make([]byte, 256)) },
			"unsigned":  func(m map[string]string) { delete(m, "sign") },
			"text":      func(m map[string]string) { m["response"] = "AAAA" + m["response"][4:] },
			"kind":      func(m map[string]string) { m["sign_type"] = "RSA" },
		} {
			m := map[string]string{}
			for k, v := range good {
				m[k] = v
			}
			spoil(m)
			text, err := json.Marshal(m)
			h.must(err)
			if code := h.fails(exchange.Grant{Platform: exchange.Alipay, Response: string(text)}, exchange.Refused); code != "signature" {
				h.t.Errorf("Alipay, %s: %s", name, code)
			}
		}
		h.gives(exchange.Grant{Platform: exchange.Alipay, Response: good["response"], Sign: good["sign"]}, exchangetest.Number(1))
		h.there.AES = bytes.Repeat([]byte{7}, 16)
		if code := h.fails(h.there.Grant(exchange.Alipay, exchangetest.Number(1)), exchange.Refused); code != "decrypt" {
			h.t.Errorf("Alipay with another AES key: %s", code)
		}
	})
}

func TestARetryIsAnsweredWithoutAskingAgain(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		g := h.there.Grant(exchange.Douyin, exchangetest.Number(1))
		for range 3 {
			if got, err := h.phone("once-1", g); err != nil || got != exchangetest.Number(1) {
				h.t.Fatalf("a retry: %v", err)
			}
		}
		if n := h.platforms.Calls(exchangetest.PathPhone); n != 1 {
			h.t.Errorf("asked %d times", n)
		}
		_, err := h.phone("once-2", g) // another submission with the same code
		var f *exchange.Failed
		if !errors.As(err, &f) || f.Reason != exchange.Used {
			h.t.Errorf("a grant for two submissions: %v", err)
		}
		if n := h.platforms.Calls(exchangetest.PathPhone); n != 1 {
			h.t.Errorf("asked %d times for a grant that is known to be used", n)
		}
		// An Alipay text carries no time; it too works once.
		h.put(exchange.Alipay)
		a := h.there.Grant(exchange.Alipay, exchangetest.Number(2))
		_, err = h.phone("once-3", a)
		h.must(err)
		if _, err = h.phone("once-4", a); !errors.As(err, &f) || f.Reason != exchange.Used {
			h.t.Errorf("an Alipay text sent twice: %v", err)
		}
		// Another grant under the same key is another question.
		if got, err := h.phone("once-1", h.there.Grant(exchange.Douyin, exchangetest.Number(3))); err != nil || got != exchangetest.Number(3) {
			h.t.Errorf("a new grant: %v", err)
		}
		// Once the lead is stored the number is gone; that the grant was used is not.
		h.must(h.db.Write(h.t.Context(), func(tx *db.Tx) error {
			return exchange.Stored(h.t.Context(), tx, h.owner.Operator, []string{"once-1", "once-3"})
		}))
		if n := h.count("select count(*) from exchange_done where length(sealed)>0"); n != 0 {
			h.t.Errorf("%d numbers are kept after their leads were stored", n)
		}
		if _, err = h.phone("once-5", a); !errors.As(err, &f) || f.Reason != exchange.Used {
			h.t.Errorf("after the lead was stored: %v", err)
		}
		h.clock.Advance(exchange.Remembered)
		_, err = h.room.Sweep(h.t.Context())
		h.must(err)
		if n := h.count("select count(*) from exchange_done"); n != 0 {
			h.t.Errorf("%d rows after their time", n)
		}
	})
}

func TestManyAtOnceAskOnce(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		g := h.there.Grant(exchange.Douyin, exchangetest.Number(1))
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				if n, err := h.room.Phone(h.t.Context(), h.owner.Operator, h.app, "once-1", g); err != nil || n.E164() != "+86"+exchangetest.Number(1) {
					h.t.Errorf("one of many: %v", err)
				}
			})
		}
		all.Wait()
		if n := h.platforms.Calls(exchangetest.PathPhone); n != 1 {
			h.t.Errorf("asked %d times", n)
		}
	})
}

// The page's connection breaks while the platform is answering: the code is spent,
// so what it gave must wait for the retry.
func TestACallerThatGoesAwayLosesNothing(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		g := h.there.Grant(exchange.Douyin, exchangetest.Number(1))
		ctx, leave := context.WithCancel(h.t.Context())
		sealed := base64.StdEncoding.EncodeToString(exchangetest.SealRSA(&h.there.Key.PublicKey,
			fmt.Appendf(nil, `{"purePhoneNumber":%q,"countryCode":"86","watermark":{"appid":%q}}`, exchangetest.Number(1), h.there.ID)))
		h.platforms.Next(exchangetest.PathPhone, func(rw http.ResponseWriter, r *http.Request) {
			leave()
			exchangetest.Says(200, `{"err_no":0,"data":"`+sealed+`"}`)(rw, r)
		})
		_, _ = h.room.Phone(ctx, h.owner.Operator, h.app, "once-1", g)
		if ctx.Err() == nil {
			h.t.Fatal("the caller stayed")
		}
		if got, err := h.phone("once-1", g); err != nil || got != exchangetest.Number(1) {
			h.t.Errorf("the retry: %v", err)
		}
		if n := h.platforms.Calls(exchangetest.PathPhone); n != 1 {
			h.t.Errorf("asked %d times", n)
		}
	})
}

func TestASlowPlatformIsGivenUp(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		h.put(exchange.WeChat)
		h.gives(h.there.Grant(exchange.Douyin, exchangetest.Number(1)), exchangetest.Number(1))
		h.gives(h.there.Grant(exchange.WeChat, exchangetest.Number(1)), exchangetest.Number(1))
		h.room.Timeout = 200 * time.Millisecond
		for p, path := range map[exchange.Platform]string{exchange.Douyin: exchangetest.PathPhone, exchange.WeChat: exchangetest.PathWeChatPhone} {
			h.platforms.Next(path, exchangetest.Hangs)
			begun := time.Now()
			if code := h.fails(h.there.Grant(p, exchangetest.Number(1)), exchange.Unavailable); code != "timeout" {
				h.t.Errorf("%s: %s", p, code)
			}
			if took := time.Since(begun); took > 3*time.Second {
				h.t.Errorf("%s: given up after %v", p, took)
			}
		}
	})
}

func TestGrantsAreCheckedBeforeAnythingIsAsked(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		for i, g := range []exchange.Grant{
			{},
			{Platform: "kuaishou", Code: "x"},
			{Platform: exchange.Douyin},
			{Platform: exchange.Alipay},
			{Platform: exchange.Alipay, Code: "x"},
			{Platform: exchange.Douyin, Code: "x", EncryptedData: "AAAA"},
			{Platform: exchange.Douyin, EncryptedData: "AAAA"},
			{Platform: exchange.Douyin, EncryptedData: "AAAA", IV: "AAAA"},
			{Platform: exchange.WeChat, Response: "x"},
			{Platform: exchange.Douyin, Code: strings.Repeat("x", 600)},
			{Platform: exchange.Douyin, Code: "a b"},
			{Platform: exchange.Douyin, Code: "a\nb"},
			{Platform: exchange.Alipay, Response: strings.Repeat("A", 20<<10)},
		} {
			_, err := h.phone("", g)
			var bad *exchange.BadGrant
			if !errors.As(err, &bad) || bad.Field == "" {
				h.t.Errorf("grant %d: %v", i, err)
			}
		}
		if n := h.platforms.Calls(exchangetest.PathClientToken); n != 0 {
			h.t.Errorf("%d calls", n)
		}
	})
}

// The published example of WeChat's documentation, whose algorithm Douyin's is.
func TestRawSignature(t *testing.T) {
	const raw = `{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"}`
	if got := exchange.RawSignature(raw, "HyVFkGl5F5OQWJZZaNzBBg=="); got != "75e81ceda165f4ffa64f4068af58c64b8f54b88c" {
		t.Error(got)
	}
}
