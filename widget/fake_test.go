package widget_test

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/widget"
)

// fake is a server of the public wire, as small as the widget's tests need and as
// strict as the real one where the widget could be wrong.
type fake struct {
	URL string
	// Page is the URL of a host page on another origin.
	Page string
	// Typed asks for a number without a code; otherwise a code is asked for.
	Typed bool
	Test  bool
	// Third adds an optional box for a third party; Long a folded notice section.
	Third bool
	// CSP is the host page's policy; HOST and SERVER stand for the origins.
	CSP string
	// Body is what the host page holds; empty for one element.
	Body string
	// Gate, when set, is read once before each answer whose path ends with its key.
	Gate map[string]chan bool

	mu       sync.Mutex
	version  int
	drop     int
	broken   []string
	leads    map[string][]byte
	posts    []post
	nextCode int
	counted  map[string]int // events by kind
}

type post struct {
	Path, Key string
	Body      map[string]any
}

const rightCode = "246810"

// number is a mobile number nobody has typed in here.
func number(n int) string { return fmt.Sprintf("138%08d", 130000+n) }

func start(t *testing.T, f *fake) *fake {
	t.Helper()
	f.leads = map[string][]byte{}
	f.version = 3
	api := http.NewServeMux()
	api.Handle("GET /widget/", http.StripPrefix("/widget/", http.FileServerFS(widget.Files())))
	api.HandleFunc("OPTIONS /v1/public/", func(http.ResponseWriter, *http.Request) {})
	api.HandleFunc("GET /v1/public/components/{id}", f.get)
	api.HandleFunc("POST /v1/public/components/{id}/{what}", f.post)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "content-type, idempotency-key")
		if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" {
			f.bad("%s carries credentials", r.URL.Path)
		}
		if gate := f.Gate[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]; gate != nil && r.Method != http.MethodOptions {
			<-gate
		}
		api.ServeHTTP(w, r)
	}))
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := f.Body
		if body == "" {
			body = `<clew-lead component="cmp_1"><a href="` + f.URL + `/c/cmp_1">免费咨询</a></clew-lead>`
		}
		lang := r.URL.Query().Get("lang")
		if lang == "" {
			lang = "zh-CN"
		}
		if f.CSP != "" {
			w.Header().Set("Content-Security-Policy", strings.NewReplacer("HOST", "http://"+r.Host, "SERVER", f.URL).Replace(f.CSP))
		}
		w.Header().Set("Set-Cookie", "hostcookie=1")
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang=%q><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Host</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/host.css"><script src="%s/widget/v1/clew.js" crossorigin="anonymous" defer></script></head>
<body><main><h1>Host page</h1><p>Before the element.</p>%s<p id="after">After the element.</p><button id="own" type="button">Ask now</button></main></body></html>`, lang, f.URL, body)
	}))
	hostMux := http.NewServeMux()
	hostMux.Handle("/", host.Config.Handler)
	hostMux.HandleFunc("GET /host.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		// A page that does strange things to every element, and reserves the place as the manual says.
		_, _ = w.Write([]byte(`html{font-size:100px} body{font:16px/1.5 system-ui,sans-serif;margin:24px;color:#222;background:#fff;letter-spacing:1px}
main{max-width:640px;margin:auto;min-height:1600px} clew-lead{display:block;min-height:48px} p,h2,button{text-transform:uppercase}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#111}a{color:#9cf}}`))
	})
	host.Config.Handler = hostMux
	f.URL, f.Page = server.URL, host.URL+"/"
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		host.CloseClientConnections()
		host.Close()
		for _, b := range f.broken {
			t.Error("the server saw: " + b)
		}
	})
	return f
}

func (f *fake) bad(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = append(f.broken, fmt.Sprintf(format, args...))
}

func (f *fake) problem(w http.ResponseWriter, status int, p map[string]any) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p)
}

