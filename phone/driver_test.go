package phone

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"clew/db/dbtest"
)

func TestLogDriverMasks(t *testing.T) {
	var out bytes.Buffer
	at := dbtest.Start
	d := NewLogDriver(&out, func() time.Time { return at })
	n := mustNumber(t, 7)
	for i := range maxMessages + 5 {
		if err := d.Send(t.Context(), n, fmt.Sprint("message ", i)); err != nil {
			t.Fatal(err)
		}
	}
	got := d.Messages()
	if len(got) != maxMessages || got[0].Text != fmt.Sprint("message ", maxMessages+4) || got[0].Masked != n.Mask() || !got[0].At.Equal(at) {
		t.Errorf("%d messages, newest %+v", len(got), got[0])
	}
	if strings.Contains(out.String(), n.National()) || !strings.HasPrefix(out.String(), "SMS to "+n.Mask()+": message 0\n") {
		t.Errorf("printed %.80s", out.String())
	}
}

type gateway struct {
	*httptest.Server
	body, header, kind, url string
	answer                  func(w http.ResponseWriter, r *http.Request)
}

func newGateway(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *gateway {
	t.Helper()
	g := &gateway{answer: answer}
	g.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		g.body, g.header, g.kind, g.url = string(body), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), r.URL.String()
		g.answer(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) driver(t *testing.T, turn func(*HTTPConfig)) *HTTPDriver {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(g.Certificate())
	cfg := HTTPConfig{
		URL: g.URL + "/send", Body: `{"to":"{to}","text":"{text}"}`, Secret: `s"3`,
		Header: map[string]string{"Authorization": "Key {secret}"}, RootCAs: roots,
	}
	if turn != nil {
		turn(&cfg)
	}
	d, err := NewHTTPDriver(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func say(status int, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestHTTPDriverSendsWhatTheGatewayWants(t *testing.T) {
	n := mustNumber(t, 8)
	g := newGateway(t, say(202, ""))
	if err := g.driver(t, nil).Send(t.Context(), n, "say \"hi\"\n{to}"); err != nil {
		t.Fatal(err)
	}
	if want := `{"to":"` + n.E164() + `","text":"say \"hi\"\n{to}"}`; g.body != want || g.kind != "application/json" || g.header != `Key s"3` || g.url != "/send" {
		t.Errorf("sent %s %s %s %s", g.url, g.kind, g.header, g.body)
	}
	form := g.driver(t, func(c *HTTPConfig) {
		c.ContentType, c.Body = "application/x-www-form-urlencoded", "m={national}&t={text}&k={secret}"
	})
	if err := form.Send(t.Context(), n, "甲&m=1"); err != nil {
		t.Fatal(err)
	}
	if want := "m=" + n.National() + "&t=%E7%94%B2%26m%3D1&k=s%223"; g.body != want {
		t.Errorf("sent %s, want %s", g.body, want)
	}
}

func TestHTTPDriverFailuresSayNothingAboutTheNumber(t *testing.T) {
	n := mustNumber(t, 9)
	at := func(pointer, value string) func(*HTTPConfig) {
		return func(c *HTTPConfig) { c.SuccessPointer, c.SuccessValue = pointer, value }
	}
	echo := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); _, _ = io.WriteString(w, n.E164()) }
	for _, c := range []struct {
		name   string
		answer func(http.ResponseWriter, *http.Request)
		turn   func(*HTTPConfig)
		want   string // "" is success
	}{
		{"ok by pointer", say(200, `{"r":[{"code":"OK"}]}`), at("/r/0/code", "OK"), ""},
		{"ok by number", say(200, `{"a/b":0}`), at("/a~1b", "0"), ""},
		{"ok by bool", say(200, `{"ok":true}`), at("/ok", "true"), ""},
		{"refused by pointer", say(200, `{"code":"LIMIT"}`), at("/code", "OK"), "does not say success"},
		{"pointer to nothing", say(200, `{"code":"OK"}`), at("/other", "OK"), "does not say success"},
		{"pointer past a list", say(200, `[1]`), at("/1", "1"), "does not say success"},
		{"pointer through a word", say(200, `"x"`), at("/1", "1"), "does not say success"},
		{"pointer to an object", say(200, `{"code":{}}`), at("/code", ""), "does not say success"},
		{"not JSON", say(200, `<html>`), at("/code", "OK"), "does not say success"},
		{"endless answer", say(200, `{"code":"`+strings.Repeat("x", 1<<20)+`"}`), at("/code", "OK"), "does not say success"},
		{"status that repeats the number", echo, nil, "status 500"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusTemporaryRedirect)
		}, nil, "status 307"},
		{"breaks off", func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }, nil, "not reached"},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, func(c *HTTPConfig) { c.Timeout = 50 * time.Millisecond }, "no answer in time"},
		{"not the certificate", say(200, ""), func(c *HTTPConfig) { c.RootCAs = x509.NewCertPool() }, "not reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newGateway(t, c.answer)
			err := g.driver(t, c.turn).Send(t.Context(), n, "text")
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want %q", err, c.want)
			case err != nil && strings.Contains(err.Error(), n.National()):
				t.Errorf("the number is in %v", err)
			}
		})
	}
}

func TestHTTPConfigIsChecked(t *testing.T) {
	for name, turn := range map[string]func(*HTTPConfig){
		"plain http":              func(c *HTTPConfig) { c.URL = "http://sms.example/" },
		"no host":                 func(c *HTTPConfig) { c.URL = "https:///x" },
		"number in url":           func(c *HTTPConfig) { c.URL = "https://sms.example/?to={to}" },
		"get":                     func(c *HTTPConfig) { c.Method = "GET" },
		"number in header":        func(c *HTTPConfig) { c.Header = map[string]string{"X-To": "{to}"} },
		"no number":               func(c *HTTPConfig) { c.Body = `{"t":"{text}"}` },
		"no text":                 func(c *HTTPConfig) { c.Body = `{"t":"{to}"}` },
		"outside quotes":          func(c *HTTPConfig) { c.Body = `{"t":{text},"to":"{to}"}` },
		"other content type":      func(c *HTTPConfig) { c.ContentType = "text/xml" },
		"pointer without a slash": func(c *HTTPConfig) { c.SuccessPointer = "code" },
	} {
		cfg := HTTPConfig{URL: "https://sms.example/", Body: `{"to":"{to}","t":"{text}"}`}
		if _, err := NewHTTPDriver(cfg); err != nil {
			t.Fatal(err)
		}
		turn(&cfg)
		if _, err := NewHTTPDriver(cfg); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
