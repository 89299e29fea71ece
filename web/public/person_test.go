package public

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"clew/component"
	"clew/consent"
	"clew/words"
)

func TestPersonsPageIsPrivate(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		mine := number()
		link := w.lead(mine)
		for _, path := range []string{"", "/withdraw", "/erase", "/copy", "/copy.jws"} {
			resp, body := w.get(w.url + link + path)
			if resp.StatusCode != http.StatusOK {
				t.Errorf("%s: %d\n%s", path, resp.StatusCode, body)
			}
			for name, want := range map[string]string{
				"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow",
				"X-Content-Type-Options": "nosniff", "Content-Security-Policy": policyBare,
			} {
				if got := resp.Header.Get(name); got != want {
					t.Errorf("%s: %s is %q", path, name, got)
				}
			}
			if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") && strings.Contains(body, mine) {
				t.Errorf("%s shows the whole number", path)
			}
		}
		w.clean(mine)
		if strings.Contains(w.log.String(), strings.TrimPrefix(link, "/r/")) {
			t.Error("the log holds the link")
		}
	})
}

// Whoever guesses learns nothing: not whether the number was right, not whether
// anything was there.
func TestWrongLinks(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		link := w.lead(number())
		elsewhere := consent.Link(w.pages.Ring, "0000000000ZZ")
		strip := func(body, path string) string { return strings.ReplaceAll(body, path, "") }
		_, want := w.get(w.url + "/r/x")
		want = strip(want, "/r/x")
		changed := link[:len(link)-1] + string(link[len(link)-1]^1)
		for _, path := range []string{changed, link[:len(link)-2], link + "0", "/r/" + elsewhere, "/r/" + elsewhere[:12], "/r/%00"} {
			for _, sub := range []string{"", "/withdraw", "/erase", "/copy", "/copy.jws"} {
				resp, body := w.get(w.url + path + sub)
				if got := strip(body, path+sub); resp.StatusCode != http.StatusNotFound || got != want {
					t.Errorf("GET %s: %d, another page than for any wrong link\n%s", sub, resp.StatusCode, got)
				}
				if sub == "/withdraw" || sub == "/erase" {
					if resp, _ := w.post(w.url+path+sub, nil); resp.StatusCode != http.StatusNotFound {
						t.Errorf("POST %s: %d", sub, resp.StatusCode)
					}
				}
			}
		}
		if _, standing := w.receipt(link); !standing.Valid() {
			t.Error("something happened all the same")
		}
	})
}

func TestOnlyOwnPagesWithdraw(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		link := w.lead(number())
		from := func(site, origin string) func(*http.Request) {
			return func(r *http.Request) {
				r.Header.Del("Sec-Fetch-Site")
				r.Header.Del("Origin")
				if site != "" {
					r.Header.Set("Sec-Fetch-Site", site)
				}
				if origin != "" {
					r.Header.Set("Origin", origin)
				}
			}
		}
		for _, act := range []string{"/withdraw", "/erase"} {
			for _, c := range [][2]string{{"cross-site", "https://evil.example"}, {"cross-site", "null"}, {"", "https://evil.example"}} {
				if resp, body := w.post(w.url+link+act, nil, from(c[0], c[1])); resp.StatusCode != http.StatusForbidden || !strings.Contains(body, "另一个网站") {
					t.Errorf("%s from %v: %d", act, c, resp.StatusCode)
				}
			}
			if resp, _ := w.get(w.url + link + act); resp.StatusCode != http.StatusOK {
				t.Errorf("asking for %s: %d", act, resp.StatusCode)
			}
		}
		if _, standing := w.receipt(link); !standing.Valid() {
			t.Fatal("another site, or a mere look, withdrew a consent")
		}
		// A browser too old for Sec-Fetch-Site, on a page that tells no referrer.
		if resp, _ := w.post(w.url+link+"/withdraw", nil, from("", "null")); resp.StatusCode != http.StatusSeeOther {
			t.Errorf("an old browser: %d", resp.StatusCode)
		}
		// Twice is no error, and the way to ask leads back.
		if resp, _ := w.post(w.url+link+"/withdraw", nil); resp.StatusCode != http.StatusSeeOther {
			t.Errorf("twice: %d", resp.StatusCode)
		}
		if resp, _ := w.get(w.url + link + "/withdraw"); resp.StatusCode != http.StatusSeeOther {
			t.Errorf("asking again: %d", resp.StatusCode)
		}
	})
}

