package web_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"clew/component"
	"clew/consent"
	"clew/seal"
	"clew/web"
	"clew/words"
)

func TestAddressBelievesTrustedProxiesOnly(t *testing.T) {
	trusted := web.Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		proxies web.Proxies
		remote  string
		forward []string
		want    string
	}{
		"straight":                       {nil, "203.0.113.7:1000", nil, "203.0.113.7"},
		"nobody is trusted":              {nil, "203.0.113.7:1000", []string{"198.51.100.1"}, "203.0.113.7"},
		"not from a proxy":               {trusted, "203.0.113.7:1000", []string{"198.51.100.1"}, "203.0.113.7"},
		"through a proxy":                {trusted, "10.1.1.1:1000", []string{"198.51.100.1"}, "198.51.100.1"},
		"through two":                    {trusted, "10.1.1.1:1000", []string{"198.51.100.1, 10.2.2.2"}, "198.51.100.1"},
		"spoofed in front":               {trusted, "10.1.1.1:1000", []string{"127.0.0.1, 198.51.100.1"}, "198.51.100.1"},
		"spoofed as a proxy":             {trusted, "10.1.1.1:1000", []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		"spoofed in a header of its own": {trusted, "10.1.1.1:1000", []string{"127.0.0.1", "198.51.100.1"}, "198.51.100.1"},
		"a proxy asks":                   {trusted, "10.1.1.1:1000", nil, "10.1.1.1"},
		"only proxies":                   {trusted, "10.1.1.1:1000", []string{"10.3.3.3, 10.2.2.2"}, "10.3.3.3"},
		"nonsense":                       {trusted, "10.1.1.1:1000", []string{"<script>"}, "10.1.1.1"},
		"nonsense in front":              {trusted, "10.1.1.1:1000", []string{"nonsense, 198.51.100.1"}, "198.51.100.1"},
		"IPv6":                           {trusted, "[fd00::1]:1000", []string{"2001:db8::5"}, "2001:db8::5"},
		"IPv4 in IPv6":                   {trusted, "[::ffff:10.1.1.1]:1000", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"no address":                     {trusted, "@", []string{"198.51.100.1"}, ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header["X-Forwarded-For"] = c.forward
		if got := c.proxies.Address(r); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestLang(t *testing.T) {
	for _, c := range []struct {
		query, accept string
		want          words.Lang
	}{{"", "", words.ZH}, {"", "en", words.EN}, {"?lang=en", "zh", words.EN}, {"?lang=zh", "en", words.ZH}, {"?lang=xx", "en", words.EN}, {"?lang=%zz", "", words.ZH}} {
		r := httptest.NewRequest("GET", "/"+c.query, nil)
		r.Header.Set("Accept-Language", c.accept)
		if got := web.Lang(r); got != c.want {
			t.Errorf("%+v is %s", c, got)
		}
	}
}

func TestLimits(t *testing.T) {
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	take := func(l *web.Limits, address string) bool { _, ok := l.Take(address, now); return ok }
	var none *web.Limits
	for range 100 {
		if !take(none, "a") || !take(&web.Limits{}, "a") {
			t.Fatal("no limit limits")
		}
	}
	l := &web.Limits{PerSecond: 2, Burst: 3}
	for i := range 3 {
		if !take(l, "203.0.113.7") {
			t.Fatalf("request %d of the burst waits", i)
		}
	}
	if wait, ok := l.Take("203.0.113.7", now); ok || wait != 500*time.Millisecond {
		t.Errorf("the fourth: %v, %v", wait, ok)
	}
	if take(l, "::ffff:203.0.113.7") {
		t.Error("an address in another spelling is another address")
	}
	if !take(l, "203.0.113.8") {
		t.Error("the neighbour waits too")
	}
	for i := range 3 {
		take(l, "2001:db8::"+strconv.Itoa(i+1))
	}
	if take(l, "2001:db8::ffff:1") || !take(l, "2001:db8:0:1::1") {
		t.Error("a household is 64 bits of IPv6")
	}
	now = now.Add(500 * time.Millisecond)
	if !take(l, "203.0.113.7") || take(l, "203.0.113.7") {
		t.Error("half a second is one request")
	}
	now = now.Add(-time.Hour)
	if take(l, "203.0.113.7") {
		t.Error("a clock that goes back gives requests away")
	}
	if slow := (&web.Limits{PerSecond: 0.1}); !take(slow, "a") || take(slow, "a") {
		t.Error("a burst below one is one")
	}
}

// site is a handler under Logged, with its log and metrics.
func site(t *testing.T, routes map[string]http.HandlerFunc) (ask func(method, path string) *http.Response, log *bytes.Buffer, metrics func() string) {
	t.Helper()
	log = &bytes.Buffer{}
	mux, m := http.NewServeMux(), web.NewMetrics()
	for pattern, h := range routes {
		mux.HandleFunc(pattern, h)
	}
	h := web.Logged(slog.New(slog.NewJSONHandler(log, nil)), m, mux)
	ask = func(method, path string) *http.Response {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w.Result()
	}
	return ask, log, func() string {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return w.Body.String()
	}
}

// A receipt's link lets whoever has it see and erase; a number is a person. Neither
// gets into log or metrics, whatever the request.
func TestLogHoldsPatternsNotPaths(t *testing.T) {
	number := "138" + strconv.Itoa(12_345_678)
	ask, log, metrics := site(t, map[string]http.HandlerFunc{
		"GET /r/{link}":  func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, web.RequestID(r)) },
		"POST /r/{link}": func(http.ResponseWriter, *http.Request) { panic(errors.New("cannot read " + number)) },
	})
	ok := ask("GET", "/r/SECRETLINK?tel="+number)
	id, _ := io.ReadAll(ok.Body)
	if string(id) == "" || ok.Header.Get("X-Request-Id") != string(id) || !strings.Contains(log.String(), string(id)) {
		t.Errorf("request id %q", id)
	}
	ask("POST", "/r/SECRETLINK?tel="+number)
	ask("GET", "/SECRETLINK/"+number)
	ask("M"+number, "/r/SECRETLINK")
	for _, text := range []string{log.String(), metrics()} {
		if strings.Contains(text, "SECRETLINK") || strings.Contains(text, number) {
			t.Errorf("holds the link or the number:\n%s", text)
		}
		if !strings.Contains(text, "GET /r/{link}") {
			t.Errorf("does not hold the pattern:\n%s", text)
		}
	}
}

func TestMetricsAreBounded(t *testing.T) {
	ask, _, metrics := site(t, map[string]http.HandlerFunc{"/v1/": func(http.ResponseWriter, *http.Request) {}})
	for i := range 200 {
		ask("VERB"+strconv.Itoa(i), "/v1/"+strconv.Itoa(i))
		ask("GET", "/elsewhere/"+strconv.Itoa(i))
	}
	if n := strings.Count(metrics(), "clew_http_requests_total{"); n != 2 {
		t.Errorf("400 requests of two kinds made %d series", n)
	}
}

func TestPanicBecomesAProblem(t *testing.T) {
	ask, log, _ := site(t, map[string]http.HandlerFunc{
		"GET /before": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5")
			w.Header().Set("Content-Disposition", "attachment")
			panic("secret value")
		},
		"GET /after": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "half"); panic("secret value") },
		"GET /abort": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	})
	resp := ask("GET", "/before")
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != 500 || !strings.Contains(string(body), `"code":"internal"`) || resp.Header.Get("Content-Disposition") != "" {
		t.Errorf("answered %d %v %s", resp.StatusCode, resp.Header, body)
	}
	for _, path := range []string{"/after", "/abort"} {
		func() {
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("%s ended with %v: half an answer looks whole", path, v)
				}
			}()
			ask("GET", path)
		}()
	}
	if text := log.String(); strings.Contains(text, "secret value") || strings.Count(text, `"msg":"request"`) != 3 || strings.Count(text, `"msg":"panic"`) != 2 {
		t.Errorf("logged\n%s", text)
	}
}

