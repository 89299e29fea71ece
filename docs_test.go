package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pages reads every Markdown page of the repository that a person is meant to read.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		found[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %d pages found", len(found))
	}
	return found
}

var (
	mdLink   = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	fileName = regexp.MustCompile("`([a-z0-9_][a-z0-9_/-]*/[A-Za-z0-9_.-]+\\.(?:go|ts|templ|sql|md|json|toml|css))\\b")
)

// A page that points nowhere is found by its first reader, or here.
func TestPagesPointToWhatExists(t *testing.T) {
	for path, text := range pages(t) {
		for _, m := range mdLink.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", path, m[1])
			}
		}
		for _, m := range fileName.FindAllStringSubmatch(text, -1) {
			_, fromRoot := os.Stat(m[1])
			_, fromPage := os.Stat(filepath.Join(filepath.Dir(path), m[1]))
			if fromRoot != nil && fromPage != nil {
				t.Errorf("%s names %s, which is not there", path, m[1])
			}
		}
	}
}

// What is stored is told: no table is missing from the data map, nor from the
// room it belongs to.
func TestEveryTableIsOnTheDataMap(t *testing.T) {
	files, err := filepath.Glob("db/migrate/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("migrations: %v, error %v", files, err)
	}
	all := pages(t)
	table := regexp.MustCompile(`(?i)create table (?:if not exists )?([a-z_]+)`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range table.FindAllStringSubmatch(string(text), -1) {
			for _, page := range []string{"docs/data-map.md", "docs/ARCHITECTURE.md"} {
				if !regexp.MustCompile("`" + m[1] + "[`.]").MatchString(all[page]) {
					t.Errorf("%s does not name table %s", page, m[1])
				}
			}
		}
	}
}