func TestCopyBeforeAndAfterErasing(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		mine := number()
		link := w.lead(mine)
		var keys consent.JWKS
		resp, body := w.get(w.url + "/.well-known/clew/receipt-keys.json")
		w.must(json.Unmarshal([]byte(body), &keys))
		if resp.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Error("others cannot read the keys")
		}
		take := func() (answers map[string]string) {
			t.Helper()
			resp, body := w.get(w.url + link + "/copy")
			if got := resp.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="clew-`) || strings.Contains(got, strings.TrimPrefix(link, "/r/")) {
				t.Errorf("the file is called %s", got)
			}
			var copied struct {
				Signed  string            `json:"signed_record"`
				Answers map[string]string `json:"answers"`
			}
			w.must(json.Unmarshal([]byte(body), &copied))
			_, signed := w.get(w.url + link + "/copy.jws")
			for _, text := range []string{copied.Signed, signed} {
				if _, err := consent.VerifySigned(keys, text); err != nil {
					t.Errorf("the signature does not hold: %v", err)
				}
				if _, err := consent.VerifySigned(keys, text[:len(text)-6]+"AAAAAA"); err == nil {
					t.Error("any signature holds")
				}
			}
			return copied.Answers
		}
		if got := take(); got["phone"] != "+86"+mine {
			t.Error("the copy does not have the whole number")
		}
		if resp, _ := w.post(w.url+link+"/erase", nil); resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("erasing: %d", resp.StatusCode)
		}
		if got := take(); len(got) != 0 {
			t.Errorf("after erasing the copy has %d answers", len(got))
		}
		_, page := w.get(w.url + link + "?lang=en")
		receipt, standing := w.receipt(link)
		for _, says := range []string{"Erased", receipt.Shown(), "Erased; no longer kept", "The notice and the receipt, without what was erased"} {
			if !strings.Contains(page, says) {
				t.Errorf("the page does not say %q:\n%s", says, page)
			}
		}
		if strings.Contains(page, "/erase") || strings.Contains(page, "/withdraw") || standing.ErasedAt.IsZero() {
			t.Error("the page still offers what is done")
		}
	})
}

func TestFiles(t *testing.T) {
	w := sqliteWorld(t, typed)
	resp, body := w.get(w.url + "/widget/v1/clew.js")
	tag := resp.Header.Get("ETag")
	if resp.StatusCode != http.StatusOK || len(body) < 1000 || tag == "" || resp.Header.Get("Access-Control-Allow-Origin") != "*" ||
		resp.Header.Get("Cache-Control") != "public, max-age=3600" || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/javascript") ||
		resp.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("clew.js: %d, %d bytes, %v", resp.StatusCode, len(body), resp.Header)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/widget/v1/clew.js", nil)
	w.must(err)
	r.Header.Set("If-None-Match", tag)
	if resp, body := w.do(r); resp.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("the same again: %d", resp.StatusCode)
	}
	for address, want := range map[string]int{
		"/widget/v1/clew.d.ts": 200, "/widget/v1/package.json": 404, "/widget/v1/..%2fclew.js": 404, "/widget/v2/clew.js": 404, "/widget/%2e%2e/clew.js": 404, "/nowhere": 404, "/c/": 404,
		asset("public.css"): 200, asset("mark.svg"): 200, "/assets/public.css": 404, "/assets/x.css": 404,
	} {
		resp, _ := w.get(w.url + address)
		if resp.StatusCode != want {
			t.Errorf("%s: %d", address, resp.StatusCode)
		}
		if strings.HasPrefix(address, "/assets/") && want == 200 && !strings.Contains(resp.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s may not be kept", address)
		}
	}
}

// Both languages say the same things, in the language they say they are in.
func TestLanguages(t *testing.T) {
	w := sqliteWorld(t, typed)
	link := w.lead(number())
	for _, lang := range words.Langs() {
		for _, path := range []string{"/", "/c/" + w.component, link, link + "/withdraw", link + "/erase", "/r/x"} {
			_, body := w.get(w.url + path + "?lang=" + string(lang))
			if !strings.Contains(body, `<html lang="`+lang.BCP47()+`">`) {
				t.Errorf("%s is not in %s", path, lang)
			}
			for _, other := range words.Langs() {
				if has := strings.Contains(body, "?lang="+string(other)+`" lang="`); has == (other == lang) {
					t.Errorf("%s in %s: link to %s: %v", path, lang, other, has)
				}
			}
		}
	}
	// The receipt is in the language the person was asked in, whatever the browser.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+link, nil)
	w.must(err)
	r.Header.Set("Accept-Language", "en-GB,en;q=0.9")
	if _, body := w.do(r); !strings.Contains(body, `<html lang="zh-CN">`) {
		t.Error("the person's page forgot its language")
	}
	// A component that speaks one language offers no other.
	one := sqliteWorld(t, nil)
	one.republish(func(d *component.Definition) { d.Langs = []words.Lang{words.ZH} })
	if _, body := one.get(one.path(words.EN)); !strings.Contains(body, `<html lang="zh-CN">`) || strings.Contains(body, "English") {
		t.Error("a page offers a language it does not have")
	}
}

var wordKey = regexp.MustCompile(`\.t\("([a-z0-9_.]*[a-z0-9])"`)

// A text that is asked for by name must be written down.
func TestEveryWordIsThere(t *testing.T) {
	files, err := filepath.Glob("*.templ")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range append(files, sources...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range wordKey.FindAllSubmatch(text, -1) {
			found++
			if !words.Has("public." + string(m[1])) {
				t.Errorf("%s: public.%s is not in words", name, m[1])
			}
		}
	}
	if found < 60 {
		t.Errorf("found only %d texts: the pattern is too old", found)
	}
}
