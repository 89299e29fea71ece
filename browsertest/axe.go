package browsertest

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// axe-core walks a page with the page's own eyes, so it cannot enter a closed
// shadow root. This lets it, in pages opened afterwards, and changes nothing else.
const openShadows = `{
	const attach = Element.prototype.attachShadow
	Element.prototype.attachShadow = function(how) { return attach.call(this, {...how, mode: 'open'}) }
}`

// OpenShadows makes shadow roots of pages opened from now on readable for
// [Page.Axe]. A test of closedness must not call it.
func (p *Page) OpenShadows() {
	p.t.Helper()
	call(p, "add a script", page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: openShadows})
}

// Axe runs axe-core, read from file, over the page as it is now and fails the
// test for each violation of WCAG 2.0, 2.1 and 2.2 levels A and AA. when says
// in which state the page is. Get the file with "npm ci" in widget/:
// widget/node_modules/axe-core/axe.min.js.
func (p *Page) Axe(file, when string) {
	p.t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		p.t.Fatalf("browser: axe-core is missing; run npm ci in widget/: %v", err)
	}
	p.settle()
	loaded := call(p, "load axe-core", runtime.Evaluate, runtime.EvaluateParams{Expression: string(source) + ";true"})
	if loaded.ExceptionDetails != nil {
		p.t.Fatalf("browser: axe-core does not load: %s", loaded.ExceptionDetails.Text)
	}
	text := Eval[string](p, `axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa'], resultTypes: ['violations']})
		.then(r => JSON.stringify({violations: r.violations, passes: r.passes.length}))`)
	var got struct {
		Violations []struct {
			ID, Help string
			Nodes    []struct {
				HTML, FailureSummary string
			}
		}
		Passes int
	}
	p.must("read axe-core's answer", json.Unmarshal([]byte(text), &got))
	if got.Passes == 0 {
		p.t.Errorf("axe (%s): no rule applied: the page was not looked at", when)
	}
	for _, v := range got.Violations {
		var b strings.Builder
		for _, n := range v.Nodes {
			fmt.Fprintf(&b, "\n  %s\n    %s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n    "))
		}
		p.t.Errorf("axe (%s): %s: %s%s", when, v.ID, v.Help, b.String())
	}
}
