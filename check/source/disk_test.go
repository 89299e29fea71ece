package source

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func codes(t *Tree) map[string]NoteCode {
	found := map[string]NoteCode{}
	for _, n := range t.AllNotes() {
		found[n.File] = n.Code
	}
	return found
}

func wide(text string, little bool, mark bool) []byte {
	units := utf16.Encode([]rune(text))
	if mark {
		units = append([]uint16{0xFEFF}, units...)
	}
	var out []byte
	for _, u := range units {
		if little {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return out
}

// Whatever the encoding, a place in the text is found again on disk.
func TestEncodings(t *testing.T) {
	const text = "// 留资\nPage({ a: '手机号' })\n// 😀𠮷 end\n"
	chinese, err := simplifiedchinese.GBK.NewEncoder().String(strings.NewReplacer("😀", "", "𠮷", "").Replace(text))
	if err != nil {
		t.Fatal(err)
	}
	rare, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw  string
		as   Encoding
		note NoteCode
	}{
		"plain.js":   {text, UTF8, ""},
		"mark.js":    {"\xEF\xBB\xBF" + text, UTF8BOM, ""},
		"le.js":      {string(wide(text, true, true)), UTF16LE, Recoded},
		"be.js":      {string(wide(text, false, true)), UTF16BE, Recoded},
		"le-bare.js": {string(wide(text, true, false)), UTF16LE, Recoded},
		"be-bare.js": {string(wide(text, false, false)), UTF16BE, Recoded},
		"gbk.js":     {chinese, GBK, Recoded},
		"gb18030.js": {rare, GBK, Recoded},
		"cut.js":     {text[:len(text)-5] + "中"[:2], UTF8, BadEncoding},
		"ascii.js":   {"Page({})", UTF8, ""},
		"empty.js":   {"", UTF8, ""},
		"mark2.js":   {"\xFF\xFE", UTF16LE, Recoded},
		"odd.js":     {string(wide("abcdef", true, true)) + "x", UTF16LE, BadEncoding},
		"lone.js":    {string(wide("ab", true, true)) + "\x00\xD8c\x00", UTF16LE, BadEncoding},
	} {
		tree := load(t, fstest.MapFS{name: {Data: []byte(c.raw)}}, Options{})
		f := tree.File(name)
		if f == nil {
			t.Errorf("%s was not read", name)
			continue
		}
		if f.Encoding != c.as || codes(tree)[name] != c.note {
			t.Errorf("%s is %s with note %q, want %s and %q", name, f.Encoding, codes(tree)[name], c.as, c.note)
		}
		if c.note == "" && f.Text != strings.TrimPrefix(c.raw, "\xEF\xBB\xBF") || c.note == Recoded && strings.Contains(f.Text, "�") {
			t.Errorf("%s reads %q", name, f.Text)
		}
		for _, word := range []string{"Page", "a:", "手机号", "end"} {
			at := strings.Index(f.Text, word)
			if at < 0 {
				continue
			}
			from, to := f.Original(at), f.Original(at+len(word))
			var again File
			cut := []byte(c.raw[from:to])
			switch f.Encoding {
			case UTF16LE:
				cut = append([]byte("\xFF\xFE"), cut...)
			case UTF16BE:
				cut = append([]byte("\xFE\xFF"), cut...)
			}
			if again.decode(cut); again.Text != word {
				t.Errorf("%s: %q is told to be at %d to %d, where %q stands", name, word, from, to, again.Text)
			}
		}
		if end := f.Original(len(f.Text)); end != len(c.raw) {
			t.Errorf("%s ends at %d, told %d", name, len(c.raw), end)
		}
	}
}

func TestPositions(t *testing.T) {
	f := &File{Text: "a\n😀甲b\r\nc\rd"}
	for _, c := range []struct {
		of           string
		line, column int
		lines        string
	}{{"a", 1, 1, "a"}, {"甲", 2, 3, "😀甲b"}, {"b", 2, 4, "😀甲b"}, {"c", 3, 1, "c"}, {"d", 4, 1, "d"}} {
		at := strings.Index(f.Text, c.of)
		line, column := f.Position(at)
		if line != c.line || column != c.column || f.Lines(at, at+1) != c.lines {
			t.Errorf("%q is at %d:%d on %q", c.of, line, column, f.Lines(at, at+1))
		}
	}
	if line, column := f.Position(1 << 30); line != 4 || column != 2 {
		t.Errorf("behind the end is %d:%d", line, column)
	}
	if got := f.Lines(0, len(f.Text)); got != f.Text {
		t.Errorf("all lines are %q", got)
	}
}

// failing is a file system in which one file cannot be read.
type failing struct {
	fstest.MapFS
	bad string
}

func (f failing) ReadFile(name string) ([]byte, error) {
	if name == f.bad {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return f.MapFS.ReadFile(name)
}

func TestBadFilesCostOnlyThemselves(t *testing.T) {
	m := files(map[string]string{
		"app.json": `{"pages": ["p/p"]}`, "p/p.wxml": "<a/>", "p/p.js": "Page({})",
		"big.js":     strings.Repeat("x", 2000),
		"picture.js": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\xff\xfe\x80",
		"noise.js":   strings.Repeat("\xff\x80\xfe", 50),
		"secret.js":  "Page({})",
		"min.js":     "var a=1;" + strings.Repeat("a(b,c);", 900),
	})
	tree := load(t, failing{m, "secret.js"}, Options{MaxFile: 10_000})
	want := map[string]NoteCode{"picture.js": Binary, "noise.js": Binary, "secret.js": Unreadable, "min.js": MinifiedCode}
	if got := codes(tree); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("notes %v", got)
	}
	if len(tree.Files) != 5 || tree.File("min.js") == nil || !tree.File("min.js").Minified || tree.Whole() {
		t.Errorf("%d files were read", len(tree.Files))
	}
	for what, c := range map[string]struct {
		opts Options
		file string
		note NoteCode
	}{
		"size":   {Options{MaxFile: 1999}, "big.js", TooLarge},
		"total":  {Options{MaxTotal: 500}, "big.js", OverTotal},
		"number": {Options{MaxFiles: 3}, ".", TooMany},
	} {
		tree := load(t, m, c.opts)
		if codes(tree)[c.file] != c.note || tree.Whole() {
			t.Errorf("%s: notes %v", what, codes(tree))
		}
	}
	if tree := load(t, m, Options{Ignore: []string{"p", "big.js", "*.none"}}); tree.File("p/p.js") != nil || tree.File("big.js") != nil || tree.File("min.js") == nil {
		t.Error("what was to be ignored was read")
	}
	deep := fstest.MapFS{strings.Repeat("d/", 60) + "a.js": {Data: []byte("x")}}
	if tree := load(t, deep, Options{}); codes(tree)[strings.TrimSuffix(strings.Repeat("d/", maxFolders+1), "/")] != TooDeep {
		t.Errorf("notes %v", codes(tree))
	}
}

// A bundle of 50 MB is named and left out without being read.
func TestAHugeBundle(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "bundle.js"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(50 << 20); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	tree := load(t, os.DirFS(dir), Options{})
	if codes(tree)["bundle.js"] != TooLarge || len(tree.Files) != 0 {
		t.Errorf("notes %v", codes(tree))
	}
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	put("app.json", `{"pages": ["p/p"]}`)
	put("p/p.wxml", "<v/>")
	put("p/p.js", "Page({})")
	put("p/p.json", `{"usingComponents": {"v": "./shared/v"}}`)
	put("common/v.wxml", "<a/>")
	put("common/v.js", "Component({})")
	put("common/v.json", `{"component": true}`)
	link("../common", "p/shared")
	link("..", "p/loop")
	link("self", "self")
	link("a", "b")
	link("b", "a")
	link("/etc", "out")
	link("../../etc", "up")
	tree := load(t, os.DirFS(dir), Options{})
	want := `. native base . [mp-weixin] 7 files app app.json
  page p/p: p/p.wxml p/p.js - p/p.json entry <v>=common/v
  component common/v: common/v.wxml common/v.js - common/v.json
! link a leads to b
! link b leads to a
! link-out out ` + `
! link p/loop leads to .
! link p/shared leads to common
! link self leads to self
! link-out up ` + `
`
	if got := tell(tree); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if tree.File("p/loop/p/loop/p/p.js") == nil || tree.File("self/x.js") != nil || tree.File("out/passwd") != nil {
		t.Error("links are not followed as told")
	}
}
