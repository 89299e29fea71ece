package lsp

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"

	"clew/finding"
)

type m = map[string]any

// clock hands out timers that only the test lets run out.
type clock struct {
	mu      sync.Mutex
	waiting []*timer
}

type timer struct {
	f    func()
	over bool
}

func (c *clock) after(_ time.Duration, f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{f: f}
	c.waiting = append(c.waiting, t)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		was := !t.over
		t.over = true
		return was
	}
}

// turn lets every timer run out, and says how many did.
func (c *clock) turn() int {
	c.mu.Lock()
	list := c.waiting
	c.waiting = nil
	var due []func()
	for _, t := range list {
		if !t.over {
			t.over = true
			due = append(due, t.f)
		}
	}
	c.mu.Unlock()
	for _, f := range due {
		f()
	}
	return len(due)
}

// session is an editor and a server, joined by pipes.
type session struct {
	*testing.T
	*clock
	client *jrpc2.Client
	heard  chan heard
	ended  chan error
	root   string
}

// heard is a notification, and ears the channel that takes them out in their order,
// which the library's client does not keep.
type heard struct {
	Method string
	Params json.RawMessage
}

type ears struct {
	channel.Channel
	heard chan heard
}

func (e ears) Recv() ([]byte, error) {
	for {
		body, err := e.Channel.Recv()
		var is struct {
			ID json.RawMessage
			heard
		}
		if err != nil || json.Unmarshal(body, &is) != nil || is.ID != nil || is.Method == "" {
			return body, err
		}
		e.heard <- is.heard
	}
}

func join(t *testing.T, o Options, answer jrpc2.Handler) *session {
	t.Helper()
	s := &session{T: t, clock: &clock{}, heard: make(chan heard, 1000), ended: make(chan error, 1), root: t.TempDir()}
	toServer, fromClient := io.Pipe()
	toClient, fromServer := io.Pipe()
	if o.After == nil {
		o.After = s.after
	}
	go func() {
		s.ended <- Serve(t.Context(), toServer, fromServer, o)
		fromServer.Close()
	}()
	s.client = jrpc2.NewClient(ears{channel.LSP(toClient, fromClient), s.heard}, &jrpc2.ClientOptions{OnCallback: answer})
	t.Cleanup(func() { s.client.Close() })
	return s
}

func (s *session) call(method string, params, into any) {
	s.Helper()
	rsp, err := s.client.Call(s.Context(), method, params)
	if err != nil {
		s.Fatalf("%s: %v", method, err)
	}
	if into != nil {
		if err := rsp.UnmarshalResult(into); err != nil {
			s.Fatalf("%s: %v", method, err)
		}
	}
}

func (s *session) tell(method string, params any) {
	s.Helper()
	if err := s.client.Notify(s.Context(), method, params); err != nil {
		s.Fatal(err)
	}
}

// settle waits until all that was told has been taken in.
func (s *session) settle() {
	s.Helper()
	s.call("textDocument/hover", m{"textDocument": m{"uri": "untitled:x"}, "position": m{"line": 0, "character": 0}}, nil)
}

// hear waits for the next message of a method, others aside.
func (s *session) hear(method string, into any) {
	s.Helper()
	for {
		select {
		case r := <-s.heard:
			if r.Method != method {
				continue
			}
			if err := json.Unmarshal(r.Params, into); err != nil {
				s.Fatal(err)
			}
			return
		case <-time.After(20 * time.Second):
			s.Fatalf("%s did not come", method)
		}
	}
}

func (s *session) publication() publishParams {
	s.Helper()
	var raw struct {
		publishParams
		List json.RawMessage `json:"diagnostics"`
	}
	s.hear("textDocument/publishDiagnostics", &raw)
	if string(raw.List) == "null" {
		s.Error("diagnostics must be a list")
	}
	if err := json.Unmarshal(raw.List, &raw.Diagnostics); err != nil {
		s.Fatal(err)
	}
	return raw.publishParams
}

// silent fails if anything of a method was sent up to now.
func (s *session) silent(method string) {
	s.Helper()
	s.settle()
	for {
		select {
		case r := <-s.heard:
			if r.Method == method {
				s.Errorf("unasked: %s %s", method, r.Params)
			}
		default:
			return
		}
	}
}

var capable = m{
	"window":    m{},
	"workspace": m{},
	"textDocument": m{
		"publishDiagnostics": m{"relatedInformation": true, "versionSupport": true, "codeDescriptionSupport": true},
		"hover":              m{"contentFormat": []string{"markdown"}},
	},
}

func (s *session) begin(capabilities m, dirs ...string) {
	s.Helper()
	var folders []m
	for _, d := range dirs {
		folders = append(folders, m{"uri": uriOf(d), "name": "x"})
	}
	s.call("initialize", m{"processId": nil, "locale": "en-GB", "capabilities": capabilities, "workspaceFolders": folders}, nil)
	s.tell("initialized", m{})
}

func (s *session) open(file, text string, version int) m {
	s.Helper()
	doc := m{"uri": uriOf(file)}
	s.tell("textDocument/didOpen", m{"textDocument": m{"uri": uriOf(file), "languageId": "x", "version": version, "text": text}})
	return doc
}

func (s *session) edit(file, text string, version int) {
	s.Helper()
	s.tell("textDocument/didChange", m{"textDocument": m{"uri": uriOf(file), "version": version}, "contentChanges": []m{{"text": text}}})
}

func (s *session) finish() {
	s.Helper()
	s.call("shutdown", nil, nil)
	s.tell("exit", nil)
	if err := s.over(); err != nil {
		s.Errorf("a session that ended well: %v", err)
	}
}

func (s *session) over() error {
	s.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(20 * time.Second):
		s.Fatal("the server does not end")
		return nil
	}
}

const bad = "Page({\n  onLoad() {\n    tt.showModal({})\n  }\n})\n"

// look finds the word showModal, as a checker would that reads one word. It reads
// through the overlay, as the real one does.
func look(_ context.Context, root string, overlay map[string][]byte) (*finding.Report, error) {
	r := &finding.Report{Rules: []finding.Rule{{
		ID: "entry-popup", Clause: "3.2.entry-popup", Title: finding.Say("进入即弹窗", "A dialog on entry"),
		Summary: finding.Say("进入页面不应弹窗", "a page opens without one"), HelpURI: "https://example.org/entry-popup",
	}}}
	fsys := Overlay(os.DirFS(root), overlay)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, name)
		for i, line := range strings.Split(string(data), "\n") {
			at := strings.Index(line, "tt.showModal")
			if at < 0 {
				continue
			}
			p := finding.Place{File: name, Line: i + 1, Column: at + 1, EndLine: i + 1, EndColumn: at + 13}
			r.Findings = append(r.Findings, finding.Finding{
				Rule: "entry-popup", Clause: "3.2.entry-popup", Verdict: finding.Violation, Message: finding.Say("进入页面弹窗", "a dialog opens on entry"), Place: p,
				Path: []finding.Step{{Place: finding.Place{File: name, Line: 2, Column: 3}, Message: finding.Say("进入页面", "the page is entered")}},
				Fix:  &finding.Fix{Message: finding.Say("删除", "Take it out"), Edits: []finding.Edit{{Place: p, New: "later"}}},
			}, finding.Finding{Rule: "other", Clause: "3.1.1.purpose", Verdict: finding.Review, Message: finding.Say("看", "look"), Place: finding.Place{File: name}},
				finding.Finding{Rule: "entry-popup", Verdict: finding.Pass, Place: p})
		}
		return err
	})
	return r, err
}
