package lsp

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"clew/check/settings"
	"clew/finding"
)

// The comment that is offered must be one that the checker obeys once a reason
// stands in it, and must leave the code what it was.
func TestTheOfferedCommentAnswersForTheFinding(t *testing.T) {
	for _, c := range []struct{ file, text, mark, want string }{
		{"a.js", "f()\n\tg(BAD)\n", "BAD", "\t// clew-ignore r: "},
		{"a.ts", "f()\r\n  g(BAD)\r\n", "BAD", "  // clew-ignore r: "},
		{"a.ttml", "<view>\n  <button\n    class=\"a\"\n    bindtap=\"BAD\">\n", "BAD", "  <!-- clew-ignore r:  -->"},
		{"a.wxml", "<view BAD/>", "BAD", "<!-- clew-ignore r:  -->"},
		{"a.vue", "<template>\n  <p BAD/>\n</template>\n<script>\nf()\n</script>\n", "BAD", "  <!-- clew-ignore r:  -->"},
		{"a.vue", "<template>\n  <p/>\n</template>\n<script>\nBAD()\n</script>\n", "BAD", "// clew-ignore r: "},
		{"a.vue", "<script>\nf()\n</script>\n<template>\n  <p BAD/>\n</template>\n", "BAD", "  <!-- clew-ignore r:  -->"},
		{"a.html", "<script>f()</script>\n<p BAD>", "BAD", "<!-- clew-ignore r:  -->"},
		{"a.css", ".a {\n  BAD\n}", "BAD", "  /* clew-ignore r:  */"},
		{"a.tsx", "const a = (\n  <View>\n    <Button BAD />\n  </View>\n)", "BAD", "    {/* clew-ignore r:  */}"},
		{"a.tsx", "const a = () => {\n  return (\n\n    <Button BAD />\n  )\n}", "BAD", "    // clew-ignore r: "},
		{"a.tsx", "x = [\n  <A/>,\n  <Button BAD />\n]", "BAD", "  // clew-ignore r: "},
		{"a.tsx", "a = (\n  <View\n    onClick={BAD}\n  />\n)", "BAD", "    // clew-ignore r: "},
		{"a.ttml", "<view>", "", "<!-- clew-ignore-file r:  -->"},
		{"a.js", "", "", "// clew-ignore-file r: "},
	} {
		f := finding.Finding{Rule: "r", Verdict: finding.Violation, Place: finding.Place{File: c.file}}
		if c.mark != "" {
			f.Place.Line = 1 + strings.Count(c.text[:strings.Index(c.text, c.mark)], "\n")
		}
		edit := ignoring(&f, c.text)
		if got := strings.TrimRight(edit.NewText, "\r\n"); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.file, c.text, got, c.want)
		}
		lines := strings.SplitAfter(c.text, "\n")
		after := strings.Join(lines[:edit.Range.Start.Line], "") + edit.NewText + strings.Join(lines[edit.Range.Start.Line:], "")
		if f.Place.Line > 0 {
			f.Place.Line++
		}
		list := []finding.Finding{f}
		if kept, _, _ := settings.Apply(list, settings.Scan(c.file, after), settings.RuleIDs{"r"}, nil); len(kept) != 1 {
			t.Errorf("%s: it is ignored without a reason:\n%s", c.file, after)
		}
		after = strings.Replace(after, "r: ", "r: asked on a tap ", 1)
		if kept, _, notes := settings.Apply(list, settings.Scan(c.file, after), settings.RuleIDs{"r"}, nil); len(kept) != 0 {
			t.Errorf("%s: the comment does not answer for line %d: %v\n%s", c.file, f.Place.Line, notes, after)
		}
	}
}

func TestAFixThatTouchesAChangedFileIsNotOffered(t *testing.T) {
	dir, err := filepath.Abs("x")
	if err != nil {
		t.Fatal(err)
	}
	a, b := filepath.Join(dir, "a.js"), filepath.Join(dir, "b.js")
	s := &server{docs: map[string]*document{a: {uri: "file:///open-a", version: 1}, b: {version: 1}}, roots: map[string]*root{}}
	r := &root{dir: dir, versions: map[string]int{a: 1, b: 1}}
	f := &finding.Finding{Fix: &finding.Fix{Edits: []finding.Edit{
		{Place: finding.Place{File: "a.js", Line: 1, Column: 1}, New: "x"}, {Place: finding.Place{File: "b.js", Line: 2, Column: 1}}, {Place: finding.Place{File: "c.js", Line: 2, Column: 1}},
	}}}
	edit, ok := s.mend(r, f)
	if !ok || len(edit.Changes) != 3 || edit.Changes["file:///open-a"][0].NewText != "x" {
		t.Errorf("%+v, %v", edit, ok)
	}
	s.docs[b].version = 2
	if _, ok := s.mend(r, f); ok {
		t.Error("an edit of a text that has changed")
	}
	s.docs[b].version = 1
	f.Fix.Edits[2].Place.File = "../c.js"
	if _, ok := s.mend(r, f); ok {
		t.Error("an edit outside the folder")
	}
}

