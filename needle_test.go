package main

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clew/db"
	"clew/db/dbtest"
	"clew/words"
)

// needle is one form of one number: a bare hash of a number is the number, since
// all of them can be tried.
type needle struct {
	form  string // for people, without the number
	bytes []byte
}

// needles is every form in which a number might be written down.
func needles(number string) []needle {
	var out []needle
	add := func(form string, b []byte) { out = append(out, needle{form, b}) }
	// Whatever holds a country code before the number holds the number too.
	add("plain", []byte(number))
	for _, sep := range []string{" ", "-", ".", "\u00a0", "%20", "+"} {
		add("plain, grouped by "+sep, []byte(number[:3]+sep+number[3:7]+sep+number[7:]))
	}
	wide := ""
	for _, c := range number {
		wide += string(c - '0' + '０')
	}
	add("full width", []byte(wide))
	utf16 := make([]byte, 0, 22)
	for i := range len(number) {
		utf16 = append(utf16, number[i], 0)
	}
	add("UTF-16", utf16)
	add("hex", []byte(hex.EncodeToString([]byte(number))))
	// Inside base64 a text stands in one of three ways, by what comes before it; its
	// first and last characters depend on its neighbours.
	for shift := range 3 {
		text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + number))
		add("base64, shifted by "+strconv.Itoa(shift), []byte(text[[]int{0, 2, 3}[shift]:len(text)-1]))
	}
	n, _ := strconv.ParseUint(number, 10, 64)
	add("whole number", binary.BigEndian.AppendUint64(nil, n)[2:]) // as SQLite stores it
	add("whole number, turned round", binary.LittleEndian.AppendUint64(nil, n))
	for _, written := range []string{number, "+86" + number, "86" + number, "0086" + number, "tel:+86" + number} {
		h1, h2, h3, h4 := md5.Sum([]byte(written)), sha1.Sum([]byte(written)), sha256.Sum256([]byte(written)), sha512.Sum512([]byte(written))
		for name, sum := range map[string][]byte{"md5": h1[:], "sha1": h2[:], "sha256": h3[:], "sha512": h4[:]} {
			name += " of " + strings.ReplaceAll(written, number, "N")
			// Half of a hash still tells numbers apart.
			add(name, sum[:len(sum)/2])
			h := hex.EncodeToString(sum)
			add(name+", hex", []byte(h[:len(h)/2]))
			add(name+", HEX", []byte(strings.ToUpper(h[:len(h)/2])))
			add(name+", base64", []byte(base64.StdEncoding.EncodeToString(sum)[:16]))
			add(name+", base64url", []byte(base64.RawURLEncoding.EncodeToString(sum)[:16]))
		}
	}
	return out
}

// magnet finds needles in bytes; all have at least 4.
type magnet struct {
	byHead map[uint32][]needle
	heads  [1 << 16]bool // of the first two bytes: most places are ruled out by them
}

func newMagnet(numbers ...string) *magnet {
	m := &magnet{byHead: map[uint32][]needle{}}
	for i, number := range numbers {
		for _, n := range needles(number) {
			n.form = "number " + strconv.Itoa(i) + ", " + n.form
			head := binary.BigEndian.Uint32(n.bytes)
			m.byHead[head] = append(m.byHead[head], n)
			m.heads[head>>16] = true
		}
	}
	return m
}

// find tells which forms stand in hay.
func (m *magnet) find(hay []byte) (found []string) {
	for i := 0; i+4 <= len(hay); i++ {
		if !m.heads[uint32(hay[i])<<8|uint32(hay[i+1])] {
			continue
		}
		for _, n := range m.byHead[binary.BigEndian.Uint32(hay[i:])] {
			if bytes.HasPrefix(hay[i:], n.bytes) && !slices.Contains(found, n.form) {
				found = append(found, n.form)
			}
		}
	}
	return found
}

// folder searches every file below root; skip may leave some out. It gives what it
// found by file, and how many bytes it went through. Files that go away meanwhile
// are gone.
func (m *magnet) folder(root string, skip func(path string) bool) (found map[string][]string, size int64, err error) {
	found = map[string][]string{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case skip != nil && skip(path):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		hay, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		size += int64(len(hay))
		if forms := m.find(hay); len(forms) > 0 {
			found[path] = forms
		}
		return err
	})
	return found, size, err
}

