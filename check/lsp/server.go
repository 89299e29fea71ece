// Package lsp keeps one promise: what an editor underlines is what clew check says
// of the text as it stands there, saved or not, and nothing older.
//
// [Serve] speaks the Language Server Protocol 3.17 over one stream. After every
// change it waits for a pause, has the whole project checked with the open buffers
// laid over the disk ([Overlay]), and publishes the result unless the text has
// changed meanwhile. It checks nothing itself and writes no file.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"

	"clew/finding"
	"clew/words"
)

// Options are what a server needs from outside.
type Options struct {
	// Run checks the project at root, a folder on disk. overlay is open buffers by
	// slash-separated path below root; it must not be changed. Run is called for one
	// root at a time and must end soon after ctx does.
	Run     func(ctx context.Context, root string, overlay map[string][]byte) (*finding.Report, error)
	Version string
	// Lang is the language of all texts; "" is what the editor asks for.
	Lang words.Lang
	// Pause is how long nothing must change before a check begins; 0 is 300 ms.
	Pause time.Duration
	// After calls f once d has passed, unless stop is called before. nil is
	// time.AfterFunc.
	After func(d time.Duration, f func()) (stop func() bool)
}

// ErrAbandoned is the end of a session whose client left without shutdown; a
// server's process must then exit with 1.
var ErrAbandoned = errors.New("lsp: the editor left without shutdown")

// Error codes of the protocol that JSON-RPC does not have.
const notInitialized = jrpc2.Code(-32002)

// phase is how far a session has come.
type phase int

const (
	fresh phase = iota
	ready
	shut
)

type server struct {
	o    Options
	rpc  *jrpc2.Server
	base context.Context // ends with the session
	end  context.CancelFunc
	runs sync.WaitGroup

	mu      sync.Mutex
	phase   phase
	clean   bool // exit came after shutdown
	client  initializeParams
	lang    words.Lang
	roots   map[string]*root     // by folder
	docs    map[string]*document // by file, open ones
	told    map[string]bool      // sentences that need saying once
	tickets int                  // of progress
}

// document is an open buffer.
type document struct {
	uri     string // as the editor writes it
	version int
	text    string
}

// Serve speaks with one editor until it says exit, goes away or ctx ends. nil is a
// session that ended as it should; a broken stream is an error, because nothing can
// be read after it.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) error {
	if o.Pause == 0 {
		o.Pause = 300 * time.Millisecond
	}
	if o.After == nil {
		o.After = func(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }
	}
	s := &server{o: o, lang: o.Lang, roots: map[string]*root{}, docs: map[string]*document{}, told: map[string]bool{}}
	s.base, s.end = context.WithCancel(ctx)
	defer s.end()
	stream := newFrames(in, out)
	s.rpc = jrpc2.NewServer(s, &jrpc2.ServerOptions{
		AllowPush: true, DisableBuiltin: true, NewContext: func() context.Context { return s.base },
	}).Start(stream)
	stop := context.AfterFunc(s.base, s.rpc.Stop)
	defer stop()
	status := s.rpc.WaitStatus()
	s.leave()
	if ctx.Err() == nil {
		<-stream.written
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case status.Err != nil:
		return status.Err
	case !s.clean:
		return ErrAbandoned
	}
	return nil
}

// leave stops what is under way and waits for it.
func (s *server) leave() {
	s.mu.Lock()
	s.phase = shut
	for _, r := range s.roots {
		r.halt()
	}
	s.mu.Unlock()
	s.end()
	s.runs.Wait()
}

// Assign is the library's question which function answers a method; nil is that
// none does.
func (s *server) Assign(_ context.Context, method string) jrpc2.Handler {
	switch method {
	case "initialize":
		return s.guard(fresh, on(s.initialize))
	case "initialized":
		return s.guard(ready, on(s.initialized))
	case "shutdown":
		return s.guard(ready, on(s.shutdown))
	case "exit":
		return on(s.exit)
	case "$/cancelRequest":
		return on(s.cancelRequest)
	case "textDocument/didOpen":
		return s.guard(ready, on(s.didOpen))
	case "textDocument/didChange":
		return s.guard(ready, on(s.didChange))
	case "textDocument/didSave":
		return s.guard(ready, on(s.didSave))
	case "textDocument/didClose":
		return s.guard(ready, on(s.didClose))
	case "textDocument/codeAction":
		return s.guard(ready, on(s.codeAction))
	case "textDocument/hover":
		return s.guard(ready, on(s.hover))
	case "workspace/didChangeWorkspaceFolders":
		return s.guard(ready, on(s.didChangeFolders))
	case "workspace/didChangeWatchedFiles":
		return s.guard(ready, on(s.didChangeWatched))
	case "workspace/didChangeConfiguration", "window/workDoneProgress/cancel", "$/setTrace":
		return on(func(context.Context, struct{}) (any, error) { return nil, nil })
	}
	return nil
}

