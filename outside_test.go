package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"clew/db/dbtest"
)

// A process whose database is gone says that it is not ready, goes on living, and
// is ready again once the database is back.
func TestReadyFollowsTheDatabase(t *testing.T) {
	t.Parallel()
	database := dbtest.Postgres(t)
	p := startHere(t, database)
	if a := p.get("/readyz"); a.status != http.StatusOK || !strings.Contains(a.body, `"database":"ok"`) {
		t.Fatalf("at first it answered %d: %s", a.status, a.body)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	server, err := sql.Open("pgx", os.Getenv("CLEW_TEST_POSTGRES"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	open := func(may bool) {
		t.Helper()
		if _, err := server.ExecContext(context.Background(), fmt.Sprintf("alter database %s allow_connections %v", name, may)); err != nil {
			t.Fatal(err)
		}
	}
	open(false)
	defer open(true)
	if _, err := server.ExecContext(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where datname=$1", name); err != nil {
		t.Fatal(err)
	}
	until(t, "503", func() bool { return p.get("/readyz").status == http.StatusServiceUnavailable })
	a := p.get("/readyz")
	if a.header.Get("Content-Type") != "application/json" || !strings.Contains(a.body, `"database":"does not answer"`) {
		t.Errorf("without its database it answered %s", a.body)
	}
	if a := p.get("/healthz"); a.status != http.StatusOK {
		t.Errorf("/healthz answered %d", a.status)
	}
	// People are told, and nothing is taken.
	if a := p.get(p.PageURL); a.status != http.StatusServiceUnavailable && a.status != http.StatusInternalServerError {
		t.Errorf("the page answered %d", a.status)
	}
	open(true)
	until(t, "200", func() bool { return p.get("/readyz").status == http.StatusOK })
	if a := p.get(p.PageURL); a.status != http.StatusOK {
		t.Errorf("the page answered %d", a.status)
	}
	if _, password := u.User.Password(); strings.Contains(p.log.String(), database) || password && strings.Contains(p.log.String(), "password") {
		t.Error("the log holds the database's address with its secret")
	}
}

// The figures are for this machine only, and no proxy may carry them out.
func TestMetricsStayHere(t *testing.T) {
	t.Parallel()
	p := startHere(t, "")
	if a := p.get("/metrics"); a.status != http.StatusOK || !strings.Contains(a.body, "go_goroutines") {
		t.Errorf("/metrics answered %d", a.status)
	}
	for _, name := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"} {
		r := p.request(http.MethodGet, "/metrics", nil)
		r.Header.Set(name, "127.0.0.1")
		if a := p.do(nil, r); a.status != http.StatusNotFound || strings.Contains(a.body, "go_goroutines") {
			t.Errorf("/metrics through a proxy (%s) answered %d", name, a.status)
		}
	}
	handler, err := p.h.handler()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
	go func() { _ = srv.Serve(l) }()
	defer func() { _ = srv.Close() }()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		ip, ok := a.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.To4() == nil {
			continue
		}
		got := p.get(fmt.Sprintf("http://%s:%d/metrics", ip.IP, l.Addr().(*net.TCPAddr).Port))
		if got.status != http.StatusNotFound {
			t.Errorf("/metrics on another address answered %d", got.status)
		}
	}
}

// looseSource is what a policy must not name.
var looseSource = regexp.MustCompile(`'unsafe-|\*|https?:|'strict-dynamic'`)

// Every page has a strict policy and says what browsers must not guess; only the
// console keeps a cookie, which no script reads and no other site sends.
func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	p := startHere(t, "")
	desk := p.signIn(p.ConsoleLoginURL)
	id, r := p.lead(newNumber())
	link := strings.TrimPrefix(r.Receipt.URL, p.URL)
	at := "/c/" + p.ComponentID
	landing := p.get(at)
	form := at + "/form" + strings.ReplaceAll(between(t, landing.body, `href="`+at+`/form`, `"`), "&amp;", "&")

	check := func(address string, a answer) {
		t.Helper()
		kind := a.header.Get("Content-Type")
		if a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s (%d, %s): no nosniff", address, a.status, kind)
		}
		if a.header.Get("X-Powered-By") != "" || a.header.Get("Server") != "" {
			t.Errorf("%s says what it is made with", address)
		}
		if !strings.HasPrefix(kind, "text/html") {
			return
		}
		policy := a.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors", "form-action"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %s: %s", address, part, policy)
			}
		}
		if looseSource.MatchString(policy) {
			t.Errorf("%s: the policy is loose: %s", address, policy)
		}
		if a.header.Get("Referrer-Policy") == "" || a.header.Get("Permissions-Policy") == "" || a.header.Get("Cross-Origin-Opener-Policy") == "" {
			t.Errorf("%s lacks headers: %v", address, a.header)
		}
		if a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %s", address, a.header.Get("Cache-Control"))
		}
		for _, inline := range []string{"<script>", "<style", " style=", " onclick=", "javascript:"} {
			if strings.Contains(a.body, inline) {
				t.Errorf("%s has %s in it", address, inline)
			}
		}
	}
	script := regexp.MustCompile(`src="(/[^"]+)"`).FindStringSubmatch(landing.body)
	if script == nil {
		t.Fatal("the landing page has no script")
	}
	for _, address := range []string{
		"/", at, form, link, link + "/withdraw", link + "/erase", link + "/copy", link + "/copy.jws", "/nowhere", "/c/nowhere", "/r/nowhere",
		script[1], "/widget/v1/clew.js", "/openapi.json", "/.well-known/clew/receipt-keys.json", p.api("?lang=zh"), p.api("/nowhere"), "/v1/leads", "/v1/nowhere",
		"/healthz", "/readyz", "/metrics",
	} {
		a := p.get(address)
		check(address, a)
		if c := a.header.Values("Set-Cookie"); len(c) > 0 {
			t.Errorf("%s sets a cookie: %v", address, c)
		}
	}
	for _, address := range []string{at + "/form", at + "/decline", link + "/nowhere"} {
		a := p.do(nil, p.form(address, nil))
		check(address, a)
		if c := a.header.Values("Set-Cookie"); len(c) > 0 {
			t.Errorf("%s sets a cookie: %v", address, c)
		}
	}
	for _, address := range []string{
		"/console/", "/console/leads", "/console/leads/" + id, "/console/leads/export", "/console/components", "/console/webhooks", "/console/people",
		"/console/outbox", "/console/audit", "/console/account", "/console/nowhere", "/dev/inbox", "/console/sign-in",
	} {
		check(address, desk.get(address))
	}
	// Nobody is let in without the cookie, and a page elsewhere cannot use it.
	if a := p.get("/console/leads"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/console/sign-in") {
		t.Errorf("without a cookie the console answered %d", a.status)
	}
	foreign := desk.form("/console/leads/"+id+"/erase", url.Values{"reason": {"来自别处的请求"}})
	foreign.Header.Set("Origin", "https://elsewhere.example")
	foreign.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := desk.do(desk.jar, foreign); a.status != http.StatusForbidden {
		t.Errorf("a form from elsewhere was answered %d", a.status)
	}

	cookie := p.do(nil, p.form(p.AdminLoginURL, nil)).header.Get("Set-Cookie")
	if !strings.Contains(cookie, "; HttpOnly") || !strings.Contains(cookie, "; SameSite=Lax") && !strings.Contains(cookie, "; SameSite=Strict") || !strings.Contains(cookie, "; Path=/") {
		t.Errorf("the console's cookie is %s", cookie)
	}
	if a := p.get("/console/sign-in?lang=en"); !strings.Contains(a.header.Get("Set-Cookie"), "; HttpOnly") {
		t.Errorf("the language's cookie is %s", a.header.Get("Set-Cookie"))
	}
}
