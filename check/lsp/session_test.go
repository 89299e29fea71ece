package lsp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creachadair/jrpc2"

	"clew/finding"
	"clew/words"
)

func TestASessionFromBadToGood(t *testing.T) {
	s := join(t, Options{Run: look, Version: "1.2.3"}, nil)
	file := filepath.Join(s.root, "pages", "index 页.js")
	var hello struct {
		Capabilities struct {
			PositionEncoding string
			TextDocumentSync struct{ Change int }
		}
		ServerInfo struct{ Name, Version string }
	}
	s.call("initialize", m{"capabilities": capable, "rootUri": uriOf(s.root), "locale": "en"}, &hello)
	if hello.Capabilities.PositionEncoding != "utf-16" || hello.Capabilities.TextDocumentSync.Change != 1 || hello.ServerInfo.Name != "clew" || hello.ServerInfo.Version != "1.2.3" {
		t.Errorf("%+v", hello)
	}
	s.tell("initialized", m{})
	doc := s.open(file, bad, 7)
	s.settle()
	if n := s.turn(); n != 1 {
		t.Errorf("%d checks for one pause", n)
	}
	p := s.publication()
	if p.URI != uriOf(file) || p.Version == nil || *p.Version != 7 || len(p.Diagnostics) != 2 {
		t.Fatalf("%+v", p)
	}
	d := p.Diagnostics[0]
	if d.Range != (span{position{2, 4}, position{2, 16}}) || d.Severity != severityError || d.Code != "entry-popup" || d.Source != "clew" ||
		d.Message != "a dialog opens on entry\nTake it out" || d.CodeDescription == nil || d.CodeDescription.Href != "https://example.org/entry-popup" ||
		len(d.Related) != 1 || d.Related[0].Message != "the page is entered" || d.Related[0].Location.Range.Start != (position{1, 2}) || d.Related[0].Location.URI != uriOf(file) {
		t.Errorf("%+v", d)
	}
	if d := p.Diagnostics[1]; d.Severity != severityInformation || d.Range != (span{}) || d.CodeDescription != nil {
		t.Errorf("%+v", d)
	}

	var h hover
	s.call("textDocument/hover", m{"textDocument": doc, "position": m{"line": 2, "character": 8}}, &h)
	if h.Contents.Kind != "markdown" || !strings.Contains(h.Contents.Value, "**A dialog on entry** · clause 3.2.entry-popup\n\na page opens without one") {
		t.Errorf("%+v", h)
	}
	var actions []codeAction
	ask := m{"textDocument": doc, "range": m{"start": m{"line": 2, "character": 5}, "end": m{"line": 2, "character": 5}}, "context": m{"diagnostics": []any{}}}
	s.call("textDocument/codeAction", ask, &actions)
	if len(actions) != 2 || actions[0].Title != "Take it out" || actions[0].Edit.Changes[uriOf(file)][0] != (textEdit{d.Range, "later"}) ||
		actions[1].Edit.Changes[uriOf(file)][0] != (textEdit{span{position{2, 0}, position{2, 0}}, "    // clew-ignore entry-popup: \n"}) {
		t.Errorf("%+v", actions)
	}
	ask["context"] = m{"only": []string{"refactor"}}
	s.call("textDocument/codeAction", ask, &actions)
	if len(actions) != 0 {
		t.Errorf("%+v", actions)
	}

	// Between the change and the next check nothing is offered for the old text.
	s.edit(file, "\n"+bad, 8)
	ask["context"] = m{}
	s.call("textDocument/codeAction", ask, &actions)
	if len(actions) != 0 {
		t.Errorf("for a text that is gone: %+v", actions)
	}
	s.edit(file, "Page({})\n", 9)
	s.settle()
	if n := s.turn(); n != 1 {
		t.Errorf("%d checks for one pause", n)
	}
	if p := s.publication(); p.URI != uriOf(file) || *p.Version != 9 || len(p.Diagnostics) != 0 {
		t.Errorf("%+v", p)
	}
	s.finish()
}