func TestPreview(t *testing.T) {
	ring, now := seal.TestRing(t), time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	token, err := web.IssuePreview(ring, "cmp_1", now)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		token, component string
		after            time.Duration
		test             bool
		err              error
	}{
		{"", "cmp_1", 0, false, nil},
		{token, "cmp_1", 0, true, nil},
		{token, "cmp_1", 7*24*time.Hour - time.Second, true, nil},
		{token, "cmp_1", 7*24*time.Hour + time.Second, false, seal.ErrTokenExpired},
		{token, "cmp_2", 0, false, seal.ErrToken},
		{token + "x", "cmp_1", 0, false, seal.ErrToken},
		{"x", "cmp_1", 0, false, seal.ErrToken},
	} {
		test, err := web.OpenPreview(ring, c.token, c.component, now.Add(c.after))
		if test != c.test || !errors.Is(err, c.err) {
			t.Errorf("%+v: %t, %v", c, test, err)
		}
	}
}

// What a page shows is what the receipt will say: one notice, one hash, every text.
func TestShownIsWhatIsAgreedTo(t *testing.T) {
	ring, now := seal.TestRing(t), time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	v := &component.Version{Operator: "op_1", Component: "cmp_1", Number: 3, Definition: component.Sample("app_1")}
	for _, lang := range words.Langs() {
		d, err := web.Shown(ring, v, lang, true, now)
		if err != nil {
			t.Fatal(err)
		}
		want := consent.NewNotice("op_1", "cmp_1", 3, lang, v.Definition.NoticeText(lang))
		form, err := consent.OpenForm(ring, d.FormToken, now)
		if err != nil || form.NoticeHash != want.Hash || d.Notice.Hash != want.Hash || form.Lang != lang || !form.Test || form.Version != 3 {
			t.Errorf("%s: form %+v, %v; notice %s, want %s", lang, form, err, d.Notice.Hash, want.Hash)
		}
		text := v.Definition.NoticeText(lang)
		for _, s := range d.Notice.Sections {
			if !strings.Contains(text, s.Text) {
				t.Errorf("%s: section %s is not in the notice", lang, s.ID)
			}
		}
		for _, f := range d.Fields {
			if f.Label == "" || f.Autocomplete == "" || f.Choices == nil || f.MaxLength == 0 {
				t.Errorf("%s: field %+v", lang, f)
			}
		}
		if len(d.Choices) == 0 || d.Now != now.UnixMilli() || len(d.Words) == 0 {
			t.Errorf("%s: %+v", lang, d)
		}
	}
	if d, err := web.Shown(ring, v, "fr", false, now); err != nil || d.Lang != "zh" {
		t.Errorf("a language it does not speak becomes %q, %v", d.Lang, err)
	}
}
