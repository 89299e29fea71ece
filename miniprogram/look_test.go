package miniprogram_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"clew/browsertest"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

// Every state of the demo, as a browser shows the built templates and styles with
// the platforms' elements in HTML's clothes: no violation of WCAG 2.2 AA that axe-core
// finds, in both languages, light and dark, and nothing wider than a phone. With
// CLEW_SCREENSHOTS set to a folder, each state is also written there as a picture.
func TestLook(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"douyin", "alipay"} {
		dir := t.TempDir()
		if out, err := exec.CommandContext(t.Context(), "node", "test/picture.mjs", platform, dir).CombinedOutput(); err != nil {
			t.Fatalf("node test/picture.mjs: %v\n%s", err, out)
		}
		pages, err := filepath.Glob(filepath.Join(dir, "*.html"))
		if err != nil || len(pages) != 16 {
			t.Fatalf("%d pages: %v", len(pages), err)
		}
		server := httptest.NewServer(http.FileServer(http.Dir(dir)))
		t.Cleanup(server.Close)
		p := browsertest.Start(t).Page(t, browsertest.Phone)
		for _, scheme := range []string{"light", "dark"} {
			p.Media("prefers-color-scheme", scheme)
			for _, page := range pages {
				name := strings.TrimSuffix(filepath.Base(page), ".html")
				if platform == "alipay" && !strings.HasPrefix(name, "zh-4") {
					continue // the same source: one state shows that the style is the same
				}
				p.Goto(server.URL + "/" + name + ".html")
				when := platform + " " + scheme + " " + name
				p.Axe("../widget/node_modules/axe-core/axe.min.js", when)
				if wide := browsertest.Eval[int](p, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
					t.Errorf("%s is %d px wider than the screen", when, wide)
				}
				low := browsertest.Eval[string](p, `[...document.querySelectorAll('button')].filter(b => b.offsetHeight && b.offsetHeight < 44).map(b => b.textContent).join()`)
				if low != "" {
					t.Errorf("%s: smaller than a finger: %s", when, low)
				}
				if narrow := browsertest.Eval[string](p, `[...document.querySelectorAll('.cl-main')].filter(b => b.offsetWidth && b.offsetWidth < 300).map(b => b.textContent).join()`); narrow != "" {
					t.Errorf("%s: the platform's own style narrowed %s", when, narrow)
				}
				if pictures := os.Getenv("CLEW_SCREENSHOTS"); pictures != "" {
					p.Screenshot(filepath.Join(pictures, strings.ReplaceAll(when, " ", "-")+".png"))
					if n := name[3]; n >= '3' && n <= '7' {
						browsertest.Eval[bool](p, `(document.querySelector(`+map[bool]string{true: "'#clew-field-model'", false: "'#clew-field-phone'"}[n == '7']+`).scrollIntoView({block: 'center'}), true)`)
						p.Screenshot(filepath.Join(pictures, strings.ReplaceAll(when, " ", "-")+"-below.png"))
					}
				}
			}
		}
	}
}