func TestClosingGoesBackToTheDisk(t *testing.T) {
	s := join(t, Options{Run: look, Lang: words.ZH}, nil)
	file := filepath.Join(s.root, "a.js")
	if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	s.begin(m{}, s.root)
	s.open(file, "", 1)
	s.settle()
	s.turn()
	s.tell("textDocument/didClose", m{"textDocument": m{"uri": uriOf(file)}})
	s.settle()
	s.turn()
	p := s.publication()
	if len(p.Diagnostics) != 2 || p.Version != nil || p.Diagnostics[0].Message != "进入页面弹窗\n删除" || p.Diagnostics[0].Related != nil {
		t.Errorf("%+v", p)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.tell("workspace/didChangeWatchedFiles", m{"changes": []m{{"uri": uriOf(file), "type": 2}}})
	s.settle()
	s.turn()
	if p := s.publication(); len(p.Diagnostics) != 0 {
		t.Errorf("%+v", p)
	}
	s.finish()
}

func TestWhatChangedMeanwhileIsNotShown(t *testing.T) {
	begun, release := make(chan context.Context, 4), make(chan bool)
	run := func(ctx context.Context, root string, overlay map[string][]byte) (*finding.Report, error) {
		begun <- ctx
		<-release
		return look(ctx, root, overlay)
	}
	s := join(t, Options{Run: run}, nil)
	file := filepath.Join(s.root, "a.js")
	s.begin(capable, s.root)
	s.open(file, bad, 1)
	s.settle()
	s.turn()
	first := <-begun
	s.edit(file, bad+bad, 2)
	s.edit(file, bad+bad+bad, 3)
	s.settle()
	if first.Err() != nil {
		t.Error("the check was given up before the pause")
	}
	s.turn()
	<-first.Done()
	release <- true
	<-begun
	s.silent("textDocument/publishDiagnostics")
	release <- true
	if p := s.publication(); *p.Version != 3 || len(p.Diagnostics) != 6 {
		t.Errorf("%+v", p)
	}
	// Shutdown in the middle of a check ends it.
	s.edit(file, bad, 4)
	s.settle()
	s.turn()
	last := <-begun
	s.call("shutdown", nil, nil)
	<-last.Done()
	close(release)
	s.tell("exit", nil)
	if err := s.over(); err != nil {
		t.Error(err)
	}
}

func TestFilesOutsideTheWorkspace(t *testing.T) {
	ran := 0
	s := join(t, Options{Run: func(context.Context, string, map[string][]byte) (*finding.Report, error) {
		ran++
		return &finding.Report{Findings: []finding.Finding{{Rule: "r", Verdict: finding.Violation, Place: finding.Place{File: "../x.js"}}}}, nil
	}}, nil)
	s.begin(capable, s.root)
	s.settle()
	s.turn()
	other := filepath.Join(filepath.Dir(s.root), "beside.js")
	s.open(other, bad, 1)
	s.edit(other, bad, 2)
	s.tell("textDocument/didOpen", m{"textDocument": m{"uri": "untitled:Untitled-1", "version": 1, "text": bad}})
	s.tell("textDocument/didOpen", m{"textDocument": m{"uri": "file://elsewhere/a.js", "version": 1, "text": bad}})
	s.tell("textDocument/didOpen", m{"textDocument": m{"uri": "%zz", "version": 1, "text": bad}})
	var said struct{ Message string }
	s.hear("window/logMessage", &said)
	if said.Message != "not in the workspace, and not checked: "+uriOf(other) {
		t.Errorf("%q", said.Message)
	}
	s.silent("textDocument/publishDiagnostics")
	if s.turn() != 0 {
		t.Error("a file elsewhere asks for a check")
	}
	s.finish()
	if ran != 1 {
		t.Errorf("%d checks", ran)
	}
}

// A folder inside a folder takes its files over, whichever check ends first, and
// gives them back when it goes.
func TestFoldersComeAndGo(t *testing.T) {
	for _, innerFirst := range []bool{true, false} {
		gates := map[string]chan string{"outer": make(chan string), "inner": make(chan string)}
		s := join(t, Options{Run: func(ctx context.Context, root string, overlay map[string][]byte) (*finding.Report, error) {
			name := "outer"
			if filepath.Base(root) == "inner" {
				name = "inner"
			}
			say := <-gates[name]
			r, err := look(ctx, root, overlay)
			r.Notes = []finding.Note{{Message: finding.Say(say, say)}}
			return r, err
		}}, nil)
		// pass lets a check end, and waits until its result was taken in.
		pass := func(which, say string) {
			t.Helper()
			gates[which] <- say
			var said struct{ Message string }
			if s.hear("window/logMessage", &said); said.Message != say {
				t.Errorf("heard %q, not %q", said.Message, say)
			}
		}
		shows := func(n int) {
			t.Helper()
			if p := s.publication(); len(p.Diagnostics) != n || !strings.HasSuffix(p.URI, "/inner/a.js") {
				t.Errorf("%+v", p)
			}
		}
		inner := filepath.Join(s.root, "inner")
		if err := os.Mkdir(inner, 0o700); err != nil {
			t.Fatal(err)
		}
		s.begin(capable, s.root)
		s.open(filepath.Join(inner, "a.js"), bad, 1)
		s.settle()
		s.turn()
		pass("outer", "at first")
		shows(2)
		s.tell("workspace/didChangeWorkspaceFolders", m{"event": m{"added": []m{{"uri": uriOf(inner)}}, "removed": []m{}}})
		s.settle()
		if n := s.turn(); n != 2 {
			t.Errorf("%d checks", n)
		}
		if innerFirst {
			pass("inner", "the inner one")
			shows(2)
			pass("outer", "the outer one")
			s.silent("textDocument/publishDiagnostics")
		} else {
			pass("outer", "the outer one")
			shows(0)
			pass("inner", "the inner one")
			shows(2)
		}
		s.tell("workspace/didChangeWorkspaceFolders", m{"event": m{"removed": []m{{"uri": uriOf(inner)}}, "added": []m{{"uri": "https://example.org/x"}}}})
		shows(0)
		var said struct{ Message string }
		if s.hear("window/logMessage", &said); !strings.Contains(said.Message, "not on this machine's disk") {
			t.Errorf("of a folder elsewhere: %q", said.Message)
		}
		s.settle()
		if n := s.turn(); n != 1 {
			t.Errorf("%d checks", n)
		}
		pass("outer", "at last")
		shows(2)
		s.finish()
	}
}

type misplaced struct{}

func (misplaced) Error() string { return "clew.check.yaml is wrong" }
func (misplaced) Steps() []finding.Step {
	return []finding.Step{{Place: finding.Place{File: "clew.check.yaml", Line: 3, Column: 2}, Message: finding.Say("写错了", "this is wrong")}}
}

func TestChecksThatFail(t *testing.T) {
	var next error
	s := join(t, Options{Run: func(ctx context.Context, root string, overlay map[string][]byte) (*finding.Report, error) {
		if next == nil {
			r, err := look(ctx, root, overlay)
			r.Notes = []finding.Note{{File: "b.js", Message: finding.Say("太大", "too large"), Incomplete: true}}
			return r, err
		}
		if next.Error() == "panic" {
			panic("in the engine")
		}
		return nil, next
	}}, nil)
	file := filepath.Join(s.root, "a.js")
	s.begin(capable, s.root)
	s.open(file, bad, 1)
	s.settle()
	s.turn()
	var said struct {
		Type    int
		Message string
	}
	s.hear("window/logMessage", &said)
	if said.Type != logWarning || said.Message != "b.js: too large" {
		t.Errorf("%+v", said)
	}
	if p := s.publication(); len(p.Diagnostics) != 2 {
		t.Errorf("%+v", p)
	}
	next = fmt.Errorf("wrapped: %w", misplaced{})
	s.edit(file, bad, 2)
	s.settle()
	s.turn()
	if p := s.publication(); len(p.Diagnostics) != 0 {
		t.Errorf("stale: %+v", p)
	}
	if p := s.publication(); p.URI != uriOf(filepath.Join(s.root, "clew.check.yaml")) || p.Diagnostics[0].Message != "this is wrong" || p.Diagnostics[0].Range.Start != (position{2, 1}) {
		t.Errorf("%+v", p)
	}
	next = errors.New("panic")
	s.edit(file, bad, 3)
	s.settle()
	s.turn()
	s.hear("window/showMessage", &said)
	if !strings.Contains(said.Message, "the check did not finish: lsp: the check failed: in the engine") {
		t.Errorf("%+v", said)
	}
	s.finish()
}

func TestProgressAndWatching(t *testing.T) {
	asked := make(chan string, 4)
	release := make(chan bool)
	s := join(t, Options{Run: func(ctx context.Context, root string, overlay map[string][]byte) (*finding.Report, error) {
		<-release
		return look(ctx, root, overlay)
	}}, func(_ context.Context, r *jrpc2.Request) (any, error) {
		asked <- r.Method() + " " + r.ParamString()
		return nil, nil
	})
	s.begin(m{"window": m{"workDoneProgress": true}, "workspace": m{"didChangeWatchedFiles": m{"dynamicRegistration": true}}}, s.root)
	if got := <-asked; !strings.HasPrefix(got, "client/registerCapability ") || !strings.Contains(got, "ttml") {
		t.Error(got)
	}
	s.settle()
	s.turn()
	if got := <-asked; got != `window/workDoneProgress/create {"token":"clew-1"}` {
		t.Error(got)
	}
	var p struct {
		Token string
		Value struct{ Kind, Title string }
	}
	s.hear("$/progress", &p)
	if p.Token != "clew-1" || p.Value.Kind != "begin" || p.Value.Title != "clew is checking" {
		t.Errorf("%+v", p)
	}
	release <- true
	s.hear("$/progress", &p)
	if p.Token != "clew-1" || p.Value.Kind != "end" {
		t.Errorf("%+v", p)
	}
	s.finish()
}

func TestTooEarlyTooLateAndUnknown(t *testing.T) {
	s := join(t, Options{Run: look}, nil)
	code := func(method string, params any) jrpc2.Code {
		t.Helper()
		_, err := s.client.Call(t.Context(), method, params)
		return jrpc2.ErrorCode(err)
	}
	at := m{"textDocument": m{"uri": "file:///x"}, "position": m{"line": 0, "character": 0}}
	if c := code("textDocument/hover", at); c != notInitialized {
		t.Errorf("before initialize: %v", c)
	}
	s.begin(capable, s.root)
	if c := code("initialize", m{}); c != jrpc2.InvalidRequest {
		t.Errorf("twice: %v", c)
	}
	if c := code("textDocument/rename", at); c != jrpc2.MethodNotFound {
		t.Errorf("unknown: %v", c)
	}
	if c := code("textDocument/hover", []int{1}); c != jrpc2.InvalidParams {
		t.Errorf("other parameters: %v", c)
	}
	s.tell("$/nobodyKnows", m{})
	s.tell("$/cancelRequest", m{"id": 99})
	s.tell("$/cancelRequest", m{"id": "x"})
	// An edit by ranges was not offered; it is not applied in part.
	s.tell("textDocument/didChange", m{"textDocument": m{"uri": uriOf(filepath.Join(s.root, "a.js")), "version": 2}, "contentChanges": []m{{"range": m{"start": m{"line": 0, "character": 0}, "end": m{"line": 0, "character": 0}}, "text": bad}}})
	s.settle()
	s.turn()
	s.silent("textDocument/publishDiagnostics")
	s.call("shutdown", nil, nil)
	if c := code("textDocument/hover", at); c != jrpc2.InvalidRequest {
		t.Errorf("after shutdown: %v", c)
	}
	s.tell("exit", nil)
	if err := s.over(); err != nil {
		t.Error(err)
	}
}

func TestAnEditorThatLeaves(t *testing.T) {
	s := join(t, Options{Run: look}, nil)
	s.begin(capable, s.root)
	s.tell("exit", nil)
	if err := s.over(); !errors.Is(err, ErrAbandoned) {
		t.Errorf("exit without shutdown: %v", err)
	}
	s = join(t, Options{Run: look}, nil)
	s.begin(capable, s.root)
	s.settle()
	s.client.Close()
	if err := s.over(); !errors.Is(err, ErrAbandoned) {
		t.Errorf("a closed pipe: %v", err)
	}
	// A context that ends, while the stream stays open.
	ctx, cancel := context.WithCancel(t.Context())
	in, hold := io.Pipe()
	defer hold.Close()
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, in, io.Discard, Options{Run: look}) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestBrokenMessages(t *testing.T) {
	frame := func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }
	for in, want := range map[string]string{
		`{"jsonrpc":`: `"code":-32700`,
		``:            `"code":-32700`,
		`[]`:          `"error":{`,
		`7`:           `"code":-32700`,
		`{"jsonrpc":"2.0","id":1,"method":"nope"}`:                             `"code":-32601`,
		`{"jsonrpc":"2.0","id":"a","method":"shutdown"}`:                       `"code":-32002`,
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"locale":7}}`: `"code":-32602`,
	} {
		toServer, feed := io.Pipe()
		fromServer, out := io.Pipe()
		ended := make(chan error, 1)
		go func() { ended <- Serve(t.Context(), toServer, out, Options{Run: look}) }()
		fmt.Fprint(feed, frame(in))
		r := bufio.NewReader(fromServer)
		if got, err := readFrame(r); err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%q: said %s, %v", in, got, err)
		}
		// The session goes on.
		fmt.Fprint(feed, frame(`{"jsonrpc":"2.0","id":2,"method":"initialize","params":{}}`))
		if got, err := readFrame(r); err != nil || !strings.Contains(string(got), `"positionEncoding":"utf-16"`) {
			t.Errorf("%q: then %s, %v", in, got, err)
		}
		feed.Close()
		if err := <-ended; !errors.Is(err, ErrAbandoned) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestBrokenStreams(t *testing.T) {
	for _, in := range []string{
		"Content-Length: 3\r\n\r\n{}Content-Length: 2\r\n\r\n{}", // the third byte is the next header's
		"Content-Length: 900\r\n\r\n{}",
		"Content-Length: -1\r\n\r\n{}",
		"Content-Length: 99999999999999999999\r\n\r\n{}",
		"Content-Length: 1999999999\r\n\r\n{}",
		"Content-Type: x\r\n\r\n{}",
		"Content-Length: 2\r\n",
		"hello\r\n\r\n",
	} {
		if err := Serve(t.Context(), strings.NewReader(in), io.Discard, Options{Run: look}); !errors.Is(err, errFrame) {
			t.Errorf("%q: %v", in, err)
		}
	}
}