// haystack is a run's traces, and the numbers that must not be in them.
type haystack struct {
	t       *testing.T
	numbers []string
	magnet  *magnet
}

func (h *haystack) clean(where string, hay []byte) {
	h.t.Helper()
	for _, form := range h.magnet.find(hay) {
		h.t.Errorf("%s holds %s", where, form)
	}
}

func (h *haystack) cleanFolder(root string, atLeast int64, skip func(string) bool) {
	h.t.Helper()
	found, size, err := h.magnet.folder(root, skip)
	if err != nil {
		h.t.Fatalf("could not search %s: %v", root, err)
	}
	for path, forms := range found {
		h.t.Errorf("%s holds %s", path, strings.Join(forms, "; "))
	}
	if size < atLeast {
		h.t.Errorf("%s has %d bytes only: the search missed the place", root, size)
	}
}

// No phone number of a person is ever written down anywhere but sealed: not in the
// database or its logs, not in what the program prints, not in what it publishes.
func TestNoNumberLeaksAnywhere(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		p := startApart(t, t.TempDir())
		h := live(t, p)
		// While it runs the write-ahead log is there too.
		for _, file := range []string{"clew.db", "clew.db-wal", "clew.db-shm", "demo.json"} {
			if _, err := os.Stat(filepath.Join(p.data, file)); err != nil {
				t.Error(err)
			}
		}
		h.cleanFolder(p.data, 100_000, nil)
		if err := p.stop(); err != nil {
			t.Errorf("it ended with %v: %s", err, p.log)
		}
		h.cleanFolder(p.data, 100_000, nil)
		h.clean("what it printed", []byte(p.log.String()))
		h.seesPlanted(p.data)
	})
	t.Run("postgres", func(t *testing.T) {
		database := dbtest.Postgres(t)
		p := startHere(t, database)
		h := live(t, p)
		if err := p.stop(); err != nil {
			t.Error(err)
		}
		h.clean("what it printed", []byte(p.log.String()+p.terminal.String()))
		h.cleanFolder(p.data, 100, nil)

		server, err := sql.Open("pgx", database)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = server.Close() }()
		var root, oid string
		if err := server.QueryRowContext(t.Context(), "select current_setting('data_directory'), oid::text from pg_database where datname=current_database()").Scan(&root, &oid); err != nil {
			t.Fatalf("PostgreSQL does not tell where its data are: %v", err)
		}
		if _, err := os.ReadDir(filepath.Join(root, "pg_wal")); err != nil {
			t.Fatalf("PostgreSQL's own files must be readable for this test; run it as root or as the server's owner: %v", err)
		}
		if _, err := server.ExecContext(t.Context(), "checkpoint"); err != nil {
			t.Fatal(err)
		}
		// Other tests' databases are on this server too; everything shared is searched.
		others := func(path string) bool {
			return filepath.Dir(path) == filepath.Join(root, "base") && filepath.Base(path) != oid
		}
		h.cleanFolder(root, 16<<20, others)
	})
}

