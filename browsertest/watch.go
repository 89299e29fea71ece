package browsertest

import (
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// Request is one request the page sent. Body is empty for a GET.
type Request struct {
	Method, URL, Body string
	Headers           map[string]string
}

// record is what the browser reported about a page. The browser's reading loop
// writes it, the test reads it.
type record struct {
	mu       sync.Mutex
	requests []Request
	errors   []string
}

func (r *record) event(ev any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "http") {
			return // data: and blob: never leave the machine
		}
		sent := Request{Method: e.Request.Method, URL: e.Request.URL + e.Request.URLFragment, Headers: map[string]string{}}
		for _, part := range e.Request.PostDataEntries {
			sent.Body += string(part.Bytes)
		}
		for name, value := range e.Request.Headers {
			sent.Headers[strings.ToLower(name)] = fmt.Sprint(value)
		}
		r.requests = append(r.requests, sent)
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		r.errors = append(r.errors, "exception: "+text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "assert" {
			var b strings.Builder
			for _, arg := range e.Args {
				fmt.Fprintf(&b, " %s%s", arg.Value, arg.Description)
			}
			r.errors = append(r.errors, "console:"+b.String())
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			r.errors = append(r.errors, "browser: "+e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// Requests is every request sent so far, oldest first. The browser reports a
// request before a script can see its answer.
func (p *Page) Requests() []Request {
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	return append([]Request(nil), p.seen.requests...)
}

// Errors is what went wrong in the page so far: uncaught exceptions, errors
// written to the console, and the browser's own (a refusal by the content
// security policy, an answer of 400 or more).
func (p *Page) Errors() []string {
	p.seen.mu.Lock()
	defer p.seen.mu.Unlock()
	return append([]string(nil), p.seen.errors...)
}

// Quiet fails the test when [Page.Errors] has any that contains none of the
// expected texts.
func (p *Page) Quiet(expected ...string) {
	p.t.Helper()
next:
	for _, got := range p.Errors() {
		for _, text := range expected {
			if strings.Contains(got, text) {
				continue next
			}
		}
		p.t.Errorf("browser: the page reported: %s", got)
	}
}