func (f *fake) get(w http.ResponseWriter, r *http.Request) {
	lang := r.URL.Query().Get("lang")
	switch r.PathValue("id") {
	case "cmp_closed":
		title := map[string]string{"zh": "暂停收集", "en": "Not collecting at present"}[lang]
		f.problem(w, 403, map[string]any{"title": title, "code": "capability_suspended", "status": 403})
	case "cmp_invalid":
		title := map[string]string{"zh": "已停止收集", "en": "Collection has ended"}[lang]
		f.problem(w, 403, map[string]any{"title": title, "code": "component_invalid", "status": 403})
	case "cmp_1":
		_, _ = w.Write(f.definition(lang))
	default:
		f.problem(w, 404, map[string]any{"title": map[string]string{"zh": "没有这个线索组件", "en": "No such component"}[lang], "code": "component_unknown", "status": 404})
	}
}

func (f *fake) hash(lang string) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256(fmt.Appendf(nil, "%s %d", lang, f.version)))
}

func (f *fake) definition(lang string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	in := func(zh, en string) string {
		if lang == "en" {
			return en
		}
		return zh
	}
	section := func(id, title, text string) map[string]any {
		return map[string]any{"id": id, "title": title, "text": text}
	}
	choices := []map[string]any{{"id": "lead", "required": true, "text": in(
		"我已阅读以上说明，同意示例汽车为回复本次咨询收集并使用我填写的信息。",
		"I have read the above and agree that Example Motors collects and uses my answers to reply to this enquiry.")}}
	if f.Third {
		choices = append(choices, map[string]any{"id": "share-bank", "required": false, "text": in(
			"同意示例汽车将我的手机号提供给示例银行，用于办理贷款方案咨询。",
			"I agree that Example Motors passes my number to Example Bank for advice on a loan.")})
	}
	verification := "verified"
	if f.Typed {
		verification = "typed"
	}
	b, err := json.Marshal(map[string]any{
		"id": "cmp_1", "version": f.version, "lang": lang, "langs": []string{"zh", "en"},
		"operator_name": in("示例汽车销售有限公司", "Example Motors Ltd"),
		"title":         in("免费咨询购车方案", "Free advice on buying a car"),
		"trigger_label": in("免费咨询", "Free advice"),
		"notice": map[string]any{"version": f.version, "hash": f.hash(lang), "lang": lang, "sections": []any{
			section("purpose", in("收集目的", "What for"), in("由购车顾问回电，解答您关于车型、价格和试驾的问题。", "A sales adviser calls you back about models, prices and test drives.")),
			section("scope", in("收集范围", "What is collected"), in("手机号（必填）、称呼（选填）、意向车型（必填）和留言（选填）。", "Phone number and model (required), name and message (optional).")),
			section("manner", in("收集方式", "How"), in("由您主动填写，并以短信验证码确认。", "You type it in and confirm it with a code by text message.")),
			section("benefit", in("您可获得", "What you get"), in("一次免费的一对一购车咨询。", "One free personal consultation.")),
			section("recipients", in("接收方", "Who receives it"), in("仅示例汽车。除非您另行勾选，不会提供给其他任何人。示例汽车委托示例云保存数据，示例云只按示例汽车的指示存放加密后的内容，不能查看，也不会用于任何其他用途，合同结束后即行删除。", "Example Motors only. Unless you tick a separate box nobody else gets it. Example Cloud stores it, encrypted, on behalf of Example Motors and cannot read it.")),
			section("retention", in("保存期限", "How long"), in("180 天，到期自动删除。", "180 days, then it is deleted.")),
			section("rights", in("您的权利", "Your rights"), in("可以不填、随时撤回同意、查询或删除。", "You may decline, withdraw, see or delete it at any time.")),
		}},
		"choices": choices,
		"fields": []map[string]any{
			{"id": "phone", "kind": "phone", "required": true, "label": in("手机号", "Phone number"), "hint": in("仅用于回电，不会用于登录或营销。", "Only to call you back."), "format": in("11 位中国大陆手机号。", "11 digits, mainland China."), "error": in("请填写 11 位手机号，例如 138 开头的号码。", "Enter a phone number of 11 digits."), "autocomplete": "tel", "inputmode": "tel"},
			{"id": "name", "kind": "name", "required": false, "label": in("称呼", "Name"), "hint": "", "format": "", "error": in("请填写称呼。", "Enter a name."), "autocomplete": "name", "max_length": 40},
			{"id": "model", "kind": "choice", "required": true, "label": in("意向车型", "Model"), "hint": "", "format": "", "error": in("请选择一种车型。", "Choose a model."), "choices": []map[string]string{
				{"value": "sedan", "label": in("轿车", "Saloon")}, {"value": "suv", "label": "SUV"}, {"value": "any", "label": in("还没想好", "Not sure yet")},
			}},
			{"id": "message", "kind": "text", "required": false, "label": in("留言", "Message"), "hint": in("请不要填写身份证号等敏感信息。", "Leave out anything sensitive, such as identity numbers."), "format": "", "error": in("留言太长。", "The message is too long."), "max_length": 200},
		},
		"privacy":           map[string]any{"url": "https://example.com/privacy", "text": nil},
		"complaint_contact": "help@example.com",
		"deletion_way":      in("凭回执链接随时删除或撤回，或联系客服。", "Use the link on your receipt at any time, or contact us."),
		"verification":      verification,
		"form_token":        fmt.Sprintf("form-%s-%d", lang, f.version),
		"now":               time.Now().UnixMilli(),
		"test":              f.Test,
		"words":             widget.Words(lang),
	})
	if err != nil {
		panic(err)
	}
	return b
}