// live is a whole life of an installation with numbers on every path it has.
func live(t *testing.T, p *platform) *haystack {
	t.Helper()
	h := &haystack{t: t}
	number := func() string {
		n := newNumber()
		h.numbers = append(h.numbers, n)
		return n
	}
	want := func(what string, a answer, status int) answer {
		t.Helper()
		if a.status != status {
			t.Errorf("%s answered %d: %s", what, a.status, a.body)
		}
		return a
	}
	desk := p.signIn(p.ConsoleLoginURL)
	d := p.shown(words.ZH)

	// Stored: by the sheet's interface, and by the plain page.
	first := number()
	id, r := p.lead(first)
	link := strings.TrimPrefix(r.Receipt.URL, p.URL)
	second := number()
	h.byPage(p, second)

	// Everything a lead can hold besides, filled with numbers by somebody's page.
	third := number()
	s := p.prove(agree(d, third), third)
	s.Answers["name"], s.Answers["city"] = "王女士 "+third, "浙江省 杭州市"
	s.Consent.Gesture.Trigger = "免费咨询 " + third
	s.Source = "live-" + third
	s.Consent.Gesture.Viewport = third
	want("a number for a viewport", p.submit(s, third), http.StatusUnprocessableEntity)
	s.Consent.Gesture.Viewport = "390x844"
	want("a page that says who is there", p.submit(s, third), http.StatusCreated)
	s.Answers["name"] = third
	want("another body under the same key", p.submit(s, third), http.StatusConflict)
	want("a refusal", p.call(http.MethodPost, p.api("/refusals"), "", map[string]any{
		"form_token": d.FormToken, "stage": third, "gesture": map[string]any{"kind": third, "trigger": third},
	}, nil), http.StatusBadRequest)

	// Refused: wrong code, no consent, bad answers; and a code somebody else asks for.
	fourth := number()
	s = p.prove(agree(d, fourth), fourth)
	code := s.Code
	s.Code = strings.Map(func(c rune) rune { return '0' + (c-'0'+1)%10 }, code)
	want("a wrong code", p.submit(s, db.NewID("key")), http.StatusUnprocessableEntity)
	want("a second code from elsewhere", p.sendCode(s, fourth), http.StatusCreated)
	s.Code = fourth
	want("a number for a code", p.submit(s, db.NewID("key")), http.StatusUnprocessableEntity)
	s.Code, s.CodeID = code, fourth
	want("a number for a code's id", p.submit(s, db.NewID("key")), http.StatusUnprocessableEntity)
	s = agree(d, fourth)
	s.Consent = nil
	want("no consent", p.submit(s, db.NewID("key")), http.StatusUnprocessableEntity)
	s = agree(d, fourth)
	s.Answers["age of "+fourth], s.Answers["city"], s.Answers["question"] = fourth, fourth, fourth
	want("bad answers", p.submit(s, db.NewID("key")), http.StatusUnprocessableEntity)
	s.FormToken = fourth
	want("a number for a form token", p.submit(s, db.NewID("key")), http.StatusUnprocessableEntity)

	// Malformed, at every door.
	fifth := number()
	refused := func(a answer) {
		if a.status == http.StatusTooManyRequests || a.status >= http.StatusInternalServerError {
			t.Errorf("nonsense was answered %d: %s", a.status, a.body)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, fifth} {
		for _, path := range []string{
			"/" + fifth, "/?phone=" + fifth, "/c/" + fifth, "/c/" + p.ComponentID + "?phone=" + fifth, "/r/" + fifth, "/r/" + fifth + "/erase",
			"/v1/leads/" + fifth, "/v1/leads?component=" + fifth, "/v1/leads?from=" + fifth, "/v1/leads?cursor=" + fifth, "/v1/" + fifth,
			"/console/leads/" + fifth, "/console/leads?cursor=" + fifth, "/console/" + fifth, "/v1/public/components/" + fifth, p.api("/leads?phone=" + fifth),
			p.api("?preview=" + fifth + "&lang=" + fifth), "/widget/v1/" + fifth, "/assets/" + fifth, "/dev/inbox?" + fifth, "/console/link/" + fifth,
		} {
			a := p.request(method, path, strings.NewReader(`{"phone": "`+fifth+`", `))
			a.Header.Set("Content-Type", "application/json")
			a.Header.Set("Authorization", "Bearer "+p.APIKey)
			for _, name := range []string{
				"User-Agent", "Referer", "Origin", "X-Forwarded-For", "X-Request-Id", "Idempotency-Key", "Accept-Language", "Cookie",
				"Webhook-Id", "Traceparent", "Forwarded",
			} {
				a.Header.Set(name, "https://"+fifth+".example/"+fifth)
			}
			refused(p.do(nil, a))
			a = p.request(method, path, strings.NewReader(`{"phone": "`+fifth+`", "reason": `+fifth+`}`))
			a.Header.Set("Content-Type", "application/json")
			a.Header.Set("Authorization", "Bearer "+fifth)
			refused(p.do(desk.jar, a))
			refused(p.do(desk.jar, p.form(path, url.Values{"phone": {fifth}, "reason": {fifth}, fifth: {"1"}, "login": {fifth}})))
		}
	}
	want("signing in by a number", p.do(nil, p.form("/console/sign-in", url.Values{"login": {fifth}, "password": {fifth}, "code": {fifth}})), http.StatusOK)

	// Staff at work, and what they should not write down.
	at := "/console/leads/" + id
	if a := desk.post(at+"/reveal", url.Values{"field": {"phone"}, "reason": {"客户约定今天回电"}}); !strings.Contains(a.body, grouped(first)) {
		t.Errorf("revealing answered %d", a.status)
	}
	for _, written := range []string{first, grouped(first), "+86 " + first, "客户 " + first + " 要求回电"} {
		desk.post(at+"/reveal", url.Values{"field": {"phone"}, "reason": {written}})
		desk.post(at+"/outcome", url.Values{"state": {"connected"}, "note": {written}})
		desk.post(at+"/erase", url.Values{"reason": {written}})
		desk.post("/console/leads/export", url.Values{"what": {"revealed"}, "reason": {written}})
		desk.get("/console/audit?subject=" + url.QueryEscape(written))
	}
	want("the CSV in the clear", desk.post("/console/leads/export", url.Values{"what": {"revealed"}, "reason": {"月底对账需要"}}), http.StatusOK)
	inFile(t, want("the CSV", desk.post("/console/leads/export", url.Values{"what": {"masked"}}), http.StatusOK).body, id, first)
	want("finding", p.call(http.MethodPost, "/v1/leads/find", p.APIKey, map[string]string{"phone": grouped(first), "reason": "客户来电核对"}, nil), http.StatusOK)
	want("finding a stranger", p.call(http.MethodPost, "/v1/leads/find", p.APIKey, map[string]string{"phone": number(), "reason": "客户来电核对"}, nil), http.StatusOK)
	want("an outcome", p.call(http.MethodPost, "/v1/leads/"+id+"/outcome", p.APIKey, map[string]string{"state": "connected", "note": "约了周三"}, nil), http.StatusOK)

	// What others are told, and what is published.
	h.magnet = newMagnet(h.numbers...)
	h.clean("the webhook", p.arrived("lead.created", id).Body)
	for _, path := range []string{
		"/metrics", "/openapi.json", "/readyz", "/dev/inbox", "/c/" + p.ComponentID, link, link + "/copy.jws", p.api("?lang=zh"),
	} {
		h.clean(path, []byte(p.get(path).body))
	}
	for _, path := range []string{"/console/", "/console/leads", at, "/console/audit", "/console/outbox", "/console/webhooks", "/console/leads/" + id + "/receipt.json"} {
		h.clean(path, []byte(want(path, desk.get(path), http.StatusOK).body))
	}
	// The person's copy is theirs, number and all.
	if a := p.get(link + "/copy"); len(h.magnet.find([]byte(a.body))) == 0 {
		t.Errorf("the person's copy answered %d and lacks the number", a.status)
	}
	if a := p.do(nil, p.form(link+"/erase", nil)); a.status != http.StatusSeeOther {
		t.Errorf("erasing answered %d", a.status)
	}
	p.arrived("lead.erased", id)
	return h
}

// byPage leaves a number on the page for browsers without script, with a mistake
// on the way.
func (h *haystack) byPage(p *platform, number string) {
	h.t.Helper()
	at := "/c/" + p.ComponentID
	step := func(what string, a answer, status int) answer {
		h.t.Helper()
		if a.status != status {
			h.t.Fatalf("%s answered %d: %s", what, a.status, a.body)
		}
		return a
	}
	page := step("the page", p.get(at), http.StatusOK)
	trigger := between(h.t, page.body, `href="`+at+`/form`, `"`)
	form := step("the form", p.get(at+"/form"+strings.ReplaceAll(trigger, "&amp;", "&")), http.StatusOK)
	values := url.Values{
		"form_token": {between(h.t, form.body, `name="form_token" value="`, `"`)}, "choice.contact": {"yes"},
		"answer.phone": {number + "0"}, "do": {"code"},
	}
	post := func(do string) answer {
		values.Set("do", do)
		return p.do(nil, p.form(at+"/form", values))
	}
	step("a number too long", post("code"), http.StatusUnprocessableEntity)
	values.Set("answer.phone", number)
	sent := step("a code", post("code"), http.StatusOK)
	values.Set("code_id", between(h.t, sent.body, `name="code_id" value="`, `"`))
	values.Set("code", number[:6])
	step("a wrong code", post("submit"), http.StatusUnprocessableEntity)
	values.Set("code", p.code(number))
	step("the form", post("submit"), http.StatusSeeOther)
}

// between is the text between two others.
func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, before)
	got, _, ends := strings.Cut(rest, after)
	if !ok || !ends {
		t.Fatalf("%q is not in:\n%s", before, text)
	}
	return got
}

