// Package exchangetest plays the platforms: servers that answer as Douyin, WeChat
// and Alipay document it, with keys of their own, for tests of this room and of
// those above it.
//
// Codes are good once and for 5 minutes of the test's clock, tokens for 2 hours. A
// test can make the next answer of a path wrong in any way ([World.Next]).
package exchangetest

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"clew/exchange"
)

// CodeLife is how long a code is good, TokenLife a token.
const (
	CodeLife  = 5 * time.Minute
	TokenLife = 2 * time.Hour
)

// Paths the platforms answer at.
const (
	PathClientToken   = "/oauth/client_token/"
	PathPhone         = "/api/apps/v1/get_phonenumber_info/"
	PathSession       = "/api/apps/v2/jscode2session"
	PathComponents    = "/api/apps/v1/capacity/query_clue_component_info"
	PathStableToken   = "/cgi-bin/stable_token"
	PathToken         = "/cgi-bin/token"
	PathWeChatPhone   = "/wxa/business/getuserphonenumber"
	PathWeChatSession = "/sns/jscode2session"
)

// Number is a made-up mobile number without its country; equal n give equal numbers.
func Number(n int) string { return fmt.Sprintf("138%08d", n) }

// World is the platforms.
type World struct {
	t      testing.TB
	now    func() time.Time
	server *httptest.Server
	// Object makes Douyin write data as an object instead of a text; the member's name.
	Object string

	mu     sync.Mutex
	apps   map[string]*App
	tokens map[string]token  // by text
	codes  map[string]*grant // by text
	next   map[string][]http.HandlerFunc
	calls  map[string]int
	seq    int
}

type token struct {
	app  string
	ends time.Time
}

type grant struct {
	app, number string
	session     string // of a login code
	ends        time.Time
	used        bool
}

// App is an app registered with the platforms, with everything its operator enters.
type App struct {
	w  *World
	ID string
	// Secret is the client_secret or AppSecret that the platforms believe.
	Secret string
	// Key is what Douyin seals numbers to; it is the uploaded key's other half.
	Key *rsa.PrivateKey
	// AES is Alipay's content key; AlipayKey signs for Alipay.
	AES       []byte
	AlipayKey *rsa.PrivateKey
	// Watermark is the appid that numbers carry; empty means ID.
	Watermark string
	// Extra makes what is sealed longer, so that it needs several pieces.
	Extra string
	// Cert and Components are what Douyin knows of the app's lead components.
	Cert       bool
	Components []map[string]any
}

// New starts the platforms; they stop with the test. A nil now is the machine's clock.
func New(t testing.TB, now func() time.Time) *World {
	t.Helper()
	if now == nil {
		now = time.Now
	}
	w := &World{
		t: t, now: now, apps: map[string]*App{}, tokens: map[string]token{}, codes: map[string]*grant{},
		next: map[string][]http.HandlerFunc{}, calls: map[string]int{},
	}
	mux := http.NewServeMux()
	for path, answer := range map[string]func(r *http.Request, body map[string]any) any{
		"POST " + PathClientToken: w.clientToken, "POST " + PathPhone: w.phone, "POST " + PathSession: w.session,
		"GET " + PathComponents: w.components, "POST " + PathStableToken: w.stableToken, "GET " + PathToken: w.ordinaryToken,
		"POST " + PathWeChatPhone: w.wechatPhone, "GET " + PathWeChatSession: w.wechatSession,
	} {
		mux.HandleFunc(path, func(rw http.ResponseWriter, r *http.Request) { w.answer(rw, r, answer) })
	}
	w.server = httptest.NewTLSServer(mux)
	t.Cleanup(w.server.Close)
	return w
}

// Furnish points a room at these platforms.
func (w *World) Furnish(r *exchange.Room) {
	r.Hosts = exchange.Hosts{DouyinOpen: w.server.URL, DouyinLegacy: w.server.URL, WeChat: w.server.URL}
	r.Roots = x509.NewCertPool()
	r.Roots.AddCert(w.server.Certificate())
}

// Certificate is the authority of the platforms' certificates, as DER.
func (w *World) Certificate() []byte { return w.server.Certificate().Raw }

// Calls is how often a path was asked.
func (w *World) Calls(path string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[path]
}

// Next makes the next answer of path come from h instead; several are taken in turn.
func (w *World) Next(path string, h ...http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next[path] = append(w.next[path], h...)
}