func (f *fake) post(w http.ResponseWriter, r *http.Request) {
	var raw bytes.Buffer
	var body map[string]any
	if _, err := raw.ReadFrom(r.Body); err != nil {
		return
	}
	if r.Header.Get("Content-Type") != "application/json" || json.Unmarshal(raw.Bytes(), &body) != nil {
		f.bad("%s is no JSON", r.URL.Path)
		return
	}
	what, key := r.PathValue("what"), r.Header.Get("Idempotency-Key")
	f.mu.Lock()
	f.posts = append(f.posts, post{what, key, body})
	token, _ := body["form_token"].(string)
	lang, _, _ := strings.Cut(strings.TrimPrefix(token, "form-"), "-")
	current := strings.HasSuffix(token, fmt.Sprintf("-%d", f.version))
	hash := f.hash(lang)
	dropped := what == "leads" && f.drop > 0
	if dropped {
		f.drop--
	}
	f.mu.Unlock()
	if dropped {
		panic(http.ErrAbortHandler) // the connection breaks
	}
	if what == "events" {
		f.events(body)
		w.WriteHeader(202)
		return
	}
	if !current {
		f.problem(w, 409, map[string]any{"title": "stale", "code": "notice_stale", "status": 409})
		return
	}
	switch what {
	case "challenges":
		_ = json.NewEncoder(w).Encode(challenge)
	case "codes":
		f.consent(body, hash)
		f.solution(body["challenge"])
		f.mu.Lock()
		f.nextCode++
		id := fmt.Sprintf("code_%d", f.nextCode)
		f.mu.Unlock()
		now := time.Now().UnixMilli()
		_ = json.NewEncoder(w).Encode(map[string]any{"code_id": id, "expires_at": now + 300_000, "resend_at": now + 3_000})
	case "refusals":
		for name := range body {
			if name != "form_token" && name != "gesture" && name != "stage" {
				f.bad("a refusal carries %s", name)
			}
		}
		w.WriteHeader(204)
	case "leads":
		f.consent(body, hash)
		f.lead(w, key, lang, body, raw.Bytes())
	default:
		http.NotFound(w, r)
	}
}

