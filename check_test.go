package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"clew/finding"

	"golang.org/x/tools/txtar"
)

// lay writes a project of the checker's corpus into a folder.
func lay(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("check/testdata/corpus", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range txtar.Parse(b).Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// told runs a command and gives what it printed.
func told(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out, err bytes.Buffer
	e := run(context.Background(), world{strings.NewReader(""), &out, &err, func(string) string { return "" }}, args)
	return out.String(), e
}

func TestCheckSaysAndEnds(t *testing.T) {
	bad, good := lay(t, "douyin/entry-helper"), lay(t, "douyin/lead-page")
	out, err := told(t, "check", "--cache", "off", "--lang", "en", bad)
	if !errors.Is(err, errFound) {
		t.Fatalf("a bad project ends with %v", err)
	}
	for _, want := range []string{"3.2.entry-popup", "clew explain entry-popup", "onLoad"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	if out, err := told(t, "check", "--cache", "off", "--reading", "strict", good); err != nil {
		t.Errorf("a good project ends with %v:\n%s", err, out)
	}
	if _, err := told(t, "check", "--cache", "off", filepath.Join(bad, "nowhere")); err == nil || errors.Is(err, errFound) {
		t.Errorf("a folder that is not there ends with %v", err)
	}
	for _, args := range [][]string{{"check", "--format", "xml", bad}, {"check", "--reading", "loose", bad}, {"check"}, {"check", bad, good}, {"explain", "no-such-rule"}} {
		if _, err := told(t, args...); err == nil || errors.Is(err, errFound) {
			t.Errorf("%q ends with %v", args, err)
		}
	}
}

func TestSARIFIsAllThatIsPrinted(t *testing.T) {
	out, err := told(t, "check", lay(t, "douyin/entry-helper"), "--cache", "off", "--format", "sarif")
	if !errors.Is(err, errFound) {
		t.Fatal(err)
	}
	var doc struct {
		Version string
		Runs    []struct {
			Results []struct {
				RuleID     string
				CodeFlows  []any
				Properties struct{ Clause, Capability string }
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || doc.Version != "2.1.0" || len(doc.Runs) != 1 {
		t.Fatalf("%v, version %q", err, doc.Version)
	}
	for _, r := range doc.Runs[0].Results {
		if r.RuleID == "entry-popup" {
			if r.Properties.Clause != "3.2.entry-popup" || r.Properties.Capability == "" || len(r.CodeFlows) == 0 {
				t.Errorf("%+v", r)
			}
			return
		}
	}
	t.Error("no entry pop-up among the results")
}

func TestBaselineAndComments(t *testing.T) {
	dir := lay(t, "douyin/entry-helper")
	list := filepath.Join(t.TempDir(), "before.json")
	if _, err := told(t, "check", "--cache", "off", "--write-baseline", list, dir); err != nil {
		t.Fatal(err)
	}
	if out, err := told(t, "check", "--cache", "off", "--baseline", list, dir); err != nil {
		t.Errorf("what was there before still counts: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "clew.check.yaml"), []byte("paths: {ignore: [\"pages/**\"]}\nrule: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := told(t, "check", "--cache", "off", "--lang", "en", dir); err == nil || !strings.Contains(err.Error(), "rules") {
		t.Errorf("a misspelt setting: %v", err)
	}
}

// TestSecondRunIsTheSame: what is kept from a run is found again, word for word, and
// a changed file is judged anew.
func TestSecondRunIsTheSame(t *testing.T) {
	dir, kept := lay(t, "uniapp-vue2/vuex-flag"), t.TempDir()
	args := []string{"check", "--cache", kept, "--format", "json", dir}
	first, _ := told(t, args...)
	second, _ := told(t, args...)
	type looked struct {
		Looked   struct{ Reused int }
		Findings []any
	}
	var a, b looked
	if json.Unmarshal([]byte(first), &a) != nil || json.Unmarshal([]byte(second), &b) != nil || a.Looked.Reused != 0 || b.Looked.Reused == 0 {
		t.Fatalf("taken over: first %d, second %d", a.Looked.Reused, b.Looked.Reused)
	}
	if len(a.Findings) == 0 {
		t.Fatal("the project has no findings to compare")
	}
	x, _ := json.Marshal(a.Findings)
	y, _ := json.Marshal(b.Findings)
	if !bytes.Equal(x, y) {
		t.Errorf("first %s\nsecond %s", x, y)
	}
	// every file of the project matters to some page or to none: after a change the
	// answer is that of a run without memory
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".vue") && !strings.HasSuffix(path, ".js") {
			return err
		}
		old, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		changed := strings.NewReplacer("true", "false", "getPhoneNumber", "contact").Replace(string(old))
		if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
			return err
		}
		with, _ := told(t, args...)
		without, _ := told(t, "check", "--cache", "off", "--format", "json", dir)
		var w, o looked
		if json.Unmarshal([]byte(with), &w) != nil || json.Unmarshal([]byte(without), &o) != nil {
			t.Fatal("no JSON")
		}
		x, _ := json.Marshal(w.Findings)
		y, _ := json.Marshal(o.Findings)
		if !bytes.Equal(x, y) {
			t.Errorf("after a change of %s the kept answer is stale", path)
		}
		return os.WriteFile(path, old, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestExplain(t *testing.T) {
	list, err := told(t, "explain")
	if err != nil || strings.Count(list, "\n") < 20 {
		t.Fatalf("%v\n%s", err, list)
	}
	zh, _ := told(t, "explain", "entry-popup", "--lang", "zh")
	en, _ := told(t, "explain", "entry-popup", "--lang", "en")
	if !strings.Contains(zh, "为什么") || strings.Contains(zh, "### Why") || !strings.Contains(en, "### Why") || strings.Contains(en, "### 为什么") || !strings.Contains(en, "txtar") {
		t.Error("a reader of one language gets the other's part")
	}
}

// TestEditorsChecksTakeOver: from one pause to the next only what changed is judged
// again, also in a buffer that is not saved, and the answer is that of a first check.
func TestEditorsChecksTakeOver(t *testing.T) {
	dir := lay(t, "uniapp-vue2/vuex-flag")
	var open editing
	look := func(overlay map[string][]byte) (warm, cold *finding.Report) {
		t.Helper()
		warm, err := open.check(t.Context(), dir, overlay)
		if err != nil {
			t.Fatal(err)
		}
		cold, err = new(editing).check(t.Context(), dir, overlay)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(warm.Findings, cold.Findings) || !reflect.DeepEqual(warm.Notes, cold.Notes) {
			t.Errorf("with %d buffers: found %v, a first check %v", len(overlay), warm.Findings, cold.Findings)
		}
		return warm, cold
	}
	first, _ := look(nil)
	if first.Looked.Reused != 0 || len(first.Findings) == 0 {
		t.Fatalf("the first check takes over %d pages and finds %d", first.Looked.Reused, len(first.Findings))
	}
	if again, cold := look(nil); again.Looked.Reused == 0 || cold.Looked.Reused != 0 {
		t.Errorf("a second check takes over %d pages, a first one %d", again.Looked.Reused, cold.Looked.Reused)
	}
	changed := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".vue" && filepath.Ext(path) != ".js" {
			return err
		}
		old, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		buffer := strings.NewReplacer("true", "false", "getPhoneNumber", "contact").Replace(string(old))
		if warm, _ := look(map[string][]byte{filepath.ToSlash(rel): []byte(buffer)}); !reflect.DeepEqual(warm.Findings, first.Findings) {
			changed++
		}
		look(nil)
		return err
	})
	if err != nil || changed == 0 {
		t.Errorf("%d changes changed what is found: %v", changed, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open.check(ended, dir, nil); err == nil {
		t.Error("a check that was broken off says nothing of it")
	}
	if again, _ := look(nil); again.Looked.Reused == 0 {
		t.Error("a check that was broken off took what was known with it")
	}
}
