package widget_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"clew/browsertest"
	"clew/widget"
)

func TestMain(m *testing.M) { browsertest.Main(m) }

func TestFilesAndIntegrity(t *testing.T) {
	for _, name := range []string{"v1/clew.js", "v1/clew.d.ts"} {
		if b, err := fs.ReadFile(widget.Files(), name); err != nil || len(b) == 0 {
			t.Errorf("%s: %v, %d bytes", name, err, len(b))
		}
	}
	if got := widget.Integrity("v1"); !regexp.MustCompile(`^sha384-[A-Za-z0-9+/]{64}$`).MatchString(got) {
		t.Errorf("integrity is %q", got)
	}
	if got := widget.Integrity("v0"); got != "" {
		t.Errorf("integrity of a version there is none of is %q", got)
	}
}

// A released build is listed by hash; what is served is the last one listed, or says that it is not released.
func TestSums(t *testing.T) {
	data, err := os.ReadFile("dist/SUMS")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	last := lines[len(lines)-1]
	if last != "v1 unreleased" && !strings.HasPrefix(last, "v1 "+widget.Integrity("v1")+" ") {
		t.Errorf("dist/SUMS ends with %q, which is not the file served: add its line when you release, or \"v1 unreleased\"", last)
	}
}

// Every word exists in both languages, the script asks for no other, and none lies unused.
func TestWords(t *testing.T) {
	zh, en := widget.Words("zh"), widget.Words("en")
	var sources bytes.Buffer
	names, err := fs.Glob(os.DirFS("src"), "*.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile("src/" + name)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(b)
	}
	for key, text := range zh {
		if text == "" || en[key] == "" {
			t.Errorf("words.json: %s lacks a language", key)
		}
		if !regexp.MustCompile(`\b` + key + `\b`).Match(sources.Bytes()) {
			t.Errorf("words.json: %s is used nowhere", key)
		}
		for _, name := range regexp.MustCompile(`\{\w+\}`).FindAllString(text, -1) {
			if !strings.Contains(en[key], name) {
				t.Errorf("words.json: %s has %s in zh only", key, name)
			}
		}
	}
	script, err := fs.ReadFile(widget.Files(), "v1/clew.js")
	if err != nil {
		t.Fatal(err)
	}
	if han := regexp.MustCompile(`\p{Han}+`).Find(script); han != nil {
		t.Errorf("the script has a text of its own: %s", han)
	}
}

// The types hold. tsc comes from npm ci; the build does not need it.
func TestTypes(t *testing.T) {
	out, err := exec.Command("node_modules/.bin/tsc", "--noEmit", "-p", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("tsc: %v (is it missing? run npm ci in widget/)\n%s", err, out)
	}
}

// The manual shows each attribute and event, and the whole definition.
func TestManualIsComplete(t *testing.T) {
	manual, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"component", "server", "lang", "source", "preview",
		"clew-open", "clew-refuse", "clew-submit", "clew-unavailable", "--clew-accent",
	} {
		if !bytes.Contains(manual, []byte("`"+name)) {
			t.Errorf("README.md does not mention %s", name)
		}
	}
	example := regexp.MustCompile("(?s)```json definition\n(.*?)```").FindSubmatch(manual)
	if example == nil {
		t.Fatal("README.md has no definition example")
	}
	var shown, real any
	if err := json.Unmarshal(example[1], &shown); err != nil {
		t.Fatalf("README.md's definition: %v", err)
	}
	f := &fake{}
	if err := json.Unmarshal(f.definition("zh"), &real); err != nil {
		t.Fatal(err)
	}
	for key := range real.(map[string]any) {
		if _, ok := shown.(map[string]any)[key]; !ok {
			t.Errorf("README.md's definition lacks %q", key)
		}
	}
}