// seesPlanted puts a number into a copy of the database, as a careless program
// would, and finds it there.
func (h *haystack) seesPlanted(data string) {
	h.t.Helper()
	copied := h.t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(data)); err != nil {
		h.t.Fatal(err)
	}
	d, err := db.Open(h.t.Context(), db.Config{URL: "sqlite:" + filepath.Join(copied, "clew.db")})
	if err != nil {
		h.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("+86" + h.numbers[0]))
	for _, note := range []string{"tel " + h.numbers[0], hex.EncodeToString(sum[:])} {
		if err := d.Write(h.t.Context(), func(tx *db.Tx) error {
			n, err := tx.Exec(h.t.Context(), "update lead set source_page=$1 where erased_at=0", note)
			if err == nil && n == 0 {
				return errors.New("no lead is left")
			}
			return err
		}); err != nil {
			h.t.Fatal(err)
		}
		// Committed, it stands in the write-ahead log; closed, in the database.
		if found, _, err := h.magnet.folder(copied, nil); err != nil || len(found[filepath.Join(copied, "clew.db-wal")]) == 0 {
			h.t.Errorf("what was planted was found in %v, error %v", found, err)
		}
	}
	if err := d.Close(); err != nil {
		h.t.Fatal(err)
	}
	if found, _, err := h.magnet.folder(copied, nil); err != nil || len(found[filepath.Join(copied, "clew.db")]) == 0 {
		h.t.Errorf("what was planted was found in %v, error %v", found, err)
	}
}

