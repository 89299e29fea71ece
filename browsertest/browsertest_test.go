package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clew/browsertest"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

const fixture = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Fixture</title><link rel="icon" href="data:,"><h1>Fixture</h1><div style="height:2000px"></div>
<my-box></my-box><p id="log"></p>
<script>
customElements.define('my-box', class extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({mode: 'closed'})
    root.innerHTML = '<label>Name <input></label><button>Send</button>'
    const log = document.querySelector('#log')
    root.querySelector('button').addEventListener('click', e => {
      log.textContent = 'sent ' + root.querySelector('input').value + ' ' + e.isTrusted + ' ' + e.pointerType
      fetch('/answer', {method: 'POST', body: 'name=' + root.querySelector('input').value})
    })
  }
})
</script></html>`

func serve(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(fixture))
	})
	mux.HandleFunc("POST /answer", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL + "/"
}

// A person's path through a closed shadow root, by touch and by mouse and keys.
func TestClosedRootIsReached(t *testing.T) {
	for name, c := range map[string]struct {
		screen browsertest.Screen
		want   string
	}{
		"phone":   {browsertest.Phone, "sent Ann 安 true touch"},
		"desktop": {browsertest.Desktop, "sent Ann 安 true mouse"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := browsertest.Start(t).Page(t, c.screen)
			p.Goto(serve(t))
			p.Type("@textbox Name", "Ann 安")
			if got := p.Value("input"); got != "Ann 安" {
				t.Errorf("value is %q", got)
			}
			if got := p.Focus(); got != "@textbox Name" {
				t.Errorf("focus is %q", got)
			}
			p.TabTo("@button Send")
			p.Tap("button")
			p.See(c.want)
			p.Until("the answer", func() bool { return len(p.Errors()) > 0 })
			p.Quiet("418")
			sent := p.Requests()[len(p.Requests())-1]
			if sent.Method != "POST" || sent.Body != "name=Ann 安" || !strings.HasSuffix(sent.URL, "/answer") {
				t.Errorf("request is %+v", sent)
			}
		})
	}
}

func TestScreenshotAndEval(t *testing.T) {
	p := browsertest.Start(t).Page(t, browsertest.Phone)
	p.Media("prefers-color-scheme", "dark")
	p.Goto(serve(t))
	if !browsertest.Eval[bool](p, "matchMedia('(prefers-color-scheme: dark)').matches") {
		t.Error("the page is not dark")
	}
	if got := browsertest.Eval[int](p, "Promise.resolve(innerWidth)"); got != 390 {
		t.Errorf("the page is %d wide", got)
	}
	file := filepath.Join(t.TempDir(), "a.png")
	p.Screenshot(file)
	if b, err := os.ReadFile(file); err != nil || len(b) < 1000 {
		t.Errorf("screenshot: %v, %d bytes", err, len(b))
	}
	if p.Count("@button Nothing") != 0 {
		t.Error("found a button that is not there")
	}
}
