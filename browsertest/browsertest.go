// Package browsertest drives a real Chromium from Go tests, the way a person
// would: trusted taps and keys, names read from the accessibility tree, shadow
// roots included, closed ones too. It never skips: where Chromium is missing
// the test fails and says what to install.
//
// A story reads like this:
//
//	func TestMain(m *testing.M) { browsertest.Main(m) }
//
//	func TestLead(t *testing.T) {
//		p := browsertest.Start(t).Page(t, browsertest.Phone)
//		p.Goto(server.URL + "/c/cmp_1")
//		p.Tap("@button 免费咨询")             // waits, scrolls, checks nothing covers it, then touches
//		p.Tap("@checkbox 我同意")
//		p.Type("input[type=tel]", number)    // focuses by touch, then presses keys
//		p.Press("Enter")
//		p.See("提交成功")                     // waits until the page shows the text
//		p.Screenshot("receipt.png")
//		p.Quiet()                            // fails on console errors and uncaught exceptions
//	}
//
// Where an element is wanted, a locator is either a CSS selector, looked for in
// the document and then in every shadow root, or "@role name": an accessible
// role and name as a screen reader has them, the exact name before one that
// contains it. Everything that acts or reads waits up to [Patience] and then
// fails the test with the accessibility tree of the page, so that the log says
// what was there instead. Pages of one test binary share one browser; each has
// a browser context of its own: cookies and storage are not shared.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Patience is how long a page may take to become what a test waits for. It is
// long because test machines are shared; no test that passes ever waits it out.
const Patience = 20 * time.Second

// Screen is what a page is shown on. Sizes are CSS pixels; Scale is device
// pixels per CSS pixel; Touch makes it a phone: touch events, mobile viewport.
type Screen struct {
	Width, Height int
	Scale         float64
	Touch         bool
}

var (
	// Phone is a common phone in portrait.
	Phone = Screen{Width: 390, Height: 844, Scale: 2, Touch: true}
	// Desktop is a laptop with a mouse.
	Desktop = Screen{Width: 1280, Height: 800, Scale: 1}
)

// Browser is one running Chromium.
type Browser struct {
	ctx context.Context
}

// One browser per test binary: [Main] owns it, [Start] starts it on first use.
var shared struct {
	sync.Mutex
	main    bool
	browser *Browser
	err     error
	stop    func()
}

// Main is what TestMain calls: it runs the tests, closes the browser if one was
// started, removes its profile and exits.
func Main(m *testing.M) {
	shared.Lock()
	shared.main = true
	shared.Unlock()
	code := m.Run()
	shared.Lock()
	if shared.stop != nil {
		shared.stop()
	}
	shared.Unlock()
	os.Exit(code)
}

// Start gives the browser of this test binary, starting it at the first call.
func Start(t testing.TB) *Browser {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.main {
		t.Fatal("browsertest: this package needs: func TestMain(m *testing.M) { browsertest.Main(m) }")
	}
	if shared.browser == nil && shared.err == nil {
		shared.browser, shared.stop, shared.err = launch()
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.browser
}

func launch() (*Browser, func(), error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil, nil, fmt.Errorf("browsertest: Chromium is missing; install it: apt-get install chromium fonts-noto-cjk")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.WindowSize(Desktop.Width, Desktop.Height),
		// The browser talks to the test's servers and to nothing else.
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("lang", "zh-CN"),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	stop := func() {
		limit, done := context.WithTimeout(ctx, 10*time.Second)
		defer done()
		_ = chromedp.Cancel(limit) // a browser that will not close is killed next
		stopAllocator()
	}
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, nil, fmt.Errorf("browsertest: Chromium (%s) does not start: %w", path, err)
	}
	return &Browser{ctx: ctx}, stop, nil
}

// Page is one tab in a browser context of its own, closed when its test ends.
// Its methods belong to the test's goroutine.
type Page struct {
	t      testing.TB
	ctx    context.Context
	screen Screen
	seen   *record
}

// Page opens a blank tab for t.
func (b *Browser) Page(t testing.TB, s Screen) *Page {
	t.Helper()
	seen := &record{}
	ctx, cancel := chromedp.NewContext(b.ctx,
		chromedp.WithNewBrowserContext(), chromedp.WithListener(seen.event))
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, screen: s, seen: seen}
	p.must("open a tab", chromedp.Do(ctx))
	if s.Scale == 0 {
		s.Scale = 1
	}
	call(p, "set the screen", emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: int64(s.Width), Height: int64(s.Height), DeviceScaleFactor: s.Scale, Mobile: s.Touch,
	})
	if s.Touch {
		call(p, "set touch", emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: 5})
	}
	return p
}

// Goto opens url and waits for its load event.
func (p *Page) Goto(url string) {
	p.t.Helper()
	limit, done := context.WithTimeout(p.ctx, Patience)
	defer done()
	p.must("open "+url, chromedp.Do(limit, chromedp.Navigate(url)))
}

// Media sets what the page's media queries see, for instance
// Media("prefers-color-scheme", "dark", "prefers-reduced-motion", "reduce").
// No arguments: back to the browser's own. Call it once with all of them.
func (p *Page) Media(namesAndValues ...string) {
	p.t.Helper()
	var features []*emulation.MediaFeature
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		features = append(features, &emulation.MediaFeature{Name: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	call(p, "set media", emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// NoScript turns JavaScript off in pages opened from now on.
func (p *Page) NoScript() {
	p.t.Helper()
	call(p, "turn script off", emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// Before runs script in every document opened from now on, before its own.
func (p *Page) Before(script string) {
	p.t.Helper()
	call(p, "add a script", page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// Screenshot writes what the screen shows to path, a PNG, once fonts are loaded
// and running animations have ended.
func (p *Page) Screenshot(path string) {
	p.t.Helper()
	p.settle()
	got := call(p, "take a screenshot", page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng})
	p.must("write a screenshot", os.WriteFile(path, got.Data, 0o644))
}

// FullScreenshot is Screenshot of the whole page, beyond the screen too.
func (p *Page) FullScreenshot(path string) {
	p.t.Helper()
	p.settle()
	got := call(p, "take a screenshot", page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: new(true),
	})
	p.must("write a screenshot", os.WriteFile(path, got.Data, 0o644))
}

func (p *Page) settle() {
	p.t.Helper()
	Eval[bool](p, `(async () => {
		await document.fonts.ready;
		await Promise.allSettled(document.getAnimations().filter(a => a.effect?.getTiming().iterations !== Infinity).map(a => a.finished));
		await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
		return true })()`)
}

// must fails the test when err is not nil.
func (p *Page) must(what string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("browser: %s: %v", what, err)
	}
}

// call sends one protocol command and fails the test when it is refused.
func call[P, R any](p *Page, what string, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	got, err := ask(p, command, params)
	p.must(what, err)
	return got
}

func ask[P, R any](p *Page, command cdp.Command[P, R], params P) (R, error) {
	limit, done := context.WithTimeout(p.ctx, Patience)
	defer done()
	return chromedp.Call(limit, command, params)
}

// Eval is the value of a JavaScript expression; a promise is awaited. Code run
// this way is no user gesture.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	got := call(p, "evaluate", runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ReturnByValue: new(true), AwaitPromise: new(true),
	})
	return decode[T](p, got.Result, got.ExceptionDetails)
}