// A search that finds nothing anywhere would pass every day: every form is found,
// wherever it stands.
func TestNeedlesAreFound(t *testing.T) {
	t.Parallel()
	number := newNumber()
	m := newMagnet(newNumber(), number)
	for _, n := range needles(number) {
		for _, before := range []int{0, 1, 2, 3, 4093} {
			hay := slices.Concat(bytes.Repeat([]byte{'x'}, before), n.bytes, []byte("y"))
			if found := m.find(hay); !slices.Contains(found, "number 1, "+n.form) {
				t.Errorf("%s after %d bytes: found %v", n.form, before, found)
			}
		}
	}
	// The forms themselves are what real encoders make.
	sum := sha512.Sum512([]byte("+86" + number))
	for name, text := range map[string]string{
		"JSON": `{"phone":"+86` + number + `"}`, "hex of a text": hex.EncodeToString([]byte("tel:" + number + "!")),
		"sha512": base64.URLEncoding.EncodeToString(sum[:]), "%x": fmt.Sprintf("%X", sum),
		"base64 at 0": base64.StdEncoding.EncodeToString([]byte("abc" + number + "def")), "base64 at 1": base64.StdEncoding.EncodeToString([]byte("abcd" + number + "ef")),
		"base64 at 2": base64.RawURLEncoding.EncodeToString([]byte("abcde" + number)),
	} {
		if len(m.find([]byte(text))) == 0 {
			t.Errorf("%s is not found", name)
		}
	}
	if found := m.find([]byte(strings.Repeat("138****0000 138000 1380013 ", 1000))); len(found) > 0 {
		t.Errorf("found %v where nothing is", found)
	}
}
