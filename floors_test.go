package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// floors is the staircase of docs/ARCHITECTURE.md, from the ground up. A room
// imports from lower floors only, never sideways. A package inside a room's
// folder belongs to the room, unless it is listed itself.
var floors = []struct {
	floor string
	rooms []string
}{
	{"0", []string{"browsertest", "calendar", "check/pattern", "check/source", "miniprogram", "norm", "region", "seal", "widget", "words"}},
	{"1", []string{"check/code", "db", "finding"}},
	{"1½", []string{"ledger"}},
	{"2", []string{"access", "check/lsp", "check/report", "check/sarif", "check/settings", "check/view", "outbox"}},
	{"3", []string{"app", "check/program", "evidence", "policy"}},
	{"4", []string{"capability", "check/ask", "consent", "phone"}},
	{"5", []string{"casework", "check/rule", "component", "exchange", "funnel"}},
	{"6", []string{"check", "diagnosis", "handover", "lead"}},
	{"7", []string{"distribution", "rights", "webhook"}},
	{"7½", []string{"host", "web"}},
	{"8", []string{"douyin", "web/api", "web/console", "web/public"}},
	{"9", []string{"main"}},
}

// roomOf finds the room a package stands in and the height of its floor; height
// is -1 when nobody gave the package a floor.
func roomOf(module, pkg string) (room string, height int) {
	dir := strings.TrimPrefix(strings.TrimPrefix(pkg, module), "/")
	if dir == "" {
		dir = "main"
	}
	for ; dir != "."; dir = path.Dir(dir) {
		for height, f := range floors {
			if slices.Contains(f.rooms, dir) {
				return dir, height
			}
		}
	}
	return pkg, -1
}

// climbs lists every import among pkgs that does not go down, and every package
// without a floor.
func climbs(module string, pkgs map[string][]string) []string {
	var found []string
	for _, pkg := range slices.Sorted(maps.Keys(pkgs)) {
		from, h := roomOf(module, pkg)
		if h < 0 {
			found = append(found, fmt.Sprintf("%s has no floor: give it one in floors_test.go and docs/ARCHITECTURE.md", pkg))
			continue
		}
		for _, imp := range pkgs[pkg] {
			if imp != module && !strings.HasPrefix(imp, module+"/") {
				continue
			}
			to, low := roomOf(module, imp)
			if to == from || low < 0 || low < h {
				continue
			}
			found = append(found, fmt.Sprintf("%s (floor %s) must not import %s (floor %s)",
				strings.TrimPrefix(pkg, module+"/"), floors[h].floor, strings.TrimPrefix(imp, module+"/"), floors[low].floor))
		}
	}
	return found
}

func TestImportsOnlyPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Module", "./...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	module, pkgs := "", map[string][]string{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
			Module     struct{ Path string }
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		module = p.Module.Path
		pkgs[p.ImportPath] = p.Imports
	}
	for _, sentence := range climbs(module, pkgs) {
		t.Error(sentence)
	}
	lived := map[string]bool{}
	for pkg := range pkgs {
		room, _ := roomOf(module, pkg)
		lived[room] = true
	}
	for _, f := range floors {
		for _, room := range f.rooms {
			if !lived[room] {
				t.Errorf("floor %s lists %s, where no package stands", f.floor, room)
			}
		}
	}
}

// Every module the program imports, and every tool it is built with, has its row.
func TestEveryDependencyIsDefended(t *testing.T) {
	const note = "docs/decisions/dependencies.md"
	page, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	defended := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if name, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ = strings.Cut(name, "`")
			defended[name] = true
		}
	}
	wanted := map[string]bool{}
	for line := range strings.Lines(string(mod)) {
		name, _, isRequire := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "require "), " v")
		if isRequire && !strings.Contains(line, "// indirect") {
			wanted[name] = true
			if !defended[name] {
				t.Errorf("go.mod requires %s, which %s does not defend", name, note)
			}
		}
	}
	if len(wanted) == 0 {
		t.Fatal("go.mod names no direct dependency: go mod tidy marks them")
	}
	for name := range defended {
		// A tool's line names a package and no version.
		tool := regexp.MustCompile(`(?m)^\s*(?:tool )?` + regexp.QuoteMeta(name) + `(?:/\S*)?$`)
		if !wanted[name] && !tool.Match(mod) {
			t.Errorf("%s defends %s, which go.mod does not require directly", note, name)
		}
	}
}

// A staircase that lets everything pass would pass every day.
func TestClimbingIsSeen(t *testing.T) {
	got := climbs("m", map[string][]string{
		"m":            {"m/lead", "m/web/api"},
		"m/db":         {"fmt", "m/seal"},
		"m/db/dbtest":  {"m/db"},
		"m/web/api":    {"m/web", "m/lead"},
		"m/lead":       {"m/web"},
		"m/consent":    {"m/phone"},
		"m/seal":       {"m"},
		"m/cupboard":   {"m/db"},
		"m/web/public": {"m/web/api"},
	})
	want := []string{
		"consent (floor 4) must not import phone (floor 4)",
		"m/cupboard has no floor: give it one in floors_test.go and docs/ARCHITECTURE.md",
		"lead (floor 6) must not import web (floor 7½)",
		"seal (floor 0) must not import m (floor 9)",
		"web/public (floor 8) must not import web/api (floor 8)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("found:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestArchitecturePageDrawsTheseFloors(t *testing.T) {
	page, err := os.ReadFile("docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range floors {
		row := "| " + f.floor + " | `" + strings.Join(f.rooms, "`, `") + "` |"
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/ARCHITECTURE.md lacks the row %s", row)
		}
	}
}