// Says is an answer of this text.
func Says(status int, text string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(text))
	}
}

// Errs is Douyin's refusal with a code.
func Errs(code int64) http.HandlerFunc {
	return Says(200, fmt.Sprintf(`{"err_no":%d,"err_tips":"refused","log_id":"x"}`, code))
}

// WeChatErrs is WeChat's refusal with a code.
func WeChatErrs(code int64) http.HandlerFunc {
	return Says(200, fmt.Sprintf(`{"errcode":%d,"errmsg":"refused"}`, code))
}

// Hangs answers nothing until the client goes away.
func Hangs(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // until then the server does not look whether the client is there
	<-r.Context().Done()
}

func (w *World) answer(rw http.ResponseWriter, r *http.Request, f func(*http.Request, map[string]any) any) {
	w.mu.Lock()
	w.calls[r.URL.Path]++
	if list := w.next[r.URL.Path]; len(list) > 0 {
		w.next[r.URL.Path] = list[1:]
		w.mu.Unlock()
		list[0](rw, r)
		return
	}
	defer w.mu.Unlock()
	var body map[string]any
	if r.Method == http.MethodPost {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			Errs(40001)(rw, r)
			return
		}
	}
	text, err := json.Marshal(f(r, body))
	if err != nil {
		w.t.Error(err)
	}
	Says(200, string(text))(rw, r)
}

var keys struct {
	once sync.Once
	all  []*rsa.PrivateKey
}

// NewKey is one of a few RSA keys of 2048 bits made once per test binary; different
// i give different ones, up to 4.
func NewKey(t testing.TB, i int) *rsa.PrivateKey {
	t.Helper()
	keys.once.Do(func() {
		for range 4 {
			k, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				panic(err)
			}
			keys.all = append(keys.all, k)
		}
	})
	return keys.all[i]
}

// NewApp registers an app.
func (w *World) NewApp() *App {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seq++
	a := &App{
		w: w, ID: fmt.Sprintf("tt%018x", w.seq), Secret: w.random("secret"), Key: NewKey(w.t, 0), AlipayKey: NewKey(w.t, 1),
		AES: make([]byte, 16), Cert: true,
	}
	_, _ = rand.Read(a.AES)
	w.apps[a.ID] = a
	return a
}

func (w *World) random(kind string) string {
	var b [12]byte
	_, _ = rand.Read(b[:])
	return kind + hex.EncodeToString(b[:])
}

// Credential is what the app's operator enters for a platform.
func (a *App) Credential(clewApp string, p exchange.Platform) exchange.NewCredential {
	n := exchange.NewCredential{App: clewApp, Platform: p, AppID: a.ID}
	switch p {
	case exchange.Alipay:
		spki, _ := x509.MarshalPKIXPublicKey(&a.AlipayKey.PublicKey)
		n.AESKey, n.PublicKey = base64.StdEncoding.EncodeToString(a.AES), base64.StdEncoding.EncodeToString(spki)
	case exchange.Douyin:
		n.Secret, n.PrivateKey = a.Secret, PrivateKeyText(a.Key)
	default:
		n.Secret = a.Secret
	}
	return n
}

// PrivateKeyText is a key as people paste it: bare base64 of PKCS#8.
func PrivateKeyText(k *rsa.PrivateKey) string {
	raw, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// Code is a phone code for a number, good once, as Douyin's and WeChat's pages get it.
func (a *App) Code(number string) string {
	a.w.mu.Lock()
	defer a.w.mu.Unlock()
	code := a.w.random("code")
	a.w.codes[code] = &grant{app: a.ID, number: number, ends: a.w.now().Add(CodeLife)}
	return code
}

// Grant is [App.Code] as a grant.
func (a *App) Grant(p exchange.Platform, number string) exchange.Grant {
	if p == exchange.Alipay {
		return exchange.Grant{Platform: p, Response: a.Response(number)}
	}
	return exchange.Grant{Platform: p, Code: a.Code(number)}
}

// Old is a grant of the older way: sealed under the key of a session.
func (a *App) Old(p exchange.Platform, number string) (g exchange.Grant, session string) {
	key, iv := make([]byte, 16), make([]byte, 16)
	_, _ = rand.Read(key)
	_, _ = rand.Read(iv)
	session = base64.StdEncoding.EncodeToString(key)
	a.w.mu.Lock()
	login := a.w.random("login")
	a.w.codes[login] = &grant{app: a.ID, session: session, ends: a.w.now().Add(CodeLife)}
	a.w.mu.Unlock()
	return exchange.Grant{
		Platform: p, LoginCode: login, IV: base64.StdEncoding.EncodeToString(iv),
		EncryptedData: base64.StdEncoding.EncodeToString(SealCBC(key, iv, a.plain(number))),
	}, session
}

// SealCBC is AES-CBC with PKCS#7 padding.
func SealCBC(key, iv, plain []byte) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	out := append([]byte{}, plain...)
	for range pad {
		out = append(out, byte(pad))
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, out)
	return out
}