func TestSpans(t *testing.T) {
	for _, c := range []struct {
		p    finding.Place
		want span
	}{
		{finding.Place{}, span{}},
		{finding.Place{Line: 3, Column: 2, EndLine: 3, EndColumn: 5}, span{position{2, 1}, position{2, 4}}},
		{finding.Place{Line: 3, Column: 2}, span{position{2, 1}, position{2, 1}}},
		{finding.Place{Line: 3, Column: 2, EndLine: 2, EndColumn: 9}, span{position{2, 1}, position{2, 1}}},
	} {
		if got := spanOf(c.p); got != c.want {
			t.Errorf("%+v: %+v", c.p, got)
		}
	}
	a := span{position{1, 2}, position{1, 5}}
	for _, c := range []struct {
		b    span
		want bool
	}{
		{span{position{1, 5}, position{1, 5}}, true},
		{span{position{1, 6}, position{2, 0}}, false},
		{span{position{0, 0}, position{9, 0}}, true},
		{span{position{0, 0}, position{1, 1}}, false},
	} {
		if a.touches(c.b) != c.want || c.b.touches(a) != c.want {
			t.Errorf("%+v", c.b)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "untitled:Untitled-1", "https://example.org/a", "file://host/a", "file:", "%zz", "vscode-vfs://github/a"} {
		if f, ok := fileOf(bad); ok {
			t.Errorf("%q is %q", bad, f)
		}
	}
	if runtime.GOOS == "windows" {
		t.Skip("paths below are those of other systems")
	}
	for uri, want := range map[string]string{
		"file:///a/b%20c.js": "/a/b c.js", "file:///a/%E9%A1%B5/": "/a/页", "file://localhost/a": "/a", "file:///a/../b": "/b",
	} {
		if got, ok := fileOf(uri); !ok || got != want {
			t.Errorf("%q: %q", uri, got)
		}
	}
	if got := uriOf("/a b/页#1?.js"); got != "file:///a%20b/%E9%A1%B5%231%3F.js" {
		t.Error(got)
	}
	for file, want := range map[string]string{"/r/a/b": "a/b", "/r": "", "/rx": "", "/": "", "/r/..x": "..x"} {
		if got, ok := inside("/r", file); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", file, got, ok)
		}
	}
}

func TestOverlay(t *testing.T) {
	base := fstest.MapFS{
		"app.json":   {Data: []byte("{}")},
		"pages/a.js": {Data: []byte("old")},
		"pages/b.js": {Data: []byte("b")},
		"link.js":    {Data: []byte("pages/b.js"), Mode: fs.ModeSymlink},
	}
	o := Overlay(base, map[string][]byte{
		"pages/a.js": []byte("newer"), "pages/new/c.js": []byte("c"), "d.js": nil, "link.js": []byte("through"),
		"../out.js": nil, "/abs.js": nil, "": nil, ".": nil, "pages": []byte("a folder"),
	})
	if err := fstest.TestFS(o, "app.json", "pages/a.js", "pages/b.js", "pages/new/c.js", "d.js"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{"pages/a.js": "newer", "pages/b.js": "b", "pages/new/c.js": "c", "d.js": "", "link.js": "through"} {
		if got, err := fs.ReadFile(o, name); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	list, err := fs.ReadDir(o, ".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Type().String()[:1]+e.Name())
	}
	if want := []string{"-app.json", "-d.js", "Llink.js", "dpages"}; !slices.Equal(names, want) {
		t.Errorf("%v", names)
	}
	if to, err := fs.ReadLink(o, "link.js"); err != nil || to != "pages/b.js" {
		t.Errorf("%q, %v", to, err)
	}
	if _, err := o.Open("nothing"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if got, _ := fs.ReadFile(o, "pages/a.js"); len(got) > 0 {
		got[0] = 'X'
		if again, _ := fs.ReadFile(o, "pages/a.js"); string(again) != "newer" {
			t.Error("a reader can write into the buffer")
		}
	}
}

// A writer that is never read from must not keep the server from listening.
func TestSendingDoesNotWait(t *testing.T) {
	out, hold := io.Pipe()
	defer out.Close()
	in, feed := io.Pipe()
	f := newFrames(in, hold)
	for range 100 {
		if err := f.Send(make([]byte, 1<<10)); err != nil {
			t.Fatal(err)
		}
	}
	go fmt.Fprint(feed, "Content-Length: 2\r\n\r\nhi")
	if got, err := f.Recv(); err != nil || string(got) != "hi" {
		t.Errorf("%q, %v", got, err)
	}
	f.Close()
	if _, err := f.Recv(); err == nil {
		t.Error("it goes on after Close")
	}
	if err := f.Send(nil); err == nil {
		t.Error("it goes on sending after Close")
	}
	// What was sent before is still delivered.
	r := bufio.NewReader(out)
	for range 100 {
		if got, err := readFrame(r); err != nil || len(got) != 1<<10 {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	}
	<-f.written
}

func FuzzReadFrame(f *testing.F) {
	for _, seed := range []string{
		"Content-Length: 2\r\n\r\n{}", "content-length:2\nContent-Type: application/vscode-jsonrpc; charset=utf-8\n\n{}Content-Length: 0\r\n\r\n",
		"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "Content-Length: 9999999999\r\n\r\n", "Content-Type: a; charset=gbk\r\nContent-Length: 1\r\n\r\nx",
		strings.Repeat("a: b\r\n", 20) + "\r\n", strings.Repeat("a", 5000), "\r\n\r\n", "Content-Length: 5\r\n\r\nabc",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r := bufio.NewReaderSize(bytes.NewReader(data), 16)
		read := 0
		for {
			body, err := readFrame(r)
			if err != nil {
				if !errors.Is(err, errFrame) && err != io.EOF {
					t.Fatalf("%q: %v", data, err)
				}
				return
			}
			if read += len(body); read > len(data) {
				t.Fatalf("%q: more came out than went in", data)
			}
			// What is written again is read the same.
			again, err := readFrame(bufio.NewReader(strings.NewReader(fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))))
			if err != nil || !bytes.Equal(again, body) {
				t.Fatalf("%q: %q, %v", body, again, err)
			}
		}
	})
}