func (f *fake) lead(w http.ResponseWriter, key, lang string, body map[string]any, raw []byte) {
	if len(key) < 16 {
		f.bad("the idempotency key is %q", key)
	}
	answers, _ := body["answers"].(map[string]any)
	phone, _ := answers["phone"].(string)
	errors := []map[string]string{}
	if !regexp.MustCompile(`^1\d{10}$`).MatchString(phone) {
		errors = append(errors, map[string]string{"field": "phone", "code": "phone_shape", "message": map[string]string{"zh": "这不是 11 位手机号，请检查。", "en": "This is not a number of 11 digits; check it."}[lang]})
	}
	if !f.Typed && (body["code"] != rightCode || body["code_id"] == "") {
		errors = append(errors, map[string]string{"field": "code", "code": "code_wrong", "message": map[string]string{"zh": "验证码不对，请重新输入或重新获取。", "en": "The code is wrong; type it again or get a new one."}[lang]})
	}
	if len(errors) > 0 {
		f.problem(w, 422, map[string]any{"title": "invalid", "code": "answers_invalid", "status": 422, "errors": errors})
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if before, ok := f.leads[key]; ok && !bytes.Equal(before, raw) {
		f.broken = append(f.broken, "an idempotency key came back with another body")
	}
	f.leads[key] = raw
	w.WriteHeader(201)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"receipt": map[string]any{"number": "R-2026-000042", "url": f.URL + "/r/secret-token", "issued_at": time.Now().UnixMilli()}, "test": f.Test,
	})
}

// consent holds an act to what the real server's consent room asks.
func (f *fake) consent(body map[string]any, hash string) {
	act, _ := body["consent"].(map[string]any)
	gesture, _ := act["gesture"].(map[string]any)
	opened, _ := gesture["opened_at"].(float64)
	ticked, _ := gesture["ticked_at"].(float64)
	kind, _ := gesture["kind"].(string)
	viewport, _ := gesture["viewport"].(string)
	first := map[string]any{}
	if choices, _ := act["choices"].([]any); len(choices) > 0 {
		first, _ = choices[0].(map[string]any)
	}
	if act["notice_hash"] != hash || gesture["trusted"] != true || gesture["box_default"] != false || opened <= 0 || ticked < opened ||
		first["accepted"] != true || gesture["trigger"] == "" || !strings.Contains("tap click key", kind) || kind == "" ||
		!regexp.MustCompile(`^\d+x\d+$`).MatchString(viewport) {
		f.bad("the consent proves nothing: %v", act)
	}
}

var challenge = map[string]any{"token": "challenge-token", "nonce": "nonce-1", "salt": base64.RawURLEncoding.EncodeToString([]byte("\xfb\xff salt of 16 b")), "iterations": 60, "bits": 5}

func (f *fake) solution(got any) {
	for counter := 0; ; counter++ {
		bits, err := pbkdf2.Key(sha256.New, fmt.Sprintf("nonce-1:%d", counter), []byte("\xfb\xff salt of 16 b"), 60, 16)
		if err != nil {
			panic(err)
		}
		if bits[0]>>3 == 0 {
			want := map[string]any{"token": "challenge-token", "counter": float64(counter)}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				f.bad("the puzzle's solution is %v, not %v", got, want)
			}
			return
		}
	}
}

// events holds counts to what the real server takes, and to naming nobody.
func (f *fake) events(body map[string]any) {
	list, _ := body["events"].([]any)
	if len(list) == 0 || len(list) > 50 || len(body) != 1 {
		f.bad("events are %v", body)
	}
	for _, e := range list {
		e, _ := e.(map[string]any)
		for name := range e {
			if !slices.Contains([]string{"kind", "source"}, name) {
				f.bad("an event carries %s", name)
			}
		}
		kind, _ := e["kind"].(string)
		f.mu.Lock()
		if f.counted == nil {
			f.counted = map[string]int{}
		}
		f.counted[kind]++
		f.mu.Unlock()
	}
}

// kinds is how often each kind of event was reported.
func (f *fake) kinds() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, kind := range []string{"component_show", "click", "open", "consent", "refuse"} {
		if n := f.counted[kind]; n > 0 {
			out = append(out, fmt.Sprintf("%s %d", kind, n))
		}
	}
	return strings.Join(out, ", ")
}

// sent is every request of one kind so far.
func (f *fake) sent(what string) []post {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []post
	for _, p := range f.posts {
		if p.Path == what {
			list = append(list, p)
		}
	}
	return list
}

// stored is how many leads there are.
func (f *fake) stored() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.leads)
}

// publish makes a new version of the notice; forms of the old one are stale.
func (f *fake) publish() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.version++
}

// breakLeads lets the next n submissions break on the way.
func (f *fake) breakLeads(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop = n
}