// plain is what Douyin and WeChat seal for a number of mainland China.
func (a *App) plain(number string) []byte {
	mark := a.Watermark
	if mark == "" {
		mark = a.ID
	}
	text, err := json.Marshal(map[string]any{
		"phoneNumber": "+86" + number, "purePhoneNumber": number, "countryCode": "86",
		"watermark": map[string]any{"appid": mark, "timestamp": a.w.now().Unix()}, "extra": a.Extra,
	})
	if err != nil {
		panic(err)
	}
	return text
}

// SealRSA cuts plain into pieces of k-11 bytes and seals each.
func SealRSA(key *rsa.PublicKey, plain []byte) []byte {
	var out []byte
	for step := key.Size() - 11; len(plain) > 0; {
		n := min(step, len(plain))
		//lint:ignore SA1019 Douyin seals with PKCS#1 v1.5 and with nothing else
		part, err := rsa.EncryptPKCS1v15(rand.Reader, key, plain[:n])
		if err != nil {
			panic(err)
		}
		out = append(out, part...)
		plain = plain[n:]
	}
	return out
}

// Response is what my.getPhoneNumber gives the page for a number.
func (a *App) Response(number string) string {
	return a.Answer(map[string]string{"code": "10000", "msg": "Success", "mobile": number})
}

// Answer is any answer of Alipay, sealed and signed.
func (a *App) Answer(inside map[string]string) string {
	plain, err := json.Marshal(inside)
	if err != nil {
		panic(err)
	}
	sealed := base64.StdEncoding.EncodeToString(SealCBC(a.AES, make([]byte, 16), plain))
	out, err := json.Marshal(map[string]string{
		"response": sealed, "sign": a.Sign(sealed), "sign_type": "RSA2", "encrypt_type": "AES", "charset": "UTF-8",
	})
	if err != nil {
		panic(err)
	}
	return string(out)
}

// Sign signs a sealed text as Alipay does.
func (a *App) Sign(sealed string) string {
	sum := sha256.Sum256([]byte(`"` + sealed + `"`))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.AlipayKey, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

func text(v any) string { s, _ := v.(string); return s }

func (w *World) newToken(app string) string {
	t := w.random("clt.")
	w.tokens[t] = token{app, w.now().Add(TokenLife)}
	return t
}

// EndTokens makes the platforms forget every token they gave.
func (w *World) EndTokens() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.tokens)
}

func (w *World) clientToken(_ *http.Request, body map[string]any) any {
	a := w.apps[text(body["client_key"])]
	if a == nil || text(body["client_secret"]) != a.Secret || text(body["grant_type"]) != "client_credential" {
		return map[string]any{"data": map[string]any{"error_code": 10013, "description": "client_key or client_secret is wrong"}, "message": "error"}
	}
	return map[string]any{
		"data":    map[string]any{"access_token": w.newToken(a.ID), "expires_in": int(TokenLife / time.Second), "error_code": 0, "description": ""},
		"message": "success",
	}
}

// holder is the app a token is of, or the code of what is wrong with it.
func (w *World) holder(t string) (*App, int) {
	k, ok := w.tokens[t]
	switch {
	case !ok:
		return nil, 28001003
	case !w.now().Before(k.ends):
		return nil, 28001008
	}
	return w.apps[k.app], 0
}

// take uses a code up.
func (w *World) take(code, app string) *grant {
	g := w.codes[code]
	if g == nil || g.app != app || g.used || !w.now().Before(g.ends) {
		return nil
	}
	g.used = true
	return g
}