// on makes a handler of a function that takes its parameters decoded. A panic
// answers that one request.
func on[P any](f func(context.Context, P) (any, error)) jrpc2.Handler {
	return func(ctx context.Context, req *jrpc2.Request) (answer any, err error) {
		defer func() {
			if p := recover(); p != nil {
				answer, err = nil, jrpc2.Errorf(jrpc2.InternalError, "%s failed: %v", req.Method(), p)
			}
		}()
		var params P
		if req.HasParams() {
			if err := req.UnmarshalParams(&params); err != nil {
				return nil, err
			}
		}
		return f(ctx, params)
	}
}

// guard refuses what comes too early or too late.
func (s *server) guard(want phase, next jrpc2.Handler) jrpc2.Handler {
	return func(ctx context.Context, req *jrpc2.Request) (any, error) {
		s.mu.Lock()
		is := s.phase
		s.mu.Unlock()
		switch {
		case is == want:
			return next(ctx, req)
		case is == fresh:
			return nil, jrpc2.Errorf(notInitialized, "%s came before initialize", req.Method())
		case is == shut:
			return nil, jrpc2.Errorf(jrpc2.InvalidRequest, "%s came after shutdown", req.Method())
		}
		return nil, jrpc2.Errorf(jrpc2.InvalidRequest, "%s came twice", req.Method())
	}
}

func (s *server) initialize(_ context.Context, p initializeParams) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase, s.client = ready, p
	if !s.lang.Valid() {
		s.lang = words.Parse(p.Locale)
	}
	folders := p.Folders
	if len(folders) == 0 && p.RootURI != "" {
		folders = []folder{{p.RootURI}}
	}
	for _, f := range folders {
		s.open(f)
	}
	type m = map[string]any
	return m{
		"serverInfo": m{"name": "clew", "version": s.o.Version},
		"capabilities": m{
			"positionEncoding":   "utf-16",
			"textDocumentSync":   m{"openClose": true, "change": 1, "save": m{"includeText": false}},
			"hoverProvider":      true,
			"codeActionProvider": m{"codeActionKinds": []string{"quickfix"}},
			"workspace":          m{"workspaceFolders": m{"supported": true, "changeNotifications": true}},
		},
	}, nil
}

// watched are the files outside the editor whose change asks for another check.
const watched = "**/*.{js,mjs,cjs,ts,mts,cts,jsx,tsx,vue,html,htm,ttml,wxml,axml,ksml,swan,qml,jxml,xhsml,wxs,sjs,json,css,less,scss,yaml,yml}"

func (s *server) initialized(context.Context, struct{}) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client.Capabilities.Workspace.Watched.DynamicRegistration {
		type m = map[string]any
		s.runs.Go(func() {
			// An editor that refuses is one that tells us less; that is its choice.
			_, _ = s.rpc.Callback(s.base, "client/registerCapability", m{"registrations": []m{{
				"id": "clew-watch", "method": "workspace/didChangeWatchedFiles",
				"registerOptions": m{"watchers": []m{{"globPattern": watched}}},
			}}})
		})
	}
	for _, r := range s.roots {
		s.touch(r)
	}
	return nil, nil
}

func (s *server) shutdown(context.Context, struct{}) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = shut
	for _, r := range s.roots {
		r.halt()
	}
	return nil, nil
}

func (s *server) exit(context.Context, struct{}) (any, error) {
	s.mu.Lock()
	s.clean = s.phase == shut
	s.mu.Unlock()
	s.end()
	return nil, nil
}

