package lsp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"clew/finding"
)

// root is a workspace folder and what is known of it. Its fields belong to
// server.mu.
type root struct {
	dir  string
	gone bool
	// turn grows with every change; a check that began at an older turn is stale.
	turn int
	stop func() bool // the timer that waits for a pause; nil without one

	running bool
	again   bool               // another check is due as soon as this one ends
	cancel  context.CancelFunc // of the check under way

	report   *finding.Report // the last that was published, nil before the first
	versions map[string]int  // of the buffers that report saw, by file
	shown    map[string]bool // files that the editor shows diagnostics for
}

// halt ends timer and check.
func (r *root) halt() {
	r.turn++
	r.again = false
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
	if r.cancel != nil {
		r.cancel()
	}
}

// open begins a folder, nil if it is none on disk or was there before. s.mu is held.
func (s *server) open(f folder) *root {
	dir, ok := fileOf(f.URI)
	if !ok {
		s.sayOnce(logWarning, finding.Say("工作区文件夹不在本机磁盘上，不检查："+f.URI, "the workspace folder is not on this machine's disk and is not checked: "+f.URI))
		return nil
	}
	if s.roots[dir] != nil {
		return nil
	}
	r := &root{dir: dir, shown: map[string]bool{}}
	s.roots[dir] = r
	return r
}

// close forgets a folder and clears what the editor shows for it. s.mu is held.
func (s *server) close(r *root) {
	r.halt()
	r.gone = true
	delete(s.roots, r.dir)
	for _, p := range s.publication(r, nil) {
		s.notify("textDocument/publishDiagnostics", p)
	}
	s.touchAround(r.dir) // what it had owned is the folder's around it again
}

// touchAround asks for a check of every folder that the file lies in, and reports
// whether there is one. s.mu is held.
func (s *server) touchAround(file string) bool {
	any := false
	for _, r := range s.roots {
		if _, ok := inside(r.dir, file); ok {
			s.touch(r)
			any = true
		}
	}
	return any
}

// touch asks for a check once nothing has changed for a while. s.mu is held.
func (s *server) touch(r *root) {
	r.turn++
	if r.stop != nil {
		r.stop()
	}
	turn := r.turn
	r.stop = s.o.After(s.o.Pause, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.gone || r.turn != turn || s.phase != ready {
			return
		}
		r.stop = nil
		if r.running {
			// What it is looking at is no longer so.
			r.again = true
			r.cancel()
			return
		}
		s.start(r)
	})
}

// start begins a check. s.mu is held.
func (s *server) start(r *root) {
	overlay, versions := map[string][]byte{}, map[string]int{}
	for file, doc := range s.docs {
		if rel, ok := inside(r.dir, file); ok {
			overlay[rel] = []byte(doc.text)
			versions[file] = doc.version
		}
	}
	ctx, cancel := context.WithCancel(s.base)
	r.running, r.again, r.cancel = true, false, cancel
	turn := r.turn
	done := s.progress(finding.Say("clew 正在检查", "clew is checking"))
	s.runs.Go(func() {
		report, err := s.check(ctx, r.dir, overlay)
		cancel()
		done()
		s.mu.Lock()
		defer s.mu.Unlock()
		r.running, r.cancel = false, nil
		// Whatever changed meanwhile has its own timer, or set again.
		if r.turn == turn && !r.gone && s.phase == ready {
			r.versions = versions
			s.publish(r, report, err)
		}
		if r.again && s.phase == ready && !r.gone {
			s.start(r)
		}
	})
}

func (s *server) check(ctx context.Context, dir string, overlay map[string][]byte) (report *finding.Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			report, err = nil, fmt.Errorf("lsp: the check failed: %v", p)
		}
	}()
	return s.o.Run(ctx, dir, overlay)
}

// publish shows a result, and takes away what the one before showed. s.mu is held.
// Messages are small next to what pipes hold, so that holding it costs little.
func (s *server) publish(r *root, report *finding.Report, err error) {
	var extra []finding.Step
	if err != nil {
		report = nil
		// Settings that are wrong say where; then the editor can underline it.
		var placed interface{ Steps() []finding.Step }
		if errors.As(err, &placed) {
			extra = placed.Steps()
		} else {
			s.sayOnce(logError, finding.Say("检查没有完成："+err.Error(), "the check did not finish: "+err.Error()))
		}
	}
	r.report = report
	if report != nil {
		for _, n := range report.Notes {
			level := logInfo
			if n.Incomplete {
				level = logWarning
			}
			text := finding.Text{}
			for lang, sentence := range n.Message {
				if text[lang] = sentence; n.File != "" {
					text[lang] = n.File + ": " + sentence
				}
			}
			s.sayOnce(level, text)
		}
	}
	for _, p := range s.publication(r, extra) {
		s.notify("textDocument/publishDiagnostics", p)
	}
}

// publication is what to send for a folder: a message for each file that has
// diagnostics now, and an empty one for each that had. s.mu is held.
func (s *server) publication(r *root, extra []finding.Step) []publishParams {
	now := map[string][]diagnostic{}
	if r.report != nil && !r.gone {
		for i := range r.report.Findings {
			f := &r.report.Findings[i]
			if file := s.owned(r, f.Place.File); file != "" && shows(f) {
				now[file] = append(now[file], s.diagnostic(r, f))
			}
		}
	}
	for _, step := range extra {
		if file := s.owned(r, step.Place.File); file != "" {
			now[file] = append(now[file], diagnostic{Range: spanOf(step.Place), Severity: severityError, Source: "clew", Message: step.Message[s.lang]})
		}
	}
	files := map[string]bool{}
	maps.Copy(files, r.shown)
	for file := range now {
		files[file] = true
	}
	r.shown = map[string]bool{}
	var out []publishParams
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if now[file] == nil && s.shownElsewhere(r, file) {
			continue
		}
		p := publishParams{URI: s.uri(file), Diagnostics: now[file]}
		if p.Diagnostics == nil {
			p.Diagnostics = []diagnostic{} // an empty list clears; null is no list
		} else {
			r.shown[file] = true
		}
		if v, ok := r.versions[file]; ok && s.docs[file] != nil && s.client.Capabilities.TextDocument.Publish.Version {
			p.Version = &v
		}
		out = append(out, p)
	}
	return out
}

// shownElsewhere reports whether another folder has taken a file over. s.mu is held.
func (s *server) shownElsewhere(r *root, file string) bool {
	for _, other := range s.roots {
		if other != r && other.shown[file] {
			return true
		}
	}
	return false
}

// owned is the file on disk of a path in r's report, "" if it is none or belongs to
// a folder further down that is checked for itself.
func (s *server) owned(r *root, rel string) string {
	file, ok := below(r.dir, rel)
	if !ok {
		return ""
	}
	for dir := range s.roots {
		_, deeper := inside(r.dir, dir)
		if _, in := inside(dir, file); in && deeper {
			return ""
		}
	}
	return file
}

// uri is a file's address as the editor writes it. s.mu is held.
func (s *server) uri(file string) string {
	if d := s.docs[file]; d != nil {
		return d.uri
	}
	return uriOf(file)
}