func (w *World) phone(r *http.Request, body map[string]any) any {
	a, code := w.holder(r.Header.Get("access-token"))
	if code != 0 {
		return map[string]any{"err_no": code, "err_tips": "access_token", "log_id": "x"}
	}
	g := w.take(text(body["code"]), a.ID)
	if g == nil {
		return map[string]any{"err_no": 28005187, "err_msg": "code expired or used", "log_id": "x"}
	}
	data := any(base64.StdEncoding.EncodeToString(SealRSA(&a.Key.PublicKey, a.plain(g.number))))
	if w.Object != "" {
		data = map[string]any{w.Object: data}
	}
	return map[string]any{"err_no": 0, "err_msg": "success", "log_id": "x", "data": data}
}

func (w *World) session(_ *http.Request, body map[string]any) any {
	a := w.apps[text(body["appid"])]
	if a == nil || text(body["secret"]) != a.Secret {
		return map[string]any{"err_no": 40017, "err_tips": "bad secret"}
	}
	g := w.take(text(body["code"]), a.ID)
	if g == nil {
		return map[string]any{"err_no": 40018, "err_tips": "bad code"}
	}
	return map[string]any{"err_no": 0, "err_tips": "success", "data": map[string]any{"session_key": g.session, "openid": "o", "unionid": ""}}
}

func (w *World) components(r *http.Request, _ map[string]any) any {
	a, code := w.holder(r.Header.Get("access-token"))
	if code != 0 {
		return map[string]any{"err_no": code, "err_msg": "access_token", "log_id": "x"}
	}
	var page, size int
	_, _ = fmt.Sscan(r.URL.Query().Get("page_no"), &page)
	_, _ = fmt.Sscan(r.URL.Query().Get("page_size"), &size)
	if page < 1 || size < 1 || size > 20 {
		return map[string]any{"err_no": 28001007, "err_msg": "page", "log_id": "x"}
	}
	from := min((page-1)*size, len(a.Components))
	list := a.Components[from:min(from+size, len(a.Components))]
	return map[string]any{"err_no": 0, "err_msg": "success", "log_id": "x", "data": map[string]any{
		"clue_component_list": list, "total": len(a.Components), "cert_status": a.Cert,
	}}
}

func (w *World) wechatToken(id, secret string) any {
	a := w.apps[id]
	switch {
	case a == nil:
		return map[string]any{"errcode": 40013, "errmsg": "invalid appid"}
	case secret != a.Secret:
		return map[string]any{"errcode": 40125, "errmsg": "invalid appsecret"}
	}
	return map[string]any{"access_token": w.newToken(a.ID), "expires_in": int(TokenLife / time.Second)}
}

// stableToken gives the same token until its end, unless forced.
func (w *World) stableToken(_ *http.Request, body map[string]any) any {
	if body["force_refresh"] != true {
		for t, k := range w.tokens {
			if k.app == text(body["appid"]) && w.now().Before(k.ends) {
				return map[string]any{"access_token": t, "expires_in": int(k.ends.Sub(w.now()) / time.Second)}
			}
		}
	}
	return w.wechatToken(text(body["appid"]), text(body["secret"]))
}

func (w *World) ordinaryToken(r *http.Request, _ map[string]any) any {
	return w.wechatToken(r.URL.Query().Get("appid"), r.URL.Query().Get("secret"))
}

func (w *World) wechatPhone(r *http.Request, body map[string]any) any {
	a, code := w.holder(r.URL.Query().Get("access_token"))
	if code != 0 {
		return map[string]any{"errcode": map[int]int{28001003: 40001, 28001008: 42001}[code], "errmsg": "access_token"}
	}
	g := w.take(text(body["code"]), a.ID)
	if g == nil {
		return map[string]any{"errcode": 40029, "errmsg": "invalid code"}
	}
	var info map[string]any
	_ = json.Unmarshal(a.plain(g.number), &info)
	info["countryCode"] = 86 // the documentation shows both a text and a number
	info["phoneNumber"] = g.number
	return map[string]any{"errcode": 0, "errmsg": "ok", "phone_info": info}
}

func (w *World) wechatSession(r *http.Request, _ map[string]any) any {
	q := r.URL.Query()
	a := w.apps[q.Get("appid")]
	if a == nil || q.Get("secret") != a.Secret {
		return map[string]any{"errcode": 40125, "errmsg": "invalid appsecret"}
	}
	g := w.take(q.Get("js_code"), a.ID)
	if g == nil {
		return map[string]any{"errcode": 40029, "errmsg": "invalid code"}
	}
	return map[string]any{"session_key": g.session, "openid": "o"}
}