func (s *server) cancelRequest(_ context.Context, p struct {
	ID json.RawMessage `json:"id"`
},
) (any, error) {
	s.rpc.CancelRequest(string(p.ID))
	return nil, nil
}

func (s *server) didOpen(_ context.Context, p documentParams) (any, error) {
	return nil, s.change(p.Document.URI, &document{uri: p.Document.URI, version: p.Document.Version, text: p.Document.Text})
}

func (s *server) didChange(_ context.Context, p documentParams) (any, error) {
	if len(p.Changes) == 0 {
		return nil, nil
	}
	last := p.Changes[len(p.Changes)-1]
	if last.Range != nil {
		return nil, jrpc2.Errorf(jrpc2.InvalidParams, "documents are taken whole; see textDocumentSync")
	}
	return nil, s.change(p.Document.URI, &document{uri: p.Document.URI, version: p.Document.Version, text: last.Text})
}

func (s *server) didSave(_ context.Context, p documentParams) (any, error) {
	if file, ok := fileOf(p.Document.URI); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.touchAround(file)
	}
	return nil, nil
}

func (s *server) didClose(_ context.Context, p documentParams) (any, error) {
	return nil, s.change(p.Document.URI, nil)
}

// change takes note of a buffer as it is now; nil is that it was closed.
func (s *server) change(uri string, doc *document) error {
	file, ok := fileOf(uri)
	if !ok {
		return nil // a buffer without a file, or a file elsewhere, belongs to no project
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if doc == nil {
		delete(s.docs, file)
	} else {
		s.docs[file] = doc
	}
	if !s.touchAround(file) && doc != nil {
		s.sayOnce(logInfo, finding.Say("不在工作区内的文件不检查："+uri, "not in the workspace, and not checked: "+uri))
	}
	return nil
}

func (s *server) didChangeFolders(_ context.Context, p foldersParams) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range p.Event.Removed {
		if dir, ok := fileOf(f.URI); ok && s.roots[dir] != nil {
			s.close(s.roots[dir])
		}
	}
	for _, f := range p.Event.Added {
		if r := s.open(f); r != nil {
			s.touch(r)
			s.touchAround(r.dir) // what it owns is no longer the folder's around it
		}
	}
	return nil, nil
}

func (s *server) didChangeWatched(_ context.Context, p watchedParams) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range p.Changes {
		if file, ok := fileOf(c.URI); ok && s.docs[file] == nil {
			s.touchAround(file)
		}
	}
	return nil, nil
}

// Levels of window/logMessage and window/showMessage.
const (
	logError   = 1
	logWarning = 2
	logInfo    = 3
)

// notify sends without waiting for anybody; an editor that is gone needs no message.
func (s *server) notify(method string, params any) { _ = s.rpc.Notify(s.base, method, params) }

// sayOnce writes a sentence to the editor's log, or for an error before the
// person's eyes, once a session. s.mu is held.
func (s *server) sayOnce(level int, text finding.Text) {
	sentence := text[s.lang]
	if s.told[sentence] {
		return
	}
	s.told[sentence] = true
	method := "window/logMessage"
	if level == logError {
		method = "window/showMessage"
	}
	s.notify(method, map[string]any{"type": level, "message": sentence})
}

// progress tells an editor that can show it that a check is under way, until done
// is called. s.mu is held.
func (s *server) progress(title finding.Text) (done func()) {
	if !s.client.Capabilities.Window.WorkDoneProgress {
		return func() {}
	}
	s.tickets++
	token, sentence := fmt.Sprintf("clew-%d", s.tickets), title[s.lang]
	over := make(chan struct{})
	s.runs.Go(func() {
		type m = map[string]any
		// The editor must have agreed before anything is shown.
		if _, err := s.rpc.Callback(s.base, "window/workDoneProgress/create", m{"token": token}); err != nil {
			return
		}
		select {
		case <-over: // finished before it could be shown
			return
		default:
		}
		s.notify("$/progress", m{"token": token, "value": m{"kind": "begin", "title": sentence}})
		select {
		case <-over:
		case <-s.base.Done():
			return
		}
		s.notify("$/progress", m{"token": token, "value": m{"kind": "end"}})
	})
	return sync.OnceFunc(func() { close(over) })
}
